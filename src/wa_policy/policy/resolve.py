"""From what people wrote to one policy: ``extends`` followed, names made codes, settings checked, facts filled in."""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from datetime import date
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from wa_policy.findings import CERTAINTIES
from wa_policy.policy import facts as bundled
from wa_policy.policy.layers import Exemption, FactsInfo, Layer, Override, RuleDefaults, RuleEntry, RuleLike
from wa_policy.policy.model import NEVER_SUPPRESSED, Fact, Policy, PolicyError, PolicyProblem
from wa_policy.policy.steps import read_steps
from wa_policy.policy.texts import BUNDLED, PolicyText, load_text
from wa_policy.records import NamedTuple
from wa_policy.schema.validate import violations
from wa_policy.source.spans import show_route
from wa_policy.suggest import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from wa_policy.findings import Certainty, Severity
    from wa_policy.schema.faults import Violation
    from wa_policy.source.spans import Route


class Resolved(NamedTuple):
    """A policy, and the files that it was made from (bundled facts included)."""

    policy: Policy
    inputs: tuple[str, ...]


def resolve(text: PolicyText, rules: Mapping[str, RuleLike], *, third_party: bool = True) -> Resolved:
    """Resolve a policy against the rules that are loaded, by code. Raises PolicyError with every mistake found.

    ``third_party`` says whether those of plugins in installed packages are among them.
    """
    chain = _Chain(text).parts
    resolver = _Resolver(rules, third_party)
    layers = [resolver.layer(part, part.data, ()) for part in chain]
    overrides = [override for index, part in enumerate(chain) for override in resolver.overrides(part, index)]
    exemptions = [exemption for part in chain for exemption in resolver.exemptions(part)]
    facts = resolver.facts(chain)
    defaults = resolver.defaults(facts)
    if resolver.problems:
        raise PolicyError(*resolver.problems)
    fail_on: Severity = next((part.data["fail_on"] for part in reversed(chain) if "fail_on" in part.data), "error")
    policy = Policy(
        name=text.name,
        origin=text.origin,
        chain=[part.name for part in chain],
        fail_on=fail_on,
        layers=layers,
        overrides=overrides,
        defaults=defaults,
        facts={
            name: FactsInfo(as_of=entry.as_of, certainty=entry.certainty, origin=entry.origin)
            for name, entry in facts.items()
        },
        exemptions=exemptions,
        inline=next((said for part in reversed(chain) if (said := part.data.get("inline_suppressions"))), "allowed"),
        files=[os.path.abspath(part.path) for part in chain if part.path and part.origin != BUNDLED],
    )
    files = [part.path for part in chain if part.path]
    return Resolved(policy, (*files, *(bundled.file_of(name) for name in facts)))


DEEPEST = 32
"""How many policies may extend each other in a line."""

MOST_EXTENDED = 256
"""How often one policy may extend another, in all that belong to one."""


class _Chain:
    """The policies that a policy extends, from the ground up, each once, and itself last. Raises PolicyError."""

    def __init__(self, text: PolicyText) -> None:
        self._done: dict[str, PolicyText] = {}
        self._below: dict[str, set[str]] = {}
        """What each policy builds on, directly or not, by identity."""
        self._extended = 0
        self._add(text, ())
        self.parts = list(self._done.values())

    def _add(self, text: PolicyText, above: tuple[PolicyText, ...]) -> None:
        ways = [part.identity for part in above]
        if text.identity in ways:
            loop = " extends ".join(part.origin for part in (*above[ways.index(text.identity) :], text))
            raise PolicyError(text.problem(("extends",), f"the policies extend each other in a circle: {loop}"))
        if text.identity in self._done:
            return
        if len(above) >= DEEPEST:
            message = f"more than {DEEPEST} policies extend each other in a line"
            raise PolicyError(text.problem(("extends",), message, "put some of them together"))
        below, listed = self._below.setdefault(text.identity, set()), set[str]()
        for position, parent in enumerate(text.extends):
            route = ("extends",) if isinstance(text.data.get("extends"), str) else ("extends", position)
            self._extended += 1
            if self._extended > MOST_EXTENDED:
                message = f"policies extend others more than {MOST_EXTENDED} times"
                raise PolicyError(text.problem(route, message, "put some of them together"))
            ground = load_text(parent, relative_to=text, route=route)
            if ground.identity in below and ground.identity not in listed:
                message = f"{ground.name} cannot win over what stands before it: that builds on {ground.name} already"
                raise PolicyError(text.problem(route, message, "leave it out, or name it first"))
            self._add(ground, (*above, text))
            listed.add(ground.identity)
            below |= {ground.identity, *self._below[ground.identity]}
        self._done[text.identity] = text


