"""Shares as bars: inline SVG with its text alternative, and a table that says the same in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.records import NamedTuple
from wa_policy.report.html_text import NOTHING, Markup, element, join
from wa_policy.report.html_words import share

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Part(NamedTuple):
    """A part of a whole: its name, its size, the style of its colour and pattern, and what it means."""

    name: str
    number: int
    style: str
    remark: str = ""


PATTERNS = Markup(
    '<svg width="0" height="0" class="patterns" aria-hidden="true" focusable="false"><defs>'
    '<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="6" height="6" class="fill-bad"/><rect width="2" height="6" class="line"/></pattern>'
    '<pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<rect width="6" height="6" class="fill-unsure"/><circle cx="3" cy="3" r="1.1" class="line"/></pattern>'
    "</defs></svg>"
)
"""What bars are filled with, so that parts can be told apart without colour; once in a page."""


def bar(title: str, parts: Sequence[Part], *, small: bool = False) -> Markup:
    """A bar of all parts that are there, whose lengths are their shares; screen readers get the shares as text."""
    whole = sum(part.number for part in parts)
    said = ", ".join(f"{part.name} {share(part.number, whole)}" for part in parts if part.number)
    rects, at = [], 0
    for part in parts:
        if part.number:
            rects.append(
                Markup(
                    f'<rect x="{100 * at / whole:.4g}%" width="{100 * part.number / whole:.4g}%" height="100%" '
                    f'class="fill-{part.style}"/>'
                )
            )
            at += part.number
    label = f"{title}: {said or 'nothing'}"
    return element("svg", *rects, class_="bar small" if small else "bar", role="img", aria_label=label)


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], style: str) -> Markup:
    """A table: the first cell of a row is its head; a head that begins with ``#`` is that of numbers.

    On a narrow screen a row becomes a list, in which the style sheet names the columns: by ``style``, a class of its own.
    """
    numeric = [head.startswith("#") for head in heads]
    top = (
        element("th", head.removeprefix("#"), scope="col", class_="number" if is_number else None)
        for head, is_number in zip(heads, numeric, strict=True)
    )
    body = (
        element(
            "tr",
            element("th", row[0], scope="row"),
            *(
                element("td", cell, class_="number" if is_number else None)
                for cell, is_number in zip(row[1:], numeric[1:], strict=True)
            ),
        )
        for row in rows
    )
    made = element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *top)),
        element("tbody", *body),
        class_=style,
    )
    return element("div", made, class_="table")


def parted(title: str, parts: Sequence[Part], noun: str, remark: Markup = NOTHING) -> Markup:
    """A whole by its parts: bar, and table with a swatch for each part."""
    whole = sum(part.number for part in parts)
    rows = (
        (join((swatch(part.style), part.name)), f"{part.number:,}", share(part.number, whole), part.remark)
        for part in parts
    )
    heads = ("Status", f"#{noun}", "#Share", "What it means")
    numbers = table(f"{title}, in numbers", heads, rows, "parts")
    return element("div", element("h5", title), bar(title, parts), numbers, remark, class_="chart")


def swatch(style: str) -> Markup:
    """A small piece of a bar."""
    return Markup(f'<i class="swatch {style}"></i>')
