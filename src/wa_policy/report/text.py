"""The report for a person at a terminal: each finding with its source line, why it matters and what to do; then a summary."""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

from wa_policy.report.safe import visible
from wa_policy.report.style import WIDTH, painter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wa_policy.findings import Outcome, Severity
    from wa_policy.report.model import FactsUsed, Finding, Location, NotChecked, Override, PluginUsed, Report
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
        lines += [*suppressed(report, at_most=MANY), ""]
    return "\n".join([*lines, *summary(report, color=color)]) + "\n"


def suppressed(report: Report, at_most: int | None = None) -> Iterator[str]:
    """A line for each finding that does not count: its rule, its place, and why."""
    for finding in report.suppressed[:at_most]:
        main = finding.locations[0]
        place = f"{main.path}:{main.span.line}:{main.span.column}"
        yield visible(f"suppressed: {finding.code} {finding.name} at {place}: {because(finding)}")
    if at_most and (more := len(report.suppressed) - at_most) > 0:
        yield f"suppressed: {more} more: {_SHOW_ALL}"


def because(finding: Finding) -> str:
    """Why a suppressed finding does not count: the reason, who gave it, and until when it holds."""
    words = finding.suppression
    if words is None:
        return ""
    reason = words.reason or ("it stands in the baseline" if words.kind == "baseline" else "no reason is given")
    owner = f"owner {words.owner}" if words.owner else ""
    until = f"until {words.until}" if words.until else ""
    return ", ".join(word for word in (reason, owner, until) if word)


def _finding(finding: Finding, paint: Painter, explained: set[str]) -> Iterator[str]:
    """One finding. Why it matters is said where a rule speaks first, and so is a remedy that is said again."""
    main, *others = finding.locations
    margin = max(len(str(location.span.line)) for location in finding.locations)
    title = paint(visible(f"{finding.severity}[{finding.code}]"), finding.severity)
    title += paint(f" {visible(finding.name)}", "bold")
    outcome = "" if finding.outcome == "fail" else f" ({finding.outcome})"
    yield f"{title}{outcome}: {visible(finding.message)}"
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
    start = span.column - 1 - frame.shift
    end = span.end_column - 1 - frame.shift if span.end_line == span.line else len(frame.text)
    before = len(cut) + _width(visible_line(frame.text[: max(0, start)]))
    carets = max(1, _width(visible_line(frame.text[max(0, start) : max(0, end)])))
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
        yield from (
            " " * len(head) + visible(line) for line in wrapped[1:]
        )  # what begins a line may be a command only now


def _not_checked(item: NotChecked, paint: Painter) -> Iterator[str]:
    yield f"{paint('not checked', 'error')}: {visible(item.what)}: {visible(item.reason)}"
    if item.path and item.path != item.what:
        yield f"  {paint('-->', 'place')} {visible(item.path)}"
    yield from _remark("fix", item.remedy, 1, paint)


def summary(report: Report, *, color: bool = False) -> Iterator[str]:
    """What was looked at, what it rests on, and the verdict."""
    paint = painter(color=color)
    counts = ", ".join(count(number, name) for name, number in report.counts().items() if number) or "no findings"
    counts += f"; {len(report.suppressed)} suppressed" if report.suppressed else ""
    yield f"{count(len(report.manifests), 'manifest')}, {count(len(report.rules), 'rule')}: {counts}"
    yield from ground(report)
    yield from _let_pass(report)
    if report.stale:
        unneeded = count(sum(entry.times for entry in report.stale), "finding")
        yield visible(f"the baseline {report.stale[0].path} accepts {unneeded} that nobody finds any more: prune it")
    if report.skipped:
        others = f" and {len(report.skipped) - 1} more" if report.skipped[1:] else ""
        yield f"passed over, since it does not say that it is a manifest: {visible(report.skipped[0])}{others}"
    if unread := [manifest.path for manifest in report.manifests if not manifest.checked]:
        names = ", ".join(visible(path) for path in dict.fromkeys(unread))
        yield f"not checked any further, since their text or shape is wrong: {names}"
    yield _verdict(report, paint)


