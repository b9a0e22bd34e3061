"""Step 2 of the checklist: a WhatsApp Business Account (WABA) that Meta has approved and lets send."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from wa_policy.api import (
    Context,
    Place,
    Problems,
    Rule,
    Share,
    Step,
    Waba,
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

Meanings = Mapping[str, str]
"""A word of Meta's -> what it means."""

ANSWER = "Meta's answer for the WABA (evidence.graph.waba)"


def _known(value: str, names: Iterable[str]) -> str | None:
    """The name that a value stands for, case aside, in which Meta's pages and answers differ. None where it is none."""
    folded = value.casefold()
    return next((name for name in names if name.casefold() == folded), None)


def _unheard_of(waba: Waba, *keys: str | int, what: str, value: str, known: Iterable[str]) -> Problems:
    yield unproven(
        f'"{value}" is no {what} that is known here{did_you_mean(value, known)}',
        at=waba.at(*keys),
        remedy="copy the word from Meta's answer or from WhatsApp Manager",
    )


@rule("WBA001", "unapproved-account", step=Step.WABA)
def unapproved_account(
    waba: Waba,
    *,
    usable: Sequence[str] = fact("waba.usable_review_statuses"),
    unusable: Meanings = fact("waba.unusable_review_statuses"),
) -> Problems:
    """Meta has not approved the WhatsApp Business Account.

    Why it matters:
        Only an approved account may use the API. While Meta's review is pending, deferred or has ended in a rejection,
        no message leaves, whatever else is in order.

    How to put it right:
        1. In WhatsApp Manager: open the account and read what its review says; in Meta Business Manager, Business
           support home shows what Meta is missing.
        2. Pending or deferred: wait, and answer what Meta asks. Rejected: correct what is named there, and ask for
           another review; the BSP helps with that.
        3. Write waba.account_review_status as Meta gives it.

    Bad:
        ```yaml
        waba:
          account_review_status: PENDING
        ```

    Good:
        ```yaml
        waba:
          account_review_status: APPROVED
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/account_review_update
        (as of 2025-11, sure)
        https://help.moengage.com/hc/ja/articles/4411171362452-Prerequisites (as of 2026, sure)

    Since:
        0.1
    """
    status = waba.data.get("account_review_status")
    at = waba.at("account_review_status")
    if status is None:
        remedy = "copy account_review_status from WhatsApp Manager or from Meta's answer"
        yield unproven("nothing says whether Meta has approved this WABA", at=at, remedy=remedy)
    elif _known(status, usable):
        yield from claimed(waba, "account_review_status", by=ANSWER)
    elif name := _known(status, unusable):
        yield fail(
            f"the account review says {status}: {unusable[name]}, and the WABA cannot send until it is approved", at=at
        )
    else:
        known = [*usable, *unusable]
        yield from _unheard_of(waba, "account_review_status", what="account review status", value=status, known=known)


@rule("WBA002", "unverified-business", step=Step.WABA)
def unverified_business(
    waba: Waba,
    *,
    verified: Sequence[str] = fact("waba.verified_statuses"),
    unverified: Meanings = fact("waba.unverified_statuses"),
    templates: Mapping[str, int] = fact("template_caps.templates"),
    numbers: Mapping[str, int] = fact("portfolio_limits.numbers"),
    users_per_day: Mapping[str, int | None] = fact("messaging_limits.users_per_day"),
    starting_users_per_day: int = fact("messaging_limits.starting_users_per_day"),
) -> Problems:
    """Meta has not verified the business behind the account.

    Why it matters:
        An unverified business may hold 250 templates. Until its messaging limit has grown by use, it may also register
        2 numbers only and start conversations with 250 people in 24 hours: a campaign to more of them stops there.

    How to put it right:
        1. In Meta Business Manager: Business settings > Security Centre > Business verification. Start it, or see what
           it waits for; legal name, address and website must agree with the documents.
        2. If your BSP offers partner-led verification, it may be quicker.
        3. Write waba.business_verification_status as Meta gives it.

    Bad:
        ```yaml
        waba:
          business_verification_status: not_verified
        ```

    Good:
        ```yaml
        waba:
          business_verification_status: verified
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/messaging-limits (as of 2026-09, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/phone-numbers
        (as of 2026-09, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/overview (as of 2025-11,
        sure)

    Since:
        0.1
    """
    status = waba.data.get("business_verification_status")
    at = waba.at("business_verification_status")
    if status is None:
        remedy = "copy business_verification_status from Meta's answer, or see Security Centre in Meta Business Manager"
        yield unproven("nothing says whether Meta has verified the business", at=at, remedy=remedy)
    elif _known(status, verified):
        yield from claimed(waba, "business_verification_status", by=ANSWER)
    elif name := _known(status, unverified):
        limits = f"{templates['unverified']} templates"
        tier = waba.data.get("whatsapp_business_manager_messaging_limit", "").upper()
        allowed = users_per_day.get(tier, starting_users_per_day)
        if allowed is not None and allowed <= starting_users_per_day:
            limits = f"{limits}, {numbers['unverified']} numbers and {allowed} people a day"
        yield fail(f"the business is not verified ({unverified[name]}): {limits} are the limit", at=at)
    else:
        known = [*verified, *unverified]
        yield from _unheard_of(
            waba, "business_verification_status", what="verification status", value=status, known=known
        )


