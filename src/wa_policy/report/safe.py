"""Text for a terminal or a log: nothing in it can move the cursor, turn the reading direction, or start a line of its own."""

import re
from functools import cache

# Control characters (C0, DEL, C1), line and paragraph separators, everything that directs bidirectional text, and the
# characters without a shape that make two texts look the same. Emoji are left theirs, U+FE0E and U+FE0F.
_UNSAFE = (
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u2800\u3164\ud800-\udfff\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\U00013430-\U00013440\U0001bca0-\U0001bca3"
    "\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


# What GitHub's runner takes for a command to itself: `::` where a line begins, and `##[` anywhere in it.
_COMMAND = re.compile(r"\A(\s*):(?=:)|##(?=\[)")


def visible(text: str) -> str:
    """Write every character that acts instead of showing as ``\\u{...}``; tabs and line breaks as ``\\t`` and ``\\n``.

    So are the beginnings of commands that a runner of workflows would read in a log.
    """
    return _COMMAND.sub(_defuse, plain(text))


def in_line(text: str) -> str:
    """As ``visible``, for a line that programs read as well: tabs, which move nothing but what follows, stay."""
    return _COMMAND.sub(_defuse, "\t".join(map(plain, text.split("\t"))))


def plain(text: str) -> str:
    """As ``visible``, for what no log shows: beginnings of commands are left as they are."""
    if text.isascii() and text.isprintable():
        return text
    return _unsafe().sub(_escape, text)


@cache
def _unsafe() -> re.Pattern[str]:
    return re.compile(_UNSAFE)  # not before it is needed: it takes a millisecond


def _defuse(match: re.Match[str]) -> str:
    return "#\\u{23}" if match[0] == "##" else f"{match[1]}\\u{{3a}}"


def _escape(match: re.Match[str]) -> str:
    known = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return known.get(match[0], f"\\u{{{ord(match[0]):x}}}")
