"""Measure wa-policy beside other tools: ``python bench/run.py [--rounds N] [--batch-rounds N]``.

Prints a Markdown table, and for each target whether it was reached. Each round runs every command once, in turn, on one core, so
that a machine that slows down slows all of them; a ratio is the median of the rounds' ratios, not the ratio of the medians. A
first round, which fills the caches of bytecode and policies, does not count. Takes some minutes. Needs check-jsonschema and
yamllint in the environment that runs it, and a system that has ``wait4``.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

HERE = os.path.dirname(os.path.abspath(__file__))
SCHEMA = os.path.join(os.path.dirname(HERE), "schemas", "workspace.schema.json")
AS_OF = "2026-11-22"  # on this day the ready manifest is ready
MANY = 500
YAMLLINT_RULES = "{extends: relaxed, rules: {line-length: disable}}"  # manifests pass these, so nothing is printed

PYTHON, VERSION = "python -c pass", "wa-policy --version"
LINT, JSONSCHEMA, YAMLLINT = "wa-policy lint", "check-jsonschema", "yamllint"
READER, LOADER = "wa-policy's reader, in process", "yaml.load(CSafeLoader), in process"
ONE, ALL = "one manifest", f"{MANY} manifests"


class Measure(NamedTuple):
    """What one thing took: seconds, one figure a round, and the highest peak of memory in MiB (None: not measured)."""

    seconds: list[float]
    peak: float | None = None

    @property
    def median(self) -> float:
        """The middle of the rounds, in seconds."""
        return statistics.median(self.seconds)

    def ratio(self, other: "Measure") -> float:
        """How many times as long as another, measured in the same rounds."""
        return statistics.median(mine / theirs for mine, theirs in zip(self.seconds, other.seconds, strict=True))


Measures = dict[tuple[str, str], Measure]


def main() -> None:
    """Generate, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15, help="for what is run on one manifest or none")
    parser.add_argument("--batch-rounds", type=int, default=3, help=f"for what is run on {MANY} manifests")
    parsed = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        measures = measure(folder, parsed.rounds, parsed.batch_rounds)
    print("\n".join([*table(measures), "", *verdicts(measures)]))


def measure(folder: str, rounds: int, batch_rounds: int) -> Measures:
    """Measure everything on manifests generated into a folder."""
    subprocess.run([sys.executable, os.path.join(HERE, "generate.py"), folder, str(MANY)], check=True)
    manifests = sorted(entry.name for entry in os.scandir(folder) if entry.name.endswith(".yaml"))
    small = {(PYTHON, ""): [sys.executable, "-c", "pass"], (VERSION, ""): [_tool("wa-policy"), "--version"]}
    small |= _on(ONE, manifests[:1])
    _interleaved(small, folder, 1)  # fills the caches
    measures = _interleaved(small, folder, rounds)
    measures |= _interleaved(_on(ALL, manifests), folder, batch_rounds)
    reader = [sys.executable, os.path.join(HERE, "reader.py"), str(rounds), *manifests[:50]]
    output = subprocess.run(reader, cwd=folder, env=_environment(folder), check=True, stdout=subprocess.PIPE).stdout
    seconds = json.loads(output)
    return measures | {(READER, ONE): Measure(seconds["wa-policy"]), (LOADER, ONE): Measure(seconds["CSafeLoader"])}


def _on(what: str, manifests: Sequence[str]) -> dict[tuple[str, str], list[str]]:
    return {
        (LINT, what): [_tool("wa-policy"), "lint", "--as-of", AS_OF, *manifests],
        (JSONSCHEMA, what): [_tool("check-jsonschema"), "--schemafile", SCHEMA, *manifests],
        (YAMLLINT, what): [_tool("yamllint"), "-d", YAMLLINT_RULES, *manifests],
    }


def _tool(name: str) -> str:
    return os.path.join(os.path.dirname(sys.executable), name)


def _interleaved(commands: dict[tuple[str, str], list[str]], folder: str, rounds: int) -> Measures:
    measures: Measures = {key: Measure([], 0.0) for key in commands}
    for _ in range(rounds):
        for key, command in commands.items():
            seconds, peak = _run(command, folder)
            measures[key] = Measure([*measures[key].seconds, seconds], max(measures[key].peak or 0.0, peak))
    return measures


def _run(command: Sequence[str], folder: str) -> tuple[float, float]:
    """Run a command; returns seconds and peak memory in MiB. Exits if it fails."""
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=_environment(folder), stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            said = output.read().decode(errors="replace")[-2000:]
            raise SystemExit(f"{' '.join(command[:4])} ... failed with {process.returncode}:\n{said}")
    return seconds, _mebibytes(usage)


def _environment(folder: str) -> dict[str, str]:
    """Ours, but bytecode and policies are cached, and where nobody else's are."""
    inherited = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    cache = os.path.join(folder, ".cache")
    return {**inherited, "PYTHONPYCACHEPREFIX": os.path.join(cache, "bytecode"), "WA_POLICY_CACHE_DIR": cache}


def _mebibytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)


def table(measures: Measures) -> Iterator[str]:
    """The measures as Markdown; what stands beside another tool is set against it."""
    own = _mebibytes(resource.getrusage(resource.RUSAGE_SELF))
    against = {(VERSION, ""): (PYTHON, ""), (READER, ONE): (LOADER, ONE)}
    against |= {(LINT, what): (JSONSCHEMA, what) for what in (ONE, ALL)}
    yield "| command | on | median | ratio | peak memory |"
    yield "|---|---|---:|---|---:|"
    for (name, what), measured in measures.items():
        other = against.get((name, what))
        ratio = f"{measured.ratio(measures[other]):.2f} of {other[0]}" if other else ""
        yield f"| {name} | {what} | {_show(measured.median)} | {ratio} | {_show_peak(measured.peak, own)} |"


def _show(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.3g} ms"


def _show_peak(peak: float | None, own: float) -> str:
    if peak is None:
        return ""
    # A process starts with the peak of the one that started it, so less than our own cannot be seen.
    return f"{peak:.0f} MiB" if peak > own + 1 else f"under {own + 1:.0f} MiB"


def verdicts(measures: Measures) -> Iterator[str]:
    """For each target, the figure and whether it was reached."""
    peak = measures[LINT, ALL].peak or 0.0
    targets = (
        ("`wa-policy --version`, in times of bare Python", measures[VERSION, ""].ratio(measures[PYTHON, ""]), 3),
        ("one manifest, in times of check-jsonschema", measures[LINT, ONE].ratio(measures[JSONSCHEMA, ONE]), 0.6),
        (f"{ALL}, in times of check-jsonschema", measures[LINT, ALL].ratio(measures[JSONSCHEMA, ALL]), 1 / 6),
        ("the reader, in times of CSafeLoader", measures[READER, ONE].ratio(measures[LOADER, ONE]), 0.8),
        (f"peak memory for {ALL}, in MiB", peak, 120),
    )
    for what, value, most in targets:
        yield f"- {'reached' if value <= most else 'MISSED'}: {what}: {value:.3g}, at most {most:.3g}"


if __name__ == "__main__":
    main()
