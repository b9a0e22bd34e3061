"""Keeping a run, so that the next one like it need not be done: what it looked at, and what it printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.cache.digests import state_of
from wa_policy.cli import replay
from wa_policy.policy.texts import candidates
from wa_policy.source.document import DEFAULT_LIMITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wa_policy.engine.pipeline import Examined
    from wa_policy.engine.session import Session


class Memory:
    """A run under way. Made before it begins, so that nothing that changes meanwhile goes unnoticed."""

    def __init__(self, words: Sequence[str]) -> None:
        self._key = replay.key_of(words) if words else None
        self._policies = _states(candidates(".")) if self._key else []
        self.trace: list[Examined] = []

    def keep(self, paths: Sequence[str], session: Session, text: str, exit_code: int) -> None:
        """Keep it, if everything was checked, and if it can be told later whether anything has changed."""
        if self._key is None or exit_code not in (0, 1) or not session.options.cache:
            return
        from wa_policy.engine.results import code_of

        plugins = [plugin for plugin in session.loaded.plugins if not plugin.bundled]
        code = [path for plugin in plugins for path in code_of(plugin)]
        named = [session.options.baseline] if session.options.baseline else []
        inputs = [*self._policies, *_states([*session.policy.files, *named, *code])]
        inputs += [(each.path, each.most, each.state) for examined in self.trace for each in examined.result.inputs]
        seen = replay.digest_of_all((examined.found, examined.result.content) for examined in self.trace)
        most = session.options.limits.bytes
        replay.remember(self._key, paths, most, seen, inputs, text, exit_code)


def _states(paths: Iterable[str]) -> list[tuple[str, int, str]]:
    return [(path, DEFAULT_LIMITS.bytes, state_of(path, DEFAULT_LIMITS.bytes)) for path in paths]