def ground(report: Report) -> Iterator[str]:
    """What the verdict rests on: the policy, the day, plugins if there are any, and the facts."""
    yield f"policy {visible(report.policy)} ({visible(report.policy_origin)}), as of {report.as_of}"
    if report.plugins:
        yield visible(f"plugins: {', '.join(map(plugin_named, report.plugins))}")
    if report.facts:
        yield _facts(report.facts)


def _verdict(report: Report, paint: Painter) -> str:
    if report.not_checked:
        return paint(f"NOT READY: {count(len(report.not_checked), 'thing')} could not be checked", "error")
    if report.exit_code:
        return paint(f"NOT READY: findings of severity {report.fail_on} or worse", "error")
    if report.left_out:
        return paint(f"READY by {len(report.rules)} of the policy's {count(report.weighed, 'rule')}", "warning")
    return paint("READY", "good")


def plugin_named(plugin: PluginUsed) -> str:
    """A plugin by its name, and its package if that is called otherwise, with the version."""
    package = plugin.package if plugin.package != plugin.name else ""
    more = " ".join(word for word in (package, plugin.version) if word)
    return f"{plugin.name} ({more})" if more else plugin.name


def _let_pass(report: Report) -> Iterator[str]:
    """What overrides of the policy let pass, and for how many manifests: nothing of it is among the findings."""
    of: dict[tuple[int, Outcome], tuple[set[str], int]] = {}
    for held, manifests in Counter(manifest.overrides for manifest in report.manifests).items():
        here: dict[tuple[int, Outcome], set[str]] = {}
        for item in report.turned_off.get(held, ()):
            here.setdefault((item.override, item.outcome), set()).add(item.code)
        for key, codes in here.items():
            known, number = of.get(key, (set(), 0))
            of[key] = known | codes, number + manifests
    for (override, outcome), (codes, manifests) in sorted(of.items()):
        of_many = f" for {count(manifests, 'manifest')}"
        yield visible(let_pass(sorted(codes), outcome, report.overrides[override], of_many))


def let_pass(codes: Sequence[str], outcome: Outcome, override: Override, of: str = "") -> str:
    """What an override lets pass, rules or only what nothing shows of them; why, and where that is written."""
    what = "turned off" if outcome == "fail" else "what nothing shows is let pass"
    names = ", ".join(codes) if len(codes) <= _MOST_CODES else count(len(codes), "rule")
    return f"{what}{of}: {names} ({override.reason}; {override.path}:{override.line})"


_MOST_CODES = 5
"""Of how many rules a line says the names, and not only the number."""


def _facts(facts: tuple[FactsUsed, ...]) -> str:
    """Which dates the verdict rests on; the whole list is long, and `wa-policy policy show` has it."""
    dates = sorted(entry.as_of for entry in facts)
    unsure = sum(entry.certainty != "sure" for entry in facts)
    own = sum(entry.origin != "bundled" for entry in facts)
    remarks = [f"{unsure} of them not sure"] if unsure else []
    remarks += [f"{own} overridden by the policy"] if own else []
    oldest = next(entry.name for entry in facts if entry.as_of == dates[0])
    one = f"{'on' if dates[0][7:] else 'in'} {dates[0]}"
    when = one if dates[0] == dates[-1] else f"between {dates[0]} ({oldest}) and {dates[-1]}"
    where = "their sources" if facts[1:] else "its source"
    text = f"{count(len(facts), 'facts file')}, read at {where} {when}"
    return visible(text + (f"; {', '.join(remarks)}" if remarks else ""))


def count(number: int, noun: str) -> str:
    """A number with its noun: one error, two errors."""
    plural = {"info": "notes"}.get(noun, f"{noun}s")
    singular = {"info": "note"}.get(noun, noun)
    return f"{number} {singular if number == 1 else plural}"
