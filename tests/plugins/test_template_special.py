"""Templates with a shape of their own: what TPL030, TPL038 and TPL039 say, where, and what they leave unsaid."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plugins.parts import buttons
from tests.plugins.said import labels, place
from wa_policy.manifest.subjects import Workspace
from wa_policy.plugins import template_authentication, template_special
from wa_policy.plugins.template_authentication import authentication_shape
from wa_policy.plugins.template_special import carousel_shape, offer_shape
from wa_policy.source.spans import DocumentId
from wa_policy.testing import check_rule, defaults, manifest

BODY = {"type": "BODY", "add_security_recommendation": True}
FOOTER = {"type": "FOOTER", "code_expiration_minutes": 10}
APP = {"package_name": "com.acme.shop", "signature_hash": "K8aAINcGX7x"}
COPY = {"type": "OTP", "otp_type": "COPY_CODE", "text": "Copy code"}
RULES = [authentication_shape, carousel_shape, offer_shape]


def template(*components: Any, **fields: Any) -> str:
    """A manifest's fragment with one template, of which Meta knows nothing yet."""
    shown = {"name": "t", "language": "en", "category": "MARKETING", **fields}
    return json.dumps({"templates": [{**shown, "components": list(components)}]}, ensure_ascii=False)


def authentication(*components: Any, **fields: Any) -> str:
    return template(*components, category="authentication", **fields)


def test_rules_are_offered_in_order() -> None:
    assert [rule.code for rule in template_authentication.wa_policy_rules()] == ["TPL030"]
    assert [rule.code for rule in template_special.wa_policy_rules()] == ["TPL038", "TPL039"]


@pytest.mark.parametrize("function", RULES)
def test_the_ready_template_is_fine(function: Any) -> None:
    assert check_rule(function) == []


@pytest.mark.parametrize("function", RULES)
@pytest.mark.parametrize("category", ["AUTHENTICATION", "MARKETING"])
def test_a_template_without_components_says_nothing(function: Any, category: str) -> None:
    fragment = {"templates": [{"name": "t", "language": "en", "category": category}]}
    assert check_rule(function, json.dumps(fragment)) == []


