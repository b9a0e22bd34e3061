"""Routes as people write them: ``phone_numbers[0].number``, or by the names of items, ``templates[order_shipped en].status``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wa_policy.source.spans import Route

_STEP = re.compile(
    r"\[(?:'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\"|(?P<inside>[^\[\]]+))\]|[./]?(?P<key>[^./\[\]\s]+)|/(?=\[)"
)


class WrittenStep(NamedTuple):
    """One step of a route: a key, or what stands in brackets: an index, an item's name, or a key that needs quotes."""

    text: str
    in_brackets: bool


def read_steps(text: str) -> list[WrittenStep]:
    """The steps of a route as written; none for a text that is no route."""
    steps, at = [], 0
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None:
            return []
        at = found.end()
        step = next((group for group in found.groups() if group is not None), "")
        if step:
            steps.append(WrittenStep(step, found["key"] is None))
    return steps


def leads_to(steps: Sequence[WrittenStep], route: Route, names: Sequence[str]) -> bool:
    """Whether a route as written is that of a place, or leads to something above it.

    ``names`` are what each step of the place is called, a list item by its own name and in brackets.
    """
    if len(steps) > len(route):
        return False
    for written, step, name in zip(steps, route, names, strict=False):
        if isinstance(step, str):
            if written.text != step:
                return False
        elif not written.in_brackets or written.text not in (str(step), name.removeprefix("[").removesuffix("]")):
            return False
    return True
