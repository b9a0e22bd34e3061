"""How text for a terminal looks: its width, and its colours where they are wanted."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    Painter = Callable[[str, str], str]  # a text and a style's name: the text in that style

WIDTH = 110
_NO_TERMINAL = 80
_STYLES = {"error": "1;31", "warning": "1;33", "info": "1;36", "place": "34", "bold": "1", "good": "1;32"}


def columns() -> int:
    """How wide the terminal is, as ``shutil.get_terminal_size`` has it, without the kinds of compression that it imports."""
    wide = os.environ.get("COLUMNS", "")
    if wide.isdecimal() and int(wide) > 0:
        return int(wide)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or _NO_TERMINAL  # type: ignore[union-attr]  # see below
    except (AttributeError, ValueError, OSError):  # there is no standard output, or it is no terminal
        return _NO_TERMINAL


def wants_color(stream: TextIO) -> bool:
    """Whether to print colours: on a terminal, unless NO_COLOR is set to anything that is not empty, or the terminal is dumb."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def painter(*, color: bool) -> Painter:
    """What gives a text one of the styles; without colour it leaves every text as it is."""
    return _paint if color else _plain


def _plain(text: str, style: str) -> str:
    del style
    return text


def _paint(text: str, style: str) -> str:
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"
