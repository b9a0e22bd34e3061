"""Measure wa-policy beside other tools: ``python bench/run.py [--sizes 1,500] [--rounds N] [--full]``.

Installs all of them in ``.bench``, generates files, prints a Markdown table, for each target whether it was reached, and what
templates cost (templates.py). Each round runs every command once, in turn, with two cores to use, so that a machine that slows
down slows all of them; a ratio is the median of the rounds' ratios, not the ratio of the medians. A first run of each, which
fills the caches of bytecode and policies, does not count. What could not be installed, failed or was not waited for is in the
table, and why. Needs a system that has ``wait4``; npm and Node for the tools in JavaScript.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Behind the line that makes them be found: a script has its own folder there, and not the one that this folder is in.
from bench import commands as names
from bench import environment, report
from bench.measure import CommandError, Measure, changing, in_turn, run

SIZES, ALL_SIZES = (1, 500, 2_000, 5_000), (1, 500, 2_000, 5_000, 50_000)
FEW = 500
"""Up to how many files every tool is measured; beyond, only those that are expected to end in time."""
READ = 50
"""How many manifests the readers alone are measured on."""
ONCE = 50_000
"""From how many files on one round must do."""


def main() -> None:
    """Install, generate, measure, print."""
    parsed = _parse()
    sizes = ALL_SIZES if parsed.full else parsed.sizes
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-2:])
    troubles = {} if parsed.no_install else environment.prepare()
    if parsed.no_peers:
        troubles |= dict.fromkeys(environment.versions(), "not asked for")
    with tempfile.TemporaryDirectory() as scratch:
        measures = measure(scratch, sizes, parsed, troubles)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(f"{platform.python_implementation()} {platform.python_version()}, {cores} cores\n")
    print(
        "\n".join([*report.table(measures, environment.versions()), "", *report.verdicts(measures)]), "\n", flush=True
    )
    templates = os.path.join(environment.ROOT, "bench", "templates.py")
    subprocess.run(
        [environment.python(), templates, "--rounds", str(parsed.rounds), "--runs", str(parsed.batch_rounds)],
        check=False,
    )


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--sizes",
        type=lambda text: tuple(int(word) for word in text.split(",")),
        default=SIZES,
        help=f"how many files, separated by commas; default: {','.join(map(str, SIZES))}",
    )
    parser.add_argument("--full", action="store_true", help=f"all sizes: {','.join(map(str, ALL_SIZES))}")
    parser.add_argument("--rounds", type=int, default=7, help="for what is run on one file or none")
    parser.add_argument("--batch-rounds", type=int, default=3, help="for what is run on more")
    parser.add_argument(
        "--patience", type=float, default=60, help=f"seconds that another tool may take on more than {FEW} files"
    )
    parser.add_argument("--no-install", action="store_true", help="take what was installed before as it is")
    parser.add_argument("--no-peers", action="store_true", help="leave out the other tools, for more rounds of our own")
    return parser.parse_args()


def measure(
    scratch: str, sizes: Sequence[int], parsed: argparse.Namespace, troubles: Mapping[str, str]
) -> dict[tuple[str, int], Measure]:
    """Measure everything, one size after the other, in folders of generated files."""
    variables = environment.variables(os.path.join(scratch, "cache"))
    _generate(scratch, 1, variables)
    broken = {name: Measure(trouble=trouble) for name, trouble in troubles.items()}
    warm = {name: words for name, words in _wanted(scratch, 1).items() if name not in broken}
    broken |= _broken(warm, scratch, variables)
    measures: dict[tuple[str, int], Measure] = {}
    for size in sizes:
        _generate(scratch, size, variables)
        wanted = _wanted(scratch, size)
        unable = {name: broken[name] for name in wanted if name in broken}
        unable |= _too_slow([name for name in wanted if name not in unable], size, measures, parsed.patience)
        able = {name: words for name, words in wanted.items() if name not in unable}
        if names.CACHED in able:
            run(able[names.CACHED], scratch, variables)  # what was linted before is what is cached
        rounds = parsed.rounds if size == 1 else 1 if size >= ONCE else parsed.batch_rounds
        print(f"{len(able)} commands on {size:,} files, {rounds} rounds", file=sys.stderr)
        with changing(os.path.join(scratch, str(size), "manifests")) as change:
            done = in_turn(able, scratch, variables, rounds, {names.CHANGED: change}) | unable
        measures |= {(name, size): done[name] for name in wanted}
        if size == 1:
            measures |= _reader(scratch, parsed.rounds, variables)
    return measures


def _reader(scratch: str, rounds: int, variables: Mapping[str, str]) -> dict[tuple[str, int], Measure]:
    """Our reader beside PyYAML's, in one process."""
    _generate(scratch, READ, variables)
    manifests = sorted(entry.path for entry in os.scandir(os.path.join(scratch, str(READ), "manifests")))
    words = [environment.python(), os.path.join(environment.ROOT, "bench", "reader.py"), str(rounds), *manifests]
    seconds = json.loads(subprocess.run(words, env=variables, check=True, stdout=subprocess.PIPE).stdout)
    return {
        (names.READER, 1): Measure(tuple(seconds["wa-policy"])),
        (names.DATA, 1): Measure(tuple(seconds["data alone"])),
        (names.CSAFE, 1): Measure(tuple(seconds["CSafeLoader"])),
    }


def _wanted(scratch: str, size: int) -> dict[str, Sequence[str]]:
    """What is run on so many files, and what is measured beside it."""
    bare = names.without_files()
    if size == report.JOBS_AT:
        return {**names.ours(size), **names.busy()}
    if size > FEW:
        del bare[names.VERSION]
        bare[report.AGAIN] = names.ours(FEW)[names.UNCACHED]
    return {**bare, **names.ours(size), **names.floors(size), **names.peers(scratch, size)}


def _generate(scratch: str, size: int, variables: Mapping[str, str]) -> None:
    for count in {size, FEW} if size > FEW else {size}:
        folder = os.path.join(scratch, str(count))
        if not os.path.exists(folder):
            for writer in ("generate.py", "other_kinds.py"):
                words = [environment.python(), os.path.join(environment.ROOT, "bench", writer), folder, str(count)]
                subprocess.run(words, env=variables, check=True)


def _broken(commands: Mapping[str, Sequence[str]], scratch: str, variables: Mapping[str, str]) -> dict[str, Measure]:
    """Run each once, which fills caches; returns those that fail."""
    broken = {}
    for name, words in commands.items():
        try:
            run(words, scratch, variables)
        except CommandError as failure:
            broken[name] = Measure(trouble=str(failure))
    return broken


def _too_slow(
    wanted: Sequence[str], size: int, measures: Mapping[tuple[str, int], Measure], patience: float
) -> dict[str, Measure]:
    """Other tools that would take too long, as far as their time on fewer files tells."""
    slow = {}
    for name in wanted:
        before = measures.get((name, FEW))
        if size > FEW and name in environment.versions() and before is not None and before.seconds:
            expected = before.median * size / FEW
            if expected > patience:
                slow[name] = Measure(trouble=f"not run: {expected / 60:.0f} minutes expected")
    return slow


if __name__ == "__main__":
    main()
