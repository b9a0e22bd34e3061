"""Code Quality as GitLab reads it: each issue with what it needs, and known again by a fingerprint of its own."""

import json
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from jsonschema import Draft202012Validator

from tests.report.conftest import Findings, Reports
from tests.report.hostile import acts, reports
from wa_policy.report.gitlab import render
from wa_policy.report.model import Finding, NotChecked, Report, worst_first
from wa_policy.report.places import from_top, top
from wa_policy.report.safe import visible

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "gitlab-code-quality.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def issues(report: Report) -> list[dict[str, Any]]:
    text = render(report)
    assert text.isascii()
    read: list[dict[str, Any]] = json.loads(text)
    VALIDATOR.validate(read)
    fingerprints = [issue["fingerprint"] for issue in read]
    assert len(set(fingerprints)) == len(fingerprints)
    return read


def test_a_finding_is_an_issue(finding: Findings, report: Reports) -> None:
    (issue,) = issues(report(finding(fingerprint="6f0c3f2a9b1d4e58")))
    assert issue == {
        "description": "ineligible-country: Meta serves no business in AQ [acme-retail]",
        "check_name": "WBA008",
        "fingerprint": "6f0c3f2a9b1d4e58",
        "severity": "critical",
        "location": {"path": "acme.yaml", "lines": {"begin": 2, "end": 2}},
    }


def test_severities_and_outcomes_are_told_the_worst_first(finding: Findings, report: Reports) -> None:
    made = report(
        finding(severity="info", fingerprint="1"),
        finding(severity="warning", outcome="unproven", fingerprint="2"),
        finding(fingerprint="3"),
        not_checked=(NotChecked("plugin acme", "it did not load"), NotChecked("plugin acme", "it did not load")),
    )
    read = issues(made)
    assert [issue["severity"] for issue in read] == ["blocker", "blocker", "critical", "major", "info"]
    assert read[0]["location"] == {"path": "acme.yaml", "lines": {"begin": 1}}
    assert read[3]["description"].startswith("ineligible-country (unproven): ")


def test_a_rule_that_failed_is_named_like_one_that_found_something(report: Reports) -> None:
    failed = NotChecked("ACME001 on acme.yaml", "the rule itself failed", "acme.yaml", code="ACME001")
    named = [
        issue["check_name"] for issue in issues(report(not_checked=(failed, NotChecked("acme.yaml", "it is gone"))))
    ]
    assert named == ["ACME001", "not-checked"]


def test_what_is_suppressed_is_listed_as_such(suppressed: Finding, report: Reports) -> None:
    (issue,) = issues(report(suppressed=(suppressed,)))
    assert issue["severity"] == "info"
    assert issue["description"].startswith(
        "suppressed (Meta said so, owner crm, until 2027-01-31): ineligible-country: "
    )


def test_without_findings_the_list_is_empty(report: Reports) -> None:
    assert issues(report()) == []


@settings(max_examples=100)
@given(reports())
def test_every_text_is_told_and_none_acts(made: Report) -> None:
    read = issues(made)
    assert len(read) == len(made.findings) + len(made.suppressed) + len(made.not_checked)
    told = read[len(made.not_checked) : len(made.not_checked) + len(made.findings)]
    for issue, finding in zip(told, worst_first(made.findings), strict=True):
        assert visible(finding.message)[1:] in issue["description"]
        assert issue["location"]["path"] == visible(from_top(finding.locations[0].path, top()))
    assert not any(acts(issue["description"] + issue["check_name"] + issue["location"]["path"]) for issue in read)
