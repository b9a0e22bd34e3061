"""YAML into plain data and positions: libyaml's events, put together by us.

libyaml parses; what is made of its events is decided here, because the stock loader crashes on deep nesting, expands
merge keys without end, keeps the last of two equal keys, and reads ``NO``, ``0012345`` and ``12:30:45`` as something
else. Scalars follow the core schema of YAML 1.2, except that a number with leading zeros stays text: zeros carry
meaning in identifiers. Refused are tags, keys that are not text, recursive aliases, infinity and not-a-number.
"""

import gc
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from yaml.error import MarkedYAMLError
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

try:
    from yaml._yaml import CParser
except ImportError as error:
    raise ImportError("wa-policy needs PyYAML with libyaml: install a wheel of PyYAML, not its pure form") from error

from wa_policy.source.document import MOST_DIGITS, MOST_TROUBLES, Document, Limits, Sort, Source, Style, Trouble, cut
from wa_policy.source.spans import DocumentId, Route, Span

# Scalars ------------------------------------------------------------------------------------------------------------

_WORDS: dict[str, bool | str | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    # Text to us, true or false to readers of YAML 1.1:
    **{word: word for lower in ("yes", "no", "on", "off", "y", "n") for word in (lower, lower.title(), lower.upper())},
}
_STARTS = frozenset("+-.0123456789=<")
"""What a plain scalar that is no word must begin with to be anything else than text, to us or to others."""

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z").match
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z").match
# The other patterns of this module stay text until they are needed: compiling them takes longer than reading a manifest.
_BASED = r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z"
_NOT_FINITE = {
    *(sign + word for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")),
    *(".nan", ".NaN", ".NAN"),
}
_EXACT = 2**53  # above this a reader that knows only floats changes the number

# What others take for something else than text where we read text: YAML 1.1, and libraries that drop leading zeros.
_OCTAL = r"[-+]?0[0-7_]+\Z"
_NUMBER = r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?)\Z"
_BASE_60 = r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?\Z"
_DATE = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
    r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?))?\Z"
)
_SIGNS = {"=": "a default value", "<<": "a merge key"}


def _number(text: str) -> int | float | None:
    """Read a number of the core schema; None when the text is none.

    Raises:
        ValueError: the number has more digits than Python turns into a number.
        OverflowError: the number is infinite, or too large for a float.
    """
    if _INTEGER(text):
        if len(text.lstrip("+-")) > MOST_DIGITS:
            raise ValueError
        return int(text)
    if _FLOAT(text):
        number = float(text)
        if number in {float("inf"), float("-inf")}:
            raise OverflowError
        return number
    if re.match(_BASED, text):
        whole = int(text, 0)
        if whole.bit_length() > MOST_DIGITS * 3:  # less than 4,300 digits
            raise ValueError
        return whole
    if text in _NOT_FINITE:
        raise OverflowError
    return None


def _read_as(text: str) -> str:
    """Say what a doubtful plain scalar is read as, by us or by a reader of YAML 1.1; nothing when all agree."""
    if text in _WORDS:
        return "true" if text.lower() in {"yes", "on", "y"} else "false"
    if re.match(_DATE, text):
        return "a date"
    number = _number(text)
    if number is not None:
        return "" if str(number) == text and abs(number) <= _EXACT else f"the number {number}"
    if text in _SIGNS:
        return _SIGNS[text]
    if re.match(_BASE_60, text):
        return "a number (base 60)"
    if re.match(_OCTAL, text) and len(text) <= MOST_DIGITS:
        return f"the number {int(text.replace('_', ''), 8)} (octal)"
    return "a number" if re.match(_NUMBER, text) else ""


# The nodes of a document --------------------------------------------------------------------------------------------

_STYLES: dict[str, Style] = {"": "plain", "'": "single", '"': "double", "|": "literal", ">": "folded"}
_SORTS: dict[type, Sort] = {
    ScalarEvent: "scalar",
    AliasEvent: "alias",
    SequenceStartEvent: "list",
    MappingStartEvent: "mapping",
}
_ANCHOR = r"&[\w-]+(?:\s++|#[^\r\n]*+)*+"
_CLOSERS = r"(?:(?:[\s,]++|#[^\r\n]*+)*+[\]}])*+"


