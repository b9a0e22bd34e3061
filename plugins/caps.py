"""Steps 2 and 3 of the checklist: how many templates and numbers Meta lets a business have."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Literal

from wa_policy.api import (
    Count,
    Place,
    Problems,
    Project,
    Rule,
    Share,
    Step,
    Summary,
    Workspace,
    fact,
    fail,
    hookimpl,
    rule,
    rules_in,
    unproven,
)
from wa_policy.plugins._meta_values import Meanings, known
from wa_policy.plugins._phone_numbers import unspaced
from wa_policy.plugins._wording import counted


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
    held = f"the WABA holds {least}{counted(count, 'template')}"
    if cap is None:
        if count > caps["unverified"]:
            message = (
                f"{held}: more than the {caps['unverified']} of an unverified business, and nothing shows that it may"
            )
            yield unproven(message, at=at, also=why, remedy="copy message_template_limit from Meta's answer")
    elif count > cap:
        yield fail(f"{held}, and Meta allows {cap}", at=at, also=why)
    elif cap and count / cap >= warn_from:  # 0.07 * 100 is more than 7
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
    status = waba.data.get("business_verification_status")
    why = [waba.at("business_verification_status", label="decides the limit")]
    if known(status, unverified):
        return caps["unverified"], why
    names = [number.data.get("name_status") for number in workspace.phone_numbers]
    if not known(status, verified) or (None in names and not _any_of(names, approved_names)):
        return None, why
    return (caps["verified"] if _any_of(names, approved_names) else caps["unverified"]), why


_NO_MORE = "Delete numbers that nobody uses, or ask Meta's Direct Support or the BSP for a higher cap."


@rule("NUM014", "number-cap", step=Step.NUMBERS)
def number_cap(
    project: Project,
    *,
    before: Count = fact("portfolio_limits.numbers.unverified"),
    after: Count = fact("portfolio_limits.numbers.verified"),
    verified: Sequence[str] = fact("waba.verified_statuses"),
    unverified: Meanings = fact("waba.unverified_statuses"),
    users_per_day: Mapping[str, Count | None] = fact("messaging_limits.users_per_day"),
    starting_users_per_day: Count = fact("messaging_limits.starting_users_per_day"),
    raising_users_per_day: Count = fact("portfolio_limits.numbers_raised_at_users_per_day"),
) -> Problems:
    """More numbers are named than the business portfolio may register.

    All manifests of the run that name one portfolio (waba.owner_business_info.id; without it, one WABA) are counted
    together, a number that two of them name once. What Meta has said itself (waba.max_phone_numbers_per_business,
    from its webhook business_capability_update) goes before 2 and 20; over 20, without such a word, the finding is
    a warning, as samples of Meta's show higher caps.

    Why it matters:
        A new portfolio may register 2 numbers, and 20 once the business is verified or its messaging limit has reached
        2,000. The numbers over the cap cannot be registered, and the workspaces that count on them cannot send.

    How to put it right:
        1. In Meta Business Manager: open Business settings > Security Centre, and have the business verified.
        2. Or: delete numbers that nobody uses, in WhatsApp Manager > Account tools > Phone numbers; or ask Meta's
           Direct Support or the BSP for a higher cap.
        3. In the manifest: write what Meta's webhook business_capability_update says as
           waba.max_phone_numbers_per_business.

    Bad:
        ```yaml
        waba:
          owner_business_info: {id: "506914307656634"}
          max_phone_numbers_per_business: 2
        ---
        metadata: {name: acme-retail-uk}
        moengage: {workspace_id: ACME1RETAIL2UK3}
        waba:
          id: "102290129340399"
          owner_business_info: {id: "506914307656634"}
          max_phone_numbers_per_business: 2
        opt_in: {audit: evidence/opt-in-audit-of-acme-retail-uk.json}
        phone_numbers:
          - number: "+44 20 7946 0958"
            verified_name: Acme Retail
            name_status: APPROVED
            ownership: {owner: Acme Retail Private Limited, proof: evidence/number-ownership.txt,
                        verified_on: 2026-08-14}
            can_receive: {voice: true, sms: false, behind_ivr: true, ivr_hands_to_person: true}
            messenger_account: none
            code_verification_status: VERIFIED
            status: CONNECTED
            quality_rating: GREEN
            account_mode: LIVE
            is_pin_enabled: true
          - number: "+44 20 7946 0959"
            verified_name: Acme Retail
            name_status: APPROVED
            ownership: {owner: Acme Retail Private Limited, proof: evidence/number-ownership.txt,
                        verified_on: 2026-08-14}
            can_receive: {voice: true, sms: false, behind_ivr: true, ivr_hands_to_person: true}
            messenger_account: none
            code_verification_status: VERIFIED
            status: CONNECTED
            quality_rating: GREEN
            account_mode: LIVE
            is_pin_enabled: true
        campaigns: []
        ```

    Good:
        ```yaml
        waba:
          owner_business_info: {id: "506914307656634"}
          max_phone_numbers_per_business: 2
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/phone-numbers#registered-number-cap
        (as of 2026-09, sure); the webhook:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/business_capability_update
        (as of 2025-12, sure)

    Since:
        0.1
    """
    raising = {tier for tier, users in users_per_day.items() if users is None or users >= raising_users_per_day}
    starting = {tier for tier, users in users_per_day.items() if users is not None and users <= starting_users_per_day}
    fewest = min(before, after)
    for manifests in _by_portfolio(project.sharing(lambda summary: _counted_with(summary, fewest))):
        standing = _standing(manifests, verified, unverified, raising, starting)
        stated = [summary.max_phone_numbers for summary in manifests if summary.max_phone_numbers is not None]
        cap = max(stated, default=after if standing == "raised" else before)
        named = _first_named(manifests)
        count = len(named)
        if count <= cap:
            continue
        over, index = named[cap]
        at = over.at("phone_numbers", index, "number")
        within = dict.fromkeys(summary for summary, _ in named[:cap] if summary is not over)
        also = [summary.at("phone_numbers", label="counted as well") for summary in within]
        shared = "portfolio" if any(summary.portfolio_id for summary in manifests) else "WABA"
        remedy = _NO_MORE if standing == "raised" else ""  # else the first remedy is to be verified
        holds = f"{count} numbers are named for one {shared}"
        if stated:
            yield fail(f"{holds}, and Meta says that it may register {cap}", at=at, also=also, remedy=remedy)
        elif standing == "new":
            yield fail(f"{holds}, and it may register {cap} until the business is verified", at=at, also=also)
        elif count > after:
            message = f"{holds}, and it may usually register {after} at most"
            yield fail(message, at=at, also=also, remedy=remedy, at_most="warning")
        else:
            yield unproven(
                f"{holds}, and nothing says that it may register more than {cap}: "
                f"that takes a verified business, or a messaging limit of {raising_users_per_day:,}",
                at=at,
                also=also,
                remedy="write waba.business_verification_status and the messaging limit there as Meta answers them",
                at_most="warning",
            )


def _counted_with(summary: Summary, fewest: int) -> list[tuple[str, str]]:
    """What manifests have in common whose numbers are counted together. One with too many of its own has it twice."""
    portfolio = [("portfolio", summary.portfolio_id)] if summary.portfolio_id else []
    common = [*portfolio, ("waba", summary.waba_id)]
    stated = summary.max_phone_numbers
    cap = fewest if stated is None else min(fewest, stated)
    return common * 2 if len(summary.numbers) > cap else common


def _by_portfolio(summaries: Sequence[Summary]) -> Iterator[list[Summary]]:
    """Manifests that share a portfolio, in the order of the run; of a WABA, one manifest may name it for the others."""
    portfolios = {summary.waba_id: summary.portfolio_id for summary in summaries if summary.portfolio_id}
    groups: dict[tuple[str, str], list[Summary]] = {}
    for summary in summaries:
        portfolio = summary.portfolio_id or portfolios.get(summary.waba_id)
        key = ("portfolio", portfolio) if portfolio else ("waba", summary.waba_id)
        groups.setdefault(key, []).append(summary)
    yield from groups.values()


def _first_named(manifests: Sequence[Summary]) -> list[tuple[Summary, int]]:
    """Where each number is named first: the manifest, and the number's index in it."""
    places: dict[str, tuple[Summary, int]] = {}
    for summary in manifests:
        for index, number in enumerate(summary.numbers):
            places.setdefault(unspaced(number).removeprefix("+"), (summary, index))
    return list(places.values())


def _standing(
    manifests: Sequence[Summary],
    verified: Sequence[str],
    unverified: Collection[str],
    raising: Collection[str],
    starting: Collection[str],
) -> Literal["raised", "new", "unknown"]:
    """Whether a portfolio has left the first cap behind: the best that any of its manifests says."""
    statuses = {summary.business_verification_status for summary in manifests} - {None}
    limits = {summary.messaging_limit for summary in manifests} - {None}
    if _any_of(statuses, verified) or _any_of(limits, raising):
        return "raised"
    is_new = statuses and _all_of(statuses, unverified) and limits and _all_of(limits, starting)
    return "new" if is_new else "unknown"


def _any_of(values: Iterable[str | None], words: Collection[str]) -> bool:
    return any(known(value, words) for value in values)


def _all_of(values: Iterable[str | None], words: Collection[str]) -> bool:
    return all(known(value, words) for value in values)


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
