"""What becomes of one file: read, validate, check, settle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.cache.digests import digest
from wa_policy.engine.open_file import content_of, file_as_text, leaks_in, open_evidence, opened
from wa_policy.engine.settle import Owner, patched, settle_all
from wa_policy.evidence.match import check_identity, match_references
from wa_policy.evidence.references import collect
from wa_policy.evidence.references import inputs as inputs_of
from wa_policy.manifest import secrets
from wa_policy.manifest.subjects import SourceFile, Summary, Workspace, summarize
from wa_policy.records import NamedTuple
from wa_policy.report.model import Finding, Manifest, NotChecked, fails
from wa_policy.source.reading import JSON, read
from wa_policy.source.spans import DocumentId

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wa_policy.engine.check import Checked, Crash, Plan
    from wa_policy.engine.open_file import OpenFile
    from wa_policy.engine.session import Session
    from wa_policy.engine.suppress import Ledger
    from wa_policy.evidence.references import Input
    from wa_policy.findings import Problem
    from wa_policy.manifest.subjects import SourceDocument
    from wa_policy.report.overview import Overview
    from wa_policy.source.discover import Found
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


class InlineSuppression(NamedTuple):
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
    suppressions: tuple[InlineSuppression, ...] = ()
    marks: tuple[Mark, ...] = ()
    content: str = ""
    """The digest of the file's content; empty where it could not be read, and where results are not kept."""
    inputs: tuple[Input, ...] = ()
    """What its manifests name, as it was just before it was read; only where results are kept."""
    holds_credential: bool = False
    """Whether the file, or evidence that it names, holds one or what looks like one."""
    lost: bool = False
    """Whether nobody knows what it is, since the process that checked it has not said."""


def check_file(found: Found, session: Session) -> FileResult:
    """Check all documents of one file."""
    try:
        content = content_of(found.path, session)
    except OSError as error:
        reason = f"it cannot be read: {error.strerror}"
        return FileResult(not_checked=(NotChecked(found.path, reason, found.path),))
    result = _check_content(content, found, session)
    return result._replace(content=digest(content)) if session.keeps else result


def _check_content(content: bytes, found: Found, session: Session) -> FileResult:
    if not found.named and found.path.lower().endswith(JSON) and not _may_be_manifest(content):
        return FileResult(skipped=(found.path,))
    reading = read(content, found.path, session.options.limits)
    if not found.named and not reading.troubles and all(_is_policy(document) for document in reading.documents):
        return FileResult(skipped=(found.path,))
    return _check_documents(found, reading, session)


def _may_be_manifest(content: bytes) -> bool:
    """Whether JSON says that it is a manifest, if only in half, or is of an encoding in which nobody looks for it."""
    return b'"apiVersion"' in content or b'"Workspace"' in content or b"\0" in content


def _is_policy(document: Document) -> bool:
    return isinstance(document.data, dict) and document.data.get("kind") == "Policy"


def _check_documents(found: Found, reading: Reading, session: Session) -> FileResult:
    as_text = file_as_text(reading)
    file = _FileCheck(found, reading, as_text.documents, session)
    file.check_text(as_text)
    for document, text in zip(reading.documents, as_text.documents, strict=True):
        file.check(document, text)
    return file.result()


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
                remedy="See what MAN001 to MAN004 say of it: select them, and let them be errors",
            )


def _changed(manifest: Manifest) -> NotChecked:
    return NotChecked(
        manifest.workspace or manifest.path,
        "a rule of a plugin changed what rules are given (the manifest, its evidence, or settings), so nobody knows what "
        "the others saw",
        manifest.path,
        manifest.document,
        remedy="Report this to the plugin's author, whose tests would tell which rule it is; --no-plugins runs without it",
    )


