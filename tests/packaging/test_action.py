"""The action as a runner runs it: its steps in order, each in bash, with GitHub's environment and files.

Installing takes the package's dependencies from the package index.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from wa_policy.testing import READY

BIN = Path(sys.executable).parent
EXPRESSION = re.compile(r"\$\{\{ inputs\.([a-z-]+) \}\}")
# What pip may need on this machine to reach its index.
PASSED_ON = (
    "PATH",
    "HOME",
    "LANG",
    "PIP_INDEX_URL",
    "PIP_CONFIG_FILE",
    "PIP_CERT",
    "SSL_CERT_FILE",
    "HTTPS_PROXY",
    "https_proxy",
)


class Done(NamedTuple):
    """What a job leaves behind: the exit code of its last step, its log, its outputs, its step summary."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str


Act = Callable[..., Done]


def action(tree: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((tree / "action.yml").read_text("utf-8"))
    return loaded


def environment_of(step: dict[str, Any], inputs: dict[str, str]) -> dict[str, str]:
    return {name: EXPRESSION.sub(lambda match: inputs[match[1]], value) for name, value in step["env"].items()}


@pytest.fixture(scope="module")
def installed(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A runner's folder for temporary files in which the action's first step has run."""
    folder = tmp_path_factory.mktemp("runner")
    own = folder / "action"
    shutil.copytree(tree, own, symlinks=True)
    first = action(tree)["runs"]["steps"][0]
    inputs = {"python": sys.executable, "packages": ""}
    done = run_step(first, environment_of(first, inputs), folder, {"GITHUB_ACTION_PATH": str(own)}, folder)
    assert done.returncode == 0, done.stdout
    return folder


def run_step(
    step: dict[str, Any], own: dict[str, str], runner: Path, more: dict[str, str], folder: Path
) -> "subprocess.CompletedProcess[str]":
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    environment = {**kept, "RUNNER_TEMP": str(runner), "GITHUB_ACTIONS": "true", "CI": "true", **more, **own}
    # As GitHub's runners start bash.
    command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]]
    pipe, same = subprocess.PIPE, subprocess.STDOUT
    return subprocess.run(command, cwd=folder, env=environment, stdout=pipe, stderr=same, text=True, check=False)


@pytest.fixture
def act(installed: Path, tree: Path, tmp_path: Path) -> Act:
    """Runs the action's second step in a checkout with a ready manifest and its evidence."""
    checkout = tmp_path / "checkout"
    shutil.copytree(tree / "src" / "wa_policy" / "testing" / "evidence", checkout / "manifests" / "evidence")
    (checkout / "manifests" / "acme.yaml").write_text(READY, "utf-8")

    def act(change: tuple[str, str] = ("", ""), **words: str) -> Done:
        manifest = checkout / "manifests" / "acme.yaml"
        manifest.write_text(READY.replace(*change) if change[0] else READY, "utf-8")
        declared = action(tree)
        inputs = {name: told.get("default", "") for name, told in declared["inputs"].items()}
        inputs |= {name.replace("_", "-"): value for name, value in words.items()}
        files = {name: tmp_path / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("")
        more = {name: str(file) for name, file in files.items()} | {"GITHUB_WORKSPACE": str(checkout)}
        last = declared["runs"]["steps"][1]
        done = run_step(last, environment_of(last, inputs), installed, more, checkout)
        outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
        return Done(done.returncode, done.stdout, outputs, files["GITHUB_STEP_SUMMARY"].read_text())

    return act


REJECTED = ("account_review_status: APPROVED", "account_review_status: REJECTED")


def test_a_ready_manifest_passes(act: Act) -> None:
    done = act(policy="draft")
    assert (done.code, done.outputs["exit-code"]) == (0, "0"), done.log
    assert "::error" not in done.log
    assert "READY" in done.summary


def test_what_is_not_ready_is_annotated_and_reported(act: Act) -> None:
    done = act(REJECTED, policy="draft")
    line = READY.replace(*REJECTED).splitlines().index("  account_review_status: REJECTED") + 1
    assert (done.code, done.outputs["exit-code"]) == (1, "1"), done.log
    assert re.search(rf"^::error [^:]*file=manifests/acme\.yaml,line={line},", done.log, re.MULTILINE), done.log
    assert "WBA001" in done.summary
    results = json.loads(Path(done.outputs["sarif"]).read_text("utf-8"))["runs"][0]["results"]
    assert "WBA001" in {result["ruleId"] for result in results}
    assert "WBA001" in Path(done.outputs["html"]).read_text("utf-8")


def test_wrong_use_has_no_reports(act: Act) -> None:
    done = act(policy="golive")
    assert (done.code, done.outputs) == (2, {"exit-code": "2", "sarif": "", "html": ""}), done.log
    assert 'did you mean "go-live"?' in done.log


def test_no_paths_check_nothing(act: Act) -> None:
    done = act(paths="\n\n")
    assert done.code == 2
    assert "::error title=wa-policy::the input paths names nothing, so nothing would be checked" in done.log


def test_no_list_that_may_be_empty_is_unbound_to_an_old_bash(tree: Path) -> None:
    text = (tree / "action.yml").read_text("utf-8")
    never_empty = {"options", "paths"}  # the one begins with words, the other is looked at before
    bare = re.findall(r'(?<!\+)"\$\{(\w+)\[@\]\}"', text)
    assert set(bare) == never_empty


def test_nothing_in_an_input_is_a_script_or_an_option(act: Act, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    hostile = f"$(touch {marker}); `touch {marker}`; ' \" ; touch {marker} #"
    for done in (act(paths=hostile), act(policy=hostile), act(fail_on=hostile), act(plugins=hostile)):
        assert done.code in (2, 3), done.log
    done = act(paths="--no-plugins\nmanifests")
    assert done.code == 3, done.log
    assert "--no-plugins" in done.log
    assert not marker.exists()


def test_paths_are_one_a_line(act: Act) -> None:
    done = act(paths="\nmanifests/acme.yaml\n\nmanifests/nowhere.yaml\n", policy="draft")
    assert done.code == 3
    assert "manifests/nowhere.yaml" in done.log


def test_no_expression_stands_in_a_script(tree: Path) -> None:
    for step in action(tree)["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert "uses" not in step


def test_what_is_installed_is_compiled(installed: Path) -> None:
    packages = installed.glob("wa-policy/lib/python*/site-packages/wa_policy/plugins/__pycache__/network.*.pyc")
    assert list(packages)


def test_zizmor_finds_nothing(tree: Path) -> None:
    command = [str(BIN / "zizmor"), "--offline", "--no-progress", "--persona=pedantic", str(tree / "action.yml")]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_an_old_python_is_refused(tree: Path, tmp_path: Path) -> None:
    old = tmp_path / "python3.10"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    first = action(tree)["runs"]["steps"][0]
    own = environment_of(first, {"python": str(old), "packages": ""})
    done = run_step(first, own, tmp_path, {"GITHUB_ACTION_PATH": str(tree)}, tmp_path)
    assert done.returncode == 2
    assert "it needs Python 3.11 or later" in done.stdout
