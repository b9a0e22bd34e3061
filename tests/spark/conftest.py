"""One Spark session for all: it takes longer to start than the tests take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    from pyspark.sql import SparkSession  # only these tests need it, and without it they fail

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.local.dir", str(tmp_path_factory.mktemp("spark"))).config(
        "spark.sql.shuffle.partitions", "2"
    )
    made = builder.config("spark.log.level", "ERROR").getOrCreate()
    yield made
    made.stop()
