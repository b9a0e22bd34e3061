"""A file replaced: whoever reads it finds the old content or the new one, and never half of either."""

from __future__ import annotations

import os
import stat
from contextlib import suppress


def replace(path: str, content: bytes) -> None:
    """Put ``content`` in the place of a file, or where none is yet. Raises OSError, and the old file is as it was.

    A link stays one, and what it leads to is replaced. The mode is kept; until then, nobody else may read the new content.
    """
    target = os.path.realpath(path)
    beside = prepare(target, content)
    try:
        os.replace(beside, target)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(beside)


def prepare(target: str, content: bytes) -> str:
    """Put the new content of a file into one beside it, which is to take its place; returns its path. Raises OSError.

    It has the mode of the old file; until it is whole, nobody else may read it.
    """
    mode = stat.S_IMODE(os.stat(target).st_mode) if os.path.exists(target) else None
    beside, there = open_beside(target, 0o666 if mode is None else 0o600)
    try:
        _write_through(there, content)
        if mode is not None:
            os.chmod(beside, mode)
    except BaseException:
        os.unlink(beside)
        raise
    return beside


def create(path: str, content: bytes) -> None:
    """Make a file. Raises OSError, FileExistsError where there is one already; then none is made, and none is left cut."""
    there = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        _write_through(there, content)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(path)
        raise


def _write_through(there: int, content: bytes) -> None:
    """Write all of it, to the disk itself, and close. Raises OSError."""
    with open(there, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def open_beside(target: str, mode: int) -> tuple[str, int]:
    """Make a file for the new content of another, in its folder; returns its path and descriptor. Raises OSError.

    Its name is random: a run that was killed leaves its file, and in a container the next one may have the same number.
    """
    while True:
        path = f"{target}.{os.urandom(6).hex()}.new"
        with suppress(FileExistsError):
            return path, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
