from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from tests.plugins.said import labels, only, remedy, summary
from tests.summaries import summaries
from wa_policy.manifest.subjects import Project
from wa_policy.plugins import caps
from wa_policy.policy.facts import load
from wa_policy.testing import check_rule, defaults

if TYPE_CHECKING:
    from wa_policy.api import Problem


class TestTemplateCap:
    @staticmethod
    def listed(names: int, languages: tuple[str, ...] = ("en",)) -> str:
        entries = (
            f"{{name: t{index}, language: {language}, category: UTILITY}}"
            for index in range(names)
            for language in languages
        )
        return f"templates: [{', '.join(entries)}]"

    def test_a_ready_workspace_passes(self) -> None:
        assert check_rule(caps.template_cap) == []
        assert check_rule(caps.template_cap, "templates: null") == []

    def test_metas_own_count_and_limit(self) -> None:
        fragment = "waba: {message_template_count: 251, message_template_limit: 250}"
        (problem,) = check_rule(caps.template_cap, fragment)
        assert summary(problem) == (
            "fail",
            "error",
            "waba.message_template_count",
            "the WABA holds 251 templates, and Meta allows 250",
        )
        assert labels(problem) == [("waba.message_template_limit", "Meta's limit")]

    @pytest.mark.parametrize("count", [225, 250])
    def test_nearly_full_is_a_warning(self, count: int) -> None:
        fragment = f"waba: {{message_template_count: {count}, message_template_limit: 250}}"
        assert only(check_rule(caps.template_cap, fragment)) == (
            "fail",
            "warning",
            "waba.message_template_count",
            f"the WABA holds {count} templates of the 250 that Meta allows",
        )

    def test_nearly_is_a_setting(self) -> None:
        fragment = "waba: {message_template_count: 224, message_template_limit: 250}"
        assert check_rule(caps.template_cap, fragment) == []
        assert check_rule(caps.template_cap, fragment, settings={"warn_from": 0.5})

    @pytest.mark.parametrize("count", [7, 14, 28, 55, 56])
    def test_nearly_begins_with_the_share_itself(self, count: int) -> None:
        """0.07 * 100 is a little more than 7."""
        fragment = f"waba: {{message_template_count: {count}, message_template_limit: 100}}"
        assert check_rule(caps.template_cap, fragment, settings={"warn_from": float(f"0.{count:02}")})
        assert check_rule(caps.template_cap, fragment, settings={"warn_from": float(f"0.{count:02}1")}) == []

    def test_a_limit_of_nothing(self) -> None:
        assert check_rule(caps.template_cap, "waba: {message_template_count: 0, message_template_limit: 0}") == []
        fragment = "waba: {message_template_count: 1, message_template_limit: 0}"
        assert only(check_rule(caps.template_cap, fragment))[3] == "the WABA holds 1 template, and Meta allows 0"

    def test_an_unverified_business(self) -> None:
        fragment = "waba: {message_template_count: 251, business_verification_status: NOT_VERIFIED}"
        (problem,) = check_rule(caps.template_cap, fragment)
        assert summary(problem)[:2] == ("fail", "error")
        assert problem.message == "the WABA holds 251 templates, and Meta allows 250"
        assert labels(problem) == [("waba.business_verification_status", "decides the limit")]

    def test_a_verified_business_with_an_approved_name(self) -> None:
        assert check_rule(caps.template_cap, "waba: {message_template_count: 5399}") == []
        assert only(check_rule(caps.template_cap, "waba: {message_template_count: 5400}"))[1] == "warning"
        assert only(check_rule(caps.template_cap, "waba: {message_template_count: 6001}"))[1] == "error"

    def test_a_verified_business_without_an_approved_name(self) -> None:
        fragment = """
            waba: {message_template_count: 251}
            phone_numbers: [{number: "+918047181888", name_status: PENDING_REVIEW}]
            """
        assert only(check_rule(caps.template_cap, fragment))[3] == "the WABA holds 251 templates, and Meta allows 250"

    @pytest.mark.parametrize(
        "more",
        [
            "business_verification_status: null}",
            "business_verification_status: verifed}",
            "name: Acme}\nphone_numbers: [{number: '+918047181888'}]",
        ],
    )
    def test_where_nothing_shows_the_limit(self, more: str) -> None:
        assert check_rule(caps.template_cap, f"waba: {{message_template_count: 250, {more}") == []
        (problem,) = check_rule(caps.template_cap, f"waba: {{message_template_count: 251, {more}")
        assert summary(problem) == (
            "unproven",
            "error",
            "waba.message_template_count",
            "the WABA holds 251 templates: more than the 250 of an unverified business, and nothing shows that it may",
        )
        assert problem.remedy == "copy message_template_limit from Meta's answer"

    def test_names_are_counted_where_meta_has_not(self) -> None:
        limit = "\nwaba: {message_template_limit: 10}"
        assert check_rule(caps.template_cap, self.listed(8, ("en", "hi")) + limit) == []
        assert only(check_rule(caps.template_cap, self.listed(9, ("en", "hi")) + limit)) == (
            "fail",
            "warning",
            "templates",
            "the WABA holds at least 9 templates of the 10 that Meta allows",
        )
        assert only(check_rule(caps.template_cap, self.listed(11) + limit))[3] == (
            "the WABA holds at least 11 templates, and Meta allows 10"
        )


