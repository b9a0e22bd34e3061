"""What tests of the page share: a strict reader of HTML, and a workspace of which everything is known."""

from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib

from wa_policy.report import html
from wa_policy.report.model import FactsUsed, Report, RuleInfo
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


def step(page: Page, name: str) -> Element:
    (found,) = (item for item in page.all("li") if item.get("data-step") == name)
    return found


def rows(page: Page, table: Element) -> list[list[str]]:
    return [[words(page, cell) for cell in row] for row in table.iter("tr")][1:]


def table(item: Element, style: str) -> Element:
    (found,) = (table for table in item.iter("table") if table.get("class") == style)
    return found
