"""Annotations, as GitHub's runner reads them: ours and no others, at their places, the worst within what GitHub shows."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings

from tests.report.conftest import Findings, Locations, Reports
from tests.report.hostile import acts, commands, reports
from wa_policy.report import concise, text
from wa_policy.report.github import render
from wa_policy.report.model import Finding, NotChecked, Report, worst_first
from wa_policy.report.places import from_top, top
from wa_policy.report.safe import visible


def test_a_finding_is_an_annotation_at_its_place(finding: Findings, location: Locations, report: Reports) -> None:
    made = report(
        finding(location(), location(path="evidence/waba.json", span=(7, 1, 7, 4), label="Meta answered this"))
    )
    first, *rest = render(made).split("\n")
    assert first == (
        "::error file=acme.yaml,line=2,endLine=2,col=12,endColumn=14,title=WBA008 ineligible-country::"
        "Meta serves no business in AQ%0Ain acme-retail, waba.country%0Asee evidence/waba.json:7: Meta answered this"
        "%0Afix: Register elsewhere."
    )
    assert "\n".join(rest).endswith("NOT READY: findings of severity error or worse\n")


@pytest.mark.parametrize(("severity", "kind"), [("error", "error"), ("warning", "warning"), ("info", "notice")])
def test_each_severity_has_its_kind(severity: str, kind: str, finding: Findings, report: Reports) -> None:
    (command,) = commands(render(report(finding(severity=severity))))
    assert command.name == kind


def test_a_place_on_several_lines_has_no_columns(finding: Findings, report: Reports) -> None:
    (command,) = commands(render(report(finding(span=(2, 12, 5, 3)))))
    assert command.properties == {
        "file": "acme.yaml",
        "line": "2",
        "endLine": "5",
        "title": "WBA008 ineligible-country",
    }


def test_what_was_not_checked_is_an_error_before_all_others(finding: Findings, report: Reports) -> None:
    items = (
        NotChecked("a.yaml", "it cannot be read", "a.yaml", remedy="mend it"),
        NotChecked("plugin acme", "it did not load"),
    )
    first, second, _ = commands(render(report(finding(), not_checked=items)))
    assert first == (
        "error",
        {"file": "a.yaml", "line": "1", "title": "not checked"},
        "a.yaml: it cannot be read\nfix: mend it",
    )
    assert second == ("error", {"title": "not checked"}, "plugin acme: it did not load")


def test_the_worst_are_shown_and_the_rest_is_counted(finding: Findings, report: Reports) -> None:
    many = [
        finding(severity=severity, message=f"{severity} {number}")
        for number in range(12)
        for severity in ("info", "error")
    ]
    made = report(*many, finding(outcome="unproven", message="x"), finding(message="y"), finding(severity="warning"))
    shown = commands(render(made))
    assert [command.name for command in shown] == ["error"] * 10 + ["warning"] + ["notice"] * 10
    assert shown[0].data.startswith("error 0\n")
    counted = "GitHub shows 10 annotations of a kind; not annotated: 4 errors, 2 notices. "
    assert f"{counted}The step summary lists them.\n" in render(made, summarized="all")
    assert f"{counted}The step summary lists as many as it has room for.\n" in render(made, summarized="some")
    assert f"{counted}Another format lists them, such as --output text=FILE.\n" in render(made)


def test_a_failure_comes_before_what_is_not_shown(finding: Findings, report: Reports) -> None:
    made = report(*(finding(outcome="unproven") for _ in range(10)), finding(message="shown wrong"))
    assert commands(render(made))[0].data.startswith("shown wrong")


def test_suppressed_findings_are_listed_and_not_annotated(suppressed: Finding, report: Reports) -> None:
    log = render(report(suppressed=(suppressed,)))
    assert commands(log) == []
    assert "suppressed: WBA008 ineligible-country at acme.yaml:2:12: Meta said so, owner crm, until 2027-01-31" in log
    assert "no findings; 1 suppressed" in log


def test_a_long_message_is_cut(finding: Findings, report: Reports) -> None:
    (command,) = commands(render(report(finding(message="x" * 100_000))))
    assert len(command.data) < 5_000
    assert command.data.endswith(" [...]")


def test_paths_begin_at_the_top_of_the_checkout(
    in_folder: Path, finding: Findings, report: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    (in_folder / "repository" / ".git").mkdir(parents=True)
    (in_folder / "repository" / "brands").mkdir()
    monkeypatch.chdir(in_folder / "repository" / "brands")
    places = [
        "acme.yaml",
        "../other/acme.yaml",
        str(in_folder / "repository" / "x.yaml"),
        str(in_folder / "y.yaml"),
        "../..",
    ]
    (command,) = commands(render(report(finding())))
    assert command.properties["file"] == "brands/acme.yaml"
    assert [from_top(path, top()) for path in places] == [
        "brands/acme.yaml",
        "other/acme.yaml",
        "x.yaml",
        str(in_folder / "y.yaml"),
        str(in_folder),
    ]


def test_without_a_repository_paths_begin_at_the_workspace_of_the_runner(
    in_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (in_folder / "workspace" / "brands").mkdir(parents=True)
    monkeypatch.chdir(in_folder / "workspace" / "brands")
    assert from_top("acme.yaml", top()) == "acme.yaml"
    monkeypatch.setenv("GITHUB_WORKSPACE", str(in_folder / "elsewhere"))
    assert from_top("acme.yaml", top()) == "acme.yaml"
    monkeypatch.setenv("GITHUB_WORKSPACE", str(in_folder / "workspace"))
    assert from_top("acme.yaml", top()) == "brands/acme.yaml"


@settings(max_examples=150)
@given(reports())
def test_no_text_speaks_to_the_runner(made: Report) -> None:
    log = render(made)
    assert not acts(log.replace("\n", ""))
    found = commands(log)
    expected = worst_first(made.findings)
    assert len(found) == len(made.not_checked) + len(expected)
    for finding, command in zip(expected, found[len(made.not_checked) :], strict=True):
        main = finding.locations[0]
        assert command.name == {"info": "notice"}.get(finding.severity, finding.severity)
        assert command.data.startswith(visible(finding.message))
        assert command.properties["file"] == visible(from_top(main.path, top()))
        assert command.properties["line"] == str(main.span.line)
        assert command.properties["title"].strip() == visible(f"{finding.code} {finding.name}").strip()
        assert ("col" in command.properties) == (main.span.line == main.span.end_line)


@settings(max_examples=100)
@given(reports())
def test_no_text_speaks_to_the_runner_from_a_log(made: Report) -> None:
    for log in (text.render(made), concise.render(made)):
        assert commands(log) == []
        assert not acts(log.replace("\n", ""))
        assert not re.search("^forged", log, re.MULTILINE)
