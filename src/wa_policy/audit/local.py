"""The files of this machine. A storage, as wa_policy.audit.storage describes it."""

from __future__ import annotations

import fnmatch
import glob
import hashlib
import os
import stat
from collections import deque
from typing import TYPE_CHECKING

from wa_policy.audit.digests import Digest
from wa_policy.audit.errors import AuditError, AuditTrouble, wrong_use
from wa_policy.audit.storage import State
from wa_policy.records import NamedTuple
from wa_policy.suggest import did_you_mean

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Sequence
    from typing import BinaryIO

    from wa_policy.audit.storage import See

_PIECE = 1 << 20


def find(word: str) -> list[tuple[str, State]]:
    """The files that a word names: itself, the files below it, or those that fit it as a pattern. Raises AuditError."""
    search = _Search()
    paths = list(search.named(word))
    if not paths and not search.troubles:
        what = "the folder holds no file" if os.path.isdir(word) else "no file fits this pattern"
        raise wrong_use(f"{word}: {what}", "mend the path, or name the files one by one")
    found: list[tuple[str, State]] = []
    for path in paths:
        try:
            found.append((path, _state_of_file(path)))
        except AuditError as error:
            search.troubles += error.troubles
    if search.troubles:
        raise AuditError(*dict.fromkeys(search.troubles))
    return found


class _Entry(NamedTuple):
    """What is in a folder."""

    name: str
    folder: bool
    link: bool


class _Search:
    """What a word names; and what kept it from being seen, so that nothing is left out in silence."""

    def __init__(self) -> None:
        self.troubles: list[AuditTrouble] = []

    def named(self, word: str) -> Iterator[str]:
        """The paths that a word names."""
        if os.path.isdir(word):
            for folder, names in self._below(word, follow=False):
                yield from (os.path.join(folder, name) for name in names)
        elif not os.path.lexists(word) and glob.has_magic(word):
            root, parts = _parts(word)
            if self._is_folder(root):
                yield from sorted({path for path in self._fitting(root, parts) if not os.path.isdir(path)})
        else:
            yield word

    def _below(self, top: str, *, follow: bool) -> Iterator[tuple[str, list[str]]]:
        """A folder and those below it, each with the names of its files. Hidden ones are no data.

        Links are followed last and into no folder twice, so that files go by their own names and circles have an end.
        """
        waiting, seen = deque([(top, os.path.realpath(top))]), set()
        while waiting:
            folder, real = waiting.pop()
            if real in seen:
                continue
            seen.add(real)
            entries = [entry for entry in self._entries(folder) if is_data(entry.name)]
            folders = [entry.name for entry in entries if entry.folder]
            linked = [
                entry.name for entry in entries if entry.link and self._is_folder(os.path.join(folder, entry.name))
            ]
            yield folder, sorted({entry.name for entry in entries}.difference(folders, linked))
            waiting.extend((os.path.join(folder, name), os.path.join(real, name)) for name in reversed(folders))
            for path in (os.path.join(folder, name) for name in linked):
                if follow:
                    waiting.appendleft((path, os.path.realpath(path)))
                else:
                    self.troubles.append(_not_followed(path, top))

    def _fitting(self, folder: str, parts: Sequence[str]) -> Iterator[str]:
        """The paths in a folder that fit the parts of a pattern."""
        part, *rest = parts
        if part == "**":
            for each, _ in self._below(folder, follow=True):
                yield from self._fitting(each, rest or ["*"])
            return
        for path in self._named_in(folder, part):
            if not rest:
                yield path
            elif self._is_folder(path):
                yield from self._fitting(path, rest)

    def _named_in(self, folder: str, part: str) -> list[str]:
        """What one part of a pattern names. Hidden ones fit only where the part begins as they do."""
        if not glob.has_magic(part):
            path = os.path.join(folder, part)
            return [path] if self._told(os.lstat, path) else []
        names = [entry.name for entry in self._entries(folder) if is_data(entry.name) or not is_data(part)]
        return [os.path.join(folder, name) for name in fnmatch.filter(names, part)]

    def _entries(self, folder: str) -> list[_Entry]:
        try:
            with os.scandir(folder or os.curdir) as entries:
                return sorted(
                    _Entry(each.name, each.is_dir(follow_symlinks=False), each.is_symlink()) for each in entries
                )
        except OSError as error:
            message = f"{folder or os.curdir}: it cannot be read: {error.strerror}"
            self.troubles.append(AuditTrouble(message, "mend the folder's permissions, or name the files one by one"))
        return []

    def _is_folder(self, path: str) -> bool:
        told = self._told(os.stat, path or os.curdir)
        return told is not None and stat.S_ISDIR(told.st_mode)

    def _told(self, ask: Callable[[str], os.stat_result], path: str) -> os.stat_result | None:
        """What the operating system tells of a path; None if there is none, or if it does not tell."""
        try:
            return ask(path)
        except (FileNotFoundError, NotADirectoryError, ValueError):
            pass
        except OSError as error:
            self.troubles += unreadable(path, error).troubles
        return None


def _parts(pattern: str) -> tuple[str, list[str]]:
    """The folder that a pattern begins in, and the parts of what follows."""
    parts: list[str] = []
    while glob.has_magic(pattern):
        pattern, part = os.path.split(pattern)
        parts.insert(0, part)
    return pattern, parts


def _not_followed(path: str, top: str) -> AuditTrouble:
    pattern = os.path.join(glob.escape(top), "**")
    return AuditTrouble(
        f"{path}: this is a link to a folder, and links to folders are not followed",
        f"name it as a pattern, which follows them: '{pattern}'; or name the files one by one",
        2,
    )


def is_data(name: str) -> bool:
    """Whether a file or folder of a folder is meant with it: what other tools put there, such as ``_SUCCESS``, is not."""
    return not name.startswith((".", "_"))


def _state_of_file(path: str) -> State:
    try:
        now = os.stat(path)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        if os.path.islink(path):
            raise wrong_use(f"{path}: the link leads to no file", "mend the link, or remove it") from None
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
    return AuditError(AuditTrouble(message, "mend the file's permissions, or name another file"))


def state(path: str) -> State:
    """What a file is now; links lead to the same one. Raises OSError."""
    return _state(os.stat(path))


def _state(now: os.stat_result) -> State:
    return State((now.st_dev, now.st_ino), now.st_size, now.st_mtime_ns)


def open_file(path: str) -> BinaryIO:
    """The bytes of a file. Raises OSError."""
    return open(path, "rb")


def digest(path: str, stop: threading.Event, see: See | None = None, /) -> Digest | None:
    """The digest of a file; None if it was to stop. hashlib lets other threads run while it works. Raises OSError.

    ``see`` is shown every byte, and may raise AuditError.
    """
    sha256, size = hashlib.sha256(), 0
    with open(path, "rb", buffering=0) as file:
        while piece := file.read(_PIECE):
            if stop.is_set():
                return None
            sha256.update(piece)
            size += len(piece)
            if see:
                see(piece)
    return Digest(sha256.hexdigest(), size)
