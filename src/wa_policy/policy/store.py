"""The resolved policy, kept between runs: resolving needs pydantic and every facts file, linting should need neither."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import wa_policy
from wa_policy.cache import files
from wa_policy.cache.digests import digest_of, is_of_file, state_of
from wa_policy.policy.model import Policy
from wa_policy.policy.texts import BUNDLED
from wa_policy.source.document import DEFAULT_LIMITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wa_policy.policy.layers import RuleLike
    from wa_policy.policy.resolve import Resolved
    from wa_policy.policy.texts import PolicyText


def key_of(text: PolicyText, rules: Mapping[str, RuleLike]) -> str:
    """One file per policy and set of rules: what a policy resolves to depends on the rules' declarations as well.

    The policy's own content is part of the key, since what it was read from may be a pipe, which nobody reads twice. So is the
    current folder, from which the paths of what it extends are told; what a bundled one extends comes with the package.
    """
    declared = [
        (code, rule.name, rule.certainty, repr(rule.settings), repr(rule.function.__annotations__))
        for code, rule in rules.items()
    ]
    # Overrides and suppressions are shown where they are written, which their content alone does not tell.
    spans = [
        text.locate((key, index), True)
        for key in ("overrides", "suppressions")
        for index in range(len(text.data.get(key, ())))
    ]
    here = "" if text.origin == BUNDLED else os.getcwd()
    return digest_of(
        wa_policy.__version__, sys.version_info[:3], here, text.identity, text.origin, text.data, spans, declared
    )


def recall(text: PolicyText, rules: Mapping[str, RuleLike]) -> Policy | None:
    """The policy as resolved before, if none of the files it was made from has changed since; else None.

    Then it will be resolved: what the facts are like is noted in ``text.states``, before anybody reads them.
    """
    kept = files.recall(files.POLICY, key_of(text, rules))
    folders: dict[str, str] = {}
    try:
        if kept is not None and all(_state(path, folders) == state for path, state in kept["inputs"].items()):
            policy = Policy(**kept["policy"])
            policy.states = {**text.states, **kept["inputs"]}
            return policy
    except (TypeError, KeyError, AttributeError):
        pass  # from another state of this program, under the same version
    _look_at_facts(text.states, folders)
    return None  # it is made again


def _look_at_facts(states: dict[str, str], folders: dict[str, str]) -> None:
    from wa_policy.policy import facts  # a policy that is recalled holds them

    for name in facts.bundled_names():
        path = os.path.abspath(facts.file_of(name))
        states[path] = _state(path, folders)


def keep(text: PolicyText, rules: Mapping[str, RuleLike], resolved: Resolved) -> None:
    """Keep a resolved policy for the next run. Where that cannot be done, the next run resolves again."""
    resolved.policy.states = text.states
    plain = resolved.policy.as_plain()
    paths = [os.path.abspath(path) for path in resolved.inputs if path != text.path]
    inputs = {path: text.states.get(path, "") for path in paths}
    folders: dict[str, str] = {}
    try:
        if json.loads(json.dumps(plain)) != plain:  # a plugin's setting that JSON cannot hold, such as a tuple
            return
    except (TypeError, ValueError):
        return
    # Of what is in a commit, nobody could tell later whether it still is; and facts may have changed before they were read.
    if all(is_of_file(state) and _state(path, folders) == state for path, state in inputs.items()):
        files.keep(files.POLICY, key_of(text, rules), {"inputs": inputs, "policy": plain})


def _state(path: str, folders: dict[str, str]) -> str:
    return state_of(path, DEFAULT_LIMITS.bytes, folders)
