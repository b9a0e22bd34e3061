"""The opt-in audit: what OPT004, OPT005 and OPT010 make of its counts, and of whose it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.plugins.said import labels, only, summary
from tests.plugins.test_opt_in import check_audit, users
from wa_policy.plugins import opt_in_audit
from wa_policy.testing import check_rule

if TYPE_CHECKING:
    from wa_policy.api import Problem

COMPARE = (
    "compare the users with TRUE with the provider's list, and write the counts into the audit as predicate.bsp: "
    "known, unknown, opted_out"
)
META = {"bsp": {"provider": "meta"}}
RULES = [opt_in_audit.missing_at_bsp, opt_in_audit.opted_out_elsewhere, opt_in_audit.audit_mismatch]


def at_provider(known: int, unknown: int = 0, opted_out: int = 0) -> dict[str, int]:
    return {"known": known, "unknown": unknown, "opted_out": opted_out}


def test_rules_are_offered_in_order() -> None:
    assert [rule.code for rule in opt_in_audit.wa_policy_rules()] == ["OPT004", "OPT005", "OPT010"]
    assert {rule.step.value for rule in opt_in_audit.wa_policy_rules()} == {"opt-in"}


@pytest.mark.parametrize("function", RULES)
def test_a_ready_workspace_passes_in_silence(function: Any) -> None:
    assert check_rule(function) == []


@pytest.mark.parametrize("function", RULES)
@pytest.mark.parametrize("fragment", ["opt_in: null", "opt_in: {audit: null}", "opt_in: {audit: evidence/gone.json}"])
def test_that_there_is_no_audit_is_said_elsewhere(function: Any, fragment: str) -> None:
    assert check_rule(function, fragment) == []


class TestMissingAtBsp:
    @staticmethod
    def check(counted: dict[str, int] | None, true: int = 600, **more: Any) -> list[Problem]:
        return check_audit(opt_in_audit.missing_at_bsp, users(true), bsp=counted, **more)

    def test_not_compared(self) -> None:
        (problem,) = self.check(None)
        assert summary(problem) == (
            "unproven",
            "warning",
            "opt_in.audit",
            "the audit does not say how many of those who agreed Gupshup knows",
        )
        assert problem.remedy == COMPARE

    def test_all_known(self) -> None:
        assert self.check(at_provider(600)) == []
        assert self.check(at_provider(590, 0, 10)) == []
        assert self.check(at_provider(0), true=0) == []

    def test_some_unknown(self) -> None:
        (problem,) = self.check(at_provider(597, 3))
        assert summary(problem) == (
            "fail",
            "error",
            "opt_in.audit",
            "Gupshup does not know 3 of 600 users with TRUE (0.5%); the policy takes 0%",
        )
        assert problem.remedy == "opt these users in at Gupshup, or ask them again"

    def test_the_policy_sets_the_share(self) -> None:
        assert only(self.check(at_provider(594, 6), maximum_unknown_share=0.01))[:2] == ("fail", "warning")
        assert only(self.check(at_provider(593, 7), maximum_unknown_share=0.01))[:2] == ("fail", "error")
        assert "takes 1%" in only(self.check(at_provider(593, 7), maximum_unknown_share=0.01))[3]
        assert self.check(at_provider(600), maximum_unknown_share=0.01) == []

    def test_only_some_were_compared(self) -> None:
        (problem,) = self.check(at_provider(400, 0, 10))
        assert summary(problem) == (
            "unproven",
            "warning",
            "opt_in.audit",
            "190 of 600 users with TRUE were not compared with the list at Gupshup",
        )
        assert [problem.outcome for problem in self.check(at_provider(400, 1))] == ["fail", "unproven"]

    @pytest.mark.parametrize("counted", [None, at_provider(0, 600)])
    def test_meta_keeps_no_list(self, counted: dict[str, int] | None) -> None:
        assert self.check(counted, fragment=META) == []


class TestOptedOutElsewhere:
    @staticmethod
    def check(counted: dict[str, int] | None, **more: Any) -> list[Problem]:
        return check_audit(opt_in_audit.opted_out_elsewhere, users(600), bsp=counted, **more)

    def test_not_compared(self) -> None:
        (problem,) = self.check(None)
        assert summary(problem) == (
            "unproven",
            "warning",
            "opt_in.audit",
            "the audit does not say whether any of those who agreed have opted out at Gupshup",
        )
        assert problem.remedy == COMPARE

    def test_nobody_has(self) -> None:
        assert self.check(at_provider(300, 300)) == []

    def test_one_is_too_many(self) -> None:
        (problem,) = self.check(at_provider(599, 0, 1))
        assert summary(problem) == (
            "fail",
            "error",
            "opt_in.audit",
            "1 of 600 users with TRUE opted out at Gupshup, and campaigns still reach for them",
        )
        assert problem.remedy == "set the status of these users to FALSE in MoEngage"

    def test_meta_keeps_no_list_but_may_have_been_asked(self) -> None:
        assert self.check(None, fragment=META) == []
        assert only(self.check(at_provider(599, 0, 1), fragment=META))[0] == "fail"


class TestAuditMismatch:
    @staticmethod
    def check(counted: dict[str, int], **more: Any) -> list[Problem]:
        return check_audit(opt_in_audit.audit_mismatch, counted, **more)

    def test_another_workspace(self) -> None:
        (problem,) = self.check(users(600), name="acme-retail-uk")
        assert summary(problem) == (
            "fail",
            "error",
            "opt_in.audit",
            'the audit is of the workspace "acme-retail-uk", not of this one, "acme-retail-in"',
        )
        assert labels(problem) == [("metadata.name", "this workspace")]

    def test_parts_that_are_more_than_the_whole(self) -> None:
        (problem,) = self.check({"total": 999, "true": 600, "false": 200, "blank": 150, "invalid": 50})
        assert summary(problem) == (
            "fail",
            "error",
            "opt_in.audit",
            "the audit contradicts itself: it counts 1,000 users by status, and 999 users in all",
        )
        assert problem.remedy == "count again over one export, each user once"

    def test_a_total_may_be_larger(self) -> None:
        assert self.check({"total": 1001, "true": 600, "false": 200, "blank": 150, "invalid": 50}) == []

    def test_more_at_the_provider_than_in_moengage(self) -> None:
        assert only(self.check(users(600), bsp=at_provider(590, 10, 1)))[3] == (
            "the audit contradicts itself: it counts 601 users with TRUE at the provider, and 600 in MoEngage"
        )
        assert self.check(users(600), bsp=at_provider(590, 9, 1)) == []
        assert self.check(users(600), bsp=at_provider(0)) == []
