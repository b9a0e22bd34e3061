"""The audit by Spark, for data that outgrows one machine: the same SQL, translated, over any path that Spark reads.

Spark tells no line numbers: rejected rows are counted, not listed. Rows are counted file by file where Spark names the file.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from wa_policy.audit import sql
from wa_policy.audit.errors import cannot_read, wrong_use
from wa_policy.audit.model import BSP, CSV, IMPORT, MOENGAGE, NDJSON, ROLES, Measured, Progress
from wa_policy.audit.result import read_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pyspark.sql import DataFrame, SparkSession

    from wa_policy.audit.model import InputFile, Request

_VIEWS = {MOENGAGE: "users", BSP: "bsp", IMPORT: "imports"}
_KEPT = {"beginnings", "typed", "kinds"}
"""The steps that several others read."""

_PLANNING = {
    "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.CollapseProject",
    "spark.sql.constraintPropagation.enabled": "false",
}
"""What would put each named expression into all that use it: over ten levels of CASE, planning takes longer than counting."""

_CORRUPT = "_wa_policy_corrupt"


def measure(request: Request, progress: Callable[[Progress], None]) -> Measured:
    """Count everything on Spark. Raises AuditError."""
    with _session(request) as session:
        return measure_with(session, request, progress)


def measure_with(session: SparkSession, request: Request, progress: Callable[[Progress], None]) -> Measured:
    """Count everything with a session that is there. Raises AuditError."""
    from pyspark.errors import PySparkException

    if request.exceptions is not None:
        message = "--exceptions: Spark writes no list of rows"
        raise wrong_use(message, "leave it out, or let DuckDB count (without --engine)")
    bytes_ = sum(file.bytes for file in request.files)
    kept: list[DataFrame] = []
    before = {name: session.conf.get(name, None) for name in _PLANNING}
    for name, setting in _PLANNING.items():
        session.conf.set(name, setting)
    try:
        rows, rejected = _read(session, request, kept, lambda path: progress(Progress(f"reading {path}", 0, 0, bytes_)))
        total = sum(rows.values())
        steps = sql.translate("spark")
        *named, (_, last) = steps.items()
        for name, step in named:
            progress(Progress(f"Spark: {name}", total, bytes_, bytes_))
            frame = session.sql(step)
            if name in _KEPT:
                frame = frame.persist()
                kept.append(frame)
            frame.createOrReplaceTempView(name)
        result = [(row["measure"], row["calling_code"], row["n"]) for row in session.sql(last).collect()]
    except PySparkException as error:
        # its own words may quote a row
        message = f"Spark gave up: {error.getCondition() or type(error).__name__}"
        raise cannot_read(message, "see Spark's own log, and that its workers may read every path") from None
    finally:
        for name, setting in before.items():
            session.conf.unset(name) if setting is None else session.conf.set(name, setting)
        for frame in kept:
            frame.unpersist()
    counts, groups = read_rows(result, request)
    return Measured(counts, groups, rows, (), rejected, ("Spark", session.version))


@contextmanager
def _session(request: Request) -> Iterator[SparkSession]:
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        message = "Spark is not installed, which --engine spark needs"
        raise wrong_use(message, "pip install 'wa-policy[spark]'; and Java 17") from None
    _look_for_java(request)
    builder: Any = SparkSession.builder  # its methods are found at run time
    builder = builder.appName("wa-policy audit opt-in").config("spark.ui.enabled", "false")
    builder = builder.config("spark.local.dir", request.temp_dir).config("spark.log.level", "ERROR")
    builder = builder.config("spark.ui.showConsoleProgress", "false")
    if request.master is not None or "SPARK_REMOTE" not in os.environ:
        threads = request.threads or "*"
        builder = builder.master(request.master or f"local[{threads}]")
    if request.memory_limit is not None:
        builder = builder.config("spark.driver.memory", request.memory_limit.lower().removesuffix("b"))
    try:
        session = builder.getOrCreate()
    except (PySparkException, OSError) as error:
        message = f"Spark does not start: {type(error).__name__}"
        raise cannot_read(message, "see its own words above; it needs Java 17, and a master that answers") from None
    try:
        yield session
    finally:
        session.stop()


def _look_for_java(request: Request) -> None:
    """Spark's own words for a missing Java name neither Java nor what to do."""
    home = os.environ.get("JAVA_HOME")
    java = os.path.join(home, "bin", "java") if home else "java"
    if shutil.which(java) is None and not (request.master or "").startswith("sc://"):
        message = (
            "Java is not installed, which Spark runs on" if not home else f"JAVA_HOME is {home}, and no Java is there"
        )
        raise wrong_use(message, "install Java 17 (apt-get install openjdk-17-jre-headless, brew install openjdk@17)")


