"""Comments: which texts are comments and which only look like them, and what each comment stands at."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from wa_policy.source.comments import Comment, comments
from wa_policy.source.reading import read
from wa_policy.source.spans import show_route


def found(text: str, path: str = "manifest.yaml") -> list[Comment]:
    return list(comments(read(text.encode(), path)))


def routes(text: str) -> list[tuple[str, str]]:
    """Each comment's text without its sign, and where it stands."""
    return [(comment.text.lstrip("# "), shown(comment)) for comment in found(text)]


def shown(comment: Comment) -> str:
    return "nothing" if comment.route is None else show_route(comment.route) or "document"


# What is a comment.


@pytest.mark.parametrize(
    "text",
    [
        'a: "x # no"',
        "a: 'it''s # no'",
        "a: x#no",
        "a: http://acme.example/#no",
        "a: |\n  # no\n  text\n",
        "a: >-\n  one\n\n  # no\n",
        "a: |\n\n  # no",
        "a: 'two\n  # no\n  lines'",
        '{"a": "# no"}',
        '? "# no"\n: 1',
    ],
)
def test_what_is_inside_a_scalar_is_none(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "a: x # yes",
        "a: 'x' # yes",
        "a: | # yes\n  # no\n",
        "a: >2- # yes\n    # no\n",
        "a: |\n  text\n # yes\nb: 1\n",
        "a: x\n  # yes\n",
        "a: [1, # yes\n  '# no']",
        "a:\n# yes\n  b: 1",
        "a: &anchor # yes\n  b: 1\n",
        "a: &x y # yes\nb: *x",
        "\ufeff# yes\na: 1",
        "a: 1\r# yes\rb: 2",
        "a: 1 # yes\r\nb: 2",
        "--- # yes\na: 1",
    ],
)
def test_what_is_between_them_is_one(text: str) -> None:
    assert [comment.text for comment in found(text)] == ["# yes"]


def test_its_offsets_show_it() -> None:
    text = "a: 1 # one\nb:\n  # two \n  c: '#'\n"
    assert [text[comment.start : comment.end] for comment in found(text)] == ["# one", "# two "]


def test_a_line_separator_ends_it() -> None:
    assert [comment.text for comment in found("a: 1 # one\u2028b: 2")] == ["# one"]


def test_a_manifest_in_json_has_none() -> None:
    assert found('{"a": "# no", "b": ["# wa-policy: ignore[X]"]}', "manifest.json") == []


def test_json_line_by_line_has_none_and_is_not_searched_for_each_line() -> None:
    text = '{"a": 1}\n{"a": "# no"}\n{"a": 2}\n'
    assert found(text, "manifest.ndjson") == found(text, "manifest.JSONL") == []


# What it stands at.


def test_at_the_end_of_a_line_it_stands_at_the_key() -> None:
    text = "waba: # one\n  id: x # two\n  map: {a: 1, b: 2} # three\n  list: [1, 2] # four\n"
    assert routes(text) == [("one", "waba"), ("two", "waba.id"), ("three", "waba.map"), ("four", "waba.list")]


def test_behind_an_item_it_stands_at_the_items_first_key() -> None:
    text = "k:\n  - number: x # one\n    id: y # two\n  - z # three\n  - {a: 1, b: 2} # four\n  - *n # five\n"
    text = f"n: &n 1\n{text}"
    assert routes(text) == [
        ("one", "k[0].number"),
        ("two", "k[0].id"),
        ("three", "k[1]"),
        ("four", "k[2]"),
        ("five", "k[3]"),
    ]


def test_where_nothing_begins_it_stands_at_what_ends() -> None:
    text = "a: 1\nk: [x,\n  y # one\n  ] # two\nm: {b: {c: 1,\n  d: 2\n }} # three\nt: 'one\n  two' # four\n"
    assert routes(text) == [("one", "k[1]"), ("two", "k"), ("three", "m"), ("four", "t")]


def test_on_a_line_of_its_own_it_stands_at_what_begins_below() -> None:
    text = "a: 1\n# one\nk:\n  # two\n  # three\n  - number: x\n    # four\n    id: y\n # five\nb: 2\n"
    assert routes(text) == [("one", "k"), ("two", "k[0]"), ("three", "k[0]"), ("four", "k[0].id"), ("five", "b")]


def test_an_anchor_or_a_dash_may_stand_between() -> None:
    text = "a: 1\nk:\n  # one\n  - &x\n    number: y\n  - # two\n    number: z\n"
    assert routes(text) == [("one", "k[0]"), ("two", "k[1]")]


