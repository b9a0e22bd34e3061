"""The hooks of a plugin: what wa-policy asks of it, through pluggy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wa_policy.rules.registry import Rule

PROJECT = "wa_policy"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def wa_policy_rules() -> Iterable[Rule]:  # type: ignore[empty-body]  # a hook specification has no body
    """Offer rules: usually ``return rules_in(__name__)``."""
