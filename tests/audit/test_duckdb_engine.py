"""What DuckDB counts in small files whose answer is known, in all formats, and what it leaves behind: nothing."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import stat
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from tests.audit.dirt import csv_file, described, request
from tests.audit.refusals import refusal_of
from wa_policy.audit import duckdb_engine
from wa_policy.audit.errors import AuditError
from wa_policy.audit.model import BSP, IMPORT, MEASURES, MOENGAGE, NDJSON, PARQUET, Rejected

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from wa_policy.audit.model import InputFile, Measured, Progress

    Cell = str | None


def _measure(
    folder: Path, *files: InputFile, memory_limit: str | None = None, exceptions: str | None = None
) -> Measured:
    temporary = folder / "temporary"
    temporary.mkdir(exist_ok=True)
    wanted = request(*files, temp_dir=temporary, memory_limit=memory_limit, exceptions=exceptions)
    try:
        return duckdb_engine.measure(wanted, lambda _: None)
    finally:
        assert os.listdir(temporary) == []


def _counted(
    folder: Path,
    users: Sequence[Sequence[Cell]] = (),
    bsp: Sequence[Sequence[Cell]] = (),
    imports: Sequence[Sequence[Cell]] = (),
) -> Mapping[str, int]:
    files = [
        csv_file(folder / "users.csv", MOENGAGE, users),
        csv_file(folder / "bsp.csv", BSP, bsp),
        csv_file(folder / "imports.csv", IMPORT, imports),
    ]
    return {name: count for name, count in _measure(folder, *files).counts.items() if count}


@pytest.fixture
def queries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What DuckDB is told, in order."""
    told: list[str] = []
    connect = duckdb.connect

    class Listening:
        def __init__(self, database: str) -> None:
            self._connection = connect(database)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._connection, name)

        def execute(self, query: str) -> duckdb.DuckDBPyConnection:
            told.append(query)
            return self._connection.execute(query)

    monkeypatch.setattr(duckdb, "connect", Listening)
    return told


A, B, C = "+919876543210", "+919876543211", "+919876543212"


def test_each_status_is_counted_as_what_it_is(tmp_path: Path) -> None:
    statuses = ["true", "TRUE", " True\u00a0", "false", "", None, "null", " ", "1", "yes", "OPTIN", "t rue"]
    counts = _counted(tmp_path, [(f"u{index}", None, status) for index, status in enumerate(statuses)])
    assert counts == {
        "users.total": 12,
        "users.true": 3,
        "users.false": 1,
        "users.blank": 4,
        "users.invalid": 4,
        "dirt.spaces": 2,
        "dirt.numeric": 1,
        "dirt.words": 1,
        "dirt.sms_vocabulary": 1,
        "dirt.other": 1,
        "numbers.missing": 12,
        "bsp.not_compared": 3,
    }


def test_repeated_and_contradicting_ids_and_numbers(tmp_path: Path) -> None:
    users = [
        ("a", A, "true"),
        ("a", B, "false"),
        ("b", B, "false"),
        ("c", C, "true"),
        ("d", C[1:], "false"),
        ("", None, ""),
        (None, "", ""),
    ]
    counts = _counted(tmp_path, users)
    assert {name: count for name, count in counts.items() if name.startswith("repeated.")} == {
        "repeated.ids": 1,
        "repeated.rows_of_ids": 2,
        "repeated.contradicting_ids": 1,
        "repeated.rows_without_id": 2,
        "repeated.numbers": 2,
        "repeated.users_of_numbers": 4,
        "repeated.contradicting_numbers": 1,
    }


