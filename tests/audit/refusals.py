"""What an audit is refused with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wa_policy.audit.errors import AuditError

if TYPE_CHECKING:
    from collections.abc import Callable


def refusal_of(call: Callable[[], object]) -> list[tuple[str, str, int]]:
    """The troubles that a call raises: what is wrong, what to do, and how the command ends for it."""
    with pytest.raises(AuditError) as refusal:
        call()
    return [(message, remedy, code) for message, remedy, code in refusal.value.troubles]
