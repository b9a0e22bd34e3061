"""Which rules looked at a manifest: what they have not found there is not there, so what accepts it is of no use any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wa_policy.engine.check import Plan
    from wa_policy.engine.session import Session
    from wa_policy.report.model import Manifest, NotChecked


class Judged(NamedTuple):
    """A manifest, the plan for it, and the codes of the rules that looked at it."""

    manifest: Manifest
    plan: Plan
    codes: frozenset[str]


def judged(manifest: Manifest, not_checked: Iterable[NotChecked], session: Session) -> Judged:
    """Which rules looked at a manifest: not those that are off or failed, nor those that look at all manifests together.

    Where evidence cannot be used, only those that look at the file as text have seen all that they look at.
    """
    plan = session.plan(manifest.environment, manifest.workspace, manifest.path)
    failed = {item.code for item in not_checked if item.document in (manifest.document, -1)}
    subjects = {code: session.loaded.rules[code].subject for code in session.selection.reported - failed}
    codes = (
        code
        for code, subject in subjects.items()
        if plan.rulings[code].fail != "off"
        and subject not in ("Project", "Suppression")
        and ((manifest.checked and not manifest.blind) or subject == "SourceFile")
    )
    return Judged(manifest, plan, frozenset(codes))
