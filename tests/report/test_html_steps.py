"""What the page shows of each step: what it rests on, in words, tables and charts."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.report.pages import AUDIT, COVER, OVERVIEW, rendered, rows, step, table, words
from wa_policy.report import html_steps
from wa_policy.report.model import FactsUsed
from wa_policy.report.overview import CallingCode, Number

Make = Callable[..., Any]


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
