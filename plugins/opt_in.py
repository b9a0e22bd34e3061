"""Step 5 of the checklist: people agreed to be messaged, and MoEngage and the provider both know who did."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from wa_policy.api import (
    MoEngage,
    OptIn,
    Problems,
    Rule,
    Share,
    Step,
    claimed,
    did_you_mean,
    fact,
    fail,
    hookimpl,
    rule,
    rules_in,
    unproven,
)
from wa_policy.plugins._audits import at_provider, command, looked_up, share, without_number
from wa_policy.plugins._providers import Providers, facts_of, outside_channel

Attribute = Mapping[str, str]
"""A user attribute: its ``key``, and the name under which MoEngage's dashboard shows it (``shown_as``)."""


@rule("OPT001", "wrong-attribute", step=Step.OPT_IN)
def wrong_attribute(
    moengage: MoEngage,
    *,
    opt_in_attribute: Attribute = fact("opt_in.opt_in_attribute"),
    mobile_number_attribute: Attribute = fact("opt_in.mobile_number_attribute"),
    other_channels: Mapping[str, str] = fact("opt_in.other_channels"),
) -> Problems:
    """The WhatsApp channel reads consent, or the number, from another attribute than MoEngage's standard one.

    A connector sends outside the WhatsApp channel, which has this setting, and is not asked for it.

    Why it matters:
        MoEngage decides by the chosen attributes whom a campaign reaches and at which number. With a wrong one, people
        who agreed are not reached, or people who never did are messaged: STOP replies are still written to the standard
        attribute, which nobody reads then. Consent to SMS is not consent to WhatsApp.

    How to put it right:
        1. In MoEngage: Settings > Channels > WhatsApp > General.
        2. For the number choose "Mobile Number (Standard)", for the opt-in "WhatsApp Subscription Status".
        3. Write their keys, u_mb and moe_wa_subscription, under moengage.attributes.

    Bad:
        ```yaml
        moengage:
          attributes:
            opt_in: moe_sms_subscription
        ```

    Good:
        ```yaml
        moengage:
          attributes:
            mobile_number: u_mb
            opt_in: moe_wa_subscription
        ```

    Source:
        https://www.moengage.com/docs/user-guide/campaigns-and-channels/whatsapp/getting-started-with-whatsapp/configure-whatsapp
        (as of 2026-11, sure)
        https://www.moengage.com/docs/api/data/data-overview (as of 2026-11, sure)
        https://help.moengage.com/hc/en-us/articles/7252470147092-Subscription-Management-and-Keywords
            (as of 2026-11, sure)

    Since:
        0.1
    """
    if outside_channel(moengage.workspace.bsp):
        return
    attributes = moengage.data.get("attributes")
    if not attributes:
        yield unproven(
            "nothing says from which attributes MoEngage takes consent and the number for WhatsApp",
            at=moengage.at("attributes"),
        )
        return
    chosen = (
        ("opt_in", attributes.get("opt_in"), opt_in_attribute, "consent"),
        ("mobile_number", attributes.get("mobile_number"), mobile_number_attribute, "the number"),
    )
    for key, value, standard, purpose in chosen:
        place = moengage.at("attributes", key)
        remedy = (
            f'in MoEngage, choose "{standard["shown_as"]}" ({standard["key"]}) under Settings > Channels > WhatsApp'
        )
        if value is None:
            yield unproven(
                f"nothing says from which attribute MoEngage takes {purpose} for WhatsApp", at=place, remedy=remedy
            )
        elif value == standard["shown_as"]:
            yield fail(
                f'"{value}" is the name that MoEngage shows; the attribute itself is {standard["key"]}',
                at=place,
                remedy=f"write {standard['key']}",
                at_most="warning",
            )
        elif value in other_channels:
            yield fail(
                f'"{value}" is an attribute of the {other_channels[value]} channel; WhatsApp takes {purpose} '
                f"from {standard['key']}",
                at=place,
                remedy=remedy,
            )
        elif value != standard["key"]:
            yield fail(
                f'"{value}" is not the attribute from which WhatsApp takes {purpose}'
                f"{did_you_mean(value, [standard['key']]) or '; that is ' + standard['key']}",
                at=place,
                remedy=remedy,
            )


