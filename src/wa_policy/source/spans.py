"""Where a thing stands in a file: a route names it, a span shows it."""

from __future__ import annotations

from wa_policy.records import NamedTuple

Route = tuple[str | int, ...]
"""The way from a document's root to a value: keys and 0-based indices, such as ``("phone_numbers", 0, "number")``."""


class Span(NamedTuple):
    """A stretch of source text, 1-based, counted in code points; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class DocumentId(NamedTuple):
    """Which document of which file: the file's name as the user knows it, and the document's 0-based place in it."""

    path: str
    number: int


def show_route(route: Route) -> str:
    """Write a route as people do: ``phone_numbers[0].number``; the root is an empty string."""
    shown = ""
    for step in route:
        if isinstance(step, int):
            shown += f"[{step}]"
        elif step.isidentifier() or step.replace("-", "_").isidentifier():
            shown += f".{step}" if shown else step
        else:
            shown += f"[{step!r}]"
    return shown
