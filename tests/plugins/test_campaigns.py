"""Campaigns: what CMP001 and CMP003 to CMP008 say, where, and what they leave unsaid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wa_policy.api import DocumentId, Place, Problem
from wa_policy.plugins.campaigns import (
    ignores_opt_in,
    ineligible_recipients,
    over_messaging_limit,
    request_limit,
    template_not_ready,
    unknown_template,
    us_marketing,
    wa_policy_rules,
)
from wa_policy.source.spans import show_route
from wa_policy.testing import check_rule

if TYPE_CHECKING:
    from wa_policy.api import Route

TEMPLATES = """
templates:
  - {name: order_shipped, language: en, category: UTILITY, status: APPROVED}
  - {name: order_shipped, language: en_US, category: UTILITY, status: APPROVED}
  - {name: diwali_offer, language: en, category: marketing, status: APPROVED}
"""
MARKETING = "{name: diwali_offer, language: en}"


def campaign(**fields: str) -> str:
    """One campaign on the templates above; each field as YAML text, an empty one left out."""
    shown = {
        "name": "c",
        "sender": '"+918047181888"',
        "template": "{name: order_shipped, language: en}",
        "audience": "{size: 40000, countries: [IN]}",
        **fields,
    }
    return TEMPLATES + "campaigns: [{" + ", ".join(f"{key}: {value}" for key, value in shown.items() if value) + "}]"


def sized(*sizes: int | None) -> str:
    """Campaigns with audiences of these sizes."""
    return "campaigns:\n" + "\n".join(
        f"  - {{name: c{index}, audience: {{{'' if size is None else f'size: {size}'}}}}}"
        for index, size in enumerate(sizes)
    )


def place(problem: Problem) -> str:
    return show_route(problem.places[0].route)


def others(problem: Problem) -> list[tuple[str, str]]:
    return [(show_route(other.route), other.label) for other in problem.places[1:]]


def error(code: str, *route: str | int) -> tuple[str, Problem]:
    """An error that another rule has found."""
    whole: Route = route
    return code, Problem("fail", "wrong", (Place(DocumentId("manifest.yaml", 0), whole),))


def test_rules_are_offered_in_order() -> None:
    assert [rule.code for rule in wa_policy_rules()] == [
        "CMP001", "CMP003", "CMP004", "CMP005", "CMP006", "CMP007", "CMP008",
    ]  # fmt: skip


class TestUnknownTemplate:
    def test_silent(self) -> None:
        assert check_rule(unknown_template) == []
        assert check_rule(unknown_template, campaign(template="{name: order_shipped, language: en_US}")) == []

    def test_no_template_named(self) -> None:
        (problem,) = check_rule(unknown_template, campaign(template=""))
        assert problem.outcome == "unproven"
        assert problem.message == (
            "the campaign names no template, and nothing else can be sent to start a conversation"
        )
        assert place(problem) == "campaigns[0].template.name"

    def test_no_language_named(self) -> None:
        (problem,) = check_rule(unknown_template, campaign(template="{name: order_shipped}"))
        assert problem.outcome == "unproven"
        assert problem.message == 'the campaign does not say in which language it uses template "order_shipped"'
        assert place(problem) == "campaigns[0].template.language"
        assert problem.remedy == 'write the language: the template exists in "en" or "en_US"'

    def test_no_language_named_of_an_unknown_template(self) -> None:
        (problem,) = check_rule(unknown_template, campaign(template="{name: nothing}"))
        assert problem.remedy == "write the language"

    def test_no_template_listed(self) -> None:
        (problem,) = check_rule(unknown_template, "templates: null")
        assert problem.outcome == "unproven"
        assert problem.message == 'no template is listed, so nothing shows that "order_shipped" (en) exists'
        assert place(problem) == "campaigns[0].template.name"

    def test_name_unknown(self) -> None:
        (problem,) = check_rule(unknown_template, campaign(template="{name: Order_Shiped, language: en}"))
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        assert problem.message == (
            'the workspace has no template "Order_Shiped" (did you mean "order_shipped"?); every message fails with '
            "error 132001"
        )
        assert place(problem) == "campaigns[0].template.name"
        assert problem.remedy == (
            "choose a template of this WABA in the campaign, or list this one under templates if it exists"
        )

    def test_language_unknown(self) -> None:
        (problem,) = check_rule(unknown_template, campaign(template="{name: order_shipped, language: hi}"))
        assert problem.outcome == "fail"
        assert problem.message == (
            'template "order_shipped" exists in "en" and "en_US", not in "hi"; every message fails with error 132001'
        )
        assert place(problem) == "campaigns[0].template.language"
        assert others(problem) == [
            ("templates[0].language", "the template's language"),
            ("templates[1].language", "the template's language"),
        ]
        assert problem.remedy == ('choose "en" or "en_US" in the campaign, or have the template approved in "hi"')

    @pytest.mark.parametrize("language", ["en-US", "en_us"])
    def test_language_spelt_otherwise(self, language: str) -> None:
        (problem,) = check_rule(unknown_template, campaign(template=f"{{name: order_shipped, language: {language}}}"))
        assert problem.remedy == 'write the language as the template has it: "en_US"'


class TestTemplateNotReady:
    def test_silent_without_errors(self) -> None:
        assert check_rule(template_not_ready) == []

    def test_silent_on_errors_elsewhere(self) -> None:
        errors = [error("TPL001", "templates", 1, "status"), error("WBA001", "waba"), error("TPL009", "templates")]
        assert check_rule(template_not_ready, campaign(), errors=errors) == []

    def test_template(self) -> None:
        errors = [error("TPL001", "templates", 0, "status"), error("TPL010", "templates", 0, "components", 2)]
        (problem,) = check_rule(template_not_ready, campaign(), errors=errors)
        assert problem.outcome == "fail"
        assert problem.message == (
            'the campaign uses template "order_shipped" (en), which has errors of its own: TPL001, TPL010'
        )
        assert place(problem) == "campaigns[0].template"
        assert others(problem) == [("templates[0]", "TPL001, TPL010 found here")]
        assert problem.remedy == "put right what TPL001, TPL010 found, or let the campaign use another one until then"

    def test_template_listed_twice(self) -> None:
        fragment = campaign().replace("language: en_US", "language: en")
        errors = [error("TPL003", "templates", 1, "name")]
        (problem,) = check_rule(template_not_ready, fragment, errors=errors)
        assert others(problem) == [("templates[1]", "TPL003 found here")]

    @pytest.mark.parametrize("sender", ['"+91 80-4718-1888"', '"918047181888"', ""])
    def test_sender(self, sender: str) -> None:
        errors = [error("NUM009", "phone_numbers", 0, "status")]
        (problem,) = check_rule(template_not_ready, campaign(sender=sender), errors=errors)
        assert problem.outcome == "fail"
        assert problem.message == ("the campaign is sent from +91 80 4718 1888, which has errors of its own: NUM009")
        assert place(problem) == "campaigns[0].sender"
        assert others(problem) == [("phone_numbers[0]", "NUM009 found here")]

    NUMBERS = '\nphone_numbers: [{number: "+918047181888"}, {number: "+918047181889"}, {number: "+918047181890"}]'

    def test_sender_of_the_workspace(self) -> None:
        fragment = campaign(sender="") + self.NUMBERS + '\nbsp: {sender_number: "+918047181889"}'
        errors = [error("NUM009", "phone_numbers", 0), error("NUM012", "phone_numbers", 1)]
        (problem,) = check_rule(template_not_ready, fragment, errors=errors)
        assert others(problem) == [("phone_numbers[1]", "NUM012 found here")]

    def test_sender_unsaid_and_all_numbers_ready(self) -> None:
        assert check_rule(template_not_ready, campaign(sender="") + self.NUMBERS) == []

    def test_sender_unsaid_and_some_numbers_not_ready(self) -> None:
        errors = [error("NUM009", "phone_numbers", 0), error("NUM012", "phone_numbers", 2)]
        (problem,) = check_rule(template_not_ready, campaign(sender="") + self.NUMBERS, errors=errors)
        assert problem.outcome == "unproven"
        assert problem.message == (
            "nothing says from which number the campaign is sent, and +918047181888 and +918047181890 have errors"
        )
        assert place(problem) == "campaigns[0].sender"
        assert others(problem) == [("phone_numbers[0]", "NUM009 found here"), ("phone_numbers[2]", "NUM012 found here")]

    def test_a_foreign_sender_is_another_rules_business(self) -> None:
        errors = [error("NUM009", "phone_numbers", 0)]
        assert check_rule(template_not_ready, campaign(sender='"+15550000000"'), errors=errors) == []


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
        assert others(problem) == [("templates[2].category", "the template is MARKETING")]
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
        assert others(problem) == [(self.KEY, "the daily limit")]
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
        assert others(together) == [(self.KEY, "the daily limit")]

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
        assert others(problem) == [
            ("phone_numbers[1].messaging_limit_tier", "the daily limit, as this number once had it")
        ]

    def test_an_unlimited_number_is_the_highest(self) -> None:
        fragment = """
        waba: {whatsapp_business_manager_messaging_limit: null}
        phone_numbers:
          - {number: "+918047181888", messaging_limit_tier: TIER_UNLIMITED}
          - {number: "+918047181889", messaging_limit_tier: TIER_10K}
        """
        (problem,) = check_rule(over_messaging_limit, fragment)
        assert problem.outcome == "claimed"
        assert place(problem) == "phone_numbers[0].messaging_limit_tier"

    def test_unverified_business_is_a_warning(self) -> None:
        fragment = "waba: {whatsapp_business_manager_messaging_limit: null, business_verification_status: Not_Verified}"
        (problem,) = check_rule(over_messaging_limit, fragment)
        assert problem.outcome == "fail"
        assert problem.at_most == "warning"
        assert problem.message == (
            "the campaign reaches 40,000 people, and the business may write to 250 a day (where a business that is not "
            "verified starts)"
        )
        assert others(problem) == [("waba.business_verification_status", "the business is not verified")]

    def test_a_stated_limit_goes_before_verification(self) -> None:
        fragment = "waba: {whatsapp_business_manager_messaging_limit: UNTIERED, business_verification_status: rejected}"
        (problem,) = check_rule(over_messaging_limit, fragment)
        assert problem.outcome == "unproven"


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
        assert others(problem) == []
        assert problem.remedy == ('untick "Send campaign to the users ignoring Opt-in preference" in the campaign')

    def test_ticked_for_marketing(self) -> None:
        (problem,) = check_rule(ignores_opt_in, campaign(ignore_opt_in="true", template=MARKETING))
        assert problem.message == (
            "the campaign sends MARKETING messages to people who have not agreed to get any, even to those who said no"
        )
        assert others(problem) == [("templates[2].category", "the template promotes")]


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
        assert others(problem) == [("phone_numbers[0].throughput.level", "the number's throughput")]

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
        assert others(problem) == [("phone_numbers[0]", "the campaign's number")]

    def test_number_unknown(self) -> None:
        fragment = campaign(request_limit_per_minute="10000", sender='"+15550000000"')
        (problem,) = check_rule(request_limit, fragment)
        assert problem.outcome == "unproven"
        assert others(problem) == []

    def test_both_at_once(self) -> None:
        fragment = campaign(request_limit_per_minute="6000") + self.number("{level: STANDARD}")
        assert [problem.message[:8] for problem in check_rule(request_limit, fragment)] == ["MoEngage", "the camp"]
