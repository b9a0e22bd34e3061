"""Words around placeholders: what TPL022 to TPL024 say, where, and what they leave unsaid."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plugins.parts import SHOWN, body, carousel, check, footer, header
from tests.plugins.said import place
from wa_policy.plugins.template_wording import (
    adjacent_placeholders,
    placeholder_at_edge,
    too_many_placeholders,
    wa_policy_rules,
)

BODY = f"the body of {SHOWN}"


def test_rules_are_offered_in_order() -> None:
    assert [rule.code for rule in wa_policy_rules()] == ["TPL022", "TPL023", "TPL024"]


@pytest.mark.parametrize("rule", wa_policy_rules(), ids=lambda rule: rule.code)
def test_only_bodies_that_people_write_are_looked_at(rule: Any) -> None:
    assert check(rule.function, header("{{1}} {{2}}"), footer("{{1}}"), "Hello there, all is well") == []
    assert check(rule.function, "{{1}} {{2}}", category="AUTHENTICATION") == []


class TestPlaceholderAtEdge:
    @pytest.mark.parametrize(
        "text",
        [
            "Hi {{1}}, bye",
            "\U0001f384 {{1}} \U0001f384",
            "€{{1}} is $",
            "नमस्ते {{1}} जी",
            "{1} hi {2}",
            "{1} {{1}} hi",
            "Hello",
            "",
        ],
    )
    def test_silent(self, text: str) -> None:
        assert check(placeholder_at_edge, text or "x") == []

    @pytest.mark.parametrize(
        ("text", "how", "where"),
        [
            ("{{1}} is here", "starts with {{1}}", "before the first placeholder"),
            (" \n{{1}} is here", "starts with {{1}}", "before the first placeholder"),
            ("Here is {{name}}\n", "ends with {{name}}", "after the last one"),
            (
                "{{1}} and {{2}}",
                "starts and ends with {{1}} and {{2}}",
                "before the first placeholder and after the last one",
            ),
            ("{{1}}", "starts and ends with {{1}}", "before the first placeholder and after the last one"),
        ],
    )
    def test_bare(self, text: str, how: str, where: str) -> None:
        (problem,) = check(placeholder_at_edge, text)
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        assert problem.message == f"{BODY} {how}; Meta takes none there"
        assert place(problem) == "templates[0].components[0].text"
        assert problem.remedy == f"put words {where}"

    @pytest.mark.parametrize("end", [".", "!", " ...", "*", "~`", "\u0964", "\u3002", "\u200b"])
    def test_punctuation(self, end: str) -> None:
        (problem,) = check(placeholder_at_edge, "Here is *{{1}}" + end)
        assert problem.at_most == "warning"
        assert problem.message == f"{BODY} ends with {{{{1}}}} and punctuation, which Meta is reported to refuse"
        assert problem.remedy == "put words after the last one"

    def test_one_of_each(self) -> None:
        problems = check(placeholder_at_edge, "{{1}} is here: *{{2}}*")
        assert [(problem.message, problem.at_most) for problem in problems] == [
            (f"{BODY} starts with {{{{1}}}}; Meta takes none there", "error"),
            (f"{BODY} ends with {{{{2}}}} and punctuation, which Meta is reported to refuse", "warning"),
        ]

    def test_punctuation_before_the_first_is_not_reported(self) -> None:
        assert check(placeholder_at_edge, "*{{1}}*, your order is here") == []

    @pytest.mark.parametrize("text", ["Here is {{1}}", "Here is {{1}}."])
    def test_of_an_approved_template_it_is_a_note(self, text: str) -> None:
        (problem,) = check(placeholder_at_edge, text, status="APPROVED")
        assert problem.at_most == "info"

    def test_card(self) -> None:
        (problem,) = check(placeholder_at_edge, carousel([body("Now for {{1}}")]))
        assert problem.at_most == "warning"
        assert problem.message == f"the body of card 1 of {SHOWN} ends with {{{{1}}}}; Meta takes none there"
        assert place(problem) == "templates[0].components[0].cards[0].components[0].text"


class TestAdjacentPlaceholders:
    @pytest.mark.parametrize(
        "text", ["{{1}}-{{2}}", "{{1}} and {{2}}", "*{{1}}* *{{2}}*", "{{1}}{2}{{3}}", "{{1}}", "Hello"]
    )
    def test_silent(self, text: str) -> None:
        assert check(adjacent_placeholders, text) == []

    @pytest.mark.parametrize(
        ("text", "run"),
        [
            ("a {{1}}{{2}} b", "{{1}}{{2}}"),
            ("a {{1}}  {{2}} b", "{{1}} {{2}}"),
            ("{{a}}{{b}} {{c}}", "{{a}}{{b}} {{c}}"),
        ],
    )
    def test_side_by_side(self, text: str, run: str) -> None:
        (problem,) = check(adjacent_placeholders, text)
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        assert problem.message == f'{BODY} has "{run}" with no text between the placeholders; Meta rejects that'
        assert place(problem) == "templates[0].components[0].text"
        assert problem.remedy == "put a word or a sign between them, or let one value carry both"

    def test_on_lines_of_their_own(self) -> None:
        (problem,) = check(adjacent_placeholders, "a {{1}}\n{{2}} b")
        assert problem.at_most == "warning"
        assert problem.message == (
            f'{BODY} has "{{{{1}}}} {{{{2}}}}" with no text between the placeholders; Meta may reject that'
        )

    @pytest.mark.parametrize("between", ["\u200b", " \ufeff ", "\xad\u2060"])
    def test_a_sign_that_shows_nothing_is_none(self, between: str) -> None:
        (problem,) = check(adjacent_placeholders, f"a {{{{1}}}}{between}{{{{2}}}} b")
        assert problem.at_most == "warning"
        assert problem.message.endswith(" with no text between the placeholders; Meta may reject that")

    def test_what_takes_no_room_is_a_part_of_the_words_beside_it(self) -> None:
        assert check(adjacent_placeholders, "a {{1}}\u200band\u200b{{2}} b") == []

    def test_two_runs(self) -> None:
        assert len(check(adjacent_placeholders, "a {{1}}{{2}} b {{3}} {{4}}")) == 2

    def test_card(self) -> None:
        (problem,) = check(adjacent_placeholders, carousel([body("a {{1}}{{2}} b")]))
        assert problem.at_most == "warning"


class TestTooManyPlaceholders:
    @pytest.mark.parametrize(
        "text",
        [
            "Hello",
            "one two {{1}} three four",
            "one two three four {{1}} five six {{2}} seven",
            "{{1}}",  # told as a placeholder at the edge
            "{{1}} - {{2}}.",
            "one {1} {{2}}",  # broken ones come first
            "สวัสดี {{1}} ครับ",
            "您好 {{1}} 您的订单 {{2}} 已发货",
        ],
    )
    def test_silent(self, text: str) -> None:
        assert check(too_many_placeholders, text) == []

    @pytest.mark.parametrize(
        ("text", "words", "number", "needed"),
        [
            ("one two {{1}} three", "3 words", "1 placeholder", 4),
            ("1 2 3 {{a}} 4 - 5 {{b}} it's", "6 words", "2 placeholders", 7),
        ],
    )
    def test_few_words(self, text: str, words: str, number: str, needed: int) -> None:
        (problem,) = check(too_many_placeholders, text)
        assert problem.outcome == "fail"
        assert problem.at_most == "warning"
        assert problem.message == f"{BODY} has {words} for {number}; Meta may refuse a text with so few"
        assert place(problem) == "templates[0].components[0].text"
        assert problem.remedy == f"write at least {needed} words around the placeholders, or use fewer placeholders"

    @pytest.mark.parametrize(
        ("text", "words", "number"),
        [("Hello {{1}}!", "1 word", "1 placeholder"), ("\U0001f384{{1}}\U0001f384", "0 words", "1 placeholder")],
    )
    def test_hardly_any_words(self, text: str, words: str, number: str) -> None:
        (problem,) = check(too_many_placeholders, text)
        assert problem.at_most == "error"
        assert problem.message == f"{BODY} has {words} for {number}; Meta refuses a text with so few"

    @pytest.mark.parametrize("text", ["one two {{1}} three", "Hello {{1}}!"])
    def test_of_an_approved_template_it_is_a_note(self, text: str) -> None:
        (problem,) = check(too_many_placeholders, text, status="APPROVED")
        assert problem.at_most == "info"

    def test_card(self) -> None:
        (problem,) = check(too_many_placeholders, carousel([body("Hello {{1}}!")]))
        assert problem.at_most == "warning"