class _Resolver:
    """Holds what every step of resolving needs, and collects mistakes so that a person sees all of them at once."""

    def __init__(self, rules: Mapping[str, RuleLike], third_party: bool) -> None:
        self.rules = rules
        self._third_party = third_party
        self.by_name = {rule.name: rule for rule in rules.values()}
        self.problems: list[PolicyProblem] = []
        self.certainties: dict[str, dict[str, Certainty]] = {}
        """How sure policies are of the values that they put in the place of bundled ones, by file and name."""
        self.misshapen: set[Violation] = set()
        """What was wrong so far with rows of facts, by routes from the name of their file on."""

    def layer(self, text: PolicyText, data: Mapping[str, Any], route: Route) -> Layer:
        """What a policy, or one of its overrides, says; rule names become codes."""
        layer = Layer()
        for key in ("severity", "unproven", "claims"):
            if key in data:
                layer[key] = data[key]
        layer["rules"] = {}
        families: dict[str, RuleEntry] = {}
        for name, entry in data.get("rules", {}).items():
            at = (*route, "rules", name)
            if family := self._family(name):
                families |= self._of_all(text, family, entry, at)
                continue
            rule = self._rule(text, name, at, key=True)
            if rule is None:
                continue
            if rule.code in layer["rules"]:
                message = f'"{name}" is given twice: {rule.code} and {rule.name} are one rule'
                self.problems.append(text.problem(at, message, "keep one of them", key=True))
            plain = RuleEntry(severity=entry) if isinstance(entry, str) else entry
            self._check_settings(text, rule, plain.get("settings", {}), (*at, "settings"))
            layer["rules"][rule.code] = plain
        layer["rules"] = {**families, **layer["rules"]}  # what is said of one rule wins over what is said of its family
        return layer

    def _family(self, name: str) -> list[RuleLike]:
        """The rules of a family, such as ``NUM``; none for any other word."""
        return [rule for code, rule in self.rules.items() if name.isalpha() and code.rstrip("0123456789") == name]

    def _of_all(
        self, text: PolicyText, family: Iterable[RuleLike], entry: str | RuleEntry, at: Route
    ) -> dict[str, RuleEntry]:
        """What is said of a family, rule by rule: those whose source is not sure stay warnings, unless they are listed."""
        plain = RuleEntry(severity=entry) if isinstance(entry, str) else entry
        if "settings" in plain:
            message = "settings are those of one rule, and not of a family"
            self.problems.append(text.problem((*at, "settings"), message, "list the rule that has them", key=True))
        is_heavy = plain.get("severity") == "error"
        milder = RuleEntry(**{**plain, "severity": "warning"}) if is_heavy else plain
        return {rule.code: plain if rule.certainty == "sure" else milder for rule in family}

    def _rule(self, text: PolicyText, name: str, route: Route, *, key: bool = False) -> RuleLike | None:
        """The rule of a code or a name; None, and a problem, where there is none."""
        rule = self.rules.get(name) or self.by_name.get(name)
        if rule is None:
            families = {code.rstrip("0123456789") for code in self.rules} if key else ()
            message = f'there is no rule "{name}"{did_you_mean(name, [*self.rules, *self.by_name, *families])}'
            why_not = "install that here" if self._third_party else "--no-plugins leaves it out"
            remedy = f"see `wa-policy rules`; if a plugin has it, {why_not}"
            self.problems.append(text.problem(route, message, remedy, key=key))
        return rule

    def overrides(self, text: PolicyText, level: int) -> Iterable[Override]:
        """The overrides of one policy, which is the so-manieth from the ground, in order."""
        for index, override in enumerate(text.data.get("overrides", ())):
            when = override["when"]
            yield Override(
                environments=when.get("environments", []),
                workspaces=when.get("workspaces", []),
                paths=[
                    self._pattern(text, pattern, ("overrides", index, "when", "paths", position))
                    for position, pattern in enumerate(when.get("paths", []))
                ],
                base=text.folder,
                level=level,
                reason=override.get("reason", ""),
                path=text.path,
                line=text.locate(("overrides", index), True).line,
                layer=self.layer(text, override, ("overrides", index)),
            )

    def _pattern(self, text: PolicyText, pattern: str, route: Route) -> str:
        """A pattern of paths as paths are written; a problem where no path is written so."""
        message = ""
        if pattern.startswith("/") or "\\" in pattern or pattern[1:3] == ":/":
            message = "paths are relative to the folder of the policy, and have slashes"
        elif pattern.endswith("/"):
            message = f"this names a folder; {pattern}* names what is in it"
        if message:
            self.problems.append(text.problem(route, f'"{pattern}" fits no path: {message}'))
        return pattern.removeprefix("./")

    def exemptions(self, text: PolicyText) -> Iterable[Exemption]:
        """The suppressions of one policy, in order; rule names become codes."""
        for index, entry in enumerate(text.data.get("suppressions", ())):
            at: Route = ("suppressions", index)
            codes = [self._code(text, name, (*at, "rules", position)) for position, name in enumerate(entry["rules"])]
            route = entry.get("route", "")
            if route and not read_steps(route):
                message = f'"{route}" leads nowhere'
                remedy = "write it as findings show it: phone_numbers[0].number, or templates[order_shipped en].status"
                self.problems.append(text.problem((*at, "route"), message, remedy))
            yield Exemption(
                rules=[code for code in codes if code],
                workspace=entry["workspace"],
                environment=entry.get("environment", ""),
                route=route,
                reason=entry.get("reason", ""),
                owner=entry.get("owner", ""),
                until=entry.get("until", ""),
                value=entry.get("value", ""),
                path=text.path,
                index=index,
                span=list(text.locate(at, True)),
            )

    def _code(self, text: PolicyText, name: str, route: Route) -> str:
        """The code of a rule that a suppression names; empty, and a problem, where it may not."""
        rule = self._rule(text, name, route)
        if rule is None:
            return ""
        if rule.code in NEVER_SUPPRESSED:
            message = f"{rule.code} {rule.name} cannot be suppressed"
            self.problems.append(text.problem(route, message, "mend what it finds"))
        return rule.code

    def facts(self, chain: Iterable[PolicyText]) -> dict[str, bundled.Facts]:
        """The facts that the rules ask for, with what the policies put in their place."""
        asked = {fact.file for rule in self.rules.values() for fact in _facts_of(rule).values()}
        facts = {name: bundled.load(name) for name in sorted(asked)}
        for text in chain:
            for name, entry in text.data.get("facts", {}).items():
                if not _is_day_or_month(entry["as_of"]):
                    message = f'"as_of" cannot be "{entry["as_of"]}": there is no such day'
                    at = ("facts", name, "as_of")
                    self.problems.append(text.problem(at, message, "write a day of the calendar"))
                if name in facts:
                    values = _put_over(facts[name].values, entry["values"])
                    own = self.certainties.setdefault(name, {})
                    own |= dict.fromkeys(entry["values"], entry.get("certainty", "sure"))
                    certainty = least_sure(own.values())
                    self._check_names(text, name, facts[name])
                    facts[name] = bundled.Facts(values, entry["as_of"], certainty, (entry["source"],), text.origin)
                    self._check_facts(text, name, facts)
                    self._check_shape(text, name, facts)
                else:
                    which = "no rule asks for" if name in bundled.bundled_names() else "there are no"
                    message = f'{which} facts named "{name}"{did_you_mean(name, facts)}'
                    self.problems.append(text.problem(("facts", name), message, key=True))
        return facts

    def defaults(self, facts: Mapping[str, bundled.Facts]) -> dict[str, RuleDefaults]:
        """Every rule's settings, with facts filled in; facts that a policy itself is not sure of make its rules unsure."""
        table = {}
        for code, rule in self.rules.items():
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
        own = self.certainties.get(fact.file, {})
        if not fact.keys:
            return least_sure(own.values())
        return own.get(fact.keys[0], "sure")

    def _check_settings(self, text: PolicyText, rule: RuleLike, settings: Mapping[str, Any], route: Route) -> None:
        for name, value in settings.items():
            if mistake := mistake_in(rule, name, value):
                is_unknown = name not in rule.settings
                self.problems.append(text.problem((*route, name, *mistake.route), mistake.reason, key=is_unknown))

    def _check_names(self, text: PolicyText, name: str, known: bundled.Facts) -> None:
        """A mistyped name would replace nothing. What a rule reads as a whole may get new names, of the form of those there."""
        read = {fact.path for rule in self.rules.values() for fact in _facts_of(rule).values()}
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
                self.problems.append(text.problem(("facts", name, "values", *inside, key), message, remedy, key=True))

    def _check_facts(self, text: PolicyText, name: str, facts: Mapping[str, bundled.Facts]) -> None:
        """Whether every rule can still stand on the facts; what several of them cannot stand on is said once."""
        said = set()
        for rule in self.rules.values():
            for setting, fact in _facts_of(rule).items():
                if fact.file != name:
                    continue
                try:
                    mistake = _mistake(rule, setting, bundled.look_up(fact.path, facts), fact.path)
                except LookupError:
                    mistake = Mistake(f"{fact.path} is no longer there", ())
                if mistake and mistake not in said:
                    said.add(mistake)
                    route = ("facts", name, "values", *fact.keys, *mistake.route)
                    self.problems.append(text.problem(route, f"{mistake}, and {rule.code} stands on it"))

    def _check_shape(self, text: PolicyText, name: str, facts: Mapping[str, bundled.Facts]) -> None:
        """Rows are to be as the bundled ones are. What is said of a place, or of a policy below, is not said again."""
        said = {(problem.path, problem.span) for problem in self.problems}
        for item in violations({name: facts[name].values}, "facts"):
            route = ("facts", name, "values", *item.route[1:])
            problem = text.problem(route, item.message, item.remedy, key=item.on_key)
            if item not in self.misshapen and (problem.path, problem.span) not in said:
                self.problems.append(problem)
            self.misshapen.add(item)


