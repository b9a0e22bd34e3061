"""What the code of plugins is like, seen before it is imported: afterwards nobody can tell what was."""

from __future__ import annotations

import csv
import os
import sys
from contextlib import contextmanager
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING

import wa_policy
from wa_policy.cache.digests import LISTING, state_of
from wa_policy.cache.files import MOST_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from importlib.machinery import ModuleSpec

    from wa_policy.rules.entry_points import EntryPoint

    Read = tuple[str, int, str]
    """What was read: a path, how many bytes of it at most, and its state."""


class Code:
    """What plugins are made of, looked at as this is made, and what else their import brings in, looked at as it is found.

    Of the latter, what stands aside is left out: Python's own modules, ours, and what other packages installed.
    """

    def __init__(self, plugins: Iterable[EntryPoint]) -> None:
        self._plugins = tuple(plugins)
        self._aside = _aside()
        self._own = self._look()
        self._paths = frozenset(path for path, _, _ in self._own or ())
        self._brought: dict[str, str] = {}
        self._imported: dict[int, object] = {}

    def _look(self) -> list[Read] | None:
        found: dict[tuple[str, int], None] = {}
        for plugin in self._plugins:
            code = code_of(plugin.module, self._aside)
            if code is None:
                return None
            found.update(dict.fromkeys([*code, *_recorded(plugin)]))
        return [(path, most, state_of(path, most)) for path, most in found]

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Within it, plugins are imported: note each module that this brings in, before it is loaded."""
        watch = _Watch(self)
        sys.meta_path.insert(0, watch)
        try:
            yield
        finally:
            sys.meta_path.remove(watch)
            self._imported = {id(module): module for module in sys.modules.values()}  # one may have two names

    def note(self, file: str) -> None:
        """Note the file of a module that is about to be loaded."""
        path = os.path.abspath(file)
        if not path.startswith(self._aside) and path not in self._brought:
            self._brought[path] = state_of(path, MOST_BYTES)

    def still(self) -> list[Read] | None:
        """What the plugins are made of, if it is as it was when it was looked at; None where it is not, or where nobody knows."""
        brought = [(path, MOST_BYTES, state) for path, state in self._brought.items()]
        if self._own is None or self.has_grown():
            return None
        same = self._own == self._look() and all(state_of(path, most) == state for path, most, state in brought)
        return list(dict.fromkeys([*self._own, *brought])) if same else None

    def has_grown(self) -> bool:
        """Whether rules, as they ran, have imported what nobody had looked at."""
        # Anything may stand among the modules, and one that is loaded once it is asked for is not asked.
        late: list[object] = [module for module in list(sys.modules.values()) if id(module) not in self._imported]
        files = [vars(module).get("__file__") for module in late if isinstance(module, ModuleType)]
        paths = {os.path.abspath(file) for file in files if isinstance(file, str)}
        others = {path for path in paths if not path.startswith(self._aside)}
        return not others <= self._paths | self._brought.keys()


class _Watch:
    """Asks all who find modules in their stead, so that what they find is looked at before it is loaded."""

    def __init__(self, code: Code) -> None:
        self._code = code

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """What the first of the others finds; None where none of them does."""
        for finder in sys.meta_path:
            ask = getattr(finder, "find_spec", None)  # old ones have none, and are asked after us
            spec = ask(name, path, target) if ask and finder is not self else None
            if spec is not None:
                if spec.has_location and spec.origin:
                    self._code.note(spec.origin)
                return spec  # type: ignore[no-any-return]  # it is what the protocol of finders says
        return None


def _aside() -> tuple[str, ...]:
    """The folders of Python's own modules, of ours, and of installed packages: what is in them changes by installing."""
    folders = [os.path.dirname(os.__file__), os.path.dirname(os.path.abspath(wa_policy.__file__))]
    for folder in sys.path:
        try:
            with os.scandir(folder or os.curdir) as entries:
                if any(entry.name.endswith(".dist-info") for entry in entries):
                    folders.append(os.path.abspath(folder))
        except OSError:
            continue
    return tuple(os.path.join(folder, "") for folder in folders)


def _recorded(plugin: EntryPoint) -> list[tuple[str, int]]:
    """The files of the installed package that offers a plugin, and how much of each counts; none where nobody wrote them down."""
    for folder in sys.path:
        record = os.path.join(folder, f"{plugin.package}-{plugin.version}.dist-info", "RECORD")
        try:
            with open(record, encoding="utf-8", errors="replace", newline="") as file:
                names = [row[0] for row in csv.reader(file) if row and "__pycache__" not in row[0]]
        except (OSError, csv.Error):
            continue
        return [(os.path.abspath(os.path.join(folder, name)), MOST_BYTES) for name in names]
    return []


def code_of(module: str, aside: tuple[str, ...] = ()) -> list[tuple[str, int]] | None:
    """What a plugin is made of: all that is in its package, data too, and the modules beside it; and how much of each counts.

    Beside a package they count unless it lies in one of the folders that stand ``aside``, where they are of other packages. Of a
    package's folders the names in them count as well, since it may load whatever it finds there. None where a link in it leads
    to a folder: that may be as large as the machine.
    """
    file = module if module.endswith(".py") else _file_of(module)
    if not file:
        return []  # it does not load, and why is told elsewhere
    folder, name = os.path.split(os.path.abspath(file))
    if name != "__init__.py":
        return _modules_in(folder)
    found = [] if folder.startswith(aside) else _modules_in(os.path.dirname(folder))
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        if any(os.path.islink(os.path.join(here, name)) for name in folders):
            return None
        found.append((here, LISTING))
        found += [(os.path.join(here, name), MOST_BYTES) for name in sorted(names)]
    return found


def _modules_in(folder: str) -> list[tuple[str, int]]:
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    return [(os.path.join(folder, name), MOST_BYTES) for name in names if name.endswith(".py")]


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
