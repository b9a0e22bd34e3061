"""The report with one line per finding, for editors and for grep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.report.safe import visible
from wa_policy.report.text import summary, suppressed

if TYPE_CHECKING:
    from wa_policy.report.model import Report


def render(report: Report, *, color: bool = False) -> str:
    """``path:line:column: severity CODE name: message [workspace]``, then what does not count, and the summary."""
    lines = []
    for finding in report.findings:
        main = finding.locations[0]
        outcome = "" if finding.outcome == "fail" else f" ({finding.outcome})"
        workspace = f" [{finding.workspace}]" if finding.workspace else ""
        lines.append(
            visible(
                f"{main.path}:{main.span.line}:{main.span.column}: {finding.severity} {finding.code} {finding.name}{outcome}: "
                f"{finding.message}{workspace}"
            )
        )
    lines += [visible(f"not checked: {item.what}: {item.reason}") for item in report.not_checked]
    lines += suppressed(report)
    return "\n".join([*lines, *summary(report, color=color)]) + "\n"
