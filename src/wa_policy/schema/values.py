"""What is wrong with a value: its type, its text, its size; one function for a keyword of JSON Schema."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wa_policy.schema.faults import compiled
from wa_policy.schema.formats import FORMATS, is_day
from wa_policy.schema.texts import load_schema, resolve, schema_at
from wa_policy.schema.words import SHOWN, TRUTHS, choice, described, flow, folded, listed, quote, such_as
from wa_policy.suggest import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wa_policy.schema.faults import Fault, Meant, Violation

_TYPES = {
    "string": "text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "a mapping",
}


def _wrong_type(fault: Fault) -> Violation:
    types = [fault.wanted] if isinstance(fault.wanted, str) else fault.wanted
    wanted = " or ".join(_TYPES[name] for name in types)
    message = f"{fault.name}: expected {wanted}, found {described(fault.found, hidden=fault.hidden)}"
    return fault.told(message, _retype(fault, types), " or ".join(types), _retyped(fault, types))


_GROUPED = r"[0-9]{1,15}|[0-9]{1,3}([,_ ])([0-9]{2,3}\1){0,5}[0-9]{3}"
"""A whole number, its thousands or lakhs and crores apart or not: "1,5" is none, and "12, 13" is two."""


def _retype(fault: Fault, types: list[str]) -> str:
    """How to make a value the type it should be."""
    found, schema = fault.found, fault.schema
    if found is False and "off" in _words(schema):
        return "write off"
    if "enum" in schema or "const" in schema or _words(schema):
        return f"write {choice(schema)}"
    if "string" in types and found is None:
        return f"write a text in quotes{_or_remove(fault)}"
    if "string" in types and isinstance(found, int | float) and "pattern" in schema:
        # Quotes alone may not do: nobody knows here whether 31 was written as 31 or as 0x1F.
        return f"write {_described(schema)}{such_as(schema)}"
    if "string" in types and "object" not in types and not isinstance(found, dict | list):
        return "put the value in quotes, so that it stays as it is written"
    if "boolean" in types:
        return f"write {TRUTHS.get(str(found).casefold(), 'true or false')}, without quotes"
    if "integer" in types and not fault.hidden and re.fullmatch(_GROUPED, str(found)):
        return f"write {int(re.sub('[,_ ]', '', str(found)))}, without quotes"
    if "array" in types and isinstance(found, dict):
        return "write a list: put a dash before each entry"
    if "object" in types and fault.hidden and fault.kind != "facts":  # which name the fields of secrets, and hold none
        return f"name where the secret is kept{such_as(schema)}"
    return f"write {' or '.join(_TYPES[name] for name in types)}{such_as(schema)}"


def _retyped(fault: Fault, types: list[str]) -> Meant:
    """The value with the type that it should have, where that loses nothing."""
    found = fault.found
    if found is False and "off" in _words(fault.schema):
        return "off", False
    if "string" in types and found.__class__ is int:
        return None if "pattern" in fault.schema else (str(found), True)
    if not isinstance(found, str):
        return None
    if "boolean" in types and found.casefold() in TRUTHS:
        return TRUTHS[found.casefold()] == "true", True
    if "integer" in types and re.fullmatch(r"0|[1-9][0-9]{0,14}", found):
        return int(found), True
    items = resolve(load_schema(fault.kind), fault.schema.get("items", {})) if "array" in types else {}
    return ((found,), not re.search("[,;\n]", found)) if items.get("type") == "string" and fits(found, items) else None


def fits(text: str, schema: Mapping[str, Any]) -> bool:
    """Whether a text satisfies a schema's choices and its pattern."""
    return text in schema.get("enum", (text,)) and compiled(schema.get("pattern", "")).search(text) is not None


def _wrong_constant(fault: Fault) -> Violation:
    message = f"{fault.refused}: it is always {quote(fault.wanted)}"
    return fault.told(message, f"write {flow(fault.wanted)}", fault.wanted, _one_of(fault, [fault.wanted]))


def _one_of(fault: Fault, values: Sequence[Any]) -> Meant:
    """Which of the values to choose from was meant: the one that differs in nothing but spelling, else the nearest."""
    if not isinstance(fault.found, str):
        return None
    choices = [value for value in values if isinstance(value, str)]
    text = fault.found[: 2 * SHOWN]
    alike = [choice for choice in choices if folded(choice) == folded(text)]
    if len(alike) == 1:
        return alike[0], True
    near = _meant(text, choices)
    return (near, False) if near else None


def _words(schema: Mapping[str, Any]) -> list[str]:
    """The words that a schema has to choose from, also those for a text where it takes something else besides."""
    return [word for word in schema.get("enum", schema.get("then", {}).get("enum", ())) if isinstance(word, str)]


def _meant(text: str, words: Sequence[str]) -> str | None:
    """The word that is meant: what people write for false means off, where that can be chosen; else the nearest."""
    return "off" if "off" in words and TRUTHS.get(text.casefold()) == "false" else nearest(text, words)


