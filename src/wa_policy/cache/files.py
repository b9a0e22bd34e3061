"""Files of the cache: a line with the digest of the rest, and the rest; replaced as a whole, the oldest forgotten.

The rest is JSON, but for whole runs, which are read where a JSON parser would cost more than all else.

Whatever is missing, cut, changed by hand or from another version counts as not there. What cannot be written is not kept, and
nothing is said of it: the next run does the work again. Nobody but the user may read these files.
"""

from __future__ import annotations

import os
import stat
import sys

from wa_policy.cache.digests import READ, SIZE, digest

TYPE_CHECKING = False  # as in source.walk: a run that is replayed comes through here
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

PACKAGES, POLICY, RESULTS, RUN = "packages", "policy", "results", "run"
KINDS = {PACKAGES: "installed plugins", POLICY: "resolved policies", RESULTS: "results by file", RUN: "whole runs"}
"""What is kept: the word that the names of its files begin with, and how people call it."""

MOST_FILES = 32
"""How many files of a kind are kept."""

MOST_BYTES = 128 * 1024 * 1024
"""How large the files of a kind may be together; one that is larger by itself is not kept."""

_STAMP = 2 * SIZE + 1
"""Bytes of a file's first line: a digest in hexadecimal digits."""


def folder() -> str:
    """Where caches are kept: ``WA_POLICY_CACHE_DIR``, else the platform's own place for them.

    Written out here since platformdirs, which knows the same, costs three times what the rest of this module does to import.
    """
    if chosen := os.environ.get("WA_POLICY_CACHE_DIR"):
        return chosen
    home = _home()
    if sys.platform == "win32":
        return os.path.join(
            os.environ.get("LOCALAPPDATA", os.path.join(home, "AppData", "Local")), "wa-policy", "Cache"
        )
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Caches", "wa-policy")
    named = os.environ.get("XDG_CACHE_HOME", "")  # its specification says to pass over one that is no absolute path
    return os.path.join(named if os.path.isabs(named) else os.path.join(home, ".cache"), "wa-policy")


def _home() -> str:
    """The user's own folder; one that cannot be there for who has none, since nothing is to be kept just anywhere."""
    if sys.platform == "win32" or os.path.isabs(os.environ.get("HOME", "")):
        return os.path.expanduser("~")
    import pwd  # as Python does where HOME is not set; an empty one would be the root

    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return os.devnull


def path_of(kind: str, key: str) -> str:
    """The file that something of a kind is kept in; ``key`` is a digest of all that tells it from others."""
    return os.path.join(folder(), f"{kind}-{key[:24]}.cache")


def recall(kind: str, key: str) -> Any:
    """What was kept under a key, as JSON gives it; None for nothing, or nothing that can be trusted."""
    import json

    content = recall_bytes(kind, key)
    try:
        return None if content is None else json.loads(content)
    except (ValueError, RecursionError):
        return None


def recall_bytes(kind: str, key: str) -> bytes | None:
    """The bytes that were kept under a key; None for nothing, or nothing that can be trusted."""
    try:
        stamp, _, content = _read(path_of(kind, key)).partition(b"\n")
    except OSError:
        return None
    return content if stamp == digest(key.encode(), content).encode() else None


def _read(path: str) -> bytes:
    """What is in a file as we write them; nothing where there is something else: a pipe never ends, and memory does."""
    file = os.open(path, READ | getattr(os, "O_NONBLOCK", 0))
    try:
        known = os.fstat(file)
        if not stat.S_ISREG(known.st_mode) or known.st_size > MOST_BYTES + _STAMP:
            return b""
        content = os.read(file, known.st_size)
        while len(content) < known.st_size and (more := os.read(file, known.st_size - len(content))):
            content += more
        return content
    finally:
        os.close(file)


def keep(kind: str, key: str, value: Any) -> bool:
    """Keep plain data under a key, in the place of what was there; says whether it is kept. Raises TypeError for other data."""
    import json

    return keep_bytes(kind, key, json.dumps(value, separators=(",", ":")).encode())


def keep_bytes(kind: str, key: str, content: bytes) -> bool:
    """Keep bytes under a key, in the place of what was there; says whether they are kept."""
    if len(content) > MOST_BYTES:
        return False
    path = path_of(kind, key)
    partial = f"{path}.{os.urandom(6).hex()}"  # nobody can have put a link of that name there
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(digest(key.encode(), content).encode() + b"\n" + content)
        os.replace(partial, path)
        _forget_oldest(kind)
    except OSError:
        return False
    finally:  # Ctrl-C, too, leaves no half of it
        _remove(partial)
    return True


def kept(kind: str = "") -> list[os.DirEntry[str]]:
    """The files of the cache, or those of a kind, the newest first."""
    return [entry for _, entry in sorted(_ages(kind), key=lambda item: item[0], reverse=True)]


def clear() -> tuple[int, list[tuple[str, str]]]:
    """Remove every file of the cache, half-written ones too; says how many, and what is left and why, by path."""
    try:
        os.scandir(folder()).close()
    except (FileNotFoundError, NotADirectoryError):
        return 0, []
    except OSError as error:
        return 0, [(folder(), _reason(error))]
    tried = sorted((entry.path, _remove(entry.path)) for entry in kept())
    left = [(path, trouble) for path, trouble in tried if trouble and os.path.lexists(path)]
    return sum(not trouble for _, trouble in tried), left


def _ages(kind: str) -> Iterator[tuple[int, os.DirEntry[str]]]:
    kinds = (kind,) if kind else KINDS
    try:
        entries = list(os.scandir(folder()))
    except OSError:
        return
    for entry in entries:
        name, dash, _ = entry.name.partition("-")
        if dash and name in kinds and ".cache" in entry.name:
            try:
                yield entry.stat(follow_symlinks=False).st_mtime_ns, entry
            except OSError:
                continue  # another process was faster


def _forget_oldest(kind: str) -> None:
    left = MOST_BYTES
    for number, entry in enumerate(kept(kind)):
        try:
            left -= entry.stat(follow_symlinks=False).st_size
        except OSError:
            continue
        if number >= MOST_FILES or left < 0:
            _remove(entry.path)


def _remove(path: str) -> str:
    """Remove a file; says why it cannot be."""
    try:
        os.unlink(path)
    except OSError as error:
        return "it is a folder" if os.path.isdir(path) else _reason(error)
    return ""


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