def test_users_against_the_providers_list(tmp_path: Path) -> None:
    numbers = [f"+9198765432{index:02d}" for index in range(9)]
    users = [
        ("known", numbers[0], "true"),
        ("unknown", numbers[1], "true"),
        ("out", numbers[2], "true"),
        ("in and out", numbers[3], "true"),
        ("pending", numbers[4], "true"),
        ("no number", "n/a", "true"),
        ("refused", numbers[5], "false"),
        ("blank", numbers[6], ""),
    ]
    bsp = [
        (numbers[0], "opted_in"),
        (numbers[0][1:], "OPTED_IN"),
        (numbers[2], "opted_out"),
        (numbers[3], "in"),
        (numbers[3], "out"),
    ]
    bsp += [(numbers[4], "pending"), (numbers[5], "yes"), (numbers[6], "yes"), (numbers[7], "yes"), ("n/a", "yes")]
    counts = _counted(tmp_path, users, bsp)
    assert {name: count for name, count in counts.items() if name.startswith("bsp.")} == {
        "bsp.rows": 10,
        "bsp.total": 7,
        "bsp.opted_in_total": 4,
        "bsp.opted_out_total": 2,
        "bsp.status_unknown": 1,
        "bsp.contradicting": 1,
        "bsp.invalid_numbers": 1,
        "bsp.known": 1,
        "bsp.unknown": 2,
        "bsp.opted_out": 2,
        "bsp.not_compared": 1,
        "bsp.not_true_but_opted_in": 2,
        "bsp.only_at_bsp": 1,
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [("551187654321", "5511987654321"), ("5215512345678", "525512345678"), ("5491123456789", "541123456789")],
)
def test_numbers_that_whatsapp_takes_for_one_are_matched_and_counted(one: str, other: str, tmp_path: Path) -> None:
    for mobile, entry in ((one, other), (other, one)):
        counts = _counted(tmp_path, [("u", mobile, "true")], [(entry, "opted_in")])
        assert (counts["bsp.known"], counts["bsp.legacy_matched"]) == (1, 1)
        counts = _counted(tmp_path, [("u", mobile, "true")], [(mobile, "opted_in")])
        assert (counts["bsp.known"], counts.get("bsp.legacy_matched")) == (1, None)


def test_what_an_import_would_wipe(tmp_path: Path) -> None:
    users = [("a", A, "true"), ("b", B, "false"), ("c", C, "true"), ("d", None, "")]
    counts = _counted(tmp_path, users, imports=[("a", ""), ("b", " "), ("c", "true"), ("d", ""), ("e", ""), ("", "")])
    assert {name: count for name, count in counts.items() if name.startswith("import.")} == {
        "import.rows": 6,
        "import.blank": 5,
        "import.would_wipe": 1,
        "import.would_wipe_false": 1,
        "import.unknown_ids": 1,
    }


def test_an_import_as_ndjson_wipes_nothing_with_what_moengage_skips(tmp_path: Path) -> None:
    users = csv_file(tmp_path / "users.csv", MOENGAGE, [("a", A, "true"), ("b", B, "false"), ("c", C, "true")])
    path = tmp_path / "imports.ndjson"
    path.write_text('{"id": "a", "opt_in": null}\n{"id": "b", "opt_in": ""}\n{"id": "c"}\n{"id": "d", "opt_in": ""}\n')
    counts = _measure(tmp_path, users, described(path, IMPORT, kind=NDJSON)).counts
    assert {name: count for name, count in counts.items() if name.startswith("import.")} == {
        "import.rows": 4,
        "import.blank": 0,
        "import.would_wipe": 0,
        "import.would_wipe_false": 0,
        "import.unknown_ids": 1,
    }


def test_a_word_of_moengages_for_sms_has_a_blank(tmp_path: Path) -> None:
    statuses = ["OPT-IN PENDING", "\u00a0opt-in pending ", "opt-in  pending", "opt -inpending"]
    counts = _counted(tmp_path, [(f"u{index}", None, status) for index, status in enumerate(statuses)])
    assert (counts["dirt.sms_vocabulary"], counts["dirt.other"]) == (2, 2)


def test_groups_are_by_calling_code_the_greatest_first(tmp_path: Path) -> None:
    users = [("a", "14155552671", "1"), ("b", A, "true"), ("c", B, "false"), ("d", C, ""), ("e", "n/a", "true")]
    answer = _measure(tmp_path, csv_file(tmp_path / "users.csv", MOENGAGE, users))
    assert answer.groups == [
        {"calling_code": "91", "total": 3, "true": 1, "false": 1, "blank": 1, "invalid": 0},
        {"calling_code": "1", "total": 1, "true": 0, "false": 0, "blank": 0, "invalid": 1},
    ]


