"""The report for a person: exact frames, and nothing in a file can forge a line or move the cursor."""

import re
from textwrap import dedent
from typing import Any

import pytest

from tests.report.conftest import Findings, Locations, Reports
from wa_policy.report.model import (
    FactsUsed,
    Finding,
    LeftOut,
    Manifest,
    NotChecked,
    PluginUsed,
    Report,
    Suppression,
)
from wa_policy.report.text import render

HOSTILE = (
    "a\n::error file=evil,line=1::forged",
    "a\r::error::forged",
    "a\x1b[2J\x1b[31mforged",
    "a\x9b31mforged",
    "a\x07\x08\x7fforged",
    "a\u202eforged\u202c",
    "a\u2066forged\u2069",
    "a\u2028forged\u2029",
    "a\x85forged",
    "a\u200b\u00ad\ufeff\U000e0041forged",
    "a\udce9forged",
)
ALLOWED = re.compile(r"[ -~]*\Z")  # what a report of such texts consists of, line by line


def shown(report: Report) -> list[str]:
    """The findings as text, without the summary."""
    return render(report).split("\n\n1 manifest")[0].split("\n")


def frame(report: Report) -> list[str]:
    """The source line of a finding and what stands below it."""
    return [line for line in shown(report) if re.match(r" *[0-9]* \| ", line)]


# The whole.


def test_a_report_reads_from_the_finding_to_the_verdict(finding: Findings, report: Reports) -> None:
    assert render(report(finding())) == dedent(
        """\
        error[WBA008] ineligible-country: Meta serves no business in AQ
         --> acme.yaml:2:12  (acme-retail, waba.country)
          |
        2 |   country: AQ
          |            ^^
          = why: The account is closed.
          = fix: Register elsewhere.

        1 manifest, 1 rule: 1 error
        policy go-live (bundled), as of 2026-11-22
        NOT READY: findings of severity error or worse
        """
    )


def test_a_report_without_findings_is_short(report: Reports) -> None:
    assert render(report()) == ("1 manifest, 1 rule: no findings\npolicy go-live (bundled), as of 2026-11-22\nREADY\n")


def test_an_outcome_other_than_failure_is_named(finding: Findings, report: Reports) -> None:
    assert shown(report(finding(outcome="unproven", severity="info")))[0] == (
        "info[WBA008] ineligible-country (unproven): Meta serves no business in AQ"
    )


def test_why_is_said_once_for_each_rule(finding: Findings, report: Reports) -> None:
    text = render(report(finding(), finding(), finding(remedy="Close it.")))
    assert text.count("= why: The account is closed.") == 1
    assert text.count("= fix: Register elsewhere.") == 1
    assert text.count("= more: wa-policy explain WBA008") == 2
    assert text.count("= fix: Close it.") == 1


def test_what_a_rule_does_not_say_takes_no_line(finding: Findings, report: Reports) -> None:
    lines = shown(report(finding(why="", remedy=" "), finding(why="", remedy="")))
    assert not [line for line in lines if " = " in line]


def test_long_remarks_are_wrapped_below_themselves(finding: Findings, report: Reports) -> None:
    lines = shown(report(finding(why="word " * 40)))
    start = next(number for number, line in enumerate(lines) if "= why" in line)
    assert lines[start].startswith("  = why: word word")
    assert lines[start + 1].startswith("         word")
    assert max(map(len, lines)) <= 110


# Frames.


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param({}, ["2 |   country: AQ", "  |            ^^"], id="plain"),
        pytest.param(
            {"source": "\tcountry:\tAQ", "span": (2, 11, 2, 13)},
            ["2 |     country:    AQ", "  |                 ^^"],
            id="tabs",
        ),
        pytest.param(
            {"source": '  name: "東京" # AQ', "span": (2, 15, 2, 17)},
            ['2 |   name: "東京" # AQ', "  |                 ^^"],
            id="wide characters before",
        ),
        pytest.param(
            {"source": '  name: "東京"', "span": (2, 9, 2, 13)},
            ['2 |   name: "東京"', "  |         ^^^^^^"],
            id="wide characters",
        ),
        pytest.param(
            {"source": "  text: Hi 🎉 there", "span": (2, 14, 2, 19)},
            ["2 |   text: Hi 🎉 there", "  |               ^^^^^"],
            id="emoji before",
        ),
        pytest.param(
            {"source": "  text: कुकु!", "span": (2, 9, 2, 13)},
            ["2 |   text: कुकु!", "  |         ^^"],
            id="vowel signs",
        ),
        pytest.param(
            {"source": "  name: Cafe\u0301", "span": (2, 9, 2, 14)},
            ["2 |   name: Cafe\u0301", "  |         ^^^^"],
            id="combining characters",
        ),
        pytest.param(
            {"source": "  name: a\x1bb", "span": (2, 11, 2, 12)},
            ["2 |   name: a\\u{1b}b", "  |                ^"],
            id="escaped characters before",
        ),
        pytest.param(
            {"source": "  text: |", "span": (2, 9, 5, 1)},
            ["2 |   text: |", "  |         ^"],
            id="several lines",
        ),
        pytest.param(
            {"source": "  country:", "span": (2, 3, 2, 3)},
            ["2 |   country:", "  |   ^"],
            id="no width",
        ),
        pytest.param(
            {"source": "", "span": (2, 1, 2, 1)},
            ["2 | ", "  | ^"],
            id="an empty line",
        ),
        pytest.param(
            {"source": "x" * 40 + "AQ" + "y" * 118, "span": (2, 1041, 2, 1043), "shift": 1000},
            ["2 | ... " + "x" * 40 + "AQ" + "y" * 118, "  | " + " " * 44 + "^^"],
            id="a line cut before",
        ),
        pytest.param(
            {"source": "x" * 40 + "y" * 120, "span": (2, 1041, 2, 9999), "shift": 1000},
            ["2 | ... " + "x" * 40 + "y" * 120, "  | " + " " * 44 + "^" * 120],
            id="a span cut behind",
        ),
        pytest.param({"label": "claimed here"}, ["2 |   country: AQ", "  |            ^^ claimed here"], id="a label"),
    ],
)
def test_carets_stand_below_what_they_mean(
    words: dict[str, Any], expected: list[str], finding: Findings, report: Reports
) -> None:
    assert frame(report(finding(**words))) == expected


