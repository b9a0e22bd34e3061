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
            real = os.path.realpath(path)
            if real not in seen:
                seen.add(real)
                yield Found(
                    path, True, _root(real, os.path.realpath(os.curdir), os.path.realpath(os.path.dirname(path)))
                )
        else:
            yield Missing(path, "it is neither a file nor a folder")


def _in_folder(folder: str, seen: set[str]) -> Iterator[Found | Missing]:
    here, top = os.path.realpath(os.curdir), os.path.realpath(folder)
    any_file = False
    for path, real in _walk(folder, top):
        if isinstance(path, Missing):
            yield path
            continue
        any_file = True
        if real not in seen:
            seen.add(real)
            yield Found(path, False, _root(real, here, top))
    if not any_file:
        yield Missing(folder, f"it holds no file that ends in {', '.join(SUFFIXES)}")


def _walk(folder: str, top: str) -> Iterator[tuple[str | Missing, str]]:
    """Every file with its real path. Links to folders are not followed, so real paths are made of names, not looked up."""
    # With a stack of our own: a hostile tree can be deeper than Python's.
    waiting: list[tuple[os.DirEntry[str] | str, str]] = [(folder, top)]
    while waiting:
        entry, real = waiting.pop()
        path = entry if isinstance(entry, str) else entry.path
        if isinstance(entry, str) or entry.is_dir(follow_symlinks=False):
            try:
                inside = sorted(os.scandir(path), key=lambda item: item.name, reverse=True)
            except OSError as error:
                yield Missing(os.path.normpath(path), _reason(error)), ""
                continue
            waiting.extend(
                (item, f"{real.rstrip(os.sep)}{os.sep}{item.name}") for item in inside if item.name[0] != "."
            )
        elif entry.name.lower().endswith(SUFFIXES):
            yield from _file(entry, real, top)


def _file(entry: os.DirEntry[str], real: str, top: str) -> Iterator[tuple[str | Missing, str]]:
    path = os.path.normpath(entry.path)
    if entry.is_symlink():
        if os.path.isdir(path):
            return
        real = os.path.realpath(path)
        if not os.path.isfile(path):  # entry.is_file() raises for a link to itself
            yield Missing(path, "it is no file, or a link that leads nowhere"), ""
            return
        if not _is_below(real, top):
            # Whoever proposes such a link could have the report show any file of the machine.
            yield Missing(path, "it is a link that leads out of the folder"), ""
            return
    elif not entry.is_file():
        yield Missing(path, "it is no file, or a link that leads nowhere"), ""
        return
    yield path, real


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
