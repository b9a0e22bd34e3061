"""What a run does is counted, so that it cannot become slow unseen. Nothing here looks at a clock.

The counts are those of a lint of generated manifests that are ready, uncached, by one process, in a program of its own. Bounds
have a tenth to spare; a count that grows beyond its bound has a reason, and whoever raises the bound has read it. Modules that
are imported are counted in test_startup.py.

Instructions are counted where valgrind is, and only on CI: it takes a minute. They differ with Python and its libraries, so
what is held is how many times as many we need as the floor, bench/floor.py, which reads and validates and does nothing else.
"""

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from wa_policy.testing import AS_OF

ROOT = Path(__file__).resolve().parent.parent
GENERATE = str(ROOT / "bench" / "generate.py")
FLOOR = str(ROOT / "bench" / "floor.py")
FEW, MANY = 3, 9

CALLS_AT_START = 94_000
"""Of Python's and C's functions: to import, load plugins and recall the policy. A third are the imports of other packages."""

CALLS_PER_MANIFEST = 5_600
"""Of Python's and C's functions, for about 190 lines with five templates, and for an audit."""

LINES_PER_MANIFEST = 31
"""That no earlier manifest has, of about 190: those with names, ids, numbers and addresses of its own."""

PATTERNS_AT_START = 14
"""That we compile ourselves; rare ones are compiled on first use."""

INSTRUCTIONS_PER_MANIFEST = 1.1
"""In times of those of the floor."""

OBSERVE = f'''
import json, os, sys
from collections import Counter
from datetime import date

calls, opened, listed, patterns = Counter(), Counter(), Counter(), Counter()


def on_event(event, arguments):
    if event == "open" and isinstance(arguments[0], str):
        opened[os.path.realpath(arguments[0])] += 1
    elif event == "os.scandir" and arguments[0]:
        listed[os.path.realpath(arguments[0])] += 1


def on_call(frame, event, argument):
    if event == "call":
        code = frame.f_code
        calls["all"] += 1
        calls[code.co_filename.replace(os.sep, "/") + ":" + code.co_qualname] += 1
        if code.co_name == "compile" and "/re/_compiler.py" in code.co_filename.replace(os.sep, "/"):
            while "/re/" in frame.f_code.co_filename.replace(os.sep, "/"):
                frame = frame.f_back
            patterns[frame.f_code.co_filename.replace(os.sep, "/")] += 1
    elif event == "c_call":
        calls["all"] += 1
        calls["C:" + getattr(argument, "__qualname__", argument.__name__)] += 1


def phase():
    """What was counted since the last time."""
    sys.setprofile(None)
    counted = [dict(counter) for counter in (calls, opened, listed, patterns)]
    for counter in (calls, opened, listed, patterns):
        counter.clear()
    sys.setprofile(on_call)
    return counted


sys.addaudithook(on_event)
sys.setprofile(on_call)
from wa_policy.engine.pipeline import lint
from wa_policy.engine.session import Options, open_session

session = open_session(Options(date.fromisoformat("{AS_OF}"), "go-live", third_party=False))
started = phase()
done = []
for folder in sys.argv[1:]:
    report = lint([folder], session)
    done.append(phase())
    assert report.exit_code == 0 and not report.findings, report.findings
sys.setprofile(None)
print(json.dumps([started, *done]))
'''

LINT = f"""
import sys
from datetime import date
from wa_policy.engine.pipeline import lint
from wa_policy.engine.session import Options, open_session
sys.exit(lint(sys.argv[1:], open_session(Options(date.fromisoformat("{AS_OF}"), "go-live", third_party=False))).exit_code)
"""

AGAIN = """
import json, os, sys
from collections import Counter

opened = Counter()
sys.addaudithook(lambda event, arguments: event == "open" and opened.update([os.path.realpath(str(arguments[0]))]))
from wa_policy.cli.main import main

exit_code = main(sys.argv[1:])
print(json.dumps([dict(opened), list(sys.modules)]), file=sys.stderr)
sys.exit(exit_code)
"""


