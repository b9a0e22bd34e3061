"""Changes of data as edits of text: comments, order, quoting and indentation stay as they are.

An edit is a proposal. Whoever uses it applies it, reads the text again, and compares the data with what was intended: that is
how it is known to be right, in the odd corners of YAML too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wa_policy.source.edit_flow import colon, into_flow, out_of_flow
from wa_policy.source.lines import (
    after_blanks,
    after_nothing,
    before,
    behind,
    break_at,
    line_end,
    line_start,
    next_line,
)
from wa_policy.source.page import CannotEdit, Page, Rewrite, in_order
from wa_policy.source.spans import leads
from wa_policy.source.write import write, write_block

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wa_policy.source.changes import DataChange
    from wa_policy.source.document import Part, Style
    from wa_policy.source.page import Members
    from wa_policy.source.spans import Route


def rewrites(page: Page, changes: Iterable[DataChange]) -> list[Rewrite]:
    """The edits that make all changes together, in the order of the text. Raises CannotEdit."""
    found: list[Rewrite] = []
    removed: dict[Route, list[str | int]] = {}
    added: dict[Route, list[tuple[str, Any]]] = {}
    for change in changes:
        route = change.route
        if change.verb == "remove" and route:
            removed.setdefault(route[:-1], []).append(route[-1])
        elif change.verb == "rename":
            found.append(_rename(page, route, change.value))
        elif change.verb == "add":
            found += _add(page, route, list(change.value), added)
        elif change.verb == "set":
            found += _set(page, route, change.value, added)
        else:
            raise CannotEdit
    for parent, steps in removed.items():
        found += _remove(page, parent, steps)
    for parent, pairs in added.items():
        found += _add_keys(page, parent, pairs)
    return in_order(edit for edit in found if page.text[edit.start : edit.end] != edit.text)


# One value or key -----------------------------------------------------------------------------------------------------


def _own(page: Page, route: Route) -> Part:
    """What stands at a route and is written there, for this place alone."""
    part = page.document.part(route)
    if part is None or part.is_shared:
        raise CannotEdit
    return part


def _rename(page: Page, route: Route, name: str) -> Rewrite:
    part = _own(page, route)
    if part.key is None:
        raise CannotEdit
    return Rewrite(*part.key, write(name, part.key_style, as_json=page.as_json))


def _set(page: Page, route: Route, value: Any, added: dict[Route, list[tuple[str, Any]]]) -> list[Rewrite]:
    if not route:
        raise CannotEdit
    if not leads(route, page.document.data):
        # What is missing on the way is made with it.
        while not leads(route[:-1], page.document.data):
            route, value = route[:-1], {route[-1]: value}
        if not isinstance(route[-1], str):
            raise CannotEdit
        added.setdefault(route[:-1], []).append((route[-1], value))
        return []
    part = _own(page, route)
    start, end = part.extent
    if part.sort == "scalar" and start < end:
        return [Rewrite(start, end, _in_style(page, part, value))]
    text = write(value, "plain", as_json=page.as_json)
    if part.key is None and start < end:
        return [Rewrite(start, end, text)]
    if start < end and page.text[start] in "[{":
        return [Rewrite(start, end, text)]
    sign = _sign(page.text, part)
    if page.text[sign:start].strip():  # a comment stands there
        raise CannotEdit
    return [Rewrite(sign, end, f" {text}")]


def _in_style(page: Page, part: Part, value: Any) -> str:
    start, end = part.extent
    if part.style in ("literal", "folded"):
        indent = " " * (len(before(page.text, part.start)) + 2)
        block = isinstance(value, str) and write_block(value, page.text[start:end], indent, break_at(page.text, start))
        return block or write(value, "double", as_json=False) + _comment_of_head(page.text, start)
    return write(value, part.style, as_json=page.as_json)


def _comment_of_head(text: str, start: int) -> str:
    """The comment behind the sign | or > of a block scalar, with the blanks before it; empty where there is none."""
    rest = behind(text, start).lstrip("|>+-0123456789")
    return rest if rest.strip() else ""


def _sign(text: str, part: Part) -> int:
    """Where the sign that announces a value ends: the colon behind its key, or an item's dash."""
    if part.key is None:
        return part.extent[0]
    at = after_blanks(text, part.key[1])
    if text[at : at + 1] != ":":
        raise CannotEdit
    return at + 1


# Into a list or mapping -----------------------------------------------------------------------------------------------


def _is_flow(page: Page, part: Part) -> bool:
    return page.text[part.extent[0] : part.extent[0] + 1] in ("[", "{")


def _add(page: Page, route: Route, items: list[Any], added: dict[Route, list[tuple[str, Any]]]) -> list[Rewrite]:
    if not items or not route:
        raise CannotEdit
    if not leads(route, page.document.data):
        return _set(page, route, items, added)
    part = _own(page, route)
    if part.sort == "scalar":
        return _add_to_nothing(page, part, items)
    inside = page.members(route)
    members = inside.parts
    style: Style = next((member.style for member in reversed(members) if member.style), "plain")
    written = [write(item, style, as_json=page.as_json) for item in items]
    if _is_flow(page, part):
        return into_flow(page, part, members, written)
    text, last = page.text, members[-1]
    column = len(before(text, part.extent[0]))
    dash = _dashes(text, part, inside)[-1]
    gap = text[dash + 1 : last.start]
    gap = gap if gap and not gap.strip(" ") else " "
    end = _behind_comments(text, max(last.end, dash + 1), column)
    return [_lines_behind(text, end, [f"{' ' * column}-{gap}{item}" for item in written])]