def test_several_places_line_up_whatever_their_lines(finding: Findings, location: Locations, report: Reports) -> None:
    first = location(span=(3, 7, 3, 12), source="name: Acme1", label="Meta answered this", route="name")
    second = location(
        span=(104, 9, 104, 13), source="  name: Acme", path="b.yaml", route="waba.name", label="claimed here"
    )
    assert shown(report(finding(first, second, why="", remedy="")))[1:] == [
        "   --> acme.yaml:3:7  (acme-retail, name)",
        "    |",
        "  3 | name: Acme1",
        "    |       ^^^^^ Meta answered this",
        "   ::: b.yaml:104:9  (waba.name)",
        "    |",
        "104 |   name: Acme",
        "    |         ^^^^ claimed here",
    ]


def test_what_is_not_known_of_a_place_takes_no_brackets(finding: Findings, report: Reports) -> None:
    assert shown(report(finding(workspace="", route="")))[1] == " --> acme.yaml:2:12"


# Colours.


def test_colours_come_only_when_asked_for(finding: Findings, report: Reports) -> None:
    made = report(finding(), not_checked=(NotChecked("a", "b"),))
    plain, colored = render(made), render(made, color=True)
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain
    assert colored.startswith("\x1b[1;31merror[WBA008]\x1b[0m\x1b[1m ineligible-country\x1b[0m: Meta")


@pytest.mark.parametrize("severity", ["error", "warning", "info"])
def test_every_severity_has_its_colour(severity: str, finding: Findings, report: Reports) -> None:
    assert f"m{severity}[WBA008]\x1b[0m" in render(report(finding(severity=severity)), color=True)


# The summary.


def summary(report: Report) -> list[str]:
    return render(report).rstrip("\n").split("\n")


def test_counts_come_worst_first(finding: Findings, report: Reports) -> None:
    made = report(*(finding(severity=severity) for severity in ("info", "warning", "error", "info", "warning", "info")))
    assert "1 manifest, 1 rule: 1 error, 2 warnings, 3 notes" in summary(made)


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        ([("waba", "2026-11", "sure", "bundled")], "1 facts file, read at its source in 2026-11"),
        (
            [("waba", "2026-11", "sure", "bundled"), ("countries", "2025-12-03", "probable", "acme.yaml")],
            "2 facts files, read at their sources between 2025-12-03 (countries) and 2026-11; 1 of them not sure, "
            "1 overridden by the policy",
        ),
    ],
)
def test_the_facts_are_dated(facts: list[tuple[str, ...]], line: str, report: Reports) -> None:
    assert line in summary(report(facts=tuple(FactsUsed(*entry) for entry in facts)))


def test_what_was_passed_over_and_what_was_not_read_further_is_said(report: Reports) -> None:
    unread = (Manifest("a.yaml", 0, "", "", checked=False), Manifest("a.yaml", 1, "", "", checked=False))
    made = report(manifests=unread, skipped=("x.json", "y.json", "z.json"))
    assert summary(made)[2:4] == [
        "passed over, since it does not say that it is a manifest: x.json and 2 more",
        "not checked any further, since their text or shape is wrong: a.yaml",
    ]


def test_what_was_not_checked_stands_before_the_summary_and_decides_the_verdict(report: Reports) -> None:
    item = NotChecked("ACME001 on acme", "the rule itself failed", "acme.yaml", 0, "ACME001", "report this")
    assert summary(report(not_checked=(item,))) == [
        "not checked: ACME001 on acme: the rule itself failed",
        "  --> acme.yaml",
        "  = fix: report this",
        "",
        "1 manifest, 1 rule: no findings",
        "policy go-live (bundled), as of 2026-11-22",
        "NOT READY: 1 thing could not be checked",
    ]


