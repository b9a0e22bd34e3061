"""What is measured is what is meant to be: manifests that are valid, ready and different. Nothing here looks at a clock."""

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from bench import commands as names
from bench.measure import Measure, changing, in_turn
from bench.report import table
from wa_policy.engine.pipeline import lint
from wa_policy.engine.session import Options, open_session
from wa_policy.source.reading import read
from wa_policy.testing import AS_OF

GENERATE = Path(__file__).resolve().parent.parent / "bench" / "generate.py"
MODULE = runpy.run_path(str(GENERATE))
TEMPLATES = runpy.run_path(str(GENERATE.with_name("templates.py")))
TOLD_APART = (
    "^  name: .*",
    "^  workspace_id: .*",
    "^  id: .*",
    "^  - id: .*",
    "^    number: .*",
    "^  message_template_namespace: .*",
)


def test_manifests_are_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run([sys.executable, GENERATE, tmp_path, "3"], check=True)
    monkeypatch.chdir(tmp_path)
    texts = {path.read_text("utf-8") for path in Path("manifests").iterdir()}
    assert texts == {MODULE["manifest"](index) for index in range(3)}
    report = lint(["manifests"], open_session(Options(AS_OF, third_party=False)))
    assert [manifest.checked for manifest in report.manifests] == [True] * 3
    assert [(finding.code, finding.message) for finding in report.findings] == []
    assert report.not_checked == ()
    assert report.exit_code == 0


def test_templates_are_ready_and_different(tmp_path: Path) -> None:
    TEMPLATES["write"](str(tmp_path))
    for name in ("few.yaml", "many.yaml", "proved.yaml"):
        report = lint([str(tmp_path / name)], open_session(Options(AS_OF, third_party=False)))
        found = [finding for finding in report.findings if finding.code != "WBA007"]  # the WABA is full
        assert [(finding.code, finding.message) for finding in found] == []
        assert report.exit_code == 0
    answered = (tmp_path / "evidence" / "templates.json").read_text("utf-8").splitlines()
    nodes = [node for page in answered for node in json.loads(page)["data"]]
    assert len({node["name"] for node in nodes}) == len(nodes) == TEMPLATES["ANSWERED"]


def test_every_name_and_the_last_numbers_are_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each list of words all are used, and the largest numbers."""
    monkeypatch.chdir(tmp_path)
    colors, things = len(MODULE["COLORS"]), len(MODULE["THINGS"])
    sample = {town * colors * things + town % things * colors + town % colors for town in range(len(MODULE["TOWNS"]))}
    MODULE["write"](".", [*sorted(sample), MODULE["MOST"] - 1])
    report = lint(["manifests"], open_session(Options(AS_OF, third_party=False)))
    assert (len(report.manifests), report.findings, report.exit_code) == (len(sample) + 1, (), 0)


def test_all_have_names_and_numbers_of_their_own() -> None:
    everyone = range(MODULE["MOST"])
    assert len({MODULE["_brand"](index) for index in everyone}) == len(everyone)
    assert len({MODULE["_number"](index, place) for index in everyone for place in (0, 1)}) == 2 * len(everyone)


def test_manifests_are_about_190_lines_and_different() -> None:
    texts = [MODULE["manifest"](index) for index in range(0, MODULE["MOST"], 71)]
    assert {180 <= len(text.splitlines()) <= 200 for text in texts} == {True}
    for pattern in TOLD_APART:
        found = [value for text in texts for value in set(re.findall(pattern, text, re.MULTILINE))]
        assert len(found) >= len(texts)
        assert len(set(found)) == len(found), pattern


def test_one_is_changed_before_each_timing_and_is_as_it_was_in_the_end(tmp_path: Path) -> None:
    MODULE["write"](str(tmp_path), range(2))
    path = min((tmp_path / "manifests").iterdir())
    before, stamp = path.read_bytes(), path.stat().st_mtime_ns
    texts = []

    words = {"changed": [sys.executable, "-c", "pass"], "other": [sys.executable, "-c", "pass"]}
    with changing(str(tmp_path / "manifests")) as change:

        def change_and_look() -> None:
            change()
            texts.append(path.read_bytes())

        measures = in_turn(words, str(tmp_path), {}, 3, {"changed": change_and_look})
    assert len(measures["changed"].seconds) == len(measures["other"].seconds) == 3
    assert len({before, *texts}) == 4
    (document,) = read(before, path.name).documents
    assert [read(text, path.name).documents[0].data for text in texts] == [document.data] * 3
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (before, stamp)


def test_one_is_changed_in_the_table_where_there_are_several() -> None:
    assert names.CHANGED not in names.ours(1)
    assert names.ours(500)[names.CHANGED] == names.ours(500)[names.CACHED]
    rows = list(table({(names.UNCACHED, 500): Measure((2.0,)), (names.CHANGED, 500): Measure((0.5,), 900.0)}, {}))
    assert rows[-1] == "| wa-policy lint, one changed | 500 manifests | 500 ms | 0.25 of uncached | 900 MiB |"
