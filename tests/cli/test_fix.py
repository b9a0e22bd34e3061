"""`wa-policy lint --fix`, `--unsafe-fixes` and `--diff` as a person calls them."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_policy.cli.diff import unified
from wa_policy.testing import AS_OF, READY

if TYPE_CHECKING:
    from collections.abc import Mapping

Run = Callable[..., tuple[int, str, str]]

PLAIN = ("lint", "--no-plugins", "--as-of", str(AS_OF))
LINT = (*PLAIN, "--format", "concise")
UNQUOTED = READY.replace('id: "102290129340398"', "id: 102290129340398  # Meta's")
QUOTED = READY.replace('id: "102290129340398"', 'id: "102290129340398"  # Meta\'s')
IN_PLACE = "is printed instead of a report; leave --format out, and have the report in a file: --output FORMAT=FILE"
MISTYPED = QUOTED.replace("data_center: DC-03", "data_centre: DC-03")
BOTH = UNQUOTED.replace("data_center: DC-03", "data_centre: DC-03")


@pytest.fixture
def manifest(ready: Path) -> Path:
    """A manifest with a mistake that is put right without asking, and one that somebody should look at."""
    (ready / "manifest.yaml").write_text(BOTH, "utf-8")
    return ready / "manifest.yaml"


def test_fix_puts_right_what_nobody_needs_to_decide_about(manifest: Path, run: Run) -> None:
    code, out, error = run(*LINT, "--fix", "manifest.yaml")
    assert manifest.read_text("utf-8") == MISTYPED
    assert code == 1
    assert out.startswith("manifest.yaml:13:3: error MAN002 ")
    assert error == "wa-policy: 1 fixed, 1 left; --unsafe-fixes would put right 1 of these\n"


def test_unsafe_fixes_puts_right_the_rest_too(manifest: Path, run: Run) -> None:
    code, out, error = run(*LINT, "--fix", "--unsafe-fixes", "manifest.yaml")
    assert manifest.read_text("utf-8") == QUOTED
    assert (code, error) == (0, "wa-policy: 2 fixed, 0 left\n")
    assert out.startswith("1 manifest, ")
    content = manifest.read_bytes(), manifest.stat().st_mtime_ns
    assert run(*LINT, "--fix", "--unsafe-fixes", "manifest.yaml")[2] == "wa-policy: 0 fixed, 0 left\n"
    assert (manifest.read_bytes(), manifest.stat().st_mtime_ns) == content


def test_without_being_asked_nothing_is_changed(manifest: Path, run: Run) -> None:
    code, out, _ = run("lint", "--no-plugins", "--as-of", str(AS_OF), "manifest.yaml")
    assert code == 1
    assert manifest.read_text("utf-8") == BOTH
    assert "= auto: put it in quotes (--fix)\n" in out
    assert '= auto: rename the key to "data_center" (--fix --unsafe-fixes)\n' in out


def test_diff_shows_and_changes_nothing(manifest: Path, run: Run) -> None:
    code, out, error = run(*PLAIN, "--diff", "manifest.yaml")
    assert (code, error) == (1, "wa-policy: 1 fix would be made in 1 file\n")
    assert out.startswith("--- manifest.yaml\n+++ manifest.yaml\n@@ -")
    assert [line for line in out.splitlines()[2:] if line[0] in "+-"] == [
        "-  id: 102290129340398  # Meta's",
        '+  id: "102290129340398"  # Meta\'s',
    ]
    assert "data_centre" in run(*PLAIN, "--diff", "--unsafe-fixes", "manifest.yaml")[1]
    assert manifest.read_text("utf-8") == BOTH


def test_what_one_document_lacks_is_added_though_another_lacked_it_before(ready: Path, run: Run) -> None:
    """The second can be checked only once its environment is put right: a round later than the first."""
    first = READY.replace("- 3.6.251.95/32\n", "- 203.0.113.9\n")
    second = first.replace("acme-retail-in", "acme-two").replace("environment: live", "environment: Live")
    (ready / "manifest.yaml").write_text(f"{first}---\n{second}", "utf-8")
    words = (*LINT, "--fix", "--unsafe-fixes", "--select", "MAN002,NET002", "manifest.yaml")
    assert run(*words)[2] == "wa-policy: 3 fixed, 0 left\n"
    assert (ready / "manifest.yaml").read_text("utf-8").count("      - 3.6.251.95\n") == 2
    assert run(*words)[2] == "wa-policy: 0 fixed, 0 left\n"


def test_the_diff_of_what_is_ready_is_empty(ready: Path, run: Run) -> None:
    assert run(*PLAIN, "--diff", str(ready / "manifest.yaml")) == (
        0,
        "",
        "wa-policy: 0 fixes would be made in 0 files\n",
    )


def test_the_diff_shows_no_credential_and_does_nothing_to_a_terminal(manifest: Path, run: Run) -> None:
    text = BOTH.replace("password: {vault: crm/gupshup#password}", "password: correct-horse-battery")
    text = text.replace("  sender_name:", "  senderName:")
    text = text.replace("\n  environment: live", "\n  environment: Live\n  # \u202e\n  ::error::x: 1")
    manifest.write_text(text, "utf-8")
    _, out, error = run(*PLAIN, "--diff", "--unsafe-fixes", "manifest.yaml")
    assert "***" in out
    assert "correct-horse-battery" not in out + error
    assert "\u202e" not in out
    assert not any(line.lstrip().startswith("::") for line in out.splitlines())


CANNOT = (
    "wa-policy: the diff of manifest.yaml cannot be applied, since it masks credentials or escapes control characters; "
    "--fix makes the changes\n"
)
NO_KEY = READY.replace("apiVersion: wa-policy/v1\n", "").rstrip("\n")
TABBED = UNQUOTED.replace("# Meta's", "#\tMeta's\tnumber")


@pytest.mark.parametrize("name", ["manifest.yaml", "my manifest.yaml"])
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(UNQUOTED.encode(), id="as most"),
        pytest.param(UNQUOTED.rstrip("\n").encode(), id="without a line break at its end"),
        pytest.param(NO_KEY.encode(), id="a line is added behind the last, which has no line break"),
        pytest.param(UNQUOTED.replace("\n", "\r\n").encode(), id="crlf"),
        pytest.param(UNQUOTED.replace("\n", "\r\n", 3).encode(), id="crlf here and there"),
        pytest.param(b"\xef\xbb\xbf" + UNQUOTED.encode(), id="bom elsewhere"),
        pytest.param(b"\xef\xbb\xbf" + READY.replace("apiVersion", "api_version").encode(), id="bom"),
        pytest.param(b"\xef\xbb\xbf" + NO_KEY.replace("\n", "\r\n").encode(), id="bom, crlf, and no line break"),
        pytest.param(TABBED.encode(), id="tabs"),
    ],
)
def test_a_program_can_apply_the_diff(content: bytes, name: str, ready: Path, run: Run) -> None:
    path = ready / name
    (ready / "manifest.yaml").unlink()
    path.write_bytes(content)
    _, out, error = run(*PLAIN, "--diff", "--unsafe-fixes", name)
    assert "cannot be applied" not in error
    run(*LINT, "--fix", "--unsafe-fixes", name)
    after = path.read_bytes()
    assert after != content
    assert applied(content.decode(), out) == after.decode()
    if patch := shutil.which("patch"):
        path.write_bytes(content)
        subprocess.run([patch, "-p0", "--fuzz=0"], input=out.encode(), cwd=ready, check=True, capture_output=True)
        assert path.read_bytes() == after


def applied(before: str, diff: str) -> str:
    """What a program makes of a text that applies a diff: lines end at a line feed, and nothing else is changed in them."""
    hunks: list[str] = []
    for line in diff.split("\n")[2:-1]:
        if line == "\\ No newline at end of file":
            hunks[-1] = hunks[-1].removesuffix("\n")
        else:
            hunks.append(line if line.startswith("@@") else f"{line}\n")
    return "".join(patched(list(io.StringIO(before)), hunks))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (UNQUOTED.replace("# Meta's", "# \u202eMeta's"), r"\u{202e}Meta's"),
        (UNQUOTED.replace("# Meta's", "# \r  #\tMeta's"), "# \\r\n   #\tMeta's"),
        (UNQUOTED.replace("# Meta's", "# password: correct-horse-battery"), "***"),
    ],
)
def test_what_a_diff_cannot_show_as_it_is_is_told(text: str, shown: str, manifest: Path, run: Run) -> None:
    manifest.write_bytes(text.encode())
    code, out, error = run(*PLAIN, "--diff", "manifest.yaml")
    assert shown in out
    assert (code, error) == (1, CANNOT + "wa-policy: 1 fix would be made in 1 file\n")


ALONE = "is printed, and nothing is checked"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--unsafe-fixes"], "wa-policy: --unsafe-fixes says what --fix or --diff may do; add one of them\n"),
        (["--fix", "--diff"], "wa-policy: --diff changes nothing and --fix does; choose one of them\n"),
        (["--diff", "--format", "json"], f"wa-policy: --diff {IN_PLACE}\n"),
        (["--diff", "--output", "json=-"], f"wa-policy: --diff {IN_PLACE}\n"),
        (["--diff", "--unsafe-fixes", "--output", "sarif=-", "--output", "json=a"], f"wa-policy: --diff {IN_PLACE}\n"),
        (["--statistics", "--format", "json"], f"wa-policy: --statistics {IN_PLACE}\n"),
        (["--statistics", "--output", "json=-"], f"wa-policy: --statistics {IN_PLACE}\n"),
        (["--statistics", "--diff"], "wa-policy: --statistics and --diff are both printed; choose one of them\n"),
        (
            ["--show-files", "--show-settings"],
            "wa-policy: --show-files and --show-settings are both printed; choose one of them\n",
        ),
        (["--show-files", "--fix"], f"wa-policy: --show-files {ALONE}; leave --fix out\n"),
        (["--show-files", "--diff"], f"wa-policy: --show-files {ALONE}; leave --diff out\n"),
        (["--show-files", "--statistics"], f"wa-policy: --show-files {ALONE}; leave --statistics out\n"),
        (["--show-settings", "--format", "json"], f"wa-policy: --show-settings {ALONE}; leave --format out\n"),
        (["--show-settings", "--output", "json=a"], f"wa-policy: --show-settings {ALONE}; leave --output out\n"),
    ],
)
def test_options_that_do_not_go_together(words: list[str], complaint: str, manifest: Path, run: Run) -> None:
    assert run(*PLAIN, *words, "manifest.yaml") == (2, "", complaint)
    assert manifest.read_text("utf-8") == BOTH
    assert not manifest.with_name("a").exists()


def test_reports_in_files_go_with_the_diff_and_are_about_what_is_there(manifest: Path, run: Run) -> None:
    alone = run(*PLAIN, "--diff", "manifest.yaml")
    files = ("--output", "json=a.json", "--output=html=a.html")
    assert run(*PLAIN, "--diff", *files, "manifest.yaml") == alone
    written = json.loads(manifest.with_name("a.json").read_text("utf-8"))
    assert {finding["code"] for finding in written["findings"]} == {"MAN002", "MAN003"}
    assert written["exit_code"] == alone[0] == 1
    assert "MAN003" in manifest.with_name("a.html").read_text("utf-8")
    assert manifest.read_text("utf-8") == BOTH


def test_a_report_that_cannot_be_written_is_told_before_the_diff(
    manifest: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    code, out, error = run(*PLAIN, "--diff", "--output", "json=a.json", manifest.name)
    assert (code, out) == (2, "")
    assert "--output json=a.json could not be written: No space left on device" in error


def test_several_files_are_put_right_at_once(manifest: Path, run: Run) -> None:
    other = manifest.with_name("other.yaml")
    other.write_text(UNQUOTED.replace("acme-retail-in", "other"), "utf-8")
    good = manifest.with_name("good.yaml")
    good.write_text(QUOTED.replace("acme-retail-in", "good"), "utf-8")
    before = good.stat().st_mtime_ns
    _, _, error = run(*LINT, "--fix", ".")
    assert error.startswith("wa-policy: 2 fixed, ")
    assert manifest.read_text("utf-8") == MISTYPED
    assert other.read_text("utf-8") == QUOTED.replace("acme-retail-in", "other")
    assert good.stat().st_mtime_ns == before


def test_a_file_that_is_read_only_is_left_alone(manifest: Path, run: Run) -> None:
    manifest.chmod(0o444)
    code, _, error = run(*LINT, "--fix", "manifest.yaml")
    assert code == 3
    assert error == (
        "wa-policy: manifest.yaml was not put right: it is read-only\n"
        "wa-policy: 0 fixed, 2 left; --unsafe-fixes would put right 1 of these\n"
    )
    assert manifest.read_text("utf-8") == BOTH


def test_mode_and_links_stay(manifest: Path, run: Run) -> None:
    manifest.chmod(0o640)
    link = manifest.with_name("link.yaml")
    link.symlink_to("manifest.yaml")
    run(*LINT, "--fix", "link.yaml")
    assert link.is_symlink()
    assert (manifest.read_text("utf-8"), manifest.stat().st_mode & 0o777) == (MISTYPED, 0o640)


def test_a_file_that_cannot_be_read_is_not_touched(manifest: Path, run: Run) -> None:
    manifest.write_text(BOTH + "a: [\n", "utf-8")
    code, _, error = run(*LINT, "--fix", "manifest.yaml")
    assert (code, error) == (1, "wa-policy: 0 fixed, 1 left\n")
    assert manifest.read_text("utf-8") == BOTH + "a: [\n"


def from_stdin(text: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))


def test_standard_input_comes_back_put_right(ready: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from_stdin(UNQUOTED.replace("\n", "\r\n").encode("utf-8-sig"), monkeypatch)
    code, out, error = run(*LINT, "--fix", "--stdin-filename", "manifest.yaml", "-")
    assert code == 0
    assert out == "\ufeff" + QUOTED.replace("\n", "\r\n")
    assert error.startswith("wa-policy: 1 fixed, 0 left\n1 manifest, ")
    assert (ready / "manifest.yaml").read_text("utf-8") == READY


@pytest.mark.usefixtures("ready")
def test_standard_input_comes_back_though_nothing_is_to_be_done(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for text in (READY, "a: [\n"):
        from_stdin(text.encode(), monkeypatch)
        assert run(*LINT, "--fix", "-")[1] == text


@pytest.mark.usefixtures("ready")
def test_the_diff_of_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from_stdin(UNQUOTED.encode(), monkeypatch)
    code, out, _ = run(*PLAIN, "--diff", "--stdin-filename", "some.yaml", "-")
    assert code == 1
    assert out.startswith("--- some.yaml\n+++ some.yaml\n")


def test_the_report_of_what_is_left_is_written_in_any_format(manifest: Path, run: Run) -> None:
    _, out, _ = run(*LINT[:-1], "json", "--fix", str(manifest))
    report = json.loads(out)
    assert [finding["code"] for finding in report["findings"]] == ["MAN002"]
    [patch] = report["findings"][0]["patches"]
    assert (patch["title"], patch["safe"]) == ('rename the key to "data_center"', False)
    assert [edit["text"] for edit in patch["edits"]] == ["data_center"]


def test_json_manifests_are_put_right(ready: Path, run: Run) -> None:
    from wa_policy.testing import manifest

    data = manifest("metadata: {environment: live}")
    (ready / "manifest.yaml").unlink()
    path = ready / "manifest.json"
    path.write_text(
        json.dumps(data, indent=2).replace('"live"', '"LIVE"').replace('"102290129340398"', "102290129340398")
    )
    code, _, error = run(*LINT, "--fix", "manifest.json")
    assert (code, error) == (0, "wa-policy: 2 fixed, 0 left\n")
    assert path.read_text() == json.dumps(data, indent=2)


def test_a_suppression_that_nothing_needs_goes(ready: Path, run: Run) -> None:
    path = ready / "manifest.yaml"
    comment = '  # wa-policy: ignore[MAN003] reason="by hand" owner=crm'
    path.write_text(QUOTED.replace("  currency: INR", f"  currency: INR{comment}"), "utf-8")
    code, _, _ = run(*LINT, "--fix", "manifest.yaml")
    assert code == 0
    assert path.read_text("utf-8") == QUOTED


def test_an_entry_of_a_policy_that_nothing_needs_goes(ready: Path, run: Run) -> None:
    policy = "apiVersion: wa-policy/v1\nkind: Policy\nmetadata: {name: acme}\nextends: [go-live]  # as all\n"
    entry = "suppressions:\n  - {workspace: acme-retail-in, rules: [WBA004], reason: x, owner: y, until: 2027-01-01}\n"
    (ready / "wa-policy.yaml").write_text(policy + entry, "utf-8")
    _, out, error = run(*LINT, "--fix", "manifest.yaml")
    assert "MAN009" in out
    assert error == "wa-policy: 0 fixed, 1 left; --unsafe-fixes would put right 1 of these\n"
    code, out, error = run(*LINT, "--fix", "--unsafe-fixes", "manifest.yaml")
    assert (code, error) == (0, "wa-policy: 1 fixed, 0 left\n")
    assert (ready / "wa-policy.yaml").read_text("utf-8") == policy + "suppressions: []\n"


def test_of_an_entry_of_a_policy_what_is_needed_keeps_its_comment_and_its_form(ready: Path, run: Run) -> None:
    policy = "apiVersion: wa-policy/v1\nkind: Policy\nmetadata: {name: acme}\nextends: [go-live]\n"
    entry = "suppressions:\n  - rules:\n      - OPT007   # not yet\n      - NET011   # keep\n      - 'WBA004'\n"
    rest = "    workspace: acme-retail-in\n    reason: as the provider has it\n    owner: crm\n"
    (ready / "wa-policy.yaml").write_text(policy + entry + rest, "utf-8")
    (ready / "manifest.yaml").write_text(READY.replace(ENTRY, ENTRY * 2), "utf-8")
    run(*LINT, "--fix", "--unsafe-fixes", "manifest.yaml")
    left = "suppressions:\n  - rules:\n      - NET011   # keep\n"
    assert (ready / "wa-policy.yaml").read_text("utf-8") == policy + left + rest


def test_an_entry_of_a_policy_that_another_manifest_may_need_stays(ready: Path, run: Run) -> None:
    policy = "apiVersion: wa-policy/v1\nkind: Policy\nmetadata: {name: acme}\nextends: [go-live]\nsuppressions:\n"
    entry = '  - rules: [NET011]\n    workspace: "acme-*"\n    reason: as the provider has it\n    owner: crm\n'
    (ready / "wa-policy.yaml").write_text(policy + entry, "utf-8")
    needing = READY.replace(ENTRY, ENTRY * 2).replace("acme-retail-in", "acme-two")
    (ready / "other.yaml").write_text(needing, "utf-8")
    _, out, error = run(*LINT, "--fix", "--unsafe-fixes", "manifest.yaml")
    assert "MAN009 unused-suppression: NET011 finds nothing there in the manifests of this run" in out
    assert error == "wa-policy: 0 fixed, 1 left\n"
    assert (ready / "wa-policy.yaml").read_text("utf-8") == policy + entry


@pytest.mark.parametrize("unusable", ["missing", "broken"])
def test_what_accepts_a_finding_stays_while_the_evidence_that_shows_it_cannot_be_used(
    unusable: str, ready: Path, run: Run
) -> None:
    policy = "apiVersion: wa-policy/v1\nkind: Policy\nmetadata: {name: acme}\nextends: [go-live]\nsuppressions:\n"
    entry = "  - {rules: [OPT011], workspace: acme-retail-in, reason: x, owner: y, until: 2027-01-01}\n"
    (ready / "wa-policy.yaml").write_text(policy + entry, "utf-8")
    comment = '  # wa-policy: ignore[OPT009] reason="known" owner=crm until=2027-01-01'
    text = READY.replace("\nopt_in:\n", f"\nopt_in:{comment}\n")
    (ready / "manifest.yaml").write_text(text, "utf-8")
    audit = ready / "evidence" / "opt-in-audit.json"
    if unusable == "missing":
        audit.unlink()
    else:
        audit.write_text("{", "utf-8")
    _, out, error = run(*LINT, "--fix", "--unsafe-fixes", "manifest.yaml")
    assert "MAN008 evidence-missing-file" in out
    assert "MAN009" not in out
    assert error.startswith("wa-policy: 0 fixed, ")
    assert (ready / "manifest.yaml").read_text("utf-8") == text
    assert (ready / "wa-policy.yaml").read_text("utf-8") == policy + entry


def test_what_accepts_a_finding_of_data_stays_where_no_data_is_read(ready: Path, run: Run) -> None:
    comment = '  # wa-policy: ignore[OPT010] reason="the export is deleted" owner=crm until=2027-01-01'
    text = READY.replace("evidence/opt-in-audit.json\n", f"evidence/opt-in-audit.json{comment}\n")
    (ready / "manifest.yaml").write_text(text, "utf-8")
    assert "suppressed: OPT010" in run(*LINT, "--verify-digests", "manifest.yaml")[1]
    assert run(*LINT, "--fix", "manifest.yaml")[2] == "wa-policy: 0 fixed, 0 left\n"
    assert (ready / "manifest.yaml").read_text("utf-8") == text


# What somebody accepts is left alone, and nothing else.

ENTRY = "      - 3.6.251.95/32\n"
VALUE = "277c3ebc9eaab9e6"
COMMENTED = ENTRY.replace(
    "\n", f'  # wa-policy: ignore[NET011] reason="as the provider has it" owner=crm value={VALUE}\n'
)
ONCE, TWICE, THRICE = (READY.replace(ENTRY, ENTRY * times) for times in (1, 2, 3))
SECOND_ACCEPTED = READY.replace(ENTRY, ENTRY + COMMENTED)
ACCEPTING = f"""apiVersion: wa-policy/v1
kind: Policy
metadata: {{name: acme}}
extends: [go-live]
suppressions:
  - workspace: acme-retail-in
    rules: [NET011]
    route: bsp.ip_allowlist.entries[1]
    value: "{VALUE}"
    reason: as the provider has it
    owner: crm
    until: 2027-01-01
