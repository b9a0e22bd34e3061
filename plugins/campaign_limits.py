"""After the checklist: a campaign stays within what the business may send in a day, and its number in a minute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from wa_policy.api import (
    Campaign,
    Count,
    Place,
    Problem,
    Problems,
    Rule,
    Step,
    Subject,
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
from wa_policy.plugins._campaigns import sender_of
from wa_policy.plugins._meta_values import Meanings, known
from wa_policy.plugins._providers import outside_channel
from wa_policy.records import NamedTuple

LIMIT: Final = "whatsapp_business_manager_messaging_limit"
OLD_LIMIT: Final = "messaging_limit_tier"
VERIFICATION: Final = "business_verification_status"


@rule("CMP006", "over-messaging-limit", step=Step.CAMPAIGNS)
def over_messaging_limit(
    workspace: Workspace,
    *,
    users_per_day: Mapping[str, Count | None] = fact("messaging_limits.users_per_day"),
    unset: Sequence[str] = fact("messaging_limits.unset"),
    starting_users_per_day: Count = fact("messaging_limits.starting_users_per_day"),
    unverified: Meanings = fact("waba.unverified_statuses"),
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


def _stated_limit(workspace: Workspace, users_per_day: Mapping[str, int | None]) -> _Limit | None:
    """The limit that the manifest states: the portfolio's, or the highest of the numbers', as limits were once kept.

    Meta gives the portfolio's with its numbers, too, where it is as certain.
    """
    waba = workspace.waba
    tier = waba.data.get(LIMIT)
    if tier is not None:
        word = known(tier, users_per_day)
        return _Limit(users_per_day[word], tier, waba, LIMIT, "the daily limit", certain=True) if word else None
    return _highest(workspace, users_per_day, LIMIT, "the daily limit", certain=True) or _highest(
        workspace, users_per_day, OLD_LIMIT, "the daily limit, as this number once had it", certain=False
    )


def _highest(
    workspace: Workspace,
    users_per_day: Mapping[str, int | None],
    key: Literal["whatsapp_business_manager_messaging_limit", "messaging_limit_tier"],
    label: str,
    *,
    certain: bool,
) -> _Limit | None:
    """The highest limit that numbers state under a key; None where none does."""
    best = None
    for number in workspace.phone_numbers:
        if word := known(number.data.get(key), users_per_day):
            limit = _Limit(users_per_day[word], word, number, key, label, certain=certain)
            if best is None or limit.users is None or (best.users is not None and limit.users > best.users):
                best = limit
    return best


def _starting_limit(workspace: Workspace, users: int, unverified: Meanings) -> _Limit | None:
    """The limit with which every business starts, where the manifest states none and the business is not verified."""
    waba = workspace.waba
    if LIMIT in waba.data or not known(waba.data.get(VERIFICATION), unverified):
        return None
    said = "where a business that is not verified starts"
    return _Limit(users, said, waba, VERIFICATION, "the business is not verified", certain=False)


def _unknown_limit(workspace: Workspace, users_per_day: Mapping[str, int | None], unset: Sequence[str]) -> Problem:
    tier = workspace.waba.data.get(LIMIT)
    if tier is None:
        message = "nothing says to how many people a day the business may write"
    elif known(tier, unset):
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
        if size is None:
            yield unproven(
                f"nothing says how many people the campaign reaches; the business may write to {users:,} a day",
                at=campaign.at("audience", "size"),
                also=[limit.place],
                remedy="write how many people the campaign is expected to reach in a day as audience.size",
                at_most="warning",
            )
        elif size > users:
            yield fail(
                f"the campaign reaches {size:,} people, and the business may write to {users:,} a day ({limit.said})",
                at=campaign.at("audience", "size"),
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
                    at=campaign.at("audience", "size"),
                    also=[limit.place],
                    remedy="let the campaigns run on different days, or have the limit raised",
                    at_most="warning",
                )
            together += size


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
    says. A connector has no request limit of the WhatsApp channel; what its number can send counts for it as well.

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
    sender = sender_of(campaign)
    level = None if sender is None else known(sender.data.get("throughput", {}).get("level"), messages_per_second)
    room = None if level is None else messages_per_second[level] * 60
    if asked < minimum and not outside_channel(campaign.workspace.bsp):
        yield fail(
            f"MoEngage takes no request limit under {minimum:,} messages a minute, and this one is {asked:,}",
            at=place,
            remedy=f"set the request limit to {minimum:,} a minute or more, or take it out"
            if room is None or room >= minimum
            else "take it out, and ask the provider whether it queues what is too fast: the number takes "
            f"{room:,} messages a minute, and MoEngage takes no request limit as low as that",
        )
    if asked <= messages_per_second[default_level] * 60:
        return
    if sender is None or room is None:
        yield unproven(
            f"nothing says whether the campaign's number takes {asked:,} messages a minute; without an upgrade it "
            f"takes {messages_per_second[default_level] * 60:,}",
            at=place,
            also=[] if sender is None else [sender.at(label="the campaign's number")],
            remedy="write the level that Meta's API answers for the number as its throughput.level",
            at_most="warning",
        )
    elif asked > room:
        yield fail(
            f"the campaign sends up to {asked:,} messages a minute, and its number takes "
            f"{room:,} ({level}); Meta refuses the rest with error 130429",
            at=place,
            also=[sender.at("throughput", "level", label="the number's throughput")],
            remedy="ask the provider whether it queues what is too fast, or split the campaign into smaller segments",
            at_most="warning",
        )
    else:
        yield from claimed(sender, "throughput", "level", by="Meta's answer for the phone numbers")


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
