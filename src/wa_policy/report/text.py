"""The report for a person at a terminal: each finding with its source line, why it matters and what to do; then a summary."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from wa_policy.report.safe import visible
from wa_policy.report.sentences import outcome_of, summary, suppressed
from wa_policy.report.style import WIDTH, painter
from wa_policy.wording import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wa_policy.findings import Severity
    from wa_policy.report.model import Finding, Location, NotChecked, Report
    from wa_policy.report.style import Painter

MANY = 50
"""So many findings of one rule in one file are shown, and so many suppressed ones; of more, the rest are counted."""

_SHOW_ALL = "--format concise shows all of them"


def render(report: Report, *, color: bool = False) -> str:
    """The whole report as text, with a line break at its end."""
    paint = painter(color=color)
    lines: list[str] = []
    explained: set[str] = set()
    alike: dict[tuple[str, str], int] = {}
    for finding in report.findings:
        nth = alike[finding.code, finding.path] = alike.get((finding.code, finding.path), 0) + 1
        if nth <= MANY:
            lines += [*_finding(finding, paint, explained), ""]
    for (code, path), number in alike.items():
        if number > MANY:
            lines += [f"{count(number - MANY, 'more finding')} of {visible(code)} in {visible(path)}: {_SHOW_ALL}", ""]
    for item in report.not_checked:
        lines += [*_not_checked(item, paint), ""]
    if report.suppressed:
        lines += [*_suppressed(report.suppressed), ""]
    return "\n".join([*lines, *summary(report, color=color)]) + "\n"


def _suppressed(findings: Sequence[Finding]) -> Iterator[str]:
    yield from map(suppressed, findings[:MANY])
    if len(findings) > MANY:
        yield f"suppressed: {len(findings) - MANY} more: {_SHOW_ALL}"


def _finding(finding: Finding, paint: Painter, explained: set[str]) -> Iterator[str]:
    """One finding. Why it matters is said where a rule speaks first, and so is a remedy that is said again."""
    main, *others = finding.locations
    margin = max(len(str(location.span.line)) for location in finding.locations)
    title = paint(visible(f"{finding.severity}[{finding.code}]"), finding.severity)
    title += paint(f" {visible(finding.name)}", "bold")
    yield f"{title}{outcome_of(finding)}: {visible(finding.message)}"
    yield from _location(main, "-->", margin, paint, finding.severity, finding.workspace)
    for other in others:
        yield from _location(other, ":::", margin, paint, finding.severity, "")
    for title, text in (("why", finding.why), ("fix", finding.remedy)):
        if text not in explained:
            yield from _remark(title, text, margin, paint)
    if finding.why and finding.why in explained:
        yield from _remark("more", f"wa-policy explain {finding.code}", margin, paint)
    for patch in finding.patches:
        yield from _remark(
            "auto", f"{patch.title} ({'--fix' if patch.safe else '--fix --unsafe-fixes'})", margin, paint
        )
    explained |= {finding.why, finding.remedy}


def _location(
    location: Location, arrow: str, margin: int, paint: Painter, severity: Severity, workspace: str
) -> Iterator[str]:
    span, frame = location.span, location.frame
    of = ", ".join(visible(word) for word in (workspace, location.route) if word)
    pad = " " * margin
    place = f"{visible(location.path)}:{span.line}:{span.column}"
    yield f"{pad}{paint(arrow, 'place')} {place}{f'  ({of})' if of else ''}"
    bar = paint("|", "place")
    yield f"{pad} {bar}"
    cut = "... " if frame.shift else ""
    yield f"{paint(str(frame.line).rjust(margin), 'place')} {bar} {cut}{visible_line(frame.text)}"
    start, end = location.marked
    before = len(cut) + _width(visible_line(frame.text[:start]))
    carets = max(1, _width(visible_line(frame.text[start:end])))
    label = f" {visible(location.label)}" if location.label else ""
    yield f"{pad} {bar} {' ' * before}{paint('^' * carets + label, severity)}"


def visible_line(text: str) -> str:
    """A source line with tabs as spaces, so that what stands below it stays below it."""
    return visible(text.replace("\t", "    "))


def _width(text: str) -> int:
    """How many columns a terminal takes for a text."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):  # not combining(), which misses vowel signs of Hindi
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _remark(title: str, text: str, margin: int, paint: Painter) -> Iterator[str]:
    if text.strip():
        import textwrap  # most manifests are ready, and nothing is remarked

        head = f"{' ' * margin} = {title}: "
        wrapped = textwrap.wrap(visible(text), WIDTH - len(head), break_long_words=False, break_on_hyphens=False)
        yield f"{' ' * margin} {paint('=', 'place')} {paint(title, 'bold')}: {wrapped[0]}"
        for line in wrapped[1:]:
            yield " " * len(head) + visible(line)  # what begins a line may be a command only now


def _not_checked(item: NotChecked, paint: Painter) -> Iterator[str]:
    yield f"{paint('not checked', 'error')}: {visible(item.what)}: {visible(item.reason)}"
    if item.path and item.path != item.what:
        yield f"  {paint('-->', 'place')} {visible(item.path)}"
    yield from _remark("fix", item.remedy, 1, paint)
