"""Consent: what OPT001 to OPT003, OPT006 and OPT008 say, where, how much it weighs at most, and what they leave out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.plugins.audits import BOTH, USERS_ALONE, check_audit, group, users
from tests.plugins.said import labels, only, place, summary
from wa_policy.plugins import consent_text, opt_in
from wa_policy.testing import check_rule, manifest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wa_policy.api import Problem


@pytest.mark.parametrize(
    "function",
    [
        opt_in.wrong_attribute,
        opt_in.low_coverage,
        opt_in.blank_users_messaged,
        consent_text.consent_text,
        opt_in.no_way_back,
    ],
)
def test_a_ready_workspace_passes_in_silence(function: Any) -> None:
    assert check_rule(function) == []


@pytest.mark.parametrize(
    ("function", "places"),
    [
        (opt_in.low_coverage, ["opt_in.audit"]),
        (opt_in.unsynced_side, ["opt_in.synced_to"]),
        (opt_in.blank_users_messaged, ["opt_in.blank_users"]),
        (consent_text.consent_text, ["opt_in.consent.text"]),
        (opt_in.no_way_back, ["opt_in.resubscribe_path"]),
    ],
)
@pytest.mark.parametrize("fragment", ["opt_in: null", "opt_in: {}"])
def test_a_missing_block_is_unproven(function: Any, places: list[str], fragment: str) -> None:
    problems = check_rule(function, "opt_in: null" if fragment == "opt_in: null" else emptied())
    assert [(problem.outcome, place(problem)) for problem in problems] == [("unproven", missing) for missing in places]


def emptied() -> str:
    return "opt_in: {" + ", ".join(f"{key}: null" for key in manifest()["opt_in"]) + "}"


def test_rules_are_offered_in_order() -> None:
    rules = opt_in.wa_policy_rules()
    assert [rule.code for rule in rules] == ["OPT001", "OPT002", "OPT003", "OPT006", "OPT008"]
    assert {rule.step.value for rule in rules} == {"opt-in"}


class TestWrongAttribute:
    @staticmethod
    def check(fragment: str, **more: Any) -> list[Problem]:
        return check_rule(opt_in.wrong_attribute, f"moengage: {{attributes: {fragment}}}", **more)

    def test_nothing_said_at_all(self) -> None:
        for fragment in ("null", "{opt_in: null, mobile_number: null}"):
            assert only(self.check(fragment)) == (
                "unproven",
                "error",
                "moengage.attributes",
                "nothing says from which attributes MoEngage takes consent and the number for WhatsApp",
            )

    @pytest.mark.parametrize("fragment", ["null", "{opt_in: null}", "{opt_in: moe_sms_subscription}"])
    def test_a_connector_has_no_such_setting(self, fragment: str) -> None:
        assert self.check(f"{fragment}}}\nbsp: {{integration: connector") == []

    def test_one_of_them_not_said(self) -> None:
        (problem,) = self.check("{opt_in: null}")
        assert summary(problem) == (
            "unproven",
            "error",
            "moengage.attributes.opt_in",
            "nothing says from which attribute MoEngage takes consent for WhatsApp",
        )
        assert problem.remedy == (
            'in MoEngage, choose "WhatsApp Subscription Status" (moe_wa_subscription) '
            "under Settings > Channels > WhatsApp"
        )
        assert only(self.check("{mobile_number: null}"))[2:] == (
            "moengage.attributes.mobile_number",
            "nothing says from which attribute MoEngage takes the number for WhatsApp",
        )

    @pytest.mark.parametrize("typo", ["moe_whatsapp_subscription", "moe_wa_subscripton", "MOE_WA_SUBSCRIPTION"])
    def test_mistyped(self, typo: str) -> None:
        assert only(self.check(f"{{opt_in: {typo}}}")) == (
            "fail",
            "error",
            "moengage.attributes.opt_in",
            f'"{typo}" is not the attribute from which WhatsApp takes consent (did you mean "moe_wa_subscription"?)',
        )

    def test_another_one(self) -> None:
        assert only(self.check("{opt_in: consent}"))[3] == (
            '"consent" is not the attribute from which WhatsApp takes consent; that is moe_wa_subscription'
        )
        (problem,) = self.check("{mobile_number: phone}")
        assert summary(problem)[2:] == (
            "moengage.attributes.mobile_number",
            '"phone" is not the attribute from which WhatsApp takes the number; that is u_mb',
        )
        assert problem.remedy == (
            'in MoEngage, choose "Mobile Number (Standard)" (u_mb) under Settings > Channels > WhatsApp'
        )

    def test_the_two_exchanged(self) -> None:
        assert len(self.check("{opt_in: u_mb, mobile_number: moe_wa_subscription}")) == 2

    @pytest.mark.parametrize(
        ("twin", "channel"), [("moe_sms_subscription", "SMS"), ("moe_em_unsub_categories", "e-mail")]
    )
    def test_the_attribute_of_another_channel(self, twin: str, channel: str) -> None:
        assert only(self.check(f"{{opt_in: {twin}}}")) == (
            "fail",
            "error",
            "moengage.attributes.opt_in",
            f'"{twin}" is an attribute of the {channel} channel; WhatsApp takes consent from moe_wa_subscription',
        )

    def test_the_name_that_is_shown(self) -> None:
        (problem,) = self.check("{opt_in: WhatsApp Subscription Status}")
        assert summary(problem) == (
            "fail",
            "warning",
            "moengage.attributes.opt_in",
            '"WhatsApp Subscription Status" is the name that MoEngage shows; '
            "the attribute itself is moe_wa_subscription",
        )
        assert problem.remedy == "write moe_wa_subscription"

    def test_a_policy_may_know_another_standard(self) -> None:
        settings = {"mobile_number_attribute": {"key": "phone", "shown_as": "Phone"}}
        assert self.check("{mobile_number: phone}", settings=settings) == []


class TestLowCoverage:
    @staticmethod
    def check(counted: dict[str, int] | None, **settings: Any) -> list[Problem]:
        return check_audit(opt_in.low_coverage, counted, **settings)

    def test_no_audit(self) -> None:
        (problem,) = check_rule(opt_in.low_coverage, "opt_in: {audit: null}")
        assert summary(problem) == (
            "unproven",
            "error",
            "opt_in.audit",
            "no audit shows how many users have opted in",
        )
        assert problem.remedy == (
            f"export the users from MoEngage, run {USERS_ALONE}, and name the file under opt_in.audit"
        )

    def test_an_audit_that_cannot_be_read(self) -> None:
        assert only(self.check(None))[0] == "unproven"
        assert only(check_rule(opt_in.low_coverage, "opt_in: {audit: evidence/gone.json}"))[0] == "unproven"

    def test_too_few(self) -> None:
        (problem,) = self.check(users(599_999, 1_000_000))
        assert summary(problem) == (
            "fail",
            "error",
            "opt_in.audit",
            "599,999 of 1,000,000 users have opted in (60.0%); the policy asks for 60%",
        )
        assert problem.remedy == (
            "collect consent from more users before the first campaign, and update MoEngage and the provider"
        )

    def test_where_most_are_missing(self) -> None:
        groups = [group("91", 800, 500), group("62", 150, 3), group("65", 0, 0), group("other", 40, 1)]
        (problem,) = self.check(users(504, 1000), more={"calling_codes": groups})
        assert problem.remedy == (
            "collect consent from more users before the first campaign, first from those with +62 (3 of 150, 2.0%), "
            "and update MoEngage and the provider"
        )

    @pytest.mark.parametrize("codes", [["91"], ["91", "other"]])
    def test_where_most_are_missing_is_said_of_several_only(self, codes: list[str]) -> None:
        (problem,) = self.check(users(504, 1000), more={"calling_codes": [group(code, 500, 1) for code in codes]})
        assert problem.remedy.startswith("collect consent from more users before the first campaign, and update")

    def test_an_audit_of_coverage_is_enough(self) -> None:
        assert check_rule(opt_in.low_coverage, "opt_in: {audit: evidence/opt-in-audit-of-coverage.json}") == []

    def test_a_share_never_looks_like_nothing(self) -> None:
        assert "(less than 0.1%)" in only(self.check(users(1, 1_000_000)))[3]
        assert "(0.0%)" in only(self.check(users(0)))[3]
        assert "(more than 99.9%)" in only(self.check(users(999_999, 1_000_000), minimum_true_share=1.0))[3]

    def test_just_enough(self) -> None:
        assert self.check(users(600)) == []
        assert self.check(users(1, 1)) == []

    def test_the_policy_sets_the_share(self) -> None:
        assert self.check(users(71), minimum_true_share=0.07) == []
        assert "asks for 7%" in only(self.check(users(69), minimum_true_share=0.07))[3]
        assert "asks for 62.5%" in only(self.check(users(624), minimum_true_share=0.625))[3]
        assert self.check(users(0), minimum_true_share=0.0) == []

    def test_nobody_counted(self) -> None:
        (problem,) = self.check(users(0, 0))
        assert summary(problem) == ("unproven", "error", "opt_in.audit", "the audit counted no users at all")
        assert problem.remedy == "run it again over a complete export"


class TestUnsyncedSide:
    @staticmethod
    def check(sides: Sequence[str] | None, provider: str = "gupshup", audit: str = "null") -> list[Problem]:
        shown = "null" if sides is None else str(list(sides))
        fragment = f"opt_in: {{synced_to: {shown}, audit: {audit}}}\nbsp: {{provider: {provider}}}"
        return check_rule(opt_in.unsynced_side, fragment)

    @staticmethod
    def check_counted(counted: dict[str, int] | None, true: int = 600, **more: Any) -> list[Problem]:
        return check_audit(opt_in.unsynced_side, users(true), bsp=counted, **more)

    def test_not_said(self) -> None:
        assert only(self.check(None)) == (
            "unproven",
            "error",
            "opt_in.synced_to",
            "nothing says that the opt-in status is kept up to date in MoEngage and at the provider",
        )

    def test_not_at_the_provider(self) -> None:
        (problem,) = self.check(["moengage"])
        assert summary(problem) == (
            "fail",
            "error",
            "opt_in.synced_to",
            "the opt-in status is not kept up to date at Gupshup: "
            "it may refuse those who agreed, and message those who left",
        )
        assert labels(problem) == [("bsp.provider", "this is the provider")]

    def test_not_in_moengage(self) -> None:
        assert only(self.check(["bsp"])) == (
            "fail",
            "error",
            "opt_in.synced_to",
            "the opt-in status is not kept up to date in MoEngage: campaigns do not know who agreed",
        )

    def test_nowhere(self) -> None:
        assert [problem.outcome for problem in self.check([])] == ["fail", "fail"]

    def test_both_are_a_claim(self) -> None:
        (problem,) = self.check(["bsp", "moengage"])
        assert summary(problem) == (
            "claimed",
            "error",
            "opt_in.synced_to",
            "synced_to is claimed here, and no evidence proves it",
        )
        assert problem.remedy == f"prove it by an audit of MoEngage's users against the provider's list: {BOTH}"

    def test_an_audit_that_compared_both_proves_it(self) -> None:
        assert self.check(["moengage", "bsp"], audit="evidence/opt-in-audit.json") == []
        assert self.check_counted({"known": 590, "unknown": 9, "opted_out": 1}) == []

    @pytest.mark.parametrize("counted", [None, {"known": 0, "unknown": 0, "opted_out": 0}])
    def test_an_audit_that_did_not_compare_all_does_not(self, counted: dict[str, int] | None) -> None:
        assert only(self.check_counted(counted))[0] == "claimed"

    def test_users_without_a_number_cannot_be_compared(self) -> None:
        assert self.check_counted({"known": 590, "unknown": 0, "opted_out": 0, "not_compared": 10}) == []
        assert self.check_counted({"known": 0, "unknown": 0, "opted_out": 0, "not_compared": 0}, true=0) == []
        for known, not_compared in ((590, 9), (0, 600)):
            counted = {"known": known, "unknown": 0, "opted_out": 0, "not_compared": not_compared}
            assert only(self.check_counted(counted))[0] == "claimed"

    def test_an_audit_of_coverage_compared_nobody(self) -> None:
        counted = {"known": 600, "unknown": 0, "opted_out": 0}
        assert only(self.check_counted(counted, more={"scope": "coverage"}))[0] == "claimed"
        assert self.check_counted(counted, more={"scope": "full"}) == []

    def test_an_audit_does_not_mend_what_is_not_kept_up_to_date(self) -> None:
        assert only(self.check(["moengage"], audit="evidence/opt-in-audit.json"))[0] == "fail"

    def test_meta_keeps_no_list(self) -> None:
        (problem,) = self.check(["moengage"], "Meta")
        assert problem.outcome == "claimed"
        assert problem.remedy == f"prove it by an audit of MoEngage's users: {USERS_ALONE}"
        assert self.check(["moengage"], "Meta", "evidence/opt-in-audit.json") == []
        assert [problem.outcome for problem in self.check(["bsp"], "meta")] == ["fail"]
        assert [problem.outcome for problem in self.check([], "meta")] == ["fail"]


class TestBlankUsersMessaged:
    EXPOSED = (
        "by MoEngage's prerequisites a campaign to everybody reaches 1,000 users, 200 of whom never agreed; "
        "by its page on reachability it reaches only the 800 who did"
    )
    UNDISPUTED = "whichever page of MoEngage's is right, a campaign to everybody reaches only the 1,000 who agreed"

    @staticmethod
    def check(counted: dict[str, int] | None, practice: str | None = "send", **settings: Any) -> list[Problem]:
        fragment = {"opt_in": {"blank_users": practice}}
        return check_audit(opt_in.blank_users_messaged, counted, fragment, **settings)

    @pytest.mark.parametrize("counted", [None, users(0, 0)])
    def test_not_said(self, counted: dict[str, int] | None) -> None:
        (problem,) = self.check(counted, None)
        assert summary(problem) == (
            "unproven",
            "error",
            "opt_in.blank_users",
            "nothing says whether campaigns reach users whose status is blank; "
            "by one page of MoEngage's everybody receives who did not opt out, by another only those with TRUE",
        )
        assert labels(problem) == []

    def test_not_said_of_users_who_were_counted(self) -> None:
        (problem,) = self.check(users(800, 1000, 200), None)
        assert summary(problem) == (
            "unproven",
            "error",
            "opt_in.blank_users",
            f"nothing says whether campaigns reach users whose status is blank; {self.EXPOSED}",
        )
        assert labels(problem) == [("opt_in.audit", "counted here")]
        assert only(self.check(users(800, 1000, 200), None, maximum_blank_share=0.2))[:2] == ("unproven", "warning")

    def test_sent_to_many(self) -> None:
        (problem,) = self.check(users(800, 1000, 200))
        assert summary(problem) == (
            "fail",
            "error",
            "opt_in.blank_users",
            f"campaigns are sent to users whose status is blank: 200 of 1,000 users; {self.EXPOSED}",
        )
        assert labels(problem) == [("opt_in.audit", "counted here")]

    def test_who_opted_out_is_reached_by_neither_reading(self) -> None:
        assert "reaches 900 users, 200 of whom never agreed; " in only(self.check(users(700, 1000, 200)))[3]

    def test_other_values_are_no_consent_either(self) -> None:
        counted = {"total": 1000, "true": 800, "false": 0, "blank": 190, "invalid": 10}
        assert only(self.check(counted))[3].endswith(
            "reaches 1,000 users, 200 of whom never agreed (190 blank, 10 with another value); "
            "by its page on reachability it reaches only the 800 who did"
        )

    def test_nobody_is_blank(self) -> None:
        assert only(self.check(users(1000))) == (
            "fail",
            "warning",
            "opt_in.blank_users",
            f"campaigns are sent to users whose status is blank: 0 of 1,000 users; {self.UNDISPUTED}",
        )

    def test_sent_to_no_more_than_the_policy_takes(self) -> None:
        assert only(self.check(users(990, 1000, 10), maximum_blank_share=0.01))[:2] == ("fail", "warning")
        assert only(self.check(users(989, 1000, 11), maximum_blank_share=0.01))[:2] == ("fail", "error")
        assert only(self.check(users(999, 1000, 1)))[:2] == ("fail", "error")

    @pytest.mark.parametrize("counted", [None, users(0, 0)])
    def test_sent_to_nobody_knows_how_many(self, counted: dict[str, int] | None) -> None:
        (problem,) = self.check(counted)
        assert summary(problem) == (
            "fail",
            "error",
            "opt_in.blank_users",
            "campaigns are sent to users whose status is blank, and no audit shows how many they are",
        )

    def test_suppressed(self) -> None:
        assert check_rule(opt_in.blank_users_messaged, "opt_in: {audit: null}") == []
        assert self.check(users(800, 1000, 200), "suppress") == []


class TestNoWayBack:
    @staticmethod
    def check(path: str) -> list[Problem]:
        return check_rule(opt_in.no_way_back, f"opt_in: {{resubscribe_path: {path}}}")

    def test_not_said(self) -> None:
        assert only(self.check("null")) == (
            "unproven",
            "error",
            "opt_in.resubscribe_path",
            "nothing says how people who left can agree again; on WhatsApp, START does not do it",
        )

    @pytest.mark.parametrize(
        ("path", "word"),
        [
            ("Reply START", "START"),
            ("'write \"RESUME\" to us'", "RESUME"),
            ("reply start to this number", "START"),
            ("'Send us the word \"Resume\"'", "RESUME"),
        ],
    )
    def test_a_keyword(self, path: str, word: str) -> None:
        assert only(self.check(path)) == (
            "fail",
            "error",
            "opt_in.resubscribe_path",
            f"a reply of {word} does not bring anybody back on WhatsApp: the status stays FALSE",
        )

    @pytest.mark.parametrize(
        "path",
        ["https://acme.example/start", "In the app: start > settings", "STARTER page", "Reply to start, in the app"],
    )
    def test_another_way(self, path: str) -> None:
        assert self.check(f"'{path}'") == []
