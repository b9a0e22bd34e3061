"""What a warehouse counted, read back: whole, of this version, adding up; and never repeated where it is something else."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from wa_policy.audit.errors import AuditError
from wa_policy.audit.from_result import MOST_BYTES, read_result
from wa_policy.audit.model import BSP, GROUP_MEASURES, IMPORT, MEASURES, MOENGAGE

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., tuple[int, str, str]]

AGAIN = (
    "run the SQL that --print-sql prints, and save its whole result, with the names of its columns, as CSV or NDJSON"
)
Rows = dict[tuple[str, str], str]


@pytest.fixture
def rows() -> Rows:
    """A result that adds up: 12 users, of whom 10 have a number."""
    found = {(name, ""): "0" for side in (MOENGAGE, BSP, IMPORT) for name in MEASURES[side]}
    found |= {("users.total", ""): "12", ("users.true", ""): "9", ("users.blank", ""): "3"}
    found |= {("numbers.e164", ""): "8", ("numbers.mended.spaces", ""): "2", ("numbers.missing", ""): "2"}
    found |= {("bsp.rows", ""): "8", ("bsp.known", ""): "6", ("bsp.unknown", ""): "2", ("bsp.not_compared", ""): "1"}
    found |= {("bsp.total", ""): "7", ("bsp.opted_in_total", ""): "6", ("bsp.status_unknown", ""): "1"}
    for code, total, true in (("91", "9", "7"), ("44", "1", "1")):
        found |= {(f"calling_codes.{name}", code): "0" for name in GROUP_MEASURES}
        blank = str(int(total) - int(true))
        found |= {
            ("calling_codes.total", code): total,
            ("calling_codes.true", code): true,
            ("calling_codes.blank", code): blank,
        }
    return found


def save(rows: Rows, path: str = "result.csv", names: tuple[str, ...] = ("measure", "calling_code", "n")) -> str:
    with open(path, "w", newline="", encoding="utf-8") as file:
        if path.endswith(".csv"):
            csv.writer(file, lineterminator="\n").writerows([names, *((*key, count) for key, count in rows.items())])
        else:
            cells = ((measure, code or None, int(count)) for (measure, code), count in rows.items())
            file.writelines(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in cells)
    return path


@pytest.mark.usefixtures("in_folder")
@pytest.mark.parametrize("path", ["result.csv", "result.ndjson", "result.json"])
@pytest.mark.parametrize("names", [("measure", "calling_code", "n"), ("MEASURE", "CALLING_CODE", "N")])
def test_a_result_is_read(path: str, names: tuple[str, ...], rows: Rows) -> None:
    measured, digest = read_result(save(rows, path, names))
    assert measured.counts["users.total"] == 12
    assert measured.counts.keys() == {*MEASURES[MOENGAGE], *MEASURES[BSP]}  # no import was there
    assert measured.groups == [
        {"calling_code": "91", "total": 9, "true": 7, "false": 0, "blank": 2, "invalid": 0},
        {"calling_code": "44", "total": 1, "true": 1, "false": 0, "blank": 0, "invalid": 0},
    ]
    content = Path(path).read_bytes()
    assert digest == (hashlib.sha256(content).hexdigest(), len(content))


@pytest.mark.usefixtures("in_folder")
def test_ways_to_write_nothing_and_whole_numbers(rows: Rows) -> None:
    text = "\n".join(f'{code or "NULL"};"{count}.00"; {measure} ' for (measure, code), count in rows.items())
    Path("result.csv").write_text(f"\ufeffCalling_Code;n;measure\n{text}\n\n", "utf-8")
    assert read_result("result.csv")[0].counts["users.true"] == 9


def without(measure: str, code: str = "") -> Callable[[Rows], None]:
    def spoil(rows: Rows) -> None:
        del rows[measure, code]

    return spoil


def with_count(measure: str, code: str, count: str) -> Callable[[Rows], None]:
    return lambda rows: rows.update({(measure, code): count})


def with_counts(counts: Rows) -> Callable[[Rows], None]:
    return lambda rows: rows.update(counts)


def more(parts: str, of_parts: int, whole: str, of_whole: int) -> str:
    return f"the counts do not add up: {parts} is {of_parts:,}, and more than {whole}, {of_whole:,}"


@pytest.mark.usefixtures("in_folder")
@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (without("users.blank"), "the result is not whole: without users.blank"),
        (lambda rows: rows.clear(), "the result is not whole: without users.total and 49 more"),
        (
            without("calling_codes.true", "44"),
            "the result is not whole: without calling_codes.true of 44",
        ),
        (with_count("users.blank", "", "4"), "the counts do not add up: users.total is 12, and its parts 13"),
        (with_count("bsp.known", "", "9"), "the counts do not add up: users.true is 9, and its parts 12"),
        (
            with_count("calling_codes.true", "44", "0"),
            "the counts do not add up: calling_codes.total of 44 is 1, and its parts 0",
        ),
        (with_count("numbers.e164", "", "9"), "the counts do not add up: users.total is 12, and all numbers 13"),
        (with_count("dirt.words", "", "1"), "the counts do not add up: users.invalid is 0, and its kinds of dirt 1"),
        (with_count("bsp.opted_in_total", "", "13"), "the counts do not add up: bsp.total is 7, and its parts 14"),
        (
            with_counts({("calling_codes.total", "91"): "9000", ("calling_codes.true", "91"): "8998"}),
            "the counts do not add up: the usable numbers is 10, and calling_codes.total of all 9,001",
        ),
        (
            with_counts({("calling_codes.true", "91"): "6", ("calling_codes.blank", "91"): "3"}),
            "the counts do not add up: users.true without bsp.not_compared is 8, and calling_codes.true of all 7",
        ),
        (with_count("repeated.ids", "", "1"), more("repeated.ids, twice", 2, "repeated.rows_of_ids", 0)),
        (
            with_counts(
                {("repeated.ids", ""): "1", ("repeated.rows_of_ids", ""): "2", ("repeated.rows_without_id", ""): "11"}
            ),
            more("repeated.rows_of_ids + repeated.rows_without_id", 13, "users.total", 12),
        ),
        (with_count("repeated.numbers", "", "1"), more("repeated.numbers, twice", 2, "repeated.users_of_numbers", 0)),
        (
            with_count("repeated.users_of_numbers", "", "11"),
            more("repeated.users_of_numbers", 11, "the usable numbers", 10),
        ),
        (with_count("repeated.contradicting_ids", "", "1"), more("repeated.contradicting_ids", 1, "repeated.ids", 0)),
        (with_count("dirt.spaces", "", "13"), more("dirt.spaces", 13, "users.true + users.false + users.blank", 12)),
        (with_count("bsp.invalid_numbers", "", "2"), more("bsp.total + bsp.invalid_numbers", 9, "bsp.rows", 8)),
        (with_count("bsp.only_at_bsp", "", "8"), more("bsp.only_at_bsp", 8, "bsp.total", 7)),
        (with_count("bsp.contradicting", "", "1"), more("bsp.contradicting", 1, "bsp.opted_out_total", 0)),
        (
            with_count("bsp.legacy_matched", "", "9"),
            more("bsp.legacy_matched", 9, "bsp.known + bsp.unknown + bsp.opted_out", 8),
        ),
        (
            with_count("bsp.not_true_but_opted_in", "", "3"),
            more("bsp.not_true_but_opted_in + calling_codes.true of all", 11, "the usable numbers", 10),
        ),
        (with_count("import.blank", "", "1"), more("import.blank", 1, "import.rows", 0)),
        (
            with_count("import.would_wipe", "", "1"),
            more("import.would_wipe + import.would_wipe_false", 1, "import.blank", 0),
        ),
        (
            with_count("import.unknown_ids", "", "1"),
            more("import.would_wipe + import.would_wipe_false + import.unknown_ids", 1, "import.rows", 0),
        ),
    ],
)
def test_what_is_not_whole_or_does_not_add_up(spoil: Callable[[Rows], None], message: str, rows: Rows) -> None:
    spoil(rows)
    save(rows)
    with pytest.raises(AuditError) as refusal:
        read_result("result.csv")
    assert refusal.value.troubles == ((f"result.csv: {message}", AGAIN, 3),)


WIPED = {("import.rows", ""): "20", ("import.blank", ""): "20"}
TWICE = {
    ("repeated.rows_of_ids", ""): "12",
    ("repeated.ids", ""): "6",
    ("repeated.users_of_numbers", ""): "10",
    ("repeated.numbers", ""): "5",
}
MIXED = {
    ("users.true", ""): "2",
    ("users.false", ""): "7",
    ("calling_codes.true", "91"): "0",
    ("calling_codes.true", "44"): "0",
    ("calling_codes.false", "91"): "7",
    ("bsp.known", ""): "0",
    ("bsp.unknown", ""): "0",
    ("bsp.not_compared", ""): "2",
    ("calling_codes.blank", "44"): "1",
}


@pytest.mark.usefixtures("in_folder")
@pytest.mark.parametrize(
    ("counts", "message"),
    [
        (WIPED | {("import.would_wipe", ""): "10"}, more("import.would_wipe", 10, "users.true", 9)),
        (WIPED | {("import.would_wipe_false", ""): "1"}, more("import.would_wipe_false", 1, "users.false", 0)),
        (TWICE | {("repeated.contradicting_ids", ""): "1"}, more("repeated.contradicting_ids", 1, "users.false", 0)),
        (
            TWICE | MIXED | {("repeated.contradicting_ids", ""): "3"},
            more("repeated.contradicting_ids", 3, "users.true", 2),
        ),
        (
            TWICE | {("repeated.contradicting_numbers", ""): "1"},
            more("repeated.contradicting_numbers", 1, "users.false", 0),
        ),
        (
            TWICE | MIXED | {("repeated.contradicting_numbers", ""): "3"},
            more("repeated.contradicting_numbers", 3, "users.true", 2),
        ),
        (
            {("bsp.opted_in_total", ""): "0", ("bsp.opted_out_total", ""): "6"},
            "the counts do not add up: bsp.known is 6, and bsp.opted_in_total 0",
        ),
        (
            MIXED
            | {
                ("bsp.opted_in_total", ""): "0",
                ("bsp.opted_out_total", ""): "6",
                ("bsp.not_true_but_opted_in", ""): "1",
            },
            "the counts do not add up: bsp.not_true_but_opted_in is 1, and bsp.opted_in_total 0",
        ),
        (
            {("bsp.opted_out", ""): "2", ("bsp.unknown", ""): "0"},
            "the counts do not add up: bsp.opted_out is 2, and bsp.opted_out_total 0",
        ),
    ],
)
def test_a_part_that_has_no_such_whole(counts: Rows, message: str, rows: Rows) -> None:
    with pytest.raises(AuditError) as refusal:
        read_result(save(rows | counts))
    assert refusal.value.troubles == ((f"result.csv: {message}", AGAIN, 3),)


@pytest.mark.usefixtures("in_folder")
@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("CANARY,,1", "this is no measure that the SQL of this version has"),
        ("users.total,91,1", "this is no measure that the SQL of this version has"),
        ("calling_codes.CANARY,91,1", "this is no measure that the SQL of this version has"),
        ("calling_codes.total,CANARY,1", "this is no calling code"),
        ("calling_codes.total,,1", "this is no calling code"),
        ("users.total,,CANARY", "the count is no whole number"),
        ("users.total,,-1", "the count is no whole number"),
        ("users.total,,1.5", "the count is no whole number"),
        ("users.total,,", "the count is no whole number"),
        ("users.total", "the count is no whole number"),
    ],
)
def test_rows_that_are_none_are_not_repeated(line: str, message: str) -> None:
    Path("result.csv").write_text(f"measure,calling_code,n\n{line}\n")
    with pytest.raises(AuditError) as refusal:
        read_result("result.csv")
    assert refusal.value.troubles == ((f"result.csv:2: {message}", AGAIN, 3),)


@pytest.mark.usefixtures("in_folder")
def test_a_line_that_is_no_csv_is_not_repeated(rows: Rows) -> None:
    with open(save(rows), "a", newline="") as file:
        file.write(f"{'x' * 200_000},,12\n")
    with pytest.raises(AuditError) as refusal:
        read_result("result.csv")
    message = f"result.csv:{len(rows) + 2}: this line cannot be read as CSV: a cell is too long, or breaks off"
    assert refusal.value.troubles == ((message, AGAIN, 3),)


@pytest.mark.usefixtures("in_folder")
@pytest.mark.parametrize(
    "line", ["CANARY", "[1]", '{"measure": "a", "n": 1, "n": 2}', '{"measure": "CANARY", "measure": "CANARY"}']
)
def test_a_later_line_that_is_no_object_is_refused_like_the_first(line: str, rows: Rows) -> None:
    with open(save(rows, "result.ndjson"), "a") as file:
        file.write(f"{line}\n")
    with pytest.raises(AuditError) as refusal:
        read_result("result.ndjson")
    message = f"result.ndjson:{len(rows) + 1}: this is no JSON object in UTF-8, or has a key twice"
    assert refusal.value.troubles == ((message, AGAIN, 3),)


@pytest.mark.usefixtures("in_folder")
@pytest.mark.parametrize(
    ("line", "message", "remedy"),
    [
        (
            "measure,calling_code,users",
            "no column for the count",
            "save it again with this column, under this name",
        ),
        ("measure,calling_code,n,N", "several columns for the count", "rename or remove one of them"),
    ],
)
def test_a_header_of_a_result_is_not_mended_by_map(line: str, message: str, remedy: str) -> None:
    Path("result.csv").write_text(f"{line}\n")
    with pytest.raises(AuditError) as refusal:
        read_result("result.csv")
    (trouble,) = refusal.value.troubles
    assert trouble.message.startswith(f"result.csv: line 1: {message}")
    assert (trouble.remedy, trouble.exit_code) == (remedy, 3)


@pytest.mark.usefixtures("in_folder")
def test_a_measure_that_stands_there_twice(rows: Rows) -> None:
    with open(save(rows), "a") as file:
        file.write("users.total,,12\n")
    with pytest.raises(AuditError, match="this measure stands there twice"):
        read_result("result.csv")


@pytest.mark.usefixtures("in_folder")
@pytest.mark.parametrize(
    ("path", "content", "message", "code"),
    [
        ("nowhere.csv", None, "there is no such file", 2),
        ("result.parquet", b"PAR1", "a result is read from CSV (.csv) or NDJSON (.ndjson, .jsonl, .json)", 2),
        (
            "result.csv",
            b"x" * (MOST_BYTES + 1),
            "a result has a few hundred rows, and this file more than 1,048,576 bytes",
            3,
        ),
        ("result.csv", b"", "the file is empty", 3),
        (
            "result.csv",
            b"measure,calling_code,users\n",
            'line 1: no column for the count, "n"; its columns are "measure", "calling_code", "users"',
            3,
        ),
        ("result.ndjson", b"CANARY\n", "line 1 is no JSON object in UTF-8, or has a key twice", 3),
    ],
)
def test_files_that_are_no_result(path: str, content: bytes | None, message: str, code: int) -> None:
    if content is not None:
        Path(path).write_bytes(content)
    with pytest.raises(AuditError) as refusal:
        read_result(path)
    (trouble,) = refusal.value.troubles
    assert (trouble.message, trouble.exit_code) == (f"{path}: {message}", code)


@pytest.mark.usefixtures("in_folder")
def test_an_array_of_rows_is_told_how_to_become_lines() -> None:
    Path("result.json").write_text('[\n{"measure": "users.total", "calling_code": "", "n": 12}\n]')
    with pytest.raises(AuditError) as refusal:
        read_result("result.json")
    assert refusal.value.troubles[0].remedy == (
        "write one JSON object for each row of the result, each on a line (NDJSON); `jq -c '.[]'` makes lines of an array"
    )


def test_the_command_makes_evidence_of_it(in_folder: Path, run: Run, rows: Rows) -> None:
    save(rows)
    words = ["--from-result", "result.csv", "--dialect", "snowflake", "--out", "audit.json"]
    code, out, err = run("audit", "opt-in", "--workspace", "acme", "--measured-at", "2026-11-20T06:30:00Z", *words)
    assert (code, err) == (0, "audit.json is written\n")
    assert out.startswith("acme: opt-in audit of 2026-11-20T06:30:00Z, counted by from-result snowflake\n")
    stated = json.loads((in_folder / "audit.json").read_text("utf-8"))
    assert stated["subject"][0]["annotations"]["side"] == "result"
    audit = stated["predicate"]
    assert (audit["scope"], audit["engine"]) == ("full", {"name": "from-result", "dialect": "snowflake"})
    assert audit["calling_codes"] == [
        {"calling_code": "other", "total": 10, "true": 8, "false": 0, "blank": 2, "invalid": 0}
    ]
    assert not audit.keys() & {"import", "rejected"}