def _read(
    session: SparkSession, request: Request, kept: list[DataFrame], show: Callable[[str], None]
) -> tuple[dict[str, int], int]:
    """Make the three views; answer the rows of each file, and how many were rejected."""
    from pyspark.sql import functions

    rows: dict[str, int] = {}
    rejected = 0
    for side, view in _VIEWS.items():
        frames: list[DataFrame] = []
        for file in request.files:
            if file.side != side:
                continue
            show(file.path)
            frame = _FORMATS.get(file.format, _parquet)(session, file).persist()
            kept.append(frame)
            bad = functions.sum(functions.col(_CORRUPT).cast("int"))
            count, wrong = frame.agg(functions.count("*"), functions.coalesce(bad, functions.lit(0))).first() or (0, 0)
            rows[file.path] = count - wrong
            rejected += wrong
            frames.append(frame.where(~functions.col(_CORRUPT)).drop(_CORRUPT))
        _together(session, frames, ROLES[side]).createOrReplaceTempView(view)
    return rows, rejected


def _together(session: SparkSession, frames: Sequence[DataFrame], roles: Sequence[str]) -> DataFrame:
    if not frames:
        return session.createDataFrame([], ", ".join(f"{role} STRING" for role in roles))
    all_frames, *others = frames
    for frame in others:
        all_frames = all_frames.unionByName(frame)
    return all_frames


def _csv(session: SparkSession, file: InputFile) -> DataFrame:
    from pyspark.sql import functions

    names = [f"c{position}" for position in range(len(file.header))]
    schema = ", ".join(f"{name} STRING" for name in [*names, _CORRUPT])
    frame = session.read.csv(
        file.path,
        schema=schema,
        header=True,
        enforceSchema=True,
        sep=file.delimiter or ",",
        quote=file.quote,
        escape=file.quote,
        multiLine=bool(file.quote),
        mode="PERMISSIVE",
        columnNameOfCorruptRecord=_CORRUPT,
        nullValue="",
        emptyValue="",
        ignoreLeadingWhiteSpace=False,
        ignoreTrailingWhiteSpace=False,
        maxCharsPerColumn=-1,
        encoding="UTF-8",
    )
    cells = {column.role: functions.col(f"c{column.position}") for column in file.columns}
    return _cells(frame, cells, file.side, functions.col(_CORRUPT).isNotNull())


def _ndjson(session: SparkSession, file: InputFile) -> DataFrame:
    from pyspark.sql import functions

    lines = session.read.text(file.path).where(functions.trim("value") != "")
    # a key with a quote or a bracket cannot stand in Spark's paths of JSON
    parsed = functions.from_json(functions.col("value"), "map<string,string>")
    cells = {column.role: parsed.getItem(column.name) for column in file.columns}
    if file.side == IMPORT:  # MoEngage skips an empty cell of NDJSON, which wipes nothing
        status = cells["opt_in"]
        cells["opt_in"] = functions.when(status.isNull() | (status == ""), "skipped").otherwise(status)
    return _cells(lines, cells, file.side, parsed.isNull())


def _parquet(session: SparkSession, file: InputFile) -> DataFrame:
    from pyspark.sql import functions

    frame = session.read.parquet(file.path)
    cells = {
        column.role: functions.col("`" + column.name.replace("`", "``") + "`").cast("string") for column in file.columns
    }
    return _cells(frame, cells, file.side, functions.lit(False))


def _cells(frame: DataFrame, cells: dict[str, Any], side: str, corrupt: Any) -> DataFrame:
    from pyspark.sql import functions

    opted_in = functions.lit("opted_in")  # of a list that has no status
    return frame.select(*(cells.get(role, opted_in).alias(role) for role in ROLES[side]), corrupt.alias(_CORRUPT))


_FORMATS = {CSV: _csv, NDJSON: _ndjson}
