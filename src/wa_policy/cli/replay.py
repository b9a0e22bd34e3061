"""A whole run again: where nothing that it looked at has changed, it prints what it printed, and looks no further.

This is what a hook meets most of the time, so nothing is imported here that is not needed to find out. Only runs whose sole
effect is their output are kept: what reads standard input, writes files, asks git or loads code by name runs each time.
"""

from __future__ import annotations

import os
import sys
import time

import wa_policy
from wa_policy.cache import files
from wa_policy.cache.digests import content_of, digest, digest_of, stamps_of_code, stamps_of_packages, state_of
from wa_policy.source.walk import walk

TYPE_CHECKING = False  # as in source.walk
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
        "--statistics",
    )
)
"""The options that change nothing but what is printed, by files that are known."""

_ENVIRONMENT = ("NO_COLOR", "TERM", "COLUMNS", "PYTHONIOENCODING", "PYTHONUTF8", "LANG", "LC_ALL", "GITHUB_WORKSPACE")
"""What the output may depend on besides."""

_ENCODINGS = ("locale", "utf-8")
"""In what a run was printed; no line of what comes before the text may be empty."""


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
    try:
        here = os.getcwd()
    except OSError:  # it has been removed; who runs on finds out, and says so
        return None
    return digest_of(
        wa_policy.__version__,
        list(words),
        here,
        time.localtime()[:3],
        (stream.isatty(), stream.encoding, stream.errors),
        [os.environ.get(name) for name in _ENVIRONMENT],
        stamps_of_packages(),
        stamps_of_code(wa_policy.__file__),
    )


def replay(key: str) -> tuple[str, int, bool] | None:
    """What the run printed, its exit code, and whether that was UTF-8 whatever the locale.

    None where there was no such run, or something has changed since.
    """
    kept = files.recall_bytes(files.RUN, key)
    try:
        return None if kept is None else _say_again(kept)
    except (OSError, ValueError):
        return None


def _say_again(kept: bytes) -> tuple[str, int, bool] | None:
    head, _, text = kept.decode("utf-8", "surrogatepass").partition("\n\n")
    code, encoding, most, seen, *others = head.split("\n")
    paths = [line[1:] for line in others if line[0] == "P"]
    inputs = [line[1:].split(" ", 2) for line in others if line[0] == "I"]
    folders: dict[str, str] = {}
    if any(state_of(path, int(most), folders) != state for state, most, path in inputs):
        return None
    found = ((item, _content(item, int(most))) for item in sorted(walk(paths), key=_path))
    return (text, int(code), encoding == _ENCODINGS[True]) if digest_of_all(found) == seen else None


def _path(item: Sequence[object]) -> str:
    return str(item[0])


def _content(item: Sequence[object], most: int) -> str:
    """The digest of a file that was found; of nothing, where there is none."""
    return digest(content_of(_path(item), most)) if len(item) == 3 else ""


def digest_of_all(found: Iterable[tuple[Sequence[object], str]]) -> str:
    """One digest of all that was found, by path, each with the digest of its content."""
    return digest(*(repr((tuple(item), content)).encode("utf-8", "surrogatepass") for item, content in found))


def remember(
    key: str,
    paths: Sequence[str],
    most: int,
    seen: str,
    inputs: Iterable[tuple[str, int, str]],
    text: str,
    code: int,
    *,
    utf_8: bool,
) -> None:
    """Keep a run: what it was asked for, what it saw, what else it read (path, at most so many bytes, state), what it printed.

    ``utf_8`` says that it was printed in UTF-8, whatever the locale.
    """
    named = [f"P{path}" for path in paths]
    read = [f"I{state} {most} {path}" for path, most, state in dict.fromkeys(inputs)]
    head = [str(code), _ENCODINGS[utf_8], str(most), seen, *named, *read]
    if not any("\n" in line for line in head):  # else it would be read as something else
        files.keep_bytes(files.RUN, key, "\n".join([*head, "", text]).encode("utf-8", "surrogatepass"))
