from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.plugins.said import claims, only, summary
from wa_policy.plugins import waba
from wa_policy.plugins._meta_values import WABA_ANSWER
from wa_policy.policy.facts import load
from wa_policy.testing import check_rule

if TYPE_CHECKING:
    from wa_policy.api import Problem

WABA = load("waba").values
PROBABLE = load("waba_probable").values


class TestUnapprovedAccount:
    @pytest.mark.parametrize("status", ["APPROVED", "approved"])
    def test_an_approved_account_is_a_claim(self, status: str) -> None:
        problems = check_rule(waba.unapproved_account, f"waba: {{account_review_status: {status}}}")
        assert claims(problems, WABA_ANSWER) == ["waba.account_review_status"]

    @pytest.mark.parametrize("status", WABA["unusable_review_statuses"])
    def test_any_other_status_fails(self, status: str) -> None:
        meaning = WABA["unusable_review_statuses"][status]
        problems = check_rule(waba.unapproved_account, f"waba: {{account_review_status: {status.lower()}}}")
        assert only(problems) == (
            "fail",
            "error",
            "waba.account_review_status",
            f"the account review says {status.lower()}: {meaning}, and the WABA cannot send until it is approved",
        )

    def test_an_unsaid_status(self) -> None:
        (problem,) = check_rule(waba.unapproved_account, "waba: {account_review_status: null}")
        assert summary(problem) == (
            "unproven",
            "error",
            "waba.account_review_status",
            "nothing says whether Meta has approved this WABA",
        )
        assert problem.remedy == "copy account_review_status from WhatsApp Manager or from Meta's answer"

    def test_an_unheard_of_status(self) -> None:
        (problem,) = check_rule(waba.unapproved_account, "waba: {account_review_status: APROVED}")
        assert summary(problem) == (
            "unproven",
            "error",
            "waba.account_review_status",
            '"APROVED" is no account review status that is known here (did you mean "APPROVED"?)',
        )
        assert problem.remedy == "copy the word from Meta's answer or from WhatsApp Manager"


class TestUnverifiedBusiness:
    @staticmethod
    def check(status: str, tier: str = "TIER_250") -> list[Problem]:
        fragment = f"""
            waba: {{business_verification_status: {status}, whatsapp_business_manager_messaging_limit: {tier}}}
            """
        return check_rule(waba.unverified_business, fragment)

    @pytest.mark.parametrize("status", ["verified", "VERIFIED"])
    def test_a_verified_business_is_a_claim(self, status: str) -> None:
        assert claims(self.check(status), WABA_ANSWER) == ["waba.business_verification_status"]

    @pytest.mark.parametrize("status", WABA["unverified_statuses"])
    def test_any_other_status_fails_and_says_what_follows(self, status: str) -> None:
        meaning = WABA["unverified_statuses"][status]
        assert only(self.check(status)) == (
            "fail",
            "error",
            "waba.business_verification_status",
            f"the business is not verified ({meaning}): 250 templates, 2 numbers and 250 people a day are the limit",
        )

    @pytest.mark.parametrize("tier", ["null", "UNTIERED", "TIER_250", "SOMETHING_NEW"])
    def test_without_a_known_limit_the_first_one_counts(self, tier: str) -> None:
        assert "2 numbers and 250 people a day" in only(self.check("pending", tier))[3]

    def test_the_lowest_limit(self) -> None:
        assert "2 numbers and 50 people a day" in only(self.check("pending", "tier_50"))[3]

    @pytest.mark.parametrize("tier", ["TIER_2K", "TIER_100K", "TIER_UNLIMITED"])
    def test_a_limit_that_has_grown_by_use(self, tier: str) -> None:
        message = "the business is not verified (no verification is on record): 250 templates are the limit"
        assert only(self.check("NOT_VERIFIED", tier))[3] == message

    @pytest.mark.parametrize(
        ("tier", "limit", "follows"),
        [
            ("TIER_2K", 6000, ""),
            ("TIER_250", 6000, ": 2 numbers and 250 people a day are the limit"),
            ("TIER_2K", 250, ": 250 templates are the limit"),
        ],
    )
    def test_a_limit_that_meta_has_raised_is_not_named(self, tier: str, limit: int, follows: str) -> None:
        problems = self.check("not_verified", f"{tier}, message_template_limit: {limit}")
        assert only(problems)[3] == f"the business is not verified (no verification is on record){follows}"

    def test_an_unsaid_status(self) -> None:
        assert only(self.check("null")) == (
            "unproven",
            "error",
            "waba.business_verification_status",
            "nothing says whether Meta has verified the business",
        )

    def test_an_unheard_of_status(self) -> None:
        assert only(self.check("verifed")) == (
            "unproven",
            "error",
            "waba.business_verification_status",
            '"verifed" is no verification status that is known here (did you mean "verified"?)',
        )


