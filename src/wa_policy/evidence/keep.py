"""Files of evidence on the disk: all of a snapshot or none of it."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

from wa_policy.evidence.graph_errors import SnapshotError, WrongUseError
from wa_policy.source.replace import prepare

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def check_folder(folder: str, names: Iterable[str]) -> None:
    """Raise WrongUseError for a folder that such files cannot be written into, before anybody is asked for anything."""
    remedy = "name another folder with --out"
    there = os.path.abspath(folder)
    while not os.path.lexists(there):
        there = os.path.dirname(there)
    if not os.path.isdir(there):
        raise WrongUseError(f"{folder} is no folder", remedy)
    if not os.access(there, os.W_OK | os.X_OK):
        raise WrongUseError(f"nothing may be written into {folder}", remedy)
    taken: dict[str, str] = {}
    for name in names:
        target = os.path.join(folder, name)
        if os.path.lexists(target) and not os.path.isfile(target):
            raise WrongUseError(f"{target} is no file", remedy)
        if other := taken.get(os.path.realpath(target)):
            raise WrongUseError(f"{target} and {other} are links to one file", remedy)
        taken[os.path.realpath(target)] = target


def write(folder: str, files: Mapping[str, bytes]) -> None:
    """Write all files or none: whatever happens in the middle, interruption included, the old ones stay. Raises SnapshotError.

    A file keeps its mode. A link stays one, and what it leads to is replaced.
    """
    try:
        os.makedirs(folder, exist_ok=True)
        _replace_all({os.path.realpath(os.path.join(folder, name)): content for name, content in files.items()})
    except OSError as error:
        message = f"{folder} cannot be written: {error.strerror}"
    else:
        return
    raise SnapshotError(message, "make room or name another folder with --out, and fetch again")


def _replace_all(contents: Mapping[str, bytes]) -> None:
    made: dict[str, str] = {}
    touched: list[str] = []
    try:
        for target, content in contents.items():
            made[target] = prepare(target, content)
            if os.path.lexists(target):
                shutil.copy2(target, _old(made[target]), follow_symlinks=False)
        for target, new in made.items():
            touched.append(target)
            os.replace(new, target)
    except BaseException:
        for target in touched:
            _restore(target, _old(made[target]))
        raise
    finally:
        for new in made.values():
            for leftover in (new, _old(new)):
                with suppress(FileNotFoundError):
                    os.unlink(leftover)


def _old(new: str) -> str:
    """Where the old file is kept until the new one, and all others, are in their places."""
    return f"{new.removesuffix('.new')}.old"


def _restore(target: str, old: str) -> None:
    """Put the old file back; where there was none, have none."""
    with suppress(FileNotFoundError):
        if os.path.lexists(old):
            os.replace(old, target)
        else:
            os.unlink(target)
