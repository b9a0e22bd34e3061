"""The checklist of MoEngage's prerequisites, per workspace: each step's state, what is open, and the highest policy met."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, Literal

from wa_policy.records import NamedTuple
from wa_policy.report.model import fails
from wa_policy.report.safe import visible
from wa_policy.report.sentences import because, judged_by, let_pass, not_checked
from wa_policy.report.style import WIDTH, painter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    ByPath = Mapping[str, Sequence["Finding"]]

    from wa_policy.findings import Outcome
    from wa_policy.report.model import Finding, Location, Manifest, NotChecked, Override, Report

CHECKLIST_VERSION = 1
"""The version of the checklist as JSON; schemas/checklist.schema.json describes it."""

State = Literal["READY", "NOT ASKED", "NOT READY", "UNPROVEN", "NOT CHECKED"]


class Prerequisite(NamedTuple):
    """A step of the prerequisites page: the name that rules give it, its number (empty where it has none), what it asks for."""

    name: str
    number: str
    what: str

    @property
    def title(self) -> str:
        """How a line begins that is about it: ``3  a business phone number``, ``then campaigns``."""
        return f"{self.number}  {self.what}" if self.number else f"then {self.what}"


STEPS = (
    Prerequisite("account", "1", "an account with a supported BSP"),
    Prerequisite("waba", "2", "an approved WhatsApp Business Account"),
    Prerequisite("numbers", "3", "a business phone number"),
    Prerequisite("templates", "4", "templates approved"),
    Prerequisite("opt-in", "5", "opt-in up to date in MoEngage and at the BSP"),
    Prerequisite("network", "6", "fixed addresses where the BSP wants them"),
    Prerequisite("campaigns", "", "campaigns"),
)
"""The steps of the prerequisites page, in its order."""

_STYLES = {"READY": "good", "NOT READY": "error", "UNPROVEN": "warning", "NOT ASKED": "warning", "NOT CHECKED": "error"}


class LetPass(NamedTuple):
    """What an override lets pass in a step or of the manifest itself: rules, or only what nothing shows (``unproven``)."""

    override: Override
    outcome: Outcome
    codes: tuple[str, ...]


class StepState(NamedTuple):
    """One step of one workspace: its state, what is open in it, what was found and somebody accepts, and what nobody asked."""

    prerequisite: Prerequisite
    state: State
    findings: tuple[Finding, ...]
    accepted: tuple[Finding, ...]
    let_pass: tuple[LetPass, ...]

    @property
    def name(self) -> str:
        """The name that rules give the step."""
        return self.prerequisite.name


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
    manifest_accepted: tuple[Finding, ...]
    manifest_let_pass: tuple[LetPass, ...]
    rungs: tuple[Rung, ...]

    @property
    def findings(self) -> Iterator[Finding]:
        """All that is open, that on the manifest itself first."""
        yield from self.manifest_findings
        for step in self.steps:
            yield from step.findings

    def state(self, report: Report) -> State:
        """Whether the workspace may send; it may with steps that are unproven, as long as the policy lets that pass."""
        if any(step.state == "NOT CHECKED" for step in self.steps):
            return "NOT CHECKED"
        failing = [finding for finding in self.findings if fails(finding, report.fail_on)]
        if not failing:
            return "NOT ASKED" if report.left_out else "READY"
        return "NOT READY" if any(finding.outcome == "fail" for finding in failing) else "UNPROVEN"

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
                    "open": [_open_as_plain(finding) for finding in step.findings],
                    "accepted": [_accepted_as_plain(finding) for finding in step.accepted],
                    "turned_off": [_let_pass_as_plain(item) for item in step.let_pass],
                }
                for step in self.steps
            ],
            "manifest": [_open_as_plain(finding) for finding in self.manifest_findings],
            "manifest_accepted": [_accepted_as_plain(finding) for finding in self.manifest_accepted],
            "manifest_turned_off": [_let_pass_as_plain(item) for item in self.manifest_let_pass],
        }


def as_plain(workspaces: Iterable[WorkspaceChecklist], report: Report) -> dict[str, Any]:
    """The checklists in the shape of ``schemas/checklist.schema.json``."""
    listed = list(workspaces)
    return {
        "format": "wa-policy/checklist",
        "version": CHECKLIST_VERSION,
        "tool": {"name": "wa-policy", "version": report.version},
        "as_of": report.as_of,
        "policy": {"name": report.policy, "origin": report.policy_origin, "fail_on": report.fail_on},
        "exit_code": report.exit_code,
        "facts": [entry._asdict() for entry in report.facts],
        "not_checked": [item._asdict() for item in report.not_checked],
        "workspaces": [workspace.as_plain() for workspace in listed],
        "elsewhere": [_open_as_plain(finding) for finding in _of_no_manifest(listed, report)],
    }


def _open_as_plain(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "outcome": finding.outcome,
        "message": finding.message,
        "remedy": finding.remedy,
    }


def _accepted_as_plain(finding: Finding) -> dict[str, Any]:
    plain = {"code": finding.code, "severity": finding.severity, "message": finding.message}
    return plain if finding.suppression is None else {**plain, **finding.suppression._asdict()}


def _let_pass_as_plain(item: LetPass) -> dict[str, Any]:
    return {"codes": list(item.codes), "outcome": item.outcome, **item.override._asdict()}


def build(report: Report, rungs: Sequence[tuple[str, Report]] = ()) -> list[WorkspaceChecklist]:
    """The checklist of every manifest: states by the chosen policy's report, rungs by those of the bundled policies."""
    found, accepted = _by_path(report.findings), _by_path(report.suppressed)
    below = [(name, of, _by_path(of.findings)) for name, of in rungs]
    return [_build_one(manifest, report, found, accepted, below) for manifest in report.manifests]