"""


def texts_after_fix(run: Run, texts: Mapping[str, str], *words: str) -> tuple[dict[str, str], str]:
    """What files hold once they are put right, and what is said of it."""
    for name, text in texts.items():
        Path(name).write_text(text, "utf-8")
    error = run(*LINT, "--fix", *words, *texts)[2]
    after = {name: Path(name).read_text("utf-8") for name in texts}
    again = run(*LINT, "--fix", *words, *texts)[2]
    assert again.startswith("wa-policy: 0 fixed, ")
    assert {name: Path(name).read_text("utf-8") for name in texts} == after
    return after, error


EVERYBODY = READY.replace(ENTRY, ENTRY + "      - 0.0.0.0/0\n")
LAB = '# wa-policy: ignore[NET004] reason="the lab" owner=crm'


@pytest.mark.parametrize(
    ("twice", "once"),
    [
        (f"      {LAB}\n      - 0.0.0.0/0\n", ""),
        (f"      {LAB}\n      # for a week\n      - 0.0.0.0/0  # since May\n", "      # for a week\n"),
        (f"      # for a week {LAB} # or two\n      - 0.0.0.0/0\n", "      # for a week # or two\n"),
        (f"      - 0.0.0.0/0  {LAB}\n", ""),
        (f"      {LAB}\n\n      - 0.0.0.0/0\n", f"      {LAB}\n\n"),
    ],
)
def test_what_accepts_a_finding_goes_with_the_entry_that_it_stands_at_and_not_over_to_the_next(
    twice: str, once: str, ready: Path, run: Run
) -> None:
    path = ready / "manifest.yaml"
    rest = "      - ::/0\n      # wa-policy is right\n"
    path.write_text(EVERYBODY.replace("- 0.0.0.0/0\n", f"- 0.0.0.0/0\n{twice}{rest}"), "utf-8")
    _, out, _ = run(*LINT, "--fix", "--select", "NET", "manifest.yaml")
    assert path.read_text("utf-8") == EVERYBODY.replace("- 0.0.0.0/0\n", f"- 0.0.0.0/0\n{once}{rest}")
    assert 'NET004 broad-entry: "::/0" lets in every IPv6 address' in out
    assert "suppressed: " not in out


@pytest.mark.usefixtures("ready")
def test_a_comment_keeps_its_own_finding_and_not_an_equal_one(run: Run) -> None:
    after, error = texts_after_fix(run, {"manifest.yaml": READY.replace(ENTRY, ENTRY + COMMENTED + ENTRY)})
    assert after == {"manifest.yaml": SECOND_ACCEPTED}
    assert error == "wa-policy: 1 fixed, 0 left\n"


@pytest.mark.usefixtures("ready")
def test_a_policy_keeps_what_it_names_and_not_an_equal_finding(run: Run) -> None:
    Path("wa-policy.yaml").write_text(ACCEPTING, "utf-8")
    after, error = texts_after_fix(run, {"manifest.yaml": THRICE})
    assert (after, error) == ({"manifest.yaml": TWICE}, "wa-policy: 1 fixed, 0 left\n")


@pytest.mark.usefixtures("ready")
def test_a_comment_in_one_file_keeps_nothing_in_another(run: Run) -> None:
    after, error = texts_after_fix(run, {"a.yaml": SECOND_ACCEPTED, "b.yaml": TWICE})
    assert after == {"a.yaml": SECOND_ACCEPTED, "b.yaml": ONCE}
    assert error.startswith("wa-policy: 1 fixed, ")


@pytest.mark.parametrize("comment", ["", COMMENTED])
@pytest.mark.usefixtures("ready")
def test_a_baseline_keeps_as_many_as_it_counts(comment: str, run: Run) -> None:
    texts = {"a.yaml": TWICE, "b.yaml": READY.replace(ENTRY, ENTRY + comment + ENTRY * 2)}
    for name, text in {"a.yaml": TWICE, "b.yaml": TWICE}.items():
        Path(name).write_text(text, "utf-8")
    run(
        "baseline", "write", "base.json", "a.yaml", "b.yaml", "--fail-on", "info", "--as-of", str(AS_OF), "--no-plugins"
    )
    assert '"count": 2' in Path("base.json").read_text("utf-8")
    after, error = texts_after_fix(run, texts, "--baseline", "base.json")
    assert after == {"a.yaml": TWICE, "b.yaml": READY.replace(ENTRY, ENTRY + comment + ENTRY)}
    assert error.startswith("wa-policy: 1 fixed, ")


def test_what_a_shell_sees(manifest: Path) -> None:
    words = [sys.executable, "-m", "wa_policy", *LINT, "--fix", "--unsafe-fixes", "-"]
    result = subprocess.run(
        words, input=BOTH.encode(), capture_output=True, cwd=manifest.parent, check=False, env=dict(os.environ)
    )
    assert result.stdout.decode() == QUOTED
    assert result.returncode == 0


lines = st.lists(st.sampled_from("abc"), max_size=30)


@given(lines, lines)
def test_a_diff_leads_from_one_text_to_the_other(before: list[str], after: list[str]) -> None:
    hunks = list(unified(before, after, (lambda number: before[number - 1], lambda number: after[number - 1])))
    assert not hunks or before != after
    assert patched(before, hunks) == after
    for line in hunks:
        if line.startswith("@@"):
            old, new = (int(part.partition(",")[2] or 1) for part in line[4:-3].split(" +"))
            at = hunks.index(line) + 1
            hunk = [other[0] for other in takewhile(lambda other: other[0] != "@", hunks[at:])]
            assert (old, new) == (hunk.count(" ") + hunk.count("-"), hunk.count(" ") + hunk.count("+"))


def patched(before: list[str], hunks: list[str]) -> list[str]:
    """What somebody makes of a text who follows a diff."""
    result: list[str] = []
    at = 0
    for line in hunks:
        if line[0] == "@":
            start, _, size = line[4:].partition(" ")[0].partition(",")
            first = int(start) - (size != "0")
            result += before[at:first]
            at = first
        elif line[0] == "+":
            result.append(line[1:])
        else:
            assert before[at] == line[1:]
            at += 1
            result += [line[1:]] * (line[0] == " ")
    return result + before[at:]


def test_a_diff_shows_three_lines_around() -> None:
    before = [str(number) for number in range(30)]
    after = [*before[:10], "x", *before[11:14], *before[15:]]
    shown = list(unified(before, after, (lambda number: before[number - 1], lambda number: after[number - 1])))
    assert shown[0] == "@@ -8,11 +8,10 @@"
    assert shown[1:] == [" 7", " 8", " 9", "-10", "+x", " 11", " 12", " 13", "-14", " 15", " 16", " 17"]


SPOILS = """
from wa_policy.api import Change, Fix, Problems, Step, Waba, fail, hookimpl, rule, rules_in

