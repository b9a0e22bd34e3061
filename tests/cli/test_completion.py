"""Completion: shells learn the commands and options that the parsers have."""

import re
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
    (of,) = re.findall(r"^complete .*-F (\w+) wa-policy$", text, re.MULTILINE)
    typed = " ".join(f"'{word}'" for word in ("wa-policy", *words))
    ask = f"{text}\nCOMP_WORDS=({typed}); COMP_CWORD={len(words)}; {of}; printf '%s\\n' \"${{COMPREPLY[@]}}\""
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


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["lint", "--policy", ""], ["draft", "go-live", "strict", "folder", "strange.yaml"]),
        (["lint", "--policy", "str"], ["strict", "strange.yaml"]),
        (["policy", "show", "str"], ["strict", "strange.yaml"]),
        (["lint", "--policy", "=", "dr"], ["draft"]),
        (["lint", "--format", "=", "js"], ["json"]),
        (["lint", "--fail-on", "="], ["error", "warning", "info"]),
        (["lint", "--format", "=", "json", "str"], ["strange.yaml"]),
        (["lint", "strange.yaml", "str"], ["strange.yaml"]),
        (["init", "--from-evidence", ""], ["folder"]),
        (["snapshot", "graph", "--out", ""], ["folder"]),
        (["audit", "opt-in", "--temp-dir", ""], ["folder"]),
        (["init", "--environment", ""], ["draft", "test", "live"]),
        (["init", "--integration", "n"], ["native"]),
        (["audit", "opt-in", "--moengage", "strange.yaml", "--bs"], ["--bsp"]),
        (["audit", "opt-in", "--moengage", "strange.yaml", "str"], ["strange.yaml"]),
    ],
)
def test_bash_completes_what_an_argument_takes(
    words: list[str], offered: list[str], in_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (in_folder / "strange.yaml").touch()
    (in_folder / "folder").mkdir()
    assert sorted(completed(script("bash", capsys), *words)) == sorted(offered)


def test_zsh_completes_each_path_and_what_stands_behind_an_equals_sign(capsys: pytest.CaptureFixture[str]) -> None:
    text = script("zsh", capsys)
    lint = text.partition("_shtab_wa_policy_lint_options=(")[2].partition("\n)\n")[0]
    assert '"--fail-on=[' in lint
    assert ":fail_on:(error warning info)" in lint
    assert '"*--output=[' in lint
    assert '"--diff[' in lint
    assert '  "*:a manifest, a folder of manifests, or - for standard input:_files"' in lint
    assert '"--policy=[' in lint
    assert ":FILE_OR_NAME:_wa_policy_policy_or_file" in lint