def _by_path(findings: Iterable[Finding]) -> ByPath:
    """What may concern the manifests of each file: not every manifest can look at thousands of findings."""
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        for path in dict.fromkeys((finding.path, *(place.path for place in finding.locations))):
            found.setdefault(path, []).append(finding)
    return found


def _build_one(
    manifest: Manifest, report: Report, found: ByPath, suppressed: ByPath, below: Iterable[tuple[str, Report, ByPath]]
) -> WorkspaceChecklist:
    findings = list(_of(found, manifest))
    accepted = list(_of(suppressed, manifest))
    steps = tuple(_step(step, findings, accepted, manifest, report) for step in STEPS)
    return WorkspaceChecklist(
        manifest,
        steps,
        manifest_findings=_in_step("manifest", findings),
        manifest_accepted=_in_step("manifest", accepted),
        manifest_let_pass=tuple(_let_pass("manifest", manifest, report)),
        rungs=tuple(_rung(name, of, by_path, manifest) for name, of, by_path in below),
    )


def _in_step(step: str, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.step == step)


def _of(findings: ByPath, manifest: Manifest) -> Iterator[Finding]:
    """What concerns a manifest: the finding is about it, or about its file as a whole, or has a place in it."""
    for finding in findings.get(manifest.path, ()):
        places: list[Finding | Location] = [finding, *finding.locations]
        if any(_is_in(place, manifest) for place in places):
            yield finding


def _is_in(place: Finding | Location, manifest: Manifest) -> bool:
    return place.path == manifest.path and place.document in (manifest.document, -1)


def _step(
    step: Prerequisite, findings: Iterable[Finding], accepted: Iterable[Finding], manifest: Manifest, report: Report
) -> StepState:
    own = _in_step(step.name, findings)
    state: State = "READY"
    if not manifest.checked or any(_concerns(item, manifest, step.name) for item in report.not_checked):
        state = "NOT CHECKED"
    elif any(finding.outcome == "fail" and fails(finding, report.fail_on) for finding in own):
        state = "NOT READY"
    elif any(finding.outcome != "fail" for finding in own):
        state = "UNPROVEN"
    elif step.name in manifest.unasked or any(rule.step == step.name for rule in report.left_out):
        state = "NOT ASKED"
    let_pass_here = tuple(_let_pass(step.name, manifest, report))
    return StepState(step, state, own, _in_step(step.name, accepted), let_pass_here)


def _let_pass(step: str, manifest: Manifest, report: Report) -> Iterator[LetPass]:
    codes: dict[tuple[int, Outcome], list[str]] = {}
    for item in report.let_pass(manifest):
        if item.step == step:
            codes.setdefault((item.override, item.outcome), []).append(item.code)
    for (override, outcome), of in sorted(codes.items()):
        yield LetPass(report.overrides[override], outcome, tuple(of))


