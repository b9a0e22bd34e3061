"""YAML as most manifests are written, read line by line: plain data, and no places.

libyaml takes three times as long, and its events weigh ten times as much as what is made of them. So a file of which every line
means one thing only is read here: ``key: value``, ``- item``, text behind ``|`` or ``>``, and lists and mappings in brackets that
end on their line. Whatever else a file holds (anchors, tags, tabs, escapes, several documents, other text over several lines, a
key twice, a value that others read otherwise), and whatever is wrong with it, is left to :mod:`.yaml`, which also finds out where
things stand once somebody asks. A test holds the two together.

Lines are read by themselves, and remembered: most lines of a manifest stand in the one before as well.
"""

from __future__ import annotations

import marshal
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from wa_policy.records import NamedTuple
from wa_policy.source.document import whole
from wa_policy.source.yaml_scalars import A_DATE, OF_OTHERS, STARTS, WORDS, number_of, read_as

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wa_policy.source.document import Limits, Nodes, Sort, Source, Style
    from wa_policy.source.spans import Route

_MOST_INSIDE = 16
"""Lists and mappings inside each other, by indentation, and once more by brackets."""

_BYTES = bytes(set(range(256)) - {*range(0x20), 0x7F} | {0x0A})
_BREAKS_AND_FORBIDDEN = "[\x80-\x9f\u2028\u2029\ufeff\ufffe\uffff]"

_KEY = r"[A-Za-z_][A-Za-z0-9_.-]{0,99}+"
_FIRST = r"[A-Za-z0-9_/+.(]|-(?=[0-9])|[^\0-\x7f]"
_LINE = re.compile(
    rf"""
    (\ *+) (-\ ++)?                            # indentation, and the dash of an item
    (?: ({_KEY}) : (?:\ ++|\Z) )?
    (?: "([^"\\]*+)" (?:\ ++\#.*+|\ *+)        # the value: in double quotes,
      | '([^']*+)' (?:\ ++\#.*+|\ *+)          # in single ones,
      | ([\[{{].*+)                            # a list or a mapping in brackets,
      | ([|>]-?) (?:\ ++\#.*+|\ *+)            # on the next lines,
      | ((?:{_FIRST})[^:\#]*+(?:(?::(?=[^ ])|(?<!\ )\#)[^:\#]*+)*+) (?:\#.*+)?  # plain, up to a comment,
      | (?:\#.*+)?                             # or none
    )\Z
    """,
    re.VERBOSE,
).match

_TOKENS = re.compile(
    rf"""
    ( [\[\]{{}},] | {_KEY}:(?=\ ) | "[^"\\]*+" | '[^']*+'
    | (?:{_FIRST}) (?:[^,\[\]{{}}:?"'\#\ ] | \ ++(?=[^,\[\]{{}}:?"'\#\ ]) | (?<!\ )\#)*+ )
    """,
    re.VERBOSE,
).split
"""What stands in brackets: every second piece is a token, and between them there are blanks, or it is not tidy."""

_Kind = Literal["", "brackets", "literal", "nothing", "date"]
"""Of what kind the value of a line is, "" for an ordinary scalar: all else takes more than to put it in its place."""

_Line = tuple[int, bool, int, str | None, _Kind, Any, Sequence[str]]
"""How far a line is indented; whether it begins an item, and how wide the dash is with the blanks behind it; its key; the kind of
its value; the value; and which texts in it are dates to others.
"""

_MOST_LINES, _LONGEST = 2048, 200
_lines: dict[str, _Line | None] = {}
"""Lines that were read, none for blank ones and comments; a few hundred kilobytes at the most."""

_NEW: Any = object()
_BOXES = (list, dict)


class _Untidy(Exception):  # noqa: N818 - not an error: it hands the file over to the other reader
    """Something that is not read here."""


class Tidy(NamedTuple):
    """What a tidy file holds, and those of its texts that readers of YAML 1.1 take for dates, at least at one place."""

    data: dict[str, Any]
    dates: frozenset[str]


def read_tidy(content: bytes, text: str, limits: Limits) -> Tidy | None:
    """Read the one mapping that a file holds; None where the file is not tidy, and libyaml has to read it.

    ``text`` was decoded from ``content``. What is returned keeps the limits. But for dates, all readers read the same.
    """
    if _most_nodes(text, limits) > limits.nodes or limits.depth <= 2 * _MOST_INSIDE or content.translate(None, _BYTES):
        return None
    if not content.isascii() and re.search(_BREAKS_AND_FORBIDDEN, text):
        return None
    try:
        data, dates = _read(text)
    except _Untidy:
        return None
    return Tidy(data, frozenset(dates)) if data else None


def _most_nodes(text: str, limits: Limits) -> int:
    """A number that a tidy text has no more nodes than; a rough one where that is enough to keep the limit."""
    if 2 * len(text) <= limits.nodes:
        return 2 * len(text)
    # A key, and what stands behind it; items, by their dashes, or by the commas and brackets before them; and the root. Each but
    # for the keys may be a list or a mapping, which counts twice.
    return 3 * text.count(":") + 2 * sum(map(text.count, ("- ", ",", "[", "{"))) + 2


