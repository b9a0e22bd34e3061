"""The walk through the files and folders named. It imports next to nothing: a run that is replayed makes it, too."""

from __future__ import annotations

import os
import stat
from itertools import islice

from wa_policy.source.paths import is_inside, plain

TYPE_CHECKING = False  # typing's own costs more to import than all the rest here
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    File = tuple[str, bool, str]
    Lost = tuple[str, str]

SUFFIXES = (".yaml", ".yml", ".json")

_LOST = "it is no file, or a link that leads nowhere"
_ELSEWHERE = "it is a link to a folder elsewhere, which is not followed; name that folder as well"


def walk(paths: Iterable[str]) -> Iterator[File | Lost]:
    """Find what ``discover`` finds: for each file its path, whether it was named, and its root; else a path and a reason.

    Files that were named come first, and outer folders before those in them: in whatever order paths are named, the same is
    found, by the same names.
    """
    files, folders = [], []
    for path in sorted(paths):
        try:
            mode = os.stat(path).st_mode
        except (OSError, ValueError) as error:
            yield path, _reason(error)
            continue
        if stat.S_ISDIR(mode):
            folders.append((os.path.realpath(path), len(path), path))
        elif stat.S_ISREG(mode):
            files.append(path)
        else:
            yield path, "it is neither a file nor a folder"
    seen, tops = _Seen(), frozenset(top for top, _, _ in folders)
    yield from _named(files, tops, seen)
    for top, _, folder in sorted(folders):
        yield from _in_folder(folder, top, tops, seen)


def _named(files: Iterable[str], tops: frozenset[str], seen: _Seen) -> Iterator[File]:
    """Files that were named, each by its shortest name, by a link only if there is no other. ``tops``: the folders named."""
    names: dict[str, str] = {}
    for path in sorted(files, key=lambda path: (os.path.islink(path), len(path))):
        names.setdefault(os.path.realpath(path), path)
    seen.files.update(names)
    here = os.path.realpath(os.curdir)
    for real, path in sorted(names.items(), key=_name):
        beside = os.path.realpath(os.path.dirname(path))
        yield path, True, _root(real, here, _outermost(beside, tops))


def _name(item: tuple[str, str]) -> str:
    return item[1]


def _outermost(folder: str, tops: frozenset[str]) -> str:
    """The outermost of the folders named that holds a folder; itself if none does."""
    parts = folder.split(os.sep)
    above = (os.sep.join(parts[:number]) or os.sep for number in range(1, len(parts)))
    return next((top for top in above if top in tops), folder)


class _Seen:
    """What was found, by real paths: files that were named or linked to, and folders that were searched, or could not be.

    A folder may hold very many files, so they are not kept: what a search finds is known from names alone.
    """

    __slots__ = ("closed", "files", "folders")

    def __init__(self) -> None:
        self.files: set[str] = set()
        self.folders: set[str] = set()
        self.closed: set[str] = set()

    def holds(self, real: str, searching: str) -> bool:
        """Whether a file has been found, or will be by its own name in the folder that is being searched."""
        return real in self.files or (bool(self.folders or searching) and self._finds(real, searching))

    def _finds(self, real: str, searching: str) -> bool:
        """Whether a search comes upon a file without a link."""
        if not real.lower().endswith(SUFFIXES):
            return False
        while True:
            folder, name = os.path.split(real)
            if name.startswith(".") or folder in self.closed or folder == real:
                return False
            if folder in self.folders or folder == searching:
                return True
            real = folder


def _in_folder(folder: str, top: str, tops: frozenset[str], seen: _Seen) -> Iterator[File | Lost]:
    here = os.path.realpath(os.curdir)
    any_file = False
    for path, real, trouble, is_link in _below(folder, top, tops):
        if trouble:
            seen.closed.add(real)
            yield path, trouble
            continue
        any_file = True
        if not seen.holds(real, top if is_link else ""):
            yield path, False, _root(real, here, top)
            if is_link:
                seen.files.add(real)
    seen.folders.add(top)
    if not any_file:
        yield folder, f"it holds no file that ends in {', '.join(SUFFIXES)}"


