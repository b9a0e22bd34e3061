"""The SQL by itself: how it reads single cells, and what becomes of it in other dialects."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import duckdb
import phonenumbers
import pytest
import sqlglot

from tests.audit.reference import PUNCTUATION, WHITE_SPACE, lengths
from wa_policy.audit import sql
from wa_policy.audit.model import GROUP_MEASURES, MEASURES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlglot.expressions import Expr


A = "+919876543210"
NUMBERS = {
    1: "e164", 2: "missing", 3: "mended.spaces", 4: "mended.separators", 5: "mended.decimal", 6: "mended.double_zero",
    11: "not_e164.exponent", 12: "not_e164.unicode_digits", 13: "not_e164.letters", 14: "not_e164.trunk_zero",
    15: "not_e164.calling_code", 16: "not_e164.too_short", 17: "not_e164.too_long", 18: "not_e164.other",
}  # fmt: skip
CASES = [
    (A, "e164"),
    (A[1:], "e164"),
    ("6591234567", "e164"),
    ("", "missing"),
    (None, "missing"),
    ("null", "missing"),
    (f"\u202a{A}\u202c", "mended.spaces"),
    ("+91 98765 43210", "mended.spaces"),
    ("+91 (98765) 432-10", "mended.separators"),
    ("'919876543210", "mended.separators"),
    ("91.98765.43210", "mended.separators"),
    ("919876543210.0", "mended.decimal"),
    ("00 91 98765 43210", "mended.double_zero"),
    ("9.19877E+11", "not_e164.exponent"),
    ("9,19877E+11", "not_e164.exponent"),
    ("9198765432E2", "not_e164.exponent"),
    ("٩١٩٨٧٦٥٤٣٢١٠", "not_e164.unicode_digits"),
    ("91987654321O", "not_e164.letters"),
    ("0x1FFFFFFFFFF", "not_e164.letters"),
    ("09876543210", "not_e164.trunk_zero"),
    ("+44 (0)7911 123456", "not_e164.trunk_zero"),
    ("+210123456789", "not_e164.calling_code"),
    ("+0919876543210", "not_e164.calling_code"),
    ("9876543210", "not_e164.too_short"),  # an Indian number without 91, and none of Iran
    ("+12345", "not_e164.too_short"),
    ("91987654321012", "not_e164.too_long"),
    ("+1234567890123456", "not_e164.too_long"),
    ("919876543210;919876543211", "not_e164.other"),
]


def _read(mobiles: Iterable[str | None]) -> list[tuple[str, int | None]]:
    """Kind and number of each cell, as the step ``typed`` reads them."""
    loaded = sql.load()
    with duckdb.connect() as connection:
        connection.execute(loaded.macros)
        connection.execute("CREATE TABLE users (id VARCHAR, mobile VARCHAR, opt_in VARCHAR)")
        connection.execute("CREATE VIEW imports AS SELECT id, opt_in FROM users WHERE FALSE")
        connection.execute("CREATE VIEW bsp AS SELECT mobile, opt_in AS status FROM users WHERE FALSE")
        connection.executemany(
            "INSERT INTO users VALUES (?, ?, NULL)", [(str(index), mobile) for index, mobile in enumerate(mobiles)]
        )
        for step in ("calling_codes", "beginnings", "words", "at_sight", "untidy", "mended"):
            connection.execute(f"CREATE TABLE {step} AS {loaded.steps[step]}")
        found = connection.execute(
            f"SELECT number, phone FROM ({loaded.steps['typed']}) ORDER BY CAST(id AS INTEGER)"
        ).fetchall()
    return [(NUMBERS[number], phone) for number, phone in found]


def test_each_number_is_read_as_what_it_is() -> None:
    read = _read(mobile for mobile, _ in CASES)
    assert [(mobile, kind) for (mobile, _), (kind, _) in zip(CASES, read, strict=True)] == CASES


def test_a_number_is_the_same_however_it_is_written() -> None:
    same = [A, A[1:], "00919876543210", "+91 98765-43210", "919876543210.0", "(+91) 9876543210", "\u00a0919876543210"]
    assert {phone for _, phone in _read(same)} == {919876543210}


def test_white_space_and_punctuation_are_taken_out_each_and_all() -> None:
    assert {kind for kind, _ in _read(f"91{char}9876543210" for char in WHITE_SPACE)} == {"mended.spaces"}
    assert {kind for kind, _ in _read(f"91{char}9876543210" for char in PUNCTUATION)} == {"mended.separators"}


def test_the_digits_of_other_scripts_are_known_as_digits() -> None:
    scripts = "٠۰०০੦૦୦௦౦೦൦๐໐༠၀០０"
    assert {kind for kind, _ in _read(chr(ord(zero) + digit) for zero in scripts for digit in range(10))} == {
        "not_e164.unicode_digits"
    }


def test_the_calling_codes_are_libphonenumbers() -> None:
    rows = duckdb.execute(sql.load().steps["calling_codes"]).fetchall()
    assert {int(code) for code, _, _ in rows} == set(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
    assert [(int(code), (fewest, most)) for code, fewest, most in rows] == [
        (int(code), lengths(int(code))) for code, _, _ in rows
    ]


def test_the_result_has_every_measure_and_no_other() -> None:
    named = set(
        re.findall(
            r"'((?:users|dirt|numbers|repeated|bsp|import|calling_codes)\.[a-z0-9_.]+)'", sql.load().steps["measures"]
        )
    )
    groups = {f"calling_codes.{name}" for name in GROUP_MEASURES}
    assert named == {name for side in MEASURES.values() for name in side} | groups


def test_a_tidy_cell_says_the_same_when_it_is_looked_at_more_closely() -> None:
    # the short way of most rows against the long way of the others
    mobiles = [f"{plus}{digits}" for plus in ("", "+") for digits in _NUMBERS] + ["", None, "12E2", "919876543E02"]
    statuses = ["true", "TRUE", "False", "null", "NULL", "", None, "tRuE"]
    cells = [(mobile, statuses[index % len(statuses)]) for index, mobile in enumerate(mobiles * len(statuses))]
    kept = "CASE WHEN side > 0 THEN 0 - side ELSE side END"
    with duckdb.connect() as connection:
        loaded = sql.load()
        connection.execute(loaded.macros)
        connection.execute("CREATE TABLE users (id VARCHAR, mobile VARCHAR, opt_in VARCHAR)")
        connection.execute("CREATE VIEW imports AS SELECT id, opt_in FROM users")
        connection.execute("CREATE VIEW bsp AS SELECT mobile, opt_in AS status FROM users")
        connection.executemany(
            "INSERT INTO users VALUES (?, ?, ?)", [(str(index), *cell) for index, cell in enumerate(cells)]
        )
        for step in ("calling_codes", "beginnings", "words", "at_sight", "untidy", "mended", "typed"):
            connection.execute(f"CREATE TABLE {step} AS {loaded.steps[step]}")
        short = connection.execute("SELECT * FROM typed ORDER BY ALL").fetchall()
        connection.execute(
            "CREATE TABLE given AS SELECT 1 AS side, id, mobile, opt_in AS said FROM users"
            " UNION ALL SELECT 2, NULL, mobile, opt_in FROM users UNION ALL SELECT 3, id, NULL, opt_in FROM users"
        )
        connection.execute("DROP TABLE untidy; DROP TABLE mended; DROP TABLE typed")
        connection.execute(
            f"CREATE OR REPLACE TABLE at_sight AS SELECT CAST({kept} AS TINYINT) AS side, id, CAST(NULL AS SMALLINT) AS status,"
            " CAST(NULL AS SMALLINT) AS calling_code, CAST(NULL AS BIGINT) AS written, COALESCE(said, '') AS said,"
            " NULLIF(mobile, '') AS mobile FROM given"
        )
        for step in ("untidy", "mended", "typed"):
            connection.execute(f"CREATE TABLE {step} AS {loaded.steps[step]}")
        assert connection.execute("SELECT * FROM typed ORDER BY ALL").fetchall() == short
    assert len(short) == 3 * len(cells)


_NUMBERS = [
    *(code + "9876543210123456"[:length] for code in ("1", "7", "44", "52", "521", "54", "549", "55", "5511", "62", "91", "210")
      for length in range(2, 14)),
    "0919876543210",
    "919876543200",
]  # fmt: skip


def _texts(expression: Expr) -> Counter[str]:
    return Counter(literal.name for literal in expression.find_all(sqlglot.exp.Literal) if literal.is_string)


@pytest.mark.parametrize("dialect", sql.DIALECTS)
def test_a_printed_statement_can_be_read_in_its_dialect_and_has_lost_nothing(dialect: str) -> None:
    printed = sql.printed(dialect)
    statement = sqlglot.parse_one(printed, read=dialect)
    assert [table.name for table in statement.find_all(sqlglot.exp.Table) if table.name.endswith("_table")] == [
        *sql.PLACEHOLDERS.values()
    ]
    assert _texts(statement) == sum(
        (_texts(sqlglot.parse_one(step, read=dialect)) for step in sql.translate(dialect).values()), Counter()
    )
    assert not re.search(r"\b(without|white_space|punctuation|other_digits)\(", printed, re.IGNORECASE)


@pytest.mark.parametrize("dialect", sql.DIALECTS)
def test_what_is_no_number_stops_no_engine(dialect: str) -> None:
    # sqlglot makes a CAST of TRY_CAST where it does not see that text is given
    assert len(re.findall(r"\b(?:TRY|SAFE)_CAST\(", sql.printed(dialect))) == sum(
        step.count("TRY_CAST(") for step in sql.load().steps.values()
    )


@pytest.mark.parametrize("dialect", sql.DIALECTS)
def test_no_character_beyond_ascii_goes_through_chr(dialect: str) -> None:
    # Spark's chr(8203) is another character; and every list of characters stays whole
    printed = sql.printed(dialect)
    assert all(int(code) < 128 for code in re.findall(r"CHR\(\s*(\d+)", printed))
    assert all(char in printed for char in WHITE_SPACE if ord(char) > 127)


def test_without_sqlglot_the_install_line_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from wa_policy.audit.errors import AuditError

    monkeypatch.setitem(sys.modules, "sqlglot", None)
    with pytest.raises(AuditError) as raised:
        sql.printed("spark")
    assert raised.value.troubles[0].remedy == "pip install 'wa-policy[audit]'"


def test_whoever_prints_the_sql_is_told_what_its_result_shows() -> None:
    said = sql.printed("duckdb").partition("WITH ")[0].replace("\n-- ", " ")
    assert "Keep it out of the repository" in said
    assert "a calling code with one user" in said
