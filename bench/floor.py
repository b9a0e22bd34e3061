"""Read and validate manifests, and nothing else: ``python bench/floor.py SCHEMA FOLDER nodes|loader``.

``nodes`` is the floor: libyaml's nodes, which know their places, the shortest way from them to plain data, and jsonschema-rs. It
bounds nothing, notices no duplicate key and knows only what the manifests hold. ``loader`` is what one writes first: PyYAML's
own loader, which forgets the places, and jsonschema-rs.
"""

import gc
import json
import os
import sys
from typing import Any

import yaml
from jsonschema_rs import Draft202012Validator


def main(schema: str, folder: str, way: str) -> int:
    """Validate every file; returns 1 if one is refused."""
    gc.set_threshold(50_000, 20, 100)  # as wa-policy does; both ways gain by it
    with open(schema, encoding="utf-8") as text:
        validator = Draft202012Validator(json.load(text), validate_formats=True)
    read = {"nodes": by_nodes, "loader": by_loader}[way]
    refused = 0
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        with open(entry.path, "rb") as file:
            refused += not validator.is_valid(read(file.read()))
    return int(refused > 0)


def by_nodes(content: bytes) -> Any:
    """Read by nodes."""
    return _plain(yaml.compose(content, yaml.CSafeLoader))


def by_loader(content: bytes) -> Any:
    """Read by PyYAML's own loader."""
    return yaml.load(content, yaml.CSafeLoader)


def _plain(node: Any) -> Any:
    kind = node.__class__
    if kind is yaml.MappingNode:
        return {key.value: _plain(value) for key, value in node.value}
    if kind is yaml.SequenceNode:
        return [_plain(item) for item in node.value]
    if node.tag == "tag:yaml.org,2002:bool":
        return node.value == "true"
    return int(node.value) if node.tag == "tag:yaml.org,2002:int" else node.value


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
