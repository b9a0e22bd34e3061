"""Spark counts what DuckDB counts, field by field, on the same dirty data. Needs Java 17 and the extra "spark"."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings

from tests.audit.dirt import BSP_STATUSES, IDS, MOBILES, STATUSES, csv_file, described, request, rows
from wa_policy.audit import duckdb_engine, spark_engine
from wa_policy.audit.errors import AuditError
from wa_policy.audit.model import BSP, IMPORT, MOENGAGE, NDJSON, PARQUET

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pyspark.sql import SparkSession

    from wa_policy.audit.model import Measured, Request

pytestmark = pytest.mark.spark

Cell = str | None
A, B = "+919876543210", "+919876543211"


def _both(session: SparkSession, wanted: Request) -> tuple[Measured, Measured]:
    return duckdb_engine.measure(wanted, lambda _: None), spark_engine.measure(session, wanted, lambda _: None)


def _assert_equal(duckdb: Measured, spark: Measured) -> None:
    assert spark.counts == duckdb.counts
    assert list(spark.groups) == list(duckdb.groups)
    assert spark.rows == duckdb.rows
    assert spark.rejected_count == duckdb.rejected_count
    assert spark.engine[0] == "Spark"


@settings(
    max_examples=3,  # Spark takes some ten seconds for each
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    users=rows(IDS, MOBILES, STATUSES, most=300),
    bsp=rows(MOBILES, BSP_STATUSES, most=200),
    imports=rows(IDS, STATUSES, most=20),
)
def test_both_engines_count_the_same(
    users: Sequence[tuple[Cell, Cell, Cell]],
    bsp: Sequence[tuple[Cell, Cell]],
    imports: Sequence[tuple[Cell, Cell]],
    session: SparkSession,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("audit")
    files = [
        csv_file(folder / "users.csv", MOENGAGE, users),
        csv_file(folder / "bsp.csv", BSP, bsp),
        csv_file(folder / "imports.csv", IMPORT, imports),
    ]
    _assert_equal(*_both(session, request(*files, temp_dir=folder)))


def test_all_formats_and_rejected_rows_are_counted_the_same(session: SparkSession, tmp_path: Path) -> None:
    import duckdb

    ragged = tmp_path / "ragged.csv.gz"
    ragged.write_bytes(
        gzip.compress(f'id,mobile,opt_in\na,{A},true\n\nb,short\n"c\nc",{B},""\nd,1,2,long\nd,1,2,\n'.encode())
    )
    lines = tmp_path / "users.ndjson"
    objects = [
        {"id": "d", "mobile": int(A[1:]), "opt_in": True},
        {"id": "e", "mobile": None},
        {"opt_in": "FALSE", "nested": {"id": 1}},
    ]
    bad = ["bad", "[1]", '{"id": "e"', f'{{"id": "f", "mobile": "{A}", "id": "g"}}']
    deep = '{"id": "i", "deep": {"id": 1, "id": 2}}'
    lines.write_text("\n\n".join(map(json.dumps, objects)) + "\n".join(["", *bad, deep, ""]))
    packed = tmp_path / "users.parquet"
    duckdb.execute(f"COPY (SELECT 1 AS id, 919876543211 AS mobile, false AS opt_in) TO '{packed}' (FORMAT parquet)")
    files = [
        described(ragged, MOENGAGE),
        described(lines, MOENGAGE, kind=NDJSON),
        described(packed, MOENGAGE, kind=PARQUET),
    ]
    duckdb_counts, spark_counts = _both(session, request(*files, temp_dir=tmp_path))
    _assert_equal(duckdb_counts, spark_counts)
    assert duckdb_counts.rejected_count == 7


def test_a_quote_that_swallows_rows_is_refused(session: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_text(f'id,mobile,opt_in\na,{A},true\nb,"{B},true\nc,{A},true\n')
    with pytest.raises(AuditError, match=r"users\.csv: a quote opens in it that does not close"):
        spark_engine.measure(session, request(described(path, MOENGAGE), temp_dir=tmp_path), lambda _: None)


def test_an_import_of_ndjson_wipes_nothing_by_empty_cells(session: SparkSession, tmp_path: Path) -> None:
    users = csv_file(tmp_path / "users.csv", MOENGAGE, [("a", A, "true"), ("b", B, "true"), ("c", A, "true")])
    lines = tmp_path / "import.ndjson"
    lines.write_text('{"id": "a", "opt_in": null}\n{"id": "b", "opt_in": ""}\n{"id": "c", "opt_in": " "}\n')
    duckdb, spark = _both(session, request(users, described(lines, IMPORT, kind=NDJSON), temp_dir=tmp_path))
    _assert_equal(duckdb, spark)
    assert spark.counts["import.would_wipe"] == 1  # the blank alone is no empty cell


def test_spark_writes_no_exceptions(session: SparkSession, tmp_path: Path) -> None:
    file = csv_file(tmp_path / "users.csv", MOENGAGE, [])
    with pytest.raises(AuditError, match="--exceptions"):
        spark_engine.measure(session, request(file, temp_dir=tmp_path, exceptions="x.parquet"), lambda _: None)


def test_a_path_that_spark_cannot_read_is_said_without_sparks_words(session: SparkSession, tmp_path: Path) -> None:
    file = csv_file(tmp_path / "users.csv", MOENGAGE, [])._replace(path=str(tmp_path / "missing.csv"))
    with pytest.raises(AuditError, match=r"missing\.csv: Spark's workers do not find this file"):
        spark_engine.measure(session, request(file, temp_dir=tmp_path), lambda _: None)
