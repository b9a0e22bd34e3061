"""Paths as plain as they can be. Behind a link, ``..`` is not the folder that the link is in, but that of its target."""

import os


def plain(path: str) -> str:
    """A path without ``.``, ``..`` and doubled slashes, as far as it still leads to the same."""
    normal = os.path.normpath(path)
    if _leads_to(normal, path):
        return normal
    parts = [part for part in path.split(os.sep) if part not in ("", os.curdir)]
    return (os.sep if os.path.isabs(path) else "") + os.sep.join(parts)


def absolute(path: str) -> str:
    """A path from the uppermost folder on, without ``..`` wherever it leads."""
    normal = os.path.abspath(path)
    if _leads_to(normal, path):
        return normal
    parts = path.split(os.sep)
    below = len(parts) - parts[::-1].index(os.pardir)
    return os.path.join(os.path.realpath(os.sep.join(parts[:below])), *parts[below:])


def seen_from(path: str, folder: str) -> str:
    """A path from a folder on; from the uppermost folder on where no way leads from the one to the other: on another drive."""
    try:
        return os.path.relpath(path, folder)
    except ValueError:
        return os.path.abspath(path)


def shortest(path: str) -> str:
    """A path as it is, or from the current folder on, whichever is shorter to read."""
    return min(path, seen_from(path, os.curdir), key=len)


def as_word(path: str) -> str:
    """A path as a word of a command that is printed: quoted for a shell, and never taken for an option."""
    import shlex  # only what is printed to be copied needs it

    return shlex.quote(os.path.join(os.curdir, path) if path.startswith("-") else path)


def is_inside(real: str, top: str) -> bool:
    """Whether a path lies in a folder, or is it; both without links."""
    return f"{real}{os.sep}".startswith(f"{top.rstrip(os.sep)}{os.sep}")


def _leads_to(normal: str, path: str) -> bool:
    """Whether a path that was made plain still leads to the same; without ``..`` it always does."""
    return os.pardir not in path or os.path.realpath(normal) == os.path.realpath(path)
