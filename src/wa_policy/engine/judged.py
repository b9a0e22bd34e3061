"""Which rules looked at a manifest: what they have not found there is not there, so what accepts it is of no use any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wa_policy.engine.check import Plan
    from wa_policy.engine.session import Session
    from wa_policy.report.model import Manifest, NotChecked


_BY_DATA = frozenset({"OPT010"})
"""The rules that may find what only the data behind an audit shows, which is read if ``--verify-digests`` is given."""


class Judged(NamedTuple):
    """A manifest, the plan for it, and the codes of the rules that looked at it."""

    manifest: Manifest
    plan: Plan
    codes: frozenset[str]


Failures = dict[int, set[str]]
"""The codes of the rules that failed on a file: on each of its documents, and at -1 on the whole."""


def failures_of(not_checked: Iterable[NotChecked]) -> Failures:
    """Which rules failed, by what was not checked of one file."""
    failures: Failures = {}
    for item in not_checked:
        failures.setdefault(item.document, set()).add(item.code)
    return failures


def judged(manifest: Manifest, failures: Failures, session: Session) -> Judged:
    """Which rules looked at a manifest: not those that are off or failed, nor those that look at all manifests together.

    Nor those that did not see all that they look at: no data, or, but for those that look at the file as text, evidence that
    cannot be used.
    """
    plan = session.plan(manifest.environment, manifest.workspace, manifest.path)
    unseen = failures.get(manifest.document, set()) | failures.get(-1, set())
    if not session.options.verify_digests:
        unseen |= _BY_DATA
    subjects = {code: session.loaded.rules[code].subject for code in session.selection.reported - unseen}
    codes = (
        code
        for code, subject in subjects.items()
        if plan.rulings[code].fail != "off"
        and subject not in ("Project", "Suppression")
        and ((manifest.checked and not manifest.blind) or subject == "SourceFile")
    )
    return Judged(manifest, plan, frozenset(codes))
