"""What the code of plugins is like, seen before it is imported: afterwards nobody can tell what was."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING

from wa_policy.cache.digests import LISTING, state_of
from wa_policy.cache.files import MOST_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Read = tuple[str, int, str]
    """What was read: a path, how many bytes of it at most, and its state."""

    Code = Mapping[str, list[Read] | None]
    """What plugins are made of, by the names of their modules; None where that cannot be told."""


def look(modules: Iterable[str]) -> Code:
    """What the code of plugins is like by now."""
    return {module: _states(module) for module in modules}


def still(code: Code, modules: Iterable[str]) -> list[Read] | None:
    """What the plugins are made of, if it is as it was when it was looked at; None where it is not, or where nobody knows."""
    found: list[Read] = []
    for module in modules:
        was = code.get(module)
        if was is None or was != _states(module):
            return None
        found += was
    return found


def _states(module: str) -> list[Read] | None:
    code = code_of(module)
    return None if code is None else [(path, most, state_of(path, most)) for path, most in code]


def code_of(module: str) -> list[tuple[str, int]] | None:
    """What a plugin is made of: all that is in its package, data too, or the modules beside it; and how much of each counts.

    Of a package's folders the names in them count as well, since it may load whatever it finds there. None where a link in it
    leads to a folder: that may be as large as the machine.
    """
    file = module if module.endswith(".py") else _file_of(module)
    if not file:
        return []  # it does not load, and why is told elsewhere
    folder, name = os.path.split(os.path.abspath(file))
    if name != "__init__.py":
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            return []
        return [(os.path.join(folder, name), MOST_BYTES) for name in names if name.endswith(".py")]
    found: list[tuple[str, int]] = []
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        if any(os.path.islink(os.path.join(here, name)) for name in folders):
            return None
        found.append((here, LISTING))
        found += [(os.path.join(here, name), MOST_BYTES) for name in sorted(names)]
    return found


def _file_of(module: str) -> str:
    """The file of a module's package, the uppermost that has one; empty where there is none. No code runs for it."""
    steps = module.split(".")
    names = (".".join(steps[:length]) for length in range(1, len(steps) + 1))
    try:
        # What stands above has no file, so there is nothing in it that runs.
        specs = (find_spec(name) for name in names)
        found = next((spec for spec in specs if spec is None or spec.has_location), None)
        return found.origin or "" if found else ""
    except (ImportError, ValueError):
        return ""