class TestRestrictedAccount:
    @staticmethod
    def check(fields: str, as_of: date = date(2026, 11, 22)) -> list[Problem]:
        status = "" if fields.startswith("status:") else "status: null, "
        return check_rule(waba.restricted_account, f"waba: {{{status}{fields}}}", as_of=as_of)

    def test_a_ready_account_is_a_claim(self) -> None:
        assert claims(check_rule(waba.restricted_account), WABA_ANSWER) == ["waba.status"]

    def test_nothing_is_said(self) -> None:
        (problem,) = self.check("")
        assert summary(problem) == (
            "unproven",
            "info",
            "waba.status",
            "nothing says whether Meta has restricted the WABA",
        )

    @pytest.mark.parametrize("status", PROBABLE["unusable_statuses"])
    def test_a_bad_status(self, status: str) -> None:
        meaning = PROBABLE["unusable_statuses"][status]
        assert only(self.check(f"status: {status}")) == (
            "fail",
            "error",
            "waba.status",
            f"the WABA is {status}: {meaning}",
        )

    def test_an_unheard_of_status(self) -> None:
        assert only(self.check("status: ACTIV")) == (
            "unproven",
            "error",
            "waba.status",
            '"ACTIV" is no status of a WABA that is known here (did you mean "ACTIVE"?)',
        )

    def test_health(self) -> None:
        fields = "health_status: {can_send_message: %s}"
        assert claims(self.check(fields % "available"), WABA_ANSWER) == ["waba.health_status.can_send_message"]
        assert only(self.check(fields % "BLOCKED")) == (
            "fail",
            "error",
            "waba.health_status.can_send_message",
            "Meta says BLOCKED: no message can be sent from this WABA",
        )
        assert only(self.check(fields % "LIMITED")) == (
            "fail",
            "warning",
            "waba.health_status.can_send_message",
            "Meta says LIMITED: this WABA can send less than it should",
        )
        assert only(self.check(fields % "BLOKED")) == (
            "unproven",
            "error",
            "waba.health_status.can_send_message",
            '"BLOKED" is no health that is known here (did you mean "BLOCKED"?)',
        )

    def test_bans(self) -> None:
        assert only(self.check("waba_ban_state: SCHEDULE_FOR_DISABLE")) == (
            "fail",
            "error",
            "waba.waba_ban_state",
            "Meta is about to disable this account (SCHEDULE_FOR_DISABLE)",
        )
        assert only(self.check("waba_ban_state: DISABLE"))[3] == "Meta has disabled this account (DISABLE)"
        assert self.check("waba_ban_state: REINSTATE") == []
        assert only(self.check("waba_ban_state: REINSTATED"))[0] == "unproven"

    def test_a_restriction_that_stops_campaigns(self) -> None:
        assert only(self.check("restriction_info: [{restriction_type: RESTRICTED_BIZ_INITIATED_MESSAGING}]")) == (
            "fail",
            "error",
            "waba.restriction_info[0]",
            "Meta has restricted the WABA: it cannot start conversations (RESTRICTED_BIZ_INITIATED_MESSAGING)",
        )

    @pytest.mark.parametrize("kind", ["RESTRICTED_ADD_PHONE_NUMBER_ACTION", "RESTRICTED_CUSTOMER_INITIATED_MESSAGING"])
    def test_a_restriction_that_does_not_stop_campaigns(self, kind: str) -> None:
        assert only(self.check(f"restriction_info: [{{restriction_type: {kind}}}]"))[:2] == ("fail", "warning")

    @pytest.mark.parametrize("expiration", ["2026-11-22", "2026-11-22T00:00:00+0000", "1795305600"])
    def test_a_restriction_ends(self, expiration: str) -> None:
        fields = (
            f'restriction_info: [{{restriction_type: RESTRICTED_BIZ_INITIATED_MESSAGING, expiration: "{expiration}"}}]'
        )
        assert only(self.check(fields))[3] == (
            "Meta has restricted the WABA until 2026-11-22: "
            "it cannot start conversations (RESTRICTED_BIZ_INITIATED_MESSAGING)"
        )
        assert self.check(fields, as_of=date(2026, 11, 23)) == []

    @pytest.mark.parametrize("expiration", ["soon", "9" * 30, "99999999999999"])
    def test_a_restriction_whose_end_cannot_be_read_lasts(self, expiration: str) -> None:
        fields = (
            f'restriction_info: [{{restriction_type: RESTRICTED_BIZ_INITIATED_MESSAGING, expiration: "{expiration}"}}]'
        )
        assert "until" not in only(self.check(fields))[3]

    def test_every_restriction_is_named(self) -> None:
        fields = "restriction_info: [{restriction_type: RESTRICTED_EVERYTHING}, {expiration: '2027-01-01'}]"
        assert [summary(problem)[0::2] for problem in self.check(fields)] == [
            ("unproven", "waba.restriction_info[0].restriction_type"),
            ("fail", "waba.restriction_info[1]"),
        ]
        assert self.check(fields)[1].message == "Meta has restricted the WABA until 2027-01-01, and nothing says how"

    def test_no_restriction(self) -> None:
        assert self.check("restriction_info: []") == []

    def test_violations(self) -> None:
        assert only(self.check("violation_info: {violation_type: SCAM}")) == (
            "fail",
            "error",
            "waba.violation_info.violation_type",
            "Meta has a violation on record: SCAM",
        )
        assert only(self.check("violation_info: {violation_type: ALCOOL}")) == (
            "unproven",
            "error",
            "waba.violation_info.violation_type",
            '"ALCOOL" is no type of violation that is known here (did you mean "ALCOHOL"?)',
        )


