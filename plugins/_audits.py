"""What an opt-in audit has counted, in words and shares, and how to have one made."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wa_policy.api import OptIn

AT_PROVIDER = ("known", "unknown", "opted_out")
"""How the provider may have a user whose status in MoEngage is TRUE: the counts of an audit's ``bsp``."""


def at_provider(audit: Mapping[str, Any]) -> Mapping[str, int] | None:
    """An audit's counts of its ``bsp``, how the provider has users with TRUE; None where the two sides were not compared."""
    counted: Mapping[str, int] | None = None if of_coverage_alone(audit) else audit.get("bsp")
    return counted


def of_coverage_alone(audit: Mapping[str, Any]) -> bool:
    """Whether only the users by status were counted: what Python can do without a database."""
    return audit.get("scope") == "coverage"


def looked_up(audit: Mapping[str, Any]) -> int:
    """How many users with TRUE an audit has looked up at the provider; none where it did not compare the two sides."""
    counted = at_provider(audit) or {}
    return sum(counted[key] for key in AT_PROVIDER if key in counted)


def without_number(audit: Mapping[str, Any]) -> int:
    """How many users with TRUE have no number that could be looked for at the provider, as far as the audit says."""
    return (at_provider(audit) or {}).get("not_compared", 0)


def command(opt_in: OptIn, *options: str) -> str:
    """What to type for an audit of this workspace: MoEngage's users, and what ``options`` name besides."""
    words = ("--workspace", opt_in.workspace.name, "--moengage USERS.csv", *options, "--out AUDIT.json")
    return f"wa-policy audit opt-in {' '.join(words)}"


def compare(opt_in: OptIn, audit: Mapping[str, Any]) -> str:
    """The remedy where an audit has not compared the two sides."""
    first = "install wa-policy[audit], export" if of_coverage_alone(audit) else "export"
    return f"{first} the users and the provider's opt-in list, and run: {command(opt_in, '--bsp LIST.csv')}"


def is_address(name: str) -> bool:
    """Whether an audit's file lay at an address that Spark reads, such as ``s3a://bucket/users.csv``, not on a disk."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", name) is not None


def share(part: int, whole: int) -> str:
    """A share as people write it, ``12.3%``. What is not nothing never looks like nothing, nor what is not all like all."""
    shown = f"{part / whole:.1%}" if whole else "0.0%"
    if part and shown == "0.0%":
        return "less than 0.1%"
    return "more than 99.9%" if part < whole and shown == "100.0%" else shown
