"""The schemas themselves: where they are kept, and what they say of a place in a document."""

from __future__ import annotations

import json
import os
from functools import cache
from typing import TYPE_CHECKING, Any

import wa_policy.schemas

if TYPE_CHECKING:
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
    """The schema of a kind of document, which is one of :func:`kinds`, such as ``workspace``. Not to be changed."""
    with open(schema_path(kind), encoding="utf-8") as file:
        schema: dict[str, Any] = json.load(file)
    return schema


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


def resolve(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference into the schema's ``$defs``."""
    while "$ref" in node:
        node = schema["$defs"][node["$ref"].removeprefix("#/$defs/")]
    return node