@rule("OPT002", "low-coverage", step=Step.OPT_IN)
def low_coverage(opt_in: OptIn, *, minimum_true_share: Share = 0.6) -> Problems:
    """Too few users have said yes, or nothing shows how many have.

    Why it matters:
        Where few users have agreed, campaigns either reach few people or, with a wrong segment, people who never
        agreed. Those block and report the number: its quality rating falls, and with it the number of people it may
        message a day.

    How to put it right:
        1. In MoEngage: Segment > Export users, with ID, Mobile Number (Standard) and WhatsApp Subscription Status.
        2. Run `wa-policy audit opt-in --workspace NAME --moengage USERS.csv --out evidence/opt-in-audit.json`: it
           counts the users by status, and writes down nothing of any single one. Add `--bsp LIST.csv` for the
           provider's opt-in list, and it compares both sides.
        3. Name the new file under opt_in.audit.
        4. If the share is too low: collect consent on the website, at the till, in the app or by SMS, and update
           MoEngage and the provider. If your share is meant to be lower, let your policy say so (minimum_true_share).

    Bad:
        ```yaml
        opt_in:
          audit: null
        ```

    Good:
        ```yaml
        opt_in:
          audit: evidence/opt-in-audit.json
        ```

    Source:
        https://help.moengage.com/hc/en-us/articles/4411171362452-Prerequisites (as of 2026-11, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/getting-opt-in (as of 2025-11, sure)

    Since:
        0.1
    """
    audit = opt_in.audit
    place = opt_in.at("audit")
    if audit is None:
        remedy = f"export the users from MoEngage, run {command(opt_in)}, and name the file under opt_in.audit"
        yield unproven("no audit shows how many users have opted in", at=place, remedy=remedy)
        return
    users = audit["users"]
    if users["total"] == 0:
        yield unproven(
            "the audit counted no users at all",
            at=place,
            remedy="run it again over a complete export",
            about={"total": 0},
        )
    elif users["true"] / users["total"] < minimum_true_share:
        yield fail(
            f"{users['true']:,} of {users['total']:,} users have opted in ({share(users['true'], users['total'])}); "
            f"the policy asks for {minimum_true_share * 100:g}%",
            at=place,
            remedy=f"collect consent from more users before the first campaign{_where_most_are_missing(audit)}, "
            "and update MoEngage and the provider",
            about={"true": users["true"], "total": users["total"]},
        )


def _where_most_are_missing(audit: Mapping[str, Any]) -> str:
    """The calling code with the lowest share of users who agreed, where the audit tells several apart."""
    groups = [group for group in audit.get("calling_codes", ()) if group["calling_code"] != "other" and group["total"]]
    if len(groups) < _SEVERAL:
        return ""
    lowest = min(groups, key=lambda group: group["true"] / group["total"])
    counted = f"{lowest['true']:,} of {lowest['total']:,}, {share(lowest['true'], lowest['total'])}"
    return f", first from those with +{lowest['calling_code']} ({counted})"


_SEVERAL = 2


