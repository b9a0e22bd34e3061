"""What is known of the provider (BSP) of a workspace, and of the form in which MoEngage asks for its account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wa_policy.api import Bsp

Providers = Mapping[str, Mapping[str, Any]]
"""Provider -> what is known of it; the shape is told in schemas/facts.schema.json."""


def facts_of(bsp: Bsp, providers: Providers) -> Mapping[str, Any]:
    """What is known of the provider; nothing where it is not known at all."""
    return bsp.known_in(providers)


def name_of(bsp: Bsp, providers: Providers) -> str:
    """The provider's name for messages; where it is not known, as the manifest writes it."""
    name: str = facts_of(bsp, providers).get("name", bsp.data["provider"])
    return name


def outside_channel(bsp: Bsp) -> bool:
    """Whether messages leave through a Connector campaign, where nothing of MoEngage's WhatsApp channel holds."""
    return bsp.data.get("integration") == "connector"


def sender_form(bsp: Bsp, providers: Providers) -> Mapping[str, Any] | None:
    """What is known of the provider's own sender form; None where MoEngage has none, or another way in is used."""
    if bsp.data.get("integration", "native") != "native":
        return None
    provider = facts_of(bsp, providers)
    return provider if provider.get("support") == "native" else None
