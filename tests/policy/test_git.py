"""Policies in commits: what a gate takes from a branch that the pull request cannot change."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.policy.told import told_by
from wa_policy.policy.model import PolicyError
from wa_policy.policy.texts import load_text
from wa_policy.source import git

POLICY = "apiVersion: wa-policy/v1\nkind: Policy\nmetadata:\n  name: {name}\nextends: {extends}\n"


def run_git(*words: str) -> str:
    identity = ["-c", "user.name=Rosa", "-c", "user.email=rosa@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *words], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose branch main has a strict policy in policies/, and whose work tree has a lax one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    run_git("init", "--quiet", "--initial-branch=main")
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "gate.yaml").write_text(POLICY.format(name="gate", extends="base.yaml"))
    (tmp_path / "policies" / "base.yaml").write_text(POLICY.format(name="base", extends="strict"))
    (tmp_path / "pyproject.toml").write_text('[tool.wa-policy]\nextends = "strict"\n')
    run_git("add", ".")
    run_git("commit", "--quiet", "--message=policies")
    for name in ("gate", "base"):
        (tmp_path / "policies" / f"{name}.yaml").write_text(POLICY.format(name=f"lax-{name}", extends="draft"))
    return tmp_path


def told(reference: str) -> str:
    (line,) = told_by(lambda: load_text(reference))
    return line


def test_a_policy_is_read_from_the_commit_and_not_from_the_work_tree(repository: Path) -> None:
    text = load_text("git:main:policies/gate.yaml")
    assert (text.name, text.origin) == ("gate", "git:main:policies/gate.yaml")
    assert text.folder == str(repository / "policies")  # where relative patterns of its overrides start


def test_what_it_extends_stands_in_the_same_commit(repository: Path) -> None:
    del repository
    gate = load_text("git:main:policies/gate.yaml")
    base = load_text("base.yaml", relative_to=gate, route=("extends",))
    assert (base.name, base.origin) == ("base", "git:main:policies/base.yaml")


def test_it_works_from_a_folder_below_and_with_toml(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository / "policies")
    assert load_text("git:HEAD:policies/gate.yaml").name == "gate"
    assert load_text("git:HEAD:pyproject.toml").extends == ["strict"]


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("git:main", "a file in git is written git:REF:PATH, such as git:origin/main:wa-policy.yaml"),
        ("git:main:", "a file in git is written git:REF:PATH, such as git:origin/main:wa-policy.yaml"),
        ("git:--output=x:a.yaml", '"--output=x" names no branch, tag or commit'),
        ("git:main..x y:a.yaml", '"main..x y" names no branch, tag or commit'),
        ("git:nowhere:a.yaml", 'there is no commit "nowhere" here; fetch it first (a shallow checkout has few)'),
        ("git:main:a.yaml", 'there is no file "a.yaml" in main'),
        ("git:main:policies", '"policies" is no file in main'),
        ("git:main:../a.yaml", '"../a.yaml" is no path from the top of the repository'),
        ("git:main:/etc/passwd", '"/etc/passwd" is no path from the top of the repository'),
    ],
)
def test_what_no_commit_has_is_refused(repository: Path, reference: str, message: str) -> None:
    del repository
    expected = f'{reference}: the policy "{reference}" cannot be read: {message} (name a file of a commit that is here)'
    assert told(reference) == expected


@pytest.mark.parametrize("above", ["git:main:policies/gate.yaml", "policies/gate.yaml"])
def test_what_a_policy_extends_names_no_commit(above: str, repository: Path) -> None:
    del repository
    text, reference = load_text(above), "git:main:policies/base.yaml"
    (line,) = told_by(lambda: load_text(reference, relative_to=text, route=("extends",)))
    assert line == (
        f'{above}:5:10: "extends" takes no file of a commit, and this is one: "{reference}" (name draft, go-live, strict, '
        "or a path from the folder of this policy; a policy that is itself in a commit extends files of that commit)"
    )


def test_a_policy_in_a_commit_cannot_extend_a_file_outside(repository: Path) -> None:
    (repository / "out.yaml").write_text(POLICY.format(name="out", extends="../elsewhere.yaml"))
    run_git("add", "out.yaml")
    run_git("commit", "--quiet", "--message=out")
    with pytest.raises(PolicyError) as caught:
        load_text("../elsewhere.yaml", relative_to=load_text("git:main:out.yaml"), route=("extends",))
    assert "is no path from the top of the repository" in str(caught.value)


def test_a_mistake_in_it_is_shown_where_it_stands(repository: Path) -> None:
    (repository / "bad.yaml").write_text(POLICY.format(name="bad", extends="strict") + "sevrity: error\n")
    run_git("add", "bad.yaml")
    run_git("commit", "--quiet", "--message=bad")
    assert told("git:main:bad.yaml").startswith("git:main:bad.yaml:6:1: ")


def test_outside_a_repository_git_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert 'there is no commit "main" here' in told("git:main:a.yaml")


def test_without_git_it_is_said_that_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(git.GitError, match="git is not installed"):
        git.folder_of(git.parse("git:main:a.yaml"))


def test_what_is_too_large_is_not_read(repository: Path) -> None:
    del repository
    with pytest.raises(git.GitError, match="bytes; 10 are allowed"):
        git.read(git.parse("git:main:policies/gate.yaml"), 10)
