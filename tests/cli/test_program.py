"""The program as a process of its own."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import PENDING
from wa_policy.report.formats import FORMATS, SHOWN
from wa_policy.testing import READY


def program(*words: str, **settings: Any) -> subprocess.CompletedProcess[Any]:
    environment = {**os.environ, **settings.pop("env", {})}
    return subprocess.run(
        [sys.executable, "-m", "wa_policy", *words],
        capture_output=True,
        check=False,
        env=environment,
        **{"text": True, **settings},
    )


@pytest.mark.usefixtures("ready")
def test_it_runs_as_a_program() -> None:
    done = program("lint", "manifest.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("READY\n")


@pytest.mark.usefixtures("ready")
def test_it_reads_standard_input_as_a_program() -> None:
    assert program("lint", "-", input=READY).returncode == 0


def test_it_loads_no_code_from_the_current_folder(ready: Path) -> None:
    for name in ("evil", "pluggy", "yaml"):
        (ready / f"{name}.py").write_text("raise SystemExit('code from the checked folder has run')\n")
    (ready / "evil-1.0.dist-info").mkdir()
    (ready / "evil-1.0.dist-info" / "entry_points.txt").write_text("[wa_policy]\nevil = evil\n")
    done = program("lint", "manifest.yaml")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_terminal_of_another_encoding_shows_what_it_can(ready: Path) -> None:
    (ready / "manifest.yaml").write_text(READY.replace("country: IN", 'country: "\u6771\u4eac"'))
    done = program("lint", "manifest.yaml", env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 1
    assert '"\\u6771\\u4eac"' in done.stdout


WRITTEN = {**dict.fromkeys(("json", "ndjson", "gitlab"), "Z\\u00fcrich"), "sarif": "Z%C3%BCrich"}


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "ascii"])
@pytest.mark.parametrize("name", [name for name in FORMATS if name not in SHOWN])
def test_what_programs_read_is_utf_8_in_every_locale(name: str, encoding: str, ready: Path) -> None:
    (ready / "Z\u00fcrich.yaml").write_text(PENDING, "utf-8")
    for _ in range(2):  # the second run repeats the first one
        words = ["lint", "Z\u00fcrich.yaml", "--format", name]
        done = program(*words, env={"PYTHONIOENCODING": encoding}, text=False)
        assert done.returncode == 1
        assert WRITTEN.get(name, "Z\u00fcrich") in done.stdout.decode("utf-8")


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_diff_is_utf_8_in_every_locale_since_a_program_is_to_apply_it(encoding: str, ready: Path) -> None:
    (ready / "manifest.yaml").write_text(
        "# Z\u00fcrich \u6771\u4eac\n" + READY.replace("apiVersion", "api_version"), "utf-8"
    )
    words = ("lint", "--diff", "--unsafe-fixes", "manifest.yaml")
    plain, other = (program(*words, env={"PYTHONIOENCODING": each}, text=False) for each in ("utf-8", encoding))
    assert other.stdout == plain.stdout
    assert " # Z\u00fcrich \u6771\u4eac\n" in other.stdout.decode("utf-8")


def test_printed_sql_is_utf_8_in_every_locale() -> None:
    words = ("audit", "opt-in", "--print-sql")
    plain, other = (program(*words, env={"PYTHONIOENCODING": each}, text=False) for each in ("utf-8", "cp1252"))
    assert other.stdout == plain.stdout
    assert not other.stdout.isascii()


@pytest.mark.usefixtures("ready")
def test_it_colours_on_a_real_terminal() -> None:
    ours, theirs = pty.openpty()
    environment = {**{name: value for name, value in os.environ.items() if name != "NO_COLOR"}, "TERM": "xterm"}
    with open(theirs, "wb") as terminal:
        subprocess.run(
            [sys.executable, "-m", "wa_policy", "lint", "manifest.yaml"], stdout=terminal, check=True, env=environment
        )
        assert b"\x1b[1;32mREADY\x1b[0m" in os.read(ours, 100_000)
    os.close(ours)


PRINTS = '''
import atexit, json, os, subprocess, sys
from wa_policy.api import Problems, Rule, Step, Workspace, hookimpl, rule, rules_in

os.write(1, b"past Python as it loads\\n")
atexit.register(lambda: print("as it leaves"))

@rule("ACME001", "acme-rule", step=Step.MANIFEST)
def acme(workspace: Workspace) -> Problems:
    """Says all that it can."""
    os.write(1, b"past Python\\n")
    sys.__stdout__.write("past what stands in its place\\n")
    subprocess.run(["echo", "by another process"], check=True)
    {does}
    yield from ()

@hookimpl
def wa_policy_rules() -> list[Rule]:
    return rules_in(__name__)
'''
SAID = ["as it leaves", "by another process", "past Python", "past Python as it loads", "past what stands in its place"]


@pytest.mark.parametrize("does", ["pass", "sys.stdout.close()", "sys.stdout.close(); sys.stderr.close()"])
@pytest.mark.parametrize("command", [("lint", "--no-cache"), ("lint", "--no-cache", "--jobs", "2"), ("checklist",)])
def test_whatever_a_plugin_prints_or_closes_the_report_stands_alone(
    does: str, command: tuple[str, ...], ready: Path
) -> None:
    (ready / "acme.py").write_text(PRINTS.format(does=does))
    other = READY.replace("name: acme-retail-in", "name: acme-retail-uk").replace("102290129340398", "102290129340399")
    (ready / "other.yaml").write_text(other)
    words = (*command, "--policy", "draft", "--format", "json", "--plugin", "acme.py", "manifest.yaml", "other.yaml")
    done = program(*words)
    assert json.loads(done.stdout)["exit_code"] == done.returncode
    assert set(done.stderr.splitlines()) == set(SAID)
