"""The list of rows to be looked at: whatever the audit counts as odd stands in it, under its reason and its kind."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from hypothesis import given, settings

from tests.audit.dirt import BSP_STATUSES, IDS, MOBILES, STATUSES, csv_file, request, rows
from wa_policy.audit import duckdb_engine
from wa_policy.audit.model import BSP, IMPORT, MOENGAGE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pytest

    Cell = str | None
    Row = tuple[Cell, ...]


HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "audit-opt-in.md"
A, B, C, D = "+919876543210", "+919876543211", "+919876543212", "+14155552671"
USABLE = [("a", A, "true"), ("b", B, "false")]


def _listed(
    folder: Path, users: Sequence[Row] = (), bsp: Sequence[Row] = (), imports: Sequence[Row] = ()
) -> tuple[list[Row], Mapping[str, int]]:
    out = folder / "who.parquet"
    out.unlink(missing_ok=True)
    sides = ((MOENGAGE, users), (BSP, bsp), (IMPORT, imports))
    files = [csv_file(folder / f"{side}.csv", side, data) for side, data in sides if data or side == MOENGAGE]
    measured = duckdb_engine.measure(request(*files, temp_dir=folder, exceptions=str(out)), lambda _: None)
    with duckdb.connect(":memory:") as connection:
        found = connection.execute(f"FROM '{out}' ORDER BY ALL").fetchall()
        assert [column[0] for column in connection.description] == ["reason", "kind", "id", "mobile", "status"]
    return found, measured.counts


NUMBERS = {
    "exponent": "9.19876E+11",
    "unicode_digits": "९१९८७६५४३२१०",
    "letters": "n/a",
    "trunk_zero": "09876543210",
    "calling_code": "+2101234567890",
    "too_short": "12345",
    "too_long": "12345678901234567",
    "other": "911/922",
}
MENDED = {
    "spaces": f" {A}",
    "separators": "+91 98765-43211",
    "decimal": "919876543212.0",
    "double_zero": "0014155552671",
}


def test_numbers_are_listed_with_what_is_wrong_with_them(tmp_path: Path) -> None:
    found, _ = _listed(tmp_path, [(kind, mobile, "false") for kind, mobile in (NUMBERS | MENDED).items()])
    assert found == [
        *(("number not E.164", kind, kind, None, "FALSE") for kind in sorted(NUMBERS)),
        *(
            ("number to be mended", kind, kind, read, "FALSE")
            for kind, read in sorted(zip(MENDED, (A, B, C, D), strict=True))
        ),
    ]


def test_numbers_of_the_provider_are_listed_with_what_is_wrong_with_them(tmp_path: Path) -> None:
    users = [(mobile, mobile, "true") for mobile in (A, B, C, D)]
    bsp = [(mobile, "opted_in") for mobile in (NUMBERS | MENDED).values()]
    assert _listed(tmp_path, users, bsp)[0] == [
        ("number at the provider not usable", kind, None, None, None) for kind in sorted(NUMBERS)
    ]


def test_statuses_are_listed_with_what_is_wrong_with_them(tmp_path: Path) -> None:
    statuses = {"1": "numeric", "yes": "words", "OPTIN": "sms_vocabulary", "x": "other"}
    spaced = {" true": "TRUE", "FALSE\u00a0": "FALSE", " ": "blank"}
    found, _ = _listed(tmp_path, [(status, "", status) for status in (*statuses, *spaced)])
    assert [row for row in found if row[1] != "missing"] == [
        *sorted(("status invalid", kind, status, None, "invalid") for status, kind in statuses.items()),
        *sorted(("status with white space", None, status, None, read) for status, read in spaced.items()),
    ]


def test_users_who_cannot_be_reached_or_told_apart_are_listed(tmp_path: Path) -> None:
    users = [("a", "", "true"), ("b", "n/a", "true"), ("c", "", "false"), ("", C, ""), (None, "n/a", "false")]
    assert _listed(tmp_path, users)[0] == [
        ("TRUE without a usable number", "letters", "b", None, "TRUE"),
        ("TRUE without a usable number", "missing", "a", None, "TRUE"),
        ("id missing", None, None, C, "blank"),
        ("id missing", None, None, None, "FALSE"),
        ("number not E.164", "letters", "b", None, "TRUE"),
        ("number not E.164", "letters", None, None, "FALSE"),
    ]


def test_entries_of_the_provider_that_say_nothing_clear_are_listed(tmp_path: Path) -> None:
    bsp = [(A, "in"), (A, "out"), (B, "pending"), (C, ""), (C, "opted_in"), ("", "in"), (None, "out")]
    found, _ = _listed(tmp_path, [("a", A, "false"), ("b", B, "false"), ("c", C, "true")], bsp)
    assert found == [
        ("number at the provider not usable", "missing", None, None, None),
        ("number at the provider not usable", "missing", None, None, None),
        ("opted in and out at the provider", None, None, A, None),
        ("status at the provider unclear", None, None, B, None),
    ]


def test_ids_that_only_the_import_has_are_listed(tmp_path: Path) -> None:
    imports = [("a", "true"), ("x", ""), ("x", "true"), ("y", "false"), ("", "")]
    assert _listed(tmp_path, USABLE, imports=imports)[0] == [
        ("only in the import", None, "x", None, None),
        ("only in the import", None, "y", None, None),
    ]


def test_what_is_as_it_should_be_is_not_listed(tmp_path: Path) -> None:
    users = [*USABLE, ("c", "", ""), ("d", C[1:], "FALSE")]
    assert _listed(tmp_path, users, [(A, "in"), (B, "out")], [("a", "true")])[0] == []


COUNTS = {
    "status invalid": ["users.invalid"],
    "status with white space": ["dirt.spaces"],
    "number not E.164": [f"numbers.not_e164.{kind}" for kind in NUMBERS],
    "number to be mended": [f"numbers.mended.{kind}" for kind in MENDED],
    "TRUE without a usable number": ["bsp.not_compared"],
    "id missing": ["repeated.rows_without_id"],
    "TRUE but opted out at the provider": ["bsp.opted_out"],
    "TRUE but unknown to the provider": ["bsp.unknown"],
    "not TRUE but opted in at the provider": ["bsp.not_true_but_opted_in"],
    "only at the provider": ["bsp.only_at_bsp"],
    "number at the provider not usable": ["bsp.invalid_numbers"],
    "opted in and out at the provider": ["bsp.contradicting"],
    "status at the provider unclear": ["bsp.status_unknown"],
    "only in the import": ["import.unknown_ids"],
}
"""Which counts of the audit a reason's rows are. Those of repeated ids and numbers are counted together."""


