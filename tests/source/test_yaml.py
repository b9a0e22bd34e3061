"""What YAML is read as, where it stands, and what is said about what cannot be read."""

import gc

import jsonschema_rs
import pytest

from wa_policy.source.document import Document, Limits, Reading, Trouble
from wa_policy.source.reading import read
from wa_policy.source.spans import DocumentId, Route, Span


def reading(text: str) -> Reading:
    return read(text.encode(), "acme.yaml")


def document(text: str) -> Document:
    found = reading(text)
    assert not found.troubles
    (only,) = found.documents
    return only


def trouble(text: str) -> Trouble:
    found = reading(text)
    assert not found.documents
    (only,) = found.troubles
    return only


def shown(text: str, route: Route, on_key: bool = False) -> str:
    found = reading(text)
    return found.source.slice(found.documents[0].locate(route, on_key))


def at(span: Span) -> str:
    return f"{span.line}:{span.column}-{span.end_line}:{span.end_column}"


# Scalars


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("NULL", None),
        ("nUll", "nUll"),
        ("true", True),
        ("False", False),
        ("tRUE", "tRUE"),
        ("yes", "yes"),
        ("NO", "NO"),
        ("on", "on"),
        ("Off", "Off"),
        ("y", "y"),
        ("0", 0),
        ("-0", 0),
        ("42", 42),
        ("-7", -7),
        ("+15551234", 15551234),
        ("+919812345678", 919812345678),
        ("0012345", "0012345"),
        ("0800123456", "0800123456"),
        ("00919812345678", "00919812345678"),
        ("-012", "-012"),
        ("+1 555 1234", "+1 555 1234"),
        ("+1-555", "+1-555"),
        ("1:30", "1:30"),
        ("12:30:45", "12:30:45"),
        ("1_000", "1_000"),
        ("9.2E+11", 920_000_000_000),
        ("1.10", 1.1),
        (".5", 0.5),
        ("5.", 5),
        ("1e3", 1000),
        ("1.0", 1),
        ("-0.0", 0),
        ("1e300", 1e300),
        ("00.5", "00.5"),
        (".", "."),
        ("+", "+"),
        ("1.2.3", "1.2.3"),
        ("3.6.251.95/32", "3.6.251.95/32"),
        ("0x1F", 31),
        ("0o17", 15),
        ("0b101", "0b101"),
        ("0xG", "0xG"),
        ("2026-03-31", "2026-03-31"),
        ("2026-11-20T06:30:00Z", "2026-11-20T06:30:00Z"),
        ("=", "="),
        ("<<", "<<"),
        ("'42'", "42"),
        ('"true"', "true"),
        ('"\\U0001F600\\t"', "😀\t"),
        ("12345678901234567890", 12345678901234567890),
        ("|\n  one\n  two\n", "one\ntwo\n"),
        (">-\n  one\n  two\n", "one two"),
        ("one\n  two", "one two"),
    ],
)
def test_a_scalar_is_read_by_the_core_schema_of_yaml_1_2(text: str, value: object) -> None:
    data = document(f"a: {text}\n").data
    assert data == {"a": value}
    assert type(data["a"]) is type(value)


def test_the_data_is_plain_enough_for_the_schema_engine() -> None:
    data = document("a: &a {b: [1, 1.5, true, ~, text]}\nc: *a\nd: {<<: *a, e: +1}\n").data
    assert jsonschema_rs.is_valid({"type": "object"}, data)
    assert data == {"a": {"b": [1, 1.5, True, None, "text"]}, "c": data["a"], "d": {"b": data["a"]["b"], "e": 1}}


# Places

MANIFEST = """\
# a comment
metadata: &meta
  name: acme   # who
  owners: [crm@acme.example, "équipe 😀 x"]
numbers:
  - number: "+91"
    note: |
      one
      two


  -
    empty:
  -
  - {a: {b: [c ]} , d: }
again: *meta
quoted: 'it''s
  long'
"""


