"""Exit codes, one by one: 0 ready, 1 findings, 2 wrong use, 3 something could not be checked. Green is never an accident."""

import errno
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from wa_policy.testing import READY

Run = Callable[..., tuple[int, str, str]]

PENDING = READY.replace("account_review_status: APPROVED", "account_review_status: PENDING")
UNBILLED = "".join(line for line in READY.splitlines(keepends=True) if "primary_funding_id" not in line)
POLICY = "apiVersion: wa-policy/v1\nkind: Policy\nmetadata: {name: acme}\n"
PLUGIN = '''
from wa_policy.api import Problems, Step, Waba, fail, hookimpl, rule, rules_in

@rule("ACME001", "half-way", step=Step.WABA)
def check(waba: Waba) -> Problems:
    """It raises."""
    raise {error}
    yield

@hookimpl
def wa_policy_rules():
    return rules_in(__name__)
'''


@pytest.fixture(autouse=True)
def files(ready: Path) -> None:
    """All that the calls below name."""
    for name, text in {
        "pending.yaml": PENDING,
        "unbilled.yaml": UNBILLED,
        "broken.yaml": "a: [\n",
        "shape.yaml": "kind: Workspace\n",
        "several.yaml": f"{READY}---\na: [\n",
        "foreign/package.json": "{}",
        "policy/wa-policy.yaml": POLICY,
        "wrong.yaml": f"{POLICY}rules: {{NET02: error}}\n",
        "off.yaml": f"{POLICY}rules: {{MAN001: 'off', MAN002: 'off'}}\n",
        "raises.py": PLUGIN.format(error="ValueError('half-way')"),
        "leaves.py": PLUGIN.format(error="SystemExit(0)"),
        "broken.py": "raise ValueError('half-way')\n",
    }.items():
        (ready / name).parent.mkdir(exist_ok=True)
        (ready / name).write_text(text)
    (ready / "empty").mkdir()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        # ready
        ("lint manifest.yaml", 0),
        ("lint --policy draft manifest.yaml", 0),
        ("lint unbilled.yaml", 0),
        ("lint --select WBA005 pending.yaml", 0),
        ("lint --ignore WBA001 --policy draft pending.yaml", 0),
        ("checklist manifest.yaml", 0),
        ("policy check", 0),
        ("plugins --no-plugins", 0),
        ("--version", 0),
        ("lint --help", 0),
        # findings
        ("lint pending.yaml", 1),
        ("lint --policy strict manifest.yaml", 1),
        ("lint --fail-on warning unbilled.yaml", 1),
        ("lint --fail-on info unbilled.yaml", 1),
        ("lint broken.yaml", 1),
        ("lint shape.yaml", 1),
        ("lint several.yaml", 1),
        ("lint manifest.yaml broken.yaml", 1),
        ("lint --format json pending.yaml", 1),
        ("lint --format concise pending.yaml", 1),
        ("checklist pending.yaml", 1),
        # wrong use, or a wrong policy
        ("", 2),
        ("lnt", 2),
        ("--verbose", 2),
        ("lint", 2),
        ("lint --slect NET manifest.yaml", 2),
        ("lint --select NETWRK manifest.yaml", 2),
        ("lint --select NET002 --ignore network manifest.yaml", 2),
        ("lint --ignore NETWRK manifest.yaml", 2),
        ("lint --fail-on off manifest.yaml", 2),
        ("lint --as-of yesterday manifest.yaml", 2),
        ("lint --limit depth=none manifest.yaml", 2),
        ("lint --policy golive manifest.yaml", 2),
        ("lint --policy nowhere.yaml manifest.yaml", 2),
        ("lint --policy wrong.yaml manifest.yaml", 2),
        ("lint --policy manifest.yaml manifest.yaml", 2),
        ("lint --stdin-filename a.yaml manifest.yaml", 2),
        ("lint nowhere.yaml", 2),
        ("lint empty", 2),
        ("lint foreign", 2),
        ("lint policy", 2),
        ("lint empty foreign nowhere.yaml", 2),
        ("checklist nowhere.yaml", 2),
        ("checklist --policy wrong.yaml manifest.yaml", 2),
        ("explain NETWRK", 2),
        ("rules --policy wrong.yaml", 2),
        ("schema manifest", 2),
        ("policy check wrong.yaml", 2),
        ("policy check nowhere.yaml", 2),
        # something could not be checked
        ("lint manifest.yaml nowhere.yaml", 3),
        ("lint pending.yaml nowhere.yaml", 3),
        ("lint manifest.yaml empty", 3),
        ("lint --select NET002 manifest.yaml broken.yaml", 3),
        ("lint --ignore MAN manifest.yaml shape.yaml", 3),
        ("lint --policy off.yaml broken.yaml", 3),
        ("lint --plugin broken.py manifest.yaml", 3),
        ("lint --plugin nowhere.py manifest.yaml", 3),
        ("lint --plugin raises.py manifest.yaml", 3),
        ("lint --plugin leaves.py manifest.yaml", 3),
        ("lint --plugin raises.py pending.yaml", 3),
        ("checklist --plugin raises.py manifest.yaml", 3),
        ("checklist manifest.yaml nowhere.yaml", 3),
        ("plugins --plugin broken.py", 3),
        ("rules --plugin broken.py", 3),
        ("policy check --plugin broken.py", 3),
    ],
)
def test_a_call_ends_with(words: str, code: int, run: Run) -> None:
    found, _, error = run(*words.split())
    assert found == code, error
    assert "Traceback" not in error


