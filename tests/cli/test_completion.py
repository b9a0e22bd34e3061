"""Completion: shells learn the commands and options that the parsers have."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from wa_policy.cli.main import COMMANDS, main

BASH = shutil.which("bash") or "bash"


def script(shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["completion", shell]) == 0
    return capsys.readouterr().out


def completed(text: str, *words: str) -> list[str]:
    """What bash offers for the last of the words."""
    typed = " ".join(f"'{word}'" for word in ("wa-policy", *words))
    ask = (
        f"{text}\nCOMP_WORDS=({typed}); COMP_CWORD={len(words)}; _shtab_wa_policy; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    )
    done = subprocess.run([BASH, "--norc"], input=ask, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_bash_completes_commands_options_and_choices(capsys: pytest.CaptureFixture[str]) -> None:
    text = script("bash", capsys)
    assert completed(text, "") == sorted(COMMANDS, key=list(COMMANDS).index)
    assert completed(text, "check") == ["checklist"]
    assert completed(text, "lint", "--pol") == ["--policy"]
    assert "json" in completed(text, "lint", "--format", "")


@pytest.mark.parametrize("shell", ["zsh", "tcsh"])
def test_other_shells_have_scripts_too(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = script(shell, capsys)
    for name in COMMANDS:
        assert name in text


def test_a_missing_library_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert main(["completion", "bash"]) == 2
    error = capsys.readouterr().err
    assert "install it: pip install 'wa-policy[completion]'" in error


def test_bash_completes_files_of_commands(in_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (in_folder / "manifest.yaml").touch()
    text = script("bash", capsys)
    assert completed(text, "lint", "mani") == completed(text, "lint", "--policy", "mani") == ["manifest.yaml"]
