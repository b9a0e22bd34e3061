"""Step 5 of the checklist: the data behind the opt-in audit is clean, and no import is about to blank it."""

from __future__ import annotations

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
)
from wa_policy.plugins._audits import share
from wa_policy.plugins._providers import Providers, name_of
from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


@rule("OPT009", "dirty-values", step=Step.OPT_IN)
def dirty_values(
    opt_in: OptIn,
    *,
    providers: Providers = fact("providers"),
    maximum_other_values_share: Share = 0.0,
    maximum_contradicting_share: Share = 0.0,
    maximum_unreadable_numbers_share: Share = 0.0,
    maximum_mended_numbers_share: Share = 0.0,
    maximum_repeated_share: Share = 0.0,
    maximum_unclear_at_bsp_share: Share = 0.0,
    maximum_rejected_share: Share = 0.0,
) -> Problems:
    """The data behind the audit is dirty: statuses, numbers or ids that MoEngage or the provider may read differently.

    One finding for each kind of thing that the audit has counted: a status other than TRUE, FALSE or blank; users whose
    rows contradict each other; numbers that cannot be read, and numbers that must be mended first; ids and numbers that
    are repeated; rows of the provider's list that say nothing clear; rows that could not be read at all. Each has a
    share up to which the policy takes it (the maximum_... settings). Users without any number are not dirt: many are
    reached by e-mail alone. Without an audit nothing is said here: low-coverage asks for one.

    Why it matters:
        WhatsApp Subscription Status is TRUE, FALSE or blank, and nothing else: a campaign for those with TRUE leaves
        out whoever has "yes" or 1, and nobody notices. A number that is not in the international form E.164 fails at
        the provider, or reaches a stranger. A user who stands there twice, once with TRUE and once with FALSE, is
        messaged after having said no.

    How to put it right:
        1. See which rows they are: `wa-policy audit opt-in --workspace NAME --moengage USERS.csv --bsp LIST.csv --out
           evidence/opt-in-audit.json --exceptions ROWS.parquet`. That file holds numbers: keep it to yourself, and
           delete it afterwards.
        2. In MoEngage: write true or false for other values, and mend numbers, by Segment > Import Users or the user
           update API. Keep the number (u_mb) as text: calling code first, no leading zeros, no spaces or hyphens.
        3. Never open an export in a spreadsheet and import it again: it rounds long numbers (9.18E+11).
        4. Export anew, and run the audit again. If a few are acceptable, let your policy say so.

    Bad:
        ```yaml
        opt_in:
          audit: evidence/opt-in-audit-with-dirty-values.json
        ```

    Good:
        ```yaml
        opt_in:
          audit: evidence/opt-in-audit.json
        ```

    Source:
        https://help.moengage.com/hc/en-us/articles/4411171362452-Prerequisites (as of 2026-11, sure)
        https://www.moengage.com/docs/user-guide/segment/reachability/whatsapp-reachability (as of 2026-11, sure)
        https://www.moengage.com/docs/user-guide/data/imports/overview/overview-imports (as of 2026-11, sure)

    Since:
        0.1
    """
    audit = opt_in.audit
    if audit is None:
        return
    name = name_of(opt_in.workspace.bsp, providers)
    for what, dirt, maximum in (
        ("other values", _other_values(audit), maximum_other_values_share),
        ("contradicting", _contradicting(audit), maximum_contradicting_share),
        ("unreadable numbers", _unreadable_numbers(audit), maximum_unreadable_numbers_share),
        ("mended numbers", _mended_numbers(audit), maximum_mended_numbers_share),
        ("repeated ids", _repeated_ids(audit), maximum_repeated_share),
        ("repeated numbers", _repeated_numbers(audit), maximum_repeated_share),
        ("unclear at bsp", _unclear_at_bsp(audit, name), maximum_unclear_at_bsp_share),
        ("rejected", _rejected(audit), maximum_rejected_share),
    ):
        # Divided, since 0.29 * 100 is less than 29; where there is nothing, dirt in it is too much.
        if dirt is not None and (not dirt.whole or dirt.part / dirt.whole > maximum):
            about = {what: dirt.part, "of": dirt.whole}
            yield fail(dirt.message, at=opt_in.at("audit"), remedy=dirt.remedy, about=about)


class _Dirt(NamedTuple):
    """One kind of thing that is wrong with the data: how many of how many, and what to do. There is none of what nobody has."""

    part: int
    whole: int
    message: str
    remedy: str


_MENDING = "write these numbers into MoEngage as the audit reads them: calling code first, then digits alone"
_OTHER_VALUES = {
    "spaces": ("with white space around it", "take the white space away"),
    "numeric": ("with 1 or 0", "write true for 1 and false for 0, if that is what they mean"),
    "words": ("with a word such as yes or no", "write true for yes and false for no"),
    "sms_vocabulary": (
        "with a word of the SMS channel or of a provider's list, such as OPTIN",
        "find out whether OPTIN was said of WhatsApp: consent to SMS is none",
    ),
    "other": ("with something else", "ask these users again, and leave the status blank until they answer"),
}
"""Kinds of statuses: what a message calls them, and what to do."""

