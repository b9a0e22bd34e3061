"""SARIF, by the schema that OASIS publishes, and by what GitHub takes of it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import jsonschema_rs
import pytest
from hypothesis import given, settings

from tests.report.conftest import Findings, Locations, Reports
from tests.report.hostile import acts, reports
from wa_policy.report import sarif
from wa_policy.report.model import (
    Edit,
    Finding,
    NotChecked,
    Patch,
    Report,
    RuleInfo,
    Stale,
    Suppression,
    worst_first,
)
from wa_policy.report.places import from_top, top
from wa_policy.report.safe import visible
from wa_policy.rules.documentation import Documentation
from wa_policy.source.spans import Span
from wa_policy.testing import READY, check_text

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0-rtm.5.json").read_text("utf-8"))
# A pattern with a bracket too many, which only some readers of patterns forgive; we say no language.
del SCHEMA["definitions"]["run"]["properties"]["language"]["pattern"]
del SCHEMA["definitions"]["toolComponent"]["properties"]["language"]["pattern"]
VALIDATOR = jsonschema_rs.Draft4Validator(SCHEMA, validate_formats=True)


def run_of(report: Report) -> Any:
    text = sarif.render(report)
    assert text.isascii()
    log = json.loads(text)
    errors = [f"{list(error.instance_path)}: {error.message[:200]}" for error in VALIDATOR.iter_errors(log)]
    assert errors == []
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    return log["runs"][0]


def result_of(report: Report) -> Any:
    (result,) = run_of(report)["results"]
    return result


def artifact_of(result: Any) -> Any:
    return result["locations"][0]["physicalLocation"]["artifactLocation"]


def notifications(report: Report) -> list[Any]:
    (invocation,) = run_of(report)["invocations"]
    found: list[Any] = invocation["toolExecutionNotifications"]
    return found


# Results.


def test_a_finding_is_a_result_at_its_place(finding: Findings, report: Reports) -> None:
    result = result_of(report(finding(fingerprint="6f0c3f2a9b1d4e58")))
    assert (result["ruleId"], result["ruleIndex"], result["kind"], result["level"]) == ("WBA008", 0, "fail", "error")
    assert result["message"] == {"text": "Meta serves no business in AQ"}
    assert result["partialFingerprints"] == {"waPolicy/v1": "6f0c3f2a9b1d4e58"}
    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "acme.yaml", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 2, "startColumn": 12, "endLine": 2, "endColumn": 14, "snippet": {"text": "AQ"}},
            },
            "logicalLocations": [{"fullyQualifiedName": "acme-retail/waba.country", "kind": "member"}],
        }
    ]
    assert not {"relatedLocations", "suppressions", "fixes", "baselineState"} & result.keys()


@pytest.mark.parametrize(("severity", "level"), [("error", "error"), ("warning", "warning"), ("info", "note")])
def test_each_severity_has_its_level(severity: str, level: str, finding: Findings, report: Reports) -> None:
    assert result_of(report(finding(severity=severity)))["level"] == level


def test_an_outcome_does_not_take_the_level_away(finding: Findings, report: Reports) -> None:
    """Of kinds other than fail SARIF wants the level none, and GitHub would show them as nothing."""
    result = result_of(report(finding(outcome="unproven")))
    assert (result["kind"], result["level"], result["properties"]["outcome"]) == ("fail", "error", "unproven")


def test_other_places_are_related(finding: Findings, location: Locations, report: Reports) -> None:
    other = location(path="evidence/waba.json", span=(7, 1, 9, 4), label="Meta answered this")
    (related,) = result_of(report(finding(location(), other)))["relatedLocations"]
    assert (related["id"], related["message"]) == (1, {"text": "Meta answered this"})
    assert related["physicalLocation"]["artifactLocation"]["uri"] == "evidence/waba.json"
    assert "snippet" not in related["physicalLocation"]["region"]


def test_of_a_line_that_was_cut_the_right_part_is_shown(finding: Findings, report: Reports) -> None:
    made = report(finding(source="x" * 40 + "AQ" + "y" * 118, span=(2, 1041, 2, 1043), shift=1000))
    assert result_of(made)["locations"][0]["physicalLocation"]["region"]["snippet"] == {"text": "AQ"}


@pytest.mark.parametrize(
    ("kind", "expected"), [("inline", "inSource"), ("policy", "external"), ("baseline", "external")]
)
def test_a_suppressed_finding_is_a_suppressed_result(
    kind: Any, expected: str, finding: Findings, report: Reports
) -> None:
    words = Suppression(kind, "Meta said so", "crm", "2027-01-31", "acme.yaml", 12)
    run = run_of(report(suppressed=(finding(suppression=words),)))
    (suppression,) = run["results"][0]["suppressions"]
    assert (suppression["kind"], suppression["status"]) == (expected, "accepted")
    assert suppression["justification"] == "Meta said so, owner crm, until 2027-01-31"
    assert suppression["location"]["physicalLocation"]["region"] == {"startLine": 12}
    assert run["properties"]["suppressed"] == 1


def test_a_patch_is_a_fix_with_its_edits_by_file(finding: Findings, report: Reports) -> None:
    edits = (
        Edit("acme.yaml", Span(2, 12, 2, 14), '"\u202eGB"\n'),
        Edit("acme.yaml", Span(5, 1, 5, 1), "new: 1\n"),
        Edit("b.yaml", Span(1, 1, 2, 1), ""),
    )
    (fix,) = result_of(report(finding(patches=(Patch("quote it", True, edits),))))["fixes"]
    assert (fix["description"], fix["properties"]) == ({"text": "quote it"}, {"safe": True})
    first, second = fix["artifactChanges"]
    assert [change["insertedContent"]["text"] for change in first["replacements"]] == ['"\u202eGB"\n', "new: 1\n"]
    assert first["replacements"][1]["deletedRegion"] == {"startLine": 5, "startColumn": 1, "endLine": 5, "endColumn": 1}
    assert second["artifactLocation"]["uri"] == "b.yaml"


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("manifests/acme.yaml", "manifests/acme.yaml"),
        ("./manifests//acme.yaml", "manifests/acme.yaml"),
        ("a b#c?d%e:f.yaml", "a%20b%23c%3Fd%25e%3Af.yaml"),
        ("mañana\udce9.yaml", "ma%C3%B1ana%E9.yaml"),
        ("<stdin>", "%3Cstdin%3E"),
        ("nl\n.yaml", "nl%0A.yaml"),
    ],
)
def test_addresses_are_relative_and_percent_encoded(
    path: str, uri: str, finding: Findings, location: Locations, report: Reports
) -> None:
    result = result_of(report(finding(location(path=path))))
    assert artifact_of(result) == {"uri": uri, "uriBaseId": "%SRCROOT%"}


def test_what_lies_outside_has_an_absolute_address(
    in_folder: Path, finding: Findings, location: Locations, report: Reports
) -> None:
    outside = in_folder.parent / "else where.yaml"
    assert artifact_of(result_of(report(finding(location(path=str(outside)))))) == {"uri": outside.as_uri()}


# Rules.

DOCS = Documentation(
    "Meta does not serve the country.",
    "",
    {
        "Why it matters": "The account\n    is closed.",
        "How to put it right": "1. Register\n2. elsewhere",
        "Source": "Meta, https://www.facebook.com/business/help/1 (as of 2025-12, sure); https://other.example",
    },
)


def described(report: Reports, *findings: Finding, **words: Any) -> Any:
    info = RuleInfo("WBA008", "ineligible-country", "waba", "probable", words.pop("severity", "warning"), DOCS)
    return run_of(report(*findings, **words)._replace(describe=lambda: (info,)))["tool"]["driver"]["rules"]


def test_rules_carry_their_help(report: Reports) -> None:
    (rule,) = described(report)
    assert (rule["id"], rule["name"]) == ("WBA008", "IneligibleCountry")
    assert rule["shortDescription"] == {"text": "Meta does not serve the country."}
    assert rule["fullDescription"] == {"text": "The account is closed."}
    assert "**How to put it right**\n\n1. Register\n2. elsewhere" in rule["help"]["markdown"]
    assert "How to put it right\n\n1. Register\n2. elsewhere" in rule["help"]["text"]
    assert rule["helpUri"] == "https://www.facebook.com/business/help/1"
    assert rule["defaultConfiguration"] == {"level": "warning"}
    assert rule["properties"] == {
        "tags": ["whatsapp", "waba", "certainty-probable"],
        "step": "waba",
        "certainty": "probable",
        "precision": "medium",
        "problem.severity": "warning",
    }


def test_a_rule_that_only_an_override_turns_on_has_no_level(report: Reports) -> None:
    assert described(report, severity="off")[0]["defaultConfiguration"] == {"level": "none"}


def test_results_find_their_rules(finding: Findings, report: Reports) -> None:
    made = report(finding(code="ACME001", name="unloved"), finding())
    rules = described(report, *made.findings)
    assert [rule["id"] for rule in rules] == ["WBA008", "ACME001"]
    run = run_of(made)
    assert [run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] for result in run["results"]] == [
        "ACME001",
        "WBA008",
    ]


def test_real_reports_tell_of_every_rule_that_ran() -> None:
    made = check_text(READY.replace("APPROVED", "REJECTED"), policy="strict")
    run = run_of(made)
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert set(made.rules) <= rules.keys()
    for rule in rules.values():
        assert len(rule["properties"]["tags"]) <= 20
        assert len(set(rule["properties"]["tags"])) == len(rule["properties"]["tags"])
        assert "https://" not in rule["help"]["text"].partition("Source\n")[2] or rule["helpUri"].startswith("https://")
        assert rule["help"]["markdown"]
    assert run["results"]


# The run.


def test_a_run_that_left_something_unchecked_has_failed(finding: Findings, report: Reports) -> None:
    items = (
        NotChecked("WBA008 on acme", "it failed", "acme.yaml", 0, "WBA008", "report this"),
        NotChecked("plugin x", "gone"),
    )
    made = report(finding(), not_checked=items)
    (invocation,) = run_of(made)["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 3)
    first, second = invocation["toolExecutionNotifications"]
    assert first["message"] == {"text": "WBA008 on acme: it failed (report this)"}
    assert first["associatedRule"] == {"id": "WBA008", "index": 0}
    assert first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "acme.yaml"
    assert (second["level"], "locations" in second) == ("error", False)


def test_a_run_that_checked_everything_has_not_failed(finding: Findings, report: Reports) -> None:
    (invocation,) = run_of(report(finding()))["invocations"]
    assert invocation == {"executionSuccessful": True, "exitCode": 1, "toolExecutionNotifications": []}


def test_nothing_of_the_machine_is_told(finding: Findings, report: Reports) -> None:
    assert str(Path.cwd()) not in sarif.render(report(finding()))


def test_the_worst_come_first_and_what_is_cut_is_said(
    finding: Findings, location: Locations, report: Reports, suppressed: Finding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sarif, "MOST_RESULTS", 3)
    monkeypatch.setattr(sarif, "MOST_SHOWN", 2)
    monkeypatch.setattr(sarif, "MOST_LOCATIONS", 2)
    several = finding(*(location() for _ in range(4)))
    made = report(finding(severity="info"), finding(severity="warning"), several, suppressed=(suppressed,))
    run = run_of(made)
    assert [result["level"] for result in run["results"]] == ["error", "warning", "note"]
    assert len(run["results"][0]["relatedLocations"]) == 1
    assert [told["message"]["text"] for told in notifications(made)] == [
        "1 result of 4 left out, the mildest: GitHub takes 3 of a run",
        "4 results: GitHub shows the first 2, which are the worst",
        "1 result with more than 2 locations: those behind are left out",
    ]


def test_stale_entries_of_a_baseline_are_told(report: Reports) -> None:
    entry = Stale("acme", "NET002", "bsp", "9c56cc51b374c3ba", 1, "baseline.yaml", 3)
    (told,) = notifications(report(stale=(entry,)))
    assert (told["level"], told["descriptor"]["id"]) == ("note", "stale-entry")
    assert told["message"] == {"text": "the baseline accepts NET002 at acme, bsp, which nobody finds any more"}
    assert told["locations"][0]["physicalLocation"]["region"] == {"startLine": 3}


# Nothing can be forged.


def unescape(text: str) -> str:
    """A message as a reader takes it."""
    return re.sub(r"\\([\\\[\]])", r"\1", text)


def strings(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from strings(item, "inserted" if key == "insertedContent" else name)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item, key)


@settings(max_examples=80)
@given(reports())
def test_every_text_is_told_and_none_acts(made: Report) -> None:
    run = run_of(made)
    told = [*worst_first(made.findings), *made.suppressed]
    for result, finding in zip(run["results"], told, strict=True):
        text = result["message"]["text"]
        assert unescape(text) == visible(finding.message)
        assert not re.search(r"(?<!\\)(?:\\\\)*\[[^\]]*(?<!\\)\]\(", text)
        for place, location in zip(result["locations"], finding.locations, strict=False):
            artifact = place["physicalLocation"]["artifactLocation"]
            name = from_top(location.path, top()).encode("utf-8", "surrogatepass")
            assert artifact["uriBaseId"] == "%SRCROOT%"
            assert (
                unquote_to_bytes(artifact["uri"]).decode("utf-8", "surrogateescape").encode("utf-8", "surrogatepass")
                == name
                or b"\xed" in name
            )
    inserted = [edit.text for finding in told for patch in finding.patches for edit in patch.edits]
    assert sorted(text for key, text in strings(run) if key == "inserted") == sorted(inserted)
    for key, text in strings(run):
        if key != "inserted":
            assert not any(acts(line) for line in text.split("\n")), (key, text)
            assert "\n" not in text or key in ("text", "markdown")
