"""`wa-policy policy show` and `check`: what somebody who signs for a policy wants to see of it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.test_secrets import TOKEN
from wa_policy.manifest.secrets import mask_text

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


@pytest.mark.usefixtures("in_folder")
def test_show_says_that_there_are_none(run: Run) -> None:
    out = run("policy", "show", "--no-plugins", "go-live")[1]
    assert "\nsuppressions\n  none of the policy's own; comments in manifests may suppress findings\n\nfacts\n" in out
