"""Make the schemas of Meta's answers from the schema of manifests: the same fields and types, and nothing else demanded.

What Meta answers may have fields and values that nobody has seen yet. Fields that rules read must have the type that rules
expect; everything else is let through. Run by `make types`; a test compares.
"""

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SCHEMAS = ROOT / "schemas"
NODES = {
    "evidence-graph-waba": ("Waba", ["id"], "A WhatsApp Business Account, as Meta's Graph API answers it."),
    "evidence-graph-phone-number": (
        "PhoneNumber",
        ["display_phone_number"],
        "A business phone number, as Meta's Graph API answers it.",
    ),
    "evidence-graph-template": (
        "Template",
        ["name", "language"],
        "A message template, as Meta's Graph API answers it.",
    ),
}
KEPT = ("title", "description", "examples", "type", "items", "properties", "$ref")
LEFT_OUT = {
    "Template": ("in_moengage",),
    "PhoneNumber": ("number", "ownership", "can_receive", "messenger_account"),
    "QualityScore": ("date",),
}


def main(folder: Path) -> None:
    """Write the schemas into a folder."""
    manifest = json.loads((SCHEMAS / "workspace.schema.json").read_text(encoding="utf-8"))
    for kind, (node, required, description) in NODES.items():
        used: dict[str, Any] = {}
        schema = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"urn:wa-policy:schema:{kind}:v1",
            "$comment": "Made by scripts/generate_evidence_schemas.py from workspace.schema.json; do not edit.",
            **loosen(node, manifest["$defs"], used),
            "title": node,
            "description": description,
            "required": required,
        }
        schema["properties"].setdefault(
            required[0],
            {
                "title": "Number",
                "description": "The number as Meta shows it.",
                "examples": ["+91 80 4718 1888"],
                "type": "string",
            },
        )
        schema["$defs"] = dict(sorted(used.items()))
        (folder / f"{kind}.schema.json").write_text(json.dumps(schema, indent=2) + "\n", encoding="utf-8")


def loosen(name: str, definitions: dict[str, Any], used: dict[str, Any]) -> dict[str, Any]:
    """One definition without its demands; those that it refers to are put into ``used``."""
    left_out = LEFT_OUT.get(name, ())
    fields = {key: value for key, value in definitions[name]["properties"].items() if key not in left_out}
    loose: dict[str, Any] = strip({**definitions[name], "properties": fields}, definitions, used)
    return loose


def strip(node: Any, definitions: dict[str, Any], used: dict[str, Any]) -> Any:
    """A schema with only what is kept."""
    loose = {key: node[key] for key in KEPT if key in node}
    if "$ref" in loose:
        name = loose["$ref"].rpartition("/")[2]
        if name not in used:
            used[name] = {}
            used[name] = loosen(name, definitions, used)
    if "items" in loose:
        loose["items"] = strip(loose["items"], definitions, used)
    if "properties" in loose:
        loose["properties"] = {key: strip(value, definitions, used) for key, value in loose["properties"].items()}
    return loose


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else SCHEMAS)