@rule("ACME001", "spoils", step=Step.WABA)
def spoils(waba: Waba) -> Problems:
    for index in range(waba.data.get("message_template_count", 1)):
        fix = Fix("number it", (Change("set", waba.at("a", "b"), index),), safe={safe})
        yield fail(f"it has no number {{index}}", at=waba.at("name"), fix=fix)

@hookimpl
def wa_policy_rules():
    return rules_in(__name__)
"""
REFUSED = 'the fix of ACME001 was left out, since the schema would refuse it: "a" is not a key of "waba"'


def test_a_fix_that_would_spoil_the_manifest_is_left_out_and_said(ready: Path, run: Run) -> None:
    (ready / "acme.py").write_text(SPOILS.format(safe=True), "utf-8")
    words = ("lint", "--as-of", str(AS_OF), "--plugin", "acme.py")
    for option, end in (("--fix", "0 fixed, 1 left"), ("--diff", "0 fixes would be made in 0 files")):
        code, _, error = run(*words, option, "manifest.yaml")
        assert (code, error) == (1, f"wa-policy: manifest.yaml:45: {REFUSED}\nwa-policy: {end}\n")
        assert (ready / "manifest.yaml").read_text("utf-8") == READY


def test_an_unsafe_fix_that_is_left_out_is_said_where_unsafe_ones_are_made(ready: Path, run: Run) -> None:
    (ready / "acme.py").write_text(SPOILS.format(safe=False), "utf-8")
    words = ("lint", "--as-of", str(AS_OF), "--plugin", "acme.py", "--fix", "manifest.yaml")
    assert run(*words)[2] == "wa-policy: 0 fixed, 1 left\n"
    assert REFUSED in run(*words, "--unsafe-fixes")[2]


def test_of_many_fixes_that_are_left_out_some_are_named(ready: Path, run: Run) -> None:
    (ready / "acme.py").write_text(SPOILS.format(safe=True), "utf-8")
    (ready / "manifest.yaml").write_text(READY.replace("  name: Acme", "  message_template_count: 8\n  name: Acme"))
    error = run("lint", "--as-of", str(AS_OF), "--plugin", "acme.py", "--fix", "manifest.yaml")[2].splitlines()
    assert error == [
        *[f"wa-policy: manifest.yaml:46: {REFUSED}"] * 5,
        "wa-policy: 3 more fixes were left out",
        "wa-policy: 0 fixed, 8 left",
    ]
