"""Coverage by the standard library: the same statuses as the SQL, ragged rows rejected with their lines, and a limit."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

from tests.audit.reference import SMS, WHITE_SPACE, status_of
from wa_policy.audit import csv_engine
from wa_policy.audit.errors import AuditError
from wa_policy.audit.inputs import describe, gather
from wa_policy.audit.model import MOENGAGE, Measured, Progress, Request
from wa_policy.audit.statuses import classify, white_space, words


def measure(*paths: str, seen: list[Progress] | None = None) -> Measured:
    files = describe(gather({MOENGAGE: paths}), {}, lambda _: ("uid", "moe_wa_subscription"), coverage=True)
    request = Request(files, (), (), None, None, ".", None)
    return csv_engine.measure(request, (seen if seen is not None else []).append)


def users(measured: Measured) -> dict[str, int]:
    return {name.removeprefix("users."): n for name, n in measured.counts.items() if name.startswith("users.")}


def write(path: str, *rows: str, header: str = "ID,moe_wa_subscription", end: str = "\n") -> str:
    Path(path).write_text(end.join([header, *rows, ""]), "utf-8", newline="")
    return path


@pytest.mark.parametrize(
    ("cell", "status", "dirt"),
    [
        ("TRUE", "true", ""),
        ("true", "true", ""),
        ("False", "false", ""),
        ("", "blank", ""),
        ("NULL", "blank", ""),
        (" true\t", "true", "spaces"),
        ("\u00a0FALSE\u200b", "false", "spaces"),
        ("   ", "blank", "spaces"),
        ("t rue", "invalid", "other"),
        ("1", "invalid", "numeric"),
        (" 0 ", "invalid", "numeric"),
        ("yes", "invalid", "words"),
        ("OPTIN", "invalid", "sms_vocabulary"),
        ("maybe", "invalid", "other"),
    ],
)
def test_what_a_cell_says(cell: str, status: str, dirt: str) -> None:
    assert classify(cell) == (status, dirt)


def test_the_words_are_read_from_the_sql() -> None:
    assert set(white_space()) == set(WHITE_SPACE)
    assert {word for word, said in words().items() if said == "sms_vocabulary"} == SMS
    assert {word: status_of(word) for word in words()} == {word: (said, False) for word, said in words().items()}
    assert len(words()) == len(SMS) + 16


@pytest.mark.usefixtures("in_folder")
def test_rows_are_counted_in_all_formats() -> None:
    write("a.csv", "1,TRUE", '2,"FALSE"', '"3, or so",', '4,"line\nbreak"')
    write("b.csv", "1;TRUE", header="\ufeffuid;moe_wa_subscription", end="\r\n")
    Path("c.csv.gz").write_bytes(gzip.compress(b'moe_wa_subscription\ntrue\n""\n'))
    Path("d.ndjson").write_text(
        '{"uid": 1, "moe_wa_subscription": true}\n{"moe_wa_subscription": null}\n\n{"uid": 2}\n'
        '{"moe_wa_subscription": "false"}\n{"moe_wa_subscription": 1}\n{"moe_wa_subscription": [true]}\n'
    )
    measured = measure("a.csv", "b.csv", "c.csv.gz", "d.ndjson")
    assert users(measured) == {"total": 13, "true": 4, "false": 2, "blank": 4, "invalid": 3}
    assert measured.counts["dirt.numeric"] == 1
    assert measured.counts["dirt.other"] == 2
    assert measured.rows == {"a.csv": 4, "b.csv": 1, "c.csv.gz": 2, "d.ndjson": 6}
    assert (measured.groups, measured.rejected, measured.rejected_count) == ((), [], 0)
    assert measured.engine[0] == "csv"


@pytest.mark.usefixtures("in_folder")
def test_what_cannot_be_read_is_rejected_with_its_line() -> None:
    rows = ["1,TRUE", "2", "3,TRUE,", '4,"a\nb"', '5,"TRUE"x', "", "6,FALSE"]
    Path("a.csv").write_bytes("\n".join(["ID,moe_wa_subscription", *rows]).encode() + b"\n\xe4,TRUE\n")
    Path("b.ndjson").write_text('{"moe_wa_subscription": true}\n[1]\n{\n')
    measured = measure("a.csv", "b.ndjson")
    assert [tuple(row) for row in measured.rejected] == [
        ("a.csv", 3, "1 cells, not 2"),
        ("a.csv", 4, "3 cells, not 2"),
        ("a.csv", 7, "quotes"),
        ("a.csv", 10, "not UTF-8"),
        ("b.ndjson", 2, "no JSON object"),
        ("b.ndjson", 3, "no JSON object"),
    ]
    assert measured.rejected_count == 6
    assert users(measured) == {"total": 4, "true": 2, "false": 1, "blank": 0, "invalid": 1}


@pytest.mark.usefixtures("in_folder")
@pytest.mark.parametrize("closing", [[], ['4," TRUE']])
def test_a_quote_that_does_not_close_ends_it(closing: list[str]) -> None:
    write("a.csv", "1,TRUE", '2,"FALSE', "3,TRUE", *closing)
    with pytest.raises(AuditError) as refusal:
        measure("a.csv")
    assert refusal.value.troubles == (
        ("a.csv:3: a quote opens here that does not close", "double the quotes inside of cells", 3),
    )


@pytest.mark.usefixtures("in_folder")
def test_a_file_that_ends_in_the_middle() -> None:
    packed = gzip.compress("".join(["moe_wa_subscription\n", *(f"{n}\n" for n in range(200_000))]).encode())
    Path("a.csv.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(AuditError, match=r"a\.csv\.gz: the compressed file ends in the middle"):
        measure("a.csv.gz")
    middle = len(packed) // 2
    Path("a.csv.gz").write_bytes(packed[:middle] + bytes(100) + packed[middle + 100 :])
    with pytest.raises(AuditError, match=r"a\.csv\.gz: the compressed file is damaged"):
        measure("a.csv.gz")


@pytest.mark.usefixtures("in_folder")
def test_a_limit_to_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_engine, "MOST_ROWS", 3)
    write("a.csv", *["1,TRUE"] * 2)
    write("b.csv", *["1,TRUE"] * 2)
    with pytest.raises(AuditError) as refusal:
        measure("a.csv", "b.csv")
    assert refusal.value.troubles == (
        (
            "there are more than 3 rows, which Python's own reader is too slow for",
            "DuckDB reads any number of them: leave --engine out",
            2,
        ),
    )


@pytest.mark.usefixtures("in_folder")
def test_parquet_wants_the_extra() -> None:
    Path("a.parquet").write_bytes(b"PAR1")
    with pytest.raises(AuditError) as refusal:
        measure("a.parquet")
    assert refusal.value.troubles == (("a.parquet: Parquet can only be read with DuckDB", "leave --engine out", 2),)


@pytest.mark.usefixtures("in_folder")
def test_a_header_alone_is_no_rows() -> None:
    write("a.csv")
    assert users(measure("a.csv")) == dict.fromkeys(("total", "true", "false", "blank", "invalid"), 0)


@pytest.mark.usefixtures("in_folder")
def test_a_long_cell_is_read_and_the_process_keeps_its_own_limit() -> None:
    before = csv.field_size_limit()
    write("a.csv", f'"{"x" * (before + 1)}",TRUE')
    assert users(measure("a.csv"))["true"] == 1
    assert csv.field_size_limit() == before
    Path("a.csv").write_text('ID,moe_wa_subscription\n"1')
    with pytest.raises(AuditError):
        measure("a.csv")
    assert csv.field_size_limit() == before


@pytest.mark.usefixtures("in_folder")
def test_it_tells_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_engine, "REPORTED", 2)
    write("a.csv", *["1,TRUE"] * 3)
    seen: list[Progress] = []
    measure("a.csv", seen=seen)
    assert [(progress.step, progress.rows) for progress in seen] == [("reading a.csv", rows) for rows in (0, 2, 3)]
    assert seen[-1].bytes == seen[-1].of_bytes == Path("a.csv").stat().st_size


@pytest.mark.usefixtures("in_folder")
@pytest.mark.parametrize("name", ["users.csv", "users.csv.gz"])
@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"ID,moe_wa_subscription\na,TRUE\nb,TRUE\r\n", 3),
        (b"ID,moe_wa_subscription\r\na,TRUE\nb,TRUE\r\n", 2),
        (b"ID,moe_wa_subscription\na,TRUE\rb,TRUE\n", 2),
        (b"ID,moe_wa_subscription\na,TRUE\r", 2),
    ],
)
def test_lines_that_end_in_different_ways_are_refused_as_by_duckdb(content: bytes, line: int, name: str) -> None:
    Path(name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    with pytest.raises(AuditError) as refusal:
        measure(name)
    (trouble,) = refusal.value.troubles
    assert trouble == (
        f"{name}:{line}: this line ends otherwise than the first, or has a carriage return inside a cell",
        "write all lines with the same end, and quote cells that hold line breaks",
        3,
    )


@pytest.mark.usefixtures("in_folder")
def test_line_ends_in_quoted_cells_are_text() -> None:
    Path("users.csv").write_bytes(b'ID,moe_wa_subscription\n"a\r",TRUE\n"b\r\nb","TR\r\nUE"\n"c\r""\n",TRUE\n')
    assert users(measure("users.csv"))["total"] == 3
    for end in (b'"d\r\n",TRUE\r\n', b'"d",TRUE\r,"\n"\n'):
        Path("odd.csv").write_bytes(Path("users.csv").read_bytes() + end)
        with pytest.raises(AuditError, match=r"odd.csv:[89]: this line ends otherwise than the first"):
            measure("odd.csv")