@rule("WBA003", "restricted-account", step=Step.WABA)
def restricted_account(
    waba: Waba,
    ctx: Context,
    *,
    usable: Sequence[str] = fact("waba_probable.usable_statuses"),
    unusable: Meanings = fact("waba_probable.unusable_statuses"),
    health: Meanings = fact("waba.health"),
    lifted: Sequence[str] = fact("waba.lifted_ban_states"),
    bans: Meanings = fact("waba.ban_states"),
    restrictions: Mapping[str, Mapping[str, Any]] = fact("waba.restrictions"),
    violations: Sequence[str] = fact("waba.violations"),
) -> Problems:
    """Meta has restricted, banned or warned the account.

    Looks at status, health_status, waba_ban_state, restriction_info and violation_info. A restriction that has ended by
    the date of the check is passed over; one that does not stop campaigns is a warning, and so is a health of LIMITED.

    Why it matters:
        Sends from a restricted or locked account fail with errors 368 or 131031. Meta goes from a warning to blocks of
        1 to 30 days, then locks and disables the account: a campaign sent into an open violation brings the next step
        nearer.

    How to put it right:
        1. In WhatsApp Manager: Account tools > Account quality (or Business support home), read which policy Meta
           names, and stop the campaigns and templates concerned.
        2. If Meta is mistaken, ask for a review there; otherwise wait until the restriction ends.
        3. Bring status, health_status, waba_ban_state, restriction_info and violation_info up to date with Meta's
           answer.

    Bad:
        ```yaml
        waba:
          restriction_info:
            - restriction_type: RESTRICTED_BIZ_INITIATED_MESSAGING
        ```

    Good:
        ```yaml
        waba:
          restriction_info: []
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/account_update (as
        of 2025-11, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/policy-enforcement (as of 2025-11,
        sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/support/health-status (as of 2025-11,
        sure)
        https://github.com/facebook/openapi (values of status; as of 2026-11, probable)

    Since:
        0.1
    """
    if waba.data.keys().isdisjoint(_RESTRICTING):
        message = "nothing says whether Meta has restricted the WABA"
        remedy = "copy status and health_status from Meta's answer for the WABA"
        yield unproven(message, at=waba.at("status"), remedy=remedy, at_most="info")
    yield from _bad_status(waba, usable, unusable)
    yield from _bad_health(waba, health)
    yield from _banned(waba, lifted, bans)
    for index, entry in enumerate(waba.data.get("restriction_info", ())):
        ends = _day_of(entry.get("expiration", ""))
        if ends is None or ends >= ctx.as_of:
            yield from _restricted(waba, index, entry.get("restriction_type", ""), ends, restrictions)
    violation = waba.data.get("violation_info", {}).get("violation_type")
    if violation is None:
        return
    if _known(violation, violations):
        yield fail(f"Meta has a violation on record: {violation}", at=waba.at("violation_info", "violation_type"))
    else:
        keys = ("violation_info", "violation_type")
        yield from _unheard_of(waba, *keys, what="type of violation", value=violation, known=violations)


_RESTRICTING = ("status", "health_status", "waba_ban_state", "restriction_info", "violation_info")


def _bad_status(waba: Waba, usable: Sequence[str], unusable: Meanings) -> Problems:
    status = waba.data.get("status")
    if status is None:
        return
    if _known(status, usable):
        yield from claimed(waba, "status", by=ANSWER)
    elif name := _known(status, unusable):
        yield fail(f"the WABA is {status}: {unusable[name]}", at=waba.at("status"))
    else:
        yield from _unheard_of(waba, "status", what="status of a WABA", value=status, known=[*usable, *unusable])


