"""DuckDB's counts are those of the plain Python reference, whatever the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings

from tests.audit.dirt import BSP_STATUSES, IDS, MOBILES, STATUSES, csv_file, request, rows
from tests.audit.reference import measured
from wa_policy.audit import duckdb_engine
from wa_policy.audit.model import BSP, IMPORT, MEASURES, MOENGAGE

if TYPE_CHECKING:
    import pytest


@settings(max_examples=10, deadline=None, derandomize=True)
@given(
    users=rows(IDS, MOBILES, STATUSES, most=150), bsp=rows(MOBILES, BSP_STATUSES), imports=rows(IDS, STATUSES, most=10)
)
def test_counts_and_groups_are_the_references(
    users: list[tuple[str | None, str | None, str | None]],
    bsp: list[tuple[str | None, str | None]],
    imports: list[tuple[str | None, str | None]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("audit")
    files = [
        csv_file(folder / "users.csv", MOENGAGE, users),
        csv_file(folder / "bsp.csv", BSP, bsp),
        csv_file(folder / "imports.csv", IMPORT, imports),
    ]
    answer = duckdb_engine.measure(request(*files, temp_dir=folder), lambda _: None)
    counts, groups = measured(users, bsp, imports)
    assert answer.rejected_count == 0
    assert answer.counts == {name: counts.get(name, 0) for side in MEASURES.values() for name in side}
    assert list(answer.groups) == groups
