"""The audit by Spark, for data that outgrows one machine: the same SQL, translated, over any path that Spark reads.

Spark tells no line numbers: rejected rows are counted, not listed. Files of one form are read as one, so that Spark reads them
side by side; each row tells which file it is of.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from wa_policy import WRONG_USE
from wa_policy.audit import hadoop_errors, sql
from wa_policy.audit.errors import AuditError, AuditTrouble, cannot_read, wrong_use
from wa_policy.audit.hadoop import Hadoop
from wa_policy.audit.model import CSV, IMPORT, NDJSON, OPTED_IN, PARQUET, ROLES, SKIPPED, TABLES, Measured, Progress
from wa_policy.audit.result import read_rows
from wa_policy.audit.storage import scheme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pyspark.sql import DataFrame, DataFrameReader, SparkSession

    from wa_policy.audit.model import InputFile, Request

_KEPT = {"beginnings", "typed", "kinds"}
"""The steps that several others read."""

_SETTINGS = {
    # These would put each named expression into all that use it: over ten levels of CASE, planning takes longer than counting.
    "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.CollapseProject",
    "spark.sql.constraintPropagation.enabled": "false",
    # These would pass over what cannot be read, and count the rest as all.
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
}
"""What the session is set to meanwhile."""

_CORRUPT, _FILE = "_wa_policy_corrupt", "_wa_policy_file"
_REJECTED, _SWALLOWED = 1, 2
"""What is wrong with a row: it is no row of its file, or it is several, behind a quote that does not close. 0 is nothing."""


def measure(session: SparkSession, request: Request, progress: Callable[[Progress], None]) -> Measured:
    """Count everything with a session that is there (:func:`started`). Raises AuditError."""
    if request.exceptions is not None:
        message = "--exceptions: Spark writes no list of rows"
        raise wrong_use(message, "leave it out, or let DuckDB count (without --engine)")
    _refuse_unread(request.files)
    paths = _paths_for_spark(session, [file.path for file in request.files])
    try:
        with _prepared(session) as kept:
            return _counted(session, request, paths, kept, progress)
    except hadoop_errors.errors() as error:
        trouble = _gave_up(error, paths, lambda: Hadoop(session).version())
    raise trouble


@contextmanager
def _prepared(session: SparkSession) -> Iterator[list[DataFrame]]:
    """Set the session as :data:`_SETTINGS` say, meanwhile. What is put into the list is let go of at the end."""
    kept: list[DataFrame] = []
    before = {name: session.conf.get(name, None) for name in _SETTINGS}
    for name, setting in _SETTINGS.items():
        session.conf.set(name, setting)
    try:
        yield kept
    finally:
        with suppress(*hadoop_errors.errors()):  # after an interrupt Java may not answer any more
            for name, was in before.items():
                session.conf.unset(name) if was is None else session.conf.set(name, was)
            for frame in kept:
                frame.unpersist()


def _counted(
    session: SparkSession,
    request: Request,
    paths: Mapping[str, str],
    kept: list[DataFrame],
    progress: Callable[[Progress], None],
) -> Measured:
    """Read the files, and run the SQL step by step."""
    size = sum(file.bytes for file in request.files)
    rows, rejected = _read(session, request, paths, kept, lambda step: progress(Progress(step, 0, 0, size)))
    total = sum(rows.values())
    *steps, (_, last) = sql.translate("spark").items()
    for name, step in steps:
        progress(Progress(f"Spark: {name}", total, size, size))
        frame = session.sql(step)
        if name in _KEPT:
            frame = frame.persist()
            kept.append(frame)
        frame.createOrReplaceTempView(name)
    result = [(row["measure"], row["calling_code"], row["n"]) for row in session.sql(last).collect()]
    counts, groups = read_rows(result, request)
    return Measured(counts, groups, rows, (), rejected, ("Spark", session.version))


def parquet_names(session: SparkSession, path: str) -> tuple[str, ...]:
    """The names of a Parquet file's columns, by Spark. Raises AuditError."""
    try:
        (place,) = _paths_for_spark(session, [path]).values()
        return tuple(session.read.parquet(_literal(place)).schema.names)
    except hadoop_errors.errors() as error:
        trouble = hadoop_errors.told(path, error, lambda: Hadoop(session).version())
    raise trouble


def _gave_up(error: Exception, paths: Mapping[str, str], hadoop: Callable[[], str]) -> AuditError:
    """Spark's own words may quote a row: told are its name for the error, and the file if it says which."""
    path = _named(paths).get(_place_told(hadoop_errors.file_of(error)))
    if path is not None and scheme(path) in ("", "file") and hadoop_errors.is_missing(error):
        message = f"{path}: Spark's workers do not find this file"
        return cannot_read(message, "put it where each of them reads it by this very path, or into a bucket")
    if path is not None:
        return hadoop_errors.told(path, error, hadoop)
    condition = (
        getattr(error, "getCondition", lambda: None)() or (hadoop_errors.kinds(error) or [type(error).__name__])[-1]
    )
    message = f"Spark gave up: {condition}"
    remedy = "see that its workers may read every path; WA_POLICY_DEBUG=1 shows its own log, which may quote rows"
    return cannot_read(message, remedy)


