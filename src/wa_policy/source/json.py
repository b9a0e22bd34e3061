"""JSON into plain data and positions.

The standard library reads the data. It tells neither where things stand nor that a key stood twice, so a scanner of our
own goes over the text as well, but only when a position is asked for or something is wrong.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from wa_policy.records import NamedTuple
from wa_policy.source.document import (
    MOST_DIGITS,
    MOST_TROUBLES,
    Document,
    Limits,
    Sort,
    Source,
    Style,
    Trouble,
    whole,
)
from wa_policy.source.spans import DocumentId, Route
from wa_policy.wording import cut

if TYPE_CHECKING:
    from collections.abc import Callable


def read_json(source: Source, path: str, limits: Limits) -> tuple[list[Document], list[Trouble]]:
    """Read the one document of a JSON file; see :func:`.reading.read`."""
    reader = _Reader(source, path, limits)
    if source.text.strip(" \t\r\n"):
        reader.read(0, len(source.text))
    return reader.documents, reader.troubles


def read_json_lines(source: Source, path: str, limits: Limits) -> tuple[list[Document], list[Trouble]]:
    """Read a file with a JSON document on each line; blank lines are none. The documents are numbered as they come."""
    reader = _Reader(source, path, limits)
    text, start = source.text, _behind_blanks(source.text, 0)
    while start < len(text) and not reader.has_enough:
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        reader.read(start, end)
        start = _behind_blanks(text, end)
    return reader.documents, reader.troubles


class _Reader:
    """Reads the documents of one file. All share its text; how much a file may hold is counted over all of them."""

    def __init__(self, source: Source, path: str, limits: Limits) -> None:
        self.source = source
        self.path = path
        self.limits = limits
        self.documents: list[Document] = []
        self.troubles: list[Trouble] = []
        self.used = 0  # of the nodes that the file may have

    @property
    def has_enough(self) -> bool:
        """Whether the file is read no further."""
        return len(self.troubles) >= MOST_TROUBLES or self.used > self.limits.nodes

    def read(self, start: int, end: int) -> None:
        """Read the document between two offsets, where more stands than blanks."""
        text = self.source.text[start:end]
        data, reason, nodes = None, "", 0
        try:
            data = _DECODER.decode(text)
            depth, nodes = _measure(data)
            is_sound = depth <= self.limits.depth and not _SURROGATE.search(text)
            problems = [_too_many(self.limits, 0)] if self.used + nodes > self.limits.nodes else []
        except (ValueError, RecursionError) as error:
            is_sound, problems = False, []
            reason = str(error) or type(error).__name__
        if not is_sound and not problems:
            scan = _Scan(text, self.limits, self.used)
            nodes, problems = scan.nodes, scan.problems
        if reason and not problems:  # should the two ever disagree
            problems = [_Problem(f"the standard library cannot read this JSON: {reason}", "Simplify the file", 0, 1)]
        self.used += nodes
        if problems:
            self.troubles += [problem.trouble(self.source, start) for problem in problems]
        else:
            identity = DocumentId(self.path, len(self.documents))
            self.documents.append(Document(identity, data, _Nodes(self.source.text, start, end), self.source))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        raise ValueError
    return data


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > MOST_DIGITS:
        raise ValueError
    return int(text)


def _float(text: str) -> int | float:
    number = float(text)
    if number in {float("inf"), float("-inf")}:
        raise ValueError
    return whole(number)


def _refused(text: str) -> None:
    raise ValueError(text)


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_refused)


def _measure(data: Any) -> tuple[int, int]:
    """Return how deep and how large data is, counted as :class:`Limits` does."""
    depth = nodes = 0
    level = [data]
    while level:
        collections = [value for value in level if value.__class__ is dict or value.__class__ is list]
        depth += bool(collections)
        nodes += len(level) + len(collections)
        level = []
        for collection in collections:
            if collection.__class__ is dict:
                nodes += len(collection)
                level.extend(collection.values())
            else:
                level.extend(collection)
    return depth, nodes


# The scanner --------------------------------------------------------------------------------------------------------

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)")
_BLANKS = re.compile(r"[ \t\r\n]*+")
_INSIDE = r"""[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+"""
_STRING_START = re.compile(f'"{_INSIDE}')
_TOKEN = re.compile(
    f'(?P<string>"{_INSIDE}")'
    r"|(?P<number>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?)(?![0-9a-zA-Z_.])"
    r"|(?:true|false|null)(?![0-9a-zA-Z_.])"
    r"|(?P<sign>[\[\]{}:,])"
)
_WORD = re.compile(r"[-+]?[0-9a-zA-Z_.]+")


class _Problem(NamedTuple):
    """What is wrong with a document; offsets are those in its own text."""

    message: str
    remedy: str
    start: int
    end: int
    label: str = ""
    place: tuple[int, int] = (0, 0)

    def trouble(self, source: Source, base: int) -> Trouble:
        """Say it of the file in which the document begins at an offset."""
        first, behind = self.place
        also = ((self.label, source.span(base + first, base + behind)),) if self.label else ()
        return Trouble(self.message, self.remedy, source.span(base + self.start, base + self.end), also)


def _too_many(limits: Limits, at: int) -> _Problem:
    return _Problem(f"the file has more than {limits.nodes:,} keys and values", "Split the file", at, at + 1)


class _Open(NamedTuple):
    """A list or object that is not closed yet."""

    node: int
    closing: str
    keys: dict[str, int]
    """Of an object: its keys so far, and their nodes."""


class _Scan:
    """Goes over a text once, and keeps where each key and value stands, in the order of writing.

    With limits it looks for problems too; without, the text must be known to be sound. ``used`` says how many nodes stand in
    front of it in its file.
    """

    def __init__(self, text: str, limits: Limits | None = None, used: int = 0) -> None:
        self.text = text
        self.limits = limits
        self.used = used
        self.problems: list[_Problem] = []
        self.sorts: list[Sort] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.afters: list[int] = []
        self.around: list[_Open] = []
        self.collections = 0
        self.run()

    @property
    def nodes(self) -> int:
        """How many there are so far, counted as :class:`Limits` does."""
        return len(self.sorts) + self.collections

    def run(self) -> None:
        """Scan until the end, or the first thing that cannot be understood."""
        at, wants = 0, "value"
        while True:
            at = _behind_blanks(self.text, at)
            token = _TOKEN.match(self.text, at)
            if token is None:
                if wants != "end" or at < len(self.text):
                    self.problems.append(_explain(self, at, wants))
                return
            following = self.take(token, wants)
            if not following:
                return
            if len(self.problems) >= MOST_TROUBLES:
                message = f"more than {MOST_TROUBLES} problems: the rest of the file was not read"
                self.problems.append(_Problem(message, "Put right the others first", token.start(), token.end()))
                return
            at, wants = token.end(), following

    def take(self, token: re.Match[str], wants: str) -> str:
        """Take a token and say what must follow; nothing when the scan ends here."""
        sign = token["sign"] or ""
        if sign in {"]", "}"} and wants.endswith(sign):
            return self.close(token.end())
        if sign == "," and wants.startswith(","):
            return "value" if self.around[-1].closing == "]" else "key"
        if sign == ":" and wants == ":":
            return "value"
        if token["string"] and wants.startswith("key"):
            return self.key(token)
        if sign not in {"]", "}", ",", ":"} and wants.startswith("value"):
            return self.open(token) if sign else self.scalar(token)
        self.problems.append(_explain(self, token.start(), wants))
        return ""

    def add(self, sort: Sort, token: re.Match[str]) -> int:
        self.sorts.append(sort)
        self.starts.append(token.start())
        self.ends.append(token.end())
        self.afters.append(len(self.sorts))
        return len(self.sorts) - 1

    def key(self, token: re.Match[str]) -> str:
        node = self.add("scalar", token)
        if self.limits is not None:
            keys = self.around[-1].keys
            name = self.string(token)
            if name in keys:
                message, remedy = f'the key "{cut(name)}" is written twice', "Remove one of the two, or rename it"
                first = self.starts[keys[name]], self.ends[keys[name]]
                self.problems.append(_Problem(message, remedy, *token.span(), "first written here", first))
            keys.setdefault(name, node)
        return ":"

    def scalar(self, token: re.Match[str]) -> str:
        self.add("scalar", token)
        if self.limits is not None:
            if token["string"]:
                self.string(token)
            elif token["number"]:
                self.number(token)
        return self.after_value()

    def open(self, token: re.Match[str]) -> str:
        self.collections += 1
        node = self.add("list" if token[0] == "[" else "mapping", token)
        self.around.append(_Open(node, "]" if token[0] == "[" else "}", {}))
        if self.limits is not None and len(self.around) > self.limits.depth:
            message = f"lists and objects stand inside each other more than {self.limits.depth} deep here"
            self.problems.append(_Problem(message, "Flatten the structure", *token.span()))
            return ""
        return "value or ]" if token[0] == "[" else "key or }"

    def close(self, end: int) -> str:
        node = self.around.pop().node
        self.ends[node] = end
        self.afters[node] = len(self.sorts)
        return self.after_value()

    def after_value(self) -> str:
        if self.limits is not None and self.used + self.nodes > self.limits.nodes:
            self.problems.append(_too_many(self.limits, self.starts[-1]))
            return ""
        return f", or {self.around[-1].closing}" if self.around else "end"

    def string(self, token: re.Match[str]) -> str:
        """Read a string; half of a surrogate pair is no character, and no encoder would write it."""
        text: str = json.loads(token[0])
        if not _is_encodable(text):
            start, end = _half_pair(token[0])
            message = f"{token[0][start:end]} is half of a surrogate pair, which is no character"
            self.problems.append(_Problem(message, "Write both halves", token.start() + start, token.start() + end))
        return text

    def number(self, token: re.Match[str]) -> None:
        """Refuse a number that cannot be held."""
        try:
            _float(token[0]) if set(token[0]) & set(".eE") else _integer(token[0])
        except ValueError:
            message = f"{cut(token[0])} is too large a number"
            self.problems.append(_Problem(message, "Put it in double quotes if it is an identifier", *token.span()))


def _behind_blanks(text: str, at: int) -> int:
    return _BLANKS.match(text, at).end()  # type: ignore[union-attr]  # it matches everywhere


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _half_pair(written: str) -> tuple[int, int]:
    """Find the first half of a surrogate pair that stands alone."""
    half: re.Match[str] | None = None
    for escape in _ESCAPE.finditer(written):
        code = int(escape[1] or "0", 16)
        is_low = 0xDC00 <= code <= 0xDFFF
        if half is not None and is_low and half.end() == escape.start():
            half = None
        elif half is not None:
            break
        elif is_low:
            return escape.span()
        elif 0xD800 <= code <= 0xDBFF:
            half = escape
    return half.span() if half else (0, len(written))


class _Nodes:
    """The nodes of a JSON document, which stands between two offsets of a text; looked for when first asked for."""

    __slots__ = ("_end", "_scan", "_start", "text")

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self._start = start
        self._end = end
        self._scan: _Scan | None = None

    @property
    def scan(self) -> _Scan:
        if self._scan is None:
            self._scan = _Scan(self.text[self._start : self._end])
        return self._scan

    def sort(self, node: int) -> Sort:
        return self.scan.sorts[node]

    def after(self, node: int) -> int:
        return self.scan.afters[node]

    def aim(self, node: int) -> int:
        return node

    def key(self, node: int) -> str:
        start, end = self.extent(node)
        text: str = json.loads(self.text[start:end])
        return text

    def style(self, node: int) -> Style:
        return "double" if self.scan.text[self.scan.starts[node]] == '"' else "plain"

    def extent(self, node: int) -> tuple[int, int]:
        return self._start + self.scan.starts[node], self._start + self.scan.ends[node]

    def is_shared(self, node: int) -> bool:
        del node
        return False

    def doubtful(self, wants_date: Callable[[Route], bool]) -> list[tuple[int, str, Route, bool]]:
        del wants_date
        return []


# What is no JSON ----------------------------------------------------------------------------------------------------

_WRITE_JSON = {"True": "true", "False": "false", "None": "null", "TRUE": "true", "FALSE": "false", "NULL": "null"}
_NOT_FINITE = {"NaN", "Infinity", "-Infinity"}
_MISSING = {
    "value": ("a value is missing before this", "Write the value, or remove the sign before it"),
    "value or ]": ("a value or ] is missing before this", "Write the value or the ]"),
    "key": ("a key is missing before this", "Write the key in double quotes"),
    "key or }": ("a key or } is missing before this", "Write the key in double quotes, or the }"),
    ":": ("a colon is missing between the key and its value", "Write the colon"),
    ", or ]": ("a comma or ] is missing before this", "Write the comma or the ]"),
    ", or }": ("a comma or } is missing before this", "Write the comma or the }"),
    "end": ("more text stands behind the end of the document", "Remove it: a JSON file holds one document"),
}


def _explain(scan: _Scan, at: int, wants: str) -> _Problem:
    """Say why the text cannot be understood at an offset, where ``wants`` would be expected."""
    text = scan.text
    opened = scan.starts[scan.around[-1].node] if scan.around else -1
    if at >= len(text):
        remedy = f"Write the closing {scan.around[-1].closing}"
        return _Problem(f"this {text[opened]} is never closed", remedy, opened, opened + 1)
    char = text[at]
    if char in {"]", "}"} and wants in {"key", "value"} and text[:at].rstrip().endswith(","):
        comma = text.rindex(",", 0, at)
        return _Problem(f"a comma stands before the {char}", "Remove the comma", comma, comma + 1)
    if char < " ":
        return _Problem(f"the character U+{ord(char):04X} is not allowed in JSON", "Remove it", at, at + 1)
    if wants != "end" and _TOKEN.match(text, at) is None:
        return _explain_token(text, at)
    message, remedy = _MISSING[wants]
    label = "opened here" if wants.startswith(",") else ""
    return _Problem(message, remedy, at, at + 1, label, (opened, opened + 1))


def _explain_token(text: str, at: int) -> _Problem:
    """Say why what stands at an offset is neither a string nor a number nor anything else."""
    char = text[at]
    if char == '"':
        return _explain_string(text, at)
    if char == "'":
        return _Problem("JSON knows only double quotes", "Write double quotes", at, at + 1)
    if char in {"/", "#"}:
        return _Problem("JSON has no comments", "Remove the comment", at, at + 1)
    word = _WORD.match(text, at)
    if word is None:
        return _Problem(f"{char} has no meaning in JSON", "Remove it, or put it in double quotes", at, at + 1)
    if word[0] in _NOT_FINITE:
        return _Problem(f"{word[0]} is no number that JSON can hold", "Write null, or leave it out", *word.span())
    if word[0] in _WRITE_JSON:
        return _Problem(f"{word[0]} is not JSON", f"Write {_WRITE_JSON[word[0]]}", *word.span())
    if char in "+-.0123456789":
        message = f"{cut(word[0])} is not how JSON writes a number"
        return _Problem(message, "Put it in double quotes if it is an identifier", *word.span())
    return _Problem(f"{cut(word[0])} is not quoted", "Put it in double quotes", *word.span())


def _explain_string(text: str, at: int) -> _Problem:
    end = _STRING_START.match(text, at).end()  # type: ignore[union-attr]  # there is a quote
    char = text[end : end + 1]
    if char in {"", "\n", "\r"}:
        return _Problem("this quoted text is never closed", 'Write the closing " at its end', at, at + 1)
    if char == "\\":
        escape = text[end : end + 2]
        message = f"{escape} needs four hexadecimal digits behind it" if escape == "\\u" else f"{escape} means nothing"
        return _Problem(message, "Write two backslashes for one", end, end + len(escape))
    message = f"the character U+{ord(char):04X} is not allowed in JSON"
    return _Problem(message, f"Remove it, or write it as \\u{ord(char):04X}", end, end + 1)
