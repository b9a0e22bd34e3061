"""What reading a file gives: plain data, where each part of it stands, and what stood in the way."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Literal, Protocol

from wa_policy.records import NamedTuple
from wa_policy.source.spans import DocumentId, Route, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Style = Literal["plain", "single", "double", "literal", "folded"]
Sort = Literal["scalar", "alias", "list", "mapping"]

_BREAK = re.compile(r"\r\n?|\n")  # what editors count as the end of a line; YAML 1.1 knows three more


class Limits(NamedTuple):
    """How much a file may ask of its reader. Files come from pull requests; all limits are for one whole file."""

    bytes: int = 4 * 1024 * 1024
    depth: int = 64
    """Lists and mappings inside each other, aliases followed; the outermost is the first."""
    nodes: int = 200_000
    """Keys and values, as written; a list or mapping counts at its beginning and at its end."""
    growth: int = 100_000
    """Nodes that aliases and merge keys may add when they are followed."""


DEFAULT_LIMITS = Limits()
MOST_DEPTH = 256  # whoever looks at data that stands deeper inside itself may need more stack than Python gives
MOST_TROUBLES = 100  # of a file: then it is not read any further
MOST_DIGITS = 300  # of a whole number: a float can hold no more than 308
EXACT = 2**53  # above this a reader that knows only floats changes a whole number


def whole(number: float) -> int | float:
    """A number as JSON Schema sees it: ``1.0`` is a whole number there, and whoever counts with it needs one."""
    return int(number) if number.is_integer() and abs(number) <= EXACT else number


class Trouble(NamedTuple):
    """Why a document could not be read: one sentence, one remedy, and the exact place; ``also`` labels other places."""

    message: str
    remedy: str
    span: Span
    also: tuple[tuple[str, Span], ...] = ()


class Source:
    """A file's text and its lines. The table of lines is made when it is first asked for.

    A byte order mark is not part of the text: columns count what a person sees.
    """

    __slots__ = ("_starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts: list[int] = []

    def _lines(self) -> list[int]:
        if not self._starts and "\r" in self.text:
            self._starts = [0, *(found.end() for found in _BREAK.finditer(self.text))]
        elif not self._starts:  # five times as fast
            self._starts = list(accumulate([len(line) + 1 for line in self.text.split("\n")[:-1]], initial=0))
        return self._starts

    def span(self, start: int, end: int) -> Span:
        """Turn two offsets into the text, the second one exclusive, into a span."""
        starts = self._lines()
        line, end_line = bisect_right(starts, start), bisect_right(starts, end)
        return Span(line, start - starts[line - 1] + 1, end_line, end - starts[end_line - 1] + 1)

    def slice(self, span: Span) -> str:
        """Return the text that a span shows."""
        start, end = self.offsets(span)
        return self.text[start:end]

    def offsets(self, span: Span) -> tuple[int, int]:
        """Turn a span back into two offsets into the text."""
        starts = self._lines()
        return starts[span.line - 1] + span.column - 1, starts[span.end_line - 1] + span.end_column - 1

    def line(self, number: int) -> str:
        """Return a line without its line break, counted from 1; beyond the last one, nothing."""
        starts = self._lines()
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")


class Ambiguous(NamedTuple):
    """A plain scalar that does not mean the same to every reader, or that loses its writing when it is read."""

    route: Route
    on_key: bool
    """Whether it is the key at the end of the route, and not the value."""
    text: str
    read_as: str
    """What it is read as, here or by others: ``false``, ``the number 5349 (octal)``, ``a date``."""
    source: Source
    offsets: tuple[int, int]

    @property
    def span(self) -> Span:
        """Where it is written."""
        return self.source.span(*self.offsets)


class Part(NamedTuple):
    """A value, and its key if it has one, for those who edit the text: places are offsets into it, the second exclusive.

    An empty value has its place all the same. ``is_shared`` is true of what has an anchor, and of an alias.
    """

    sort: Sort
    extent: tuple[int, int]
    style: Style | None = None
    key: tuple[int, int] | None = None
    key_style: Style | None = None
    is_shared: bool = False

    @property
    def start(self) -> int:
        """Where it begins: with its key, if it has one."""
        return self.key[0] if self.key else self.extent[0]

    @property
    def end(self) -> int:
        """Where it ends: with its key, if its value is left out."""
        return max(self.key[1], self.extent[1]) if self.key else self.extent[1]


class Piece(NamedTuple):
    """A key or a value as written: the offsets where it begins and ends; no route for what stands below a merge key."""

    route: Route | None
    on_key: bool
    sort: Sort
    style: Style | None
    start: int
    end: int


class Nodes(Protocol):
    """The nodes of a document, numbered in the order of writing; the root is 0.

    A mapping is followed by its first key, that key's value, the second key and so on; a list by its items.
    """

    def sort(self, node: int) -> Sort:
        """Say what a node is."""

    def after(self, node: int) -> int:
        """Return the number of the first node that is no part of this one."""

    def aim(self, node: int) -> int:
        """Return what an alias stands for; any other node stands for itself."""

    def key(self, node: int) -> str | None:
        """Return a key's text; None for a merge key."""

    def style(self, node: int) -> Style:
        """Say how a scalar is written."""

    def extent(self, node: int) -> tuple[int, int]:
        """Return the offsets where a node begins and ends, without its anchor, comments, and blanks behind it."""

    def is_shared(self, node: int) -> bool:
        """Whether a node has an anchor or is an alias: other places may mean the same text."""

    def doubtful(self, wants_date: Callable[[Route], bool]) -> list[tuple[int, str, Route, bool]]:
        """Return ambiguous scalars in the order of writing: node, what it is read as, its route, whether it is a key.

        Values that are dates may be left out if each stands where one is wanted.
        """


