"""The gates that the how-to pages show: each is run as the tool that reads it would."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from wa_policy.report.formats import FORMATS
from wa_policy.testing import AS_OF, READY

ROOT = Path(__file__).resolve().parents[2]
HOW_TO = ROOT / "docs" / "how-to"
BIN = Path(sys.executable).parent

Done = subprocess.CompletedProcess[str]


def fences(page: str, info: str) -> list[str]:
    text = (HOW_TO / page).read_text("utf-8")
    return re.findall(rf"^```{re.escape(info)}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def run(folder: Path, *words: str | Path, **environment: str) -> Done:
    # What git and make hand down to what they run is not for those who are started anew.
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "MAKE", "MFLAGS"))}
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        words,
        cwd=folder,
        env={**inherited, "PATH": path, "GIT_CONFIG_GLOBAL": os.devnull, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout with a ready manifest and its evidence."""
    folder = tmp_path / "checkout"
    shutil.copytree(ROOT / "src" / "wa_policy" / "testing" / "evidence", folder / "manifests" / "evidence")
    (folder / "manifests" / "acme.yaml").write_text(READY)
    return folder


def spoil(tree: Path) -> None:
    (tree / "manifests" / "acme.yaml").write_text(READY.replace("APPROVED", "REJECTED", 1))


# GitLab


def jobs() -> list[dict[str, Any]]:
    return [yaml.safe_load(text)["wa-policy"] for text in fences("gate-with-gitlab-ci.md", "yaml gitlab-ci")]


@pytest.mark.parametrize("number", range(2))
def test_jobs_satisfy_the_schema_of_gitlab(number: int, tmp_path: Path) -> None:
    file = tmp_path / ".gitlab-ci.yml"
    file.write_text(fences("gate-with-gitlab-ci.md", "yaml gitlab-ci")[number])
    done = run(tmp_path, "check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", file)
    assert done.returncode == 0, done.stdout


def script(job: dict[str, Any], tree: Path, **environment: str) -> Done:
    """Run the script of a job as GitLab's runner does, without what installs wa-policy."""
    assert job["before_script"] == ["pip install --quiet wa-policy==0.1.0"]
    dated = "\n".join(job["script"]).replace("wa-policy lint", f"wa-policy lint --as-of {AS_OF}")
    return run(tree, "bash", "-e", "-o", "pipefail", "-c", dated, **environment)


def test_the_job_leaves_the_reports_that_it_declares(tree: Path) -> None:
    job = jobs()[0]
    assert script(job, tree).returncode == 0
    spoil(tree)
    assert script(job, tree).returncode == 1
    quality = json.loads((tree / job["artifacts"]["reports"]["codequality"]).read_text("utf-8"))
    assert "WBA001" in {issue["check_name"] for issue in quality}
    assert {issue["location"]["path"] for issue in quality} == {"manifests/acme.yaml"}
    tests = ET.parse(tree / job["artifacts"]["reports"]["junit"]).getroot()  # noqa: S314  # our own text
    assert int(tests.attrib["failures"]) >= 1
    (page,) = job["artifacts"]["paths"]
    assert (tree / page).read_text("utf-8").startswith("<!DOCTYPE html>")
    assert job["artifacts"]["when"] == "always"
    assert "allow_failure" not in job


