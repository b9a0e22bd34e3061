"""The workspaces of a report, each with its seven steps, and what stands in no workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.report.checklist import STEPS
from wa_policy.report.html_charts import table
from wa_policy.report.html_findings import card, reference
from wa_policy.report.html_steps import figure, panel
from wa_policy.report.html_text import NOTHING, Markup, element, join
from wa_policy.report.html_words import SEVERITIES, STATES, badge, listed
from wa_policy.report.sentences import by_severity, let_pass
from wa_policy.wording import sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wa_policy.report.checklist import LetPass, Prerequisite, State, StepState, WorkspaceChecklist
    from wa_policy.report.html_layout import Placed, Section
    from wa_policy.report.model import Report
    from wa_policy.report.overview import Overview


_MANIFEST = ("m", "The manifest itself")
"""The sign and the name of what belongs to no step."""

_NOTHING_FOUND: dict[State, str] = {
    "READY": "Nothing speaks against it.",
    "NOT ASKED": "Nothing is listed here, or rules were left out or are turned off.",
}


def cards(findings: Sequence[Placed], manifest: str) -> Markup:
    """The findings in full, or as a link where they stand in full above; ``manifest`` is the path of the workspace's, if any."""
    made = [
        reference(one.finding, one.own)
        if one.again
        else card(one.finding, one.own, manifest, why=one.why, helped=one.helped)
        for one in findings
    ]
    return element("ul", *made, class_="f") if made else NOTHING


def workspace(section: Section, report: Report) -> Markup:
    """One workspace: a line that says how it stands, and behind it everything."""
    checklist, overview = section.checklist, section.overview
    manifest = checklist.manifest
    look = STATES[section.state]
    summary = element(
        "summary",
        badge(look),
        element("h3", manifest.workspace or "unnamed"),
        element("span", manifest.environment, class_="environment"),
        _strip(checklist),
        element("span", _found(checklist), class_="found"),
    )
    body = element(
        "div",
        *_identity(checklist, overview),
        *_own(section),
        element(
            "ol",
            *(
                _step(step, cards(findings, manifest.path), overview, report.as_of)
                for step, findings in zip(checklist.steps, section.steps, strict=True)
            ),
            class_="steps",
        ),
        *_accepted(section),
    )
    single = len(report.manifests) == 1
    return element(
        "li",
        element("details", summary, body, open=single),
        class_=f"w {look.style}",
        id=section.own,
        data_state=section.state,
    )


def glance(sections: Iterable[Section]) -> Markup:
    """All workspaces on a few lines: for paper, where nothing can be opened."""
    rows = (
        (
            section.checklist.manifest.workspace or "unnamed",
            f"{STATES[section.state].sign} {STATES[section.state].word}",
            " ".join(f"{_sign(step.prerequisite)}{STATES[step.state].sign}" for step in section.checklist.steps),
            _found(section.checklist),
        )
        for section in sections
    )
    made = table("All workspaces", ("Workspace", "State", "Steps", "Found"), rows, "all")
    return element("div", made, class_="paper")


def legend() -> Markup:
    """What the small squares of a workspace mean, and what their signs stand for."""
    names = [(_sign(step), _name(step)) for step in STEPS]
    said = (element("span", f"{sign} {name}") for sign, name in (*names, _MANIFEST))
    signs = (
        join((element("i", "1", class_=look.style), f" {look.word.lower()} ")) for look in reversed(STATES.values())
    )
    states = element("p", "Steps:", *signs, class_="strip key", aria_hidden="true")
    return join((states, element("p", *said, class_="quiet key-names")))


def _strip(checklist: WorkspaceChecklist) -> Markup:
    """The steps at a glance, as small squares; in words for those who cannot see them."""
    steps = [(_sign(step.prerequisite), _name(step.prerequisite), step.state) for step in checklist.steps]
    if checklist.manifest_findings:
        fail = any(finding.outcome == "fail" for finding in checklist.manifest_findings)
        steps.insert(0, (*_MANIFEST, "NOT READY" if fail else "UNPROVEN"))
    marks = (element("i", sign, class_=STATES[state].style) for sign, _, state in steps)
    said = "; ".join(
        f"{look.word}: {listed([f'{sign} {name}' if sign.isdigit() else name for sign, name, its in steps if its == state], 8)}"
        for state, look in STATES.items()
        if state != "READY" and any(its == state for _, _, its in steps)
    )
    return element("span", *marks, class_="strip", role="img", title=f"Steps. {said or 'All ready'}.")


