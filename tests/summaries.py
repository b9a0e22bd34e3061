"""Very many manifests, as rules across manifests see them: each brand and country of its own."""

from __future__ import annotations

from wa_policy.manifest.subjects import Summary
from wa_policy.source.spans import DocumentId


def summaries(number: int) -> list[Summary]:
    """So many that share nothing."""
    return [_summary(index) for index in range(number)]


def _summary(index: int) -> Summary:
    return Summary(
        document=DocumentId(f"manifests/brand-{index % 40}-country-{index}.yaml", 0),
        name=f"brand-country-{index}",
        environment="production",
        workspace_id=f"BRAND{index}COUNTRY",
        waba_id=f"1022901293{index:05}",
        portfolio_id=f"5069143076{index:05}",
        numbers=(f"+91 80 794 {index:05}",),
        business_verification_status="verified",
        messaging_limit="TIER_2K",
        max_phone_numbers=None,
    )
