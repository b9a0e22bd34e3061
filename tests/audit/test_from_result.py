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
    """A result that adds up: 12 users, of whom 9 have a number."""
    found = {(name, ""): "0" for side in (MOENGAGE, BSP, IMPORT) for name in MEASURES[side]}
    found |= {("users.total", ""): "12", ("users.true", ""): "9", ("users.blank", ""): "3"}
    found |= {("bsp.rows", ""): "8", ("bsp.known", ""): "6", ("bsp.unknown", ""): "2", ("bsp.not_compared", ""): "1"}
    for code, total in (("91", "9"), ("44", "1")):
        found |= {(f"calling_codes.{name}", code): "0" for name in GROUP_MEASURES}
        found |= {("calling_codes.total", code): total, ("calling_codes.true", code): total}
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
        {"calling_code": "91", "total": 9, "true": 9, "false": 0, "blank": 0, "invalid": 0},
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
    ],
)
def test_what_is_not_whole_or_does_not_add_up(spoil: Callable[[Rows], None], message: str, rows: Rows) -> None:
    spoil(rows)
    save(rows)
    with pytest.raises(AuditError) as refusal:
        read_result("result.csv")
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
        {"calling_code": "other", "total": 10, "true": 10, "false": 0, "blank": 0, "invalid": 0}
    ]
    assert not audit.keys() & {"import", "rejected"}
