"""Rules run over subjects; a rule that raises is told apart from one that finds nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from wa_policy.findings import Problem
from wa_policy.policy.model import weaker
from wa_policy.rules.registry import Context

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from wa_policy.findings import Severity
    from wa_policy.manifest.subjects import Workspace
    from wa_policy.policy.model import Ruling
    from wa_policy.rules.registry import Rule


class Crash(NamedTuple):
    """A rule that raised: on which manifest, and what."""

    code: str
    reason: str


class Checked(NamedTuple):
    """What the rules said of a subject, and which of them could not say."""

    problems: list[tuple[str, Problem]]
    crashes: list[Crash]


class Plan:
    """The rules to run on manifests under one table of rulings, by subject, those that consult others last."""

    __slots__ = ("as_of", "by_subject", "rulings")

    def __init__(self, rules: Iterable[Rule], rulings: Mapping[str, Ruling], as_of: date) -> None:
        self.rulings = rulings
        self.as_of = as_of
        self.by_subject: dict[str, list[Rule]] = {}
        for rule in sorted(rules, key=lambda rule: bool(rule.consults)):
            if rulings[rule.code].fail != "off":
                self.by_subject.setdefault(rule.subject, []).append(rule)

    def severity(self, code: str, problem: Problem) -> Severity:
        """What a problem weighs under the policy."""
        return weaker(
            getattr(self.rulings[code], problem.outcome), problem.at_most
        )  # a ruling's fields are the outcomes

    def check_workspace(self, workspace: Workspace) -> Checked:
        """Run all rules that look at a manifest or a part of it."""
        return self._run(_subjects(workspace))

    def check_one(self, kind: str, subject: Any) -> Checked:
        """Run the rules that look at one subject of the given kind."""
        return self._run([(kind, (subject,))])

    def _run(self, subjects: Iterable[tuple[str, Iterable[Any]]]) -> Checked:
        checked = Checked([], [])
        context = Context(self.as_of, lambda: self._errors(checked))
        late: list[tuple[Rule, Any]] = []
        for kind, items in subjects:
            rules = self.by_subject.get(kind, ())
            # All rules on one subject, then on the next: what they work out of it together is at hand then.
            for subject in items:
                for rule in rules:
                    if rule.consults:
                        late.append((rule, subject))
                    else:
                        self._apply(rule, subject, context, checked)
        for rule, subject in late:
            self._apply(rule, subject, context, checked)
        return checked

    def _apply(self, rule: Rule, subject: Any, context: Context, checked: Checked) -> None:
        settings = self.rulings[rule.code].settings
        try:
            found = (
                rule.function(subject, context, **settings)
                if rule.wants_context
                else rule.function(subject, **settings)
            )
            for problem in found:
                if not isinstance(problem, Problem):
                    raise TypeError(f"it says {problem!r}, which is no problem: yield fail(...) or unproven(...)")
                checked.problems.append((rule.code, _capped(problem, subject)))
        except (Exception, SystemExit) as error:  # noqa: BLE001  # a rule is anybody's code: the run must go on
            checked.crashes.append(Crash(rule.code, f"{type(error).__name__}: {error}"))

    def _errors(self, checked: Checked) -> Iterator[tuple[str, Problem]]:
        return (
            (code, problem)
            for code, problem in checked.problems
            if problem.outcome == "fail" and self.severity(code, problem) == "error"
        )


def _capped(problem: Problem, subject: Any) -> Problem:
    """What only evidence has and nobody uses stops no message, whatever is wrong with it: that is a note."""
    at_stake = getattr(subject, "at_stake", True)
    return problem if at_stake else problem._replace(at_most=weaker(problem.at_most, "info"))


def _subjects(workspace: Workspace) -> list[tuple[str, Iterable[Any]]]:
    return [
        ("Workspace", (workspace,)),
        ("MoEngage", (workspace.moengage,)),
        ("Bsp", (workspace.bsp,)),
        ("Waba", (workspace.waba,)),
        ("PhoneNumber", workspace.phone_numbers),
        ("Template", workspace.templates),
        ("OptIn", (workspace.opt_in,)),
        ("Campaign", workspace.campaigns),
    ]