def least_sure(certainties: Iterable[Certainty]) -> Certainty:
    """The least sure of several; sure if there is none."""
    return max(certainties, key=CERTAINTIES.index, default="sure")


class Mistake(NamedTuple):
    """Why a value cannot be a setting's, and the way to the wrong part of it."""

    reason: str
    route: Route

    def __str__(self) -> str:
        return self.reason


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
    try:
        return bool(date.fromisoformat(text if text.count("-") > 1 else f"{text}-01"))
    except ValueError:
        return False


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


def mistake_in(rule: RuleLike, name: str, value: Any) -> Mistake | None:
    """Why a rule cannot have a setting of a name and a value, in a sentence; None when it can."""
    if name not in rule.settings:
        has = f"it has {', '.join(rule.settings)}" if rule.settings else "it has none"
        return Mistake(f'{rule.code} has no setting "{name}"{did_you_mean(name, rule.settings)}; {has}', ())
    found = _mistake(rule, name, value)
    return found and found._replace(reason=f"{rule.code}'s {found}")


def _mistake(rule: RuleLike, setting: str, value: Any, fact: str = "") -> Mistake | None:
    """Why a value, or the value of a fact, cannot be a setting's, by the rule's own annotation; None when it can."""
    from typing import get_type_hints

    from pydantic import TypeAdapter, ValidationError

    try:
        annotation = get_type_hints(rule.function, include_extras=True)[setting]
    except NameError as error:
        return Mistake(f"{setting} cannot be checked: the plugin does not import its type at run time ({error})", ())
    try:
        TypeAdapter(annotation).validate_python(value, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        route = _inside(value, first["loc"])
        where = show_route((*(fact or setting).split("."), *route))
        written = shorten(json.dumps(first["input"], ensure_ascii=False, default=str), 60)
        return Mistake(f"{where} cannot be {written}: {_WANTED.get(first['type']) or _reason(first['msg'])}", route)
    return None


def _inside(value: Any, steps: Iterable[str | int]) -> Route:
    """As far as steps lead into a value: pydantic's name types and keys as well."""
    route: Route = ()
    for step in steps:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            break
        route = (*route, step)
    return route


# Where pydantic speaks of Python's types, in the words of the schema's own complaints.
_WANTED = {
    "bool_type": "expected true or false",
    "dict_type": "expected a mapping",
    "float_type": "expected a number",
    "int_type": "expected a whole number",
    "is_instance_of": "expected a list",  # an instance of Sequence, that is
    "list_type": "expected a list",
    "mapping_type": "expected a mapping",
    "sequence_str": "expected a list",
    "string_type": "expected text",
    "tuple_type": "expected a list",
}


def _reason(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]
