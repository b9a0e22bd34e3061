"""The header line, read by ourselves.

Readers that guess a delimiter turn a file with one ragged row into a single column; readers that go by position take a
reordered export for the old order; neither says so. Here the known columns decide: the delimiter is the one by which they are
found. What is not clear is refused, and never guessed.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, NoReturn

from wa_policy import WRONG_USE
from wa_policy.audit.column_names import is_word, says_who_left
from wa_policy.audit.columns import EXPORT_WORDS, find, is_header, suggestion, told
from wa_policy.audit.errors import AuditError, AuditTrouble, cannot_read
from wa_policy.audit.lines import json_object
from wa_policy.audit.model import IMPORT
from wa_policy.records import NamedTuple
from wa_policy.wording import fit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wa_policy.audit.columns import FoundColumns, Wanted
    from wa_policy.audit.model import Column

HEAD = 131_072
"""How many bytes of a file are looked at for its header; also what csv takes for one field at most."""

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
QUOTE = '"'
_JSON_LINES = 100  # lines whose keys are gathered: a key that is null may be left out of a line

_WIPED = f"{IMPORT}.opt_in"
_WIPES_NOTHING = (
    "leave the file out of --import, since an import without this column wipes nothing; or, if the column is there under another "
    f"heading, say which one it is: --map {_WIPED}=COLUMN"
)
_EXPORT = "export the file again as CSV, encoded as UTF-8, with the names of the columns in its first line"
_MARKS = (
    (b"\xff\xfe\0\0", "UTF-32"),
    (b"\0\0\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_OTHER_FORMATS = (
    (b"\x1f\x8b", "is compressed by gzip", "give it a name that ends in .gz"),
    (
        b"PK\x03\x04",
        "is a ZIP archive or an Excel workbook",
        "unpack it, or save the sheet as CSV UTF-8 (comma delimited)",
    ),
    (b"\xd0\xcf\x11\xe0", "is an Excel workbook", "save the sheet as CSV UTF-8 (comma delimited)"),
    (b"PAR1", "is a Parquet file", "give it a name that ends in .parquet"),
    (b"-----BEGIN PGP", "is encrypted", "decrypt it first"),
)


class Header(NamedTuple):
    """What a file says of its columns: a CSV file in its first line, other formats by names of their own."""

    delimiter: str
    """One of DELIMITERS; "" where there is none."""
    quote: str
    """As the delimiter."""
    names: tuple[str, ...]
    """Those of all columns, in order."""
    columns: tuple[Column, ...]
    """Those that are used."""


def read_csv_header(path: str, head: bytes, roles: Sequence[Wanted]) -> Header:
    """Read the header from the first :data:`HEAD` bytes of a CSV file. Raises AuditError with what is wrong, and what to do."""
    line = _first_line(path, head)
    readings = {delimiter: names for delimiter in DELIMITERS if (names := _split(line, delimiter)) is not None}
    if not readings:
        _refuse_quotes(path)
    found = {delimiter: find(names, roles) for delimiter, names in readings.items()}
    complete = {delimiter: each for delimiter, each in found.items() if not each.missing}
    different = {readings[delimiter] for delimiter in complete}
    if len(different) > 1:
        raise cannot_read(
            f"{path}: line 1 can be read in two ways, as its columns are found with a "
            f"{' and with a '.join(DELIMITERS[delimiter] for delimiter in complete)} as the delimiter",
            "put names that hold another delimiter into double quotes, or rename them",
        )
    if not complete:
        _refuse_line(path, line, readings, found, roles)
    delimiter = next(iter(complete))
    _refuse_unclear(path, "line 1", readings[delimiter], found[delimiter], roles)
    return Header(delimiter, QUOTE, readings[delimiter], found[delimiter].columns)


def read_json_header(path: str, head: bytes, roles: Sequence[Wanted], *, whole: bool, each: str = "user") -> Header:
    """Read the keys of the first lines of an NDJSON file; ``whole`` if ``head`` is all of it. Raises AuditError.

    ``each`` is what every line is about.
    """
    remedy = f"write one JSON object for each {each}, each on a line"
    lines = _without_foreign_formats(path, head).split(b"\n")
    if not whole:
        del lines[-1]
    if not lines:
        raise cannot_read(f"{path}: line 1 is longer than {HEAD:,} bytes", remedy)
    names: dict[str, None] = {}
    for number, line in enumerate(lines[:_JSON_LINES], 1):
        if line.strip():
            keys = json_object(line)
            if keys is None and not names:
                raise cannot_read(
                    f"{path}: line {number} is no JSON object in UTF-8, or has a key twice",
                    f"{remedy} (NDJSON); `jq -c '.[]'` makes lines of an array",
                )
            names |= dict.fromkeys(keys or ())  # a bad line further on is a row to be rejected, not a bad file
    return header_of_names(path, tuple(names), roles, "its first lines")


def header_of_names(path: str, names: tuple[str, ...], roles: Sequence[Wanted], where: str) -> Header:
    """The header of a format that has names of its own; ``where`` says in messages where they stand. Raises AuditError."""
    found = find(names, roles)
    if found.missing:
        raise AuditError(*(_missing(path, where, role, names, roles) for role in found.missing))
    _refuse_unclear(path, where, names, found, roles)
    return Header("", "", names, tuple(column._replace(position=-1) for column in found.columns))


def _first_line(path: str, head: bytes) -> str:
    head = _without_foreign_formats(path, head)
    line, newline, _ = head.partition(b"\n")
    if not newline and len(head) >= HEAD:
        raise cannot_read(f"{path}: line 1 is longer than {HEAD:,} bytes, which no header is", _EXPORT)
    text = _decoded(path, line.removesuffix(b"\r") if newline else line.rstrip(b"\r"))
    if "\r" in text:
        raise cannot_read(
            f"{path}: lines end in a carriage return alone, as on old Macintosh computers",
            "save the file with line feeds as line ends: as CSV UTF-8 (comma delimited), not as CSV (Macintosh)",
        )
    if not text.strip():
        raise cannot_read(f"{path}: line 1 is blank, and no header", "remove blank lines from the top of the file")
    return text


def _without_foreign_formats(path: str, head: bytes) -> bytes:
    """The bytes without a UTF-8 mark, if they are those of a text in UTF-8 as far as one can tell from the outside."""
    if not head:
        raise cannot_read(
            f"{path}: the file is empty", "export it again: there is not even a line with the names of the columns"
        )
    encoding = next((name for mark, name in _MARKS if head.startswith(mark)), "")
    if not encoding and b"\0" in head:
        encoding = "UTF-16" if head.count(b"\0") > len(head) // 3 else ""
        if not encoding:
            raise cannot_read(f"{path}: the file holds NUL bytes, and is no text", _EXPORT)
    if encoding:
        raise cannot_read(
            f"{path}: the file is encoded as {encoding}, not as UTF-8",
            f"in Excel, save it as CSV UTF-8 (comma delimited); or convert it: iconv -f {encoding} -t UTF-8 OLD > NEW",
        )
    for mark, what, remedy in _OTHER_FORMATS:
        if head.startswith(mark):
            raise cannot_read(f"{path}: the file {what}, whatever its name says", remedy)
    return head.removeprefix(b"\xef\xbb\xbf")


def _decoded(path: str, line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        trouble = cannot_read(
            f"{path}: line 1 is not UTF-8",
            "in Excel, save it as CSV UTF-8 (comma delimited); or convert it: iconv -f WINDOWS-1252 -t UTF-8 OLD > NEW",
        )
    raise trouble


def _split(line: str, delimiter: str) -> tuple[str, ...] | None:
    try:
        return tuple(next(csv.reader([line], delimiter=delimiter, quotechar=QUOTE, strict=True)))
    except csv.Error:  # a quote out of place: this is not how the line was written
        return None


def _refuse_line(
    path: str,
    line: str,
    readings: dict[str, tuple[str, ...]],
    found: dict[str, FoundColumns],
    roles: Sequence[Wanted],
) -> NoReturn:
    """Say what is wrong with a header that lacks a column by every delimiter, going by the best of them."""
    if line.casefold().startswith("sep="):
        raise cannot_read(f"{path}: line 1 is Excel's own (sep=), and no header", "remove this line from the file")
    best = max(found, key=lambda delimiter: (found[delimiter].roles, len(readings[delimiter])))
    names = readings[best]
    if len(names) == 1 and any(delimiter in line for delimiter in DELIMITERS.keys() - readings.keys()):
        _refuse_quotes(path)
    if len(names) == 1 and len(roles) > 1:
        raise cannot_read(
            f"{path}: line 1 is one column only, be the delimiter a comma, a semicolon, a tab or a vertical bar; "
            f"looked for {_listed(found[best].missing)}",
            _EXPORT,
        )
    raise AuditError(*(_missing(path, "line 1", role, names, roles) for role in found[best].missing))


def _refuse_quotes(path: str) -> NoReturn:
    raise cannot_read(
        f"{path}: line 1 has a quote that does not close, or goes on behind it",
        'double the quotes in names (""), and take line breaks out of them',
    )


def _missing(path: str, where: str, role: Wanted, names: Sequence[str], roles: Sequence[Wanted]) -> AuditTrouble:
    known = " or ".join(f'"{heading}"' for heading in role.headings)
    message = (
        f"{path}: {where}: no column for {role.meaning}, {known}{suggestion(role, names, roles)}; {told(names, roles)}"
    )
    if role.mapped:
        return AuditTrouble(message, f"name a column of this file with --map {role.option}=COLUMN", WRONG_USE)
    if not role.option:
        return AuditTrouble(message, "save it again with this column, under this name")
    if role.option == _WIPED:
        return AuditTrouble(message, _WIPES_NOTHING)
    return AuditTrouble(message, f"export it with this column, or say which one it is: --map {role.option}=COLUMN")


def _refuse_unclear(path: str, where: str, names: Sequence[str], found: FoundColumns, roles: Sequence[Wanted]) -> None:
    at = f"{path}: {where}"
    troubles = [*_several(at, names, found), *_shared(at, found, roles), *_unsure(at, names, found, roles)]
    if troubles:
        raise AuditError(*troubles)


def _several(at: str, names: Sequence[str], found: FoundColumns) -> Iterator[AuditTrouble]:
    for role, positions in found.several:
        alike = len({names[position] for position in positions}) == 1
        listed = " and ".join(f'"{names[position]}" (column {position + 1})' for position in positions)
        mend = alike or not role.option
        remedy = "rename or remove one of them" if mend else f"say which one counts: --map {role.option}=COLUMN"
        yield AuditTrouble(f"{at}: several columns for {role.meaning}: {listed}", remedy, 3 if mend else 2)


def _shared(at: str, found: FoundColumns, roles: Sequence[Wanted]) -> Iterator[AuditTrouble]:
    """No two known headings are alike, so that at least one of the roles was given with ``--map``."""
    by_position: dict[int, list[Column]] = {}
    for column in found.columns:
        by_position.setdefault(column.position, []).append(column)
    wanted = {role.role: role for role in roles}
    for position, columns in by_position.items():
        if columns[1:]:
            both = [wanted[column.role] for column in columns]
            meanings = " and ".join(role.meaning for role in both)
            options = " or ".join(f"--map {role.option}=COLUMN" for role in both if role.mapped)
            yield AuditTrouble(
                f'{at}: "{fit(columns[0].name)}" (column {position + 1}) would be {meanings} at once',
                f"name another column with {options}",
                WRONG_USE,
            )


def _unsure(at: str, names: Sequence[str], found: FoundColumns, roles: Sequence[Wanted]) -> Iterator[AuditTrouble]:
    surely = is_header([name for name in names if not is_word(name)], roles)
    for role, positions in found.unsure:
        listed = " and ".join(
            f'"{fit(names[position])}" (column {position + 1})'
            if surely or is_word(names[position])
            else f"column {position + 1}"
            for position in positions
        )
        yield AuditTrouble(
            f"{at}: no column is known as {role.meaning}, and {listed} may be it; without a status, every number in the list "
            "counts as opted in",
            f"{EXPORT_WORDS}, since yes in this one may stand for those who left; or take it out, if it is no status"
            if all(says_who_left(names[position]) for position in positions)
            else f"say which one it is: --map {role.option}=COLUMN; or take the column out, if it is no status",
            2,
        )


def _listed(roles: Iterable[Wanted]) -> str:
    return ", ".join(f"{role.meaning} ({' or '.join(role.headings)})" for role in roles)
