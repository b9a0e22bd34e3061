"""From problems to findings: the policy weighs them, their places get spans and source lines, secrets get masked."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from wa_policy.engine.check import Crash
from wa_policy.engine.identity import digest, named_route, value_at
from wa_policy.manifest.secrets import MASK, mask_line, mask_text
from wa_policy.report.model import Finding, Frame, Location
from wa_policy.rules.documentation import document as documentation
from wa_policy.rules.documentation import first_remedy
from wa_policy.rules.registry import show_traceback, words_of
from wa_policy.source.spans import show_route

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wa_policy.engine.check import Checked, Plan
    from wa_policy.engine.session import Session
    from wa_policy.engine.suppress import Ledger
    from wa_policy.findings import Place, Problem, Severity
    from wa_policy.manifest.secrets import Said
    from wa_policy.rules.registry import Rule
    from wa_policy.source.document import Document, Reading
    from wa_policy.source.spans import DocumentId, Route, Span

FRAME_WIDTH = 160
"""How much of a source line is kept, in code points: a whole file may be one line."""


class OpenFile:
    """A file as it stands: its reading, its documents by index, its lines without credentials, and how to say nothing of them."""

    __slots__ = ("_lines", "_offsets", "_secret_spans", "_secrets", "documents", "reading", "said")

    def __init__(
        self, reading: Reading, documents: Mapping[int, Document], secrets: Iterable[Span], said: Said
    ) -> None:
        self.reading = reading
        self.documents = documents
        self.said = said
        self._lines: dict[int, str] = {}
        self._secrets: dict[int, list[tuple[int, int]]] = {}
        self._secret_spans = tuple(secrets)
        self._offsets: tuple[list[int], list[int]] | None = None
        """Where credentials begin, in order, and how far those reach that begin no later: made when first asked for."""
        for secret in self._secret_spans:
            for line in range(secret.line, secret.end_line + 1):
                start = secret.column - 1 if line == secret.line else 0
                end = secret.end_column - 1 if line == secret.end_line else len(reading.line(line))
                self._secrets.setdefault(line, []).append((start, end))

    @property
    def holds_credential(self) -> bool:
        """Whether there is anything in it that must not be shown."""
        return bool(self._secret_spans)

    def touches_secret(self, start: int, end: int) -> bool:
        """Whether a stretch of the text, by offsets, holds a part of a credential."""
        if self._offsets is None:
            places = sorted(map(self.reading.source.offsets, self._secret_spans))
            self._offsets = [place[0] for place in places], list(accumulate((place[1] for place in places), max))
        begins, ends = self._offsets
        before = bisect_left(begins, end)  # how many begin before the stretch ends
        return before > 0 and start < ends[before - 1]

    def line(self, number: int) -> str:
        """A line, counted from 1, with credentials masked; what stands around them keeps its columns."""
        if number not in self._lines:
            text, at, shown = self.reading.line(number), 0, ""
            for start, end in sorted(self._secrets.get(number, ())):
                shown += text[at:start] + MASK * (end - max(start, at))
                at = max(at, end)
            self._lines[number] = mask_line(shown + text[at:])
        return self._lines[number]

    def digest_of(self, value: Any) -> str:
        """The digest of a value in the file; empty where a credential is in it, since a digest would help to guess it."""
        text = str(value)
        return "" if self.said.hide(text) != text else digest(value)


def settle(
    rule: Rule,
    problem: Problem,
    severity: Severity,
    manifest: DocumentId,
    workspace: str,
    open_file: Callable[[str], OpenFile],
) -> Finding:
    """Make a finding of a problem in a manifest; ``open_file`` gives that and the files that its places are in, by path."""
    docs = documentation(rule)
    paths = dict.fromkeys((manifest.path, *(place.document.path for place in problem.places)))
    files = [open_file(path) for path in paths]
    main = problem.places[0]
    route, value = _identify(main, open_file(main.document.path))
    names, workspace = _hide(route, files), mask_text(workspace)
    return Finding(
        code=rule.code,
        name=rule.name,
        step=rule.step.value,
        severity=severity,
        outcome=problem.outcome,
        message=_hide(problem.message, files),
        why=docs.why,
        remedy=_sentence(_hide(problem.remedy, files) or first_remedy(docs.sections.get("How to put it right", ""))),
        workspace=workspace,
        path=manifest.path,
        document=manifest.number,
        locations=tuple(_locate(place, open_file(place.document.path)) for place in problem.places),
        key=digest([workspace, rule.code, names, value]),  # of a credential in a name, a digest would help to guess it
        names=names,
        value=value,
        fix=problem.fix,
    )


def settle_all(
    checked: Checked,
    session: Session,
    owner: Callable[[Problem], tuple[DocumentId, str, str]],
    open_file: Callable[[str], OpenFile],
    ledger: Ledger | None = None,
) -> tuple[list[Finding], list[Crash]]:
    """Weigh what the rules said by the policy for the manifest that it is about, and keep what has a weight.

    ``owner`` says which one that is: document, name and environment; ``ledger`` what somebody accepts, which is marked so. What
    cannot be shown, such as a place that is none, is a rule's fault.
    """
    findings, crashes = [], []
    plans: dict[DocumentId, Plan] = {}
    for code, problem in checked.problems:
        try:
            manifest, name, environment = owner(problem)
            if manifest not in plans:
                plans[manifest] = session.plan(environment, name, manifest.path)
            severity = plans[manifest].severity(code, problem)
            finding = None
            if severity != "off" and code in session.selection.reported:
                finding = settle(session.loaded.rules[code], problem, severity, manifest, name, open_file)
            if ledger is not None:  # what has no weight shows that a suppression is of use under another policy
                about = (manifest, name, environment)
                accepted = ledger.cover(code, problem.places[0], about, finding and finding.value, open_file)
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


def _identify(place: Place, file: OpenFile) -> tuple[str, str]:
    """Where a place is, by names, and the digest of what stands there."""
    if place.span is not None or place.document.number not in file.documents:
        return show_route(place.route), ""
    data = file.documents[place.document.number].data
    return named_route(place.route, data), file.digest_of(value_at(place.route, data))


def _hide(text: str, files: Iterable[OpenFile]) -> str:
    for file in files:
        text = file.said.hide(text)
    return text


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _locate(place: Place, file: OpenFile) -> Location:
    route = file.said.hide(show_route(place.route))
    if place.span is not None:
        return Location(*place.document, place.span, route, file.said.hide(place.label), _frame(place.span, file))
    document = file.documents[place.document.number]
    span = document.locate(place.route, place.on_key)
    label = file.said.hide(place.label) or ("" if _is_there(place.route, document.data) else f"{route} is missing")
    return Location(*place.document, span, route, label, _frame(span, file))


def _is_there(route: Route, data: Any) -> bool:
    for step in route:
        inside = range(len(data)) if isinstance(data, list) else data if isinstance(data, dict) else ()
        if step not in inside:
            return False
        data = data[step]
    return True


def _frame(span: Span, file: OpenFile) -> Frame:
    text = file.line(span.line)
    start = max(0, min(span.column - 1 - FRAME_WIDTH // 4, len(text) - FRAME_WIDTH))
    return Frame(span.line, file.said.hide(text[start : start + FRAME_WIDTH]), start)
