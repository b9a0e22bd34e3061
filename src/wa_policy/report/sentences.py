"""What all formats say in the same words: the numbers, what the verdict rests on, the verdict, and why something does not count.

Whole lines are harmless (``visible``). ``because``, ``let_pass`` and ``plugin_named`` are parts of sentences, which whoever uses
them escapes for the reader at the other end.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from wa_policy.report.safe import visible
from wa_policy.report.style import painter
from wa_policy.wording import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wa_policy.findings import Outcome, Severity
    from wa_policy.report.model import FactsUsed, Finding, NotChecked, Override, PluginUsed, Report

NOUNS: Mapping[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}
"""What a finding of each severity is called."""

_MOST_CODES = 5
"""Of how many rules a line says the names, and not only the number."""


def by_severity(counts: Mapping[Severity, int], style: str = "d") -> str:
    """How many findings there are of each severity, those left out of which there are none: ``2 errors, 1 note``."""
    return ", ".join(count(number, NOUNS[severity], style=style) for severity, number in counts.items() if number)


def outcome_of(finding: Finding) -> str:
    """What stands behind a name where nothing is shown to be wrong, `` (unproven)`` or `` (claimed)``; else nothing."""
    return "" if finding.outcome == "fail" else f" ({finding.outcome})"


def not_checked(item: NotChecked) -> str:
    """What nobody looked at, on one line."""
    return visible(f"not checked: {item.what}: {item.reason}")


def suppressed(finding: Finding) -> str:
    """A finding that does not count, on one line: its rule, its place, and why."""
    main = finding.locations[0]
    place = f"{main.path}:{main.span.line}:{main.span.column}"
    return visible(f"suppressed: {finding.code} {finding.name} at {place}: {because(finding)}")


def because(finding: Finding) -> str:
    """Why a suppressed finding does not count: the reason, who gave it, and until when it holds."""
    words = finding.suppression
    if words is None:
        return ""
    reason = words.reason or ("it stands in the baseline" if words.kind == "baseline" else "no reason is given")
    owner = f"owner {words.owner}" if words.owner else ""
    until = f"until {words.until}" if words.until else ""
    return ", ".join(word for word in (reason, owner, until) if word)


def summary(report: Report, *, color: bool = False) -> Iterator[str]:
    """What was looked at, what it rests on, and the verdict: a line each, the verdict last."""
    yield numbers(report)
    yield from grounds(report)
    sentence, style = verdict(report)
    yield painter(color=color)(sentence, style)


def numbers(report: Report) -> str:
    """How much was looked at, and how much was found."""
    found = by_severity(report.counts()) or "no findings"
    found += f"; {len(report.suppressed)} suppressed" if report.suppressed else ""
    return f"{count(len(report.manifests), 'manifest')}, {count(len(report.rules), 'rule')}: {found}"


def grounds(report: Report) -> Iterator[str]:
    """What the verdict rests on, and what it leaves out."""
    yield from judged_by(report)
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


def judged_by(report: Report) -> Iterator[str]:
    """The policy and the day, plugins if there are any, and the facts."""
    yield f"policy {visible(report.policy)} ({visible(report.policy_origin)}), as of {report.as_of}"
    if report.plugins:
        yield visible(f"plugins: {', '.join(map(plugin_named, report.plugins))}")
    if report.facts:
        yield _facts(report.facts)


def verdict(report: Report) -> tuple[str, str]:
    """Whether all is ready, and the style in which a terminal shows it."""
    if report.not_checked:
        return f"NOT READY: {count(len(report.not_checked), 'thing')} could not be checked", "error"
    if report.exit_code:
        return f"NOT READY: findings of severity {report.fail_on} or worse", "error"
    if report.left_out:
        return f"READY by {len(report.rules)} of the policy's {count(report.weighed, 'rule')}", "warning"
    return "READY", "good"


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
