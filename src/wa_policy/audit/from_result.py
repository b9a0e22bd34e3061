"""The result of the audit's SQL as a data warehouse gave it, read back: rows of counts, checked before they are believed.

A cell is never repeated in a message: somebody may give the data itself by mistake.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from typing import TYPE_CHECKING

from wa_policy.audit.columns import Wanted
from wa_policy.audit.digests import Digest
from wa_policy.audit.errors import cannot_read, wrong_use
from wa_policy.audit.headers import HEAD, read_csv_header, read_json_header
from wa_policy.audit.inputs import format_of
from wa_policy.audit.lines import json_object
from wa_policy.audit.model import BSP, CSV, GROUP_MEASURES, GROUPS, IMPORT, MEASURES, NDJSON, Measured
from wa_policy.cache.digests import content_of_file
from wa_policy.evidence.audit_sums import COMPARED, NEEDS, STATUSES, SUMS, THE_USABLE, USABLE, Sum
from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Protocol

    class Reader(Protocol):
        """What csv.reader gives; its class has no name to be said before Python 3.13."""

        @property
        def line_num(self) -> int:
            """How many lines were read."""

        def __iter__(self) -> Iterator[list[str]]:
            """Yield the cells of each row."""


ENGINE = "from-result"
MOST_BYTES = 1 << 20
"""How large a result may be: it has a few hundred rows."""

_ROLES = tuple(
    Wanted(name, meaning, (name,), mapped=False, needed=True)
    for name, meaning in (("measure", "the measure"), ("calling_code", "the calling code"), ("n", "the count"))
)
_NAMES = {name: side for side, names in MEASURES.items() for name in names}
"""The measures that are no group's, each with its side."""

_OF_GROUPS = (
    Sum((f"{GROUPS}total",), USABLE, None, exact=True, called=(f"{GROUPS}total of all", THE_USABLE)),
    Sum(
        (f"{GROUPS}true",),
        COMPARED,
        None,
        exact=True,
        called=(f"{GROUPS}true of all", "users.true without bsp.not_compared"),
    ),
    *(
        Sum((f"{GROUPS}{status}",), (f"users.{status}",), None, called=(f"{GROUPS}{status} of all", f"users.{status}"))
        for status in STATUSES
        if status != "true"
    ),
    Sum(
        ("bsp.not_true_but_opted_in", f"{GROUPS}true"),
        USABLE,
        None,
        called=(f"bsp.not_true_but_opted_in + {GROUPS}true of all", THE_USABLE),
    ),
)
"""What the counts of all calling codes together keep besides."""

_AGAIN = (
    "run the SQL that --print-sql prints, and save its whole result, with the names of its columns, as CSV or NDJSON"
)


class _Row(NamedTuple):
    """A row of the result as text, with the number of its line."""

    line: int
    measure: str
    calling_code: str
    number: str


def read_result(path: str) -> tuple[Measured, Digest]:
    """Read a result, and the digest of its file. Raises AuditError for what is none, or is not whole, or does not add up."""
    content = _content(path)
    counts: dict[str, int] = {}
    groups: dict[str, dict[str, int]] = {}
    for row in _rows(path, content):
        there, name = _place(path, row, counts, groups)
        if name in there:
            raise cannot_read(f"{path}:{row.line}: this measure stands there twice", _AGAIN)
        there[name] = _count(path, row)
    _check_whole(path, counts, groups)
    for side, rows in ((BSP, "bsp.rows"), (IMPORT, "import.rows")):
        if not counts[rows]:  # the table was empty: the side was not given
            counts = {name: count for name, count in counts.items() if _NAMES[name] != side}
    digest = Digest(hashlib.sha256(content).hexdigest(), len(content))
    merged: list[dict[str, int | str]] = [{"calling_code": code, **group} for code, group in groups.items()]
    return Measured(counts, merged, {}, (), 0, (ENGINE, "")), digest


def _place(
    path: str, row: _Row, counts: dict[str, int], groups: dict[str, dict[str, int]]
) -> tuple[dict[str, int], str]:
    """Where the count of a row belongs, and under which name."""
    group = row.measure.removeprefix(GROUPS)
    if row.measure.startswith(GROUPS) and group in GROUP_MEASURES:
        if not re.fullmatch(r"[1-9][0-9]{0,2}", row.calling_code):
            raise cannot_read(f"{path}:{row.line}: this is no calling code", _AGAIN)
        return groups.setdefault(row.calling_code, {}), group
    if row.measure not in _NAMES or row.calling_code:
        raise cannot_read(f"{path}:{row.line}: this is no measure that the SQL of this version has", _AGAIN)
    return counts, row.measure