class _Nodes:
    """The nodes of a YAML document: the events that begin them, kept as libyaml gave them. Nothing else is as cheap."""

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
        return _SORTS[self.events[node].__class__]

    def after(self, node: int) -> int:
        end = self.ends.get(node)
        if end is not None:
            return end[0]
        return len(self.events) if self.is_open(node) else node + 1

    def is_open(self, node: int) -> bool:
        """Whether a list or mapping is not complete, which is so only while troubles are looked into."""
        kind = self.events[node].__class__
        return kind is not ScalarEvent and kind is not AliasEvent and node not in self.ends

    def aim(self, node: int) -> int:
        return self.targets.get(node, node)

    def key(self, node: int) -> str | None:
        event = self.events[self.targets.get(node, node)]
        text: str = event.value
        return None if text == "<<" and not event.style and node not in self.targets else text

    def style(self, node: int) -> Style:
        return _STYLES[self.events[node].style]

    def extent(self, node: int) -> tuple[int, int]:
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

    def doubtful(self) -> list[tuple[int, str, Route, bool]]:
        readings = {node: _read_as(self.events[node].value) for node in self.doubts}
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


# Putting events together --------------------------------------------------------------------------------------------

_MERGE: Any = object()
"""Stands for a plain ``<<`` among the keys of a mapping until its end."""
_FREE_EVENTS = 4  # the beginning and the end of the stream and of one document
_MOST_DIRECTIVES = 100  # libyaml compares each %TAG line with all before it
_DIRECTIVE = "(?:[\r\n\x85\u2028\u2029]|\\A)%"
_NEXT_DOCUMENT = r"(?<=[\r\n])---(?=\s|\Z)"  # begins a document whatever stands around it
_TAG = r"(?:&[\w-]+\s+)?(!<[^>\s]*>|!\S*)"
_FORBIDDEN = "[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]"
_HARMLESS = bytes({*range(0x20, 0x100), *b"\t\n\r"} - {0x7F})
_LARGE = 64 * 1024  # bytes
_QUOTE_IT = "Put the value in double quotes if it is text"


class _Halt(Exception):  # noqa: N818 - not an error of the program: it carries the reader out of a document
    """Ends the reading of a document, or of the whole file, after its trouble was noted."""

    def __init__(self, whole_file: bool = False) -> None:
        self.whole_file = whole_file


class _Anchor:
    """What an anchor names, and how much of it an alias repeats."""

    __slots__ = ("data", "deepest_before", "grown_before", "height", "is_open", "node", "size")

    def __init__(self, node: int, data: Any) -> None:
        self.node = node
        self.data = data
        self.size = 1  # in nodes, those that its own aliases add included
        self.height = 0  # in levels of lists and mappings
        self.is_open = False
        self.grown_before = 0
        self.deepest_before = 0