@pytest.mark.parametrize(
    "text", ["a: 1\n# it\n\nb: 2\n", "a: 1\n# it\n", "a: [1,\n# it\n]\nb: 1\n", "x: &x {}\na:\n  <<: *x # it\n"]
)
def test_beside_nothing(text: str) -> None:
    assert routes(text) == [("it", "nothing")]


def test_a_blank_line_parts_a_block_of_comments() -> None:
    assert routes("a: 1\n# one\n\n# two\nb: 2\n") == [("one", "nothing"), ("two", "b")]


def test_before_everything_else_it_stands_at_the_document() -> None:
    text = "# one\n\n# two\n--- # three\n# four\na: 1\n---\n# five\nb: 1 # six\n...\n"
    assert [(comment.document.number, comment.route) for comment in found(text)] == [
        *[(0, ())] * 4,
        (1, ()),
        (1, ("b",)),
    ]


def test_what_could_not_be_read_is_not_looked_into() -> None:
    text = "a: 1 # one\n---\nb: [ # two\n---\n# three\nc: 1\n---\nd: '\n# four\n"
    assert [(comment.document.number, comment.text) for comment in found(text)] == [(0, "# one"), (2, "# three")]


def test_keys_are_merged_without_standing_anywhere() -> None:
    assert routes("b: &b\n  x: 1 # one\na:\n  <<: {y: 2} # two\n  <<x: 1 # three\n") == [
        ("one", "b.x"),
        ("two", "nothing"),
        ("three", "a['<<x']"),
    ]


def test_many_cost_no_more_than_few() -> None:
    number = 10_000
    lines = "# wa-policy: ignore[X]\n" * number
    assert len(found(f"a: 1\n{lines}b: 2\n")) == number
    assert len(found("a:\n" + "- [1,\n ] # it\n" * number)) == number


# Whatever stands in a file.

HOSTILE = st.sampled_from(
    [
        "# wa-policy: ignore[X]",
        " # ",
        "#",
        "\n",
        "\n# wa-policy: ignore[X]\n",
        ": ",
        "- ",
        "'",
        '"',
        "|",
        "\t",
        "---",
        "é",
    ]
)
TEXTS = st.lists(HOSTILE | st.text("ab #:'\"\n", max_size=4), max_size=5).map("".join)
TREES = st.recursive(
    TEXTS, lambda below: st.lists(below, max_size=4) | st.dictionaries(TEXTS, below, max_size=4), max_leaves=10
)
STYLES = st.sampled_from([None, "'", '"', "|", ">"])


@given(TREES, STYLES, st.sampled_from([True, False, None]), st.sampled_from(["\n", "\r\n", "\r"]), st.integers(20, 90))
def test_no_scalar_is_taken_for_a_comment(
    tree: Any, style: Any, flow: bool | None, line_break: Any, width: int
) -> None:
    text = yaml.safe_dump(
        tree, default_style=style, default_flow_style=flow, line_break=line_break, width=width, allow_unicode=True
    )
    reading = read(text.encode(), "dumped.yaml")
    assert not reading.troubles
    assert list(comments(reading)) == []


def written(text: str, style: str) -> str:
    """A text as a value of a top-level key, on its own line or lines."""
    if style == "literal" and text.strip() and text.isprintable():
        return f"|\n  {text.lstrip()}"
    if style == "single":
        return "'" + text.replace("'", "''").replace("\n", "\n\n  ") + "'"
    return json.dumps(text)


@given(
    st.lists(st.tuples(TEXTS, st.sampled_from(["literal", "single", "double"]), st.booleans()), min_size=1, max_size=6)
)
def test_every_comment_is_found_where_it_stands(values: list[tuple[str, str, bool]]) -> None:
    lines = ["top: 1"]
    expected = []
    for index, (text, style, above) in enumerate(values):
        shown = written(text, style)
        if above:
            lines += [f"# above {index}", f"k{index}: {shown}"]
            expected.append((f"# above {index}", (f"k{index}",)))
        else:
            first, _, rest = shown.partition("\n")
            is_block = first == "|"
            lines.append(f"k{index}: | # beside {index}\n{rest}" if is_block else f"k{index}: {shown} # beside {index}")
            expected.append((f"# beside {index}", (f"k{index}",)))
    reading = read("\n".join(lines).encode(), "written.yaml")
    assert not reading.troubles
    assert [(comment.text, comment.route) for comment in comments(reading)] == expected
