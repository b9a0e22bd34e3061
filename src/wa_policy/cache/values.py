"""Values of our own as JSON and back: named tuples keep their class, tuples stay tuples.

A sequence is written as a list whose first entry says what it is: the name of a named tuple's class, ``()`` for a tuple, ``[]``
for a list, ``{}`` for a mapping (as pairs).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def as_json(value: Any) -> Any:
    """A value as JSON can carry it. Raises TypeError for what ``from_json`` could not give back."""
    if value is None or type(value) in (str, bool, int, float):  # what is derived from these would come back as less
        return value
    if isinstance(value, tuple):
        tag = type(value).__name__ if hasattr(value, "_fields") else "()"
        return [tag, *map(as_json, value)]
    if type(value) is list:
        return ["[]", *map(as_json, value)]
    if type(value) is dict:
        return ["{}", *([as_json(key), as_json(item)] for key, item in value.items())]
    raise TypeError(f"{type(value).__name__} cannot be kept")


def from_json(plain: Any, classes: Mapping[str, type]) -> Any:
    """The value that ``as_json`` made this of. Raises KeyError for a class that is not among those given, by name."""
    if not isinstance(plain, list):
        return plain
    tag, *items = plain
    if tag == "{}":
        return {from_json(key, classes): from_json(item, classes) for key, item in items}
    values = [from_json(item, classes) if isinstance(item, list) else item for item in items]
    if tag == "()":
        return tuple(values)
    return values if tag == "[]" else classes[tag](*values)


def by_name(classes: Iterable[type]) -> dict[str, type]:
    """Classes by their names, for ``from_json``."""
    return {each.__name__: each for each in classes}