class TidyNodes:
    """The nodes of a tidy file. libyaml finds them, once somebody asks where something stands; most never do."""

    __slots__ = ("_limits", "_nodes", "_path", "_source", "_tidy")

    def __init__(self, tidy: Tidy, source: Source, path: str, limits: Limits) -> None:
        self._tidy = tidy
        self._source = source
        self._path = path
        self._limits = limits
        self._nodes: Nodes | None = None

    def _found(self) -> Nodes:
        if self._nodes is None:
            from wa_policy.source.yaml import read_yaml  # here: most runs never need libyaml

            documents, _ = read_yaml(self._source.text.encode(), self._source, self._path, self._limits)
            # marshal tells 1 from True, as == does not, and takes a third of the time of repr
            if marshal.dumps([document.data for document in documents], 0) != marshal.dumps([self._tidy.data], 0):
                raise RuntimeError(f"{self._path}: two readers of YAML disagree about it")
            self._nodes = documents[0].nodes
        return self._nodes

    def sort(self, node: int) -> Sort:
        """Say what a node is."""
        return self._found().sort(node)

    def after(self, node: int) -> int:
        """Return the number of the first node that is no part of this one."""
        return self._found().after(node)

    def aim(self, node: int) -> int:
        """Return the node itself: there are no aliases."""
        return node

    def key(self, node: int) -> str | None:
        """Return a key's text."""
        return self._found().key(node)

    def style(self, node: int) -> Style:
        """Say how a scalar is written."""
        return self._found().style(node)

    def extent(self, node: int) -> tuple[int, int]:
        """Return the offsets where a node begins and ends, without comments, and blanks behind it."""
        return self._found().extent(node)

    def is_shared(self, node: int) -> bool:  # noqa: ARG002 - as other nodes have it
        """There are neither anchors nor aliases."""
        return False

    def doubtful(self, wants_date: Callable[[Route], bool]) -> list[tuple[int, str, Route, bool]]:
        """Return no dates if all stand where one is wanted."""
        # Of two equal texts one may be in quotes: which it is, libyaml knows, if it matters.
        if not self._tidy.dates or all(map(wants_date, _routes(self._tidy.dates, self._tidy.data))):
            return []
        return self._found().doubtful(wants_date)


def _routes(texts: frozenset[str], data: Any, route: Route = ()) -> Iterator[Route]:
    """Find the ways to texts; no key is one of them."""
    for step, value in data.items() if isinstance(data, dict) else enumerate(data):
        if isinstance(value, str):
            if value in texts:
                yield (*route, step)
        elif isinstance(value, _BOXES):
            yield from _routes(texts, value, (*route, step))


def _read(text: str) -> tuple[dict[str, Any], set[str]]:  # noqa: C901 - the hot loop, kept in one piece
    lines = text.split("\n")
    if lines[-1]:  # no line break at the end: behind | or > that makes a difference
        raise _Untidy
    if lines[0] == "---":
        lines[0] = ""
    known, new = _lines.get, _NEW
    box: Any
    # What is being filled: itself, the column of its keys or dashes, and its key that waits for a value on the next lines.
    root: dict[str, Any] = {}
    dates: set[str] = set()
    here: Any = root
    at = 0
    is_list = False
    key: str | None = None
    around: list[tuple[Any, int, bool]] = []
    literal: list[str] | None = None  # the lines of a text behind | or >
    margin = 0
    for line in lines:
        if literal is not None:
            told = line.lstrip(" ")
            indent = len(line) - len(told)
            if not told:
                if indent or not literal:
                    raise _Untidy
                literal.append("")
                continue
            margin = margin or indent
            if at < margin <= indent:
                literal.append(line[margin:])
                continue
            if indent > at:
                raise _Untidy
            here[key] = _put_together(literal, here[key])
            key = literal = None
        read = known(line, new)
        if read is new:
            read = _remember(line)
        if read is None:
            continue
        indent, is_item, dash, name, kind, value, dated = read
        if key is not None:
            if indent > at or (is_item and indent == at):
                around.append((here, at, is_list))
                if len(around) > _MOST_INSIDE:
                    raise _Untidy
                here[key] = box = [] if is_item else {}
                here, at, is_list = box, indent, is_item
            key = None
        if indent != at or is_item is not is_list:
            while around and (indent < at or (is_list and not is_item and indent == at)):
                here, at, is_list = around.pop()
            if indent != at or is_item is not is_list:
                raise _Untidy
        if kind:
            if kind == "brackets":
                value = _made(*value)
            dates.update(dated)
        if is_item:
            if name is None:
                here.append(value)
                continue
            around.append((here, at, True))
            if len(around) > _MOST_INSIDE:
                raise _Untidy
            box = {}
            here.append(box)
            here, at, is_list = box, at + dash, False
        if name in here:
            raise _Untidy
        here[name] = value
        if kind == "nothing":
            key = name
        elif kind == "literal":
            key, literal, margin = name, [], 0
    if literal is not None:
        here[key] = _put_together(literal, here[key])
    return root, dates


