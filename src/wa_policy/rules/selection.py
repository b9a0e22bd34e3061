"""Which rules run: by code, name, family or step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.records import NamedTuple
from wa_policy.rules.registry import Step
from wa_policy.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wa_policy.rules.registry import Rule


class UnknownRuleError(Exception):
    """A word that selects nothing."""


class Selection(NamedTuple):
    """The rules to report, and those that must run because one of these consults them."""

    reported: frozenset[str]
    run: frozenset[str]


def select(rules: Mapping[str, Rule], chosen: Iterable[str] = (), ignored: Iterable[str] = ()) -> Selection:
    """Choose rules by words; no word at all chooses all. Raises UnknownRuleError for a word that means none."""
    words = list(chosen)
    reported = frozenset().union(*(codes_of(rules, word) for word in words)) if words else frozenset(rules)
    for word in ignored:
        reported -= codes_of(rules, word)
    run = set(reported)
    for code in reported:
        for family in rules[code].consults:
            run |= {other for other in rules if other.startswith(family)}
    return Selection(reported, frozenset(run))


def codes_of(rules: Mapping[str, Rule], word: str) -> frozenset[str]:
    """The codes that a word means: a code, a name, a family (``NUM``), or a step (``numbers``)."""
    found = frozenset(
        code
        for code, rule in rules.items()
        if word in (code, rule.name, rule.step.value) or (word.isalpha() and code.rstrip("0123456789") == word)
    )
    if not found:
        families = {code.rstrip("0123456789") for code in rules}
        known = [*rules, *(rule.name for rule in rules.values()), *families, *(step.value for step in Step)]
        raise UnknownRuleError(f'there is no rule, family or step "{word}"{did_you_mean(word, known)}')
    return found
