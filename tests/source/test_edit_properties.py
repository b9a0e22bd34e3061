"""Whatever a file looks like: an edit changes the data as intended, and of the text nothing but what it has to."""

from __future__ import annotations

import json
import re
from random import Random
from typing import TYPE_CHECKING, Any

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from wa_policy.source.changes import DataChange, intended, same
from wa_policy.source.edit import rewrites
from wa_policy.source.page import CannotEdit, Page, Rewrite, apply
from wa_policy.source.reading import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wa_policy.source.document import Reading
    from wa_policy.source.spans import Route

KEYS = ["name", "on", "a b", "x-1", "y", "entries", "Ärger", "007"]
TEXTS = [
    "plain",
    "NO",
    "+918047181888",
    "it's",
    'say "x"',
    "a: b",
    "# no",
    "x #y",
    "",
    "é😀",
    "3.6.251.95/32",
    "2026-11-22",
    "-",
    "[x]",
]

scalars = st.sampled_from(TEXTS) | st.integers(-99, 10**12) | st.booleans() | st.none()
trees = st.recursive(
    scalars,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.sampled_from(KEYS), below, max_size=4),
    max_leaves=14,
)
roots = st.dictionaries(st.sampled_from(KEYS), trees, min_size=1, max_size=5)


class Writer:
    """Writes data as a person might: in blocks and in brackets, with quotes and comments of every kind."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311  # styles are no secret
        self.comments = 0
        self.step = self.random.choice([2, 4])
        self.indents_lists = self.maybe()

    def maybe(self) -> bool:
        return self.random.random() < 0.5

    def one_of(self, *choices: str) -> str:
        return self.random.choice(choices)

    def comment(self) -> str:
        self.comments += 1
        return f"# c{self.comments}."

    def end(self) -> str:
        return self.one_of("\n", "\n", "\n", f"  {self.comment()}\n", " \n")

    def above(self, pad: str) -> str:
        return self.one_of("", "", "", f"{pad}{self.comment()}\n", "\n")

    def scalar(self, value: Any) -> str:
        written = json.dumps(value, ensure_ascii=False)
        if not isinstance(value, str):
            return "" if value is None and self.maybe() else written
        styles = [written, "'" + value.replace("'", "''") + "'"]
        if re.fullmatch(r"[A-Za-z0-9+é😀Ä][^:#\[]*", value) and not re.fullmatch(r"\+[0-9]+", value):
            styles.append(value)
        return self.one_of(*styles)

    def key(self, name: str) -> str:
        return self.one_of(*([name] if name != "007" else []), f"'{name}'", json.dumps(name, ensure_ascii=False))

    def flow(self, value: Any) -> str:
        if not isinstance(value, dict | list):
            return self.scalar(value) or "null"
        items = (
            [f"{self.key(name)}: {self.flow(item)}" for name, item in value.items()]
            if isinstance(value, dict)
            else list(map(self.flow, value))
        )
        comma, tail = self.one_of(", ", ", ", ",\n        ", " , "), self.one_of("", "", ",")
        inside = comma.join(items) + (tail if items else "")
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        pad = self.one_of("", "", " ") if "\n" not in comma else ""
        return f"{opening}{pad}{inside}{pad}{closing}"

    def value(self, value: Any, column: int) -> str:
        """What stands behind a colon or a dash, its line's end included."""
        if not isinstance(value, dict | list) or not value or self.one_of("block", "block", "flow") == "flow":
            text = self.flow(value) if isinstance(value, dict | list) else self.scalar(value)
            return f"{' ' if text else ''}{text}{self.end()}"
        deeper = column + self.step
        if isinstance(value, list):
            deeper = deeper if self.indents_lists else column
        return self.end() + self.block(value, deeper)

    def block(self, value: Any, column: int) -> str:
        pad, parts = " " * column, []
        if isinstance(value, dict):
            for name, item in value.items():
                parts.append(f"{self.above(pad)}{pad}{self.key(name)}:{self.value(item, column)}")
            return "".join(parts)
        for item in value:
            if isinstance(item, dict) and item and self.maybe():
                inner = self.block(item, column + 2)
                if inner.startswith(f"{pad}  ") and not inner.strip().startswith("#"):
                    parts.append(f"{self.above(pad)}{pad}- {inner[column + 2 :]}")
                    continue
            parts.append(f"{self.above(pad)}{pad}-{self.value(item, column + 2 if self.indents_lists else column + 1)}")
        return "".join(parts)


