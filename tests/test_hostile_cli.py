"""Hostile files, end to end: one located finding each, the right exit code, no crash, no forged line."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.report.hostile import acts, commands
from wa_policy.report.formats import FORMATS
from wa_policy.testing import AS_OF, READY

Run = Callable[..., tuple[int, str, str]]


def lint(run: Run, path: str, *words: str) -> tuple[int, list[dict[str, Any]]]:
    """The exit code and the findings, each of which must be a plain, located one; the text of it must forge nothing."""
    _, text, complaints = run("lint", "--as-of", str(AS_OF), *words, path)
    assert complaints == ""
    assert text.replace("\n", "").isprintable()
    assert not re.search(r"^::", text, re.MULTILINE)
    code, out, complaints = run("lint", "--as-of", str(AS_OF), "--format", "json", *words, path)
    assert complaints == ""
    report = json.loads(out)
    assert report["not_checked"] == []
    for finding in report["findings"]:
        assert len(finding["message"]) < 500
        assert finding["locations"][0]["line"] >= 1
    return code, report["findings"]


def one(run: Run, path: str, *words: str) -> tuple[str, int, int, str]:
    """The one finding of a file that cannot be used: its rule, line, column and message."""
    code, findings = lint(run, path, *words)
    assert code == 1
    (finding,) = findings
    place = finding["locations"][0]
    return finding["code"], place["line"], place["column"], finding["message"]


LAUGHS = "a0: &a0 [lol, lol]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
MERGES = "a0: &a0 {k: v}\n" + "".join(f"a{n}: &a{n}\n  <<: [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 26))


DEEP = "lists and mappings stand inside each other more than 64 deep here"
GROWS = "following the aliases would add more than 100,000 values"


@pytest.mark.parametrize(
    ("content", "line", "column", "message"),
    [
        pytest.param(LAUGHS.encode(), 15, 12, GROWS, id="billion laughs"),
        pytest.param(MERGES.encode(), 27, 14, GROWS, id="merge-key bomb"),
        pytest.param(b"a: " + b"[" * 5_000, 1, 67, DEEP, id="5,000 brackets"),
        pytest.param(b"a: " + b"[" * 100_000 + b"]" * 100_000, 1, 67, DEEP, id="100,000 brackets"),
        pytest.param(b"a: " + b"{a: " * 5_000, 1, 256, DEEP, id="5,000 braces"),
        pytest.param(b"- " * 5_000 + b"a", 1, 129, DEEP, id="5,000 dashes"),
        pytest.param(
            b"a: &a [*a]\n", 1, 8, "*a stands inside of what it refers to, which would never end", id="recursive alias"
        ),
        pytest.param(b"a: 1\nb: 2\na: 3\n", 3, 1, 'the key "a" is written twice', id="duplicate key"),
        pytest.param(b"a: b\0c\n", 1, 5, "a NUL byte is not allowed in YAML", id="NUL byte"),
        pytest.param("a: caf\xe9\n".encode("latin-1"), 1, 7, "the byte 0xE9 is not UTF-8", id="Latin-1"),
        pytest.param("a: b\n".encode("utf-16"), 1, 1, "the file is encoded as UTF-16, not as UTF-8", id="UTF-16"),
        pytest.param(
            b"a: !!python/object/apply:os.system [touch forged]\n",
            1,
            4,
            "the tag !!python/object/apply:os.system is not allowed",
            id="Python",
        ),
        pytest.param(b"a: !::error::forged b\n", 1, 4, "the tag !::error::forged is not allowed", id="another tag"),
        pytest.param(b"a: !" + b"x" * 100_000 + b" b", 1, 4, "the tag !xxx", id="a long tag"),
        pytest.param(b"a: *" + b"x" * 100_000, 1, 4, "*xxx", id="a long alias"),
        pytest.param(b"", 1, 1, "the file holds no document", id="nothing"),
        pytest.param(b"# only a comment\n", 1, 1, "the file holds no document", id="a comment"),
        pytest.param(b"%YAML 9.9\n---\na: b\n", 1, 1, "a line that begins with % is a directive", id="another YAML"),
    ],
)
def test_yaml_that_cannot_be_read_is_one_located_finding(
    content: bytes, line: int, column: int, message: str, in_folder: Path, run: Run
) -> None:
    (in_folder / "acme.yaml").write_bytes(content)
    *place, said = one(run, "acme.yaml")
    assert place == ["MAN001", line, column]
    assert said.startswith(message)
    assert os.listdir(in_folder) == ["acme.yaml"]  # no code of the file has run


@pytest.mark.parametrize(
    ("content", "column", "message"),
    [
        pytest.param(
            '{"a": ' + "[" * 100_000,
            70,
            "lists and objects stand inside each other more than 64 deep here",
            id="brackets",
        ),
        pytest.param('{"a": 1, "a": 2}', 10, 'the key "a" is written twice', id="duplicate key"),
        pytest.param('{"a": NaN}', 7, "NaN is no number that JSON can hold", id="no number"),
        pytest.param('{"a": "\\ud800"}', 8, "\\ud800 is half of a surrogate pair", id="half a surrogate pair"),
        pytest.param('{"a": 1}{"b": 2}', 9, "more text stands behind the end of the document", id="two documents"),
        pytest.param("", 1, "the file holds no document", id="nothing"),
    ],
)
def test_json_that_cannot_be_read_is_one_located_finding(
    content: str, column: int, message: str, in_folder: Path, run: Run
) -> None:
    (in_folder / "acme.json").write_text(content)
    *place, said = one(run, "acme.json")
    assert place == ["MAN001", 1, column]
    assert said.startswith(message)


def test_a_file_of_six_megabytes_is_refused_unread(in_folder: Path, run: Run) -> None:
    (in_folder / "acme.yaml").write_text("a: b\n" + "#" * 6_000_000)
    code, line, column, message = one(run, "acme.yaml")
    assert (code, line, column) == ("MAN001", 1, 1)
    assert message.endswith("longer than 4,194,304 bytes, and no more are read")


def test_a_number_of_5000_digits_is_no_crash(ready: Path, run: Run) -> None:
    (ready / "acme.yaml").write_text(READY.replace("size: 40000", f"size: {'9' * 5000}"))
    code, out, _ = run("lint", "--format", "concise", "acme.yaml")
    assert code == 1
    assert max(map(len, out.split("\n"))) < 500


def test_a_report_of_a_long_line_is_short(ready: Path, run: Run) -> None:
    long = json.dumps("y" * 100_000)
    (ready / "acme.yaml").write_text(f"kind: Workspace\nmetadata: {{name: {long}, environment: {long}, {long}: 1}}\n")
    for words in (["lint"], ["lint", "--format", "concise"], ["lint", "--format", "json"], ["checklist"]):
        assert max(map(len, run(*words, "acme.yaml")[1].split("\n"))) < 500


def test_a_byte_order_mark_is_no_matter(ready: Path, run: Run) -> None:
    (ready / "acme.yaml").write_text(READY, "utf-8-sig")
    assert lint(run, "acme.yaml") == (0, [])


def test_every_document_of_a_file_counts(ready: Path, run: Run) -> None:
    pending = READY.replace("account_review_status: APPROVED", "account_review_status: PENDING")
    (ready / "acme.yaml").write_text(f"{READY}---\n{pending.replace('acme-retail-in', 'acme-other')}")
    _, findings = lint(run, "acme.yaml", "--select", "WBA001")
    assert [(finding["document"], finding["workspace"]) for finding in findings] == [(1, "acme-other")]


@pytest.mark.parametrize(
    "text",
    [
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!",
        "a" * 50_000,
        "{{1}}" * 5_000,
        "{{" * 20_000,
        "*_~`" * 10_000,
        " \t" * 20_000,
        "http://" * 5_000,
        "a." * 20_000,
        "-" * 50_000,
        "password" * 5_000,
        "a_" * 20_000 + ":",
        "+91 " * 10_000,
        "eyJ" * 15_000,
        "\u0301" * 20_000,
        "🎉" * 20_000,
    ],
)
@pytest.mark.parametrize(
    "place",
    [
        "Hi {{1}}, your order {{2}} is on its way and should reach you by tomorrow evening.",
        "Yes, Acme Retail may send me offers and order updates on WhatsApp. Reply STOP to leave.",
        "+91 80 4718 1888",
        "order_shipped",
        "3.6.251.95/32",
        "https://api-03.moengage.com/whatsapp/gupshup/dlr",
        "Acme Retail Private Limited",
    ],
)
def test_no_text_makes_a_pattern_run_away(text: str, place: str, ready: Path, run: Run) -> None:
    """A runaway pattern would hang here; that is the test."""
    manifest = re.sub(rf'(?m)([:-] |\[)"?{re.escape(place)}"?', lambda found: found[1] + json.dumps(text), READY)
    assert manifest != READY
    (ready / "acme.yaml").write_text(manifest)
    code, _, complaints = run("lint", "--format", "concise", "acme.yaml")
    assert (code in (0, 1), complaints) == (True, "")


def test_a_loop_of_links_ends(ready: Path, run: Run) -> None:
    (ready / "loop").symlink_to(".")
    code, out, _ = run("lint", "--as-of", str(AS_OF), "--format", "concise", ".")
    assert (code, out.split(",")[0]) == (0, "1 manifest")


def test_a_link_out_of_the_folder_is_not_followed(ready: Path, run: Run) -> None:
    (ready / "inside").mkdir()
    (ready / "inside" / "manifest.yaml").symlink_to("../manifest.yaml")
    code, out, complaints = run("lint", "inside")
    assert code in (2, 3)
    assert "acme-retail-in" not in out + complaints


# Names of files.

NAMES = (
    "nl\n::error file=evil,line=1::FORGED\n.yaml",
    "cr\r::error::FORGED.yaml",
    "esc\x1b[2J\x1b]0;FORGED\x07.yaml",
    "bidi\u202efdp.yaml",
    "c1\x9b31m.yaml",
    "next\x85line\u2028separator.yaml",
    "zero\u200bwidth.yaml",
    "latin\udce9.yaml",
    "%0A::error::FORGED.yaml",
    "a b'c\"d$(touch forged)`x`;&|.yaml",
)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "text", [READY.replace("account_review_status: APPROVED", "account_review_status: PENDING"), "a: [\n"]
)
def test_no_name_of_a_file_forges_a_line(name: str, text: str, ready: Path, run: Run) -> None:
    os.unlink(ready / "manifest.yaml")
    (ready / name).write_text(text)
    for words in (
        ["lint", "."],
        ["lint", "--format", "concise", "."],
        ["checklist", "."],
        ["lint", "--format", "json", "."],
    ):
        code, out, complaints = run(*words)
        assert (code, complaints) == (1, "")
        assert out.replace("\n", "").isprintable()
        assert not re.search(r"^(::|FORGED|line)", out, re.MULTILINE)
    assert json.loads(out)["findings"][0]["path"] == name


@pytest.mark.parametrize("name", [name.replace(".yaml", ".json") for name in NAMES])
def test_no_name_forges_a_line_where_nothing_is_found(name: str, in_folder: Path, run: Run) -> None:
    (in_folder / name).write_text("{}")
    code, out, complaints = run("lint", ".")
    assert (code, out) == (2, "")
    assert complaints.replace("\n", "").isprintable()
    assert not re.search(r"^(::|FORGED|line)", complaints, re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.usefixtures("ready")
def test_no_name_forges_a_line_where_nothing_is_there(name: str, run: Run) -> None:
    code, out, complaints = run("lint", "manifest.yaml", name)
    assert code == 3
    assert (out + complaints).replace("\n", "").isprintable()
    assert not re.search(r"^(::|FORGED|line)", out + complaints, re.MULTILINE)


@pytest.mark.parametrize("name", ["--plugin=evil.py", "--policy=evil.yaml", "-x", "--"])
def test_a_name_like_an_option_is_a_name_behind_two_dashes(name: str, ready: Path, run: Run) -> None:
    (ready / "evil.py").write_text("raise SystemExit(0)\n")
    os.rename(ready / "manifest.yaml", ready / name)
    code, out, _ = run("lint", "--format", "json", "--", name)
    assert code == 0
    assert json.loads(out)["manifests"][0]["path"] == name


@pytest.mark.parametrize("name", NAMES)
def test_no_name_of_a_file_forges_anything_in_any_format(name: str, ready: Path, run: Run) -> None:
    os.unlink(ready / "manifest.yaml")
    (ready / name).write_text(READY.replace("account_review_status: APPROVED", "account_review_status: PENDING"))
    words = [word for form in FORMATS for word in ("--output", f"{form}=report.{form}")]
    code, _, complaints = run("lint", "--as-of", str(AS_OF), ".", *words)
    assert (code, complaints) == (1, "")
    said = {form: (ready / f"report.{form}").read_text("utf-8") for form in FORMATS}
    assert said.keys() == set(FORMATS)
    for form, text in said.items():
        assert not acts(text.replace("\n", ""))
        told = commands(text)
        assert {(one.name, one.properties["title"]) for one in told} <= {("error", "WBA001 unapproved-account")}
        assert bool(told) == (form == "github")
    for form in ("json", "sarif", "gitlab"):
        json.loads(said[form])
    for line in said["ndjson"].splitlines():
        json.loads(line)
    ElementTree.fromstring(said["junit"])  # noqa: S314  # our own text
    assert "<error" not in said["markdown"]


# Values.


@pytest.mark.parametrize(
    "value", ["x\n::error::FORGED", "x\r\x1b[31mFORGED", "x\x85\u2028::error::FORGED", "x\u202eFORGED\u200b"]
)
def test_no_value_forges_a_line(value: str, ready: Path, run: Run) -> None:
    def hide(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: hide(item) for key, item in part.items()}
        return [hide(item) for item in part] if isinstance(part, list) else value

    for text in (
        json.dumps({"metadata": {"name": value, "environment": value}, value: value}),
        json.dumps(
            hide({"apiVersion": "", "kind": "", "metadata": {"name": "", "environment": ""}, "waba": {"id": ""}})
        ),
        json.dumps({"kind": value}),
        json.dumps({"apiVersion": value, "kind": "Workspace", "phone_numbers": [{value: 1}]}),
    ):
        (ready / "acme.json").write_text(text)
        for words in (["lint"], ["lint", "--format", "concise"], ["checklist"], ["lint", "--format", "json"]):
            _, out, complaints = run(*words, "acme.json")
            assert (out + complaints).replace("\n", "").isprintable()
            assert not re.search(r"^(::|FORGED)", out + complaints, re.MULTILINE)


# The real program, where a crash would not take the tests with it.


@pytest.mark.parametrize(
    "content", [b"[" * 1_000_000, b"{a: " * 300_000, b"&a " * 300_000, b"? " * 300_000, b"!a " * 300_000]
)
def test_the_program_does_not_crash(content: bytes, in_folder: Path) -> None:
    (in_folder / "acme.yaml").write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-m", "wa_policy", "lint", "--format", "concise", "acme.yaml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("acme.yaml:1:")


@pytest.mark.parametrize("between", ["\n    - ", ", "])
def test_thousands_of_credentials_are_masked_in_time(between: str, ready: Path, run: Run) -> None:
    """Time that grows with the square of their number would show here."""
    words = [f"sesame{number:05}" for number in range(2_000)]
    text = f"\n    - {between.join(words)}" if between.startswith("\n") else f" [{between.join(words)}]"
    (ready / "acme.yaml").write_text(
        READY.replace("    password: {vault: crm/gupshup#password}", f"    password:{text}")
    )
    code, out, _ = run("lint", "--format", "concise", "acme.yaml")
    assert code == 1
    assert out.count("error MAN004 plain-secret: ") == len(words)
    assert "sesame" not in out
