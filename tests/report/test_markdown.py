"""Markdown as it is rendered: our headings, tables and folds, and text in them that is nothing but text."""

import re
from itertools import count
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.growth import is_linear
from tests.report.conftest import Findings, Locations, Reports
from tests.report.hostile import acts, reports
from wa_policy.report import github_summary
from wa_policy.report.markdown import LONGEST, MOST_READY, code, compose, escape, render
from wa_policy.report.model import Finding, LeftOut, Manifest, NotChecked, Report
from wa_policy.report.safe import visible

# As GitHub and GitLab read it: tables, struck-out text, addresses that become links on their own, HTML.
READER = MarkdownIt("gfm-like", {"html": True, "linkify": True})
OURS = {"<details>", "<summary>", "</summary>", "</details>", "<sub>", "</sub>"}


class Rendered(NamedTuple):
    """What a page consists of."""

    headings: list[str]
    items: list[str]
    cells: list[str]
    html: set[str]
    other: set[str]
    prose: str


PLAIN = {
    *("heading_open", "heading_close", "paragraph_open", "paragraph_close", "bullet_list_open", "bullet_list_close"),
    *(
        "list_item_open",
        "list_item_close",
        "inline",
        "table_open",
        "table_close",
        "thead_open",
        "thead_close",
        "tr_open",
    ),
    *("tr_close", "th_open", "th_close", "td_open", "td_close", "tbody_open", "tbody_close", "text", "code_inline"),
    *("strong_open", "strong_close", "softbreak", "hardbreak", "html_inline", "html_block"),
}


def rendered(text: str) -> Rendered:
    """Read a page; what stands in code is text too, and ``prose`` is what stands in none."""
    page = Rendered([], [], [], set(), set(), "")
    prose: list[str] = []
    block = ""
    for token in READER.parse(text):
        block = token.type if token.type.endswith("_open") else block
        page.other.update({token.type} - PLAIN)
        if token.type == "html_block":
            page.html.update(re.findall(r"<[^>]*>", token.content))
        if token.type != "inline":
            continue
        children = token.children or []
        page.other.update({child.type for child in children} - PLAIN)
        page.html.update(child.content for child in children if child.type == "html_inline")
        prose += [child.content for child in children if child.type == "text"]
        whole = "".join(map(_shown, children))
        {"heading_open": page.headings, "td_open": page.cells}.get(block, page.items).append(whole)
    return page._replace(prose="\n".join(prose))


def _shown(token: Token) -> str:
    return "\n" if token.type in ("softbreak", "hardbreak") else token.content if token.type != "html_inline" else ""


def test_a_comment_says_the_verdict_the_numbers_and_the_findings(
    finding: Findings, location: Locations, report: Reports
) -> None:
    made = report(
        finding(location(), location(path="evidence/waba.json", span=(7, 1, 7, 4), label="Meta answered this")),
        finding(severity="info", outcome="unproven"),
        finding(severity="warning", workspace="", path="b.yaml"),
        manifests=(
            Manifest("acme.yaml", 0, "acme-retail", "live", checked=True),
            Manifest("b.yaml", -1, "", "", checked=False),
        ),
    )
    page = rendered(render(made))
    assert page.headings == [
        "wa-policy: NOT READY: findings of severity error or worse",
        "Workspace acme-retail",
        "File b.yaml",
    ]
    assert page.cells == ["acme-retail", "acme.yaml", "1", "0", "1", "", "b.yaml", "0", "1", "0"]
    assert "2 manifests, 1 rule: 1 error, 1 warning, 1 note." in page.items
    assert (
        "error WBA008 ineligible-country: Meta serves no business in AQ\nat acme.yaml:2:12, waba.country\n"
        "see evidence/waba.json:7:1: Meta answered this\nFix: Register elsewhere."
    ) in page.items
    assert page.html == {"<details>", "<summary>", "</summary>", "</details>", "<sub>", "</sub>"}
    assert page.other == set()


def test_without_findings_it_is_short(report: Reports) -> None:
    page = rendered(render(report()))
    assert page.headings == ["wa-policy: READY"]
    assert page.items[0] == "1 manifest, 1 rule: no findings."
    assert page.cells == []


