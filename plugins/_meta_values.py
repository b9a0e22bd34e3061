"""Values in Meta's own words: statuses, ratings, tiers and categories, which Meta adds to whenever it likes.

The facts say what a word means. It is looked up there without regard to case, in which Meta's pages and answers differ;
a word that the facts do not know proves nothing, and is reported with the nearest that they do know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from wa_policy.api import Change, Fix, claimed, did_you_mean, fail, nearest, unproven
from wa_policy.plugins._phone_numbers import may_be_asked_about

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from wa_policy.api import Context, PhoneNumber, Place, Problem, Problems, Subject

Meanings = Mapping[str, str]
"""A word of Meta's -> what it means."""

Explained = Mapping[str, Mapping[str, str]]
"""A word of Meta's -> its ``meaning`` and its ``remedy``."""

Aliases = Mapping[str, Sequence[Sequence[str]]]
"""A field of Meta's -> groups of words that mean the same in it."""

WABA_ANSWER = "Meta's answer for the WABA (evidence.graph.waba)"
NUMBER_ANSWER = "Meta's answer for the number (evidence.graph.phone_numbers)"


def known(value: str | None, words: Collection[str]) -> str | None:
    """The word, as the facts write it, that a value stands for; None where it is none of them, or there is no value."""
    if value is None or value in words:
        return value
    folded = value.casefold()
    return next((word for word in words if word.casefold() == folded), None)


def same(field: str, one: str, other: str, aliases: Aliases) -> bool:
    """Whether two words mean the same in a field: they differ in nothing but case, or the facts name them as one."""
    words = {one.casefold(), other.casefold()}
    return len(words) == 1 or any(words <= {word.casefold() for word in group} for group in aliases.get(field, ()))


def unheard_of(subject: Subject, *keys: str | int, what: str, value: str, words: Iterable[str]) -> Problem:
    """Say that a value is none of the words that the facts know; ``what`` names what it should be one of."""
    return unproven(
        f'"{value}" is no {what} that is known here{did_you_mean(value, words)}',
        at=subject.at(*keys),
        remedy="copy the word from Meta's answer or from WhatsApp Manager",
        fix=_nearest(subject.at(*keys), value, words),
    )


def _nearest(place: Place, value: str, words: Iterable[str]) -> Fix | None:
    near = nearest(value, words)
    return Fix(f"write {near}", (Change("set", place, near),), safe=False) if near else None


def judge_number(
    number: PhoneNumber,
    ctx: Context,
    key: str,
    value: str | None,
    usable: Sequence[str],
    others: Explained,
    *,
    missing: str,
    shows: str,
    milder: Sequence[str] = (),
) -> Problems:
    """Judge a word of Meta's for a number: one that is known to be good, known not to be, missing, or unknown.

    ``missing`` and ``shows`` complete "nothing says ..." and "... does not show that ..."; words in ``milder`` make a
    warning at most. Of a number that is none, Meta answers nothing: what is missing of it, or only claimed, goes unsaid.
    """
    if value is not None and known(value, usable):
        if may_be_asked_about(number, ctx):
            yield from claimed(number, key, by=NUMBER_ANSWER)
        return
    at = number.at(key)
    remedy = f"write here what Meta answers for the number's {key}"
    if value is None:
        if may_be_asked_about(number, ctx):
            yield unproven(f"nothing says {missing}", at=at, remedy=remedy)
    elif word := known(value, others):
        message = f"{key} is {value}: {others[word]['meaning']}"
        yield fail(message, at=at, remedy=others[word]["remedy"], at_most="warning" if known(word, milder) else "error")
    else:
        suggestion = did_you_mean(value, [*usable, *others])
        message = f'{key} is "{value}", which does not show that {shows}{suggestion}'
        yield unproven(message, at=at, remedy=remedy, fix=_nearest(at, value, [*usable, *others]))
