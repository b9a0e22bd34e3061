"""On which line of a CSV file a row begins, as an editor counts: cells may hold line breaks, and DuckDB counts rows."""

from __future__ import annotations

import gzip
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wa_policy.audit.model import InputFile


def physical_lines(file: InputFile, rows: Sequence[int]) -> list[int]:
    """The line on which each of these rows begins, all counted from 1 with the header and blank lines, ascending."""
    with _open(file) as stream:
        beginnings = _beginnings(stream, file.quote.encode())
        found: list[int] = []
        row = 0
        line = 1
        for wanted in rows:
            while row < wanted:
                line = next(beginnings, line)
                row += 1
            found.append(line)
    return found


def _beginnings(stream: io.BufferedReader, quote: bytes) -> Iterator[int]:
    """The line on which each row begins: a line break with a quote open before it ends none."""
    open_quotes = 0
    for line, text in enumerate(stream, 1):
        if not open_quotes:
            yield line
        if quote:
            open_quotes = (open_quotes + text.count(quote)) % 2


def _open(file: InputFile) -> io.BufferedReader:
    return io.BufferedReader(gzip.GzipFile(file.path)) if file.compressed else open(file.path, "rb")
