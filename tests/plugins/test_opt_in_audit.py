"""The opt-in audit: what OPT004, OPT005 and OPT010 make of its counts, of whose it is, and of its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.plugins.audits import BOTH, USERS_ALONE, check_audit, file, group, users
from tests.plugins.said import labels, only, summary
from wa_policy.evidence.references import Mismatch
from wa_policy.plugins import opt_in_audit
from wa_policy.testing import check_rule

if TYPE_CHECKING:
    from wa_policy.api import Problem

COMPARE = f"export the users and the provider's opt-in list, and run: {BOTH}"
COVERAGE = {"scope": "coverage"}
META = {"bsp": {"provider": "meta"}}
RULES = [opt_in_audit.missing_at_bsp, opt_in_audit.opted_out_elsewhere, opt_in_audit.audit_mismatch]


def at_provider(known: int, unknown: int = 0, opted_out: int = 0, **more: int) -> dict[str, int]:
    return {"known": known, "unknown": unknown, "opted_out": opted_out, **more}


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

    def test_coverage_alone(self) -> None:
        (problem,) = self.check(None, more=COVERAGE)
        assert summary(problem) == (
            "unproven",
            "warning",
            "opt_in.audit",
            "the audit does not say how many of those who agreed Gupshup knows",
        )
        assert problem.remedy == f"install wa-policy[audit], {COMPARE}"
        assert self.check(at_provider(0, 600), more=COVERAGE) == [problem]

    def test_without_a_number(self) -> None:
        (problem,) = self.check(at_provider(590, not_compared=10))
        assert summary(problem) == (
            "unproven",
            "warning",
            "opt_in.audit",
            "10 of 600 users with TRUE have no number that could be looked for at Gupshup",
        )
        assert problem.remedy == (
            "mend these users' numbers in MoEngage, or set their status to FALSE: no message reaches them"
        )
        assert len(self.check(at_provider(590, not_compared=9))) == 2

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
        assert problem.remedy == (
            "opt these users in at Gupshup, or ask them again; --exceptions of the audit lists who they are"
        )

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
        assert problem.remedy == COMPARE
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

    def test_coverage_alone(self) -> None:
        (problem,) = self.check(None, more=COVERAGE)
        assert (problem.outcome, problem.remedy) == ("unproven", f"install wa-policy[audit], {COMPARE}")
        assert self.check(at_provider(0, 0, 600), more=COVERAGE) == [problem]
        assert self.check(None, more=COVERAGE, fragment=META) == []

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
        assert problem.remedy == (
            "set the status of these users to FALSE in MoEngage; --exceptions of the audit lists who they are"
        )

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
        assert problem.remedy == f"have it made anew: {USERS_ALONE}"

    def test_a_total_may_be_larger(self) -> None:
        assert self.check({"total": 1001, "true": 600, "false": 200, "blank": 150, "invalid": 50}) == []

    def test_more_at_the_provider_than_in_moengage(self) -> None:
        assert only(self.check(users(600), bsp=at_provider(590, 10, 1)))[3] == (
            "the audit contradicts itself: it counts 601 users with TRUE at the provider, and 600 in MoEngage"
        )
        assert self.check(users(600), bsp=at_provider(590, 9, 1)) == []
        assert self.check(users(600), bsp=at_provider(0)) == []

    # The whole audit

    @staticmethod
    def contradictions(**more: Any) -> list[str]:
        problems = check_audit(opt_in_audit.audit_mismatch, users(600), **more)
        return [problem.message.removeprefix("the audit contradicts itself: it counts ") for problem in problems]

    @pytest.mark.parametrize(
        ("more", "said"),
        [
            (
                {"bsp": at_provider(590, not_compared=11)},
                "601 users with TRUE at the provider, and 600 in MoEngage",
            ),
            (
                {"dirt": {"numeric": 1, "spaces": 5}},
                "1 users by the kind of their other value, and 0 users with other values",
            ),
            (
                {"numbers": {"e164": 900, "missing": 50, "mended": {"spaces": 40}, "not_e164": {"exponent": 11}}},
                "1,001 users by the form of their number, and 1,000 users in all",
            ),
            ({"repeated": {"ids": 3, "rows_of_ids": 2}}, "3 ids that are repeated, and 2 rows of them"),
            ({"repeated": {"rows_of_ids": 1001}}, "1,001 rows of repeated ids, and 1,000 users in all"),
            (
                {"repeated": {"numbers": 3, "users_of_numbers": 2}},
                "3 numbers that are shared, and 2 users who share them",
            ),
            (
                {"repeated": {"ids": 3, "contradicting_ids": 4}},
                "4 ids with TRUE and FALSE, and 3 ids that are repeated",
            ),
            (
                {"repeated": {"numbers": 3, "contradicting_numbers": 4}},
                "4 numbers with TRUE and FALSE, and 3 that are shared",
            ),
            ({"repeated": {"contradicting_ids": 401}}, "401 ids with TRUE and FALSE, and 400 users with FALSE"),
            ({"repeated": {"contradicting_numbers": 401}}, "401 numbers with TRUE and FALSE, and 400 users with FALSE"),
            (
                {"bsp": at_provider(600, opted_in_total=0)},
                "600 users with TRUE whom the provider has as opted in, and 0 numbers that are opted in there",
            ),
            (
                {"bsp": at_provider(0, opted_out=9, opted_out_total=0)},
                "9 users with TRUE whom the provider has as opted out, and 0 numbers that are opted out there",
            ),
            (
                {"bsp": at_provider(0, not_true_but_opted_in=9, opted_in_total=0)},
                "9 users without TRUE whom the provider has as opted in, and 0 numbers that are opted in there",
            ),
            ({"repeated": {"users_of_numbers": 1001}}, "1,001 users who share a number, and 1,000 users in all"),
            (
                {"bsp": at_provider(600, total=9, rows=9, opted_in_total=8, opted_out_total=2)},
                "10 numbers by status at the provider, and 9 in all",
            ),
            ({"bsp": at_provider(600, total=9, rows=8)}, "9 numbers at the provider, and 8 rows of them"),
            (
                {"bsp": at_provider(600, total=9, only_at_bsp=10)},
                "10 numbers at the provider alone, and 9 in all",
            ),
            (
                {"import": {"rows": 5, "blank": 6, "would_wipe": 0}},
                "6 rows to be imported whose status is blank, and 5 rows to be imported",
            ),
            (
                {"import": {"would_wipe": 601}},
                "601 users with TRUE whom the import would blank, and 600 in MoEngage",
            ),
            (
                {"import": {"would_wipe": 0, "would_wipe_false": 401}},
                "401 users with FALSE whom the import would blank, and 400 in MoEngage",
            ),
            (
                {"calling_codes": [group("91", 500, 300) | {"blank": 1}]},
                "501 users by status with +91, and 500 of them in all",
            ),
            (
                {"calling_codes": [group("other", 500, 300) | {"blank": 1}]},
                "501 users by status with any other calling code, and 500 of them in all",
            ),
            (
                {"calling_codes": [group("91", 1000, 500), group("62", 1, 1)]},
                "1,001 users by calling code, and 1,000 in all",
            ),
            (
                {"calling_codes": [group("91", 700, 599), group("62", 2, 2)]},
                "601 users (true) by calling code, and 600 in all",
            ),
        ],
    )
    def test_counts_that_cannot_be(self, more: dict[str, Any], said: str) -> None:
        assert self.contradictions(more=more)[0] == said

    def test_contradicting_rows_take_users_with_true(self) -> None:
        more = {"repeated": {"contradicting_ids": 3, "contradicting_numbers": 2}}
        problems = check_audit(opt_in_audit.audit_mismatch, users(1, 1000), more=more)
        said = [problem.message.removeprefix("the audit contradicts itself: it counts ") for problem in problems]
        assert said == [
            "3 ids with TRUE and FALSE, and 1 users with TRUE",
            "2 numbers with TRUE and FALSE, and 1 users with TRUE",
        ]

    @pytest.mark.parametrize(
        ("counted", "more", "said"),
        [
            ({"total": 1001}, {}, "1,000 users by status, and 1,001 users in all"),
            (
                {},
                {"bsp": at_provider(590, not_compared=9)},
                "599 users with TRUE at the provider, and 600 in MoEngage",
            ),
            (
                {"blank": 0, "invalid": 3, "total": 1003},
                {"dirt": {"numeric": 1, "words": 1, "sms_vocabulary": 0, "other": 0, "spaces": 5}},
                "2 users by the kind of their other value, and 3 users with other values",
            ),
            (
                {},
                {"numbers": {"e164": 900, "missing": 50, "mended": {"spaces": 40}, "not_e164": {"exponent": 9}}},
                "999 users by the form of their number, and 1,000 users in all",
            ),
            (
                {},
                {"calling_codes": [group("91", 500, 300) | {"false": 0, "blank": 0}]},
                "300 users by status with +91, and 500 of them in all",
            ),
        ],
    )
    def test_an_audit_of_ours_leaves_nobody_out(self, counted: dict[str, int], more: dict[str, Any], said: str) -> None:
        made = {"tool": {"name": "wa-policy", "version": "0.1.0"}}
        sides = [file(side, side) for side in ("moengage", "bsp")]
        rule = opt_in_audit.audit_mismatch
        assert [
            problem.message.removeprefix("the audit contradicts itself: it counts ")
            for problem in check_audit(rule, users(600) | counted, more=more | made, files=sides)
        ] == [said]
        assert check_audit(rule, users(600) | counted, more=more, files=sides) == []
        other = {"tool": {"name": "our own script", "version": "2"}}
        assert check_audit(rule, users(600) | counted, more=more | other, files=sides) == []

    def test_an_audit_of_ours_counts_all_rows_of_its_files(self) -> None:
        made = {"tool": {"name": "wa-policy", "version": "0.1.0"}, "rejected": {"rows": 3, "lines": []}}
        sides = [file("a", rows=600), file("b", rows=401)]
        assert self.contradictions(more=made, files=sides) == ["1,000 users, and 1,001 rows in MoEngage's files"]
        assert self.contradictions(more=made, files=[file("a", rows=600), file("b", rows=400)]) == []

    def test_users_may_share_the_one_number_at_the_provider(self) -> None:
        assert self.check(users(600), bsp=at_provider(600, opted_in_total=1)) == []

    def test_counts_that_can(self) -> None:
        more = {
            "numbers": {"e164": 900, "missing": 50, "mended": {"spaces": 40}, "not_e164": {"exponent": 10}},
            "repeated": {"ids": 2, "rows_of_ids": 4, "numbers": 2, "users_of_numbers": 4},
            "bsp": at_provider(
                590, not_compared=10, rows=9, total=8, opted_in_total=7, opted_out_total=1, only_at_bsp=8
            ),
            "import": {"rows": 9, "blank": 9, "would_wipe": 9, "would_wipe_false": 0},
            "calling_codes": [group("91", 500, 300), group("other", 500, 300)],
        }
        sides = [file("u.csv", rows=1000), file("b.csv", "bsp", rows=9), file("i.csv", "import", rows=9)]
        assert self.check(users(600), more=more, files=sides) == []

    @pytest.mark.parametrize(
        ("sides", "said"),
        [
            ([file("a", rows=600), file("b", rows=399)], "1,000 users, and 999 rows in MoEngage's files"),
            ([file("a"), file("b", "bsp", rows=8)], "9 rows of the provider's list, and 8 rows in its files"),
            ([file("a"), file("c", "import", rows=6)], "7 rows to be imported, and 6 rows in their files"),
        ],
    )
    def test_more_than_the_rows_of_the_files(self, sides: list[dict[str, Any]], said: str) -> None:
        more = {"bsp": at_provider(600, rows=9), "import": {"rows": 7, "would_wipe": 0}}
        held = {each["annotations"]["side"] for each in sides}
        others = [file(side, side) for side in ("bsp", "import") if side not in held]
        assert self.contradictions(more=more, files=[*sides, *others]) == [said]

    def test_rows_that_are_not_all_known(self) -> None:
        assert self.check(users(600), files=[file("a", rows=600), file("b")]) == []
        assert self.check(users(600), files=[file("a", rows=1001)]) == []

    @pytest.mark.parametrize(
        ("sides", "called"),
        [
            ([file("b", "bsp"), file("i", "import")], "MoEngage's users"),
            ([file("u"), file("i", "import")], "the provider's list"),
            ([file("u"), file("b", "bsp")], "the users to be imported"),
        ],
    )
    def test_a_side_without_a_file(self, sides: list[dict[str, Any]], called: str) -> None:
        more = {"bsp": at_provider(600), "import": {"would_wipe": 0}}
        (problem,) = self.check(users(600), more=more, files=sides)
        assert summary(problem) == (
            "fail",
            "error",
            "opt_in.audit",
            f"the audit counts {called}, and none of its files holds them",
        )
        assert problem.remedy == f"have it made anew: {BOTH}"

    @pytest.mark.parametrize("sides", [[file("u", "")], [file("r", "result")]])
    def test_sides_that_nobody_told_apart(self, sides: list[dict[str, Any]]) -> None:
        assert self.check(users(600), bsp=at_provider(600), files=sides) == []

    def test_a_file_compared_with_itself(self) -> None:
        sides = [file("all.csv", digest="d"), file("list.csv", "bsp", "d")]
        assert only(self.check(users(600), bsp=at_provider(600), files=sides)) == (
            "fail",
            "error",
            "opt_in.audit",
            'the audit compares a file with itself: "all.csv" and "list.csv" are the same, '
            "and stand for MoEngage's users and for the provider's list",
        )
        assert self.check(users(600), files=[file("a.csv", digest="d"), file("b.csv", digest="d")]) == []

    # lint --verify-digests

    def test_another_content(self) -> None:
        changed = Mismatch("users.csv", "its content is another one", "", changed=True)
        (problem,) = self.check(users(600), mismatches=(changed,))
        assert summary(problem) == (
            "fail",
            "error",
            "opt_in.audit",
            '"users.csv" is not the file that was audited: its content is another one',
        )
        assert problem.remedy == f"have it made anew: {USERS_ALONE}"

    def test_data_that_is_not_here(self) -> None:
        gone = Mismatch("users.csv", "the data is not here", "put it here", changed=False)
        (problem,) = self.check(users(600), mismatches=(gone,))
        assert summary(problem) == (
            "unproven",
            "error",
            "opt_in.audit",
            'nobody can tell whether "users.csv" is the file that was audited: the data is not here',
        )
        assert problem.remedy == "put it here"

    @pytest.mark.parametrize(
        "name", ["s3a://acme/users.csv", "webhdfs://host:9870/a b.csv", "file:///users.csv", "dbfs:/u.csv"]
    )
    def test_data_at_an_address_was_not_checked(self, name: str) -> None:
        gone = Mismatch(name, "the data is not here", "put it here", changed=False)
        (problem,) = self.check(users(600), mismatches=(gone,))
        assert summary(problem) == (
            "unproven",
            "error",
            "opt_in.audit",
            f'"{name}" was not checked: it is at an address that Spark reads, and only files here are read again',
        )
        assert problem.remedy == "have Spark count it again, or lint without --verify-digests"
