"""Plain scalars of YAML: what they are to us, and what others take them for.

The core schema of YAML 1.2, except that a number with leading zeros stays text: zeros carry meaning in identifiers.
"""

import re

from wa_policy.source.document import EXACT, MOST_DIGITS

WORDS: dict[str, bool | str | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    # Text to us, true or false to readers of YAML 1.1:
    **{word: word for lower in ("yes", "no", "on", "off", "y", "n") for word in (lower, lower.title(), lower.upper())},
}
STARTS = frozenset("+-.0123456789=<")
"""How every plain scalar begins that is something else than text, to us or to others, and not one of ``WORDS``."""

OF_OTHERS = "0123456789abcdefABCDEFoxXtTzZ+-._:=< \tinIN"
"""The characters of such scalars. One that has any other character, and is not one of ``WORDS``, is text to everybody."""

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z").match
# The other patterns of this module stay text until they are needed: compiling them takes longer than reading a manifest.
_FLOAT = r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z"
_BASED = r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z"
_NOT_FINITE = {
    *(sign + word for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")),
    *(".nan", ".NaN", ".NAN"),
}

# What others take for something else than text where we read text: YAML 1.1, and libraries that drop leading zeros.
_OCTAL = r"[-+]?0[0-7_]+\Z"
_NUMBER = r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?)\Z"
_BASE_60 = r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?\Z"
_DATE = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
    r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?))?\Z"
)
A_DATE = "a date"
_SIGNS = {"=": "a default value", "<<": "a merge key"}


def number_of(text: str) -> int | float | None:
    """Read a number of the core schema; None when the text is none.

    Raises:
        ValueError: the number has more digits than it may have.
        OverflowError: the number is infinite, or too large for a float.
    """
    if _INTEGER(text):
        if len(text.lstrip("+-")) > MOST_DIGITS:
            raise ValueError
        return int(text)
    if re.match(_FLOAT, text):
        number = float(text)
        if number in {float("inf"), float("-inf")}:
            raise OverflowError
        return number
    if re.match(_BASED, text):
        whole = int(text, 0)
        if whole.bit_length() > MOST_DIGITS * 3:  # fewer digits than that
            raise ValueError
        return whole
    if text in _NOT_FINITE:
        raise OverflowError
    return None


def read_as(text: str) -> str:
    """Say what a doubtful plain scalar is read as, by us or by a reader of YAML 1.1; nothing when all agree."""
    if text in WORDS:
        return "true" if text.lower() in {"yes", "on", "y"} else "false"
    if re.match(_DATE, text):
        return A_DATE
    number = number_of(text)
    if number is not None:
        return "" if str(number) == text and abs(number) <= EXACT else f"the number {number}"
    if text in _SIGNS:
        return _SIGNS[text]
    if re.match(_BASE_60, text):
        return "a number (base 60)"
    if re.match(_OCTAL, text) and len(text) <= MOST_DIGITS:
        return f"the number {int(text.replace('_', ''), 8)} (octal)"
    return "a number" if re.match(_NUMBER, text) else ""
