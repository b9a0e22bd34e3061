"""One way through: discover, read, validate, check, settle, report."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING, Any

import wa_policy
from wa_policy.cache.digests import content_of as first_bytes
from wa_policy.cache.digests import digest, real_path
from wa_policy.engine.check import Crash
from wa_policy.engine.identity import told_apart
from wa_policy.engine.session import UsageError
from wa_policy.engine.settle import OpenFile, settle
from wa_policy.evidence.match import check_identity, match_references
from wa_policy.evidence.references import collect
from wa_policy.evidence.references import inputs as inputs_of
from wa_policy.manifest import misread, secrets
from wa_policy.manifest.subjects import Project, SourceDocument, SourceFile, Summary, Workspace, summarize
from wa_policy.packed import Packed
from wa_policy.records import NamedTuple
from wa_policy.report.model import FactsUsed, Finding, Manifest, NotChecked, Report, fails
from wa_policy.schema.validate import violations
from wa_policy.source.discover import Found, Missing, discover
from wa_policy.source.reading import read
from wa_policy.source.spans import DocumentId

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from wa_policy.engine.baseline import Baseline
    from wa_policy.engine.check import Checked, Plan
    from wa_policy.engine.results import Results
    from wa_policy.engine.session import Session
    from wa_policy.engine.suppress import Ledger, Looked
    from wa_policy.evidence.references import Input
    from wa_policy.findings import Problem
    from wa_policy.report.model import Stale
    from wa_policy.report.overview import Overview
    from wa_policy.source.document import Document, Reading
    from wa_policy.source.spans import Route


_NAME_LENGTH = 100
"""How much of a name reports say, in code points."""


class Mark(NamedTuple):
    """A finding met by an entry of the policy, or by a comment: the rule, the digest of the value, and whether that was accepted.

    ``counts`` is false for what the policy gives no weight to: it shows that the suppression has a use, and that is all.
    """

    entry: int
    code: str
    value: str
    accepted: bool
    counts: bool


class Accepted(NamedTuple):
    """A suppression in a comment that holds, as far as it is needed once the nodes of its file are gone.

    ``own`` is the digest of the value that it stands at.
    """

    document: DocumentId
    route: Route
    codes: tuple[str, ...]
    reason: str
    owner: str
    until: str
    value: str
    own: str
    line: int


class FileResult(NamedTuple):
    """What became of one file: its manifests, findings, what was not checked, and what rules across manifests need of it."""

    manifests: tuple[Manifest, ...] = ()
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
    summaries: tuple[Summary, ...] = ()
    skipped: tuple[str, ...] = ()
    referenced: tuple[str, ...] = ()
    overviews: tuple[Overview, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    marks: tuple[Mark, ...] = ()
    content: str = ""
    """The digest of the file's content; empty where it could not be read, and where results are not kept."""
    inputs: tuple[Input, ...] = ()
    """What its manifests name, as it was just before it was read; only where results are kept."""
    holds_credential: bool = False
    """Whether the file, or evidence that it names, holds one or what looks like one."""


class Examined(NamedTuple):
    """Something found, and what became of it."""

    found: Found | Missing
    result: FileResult


class Gathered:
    """What became of all files: what there is of each is packed, since there may be very many; the rest is as rare as trouble."""

    def __init__(self) -> None:
        self.manifests: Packed[Manifest] = Packed()
        self.summaries: Packed[Summary] = Packed()
        self.skipped: Packed[str] = Packed()
        self.referenced: Packed[str] = Packed()
        self.findings: list[Finding] = []
        self.not_checked: list[NotChecked] = []
        self.failures: dict[str, Sequence[NotChecked]] = {}
        """What was not checked of manifests, by the paths of their files."""
        self.overviews: list[Overview] = []
        self.accepted: list[Accepted] = []
        self.marks: list[Mark] = []

    def add(self, result: FileResult) -> None:
        """Take in what became of the next file."""
        self.manifests.extend(result.manifests)
        self.summaries.extend(result.summaries)
        self.skipped.extend(result.skipped)
        self.referenced.extend(result.referenced)
        self.findings += result.findings
        self.not_checked += result.not_checked
        self.overviews += result.overviews
        self.accepted += result.accepted
        self.marks += result.marks
        if result.manifests and result.not_checked:
            self.failures[result.manifests[0].path] = result.not_checked