def test_what_is_suppressed_or_was_not_checked_is_told(suppressed: Finding, report: Reports) -> None:
    items = (NotChecked("1. plugin x", "gone", remedy="mend it"), NotChecked("a.yaml", "unreadable", "a.yaml"))
    page = rendered(render(report(suppressed=(suppressed,), not_checked=items)))
    assert page.headings[1:] == ["Not checked", "Suppressed"]
    assert "not checked 1. plugin x: gone\nFix: mend it" in page.items
    assert "WBA008 ineligible-country at acme.yaml:2:12: Meta said so, owner crm, until 2027-01-31" in page.items
    assert "suppressed findings: 1" in render(report(suppressed=(suppressed,)))


def test_the_workspace_with_the_worst_comes_first(finding: Findings, report: Reports) -> None:
    made = report(finding(workspace="calm", severity="warning"), finding(workspace="bad"), finding(workspace="calm"))
    assert rendered(render(made)).headings[1:] == ["Workspace bad", "Workspace calm"]


def test_sections_stand_as_the_table_has_them(finding: Findings, report: Reports) -> None:
    names = ("unproven", "many", "mild", "one", "twin")
    manifests = [Manifest(f"{name}.yaml", 0, name, "live", checked=True) for name in names]
    manifests.append(Manifest("mild.yaml", 1, "twin", "live", checked=True))

    def on(name: str, **words: str) -> Finding:
        return finding(path=f"{name}.yaml", workspace=name, **words)

    made = report(
        on("mild", severity="warning"),
        on("unproven", outcome="unproven"),
        on("one"),
        *(on("many") for _ in range(3)),
        on("twin", severity="info"),
        finding(path="wa-policy.yaml", workspace="", document=-1),
        finding(path="wa-policy.yaml", workspace="", document=-1),
        manifests=tuple(manifests),
        not_checked=(NotChecked("a.yaml", "unreadable", "a.yaml"),),
    )
    page = rendered(render(made))
    assert page.cells[::5] == ["many", "unproven", "one", "mild", "twin"]
    wanted = ["Workspace many", "File wa-policy.yaml", *(f"Workspace {name}" for name in page.cells[5::5])]
    assert page.headings[1:] == ["Not checked", *wanted]


def test_the_workspaces_that_are_ready_are_named(finding: Findings, suppressed: Finding, report: Reports) -> None:
    names = ("open", "unproven", "mild", "accepted", "fine", "", "unread", "broken")
    manifests = tuple(Manifest(f"{name or 'x'}.yaml", 0, name, "live", checked=name != "unread") for name in names)
    made = report(
        finding(path="open.yaml", workspace="open"),
        finding(path="unproven.yaml", workspace="unproven", outcome="unproven"),
        finding(path="mild.yaml", workspace="mild", severity="warning"),
        suppressed=(suppressed._replace(path="accepted.yaml"),),
        manifests=manifests,
        not_checked=(NotChecked("NET002 on broken", "it failed", "broken.yaml"),),
    )
    assert "<summary>ready: 4 workspaces</summary>" in render(made)
    assert "mild, accepted, fine, x.yaml" in rendered(render(made)).items
    some = made._replace(left_out=(LeftOut("NET002", "network"),))
    assert "<summary>ready as far as was asked: 4 workspaces</summary>" in render(some)
    assert "summary>ready" not in render(made._replace(not_checked=(NotChecked("plugin acme", "it did not load"),)))


@pytest.mark.parametrize(("length", "shown"), [(5, MOST_READY), (500, 16)])
def test_of_many_that_are_ready_some_are_named(length: int, shown: int, report: Reports) -> None:
    names = [f"w{number}".ljust(length, "x") for number in range(300)]
    manifests = tuple(Manifest(f"{name}.yaml", 0, name, "live", checked=True) for name in names)
    text = render(report(manifests=manifests))
    assert "<summary>ready: 300 workspaces</summary>" in text
    assert f"{', '.join([*names[:shown], f'{300 - shown} more'])}" in rendered(text).items
    assert len(text.encode()) < LONGEST


