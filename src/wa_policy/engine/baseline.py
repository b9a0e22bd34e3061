"""Findings that were there before a team began to check: kept in a file, they do not count, and new ones do.

An entry names workspace, rule, place by names and value digest, never a line. It says how often: of three equal findings where
two are accepted, the third counts.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from wa_policy.engine.session import UsageError
from wa_policy.policy.model import NEVER_SUPPRESSED
from wa_policy.records import NamedTuple
from wa_policy.report.model import Stale, Suppression, by_weight, fails
from wa_policy.schema.validate import violations
from wa_policy.source import git
from wa_policy.source.document import Limits
from wa_policy.source.paths import as_word
from wa_policy.source.reading import read
from wa_policy.source.replace import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wa_policy.engine.judged import Judged
    from wa_policy.findings import Severity
    from wa_policy.report.model import Finding
    from wa_policy.source.document import Document
    from wa_policy.source.spans import Span

FORMAT = "wa-policy/baseline"
VERSION = 1
LIMITS = Limits(bytes=64 * 1024 * 1024, nodes=5_000_000)
"""A baseline of a large company is larger than any manifest."""

_REMEDY = (
    "  a baseline is JSON, which `wa-policy baseline write FILE PATH ...` writes where no file is yet",
    "  if this was one, mend it, or remove it and have a new one written; else name another file",
)


class Key(NamedTuple):
    """What is accepted; in the order in which a file lists them."""

    workspace: str
    rule: str
    route: str
    value: str


class Baseline:
    """A baseline as read: how often each key is accepted, and on which line that is written."""

    __slots__ = ("counts", "lines", "path")

    def __init__(self, path: str, counts: Mapping[Key, int], lines: Mapping[Key, int]) -> None:
        self.path = path
        self.counts = Counter(counts)
        self.lines = lines

    def accept(
        self, findings: Iterable[Finding], manifests: Iterable[Judged]
    ) -> tuple[list[Finding], tuple[Stale, ...]]:
        """The findings in the same order, those that the baseline accepts marked so; and what nothing needs any more.

        Of findings with one key the worst are accepted first: those that it was written for.
        """
        left = Counter(self.counts)
        marked = list(findings)
        for index in sorted(range(len(marked)), key=lambda index: by_weight(marked[index])):
            finding = marked[index]
            key = key_of(finding)
            if finding.suppression is None and left[key] > 0 and may_be_kept(finding):
                left[key] -= 1
                known = Suppression("baseline", "", "", "", self.path, self.lines[key])
                marked[index] = finding._replace(suppression=known)  # the same finding, marked
        judged = {(looked.manifest.workspace, code) for looked in manifests for code in looked.codes}
        stale = [
            Stale(key.workspace, key.rule, key.route, key.value, count, self.path, self.lines[key])
            for key, count in sorted(left.items())
            if count > 0 and (key.workspace, key.rule) in judged
        ]
        return marked, tuple(stale)


def key_of(finding: Finding) -> Key:
    """What a finding is known by."""
    return Key(finding.workspace, finding.code, finding.names, finding.value)


def may_be_kept(finding: Finding) -> bool:
    """Whether a baseline may accept a finding: not a credential, nor what keeps the others from being seen."""
    return finding.code not in NEVER_SUPPRESSED


def counts_of(findings: Iterable[Finding], fail_on: Severity) -> Counter[Key]:
    """What a baseline must accept so that these findings do not fail."""
    return Counter(key_of(finding) for finding in findings if fails(finding, fail_on) and may_be_kept(finding))


def load(path: str) -> Baseline:
    """Read a baseline, which may be in a commit (``git:REF:PATH``). Raises UsageError with every mistake and its place."""
    reading = read(_content(path), f"{path}.json", LIMITS)  # whatever it is called, it is JSON
    if reading.troubles:
        said = _complaints(path, ((trouble.span, trouble.message) for trouble in reading.troubles))
        raise UsageError(*said, *_REMEDY)
    document = reading.documents[0]
    if found := violations(document.data, "baseline"):
        wrong = ((document.locate(item.route, item.on_key), item.message) for item in found)
        raise UsageError(*_complaints(path, wrong))
    return _baseline(path, document)


def _content(path: str) -> bytes:
    try:
        if path.startswith(git.PREFIX):
            return git.read(git.parse(path), LIMITS.bytes)
        with open(path, "rb") as file:
            return file.read(LIMITS.bytes + 1)
    except git.GitError as error:
        raise UsageError(f"the baseline {path} cannot be read: {error}") from None
    except OSError as error:
        message = f"the baseline {path} cannot be read: {error.strerror}"
        raise UsageError(message, f"  {_way_out(error, path)}") from None


def _way_out(error: OSError, path: str) -> str:
    if isinstance(error, FileNotFoundError):
        return f"`wa-policy baseline write {as_word(path)} PATH ...` writes one"
    return "name a file" if isinstance(error, IsADirectoryError) else "mend its permissions, or name another file"


def _complaints(path: str, wrong: Iterable[tuple[Span, str]]) -> list[str]:
    lines = [f"  {path}:{span.line}:{span.column}: {message}" for span, message in wrong]
    return ["the baseline cannot be used, so nothing was checked", *lines]


def _baseline(path: str, document: Document) -> Baseline:
    counts: dict[Key, int] = {}
    lines: dict[Key, int] = {}
    for index, entry in enumerate(document.data["entries"]):
        key = Key(*(entry[field] for field in Key._fields))
        span = document.locate(("entries", index))
        if key in counts:
            message = f"this entry stands on line {lines[key]} already: add up what both count"
            raise UsageError(*_complaints(path, [(span, message)]))
        counts[key], lines[key] = entry["count"], span.line
    return Baseline(path, counts, lines)


def render(counts: Mapping[Key, int]) -> str:
    """A baseline as a file holds it: sorted, one entry a line, so that a review shows what came and went."""
    entries: list[dict[str, Any]] = [
        {**key._asdict(), "count": count} for key, count in sorted(counts.items()) if count > 0
    ]
    lines = ",\n".join(f"    {json.dumps(entry)}" for entry in entries)
    body = f"[\n{lines}\n  ]" if entries else "[]"
    return f'{{\n  "format": "{FORMAT}",\n  "version": {VERSION},\n  "entries": {body}\n}}\n'


def save(path: str, counts: Mapping[Key, int]) -> None:
    """Write a baseline: the whole file or nothing, mode and links kept. Raises UsageError."""
    try:
        replace(path, render(counts).encode())
    except OSError as error:
        raise UsageError(f"the baseline {path} cannot be written: {error.strerror}") from None
