"""A text by its lines, for those who edit it: where a line begins and ends, and what stands beside a thing on its line."""

from __future__ import annotations

import re

_BREAK = re.compile(r"\r\n?|\n")
_BLANK = re.compile(r"[ \t]*")
_SKIP = re.compile(r"(?:\s+|#[^\r\n]*)*")


def line_start(text: str, at: int) -> int:
    """Where the line that an offset is in begins."""
    start = text.rfind("\n", 0, at) + 1
    return max(start, text.rfind("\r", start, at) + 1)


def line_end(text: str, at: int) -> int:
    """Where the line that an offset is in ends: before its line break."""
    found = _BREAK.search(text, at)
    return found.start() if found else len(text)


def next_line(text: str, at: int) -> int:
    """Where the line after the one that an offset is in begins; the end of the text after the last one."""
    found = _BREAK.search(text, at)
    return found.end() if found else len(text)


def is_first(text: str, at: int) -> bool:
    """Whether nothing but blanks stands before an offset on its line; of a long line, no more than these is looked at."""
    while at and text[at - 1].isspace():
        if text[at - 1] in "\r\n":
            return True
        at -= 1
    return not at


def has_break(text: str, start: int, end: int) -> bool:
    """Whether a line ends between two offsets."""
    return _BREAK.search(text, start, end) is not None


def break_at(text: str, at: int) -> str:
    """How lines are broken there: as the line of the offset is, else as the first of the text."""
    found = _BREAK.search(text, at) or _BREAK.search(text)
    return found[0] if found else "\n"


def before(text: str, at: int) -> str:
    """What stands before an offset on its line."""
    return text[line_start(text, at) : at]


def behind(text: str, at: int) -> str:
    """What stands at an offset and behind it on its line."""
    return text[at : line_end(text, at)]


def after_blanks(text: str, at: int) -> int:
    """The first offset from there on that is no blank or tab."""
    return _BLANK.match(text, at).end()  # type: ignore[union-attr]  # it matches everywhere


def after_nothing(text: str, at: int) -> int:
    """The first offset from the end of a value on where something stands: neither blanks, line breaks, nor comments."""
    return _SKIP.match(text, at).end()  # type: ignore[union-attr]  # it matches everywhere
