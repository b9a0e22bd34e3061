"""The provider's list of the addresses that it lets in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wa_policy.api import Bsp, Place

Rows = Mapping[str, Sequence[str]]
"""Addresses by data center, or by provider."""


def entries_of(bsp: Bsp) -> tuple[str, ...]:
    """The provider's list as written; empty where the manifest has none."""
    return tuple(bsp.data.get("ip_allowlist", {}).get("entries", ()))


def at_entry(bsp: Bsp, index: int, label: str = "") -> Place:
    """The place of one entry of the provider's list."""
    return bsp.at("ip_allowlist", "entries", index, label=label)