def lint(
    paths: Iterable[str],
    session: Session,
    progress: Callable[[str], None] = lambda _: None,
    see: Callable[[Examined], None] = lambda _: None,
) -> Report:
    """Check every manifest at the paths. Raises UsageError when there is none. ``see`` is told what became of each file."""
    baseline = _baseline(session)
    gathered = Gathered()
    gathered.add(FileResult(not_checked=tuple(_broken_plugins(session))))
    for examined in _examine(_in_order(sources(paths, session)), session, progress):
        see(examined)
        gathered.add(examined.result)
    if not gathered.manifests and not gathered.findings:
        raise UsageError(*_nothing_found(gathered))
    gathered.add(_check_project(gathered, session))
    gathered.add(_check_policy(gathered, session))
    return _report(gathered, baseline, session)


def sources(paths: Iterable[str], session: Session) -> Iterator[Found | Missing]:
    """What there is to check at the paths, standard input first."""
    named = list(paths)
    if session.options.stdin is not None:
        yield Found(session.options.stdin[0], True, os.path.realpath(os.curdir))
        named = [path for path in named if path != "-"]
    yield from discover(named)


def _in_order(found: Iterable[Found | Missing]) -> Sequence[Found | Missing]:
    """What was found, by path: a report does not depend on the order in which its files were named."""
    packed: Packed[Found | Missing] = Packed()
    ordered, last = True, ""
    for item in found:
        packed.append(item)
        ordered, last = ordered and last <= item.path, item.path
    return packed if ordered else Packed(sorted(packed, key=lambda item: item.path))


def _examine(found: Sequence[Found | Missing], session: Session, progress: Callable[[str], None]) -> Iterator[Examined]:
    """What became of everything found, in order: as it was kept, or checked now, by several processes where that pays."""
    kept = _open_results(session) if session.options.cache else None
    known = Packed(_known(item, kept) for item in found)
    left = Packed(item for item, result in zip(found, known, strict=True) if result is None and isinstance(item, Found))
    with closing(_check_all(left, session, progress)) as checked:
        for item, result in zip(found, known, strict=True):
            new = next(checked) if result is None else result
            if result is None and kept is not None and isinstance(item, Found):
                kept.keep(item, new)
            yield Examined(item, new)
    if kept is not None:
        kept.save()


def _known(item: Found | Missing, kept: Results | None) -> FileResult | None:
    """What became of something without looking at it now."""
    if isinstance(item, Missing):
        return FileResult(not_checked=(NotChecked(item.path, item.reason, item.path),))
    return None if kept is None else kept.recall(item)


def _open_results(session: Session) -> Results | None:
    from wa_policy.engine.results import open_results  # it knows all that is kept of a file, and this room too

    return open_results(session)


def _check_all(files: Sequence[Found], session: Session, progress: Callable[[str], None]) -> Generator[FileResult]:
    if session.options.jobs != 1 and len(files) > 1:
        from wa_policy.engine.workers import check_all, how_many  # a few files are checked before it is imported

        if (jobs := how_many(session.options.jobs, len(files))) > 1:
            yield from check_all(files, session, jobs, progress)
            return
    for file in files:
        progress(file.path)
        yield check_file(file, session)


def check_file(found: Found, session: Session) -> FileResult:
    """Check all documents of one file."""
    try:
        content = content_of(found.path, session)
    except OSError as error:
        reason = f"it cannot be read: {error.strerror}"
        return FileResult(not_checked=(NotChecked(found.path, reason, found.path),))
    result = _check_content(content, found, session)
    return result._replace(content=digest(content)) if session.options.cache else result


def _check_content(content: bytes, found: Found, session: Session) -> FileResult:
    if not found.named and found.path.lower().endswith(".json") and b'"apiVersion"' not in content:
        return FileResult(skipped=(found.path,))
    reading = read(content, found.path, session.options.limits)
    if not found.named and not reading.troubles and all(_is_policy(document) for document in reading.documents):
        return FileResult(skipped=(found.path,))
    return _check_documents(found, reading, session)


def content_of(path: str, session: Session) -> bytes:
    """What a file holds: standard input's own content if that has this name. A byte over the limit, no more. Raises OSError."""
    if session.options.stdin is not None and path == session.options.stdin[0]:
        return session.options.stdin[1]
    # One byte more than allowed is enough to be refused, however large the file is.
    return first_bytes(path, session.options.limits.bytes)


