"""What the generated pages of the documentation share: their frame, tables, and the addresses of headings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wa_policy.rules.registry import Step

if TYPE_CHECKING:
    from collections.abc import Sequence

MARK = "<!-- Made by `make docs` from "
"""How every generated page begins."""

TITLES = {
    Step.MANIFEST: "The manifest itself",
    Step.ACCOUNT: "1. An account with a supported BSP",
    Step.WABA: "2. An approved WhatsApp Business Account",
    Step.NUMBERS: "3. A business phone number",
    Step.TEMPLATES: "4. Templates approved",
    Step.OPT_IN: "5. Opt-in up to date in MoEngage and at the BSP",
    Step.NETWORK: "6. Fixed addresses where the BSP wants them",
    Step.CAMPAIGNS: "Campaigns",
}


def page(title: str, source: str, *parts: str) -> str:
    """A page with its title, and a remark for those who would edit it."""
    return f"{MARK}{source}. Do not edit. -->\n\n# {title}\n\n" + "\n".join(parts)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, tuple("---" for _ in header), *rows]
    return "".join(f"| {' | '.join(cell(text) for text in line)} |\n" for line in lines)


def cell(text: str) -> str:
    """A text that a cell can hold."""
    return " ".join(text.split()).replace("|", "\\|")


def anchor(heading: str) -> str:
    """The address that a heading has within its page, as GitHub makes it."""
    return re.sub(r"[^a-z0-9_ -]", "", heading.lower()).replace(" ", "-")