@pytest.mark.parametrize(
    ("route", "value", "key"),
    [
        ((), "metadata", "metadata"),
        (("metadata", "name"), "acme", "name"),
        (("metadata", "owners"), '[crm@acme.example, "équipe 😀 x"]', "owners"),
        (("metadata", "owners", 1), '"équipe 😀 x"', '"équipe 😀 x"'),
        (("metadata",), 'name: acme   # who\n  owners: [crm@acme.example, "équipe 😀 x"]', "metadata"),
        (("numbers", 0), 'number: "+91"\n    note: |\n      one\n      two', "number"),
        (("numbers", 0, "note"), "|\n      one\n      two", "note"),
        (("numbers", 1), "empty:", "empty"),
        (("numbers", 1, "empty"), "empty", "empty"),
        (("numbers", 2), "-", "-"),
        (("numbers", 3), "{a: {b: [c ]} , d: }", "{"),
        (("numbers", 3, "a"), "{b: [c ]}", "a"),
        (("numbers", 3, "a", "b"), "[c ]", "b"),
        (("numbers", 3, "d"), "d", "d"),
        (("again",), "*meta", "again"),
        (("again", "name"), "acme", "name"),
        (("quoted",), "'it''s\n  long'", "quoted"),
        # A route that leads nowhere is shown at the nearest thing that is there.
        (("absent",), "metadata", "metadata"),
        (("metadata", "absent", 3), "metadata", "metadata"),
        (("metadata", "owners", 2), "owners", "owners"),
        (("metadata", "owners", -1), "owners", "owners"),
        (("metadata", "name", "deeper"), "name", "name"),
        (("numbers", 0, "absent"), "number", "number"),
        (("numbers", 2, "absent"), "-", "-"),
        (("numbers", 3, "absent"), "{", "{"),
        (("numbers", "0"), "numbers", "numbers"),
        (("again", "absent"), "again", "again"),
    ],
)
@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_route_is_shown_where_it_is_written(route: Route, value: str, key: str, line_break: str, mark: str) -> None:
    text = mark + MANIFEST.replace("\n", line_break)
    assert shown(text, route) == value.replace("\n", line_break)
    assert shown(text, route, on_key=True) == key


def test_columns_count_code_points_and_no_byte_order_mark() -> None:
    for text in ('a: "😀é" \r\nb: {"😀": x}', '\ufeffa: "😀é" \r\nb: {"😀": x}'):
        found = document(text)
        assert at(found.locate(("a",))) == "1:4-1:8"
        assert at(found.locate(("b", "😀"))) == "2:10-2:11"
        assert at(found.locate(("b", "😀"), on_key=True)) == "2:5-2:8"


def test_line_breaks_of_yaml_1_1_are_no_lines_of_an_editor() -> None:
    found = reading('a: "x\u2028y\x85z"\nb: c\n')
    assert at(found.documents[0].locate(("b",))) == "2:4-2:5"
    assert found.line(1) == 'a: "x\u2028y\x85z"'


def test_the_root_is_never_the_whole_file() -> None:
    for text, root in [("- a\n- b", "-"), ("[a,\n b]", "["), ("{a: b}", "{"), ("|\n one\n two\n", "|"), ("x", "x")]:
        assert shown(text, ()) == root


def test_lines_are_there_with_and_without_trouble() -> None:
    for text in ("a: b\r\nc: d\n\ne: f", "a: b\r\nc: d\n\ne: f: g"):
        found = reading(text)
        assert [found.line(number) for number in range(6)] == ["", "a: b", "c: d", "", text.split("\n")[-1], ""]


def test_text_and_style_are_those_of_the_source() -> None:
    found = document("a: &x +91\nb: '1'\nc: \"\\x41\"\nd: |-\n  x\n\ne: >\n  y\nf: [*x]\ng:\n")
    assert [found.text_at((key,)) for key in "abcdefg"] == ["+91", "'1'", '"\\x41"', "|-\n  x", ">\n  y", None, ""]
    styles = ["plain", "single", "double", "literal", "folded", None, "plain"]
    assert [found.style_at((key,)) for key in "abcdefg"] == styles
    assert found.text_at(("f", 0)) == "+91"
    assert found.text_at(("absent",)) is None
    assert found.style_at(("f", 7)) is None


def test_after_release_only_the_data_is_left() -> None:
    found = document("a: b")
    found.release()
    assert found.data == {"a": "b"}
    with pytest.raises(RuntimeError, match="was released"):
        found.locate(("a",))
    with pytest.raises(RuntimeError, match="was released"):
        found.ambiguous()


