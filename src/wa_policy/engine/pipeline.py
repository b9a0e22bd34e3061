"""One way through: discover, read, validate, check, settle, report."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

import wa_policy
from wa_policy.engine.check import Crash
from wa_policy.engine.identity import told_apart
from wa_policy.engine.session import UsageError
from wa_policy.engine.settle import OpenFile, settle
from wa_policy.evidence.match import check_identity, match_references
from wa_policy.evidence.references import collect
from wa_policy.manifest import misread, secrets
from wa_policy.manifest.subjects import Project, SourceDocument, SourceFile, Summary, Workspace, summarize
from wa_policy.report.model import FactsUsed, Finding, Manifest, NotChecked, Report, fails
from wa_policy.schema.validate import violations
from wa_policy.source.discover import Found, Missing, discover
from wa_policy.source.reading import read
from wa_policy.source.spans import DocumentId

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from wa_policy.engine.check import Checked, Plan
    from wa_policy.engine.session import Session
    from wa_policy.findings import Problem
    from wa_policy.source.document import Document, Reading
    from wa_policy.source.spans import Route


_NAME_LENGTH = 100
"""How much of a name reports say, in code points."""


class FileResult(NamedTuple):
    """What became of one file: its manifests, findings, what was not checked, and what rules across manifests need of it."""

    manifests: tuple[Manifest, ...] = ()
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
    summaries: tuple[Summary, ...] = ()
    skipped: tuple[str, ...] = ()
    referenced: tuple[str, ...] = ()


def lint(paths: Iterable[str], session: Session, progress: Callable[[str], None] = lambda _: None) -> Report:
    """Check every manifest at the paths. Raises UsageError when there is none."""
    results = [FileResult(not_checked=tuple(_broken_plugins(session)))]
    for found in _sources(paths, session):
        if isinstance(found, Missing):
            results.append(FileResult(not_checked=(NotChecked(found.path, found.reason, found.path),)))
        else:
            progress(found.path)
            results.append(check_file(found, session))
    if not any(result.manifests or result.findings for result in results):
        raise UsageError(*_nothing_found(results))
    # A report does not depend on the order in which its files were named.
    results.sort(key=lambda result: [manifest[:2] for manifest in result.manifests])
    results.append(_check_project(results, session))
    return _report(results, session)


def _sources(paths: Iterable[str], session: Session) -> Iterator[Found | Missing]:
    named = list(paths)
    if session.options.stdin is not None:
        yield Found(session.options.stdin[0], True, os.path.realpath(os.curdir))
        named = [path for path in named if path != "-"]
    yield from discover(named)


def check_file(found: Found, session: Session) -> FileResult:
    """Check all documents of one file."""
    try:
        content = _content(found.path, session)
    except OSError as error:
        reason = f"it cannot be read: {error.strerror}"
        return FileResult(not_checked=(NotChecked(found.path, reason, found.path),))
    if not found.named and found.path.lower().endswith(".json") and b'"apiVersion"' not in content:
        return FileResult(skipped=(found.path,))
    reading = read(content, found.path, session.options.limits)
    if not found.named and not reading.troubles and all(_is_policy(document) for document in reading.documents):
        return FileResult(skipped=(found.path,))
    return _check_documents(found, reading, session)


def _content(path: str, session: Session) -> bytes:
    if session.options.stdin is not None and path == session.options.stdin[0]:
        return session.options.stdin[1]
    with open(path, "rb") as file:
        # One byte more than allowed is enough to be refused, however large the file is.
        return file.read(session.options.limits.bytes + 1)


def _is_policy(document: Document) -> bool:
    return isinstance(document.data, dict) and document.data.get("kind") == "Policy"


def _check_documents(found: Found, reading: Reading, session: Session) -> FileResult:
    as_text = SourceFile(found.path, reading.troubles, _as_texts(reading))
    keeper = _Findings(reading, as_text, session)
    as_files = session.plan(path=os.path.abspath(found.path))
    keeper.add(as_files.check_one("SourceFile", as_text))
    manifests = []
    summaries = []
    referenced: list[str] = []
    for document, text in zip(reading.documents, as_text.documents, strict=True):
        if text.violations:
            manifests.append(Manifest(*document.id, *_identity(document.data), checked=False))
            continue
        references = check_identity(
            document.data, collect(document.data, found.path, found.root, session.loaded.read_templates)
        )
        workspace = Workspace(document.id, document.data, references, match_references(document.data, references))
        keeper.evidence = {
            reference.answer.reading.path: reference.answer.reading for reference in references if reference.answer
        }
        if leaks := _leaks(keeper.evidence.values()):
            keeper.add(as_files.check_one("SourceFile", SourceFile(found.path, (), leaks)), document.id.number)
        plan = session.plan(workspace.environment, workspace.name, os.path.abspath(found.path))
        keeper.add(plan.check_workspace(workspace), document.id.number)
        manifests.append(Manifest(*document.id, *_identity(document.data), checked=True))
        summaries.append(summarize(workspace))
        referenced += [
            os.path.realpath(os.path.join(os.path.dirname(found.path), item.path))
            for item in references
            if not item.trouble
        ]
    if reading.troubles:
        manifests.append(Manifest(found.path, -1, "", "", checked=False))
    keeper.not_checked += _unsaid(manifests, keeper.findings, session)
    return FileResult(
        tuple(manifests),
        tuple(keeper.findings),
        tuple(keeper.not_checked),
        tuple(summaries),
        referenced=tuple(referenced),
    )


def _unsaid(manifests: Iterable[Manifest], findings: Iterable[Finding], session: Session) -> Iterator[NotChecked]:
    """Manifests that could not be checked, and no finding that fails says so: the rules that would are off or not selected."""
    failed = {finding.document for finding in findings if fails(finding, session.fail_on)}
    for manifest in manifests:
        if not manifest.checked and manifest.document not in failed:
            reason = "its text or shape is wrong, so no rule looked at it any further"
            yield NotChecked(
                manifest.workspace or manifest.path,
                reason,
                manifest.path,
                manifest.document,
                remedy="see what MAN001 and MAN002 say of it: select them, and let them be errors",
            )


def _identity(data: object) -> tuple[str, str]:
    """Name and environment of a manifest, as far as they can be told: its shape may be wrong."""
    metadata = data.get("metadata") if isinstance(data, dict) else None
    if not isinstance(metadata, dict):
        return "", ""
    name, environment = metadata.get("name"), metadata.get("environment")
    return _told(name), _told(environment)


def _told(value: object) -> str:
    """A name as reports say it; the schema may have refused it, so it can be anything."""
    text = secrets.mask_text(value) if isinstance(value, str) else ""
    return text if len(text) <= _NAME_LENGTH else f"{text[:_NAME_LENGTH]}..."


def _as_texts(reading: Reading) -> list[SourceDocument]:
    betrays = secrets.betrays(reading.text)  # once for all documents: it goes over the whole file
    return [_as_text(document, betrays) for document in reading.documents]


def _as_text(document: Document, betrays: bool) -> SourceDocument:
    found = violations(document.data, "workspace")
    literal = tuple(secrets.find(document.data, values=betrays))
    return SourceDocument(document.id, found, tuple(misread.find(document, found)), literal)


class _Findings:
    """Collects the findings of one file while its documents are at hand."""

    def __init__(self, reading: Reading, as_text: SourceFile, session: Session) -> None:
        self.file = _open(reading, as_text.documents)
        self.evidence: dict[str, Reading] = {}
        self.opened: dict[str, OpenFile] = {}
        self.identities = {number: _identity(document.data) for number, document in self.file.documents.items()}
        self.session = session
        self.findings: list[Finding] = []
        self.not_checked: list[NotChecked] = []

    def add(self, checked: Checked, number: int = -1) -> None:
        """Weigh what the rules said of a document (-1: of the file as text), and keep what counts."""
        path, said = self.file.reading.path, self.file.said

        def owner(problem: Problem) -> tuple[DocumentId, str, str]:
            place = problem.places[0].document
            own = place.number if number < 0 and place.path == path else number
            return DocumentId(path, own), *self.identities.get(own, ("", ""))

        settled, unsettled = _settle(checked, self.session, owner, self._open)
        self.findings += settled
        name, _ = self.identities.get(number, ("", ""))
        self.not_checked += [_crashed(crash, path, number, name, said) for crash in (*checked.crashes, *unsettled)]

    def _open(self, path: str) -> OpenFile:
        """The manifest itself, or a file of evidence."""
        if path == self.file.reading.path:
            return self.file
        if path not in self.opened:
            self.opened[path] = _open_evidence(self.evidence[path])
        return self.opened[path]


_LEAKS = ("access_token", "EAA", "earer ")
"""What an answer that carries a credential holds somewhere; a cheap test before the thorough one."""


def _leaks(readings: Iterable[Reading]) -> list[SourceDocument]:
    """Documents of evidence that carry a literal credential: Meta puts the token into the links of its lists."""
    suspects = (reading for reading in readings if any(mark in reading.text for mark in _LEAKS))
    found = [_secrets_only(document) for reading in suspects for document in reading.documents]
    return [text for text in found if text.secrets]


def _secrets_only(document: Document) -> SourceDocument:
    return SourceDocument(document.id, (), (), tuple(secrets.find(document.data)))


def _open_evidence(reading: Reading) -> OpenFile:
    return _open(reading, _leaks([reading]))


def _open(reading: Reading, texts: Iterable[SourceDocument]) -> OpenFile:
    """A file, with what must not be shown of it: where it stands, and how it could be said."""
    documents = {document.id.number: document for document in reading.documents}
    spans, said = [], []
    for text in texts:
        document = documents[text.id.number]
        # A reference that the schema refuses may be the credential itself, written into the wrong place.
        refused = [item.route for item in text.violations if "credentials" in item.route]
        spans += [document.locate(route) for route in (*refused, *(secret.route for secret in text.secrets))]
        said += [form for secret in text.secrets for form in secrets.forms_of(_value_at(document.data, secret.route))]
    if reading.troubles:
        broken = list(secrets.in_broken_text(reading.text))
        spans += broken
        said += [form for span in broken for form in secrets.forms_of(reading.source.slice(span), words=True)]
    return OpenFile(reading, documents, spans, secrets.Said(said))


def _value_at(data: Any, route: Route) -> Any:
    for step in route:
        data = data[step]
    return data


def _crashed(crash: Crash, path: str, index: int, workspace: str, said: secrets.Said) -> NotChecked:
    what = f"{crash.code} on {secrets.mask_text(workspace) or path or 'the manifests together'}"
    reason = f"the rule itself failed: {said.hide(crash.reason)}"
    return NotChecked(
        what, reason, path, index, crash.code, "report this to the plugin's author; --ignore it meanwhile"
    )


def _broken_plugins(session: Session) -> Iterator[NotChecked]:
    for plugin in session.loaded.troubles:
        name = f"plugin {plugin.name}" + (f" of {plugin.package} {plugin.version}" if plugin.package else "")
        yield NotChecked(
            name, f"it did not load: {plugin.trouble}", remedy="mend or remove it; --no-plugins runs without it"
        )


def _nothing_found(results: Iterable[FileResult]) -> Iterator[str]:
    yield "no manifest was found, so nothing was checked"
    for result in results:
        yield from (f"  {item.path}: {item.reason}" for item in result.not_checked if item.path)
        yield from (f"  {path}: it is no manifest" for path in result.skipped)


def _check_project(results: Iterable[FileResult], session: Session) -> FileResult:
    """Run the rules that look at all manifests together."""
    project = Project([summary for result in results for summary in result.summaries])
    summaries = {summary.document: summary for summary in project.workspaces}
    checked = session.plan().check_one("Project", project)
    files: dict[str, OpenFile] = {}

    def open_file(path: str) -> OpenFile:
        if path not in files:
            files[path] = _reopen(path, session)
        return files[path]

    def owner(problem: Problem) -> tuple[DocumentId, str, str]:
        summary = summaries[problem.places[0].document]
        return summary.document, summary.name, summary.environment

    findings, unsettled = _settle(checked, session, owner, open_file)
    crashes = (*checked.crashes, *unsettled)
    nothing = secrets.Said()  # what rules across manifests are shown holds no credential
    return FileResult(
        findings=tuple(findings), not_checked=tuple(_crashed(crash, "", 0, "", nothing) for crash in crashes)
    )


def _settle(
    checked: Checked,
    session: Session,
    owner: Callable[[Problem], tuple[DocumentId, str, str]],
    open_file: Callable[[str], OpenFile],
) -> tuple[list[Finding], list[Crash]]:
    """Weigh what the rules said by the policy for the manifest that it is about, and keep what counts.

    ``owner`` says which one that is: document, name and environment. What cannot be shown, such as a place that is none, is a
    rule's fault.
    """
    findings, crashes = [], []
    plans: dict[DocumentId, Plan] = {}
    for code, problem in checked.problems:
        try:
            manifest, name, environment = owner(problem)
            if manifest not in plans:
                plans[manifest] = session.plan(environment, name, os.path.abspath(manifest.path))
            severity = plans[manifest].severity(code, problem)
            if severity != "off" and code in session.selection.reported:
                rule = session.loaded.rules[code]
                findings.append(settle(rule, problem, severity, manifest, name, open_file))
        except Exception as error:  # noqa: BLE001  # a rule is anybody's code: the run must go on
            crashes.append(Crash(code, f"what it says cannot be shown ({type(error).__name__}: {error})"))
    return findings, crashes


def _reopen(path: str, session: Session) -> OpenFile:
    """Read a file again, to say where in it something is: the first reading's nodes are gone by now."""
    reading = read(_content(path, session), path, session.options.limits)
    return _open(reading, _as_texts(reading))


def _report(results: list[FileResult], session: Session) -> Report:
    policy = session.policy
    findings = sorted(
        (finding for result in results for finding in result.findings),
        key=lambda finding: (finding.locations[0].path, finding.locations[0].span, finding.code, finding.message),
    )
    used = _facts_of(session)
    evidence = {path for result in results for path in result.referenced}
    return Report(
        version=wa_policy.__version__,
        as_of=session.options.as_of.isoformat(),
        policy=policy.name,
        policy_origin=policy.origin,
        fail_on=session.fail_on,
        rules=tuple(sorted(session.running)),
        manifests=tuple(manifest for result in results for manifest in result.manifests),
        findings=tuple(told_apart(findings)),
        not_checked=tuple(item for result in results for item in result.not_checked),
        skipped=tuple(path for result in results for path in result.skipped if os.path.realpath(path) not in evidence),
        facts=tuple(FactsUsed(name, **policy.facts[name]) for name in sorted(used)),
    )


def _facts_of(session: Session) -> set[str]:
    """The facts that the selected rules stand on."""
    rules = (session.loaded.rules[code] for code in session.selection.reported)
    defaults = (default for rule in rules for default in rule.settings.values())
    return {default.path.partition(".")[0] for default in defaults if hasattr(default, "path")}