def _remember(line: str) -> _Line | None:
    read = _read_line(line)
    if len(line) <= _LONGEST:
        if len(_lines) >= _MOST_LINES:
            _lines.clear()
        _lines[line] = read
    return read


def _read_line(line: str) -> _Line | None:
    """Read a line; None where nothing stands on it, or only a comment. Raises _Untidy."""
    found = _LINE(line)
    if found is None:
        raise _Untidy
    indent, dash, key, *values = found.groups()
    dates: list[str] = []
    kind, value = _value_of(dates, *values)
    if key is None:
        if dash is None and kind == "nothing":
            return None
        if dash is None or kind in {"nothing", "literal"}:
            raise _Untidy
    elif key in WORDS:
        raise _Untidy
    if dates and not kind:
        kind = "date"
    return len(indent), dash is not None, len(dash or ""), key, kind, value, dates


def _value_of(
    dates: list[str],
    double: str | None,
    single: str | None,
    brackets: str | None,
    literal: str | None,
    plain: str | None,
) -> tuple[_Kind, Any]:
    if plain is not None:
        return "", _plain(plain.rstrip(" "), dates)
    if brackets is not None:
        return "brackets", _plan(_in_brackets(brackets, dates))
    if literal is not None:
        return "literal", literal
    quoted = single if double is None else double
    return ("nothing" if quoted is None else ""), quoted


def _plain(text: str, dates: list[str]) -> Any:
    """Read a plain scalar, as :mod:`.yaml` does, and note a date. Raises _Untidy where others read something else."""
    if text in WORDS:
        value = WORDS[text]
        if value.__class__ is str:
            raise _Untidy
        return value
    if text[0] not in STARTS or text.strip(OF_OTHERS):
        return text
    try:
        other = read_as(text)
        if other == A_DATE:
            dates.append(text)
        elif other:
            raise _Untidy
        number = number_of(text)
    except (ValueError, OverflowError):
        raise _Untidy from None
    return text if number is None else whole(number) if number.__class__ is float else number


def _in_brackets(text: str, dates: list[str]) -> Any:
    """Read a list or a mapping that ends on its line. Raises _Untidy."""
    before, sign, _ = text.partition(" #")
    if sign and '"' not in before and "'" not in before:
        text = before
    pieces = _TOKENS(text)
    if "".join(pieces[::2]).strip(" "):
        raise _Untidy
    tokens = iter(pieces[1::2])
    value = _opened(next(tokens), tokens, dates, 1)
    if next(tokens, None) is not None:
        raise _Untidy
    return value


def _opened(bracket: str, tokens: Iterator[str], dates: list[str], depth: int) -> Any:
    """Read what an opened bracket holds, up to the one that closes it."""
    if depth > _MOST_INSIDE:
        raise _Untidy
    box: Any
    closing, box = ("]", []) if bracket == "[" else ("}", {})
    for piece in tokens:
        if piece == closing and not box:
            return box
        if bracket == "{":
            key = piece[:-1]
            if piece[-1] != ":" or key in WORDS or key in box:
                raise _Untidy
            box[key] = _value(next(tokens, ""), tokens, dates, depth)
        else:
            box.append(_value(piece, tokens, dates, depth))
        if (following := next(tokens, "")) != ",":
            if following != closing:
                raise _Untidy
            return box
    raise _Untidy


def _value(piece: str, tokens: Iterator[str], dates: list[str], depth: int) -> Any:
    if piece in {"[", "{"}:
        return _opened(piece, tokens, dates, depth + 1)
    if piece in {"", "]", "}", ","} or piece[-1] == ":":
        raise _Untidy
    return piece[1:-1] if piece[0] in "\"'" else _plain(piece, dates)


def _put_together(lines: list[str], sign: str) -> str:
    """Make a text of the lines behind ``|`` or ``>``. Raises _Untidy where ``>`` does more than to put blanks between them."""
    text = "\n".join(lines).rstrip("\n")
    if not text:
        raise _Untidy
    if sign[0] == ">":
        if text[0] == " " or "\n " in text or "\n\n" in text:
            raise _Untidy
        text = text.replace("\n", " ")
    return text if sign[1:] == "-" else f"{text}\n"


_Plan = tuple[Any, Sequence[tuple[Any, Any]]]
"""A list or mapping, and the plans of those inside it, by where they stand."""


def _plan(value: Any) -> _Plan:
    """How to make a list or mapping anew: what a plugin does to that of one manifest must not be seen in the next."""
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    return value, [(step, _plan(item)) for step, item in steps if isinstance(item, _BOXES)]


def _made(value: Any, inside: Sequence[tuple[Any, _Plan]]) -> Any:
    made = value.copy()
    for step, plan in inside:
        made[step] = _made(*plan)
    return made