# Ambiguous scalars


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("NO", "false"),
        ("yes", "true"),
        ("On", "true"),
        ("n", "false"),
        ("0012345", "the number 5349 (octal)"),
        ("0800123456", "a number"),
        ("+919812345678", "the number 919812345678"),
        ("12:30:45", "a number (base 60)"),
        ("1_000", "a number"),
        ("1_0.5e3", "a number"),
        ("0b11", "a number"),
        ("0x1F", "the number 31"),
        ("0o17", "the number 15"),
        ("1.10", "the number 1.1"),
        ("9.2E+11", "the number 920000000000.0"),
        ("9007199254740993", "the number 9007199254740993"),
        ("2026-03-31", "a date"),
        ("2026-11-20 06:30:00 +05:30", "a date"),
        ("=", "a default value"),
        ("<<", "a merge key"),
    ],
)
def test_what_readers_disagree_about_is_ambiguous(text: str, read_as: str) -> None:
    found = document(f"a: [{text}]")
    (only,) = found.ambiguous()
    assert (only.route, only.on_key, only.text, only.read_as) == (("a", 0), False, text, read_as)
    assert only.span == found.locate(("a", 0))


@pytest.mark.parametrize(
    "text", ["text", "true", "~", "42", "-7", "1.5", "3.6.251.95/32", "+1 555", "12:3o", "-", "'no'", '"0123"', ""]
)
def test_what_all_readers_agree_about_is_not(text: str) -> None:
    assert document(f"a: {text if text != '-' else 'x-'}\n").ambiguous() == []


def test_ambiguous_keys_and_values_come_with_their_routes() -> None:
    found = document(
        "on: {a: [x, &n yes, {b: 01}]}\nx: *n\ny: [1, 2]\nz: {<<: [{k: off}, {no: x}], <<x: 1}\nlast: {<<: {m: 1_0}}\n"
    )
    ways = [(only.route, only.on_key, only.text) for only in found.ambiguous()]
    assert ways == [
        (("on",), True, "on"),
        (("on", "a", 1), False, "yes"),
        (("on", "a", 2, "b"), False, "01"),
        (("y",), True, "y"),
        (("z", "k"), False, "off"),
        (("z", "no"), True, "no"),
        (("last", "m"), False, "1_0"),
    ]
    for only in found.ambiguous():
        assert found.locate(only.route, only.on_key) == only.span


def test_an_ambiguous_root_is_found() -> None:
    assert [only.route for only in document("0123").ambiguous()] == [()]


# Anchors, aliases, merge keys


def test_an_anchor_may_be_used_again() -> None:
    text = "a: &x one\nb: *x\nc: &x two\nd: *x\n"
    assert document(text).data == {"a": "one", "b": "one", "c": "two", "d": "two"}
    assert [shown(text, (key,)) for key in "abcd"] == ["one", "*x", "two", "*x"]


def test_an_inner_anchor_wins_over_the_outer_of_the_same_name() -> None:
    assert document("a: &x [&x one, *x]\nb: *x\n").data == {"a": ["one", "one"], "b": "one"}


def test_merged_keys_give_way_and_are_shown_where_they_are_written() -> None:
    text = """\
one: &one {a: 1, b: 1}
two: &two {b: 2, c: 2, d: 2}
three: &three
  <<: *two
  e: 3
all:
  d: mine
  <<: [*one, *three, {f: 4}]
"""
    data = {"a": 1, "b": 1, "c": 2, "d": "mine", "e": 3, "f": 4}
    found = document(text)
    assert found.data["all"] == data
    lines = {key: found.locate(("all", key)).line for key in data}
    assert lines == {"a": 1, "b": 1, "c": 2, "d": 7, "e": 5, "f": 8}
    assert shown(text, ("all", "c"), on_key=True) == "c"
    assert shown(text, ("all", "absent")) == "all"


def test_a_mapping_may_be_merged_in_several_ways() -> None:
    text = "a: &a {x: 1}\nb: &b {<<: *a}\nc: {<<: [*b, *a, *b], y: 2}\n"
    assert document(text).data["c"] == {"x": 1, "y": 2}
    assert [document(text).locate(("c", key)).line for key in ("x", "y", "absent")] == [1, 3, 3]


