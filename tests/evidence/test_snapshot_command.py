"""``wa-policy snapshot``: what it prints and writes, what it refuses, and what lint makes of its files."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import stat
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.evidence.meta import NODE, TOKEN, WABA, Meta, assert_hidden, refusal
from wa_policy.cli.main import main
from wa_policy.engine.pipeline import lint
from wa_policy.engine.session import Options, open_session
from wa_policy.evidence import graph_api, keep
from wa_policy.evidence.graph_errors import SnapshotError, WrongUseError
from wa_policy.source.reading import read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]

NAMES = ("waba.json", "phone_numbers.json", "templates.json")


@pytest.fixture
def command(
    meta: Meta,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> Run:
    """Run the command; returns its exit code and what it printed, which never holds the token."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WA_POLICY_GRAPH_TOKEN", TOKEN)
    monkeypatch.setattr(graph_api, "FIRST_PAUSE", 0.0)

    def run(*words: str, usual: bool = True) -> tuple[int, str, str]:
        always = ["--waba-id", WABA, "--out", "evidence", "--base-url", meta.url] if usual else []
        with caplog.at_level(logging.DEBUG):
            try:
                code = main(["snapshot", "graph", *always, *words])
            except SystemExit as stop:
                code = int(stop.code or 0)
        out, err = capsys.readouterr()
        assert_hidden(out + err + caplog.text)
        for path in tmp_path.rglob("*"):
            assert_hidden(path.name + (path.read_text("utf-8") if path.is_file() else ""))
        return code, out, err

    return run


def test_the_command_prints_what_goes_into_the_manifest(command: Run, tmp_path: Path) -> None:
    code, out, err = command("--page-size", "3")
    assert code == 0
    fetched_at = json.loads((tmp_path / "evidence" / "waba.json").read_text())["wa_policy_snapshot"]["fetched_at"]
    assert re.fullmatch(r"[0-9-]{10}T[0-9:]{8}Z", fetched_at)
    assert out == (
        "evidence:\n"
        "  graph:\n"
        "    waba: evidence/waba.json\n"
        "    phone_numbers: evidence/phone_numbers.json\n"
        "    templates: evidence/templates.json\n"
        f"    observed_at: {fetched_at}\n"
    )
    assert err.splitlines() == [
        "waba: 1",
        "phone_numbers: 1",
        "message_templates: 3 of 5",
        "message_templates: 5 of 5",
        "evidence is written. For the manifest, with paths relative to it:",
    ]
    assert sorted(path.name for path in (tmp_path / "evidence").iterdir()) == sorted(NAMES)


