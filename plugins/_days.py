"""Days that manifests state, held against the day that is judged on. It has no rules itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wa_policy.api import Context


def is_past(day: str | None, ctx: Context) -> bool:
    """Whether a day is given and has come; ISO dates sort as text."""
    return day is not None and day <= ctx.as_of.isoformat()