def _bad_health(waba: Waba, health: Meanings) -> Problems:
    keys = ("health_status", "can_send_message")
    said = waba.data.get("health_status", {}).get("can_send_message")
    if said is None:
        return
    at = waba.at(*keys)
    answer = _known(said, health.values())
    if answer == health["available"]:
        yield from claimed(waba, *keys, by=ANSWER)
    elif answer == health["blocked"]:
        yield fail(f"Meta says {said}: no message can be sent from this WABA", at=at)
    elif answer == health["limited"]:
        yield fail(f"Meta says {said}: this WABA can send less than it should", at=at, at_most="warning")
    else:
        yield from _unheard_of(waba, *keys, what="health", value=said, known=health.values())


def _banned(waba: Waba, lifted: Sequence[str], bans: Meanings) -> Problems:
    state = waba.data.get("waba_ban_state")
    if state is None or _known(state, lifted):
        return
    if name := _known(state, bans):
        yield fail(f"{bans[name]} ({state})", at=waba.at("waba_ban_state"))
    else:
        yield from _unheard_of(waba, "waba_ban_state", what="state of a ban", value=state, known=[*lifted, *bans])


def _restricted(
    waba: Waba, index: int, kind: str, ends: date | None, restrictions: Mapping[str, Mapping[str, Any]]
) -> Problems:
    until = f" until {ends}" if ends else ""
    at = waba.at("restriction_info", index)
    if name := _known(kind, restrictions):
        effect = restrictions[name]
        yield fail(
            f"Meta has restricted the WABA{until}: {effect['means']} ({kind})",
            at=at,
            at_most="error" if effect["stops_campaigns"] else "warning",
        )
    elif kind:
        keys = ("restriction_info", index, "restriction_type")
        yield from _unheard_of(waba, *keys, what="type of restriction", value=kind, known=restrictions)
    else:
        yield fail(f"Meta has restricted the WABA{until}, and nothing says how", at=at)


def _day_of(expiration: str) -> date | None:
    """The day on which a restriction ends: seconds since 1970, or a date. None where it is neither."""
    try:
        if expiration.isdecimal():
            return datetime.fromtimestamp(int(expiration), UTC).date()
        return date.fromisoformat(expiration[:10])
    except (OSError, OverflowError, ValueError):
        return None


@rule("WBA004", "missing-namespace", step=Step.WABA)
def missing_namespace(
    workspace: Workspace,
    *,
    providers: Mapping[str, Mapping[str, Any]] = fact("providers"),
    platforms: Sequence[str] = fact("waba.namespace_platforms"),
    pattern: str = fact("waba_probable.namespace_pattern"),
) -> Problems:
    """The namespace of the templates is missing where it is asked for, or does not look like one.

    Of MoEngage's providers only Unifonic asks for it, and of Meta's platforms only the On-Premises client. That it has
    the form of a UUID with underscores is read off samples, so another form is a warning.

    Why it matters:
        Without the right namespace the provider does not find the templates, and every send of one fails.

    How to put it right:
        1. In WhatsApp Manager: Account tools > Message templates. The namespace is shown there; Meta's API gives it as
           message_template_namespace.
        2. In MoEngage: Settings > Channels > WhatsApp > Sender configuration, enter it in the sender
           (template-namespace).
        3. Write it as waba.message_template_namespace.

    Bad:
        ```yaml
        waba:
          message_template_namespace: null
        bsp:
          provider: unifonic
          credentials: {username: null, password: null, secret: {env: UNIFONIC_SECRET}}
          sender_fields: {api_url: "https://apis.unifonic.example/v1/messages", public_id: acme}
        ```

    Good:
        ```yaml
        waba:
          message_template_namespace: ba30dd89_2ebd_41e4_b805_f2c05ae04cc9
        ```

    Source:
        https://www.moengage.com/docs/partner-guide/messaging-channels/whatsapp-providers/unifonic/configure-unifonic
        (as of 2026, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/template-management (as of
        2026-09, sure; the form: probable)

    Since:
        0.1
    """
    waba = workspace.waba
    namespace = waba.data.get("message_template_namespace")
    at = waba.at("message_template_namespace")
    asking = _who_asks(workspace, providers, platforms)
    if namespace is None:
        if asking:
            place, who = asking[0]
            yield fail(f"{who} asks for the namespace of the templates, and it is not stated", at=at, also=[place])
    elif not re.search(pattern, namespace):
        remedy = "copy it again from WhatsApp Manager: groups of hexadecimal digits with underscores between them"
        yield fail(
            f'"{namespace}" does not look like a namespace of templates', at=at, remedy=remedy, at_most="warning"
        )
    elif asking:
        yield from claimed(waba, "message_template_namespace", by=ANSWER)


_TO_HYPHENS = str.maketrans(" ._", "---")


