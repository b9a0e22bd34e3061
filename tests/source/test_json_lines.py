"""A JSON document on each line: read one by one, with places in the whole file."""

import json
from typing import Any

import pytest

from wa_policy.source.document import Limits, Source
from wa_policy.source.reading import read
from wa_policy.source.spans import Span


def test_each_line_is_a_document_with_its_place_in_the_file() -> None:
    reading = read(b'{"data": [1]}\n\n{"data": [{"id": "x"}]}\n', "pages.ndjson")
    assert [document.data for document in reading.documents] == [{"data": [1]}, {"data": [{"id": "x"}]}]
    assert [document.id.number for document in reading.documents] == [0, 1]
    assert reading.documents[1].locate(("data", 0, "id")) == Span(3, 18, 3, 21)
    assert reading.troubles == ()


def test_a_broken_line_is_a_trouble_at_its_place_and_the_others_are_read() -> None:
    reading = read(b'{"data": []}\n{"data": [}\n', "pages.jsonl")
    assert [document.data for document in reading.documents] == [{"data": []}]
    assert [(trouble.span.line, trouble.span.column) for trouble in reading.troubles] == [(2, 11)]


def test_line_separators_inside_a_text_end_no_line() -> None:
    reading = read('{"text": "a\u2028b"}'.encode(), "pages.ndjson")
    assert [document.data for document in reading.documents] == [{"text": "a\u2028b"}]


PLACES = """\

{"data": [{"id": "x"}]}\r
 \t\r
  ["é😀", {"a": 1, "a": 2}]
{"a": ["\u2028",
{"key": "value", "list": [1, {}]}
[1, 2
  3 4
{"b": "\\ud83d"}
  "last
"""


def test_places_are_those_in_the_whole_file() -> None:
    reading = read(PLACES.encode(), "pages.ndjson")
    slices = reading.source.slice
    assert [(trouble.span[:2], slices(trouble.span), trouble.message[:17]) for trouble in reading.troubles] == [
        ((4, 19), '"a"', 'the key "a" is wr'),
        ((5, 7), "[", "this [ is never c"),
        ((7, 1), "[", "this [ is never c"),
        ((8, 5), "4", "more text stands "),
        ((9, 8), "\\ud83d", "\\ud83d is half of"),
        ((10, 3), '"', "this quoted text "),
    ]
    assert [(label, span[:2], slices(span)) for label, span in reading.troubles[0].also] == [
        ("first written here", (4, 11), '"a"')
    ]
    first, second = reading.documents
    assert [first.locate(route)[:2] for route in [(), ("data", 0), ("data", 0, "id")]] == [(2, 1), (2, 11), (2, 18)]
    assert second.locate(("key",)) == Span(6, 9, 6, 16)
    assert (second.text_at(("key",)), second.style_at(("key",)), second.style_at(("list", 0))) == (
        '"value"',
        "double",
        "plain",
    )
    part = second.part(("list",))
    assert part is not None
    assert reading.text[part.start : part.end] == '"list": [1, {}]'
    pieces = [reading.text[piece.start : piece.end] for piece in second.pieces()]
    assert pieces[:4] == ['{"key": "value", "list": [1, {}]}', '"key"', '"value"', '"list"']
    assert reading.line(6) == pieces[0]


def test_a_carriage_return_counts_as_everywhere() -> None:
    """An editor ends a line there, and so does what shows the line of a report."""
    reading = read(b'{"a":\r1}\n[}\n', "pages.ndjson")
    (trouble,) = reading.troubles
    assert (trouble.span[:2], reading.line(trouble.span.line)) == ((3, 2), "[}")


def test_limits_are_those_of_the_whole_file() -> None:
    """Two nodes for a list or an object, one for a key or a value: five on each line."""
    content = b'{"a": []}\n\n{"a": []}\n  {"a": []}\n{]\n'
    assert len(read(content[:-3], "pages.ndjson", Limits(nodes=15)).documents) == 3
    for nodes, lines in ((14, 2), (9, 1), (4, 0)):
        found = read(content, "pages.ndjson", Limits(nodes=nodes))
        assert len(found.documents) == lines
        (only,) = found.troubles  # nothing is read any more
        assert only.message == f"the file has more than {nodes} keys and values"
        assert found.text[found.source.offsets(only.span)[0] :].count("[]") == 3 - lines


def test_what_cannot_be_read_counts_as_well() -> None:
    found = read(b'{"a": [], "a": 1}\n[1]\n', "pages.ndjson", Limits(nodes=9))
    assert [(trouble.span[0], trouble.message) for trouble in found.troubles] == [
        (1, 'the key "a" is written twice'),
        (2, "the file has more than 9 keys and values"),
    ]
    found = read(b'[1]\n[1, 2, "\\ud83d\\ude00", 3]\n[1, 2, 3, 4, NaN]', "pages.ndjson", Limits(nodes=12))
    assert [(trouble.span[:2], trouble.message[:22]) for trouble in found.troubles] == [
        ((3, 5), "the file has more than")
    ]


@pytest.mark.parametrize(
    "line", ["", " \r", "{}", '{"id": "1"}', '"\\ud83d\\ude00"'], ids=["none", "blank", "empty", "node", "escaped"]
)
def test_each_character_is_handled_few_times_however_many_lines_there_are(
    line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = f"{line}\n" * 2_000 + "{]"
    handled = 0
    loads, build = json.loads, Source.__init__

    def counted_loads(text: str, **options: Any) -> Any:
        nonlocal handled
        handled += len(text)
        return loads(text, **options)

    def counted_build(source: Source, text: str) -> None:
        nonlocal handled
        handled += len(text)
        build(source, text)

    monkeypatch.setattr(json, "loads", counted_loads)
    monkeypatch.setattr(Source, "__init__", counted_build)
    reading = read(content.encode(), "pages.ndjson")
    for document in reading.documents:
        document.locate(())
    assert len(reading.documents) == (2_000 if line.strip() else 0)
    assert [trouble.span[:2] for trouble in reading.troubles] == [(2_001, 2)]
    assert handled <= 3 * len(content)


def test_documents_share_the_text_of_the_file() -> None:
    reading = read(b'{"id": "1"}\n\n[{}]\n', "pages.ndjson")
    for document in reading.documents:
        document.locate(())
        assert document._source is reading.source  # noqa: SLF001  # it is what memory goes into
        assert document.nodes.text is reading.text  # type: ignore[attr-defined]
