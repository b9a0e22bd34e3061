"""Parts of templates: what TPL010 and TPL011 say, where, and what they leave unsaid."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plugins.parts import BODY, IMAGE, OFFER, SHOWN, body, buttons, carousel, check, footer, header
from tests.plugins.said import labels, place
from wa_policy.plugins.template_components import missing_body, text_too_long, wa_policy_rules


def test_rules_are_offered_in_order() -> None:
    assert [rule.code for rule in wa_policy_rules()] == ["TPL010", "TPL011"]


class TestMissingBody:
    def test_missing(self) -> None:
        (problem,) = check(missing_body, header("Your order"))
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        assert problem.message == '"order_shipped" (en) has no body; Meta takes no template without one'
        assert place(problem) == "templates[0].components"
        assert problem.remedy == "add a component of type BODY with the text of the message"

    def test_the_body_of_a_card_is_none(self) -> None:
        (problem,) = check(missing_body, carousel([IMAGE, BODY], [IMAGE, BODY]))
        assert "has no body" in problem.message

    def test_authentication_needs_one_too(self) -> None:
        assert check(missing_body, {"type": "BODY"}, category="AUTHENTICATION") == []
        (problem,) = check(missing_body, {"type": "FOOTER"}, category="AUTHENTICATION")
        assert problem.remedy == "add a component of type BODY without a text, which Meta writes itself"

    def test_components_not_given(self) -> None:
        (problem,) = check(missing_body)
        assert problem.outcome == "unproven"
        assert problem.at_most == "info"
        assert problem.message == 'the text of "order_shipped" (en) is not given, so its form was not checked'
        assert place(problem) == "templates[0].components"
        assert problem.remedy == (
            "write the template's components here as Meta's API gives them, or as they are to be submitted"
        )

    def test_components_not_given_of_an_approved_template(self) -> None:
        assert check(missing_body, status="approved") == []

    def test_twice(self) -> None:
        (problem,) = check(missing_body, BODY, header("One"), header("Two"))
        assert problem.message == '"order_shipped" (en) has a second component of type HEADER; Meta takes one at most'
        assert place(problem) == "templates[0].components[2]"
        assert labels(problem) == [("templates[0].components[1]", "the first one")]
        assert problem.remedy == "put both into one component, or remove one of them"

    @pytest.mark.parametrize(
        ("button", "missing"),
        [
            ({"type": "QUICK_REPLY"}, "quick reply button|label|text"),
            ({"type": "QUICK_REPLY", "text": " "}, 'button " "|label|text'),
            ({"type": "URL", "url": "https://acme.example/"}, "URL button|label|text"),
            ({"type": "PHONE_NUMBER", "text": "Call"}, 'button "Call"|phone number|phone_number'),
        ],
    )
    def test_a_button_that_lacks_something(self, button: dict[str, Any], missing: str) -> None:
        (problem,) = check(missing_body, BODY, buttons(button))
        what, lacks, key = missing.split("|")
        assert (problem.outcome, problem.at_most) == ("fail", "warning")
        assert problem.message == f"the {what} of {SHOWN} has no {lacks}, and Meta describes no such button"
        assert place(problem) == f"templates[0].components[1].buttons[0].{key}"
        assert problem.remedy == f"write its {lacks} as {key}, or remove the button"

    def test_buttons_whose_label_meta_writes(self) -> None:
        given = buttons({"type": "COPY_CODE", "example": "A"}, {"type": "CATALOG"}, {"type": "OTP"})
        assert check(missing_body, BODY, given) == []

    @pytest.mark.parametrize("reference", ["flow_id", "flow_name", "flow_json"])
    def test_a_flow_that_is_named_once(self, reference: str) -> None:
        assert check(missing_body, BODY, buttons({"type": "FLOW", "text": "Book", reference: "1"})) == []

    def test_a_flow_that_is_named_twice(self) -> None:
        flow = {"type": "FLOW", "text": "Book", "flow_name": "book", "flow_id": "1"}
        (problem,) = check(missing_body, BODY, buttons(flow))
        assert (problem.outcome, problem.at_most) == ("fail", "error")
        assert problem.message == (
            'the button "Book" of "order_shipped" (en) names its flow by flow_id and flow_name; Meta takes one of them'
        )
        assert place(problem) == "templates[0].components[1].buttons[0].flow_name"
        assert labels(problem) == [("templates[0].components[1].buttons[0].flow_id", "named here already")]
        assert problem.remedy == "keep flow_id, and remove the other"
        (approved,) = check(missing_body, BODY, buttons(flow), status="APPROVED")
        assert approved.at_most == "warning"
        (three,) = check(missing_body, BODY, buttons({**flow, "flow_json": "{}"}))
        assert three.remedy == "keep one of them"

    def test_a_flow_that_is_not_named(self) -> None:
        components = BODY, buttons({"type": "FLOW", "text": "Book"})
        (problem,) = check(missing_body, *components)
        assert problem.message == (
            'the button "Book" of "order_shipped" (en) names no flow to open; Meta takes no such button'
        )
        assert problem.remedy == "write which flow it opens: one of flow_id, flow_name, flow_json"
        assert check(missing_body, *components, status="APPROVED") == []

    def test_twice_in_a_card(self) -> None:
        (problem,) = check(missing_body, BODY, carousel([IMAGE], [IMAGE, BODY, BODY]))
        assert problem.message == (
            'card 2 of "order_shipped" (en) has a second component of type BODY; Meta takes one at most'
        )
        assert place(problem) == "templates[0].components[1].cards[1].components[2]"

    def test_footer_beside_an_offer(self) -> None:
        (problem,) = check(missing_body, BODY, OFFER, footer("Acme Retail"))
        assert problem.at_most == "error"
        assert problem.message == '"order_shipped" (en) has its footer beside a limited-time offer; Meta refuses that'
        assert place(problem) == "templates[0].components[2]"
        assert labels(problem) == [("templates[0].components[1]", "the limited-time offer")]
        assert problem.remedy == "remove the footer, or make it a template without a limited-time offer"

    def test_carousel_beside_an_offer(self) -> None:
        (problem,) = check(missing_body, IMAGE, BODY, OFFER, carousel([IMAGE], [IMAGE]))
        assert problem.at_most == "error"
        assert problem.message == (
            '"order_shipped" (en) has its carousel beside a limited-time offer; in MoEngage a template is one or the other'
        )
        connected = check(missing_body, IMAGE, BODY, OFFER, carousel([IMAGE], [IMAGE]), integration="connector")
        assert all("MoEngage" not in each.message for each in connected)

    def test_header_beside_a_carousel(self) -> None:
        (problem,) = check(missing_body, header("Our autumn coats"), BODY, carousel([IMAGE], [IMAGE]))
        assert problem.at_most == "warning"
        assert problem.message == '"order_shipped" (en) has its header beside a carousel, where Meta describes none'

    @pytest.mark.parametrize(
        ("part", "message", "key"),
        [
            ({"type": "FOOTER"}, "{} has a FOOTER without text; Meta takes no empty component", "text"),
            (
                {"type": "HEADER", "format": "TEXT"},
                "{} has a HEADER without text; Meta takes no empty component",
                "text",
            ),
            (
                {"type": "HEADER", "text": "Hi"},
                "the header of {} has no format, so nothing says what it shows",
                "format",
            ),
            ({"type": "BUTTONS"}, "{} has a BUTTONS without buttons; Meta takes no empty component", "buttons"),
            (
                {"type": "BUTTONS", "buttons": []},
                "{} has a BUTTONS without buttons; Meta takes no empty component",
                "buttons",
            ),
        ],
    )
    def test_empty(self, part: Any, message: str, key: str) -> None:
        (problem,) = check(missing_body, BODY, part)
        assert problem.message == message.format('"order_shipped" (en)')
        assert place(problem) == f"templates[0].components[1].{key}"

    def test_empty_body(self) -> None:
        (problem,) = check(missing_body, body(" \n"))
        assert problem.message == '"order_shipped" (en) has a BODY without text; Meta takes no empty component'
        assert place(problem) == "templates[0].components[0].text"


class TestTextTooLong:
    @pytest.mark.parametrize(
        ("part", "what", "most", "where"),
        [
            (lambda text: header(text), "the header of {}", 60, "text"),
            (lambda text: footer(text), "the footer of {}", 60, "text"),
            (lambda text: body(text), "the body of {}", 1024, "text"),
            (
                lambda text: buttons({"type": "URL", "text": "See it", "url": text}),
                'the address of the button "See it" of {}',
                2000,
                "buttons[0].url",
            ),
            (
                lambda text: buttons({"type": "PHONE_NUMBER", "text": "Call", "phone_number": text}),
                'the phone number of the button "Call" of {}',
                20,
                "buttons[0].phone_number",
            ),
            (
                lambda text: buttons({"type": "COPY_CODE", "example": text}),
                "the example of a coupon code in {}",
                20,
                "buttons[0].example",
            ),
            (
                lambda text: buttons({"type": "OTP", "otp_type": "ONE_TAP", "autofill_text": text}),
                f'the label "{"9" * 26}" of a button of {{}}',
                25,
                "buttons[0].autofill_text",
            ),
            (
                lambda text: buttons({"type": "QUICK_REPLY", "text": text}),
                f'the label "{"9" * 26}" of a button of {{}}',
                25,
                "buttons[0].text",
            ),
        ],
    )
    def test_one_too_many(self, part: Any, what: str, most: int, where: str) -> None:
        (problem,) = check(text_too_long, part("9" * (most + 1)))
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        whole = what.format('"order_shipped" (en)')
        assert problem.message == f"{whole} has {most + 1} characters; Meta takes {most} at most"
        assert place(problem) == f"templates[0].components[0].{where}"
        assert problem.remedy == "shorten it by 1 character or more"
        assert [p for p in check(text_too_long, part("9" * most)) if p.at_most == "error"] == []

    def test_a_character_is_a_code_point(self) -> None:
        assert check(text_too_long, header("\U0001f384" * 60)) == []
        assert len(check(text_too_long, header("e\u0301" * 31))) == 1

    def test_placeholders_count_as_written(self) -> None:
        assert check(text_too_long, header("a" * 55 + "{{1}}")) == []
        assert len(check(text_too_long, header("a" * 56 + "{{1}}"))) == 1

    @pytest.mark.parametrize(
        ("parts", "most"),
        [
            ([OFFER], 600),
            ([buttons({"type": "SPM", "text": "View"})], 160),
            ([{"type": "HEADER", "format": "PRODUCT"}], 160),
            ([buttons({"type": "MPM", "text": "View items"})], 1024),
            (
                [carousel([{"type": "HEADER", "format": "PRODUCT"}, buttons({"type": "SPM", "text": "View"})])],
                1024,
            ),
        ],
    )
    def test_body_of_a_special_template(self, parts: list[Any], most: int) -> None:
        assert check(text_too_long, *parts, body("a" * most)) == []
        (problem,) = check(text_too_long, *parts, body("a" * (most + 7)))
        assert problem.message == (
            f'the body of "order_shipped" (en) has {most + 7} characters; Meta takes {most} at most'
        )
        assert problem.remedy == "shorten it by 7 characters or more"

    def test_body_of_a_card(self) -> None:
        (problem,) = check(text_too_long, BODY, carousel([IMAGE, body("a" * 161)]))
        assert problem.at_most == "warning"
        assert problem.message == (
            'the body of card 1 of "order_shipped" (en) has 161 characters; Meta takes 160 at most'
        )
        assert place(problem) == "templates[0].components[1].cards[0].components[1].text"

    @pytest.mark.parametrize("length", [16, 20])
    def test_coupon_code_that_an_older_page_refuses(self, length: int) -> None:
        (problem,) = check(text_too_long, buttons({"type": "COPY_CODE", "example": "A" * length}))
        assert problem.at_most == "warning"
        assert problem.message == (
            f'the example of a coupon code in "order_shipped" (en) has {length} characters; Meta takes 20, but its page '
            "on limited-time offers says 15"
        )
        assert problem.remedy == "use a code of at most 15 characters to be safe"

    def test_coupon_code_in_a_list(self) -> None:
        assert check(text_too_long, buttons({"type": "COPY_CODE", "example": ["A" * 15]})) == []
        assert len(check(text_too_long, buttons({"type": "COPY_CODE", "example": ["A" * 21]}))) == 1

    def test_labels_that_meta_writes_are_left_alone(self) -> None:
        assert check(text_too_long, buttons({"type": "CATALOG", "text": "K" * 40})) == []

    @pytest.mark.parametrize(("category", "most"), [("MARKETING", 10), ("utility", 6)])
    def test_emoji(self, category: str, most: int) -> None:
        def body(number: int) -> dict[str, Any]:
            return {"type": "BODY", "text": "Ends tonight: " + "\U0001f469\u200d\U0001f680" * number}

        assert check(text_too_long, body(most), category=category) == []
        (problem,) = check(text_too_long, body(most + 1), category=category)
        assert problem.at_most == "warning"
        assert problem.message == (
            f'the body of "order_shipped" (en) has {most + 1} emoji; WhatsApp Manager takes {most} at most in a '
            f"{category.upper()} template"
        )
        assert problem.remedy == f"leave at most {most} emoji in the text"
