"""Rules run over subjects; a rule that raises is told apart from one that finds nothing."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from itertools import repeat
from math import isfinite
from types import FunctionType, NoneType
from typing import TYPE_CHECKING, Any

from wa_policy.findings import OUTCOMES, SEVERITIES, VERBS, Change, Fix, Place, Problem
from wa_policy.policy.model import weaker
from wa_policy.records import NamedTuple
from wa_policy.rules.loading import unmoved
from wa_policy.rules.registry import Context, show_traceback, words_of
from wa_policy.source.spans import DocumentId, Span

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence
    from datetime import date

    from wa_policy.findings import Severity
    from wa_policy.manifest.subjects import Workspace
    from wa_policy.policy.model import Ruling
    from wa_policy.rules.registry import Alike, Rule, RuleFunction


class Crash(NamedTuple):
    """A rule that raised, and what it said."""

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
    alike: Alike | None
    consults: tuple[str, ...]


MOST_KEYS = 1024
"""For how many keys of subjects it is kept which rules have something to say."""


class Checks:
    """The rules on one kind of subject, in order. Those that said nothing of a subject are not asked of others like it."""

    __slots__ = ("_alike", "_checks", "_left")

    def __init__(self) -> None:
        self._checks: list[Check] = []
        self._alike: list[Alike] = []
        # Who is not asked for claims may be silent for that alone.
        self._left: tuple[dict[tuple[Hashable, ...], list[Check]], ...] = ({}, {})

    def append(self, check: Check) -> None:
        """Add a rule."""
        self._checks.append(check)
        if check.alike is not None and check.alike not in self._alike:
            self._alike.append(check.alike)

    def run(self, subject: Any, context: Context, checked: Checked, hears_claims: bool) -> None:
        """Ask the rules of a subject."""
        kept = self._left[hears_claims]
        try:
            keys = tuple([alike(subject) for alike in self._alike])
            left = kept.get(keys)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  # anybody's code, and sound without: every rule is asked of each subject
            show_traceback(error)  # a report says nothing of it; the plugin's tests do, by check_rule
            keys, left = (), None
        if left is not None:
            _apply(left, subject, context, checked)
            return
        problems, crashes = len(checked.problems), len(checked.crashes)
        _apply(self._checks, subject, context, checked)
        if any(key is not None for key in keys):
            spoke = {code for code, _ in (*checked.problems[problems:], *checked.crashes[crashes:])}
            like_no_other = (None, *(alike for alike, key in zip(self._alike, keys, strict=True) if key is None))
            if len(kept) >= MOST_KEYS:
                kept.clear()
            kept[keys] = [check for check in self._checks if check.code in spoke or check.alike in like_no_other]


class Plan:
    """The rules to run on manifests under one table of rulings, in stages by subject: those that consult others after these."""

    __slots__ = ("_has_guests", "_stages", "_weighs_claims", "as_of", "given", "overrides", "rulings", "turned_off")

    def __init__(
        self,
        rules: Iterable[Rule],
        rulings: Mapping[str, Ruling],
        as_of: date,
        turned_off: tuple[str, ...] = (),
        overrides: tuple[int, ...] = (),
        foreign: frozenset[str] = frozenset(),
    ) -> None:
        self.rulings = rulings
        self.as_of = as_of
        self.turned_off = turned_off
        """The steps of the checklist of which the rulings turn off every rule, whether it was asked for or not."""
        self.overrides = overrides
        """The overrides of the policy that hold, by their places among all."""
        self._has_guests = bool(foreign)
        """Whether some of the rules are not our own."""
        self._weighs_claims = any(ruling.claimed != "off" for ruling in rulings.values())
        running = [rule for rule in rules if rulings[rule.code].fail != "off"]
        stage_of = _stages(running)
        self._stages: list[dict[str, Checks]] = [{} for _ in range(max(stage_of.values(), default=0) + 1)]
        self.given: list[Mapping[str, Any]] = []
        """The settings of ``foreign`` rules: copies, so that no rule can change what others are given."""
        for rule in running:
            settings = rulings[rule.code].settings
            if rule.code in foreign:
                from copy import deepcopy  # most runs have no plugins but our own

                settings = deepcopy(settings)
                self.given.append(settings)
            function = _with_settings(rule, settings)
            group = self._stages[stage_of[rule.code]].setdefault(rule.subject, Checks())
            group.append(Check(rule.code, function, rule.wants_context, rule.alike, rule.consults))

    def severity(self, code: str, problem: Problem) -> Severity:
        """What a problem weighs under the policy."""
        return weaker(
            getattr(self.rulings[code], problem.outcome), problem.at_most
        )  # a ruling's fields are the outcomes

    def check_workspace(self, workspace: Workspace, *, weightless: bool = True) -> Checked:
        """Run all rules that look at a manifest or a part of it.

        ``weightless`` keeps problems to which the policy gives no weight: they show that a suppression is of use.
        """
        workspace.hears_claims = weightless or self._weighs_claims
        checked = self._run(_subjects(workspace), workspace.hears_claims)
        if not weightless:
            checked.problems[:] = [
                (code, problem)
                for code, problem in checked.problems
                if getattr(self.rulings[code], problem.outcome) != "off"
            ]
        return checked

    def check_one(self, kind: str, subject: Any) -> Checked:
        """Run the rules that look at one subject of the given kind."""
        return self._run([(kind, (subject,))])

    def _run(self, subjects: Sequence[tuple[str, Sequence[Any]]], hears_claims: bool = True) -> Checked:
        checked = Checked([], [])
        context = Context(self.as_of, _Errors(self, checked))
        with unmoved() if self._has_guests else nullcontext():
            for checks_by_subject in self._stages:
                for kind, items in subjects:
                    if checks := checks_by_subject.get(kind):
                        # All rules on one subject, then on the next: what they work out of it together is at hand then.
                        for subject in items:
                            checks.run(subject, context, checked, hears_claims)
        return checked


def _stages(rules: Sequence[Rule]) -> dict[str, int]:
    """When each rule runs: after all that it consults, as far as these do not consult it in turn."""
    consulting = {rule.code: rule.consults for rule in rules if rule.consults}
    stages = {rule.code: 0 for rule in rules if not rule.consults}

    def stage_of(code: str) -> int:
        if code not in stages:
            stages[code] = 1  # meanwhile, for those that consult it in turn
            before = [other for other in (*stages, *consulting) if other != code and other.startswith(consulting[code])]
            stages[code] = 1 + max(map(stage_of, before), default=0)
        return stages[code]

    for code in consulting:
        stage_of(code)
    return stages


class _Errors:
    """What the rules have found so far that is an error under a plan; each problem is weighed once, however often it is asked."""

    __slots__ = ("_errors", "_plan", "_problems", "_weighed")

    def __init__(self, plan: Plan, checked: Checked) -> None:
        self._plan = plan
        self._problems = checked.problems
        self._weighed = 0
        self._errors: list[tuple[str, Problem]] = []

    def __call__(self) -> Sequence[tuple[str, Problem]]:
        new = self._problems[self._weighed :]
        self._weighed += len(new)
        self._errors += [
            (code, problem)
            for code, problem in new
            if problem.outcome == "fail" and self._plan.severity(code, problem) == "error"
        ]
        return self._errors


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


MOST_PROBLEMS = 200_000
"""What a rule may say of one subject: as much as a file may have nodes. One that says more never ends."""


def _apply(checks: Iterable[Check], subject: Any, context: Context, checked: Checked) -> None:
    for code, function, wants_context, _, consults in checks:
        own: list[tuple[str, Problem]] = []
        try:
            if wants_context:
                context.consults = consults
                said = function(subject, context)
            else:
                said = function(subject)
            if said is None:
                raise TypeError("it returns None: yield fail(...) or unproven(...), or return a list of them")
            for problem in said:
                refuse_malformed(problem)
                if len(own) >= MOST_PROBLEMS:
                    own.clear()
                    raise ValueError(f"it says more than {MOST_PROBLEMS:,} things of one subject, and may never end")
                own.append((code, _capped(_plain(problem), subject)))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  # a rule is anybody's code: the run must go on
            show_traceback(error)
            checked.crashes.append(Crash(code, words_of(error)))
        if own:
            checked.problems.extend(own)


_PROBLEM = (str, str, (tuple, list), str, str, (Fix, NoneType))
_PLACE = (DocumentId, tuple, str, object, (Span, NoneType))
_FIX = (str, (tuple, list), bool)
"""Of which types the fields are."""

_VALUES: Mapping[str, Any] = {"add": (list, tuple), "rename": str}
"""Of which types the values of changes are, where not any data will do."""


def refuse_malformed(problem: object) -> None:
    """Raise TypeError for what is no problem, or cannot be weighed and shown: the rule that says it is at fault, and no other."""
    if not isinstance(problem, Problem):
        raise TypeError(f"it says {problem!r}, which is no problem: yield fail(...) or unproven(...)")
    if not _fits(problem, _PROBLEM):
        raise TypeError(f"it says {problem!r}, and one of these is of a wrong type: yield fail(...) or unproven(...)")
    if problem.outcome not in OUTCOMES:
        raise TypeError(f"the outcome of what it says is {problem.outcome!r}, and none of {', '.join(OUTCOMES)}")
    if problem.at_most not in SEVERITIES:
        raise TypeError(f"what it says weighs at most {problem.at_most!r}, which is none of {', '.join(SEVERITIES)}")
    if not problem.places:
        raise TypeError("what it says is nowhere: yield fail(..., at=...)")
    for place in problem.places:
        if not _is_place(place):
            raise TypeError(f"what it says is at {place!r}, which is no place: take subject.at(...)")
    if problem.fix is not None:
        _refuse_malformed_fix(problem.fix)


def _fits(record: Iterable[Any], kinds: Iterable[Any]) -> bool:
    return all(map(isinstance, record, kinds))


def _is_place(place: object) -> bool:
    if not isinstance(place, Place) or not _fits(place, _PLACE) or not _fits(place.document, (str, int)):
        return False
    return _fits(place.route, repeat((str, int))) and _fits(place.span or (), repeat(int))


def _refuse_malformed_fix(fix: Fix) -> None:
    """Raise TypeError for what cannot be tried. What makes no sense where it is asked for is found out then, and is no patch."""
    if not _fits(fix, _FIX) or not _fits(fix.changes, repeat(Change)):
        raise TypeError(f"{fix!r} is no fix: take Fix(title, (Change(verb, subject.at(...), value),))")
    for verb, place, value in fix.changes:
        if not _is_place(place):
            raise TypeError(f"its fix is to change {place!r}, which is no place: take subject.at(...)")
        if verb not in VERBS:
            raise TypeError(f"its fix is to {verb!r} something, which is none of {', '.join(VERBS)}")
        if not isinstance(value, _VALUES.get(verb, object)) or not _is_data(value):
            raise TypeError(f"its fix cannot {verb} a value of the type {type(value).__name__}")


def _is_data(value: object) -> bool:
    """Whether a manifest can hold a value."""
    if isinstance(value, dict):
        return _fits(value, repeat(str)) and all(map(_is_data, value.values()))
    if isinstance(value, (list, tuple)):
        return all(map(_is_data, value))
    if isinstance(value, float):
        return isfinite(value)
    return value is None or isinstance(value, (str, int))


_RECORDS = (Problem, Place, DocumentId, Span, Fix)
_EXACT = frozenset((str, int, bool, float, NoneType))


def _plain(value: Any) -> Any:
    """The same as records and texts of our own: of a plugin's own class, a text may do anything as it is shown."""
    if type(value) in _EXACT:
        return value
    if isinstance(value, Change):
        return Change(_plain(value.verb), _plain(value.place), _data(value.value))
    for record in _RECORDS:
        if isinstance(value, record):
            return record._make(map(_plain, tuple.__iter__(value)))
    if isinstance(value, (tuple, list)):
        return (tuple if isinstance(value, tuple) else list)(map(_plain, value))
    return _data(value)


def _data(value: Any) -> Any:
    """A value as it is read from a file: a tuple is a list there."""
    if isinstance(value, (list, tuple)):
        return [_data(item) for item in value]
    if isinstance(value, dict):
        return {_data(key): _data(item) for key, item in dict.items(value)}
    if isinstance(value, str):
        return str.__str__(value)
    return int.__int__(value) if isinstance(value, int) and not isinstance(value, bool) else value


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
