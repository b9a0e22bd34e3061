"""The report for readers of test results (JUnit XML): one suite for each manifest, one case for each finding.

What fails the run is a failure. What is milder, and what is suppressed, is skipped, with the reason: shown, and failing
nothing. What was not checked is an error. A manifest without findings has one case, which passes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from wa_policy.records import NamedTuple
from wa_policy.report.model import NotChecked, fails
from wa_policy.report.places import from_top, top
from wa_policy.report.safe import visible
from wa_policy.report.sentences import because, outcome_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wa_policy.report.model import Finding, Manifest, Report

_MARKUP = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&quot;", ord("'"): "&apos;"}
_NO_CHARACTERS = re.compile("[\ufffe\uffff]")
"""What ``visible`` leaves and XML 1.0 cannot hold, not even written as a number."""

_OUTCOMES = {"failure": "failures", "error": "errors", "skipped": "skipped"}
"""The elements that say how a case ended, and the attributes that count them."""

_Key = tuple[str, int]
"""A manifest: its path, and its document."""

_NO_MANIFEST: _Key = ("", -1)


class _Case(NamedTuple):
    """What is said of a manifest; a case without an outcome has passed."""

    name: str
    file: str
    line: int = 0
    column: int = 0
    outcome: Literal["failure", "error", "skipped", ""] = ""
    message: str = ""
    details: tuple[str, ...] = ()


def render(report: Report, *, color: bool = False) -> str:
    """The report as an XML document of version 1.0."""
    del color
    suites = _suites(report)
    every = [case for _, cases in suites for case in cases]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="wa-policy"{_counts(every, "skipped")}>']
    for name, cases in suites:
        lines.append(f'  <testsuite name="{_xml(name)}"{_counts(cases)} time="0">')
        for case in cases:
            lines += _case(name, case)
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _suites(report: Report) -> list[tuple[str, list[_Case]]]:
    """Every manifest with its cases, in order; then what belongs to no single one, if there is any."""
    folder = top()
    names = {(manifest.path, manifest.document): _suite(manifest, folder) for manifest in report.manifests}
    cases: dict[_Key, list[_Case]] = {key: [] for key in names}
    of_file = {key[0]: key for key in reversed(names)}  # what is about a file as a whole belongs to its first manifest
    found: list[Finding | NotChecked] = [*report.findings, *report.suppressed, *report.not_checked]
    for item in found:
        key = (item.path, item.document)
        own = key if key in names else of_file.get(item.path, _NO_MANIFEST)
        case = _not_checked(item, folder) if isinstance(item, NotChecked) else _finding(item, report, folder)
        cases.setdefault(own, []).append(case)
    for key in names:
        cases[key] = cases[key] or [_Case("no findings", from_top(key[0], folder))]
    taken: dict[str, set[str]] = {}
    suites = ((names.get(key, "wa-policy"), of_suite) for key, of_suite in cases.items())
    return [(name, _told_apart(of_suite, taken.setdefault(_xml(name), set()))) for name, of_suite in suites]


def _suite(manifest: Manifest, folder: str) -> str:
    """What the suite of a manifest is called."""
    document = f" (document {manifest.document + 1})" if manifest.document > 0 else ""
    place = from_top(manifest.path, folder) + document
    return f"{manifest.workspace} in {place}" if manifest.workspace else place


def _told_apart(cases: list[_Case], taken: set[str]) -> list[_Case]:
    """The cases, no two of one name: of those GitLab shows the first, and drops the others without a word.

    The first keeps its name, so that it is known again when lines move. The others get their place, then a number.
    """
    names: list[str] = []
    for case in cases:
        shown = _xml(case.name)
        names.append("" if shown in taken else case.name)
        taken.add(shown)
    numbers: dict[str, int] = {}
    for index, case in enumerate(cases):
        if names[index]:
            continue
        at = f"{case.name} ({case.line}:{case.column})" if case.line else case.name
        name = at
        while _xml(name) in taken:
            numbers[at] = numbers.get(at, 1) + 1
            name = f"{at} #{numbers[at]}"
        names[index] = name
        taken.add(_xml(name))
    return [case._replace(name=name) for case, name in zip(cases, names, strict=True)]


def _finding(finding: Finding, report: Report, folder: str) -> _Case:
    main = finding.locations[0]
    name = f"{finding.code} {finding.name}" + (f" at {main.route}" if main.route else "")
    at = (from_top(main.path, folder), main.span.line, main.span.column)
    details = [f"{finding.severity}[{finding.code}] {finding.name}{outcome_of(finding)}: {finding.message}"]
    for place in finding.locations:
        label = f": {place.label}" if place.label else ""
        details.append(f"at {from_top(place.path, folder)}:{place.span.line}:{place.span.column}{label}")
    details += [f"{title}: {text}" for title, text in (("why", finding.why), ("fix", finding.remedy)) if text.strip()]
    if finding.suppression:
        return _Case(name, *at, "skipped", f"suppressed ({because(finding)}): {finding.message}", tuple(details))
    if fails(finding, report.fail_on):
        return _Case(name, *at, "failure", finding.message, tuple(details))
    return _Case(name, *at, "skipped", f"{finding.severity}, below the threshold: {finding.message}", tuple(details))


def _not_checked(item: NotChecked, folder: str) -> _Case:
    file = from_top(item.path, folder) if item.path else ""
    return _Case(f"not checked: {item.what}", file, 0, 0, "error", item.reason, (item.reason, item.remedy))


def _case(suite: str, case: _Case) -> Iterator[str]:
    of = f' file="{_xml(case.file)}"' if case.file else ""
    of += f' line="{case.line}"' if case.line else ""
    head = f'    <testcase classname="{_xml(suite)}" name="{_xml(case.name)}"{of} time="0"'
    if not case.outcome:
        yield f"{head}/>"
        return
    details = "\n".join(_xml(line) for line in case.details if line)
    yield f"{head}>"
    yield f'      <{case.outcome} message="{_xml(case.message)}">{details}</{case.outcome}>'
    yield "    </testcase>"


def _counts(cases: list[_Case], *without: str) -> str:
    numbers = {name: sum(case.outcome == outcome for case in cases) for outcome, name in _OUTCOMES.items()}
    shown = "".join(f' {name}="{number}"' for name, number in numbers.items() if name not in without)
    return f' tests="{len(cases)}"{shown}'


def _xml(text: str) -> str:
    """Text for an attribute or for between tags: characters that act, and those that XML cannot hold, as ``\\u{...}``."""
    shown = _NO_CHARACTERS.sub(lambda match: f"\\u{{{ord(match[0]):x}}}", visible(text))
    return shown.translate(_MARKUP)