class _Reader:
    """Reads the documents of one file; they share what the file may cost, and the list of troubles."""

    def __init__(self, source: Source, path: str, limits: Limits) -> None:
        self.source = source
        self.text = source.text
        self.path = path
        self.limits = limits
        self.documents: list[Document] = []
        self.troubles: list[Trouble] = []
        self.forbidden: list[int] = []  # offsets of characters that YAML forbids, the last one first
        self.used = 0  # events of the documents before this one
        self.grown = 0  # nodes that aliases have added
        self.number = 0
        self.is_closed = True  # whether the document before ended with "..."
        self.begin(0, 0)

    def begin(self, base: int, start: int) -> None:
        """Get ready for a document that begins at ``start``, in a stream that begins at ``base``."""
        self.base = base
        self.start = start
        self.nodes = _Nodes(self.text, base)
        self.anchors: dict[str, _Anchor] = {}
        self.opened: dict[int, _Anchor] = {}  # by node: anchored lists and mappings that are not complete yet
        self.repeats: set[int] = set()  # mappings that have a key twice
        self.deepest = 0  # level reached since the innermost of ``opened`` began
        self.has_merges = False
        self.is_broken = False

    def trouble(self, message: str, remedy: str, start: int, end: int, *also: tuple[str, Span]) -> None:
        """Note why the document at hand cannot be used."""
        self.is_broken = True
        if len(self.troubles) > MOST_TROUBLES:
            raise _Halt(whole_file=True)
        span = self.source.span(start, end)
        if len(self.troubles) == MOST_TROUBLES:
            message = f"more than {MOST_TROUBLES} problems: the rest of the file was not read"
            self.troubles.append(Trouble(message, "Put right the others first", span))
            raise _Halt(whole_file=True)
        self.troubles.append(Trouble(message, remedy, span, also))

    # Documents one after the other

    def read(self, content: bytes) -> None:
        """Read all documents of the file."""
        text = self.text
        # libyaml reads ahead, and would stop before the documents that are sound. Therefore it does not see what it
        # forbids. The two bytes sought here begin the characters U+0080 to U+009F, and U+FFFE.
        if content.translate(None, _HARMLESS) or b"\xc2" in content or b"\xef\xbf" in content:
            found = islice(re.compile(_FORBIDDEN).finditer(text), MOST_TROUBLES + 1)  # no more of them would be shown
            self.forbidden = [character.start() for character in found][::-1]
            if self.forbidden:
                text = re.compile(_FORBIDDEN).sub("\ufffd", text)
                content = text.encode()
        base: int | None = 0
        try:
            if content.count(b"%") > _MOST_DIRECTIVES and len(re.compile(_DIRECTIVE).findall(text)) > _MOST_DIRECTIVES:
                self.trouble("too many lines begin with %", "Remove these lines", 0, 1)
                return
            while base is not None:
                base = self.stream(content if base == 0 else text[base:].encode(), base)
            self.report_forbidden(len(text))
        except _Halt:
            return

    def stream(self, content: bytes, base: int) -> int | None:
        """Read documents until the end, or until one fails. Return where to go on behind that one."""
        self.begin(base, base)
        self.is_closed = True
        halt = _Halt()
        events = islice(iter(CParser(content).get_event, None), self.limits.nodes + _FREE_EVENTS - self.used)
        try:
            for event in events:
                if event.__class__ is DocumentStartEvent:
                    self.begin(base, self.offset(event.start_mark))
                    self.document(events)
                elif event.__class__ is StreamEndEvent:
                    return None
            raise self.too_many()
        except MarkedYAMLError as error:
            following = self.syntax_error(error)
        except _Halt as reason:
            halt, following = reason, self.following(self.start + 1)
        self.finish(following)
        if halt.whole_file:
            raise halt
        return following if following < len(self.text) else None

    def following(self, start: int) -> int:
        """Return where the first document that begins at or behind ``start`` begins; the end if there is none."""
        found = re.compile(_NEXT_DOCUMENT).search(self.text, start)
        return found.start() if found else len(self.text)

    def syntax_error(self, error: MarkedYAMLError) -> int:
        """Note what libyaml refuses. Return where the next document begins."""
        case = _Case.of(error, self.text, self.base, self.nodes)
        following = self.following(self.start + 1)
        if case.is_directive:  # then that was the document of the directive
            following = self.following(following + 1)
        if case.is_outside and not self.is_closed:  # what stands there is a rest of the document before
            self.number -= 1
            if self.documents and self.documents[-1].id.number == self.number:
                self.documents.pop()
        if not self.forbidden or self.forbidden[-1] >= following:  # a forbidden character is reason enough
            self.trouble(*case.explain(self.source))
        return following

    def document(self, events: Iterator[Any]) -> None:
        """Read a document, after the event that begins it."""
        data, last = self.compose(events)
        nodes, end, self.is_closed = self.nodes, self.offset(last.end_mark), last.explicit
        first = nodes.events[0]
        is_empty = len(nodes.events) == 1 and data is None and first.value == "" and first.anchor is None
        self.report_forbidden(end)
        if self.is_broken or not is_empty:
            identity = DocumentId(self.path, self.number)
            self.finish(end)
            if not self.is_broken:
                self.documents.append(Document(identity, data, nodes, self.source))
        self.begin(self.base, end)

    def finish(self, end: int) -> None:
        """Note the troubles of a document that are looked for at its end, whether it was read or not."""
        self.number += 1
        self.used += len(self.nodes.events) + len(self.nodes.ends)
        for mapping in sorted(self.repeats):
            self.report_repeats(mapping)
        self.report_forbidden(end)

    # One document

    def compose(self, stream: Iterator[Any]) -> tuple[Any, Any]:  # noqa: C901 - the hot loop, kept in one piece
        """Make data of a document's events; return the event that ends it as well."""
        events, ends = self.nodes.events, self.nodes.ends
        add = events.append
        root: list[Any] = []
        # The collection being filled: its node, itself, its append (none: a mapping), its key that waits for a value.
        here: int = -1
        box: Any = root
        put: Callable[[Any], None] | None = root.append
        key: Any = None
        wants_key = False
        around: list[tuple[int, Any, Callable[[Any], None] | None, Any]] = []
        for event in stream:
            kind = event.__class__
            if kind is ScalarEvent:
                value = event.value
                if not event.style and (value in _WORDS or value[0] in _STARTS):
                    value = self.plain(event, wants_key)
                if event.anchor is not None or event.tag is not None:
                    self.properties(event, value)
                add(event)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                if wants_key:
                    raise self.refuse_key(event)
                new: Any = {} if kind is MappingStartEvent else []
                if put is None:
                    box[key] = new
                else:
                    put(new)
                around.append((here, box, put, key))
                here, box = len(events), new
                wants_key = kind is MappingStartEvent
                put = None if wants_key else new.append
                self.enter(event, new, len(around))
                add(event)
                continue
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                if self.has_merges and put is None and _MERGE in box:
                    self.merge(here, box)
                ends[here] = len(events), event.end_mark
                if here in self.opened:
                    self.close(here, len(around))
                here, box, put, key = around.pop()
                wants_key = put is None
                continue
            elif kind is AliasEvent:
                value = self.alias(event, len(around), wants_key)
                add(event)
            else:
                return root[0], event
            if wants_key:
                if value.__class__ is not str and value is not _MERGE:
                    value = self.odd_key(event, value)
                if value in box:
                    self.repeats.add(here)
                key, wants_key = value, False
            elif put is None:
                box[key] = value
                wants_key = True
            else:
                put(value)
        raise self.too_many()

    def plain(self, event: Any, is_key: bool) -> Any:
        """Read a plain scalar that may be something else than text."""
        text: str = event.value
        value: Any = None
        if text in _WORDS:
            value = _WORDS[text]
            if value.__class__ is str:
                self.nodes.doubts.append(len(self.nodes.events))
            return value
        if is_key and text == "<<":
            self.has_merges = True
            return _MERGE
        try:
            value = _number(text)
        except ValueError:
            message = f"the number has more than {MOST_DIGITS:,} digits"
            self.trouble(message, _QUOTE_IT, *self.extent_of(event))
        except OverflowError:
            message = f"{cut(text)} is no number that JSON can hold"
            self.trouble(message, _QUOTE_IT, *self.extent_of(event))
        if value is None or abs(value) > _EXACT or str(value) != text:
            self.nodes.doubts.append(len(self.nodes.events))
        return text if value is None else value

    def properties(self, event: Any, data: Any) -> _Anchor | None:
        """Refuse a node's tag; keep its anchor, which may have been used before."""
        if event.tag is not None:
            found = re.compile(_TAG).match(self.text, self.offset(event.start_mark))
            start, end = found.span(1) if found else self.extent_of(event)
            self.trouble(*_tag_refused(self.text[start:end]), start, end)
        if event.anchor is None:
            return None
        anchor = self.anchors[event.anchor] = _Anchor(len(self.nodes.events), "<<" if data is _MERGE else data)
        return anchor

    def enter(self, event: Any, data: Any, depth: int) -> None:
        """Begin a list or mapping, unless a limit is reached."""
        if depth > self.limits.depth:
            raise self.too_deep(event)
        if self.opened and depth > self.deepest:
            self.deepest = depth
        if event.anchor is not None or event.tag is not None:
            anchor = self.properties(event, data)
            if anchor is not None:
                anchor.is_open = True
                anchor.grown_before, anchor.deepest_before = self.grown, self.deepest
                self.opened[anchor.node] = anchor
                self.deepest = depth

    def close(self, node: int, depth: int) -> None:
        """Complete an anchored list or mapping: aliases may use it from here on."""
        anchor = self.opened.pop(node)
        anchor.is_open = False
        anchor.size = len(self.nodes.events) - node + self.grown - anchor.grown_before
        anchor.height = self.deepest - depth + 1
        self.deepest = max(self.deepest, anchor.deepest_before)

    def alias(self, event: Any, depth: int, is_key: bool) -> Any:
        """Return what an alias stands for. The data is shared, but counted as if it were copied."""
        name = f"*{cut(event.anchor)}"
        anchor = self.anchors.get(event.anchor)
        if anchor is None:
            message, remedy = f"{name} refers to an anchor that is not above it", _QUOTE_IT
            self.trouble(message, remedy, *self.extent_of(event))
            raise _Halt
        if anchor.is_open:
            begins = ("it begins here", self.source.span(*self.extent_of(self.nodes.events[anchor.node])))
            message = f"{name} stands inside of what it refers to, which would never end"
            self.trouble(message, "Write the value out", *self.extent_of(event), begins)
            raise _Halt
        if is_key and anchor.height:
            raise self.refuse_key(event)
        self.nodes.targets[len(self.nodes.events)] = anchor.node
        self.grown += anchor.size
        if self.grown > self.limits.growth:
            message = f"following the aliases would add more than {self.limits.growth:,} values"
            self.trouble(message, "Write the values out, or use fewer aliases", *self.extent_of(event))
            raise _Halt(whole_file=True)
        if depth + anchor.height > self.limits.depth:
            raise self.too_deep(event)
        self.deepest = max(self.deepest, depth + anchor.height)
        return anchor.data

    def merge(self, node: int, mapping: dict[Any, Any]) -> None:
        """Add what a merge key names: a mapping, or several of which the first to have a key gives it."""
        merged = mapping.pop(_MERGE)
        sources = merged if isinstance(merged, list) else [merged]
        if self.is_broken:  # then a source may be missing
            return
        if not all(isinstance(source, dict) for source in sources):
            value = next(value for key, value in self.pairs(node) if self.nodes.key(key) is None)
            start, _ = self.extent_of(self.nodes.events[value])
            message = "<< takes keys over from a mapping or a list of mappings, and this is neither"
            self.trouble(message, 'Name a mapping, or quote the key: "<<"', start, start + 1)
            return
        for source in sources:
            for key, value in source.items():
                mapping.setdefault(key, value)

    # Troubles

    def offset(self, mark: Any) -> int:
        return min(self.base + int(mark.index), len(self.text))

    def extent_of(self, event: Any) -> tuple[int, int]:
        """Where an event stands; of a list or mapping, where it begins; never nothing."""
        start, end = self.offset(event.start_mark), self.offset(event.end_mark)
        return (start, end) if start < end else _point(self.text, start)

    def pairs(self, mapping: int) -> Iterator[tuple[int, int]]:
        """Keys and values of a mapping that may be unfinished."""
        key, end = mapping + 1, self.nodes.after(mapping)
        while key + 1 < end:
            yield key, key + 1
            key = self.nodes.after(key + 1)

    def too_deep(self, event: Any) -> _Halt:
        start, _ = self.extent_of(event)
        message = f"lists and mappings stand inside each other more than {self.limits.depth} deep here"
        self.trouble(message, "Flatten the structure", start, start + 1)
        return _Halt()

    def too_many(self) -> _Halt:
        start = self.offset(self.nodes.events[-1].start_mark) if self.nodes.events else self.start
        message = f"the file has more than {self.limits.nodes:,} keys and values"
        self.trouble(message, "Split the file", start, start + 1)
        return _Halt(whole_file=True)

    def refuse_key(self, event: Any) -> _Halt:
        """Refuse a list or mapping as a key: nearly always a template's ``{{1}}`` without quotes."""
        start, end = self.extent_of(event)
        braces = self.text.find("{{", max(start - 1, 0), start + 2)
        if braces >= 0:
            message, remedy = "text that begins with {{ is not quoted", "Put the whole text in double quotes"
            self.trouble(message, remedy, braces, braces + 2)
        else:
            message = "a list or mapping stands here as a key, and a key must be text"
            self.trouble(message, _QUOTE_IT, start, end)
        return _Halt()

    def odd_key(self, event: Any, value: Any) -> str:
        """Refuse a key that is no text, and go on as if it were."""
        text: str = event.value if event.__class__ is ScalarEvent else f"*{event.anchor}"
        read_as = {"None": "null", "True": "true", "False": "false"}.get(str(value), "a number")
        message = f"the key {cut(text)} is read as {read_as}, and a key must be text"
        remedy = f'Quote the key: "{cut(text)}"'
        if not text:
            message, remedy = "a key is missing here", "Write a key before the colon"
        self.trouble(message, remedy, *self.extent_of(event))
        return text

    def report_repeats(self, mapping: int) -> None:
        """Show each key that a mapping has twice, together with the first."""
        first: dict[str | None, int] = {}
        for key, _ in self.pairs(mapping):
            name = self.nodes.key(key)
            if name not in first:
                first[name] = key
                continue
            also = ("first written here", self.source.span(*self.nodes.extent(first[name])))
            if name is None:
                message, remedy = "a mapping has two merge keys", "Merge a list instead: <<: [*one, *two]"
            else:
                message, remedy = f'the key "{cut(name)}" is written twice', "Remove one of the two, or rename it"
            self.trouble(message, remedy, *self.nodes.extent(key), also)

    def report_forbidden(self, end: int) -> None:
        """Show the characters up to ``end`` that YAML forbids."""
        while self.forbidden and self.forbidden[-1] < end:
            at = self.forbidden.pop()
            what = "a NUL byte" if self.text[at] == "\0" else f"the character U+{ord(self.text[at]):04X}"
            self.trouble(f"{what} is not allowed in YAML", "Remove it: a manifest is plain text", at, at + 1)


