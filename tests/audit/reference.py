"""The opt-in audit once more, in plain Python, row by row: what every engine's counts are compared with."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import phonenumbers
from phonenumbers import PhoneMetadata

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Cell = str | None
    Group = Mapping[str, int | str]

WHITE_SPACE = "".join(
    map(
        chr,
        [
            *range(9, 14),
            *range(28, 33),
            133,
            160,
            173,
            5760,
            6158,
            *range(8192, 8208),
            *range(8232, 8240),
            8287,
            8288,
            *range(8294, 8298),
            12288,
            65279,
        ],
    )
)
PUNCTUATION = "()-.\"'\u2010\u2011\u2012\u2013\u2014\u2212"
SMS = {"optin", "opt-in", "opt_in", "opted_in", "opted-in", "in", "subscribed", "opt-inpending", "opt-in pending"} | {
    "optout",
    "opt-out",
    "opt_out",
    "opted_out",
    "opted-out",
    "out",
    "unsubscribed",
}
OPTED_IN = {"opted_in", "opted-in", "optin", "opt_in", "opt-in", "in", "true", "yes", "active", "subscribed"}
OPTED_OUT = {"opted_out", "opted-out", "optout", "opt_out", "opt-out", "out", "false", "no", "inactive"} | {
    "unsubscribed",
    "blocked",
}


class Number(NamedTuple):
    """What a cell with a number says."""

    kind: str
    phone: int | None = None
    code: int | None = None
    legacy: bool = False


@cache
def lengths(code: int) -> tuple[int, int] | None:
    """The fewest and most digits of a mobile number behind a calling code; None: the code is not assigned."""
    found: set[int] = set()
    for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(code, ()):
        if region == "001":
            metadata = PhoneMetadata.metadata_for_nongeo_region(code)
            description = metadata and metadata.general_desc
        else:
            metadata = PhoneMetadata.metadata_for_region(region)
            description = metadata and metadata.mobile
        found |= {length for length in (description.possible_length if description else ()) if length > 0}
    if code == 52:
        found.add(11)
    return (min(found), max(found)) if found else None


def _take_out(text: str, characters: str) -> str:
    return "".join(char for char in text if char not in characters)


def status_of(text: Cell) -> tuple[str, bool]:
    """A user's status, and whether white space had to be taken away from it."""
    text = (text or "").lower()
    word = text.strip(WHITE_SPACE)
    spaces = word != text
    if word in {"true", "false"}:
        return word, spaces
    if word in {"", "null"}:
        return "blank", spaces
    if word in {"0", "1", "0.0", "1.0"}:
        return "numeric", False
    if word in {"yes", "no", "y", "n", "t", "f", "on", "off"}:
        return "words", False
    return ("sms_vocabulary", False) if word in SMS else ("other", False)


def bsp_status_of(text: Cell) -> str:
    """The status of an entry in the provider's list."""
    word = (text or "").lower().strip(WHITE_SPACE)
    return "in" if word in OPTED_IN else "out" if word in OPTED_OUT else "unknown"


def number_of(text: Cell) -> Number:  # noqa: C901 - one question after the other, as in the SQL
    """Which number a cell holds."""
    text = text or ""
    bare = _take_out(text, WHITE_SPACE)
    tight = _take_out(bare, PUNCTUATION)
    if tight == "" or bare.lower() == "null":
        return Number("missing")
    if re.fullmatch(r"\+?[.,]?e\+?", re.sub("[0-9]", "", bare).lower()):
        return Number("not_e164.exponent")
    signs = re.sub(r"[0-9]", "", tight)
    if any(char.isdecimal() for char in signs):
        return Number("not_e164.unicode_digits")
    if re.search("[a-z]", signs.lower()):
        return Number("not_e164.letters")
    if not re.fullmatch(r"\+?[0-9]*", tight):
        return Number("not_e164.other")
    if "(0)" in bare:
        return Number("not_e164.trunk_zero")
    kind = "e164" if bare == text else "mended.spaces"
    if re.fullmatch(r"\+?[0-9]*\.0+", bare):
        kind, tight = "mended.decimal", bare.partition(".")[0]
    elif tight.startswith("00"):
        kind, tight = "mended.double_zero", "+" + tight[2:]
    elif tight.startswith("0"):
        return Number("not_e164.trunk_zero")
    elif tight != bare:
        kind = "mended.separators"
    return _judged(kind, tight.removeprefix("+"), international=tight.startswith("+"))


def _judged(kind: str, digits: str, *, international: bool) -> Number:
    if digits.startswith("0"):
        return Number("not_e164.calling_code")
    if len(digits) < 7:
        return Number("not_e164.too_short")
    if len(digits) > 15:
        return Number("not_e164.too_long")
    code = next((int(digits[:n]) for n in (1, 2, 3) if lengths(int(digits[:n]))), None)
    if code is None:
        return Number("not_e164.calling_code")
    fewest, most = lengths(code) or (0, 0)
    national = len(digits) - len(str(code))
    if not international and not fewest <= national <= most:
        return Number(f"not_e164.{'too_short' if national < fewest else 'too_long'}")
    known_as = _known_as(digits)
    return Number(kind, int(known_as), code, legacy=known_as != digits)


