"""What campaigns fill in: what CMP002 says of it, where, and what it leaves unsaid."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_policy.plugins.campaign_parameters import parameter_mismatch, wa_policy_rules
from wa_policy.source.spans import show_route
from wa_policy.testing import check_rule

if TYPE_CHECKING:
    from wa_policy.api import Problem

HI = {"type": "BODY", "text": "Hi {{1}}, your order {{2}} is here."}
LINK = {"type": "URL", "text": "See", "url": "https://acme.example/{{1}}"}


def sends(
    parameters: Any, *components: Any, category: str = "UTILITY", longest: int | None = None, **template: Any
) -> str:
    """A manifest's fragment with a campaign that fills a template of these components; no parameters at all if None."""
    used = {"name": "t", "language": "en", **({} if parameters is None else {"parameters": parameters})}
    campaign = {"name": "c", "template": used, **({} if longest is None else {"expected_longest_text": longest})}
    shown = {"name": "t", "language": "en", "category": category, "components": list(components), **template}
    return json.dumps({"templates": [shown], "campaigns": [campaign]}, ensure_ascii=False)


def buttons(*items: Any) -> dict[str, Any]:
    return {"type": "BUTTONS", "buttons": list(items)}


def place(problem: Problem) -> str:
    return show_route(problem.places[0].route)


def others(problem: Problem) -> list[tuple[str, str]]:
    return [(show_route(other.route), other.label) for other in problem.places[1:]]


def test_rules_are_offered_in_order() -> None:
    assert [rule.code for rule in wa_policy_rules()] == ["CMP002"]


def test_the_ready_campaign_is_fine() -> None:
    assert check_rule(parameter_mismatch) == []


class TestNumber:
    def test_too_few(self) -> None:
        (problem,) = check_rule(parameter_mismatch, sends(["first_name"], HI))
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        assert problem.message == (
            'nothing fills {{2}} of template "t" (en), and every message fails with error 132000'
        )
        assert place(problem) == "campaigns[0].template.parameters"
        assert others(problem) == [("templates[0].components[0]", "what must be filled")]
        assert problem.remedy == "give the body 2 values, in the order of its placeholders"

    def test_none_of_several(self) -> None:
        (problem,) = check_rule(parameter_mismatch, sends([], {"type": "BODY", "text": "{{b}}, {{a}} and {{b}}, hi."}))
        assert problem.message.startswith('nothing fills {{b}} and {{a}} of template "t" (en)')

    def test_numbers_in_their_order(self) -> None:
        (problem,) = check_rule(parameter_mismatch, sends(["x"], {"type": "BODY", "text": "{{10}} and {{2}}, hi."}))
        assert problem.message.startswith('nothing fills {{10}} of template "t" (en)')

    def test_a_number_of_any_length(self) -> None:
        (problem,) = check_rule(parameter_mismatch, sends([], {"type": "BODY", "text": f"Hi {{{{{'9' * 5000}}}}}!"}))
        assert problem.message.endswith("every message fails with error 132000")

    def test_nothing_said(self) -> None:
        (problem,) = check_rule(parameter_mismatch, sends(None, HI))
        assert problem.outcome == "unproven"
        assert problem.at_most == "warning"
        assert problem.message == 'nothing says what fills {{1}} and {{2}} of template "t" (en)'
        assert place(problem) == "campaigns[0].template.parameters"
        assert problem.remedy == (
            "write the attributes that fill the placeholders in MoEngage, in order, as template.parameters"
        )

    def test_too_many(self) -> None:
        (problem,) = check_rule(parameter_mismatch, sends(["a", "b", "c"], HI))
        assert problem.outcome == "fail"
        assert problem.message == (
            'the campaign gives template "t" (en) 3 values; it takes 2 at most, and every message fails with error 132000'
        )
        assert problem.remedy == "leave out what fills no placeholder, or use the template that has them all"

    def test_values_for_a_text_without_placeholders(self) -> None:
        (problem,) = check_rule(parameter_mismatch, sends(["a"], {"type": "BODY", "text": "Hello."}))
        assert problem.message == (
            'the campaign gives template "t" (en) 1 value; it takes none, and every message fails with error 132000'
        )

    @pytest.mark.parametrize(
        ("components", "room"),
        [
            ([HI], 2),
            ([{"type": "HEADER", "format": "TEXT", "text": "Order {{1}}"}, HI], 3),
            ([{"type": "HEADER", "format": "TEXT", "text": "Your order"}, HI], 2),
            ([{"type": "HEADER", "format": "IMAGE"}, HI], 3),
            ([HI, buttons(LINK, LINK, {"type": "QUICK_REPLY", "text": "Stop"})], 4),
            ([HI, buttons({"type": "COPY_CODE", "example": "A"}, LINK)], 4),
            ([HI, {"type": "FOOTER", "text": "Acme"}], 2),
        ],
    )
    def test_other_values_may_be_among_them(self, components: list[Any], room: int) -> None:
        for number in range(2, room + 1):
            assert check_rule(parameter_mismatch, sends(["x"] * number, *components)) == []
        assert len(check_rule(parameter_mismatch, sends(["x"] * (room + 1), *components))) == 1

    @pytest.mark.parametrize(
        "component",
        [
            {"type": "CAROUSEL", "cards": [{"components": [{"type": "BODY", "text": "{{1}}"}]}]},
            {"type": "LIMITED_TIME_OFFER"},
            {"type": "HEADER", "format": "LOCATION"},
            buttons({"type": "FLOW", "text": "Book"}),
            buttons({"type": "MPM"}),
        ],
    )
    def test_parts_that_take_nobody_knows_how_many(self, component: Any) -> None:
        assert check_rule(parameter_mismatch, sends(["x"] * 20, HI, component)) == []
        assert len(check_rule(parameter_mismatch, sends(["x"], HI, component))) == 1

    def test_code_of_an_authentication_template(self) -> None:
        components = [{"type": "BODY"}, buttons({"type": "OTP", "otp_type": "COPY_CODE"})]
        for number, right in ((0, False), (1, True), (2, True), (3, False)):
            problems = check_rule(parameter_mismatch, sends(["code"] * number, *components, category="AUTHENTICATION"))
            assert (problems == []) is right

    def test_broken_placeholders_are_not_counted(self) -> None:
        assert check_rule(parameter_mismatch, sends([], {"type": "BODY", "text": "Hi {1}, {{ }} and {{Name}}."})) == []

    def test_unknown_template_or_components(self) -> None:
        other = json.loads(sends(["a", "b", "c"], HI))
        other["campaigns"][0]["template"]["language"] = "en_US"
        assert check_rule(parameter_mismatch, json.dumps(other)) == []
        del other["campaigns"][0]["template"]
        assert check_rule(parameter_mismatch, json.dumps(other)) == []
        bare = json.loads(sends(["a", "b", "c"], HI))
        del bare["templates"][0]["components"]
        assert check_rule(parameter_mismatch, json.dumps(bare)) == []

    @given(st.lists(st.integers(1, 12), max_size=8))
    def test_as_many_values_as_placeholders_always_fit(self, numbers: list[int]) -> None:
        body = {"type": "BODY", "text": "Hi " + ", ".join(f"{{{{{number}}}}}" for number in numbers) + " bye"}
        wanted = len(set(numbers))
        assert check_rule(parameter_mismatch, sends(["x"] * wanted, body)) == []
        assert len(check_rule(parameter_mismatch, sends(["x"] * (wanted + 1), body))) == 1
        if wanted:
            assert len(check_rule(parameter_mismatch, sends(["x"] * (wanted - 1), body))) == 1


