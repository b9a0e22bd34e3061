"""What is wrong with a document that its schema refuses, in words for the person who wrote it.

jsonschema finds the faults, keyword by keyword; every message here is our own, so that it can name the field, suggest
what was meant, say where a misplaced key belongs, and keep the values of credentials to itself.
"""

from __future__ import annotations

import datetime
import json
import re
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend

from wa_policy.records import NamedTuple
from wa_policy.schema.texts import load_schema, resolve, schema_at
from wa_policy.suggest import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wa_policy.source.spans import Route

SHOWN = 60
"""How many characters of a key or a value a message shows."""

_KINDS = {
    "workspace": ("Workspace", "workspace manifest"),
    "policy": ("Policy", "policy"),
    "baseline": ("baseline", "baseline"),
    "report": ("report", "report"),
    "checklist": ("checklist", "checklist"),
    "evidence-opt-in-audit": ("opt-in audit", "opt-in audit"),
    "evidence-graph-waba": ("WABA", "WABA"),
    "evidence-graph-phone-number": ("phone number", "phone number"),
    "evidence-graph-template": ("template", "template"),
}
"""How messages call a document of each kind: what it is to be, in the document's own word if it has one, and what it is."""
_VERSION = re.compile(r"wa-policy/v([0-9]{1,6})")

_TYPES = {
    "string": "text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "a mapping",
}
_TRUTHS = {**dict.fromkeys(("true", "yes", "on", "y"), "true"), **dict.fromkeys(("false", "no", "off", "n"), "false")}
_PLAIN_TEXT = re.compile(r"[A-Za-z](?:[A-Za-z0-9_./@ -]*[A-Za-z0-9_/])?")

_SECRET_PARTS = re.compile(
    r"passw|passphrase|passcode|secret|token|credential|bearer|authori[sz]ation|authentication|api_?key|auth_?key"
)
_SECRET_WORDS = frozenset({"auth", "key", "keys", "pass", "pin", "pins", "pwd"})
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


class Correction(NamedTuple):
    """What would satisfy the schema: ``set`` the value at a route, ``remove`` the key there, or ``rename`` it.

    ``safe`` where nothing else can be meant. A tuple stands for a list.
    """

    verb: Literal["set", "remove", "rename"]
    route: Route
    value: Any
    safe: bool


class Violation(NamedTuple):
    """One thing that the schema refuses: where, what, and what to do about it.

    ``on_key`` points at the key instead of its value. ``expected`` is what the schema wants in this place: a type in
    JSON Schema's own word (``string``), else the values or keys to choose from, or the schema's description.
    """

    route: Route
    message: str
    remedy: str
    on_key: bool
    expected: str
    correction: Correction | None = None


_Meant = tuple[Any, bool] | None
"""The value that was meant, and whether nothing else can be meant."""


class _Fault(NamedTuple):
    """One of jsonschema's errors, reduced to what an explanation needs."""

    kind: str
    keyword: str
    wanted: Any
    route: Route
    found: Any
    schema: Mapping[str, Any]
    steps: tuple[str | int, ...]

    @property
    def name(self) -> str:
        """How a message calls the value."""
        return _name(self.kind, self.route)

    @property
    def hidden(self) -> bool:
        """Whether the value may be a credential, or a part of one."""
        return any(isinstance(step, str) and _is_credential(step) for step in self.route)

    @property
    def refused(self) -> str:
        """How a message begins whose end says what the value should be."""
        if self.hidden:
            return f"{self.name} has a value that cannot be"
        return f"{self.name} cannot be {_quote(self.found) if isinstance(self.found, str) else _number(self.found)}"

    def told(self, message: str, remedy: str, expected: str, meant: _Meant = None) -> Violation:
        """A violation at the value; ``meant`` is the value that was meant, as far as that is known."""
        correction = None if meant is None or self.hidden else Correction("set", self.route, *meant)
        return Violation(self.route, message, remedy, on_key=False, expected=expected, correction=correction)

    def told_at_key(self, message: str, remedy: str, expected: str) -> Violation:
        """A violation at the key of the value, for what the value lacks; an item of a list has no key."""
        on_key = bool(self.route) and isinstance(self.route[-1], str)
        return Violation(self.route, message, remedy, on_key, expected)