_UNREADABLE = {
    "exponent": (
        "rounded by a spreadsheet (9.18E+11)",
        "take the rounded ones from their source again: their last digits are lost",
    ),
    "unicode_digits": ("in digits of another script", "write the digits as 0 to 9"),
    "letters": ("with letters", "ask for numbers with letters again"),
    "trunk_zero": ("with a leading zero", "write the calling code instead of the leading zero"),
    "calling_code": ("with a calling code that does not exist", "ask for numbers without a calling code again"),
    "too_short": ("too short", "look whether the short ones lack their calling code"),
    "too_long": ("too long", "look whether the long ones are two numbers in one, or no numbers"),
    "other": ("with something else", "ask for the others again"),
}
"""Kinds of numbers that nobody can read without guessing."""

_MENDED = {
    "spaces": ("with white space", _MENDING),
    "separators": ("with brackets, dots or hyphens", _MENDING),
    "decimal": ("with a decimal point (918888444411.0)", "see that the column of numbers is text, not decimal numbers"),
    "double_zero": ("with 00 for the plus sign", _MENDING),
}
"""Kinds of numbers that the audit could read, and that MoEngage or the provider may not."""


def _other_values(audit: Mapping[str, Any]) -> _Dirt | None:
    users, kinds = audit["users"], audit.get("dirt", {})
    # A status with white space around it was counted as what it says; whether MoEngage reads it so, nobody knows.
    part = users["invalid"] + kinds.get("spaces", 0)
    if not part:
        return None
    told, remedy = _tell(kinds, _OTHER_VALUES)
    message = f"{_of(part, users['total'])} have a status that is not plainly TRUE, FALSE or blank{told}"
    return _Dirt(part, users["total"], message, remedy or "write true or false for them in MoEngage")


def _contradicting(audit: Mapping[str, Any]) -> _Dirt | None:
    repeated, total = audit.get("repeated", {}), audit["users"]["total"]
    ids, numbers = repeated.get("contradicting_ids", 0), repeated.get("contradicting_numbers", 0)
    if not ids and not numbers:
        return None
    message = (
        "TRUE stands in one row and FALSE in another of the same user or number "
        f"(ids: {ids:,}, numbers: {numbers:,}; {share(max(ids, numbers), total)} of the users)"
    )
    remedy = "set all of them to FALSE in MoEngage, unless you can show that they agreed after they refused"
    return _Dirt(max(ids, numbers), total, message, remedy)


def _unreadable_numbers(audit: Mapping[str, Any]) -> _Dirt | None:
    kinds, total = audit.get("numbers", {}).get("not_e164", {}), audit["users"]["total"]
    part = sum(kinds.values())
    if not part:
        return None
    told, remedy = _tell(kinds, _UNREADABLE)
    return _Dirt(part, total, f"{_of(part, total)} have a number that no message can reach{told}", remedy)


def _mended_numbers(audit: Mapping[str, Any]) -> _Dirt | None:
    kinds, total = audit.get("numbers", {}).get("mended", {}), audit["users"]["total"]
    part = sum(kinds.values())
    if not part:
        return None
    told, remedy = _tell(kinds, _MENDED)
    return _Dirt(part, total, f"{_of(part, total)} have a number that must be mended before it is used{told}", remedy)


def _repeated_ids(audit: Mapping[str, Any]) -> _Dirt | None:
    repeated, total = audit.get("repeated", {}), audit["users"]["total"]
    ids, rows = repeated.get("ids", 0), repeated.get("rows_of_ids", 0)
    part = max(ids, rows)  # who counts by hand may leave out the rows
    if not part:
        return None
    message = f"{_rows(part, total)} repeat an id (different ids: {ids:,}): these users are counted more than once"
    return _Dirt(part, total, message, "give the audit each user once: one export, not an old and a new one together")


def _repeated_numbers(audit: Mapping[str, Any]) -> _Dirt | None:
    repeated, total = audit.get("repeated", {}), audit["users"]["total"]
    numbers, rows = repeated.get("numbers", 0), repeated.get("users_of_numbers", 0)
    part = max(numbers, rows)
    if not part:
        return None
    message = (
        f"{_rows(part, total)} share a number with another one (different numbers: {numbers:,}): "
        "one phone gets a message for each"
    )
    return _Dirt(part, total, message, "merge these users in MoEngage, or take the number from all but one of them")


def _unclear_at_bsp(audit: Mapping[str, Any], name: str) -> _Dirt | None:
    counted = audit.get("bsp", {})
    if not (total := counted.get("rows", 0)):
        return None
    kinds = {key: counted.get(key, 0) for key in _UNCLEAR}
    part = sum(kinds.values())
    if not part:
        return None
    told, remedy = _tell(kinds, _UNCLEAR)
    message = (
        f"{part:,} of {total:,} entries ({share(part, total)}) of the list at {name} do not say clearly "
        f"who has opted in{told}"
    )
    return _Dirt(part, total, message, remedy)


