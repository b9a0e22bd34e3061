"""Campaigns: what CMP006 and CMP008 take for too much, and what they leave unsaid."""

from __future__ import annotations

import pytest

from tests.plugins.fragments import campaign
from tests.plugins.said import labels, place
from wa_policy.plugins.campaign_limits import over_messaging_limit, request_limit, wa_policy_rules
from wa_policy.testing import check_rule


def sized(*sizes: int | None) -> str:
    """Campaigns with audiences of these sizes."""
    return "campaigns:\n" + "\n".join(
        f"  - {{name: c{index}, audience: {{{'' if size is None else f'size: {size}'}}}}}"
        for index, size in enumerate(sizes)
    )


def test_rules_are_offered_in_order() -> None:
    assert [rule.code for rule in wa_policy_rules()] == ["CMP006", "CMP008"]


class TestOverMessagingLimit:
    KEY = "waba.whatsapp_business_manager_messaging_limit"

    def waba(self, tier: str, *more: str) -> str:
        return "\n".join([f"waba: {{whatsapp_business_manager_messaging_limit: {tier}}}", *more])

    def test_silent_without_campaigns(self) -> None:
        assert check_rule(over_messaging_limit, "campaigns: []") == []

    def test_a_limit_that_suffices_is_claimed(self) -> None:
        (problem,) = check_rule(over_messaging_limit)
        assert problem.outcome == "claimed"
        assert place(problem) == self.KEY

    @pytest.mark.parametrize(("tier", "limit"), [("TIER_10K", "10,000"), ("tier_2k", "2,000"), ("TIER_1K", "1,000")])
    def test_over(self, tier: str, limit: str) -> None:
        problem = check_rule(over_messaging_limit, self.waba(tier))[0]
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        assert problem.message == (
            f"the campaign reaches 40,000 people, and the business may write to {limit} a day ({tier})"
        )
        assert place(problem) == "campaigns[0].audience.size"
        assert labels(problem) == [(self.KEY, "the daily limit")]
        assert problem.remedy == (
            f"narrow the segment to {limit} people, send it over several days, or have the limit raised"
        )

    def test_exactly_the_limit_fits(self) -> None:
        problems = check_rule(over_messaging_limit, self.waba("TIER_10K", sized(10000)))
        assert [problem.outcome for problem in problems] == ["claimed"]

    def test_unlimited(self) -> None:
        problems = check_rule(over_messaging_limit, self.waba("TIER_UNLIMITED", sized(10**9, None)))
        assert [problem.outcome for problem in problems] == ["claimed"]

    def test_together(self) -> None:
        fragment = self.waba("TIER_10K", sized(6000, 4000, 20000, 1, 9000))
        alone, together = check_rule(over_messaging_limit, fragment)
        assert (place(alone), alone.at_most) == ("campaigns[2].audience.size", "error")
        assert together.outcome == "fail"
        assert together.at_most == "warning"
        assert together.message == (
            "3 campaigns that fit one by one reach 10,001 people together, and share a limit of 10,000 a day (TIER_10K)"
        )
        assert place(together) == "campaigns[3].audience.size"
        assert labels(together) == [(self.KEY, "the daily limit")]

    def test_size_unsaid(self) -> None:
        problem = check_rule(over_messaging_limit, self.waba("TIER_10K", sized(None)))[0]
        assert problem.outcome == "unproven"
        assert problem.at_most == "warning"
        assert problem.message == (
            "nothing says how many people the campaign reaches; the business may write to 10,000 a day"
        )
        assert place(problem) == "campaigns[0].audience.size"

    def test_limit_unsaid(self) -> None:
        (problem,) = check_rule(over_messaging_limit, self.waba("null"))
        assert problem.outcome == "unproven"
        assert problem.at_most == "warning"
        assert problem.message == (
            "nothing says to how many people a day the business may write, so nothing shows that the campaigns fit"
        )
        assert place(problem) == self.KEY

    @pytest.mark.parametrize("tier", ["UNTIERED", "TIER_NOT_SET"])
    def test_limit_that_says_nothing(self, tier: str) -> None:
        (problem,) = check_rule(over_messaging_limit, self.waba(tier))
        assert problem.outcome == "unproven"
        assert problem.message == (
            f"{tier} does not say to how many people a day the business may write, so nothing shows that the campaigns "
            "fit"
        )

    def test_limit_unknown(self) -> None:
        (problem,) = check_rule(over_messaging_limit, self.waba("TIER_100"))
        assert problem.outcome == "unproven"
        assert problem.message == (
            '"TIER_100" is not a messaging limit that Meta has (did you mean "TIER_100K"?), so nothing shows that the '
            "campaigns fit"
        )

    def test_limit_of_the_numbers_is_a_warning(self) -> None:
        fragment = """
        waba: {whatsapp_business_manager_messaging_limit: null}
        phone_numbers:
          - {number: "+918047181888", messaging_limit_tier: TIER_250}
          - {number: "+918047181889", messaging_limit_tier: TIER_1K}
          - {number: "+918047181890", messaging_limit_tier: TIER_NOT_SET}
        """
        (problem,) = check_rule(over_messaging_limit, fragment)
        assert problem.at_most == "warning"
        assert problem.message == (
            "the campaign reaches 40,000 people, and the business may write to 1,000 a day (TIER_1K)"
        )
        assert labels(problem) == [
            ("phone_numbers[1].messaging_limit_tier", "the daily limit, as this number once had it")
        ]

    @pytest.mark.parametrize(("tier", "outcomes"), [("TIER_2K", ["fail"]), ("TIER_100K", ["claimed"])])
    def test_the_portfolios_limit_is_given_with_a_number(self, tier: str, outcomes: list[str]) -> None:
        fragment = f"""
        waba: {{whatsapp_business_manager_messaging_limit: null}}
        phone_numbers:
          - {{number: "+918047181888", messaging_limit_tier: TIER_UNLIMITED}}
          - {{number: "+918047181889", whatsapp_business_manager_messaging_limit: {tier}}}
        """
        (problem,) = check_rule(over_messaging_limit, fragment)
        assert [problem.outcome] == outcomes
        assert problem.at_most == "error"
        route = "phone_numbers[1].whatsapp_business_manager_messaging_limit"
        assert route in (place(problem), *(route for route, _ in labels(problem)))

    @pytest.mark.parametrize("tiers", [("TIER_UNLIMITED", "TIER_10K"), ("TIER_10K", "TIER_UNLIMITED")])
    def test_an_unlimited_number_is_the_highest(self, tiers: tuple[str, str]) -> None:
        fragment = f"""
        waba: {{whatsapp_business_manager_messaging_limit: null}}
        phone_numbers:
          - {{number: "+918047181888", messaging_limit_tier: {tiers[0]}}}
          - {{number: "+918047181889", messaging_limit_tier: {tiers[1]}}}
        """
        (problem,) = check_rule(over_messaging_limit, fragment)
        assert problem.outcome == "claimed"
        assert place(problem) == f"phone_numbers[{tiers.index('TIER_UNLIMITED')}].messaging_limit_tier"

    def test_of_equal_limits_the_first_is_named(self) -> None:
        fragment = """
        waba: {whatsapp_business_manager_messaging_limit: null}
        phone_numbers:
          - {number: "+918047181888", messaging_limit_tier: TIER_1K}
          - {number: "+918047181889", messaging_limit_tier: TIER_1K}
        """
        (problem,) = check_rule(over_messaging_limit, fragment)
        assert [route for route, _ in labels(problem)] == ["phone_numbers[0].messaging_limit_tier"]

    def test_unverified_business_is_a_warning(self) -> None:
        fragment = "waba: {whatsapp_business_manager_messaging_limit: null, business_verification_status: Not_Verified}"
        (problem,) = check_rule(over_messaging_limit, fragment)
        assert problem.outcome == "fail"
        assert problem.at_most == "warning"
        assert problem.message == (
            "the campaign reaches 40,000 people, and the business may write to 250 a day (where a business that is not "
            "verified starts)"
        )
        assert labels(problem) == [("waba.business_verification_status", "the business is not verified")]

    def test_a_stated_limit_goes_before_verification(self) -> None:
        fragment = "waba: {whatsapp_business_manager_messaging_limit: UNTIERED, business_verification_status: rejected}"
        (problem,) = check_rule(over_messaging_limit, fragment)
        assert problem.outcome == "unproven"


