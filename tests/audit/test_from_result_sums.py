"""What a result is held to is true of every result: of those that the SQL gives for any data."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from hypothesis import given, settings

from tests.audit.dirt import BSP_STATUSES, IDS, MOBILES, STATUSES, csv_file, request, rows
from wa_policy.audit import duckdb_engine
from wa_policy.audit.from_result import read_result
from wa_policy.audit.model import BSP, GROUP_MEASURES, IMPORT, MOENGAGE

if TYPE_CHECKING:
    import pytest

    Cell = str | None


@settings(max_examples=10, deadline=None, derandomize=True)
@given(
    users=rows(IDS, MOBILES, STATUSES, most=150), bsp=rows(MOBILES, BSP_STATUSES), imports=rows(IDS, STATUSES, most=20)
)
def test_what_is_counted_adds_up(
    users: list[tuple[Cell, Cell, Cell]],
    bsp: list[tuple[Cell, Cell]],
    imports: list[tuple[Cell, Cell]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("audit")
    files = [
        csv_file(folder / "users.csv", MOENGAGE, users),
        csv_file(folder / "bsp.csv", BSP, bsp),
        csv_file(folder / "imports.csv", IMPORT, imports),
    ]
    counted = duckdb_engine.measure(request(*files, temp_dir=folder), lambda _: None)
    with open(folder / "result.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["measure", "calling_code", "n"])
        writer.writerows([name, "", n] for name, n in counted.counts.items())
        writer.writerows(
            [f"calling_codes.{name}", group["calling_code"], group[name]]
            for group in counted.groups
            for name in GROUP_MEASURES
        )
    measured, _ = read_result(str(folder / "result.csv"))
    assert measured.counts.items() <= counted.counts.items()
