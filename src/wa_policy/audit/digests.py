"""SHA-256 of every input file, taken beside the counting; what its bytes say meanwhile; and whether it has changed.

Neither hashlib nor Java keeps other threads from running, so that the digests cost next to no time where there is a second core.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

from wa_policy.audit.errors import AuditError, AuditTrouble
from wa_policy.audit.looks import Look
from wa_policy.audit.model import CSV
from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wa_policy.audit.model import InputFile
    from wa_policy.audit.storage import State, Where


class Digest(NamedTuple):
    """What a file is known again by: SHA-256 in hexadecimal digits, and its size in bytes."""

    sha256: str
    bytes: int


class Digests:
    """Digests in the making. Use it as a context: leaving it early, interrupted or not, stops the work.

    ``states`` are those of the files, by path, before anything of them was read: what has happened since is noticed.
    ``files`` are those whose bytes are looked at on the way.
    """

    def __init__(self, states: Mapping[str, State], where: Where, files: Iterable[InputFile] = ()) -> None:
        self._states = states
        self._looks = {file.path: Look(file) for file in files if file.compressed or file.format == CSV}
        self._where = where
        self._done: dict[str, Digest] = {}
        self._troubles: list[AuditTrouble] = []
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

    def _has_changed(self, path: str, state: State) -> bool:
        if path not in self._done:  # it could not be read, which is told already
            return False
        try:
            now = self._where(path).state(path)
        except (AuditError, OSError):
            return True
        return now != state or self._done[path].bytes != state.size

    def _work(self) -> None:
        for path in self._states:
            look = self._looks.get(path)
            try:
                made = self._where(path).digest(path, self._stop, look.see if look else None)
                if made and look:
                    look.end(self._stop)
            except AuditError as error:
                self._troubles += error.troubles
            except OSError as error:
                remedy = "see that the file stays where it is while it is counted"
                self._troubles.append(AuditTrouble(f"{path}: it cannot be read: {error.strerror}", remedy))
            else:
                if made is None:
                    return
                self._done[path] = made


def _changed(path: str) -> AuditTrouble:
    return AuditTrouble(
        f"{path}: the file changed while it was read, so what was counted is of no file that exists",
        "wait until the export is complete, or audit a copy of it",
    )
