"""A line that says how far a long run has come, on a terminal only."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING, Self

from wa_policy.report.safe import visible

if TYPE_CHECKING:
    from typing import TextIO

QUIET_SECONDS = 1.0
"""How long a run may take before it says how far it is."""

PAUSE_SECONDS = 0.1


class Progress:
    """Call it with each path; it shows the count and the path, and leaves nothing behind."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = False
        self._count = 0
        self._next = time.monotonic() + QUIET_SECONDS if stream.isatty() else float("inf")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def __call__(self, path: str) -> None:
        """Count a file, and show it when it is time to."""
        self._count += 1
        now = time.monotonic()
        if now >= self._next:
            text = f"{self._count} files, now {visible(path)}"
            self._stream.write(f"\r\x1b[K{text[: shutil.get_terminal_size().columns - 1]}")
            self._stream.flush()
            self._shown = True
            self._next = now + PAUSE_SECONDS