def _unasked(manifest: Manifest) -> NotChecked:
    return NotChecked(
        manifest.workspace or manifest.path,
        "the policy turns off for it every rule that is selected, so nobody looked at it",
        manifest.path,
        manifest.document,
        remedy="Let an override of the policy leave a rule on, or leave the file out",
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


class _FileCheck:
    """Checks the documents of one file, one after the other, and collects what becomes of them while they are at hand."""

    def __init__(self, found: Found, reading: Reading, texts: Iterable[SourceDocument], session: Session) -> None:
        self.found = found
        self.session = session
        self.file = opened(reading, texts)
        self.identities = {number: _identity(document.data) for number, document in self.file.documents.items()}
        self.ledger = ledger_of(session, file=self.file)
        self.plan = self._plan_of_text()
        """For what the file is as a text."""
        self.evidence: dict[str, Reading] = {}
        self.opened: dict[str, OpenFile] = {}
        self.leaked = False
        """Whether evidence holds a credential."""
        self.referenced: dict[str, None] = {}
        """The files that manifests name, in order of appearance, also where no rule could be believed."""
        self.workspaces: list[Workspace] = []
        self.manifests: list[Manifest] = []
        self.findings: list[Finding] = []
        self.not_checked: list[NotChecked] = []
        self.overviews: list[Overview] = []
        self.inputs: list[Input] = []

    def _plan_of_text(self) -> Plan:
        path, policy = self.found.path, self.session.policy
        if not policy.overrides:
            return self.session.plan()
        manifests = [policy.held(environment, name, path) for name, environment in self.identities.values()]
        return self.session.plan_across(policy.held(path=path), manifests)

    def check_text(self, text: SourceFile) -> None:
        """Check the file before anybody asks what it means."""
        self._settle(self.plan.check_one("SourceFile", text))

    def check(self, document: Document, text: SourceDocument) -> None:
        """Check a document: if its shape is right, as a workspace with all that it refers to."""
        number = document.id.number
        if text.violations:
            self.manifests.append(self._unchecked(number, *self.identities[number]))
            return
        workspace = self._workspace(document)
        self._look_for_leaks_in(number)
        if self.ledger is not None:
            self.ledger.look_at(workspace)
        plan = self.session.plan(workspace.environment, workspace.name, self.found.path)
        unasked = plan.turned_off if workspace.campaigns else (*plan.turned_off, "campaigns")
        steps = tuple(dict.fromkeys(unasked))
        blind = False
        for reference in workspace.references:  # a proof is shown to a person: rules only look whether it is there
            blind = blind or (reference.trouble != "" and reference.route[-1] != "proof")
        manifest = Manifest(*document.id, *self.identities[number], True, steps, plan.overrides, blind)
        self.manifests.append(manifest)
        before = self.session.picture(workspace, plan)
        # Suppressions need to know of all that was found, also of what the policy gives no weight.
        checked = plan.check_workspace(workspace, weightless=self.ledger is not None)
        if self.session.picture(workspace, plan) != before:
            self.not_checked.append(_changed(manifest))
            self.session.forget_plans()
            return
        self.workspaces.append(workspace)
        self._settle(checked, number)
        if self.session.asks_nothing(plan):
            self.not_checked.append(_unasked(manifest))
        if self.session.options.overview:
            from wa_policy.engine.overview import overview  # one format wants it

            self.overviews.append(overview(workspace, plan.rulings, self.session.policy, self._hide))

    def result(self) -> FileResult:
        """What became of the file. Its workspaces are of no use any more."""
        self._judge_suppressions()
        if self.file.reading.troubles:
            self.manifests.append(self._unchecked(-1))
        self.not_checked += _unsaid(self.manifests, self.findings, self.session)
        result = FileResult(
            tuple(self.manifests),
            tuple(patched(self.findings, self._open, self.session)),
            tuple(self.not_checked),
            tuple(map(summarize, self.workspaces)),
            referenced=tuple(self.referenced),
            overviews=tuple(self.overviews),
            inputs=tuple(self.inputs),
            holds_credential=self.leaked or self.file.holds_credential,
            suppressions=self.ledger.to_keep if self.ledger else (),
            marks=tuple(self.ledger.marks) if self.ledger else (),
        )
        for workspace in self.workspaces:
            workspace.let_go()
        return result

    def _unchecked(self, number: int, workspace: str = "", environment: str = "") -> Manifest:
        """A document, or the file as a whole (-1), that no rule can look at any further: overrides may let pass why."""
        held = self.session.policy.held(environment, workspace, self.found.path)
        return Manifest(self.found.path, number, workspace, environment, False, (), held)

    def _workspace(self, document: Document) -> Workspace:
        path, folders = self.found.path, self.session.folders
        if self.session.options.cache:
            self.inputs += inputs_of(document.data, path, folders)
        named = collect(
            document.data,
            path,
            self.found.root,
            self.session.loaded.read_templates,
            folders=folders,
            verify_digests=self.session.options.verify_digests,
        )
        self.referenced |= dict.fromkeys(path for item in named for path in (item.real, *item.data) if path)
        references = check_identity(document.data, named)
        self.evidence = {
            reference.answer.reading.path: reference.answer.reading for reference in references if reference.answer
        }
        return Workspace(document.id, document.data, references, match_references(document.data, references))

    def _look_for_leaks_in(self, number: int) -> None:
        if leaks := leaks_in(self.evidence.values()):
            self.leaked = True
            self._settle(self.plan.check_one("SourceFile", SourceFile(self.found.path, (), leaks)), number)

    def _settle(self, checked: Checked, number: int = -1) -> None:
        """Weigh what the rules said of a document (-1: of the file as text), and keep what counts."""
        path, said = self.file.reading.path, self.file.said

        def owner_of(problem: Problem) -> Owner:
            place = problem.places[0].document
            own = place.number if number < 0 and place.path == path else number
            return Owner(DocumentId(path, own), *self.identities.get(own, ("", "")))

        settled, unsettled = settle_all(checked, self.session, owner_of, self._open, self.ledger)
        self.findings += settled
        name, _ = self.identities.get(number, ("", ""))
        self.not_checked += [
            crashed(crash, path, number, name, said, self.session) for crash in (*checked.crashes, *unsettled)
        ]

    def _judge_suppressions(self) -> None:
        """Run the rules about suppressions on those in comments; they come last, when it is known what each has met."""
        if self.ledger is None or not self.ledger.written:
            return
        from wa_policy.engine.judged import failures_of, judged
        from wa_policy.engine.suppressions import in_comments

        failures = failures_of(self.not_checked)
        for manifest in self.manifests:
            looked = judged(manifest, failures, self.session)
            for suppression in in_comments(self.ledger, looked, self.file, self.session):
                self._settle(looked.plan.check_one("Suppression", suppression), manifest.document)

    def _hide(self, text: str) -> str:
        """Mask in any text the credentials of the manifest and of its evidence."""
        for path in (self.file.reading.path, *self.evidence):
            text = self._open(path).said.hide(text)
        return text

    def _open(self, path: str) -> OpenFile:
        """The manifest itself, or a file of evidence."""
        if path == self.file.reading.path:
            return self.file
        if path not in self.opened:
            self.opened[path] = open_evidence(self.evidence[path])
        return self.opened[path]


DIRECTIVES = ("wa-policy:", "wa-policy ignore")
"""What a file that holds suppressions in comments holds somewhere: other files do not pay for them."""


def ledger_of(
    session: Session, *, file: OpenFile | None = None, kept: Sequence[InlineSuppression] = ()
) -> Ledger | None:
    """The suppressions in a file's comments, or those given, and the policy's; None where there are none that may hold."""
    in_comments = file is not None and any(sign in file.reading.text for sign in DIRECTIVES)
    if not session.options.suppressions or not (in_comments or kept or session.policy.exemptions):
        return None
    from wa_policy.engine.inline import find  # most runs do without
    from wa_policy.engine.suppress import Ledger

    return Ledger(session, find(file, session) if file is not None and in_comments else (), kept)


_TO_US = "as a bug of wa-policy, with what WA_POLICY_DEBUG=1 in the environment adds"


def crashed(crash: Crash, path: str, index: int, workspace: str, said: secrets.Said, session: Session) -> NotChecked:
    """A rule that failed, in words. Nothing of what is not to be said is in them."""
    what = f"{crash.code} on {secrets.mask_text(workspace) or path or 'the manifests together'}"
    reason = f"the rule itself failed: {said.hide(crash.reason)}"
    to_whom = "to the plugin's author" if crash.code in session.foreign else _TO_US
    remedy = f"Report this {to_whom}; --ignore it meanwhile"
    return NotChecked(what, reason, path, index, crash.code, remedy, session.loaded.rules[crash.code].step.value)
