"""Which findings stand where on the page: in full where they come first, and as a link where they come again.

All of it is settled before anything is written, so that a part of the page can be written without knowing what stands above it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.records import NamedTuple
from wa_policy.report.html_text import anchor
from wa_policy.report.model import worst_first

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from wa_policy.report.checklist import State, WorkspaceChecklist
    from wa_policy.report.model import Finding, Manifest, Report, RuleInfo
    from wa_policy.report.overview import Overview

LONG = 2_000
"""Beyond so many findings a page says why a rule matters with the rule alone, so that it stays small enough to open."""


class Placed(NamedTuple):
    """A finding at a place of the page, and the id under which it stands in full.

    Where it comes ``again``, a link leads there, and that is all. ``why`` is whether it says in full why it matters, and not by a
    link; ``helped`` whether the page says more of its rule.
    """

    finding: Finding
    own: str
    again: bool
    why: bool
    helped: bool


class Section(NamedTuple):
    """A workspace: its id, its state, and its findings, the worst first: on the manifest itself, by step, and accepted ones."""

    own: str
    state: State
    checklist: WorkspaceChecklist
    overview: Overview | None
    manifest: Sequence[Placed]
    steps: Sequence[Sequence[Placed]]
    accepted: Sequence[Placed]


class Layout(NamedTuple):
    """The page: its workspaces, the findings of none, and the rules that spoke, by code."""

    sections: Sequence[Section]
    others: Sequence[Placed]
    rules: Mapping[str, RuleInfo]


def lay_out(report: Report, checklists: Sequence[WorkspaceChecklist]) -> Layout:
    """Where every finding of a report stands, those included that do not count."""
    findings = (*report.findings, *report.suppressed)
    spoken = {finding.code for finding in findings}
    rules = {rule.code: rule for rule in report.describe() if rule.code in spoken}
    by_path: dict[str, list[Finding]] = {}
    for finding in report.suppressed:
        by_path.setdefault(finding.path, []).append(finding)
    groups = [
        [
            checklist.manifest_findings,
            *(step.findings for step in checklist.steps),
            [*_about(checklist.manifest, by_path)],
        ]
        for checklist in checklists
    ]
    shown = {id(finding) for of_workspace in groups for group in of_workspace for finding in group}
    others = [finding for finding in findings if id(finding) not in shown]
    *placed, (left,) = _placed([*groups, [others]], findings, rules)
    overviews = {(item.path, item.document): item for item in report.overviews}
    ids = _unique("w", [checklist.manifest.workspace or "unnamed" for checklist in checklists])
    sections = [
        Section(
            own=own,
            state=checklist.state(report),
            checklist=checklist,
            overview=overviews.get((checklist.manifest.path, checklist.manifest.document)),
            manifest=first,
            steps=steps,
            accepted=accepted,
        )
        for own, checklist, (first, *steps, accepted) in zip(ids, checklists, placed, strict=True)
    ]
    return Layout(sections, left, rules)


def _about(manifest: Manifest, by_path: Mapping[str, Iterable[Finding]]) -> Iterator[Finding]:
    """What concerns a manifest or its file as a whole."""
    return (finding for finding in by_path.get(manifest.path, ()) if finding.document in (manifest.document, -1))


def _placed(
    workspaces: Iterable[Sequence[Iterable[Finding]]], findings: Collection[Finding], rules: Mapping[str, RuleInfo]
) -> Iterator[list[list[Placed]]]:
    """The groups of findings of each workspace, as they follow each other on the page.

    Whoever reads a workspace has read no other one, and is told again why a finding matters.
    """
    ids = dict(zip(map(id, findings), _unique("f", [one.fingerprint or one.key for one in findings]), strict=True))
    standing: set[str] = set()
    for groups in workspaces:
        explained: set[str] = set()
        made: list[list[Placed]] = []
        for group in groups:
            made.append([])
            for finding in worst_first(group):
                own, helped = ids[id(finding)], finding.code in rules
                again = own in standing
                told = finding.code in explained or len(ids) > LONG
                made[-1].append(Placed(finding, own, again, not (told and helped), helped))
                if not again:
                    standing.add(own)
                    explained.add(finding.code)
        yield made


def _unique(kind: str, names: Iterable[str]) -> list[str]:
    """An id for each name, no two of them the same."""
    ids: dict[str, None] = {}
    for name in names:
        made = first = anchor(kind, name[:80])
        number = 1
        while made in ids:
            number += 1
            made = f"{first}-{number}"
        ids[made] = None
    return list(ids)
