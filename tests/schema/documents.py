"""Documents to put something wrong into, and what is told of it."""

import copy
import json
from typing import Any

from wa_policy.schema.texts import load_schema, resolve
from wa_policy.schema.validate import violations
from wa_policy.source.spans import Route

SECRET = "hunter2"  # noqa: S105  # what must never be shown
REFERENCES = "env, vault, aws_secrets_manager, gcp_secret_manager, azure_key_vault, file"
COMPONENTS = "HEADER, BODY, FOOTER, BUTTONS, CAROUSEL, LIMITED_TIME_OFFER, CALL_PERMISSION_REQUEST"
TOP = "apiVersion, kind, metadata, moengage, bsp, waba, phone_numbers, templates, opt_in, campaigns, evidence"

READY: dict[str, Any] = {
    "apiVersion": "wa-policy/v1",
    "kind": "Workspace",
    "metadata": {"name": "bloom", "environment": "live"},
    "moengage": {"workspace_id": "BLOOM", "data_center": "DC-06", "static_ips": {"enabled": True}},
    "bsp": {"provider": "gupshup", "account": {}, "credentials": {"password": {"env": "BSP_PASSWORD"}}},
    "waba": {"id": "102290129340398"},
    "phone_numbers": [{"number": "+622150201234"}],
    "templates": [
        {
            "name": "bouquet_ready",
            "language": "id",
            "category": "UTILITY",
            "components": [
                {"type": "BODY", "text": "Buket {{1}} siap diambil.", "example": {"body_text": [["Mawar"]]}},
                {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Berhenti"}]},
            ],
        }
    ],
    "opt_in": {},
    "campaigns": [{"name": "mothers-day", "audience": {}}],
    "evidence": {"graph": {}},
}
POLICY: dict[str, Any] = {"apiVersion": "wa-policy/v1", "kind": "Policy", "metadata": {"name": "ours"}}
GONE = object()


def changed(base: dict[str, Any], route: Route, value: object) -> Any:
    """A copy of a document with one value put in place, or taken away."""
    data = copy.deepcopy(base)
    node: Any = data
    for step in route[:-1]:
        node = node[step]
    if value is GONE:
        del node[route[-1]]
    else:
        node[route[-1]] = value
    return data


def told(data: object, kind: str = "workspace") -> list[tuple[str, str]]:
    return [(violation.message, violation.remedy) for violation in violations(data, kind)]


def everything(kind: str) -> Any:
    """A document that says everything that its schema knows, made of the schema's own examples."""
    schema = load_schema(kind)

    def build(node: dict[str, Any]) -> Any:
        node = resolve(schema, node)
        if "const" in node:
            return node["const"]
        if "properties" in node and "maxProperties" not in node and "allOf" not in node:
            return {key: build(item) for key, item in node["properties"].items()}
        if node.get("type") == "array" and "$ref" in node["items"] and node["items"]["$ref"] != "#/$defs/Component":
            return [build(node["items"])]
        return node["examples"][0]

    return json.loads(json.dumps(build(schema)))


EVERYTHING = {kind: everything(kind) for kind in ("workspace", "policy", "evidence-opt-in-audit")}
