"""README's runs are real: each command in it prints what README shows."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
BLOCK = re.compile(r"```console\n\$ wa-policy ([^\n]*--as-of[^\n]*)\n(.*?)```", re.DOTALL)
RUNS = BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))


def test_readme_shows_runs() -> None:
    assert [command.split()[0] for command, _ in RUNS] == ["lint", "checklist"]


@pytest.mark.parametrize(("command", "shown"), RUNS)
def test_a_run_prints_what_readme_shows(command: str, shown: str) -> None:
    words = [sys.executable, "-m", "wa_policy", *command.split()]
    assert subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False).stdout == shown


def test_the_first_manifest_of_readme_lints_without_a_mistake_in_its_form(in_folder: Path) -> None:
    (manifest,) = re.findall(
        r"```yaml\n(apiVersion:.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL
    )
    (in_folder / "acme.yaml").write_text(manifest, encoding="utf-8")
    words = [sys.executable, "-m", "wa_policy", "lint", "--policy", "draft", "acme.yaml"]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    assert "MAN00" not in ended.stdout
    assert ended.returncode == 0
