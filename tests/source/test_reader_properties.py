"""What must hold for every file: nothing raises, data agrees with other readers, and places show what is there."""

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wa_policy.source.document import Document, Limits, Reading
from wa_policy.source.reading import read
from wa_policy.source.spans import Route

READ_OTHERWISE_BY_1_2 = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+")

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
agreed_texts = texts.filter(lambda text: not READ_OTHERWISE_BY_1_2.fullmatch(text) and text != "<<")
numbers = st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | numbers | agreed_texts


def trees(leaves: st.SearchStrategy[Any], keys: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves, lambda below: st.lists(below, max_size=4) | st.dictionaries(keys, below, max_size=4), max_leaves=12
    )


def members(data: Any, route: Route = ()) -> Iterator[tuple[Route, Any]]:
    """Yield every value with its route, the root first."""
    yield route, data
    steps = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, value in steps:
        yield from members(value, (*route, step))


def same(one: Any, other: Any) -> bool:
    """Equality that tells 1 from True, and from 1.5, but not from 1.0, which is read as the whole number that it is."""
    return json.dumps(exact(one), sort_keys=True) == json.dumps(exact(other), sort_keys=True)


def exact(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: exact(value) for key, value in data.items()}
    if isinstance(data, list):
        return [exact(value) for value in data]
    return int(data) if isinstance(data, float) and data.is_integer() and abs(data) <= 2**53 else data


def assert_sound(found: Reading) -> None:
    """Check what holds for every reading, whatever was read."""
    assert found.documents or found.troubles
    for trouble in found.troubles:
        assert trouble.message
        assert trouble.remedy
        for span in (trouble.span, *(span for _, span in trouble.also)):
            assert (span.line, span.column) <= (span.end_line, span.end_column)
            assert 1 <= span.column <= len(found.line(span.line)) + 2
            assert found.source.span(*offsets(found, span)) == span
    for document in found.documents:
        for route, value in members(document.data):
            assert value is None or type(value) in {dict, list, str, int, float, bool}
            assert_shown(found, document, route, value)
        for scalar in document.ambiguous():
            assert found.source.slice(scalar.span) == scalar.text


def offsets(found: Reading, span: Any) -> tuple[int, int]:
    before = [len(line) for line in re.split("(?<=\n)|(?<=\r)(?!\n)", found.text)]
    start = sum(before[: span.line - 1]) + span.column - 1
    return start, sum(before[: span.end_line - 1]) + span.end_column - 1


def assert_shown(found: Reading, document: Document, route: Route, value: Any) -> None:
    shown = found.source.slice(document.locate(route))
    assert shown
    assert found.source.slice(document.locate(route, on_key=True))
    text = document.text_at(route)
    if isinstance(value, (dict, list)):
        assert text is None
    elif text and route:
        assert shown == text or shown.startswith("*")
        assert document.style_at(route) == {"'": "single", '"': "double", "|": "literal", ">": "folded"}.get(
            text[0], "plain"
        )


# Agreement with other readers


