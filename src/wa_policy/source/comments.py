"""Comments, which are no nodes: where they stand, and which key or list item each of them stands at.

What is inside a scalar is no comment, however much it looks like one. So nothing is guessed from the text: what the nodes of a
document leave over are signs, blanks and comments, and among these a ``#`` begins a comment.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from wa_policy.records import NamedTuple
from wa_policy.source.reading import is_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wa_policy.source.document import Document, Piece, Reading, Source
    from wa_policy.source.spans import DocumentId, Route

_BREAKS = "\r\n\x85\u2028\u2029"  # what libyaml takes for the end of a line
_COMMENT = re.compile(f"#[^{_BREAKS}]*")
_LINE_BREAK = re.compile(f"\r\n|[{_BREAKS}]")
_MARKER = re.compile(rf"(?:\A|(?<=[{_BREAKS}]))(?:---|\.\.\.)(?=[ \t{_BREAKS}]|\Z)")
_HEADER = re.compile(f"[|>][^ \t{_BREAKS}]*[ \t]+(?=#)")
_SIGNS = re.compile(r"(?:---)?[ \t?-]*(?:&\S+[ \t]*)?")


class Comment(NamedTuple):
    """A comment: its text from the sign on, its offsets, and the route of what it stands at; None where that is nothing.

    At the end of a line it stands at the first key on that line, or at the item that begins there; on a line of its own at the
    key or item that begins directly below it; before everything else at the document (an empty route).
    """

    document: DocumentId
    route: Route | None
    text: str
    start: int
    end: int


def comments(reading: Reading) -> Iterator[Comment]:
    """All comments of the documents that could be read, in the order of writing. JSON has none."""
    if is_json(reading.path):
        return
    markers = [match.span() for match in _MARKER.finditer(reading.text)]
    for document in reading.documents:
        yield from _in_document(document, reading, markers)


def _in_document(document: Document, reading: Reading, markers: Sequence[tuple[int, int]]) -> list[Comment]:
    text, pieces = reading.text, list(document.pieces())
    layout = _Layout(reading.source, pieces)
    low, high = _bounds(document, pieces[0], markers, len(text))
    gaps = _between_leaves(text, pieces, low, high)
    spans = [match.span() for start, end in gaps for match in _COMMENT.finditer(text, start, end)]
    found: list[Comment] = []
    for start, end in reversed(spans):  # what a comment stands at may be known from the one below it
        route = layout.route_at(start, end, found[-1] if found else None)
        found.append(Comment(document.id, route, text[start:end], start, end))
    return found[::-1]


def _bounds(document: Document, root: Piece, markers: Sequence[tuple[int, int]], length: int) -> tuple[int, int]:
    """Where a document begins and ends: at the markers around it. What could not be read must not be looked into."""
    before = bisect_right(markers, (root.start, root.start)) - 1
    behind = bisect_left(markers, (root.end, root.end))
    low = markers[before][1] if before >= 0 and document.id.number > 0 else 0
    return low, markers[behind][0] if behind < len(markers) else length


def _between_leaves(text: str, pieces: Sequence[Piece], low: int, high: int) -> Iterator[tuple[int, int]]:
    at = low
    for piece in pieces:
        if piece.sort in ("scalar", "alias") and piece.start < piece.end:
            yield at, piece.start
            at = piece.end
            if piece.style in ("literal", "folded") and (header := _HEADER.match(text, piece.start)):
                line_end = _LINE_BREAK.search(text, header.end(), piece.end)
                yield header.end(), line_end.start() if line_end else piece.end
    yield at, high


class _Layout:
    """Where the keys and items of a document begin, and where its values end."""

    __slots__ = ("_begins", "_closes", "_ends", "_root", "_source", "_starts")

    def __init__(self, source: Source, pieces: Sequence[Piece]) -> None:
        self._source = source
        self._root = pieces[0]
        self._begins = [piece for piece in pieces if _is_key_or_item(piece)]  # in the order of writing
        self._starts = [piece.start for piece in self._begins]
        # A block ends with the last thing in it, so that nobody can mean it by a comment behind its end.
        values = (piece for piece in pieces if piece.route and not piece.on_key and not self._is_block(piece))
        self._ends = sorted(values, key=lambda piece: (piece.end, -piece.start))
        self._closes = [piece.end for piece in self._ends]

    def route_at(self, start: int, end: int, below: Comment | None) -> Route | None:
        """The route of what a comment stands at; ``below`` is the next comment, if there is one."""
        if start < self._root.start:
            return ()
        line = start - self._source.span(start, start).column + 1
        if _SIGNS.fullmatch(self._source.text, line, start):
            return self._below(end, below)
        return self._on_line(line, start)

    def _below(self, end: int, comment: Comment | None) -> Route | None:
        """What begins on the next line that is no comment; a blank line between the two parts them."""
        nearest = bisect_left(self._starts, end)
        if nearest == len(self._begins):
            return None
        piece = self._begins[nearest]
        if comment is not None and comment.start < piece.start:
            lines = _LINE_BREAK.split(self._source.text[end : comment.start])
            return comment.route if len(lines) == 2 and not lines[1].strip() else None
        lines = _LINE_BREAK.split(self._source.text[end : piece.start])
        return piece.route if all(line.strip() and _SIGNS.fullmatch(line) for line in lines[1:-1]) else None

    def _on_line(self, line: int, start: int) -> Route | None:
        first, behind = bisect_left(self._starts, line), bisect_left(self._starts, start)
        for piece in self._begins[first:behind]:
            # Of "- number: ..." the comment is about the number, not about all that the item has besides.
            if piece.on_key or not self._is_block(piece):
                return piece.route
        # Where nothing begins, the outermost of what ends: "}]" ends a list.
        last = bisect_right(self._closes, start) - 1
        return self._ends[last].route if last >= 0 and self._closes[last] > line else None

    def _is_block(self, piece: Piece) -> bool:
        return piece.sort in ("list", "mapping") and self._source.text[piece.start] not in "[{"


def _is_key_or_item(piece: Piece) -> bool:
    return bool(piece.route) and (piece.on_key or isinstance(piece.route[-1], int))  # type: ignore[index]  # bool() has told that it is not None
