"""A JSON document on each line: read one by one, with places in the whole file."""

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