def _is_policy(document: Document) -> bool:
    return isinstance(document.data, dict) and document.data.get("kind") == "Policy"


def _check_documents(found: Found, reading: Reading, session: Session) -> FileResult:
    as_text = SourceFile(found.path, reading.troubles, _as_texts(reading))
    keeper = _Findings(reading, as_text, session)
    as_files = session.plan(path=os.path.abspath(found.path))
    keeper.add(as_files.check_one("SourceFile", as_text))
    manifests = []
    summaries = []
    overviews: list[Overview] = []
    referenced: list[str] = []
    inputs: list[Input] = []
    for document, text in zip(reading.documents, as_text.documents, strict=True):
        if text.violations:
            manifests.append(Manifest(*document.id, *_identity(document.data), checked=False))
            continue
        if session.options.cache:
            inputs += inputs_of(document.data, found.path, session.folders)
        read_list, verify = session.loaded.read_templates, session.options.verify_digests
        named = collect(
            document.data, found.path, found.root, read_list, folders=session.folders, verify_digests=verify
        )
        references = check_identity(document.data, named)
        workspace = Workspace(document.id, document.data, references, match_references(document.data, references))
        keeper.evidence = {
            reference.answer.reading.path: reference.answer.reading for reference in references if reference.answer
        }
        if leaks := _leaks(keeper.evidence.values()):
            keeper.leaked = True
            keeper.add(as_files.check_one("SourceFile", SourceFile(found.path, (), leaks)), document.id.number)
        if keeper.ledger is not None:
            keeper.ledger.look_at(workspace)
        plan = session.plan(workspace.environment, workspace.name, os.path.abspath(found.path))
        # Suppressions need to know of all that was found, also of what the policy gives no weight.
        keeper.add(plan.check_workspace(workspace, weightless=keeper.ledger is not None), document.id.number)
        manifests.append(Manifest(*document.id, *_identity(document.data), checked=True))
        summaries.append(summarize(workspace))
        if session.options.overview:
            overviews.append(_overview(workspace, plan, session, keeper))
        referenced += [item.real for item in references if item.real]
    keeper.judge_suppressions(manifests)
    if reading.troubles:
        manifests.append(Manifest(found.path, -1, "", "", checked=False))
    keeper.not_checked += _unsaid(manifests, keeper.findings, session)
    return FileResult(
        tuple(manifests),
        tuple(keeper.patched()),
        tuple(keeper.not_checked),
        tuple(summaries),
        referenced=tuple(referenced),
        overviews=tuple(overviews),
        inputs=tuple(inputs),
        holds_credential=keeper.leaked or keeper.file.holds_credential,
        accepted=keeper.ledger.accepted if keeper.ledger else (),
        marks=tuple(keeper.ledger.marks) if keeper.ledger else (),
    )


def _overview(workspace: Workspace, plan: Plan, session: Session, keeper: _Findings) -> Overview:
    from wa_policy.engine.overview import overview  # one format wants it

    return overview(workspace, plan.rulings, session.policy, keeper.hide)


