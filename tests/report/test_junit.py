"""JUnit as its readers take it: valid by Jenkins' schema, read back by Python's parser and by junitparser."""

from pathlib import Path
from xml.etree import ElementTree as ET

import junitparser
import xmlschema
from hypothesis import given, settings

from tests.report.conftest import Findings, Reports
from tests.report.hostile import acts, reports
from wa_policy.report.junit import render
from wa_policy.report.model import Finding, Manifest, NotChecked, Report, fails
from wa_policy.report.safe import visible

SCHEMA = xmlschema.XMLSchema(str(Path(__file__).parent / "schemas" / "junit-10.xsd"))


def suites(report: Report) -> list[ET.Element]:
    text = render(report)
    SCHEMA.validate(text.encode("utf-8"))
    root = ET.fromstring(text)  # noqa: S314  # our own text
    for element in root.iter("testsuite"):
        cases = list(element)
        assert element.attrib["tests"] == str(len(cases))
        for tag, counter in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert element.attrib[counter] == str(sum(case.find(tag) is not None for case in cases))
    assert root.attrib["tests"] == str(sum(1 for _ in root.iter("testcase")))
    return list(root)


def test_each_manifest_is_a_suite_and_each_finding_a_case(finding: Findings, report: Reports) -> None:
    manifests = (
        Manifest("acme.yaml", 0, "acme-retail", "live", checked=True),
        Manifest("acme.yaml", 1, "acme-other", "live", checked=True),
    )
    first, second = suites(report(finding(), finding(severity="warning"), manifests=manifests))
    assert first.attrib["name"] == "acme-retail in acme.yaml"
    assert second.attrib["name"] == "acme-other in acme.yaml (document 2)"
    failed, milder = first
    assert failed.attrib == {
        "classname": "acme-retail in acme.yaml",
        "name": "WBA008 ineligible-country at waba.country",
        "file": "acme.yaml",
        "line": "2",
        "time": "0",
    }
    assert failed[0].attrib["message"] == "Meta serves no business in AQ"
    assert (failed[0].text or "").split("\n") == [
        "error[WBA008] ineligible-country: Meta serves no business in AQ",
        "at acme.yaml:2:12",
        "why: The account is closed.",
        "fix: Register elsewhere.",
    ]
    assert milder[0].tag == "skipped"
    assert milder[0].attrib["message"] == "warning, below the threshold: Meta serves no business in AQ"
    (clean,) = second
    assert (clean.attrib["name"], list(clean)) == ("no findings", [])


def test_cases_of_a_suite_have_names_of_their_own(finding: Findings, report: Reports) -> None:
    same = [
        finding(message="one"),
        finding(message="two", span=(3, 5, 3, 9)),
        finding(message="three", span=(3, 5, 3, 9)),
    ]
    taken = finding(message="four", route="waba.country (3:5)")
    ((*findings, first, second),) = suites(
        report(
            *same,
            taken,
            finding(message="five", span=(3, 5, 3, 9)),
            not_checked=(NotChecked("x", "gone", "acme.yaml"),) * 2,
        )
    )
    assert [(case.attrib["name"], case[0].attrib["message"]) for case in findings] == [
        ("WBA008 ineligible-country at waba.country", "one"),
        ("WBA008 ineligible-country at waba.country (3:5) #2", "two"),
        ("WBA008 ineligible-country at waba.country (3:5) #3", "three"),
        ("WBA008 ineligible-country at waba.country (3:5)", "four"),
        ("WBA008 ineligible-country at waba.country (3:5) #4", "five"),
    ]
    assert (first.attrib["name"], second.attrib["name"]) == ("not checked: x", "not checked: x #2")


def test_suites_of_one_name_share_no_names_of_cases(finding: Findings, report: Reports) -> None:
    manifests = (
        Manifest("a", 0, "x in b", "live", checked=True),
        Manifest("b in a", 0, "x", "live", checked=True),
    )
    read = suites(report(finding(path="a"), finding(path="b in a"), manifests=manifests))
    assert [suite.attrib["name"] for suite in read] == ["x in b in a"] * 2
    assert [case.attrib["name"].rpartition(" at ")[2] for suite in read for case in suite] == [
        "waba.country",
        "waba.country (2:12)",
    ]


def test_what_is_suppressed_is_skipped_with_its_reason(suppressed: Finding, report: Reports) -> None:
    (((skipped,),),) = suites(report(suppressed=(suppressed,)))
    assert skipped.tag == "skipped"
    assert skipped.attrib["message"].startswith("suppressed (Meta said so, owner crm, until 2027-01-31): Meta serves")


def test_what_was_not_checked_is_an_error(report: Reports) -> None:
    items = (
        NotChecked("ACME001 on acme", "it failed", "acme.yaml", 0, "ACME001", "report this"),
        NotChecked("plugin x", "gone"),
    )
    own, others = suites(report(not_checked=items))
    assert (own[0][0].tag, own[0][0].attrib["message"]) == ("error", "it failed")
    assert others.attrib["name"] == "wa-policy"
    assert others[0].attrib["name"] == "not checked: plugin x"


def test_what_is_about_a_whole_file_stands_with_its_first_manifest(finding: Findings, report: Reports) -> None:
    (suite,) = suites(report(finding(document=-1)))
    assert len(suite) == 1


def test_another_reader_counts_the_same(finding: Findings, report: Reports) -> None:
    made = report(finding(), finding(severity="info"), not_checked=(NotChecked("plugin x", "gone"),))
    read = junitparser.JUnitXml.fromstring(render(made).encode())
    outcomes = [type(case.result[0]).__name__ for suite in read for case in suite]
    assert outcomes == ["Failure", "Skipped", "Error"]


@settings(max_examples=100)
@given(reports())
def test_every_text_is_told_and_none_acts(made: Report) -> None:
    read = suites(made)
    cases = [case for suite in read for case in suite]
    failures = [visible(one.message) for one in made.findings if fails(one, made.fail_on)]
    shown = [case[0].attrib["message"] for case in cases if case.find("failure") is not None]
    assert sorted(shown) == sorted(
        text.replace("\ufffe", "\\u{fffe}").replace("\uffff", "\\u{ffff}") for text in failures
    )
    names = [(case.attrib["classname"], case.attrib["name"]) for case in cases]
    assert len(set(names)) == len(names)
    texts = [
        value for case in cases for element in case.iter() for value in (*element.attrib.values(), element.text or "")
    ]
    assert not any(acts(line) for text in texts for line in text.split("\n"))


def test_what_was_not_checked_without_a_remedy_has_no_empty_line(report: Reports) -> None:
    item = NotChecked("acme.yaml", "it cannot be read", "acme.yaml")
    assert ">it cannot be read</error>" in render(report(not_checked=(item,)))
