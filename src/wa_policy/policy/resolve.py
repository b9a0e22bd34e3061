"""From what people wrote to one policy: ``extends`` followed, names made codes, settings checked, facts filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from wa_policy.policy import facts as bundled
from wa_policy.policy.model import (
    FactsInfo,
    Layer,
    Override,
    Policy,
    PolicyError,
    PolicyProblem,
    RuleDefaults,
    RuleEntry,
    RuleLike,
)
from wa_policy.policy.texts import PolicyText, load_text
from wa_policy.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wa_policy.findings import Severity
    from wa_policy.source.spans import Route


class Resolved(NamedTuple):
    """A policy, and the files that it was made from (bundled facts included)."""

    policy: Policy
    inputs: tuple[str, ...]


def resolve(text: PolicyText, rules: Mapping[str, RuleLike]) -> Resolved:
    """Resolve a policy against the rules that are loaded, by code. Raises PolicyError with every mistake found."""
    chain = _chain(text, ())
    resolver = _Resolver(rules)
    layers = [resolver.layer(part, part.data, ()) for part in chain]
    overrides = [override for part in chain for override in resolver.overrides(part)]
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
    )
    files = [part.path for part in chain if part.path]
    return Resolved(policy, (*files, *(bundled.file_of(name) for name in facts)))


def _chain(text: PolicyText, above: tuple[str, ...]) -> list[PolicyText]:
    """The policies that a policy extends, from the ground up, each once, and itself last."""
    if text.identity in above:
        loop = " extends ".join((*above[above.index(text.identity) :], text.identity))
        raise PolicyError(text.problem(("extends",), f"the policies extend each other in a circle: {loop}"))
    chain: list[PolicyText] = []
    for position, parent in enumerate(text.extends):
        loaded = load_text(parent, relative_to=text, route=("extends", position))
        for part in _chain(loaded, (*above, text.identity)):
            if part.identity not in {known.identity for known in chain}:
                chain.append(part)
    return [*chain, text]


class _Resolver:
    """Holds what every step of resolving needs, and collects mistakes so that a person sees all of them at once."""

    def __init__(self, rules: Mapping[str, RuleLike]) -> None:
        self.rules = rules
        self.by_name = {rule.name: rule for rule in rules.values()}
        self.problems: list[PolicyProblem] = []

    def layer(self, text: PolicyText, data: Mapping[str, Any], route: Route) -> Layer:
        """What a policy, or one of its overrides, says; rule names become codes."""
        layer = Layer()
        for key in ("severity", "unproven", "claims"):
            if key in data:
                layer[key] = data[key]
        layer["rules"] = {}
        for name, entry in data.get("rules", {}).items():
            at = (*route, "rules", name)
            rule = self.rules.get(name) or self.by_name.get(name)
            if rule is None:
                known = [*self.rules, *self.by_name]
                self.problems.append(
                    text.problem(
                        at, f'there is no rule "{name}"{did_you_mean(name, known)}', "see `wa-policy rules`", key=True
                    )
                )
                continue
            plain = RuleEntry(severity=entry) if isinstance(entry, str) else entry
            self._check_settings(text, rule, plain.get("settings", {}), (*at, "settings"))
            layer["rules"][rule.code] = plain
        return layer

    def overrides(self, text: PolicyText) -> Iterable[Override]:
        """The overrides of one policy, in order."""
        for index, override in enumerate(text.data.get("overrides", ())):
            when = override["when"]
            yield Override(
                environments=when.get("environments", []),
                workspaces=when.get("workspaces", []),
                paths=when.get("paths", []),
                base=text.folder,
                reason=override.get("reason", ""),
                layer=self.layer(text, override, ("overrides", index)),
            )

    def facts(self, chain: Iterable[PolicyText]) -> dict[str, bundled.Facts]:
        """The facts that the rules ask for, with what the policies put in their place."""
        wanted = {path.partition(".")[0] for rule in self.rules.values() for path in _fact_paths(rule).values()}
        facts = {}
        for name in sorted(wanted):
            try:
                facts[name] = bundled.load(name)
            except PolicyError as error:
                self.problems.extend(error.problems)
        for text in chain:
            for name, entry in text.data.get("facts", {}).items():
                if name in facts:
                    values = {**facts[name].values, **entry["values"]}
                    certainty = entry.get("certainty", "sure")
                    facts[name] = bundled.Facts(values, entry["as_of"], certainty, (entry["source"],), text.origin)
                    self._check_facts(text, name, facts)
                else:
                    message = f'no rule asks for facts named "{name}"{did_you_mean(name, facts)}'
                    self.problems.append(text.problem(("facts", name), message, key=True))
        return facts

    def defaults(self, facts: Mapping[str, bundled.Facts]) -> dict[str, RuleDefaults]:
        """Every rule's settings, with facts filled in."""
        table = {}
        for code, rule in self.rules.items():
            settings = dict(rule.settings)
            for setting, path in _fact_paths(rule).items():
                try:
                    settings[setting] = bundled.look_up(path, facts)
                except (KeyError, TypeError):
                    message = f'rule {code} asks for the fact "{path}", which does not exist'
                    self.problems.append(PolicyProblem(bundled.file_of(path.partition(".")[0]), None, message))
            table[code] = RuleDefaults(certainty=rule.certainty, settings=settings)
        return table

    def _check_settings(self, text: PolicyText, rule: RuleLike, settings: Mapping[str, Any], route: Route) -> None:
        for name, value in settings.items():
            if name not in rule.settings:
                has = f"it has {', '.join(rule.settings)}" if rule.settings else "it has none"
                message = f'{rule.code} has no setting "{name}"{did_you_mean(name, rule.settings)}; {has}'
                self.problems.append(text.problem((*route, name), message, key=True))
            elif mistake := _mistake(rule, name, value):
                self.problems.append(text.problem((*route, name), f"{rule.code}'s {name} {mistake}"))

    def _check_facts(self, text: PolicyText, name: str, facts: Mapping[str, bundled.Facts]) -> None:
        for rule in self.rules.values():
            for setting, path in _fact_paths(rule).items():
                if path.partition(".")[0] != name:
                    continue
                try:
                    mistake = _mistake(rule, setting, bundled.look_up(path, facts))
                except (KeyError, TypeError):
                    mistake = "is no longer there"
                if mistake:
                    route = ("facts", name, "values", *path.split(".")[1:])
                    self.problems.append(text.problem(route, f"{path}, which {rule.code} stands on, {mistake}"))


def _fact_paths(rule: RuleLike) -> dict[str, str]:
    """Which settings of a rule are facts, and which."""
    return {name: default.path for name, default in rule.settings.items() if hasattr(default, "path")}


def _mistake(rule: RuleLike, setting: str, value: Any) -> str:
    """Why a value cannot be a setting's, by the rule's own annotation; an empty string when it can."""
    from typing import get_type_hints

    from pydantic import TypeAdapter, ValidationError

    annotation = get_type_hints(rule.function, include_extras=True)[setting]
    try:
        TypeAdapter(annotation).validate_python(value, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        inside = "".join(f"[{step!r}]" for step in first["loc"])
        reason = first["msg"].removeprefix("Value error, ")
        return f"cannot be {value!r}: {inside}{': ' if inside else ''}{reason[:1].lower()}{reason[1:]}"
    return ""
