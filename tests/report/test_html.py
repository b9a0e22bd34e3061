"""The page is valid, complete, and its own: every text is a text, nothing runs but its script, and nothing is fetched."""

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.report.hostile import TEXTS, acts, reports
from wa_policy.report import html, html_steps, html_text, html_words, html_workspaces
from wa_policy.report.html_charts import Part, bar
from wa_policy.report.html_text import Markup, anchor, attribute, code_block, element, paragraphs, shown, text
from wa_policy.report.html_words import day, share
from wa_policy.report.model import (
    Edit,
    FactsUsed,
    LeftOut,
    Manifest,
    NotChecked,
    Patch,
    Report,
    RuleInfo,
    Stale,
    Suppression,
)
from wa_policy.report.overview import (
    AddressCover,
    CallingCode,
    Campaign,
    Number,
    OptInAudit,
    Overview,
    Proof,
    Template,
)
from wa_policy.rules.documentation import Documentation
from wa_policy.source.spans import Span

Make = Callable[..., Any]
CSS = (Path(html.__file__).parent / "html.css").read_text("utf-8")


class Page:
    """A page as a strict reader of HTML has it; raises for whatever is not valid."""

    def __init__(self, content: str) -> None:
        content.encode()  # nothing that no file could hold
        self.root: Element = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(content)

    def all(self, tag: str, **attributes: str) -> list[Element]:
        wanted = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
        found = (item for item in self.root.iter() if item.tag == tag)
        return [item for item in found if all(value in item.get(key, "").split() for key, value in wanted.items())]

    def text(self, item: Element | None = None) -> str:
        return "".join((self.root if item is None else item).itertext())

    def by_id(self, name: str) -> Element:
        (found,) = (item for item in self.root.iter() if item.get("id") == name)
        return found

    def cards(self) -> list[str]:
        return [" ".join(self.text(card).split()) for item in self.all("ul", class_="f") for card in item]


def words(page: Page, item: Element) -> str:
    return " ".join(page.text(item).split())


AUDIT = OptInAudit(
    path="evidence/audit.json",
    workspace="acme-retail",
    measured_at="2026-11-20T06:30:00Z",
    scope="full",
    files=("users.parquet",),
    users={"total": 1000, "true": 700, "false": 100, "blank": 190, "invalid": 10},
    provider={"known": 600, "unknown": 60, "opted_out": 30, "only_at_bsp": 5},
    calling_codes=(CallingCode("91", 900, 650, 90, 150, 10), CallingCode("other", 100, 50, 10, 40, 0)),
    rejected=2,
    previous="2026-10-20T06:30:00Z",
    change={"total": 10, "true": -3},
    would_wipe=7,
)
COVER = AddressCover(
    requirement="required",
    stated=True,
    needed=("16.78.137.157", "16.78.95.240"),
    missing=("16.78.95.240",),
    listed=("16.78.137.157", "10.0.0.0/8"),
    others=("10.0.0.0/8",),
    fact=FactsUsed("moengage_static_ips", "2026-11", "sure", "bundled"),
    sources=("https://www.moengage.com/docs/addresses",),
)
OVERVIEW = Overview(
    path="acme.yaml",
    document=0,
    description="Order updates in India",
    legal_entity="Acme Retail Private Limited",
    provider="Gupshup",
    data_center="DC-06",
    waba="Acme 102",
    proofs=(
        Proof("waba", "Meta's answer on the account", "evidence/waba.json", "2026-11-18T04:30:00Z"),
        Proof("network", "the provider confirmed its list of addresses", "", "2026-09-30"),
        Proof("templates", "Meta's answer on the templates", "gone.json", "", "there is no such file"),
    ),
    opt_in=AUDIT,
    addresses=COVER,
    numbers=(Number("+91 80 4718 0000", "Acme", "CONNECTED", "GREEN", proven=True),),
    templates=(
        Template("order_shipped", "en", "UTILITY", "APPROVED", "GREEN", proven=True),
        Template("order_shipped", "hi", "UTILITY", "PAUSED", "", proven=False),
    ),
    unused_templates={"APPROVED": 12},
    campaigns=(Campaign("orders", "+91 80 4718 0000", "order_shipped", "en", 18000, ("IN",)),),
)
RULE = RuleInfo(
    "WBA008",
    "ineligible-country",
    "waba",
    "sure",
    "error",
    Documentation(
        "The business is in a country that Meta does not serve.",
        "",
        {
            "Why it matters": "The account is closed.",
            "How to put it right": "1. Register `elsewhere`,\n   soon.\n2. Wait.",
            "Bad": "```yaml\nwaba:\n  country: AQ\n```",
            "Good": "```yaml\nwaba:\n  country: IN\n```",
            "Source": "https://developers.facebook.com/x (as of 2025-11, sure)",
            "Since": "0.1",
        },
    ),
)