def _content(path: str) -> bytes:
    remedy = "name the file that the result was saved in"
    kind = format_of(path)
    if kind not in ((CSV, False), (NDJSON, False)):
        raise wrong_use(f"{path}: a result is read from CSV (.csv) or NDJSON (.ndjson, .jsonl, .json)", remedy)
    try:
        content = content_of_file(path, MOST_BYTES)
    except FileNotFoundError:
        raise wrong_use(f"{path}: there is no such file", remedy) from None
    except OSError as error:
        raise wrong_use(f"{path}: it cannot be read: {error.strerror}", remedy) from None
    if len(content) > MOST_BYTES:
        raise cannot_read(
            f"{path}: a result has a few hundred rows, and this file more than {MOST_BYTES:,} bytes", _AGAIN
        )
    return content


def _rows(path: str, content: bytes) -> Iterator[_Row]:
    kind = format_of(path)
    if kind == (NDJSON, False):
        yield from _json_rows(path, content)
        return
    header = read_csv_header(path, content[:HEAD], _ROLES)
    positions = [column.position for column in header.columns]
    text = content.decode("utf-8-sig", "replace")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=header.delimiter, quotechar=header.quote)
    next(reader)
    for cells in _readable(path, reader):
        if cells:
            yield _row(reader.line_num, [*cells, *[""] * len(header.names)], positions)


def _readable(path: str, reader: Reader) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error:
        trouble = f"{path}:{reader.line_num}: this line cannot be read as CSV: a cell is too long, or breaks off"
    else:
        return
    raise cannot_read(trouble, _AGAIN)


def _json_rows(path: str, content: bytes) -> Iterator[_Row]:
    header = read_json_header(path, content[:HEAD], _ROLES, whole=len(content) <= HEAD, each="row of the result")
    keys = [column.name for column in header.columns]
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if line.strip():
            data = json_object(line)
            if data is None:
                raise cannot_read(f"{path}:{number}: this is no JSON object in UTF-8, or has a key twice", _AGAIN)
            yield _row(number, ["" if data.get(key) is None else str(data[key]) for key in keys], range(len(keys)))


def _row(line: int, cells: Sequence[str], positions: Iterable[int]) -> _Row:
    measure, calling_code, count = (cells[position].strip() for position in positions)
    return _Row(line, measure, "" if calling_code.lower() == "null" else calling_code, count)


def _count(path: str, row: _Row) -> int:
    if not re.fullmatch(r"[0-9]{1,18}(\.0+)?", row.number):
        raise cannot_read(f"{path}:{row.line}: the count is no whole number", _AGAIN)
    return int(row.number.partition(".")[0])


def _check_whole(path: str, counts: dict[str, int], groups: dict[str, dict[str, int]]) -> None:
    missing = [name for name in _NAMES if name not in counts]
    missing += [
        f"{GROUPS}{name} of {code}" for code, group in groups.items() for name in GROUP_MEASURES if name not in group
    ]
    if missing:
        more = f" and {len(missing) - 1} more" if missing[1:] else ""
        raise cannot_read(f"{path}: the result is not whole: without {missing[0]}{more}", _AGAIN)
    for code, group in groups.items():
        _check_equal(path, f"{GROUPS}total of {code}", group["total"], "its parts", _add(group, GROUP_MEASURES[1:]))
    _check_sums(
        path, counts | {f"{GROUPS}{name}": sum(group[name] for group in groups.values()) for name in GROUP_MEASURES}
    )


def _check_sums(path: str, counts: dict[str, int]) -> None:
    """Raise AuditError for the first sum that is not kept. What is counted by kinds counts as the sum of them."""
    sums: Counter[str] = Counter()
    for name, count in counts.items():
        block, own_name, *_ = name.split(".")
        sums[f"{block}.{own_name}"] += count
    for each in (*SUMS, *_OF_GROUPS):
        parts, whole = _add(sums, each.parts), _add(sums, each.whole)
        of_parts, of_whole = each.called or (" + ".join(each.parts), " + ".join(each.whole))
        if each.exact:
            _check_equal(path, of_whole, whole, of_parts, parts)
        elif parts > whole:
            message = f"{path}: the counts do not add up: {of_parts} is {parts:,}, and more than {of_whole}, {whole:,}"
            raise cannot_read(message, _AGAIN)
    for need in NEEDS:
        if sums[need.users] and not sums[need.numbers]:
            _check_equal(path, need.users, sums[need.users], need.numbers, 0)


def _check_equal(path: str, name: str, total: int, of_parts: str, parts: int) -> None:
    if total != parts:
        raise cannot_read(f"{path}: the counts do not add up: {name} is {total:,}, and {of_parts} {parts:,}", _AGAIN)


def _add(counts: Mapping[str, int], names: Iterable[str]) -> int:
    return sum(counts[name] for name in names)