def _point(text: str, at: int) -> tuple[int, int]:
    """Point at a character; at the last one before it where the line or the file ends."""
    while at > 0 and text[at : at + 1].strip("\r\n") == "":
        at -= 1
    return at, at + 1


def _tag_refused(tag: str) -> tuple[str, str]:
    return f"the tag {cut(tag)} is not allowed", "Remove it; if the ! belongs to a text, put the text in double quotes"


# What libyaml refuses, in our words -----------------------------------------------------------------------------------

_TAB = "a tab is used for indentation", "Use spaces: YAML does not allow tabs there"
_DIRECTIVE_REFUSED = "a line that begins with % is a directive, and this one cannot be read", "Remove the line"
_QUOTE_ALL = "Put the whole value in double quotes"

_AT_PROBLEM = {
    "mapping values are not allowed in this context": (
        'mapping values are not allowed here: is a value with ": " in it unquoted?',
        "Put the whole value in double quotes, or correct the indentation of this line",
    ),
    "block sequence entries are not allowed in this context": (
        "a list item is not allowed here",
        "Begin the list on a line of its own, or put the value in double quotes if it is text",
    ),
    "mapping keys are not allowed in this context": ('a key that begins with "? " is not allowed here', _QUOTE_ALL),
    "found a tab character where an indentation space is expected": _TAB,
    "found a tab character that violates indentation": _TAB,
    "found an indentation indicator equal to 0": ("the number behind | or > must be 1 to 9", "Remove the number"),
    "did not find expected comment or line break": (
        "text behind | or > must begin on the next line",
        "Move the text to the next line, indented, or put the whole value in double quotes",
    ),
    "did not find expected '-' indicator": (
        "this line is neither an item of the list above it nor indented below one",
        "Begin the item with a dash, or correct the indentation",
    ),
}
_BROKEN_LINE = {"could not find expected ':'", "mapping values are not allowed in this context"}
_CLOSING = {"[": "]", "{": "}"}
_ODD_BREAK = "[\x85\u2028\u2029]"


