"""Where a thing stands in a file: a route names it, a span shows it."""

from __future__ import annotations

from typing import Any

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


def follow(route: Route, data: Any) -> Any:
    """The value of plain data that a route leads to. Raises LookupError or TypeError where it leads nowhere."""
    for step in route:
        data = data[step]
    return data


def leads(route: Route, data: Any) -> bool:
    """Whether a route leads to a value of plain data."""
    for step in route:
        inside = range(len(data)) if isinstance(data, list) else data if isinstance(data, dict) else ()
        if step not in inside:
            return False
        data = data[step]
    return True