@given(
    trees(scalars, agreed_texts),
    st.booleans(),
    st.sampled_from([True, False, None]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.integers(20, 120),
)
def test_yaml_is_read_as_pyyaml_reads_it(
    tree: Any, escaped: bool, flow: bool | None, line_break: Any, width: int
) -> None:
    text = yaml.safe_dump(
        tree, allow_unicode=not escaped, default_flow_style=flow, line_break=line_break, width=width, sort_keys=False
    )
    found = read(text.encode(), "dumped.yaml")
    assert not found.troubles
    (document,) = found.documents
    assert same(document.data, yaml.safe_load(text))
    assert_sound(found)
    for route, value in members(document.data):
        snippet = document.text_at(route)
        if snippet is not None and route:
            assert same(read(f"- {snippet}".encode(), "snippet.yaml").documents[0].data, [value])


json_trees = trees(st.none() | st.booleans() | numbers | texts, texts)


@given(json_trees, st.booleans(), st.sampled_from([None, 0, 1, 4]), st.booleans())
def test_json_is_read_as_the_standard_library_reads_it(tree: Any, ascii_: bool, indent: int | None, mark: bool) -> None:
    text = json.dumps(tree, ensure_ascii=ascii_, indent=indent)
    found = read((("\ufeff" if mark else "") + text).encode(), "dumped.json")
    assert not found.troubles
    (document,) = found.documents
    assert same(document.data, json.loads(text))
    for route, value in members(document.data):
        shown = found.source.slice(document.locate(route))
        if route:
            assert same(json.loads(shown), value)
            if isinstance(route[-1], str):
                assert json.loads(found.source.slice(document.locate(route, on_key=True))) == route[-1]
        else:
            assert text.startswith(shown)


@given(st.text(st.sampled_from('[]{},:"\\ \n01.-+eEnultrfas/u😀'), max_size=20) | st.binary(max_size=20))
@example("[1,]")
@example('{"a":1,"a":2}')
@example('"\\ud83d"')
@example("1e999")
def test_json_is_accepted_exactly_when_the_standard_library_accepts_it(content: str | bytes) -> None:
    content = content if isinstance(content, bytes) else content.encode()
    found = read(content, "any.json")
    assert_sound(found)
    try:
        text = content.decode("utf-8-sig")
        data = json.loads(text)
        json.dumps(data, ensure_ascii=False, allow_nan=False).encode()
        is_sound = not re.search(r'"\s*:[^"]*"', text)  # two keys may be one: another test
    except ValueError:
        assert found.troubles
    else:
        assert not is_sound or found.documents


# Places of what an emitter wrote


class Emitter:
    """Writes a tree as YAML in many ways, and notes the offsets of what it writes."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.text = draw(st.sampled_from(["", "# é😀\n", "---\n", "\n\n--- # x\n"]))
        self.values: dict[Route, tuple[int, int]] = {}
        self.keys: dict[Route, tuple[int, int]] = {}
        self.read_as: dict[Route, Any] = {}

    def write(self, text: str) -> tuple[int, int]:
        start = len(self.text)
        self.text += text
        return start, len(self.text)

    def blanks(self) -> None:
        self.write(self.draw(st.sampled_from([" ", "  "])))

    def end_line(self, after_block_scalar: bool = False) -> None:
        ends = ["\n", "\n\n# ]\n"] if after_block_scalar else ["\n", "  \n", " # 'x\n", "\n\n# ]\n"]
        self.write(self.draw(st.sampled_from(ends)))

    def key(self, name: str, route: Route) -> None:
        self.keys[route] = self.write(
            self.draw(st.sampled_from([name, f"'{name}'", json.dumps(name, ensure_ascii=False)]))
        )
        self.write(self.draw(st.sampled_from([":", " :"])))

    def scalar(self, value: Any, route: Route, in_block: str | None) -> None:
        """Write a scalar; a block style, which ends its line, only where ``in_block`` gives the indentation."""
        written = json.dumps(value, ensure_ascii=False)
        if isinstance(value, str):
            styles = [written, "'" + value.replace("'", "''") + "'"]
            if value.replace("é", "e").replace("😀", "").isalpha():
                styles.append(value)
                if in_block is not None:
                    styles.append(f"|\n{in_block}{value}\n\n{in_block}{value}")
            written = self.draw(st.sampled_from(styles))
        self.values[route] = self.write(written)
        self.read_as[route] = f"{value}\n\n{value}\n" if written.startswith("|") else value

    def flow(self, value: Any, route: Route) -> None:
        if not isinstance(value, (dict, list)):
            self.scalar(value, route, None)
            return
        start, _ = self.write("{" if isinstance(value, dict) else "[")
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for place, (step, member) in enumerate(members):
            if place:
                self.write(self.draw(st.sampled_from([",", ", ", " ,"])))
            if isinstance(value, dict):
                self.key(step, (*route, step))
                self.blanks()
            self.flow(member, (*route, step))
        self.write(self.draw(st.sampled_from(["", " "])))
        self.values[route] = start, self.write("}" if isinstance(value, dict) else "]")[1]

    def block(self, value: Any, route: Route, indent: str) -> None:
        """Write a list or mapping line by line; the first line is already indented."""
        start = len(self.text)
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for place, (step, member) in enumerate(members):
            if place:
                self.write(indent)
            way = (*route, step)
            if isinstance(value, dict):
                self.key(step, way)
            else:
                self.write("-")
            if member and isinstance(member, (dict, list)) and self.draw(st.booleans()):
                if isinstance(value, list) and self.draw(st.booleans()):
                    self.write(" ")
                    self.block(member, way, indent + "  ")
                else:
                    self.end_line()
                    self.write(indent + "   ")
                    self.block(member, way, indent + "   ")
            else:
                self.blanks()
                if isinstance(member, (dict, list)):
                    self.flow(member, way)
                else:
                    self.scalar(member, way, indent + "   ")
                self.end_line(after_block_scalar=self.text.startswith("|", self.values[way][0]))
        self.values[route] = start, self.values[way][1]


names = st.text(st.sampled_from("abcdé😀"), min_size=1, max_size=3)
phrases = st.text(st.sampled_from("abc é😀'\"\\#:{}-,"), max_size=8)
written_trees = trees(st.none() | st.booleans() | st.integers(-99, 99) | names | phrases, names).filter(
    lambda tree: bool(tree) and isinstance(tree, (dict, list))
)


@st.composite
def emissions(draw: st.DrawFn) -> tuple[str, Any, Emitter]:
    emitter = Emitter(draw)
    tree = draw(written_trees)
    emitter.block(tree, (), "")
    return emitter.text, tree, emitter


@given(emissions(), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_every_place_is_where_the_emitter_put_it(
    emission: tuple[str, Any, Emitter], line_break: str, mark: bool
) -> None:
    text, tree, emitter = emission
    found = read((("\ufeff" if mark else "") + text.replace("\n", line_break)).encode(), "emitted.yaml")
    assert not found.troubles
    (document,) = found.documents
    read_as = dict(members(document.data))
    assert list(read_as) == [route for route, _ in members(tree)]
    assert all(same(read_as[route], value) for route, value in emitter.read_as.items())
    assert_sound(found)
    for route, (start, end) in emitter.keys.items():
        shown = found.source.slice(document.locate(route, on_key=True))
        assert shown == text[start:end]
    for route, (start, end) in emitter.values.items():
        span = document.locate(route)
        if route:
            assert found.source.slice(span) == text[start:end].replace("\n", line_break)
            lines = text[:start].split("\n")
            assert (span.line, span.column) == (len(lines), len(lines[-1]) + 1)


# Anything at all


def test_the_manifest_to_be_damaged_is_sound() -> None:
    found = read(MANIFEST.encode(), "whole.yaml")
    assert len(found.documents) == 2
    assert_sound(found)


MANIFEST = """\
%YAML 1.2
--- # é😀
metadata: &meta {name: acme, "owners": ['a', b]}
numbers:
  - &one
    number: "+91 80"  # who
    <<: *meta
  - <<: [*one, {x: NO}]
    note: >-
      folded
      text
...
---
a: [&a 1_000, *a, 0x1F, 012, 1e3]
? b
: |
  text
c: 12:30
"""
PIECES = [
    "\n",
    "\r",
    " ",
    "  ",
    "\t",
    ":",
    ": ",
    "- ",
    "? ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "'",
    '"',
    "\\",
    "#",
    " #",
    "&a ",
    "*a",
]
PIECES += [
    "!",
    "!!x ",
    "|",
    ">",
    "%",
    "%TAG ! !\n",
    "@",
    "---\n",
    "...\n",
    "<<: ",
    "~",
    "\0",
    "\x85",
    "\u2028",
    "\ufeff",
    "😀",
]
edits = st.tuples(st.integers(0, len(MANIFEST)), st.integers(0, 6), st.sampled_from(PIECES) | st.text(max_size=3))
tight = st.builds(Limits, st.just(4096), st.integers(0, 9), st.integers(0, 90), st.integers(0, 90))


@given(st.binary(max_size=40), st.sampled_from(["x.yaml", "x.json"]))
@example(b"\xef\xbb\xbf\xef\xbb\xbf", "x.yaml")
@example(b"\xff\xfe", "x.json")
def test_any_bytes_are_read_or_in_trouble(content: bytes, path: str) -> None:
    assert_sound(read(content, path))


@given(st.lists(st.sampled_from(PIECES), max_size=14), st.sampled_from(["x.yaml", "x.json"]))
@settings(max_examples=600)
def test_any_signs_are_read_or_in_trouble(pieces: list[str], path: str) -> None:
    assert_sound(read("".join(pieces).encode("utf-8", "surrogatepass"), path))


@given(st.lists(edits, min_size=1, max_size=4), tight | st.none())
@settings(max_examples=600)
def test_a_damaged_manifest_is_read_or_in_trouble(changes: list[tuple[int, int, str]], limits: Limits | None) -> None:
    text = MANIFEST
    for place, length, piece in changes:
        text = text[:place] + piece + text[place + length :]
    content = text.encode("utf-8", "surrogatepass")
    assert_sound(read(content, "damaged.yaml") if limits is None else read(content, "damaged.yaml", limits))
