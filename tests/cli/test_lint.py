"""`wa-policy lint`: what it checks, by what it judges, and how it reports."""

import io
import json
import re
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import PENDING, PLUGIN, POLICY
from wa_policy.cli import options
from wa_policy.report.formats import FORMATS
from wa_policy.source.document import MOST_DEPTH
from wa_policy.testing import AS_OF, READY, manifest

Run = Callable[..., tuple[int, str, str]]


@pytest.mark.usefixtures("ready")
def test_lint_prints_the_report(run: Run) -> None:
    code, out, error = run("lint", "--as-of", str(AS_OF), "manifest.yaml")
    assert (code, error) == (0, "")
    assert out.startswith("1 manifest, ")
    assert out.endswith("\nREADY\n")


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("text", "error[WBA001]"),
        ("concise", "pending.yaml:"),
        ("json", "{\n"),
        ("ndjson", '{"type": "run", '),
        ("sarif", '{"$schema": '),
        ("github", "::error file=pending.yaml,"),
        ("github-summary", "## wa-policy: NOT READY"),
        ("gitlab", "[\n"),
        ("junit", "<?xml "),
        ("markdown", "## wa-policy: NOT READY"),
        ("html", "<!DOCTYPE html>"),
    ],
)
def test_lint_prints_each_format(name: str, start: str, ready: Path, run: Run) -> None:
    (ready / "pending.yaml").write_text(PENDING)
    code, out, _ = run("lint", "--select", "WBA001", "--format", name, "pending.yaml")
    assert code == 1
    assert out.startswith(start)


def test_lint_reports_what_is_selected_and_not_ignored(ready: Path, run: Run) -> None:
    (ready / "pending.yaml").write_text(PENDING.replace("3.6.251.95/32", "192.0.2.7"))

    def codes(*words: str) -> set[str]:
        _, out, _ = run("lint", "--format", "concise", *words, "pending.yaml")
        return set(re.findall(r"^pending.yaml:[0-9:]+ \S+ (\w+) ", out, re.MULTILINE))

    assert {"WBA001", "NET002"} <= codes()
    assert codes("--select", "WBA001,missing-moengage-ip") == {"WBA001", "NET002"}
    assert codes("--select", "WBA001", "--select", "NET002") == {"WBA001", "NET002"}
    assert codes("--select", "waba, NET002", "--ignore", "waba") == {"NET002"}
    assert "NET002" not in codes("--ignore", "network")


@pytest.mark.parametrize(
    "words",
    [
        ["manifest.yaml", "--format", "json", "pending.yaml"],
        ["--format", "json", "manifest.yaml", "--no-plugins", "pending.yaml"],
        ["--format", "json", "--", "manifest.yaml", "pending.yaml"],
    ],
)
def test_lint_takes_paths_before_and_behind_options(words: list[str], ready: Path, run: Run) -> None:
    (ready / "pending.yaml").write_text(PENDING)
    code, out, error = run("lint", *words)
    assert (code, error) == (1, "")
    assert [manifest["path"] for manifest in json.loads(out)["manifests"]] == ["manifest.yaml", "pending.yaml"]


@pytest.mark.parametrize("words", [["--", "-x.yaml"], ["manifest.yaml", "--", "-x.yaml"]])
def test_behind_two_dashes_everything_is_a_path(words: list[str], ready: Path, run: Run) -> None:
    (ready / "-x.yaml").write_text(READY.replace("acme-retail-in", "other"))
    assert "-x.yaml" in run("lint", "--show-files", *words)[1].split()


@pytest.mark.usefixtures("ready")
def test_lint_weighs_by_the_policy_that_is_named(run: Run) -> None:
    assert "\npolicy strict (bundled), " in run("lint", "--policy", "strict", "manifest.yaml")[1]


def test_lint_finds_the_nearest_policy(ready: Path, run: Run) -> None:
    (ready / "wa-policy.yaml").write_text(POLICY)
    assert "\npolicy acme (wa-policy.yaml), " in run("lint", "manifest.yaml")[1]


