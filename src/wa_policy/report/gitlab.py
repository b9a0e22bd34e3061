"""The report for GitLab's Code Quality widget: a JSON list of issues, as its documentation describes them.

GitLab shows an issue by its description, path and line, and knows it again by its fingerprint. It knows no suppressions and
nothing unchecked: these are issues as well, of the mildest and the worst severity, and say what they are.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from wa_policy.report.model import worst_first
from wa_policy.report.places import from_top, top
from wa_policy.report.safe import visible
from wa_policy.report.sentences import because, not_checked, outcome_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wa_policy.report.model import Finding, NotChecked, Report

SEVERITIES = {"error": "critical", "warning": "major", "info": "info"}


def render(report: Report, *, color: bool = False) -> str:
    """The report as one JSON list, in ASCII, an issue on each line."""
    del color
    issues = ",\n".join(json.dumps(issue) for issue in _unique(_issues(report)))
    return f"[\n{issues}\n]\n" if issues else "[]\n"


def _issues(report: Report) -> Iterator[dict[str, Any]]:
    folder = top()
    for item in report.not_checked:
        yield _not_checked(item, report, folder)
    for finding in worst_first(report.findings):
        text = f"{finding.name}{outcome_of(finding)}: {finding.message}"
        yield _finding(finding, text, SEVERITIES[finding.severity], folder)
    for finding in report.suppressed:
        text = f"suppressed ({because(finding)}): {finding.name}: {finding.message}"
        yield _finding(finding, text, "info", folder)


def _finding(finding: Finding, text: str, severity: str, folder: str) -> dict[str, Any]:
    main = finding.locations[0]
    of = f" [{finding.workspace}]" if finding.workspace else ""
    return {
        "description": visible(text + of),
        "check_name": visible(finding.code),
        "fingerprint": finding.fingerprint,
        "severity": severity,
        "location": {
            "path": visible(from_top(main.path, folder)),
            "lines": {"begin": main.span.line, "end": main.span.end_line},
        },
    }


def _not_checked(item: NotChecked, report: Report, folder: str) -> dict[str, Any]:
    """GitLab wants a file: where it is about none, the first one that was looked at."""
    path = item.path or next((manifest.path for manifest in report.manifests), item.what)
    return {
        "description": not_checked(item),
        "check_name": visible(item.code or "not-checked"),
        "fingerprint": hashlib.sha256(repr(item).encode()).hexdigest()[:16],
        "severity": "blocker",
        "location": {"path": visible(from_top(path, folder)), "lines": {"begin": 1}},
    }


def _unique(issues: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """GitLab drops all but one of equal fingerprints: findings never have them, but the same thing may go unchecked twice."""
    seen: dict[str, int] = {}
    for issue in issues:
        nth = seen[issue["fingerprint"]] = seen.get(issue["fingerprint"], 0) + 1
        yield issue if nth == 1 else {**issue, "fingerprint": f"{issue['fingerprint']}-{nth}"}