def nowhere(route: Route) -> bool:
    """Say of each route that no date is wanted there."""
    del route
    return False


class Document:
    """One document: ``data`` is made of dict (its keys are str), list, str, int, float, bool and None only.

    Do not change ``data``: parts that aliases name are shared.
    """

    __slots__ = ("_graph", "_source", "_tables", "data", "id")

    def __init__(self, identity: DocumentId, data: Any, nodes: Nodes, source: Source) -> None:
        self.id = identity
        self.data = data
        self._graph: Nodes | None = nodes
        self._source = source
        self._tables: dict[int, dict[str | int, tuple[int, int]]] = {}

    def release(self) -> None:
        """Forget where everything stands; the data stays. Positions weigh several times as much as the data."""
        self._graph = None
        self._tables.clear()

    def locate(self, route: Route, on_key: bool = False) -> Span:
        """Return where a value, or its key, is written: the exact span.

        An empty value is shown at its key, an alias where it is used, a merged-in key where it is written. A route
        that leads nowhere is shown at the key, or at the beginning of the item, of the nearest thing that is there.
        The root is its first key or sign.

        Raises:
            RuntimeError: after :meth:`release`.
        """
        steps, key, node = self._follow(route)
        start, end = self.nodes.extent(node)
        if on_key or steps < len(route) or not route or start == end:
            start, end = self.nodes.extent(key) if key >= 0 else self._head(node)
        return self._source.span(start, end)

    def text_at(self, route: Route) -> str | None:
        """Return a scalar as it is written, quotes included; None for a list, a mapping, or what is not there."""
        node = self._scalar(route)
        if node is None:
            return None
        start, end = self.nodes.extent(node)
        return self._source.text[start:end]

    def style_at(self, route: Route) -> Style | None:
        """Say how a scalar is written; None for a list, a mapping, or what is not there."""
        node = self._scalar(route)
        return None if node is None else self.nodes.style(node)

    def part(self, route: Route) -> Part | None:
        """Return what stands at a route; None where nothing is, or what is there is written elsewhere (alias, merge)."""
        key, node = -1, 0
        for step in route:
            found = self._table(node).get(step)
            if found is None or not node < found[1] < self.nodes.after(node):
                return None
            key, node = found
        return self._part(key, node)

    def members(self, route: Route) -> list[Part]:
        """Return the items of a list, or the pairs of a mapping, in the order of writing; merge keys are among them."""
        node = 0
        for step in route:
            _, node = self._table(node)[step]
        if self.nodes.sort(node) == "list":
            return [self._part(-1, item) for item in self._items(node)]
        return [self._part(key, value) for key, value in self._pairs(node)]

    def _part(self, key: int, node: int) -> Part:
        nodes = self.nodes
        return Part(
            nodes.sort(node),
            nodes.extent(node),
            nodes.style(node) if nodes.sort(node) == "scalar" else None,
            nodes.extent(key) if key >= 0 else None,
            nodes.style(key) if key >= 0 and nodes.sort(key) == "scalar" else None,
            nodes.is_shared(node) or (key >= 0 and nodes.is_shared(key)),
        )

    def ambiguous(self, wants_date: Callable[[Route], bool] = nowhere) -> list[Ambiguous]:
        """List the plain scalars that a YAML 1.1 reader takes for something else, or that lose their writing when read.

        Keys and values alike, in the order of writing; an anchored one once. Ordinary numbers, true, false and null
        are not among them, nor need dates be that stand where one is wanted: then most files need not be read again.
        """
        found = []
        for node, read_as, route, on_key in self.nodes.doubtful(wants_date):
            start, end = self.nodes.extent(node)
            text = self._source.text[start:end]
            found.append(Ambiguous(route, on_key, text, read_as, self._source, (start, end)))
        return found

    def pieces(self) -> Iterator[Piece]:
        """Yield every key and every value in the order of writing, the root first; what aliases repeat is not entered."""
        nodes = self.nodes
        waiting: list[tuple[int, Route | None, bool]] = [(0, (), False)]
        while waiting:
            node, route, on_key = waiting.pop()
            sort = nodes.sort(node)
            yield Piece(route, on_key, sort, nodes.style(node) if sort == "scalar" else None, *nodes.extent(node))
            inside: list[tuple[int, Route | None, bool]] = []
            if sort == "list":
                items = enumerate(self._items(node))
                inside = [(item, None if route is None else (*route, index), False) for index, item in items]
            elif sort == "mapping":
                for key, value in self._pairs(node):
                    name = nodes.key(key)
                    way = None if route is None or name is None else (*route, name)
                    inside += [(key, way, True), (value, way, False)]
            waiting.extend(reversed(inside))

    @property
    def nodes(self) -> Nodes:
        """Where everything stands. Raises RuntimeError after :meth:`release`."""
        if self._graph is None:
            raise RuntimeError(f"document {self.id.number} of {self.id.path} was released: locate before release()")
        return self._graph

    def _scalar(self, route: Route) -> int | None:
        steps, _, node = self._follow(route)
        node = self.nodes.aim(node)
        return node if steps == len(route) and self.nodes.sort(node) == "scalar" else None

    def _follow(self, route: Route) -> tuple[int, int, int]:
        """Go as far as a route leads: how many steps, and the key (-1: none) and the value that stand there."""
        key, node = -1, 0
        for taken, step in enumerate(route):
            found = self._table(self.nodes.aim(node)).get(step)
            if found is None:
                return taken, key, node
            key, node = found
        return len(route), key, node

    def _table(self, node: int) -> dict[str | int, tuple[int, int]]:
        """Return the members of a list or mapping: step to (key or -1, value). A scalar has none."""
        table = self._tables.get(node)
        if table is None:
            table = self._tables[node] = {}
            if self.nodes.sort(node) == "list":
                table.update((index, (-1, value)) for index, value in enumerate(self._items(node)))
            elif self.nodes.sort(node) == "mapping":
                for source in self._sources(node):
                    for key, value in self._pairs(source):
                        name = self.nodes.key(key)
                        if name is not None:
                            table.setdefault(name, (key, value))
        return table

    def _sources(self, mapping: int) -> Iterator[int]:
        """Yield a mapping, then those that it merges, and those that they merge: the first to have a key gives it."""
        waiting, seen = [mapping], set()
        while waiting:
            node = self.nodes.aim(waiting.pop())
            if node in seen:
                continue
            seen.add(node)
            if self.nodes.sort(node) == "list":
                waiting.extend(reversed(list(self._items(node))))
                continue
            yield node
            waiting.extend(value for key, value in self._pairs(node) if self.nodes.key(key) is None)

    def _items(self, node: int) -> Iterator[int]:
        at, end = node + 1, self.nodes.after(node)
        while at < end:
            yield at
            at = self.nodes.after(at)

    def _pairs(self, node: int) -> Iterator[tuple[int, int]]:
        items = self._items(node)
        return zip(items, items, strict=True)

    def _head(self, node: int) -> tuple[int, int]:
        """Return the first key or sign of a node: enough to show where it begins."""
        text = self._source.text
        start, end = self.nodes.extent(node)
        sort = self.nodes.sort(node)
        if start == end:  # an empty item: its dash
            return max(start - 1, 0), start
        if sort == "mapping" and text[start] != "{":
            start, end = self.nodes.extent(node + 1)
        elif sort in {"mapping", "list"}:
            return start, start + 1
        first_line = _BREAK.search(text, start, end)
        return start, first_line.start() if first_line else end


class Reading(NamedTuple):
    """A file as read. What has a trouble is not among the documents; there is always a document or a trouble."""

    path: str
    source: Source
    documents: tuple[Document, ...]
    troubles: tuple[Trouble, ...]

    @property
    def text(self) -> str:
        """The file's text without its byte order mark; what could not be decoded shows as U+FFFD."""
        return self.source.text

    def line(self, number: int) -> str:
        """Return a line of the file without its line break, counted from 1; beyond the last one, nothing."""
        return self.source.line(number)
