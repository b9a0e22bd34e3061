"""The report with one line per finding, for editors and for grep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.report.safe import visible
from wa_policy.report.sentences import not_checked, outcome_of, summary, suppressed

if TYPE_CHECKING:
    from wa_policy.report.model import Report


def render(report: Report, *, color: bool = False) -> str:
    """``path:line:column: severity CODE name: message [workspace]``, then what does not count, and the summary."""
    lines = []
    for finding in report.findings:
        main = finding.locations[0]
        workspace = f" [{finding.workspace}]" if finding.workspace else ""
        lines.append(
            visible(
                f"{main.path}:{main.span.line}:{main.span.column}: {finding.severity} {finding.code} {finding.name}"
                f"{outcome_of(finding)}: {finding.message}{workspace}"
            )
        )
    lines += map(not_checked, report.not_checked)
    lines += map(suppressed, report.suppressed)
    return "\n".join([*lines, *summary(report, color=color)]) + "\n"
