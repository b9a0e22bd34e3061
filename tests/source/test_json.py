"""What JSON is read as, where it stands, and what is said about what cannot be read."""

import json

import pytest

from wa_policy.source.document import Limits, Reading, Trouble
from wa_policy.source.reading import read
from wa_policy.source.spans import DocumentId, Route

EVIDENCE = """\
{
  "data": [
    {"id": "1", "status": "CONNECTED", "share": 0.5},
    {"id": "2 \\ud83d\\ude00 é", "flags": [true, null, []], "empty": {}}
  ],
  "\\u0061sked_at" : "2026-11-20"
}
"""


def reading(text: str) -> Reading:
    return read(text.encode(), "evidence/WABA.JSON")


def trouble(text: str) -> Trouble:
    found = reading(text)
    assert not found.documents
    (only,) = found.troubles
    return only


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_the_data_is_that_of_the_standard_library(mark: str, line_break: str) -> None:
    found = reading(mark + EVIDENCE.replace("\n", line_break))
    (document,) = found.documents
    assert not found.troubles
    assert document.id == DocumentId("evidence/WABA.JSON", 0)
    assert document.data == json.loads(EVIDENCE)
    assert document.ambiguous() == []


@pytest.mark.parametrize(
    ("route", "value", "key"),
    [
        ((), "{", "{"),
        (("data", 0), '{"id": "1", "status": "CONNECTED", "share": 0.5}', "{"),
        (("data", 0, "share"), "0.5", '"share"'),
        (("data", 1, "id"), '"2 \\ud83d\\ude00 é"', '"id"'),
        (("data", 1, "flags", 1), "null", "null"),
        (("data", 1, "flags", 2), "[]", "["),
        (("data", 1, "empty"), "{}", '"empty"'),
        (("asked_at",), '"2026-11-20"', '"\\u0061sked_at"'),
        (("data", 0, "absent"), "{", "{"),
        (("data", 9), '"data"', '"data"'),
        (("absent", "too"), "{", "{"),
    ],
)
def test_a_route_is_shown_where_it_is_written(route: Route, value: str, key: str) -> None:
    found = reading(EVIDENCE)
    document = found.documents[0]
    assert found.source.slice(document.locate(route)) == value
    assert found.source.slice(document.locate(route, on_key=True)) == key


def test_a_number_without_a_rest_is_a_whole_one() -> None:
    (document,) = reading('{"a": [1.0, -0.0, 1e2, 0.5, 1e300]}').documents
    assert [(value, type(value)) for value in document.data["a"]] == [
        (1, int),
        (0, int),
        (100, int),
        (0.5, float),
        (1e300, float),
    ]


def test_text_and_style_are_those_of_the_source() -> None:
    document = reading(EVIDENCE).documents[0]
    assert document.text_at(("data", 0, "share")) == "0.5"
    assert document.style_at(("data", 0, "share")) == "plain"
    assert document.style_at(("asked_at",)) == "double"
    assert document.text_at(("data",)) is None
    document.release()
    with pytest.raises(RuntimeError, match="was released"):
        document.locate(())


def test_a_merge_key_means_nothing() -> None:
    document = reading('{"<<": {"a": 1}}').documents[0]
    assert document.data == {"<<": {"a": 1}}
    assert document.locate(("<<", "a")).column == 14


@pytest.mark.parametrize("text", ["", " \r\n\t", "\ufeff"])
def test_a_file_without_a_document_is_in_trouble(text: str) -> None:
    assert trouble(text).message == "the file holds no document"


