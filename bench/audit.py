"""Measure the opt-in audit beside DuckDB's bare scan of the same files: ``python bench/audit.py [--rows N] [--rounds N]``.

Prints a Markdown table, and for each target whether it was reached. Each round runs everything once, in turn: the bare scan
(``SELECT count(*)`` over both files, all columns as text), the whole audit, and the audit with a memory limit; and the audit of a
tenth of the rows. A ratio is the median of the rounds' ratios. Every run is a process of its own, so that its peak of memory is
its own. Needs the extra "audit", about 1.2 GB for the data of 20 million rows and as much again for temporary files.
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
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import NamedTuple

from wa_policy.cli.main import main as main_of_the_command

HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT = "512MB"
SCAN, WHOLE, LIMITED, TENTH = "bare scan", "whole audit", f"audit, {LIMIT}", "audit of a tenth"
HEADERS = {
    "users.csv": ("customer_id", "mobile", "moe_wa_subscription"),
    "bsp.csv": ("phone", "status", "opted_in_on"),
}


class Taken(NamedTuple):
    """What one run took: seconds on the clock, seconds of all processors, and the peak of memory in MiB."""

    seconds: float
    processor: float
    peak: float


def main() -> None:
    """Generate, measure, print; or, as its own child, run one thing and print what it took."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--rows", type=int, default=20_000_000, help="of the users; the list has three quarters as many"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--data", help="a folder to keep the data in, or to find it in; else it is made anew and removed"
    )
    parser.add_argument("--run", nargs=2, metavar=("WHAT", "FOLDER"), help=argparse.SUPPRESS)
    parsed = parser.parse_args()
    if parsed.run:
        print(json.dumps(_run(*parsed.run)))
        return
    with tempfile.TemporaryDirectory() as made:
        folder = parsed.data or made
        _generate(folder, parsed.rows)
        _generate(_tenth(folder), parsed.rows // 10)
        rounds = [_round(folder) for _ in range(parsed.rounds)]
    print("\n".join([*_table(rounds, parsed.rows), "", *_verdicts(rounds)]))


def _tenth(folder: str) -> str:
    return os.path.join(folder, "tenth")


def _generate(folder: str, rows: int) -> None:
    os.makedirs(folder, exist_ok=True)
    if not os.path.exists(os.path.join(folder, f"{rows}.rows")):
        subprocess.run([sys.executable, os.path.join(HERE, "audit_data.py"), folder, str(rows)], check=True)
        open(os.path.join(folder, f"{rows}.rows"), "wb").close()


def _round(folder: str) -> Mapping[str, Taken]:
    folders = {SCAN: folder, WHOLE: folder, LIMITED: folder, TENTH: _tenth(folder)}
    return {what: _child(what, where) for what, where in folders.items()}


def _child(what: str, folder: str) -> Taken:
    command = [sys.executable, os.path.abspath(__file__), "--run", what, folder]
    return Taken(*json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))


def _run(what: str, folder: str) -> Taken:
    import duckdb  # noqa: F401 - not to be part of what is measured

    begun = time.perf_counter()
    if what == SCAN:
        _scan(folder)
    else:
        _audit(folder, LIMIT if what == LIMITED else None)
    seconds = time.perf_counter() - begun
    used = resource.getrusage(resource.RUSAGE_SELF)
    return Taken(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _scan(folder: str) -> None:
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        for file, header in HEADERS.items():
            columns = ", ".join(f"'{name}': 'VARCHAR'" for name in header)
            how = f"auto_detect = false, header = true, delim = ',', quote = '\"', columns = {{{columns}}}"
            connection.execute(f"SELECT count(*) FROM read_csv('{os.path.join(folder, file)}', {how})").fetchall()


def _audit(folder: str, limit: str | None) -> None:
    """The command itself, with the digests of both files."""
    users, bsp = (os.path.join(folder, name) for name in HEADERS)
    with tempfile.TemporaryDirectory() as temporary:
        words = ["--workspace", "bench", "--moengage", users, "--bsp", bsp, "--temp-dir", temporary]
        words += ["--engine", "duckdb", "--out", os.path.join(temporary, "audit.json")]
        words += [
            word for column in ("id=customer_id", "mobile=mobile", "bsp.mobile=phone") for word in ("--map", column)
        ]
        words += ["--memory-limit", limit] if limit else []
        with open(os.devnull, "w", encoding="utf-8") as nothing, redirect_stdout(nothing), redirect_stderr(nothing):
            if (exit_code := main_of_the_command(["audit", "opt-in", *words])) != 0:
                raise SystemExit(f"the audit ended with {exit_code}")


def _median(rounds: Sequence[Mapping[str, Taken]], what: str, field: str) -> float:
    return float(statistics.median(getattr(measured[what], field) for measured in rounds))


def _ratio(rounds: Sequence[Mapping[str, Taken]], what: str, other: str, field: str = "seconds") -> float:
    return float(
        statistics.median(getattr(measured[what], field) / getattr(measured[other], field) for measured in rounds)
    )


def _table(rounds: Sequence[Mapping[str, Taken]], rows: int) -> list[str]:
    lines = [
        f"{rows:,} users and {rows * 3 // 4:,} entries of the list, {len(rounds)} rounds",
        "",
        "| run | s | x scan | processor s | x scan | peak MiB |",
        "|---|---|---|---|---|---|",
    ]
    for what in (SCAN, WHOLE, LIMITED, TENTH):
        seconds, processor = _median(rounds, what, "seconds"), _median(rounds, what, "processor")
        lines.append(
            f"| {what} | {seconds:.1f} | {_ratio(rounds, what, SCAN):.1f} | {processor:.1f}"
            f" | {_ratio(rounds, what, SCAN, 'processor'):.1f} | {_median(rounds, what, 'peak'):.0f} |"
        )
    return lines


def _verdicts(rounds: Sequence[Mapping[str, Taken]]) -> list[str]:
    found = [
        ("whole audit over bare scan", _ratio(rounds, WHOLE, SCAN), 5.0),
        (f"with {LIMIT} over its own time without", _ratio(rounds, LIMITED, WHOLE), 1.3),
        (f"peak with {LIMIT}, MiB", max(measured[LIMITED].peak for measured in rounds), 900.0),
        ("whole audit over that of a tenth of the rows", _ratio(rounds, WHOLE, TENTH), 12.0),
    ]
    return [
        f"* {what}: {value:.1f}, at most {most:g} wanted: {'reached' if value <= most else 'missed'}"
        for what, value, most in found
    ]


if __name__ == "__main__":
    main()
