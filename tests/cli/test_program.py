"""The program as a process of its own."""

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
