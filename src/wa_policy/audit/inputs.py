"""From what the person names to files whose headers are read: files, patterns and folders, each file once."""

from __future__ import annotations

import os
import zlib
from importlib.util import find_spec
from typing import TYPE_CHECKING

from wa_policy import WRONG_USE
from wa_policy.audit import local
from wa_policy.audit.columns import wanted
from wa_policy.audit.errors import AuditError, AuditTrouble, cannot_read, wrong_use
from wa_policy.audit.headers import HEAD, Header, header_of_names, read_csv_header, read_json_header
from wa_policy.audit.model import CSV, NDJSON, PARQUET, InputFile
from wa_policy.audit.storage import refuse_secrets, scheme
from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import BinaryIO

    from wa_policy.audit.columns import Mapped, Wanted
    from wa_policy.audit.digests import Digest
    from wa_policy.audit.storage import State, Storage, Where

    ParquetReader = Callable[[str], tuple[str, ...]]
    Opener = Callable[[str], BinaryIO]

INSTALL = "python -m pip install 'wa-policy[audit]'"


def way_to_duckdb() -> str:
    """What to do where DuckDB is needed and does not count: it may be here, and another engine asked for."""
    return "leave --engine out" if find_spec("duckdb") else f"install it: {INSTALL}"


FORMATS = {
    ".csv": CSV,
    ".tsv": CSV,
    ".txt": CSV,
    ".ndjson": NDJSON,
    ".jsonl": NDJSON,
    ".json": NDJSON,
    ".parquet": PARQUET,
}
"""What the end of a name stands for; all but Parquet may have .gz behind it."""

_GZIP = ".gz"
_KNOWN = ", ".join([*FORMATS, ".csv.gz", ".ndjson.gz"])


class Given(NamedTuple):
    """A file that is to be read, the side that it stands for, and what it was when it was found."""

    path: str
    side: str
    state: State


def on_this_machine(path: str) -> Storage:
    """The storage of engines that read no addresses. Raises AuditError for an address."""
    refuse_secrets(path)
    if scheme(path):
        raise wrong_use(
            f"{path}: this is an address, which Spark alone reads",
            "count it with --engine spark; or mount it here and name the path; "
            "or count it where it is with the SQL that --print-sql prints",
        )
    return local


def gather(named: Mapping[str, Sequence[str]], where: Where = on_this_machine) -> tuple[Given, ...]:
    """The files that are named on each side, in order; folders and patterns as the files in them, sorted.

    Raises AuditError for what is not there, cannot be read, or is the same file as another.
    """
    troubles: list[AuditTrouble] = []
    given: list[Given] = []
    for side, words in named.items():
        for word in words:
            try:
                found = where(word).find(word)
            except AuditError as error:
                troubles += error.troubles
                continue
            for path, state in found:
                troubles += _misnamed(path)
                given.append(Given(path, side, state))
    troubles += _twice(given)
    if troubles:
        raise AuditError(*troubles)
    return tuple(given)


def describe(
    given: Sequence[Given],
    mapped: Mapped,
    parquet: ParquetReader,
    where: Where = on_this_machine,
    *,
    coverage: bool = False,
) -> tuple[InputFile, ...]:
    """Read the header of every file. Raises AuditError with all that is wrong in all of them."""
    files: list[InputFile] = []
    troubles: list[AuditTrouble] = []
    for each in given:
        try:
            roles = wanted(each.side, mapped, coverage=coverage)
            files.append(_describe(each, roles, parquet, where(each.path).open_file))
        except AuditError as error:
            troubles += error.troubles
        except OSError as error:
            troubles += local.unreadable(each.path, error).troubles
    if troubles:
        raise AuditError(*troubles)
    return tuple(files)


