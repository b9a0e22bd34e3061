"""After the checklist: a campaign goes to people who may be written to, and who have agreed to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wa_policy.api import (
    Campaign,
    Place,
    Problem,
    Problems,
    Rule,
    Step,
    fact,
    fail,
    hookimpl,
    rule,
    rules_in,
    unproven,
)
from wa_policy.plugins._campaigns import templates_of
from wa_policy.plugins._meta_values import known
from wa_policy.plugins._phone_numbers import is_country, region_of_area
from wa_policy.plugins._wording import shortlist
from wa_policy.records import NamedTuple


@rule("CMP004", "us-marketing", step=Step.CAMPAIGNS)
def us_marketing(
    campaign: Campaign,
    *,
    categories: Sequence[str] = fact("us_marketing_pause.categories"),
    countries: Mapping[str, str] = fact("us_marketing_pause.countries"),
    since: str = fact("us_marketing_pause.since"),
    seen_on: str = fact("us_marketing_pause.seen_on"),
    calling_code: str = fact("us_marketing_pause.calling_code"),
) -> Problems:
    """A campaign sends a MARKETING template to people in the United States.

    Meta has paused the delivery of marketing templates to numbers with an area code of the United States. Canada
    and the other countries that share +1 are not concerned. Where the audience is known by area codes (audience.area_codes),
    they tell which country it is; an area code that nobody knows is a warning.

    Why it matters:
        Meta does not deliver these messages: each fails with error 131049, and trying again does not help. The
        campaign looks sent, and nobody in the United States gets it.

    How to put it right:
        1. In MoEngage: leave numbers of the United States out of the campaign's segment.
        2. Where what is said is no promotion, have a UTILITY template approved for it.
        3. Write the countries that remain as audience.countries in the manifest, or the area codes of the numbers with +1
           as audience.area_codes.

    Bad:
        ```yaml
        templates:
          - name: diwali_offer
            language: en
            category: MARKETING
            status: APPROVED
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - {type: BODY, text: "Our Diwali sale has begun: everything in store is 20 per cent off until Sunday."}
        campaigns:
          - name: diwali-early-access
            sender: "+918047181888"
            template: {name: diwali_offer, language: en}
            audience: {size: 40000, countries: [IN, US]}
            ignore_opt_in: false
        ```

    Good:
        ```yaml
        templates:
          - name: diwali_offer
            language: en
            category: MARKETING
            status: APPROVED
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - {type: BODY, text: "Our Diwali sale has begun: everything in store is 20 per cent off until Sunday."}
        campaigns:
          - name: diwali-early-access
            sender: "+918047181888"
            template: {name: diwali_offer, language: en}
            audience: {size: 40000, countries: [IN, CA]}
            ignore_opt_in: false
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/marketing-templates/per-user-limits
        (as of 2026-04-29, sure)
        https://docs.aws.amazon.com/end-user-messaging/latest/userguide/nx-features-whatsapp-templates.html
        (as of 2025-12, sure for the day on which it began)
        https://github.com/google/libphonenumber (as of 2026-11, sure, for what country an area code belongs to)

    Since:
        0.1
    """
    template = next((one for one in templates_of(campaign) if known(one.data["category"], categories)), None)
    if template is None or not countries:
        return  # no template of the category; one that is not listed at all is CMP001's
    category = template.data["category"].upper()
    audience = campaign.data.get("audience", {})
    listed_countries, area_codes = audience.get("countries", ()), audience.get("area_codes", ())
    if not listed_countries and not area_codes:
        yield unproven(
            f"nothing says whether people in {', '.join(countries.values())} are to get this {category} campaign; Meta "
            "delivers none to them",
            at=campaign.at("audience", "countries"),
            also=[template.at("category", label=f"the template is {category}")],
            remedy="write the countries of the campaign's audience as audience.countries",
            at_most="warning",
        )
        return
    paused = _Pause(category, countries, since, seen_on, template.at("category", label=f"the template is {category}"))
    for position, country in enumerate(listed_countries):
        if country in countries:
            yield _undelivered(paused, country, campaign.at("audience", "countries", position))
    yield from _areas(campaign, paused, calling_code, [code for code in countries if code not in listed_countries])


class _Pause(NamedTuple):
    """What Meta delivers to nobody in some countries, since when, and where the template says that it is such a message."""

    category: str
    countries: Mapping[str, str]
    since: str
    seen_on: str
    template: Place


def _undelivered(paused: _Pause, country: str, at: Place, who: str = "") -> Problem:
    name = paused.countries[country]
    return fail(
        f"Meta has delivered no {paused.category} messages to people in {name} since {paused.since} (its page still said "
        f"so on {paused.seen_on}){who}: they fail with error 131049",
        at=at,
        also=[paused.template],
        remedy=f"leave {name} out of the campaign's audience",
    )


def _areas(campaign: Campaign, paused: _Pause, calling_code: str, unsaid: Sequence[str]) -> Problems:
    """Judge an audience by its area codes, as far as they belong to countries that it does not name, or to none at all."""
    by_country: dict[str, list[int]] = {}
    area_codes = campaign.data.get("audience", {}).get("area_codes", ())
    for position, code in enumerate(area_codes):
        by_country.setdefault(region_of_area(calling_code, code), []).append(position)
    for country in unsaid:
        if positions := by_country.get(country):
            codes = list(dict.fromkeys(area_codes[position] for position in positions))
            who = f", and {shortlist(codes)} {'is an area code' if len(codes) == 1 else 'are area codes'} there"
            yield _undelivered(paused, country, campaign.at("audience", "area_codes", positions[0]), who)
    for position in by_country.get("", ()):
        yield unproven(
            f'"{area_codes[position]}" is no area code that is known here, so nothing shows whether Meta delivers '
            f"{paused.category} messages to its numbers",
            at=campaign.at("audience", "area_codes", position),
            also=[paused.template],
            remedy=f"write the three digits after +{calling_code} of the recipients' numbers",
            at_most="warning",
        )


@rule("CMP005", "ineligible-recipients", step=Step.CAMPAIGNS)
def ineligible_recipients(
    campaign: Campaign,
    *,
    ineligible: Mapping[str, str] = fact("countries.ineligible"),
    perhaps_ineligible: Mapping[str, str] = fact("countries_unsure.ineligible"),
    meant: Mapping[str, str] = fact("country_code_mistakes.meant"),
) -> Problems:
    """A campaign's audience has people in a country where businesses may not write to anybody on WhatsApp.

    Meta's list also has regions within a country (Crimea, Donetsk and Luhansk), which no country code shows:
    whether the audience has people there, only its segment can tell.

    Why it matters:
        Meta refuses these messages with error 130497: this account may not message users in this country.

    How to put it right:
        1. In MoEngage: leave numbers of the country out of the campaign's segment.
        2. Write the countries that remain as audience.countries, each as the two capital letters of ISO 3166-1.

    Bad:
        ```yaml
        campaigns:
          - name: order-updates
            sender: "+918047181888"
            template: {name: order_shipped, language: en, parameters: [first_name, order_id]}
            audience: {size: 40000, countries: [IN, CU]}
            ignore_opt_in: false
        ```

    Good:
        ```yaml
        campaigns:
          - name: order-updates
            sender: "+918047181888"
            template: {name: order_shipped, language: en, parameters: [first_name, order_id]}
            audience: {size: 40000, countries: [IN, AE]}
            ignore_opt_in: false
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/support#country-restrictions
        (as of 2025-11-19, sure; unsure for Syria since)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
        (as of 2025-11-19, sure)

    Since:
        0.1
    """
    countries = campaign.data.get("audience", {}).get("countries")
    if not countries:
        yield unproven(
            "nothing says in which countries the campaign's recipients are",
            at=campaign.at("audience", "countries"),
            remedy="write the countries of the campaign's audience as audience.countries",
            at_most="warning",
        )
        return
    for position, country in enumerate(countries):
        if country in ineligible:
            yield fail(
                f"businesses may not write to people in {ineligible[country]} on WhatsApp: it fails with error 130497",
                at=campaign.at("audience", "countries", position),
                remedy=f"leave {ineligible[country]} out of the campaign's audience",
            )
        elif country in perhaps_ineligible:
            name = perhaps_ineligible[country]
            yield fail(
                f"businesses may perhaps not write to people in {name} on WhatsApp: Meta's list had it, and nobody "
                "knows whether it still has",
                at=campaign.at("audience", "countries", position),
                remedy=f"ask the provider whether Meta delivers to {name}, or leave it out of the campaign's audience",
                at_most="warning",
            )
        elif not is_country(country):
            yield _no_country(country, campaign.at("audience", "countries", position), meant)


def _no_country(code: str, place: Place, meant: Mapping[str, str]) -> Problem:
    suggestion = f' (did you mean "{meant[code]}"?)' if code in meant else ""
    return unproven(
        f'"{code}" is not the code of a country with phone numbers{suggestion}, so nothing shows that its people may '
        "be written to",
        at=place,
        remedy=f'write "{meant[code]}"' if code in meant else "write the country's two capital letters of ISO 3166-1",
    )


@rule("CMP007", "ignores-opt-in", step=Step.CAMPAIGNS)
def ignores_opt_in(
    campaign: Campaign, *, promotional: Sequence[str] = fact("template_categories.promotional")
) -> Problems:
    """A campaign goes to people who have not agreed to it.

    "Send campaign to the users ignoring Opt-in preference" is ticked. The box is empty in a new campaign, so a
    manifest that does not mention it is taken to leave it empty.

    Why it matters:
        Meta lets a business write only to people who gave their number and agreed to hear from it, and every
        request to stop must be respected. People who said no block and report the sender: its quality falls,
        templates are paused, and the account can be restricted. The provider may refuse the messages all the same
        (Gupshup: error 1006 to 1008, not opted in, and 1012, opted out).

    How to put it right:
        1. In MoEngage: open the campaign, and untick "Send campaign to the users ignoring Opt-in preference".
        2. Where people did agree, bring their consent into MoEngage: Segment > Import users, attribute WhatsApp
           Subscription Status.

    Bad:
        ```yaml
        campaigns:
          - name: order-updates
            sender: "+918047181888"
            template: {name: order_shipped, language: en, parameters: [first_name, order_id]}
            audience: {size: 40000, countries: [IN]}
            ignore_opt_in: true
        ```

    Good:
        ```yaml
        campaigns:
          - name: order-updates
            sender: "+918047181888"
            template: {name: order_shipped, language: en, parameters: [first_name, order_id]}
            audience: {size: 40000, countries: [IN]}
            ignore_opt_in: false
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/getting-opt-in
        (as of 2025-11-03, sure)
        https://business.whatsapp.com/policy (as of 2025-12, sure)
        https://www.moengage.com/docs/user-guide/campaigns-and-channels/whatsapp/create/create-a-whatsapp-campaign
        (as of 2026-11, sure)
        https://partner-docs.gupshup.io/docs/error-codes (as of 2026-11, sure)

    Since:
        0.1
    """
    if not campaign.data.get("ignore_opt_in", False):
        return
    promotions = [one for one in templates_of(campaign) if known(one.data["category"], promotional)]
    what = f"{promotions[0].data['category'].upper()} messages" if promotions else "messages"
    yield fail(
        f"the campaign sends {what} to people who have not agreed to get any, even to those who said no",
        at=campaign.at("ignore_opt_in"),
        also=[template.at("category", label="the template promotes") for template in promotions[:1]],
        remedy='untick "Send campaign to the users ignoring Opt-in preference" in the campaign',
    )


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
