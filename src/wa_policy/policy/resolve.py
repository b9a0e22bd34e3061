"""From what people wrote to one policy: ``extends`` followed, names made codes, settings checked, facts filled in."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from wa_policy.policy import facts as bundled
from wa_policy.policy.chain import chain
from wa_policy.policy.layers import Exemption, FactsInfo, Layer, Override, RuleEntry, RuleLike
from wa_policy.policy.model import NEVER_SUPPRESSED, Policy, PolicyError, PolicyProblem
from wa_policy.policy.own_facts import OwnFacts
from wa_policy.policy.setting_values import mistake_in
from wa_policy.policy.steps import read_steps
from wa_policy.policy.texts import BUNDLED, PolicyText
from wa_policy.records import NamedTuple
from wa_policy.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wa_policy.findings import Severity
    from wa_policy.source.spans import Route


class Resolved(NamedTuple):
    """A policy, and the files that it was made from (bundled facts included)."""

    policy: Policy
    inputs: tuple[str, ...]


def resolve(text: PolicyText, rules: Mapping[str, RuleLike], *, third_party: bool = True) -> Resolved:
    """Resolve a policy against the rules that are loaded, by code. Raises PolicyError with every mistake found.

    ``third_party`` says whether those of plugins in installed packages are among them.
    """
    parts, problems = chain(text)
    if problems:  # facts stand on those of what is extended
        _Resolver(rules, frozenset(), problems, third_party).said_by(parts)
        raise PolicyError(*dict.fromkeys(problems))
    own_facts = OwnFacts(rules, problems)
    facts = own_facts.facts(parts)
    defaults = own_facts.defaults(facts)
    unsure = frozenset(code for code, default in defaults.items() if default["certainty"] != "sure")
    layers, overrides, exemptions = _Resolver(rules, unsure, problems, third_party).said_by(parts)
    if problems:
        raise PolicyError(*problems)
    fail_on: Severity = next((part.data["fail_on"] for part in reversed(parts) if "fail_on" in part.data), "error")
    policy = Policy(
        name=text.name,
        origin=text.origin,
        chain=[part.name for part in parts],
        fail_on=fail_on,
        layers=layers,
        overrides=overrides,
        defaults=defaults,
        facts={
            name: FactsInfo(as_of=entry.as_of, certainty=entry.certainty, origin=entry.origin)
            for name, entry in facts.items()
        },
        exemptions=exemptions,
        inline=next((said for part in reversed(parts) if (said := part.data.get("inline_suppressions"))), "allowed"),
        files=[os.path.abspath(part.path) for part in parts if part.path and part.origin != BUNDLED],
    )
    files = [part.path for part in parts if part.path]
    return Resolved(policy, (*files, *(bundled.file_of(name) for name in facts)))


def further_mistakes(
    rest: PolicyText, rules: Mapping[str, RuleLike], *, third_party: bool = True
) -> list[PolicyProblem]:
    """What is wrong with what is left of a policy whose shape is wrong; facts are let be, since some may have gone."""
    parts, problems = chain(rest)
    _Resolver(rules, frozenset(), problems, third_party).said_by(parts)
    return problems


class _Resolver:
    """Holds what every step of resolving needs, and collects mistakes so that a person sees all of them at once.

    ``unsure`` are the rules whose sources, or whose facts by these policies, are not sure.
    """

    def __init__(
        self, rules: Mapping[str, RuleLike], unsure: frozenset[str], problems: list[PolicyProblem], third_party: bool
    ) -> None:
        self.rules = rules
        self._unsure = unsure
        self._third_party = third_party
        self.by_name = {rule.name: rule for rule in rules.values()}
        self.problems = problems

    def said_by(self, parts: Sequence[PolicyText]) -> tuple[list[Layer], list[Override], list[Exemption]]:
        """What policies say of rules, from the ground up: in general, of some manifests, and of findings that pass."""
        layers = [self.layer(part, part.data, ()) for part in parts]
        overrides = [override for index, part in enumerate(parts) for override in self.overrides(part, index)]
        return layers, overrides, [exemption for part in parts for exemption in self.exemptions(part)]

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
        # What is said of one rule wins over what is said of its family, key by key, as it does between layers.
        layer["rules"] = families | {
            code: families.get(code, RuleEntry()) | own for code, own in layer["rules"].items()
        }
        return layer

    def _family(self, name: str) -> list[RuleLike]:
        """The rules of a family, such as ``NUM``; none for any other word."""
        return [rule for code, rule in self.rules.items() if name.isalpha() and code.rstrip("0123456789") == name]

    def _of_all(
        self, text: PolicyText, family: Iterable[RuleLike], entry: str | RuleEntry, at: Route
    ) -> dict[str, RuleEntry]:
        """What is said of a family, rule by rule: those that are not sure stay warnings, unless they are listed."""
        plain = RuleEntry(severity=entry) if isinstance(entry, str) else entry
        if "settings" in plain:
            message = "settings are those of one rule, and not of a family"
            self.problems.append(text.problem((*at, "settings"), message, "list the rule that has them", key=True))
        is_heavy = plain.get("severity") == "error"
        milder = RuleEntry(**{**plain, "severity": "warning"}) if is_heavy else plain
        return {rule.code: milder if rule.code in self._unsure else plain for rule in family}

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
        """The overrides of one policy, in order; ``level`` is how many it builds on."""
        for index, override in enumerate(text.data.get("overrides", ())):
            if override is None:  # it was refused
                continue
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
            if entry is None:
                continue
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

    def _check_settings(self, text: PolicyText, rule: RuleLike, settings: Mapping[str, Any], route: Route) -> None:
        for name, value in settings.items():
            if mistake := mistake_in(rule, name, value):
                is_unknown = name not in rule.settings
                self.problems.append(text.problem((*route, name, *mistake.route), mistake.reason, key=is_unknown))