@pytest.mark.usefixtures("ready")
def test_lint_judges_on_the_day_that_is_named(run: Run) -> None:
    assert ", as of 2026-11-22\n" in run("lint", "--as-of", "2026-11-22", "manifest.yaml")[1]
    assert ", as of 2031-01-02\n" in run("lint", "--as-of", "2031-01-02", "manifest.yaml")[1]


@pytest.mark.usefixtures("ready")
def test_lint_judges_as_of_today_by_itself(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock:
        @staticmethod
        def now() -> datetime:
            return datetime(2029, 3, 4, 12).astimezone()  # here, wherever that is

    monkeypatch.setattr(options, "datetime", Clock)
    assert ", as of 2029-03-04\n" in run("lint", "manifest.yaml")[1]


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        ("bytes=100", "longer than 100 bytes, and no more are read"),
        ("depth=2", "lists and mappings stand inside each other more than 2 deep here"),
        ("nodes=10", "the file has more than 10 keys and values"),
    ],
)
def test_lint_keeps_within_limits(limit: str, reason: str, run: Run) -> None:
    code, out, _ = run("lint", "--limit", limit, "--format", "concise", "manifest.yaml")
    assert code == 1
    assert re.match(rf"manifest.yaml:[0-9:]+ error MAN001 unreadable-yaml: .*{reason}\n", out)


@pytest.mark.parametrize("name", ["deep.yaml", "deep.json"])
@pytest.mark.parametrize("outermost", ["name", "labels"])
def test_what_is_as_deep_as_may_be_is_looked_at(name: str, outermost: str, ready: Path, run: Run) -> None:
    base = manifest()
    value: dict[str, Any] = {}
    base["metadata"][outermost] = value
    for _ in range(MOST_DEPTH - 3):
        value["a"] = value = {}
    (ready / name).write_text(json.dumps(base))
    for format_ in FORMATS:
        code, out, error = run("lint", "--limit", f"depth={MOST_DEPTH}", "--format", format_, name)
        assert (code, error) == (1, "")
        assert "MAN002" in out
        assert "RecursionError" not in out
    code, out, _ = run("lint", "--limit", f"depth={MOST_DEPTH - 1}", "--format", "concise", name)
    assert f"more than {MOST_DEPTH - 1} deep here" in out


def test_lint_loads_a_plugin_that_is_named(ready: Path, run: Run) -> None:
    (ready / "acme.py").write_text(PLUGIN)
    code, out, _ = run("lint", "--plugin", "acme.py", "--format", "concise", "manifest.yaml")
    assert code == 1
    assert re.match(
        r"manifest.yaml:\d+:9: error ACME001 unloved-name: nobody loves this name \[acme-retail-in\]\n", out
    )
    (ready / "wa-policy.yaml").write_text(f"{POLICY}rules: {{unloved-name: {{settings: {{loved: Acme Retail}}}}}}\n")
    assert run("lint", "--plugin", "acme.py", "manifest.yaml")[0] == 0


@pytest.mark.usefixtures("ready")
def test_lint_checks_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def lint(text: str, *words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        return run("lint", "--format", "concise", *words)[:2]

    assert lint(READY, "-")[0] == 0
    code, out = lint(PENDING, "-")
    assert code == 1
    assert out.startswith("<stdin>:")
    assert lint(PENDING, "--stdin-filename", "m/acme.yaml", "-")[1].startswith("m/acme.yaml:")
    assert "MAN001" in lint(READY, "--stdin-filename", "acme.json", "-")[1]  # its name says that it is JSON


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (
            ["--stdin-filename", "a.yaml", "manifest.yaml"],
            "--stdin-filename names standard input, which is not among the paths; add -",
        ),
        (
            ["--stdin-filename", "manifest.yaml", "-", "manifest.yaml"],
            "manifest.yaml is named both as a file and as standard input; name it once",
        ),
        (
            ["--stdin-filename", "a\n::error::b", "-", "a\n::error::b"],
            "a\\n::error::b is named both as a file and as standard input; name it once",
        ),
    ],
)
def test_standard_input_is_named_in_one_way(
    words: list[str], complaint: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert run("lint", *words) == (2, "", f"wa-policy: {complaint}\n")
