"""The page is valid, complete, and its own: every text is a text, nothing runs but its script, and nothing is fetched."""

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.report.hostile import TEXTS, acts, reports
from tests.report.pages import CSS, OVERVIEW, RULE, Page, rendered, step, words
from wa_policy.report import html, html_layout
from wa_policy.report.html_text import shown
from wa_policy.report.model import (
    Edit,
    FactsUsed,
    LeftOut,
    Manifest,
    NotChecked,
    Patch,
    Report,
    Stale,
    Suppression,
)
from wa_policy.source.spans import Span

Make = Callable[..., Any]


# The whole page, with hostile text in all of it


def _hostile(value: Any, draw: Iterator[str]) -> Any:
    """The same value with other texts; days and steps stay what they are."""
    if isinstance(value, str):
        return next(draw)
    if isinstance(value, dict):
        return {key: _hostile(item, draw) for key, item in value.items()}
    if isinstance(value, tuple):
        items = [_hostile(item, draw) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    return value


@settings(max_examples=60)
@given(reports(), st.lists(TEXTS, min_size=3, max_size=3))
def test_hostile_texts_stay_texts(report: Report, texts: list[str]) -> None:
    def drawn() -> Iterator[str]:
        while True:
            yield from texts

    overview = _hostile(OVERVIEW, drawn())._replace(path=report.manifests[0].path, document=0)
    named = overview._replace(proofs=tuple(proof._replace(step="network") for proof in overview.proofs))
    content = html.render(report._replace(overviews=(named,)))
    page = Page(content)
    assert not acts(content.replace("\n", ""))
    _is_closed(page)
    said = page.text()
    for finding in (*report.findings, *report.suppressed):
        for value in (finding.message, finding.remedy, *(place.label for place in finding.locations)):
            assert shown(value) in said
    for item in report.not_checked:
        assert shown(item.reason) in said


def _is_closed(page: Page) -> None:
    """Nothing runs but the page's script, nothing is fetched, and every link leads to a place on the page."""
    ids = [item.get("id") for item in page.root.iter() if item.get("id")]
    assert len(ids) == len(set(ids))
    (script,) = page.all("script")
    (style,) = page.all("style")
    (policy,) = (item.get("content", "") for item in page.all("meta") if item.get("http-equiv"))
    for kind, item in (("script", script), ("style", style)):
        digest = base64.b64encode(hashlib.sha256(page.text(item).encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
        assert dict(item.attrib) == {}
    for part in ("default-src 'none'", "img-src data:", "base-uri 'none'", "form-action 'none'"):
        assert part in policy
    assert not re.search(r"url\((?!#)|@import|https?:", page.text(style) + page.text(script))
    for item in page.root.iter():
        assert item.tag not in ("base", "embed", "form", "frame", "iframe", "img", "object", "use", "video")
        for name, value in item.attrib.items():
            assert not name.startswith("on")
            assert name not in ("src", "srcset", "action", "formaction", "style", "target", "ping")
            if name == "href":
                assert value == "data:," or value[1:] in ids


# What the page says


def test_ready(report: Make) -> None:
    page = rendered(report())
    (headline,) = page.all("h1")
    assert page.text(headline) == "Ready to send"
    assert page.all("div", class_="verdict")[0].get("class") == "verdict good"
    assert words(page, page.all("header")[0]).startswith(
        "WhatsApp readiness\u2713Ready to sendThe campaigns may go out: everything that the policy go-live asks for is as it "
        "should be"
    )
    assert page.root.get("lang") == "en"
    assert [item.get("data-state") for item in page.all("li", class_="w")] == ["READY"]


def test_not_ready(report: Make, finding: Make) -> None:
    page = rendered(report(finding(fingerprint="0a1b")))
    assert page.text(page.all("h1")[0]) == "Not ready"
    assert "Judged as on22 Nov 2026" in page.text()
    (row,) = page.all("li", class_="w")
    assert row.get("data-state") == "NOT READY"
    assert row.find("details").get("open") is not None  # type: ignore[union-attr]  # it is there
    assert page.by_id("f-0a1b").tag == "li"


def test_what_nothing_shows_is_unproven(report: Make, finding: Make) -> None:
    page = rendered(report(finding(outcome="unproven", fingerprint="0a1b")))
    assert page.text(page.all("h1")[0]) == "Not ready"
    assert page.all("li", class_="w")[0].get("data-state") == "UNPROVEN"
    mild = rendered(report(finding(outcome="unproven", severity="warning", fingerprint="0a1b")))
    assert mild.text(mild.all("h1")[0]) == "Ready to send"
    assert mild.all("li", class_="w")[0].get("data-state") == "READY"


def test_what_was_left_out_is_no_yes(report: Make, finding: Make) -> None:
    others = (LeftOut("NET001", "network"), LeftOut("NET002", "network"))
    page = rendered(report(left_out=others))
    assert page.text(page.all("h1")[0]) == "Ready as far as was asked"
    assert page.all("div", class_="verdict")[0].get("class") == "verdict unasked"
    assert "Only 1 of 3 rules were asked; what the others look for nobody knows." in page.text()
    assert page.all("li", class_="w")[0].get("data-state") == "NOT ASKED"
    assert step(page, "network").get("class") == "unasked"
    assert step(page, "waba").get("class") == "good"
    page = rendered(report(finding(), left_out=others))
    assert page.text(page.all("h1")[0]) == "Not ready"
    assert "Only 1 of 3 rules were asked" in page.text()
    assert page.all("li", class_="w")[0].get("data-state") == "NOT READY"


def test_a_step_that_nothing_is_asked_about_says_so(report: Make) -> None:
    manifest = Manifest("acme.yaml", 0, "acme", "live", checked=True, unasked=("campaigns",))
    page = rendered(report(manifests=(manifest,)))
    assert page.text(page.all("h1")[0]) == "Ready to send"
    assert page.all("li", class_="w")[0].get("data-state") == "READY"
    assert "Nothing is listed here, or rules were left out or are turned off." in page.text(step(page, "campaigns"))


def test_what_was_not_checked_comes_first(report: Make, finding: Make) -> None:
    item = NotChecked("broken.yaml", "it cannot be read: Permission denied", "broken.yaml", remedy="mend its mode")
    page = rendered(report(finding(fingerprint="0a1b"), not_checked=(item,)))
    assert page.text(page.all("h1")[0]) == "Could not be checked"
    notice = page.by_id("not-checked")
    assert "broken.yaml: it cannot be read: Permission denied" in page.text(notice)
    assert "mend its mode" in page.text(notice)
    (main,) = page.all("main")
    assert main[0] is notice


def test_workspaces_by_state_are_counted(report: Make, finding: Make) -> None:
    others = (
        Manifest("b.yaml", 0, "beta", "test", checked=True),
        Manifest("c.yaml", 0, "", "", checked=False),
    )
    page = rendered(
        report(finding(fingerprint="1"), manifests=(Manifest("acme.yaml", 0, "acme", "live", checked=True), *others))
    )
    assert "Of 3 workspaces, 1 ready, 1 not ready, 1 not checked." in page.text()
    rows = page.all("li", class_="w")
    assert [row.get("id") for row in rows] == ["w-acme", "w-beta", "w-unnamed"]
    assert all(row.find("details").get("open") is None for row in rows)  # type: ignore[union-attr]  # it is there
    assert "so nothing else of it was checked" in page.text(rows[2])


def test_workspaces_of_one_name_have_ids_of_their_own(report: Make) -> None:
    manifests = tuple(Manifest("acme.yaml", number, "acme", "live", checked=True) for number in range(3))
    page = rendered(report(manifests=manifests))
    assert [row.get("id") for row in page.all("li", class_="w")] == ["w-acme", "w-acme-2", "w-acme-3"]


def test_a_finding_in_full(report: Make, finding: Make, location: Make) -> None:
    patch = Patch("write IN", True, (Edit("acme.yaml", Span(2, 12, 2, 14), "IN"), Edit("b.yaml", Span(1, 1, 2, 1), "")))
    found = finding(
        location(route="waba.country", label=""),
        location(path="evidence/waba.json", label="Meta says so", span=(7, 3, 9, 1), source="\tcountry", shift=10),
        fingerprint="0a1b",
        patches=(patch,),
    )
    page = rendered(report(found, describe=lambda: (RULE,)))
    card = page.by_id("f-0a1b")
    said = words(page, card)
    assert said.startswith("Error Meta serves no business in AQWBA008 ineligible-country link")
    assert "linkacme.yaml:2:12 waba.country" in said
    assert "See also evidence/waba.json:7:3 " in said
    assert "What to do Register elsewhere." in said
    assert "Why it matters The account is closed." in said
    assert "Fix offered write IN (2 edits, safe)acme.yaml:2:12 becomesINb.yaml:1:1 is removed" in said
    frames = [page.text(line) for line in card.iter("pre")]
    assert frames[0] == "   2   country: AQ"
    assert frames[1] == "   7 \u2026     country\n       ^ Meta says so"
    assert [page.text(mark) for mark in card.iter("mark")] == ["AQ", "    country"]
    assert {link.get("href") for link in card.iter("a")} == {"#rule-WBA008", "#f-0a1b"}


def test_a_file_is_named_in_full_once(report: Make, finding: Make, location: Make) -> None:
    own, other = "manifests/acme.yaml", "manifests/b.yaml"
    found = finding(location(path=own), location(path=own, span=(7, 3, 7, 4)), location(path=other), path=own)
    stray = finding(location(path=other), path=other)
    page = rendered(report(found, stray, manifests=(Manifest(own, 0, "acme", "live", checked=True),)))
    assert "Manifestmanifests/acme.yaml" in page.text()
    first, second = page.cards()
    assert "linkacme.yaml:2:12 waba.country" in first
    assert "See also line 7:3 waba.country" in first
    assert "See also manifests/b.yaml:2:12 waba.country" in first
    assert "linkmanifests/b.yaml:2:12 waba.country" in second


def test_why_it_matters_is_said_once_in_a_workspace(report: Make, finding: Make) -> None:
    found = [finding(fingerprint=str(number), span=(number, 1, number, 2)) for number in (1, 2)]
    page = rendered(report(*found, describe=lambda: (RULE,)))
    first, second = page.cards()
    assert "Why it matters The account is closed." in first
    assert "The account is closed." not in second
    told, untold = (item for item in page.all("a", href="#rule-WBA008"))
    assert (told.get("class"), untold.get("class")) == ("told", None)
    assert re.search(r'"#rule"\]:not\(\.told\)::after \{ content: ": why it matters"', CSS)
    unknown = rendered(report(*found))
    assert all("The account is closed." in card for card in unknown.cards())


def test_a_long_page_says_why_with_the_rule_alone(report: Make, finding: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html_layout, "LONG", 0)
    (card,) = rendered(report(finding(fingerprint="1"), describe=lambda: (RULE,))).cards()
    assert "The account is closed." not in card


def test_the_rules_that_spoke_are_explained(report: Make, finding: Make) -> None:
    silent = RULE._replace(code="WBA001")
    page = rendered(report(finding(fingerprint="1"), describe=lambda: (silent, RULE)))
    said = words(page, page.by_id("rule-WBA008"))
    assert said == (
        "WBA008 ineligible-countryThe business is in a country that Meta does not serve.Why it mattersThe account is closed."
        "How to put it rightRegister elsewhere, soon.Wait.ExamplesBadwaba: country: AQGoodwaba: country: IN"
        "Source https://developers.facebook.com/x (as of 2025-11, sure)"
    )
    assert not [item for item in page.all("article", class_="rule") if item.get("id") == "rule-WBA001"]


def test_what_is_accepted_is_shown_with_its_reason(report: Make, finding: Make) -> None:
    said = Suppression("inline", "the lawyer <b>agreed</b>", "legal", "2027-01-31", "acme.yaml", 12)
    accepted = finding(fingerprint="5", suppression=said)
    page = rendered(report(suppressed=(accepted,)))
    assert page.text(page.all("h1")[0]) == "Ready to send"
    assert "1 finding accepted as exceptions, which do not count." in page.text()
    (section,) = page.all("section", class_="exceptions")
    assert "Accepted the lawyer <b>agreed</b>, owner legal, until 2027-01-31 (inline, acme.yaml:12)" in words(
        page, section
    )


def test_a_finding_on_several_workspaces_stands_in_full_once(report: Make, finding: Make, location: Make) -> None:
    shared = finding(location(), location(path="b.yaml"), fingerprint="9")
    manifests = tuple(Manifest(path, 0, path, "live", checked=True) for path in ("acme.yaml", "b.yaml"))
    page = rendered(report(shared, manifests=manifests))
    first, second = page.cards()
    assert "Register elsewhere." in first
    assert "This concerns several workspaces: see it in full" in second
    assert page.all("a", href="#f-9")


def test_what_stands_in_no_workspace_is_shown_all_the_same(report: Make, finding: Make, location: Make) -> None:
    lost = finding(location(path="policy.yaml"), path="policy.yaml", fingerprint="7")
    stale = Stale("acme", "NET002", "bsp.ip_allowlist", "9c56", 2, "baseline.json", 4)
    page = rendered(report(lost, stale=(stale,)))
    assert "Meta serves no business in AQ" in page.text(page.by_id("others"))
    assert "NET002bsp.ip_allowlist2baseline.json:4" in words(page, page.by_id("stale"))


def test_findings_without_fingerprints_have_ids_of_their_own(report: Make, finding: Make) -> None:
    page = rendered(report(finding(span=(1, 1, 1, 2)), finding(span=(2, 1, 2, 2))))
    assert len(page.cards()) == 2
    _is_closed(page)


def test_tables_have_heads_and_columns_are_named_on_narrow_screens(report: Make) -> None:
    page = rendered(report(overviews=(OVERVIEW,), facts=(FactsUsed("waba", "2025-11", "sure", "bundled"),)))
    for item in page.all("table"):
        first, *others = item.iter("tr")
        assert all(cell.tag == "th" for cell in first)
        assert all(row[0].tag == "th" and row[0].get("scope") == "row" for row in others)
        style = item.get("class", "")
        heads = [page.text(cell) for cell in first]
        for number in range(2, len(heads) + 1):
            says = [page.text(row[number - 1]) for row in others]
            is_number = bool(says) and all(re.fullmatch(r"[<>]?[0-9][0-9,.]*%?", words) for words in says)
            assert is_number == (f".{style} tr > :nth-child({number})" in CSS)
        for number, head in enumerate(heads[1:], 2):
            named = re.search(rf"\.{style} td:nth-child\({number}\)::before[^{{]*{{ content: \"(.*?) \"", CSS)
            if named:
                assert named[1].replace("\\2019", "\u2019") in {head, {"Read at its source": "Read"}.get(head)}


def test_the_page_is_the_same_every_time(report: Make, finding: Make) -> None:
    made: Report = report(finding(fingerprint="1"), overviews=(OVERVIEW,), describe=lambda: (RULE,))
    assert html.render(made) == html.render(made)
    assert html.render(made).endswith("</html>\n")


def test_the_assets_end_no_element() -> None:
    script = (Path(html.__file__).parent / "html.js").read_text("utf-8")
    assert not re.search(r"</|<!--|\r", CSS + script)


def test_two_workspaces_are_counted(report: Make, finding: Make) -> None:
    manifests = (
        Manifest("acme.yaml", 0, "acme", "live", checked=True),
        Manifest("b.yaml", 0, "beta", "test", checked=True),
    )
    page = rendered(report(finding(workspace="acme", fingerprint="1"), manifests=manifests))
    assert "Of 2 workspaces, 1 ready, 1 not ready." in page.text()


def test_a_rule_that_gives_no_reason_has_no_heading_for_it(report: Make, finding: Make) -> None:
    assert "Why it matters" not in rendered(report(finding(why="", fingerprint="1"))).cards()[0]