def test_a_quoted_merge_key_is_a_key_like_any_other() -> None:
    text = "'<<': x\n"
    assert document(text).data == {"<<": "x"}
    assert shown(text, ("<<",)) == "x"


def test_an_alias_may_be_a_key() -> None:
    assert document("a: &k name\nb: {*k : x}\n").data["b"] == {"name": "x"}


# Several documents


def test_documents_are_counted_and_empty_ones_ignored() -> None:
    found = reading("# only\n---\n---\na: 1\n...\n---\n# nothing\n---\nb: 2\n---\n~\n---\n")
    assert not found.troubles
    assert [(each.id, each.data) for each in found.documents] == [
        (DocumentId("acme.yaml", 0), {"a": 1}),
        (DocumentId("acme.yaml", 1), {"b": 2}),
        (DocumentId("acme.yaml", 2), None),
    ]
    assert [each.locate(()).line for each in found.documents] == [4, 9, 11]


@pytest.mark.parametrize(
    "bad", ['a: "open', "a: [1, 2", "a: 1\na: 2", "a: !x y", "a:\n\tb: c", "a: b: c", "1: x", "a: \0", "{a: b}}"]
)
def test_the_documents_around_a_broken_one_are_read(bad: str) -> None:
    found = reading(f"first: 1\n---\n{bad}\n---\nthird: 3\n---\nfourth: 4\n")
    assert [(each.id.number, each.data) for each in found.documents] == [
        (0, {"first": 1}),
        (2, {"third": 3}),
        (3, {"fourth": 4}),
    ]
    assert len(found.troubles) == 1
    assert found.troubles[0].span.line in {3, 4}
    assert found.documents[1].locate(("third",)).line == len(bad.split("\n")) + 4


def test_a_broken_directive_takes_its_document_with_it() -> None:
    found = reading("a: 1\n...\n%NO 1\n---\nb: 2\n---\nc: 3\n")
    assert [each.data for each in found.documents] == [{"a": 1}, {"c": 3}]
    assert [each.span.line for each in found.troubles] == [3]


def test_what_is_left_behind_a_document_spoils_it() -> None:
    found = reading('ok: 1\n---\n"a" b\n')
    assert [each.data for each in found.documents] == [{"ok": 1}]
    assert [at(each.span) for each in found.troubles] == ["3:5-3:6"]


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "---\n", "---\n---\n...\n", "\ufeff"])
def test_a_file_without_a_document_is_in_trouble(text: str) -> None:
    assert trouble(text).message == "the file holds no document"


# Troubles


