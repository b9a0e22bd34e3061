"""What a policy extends, and in which order: later policies win."""

from __future__ import annotations

from wa_policy.policy.model import PolicyError
from wa_policy.policy.texts import PolicyText, load_text

DEEPEST = 32
"""How many policies may extend each other in a line."""

MOST_EXTENDED = 256
"""How often one policy may extend another, in all that belong to one."""


def chain(text: PolicyText) -> list[PolicyText]:
    """The policies that a policy extends, from the ground up, each once, and itself last. Raises PolicyError."""
    return _Chain(text).parts


class _Chain:
    """Follows what policies extend."""

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