class Counts(NamedTuple):
    """What a stretch of a run did: calls of functions, files opened and folders listed by path, patterns by who compiled them."""

    calls: Mapping[str, int]
    opened: Mapping[str, int]
    listed: Mapping[str, int]
    patterns: Mapping[str, int]

    def of(self, end: str) -> int:
        """How often a function of ours was called, by the end of its file's path and its name."""
        return sum(count for name, count in self.calls.items() if name.endswith(end))

    def below(self, folder: Path) -> dict[str, int]:
        """The files opened below a folder, by their path from there."""
        top = f"{os.path.realpath(folder)}{os.sep}"
        return {path.removeprefix(top): count for path, count in self.opened.items() if path.startswith(top)}


class Run(NamedTuple):
    """A run over three folders, one after the other: one manifest, few others, many others."""

    folder: Path
    start: Counts
    first: Counts
    few: Counts
    many: Counts

    def each(self, count: Callable[[Counts], int]) -> float:
        """What each further manifest adds to a count."""
        return (count(self.many) - count(self.few)) / (MANY - FEW)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run in a fresh process, whose policy was resolved before."""
    folder = tmp_path_factory.mktemp("guards")
    generate(folder)
    program = [sys.executable, "-c", OBSERVE]
    started(folder, *program, "other")
    result = started(folder, *program, "one", "few", "many")
    return Run(folder, *(Counts(*counted) for counted in json.loads(result.stdout)))


def started(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder, with a cache of its own and the same order of sets every time; it must succeed."""
    environment = {**os.environ, "WA_POLICY_CACHE_DIR": str(folder / "cache"), "PYTHONHASHSEED": "0"}
    result = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result


def generate(folder: Path) -> None:
    """Write manifests into folders of which no two share any: ``other`` and ``one`` with one each, ``few``, ``many``."""
    runpy.run_path(GENERATE)["write"](str(folder), range(FEW + MANY + 2))
    (folder / "cache").mkdir()  # before any run: a folder that Python imports from, as this is one, must not change
    manifests = iter(sorted((folder / "manifests").iterdir()))
    for name, count in {"other": 1, "one": 1, "few": FEW, "many": MANY}.items():
        (folder / name).mkdir()
        for _ in range(count):
            manifest = next(manifests)
            manifest.rename(folder / name / manifest.name)


def test_each_manifest_and_audit_is_opened_once(run: Run) -> None:
    opened = run.many.below(run.folder)
    slugs = [path.stem for path in (run.folder / "many").iterdir()]
    wanted = {os.path.join("many", f"{slug}.yaml"): 1 for slug in slugs}
    wanted |= {os.path.join("evidence", f"{slug}-audit.json"): 1 for slug in slugs}
    proof = os.path.join("evidence", "number-ownership.txt")  # looked at for each of the two numbers that it proves
    assert {path: count for path, count in opened.items() if not path.startswith("cache")} == {
        **wanted,
        proof: 2 * MANY,
    }


def test_each_folder_is_listed_once(run: Run) -> None:
    assert {path: count for path, count in run.many.listed.items() if run.folder.name in path} == {
        os.path.realpath(run.folder / "many"): 1
    }


def test_start_opens_each_file_of_data_once(run: Run) -> None:
    """Schemas, policies and facts; code is Python's to read, and bytecode its to write."""
    data = [path for path in run.start.opened if "wa_policy" in path or str(ROOT) in path]
    data = [path for path in data if not path.endswith((".py", ".pyc")) and "__pycache__" not in path]
    assert data
    assert {path: run.start.opened[path] for path in data if run.start.opened[path] != 1} == {}


def test_after_the_first_manifest_nothing_else_is_opened(run: Run) -> None:
    top = f"{os.path.realpath(run.folder)}{os.sep}"
    assert [path for path in run.few.opened if not path.startswith(top)] == []