@settings(max_examples=10, deadline=None, derandomize=True)
@given(
    users=rows(IDS, MOBILES, STATUSES, most=150), bsp=rows(MOBILES, BSP_STATUSES), imports=rows(IDS, STATUSES, most=10)
)
def test_as_many_rows_are_listed_as_were_counted(
    users: list[Row], bsp: list[Row], imports: list[Row], tmp_path_factory: pytest.TempPathFactory
) -> None:
    everyone = [*users, ("the last", "+6591234567", "true")]
    found, counts = _listed(
        tmp_path_factory.mktemp("audit"), everyone, bsp or [(A, "in")], imports or [("the last", "true")]
    )
    listed = Counter(str(row[0]) for row in found)
    assert {reason: listed[reason] for reason in COUNTS} == {
        reason: sum(counts[name] for name in names) for reason, names in COUNTS.items()
    }
    assert (
        listed["id repeated"] + listed["id contradicting"],
        listed["number repeated"] + listed["number contradicting"],
    ) == (counts["repeated.rows_of_ids"], counts["repeated.users_of_numbers"])
    assert set(listed) <= {*COUNTS, *_REPEATED, "the import would wipe it"}


_REPEATED = ("id repeated", "id contradicting", "number repeated", "number contradicting")


def test_the_how_to_names_every_reason() -> None:
    text = HOW_TO.read_text("utf-8")
    for reason in (*COUNTS, *_REPEATED, "the import would wipe it"):
        assert f"| `{reason}` |" in text


def test_a_list_without_rows_knows_nobody(tmp_path: Path) -> None:
    out = tmp_path / "who.parquet"
    files = [csv_file(tmp_path / "u.csv", MOENGAGE, USABLE), csv_file(tmp_path / "b.csv", BSP, [])]
    counts = duckdb_engine.measure(request(*files, temp_dir=tmp_path, exceptions=str(out)), lambda _: None).counts
    with duckdb.connect(":memory:") as connection:
        found = connection.execute(f"FROM '{out}'").fetchall()
    assert counts["bsp.unknown"] == 1
    assert found == [("TRUE but unknown to the provider", None, "a", A, "TRUE")]
