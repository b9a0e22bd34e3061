"""What a policy extends, and in which order: later policies win."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.policy.model import PolicyError, PolicyProblem
from wa_policy.policy.texts import PolicyText, load_text
from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    from wa_policy.source.spans import Route

DEEPEST = 32
"""How many policies may extend each other in a line."""

MOST_EXTENDED = 256
"""How often one policy may extend another, in all that belong to one."""


class Chained(NamedTuple):
    """The policies that a policy extends, from the ground up, each once, and itself last; and what is wrong with extending them.

    Of one that cannot be read nothing is there, and of one whose shape is wrong what is left of it.
    """

    parts: list[PolicyText]
    problems: list[PolicyProblem]


def chain(text: PolicyText) -> Chained:
    """Follow what a policy extends."""
    following = _Chain(text)
    return Chained(following.parts, following.problems)


class _Chain:
    """Follows what policies extend."""

    def __init__(self, text: PolicyText) -> None:
        self._done: dict[str, PolicyText] = {}
        self._below: dict[str, set[str]] = {}
        """What each policy builds on, directly or not, by identity."""
        self._extended = 0
        self.problems: list[PolicyProblem] = []
        try:
            self._add(text, ())
        except PolicyError as error:  # there are too many
            self.problems += error.problems
        self.parts = [*self._done.values()] if text.identity in self._done else [*self._done.values(), text]

    def _add(self, text: PolicyText, above: tuple[PolicyText, ...]) -> None:
        ways = [part.identity for part in above]
        if text.identity in ways:
            loop = " extends ".join(part.origin for part in (*above[ways.index(text.identity) :], text))
            self.problems.append(text.problem(("extends",), f"the policies extend each other in a circle: {loop}"))
            return
        if text.identity in self._done:
            return
        if len(above) >= DEEPEST:
            message = f"more than {DEEPEST} policies extend each other in a line"
            raise PolicyError(text.problem(("extends",), message, "put some of them together"))
        below, listed = self._below.setdefault(text.identity, set()), set[str]()
        for position, parent in enumerate(text.extends):
            if parent is None:
                continue
            route = ("extends",) if isinstance(text.data.get("extends"), str) else ("extends", position)
            self._extended += 1
            if self._extended > MOST_EXTENDED:
                message = f"policies extend others more than {MOST_EXTENDED} times"
                raise PolicyError(text.problem(route, message, "put some of them together"))
            ground = self._load(parent, text, route)
            if ground is None:
                continue
            if ground.identity in below and ground.identity not in listed:
                message = f"{ground.name} cannot win over what stands before it: that builds on {ground.name} already"
                self.problems.append(text.problem(route, message, "leave it out, or name it first"))
            self._add(ground, (*above, text))
            listed.add(ground.identity)
            below |= {ground.identity, *self._below[ground.identity]}
        self._done[text.identity] = text

    def _load(self, parent: str, text: PolicyText, route: Route) -> PolicyText | None:
        """What a policy extends, or what is left of it; None where nothing is."""
        try:
            return load_text(parent, relative_to=text, route=route)
        except PolicyError as error:
            self.problems += error.problems
            return error.rest
