"""Step 5 of the checklist: the opt-in audit is this workspace's own, adds up, and finds the provider's list to be the same."""

from __future__ import annotations

from collections.abc import Sequence

from wa_policy.api import (
    OptIn,
    Problems,
    Rule,
    Share,
    Step,
    fact,
    fail,
    hookimpl,
    rule,
    rules_in,
    unproven,
)
from wa_policy.plugins._audits import looked_up
from wa_policy.plugins._providers import Providers, name_of

_COMPARE = (
    "compare the users with TRUE with the provider's list, and write the counts into the audit as predicate.bsp: "
    "known, unknown, opted_out"
)


@rule("OPT004", "missing-at-bsp", step=Step.OPT_IN)
def missing_at_bsp(
    opt_in: OptIn,
    *,
    providers: Providers = fact("providers"),
    providers_without_list: Sequence[str] = fact("opt_in.providers_without_list"),
    maximum_unknown_share: Share = 0.0,
) -> Problems:
    """Users who said yes in MoEngage are not on the provider's list.

    Looked at are the users whose status in MoEngage is TRUE, as the audit compared them with the provider's list. No
    more unknown ones than the policy takes (maximum_unknown_share) make a warning. With Meta itself as the provider
    there is no second list, and nothing is said. Nor is it without an audit: low-coverage asks for one.

    Why it matters:
        Many providers refuse a number that is not on their list: "Mobile number is not Opted In". The campaign counts
        these people as reachable, and its messages to them fail.

    How to put it right:
        1. In MoEngage: export the users whose WhatsApp Subscription Status is TRUE.
        2. At the BSP: compare them with its opt-in list (dashboard, or export), and opt in those that it does not know,
           by a file or its opt-in API.
        3. Have a job do it from now on, and compare again: write the counts into the audit as predicate.bsp
           (`wa-policy schema evidence-opt-in-audit` prints its shape).

    Bad:
        ```yaml
        opt_in:
          audit: evidence/opt-in-audit-with-unknown-users.json
        ```

    Good:
        ```yaml
        opt_in:
          audit: evidence/opt-in-audit.json
        ```

    Source:
        https://help.moengage.com/hc/en-us/articles/4411171362452-Prerequisites (as of 2026-11, sure)
        https://www.moengage.com/docs/user-guide/campaigns-and-channels/whatsapp/troubleshooting-and-faqs-whatsapp/common-errors-in-whatsapp-campaigns
        (as of 2026-11, sure)

    Since:
        0.1
    """
    audit = opt_in.audit
    bsp = opt_in.workspace.bsp
    if audit is None or bsp.provider in providers_without_list:
        return
    place = opt_in.at("audit")
    name = name_of(bsp, providers)
    counted = audit.get("bsp")
    if counted is None:
        message = f"the audit does not say how many of those who agreed {name} knows"
        yield unproven(message, at=place, remedy=_COMPARE, at_most="warning")
        return
    agreed, unknown, compared = audit["users"]["true"], counted["unknown"], looked_up(audit)
    if unknown:
        share = unknown / max(agreed, compared)
        yield fail(
            f"{name} does not know {unknown:,} of {agreed:,} users with TRUE ({share:.1%}); "
            f"the policy takes {maximum_unknown_share * 100:g}%",
            at=place,
            remedy=f"opt these users in at {name}, or ask them again",
            at_most="warning" if share <= maximum_unknown_share else "error",
        )
    if compared < agreed:
        message = f"{agreed - compared:,} of {agreed:,} users with TRUE were not compared with the list at {name}"
        yield unproven(
            message, at=place, remedy="compare all users with TRUE with the provider's list", at_most="warning"
        )


@rule("OPT005", "opted-out-elsewhere", step=Step.OPT_IN)
def opted_out_elsewhere(
    opt_in: OptIn,
    *,
    providers: Providers = fact("providers"),
    providers_without_list: Sequence[str] = fact("opt_in.providers_without_list"),
) -> Problems:
    """Users have left at the provider, and still count as willing in MoEngage.

    Looked at are the users whose status in MoEngage is TRUE, as the audit compared them with the provider's list.
    Without an audit nothing is said here: low-coverage asks for one.

    Why it matters:
        These people said stop, and campaigns go on reaching for them. Where the provider lets the messages through,
        they block and report the number, its quality rating falls, and the law may be broken; where it does not, the
        messages fail. One such person is one too many.

    How to put it right:
        1. At the BSP: export those who have opted out.
        2. In MoEngage: set their WhatsApp Subscription Status to FALSE, by Segment > Import Users or the user update
           API.
        3. See that the provider's inbound callback leads to MoEngage, so that a reply of STOP arrives there too; then
           compare again, and write the counts into the audit as predicate.bsp.

    Bad:
        ```yaml
        opt_in:
          audit: evidence/opt-in-audit-with-opted-out-users.json
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
    if audit is None:
        return
    bsp = opt_in.workspace.bsp
    name = name_of(bsp, providers)
    place = opt_in.at("audit")
    counted = audit.get("bsp")
    if counted is not None and counted["opted_out"]:
        yield fail(
            f"{counted['opted_out']:,} of {audit['users']['true']:,} users with TRUE opted out at {name}, "
            "and campaigns still reach for them",
            at=place,
            remedy="set the status of these users to FALSE in MoEngage",
        )
    elif counted is None and bsp.provider not in providers_without_list:
        message = f"the audit does not say whether any of those who agreed have opted out at {name}"
        yield unproven(message, at=place, remedy=_COMPARE, at_most="warning")


@rule("OPT010", "audit-mismatch", step=Step.OPT_IN)
def audit_mismatch(opt_in: OptIn) -> Problems:
    """The opt-in audit is another workspace's, or its counts contradict each other.

    Compared are the name of the workspace, the users in total with those of each status, and the users with TRUE with
    those that were looked up at the provider. A total may be larger than its parts, never smaller.

    Why it matters:
        Whatever such an audit shows, it does not show of this workspace: coverage and consent look proven, and nobody
        has counted them.

    How to put it right:
        1. In MoEngage: choose the workspace, export its users with the WhatsApp Subscription Status, and count them
           anew.
        2. Write metadata.name of this manifest as predicate.workspace, and the counts as they are.
        3. Name the new file under opt_in.audit.

    Bad:
        ```yaml
        opt_in:
          audit: evidence/opt-in-audit-of-acme-retail-uk.json
        ```

    Good:
        ```yaml
        opt_in:
          audit: evidence/opt-in-audit.json
        ```

    Source:
        The opt-in audit's schema in this package, evidence-opt-in-audit (as of 2026-11, sure)

    Since:
        0.1
    """
    audit = opt_in.audit
    if audit is None:
        return
    place = opt_in.at("audit")
    workspace = opt_in.workspace
    if audit["workspace"] != workspace.name:
        yield fail(
            f'the audit is of the workspace "{audit["workspace"]}", not of this one, "{workspace.name}"',
            at=place,
            also=[workspace.at("metadata", "name", label="this workspace")],
        )
    users = audit["users"]
    by_status = sum(users[status] for status in _STATUSES)
    for part, parts, whole, all_of_it in (
        (by_status, "users by status", users["total"], "users in all"),
        (looked_up(audit), "users with TRUE at the provider", users["true"], "in MoEngage"),
    ):
        if part > whole:
            message = f"the audit contradicts itself: it counts {part:,} {parts}, and {whole:,} {all_of_it}"
            yield fail(message, at=place, remedy="count again over one export, each user once")


_STATUSES = ("true", "false", "blank", "invalid")


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
