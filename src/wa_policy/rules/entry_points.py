"""Entry points of the group ``wa_policy``, read straight from the installed packages' metadata.

importlib.metadata knows the same, and costs half as much as a whole lint to import. What was found is kept between runs until
something else is installed: an environment may hold hundreds of packages.
"""

from __future__ import annotations

import os
import sys
import time

import wa_policy
from wa_policy.cache import files
from wa_policy.cache.digests import digest_of, times_of_packages
from wa_policy.records import NamedTuple

GROUP = "wa_policy"

_SETTLED = 2_000_000_000
"""Nanoseconds after which a folder is taken to be at rest: of two changes at once, its time would show one."""


class EntryPoint(NamedTuple):
    """A plugin that an installed package offers: its name, the module, and the package with its version."""

    name: str
    module: str
    package: str
    version: str


def find() -> list[EntryPoint]:
    """What ``scan`` finds, as it was found before where no folder that Python imports from has changed since.

    Where one of them is given from the current folder on, nothing is kept: it is another one in each.
    """
    times = times_of_packages()
    key = digest_of(wa_policy.__version__, times)
    kept = files.recall(files.PACKAGES, key)
    if kept is not None:
        return [EntryPoint(*entry) for entry in kept]
    found = scan()
    latest = time.time_ns() - _SETTLED
    if all(os.path.isabs(folder) and changed < latest for folder, changed in times):
        files.keep(files.PACKAGES, key, found)
    return found


def scan() -> list[EntryPoint]:
    """All entry points of our group, by package and name; the first on ``sys.path`` wins, as for imports.

    Packages inside zip files are not seen.
    """
    seen: dict[str, list[EntryPoint]] = {}
    for folder in sys.path:
        try:
            names = os.listdir(folder or os.curdir)
        except OSError:
            continue
        for name in names:
            if name.endswith(".dist-info"):
                package, _, version = name.removesuffix(".dist-info").partition("-")
                if package.lower() not in seen:
                    seen[package.lower()] = _read(os.path.join(folder, name, "entry_points.txt"), package, version)
    return sorted(entry_point for found in seen.values() for entry_point in found)


def _read(path: str, package: str, version: str) -> list[EntryPoint]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
    except OSError:
        return []
    found = []
    inside = False
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("["):
            inside = line == f"[{GROUP}]"
        elif inside and "=" in line and not line.startswith(("#", ";")):
            name, _, module = line.partition("=")
            found.append(EntryPoint(name.strip(), module.strip(), package, version))
    return found
