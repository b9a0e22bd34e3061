"""What the bytes of a file say while its digest is taken: blanks before a quote, and gzip that is damaged."""

from __future__ import annotations

import gzip
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.audit.dirt import described
from wa_policy.audit import lines, looks
from wa_policy.audit.errors import AuditError
from wa_policy.audit.looks import Look
from wa_policy.audit.model import MOENGAGE, NDJSON

if TYPE_CHECKING:
    from collections.abc import Iterable

H = b"ID,Mobile Number (Standard),WhatsApp Subscription Status\n"
BLANK = "a blank stands before the quote of a cell; some readers take that for a quoted cell, and others do not"
DAMAGED = "the compressed file is damaged"


def pieces(content: bytes, size: int) -> Iterable[bytes]:
    return (content[at : at + size] for at in range(0, len(content), size))


def looked(path: Path, content: bytes, size: int = 1 << 20, kind: str = "csv") -> str:
    """What a look says of these bytes, shown in pieces of this size."""
    path.write_bytes(content)
    look = Look(described(path, MOENGAGE, kind=kind))
    try:
        for piece in pieces(content, size):
            look.see(piece)
        look.end(threading.Event())
    except AuditError as refusal:
        (trouble,) = refusal.troubles
        assert trouble.exit_code == 3
        return trouble.message.removeprefix(str(path))
    return ""


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        (b'a,1, "TRUE\nb,2,FALSE"\n', 2),
        (b'a,1, "TRUE"\n', 2),
        (b'a,1,     "TRUE"\n', 2),
        (b"a,1," + b" " * 5000 + b'"TRUE"\n', 2),
        (b'a,1,TRUE\n "b",2,TRUE\n', 3),
        (b'a,1,TRUE\r\n "b",2,TRUE\r\n', 3),
        (b'"a\nb",1,TRUE\nc,2, "TRUE"\n', 4),
        (b'"a, ""x",1,TRUE\nb,2, "TRUE"\n', 3),
        (b'a 5" pipe,1, "TRUE"\n', 2),
        (b'a,1, ""\n', 2),
        ((b'"a' + b"\n" * 200 + b'",1,TRUE\n') * 3 + b'b,2, "TRUE"', 605),
        (b'"a, ""x",1,TRUE\n', 0),
        (b'"a, ",1,TRUE\n', 0),
        (b'"a\n ""x""",1,TRUE\n', 0),
        (b'"a\n ",1,TRUE\n', 0),
        (b'"a, ",1,TRUE\n"b,2, "TRUE\n', 0),
        (b'a "x",1,TRUE\n', 0),
        (b'"a" ,1, TRUE\n', 0),
        (b'a;1; "TRUE"\n', 0),
    ],
)
def test_a_blank_before_a_quote_is_refused_with_its_line(
    rows: bytes, line: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "PIECE", 100)
    said = f":{line}: {BLANK}" if line else ""
    for size in (1, 2, 7, 64, 65, 1 << 20):
        assert looked(tmp_path / "users.csv", H + rows, size) == said
        assert looked(tmp_path / "users.csv.gz", gzip.compress(H + rows), size) == said


@given(
    st.lists(st.sampled_from([b'"', b" ", b",", b"\n", b"x", b'""', b', "', b" " * 64]), max_size=12),
    st.integers(1, 80),
)
def test_no_border_between_pieces_hides_a_quote(parts: list[bytes], size: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "users.csv"
        assert looked(path, b"".join(parts), size) == looked(path, b"".join(parts))


def test_looking_again_stops_when_it_is_to(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_bytes(H + b'a,1, "TRUE"\n')
    look, stop = Look(described(path, MOENGAGE)), threading.Event()
    look.see(path.read_bytes())
    stop.set()
    look.end(stop)


ROWS = H + b"".join(b"u%d,9198123456%02d,TRUE\n" % (number, number) for number in range(50))


@pytest.mark.parametrize("size", [1, 9, 1 << 20])
def test_gzip_is_whole(size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "PIECE", 100)
    packed = gzip.compress(ROWS)
    wrong_sum, wrong_size = bytearray(packed), bytearray(packed)
    wrong_sum[-8] ^= 1
    wrong_size[-4] ^= 1
    two = gzip.compress(H) + gzip.compress(b"a,1,TRUE\n")
    for content in (packed, two, packed + b"\0" * 20):
        assert looked(tmp_path / "users.csv.gz", content, size) == ""
        assert looked(tmp_path / "users.ndjson.gz", content, size, NDJSON) == ""
    for content in (
        bytes(wrong_sum),
        bytes(wrong_size),
        packed[:-1],
        packed[:-9],
        two[:-3],
        packed + b"rest",
        packed + b"\x1f",
    ):
        assert looked(tmp_path / "users.csv.gz", content, size) == f": {DAMAGED}"
        assert looked(tmp_path / "users.ndjson.gz", content, size, NDJSON) == f": {DAMAGED}"
