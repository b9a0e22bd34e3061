"""The options of ``wa-policy audit``: what each takes, and which of them go together."""

from __future__ import annotations

import argparse
import os
import re
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING

from wa_policy.audit.errors import wrong_use
from wa_policy.audit.inputs import INSTALL, way_to_duckdb
from wa_policy.audit.model import BSP, IMPORT, MOENGAGE, ROLES
from wa_policy.audit.sql import DIALECTS
from wa_policy.audit.storage import refuse_secrets
from wa_policy.cli import options
from wa_policy.engine.session import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wa_policy.audit.columns import Mapped

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


# What an option takes. Values are not repeated where they are wrong: a number may have been put into the wrong place.


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


def in_utc(moment: datetime) -> str:
    """A moment as evidence writes it, ``2026-11-20T06:30:00Z``. Raises OverflowError for one before the year 1."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise argparse.ArgumentTypeError("this is no time with a zone; write it like 2026-11-20T06:30:00Z")
    try:
        said = in_utc(moment)
    except OverflowError:
        said = ""
    if said < "1000":  # the evidence has years of four digits, and no 0 before them
        raise argparse.ArgumentTypeError("this is no time of an audit; write it like 2026-11-20T06:30:00Z")
    return said


# Which options go together.


def engine_of(parsed: argparse.Namespace) -> str:
    """The engine that is to count: the one that was asked for, else the best that is installed."""
    wish: str = parsed.engine
    if wish != "auto":
        return wish
    return "duckdb" if find_spec("duckdb") else "csv"


def check(parsed: argparse.Namespace) -> None:
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


def check_printing(parsed: argparse.Namespace) -> None:
    """Raise UsageError for an option that means nothing where the SQL is printed."""
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
    engine = engine_of(parsed)
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


def check_map(parsed: argparse.Namespace, mapped: Mapped) -> None:
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
