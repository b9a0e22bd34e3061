"""``wa-policy audit``: count how many users have agreed, compare with the provider's list, and write what proves it."""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
import tempfile
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from traceback import format_tb
from typing import TYPE_CHECKING

from wa_policy import __version__
from wa_policy.audit import inputs, statement
from wa_policy.audit.columns import read_map
from wa_policy.audit.digests import Digests
from wa_policy.audit.errors import AuditError, Trouble, cannot_read, wrong_use
from wa_policy.audit.inputs import INSTALL, way_to_duckdb
from wa_policy.audit.model import BSP, IMPORT, MOENGAGE, ROLES, Measured, Progress, Request
from wa_policy.audit.sql import DIALECTS, printed
from wa_policy.audit.storage import refuse_secrets
from wa_policy.cli import options
from wa_policy.cli.audit_summary import summary
from wa_policy.cli.complaints import tell_failure
from wa_policy.cli.main import in_utf_8
from wa_policy.cli.progress import Counting
from wa_policy.engine.session import UsageError
from wa_policy.records import NamedTuple
from wa_policy.report.safe import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wa_policy.audit.columns import Mapped
    from wa_policy.audit.digests import Digest
    from wa_policy.audit.inputs import Given
    from wa_policy.audit.model import InputFile
    from wa_policy.audit.storage import Where

    Measure = Callable[[Request, Callable[[Progress], None]], Measured]

ENGINES = ("auto", "duckdb", "csv", "spark")

MINIMUM_GROUP = 10
MOST_THREADS = 1024
"""More than any machine has cores for; with very many, DuckDB gives up in its own way."""

