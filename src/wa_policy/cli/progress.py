"""How far a long run has come: a line that leaves nothing behind on a terminal, and little or nothing elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from wa_policy.report.safe import visible
from wa_policy.report.style import columns
from wa_policy.wording import count

if TYPE_CHECKING:
    from typing import TextIO

QUIET_SECONDS = 1.0
"""How long a run may take before it says how far it is."""

PAUSE_SECONDS = 0.1

LINE_SECONDS = 10.0
"""How long a log waits for the next line that says how far it is."""

_ERASE = "\r\x1b[K"


class Line:
    """The last line of a stream. On a terminal it can be drawn over, and leaves nothing behind; what is said stays."""

    WIDTH = 24
    """Of a bar, in characters."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = ""
        self.is_live = stream.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._erase()
        self._shown = ""
        self._stream.flush()

    def draw(self, text: str, done: int = 0, of: int = 0) -> None:
        """Show a text in place of what is shown, behind a bar where it is known of how much that much is done."""
        full = min(self.WIDTH, self.WIDTH * done // of) if of else 0
        bar = f"[{'#' * full}{'.' * (self.WIDTH - full)}] " if of else ""
        self._shown = (bar + text)[: columns() - 1]
        self._stream.write(f"{_ERASE}{self._shown}")
        self._stream.flush()

    def say(self, text: str) -> None:
        """Write a line that stays."""
        self._erase()
        self._stream.write(f"{text}\n{self._shown}")
        self._stream.flush()

    def _erase(self) -> None:
        if self._shown:
            self._stream.write(_ERASE)


class Progress(Line):
    """Call it with each path; on a terminal it shows the count and the path, once it takes long."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._count = 0
        self._next = time.monotonic() + QUIET_SECONDS if self.is_live else float("inf")

    def __call__(self, path: str) -> None:
        """Count a file, and show it when it is time to."""
        self._count += 1
        now = time.monotonic()
        if now >= self._next:
            self.draw(f"{count(self._count, 'file')}, now {visible(path)}")
            self._next = now + PAUSE_SECONDS


class Counting(Line):
    """Call it with what is being done, and how many rows and bytes have been read.

    On a terminal it is a bar; elsewhere a line now and then, once it takes long.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._next = time.monotonic() + (0 if self.is_live else LINE_SECONDS)

    def __call__(self, step: str, rows: int, done: int, of: int) -> None:
        """Show how far it is, when it is time to: ``done`` bytes of ``of``; rows and ``of`` are 0 where nobody knows."""
        if time.monotonic() < self._next:
            return
        text = (
            (f"{rows:,} rows, " if rows else "")
            + (f"{megabytes(done)} of {megabytes(of)}, " if of else "")
            + visible(step)
        )
        if self.is_live:
            self.draw(text, done, of)
        else:
            self.say(text)
        self._next = time.monotonic() + (PAUSE_SECONDS if self.is_live else LINE_SECONDS)


class Pages(Line):
    """Call it with what is fetched, and how many there are, of how many if that is known: a bar, elsewhere a line each time."""

    def __call__(self, what: str, number: int, total: int | None) -> None:
        """Show how many there are."""
        text = f"{what}: {number}" + (f" of {total}" if total else "")
        if self.is_live:
            self.draw(text, number, total or 0)
        else:
            self.say(text)


def megabytes(number: int) -> str:
    """A number of bytes for a person: ``"669.0 MB"``."""
    return f"{number / 1e6:,.1f} MB"
