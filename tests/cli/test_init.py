"""A first manifest, from options, from answers at a terminal, and from evidence."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_policy.cli.main import main
from wa_policy.engine.pipeline import lint
from wa_policy.engine.session import Options, open_session
from wa_policy.manifest import misread, secrets
from wa_policy.manifest.first import Evidence, First, Number, write
from wa_policy.manifest.first_answers import REQUIRED, ROUTES, complaint, normalize, providers
from wa_policy.policy.facts import load
from wa_policy.schema.texts import schema_at
from wa_policy.schema.validate import violations
from wa_policy.source.reading import read
from wa_policy.testing import AS_OF

Init = Callable[..., tuple[int, str, str]]

CENTERS = list(load("data_centers").values)
GIVEN = {
    "--name": "acme-retail-in",
    "--workspace-id": "ACME1RETAIL2IN3",
    "--data-center": "DC-03",
    "--provider": "gupshup",
    "--waba-id": "102290129340398",
    "--number": "+91 80 4718 1888",
}


def words(**changes: str | None) -> list[str]:
    """The options that are needed, changed; None leaves one out."""
    changed: dict[str, str | None] = {
        **GIVEN,
        **{f"--{key.replace('_', '-')}": value for key, value in changes.items()},
    }
    return [word for option, value in changed.items() if value is not None for word in (option, value)]


@pytest.fixture
def init(in_folder: Path, capsys: pytest.CaptureFixture[str]) -> Init:
    """Run the command where nobody can be asked; returns its exit code and what it printed."""

    def run(*arguments: str) -> tuple[int, str, str]:
        assert in_folder.is_dir()
        try:
            code = main(["init", *arguments])
        except SystemExit as stop:
            code = int(stop.code or 0)
        return code, *capsys.readouterr()

    return run


def data_of(path: str | Path) -> Any:
    (document,) = read(Path(path).read_bytes(), str(path)).documents
    return document.data


def about_the_text(text: str) -> list[str]:
    """What MAN001 to MAN004 would say of a manifest."""
    reading = read(text.encode(), "first.yaml")
    said = [trouble.message for trouble in reading.troubles]
    for document in reading.documents:
        found = violations(document.data, "workspace")
        said += [violation.message for violation in found]
        said += [scalar.text for scalar in misread.find(document, found)]
        said += [secret.kind for secret in secrets.find(document.data)]
    return said


def about_the_manifest(path: str) -> list[str]:
    """What the rules of the first step say of a manifest."""
    report = lint([path], open_session(Options(AS_OF, "strict", select=("MAN",), third_party=False)))
    assert report.not_checked == ()
    return [f"{finding.code}: {finding.message}" for finding in report.findings]


# From options


def test_options_alone(init: Init) -> None:
    code, out, err = init(*words())
    assert code == 0
    assert out == "wa-policy lint --policy draft acme-retail-in.yaml\n"
    assert err.startswith("acme-retail-in.yaml is written.")
    assert data_of("acme-retail-in.yaml") == {
        "apiVersion": "wa-policy/v1",
        "kind": "Workspace",
        "metadata": {"name": "acme-retail-in", "environment": "draft"},
        "moengage": {"workspace_id": "ACME1RETAIL2IN3", "data_center": "DC-03"},
        "bsp": {"provider": "gupshup", "integration": "native"},
        "waba": {"id": "102290129340398"},
        "phone_numbers": [{"number": "+91 80 4718 1888"}],
    }
    assert about_the_manifest("acme-retail-in.yaml") == []


@pytest.mark.parametrize(
    ("out", "word"),
    [("-x.yaml", "./-x.yaml"), ("a b.yaml", "'a b.yaml'"), ("./-x.yaml", "./-x.yaml")],
)
def test_the_command_that_is_printed_works(out: str, word: str, init: Init, run: Init) -> None:
    code, printed, _ = init(*words(), "--", out)
    assert (code, printed) == (0, f"wa-policy lint --policy draft {word}\n")
    assert run(*shlex.split(printed)[1:])[0] == 0


def test_all_options(init: Init) -> None:
    more = words(
        environment="live", legal_entity='Müller & "Söhne": #1', sender_name="acme: main", provider="Yellow.ai"
    )
    more += [
        "--owner",
        "a@b.example",
        "--owner",
        "team, north",
        "--number",
        "+91 80 4718 1889",
        "--integration",
        "native",
    ]
    assert init("made.yaml", *more)[0] == 0
    data = data_of("made.yaml")
    assert data["metadata"] == {
        "name": "acme-retail-in",
        "environment": "live",
        "legal_entity": 'Müller & "Söhne": #1',
        "owners": ["a@b.example", "team, north"],
    }
    assert data["bsp"] == {"provider": "yellow-ai", "integration": "native", "sender_name": "acme: main"}
    assert [number["number"] for number in data["phone_numbers"]] == ["+91 80 4718 1888", "+91 80 4718 1889"]
    assert about_the_manifest("made.yaml") == []


@pytest.mark.parametrize("field", [field for field in REQUIRED if field != "environment"])
def test_what_is_missing_is_named(field: str, init: Init) -> None:
    code, out, err = init("made.yaml", *words(**{field: None}))
    assert (code, out) == (2, "")
    first, *rest = err.splitlines()
    assert first == "wa-policy: no manifest was written: these are missing, and nobody is here to be asked"
    assert [line.split(":")[0].strip() for line in rest] == [f"--{field.replace('_', '-')}"]
    assert os.listdir() == []


def test_nothing_given_names_all_that_is_needed(init: Init) -> None:
    _, _, err = init()
    assert re.findall(r"^  (--[a-z-]+): ", err, re.MULTILINE) == list(GIVEN)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "acme retail"}, '--name: "name" cannot be "acme retail": it should look like acme-retail-in'),
        ({"name": ""}, "--name: "),
        ({"environment": "drft"}, '(did you mean "draft"?)'),
        ({"data_center": "DC-07"}, '--data-center: no data center "DC-07" is known here; it is one of DC-01, DC-02,'),
        ({"data_center": "Mumbai"}, "--data-center: "),
        ({"provider": "gupshop"}, '--provider: no provider "gupshop" is known here (did you mean "gupshup"?)'),
        ({"provider": "zzz"}, '--provider: no provider "zzz" is known here; these are: gupshup, '),
        ({"provider": "zzz", "integration": "native"}, '--provider: no provider "zzz" is known here'),
        ({"provider": "netcore", "integration": "native"}, "--integration: netcore is not on MoEngage's list"),
        ({"integration": "natve"}, '(did you mean "native"?)'),
        ({"sender_name": "abc"}, "--sender-name: MoEngage takes 5 to 50 characters, and this has 3"),
        ({"waba_id": "10229O129340398"}, "--waba-id: "),
        ({"number": "080 4718 1888"}, "--number: a number begins with + and its country code"),
        ({"number": "+91 80 4718 1888 9999 9999"}, "--number: no country has a number like this"),
        ({"number": "+999 1234567"}, "--number: no country has a number like this"),
        ({"legal_entity": "Acme\nEvil: yes"}, "--legal-entity: there is a character in it that cannot be seen"),
        ({"legal_entity": "Acme\u202eLtd"}, "--legal-entity: there is a character in it that cannot be seen"),
        ({"legal_entity": "Acme\udc80Ltd"}, "--legal-entity: there is a character in it that cannot be seen"),
        ({"legal_entity": "EAAbcdefghijklmnopqrstuvwxyz"}, "--legal-entity: this looks like a Meta access token"),
        (
            {"workspace_id": "https://u:hunter2@moengage.example"},
            "--workspace-id: this looks like a URL with a user name",
        ),
    ],
)
def test_wrong_answers_are_explained(changes: dict[str, str], said: str, init: Init) -> None:
    code, _, err = init(*words(**changes))
    assert code == 2
    assert said in err
    assert "hunter2" not in err
    assert "bcdefghijklm" not in err
    assert os.listdir() == []


def test_everything_that_is_wrong_is_said_at_once(init: Init) -> None:
    _, _, err = init(*words(name="a b", data_center="DC-07", number="1"), "--number", "1", "--waba-id", "1")
    assert re.findall(r"^  (--[a-z-]+): ", err, re.MULTILINE) == [
        "--waba-id",  # given twice
        "--name",
        "--data-center",
        "--number",
        "--number",
        "--number",  # the same again
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("3", "DC-03"), ("dc3", "DC-03"), ("DC-101", "DC-101"), ("https://dashboard-06.moengage.com/v4/#/", "DC-06")],
)
def test_data_centers_as_people_name_them(written: str, meant: str) -> None:
    assert normalize("data_center", written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [("Sinch India (ACL)", "sinch-india"), (" GUPSHUP ", "gupshup"), ("tata_communications", "tata-communications")],
)
def test_providers_as_people_name_them(written: str, meant: str) -> None:
    assert normalize("provider", written) == meant


def test_an_unknown_provider_that_is_reached_in_another_way(init: Init) -> None:
    assert init("made.yaml", *words(provider="acme-bsp", integration="generic"))[0] == 0
    assert data_of("made.yaml")["bsp"] == {"provider": "acme-bsp", "integration": "generic"}


def test_a_file_that_is_there_is_left_as_it_was(init: Init, in_folder: Path) -> None:
    file = in_folder / "made.yaml"
    file.write_text("mine")
    code, _, err = init("made.yaml", *words())
    assert code == 2
    assert "this file is there already, and was left as it is; --force writes over it" in err
    assert file.read_text() == "mine"
    assert init("made.yaml", "--force", *words())[0] == 0
    assert data_of(file)["metadata"]["name"] == "acme-retail-in"
    assert os.listdir() == ["made.yaml"]


@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("made.json", "let its name end in .yaml"),
        ("nowhere/made.yaml", "there is no folder nowhere"),
        ("folder.yaml", "this is a folder"),
        ("pipe.yaml", "pipe.yaml: this is no file"),
        ("\x1b[2J/made.yaml", "there is no folder \\u{1b}[2J"),
    ],
)
def test_places_that_are_none(out: str, said: str, init: Init, in_folder: Path) -> None:
    (in_folder / "folder.yaml").mkdir()
    os.mkfifo(in_folder / "pipe.yaml")
    code, _, err = init(out, "--force", *words())
    assert code == 2
    assert said in err
    assert (in_folder / "pipe.yaml").is_fifo()


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_a_file_that_there_is_no_room_for_is_not_left_cut(
    force: list[str], init: Init, in_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    code, _, err = init("made.yaml", *force, *words())
    assert code == 2
    assert "made.yaml cannot be written: No space left on device" in err
    assert list(in_folder.iterdir()) == []


def test_a_file_that_is_too_large_for_who_writes_it_is_not_left_cut(in_folder: Path) -> None:
    bounded = ["sh", "-c", 'ulimit -f 4; exec "$@"', "sh"]
    program = [*bounded, sys.executable, "-m", "wa_policy", "init", "made.yaml", *words()]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "wa-policy: made.yaml cannot be written: File too large\n")
    assert list(in_folder.iterdir()) == []


# At a terminal

ANSWERS = {
    "Name of the workspace": "acme-retail-in",
    "Environment": "",
    "Legal entity": 'Acme: "Retail" #1',
    "Owners": "a@b.example, team",
    "Workspace id": "ACME1RETAIL2IN3",
    "Data center": "3",
    "Provider": "Gupshup",
    "Sender name": "",
    "WABA id": '"102290129340398"',
    "Number": "+91 80 4718 1888, +91 80 4718 1889",
}


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[..., io.StringIO]:
    """Let somebody sit there and give these answers, line by line."""

    def sit(*answers: str) -> io.StringIO:
        stream = io.StringIO("".join(f"{answer}\n" for answer in answers))
        monkeypatch.setattr(sys, "stdin", stream)
        monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
        return stream

    return sit


def questions(error: str) -> list[str]:
    return list(re.findall(r"^([A-Z][A-Za-z ]+)\. ", error, re.MULTILINE))


def test_every_question_is_asked_once(init: Init, terminal: Callable[..., io.StringIO]) -> None:
    left = terminal(*ANSWERS.values())
    code, out, err = init()
    assert code == 0
    assert out == "wa-policy lint --policy draft acme-retail-in.yaml\n"
    assert questions(err) == list(ANSWERS)
    assert left.read() == ""
    data = data_of("acme-retail-in.yaml")
    assert data["metadata"]["legal_entity"] == 'Acme: "Retail" #1'
    assert data["metadata"]["owners"] == ["a@b.example", "team"]
    assert data["bsp"] == {"provider": "gupshup", "integration": "native"}
    assert [number["number"] for number in data["phone_numbers"]] == ["+91 80 4718 1888", "+91 80 4718 1889"]
    assert about_the_manifest("acme-retail-in.yaml") == []


def test_what_options_say_is_not_asked(init: Init, terminal: Callable[..., io.StringIO]) -> None:
    terminal("", "Acme", "", "")
    code, _, err = init("made.yaml", *words())
    assert code == 0
    assert questions(err) == ["Environment", "Legal entity", "Owners", "Sender name"]
    assert "[draft] > " in err
    assert "[skip] > " in err


def test_a_wrong_answer_is_asked_for_again_at_once(init: Init, terminal: Callable[..., io.StringIO]) -> None:
    terminal(
        "acme retail",
        "",
        "acme",
        "drft",
        "test",
        "",
        "",
        "",
        "A",
        "7",
        "1",
        "gupshop",
        "gupshup",
        "",
        "x",
        "1",
        "2",
        "+911234",
    )
    _, _, err = init("made.yaml")
    assert '"name" cannot be "acme retail"' in err
    assert '"drft" (did you mean "draft"?)' in err
    assert 'no data center "DC-07" is known here' in err
    assert 'no provider "gupshop" is known here (did you mean "gupshup"?)' in err
    assert '"id" cannot be "x"' in err
    assert "a number begins with +" in err
    assert questions(err) == list(ANSWERS)
    assert "the answers ended before the questions did; no manifest was written" in err
    assert os.listdir() == []


def test_the_name_of_the_folder_is_offered(
    init: Init, in_folder: Path, terminal: Callable[..., io.StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    (in_folder / "acme-in").mkdir()
    monkeypatch.chdir(in_folder / "acme-in")
    terminal("", "", "")
    code, _, err = init(*words(name=None), "--environment", "test", "--legal-entity", "A", "--owner", "a")
    assert code == 0
    assert "[acme-in] > " in err
    assert data_of("acme-in.yaml")["metadata"]["name"] == "acme-in"


def test_an_unknown_provider_who_is_insisted_on(init: Init, terminal: Callable[..., io.StringIO]) -> None:
    terminal("", "", "", "acme-bsp", "acme-bsp", "", "native", "generic", "")
    code, _, err = init("made.yaml", *words(provider=None))
    assert code == 0
    assert "if it is called so, write it again" in err
    assert "this is needed" in err
    assert "acme-bsp is not on MoEngage's list of WhatsApp providers" in err
    assert data_of("made.yaml")["bsp"] == {"provider": "acme-bsp", "integration": "generic"}


def test_a_file_that_is_there_is_told_of_before_the_other_questions(
    init: Init, in_folder: Path, terminal: Callable[..., io.StringIO]
) -> None:
    (in_folder / "acme.yaml").write_text("mine")
    terminal("acme")
    code, _, err = init()
    assert code == 2
    assert questions(err) == ["Name of the workspace"]
    assert "this file is there already" in err


@pytest.mark.parametrize("given", [["--name", "acme"], ["acme.yaml"]])
def test_nothing_is_asked_where_nothing_can_be_written(
    given: list[str],
    init: Init,
    in_folder: Path,
    terminal: Callable[..., io.StringIO],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal()
    (in_folder / "acme.yaml").write_text("mine")
    code, _, err = init(*given)
    assert (code, questions(err)) == (2, [])
    assert "acme.yaml: this file is there already, and was left as it is; --force writes over it" in err
    monkeypatch.setattr(os, "access", lambda *_: False)
    code, _, err = init("--force", *given)
    assert (code, questions(err)) == (2, [])
    assert "acme.yaml: nothing may be written into the folder ." in err


def test_at_a_real_terminal(in_folder: Path) -> None:
    ours, theirs = pty.openpty()
    command = [
        sys.executable,
        "-m",
        "wa_policy",
        "init",
        "made.yaml",
        *words(legal_entity="Acme", owner="a", sender_name="acme-main"),
    ]
    with subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, cwd=in_folder) as process:
        os.close(theirs)
        shown = b""
        while not shown.endswith(b"> "):
            shown += os.read(ours, 1024)
        os.write(ours, b"live\n")
        out, _ = process.communicate()
    os.close(ours)
    assert process.returncode == 0
    assert b"Environment. draft while the workspace is being set up" in shown
    assert out == b"wa-policy lint --policy draft made.yaml\n"
    assert data_of(in_folder / "made.yaml")["metadata"]["environment"] == "live"


# From evidence

WABA = {"id": "102290129340398", "name": "Acme: Retail", "account_review_status": "APPROVED"}
NUMBERS = {
    "data": [
        {"id": "106540352242922", "display_phone_number": "+91 80 4718 1888", "verified_name": "Acme #1"},
        {"id": "106540352242923", "display_phone_number": "+91 80 4718 1889", "verified_name": "Acme\u202e"},
    ]
}
ODD_NUMBERS = [
    {"id": "x", "display_phone_number": "+91 80 4718 1888", "verified_name": "EAAbcdefghijklmnopqrstuvwxyz"},
    {"id": "1", "display_phone_number": "+91 80-4718-1888"},
    {"id": "2", "display_phone_number": "none"},
]
ENVELOPE = {"fetched_at": "2026-11-20T06:30:00Z", "waba_id": "102290129340398"}


@pytest.fixture
def evidence(in_folder: Path) -> Callable[..., None]:
    """Write the files of a folder; what is given as text as it is."""

    def put(**files: Any) -> None:
        (in_folder / "evidence").mkdir(exist_ok=True)
        for name, content in files.items():
            text = content if isinstance(content, str) else json.dumps(content)
            (in_folder / "evidence" / f"{name}.json").write_text(text)

    return put


def test_from_evidence(init: Init, evidence: Callable[..., None], in_folder: Path) -> None:
    evidence(
        waba={"wa_policy_snapshot": ENVELOPE, "answers": [WABA]},
        phone_numbers={"wa_policy_snapshot": ENVELOPE, "answers": [NUMBERS]},
        templates={"wa_policy_snapshot": ENVELOPE, "answers": [{"data": []}]},
    )
    (in_folder / "manifests").mkdir()
    out = "manifests/made.yaml"
    assert init(out, "--from-evidence", "evidence", *words(waba_id=None, number=None))[0] == 0
    data = data_of(out)
    assert data["waba"] == {"id": "102290129340398", "name": "Acme: Retail"}
    assert data["phone_numbers"] == [
        {"number": "+91 80 4718 1888", "id": "106540352242922", "verified_name": "Acme #1"},
        {"number": "+91 80 4718 1889", "id": "106540352242923"},
    ]
    assert data["evidence"]["graph"] == {
        "waba": "../evidence/waba.json",
        "phone_numbers": "../evidence/phone_numbers.json",
        "templates": "../evidence/templates.json",
        "observed_at": "2026-11-20T06:30:00Z",
    }
    assert about_the_manifest(out) == []
    assert "account_review_status" not in (in_folder / out).read_text()


@pytest.mark.parametrize(
    ("here", "folder", "out", "shown"),
    [
        ("manifests", "../evidence", [], "."),
        ("manifests", "../evidence", ["in/made.yaml"], "."),
        ("manifests", "../evidence", ["../other/made.yaml"], "../other"),
        ("manifests", "link", [], "."),
    ],
)
def test_evidence_that_lint_would_not_read(
    here: str,
    folder: str,
    out: list[str],
    shown: str,
    init: Init,
    evidence: Callable[..., None],
    in_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    evidence(waba=WABA)
    for each in ("manifests/in", "other"):
        (in_folder / each).mkdir(parents=True)
    (in_folder / "manifests" / "link").symlink_to("../evidence")
    monkeypatch.chdir(in_folder / here)
    code, _, err = init(*out, "--from-evidence", folder, *words(waba_id=None))
    assert (code, list(in_folder.rglob("*.yaml"))) == (2, [])
    assert err == (
        f"wa-policy: {folder}: evidence is read only where it lies in the folder that is checked, which would be {shown}\n"
        "  move it there, or begin the manifest from a folder that holds both\n"
    )


def test_evidence_beside_a_manifest_that_is_begun_elsewhere(
    init: Init, evidence: Callable[..., None], in_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evidence(waba={"wa_policy_snapshot": ENVELOPE, "answers": [WABA]})
    (in_folder / "elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    assert init("../made.yaml", "--from-evidence", "../evidence", *words(waba_id=None))[0] == 0
    assert about_the_manifest("../made.yaml") == []


def test_what_cannot_stand_in_a_manifest_is_not_taken_from_evidence(init: Init, evidence: Callable[..., None]) -> None:
    evidence(waba={**WABA, "name": "Acme\n"}, phone_numbers={"data": ODD_NUMBERS})
    assert init("made.yaml", "--from-evidence", "evidence", *words(waba_id=None, number=None))[0] == 0
    assert data_of("made.yaml")["waba"] == {"id": "102290129340398"}
    assert data_of("made.yaml")["phone_numbers"] == [{"number": "+91 80 4718 1888"}]


def test_evidence_saved_by_hand(init: Init, evidence: Callable[..., None], in_folder: Path) -> None:
    evidence(waba=WABA)
    assert init("made.yaml", "--from-evidence", "evidence", *words(waba_id=None))[0] == 0
    data = data_of("made.yaml")
    assert data["evidence"]["graph"] == {"waba": "evidence/waba.json"}
    assert "#observed_at:" in (in_folder / "made.yaml").read_text()
    assert "#name_status:" in (in_folder / "made.yaml").read_text()


def test_numbers_are_chosen_among_those_of_the_evidence(init: Init, evidence: Callable[..., None]) -> None:
    evidence(waba=WABA, phone_numbers=NUMBERS)
    words_ = ["made.yaml", "--from-evidence", "evidence", *words()]
    assert init(*words_)[0] == 0
    assert [number["id"] for number in data_of("made.yaml")["phone_numbers"]] == ["106540352242922"]
    code, _, err = init("other.yaml", *words_[1:], "--number", "+44 20 7946 0000")
    assert code == 2
    assert "--number: the evidence has no +44 20 7946 0000" in err


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "there is none of waba.json, phone_numbers.json, templates.json here"),
        ({"waba": "{"}, "evidence/waba.json cannot be used: "),
        ({"waba": {"error": {"code": 190}}}, "evidence/waba.json cannot be used: Meta answered with an error"),
        ({"waba": {**WABA, "id": "seven"}}, 'evidence: "id" cannot be "seven"'),
        ({"waba": {**WABA, "id": "7"}}, "--waba-id: the evidence is about another WABA, 7"),
        (
            {"waba": WABA, "templates": {"wa_policy_snapshot": {"waba_id": "7"}, "answers": [{"data": []}]}},
            "the files are about different WABAs, 102290129340398, 7",
        ),
    ],
)
def test_evidence_that_proves_nothing(
    files: dict[str, Any], said: str, init: Init, evidence: Callable[..., None]
) -> None:
    evidence(**files)
    code, _, err = init("made.yaml", "--from-evidence", "evidence", *words())
    assert code == 2
    assert said in err
    assert os.listdir() == ["evidence"]


def test_evidence_that_is_a_folder(init: Init, in_folder: Path) -> None:
    (in_folder / "evidence" / "waba.json").mkdir(parents=True)
    assert "waba.json cannot be used: it is a folder" in init("made.yaml", "--from-evidence", "evidence", *words())[2]


def test_evidence_that_is_a_pipe(init: Init, in_folder: Path) -> None:
    (in_folder / "evidence").mkdir()
    os.mkfifo(in_folder / "evidence" / "waba.json")
    assert (
        "waba.json cannot be used: it is no file; save" in init("made.yaml", "--from-evidence", "evidence", *words())[2]
    )


# Whatever is in it


def some(field: str) -> st.SearchStrategy[str]:
    """Answers that a person might give, if they can stand in a manifest."""
    letters = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60)
    awkward = st.sampled_from(
        ["no", "NULL", "- x", "a: b #c", "'", '"', "{}", "[]", "&a", "*a", "!t", "%x", "@", "`", "0x1F", "1e3"]
    )
    texts = st.one_of(letters, awkward, st.tuples(awkward, letters).map("".join))
    return texts.map(lambda text: normalize(field, text)).filter(lambda text: not complaint(field, text))


NUMBER = st.builds(
    Number,
    st.sampled_from(["+91 80 4718 1888", "+1 (415) 555-2671", "+442079460000", "+49 30 901820"]),
    st.from_regex(r"\A[0-9]{1,17}\Z"),
    st.one_of(st.just(""), some("sender_name")),
)
FIRST = st.builds(
    First,
    name=st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,30}\Z").filter(lambda text: not complaint("name", text)),
    environment=st.sampled_from(["draft", "test", "live"]),
    workspace_id=some("workspace_id"),
    data_center=st.sampled_from(CENTERS),
    provider=st.one_of(
        st.sampled_from(list(providers())), some("legal_entity").map(lambda text: normalize("provider", text) or "x")
    ),
    waba_id=st.from_regex(r"\A[0-9]{1,17}\Z"),
    numbers=st.lists(NUMBER, min_size=1, max_size=3),
    legal_entity=st.one_of(st.just(""), some("legal_entity")),
    owners=st.lists(some("owner"), max_size=3),
    integration=st.sampled_from(["", "native", "generic", "connector"]),
    sender_name=st.one_of(st.just(""), some("sender_name")),
    waba_name=st.one_of(st.just(""), some("legal_entity")),
    evidence=st.one_of(
        st.none(),
        st.builds(
            Evidence,
            st.dictionaries(st.sampled_from(["waba", "phone_numbers", "templates"]), some("legal_entity"), min_size=1),
            st.sampled_from(["", "2026-11-20T06:30:00Z"]),
        ),
    ),
)


@given(FIRST)
def test_what_is_known_is_read_back_and_nothing_is_wrong_with_it(first: First) -> None:
    text = write(first)
    assert about_the_text(text) == []
    data = read(text.encode(), "first.yaml").documents[0].data
    assert data["metadata"].get("legal_entity", "") == first.legal_entity
    assert data["metadata"].get("owners", []) == first.owners
    assert data["moengage"] == {"workspace_id": first.workspace_id, "data_center": first.data_center}
    assert (data["bsp"]["provider"], data["bsp"].get("sender_name", "")) == (first.provider, first.sender_name)
    assert (data["waba"]["id"], data["waba"].get("name", "")) == (first.waba_id, first.waba_name)
    numbers = [
        Number(*(entry.get(key, "") for key in ("number", "id", "verified_name"))) for entry in data["phone_numbers"]
    ]
    assert numbers == first.numbers
    graph = data.get("evidence", {}).get("graph", {})
    assert graph.pop("observed_at", "") == (first.evidence.observed_at if first.evidence else "")
    assert graph == (first.evidence.paths if first.evidence else {})


@pytest.mark.parametrize("center", CENTERS)
@pytest.mark.parametrize("provider", providers())
def test_every_provider_and_data_center(provider: str, center: str) -> None:
    numbers = [Number("+91 80 4718 1888"), Number("+91 80 4718 1889")]
    text = write(First("acme", "draft", "ACME1", center, provider, "102290129340398", numbers))
    assert about_the_text(text) == []
    assert max(len(line) for line in text.splitlines()) <= 130
    filled = re.sub(r"^(\s*)#(?=\S)", r"\1", text, flags=re.MULTILINE)  # take every # away that has a key behind it
    reading = read(filled.encode(), "filled.yaml")
    assert reading.troubles == ()
    assert [route for route in routes_of(reading.documents[0].data) if schema_at("workspace", route) is None] == []
    assert "credentials" not in text or "{env: }" in text


def routes_of(data: Any, route: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner: Any = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return (
        [route, *(below for key, value in inner for below in routes_of(value, (*route, key)))]
        if route
        else [below for key, value in inner for below in routes_of(value, (key,))]
    )


def test_fields_are_those_of_the_schema() -> None:
    for route in ROUTES.values():
        assert schema_at("workspace", route) is not None


def test_its_help_says_what_the_schema_says(run: Init) -> None:
    said = " ".join(run("init", "--help")[1].split())
    assert "--waba-id ID the id of the WhatsApp Business Account: digits only --number" in said
    assert "--sender-name NAME the name of the sender in MoEngage: Settings > Channels >" in said
