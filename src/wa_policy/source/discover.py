"""Which files are manifests: those named, and in the folders named, all YAML files and the JSON files that say so."""

import os
import stat
from collections.abc import Iterable, Iterator
from typing import NamedTuple

SUFFIXES = (".yaml", ".yml", ".json")


class Found(NamedTuple):
    """A file to check: its path as the user would write it, whether the user named it, and what bounds its references."""

    path: str
    named: bool
    root: str


class Missing(NamedTuple):
    """A path that leads to nothing that can be checked, and why."""

    path: str
    reason: str


def discover(paths: Iterable[str]) -> Iterator[Found | Missing]:
    """Find manifests, sorted within each folder, each file once however often it is named.

    A folder is searched to the bottom for files that end in .yaml, .yml or .json; hidden files and folders are passed over, and
    links to folders are not followed. A folder without any such file is missing something, not empty.
    """
    seen: set[str] = set()
    for path in paths:
        try:
            mode = os.stat(path).st_mode
        except (OSError, ValueError) as error:
            yield Missing(path, _reason(error))
            continue
        if stat.S_ISDIR(mode):
            yield from _in_folder(path, seen)
        elif stat.S_ISREG(mode):
            if _first_time(path, seen):
                yield Found(path, True, _root(path, os.path.dirname(path) or os.curdir))
        else:
            yield Missing(path, "it is neither a file nor a folder")


def _in_folder(folder: str, seen: set[str]) -> Iterator[Found | Missing]:
    any_file = False
    for found in _walk(folder):
        if isinstance(found, Missing):
            yield found
            continue
        any_file = True
        if _first_time(found, seen):
            yield Found(found, False, _root(found, folder))
    if not any_file:
        yield Missing(folder, f"it holds no file that ends in {', '.join(SUFFIXES)}")


def _walk(folder: str) -> Iterator[str | Missing]:
    # With a stack of our own: a hostile tree can be deeper than Python's.
    waiting: list[os.DirEntry[str] | str] = [folder]
    while waiting:
        entry = waiting.pop()
        path = entry if isinstance(entry, str) else entry.path
        if isinstance(entry, str) or entry.is_dir(follow_symlinks=False):
            try:
                inside = sorted(os.scandir(path), key=lambda item: item.name, reverse=True)
            except OSError as error:
                yield Missing(os.path.normpath(path), _reason(error))
                continue
            waiting.extend(item for item in inside if not item.name.startswith("."))
        elif entry.name.lower().endswith(SUFFIXES) and not os.path.isdir(path):
            if not os.path.isfile(path):  # entry.is_file() raises for a link to itself
                yield Missing(os.path.normpath(path), "it is no file, or a link that leads nowhere")
            elif entry.is_symlink() and not _is_below(path, folder):
                # Whoever proposes such a link could have the report show any file of the machine.
                yield Missing(os.path.normpath(path), "it is a link that leads out of the folder")
            else:
                yield os.path.normpath(path)


def _first_time(path: str, seen: set[str]) -> bool:
    real = os.path.realpath(path)
    if real in seen:
        return False
    seen.add(real)
    return True


def _root(path: str, folder: str) -> str:
    """What a manifest's references must stay inside: the current folder where the manifest is below it, else the folder named."""
    return os.path.realpath(os.curdir if _is_below(path, os.curdir) else folder)


def _is_below(path: str, folder: str) -> bool:
    """Whether a file really is inside a folder, links followed."""
    return os.path.realpath(path).startswith(os.path.realpath(folder).rstrip(os.sep) + os.sep)


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file or folder"
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