def explain(data: object, kind: str) -> list[Violation]:
    """Everything that is wrong with a document of a kind, by route; an empty list when jsonschema accepts it.

    One mistake is told once: what only follows from a wrong type, a misspelt key or the wrong sort of file is left out.
    """
    if not isinstance(data, dict):
        return [_not_a_mapping(data, kind)]
    if stranger := _stranger(data, kind):
        return [stranger]
    try:
        faults = [_fault(error, kind) for error in _validator(kind).iter_errors(_bounded(data))]
    except RecursionError:
        message = f"{_name(kind, ())} is nested too deeply to be checked"
        return [Violation((), message, "write it with fewer levels", on_key=False, expected="")]
    return sorted(set(_tell(faults, data)), key=_order)


def _order(violation: Violation) -> tuple[object, ...]:
    steps = tuple((1, 0, step) if isinstance(step, str) else (0, step, "") for step in violation.route)
    return steps, violation.message


# --- what jsonschema is asked


@cache
def _validator(kind: str) -> Draft202012Validator:
    days = FormatChecker(formats=())
    days.checks("date")(_is_day)
    days.checks("date-time")(lambda value: not isinstance(value, str) or _is_day(value[:10]))
    # jsonschema searches with "$" as Python has it, which lets a line break pass at the end; other engines do not.
    engine: Any = extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]  # so are its stubs
    validator: Draft202012Validator = engine(load_schema(kind), format_checker=days)
    return validator


def _is_day(value: object) -> bool:
    """Whether a text names a day of the calendar; how it is to be written is the pattern's matter."""
    try:
        return not isinstance(value, str) or bool(datetime.date.fromisoformat(value))
    except ValueError:
        return False


def _pattern(_validator: object, pattern: str, value: object, _schema: object) -> Iterator[ValidationError]:
    if isinstance(value, str) and not re.search(pattern.removesuffix("$") + r"\Z", value):
        yield ValidationError("")


def _bounded(value: Any) -> Any:
    """The same data with numbers that Python can print: jsonschema prints every value that it refuses."""
    if isinstance(value, dict):
        return {key: _bounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_bounded(item) for item in value]
    if isinstance(value, int) and abs(value) >= 10**SHOWN:
        return 10**SHOWN if value > 0 else -(10**SHOWN)
    return value


def _fault(error: ValidationError, kind: str) -> _Fault:
    steps = tuple(error.absolute_schema_path)
    keyword = "propertyNames" if "propertyNames" in steps else str(error.validator)
    schema = error.schema if isinstance(error.schema, dict) else {}
    path: tuple[Any, ...] = tuple(error.absolute_path)  # in Python, unlike in JSON, any value can be a key
    route = tuple(step if isinstance(step, str | int) else str(step) for step in path)
    return _Fault(kind, keyword, error.validator_value, route, error.instance, schema, steps)


# --- one mistake, one violation


_VALUE_KEYWORDS = ("type", "const", "enum", "format", "pattern", "minLength")
"""At most one of these is worth telling about one value: the first of them."""