class TestNumberCap:
    NEW: ClassVar = {
        "business_verification_status": "not_verified",
        "whatsapp_business_manager_messaging_limit": "TIER_250",
    }
    UNKNOWN: ClassVar = {"business_verification_status": None, "whatsapp_business_manager_messaging_limit": None}

    @staticmethod
    def manifest(first: int, count: int, /, portfolio: str | None = "506914307656634", **waba: Any) -> str:
        listed = [{"number": f"+91 80 4718 {1000 + index}"} for index in range(first, first + count)]
        owner = {"id": portfolio} if portfolio else None
        return json.dumps({"waba": {"owner_business_info": owner, **waba}, "phone_numbers": listed})

    def check(self, *manifests: str) -> list[Problem]:
        return check_rule(caps.number_cap, *manifests)

    def test_at_the_cap_is_fine(self) -> None:
        assert self.check(self.manifest(0, 2, **self.NEW)) == []
        assert self.check(self.manifest(0, 20)) == []
        assert self.check(self.manifest(0, 2, **self.UNKNOWN)) == []
        assert self.check(self.manifest(0, 5, max_phone_numbers_per_business=5)) == []

    def test_a_new_portfolio(self) -> None:
        (problem,) = self.check(self.manifest(0, 3, **self.NEW))
        assert summary(problem) == (
            "fail",
            "error",
            "phone_numbers[2].number",
            "3 numbers are named for one portfolio, and it may register 2 until the business is verified",
        )
        assert labels(problem) == []

    def test_manifests_of_one_portfolio_count_together(self) -> None:
        first, second = self.manifest(0, 2, **self.NEW), self.manifest(2, 3, **self.NEW)
        (problem,) = self.check(first, second)
        assert summary(problem)[2:] == (
            "phone_numbers[0].number",
            "5 numbers are named for one portfolio, and it may register 2 until the business is verified",
        )
        assert problem.places[0].document.number == 1
        assert labels(problem) == [("phone_numbers", "counted as well")]
        assert problem.places[1].document.number == 0

    def test_portfolios_are_counted_apart(self) -> None:
        assert self.check(self.manifest(0, 2, "1", **self.NEW), self.manifest(2, 2, "2", id="2", **self.NEW)) == []

    def test_a_number_that_two_manifests_name_counts_once(self) -> None:
        respelled = self.manifest(0, 2, **self.NEW).replace(" 80 4718 ", "80-4718-")
        assert self.check(self.manifest(0, 2, **self.NEW), respelled) == []

    def test_among_very_many(self) -> None:
        many = summaries(1500)
        crowded = tuple(f"+91 80 4718 {1000 + index}" for index in range(3))
        many[5] = many[5]._replace(numbers=crowded, max_phone_numbers=2)
        many[6] = many[6]._replace(portfolio_id=None, max_phone_numbers=1)
        many[1400] = many[1400]._replace(waba_id=many[6].waba_id)
        one, two = caps.number_cap(Project(many), **defaults(caps.number_cap.__wa_rule__))  # type: ignore[attr-defined]
        assert [problem.message for problem in (one, two)] == [
            "3 numbers are named for one portfolio, and Meta says that it may register 2",
            "2 numbers are named for one portfolio, and Meta says that it may register 1",
        ]
        assert [problem.places[0].document for problem in (one, two)] == [many[5].document, many[1400].document]

    def test_without_a_portfolio_the_waba_counts(self) -> None:
        message = "4 numbers are named for one WABA, and it may register 2 until the business is verified"
        first, second = self.manifest(0, 2, None, **self.NEW), self.manifest(2, 2, None, **self.NEW)
        assert only(self.check(first, second))[3] == message
        other = self.manifest(2, 2, None, id="102290129340399", **self.NEW)
        assert self.check(first, other) == []

    def test_one_manifest_of_a_waba_may_name_its_portfolio_for_all(self) -> None:
        first, second = self.manifest(0, 2, None, **self.NEW), self.manifest(2, 2, **self.NEW)
        assert only(self.check(first, second))[3].startswith("4 numbers are named for one portfolio")

    @pytest.mark.parametrize(
        "waba",
        [
            {"business_verification_status": "VERIFIED", "whatsapp_business_manager_messaging_limit": None},
            {"business_verification_status": "not_verified", "whatsapp_business_manager_messaging_limit": "TIER_2K"},
            {"business_verification_status": None, "whatsapp_business_manager_messaging_limit": "TIER_UNLIMITED"},
        ],
    )
    def test_verification_or_a_messaging_limit_raises_the_cap(self, waba: Any) -> None:
        assert self.check(self.manifest(0, 20, **waba)) == []
        assert only(self.check(self.manifest(0, 21, **waba))) == (
            "fail",
            "warning",
            "phone_numbers[20].number",
            "21 numbers are named for one portfolio, and it may usually register 20 at most",
        )

    @pytest.mark.parametrize(
        "waba",
        [
            UNKNOWN,
            {"business_verification_status": "not_verified", "whatsapp_business_manager_messaging_limit": None},
            {"business_verification_status": None, "whatsapp_business_manager_messaging_limit": "TIER_250"},
            {"business_verification_status": "not_verified", "whatsapp_business_manager_messaging_limit": "TIER_1K"},
            {"business_verification_status": "verfied", "whatsapp_business_manager_messaging_limit": "TIER_250"},
        ],
    )
    def test_what_decides_is_unknown(self, waba: Any) -> None:
        problems = self.check(self.manifest(0, 3, **waba))
        assert only(problems) == (
            "unproven",
            "warning",
            "phone_numbers[2].number",
            "3 numbers are named for one portfolio, and nothing says that it may register more than 2: that takes a "
            "verified business, or a messaging limit of 2,000",
        )
        assert remedy(problems) == (
            "write waba.business_verification_status and the messaging limit there as Meta answers them"
        )
        assert only(self.check(self.manifest(0, 21, **waba)))[:2] == ("fail", "warning")

    @pytest.mark.parametrize("stated", [{}, {"max_phone_numbers_per_business": 20}])
    def test_a_verified_business_is_not_told_to_be_verified(self, stated: Any) -> None:
        assert remedy(self.check(self.manifest(0, 21, **stated))) == (
            "Delete numbers that nobody uses, or ask Meta's Direct Support or the BSP for a higher cap."
        )

    def test_what_meta_says_goes_before_the_rest(self) -> None:
        assert self.check(self.manifest(0, 25, max_phone_numbers_per_business=25)) == []
        assert only(self.check(self.manifest(0, 26, max_phone_numbers_per_business=25))) == (
            "fail",
            "error",
            "phone_numbers[25].number",
            "26 numbers are named for one portfolio, and Meta says that it may register 25",
        )


class TestFacts:
    def test_limits(self) -> None:
        assert load("template_caps").values["templates"] == {"unverified": 250, "verified": 6000}
        assert load("portfolio_limits").values["numbers"] == {"unverified": 2, "verified": 20}
