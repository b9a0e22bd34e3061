"""Step 5 of the checklist: the opt-in audit is this workspace's own, adds up, and finds the provider's list to be the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

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
from wa_policy.evidence.audit_sums import NEEDS, STATUSES, SUMS
from wa_policy.plugins._audits import at_provider, command, compare, is_address, looked_up, share, without_number
from wa_policy.plugins._providers import Providers, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


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
    more unknown ones than the policy takes (maximum_unknown_share) make a warning. An audit of coverage alone has
    compared nobody, so it leaves this unproven. With Meta itself as the provider there is no second list, and nothing
    is said. Nor is it without an audit: low-coverage asks for one.

    Why it matters:
        Many providers refuse a number that is not on their list: "Mobile number is not Opted In". The campaign counts
        these people as reachable, and its messages to them fail.

    How to put it right:
        1. In MoEngage: Segment > Export users, with ID, Mobile Number (Standard) and WhatsApp Subscription Status. At
           the BSP: export its opt-in list, by its dashboard or its API.
        2. Run `wa-policy audit opt-in --workspace NAME --moengage USERS.csv --bsp LIST.csv --out
           evidence/opt-in-audit.json`; with `--exceptions ROWS.parquet` it lists whom the BSP does not know. That file
           holds numbers: keep it to yourself, and delete it afterwards.
        3. At the BSP: opt these users in, by a file or its opt-in API.
        4. Have a job do it from now on, and run the audit again.

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
    counted = at_provider(audit)
    if counted is None:
        message = f"the audit does not say how many of those who agreed {name} knows"
        yield unproven(message, at=place, remedy=compare(opt_in, audit), at_most="warning")
        return
    agreed, unknown, compared, unreachable = (
        audit["users"]["true"],
        counted["unknown"],
        looked_up(audit),
        without_number(audit),
    )
    if unknown:
        whole = max(agreed, compared)
        yield fail(
            f"{name} does not know {unknown:,} of {agreed:,} users with TRUE ({share(unknown, whole)}); "
            f"the policy takes {maximum_unknown_share * 100:g}%",
            at=place,
            remedy=f"opt these users in at {name}, or ask them again; --exceptions of the audit lists who they are",
            at_most="warning" if unknown / whole <= maximum_unknown_share else "error",
            about={"unknown": unknown, "true": whole},
        )
    if unreachable:
        message = f"{unreachable:,} of {agreed:,} users with TRUE have no number that could be looked for at {name}"
        remedy = "mend these users' numbers in MoEngage, or set their status to FALSE: no message reaches them"
        about = {"without number": unreachable, "true": agreed}
        yield unproven(message, at=place, remedy=remedy, at_most="warning", about=about)
    if compared + unreachable < agreed:
        left = agreed - compared - unreachable
        message = f"{left:,} of {agreed:,} users with TRUE were not compared with the list at {name}"
        about = {"not compared": left, "true": agreed}
        yield unproven(message, at=place, remedy=compare(opt_in, audit), at_most="warning", about=about)


@rule("OPT005", "opted-out-elsewhere", step=Step.OPT_IN)
def opted_out_elsewhere(
    opt_in: OptIn,
    *,
    providers: Providers = fact("providers"),
    providers_without_list: Sequence[str] = fact("opt_in.providers_without_list"),
) -> Problems:
    """Users have left at the provider, and still count as willing in MoEngage.

    Looked at are the users whose status in MoEngage is TRUE, as the audit compared them with the provider's list. A
    number that is opted in in one row of that list and opted out in another counts as opted out. An audit of coverage
    alone has compared nobody, so it leaves this unproven. Without an audit nothing is said: low-coverage asks for one.

    Why it matters:
        These people said stop, and campaigns go on reaching for them. Where the provider lets the messages through,
        they block and report the number, its quality rating falls, and the law may be broken; where it does not, the
        messages fail. One such person is one too many.

    How to put it right:
        1. At the BSP: export those who have opted out, or have the audit list them: `wa-policy audit opt-in
           --workspace NAME --moengage USERS.csv --bsp LIST.csv --out evidence/opt-in-audit.json --exceptions
           ROWS.parquet`. The list holds numbers: keep it to yourself, and delete it afterwards.
        2. In MoEngage: set their WhatsApp Subscription Status to FALSE, by Segment > Import Users or the user update
           API.
        3. See that the provider's inbound callback leads to MoEngage, so that a reply of STOP arrives there too; then
           export both sides anew, and run the audit again.

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
    counted = at_provider(audit)
    if counted is not None and counted["opted_out"]:
        yield fail(
            f"{counted['opted_out']:,} of {audit['users']['true']:,} users with TRUE opted out at {name}, "
            "and campaigns still reach for them",
            at=place,
            remedy="set the status of these users to FALSE in MoEngage; --exceptions of the audit lists who they are",
            about={"opted out": counted["opted_out"], "true": audit["users"]["true"]},
        )
    elif counted is None and bsp.provider not in providers_without_list:
        message = f"the audit does not say whether any of those who agreed have opted out at {name}"
        yield unproven(message, at=place, remedy=compare(opt_in, audit), at_most="warning")


