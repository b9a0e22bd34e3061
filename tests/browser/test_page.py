"""What people do with the page: read, search, follow links, use the keyboard, print, read on a telephone, and in the dark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import write
from wa_policy.report.checklist import build
from wa_policy.report.model import Finding, Frame, Location, Manifest, NotChecked, Report, Suppression
from wa_policy.source.spans import Span

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    OpenPage = Callable[..., Page]

pytestmark = pytest.mark.browser

STATES = {"READY", "NOT READY", "UNPROVEN", "NOT ASKED", "NOT CHECKED"}


def shown(page: Page) -> list[str]:
    """The names of the workspaces that can be seen."""
    names: list[str] = page.locator(".w:visible > details > summary h3").all_inner_texts()
    return names


def opened(page: Page, name: str) -> Any:
    """A workspace, opened with all of its steps."""
    row = page.locator(f"#w-{name}")
    row.evaluate("row => row.querySelectorAll('details').forEach(one => { one.open = true })")
    return row


def test_every_workspace_says_what_its_checklist_says(
    open_page: OpenPage, example_page: Path, examples: Report
) -> None:
    page = open_page(example_page)
    assert page.locator("h1").inner_text() == "Not ready"
    assert "22 Nov 2026" in page.locator("header").inner_text()
    checklists = build(examples, ())
    assert shown(page) == [checklist.manifest.workspace for checklist in checklists]
    for checklist in checklists:
        row = opened(page, checklist.manifest.workspace)
        assert row.get_attribute("data-state") in STATES
        said = " ".join(row.inner_text().split())
        assert checklist.manifest.path in said
        assert row.locator(".steps > li").count() == 7
        for step, item in zip(checklist.steps, row.locator(".steps > li").all(), strict=True):
            assert item.locator("> details > summary > b").inner_text().upper() == step.state
            for finding in step.findings:
                assert " ".join(finding.message.split()) in said
                assert " ".join(finding.remedy.split()) in said or "concerns several workspaces" in said
    assert page.locator(".f > li[id]").count() == len(examples.findings) + len(examples.suppressed)


def test_charts_tables_and_evidence(open_page: OpenPage, example_page: Path) -> None:
    page = open_page(example_page)
    row = opened(page, "saffron-lane-in")
    opt_in = row.locator("[data-step=opt-in]")
    assert "17 Nov 2026 (5 days earlier)" in opt_in.inner_text()
    charts = opt_in.get_by_role("img")
    assert charts.nth(0).get_attribute("aria-label") == "TRUE 73.2%, FALSE 10.0%, blank 16.8%"
    widths = [box["width"] for rect in charts.nth(0).locator("rect").all() if (box := rect.bounding_box())]
    assert [round(100 * width / sum(widths)) for width in widths] == [73, 10, 17]
    network = row.locator("[data-step=network]")
    assert "present" in network.get_by_role("row", name="3.6.251.95").inner_text()
    missing = opened(page, "kopi-samudra-id").locator("[data-step=network]").get_by_role("row", name="16.78.95.240")
    assert "missing" in missing.inner_text()


def test_filters(open_page: OpenPage, example_page: Path, examples: Report) -> None:
    page = open_page(example_page)
    everything = shown(page)
    status = page.get_by_role("status")
    assert status.inner_text() == f"Showing {len(everything)} workspaces."

    page.get_by_label("State", exact=True).select_option("READY")
    assert shown(page) == ["saffron-lane-in", "monsoon-trails"]
    assert status.inner_text() == f"Showing 2 of {len(everything)} workspaces, with 0 findings."

    page.get_by_role("button", name="Reset").click()
    page.get_by_label("Open step").select_option("network")
    page.get_by_label("Severity").select_option("error")
    expected = {
        finding.workspace for finding in examples.findings if (finding.step, finding.severity) == ("network", "error")
    }
    assert set(shown(page)) == expected
    for name in shown(page):
        row = opened(page, name)
        assert row.locator(".f:visible").count() >= 1
        assert row.locator("[data-step]:not([data-step=network]) .f:visible").count() == 0

    page.get_by_role("button", name="Reset").click()
    assert shown(page) == everything


def test_search(open_page: OpenPage, example_page: Path) -> None:
    page = open_page(example_page)
    everything = shown(page)
    search = page.get_by_label("Search")
    status = page.get_by_role("status")
    search.fill("NET002 kaleyra")
    page.get_by_text(f"Showing 1 of {len(everything)} workspaces, with 1 finding.").wait_for()
    assert shown(page) == ["kopi-samudra-id"]
    search.fill("SAFFRON")
    page.get_by_text(f"Showing 1 of {len(everything)} workspaces, with 0 findings.").wait_for()
    assert shown(page) == ["saffron-lane-in"]
    # A finding says only the name of a file whose folder stands above it, and is found all the same.
    search.fill("NET002 manifests/kaleyra-indonesia.yaml")
    page.get_by_text(f"Showing 1 of {len(everything)} workspaces, with 1 finding.").wait_for()
    search.fill("no such words <b>")
    page.get_by_text(f"Showing 0 of {len(everything)} workspaces").wait_for()
    search.fill("")
    page.get_by_text(f"Showing {len(everything)} workspaces.").wait_for()
    assert status.get_attribute("aria-live") == "polite"


def test_links_to_findings_rules_and_workspaces_open_what_they_lead_to(
    open_page: OpenPage, example_page: Path, examples: Report
) -> None:
    finding = next(finding for finding in examples.findings if finding.code == "NET002")
    page = open_page(example_page, f"#f-{finding.fingerprint}")
    card = page.locator(f"#f-{finding.fingerprint}")
    assert card.is_visible()
    assert card.evaluate(
        "card => { const box = card.getBoundingClientRect(); return box.top >= 0 && box.top < innerHeight }"
    )

    card.get_by_role("link", name="NET002 missing-moengage-ip").click()
    assert page.url.endswith("#rule-NET002")
    assert "add every address of it to the list" in page.locator("#rule-NET002").inner_text()

    page.goto(page.url.partition("#")[0] + "#w-saffron-lane-in")
    assert page.locator("#w-saffron-lane-in .steps").is_visible()

    # A link leads out of a filter.
    page.get_by_label("State", exact=True).select_option("READY")
    page.evaluate(f"location.hash = 'f-{finding.fingerprint}'")
    card.wait_for(state="visible")
    assert page.get_by_label("State", exact=True).input_value() == ""
    # Also where its workspace is shown for another finding.
    page.locator("#search").fill("kopi-samudra-id NUM002")
    card.wait_for(state="hidden")
    page.evaluate("location.hash = ''")
    page.evaluate(f"location.hash = 'f-{finding.fingerprint}'")
    card.wait_for(state="visible")
    assert page.locator("#search").input_value() == ""


def test_what_the_style_sheet_says_can_be_heard(open_page: OpenPage, example_page: Path) -> None:
    page = open_page(example_page)
    row = opened(page, "pebble-and-fern")
    findings = row.locator(".f > li")
    assert row.get_by_role("link", name="link to this finding", exact=True).count() == findings.count()
    told = row.get_by_text("Why it matters", exact=True).count()
    untold = row.get_by_role("link", name=": why it matters").count()
    assert told > 0 < untold
    assert told + untold == findings.count()
    assert row.locator(".strip").get_attribute("title").startswith("Steps. Unproven: 1 An account with")


def test_tables_have_heads_for_those_who_listen(open_page: OpenPage, example_page: Path) -> None:
    page = open_page(example_page)
    row = opened(page, "kopi-samudra-id")
    page.evaluate("row => { document.body.replaceChildren(row) }", row.element_handle())
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    roles = [node.get("role", {}).get("value") for node in tree]
    assert roles.count("columnheader") == page.locator("thead th").count() > 0
    assert roles.count("rowheader") == page.locator("tbody th").count() > 0


def test_links_work_without_scripts(open_page: OpenPage, example_page: Path, examples: Report) -> None:
    page = open_page(example_page, java_script_enabled=False)
    assert page.locator("#filters").is_hidden()
    assert page.locator("#theme").is_hidden()
    assert page.locator("h1").is_visible()
    row = page.locator("#w-kopi-samudra-id")
    row.locator("> details > summary").click()
    assert row.locator(".steps").is_visible()
    finding = next(finding for finding in examples.findings if finding.workspace == "pebble-and-fern")
    page = open_page(example_page, f"#f-{finding.fingerprint}", java_script_enabled=False)
    assert page.locator(f"#f-{finding.fingerprint}").is_visible()


def test_every_link_leads_somewhere(open_page: OpenPage, example_page: Path) -> None:
    page = open_page(example_page)
    lost = page.evaluate(
        "[...document.links].filter(one => !document.getElementById(one.hash.slice(1))).map(one => one.href)"
    )
    assert lost == []


def test_open_and_close_all(open_page: OpenPage, example_page: Path) -> None:
    page = open_page(example_page)
    page.get_by_role("button", name="Open all").click()
    assert page.locator(".w > details[open]").count() == page.locator(".w").count()
    page.get_by_role("button", name="Close all").click()
    assert page.locator(".w > details[open]").count() == 0


def test_the_keyboard_reaches_everything(open_page: OpenPage, example_page: Path) -> None:
    page = open_page(example_page)

    def focused() -> str:
        found: str = page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")
        return found

    page.keyboard.press("Tab")
    assert focused() == "Skip to the workspaces"
    assert page.locator(".skip").evaluate("link => link.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    assert focused() == "workspaces"
    order = []
    for _ in range(8):
        page.keyboard.press("Tab")
        order.append(focused())
    assert order[:7] == ["search", "state", "step", "severity", "open-all", "close-all", "reset"]
    assert order[7].startswith("Unproven")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    assert page.locator(".w > details[open]").count() == 1
    page.keyboard.press("Enter")
    assert page.locator(".w > details[open]").count() == 0


def test_light_and_dark(open_page: OpenPage, example_page: Path) -> None:
    def ground(page: Page) -> str:
        color: str = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        return color

    light, dark = "rgb(246, 245, 242)", "rgb(20, 23, 27)"
    page = open_page(example_page, color_scheme="light")
    assert ground(page) == light
    page.get_by_role("button", name="Dark page").click()
    assert ground(page) == dark
    page.reload()
    assert ground(page) == dark
    page.get_by_role("button", name="Light page").click()
    assert ground(page) == light
    assert ground(open_page(example_page, color_scheme="dark")) == dark
    assert ground(open_page(example_page, color_scheme="dark", java_script_enabled=False)) == dark


@pytest.mark.parametrize("width", [320, 375, 768])
def test_nothing_sticks_out_on_a_narrow_screen(open_page: OpenPage, example_page: Path, width: int) -> None:
    page = open_page(example_page, viewport={"width": width, "height": 800})
    for one in ("#w-kopi-samudra-id", "#w-pebble-and-fern", "#w-saffron-lane-in"):
        page.locator(one).evaluate("row => row.querySelectorAll('details').forEach(one => { one.open = true })")
    page.locator("#facts details").evaluate("one => { one.open = true }")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#w-kopi-samudra-id .addresses").is_visible()


def test_paper_shows_everything(open_page: OpenPage, example_page: Path, tmp_path: Path) -> None:
    page = open_page(example_page, color_scheme="dark", viewport={"width": 800, "height": 1000})
    page.emulate_media(media="print")
    seen = "one.checkVisibility({contentVisibilityAuto: true})"
    everything = "[...document.querySelectorAll('article, .steps h4, .f > li, .f pre')]"
    page.wait_for_function(f"{everything}.every(one => {seen})")
    assert page.locator(".paper table").is_visible()
    assert page.locator("#filters").is_hidden()
    assert page.locator("#theme").is_hidden()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    page.emulate_media(media="screen")
    assert page.locator(".w > details[open]").count() == 0
    page.pdf(path=tmp_path / "page.pdf", format="A4")
    assert page.locator(".w > details[open]").count() == 0


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 1200), ("light", 375)])
def test_axe_finds_nothing(open_page: OpenPage, example_page: Path, axe: str, scheme: str, width: int) -> None:
    page = open_page(example_page, color_scheme=scheme, viewport={"width": width, "height": 900})
    page.evaluate(axe)
    assert _violations(page) == []
    for name in ("kopi-samudra-id", "pebble-and-fern", "fernhill-trial"):
        opened(page, name)
    assert _violations(page) == []


def _violations(page: Page) -> list[str]:
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [f"{one['id']}: {node['html']}: {node['failureSummary']}" for one in found for node in one["nodes"]]


HOSTILE = (
    '"><script>window.__pwned = 1</script>',
    "'><img src=x onerror=window.__pwned=1>",
    "</script><script>window.__pwned = 1</script>",
    "</style><svg onload=window.__pwned=1>",
    "--><iframe srcdoc='<script>parent.__pwned=1</script>'>",
    "]]><a href=javascript:window.__pwned=1>x</a>",
    "\u202egnp.exe\u2066\x00\x1b[2J\ud800\n::error::x",
    "{{constructor.constructor('window.__pwned=1')()}}${window.__pwned=1}",
)


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_values_do_nothing_but_stand_there(open_page: OpenPage, tmp_path: Path, value: str) -> None:
    page = open_page(write(_hostile(value), tmp_path))
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    for step in ("", "network"):
        page.get_by_label("Open step").select_option(step)
    page.get_by_label("Search").fill(value.replace("\ud800", ""))
    page.evaluate("[...document.links].forEach(one => one.click())")
    assert page.evaluate("typeof window.__pwned") == "undefined"
    assert page.evaluate("document.querySelectorAll('script, iframe, img, [onerror], [onload]').length") == 1


def _hostile(value: str) -> Report:
    place = Location(f"{value}.yaml", 0, Span(1, 1, 1, 4), value, value, Frame(1, value))
    finding = Finding(
        code="NET002",
        name=value,
        step="network",
        severity="error",
        outcome="fail",
        message=value,
        why=value,
        remedy=value,
        workspace=value,
        path=place.path,
        document=0,
        locations=(place, place),
        fingerprint=value,
    )
    accepted = finding._replace(fingerprint="2", suppression=Suppression("inline", value, value, value, value, 1))
    return Report(
        version=value,
        as_of="2026-11-22",
        policy=value,
        policy_origin=value,
        fail_on="error",
        rules=("NET002",),
        manifests=(Manifest(place.path, 0, value, value, checked=True),),
        findings=(finding,),
        not_checked=(NotChecked(value, value, value, remedy=value),),
        skipped=(),
        facts=(),
        suppressed=(accepted,),
    )
