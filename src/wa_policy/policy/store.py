"""The resolved policy, kept between runs: resolving needs pydantic and every facts file, linting should need neither."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from typing import TYPE_CHECKING, Any

import wa_policy
from wa_policy.policy.model import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wa_policy.policy.model import RuleLike
    from wa_policy.policy.resolve import Resolved
    from wa_policy.policy.texts import PolicyText

KEPT = 16
"""How many resolved policies are kept; the least recently written go first."""


def cache_folder() -> str:
    """Where caches are kept: ``WA_POLICY_CACHE_DIR``, else the platform's own place for them.

    Written out here since platformdirs, which knows the same, costs three times what the rest of this module does to import.
    """
    if chosen := os.environ.get("WA_POLICY_CACHE_DIR"):
        return chosen
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        return os.path.join(
            os.environ.get("LOCALAPPDATA", os.path.join(home, "AppData", "Local")), "wa-policy", "Cache"
        )
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Caches", "wa-policy")
    return os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.join(home, ".cache"), "wa-policy")


def _file(text: PolicyText, rules: Mapping[str, RuleLike]) -> str:
    """One file per policy and set of rules: what a policy resolves to depends on the rules' declarations as well.

    The policy's own content is part of the name, since what it was read from may be a pipe, which nobody reads twice.
    """
    declared = [
        (code, rule.name, rule.certainty, repr(rule.settings), repr(rule.function.__annotations__))
        for code, rule in rules.items()
    ]
    # Suppressions are shown where they are written, which their content alone does not tell.
    spans = [text.locate(("suppressions", index), True) for index in range(len(text.data.get("suppressions", ())))]
    key = repr(
        (wa_policy.__version__, sys.version_info[:3], text.identity, text.origin, text.data, spans, declared)
    ).encode()
    return os.path.join(cache_folder(), f"policy-{hashlib.sha256(key).hexdigest()[:24]}.json")


def recall(text: PolicyText, rules: Mapping[str, RuleLike]) -> Policy | None:
    """The policy as resolved before, if none of the files it was made from has changed since; else None."""
    try:
        with open(_file(text, rules), "rb") as file:
            digest, _, content = file.read().partition(b"\n")
        if digest.decode() == hashlib.sha256(content).hexdigest():
            kept: dict[str, Any] = json.loads(content)
            if all(_digest(path) == digest for path, digest in kept["inputs"].items()):
                return Policy(**kept["policy"])
    except (OSError, ValueError):
        pass  # nothing kept, or not as it was: it is made again
    return None


def keep(text: PolicyText, rules: Mapping[str, RuleLike], resolved: Resolved) -> None:
    """Keep a resolved policy for the next run. Where that cannot be done, the next run resolves again."""
    plain = resolved.policy.as_plain()
    path = _file(text, rules)
    try:
        others = (os.path.abspath(path) for path in resolved.inputs if path != text.path)
        content = json.dumps({"inputs": {path: _digest(path) for path in others}, "policy": plain})
        if json.loads(content)["policy"] != plain:  # a plugin's setting that JSON cannot hold, such as a tuple
            return
        os.makedirs(os.path.dirname(path), exist_ok=True)
        partial = f"{path}.{os.getpid()}"
        with open(partial, "w", encoding="utf-8") as file:
            file.write(f"{hashlib.sha256(content.encode()).hexdigest()}\n{content}")
        os.replace(partial, path)
        _forget_oldest(os.path.dirname(path))
    except (OSError, TypeError, ValueError):
        pass


def _digest(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def _forget_oldest(folder: str) -> None:
    kept = [entry for entry in os.scandir(folder) if entry.name.startswith("policy-")]
    for entry in sorted(kept, key=lambda entry: entry.stat().st_mtime, reverse=True)[KEPT:]:
        os.unlink(entry.path)
