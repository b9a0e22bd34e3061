"""Facts with what policies put in their place, held against what rules can stand on."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from wa_policy.findings import CERTAINTIES
from wa_policy.policy import facts as bundled
from wa_policy.policy.layers import RuleDefaults
from wa_policy.policy.model import Fact
from wa_policy.policy.setting_values import Mistake, type_mistake
from wa_policy.schema.formats import is_day
from wa_policy.schema.validate import violations
from wa_policy.suggest import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from wa_policy.findings import Certainty
    from wa_policy.policy.layers import RuleLike
    from wa_policy.policy.model import PolicyProblem
    from wa_policy.policy.texts import PolicyText
    from wa_policy.schema.faults import Violation


class OwnFacts:
    """The facts of some rules, under some policies; what is wrong with them is added to ``problems``."""

    def __init__(self, rules: Mapping[str, RuleLike], problems: list[PolicyProblem]) -> None:
        self._rules = rules
        self._problems = problems
        self._certainties: dict[str, Mapping[str, Any]] = {}
        """How sure policies are of what they put in the place of bundled values, by file: in mappings as the values are."""
        self._misshapen: set[Violation] = set()
        """What was wrong so far with rows of facts, by routes from the name of their file on."""

    def facts(self, chain: Iterable[PolicyText]) -> dict[str, bundled.Facts]:
        """The facts that the rules ask for, with what the policies put in their place."""
        asked = {fact.file for rule in self._rules.values() for fact in _facts_of(rule).values()}
        facts = {name: bundled.load(name) for name in sorted(asked)}
        for text in chain:
            for name, entry in text.data.get("facts", {}).items():
                if not _is_day_or_month(entry["as_of"]):
                    message = f'"as_of" cannot be "{entry["as_of"]}": there is no such day'
                    at = ("facts", name, "as_of")
                    self._problems.append(text.problem(at, message, "write a day of the calendar"))
                if name in facts:
                    values = _put_over(facts[name].values, entry["values"])
                    own = _put_over(
                        self._certainties.get(name, {}), _each(entry["values"], entry.get("certainty", "sure"))
                    )
                    self._certainties[name] = own
                    certainty = _least_sure(own)
                    self._check_names(text, name, facts[name])
                    facts[name] = bundled.Facts(values, entry["as_of"], certainty, (entry["source"],), text.origin)
                    self._check_facts(text, name, facts)
                    self._check_shape(text, name, facts)
                else:
                    which = "no rule asks for" if name in bundled.bundled_names() else "there are no"
                    message = f'{which} facts named "{name}"{did_you_mean(name, facts)}'
                    self._problems.append(text.problem(("facts", name), message, key=True))
        return facts

    def defaults(self, facts: Mapping[str, bundled.Facts]) -> dict[str, RuleDefaults]:
        """Every rule's settings, with facts filled in; facts that a policy itself is not sure of make its rules unsure."""
        table = {}
        for code, rule in self._rules.items():
            settings = dict(rule.settings)
            certainty = rule.certainty
            for setting, fact in _facts_of(rule).items():
                if certainty == "sure":
                    certainty = self._certainty(fact)
                with suppress(LookupError):  # a policy takes it away, which is said already
                    settings[setting] = bundled.look_up(fact.path, facts)
            table[code] = RuleDefaults(certainty=certainty, settings=settings)
        return table

    def _certainty(self, fact: Fact) -> Certainty:
        """How sure the policies are of what they put in the place of a fact; sure of what they leave as it is."""
        own: Any = self._certainties.get(fact.file, {})
        for key in fact.keys:
            own = own.get(key, {}) if isinstance(own, dict) else own
        return _least_sure(own)

    def _check_names(self, text: PolicyText, name: str, known: bundled.Facts) -> None:
        """A mistyped name would replace nothing. What a rule reads as a whole may get new names, of the form of those there."""
        read = {fact.path for rule in self._rules.values() for fact in _facts_of(rule).values()}
        self._check_rows(text, (name,), text.data["facts"][name]["values"], known.values, read)

    def _check_rows(
        self,
        text: PolicyText,
        path: tuple[str, ...],
        values: Mapping[str, Any],
        known: Mapping[str, Any],
        read: Collection[str],
    ) -> None:
        is_open = any(".".join(path[:length]) in read for length in range(1, len(path) + 1))
        name, *inside = path
        for key, value in values.items():
            if key in known:
                if isinstance(value, dict) and isinstance(known[key], dict):
                    self._check_rows(text, (*path, key), value, known[key], read)
            elif not is_open or _is_mistyped(key, known):
                message = f'the facts "{name}" have no value "{".".join((*inside, key))}"{did_you_mean(key, known)}'
                remedy = (
                    "a data center is written DC- and two or three digits" if is_open and _are_centers(known) else ""
                )
                self._problems.append(text.problem(("facts", name, "values", *inside, key), message, remedy, key=True))

    def _check_facts(self, text: PolicyText, name: str, facts: Mapping[str, bundled.Facts]) -> None:
        """Whether every rule can still stand on the facts; what several of them cannot stand on is said once."""
        said = set()
        for rule in self._rules.values():
            for setting, fact in _facts_of(rule).items():
                if fact.file != name:
                    continue
                try:
                    mistake = type_mistake(rule, setting, bundled.look_up(fact.path, facts), fact.path)
                except LookupError:
                    mistake = Mistake(f"{fact.path} is no longer there", ())
                if mistake and mistake not in said:
                    said.add(mistake)
                    route = ("facts", name, "values", *fact.keys, *mistake.route)
                    self._problems.append(text.problem(route, f"{mistake}, and {rule.code} stands on it"))

    def _check_shape(self, text: PolicyText, name: str, facts: Mapping[str, bundled.Facts]) -> None:
        """Rows are to be as the bundled ones are. What is said of a place, or of a policy below, is not said again."""
        said = {(problem.path, problem.span) for problem in self._problems}
        for item in violations({name: facts[name].values}, "facts"):
            route = ("facts", name, "values", *item.route[1:])
            problem = text.problem(route, item.message, item.remedy, key=item.on_key)
            if item not in self._misshapen and (problem.path, problem.span) not in said:
                self._problems.append(problem)
            self._misshapen.add(item)


