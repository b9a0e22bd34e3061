"""What documentation pages put where a person's own value belongs, and what is left standing there by mistake."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def find_placeholder(text: str, patterns: Sequence[str]) -> str:
    """The first placeholder in a text, as it stands there; an empty string where there is none."""
    found = _one_of(tuple(patterns)).search(text)
    return found[0] if found else ""


@lru_cache(maxsize=8)
def _one_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
