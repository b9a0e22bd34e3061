"""What an opt-in audit found, in plain words and a few numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wa_policy.audit.model import BSP
from wa_policy.wording import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wa_policy.audit.model import InputFile, Rejected

    Counts = Mapping[str, Any]

_DIRT = {
    "numeric": "1 and 0",
    "words": "words such as yes and no",
    "sms_vocabulary": "words of SMS consent (OPTIN, OPTOUT)",
    "other": "something else",
}
_MENDED = {
    "spaces": "with blanks around or between",
    "separators": "with brackets, dashes or dots",
    "decimal": "as a decimal number (.0)",
    "double_zero": "with 00 instead of +",
}
_NOT_E164 = {
    "exponent": "rounded by a spreadsheet (9.1E+11)",
    "unicode_digits": "with digits of another script",
    "letters": "with letters or other signs",
    "trunk_zero": "as dialled at home, with a leading 0",
    "calling_code": "calling code that does not exist",
    "too_short": "too short",
    "too_long": "too long",
    "other": "otherwise",
}
_BSP = {
    "known": "TRUE, and opted in there",
    "unknown": "TRUE, and not opted in there",
    "opted_out": "TRUE, and opted out there",
    "not_compared": "TRUE, without a number to compare",
    "not_true_but_opted_in": "not TRUE, but opted in there",
    "only_at_bsp": "numbers that only the provider has",
    "legacy_matched": "of these found under an older form of the number",
    "contradicting": "numbers opted in and out there: counted as out",
    "status_unknown": "rows there with a status that says neither",
    "invalid_numbers": "rows there without a usable number",
}
_REPEATED = {
    "ids": "ids in more than one row",
    "rows_without_id": "rows without an id",
    "numbers": "numbers of more than one row",
    "contradicting_ids": "ids with TRUE in one row and FALSE in another",
    "contradicting_numbers": "numbers with TRUE in one row and FALSE in another",
}
_IMPORT = {
    "would_wipe": "consents (TRUE) that a blank cell would wipe",
    "would_wipe_false": "refusals (FALSE) that a blank cell would wipe",
    "unknown_ids": "ids that no user has",
}
_WIDTH = 52
_MOST_LINES = 5


def summary(statement: Counts, rejected: Iterable[Rejected] = ()) -> Iterator[str]:
    """The lines to print for a statement; ``rejected`` says why rows could not be read."""
    audit = statement["predicate"]
    engine = " ".join(filter(None, (audit["engine"].get(key) for key in ("name", "dialect"))))
    yield f"{audit['workspace']}: opt-in audit of {audit['measured_at']}, counted by {engine}"
    if audit["scope"] == "coverage":
        yield "coverage only: nothing is said of the provider's list, of numbers, or of users who stand there twice"
    yield ""
    yield from _users(audit)
    if "numbers" in audit:
        yield from _numbers(audit["numbers"])
    if "repeated" in audit:
        yield from _section("repeated rows", audit["repeated"], _REPEATED)
    if "bsp" in audit:
        yield from _section("compared with the provider's list", audit["bsp"], _BSP, always=3)
    if "import" in audit:
        yield from _section("the import", audit["import"], _IMPORT, always=1)
    if "change" in audit:
        yield from _change(audit["change"])
    if "rejected" in audit:
        yield from _rejected(audit["rejected"], {(row.path, row.line): row.reason for row in rejected})
    if audit["users"]["total"]:
        yield from _exposure(audit["users"]["blank"])


def without_status(files: Sequence[InputFile]) -> Iterator[str]:
    """What a provider's list without a column for the status means for the counts."""
    lists = [
        file.path for file in files if file.side == BSP and all(column.role != "status" for column in file.columns)
    ]
    if lists[1:]:
        yield ""
        yield f"{len(lists):,} files of the provider's list have no status: each of their numbers counts as opted in."
    elif lists:
        yield ""
        yield f"{lists[0]} has no status: each of its numbers counts as opted in."


def _users(audit: Counts) -> Iterator[str]:
    users = audit["users"]
    yield _line("users", users["total"], indent=0)
    if not users["total"]:
        unread = audit.get("rejected", {}).get("rows")
        missing = "there is no row: nothing was exported, or nothing but the header"
        yield f"  {'no row could be read' if unread else missing}"
        return
    for name, meaning in (
        ("true", "TRUE: agreed"),
        ("false", "FALSE: refused"),
        ("blank", "blank: nobody knows"),
        ("invalid", "invalid: another value, which counts as no consent"),
    ):
        yield f"{_line(meaning, users[name])} {users[name] / users['total']:>7.1%}"
    for kind, meaning in _DIRT.items():
        if audit.get("dirt", {}).get(kind):
            yield _line(meaning, audit["dirt"][kind], indent=4)
    if audit.get("dirt", {}).get("spaces"):
        yield _line("with blanks around, which were taken away", audit["dirt"]["spaces"])


def _numbers(numbers: Counts) -> Iterator[str]:
    yield ""
    yield "numbers"
    yield _line("of the international form (E.164)", numbers["e164"])
    if numbers["missing"]:
        yield _line("missing", numbers["missing"])
    for title, part, words in (
        ("to be mended", "mended", _MENDED),
        ("unusable", "not_e164", _NOT_E164),
    ):
        for kind, number in numbers.get(part, {}).items():
            if number:
                yield _line(f"{title}: {words.get(kind, kind)}", number)


def _section(title: str, counts: Counts, meanings: Mapping[str, str], always: int = 0) -> Iterator[str]:
    """The counts that are not 0, and the first ones even so."""
    shown = [
        _line(meaning, counts[name])
        for index, (name, meaning) in enumerate(meanings.items())
        if name in counts and (counts[name] or index < always)
    ]
    if shown:
        yield ""
        yield title
        yield from shown


def _change(change: Counts) -> Iterator[str]:
    yield ""
    days = change["days"]
    yield f"since {change['previous']['measured_at']} ({count(days, 'day', style=',')})"
    if not any(change["users"].values()):
        yield "  no number of users has changed"
    for name, difference in change["users"].items():
        if difference:
            yield _line(f"users, {name.upper() if name in ('true', 'false') else name}", difference, sign="+")


def _rejected(rejected: Counts, reasons: Mapping[tuple[str, int], str]) -> Iterator[str]:
    if rejected["rows"]:
        yield ""
        yield f"{count(rejected['rows'], 'row', style=',')} could not be read, and counted nowhere" + (
            ":" if rejected["lines"] else "; on which lines is not known"
        )
        for row in rejected["lines"][:_MOST_LINES]:
            reason = reasons.get((row["file"], row["line"]))
            yield f"  {row['file']}:{row['line']}" + (f": {reason}" if reason else "")
        if rejected["rows"] > _MOST_LINES and rejected["lines"]:
            yield f"  and more; the evidence lists the first {len(rejected['lines'])}"


def _exposure(blank: int) -> Iterator[str]:
    yield ""
    if not blank:
        yield "No user is blank, so it does not matter which of MoEngage's pages is right about them."
        return
    people, they = (
        ("1 more person gets", "this person gets") if blank == 1 else (f"{blank:,} more people get", "they get")
    )
    yield "MoEngage's pages contradict each other about blank users."
    yield f"  If blank users are counted in, {people} messages without a recorded consent."
    yield f"  If they are not, {they} nothing."


def _line(meaning: str, number: int, indent: int = 2, sign: str = "") -> str:
    return f"{' ' * indent + meaning:<{_WIDTH}} {number:>{sign}13,}"
