"""How often each rule spoke: for whoever brings an old folder of manifests into order, or tunes a policy."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from wa_policy.findings import SEVERITIES
from wa_policy.report.safe import visible
from wa_policy.report.sentences import not_checked, summary

if TYPE_CHECKING:
    from wa_policy.findings import Severity
    from wa_policy.report.model import Report

    _Row = tuple[Severity, str, str]  # a severity, and a rule's code and name


def render(report: Report, *, color: bool = False) -> str:
    """One line per rule and severity, the worst first and then the most frequent, instead of the findings; then the summary."""
    counted: Counter[_Row] = Counter()
    fixable: Counter[_Row] = Counter()
    for finding in report.findings:
        row = (finding.severity, finding.code, finding.name)
        counted[row] += 1
        fixable[row] += any(patch.safe for patch in finding.patches)
    lines = []
    for row in sorted(counted, key=lambda row: (-SEVERITIES.index(row[0]), -counted[row], row[1])):
        severity, code, name = row
        hint = f"  ({fixable[row]} can be put right by --fix)" if fixable[row] else ""
        lines.append(visible(f"{counted[row]:>7}  {severity:<7}  {code}  {name}{hint}"))
    lines += map(not_checked, report.not_checked)
    return "\n".join([*lines, *summary(report, color=color)]) + "\n"
