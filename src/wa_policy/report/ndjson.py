"""The report for programs that read line by line: one JSON object a line, each with its ``type``.

First the run, then manifests, findings, what is suppressed, stale or not checked, then the summary: a reader that has seen a
summary has seen everything.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from wa_policy.report.json import as_plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wa_policy.report.model import Report

LINES = (
    ("manifest", "manifests"),
    ("finding", "findings"),
    ("suppressed", "suppressed"),
    ("stale", "stale"),
    ("not_checked", "not_checked"),
)
"""The types of lines between the first and the last, and the list of the report that each comes from."""


def render(report: Report, *, color: bool = False) -> str:
    """The report as lines of JSON, in ASCII."""
    del color
    return "".join(f"{json.dumps(line)}\n" for line in as_lines(report))


def as_lines(report: Report) -> Iterator[dict[str, Any]]:
    """The lines as plain data."""
    whole = as_plain(report)
    exit_code, counts = whole.pop("exit_code"), whole.pop("counts")
    lists = {kind: whole.pop(name) for kind, name in LINES}
    yield {"type": "run", **whole}
    for kind, items in lists.items():
        for item in items:
            yield {"type": kind, **item}
    yield {
        "type": "summary",
        "exit_code": exit_code,
        "counts": counts,
        **{name: len(lists[kind]) for kind, name in LINES},
    }