def _sign(step: Prerequisite) -> str:
    """The number of a step, or a plus."""
    return step.number or "+"


def _name(step: Prerequisite) -> str:
    """What a step is called, without its number."""
    return sentence(step.what)


def _found(checklist: WorkspaceChecklist) -> str:
    counts = dict.fromkeys(SEVERITIES, 0)
    for finding in checklist.findings:
        counts[finding.severity] += 1
    return by_severity(counts, ",") or "no findings"


def _identity(checklist: WorkspaceChecklist, overview: Overview | None) -> Iterator[Markup]:
    manifest = checklist.manifest
    if overview is not None and overview.description:
        yield element("p", overview.description, class_="lead")
    pairs = [("Manifest", manifest.path)]
    if overview is not None:
        pairs = [
            ("Business", overview.legal_entity),
            ("Provider", overview.provider),
            ("Data center", overview.data_center),
            ("WhatsApp account", overview.waba),
            *pairs,
        ]
    yield element(
        "dl",
        *(element("div", element("dt", term), element("dd", said)) for term, said in pairs if said),
    )
    if not manifest.checked:
        yield element("p", "Its text or shape is wrong, so nothing else of it was checked.", class_="unchecked notice")


def _own(section: Section) -> Iterator[Markup]:
    passed = section.checklist.manifest_let_pass
    if section.manifest or passed:
        yield element(
            "section",
            element("h4", "The manifest itself"),
            cards(section.manifest, section.checklist.manifest.path),
            *map(_turned_off, passed),
            class_="own",
            data_step="manifest",
        )


def _step(step: StepState, findings: Markup, overview: Overview | None, as_of: str) -> Markup:
    look = STATES[step.state]
    shown = figure(step.name, overview) if overview is not None else NOTHING
    summary = element(
        "summary",
        element("h4", _name(step.prerequisite)),
        element("span", shown) if shown else NOTHING,
        badge(look),
    )
    inside = [findings]
    if overview is not None:
        inside.append(panel(step.name, overview, as_of))
    inside += map(_turned_off, step.let_pass)
    if not any(inside):
        inside = [element("p", _NOTHING_FOUND.get(step.state, "Nobody looked at it."), class_="quiet")]
    return element(
        "li",
        element(
            "details",
            summary,
            element("div", *inside),
            open=step.state != "READY" and bool(step.findings),
        ),
        class_=look.style,
        data_step=step.name,
    )


def _turned_off(item: LetPass) -> Markup:
    return element("p", sentence(let_pass(item.codes, item.outcome, item.override)), class_="quiet")


def _accepted(section: Section) -> Iterator[Markup]:
    if section.accepted:
        yield element(
            "section",
            element("h4", f"Accepted exceptions ({len(section.accepted)})"),
            element("p", "These were found and do not count, for the reasons given.", class_="quiet"),
            cards(section.accepted, section.checklist.manifest.path),
            class_="exceptions",
        )


def leftovers(findings: Sequence[Placed], report: Report) -> Markup:
    """What stands in no workspace: findings, and what the baseline accepts though nobody finds it."""
    others = element("section", element("h2", "Findings of no workspace"), cards(findings, ""), id="others")
    rows = [
        (item.workspace, item.code, item.route, str(item.times), f"{item.path}:{item.line}") for item in report.stale
    ]
    heads = ("Workspace", "Rule", "Route", "Findings", "Written in")
    stale = element(
        "section",
        element("h2", "Accepted, and no longer found"),
        element("p", "These entries of the baseline can go: nothing needs them any more.", class_="quiet"),
        table("Entries of the baseline", heads, rows, "stale"),
        id="stale",
    )
    return join((others if findings else NOTHING, stale if rows else NOTHING))
