"""Edits of a text, and the page that they are made on."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from wa_policy.records import NamedTuple
from wa_policy.source.lines import before, behind, line_start, next_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wa_policy.source.document import Document, Part
    from wa_policy.source.spans import Route


class Rewrite(NamedTuple):
    """A stretch of text, by offsets, the second exclusive, and what comes in its place."""

    start: int
    end: int
    text: str


class Page:
    """A document and the text that it stands in. What was looked into is kept: very many edits may be in one mapping."""

    __slots__ = ("_members", "as_json", "document", "text")

    def __init__(self, document: Document, text: str, as_json: bool) -> None:
        self.document = document
        self.text = text
        self.as_json = as_json
        self._members: dict[Route, Members] = {}

    def members(self, route: Route) -> Members:
        """The items of a list, or the pairs of a mapping."""
        if route not in self._members:
            self._members[route] = Members(self.document.members(route))
        return self._members[route]


class Members:
    """What a list or mapping has in it: its parts in the order of writing."""

    __slots__ = ("dashes", "parts", "places")

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts
        self.places = {part: place for place, part in enumerate(parts)}
        """Where each part is in that order."""
        self.dashes: Sequence[int] = ()
        """Of a list in block style: the offsets of its dashes, once somebody has looked for them."""


class CannotEdit(Exception):  # noqa: N818 - not an error of the program: there is merely no edit to offer
    """There is no edit that changes this and nothing else, or none that would look right."""


def in_order(edits: Iterable[Rewrite]) -> list[Rewrite]:
    """Edits as they stand in the text. Raises CannotEdit where two of them touch the same text."""
    found = sorted(edits, key=lambda edit: edit[:2])
    if any(one.end > other.start or one[:2] == other[:2] for one, other in pairwise(found)):
        raise CannotEdit
    return found


def apply(text: str, edits: Iterable[Rewrite]) -> str:
    """The text with edits made, which are in order."""
    parts, at = [], 0
    for edit in edits:
        parts += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*parts, text[at:]])


def remove_text(text: str, start: int, end: int) -> Rewrite:
    """Take out a stretch of text, a comment say: with the blanks before it, and its line if nothing else stands there."""
    lead = before(text, start)
    if not lead.strip() and not behind(text, end).strip():
        return Rewrite(line_start(text, start), next_line(text, end), "")
    return Rewrite(start - (len(lead) - len(lead.rstrip(" \t"))), end, "")
