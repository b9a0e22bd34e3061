"""How far a long run has come: a line that leaves nothing behind on a terminal, and little or nothing elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from wa_policy.report.safe import visible
from wa_policy.report.style import columns

if TYPE_CHECKING:
    from typing import TextIO

QUIET_SECONDS = 1.0
"""How long a run may take before it says how far it is."""

PAUSE_SECONDS = 0.1

LINE_SECONDS = 10.0
"""How long a log waits for the next line that says how far it is."""


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
            self._stream.write(f"\r\x1b[K{text[: columns() - 1]}")
            self._stream.flush()
            self._shown = True
            self._next = now + PAUSE_SECONDS


class Counting:
    """Call it with what is being done, and how many rows and bytes have been read.

    On a terminal it is a bar that leaves nothing behind; elsewhere a line now and then, once it takes long.
    """

    WIDTH = 24

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._shown = False
        self._next = time.monotonic() + (0 if self._live else LINE_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def __call__(self, step: str, rows: int, done: int, of: int) -> None:
        """Show how far it is, when it is time to: ``done`` bytes of ``of``; rows and ``of`` are 0 where nobody knows."""
        if time.monotonic() < self._next:
            return
        text = (
            (f"{rows:,} rows, " if rows else "")
            + (f"{megabytes(done)} of {megabytes(of)}, " if of else "")
            + visible(step)
        )
        if self._live:
            full = min(self.WIDTH, self.WIDTH * done // of) if of else 0
            bar = f"[{'#' * full}{'.' * (self.WIDTH - full)}] " if of else ""
            self._stream.write(f"\r\x1b[K{(bar + text)[: columns() - 1]}")
            self._shown = True
        else:
            self._stream.write(f"{text}\n")
        self._stream.flush()
        self._next = time.monotonic() + (PAUSE_SECONDS if self._live else LINE_SECONDS)


def megabytes(count: int) -> str:
    """A number of bytes for a person: ``"669.0 MB"``."""
    return f"{count / 1e6:,.1f} MB"
