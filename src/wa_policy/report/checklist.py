"""The checklist of MoEngage's prerequisites, per workspace: each step's state, what is open, and the highest policy met."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from wa_policy.report.model import fails
from wa_policy.report.safe import visible
from wa_policy.report.style import WIDTH, painter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wa_policy.report.model import Finding, Location, Manifest, NotChecked, Report

State = Literal["READY", "NOT READY", "UNPROVEN", "NOT CHECKED"]

STEPS = (
    ("account", "1  an account with a supported BSP"),
    ("waba", "2  an approved WhatsApp Business Account"),
    ("numbers", "3  a business phone number"),
    ("templates", "4  templates approved"),
    ("opt-in", "5  opt-in up to date in MoEngage and at the BSP"),
    ("network", "6  fixed addresses where the BSP wants them"),
    ("campaigns", "then campaigns"),
)
"""The steps of the prerequisites page, in its order, by the name that rules give them."""

_STYLES = {"READY": "good", "NOT READY": "error", "UNPROVEN": "warning", "NOT CHECKED": "error"}


class StepState(NamedTuple):
    """One step of one workspace: its state, and what is open in it."""

    name: str
    title: str
    state: State
    findings: tuple[Finding, ...]


class Rung(NamedTuple):
    """A bundled policy, and the codes of the rules that keep a workspace from meeting it."""

    policy: str
    open: tuple[str, ...]
    met: bool


class WorkspaceChecklist(NamedTuple):
    """The checklist of one workspace."""

    manifest: Manifest
    steps: tuple[StepState, ...]
    manifest_findings: tuple[Finding, ...]
    rungs: tuple[Rung, ...]

    @property
    def highest(self) -> str:
        """The highest policy met without a gap below it; empty for none."""
        highest = ""
        for rung in self.rungs:
            if not rung.met:
                break
            highest = rung.policy
        return highest

    def as_plain(self) -> dict[str, Any]:
        """The checklist as JSON carries it."""
        return {
            "workspace": self.manifest.workspace,
            "path": self.manifest.path,
            "document": self.manifest.document,
            "highest_policy_met": self.highest or None,
            "steps": [
                {
                    "step": step.name,
                    "state": step.state,
                    "open": [
                        {
                            "code": finding.code,
                            "severity": finding.severity,
                            "message": finding.message,
                            "remedy": finding.remedy,
                        }
                        for finding in step.findings
                    ],
                }
                for step in self.steps
            ],
            "manifest": [{"code": finding.code, "message": finding.message} for finding in self.manifest_findings],
        }


def build(report: Report, rungs: Sequence[tuple[str, Report]]) -> list[WorkspaceChecklist]:
    """The checklist of every manifest: states by the chosen policy's report, rungs by those of the bundled policies."""
    return [_build_one(manifest, report, rungs) for manifest in report.manifests]


def _build_one(manifest: Manifest, report: Report, rungs: Sequence[tuple[str, Report]]) -> WorkspaceChecklist:
    findings = list(_of(report.findings, manifest))
    steps = tuple(_step(name, title, findings, manifest, report) for name, title in STEPS)
    own = tuple(finding for finding in findings if finding.step == "manifest")
    return WorkspaceChecklist(manifest, steps, own, tuple(_rung(name, of, manifest) for name, of in rungs))


def _of(findings: Iterable[Finding], manifest: Manifest) -> Iterator[Finding]:
    """What concerns a manifest: the finding is about it, or about its file as a whole, or has a place in it."""
    for finding in findings:
        places: list[Finding | Location] = [finding, *finding.locations]
        if any(_is_in(place, manifest) for place in places):
            yield finding


def _is_in(place: Finding | Location, manifest: Manifest) -> bool:
    return place.path == manifest.path and place.document in (manifest.document, -1)


def _step(name: str, title: str, findings: Iterable[Finding], manifest: Manifest, report: Report) -> StepState:
    own = tuple(finding for finding in findings if finding.step == name)
    state: State = "READY"
    if not manifest.checked or any(_concerns(item, manifest) for item in report.not_checked):
        state = "NOT CHECKED"
    elif any(finding.outcome == "fail" and fails(finding, report.fail_on) for finding in own):
        state = "NOT READY"
    elif any(finding.outcome != "fail" for finding in own):
        state = "UNPROVEN"
    return StepState(name, title, state, own)


def _concerns(item: NotChecked, manifest: Manifest) -> bool:
    """Whether what was not checked leaves a manifest in doubt: it is about that manifest, its whole file, or no file at all."""
    return not item.path or (item.path == manifest.path and item.document in (manifest.document, -1))


def _rung(name: str, report: Report, manifest: Manifest) -> Rung:
    failing = [finding.code for finding in _of(report.findings, manifest) if fails(finding, report.fail_on)]
    unsure = not manifest.checked or any(_concerns(item, manifest) for item in report.not_checked)
    return Rung(name, tuple(dict.fromkeys(failing)), not failing and not unsure)


def render(workspaces: Iterable[WorkspaceChecklist], report: Report, *, color: bool = False) -> str:
    """The checklists as text."""
    paint = painter(color=color)
    lines: list[str] = []
    for workspace in workspaces:
        manifest = workspace.manifest
        of = f" ({visible(manifest.environment)})" if manifest.environment else ""
        lines.append(paint(f"{visible(manifest.workspace or 'unnamed')}{of}", "bold") + f"  {visible(manifest.path)}")
        for finding in workspace.manifest_findings:
            lines += _item(finding, manifest)
        for step in workspace.steps:
            lines.append(f"  {step.title:<50} {paint(step.state, _STYLES[step.state])}")
            for finding in step.findings:
                lines += _item(finding, manifest)
        lines += [*_rungs(workspace), ""]
    for item in report.not_checked:
        lines.append(f"not checked: {visible(item.what)}: {visible(item.reason)}")
    lines.append(f"states by policy {visible(report.policy)}, as of {report.as_of}")
    return "\n".join(lines) + "\n"


def _item(finding: Finding, manifest: Manifest) -> Iterator[str]:
    here = next((place for place in finding.locations if _is_in(place, manifest)), finding.locations[0])
    outcome = "" if finding.outcome == "fail" else f", {finding.outcome}"
    where = f"line {here.span.line}" if here.path == manifest.path else f"{here.path}:{here.span.line}"
    head = f"{finding.code} ({finding.severity}{outcome}) {where}: {finding.message}"
    yield from textwrap.wrap(visible(head), WIDTH, initial_indent="      ", subsequent_indent="        ")
    if finding.remedy:
        todo = f"to do: {finding.remedy}"
        yield from textwrap.wrap(visible(todo), WIDTH, initial_indent="        ", subsequent_indent="          ")


def _rungs(workspace: WorkspaceChecklist) -> Iterator[str]:
    met = workspace.highest or "none"
    missing = next((rung for rung in workspace.rungs if not rung.met), None)
    text = f"highest policy met: {met}"
    if missing is not None:
        asks = f"settle {', '.join(missing.open)}" if missing.open else "let everything be checked"
        text += f"; for {missing.policy}, {asks}"
    yield from textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
