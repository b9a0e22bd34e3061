"""What tests of reports share: findings and reports made by hand."""

from collections.abc import Callable
from typing import Any

import pytest

from wa_policy.report.model import Finding, Frame, Location, Manifest, Report, Suppression
from wa_policy.source.spans import Span

Findings = Callable[..., Finding]
Locations = Callable[..., Location]
Reports = Callable[..., Report]
"""What the fixtures below give: makers, by the words of what they make."""


@pytest.fixture
def location() -> Locations:
    """Makes a place: by default the country of a WABA, in line 2 of acme.yaml."""

    def location(**words: Any) -> Location:
        span = Span(*words.pop("span", (2, 12, 2, 14)))
        frame = Frame(span.line, words.pop("source", "  country: AQ"), words.pop("shift", 0))
        return Location(
            **{"path": "acme.yaml", "document": 0, "route": "waba.country", "label": "", **words},
            span=span,
            frame=frame,
        )

    return location


@pytest.fixture
def finding(location: Locations) -> Findings:
    """Makes a finding of rule WBA008: places are given as they are, or by the words of a place."""

    def finding(*places: Location, **words: Any) -> Finding:
        fields = {field: words.pop(field) for field in Finding._fields if field in words}
        standard = {
            "code": "WBA008",
            "name": "ineligible-country",
            "step": "waba",
            "severity": "error",
            "outcome": "fail",
            "message": "Meta serves no business in AQ",
            "why": "The account is closed.",
            "remedy": "Register elsewhere.",
            "workspace": "acme-retail",
            "path": "acme.yaml",
            "document": 0,
        }
        return Finding(**{**standard, **fields}, locations=places or (location(**words),))

    return finding


@pytest.fixture
def suppressed(finding: Findings) -> Finding:
    """A finding that does not count, by an entry in the policy."""
    words = Suppression("policy", "Meta said so", "crm", "2027-01-31", "wa-policy.yaml", 12)
    return finding(fingerprint="b3a9c1d2e4f50617", suppression=words)


@pytest.fixture
def report() -> Reports:
    """Makes a report of findings on one manifest, acme.yaml."""

    def report(*findings: Finding, **words: Any) -> Report:
        standard = {
            "version": "0.1.0",
            "as_of": "2026-11-22",
            "policy": "go-live",
            "policy_origin": "bundled",
            "fail_on": "error",
            "rules": ("WBA008",),
            "manifests": (Manifest("acme.yaml", 0, "acme-retail", "live", checked=True),),
            "not_checked": (),
            "skipped": (),
            "facts": (),
        }
        return Report(**{**standard, **words}, findings=findings)

    return report
