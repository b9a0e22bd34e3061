"""Numbers, shares, days and states as the page says them."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from wa_policy import wording
from wa_policy.records import NamedTuple
from wa_policy.report.html_text import Markup, element, text

if TYPE_CHECKING:
    from wa_policy.findings import Outcome, Severity
    from wa_policy.report.checklist import State

_DAY = re.compile(r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2}))?(?![0-9-])")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Look(NamedTuple):
    """How a state is shown: its class, a sign that does not depend on colour, and its word."""

    style: str
    sign: str
    word: str


STATES: dict[State, Look] = {
    "NOT CHECKED": Look("unchecked", "!", "Not checked"),
    "NOT READY": Look("bad", "\u2715", "Not ready"),
    "UNPROVEN": Look("unsure", "?", "Unproven"),
    "NOT ASKED": Look("unasked", "\u2013", "Not asked"),
    "READY": Look("good", "\u2713", "Ready"),
}
"""The states, the worst first."""

SEVERITIES: dict[Severity, Look] = {
    "error": Look("bad", "\u2715", "Error"),
    "warning": Look("unsure", "!", "Warning"),
    "info": Look("note", "i", "Note"),
}

OUTCOMES: dict[Outcome, str] = {"fail": "", "unproven": "nothing shows it", "claimed": "claimed, not proven"}


def badge(look: Look) -> Markup:
    """A state or a severity as a word. What it stands in has its class, by which the style sheet gives it colour and sign."""
    return element("b", look.word)


def count(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun, thousands apart: 1 finding, 2,000 findings."""
    return wording.count(number, noun, plural, style=",")


def share(part: int, whole: int) -> str:
    """A share in per cent with one digit; nothing but all is 100%, and nothing but none 0%."""
    if not whole or part in (0, whole):
        return "100%" if part and part == whole else "0%"
    percent = 100 * part / whole
    return "<0.1%" if percent < 0.05 else ">99.9%" if percent > 99.95 else f"{percent:.1f}%"


def listed(words: list[str], most: int = 6) -> str:
    """Words with commas between them, not too many."""
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more


def day(when: str, as_of: str = "") -> Markup:
    """A day or a moment as people write it, and how long before the day of the check it was; other words as they are."""
    match = _DAY.match(when)
    try:
        found = date(int(match[1]), int(match[2]), int(match[3] or 1)) if match else None
    except ValueError:
        found = None
    if match is None or found is None:
        return text(when)
    words = f"{found.day} " if match[3] else ""
    shown = element("time", f"{words}{_MONTHS[found.month - 1]} {found.year}", datetime=match[0])
    if not match[3] or not as_of:
        return shown
    days = (date.fromisoformat(as_of) - found).days
    ago = "the same day" if not days else f"{count(abs(days), 'day')} {'earlier' if days > 0 else 'later'}"
    return Markup(f"{shown} ({ago})")
