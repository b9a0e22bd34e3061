"""From what the person names to files whose headers are read: files, patterns and folders, each file once."""

from __future__ import annotations

import glob
import os
import re
import stat
import zlib
from typing import TYPE_CHECKING, NamedTuple

from wa_policy.audit.columns import wanted
from wa_policy.audit.errors import AuditError, Trouble, cannot_read, wrong_use
from wa_policy.audit.headers import HEAD, Header, header_of_names, read_csv_header, read_json_header
from wa_policy.audit.model import CSV, NDJSON, PARQUET, InputFile
from wa_policy.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from wa_policy.audit.columns import Mapped, Wanted

    ParquetReader = Callable[[str], tuple[str, ...]]

INSTALL = "python -m pip install 'wa-policy[audit]'"

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
    """A file that is to be read, and the side that it stands for."""

    path: str
    side: str


def gather(named: Mapping[str, Sequence[str]]) -> tuple[Given, ...]:
    """The files that are named on each side, in order; folders and patterns as the files in them, sorted.

    Raises AuditError for what is not there, cannot be read, or is the same file as another.
    """
    troubles: list[Trouble] = []
    given: list[Given] = []
    for side, words in named.items():
        for word in words:
            if "://" in word:
                troubles.append(_elsewhere(word))
                continue
            paths = list(_paths(word))
            if not paths:
                troubles.append(_nothing_there(word))
            given += [Given(path, side) for path in paths]
    troubles += _not_files(given)
    troubles += _twice(given)
    if troubles:
        raise AuditError(*troubles)
    return tuple(given)


def describe(
    given: Sequence[Given], mapped: Mapped, parquet: ParquetReader, *, coverage: bool = False
) -> tuple[InputFile, ...]:
    """Read the header of every file. Raises AuditError with all that is wrong in all of them."""
    files: list[InputFile] = []
    troubles: list[Trouble] = []
    for path, side in given:
        try:
            files.append(_describe(path, side, wanted(side, mapped, coverage=coverage), parquet))
        except AuditError as error:
            troubles += error.troubles
        except OSError as error:
            troubles.append(_unreadable(path, error))
    if troubles:
        raise AuditError(*troubles)
    return tuple(files)


def _paths(word: str) -> Iterator[str]:
    """What a word names: itself, the files below it, or those that fit it as a pattern. Hidden ones are no data."""
    if os.path.isdir(word):
        for folder, folders, names in os.walk(word):
            folders[:] = sorted(name for name in folders if _is_data(name))
            yield from (os.path.join(folder, name) for name in sorted(names) if _is_data(name))
    elif not os.path.lexists(word) and glob.has_magic(word):
        yield from (path for path in sorted(glob.glob(word, recursive=True)) if not os.path.isdir(path))
    else:
        yield word


def _is_data(name: str) -> bool:
    return not name.startswith((".", "_"))


def _elsewhere(word: str) -> Trouble:
    return Trouble(
        f"{word}: this is an address; the header and the digest of a file are read on this machine, whatever counts it",
        "mount it here and name the path, or count it where it is with the SQL that --print-sql prints",
        2,
    )


def _nothing_there(word: str) -> Trouble:
    what = "the folder holds no file" if os.path.isdir(word) else "no file fits this pattern"
    return Trouble(f"{word}: {what}", "mend the path, or name the files one by one", 2)


def _not_files(given: Sequence[Given]) -> Iterator[Trouble]:
    for path, _ in given:
        try:
            state = os.stat(path)
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and not isinstance(error, FileNotFoundError | NotADirectoryError):
                yield _unreadable(path, error)
            else:
                yield Trouble(f"{path}: there is no such file{_neighbour(path)}", "mend the path", 2)
            continue
        if not stat.S_ISREG(state.st_mode):
            yield Trouble(
                f"{path}: this is no file", "name a file, a folder or a pattern; save what a pipe gives first", 2
            )
        elif any("\ud800" <= character <= "\udfff" for character in path):
            yield Trouble(f"{path}: the name is not UTF-8, and the evidence has to name the file", "rename the file", 2)
        elif format_of(path) is None:
            yield Trouble(f"{path}: the end of the name is none of {_KNOWN}", "rename the file after what is in it", 2)


