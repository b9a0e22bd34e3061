"""What tells one state of the world from another: digests of contents, and of what a path leads to."""

from __future__ import annotations

import os
import stat
import sys

try:
    from _blake2 import blake2b  # what hashlib gives, without the library that hashlib loads beside it
except ImportError:  # another Python
    from hashlib import blake2b

SIZE = 16
"""Bytes of a digest. These tell states apart; nobody gains by making two states look alike in a cache of his own."""


_LARGE = 1 << 16


def digest(*parts: bytes) -> str:
    """A digest of several parts; where one ends and the next begins makes a difference."""
    made = blake2b(digest_size=SIZE)
    for part in parts:
        if len(part) < _LARGE:
            made.update(b"%d:%b" % (len(part), part))  # copying a manifest costs less than a call
        else:
            made.update(b"%d:" % len(part))
            made.update(part)
    return made.hexdigest()


def digest_of(*values: object) -> str:
    """A digest of values by how Python writes them: of text, numbers, None, tuples and lists of these."""
    return digest(*(repr(value).encode("utf-8", "surrogatepass") for value in values))


READ = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def content_of(path: str, most: int, size: int = -1) -> bytes:
    """The first bytes of a file: one more than ``most`` are enough to know that it is too large. Raises OSError.

    ``size`` is how many it may have, for those who know: it spares asking, and may be wrong.
    """
    # By the system's own calls: a file object costs more than reading a manifest.
    file = os.open(path, READ)
    try:
        # Not most + 1 at once: room is made for all that is asked for.
        asked = min(os.fstat(file).st_size if size < 0 else size, most) + 1
        content = os.read(file, asked)
        if len(content) == asked <= most:  # there is more than its size says
            while len(content) <= most and (more := os.read(file, most + 1 - len(content))):
                content += more
        return content
    finally:
        os.close(file)


def content_of_file(path: str, most: int) -> bytes:
    """As ``content_of``. Raises OSError also for what is no file: a pipe may never begin or end."""
    import errno  # a run that is said again does without

    mode = os.stat(path).st_mode
    if stat.S_ISDIR(mode):
        raise OSError(errno.EISDIR, "it is a folder")
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is no file; save what a pipe gives first")
    return content_of(path, most)


LISTING = -1
"""Instead of a number of bytes: of a folder, the names in it count, and whether they are files, folders or links."""


def state_of(path: str, most: int, folders: dict[str, str] | None = None) -> str:
    """What a path leads to: nothing, a folder, or a file with this content, under its real name.

    Two equal states look the same to whoever reads at most ``most`` bytes of it. A state is one word. ``folders`` remembers the
    real names of folders, for those who ask for many files at once.
    """
    real = path
    try:
        real, known = looked_up(path, {} if folders is None else folders)
        if known is None:
            known = os.stat(real)
        name = os.fsencode(real)  # where a path leads decides whether it may be read, even where nothing is there
        if stat.S_ISREG(known.st_mode):
            try:
                return digest(name, content_of(real, most, known.st_size))
            except OSError as error:
                return f"unread:{error.errno}:{digest(name)}:{known.st_size > 0:d}"
        inside = _listing(real) if most == LISTING and stat.S_ISDIR(known.st_mode) else []
        return f"other:{stat.S_IFMT(known.st_mode)}:{digest(name, *inside)}"
    except OSError as error:
        return f"nothing:{error.errno}:{digest(os.fsencode(real))}"
    except ValueError:
        return "no-path"


def _listing(folder: str) -> list[bytes]:
    with os.scandir(folder) as entries:
        return sorted(
            b"%b/%d%d" % (os.fsencode(entry.name), entry.is_symlink(), entry.is_dir())
            for entry in entries
            if entry.name != "__pycache__"
        )


def state_as_read(path: str, mode: int, content: bytes) -> str:
    """What ``state_of`` would have said of a file of this mode as it was read: it is made of the very bytes."""
    name = os.fsencode(os.path.realpath(path))
    return digest(name, content) if stat.S_ISREG(mode) else f"other:{stat.S_IFMT(mode)}:{digest(name)}"


def is_of_file(state: str) -> bool:
    """Whether a state is that of a file that was read: a pipe, for one, looks the same whatever comes out of it."""
    return state.isalnum()


def real_path(path: str, folders: dict[str, str]) -> str:
    """What ``os.path.realpath`` gives; a folder's own real name is asked for once, and kept in ``folders``."""
    return looked_up(path, folders)[0]


def looked_up(path: str, folders: dict[str, str]) -> tuple[str, os.stat_result | None]:
    """A path's real name, and its state where that was found out on the way; ``folders`` is as in ``real_path``."""
    folder, _, name = path.rpartition("/")
    if name in ("", os.curdir, os.pardir) or os.sep != "/" or not folder:
        return os.path.realpath(path), None
    try:
        known = os.lstat(path)
    except (OSError, ValueError):
        return os.path.realpath(path), None
    if stat.S_ISLNK(known.st_mode):
        return os.path.realpath(path), None
    real = real_folder(folder, folders)
    return f"{real}/{name}" if real != "/" else f"/{name}", known


def real_folder(folder: str, folders: dict[str, str]) -> str:
    """A folder's real name, kept in ``folders`` once it was asked for."""
    real = folders.get(folder)
    if real is None:
        real = folders[folder] = os.path.realpath(folder)
    return real


def stamps_of_code(package: str) -> str:
    """What the code and data of an installed package look like from outside: names, sizes and times of all its files."""
    return digest_of(_stamps(os.path.dirname(os.path.abspath(package))))


def _stamps(folder: str) -> list[tuple[str, int, int]]:
    found = []
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            entries = list(os.scandir(here))
        except OSError:
            continue
        for entry in entries:
            if entry.name == "__pycache__":
                continue
            try:
                if entry.is_dir():
                    waiting.append(entry.path)
                else:
                    state = entry.stat()
                    found.append((entry.path, state.st_mtime_ns, state.st_size))
            except OSError:
                continue
    return sorted(found)


def stamps_of_packages() -> str:
    """What is installed, seen from outside: the folders that Python imports from, and when something last came or went there.

    And how Python reads it: optimized, it leaves out docstrings, which are what a rule says for itself.
    """
    return digest_of(sys.version, sys.flags.optimize, *times_of_packages())


def times_of_packages() -> list[tuple[str, int]]:
    """The folders that Python imports from, as far as they are there, and when something last came or went: in nanoseconds."""
    times = []
    for folder in sys.path:
        try:
            times.append((folder, os.stat(folder or os.curdir).st_mtime_ns))
        except OSError:
            continue
    return times
