"""What is wrong with the keys of a mapping: one is missing, misspelt, unknown, or belongs somewhere else."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any

from wa_policy.schema.faults import Correction, Violation
from wa_policy.schema.texts import load_schema, resolve, schema_at
from wa_policy.schema.words import SHOWN, choice, described, fitted, flow, folded, is_credential, quote, such_as
from wa_policy.suggest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wa_policy.schema.faults import Fault


def lacks(fault: Fault, key: str) -> Violation:
    """A required key that is not there, told at the key of the mapping that should hold it."""
    node = resolve(load_schema(fault.kind), fault.schema["properties"][key])
    if "enum" in node or "const" in node:
        remedy = f"add {key}: {choice(node)}"
    elif "properties" in node:
        remedy = f'add "{key}", with {", ".join(node.get("required", node["properties"]))}'
    else:
        remedy = f'add "{key}"' + (f", such as {key}: {flow(node['examples'][0])}" if "examples" in node else "")
    told = fault.told_at_key(f'{fault.name} has no "{key}"', remedy, node["description"])
    if "const" not in node:
        return told
    return told._replace(correction=Correction("set", (*fault.route, key), node["const"], safe=True))


def missing(fault: Fault) -> list[str]:
    """The required keys that a mapping does not have."""
    return [key for key in fault.wanted if key not in fault.found]


def unknown(fault: Fault) -> list[Any]:
    """The keys of a mapping that its schema does not know."""
    return [key for key in fault.found if key not in fault.schema["properties"]]


def meant_by(key: object, fault: Fault) -> str | None:
    """The key of the same mapping that a misspelt key surely stands for."""
    known = {folded(name): name for name in fault.schema["properties"]}
    near = get_close_matches(folded(str(key)[:SHOWN]), known, n=1, cutoff=0.8)
    return known[near[0]] if near else None


def is_unknown(fault: Fault, key: Any) -> Violation:
    """A key that the mapping does not take: what was meant, or where it belongs."""
    known = ", ".join(fault.schema["properties"])
    if fault.hidden:  # {hunter2} is YAML for a mapping with the key hunter2
        remedy = f"name where the secret is kept{such_as(fault.schema)}"
        return fault.told_at_key(f"{fault.name} has a key that is none of {known}", remedy, known)
    if not isinstance(key, str):
        message = f"{fault.name} has a key that is not text: {described(key, hidden=False)}"
        return fault.told(message, "put the key in quotes", known)
    message, remedy = f"{quote(key)} is not a key of {fault.name}", f"remove it, or write one of {known}"
    correction = None
    if advice := _run_together(key, fault):
        message, remedy = f"{message}, and nothing stands behind it", advice
    elif meant := meant_by(key, fault):
        message, remedy = f'{message} (did you mean "{meant}"?)', f"write {meant}"
        if meant not in fault.found:
            correction = Correction("rename", (*fault.route, key), meant, safe=folded(meant) == folded(key))
    elif homes := _homes_of(key, fault):
        message += f"; it belongs {' or '.join(f'under {home}' if home else 'at the top level' for home in homes)}"
        remedy = f"move it to {' or '.join(home or 'the top level' for home in homes)}"
    elif "credentials" in _homes(fault.kind) and is_credential(key):
        message += "; secrets belong under bsp.credentials"
        remedy = "refer to it there, and never write its value"
    elif meant := nearest(key[:SHOWN], fault.schema["properties"]):
        message, remedy = f'{message} (did you mean "{meant}"?)', f"write {meant}, or remove it"
    else:
        correction = Correction("remove", (*fault.route, key), None, safe=False)
    return Violation((*fault.route, key), message, remedy, on_key=True, expected=known, correction=correction)


def _run_together(key: str, fault: Fault) -> str:
    """What to do about a key that swallowed something: its value (``name:x``), or, as in 40,000, a part of a number.

    An empty string for every other key.
    """
    if fault.found[key] is not None:
        return ""
    name, colon, value = key.partition(":")
    if colon and name.rstrip() in fault.schema["properties"]:
        return f"put a blank behind the colon: {name.rstrip()}: {fitted(value)}"
    return "write the number before it without commas" if key.isdecimal() else ""


def _homes_of(key: str, fault: Fault) -> tuple[str, ...]:
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


def is_misplaced(fault: Fault, data: Any) -> Iterator[Violation]:
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
