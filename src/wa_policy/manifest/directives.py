"""Instructions to wa-policy in comments: ``# wa-policy: ignore[NUM002] reason="..." owner=crm until=2026-12-31 value=DIGEST``.

What is addressed to wa-policy and cannot be understood is a fault with a remedy, never silence.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from wa_policy.records import NamedTuple
from wa_policy.schema.formats import is_day
from wa_policy.schema.texts import schema_at
from wa_policy.suggest import did_you_mean
from wa_policy.wording import cut

if TYPE_CHECKING:
    from collections.abc import Iterator

FIELDS = ("reason", "owner", "until", "value")

_MOST_NAMES = 100
_SIGN = re.compile(
    r"(?:\A|(?<=\s))#+[ \t]*wa-policy(?:(?P<colon>[ \t]*:)|(?=[ \t]+ignore\b))[ \t]*"
    r"|(?P<inside>\bwa-policy[ \t]*+(?::[ \t]*+)?+ignore[ \t]*+\[)"
)
_BLANKS = re.compile(r"[ \t,]*")
_VERB = re.compile(r"[\w-]*")
_NAMES = re.compile(r"[ \t]*\[(?P<names>[^\]\r\n]*)\]")
_FIELD = re.compile(r"(?P<name>[A-Za-z][\w-]*)[ \t]*=[ \t]*")
_QUOTED = re.compile(r'"(?P<double>(?:[^"\\]|\\.)*)"|' r"'(?P<single>[^']*)'")
_BARE = re.compile(r"[^\s\"',]+")
_DIGEST = re.compile(r"[0-9a-f]{16}")
_EXAMPLE = 'reason="..." owner=NAME until=YYYY-MM-DD'


class Fault(NamedTuple):
    """Why a directive cannot be understood, and what to write instead."""

    message: str
    remedy: str


class Directive(NamedTuple):
    """One directive as written: its text, where that begins in the comment, and what it says; empty for what it leaves out."""

    text: str
    start: int
    names: tuple[str, ...] = ()
    reason: str = ""
    owner: str = ""
    until: str = ""
    value: str = ""
    fault: Fault | None = None


class _Misunderstood(Exception):  # noqa: N818  # not an error of the program: it carries a fault out of the parser
    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.fault = Fault(message, remedy)


def directives(comment: str) -> Iterator[Directive]:
    """The directives in a comment, which begins with its ``#``; another comment may stand before or behind each."""
    at = 0
    while sign := _SIGN.search(comment, at):
        found, at = _read(comment, sign)
        yield found


def _read(comment: str, sign: re.Match[str]) -> tuple[Directive, int]:
    """Read one directive; one that is not understood reaches to the comment's end."""
    try:
        names, at = _read_names(comment, sign)
        fields, at = _read_fields(comment, at)
    except _Misunderstood as error:
        text = comment[sign.start() :].rstrip()
        return Directive(text, sign.start(), fault=error.fault), len(comment)
    text = comment[sign.start() : at].rstrip()
    return Directive(
        text,
        sign.start(),
        names,
        reason=fields.get("reason", ""),
        owner=fields.get("owner", ""),
        until=fields.get("until", ""),
        value=fields.get("value", ""),
    ), at


def _read_names(comment: str, sign: re.Match[str]) -> tuple[tuple[str, ...], int]:
    if sign["inside"]:
        raise _Misunderstood("it stands inside another comment", "begin it with a # of its own")
    if sign["colon"] is None:
        raise _Misunderstood("a colon is missing behind wa-policy", "write # wa-policy: ignore[CODE]")
    verb = _VERB.match(comment, sign.end())
    said = cut(verb[0]) if verb else ""
    if said != "ignore":
        what = f'"{said}" is no instruction' if said else "it says nothing to do"
        raise _Misunderstood(f"{what}{did_you_mean(said, ['ignore'])}", "write # wa-policy: ignore[CODE]")
    inside = _NAMES.match(comment, sign.end() + len(said))
    if inside is None:
        if comment[sign.end() + len(said) :][:80].lstrip().startswith("["):
            raise _Misunderstood("the bracket around the rules is not closed", "close it: ignore[CODE, CODE]")
        raise _Misunderstood(
            "it names no rule, and there is no way to ignore them all", "name the rules in brackets: ignore[CODE]"
        )
    names = tuple(dict.fromkeys(name for name in re.split(r"[\s,]+", inside["names"]) if name))
    if not names:
        raise _Misunderstood("the brackets are empty", "name the rules in them: ignore[CODE]")
    if len(names) > _MOST_NAMES:
        raise _Misunderstood(f"it names more than {_MOST_NAMES} rules", "mend what they find, or use a baseline")
    if odd := next((name for name in names if cut(name) != name), None):
        raise _Misunderstood(f'"{cut(odd)}" is no rule', "name the rules by code or name: ignore[CODE, CODE]")
    return names, inside.end()


def _read_fields(comment: str, at: int) -> tuple[dict[str, str], int]:
    fields: dict[str, str] = {}
    while True:
        blanks = _BLANKS.match(comment, at)
        start = blanks.end() if blanks else at
        if start == len(comment) or (comment[start] == "#" and start > at):
            return fields, at
        field = _FIELD.match(comment, start)
        if field is None:
            rest = f'"{cut(comment[start : start + 100].rstrip())}" is not understood'
            raise _Misunderstood(rest, f"put text with blanks into double quotes: {_EXAMPLE}")
        name = cut(field["name"])
        if name not in FIELDS:
            message = f'there is no "{name}" in a suppression{did_you_mean(name, FIELDS)}'
            raise _Misunderstood(message, f"it may have {', '.join(FIELDS)}")
        if name in fields:
            raise _Misunderstood(f"it gives {name} twice", "keep one of the two")
        text, at = _read_value(comment, field.end(), name)
        _check(name, text)
        fields[name] = text if _can_be_read(text) else ""


def _read_value(comment: str, at: int, name: str) -> tuple[str, int]:
    quoted = _QUOTED.match(comment, at)
    if quoted is not None:
        double = quoted["double"]
        text = quoted["single"] if double is None else re.sub(r"\\(.)", r"\1", double)
        return " ".join(text.split()), quoted.end()
    if comment[at : at + 1] in ('"', "'"):
        raise _Misunderstood(f"the quotes around {name} are not closed", "close them on the same line")
    bare = _BARE.match(comment, at)
    if bare is None:
        raise _Misunderstood(f"{name} has no value", f"write one, or leave {name} out")
    return bare[0], bare.end()


def _can_be_read(text: str) -> bool:
    """Whether a text without blanks around it says anything: whether a policy would take it for a reason."""
    return text.isascii() or _readable().search(text) is not None


@cache
def _readable() -> re.Pattern[str]:
    reason = schema_at("policy", ("suppressions", 0, "reason"))
    return re.compile(reason["pattern"] if reason else "")


def _check(name: str, text: str) -> None:
    if name == "until" and not is_day(text):
        raise _Misunderstood(f'until is "{cut(text)}", which is no day', "write it as YYYY-MM-DD")
    if name == "value" and not _DIGEST.fullmatch(text):
        message = f'value is "{cut(text)}", which is no digest of a value'
        raise _Misunderstood(message, "leave it out, and the finding that asks for it says what to write")