class TestValues:
    @pytest.mark.parametrize("value", ["two\nlines", "a\ttab", "a     b", "  "])
    def test_refused(self, value: str) -> None:
        (problem,) = check_rule(parameter_mismatch, sends(["first_name", value], HI))
        assert problem.outcome == "fail"
        assert problem.at_most == "warning"
        assert problem.message == (
            f'the value "{" ".join(value.split())}" is one that Meta refuses (error 132018): values have no line breaks, '
            "tabs, more than four blanks in a row, or nothing at all"
        )
        assert place(problem) == "campaigns[0].template.parameters[1]"
        assert problem.remedy == "write the value in one line, with single blanks"

    def test_taken(self) -> None:
        assert check_rule(parameter_mismatch, sends(["first name", "a    b"], HI)) == []


class TestLength:
    @pytest.mark.parametrize(
        ("more", "room"),
        [([], 1024), ([{"type": "LIMITED_TIME_OFFER"}], 600), ([buttons({"type": "SPM"})], 160)],
    )
    def test_room(self, more: list[Any], room: int) -> None:
        assert check_rule(parameter_mismatch, sends(["a", "b"], HI, *more, longest=room)) == []
        (problem,) = check_rule(parameter_mismatch, sends(["a", "b"], HI, *more, longest=room + 1))
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        assert problem.message == (
            f"the longest message is expected to have {room + 1:,} characters; Meta takes {room:,} in the body of "
            '"t" (en), and longer ones fail with error 132005'
        )
        assert place(problem) == "campaigns[0].expected_longest_text"
        assert others(problem) == [("templates[0].components[0].text", "the body")]
        assert problem.remedy == "fill the placeholders with shorter values, or move text out of the body"

    def test_less_than_the_text_itself(self) -> None:
        (problem,) = check_rule(parameter_mismatch, sends(["a", "b"], HI, longest=24))
        assert problem.at_most == "warning"
        assert problem.message == (
            'the longest message is expected to have 24 characters, but the body of "t" (en) has 25 without its placeholders'
        )
        assert problem.remedy == "count again, with the longest values that the placeholders get"
        assert check_rule(parameter_mismatch, sends(["a", "b"], HI, longest=25)) == []
