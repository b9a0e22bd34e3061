"""Where two texts differ, as a unified diff. The standard library's takes minutes for a large manifest, whose lines are alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

AROUND = 3
"""How many lines are shown before and after a difference, and must be the same for it to be over."""

_FARTHEST = 300
"""Over how many lines the end of a difference is looked for; then all that follows is different."""


class Region(NamedTuple):
    """Lines that differ, counted from 0, the end exclusive: those before and those after."""

    start: int
    end: int
    new_start: int
    new_end: int


def unified(
    before: Sequence[str], after: Sequence[str], show: tuple[Callable[[int], str], Callable[[int], str]]
) -> Iterator[str]:
    """The hunks of a unified diff of two texts by lines; ``show`` gives a line of each as it is to be printed, counted from 1."""
    hunk: list[Region] = []
    for region in _regions(before, after):
        if hunk and region.start - hunk[-1].end > 2 * AROUND:
            yield from _hunk(hunk, len(before), show)
            hunk = []
        hunk.append(region)
    if hunk:
        yield from _hunk(hunk, len(before), show)


def _regions(before: Sequence[str], after: Sequence[str]) -> Iterator[Region]:
    old = new = 0
    while old < len(before) or new < len(after):
        if before[old : old + 1] == after[new : new + 1]:
            old, new = old + 1, new + 1
            continue
        gone, come = _extent(before, after, old, new)
        yield Region(old, old + gone, new, new + come)
        old, new = old + gone, new + come


def _extent(before: Sequence[str], after: Sequence[str], old: int, new: int) -> tuple[int, int]:
    """How many lines of each differ until some are the same again: as few as can be."""
    for total in range(1, _FARTHEST):
        for gone in range(total + 1):
            same, as_there = old + gone, new + total - gone
            if before[same : same + AROUND] == after[as_there : as_there + AROUND]:
                return min(gone, len(before) - old), min(total - gone, len(after) - new)
    return len(before) - old, len(after) - new


def _hunk(
    regions: Sequence[Region], length: int, show: tuple[Callable[[int], str], Callable[[int], str]]
) -> Iterator[str]:
    first, last = regions[0], regions[-1]
    lead = min(AROUND, first.start)
    start, end = first.start - lead, min(last.end + AROUND, length)
    new_start, new_end = first.new_start - lead, last.new_end + end - last.end
    yield f"@@ -{_range(start, end)} +{_range(new_start, new_end)} @@"
    at = start
    for region in regions:
        yield from (f" {show[0](number + 1)}" for number in range(at, region.start))
        yield from (f"-{show[0](number + 1)}" for number in range(region.start, region.end))
        yield from (f"+{show[1](number + 1)}" for number in range(region.new_start, region.new_end))
        at = region.end
    yield from (f" {show[0](number + 1)}" for number in range(at, end))


def _range(start: int, end: int) -> str:
    """Lines as the head of a hunk has them: the first, counted from 1, and how many; of no lines, the one before them."""
    return f"{start + 1}" if end - start == 1 else f"{start + (end > start)},{end - start}"