class TestRequestLimit:
    def number(self, throughput: str) -> str:
        return f'\nphone_numbers: [{{number: "+918047181888"{throughput and f", throughput: {throughput}"}}}]'

    def test_silent_without_a_limit(self) -> None:
        assert check_rule(request_limit, campaign()) == []

    def test_under_the_minimum(self) -> None:
        (problem,) = check_rule(request_limit, campaign(request_limit_per_minute="2000"))
        assert problem.outcome == "fail"
        assert problem.message == (
            "MoEngage takes no request limit under 10,000 messages a minute, and this one is 2,000"
        )
        assert place(problem) == "campaigns[0].request_limit_per_minute"
        assert problem.remedy == "set the request limit to 10,000 a minute or more, or take it out"

    def test_no_value_fits_a_number_of_the_standard_throughput(self) -> None:
        fragment = campaign(request_limit_per_minute="2000") + self.number("{level: STANDARD}")
        (problem,) = check_rule(request_limit, fragment)
        assert problem.remedy == (
            "take it out, and ask the provider whether it queues what is too fast: the number takes 4,800 messages a minute, "
            "and MoEngage takes no request limit as low as that"
        )

    def test_a_connector_has_no_minimum(self) -> None:
        connector = campaign(request_limit_per_minute="2000") + "\nbsp: {integration: connector}"
        assert check_rule(request_limit, connector) == []

    def test_high_throughput_is_claimed(self) -> None:
        (problem,) = check_rule(request_limit, campaign(request_limit_per_minute="60000"))
        assert problem.outcome == "claimed"
        assert place(problem) == "phone_numbers[0].throughput.level"

    @pytest.mark.parametrize(("asked", "level", "room"), [(10000, "standard", "4,800"), (60001, "HIGH", "60,000")])
    def test_over_the_throughput(self, asked: int, level: str, room: str) -> None:
        fragment = campaign(request_limit_per_minute=str(asked)) + self.number(f"{{level: {level}}}")
        (problem,) = check_rule(request_limit, fragment)
        assert problem.outcome == "fail"
        assert problem.at_most == "warning"
        assert problem.message == (
            f"the campaign sends up to {asked:,} messages a minute, and its number takes {room} ({level.upper()}); "
            "Meta refuses the rest with error 130429"
        )
        assert labels(problem) == [("phone_numbers[0].throughput.level", "the number's throughput")]

    @pytest.mark.parametrize("throughput", ["", "{level: NOT_APPLICABLE}", "{level: FAST}"])
    def test_throughput_unknown(self, throughput: str) -> None:
        fragment = campaign(request_limit_per_minute="10000") + self.number(throughput)
        (problem,) = check_rule(request_limit, fragment)
        assert problem.outcome == "unproven"
        assert problem.at_most == "warning"
        assert problem.message == (
            "nothing says whether the campaign's number takes 10,000 messages a minute; without an upgrade it takes "
            "4,800"
        )
        assert labels(problem) == [("phone_numbers[0]", "the campaign's number")]

    def test_number_unknown(self) -> None:
        fragment = campaign(request_limit_per_minute="10000", sender='"+15550000000"')
        (problem,) = check_rule(request_limit, fragment)
        assert problem.outcome == "unproven"
        assert labels(problem) == []

    def test_both_at_once(self) -> None:
        fragment = campaign(request_limit_per_minute="6000") + self.number("{level: STANDARD}")
        assert [problem.message[:8] for problem in check_rule(request_limit, fragment)] == ["MoEngage", "the camp"]
