"""The way back: text as a YAML scalar that every reader takes for the same text."""

from __future__ import annotations

import re

from wa_policy.source.yaml_scalars import WORDS

# What begins with a letter and holds nothing that YAML knows a meaning for; no version of YAML reads a number or a date from it.
_PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9_./@+() -]*[A-Za-z0-9_./@+()-])?")
_PLAIN_WORDS = frozenset(word.casefold() for word in WORDS)
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def scalar(text: str) -> str:
    """Write a text on one line: plain where nobody can misread it, else in double quotes. Half a surrogate pair has no way."""
    if _PLAIN.fullmatch(text) and text.casefold() not in _PLAIN_WORDS:
        return text
    return f'"{"".join(_SHORT.get(character) or _escape(character) for character in text)}"'


def _escape(character: str) -> str:
    """A character as itself where a person can see it."""
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
