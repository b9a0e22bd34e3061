"""One way through: discover, check each file, look at all together, report."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING, cast

import wa_policy
from wa_policy.cache.digests import real_path
from wa_policy.engine.identity import told_apart
from wa_policy.engine.one_file import FileResult, check_file, crashed, ledger_of
from wa_policy.engine.open_file import reopen
from wa_policy.engine.session import UsageError
from wa_policy.engine.settle import Owner, patched, settle_all
from wa_policy.manifest import secrets
from wa_policy.manifest.subjects import Project
from wa_policy.packed import Packed, in_parts
from wa_policy.policy.model import Fact
from wa_policy.records import NamedTuple
from wa_policy.report.model import FactsUsed, NotChecked, Report
from wa_policy.source.discover import Found, Missing, discover
from wa_policy.source.spans import DocumentId

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from wa_policy.engine.baseline import Baseline
    from wa_policy.engine.check import Plan
    from wa_policy.engine.judged import Failures, Judged
    from wa_policy.engine.one_file import InlineSuppression, Mark
    from wa_policy.engine.open_file import OpenFile
    from wa_policy.engine.results import Results
    from wa_policy.engine.session import Session
    from wa_policy.findings import Problem
    from wa_policy.manifest.subjects import Summary
    from wa_policy.report.model import Finding, Manifest, Stale, TurnedOff
    from wa_policy.report.overview import Overview
    from wa_policy.source.spans import Span


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
        self.failures: dict[str, Failures] = {}
        """Which rules failed on manifests, by the paths of their files."""
        self.lost = False
        """Whether there are files of which nobody knows whether they are manifests."""
        self.overviews: list[Overview] = []
        self.suppressions: list[InlineSuppression] = []
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
        self.suppressions += result.suppressions
        self.marks += result.marks
        self.lost = self.lost or result.lost
        if result.manifests and result.not_checked:
            from wa_policy.engine.judged import failures_of  # most runs check everything

            self.failures[result.manifests[0].path] = failures_of(result.not_checked)


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
    if not gathered.manifests and not gathered.findings and not gathered.lost:
        raise UsageError(*_nothing_found(gathered))
    gathered.add(_check_project(gathered, session))
    gathered.add(_check_policy(gathered, session))
    return _report(gathered, baseline, session)


def sources(paths: Iterable[str], session: Session) -> Iterator[Found | Missing]:
    """What there is to check at the paths, standard input first."""
    named = list(paths)
    if session.options.stdin is not None:
        yield Found(session.options.stdin.path, True, os.path.realpath(os.curdir))
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
    left = _without(found, known)
    with closing(_check_all(left, session, progress)) as checked:
        for item, result in zip(found, known, strict=True):
            new = next(checked) if result is None else result
            if result is None and kept is not None and isinstance(item, Found):
                kept.keep(item, new)
            yield Examined(item, new)
    if kept is not None:
        kept.save()


def _without(found: Sequence[Found | Missing], known: Sequence[FileResult | None]) -> Sequence[Found]:
    """The files that nothing is known of yet."""
    if all(result is None for result in known):
        return cast(
            "Sequence[Found]", found
        )  # of what is missing something is known; a second list would take as much again
    return Packed(item for item, result in zip(found, known, strict=True) if result is None and isinstance(item, Found))


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


def _broken_plugins(session: Session) -> Iterator[NotChecked]:
    for plugin in session.loaded.troubles:
        name = f"plugin {plugin.name}" + (f" of {plugin.package} {plugin.version}" if plugin.package else "")
        yield NotChecked(
            name, f"it did not load: {plugin.trouble}", remedy="Mend or remove it; --no-plugins runs without it"
        )


def _nothing_found(gathered: Gathered) -> Iterator[str]:
    yield "no manifest was found, so nothing was checked"
    yield from (f"  {item.path}: {item.reason}" for item in gathered.not_checked if item.path)
    yield from (f"  {path}: it is no manifest" for path in gathered.skipped)


def _check_project(gathered: Gathered, session: Session) -> FileResult:
    """Run the rules that look at all manifests together."""
    project = Project(gathered.summaries)
    checked = _plan_of_all(gathered, session).check_one("Project", project)
    concerned = {problem.places[0].document for _, problem in checked.problems if problem.places}
    summaries = {summary.document: summary for summary in project.workspaces if summary.document in concerned}
    files: dict[str, OpenFile] = {}

    def open_file(path: str) -> OpenFile:
        if path not in files:
            files[path] = reopen(path, session)
        return files[path]

    def owner_of(problem: Problem) -> Owner:
        summary = summaries[problem.places[0].document]
        return Owner(summary.document, summary.name, summary.environment)

    ledger = ledger_of(session, kept=gathered.suppressions)
    findings, unsettled = settle_all(checked, session, owner_of, open_file, ledger)
    crashes = (*checked.crashes, *unsettled)
    nothing = secrets.Said()  # what rules across manifests are shown holds no credential
    return FileResult(
        findings=tuple(patched(findings, open_file, session)),
        not_checked=tuple(crashed(crash, "", 0, "", nothing, session) for crash in crashes),
        marks=tuple(ledger.marks) if ledger else (),
    )


def _plan_of_all(gathered: Gathered, session: Session) -> Plan:
    """The rules to run on all manifests together."""
    if not session.policy.overrides:
        return session.plan()
    return session.plan_across((), {manifest.overrides for manifest in gathered.manifests})


def _check_policy(gathered: Gathered, session: Session) -> FileResult:
    """Run the rules about suppressions on those in the policy, now that it is known what each has met."""
    if not session.options.suppressions or not session.policy.exemptions:
        return FileResult()
    from wa_policy.engine.suppressions import in_policy, open_policies

    looked = _all_looked_at(gathered, session)
    open_file = open_policies()
    whole = FileResult()
    for suppression in in_policy(session, gathered.marks, looked):
        path = suppression.place.document.path
        checked = session.plan(path=path).check_one("Suppression", suppression)
        findings, unsettled = settle_all(checked, session, _file_of, open_file)
        nothing = secrets.Said()
        crashes = [crashed(crash, path, -1, "", nothing, session) for crash in (*checked.crashes, *unsettled)]
        whole = whole._replace(
            findings=(*whole.findings, *patched(findings, open_file, session)),
            not_checked=(*whole.not_checked, *crashes),
        )
    return whole


def _all_looked_at(gathered: Gathered, session: Session) -> list[Judged]:
    from wa_policy.engine.judged import judged  # most runs accept nothing

    failures = gathered.failures
    return [judged(manifest, failures.get(manifest.path, {}), session) for manifest in gathered.manifests]


def _baseline(session: Session) -> Baseline | None:
    if session.options.baseline is None:
        return None
    from wa_policy.engine.baseline import load  # most runs do without

    return load(session.options.baseline)


def _file_of(problem: Problem) -> Owner:
    return Owner(DocumentId(problem.places[0].document.path, -1), "", "")


def _report(gathered: Gathered, baseline: Baseline | None, session: Session) -> Report:
    policy = session.policy
    findings = sorted(gathered.findings, key=by_place)
    stale: tuple[Stale, ...] = ()
    if baseline is not None:
        findings, stale = baseline.accept(findings, _all_looked_at(gathered, session))
    findings = told_apart(findings)
    used = _facts_of(session)
    return Report(
        version=wa_policy.__version__,
        as_of=session.options.as_of.isoformat(),
        policy=secrets.mask_text(policy.name),
        policy_origin=policy.origin,
        fail_on=session.fail_on,
        rules=tuple(sorted(session.running)),
        manifests=gathered.manifests,
        findings=tuple(finding for finding in findings if finding.suppression is None),
        not_checked=tuple(gathered.not_checked),
        skipped=_passed_over(gathered, session),
        facts=tuple(FactsUsed(name, **policy.facts[name]) for name in sorted(used)),
        suppressed=tuple(finding._replace(patches=()) for finding in findings if finding.suppression is not None),
        stale=stale,
        describe=session.rule_book(),
        evidence=gathered.referenced,
        left_out=session.left_out,
        overviews=tuple(gathered.overviews),
        plugins=session.plugins,
        overrides=session.overrides,
        turned_off=_turned_off(gathered, session),
    )


def _turned_off(gathered: Gathered, session: Session) -> dict[tuple[int, ...], tuple[TurnedOff, ...]]:
    if not session.policy.overrides:
        return {}
    return {held: session.let_pass(held) for held in {manifest.overrides for manifest in gathered.manifests} if held}


def by_place(finding: Finding) -> tuple[str, Span, str, str]:
    """What puts findings in the order of a report, in which a baseline accepts the first of those that weigh the same."""
    main = finding.locations[0]
    return main.path, main.span, finding.code, finding.message


def _passed_over(gathered: Gathered, session: Session) -> Sequence[str]:
    """The files that do not say that they are manifests, but for those that manifests name as evidence.

    Names are compared by 64 bits of each: the names themselves would be the most that a run over very many files keeps.
    """
    if not gathered.skipped:
        return ()
    own = Packed(hash(real_path(path, session.folders)) for path in gathered.skipped)
    named = Packed(hash(real_path(path, session.folders)) for path in gathered.referenced)
    is_evidence = bytearray(len(own))
    for some, some_named in zip(in_parts(own), in_parts(named), strict=True):
        known = {each for _, each in some_named}
        for place, each in some:
            is_evidence[place] = each in known
    return Packed(path for path, left_out in zip(gathered.skipped, is_evidence, strict=True) if not left_out)


def _facts_of(session: Session) -> set[str]:
    """The facts that the selected rules stand on."""
    rules = (session.loaded.rules[code] for code in session.selection.reported)
    return {default.file for rule in rules for default in rule.settings.values() if isinstance(default, Fact)}