def _tell(faults: Sequence[_Fault], data: object) -> Iterator[Violation]:
    """Explain each fault that is not merely the consequence of another."""
    with_unknown = {fault.route: fault for fault in faults if fault.keyword == "additionalProperties"}
    misspelt = {(route, _meant(key, fault)) for route, fault in with_unknown.items() for key in _unknown(fault)}
    of_values = [fault for fault in faults if fault.keyword in _VALUE_KEYWORDS]
    firsts = {fault.route: fault for fault in sorted(of_values, key=_weight, reverse=True)}
    for fault in firsts.values():
        yield _OF_VALUE[fault.keyword](fault)
    for fault in faults:
        if fault.keyword == "required":
            yield from (_lacks(fault, key) for key in _missing(fault) if (fault.route, key) not in misspelt)
        elif fault.keyword == "additionalProperties":
            yield from (_is_unknown(fault, key) for key in _unknown(fault))
        elif fault.keyword == "propertyNames":
            yield from _is_misplaced(fault, data)
        elif fault.keyword in ("minProperties", "maxProperties") and fault.route in with_unknown:
            continue
        elif fault.keyword not in _VALUE_KEYWORDS:
            yield _OF_SIZE.get(fault.keyword, _otherwise)(fault)


def _weight(fault: _Fault) -> tuple[int, int]:
    return _VALUE_KEYWORDS.index(fault.keyword), len(fault.steps)


# --- the wrong sort of document


def _not_a_mapping(data: object, kind: str) -> Violation:
    start = " and ".join(f"{key}: {_flow(value)}" for key, value in _identity(kind).items())
    what = "is empty" if data is None else f"is not a mapping but {_found(data, hidden=True)}"
    return Violation((), f"{_name(kind, ())} {what}", f"begin it with {start}", on_key=False, expected="object")


def _stranger(data: dict[Any, Any], kind: str) -> Violation | None:
    """A document that was never meant to be of this kind, or is of a version to come: nothing else is worth telling."""
    version, named = data.get("apiVersion"), data.get("kind")
    identity = _identity(kind)
    if not identity:  # an answer of somebody else's API does not say what it is
        return None
    wanted = " and ".join(f"{key}: {_flow(value)}" for key, value in identity.items())
    looks_like = "opt-in audit" if "predicateType" in data else named if isinstance(named, str) else ""
    if looks_like and not nearest(looks_like, [_KINDS[kind][0]]):
        message = f"this looks like {_article(_cut(looks_like))}, not like {_article(_KINDS[kind][0])}"
        route: Route = ("kind",) if looks_like == named else ("predicateType",)
        return Violation(route, message, f"name another file, or begin it with {wanted}", on_key=False, expected=wanted)
    if not any(key in data for key in load_schema(kind)["properties"]):
        message = f"this is not {_article(_KINDS[kind][0])}: it has neither {' nor '.join(identity)}"
        return Violation((), message, f"name another file, or begin it with {wanted}", on_key=False, expected=wanted)
    match = _VERSION.fullmatch(version) if isinstance(version, str) and "apiVersion" in identity else None
    if match and int(match[1]) > int(_VERSION.fullmatch(identity["apiVersion"])[1]):  # type: ignore[index]  # our own schema's
        message = f"this is written in {version}, and this release of wa-policy reads {identity['apiVersion']}"
        remedy = f"upgrade wa-policy, or write it in {identity['apiVersion']}"
        return Violation(("apiVersion",), message, remedy, on_key=False, expected=identity["apiVersion"])
    return None


def _identity(kind: str) -> dict[str, str]:
    """The keys by which a document of a kind is known, and their values."""
    return {key: node["const"] for key, node in load_schema(kind)["properties"].items() if "const" in node}


# --- values


def _wrong_type(fault: _Fault) -> Violation:
    types = [fault.wanted] if isinstance(fault.wanted, str) else fault.wanted
    wanted = " or ".join(_TYPES[name] for name in types)
    message = f"{fault.name}: expected {wanted}, found {_found(fault.found, hidden=fault.hidden)}"
    return fault.told(message, _retype(fault, types), " or ".join(types), _retyped(fault, types))