@pytest.mark.parametrize("name", ["text", "concise", "json"])
def test_the_format_makes_no_difference(name: str, run: Run) -> None:
    codes = [
        run("lint", "--format", name, *paths)[0] for paths in (["manifest.yaml"], ["pending.yaml"], [".", "nowhere"])
    ]
    assert codes == [0, 1, 3]


def test_what_was_not_checked_outranks_what_was_found(run: Run) -> None:
    code, out, _ = run("lint", "--plugin", "raises.py", "pending.yaml")
    assert code == 3
    assert "error[WBA001]" in out
    assert out.endswith("NOT READY: 1 thing could not be checked\n")


NONSENSE = '''
from wa_policy.api import *

@rule("ACME001", "nonsense", step=Step.MANIFEST)
def nonsense(subject: {subject}) -> Problems:
    """It says what is none."""
    place = {place}
    yield Problem(**{{"outcome": "fail", "message": "it differs", "places": (place,), **{fields}}})

@rule("ACME002", "asks", step=Step.WABA, consults=("ACME",))
def asks(waba: Waba, ctx: Context) -> Problems:
    """It asks for errors."""
    yield fail(" ".join(ctx.errors_at(waba)) or "nothing else is wrong", at=waba)

@hookimpl
def wa_policy_rules():
    return rules_in(__name__)
'''
PLACES = {
    "Waba": "subject.at()",
    "Project": "subject.workspaces[0].at('waba')",
    "SourceFile": "Place(DocumentId(subject.path, 0), ('waba',))",
}


@pytest.mark.parametrize(
    "fields",
    [
        "{'places': ()}",
        "{'places': place}",
        "{'places': ('waba',)}",
        "{'places': (place._replace(document=[]),)}",
        "{'at_most': 'eror'}",
        "{'message': ['it differs']}",
        "{'fix': Fix(None, (Change('rename', place, 'account'),))}",
        "{'fix': Fix('rename it', (Change('rename', place, 'account'),), safe=object())}",
    ],
)
@pytest.mark.parametrize("subject", PLACES)
def test_a_rule_that_says_nonsense_is_not_checked_and_the_report_is_there(
    subject: str, fields: str, ready: Path, run: Run
) -> None:
    (ready / "nonsense.py").write_text(NONSENSE.format(subject=subject, place=PLACES[subject], fields=fields))
    for format_ in ("json", "concise"):
        code, out, error = run("lint", "--plugin", "nonsense.py", "--format", format_, "manifest.yaml")
        assert (code, error) == (3, "")
        assert "nothing else is wrong" in out
        assert out.count("the rule itself failed") == 1
        assert "ACME001 on " in out


# What nobody foresaw.