class _Case(NamedTuple):
    """A syntax error of libyaml: what it says, and where; offsets into the text."""

    problem: str
    context: str
    text: str
    at: int
    begin: int
    """Where what libyaml was reading begins."""
    quoted_end: int
    """Where the last scalar ends, when it is quoted; else -1."""
    opened: int
    """Where the innermost open list or mapping begins; else -1."""

    @classmethod
    def of(cls, error: MarkedYAMLError, text: str, base: int, nodes: _Nodes) -> "_Case":
        """Take an error apart."""
        at = base + error.problem_mark.index if error.problem_mark else base
        begin = base + error.context_mark.index if error.context_mark else at
        last = nodes.events[-1] if nodes.events else None
        quoted = last is not None and last.__class__ is ScalarEvent and last.style in {"'", '"'}
        quoted_end = nodes.extent(len(nodes.events) - 1)[1] if quoted else -1
        opened = next((node for node in range(len(nodes.events))[::-1] if nodes.is_open(node)), -1)
        opened_at = nodes.extent(opened)[0] if opened >= 0 else -1
        at, begin = min(at, len(text)), min(begin, len(text))
        return cls(error.problem or "", error.context or "", text, at, begin, quoted_end, opened_at)

    @property
    def is_directive(self) -> bool:
        return "directive" in self.context + self.problem or "incompatible YAML" in self.problem

    @property
    def is_outside(self) -> bool:
        return self.problem == "did not find expected <document start>"

    @property
    def is_over(self) -> bool:
        """Whether nothing of the document is left."""
        return not self.text[self.at :].strip() or bool(re.compile(_NEXT_DOCUMENT).match(self.text, self.at))

    @property
    def char(self) -> str:
        return self.text[self.at : self.at + 1]

    def explain(self, source: Source) -> tuple[Any, ...]:
        """Say it in our words: message, remedy, start, end, and labelled places."""
        if self.is_directive:
            line = self.text.rfind("%", 0, self.at + 1)
            return *_DIRECTIVE_REFUSED, *_point(self.text, max(line, 0))
        if "tag" in self.context or "tag" in self.problem:
            found = re.compile(_TAG).match(self.text, self.begin)
            start, end = found.span(1) if found else (self.begin, self.begin + 1)
            return *_tag_refused(self.text[start:end]), start, end
        if self.problem in _BROKEN_LINE:
            origin = min(self.begin, self.at)
            line = max(self.text.rfind("\n", 0, origin), self.text.rfind("\r", 0, origin)) + 1
            found = re.compile(_ODD_BREAK).search(self.text, line, origin)
            if found:
                message = f"the invisible character U+{ord(found[0]):04X} ends the line here, for YAML"
                return message, "Remove it, or write it as an escape in double quotes", *found.span()
        if self.problem in _EXPLAINED:
            message, remedy, at, label = _EXPLAINED[self.problem](self)
            also = [(label, source.span(*_point(self.text, self.begin)))] if label else []
            return message, remedy, *_point(self.text, at), *also
        unknown = f"this is no YAML: {self.problem}", "Look for a wrong indentation, quote or bracket on this line"
        message, remedy = _AT_PROBLEM.get(self.problem, unknown)
        return message, remedy, *_point(self.text, self.at)