def test_a_side_that_was_not_given_has_no_measures(tmp_path: Path) -> None:
    answer = _measure(tmp_path, csv_file(tmp_path / "users.csv", MOENGAGE, [("a", A, "true")]))
    assert set(answer.counts) == set(MEASURES[MOENGAGE])
    assert answer.engine == ("DuckDB", duckdb.__version__)


def test_a_list_without_a_status_is_of_those_who_opted_in(tmp_path: Path) -> None:
    users = csv_file(tmp_path / "users.csv", MOENGAGE, [("a", A, "true")])
    answer = _measure(tmp_path, users, csv_file(tmp_path / "bsp.csv", BSP, [(A,)], roles=("mobile",)))
    assert answer.counts["bsp.known"] == 1


_USERS = [("a", A, "true"), ("b", "+91 98765 43211", "false"), ("c", "", ""), ('"d"', "x,y", " TRUE ")]


def _ndjson(path: Path) -> InputFile:
    lines = [
        {"id": identity, "mobile": mobile or None, "opt_in": opt_in or None} for identity, mobile, opt_in in _USERS
    ]
    lines[0] |= {"mobile": int(A[1:]), "opt_in": True, "nested": {"opt_in": False}}  # type: ignore[dict-item]  # as exports have it
    text = "\n\n".join(json.dumps(line) for line in lines) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return described(path, MOENGAGE, kind=NDJSON)


def _parquet(path: Path) -> InputFile:
    source = csv_file(path.with_suffix(".source"), MOENGAGE, _USERS).path
    duckdb.execute(
        f"COPY (SELECT id, mobile, opt_in FROM read_csv('{source}', all_varchar = true, auto_detect = false, header = true,"
        " columns = {'id': 'VARCHAR', 'mobile': 'VARCHAR', 'opt_in': 'VARCHAR'})) TO '"
        + str(path)
        + "' (FORMAT parquet)"
    )
    return described(path, MOENGAGE, kind=PARQUET)


def test_all_formats_give_the_same_counts(tmp_path: Path) -> None:
    plain = csv_file(tmp_path / "users.csv", MOENGAGE, _USERS)
    packed = tmp_path / "users.csv.gz"
    packed.write_bytes(gzip.compress((tmp_path / "users.csv").read_bytes()))
    files = [
        described(packed, MOENGAGE),
        _ndjson(tmp_path / "users.ndjson"),
        _ndjson(tmp_path / "users.ndjson.gz"),
        _parquet(tmp_path / "users.parquet"),
    ]
    expected = _measure(tmp_path, plain)
    assert expected.rows == {plain.path: 4}
    for file in files:
        answer = _measure(tmp_path, file)
        assert (answer.counts, answer.groups, answer.rows) == (expected.counts, expected.groups, {file.path: 4})


def test_booleans_in_parquet_are_statuses(tmp_path: Path) -> None:
    path = tmp_path / "users.parquet"
    duckdb.execute(
        "COPY (SELECT 1 AS id, 919876543210 AS mobile, true AS opt_in UNION ALL SELECT 2, NULL, NULL) TO '"
        + str(path)
        + "' (FORMAT parquet)"
    )
    counts = _measure(tmp_path, described(path, MOENGAGE, kind=PARQUET)).counts
    assert (counts["users.true"], counts["users.blank"], counts["numbers.e164"]) == (1, 1, 1)


def test_files_of_one_side_may_have_their_columns_in_another_order(tmp_path: Path) -> None:
    one = csv_file(tmp_path / "one.csv", MOENGAGE, [("a", A, "true")])
    other = csv_file(
        tmp_path / "other.csv", MOENGAGE, [("false", "x", "a", A)], roles=("opt_in", "name", "id", "mobile")
    )
    answer = _measure(tmp_path, one, other)
    assert answer.rows == {one.path: 1, other.path: 1}
    assert (answer.counts["repeated.contradicting_ids"], answer.counts["repeated.numbers"]) == (1, 1)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_rows_that_do_not_fit_the_header_are_listed_with_their_lines(
    mark: str, end: str, packed: bool, tmp_path: Path
) -> None:
    lines = [
        "id,mobile,opt_in",
        f"a,{A},true",
        "",
        "b,short",
        f'"c{end}c",{C},false',
        "d,1,2,long",
        f'e,{B},"fal"se',
        "f,,",
    ]
    text = mark + end.join(lines) + end
    path = tmp_path / ("users.csv.gz" if packed else "users.csv")
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    answer = _measure(tmp_path, described(path, MOENGAGE))
    assert answer.rows == {str(path): 3}
    assert answer.rejected == [
        Rejected(str(path), 4, "fewer cells than the header has"),
        Rejected(str(path), 7, "more cells than the header has"),
        Rejected(str(path), 8, "a quote that is not closed, or that stands inside a cell"),
    ]
    assert answer.rejected_count == 3