EPILOG = f"""Files are CSV, NDJSON (both may be compressed, .gz) or Parquet; a folder stands for the files in it.
With --engine spark they may be addresses that Spark reads: s3a://, gs://, abfss://, hdfs://, file:/// and others.
What has to be installed besides: {INSTALL}
Without it, up to a million rows are counted by status alone, and the evidence says so.

ROLE is id, mobile or opt_in of MoEngage's files; bsp.mobile or bsp.status; import.id or import.opt_in.

examples:
  wa-policy audit opt-in --workspace acme-retail-in --moengage users.csv --bsp opted-in.csv --out evidence/opt-in-audit.json
  wa-policy audit opt-in --workspace acme-retail-in --moengage exports/ --map opt_in="WA consent" --out audit.json
  wa-policy audit opt-in --print-sql --dialect snowflake > opt-in-audit.sql
  wa-policy audit opt-in --workspace acme-retail-in --from-result result.csv --dialect snowflake --out audit.json

exit codes: 0 counted and written; 1 written, and some rows were rejected; 2 wrong use, nothing was counted;
3 a file cannot be used, nothing was written; 130 interrupted, nothing was written
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("kind", choices=("opt-in",), metavar="KIND", help="opt-in: who agreed to WhatsApp messages")
    parser.add_argument(
        "--workspace", type=_workspace, metavar="NAME", help="metadata.name of the workspace's manifest"
    )
    for option, name, meaning in (
        ("--moengage", MOENGAGE, "users, as exported from MoEngage"),
        ("--bsp", BSP, "the provider's opt-in list; without it nothing is compared"),
        ("--import", IMPORT, "files that are to be imported into MoEngage: how many consents would they wipe?"),
    ):
        parser.add_argument(
            option,
            dest=f"{name}_files",
            nargs="+",
            type=options.named,
            action="extend",
            default=[],
            metavar="FILE",
            help=f"{meaning} (files, folders or patterns; may be repeated)",
        )
    parser.add_argument("--out", type=options.named, metavar="FILE", help="where to write the evidence")
    parser.add_argument(
        "--previous",
        type=options.named,
        metavar="AUDIT",
        help="an earlier audit of this workspace, to say what has changed",
    )
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="ROLE=COLUMN",
        help="which column holds what, where its heading is not known (may be repeated)",
    )
    parser.add_argument(
        "--minimum-group",
        type=_count,
        metavar="NUMBER",
        help=f"the fewest users of one calling code that are shown as a group; default: {MINIMUM_GROUP}",
    )
    parser.add_argument(
        "--exceptions",
        type=options.named,
        metavar="FILE.parquet",
        help="write the rows that need a look; it holds personal data, and only you may read it",
    )
    parser.add_argument("--measured-at", type=_moment, metavar="TIME", help="the time to write, ISO 8601; default: now")
    _configure_engine(parser)
    _configure_warehouse(parser)


def _configure_engine(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--engine", choices=ENGINES, default="auto", help="what counts; default: duckdb if it is there, else csv"
    )
    parser.add_argument(
        "--master", metavar="URL", help="Spark's master; default: that of spark-defaults.conf, else this machine"
    )
    parser.add_argument(
        "--memory-limit", type=_memory, metavar="SIZE", help="how much memory it may use, such as 512MB"
    )
    parser.add_argument("--threads", type=_threads, metavar="NUMBER", help="how many cores it may use; default: all")
    parser.add_argument(
        "--temp-dir",
        type=options.named,
        metavar="FOLDER",
        help="where temporary files go, which are removed; default: the system's own",
    )


def _configure_warehouse(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--print-sql", action="store_true", help="print the SQL that counts, to run it in a data warehouse, and end"
    )
    parser.add_argument(
        "--dialect", choices=DIALECTS, help="the dialect to print, or the one that a result comes from; default: duckdb"
    )
    parser.add_argument(
        "--from-result",
        type=options.named,
        metavar="FILE",
        help="make evidence from the result of that SQL, saved as CSV or NDJSON",
    )


def run(parsed: argparse.Namespace) -> int:
    """Count, write the evidence, and print what it says."""
    try:
        if parsed.print_sql:
            _check_printing(parsed)
            text = printed(parsed.dialect or "duckdb")
            in_utf_8(sys.stdout)
            print(text, end="")
            return 0
        _check(parsed)
        with _terminated_like_interrupted():
            return _audit(parsed)
    except AuditError as error:
        return tell_failure(((trouble.message, trouble.remedy) for trouble in error.troubles), error.exit_code)


def _audit(parsed: argparse.Namespace) -> int:
    measured_at = parsed.measured_at or datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    previous = statement.read_previous(parsed.previous, parsed.workspace, measured_at) if parsed.previous else None
    try:
        result = _from_result(parsed) if parsed.from_result else _from_files(parsed)
        least = parsed.minimum_group or MINIMUM_GROUP
        settings = statement.Settings(
            parsed.workspace, measured_at, __version__, result.scope, least, parsed.map, parsed.dialect
        )
        written = statement.state(settings, result.subjects, result.files, result.measured, previous)
        lines = [*summary(written, result.measured.rejected), *_without_status(result.files)]
        statement.write(parsed.out, written)
    except BaseException:
        _forget(parsed.exceptions)
        raise
    _warn_of(parsed.exceptions)
    print("\n".join(visible(line) for line in lines))
    sys.stdout.flush()  # what was counted comes first, also where both go into one log
    print(f"{visible(parsed.out)} is written", file=sys.stderr)
    return 1 if result.measured.rejected_count else 0


def _without_status(files: Sequence[InputFile]) -> Iterator[str]:
    """What a provider's list without a column for the status means for the counts."""
    lists = [
        file.path for file in files if file.side == BSP and all(column.role != "status" for column in file.columns)
    ]
    if lists[1:]:
        yield ""
        yield f"{len(lists):,} files of the provider's list have no status: each of their numbers counts as opted in."
    elif lists:
        yield ""
        yield f"{lists[0]} has no status: each of its numbers counts as opted in."


class _Result(NamedTuple):
    measured: Measured
    subjects: Sequence[statement.Subject]
    files: Sequence[InputFile]
    scope: str