_Told = tuple[str, str, int, str]
"""Message, remedy, offset, and what to label the place with where libyaml began (nothing: do not show it)."""


def _cannot_begin(case: _Case) -> _Told:
    if case.char == "\t":
        return *_TAB, case.at, ""
    return f"a value cannot begin with {case.char}", _QUOTE_ALL, case.at, ""


def _no_colon(case: _Case) -> _Told:
    message = 'this line has no ": " that makes it a key and a value'
    return message, "Write key: value, or indent the line if it continues the text above it", case.begin, ""


def _no_name(case: _Case) -> _Told:
    sign = case.text[case.begin : case.begin + 1]
    what = "an anchor" if sign == "&" else "an alias"
    return f"{sign} begins {what} here, and no proper name follows", _QUOTE_ALL, case.begin, ""


def _never_closed(case: _Case) -> _Told:
    sign = case.text[case.begin : case.begin + 1]
    return "this quoted text is never closed", f"Write the closing {sign} at its end", case.begin, ""


def _bad_escape(case: _Case) -> _Told:
    at = case.text.rfind("\\", 0, case.at + 1)
    escape = case.text[at : at + 2]
    if case.problem == "found unknown escape character":
        return f"{escape} means nothing inside double quotes", "Write two backslashes, or use single quotes", at, ""
    if case.problem == "did not find expected hexdecimal number":
        digits = {"x": 2, "u": 4, "U": 8}.get(escape[1:], 2)
        return f"{escape} needs {digits} hexadecimal digits behind it", "Write the character itself", at, ""
    message = f"{escape} does not name a character here: YAML does not know surrogate pairs"
    return message, r"Write the character itself, or its whole number as in \U0001F600", at, ""


