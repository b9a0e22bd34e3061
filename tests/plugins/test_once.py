"""What is worked out of facts alone is worked out once."""

from __future__ import annotations

from wa_policy.plugins import _once


def test_the_same_facts_are_looked_at_once() -> None:
    seen: list[tuple[str, ...]] = []

    @_once.once
    def length(*facts: tuple[str, ...]) -> int:
        seen.extend(facts)
        return sum(map(len, facts))

    one, other = ("a", "b"), tuple("ab" for _ in range(2))
    assert [length(one), length(one), length(one, other), length(other), length(other)] == [2, 2, 4, 2, 2]
    assert seen == [one, one, other, other]


def test_no_other_facts_are_taken_for_those_that_are_gone() -> None:
    length = _once.once(len)
    assert [length(["x"] * count) for count in range(300)] == list(range(300))
