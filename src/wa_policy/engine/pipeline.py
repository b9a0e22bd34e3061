"""One way through: discover, read, validate, check, settle, report."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import wa_policy
from wa_policy.engine.session import UsageError
from wa_policy.engine.settle import OpenFile, settle
from wa_policy.evidence.references import collect
from wa_policy.manifest import misread, secrets
from wa_policy.manifest.subjects import Project, SourceDocument, SourceFile, Summary, Workspace, summarize
from wa_policy.report.model import FactsUsed, Finding, Manifest, NotChecked, Report
from wa_policy.schema.validate import violations
from wa_policy.source.discover import Found, Missing, discover
from wa_policy.source.document import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from wa_policy.engine.check import Checked, Crash, Plan
    from wa_policy.engine.session import Session
    from wa_policy.source.document import Document, Reading
    from wa_policy.source.spans import Span


class FileResult(NamedTuple):
    """What became of one file: its manifests, findings, what was not checked, and what rules across manifests need of it."""

    manifests: tuple[Manifest, ...] = ()
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
    summaries: tuple[Summary, ...] = ()
    skipped: tuple[str, ...] = ()


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
        raise UsageError(_nothing_found(results))
    results.append(_check_project(results, session))
    return _report(results, session)


def _sources(paths: Iterable[str], session: Session) -> Iterator[Found | Missing]:
    for path in paths:
        if path == "-" and session.options.stdin is not None:
            yield Found(session.options.stdin[0], True, os.path.realpath(os.curdir))
        else:
            yield from discover((path,))


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
    as_text = SourceFile(found.path, reading.troubles, [_as_text(document, reading) for document in reading.documents])
    keeper = _Findings(reading, as_text, session)
    plan = session.plan(path=os.path.abspath(found.path))
    keeper.add(plan.check_one("SourceFile", as_text), plan)
    manifests = []
    summaries = []
    for document, text in zip(reading.documents, as_text.documents, strict=True):
        if text.violations:
            manifests.append(Manifest(*document.id, *_identity(document.data), checked=False))
            continue
        references = collect(document.data, found.path, found.root)
        workspace = Workspace(document.id, document.data, references)
        plan = session.plan(workspace.environment, workspace.name, os.path.abspath(found.path))
        keeper.add(plan.check_workspace(workspace), plan, document.id.number)
        manifests.append(Manifest(*document.id, workspace.name, workspace.environment, checked=True))
        summaries.append(summarize(workspace))
    if reading.troubles:
        manifests.append(Manifest(found.path, -1, "", "", checked=False))
    return FileResult(tuple(manifests), tuple(keeper.findings), tuple(keeper.not_checked), tuple(summaries))


def _identity(data: object) -> tuple[str, str]:
    """Name and environment of a manifest, as far as they can be told: its shape may be wrong."""
    metadata = data.get("metadata") if isinstance(data, dict) else None
    if not isinstance(metadata, dict):
        return "", ""
    name, environment = metadata.get("name"), metadata.get("environment")
    return name if isinstance(name, str) else "", environment if isinstance(environment, str) else ""


def _as_text(document: Document, reading: Reading) -> SourceDocument:
    found = violations(document.data, "workspace")
    literal = tuple(secrets.find(document.data)) if secrets.suspicious(reading.text) else ()
    return SourceDocument(document.id, found, tuple(misread.find(document, found)), literal)


class _Findings:
    """Collects the findings of one file while its documents are at hand."""

    def __init__(self, reading: Reading, as_text: SourceFile, session: Session) -> None:
        documents = {document.id.number: document for document in reading.documents}
        self.file = OpenFile(reading, documents, tuple(_secret_spans(as_text, documents)))
        self.names = {number: _identity(document.data)[0] for number, document in documents.items()}
        self.session = session
        self.findings: list[Finding] = []
        self.not_checked: list[NotChecked] = []

    def add(self, checked: Checked, plan: Plan, number: int = -1) -> None:
        """Weigh what the rules said of a document (-1: of the file as text), and keep what counts."""
        path = self.file.reading.path
        for code, problem in checked.problems:
            severity = plan.severity(code, problem)
            if severity != "off" and code in self.session.selection.reported:
                rule = self.session.loaded.rules[code]
                workspace = self.names.get(problem.places[0].document.number, "")
                self.findings.append(settle(rule, problem, severity, workspace, lambda _: self.file))
        self.not_checked += [_crashed(crash, path, number, self.names.get(number, "")) for crash in checked.crashes]


def _secret_spans(as_text: SourceFile, documents: dict[int, Document]) -> Iterator[Span]:
    for text in as_text.documents:
        for secret in text.secrets:
            yield documents[text.id.number].locate(secret.route)


def _crashed(crash: Crash, path: str, index: int, workspace: str) -> NotChecked:
    what = f"{crash.code} on {workspace or path or 'the manifests together'}"
    reason = f"the rule itself failed: {secrets.mask_text(crash.reason)}"
    return NotChecked(
        what, reason, path, index, crash.code, "report this to the plugin's author; --ignore it meanwhile"
    )


def _broken_plugins(session: Session) -> Iterator[NotChecked]:
    for plugin in session.loaded.troubles:
        name = f"plugin {plugin.name}" + (f" of {plugin.package} {plugin.version}" if plugin.package else "")
        yield NotChecked(
            name, f"it did not load: {plugin.trouble}", remedy="mend or remove it; --no-plugins runs without it"
        )


def _nothing_found(results: Iterable[FileResult]) -> str:
    reasons = [f"{item.path}: {item.reason}" for result in results for item in result.not_checked if item.path]
    reasons += [f"{path}: it is no manifest" for result in results for path in result.skipped]
    return "no manifest was found, so nothing was checked\n" + "\n".join(f"  {reason}" for reason in reasons)


def _check_project(results: Iterable[FileResult], session: Session) -> FileResult:
    """Run the rules that look at all manifests together."""
    project = Project([summary for result in results for summary in result.summaries])
    names = {summary.document: summary.name for summary in project.workspaces}
    plan = session.plan()
    checked = plan.check_one("Project", project)
    files: dict[str, OpenFile] = {}

    def open_file(path: str) -> OpenFile:
        if path not in files:
            files[path] = _reopen(path, session)
        return files[path]

    findings = []
    for code, problem in checked.problems:
        severity = plan.severity(code, problem)
        if severity != "off" and code in session.selection.reported:
            document = problem.places[0].document
            findings.append(settle(session.loaded.rules[code], problem, severity, names[document], open_file))
    return FileResult(
        findings=tuple(findings), not_checked=tuple(_crashed(crash, "", 0, "") for crash in checked.crashes)
    )


def _reopen(path: str, session: Session) -> OpenFile:
    """Read a file again, to say where in it something is: the first reading's nodes are gone by now."""
    reading = read(_content(path, session), path, session.options.limits)
    as_text = SourceFile(path, (), [_as_text(document, reading) for document in reading.documents])
    documents = {document.id.number: document for document in reading.documents}
    return OpenFile(reading, documents, tuple(_secret_spans(as_text, documents)))


def _report(results: list[FileResult], session: Session) -> Report:
    policy = session.policy
    findings = sorted(
        (finding for result in results for finding in result.findings),
        key=lambda finding: (finding.locations[0].path, finding.locations[0].span, finding.code, finding.message),
    )
    used = _facts_of(session)
    return Report(
        version=wa_policy.__version__,
        as_of=session.options.as_of.isoformat(),
        policy=policy.name,
        policy_origin=policy.origin,
        fail_on=session.options.fail_on or policy.fail_on,
        rules=tuple(sorted(session.selection.reported)),
        manifests=tuple(manifest for result in results for manifest in result.manifests),
        findings=tuple(findings),
        not_checked=tuple(item for result in results for item in result.not_checked),
        skipped=tuple(path for result in results for path in result.skipped),
        facts=tuple(FactsUsed(name, **policy.facts[name]) for name in sorted(used)),
    )


def _facts_of(session: Session) -> set[str]:
    """The facts that the selected rules stand on."""
    rules = (session.loaded.rules[code] for code in session.selection.reported)
    defaults = (default for rule in rules for default in rule.settings.values())
    return {default.path.partition(".")[0] for default in defaults if hasattr(default, "path")}
