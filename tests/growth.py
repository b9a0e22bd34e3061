"""Whether work grows with the length of a text, and not with its square: one length is set against another, in the same run.

What runs line by line is counted (``steps``). What one call of a pattern does cannot be, so its times are compared.
"""

import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

SHORT, LONG = 25_000, 100_000

_NOTHING = 0.01
"""Seconds of processor time that are too few to compare."""


def is_linear(work: Callable[[int], object]) -> bool:
    """Whether four times the length takes much less than sixteen times as long; the least of several runs counts."""
    long = _least(work, LONG)
    return long < _NOTHING or long < 9 * _least(work, SHORT)


def _least(work: Callable[[int], object], length: int) -> float:
    taken = []
    for _ in range(5):
        started = time.process_time()
        work(length)
        taken.append(time.process_time() - started)
    return min(taken)


def steps(work: Callable[[], object]) -> int:
    """How many lines a piece of work runs, each as often as it is run: the same number on every machine."""
    counted = 0

    def count(_frame: FrameType, _event: str, _argument: Any) -> Callable[..., Any]:
        nonlocal counted
        counted += 1
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        work()
    finally:
        sys.settrace(before)
    return counted
