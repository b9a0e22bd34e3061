"""Examples for Meta's reviewer: what TPL025 says, where, and what it leaves unsaid."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plugins.parts import SHOWN, body, buttons, carousel, check, footer, header, url
from tests.plugins.said import place
from wa_policy.plugins.template_examples import missing_example, wa_policy_rules

BODY = f"the body of {SHOWN}"


def test_rules_are_offered() -> None:
    assert [rule.code for rule in wa_policy_rules()] == ["TPL025"]


def test_what_meta_writes_is_left_alone() -> None:
    parts = ["{{1}} is your code.", url("https://www.whatsapp.com/otp/{{1}}")]
    assert check(missing_example, *parts, category="authentication") == []


class TestMissingExample:
    @pytest.mark.parametrize(
        "part",
        [
            "Hello",
            body("Hello", body_text=[[]]),
            body("{{1}} {{2}} {{1}}", body_text=[["a", "b"]]),
            body("{{1}} {{2}}", body_text=["a", "b"]),
            body("{{1}} {{2}}", body_text=[["a", "b"], ["c", "d"]]),
            body("{{1}}", body_text="a"),
            body("{{1}}", body_text=["a"]),
            body("{{a}}", body_text_named_params=[{"param_name": "a", "example": "x"}]),
            header("{{1}}", header_text=["a"]),
            header("{{a}}", header_text_named_params=[{"param_name": "a", "example": "x"}]),
            footer("{{1}}"),
            "{{1}} {2}",
            "{{1}} {{a}}",
            {"type": "HEADER", "format": "LOCATION"},
            {"type": "HEADER", "format": "PRODUCT"},
            {
                "type": "HEADER",
                "format": "VIDEO",
                "example": {"header_handle": ["https://scontent.whatsapp.net/v/x.mp4"]},
            },
            {"type": "HEADER", "format": "VIDEO", "example": {"header_url": ["https://acme.example/x.mp4"]}},
            url("https://acme.example"),
            url("https://acme.example/{{1}}", example=["https://acme.example/1"]),
            url("https://acme.example/{{1}}", example="https://acme.example/1"),
            url("https://acme.example/{{1}}/{{2}}"),
            url("https://acme.example/{1}"),
            {
                "type": "BUTTONS",
                "buttons": [{"type": "COPY_CODE", "example": "A"}, {"type": "QUICK_REPLY", "text": "Yes"}],
            },
        ],
    )
    def test_silent(self, part: Any) -> None:
        assert check(missing_example, part) == []

    @pytest.mark.parametrize("examples", [{}, {"body_text": []}, {"body_text": [["", " "]]}, {"body_text": ""}])
    def test_none(self, examples: Any) -> None:
        (problem,) = check(missing_example, body("{{1}} {{2}}", **examples))
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        assert problem.message == f"{BODY} has no example for {{{{1}}}} and {{{{2}}}}; Meta's reviewer asks for one"
        assert place(problem) == "templates[0].components[0].example.body_text"
        assert problem.remedy == "give one for each placeholder, in order, as example.body_text"

    def test_none_for_a_header(self) -> None:
        (problem,) = check(missing_example, header("Order {{1}}"))
        assert problem.message == f"the header of {SHOWN} has no example for {{{{1}}}}; Meta's reviewer asks for one"
        assert place(problem) == "templates[0].components[0].example.header_text"

    def test_of_an_approved_template_it_is_a_note(self) -> None:
        (problem,) = check(missing_example, "Hi {{1}}", status="APPROVED")
        assert problem.at_most == "info"

    @pytest.mark.parametrize(
        ("given_examples", "number"),
        [
            ([["a"]], "1 example"),
            (["a", "b", "c"], "3 examples"),
            ([["a", "b"], ["c"]], "1 example"),
            ("a", "1 example"),
        ],
    )
    def test_counts(self, given_examples: Any, number: str) -> None:
        (problem,) = check(missing_example, body("{{1}} {{2}}", body_text=given_examples))
        assert problem.at_most == "error"
        assert problem.message == f"{BODY} has {number} for 2 placeholders ({{{{1}}}} and {{{{2}}}})"
        assert problem.remedy == "give exactly one example for each placeholder, in order"

    def test_needless(self) -> None:
        (problem,) = check(missing_example, body("Hello", body_text=[["a"]]))
        assert problem.at_most == "warning"
        assert problem.message == f"{BODY} has an example, but no placeholder"
        assert place(problem) == "templates[0].components[0].example.body_text"
        assert problem.remedy == "put the placeholder into the text, or remove the example"

    def test_needless_by_name(self) -> None:
        part = body("Hello", body_text_named_params=[{"param_name": "a", "example": "x"}])
        assert [place(problem) for problem in check(missing_example, part)] == [
            "templates[0].components[0].example.body_text_named_params"
        ]

    def test_by_name(self) -> None:
        params = [{"param_name": "frist_name", "example": "Asha"}, {"param_name": "order", "example": " "}]
        problems = check(missing_example, body("{{first_name}} {{order}}", body_text_named_params=params))
        assert [(problem.message, problem.at_most, place(problem), problem.remedy) for problem in problems] == [
            (
                f"{BODY} has no example for {{{{first_name}}}} and {{{{order}}}}; Meta's reviewer asks for one",
                "error",
                "templates[0].components[0].example.body_text_named_params",
                "give one for each placeholder, with its name, as example.body_text_named_params",
            ),
            (
                f'the example for "frist_name" belongs to no placeholder of {BODY} (did you mean "first_name"?)',
                "warning",
                "templates[0].components[0].example.body_text_named_params[0]",
                "name the placeholder as the text does, or remove the example",
            ),
        ]

    def test_numbered_examples_for_names(self) -> None:
        (problem,) = check(missing_example, body("{{first_name}}", body_text=[["Asha"]]))
        assert problem.remedy == "give one for each placeholder, with its name, as example.body_text_named_params"

    @pytest.mark.parametrize("kind", ["IMAGE", "VIDEO", "DOCUMENT", "GIF"])
    def test_no_sample(self, kind: str) -> None:
        (problem,) = check(missing_example, {"type": "HEADER", "format": kind})
        assert problem.at_most == "error"
        assert problem.message == f"the header of {SHOWN} shows media, but has no sample; Meta's reviewer asks for one"
        assert place(problem) == "templates[0].components[0].example.header_handle"
        assert problem.remedy == (
            "upload a sample with the header in WhatsApp Manager, or write its handle as example.header_handle"
        )

    def test_address_where_a_handle_belongs(self) -> None:
        part = {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["https://acme.example/a.jpg"]}}
        (problem,) = check(missing_example, part, status=None)
        assert problem.at_most == "warning"
        assert problem.message == (
            f"the header of {SHOWN} has an address as its sample, where Meta takes the handle of an upload"
        )

    @pytest.mark.parametrize(("examples", "number"), [({}, "no example"), ({"example": ["a", "b"]}, "2 examples")])
    def test_address(self, examples: Any, number: str) -> None:
        (problem,) = check(missing_example, url("https://acme.example/{{1}}", **examples))
        assert problem.at_most == "error"
        assert problem.message == (
            f'the address of the button "See it" of {SHOWN} has {number} for {{{{1}}}}; Meta\'s reviewer asks for one'
        )
        assert place(problem) == "templates[0].components[0].buttons[0].example"
        assert problem.remedy == "give one whole address as it will be opened, in a list"

    @pytest.mark.parametrize(
        ("address", "example", "whole"),
        [
            ("https://acme.example/{{1}}", "A-1093", "https://acme.example/A-1093"),
            ("https://acme.example/{{1}}", "/A-1093", "https://acme.example/A-1093"),
            ("https://acme.example/?id={{1}}", "A-1093", "https://acme.example/?id=A-1093"),
        ],
    )
    def test_the_end_of_an_address_alone(self, address: str, example: str, whole: str) -> None:
        (problem,) = check(missing_example, url(address, example=[example]))
        assert (problem.outcome, problem.at_most) == ("fail", "warning")
        assert problem.message == (
            f'the example of the button "See it" of {SHOWN}, "{example}", is not a whole address; Meta\'s reviewer is to open it'
        )
        assert place(problem) == "templates[0].components[0].buttons[0].example"
        assert problem.remedy == f"write the whole address: {whole}"
        assert check(missing_example, url(address, example=[example]), status="APPROVED") == []

    def test_coupon_code(self) -> None:
        (problem,) = check(missing_example, buttons({"type": "COPY_CODE"}))
        assert problem.message == (
            f"the copy code button of {SHOWN} has no example of its code; Meta's reviewer asks for one"
        )
        assert place(problem) == "templates[0].components[0].buttons[0].example"
        assert problem.remedy == "write a code as its example, such as DIWALI25"

    def test_card(self) -> None:
        (problem,) = check(missing_example, carousel([body("Now {{1}}")]))
        assert (
            problem.message
            == f"the body of card 1 of {SHOWN} has no example for {{{{1}}}}; Meta's reviewer asks for one"
        )
        assert place(problem) == "templates[0].components[0].cards[0].components[0].example.body_text"