def _who_asks(
    workspace: Workspace, providers: Mapping[str, Mapping[str, Any]], platforms: Sequence[str]
) -> list[tuple[Place, str]]:
    bsp = workspace.bsp
    asking = [
        (number.at("platform_type", label="asks for it"), "the On-Premises client of a number")
        for number in workspace.phone_numbers
        if _known(number.data.get("platform_type", ""), platforms)
    ]
    provider = providers.get(bsp.data["provider"].casefold().translate(_TO_HYPHENS), {})
    if provider.get("template_namespace") and bsp.data.get("integration", "native") == "native":
        asking.insert(0, (bsp.at("provider", label="asks for it"), f"{provider['name']}'s sender form"))
    return asking


@rule("WBA005", "incomplete-billing", step=Step.WABA)
def incomplete_billing(waba: Waba, *, fields: Meanings = fact("waba.billing_fields")) -> Problems:
    """Currency, time zone or payment method of the account are not stated.

    Why it matters:
        Meta refuses paid messages of an account without one of them (error 131042). Currency and time zone cannot be
        changed once a credit line is attached, so they should be right before that.

    How to put it right:
        1. In Meta Business Manager: Business settings > Accounts > WhatsApp accounts, choose the account and see its
           currency, time zone and payment settings. Who sends through a BSP's credit line asks the BSP to attach it.
        2. Write waba.currency, waba.timezone_id and waba.primary_funding_id as Meta gives them.

    Bad:
        ```yaml
        waba:
          currency: null
        ```

    Good:
        ```yaml
        waba:
          currency: INR
          timezone_id: "71"
          primary_funding_id: "1128733948733"
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes (as of 2025-11,
        sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/whatsapp-business-accounts (as of
        2026-09, sure)

    Since:
        0.1
    """
    for field, label in fields.items():
        if field in waba.data:
            yield from claimed(waba, field, by=ANSWER)
        else:
            yield unproven(
                f"nothing says that the WABA has a {label}; without it sends fail with error 131042",
                at=waba.at(field),
                remedy=f"copy {field} from Meta's answer for the WABA",
                at_most="warning",
            )


@rule("WBA006", "on-behalf-of-account", step=Step.WABA)
def on_behalf_of_account(
    waba: Waba,
    *,
    deprecated: Sequence[str] = fact("waba.deprecated_ownership_types"),
    current: Sequence[str] = fact("waba_probable.current_ownership_types"),
) -> Problems:
    """The account is owned by a provider on behalf of the business, a model that Meta has given up.

    Why it matters:
        Since 2025-09-30 no such account can be made any more. The business does not own its account, its templates or
        its number's quality there, and cannot take them to another provider without the old one's help.

    How to put it right:
        1. At the BSP: ask to have the account's ownership transferred to your own business portfolio, or to be moved to
           an account of your own.
        2. In Meta Business Manager: accept the transfer. Then write waba.ownership_type as Meta gives it.

    Bad:
        ```yaml
        waba:
          ownership_type: ON_BEHALF_OF
        ```

    Good:
        ```yaml
        waba:
          ownership_type: SELF
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/obo-model-deprecation
        (as of 2025-11, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/changelog (2025-03-20, sure)

    Since:
        0.1
    """
    ownership = waba.data.get("ownership_type")
    at = waba.at("ownership_type")
    if ownership is None:
        remedy = "copy ownership_type from Meta's answer for the WABA"
        yield unproven("nothing says who owns the WABA", at=at, remedy=remedy, at_most="info")
    elif _known(ownership, deprecated):
        yield fail("the WABA belongs to a provider on behalf of the business, a model that Meta has given up", at=at)
    elif _known(ownership, current):
        yield from claimed(waba, "ownership_type", by=ANSWER)
    else:
        known = [*current, *deprecated]
        yield from _unheard_of(waba, "ownership_type", what="type of ownership", value=ownership, known=known)


