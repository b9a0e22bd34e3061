"""What a policy is once resolved: for every manifest, a ruling on every rule."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

from wa_policy.findings import SEVERITIES
from wa_policy.records import NamedTuple
from wa_policy.source.paths import absolute, seen_from

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wa_policy.findings import Severity
    from wa_policy.policy.layers import Exemption, FactsInfo, Layer, Override, RuleDefaults
    from wa_policy.policy.texts import PolicyText
    from wa_policy.source.spans import Span

PACKS = ("draft", "go-live", "strict")
"""The bundled policies, from the first rung to the last; each extends the one before."""

DEFAULT_PACK = "go-live"


class PolicyProblem(NamedTuple):
    """A mistake in a policy or a facts file: what, where, and what to do."""

    path: str
    span: Span | None
    message: str
    remedy: str = ""


class PolicyError(Exception):
    """A policy that cannot be used; nothing is checked by it."""

    def __init__(self, *problems: PolicyProblem, rest: PolicyText | None = None) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems
        self.rest = rest
        """What is left of the policy without what its schema refuses, to look for other mistakes in it; None for nothing."""


NEVER_SUPPRESSED = ("MAN001", "MAN002", "MAN004", "MAN009", "MAN010")
"""What nobody may wave through: after the first two nothing else was looked at; a credential; suppressions themselves."""


class Fact(NamedTuple):
    """The value of a setting that stands in ``policies/facts/``: a file's name, then keys inside its ``values``."""

    path: str

    @property
    def file(self) -> str:
        """The name of the file."""
        return self.path.partition(".")[0]

    @property
    def keys(self) -> list[str]:
        """The keys inside its values; none for all of them."""
        return self.path.split(".")[1:]


class Ruling(NamedTuple):
    """What a policy makes of one rule: the severity per outcome, and the settings to run it with."""

    fail: Severity
    unproven: Severity
    claimed: Severity
    settings: Mapping[str, Any]


def weaker(first: Severity, second: Severity) -> Severity:
    """The milder of two severities."""
    return min(first, second, key=SEVERITIES.index)


class Policy:
    """A resolved policy. Plain data inside, so that it can be kept as JSON and loaded without resolving again."""

    __slots__ = (
        "_rulings",
        "chain",
        "defaults",
        "exemptions",
        "facts",
        "fail_on",
        "files",
        "inline",
        "layers",
        "name",
        "origin",
        "overrides",
        "states",
    )

    def __init__(
        self,
        name: str,
        origin: str,
        chain: list[str],
        fail_on: Severity,
        layers: list[Layer],
        overrides: list[Override],
        defaults: dict[str, RuleDefaults],
        facts: dict[str, FactsInfo],
        exemptions: Sequence[Exemption] = (),
        inline: Literal["allowed", "forbidden"] = "allowed",
        files: Sequence[str] = (),
    ) -> None:
        self.name = name
        self.origin = origin
        self.chain = chain
        self.fail_on = fail_on
        self.layers = layers
        self.overrides = overrides
        self.defaults = defaults
        self.facts = facts
        self.exemptions = exemptions
        """Suppressions of the policy's own, those of the policies that it extends first."""
        self.inline = inline
        """Whether manifests may carry suppressions in comments."""
        self.files = files
        """The files that it was made from, by their absolute paths; those that come with the package left out."""
        self.states: Mapping[str, str] = {}
        """What these files were like as they were read, as far as it is known: by now they may say something else."""
        self._rulings: dict[tuple[int, ...], Mapping[str, Ruling]] = {}

    def accepting(self, other: Policy) -> Policy:
        """This policy, with the suppressions of another in place of its own."""
        own = self.as_plain() | {"exemptions": other.exemptions, "inline": other.inline}
        accepting = Policy(**own)
        accepting.states = self.states
        return accepting

    def as_plain(self) -> dict[str, Any]:
        """Everything that the constructor takes, as JSON can carry it."""
        return {
            "name": self.name,
            "origin": self.origin,
            "chain": self.chain,
            "fail_on": self.fail_on,
            "layers": self.layers,
            "overrides": self.overrides,
            "defaults": self.defaults,
            "facts": self.facts,
            "exemptions": list(self.exemptions),
            "inline": self.inline,
            "files": list(self.files),
        }

    def held(self, environment: str = "", workspace: str = "", path: str = "") -> tuple[int, ...]:
        """Which overrides hold for a manifest, by their places among all; ``path`` is its path."""
        return tuple(
            index for index, override in enumerate(self.overrides) if _applies(override, environment, workspace, path)
        )

    def rulings(self, environment: str = "", workspace: str = "", path: str = "") -> Mapping[str, Ruling]:
        """The ruling on every rule, by code, for a manifest; ``path`` is its path.

        Without arguments: for what belongs to no single manifest. Manifests under the same overrides share one table.
        """
        return self.rulings_under(self.held(environment, workspace, path))

    def rulings_under(self, held: tuple[int, ...]) -> Mapping[str, Ruling]:
        """The ruling on every rule, by code, where these overrides hold."""
        rulings = self._rulings.get(held)
        if rulings is None:
            layers: list[Layer] = []
            for level, layer in enumerate(self.layers):  # a policy's own overrides first, then whoever extends it
                layers += [
                    layer,
                    *(self.overrides[index]["layer"] for index in held if self.overrides[index]["level"] == level),
                ]
            rulings = {code: _rule(code, layers, defaults) for code, defaults in self.defaults.items()}
            self._rulings[held] = rulings
        return rulings


def _applies(override: Override, environment: str, workspace: str, path: str) -> bool:
    if override["environments"] and environment not in override["environments"]:
        return False
    if override["workspaces"] and not _matches(workspace, override["workspaces"]):
        return False
    return not override["paths"] or _matches(_relative(path, override["base"]), override["paths"])


def _relative(path: str, base: str) -> str:
    """A manifest's path as the patterns of a policy see it: from the policy's folder, with slashes.

    Where a link leads into that folder from outside, it is the path behind the link.
    """
    if not path:
        return ""
    named = seen_from(absolute(path), base)
    if named.startswith(os.pardir):
        named = seen_from(os.path.realpath(path), os.path.realpath(base))
    return named.replace(os.sep, "/")


def _matches(text: str, patterns: list[str]) -> bool:
    """Whether a name or a path fits one of the patterns; where it is not known, it fits none, not even ``*``."""
    from fnmatch import fnmatchcase

    return bool(text) and any(fnmatchcase(text, pattern) for pattern in patterns)


def _rule(code: str, layers: list[Layer], defaults: RuleDefaults) -> Ruling:
    severity: Any = None
    default: Any = "error"
    unproven: Any = "as-rule"
    claims: Any = "accepted"
    settings = defaults["settings"]
    for layer in layers:
        default = layer.get("severity", default)
        entry = layer.get("rules", {}).get(code, {})
        severity = entry.get("severity", severity)
        # These never weigh more than the rule, so a later word for all may win; a severity for all would turn on what is off.
        unproven = entry.get("unproven", layer.get("unproven", unproven))
        claims = entry.get("claims", layer.get("claims", claims))
        if "settings" in entry:
            settings = {**settings, **entry["settings"]}
    if severity is None:  # nobody decided: an unsure source makes a warning at most
        severity = default if defaults["certainty"] == "sure" else weaker(default, "warning")
    return Ruling(severity, _weigh(unproven, severity), _weigh(claims, severity), settings)


def _weigh(word: str, severity: Severity) -> Severity:
    if word == "as-rule":
        return severity
    return "off" if word == "accepted" else weaker(word, severity)  # type: ignore[arg-type]  # the schema closes the vocabulary