@rule("OPT003", "unsynced-side", step=Step.OPT_IN)
def unsynced_side(
    opt_in: OptIn,
    *,
    providers: Providers = fact("providers"),
    providers_without_list: Sequence[str] = fact("opt_in.providers_without_list"),
) -> Problems:
    """The opt-in status is not kept up to date in both places, MoEngage and the provider.

    Why it matters:
        MoEngage's prerequisites ask for both. Many providers keep a list of their own and refuse a number that is not
        on it: "Mobile number is not Opted In". And whoever left at one side is still messaged if the other does not
        hear of it. With Meta itself as the provider there is no second list.

        That both are kept up to date is the manifest's word alone until an audit compares them, and says how the
        provider has the users whose status in MoEngage is TRUE.

    How to put it right:
        1. In MoEngage: update WhatsApp Subscription Status by Segment > Import Users, or by the user update API.
        2. At the BSP: update its opt-in list, by its dashboard or its opt-in API, with the same people at the same
           time.
        3. Write both under opt_in.synced_to once a job, and not a person, keeps them so.
        4. To prove it, compare both: `wa-policy audit opt-in --workspace NAME --moengage USERS.csv --bsp LIST.csv
           --out evidence/opt-in-audit.json`, and name the file under opt_in.audit.

    Bad:
        ```yaml
        opt_in:
          synced_to: [moengage]
        ```

    Good:
        ```yaml
        opt_in:
          synced_to: [moengage, bsp]
        ```

    Source:
        https://help.moengage.com/hc/en-us/articles/4411171362452-Prerequisites (as of 2026-11, sure)
        https://www.moengage.com/docs/user-guide/campaigns-and-channels/whatsapp/troubleshooting-and-faqs-whatsapp/common-errors-in-whatsapp-campaigns
        (as of 2026-11, sure)

    Since:
        0.1
    """
    synced = opt_in.data.get("synced_to")
    place = opt_in.at("synced_to")
    bsp = opt_in.workspace.bsp
    name = facts_of(bsp, providers).get("name", bsp.provider)
    if synced is None:
        yield unproven(
            "nothing says that the opt-in status is kept up to date in MoEngage and at the provider", at=place
        )
        return
    if "moengage" not in synced:
        yield fail("the opt-in status is not kept up to date in MoEngage: campaigns do not know who agreed", at=place)
    needs_bsp = bsp.provider not in providers_without_list
    if needs_bsp and "bsp" not in synced:
        yield fail(
            f"the opt-in status is not kept up to date at {name}: "
            "it may refuse those who agreed, and message those who left",
            at=place,
            also=[bsp.at("provider", label="this is the provider")],
        )
    if "moengage" in synced and ("bsp" in synced or not needs_bsp):
        audit = opt_in.audit
        if needs_bsp and (audit is None or not _all_compared(audit)):
            by = f"an audit of MoEngage's users against the provider's list: {command(opt_in, '--bsp LIST.csv')}"
            yield from claimed(opt_in, "synced_to", by=by)
        elif audit is None:
            yield from claimed(opt_in, "synced_to", by=f"an audit of MoEngage's users: {command(opt_in)}")


def _all_compared(audit: Mapping[str, Any]) -> bool:
    """Whether all users with TRUE who have a number were looked up at the provider, and some were if there are any."""
    agreed: int = audit["users"]["true"]
    compared = looked_up(audit)
    if at_provider(audit) is None or (agreed and not compared):
        return False
    return compared + without_number(audit) >= agreed


@rule("OPT006", "blank-users-messaged", step=Step.OPT_IN)
def blank_users_messaged(opt_in: OptIn, *, maximum_blank_share: Share = 0.0) -> Problems:
    """Campaigns reach users of whom nobody knows whether they agreed, or nothing says that they do not.

    MoEngage's own pages disagree. By the prerequisites, a message goes to everybody except those who opted out, and so
    to users whose status is blank; by the page on reachability, only those with TRUE are reachable. So the manifest
    must say what campaigns do, and `suppress` is only true if every segment asks for TRUE; its word is taken for it.
    With an audit, the message says how many users a campaign to everybody reaches by either page. An audit that shows
    no more blank users than the policy takes (maximum_blank_share) makes it a warning.

    Why it matters:
        WhatsApp takes messages only to people who agreed to get them from this business. Messages to the others are
        reported and blocked; the number's quality falls, and Meta may restrict the account.

    How to put it right:
        1. In MoEngage: add "WhatsApp Subscription Status is TRUE" to the segment of every campaign.
        2. Leave "Send campaign to the users ignoring Opt-in preference" off.
        3. Write blank_users: suppress.
        4. To know how many users are at stake: `wa-policy audit opt-in --workspace NAME --moengage USERS.csv --out
           evidence/opt-in-audit.json`, and name the file under opt_in.audit.

    Bad:
        ```yaml
        opt_in:
          blank_users: send
        ```

    Good:
        ```yaml
        opt_in:
          blank_users: suppress
        ```

    Source:
        https://help.moengage.com/hc/en-us/articles/4411171362452-Prerequisites (as of 2026-11, sure)
        https://www.moengage.com/docs/user-guide/segment/reachability/whatsapp-reachability (as of 2026-11, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/getting-opt-in (as of 2025-11, sure)

    Since:
        0.1
    """
    practice = opt_in.data.get("blank_users")
    if practice == "suppress":
        return
    place = opt_in.at("blank_users")
    users = (opt_in.audit or {}).get("users", {"total": 0})
    counted = users["total"] > 0
    also = [opt_in.at("audit", label="counted here")] if counted else []
    few = counted and users["blank"] / users["total"] <= maximum_blank_share
    about = {"blank_users": practice, "blank": users["blank"], "total": users["total"]} if counted else None
    if practice is None:
        message = "nothing says whether campaigns reach users whose status is blank; " + (
            _exposure(users)
            if counted
            else "by one page of MoEngage's everybody receives who did not opt out, by another only those with TRUE"
        )
        yield unproven(message, at=place, also=also, at_most="warning" if few else "error", about=about)
    elif counted:
        message = (
            f"campaigns are sent to users whose status is blank: {users['blank']:,} of {users['total']:,} users; "
            f"{_exposure(users)}"
        )
        yield fail(message, at=place, also=also, at_most="warning" if few else "error", about=about)
    else:
        message = "campaigns are sent to users whose status is blank, and no audit shows how many they are"
        yield fail(message, at=place)