def _no_key(case: _Case) -> _Told:
    quote = case.text[case.quoted_end - 1 : case.quoted_end]
    if quote in {"'", '"'} and not case.text[case.quoted_end : case.at].strip(" \t"):
        inner = r"\"" if quote == '"' else "''"
        return "text stands behind the closing quote", f"Write quotes inside of quoted text as {inner}", case.at, ""
    if case.char in {"]", "}"}:
        return f"this {case.char} closes nothing", "Remove it, or write the one that opens", case.at, ""
    if case.char == "-":
        message = "a list item stands where a key is expected"
        return message, "Indent the list below its key, or remove the dash", case.at, "the mapping begins here"
    message = "this does not fit the mapping that it stands in: is the line indented wrongly?"
    return message, "Indent it as the other keys, or put the whole value in double quotes", case.at, "it begins here"


def _no_content(case: _Case) -> _Told:
    if case.text.startswith("...", case.at):
        return "the document ends here before it has begun", "Remove this line", case.at, ""
    if case.char in {"]", "}"} and "block" in case.context:
        return f"this {case.char} closes nothing", "Remove it, or write the one that opens", case.at, ""
    if case.char == ":":
        return "a key is missing here", "Write a key before the colon", case.at, ""
    sign = case.text[case.opened] if case.opened >= 0 else ""
    if sign in _CLOSING and case.is_over:
        return f"this {sign} is never closed", f"Write the closing {_CLOSING[sign]}", case.opened, ""
    return "a value is missing before this", "Write the value, or remove the sign before it", case.at, ""


