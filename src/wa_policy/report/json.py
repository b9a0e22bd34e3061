"""The report for programs: versioned, and described by ``schemas/report.schema.json``."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from wa_policy.report.model import REPORT_VERSION

if TYPE_CHECKING:
    from wa_policy.report.model import Finding, Manifest, Report


def render(report: Report, *, color: bool = False) -> str:
    """The report as one JSON object, in ASCII, with a line break at its end."""
    del color
    return json.dumps(as_plain(report), indent=2) + "\n"


def as_plain(report: Report) -> dict[str, Any]:
    """The report in the shape of its schema."""
    return {
        "format": "wa-policy/report",
        "version": REPORT_VERSION,
        "tool": {"name": "wa-policy", "version": report.version},
        "as_of": report.as_of,
        "policy": {"name": report.policy, "origin": report.policy_origin, "fail_on": report.fail_on},
        "exit_code": report.exit_code,
        "counts": dict(report.counts()),
        "rules": list(report.rules),
        "left_out": len(report.left_out),
        "plugins": [plugin._asdict() for plugin in report.plugins],
        "facts": [entry._asdict() for entry in report.facts],
        "overrides": _overrides(report),
        "manifests": [_manifest(manifest, report) for manifest in report.manifests],
        "findings": [finding_as_plain(finding) for finding in report.findings],
        "suppressed": [finding_as_plain(finding) for finding in report.suppressed],
        "stale": [entry._asdict() for entry in report.stale],
        "not_checked": [item._asdict() for item in report.not_checked],
        "skipped": list(report.skipped),
    }


def _overrides(report: Report) -> list[dict[str, Any]]:
    """The overrides of the policy, each with the number of manifests that it holds for: none may be a slip."""
    held = Counter(index for manifest in report.manifests for index in manifest.overrides)
    return [{**override._asdict(), "manifests": held[index]} for index, override in enumerate(report.overrides)]


def _manifest(manifest: Manifest, report: Report) -> dict[str, Any]:
    plain = manifest._asdict()
    del plain["blind"]  # MAN008 says it, with the file and the reason
    plain["overrides"] = list(manifest.overrides)
    plain["turned_off"] = [
        {"code": item.code, "outcome": item.outcome, "override": item.override} for item in report.let_pass(manifest)
    ]
    return plain


def finding_as_plain(finding: Finding) -> dict[str, Any]:
    """A finding in the shape of the schema's ``$defs/Finding``."""
    plain = finding._asdict()
    del plain["fix"], plain["unfixed"]  # said by the patches, and by who makes them
    plain["locations"] = [
        {
            "path": location.path,
            "document": location.document,
            "route": location.route,
            "label": location.label,
            **location.span._asdict(),
            "source": location.frame.text,
            "source_column": location.frame.shift + 1,
        }
        for location in finding.locations
    ]
    plain["suppression"] = finding.suppression and finding.suppression._asdict()
    plain["patches"] = [
        {
            "title": patch.title,
            "safe": patch.safe,
            "edits": [{"path": edit.path, **edit.span._asdict(), "text": edit.text} for edit in patch.edits],
        }
        for patch in finding.patches
    ]
    return plain
