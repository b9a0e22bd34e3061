"""Coverage without anything to install: users by status, from small files, by the standard library's readers.

Statuses mean what opt_in.sql says they mean. Numbers and ids are not looked at, so nothing is said of the provider's list or of
users who stand there twice.
"""

from __future__ import annotations

import csv
import io
import json
import platform
import re
import zlib
from collections import Counter
from contextlib import contextmanager
from gzip import BadGzipFile, GzipFile
from typing import TYPE_CHECKING

from wa_policy.audit.errors import cannot_read, wrong_use
from wa_policy.audit.inputs import way_to_duckdb
from wa_policy.audit.lines import BLANKS, ends_otherwise, json_object, odd_end
from wa_policy.audit.model import CSV, LISTED_REJECTS, MEASURES, MOENGAGE, PARQUET, Measured, Progress, Rejected
from wa_policy.audit.statuses import classify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import BinaryIO, TextIO

    from wa_policy.audit.model import InputFile, Request

    Tell = Callable[[Progress], None]

MOST_ROWS = 1_000_000
"""How many rows are read in all; a minute's wait is no place for a reader in Python."""

LONGEST_CELL = 1 << 24
"""How many characters a cell may have."""

REPORTED = 100_000
"""After how many rows it is told again how far it is."""
_SURROGATES = re.compile("[\udc80-\udcff]")


def measure(request: Request, progress: Tell) -> Measured:
    """Count the users by status; the provider's list and imports are not looked at. Raises AuditError."""
    counter = _Counter(request, progress)
    with _long_cells():
        for file in request.users:
            if file.format == PARQUET:
                raise wrong_use(f"{file.path}: Parquet can only be read with DuckDB", way_to_duckdb())
            counter.read(file)
    return counter.measured()


@contextmanager
def _long_cells() -> Iterator[None]:
    """Let cells be as long as :data:`LONGEST_CELL` meanwhile. The limit is one for all of the process, and not ours to keep."""
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)


class _Counter:
    """What was read so far, of all files."""

    def __init__(self, request: Request, progress: Tell) -> None:
        self._progress = progress
        self._bytes = sum(file.bytes for file in request.users)
        self._before = 0  # bytes of the files that are done
        self._values: Counter[str] = Counter()
        self._rows: dict[str, int] = {}
        self._all = 0
        self._rejected: list[Rejected] = []
        self._rejected_count = 0

    def read(self, file: InputFile) -> None:
        """Count the rows of a file."""
        self._rows[file.path] = 0
        self._tell(file.path, 0)
        try:
            with open(file.path, "rb") as raw, _text(raw, file) as text:
                for value in self._statuses(file, text):
                    self._values[value] += 1
                    self._rows[file.path] += 1
                    self._count_row(file.path, raw.tell)
            if file.format == CSV and (line := odd_end(file)):
                raise ends_otherwise(file, line)
        except EOFError:
            trouble = cannot_read(
                f"{file.path}: the compressed file ends in the middle", "fetch the file again, as a whole"
            )
            raise trouble from None
        except (BadGzipFile, zlib.error):
            trouble = cannot_read(f"{file.path}: the compressed file is damaged", "fetch the file again")
            raise trouble from None
        self._before += file.bytes
        self._tell(file.path, 0)

    def measured(self) -> Measured:
        """The counts."""
        counts = {name: 0 for name in MEASURES[MOENGAGE] if name.startswith(("users.", "dirt."))}
        for value, number in self._values.items():
            status, dirt = classify(value)
            counts["users.total"] += number
            counts[f"users.{status}"] += number
            if dirt:
                counts[f"dirt.{dirt}"] += number
        engine = ("csv", platform.python_version())
        return Measured(counts, (), self._rows, self._rejected, self._rejected_count, engine)

    def _statuses(self, file: InputFile, text: TextIO) -> Iterator[str]:
        (column,) = [column for column in file.columns if column.role == "opt_in"]
        if file.format == CSV:
            yield from self._csv_statuses(file, text, column.position)
        else:
            yield from self._json_statuses(file, text, column.name)

    def _csv_statuses(self, file: InputFile, text: TextIO, position: int) -> Iterator[str]:
        width = len(file.header)
        reader = csv.reader(text, delimiter=file.delimiter, quotechar=file.quote or None, strict=True)
        next(reader)
        while True:
            line = reader.line_num + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                if (
                    "expected after" not in str(error) or reader.line_num > line
                ):  # nobody knows which rows are inside it
                    raise cannot_read(
                        f"{file.path}:{line}: a quote opens here that does not close",
                        "double the quotes inside of cells",
                    ) from None
                self._reject(file.path, line, "quotes")
                continue
            if not row and width > 1:
                continue
            if len(row) != width and not (width == 1 and not row):
                self._reject(file.path, line, f"{len(row)} cells, not {width}")
            elif _is_utf8(row):
                yield row[position] if row else ""
            else:
                self._reject(file.path, line, "not UTF-8")

    def _json_statuses(self, file: InputFile, text: TextIO, key: str) -> Iterator[str]:
        for line, content in enumerate(text, 1):
            if not content.strip(BLANKS):
                continue
            data = json_object(content.encode("utf-8", "surrogateescape"))
            if data is None:
                self._reject(file.path, line, "no JSON object")
            else:
                yield _as_text(data.get(key))

    def _reject(self, path: str, line: int, reason: str) -> None:
        self._rejected_count += 1
        if len(self._rejected) < LISTED_REJECTS:
            self._rejected.append(Rejected(path, line, reason))

    def _count_row(self, path: str, position: Callable[[], int]) -> None:
        self._all += 1
        if self._all > MOST_ROWS:
            raise wrong_use(
                f"there are more than {MOST_ROWS:,} rows, which Python's own reader is too slow for",
                f"DuckDB reads any number of them: {way_to_duckdb()}",
            )
        if self._all % REPORTED == 0:
            self._tell(path, position())

    def _tell(self, path: str, position: int) -> None:
        self._progress(Progress(f"reading {path}", self._all, self._before + position, self._bytes))


def _text(raw: BinaryIO, file: InputFile) -> TextIO:
    unpacked = GzipFile(fileobj=raw) if file.compressed else raw
    return io.TextIOWrapper(unpacked, encoding="utf-8-sig", errors="surrogateescape", newline="")


def _is_utf8(cells: Iterable[str]) -> bool:
    joined = "".join(cells)
    return joined.isascii() or not _SURROGATES.search(joined)


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value)
