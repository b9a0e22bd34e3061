"""``wa-policy audit``: count how many users have agreed, compare with the provider's list, and write what proves it."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from traceback import format_tb
from typing import TYPE_CHECKING

from wa_policy import FINDINGS, __version__
from wa_policy.audit import inputs, statement
from wa_policy.audit.columns import read_map
from wa_policy.audit.digests import Digests
from wa_policy.audit.errors import AuditError, cannot_read, wrong_use
from wa_policy.audit.inputs import way_to_duckdb
from wa_policy.audit.model import BSP, IMPORT, MOENGAGE, Measured, Progress, Request
from wa_policy.audit.sql import printed
from wa_policy.cli.audit_options import (
    EPILOG,
    MINIMUM_GROUP,
    check,
    check_map,
    check_printing,
    configure,
    engine_of,
    in_utc,
)
from wa_policy.cli.audit_summary import summary, without_status
from wa_policy.cli.complaints import tell_failure
from wa_policy.cli.main import in_utf_8
from wa_policy.cli.progress import Counting
from wa_policy.records import NamedTuple
from wa_policy.report.safe import visible

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence

    from wa_policy.audit.model import InputFile
    from wa_policy.audit.storage import Where

    Measure = Callable[[Request, Callable[[Progress], None]], Measured]

__all__ = ["EPILOG", "configure", "run"]


def run(parsed: argparse.Namespace) -> int:
    """Count, write the evidence, and print what it says; or print the SQL that counts."""
    try:
        if parsed.print_sql:
            return _print_sql(parsed)
        check(parsed)
        with _terminated_like_interrupted():
            return _audit(parsed)
    except AuditError as error:
        return tell_failure(((trouble.message, trouble.remedy) for trouble in error.troubles), error.exit_code)


def _print_sql(parsed: argparse.Namespace) -> int:
    check_printing(parsed)
    text = printed(parsed.dialect or "duckdb")
    in_utf_8(sys.stdout)
    print(text, end="")
    return 0


def _audit(parsed: argparse.Namespace) -> int:
    measured_at = parsed.measured_at or in_utc(datetime.now(UTC))
    previous = statement.read_previous(parsed.previous, parsed.workspace, measured_at) if parsed.previous else None
    try:
        counted = _from_result(parsed) if parsed.from_result else _from_files(parsed)
        least = parsed.minimum_group or MINIMUM_GROUP
        settings = statement.Settings(
            parsed.workspace, measured_at, __version__, counted.scope, least, parsed.map, parsed.dialect
        )
        written = statement.state(settings, counted.subjects, counted.files, counted.measured, previous)
        lines = [*summary(written, counted.measured.rejected), *without_status(counted.files)]
        statement.write(parsed.out, written)
    except BaseException:
        _forget(parsed.exceptions)
        raise
    _warn_of(parsed.exceptions)
    print("\n".join(visible(line) for line in lines))
    sys.stdout.flush()  # what was counted comes first, also where both go into one log
    print(f"{visible(parsed.out)} is written", file=sys.stderr)
    return FINDINGS if counted.measured.rejected_count else 0


class _Counted(NamedTuple):
    """What was counted, of what, and whether that is all (``full``) or users by status alone (``coverage``)."""

    measured: Measured
    subjects: Sequence[statement.Subject]
    files: Sequence[InputFile]
    """None of them where a warehouse has counted."""
    scope: str


def _from_result(parsed: argparse.Namespace) -> _Counted:
    from wa_policy.audit.from_result import read_result

    statement.check_target(parsed.out, [parsed.from_result])
    measured, digest = read_result(parsed.from_result)
    subject = statement.Subject(parsed.from_result, "result", digest, None)
    return _Counted(measured, [subject], [], "full")


def _from_files(parsed: argparse.Namespace) -> _Counted:
    engine = engine_of(parsed)
    coverage = engine == "csv"
    named = _named(parsed, coverage=coverage)
    mapped, folder = read_map(parsed.map), _temporary_folder(parsed.temp_dir)
    check_map(parsed, mapped)
    with _started(engine, parsed) as (where, parquet, measure):
        given = inputs.gather(named, where)
        statement.check_target(parsed.out, [each.path for each in given])
        files = inputs.describe(given, mapped, parquet, where, coverage=coverage)
        digests = Digests({each.path: each.state for each in given}, where, files)
        request = _request(parsed, files, folder)
        with Counting(sys.stderr) as bar, digests:
            measured = _measure(engine, measure, request, lambda progress: bar(*progress))
            known = digests.finish()
        inputs.refuse_copies(given, known, measured.rows)
    subjects = [statement.Subject(path, side, known[path], measured.rows.get(path)) for path, side, _ in given]
    return _Counted(measured, subjects, files, "coverage" if coverage else "full")


def _named(parsed: argparse.Namespace, *, coverage: bool) -> dict[str, Sequence[str]]:
    """The files to be counted, as they were named, by side. Raises AuditError."""
    if not coverage:
        return {MOENGAGE: parsed.moengage_files, BSP: parsed.bsp_files, IMPORT: parsed.import_files}
    if parsed.bsp_files:
        inputs.gather({BSP: parsed.bsp_files})  # what is not there is told all the same
        what = "only MoEngage's users are counted; comparing takes DuckDB"
        print(f"wa-policy: {what}; {way_to_duckdb()}", file=sys.stderr)
    return {MOENGAGE: parsed.moengage_files}


@contextmanager
def _started(engine: str, parsed: argparse.Namespace) -> Iterator[tuple[Where, inputs.ParquetReader, Measure]]:
    """An engine that is ready: where it finds files, what reads the columns of a Parquet file, and what counts."""
    if engine != "spark":
        from wa_policy.audit.duckdb_files import parquet_names

        yield inputs.on_this_machine, parquet_names, import_module(f"wa_policy.audit.{engine}_engine").measure
        return
    from wa_policy.audit import spark_engine
    from wa_policy.audit.hadoop import where_spark_reads

    with spark_engine.started(parsed.master, parsed.threads, parsed.memory_limit, parsed.temp_dir) as session:
        yield (
            where_spark_reads(session),
            partial(spark_engine.parquet_names, session),
            partial(spark_engine.measure, session),
        )


def _request(parsed: argparse.Namespace, files: Sequence[InputFile], temp_dir: str) -> Request:
    users, bsp, imports = (tuple(file for file in files if file.side == side) for side in (MOENGAGE, BSP, IMPORT))
    return Request(
        users,
        bsp,
        imports,
        memory_limit=parsed.memory_limit,
        threads=parsed.threads,
        temp_dir=temp_dir,
        exceptions=parsed.exceptions,
    )


def _measure(engine: str, measure: Measure, request: Request, progress: Callable[[Progress], None]) -> Measured:
    """Run an engine. What it says of an error may quote a row, so nothing but the kind of error is told."""
    try:
        return measure(request, progress)
    except AuditError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, its text must not get out
        kind = f"{type(error).__module__}.{type(error).__name__}".removeprefix("builtins.")
        if os.environ.get("WA_POLICY_DEBUG"):
            print("".join(format_tb(error.__traceback__)), end="", file=sys.stderr)
        raise cannot_read(
            f"{engine} failed with {kind}; what it said is not shown, since it may quote a row",
            "see that there is memory and room for temporary files (--memory-limit, --temp-dir), and report this",
        ) from None


def _temporary_folder(wish: str | None) -> str:
    folder = wish or tempfile.gettempdir()
    if not os.path.isdir(folder) or not os.access(folder, os.W_OK | os.X_OK):
        raise wrong_use(f"{folder}: temporary files cannot be written there", "name another folder with --temp-dir")
    return folder


def _warn_of(exceptions: str | None) -> None:
    if exceptions:
        print(
            f"wa-policy: {visible(exceptions)} holds personal data. Only you may read it; keep it out of the repository, and "
            "delete it when you are done",
            file=sys.stderr,
        )


def _forget(exceptions: str | None) -> None:
    """An audit that ends early leaves no list of people behind; there was none before it (:func:`audit_options.check`)."""
    if exceptions:
        with suppress(FileNotFoundError):
            os.unlink(exceptions)


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Whoever ends a job by SIGTERM, or closes its terminal, leaves no temporary files with people's numbers behind either."""
    numbers = [signal.SIGTERM]
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # it is ignored under nohup
        numbers.append(signal.SIGHUP)
    try:
        before = {number: signal.signal(number, signal.default_int_handler) for number in numbers}
    except ValueError:  # not in the main thread, where no signal arrives
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
