"""Measure what a template costs: ``python bench/templates.py [--rounds N] [--runs N]``.

Prints a Markdown table. In one process: a manifest with 250 templates more than another, read and checked in turn, so that a
machine that slows down slows all; a cost is the median of the rounds' differences. As whole commands: a manifest whose evidence
has 6,000 templates of Meta's, beside the same manifest without. All templates are well-formed and all are different.
"""

import argparse
import gc
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any

import yaml

import wa_policy.testing
from wa_policy.engine.one_file import check_file
from wa_policy.engine.session import Options, open_session
from wa_policy.source.discover import Found
from wa_policy.source.reading import read

AS_OF = "2026-11-22"  # on this day the ready manifest is ready
LISTED = 250
ANSWERED = 6_000
PAGE = 100
THINGS = (
    "jacket", "kettle", "lantern", "notebook", "quilt", "umbrella", "basket", "parcel", "ticket", "invoice", "carpet", "mirror",
    "violin", "hammer", "pillow", "candle", "teapot", "bracelet", "backpack", "blanket", "scarf", "saddle", "easel", "anchor",
)  # fmt: skip  # a list of words


def main() -> None:
    """Generate, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15, help="of what is measured in one process")
    parser.add_argument("--runs", type=int, default=5, help="of each whole command")
    parsed = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write(folder)
        os.chdir(folder)
        reading, checking = in_process(parsed.rounds)
        (without, _), (with_all, peak) = whole_commands(parsed.runs)
    print("| what | median | ratio |\n|---|---:|---|")
    print(f"| reading a template in a manifest | {reading:.0f} µs | |")
    print(f"| checking it, beyond reading it | {checking:.0f} µs | {checking / reading:.2f} of reading it |")
    print(f"| a run without templates in evidence | {without:.2f} s | |")
    print(f"| a run with {ANSWERED:,} | {with_all:.2f} s | {with_all / without:.1f} of one without |")
    print(f"| its peak memory | {peak:.0f} MiB | |")


def write(folder: str) -> None:
    """Write the manifests ``few.yaml``, ``many.yaml`` and ``proved.yaml``, and their evidence, into a folder."""
    evidence = os.path.join(folder, "evidence")
    shutil.copytree(os.path.join(os.path.dirname(wa_policy.testing.__file__), "evidence"), evidence)
    few = wa_policy.testing.READY
    own = yaml.safe_load(few)["templates"][0]
    listed = [{**template(number), "in_moengage": own["in_moengage"]} for number in range(LISTED)]
    block = yaml.safe_dump(listed, sort_keys=False).replace("\n", "\n  ").rstrip()
    proved = f"{few}evidence: {{graph: {{observed_at: {AS_OF}T00:00:00Z, templates: evidence/templates.json}}}}\n"
    _save(folder, "few.yaml", few)
    _save(folder, "many.yaml", few.replace("\nopt_in:\n", f"\n  {block}\n\nopt_in:\n"))
    _save(folder, "proved.yaml", proved)
    answered = [own, *(template(number) for number in range(ANSWERED - 1))]
    nodes = [{"id": str(10**15 + number), **node} for number, node in enumerate(answered)]
    for node in nodes:
        node.pop("in_moengage", None)
    pages = [json.dumps({"data": nodes[start : start + PAGE]}) for start in range(0, ANSWERED, PAGE)]
    _save(evidence, "templates.json", "\n".join(pages))


def template(number: int) -> dict[str, Any]:
    """A template that no rule has anything to say of; no two have the same texts."""
    thing, other = THINGS[number % len(THINGS)], THINGS[number // len(THINGS) % len(THINGS)]
    address = f"https://acme.example/{thing}/{number}"
    text = f"Hi {{{{1}}}}, your {thing} and the {other} of order {{{{2}}}} are on their way. Route {number} brings them tomorrow."
    return {
        "name": f"shipped_{thing}_{number}",
        "language": "en",
        "category": "UTILITY",
        "status": "APPROVED",
        "components": [
            {"type": "HEADER", "format": "TEXT", "text": f"News of your {thing} {number}"},
            {"type": "BODY", "text": text, "example": {"body_text": [["Asha", f"A-{number}"]]}},
            {"type": "FOOTER", "text": f"Acme Retail, {thing} department {number}"},
            {
                "type": "BUTTONS",
                "buttons": [
                    {
                        "type": "URL",
                        "text": "Track order",
                        "url": f"{address}/{{{{1}}}}",
                        "example": [f"{address}/A-1"],
                    },
                    {"type": "PHONE_NUMBER", "text": "Call us", "phone_number": "+918047181888"},
                ],
            },
        ],
    }


def in_process(rounds: int) -> tuple[float, float]:
    """Microseconds to read a template, and to check it beyond that."""
    session = open_session(Options(as_of=date.fromisoformat(AS_OF)))
    contents = {}
    for name in ("few.yaml", "many.yaml"):
        with open(name, "rb") as file:
            contents[name] = file.read()
    reading, checking = [], []
    for _ in range(rounds + 1):
        read_few, read_many = (_seconds(partial(read, content, name)) for name, content in contents.items())
        few, many = (_seconds(partial(check_file, Found(name, True, os.curdir), session)) for name in contents)
        reading.append((read_many - read_few) / LISTED * 1e6)
        checking.append((many - few) / LISTED * 1e6 - reading[-1])
    return statistics.median(reading[1:]), statistics.median(checking[1:])  # the first round fills caches


def _seconds(action: Callable[[], object]) -> float:
    gc.collect()
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def whole_commands(runs: int) -> list[tuple[float, float]]:
    """Seconds and peak memory in MiB of a run without and with many templates in evidence."""
    program = os.path.join(os.path.dirname(sys.executable), "wa-policy")
    commands = [[program, "lint", "--no-cache", "--as-of", AS_OF, name] for name in ("few.yaml", "proved.yaml")]
    measured = [[_run(command) for command in commands] for _ in range(runs + 1)][1:]  # the first one fills caches
    return [
        (statistics.median(seconds for seconds, _ in runs_of_one), max(peak for _, peak in runs_of_one))
        for runs_of_one in zip(*measured, strict=True)
    ]


def _run(command: Sequence[str]) -> tuple[float, float]:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed with {process.returncode}")
    return seconds, usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)


def _save(folder: str, name: str, text: str) -> None:
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main()