def _not_a_choice(fault: Fault) -> Violation:
    choices = listed(fault.wanted)
    text = "" if fault.hidden else str(fault.found)[: 2 * SHOWN]
    near = _meant(text, [word for word in fault.wanted if isinstance(word, str)])
    suggestion = f' (did you mean "{near}"?)' if near else ""
    message = f"{fault.refused}{suggestion}: it is one of {choices}"
    remedy = f"write {near or f'one of {choices}'}"
    return fault.told(message, remedy, choices, _one_of(fault, fault.wanted))


def _not_of_format(fault: Fault) -> Violation:
    if fault.wanted not in FORMATS:
        return _not_in_calendar(fault)
    beginning = fault.name if fault.is_key else fault.refused
    told = fault.told(
        f"{beginning}: {FORMATS[fault.wanted](fault.found)}", f"write {_described(fault.schema)}", "string"
    )
    return told._replace(on_key=fault.is_key)


def _not_in_calendar(fault: Fault) -> Violation:
    if not re.search(fault.schema["pattern"], fault.found):  # then how it is written has to be put right first
        return _not_alike(fault)
    return fault.told(f"{fault.refused}: there is no such day", "write a day of the calendar", fault.schema["format"])


def _not_alike(fault: Fault) -> Violation:
    """The value does not match its pattern, which its examples and its description explain better than itself."""
    if "minLength" in fault.schema:  # of any text, the pattern wants nothing but something to read
        return _empty_text(fault)
    form = fault.schema.get("format")
    if form == "date":
        what, remedy = "this is not a date", f"write year, month and day{such_as(fault.schema)}"
    elif form == "date-time" and re.fullmatch(r"[0-9-]{10}T[0-9:.]+", fault.found):
        what, remedy = "the time has no zone", "add Z for UTC, or an offset such as +05:30"
    elif form == "date-time":
        what, remedy = "this is not a date with a time and a zone", f"write it in full{such_as(fault.schema)}"
    else:
        examples = " or ".join(flow(example) for example in fault.schema["examples"])
        what, remedy = f"it should look like {examples}", f"write {_described(fault.schema)}"
    return fault.told(f"{fault.refused}: {what}", remedy, form or fault.schema["description"], _alike(fault))


def _described(schema: Mapping[str, Any]) -> str:
    description: str = schema["description"].partition(". ")[0].removesuffix(".")
    return f"{description[:1].lower()}{description[1:]}"


def _alike(fault: Fault) -> Meant:
    """The value as its pattern wants it, where only blanks or capitals are wrong, or how a day is written."""
    pattern = compiled(fault.schema["pattern"])
    text = fault.found[: 2 * SHOWN]
    if day := re.fullmatch(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})", text):
        text = f"{day[1]}-{day[2]:0>2}-{day[3]:0>2}"
        return (text, False) if fault.schema.get("format") == "date" and is_day(text) else None
    meant = next((form for form in (text.strip(), text.strip().upper()) if pattern.search(form)), None)
    return (meant, True) if meant and text == fault.found else None


def _empty_text(fault: Fault) -> Violation:
    what = "has nothing in it that can be read" if fault.found else "is empty"
    return fault.told(f"{fault.name} {what}", f"write it{such_as(fault.schema)}{_or_remove(fault)}", "string")


def _or_remove(fault: Fault) -> str:
    """What else may become of a value that says nothing, to be added to a remedy; an empty string where it is required."""
    *above, last = fault.route
    required = (schema_at(fault.kind, tuple(above)) or {}).get("required", ())
    return "" if last in required else f", or remove {fault.name}"


def _too_small(fault: Fault) -> Violation:
    least = f"{fault.wanted} or more"
    return fault.told(f"{fault.refused}: it is {least}", f"write {least}", least)


def _too_few(fault: Fault) -> Violation:
    remedy = "add an entry" + (
        f", such as {flow(fault.schema['examples'][0][0])}" if "examples" in fault.schema else ""
    )
    return fault.told(f"{fault.name} is empty: it needs at least one entry", remedy, "at least one entry")


def _none_chosen(fault: Fault) -> Violation:
    choices = ", ".join(fault.schema["properties"])
    message = f"{fault.name} is empty: it needs one of {choices}"
    return fault.told(message, f"write one of them{such_as(fault.schema)}", choices)


def _several_chosen(fault: Fault) -> Violation:
    chosen = " and ".join(fault.found)
    message = f"{fault.name} has {chosen}, and only one of them can hold"
    return fault.told(message, "keep the one that is true", ", ".join(fault.schema["properties"]))


def otherwise(fault: Fault) -> Violation:
    """A keyword that our schemas did not use when this was written: said plainly rather than not at all."""
    message = f"{fault.name} does not satisfy the schema's {fault.keyword}"
    return fault.told(message, "compare it with the schema", fault.schema.get("description", ""))


OF_VALUE = {
    "type": _wrong_type,
    "const": _wrong_constant,
    "enum": _not_a_choice,
    "format": _not_of_format,
    "pattern": _not_alike,
    "minLength": _empty_text,
}
"""What to say of a value, by keyword. Of several keywords that refuse it, the first of these is worth telling, and no other."""

OF_SIZE = {
    "minimum": _too_small,
    "minItems": _too_few,
    "minProperties": _none_chosen,
    "maxProperties": _several_chosen,
}
"""What to say of how much there is of something, by keyword."""