def _unsaid(manifests: Iterable[Manifest], findings: Iterable[Finding], session: Session) -> Iterator[NotChecked]:
    """Manifests that could not be checked, and no finding that fails says so: the rules that would are off or not selected."""
    counted = (finding for finding in findings if finding.suppression is None)
    failed = {finding.document for finding in counted if fails(finding, session.fail_on)}
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
        self.leaked = False
        """Whether evidence holds a credential."""
        self.identities = {number: _identity(document.data) for number, document in self.file.documents.items()}
        self.session = session
        self.findings: list[Finding] = []
        self.not_checked: list[NotChecked] = []
        self.ledger = _ledger(session, file=self.file)

    def add(self, checked: Checked, number: int = -1) -> None:
        """Weigh what the rules said of a document (-1: of the file as text), and keep what counts."""
        path, said = self.file.reading.path, self.file.said

        def owner(problem: Problem) -> tuple[DocumentId, str, str]:
            place = problem.places[0].document
            own = place.number if number < 0 and place.path == path else number
            return DocumentId(path, own), *self.identities.get(own, ("", ""))

        settled, unsettled = _settle(checked, self.session, owner, self._open, self.ledger)
        self.findings += settled
        name, _ = self.identities.get(number, ("", ""))
        self.not_checked += [
            _crashed(crash, path, number, name, said, self.session) for crash in (*checked.crashes, *unsettled)
        ]

    def patched(self) -> list[Finding]:
        """The findings, with patches where a rule knows how to put something right."""
        return _patched(self.findings, self._open, self.session)

    def judge_suppressions(self, manifests: Iterable[Manifest]) -> None:
        """Run the rules about suppressions on those in comments; they come last, when it is known what each has met."""
        if self.ledger is None or not self.ledger.entries:
            return
        from wa_policy.engine.suppress import looked_at

        for manifest in manifests:
            looked = looked_at(manifest, self.not_checked, self.session)
            for suppression in self.ledger.subjects(looked, self.file):
                self.add(looked.plan.check_one("Suppression", suppression), manifest.document)

    def hide(self, text: str) -> str:
        """Mask in any text the credentials of the manifest and of its evidence."""
        for path in (self.file.reading.path, *self.evidence):
            text = self._open(path).said.hide(text)
        return text

    def _open(self, path: str) -> OpenFile:
        """The manifest itself, or a file of evidence."""
        if path == self.file.reading.path:
            return self.file
        if path not in self.opened:
            self.opened[path] = _open_evidence(self.evidence[path])
        return self.opened[path]


_DIRECTIVES = ("wa-policy:", "wa-policy ignore")
"""What a file that holds suppressions in comments holds somewhere: other files do not pay for them."""


def _ledger(session: Session, *, file: OpenFile | None = None, kept: Sequence[Accepted] = ()) -> Ledger | None:
    """The suppressions in a file's comments, or those given, and the policy's; None where there are none that may hold."""
    in_comments = file is not None and any(sign in file.reading.text for sign in _DIRECTIVES)
    if not session.options.suppressions or not (in_comments or kept or session.policy.exemptions):
        return None
    from wa_policy.engine.suppress import Ledger, find_entries  # most runs do without

    return Ledger(session, find_entries(file, session) if file is not None and in_comments else (), kept)


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


def _crashed(crash: Crash, path: str, index: int, workspace: str, said: secrets.Said, session: Session) -> NotChecked:
    what = f"{crash.code} on {secrets.mask_text(workspace) or path or 'the manifests together'}"
    reason = f"the rule itself failed: {said.hide(crash.reason)}"
    remedy = "report this to the plugin's author; --ignore it meanwhile"
    return NotChecked(what, reason, path, index, crash.code, remedy, session.loaded.rules[crash.code].step.value)


def _broken_plugins(session: Session) -> Iterator[NotChecked]:
    for plugin in session.loaded.troubles:
        name = f"plugin {plugin.name}" + (f" of {plugin.package} {plugin.version}" if plugin.package else "")
        yield NotChecked(
            name, f"it did not load: {plugin.trouble}", remedy="mend or remove it; --no-plugins runs without it"
        )


def _nothing_found(gathered: Gathered) -> Iterator[str]:
    yield "no manifest was found, so nothing was checked"
    yield from (f"  {item.path}: {item.reason}" for item in gathered.not_checked if item.path)
    yield from (f"  {path}: it is no manifest" for path in gathered.skipped)


def _check_project(gathered: Gathered, session: Session) -> FileResult:
    """Run the rules that look at all manifests together."""
    project = Project(gathered.summaries)
    checked = session.plan().check_one("Project", project)
    concerned = {problem.places[0].document for _, problem in checked.problems if problem.places}
    summaries = {summary.document: summary for summary in project.workspaces if summary.document in concerned}
    files: dict[str, OpenFile] = {}

    def open_file(path: str) -> OpenFile:
        if path not in files:
            files[path] = reopen(path, session)
        return files[path]

    def owner(problem: Problem) -> tuple[DocumentId, str, str]:
        summary = summaries[problem.places[0].document]
        return summary.document, summary.name, summary.environment

    ledger = _ledger(session, kept=gathered.accepted)
    findings, unsettled = _settle(checked, session, owner, open_file, ledger)
    crashes = (*checked.crashes, *unsettled)
    nothing = secrets.Said()  # what rules across manifests are shown holds no credential
    return FileResult(
        findings=tuple(_patched(findings, open_file, session)),
        not_checked=tuple(_crashed(crash, "", 0, "", nothing, session) for crash in crashes),
        marks=tuple(ledger.marks) if ledger else (),
    )


