"""Which finding is the same as yesterday's: by names, values and places in the data, never by lines.

A list item is known by its own name (a template's name and language, a number), so that another item above it changes nothing.
Values go in as digests only, and credentials not at all.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from wa_policy.source.spans import show_route

if TYPE_CHECKING:
    from collections.abc import Iterable
    from hashlib import sha256

    from wa_policy.report.model import Finding
    from wa_policy.source.spans import Route
else:
    try:
        from _sha256 import sha256  # what hashlib gives, without the library that hashlib loads beside it
    except ImportError:  # another Python
        from hashlib import sha256

_NAMES = (("name", "language"), ("name",), ("number",), ("id",), ("url",))
"""By which of its values a list item is known, the best first; after these by its type, if no other item has it."""

_MOST_TYPES = 50
"""How many items a list may have whose types are compared: a template has few parts, and a hostile list has very many."""

_DIGITS = 16


def digest(value: Any) -> str:
    """A short digest of plain data; equal data have equal ones."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()[:_DIGITS]


def named_route(route: Route, data: Any) -> str:
    """A route in which list items go by their names: ``templates/[order_shipped en]/components/[BODY]``.

    A scalar item goes by itself; an item without a name by its type, if that is its own, else by its place.
    """
    shown = []
    for step in route:
        shown.append(_named(step, data) if isinstance(step, int) else show_route((step,)))
        data = _member(data, step)
    return "/".join(shown)


def value_at(route: Route, data: Any) -> Any:
    """The value at a route; None where nothing is."""
    for step in route:
        data = _member(data, step)
    return data


def _member(data: Any, step: str | int) -> Any:
    if isinstance(data, dict):
        return data.get(step)
    if isinstance(data, list) and isinstance(step, int) and 0 <= step < len(data):
        return data[step]
    return None


def _named(step: int, data: Any) -> str:
    item = _member(data, step)
    if isinstance(item, dict):
        for names in _NAMES:
            if all(isinstance(item.get(name), str) for name in names):
                return f"[{' '.join(item[name] for name in names)}]"
        if _is_the_only(item.get("type"), data):
            return f"[{item['type']}]"
    if isinstance(item, str):
        return f"[{item}]"
    return f"[{step}]"


def _is_the_only(kind: Any, items: list[Any]) -> bool:
    """Whether one of the items, and no other, is of a type."""
    if not isinstance(kind, str) or len(items) > _MOST_TYPES:
        return False
    return [item.get("type") for item in items if isinstance(item, dict)].count(kind) == 1


def told_apart(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, each with a fingerprint of its own: equal keys are counted in the order given."""
    seen: dict[str, int] = {}
    unique = []
    for finding in findings:
        nth = seen[finding.key] = seen.get(finding.key, 0) + 1
        unique.append(finding._replace(fingerprint=digest([finding.key, nth])))
    return unique
