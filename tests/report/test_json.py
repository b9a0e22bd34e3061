"""The report for programs keeps to its schema, whatever it carries."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.report.conftest import Findings, Locations, Reports
from wa_policy.findings import SEVERITIES
from wa_policy.report.json import render
from wa_policy.report.model import (
    Edit,
    FactsUsed,
    Finding,
    LeftOut,
    Manifest,
    NotChecked,
    Patch,
    Report,
    Stale,
)
from wa_policy.rules.registry import Step
from wa_policy.schema.texts import load_schema
from wa_policy.source.spans import Span
from wa_policy.testing import READY, check_text

SCHEMA = load_schema("report")
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)


def parsed(report: Report) -> Any:
    data = json.loads(render(report))
    VALIDATOR.validate(data)
    return data


def full(finding: Findings, location: Locations, report: Reports) -> Report:
    return report(
        finding(location(), location(path="b.yaml", document=1, label="claimed here")),
        finding(document=-1, workspace="", outcome="unproven", severity="warning"),
        manifests=(
            Manifest("acme.yaml", 0, "acme", "live", checked=True),
            Manifest("b.yaml", -1, "", "", checked=False),
        ),
        not_checked=(NotChecked("ACME001 on acme", "it failed", "acme.yaml", 0, "ACME001", "report this", "waba"),),
        skipped=("package.json",),
        facts=(FactsUsed("waba", "2026-11", "probable", "acme.yaml"),),
    )


def test_a_report_is_one_object_of_the_schema(finding: Findings, location: Locations, report: Reports) -> None:
    data = parsed(full(finding, location, report))
    assert (data["format"], data["version"], data["tool"]) == (
        "wa-policy/report",
        1,
        {"name": "wa-policy", "version": "0.1.0"},
    )
    assert data["as_of"] == "2026-11-22"
    assert data["policy"] == {"name": "go-live", "origin": "bundled", "fail_on": "error"}
    assert data["exit_code"] == 3
    assert data["counts"] == {"error": 1, "warning": 1, "info": 0}
    assert data["rules"] == ["WBA008"]
    assert data["facts"] == [{"name": "waba", "as_of": "2026-11", "certainty": "probable", "origin": "acme.yaml"}]
    assert data["manifests"][1] == {
        "path": "b.yaml",
        "document": -1,
        "workspace": "",
        "environment": "",
        "checked": False,
        "unasked": [],
        "overrides": [],
        "turned_off": [],
    }
    assert (data["not_checked"][0]["code"], data["not_checked"][0]["step"]) == ("ACME001", "waba")
    assert data["skipped"] == ["package.json"]


def test_a_finding_says_all_that_is_known_of_it(finding: Findings, location: Locations, report: Reports) -> None:
    first = parsed(full(finding, location, report))["findings"][0]
    places = first.pop("locations")
    assert first == {
        "code": "WBA008",
        "name": "ineligible-country",
        "step": "waba",
        "severity": "error",
        "outcome": "fail",
        "message": "Meta serves no business in AQ",
        "why": "The account is closed.",
        "remedy": "Register elsewhere.",
        "workspace": "acme-retail",
        "path": "acme.yaml",
        "document": 0,
        "key": "",
        "fingerprint": "",
        "names": "",
        "value": "",
        "patches": [],
        "suppression": None,
    }
    assert places[0] == {
        "path": "acme.yaml",
        "document": 0,
        "route": "waba.country",
        "label": "",
        "line": 2,
        "column": 12,
        "end_line": 2,
        "end_column": 14,
        "source_column": 1,
        "source": "  country: AQ",
    }
    assert (places[1]["path"], places[1]["document"], places[1]["label"]) == ("b.yaml", 1, "claimed here")


def test_a_suppressed_finding_says_why_and_how_it_would_be_put_right(suppressed: Finding, report: Reports) -> None:
    edit = Edit("acme.yaml", Span(2, 12, 2, 14), '"GB"')
    (told,) = parsed(report(suppressed=(suppressed._replace(patches=(Patch("name another", False, (edit,)),)),)))[
        "suppressed"
    ]
    assert told["suppression"] == {
        "kind": "policy",
        "reason": "Meta said so",
        "owner": "crm",
        "until": "2027-01-31",
        "path": "wa-policy.yaml",
        "line": 12,
    }
    place = {"line": 2, "column": 12, "end_line": 2, "end_column": 14}
    assert told["patches"] == [
        {"title": "name another", "safe": False, "edits": [{"path": "acme.yaml", **place, "text": '"GB"'}]}
    ]


def test_the_schema_knows_every_key(
    finding: Findings, suppressed: Finding, location: Locations, report: Reports
) -> None:
    edit = Edit("acme.yaml", Span(2, 12, 2, 14), '"GB"')
    made = full(finding, location, report)._replace(
        suppressed=(suppressed._replace(patches=(Patch("name another", False, (edit,)),)),),
        stale=(Stale("acme", "NET002", "bsp", "9c56cc51b374c3ba", 1, "baseline.yaml", 3),),
        left_out=(LeftOut("NET001", "network"),),
    )
    data = parsed(made)
    kinds = SCHEMA["$defs"]
    (quiet,) = data["suppressed"]
    assert list(quiet["suppression"]) == list(kinds["Suppression"]["properties"])
    assert list(quiet["patches"][0]) == list(kinds["Patch"]["properties"])
    assert set(quiet["patches"][0]["edits"][0]) == set(kinds["Edit"]["properties"])
    assert list(data["stale"][0]) == list(kinds["Stale"]["properties"])
    assert list(data) == list(SCHEMA["properties"])
    assert list(data["findings"][0]) == list(kinds["Finding"]["properties"])
    assert list(data["findings"][0]["locations"][0]) == list(kinds["Location"]["properties"])
    assert list(data["not_checked"][0]) == list(kinds["NotChecked"]["properties"])
    assert list(data["manifests"][0]) == list(kinds["Manifest"]["properties"])
    assert data["left_out"] == 1
    assert list(data["facts"][0]) == list(kinds["Facts"]["properties"])


def test_the_schema_knows_every_step_and_severity() -> None:
    assert SCHEMA["$defs"]["Step"]["enum"] == [step.value for step in Step]
    assert set(SCHEMA["$defs"]["Severity"]["enum"]) == set(SEVERITIES) - {"off"}


@pytest.mark.parametrize(
    "text", [READY, "a: [\n", "kind: Workspace\n", READY.replace("APPROVED", "REJECTED"), f"{READY}---\nb: [\n"]
)
def test_real_reports_keep_to_the_schema(text: str) -> None:
    assert parsed(check_text(text, policy="strict"))["findings"]


@pytest.mark.parametrize(
    "text", ["a\n::error::forged", "\x1b[31m\x9b\u202e\u2028\x85", 'a"},{"b', "\udce9\ud800", "é 東京 🎉"]
)
def test_hostile_text_is_carried_and_escaped(
    text: str, finding: Findings, location: Locations, report: Reports
) -> None:
    made = report(
        finding(location(path=text, label=text, source=text, route=text), message=text, workspace=text), skipped=(text,)
    )
    assert render(made).isascii()
    assert not [line for line in render(made).split("\n") if line.startswith("::")]
    data = parsed(made)
    assert data["findings"][0]["message"] == data["findings"][0]["locations"][0]["path"] == data["skipped"][0] == text


def test_colour_makes_no_difference(finding: Findings, report: Reports) -> None:
    assert render(report(finding()), color=True) == render(report(finding()))
