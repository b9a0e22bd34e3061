"""What became of each file, kept between runs and used again as long as nothing that it depends on has changed.

A result depends on the file's content, name and root, on every file that its manifests name, and on what is the same for the
whole run: options, policy, facts, rules with their code, and the day. The latter are the key of what is kept; a run under another
key has results of its own.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import wa_policy
from wa_policy import findings
from wa_policy.cache import files
from wa_policy.cache.digests import content_of, digest, digest_of, stamps_of_code, stamps_of_packages
from wa_policy.cache.values import as_json, by_name, from_json
from wa_policy.evidence.references import Input
from wa_policy.manifest.secrets import mask_text
from wa_policy.report import model
from wa_policy.source.spans import DocumentId, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wa_policy.engine.one_file import FileResult
    from wa_policy.engine.session import Session
    from wa_policy.source.discover import Found

OTHERS = 5_000
"""How many results are kept of files that this run did not look at: hooks name only what has changed."""


def key_of(session: Session) -> str | None:
    """The key under which the results of a run are kept; None where they depend on what cannot be told beforehand."""
    options = session.options
    if options.verify_digests or options.stdin is not None or any(word.startswith("git:") for word in options.plugins):
        return None
    code = session.code_as_imported()
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


class Results:
    """What was kept under a key, and what is to be kept after this run."""

    def __init__(self, key: str, most: int, classes: Mapping[str, type], is_still: Callable[[], bool]) -> None:
        self._key = key
        self._is_still = is_still
        self._most = most
        self.classes = classes
        """The classes of records that results are made of, by name."""
        kept = files.recall(files.RESULTS, key)
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
            result: FileResult = from_json(plain, self.classes)
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
                files.keep(files.RESULTS, self._key, {**self._seen, **dict(others[:OTHERS])})
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
