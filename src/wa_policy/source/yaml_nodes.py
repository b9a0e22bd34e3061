"""The nodes of a YAML document, kept as the events that libyaml gave: nothing else is as cheap."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import Any

from wa_policy.source.document import Sort, Style
from wa_policy.source.libyaml import AliasEvent, MappingStartEvent, ScalarEvent, SequenceStartEvent
from wa_policy.source.spans import Route
from wa_policy.source.yaml_scalars import read_as

_STYLES: dict[str, Style] = {"": "plain", "'": "single", '"': "double", "|": "literal", ">": "folded"}
_SORTS: dict[type, Sort] = {
    ScalarEvent: "scalar",
    AliasEvent: "alias",
    SequenceStartEvent: "list",
    MappingStartEvent: "mapping",
}
_ANCHOR = r"&[\w-]+(?:\s++|#[^\r\n]*+)*+"
_CLOSERS = r"(?:(?:[\s,]++|#[^\r\n]*+)*+[\]}])*+"


class YamlNodes:
    """The nodes of a YAML document, by the events that begin them."""

    __slots__ = ("base", "doubts", "ends", "events", "targets", "text")

    def __init__(self, text: str, base: int) -> None:
        self.text = text
        self.base = base
        """Where the stream that the events count from begins in the text."""
        self.events: list[Any] = []
        self.ends: dict[int, tuple[int, Any]] = {}
        """Of each list and mapping that is complete: the node after it, and libyaml's mark of its end."""
        self.targets: dict[int, int] = {}
        """Of each alias: the node that it stands for."""
        self.doubts: list[int] = []
        """Plain scalars that may be ambiguous."""

    def sort(self, node: int) -> Sort:
        """Say what a node is."""
        return _SORTS[self.events[node].__class__]

    def after(self, node: int) -> int:
        """Return the number of the first node that is no part of this one."""
        end = self.ends.get(node)
        if end is not None:
            return end[0]
        return len(self.events) if self.is_open(node) else node + 1

    def is_open(self, node: int) -> bool:
        """Whether a list or mapping is not complete, which is so only while troubles are looked into."""
        kind = self.events[node].__class__
        return kind is not ScalarEvent and kind is not AliasEvent and node not in self.ends

    def aim(self, node: int) -> int:
        """Return what an alias stands for; any other node stands for itself."""
        return self.targets.get(node, node)

    def key(self, node: int) -> str | None:
        """Return a key's text; None for a merge key."""
        event = self.events[self.targets.get(node, node)]
        text: str = event.value
        return None if text == "<<" and not event.style and node not in self.targets else text

    def style(self, node: int) -> Style:
        """Say how a scalar is written."""
        return _STYLES[self.events[node].style]

    def extent(self, node: int) -> tuple[int, int]:
        """Return the offsets where a node begins and ends, without its anchor, comments, and blanks behind it."""
        event = self.events[node]
        start: int = self.base + event.start_mark.index
        closed = self.ends.get(node)
        end: int = self.base + (event.end_mark if closed is None else closed[1]).index
        if event.anchor is not None and event.__class__ is not AliasEvent:
            anchor = re.compile(_ANCHOR).match(self.text, start, end)
            start = anchor.end() if anchor else start
        if closed is not None and self.text[start : start + 1] not in {"[", "{"}:
            # For libyaml a block ends where the next thing begins. For us it ends with its last leaf, and the brackets
            # that close behind that one.
            last = self.extent(closed[0] - 1)[1]
            closers = re.compile(_CLOSERS).match(self.text, last, end)
            end = closers.end() if closers else last
        elif closed is None and event.__class__ is ScalarEvent and event.style in {"|", ">"}:
            end = start + len(self.text[start:end].rstrip())
        return start, end

    def is_shared(self, node: int) -> bool:
        """Whether a node has an anchor or is an alias: other places may mean the same text."""
        return self.events[node].anchor is not None

    def doubtful(self, wants_date: Callable[[Route], bool]) -> list[tuple[int, str, Route, bool]]:
        """Return ambiguous scalars in the order of writing, dates wherever they are."""
        del wants_date
        readings = {node: read_as(self.events[node].value) for node in self.doubts}
        wanted = [node for node in self.doubts if readings[node]]
        return sorted((node, readings[node], route, on_key) for node, route, on_key in self.routes(wanted))

    def routes(self, wanted: list[int]) -> Iterator[tuple[int, Route, bool]]:
        """Find the ways to scalars, given in the order of writing: (node, route, whether it is a key)."""
        if wanted and not self.ends:
            yield 0, (), False  # the document is a scalar
            return
        waiting: list[tuple[int, Route, bool]] = [(0, (), False)]
        while waiting:
            parent, route, is_merged = waiting.pop()
            is_mapping = self.events[parent].__class__ is MappingStartEvent
            low, high = bisect_left(wanted, parent), bisect_left(wanted, self.after(parent))
            at, index = parent + 1, 0
            while low < high:  # look at the members until the last wanted one
                key, value = at, at + is_mapping
                at = self.after(value)
                if wanted[low] < at:
                    name = self.key(key) if is_mapping else index
                    is_hidden = is_merged and not is_mapping  # the places in a list of mappings to merge
                    way = route if name is None or is_hidden else (*route, name)
                    if is_mapping and wanted[low] == key:
                        yield key, way, True
                        low += 1
                    first, low = low, bisect_left(wanted, at, low, high)
                    if first < low and value in self.ends:
                        waiting.append((value, way, name is None))
                    elif first < low:
                        yield value, way, False
                index += 1
