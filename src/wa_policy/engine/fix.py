"""Files put right: patches are made, the file is checked again, and so on until nothing is left to be made."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

from wa_policy.engine.one_file import check_file
from wa_policy.engine.open_file import content_of, reopen
from wa_policy.engine.patches import apart, holds, reopened
from wa_policy.engine.pipeline import by_place, sources
from wa_policy.engine.session import Session, Stdin
from wa_policy.records import NamedTuple
from wa_policy.report.model import worst_first
from wa_policy.source.discover import Found
from wa_policy.source.page import apply, in_order
from wa_policy.source.reading import read
from wa_policy.source.replace import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wa_policy.engine.one_file import FileResult
    from wa_policy.engine.patches import Proposal
    from wa_policy.engine.rebind import Rebinding
    from wa_policy.report.model import Finding, Patch, Report
    from wa_policy.source.document import Limits, Reading
    from wa_policy.source.page import Rewrite

ROUNDS = 10
"""How often a file is patched and checked again at most: two rules might undo each other's work for ever."""

MARK = b"\xef\xbb\xbf"
"""The byte order mark with which a file may begin; it stays."""


class Fixed(NamedTuple):
    """A file before and after, how many patches were made, and whether there was nothing left to make."""

    path: str
    before: bytes
    after: bytes
    made: int
    settled: bool


class NotWritten(Exception):  # noqa: N818 - a reason that is told, not an error of the program
    """Why a file that was put right was not written."""


def fix(paths: Iterable[str], report: Report, session: Session, *, unsafe: bool) -> Iterator[Fixed]:
    """Put right what can be, in memory: one result for each file that changes, policies last.

    ``unsafe`` patches are those that somebody should look at. Of patches that touch the same text, the one for the worst finding
    is made first; the others have their turn when the file has been checked again.
    """
    return (fixed for fixed in _fix_all(paths, report, session, unsafe=unsafe) if fixed.after != fixed.before)


def _fix_all(paths: Iterable[str], report: Report, session: Session, *, unsafe: bool) -> Iterator[Fixed]:
    with_patches = {finding.path for finding in report.findings if wanted(finding, unsafe=unsafe)}
    known: dict[str, Counter[str]] = {}
    for finding in report.suppressed:
        if finding.suppression is not None and finding.suppression.kind == "baseline":
            known.setdefault(finding.path, Counter())[finding.key] += 1
    for found in sources(paths, session):
        if isinstance(found, Found) and found.path in with_patches:
            with_patches.remove(found.path)
            with suppress(OSError):  # it was there a moment ago; the report to come says so
                content = content_of(found.path, session)
                yield _fix_file(found, content, session, known.get(found.path, {}), unsafe=unsafe)
    for path in sorted(with_patches):
        with suppress(OSError):
            yield _fix_other(path, report, session, unsafe=unsafe)


def as_if(session: Session, path: str, content: bytes) -> Session:
    """The same session, to which a file has this content, whatever is on the disk."""
    options = session.options._replace(stdin=Stdin(path, content))
    return Session(session.loaded, session.policy, session.selection, options, session.code)


def wanted(finding: Finding, *, unsafe: bool) -> list[Patch]:
    """The patches of a finding that are to be made."""
    return [patch for patch in finding.patches if patch.safe or unsafe]


def _fix_file(found: Found, content: bytes, session: Session, known: Mapping[str, int], *, unsafe: bool) -> Fixed:
    before, made = content, 0
    added: set[str] = set()
    for _ in range(ROUNDS):
        result = check_file(found, as_if(session, found.path, content))
        reading = read(content, found.path, session.options.limits)
        if _encoded(reading, content) != content:  # it could not be decoded, so it cannot be written either
            break
        # What was added already, and is asked for again, helps nothing.
        left = [finding for finding in _unknown(result.findings, known) if added.isdisjoint(_additions(finding))]
        batch = _next(left, reading, session, unsafe=unsafe)
        if not batch:
            return Fixed(found.path, before, content, made, settled=True)
        added.update(addition for proposal in batch for addition in _additions(proposal))
        content = _made(batch, reading, content)
        if any(suppression.value for suppression in result.suppressions):
            content = _rebound(content, batch, result, found, session)
        made += len(batch)
    return Fixed(found.path, before, content, made, settled=False)