def test_many_rejected_rows_are_counted_and_the_first_listed(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_text("id,mobile,opt_in\n" + f"a,{A},true\nb\n" * 20_000)
    answer = _measure(tmp_path, described(path, MOENGAGE))
    assert (answer.rejected_count, len(answer.rejected), answer.counts["users.total"]) == (20_000, 1_000, 20_000)
    assert [rejected.line for rejected in answer.rejected] == list(range(3, 2_003, 2))


def _refusal(folder: Path, file: InputFile) -> tuple[str, str, int]:
    (trouble,) = refusal_of(lambda: _measure(folder, file))
    return trouble


@pytest.mark.parametrize("rows", [2, 200_000])
@pytest.mark.parametrize("closing", ["", 'z,"x" y",true\n'])
def test_a_quote_that_swallows_rows_is_refused(closing: str, rows: int, tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_text(f'id,mobile,opt_in\na,{A},true\nb,"{B},true\n' + f"c,{C},true\n" * rows + closing)
    assert _refusal(tmp_path, described(path, MOENGAGE)) == (
        f"{path}:3: a quote opens here that does not close",
        "double the quotes inside of cells",
        3,
    )


def test_a_surplus_cell_is_one_too_many_even_if_it_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_text(f'id,mobile,opt_in\nSharma, A,{A},\nb,{B},true,,\nc,{C},\nd,"",""\n')
    answer = _measure(tmp_path, described(path, MOENGAGE))
    assert [(rejected.line, rejected.reason) for rejected in answer.rejected] == [
        (2, "more cells than the header has"),
        (3, "more cells than the header has"),
    ]
    assert (answer.counts["users.total"], answer.counts["users.blank"], answer.counts["numbers.missing"]) == (2, 2, 1)


def test_a_quote_inside_a_cell_opens_none(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_text(f'id,mobile,opt_in\n"a\na",{A},"say ""yes"" or no"\nb,{B},5" pipe\nc,{C},"5" pipe"\nd,,true\n')
    answer = _measure(tmp_path, described(path, MOENGAGE))
    assert [rejected.line for rejected in answer.rejected] == [5]
    assert answer.counts["users.total"] == 3


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("id,mobile,opt_in\na,1,true\nb,2,true\r\nc,3,true\n", 3, id="one CRLF"),
        pytest.param("id,mobile,opt_in\r\na,1,true\r\nb,2,true\nc,3,true\r\n", 3, id="one LF"),
        pytest.param('id,mobile,opt_in\na,1,"tr\r\nue"\nb,2\r2,true\n', 4, id="a carriage return"),
    ],
)
def test_line_ends_that_differ_are_named(text: str, line: int, tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_bytes(text.encode())
    assert _refusal(tmp_path, described(path, MOENGAGE)) == (
        f"{path}:{line}: this line ends otherwise than the first, or has a carriage return inside a cell",
        "write all lines with the same end, and quote cells that hold line breaks",
        3,
    )


def test_names_of_folders_are_no_cells(tmp_path: Path) -> None:
    rows = [("a", A, "false"), ("b", B, "false")]
    files = []
    for name in ("c0=x", "c2=true", "opt_in=true", "line=1"):
        folder = tmp_path / name
        folder.mkdir()
        files.append(csv_file(folder / "users.csv", MOENGAGE, rows))
        lines = "".join(json.dumps(dict(zip(("id", "mobile", "opt_in"), row, strict=True))) + "\n" for row in rows)
        (folder / "users.ndjson").write_text(lines)
        files.append(described(folder / "users.ndjson", MOENGAGE, kind=NDJSON))
        parquet = folder / "users.parquet"
        duckdb.execute(f"COPY (SELECT 'a' AS id, '{A}' AS mobile, 'false' AS opt_in) TO '{parquet}' (FORMAT parquet)")
        files.append(described(parquet, MOENGAGE, kind=PARQUET))
    counts = _measure(tmp_path, *files).counts
    assert (counts["users.total"], counts["users.false"], counts["repeated.ids"]) == (20, 20, 2)


def test_a_file_that_is_gone_when_it_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "users.csv"
    path.write_text(f"id,mobile,opt_in\na,{A}\n")

    def gone(*_: object) -> None:
        raise FileNotFoundError(2, "No such file or directory", str(path))

    monkeypatch.setattr(duckdb_engine, "extents", gone)
    assert _refusal(tmp_path, described(path, MOENGAGE)) == (
        f"{path}: the file could not be read again: No such file or directory",
        "let nothing change it while it is read",
        3,
    )


def test_lines_that_are_no_text_or_no_clear_object_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "users.ndjson"
    lines = [
        b'{"id": "a", "opt_in": true}',
        b"\t ",
        b'{"id": "b\xff", "opt_in": true}',
        b'{"id": "c"}\x01, and more',
        b'{"id": "d", "opt_in": true, "opt_in": false}',
        b'{"id": "' + b"e" * 2_000_000 + b'"}',
        b"nope",
        b'{"id": "f", "opt_in": false}',
    ]
    path.write_bytes(b"\n".join(lines) + b"\n")
    answer = _measure(tmp_path, described(path, MOENGAGE, kind=NDJSON))
    assert [(rejected.line, rejected.reason) for rejected in answer.rejected] == [
        (3, "more than 2 MB, or characters that are not UTF-8"),
        (4, "not a JSON object"),
        (5, "not a JSON object"),
        (6, "more than 2 MB, or characters that are not UTF-8"),
        (7, "not a JSON object"),
    ]
    assert (answer.rejected_count, answer.counts["users.true"], answer.counts["users.false"]) == (5, 1, 1)


def test_lines_that_are_no_json_object_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "users.ndjson"
    path.write_text('{"id": "a", "opt_in": true}\n\n[1]\n{"id": "b"\n{"id": "c"}\n"d"\n')
    answer = _measure(tmp_path, described(path, MOENGAGE, kind=NDJSON))
    assert answer.rows == {str(path): 2}
    assert [(rejected.line, rejected.reason) for rejected in answer.rejected] == [
        (3, "not a JSON object"),
        (4, "not a JSON object"),
        (6, "not a JSON object"),
    ]
    assert answer.counts["users.true"] == 1


def test_keys_of_json_may_have_any_characters(tmp_path: Path) -> None:
    path = tmp_path / "users.ndjson"
    path.write_text(json.dumps({"a/b~c": "x", "it's": A, "$.opt_in": "true"}))
    file = described(path, MOENGAGE, kind=NDJSON)
    names = ("a/b~c", "it's", "$.opt_in")
    columns = tuple(column._replace(name=name) for column, name in zip(file.columns, names, strict=True))
    assert _measure(tmp_path, file._replace(columns=columns)).counts["repeated.rows_without_id"] == 0


@pytest.mark.parametrize(
    "name", ["it's.csv", "a*.csv", "[ab]?.csv", "{a,b}.csv", "a;DROP TABLE typed.csv", "ü \u202e.csv", "-.csv"]
)
def test_a_path_means_one_file_whatever_its_name(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "it's [a] folder*"
    folder.mkdir()
    for other in ("ab.csv", "a.csv", "b.csv", "aa.csv"):
        csv_file(folder / other, MOENGAGE, [("x", A, "true")] * 5)
    assert _measure(tmp_path, csv_file(folder / name, MOENGAGE, [("a", A, "true")])).counts["users.total"] == 1


def test_a_path_that_duckdb_takes_for_another_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    csv_file(tmp_path / "a" / "b1.csv", MOENGAGE, [("x", A, "true")])
    file = csv_file(tmp_path / "a\\b[1].csv", MOENGAGE, [("a", A, "true")])
    message, remedy, exit_code = _refusal(tmp_path, file)
    assert message == f"{file.path}: DuckDB cannot read a path with a backslash and one of * ? ["
    assert (remedy, exit_code) == ("rename the file, or the folder that it is in", 2)


def test_a_small_memory_limit_changes_nothing(tmp_path: Path) -> None:
    file = csv_file(
        tmp_path / "users.csv",
        MOENGAGE,
        [(str(index % 7_000), str(919876500000 + index), "true") for index in range(8_000)],
    )
    assert _measure(tmp_path, file, memory_limit="64MB").counts == _measure(tmp_path, file).counts


@pytest.mark.parametrize("given", [None, 1])
def test_the_number_of_threads_is_what_was_asked_for(
    given: int | None, queries: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duckdb_engine, "LEAST_THREADS", 200)
    file = csv_file(tmp_path / "users.csv", MOENGAGE, [("a", A, "true")])
    wanted = request(file, temp_dir=tmp_path)._replace(threads=given)
    assert duckdb_engine.measure(wanted, lambda _: None).counts["users.true"] == 1
    assert ("SET threads = 200" in queries) == (given is None)


def test_a_memory_limit_that_is_none_is_said_so(tmp_path: Path) -> None:
    file = csv_file(tmp_path / "users.csv", MOENGAGE, [])
    with pytest.raises(AuditError, match="--memory-limit: DuckDB does not take 'much'"):
        _measure(tmp_path, file, memory_limit="much")


def test_without_room_the_folder_for_temporary_files_is_named(tmp_path: Path) -> None:
    file = csv_file(tmp_path / "users.csv", MOENGAGE, [])
    with pytest.raises(AuditError) as raised:
        duckdb_engine.measure(request(file, temp_dir=tmp_path / "missing"), lambda _: None)
    assert "--temp-dir" in raised.value.troubles[0].remedy


def test_a_file_that_is_not_what_it_should_be_is_named_without_its_content(tmp_path: Path) -> None:
    path = tmp_path / "users.parquet"
    path.write_text(f"a,{A},true")
    with pytest.raises(AuditError, match="cannot be read to its end") as raised:
        _measure(tmp_path, described(path, MOENGAGE, kind=PARQUET))
    assert A not in str(raised.value)


def test_a_broken_gzip_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "users.csv.gz"
    path.write_bytes(gzip.compress(("id,mobile,opt_in\n" + f"a,{A},true\n" * 50_000).encode())[:-2_000])
    with pytest.raises(AuditError, match=r"users\.csv\.gz: this file cannot be read to its end"):
        _measure(tmp_path, described(path, MOENGAGE))


def test_an_interrupt_stops_the_query_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = csv_file(tmp_path / "users.csv", MOENGAGE, [("a", A, "true")] * 200_000)
    monkeypatch.setattr(duckdb_engine, "POLL_SECONDS", 0.001)

    def interrupt(_: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        duckdb_engine.measure(request(file, temp_dir=tmp_path), interrupt)
    assert os.listdir(tmp_path) == ["users.csv"]


def test_progress_tells_rows_and_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = csv_file(tmp_path / "users.csv", MOENGAGE, [("a", A, "true")] * 100_000)
    monkeypatch.setattr(duckdb_engine, "POLL_SECONDS", 0.001)
    seen: list[Progress] = []
    duckdb_engine.measure(request(file, temp_dir=tmp_path), seen.append)
    assert seen[0].step == f"reading {file.path}"
    assert seen[-1] == ("comparing", 100_000, file.bytes, file.bytes)
    assert all(progress.bytes <= file.bytes for progress in seen)


def test_exceptions_list_the_rows_to_be_looked_at_and_only_the_owner_may_read_them(tmp_path: Path) -> None:
    users = [("a", A, "true"), ("b", B, "false"), ("c", "n/a", "yes"), ("d", C, "true"), ("d", C, "false")]
    bsp = [(B, "opted_in"), ("+14155552671", "opted_in"), (A, "opted_out")]
    out = tmp_path / "it's.parquet"
    files = (
        csv_file(tmp_path / "users.csv", MOENGAGE, users),
        csv_file(tmp_path / "bsp.csv", BSP, bsp),
        csv_file(tmp_path / "i.csv", IMPORT, [("a", "")]),
    )
    _measure(tmp_path, *files, exceptions=str(out))
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    shutil.copy(out, tmp_path / "copy.parquet")
    found = duckdb.execute(f"SELECT reason, id, mobile, status FROM '{tmp_path}/copy.parquet' ORDER BY ALL").fetchall()
    assert found == [
        ("TRUE but opted out at the provider", "a", A, "TRUE"),
        ("TRUE but unknown to the provider", "d", C, "TRUE"),
        ("id contradicting", "d", C, "FALSE"),
        ("id contradicting", "d", C, "TRUE"),
        ("not TRUE but opted in at the provider", "b", B, "FALSE"),
        ("number contradicting", "d", C, "FALSE"),
        ("number contradicting", "d", C, "TRUE"),
        ("number not E.164", "c", None, "invalid"),
        ("only at the provider", None, "+14155552671", None),
        ("status invalid", "c", None, "invalid"),
        ("the import would wipe it", "a", A, "TRUE"),
    ]


def test_exceptions_that_cannot_be_written_are_said_so(tmp_path: Path) -> None:
    file = csv_file(tmp_path / "users.csv", MOENGAGE, [])
    with pytest.raises(AuditError, match="nothing can be written there"):
        _measure(tmp_path, file, exceptions=str(tmp_path / "missing" / "out.parquet"))


def test_exceptions_of_a_killed_audit_do_no_harm(tmp_path: Path) -> None:
    """In a container every run may have the same number."""
    file = csv_file(tmp_path / "users.csv", MOENGAGE, [])
    out = tmp_path / "out.parquet"
    left = tmp_path / f"out.parquet.{os.getpid()}.new"
    left.write_text("half")
    _measure(tmp_path, file, exceptions=str(out))
    assert sorted(tmp_path.glob("out*")) == [out, left]
    assert left.read_text() == "half"


def test_a_tilde_is_a_character_like_any_other(
    in_folder: Path, queries: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = in_folder / "home"
    home.mkdir()
    (in_folder / "~tmp").mkdir()
    monkeypatch.setenv("HOME", f"{home}/")
    users = csv_file("users.csv", MOENGAGE, [("a", A, "yes")])
    duckdb_engine.measure(request(users, temp_dir="~tmp", exceptions="~who.parquet"), lambda _: None)
    (folder,) = (query for query in queries if query.startswith("SET temp_directory"))
    assert folder.startswith(f"SET temp_directory = '{in_folder}/~tmp/")
    assert os.listdir(home) == os.listdir("~tmp") == []
    assert os.path.getsize("~who.parquet") > 0
    assert stat.S_IMODE(os.stat("~who.parquet").st_mode) == 0o600


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ('Could not write file "{temporary}/duckdb_temp-0.tmp": File too large', "no temporary file can be written"),
        ('Could not write file "{temporary}/x": No space left on device', "the folder for temporary files is full"),
        ("failed to offload data block (1 GiB/1 GiB used). space", "the folder for temporary files is full"),
        ('Could not read from file "{path}": Input/output error', "{path}: this file cannot be read to its end"),
        ("Failed to decode gzip stream", "{path}: this file cannot be read to its end"),
    ],
)
def test_a_file_is_not_blamed_for_what_cannot_be_written(said: str, message: str, tmp_path: Path) -> None:
    folder = tmp_path / "workspace, write"
    folder.mkdir()
    users = csv_file(folder / "users.csv", MOENGAGE, [])
    names = {"path": users.path, "temporary": f"{folder}/wa-policy-audit-x"}
    error = duckdb_engine.unreadable(users, duckdb.IOException(said.format(**names)))
    assert str(error).startswith(message.format(**names))


@pytest.mark.parametrize("zeros", [".0", ".00", ".000000"])
def test_a_decimal_number_is_that_of_nobody_else(zeros: str, tmp_path: Path) -> None:
    counts = _counted(
        tmp_path,
        [
            ("a", f"436641234567{zeros}", "true"),
            ("b", f" +436641234568{zeros}", "true"),
            ("c", "436641234567.50", "false"),
        ],
        [("436641234567", "opted_in"), ("436641234568", "opted_in"), ("43664123456700", "opted_out")],
    )
    assert (counts["numbers.mended.decimal"], counts["bsp.known"]) == (2, 2)
    assert "bsp.opted_out" not in counts
