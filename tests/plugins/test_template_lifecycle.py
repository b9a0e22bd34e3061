"""What becomes of templates: what TPL007, TPL037, TPL040 and TPL041 say, where, and what they leave unsaid."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.plugins.said import labels
from wa_policy.plugins.template_lifecycle import (
    category_changed,
    dead_field,
    low_quality_template,
    ttl_range,
    wa_policy_rules,
)
from wa_policy.policy.facts import load
from wa_policy.source.spans import show_route
from wa_policy.testing import check_rule

if TYPE_CHECKING:
    from wa_policy.api import Problem


def template(**fields: Any) -> str:
    """A manifest's fragment with one template, the ready one's with these fields."""
    shown = {"name": "order_shipped", "language": "en", "category": "UTILITY", "status": "APPROVED", **fields}
    return json.dumps({"templates": [shown]})


def place(problem: Problem) -> tuple[str, bool]:
    return show_route(problem.places[0].route), problem.places[0].on_key


def test_rules_are_offered_in_order() -> None:
    assert [rule.code for rule in wa_policy_rules()] == ["TPL007", "TPL037", "TPL040", "TPL041"]


@pytest.mark.parametrize("function", [category_changed, ttl_range, low_quality_template, dead_field])
def test_the_ready_template_is_fine(function: Any) -> None:
    assert check_rule(function) == []


class TestCategoryChanged:
    def test_moved(self) -> None:
        (problem,) = check_rule(category_changed, template(category="MARKETING", previous_category="UTILITY"))
        assert problem.outcome == "fail"
        assert problem.message == 'Meta has moved template "order_shipped" (en) from UTILITY to MARKETING'
        assert place(problem) == ("templates[0].category", False)
        assert labels(problem) == [("templates[0].previous_category", "asked for")]
        assert problem.remedy == ("plan its campaigns as MARKETING, or ask Meta to review the category within 60 days")

    def test_announced(self) -> None:
        (problem,) = check_rule(category_changed, template(correct_category="marketing"))
        assert problem.outcome == "fail"
        assert problem.message == 'Meta will move template "order_shipped" (en) from UTILITY to MARKETING'
        assert place(problem) == ("templates[0].correct_category", False)
        assert labels(problem) == [("templates[0].category", "the category today")]
        assert problem.remedy == (
            "ask Meta to review the category if it is wrong, or plan the template's campaigns as MARKETING"
        )

    def test_moved_once_and_announced_again(self) -> None:
        fragment = template(category="MARKETING", previous_category="UTILITY", correct_category="AUTHENTICATION")
        assert len(check_rule(category_changed, fragment)) == 2

    @pytest.mark.parametrize(
        "fields",
        [
            {"previous_category": "utility"},
            {"correct_category": "Utility"},
            {"previous_category": "ACCOUNT_UPDATE"},  # sorted anew in 2023, like all of its time
            {"previous_category": "TRANSACTIONAL"},
        ],
    )
    def test_no_change(self, fields: dict[str, str]) -> None:
        assert check_rule(category_changed, template(**fields)) == []


class TestTtlRange:
    @pytest.mark.parametrize("category", load("template_ttl").values["seconds"])
    def test_both_ends_are_in(self, category: str) -> None:
        limits = load("template_ttl").values["seconds"][category]
        for seconds in limits.values():
            assert check_rule(ttl_range, template(category=category, message_send_ttl_seconds=seconds)) == []
        for seconds in (limits["minimum"] - 1, limits["maximum"] + 1):
            assert len(check_rule(ttl_range, template(category=category, message_send_ttl_seconds=seconds))) == 1

    def test_too_long(self) -> None:
        (problem,) = check_rule(ttl_range, template(status="PENDING", message_send_ttl_seconds=86_400))
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        assert problem.message == (
            "Meta takes a time to live of 30 to 43,200 seconds (30 seconds to 12 hours) for a template of category "
            "UTILITY, not 86,400"
        )
        assert place(problem) == ("templates[0].message_send_ttl_seconds", False)
        assert labels(problem) == [("templates[0].category", "the category")]
        assert problem.remedy == "set it to 30 seconds to 12 hours, or take it out and leave it to Meta"

    def test_of_an_approved_template(self) -> None:
        (problem,) = check_rule(ttl_range, template(category="MARKETING", message_send_ttl_seconds=120))
        assert problem.at_most == "warning"
        assert "(12 hours to 30 days)" in problem.message

    @pytest.mark.parametrize("category", ["UTILITY", "authentication"])
    def test_thirty_days(self, category: str) -> None:
        assert check_rule(ttl_range, template(category=category, message_send_ttl_seconds=-1)) == []

    def test_thirty_days_of_marketing(self) -> None:
        (problem,) = check_rule(ttl_range, template(category="MARKETING", message_send_ttl_seconds=-1))
        assert problem.message.endswith("for a template of category MARKETING, not -1, which stands for 30 days")

    def test_unknown_category_is_not_judged(self) -> None:
        assert check_rule(ttl_range, template(category="ALERT_UPDATE", message_send_ttl_seconds=1)) == []


class TestLowQualityTemplate:
    @pytest.mark.parametrize("score", ["GREEN", "green", "UNKNOWN"])
    def test_fine(self, score: str) -> None:
        assert check_rule(low_quality_template, template(quality_score={"score": score})) == []

    def test_no_score(self) -> None:
        assert check_rule(low_quality_template, template(quality_score={"date": 1_766_188_800})) == []

    def test_red(self) -> None:
        (problem,) = check_rule(low_quality_template, template(quality_score={"score": "RED"}))
        assert problem.outcome == "fail"
        assert problem.message == (
            'the quality of template "order_shipped" (en) is RED: many customers block or report it, and Meta pauses such '
            "templates (3 hours the first time, 6 the second) and disables them the third time"
        )
        assert place(problem) == ("templates[0].quality_score.score", False)
        assert problem.remedy.startswith("stop the campaigns that use it, ")

    def test_yellow(self) -> None:
        (problem,) = check_rule(low_quality_template, template(quality_score={"score": "yellow"}))
        assert problem.message.startswith('the quality of template "order_shipped" (en) is YELLOW: customers begin to')
        assert problem.remedy.startswith("narrow the audience")

    def test_unknown_word(self) -> None:
        (problem,) = check_rule(low_quality_template, template(quality_score={"score": "Yelow"}))
        assert problem.outcome == "unproven"
        assert problem.message == '"Yelow" is no quality score that Meta gives templates (did you mean "YELLOW"?)'
        assert problem.remedy == "write the score that Meta's API answers for the template"


class TestDeadField:
    def test_allow_category_change(self) -> None:
        (problem,) = check_rule(dead_field, template(allow_category_change=False))
        assert problem.outcome == "fail"
        assert problem.message == (
            "allow_category_change does nothing: Meta has not heeded it since 2025-04-09, and chooses the category by the "
            "content, whether it is allowed to or not"
        )
        assert place(problem) == ("templates[0].allow_category_change", True)
        assert problem.remedy == "take it out, and write the category that fits what the message says"

    def test_app_in_the_button(self) -> None:
        button = {"type": "OTP", "otp_type": "ONE_TAP", "package_name": "com.acme", "signature_hash": "K8aAINcGX7x"}
        (problem,) = check_rule(dead_field, template(components=[{"type": "BUTTONS", "buttons": [button]}]))
        assert problem.message == (
            "package_name and signature_hash beside the button's type: Meta took the app there up to version 20 of its "
            "API, and takes it in supported_apps only by now"
        )
        assert place(problem) == ("templates[0].components[0].buttons[0].package_name", True)
        assert labels(problem) == [("templates[0].components[0].buttons[0].signature_hash", "and this")]
        assert problem.places[1].on_key
        assert problem.remedy == (
            "move the app into supported_apps, a list with a package_name and a signature_hash for each"
        )
