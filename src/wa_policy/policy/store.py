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


def _file(identity: str, rules: Mapping[str, RuleLike]) -> str:
    """One file per policy and set of rules: what a policy resolves to depends on the rules' declarations as well."""
    declared = [(code, rule.name, rule.certainty, repr(rule.settings)) for code, rule in rules.items()]
    key = repr((wa_policy.__version__, sys.version_info[:3], identity, declared)).encode()
    return os.path.join(cache_folder(), f"policy-{hashlib.sha256(key).hexdigest()[:24]}.json")


def recall(identity: str, rules: Mapping[str, RuleLike]) -> Policy | None:
    """The policy as resolved before, if none of the files it was made from has changed since; else None."""
    try:
        with open(_file(identity, rules), "rb") as file:
            kept: dict[str, Any] = json.loads(file.read())
        if all(_digest(path) == digest for path, digest in kept["inputs"].items()):
            return Policy(**kept["policy"])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # nothing kept, or not by us: it is made again
    return None


def keep(identity: str, rules: Mapping[str, RuleLike], resolved: Resolved) -> None:
    """Keep a resolved policy for the next run. Where that cannot be done, the next run resolves again."""
    content = {
        "inputs": {path: _digest(path) for path in resolved.inputs},
        "policy": resolved.policy.as_plain(),
    }
    path = _file(identity, rules)
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        partial = f"{path}.{os.getpid()}"
        with open(partial, "w", encoding="utf-8") as file:
            json.dump(content, file)
        os.replace(partial, path)
        _forget_oldest(os.path.dirname(path))
    except OSError:
        pass


def _digest(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def _forget_oldest(folder: str) -> None:
    kept = [entry for entry in os.scandir(folder) if entry.name.startswith("policy-")]
    for entry in sorted(kept, key=lambda entry: entry.stat().st_mtime, reverse=True)[KEPT:]:
        os.unlink(entry.path)