def _check_policy(gathered: Gathered, session: Session) -> FileResult:
    """Run the rules about suppressions on those in the policy, now that it is known what each has met."""
    if not session.options.suppressions or not session.policy.exemptions:
        return FileResult()
    from wa_policy.engine.suppress import in_policy, open_policies

    looked = _all_looked_at(gathered, session)
    open_file = open_policies()
    whole = FileResult()
    for suppression in in_policy(session, gathered.marks, looked):
        path = suppression.place.document.path
        checked = session.plan(path=os.path.abspath(path)).check_one("Suppression", suppression)
        findings, unsettled = _settle(checked, session, lambda problem: (_whole_file(problem), "", ""), open_file)
        nothing = secrets.Said()
        crashes = [_crashed(crash, path, -1, "", nothing, session) for crash in (*checked.crashes, *unsettled)]
        whole = whole._replace(
            findings=(*whole.findings, *_patched(findings, open_file, session)),
            not_checked=(*whole.not_checked, *crashes),
        )
    return whole


def _all_looked_at(gathered: Gathered, session: Session) -> list[Looked]:
    from wa_policy.engine.suppress import looked_at

    failures = gathered.failures
    return [looked_at(manifest, failures.get(manifest.path, ()), session) for manifest in gathered.manifests]


def _baseline(session: Session) -> Baseline | None:
    if session.options.baseline is None:
        return None
    from wa_policy.engine.baseline import load  # most runs do without

    return load(session.options.baseline)


def _whole_file(problem: Problem) -> DocumentId:
    return DocumentId(problem.places[0].document.path, -1)


def _settle(
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
                plans[manifest] = session.plan(environment, name, os.path.abspath(manifest.path))
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
            crashes.append(Crash(code, f"what it says cannot be shown ({type(error).__name__}: {error})"))
    return findings, crashes


def _patched(findings: list[Finding], open_file: Callable[[str], OpenFile], session: Session) -> list[Finding]:
    if not any(finding.fix for finding in findings):
        return findings
    from wa_policy.engine.patches import with_patches  # most runs do without

    return with_patches(findings, open_file, session.options.limits)


def reopen(path: str, session: Session) -> OpenFile:
    """Read a file again, to say where in it something is: the first reading's nodes are gone by now."""
    reading = read(content_of(path, session), path, session.options.limits)
    return _open(reading, _as_texts(reading))


def _report(gathered: Gathered, baseline: Baseline | None, session: Session) -> Report:
    policy = session.policy
    findings = sorted(
        gathered.findings,
        key=lambda finding: (finding.locations[0].path, finding.locations[0].span, finding.code, finding.message),
    )
    stale: tuple[Stale, ...] = ()
    if baseline is not None:
        findings, stale = baseline.accept(findings, _all_looked_at(gathered, session))
    findings = told_apart(findings)
    used = _facts_of(session)
    # By 64 bits of each name: the names themselves would be the most that a run over very many files keeps.
    evidence = {hash(path) for path in gathered.referenced}
    return Report(
        version=wa_policy.__version__,
        as_of=session.options.as_of.isoformat(),
        policy=policy.name,
        policy_origin=policy.origin,
        fail_on=session.fail_on,
        rules=tuple(sorted(session.running)),
        manifests=gathered.manifests,
        findings=tuple(finding for finding in findings if finding.suppression is None),
        not_checked=tuple(gathered.not_checked),
        skipped=Packed(path for path in gathered.skipped if hash(real_path(path, session.folders)) not in evidence),
        facts=tuple(FactsUsed(name, **policy.facts[name]) for name in sorted(used)),
        suppressed=tuple(finding._replace(patches=()) for finding in findings if finding.suppression is not None),
        stale=stale,
        describe=session.rule_book(),
        evidence=gathered.referenced,
        overviews=tuple(gathered.overviews),
    )


def _facts_of(session: Session) -> set[str]:
    """The facts that the selected rules stand on."""
    rules = (session.loaded.rules[code] for code in session.selection.reported)
    defaults = (default for rule in rules for default in rule.settings.values())
    return {default.path.partition(".")[0] for default in defaults if hasattr(default, "path")}