def _retype(fault: _Fault, types: list[str]) -> str:
    """How to make a value the type it should be."""
    found, schema = fault.found, fault.schema
    if "enum" in schema or "const" in schema:
        return f"write {_choice(schema)}"
    if "string" in types and found is None:
        return f"write a text in quotes, or remove {fault.name}"
    if "string" in types and "object" not in types and not isinstance(found, dict | list):
        return "put the value in quotes, so that it stays as it is written"
    if "boolean" in types:
        return f"write {_TRUTHS.get(str(found).casefold(), 'true or false')}, without quotes"
    if "integer" in types and not fault.hidden and re.fullmatch(r"[0-9][0-9,_ ]{0,20}", str(found)):
        return f"write {int(re.sub('[,_ ]', '', str(found)))}, without quotes"
    if "array" in types and isinstance(found, dict):
        return "write a list: put a dash before each entry"
    if "object" in types and fault.hidden:
        return f"name where the secret is kept{_such_as(schema)}"
    return f"write {' or '.join(_TYPES[name] for name in types)}{_such_as(schema)}"


def _retyped(fault: _Fault, types: list[str]) -> _Meant:
    """The value with the type that it should have, where that loses nothing."""
    found = fault.found
    if "string" in types and found.__class__ is int:
        return (str(found), True) if _fits(str(found), fault.schema) else None
    if not isinstance(found, str):
        return None
    if "boolean" in types and found.casefold() in _TRUTHS:
        return _TRUTHS[found.casefold()] == "true", True
    if "integer" in types and re.fullmatch(r"0|[1-9][0-9]{0,14}", found):
        return int(found), True
    items = resolve(load_schema(fault.kind), fault.schema.get("items", {})) if "array" in types else {}
    return ((found,), True) if items.get("type") == "string" and _fits(found, items) else None


def _fits(text: str, schema: Mapping[str, Any]) -> bool:
    pattern = schema.get("pattern", "").removesuffix("$")
    return text in schema.get("enum", (text,)) and re.search(rf"{pattern}\Z" if pattern else "", text) is not None


def _wrong_constant(fault: _Fault) -> Violation:
    message = f"{fault.refused}: it is always {_quote(fault.wanted)}"
    return fault.told(message, f"write {_flow(fault.wanted)}", fault.wanted, _one_of(fault, [fault.wanted]))


def _one_of(fault: _Fault, values: Sequence[Any]) -> _Meant:
    """Which of the values to choose from was meant: the one that differs in nothing but spelling, else the nearest."""
    if not isinstance(fault.found, str):
        return None
    choices = [value for value in values if isinstance(value, str)]
    text = fault.found[: 2 * SHOWN]
    alike = [choice for choice in choices if _folded(choice) == _folded(text)]
    if len(alike) == 1:
        return alike[0], True
    near = nearest(text, choices)
    return (near, False) if near else None


def _not_a_choice(fault: _Fault) -> Violation:
    choices = _listed(fault.wanted)
    words = [word for word in fault.wanted if isinstance(word, str)]
    text = "" if fault.hidden else str(fault.found)[: 2 * SHOWN]
    message = f"{fault.refused}{did_you_mean(text, words)}: it is one of {choices}"
    remedy = f"write {nearest(text, words) or f'one of {choices}'}"
    return fault.told(message, remedy, choices, _one_of(fault, fault.wanted))


def _not_in_calendar(fault: _Fault) -> Violation:
    if not re.search(fault.schema["pattern"], fault.found):  # then how it is written has to be put right first
        return _not_alike(fault)
    return fault.told(f"{fault.refused}: there is no such day", "write a day of the calendar", fault.schema["format"])


def _not_alike(fault: _Fault) -> Violation:
    """The value does not match its pattern, which its examples and its description explain better than itself."""
    form = fault.schema.get("format")
    if form == "date":
        what, remedy = "this is not a date", f"write year, month and day{_such_as(fault.schema)}"
    elif form == "date-time" and re.fullmatch(r"[0-9-]{10}T[0-9:.]+", fault.found):
        what, remedy = "the time has no zone", "add Z for UTC, or an offset such as +05:30"
    elif form == "date-time":
        what, remedy = "this is not a date with a time and a zone", f"write it in full{_such_as(fault.schema)}"
    else:
        examples = " or ".join(_flow(example) for example in fault.schema["examples"])
        description = fault.schema["description"].partition(". ")[0].removesuffix(".")
        what, remedy = f"it should look like {examples}", f"write {description[:1].lower()}{description[1:]}"
    return fault.told(f"{fault.refused}: {what}", remedy, form or fault.schema["description"], _alike(fault))