def _known_as(digits: str) -> str:
    if re.fullmatch(r"55[0-9]{2}[6-9][0-9]{7}", digits):
        return f"{digits[:4]}9{digits[4:]}"
    if re.fullmatch(r"(521|549)[0-9]{10}", digits):
        return digits[:2] + digits[3:]
    return digits


class User(NamedTuple):
    """A row of the users, read."""

    id: str
    status: str
    number: Number


def measured(
    users: Sequence[tuple[Cell, Cell, Cell]], bsp: Sequence[tuple[Cell, Cell]], imports: Sequence[tuple[Cell, Cell]]
) -> tuple[dict[str, int], list[Group]]:
    """Counts and groups of (id, mobile, opt_in), (mobile, status) and (id, opt_in), as if all sides were given."""
    counts: Counter[str] = Counter()
    read: list[User] = []
    for identity, mobile, opt_in in users:
        status, spaces = status_of(opt_in)
        invalid = status not in {"true", "false", "blank"}
        number = number_of(mobile)
        counts.update(["users.total", "users.invalid" if invalid else f"users.{status}", f"numbers.{number.kind}"])
        counts.update(
            ["dirt.spaces"] * spaces + [f"dirt.{status}"] * invalid + ["repeated.rows_without_id"] * (not identity)
        )
        read.append(User(identity or "", "invalid" if invalid else status, number))
    _ids(counts, read, imports)
    _numbers(counts, read, [(number_of(mobile), bsp_status_of(status)) for mobile, status in bsp])
    return dict(counts), _groups(read)


def _ids(counts: Counter[str], users: Sequence[User], imports: Sequence[tuple[Cell, Cell]]) -> None:
    statuses = defaultdict(list)
    for user in users:
        if user.id:
            statuses[user.id].append(user.status)
    for of_id in statuses.values():
        counts["repeated.ids"] += len(of_id) > 1
        counts["repeated.rows_of_ids"] += len(of_id) if len(of_id) > 1 else 0
        counts["repeated.contradicting_ids"] += {"true", "false"} <= set(of_id)
    blank = {identity for identity, opt_in in imports if identity and status_of(opt_in)[0] == "blank"}
    counts["import.rows"] = len(imports)
    counts["import.blank"] = sum(status_of(opt_in)[0] == "blank" for _, opt_in in imports)
    counts["import.would_wipe"] = sum("true" in statuses.get(identity, ()) for identity in blank)
    counts["import.would_wipe_false"] = sum(
        "false" in statuses.get(identity, ()) and "true" not in statuses[identity] for identity in blank
    )
    counts["import.unknown_ids"] = len({identity for identity, _ in imports if identity and identity not in statuses})


def _numbers(counts: Counter[str], users: Sequence[User], bsp: Sequence[tuple[Number, str]]) -> None:
    of_users: dict[int, list[User]] = defaultdict(list)
    for user in users:
        if user.number.phone:
            of_users[user.number.phone].append(user)
        else:
            counts["bsp.not_compared"] += user.status == "true"
    said = defaultdict(set)
    forms = defaultdict(set)
    for number, status in bsp:
        counts["bsp.invalid_numbers"] += number.phone is None
        if number.phone:
            said[number.phone].add(status)
            forms[number.phone].add(number.legacy)
    for same in of_users.values():
        counts["repeated.numbers"] += len(same) > 1
        counts["repeated.users_of_numbers"] += len(same) if len(same) > 1 else 0
        counts["repeated.contradicting_numbers"] += {"true", "false"} <= {user.status for user in same}
    counts["bsp.rows"] = len(bsp)
    counts["bsp.total"] = len(said)
    counts["bsp.opted_out_total"] = sum("out" in statuses for statuses in said.values())
    counts["bsp.opted_in_total"] = sum("in" in statuses and "out" not in statuses for statuses in said.values())
    counts["bsp.status_unknown"] = sum(statuses == {"unknown"} for statuses in said.values())
    counts["bsp.contradicting"] = sum({"in", "out"} <= statuses for statuses in said.values())
    counts["bsp.only_at_bsp"] = len(said.keys() - of_users.keys())
    for phone, same in of_users.items():
        verdict = "opted_out" if "out" in said[phone] else "known" if "in" in said[phone] else "unknown"
        true = [user for user in same if user.status == "true"]
        counts[f"bsp.{verdict}"] += len(true)
        counts["bsp.not_true_but_opted_in"] += len(same) - len(true) if verdict == "known" else 0
        counts["bsp.legacy_matched"] += sum(forms[phone] == {not user.number.legacy} for user in true)


def _groups(users: Sequence[User]) -> list[Group]:
    groups: dict[int, Counter[str]] = defaultdict(Counter)
    for user in users:
        if user.number.code:
            groups[user.number.code].update(["total", user.status])
    rows: list[Group] = [
        {"calling_code": str(code), **{name: group[name] for name in ("total", "true", "false", "blank", "invalid")}}
        for code, group in groups.items()
    ]
    return sorted(rows, key=lambda row: (-int(row["total"]), str(row["calling_code"])))
