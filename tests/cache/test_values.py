"""Values survive being written as JSON."""

import json
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_policy.cache.values import as_json, by_name, from_json


class Point(NamedTuple):
    x: Any
    y: Any = ()


class Pair(NamedTuple):
    left: Any
    right: Any


CLASSES = by_name([Point, Pair])
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.builds(Point, inner, inner)
        | st.builds(Pair, inner, inner)
        | st.dictionaries(st.text() | st.tuples(st.text(), st.integers()), inner)
    ),
)


def types(value: Any) -> Any:
    """The value with the class of each part: equality alone does not tell a named tuple from a tuple, nor 1 from True."""
    if isinstance(value, dict):
        return (dict, [(types(key), types(item)) for key, item in value.items()])
    return (type(value), [types(item) for item in value]) if isinstance(value, (tuple, list)) else (type(value), value)


@given(values)
def test_what_comes_back_is_what_went_in(value: Any) -> None:
    back = from_json(json.loads(json.dumps(as_json(value))), CLASSES)
    assert types(back) == types(value)


@pytest.mark.parametrize("value", [{1, 2}, b"x", object(), (1, b"x")])
def test_what_could_not_come_back_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="cannot be kept"):
        as_json(value)


def test_an_unknown_class_is_no_value() -> None:
    with pytest.raises(KeyError):
        from_json(["Line", 1], CLASSES)
