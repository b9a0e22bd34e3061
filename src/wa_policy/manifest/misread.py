"""Unquoted text that means one thing here and another to other readers of YAML, or that lost what the person typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.schema.validate import format_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wa_policy.schema.explain import Violation
    from wa_policy.source.document import Ambiguous, Document
    from wa_policy.source.spans import Route


def find(document: Document, violations: Iterable[Violation]) -> Iterator[Ambiguous]:
    """What a document's plain scalars are misread as.

    A scalar counts where the schema wants text and none was read, and where YAML 1.1 and 1.2 disagree about it. A date where a
    date belongs does not: everybody reads the same day from it.
    """
    ambiguous = document.ambiguous()
    if not ambiguous:
        return
    wants_text = {violation.route for violation in violations if violation.expected == "string"}
    for scalar in ambiguous:
        if scalar.on_key or _matters(document, scalar.route, wants_text):
            yield scalar


def _matters(document: Document, route: Route, wants_text: set[Route]) -> bool:
    value = document.data
    for step in route:
        value = value[step]
    if isinstance(value, str):
        return format_at("workspace", route) not in ("date", "date-time")
    return route in wants_text