def rendered(report: Report) -> Page:
    return Page(html.render(report))


# Texts


class _Reader(HTMLParser):
    """Takes texts and values of attributes out of HTML, as a reader that forgives everything does."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.texts = ""
        self.values: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.values += [value for _, value in attrs]

    def handle_data(self, data: str) -> None:
        self.texts += data


def read(content: str) -> _Reader:
    reader = _Reader()
    reader.feed(content)
    reader.close()
    return reader


@given(TEXTS | st.text(alphabet=st.characters(), max_size=30))
def test_a_text_comes_back_as_it_was(value: str) -> None:
    made = element("p", value, title=value)
    made.encode()
    for reader in (read(made), read(f"<p>{text(value)}</p>")):
        assert reader.tags == ["p"]
        assert reader.texts == shown(value)
    assert read(made).values == [shown(value)]
    page = Page(f"<!DOCTYPE html><title>x</title>{made}")
    assert page.text(page.all("p")[0]) == shown(value)
    assert page.all("p")[0].get("title") == shown(value)
    assert not acts(shown(value))


def test_what_acts_is_written_out() -> None:
    assert text("a\x1b[2J\u202e\x00\ud800\ufffe\n\U0001fffe") == (
        "a\\u{1b}[2J\\u{202e}\\u{0}\\u{d800}\\u{fffe}\\n\\u{1fffe}"
    )
    assert text("::error::") == "::error::"
    assert attribute("\"'<>&") == '"&quot;&#39;&lt;&gt;&amp;"'


@given(TEXTS)
def test_only_plain_signs_stand_without_quotes(value: str) -> None:
    made = attribute(value)
    assert made[:1] == '"' == made[-1:] or re.fullmatch(r"[A-Za-z0-9._#%-]+", made)


@given(TEXTS)
def test_documentation_stays_text(value: str) -> None:
    for made in (paragraphs(value), code_block(value)):
        page = Page(f"<!DOCTYPE html><title>x</title><div>{made}</div>")
        assert {item.tag for item in page.all("div")[0].iter()} <= {"div", "p", "ol", "li", "code", "pre"}


def test_documentation_has_lists_and_code() -> None:
    assert paragraphs("one\ntwo\n\n1. a `b`\n   c\n2. d") == ("<p>one two<ol><li>a <code>b</code> c<li>d</ol>")
    assert code_block("\n\na: 1\n  b: 2\n") == "<pre><code>\n\na: 1\n  b: 2</code></pre>"
    assert paragraphs("a ` alone") == "<p>a ` alone"


@given(TEXTS, TEXTS)
def test_an_anchor_is_made_of_plain_signs_and_tells_texts_apart(one: str, other: str) -> None:
    assert re.fullmatch(r"f-[A-Za-z0-9._-]*", anchor("f", one))
    assert (anchor("f", one) == anchor("f", other)) == (one == other)


def test_attributes_may_be_true_or_left_out() -> None:
    assert element("input", hidden=True, disabled=False, value=None, tabindex=-1) == "<input hidden tabindex=-1>"
    assert element("a", Markup("<b>x</b>"), "<", class_="y z") == '<a class="y z"><b>x</b>&lt;</a>'


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
    monkeypatch.setattr(html_workspaces, "LONG", 0)
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


# What a step rests on


def step(page: Page, name: str) -> Element:
    (found,) = (item for item in page.all("li") if item.get("data-step") == name)
    return found


def rows(page: Page, table: Element) -> list[list[str]]:
    return [[words(page, cell) for cell in row] for row in table.iter("tr")][1:]


def table(item: Element, style: str) -> Element:
    (found,) = (table for table in item.iter("table") if table.get("class") == style)
    return found


def test_opt_in_is_drawn_and_counted(report: Make) -> None:
    page = rendered(report(overviews=(OVERVIEW,)))
    section = step(page, "opt-in")
    users, provider = (item for item in section.iter("table") if item.get("class") == "parts")
    assert [row[:3] for row in rows(page, users)] == [
        ["TRUE", "700", "70.0%"],
        ["FALSE", "100", "10.0%"],
        ["blank", "190", "19.0%"],
        ["other values", "10", "1.0%"],
    ]
    assert [row[:3] for row in rows(page, provider)] == [
        ["known", "600", "85.7%"],
        ["unknown", "60", "8.6%"],
        ["opted out", "30", "4.3%"],
        ["not compared", "10", "1.4%"],
    ]
    assert rows(page, table(section, "codes")) == [["+91", "900", "72.2%", ""], ["other", "100", "50.0%", ""]]
    assert [item.get("aria-label") for item in section.iter("{http://www.w3.org/2000/svg}svg")][:2] == [
        "TRUE 70.0%, FALSE 10.0%, blank 19.0%, other values 1.0%",
        "known 85.7%, unknown 8.6%, opted out 4.3%, not compared 1.4%",
    ]
    assert [page.text(item.find("caption")) for item in (users, provider)] == [
        "Users in MoEngage by opt-in status",
        "Users with TRUE, as Gupshup has them",
    ]
    said = words(page, section)
    assert "70.0% of 1,000 users agreed" in said
    assert "Counted 20 Nov 2026 (2 days earlier) from users.parquet" in said
    assert "2 rows could not be read" in said
    assert "Since the audit before, 20 Oct 2026: users +10, TRUE -3" in said
    assert "would wipe 7 consents" in said
    assert "5 on the provider\u2019s list, and not in MoEngage" in said


def test_many_calling_codes_stand_together(report: Make) -> None:
    codes = tuple(CallingCode(str(number), number, number, 0, 0, 0) for number in range(1, 31))
    page = rendered(report(overviews=(OVERVIEW._replace(opt_in=AUDIT._replace(calling_codes=codes)),)))
    shown_rows = rows(page, table(step(page, "opt-in"), "codes"))
    assert len(shown_rows) == html_steps.MOST_CALLING_CODES + 1
    assert shown_rows[0][0] == "+30"
    assert shown_rows[-1] == ["15 others", "120", "100%", ""]


def test_addresses_are_needed_present_or_missing(report: Make) -> None:
    page = rendered(report(overviews=(OVERVIEW,)))
    section = step(page, "network")
    assert rows(page, table(section, "addresses")) == [
        ["16.78.137.157", "yes, MoEngage in DC-06", "\u2713 present"],
        ["16.78.95.240", "yes, MoEngage in DC-06", "\u2715 missing"],
        ["10.0.0.0/8", "no, not MoEngage\u2019s", "present: somebody else is let in"],
    ]
    said = words(page, section)
    assert "1 of 2 addresses listed" in said
    assert "Gupshup lets in listed addresses only (as the manifest says)." in said
    assert "bundled facts moengage_static_ips, read Nov 2026 (sure), https://www.moengage.com/docs/addresses" in said
    assert "The provider confirmed its list of addresses, 30 Sep 2026 (53 days earlier)" in said


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"needed": None, "missing": ()}, "Which addresses MoEngage sends from in DC-06 is not known."),
        ({"needed": (), "missing": (), "others": ()}, "MoEngage has no fixed addresses in DC-06."),
        ({"requirement": "none", "listed": None, "others": ()}, "not listed, no list in force"),
        ({"requirement": "none", "listed": None, "others": ()}, "no list needed"),
        ({"requirement": "unknown", "stated": False}, "nobody has said (as far as is publicly known)."),
    ],
)
def test_other_address_covers(report: Make, changed: dict[str, Any], said: str) -> None:
    page = rendered(report(overviews=(OVERVIEW._replace(addresses=COVER._replace(**changed)),)))
    assert said in words(page, step(page, "network"))


def test_templates_numbers_and_campaigns(report: Make) -> None:
    page = rendered(report(overviews=(OVERVIEW,)))
    templates = step(page, "templates")
    assert "1 of 2 approved" in page.text(templates)
    assert rows(page, table(templates, "templates"))[1] == [
        *("order_shipped", "hi", "UTILITY", "PAUSED", "\u2013", "the manifest"),
    ]
    assert "proves nothing, since there is no such file" in page.text(templates)
    assert "nobody uses here: 12 APPROVED" in page.text(templates)
    assert rows(page, table(step(page, "numbers"), "numbers")) == [
        ["+91 80 4718 0000", "Acme", "CONNECTED", "GREEN", "evidence"]
    ]
    assert rows(page, table(step(page, "campaigns"), "campaigns")) == [
        ["orders", "order_shipped en", "+91 80 4718 0000", "IN", "18,000"]
    ]
    assert "Meta's answer on the account, 18 Nov 2026 (4 days earlier) \u2013 evidence/waba.json" in words(
        page, step(page, "waba")
    )


def test_a_workspace_of_which_little_is_known(report: Make) -> None:
    bare = OVERVIEW._replace(proofs=(), opt_in=None, addresses=None, templates=(), numbers=(), campaigns=())
    page = rendered(report(overviews=(bare,)))
    assert "nobody has counted who agreed" in page.text(step(page, "opt-in"))
    assert "addresses not known" in page.text(step(page, "network"))
    assert "Nothing speaks against it." in page.text(step(page, "account"))


def test_long_tables_are_cut_and_say_so(report: Make) -> None:
    templates = tuple(OVERVIEW.templates[0]._replace(name=f"t{number}") for number in range(50))
    page = rendered(report(overviews=(OVERVIEW._replace(templates=templates),)))
    section = step(page, "templates")
    assert len(rows(page, table(section, "templates"))) == html_steps.MOST_ROWS
    assert "10 more are not shown here." in page.text(section)


def test_the_facts_stand_at_the_end(report: Make) -> None:
    facts = (FactsUsed("waba", "2025-11", "probable", "bundled"), FactsUsed("emoji", "2026-02-03", "sure", "acme.yaml"))
    page = rendered(report(facts=facts))
    assert "2 facts files, read Nov 2025 to 3 Feb 2026, 1 of them not sure" in page.text()
    assert rows(page, page.all("table", class_="facts")[0]) == [
        ["waba", "Nov 2025", "probable", "bundled"],
        ["emoji", "3 Feb 2026", "sure", "acme.yaml"],
    ]


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


# Words


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(0, 0, "0%"), (0, 5, "0%"), (5, 5, "100%"), (1, 3, "33.3%"), (1, 9999, "<0.1%"), (9999, 10000, ">99.9%")],
)
def test_shares(part: int, whole: int, said: str) -> None:
    assert share(part, whole) == said


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("2026-11", "<time datetime=2026-11>Nov 2026</time>"),
        ("2026-11-20T06:30:00Z", "<time datetime=2026-11-20>20 Nov 2026</time> (2 days earlier)"),
        ("2026-11-22", "<time datetime=2026-11-22>22 Nov 2026</time> (the same day)"),
        ("2026-11-23", "<time datetime=2026-11-23>23 Nov 2026</time> (1 day later)"),
        ("2026-13-40", "2026-13-40"),
        ("\u0662\u0660\u0662\u0666-11", "\u0662\u0660\u0662\u0666-11"),
        ("soon <b>", "soon &lt;b&gt;"),
        ("", ""),
    ],
)
def test_days(when: str, said: str) -> None:
    assert day(when, "2026-11-22") == said


def test_a_bar_of_nothing() -> None:
    assert bar("Users", [Part("TRUE", 0, "good")]) == '<svg class=bar role=img aria-label="Users: nothing"></svg>'


def test_the_page_is_the_same_every_time(report: Make, finding: Make) -> None:
    made: Report = report(finding(fingerprint="1"), overviews=(OVERVIEW,), describe=lambda: (RULE,))
    assert html.render(made) == html.render(made)
    assert html.render(made).endswith("</html>\n")


# How long the page is

MOST = 10_000_000
"""A page of 500 workspaces has to be shorter than this, in bytes, so that a browser opens it in no more than three seconds."""

WORKSPACES = 500

FINDINGS = 7_900
"""About 16 in each workspace: few manifests have more wrong with them."""


def full(number: int) -> tuple[Manifest, Overview]:
    """A workspace as large as they are: two numbers, five templates and campaigns, an audit that compares."""
    path = f"manifests/workspace-{number}.yaml"
    overview = OVERVIEW._replace(
        path=path,
        numbers=OVERVIEW.numbers * 2,
        templates=OVERVIEW.templates[:1] * 5,
        campaigns=OVERVIEW.campaigns * 5,
        opt_in=AUDIT._replace(calling_codes=()),
    )
    return Manifest(path, 0, f"workspace-{number}", "live", checked=True), overview


def length(report: Report) -> int:
    return len(html.render(report).encode())


def test_a_page_of_many_workspaces_stays_short(report: Make, finding: Make, location: Make) -> None:
    few, many = 10, 60
    manifests, overviews = zip(*map(full, range(many)), strict=True)
    bare = report(manifests=manifests[:few], overviews=overviews[:few])
    grown = report(manifests=manifests, overviews=overviews)
    workspace = (length(grown) - length(bare)) / (many - few)

    def found(number: int) -> Any:
        """A finding as long as they are: a third of them has a second place, and half of the places a label."""
        path = manifests[number % many].path
        main = location(
            path=path, route="templates[1].in_moengage", source="  - name: order_delivered", span=(122, 5, 122, 9)
        )
        other = location(path=path, route="campaigns[2].template", label="used here", span=(175, 15, 175, 22))
        message = 'nothing says that MoEngage has the template "order_delivered" (en), which a campaign uses'
        return finding(
            *(main._replace(label="templates[1].in_moengage is missing" if number % 2 else ""), other)[
                : 1 + (number % 3 == 0)
            ],
            path=path,
            workspace=manifests[number % many].workspace,
            step="templates",
            outcome="unproven" if number % 2 else "fail",
            message=message,
            remedy="List the template with the status that MoEngage (Settings > Channels > WhatsApp > Templates) shows for it",
            fingerprint=f"{number:016x}",
        )

    lengths = []
    for number in (2_400, 3_600):  # both long pages: see html_workspaces.LONG
        made = grown._replace(findings=tuple(map(found, range(number))), describe=lambda: (RULE,))
        lengths.append(length(made))
    one = (lengths[1] - lengths[0]) / 1_200
    rest = length(bare) - few * workspace
    assert rest + WORKSPACES * workspace + FINDINGS * one < 0.85 * MOST  # manifests of other people say more
    assert workspace < 6_800
    assert one < 640


def test_what_is_left_out_of_the_markup_changes_nothing(
    report: Make, finding: Make, location: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Elements that end by themselves end where they would if it were written."""
    accepted = finding(
        fingerprint="5", suppression=Suppression("inline", "agreed", "legal", "2027-01-31", "acme.yaml", 12)
    )
    patch = Patch("write IN", True, (Edit("acme.yaml", Span(2, 12, 2, 14), "IN"), Edit("b.yaml", Span(1, 1, 2, 1), "")))
    made: Report = report(
        *(
            finding(fingerprint=str(number), patches=(patch,), step=step)
            for number, step in enumerate(("waba", "manifest"))
        ),
        finding(location(path="policy.yaml"), path="policy.yaml", fingerprint="7"),
        overviews=(OVERVIEW,),
        suppressed=(accepted,),
        stale=(Stale("acme", "NET002", "bsp.ip_allowlist", "9c56", 2, "baseline.json", 4),),
        facts=(FactsUsed("waba", "2025-11", "probable", "bundled"),),
        not_checked=(NotChecked("broken.yaml", "it cannot be read", "other.yaml", remedy="mend its mode"),),
        describe=lambda: (RULE,),
    )
    short = html.render(made)
    monkeypatch.setattr(html_text, "_END_BY_THEMSELVES", ())
    long = html.render(made)
    assert len(short) < len(long)
    assert tree(Page(short).root) == tree(Page(long).root)


