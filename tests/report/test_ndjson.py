"""Lines of JSON: each is whole, each says what it is, together they are the report as JSON."""

import json
import re
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from jsonschema import Draft202012Validator

from tests.report.conftest import Findings, Reports
from tests.report.hostile import reports
from wa_policy.report import json as as_json
from wa_policy.report.model import Manifest, NotChecked, Report
from wa_policy.report.ndjson import LINES, render
from wa_policy.schema.texts import load_schema

SCHEMA = load_schema("report")
KINDS = {
    "manifest": "Manifest",
    "finding": "Finding",
    "suppressed": "Finding",
    "stale": "Stale",
    "not_checked": "NotChecked",
}


def lines(report: Report) -> list[dict[str, Any]]:
    text = render(report)
    assert text.isascii()
    assert text.endswith("\n")
    return [json.loads(line) for line in text.removesuffix("\n").split("\n")]


def test_lines_come_in_order_and_say_what_they_are(finding: Findings, report: Reports) -> None:
    manifests = (Manifest("a.yaml", 0, "a", "live", checked=True), Manifest("b.yaml", 0, "b", "live", checked=True))
    made = report(
        finding(), manifests=manifests, not_checked=(NotChecked("a", "b"),), suppressed=(finding(), finding())
    )
    told = lines(made)
    kinds = [line["type"] for line in told]
    assert kinds == ["run", "manifest", "manifest", "finding", "suppressed", "suppressed", "not_checked", "summary"]
    assert told[0]["format"] == "wa-policy/report"
    assert told[0]["policy"] == {"name": "go-live", "origin": "bundled", "fail_on": "error"}
    assert told[-1] == {
        "type": "summary",
        "exit_code": 3,
        "counts": {"error": 1, "warning": 0, "info": 0},
        "manifests": 2,
        "findings": 1,
        "suppressed": 2,
        "stale": 0,
        "not_checked": 1,
    }


def test_the_page_on_formats_lists_the_keys_of_the_first_line(report: Reports) -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "formats.md").read_text("utf-8")
    (row,) = re.findall(r"^\| `run` \| once, first \| (.*) \|$", page, re.MULTILINE)
    assert ["type", *re.findall(r"`(\w+)`", row)] == list(lines(report())[0])


def test_a_report_without_findings_has_its_first_and_last_line(report: Reports) -> None:
    assert [line["type"] for line in lines(report(manifests=()))] == ["run", "summary"]


@settings(max_examples=60)
@given(reports())
def test_together_they_are_the_report_whatever_it_says(made: Report) -> None:
    first, *between, last = lines(made)
    whole = {**first, "exit_code": last["exit_code"], "counts": last["counts"]}
    for kind, name in LINES:
        validator = Draft202012Validator({"$ref": f"#/$defs/{KINDS[kind]}", "$defs": SCHEMA["$defs"]})
        own = [line for line in between if line["type"] == kind]
        assert all(validator.is_valid(line) for line in own)
        whole[name] = [{key: value for key, value in line.items() if key != "type"} for line in own]
    del whole["type"]
    assert whole == json.loads(as_json.render(made))