@rule("OPT010", "audit-mismatch", step=Step.OPT_IN)
def audit_mismatch(opt_in: OptIn) -> Problems:
    """The opt-in audit is another workspace's, is not of the data that is here, or contradicts itself.

    Compared are the name of the workspace; the audit's counts with each other, so that parts are not larger than their
    whole; its counts with the rows of its files, and with the sides that these are of. A whole may be larger than its
    parts, never smaller; an audit that wa-policy made leaves nobody out, so there statuses, forms of numbers, and rows
    come to the whole exactly. With `wa-policy lint --verify-digests` the data files themselves are read, and must be those
    that were audited, byte for byte; they are looked for from the audit's folder, then from the manifest's, then from
    the folder that is checked. Files that are not there leave it unproven, and so do those that Spark read from an
    address (s3a://...). Without the option no data is ever read.

    Why it matters:
        Whatever such an audit shows, it does not show of this workspace: coverage and consent look proven, and nobody
        has counted them.

    How to put it right:
        1. In MoEngage: choose the workspace, and export its users (Segment > Export users) with ID, Mobile Number
           (Standard) and WhatsApp Subscription Status. At the BSP: export its opt-in list.
        2. Run `wa-policy audit opt-in --workspace NAME --moengage USERS.csv --bsp LIST.csv --out
           evidence/opt-in-audit.json`, with metadata.name of this manifest as the NAME.
        3. Name the new file under opt_in.audit. If you count by hand, write the counts as they are.

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
            about={"audit of": audit["workspace"]},
        )
    options = ("--bsp LIST.csv",) if "bsp" in audit else ()
    remedy = f"have it made anew: {command(opt_in, *options)}"
    for part, parts, whole, all_of_it in _contradictions(audit, opt_in.audited_files):
        message = f"the audit contradicts itself: it counts {part:,} {parts}, and {whole:,} {all_of_it}"
        yield fail(message, at=place, remedy=remedy, about={parts: part, all_of_it: whole})
    for message in _wrong_files(audit, opt_in.audited_files):
        yield fail(message, at=place, remedy=remedy, about=message)
    for file in opt_in.mismatches:
        about = {"file": file.name, "trouble": file.trouble}
        if file.changed:
            message = f'"{file.name}" is not the file that was audited: {file.trouble}'
            yield fail(message, at=place, remedy=remedy, about=about)
        elif is_address(file.name):
            message = f'"{file.name}" was not checked: it is at an address that Spark reads, and only files here are read again'
            again = "have Spark count it again, or lint without --verify-digests"
            yield unproven(message, at=place, remedy=again, about=about)
        else:
            message = f'nobody can tell whether "{file.name}" is the file that was audited: {file.trouble}'
            yield unproven(message, at=place, remedy=file.remedy, about=about)


_Contradiction = tuple[int, str, int, str]
"""A part and what it counts, and a whole, which is smaller or should be as large, and what that counts."""

_ROWS = (
    ("moengage", "users.total", "users", "rows in MoEngage's files"),
    ("bsp", "bsp.rows", "rows of the provider's list", "rows in its files"),
    ("import", "import.rows", "rows to be imported", "rows in their files"),
)
"""Which count must not be larger than the rows of the files of which side, rejected ones left out."""


_SUMS_SAID = tuple([(each.parts, each.whole[0], *each.said, each.exact) for each in SUMS if each.said])
"""Of the sums that every audit is held to: parts, whole, what these are, and whether nothing may be left out."""


def _contradictions(audit: Mapping[str, Any], files: Sequence[Mapping[str, Any]]) -> Iterator[_Contradiction]:
    counts = _counts(audit)
    ours = audit.get("tool", _NOTHING).get("name") == "wa-policy"
    for names, of, parts, all_of_it, exact in _SUMS_SAID:
        if (whole := counts.get(of)) is not None:
            part = sum([counts.get(name, 0) for name in names])
            # What an audit leaves out, by hand or by its version, can only make the sum smaller.
            if part != whole and _is_wrong(part, whole, ours and exact and all(name in counts for name in names)):
                yield part, parts, whole, all_of_it
    for need in NEEDS:
        if counts.get(need.numbers) == 0 and (users := counts.get(need.users, 0)):
            yield users, need.said[0], 0, need.said[1]
    yield from _contradictions_of_groups(audit, ours)
    for side, count, called, all_of_it in _ROWS:
        rows = [file["annotations"].get("rows") for file in files if _side(file) == side]
        counted = counts.get(count)
        if rows and counted is not None and None not in rows:
            whole = sum(rows)
            if _is_wrong(counted, whole, ours):
                yield counted, called, whole, all_of_it


def _is_wrong(part: int, whole: int, exactly: bool) -> bool:
    return part > whole or (exactly and part < whole)


def _contradictions_of_groups(audit: Mapping[str, Any], ours: bool) -> Iterator[_Contradiction]:
    groups = audit.get("calling_codes", ())
    for group in groups:
        by_status = sum([group[status] for status in STATUSES])
        if _is_wrong(by_status, group["total"], ours):
            code = group["calling_code"]
            shown = "any other calling code" if code == "other" else f"+{code}"
            yield by_status, f"users by status with {shown}", group["total"], "of them in all"
    for key, called in _SUMS_OF_GROUPS if groups else ():
        if (part := sum([group[key] for group in groups])) > audit["users"][key]:
            yield part, f"{called} by calling code", audit["users"][key], "in all"


_SUMS_OF_GROUPS = (("total", "users"), *((status, f"users ({status})") for status in STATUSES))


_BLOCKS = ("users", "dirt", "numbers", "repeated", "bsp", "import")
"""What an audit counts in."""


def _counts(audit: Mapping[str, Any]) -> Mapping[str, int]:
    """All counts by block and name; of a count by kinds, their sum."""
    return {
        f"{block}.{key}": sum(value.values()) if isinstance(value, dict) else value
        for block in _BLOCKS
        for key, value in audit.get(block, _NOTHING).items()
    }


_NOTHING: Mapping[str, Any] = {}


_SIDES = {"moengage": "MoEngage's users", "bsp": "the provider's list", "import": "the users to be imported"}


def _wrong_files(audit: Mapping[str, Any], files: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What is wrong with the files that the audit names, as far as it says what each of them holds."""
    sides = {_side(file) for file in files}
    if sides <= {""} or "result" in sides:  # the result of a data warehouse speaks for all sides
        return
    for side, called in _SIDES.items():
        if (side == "moengage" or side in audit) and side not in sides:
            yield f"the audit counts {called}, and none of its files holds them"
    seen: dict[str, Mapping[str, Any]] = {}
    for file in files:
        first = seen.setdefault(file["digest"]["sha256"], file)
        if {_side(first), _side(file)} == {"moengage", "bsp"}:
            yield (
                f'the audit compares a file with itself: "{first["name"]}" and "{file["name"]}" are the same, '
                f"and stand for {_SIDES[_side(first)]} and for {_SIDES[_side(file)]}"
            )


def _side(file: Mapping[str, Any]) -> str:
    return str(file.get("annotations", {}).get("side", ""))


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
