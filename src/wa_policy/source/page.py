"""Edits of a text, and the page that they are made on."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from wa_policy.records import NamedTuple
from wa_policy.source.lines import before, behind, line_start, next_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wa_policy.source.document import Document


class Rewrite(NamedTuple):
    """A stretch of text, by offsets, the second exclusive, and what comes in its place."""

    start: int
    end: int
    text: str


class Page(NamedTuple):
    """A document and the text that it stands in."""

    document: Document
    text: str
    as_json: bool


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