@pytest.mark.parametrize(
    ("text", "place", "slice_", "message"),
    [
        ("[1,\n 2,\n]", "2:3", ",", "a comma stands before the ]"),
        ('{"a": 1,}', "1:8", ",", "a comma stands before the }"),
        ('{"a" 1}', "1:6", "1", "a colon is missing"),
        ('{"a":}', "1:6", "}", "a value is missing before this"),
        ("{a: 1}", "1:2", "a", "a is not quoted"),
        ("{1: 1}", "1:2", "1", "a key or } is missing"),
        ('{"a": 1, 2}', "1:10", "2", "a key is missing"),
        ("{'a': 1}", "1:2", "'", "only double quotes"),
        ('[1,\n "😀" 2]', "2:6", "2", "a comma or ] is missing"),
        ('{"a": 1 "b": 2}', "1:9", '"', "a comma or } is missing"),
        ("[1}", "1:3", "}", "a comma or ] is missing"),
        ("]", "1:1", "]", "a value is missing"),
        ("[,1]", "1:2", ",", "a value or ] is missing"),
        ('{"a": [1', "1:7", "[", "this [ is never closed"),
        ("{", "1:1", "{", "this { is never closed"),
        ('{"a": "x\n"}', "1:7", '"', "this quoted text is never closed"),
        ('"\\q"', "1:2", "\\q", "\\q means nothing"),
        ('"\\u12"', "1:2", "\\u", "\\u needs four hexadecimal digits"),
        ('"a\tb"', "1:3", "\t", "the character U+0009 is not allowed"),
        ("\x0c1", "1:1", "\x0c", "the character U+000C is not allowed"),
        ("[1] [2]", "1:5", "[", "more text stands behind the end"),
        ("NaN", "1:1", "NaN", "NaN is no number that JSON can hold"),
        ("[-Infinity]", "1:2", "-Infinity", "-Infinity is no number that JSON can hold"),
        ("1e999", "1:1", "1e999", "1e999 is too large a number"),
        ("[0123]", "1:2", "0123", "0123 is not how JSON writes a number"),
        ("[+1]", "1:2", "+1", "+1 is not how JSON writes a number"),
        ("[1.]", "1:2", "1.", "1. is not how JSON writes a number"),
        ("[True]", "1:2", "True", "True is not JSON"),
        ("[1, // x\n2]", "1:5", "/", "JSON has no comments"),
        ("[é]", "1:2", "é", "é has no meaning in JSON"),
        ('["\\ud83d"]', "1:3", "\\ud83d", "\\ud83d is half of a surrogate pair"),
        ('{"\\ud83d\\ude00\\udE00": 1}', "1:15", "\\udE00", "\\udE00 is half of a surrogate pair"),
        ('["\\ud83d \\ude00"]', "1:3", "\\ud83d", "\\ud83d is half of a surrogate pair"),
    ],
)
def test_a_trouble_says_what_and_where(text: str, place: str, slice_: str, message: str) -> None:
    for mark in ("", "\ufeff"):
        found = reading(mark + text)
        (only,) = found.troubles
        assert message in only.message
        assert f"{only.span.line}:{only.span.column}" == place
        assert found.source.slice(only.span) == slice_
        assert only.remedy[0].isupper()


def test_where_a_list_was_opened_is_labelled() -> None:
    ((label, span),) = trouble('{"a":\n [1 2]}').also
    assert (label, span.line, span.column) == ("opened here", 2, 2)


def test_both_places_of_a_key_written_twice_are_shown() -> None:
    found = reading('{"a": 1, "b": {"c": 1, "\\u0063": 2},\n "a": 3}')
    assert [(each.message, each.span[:2], each.also[0][1][:2]) for each in found.troubles] == [
        ('the key "c" is written twice', (1, 24), (1, 16)),
        ('the key "a" is written twice', (2, 2), (1, 2)),
    ]


def test_limits_are_the_callers() -> None:
    content = b'{"a": [1, [2]]}'
    for limits, message in [
        (Limits(bytes=10), "the file is longer than 10 bytes, and no more are read"),
        (Limits(depth=2), "more than 2 deep"),
        (Limits(nodes=8), "more than 8 keys and values"),
    ]:
        (only,) = read(content, "acme.json", limits).troubles
        assert message in only.message
    assert read(content, "acme.json", Limits(bytes=15, depth=3, nodes=9)).documents


def test_a_limit_ends_the_search_for_other_troubles() -> None:
    content = b'{"a": 1, "a": 2, "b": [1, 2, 3, 4], "b": 3}'
    messages = [each.message for each in read(content, "acme.json", Limits(nodes=9)).troubles]
    assert messages == ['the key "a" is written twice', "the file has more than 9 keys and values"]


def test_what_only_the_standard_library_refuses_is_a_trouble() -> None:
    (only,) = read(b"[" * 100_000 + b"]" * 100_000, "deep.json", Limits(depth=10**6, nodes=10**6)).troubles
    assert "the standard library cannot read this" in only.message