def _exposure(users: Mapping[str, int]) -> str:
    """Whom a campaign to everybody reaches, by each of MoEngage's two pages."""
    agreed, others = users["true"], users["blank"] + users["invalid"]
    if not others:
        return f"whichever page of MoEngage's is right, a campaign to everybody reaches only the {agreed:,} who agreed"
    which = f" ({users['blank']:,} blank, {users['invalid']:,} with another value)" if users["invalid"] else ""
    return (
        f"by MoEngage's prerequisites a campaign to everybody reaches {agreed + others:,} users, "
        f"{others:,} of whom never agreed{which}; by its page on reachability it reaches only the {agreed:,} who did"
    )


@rule("OPT008", "no-way-back", step=Step.OPT_IN)
def no_way_back(
    opt_in: OptIn,
    *,
    keywords_without_effect: Sequence[str] = fact("opt_in.keywords_without_effect"),
) -> Problems:
    """Nothing lets people who left agree again.

    Why it matters:
        A reply of STOP sets the WhatsApp Subscription Status to FALSE, but a reply of START does not set it to TRUE
        again, as it does for SMS: only the API or a file import can. Without another way, everybody who leaves once is
        lost for good, and those who write START believe that they are back.

    How to put it right:
        1. Offer a form, a switch in the app or a bot's answer that calls MoEngage's user update API with
           moe_wa_subscription: true, and updates the provider.
        2. Write its address, or a description, under opt_in.resubscribe_path.

    Bad:
        ```yaml
        opt_in:
          resubscribe_path: null
        ```

    Good:
        ```yaml
        opt_in:
          resubscribe_path: https://acme.example/whatsapp
        ```

    Source:
        https://www.moengage.com/docs/user-guide/segment/reachability/whatsapp-reachability (as of 2026-11, sure)

    Since:
        0.1
    """
    path = opt_in.data.get("resubscribe_path")
    place = opt_in.at("resubscribe_path")
    if path is None:
        yield unproven("nothing says how people who left can agree again; on WhatsApp, START does not do it", at=place)
    elif found := [word for word in _keywords(path) if word in keywords_without_effect]:
        yield fail(f"a reply of {found[0]} does not bring anybody back on WhatsApp: the status stays FALSE", at=place)


def _keywords(path: str) -> list[str]:
    """What a text may tell people to reply: words in capitals, and in any case those that follow a word for replying."""
    return re.findall(r"[A-Z]+", path) + [word.upper() for word in re.findall(_REPLY, path, re.IGNORECASE)]


_REPLY = r"\b(?:reply|replying|send|sending|text|texting)\s+(?:with\s+)?(?:us\s+)?(?:the\s+)?(?:word\s+)?[\"']?([a-z]+)"


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
