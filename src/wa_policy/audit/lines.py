"""The lines of a file: what one of NDJSON holds, and on which ones rows stand, as an editor counts.

Cells may hold line breaks, and DuckDB counts rows.
"""

from __future__ import annotations

import gzip
import io
import json
import re
from typing import TYPE_CHECKING, Any

from wa_policy.audit.errors import cannot_read
from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Sequence

    from wa_policy.audit.errors import AuditError
    from wa_policy.audit.model import InputFile

LONGEST = 2_000_000
"""How many bytes a row may have."""

PIECE = 1 << 20
"""How many bytes are read at once."""

BLANKS = " \t\r\n"
"""What a line of NDJSON may have and be blank."""


def json_object(line: bytes) -> dict[str, Any] | None:
    """The object that a line of NDJSON is; None for what is none, or where a key stands twice: nobody could say which holds."""
    try:
        data = json.loads(line.decode(), object_pairs_hook=_object)
    except (ValueError, RecursionError):
        return None
    return data if type(data) is dict else None


class _Ambiguous(dict[str, Any]):
    """An object of which a key stands twice. Deep inside of a line it does no harm: nobody looks there."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _Ambiguous(found)


class Extent(NamedTuple):
    """The lines of a row, counted from 1 with header and blank lines. ``last`` is 0 where a quote is open to the file's end."""

    first: int
    last: int


def extents(file: InputFile, rows: Sequence[int]) -> list[Extent]:
    """Where each of these rows of a CSV file stands; rows are counted as lines are, and ascend. Raises OSError."""
    with _open(file) as stream:
        numbered = enumerate(_rows(stream, file), 1)
        found: list[Extent] = []
        extent = Extent(1, 1)
        for wanted in rows:
            extent = next((extent for number, extent in numbered if number == wanted), extent)
            found.append(extent)
    return found


def odd_end(file: InputFile) -> int:
    """The first line of a CSV file that ends otherwise than its first, or has a carriage return inside, or 0. Raises OSError."""
    with _open(file) as stream:
        ends_in = b"\r\n" if stream.readline().endswith(b"\r\n") else b"\n"
        stream.seek(0)
        is_open = False
        for line, text in enumerate(stream, 1):
            was_open, is_open = is_open, _is_open(text, is_open, file)
            body = text.removesuffix(ends_in)
            if b"\r" in body or b"\n" in body:
                outside = _outside(text, was_open, file).removesuffix(ends_in)
                if b"\r" in outside or b"\n" in outside:
                    return line
    return 0


def ends_otherwise(file: InputFile, line: int) -> AuditError:
    """What to say of a file with such a line: DuckDB cannot read it, and what others make of it is not the same everywhere."""
    message = f"{file.path}:{line}: this line ends otherwise than the first, or has a carriage return inside a cell"
    return cannot_read(message, "write all lines with the same end, and quote cells that hold line breaks")


def blank_before_quote(file: InputFile, stop: threading.Event) -> int:
    """The first line of a CSV file with blanks and a quote where a cell begins, or 0; 0 too if it was to stop. Raises OSError."""
    quote, delimiter = re.escape(file.quote.encode()), re.escape((file.delimiter or ",").encode())
    quoted = rb"%b(?:[^%b]++|%b%b)*+%b" % ((quote,) * 5)
    rest = rb"[^\n%b]*+" % delimiter
    # one pattern for as many cells as there are: a loop over the cells of a gigabyte would take minutes
    cells = re.compile(rb"(?:(?:%b|(?! *%b))%b[\n%b])*+" % (quoted, quote, rest, delimiter))
    spaced = re.compile(b" +" + quote)
    with _open(file) as stream:
        line, text = 1, b""
        while len(text) <= LONGEST and not stop.is_set() and (piece := stream.read(PIECE)):
            text += piece
            found = cells.match(text)
            end = found.end() if found else 0
            line += text.count(b"\n", 0, end)
            if spaced.match(text, end):
                return line
            text = text[end:]
    return 0


def bad_lines(file: InputFile, bad: Sequence[int], most: int) -> list[tuple[int, bool]]:
    """The first lines of an NDJSON file that are no data, and whether they are text of a length that can be read.

    ``bad`` counts, among those that are text and not blank, lines that hold no object; it ascends. Raises OSError.
    """
    found: list[tuple[int, bool]] = []
    waiting, readable = iter(bad), 0
    wanted = next(waiting, 0)
    with _open(file) as stream:
        for line, content in enumerate(stream, 1):
            if len(found) == most:
                break
            if not content.strip(BLANKS.encode()):
                continue
            if len(content) > LONGEST or not _is_text(content):
                found.append((line, False))
                continue
            readable += 1
            if readable == wanted:
                found.append((line, True))
                wanted = next(waiting, 0)
    return found


def _rows(stream: io.BufferedReader, file: InputFile) -> Iterator[Extent]:
    """The rows: a line break inside a quoted cell ends none."""
    first, is_open = 1, False
    for line, text in enumerate(stream, 1):
        if not is_open:
            first = line
        is_open = _is_open(text, is_open, file)
        if not is_open:
            yield Extent(first, line)
    if is_open:
        yield Extent(first, 0)


def _is_open(text: bytes, is_open: bool, file: InputFile) -> bool:
    """Whether a line ends inside a quoted cell. A quote opens one where a cell begins, and nowhere else."""
    quote, delimiter = file.quote.encode(), (file.delimiter or ",").encode()
    if not quote or quote not in text:
        return is_open
    at = 0
    while True:
        if is_open or text.startswith(quote, at):
            at = _behind_quoted(text, at if is_open else at + 1, quote)
            if not at:
                return True
            is_open = False
        at = text.find(delimiter, at) + 1
        if not at:
            return False


def _outside(text: bytes, is_open: bool, file: InputFile) -> bytes:
    """What of a line is in no quoted cell."""
    quote, delimiter = file.quote.encode(), (file.delimiter or ",").encode()
    parts: list[bytes] = []
    at = 0
    while True:
        if is_open or (quote and text.startswith(quote, at)):
            at = _behind_quoted(text, at if is_open else at + len(quote), quote)
            if not at:
                return b"".join(parts)
            is_open = False
        before, at = at, text.find(delimiter, at) + 1
        parts.append(text[before : at or None])
        if not at:
            return b"".join(parts)


def _behind_quoted(text: bytes, at: int, quote: bytes) -> int:
    """Where a quoted cell has ended; 0 if its line does not end it. Two quotes stand for one."""
    while (at := text.find(quote, at) + 1) and text.startswith(quote, at):
        at += 1
    return at


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _open(file: InputFile) -> io.BufferedReader:
    return io.BufferedReader(gzip.GzipFile(file.path)) if file.compressed else open(file.path, "rb")
