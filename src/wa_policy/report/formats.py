"""The output formats by name; the module of a format is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wa_policy.report.model import Report

FORMATS = (
    "text",
    "concise",
    "json",
    "ndjson",
    "sarif",
    "github",
    "github-summary",
    "gitlab",
    "junit",
    "markdown",
    "html",
)

SHOWN = ("text", "concise")
"""The formats for eyes, in the encoding of who looks. The others are for programs and files, and UTF-8 everywhere."""


def render(report: Report, name: str, *, color: bool = False) -> str:
    """Write a report in one of the formats."""
    module = import_module(f"wa_policy.report.{name.replace('-', '_')}")
    text: str = module.render(report, color=color)
    return text