@pytest.mark.parametrize("number", [500, 3_000])
def test_a_long_one_is_cut_at_the_mildest_and_says_so(number: int, finding: Findings, report: Reports) -> None:
    found = [
        finding(severity=("info", "warning", "error")[n % 3], message=f"number {n}", path=f"{n}.yaml")
        for n in range(number)
    ]
    manifests = tuple(Manifest(f"{n}.yaml", 0, "x" * 100, "live", checked=True) for n in range(number))
    text = render(report(*found, manifests=manifests))
    assert len(text.encode()) <= LONGEST
    assert text.count("**error**") == min(number // 3, text.count("- **"))
    (cut,) = re.findall(r"^Not shown, since this text may not be longer: (.*)\.$", text, re.MULTILINE)
    shown = text.count("\n- **")
    assert sum(map(int, re.findall("[0-9]+", cut))) == number - shown
    (rows,) = re.findall(r"^([0-9]+) more manifests with findings\.$", text, re.MULTILINE)
    assert int(rows) + text.count("\n| `") == number
    assert rendered(text).other == set()


def test_a_step_summary_has_more_room(finding: Findings, report: Reports) -> None:
    made = report(*(finding(message=f"number {n}") for n in range(9_000)))
    assert LONGEST < len(github_summary.render(made).encode()) <= github_summary.LONGEST
    assert "Not shown" in github_summary.render(made)
    assert "Not shown" not in github_summary.render(report(*made.findings[:1_000]))
    assert len(compose(made, 10_000).text.encode()) <= 10_000


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("plain words, with commas; and (brackets).", "plain words, with commas; and (brackets)."),
        ("see https://evil.example/x now", "see `https://evil.example/x` now"),
        ('the value "acme/shop#5", here', 'the value "`acme/shop#5`", here'),
        ("ask @somebody", "ask `@somebody`"),
        ("mail a@evil.example.", "mail `a@evil.example`."),
        ("commit 0123abcdef", "commit `0123abcdef`"),
        ("{{1}} of *all* a_b", "{{1}} of \\*all\\* a\\_b"),
        ("[x](https://evil.example)", "`[x](https://evil.example`)"),
        ("[x] (y)", "\\[x\\] (y)"),
        ("a `b` c", "a \\`b\\` c"),
        ("@`", "`` @` ``"),
        ("<b>", "`<b>`"),
        ("85% of A & B", "85% of A \\& B"),
    ],
)
def test_words_that_act_stand_in_code(text: str, source: str) -> None:
    assert escape(text) == source


@pytest.mark.parametrize("text", ["a", "`", "``x`", " a ", "a|b", "\\", "a\\|b", "<b>", "`|`"])
def test_code_says_what_it_says(text: str) -> None:
    page = rendered(f"| x |\n|---|\n| {code(text, in_table=True)} |\n\n- {code(text)}\n")
    assert page.cells == [text.replace("|", "\\u{7c}")]
    assert page.items[-1] == text


@settings(max_examples=120)
@given(reports())
def test_every_text_is_text(made: Report) -> None:
    source = render(made)
    assert not any(acts(line) for line in source.split("\n"))
    page = rendered(source)
    assert page.other == set()
    assert page.html <= OURS
    things = [*made.findings, *made.suppressed, *made.not_checked]
    groups = {
        (finding.workspace and f"Workspace {finding.workspace}") or f"File {finding.path}" for finding in made.findings
    }
    assert len(page.headings) == 1 + len(groups) + bool(made.suppressed) + bool(made.not_checked)
    assert source.count("\n- ") == len(things)
    words = re.sub(r"\s", "", "".join(page.items))
    for finding in made.findings:
        assert re.sub(r"\s", "", visible(finding.message)) in words
        assert re.sub(r"\s", "", visible(finding.remedy)) in words
    assert not re.search(r"@\w|#\d|\bwww\.|://|:[a-z]+:", page.prose)


def test_what_was_not_checked_is_not_folded(report: Reports) -> None:
    assert "<details>" not in render(report(not_checked=(NotChecked("acme.yaml", "it cannot be read"),)))


@pytest.mark.parametrize(("again", "last"), [(")", "x"), ("(", "x"), ("'", "x"), ("a", ")"), (".a", "")])
def test_a_hostile_word_takes_no_time(again: str, last: str) -> None:
    other = count()  # what was escaped before is remembered
    assert is_linear(lambda length: escape(f"{again * (length // len(again))}{last}{next(other)}"))
