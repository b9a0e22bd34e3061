"""What may keep an audit from being made, in words for the person who wants it. No value of a row ever stands in it."""

from __future__ import annotations

from wa_policy import INCOMPLETE, WRONG_USE
from wa_policy.records import NamedTuple


class AuditTrouble(NamedTuple):
    """What is wrong and where, what to do about it, and how the command ends for it: 2 wrong use, 3 a file cannot be used."""

    message: str
    remedy: str
    exit_code: int = INCOMPLETE


class AuditError(Exception):
    """What kept the audit from being made: one trouble or several. Safe to show: it knows no row."""

    def __init__(self, *troubles: AuditTrouble) -> None:
        super().__init__(*troubles)
        self.troubles = troubles

    def __str__(self) -> str:
        return "; ".join(trouble.message for trouble in self.troubles)

    @property
    def exit_code(self) -> int:
        """How the command ends: what could not be read outranks wrong use."""
        return max(trouble.exit_code for trouble in self.troubles)


def cannot_read(message: str, remedy: str) -> AuditError:
    """A file, or what was to be done with it, does not work out: exit code 3."""
    return AuditError(AuditTrouble(message, remedy))


def wrong_use(message: str, remedy: str) -> AuditError:
    """A wish that cannot be granted as it is, such as one for an extra that is not installed: exit code 2."""
    return AuditError(AuditTrouble(message, remedy, WRONG_USE))
