"""Changes of data as edits of text: what is written, and what is left alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.growth import steps
from wa_policy.source.changes import DataChange, intended, same
from wa_policy.source.edit import rewrites
from wa_policy.source.page import CannotEdit, Page, Rewrite, apply, in_order, remove_text
from wa_policy.source.reading import read


def edited(text: str, *changes: tuple[Any, ...], name: str = "any.yaml") -> str:
    """The text with changes made in its first document; it must then say what was intended."""
    (document, *_) = read(text.encode(), name).documents
    wanted = [DataChange(*change) for change in changes]
    result = apply(text, rewrites(Page(document, text, name.endswith(".json")), wanted))
    again = read(result.encode(), name)
    assert again.troubles == ()
    assert same(again.documents[0].data, intended(document.data, wanted))
    return result


def refuses(text: str, *changes: tuple[Any, ...]) -> bool:
    try:
        edited(text, *changes)
    except CannotEdit:
        return True
    return False


# A value in the place of another ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("a: old # why\n", "new", "a: new # why\n"),
        ("a: 'old'\n", "it's new", "a: 'it''s new'\n"),
        ('a: "old"\n', "new", 'a: "new"\n'),
        ("a: old\n", "NO", 'a: "NO"\n'),
        ("a: old\n", "0012", 'a: "0012"\n'),
        ("a: old\n", "2026-11-22", 'a: "2026-11-22"\n'),
        ("a: old\n", "b: c", 'a: "b: c"\n'),
        ("a: old\n", "b #c", 'a: "b #c"\n'),
        ("a: old\n", "3.6.251.95/32", "a: 3.6.251.95/32\n"),
        ("a: old\n", "https://acme.example/x?y=1", "a: https://acme.example/x?y=1\n"),
        ("a: old\n", "Café", "a: Café\n"),
        ("a: old\n", "x\ny", 'a: "x\\ny"\n'),
        ("a: old\n", "\u202e", 'a: "\\u202e"\n'),
        ("a: NO\n", "NO", 'a: "NO"\n'),
        ("a: +918047181888\n", "+918047181888", 'a: "+918047181888"\n'),
        ("a: 'yes'\n", True, "a: true\n"),
        ("a: yes\n", None, "a: null\n"),
        ('a: "1"\n', 1, "a: 1\n"),
        ("a:\n", "new", "a: new\n"),
        ("a:   # why\nb: 1\n", "new", "a: new   # why\nb: 1\n"),
        ("a: old\n", ["x", "NO"], 'a: [x, "NO"]\n'),
        ("a: old\n", {"x": 1}, "a: {x: 1}\n"),
        ("{a: old, b: 1}\n", "x, y", '{a: "x, y", b: 1}\n'),
        ("a: old\r\nb: 1\r\n", "new", "a: new\r\nb: 1\r\n"),
        ("a: some\n  old text\nb: 1\n", "new", "a: new\nb: 1\n"),
        ('a: "some\n  old text"\nb: 1\n', "new", 'a: "new"\nb: 1\n'),
        ("a:\n  - x\n  - y\nb: 1\n", "new", "a: new\nb: 1\n"),
        ("a: [x,\n    y]\nb: 1\n", "new", "a: new\nb: 1\n"),
    ],
)
def test_set(before: str, value: Any, after: str) -> None:
    assert edited(before, ("set", ("a",), value)) == after


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("a: |\n  one\n  two\nb: 1\n", "one\nthree\n", "a: |\n  one\n  three\nb: 1\n"),
        ("a: |-  # why\n    one\nb: 1\n", "one\n\ntwo", "a: |-  # why\n    one\n\n    two\nb: 1\n"),
        ("a: |-\n  one\nb: 1\n", "one\n", "a: |\n  one\nb: 1\n"),
        ("a: >-\n  one\n  two\nb: 1\n", "one\n\ntwo", "a: >-\n  one\n\n\n  two\nb: 1\n"),
        ("a: >\n  one\n", "x\n", "a: >\n  x\n"),
        ("a: |\r\n  one\r\n", "x\ny\n", "a: |\r\n  x\r\n  y\r\n"),
        ("a: |2\n  one\nb: 1\n", "x\n", 'a: "x\\n"\nb: 1\n'),
        ("a: |\n  one\nb: 1\n", "  x\n", 'a: "  x\\n"\nb: 1\n'),
        ("a: |\n  one\nb: 1\n", "x\x00\n", 'a: "x\\x00\\n"\nb: 1\n'),
        ("- a: |\n    one\n  b: 1\n", "x\n", "- a: |\n    x\n  b: 1\n"),
        ("a: |+\n  one\n\nb: 1\n", "x\n", "a: |\n  x\n\nb: 1\n"),
    ],
)
def test_text_of_several_lines_keeps_its_form(before: str, value: str, after: str) -> None:
    route = (0, "a") if before.startswith("-") else ("a",)
    assert edited(before, ("set", route, value)) == after


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("a: >-  # why\n  true\nb: 1\n", True, "a: true  # why\nb: 1\n"),
        ("a: |-   # why\n  false\n", False, "a: false   # why\n"),
        ("a: |2-  # why\n  one\nb: 1\n", "two", 'a: "two"  # why\nb: 1\n'),
        ("a: >-2 # why\n  one\n", "two", 'a: "two" # why\n'),
        ("a: >-\t# why\r\n  12\r\nb: 1\r\n", 12, "a: 12\t# why\r\nb: 1\r\n"),
        ("a: |-  # why\n  one\nb: 1\n", ["one"], 'a: ["one"]  # why\nb: 1\n'),
        ("- |-  # why\n  true\n- b\n", True, "- true  # why\n- b\n"),
        ("a: |-  \n  true\nb: 1\n", True, "a: true\nb: 1\n"),
        ("a: |  # why\n  one # not a comment\n", 1, "a: 1  # why\n"),
    ],
)
def test_a_value_on_one_line_keeps_the_comment_of_the_lines_it_replaces(before: str, value: Any, after: str) -> None:
    assert edited(before, ("set", (0,) if before.startswith("-") else ("a",), value)) == after


def test_an_item_in_the_place_of_another() -> None:
    assert edited("- a\n- 'b'  # two\n", ("set", (1,), "c")) == "- a\n- 'c'  # two\n"
    assert edited("- x: 1\n  y: 2\n- b\n", ("set", (0,), "c")) == "- c\n- b\n"


def test_what_is_so_already_needs_no_edit() -> None:
    (document,) = read(b"a: b\n", "any.yaml").documents
    assert rewrites(Page(document, "a: b\n", as_json=False), [DataChange("set", ("a",), "b")]) == []


# A key that is missing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "route", "after"),
    [
        ("a:\n    x: 1  # one\nb: 2\n", ("a", "q"), "a:\n    x: 1  # one\n    q: new\nb: 2\n"),
        ("a: 1", ("b",), "a: 1\nb: new"),
        ("a: 1\r\nc: 2\r\n", ("b",), "a: 1\r\nc: 2\r\nb: new\r\n"),
        ("- x: 1\n- x: 2\n", (0, "q"), "- x: 1\n  q: new\n- x: 2\n"),
        ("-   x: |\n      text\n", (0, "q"), "-   x: |\n      text\n    q: new\n"),
        ("a: {x: 1}\n", ("a", "q"), "a: {x: 1, q: new}\n"),
        ("a: {x: 1,}\n", ("a", "q"), "a: {x: 1, q: new}\n"),
        ("a: {}\n", ("a", "q"), "a: {q: new}\n"),
        ("a: { }\n", ("a", "q"), "a: {q: new}\n"),
        (
            "a: {\n  x: 1,  # one\n  z: 2   # two\n}\n",
            ("a", "q"),
            "a: {\n  x: 1,  # one\n  z: 2,   # two\n  q: new\n}\n",
        ),
        ("a: {\n  x: 1,  # one\n}\n", ("a", "q"), "a: {\n  x: 1,  # one\n  q: new,\n}\n"),
        ("a: 1\n", ("b", "c"), "a: 1\nb: {c: new}\n"),
        ("a: 1\n# the end\n", ("b",), "a: 1\nb: new\n# the end\n"),
        (
            "a:\n  - x: 1\n    # y: 2\n\n  # - x: 3\n\n# the end\n",
            ("b",),
            "a:\n  - x: 1\n    # y: 2\n\n  # - x: 3\nb: new\n\n# the end\n",
        ),
        ("a:\n  x: 1\n    # of x\n  # of c\nc: 1\n", ("a", "q"), "a:\n  x: 1\n    # of x\n  q: new\n  # of c\nc: 1\n"),
        ("a:\n  x: 1\n  # the end", ("b",), "a:\n  x: 1\n  # the end\nb: new"),
        ("a:\r\n  x: 1\r\n  # x\r\n---\r\nz: 1\r\n", ("b",), "a:\r\n  x: 1\r\n  # x\r\nb: new\r\n---\r\nz: 1\r\n"),
        ("a: 1\n...\n", ("b",), "a: 1\nb: new\n...\n"),
        ("a: 1\n---\nz: 1\n", ("b",), "a: 1\nb: new\n---\nz: 1\n"),
        ("<<: {a: 1}\nc: 1\n", ("b",), "<<: {a: 1}\nc: 1\nb: new\n"),
    ],
)
def test_set_what_is_missing(before: str, route: tuple[Any, ...], after: str) -> None:
    assert edited(before, ("set", route, "new")) == after


def test_several_keys_at_once_keep_their_order() -> None:
    assert edited("a: 1\n", ("set", ("z",), 1), ("set", ("q",), 2)) == "a: 1\nz: 1\nq: 2\n"
    assert edited("a: {x: 1}\n", ("set", ("a", "z"), 1), ("set", ("a", "q"), 2)) == "a: {x: 1, z: 1, q: 2}\n"


# Items at the end of a list -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a:\n  - x  # one\nb: 1\n", 'a:\n  - x  # one\n  - new\n  - "NO"\nb: 1\n'),
        ("a:\n- x\nb: 1\n", 'a:\n- x\n- new\n- "NO"\nb: 1\n'),
        ("a:\n  - x\n    # of x\n  # - y\nb: 1\n", 'a:\n  - x\n    # of x\n  - new\n  - "NO"\n  # - y\nb: 1\n'),
        ("a:\n  -   'x'\n", "a:\n  -   'x'\n  -   'new'\n  -   'NO'\n"),
        ("a: [x]\n", 'a: [x, new, "NO"]\n'),
        ("a: [x,y]\n", 'a: [x,y,new,"NO"]\n'),
        ("a: []\n", 'a: [new, "NO"]\n'),
        ("a: [x,\n    y]\n", 'a: [x,\n    y,\n    new,\n    "NO"]\n'),
        ("a: [\n  x,\n  y,\n]\n", 'a: [\n  x,\n  y,\n  new,\n  "NO",\n]\n'),
        ("a: [\n  x,\n  y  # two\n]\n", 'a: [\n  x,\n  y,  # two\n  new,\n  "NO"\n]\n'),
        ("a:  # none yet\nb: 1\n", 'a:  # none yet\n  - new\n  - "NO"\nb: 1\n'),
        ("a: null  # none yet\n", 'a: [new, "NO"]  # none yet\n'),
        ("b: 1\n", 'b: 1\na:\n  - new\n  - "NO"\n'),
        ("{b: 1}\n", '{b: 1, a: [new, "NO"]}\n'),
        ("a:\r\n- x\r\n", 'a:\r\n- x\r\n- new\r\n- "NO"\r\n'),
        ("a:\n  - x\n  -\n", 'a:\n  - x\n  -\n  - new\n  - "NO"\n'),
    ],
)
def test_add(before: str, after: str) -> None:
    assert edited(before, ("add", ("a",), ["new", "NO"])) == after


def test_add_to_a_list_in_a_list() -> None:
    assert edited("- - x\n  - y\n- z\n", ("add", (0,), ["new"])) == "- - x\n  - y\n  - new\n- z\n"


# Taken away ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "route", "after"),
    [
        ("a: 1  # one\nb: 2\n", ("a",), "b: 2\n"),
        ("a: 1\nb: 2", ("b",), "a: 1\n"),
        ("# above\na: 1\nb: 2\n", ("a",), "# above\nb: 2\n"),
        ("b: 2\na:\n  x: 1\n  # inside\n  y: 2\n\n# below\nc: 3\n", ("a",), "b: 2\n\n# below\nc: 3\n"),
        ("a: |\n  text\n  # no comment\nb: 2\n", ("a",), "b: 2\n"),
        ("a: some\n  text\nb: 2\n", ("a",), "b: 2\n"),
        ("a:\nb: 2\n", ("a",), "b: 2\n"),
        ("a:\n  x: 1  # one\nb: 2\n", ("a", "x"), "a: {}\nb: 2\n"),
        ("a:  # why\n  x: 1\nb: 2\n", ("a", "x"), "a: {}  # why\nb: 2\n"),
        ("a:\n  - x\nb: 2\n", ("a", 0), "a: []\nb: 2\n"),
        ("a:\n- x\nb: 2\n", ("a", 0), "a: []\nb: 2\n"),
        ("a:\n- x\n- y  # two\n- z\n", ("a", 1), "a:\n- x\n- z\n"),
        ("a:\n  - x: 1\n    y: 2\n  - z: 3\n", ("a", 0), "a:\n  - z: 3\n"),
        ("- x: 1  # one\n  y: 2\n", (0, "x"), "- y: 2\n"),
        ("- x: 1\n", (0, "x"), "- {}\n"),
        ("- - x\n  - y\n", (0, 0), "- - y\n"),
        ("a: [x, y, z]\n", ("a", 0), "a: [y, z]\n"),
        ("a: [x, y, z]\n", ("a", 1), "a: [x, z]\n"),
        ("a: [x, y, z]\n", ("a", 2), "a: [x, y]\n"),
        ("a: [x,]\n", ("a", 0), "a: []\n"),
        ("a: {x: 1, y: 2}\n", ("a", "x"), "a: {y: 2}\n"),
        ("a: [\n  x,  # one\n  y,  # two\n  z   # three\n]\n", ("a", 1), "a: [\n  x,  # one\n  z   # three\n]\n"),
        ("a: [\n  x,  # one\n  y   # two\n]\n", ("a", 1), "a: [\n  x  # one\n]\n"),
        ("a: [\n  x,\n  y,\n]\n", ("a", 1), "a: [\n  x,\n]\n"),
        ("a: [x,\n    y]\n", ("a", 1), "a: [x\n    ]\n"),
        ("a: 1\r\nb: 2\r\n", ("a",), "b: 2\r\n"),
        ("a: 1\n---\nb: 2\n", ("a",), "{}\n---\nb: 2\n"),
    ],
)
def test_remove(before: str, route: tuple[Any, ...], after: str) -> None:
    assert edited(before, ("remove", route)) == after


@pytest.mark.parametrize(
    ("before", "gone", "after"),
    [
        ("a: [x, y, z]\n", (0, 1), "a: [z]\n"),
        ("a: [x, y, z]\n", (1, 2), "a: [x]\n"),
        ("a: [x, y, z]\n", (0, 2), "a: [y]\n"),
        ("a: [x, y, z]\n", (0, 1, 2), "a: []\n"),
        ("a: [\n  x,\n  y,\n  z\n]\n", (1, 2), "a: [\n  x\n]\n"),
        ("a: [\n  x,\n  y\n]\n", (0, 1), "a: []\n"),
        ("a:\n  - x\n  - y  # two\n  - z\n", (0, 2), "a:\n  - y  # two\n"),
        ("a:\n  - x\n  # between\n  - y\n", (0, 1), "a: []\n"),
    ],
)
def test_remove_several_at_once(before: str, gone: tuple[int, ...], after: str) -> None:
    assert edited(before, *(("remove", ("a", index)) for index in gone)) == after


# Another name -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "name", "after"),
    [
        ("a: 1  # one\n", "b", "b: 1  # one\n"),
        ("'a': 1\n", "b", "'b': 1\n"),
        ('{"a": 1}\n', "b", '{"b": 1}\n'),
        ("a: 1\n", "on", '"on": 1\n'),
        ("a: 1\n", "a", "a: 1\n"),
        ("a:\n  x: 1\n", "b", "b:\n  x: 1\n"),
    ],
)
def test_rename(before: str, name: str, after: str) -> None:
    assert edited(before, ("rename", ("a",), name)) == after


def test_a_key_that_others_misread_is_quoted() -> None:
    assert edited("on: 1\n", ("rename", ("on",), "on")) == '"on": 1\n'


# JSON ---------------------------------------------------------------------------------------------------------------------

PRETTY = """\
{
  "a": {"x": 1},
  "b": [
    "é",
    "y"
  ],
  "c": []
}
"""
TIGHT = '{"a":{"x":1},"b":["x","y"],"c":[]}'


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        (PRETTY, ("set", ("a", "x"), "é\n"), PRETTY.replace('"x": 1', '"x": "é\\n"')),
        (PRETTY, ("set", ("a", "y"), True), PRETTY.replace('"x": 1', '"x": 1, "y": true')),
        (PRETTY, ("set", ("d",), None), PRETTY.replace("[]\n", '[],\n  "d": null\n')),
        (PRETTY, ("add", ("b",), ["z"]), PRETTY.replace('"y"\n', '"y",\n    "z"\n')),
        (PRETTY, ("add", ("c",), ["z"]), PRETTY.replace("[]", '["z"]')),
        (PRETTY, ("remove", ("b", 1)), PRETTY.replace('"é",\n    "y"\n', '"é"\n')),
        (PRETTY, ("remove", ("b", 0)), PRETTY.replace('    "é",\n', "")),
        (PRETTY, ("remove", ("c",)), PRETTY.replace('],\n  "c": []\n', "]\n")),
        (PRETTY, ("remove", ("a", "x")), PRETTY.replace('"x": 1', "")),
        (PRETTY, ("rename", ("c",), "on"), PRETTY.replace('"c"', '"on"')),
        (
            PRETTY.replace("\n", "\r\n"),
            ("set", ("d",), 1),
            PRETTY.replace("[]\n", '[],\n  "d": 1\n').replace("\n", "\r\n"),
        ),
        (TIGHT, ("set", ("d",), 1), TIGHT.replace("[]", '[],"d":1')),
        (TIGHT, ("add", ("b",), ["z", "w"]), TIGHT.replace('"y"', '"y","z","w"')),
        (TIGHT, ("remove", ("b", 0)), TIGHT.replace('"x","y"', '"y"')),
        (TIGHT, ("remove", ("a",)), TIGHT.replace('"a":{"x":1},', "")),
    ],
)
def test_json(before: str, change: tuple[Any, ...], after: str) -> None:
    assert edited(before, change, name="any.json") == after


# What is not edited -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("a: &x old\nb: *x\n", ("set", ("a",), "new")),
        ("a: &x old\nb: *x\n", ("set", ("b",), "new")),
        ("a: &x [p]\nb: *x\n", ("add", ("b",), ["q"])),
        ("a: &x {p: 1}\nb: *x\n", ("set", ("b", "p"), 2)),
        ("a: &x {p: 1}\nb: *x\n", ("set", ("b", "q"), 2)),
        ("a: &x {p: 1}\nb:\n  <<: *x\n", ("set", ("b", "p"), 2)),
        ("a: &x {p: 1}\nb:\n  <<: *x\n", ("remove", ("b", "p"))),
        ("a: &x 1\nb: 2\n", ("remove", ("a",))),
        ("&x a: 1\n", ("rename", ("a",), "b")),
        ("- a\n", ("rename", (0,), "b")),
        ("- a\n", ("set", (1,), "b")),
        ("a: 1\n", ("set", (), {})),
        ("a: 1\n", ("remove", ())),
        ("a: 1\n", ("remove", ("b",))),
        ("a: 1\n", ("rename", ("b",), "c")),
        ("a: 1\n", ("add", ("a",), ["x"])),
        ("a: 1\n", ("add", ("b",), [])),
        ("a: text\n", ("set", ("a", "b"), 1)),
        ("a: # why\n  x: 1\n", ("set", ("a",), 1)),
        ("a: { # why\n}\n", ("set", ("a", "b"), 1)),
    ],
)
def test_what_means_more_than_one_place_is_left_alone(text: str, change: tuple[Any, ...]) -> None:
    assert refuses(text, change)


def test_edits_of_the_same_text_do_not_go_together() -> None:
    with pytest.raises(CannotEdit):
        in_order([Rewrite(3, 6, "x"), Rewrite(5, 8, "y")])
    with pytest.raises(CannotEdit):
        in_order([Rewrite(3, 3, "x"), Rewrite(3, 3, "y")])
    assert in_order([Rewrite(5, 8, ""), Rewrite(3, 5, "")]) == [Rewrite(3, 5, ""), Rewrite(5, 8, "")]


# Text that is no data -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1\n  # gone\nb: 2\n", "a: 1\nb: 2\n"),
        ("a: 1  # gone\nb: 2\n", "a: 1\nb: 2\n"),
        ("a: 1\n# gone", "a: 1\n"),
        ("# gone\r\na: 1\r\n", "a: 1\r\n"),
        ("a: 1 \t # gone", "a: 1"),
    ],
)
def test_a_comment_goes_with_its_blanks_or_its_line(before: str, after: str) -> None:
    start = before.index("# gone")
    assert apply(before, [remove_text(before, start, start + 6)]) == after


@pytest.mark.parametrize("sort", ["keys", "items", "in brackets", "on one line"])
def test_many_edits_of_one_mapping_or_list_do_not_each_go_through_it(sort: str) -> None:
    def look(times: int) -> int:
        routes: list[tuple[str | int, ...]] = [(f"k{index}",) for index in range(times)]
        if sort == "keys":
            text = "".join(f"k{index}: 1\n" for index in range(times))
        elif sort == "items":
            text, routes = "a:\n" + "  - 1\n" * times, [("a", index) for index in range(times)]
        else:
            gap = "\n" if sort == "in brackets" else " "
            text = "{" + f",{gap}".join(f"k{index}: 1" for index in range(times)) + "}"
        (document,) = read(text.encode(), "any.yaml").documents
        page = Page(document, text, as_json=False)
        changes = [DataChange("remove", route) for route in routes]
        return steps(lambda: [*(rewrites(page, [change]) for change in changes), intended(document.data, changes)])

    assert look(400) < 4.5 * look(100)


# Data ---------------------------------------------------------------------------------------------------------------------


def test_data_is_changed_as_if_all_at_once() -> None:
    data = {"a": [1, 2, 3], "b": {"c": 1}}
    changes = [
        DataChange("remove", ("a", 0)),
        DataChange("set", ("a", 2), 4),
        DataChange("add", ("a",), [5]),
        DataChange("rename", ("b", "c"), "d"),
        DataChange("set", ("b", "c"), 2),
        DataChange("set", ("e", "f"), None),
    ]
    assert intended(data, changes) == {"a": [2, 4, 5], "b": {"d": 2}, "e": {"f": None}}
    assert data == {"a": [1, 2, 3], "b": {"c": 1}}


@pytest.mark.parametrize(
    "change",
    [
        DataChange("rename", ("a",), "b"),
        DataChange("rename", ("x",), "y"),
        DataChange("remove", ("x",)),
        DataChange("remove", ("a", "x")),
        DataChange("add", ("a",), [1]),
        DataChange("set", ("c", 7), 1),
    ],
)
def test_what_makes_no_sense_is_refused(change: DataChange) -> None:
    with pytest.raises(ValueError, match=r"change|no such key"):
        intended({"a": 1, "b": 2, "c": []}, [change])


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ({"a": [1, None]}, {"a": [1, None]}, True),
        (1, True, False),
        (1, 1.0, False),
        ([1], [1, 2], False),
        ({"a": 1}, {"b": 1}, False),
        ({"a": "x"}, {"a": "y"}, False),
    ],
)
def test_same(one: Any, other: Any, equal: bool) -> None:
    assert same(one, other) is equal