def test_a_merge_request_cannot_bring_its_own_policy(tree: Path, tmp_path: Path) -> None:
    policy = {"apiVersion": "wa-policy/v1", "kind": "Policy", "metadata": {"name": "trusted"}}
    (tree / "wa-policy.yaml").write_text(yaml.safe_dump(policy))
    who = ("-c", "user.name=A Person", "-c", "user.email=person@acme.example")
    for words in (["init", "--initial-branch=main"], ["add", "."], [*who, "commit", "-m", "x"]):
        assert run(tree, "git", *words).returncode == 0
    assert run(tmp_path, "git", "clone", "--depth", "1", tree.as_uri(), "proposed").returncode == 0
    proposed = tmp_path / "proposed"
    spoil(proposed)
    quiet = {**policy, "metadata": {"name": "quiet"}, "extends": [], "severity": "off"}
    (proposed / "wa-policy.yaml").write_text(yaml.safe_dump(quiet))
    done = script(jobs()[1], proposed, CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main")
    assert done.returncode == 1, done.stdout
    assert "policy trusted (git:FETCH_HEAD:wa-policy.yaml)" in done.stdout


# prek and pre-commit.ci


@pytest.mark.parametrize("number", range(2))
@pytest.mark.parametrize("program", ["pre-commit", "prek"])
def test_configurations_of_hooks_are_valid(program: str, number: int, tmp_path: Path) -> None:
    file = tmp_path / ".pre-commit-config.yaml"
    file.write_text(fences("gate-with-prek-and-pre-commit-ci.md", "yaml pre-commit")[number])
    done = run(tmp_path, program, "validate-config", file, PRE_COMMIT_HOME=str(tmp_path), PREK_HOME=str(tmp_path))
    assert done.returncode == 0, done.stdout
    assert "unexpected" not in done.stdout.lower()


def test_the_hooks_shown_for_them_exist() -> None:
    offered = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    for text in fences("gate-with-prek-and-pre-commit-ci.md", "yaml pre-commit"):
        for repository in yaml.safe_load(text)["repos"]:
            assert {hook["id"] for hook in repository["hooks"]} <= offered


def test_prek_runs_the_hook(tree: Path, tmp_path: Path) -> None:
    """prek makes the environment with uv, which it takes from the package index."""
    names = run(ROOT, "git", "ls-files", "--cached", "--others", "--exclude-standard", "-z").stdout
    hooks = tmp_path / "hooks"
    for name in filter(None, names.split("\0")):
        if os.path.lexists(ROOT / name):
            (hooks / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, hooks / name, follow_symlinks=False)
    who = ("-c", "user.name=A Person", "-c", "user.email=person@acme.example")
    for words in (["init"], ["add", "."], [*who, "commit", "--quiet", "-m", "x"]):
        assert run(hooks, "git", *words).returncode == 0
    config = yaml.safe_load(fences("gate-with-prek-and-pre-commit-ci.md", "yaml pre-commit")[0])
    (repository,) = config["repos"]
    repository |= {"repo": hooks.as_uri(), "rev": run(hooks, "git", "rev-parse", "HEAD").stdout.strip()}
    repository["hooks"][0]["verbose"] = True
    (tree / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    spoil(tree)
    assert run(tree, "git", "init").returncode == 0
    assert run(tree, "git", "add", ".").returncode == 0
    (commands,) = fences("gate-with-prek-and-pre-commit-ci.md", "sh prek")
    done = run(tree, "bash", "-e", "-c", commands, PREK_HOME=str(tmp_path / "prek"), PREK_COLOR="never")
    assert done.returncode == 1, done.stdout
    assert "error[WBA001]" in done.stdout


# make; docs/how-to/gate-with-make.md is run as a whole by the tests of all pages that show commands.


def makefile(tree: Path) -> None:
    (text,) = fences("gate-with-make.md", "make file=Makefile")
    more = "".join(fences("gate-with-make.md", "make"))
    (tree / "Makefile").write_text(f"{text}\n{more}")


def test_a_target_that_needs_ready_is_made_only_then(tree: Path) -> None:
    makefile(tree)
    (tree / "start-campaign").write_text("#!/bin/sh\necho started\n")
    (tree / "start-campaign").chmod(0o755)
    done = run(tree, "make", "launch", f"OPTIONS=--as-of {AS_OF}")
    assert done.returncode == 0, done.stdout
    assert done.stdout.endswith("started\n")
    assert {path.name for path in (tree / "build" / "wa-policy").iterdir()} == {
        "report.json",
        "report.html",
        "junit.xml",
    }
    spoil(tree)
    done = run(tree, "make", "launch", f"OPTIONS=--as-of {AS_OF}")
    assert done.returncode == 2  # make's own, for a command that failed
    assert "started" not in done.stdout
    assert "Error 1" in done.stdout


def test_the_page_of_formats_knows_them_all() -> None:
    text = (ROOT / "docs" / "reference" / "formats.md").read_text("utf-8")
    assert re.findall(r"^\| `([a-z-]+)` \| [^|]+ \| (?:yes|no)", text, re.MULTILINE) == list(FORMATS)
