"""What a cell says of a user's consent, for who reads files without a database. The words are those of opt_in.sql, read there."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from wa_policy.audit import sql

if TYPE_CHECKING:
    from collections.abc import Mapping

_SAID = {1: "true", 2: "false", 4: "blank", 8: "numeric", 16: "words", 32: "sms_vocabulary"}
"""What the SQL's numbers for a user's status mean: the statuses, and then kinds of dirt."""

_STATUSES = ("true", "false", "blank")


def classify(value: str) -> tuple[str, str]:
    """The status that a cell stands for (true, false, blank, invalid), and its kind of dirt, empty for none."""
    lower = value.lower()
    word = lower.strip(white_space())
    said = words().get(word, "other")
    if said not in _STATUSES:
        return "invalid", said
    return said, "" if word == lower else "spaces"


@cache
def words() -> Mapping[str, str]:
    """The words that a user's status may be, in lower case, and what each says: true, false, blank, or its kind of dirt."""
    listed = re.findall(r"\(1, '([^']*)', (\d+)\)", sql.load().steps["words"])
    return {word: _SAID[int(number)] for word, number in listed}


@cache
def white_space() -> str:
    """White space of all kinds, and marks without width: what the SQL takes away around a word."""
    (listed,) = re.findall(r"MACRO white_space\(\) AS(.*?);", sql.load().macros, re.DOTALL)
    return "".join(chr(int(code)) for code in re.findall(r"chr\((\d+)\)", listed))


def is_dirt(word: str) -> bool:
    """Whether a word, in lower case, is one that people write for a status, and MoEngage takes for none: ``yes``, ``optin``."""
    return words().get(word, "blank") not in _STATUSES
