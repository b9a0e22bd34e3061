"""What policies say, layer by layer, before they are one: plain data, as the cache keeps them.

A run whose policy was resolved before needs none of these classes, which is why they have a module of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypedDict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wa_policy.findings import Certainty


class RuleLike(Protocol):
    """What a policy needs to know of a rule; the rules' own room is above this one."""

    @property
    def code(self) -> str:
        """The stable code."""

    @property
    def name(self) -> str:
        """The readable name."""

    @property
    def certainty(self) -> Certainty:
        """How sure the rule's source is."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """Setting names and their defaults; a default may be a fact's path."""

    @property
    def function(self) -> Callable[..., Any]:
        """The rule itself, whose annotations say what a setting may be."""


class Exemption(TypedDict):
    """Findings that a policy lets pass in some workspaces; ``route`` is empty for anywhere, ``span`` is where it is written."""

    rules: list[str]
    workspace: str
    environment: str
    route: str
    reason: str
    owner: str
    until: str
    value: str
    path: str
    index: int
    span: list[int]


class RuleEntry(TypedDict, total=False):
    """What one layer says of one rule."""

    severity: str
    unproven: str
    claims: str
    settings: dict[str, Any]


class Layer(TypedDict, total=False):
    """What one policy, or one override, says: later layers win, entry by entry."""

    severity: str
    unproven: str
    claims: str
    rules: dict[str, RuleEntry]


class Override(TypedDict):
    """A layer for some manifests only: all conditions given must hold, any value of a condition does."""

    environments: list[str]
    workspaces: list[str]
    paths: list[str]
    base: str
    level: int
    """Which of the policy's layers it is said beside."""
    reason: str
    path: str
    line: int
    """Where it is written."""
    layer: Layer


class FactsInfo(TypedDict):
    """A facts file that the rules of a run stand on: its date, how sure it is, and where it comes from."""

    as_of: str
    certainty: str
    origin: str


class RuleDefaults(TypedDict):
    """A rule's certainty and settings, facts filled in."""

    certainty: Certainty
    settings: dict[str, Any]
