"""Opt-in audits that several tests make up, and what a rule says of a workspace that has one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wa_policy.evidence.references import Reference
from wa_policy.manifest.subjects import Workspace
from wa_policy.source.spans import DocumentId
from wa_policy.testing import defaults, manifest, merge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wa_policy.api import Problem
    from wa_policy.evidence.references import Mismatch

BOTH = "wa-policy audit opt-in --workspace acme-retail-in --moengage USERS.csv --bsp LIST.csv --out AUDIT.json"
USERS_ALONE = "wa-policy audit opt-in --workspace acme-retail-in --moengage USERS.csv --out AUDIT.json"


def check_audit(
    function: Any,
    users: dict[str, int] | None,
    fragment: dict[str, Any] | None = None,
    *,
    bsp: dict[str, int] | None = None,
    name: str = "acme-retail-in",
    more: dict[str, Any] | None = None,
    files: Sequence[dict[str, Any]] = (),
    mismatches: tuple[Mismatch, ...] = (),
    **settings: Any,
) -> list[Problem]:
    """Run a rule on the ready manifest whose audit counted these users; None for an audit that cannot be read.

    ``bsp`` is how many of them the provider has in which way; None for an audit that did not compare. ``more`` is what else it
    counted, of which ``files``; ``mismatches`` are those of them that are not what it counted.
    """
    predicate = {"workspace": name, "users": users, **({} if bsp is None else {"bsp": bsp}), **(more or {})}
    statement = None if users is None else {"predicate": predicate, "subject": list(files)}
    trouble = "" if users else "there is no such file"
    reference = Reference(("opt_in", "audit"), "audit.json", trouble, "", statement, mismatches=mismatches)
    workspace = Workspace(DocumentId("manifest.yaml", 0), merge(manifest(), fragment or {}), [reference])
    return list(function(workspace.opt_in, **{**defaults(function.__wa_rule__), **settings}))


def users(true: int, total: int = 1000, blank: int = 0) -> dict[str, int]:
    return {"total": total, "true": true, "false": total - true - blank, "blank": blank, "invalid": 0}


def group(code: str, total: int, true: int) -> dict[str, Any]:
    """The users with one calling code; who did not agree refused."""
    return {"calling_code": code, **users(true, total)}


def file(name: str, side: str = "moengage", digest: str = "", rows: int | None = None) -> dict[str, Any]:
    """A file that an audit names; without a side, as those name it who count by hand."""
    annotations: dict[str, Any] = ({"side": side} if side else {}) | ({} if rows is None else {"rows": rows})
    said = {"name": name, "digest": {"sha256": digest or f"digest of {name}"}}
    return {**said, "annotations": annotations} if annotations else said