def fail_with(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> NoReturn:
        raise error

    monkeypatch.setattr("wa_policy.cli.lint.lint", refuse)


def test_a_mistake_of_ours_is_told_without_a_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(RuntimeError("it broke\n::error::forged\x1b[31m"), monkeypatch)
    assert run("lint", "manifest.yaml") == (
        3,
        "",
        "wa-policy: internal error: RuntimeError: it broke\\n::error::forged\\u{1b}[31m\n"
        "nothing that was printed counts as checked; please report this, with what WA_POLICY_DEBUG=1 in the environment adds\n",
    )


def test_nobody_else_decides_the_exit_code(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(SystemExit(0), monkeypatch)
    code, _, error = run("lint", "manifest.yaml")
    assert code == 3
    assert error.startswith("wa-policy: internal error: RuntimeError: a plugin ended the program with 0\n")


class Cancelled(BaseException):
    """As some libraries end what runs: past those who catch every Exception."""


def test_what_no_plugin_should_raise_is_no_finding(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(Cancelled("enough"), monkeypatch)
    code, out, error = run("lint", "manifest.yaml")
    assert (code, out) == (3, "")
    assert error.startswith(
        "wa-policy: internal error: RuntimeError: a plugin ended the program with Cancelled: enough\n"
    )


def test_a_mistake_of_ours_is_shown_to_who_looks_for_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WA_POLICY_DEBUG", "1")
    fail_with(RuntimeError("it broke"), monkeypatch)
    with pytest.raises(RuntimeError, match="it broke"):
        run("lint", "manifest.yaml")


def test_an_interrupt_ends_quietly(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(KeyboardInterrupt(), monkeypatch)
    assert run("lint", "manifest.yaml") == (130, "", "")


@pytest.mark.parametrize("words", [["lint", "manifest.yaml"], ["--help"], ["--version"], ["rules"]])
def test_a_full_disk_is_no_success(words: list[str], run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> NoReturn:
            raise OSError(errno.ENOSPC, "No space left on device", text)

    monkeypatch.setattr(sys, "stdout", Full())
    code, _, error = run(*words)
    assert code == 3
    assert error == (
        "wa-policy: the output could not be written: No space left on device; what stands there is no report\n"
    )


@pytest.mark.parametrize("command", ["lint", "checklist", "rules"])
def test_a_current_folder_that_is_gone_is_said(command: str, tmp_path: Path) -> None:
    words = [command] if command == "rules" else [command, os.path.abspath("manifest.yaml")]
    leave = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'
    shell = ["sh", "-c", leave, "sh", sys.executable, "-m", "wa_policy", *words]
    done = subprocess.run(shell, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr
        == "wa-policy: the current folder is not there any more, so nothing was done; go to one that is there\n"
    )


def run_in_shell(redirect: str, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    shell = ["sh", "-c", f'exec "$@" {redirect}', "sh", sys.executable, "-m", "wa_policy"]
    return subprocess.run([*shell, *words], capture_output=True, text=True, check=False, env=os.environ | variables)


@pytest.mark.parametrize("closed", ["<&-", "2>&-", "<&- 2>&-"])
@pytest.mark.parametrize(("words", "code"), [("lint manifest.yaml", 0), ("lint pending.yaml", 1), ("lint nowhere", 2)])
def test_a_service_may_close_what_nobody_needs(words: str, code: int, closed: str) -> None:
    done = run_in_shell(closed, *words.split())
    assert done.returncode == code
    assert "internal error" not in done.stdout + done.stderr
    assert bool(done.stdout) == (code != 2)


@pytest.mark.parametrize("closed", [">&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(
    ("words", "code"),
    [("lint manifest.yaml", 3), ("lint pending.yaml", 3), ("lint nowhere", 2), ("--help", 3), ("lint --help", 3)],
)
def test_a_report_that_has_nowhere_to_go_is_no_success(words: str, code: int, closed: str) -> None:
    for _ in range(2):  # the second time it may be said again from what is kept
        done = run_in_shell(closed, *words.split())
        assert (done.returncode, done.stdout) == (code, "")
        if "2>&-" not in closed and code == 3:
            assert done.stderr.startswith("wa-policy: the output could not be written: ")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device that Linux has")
@pytest.mark.parametrize("unbuffered", ["", "1"])  # as in many containers: then a write fails, and no flush
@pytest.mark.parametrize("words", [["--help"], ["lint", "--help"], ["checklist", "-h"], ["lint", "manifest.yaml"]])
def test_help_that_has_no_room_is_no_success(words: list[str], unbuffered: str) -> None:
    done = run_in_shell(">/dev/full", *words, PYTHONUNBUFFERED=unbuffered)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("wa-policy: the output could not be written: ")
    assert done.stderr.count("\n") == 1


def test_standard_input_that_cannot_be_read_is_no_manifest() -> None:
    done = run_in_shell("<&-", "lint", "-")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("wa-policy: standard input cannot be read: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("words", [["lint", "manifest.yaml"], ["--help"], ["rules"], ["schema", "workspace"]])
def test_a_reader_that_goes_away_is_no_success_and_no_noise(words: list[str]) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    with open(theirs, "wb") as pipe:
        done = subprocess.run(
            [sys.executable, "-m", "wa_policy", *words], stdout=pipe, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (3, "")