class TestAuthenticationShape:
    @pytest.mark.parametrize(
        "components",
        [
            [BODY, FOOTER, buttons(COPY)],
            [{"type": "BODY"}, buttons(COPY)],
            [BODY, buttons({"type": "OTP", "otp_type": "ONE_TAP", "supported_apps": [APP]})],
            [BODY, buttons({"type": "OTP", "otp_type": "ONE_TAP", **APP})],  # as it once was: TPL041 speaks
            [
                BODY,
                buttons(
                    {
                        "type": "OTP",
                        "otp_type": "ZERO_TAP",
                        "zero_tap_terms_accepted": True,
                        "supported_apps": [APP, {**APP, "signature_hash": "abcdefghij="}],
                    }
                ),
            ],
        ],
    )
    def test_well_formed(self, components: list[Any]) -> None:
        assert check_rule(authentication_shape, authentication(*components)) == []

    @pytest.mark.parametrize("status", ["PENDING", "PAUSED", "APPROVED"])
    def test_what_meta_answers(self, status: str) -> None:
        fragment = authentication(
            {
                "type": "BODY",
                "text": "*{{1}}* is your verification code. For your security, do not share this code.",
                "example": {"body_text": [["123456"]]},
            },
            {"type": "FOOTER", "text": "This code expires in 5 minutes."},
            buttons(
                {
                    "type": "URL",
                    "text": "Copy code",
                    "url": "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}",
                    "example": ["https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp123456"],
                }
            ),
            status=status,
        )
        assert check_rule(authentication_shape, fragment) == []

    def test_own_text(self) -> None:
        body = {"type": "BODY", "text": "Welcome to Acme! {{1}} is your code, have fun."}
        (problem,) = check_rule(authentication_shape, authentication(body, buttons(COPY)))
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        assert problem.message == (
            'the body of "t" (en) has a text of its own; Meta writes the text of AUTHENTICATION templates itself'
        )
        assert place(problem) == "templates[0].components[0].text"
        assert problem.remedy == (
            "leave the text out; add_security_recommendation and code_expiration_minutes are all that can be chosen"
        )

    def test_text_in_a_language_that_is_not_known_here(self) -> None:
        body = {"type": "BODY", "text": "{{1}} ist dein Verifizierungscode."}
        (problem,) = check_rule(
            authentication_shape, authentication(body, buttons(COPY), language="de", status="PENDING")
        )
        assert problem.at_most == "warning"
        assert problem.message.startswith('the body of "t" (de) seems to have a text of its own; ')
        (problem,) = check_rule(authentication_shape, authentication(body, buttons(COPY), language="de"))
        assert problem.at_most == "error"  # nobody has submitted it, so this is no answer of Meta's
        body = {"type": "BODY", "text": "{{1}} ist dein Code für {{2}}."}
        (problem,) = check_rule(
            authentication_shape, authentication(body, buttons(COPY), language="de", status="PENDING")
        )
        assert problem.at_most == "error"  # Meta's text has one placeholder

    def test_footer_of_its_own(self) -> None:
        footer = {"type": "FOOTER", "text": "Acme Retail"}
        (problem,) = check_rule(authentication_shape, authentication(BODY, footer, buttons(COPY)))
        assert problem.message.startswith('the footer of "t" (en) has a text of its own')

    @pytest.mark.parametrize(("minutes", "right"), [(0, False), (1, True), (90, True), (91, False)])
    def test_expiry(self, minutes: int, right: bool) -> None:
        footer = {"type": "FOOTER", "code_expiration_minutes": minutes}
        problems = check_rule(authentication_shape, authentication(BODY, footer, buttons(COPY)))
        if right:
            assert problems == []
        else:
            (problem,) = problems
            assert (
                problem.message == f'the code of template "t" (en) expires after {minutes} minutes; Meta takes 1 to 90'
            )
            assert place(problem) == "templates[0].components[1].code_expiration_minutes"

    def test_other_parts(self) -> None:
        header = {"type": "HEADER", "format": "IMAGE"}
        offer = {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Now"}}
        link = {"type": "URL", "text": "Sign in", "url": "https://acme.example/in"}
        problems = check_rule(authentication_shape, authentication(header, BODY, offer, buttons(COPY, link)))
        assert [(place(problem), problem.message) for problem in problems] == [
            (
                f"templates[0].components[{where}",
                f'the {what} has no place in template "t" (en), whose category is AUTHENTICATION',
            )
            for where, what in (("0]", "header"), ("2]", "limited-time offer"), ("3].buttons[1]", "URL button"))
        ]
        assert labels(problems[0]) == [("templates[0].category", "the category")]
        assert problems[0].remedy == "leave only the body, the footer with the code's expiry, and one OTP button"

    def test_no_button(self) -> None:
        (problem,) = check_rule(authentication_shape, authentication(BODY, FOOTER, status="REJECTED"))
        assert problem.at_most == "warning"
        assert problem.message == (
            'template "t" (en) has no OTP button, and since 2024 Meta takes none of category AUTHENTICATION without one'
        )
        assert place(problem) == "templates[0].components"
        assert problem.remedy == "add one OTP button, with otp_type COPY_CODE if the code goes to no app"
        assert check_rule(authentication_shape, authentication(BODY, FOOTER, status="APPROVED")) == []

    def test_two_buttons(self) -> None:
        (problem,) = check_rule(authentication_shape, authentication(BODY, buttons(COPY, COPY)))
        assert problem.message == 'template "t" (en) has a second button for its code; Meta takes one'
        assert place(problem) == "templates[0].components[1].buttons[1]"
        assert labels(problem) == [("templates[0].components[1].buttons[0]", "the first one")]

    def test_no_otp_type(self) -> None:
        (problem,) = check_rule(authentication_shape, authentication(BODY, buttons({"type": "OTP"})))
        assert problem.message == 'the OTP button of template "t" (en) does not say how the code is handed over'
        assert place(problem) == "templates[0].components[1].buttons[0].otp_type"
        assert problem.remedy == "write otp_type: COPY_CODE, ONE_TAP or ZERO_TAP"

    def test_terms(self) -> None:
        button = {"type": "OTP", "otp_type": "ZERO_TAP", "supported_apps": [APP], "zero_tap_terms_accepted": False}
        (problem,) = check_rule(authentication_shape, authentication(BODY, buttons(button)))
        assert problem.message == "nobody has accepted Meta's terms for ZERO_TAP, without which it refuses the template"
        assert place(problem) == "templates[0].components[1].buttons[0].zero_tap_terms_accepted"

    @pytest.mark.parametrize(("number", "word"), [(0, "none"), (6, "6")])
    def test_number_of_apps(self, number: int, word: str) -> None:
        apps = [{**APP, "package_name": f"com.acme.shop{index}"} for index in range(number)]
        button = {"type": "OTP", "otp_type": "ONE_TAP", "supported_apps": apps}
        (problem,) = check_rule(authentication_shape, authentication(BODY, buttons(button)))
        assert problem.message == (
            f"an OTP button of type ONE_TAP names 1 to 5 apps that take the code, and this one names {word}"
        )
        assert place(problem) == "templates[0].components[1].buttons[0].supported_apps"

    def test_app_twice(self) -> None:
        button = {"type": "OTP", "otp_type": "ONE_TAP", "supported_apps": [APP, APP]}
        (problem,) = check_rule(authentication_shape, authentication(BODY, buttons(button)))
        assert problem.message == 'the app "com.acme.shop" is named twice with one signature; Meta refuses that'
        assert place(problem) == "templates[0].components[1].buttons[0].supported_apps[1]"
        assert labels(problem) == [("templates[0].components[1].buttons[0].supported_apps[0]", "first named here")]

    @pytest.mark.parametrize(
        "package", ["acme", "com.1acme", "com..acme", "com.acme-shop", "com." + "a" * 221, "", None]
    )
    def test_package_name(self, package: str | None) -> None:
        app = {key: value for key, value in {**APP, "package_name": package}.items() if value}
        button = {"type": "OTP", "otp_type": "ONE_TAP", "supported_apps": [app]}
        (problem,) = check_rule(authentication_shape, authentication(BODY, buttons(button)))
        assert problem.message == (
            f'"{package or ""}" is no package name of an Android app: it has two or more parts such as com.acme, each of '
            "letters, digits and underscores after a letter, in 224 characters at most"
        )
        assert place(problem) == "templates[0].components[1].buttons[0].supported_apps[0].package_name"

    def test_percent_encoded_hash(self) -> None:
        button = {"type": "OTP", "otp_type": "ONE_TAP", "supported_apps": [{**APP, "signature_hash": "K8a%2FAINcGX7"}]}
        (problem,) = check_rule(authentication_shape, authentication(BODY, buttons(button)))
        assert problem.message == (
            '"K8a%2FAINcGX7" is no signature hash: that has 11 characters, letters, digits or + / ='
        )
        assert place(problem) == "templates[0].components[1].buttons[0].supported_apps[0].signature_hash"
        assert problem.remedy == (
            'write the hash as the app computes it, not percent-encoded: decoded it is "K8a/AINcGX7"'
        )

    def test_approved_is_a_warning_at_most(self) -> None:
        button = {"type": "OTP", "otp_type": "ZERO_TAP", "supported_apps": [{"package_name": "a"}]}
        header = {"type": "HEADER", "format": "TEXT", "text": "Hello"}
        footer = {"type": "FOOTER", "code_expiration_minutes": 100}
        components = [header, {"type": "BODY", "text": "{{1}} and {{2}}"}, footer, buttons(button, COPY)]
        problems = check_rule(authentication_shape, authentication(*components, status="Approved"))
        assert len(problems) == 6
        assert {problem.at_most for problem in problems} == {"warning"}


IMAGE = {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::a"]}}
LINK = {"type": "URL", "text": "See it", "url": "https://acme.example/a"}
REPLY = {"type": "QUICK_REPLY", "text": "More"}
TEXT = {"type": "BODY", "text": "A coat for every day."}


def card(*components: Any) -> dict[str, Any]:
    return {"components": list(components)}


def carousel(*cards: Any, **fields: Any) -> str:
    return template({"type": "BODY", "text": "Our coats."}, {"type": "CAROUSEL", "cards": list(cards)}, **fields)


class TestCarouselShape:
    @pytest.mark.parametrize(
        "one",
        [
            card(IMAGE, TEXT, buttons(LINK, REPLY)),
            card({"type": "HEADER", "format": "VIDEO"}, buttons(REPLY, REPLY)),
            card({"type": "HEADER", "format": "PRODUCT"}, buttons({"type": "SPM"})),
            card(IMAGE),
        ],
    )
    @pytest.mark.parametrize("number", [2, 10])
    def test_well_formed(self, one: Any, number: int) -> None:
        assert check_rule(carousel_shape, carousel(*[one] * number)) == []

    @pytest.mark.parametrize(("number", "words"), [(0, "0 cards"), (1, "1 card"), (11, "11 cards")])
    def test_number(self, number: int, words: str) -> None:
        (problem,) = check_rule(carousel_shape, carousel(*[card(IMAGE)] * number))
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        assert problem.message == f'the carousel of "t" (en) has {words}; Meta takes 2 to 10'
        assert place(problem) == "templates[0].components[1].cards"
        assert problem.remedy == "give it 2 to 10 cards"

    def test_category(self) -> None:
        (problem,) = check_rule(carousel_shape, carousel(card(IMAGE), card(IMAGE), category="UTILITY"))
        assert problem.message == 'template "t" (en) has a carousel, which Meta takes in category MARKETING only'
        assert place(problem) == "templates[0].category"
        assert problem.remedy == "have it approved as MARKETING"

    def test_header(self) -> None:
        text = {"type": "HEADER", "format": "TEXT", "text": "A coat"}
        problems = check_rule(carousel_shape, carousel(card(text), card(text)))
        assert [problem.message for problem in problems] == [
            f'card {number} of "t" (en) has a header of format TEXT; a card has one of format IMAGE, VIDEO or PRODUCT'
            for number in (1, 2)
        ]
        assert place(problems[1]) == "templates[0].components[1].cards[1].components[0].format"

    def test_no_header(self) -> None:
        problems = check_rule(carousel_shape, carousel(card(TEXT), card(TEXT)))
        assert problems[0].message.startswith('card 1 of "t" (en) has no header; ')
        assert place(problems[0]) == "templates[0].components[1].cards[0]"

    def test_buttons_that_do_not_go_with_the_header(self) -> None:
        product = {"type": "HEADER", "format": "PRODUCT"}
        problems = check_rule(carousel_shape, carousel(*[card(product, buttons(REPLY))] * 2))
        assert problems[0].message == (
            'the button "More" of card 1 of "t" (en) is of type QUICK_REPLY; a card with a header of format PRODUCT may '
            "have SPM or URL"
        )
        assert place(problems[0]) == "templates[0].components[1].cards[0].components[1].buttons[0].type"
        assert labels(problems[0]) == [("templates[0].components[1].cards[0].components[0]", "the card's header")]
        (first, _) = check_rule(carousel_shape, carousel(*[card(IMAGE, buttons({"type": "COPY_CODE"}))] * 2))
        assert "is of type COPY_CODE; a card with a header of format IMAGE may have" in first.message

    @pytest.mark.parametrize(
        ("found", "words", "where"),
        [((), "0 buttons", ""), (({"type": "SPM"}, LINK), "2 buttons", ".components[1].buttons[1]")],
    )
    def test_a_product_has_one_button(self, found: Any, words: str, where: str) -> None:
        product = {"type": "HEADER", "format": "PRODUCT"}
        parts = (product, buttons(*found)) if found else (product,)
        (problem, _) = check_rule(carousel_shape, carousel(*[card(*parts)] * 2))
        assert problem.at_most == "error"
        assert problem.message == f'card 1 of "t" (en) has {words}; a card with a header of format PRODUCT has 1'
        assert place(problem) == f"templates[0].components[1].cards[0]{where}"
        assert labels(problem) == [("templates[0].components[1].cards[0].components[0]", "the card's header")]
        assert problem.remedy == "give every such card 1 button"

    def test_buttons_of_answers_that_are_not_known_here(self) -> None:
        assert check_rule(carousel_shape, carousel(*[card(IMAGE, buttons({"type": "POSTBACK"}))] * 2)) == []

    @pytest.mark.parametrize(
        ("second", "here", "there"),
        [
            (
                card({"type": "HEADER", "format": "VIDEO"}, TEXT, buttons(LINK)),
                "a header of format VIDEO",
                "a header of format IMAGE",
            ),
            (card(IMAGE, buttons(LINK)), "no body", "a body"),
            (card(IMAGE, TEXT, buttons(LINK, REPLY)), "buttons URL and QUICK_REPLY", "buttons URL"),
            (card(IMAGE), "no body and no buttons", "a body and buttons URL"),
        ],
    )
    def test_unlike(self, second: Any, here: str, there: str) -> None:
        first = card(IMAGE, TEXT, buttons(LINK))
        (problem,) = check_rule(carousel_shape, carousel(first, first, second))
        assert problem.message == (
            f'card 3 of "t" (en) has {here}, and card 1 has {there}; Meta takes cards that are all built alike'
        )
        assert place(problem) == "templates[0].components[1].cards[2]"
        assert labels(problem) == [("templates[0].components[1].cards[0]", "card 1")]

    def test_approved_is_a_warning_at_most(self) -> None:
        problems = check_rule(carousel_shape, carousel(card(TEXT), category="UTILITY", status="APPROVED"))
        assert len(problems) == 3
        assert {problem.at_most for problem in problems} == {"warning"}


CODE = {"type": "COPY_CODE", "example": "AUTUMN20"}


def offer(*more: Any, text: str = "Ends tonight", expires: bool = True, **fields: Any) -> str:
    special = {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": text, "has_expiration": expires}}
    return template(special, {"type": "BODY", "text": "Our coats."}, *more, **fields)


class TestOfferShape:
    @pytest.mark.parametrize(
        "fragment",
        [
            offer(buttons(CODE, LINK)),
            offer(buttons(CODE, LINK), {"type": "HEADER", "format": "VIDEO"}, text="sixteen letters!"),
            offer(buttons(LINK), expires=False),
        ],
    )
    def test_well_formed(self, fragment: str) -> None:
        assert check_rule(offer_shape, fragment) == []

    def test_category(self) -> None:
        (problem,) = check_rule(offer_shape, offer(buttons(CODE, LINK), category="UTILITY"))
        assert (
            problem.message == 'template "t" (en) has a limited-time offer, which Meta takes in category MARKETING only'
        )

    def test_header(self) -> None:
        header = {"type": "HEADER", "format": "TEXT", "text": "Now"}
        (problem,) = check_rule(offer_shape, offer(header, buttons(CODE, LINK)))
        assert problem.message == (
            'the header of "t" (en) is of format TEXT; beside a limited-time offer Meta takes IMAGE or VIDEO'
        )
        assert place(problem) == "templates[0].components[2].format"
        assert problem.remedy == "show an image or a video in the header, or leave it out"

    def test_text(self) -> None:
        (problem,) = check_rule(offer_shape, offer(buttons(CODE, LINK), text="seventeen letters"))
        assert problem.at_most == "error"
        assert problem.message == "the text of the limited-time offer has 17 characters; Meta takes 16 at most"
        assert place(problem) == "templates[0].components[0].limited_time_offer.text"

    def test_no_text(self) -> None:
        fragment = template({"type": "LIMITED_TIME_OFFER"}, {"type": "BODY", "text": "Our coats."}, buttons(CODE, LINK))
        (problem,) = check_rule(offer_shape, fragment)
        assert problem.message == 'the limited-time offer of "t" (en) has no text'

    def test_code_missing(self) -> None:
        (problem,) = check_rule(offer_shape, offer(buttons(LINK)))
        assert problem.message == (
            'the limited-time offer of "t" (en) shows when it expires, and has no button that copies its code'
        )
        assert place(problem) == "templates[0].components[2]"
        assert labels(problem) == [
            ("templates[0].components[0].limited_time_offer.has_expiration", "it shows when it expires")
        ]
        assert problem.remedy == "add a button of type COPY_CODE as the first one, or set has_expiration to false"

    def test_code_not_first(self) -> None:
        (problem,) = check_rule(offer_shape, offer(buttons(LINK, CODE), expires=False))
        assert problem.message == 'the button that copies the code of "t" (en) is not the first one'
        assert place(problem) == "templates[0].components[2].buttons[1]"
        assert labels(problem) == [("templates[0].components[2].buttons[0]", "the first button")]

    def test_no_website(self) -> None:
        (problem,) = check_rule(offer_shape, offer(expires=False))
        assert problem.at_most == "warning"
        assert problem.message == 'the limited-time offer of "t" (en) has no button that opens a website'
        assert place(problem) == "templates[0].components"

    def test_approved_is_a_warning_at_most(self) -> None:
        header = {"type": "HEADER", "format": "DOCUMENT"}
        problems = check_rule(offer_shape, offer(header, text="x" * 17, category="UTILITY", status="APPROVED"))
        assert len(problems) == 5
        assert {problem.at_most for problem in problems} == {"warning"}


READY = manifest()
FUNCTIONS = [
    (rule.function, defaults(rule))
    for rule in [*template_authentication.wa_policy_rules(), *template_special.wa_policy_rules()]
]
words = st.sampled_from(["HEADER", "body", "FOOTER", "BUTTONS", "CAROUSEL", "LIMITED_TIME_OFFER", "TAP_TARGET", ""])
button = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["OTP", "url", "SPM", "COPY_CODE", "EXTENSION", ""]),
        "text": st.text(max_size=3),
        "url": st.text(max_size=3),
        "otp_type": st.sampled_from(["ONE_TAP", "zero_tap", "NEW"]),
        "supported_apps": st.lists(
            st.fixed_dictionaries({}, optional={"package_name": st.text(max_size=3)}), max_size=2
        ),
    },
)
component = st.fixed_dictionaries(
    {},
    optional={
        "type": words,
        "format": st.sampled_from(["TEXT", "image", "HOLOGRAM"]),
        "text": st.text(max_size=3),
        "code_expiration_minutes": st.integers(),
        "buttons": st.lists(button, max_size=3),
        "limited_time_offer": st.fixed_dictionaries({}, optional={"has_expiration": st.booleans()}),
    },
)
carousels: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {"type": st.just("CAROUSEL")}, optional={"cards": st.lists(st.just({}), max_size=2)}
)


@given(st.lists(component | carousels, max_size=4), st.sampled_from(["AUTHENTICATION", "MARKETING", None]))
def test_no_answer_of_meta_makes_a_rule_raise(components: list[Any], category: str | None) -> None:
    template = {"name": "t", "language": "en", "components": components, **({"category": category} if category else {})}
    workspace = Workspace(DocumentId("manifest.yaml", 0), {**READY, "templates": [template]})  # type: ignore[typeddict-item]  # evidence may lack what manifests must have
    for function, settings in FUNCTIONS:
        list(function(workspace.templates[0], **settings))
