"""What an opt-in audit has counted at the provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

AT_PROVIDER = ("known", "unknown", "opted_out")
"""How the provider may have a user whose status in MoEngage is TRUE: the counts of an audit's ``bsp``."""


def looked_up(audit: Mapping[str, Any]) -> int:
    """How many users with TRUE an audit has looked up at the provider; none where it did not compare the two sides."""
    counted = audit.get("bsp", {})
    return sum(counted[key] for key in AT_PROVIDER if key in counted)
