"""From problems to findings: the policy weighs them, their places get spans and source lines, secrets get masked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wa_policy.engine.check import Crash
from wa_policy.engine.identity import digest, named_route, value_at
from wa_policy.manifest.secrets import mask_text
from wa_policy.records import NamedTuple
from wa_policy.report.model import Finding, Frame, Location
from wa_policy.rules.documentation import document as documentation
from wa_policy.rules.documentation import first_remedy
from wa_policy.rules.registry import show_traceback, words_of
from wa_policy.source.spans import leads, show_route
from wa_policy.wording import sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wa_policy.engine.check import Checked, Plan
    from wa_policy.engine.open_file import OpenFile
    from wa_policy.engine.session import Session
    from wa_policy.engine.suppress import Ledger
    from wa_policy.findings import Place, Problem, Severity
    from wa_policy.rules.registry import Rule
    from wa_policy.source.spans import DocumentId, Span

FRAME_WIDTH = 160
"""How much of a source line is kept, in code points: a whole file may be one line."""


class Owner(NamedTuple):
    """The manifest that a problem is about; number -1, and no names, for a file as a whole."""

    document: DocumentId
    workspace: str
    environment: str


def settle(
    rule: Rule,
    problem: Problem,
    severity: Severity,
    owner: Owner,
    open_file: Callable[[str], OpenFile],
) -> Finding:
    """Make a finding of a problem; ``open_file`` gives the owner's file and those that its places are in, by path."""
    docs = documentation(rule)
    paths = dict.fromkeys((owner.document.path, *(place.document.path for place in problem.places)))
    files = [open_file(path) for path in paths]
    main = problem.places[0]
    route, value = _identify(main, problem.about, open_file(main.document.path))
    names, workspace = _hide(route, files), mask_text(owner.workspace)
    return Finding(
        code=rule.code,
        name=rule.name,
        step=rule.step.value,
        severity=severity,
        outcome=problem.outcome,
        message=_hide(problem.message, files),
        why=docs.why,
        remedy=sentence(_hide(problem.remedy, files) or first_remedy(docs.sections.get("How to put it right", ""))),
        workspace=workspace,
        path=owner.document.path,
        document=owner.document.number,
        locations=tuple(_locate(place, open_file(place.document.path)) for place in problem.places),
        key=digest([workspace, rule.code, names, value]),  # of a credential in a name, a digest would help to guess it
        names=names,
        value=value,
        fix=problem.fix,
    )


def settle_all(
    checked: Checked,
    session: Session,
    owner_of: Callable[[Problem], Owner],
    open_file: Callable[[str], OpenFile],
    ledger: Ledger | None = None,
) -> tuple[list[Finding], list[Crash]]:
    """Weigh what the rules said by the policy for the manifest that it is about, and keep what has a weight.

    ``owner_of`` says which one that is; ``ledger`` what somebody accepts, which is marked so. What cannot be shown, such as a
    place that is none, is a rule's fault.
    """
    findings, crashes = [], []
    plans: dict[DocumentId, Plan] = {}
    for code, problem in checked.problems:
        try:
            owner = owner_of(problem)
            if owner.document not in plans:
                plans[owner.document] = session.plan(owner.environment, owner.workspace, owner.document.path)
            severity = plans[owner.document].severity(code, problem)
            finding = None
            if severity != "off" and code in session.selection.reported:
                finding = settle(session.loaded.rules[code], problem, severity, owner, open_file)
            if ledger is not None:  # what has no weight shows that a suppression is of use under another policy
                accepted = ledger.cover(code, problem.places[0], owner, finding and finding.value, open_file)
                finding = finding and finding._replace(suppression=accepted)
            if finding is not None:
                findings.append(finding)
        except Exception as error:  # noqa: BLE001  # a rule is anybody's code: the run must go on
            show_traceback(error)
            crashes.append(Crash(code, f"what it says cannot be shown ({words_of(error)})"))
    return findings, crashes


def patched(findings: list[Finding], open_file: Callable[[str], OpenFile], session: Session) -> list[Finding]:
    """The findings, with patches where a rule knows how to put something right."""
    if not any(finding.fix for finding in findings):
        return findings
    from wa_policy.engine.patches import with_patches  # most runs do without

    return with_patches(findings, open_file, session.options.limits)


def _identify(place: Place, about: Any, file: OpenFile) -> tuple[str, str]:
    """Where a place is, by names, and the digest of what was judged: what stands there, if the rule names nothing else."""
    if place.span is not None or place.document.number not in file.documents:
        return show_route(place.route), "" if about is None else file.digest_of(about)
    data = file.documents[place.document.number].data
    return named_route(place.route, data), file.digest_of(value_at(place.route, data) if about is None else about)


def _hide(text: str, files: Iterable[OpenFile]) -> str:
    for file in files:
        text = file.said.hide(text)
    return text


def _locate(place: Place, file: OpenFile) -> Location:
    route = file.said.hide(show_route(place.route))
    if place.span is not None:
        return Location(*place.document, place.span, route, file.said.hide(place.label), _frame(place.span, file))
    document = file.documents[place.document.number]
    span = document.locate(place.route, place.on_key)
    label = file.said.hide(place.label) or ("" if leads(place.route, document.data) else f"{route} is missing")
    return Location(*place.document, span, route, label, _frame(span, file))


def _frame(span: Span, file: OpenFile) -> Frame:
    text = file.line(span.line)
    start = max(0, min(span.column - 1 - FRAME_WIDTH // 4, len(text) - FRAME_WIDTH))
    return Frame(span.line, file.said.hide(text[start : start + FRAME_WIDTH]), start)
