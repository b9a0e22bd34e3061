"""Several reports of one run, each where it was asked for; what cannot be written is refused before anything is checked."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import PENDING, PLUGIN
from tests.credentials import BROKEN, NUMBER, READABLE, TOKEN, WORD
from wa_policy.cli import outputs
from wa_policy.report.formats import FORMATS

Run = Callable[..., tuple[int, str, str]]

LINT = ("lint", "--select", "WBA001", "pending.yaml")


@pytest.fixture
def pending(ready: Path) -> Path:
    (ready / "pending.yaml").write_text(PENDING)
    return ready


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_holds_what_standard_output_would(name: str, pending: Path, run: Run) -> None:
    code, printed, _ = run(*LINT, "--format", name)
    assert code == 1
    assert run(*LINT, "--format", "json", "--output", f"{name}=report")[0] == 1
    assert (pending / "report").read_text("utf-8") == printed


def test_several_formats_at_once_and_text_to_standard_output(pending: Path, run: Run) -> None:
    code, out, error = run(*LINT, "--output", "json=a.json", "--output=sarif=b.sarif", "--output", "junit=c=d.xml")
    assert (code, error) == (1, "")
    assert out.startswith("error[WBA001]")
    assert json.loads((pending / "a.json").read_text())["exit_code"] == 1
    assert json.loads((pending / "b.sarif").read_text())["version"] == "2.1.0"
    assert (pending / "c=d.xml").read_text().startswith("<?xml")
    assert sorted(os.listdir(pending)) == sorted(
        ["a.json", "b.sarif", "c=d.xml", "evidence", "manifest.yaml", "pending.yaml"]
    )


@pytest.mark.usefixtures("pending")
def test_a_dash_is_standard_output(run: Run) -> None:
    _, out, _ = run(*LINT, "--output", "json=-")
    assert json.loads(out)["format"] == "wa-policy/report"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (
            ["--output", "json"],
            'argument --output: "json" names no file; write json=FILE, or json=- for standard output',
        ),
        (["--output", "json="], 'argument --output: "json=" names no file'),
        (
            ["--output", "jsn=a"],
            'argument --output: there is no format "jsn" (did you mean "json"?); it is one of text, ',
        ),
        (
            ["--output", "json=a", "--output", "sarif=./a"],
            "--output sarif=./a and --output json=a would go to one place",
        ),
        (
            ["--output", "json=a", "--output", "sarif=link"],
            "--output sarif=link and --output json=a would go to one place",
        ),
        (["--format", "text", "--output", "json=-"], "--output json=- and --format text would go to one place"),
        (
            ["--output", "json=-", "--output", "sarif=-"],
            "--output sarif=- and --output json=- would go to one place",
        ),
        (
            ["--output", "json=/dev/stdout", "--output", "sarif=-"],
            "--output sarif=- and --output json=- would go to one place",
        ),
        (["--output", "json=evidence"], "--output json=evidence cannot be written: it is a folder"),
        (["--output", "json=nowhere/a"], "--output json=nowhere/a cannot be written: its folder is not there"),
        (
            ["--output", "json=pending.yaml"],
            "--output json=pending.yaml would replace a file that is read; name another one",
        ),
        (["--output", "json=p.yaml", "--policy", "./p.yaml"], "--output json=p.yaml would replace a file that is read"),
        (["--output", "json=nl\n::error::x/a"], "--output json=nl\\n::error::x/a cannot be written"),
    ],
)
def test_what_makes_no_sense_is_refused(words: list[str], complaint: str, pending: Path, run: Run) -> None:
    (pending / "link").symlink_to("a")
    (pending / "p.yaml").write_text("apiVersion: wa-policy/v1\nkind: Policy\nmetadata: {name: acme}\n")
    code, out, error = run(*LINT, *words)
    assert (code, out) == (2, "")
    assert complaint in error
    assert (pending / "pending.yaml").read_text() == PENDING
    assert not (pending / "a").exists()


def test_a_manifest_found_in_a_folder_is_not_replaced_either(pending: Path, run: Run) -> None:
    code, out, error = run("lint", ".", "--output", "json=pending.yaml", "--output", "sarif=b")
    assert (code, out) == (2, "")
    assert "--output json=pending.yaml would replace a file that was read or that an audit counted" in error
    assert (pending / "pending.yaml").read_text() == PENDING
    assert not (pending / "b").exists()


@pytest.mark.parametrize("path", ["wa-policy.yaml", "evidence/opt-in-audit.json"])
def test_neither_the_policy_found_nor_evidence_is_replaced(path: str, pending: Path, run: Run) -> None:
    (pending / "wa-policy.yaml").write_text("apiVersion: wa-policy/v1\nkind: Policy\nmetadata: {name: acme}\n")
    before = (pending / path).read_bytes()
    code, out, error = run("lint", "pending.yaml", "--output", f"json={path}")
    assert (code, out) == (2, "")
    assert f"--output json={path} would replace a file that was read or that an audit counted, so no report" in error
    assert (pending / path).read_bytes() == before


@pytest.mark.parametrize(
    ("plugin", "path", "complaint"),
    [
        ("./acme.py", "acme.py", "would replace a file that is read; name another one"),
        ("acme.py", "link.py", "would replace a file that is read; name another one"),
        ("acme", "acme.py", "would replace a file that was read"),
    ],
)
def test_no_plugin_is_replaced(
    plugin: str, path: str, complaint: str, pending: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(pending)
    (pending / "acme.py").write_text(PLUGIN)
    (pending / "link.py").symlink_to("acme.py")
    code, out, error = run(*LINT, "--plugin", plugin, "--output", f"json={path}")
    sys.modules.pop("acme", None)
    assert (code, out) == (2, "")
    assert f"--output json={path} {complaint}" in error
    assert (pending / "acme.py").read_text() == PLUGIN


@pytest.mark.parametrize("content", ["", "{", '{"total": 1}'])
def test_evidence_that_is_of_no_use_is_not_replaced_either(content: str, pending: Path, run: Run) -> None:
    audit = pending / "evidence" / "opt-in-audit.json"
    audit.write_text(content)
    code, out, error = run("lint", "pending.yaml", "--output", "json=evidence/opt-in-audit.json")
    assert (code, out) == (2, "")
    assert "would replace a file that was read" in error
    assert audit.read_text() == content


@pytest.mark.parametrize("words", [[], ["--verify-digests"], ["--no-cache"]])
@pytest.mark.parametrize("path", ["users.csv", "evidence/users.csv", "evidence/../link.csv"])
def test_data_that_an_audit_counted_is_not_replaced(path: str, words: list[str], pending: Path, run: Run) -> None:
    data = pending / path.replace("link", "users")
    data.write_text("id,mobile\n")
    (pending / "link.csv").symlink_to("users.csv")
    for _ in range(2):  # the second run takes the result of the first one from the cache
        code, out, error = run("lint", "pending.yaml", "--output", f"json={path}", *words)
        assert (code, out) == (2, "")
        assert f"--output json={path} would replace a file that was read or that an audit counted" in error
    assert data.read_text() == "id,mobile\n"


def test_where_an_audit_s_data_is_not_a_report_may_be(pending: Path, run: Run) -> None:
    assert run(*LINT, "--output", "json=users.csv")[0] == 1
    assert json.loads((pending / "users.csv").read_text())["exit_code"] == 1


def test_a_folder_that_nothing_may_be_written_into(pending: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    (pending / "locked").mkdir()
    monkeypatch.setattr(os, "access", lambda path, _: not str(path).endswith("locked"))
    code, _, error = run(*LINT, "--output", "json=locked/a")
    assert code == 2
    assert "--output json=locked/a cannot be written: nothing may be written into its folder" in error


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    pending: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (pending / "a.json").write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    code, out, error = run(*LINT, "--output", "json=a.json")
    assert (code, out) == (2, "")
    assert "--output json=a.json could not be written: No space left on device" in error
    assert (pending / "a.json").read_text() == "old"
    assert not [name for name in os.listdir(pending) if name.startswith(".")]


def test_a_replaced_file_keeps_its_mode_and_a_link_stays_a_link(pending: Path, run: Run) -> None:
    (pending / "a.json").write_text("old")
    (pending / "a.json").chmod(0o640)
    (pending / "link").symlink_to("a.json")
    run(*LINT, "--output", "json=link")
    assert (pending / "link").is_symlink()
    assert stat.S_IMODE((pending / "a.json").stat().st_mode) == 0o640
    assert json.loads((pending / "a.json").read_text())["exit_code"] == 1


@pytest.mark.usefixtures("pending")
def test_a_device_is_written_into(run: Run) -> None:
    assert run(*LINT, "--output", f"json={os.devnull}")[0] == 1
    assert not stat.S_ISREG(os.stat(os.devnull).st_mode)


@pytest.mark.usefixtures("pending")
@pytest.mark.parametrize("path", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_by_its_other_names(path: str, run: Run) -> None:
    assert run(*LINT, "--output", f"json={path}") == run(*LINT, "--output", "json=-")


@pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="this system does not show what is open as files")
def test_what_a_shell_substitutes_is_written_into(pending: Path) -> None:
    ours, theirs = os.pipe()
    words = [sys.executable, "-m", "wa_policy", *LINT, "--output", f"concise=/dev/fd/{theirs}"]
    done = subprocess.run(words, pass_fds=[theirs], cwd=pending, capture_output=True, text=True, check=False)
    os.close(theirs)
    with open(ours, encoding="utf-8") as pipe:
        assert pipe.readline().startswith("pending.yaml:47:26: error WBA001 ")
    assert (done.returncode, done.stderr) == (1, "")


def test_files_have_no_colours(pending: Path, run: Run) -> None:
    run(*LINT, "--output", "text=a.txt")
    assert "\x1b" not in (pending / "a.txt").read_text()


def test_text_that_is_no_utf_8_is_written_all_the_same(ready: Path, run: Run) -> None:
    (ready / "latin\udce9.yaml").write_text(PENDING)
    words = [word for name in FORMATS for word in ("--output", f"{name}=report.{name}")]
    assert run("lint", "--select", "WBA001", "latin\udce9.yaml", *words)[0] == 1
    assert json.loads((ready / "report.json").read_text("utf-8"))["findings"][0]["path"] == "latin\udce9.yaml"
    for name in FORMATS:
        (ready / f"report.{name}").read_text("utf-8")


# The step's summary.


@pytest.fixture
def summary(pending: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = pending / "summary.md"
    file.write_text("said before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    return file


def test_annotations_come_with_a_step_summary(summary: Path, run: Run) -> None:
    run(*LINT, "--format", "github")
    said, _, own = summary.read_text().partition("\n")
    assert said == "said before"
    assert own.startswith("## wa-policy: NOT READY")
    assert "`WBA001`" in own


@pytest.mark.parametrize("words", [["--format", "text"], ["--format", "github", "--output", "github-summary=other.md"]])
def test_nobody_else_writes_it(words: list[str], summary: Path, run: Run) -> None:
    run(*LINT, *words)
    assert summary.read_text() == "said before\n"


def test_a_summary_by_name_is_added_as_well(summary: Path, run: Run) -> None:
    run(*LINT, "--output", f"github-summary={summary}", "--format", "github")
    assert summary.read_text().startswith("said before\n## wa-policy")
    assert summary.read_text().count("## wa-policy") == 1


def test_a_summary_gets_the_room_that_there_is(summary: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "MOST_SUMMARY", 700)
    code, _, error = run(*LINT, "--format", "github")
    assert (code, error) == (1, "")
    assert summary.stat().st_size <= 700
    assert "Not shown" in summary.read_text()
    monkeypatch.setattr(outputs, "MOST_SUMMARY", summary.stat().st_size + 10)
    before = summary.read_text()
    assert run(*LINT, "--format", "github")[2] == "wa-policy: the step's summary is full, so the report is not in it\n"
    assert summary.read_text() == before


CROWDED = "\n---\n".join(PENDING.replace("name: acme-retail", f"name: acme-{index}") for index in range(12))
ELSEWHERE = "Another format lists them, such as --output text=FILE."


@pytest.fixture
def left_out(pending: Path, run: Run) -> Callable[..., str]:
    """What annotations say of those that GitHub does not show."""
    (pending / "pending.yaml").write_text(CROWDED)

    def left_out(*words: str) -> str:
        _, out, _ = run(*LINT, *(words or ("--format", "github")))
        (line,) = [line for line in out.splitlines() if line.startswith("GitHub shows 10 ")]
        return line.partition("not annotated: 2 errors. ")[2]

    return left_out


def test_annotations_name_the_summary_where_it_lists_the_others(
    summary: Path, left_out: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert left_out() == "The step summary lists them."
    assert left_out("--format", "github", "--output", f"github-summary={summary}") == "The step summary lists them."
    monkeypatch.setattr(outputs, "MOST_SUMMARY", summary.stat().st_size + 4_000)
    assert left_out() == "The step summary lists as many as it has room for."
    monkeypatch.setattr(outputs, "MOST_SUMMARY", summary.stat().st_size + 10)
    assert left_out() == ELSEWHERE


@pytest.mark.usefixtures("summary")
def test_annotations_name_no_summary_that_goes_elsewhere(left_out: Callable[..., str]) -> None:
    assert left_out("--format", "github", "--output", "github-summary=other.md") == ELSEWHERE


def test_annotations_name_no_summary_that_nobody_writes(
    left_out: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert left_out() == ELSEWHERE
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "evidence")
    assert left_out() == ELSEWHERE


def test_annotations_in_a_file_know_of_the_summary(summary: Path, pending: Path, left_out: Callable[..., str]) -> None:
    said = left_out("--format", "github", "--output", "github=annotations.txt")
    assert said == "The step summary lists them."
    assert f"{said}\n" in (pending / "annotations.txt").read_text()
    assert summary.read_text().count("## wa-policy") == 1


@pytest.mark.usefixtures("pending")
def test_a_summary_that_cannot_be_written_changes_no_verdict(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "evidence")
    code, out, error = run(*LINT, "--format", "github")
    assert code == 1
    assert out.startswith("::error file=pending.yaml,")
    assert error == "wa-policy: the step's summary could not be written: Is a directory\n"


# Nothing that must not be said.


@pytest.mark.parametrize("text", [*READABLE.values(), *BROKEN.values()], ids=[*READABLE, *BROKEN])
def test_no_file_shows_a_credential(text: str, ready: Path, run: Run) -> None:
    (ready / "acme.yaml").write_bytes(text.encode("utf-8", "surrogateescape"))
    words = [word for name in FORMATS for word in ("--output", f"{name}=report.{name}")]
    code, out, error = run("lint", "--policy", "strict", "--no-plugins", "acme.yaml", *words)
    assert code == 1
    said = out + error + "".join((ready / f"report.{name}").read_text("utf-8") for name in FORMATS)
    assert "MAN00" in said
    assert [secret for secret in (WORD, TOKEN, str(NUMBER)) if secret in said] == []


def test_every_format_lists_what_is_suppressed_and_no_credential_in_its_reason(ready: Path, run: Run) -> None:
    comment = f'# wa-policy: ignore[WBA001] reason="ticket 4711 {TOKEN}" owner=crm-desk until=2027-01-31'
    (ready / "acme.yaml").write_text(PENDING.replace("review_status: PENDING", f"review_status: PENDING  {comment}"))
    words = [word for name in FORMATS for word in ("--output", f"{name}=report.{name}")]
    code, _, _ = run("lint", "--as-of", "2026-11-22", "--select", "WBA001", "acme.yaml", *words)
    assert code == 0
    for name in FORMATS:
        said = (ready / f"report.{name}").read_text("utf-8")
        assert "ticket 4711" in said, name
        assert "crm-desk" in said, name
        assert TOKEN not in said, name
    assert json.loads((ready / "report.json").read_text())["counts"]["error"] == 0
    assert "no findings; 1 suppressed" in (ready / "report.text").read_text()