def _alike(fault: _Fault) -> _Meant:
    """The value as its pattern wants it, where only blanks or capitals are wrong, or how a day is written."""
    pattern = re.compile(fault.schema["pattern"].removesuffix("$") + r"\Z")
    text = fault.found[: 2 * SHOWN]
    if day := re.fullmatch(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})", text):
        text = f"{day[1]}-{day[2]:0>2}-{day[3]:0>2}"
        return (text, False) if fault.schema.get("format") == "date" and _is_day(text) else None
    meant = next((form for form in (text.strip(), text.strip().upper()) if pattern.search(form)), None)
    return (meant, True) if meant and text == fault.found else None


def _empty_text(fault: _Fault) -> Violation:
    return fault.told(f"{fault.name} is empty", f"write it{_such_as(fault.schema)}, or remove {fault.name}", "string")


# --- sizes


def _too_small(fault: _Fault) -> Violation:
    least = f"{fault.wanted} or more"
    return fault.told(f"{fault.refused}: it is {least}", f"write {least}", least)


def _too_few(fault: _Fault) -> Violation:
    remedy = "add an entry" + (
        f", such as {_flow(fault.schema['examples'][0][0])}" if "examples" in fault.schema else ""
    )
    return fault.told(f"{fault.name} is empty: it needs at least one entry", remedy, "at least one entry")


def _none_chosen(fault: _Fault) -> Violation:
    choices = ", ".join(fault.schema["properties"])
    message = f"{fault.name} is empty: it needs one of {choices}"
    return fault.told(message, f"write one of them{_such_as(fault.schema)}", choices)


def _several_chosen(fault: _Fault) -> Violation:
    chosen = " and ".join(fault.found)
    message = f"{fault.name} has {chosen}, and only one of them can hold"
    return fault.told(message, "keep the one that is true", ", ".join(fault.schema["properties"]))


def _otherwise(fault: _Fault) -> Violation:
    """A keyword that our schemas did not use when this was written: said plainly rather than not at all."""
    message = f"{fault.name} does not satisfy the schema's {fault.keyword}"
    return fault.told(message, "compare it with the schema", fault.schema.get("description", ""))


_OF_VALUE = {
    "type": _wrong_type,
    "const": _wrong_constant,
    "enum": _not_a_choice,
    "format": _not_in_calendar,
    "pattern": _not_alike,
    "minLength": _empty_text,
}
_OF_SIZE = {
    "minimum": _too_small,
    "minItems": _too_few,
    "minProperties": _none_chosen,
    "maxProperties": _several_chosen,
}


# --- keys


def _lacks(fault: _Fault, key: str) -> Violation:
    """A required key that is not there, told at the key of the mapping that should hold it."""
    node = resolve(load_schema(fault.kind), fault.schema["properties"][key])
    if "enum" in node or "const" in node:
        remedy = f"add {key}: {_choice(node)}"
    elif "properties" in node:
        remedy = f'add "{key}", with {", ".join(node.get("required", node["properties"]))}'
    else:
        remedy = f'add "{key}"' + (f", such as {key}: {_flow(node['examples'][0])}" if "examples" in node else "")
    told = fault.told_at_key(f'{fault.name} has no "{key}"', remedy, node["description"])
    if "const" not in node:
        return told
    return told._replace(correction=Correction("set", (*fault.route, key), node["const"], safe=True))


def _missing(fault: _Fault) -> list[str]:
    """The required keys that a mapping does not have."""
    return [key for key in fault.wanted if key not in fault.found]


