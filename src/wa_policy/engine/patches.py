"""From what a rule would have changed to edits of the file, and the proof of each: the file, read again, says just that."""

from __future__ import annotations

from bisect import bisect_left, insort
from contextlib import suppress
from typing import TYPE_CHECKING

from wa_policy.engine.one_file import DIRECTIVES
from wa_policy.records import NamedTuple
from wa_policy.report.model import Edit, Patch
from wa_policy.rules.registry import show_traceback
from wa_policy.schema.validate import validate, violations
from wa_policy.source.changes import DataChange, intended, same
from wa_policy.source.edit import rewrites
from wa_policy.source.page import CannotEdit, Page, Rewrite, apply, in_order, remove_text
from wa_policy.source.reading import JSON, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from wa_policy.engine.open_file import OpenFile
    from wa_policy.findings import Change, Fix
    from wa_policy.report.model import Finding
    from wa_policy.source.document import Limits, Reading, Source
    from wa_policy.source.spans import Route


MOST_READ = 1 << 26
FEWEST_TRIALS = 16
"""How many characters are read again, in all, to prove the edits of a file, and how often it is read at least."""


class Proposal(NamedTuple):
    """A fix, and the edits that would make it."""

    fix: Fix
    edits: tuple[Rewrite, ...]


def with_patches(findings: Iterable[Finding], open_file: Callable[[str], OpenFile], limits: Limits) -> list[Finding]:
    """The findings, each with the patch for what its rule would have changed.

    There is none for what no edit can do without touching anything else, nor for what is suppressed: nobody wants that changed.
    Nor is there one for what the schema refuses, of which the finding then says why.
    """
    found = list(findings)
    by_path: dict[str, list[int]] = {}
    for index, finding in enumerate(found):
        if finding.fix is not None and finding.suppression is None:
            by_path.setdefault(finding.path, []).append(index)
    for path, indices in by_path.items():
        file = open_file(path)
        for index, patch in zip(indices, _patches([found[index].fix for index in indices], file, limits), strict=True):
            if isinstance(patch, Patch):
                found[index] = found[index]._replace(patches=(patch,))
            elif patch:
                found[index] = found[index]._replace(unfixed=patch)
    return found


def _patches(fixes: Iterable[Fix | None], file: OpenFile, limits: Limits) -> list[Patch | str]:
    """For each fix its patch, or why the schema refuses it; an empty text where it cannot be made for any other reason."""
    as_json = file.reading.path.lower().endswith(JSON)
    pages = {number: Page(document, file.reading.source.text, as_json) for number, document in file.documents.items()}
    accepting = _accepting(file.reading)
    proposals = [_propose(fix, file, pages, accepting) if fix else None for fix in fixes]
    by_edits = {proposal.edits: proposal for proposal in proposals if proposal}
    tried = _tried(list(by_edits.values()), file.reading, limits)
    refusals = [tried.get(item.edits, "") if item else "" for item in proposals]
    return [
        _patch(item, file) if item and refusal is None else file.said.hide(refusal or "")
        for item, refusal in zip(proposals, refusals, strict=True)
    ]


def _accepting(reading: Reading) -> Mapping[tuple[int, Route], list[Rewrite]]:
    """What would take out each suppression in a comment, by the document and the route of what it stands at."""
    found: dict[tuple[int, Route], list[Rewrite]] = {}
    if any(sign in reading.text for sign in DIRECTIVES):
        from wa_policy.manifest.directives import directives  # most files hold none
        from wa_policy.source.comments import comments

        for comment in comments(reading):
            if comment.route is not None:
                for said in directives(comment.text):
                    start = comment.start + said.start
                    edit = remove_text(reading.text, start, start + len(said.text))
                    found.setdefault((comment.document.number, comment.route), []).append(edit)
    return found


def _propose(
    fix: Fix, file: OpenFile, pages: Mapping[int, Page], accepting: Mapping[tuple[int, Route], list[Rewrite]]
) -> Proposal | None:
    """The edits for a fix; none for what is in another file, or would touch or tell a credential."""
    try:
        if any(change.place.document.path != file.reading.path for change in fix.changes):
            return None
        found = [edit for page_edits in _edits(fix.changes, file.reading.source, pages) for edit in page_edits]
        edits = in_order([*found, *_left_over(fix.changes, accepting, found)])
    except CannotEdit:
        return None
    except Exception as error:  # noqa: BLE001  # a rule is anybody's code: what it would have changed may be anything
        show_traceback(error)
        return None
    telling = any(file.touches_secret(edit.start, edit.end) or file.said.hide(edit.text) != edit.text for edit in edits)
    return None if telling or not edits else Proposal(fix, tuple(edits))


def _left_over(
    changes: Sequence[Change], accepting: Mapping[tuple[int, Route], list[Rewrite]], edits: Sequence[Rewrite]
) -> list[Rewrite]:
    """Take out the suppressions of what is removed that would stay: they would come to stand at what follows it."""
    gone = [
        (change.place.document.number, change.place.route)
        for change in changes
        if change.verb == "remove" and change.place.span is None
    ]
    left = (edit for place in gone for edit in accepting.get(place, ()))
    return [edit for edit in left if not any(other.start <= edit.start < other.end for other in edits)]


