"""Unquoted text that means one thing here and another to other readers of YAML, or that lost what the person typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.records import NamedTuple
from wa_policy.schema.texts import schema_at
from wa_policy.source.spans import follow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wa_policy.schema.faults import Violation
    from wa_policy.source.document import Ambiguous, Document
    from wa_policy.source.spans import Route


_DATES = ("date", "date-time")


class Misread(NamedTuple):
    """A plain scalar, a key or a value; what is written, what it is read as, in words, and what was meant: a text, or a truth."""

    route: Route
    on_key: bool
    text: str
    read_as: str
    meant: str | bool


def find(document: Document, violations: Iterable[Violation]) -> Iterator[Misread]:
    """What a document's plain scalars are misread as.

    A scalar counts where the schema wants text and none was read, and where YAML 1.1 and 1.2 disagree about it. A date where a
    date belongs does not: everybody reads the same day from it. Nor does what is wrong even in quotes, or stands where nobody
    knows what belongs there: the schema says more.
    """
    expected = {violation.route: violation.expected for violation in violations}
    wants_text = {route for route, what in expected.items() if what == "string"} if expected else set()
    ambiguous = document.ambiguous(_wants_date)
    for scalar in ambiguous:
        if scalar.on_key or isinstance(follow(scalar.route, document.data), str):
            meant = _meant(scalar, expected.get(scalar.route, ""))
            if meant is not None:
                read_as = f"{scalar.read_as} to readers of YAML 1.1"
                yield Misread(scalar.route, scalar.on_key, scalar.text, read_as, meant)
        elif scalar.route in wants_text and _fits(scalar.text, scalar.route):
            yield Misread(scalar.route, False, scalar.text, scalar.read_as, scalar.text)
    known = {scalar.route for scalar in ambiguous}
    for route in sorted(wants_text - known, key=str):
        text, value = document.text_at(route), follow(route, document.data)
        if text and value is not None and document.style_at(route) == "plain" and _fits(text, route):
            yield Misread(route, False, text, "a truth value" if isinstance(value, bool) else "a number", text)


def _meant(scalar: Ambiguous, expected: str) -> str | bool | None:
    """What a key or text without quotes stands for, by what the schema misses there; None where quotes would not do."""
    if expected == "boolean" and not scalar.on_key:
        from wa_policy.schema.words import TRUTHS  # most manifests have no such text

        truth = TRUTHS.get(scalar.text.casefold())
        return None if truth is None else truth == "true"
    if expected:
        return None
    if not scalar.on_key and (_wants_date(scalar.route) or schema_at("workspace", scalar.route) is None):
        return None
    return scalar.text


def _wants_date(route: Route) -> bool:
    return (schema_at("workspace", route) or {}).get("format") in _DATES


def _fits(text: str, route: Route) -> bool:
    """Whether quotes are all that is missing; else the schema says more of what belongs there."""
    from wa_policy.schema.values import fits  # most manifests are of the right shape

    return fits(text, schema_at("workspace", route) or {})
