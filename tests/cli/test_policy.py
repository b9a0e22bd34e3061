"""`wa-policy policy show` and `check`: what somebody who signs for a policy wants to see of it; and which one is not used."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.credentials import TOKEN
from wa_policy.manifest.secrets import mask_text
from wa_policy.report.formats import FORMATS

Run = Callable[..., tuple[int, str, str]]

BASE = """apiVersion: wa-policy/v1
kind: Policy
metadata: {name: base}
extends: go-live
suppressions:
  - {rules: [WBA002, NET001], workspace: "acme-*", environment: live, reason: Meta answers in March,
     owner: crm, until: 2027-03-31}
"""
OWN = """apiVersion: wa-policy/v1
kind: Policy
metadata: {name: acme}
extends: base.yaml
inline_suppressions: forbidden
suppressions:
  - rules: [unverified-business]
    workspace: acme-retail-in
    route: phone_numbers[0].number
    reason: "first\\n::error::second TOKEN"
    value: 59819d1ec87ae0dd
"""


@pytest.fixture
def policy(in_folder: Path) -> Path:
    """A policy with a suppression that extends another with one."""
    (in_folder / "base.yaml").write_text(BASE)
    (in_folder / "wa-policy.yaml").write_text(OWN.replace("TOKEN", TOKEN))
    return in_folder


@pytest.mark.usefixtures("policy")
def test_show_lists_the_suppressions_of_the_policy_and_of_those_that_it_extends(run: Run) -> None:
    code, out, error = run("policy", "show", "--no-plugins")
    assert (code, error) == (0, "")
    shown = out.partition("\nsuppressions\n")[2].partition("\nfacts\n")[0]
    assert (
        shown
        == f"""\
  comments in manifests suppress nothing (inline_suppressions: forbidden)
  base.yaml:6
    rules        WBA002 unverified-business, NET001 dynamic-ips
    workspace    acme-*
    environment  live
    route        any
    value        any
    reason       Meta answers in March
    owner        crm
    until        2027-03-31
  wa-policy.yaml:7
    rules        WBA002 unverified-business
    workspace    acme-retail-in
    environment  any
    route        phone_numbers[0].number
    value        59819d1ec87ae0dd
    reason       first\\n::error::second {mask_text(TOKEN)}
    owner        nobody
    until        no last day
"""
    )


@pytest.mark.usefixtures("policy")
def test_json_lists_them_too_with_their_places(run: Run) -> None:
    code, out, _ = run("policy", "show", "--no-plugins", "--format", "json")
    shown = json.loads(out)
    assert (code, shown["inline_suppressions"]) == (0, "forbidden")
    assert [(entry["path"], entry["line"]) for entry in shown["suppressions"]] == [
        ("base.yaml", 6),
        ("wa-policy.yaml", 7),
    ]
    assert shown["suppressions"][0] == {
        "rules": ["WBA002", "NET001"],
        "workspace": "acme-*",
        "environment": "live",
        "route": "",
        "value": "",
        "reason": "Meta answers in March",
        "owner": "crm",
        "until": "2027-03-31",
        "path": "base.yaml",
        "line": 6,
    }
    assert TOKEN not in out


PASTED = f"""apiVersion: wa-policy/v1
kind: Policy
metadata: {{name: {TOKEN}}}
overrides:
  - when: {{workspaces: ["*", "{TOKEN}"], paths: ["{TOKEN}/*", "*"]}}
    reason: see {TOKEN}
    rules: {{NUM012: "off"}}
suppressions:
  - {{rules: [WBA001], workspace: "*", reason: see {TOKEN}, owner: who has {TOKEN}, until: 2027-01-31}}
  - {{rules: [WBA002], workspace: "{TOKEN}", route: "waba.{TOKEN}", reason: because, owner: crm, until: 2027-01-31}}
facts:
  waba: {{as_of: 2026-11, source: "{TOKEN}", values: {{}}}}
"""


@pytest.mark.parametrize(
    "words",
    [
        "policy show",
        "policy show --format json",
        "policy check",
        "lint --show-settings .",
        "checklist .",
        "checklist --format json .",
        *(f"lint --format {form} ." for form in FORMATS),
    ],
)
def test_a_credential_anywhere_in_a_policy_is_masked(words: str, ready: Path, run: Run) -> None:
    (ready / "wa-policy.yaml").write_text(PASTED)
    _, out, error = run(*words.split())
    assert out
    assert TOKEN not in out + error


@pytest.mark.usefixtures("in_folder")
def test_show_says_that_there_are_none(run: Run) -> None:
    out = run("policy", "show", "--no-plugins", "go-live")[1]
    assert "\nsuppressions\n  none of the policy's own; comments in manifests may suppress findings\n\nfacts\n" in out


# All that is wrong with a policy is told, whatever kind of mistake it is.

WRONG = f"""{BASE.partition("extends")[0]}extends: [nowhere.yaml, other.yaml, neither.yaml]
fail_on: never
rules:
  NUM001: fatal
  NUM099: error
  OPT002: {{severity: eror, settings: {{minimum_share: 1}}}}
overrides:
  - rules: {{NUM098: info}}
  - when: {{environments: [live]}}
    reason: a trial
    severity: eror
    rules: {{NUM097: info}}
suppressions:
  - {{rules: [NUM096], workspace: acme}}
  - {{rules: [NUM095], workspace: acme, reason: old, untl: 2027-01-31}}