@pytest.mark.parametrize(
    ("text", "place", "slice_", "message"),
    [
        # Indentation and signs
        ("a:\n\tb: c", "2:1", "\t", "a tab is used for indentation"),
        ("a: |\n\tb\n", "2:1", "\t", "a tab is used for indentation"),
        ("a:\n  b: c\n d: e", "3:2", "d", "does not fit the mapping"),
        ("a: b\n- c", "2:1", "-", "a list item stands where a key is expected"),
        ("- a\nb: c", "2:1", "b", "neither an item of the list"),
        ("a: - b", "1:4", "-", "a list item is not allowed here"),
        ("a: ? b", "1:4", "?", 'a key that begins with "? " is not allowed here'),
        ("text: Hi: there", "1:9", ":", 'is a value with ": " in it unquoted?'),
        ("a: b\nfoo\nc: d\n", "2:1", "f", 'no ": " that makes it a key and a value'),
        ("a: b\n<<<<<<< HEAD\nc: d\n=======\nc: e\n>>>>>>> other\n", "2:1", "<<<<<<<", "a merge was left half done"),
        ("a:\n<<<<<<< HEAD\r\n  - d\r\n=======\r\n>>>>>>> other\r\n", "2:1", "<<<<<<<", "a merge was left half done"),
        ("a: b\n<<<<<<< HEAD\nc: d\n", "2:1", "<", 'no ": " that makes it a key and a value'),
        ("a: b\u2028c\n", "1:5", "\u2028", "the invisible character U+2028 ends the line"),
        ("a:\xa0b\nc: d\n", "1:3", "\xa0", "U+00A0 looks like a blank here"),
        ("a:\n  b: c\n\u3000\u3000d: e\n  f: g\n", "3:1", "\u3000", "U+3000 looks like a blank here"),
        ("a:\n  -b: c\n   d: e\n", "2:3", "-", "a blank is missing behind this dash"),
        ("a:\n  - b: c\n\n  -name: x\n   d: e\n", "4:3", "-", "a blank is missing behind this dash"),
        ("a: b\n...\nc: d\n---\n", "3:1", "c", "a further one begins with ---"),
        ("...\n", "1:1", ".", "ends here before it has begun"),
        ("a: b\n%x\n---\n", "2:1", "%", "a line that begins with % is a directive"),
        ("%YAML 3.0\n---\na: b", "1:1", "%", "a line that begins with % is a directive"),
        # Brackets
        ("a: [b, c\n", "1:4", "[", "this [ is never closed"),
        ("a: {b: c", "1:4", "{", "this { is never closed"),
        ("a: [1, 2}", "1:9", "}", "a comma or ] is missing before this"),
        ("a: [b]]", "1:7", "]", "this ] closes nothing"),
        ("a: }", "1:4", "}", "this } closes nothing"),
        ("{a: b}}", "1:7", "}", "this } closes nothing"),
        ("[a, , b]", "1:5", ",", "a value is missing before this"),
        # Quotes and what needs them
        ('a: 1\nb: "c\nd: e\n', "2:4", '"', "this quoted text is never closed"),
        ("a: 'it's'", "1:8", "s", "text stands behind the closing quote"),
        ('a: "x" y', "1:8", "y", "text stands behind the closing quote"),
        ('"a" b', "1:5", "b", "text stands behind the closing quote"),
        ('a: "b\nc: d\ne: "f"\n', "1:4", '"', "is its closing quote missing?"),
        ("a: @acme", "1:4", "@", "a value cannot begin with @"),
        ("a: `x`", "1:4", "`", "a value cannot begin with `"),
        ("a: *bold* text", "1:4", "*", "* begins an alias here"),
        ("a: &", "1:4", "&", "& begins an anchor here"),
        ("a: *bold text", "1:4", "*bold", "*bold refers to an anchor that is not above it"),
        ("text: {{1}} is", "1:7", "{{", "text that begins with {{ is not quoted"),
        ("{{1}}: x", "1:1", "{{", "text that begins with {{ is not quoted"),
        ("? [a]\n: b", "1:3", "[", "a list or mapping stands here as a key"),
        ("a: &x [1]\nb: {*x : 2}", "2:5", "*x", "a list or mapping stands here as a key"),
        # Escapes
        ('a: "x\\q"', "1:6", "\\", "\\q means nothing inside double quotes"),
        ('a: "\\u12"', "1:5", "\\", "\\u needs 4 hexadecimal digits"),
        ('a: "\\ud83d\\ude00"', "1:5", "\\", "YAML does not know surrogate pairs"),
        ("a: > b\n", "1:6", "b", "must begin on the next line"),
        ("a: |0\n b\n", "1:5", "0", "must be 1 to 9"),
        # Tags
        ("a: !!str b", "1:4", "!!str", "the tag !!str is not allowed"),
        ("a: ! b", "1:4", "!", "the tag ! is not allowed"),
        ('a: &x ! "b"', "1:7", "!", "the tag ! is not allowed"),
        ("a: !<tag:x> b", "1:4", "!<tag:x>", "the tag !<tag:x> is not allowed"),
        ("a: !Important news", "1:4", "!Important", "the tag !Important is not allowed"),
        ("a: !x!y z", "1:4", "!x!y", "the tag !x!y is not allowed"),
        ("a: !<x", "1:4", "!<x", "the tag !<x is not allowed"),
        # Keys
        ("1: a", "1:1", "1", "the key 1 is read as a number"),
        ("a: {true: b}", "1:5", "true", "the key true is read as true"),
        ("~: a", "1:1", "~", "the key ~ is read as null"),
        ("{: a}", "1:2", ":", "a key is missing here"),
        ("a: &x 1\n*x : b", "2:1", "*x", "the key *x is read as a number"),
        ("a: {<<: [b]}", "1:9", "[", "this is neither"),
        ("a: &x text\nb: {<<: *x}", "2:9", "*", "this is neither"),
        # Numbers
        ("a: .inf", "1:4", ".inf", ".inf is no number that JSON can hold"),
        ("a: [-.NAN, .nan]", "1:12", ".nan", ".nan is no number that JSON can hold"),
        ("a: 1e999", "1:4", "1e999", "1e999 is no number that JSON can hold"),
    ],
)
def test_a_trouble_says_what_and_where(text: str, place: str, slice_: str, message: str) -> None:
    for prefix, lines in (("", 0), ("# é😀\r\n", 1), ("\ufeff", 0)):
        if prefix and text.startswith("%"):
            continue
        found = reading(prefix + text)
        first = found.troubles[0]
        line, column = map(int, place.split(":"))
        assert message in first.message
        assert (first.span.line, first.span.column) == (line + lines, column)
        assert found.source.slice(first.span) == slice_
        assert first.remedy[0].isupper()


