"""The hooks as a user's repository meets them: pre-commit clones this tree, installs it, and runs it on a commit.

Building the environment takes its dependencies from the package index.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from wa_policy.testing import AS_OF, READY

AS_OF_OPTION = f"--as-of={AS_OF}"
PRE_COMMIT = Path(sys.executable).with_name("pre-commit")

Result = subprocess.CompletedProcess[str]
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run a program in a folder, with pre-commit's environments kept for this module, and git's settings those of nobody."""
    kept = {
        "GIT_AUTHOR_NAME": "A Person",
        "GIT_AUTHOR_EMAIL": "person@acme.example",
        "GIT_COMMITTER_NAME": "A Person",
        "GIT_COMMITTER_EMAIL": "person@acme.example",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "PRE_COMMIT_HOME": str(tmp_path_factory.mktemp("pre-commit")),
        "PRE_COMMIT_COLOR": "never",
    }
    # Those of a commit under way, when the tests are run by a hook themselves.
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}

    def run_in(folder: Path, *words: str | Path) -> Result:
        environment = {**inherited, **kept}
        pipe, same = subprocess.PIPE, subprocess.STDOUT
        return subprocess.run(words, cwd=folder, env=environment, stdout=pipe, stderr=same, text=True, check=False)

    return run_in


def commit(run: Run, folder: Path) -> Result:
    run(folder, "git", "add", "--all")
    return run(folder, "git", "commit", "--message", "A state of affairs")


@pytest.fixture(scope="module")
def hooks(tree: Path, run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This tree as a repository of its own, with all that is not committed yet."""
    folder = tmp_path_factory.mktemp("hooks") / "wa-policy"
    shutil.copytree(tree, folder, symlinks=True)
    run(folder, "git", "init")
    assert commit(run, folder).returncode == 0
    return folder


@pytest.fixture
def repository(hooks: Path, run: Run, tmp_path: Path) -> Path:
    """A user's repository with a ready manifest under ``manifests/``, both hooks installed, and nothing committed yet."""
    revision = run(hooks, "git", "rev-parse", "HEAD").stdout.strip()
    config = f"""
repos:
  - repo: {hooks.as_uri()}
    rev: {revision}
    hooks:
      - {{id: wa-policy, args: [{AS_OF_OPTION}], verbose: true}}
      - {{id: wa-policy-all, args: [{AS_OF_OPTION}, manifests/], verbose: true, stages: [manual]}}
"""
    evidence = hooks / "src" / "wa_policy" / "testing" / "evidence"
    shutil.copytree(evidence, tmp_path / "manifests" / "evidence")
    (tmp_path / ".pre-commit-config.yaml").write_text(config, "utf-8")
    (tmp_path / "compose.yaml").write_text("services: {}\n", "utf-8")
    (tmp_path / "manifests" / "acme.yaml").write_text(READY, "utf-8")
    run(tmp_path, "git", "init")
    assert run(tmp_path, PRE_COMMIT, "install").returncode == 0
    return tmp_path


def test_the_hooks_file_is_sound(hooks: Path, run: Run) -> None:
    result = run(hooks, PRE_COMMIT, "validate-manifest", ".pre-commit-hooks.yaml")
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("manifests/acme.yaml", True),
        ("manifests/UP.YAML", True),
        ("manifests/brands/acme.Yml", True),
        ("brands/manifests/ACME.JSON", True),
        ("manifests/two\nlines.yaml", True),
        ("two\nlines/manifests/acme.yaml", True),
        ("compose.yaml", False),
        ("manifests/acme.yaml.txt", False),
        ("-x/manifests/acme.yaml", False),
        ("--plugin=\n/manifests/acme.yaml", False),
        ("manifests/evidence/waba.json", False),
        ("manifests/evidence/two\nlines.JSON", False),
        ("manifests/wa-policy.YAML", False),
    ],
)
@pytest.mark.parametrize("source", [".pre-commit-hooks.yaml", "docs/how-to/gate-with-pre-commit.md"])
def test_the_hook_takes_what_lint_takes_of_a_folder(source: str, path: str, taken: bool, tree: Path) -> None:
    text = (tree / source).read_text("utf-8")
    files, exclude = (re.findall(rf"^ +{key}: (\S+)$", text, re.MULTILINE)[0] for key in ("files", "exclude"))
    if source.endswith(".md"):
        path = path.replace("manifests/", "brands/acme/whatsapp/", 1)
        taken = taken and path.startswith("brands/acme/") and not path.endswith("JSON")
    # As pre-commit does it; what is neither YAML nor JSON by its ending is passed over as well.
    assert bool(re.search(files, path) and not re.search(exclude, path)) == taken