def test_each_file_is_parsed_once_and_by_one_reader(run: Run) -> None:
    assert run.many.of("source/reading.py:read") == 2 * MANY
    assert run.many.of("source/tidy.py:read_tidy") == MANY
    assert run.many.of("source/yaml.py:read_yaml") == 0  # asked only where something is to be said of a place
    assert run.many.of("source/json.py:read_json") == MANY


def test_lines_that_stand_in_an_earlier_manifest_are_not_read_again(run: Run) -> None:
    assert run.each(lambda counts: counts.of("source/tidy.py:_read_line")) <= LINES_PER_MANIFEST


def test_each_document_is_validated_once_by_a_validator_that_is_built_once(run: Run) -> None:
    assert run.start.of("schema/validate.py:load_validator") <= 1  # of policies, unless a bundled one needs none
    assert run.first.of("schema/validate.py:load_validator") == 2  # of manifests and of audits
    assert run.few.of("schema/validate.py:load_validator") == 0
    assert run.many.of("schema/validate.py:validate") == 2 * MANY


def test_few_patterns_are_compiled_at_the_start_and_none_a_manifest(run: Run) -> None:
    ours = {name: count for name, count in run.start.patterns.items() if "wa_policy" in name or "/plugins/" in name}
    assert sum(ours.values()) <= PATTERNS_AT_START, ours
    assert run.many.patterns == {}


def test_the_start_takes_this_many_calls(run: Run) -> None:
    assert run.start.calls["all"] <= CALLS_AT_START


def test_a_ready_manifest_takes_this_many_calls(run: Run) -> None:
    assert run.each(lambda counts: counts.calls["all"]) <= CALLS_PER_MANIFEST


def test_the_last_manifest_takes_no_more_calls_than_the_first_ones(run: Run) -> None:
    few, many = run.few.calls["all"] / FEW, run.many.calls["all"] / MANY
    assert many <= few * 1.05  # fewer, since more and more forms of templates and campaigns are known


def test_no_module_is_imported_for_a_further_manifest(run: Run) -> None:
    imports = "<frozen importlib._bootstrap>:_find_and_load"
    assert (run.few.calls.get(imports, 0), run.many.calls.get(imports, 0)) == (0, 0)


def test_what_has_not_changed_is_read_once_and_not_parsed(tmp_path: Path) -> None:
    generate(tmp_path)
    words = (sys.executable, "-c", AGAIN, "lint", "--no-plugins", "--as-of", str(AS_OF), "few")
    first = started(tmp_path, *words)
    again = started(tmp_path, *words)
    assert again.stdout == first.stdout
    opened, modules = json.loads(again.stderr)
    assert {"argparse", "jsonschema_rs", "phonenumbers", "pluggy", "wa_policy.plugins", "yaml"}.isdisjoint(modules)
    for manifest in (tmp_path / "few").iterdir():
        for path in (manifest, tmp_path / "evidence" / f"{manifest.stem}-audit.json"):
            assert opened[os.path.realpath(path)] == 1


@pytest.mark.skipif(
    shutil.which("valgrind") is None or not os.environ.get("CI"), reason="needs valgrind, and a minute on CI"
)
def test_a_ready_manifest_takes_this_many_instructions(tmp_path: Path) -> None:
    generate(tmp_path)
    ours = (sys.executable, "-c", LINT)
    floor = (sys.executable, FLOOR, str(ROOT / "schemas" / "workspace.schema.json"))
    started(tmp_path, *ours, "other")  # resolves the policy
    lint = instructions(tmp_path, *ours, "many") - instructions(tmp_path, *ours, "one")
    least = instructions(tmp_path, *floor, "many", "nodes") - instructions(tmp_path, *floor, "one", "nodes")
    assert lint / least <= INSTRUCTIONS_PER_MANIFEST


def instructions(folder: Path, *words: str) -> int:
    """How many instructions a program takes in this folder."""
    tool = ("valgrind", "--tool=callgrind", f"--callgrind-out-file={os.devnull}")
    counted = re.search(r"Collected : (\d+)", started(folder, *tool, *words).stderr)
    assert counted is not None
    return int(counted[1])
