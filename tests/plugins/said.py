"""What problems say, as plain values to compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.api import show_route
from wa_policy.rules.loading import load

if TYPE_CHECKING:
    from wa_policy.api import Problem, Rule


def place(problem: Problem) -> str:
    """The route to a problem's main place."""
    return show_route(problem.places[0].route)


def summary(problem: Problem) -> tuple[str, str, str, str]:
    """The outcome, how much it weighs at most, where, and the message."""
    return problem.outcome, problem.at_most, place(problem), problem.message


def only(problems: list[Problem]) -> tuple[str, str, str, str]:
    """The summary of the one problem that there is."""
    (problem,) = problems
    return summary(problem)


def remedy(problems: list[Problem]) -> str:
    """The remedy of the one problem that there is."""
    (problem,) = problems
    return problem.remedy


def labels(problem: Problem) -> list[tuple[str, str]]:
    """The routes to a problem's other places, each with its label."""
    return [(show_route(place.route), place.label) for place in problem.places[1:]]


def claims(problems: list[Problem], by: str) -> list[str]:
    """The places of problems that are all mere claims, which the same thing would prove."""
    assert all(problem.outcome == "claimed" for problem in problems)
    assert all(problem.remedy == f"prove it by {by}" for problem in problems)
    return [place(problem) for problem in problems]


def family(prefix: str) -> list[Rule]:
    """The bundled rules of one family (``NUM``), whichever modules they are in."""
    return [rule for code, rule in load(third_party=False).rules.items() if code.startswith(prefix)]
