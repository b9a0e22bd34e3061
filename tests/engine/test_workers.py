"""Workers: the same results in the same order as one process gives, and nobody is lost when one of them dies."""

import errno
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from wa_policy.engine import one_file, workers
from wa_policy.engine.one_file import FileResult, check_file
from wa_policy.engine.session import Options, Session, open_session
from wa_policy.engine.workers import BREAK_EVEN, MOST, CheckError, check_all, how_many
from wa_policy.source.discover import Found
from wa_policy.testing import AS_OF, READY

Files = Callable[[int], list[Found]]

PLUGIN = """
import os
import signal
from wa_policy.api import Problems, Step, Workspace, hookimpl, rule, rules_in

@rule("ACME001", "deadly", step=Step.MANIFEST)
def deadly(workspace: Workspace) -> Problems:
    \'\'\'Ends the process on some manifests.\'\'\'
    if workspace.name == "acme-5":
        {how}
    yield from ()

@hookimpl
def wa_policy_rules():
    return rules_in(__name__)
"""


def session_with(*plugins: str) -> Session:
    return open_session(Options(as_of=date.fromisoformat(str(AS_OF)), plugins=plugins))


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Makes files, a tenth of which say something else than the others."""

    def files(number: int) -> list[Found]:
        found = []
        for index in range(number):
            text = READY.replace("name: acme-retail-in", f"name: acme-{index}")
            if index % 10 == 3:
                text = text.replace("account_review_status: APPROVED", "account_review_status: REJECTED")
            path = tmp_path / f"acme-{index:03}.yaml"
            path.write_text(text, "utf-8")
            found.append(Found(str(path), True, str(tmp_path)))
        return found

    return files


def run(files: Sequence[Found], session: Session, jobs: int = 2) -> list[FileResult]:
    seen: list[str] = []
    results = list(check_all(files, session, jobs, seen.append))
    assert sorted(seen) == sorted(set(seen))
    assert not multiprocessing.active_children()
    return results


@pytest.mark.parametrize("jobs", [2, 5])
def test_results_are_those_of_one_process_in_the_order_of_the_files(files: Files, jobs: int) -> None:
    session = session_with()
    found = files(45)
    assert run(found, session, jobs) == [check_file(file, session) for file in found]


def test_where_forking_is_not_safe_each_worker_starts_afresh(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    session = session_with()
    found = files(5)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert run(found, session) == [check_file(file, session) for file in found]


@pytest.mark.parametrize(
    ("how", "ended"),
    [("os._exit(7)", "with exit code 7"), ("os.kill(os.getpid(), signal.SIGKILL)", "by signal SIGKILL")],
)
def test_a_worker_that_dies_costs_the_file_that_it_was_at(how: str, ended: str, files: Files, tmp_path: Path) -> None:
    plugin = tmp_path / "acme.py"
    plugin.write_text(dedent(PLUGIN).format(how=how))
    found = files(40)
    results = run(found, session_with(str(plugin)))
    harmless = session_with()
    for index, (file, result) in enumerate(zip(found, results, strict=True)):
        if index == 5:
            (item,) = result.not_checked
            assert (item.path, item.reason) == (file.path, f"the process that checked it ended {ended}")
            assert not result.manifests
        else:
            assert result == check_file(file, harmless)


def test_what_a_plugin_prints_in_a_process_started_afresh_is_in_no_report(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    plugin = tmp_path / "prints.py"
    plugin.write_text(PLUGIN.format(how="print('here I am')"), "utf-8")
    session = session_with(str(plugin))
    found = files(7)
    monkeypatch.setattr(sys, "platform", "darwin")
    run(found, session)
    assert capfd.readouterr() == ("", "here I am\n")


def test_a_worker_that_dies_is_missed_though_a_process_of_its_own_holds_its_pipe(files: Files, tmp_path: Path) -> None:
    plugin = tmp_path / "acme.py"
    held, end = os.pipe()
    how = f"if os.fork() == 0: os.read({held}, 1); os._exit(0)\n        os._exit(4)"
    plugin.write_text(dedent(PLUGIN).format(how=how))
    found = files(40)
    try:
        results = run(found, session_with(str(plugin)))
    finally:
        os.write(end, b"xx")  # the file is checked twice, the second time by a worker that answers at once
        os.close(held)
        os.close(end)
    said = [(item.path, item.reason) for result in results for item in result.not_checked]
    assert said == [(found[5].path, "the process that checked it ended with exit code 4")]
    assert [len(result.manifests) for result in results] == [index != 5 for index in range(40)]


TEXTS = """
    class Text(str):
        pass
    yield fail(Text("told by a text of its own"), at=workspace, remedy=Text("leave it"))