def _next(left: Sequence[Finding], reading: Reading, session: Session, *, unsafe: bool) -> Sequence[Proposal]:
    """The patches for the next round. Suppressions come when nothing else is left: a digest is of what stands there then."""
    rules, limits = session.loaded.rules, session.options.limits
    others = [finding for finding in left if rules[finding.code].subject != "Suppression"]
    return _choose(others, reading, limits, unsafe=unsafe) or _choose(left, reading, limits, unsafe=unsafe)


def _rebound(content: bytes, batch: Sequence[Proposal], before: FileResult, found: Found, session: Session) -> bytes:
    """What a batch has made of a file, with those comments bound anew that go on to accept what they accepted before it."""
    from wa_policy.engine.rebind import holds as still_holds  # few files have suppressions
    from wa_policy.engine.rebind import rebindings

    def check(content: bytes) -> FileResult:
        return check_file(found, as_if(session, found.path, content))

    def bind(chosen: Iterable[Rebinding]) -> bytes:
        return _edited([each.edit for each in chosen], file.reading, content)

    file = reopen(found.path, as_if(session, found.path, content))
    wanted = rebindings(before, check(content), file, session)
    if not wanted:
        return content
    then, in_words = check(bind(wanted)), not all(proposal.fix.safe for proposal in batch)
    return bind(each for each in wanted if still_holds(each, before, then, in_words=in_words))


def _additions(of: Finding | Proposal) -> list[str]:
    """What a fix would add to a list, and to which one."""
    changes = of.fix.changes if of.fix is not None else ()
    return [
        repr((change.place.document.number, change.place.route, change.value))
        for change in changes
        if change.verb == "add"
    ]


def _unknown(findings: Iterable[Finding], known: Mapping[str, int]) -> Iterator[Finding]:
    """The findings without those that the baseline accepts, by key and how often: of equal ones the worst."""
    left = Counter(known)
    for finding in worst_first(sorted(findings, key=by_place)):
        if finding.suppression is None and left[finding.key] > 0:
            left[finding.key] -= 1
        else:
            yield finding


def _fix_other(path: str, report: Report, session: Session, *, unsafe: bool) -> Fixed:
    """Put right a file that is no manifest, which is a policy: once, since it is not checked file by file."""
    content = content_of(path, session)
    reading = read(content, path, session.options.limits)
    own = (finding for finding in report.findings if finding.path == path)
    batch = _choose(own, reading, session.options.limits, unsafe=unsafe)
    if not batch or _encoded(reading, content) != content or not holds(batch, reading, session.options.limits):
        return Fixed(path, content, content, 0, settled=True)
    return Fixed(path, content, _made(batch, reading, content), len(batch), settled=True)


def _made(batch: Sequence[Proposal], reading: Reading, content: bytes) -> bytes:
    return _edited((edit for proposal in batch for edit in proposal.edits), reading, content)


def _edited(edits: Iterable[Rewrite], reading: Reading, content: bytes) -> bytes:
    text = apply(reading.text, in_order(edits))
    return (MARK if content.startswith(MARK) else b"") + text.encode()


def _encoded(reading: Reading, content: bytes) -> bytes:
    return (MARK if content.startswith(MARK) else b"") + reading.text.encode("utf-8", "replace")


def _choose(findings: Iterable[Finding], reading: Reading, limits: Limits, *, unsafe: bool) -> Sequence[Proposal]:
    """Patches that can be made together, those of the worst findings first."""
    batch: Sequence[Proposal] = apart(
        reopened(finding.fix, patch, reading)
        for finding in worst_first(findings)
        for patch in wanted(finding, unsafe=unsafe)
        if finding.fix is not None
    )
    while len(batch) > 1 and not holds(batch, reading, limits):  # each for itself does; two may be in each other's way
        batch = batch[: len(batch) // 2]
    return batch


def write(fixed: Fixed) -> None:
    """Replace a file by what it was put right to: all of it or nothing, mode and links kept. Raises NotWritten."""
    real = os.path.realpath(fixed.path)
    try:
        state = os.stat(real)
        if not state.st_mode & 0o222 or not os.access(real, os.W_OK):
            raise NotWritten("it is read-only")
        with open(real, "rb") as file:
            if file.read(len(fixed.before) + 1) != fixed.before:
                raise NotWritten("it was changed by somebody else meanwhile; run again")
        replace(real, fixed.after)
    except OSError as error:
        raise NotWritten(error.strerror or str(error)) from None
