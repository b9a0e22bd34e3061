"""Rules run over subjects; a rule that raises is told apart from one that finds nothing."""

from __future__ import annotations

from functools import partial
from types import FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

from wa_policy.findings import Problem
from wa_policy.policy.model import weaker
from wa_policy.rules.registry import Context

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from wa_policy.findings import Severity
    from wa_policy.manifest.subjects import Workspace
    from wa_policy.policy.model import Ruling
    from wa_policy.rules.registry import Rule, RuleFunction


class Crash(NamedTuple):
    """A rule that raised: on which manifest, and what."""

    code: str
    reason: str


class Checked(NamedTuple):
    """What the rules said of a subject, and which of them could not say."""

    problems: list[tuple[str, Problem]]
    crashes: list[Crash]


class Check(NamedTuple):
    """A rule as it runs under one table of rulings: its function has the policy's settings for its defaults."""

    code: str
    function: RuleFunction
    wants_context: bool


class Plan:
    """The rules to run on manifests under one table of rulings, by subject, those that consult others last."""

    __slots__ = ("as_of", "early", "late", "rulings")

    def __init__(self, rules: Iterable[Rule], rulings: Mapping[str, Ruling], as_of: date) -> None:
        self.rulings = rulings
        self.as_of = as_of
        self.early: dict[str, list[Check]] = {}
        self.late: dict[str, list[Check]] = {}
        for rule in rules:
            if rulings[rule.code].fail != "off":
                check = Check(rule.code, _with_settings(rule, rulings[rule.code].settings), rule.wants_context)
                (self.late if rule.consults else self.early).setdefault(rule.subject, []).append(check)

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

    def _run(self, subjects: Sequence[tuple[str, Sequence[Any]]]) -> Checked:
        checked = Checked([], [])
        context = Context(self.as_of, lambda: self._errors(checked))
        for checks_by_subject in (self.early, self.late):
            for kind, items in subjects:
                if checks := checks_by_subject.get(kind):
                    # All rules on one subject, then on the next: what they work out of it together is at hand then.
                    for subject in items:
                        _apply(checks, subject, context, checked)
        return checked

    def _errors(self, checked: Checked) -> Iterator[tuple[str, Problem]]:
        return (
            (code, problem)
            for code, problem in checked.problems
            if problem.outcome == "fail" and self.severity(code, problem) == "error"
        )


def _with_settings(rule: Rule, settings: Mapping[str, Any]) -> RuleFunction:
    """The rule's function, with settings for defaults: handing them over anew for each subject takes as long as a rule does."""
    function = rule.function
    if not isinstance(function, FunctionType):
        return partial(function, **settings)
    copy = FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__, function.__closure__
    )
    copy.__kwdefaults__ = {**(function.__kwdefaults__ or {}), **settings}
    return copy


def _apply(checks: Iterable[Check], subject: Any, context: Context, checked: Checked) -> None:
    for code, function, wants_context in checks:
        try:
            for problem in function(subject, context) if wants_context else function(subject):
                if not isinstance(problem, Problem):
                    raise TypeError(f"it says {problem!r}, which is no problem: yield fail(...) or unproven(...)")
                checked.problems.append((code, _capped(problem, subject)))
        except (Exception, SystemExit) as error:  # noqa: BLE001  # a rule is anybody's code: the run must go on
            checked.crashes.append(Crash(code, f"{type(error).__name__}: {error}"))


def _capped(problem: Problem, subject: Any) -> Problem:
    """What only evidence has and nobody uses stops no message, whatever is wrong with it: that is a note."""
    at_stake = getattr(subject, "at_stake", True)
    return problem if at_stake else problem._replace(at_most=weaker(problem.at_most, "info"))


def _subjects(workspace: Workspace) -> list[tuple[str, Sequence[Any]]]:
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