def tree(item: Element) -> list[Any]:
    """An element with all that is in it."""
    return [item.tag, dict(item.attrib), item.text, item.tail, *map(tree, item)]


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


def test_a_ready_step_with_warnings_is_closed(report: Make, finding: Make) -> None:
    page = rendered(report(finding(severity="warning", fingerprint="1")))
    (step,) = page.all("li", data_step="waba")
    assert step.find("details").get("open") is None  # type: ignore[union-attr]  # it is there


def test_what_nothing_says_of_a_number_is_called_so(report: Make) -> None:
    unsaid = Number("+91 80 4718 0000", "", "", "", proven=False)
    page = rendered(report(overviews=(OVERVIEW._replace(numbers=(unsaid,)),)))
    [row] = rows(page, table(step(page, "numbers"), "numbers"))
    assert row[1:4] == ["not said"] * 3


@pytest.mark.parametrize(
    ("words", "shown"),
    [(["a", "b"], "a, b"), (["a", "b", "c"], "a, b, c"), (["a", "b", "c", "d"], "a, b, c and 1 more")],
)
def test_words_are_listed_up_to_a_number(words: list[str], shown: str) -> None:
    assert html_words.listed(words, 3) == shown


def test_a_rule_that_gives_no_reason_has_no_heading_for_it(report: Make, finding: Make) -> None:
    assert "Why it matters" not in rendered(report(finding(why="", fingerprint="1"))).cards()[0]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"requirement": "unknown"}, "\u2715 missing"),
        ({"requirement": "required", "listed": None, "others": ()}, "\u2715 missing"),
        ({"requirement": "unknown", "listed": None, "others": ()}, "not listed, no list in force"),
    ],
)
def test_an_address_is_missing_where_a_list_is_in_force(report: Make, changes: dict[str, Any], said: str) -> None:
    page = rendered(report(overviews=(OVERVIEW._replace(addresses=COVER._replace(**changes)),)))
    listed = rows(page, table(step(page, "network"), "addresses"))
    assert [row[2] for row in listed if row[0] == "16.78.95.240"] == [said]