_UNCLEAR = {
    "status_unknown": (
        "with a status that says neither, taken for not opted in",
        "find out what the other words of the status column mean",
    ),
    "invalid_numbers": (
        "with a number that cannot be read",
        "have the provider export whole numbers, with calling code",
    ),
    "contradicting": ("both in and out, taken for opted out", "ask the provider which of two entries holds"),
}
"""What may be unclear in the provider's list. An audit counts unreadable numbers by rows, the others by numbers."""


def _rejected(audit: Mapping[str, Any]) -> _Dirt | None:
    rejected = audit.get("rejected", {"rows": 0})
    part = rejected["rows"]
    if not part:
        return None
    read = sum(
        audit.get(block, {}).get(key, 0) for block, key in (("users", "total"), ("bsp", "rows"), ("import", "rows"))
    )
    lines = [f"{line['file']} line {line['line']:,}" for line in rejected.get("lines", ())[:_SHOWN] if line["line"]]
    more = ", ..." if lines and part > len(lines) else ""
    where = f": {', '.join(lines)}{more}" if lines else ""
    message = f"{_rows(part, part + read)} could not be read, and are counted nowhere{where}"
    remedy = "mend these lines, which have a cell too many or too few, or export anew; then run the audit again"
    return _Dirt(part, part + read, message, remedy)


_SHOWN = 3
"""How many rejected lines a message names; the audit lists more."""


def _tell(kinds: Mapping[str, int], words: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    """How many there are of which kind, most of them first, and what to do for each kind."""
    found = sorted(((count, kind) for kind, count in kinds.items() if count), key=lambda item: -item[0])
    told = [f"{count:,} {words[kind][0] if kind in words else kind.replace('_', ' ')}" for count, kind in found]
    steps = dict.fromkeys(words[kind][1] for _, kind in found if kind in words)
    return f": {', '.join(told)}" if told else "", "; ".join(steps)


def _of(part: int, total: int) -> str:
    return f"{part:,} of {total:,} users ({share(part, total)})"


def _rows(part: int, total: int) -> str:
    return f"{part:,} of {total:,} rows ({share(part, total)})"


@rule("OPT011", "import-wipes-consent", step=Step.OPT_IN)
def import_wipes_consent(opt_in: OptIn) -> Problems:
    """A file that is about to be imported would make the opt-in status of users blank.

    The audit looks at such a file where it is given one (`wa-policy audit opt-in --import FILE`), and says how many
    users with TRUE, and how many with FALSE, stand there with a blank status. Where it was given none, nothing is said.

    Why it matters:
        MoEngage imports the empty cells of a CSV: whoever has TRUE, and an empty cell in the column of the WhatsApp
        Subscription Status, has no status afterwards. These users are not reached any more, and nothing shows that they
        ever agreed. Whoever had FALSE is no longer known to have refused, and by MoEngage's prerequisites a campaign to
        everybody then reaches them.

    How to put it right:
        1. Do not import the file as it is.
        2. Take the column of the WhatsApp Subscription Status out of the file, or leave it unmapped in MoEngage; or
           write true or false into every cell of it.
        3. Or import the users as NDJSON (by S3 or SFTP): there MoEngage skips null and empty values.
        4. Run the audit again with `--import FILE`, and name the new evidence under opt_in.audit.

    Bad:
        ```yaml
        opt_in:
          audit: evidence/opt-in-audit-before-an-import.json
        ```

    Good:
        ```yaml
        opt_in:
          audit: evidence/opt-in-audit.json
        ```

    Source:
        https://www.moengage.com/docs/user-guide/data/imports/file-based-imports/import-user-data-using-csv
        (as of 2026-11, sure)
        https://www.moengage.com/docs/user-guide/data/imports/overview/overview-imports (as of 2026-11, sure)

    Since:
        0.1
    """
    counted = (opt_in.audit or {}).get("import", {})
    consents, refusals = counted.get("would_wipe", 0), counted.get("would_wipe_false", 0)
    wiped = [
        f"the {what} of {count:,} user{'s' if count > 1 else ''}"
        for what, count in (("consent", consents), ("refusal", refusals))
        if count
    ]
    if not wiped:
        return
    names = [file["name"] for file in opt_in.audited_files if file.get("annotations", {}).get("side") == "import"]
    shown = " and ".join(f'"{name}"' for name in names[:_SHOWN]) + (" and others" if names[_SHOWN:] else "")
    yield fail(
        f"importing {shown or 'the file that the audit was given'} would wipe {' and '.join(wiped)}: "
        "MoEngage makes a status blank whose cell is empty",
        at=opt_in.at("audit"),
        remedy="export the file without the column of the WhatsApp Subscription Status, or import it as NDJSON, "
        "where MoEngage skips empty values",
        about={"consents": consents, "refusals": refusals},
    )


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