def _from_files(parsed: argparse.Namespace) -> _Result:
    engine = _engine(parsed.engine)
    coverage = engine == "csv"
    if coverage and parsed.bsp_files:
        inputs.gather({BSP: parsed.bsp_files}, inputs.on_this_machine)  # what is not there is told all the same
        print(
            f"wa-policy: only MoEngage's users are counted; comparing takes DuckDB; {way_to_duckdb()}", file=sys.stderr
        )
    named = {MOENGAGE: parsed.moengage_files}
    if not coverage:
        named |= {BSP: parsed.bsp_files, IMPORT: parsed.import_files}
    mapped, folder = read_map(parsed.map), _temporary_folder(parsed.temp_dir)
    _check_map(parsed, mapped)
    with _started(engine, parsed) as (where, parquet, measure):
        given = inputs.gather(named, where)
        statement.check_target(parsed.out, [each.path for each in given])
        files = inputs.describe(given, mapped, parquet, where, coverage=coverage)
        digests = Digests({each.path: each.state for each in given}, where, files)
        request = _request(parsed, files, folder)
        with Counting(sys.stderr) as bar, digests:
            measured = _measure(engine, measure, request, lambda progress: bar(*progress))
            known = digests.finish()
        _check_copies(given, known, measured)
    subjects = [statement.Subject(path, side, known[path], measured.rows.get(path)) for path, side, _ in given]
    return _Result(measured, subjects, files, "coverage" if coverage else "full")


@contextmanager
def _started(engine: str, parsed: argparse.Namespace) -> Iterator[tuple[Where, inputs.ParquetReader, Measure]]:
    """An engine that is ready: where it finds files, what reads the columns of a Parquet file, and what counts."""
    if engine != "spark":
        yield inputs.on_this_machine, inputs.parquet_names, import_module(f"wa_policy.audit.{engine}_engine").measure
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


def _warn_of(exceptions: str | None) -> None:
    if exceptions:
        print(
            f"wa-policy: {visible(exceptions)} holds personal data. Only you may read it; keep it out of the repository, and "
            "delete it when you are done",
            file=sys.stderr,
        )


def _forget(exceptions: str | None) -> None:
    """An audit that ends early leaves no list of people behind; there was none before it (:func:`_check_exceptions`)."""
    if exceptions:
        with suppress(FileNotFoundError):
            os.unlink(exceptions)


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


def _engine(wish: str) -> str:
    if wish != "auto":
        return wish
    return "duckdb" if find_spec("duckdb") else "csv"


def _check_copies(given: Sequence[Given], digests: dict[str, Digest], measured: Measured) -> None:
    """Two files with the same bytes are one download kept twice: its people would count twice, or agree with themselves."""
    first: dict[str, Given] = {}
    for each in given:
        other = first.setdefault(digests[each.path].sha256, each)
        if other is not each and measured.rows.get(each.path):
            sides = f"--{each.side}" if other.side == each.side else f"--{other.side} and --{each.side}"
            raise wrong_use(f"{each.path}: the file holds the same bytes as {other.path} ({sides})", "name one of them")


def _from_result(parsed: argparse.Namespace) -> _Result:
    from wa_policy.audit.from_result import read_result

    statement.check_target(parsed.out, [parsed.from_result])
    measured, digest = read_result(parsed.from_result)
    subject = statement.Subject(parsed.from_result, "result", digest, None)
    return _Result(measured, [subject], [], "full")


def _check(parsed: argparse.Namespace) -> None:
    """Raise UsageError for options that do not go together, AuditError for a secret that a message would repeat."""
    for word in (parsed.out, parsed.previous, parsed.from_result, parsed.exceptions, parsed.temp_dir):
        refuse_secrets(word or "")
    lacking = [option for option in ("--workspace", "--out") if not getattr(parsed, option[2:])]
    if not parsed.from_result and not parsed.moengage_files:
        lacking.append("--moengage")
    if lacking:
        raise UsageError(f"missing: {', '.join(lacking)}; see `wa-policy audit --help`")
    if parsed.from_result:
        _check_without_counting(parsed)
    else:
        _check_counting(parsed)


def _check_printing(parsed: argparse.Namespace) -> None:
    for option, value in (
        *_of_counting(parsed),
        ("--workspace", parsed.workspace),
        ("--out", parsed.out),
        ("--previous", parsed.previous),
        ("--minimum-group", parsed.minimum_group),
        ("--measured-at", parsed.measured_at),
        ("--from-result", parsed.from_result),
    ):
        if value:
            raise UsageError(f"{option} has no meaning with --print-sql, which counts nothing and writes no evidence")


def _check_without_counting(parsed: argparse.Namespace) -> None:
    for option, value in _of_counting(parsed):
        if value:
            raise UsageError(f"{option} has no meaning with --from-result: there the warehouse has counted")


