"""What overrides of the policy let pass is told wherever somebody signs for it; what is accepted by name keeps nobody back."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wa_policy.testing import AS_OF, READY

Run = Callable[..., tuple[int, str, str]]

REJECTED = READY.replace("account_review_status: APPROVED", "account_review_status: REJECTED")
HEAD = "apiVersion: wa-policy/v1\nkind: Policy\nmetadata: {name: acme}\n"
OVERRIDES = f"""{HEAD}overrides:
  - when: {{workspaces: ["acme-*"]}}
    reason: until the review is through
    rules: {{WBA001: "off", NUM012: "off"}}
  - when: {{environments: [live]}}
    reason: nobody asked yet
    unproven: "off"
    rules: {{NET002: {{unproven: "off"}}}}
  - when: {{workspaces: ["acm-*"]}}
    reason: mistyped
    rules: {{WBA001: "off"}}
"""
FIRST = "(until the review is through; wa-policy.yaml:5)"
SECOND = "(nobody asked yet; wa-policy.yaml:8)"


@pytest.fixture
def rejected(ready: Path) -> Path:
    """A folder with a manifest whose account was refused, and a policy with overrides."""
    (ready / "manifest.yaml").write_text(REJECTED)
    (ready / "wa-policy.yaml").write_text(OVERRIDES)
    return ready


def checklist(run: Run) -> dict[str, Any]:
    code, out, _ = run("checklist", "--as-of", str(AS_OF), "--format", "json", "manifest.yaml")
    (workspace,) = json.loads(out)["workspaces"]
    return {"exit code": code, **workspace}


@pytest.mark.usefixtures("rejected")
@pytest.mark.parametrize("form", ["text", "concise", "github", "markdown"])
def test_every_report_for_people_says_what_is_let_pass_and_why(form: str, run: Run) -> None:
    code, out, error = run("lint", "--as-of", str(AS_OF), "--format", form, "manifest.yaml")
    assert (code, error) == (0, "")
    assert f"turned off for 1 manifest: NUM012, WBA001 {FIRST}" in out.replace("`", "")
    assert f"what nothing shows is let pass for 1 manifest: 105 rules {SECOND}" in out.replace("`", "")
    assert "mistyped" not in out


@pytest.mark.usefixtures("rejected")
@pytest.mark.parametrize("words", [[], ["--no-cache"], ["--jobs", "2"]])
def test_programs_are_told_for_how_many_manifests_each_holds(words: list[str], run: Run, rejected: Path) -> None:
    other = READY.replace("acme-retail-in", "other").replace("environment: live", "environment: test")
    (rejected / "other.yaml").write_text(other)
    for _ in range(2):
        _, out, _ = run("lint", "--as-of", str(AS_OF), "--format", "json", "--select", "WBA001,NET002", *words, ".")
        data = json.loads(out)
        assert [(item["line"], item["manifests"]) for item in data["overrides"]] == [(5, 1), (8, 1), (12, 0)]
        assert {item["path"]: (item["overrides"], item["turned_off"]) for item in data["manifests"]} == {
            "manifest.yaml": (
                [0, 1],
                [
                    {"code": "NET002", "outcome": "unproven", "override": 1},
                    {"code": "WBA001", "outcome": "fail", "override": 0},
                ],
            ),
            "other.yaml": ([], []),
        }


@pytest.mark.usefixtures("rejected")
def test_the_checklist_says_it_below_each_step(run: Run) -> None:
    _, out, _ = run("checklist", "--as-of", str(AS_OF), "manifest.yaml")
    said = " ".join(out.split())
    assert (
        f"2 an approved WhatsApp Business Account READY turned off: WBA001 {FIRST} what nothing shows is let pass"
        in said
    )
    assert "highest policy met: none; for draft, settle WBA001" in said
    steps = {step["step"]: step["turned_off"] for step in checklist(run)["steps"]}
    assert steps["waba"][0] == {
        "codes": ["WBA001"],
        "outcome": "fail",
        "reason": "until the review is through",
        "path": "wa-policy.yaml",
        "line": 5,
    }
    assert [item["outcome"] for item in steps["numbers"]] == ["fail", "unproven"]


def test_the_checklist_says_it_of_the_manifest_itself(ready: Path, run: Run) -> None:
    """Its rules belong to no step; whoever signs sees above the first one what they would say."""
    (ready / "wa-policy.yaml").write_text(
        f"{HEAD}overrides:\n"
        '  - {when: {environments: [live]}, reason: until spring, rules: {MAN003: "off", MAN007: {unproven: "off"}}}\n'
    )
    _, out, _ = run("checklist", "--as-of", str(AS_OF), "manifest.yaml")
    lines = out.splitlines()
    assert lines[1] == "      turned off: MAN003 (until spring; wa-policy.yaml:5)"
    assert lines[2] == "      what nothing shows is let pass: MAN007 (until spring; wa-policy.yaml:5)"
    assert lines[3].startswith("  1  an account")
    off = {"codes": ["MAN003"], "outcome": "fail", "reason": "until spring", "path": "wa-policy.yaml", "line": 5}
    assert checklist(run)["manifest_turned_off"] == [off, off | {"codes": ["MAN007"], "outcome": "unproven"}]
    _, page, _ = run("lint", "--as-of", str(AS_OF), "--format", "html", "manifest.yaml")
    own = page.partition("<section class=own data-step=manifest>")[2].partition("</section>")[0]
    assert "<p class=quiet>Turned off: MAN003 (until spring; wa-policy.yaml:5)" in own


def test_the_checklist_says_what_is_accepted_of_the_manifest_itself(ready: Path, run: Run) -> None:
    late = "2027-06-01"
    said = ("checklist", "--as-of", late, "manifest.yaml")
    (ready / "wa-policy.yaml").write_text(f"{HEAD}rules: {{MAN006: error}}\n")
    assert "MAN006 (error)" in run(*said)[1]
    (ready / "wa-policy.yaml").write_text(
        f"{HEAD}rules: {{MAN006: error}}\n"
        "suppressions: [{rules: [MAN006], workspace: acme-retail-in, reason: it is old, owner: crm, until: 2027-12-31}]\n"
    )
    lines = run(*said)[1].splitlines()
    assert lines[1].startswith("      accepted: MAN006 line ")
    _, out, _ = run(*said, "--format", "json")
    (workspace,) = json.loads(out)["workspaces"]
    assert workspace["manifest"] == []
    assert {(item["code"], item["reason"], item["owner"]) for item in workspace["manifest_accepted"]} == {
        ("MAN006", "it is old", "crm")
    }


@pytest.mark.usefixtures("rejected")
def test_the_page_says_it_in_each_step(run: Run) -> None:
    _, out, _ = run("lint", "--as-of", str(AS_OF), "--format", "html", "manifest.yaml")
    assert f"<p class=quiet>Turned off: WBA001 {FIRST}" in out


@pytest.mark.parametrize("when", ['workspaces: ["*"]', 'paths: ["*"]', 'paths: ["**"]'])
def test_what_is_let_pass_for_every_manifest_is_told_too(when: str, rejected: Path, run: Run) -> None:
    override = f"{{when: {{{when}}}, reason: WHY, rules: {{WBA: 'off', NET002: {{unproven: 'off'}}}}}}"
    (rejected / "wa-policy.yaml").write_text(f"{HEAD}overrides: [{override}]\n")
    _, out, _ = run("lint", "--as-of", str(AS_OF), "manifest.yaml")
    assert "turned off for 1 manifest: 8 rules (WHY; wa-policy.yaml:4)" in out
    assert "what nothing shows is let pass for 1 manifest: NET002 (WHY; wa-policy.yaml:4)" in out
    steps = {step["step"]: step for step in checklist(run)["steps"]}
    assert (steps["waba"]["state"], steps["waba"]["turned_off"][0]["reason"]) == ("NOT ASKED", "WHY")
    _, out, _ = run("policy", "show", "--format", "json")
    assert json.loads(out)["rulings"]["WBA001"]["fail"] == "error"


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ("rules: {WBA001: 'off'}", "severity: warning", "FIRST"),
        ("rules: {WBA001: 'off'}", "severity: 'off'", "FIRST"),
        ("severity: 'off'", "rules: {WBA001: 'off'}", "SECOND"),
        ("rules: {WBA: 'off'}", "unproven: info, rules: {WBA001: {unproven: info}}", "FIRST"),
        ("severity: 'off'", "rules: {NUM001: info}", "FIRST"),
        ("rules: {WBA001: {unproven: 'off'}}", "severity: warning", "FIRST"),
        ("rules: {WBA001: {unproven: 'off'}}", "unproven: 'off'", "SECOND"),
        ("unproven: info", "unproven: 'off'", "SECOND"),
    ],
)
def test_what_is_let_pass_has_the_reason_of_the_override_that_decides(
    first: str, second: str, why: str, rejected: Path, run: Run
) -> None:
    when = "when: {environments: [live]}"
    overrides = f"overrides: [{{{when}, reason: FIRST, {first}}}, {{{when}, reason: SECOND, {second}}}]\n"
    (rejected / "wa-policy.yaml").write_text(f"{HEAD}{overrides}")
    _, out, _ = run("lint", "--as-of", str(AS_OF), "--select", "WBA001", "manifest.yaml")
    (told,) = (line for line in out.splitlines() if "for 1 manifest: WBA001" in line)
    assert told.endswith(f"({why}; wa-policy.yaml:4)")


PASTED = READY.replace("{vault: crm/gupshup#password}", "correct-horse-battery-staple")
LAX = f"{HEAD}overrides: [{{when: {{WHEN}}, reason: pasted for now, rules: {{MAN001: 'off', MAN004: 'off'}}}}]\n"


@pytest.mark.parametrize(
    ("text", "when"),
    [(PASTED, "workspaces: ['acme-*']"), (PASTED, "paths: ['*']"), (f"{PASTED}wba: [\n", "paths: ['*']")],
)
def test_what_is_let_pass_of_a_manifest_that_could_not_be_checked_is_told(
    text: str, when: str, ready: Path, run: Run
) -> None:
    (ready / "manifest.yaml").write_text(text)
    (ready / "wa-policy.yaml").write_text(LAX.replace("WHEN", when))
    told = "turned off for 1 manifest: MAN001, MAN004 (pasted for now; wa-policy.yaml:4)"
    for form in ("text", "concise", "github", "markdown"):
        _, out, _ = run("lint", "--as-of", str(AS_OF), "--format", form, "manifest.yaml")
        assert told in out.replace("`", "")
        assert "correct-horse" not in out
    _, out, _ = run("lint", "--as-of", str(AS_OF), "--format", "json", "manifest.yaml")
    data = json.loads(out)
    assert [item["manifests"] for item in data["overrides"]] == [1]
    (manifest,) = data["manifests"]
    assert (manifest["checked"], manifest["overrides"]) == (False, [0])
    assert [item["code"] for item in manifest["turned_off"]] == ["MAN001", "MAN004"]


def test_a_credential_in_a_reason_is_masked(rejected: Path, run: Run) -> None:
    token = "EAAG" + "x1Y2z3W4" * 12
    (rejected / "wa-policy.yaml").write_text(OVERRIDES.replace("until the review is through", f"token {token}"))
    for form in ("text", "json", "html"):
        assert token not in run("lint", "--as-of", str(AS_OF), "--format", form, "manifest.yaml")[1]


@pytest.mark.parametrize("forbidden", [False, True])
def test_what_the_policy_accepts_by_name_keeps_a_workspace_from_no_policy(
    forbidden: bool, ready: Path, run: Run
) -> None:
    (ready / "manifest.yaml").write_text(REJECTED)
    (ready / "wa-policy.yaml").write_text(
        f"{HEAD}suppressions:\n  - {{rules: [WBA001], workspace: acme-retail-in, reason: asked, owner: crm, until: 2027-01-31}}\n"
    )
    assert checklist(run)["highest_policy_met"] == "go-live"
    comment = '  # wa-policy: ignore[WBA001] reason="asked" owner=crm until=2027-01-31\n'
    (ready / "manifest.yaml").write_text(REJECTED.replace("status: REJECTED\n", f"status: REJECTED{comment}"))
    (ready / "wa-policy.yaml").write_text(f"{HEAD}inline_suppressions: {'forbidden' if forbidden else 'allowed'}\n")
    assert checklist(run)["highest_policy_met"] == (None if forbidden else "go-live")
