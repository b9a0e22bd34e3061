"""Keeping a run, so that the next one like it need not be done: what it looked at, and what it printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy import FINDINGS
from wa_policy.cache.digests import is_of_file, state_of
from wa_policy.cli import replay
from wa_policy.manifest.secrets import mask_text
from wa_policy.packed import Packed
from wa_policy.policy.texts import candidates
from wa_policy.source.document import DEFAULT_LIMITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wa_policy.engine.pipeline import Examined
    from wa_policy.engine.session import Session
    from wa_policy.rules.plugin_code import Read
    from wa_policy.source.discover import Found, Missing


class Memory:
    """A run under way. Made before it begins, so that nothing that changes meanwhile goes unnoticed.

    What the run stands on as a whole is looked at before it is read, and once more in the end: where the two differ, nobody can
    tell which of them was read.
    """

    def __init__(self, words: Sequence[str], paths: Iterable[str]) -> None:
        self._key = replay.key_of(words) if words else None
        self._ground = _states(candidates(paths), DEFAULT_LIMITS.bytes) if self._key else []
        self._inputs: list[Read] = []
        self._seen: Packed[tuple[Found | Missing, str]] = Packed()

    def open(self, session: Session) -> None:
        """Note what the session is made of, before files are looked at, which may take long."""
        if self._key is None or not session.options.cache:
            self._key = None
            return
        policy = session.policy
        read = [(path, DEFAULT_LIMITS.bytes, policy.states.get(path, "")) for path in policy.files]
        if session.options.baseline:
            from wa_policy.engine.baseline import LIMITS

            read += _states([session.options.baseline], LIMITS.bytes)
        code = session.code_as_imported()
        if code is None or not all(is_of_file(state) for _, _, state in read):
            self._key = None  # a pipe, or a commit: nobody can tell later whether it says the same
            return
        self._ground += [*read, *code]

    def see(self, examined: Examined) -> None:
        """Note what became of a file."""
        if self._key is not None:
            self._seen.append((examined.found, examined.result.content))
            self._inputs += [(each.path, each.most, each.state) for each in examined.result.inputs]

    def keep(
        self, paths: Sequence[str], session: Session, text: str, exit_code: int, *, aside: bool, utf_8: bool
    ) -> None:
        """Keep it, if everything was checked, and if it can be told later whether anything has changed.

        ``utf_8`` says that it was printed so, whatever the locale. ``aside`` says that something was told on standard error,
        which is not kept: such a run says it each time.
        """
        if self._key is None or exit_code not in (0, FINDINGS) or aside or not session.keeps:
            return
        inputs = [*self._ground, *self._inputs]
        named = (*paths, *(path for path, _, _ in inputs))
        if any(mask_text(path) != path for path in named):  # a credential pasted where a path belongs
            return
        if any(state_of(path, most) != state for path, most, state in self._ground):
            return
        seen = replay.digest_of_all(self._seen)
        most = session.options.limits.bytes
        replay.remember(self._key, paths, most, seen, inputs, text, exit_code, utf_8=utf_8)


def _states(paths: Iterable[str], most: int) -> list[Read]:
    return [(path, most, state_of(path, most)) for path in paths]