def _of_counting(parsed: argparse.Namespace) -> Sequence[tuple[str, object]]:
    """The options that say what is counted here and how, and what each was given."""
    return (
        ("--moengage", parsed.moengage_files),
        ("--bsp", parsed.bsp_files),
        ("--import", parsed.import_files),
        ("--map", parsed.map),
        ("--exceptions", parsed.exceptions),
        ("--engine", parsed.engine != "auto"),
        ("--master", parsed.master),
        ("--memory-limit", parsed.memory_limit),
        ("--threads", parsed.threads),
        ("--temp-dir", parsed.temp_dir),
    )


def _check_counting(parsed: argparse.Namespace) -> None:
    if parsed.dialect:
        raise UsageError("--dialect goes with --print-sql or --from-result")
    engine = _engine(parsed.engine)
    if parsed.master and engine != "spark":
        raise UsageError("--master goes with --engine spark")
    for option, value in (
        ("--memory-limit", parsed.memory_limit),
        ("--threads", parsed.threads),
        ("--minimum-group", parsed.minimum_group),
    ):
        if value and engine == "csv":
            raise UsageError(f"{option} goes with DuckDB or Spark, and this is csv")
    if parsed.import_files and engine == "csv":
        raise UsageError(
            f"--import takes DuckDB or Spark, and this is csv, which would not look at it; {way_to_duckdb()}"
        )
    if parsed.exceptions:
        _check_exceptions(parsed.exceptions, parsed.out, engine)


def _check_map(parsed: argparse.Namespace, mapped: Mapped) -> None:
    """Raise AuditError for the column of a side that is not there: somebody thinks that it is."""
    for side, what in ((BSP, "the provider's list"), (IMPORT, "the file to be imported")):
        for role in ROLES[side]:
            if (side, role) in mapped and not getattr(parsed, f"{side}_files"):
                raise wrong_use(
                    f"--map {side}.{role}: there is no file with --{side}",
                    f"name {what} with --{side}, or leave the column out",
                )


def _check_exceptions(path: str, out: str, engine: str) -> None:
    if engine != "duckdb":
        raise UsageError(f"--exceptions takes DuckDB, and this is {engine}; {way_to_duckdb()}")
    if not path.lower().endswith(".parquet"):
        raise UsageError(f"{path}: --exceptions writes Parquet; give the file a name that ends in .parquet")
    if os.path.realpath(path) == os.path.realpath(out):
        raise UsageError(f"{path}: --exceptions and --out name the same file; name another with one of them")
    if os.path.lexists(path):
        raise UsageError(f"{path} is there already; remove it, or name another file with --exceptions")
    if not os.path.isdir(os.path.dirname(os.path.abspath(path))):
        raise UsageError(f"{path}: there is no such folder; make it, or name another with --exceptions")


def _temporary_folder(wish: str | None) -> str:
    folder = wish or tempfile.gettempdir()
    if not os.path.isdir(folder) or not os.access(folder, os.W_OK | os.X_OK):
        message = f"{folder}: temporary files cannot be written there"
        raise AuditError(Trouble(message, "name another folder with --temp-dir", 2))
    return folder


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


# Values are not repeated where they are wrong: a number may have been put into the wrong place.


def _workspace(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", text):
        raise argparse.ArgumentTypeError(
            "this is no name of a workspace, which has letters, digits, dots, dashes and underscores only; "
            "it stands in the manifest as metadata.name"
        )
    return text


def _count(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise argparse.ArgumentTypeError("this is no whole number over 0")
    return int(text)


def _threads(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= MOST_THREADS:
        raise argparse.ArgumentTypeError(f"this is no whole number from 1 to {MOST_THREADS}")
    return int(text)


def _memory(text: str) -> str:
    if not re.fullmatch(r"[1-9][0-9]{0,8}(?:\.[0-9]{1,3})? ?[KMGT]i?B", text, re.IGNORECASE):
        raise argparse.ArgumentTypeError("this is no size; write it like 512MB or 4GB")
    return text


def _moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise argparse.ArgumentTypeError("this is no time with a zone; write it like 2026-11-20T06:30:00Z")
    try:
        said = moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except OverflowError:
        said = ""
    if said < "1000":  # the evidence has years of four digits, and no 0 before them
        raise argparse.ArgumentTypeError("this is no time of an audit; write it like 2026-11-20T06:30:00Z")
    return said