"""


def places(run: Run, *words: str) -> list[str]:
    """Where the mistakes of a policy are told, and the word in quotes that each is about."""
    code, out, error = run("policy", "check", "--no-plugins", *words)
    assert (code, out) == (2, "")
    return [" ".join(re.findall(r'^ *(\S+): (?:[^"]*"([^"]*)")?', line)[0]) for line in error.splitlines()[1:]]


def test_all_mistakes_of_a_policy_and_of_what_it_extends_are_told(in_folder: Path, run: Run) -> None:
    (in_folder / "wa-policy.yaml").write_text(WRONG)
    (in_folder / "other.yaml").write_text(f"{BASE}colour: red\nrules: {{NUM094: info}}\n")
    assert places(run) == [
        "other.yaml:8:1 colour",
        "other.yaml:9:9 NUM094",
        "wa-policy.yaml:4:11 nowhere.yaml",
        "wa-policy.yaml:4:37 neither.yaml",
        "wa-policy.yaml:5:10 fail_on",
        "wa-policy.yaml:7:11 NUM001",
        "wa-policy.yaml:8:3 NUM099",
        "wa-policy.yaml:9:22 severity",
        "wa-policy.yaml:9:39 minimum_share",
        "wa-policy.yaml:11:5 overrides[0]",
        "wa-policy.yaml:11:5 overrides[0]",
        "wa-policy.yaml:14:15 severity",
        "wa-policy.yaml:15:13 NUM097",
        "wa-policy.yaml:17:5 suppressions[0]",
        "wa-policy.yaml:18:14 NUM095",
        "wa-policy.yaml:18:53 untl",
    ]


def test_what_two_policies_extend_is_told_once(in_folder: Path, run: Run) -> None:
    head = BASE.partition("extends")[0]
    (in_folder / "wa-policy.yaml").write_text(f"{head}extends: [a.yaml, b.yaml]\n")
    for name in "ab":
        (in_folder / f"{name}.yaml").write_text(f"{head}extends: c.yaml\n")
    (in_folder / "c.yaml").write_text(f"{head}colour: red\n")
    assert places(run) == ["c.yaml:4:1 colour"]


@pytest.mark.parametrize("extends", ["extends: nowhere.yaml\n", "fail_on: never\n"])
def test_facts_are_compared_once_all_that_they_stand_on_is_there(extends: str, in_folder: Path, run: Run) -> None:
    facts = "facts: {moengage_static_ip: {as_of: 2026-11, source: a mail, values: {}}}\n"
    path = in_folder / "wa-policy.yaml"
    path.write_text(BASE.partition("extends")[0] + extends + facts)
    assert len(places(run)) == 1
    path.write_text(BASE.partition("extends")[0] + facts)
    assert places(run) == ["wa-policy.yaml:4:9 moengage_static_ip"]


@pytest.mark.parametrize(
    "text", ["- a\n", "", "kind: Workspace\nrules: {NUM099: info}\n", "apiVersion: wa-policy/v9\nkind: Policy\n"]
)
def test_of_what_is_no_policy_only_that_is_told(text: str, in_folder: Path, run: Run) -> None:
    (in_folder / "wa-policy.yaml").write_text(text)
    assert len(places(run)) == 1


# A policy that nobody looks for is told, wherever it would have weighed something.


@pytest.mark.parametrize("words", [["lint"], ["checklist"], ["baseline", "write", "base.json"]])
def test_a_policy_that_is_not_used_is_told(words: list[str], ready: Path, run: Run) -> None:
    team = ready / "team"
    team.mkdir()
    (ready / "manifest.yaml").rename(team / "manifest.yaml")
    (ready / "evidence").rename(team / "evidence")
    (team / "wa-policy.yaml").write_text(BASE)
    told = (
        "wa-policy: team/wa-policy.yaml was not used: without --policy, a policy is looked for in the current folder and "
        "above it; go to where it applies, or say --policy team/wa-policy.yaml\n"
    )
    assert run(*words, "--as-of", "2026-11-22", "team")[::2] == (0, told)
    assert run(*words, "--as-of", "2026-11-22", "--policy", "go-live", "team")[::2] == (0, "")
    assert run(*words, "--as-of", "2026-11-22", "--policy", "team/wa-policy.yaml", "team")[2] == ""


def test_it_is_told_with_the_settings_too(ready: Path, run: Run) -> None:
    (ready / "team").mkdir()
    (ready / "team" / "wa-policy.yaml").write_text(BASE)
    code, out, error = run("lint", "--show-settings", "team")
    assert (code, "go-live" in out) == (0, True)
    assert error.startswith("wa-policy: team/wa-policy.yaml was not used: ")
    assert run("lint", "--show-files", "team")[2] == ""


def test_of_many_policies_the_first_are_told(ready: Path, run: Run) -> None:
    for number in range(7):
        folder = ready / f"team{number}"
        folder.mkdir()
        (folder / "wa-policy.yaml").write_text(BASE)
    _, _, error = run("lint", ".")
    assert [line.split()[1] for line in error.splitlines()] == [
        *(f"team{number}/wa-policy.yaml" for number in range(5)),
        "2",
    ]
    assert error.endswith("wa-policy: 2 more policies were not used\n")


def test_show_tells_of_an_override_what_it_says(in_folder: Path, run: Run) -> None:
    head = "apiVersion: wa-policy/v1\nkind: Policy\nmetadata: {name: acme}\nextends: go-live\n"
    overrides = "overrides: [{when: {environments: [test]}, reason: a trial, unproven: info, rules: {NET002: info}}]\n"
    (in_folder / "wa-policy.yaml").write_text(head + overrides)
    code, out, error = run("policy", "show", "--no-plugins")
    assert (code, error) == (0, "")
    assert "override for environments test (a trial)\n  unproven: info\n  NET002: severity info\n" in out
