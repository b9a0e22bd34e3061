"""What a text must be that no pattern can tell: a day of the calendar, and formats of our own, in the schema of facts."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from wa_policy.addresses import read_blocks

if TYPE_CHECKING:
    from collections.abc import Callable


def is_day(text: str) -> bool:
    """Whether a text is a day of the calendar, as YYYY-MM-DD."""
    try:
        return re.fullmatch(_DAY, text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False


_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
"""How it is written: Python takes 20261122 and 2026-W47-7 for days as well."""


def _why_no_address(text: str) -> str:
    return "" if read_blocks((text,))[0] else "this is neither an address nor a network"


def _why_no_expression(text: str) -> str:
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        return f"this is no regular expression ({error})"
    return ""


FORMATS: dict[str, Callable[[str], str]] = {"address": _why_no_address, "expression": _why_no_expression}
"""By the name of a format: why a text is not of it; an empty string for one that is."""


def checks() -> dict[str, Callable[[object], bool]]:
    """The formats as engines take them: whether a value is of it, if it is a text."""
    return {name: _check(why) for name, why in FORMATS.items()}


def _check(why: Callable[[str], str]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or not why(value)
