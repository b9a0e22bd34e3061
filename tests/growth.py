"""Whether work grows with the length of a text, and not with its square: one length is set against another, in the same run."""

import time
from collections.abc import Callable

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