@contextmanager
def started(
    master: str | None, threads: int | None, memory_limit: str | None, temp_dir: str | None
) -> Iterator[SparkSession]:
    """A session, as Spark is configured (spark-defaults.conf), but for what is given here. Raises AuditError."""
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        message = "Spark is not installed, which --engine spark needs"
        raise wrong_use(message, "install it: python -m pip install 'wa-policy[spark]'; and Java 17") from None
    _look_for_java(master)
    builder = _configured(SparkSession.builder, master, threads, memory_limit, temp_dir)
    failures: tuple[type[Exception], ...] = (*hadoop_errors.errors(), OSError)
    interrupt = signal.getsignal(signal.SIGINT)
    try:
        session = builder.getOrCreate()
    except failures as error:
        message = f"Spark does not start: {(hadoop_errors.kinds(error) or [type(error).__name__])[-1]}"
        words = "see its own words above" if _debugged() else "WA_POLICY_DEBUG=1 shows its own words"
        remedy = f"it needs Java 17, a master that answers (--master), and packages that can be fetched; {words}"
        raise cannot_read(message, remedy) from None
    with suppress(ValueError):  # not in the main thread, where no signal arrives
        signal.signal(signal.SIGINT, interrupt)  # Spark's own handler asks Java something in the middle of its answer
    silent = logging.NullHandler()  # py4j would print tracebacks, also of an interrupt
    logging.getLogger().addHandler(silent)
    try:
        yield session
    finally:
        with suppress(*failures):  # after an interrupt Java may not answer any more
            session.stop()
        logging.getLogger().removeHandler(silent)


def _debugged() -> bool:
    return bool(os.environ.get("WA_POLICY_DEBUG"))