def test_files_have_the_usual_mode(command: Run, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("")
    command()
    modes = {stat.S_IMODE((tmp_path / "evidence" / name).stat().st_mode) for name in NAMES}
    assert modes == {stat.S_IMODE(plain.stat().st_mode)}


def test_a_folder_with_a_strange_name_is_quoted(command: Run, tmp_path: Path) -> None:
    code, out, _ = command("--out", "beweise: #1/ü")
    assert code == 0
    data = read(out.encode(), "out.yaml").documents[0].data
    assert (tmp_path / data["evidence"]["graph"]["templates"]).is_file()


def test_on_a_terminal_a_bar(command: Run, meta: Meta, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    meta.instead = [None, None, refusal(4, "Application request limit reached\x1b[2J")]
    code, _, err = command("--page-size", "3")
    assert code == 0
    assert "[##############..........] message_templates: 3 of 5" in err
    assert 'reached\\u{1b}[2J" (code 4, fbtrace_id AbCdEf); asking again in 0 s\n' in err
    assert err.endswith("\r\x1b[Kevidence is written. For the manifest, with paths relative to it:\n")


def test_meta_is_explained_and_nothing_written(command: Run, meta: Meta, tmp_path: Path) -> None:
    meta.instead = [None, refusal(190, f"Error validating access token {TOKEN}", 401, error_subcode=463)]
    code, out, err = command()
    assert code == 3
    assert out == ""
    assert err.splitlines()[1] == (
        f"wa-policy: phone_numbers of WABA {WABA}: the access token has expired. "
        'Meta says: "Error validating access token *****" (code 190/463, fbtrace_id AbCdEf)'
    )
    assert err.splitlines()[-1] == "  Nothing was written"
    assert not (tmp_path / "evidence").exists()


@pytest.mark.parametrize("value", [None, "", "   ", "two words"])
def test_no_token(value: str | None, command: Run, meta: Meta, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WA_POLICY_GRAPH_TOKEN")
    if value is not None:
        monkeypatch.setenv("WA_POLICY_GRAPH_TOKEN", value)
    code, _, err = command()
    assert code == 2
    assert "no access token" in err
    assert meta.questions == []


def test_a_token_by_another_name(command: Run, meta: Meta, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WA_POLICY_GRAPH_TOKEN")
    monkeypatch.setenv("ACME_META", TOKEN)
    assert command("--token-env", "ACME_META")[0] == 0
    assert meta.questions[0].headers["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    "words",
    [
        ["--token-env", TOKEN],
        [f"--token-env={TOKEN}"],
        ["--token", TOKEN],
        [f"--token={TOKEN}"],
        ["--token", "123456|another-kind-of-token"],
        [TOKEN],
        ["--waba-id", TOKEN],
        ["--api-version", TOKEN],
        ["--timeout", TOKEN],
        ["--timeout", "0"],
        ["--timeout", "nan"],
        ["--page-size", "0"],
        ["--api-version", "24"],
        ["--waba-id", "10229O"],
        ["--base-url", "http://graph.facebook.com"],
    ],
)
def test_wrong_use_repeats_no_token(words: list[str], command: Run, meta: Meta) -> None:
    code, out, err = command(*words)
    assert code == 2
    assert out == ""
    assert "another-kind-of-token" not in err
    assert meta.questions == []


def test_without_httpx(command: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    code, _, err = command()
    assert code == 2
    assert "python -m pip install 'wa-policy[snapshot]'" in err


@pytest.mark.parametrize("target", ["evidence", "evidence/waba.json/x", "evidence/templates.json"])
def test_a_folder_that_is_none(target: str, command: Run, meta: Meta, tmp_path: Path) -> None:
    if target == "evidence":
        (tmp_path / target).write_text("")
    else:
        (tmp_path / target).mkdir(parents=True)
    code, _, err = command()
    assert code == 2
    assert "name another folder with --out" in err.lower()
    assert meta.questions == []


def test_its_help_needs_no_httpx() -> None:
    code = "import sys; sys.modules['httpx'] = None; from wa_policy.cli.main import main; main(['snapshot', '--help'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "--waba-id" in done.stdout


# All or nothing


def old_files(folder: Path) -> dict[str, str]:
    folder.mkdir()
    for name in NAMES[:2]:  # the third is to be made
        (folder / name).write_text(f"old {name}")
    return contents(folder)


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in folder.iterdir()}


def test_new_files_take_the_place_of_the_old(command: Run, tmp_path: Path) -> None:
    old_files(tmp_path / "evidence")
    assert command()[0] == 0
    assert set(contents(tmp_path / "evidence")) == set(NAMES)
    assert not any("old" in text[:5] for text in contents(tmp_path / "evidence").values())


def test_a_file_keeps_its_mode_and_a_link_stays_a_link(command: Run, tmp_path: Path) -> None:
    command()
    folder = tmp_path / "evidence"
    (folder / "waba.json").chmod(0o640)
    (folder / "templates.json").rename(tmp_path / "kept.json")
    (folder / "templates.json").symlink_to("../kept.json")
    (tmp_path / "kept.json").write_text("old")
    assert command()[0] == 0
    assert stat.S_IMODE((folder / "waba.json").stat().st_mode) == 0o640
    assert (folder / "templates.json").is_symlink()
    assert json.loads((tmp_path / "kept.json").read_text())["wa_policy_snapshot"]["waba_id"] == WABA
    assert sorted(path.name for path in folder.iterdir()) == sorted(NAMES)


def test_two_links_to_one_file(command: Run, tmp_path: Path) -> None:
    (tmp_path / "evidence").mkdir()
    (tmp_path / "kept.json").write_text("old")
    for name in NAMES[1:]:
        (tmp_path / "evidence" / name).symlink_to("../kept.json")
    code, _, err = command()
    assert code == 2
    assert "evidence/templates.json and evidence/phone_numbers.json are links to one file" in err
    assert (tmp_path / "kept.json").read_text() == "old"


def test_interrupted_while_fetching(command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = old_files(tmp_path / "evidence")

    ask = graph_api.GraphApi.ask

    def interrupt(self: graph_api.GraphApi, path: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        if "message_templates" in path:
            raise KeyboardInterrupt
        return ask(self, path, parameters)

    monkeypatch.setattr(graph_api.GraphApi, "ask", interrupt)
    assert command()[0] == 130
    assert contents(tmp_path / "evidence") == before


@pytest.mark.parametrize("call", range(8))
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_stopped_while_writing(error: Any, call: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped at each step on the disk in turn: the old files are whole, and nothing else is left."""
    folder = tmp_path / "evidence"
    before = old_files(folder)
    calls = 0

    def stopping(function: Callable[..., Any]) -> Callable[..., Any]:
        def stop(*arguments: Any, **options: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == call + 1:
                raise error
            return function(*arguments, **options)

        return stop

    for module, name in ((os, "fsync"), (os, "replace"), (shutil, "copy2")):
        monkeypatch.setattr(module, name, stopping(getattr(module, name)))
    with pytest.raises((KeyboardInterrupt, SnapshotError)) as stopped:
        keep.write(str(folder), dict.fromkeys(NAMES, b"new"))
    assert contents(folder) == before
    assert isinstance(stopped.value, KeyboardInterrupt) or "No space left" in str(stopped.value)
    assert stopped.value.__context__ is None


def test_written_in_so_many_steps(tmp_path: Path) -> None:
    """Three files, two old ones, three new places: those that the test above stops at."""
    old_files(tmp_path / "evidence")
    keep.write(str(tmp_path / "evidence"), dict.fromkeys(NAMES, b"new"))
    assert contents(tmp_path / "evidence") == dict.fromkeys(NAMES, "new")


def test_what_a_killed_run_left_does_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container every run may have the same number."""
    folder = tmp_path / "evidence"
    before = old_files(folder)
    left = {f"{name}.{os.getpid()}.{what}": "half" for name in NAMES for what in ("new", "old")}
    for name, content in left.items():
        (folder / name).write_text(content)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copy2", lambda *_, **__: os.stat(tmp_path / "missing"))
        with pytest.raises(SnapshotError):
            keep.write(str(folder), dict.fromkeys(NAMES, b"new"))
    assert contents(folder) == {**before, **left}
    keep.write(str(folder), dict.fromkeys(NAMES, b"new"))
    assert contents(folder) == {**dict.fromkeys(NAMES, "new"), **left}


# What lint makes of it

MANIFEST = f"""\
apiVersion: wa-policy/v1
kind: Workspace
metadata: {{name: acme-retail-in, environment: draft}}
moengage: {{workspace_id: ACME1RETAIL2IN3, data_center: DC-03}}
bsp: {{provider: gupshup}}
waba:
  id: "{WABA}"
  account_review_status: PENDING
phone_numbers:
  - number: "+91 80 4718 1888"
    status: CONNECTED
  - number: "+91 80 4718 1999"
templates:
  - {{name: order_1, language: en, category: MARKETING}}
"""


def findings(tmp_path: Path, *codes: str) -> list[tuple[str, list[tuple[str, str, int]]]]:
    """What lint says on the day of the snapshot: messages, and each place as file, route and line."""
    fetched_at = json.loads((tmp_path / "evidence" / "waba.json").read_text())["wa_policy_snapshot"]["fetched_at"]
    session = open_session(Options(date.fromisoformat(fetched_at[:10]), "go-live", select=codes, third_party=False))
    report = lint([str(tmp_path / "acme.yaml")], session)
    assert report.not_checked == ()
    return [
        (finding.message, [(os.path.basename(at.path), at.route, at.span.line) for at in finding.locations])
        for finding in report.findings
    ]


def test_lint_holds_the_manifest_against_it(command: Run, tmp_path: Path) -> None:
    _, block, _ = command()
    (tmp_path / "acme.yaml").write_text(MANIFEST + block)
    assert findings(tmp_path, "MAN006", "MAN008") == []
    lines = (tmp_path / "evidence" / "waba.json").read_text().splitlines()
    there = next(number for number, line in enumerate(lines, 1) if '"account_review_status": ' in line)
    said = findings(tmp_path, "MAN007")
    assert said[0] == (
        "the WABA: account_review_status is PENDING here and APPROVED in Meta's answer",
        [
            ("acme.yaml", "waba.account_review_status", 8),
            ("waba.json", "answers[0].account_review_status", there),
        ],
    )
    assert [message for message, _ in said[1:]] == [
        'Meta\'s answer has no "+91 80 4718 1999"',
        '"order_1" (en): category is MARKETING here and UTILITY in Meta\'s answer',
    ]


def test_lint_judges_by_it(command: Run, meta: Meta, tmp_path: Path) -> None:
    meta.node = {**NODE, "account_review_status": "REJECTED"}
    _, block, _ = command()
    (tmp_path / "acme.yaml").write_text(MANIFEST + block)
    ((message, places),) = findings(tmp_path, "WBA001")
    assert "REJECTED" in message
    assert places[0][:2] == ("waba.json", "answers[0].account_review_status")


@pytest.mark.parametrize(
    ("change", "trouble"),
    [
        (lambda text: text.replace('"APPROVED"', '"approved "', 1), "somebody has changed the file"),
        (lambda text: text.replace('"pages": 1', '"pages": 2'), "pages are missing"),
        (lambda text: text.replace('"version": 1', '"version": 2'), "another version of wa-policy"),
        (lambda text: text.replace(f'"waba_id": "{WABA}"', '"waba_id": "7"'), "it is about another WABA, 7"),
        (lambda text: text[:-40], "cannot be used"),
    ],
)
def test_lint_does_not_take_what_was_changed(
    change: Callable[[str], str], trouble: str, command: Run, tmp_path: Path
) -> None:
    _, block, _ = command()
    (tmp_path / "acme.yaml").write_text(MANIFEST + block)
    file = tmp_path / "evidence" / "templates.json"
    file.write_text(change(file.read_text()))
    ((message, places),) = findings(tmp_path, "MAN008")
    assert message.startswith('"evidence/templates.json" cannot be used: ')
    assert trouble in message
    assert [place[0] for place in places] == ["acme.yaml", "templates.json"]


@pytest.mark.parametrize("folder", ["taken", "taken/below"])
@pytest.mark.usefixtures("in_folder")
def test_a_file_is_no_folder(folder: str) -> None:
    open("taken", "wb").close()
    with pytest.raises(WrongUseError, match=f"^{folder} is no folder$"):
        keep.check_folder(folder, [])
