"""Did you mean: the nearest name, for a value that might be one."""

from __future__ import annotations

import pytest

from wa_policy.suggest import LONGEST, did_you_mean, nearest


@pytest.mark.parametrize(
    ("value", "found"), [("order_shiped", "order_shipped"), ("ORDER_SHIPED", "order_shipped"), ("x", None), ("", None)]
)
def test_the_nearest_name_case_aside(value: str, found: str | None) -> None:
    assert nearest(value, ["order_shipped", "order_placed"]) == found
    assert did_you_mean(value, ["order_shipped", "order_placed"]) == (f' (did you mean "{found}"?)' if found else "")


@pytest.mark.parametrize(("length", "is_found"), [(LONGEST, True), (LONGEST + 1, False)])
def test_what_is_too_long_for_a_name_is_not_compared(length: int, is_found: bool) -> None:
    assert (nearest("a" * length, ["a" * 100]) is not None) == is_found
    assert (nearest("a" * 100, ["a" * length]) is not None) == is_found
