"""One line per finding: for grep, for editors, and for nobody to forge."""

import re

import pytest

from tests.report.conftest import Findings, Locations, Reports
from wa_policy.report.concise import render
from wa_policy.report.model import Finding, NotChecked


def test_each_finding_takes_one_line(finding: Findings, location: Locations, report: Reports) -> None:
    made = report(
        finding(),
        finding(location(), location(path="b.yaml"), outcome="unproven", severity="warning"),
        finding(path="acme.yaml", document=-1, workspace="", message="it is broken"),
        not_checked=(
            NotChecked("ACME001 on acme", "the rule itself failed", "acme.yaml", 0, "ACME001", "report this"),
        ),
    )
    assert render(made) == (
        "acme.yaml:2:12: error WBA008 ineligible-country: Meta serves no business in AQ [acme-retail]\n"
        "acme.yaml:2:12: warning WBA008 ineligible-country (unproven): Meta serves no business in AQ [acme-retail]\n"
        "acme.yaml:2:12: error WBA008 ineligible-country: it is broken\n"
        "not checked: ACME001 on acme: the rule itself failed\n"
        "1 manifest, 1 rule: 2 errors, 1 warning\n"
        "policy go-live (bundled), as of 2026-11-22\n"
        "NOT READY: 1 thing could not be checked\n"
    )


def test_without_findings_only_the_summary_is_left(report: Reports) -> None:
    assert render(report()) == ("1 manifest, 1 rule: no findings\npolicy go-live (bundled), as of 2026-11-22\nREADY\n")


def test_colours_come_only_when_asked_for(finding: Findings, report: Reports) -> None:
    assert "\x1b" not in render(report(finding()))
    assert re.sub(r"\x1b\[[0-9;]*m", "", render(report(finding()), color=True)) == render(report(finding()))


@pytest.mark.parametrize("text", ["a\n::error::forged", "a\r\x1b[31m", "a\x9b\u202e\u2028\x85", "a\u200b\udce9"])
def test_no_text_forges_a_line(text: str, finding: Findings, location: Locations, report: Reports) -> None:
    made = report(
        finding(location(path=text), message=text, workspace=text), not_checked=(NotChecked(text, text, text),)
    )
    lines = render(made).split("\n")
    assert len(lines) == len(render(report(finding(), not_checked=(NotChecked("a", "b"),))).split("\n"))
    assert all(re.fullmatch(r"[ -~]*", line) for line in lines)


def test_every_suppressed_finding_takes_a_line(suppressed: Finding, report: Reports) -> None:
    lines = render(report(suppressed=(suppressed,) * 60)).split("\n")
    assert (
        lines[:60]
        == ["suppressed: WBA008 ineligible-country at acme.yaml:2:12: Meta said so, owner crm, until 2027-01-31"] * 60
    )
    assert lines[60] == "1 manifest, 1 rule: no findings; 60 suppressed"
