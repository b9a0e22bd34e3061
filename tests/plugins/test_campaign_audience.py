"""Campaigns: whom CMP004, CMP005 and CMP007 find in an audience, and what they leave unsaid."""

from __future__ import annotations

import pytest

from tests.plugins.fragments import MARKETING, campaign
from tests.plugins.said import labels, place
from wa_policy.plugins._phone_numbers import region_of_area
from wa_policy.plugins.campaign_audience import ignores_opt_in, ineligible_recipients, us_marketing, wa_policy_rules
from wa_policy.testing import check_rule


def test_rules_are_offered_in_order() -> None:
    assert [rule.code for rule in wa_policy_rules()] == ["CMP004", "CMP005", "CMP007"]


class TestUsMarketing:
    def test_fails_for_the_united_states(self) -> None:
        fragment = campaign(template=MARKETING, audience="{countries: [IN, US]}")
        (problem,) = check_rule(us_marketing, fragment)
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        assert problem.message == (
            "Meta has delivered no MARKETING messages to people in the United States since 2025-04-01 (its page still "
            "said so on 2026-04-29): they fail with error 131049"
        )
        assert place(problem) == "campaigns[0].audience.countries[1]"
        assert labels(problem) == [("templates[2].category", "the template is MARKETING")]
        assert problem.remedy == "leave the United States out of the campaign's audience"

    def test_countries_unsaid(self) -> None:
        (problem,) = check_rule(us_marketing, campaign(template=MARKETING, audience="{size: 10}"))
        assert problem.outcome == "unproven"
        assert problem.at_most == "warning"
        assert problem.message == (
            "nothing says whether people in the United States are to get this MARKETING campaign; Meta delivers none "
            "to them"
        )
        assert place(problem) == "campaigns[0].audience.countries"

    @pytest.mark.parametrize("countries", ["[CA]", "[PR]", "[IN]"])
    def test_silent_elsewhere(self, countries: str) -> None:
        fragment = campaign(template=MARKETING, audience=f"{{countries: {countries}}}")
        assert check_rule(us_marketing, fragment) == []

    @pytest.mark.parametrize("audience", ["{countries: [US]}", ""])
    def test_silent_for_other_categories(self, audience: str) -> None:
        assert check_rule(us_marketing, campaign(audience=audience)) == []

    def test_silent_for_a_template_that_is_not_listed(self) -> None:
        fragment = campaign(template="{name: nothing, language: en}", audience="{countries: [US]}")
        assert check_rule(us_marketing, fragment) == []

    def test_silent_once_the_pause_has_ended(self) -> None:
        fragment = campaign(template=MARKETING, audience="{countries: [US]}")
        assert check_rule(us_marketing, fragment, settings={"countries": {}}) == []


class TestAreaCodes:
    """What CMP004 says of area codes: +1 is not the United States alone."""

    def test_of_the_united_states(self) -> None:
        fragment = campaign(template=MARKETING, audience='{countries: [CA], area_codes: ["416", "212", "415"]}')
        (problem,) = check_rule(us_marketing, fragment)
        assert (problem.outcome, problem.at_most) == ("fail", "error")
        assert problem.message == (
            "Meta has delivered no MARKETING messages to people in the United States since 2025-04-01 (its page still "
            "said so on 2026-04-29), and 212 and 415 are area codes there: they fail with error 131049"
        )
        assert place(problem) == "campaigns[0].audience.area_codes[1]"
        assert labels(problem) == [("templates[2].category", "the template is MARKETING")]
        assert problem.remedy == "leave the United States out of the campaign's audience"

    def test_one_alone(self) -> None:
        (problem,) = check_rule(us_marketing, campaign(template=MARKETING, audience='{area_codes: ["212"]}'))
        assert ", and 212 is an area code there: they fail" in problem.message

    def test_a_country_that_is_named_is_told_once(self) -> None:
        fragment = campaign(template=MARKETING, audience='{countries: [US], area_codes: ["212"]}')
        (problem,) = check_rule(us_marketing, fragment)
        assert place(problem) == "campaigns[0].audience.countries[0]"

    @pytest.mark.parametrize("code", ["416", "647", "263", "809", "876", "242", "787", "441"])
    def test_silent_for_other_countries_with_the_same_calling_code(self, code: str) -> None:
        assert check_rule(us_marketing, campaign(template=MARKETING, audience=f'{{area_codes: ["{code}"]}}')) == []

    @pytest.mark.parametrize("code", ["999", "555", "211", "800", "900", "500"])
    def test_what_is_none_shows_nothing(self, code: str) -> None:
        fragment = campaign(template=MARKETING, audience=f'{{countries: [CA], area_codes: ["{code}"]}}')
        (problem,) = check_rule(us_marketing, fragment)
        assert (problem.outcome, problem.at_most) == ("unproven", "warning")
        assert problem.message == (
            f'"{code}" is no area code that is known here, so nothing shows whether Meta delivers MARKETING messages to '
            "its numbers"
        )
        assert place(problem) == "campaigns[0].audience.area_codes[0]"
        assert problem.remedy == "write the three digits after +1 of the recipients' numbers"

    def test_an_empty_list_says_nothing(self) -> None:
        (problem,) = check_rule(us_marketing, campaign(template=MARKETING, audience="{area_codes: []}"))
        assert problem.outcome == "unproven"
        assert place(problem) == "campaigns[0].audience.countries"

    def test_silent_for_other_categories(self) -> None:
        assert check_rule(us_marketing, campaign(audience='{area_codes: ["212"]}')) == []

    @pytest.mark.parametrize("code", ["", "0", "abc", "9" * 30])
    def test_the_country_of_what_is_no_area_code(self, code: str) -> None:
        assert region_of_area("1", code) == ""
        assert region_of_area("999", code) == ""


