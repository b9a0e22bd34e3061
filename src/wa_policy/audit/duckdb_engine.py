"""The audit on this machine, by DuckDB: every file is read once, and nothing is left behind.

Each file goes through the step ``at_sight`` of opt_in.sql by itself, so that its rows are counted; the other steps see all files
together. What DuckDB cannot keep in memory it writes into a folder of its own under the request's, which is removed whatever
happens. No message of DuckDB's is passed on: they quote rows.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from wa_policy.audit import duckdb_files, sql
from wa_policy.audit.duckdb_files import literal
from wa_policy.audit.errors import cannot_read, wrong_use
from wa_policy.audit.lines import bad_lines, ends_otherwise, extents, odd_end
from wa_policy.audit.model import (
    CSV,
    LISTED_REJECTS,
    NDJSON,
    ROLES,
    TABLES,
    Measured,
    Progress,
    Rejected,
)
from wa_policy.audit.result import read_rows
from wa_policy.records import NamedTuple
from wa_policy.source.replace import open_beside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import duckdb

    from wa_policy.audit.errors import AuditError
    from wa_policy.audit.model import InputFile, Request

    Rows = list[tuple[str | int, ...]]

POLL_SECONDS = 0.2
"""How often a running query is asked how far it is."""

_OWN = "wa-policy-audit-"
"""What the name of our own folder for temporary files begins with."""

_REASONS = {
    "MISSING COLUMNS": "fewer cells than the header has",
    "TOO MANY COLUMNS": "more cells than the header has",
    "UNQUOTED VALUE": "a quote that is not closed, or that stands inside a cell",
    "LINE SIZE OVER MAXIMUM": "a row of more than 2 MB",
    "INVALID ENCODING": "characters that are not UTF-8",
}
_OPEN_QUOTE = ("UNQUOTED VALUE", "LINE SIZE OVER MAXIMUM")
"""What DuckDB says of a row that a quote may have made longer than it is: it goes on behind it, or somewhere else."""

_NO_OBJECT = "not a JSON object"
_NO_TEXT = "more than 2 MB, or characters that are not UTF-8"

# DuckDB cannot know how many rows a file has: left to itself it probes the file's rows with the few of a small table.
_OFF_WHILE_READING = "build_side_probe_side,in_clause"

LEAST_THREADS = 4
"""With one or two threads DuckDB lets each of them fill one table of all groups, which no cache holds if they are millions; with
more it divides the rows first. Two processors with four threads need half the time for that."""


class _Rejects(NamedTuple):
    """The rows of a file that could not be read: the first ones, and how many there are."""

    listed: Sequence[Rejected]
    number: int


def measure(request: Request, progress: Callable[[Progress], None]) -> Measured:
    """Count everything. Raises AuditError; a KeyboardInterrupt stops the query that is running, and is passed on."""
    try:
        import duckdb
    except ImportError:
        message = "DuckDB is not installed, which reads the data"
        raise wrong_use(message, "pip install 'wa-policy[audit]'") from None
    with _own_folder(request.temp_dir) as folder, _connection(request, folder) as connection:
        return _Run(connection, request, progress).measure(duckdb.__version__)


@contextmanager
def _own_folder(parent: str) -> Iterator[str]:
    try:
        # DuckDB takes a leading ~ for the home folder, Python does not: it gets whole paths
        folder = tempfile.mkdtemp(prefix=_OWN, dir=os.path.abspath(parent))
    except OSError as error:
        message = f"{parent}: no temporary file can be written there: {error.strerror}"
        raise wrong_use(message, "name another folder with --temp-dir") from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _connection(request: Request, folder: str) -> Iterator[duckdb.DuckDBPyConnection]:
    import duckdb

    connection = duckdb.connect(":memory:")
    try:
        for name, setting in _settings(request, folder).items():
            _set(connection, name, setting)
        yield connection
    except duckdb.OutOfMemoryException:
        message = "there is not enough room: neither in memory nor in the folder for temporary files"
        remedy = "allow more with --memory-limit, or name a folder with more room with --temp-dir"
        raise cannot_read(message, remedy) from None
    except duckdb.Error as error:
        # its own words may quote a row
        message = f"DuckDB gave up: {type(error).__name__}"
        raise cannot_read(
            message, "see that the folder for temporary files has room, and that no file changes"
        ) from None
    finally:
        connection.close()


def _settings(request: Request, folder: str) -> dict[str, str]:
    settings = {
        "temp_directory": folder,
        "preserve_insertion_order": "false",
        "autoinstall_known_extensions": "false",
        "enable_progress_bar": "true",
        "enable_progress_bar_print": "false",
    }
    if request.threads is not None:
        settings["threads"] = str(request.threads)
    if request.memory_limit is not None:
        settings["memory_limit"] = request.memory_limit
    return settings


def _set(connection: duckdb.DuckDBPyConnection, name: str, setting: str) -> None:
    import duckdb

    try:
        connection.execute(f"SET {name} = {literal(setting)}")
    except duckdb.Error:
        if name not in {"threads", "memory_limit"}:
            raise
        message = f"--{name.replace('_', '-')}: DuckDB does not take {setting!r}"
        raise wrong_use(message, 'write memory as "512MB" or "4GB", and threads as a whole number from 1') from None


class _Run:
    """One audit: its connection, and how far it is."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, request: Request, progress: Callable[[Progress], None]
    ) -> None:
        self._connection = connection
        self._request = request
        self._progress = progress
        self._rows: dict[str, int] = {}
        self._bytes = 0
        self._of_bytes = sum(file.bytes for file in request.files)

    def measure(self, version: str) -> Measured:
        self._prepare()
        bad = [self._read(file) for file in self._request.files]
        self._execute("SET disabled_optimizers = ''")
        self._divide()
        *steps, (_, last) = _steps()[1]
        for name, step in steps:
            kind = "VIEW" if name == "typed" else "TABLE"  # two tables put together need no third
            self._execute(f"CREATE {kind} {name} AS {step}", step="comparing")
        counts, groups = read_rows(
            [(str(measure), str(code), int(n)) for measure, code, n in self._execute(last, step="comparing")],
            self._request,
        )
        if self._request.exceptions is not None:
            self._write_exceptions(self._request.exceptions)
        listed = [rejected for of_file in bad for rejected in of_file.listed][:LISTED_REJECTS]
        return Measured(counts, groups, self._rows, listed, sum(of_file.number for of_file in bad), ("DuckDB", version))

    def _prepare(self) -> None:
        """Make the tables: those of the calling codes, an empty one for each side, and an empty one of what will be read."""
        self._execute(sql.load().macros)
        for side, table in TABLES.items():
            nothing = ", ".join(f"CAST(NULL AS VARCHAR) AS {column}" for column in ROLES[side])
            self._execute(f"CREATE VIEW {table} AS SELECT {nothing} WHERE FALSE")
        for name, step in _steps()[0]:
            self._execute(f"CREATE TABLE {name} AS {step}")
        self._execute(f"SET disabled_optimizers = '{_OFF_WHILE_READING}'")

    def _read(self, file: InputFile) -> _Rejects:
        """Add a file's rows to the table of those read."""
        import duckdb

        self._execute(
            "DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans; DROP TABLE IF EXISTS json_lines"
        )
        try:
            if file.format == NDJSON:
                self._execute(f"CREATE TABLE json_lines AS {duckdb_files.json_lines(file)}", file=file)
            self._rows[file.path] = self._insert(file)
            bad = self._bad_lines(file) if file.format == NDJSON else self._bad_rows(file)
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            raise unreadable(file, error) from None
        except OSError as error:
            message = f"{file.path}: the file could not be read again: {error.strerror}"
            raise cannot_read(message, "let nothing change it while it is read") from None
        self._bytes += file.bytes
        return bad

    def _insert(self, file: InputFile) -> int:
        at_sight = (
            sql.load().steps["at_sight"].replace(f"FROM {TABLES[file.side]}\n", f"FROM {duckdb_files.rows(file)}\n")
        )
        return int(self._execute(f"INSERT INTO at_sight {at_sight}", file=file)[0][0])

    def _divide(self) -> None:
        """Let DuckDB group in parts that a processor's cache holds, unless the number of threads was given."""
        threads = int(self._execute("SELECT current_setting('threads')")[0][0])
        if self._request.threads is None and threads < LEAST_THREADS:
            self._execute(f"SET threads = {LEAST_THREADS}")

    def _bad_rows(self, file: InputFile) -> _Rejects:
        if file.format != CSV or not self._execute("FROM duckdb_tables() WHERE table_name = 'reject_errors'"):
            return _Rejects([], 0)
        # one row may have several things wrong with it
        count = self._execute("SELECT count(DISTINCT line) FROM reject_errors")[0][0]
        first = self._execute(
            "SELECT line, min_by(CAST(error_type AS VARCHAR), column_idx) FROM reject_errors"
            f" GROUP BY line ORDER BY line LIMIT {LISTED_REJECTS}"
        )
        self._refuse_open_quotes(file)
        reasons = [_REASONS.get(str(kind), "a row that cannot be read") for _, kind in first]
        places = extents(file, [int(row) for row, _ in first])
        return _Rejects(
            [Rejected(file.path, place.first, reason) for place, reason in zip(places, reasons, strict=True)],
            int(count),
        )

    def _refuse_open_quotes(self, file: InputFile) -> None:
        """Refuse a file in which a quote has swallowed rows: nobody knows how many they were."""
        rows = self._execute(
            f"SELECT DISTINCT line FROM reject_errors WHERE CAST(error_type AS VARCHAR) IN {_OPEN_QUOTE} ORDER BY line"
        )
        for place in extents(file, [int(row) for (row,) in rows]):
            if place.last != place.first:
                raise cannot_read(
                    f"{file.path}:{place.first}: a quote opens here that does not close",
                    "double the quotes inside of cells",
                )

    def _bad_lines(self, file: InputFile) -> _Rejects:
        no_object = int(self._execute("SELECT count(*) FROM json_lines WHERE NOT whole")[0][0])
        no_text = 0
        if self._execute("FROM duckdb_tables() WHERE table_name = 'reject_errors'"):
            no_text = int(self._execute("SELECT count(DISTINCT line) FROM reject_errors")[0][0])
        if not no_object + no_text:
            return _Rejects([], 0)
        self._execute("SET preserve_insertion_order = true")
        numbered = self._execute(duckdb_files.no_objects(file, LISTED_REJECTS))
        self._execute("SET preserve_insertion_order = false")
        listed = bad_lines(file, [int(number) for (number,) in numbered], LISTED_REJECTS)
        reasons = {True: _NO_OBJECT, False: _NO_TEXT}
        return _Rejects([Rejected(file.path, line, reasons[is_text]) for line, is_text in listed], no_object + no_text)

    def _write_exceptions(self, path: str) -> None:
        """Write the rows to be looked at, so that nobody else can read them, and all or none."""
        self._execute(f"CREATE OR REPLACE TABLE given AS SELECT {bool(self._request.bsp)} AS list_given")
        try:
            new, there = open_beside(os.path.abspath(path), 0o600)  # DuckDB takes a leading ~ for the home folder
            os.close(there)
            try:
                self._execute(
                    f"COPY ({sql.exceptions()}) TO {literal(new)} (FORMAT parquet, USE_TMP_FILE false)",
                    step="writing exceptions",
                )
                os.chmod(new, 0o600)
                os.replace(new, path)
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(new)
        except OSError as error:
            message = f"{path}: nothing can be written there: {error.strerror}"
            raise wrong_use(message, "name another file with --exceptions") from None

    def _execute(self, query: str, *, file: InputFile | None = None, step: str = "") -> Rows:
        """Run a query in a thread, so that this one can tell how far it is, and stop it."""
        outcome: list[Rows] = []
        trouble: list[BaseException] = []
        ended = threading.Event()

        def run() -> None:
            try:
                outcome.append(self._connection.execute(query).fetchall())
            except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
                trouble.append(error)
            finally:
                ended.set()

        thread = threading.Thread(target=run)
        thread.start()
        try:
            while not ended.wait(POLL_SECONDS):
                self._tell(file, step)
        except BaseException:
            self._connection.interrupt()
            raise
        finally:
            thread.join()
        if trouble:
            raise trouble[0]
        return outcome[0]

    def _tell(self, file: InputFile | None, step: str) -> None:
        read = self._bytes
        if file is not None:
            step = f"reading {file.path}"
            read += int(file.bytes * min(max(self._connection.query_progress(), 0), 100) / 100)
        if step:
            self._progress(Progress(step, sum(self._rows.values()), read, self._of_bytes))