def test_places_that_belong_to_it_are_labelled() -> None:
    for text, label, place in [
        ("a: [1, 2}\n", "opened here", "1:4-1:5"),
        ("x:\n  a: b\n  - c\n", "the mapping begins here", "2:3-2:4"),
    ]:
        ((name, span),) = trouble(text).also
        assert (name, at(span)) == (label, place)


def test_an_unfinished_merge_is_shown_with_all_its_lines() -> None:
    found = trouble("a: b\n<<<<<<< x\nc: d\n=======\n>>>>>>> y\n")
    assert [(label, (span.line, span.column, span.end_column)) for label, span in found.also] == [
        ("the other version begins here", (4, 1, 8)),
        ("it ends here", (5, 1, 8)),
    ]


def test_both_places_of_a_key_written_twice_are_shown() -> None:
    text = 'a: 1\n\'b\':\n  x: 1\n  "x": 2\n  x: 3\n"b": 2\n? a\n: 3\n'
    found = reading(text)
    assert not found.documents
    assert [(each.message, at(each.span), each.also[0][0], at(each.also[0][1])) for each in found.troubles] == [
        ('the key "x" is written twice', "4:3-4:6", "first written here", "3:3-3:4"),
        ('the key "x" is written twice', "5:3-5:4", "first written here", "3:3-3:4"),
        ('the key "b" is written twice', "6:1-6:4", "first written here", "2:1-2:4"),
        ('the key "a" is written twice', "7:3-7:4", "first written here", "1:1-1:2"),
    ]


def test_a_key_written_twice_is_found_before_a_syntax_error() -> None:
    messages = [each.message for each in reading("a: 1\na: 2\nb: [\n").troubles]
    assert messages == ['the key "a" is written twice', "this [ is never closed"]


def test_two_merge_keys_are_one_too_many() -> None:
    assert trouble("a: &a {b: 1}\nc:\n  <<: *a\n  <<: *a\n").message == "a mapping has two merge keys"


def test_a_long_name_is_cut_in_the_message() -> None:
    assert len(trouble(f"{'k' * 500}: 1\n{'k' * 500}: 2\n").message) < 100


def test_the_collector_runs_on_as_before() -> None:
    text = "a: b\n" + "#" * 100_000
    document(text)
    assert gc.isenabled()
    gc.disable()
    try:
        document(text)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_limits_are_the_callers() -> None:
    content = b"a: [1, [2], 3]\n"
    for limits, message in [
        (Limits(bytes=10), "the file is longer than 10 bytes, and no more are read"),
        (Limits(depth=2), "more than 2 deep"),
        (Limits(nodes=5), "more than 5 keys and values"),
    ]:
        (only,) = read(content, "acme.yaml", limits).troubles
        assert message in only.message
    assert read(content, "acme.yaml", Limits(bytes=15, depth=3, nodes=10)).documents


@pytest.mark.parametrize("path", ["a.yaml", "a.YML", "a", "a.json.txt", "-"])
def test_everything_but_json_is_yaml(path: str) -> None:
    assert read(b"a: b", path).documents[0].data == {"a": "b"}
