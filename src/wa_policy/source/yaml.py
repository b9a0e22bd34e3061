"""YAML into plain data and positions: libyaml's events, put together by us.

libyaml parses; what is made of its events is decided here, because the stock loader crashes on deep nesting, expands
merge keys without end, keeps the last of two equal keys, and reads ``NO``, ``0012345`` and ``12:30:45`` as something
else. Scalars follow the core schema of YAML 1.2, except that a number with leading zeros stays text: zeros carry
meaning in identifiers. Refused are tags, keys that are not text, recursive aliases, infinity and not-a-number.
"""

import gc
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from wa_policy.source.document import EXACT, MOST_DIGITS, MOST_TROUBLES, Document, Limits, Source, Trouble, whole
from wa_policy.source.libyaml import (
    AliasEvent,
    CParser,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    MarkedYAMLError,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from wa_policy.source.spans import DocumentId, Span
from wa_policy.source.yaml_errors import NEXT_DOCUMENT, TAG, SyntaxCase, point, tag_refused
from wa_policy.source.yaml_nodes import YamlNodes
from wa_policy.source.yaml_scalars import OF_OTHERS, STARTS, WORDS, number_of
from wa_policy.wording import cut

_MERGE: Any = object()
"""Stands for a plain ``<<`` among the keys of a mapping until its end."""
_FREE_EVENTS = 4  # the beginning and the end of the stream and of one document
_MOST_DIRECTIVES = 100  # libyaml compares each %TAG line with all before it
_DIRECTIVE = "(?:[\r\n\x85\u2028\u2029]|\\A)%"
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
        self.nodes = YamlNodes(self.text, base)
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
        beyond_ascii = not content.isascii() and (b"\xc2" in content or b"\xef\xbf" in content)
        if beyond_ascii or content.translate(None, _HARMLESS):
            found = islice(re.compile(_FORBIDDEN).finditer(text), MOST_TROUBLES + 1)  # no more of them would be shown
            self.forbidden = [character.start() for character in found][::-1]
            if self.forbidden:
                text = re.compile(_FORBIDDEN).sub("\ufffd", text)
                content = text.encode()
        base: int | None = 0
        try:
            many = b"%" in content and content.count(b"%") > _MOST_DIRECTIVES
            if many and len(re.compile(_DIRECTIVE).findall(text)) > _MOST_DIRECTIVES:
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
        found = re.compile(NEXT_DOCUMENT).search(self.text, start)
        return found.start() if found else len(self.text)

    def syntax_error(self, error: MarkedYAMLError) -> int:
        """Note what libyaml refuses. Return where the next document begins."""
        case = SyntaxCase.of(error, self.text, self.base, self.nodes)
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
        opened, deepest = self.opened, self.limits.depth
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
                if not event.style and (value in WORDS or value[0] in STARTS):
                    value = self.plain(event, wants_key)
                if event.anchor is not None or event.tag is not None:
                    self.properties(event, value)
                add(event)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                if wants_key:
                    raise self.refuse_key(event)
                # Python reads an attribute several times as fast where it only ever meets one class: hence the same twice.
                if kind is MappingStartEvent:
                    new: Any = {}
                    is_plain = event.anchor is None and event.tag is None
                else:
                    new = []
                    is_plain = event.anchor is None and event.tag is None
                if put is None:
                    box[key] = new
                else:
                    put(new)
                around.append((here, box, put, key))
                here, box = len(events), new
                wants_key = kind is MappingStartEvent
                put = None if wants_key else new.append
                if not is_plain or opened or len(around) > deepest:
                    self.enter(event, new, len(around))
                add(event)
                continue
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                if kind is MappingEndEvent:
                    if self.has_merges and _MERGE in box:
                        self.merge(here, box)
                    ends[here] = len(events), event.end_mark  # as above, once for each class
                else:
                    ends[here] = len(events), event.end_mark
                if here in opened:
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
        if text in WORDS:
            value = WORDS[text]
            if value.__class__ is str:
                self.nodes.doubts.append(len(self.nodes.events))
            return value
        if is_key and text == "<<":
            self.has_merges = True
            return _MERGE
        if text.strip(OF_OTHERS):
            return text
        try:
            value = number_of(text)
        except ValueError:
            message = f"the number has more than {MOST_DIGITS:,} digits"
            self.trouble(message, _QUOTE_IT, *self.extent_of(event))
        except OverflowError:
            message = f"{cut(text)} is no number that JSON can hold"
            self.trouble(message, _QUOTE_IT, *self.extent_of(event))
        if value is None or abs(value) > EXACT or str(value) != text:
            self.nodes.doubts.append(len(self.nodes.events))
        return text if value is None else whole(value) if value.__class__ is float else value

    def properties(self, event: Any, data: Any) -> _Anchor | None:
        """Refuse a node's tag; keep its anchor, which may have been used before."""
        if event.tag is not None:
            found = re.compile(TAG).match(self.text, self.offset(event.start_mark))
            start, end = found.span(1) if found else self.extent_of(event)
            self.trouble(*tag_refused(self.text[start:end]), start, end)
        if event.anchor is None:
            return None
        anchor = self.anchors[event.anchor] = _Anchor(len(self.nodes.events), "<<" if data is _MERGE else data)
        return anchor

    def enter(self, event: Any, data: Any, depth: int) -> None:
        """Begin a list or mapping that has an anchor or a tag, stands in one that has, or reaches the limit."""
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
        return (start, end) if start < end else point(self.text, start)

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


def read_yaml(content: bytes, source: Source, path: str, limits: Limits) -> tuple[list[Document], list[Trouble]]:
    """Read the documents of a YAML file whose text was decoded from ``content``; see :func:`.reading.read`."""
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