def _unknown(fault: _Fault) -> list[Any]:
    """The keys of a mapping that its schema does not know."""
    return [key for key in fault.found if key not in fault.schema["properties"]]


def _meant(key: object, fault: _Fault) -> str | None:
    """The key of the same mapping that a misspelt key surely stands for."""
    known = {_folded(name): name for name in fault.schema["properties"]}
    near = get_close_matches(_folded(str(key)[:SHOWN]), known, n=1, cutoff=0.8)
    return known[near[0]] if near else None


def _folded(key: str) -> str:
    """A key without what people spell differently: capitals, dashes, underscores, spaces."""
    return re.sub(r"[-_ ]", "", key).casefold()


def _is_unknown(fault: _Fault, key: Any) -> Violation:
    known = ", ".join(fault.schema["properties"])
    if fault.hidden:  # {hunter2} is YAML for a mapping with the key hunter2
        remedy = f"name where the secret is kept{_such_as(fault.schema)}"
        return fault.told_at_key(f"{fault.name} has a key that is none of {known}", remedy, known)
    if not isinstance(key, str):
        message = f"{fault.name} has a key that is not text: {_found(key, hidden=False)}"
        return fault.told(message, "put the key in quotes", known)
    message, remedy = f"{_quote(key)} is not a key of {fault.name}", f"remove it, or write one of {known}"
    correction = None
    if meant := _meant(key, fault):
        message, remedy = f'{message} (did you mean "{meant}"?)', f"write {meant}"
        if meant not in fault.found:
            correction = Correction("rename", (*fault.route, key), meant, safe=_folded(meant) == _folded(key))
    elif homes := _homes_of(key, fault):
        message += f"; it belongs {' or '.join(f'under {home}' if home else 'at the top level' for home in homes)}"
        remedy = f"move it to {' or '.join(home or 'the top level' for home in homes)}"
    elif "credentials" in _homes(fault.kind) and _is_credential(key):
        message += "; secrets belong under bsp.credentials"
        remedy = "refer to it there, and never write its value"
    elif meant := nearest(key[:SHOWN], fault.schema["properties"]):
        message, remedy = f'{message} (did you mean "{meant}"?)', f"write {meant}, or remove it"
    else:
        correction = Correction("remove", (*fault.route, key), None, safe=False)
    return Violation((*fault.route, key), message, remedy, on_key=True, expected=known, correction=correction)


def _homes_of(key: str, fault: _Fault) -> tuple[str, ...]:
    """Where a key that is unknown here does belong; nowhere in particular if too much is known by that name."""
    homes = _homes(fault.kind).get(key, ())
    here = "".join("[]" if isinstance(step, int) else f".{step}" for step in fault.route).removeprefix(".")
    below = tuple(home for home in homes if here and home.startswith((f"{here}.", f"{here}[")))
    return below or homes if len(below or homes) <= 2 else ()


@cache
def _homes(kind: str) -> dict[str, tuple[str, ...]]:
    """Every key that the schema knows, and the places that take it: ``moengage.attributes``, ``phone_numbers[]``."""
    schema = load_schema(kind)
    homes: dict[str, tuple[str, ...]] = {}
    waiting: list[tuple[str, dict[str, Any]]] = [("", schema)]
    seen = set()
    for place, node in waiting:
        if "$ref" in node:
            if node["$ref"] in seen:  # a definition is told at the first, which is the shortest, of its places
                continue
            seen.add(node["$ref"])
        resolved = resolve(schema, node)
        for key, item in resolved.get("properties", {}).items():
            homes[key] = (*homes.get(key, ()), place)
            waiting.append((f"{place}.{key}".removeprefix("."), item))
        if isinstance(resolved.get("items"), dict):
            waiting.append((f"{place}[]", resolved["items"]))
    return homes


