"""Whether work grows with the length of a text, and not with its square: one length is set against another, in the same run.

What is done in Python is counted (``steps``). What one call of a pattern does cannot be, so its times are compared.
"""

import sys
import time
from collections.abc import Callable
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
    """How many functions a piece of work calls, Python's own among them: the same number on every machine."""
    counted = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return counted
