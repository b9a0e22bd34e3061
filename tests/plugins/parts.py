"""Parts of templates that several tests put together, and what a rule says of one template that is made of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from wa_policy.testing import check_rule

if TYPE_CHECKING:
    from wa_policy.api import Problem

SHOWN = '"order_shipped" (en)'
"""What messages call the template."""

BODY: dict[str, Any] = {"type": "BODY", "text": "Your order is on its way and should reach you by tomorrow evening."}
SAMPLE = {"header_handle": ["4::aW1hZ2UvanBlZw=="]}
IMAGE: dict[str, Any] = {"type": "HEADER", "format": "IMAGE", "example": SAMPLE}
OFFER: dict[str, Any] = {
    "type": "LIMITED_TIME_OFFER",
    "limited_time_offer": {"text": "Ends tonight", "has_expiration": True},
}


def check(function: Any, *parts: Any, integration: str = "native", **fields: Any) -> list[Problem]:
    """What a rule says of one template that Meta has not decided about; a text is a body, and a field that is None left out."""
    data = {"name": "order_shipped", "language": "en", "category": "UTILITY", "status": "PENDING", **fields}
    data["components"] = [body(part) if isinstance(part, str) else part for part in parts]
    kept = {key: value for key, value in data.items() if value is not None}
    return check_rule(
        function, json.dumps({"templates": [kept], "bsp": {"integration": integration}}, ensure_ascii=False)
    )


def header(text: str, **examples: Any) -> dict[str, Any]:
    return {"type": "HEADER", "format": "TEXT", "text": text, **({"example": examples} if examples else {})}


def body(text: str, **examples: Any) -> dict[str, Any]:
    return {"type": "BODY", "text": text, **({"example": examples} if examples else {})}


def footer(text: str) -> dict[str, Any]:
    return {"type": "FOOTER", "text": text}


def buttons(*items: Any) -> dict[str, Any]:
    return {"type": "BUTTONS", "buttons": items}


def url(address: str, **fields: Any) -> dict[str, Any]:
    """A list of one button that opens an address."""
    return buttons({"type": "URL", "text": "See it", "url": address, **fields})


def carousel(*cards: Any) -> dict[str, Any]:
    """A carousel of cards, each a list of components."""
    return {"type": "CAROUSEL", "cards": [{"components": card} for card in cards]}