def _misnamed(path: str) -> Iterator[AuditTrouble]:
    if any("\ud800" <= character <= "\udfff" for character in path):
        yield AuditTrouble(
            f"{path}: the name is not UTF-8, and the evidence has to name the file", "rename the file", 2
        )
    elif format_of(path) is None:
        yield AuditTrouble(
            f"{path}: the end of the name is none of {_KNOWN}", "rename the file after what is in it", WRONG_USE
        )


def _twice(given: Sequence[Given]) -> Iterator[AuditTrouble]:
    """Links lead to the same file as well: its people would count twice, or agree with themselves."""
    first: dict[tuple[object, ...], Given] = {}
    for each in given:
        other = first.setdefault(each.state.identity, each)
        if other is not each:
            alias = "" if other.path == each.path else f", once as {other.path}"
            sides = f" (--{other.side} and --{each.side})" if other.side != each.side else f" (--{each.side})"
            yield AuditTrouble(f"{each.path}: the file is given twice{alias}{sides}", "name each file once", WRONG_USE)


def refuse_copies(given: Sequence[Given], digests: Mapping[str, Digest], rows: Mapping[str, int]) -> None:
    """Raise AuditError for two files with the same bytes: one download, kept twice.

    Its people would count twice, or agree with themselves; files without rows do no harm. ``digests`` and ``rows``, how many were
    counted, are by path.
    """
    first: dict[str, Given] = {}
    for each in given:
        other = first.setdefault(digests[each.path].sha256, each)
        if other is not each and rows.get(each.path):
            sides = f"--{each.side}" if other.side == each.side else f"--{other.side} and --{each.side}"
            raise wrong_use(f"{each.path}: the file holds the same bytes as {other.path} ({sides})", "name one of them")


def format_of(path: str) -> tuple[str, bool] | None:
    """The format that a name stands for, and whether it is compressed; None where it stands for none."""
    name = path.lower()
    compressed = name.endswith(_GZIP)
    kind = FORMATS.get(os.path.splitext(name.removesuffix(_GZIP))[1])
    return None if kind is None or (compressed and kind == PARQUET) else (kind, compressed)


def _describe(each: Given, roles: Sequence[Wanted], parquet: ParquetReader, opened: Opener) -> InputFile:
    path, side, state = each
    kind, compressed = format_of(path) or (CSV, False)
    if kind == PARQUET:
        header = _parquet_header(path, roles, parquet, opened)
    else:
        head, whole = _head(path, opened, compressed=compressed)
        header = read_csv_header(path, head, roles) if kind == CSV else read_json_header(path, head, roles, whole=whole)
    return InputFile(
        path, side, kind, compressed, header.delimiter, header.quote, header.names, header.columns, state.size
    )


def _head(path: str, opened: Opener, *, compressed: bool) -> tuple[bytes, bool]:
    """The first bytes of a file, unpacked, and whether they are all of it. Raises AuditError for what gzip has not made."""
    with opened(path) as file:
        head = _unpacked(path, file) if compressed else file.read(HEAD + 1)
    return head[:HEAD], len(head) <= HEAD


def _unpacked(path: str, packed: BinaryIO) -> bytes:
    from gzip import BadGzipFile, GzipFile

    try:
        with GzipFile(fileobj=packed) as unpacked:
            return unpacked.read(HEAD + 1)
    except EOFError:
        trouble = cannot_read(f"{path}: the compressed file ends in the middle", "fetch the file again, as a whole")
    except (BadGzipFile, zlib.error):
        message = f"{path}: the file is not compressed by gzip, though its name ends in .gz"
        trouble = cannot_read(message, "mend the name")
    raise trouble


def _parquet_header(path: str, roles: Sequence[Wanted], parquet: ParquetReader, opened: Opener) -> Header:
    with opened(path) as file:
        start = file.read(4)
    if start != b"PAR1":
        what = "the file is empty" if not start else "the file is no Parquet file, whatever its name says"
        raise AuditError(
            AuditTrouble(f"{path}: {what}", "export it again, or give it the name that fits what is in it")
        )
    return header_of_names(path, parquet(path), roles, "its schema")