@st.composite
def files(draw: st.DrawFn) -> str:
    """A file of one document or several."""
    writer = Writer(
        draw(st.integers(0, 2**32))
    )  # one draw for all styles: hundreds of them would take most of the time
    documents = [writer.block(draw(roots), 0) for _ in range(draw(st.integers(1, 2)))]
    text = draw(st.sampled_from(["", "# top\n", "---\n"])) + "---\n".join(documents)
    text = text.rstrip("\n") if draw(st.booleans()) else text
    return text.replace("\n", draw(st.sampled_from(["\n", "\n", "\r\n"])))


def members(data: Any, route: Route = ()) -> Iterator[tuple[Route, Any]]:
    yield route, data
    steps = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, value in steps:
        yield from members(value, (*route, step))


@st.composite
def changes(draw: st.DrawFn, data: Any) -> DataChange:
    """A change that makes sense in these data."""
    routes = [route for route, _ in members(data)]
    lists = [route for route, value in members(data) if isinstance(value, list)]
    mappings = [route for route, value in members(data) if isinstance(value, dict)]
    verbs = ["set", "missing", *(["remove"] if routes[1:] else []), *(["add"] if lists else [])]
    verb = draw(st.sampled_from([*verbs, *(["rename"] if any(isinstance(r[-1], str) for r in routes[1:]) else [])]))
    if verb == "add":
        return DataChange("add", draw(st.sampled_from(lists)), draw(st.lists(scalars, min_size=1, max_size=3)))
    if verb == "missing":
        return DataChange(
            "set", (*draw(st.sampled_from(mappings)), draw(st.sampled_from(["new", "off"]))), draw(scalars)
        )
    if verb == "rename":
        keys = [route for route in routes[1:] if isinstance(route[-1], str)]
        return DataChange("rename", draw(st.sampled_from(keys)), draw(st.sampled_from(["new", "off"])))
    route = draw(st.sampled_from(routes[1:] or [("new",)]))
    return DataChange("remove", route) if verb == "remove" else DataChange("set", route, draw(scalars))


def edits_of(found: Reading, change: DataChange, number: int = 0) -> list[Rewrite]:
    page = Page(found.documents[number], found.text, found.path.endswith(".json"))
    try:
        return rewrites(page, [change])
    except CannotEdit:
        return []


def check(text: str, name: str, data: st.DataObject) -> None:
    """Make a change in a file, and check what must hold then."""
    found = read(text.encode(), name)
    assert found.troubles == ()
    number = data.draw(st.integers(0, len(found.documents) - 1))
    change = data.draw(changes(found.documents[number].data))
    edits = edits_of(found, change, number)
    event(f"{change.verb}: {'edited' if edits else 'no edit'}")
    wanted = intended(found.documents[number].data, [change])
    if not edits:  # it is so already, or a comment is in the way
        assert same(found.documents[number].data, wanted) or "#" in text
        return
    after = apply(text, edits)
    again = read(after.encode(), name)
    assert again.troubles == ()
    assert len(again.documents) == len(found.documents)
    for old, new in zip(found.documents, again.documents, strict=True):
        assert same(new.data, wanted if old.id.number == number else old.data)
    check_text(text, after, edits, change)
    if change.verb == "set":
        assert edits_of(again, change, number) == []
    if change.verb == "rename":
        assert edits_of(again, DataChange("rename", (*change.route[:-1], change.value), change.value), number) == []


def check_text(text: str, after: str, edits: list[Rewrite], change: DataChange) -> None:
    """Lines that no edit is in stay as they are; comments go with their lines only, and only where something is taken away."""
    removed = "".join(text[edit.start : edit.end] for edit in edits)
    lost = set(re.findall(r"# c[0-9]+\.", text)) - set(re.findall(r"# c[0-9]+\.", after))
    assert lost <= set(re.findall(r"# c[0-9]+\.", removed))
    assert not lost or change.verb in ("remove", "set")
    assert change.verb != "set" or "\n" in removed or not lost
    assert after.startswith(text[: edits[0].start])
    assert after.endswith(text[edits[-1].end :])
    assert ("\r\n" in text) == ("\r\n" in after) or "\n" not in after
    assert "\r\n" not in text or "\n" not in after.replace("\r\n", "")


@given(files(), st.data())
@settings(max_examples=300)
def test_an_edit_of_yaml_changes_what_it_should_and_nothing_else(text: str, data: st.DataObject) -> None:
    assume(not read(text.encode(), "any.yaml").troubles)
    check(text, "any.yaml", data)


@given(roots, st.sampled_from([None, 0, 2, 4]), st.booleans(), st.data())
@settings(max_examples=100)
def test_an_edit_of_json_changes_what_it_should_and_nothing_else(
    tree: Any, indent: int | None, tight: bool, data: st.DataObject
) -> None:
    separators = (",", ":") if tight else None
    check(json.dumps(tree, ensure_ascii=False, indent=indent, separators=separators), "any.json", data)