@rule("WBA007", "template-cap", step=Step.WABA)
def template_cap(
    workspace: Workspace,
    *,
    caps: Mapping[str, int] = fact("template_caps.templates"),
    approved_names: Sequence[str] = fact("template_caps.approved_name_statuses"),
    verified: Sequence[str] = fact("waba.verified_statuses"),
    unverified: Meanings = fact("waba.unverified_statuses"),
    warn_from: Share = 0.9,
) -> Problems:
    """The account holds more templates than Meta lets it, or nearly as many.

    Meta's own count and limit are used where the manifest states them. Otherwise the names of the templates listed are
    counted, and the limit is 250, or 6,000 for a verified business with an approved display name.

    Why it matters:
        Over the limit Meta refuses every new template (error 2388019): the campaign that needs one has to wait until
        others are deleted, and the name of a deleted template is blocked for 30 days.

    How to put it right:
        1. In WhatsApp Manager: Account tools > Message templates. Delete templates that nothing uses any more, with all
           their languages.
        2. Or raise the limit: have the business verified (Meta Business Manager: Security Centre) and a display name
           approved.
        3. Bring message_template_count and message_template_limit up to date.

    Bad:
        ```yaml
        waba:
          message_template_count: 250
          message_template_limit: 250
        ```

    Good:
        ```yaml
        waba:
          message_template_count: 61
          message_template_limit: 250
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/overview (as of 2025-11,
        sure; the WABA page still says a flat 250)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes (as of 2025-11,
        sure)

    Since:
        0.1
    """
    waba = workspace.waba
    count = waba.data.get("message_template_count")
    at = waba.at("message_template_count")
    least = ""
    if count is None:  # what is listed is what somebody needed to list: the account may hold more
        count = len({template.data["name"] for template in workspace.templates})
        at = workspace.at("templates")
        least = "at least "
    cap, why = _cap(workspace, caps, approved_names, verified, unverified)
    held = f"the WABA holds {least}{count} template{'' if count == 1 else 's'}"
    if cap is None:
        if count > caps["unverified"]:
            message = (
                f"{held}: more than the {caps['unverified']} of an unverified business, and nothing shows that it may"
            )
            yield unproven(message, at=at, also=why, remedy="copy message_template_limit from Meta's answer")
    elif count > cap:
        yield fail(f"{held}, and Meta allows {cap}", at=at, also=why)
    elif cap and count >= warn_from * cap:
        yield fail(f"{held} of the {cap} that Meta allows", at=at, also=why, at_most="warning")


def _cap(
    workspace: Workspace,
    caps: Mapping[str, int],
    approved_names: Sequence[str],
    verified: Sequence[str],
    unverified: Meanings,
) -> tuple[int | None, list[Place]]:
    """How many templates the account may hold, None where nothing shows it; and the place that decides."""
    waba = workspace.waba
    stated = waba.data.get("message_template_limit")
    if stated is not None:
        return stated, [waba.at("message_template_limit", label="Meta's limit")]
    status = waba.data.get("business_verification_status", "")
    why = [waba.at("business_verification_status", label="decides the limit")]
    if _known(status, unverified):
        return caps["unverified"], why
    names = [number.data.get("name_status") for number in workspace.phone_numbers]
    if not _known(status, verified) or (None in names and not _any_of(names, approved_names)):
        return None, why
    return (caps["verified"] if _any_of(names, approved_names) else caps["unverified"]), why


def _any_of(values: Iterable[str | None], names: Sequence[str]) -> bool:
    return any(value is not None and _known(value, names) for value in values)


@rule("WBA008", "ineligible-country", step=Step.WABA)
def ineligible_country(
    waba: Waba,
    *,
    ineligible: Meanings = fact("countries.ineligible"),
    unsure: Meanings = fact("countries_unsure.ineligible"),
) -> Problems:
    """The business is in a country that may not use the WhatsApp Business Platform.

    The regions that Meta shuts out as well (Crimea, Donetsk, Luhansk) have no country code of their own, so a manifest
    cannot show them. Whether Syria still belongs to the list is not known: a warning.

    Why it matters:
        Meta serves neither businesses nor recipients there: the account is not approved, or is closed when Meta finds
        out.

    How to put it right:
        1. If the country is wrong, correct it. In Meta Business Manager: Business settings > Business info; then
           waba.country.
        2. If it is right, the business cannot send WhatsApp messages through the platform: use another channel.

    Bad:
        ```yaml
        waba:
          country: CU
        ```

    Good:
        ```yaml
        waba:
          country: IN
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/support (country restrictions; as of
        2025-11-19, sure; Syria: unsure)

    Since:
        0.1
    """
    country = waba.data.get("country")
    at = waba.at("country")
    if country is None:
        remedy = "copy country from Meta's answer for the WABA"
        yield unproven("nothing says in which country the business is", at=at, remedy=remedy, at_most="warning")
    elif country in ineligible:
        yield fail(f"businesses in {ineligible[country]} may not use the WhatsApp Business Platform", at=at)
    elif country in unsure:
        message = (
            f"Meta has listed {unsure[country]} as shut out of the platform, and it is not known whether it still is"
        )
        yield fail(message, at=at, remedy="ask Meta or the BSP before anything else", at_most="warning")
    else:
        yield from claimed(waba, "country", by=ANSWER)


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