def _below(folder: str, top: str, tops: frozenset[str]) -> Iterator[tuple[str, str, str, bool]]:
    """Every file, by path: its real path, its trouble if any, and whether a link leads to it.

    Links to folders are not followed, so names make real paths; those that lead out of all folders named are told.
    """
    # With a stack of our own: a hostile tree can be deeper than Python's.
    waiting = [_Folder(plain(folder), top)]
    while waiting:
        here = waiting[-1]
        if here.trouble:
            yield here.path, here.real, here.trouble, False
        name = next(here.names, "")
        if not name:
            waiting.pop()
            continue
        path = name if here.path == os.curdir else os.path.join(here.path, name)
        real = f"{here.real.rstrip(os.sep)}{os.sep}{name}"
        if name.endswith(os.sep):
            waiting.append(_Folder(path[:-1], real[:-1]))
        elif name not in here.odd:
            yield path, real, "", False
        elif not os.path.islink(path):
            yield path, real, _LOST, False
        elif not os.path.isdir(path):
            yield path, *_linked(path, top), True
        elif _leads_out(path, tops):
            yield path, real, _ELSEWHERE, True


class _Folder:
    """A folder on the way: the names in it that are left, and those of them that are no plain file.

    A folder's own name ends as in a path, so that files come in the order of their paths. A folder may hold very many files:
    of each its name is kept and nothing else.
    """

    __slots__ = ("names", "odd", "path", "real", "trouble")

    def __init__(self, path: str, real: str) -> None:
        self.path = path
        self.real = real
        self.names: Iterator[str] = iter(())
        self.odd: set[str] = set()
        self.trouble = ""
        try:
            with os.scandir(path) as entries:
                self.names = _sorted(self._wanted(entries))
        except OSError as error:
            self.trouble = _reason(error)

    def _wanted(self, entries: Iterable[os.DirEntry[str]]) -> Iterator[str]:
        for entry in entries:
            if entry.name[0] == ".":
                continue
            if entry.is_dir(follow_symlinks=False):
                yield entry.name + os.sep
            elif entry.name.lower().endswith(SUFFIXES):
                yield entry.name
                if not entry.is_file(follow_symlinks=False):
                    self.odd.add(entry.name)
            elif entry.is_symlink() and os.path.isdir(entry.path):  # a link that leads to itself leads to no folder
                yield entry.name
                self.odd.add(entry.name)


MANY = 4096
"""How many names of a folder are sorted at once."""


def _sorted(names: Iterator[str]) -> Iterator[str]:
    """Names in their order. Very many are packed until it is their turn: they would take more room than all else."""
    some = sorted(islice(names, MANY))
    if len(some) < MANY:
        return iter(some)
    from heapq import merge  # few folders hold so many

    from wa_policy.packed import Packed

    runs = []
    while some:
        runs.append(Packed(some))
        some = sorted(islice(names, MANY))
    return merge(*runs)


def _linked(path: str, top: str) -> tuple[str, str]:
    """Where a link leads, or what is wrong with it."""
    real = os.path.realpath(path)
    if not os.path.isfile(path):
        return real, _LOST
    # Whoever proposes a link that leads out could have the report show any file of the machine.
    return real, "" if is_inside(real, top) else "it is a link that leads out of the folder"


def _leads_out(link: str, tops: frozenset[str]) -> bool:
    real = os.path.realpath(link)
    return not any(is_inside(real, top) for top in tops)


def root_of(path: str) -> str:
    """What the references of a manifest that is named must stay inside, by its real name, whether it is there or not."""
    real, here = os.path.realpath(path), os.path.realpath(os.curdir)
    return _root(real, here, os.path.realpath(os.path.dirname(path)))


def _root(real: str, here: str, folder: str) -> str:
    """What a manifest's references must stay inside: the current folder where the manifest is below it, else the folder named."""
    return here if is_inside(real, here) else folder


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file or folder"
    return (error.strerror or str(error)) if isinstance(error, OSError) else "nothing can have such a name"
