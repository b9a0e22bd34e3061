"""The report as the summary of a step of a GitHub workflow: as in Markdown, only that there is more room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.report.markdown import compose

if TYPE_CHECKING:
    from wa_policy.report.model import Report

LONGEST = 1024 * 1024 - 1024
"""How long a step's summary may be, in bytes; GitHub takes 1 MiB, and of a longer one nothing."""


def render(report: Report, *, color: bool = False) -> str:
    """The report in as many bytes as a summary may have that says nothing else."""
    del color
    return compose(report, LONGEST).text
