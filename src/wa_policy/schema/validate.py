"""Whether a document satisfies its schema: jsonschema-rs decides, jsonschema is imported to explain a refusal."""

from __future__ import annotations

import json
import os
from functools import cache
from typing import TYPE_CHECKING, Any

import wa_policy.schemas

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator

    from wa_policy.schema.explain import Violation
    from wa_policy.source.spans import Route

FOLDER = os.path.dirname(wa_policy.schemas.__file__)
SUFFIX = ".schema.json"


def kinds() -> list[str]:
    """The kinds of documents that have a schema, sorted."""
    return sorted(name.removesuffix(SUFFIX) for name in os.listdir(FOLDER) if name.endswith(SUFFIX))


def schema_path(kind: str) -> str:
    """Where the schema of a kind is kept."""
    return os.path.join(FOLDER, f"{kind}{SUFFIX}")


@cache
def load_schema(kind: str) -> dict[str, Any]:
    """The schema of a kind of document: ``workspace``, ``policy`` or ``evidence-opt-in-audit``. Not to be changed."""
    with open(schema_path(kind), encoding="utf-8") as file:
        schema: dict[str, Any] = json.load(file)
    return schema


@cache
def load_validator(kind: str) -> Draft202012Validator:
    """The compiled schema of a kind, made once per process."""
    from jsonschema_rs import Draft202012Validator

    return Draft202012Validator(load_schema(kind), validate_formats=True)


def validate(data: object, kind: str = "workspace") -> bool:
    """Decide whether plain data (dict, list, str, int, float, bool, None) satisfies the schema of a kind.

    The engine recurses natively: data must come from a reader that bounds its depth.
    """
    try:
        return load_validator(kind).is_valid(data)
    except ValueError:  # what JSON cannot hold: a key that is no text, half a surrogate pair, a type of one's own
        return False


def violations(data: object, kind: str = "workspace") -> list[Violation]:
    """What is wrong with data that its schema refuses, by route; an empty list for data that it accepts."""
    if validate(data, kind):
        return []
    from wa_policy.schema.explain import explain

    return explain(data, kind) or [_unexplained(data, kind)]


def _unexplained(data: object, kind: str) -> Violation:
    """The two engines disagree. What one of them refuses must not pass, though nobody can say why."""
    from wa_policy.schema.explain import Violation

    try:
        refusal = next(load_validator(kind).iter_errors(data))
        route, reason = tuple(refusal.instance_path), f"for its {refusal.schema_path[-1]}"
    except ValueError as error:
        route, reason = (), f"as data that it cannot read ({type(error).__name__})"
    message = f"the schema's engine refuses this {reason}, and nothing was found that explains it"
    remedy = "compare it with the schema, and report this as a bug of wa-policy"
    return Violation(route, message, remedy, on_key=False, expected="")


def schema_at(kind: str, route: Route) -> dict[str, Any] | None:
    """What the schema says of the value at a route, references followed; None where it says nothing."""
    schema = load_schema(kind)
    node: Any = schema
    for step in route:
        if isinstance(step, int):
            inside = node.get("items")
        else:
            inside = node.get("properties", {}).get(step, node.get("additionalProperties"))
        if not isinstance(inside, dict):
            return None
        node = resolve(schema, inside)
    return node if isinstance(node, dict) else None


def format_at(kind: str, route: Route) -> str | None:
    """The format that the schema asks of the text at a route, such as ``date``."""
    node = schema_at(kind, route)
    return node.get("format") if node else None


def resolve(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference into the schema's ``$defs``."""
    while "$ref" in node:
        node = schema["$defs"][node["$ref"].removeprefix("#/$defs/")]
    return node
