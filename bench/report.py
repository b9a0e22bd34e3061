"""What was measured as Markdown: a table, and for each target whether it was reached."""

import resource
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from bench import commands as names
from bench.measure import Measure, mebibytes

Measures = Mapping[tuple[str, int], Measure]
"""By name and number of files; what looks at no file was measured beside those that look at so many."""

NO_FILES = (names.PYTHON, names.VERSION, names.BUSY_ONE, names.BUSY_TWO)

JOBS_AT = 2_000
"""How many manifests two jobs are measured on."""

MOST = 50_000
"""On how many manifests the cost of one and memory are to be as on 500, unless fewer are measured."""

AGAIN = "the same, on 500"
"""wa-policy on 500 manifests, measured in turn with more of them, so that both met the same machine."""

FREE = 1.8
"""How many times faster two busy processes must be than one after the other for the second core to count as free."""


class Target(NamedTuple):
    """What is to be reached: a figure, at most or at least so much, from which measures."""

    what: str
    bound: float
    value: Callable[[Measures], float]
    least: bool = False


def table(measures: Measures, versions: Mapping[str, str]) -> Iterator[str]:
    """The measures; what has no figure says why."""
    own = mebibytes(resource.getrusage(resource.RUSAGE_SELF))
    yield "| command | on | median | ratio | peak memory |"
    yield "|---|---|---:|---|---:|"
    smallest = min(size for _, size in measures)
    for (name, size), measure in measures.items():
        on_none = name in NO_FILES
        if name == AGAIN or (on_none and name not in (names.BUSY_ONE, names.BUSY_TWO) and size != smallest):
            continue
        shown = f"{name} {versions[name]}" if name in versions else name
        on = "" if on_none else f"{size:,} {names.ON.get(name, 'manifest')}{'s' if size > 1 else ''}"
        if not measure.seconds:
            yield f"| {shown} | {on} | | {measure.trouble} | |"
            continue
        peak = _peak(measure.peak, own) + (f" ({measure.trouble})" if measure.trouble else "")
        yield f"| {shown} | {on} | {_seconds(measure.median)} | {_against(measures, name, size)} | {peak} |"


def _against(measures: Measures, name: str, size: int) -> str:
    in_process = name in (names.READER, names.DATA)
    other = names.PYTHON if name in NO_FILES else names.CSAFE if in_process else names.UNCACHED
    base = measures.get((other, size), Measure())
    if name in (other, names.CSAFE) or not base.seconds:
        return ""
    called = {names.PYTHON: "bare Python", names.UNCACHED: "uncached", names.CSAFE: "CSafeLoader"}[other]
    return f"{measures[name, size].ratio(base):.3g} of {called}"


def _seconds(seconds: float) -> str:
    return f"{seconds:.3g} s" if seconds >= 1 else f"{seconds * 1000:.3g} ms"


def _peak(peak: float, own: float) -> str:
    if not peak:
        return ""
    # A process starts with the peak of the one that started it, so less than our own cannot be seen.
    return f"{peak:.0f} MiB" if peak > own + 1 else f"under {own + 1:.0f} MiB"


def verdicts(measures: Measures) -> Iterator[str]:
    """For each target, the figure and whether it was reached."""
    largest = max((size for name, size in measures if name == AGAIN), default=MOST)
    yield "| target | measured | reached |"
    yield "|---|---:|---|"
    for target in _targets(largest):
        bound = f"{target.what}: at {'least' if target.least else 'most'} {target.bound:.3g}"
        try:
            value = target.value(measures)
        except KeyError:
            yield f"| {bound} | | not measured |"
            continue
        reached = value >= target.bound if target.least else value <= target.bound
        yield f"| {bound} | {value:.3g} | {'yes' if reached else 'NO'} |"
    yield ""
    yield _second_core(measures)


def _targets(largest: int) -> Iterator[Target]:
    uncached, cached, floor, python = names.UNCACHED, names.CACHED, names.FLOOR, names.PYTHON
    schema, lint = "check-jsonschema", "yamllint"
    yield Target("`--version`, in times of bare Python", 2, lambda all_: _ratio(all_, (names.VERSION, 1), (python, 1)))
    yield Target(
        "one manifest uncached, in times of check-jsonschema",
        0.5,
        lambda all_: _ratio(all_, (uncached, 1), (schema, 1)),
    )
    yield Target("one manifest uncached, in times of yamllint", 1, lambda all_: _ratio(all_, (uncached, 1), (lint, 1)))
    yield Target(
        "the reader with places, in times of CSafeLoader",
        0.8,
        lambda all_: _ratio(all_, (names.READER, 1), (names.CSAFE, 1)),
    )
    yield Target("one manifest cached, in times of bare Python", 2, lambda all_: _ratio(all_, (cached, 1), (python, 1)))
    yield Target(
        "500 uncached by one process, in times of check-jsonschema",
        0.1,
        lambda all_: _ratio(all_, (uncached, 500), (schema, 500)),
    )
    yield Target(
        "500 uncached by one process, in times of the floor",
        1.6,
        lambda all_: _ratio(all_, (uncached, 500), (floor, 500)),
    )
    yield Target(
        f"{JOBS_AT:,} by two jobs, times faster than by one",
        1.6,
        lambda all_: _ratio(all_, (uncached, JOBS_AT), (names.TWO_JOBS, JOBS_AT)),
        least=True,
    )
    yield Target(
        "5,000 unchanged cached, seconds beyond bare Python",
        0.3,
        lambda all_: _known(all_, (cached, 5_000)).beyond(_known(all_, (python, 5_000))),
    )
    yield Target(
        f"one of {largest:,} manifests uncached, in times of one of 500",
        1.1,
        lambda all_: _ratio(all_, (uncached, largest), (AGAIN, largest)) * 500 / largest,
    )
    yield Target(
        f"peak memory on {largest:,} manifests, in times of that on 500",
        1.2,
        lambda all_: _known(all_, (uncached, largest)).peak / _known(all_, (AGAIN, largest)).peak,
    )


def _ratio(measures: Measures, one: tuple[str, int], other: tuple[str, int]) -> float:
    return _known(measures, one).ratio(_known(measures, other))


def _known(measures: Measures, key: tuple[str, int]) -> Measure:
    """A measure that has a figure. Raises KeyError for none."""
    measure = measures[key]
    if not measure.seconds:
        raise KeyError(key)
    return measure


def _second_core(measures: Measures) -> str:
    try:
        bare = 2 * _ratio(measures, (names.BUSY_ONE, JOBS_AT), (names.BUSY_TWO, JOBS_AT))
    except KeyError:
        return "What a second process gains here by itself was not measured."
    free = (
        "so the second core was free"
        if bare >= FREE
        else "so the second core was NOT free, and two jobs could not show it"
    )
    return f"Two busy processes were {bare:.3g} times as fast as one after the other, {free}."
