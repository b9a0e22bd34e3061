"""Placeholders: how they are read, and what TPL013, TPL020 and TPL021 say of them."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.plugins.parts import SHOWN, body, carousel, check, footer, header, url
from tests.plugins.said import labels, place
from wa_policy.plugins._templates import fixed, placeholders
from wa_policy.plugins.template_placeholders import (
    broken_placeholder,
    footer_variable,
    placeholder_order,
    wa_policy_rules,
)

BODY = f"the body of {SHOWN}"


def test_rules_are_offered_in_order() -> None:
    assert [rule.code for rule in wa_policy_rules()] == ["TPL013", "TPL020", "TPL021"]


def read_slowly(text: str) -> list[tuple[int, int, str]]:
    """Placeholders as a person would find them: start, end and whether they are fine."""
    found = []
    at = 0
    while at < len(text):
        if text[at] not in "{}":
            at += 1
            continue
        start = at
        while at < len(text) and text[at] == text[start]:
            at += 1
        if text[start] == "{":
            inner = at
            while inner < len(text) and text[inner] not in "{}":
                inner += 1
            if inner < len(text) and text[inner] == "}":
                name = text[at:inner]
                at = inner
                while at < len(text) and text[at] == "}":
                    at += 1
                allowed = string.ascii_lowercase + string.digits + "_"
                fine = name != "" and all(character in allowed for character in name)
                fine = fine and text[start:at] == "{{" + name + "}}"
                found.append((start, at, "fine" if fine else "broken"))
                continue
        found.append((start, at, "broken"))
    return found


@given(st.text("{}1a_ A#\n", max_size=30) | st.text(max_size=40))
@example("{{1}}{{a_1}} {{{1}}} {1}{{ 1 }} {{")
def test_placeholders_are_read_as_a_person_would(text: str) -> None:
    found = placeholders(text)
    assert [(one.start, one.end, "broken" if one.is_broken else "fine") for one in found] == read_slowly(text)
    assert all(one.text == text[one.start : one.end] for one in found)
    assert all(one.is_positional == (not one.is_broken and one.name.isdigit()) for one in found)
    assert "{" not in fixed(text)
    assert "}" not in fixed(text)


@pytest.mark.parametrize(
    ("text", "fault", "name"),
    [
        ("{{1}}", "", "1"),
        ("{{first_name}}", "", "first_name"),
        ("{{{1}}}", "braces", "1"),
        ("{1}", "braces", "1"),
        ("{{1}", "braces", "1"),
        ("{", "stray brace", ""),
        ("}}", "stray brace", ""),
        ("{{}}", "empty", ""),
        ("{{  }}", "empty", ""),
        ("{{ 1 }}", "blanks", "1"),
        ("{{First_Name}}", "capitals", "First_Name"),
        ("{{#1}}", "characters", "#1"),
        ("{{\u0967}}", "characters", "\u0967"),
        ("{{\u212a}}", "characters", "\u212a"),  # a sign whose lower case is a plain letter
    ],
)
def test_faults(text: str, fault: str, name: str) -> None:
    (found,) = placeholders(f"Hello {text}, dear")
    assert (found.text, found.fault, found.name) == (text, fault, name)


class TestFooterVariable:
    @pytest.mark.parametrize("text", ["Acme Retail", "a {1} b"])  # what is broken is told by another rule
    def test_silent(self, text: str) -> None:
        assert check(footer_variable, footer(text)) == []

    def test_placeholder(self) -> None:
        (problem,) = check(footer_variable, "Hello", footer("Order {{1}}"))
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        assert problem.message == f"the footer of {SHOWN} has a placeholder ({{{{1}}}}); Meta takes none there"
        assert place(problem) == "templates[0].components[1].text"
        assert problem.remedy == "move what differs from message to message into the body"

    def test_two(self) -> None:
        (problem,) = check(footer_variable, footer("{{1}} {{2}}"))
        assert "has 2 placeholders ({{1}} and {{2}});" in problem.message


class TestBrokenPlaceholder:
    @pytest.mark.parametrize("text", ["Hello", "Hi {{1}}", "Save 20% on [all] $ and # (today)"])
    def test_silent(self, text: str) -> None:
        assert check(broken_placeholder, text, header(text), url(f"https://acme.example/{text.split()[0]}")) == []

    @pytest.mark.parametrize(
        ("text", "wrong"),
        [
            ("{1}", "with other than two braces on either side"),
            ("{{{1}}}", "with other than two braces on either side"),
            ("{{1}", "with other than two braces on either side"),
            ("{{", "without its counterpart"),
            ("}}", "without its counterpart"),
            ("{{}}", "without a number or name in it"),
            ("{{ 1 }}", "with blanks inside the braces"),
            ("{{First_Name}}", "with capital letters in it"),
            ("{{#1}}", "with other characters in it than a to z, digits and underscores"),
            ("{{$name}}", "with other characters in it than a to z, digits and underscores"),
        ],
    )
    def test_broken(self, text: str, wrong: str) -> None:
        (problem,) = check(broken_placeholder, f"Hello {text}, dear")
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        assert problem.message == f'{BODY} has "{text}", {wrong}; Meta reads no placeholder there'
        assert place(problem) == "templates[0].components[0].text"
        assert problem.remedy == "write placeholders as {{1}} or {{first_name}}, and leave out braces that are none"

    def test_one_problem_for_each_kind_of_fault(self) -> None:
        problems = check(broken_placeholder, "{1} {2} {{ 3 }} {1}")
        assert [problem.message for problem in problems] == [
            f'{BODY} has "{{1}}" and "{{2}}", with other than two braces on either side; Meta reads no placeholder there',
            f'{BODY} has "{{{{ 3 }}}}", with blanks inside the braces; Meta reads no placeholder there',
        ]

    def test_a_single_brace_may_be_text(self) -> None:
        (problem,) = check(broken_placeholder, "Welcome :}")
        assert problem.at_most == "warning"

    @pytest.mark.parametrize(
        ("part", "what", "where"),
        [
            (header("Hi {1}"), f"the header of {SHOWN}", "components[0].text"),
            (footer("Hi {1}"), f"the footer of {SHOWN}", "components[0].text"),
            (
                url("https://acme.example/{1}"),
                f'the address of the button "See it" of {SHOWN}',
                "components[0].buttons[0].url",
            ),
            (
                carousel([body("Hi {1}")]),
                f"the body of card 1 of {SHOWN}",
                "components[0].cards[0].components[0].text",
            ),
        ],
    )
    def test_where(self, part: Any, what: str, where: str) -> None:
        (problem,) = check(broken_placeholder, part)
        assert problem.message.startswith(f'{what} has "{{1}}"')
        assert place(problem) == f"templates[0].{where}"

    def test_long_name(self) -> None:
        assert check(broken_placeholder, "Hi {{" + "a" * 32 + "}}", parameter_format="NAMED") == []
        (problem,) = check(broken_placeholder, "Hi {{" + "a" * 33 + "}}", parameter_format="NAMED")
        assert problem.at_most == "warning"
        assert problem.message == (
            f'the placeholder "{{{{{"a" * 33}}}}}" in {BODY} has a name of 33 characters; Meta is reported to take 32 at most'
        )
        assert problem.remedy == "give it a name of at most 32 characters"

    @pytest.mark.parametrize(
        ("declared", "text", "kind", "odd"),
        [
            ("positional", "Hi {{1}} {{name}}", "named", "{{name}}"),
            ("NAMED", "Hi {{1}} {{2}}", "numbered", "{{1}} and {{2}}"),
        ],
    )
    def test_other_format_than_declared(self, declared: str, text: str, kind: str, odd: str) -> None:
        (problem,) = check(broken_placeholder, text, parameter_format=declared)
        assert problem.at_most == "error"
        assert problem.message == (
            f"{BODY} has {kind} placeholders ({odd}), but the template's format is {declared.upper()}"
        )
        assert place(problem) == "templates[0].components[0].text"
        assert labels(problem) == [("templates[0].parameter_format", "the format")]
        assert problem.remedy == "write all placeholders in the template's format, or declare the other one"

    @pytest.mark.parametrize("parts", [[header("Hi {{name}}"), "Hi {{1}}"], [header("Hi"), "Hi {{1}}, {{name}}"]])
    def test_two_formats(self, parts: list[Any]) -> None:
        (problem,) = check(broken_placeholder, *parts)
        assert problem.at_most == "error"
        assert problem.message == (
            f"{SHOWN} has numbered and named placeholders ({{{{1}}}} and {{{{name}}}}); Meta takes one kind in a template"
        )
        assert place(problem) == "templates[0].components[1].text"
        assert problem.remedy == "write all of them as numbers, or all as names with parameter_format: NAMED"

    def test_names_without_a_format(self) -> None:
        (problem,) = check(broken_placeholder, "Hi {{name}}")
        assert problem.at_most == "warning"
        assert problem.message == (
            f"{SHOWN} has named placeholders ({{{{name}}}}) but no parameter_format, and Meta then expects numbers"
        )
        assert place(problem) == "templates[0].parameter_format"
        assert problem.remedy == "write parameter_format: NAMED"

    @pytest.mark.parametrize("fields", [{"status": "APPROVED"}, {"parameter_format": "BRACES"}])
    def test_names_where_the_format_is_beyond_question(self, fields: dict[str, str]) -> None:
        assert check(broken_placeholder, "Hi {{name}}", **fields) == []

    def test_an_address_has_numbers_in_either_format(self) -> None:
        assert check(broken_placeholder, url("https://acme.example/{{1}}"), parameter_format="NAMED") == []


class TestPlaceholderOrder:
    @pytest.mark.parametrize(
        "text",
        [
            "Hello",
            "{{1}}",
            "{{1}} {{2}} {{1}}",
            "{{a}} {{b}}",
            "{{1}} {{3}} {4}",
            "{{1}} {{a}} {{3}}",
        ],  # the last two: broken or mixed
    )
    def test_silent(self, text: str) -> None:
        assert check(placeholder_order, text) == []

    @pytest.mark.parametrize(
        ("text", "have", "want"),
        [
            ("{{1}} {{3}}", "{{1}} and {{3}}", "{{1}} and {{2}}"),
            ("{{2}}", "{{2}}", "{{1}}"),
            ("{{0}} {{1}}", "{{0}} and {{1}}", "{{1}} and {{2}}"),
            ("{{01}}", "{{01}}", "{{1}}"),
            (f"{{{{{'9' * 5000}}}}}", f"{{{{{'9' * 5000}}}}}", "{{1}}"),
        ],
    )
    def test_gaps(self, text: str, have: str, want: str) -> None:
        (problem,) = check(placeholder_order, text)
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        assert problem.message == (
            f"the placeholders of {BODY} are {have}; Meta numbers them from 1 without gaps: {want}"
        )
        assert place(problem) == "templates[0].components[0].text"
        assert problem.remedy == f"number them {want}, and put the values of campaigns in the same order"

    def test_not_in_order(self) -> None:
        (problem,) = check(placeholder_order, "{{2}} {{1}}")
        assert problem.at_most == "warning"
        assert problem.message == (
            f"the placeholders of {BODY} are {{{{2}}}} and {{{{1}}}}; Meta numbers them in the order in which they come"
        )

    def test_each_text_counts_for_itself(self) -> None:
        parts = [
            header("{{1}}"),
            "{{1}} {{2}}",
            url("https://acme.example/{{1}}"),
            carousel([body("{{1}}")]),
        ]
        assert check(placeholder_order, *parts) == []

    def test_address(self) -> None:
        (problem,) = check(placeholder_order, url("https://acme.example/{{2}}"))
        assert problem.at_most == "warning"
        assert problem.message == (
            f'the placeholders of the address of the button "See it" of {SHOWN} are {{{{2}}}}; Meta numbers them from 1 '
            "without gaps: {{1}}"
        )
        assert place(problem) == "templates[0].components[0].buttons[0].url"

    def test_name_twice(self) -> None:
        (problem,) = check(placeholder_order, "{{a}} {{b}} {{a}}")
        assert problem.at_most == "error"
        assert problem.message == f"{BODY} has {{{{a}}}} more than once; Meta takes each name once"
        assert problem.remedy == "give each placeholder a name of its own, and fill both with the same value"


@pytest.mark.parametrize("rule", wa_policy_rules(), ids=lambda rule: rule.code)
def test_what_meta_writes_is_left_alone(rule: Any) -> None:
    parts = ["{{1}} is your {code}.", footer("{{2}}"), url("https://www.whatsapp.com/otp/{{3}}")]
    assert check(rule.function, *parts, category="authentication") == []