def _each(values: Mapping[str, Any], certainty: Certainty) -> dict[str, Any]:
    """A certainty in the place of every value, mappings inside of mappings included."""
    return {key: _each(value, certainty) if isinstance(value, dict) else certainty for key, value in values.items()}


def _least_sure(certainties: Mapping[str, Any] | Certainty) -> Certainty:
    """The least sure of several in mappings; sure if there is none."""
    if isinstance(certainties, str):
        return certainties
    return max(map(_least_sure, certainties.values()), key=CERTAINTIES.index, default="sure")


_CENTER = re.compile(r"DC-[0-9]{2,3}")
_FORMS = (_CENTER, re.compile(r"[a-z0-9_-]+"), re.compile(r"[A-Z0-9_]+"))
"""How the names in a mapping of facts may be written, all of them alike: data centers, providers and languages, Meta's values."""


def _are_centers(names: Iterable[str]) -> bool:
    return all(map(_CENTER.fullmatch, names))


def _is_mistyped(name: str, known: Collection[str]) -> bool:
    """Whether a name is no new one beside those that are known: it is written otherwise than all of them, and near to one."""
    form = next((form for form in _FORMS if all(map(form.fullmatch, known))), None) if known else None
    if form is None or form.fullmatch(name):
        return False
    return form is _CENTER or nearest(name, known) is not None


def _is_day_or_month(text: str) -> bool:
    """Whether a date is in the calendar, of which the schema knows only how it is written; without its day it is a month."""
    return is_day(text if text.count("-") > 1 else f"{text}-01")


def _put_over(values: Mapping[str, Any], override: Mapping[str, Any]) -> dict[str, Any]:
    """Facts with an override put over them, mapping by mapping: another row of addresses leaves the other rows as they are.

    A null removes what it stands for.
    """
    merged = dict(values)
    for key, value in override.items():
        known = merged.get(key)
        merged[key] = _put_over(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return {key: value for key, value in merged.items() if value is not None or key not in override}


def _facts_of(rule: RuleLike) -> dict[str, Fact]:
    """Which settings of a rule are facts, and which."""
    return {name: default for name, default in rule.settings.items() if isinstance(default, Fact)}