def _is_misplaced(fault: _Fault, data: Any) -> Iterator[Violation]:
    """A key that belongs to another type of component or button than the one that has it."""
    key = str(fault.found)
    then = len(fault.steps) - 1 - fault.steps[::-1].index("then")
    inner = fault.steps[then + 1 : fault.steps.index("propertyNames", then)]
    owner = fault.route[: len(fault.route) - len(inner) // 2]
    mapping, node = schema_at(fault.kind, fault.route), schema_at(fault.kind, owner)
    if mapping is None or node is None or key not in mapping["properties"]:
        return  # an unknown key, which is told as such
    takers = [tag for branch in node["allOf"] if key in _taken(branch, inner) for tag in _tags(branch)]
    for step in owner:
        data = data[step]
    noun = node["title"].casefold()
    place = f"the {inner[-1]} of a {noun}" if inner else f"a {noun}"
    message = f'"{key}" does not belong in {place} of type {data["type"]}, only in {" or ".join(takers)}'
    remedy = f"remove it, or give the {noun} the type {' or '.join(takers)}"
    correction = Correction("remove", (*fault.route, key), None, safe=False)
    yield Violation((*fault.route, key), message, remedy, True, ", ".join(fault.wanted), correction)


def _taken(branch: dict[str, Any], inner: tuple[str | int, ...]) -> list[str]:
    """The keys that one branch of a choice by type takes, in the mapping itself or in one inside it."""
    node = branch["then"]
    for step in inner:
        node = node.get(step, {})
    taken: list[str] = node.get("propertyNames", {}).get("enum", [])
    return taken


def _tags(branch: dict[str, Any]) -> list[str]:
    """The types for which a branch holds."""
    test = branch["if"]["properties"]["type"]
    return [test["const"]] if "const" in test else list(test["enum"])


# --- words


def _name(kind: str, route: Route) -> str:
    """What to call the value at a route: its key in quotes, with the position in a list."""
    positions = ""
    for step in reversed(route):
        if isinstance(step, str):
            return _quote(f"{_cut(step)}{positions}")
        positions = f"[{step}]{positions}"
    return f"the {_KINDS[kind][1]}"


def _article(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeio' else 'a'} {noun}"


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _quote(value: object) -> str:
    """A value in double quotes, cut, in characters that every output can carry."""
    return json.dumps(_cut(str(value)), ensure_ascii=False).encode("utf-8", "backslashreplace").decode()


def _found(value: object, *, hidden: bool) -> str:
    """Name a value by its type, and show it unless it is hidden."""
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    names = {bool: "truth value", int: "whole number", float: "number", str: "text"}
    kind = names.get(type(value), type(value).__name__)
    if hidden:
        return f"a {kind}"
    if isinstance(value, str):
        return f"the text {_quote(value)}"
    return "true" if value is True else "false" if value is False else f"the {kind} {_number(value)}"


def _number(value: object) -> str:
    return f"of more than {SHOWN} digits" if isinstance(value, int) and abs(value) >= 10**SHOWN else _cut(str(value))


def _such_as(schema: Mapping[str, Any]) -> str:
    """The first of a schema's examples, to be added to a sentence; an empty string where it has none."""
    return f", such as {_flow(schema['examples'][0])}" if "examples" in schema else ""


def _choice(schema: Mapping[str, Any]) -> str:
    """What a closed vocabulary leaves to write."""
    return _flow(schema["const"]) if "const" in schema else f"one of {_listed(schema['enum'])}"


def _listed(values: Sequence[Any]) -> str:
    return ", ".join(value if isinstance(value, str) else _flow(value) for value in values)


def _flow(value: object) -> str:
    """Write a value as YAML on one line."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_flow(item)}' for key, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(_flow(item) for item in value)}]"
    if isinstance(value, str) and _PLAIN_TEXT.fullmatch(value) and value.casefold() not in _TRUTHS:
        return value
    return json.dumps(value, ensure_ascii=False)


def _is_credential(key: str) -> bool:
    words = [word.casefold() for word in _WORD.findall(key)]
    return not _SECRET_WORDS.isdisjoint(words) or _SECRET_PARTS.search("_".join(words)) is not None
