"""What a run would look at and judge by, and how often each rule spoke."""

from collections.abc import Callable
from pathlib import Path

import pytest

from wa_policy.cli.main import main
from wa_policy.testing import AS_OF, READY

Say = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Say:
    """Runs lint in a folder with two manifests that are not ready and a broken one; returns exit code and lines."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WA_POLICY_CACHE_DIR", str(tmp_path / "cache"))
    bad = READY.replace("account_review_status: APPROVED", "account_review_status: REJECTED")
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "a.yaml").write_text(bad.replace("acme-retail-in", "acme-a"))
    (tmp_path / "manifests" / "b.yaml").write_text(bad.replace("acme-retail-in", "acme-b"))

    def say(*words: str) -> tuple[int, list[str]]:
        exit_code = main(["lint", f"--as-of={AS_OF}", *words])
        return exit_code, capsys.readouterr().out.splitlines()

    return say


def test_statistics_take_the_place_of_findings(say: Say) -> None:
    exit_code, lines = say("--statistics", "--select", "WBA001,MAN005", "manifests")
    assert exit_code == 1
    assert "      2  error    WBA001  unapproved-account" in lines
    assert lines[0].split()[1] == "error"
    assert not any("-->" in line for line in lines)
    assert lines[-1] == "NOT READY: findings of severity error or worse"


def test_statistics_say_what_was_not_checked(say: Say) -> None:
    exit_code, lines = say("--statistics", "manifests", "nowhere.yaml")
    assert exit_code == 3
    assert "not checked: nowhere.yaml: there is no such file or folder" in lines


def test_statistics_and_a_format_do_not_go_together(say: Say) -> None:
    assert say("--statistics", "--format", "json", "manifests") == (2, [])


def test_statistics_go_with_reports_in_files(say: Say, tmp_path: Path) -> None:
    exit_code, lines = say("--statistics", "--select", "WBA001", "--output", "concise=report.txt", "manifests")
    assert exit_code == 1
    assert lines[0] == "      2  error    WBA001  unapproved-account"
    assert "WBA001 unapproved-account" in (tmp_path / "report.txt").read_text()


def test_files_are_shown_and_nothing_is_checked(say: Say, tmp_path: Path) -> None:
    (tmp_path / "manifests" / "broken.yaml").write_text("a: [")
    shown = ["manifests/a.yaml", "manifests/b.yaml", "manifests/broken.yaml"]
    assert say("--show-files", "manifests") == (0, shown)
    lost = "not found: nowhere.yaml: there is no such file or folder"
    assert say("--show-files", "manifests", "nowhere.yaml") == (3, [*shown, lost])


def test_settings_are_shown(say: Say, tmp_path: Path) -> None:
    text = "apiVersion: wa-policy/v1\nkind: Policy\nmetadata: {name: acme}\nextends: strict\nfail_on: warning\n"
    (tmp_path / "wa-policy.yaml").write_text(text)
    exit_code, lines = say("--show-settings", "--select", "numbers", "--jobs", "2", "--no-plugins", "manifests")
    assert exit_code == 0
    told = dict(line.split(": ", 1) for line in lines)
    assert told["policy"] == "acme (wa-policy.yaml)"
    assert told["extends"] == "draft, go-live, strict"
    assert (told["fails on"], told["as of"], told["selected"]) == ("warning", str(AS_OF), "numbers")
    assert (told["plugins"], told["jobs"]) == ("the bundled ones", "2")
    assert told["cache"] == str(tmp_path / "cache")


def test_a_plugin_that_did_not_load_is_shown(say: Say) -> None:
    exit_code, lines = say("--show-settings", "--plugin", "nowhere.py", "manifests")
    assert exit_code == 3
    assert "did not load: nowhere.py: there is no file nowhere.py" in lines
