"""What became of each file, kept between runs and used again as long as nothing that it depends on has changed.

A result depends on the file's content, name and root, on every file that its manifests name, and on what is the same for the
whole run: options, policy, facts, rules with their code, and the day. The latter are the key of what is kept; a run under another
key has results of its own.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import wa_policy
from wa_policy import findings
from wa_policy.cache import files
from wa_policy.cache.digests import (
    LISTING,
    content_of,
    digest,
    digest_of,
    stamps_of_code,
    stamps_of_packages,
    state_of,
)
from wa_policy.cache.values import as_json, by_name, from_json
from wa_policy.evidence.references import Input
from wa_policy.manifest.secrets import mask_text
from wa_policy.report import model
from wa_policy.source.spans import DocumentId, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wa_policy.engine.one_file import FileResult
    from wa_policy.engine.session import Session
    from wa_policy.source.discover import Found

    Read = tuple[str, int, str]
    """What was read: a path, how many bytes of it at most, and its state."""

KIND = "results"

OTHERS = 5_000
"""How many results are kept of files that this run did not look at: hooks name only what has changed."""


def key_of(session: Session) -> str | None:
    """The key under which the results of a run are kept; None where they depend on what cannot be told beforehand."""
    options = session.options
    if options.verify_digests or options.stdin is not None or any(word.startswith("git:") for word in options.plugins):
        return None
    code = code_as_imported(session)
    if code is None:
        return None
    return digest_of(
        wa_policy.__version__,
        stamps_of_code(wa_policy.__file__),
        stamps_of_packages(),
        os.getcwd(),
        tuple(options._replace(jobs=None)),
        [tuple(plugin) for plugin in session.loaded.plugins],
        [(path, state) for path, _, state in code],
        session.policy.as_plain(),
    )


_before: dict[str, list[Read] | None] = {}


def look_at_code(modules: Iterable[str]) -> None:
    """Note what the code of plugins is like, by the names of their modules, before they are imported."""
    _before.clear()
    _before.update((module, _states(module)) for module in modules)


def code_as_imported(session: Session) -> list[Read] | None:
    """What the code of the plugins was like before they were imported; None where nobody knows, or it has changed."""
    found: list[Read] = []
    for module in (plugin.module for plugin in session.loaded.plugins if not plugin.bundled):
        code = _before.get(module)
        if code is None or code != _states(module):
            return None
        found += code
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
        return [(os.path.join(folder, name), files.MOST_BYTES) for name in names if name.endswith(".py")]
    found: list[tuple[str, int]] = []
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        if any(os.path.islink(os.path.join(here, name)) for name in folders):
            return None
        found.append((here, LISTING))
        found += [(os.path.join(here, name), files.MOST_BYTES) for name in sorted(names)]
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


class Results:
    """What was kept under a key, and what is to be kept after this run."""

    def __init__(self, key: str, most: int, classes: Mapping[str, type], is_still: Callable[[], bool]) -> None:
        self._key = key
        self._is_still = is_still
        self._most = most
        self._classes = classes
        kept = files.recall(KIND, key)
        self._kept: dict[str, Any] = kept if isinstance(kept, dict) else {}
        self._seen: dict[str, Any] = {}
        self._changed = False
        self._folders: dict[str, str] = {}

    def recall(self, found: Found) -> FileResult | None:
        """What became of a file, if it and all that it depends on are as they were then."""
        name = _name(found)
        entry = self._kept.get(name)
        if entry is None:
            return None
        try:
            content, inputs, plain = entry
            if digest(content_of(found.path, self._most)) != content:
                return None
            if not all(Input(*each).is_same(self._folders) for each in inputs):
                return None
            result: FileResult = from_json(plain, self._classes)
        except (OSError, ValueError, TypeError, KeyError):
            return None
        self._seen[name] = entry
        return result

    def keep(self, found: Found, result: FileResult) -> None:
        """Note what became of a file. What could not be looked at, and what holds a credential, is looked at again next time."""
        private = result.holds_credential or mask_text(found.path) != found.path
        if result.content and not result.not_checked and not private:
            try:
                plain = as_json(result)
            except (TypeError, RecursionError):  # a plugin's value
                return
            self._seen[_name(found)] = [result.content, [list(each) for each in result.inputs], plain]
            self._changed = True

    def save(self) -> None:
        """Keep it for the next run, if there is anything new, and the key is still that of this run."""
        if not self._changed:
            return
        others = [(name, entry) for name, entry in self._kept.items() if name not in self._seen]
        try:
            if self._is_still():
                files.keep(KIND, self._key, {**self._seen, **dict(others[:OTHERS])})
        except (OSError, TypeError, ValueError, RecursionError):  # a number too long to be written, for one
            return


def _name(found: Found) -> str:
    return digest_of(*found)


def open_results(session: Session) -> Results | None:
    """What was kept of earlier runs like this one; None where nothing may be kept."""
    from wa_policy.engine import one_file
    from wa_policy.manifest.subjects import Summary
    from wa_policy.report import overview

    if not session.options.cache or (key := key_of(session)) is None:
        return None
    rooms = (findings, model, overview, one_file)
    classes = [
        each for room in rooms for each in vars(room).values() if isinstance(each, type) and hasattr(each, "_fields")
    ]
    by_names = by_name([*classes, Summary, DocumentId, Span, Input])
    return Results(key, session.options.limits.bytes, by_names, lambda: key_of(session) == key)
