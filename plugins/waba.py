"""Step 2 of the checklist: a WhatsApp Business Account (WABA) that Meta has approved and lets send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from wa_policy.api import (
    Context,
    Problems,
    Rule,
    Step,
    Waba,
    claimed,
    fact,
    fail,
    hookimpl,
    rule,
    rules_in,
    unproven,
)
from wa_policy.plugins._meta_values import WABA_ANSWER, Meanings, known, unheard_of
from wa_policy.plugins._wording import listed


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
    elif known(status, usable):
        yield from claimed(waba, "account_review_status", by=WABA_ANSWER)
    elif name := known(status, unusable):
        yield fail(
            f"the account review says {status}: {unusable[name]}, and the WABA cannot send until it is approved", at=at
        )
    else:
        words = [*usable, *unusable]
        yield unheard_of(waba, "account_review_status", what="account review status", value=status, words=words)


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
    elif known(status, verified):
        yield from claimed(waba, "business_verification_status", by=WABA_ANSWER)
    elif name := known(status, unverified):
        limits = [f"{templates['unverified']} templates"]
        if waba.data.get("message_template_limit", 0) > templates["unverified"]:
            limits.clear()  # Meta has allowed more
        tier = known(waba.data.get("whatsapp_business_manager_messaging_limit"), users_per_day)
        allowed = users_per_day[tier] if tier else starting_users_per_day
        if allowed is not None and allowed <= starting_users_per_day:
            limits += [f"{numbers['unverified']} numbers", f"{allowed} people a day"]
        follows = f": {listed(limits)} are the limit" if limits else ""
        yield fail(f"the business is not verified ({unverified[name]}){follows}", at=at)
    else:
        words = [*verified, *unverified]
        yield unheard_of(waba, "business_verification_status", what="verification status", value=status, words=words)


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
    if known(violation, violations):
        yield fail(f"Meta has a violation on record: {violation}", at=waba.at("violation_info", "violation_type"))
    else:
        keys = ("violation_info", "violation_type")
        yield unheard_of(waba, *keys, what="type of violation", value=violation, words=violations)


_RESTRICTING = ("status", "health_status", "waba_ban_state", "restriction_info", "violation_info")


def _bad_status(waba: Waba, usable: Sequence[str], unusable: Meanings) -> Problems:
    status = waba.data.get("status")
    if status is None:
        return
    if known(status, usable):
        yield from claimed(waba, "status", by=WABA_ANSWER)
    elif name := known(status, unusable):
        yield fail(f"the WABA is {status}: {unusable[name]}", at=waba.at("status"))
    else:
        yield unheard_of(waba, "status", what="status of a WABA", value=status, words=[*usable, *unusable])


def _bad_health(waba: Waba, health: Meanings) -> Problems:
    keys = ("health_status", "can_send_message")
    said = waba.data.get("health_status", {}).get("can_send_message")
    if said is None:
        return
    at = waba.at(*keys)
    answer = known(said, health.values())
    if answer == health["available"]:
        yield from claimed(waba, *keys, by=WABA_ANSWER)
    elif answer == health["blocked"]:
        yield fail(f"Meta says {said}: no message can be sent from this WABA", at=at)
    elif answer == health["limited"]:
        yield fail(f"Meta says {said}: this WABA can send less than it should", at=at, at_most="warning")
    else:
        yield unheard_of(waba, *keys, what="health", value=said, words=health.values())


def _banned(waba: Waba, lifted: Sequence[str], bans: Meanings) -> Problems:
    state = waba.data.get("waba_ban_state")
    if state is None or known(state, lifted):
        return
    if name := known(state, bans):
        yield fail(f"{bans[name]} ({state})", at=waba.at("waba_ban_state"))
    else:
        yield unheard_of(waba, "waba_ban_state", what="state of a ban", value=state, words=[*lifted, *bans])


def _restricted(
    waba: Waba, index: int, kind: str, ends: date | None, restrictions: Mapping[str, Mapping[str, Any]]
) -> Problems:
    until = f" until {ends}" if ends else ""
    at = waba.at("restriction_info", index)
    if name := known(kind, restrictions):
        effect = restrictions[name]
        yield fail(
            f"Meta has restricted the WABA{until}: {effect['means']} ({kind})",
            at=at,
            at_most="error" if effect["stops_campaigns"] else "warning",
        )
    elif kind:
        keys = ("restriction_info", index, "restriction_type")
        yield unheard_of(waba, *keys, what="type of restriction", value=kind, words=restrictions)
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


@rule("WBA008", "ineligible-country", step=Step.WABA)
def ineligible_country(
    waba: Waba,
    *,
    ineligible: Meanings = fact("countries.ineligible"),
    unsure: Meanings = fact("countries_unsure.ineligible"),
    meant: Mapping[str, str] = fact("country_code_mistakes.meant"),
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
    from wa_policy.plugins._phone_numbers import is_country  # the rules on numbers have loaded it already

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
    elif not is_country(country):
        suggestion = f' (did you mean "{meant[country]}"?)' if country in meant else ""
        message = (
            f'"{country}" is not the code of a country{suggestion}, so nothing shows that its businesses are served'
        )
        yield unproven(message, at=at, remedy="copy country from Meta's answer for the WABA")
    else:
        yield from claimed(waba, "country", by=WABA_ANSWER)


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