"""


def test_what_a_rule_says_in_texts_of_its_own_arrives(files: Files, tmp_path: Path) -> None:
    plugin = tmp_path / "acme.py"
    text = PLUGIN.replace("import Problems", "import fail, Problems").replace("    yield from ()\n", TEXTS)
    plugin.write_text(text.format(how="pass"))
    session, found = session_with(str(plugin)), files(7)
    results = run(found, session)
    assert results == [check_file(file, session) for file in found]
    said = [finding for result in results for finding in result.findings if finding.code == "ACME001"]
    assert [finding.message for finding in said] == ["told by a text of its own"] * 7


def test_a_result_that_cannot_be_handed_over_costs_its_file(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    def odd(found: Found, session: Session) -> FileResult:
        result = check_file(found, session)
        return result._replace(skipped=(lambda: "",)) if found.path.endswith("07.yaml") else result  # type: ignore[arg-type]

    session, found = session_with(), files(20)
    monkeypatch.setattr(one_file, "check_file", odd)
    results = run(found, session)
    (item,) = results[7].not_checked
    assert item.path == found[7].path
    assert item.reason.startswith("what was found in it cannot be handed over by the process that checked it: ")
    assert item.remedy.startswith("Check this file alone, with --jobs 1")
    assert results[:7] + results[8:] == [check_file(file, session) for file in found[:7] + found[8:]]


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_a_rule_may_start_processes_of_its_own(
    platform: str, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin = tmp_path / "acme.py"
    how = "from multiprocessing import Process; child = Process(target=int); child.start(); child.join()"
    plugin.write_text(dedent(PLUGIN).format(how=how))
    found, harmless = files(20), session_with()
    session = session_with(str(plugin))
    monkeypatch.setattr(sys, "platform", platform)
    assert run(found, session) == [check_file(file, harmless) for file in found]


def test_a_process_that_cannot_be_started_leaves_none_behind(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    fork = os.fork
    left = [1]

    def fork_once() -> int:
        if not left:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        return fork() + 0 * left.pop()

    session, found = session_with(), files(20)
    monkeypatch.setattr(os, "fork", fork_once)
    with pytest.raises(BlockingIOError):
        run(found, session)
    assert not multiprocessing.active_children()


def test_only_while_there_are_workers_is_it_they_that_a_signal_ends_first(files: Files) -> None:
    before = signal.getsignal(signal.SIGTERM)
    results = check_all(files(40), session_with(), 2, lambda _: None)
    next(results)
    assert signal.getsignal(signal.SIGTERM) == before
    next(results)
    assert signal.getsignal(signal.SIGTERM) != before
    results.close()  # type: ignore[attr-defined]  # as above
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.parametrize("own", [signal.SIG_IGN, lambda *_: None])
def test_what_somebody_else_does_with_a_signal_stays(own: Any, files: Files) -> None:
    before = signal.signal(signal.SIGTERM, own)
    try:
        for _ in check_all(files(5), session_with(), 2, lambda _: None):
            assert signal.getsignal(signal.SIGTERM) is own
    finally:
        signal.signal(signal.SIGTERM, before)


def test_our_own_failure_is_raised_where_somebody_sees_it(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(found: Found, session: Session) -> FileResult:
        if found.path.endswith("07.yaml"):
            raise ZeroDivisionError("half-way")
        return check_file(found, session)

    monkeypatch.setattr(one_file, "check_file", broken)
    with pytest.raises(CheckError, match="ZeroDivisionError: half-way"):
        run(files(20), session_with())
    assert not multiprocessing.active_children()


def test_who_stops_listening_leaves_no_process_behind(files: Files) -> None:
    results = check_all(files(40), session_with(), 2, lambda _: None)
    next(results)
    next(results)
    assert multiprocessing.active_children()
    results.close()  # type: ignore[attr-defined]  # it is a generator
    assert not multiprocessing.active_children()


def test_how_many_processes_are_worth_their_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    assert how_many(None, BREAK_EVEN - 1) == 1
    assert how_many(None, BREAK_EVEN) == MOST
    assert how_many(3, 2) == 2
    assert how_many(3, 1000) == 3
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    assert how_many(None, BREAK_EVEN) == 1


def test_the_slice_is_smaller_than_what_these_tests_check() -> None:
    """Else one worker would do it all."""
    assert workers.SLICE < 40  # the tests stand on it


def test_a_worker_that_dies_once_costs_no_file(files: Files, tmp_path: Path) -> None:
    plugin, flag = tmp_path / "acme.py", tmp_path / "flag"
    how = f"if not os.path.exists({str(flag)!r}): open({str(flag)!r}, 'wb').close(); os._exit(7)"
    plugin.write_text(dedent(PLUGIN).format(how=how))
    found = files(40)
    harmless = session_with()
    assert run(found, session_with(str(plugin))) == [check_file(file, harmless) for file in found]
    assert flag.exists()
