"""Run commands in turn, and say how long each took and how much memory it had."""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from typing import NamedTuple


class Measure(NamedTuple):
    """What one thing took: seconds, one figure a round, and the highest peak of memory in MiB.

    ``trouble`` is why there is no figure, or not one for every round.
    """

    seconds: tuple[float, ...] = ()
    peak: float = 0.0
    trouble: str = ""

    @property
    def median(self) -> float:
        """The middle of the rounds, in seconds."""
        return statistics.median(self.seconds)

    def ratio(self, other: "Measure") -> float:
        """How many times as long as another that was measured in the same rounds: the median of the rounds' ratios."""
        return statistics.median(mine / theirs for mine, theirs in zip(self.seconds, other.seconds, strict=False))

    def beyond(self, other: "Measure") -> float:
        """How many seconds longer than another that was measured in the same rounds."""
        return statistics.median(mine - theirs for mine, theirs in zip(self.seconds, other.seconds, strict=False))


class CommandError(Exception):
    """A command that failed: with what, and the end of what it said."""


@contextmanager
def changing(folder: str) -> Iterator[Callable[[], None]]:
    """What changes the first file of a folder, by a comment at its end, in another way each time; in the end it is as it was."""
    path = min(entry.path for entry in os.scandir(folder))
    stamps = os.stat(path)
    with open(path, "rb") as file:
        before = file.read()
    numbers = count(1)

    def change() -> None:
        _write(path, before + f"# changed {next(numbers)}\n".encode())

    try:
        yield change
    finally:
        _write(path, before)
        os.utime(path, ns=(stamps.st_atime_ns, stamps.st_mtime_ns))


def _write(path: str, content: bytes) -> None:
    with open(path, "wb") as file:
        file.write(content)


def in_turn(
    commands: Mapping[str, Sequence[str]],
    folder: str,
    environment: Mapping[str, str],
    rounds: int,
    before: Mapping[str, Callable[[], None]] | None = None,
) -> dict[str, Measure]:
    """Run every command once a round; ``before`` is what to do first, outside the time. One that fails is not run again."""
    measures = dict.fromkeys(commands, Measure())
    for _ in range(rounds):
        for name, command in commands.items():
            measure = measures[name]
            if measure.trouble:
                continue
            if before and name in before:
                before[name]()
            try:
                seconds, peak = run(command, folder, environment)
            except CommandError as failure:
                measures[name] = measure._replace(trouble=str(failure))
            else:
                print(f"  {name}: {seconds:.3f} s", file=sys.stderr)  # a table comes late
                measures[name] = Measure((*measure.seconds, seconds), max(measure.peak, peak))
    return measures


def run(command: Sequence[str], folder: str, environment: Mapping[str, str]) -> tuple[float, float]:
    """Run a command; returns seconds and peak memory in MiB, of its largest process. Raises CommandError."""
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        try:
            process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)
        except OSError as error:
            raise CommandError(f"it cannot be run: {error.strerror}") from None
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            raise CommandError(f"it failed with {process.returncode}: {last_line(output.read())}")
    return seconds, mebibytes(usage)


def last_line(output: bytes) -> str:
    """The last line that says something, short enough for a table."""
    lines = [line.strip() for line in output.decode(errors="replace").splitlines() if line.strip()]
    return lines[-1].replace("|", "/")[:120] if lines else "it said nothing"


def mebibytes(usage: resource.struct_rusage) -> float:
    """The peak of memory that a system tells."""
    return usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
