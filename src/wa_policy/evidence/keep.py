"""Files of evidence on the disk: all of a snapshot or none of it."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

from wa_policy.evidence.graph_errors import SnapshotError, WrongUseError

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
    for name in names:
        target = os.path.join(folder, name)
        if os.path.lexists(target) and not os.path.isfile(target):
            raise WrongUseError(f"{target} is no file", remedy)


def write(folder: str, files: Mapping[str, bytes]) -> None:
    """Write all files or none: whatever happens in the middle, interruption included, the old ones stay. Raises SnapshotError."""
    try:
        os.makedirs(folder, exist_ok=True)
        _replace_all({os.path.join(folder, name): content for name, content in files.items()})
    except OSError as error:
        message = f"{folder} cannot be written: {error.strerror}"
    else:
        return
    raise SnapshotError(message, "make room or name another folder with --out, and fetch again")


def _replace_all(contents: Mapping[str, bytes]) -> None:
    mark = f".{os.getpid()}"
    touched: list[str] = []
    try:
        for target, content in contents.items():
            _write_through(f"{target}{mark}.new", content)
            if os.path.lexists(target):
                shutil.copy2(target, f"{target}{mark}.old", follow_symlinks=False)
        for target in contents:
            touched.append(target)
            os.replace(f"{target}{mark}.new", target)
    except BaseException:
        for target in touched:
            _restore(target, f"{target}{mark}.old")
        raise
    finally:
        for target in contents:
            for leftover in (f"{target}{mark}.new", f"{target}{mark}.old"):
                with suppress(FileNotFoundError):
                    os.unlink(leftover)


def _restore(target: str, old: str) -> None:
    """Put the old file back; where there was none, have none."""
    with suppress(FileNotFoundError):
        if os.path.lexists(old):
            os.replace(old, target)
        else:
            os.unlink(target)


def _write_through(path: str, content: bytes) -> None:
    with open(path, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