class TestIneligibleRecipients:
    @pytest.mark.parametrize(("country", "name"), [("CU", "Cuba"), ("IR", "Iran"), ("KP", "North Korea")])
    def test_ineligible(self, country: str, name: str) -> None:
        (problem,) = check_rule(ineligible_recipients, campaign(audience=f"{{countries: [IN, {country}]}}"))
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        assert problem.message == (
            f"businesses may not write to people in {name} on WhatsApp: it fails with error 130497"
        )
        assert place(problem) == "campaigns[0].audience.countries[1]"
        assert problem.remedy == f"leave {name} out of the campaign's audience"

    def test_syria_is_unsure(self) -> None:
        (problem,) = check_rule(ineligible_recipients, campaign(audience="{countries: [SY]}"))
        assert problem.outcome == "fail"
        assert problem.at_most == "warning"
        assert problem.message == (
            "businesses may perhaps not write to people in Syria on WhatsApp: Meta's list had it, and nobody knows "
            "whether it still has"
        )

    @pytest.mark.parametrize(("code", "right"), [("UK", "GB"), ("EL", "GR")])
    def test_code_that_means_another(self, code: str, right: str) -> None:
        (problem,) = check_rule(ineligible_recipients, campaign(audience=f"{{countries: [{code}]}}"))
        assert problem.outcome == "unproven"
        assert problem.message == (
            f'"{code}" is not the code of a country with phone numbers (did you mean "{right}"?), so nothing shows '
            "that its people may be written to"
        )
        assert problem.remedy == f'write "{right}"'

    @pytest.mark.parametrize("code", ["XX", "EU", "EN", "AQ"])
    def test_no_country(self, code: str) -> None:
        (problem,) = check_rule(ineligible_recipients, campaign(audience=f"{{countries: [{code}]}}"))
        assert problem.outcome == "unproven"
        assert "did you mean" not in problem.message
        assert problem.remedy == "write the country's two capital letters of ISO 3166-1"

    @pytest.mark.parametrize("audience", ["", "{size: 10}", "{countries: []}"])
    def test_countries_unsaid(self, audience: str) -> None:
        (problem,) = check_rule(ineligible_recipients, campaign(audience=audience))
        assert problem.outcome == "unproven"
        assert problem.at_most == "warning"
        assert problem.message == "nothing says in which countries the campaign's recipients are"
        assert place(problem) == "campaigns[0].audience.countries"

    def test_silent(self) -> None:
        fragment = campaign(audience="{countries: [IN, GB, US, AE, XK, TR]}")
        assert check_rule(ineligible_recipients, fragment) == []


class TestIgnoresOptIn:
    @pytest.mark.parametrize("ignore", ["false", ""])
    def test_silent(self, ignore: str) -> None:
        assert check_rule(ignores_opt_in, campaign(ignore_opt_in=ignore)) == []

    def test_ticked(self) -> None:
        (problem,) = check_rule(ignores_opt_in, campaign(ignore_opt_in="true"))
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        assert problem.message == (
            "the campaign sends messages to people who have not agreed to get any, even to those who said no"
        )
        assert place(problem) == "campaigns[0].ignore_opt_in"
        assert labels(problem) == []
        assert problem.remedy == ('untick "Send campaign to the users ignoring Opt-in preference" in the campaign')

    def test_ticked_for_marketing(self) -> None:
        (problem,) = check_rule(ignores_opt_in, campaign(ignore_opt_in="true", template=MARKETING))
        assert problem.message == (
            "the campaign sends MARKETING messages to people who have not agreed to get any, even to those who said no"
        )
        assert labels(problem) == [("templates[2].category", "the template promotes")]
