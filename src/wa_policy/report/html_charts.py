"""Shares as bars: inline SVG with its text alternative, and a table that says the same in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.records import NamedTuple
from wa_policy.report.html_text import Markup, element, join
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
    '<rect width="6" height="6" class="bad"/><rect width="2" height="6" class="line"/></pattern>'
    '<pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<rect width="6" height="6" class="unsure"/><circle cx="3" cy="3" r="1.1" class="line"/></pattern>'
    "</defs></svg>"
)
"""What bars are filled with, so that parts can be told apart without colour; once in a page."""


def bar(title: str, parts: Sequence[Part], *, small: bool = False) -> Markup:
    """A bar of all parts that are there, whose lengths are their shares; screen readers get the shares as text.

    It has no title of its own where the title stands right before it.
    """
    whole = sum(part.number for part in parts)
    said = ", ".join(f"{part.name} {share(part.number, whole)}" for part in parts if part.number)
    rects, at = [], 0
    for part in parts:
        if part.number:
            start = f" x={100 * at / whole:.4g}%" if at else ""
            rects.append(Markup(f"<rect{start} width={100 * part.number / whole:.4g}% class={part.style} />"))
            at += part.number
    label = f"{title}: {said or 'nothing'}" if title else said or "nothing"
    return element("svg", *rects, class_="bar small" if small else "bar", role="img", aria_label=label)


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], style: str) -> Markup:
    """A table: the first cell of a row is its head.

    By ``style``, a class of its own, the style sheet knows which columns are numbers, and what the columns are called where a
    narrow screen makes a list of each row.
    """
    body = (
        element("tr", element("th", row[0], scope="row"), *(element("td", cell) for cell in row[1:])) for row in rows
    )
    return element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *(element("th", head) for head in heads))),
        element("tbody", *body),
        class_=style,
    )


def headed(title: str, parts: Sequence[Part], by: str = "") -> Markup:
    """What a table is called, with a bar of its parts; ``by`` says what parts they are, where the title does not."""
    return join((title, bar(by, parts)))


def parted(title: str, parts: Sequence[Part], noun: str) -> Markup:
    """A whole by its parts: a table with a swatch for each part."""
    whole = sum(part.number for part in parts)
    rows = (
        (join((swatch(part.style), part.name)), f"{part.number:,}", share(part.number, whole), part.remark)
        for part in parts
    )
    heads = ("Status", noun, "Share", "What it means")
    return table(headed(title, parts), heads, rows, "parts")


def swatch(style: str) -> Markup:
    """A small piece of a bar."""
    return element("i", class_=style)
