"""Changes of data, as data: what is to be changed in a document, and what the document then has to say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeVar

from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wa_policy.source.spans import Route

T = TypeVar("T", list[Any], dict[str, Any])
Verb = Literal["set", "remove", "add", "rename"]


class DataChange(NamedTuple):
    """One change in a document.

    ``set`` a value (a missing key is added), ``remove`` a key or an item, ``add`` items to the end of a list (a missing one is
    made), ``rename`` a key.
    """

    verb: Verb
    route: Route
    value: Any = None


def intended(data: Any, changes: Iterable[DataChange]) -> Any:
    """The data as changed; routes are those before all changes. What is given stays as it is.

    Raises ValueError for a change that makes no sense there.
    """
    own: dict[int, list[Any] | dict[str, Any]] = {}  # the copies, by identity: each list or mapping is copied once
    # What lies deeper goes first, and of a list the last item, so that no change moves what another names.
    for change in sorted(changes, key=_order, reverse=True):
        data = _changed(data, change, change.route, own)
    return data


_LAST = {"rename": 0, "remove": 0, "set": 1, "add": 1}


def _order(change: DataChange) -> tuple[int, tuple[tuple[int, str], ...], int]:
    steps = tuple((step, "") if isinstance(step, int) else (0, step) for step in change.route)
    return len(change.route), steps, _LAST[change.verb]


def _changed(data: Any, change: DataChange, route: Route, own: dict[int, list[Any] | dict[str, Any]]) -> Any:
    if not route:
        return _at_end(data, change)
    step, rest = route[0], route[1:]
    if isinstance(data, list) and isinstance(step, int) and step < len(data):
        items = _copied(data, own)
        if not rest and change.verb == "remove":
            del items[step]
        else:
            items[step] = _changed(items[step], change, rest, own)
        return items
    if not isinstance(data, dict) or not isinstance(step, str):
        raise ValueError("nothing can be changed there")
    pairs = _copied(data, own)
    if rest or change.verb in ("set", "add"):
        # What is missing is made on the way to it.
        pairs[step] = _changed(pairs.get(step, {} if rest else None), change, rest, own)
        return pairs
    if step not in data or (change.verb == "rename" and change.value in data and change.value != step):
        raise ValueError("there is no such key, or one of that name already")
    value = pairs.pop(step)
    if change.verb == "rename":
        pairs[change.value] = value  # at the end: the order of keys means nothing
    return pairs


def _copied(data: T, own: dict[int, list[Any] | dict[str, Any]]) -> T:
    """A list or mapping that may be changed: itself if it is a copy, and nobody else's."""
    if id(data) in own:
        return data
    copy = data.copy()
    own[id(copy)] = copy
    return copy


def _at_end(data: Any, change: DataChange) -> Any:
    if change.verb == "set":
        return change.value
    if change.verb == "add" and (data is None or isinstance(data, list)):
        return [*(data or ()), *change.value]
    raise ValueError("nothing can be changed there")


def same(one: Any, other: Any) -> bool:
    """Whether two pieces of data are equal; unlike Python, this tells 1 from true and from 1.0."""
    if one is other:
        return True
    if one.__class__ is not other.__class__:
        return False
    if one.__class__ is dict:
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if one.__class__ is list:
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)
