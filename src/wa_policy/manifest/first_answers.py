"""The answers that a first manifest is made of: what each may be, and why another cannot stand there."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from wa_policy.evidence.references import provider_key
from wa_policy.manifest.secrets import kind_of_text
from wa_policy.policy.facts import load
from wa_policy.schema.texts import schema_at
from wa_policy.schema.validate import violations
from wa_policy.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wa_policy.source.spans import Route

ROUTES: Mapping[str, Route] = {
    "name": ("metadata", "name"),
    "environment": ("metadata", "environment"),
    "legal_entity": ("metadata", "legal_entity"),
    "owner": ("metadata", "owners", 0),
    "workspace_id": ("moengage", "workspace_id"),
    "data_center": ("moengage", "data_center"),
    "provider": ("bsp", "provider"),
    "integration": ("bsp", "integration"),
    "sender_name": ("bsp", "sender_name"),
    "waba_id": ("waba", "id"),
    "number": ("phone_numbers", 0, "number"),
}
"""What a first manifest is made of, in the order in which a person is asked, and where it stands."""

REQUIRED = ("name", "environment", "workspace_id", "data_center", "provider", "waba_id", "number")

_OFTEN_QUOTED = ("workspace_id", "waba_id", "number")
_CENTER = re.compile(
    r"(?:https?://)?(?:dashboard-|api-|dc[-_ ]?)?0*([0-9]{1,3})(?:\.moengage\.com(?:/.*)?)?", re.IGNORECASE
)
_NUMBER = re.compile(r"\+[0-9][0-9 ().-]*")


def about(field: str) -> Mapping[str, Any]:
    """What the schema says of a field, or of the list that it is an item of: its title, its description, examples."""
    route = ROUTES[field]
    return schema_at("workspace", route[:-1] if isinstance(route[-1], int) else route) or {}


def question(field: str) -> str:
    """What to ask a person for: the schema's words, without those that are meant for YAML."""
    return str(about(field)["description"]).replace(", in quotes", "")


def normalize(field: str, text: str) -> str:
    """An answer as the manifest writes it: providers and data centers may be named as people name them."""
    text = text.strip().strip("\"'") if field in _OFTEN_QUOTED else text.strip()
    if field == "provider":
        return provider_key(text, providers())
    if field == "data_center" and (match := _CENTER.fullmatch(text)):
        return f"DC-{int(match[1]):02d}"
    return text


def presentable(text: str) -> bool:
    """Whether a text from elsewhere can stand in a manifest: all of it can be seen, and it is no credential."""
    return bool(text) and text.isprintable() and not kind_of_text(text)


def complaint(field: str, text: str, *, provider: str = "", integration: str = "") -> str:
    """Why a normalized answer cannot stand in a manifest; an empty text if it can. It is a sentence without a full stop.

    ``provider`` and ``integration`` are what is known of them otherwise: a provider that facts do not know is taken where it is
    said how it is reached.
    """
    if not text.isprintable():
        return "there is a character in it that cannot be seen"
    if kind := kind_of_text(text):
        return f"this looks like {kind}, which must not stand in a manifest"
    for violation in violations(_with(field, text), "workspace"):
        if violation.route == ROUTES[field]:
            return violation.message
    if field == "provider" and integration in ("", "native"):
        return _unknown_provider(text)
    if field == "integration" and text == "native" and provider and not _may_be_native(provider):
        return f"{provider} is not on MoEngage's list of WhatsApp providers, so it is generic or connector"
    if field == "data_center" and text not in (known := load("data_centers").values):
        return f'no data center "{text}" is known here; it is one of {", ".join(known)}'
    if field == "sender_name":
        limits = load("moengage_sender").values["sender_name"]
        if not limits["minimum"] <= len(text) <= limits["maximum"]:
            return f"MoEngage takes {limits['minimum']} to {limits['maximum']} characters, and this has {len(text)}"
    return _no_number(text) if field == "number" else ""


@cache
def providers() -> Mapping[str, Any]:
    """What is known of each provider."""
    return load("providers").values


def is_native(provider: str) -> bool:
    """Whether the provider is on MoEngage's list of WhatsApp providers."""
    return bool(providers().get(provider, {}).get("support") == "native")


def _may_be_native(provider: str) -> bool:
    return providers().get(provider, {}).get("support") in ("native", "unsure")


def _with(field: str, text: str) -> dict[str, Any]:
    """A manifest that has an answer, and is sound but for that."""
    data: dict[str, Any] = {
        "apiVersion": "wa-policy/v1",
        "kind": "Workspace",
        "metadata": {"name": "a", "environment": "draft", "owners": ["a"]},
        "moengage": {"workspace_id": "a", "data_center": "DC-01"},
        "bsp": {"provider": "a"},
        "waba": {"id": "1"},
        "phone_numbers": [{"number": "1"}],
    }
    inside: Any = data
    *steps, last = ROUTES[field]
    for step in steps:
        inside = inside[step]
    inside[last] = text
    return data


def _unknown_provider(text: str) -> str:
    if text in providers():
        return ""
    suggestion = did_you_mean(text, providers())
    return f'no provider "{text}" is known here{suggestion}' + (
        "" if suggestion else f"; these are: {', '.join(providers())}"
    )


def _no_number(text: str) -> str:
    if not _NUMBER.fullmatch(text):
        return "a number begins with + and its country code, and goes on with digits: +91 80 4718 1888"
    from phonenumbers import NumberParseException, is_possible_number, parse

    try:
        return (
            "" if is_possible_number(parse(text)) else "no country has a number like this; it is too long or too short"
        )
    except NumberParseException:
        return "no country has a number like this"