class TestIneligibleCountry:
    @staticmethod
    def check(country: str) -> list[Problem]:
        return check_rule(waba.ineligible_country, f"waba: {{country: {country}}}")

    @pytest.mark.parametrize(("country", "name"), [("CU", "Cuba"), ("IR", "Iran"), ("KP", "North Korea")])
    def test_an_ineligible_country(self, country: str, name: str) -> None:
        assert only(self.check(country)) == (
            "fail",
            "error",
            "waba.country",
            f"businesses in {name} may not use the WhatsApp Business Platform",
        )

    def test_syria_is_unsure(self) -> None:
        assert only(self.check("SY")) == (
            "fail",
            "warning",
            "waba.country",
            "Meta has listed Syria as shut out of the platform, and it is not known whether it still is",
        )

    @pytest.mark.parametrize(("country", "meant"), [("XX", ""), ("UK", ' (did you mean "GB"?)')])
    def test_letters_that_are_no_country(self, country: str, meant: str) -> None:
        assert only(self.check(country)) == (
            "unproven",
            "error",
            "waba.country",
            f'"{country}" is not the code of a country{meant}, so nothing shows that its businesses are served',
        )

    @pytest.mark.parametrize("country", ["IN", "TR", "NO"])
    def test_any_other_country_is_a_claim(self, country: str) -> None:
        assert claims(self.check(country), WABA_ANSWER) == ["waba.country"]

    def test_an_unsaid_country(self) -> None:
        assert only(self.check("null")) == (
            "unproven",
            "warning",
            "waba.country",
            "nothing says in which country the business is",
        )


class TestFacts:
    def test_no_word_has_two_meanings(self) -> None:
        assert not set(WABA["usable_review_statuses"]) & set(WABA["unusable_review_statuses"])
        assert not set(WABA["verified_statuses"]) & set(WABA["unverified_statuses"])
        assert not set(WABA["lifted_ban_states"]) & set(WABA["ban_states"])
        assert not set(PROBABLE["usable_statuses"]) & set(PROBABLE["unusable_statuses"])
        assert not set(PROBABLE["current_ownership_types"]) & set(WABA["deprecated_ownership_types"])

    def test_health(self) -> None:
        assert set(WABA["health"]) == {"available", "limited", "blocked"}

    def test_restrictions_say_what_they_mean_and_stop(self) -> None:
        for entry in WABA["restrictions"].values():
            assert entry["means"]
            assert isinstance(entry["stops_campaigns"], bool)

    def test_countries(self) -> None:
        sure, unsure = load("countries"), load("countries_unsure")
        assert not set(sure.values["ineligible"]) & set(unsure.values["ineligible"])
        assert (sure.certainty, unsure.certainty) == ("sure", "unsure")
        assert all(
            re.fullmatch(r"[A-Z]{2}", code) for code in (*sure.values["ineligible"], *unsure.values["ineligible"])
        )
