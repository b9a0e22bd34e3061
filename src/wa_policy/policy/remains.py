"""What is left of a policy whose shape is wrong: other mistakes are looked for in that, so that all are told at once."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from wa_policy.schema.validate import violations

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wa_policy.schema.faults import Violation
    from wa_policy.source.spans import Route

_IDENTITY: tuple[Route, ...] = (("apiVersion",), ("kind",))
_LISTS = ("extends", "overrides", "suppressions")
"""The lists whose items are looked at one by one: what is refused of them leaves None, so that the others keep their places."""


def without_faults(data: Any, found: Iterable[Violation]) -> dict[str, Any] | None:
    """A policy's data without what its schema refuses, ``found`` for a start; None for what is no policy at all.

    What remains satisfies the schema, but for each None in a list.
    """
    if not isinstance(data, dict) or any(item.route in _IDENTITY for item in found):
        return None
    rest = {"apiVersion": "wa-policy/v1", "kind": "Policy", "metadata": {}, **deepcopy(data)}
    while faults := [item.route for item in violations(rest, "policy") if not _is_hole(rest, item.route)]:
        taken = [_take_out(rest, route) for route in sorted(faults, key=len, reverse=True)]
        if not any(taken):
            return None
        if not isinstance(rest.get("metadata", {}).get("name"), str):
            rest["metadata"] = {"name": "unnamed"}
    return rest


def _is_hole(rest: dict[str, Any], route: Route) -> bool:
    return _is_item(route) and _value_at(rest, route) is None


def _is_item(route: Route) -> bool:
    return len(route) == 2 and route[0] in _LISTS and isinstance(route[1], int)


def _value_at(inside: Any, route: Route) -> Any:
    for step in route:
        inside = inside[step]
    return inside


def _take_out(rest: dict[str, Any], route: Route) -> bool:
    """Take the part out of which something is refused: a key, or an item of a list; says whether there was one."""
    if _is_item(route):
        _value_at(rest, route[:1])[route[1]] = None
        return True
    while route and not isinstance(route[-1], str):
        route = route[:-1]
    try:
        del _value_at(rest, route[:-1])[route[-1]]
    except LookupError:  # nothing can be taken out, or what it was in is out already
        return False
    return True