def unreadable(file: InputFile, error: Exception) -> AuditError:
    """Why DuckDB reads a file no further, in our words: its own quote rows. Raises OSError."""
    import duckdb

    if isinstance(error, duckdb.IOException):
        said = str(error).replace(os.path.dirname(os.path.abspath(file.path)), "").lower()
        words = re.sub(r'"[^"]*"', "", said)  # folders may be called anything
        if "space" in words:
            return cannot_read("the folder for temporary files is full", "name one with more room with --temp-dir")
        if "write" in words or _OWN in said:
            message = "no temporary file can be written, or none as large as it has to be"
            return cannot_read(message, "name another folder with --temp-dir, or let files grow further (ulimit -f)")
    if file.format == CSV and isinstance(error, duckdb.InvalidInputException) and (line := odd_end(file)):
        return ends_otherwise(file, line)
    message = f"{file.path}: this file cannot be read to its end ({type(error).__name__})"
    return cannot_read(message, "see that it is whole, and what its name says it is; export it again")


def _steps() -> tuple[Sequence[tuple[str, str]], Sequence[tuple[str, str]]]:
    """The steps up to ``at_sight``, which reads rows, and those behind it, which see the rows of all files: names and SELECTs."""
    steps = list(sql.load().steps.items())
    behind = [name for name, _ in steps].index("at_sight") + 1
    return steps[:behind], steps[behind:]
