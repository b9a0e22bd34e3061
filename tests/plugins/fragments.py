"""Parts of manifests that several tests change a little and put over the ready one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from wa_policy.api import Context, DocumentId, Workspace
from wa_policy.evidence.graph import read_answer
from wa_policy.evidence.match import match_references
from wa_policy.evidence.references import KINDS, Reference
from wa_policy.testing import AS_OF, check_rule, defaults, manifest, merge

if TYPE_CHECKING:
    from wa_policy.api import Problem

NUMBER: dict[str, Any] = {
    "number": "+91 80 4718 1888",
    "verified_name": "Acme Retail",
    "name_status": "APPROVED",
    "ownership": {
        "owner": "Acme Retail Private Limited",
        "proof": "evidence/number-ownership.txt",
        "verified_on": "2026-08-14",
    },
    "can_receive": {"voice": True, "sms": False, "behind_ivr": True, "ivr_hands_to_person": True},
    "messenger_account": "none",
    "code_verification_status": "VERIFIED",
    "status": "CONNECTED",
    "quality_rating": "GREEN",
    "account_mode": "LIVE",
    "is_pin_enabled": True,
}
"""The ready number, as far as rules look at it."""

LEFT_OUT: Any = object()

TEMPLATES = """
templates:
  - {name: order_shipped, language: en, category: UTILITY, status: APPROVED}
  - {name: order_shipped, language: en_US, category: UTILITY, status: APPROVED}
  - {name: diwali_offer, language: en, category: marketing, status: APPROVED}
"""

MARKETING = "{name: diwali_offer, language: en}"


def number(**changes: Any) -> dict[str, Any]:
    """The ready number with changes; LEFT_OUT leaves a field out."""
    return {key: value for key, value in {**NUMBER, **changes}.items() if value is not LEFT_OUT}


def check_number(function: Any, manifest: dict[str, Any] | None = None, /, **changes: Any) -> list[Problem]:
    """Judge the ready number with changes, in a manifest with others. JSON is YAML."""
    fragment = {"phone_numbers": [number(**changes)], **(manifest or {})}
    return check_rule(function, json.dumps(fragment, ensure_ascii=False))


def workspace_with(fragment: dict[str, Any], /, **answers: list[dict[str, Any]] | None) -> Workspace:
    """The ready manifest with a fragment put over it, and what Meta answered; None for an answer that cannot be used."""
    paths = {key: f"evidence/{key}.json" for key in answers}
    data = merge(manifest(), {**fragment, "evidence": {"graph": paths}})
    references = []
    for key, nodes in answers.items():
        answer = read_answer(json.dumps({"data": nodes}).encode(), paths[key], KINDS[key])
        trouble = answer.troubles[0].message if answer.troubles else ""
        references.append(Reference(("evidence", "graph", key), paths[key], trouble, answer=answer))
    return Workspace(DocumentId("manifest.yaml", 0), data, references, match_references(data, references))


def check_with(
    function: Any, fragment: dict[str, Any], /, **answers: list[dict[str, Any]] | None
) -> list[tuple[str, Problem]]:
    """Run a rule on whole workspaces or on numbers, with evidence; each problem with the path of the file that it is in."""
    rule = function.__wa_rule__
    workspace = workspace_with(fragment, **answers)
    arguments = [Context(AS_OF)] if rule.wants_context else []
    subjects: list[Any] = workspace.phone_numbers if rule.subject == "PhoneNumber" else [workspace]
    return [
        (problem.places[0].document.path, problem)
        for subject in subjects
        for problem in function(subject, *arguments, **defaults(rule))
    ]


def claim(*keys: str) -> tuple[str, str, str, str]:
    """What is said of a field of the number that is fine, and only claimed."""
    route = ".".join(keys)
    return "claimed", "error", f"phone_numbers[0].{route}", f"{route} is claimed here, and no evidence proves it"


def template(**fields: str) -> str:
    """A manifest's fragment with one template: the ready one's fields, some of them replaced or, if empty, left out."""
    shown = {"name": "order_shipped", "language": "en", "category": "UTILITY", "status": "APPROVED", **fields}
    return "templates: [{" + ", ".join(f'{key}: "{value}"' for key, value in shown.items() if value) + "}]"


def campaign(**fields: str) -> str:
    """One campaign on the templates above; each field as YAML text, an empty one left out."""
    shown = {
        "name": "c",
        "sender": '"+918047181888"',
        "template": "{name: order_shipped, language: en}",
        "audience": "{size: 40000, countries: [IN]}",
        **fields,
    }
    return TEMPLATES + "campaigns: [{" + ", ".join(f"{key}: {value}" for key, value in shown.items() if value) + "}]"


def listed(*entries: str, **fields: str) -> str:
    """A list of the given entries, with further fields of ip_allowlist."""
    shown = "".join(f", {key}: {value}" for key, value in fields.items())
    return f"bsp: {{ip_allowlist: {{entries: {list(entries)}{shown}}}}}"


def center(name: str, *entries: str) -> str:
    """A workspace in another data center, whose provider lets in these entries only."""
    return f"moengage: {{data_center: {name}}}\n{listed(*entries)}"
