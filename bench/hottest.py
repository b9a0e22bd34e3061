"""Name the hottest functions of a lint: ``python bench/hottest.py [--files N] [--lines N] [--instructions]``.

Lints generated manifests in this process, uncached, under cProfile, after one that does not count; prints which functions took
the time, alone and with what they call. cProfile makes calls dearer than they are, so a function that is called often looks worse
than it is. ``--instructions`` lints them once more under callgrind, where valgrind is, and prints which C functions took the
instructions: slow, but the same on every machine.
"""

import argparse
import cProfile
import gc
import os
import pstats
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import date

from wa_policy.engine.pipeline import lint
from wa_policy.engine.session import Options, open_session

AS_OF = "2026-11-22"  # on this day the ready manifest is ready
ORDERS = {"tottime": "alone", "cumtime": "with what they call"}
GENERATE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "generate.py")
RUN = "import sys; from wa_policy.cli.main import main; sys.exit(main(sys.argv[1:]))"


def main() -> None:
    """Generate, lint, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--files", type=int, default=200, help="how many manifests to lint")
    parser.add_argument("--lines", type=int, default=25, help="how many functions to name")
    parser.add_argument("--instructions", action="store_true", help="count instructions of C functions, too")
    parsed = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, GENERATE, folder, str(parsed.files)], check=True)
        os.chdir(folder)
        functions(parsed.lines)
        if parsed.instructions:
            instructions(parsed.lines)


def functions(lines: int) -> None:
    """Print the functions of Python that took the time."""
    gc.set_threshold(50_000, 20, 100)  # as the command line does
    session = open_session(Options(date.fromisoformat(AS_OF), third_party=False))
    lint([next(entry.path for entry in os.scandir("manifests"))], session)
    profile = cProfile.Profile()
    profile.enable()
    lint(["manifests"], session)
    profile.disable()
    statistics = pstats.Stats(profile)
    statistics.strip_dirs()
    for order, meaning in ORDERS.items():
        print(f"The functions that took the most time, {meaning}:")
        statistics.sort_stats(order).print_stats(lines)


def instructions(lines: int) -> None:
    """Print the C functions that took the instructions."""
    if shutil.which("valgrind") is None:
        print("valgrind is not here, so no instructions were counted")
        return
    tool = ["valgrind", "--tool=callgrind", "--callgrind-out-file=counts", sys.executable, "-c", RUN]
    words = ["lint", "--no-cache", "--jobs", "1", "--as-of", AS_OF, "manifests"]
    said = subprocess.run([*tool, *words], check=False, capture_output=True, text=True).stderr
    counted = re.search(r"Collected : (\d+)", said)
    if counted is None:
        print("valgrind counted no instructions")
        return
    print(f"{int(counted[1]):,} instructions; the C functions that took the most of them:")
    annotate = ["callgrind_annotate", "--threshold=100", "counts"]
    output = subprocess.run(annotate, check=True, stdout=subprocess.PIPE, text=True).stdout
    found = [line for line in output.splitlines() if re.match(r"\s*[\d,]+ \(", line)]
    print("\n".join(found[: lines + 1]))


if __name__ == "__main__":
    main()