@pytest.mark.parametrize(
    ("severity", "fail_on", "verdict"),
    [
        ("error", "error", "NOT READY: findings of severity error or worse"),
        ("warning", "error", "READY"),
        ("warning", "warning", "NOT READY: findings of severity warning or worse"),
        ("info", "info", "NOT READY: findings of severity info or worse"),
    ],
)
def test_the_verdict_follows_the_threshold(
    severity: str, fail_on: str, verdict: str, finding: Findings, report: Reports
) -> None:
    made = report(finding(severity=severity), fail_on=fail_on)
    assert summary(made)[-1] == verdict
    assert made.exit_code == (0 if verdict == "READY" else 1)


def test_what_was_left_out_qualifies_the_verdict(finding: Findings, report: Reports) -> None:
    others = (LeftOut("NET001", "network"), LeftOut("NET002", "network"))
    assert summary(report(left_out=others))[-1] == "READY by 1 of the policy's 3 rules"
    assert summary(report(finding(), left_out=others))[-1] == "NOT READY: findings of severity error or worse"


# Nothing can be forged.


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_forges_a_line_or_moves_the_cursor(
    text: str, finding: Findings, location: Locations, report: Reports
) -> None:
    places = (location(path=text, route=text, label=text, source=text), location(path=text, label=text))
    made = report(
        finding(*places, message=text, why=text, remedy=text, workspace=text),
        not_checked=(NotChecked(text, text, f"{text}/x", 0, "", text),),
        manifests=(Manifest(text, 0, text, text, checked=False),),
        skipped=(text, text),
        policy=text,
        policy_origin=text,
        facts=(FactsUsed(text, "2026-11", "sure", "bundled"), FactsUsed("b", "2026-12", "sure", "bundled")),
    )
    lines = render(made).split("\n")
    assert all(ALLOWED.match(line) for line in lines)
    assert len(lines) == len(render(made._replace(**_harmless(made))).split("\n"))


def _harmless(made: Report) -> dict[str, Any]:
    """The same report with short words in the place of all texts that wrap."""
    return {"findings": tuple(found._replace(why="x", remedy="y") for found in made.findings)}


# What is much, and what does not count.


def test_of_many_findings_of_a_rule_in_a_file_the_rest_is_counted(finding: Findings, report: Reports) -> None:
    made = report(*(finding(message=f"number {n}") for n in range(60)), finding(path="b.yaml"), finding(code="NET002"))
    text = render(made)
    assert text.count("error[WBA008]") == 51
    assert text.count("error[NET002]") == 1
    assert "\n10 more findings of WBA008 in acme.yaml: --format concise shows all of them\n" in text
    assert "1 manifest, 1 rule: 62 errors" in summary(made)


def test_suppressed_findings_are_counted_and_listed(suppressed: Finding, finding: Findings, report: Reports) -> None:
    baseline = Suppression("baseline", "", "", "", "wa-policy-baseline.json", 3)
    made = report(
        suppressed=(suppressed, finding(suppression=baseline), finding(suppression=baseline._replace(kind="inline")))
    )
    assert render(made).split("\n")[:6] == [
        "suppressed: WBA008 ineligible-country at acme.yaml:2:12: Meta said so, owner crm, until 2027-01-31",
        "suppressed: WBA008 ineligible-country at acme.yaml:2:12: it stands in the baseline",
        "suppressed: WBA008 ineligible-country at acme.yaml:2:12: no reason is given",
        "",
        "1 manifest, 1 rule: no findings; 3 suppressed",
        "policy go-live (bundled), as of 2026-11-22",
    ]
    assert summary(made)[-1] == "READY"


def test_of_many_suppressed_findings_the_rest_is_counted(suppressed: Finding, report: Reports) -> None:
    text = render(report(suppressed=(suppressed,) * 52))
    assert text.count("suppressed: WBA008") == 50
    assert "\nsuppressed: 2 more: --format concise shows all of them\n" in text


def test_a_line_that_begins_where_a_text_was_wrapped_is_no_command(finding: Findings, report: Reports) -> None:
    for words in range(10, 30):
        text = render(report(finding(remedy=f"{'word ' * words}::error::forged {'word ' * 20}")))
        assert not re.search(r"^\s*::error", text, re.MULTILINE)


def test_a_line_is_underlined_from_its_first_column(finding: Findings, location: Locations, report: Reports) -> None:
    assert frame(report(finding(location(source="waba:", span=(1, 1, 1, 5))))) == ["1 | waba:", "  | ^^^^"]


def test_plugins_are_named_with_their_versions(report: Reports) -> None:
    plugins = (PluginUsed("acme", "acme", "1.2"), PluginUsed("lum", "lum-rules", "2"), PluginUsed("./own.py", "", ""))
    lines = render(report(plugins=plugins)).splitlines()
    assert lines[2] == "plugins: acme (1.2), lum (lum-rules 2), ./own.py"
    assert "plugins" not in render(report())