def _concerns(item: NotChecked, manifest: Manifest, step: str = "") -> bool:
    """Whether what was not checked leaves a manifest in doubt: it is about that manifest, its whole file, or no file at all.

    With a step, whether it leaves that one in doubt: a rule that failed belongs to one, and all stand on the manifest itself.
    """
    if step and item.step not in ("", "manifest", step):
        return False
    return not item.path or (item.path == manifest.path and item.document in (manifest.document, -1))


def _rung(name: str, report: Report, found: ByPath, manifest: Manifest) -> Rung:
    failing = [finding.code for finding in _of(found, manifest) if fails(finding, report.fail_on)]
    unsure = not manifest.checked or any(_concerns(item, manifest) for item in report.not_checked)
    return Rung(name, tuple(dict.fromkeys(failing)), not failing and not unsure)


def render(workspaces: Sequence[WorkspaceChecklist], report: Report, *, color: bool = False) -> str:
    """The checklists as text."""
    paint = painter(color=color)
    lines: list[str] = []
    for workspace in workspaces:
        manifest = workspace.manifest
        of = f" ({visible(manifest.environment)})" if manifest.environment else ""
        lines.append(paint(f"{visible(manifest.workspace or 'unnamed')}{of}", "bold") + f"  {visible(manifest.path)}")
        for finding in workspace.manifest_findings:
            lines += _item(finding, manifest)
        lines += _not_counted(workspace.manifest_accepted, workspace.manifest_let_pass, manifest)
        for step in workspace.steps:
            lines.append(f"  {step.prerequisite.title:<50} {paint(step.state, _STYLES[step.state])}")
            for finding in step.findings:
                lines += _item(finding, manifest)
            lines += _not_counted(step.accepted, step.let_pass, manifest)
        lines += [*_rungs(workspace), ""]
    for finding in _of_no_manifest(workspaces, report):
        place = finding.locations[0]
        lines += _wrapped(f"{finding.code} ({finding.severity}) {place.path}:{place.span.line}: {finding.message}", 0)
    lines += map(not_checked, report.not_checked)
    policy, *facts = judged_by(report)
    return "\n".join([*lines, f"states by {policy}", *facts]) + "\n"


def _wrapped(text: str, indent: int) -> list[str]:
    """A text on as many lines as it needs, all but the first two columns further in."""
    return textwrap.wrap(visible(text), WIDTH, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2))


def _item(finding: Finding, manifest: Manifest) -> list[str]:
    outcome = "" if finding.outcome == "fail" else f", {finding.outcome}"
    head = f"{finding.code} ({finding.severity}{outcome}) {_where(finding, manifest)}: {finding.message}"
    return _wrapped(head, 6) + (_wrapped(f"to do: {finding.remedy}", 8) if finding.remedy else [])


def _not_counted(accepted: Iterable[Finding], passed: Iterable[LetPass], manifest: Manifest) -> Iterator[str]:
    """What counts no more, and what nobody asks, a remark each: a step can be READY with it, and whoever signs must see that."""
    for finding in accepted:
        said = f"accepted: {finding.code} {_where(finding, manifest)}: {finding.message} ({because(finding)})"
        yield from _wrapped(said, 6)
    for item in passed:
        yield from _wrapped(let_pass(item.codes, item.outcome, item.override), 6)


def _of_no_manifest(workspaces: Iterable[WorkspaceChecklist], report: Report) -> Iterator[Finding]:
    """What is wrong with the policy's own suppressions, which are in no manifest."""
    paths = {workspace.manifest.path for workspace in workspaces}
    for finding in report.findings:
        if not paths & {finding.path, *(place.path for place in finding.locations)}:
            yield finding


def _where(finding: Finding, manifest: Manifest) -> str:
    here = next((place for place in finding.locations if _is_in(place, manifest)), finding.locations[0])
    return f"line {here.span.line}" if here.path == manifest.path else f"{here.path}:{here.span.line}"


def _rungs(workspace: WorkspaceChecklist) -> Iterator[str]:
    met = workspace.highest or "none"
    missing = next((rung for rung in workspace.rungs if not rung.met), None)
    text = f"highest policy met: {met}"
    if missing is not None:
        asks = f"settle {', '.join(missing.open)}" if missing.open else "let everything be checked"
        text += f"; for {missing.policy}, {asks}"
    yield from textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
