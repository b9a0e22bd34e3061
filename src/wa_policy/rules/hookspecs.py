"""The hooks of a plugin: what wa-policy asks of it, through pluggy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from wa_policy.rules.registry import Rule
    from wa_policy.source.spans import Route

PROJECT = "wa_policy"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def wa_policy_rules() -> Iterable[Rule]:  # type: ignore[empty-body]  # a hook specification has no body
    """Offer rules: usually ``return rules_in(__name__)``."""


@hookspec(firstresult=True)
def wa_policy_read_templates(provider: str, answer: Any) -> Iterable[tuple[Route, Mapping[str, Any]]] | None:
    """Read a provider's own list of templates as evidence, or return None where it is not one that this plugin reads.

    ``provider`` is the provider as facts name it (``gupshup``), ``answer`` the JSON of the file. Each template is its route in
    there and its fields under Meta's names (``name``, ``language``, ``status``, ...); ``waba_id`` says whose it is.
    """
