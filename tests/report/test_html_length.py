"""The page of many workspaces stays short, and nothing is lost by what is left out."""

from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element

import pytest

from tests.report.pages import AUDIT, OVERVIEW, RULE, Page
from wa_policy.report import html, html_text
from wa_policy.report.model import (
    Edit,
    FactsUsed,
    Manifest,
    NotChecked,
    Patch,
    Report,
    Stale,
    Suppression,
)
from wa_policy.report.overview import Overview
from wa_policy.source.spans import Span

Make = Callable[..., Any]


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
    for number in (2_400, 3_600):  # both long pages: see html_layout.LONG
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