def _no_comma(case: _Case) -> _Told:
    sign = case.text[case.begin : case.begin + 1]
    closing = "]" if "]" in case.problem else "}"
    if sign in _CLOSING and case.is_over:
        return f"this {sign} is never closed", f"Write the closing {closing}", case.begin, ""
    message = f"a comma or {closing} is missing before this"
    return message, f"Write the comma or {closing}, or quote the text before it", case.at, "opened here"


def _outside(case: _Case) -> _Told:
    before = case.text[: case.at].rstrip(" \t")
    if case.char in {"]", "}"} or before.endswith(("'", '"')):
        return _no_key(case._replace(quoted_end=len(before)))
    message = "the document has ended before this; a further one begins with ---"
    return message, "Write --- above it, or indent it as the lines that it belongs to", case.at, ""


_EXPLAINED: dict[str, Callable[[_Case], _Told]] = {
    "found character that cannot start any token": _cannot_begin,
    "could not find expected ':'": _no_colon,
    "did not find expected alphabetic or numeric character": _no_name,
    "found unexpected end of stream": _never_closed,
    "found unexpected document indicator": _never_closed,
    "found unknown escape character": _bad_escape,
    "did not find expected hexdecimal number": _bad_escape,
    "found invalid Unicode character escape code": _bad_escape,
    "did not find expected key": _no_key,
    "did not find expected node content": _no_content,
    "did not find expected ',' or ']'": _no_comma,
    "did not find expected ',' or '}'": _no_comma,
    "did not find expected <document start>": _outside,
}


def read_yaml(content: bytes, source: Source, path: str, limits: Limits) -> tuple[list[Document], list[Trouble]]:
    """Read the documents of a YAML file whose text was decoded from ``content``; see :func:`.document.read`."""
    reader = _Reader(source, path, limits)
    # Nothing that is made here refers to itself, but the collector would go through all of it again and again: for the
    # largest files that is two thirds of the time.
    pauses_collector = len(content) > _LARGE and gc.isenabled()
    if pauses_collector:
        gc.disable()
    try:
        reader.read(content)
    finally:
        if pauses_collector:
            gc.enable()
    return reader.documents, reader.troubles
