"""What is wrong with a document that its schema refuses, in words for the person who wrote it.

jsonschema finds the faults, keyword by keyword; every message here is our own, so that it can name the field, suggest
what was meant, say where a misplaced key belongs, and keep the values of credentials to itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wa_policy.schema.faults import Violation, find_faults
from wa_policy.schema.keys import is_misplaced, is_unknown, lacks, meant_by, missing, unknown
from wa_policy.schema.texts import load_schema
from wa_policy.schema.values import OF_SIZE, OF_VALUE, otherwise
from wa_policy.schema.words import KINDS, article, described, fitted, flow, name_of
from wa_policy.suggest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wa_policy.schema.faults import Fault
    from wa_policy.source.spans import Route

_VERSION = re.compile(r"wa-policy/v([0-9]{1,6})")


def explain(data: object, kind: str) -> list[Violation]:
    """Everything that is wrong with a document of a kind, by route; an empty list when jsonschema accepts it.

    One mistake is told once: what only follows from a wrong type, a misspelt key or the wrong sort of file is left out.
    """
    if not isinstance(data, dict):
        return [_not_a_mapping(data, kind)]
    if stranger := _stranger(data, kind):
        return [stranger]
    try:
        faults = find_faults(data, kind)
    except RecursionError:
        message = f"{name_of(kind, ())} is nested too deeply to be checked"
        return [Violation((), message, "write it with fewer levels", on_key=False, expected="")]
    return sorted(set(_tell(faults, data)), key=_order)


def _order(violation: Violation) -> tuple[object, ...]:
    steps = tuple((1, 0, step) if isinstance(step, str) else (0, step, "") for step in violation.route)
    return steps, violation.message


def _tell(faults: Sequence[Fault], data: object) -> Iterator[Violation]:
    """Explain each fault that is not merely the consequence of another."""
    with_unknown = {fault.route: fault for fault in faults if fault.keyword == "additionalProperties"}
    misspelt = {(route, meant_by(key, fault)) for route, fault in with_unknown.items() for key in unknown(fault)}
    of_values = [fault for fault in faults if fault.keyword in OF_VALUE]
    firsts = {fault.route: fault for fault in sorted(of_values, key=_weight, reverse=True)}
    for fault in firsts.values():
        yield OF_VALUE[fault.keyword](fault)
    for fault in faults:
        if fault.keyword == "required":
            yield from (lacks(fault, key) for key in missing(fault) if (fault.route, key) not in misspelt)
        elif fault.keyword == "additionalProperties":
            yield from (is_unknown(fault, key) for key in unknown(fault))
        elif fault.keyword == "propertyNames":
            yield from is_misplaced(fault, data)
        elif fault.keyword in ("minProperties", "maxProperties") and fault.route in with_unknown:
            continue
        elif fault.keyword not in OF_VALUE:
            yield OF_SIZE.get(fault.keyword, otherwise)(fault)


def _weight(fault: Fault) -> tuple[int, int]:
    return list(OF_VALUE).index(fault.keyword), len(fault.steps)


def _not_a_mapping(data: object, kind: str) -> Violation:
    start = " and ".join(f"{key}: {flow(value)}" for key, value in _identity(kind).items())
    what = "is empty" if data is None else f"is not a mapping but {described(data, hidden=True)}"
    return Violation((), f"{name_of(kind, ())} {what}", f"begin it with {start}", on_key=False, expected="object")


def _stranger(data: dict[Any, Any], kind: str) -> Violation | None:
    """A document that was never meant to be of this kind, or is of a version to come: nothing else is worth telling."""
    version, named = data.get("apiVersion"), data.get("kind")
    identity = _identity(kind)
    if not identity:  # an answer of somebody else's API does not say what it is
        return None
    wanted = " and ".join(f"{key}: {flow(value)}" for key, value in identity.items())
    looks_like = "opt-in audit" if "predicateType" in data else named if isinstance(named, str) else ""
    if looks_like and not nearest(looks_like, [KINDS[kind][0]]):
        message = f"this looks like {article(fitted(looks_like))}, not like {article(KINDS[kind][0])}"
        route: Route = ("kind",) if looks_like == named else ("predicateType",)
        return Violation(route, message, f"name another file, or begin it with {wanted}", on_key=False, expected=wanted)
    if not any(key in data for key in load_schema(kind)["properties"]):
        message = f"this is not {article(KINDS[kind][0])}: it has neither {' nor '.join(identity)}"
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
