"""How often each rule spoke: for whoever brings an old folder of manifests into order, or tunes a policy."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from wa_policy.findings import SEVERITIES
from wa_policy.report.safe import visible
from wa_policy.report.sentences import not_checked, summary

if TYPE_CHECKING:
    from wa_policy.report.model import Report


def render(report: Report, *, color: bool = False) -> str:
    """One line per rule and severity, the worst first and then the most frequent, instead of the findings; then the summary."""
    counted = Counter((finding.severity, finding.code, finding.name) for finding in report.findings)
    fixable = Counter(
        (finding.severity, finding.code, finding.name)
        for finding in report.findings
        if any(patch.safe for patch in finding.patches)
    )
    rows = sorted(counted, key=lambda key: (-SEVERITIES.index(key[0]), -counted[key], key[1]))
    lines = [
        visible(
            f"{counted[row]:>7}  {row[0]:<7}  {row[1]}  {row[2]}"
            + (f"  ({fixable[row]} can be put right by --fix)" if fixable[row] else "")
        )
        for row in rows
    ]
    lines += map(not_checked, report.not_checked)
    return "\n".join([*lines, *summary(report, color=color)]) + "\n"
