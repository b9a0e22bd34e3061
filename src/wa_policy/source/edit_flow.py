"""Lists and mappings in brackets, of YAML and of JSON: members put in and taken out, with their commas."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wa_policy.source.lines import (
    after_nothing,
    before,
    break_at,
    has_break,
    is_first,
    line_end,
    line_start,
    next_line,
)
from wa_policy.source.page import CannotEdit, Page, Rewrite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wa_policy.source.document import Part

_REST_OF_LINE = re.compile(r"[ \t]*+,?+[ \t]*+(?:#[^\r\n]*+)?+(?=[\r\n]|\Z)")


def colon(page: Page, members: Sequence[Part]) -> str:
    """The colon of a mapping in brackets, with or without a blank behind it, as its members have it."""
    return ":" if page.as_json and _is_tight(page.text, members) else ": "


def _is_tight(text: str, members: Sequence[Part]) -> bool:
    """Whether JSON is written without blanks."""
    if members and members[0].key:
        return text[members[0].key[1] : members[0].extent[0]] == ":"
    return len(members) > 1 and text[members[0].end : members[1].start] == ","


def into_flow(page: Page, part: Part, members: Sequence[Part], written: list[str]) -> list[Rewrite]:
    """Put members in before the closing bracket."""
    text = page.text
    start, end = part.extent
    if not members:
        inside = text[start + 1 : end - 1]
        if inside.strip():
            raise CannotEdit
        return [Rewrite(start + 1, end - 1, ", ".join(written))]
    last = members[-1]
    comma = _comma(text, last.end)
    gap = _gap(page, members)
    joined = f",{gap}".join(written)
    lead, tail = (",", "") if comma is None else ("", ",")
    if gap.strip(" \t") and _comma_or_nothing(text, last.end):  # a line break
        at = line_end(text, last.end)
        return [Rewrite(last.end, at, f"{lead}{text[last.end : at]}{gap}{joined}{tail}")]
    at = last.end if comma is None else comma + 1
    return [Rewrite(at, at, f"{lead}{gap}{joined}")]


def _comma_or_nothing(text: str, at: int) -> bool:
    """Whether at most a comma and a comment stand behind an offset on its line."""
    return _REST_OF_LINE.match(text, at) is not None


def _comma(text: str, at: int) -> int | None:
    """Where the comma behind a member stands."""
    at = after_nothing(text, at)
    return at if text[at : at + 1] == "," else None


def _gap(page: Page, members: Sequence[Part]) -> str:
    """What stands between a comma and the next member: a blank, nothing, or a line break and blanks."""
    text, last = page.text, members[-1]
    lead = before(text, last.start)
    if not lead.strip():
        return break_at(text, last.start) + lead
    if len(members) > 1:
        found = re.fullmatch(r"\s*,([ \t]*)", text[members[-2].end : last.start])
        return found[1] if found else " "
    return "" if page.as_json and _is_tight(text, members) else " "


def out_of_flow(page: Page, part: Part, members: Sequence[Part], marks: set[int]) -> list[Rewrite]:
    """Take members out, each with one comma, and with its line where it has one to itself."""
    text = page.text
    start, end = part.extent
    if len(marks) == len(members) and not _has_comment(text, part, members):
        return [Rewrite(start + 1, end - 1, "")]
    found: list[Rewrite] = []
    last, previous = len(members) - 1, -1
    kept: int | None = None
    for index in sorted(marks):
        member = members[index]
        if index - 1 > previous:  # the one before it stays
            kept = index - 1
        previous = index
        if is_first(text, member.start) and _comma_or_nothing(text, member.end):
            found.append(Rewrite(line_start(text, member.start), next_line(text, member.end), ""))
        else:
            found += _inline(text, members, index, kept)
    if previous < last:
        kept = last
    if last in marks and kept is not None and _comma(text, members[last].end) is None:
        comma = _comma(text, members[kept].end)
        if comma is not None and not any(edit.start <= comma < edit.end for edit in found):
            found.append(Rewrite(comma, comma + 1, ""))
    return found


def _inline(text: str, members: Sequence[Part], index: int, kept: int | None) -> list[Rewrite]:
    """Take out a member among others on its line."""
    member = members[index]
    if kept is None:
        comma = _comma(text, member.end)
        if comma is None:
            return [Rewrite(member.start, member.end, "")]
        following = members[index + 1].start if index + 1 < len(members) else comma + 1
        if text[comma + 1 : following].strip() or has_break(text, comma, following):
            following = comma + 1
        return [Rewrite(member.start, following, "")]
    comma = _comma(text, members[index - 1].end)
    if comma is None:
        raise CannotEdit
    if text[comma + 1 : member.start].strip(" \t"):
        return [Rewrite(comma, comma + 1, ""), Rewrite(member.start, member.end, "")]
    return [Rewrite(comma, member.end, "")]


def _has_comment(text: str, part: Part, members: Sequence[Part]) -> bool:
    at = part.extent[0] + 1
    for member in members:
        if "#" in text[at : member.start]:
            return True
        at = member.end
    return "#" in text[at : part.extent[1]]
