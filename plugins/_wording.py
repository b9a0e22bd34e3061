"""Words that messages share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TEMPLATE_MANAGER = "WhatsApp Manager (Account tools > Message templates)"
"""Where people look a template up."""


def listed(words: Sequence[str], joint: str = "and") -> str:
    """One word or more in a row: ``a``, ``a and b``, ``a, b and c``."""
    return f"{', '.join(words[:-1])} {joint} {words[-1]}" if len(words) > 1 else words[0]


def shortlist(items: Iterable[str], most: int = 4) -> str:
    """Items in a row, each once: ``{{1}}, {{2}} and {{3}}``; of many, the first and how many more."""
    known = list(dict.fromkeys(items))
    if len(known) > most:
        return f"{', '.join(known[:most])} and {len(known) - most} more"
    return listed(known) if known else ""


def quoted(words: Sequence[str], joint: str = "or") -> str:
    """The same in quotes, as a choice: ``"a", "b" or "c"``."""
    return listed([f'"{word}"' for word in words], joint)


def counted(count: int, what: str) -> str:
    """A number of things: ``1 word``, ``2 words``."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
