"""The workspaces of a report, each with its seven steps, and what stands in no workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.report.checklist import STEPS
from wa_policy.report.html_charts import table
from wa_policy.report.html_findings import card, reference
from wa_policy.report.html_steps import figure, panel
from wa_policy.report.html_text import NOTHING, Markup, anchor, element, join
from wa_policy.report.html_words import SEVERITIES, STATES, badge, listed
from wa_policy.report.model import worst_first
from wa_policy.report.sentences import by_severity, let_pass
from wa_policy.wording import sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wa_policy.report.checklist import Prerequisite, State, StepState, WorkspaceChecklist
    from wa_policy.report.model import Finding, Report
    from wa_policy.report.overview import Overview


LONG = 2_000
"""Beyond so many findings a page says why a rule matters with the rule alone, so that it stays small enough to open."""


_MANIFEST = ("m", "The manifest itself")
"""The sign and the name of what belongs to no step."""

_NOTHING_FOUND: dict[State, str] = {
    "READY": "Nothing speaks against it.",
    "NOT ASKED": "Nothing is listed here, or rules were left out or are turned off.",
}


class Page:
    """What is known while the page is made: its report, and what already stands on it."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.spoken = {finding.code for finding in (*report.findings, *report.suppressed)}
        self.rules = {rule.code: rule for rule in report.describe() if rule.code in self.spoken}
        self.overviews = {(item.path, item.document): item for item in report.overviews}
        self.states: list[State] = []
        self._ids: set[str] = set()
        self._cards = {id(item): self.own_id("f", item.fingerprint or item.key) for item in _all(report)}
        self._placed: set[str] = set()
        self._is_long = len(self._cards) > LONG
        self._explained: set[str] = set()
        self._manifest = ""
        self._suppressed: dict[str, list[Finding]] = {}
        for finding in report.suppressed:
            self._suppressed.setdefault(finding.path, []).append(finding)

    def own_id(self, kind: str, name: str) -> str:
        """An id that nothing else on the page has."""
        made = first = anchor(kind, name[:80])
        number = 1
        while made in self._ids:
            number += 1
            made = f"{first}-{number}"
        self._ids.add(made)
        return made

    def cards(self, findings: Iterable[Finding]) -> Markup:
        """The findings, the worst first; in full where they come first, and as a link where they come again."""
        made = [*self._cards_of(findings)]
        return element("ul", *made, class_="f") if made else NOTHING

    def _cards_of(self, findings: Iterable[Finding]) -> Iterator[Markup]:
        for finding in worst_first(findings):
            own = self._cards[id(finding)]
            if own in self._placed:
                yield reference(finding, own)
            else:
                self._placed.add(own)
                helped = finding.code in self.rules
                told = finding.code in self._explained or self._is_long
                yield card(finding, own, self._manifest, why=not (told and helped), helped=helped)
                self._explained.add(finding.code)

    def unplaced(self) -> list[Finding]:
        """Findings that stand nowhere yet."""
        return [item for item in _all(self.report) if self._cards[id(item)] not in self._placed]

    def begin(self, manifest: str) -> None:
        """The workspace of a manifest begins: its reader has read no other one, and is told again why a finding matters."""
        self._manifest = manifest
        self._explained.clear()

    def suppressed(self, path: str, document: int) -> list[Finding]:
        """What is accepted in a manifest."""
        return [item for item in self._suppressed.get(path, ()) if item.document in (document, -1)]


def _all(report: Report) -> tuple[Finding, ...]:
    return (*report.findings, *report.suppressed)


def workspace(checklist: WorkspaceChecklist, page: Page) -> Markup:
    """One workspace: a line that says how it stands, and behind it everything."""
    manifest = checklist.manifest
    page.begin(manifest.path)
    state = checklist.state(page.report)
    page.states.append(state)
    look = STATES[state]
    overview = page.overviews.get((manifest.path, manifest.document))
    name = manifest.workspace or "unnamed"
    accepted = page.suppressed(manifest.path, manifest.document)
    summary = element(
        "summary",
        badge(look),
        element("h3", name),
        element("span", manifest.environment, class_="environment"),
        _strip(checklist),
        element("span", _found(checklist), class_="found"),
    )
    body = element(
        "div",
        *_identity(checklist, overview),
        *_own(checklist, page),
        element("ol", *(_step(step, overview, page) for step in checklist.steps), class_="steps"),
        *_accepted(accepted, page),
    )
    single = len(page.report.manifests) == 1
    return element(
        "li",
        element("details", summary, body, open=single),
        class_=f"w {look.style}",
        id=page.own_id("w", name),
        data_state=state,
    )


def glance(checklists: Sequence[WorkspaceChecklist], states: Sequence[State]) -> Markup:
    """All workspaces on a few lines: for paper, where nothing can be opened."""
    rows = (
        (
            of.manifest.workspace or "unnamed",
            f"{STATES[state].sign} {STATES[state].word}",
            " ".join(f"{_sign(each.prerequisite)}{STATES[each.state].sign}" for each in of.steps),
            _found(of),
        )
        for of, state in zip(checklists, states, strict=True)
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
    steps = [(_sign(each.prerequisite), _name(each.prerequisite), each.state) for each in checklist.steps]
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


def _own(checklist: WorkspaceChecklist, page: Page) -> Iterator[Markup]:
    if checklist.manifest_findings:
        yield element(
            "section",
            element("h4", "The manifest itself"),
            page.cards(checklist.manifest_findings),
            class_="own",
            data_step="manifest",
        )


def _step(step: StepState, overview: Overview | None, page: Page) -> Markup:
    look = STATES[step.state]
    shown = figure(step.name, overview) if overview is not None else NOTHING
    summary = element(
        "summary",
        element("h4", _name(step.prerequisite)),
        element("span", shown) if shown else NOTHING,
        badge(look),
    )
    inside = [page.cards(step.findings)]
    if overview is not None:
        inside.append(panel(step.name, overview, page.report.as_of))
    for item in step.let_pass:
        said = let_pass(item.codes, item.outcome, item.override)
        inside.append(element("p", sentence(said), class_="quiet"))
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


def _accepted(findings: list[Finding], page: Page) -> Iterator[Markup]:
    if findings:
        yield element(
            "section",
            element("h4", f"Accepted exceptions ({len(findings)})"),
            element("p", "These were found and do not count, for the reasons given.", class_="quiet"),
            page.cards(findings),
            class_="exceptions",
        )


def leftovers(page: Page) -> Markup:
    """What stands in no workspace: findings, and what the baseline accepts though nobody finds it."""
    page.begin("")
    found = page.unplaced()
    others = element("section", element("h2", "Findings of no workspace"), page.cards(found), id="others")
    rows = [
        (item.workspace, item.code, item.route, str(item.times), f"{item.path}:{item.line}")
        for item in page.report.stale
    ]
    heads = ("Workspace", "Rule", "Route", "Findings", "Written in")
    stale = element(
        "section",
        element("h2", "Accepted, and no longer found"),
        element("p", "These entries of the baseline can go: nothing needs them any more.", class_="quiet"),
        table("Entries of the baseline", heads, rows, "stale"),
        id="stale",
    )
    return join((others if found else NOTHING, stale if rows else NOTHING))