def _configured(
    builder: Any, master: str | None, threads: int | None, memory_limit: str | None, temp_dir: str | None
) -> Any:
    """What is set here goes before spark-defaults.conf, so nothing is set that nobody asked for; but Spark is to be quiet."""
    settings = {
        "spark.app.name": "wa-policy audit opt-in",
        "spark.log.level": "ERROR" if _debugged() else "OFF",  # its errors may quote a row
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    if temp_dir is not None:
        settings["spark.local.dir"] = temp_dir
    if memory_limit is not None:
        settings["spark.driver.memory"] = memory_limit.lower().removesuffix("b")
    if master is not None:
        builder = builder.master(master)
    elif threads is not None and "SPARK_REMOTE" not in os.environ:
        builder = builder.master(f"local[{threads}]")
    return builder.config(map=settings)


def _look_for_java(master: str | None) -> None:
    """Spark's own words for a missing Java name neither Java nor what to do."""
    home = os.environ.get("JAVA_HOME")
    java = os.path.join(home, "bin", "java") if home else "java"
    if shutil.which(java) is None and not (master or "").startswith("sc://"):
        message = (
            "Java is not installed, which Spark runs on" if not home else f"JAVA_HOME is {home}, and no Java is there"
        )
        raise wrong_use(message, "install Java 17 (apt-get install openjdk-17-jre-headless, brew install openjdk@17)")


def _refuse_unread(files: Iterable[InputFile]) -> None:
    """Spark counts no row of such files, and says nothing."""
    troubles = []
    for file in files:
        name = file.path.rpartition("/")[2]
        if name.startswith((".", "_")) or name.endswith("._COPYING_"):
            message = f"{file.path}: Spark passes over files whose names begin with a dot or an underscore"
            troubles.append(AuditTrouble(message, "rename the file", WRONG_USE))
        if file.compressed and not name.endswith(".gz"):
            message = f"{file.path}: Spark unpacks a file only if its name ends in .gz, in small letters"
            troubles.append(AuditTrouble(message, "rename the file", WRONG_USE))
    if troubles:
        raise AuditError(*troubles)


def _paths_for_spark(session: SparkSession, paths: Sequence[str]) -> dict[str, str]:
    """Each path in full: Spark would look for one without a scheme wherever it is configured to. Raises AuditError."""
    hadoop = Hadoop(session) if any(map(scheme, paths)) else None
    return {
        path: hadoop.qualified(path) if hadoop and scheme(path) else f"file://{os.path.abspath(path)}" for path in paths
    }


def _named(paths: Mapping[str, str]) -> dict[str, str]:
    """What each place that Spark tells is called in the request."""
    return {_in_one_form(place): path for path, place in paths.items()}


def _place_told(address: str) -> str:
    """The place that Spark tells, as an address with percent signs."""
    return _in_one_form(unquote(address))


def _in_one_form(place: str) -> str:
    return re.sub(r"^file:/+", "file:/", place)


def _literal(place: str) -> str:
    """A path that Spark does not take for a pattern."""
    return re.sub(r"([{}\[\]*?\\])", r"\\\1", place)


def _read(
    session: SparkSession,
    request: Request,
    paths: Mapping[str, str],
    kept: list[DataFrame],
    show: Callable[[str], None],
) -> tuple[dict[str, int], int]:
    """Make the three views; answer the rows of each file, and how many were rejected."""
    from pyspark.sql import functions

    named = _named(paths)
    rows = dict.fromkeys(paths, 0)
    rejected = 0
    for side, table in TABLES.items():
        frames: list[DataFrame] = []
        for files, read in _alike(session, [file for file in request.files if file.side == side], paths):
            show(f"reading {files[0].path}" + (f" and {len(files) - 1:,} more" if len(files) > 1 else ""))
            frame = _FORMATS[files[0].format](read, files[0], [_literal(paths[file.path]) for file in files]).persist()
            kept.append(frame)
            bad, worst = functions.count_if(functions.col(_CORRUPT) > 0), functions.max(_CORRUPT)
            for place, count, wrong, how in frame.groupBy(_FILE).agg(functions.count("*"), bad, worst).collect():
                path = named.get(_place_told(place))
                if path is None:
                    message = "Spark names a row's file in another way than it was asked for it"
                    raise cannot_read(message, "name the files by their own addresses, not by links")
                if how == _SWALLOWED:
                    raise cannot_read(
                        f"{path}: a quote opens in it that does not close", "double the quotes inside of cells"
                    )
                rows[path] += count - wrong
                rejected += wrong
            frames.append(frame.where(functions.col(_CORRUPT) == 0).drop(_CORRUPT, _FILE))
        _together(session, frames, ROLES[side]).createOrReplaceTempView(table)
    return rows, rejected


def _alike(
    session: SparkSession, files: Iterable[InputFile], paths: Mapping[str, str]
) -> Iterator[tuple[list[InputFile], DataFrameReader]]:
    """The files of a side, put together where one reader reads them the same; and that reader."""
    groups: dict[tuple[object, ...], tuple[list[InputFile], DataFrameReader]] = {}
    for file in files:
        reader = session.read.option("recursiveFileLookup", "true")  # names of folders are no columns
        schema = ""
        if file.format == PARQUET:
            types = session.read.parquet(_literal(paths[file.path])).schema
            schema, reader = types.json(), reader.schema(types)
        header = file.header if file.format == CSV else ()
        form = (file.format, file.delimiter, file.quote, header, file.columns, schema)
        groups.setdefault(form, ([], reader))[0].append(file)
    yield from groups.values()


def _together(session: SparkSession, frames: Sequence[DataFrame], roles: Sequence[str]) -> DataFrame:
    if not frames:
        return session.createDataFrame([], ", ".join(f"{role} STRING" for role in roles))
    all_frames, *others = frames
    for frame in others:
        all_frames = all_frames.unionByName(frame)
    return all_frames


def _csv(reader: DataFrameReader, file: InputFile, places: list[str]) -> DataFrame:
    from pyspark.sql import functions

    names = [f"c{position}" for position in range(len(file.header))]
    schema = ", ".join(f"{name} STRING" for name in [*names, _CORRUPT])
    frame = reader.csv(
        places,
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
    text = functions.col(_CORRUPT)
    several = functions.when(text.contains("\n") | text.contains("\r"), _SWALLOWED).otherwise(_REJECTED)
    return _cells(frame, cells, file.side, functions.when(text.isNull(), 0).otherwise(several))


def _ndjson(reader: DataFrameReader, file: InputFile, places: list[str]) -> DataFrame:
    from pyspark.sql import functions

    lines = reader.text(places).where(functions.trim("value") != "")
    # a key with a quote or a bracket cannot stand in Spark's paths of JSON
    parsed = functions.from_json(functions.col("value"), "map<string,string>")
    cells = {column.role: parsed.getItem(column.name) for column in file.columns}
    if file.side == IMPORT:
        status = cells["opt_in"]
        cells["opt_in"] = functions.when(status.isNull() | (status == ""), SKIPPED).otherwise(status)
    keys = functions.json_object_keys("value")  # where one stands twice, nobody could say which of the two holds
    once = functions.size(keys) == functions.size(functions.array_distinct(keys))
    return _cells(lines, cells, file.side, functions.when(parsed.isNotNull() & once, 0).otherwise(_REJECTED))


def _parquet(reader: DataFrameReader, file: InputFile, places: list[str]) -> DataFrame:
    from pyspark.sql import functions

    cells = {
        column.role: functions.col("`" + column.name.replace("`", "``") + "`").cast("string") for column in file.columns
    }
    return _cells(reader.parquet(*places), cells, file.side, functions.lit(0))


def _cells(frame: DataFrame, cells: dict[str, Any], side: str, corrupt: Any) -> DataFrame:
    from pyspark.sql import functions

    opted_in = functions.lit(OPTED_IN)
    return frame.select(
        *(cells.get(role, opted_in).alias(role) for role in ROLES[side]),
        corrupt.alias(_CORRUPT),
        functions.col("_metadata.file_path").alias(_FILE),
    )


_FORMATS = {CSV: _csv, NDJSON: _ndjson, PARQUET: _parquet}