def _neighbour(path: str) -> str:
    try:
        names = [name for name in os.listdir(os.path.dirname(path) or ".") if _is_data(name)]
    except (OSError, ValueError):
        return ""
    return did_you_mean(os.path.basename(path), names)


def _twice(given: Sequence[Given]) -> Iterator[Trouble]:
    """Links lead to the same file as well: its people would count twice, or agree with themselves."""
    first: dict[tuple[int, int], Given] = {}
    for each in given:
        try:
            state = os.stat(each.path)
        except (OSError, ValueError):
            continue
        other = first.setdefault((state.st_dev, state.st_ino), each)
        if other is not each:
            alias = "" if other.path == each.path else f", once as {other.path}"
            sides = f" (--{other.side} and --{each.side})" if other.side != each.side else f" (--{each.side})"
            yield Trouble(f"{each.path}: the file is given twice{alias}{sides}", "name each file once", 2)


def format_of(path: str) -> tuple[str, bool] | None:
    """The format that a name stands for, and whether it is compressed; None where it stands for none."""
    name = path.lower()
    compressed = name.endswith(_GZIP)
    kind = FORMATS.get(os.path.splitext(name.removesuffix(_GZIP))[1])
    return None if kind is None or (compressed and kind == PARQUET) else (kind, compressed)


def _describe(path: str, side: str, roles: Sequence[Wanted], parquet: ParquetReader) -> InputFile:
    kind, compressed = format_of(path) or (CSV, False)
    size = os.stat(path).st_size
    if kind == PARQUET:
        header = _parquet_header(path, roles, parquet)
    else:
        head, whole = _head(path, compressed=compressed)
        header = read_csv_header(path, head, roles) if kind == CSV else read_json_header(path, head, roles, whole=whole)
    return InputFile(path, side, kind, compressed, header.delimiter, header.quote, header.names, header.columns, size)


def _head(path: str, *, compressed: bool) -> tuple[bytes, bool]:
    """The first bytes of a file, unpacked, and whether they are all of it. Raises AuditError for what gzip has not made."""
    if not compressed:
        with open(path, "rb") as file:
            head = file.read(HEAD + 1)
    else:
        from gzip import BadGzipFile, GzipFile

        try:
            with open(path, "rb") as packed, GzipFile(fileobj=packed) as file:
                head = file.read(HEAD + 1)
        except EOFError:
            trouble = Trouble(f"{path}: the compressed file ends in the middle", "fetch the file again, as a whole")
        except (BadGzipFile, zlib.error):
            trouble = Trouble(
                f"{path}: the file is not compressed by gzip, though its name ends in .gz", "mend the name"
            )
        else:
            return head[:HEAD], len(head) <= HEAD
        raise AuditError(trouble)
    return head[:HEAD], len(head) <= HEAD


def _parquet_header(path: str, roles: Sequence[Wanted], parquet: ParquetReader) -> Header:
    with open(path, "rb") as file:
        start = file.read(4)
    if start != b"PAR1":
        what = "the file is empty" if not start else "the file is no Parquet file, whatever its name says"
        raise AuditError(Trouble(f"{path}: {what}", "export it again, or give it the name that fits what is in it"))
    return header_of_names(path, parquet(path), roles, "its schema")


def parquet_names(path: str) -> tuple[str, ...]:
    """The names of a Parquet file's columns, by DuckDB. Raises AuditError where that is not installed or cannot read it."""
    try:
        import duckdb
    except ImportError:
        raise wrong_use(f"{path}: Parquet can only be read with DuckDB", f"install it: {INSTALL}") from None
    literal = re.sub(r"([*?[])", r"[\1]", path)  # DuckDB takes every path for a pattern
    try:
        with duckdb.connect(":memory:") as connection:
            rows = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [literal]).fetchall()
    except duckdb.Error:
        trouble = cannot_read(f"{path}: the Parquet file is damaged, or has no end", "export it again")
    else:
        return tuple(row[0] for row in rows)
    raise trouble


def _unreadable(path: str, error: OSError) -> Trouble:
    return Trouble(f"{path}: it cannot be read: {error.strerror}", "mend the file's permissions, or name another file")