def _add_to_nothing(page: Page, part: Part, items: list[Any]) -> list[Rewrite]:
    """Make a list of a value that was left out, or is null."""
    start, end = part.extent
    text = page.text
    if part.style != "plain" or part.key is None or text[start:end] not in ("", "~", "null", "Null", "NULL"):
        raise CannotEdit
    if start == end and not before(text, part.key[0]).strip() and not _is_followed(text, _sign(text, part)):
        column = len(before(text, part.key[0])) + 2
        lines = [f"{' ' * column}- {write(item, 'plain', as_json=False)}" for item in items]
        return [_lines_behind(text, _sign(text, part), lines)]
    sign = _sign(text, part)
    return [Rewrite(sign, max(end, sign), f" {write(items, 'plain', as_json=page.as_json)}")]


def _is_followed(text: str, at: int) -> bool:
    """Whether something else than a comment stands behind an offset on its line."""
    rest = behind(text, at).strip()
    return bool(rest) and not rest.startswith("#")


def _add_keys(page: Page, route: Route, pairs: Sequence[tuple[str, Any]]) -> list[Rewrite]:
    """Add keys at the end of a mapping that is there."""
    part = page.document.part(route)
    if part is None or part.is_shared or part.sort != "mapping":
        raise CannotEdit
    members = page.members(route).parts
    if _is_flow(page, part):
        sign = colon(page, members)
        written = [f"{_key(page, name)}{sign}{write(value, 'plain', as_json=page.as_json)}" for name, value in pairs]
        return into_flow(page, part, members, written)
    pad = " " * len(before(page.text, members[0].start))
    lines = [line for name, value in pairs for line in _pair(page, pad, name, value)]
    return [_lines_behind(page.text, _behind_comments(page.text, members[-1].end, len(pad)), lines)]


def _key(page: Page, name: str) -> str:
    return write(name, "plain", as_json=page.as_json)


def _pair(page: Page, pad: str, name: str, value: Any) -> list[str]:
    """A key and its value as lines of a block; the items of a list have lines of their own."""
    if isinstance(value, list) and value:
        return [f"{pad}{_key(page, name)}:", *(f"{pad}  - {write(item, 'plain', as_json=False)}" for item in value)]
    return [f"{pad}{_key(page, name)}: {write(value, 'plain', as_json=False)}"]


def _behind_comments(text: str, at: int, column: int) -> int:
    """Where to go on behind comment lines that are indented deeper than a column: they are about what stands above them."""
    start = next_line(text, at)
    while start < len(text):
        line = behind(text, start)
        said = line.lstrip(" ")
        if said and not (said.startswith("#") and len(line) - len(said) > column):
            break
        at = start if said else at
        start = next_line(text, start)
    return at


def _lines_behind(text: str, at: int, lines: list[str]) -> Rewrite:
    """Put lines behind the one that an offset is in."""
    end = line_end(text, at)
    line_break = break_at(text, at)
    return Rewrite(end, end, "".join(line_break + line for line in lines))


# Out of a list or mapping ---------------------------------------------------------------------------------------------


def _dashes(text: str, part: Part, inside: Members) -> Sequence[int]:
    """Where the dashes of a list in block style stand."""
    if not inside.dashes:
        dashes, at = [], part.extent[0]
        for member in inside.parts:
            at = after_nothing(text, at)
            if text[at : at + 1] != "-":
                raise CannotEdit
            dashes.append(at)
            at = max(member.end, at + 1)
        inside.dashes = dashes
    return inside.dashes


def _remove(page: Page, route: Route, steps: list[str | int]) -> list[Rewrite]:
    """Take keys or items out of a mapping or list."""
    part = page.document.part(route)
    if part is None:
        raise CannotEdit
    inside = page.members(route)
    members = inside.parts
    gone = [_own(page, (*route, step)) for step in steps]
    marks = {inside.places[member] for member in gone if member in inside.places}
    if len(marks) != len(set(steps)):
        raise CannotEdit
    if _is_flow(page, part):
        return out_of_flow(page, part, members, marks)
    text = page.text
    dashes = _dashes(text, part, inside) if part.sort == "list" else None
    if len(marks) == len(members):
        return _empty(page, part)
    found = []
    for index in sorted(marks):
        start = members[index].start if dashes is None else dashes[index]
        end = max(members[index].end, start + 1)
        if not before(text, start).strip(" "):
            found.append(Rewrite(line_start(text, start), next_line(text, end), ""))
        else:  # the first one, behind the dash of the list that it is in
            if index or 1 in marks:
                raise CannotEdit
            following = members[1].start if dashes is None else dashes[1]
            if text[line_end(text, end) : following].strip():
                raise CannotEdit
            found.append(Rewrite(start, following, ""))
    return found


def _empty(page: Page, part: Part) -> list[Rewrite]:
    """Leave an empty list or mapping where its last member goes, and a comment beside its key."""
    text = page.text
    start, end = part.extent
    nothing = "[]" if part.sort == "list" else "{}"
    if part.key is None or before(text, start).strip(" "):
        return [Rewrite(start, end, nothing)]
    sign = _sign(text, part)
    return [Rewrite(sign, sign, f" {nothing}"), Rewrite(line_start(text, start), next_line(text, end), "")]