def _edits(changes: Sequence[Change], source: Source, pages: Mapping[int, Page]) -> Iterator[list[Rewrite]]:
    for change in changes:
        if change.place.span is not None:
            start, end = source.offsets(change.place.span)
            text = str(change.value or "")
            yield [Rewrite(start, end, text) if change.verb == "set" else remove_text(source.text, start, end)]
    for number, wanted in _by_document(changes).items():
        if number not in pages:
            raise CannotEdit
        yield rewrites(pages[number], wanted)


def _by_document(changes: Iterable[Change]) -> dict[int, list[DataChange]]:
    found: dict[int, list[DataChange]] = {}
    for change in changes:
        if change.place.span is None:
            wanted = DataChange(change.verb, change.place.route, change.value)
            found.setdefault(change.place.document.number, []).append(wanted)
    return found


def _tried(proposals: Sequence[Proposal], reading: Reading, limits: Limits) -> dict[tuple[Rewrite, ...], str | None]:
    """None for the edits that do what they should, for others why the schema refuses what they do, if that is why.

    Many are tried at once, since each trial reads the whole file. Where very many fail, or are in each other's way, there is an
    end to it, and the rest is not tried.
    """
    waiting = list(proposals)
    trials = max(MOST_READ // (len(reading.text) + 1), FEWEST_TRIALS)
    found: dict[tuple[Rewrite, ...], str | None] = {}

    def search(batch: Sequence[Proposal]) -> None:
        nonlocal trials
        trials -= 1
        if trials < 0:
            return
        if holds(batch, reading, limits):
            found.update((proposal.edits, None) for proposal in batch)
        elif len(batch) > 1:
            middle = len(batch) // 2
            search(batch[:middle])
            search(batch[middle:])
        else:
            found[batch[0].edits] = _refusal(batch[0].fix, reading)

    while waiting and trials > 0:
        batch = apart(waiting)
        taken = {id(proposal) for proposal in batch}
        search(batch)
        waiting = [proposal for proposal in waiting if id(proposal) not in taken]
    return found


def _refusal(fix: Fix, reading: Reading) -> str:
    """Why the schema refuses what a fix would make of a document that it takes; an empty string where that is not why."""
    wanted = _by_document(fix.changes)
    for document in reading.documents:
        with suppress(TypeError, ValueError):  # what makes no sense
            changed = intended(document.data, wanted.get(document.id.number, ()))
            if _spoils(document.data, changed):
                return violations(changed, _kind(document.data))[0].message
    return ""


def _spoils(before: object, after: object) -> bool:
    """Whether the schema takes a document as it was, and refuses it as it would be."""
    return not validate(after, _kind(before)) and validate(before, _kind(before))


def _kind(data: object) -> str:
    return "policy" if isinstance(data, dict) and data.get("kind") == "Policy" else "workspace"


def apart(proposals: Iterable[Proposal]) -> list[Proposal]:
    """The proposals in their order, without those that touch text which an earlier one touches."""
    kept: list[Proposal] = []
    edits: list[Rewrite] = []
    for proposal in proposals:
        if not any(_touches(edit, edits) for edit in proposal.edits):
            kept.append(proposal)
            for edit in proposal.edits:
                insort(edits, edit)
    return kept


def _touches(edit: Rewrite, edits: Sequence[Rewrite]) -> bool:
    """Whether one of the edits, which are in order and apart, is in the way of another."""
    at = bisect_left(edits, edit[:2])
    neighbours = edits[max(at - 1, 0) : at + 1]
    return any(other[:2] == edit[:2] or (other.start < edit.end and edit.start < other.end) for other in neighbours)


def holds(proposals: Sequence[Proposal], reading: Reading, limits: Limits) -> bool:
    """Whether all edits together change the data as intended, in every document, and nothing else, and spoil none."""
    text = apply(reading.text, in_order(edit for proposal in proposals for edit in proposal.edits))
    try:
        content = text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which a rule may ask for
        return False
    again = read(content, reading.path, limits)
    if [document.id for document in again.documents] != [document.id for document in reading.documents]:
        return False
    if [trouble.message for trouble in again.troubles] != [trouble.message for trouble in reading.troubles]:
        return False
    try:
        wanted = _by_document(change for proposal in proposals for change in proposal.fix.changes)
        return all(
            same(new.data, intended(old.data, wanted.get(old.id.number, ())))
            and not (old.id.number in wanted and _spoils(old.data, new.data))
            for old, new in zip(reading.documents, again.documents, strict=True)
        )
    except (TypeError, ValueError):
        return False


def _patch(proposal: Proposal, file: OpenFile) -> Patch:
    reading = file.reading
    edits = (Edit(reading.path, reading.source.span(edit.start, edit.end), edit.text) for edit in proposal.edits)
    return Patch(file.said.hide(proposal.fix.title), proposal.fix.safe, tuple(edits))


def reopened(fix: Fix, patch: Patch, reading: Reading) -> Proposal:
    """The proposal that a patch of the same text came from."""
    return Proposal(fix, tuple(Rewrite(*reading.source.offsets(edit.span), edit.text) for edit in patch.edits))
