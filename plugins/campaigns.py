"""After the checklist: campaigns, wired to templates and numbers that are ready and to people who may be written to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from wa_policy.api import (
    Campaign,
    Context,
    Count,
    PhoneNumber,
    Place,
    Problem,
    Problems,
    Rule,
    Step,
    Subject,
    Template,
    Workspace,
    claimed,
    did_you_mean,
    fact,
    fail,
    hookimpl,
    rule,
    rules_in,
    unproven,
)

LIMIT: Final = "whatsapp_business_manager_messaging_limit"
OLD_LIMIT: Final = "messaging_limit_tier"
VERIFICATION: Final = "business_verification_status"


@rule("CMP001", "unknown-template", step=Step.CAMPAIGNS)
def unknown_template(campaign: Campaign) -> Problems:
    """A campaign uses a template, or a language of it, that is not among the workspace's templates.

    A template is known by its name and its language, both exactly as Meta writes them: `en`, `en_US` and `en-US`
    are three different things.

    Why it matters:
        Meta refuses every message of the campaign with error 132001: the template name does not exist in the
        translation. MoEngage takes a template as it is typed in and does not compare it with Meta's, so the mistake
        shows only when the campaign runs.

    How to put it right:
        1. In WhatsApp Manager: Account tools > Message templates, look up the template's name and language.
        2. In MoEngage: open the campaign and choose the template with that name and language.
        3. Write both in the manifest, under templates and in the campaign's template.

    Bad:
        ```yaml
        campaigns:
          - name: order-updates
            sender: "+918047181888"
            template: {name: order_shipped, language: en_US, parameters: [first_name, order_id]}
            audience: {size: 40000, countries: [IN]}
            ignore_opt_in: false
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
        https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
        (as of 2025-11-19, sure)
        https://www.moengage.com/docs/user-guide/campaigns-and-channels/whatsapp/getting-started-with-whatsapp/whatsapp-templates
        (as of 2026-11, sure)

    Since:
        0.1
    """
    used = campaign.data.get("template", {})
    name, language = used.get("name"), used.get("language")
    if _templates_of(campaign):
        return
    languages = [one.data["language"] for one in campaign.workspace.templates if one.data["name"] == name]
    if name is None:
        yield unproven(
            "the campaign names no template, and nothing else can be sent to start a conversation",
            at=campaign.at("template", "name"),
            remedy="write the name and the language of the template that the campaign uses in MoEngage",
        )
    elif language is None:
        yield unproven(
            f'the campaign does not say in which language it uses template "{name}"',
            at=campaign.at("template", "language"),
            remedy=f"write the language{f': the template exists in {_quoted(languages)}' if languages else ''}",
        )
    elif not campaign.workspace.templates:
        yield unproven(
            f'no template is listed, so nothing shows that "{name}" ({language}) exists',
            at=campaign.at("template", "name"),
            remedy="list the template under templates, as Meta's API describes it",
        )
    elif not languages:
        known = [template.data["name"] for template in campaign.workspace.templates]
        yield fail(
            f'the workspace has no template "{name}"{did_you_mean(name, known)}; every message fails with error 132001',
            at=campaign.at("template", "name"),
            remedy="choose a template of this WABA in the campaign, or list this one under templates if it exists",
        )
    elif language not in languages:
        yield _unknown_language(campaign, name, language, languages)


def _unknown_language(campaign: Campaign, name: str, language: str, languages: Sequence[str]) -> Problem:
    folded = language.replace("-", "_").casefold()
    same = next((known for known in languages if known.replace("-", "_").casefold() == folded), None)
    if same is None:
        remedy = f'choose {_quoted(languages)} in the campaign, or have the template approved in "{language}"'
    else:
        remedy = f'write the language as the template has it: "{same}"'
    return fail(
        f'template "{name}" exists in {_quoted(languages, "and")}, not in "{language}"; '
        "every message fails with error 132001",
        at=campaign.at("template", "language"),
        also=[
            template.at("language", label="the template's language")
            for template in campaign.workspace.templates
            if template.data["name"] == name
        ],
        remedy=remedy,
    )


@rule("CMP003", "template-not-ready", step=Step.CAMPAIGNS, consults=("TPL", "NUM"))
def template_not_ready(campaign: Campaign, ctx: Context) -> Problems:
    """A campaign uses a template, or is sent from a number, that has an error of its own.

    The errors themselves are reported where they are; this rule says which campaigns they stop. A campaign without
    `sender` is taken to be sent from `bsp.sender_number`, or from the only number there is.

    Why it matters:
        A template that is not approved, or a number that is not connected, stops every message of the campaign,
        however carefully the rest of it was set up.

    How to put it right:
        1. Put right what the named rules found at the template or the number.
        2. Until then, do not schedule the campaign in MoEngage, or let it use another template or sender.

    Bad:
        ```yaml
        templates:
          - name: order_shipped
            language: en
            category: UTILITY
            status: PAUSED
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - type: BODY
                text: "Hi {{1}}, your order {{2}} is on its way and should reach you by tomorrow evening."
                example: {body_text: [[Asha, "A-1093"]]}
              - type: BUTTONS
                buttons:
                  - type: URL
                    text: Track order
                    url: "https://acme.example/t/{{1}}"
                    example: ["https://acme.example/t/A-1093"]
        ```

    Good:
        ```yaml
        templates:
          - name: order_shipped
            language: en
            category: UTILITY
            status: APPROVED
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - type: BODY
                text: "Hi {{1}}, your order {{2}} is on its way and should reach you by tomorrow evening."
                example: {body_text: [[Asha, "A-1093"]]}
              - type: BUTTONS
                buttons:
                  - type: URL
                    text: Track order
                    url: "https://acme.example/t/{{1}}"
                    example: ["https://acme.example/t/A-1093"]
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/support/health-status
        (as of 2025-12, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
        (as of 2025-11-19, sure)

    Since:
        0.1
    """
    for template in _templates_of(campaign):
        if codes := ctx.errors_at(template):
            yield _not_ready(
                f"the campaign uses template {_shown(template)}, which has errors of its own",
                codes,
                at=campaign.at("template"),
                cause=template,
            )
    sender = _sender_of(campaign)
    if sender is not None:
        if codes := ctx.errors_at(sender):
            yield _not_ready(
                f"the campaign is sent from {sender.data['number']}, which has errors of its own",
                codes,
                at=campaign.at("sender"),
                cause=sender,
            )
    elif "sender" not in campaign.data and "sender_number" not in campaign.workspace.bsp.data:
        yield from _perhaps_not_ready(campaign, ctx)


def _perhaps_not_ready(campaign: Campaign, ctx: Context) -> Problems:
    """Where nothing says which number sends, all of them must be ready."""
    numbers = [number for number in campaign.workspace.phone_numbers if ctx.errors_at(number)]
    if numbers:
        yield unproven(
            "nothing says from which number the campaign is sent, and "
            f"{_listed([number.data['number'] for number in numbers])} {'has' if len(numbers) == 1 else 'have'} errors",
            at=campaign.at("sender"),
            also=[number.at(label=f"{', '.join(ctx.errors_at(number))} found here") for number in numbers],
            remedy="write the number of the sender that the campaign uses in MoEngage as the campaign's sender",
        )


def _not_ready(message: str, codes: Sequence[str], *, at: Place, cause: Subject) -> Problem:
    shown = ", ".join(codes)
    return fail(
        f"{message}: {shown}",
        at=at,
        also=[cause.at(label=f"{shown} found here")],
        remedy=f"put right what {shown} found, or let the campaign use another one until then",
    )


@rule("CMP004", "us-marketing", step=Step.CAMPAIGNS)
def us_marketing(
    campaign: Campaign,
    *,
    categories: Sequence[str] = fact("us_marketing_pause.categories"),
    countries: Mapping[str, str] = fact("us_marketing_pause.countries"),
    since: str = fact("us_marketing_pause.since"),
    seen_on: str = fact("us_marketing_pause.seen_on"),
) -> Problems:
    """A campaign sends a MARKETING template to people in the United States.

    Meta has paused the delivery of marketing templates to numbers with an area code of the United States. Canada
    and the other countries that share +1 are not concerned.

    Why it matters:
        Meta does not deliver these messages: each fails with error 131049, and trying again does not help. The
        campaign looks sent, and nobody in the United States gets it.

    How to put it right:
        1. In MoEngage: leave numbers of the United States out of the campaign's segment.
        2. Where what is said is no promotion, have a UTILITY template approved for it.
        3. Write the countries that remain as audience.countries in the manifest.

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

    Since:
        0.1
    """
    template = next((one for one in _templates_of(campaign) if one.data["category"].upper() in categories), None)
    if template is None or not countries:
        return  # no template of the category; one that is not listed at all is CMP001's
    category = template.data["category"].upper()
    audience = campaign.data.get("audience", {}).get("countries")
    if not audience:
        yield unproven(
            f"nothing says whether people in {', '.join(countries.values())} are to get this {category} campaign; Meta "
            "delivers none to them",
            at=campaign.at("audience", "countries"),
            also=[template.at("category", label=f"the template is {category}")],
            remedy="write the countries of the campaign's audience as audience.countries",
            at_most="warning",
        )
        return
    for position, country in enumerate(audience):
        if country in countries:
            yield fail(
                f"Meta has delivered no {category} messages to people in {countries[country]} since {since} (its page "
                f"still said so on {seen_on}): they fail with error 131049",
                at=campaign.at("audience", "countries", position),
                also=[template.at("category", label=f"the template is {category}")],
                remedy=f"leave {countries[country]} out of the campaign's audience",
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
        place = campaign.at("audience", "countries", position)
        if country in ineligible:
            yield fail(
                f"businesses may not write to people in {ineligible[country]} on WhatsApp: it fails with error 130497",
                at=place,
                remedy=f"leave {ineligible[country]} out of the campaign's audience",
            )
        elif country in perhaps_ineligible:
            name = perhaps_ineligible[country]
            yield fail(
                f"businesses may perhaps not write to people in {name} on WhatsApp: Meta's list had it, and nobody "
                "knows whether it still has",
                at=place,
                remedy=f"ask the provider whether Meta delivers to {name}, or leave it out of the campaign's audience",
                at_most="warning",
            )
        elif not _is_country(country):
            yield _no_country(country, place, meant)


def _is_country(code: str) -> bool:
    from phonenumbers import SUPPORTED_REGIONS  # the rules on numbers have loaded it already

    return code in SUPPORTED_REGIONS


def _no_country(code: str, place: Place, meant: Mapping[str, str]) -> Problem:
    suggestion = f' (did you mean "{meant[code]}"?)' if code in meant else ""
    return unproven(
        f'"{code}" is not the code of a country with phone numbers{suggestion}, so nothing shows that its people may '
        "be written to",
        at=place,
        remedy=f'write "{meant[code]}"' if code in meant else "write the country's two capital letters of ISO 3166-1",
    )


class _Limit(NamedTuple):
    """How many people may be written to in a day: None for no limit; ``said`` is how a message names it."""

    users: int | None
    said: str
    subject: Subject
    key: str
    label: str
    certain: bool

    @property
    def place(self) -> Place:
        """Where it comes from."""
        return self.subject.at(self.key, label=self.label)


@rule("CMP006", "over-messaging-limit", step=Step.CAMPAIGNS)
def over_messaging_limit(
    workspace: Workspace,
    *,
    users_per_day: Mapping[str, Count | None] = fact("messaging_limits.users_per_day"),
    unset: Sequence[str] = fact("messaging_limits.unset"),
    starting_users_per_day: Count = fact("messaging_limits.starting_users_per_day"),
    unverified: Mapping[str, str] = fact("waba.unverified_statuses"),
) -> Problems:
    """A campaign reaches more people than the business may write to in a day.

    The messaging limit counts the different people to whom a business portfolio writes first, outside a
    conversation that they began, in any 24 hours. It is shared by all numbers and all campaigns of the portfolio.
    Audiences that fit one by one but not together are a warning, since campaigns may run on different days and
    reach the same people. So is a limit known only from the deprecated field of a number, or only from the business
    not being verified.

    Why it matters:
        Meta delivers to no more people than that in any 24 hours: the rest of the audience gets nothing. Neither do
        others to whom the business writes first on that day, with an order update or a one-time code.

    How to put it right:
        1. In WhatsApp Manager: Overview > Limits, see the limit and how to raise it (verify the business; then it
           grows by itself with good quality and use).
        2. In MoEngage: narrow the segment, or split the campaign over several days.
        3. Write the limit as Meta's API names it, and the people expected in a day as audience.size.

    Bad:
        ```yaml
        waba:
          whatsapp_business_manager_messaging_limit: TIER_10K
        campaigns:
          - name: order-updates
            sender: "+918047181888"
            template: {name: order_shipped, language: en, parameters: [first_name, order_id]}
            audience: {size: 40000, countries: [IN]}
            ignore_opt_in: false
        ```

    Good:
        ```yaml
        waba:
          whatsapp_business_manager_messaging_limit: TIER_100K
        campaigns:
          - name: order-updates
            sender: "+918047181888"
            template: {name: order_shipped, language: en, parameters: [first_name, order_id]}
            audience: {size: 40000, countries: [IN]}
            ignore_opt_in: false
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/messaging-limits
        (as of 2026-09-11, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/upcoming-messaging-limits-changes
        (as of 2025-10, sure)

    Since:
        0.1
    """
    if not workspace.campaigns:
        return
    limit = _stated_limit(workspace, users_per_day) or _starting_limit(workspace, starting_users_per_day, unverified)
    if limit is None:
        yield _unknown_limit(workspace, users_per_day, unset)
        return
    problems = [] if limit.users is None else list(_over(workspace, limit, limit.users))
    yield from problems or claimed(limit.subject, limit.key, by="Meta's answer, named in evidence.graph")


def _stated_limit(workspace: Workspace, users_per_day: Mapping[str, int | None]) -> _Limit | None:
    """The limit that the manifest states: the portfolio's, or the highest of the numbers', as limits were once kept."""
    waba = workspace.waba
    tier = waba.data.get(LIMIT)
    if tier is not None:
        if tier.upper() not in users_per_day:
            return None
        return _Limit(users_per_day[tier.upper()], tier, waba, LIMIT, "the daily limit", certain=True)
    best = None
    for number in workspace.phone_numbers:
        tier = number.data.get(OLD_LIMIT, "").upper()
        if tier in users_per_day:
            label = "the daily limit, as this number once had it"
            limit = _Limit(users_per_day[tier], tier, number, OLD_LIMIT, label, certain=False)
            if best is None or limit.users is None or (best.users is not None and limit.users > best.users):
                best = limit
    return best


def _starting_limit(workspace: Workspace, users: int, unverified: Mapping[str, str]) -> _Limit | None:
    """The limit with which every business starts, where the manifest states none and the business is not verified."""
    waba = workspace.waba
    status = waba.data.get(VERIFICATION)
    if LIMIT in waba.data or status is None or status.casefold() not in unverified:
        return None
    said = "where a business that is not verified starts"
    return _Limit(users, said, waba, VERIFICATION, "the business is not verified", certain=False)


def _unknown_limit(workspace: Workspace, users_per_day: Mapping[str, int | None], unset: Sequence[str]) -> Problem:
    tier = workspace.waba.data.get(LIMIT)
    if tier is None:
        message = "nothing says to how many people a day the business may write"
    elif tier.upper() in unset:
        message = f"{tier} does not say to how many people a day the business may write"
    else:
        message = f'"{tier}" is not a messaging limit that Meta has{did_you_mean(tier, users_per_day)}'
    return unproven(
        f"{message}, so nothing shows that the campaigns fit",
        at=workspace.waba.at(LIMIT),
        remedy=f"write what Meta's API answers for {LIMIT}, such as TIER_2K (WhatsApp Manager: Overview > Limits)",
        at_most="warning",
    )


def _over(workspace: Workspace, limit: _Limit, users: int) -> Problems:
    """Compare every campaign with the limit, and the campaigns that fit it with what is left of it."""
    together = fitting = 0
    for campaign in workspace.campaigns:
        size = campaign.data.get("audience", {}).get("size")
        place = campaign.at("audience", "size")
        if size is None:
            yield unproven(
                f"nothing says how many people the campaign reaches; the business may write to {users:,} a day",
                at=place,
                also=[limit.place],
                remedy="write how many people the campaign is expected to reach in a day as audience.size",
                at_most="warning",
            )
        elif size > users:
            yield fail(
                f"the campaign reaches {size:,} people, and the business may write to {users:,} a day ({limit.said})",
                at=place,
                also=[limit.place],
                remedy=f"narrow the segment to {users:,} people, send it over several days, or have the limit raised",
                at_most="error" if limit.certain else "warning",
            )
        else:
            fitting += 1
            if together <= users < together + size:
                yield fail(
                    f"{fitting} campaigns that fit one by one reach {together + size:,} people together, and share a "
                    f"limit of {users:,} a day ({limit.said})",
                    at=place,
                    also=[limit.place],
                    remedy="let the campaigns run on different days, or have the limit raised",
                    at_most="warning",
                )
            together += size


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
    promotions = [one for one in _templates_of(campaign) if one.data["category"].upper() in promotional]
    what = f"{promotions[0].data['category'].upper()} messages" if promotions else "messages"
    yield fail(
        f"the campaign sends {what} to people who have not agreed to get any, even to those who said no",
        at=campaign.at("ignore_opt_in"),
        also=[template.at("category", label="the template promotes") for template in promotions[:1]],
        remedy='untick "Send campaign to the users ignoring Opt-in preference" in the campaign',
    )


@rule("CMP008", "request-limit", step=Step.CAMPAIGNS)
def request_limit(
    campaign: Campaign,
    *,
    minimum: Count = fact("moengage_campaigns.request_limit_minimum"),
    messages_per_second: Mapping[str, Count] = fact("throughput.messages_per_second"),
    default_level: str = fact("throughput.default_level"),
) -> Problems:
    """A campaign's request limit is lower than MoEngage takes, or higher than its number can send.

    MoEngage takes a request limit of 10,000 messages a minute or more. A number sends and receives 80 messages a
    second, 4,800 a minute, until Meta raises it to 1,000 a second: a campaign with the lowest request limit is
    already too fast for it. Whether the provider keeps what is too fast and sends it later, no page of MoEngage
    says.

    Why it matters:
        MoEngage does not take a limit under its minimum, so the campaign will not run as it is described here.
        Messages over the number's throughput fail at Meta with error 130429, unless the provider holds them back.

    How to put it right:
        1. Ask the provider whether it queues messages over the number's throughput, and at what rate it takes them.
        2. In MoEngage: open the campaign and set the request limit, or split the campaign into smaller segments.
        3. Meta raises the throughput by itself once the number meets its conditions; write the level that Meta's
           API answers as throughput.level of the number.

    Bad:
        ```yaml
        campaigns:
          - name: order-updates
            sender: "+918047181888"
            template: {name: order_shipped, language: en, parameters: [first_name, order_id]}
            audience: {size: 40000, countries: [IN]}
            ignore_opt_in: false
            request_limit_per_minute: 2000
        ```

    Good:
        ```yaml
        campaigns:
          - name: order-updates
            sender: "+918047181888"
            template: {name: order_shipped, language: en, parameters: [first_name, order_id]}
            audience: {size: 40000, countries: [IN]}
            ignore_opt_in: false
            request_limit_per_minute: 20000
        ```

    Source:
        https://www.moengage.com/docs/user-guide/campaigns-and-channels/whatsapp/create/create-a-whatsapp-campaign
        (as of 2026-11, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/throughput
        (as of 2026-05-21, sure for the numbers, probable for the names of the levels)

    Since:
        0.1
    """
    asked = campaign.data.get("request_limit_per_minute")
    if asked is None:
        return
    place = campaign.at("request_limit_per_minute")
    if asked < minimum:
        yield fail(
            f"MoEngage takes no request limit under {minimum:,} messages a minute, and this one is {asked:,}",
            at=place,
            remedy=f"set the request limit to {minimum:,} a minute or more, or take it out",
        )
    sender = _sender_of(campaign)
    level = "" if sender is None else sender.data.get("throughput", {}).get("level", "").upper()
    if asked <= messages_per_second[default_level] * 60:
        return
    if sender is None or level not in messages_per_second:
        yield unproven(
            f"nothing says whether the campaign's number takes {asked:,} messages a minute; without an upgrade it "
            f"takes {messages_per_second[default_level] * 60:,}",
            at=place,
            also=[] if sender is None else [sender.at(label="the campaign's number")],
            remedy="write the level that Meta's API answers for the number as its throughput.level",
            at_most="warning",
        )
    elif asked > messages_per_second[level] * 60:
        yield fail(
            f"the campaign sends up to {asked:,} messages a minute, and its number takes "
            f"{messages_per_second[level] * 60:,} ({level}); Meta refuses the rest with error 130429",
            at=place,
            also=[sender.at("throughput", "level", label="the number's throughput")],
            remedy="ask the provider whether it queues what is too fast, or split the campaign into smaller segments",
            at_most="warning",
        )
    else:
        yield from claimed(sender, "throughput", "level", by="Meta's answer for the phone numbers")


def _templates_of(campaign: Campaign) -> Sequence[Template]:
    """The templates that a campaign names, with the language: one, or none, or several where one is listed twice."""
    used = campaign.data.get("template", {})
    return _templates_by_key(campaign.workspace).get((used.get("name"), used.get("language")), ())


@lru_cache(maxsize=1)
def _templates_by_key(workspace: Workspace) -> Mapping[tuple[str | None, str | None], Sequence[Template]]:
    """A workspace's templates by name and language; kept for the one at hand, whose campaigns all ask for them."""
    table: dict[tuple[str | None, str | None], list[Template]] = {}
    for template in workspace.templates:
        table.setdefault((template.data["name"], template.data["language"]), []).append(template)
    return table


def _sender_of(campaign: Campaign) -> PhoneNumber | None:
    """The number that a campaign is sent from: its own, else the workspace's sender, else the only one there is."""
    workspace = campaign.workspace
    named = campaign.data.get("sender", workspace.bsp.data.get("sender_number"))
    if named is None:
        return workspace.phone_numbers[0] if len(workspace.phone_numbers) == 1 else None
    digits = _digits(named)
    return next((number for number in workspace.phone_numbers if _digits(number.data["number"]) == digits), None)


def _digits(number: str) -> str:
    return "".join(character for character in number if character.isdecimal())


def _shown(template: Template) -> str:
    return f'"{template.data["name"]}" ({template.data["language"]})'


def _quoted(words: Sequence[str], joint: str = "or") -> str:
    return _listed([f'"{word}"' for word in words], joint)


def _listed(words: Sequence[str], joint: str = "and") -> str:
    return f"{', '.join(words[:-1])} {joint} {words[-1]}" if len(words) > 1 else words[0]


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
