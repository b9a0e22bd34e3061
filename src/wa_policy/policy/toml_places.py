"""Where the keys and items of a TOML text stand: TOML's own reader keeps no places.

That reader has accepted the text before, so nothing is checked here: what must follow does follow.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wa_policy.source.spans import Route

_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_NAME = re.compile(r"""[A-Za-z0-9_-]+|"(?:\\.|[^"\\])*"|'[^']*'""")

# Strings by their quotes: those over several lines may end with two quotes of their own. Then numbers, dates and words; between a
# date and its time there may be a blank.
_PLAIN = re.compile(
    r'"""(?:\\[\s\S]|[^\\])*?"""'
    r'"{0,2}'
    r"|'''[\s\S]*?''''{0,2}"
    r'|"(?:\\.|[^"\\])*"'
    r"|'[^']*'"
    r"|[^\s,\]}#]+(?: [0-9][^\s,\]}#]*)?"
)


def places_in(text: str) -> Mapping[Route, tuple[int, int]]:
    """The offsets of every key, where it is first named, and of every item of a list, by their routes.

    The place of an item that has a header (``[[...]]``) is the last name in that header.
    """
    reading = _Reading(text)
    reading.read()
    return reading.places


class _Reading:
    """A way through a text, from its beginning on."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self.places: dict[Route, tuple[int, int]] = {}
        self._tables: dict[Route, int] = {}
        """Lists whose items have headers, and how many there were so far."""

    def read(self) -> None:
        """Go to the end."""
        table: Route = ()
        while sign := self._next():
            if sign == "[":
                table = self._header()
            else:
                self._entry(table)

    def _next(self) -> str:
        """The next sign that is neither blank nor in a comment; empty at the end."""
        blank = _BLANK.match(self._text, self._at)
        self._at = blank.end() if blank else self._at
        return self._text[self._at : self._at + 1]

    def _header(self) -> Route:
        """Read a table's header; returns the table's route."""
        brackets = 2 if self._text.startswith("[[", self._at) else 1
        self._at += brackets
        route, place = self._key(())
        self._next()
        self._at += brackets
        if brackets == 2:
            number = self._tables.get(route, 0)
            self._tables[route] = number + 1
            route = (*route, number)
            self.places[route] = place
        return route

    def _key(self, table: Route) -> tuple[Route, tuple[int, int]]:
        """Read a key of a table, with its dots; returns its route and the place of its last name."""
        route = table
        while True:
            if route in self._tables:  # the last item of the list is meant
                route = (*route, self._tables[route] - 1)
            self._next()
            start = self._at
            self._at = _end(_NAME, self._text, start)
            route = (*route, _name(self._text[start : self._at]))
            self.places.setdefault(route, (start, self._at))
            if self._next() != ".":
                return route, (start, self._at)
            self._at += 1

    def _entry(self, table: Route) -> None:
        route, _ = self._key(table)
        self._at += 1
        self._value(route)

    def _value(self, route: Route) -> None:
        sign = self._next()
        if sign not in "[{":
            self._at = _end(_PLAIN, self._text, self._at)
            return
        self._at += 1
        index = 0
        while self._next() not in "]}":
            if sign == "{":
                self._entry(route)
            else:
                start = self._at
                self._value((*route, index))
                self.places[*route, index] = (start, self._at)
                index += 1
            if self._next() == ",":
                self._at += 1
        self._at += 1


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else len(text)


def _name(written: str) -> str:
    """A name of a key, which may be in quotes and with escapes."""
    return str(tomllib.loads(f"name = {written}")["name"]) if written[0] in "\"'" else written
