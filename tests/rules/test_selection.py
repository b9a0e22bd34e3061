"""Which rules are reported, and which run since others consult them."""

from collections.abc import Iterable

import pytest

from wa_policy.rules.loading import load
from wa_policy.rules.registry import Step
from wa_policy.rules.selection import UnknownRuleError, codes_of, select

RULES = load(third_party=False).rules


def family(name: str) -> set[str]:
    return {code for code in RULES if code.startswith(name)}


@pytest.mark.parametrize(
    ("word", "codes"),
    [
        ("NET002", {"NET002"}),
        ("missing-moengage-ip", {"NET002"}),
        ("NET", family("NET")),
        ("network", family("NET")),
        ("opt-in", family("OPT")),
    ],
)
def test_a_word_means_a_rule_a_family_or_a_step(word: str, codes: set[str]) -> None:
    assert codes_of(RULES, word) == codes


@pytest.mark.parametrize("step", Step)
def test_every_step_has_rules(step: Step) -> None:
    assert codes_of(RULES, step.value)


@pytest.mark.parametrize(
    ("word", "suggestion"),
    [
        ("NET02", ' (did you mean "NET002"?)'),
        ("net002", ' (did you mean "NET002"?)'),
        ("missing-moengage-ips", ' (did you mean "missing-moengage-ip"?)'),
        ("netwrk", ' (did you mean "network"?)'),
        ("NET0", ' (did you mean "NET"?)'),
        ("xyz", ""),
        ("", ""),
    ],
)
def test_a_word_that_means_nothing_is_refused(word: str, suggestion: str) -> None:
    with pytest.raises(UnknownRuleError) as caught:
        codes_of(RULES, word)
    assert str(caught.value) == f'there is no rule, family or step "{word}"{suggestion}'


@pytest.mark.parametrize(
    ("chosen", "ignored", "reported"),
    [
        ((), (), set(RULES)),
        (("NET",), (), family("NET")),
        (("NET", "waba"), (), family("NET") | family("WBA")),
        (("NET",), ("NET002",), family("NET") - {"NET002"}),
        ((), ("NET", "numbers"), set(RULES) - family("NET") - family("NUM")),
        (("NET002",), ("network",), set()),
    ],
)
def test_chosen_rules_without_the_ignored_are_reported(
    chosen: Iterable[str], ignored: Iterable[str], reported: set[str]
) -> None:
    assert select(RULES, chosen, ignored).reported == reported


@pytest.mark.parametrize(("chosen", "ignored"), [(("NET", "xyz"), ()), ((), ("xyz",))])
def test_an_unknown_word_is_never_passed_over(chosen: Iterable[str], ignored: Iterable[str]) -> None:
    with pytest.raises(UnknownRuleError, match='"xyz"'):
        select(RULES, chosen, ignored)


def test_consulted_rules_run_without_being_reported() -> None:
    asking = next(rule for rule in RULES.values() if rule.consults)
    selection = select(RULES, [asking.code])
    assert selection.reported == {asking.code}
    assert selection.run == {asking.code}.union(*(family(name) for name in asking.consults))
    assert select(RULES, ["NET002"]).run == {"NET002"}
