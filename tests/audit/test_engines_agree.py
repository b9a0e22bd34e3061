"""Coverage is the same, whoever counts: the standard library by the SQL's words, DuckDB by the SQL itself."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.audit.reference import WHITE_SPACE
from wa_policy.audit import csv_engine, duckdb_engine
from wa_policy.audit.duckdb_files import parquet_names
from wa_policy.audit.inputs import describe, gather
from wa_policy.audit.model import MOENGAGE, Measured, Request
from wa_policy.audit.statuses import words

WORDS = ["TRUE", "False", "NULL", "tRuE", *words()]
BLANKS = st.text(st.sampled_from(WHITE_SPACE), max_size=2)
CELLS = (
    st.tuples(BLANKS, st.sampled_from(WORDS), BLANKS).map("".join)
    | st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=6)
    | st.sampled_from(["t rue", "opt-in pending", "İ", "TRUE\u0130", "true\ntrue", '"true"', "\u212a"])
)


def measure(content: bytes, name: str = "users.csv") -> tuple[Measured, Measured]:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / name)
        Path(path).write_bytes(content)
        measured = []
        for coverage, engine in ((True, csv_engine), (False, duckdb_engine)):
            files = describe(gather({MOENGAGE: [path]}), {}, parquet_names, coverage=coverage)
            measured.append(engine.measure(Request(files, (), (), None, 1, folder, None), lambda _: None))
        return measured[0], measured[1]


def assert_equal(ours: Measured, theirs: Measured) -> None:
    assert ours.counts == {name: count for name, count in theirs.counts.items() if name in ours.counts}
    assert ours.rejected_count == theirs.rejected_count
    assert [row.line for row in ours.rejected] == [row.line for row in theirs.rejected]
    assert list(ours.rows.values()) == list(theirs.rows.values())


@given(
    st.lists(CELLS, max_size=100), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), st.sampled_from(["\n", "\r\n"])
)
@example([*WORDS, *WHITE_SPACE], csv.QUOTE_MINIMAL, "\n")
@settings(max_examples=10)
def test_statuses(cells: list[str], quoting: int, end: str) -> None:
    buffer = io.StringIO()
    if any("\r" in cell for cell in cells):  # Python leaves it bare, and such a line ends otherwise than the others
        quoting = csv.QUOTE_ALL
    writer = csv.writer(buffer, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]  # typeshed wants a literal
    writer.writerows([["ID", "u_mb", "moe_wa_subscription"], *([f"u{n}", "", cell] for n, cell in enumerate(cells))])
    assert_equal(*measure(buffer.getvalue().encode()))


@pytest.mark.parametrize(
    "rows",
    [
        b"1,2\n3,4,TRUE\n",
        b"1,2,TRUE,4\n3,4,TRUE\n",
        b'1,2,"TRUE"x\n3,4,TRUE\n',
        b"1,2,TRUE\n\n3,4,TRUE\n",
        b"1,2,TRUE\n\n\n",
        b"1,2,TRUE",
        b'1,2,"a\nb"\n3,4\n5,6,TRUE\n',
        b"1,2,\xe4\n3,4,TRUE\n",
        b"\xe4,2,TRUE\n3,4,TRUE\n",
        b'1,2,"say ""yes"""\n',
        b'1,2,say yes"\n',
        b"1,2,TRUE,\n3,4,TRUE,,\n5,6,\n",
        b'1,"x\ny ""q"" z",TRUE\n3,4,5" pipe\n5,6,"5" pipe"\n7,8,TRUE\n',
        b"",
    ],
)
def test_rows(rows: bytes) -> None:
    assert_equal(*measure(b"ID,u_mb,moe_wa_subscription\n" + rows))


@pytest.mark.parametrize(
    "rows",
    [
        b'{"uid": "1", "u_mb": "2", "moe_wa_subscription": true}\n',
        b'{"moe_wa_subscription": null}\n{"moe_wa_subscription": "FALSE"}\n{"uid": 7}\n\n{"moe_wa_subscription": 1}\n',
        b'{"moe_wa_subscription": [true]}\n{"moe_wa_subscription": {"a": 1}}\n{"moe_wa_subscription": ""}\n',
        b'{"moe_wa_subscription": 1.0}\n{"moe_wa_subscription": "tr\\u0075e"}\n',
        b'[1]\n{"uid": \n"x"\n{"moe_wa_subscription": true}',
        b'{"moe_wa_subscription": true, "moe_wa_subscription": false}\n\t\n{"uid": "\xff"}\n{"uid": "1"}\x01, x\n',
        b'{"moe_wa_subscription": true, "deep": {"a": 1, "a": 2}}\n{"moe_wa_subscription": true, "a": 1, "a": 2}\n',
    ],
)
def test_lines(rows: bytes) -> None:
    assert_equal(*measure(b'{"uid": "0", "u_mb": "", "moe_wa_subscription": false}\n' + rows, "users.ndjson"))
