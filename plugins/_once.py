"""What is worked out of facts alone, and therefore once for all manifests. It has no rules itself."""

from __future__ import annotations

import re
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, TypeVar, TypeVarTuple

if TYPE_CHECKING:
    from collections.abc import Callable

Facts = TypeVarTuple("Facts")
T = TypeVar("T")

_MOST_KEPT = 64


def once(make: Callable[[*Facts], T]) -> Callable[[*Facts], T]:
    """Have a function answer for the same facts what it answered before: they stay the same objects all through a run.

    Facts are lists and tables, so they are known by their identity; they are kept, so that no other object gets it.
    """
    kept: dict[tuple[int, ...], tuple[object, T]] = {}

    @wraps(make)
    def made(*facts: *Facts) -> T:
        key = tuple(map(id, facts))
        known = kept.get(key)
        if known is None:
            if len(kept) >= _MOST_KEPT:
                kept.clear()
            known = kept[key] = (facts, make(*facts))
        return known[1]

    return made


@lru_cache(maxsize=16)
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of the facts, ready to be looked for."""
    return re.compile(pattern)
