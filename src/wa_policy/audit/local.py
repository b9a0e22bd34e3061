"""The files of this machine. A storage, as wa_policy.audit.storage describes it."""

from __future__ import annotations

import glob
import hashlib
import os
import stat
from typing import TYPE_CHECKING

from wa_policy.audit.digests import Digest
from wa_policy.audit.errors import AuditError, Trouble, wrong_use
from wa_policy.audit.storage import State
from wa_policy.suggest import did_you_mean

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator
    from typing import BinaryIO

_PIECE = 1 << 20


def find(word: str) -> list[tuple[str, State]]:
    """The files that a word names: itself, the files below it, or those that fit it as a pattern. Raises AuditError."""
    paths = list(_paths(word))
    if not paths:
        what = "the folder holds no file" if os.path.isdir(word) else "no file fits this pattern"
        raise wrong_use(f"{word}: {what}", "mend the path, or name the files one by one")
    found: list[tuple[str, State]] = []
    troubles: list[Trouble] = []
    for path in paths:
        try:
            found.append((path, _state_of_file(path)))
        except AuditError as error:
            troubles += error.troubles
    if troubles:
        raise AuditError(*troubles)
    return found


def _paths(word: str) -> Iterator[str]:
    """Hidden ones are no data."""
    if os.path.isdir(word):
        for folder, folders, names in os.walk(word):
            folders[:] = sorted(name for name in folders if is_data(name))
            yield from (os.path.join(folder, name) for name in sorted(names) if is_data(name))
    elif not os.path.lexists(word) and glob.has_magic(word):
        yield from (path for path in sorted(glob.glob(word, recursive=True)) if not os.path.isdir(path))
    else:
        yield word


def is_data(name: str) -> bool:
    """Whether a file or folder of a folder is meant with it: what other tools put there, such as ``_SUCCESS``, is not."""
    return not name.startswith((".", "_"))


def _state_of_file(path: str) -> State:
    try:
        now = os.stat(path)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise wrong_use(f"{path}: there is no such file{_neighbour(path)}", "mend the path") from None
    except OSError as error:
        raise unreadable(path, error) from None
    if not stat.S_ISREG(now.st_mode):
        raise wrong_use(f"{path}: this is no file", "name a file, a folder or a pattern; save what a pipe gives first")
    return _state(now)


def _neighbour(path: str) -> str:
    try:
        names = [name for name in os.listdir(os.path.dirname(path) or ".") if is_data(name)]
    except (OSError, ValueError):
        return ""
    return did_you_mean(os.path.basename(path), names)


def unreadable(path: str, error: OSError) -> AuditError:
    """What the operating system says of a file, in our words."""
    message = f"{path}: it cannot be read: {error.strerror}"
    return AuditError(Trouble(message, "mend the file's permissions, or name another file"))


def state(path: str) -> State:
    """What a file is now; links lead to the same one. Raises OSError."""
    return _state(os.stat(path))


def _state(now: os.stat_result) -> State:
    return State((now.st_dev, now.st_ino), now.st_size, now.st_mtime_ns)


def open_file(path: str) -> BinaryIO:
    """The bytes of a file. Raises OSError."""
    return open(path, "rb")


def digest(path: str, stop: threading.Event) -> Digest | None:
    """The digest of a file; None if it was to stop. hashlib lets other threads run while it works. Raises OSError."""
    sha256, size = hashlib.sha256(), 0
    with open(path, "rb", buffering=0) as file:
        while piece := file.read(_PIECE):
            if stop.is_set():
                return None
            sha256.update(piece)
            size += len(piece)
    return Digest(sha256.hexdigest(), size)