def test_a_manifest_with_a_loud_name_is_linted(repository: Path, run: Run) -> None:
    bad = READY.replace("account_review_status: APPROVED", "account_review_status: REJECTED")
    (repository / "manifests" / "acme.yaml").rename(repository / "manifests" / "UP.YAML")
    (repository / "manifests" / "UP.YAML").write_text(bad, "utf-8")
    (repository / "manifests" / "two\nlines.yaml").write_text(bad, "utf-8")
    result = commit(run, repository)
    assert result.returncode != 0
    assert re.findall(r"[0-9]+ manifests?,", result.stdout) == ["2 manifests,"]


def test_a_ready_manifest_may_be_committed(repository: Path, run: Run) -> None:
    """Neither its evidence nor other files are taken for manifests."""
    result = commit(run, repository)
    assert result.returncode == 0, result.stdout
    assert "1 manifest," in result.stdout


def test_a_manifest_that_is_not_ready_is_refused(repository: Path, run: Run) -> None:
    bad = READY.replace("account_review_status: APPROVED", "account_review_status: REJECTED")
    (repository / "manifests" / "acme.yaml").write_text(bad, "utf-8")
    line = bad.splitlines().index("  account_review_status: REJECTED") + 1
    result = commit(run, repository)
    assert result.returncode != 0
    assert "error[WBA001]" in result.stdout
    assert f"manifests/acme.yaml:{line}:26" in result.stdout
    assert run(repository, "git", "log").returncode != 0  # nothing was committed


@pytest.mark.parametrize("option", ["--plugin=git:HEAD:code", "--policy=lax", "--plugin=code", "-x"])
def test_no_name_of_a_file_is_an_option(option: str, repository: Path, run: Run) -> None:
    folder = repository / option / "manifests"
    folder.mkdir(parents=True)
    (folder / "a.json").write_text("open('marker', 'w')\n", "utf-8")
    result = commit(run, repository)
    assert result.returncode == 0, result.stdout
    assert "1 manifest," in result.stdout
    assert not (repository / "marker").exists()


def test_many_manifests_are_linted_in_one_process(repository: Path, tree: Path, run: Run) -> None:
    """Else rules across manifests would miss what two of them share."""
    run(repository, sys.executable, tree / "bench" / "generate.py", "manifests", "40")
    result = commit(run, repository)
    assert result.returncode == 0, result.stdout
    assert re.findall(r"[0-9]+ manifests?,", result.stdout) == ["41 manifests,"]


def test_all_manifests_are_linted_together(repository: Path, run: Run) -> None:
    """Nothing is wrong with a copy but that there is another one, which has not changed."""
    assert commit(run, repository).returncode == 0
    copy = READY.replace("name: acme-retail-in", "name: acme-retail-sg").replace("opt-in-audit.json", "audit-sg.json")
    evidence = repository / "manifests" / "evidence"
    audit = (evidence / "opt-in-audit.json").read_text("utf-8").replace("acme-retail-in", "acme-retail-sg")
    (evidence / "audit-sg.json").write_text(audit, "utf-8")
    (repository / "manifests" / "copy.yaml").write_text(copy, "utf-8")
    assert commit(run, repository).returncode == 0
    result = run(repository, PRE_COMMIT, "run", "--hook-stage", "manual", "wa-policy-all")
    assert result.returncode != 0
    assert re.findall(r"[0-9]+ manifests?,", result.stdout) == ["2 manifests,"]
    for found in ("error[MAN005]", "manifests/acme.yaml:", "manifests/copy.yaml:"):
        assert found in result.stdout
