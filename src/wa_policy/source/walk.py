"""The walk through the files and folders named. It imports next to nothing: a run that is replayed makes it, too."""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False  # typing's own costs more to import than all the rest here
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    File = tuple[str, bool, str]
    Lost = tuple[str, str]

SUFFIXES = (".yaml", ".yml", ".json")

_LOST = "it is no file, or a link that leads nowhere"


def walk(paths: Iterable[str]) -> Iterator[File | Lost]:
    """Find what ``discover`` finds: for each file its path, whether it was named, and its root; else a path and a reason."""
    seen: set[str] = set()
    for path in paths:
        try:
            mode = os.stat(path).st_mode
        except (OSError, ValueError) as error:
            yield path, _reason(error)
            continue
        if stat.S_ISDIR(mode):
            yield from _in_folder(path, seen)
        elif stat.S_ISREG(mode):
            real = os.path.realpath(path)
            if real not in seen:
                seen.add(real)
                here, beside = os.path.realpath(os.curdir), os.path.realpath(os.path.dirname(path))
                yield path, True, _root(real, here, beside)
        else:
            yield path, "it is neither a file nor a folder"


def _in_folder(folder: str, seen: set[str]) -> Iterator[File | Lost]:
    here, top = os.path.realpath(os.curdir), os.path.realpath(folder)
    any_file = False
    for path, real, trouble in _below(folder, top):
        if trouble:
            yield path, trouble
            continue
        any_file = True
        if real not in seen:
            seen.add(real)
            yield path, False, _root(real, here, top)
    if not any_file:
        yield folder, f"it holds no file that ends in {', '.join(SUFFIXES)}"


def _below(folder: str, top: str) -> Iterator[tuple[str, str, str]]:
    """Every file with its real path, or with its trouble. Links to folders are not followed, so names make real paths."""
    # With a stack of our own: a hostile tree can be deeper than Python's.
    waiting: list[tuple[os.DirEntry[str] | str, str]] = [(folder, top)]
    while waiting:
        entry, real = waiting.pop()
        path = entry if isinstance(entry, str) else entry.path
        if isinstance(entry, str) or entry.is_dir(follow_symlinks=False):
            try:
                inside = sorted(os.scandir(path), key=lambda item: item.name, reverse=True)
            except OSError as error:
                yield os.path.normpath(path), "", _reason(error)
                continue
            waiting.extend(
                (item, f"{real.rstrip(os.sep)}{os.sep}{item.name}") for item in inside if item.name[0] != "."
            )
        elif entry.name.lower().endswith(SUFFIXES):
            path = os.path.normpath(path)
            if not entry.is_symlink():
                yield path, real, "" if entry.is_file() else _LOST
            elif not os.path.isdir(path):
                yield path, *_linked(path, top)


def _linked(path: str, top: str) -> tuple[str, str]:
    """Where a link leads, or what is wrong with it."""
    real = os.path.realpath(path)
    if not os.path.isfile(path):
        return real, _LOST
    # Whoever proposes a link that leads out could have the report show any file of the machine.
    return real, "" if _is_below(real, top) else "it is a link that leads out of the folder"


def _root(real: str, here: str, folder: str) -> str:
    """What a manifest's references must stay inside: the current folder where the manifest is below it, else the folder named."""
    return here if _is_below(real, here) else folder


def _is_below(real: str, top: str) -> bool:
    """Whether a real path is inside a folder, given by its real path."""
    return real.startswith(top.rstrip(os.sep) + os.sep)


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file or folder"
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
