"""SHA-256 of every input file, taken beside the counting; and whether a file has changed meanwhile.

hashlib lets other threads run while it works, so that the digests cost next to no time where there is a second core.
"""

from __future__ import annotations

import hashlib
import os
import threading
from typing import TYPE_CHECKING, NamedTuple, Self

from wa_policy.audit.errors import AuditError, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterable

_PIECE = 1 << 20


class Digest(NamedTuple):
    """What a file is known again by: SHA-256 in hexadecimal digits, and its size in bytes."""

    sha256: str
    bytes: int


class _State(NamedTuple):
    device: int
    inode: int
    size: int
    changed: int  # nanoseconds


class Digests:
    """Digests in the making. Use it as a context: leaving it early, interrupted or not, stops the work.

    Make it before anything of the files is read: what happens to them from then on is noticed.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._states = {path: _state(path) for path in paths}
        self._done: dict[str, Digest] = {}
        self._troubles: list[Trouble] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="digests", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def finish(self) -> dict[str, Digest]:
        """Wait for the digests, by path. Raises AuditError where a file is no longer what it was at the start."""
        self._thread.join()
        changed = [path for path, state in self._states.items() if self._has_changed(path, state)]
        troubles = [*self._troubles, *(_changed(path) for path in changed)]
        if troubles:
            raise AuditError(*troubles)
        return self._done

    def _has_changed(self, path: str, state: _State | None) -> bool:
        if path not in self._done:  # it could not be read, which is told already
            return False
        return state is None or _state(path) != state or self._done[path].bytes != state.size

    def _work(self) -> None:
        for path in self._states:
            try:
                self._digest(path)
            except OSError as error:
                remedy = "see that the file stays where it is while it is counted"
                self._troubles.append(Trouble(f"{path}: it cannot be read: {error.strerror}", remedy))

    def _digest(self, path: str) -> None:
        sha256, size = hashlib.sha256(), 0
        with open(path, "rb", buffering=0) as file:
            while piece := file.read(_PIECE):
                if self._stop.is_set():
                    return
                sha256.update(piece)
                size += len(piece)
        self._done[path] = Digest(sha256.hexdigest(), size)


def _state(path: str) -> _State | None:
    try:
        state = os.stat(path)
    except OSError:
        return None
    return _State(state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns)


def _changed(path: str) -> Trouble:
    return Trouble(
        f"{path}: the file changed while it was read, so what was counted is of no file that exists",
        "wait until the export is complete, or audit a copy of it",
    )
