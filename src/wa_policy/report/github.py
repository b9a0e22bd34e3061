"""The report as annotations of a pull request: commands that GitHub's runner reads in the log, then the summary.

GitHub shows ten annotations of a kind for each step, and drops the others without a word. So the worst come first, no more than
it shows are written, and a line says how many there are besides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from wa_policy.records import NamedTuple
from wa_policy.report.model import worst_first
from wa_policy.report.places import from_top, top
from wa_policy.report.safe import visible
from wa_policy.report.sentences import outcome_of, summary, suppressed
from wa_policy.wording import count, cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wa_policy.report.model import Finding, NotChecked, Report
    from wa_policy.source.spans import Span

    Summarized = Literal["all", "some", ""]

AT_MOST = 10
"""Annotations of one kind that GitHub shows for a step."""

LONGEST = 4_000
"""How much of a message is written, in code points; GitHub takes 64 KB."""

KINDS = {"error": "error", "warning": "warning", "info": "notice"}


_REST = {
    "all": "The step summary lists them.",
    "some": "The step summary lists as many as it has room for.",
    "": "Another format lists them, such as --output text=FILE.",
}
"""Where to find what is not annotated, by how much of the report is in the step's summary."""


class _Annotation(NamedTuple):
    """One command, in parts that are not escaped yet."""

    kind: str
    title: str
    message: str
    path: str = ""
    span: Span | None = None


def render(report: Report, *, color: bool = False, summarized: Summarized = "") -> str:
    """The commands, one a line, and the report's summary; ``summarized`` is how much of it is in that of the step."""
    folder = top()
    every = [*map(_not_checked, report.not_checked), *map(_annotation, worst_first(report.findings))]
    by_kind = {kind: [annotation for annotation in every if annotation.kind == kind] for kind in KINDS.values()}
    lines = [_command(annotation, folder) for of_kind in by_kind.values() for annotation in of_kind[:AT_MOST]]
    lines += [*_left_out(by_kind, summarized), *map(suppressed, report.suppressed)]
    return "\n".join([*lines, *summary(report, color=color)]) + "\n"


def _annotation(finding: Finding) -> _Annotation:
    main, *others = finding.locations
    of = ", ".join(word for word in (finding.workspace, main.route) if word)
    lines = [f"{finding.message}{outcome_of(finding)}", *([f"in {of}"] if of else [])]
    for other in others:
        label = f": {other.label}" if other.label else ""
        lines.append(f"see {other.path}:{other.span.line}{label}")
    if finding.remedy.strip():
        lines.append(f"fix: {finding.remedy}")
    title = f"{finding.code} {finding.name}"
    return _Annotation(KINDS[finding.severity], title, _message(lines), main.path, main.span)


def _not_checked(item: NotChecked) -> _Annotation:
    lines = [f"{item.what}: {item.reason}", *([f"fix: {item.remedy}"] if item.remedy else [])]
    return _Annotation("error", "not checked", _message(lines), item.path)


def _message(lines: Iterable[str]) -> str:
    """The lines as one text: only these line breaks are real ones."""
    return cut("\n".join(map(visible, lines)), LONGEST, " [...]")


def _left_out(by_kind: Mapping[str, Sequence[_Annotation]], summarized: Summarized) -> Iterator[str]:
    more = [count(len(of_kind) - AT_MOST, kind) for kind, of_kind in by_kind.items() if len(of_kind) > AT_MOST]
    if more:
        yield f"GitHub shows {AT_MOST} annotations of a kind; not annotated: {', '.join(more)}. {_REST[summarized]}"


def _command(annotation: _Annotation, folder: str) -> str:
    words = {"title": visible(annotation.title)}
    if annotation.path:
        path = visible(from_top(annotation.path, folder))
        words = {"file": f"./{path}" if path.startswith("=") else path, **_place(annotation.span), **words}
    properties = ",".join(f"{name}={_property(value)}" for name, value in words.items())
    return f"::{annotation.kind} {properties}::{_data(annotation.message)}"


def _place(span: Span | None) -> dict[str, str]:
    """GitHub refuses columns of a place that is on several lines."""
    if span is None:
        return {"line": "1"}
    lines = {"line": str(span.line), "endLine": str(span.end_line)}
    return lines | ({"col": str(span.column), "endColumn": str(span.end_column)} if span.line == span.end_line else {})


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """The runner has no way to write = at the beginning of a value: it reads over it."""
    begun = f"\\u{{3d}}{text[1:]}" if text.startswith("=") else text
    return _data(begun).replace(":", "%3A").replace(",", "%2C")
