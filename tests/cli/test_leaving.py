"""The program leaves at once, and nothing is lost by it."""

from __future__ import annotations

import pstats
import subprocess
import sys
from pathlib import Path

import pytest

import wa_policy.testing
from wa_policy.testing import READY

AS_OF = str(wa_policy.testing.AS_OF)
LINT = ("lint", "--no-plugins", "--no-cache", "--policy", "go-live", "--as-of", AS_OF)

AT_EXIT = """
import atexit
atexit.register(lambda: open("told", "w").write("all"))
"""

IN_A_THREAD = """
import threading
def tell():
    threading.main_thread().join()
    open("told", "w").write("all")
threading.Thread(target=tell).start()
"""

PLUGIN = """
from wa_policy.api import Rule, Step, Workspace, fail, hookimpl, rule, rules_in
{does}

@rule("ACM001", "quiet", step=Step.ACCOUNT)
def quiet(workspace: Workspace):
    \"\"\"Nothing is found.\"\"\"
    return iter(())

@hookimpl
def wa_policy_rules():
    return rules_in(__name__)
"""


def run(*words: str, python: tuple[str, ...] = ("-m", "wa_policy")) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *python, *words], capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def manifest(in_folder: Path) -> str:
    (in_folder / "acme.yaml").write_text(
        READY.replace("account_review_status: APPROVED", "account_review_status: REJECTED")
    )
    return "acme.yaml"


def test_all_that_is_said_arrives(manifest: str) -> None:
    ended = run(*LINT, "--format", "json", manifest)
    assert (ended.returncode, ended.stderr) == (1, "")
    assert ended.stdout.endswith("}\n")
    assert '"WBA001"' in ended.stdout


@pytest.mark.parametrize("does", [AT_EXIT, IN_A_THREAD])
def test_what_a_plugin_still_has_to_do_is_done(does: str, manifest: str) -> None:
    Path("plugin.py").write_text(PLUGIN.format(does=does))
    assert run(*LINT, "--plugin", "plugin.py", manifest).returncode == 1
    assert Path("told").read_text() == "all"


def test_who_profiles_it_gets_a_profile(manifest: str) -> None:
    ended = run(*LINT, manifest, python=("-m", "cProfile", "-o", "profile", "-m", "wa_policy"))
    assert ended.returncode in (0, 1)  # what cProfile makes of an exit code differs between versions of Python
    assert "WBA001" in ended.stdout
    assert any(name == "script" for _, _, name in pstats.Stats("profile").stats)  # type: ignore[attr-defined]  # typeshed hides it
