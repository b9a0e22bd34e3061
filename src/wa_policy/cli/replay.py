"""A whole run again: where nothing that it looked at has changed, it prints what it printed, and looks no further.

This is what a hook meets most of the time, so nothing is imported here that is not needed to find out. Only runs whose sole
effect is their output are kept: what reads standard input, writes files, asks git or loads code by name runs each time.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any

import wa_policy
from wa_policy.cache import files
from wa_policy.cache.digests import content_of, digest, digest_of, stamps_of_code, stamps_of_packages, state_of
from wa_policy.source.discover import Found, discover

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wa_policy.source.discover import Missing

KIND = "run"

HARMLESS = frozenset(
    (
        "--",
        "--as-of",
        "--baseline",
        "--fail-on",
        "--format",
        "--ignore",
        "--jobs",
        "--limit",
        "--no-plugins",
        "--no-suppressions",
        "--policy",
        "--select",
        "--show-files",
        "--show-settings",
        "--statistics",
    )
)
"""The options that change nothing but what is printed, by files that are known."""

_ENVIRONMENT = ("NO_COLOR", "TERM", "COLUMNS", "PYTHONIOENCODING", "PYTHONUTF8", "LANG", "LC_ALL", "GITHUB_WORKSPACE")
"""What the output may depend on besides."""


def key_of(words: Sequence[str]) -> str | None:
    """The key under which a run of ``wa-policy lint`` with these words is kept; None where it must run."""
    if any(word == "-" or "git:" in word or word.startswith("github") for word in words):
        return None
    options = [word.partition("=") for word in words if word.startswith("-")]
    if not HARMLESS.issuperset(name for name, _, _ in options) or any(
        value.startswith("github") for *_, value in options
    ):
        return None
    stream = sys.stdout
    return digest_of(
        wa_policy.__version__,
        list(words),
        os.getcwd(),
        time.localtime()[:3],
        (stream.isatty(), stream.encoding, stream.errors),
        [os.environ.get(name) for name in _ENVIRONMENT],
        stamps_of_packages(),
        stamps_of_code(wa_policy.__file__),
    )


def replay(key: str) -> tuple[str, int] | None:
    """What the run printed, and its exit code; None where it has not been, or something has changed since."""
    kept = files.recall(KIND, key)
    try:
        if kept is None or not _is_same(kept):
            return None
        text, code = kept["text"], kept["code"]
    except (KeyError, TypeError, ValueError, OSError):
        return None
    return (text, code) if isinstance(text, str) and code in (0, 1) else None


def _is_same(kept: dict[str, Any]) -> bool:
    folders: dict[str, str] = {}
    if any(state_of(path, most, folders) != state for path, most, state in kept["inputs"]):
        return False
    most = kept["most"]
    found = ((item, _content(item, most)) for item in discover(kept["paths"]))
    return bool(seen(found) == kept["seen"])


def _content(item: Found | Missing, most: int) -> str:
    return digest(content_of(item.path, most)) if isinstance(item, Found) else ""


def seen(found: Iterable[tuple[Found | Missing, str]]) -> str:
    """One digest of all that was found, in order, each with the digest of its content."""
    return digest(*(repr((tuple(item), content)).encode("utf-8", "surrogatepass") for item, content in found))
