"""The report as one page for whoever decides: verdict, checklist by workspace, findings, rules. Nothing leaves the page.

Everything is there and readable without scripts; the script adds filters, and opens what a link leads to.
"""

from __future__ import annotations

import base64
import hashlib
import os
from functools import lru_cache
from typing import TYPE_CHECKING

from wa_policy.report.checklist import build
from wa_policy.report.html_charts import PATTERNS
from wa_policy.report.html_layout import lay_out
from wa_policy.report.html_rules import facts_section, rules_section
from wa_policy.report.html_text import Markup, element, join
from wa_policy.report.html_verdict import filters, masthead, not_checked
from wa_policy.report.html_workspaces import glance, leftovers, legend, workspace

if TYPE_CHECKING:
    from wa_policy.report.model import Report

_HERE = os.path.dirname(os.path.abspath(__file__))


def render(report: Report, *, color: bool = False) -> str:
    """The whole page, with a line break at its end."""
    del color
    page = lay_out(report, build(report))
    states = [section.state for section in page.sections]
    body = element(
        "body",
        element("a", "Skip to the workspaces", href="#workspaces", class_="skip"),
        PATTERNS,
        masthead(report, states),
        element(
            "main",
            not_checked(report),
            element(
                "section",
                element("h2", "Workspaces"),
                glance(page.sections),
                filters(report),
                legend(),
                element("ol", *(workspace(section, report) for section in page.sections), class_="workspaces"),
                id="workspaces",
                tabindex=-1,
            ),
            leftovers(page.others, report),
            rules_section(page.rules),
            facts_section(report),
        ),
        element(
            "footer", element("p", f"wa-policy {report.version}. This page is complete in itself, and loads nothing.")
        ),
        element("script", _asset("html.js")),
    )
    return f"<!DOCTYPE html>\n{element('html', _head(report), body, lang='en')}\n"


def _head(report: Report) -> Markup:
    style, script = _asset("html.css"), _asset("html.js")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return element(
        "head",
        element("meta", charset="utf-8"),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
        element("meta", name_="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name_="referrer", content="no-referrer"),
        element("meta", name_="color-scheme", content="light dark"),
        element("meta", name_="generator", content=f"wa-policy {report.version}"),
        element("link", rel="icon", href="data:,"),
        element("title", f"WhatsApp readiness, {report.as_of}"),
        element("style", style),
    )


@lru_cache(maxsize=2)
def _asset(name: str) -> Markup:
    """A style sheet or script of this package. It holds nothing that HTML would read as the end of its element."""
    with open(os.path.join(_HERE, name), encoding="utf-8") as file:
        return join((Markup("\n"), Markup(file.read())))


def _hash(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"
