"""Comments that accept findings in a block that --fix has changed: bound anew, where what they accept is still the same."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from wa_policy.engine.inline import find
from wa_policy.records import NamedTuple
from wa_policy.source.page import Rewrite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wa_policy.engine.one_file import FileResult, InlineSuppression
    from wa_policy.engine.open_file import OpenFile
    from wa_policy.engine.session import Session
    from wa_policy.report.model import Finding


class Rebinding(NamedTuple):
    """A comment before a fix and after it, and the edit that would bind it to what stands there now."""

    before: InlineSuppression
    after: InlineSuppression
    edit: Rewrite


def rebindings(before: FileResult, after: FileResult, file: OpenFile, session: Session) -> list[Rebinding]:
    """What would bind those comments anew that accepted something before a file was changed, and no longer accept all of it.

    ``file`` is the changed one, of which ``after`` is the result.
    """
    woken = {
        new._replace(own=""): (old, new)
        for old, new in _pairs(before, after)
        if old.value and new.own and _accepted(old, before) != _accepted(new, after)
    }
    found = []
    for written in find(file, session) if woken else ():
        if pair := woken.get(written.suppression):
            at = file.reading.source.offsets(written.place.span)[0] if written.place.span else 0
            value = written.directive.text.rindex(pair[0].value)
            found.append(Rebinding(*pair, Rewrite(at + value, at + value + len(pair[0].value), pair[1].own)))
    return found


def holds(rebinding: Rebinding, before: FileResult, then: FileResult, *, in_words: bool) -> bool:
    """Whether a comment that was bound anew, as ``then`` tells, accepts nothing that it did not accept before the fix.

    ``in_words``: whether the findings must say the same, which they need not where the fix has changed no meaning.
    """
    now = _accepted(rebinding.after, then, in_words=in_words)
    return bool(now) and now <= _accepted(rebinding.before, before, in_words=in_words)


def _pairs(before: FileResult, after: FileResult) -> Iterator[tuple[InlineSuppression, InlineSuppression]]:
    """Comments that are equal, each before and after; not those of which a fix has taken one away."""
    told_apart: dict[InlineSuppression, tuple[list[InlineSuppression], list[InlineSuppression]]] = {}
    for index, result in enumerate((before, after)):
        for each in result.suppressions:
            alike = each._replace(own="", line=0, route=())
            told_apart.setdefault(alike, ([], []))[index].append(each)
    for old, new in told_apart.values():
        if len(old) == len(new):
            yield from zip(old, new, strict=True)


def _accepted(
    suppression: InlineSuppression, result: FileResult, *, in_words: bool = False
) -> Counter[tuple[str, ...]]:
    return Counter(
        _what(finding, in_words=in_words)
        for finding in result.findings
        if finding.suppression is not None
        and (finding.suppression.kind, finding.suppression.line) == ("inline", suppression.line)
    )


def _what(finding: Finding, *, in_words: bool) -> tuple[str, ...]:
    """What was found, without what a fix beside it may change: the places of list items, and names and values in messages."""
    place = finding.locations[0]
    keys = re.sub(r"\[[^\]]*\]", "[]", place.route)
    return finding.code, finding.severity, finding.outcome, place.path, keys, finding.message if in_words else ""
