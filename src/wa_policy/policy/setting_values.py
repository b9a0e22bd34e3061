"""Whether a value can be a rule's setting, by the rule's own annotation, and if not, why, in words for who wrote it."""

from __future__ import annotations

import json
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from wa_policy.records import NamedTuple
from wa_policy.source.spans import show_route
from wa_policy.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wa_policy.policy.layers import RuleLike
    from wa_policy.source.spans import Route


class Mistake(NamedTuple):
    """Why a value cannot be a setting's, and the way to the wrong part of it."""

    reason: str
    route: Route

    def __str__(self) -> str:
        return self.reason


def mistake_in(rule: RuleLike, name: str, value: Any) -> Mistake | None:
    """Why a rule cannot have a setting of a name and a value, in a sentence; None when it can."""
    if name not in rule.settings:
        has = f"it has {', '.join(rule.settings)}" if rule.settings else "it has none"
        return Mistake(f'{rule.code} has no setting "{name}"{did_you_mean(name, rule.settings)}; {has}', ())
    found = type_mistake(rule, name, value)
    return found and found._replace(reason=f"{rule.code}'s {found}")


def type_mistake(rule: RuleLike, setting: str, value: Any, fact: str = "") -> Mistake | None:
    """Why a value, or the value of a fact, cannot be a setting's, by the rule's own annotation; None when it can."""
    from typing import get_type_hints

    from pydantic import TypeAdapter, ValidationError

    try:
        annotation = get_type_hints(rule.function, include_extras=True)[setting]
    except NameError as error:
        return Mistake(f"{setting} cannot be checked: the plugin does not import its type at run time ({error})", ())
    try:
        TypeAdapter(annotation).validate_python(value, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        route = _inside(value, first["loc"])
        where = show_route((*(fact or setting).split("."), *route))
        written = shorten(json.dumps(first["input"], ensure_ascii=False, default=str), 60)
        return Mistake(f"{where} cannot be {written}: {_WANTED.get(first['type']) or _reason(first['msg'])}", route)
    return None


def _inside(value: Any, steps: Iterable[str | int]) -> Route:
    """As far as steps lead into a value: pydantic's name types and keys as well."""
    route: Route = ()
    for step in steps:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            break
        route = (*route, step)
    return route


# Where pydantic speaks of Python's types, in the words of the schema's own complaints.
_WANTED = {
    "bool_type": "expected true or false",
    "dict_type": "expected a mapping",
    "float_type": "expected a number",
    "int_type": "expected a whole number",
    "is_instance_of": "expected a list",  # an instance of Sequence, that is
    "list_type": "expected a list",
    "mapping_type": "expected a mapping",
    "sequence_str": "expected a list",
    "string_type": "expected text",
    "tuple_type": "expected a list",
}


def _reason(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]
