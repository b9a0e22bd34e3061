"""Files as DuckDB reads them: the SQL that stands for their rows and lines, and the names of a Parquet file's columns."""

from __future__ import annotations

import glob
import os
from typing import TYPE_CHECKING

from wa_policy.audit.errors import cannot_read, wrong_use
from wa_policy.audit.inputs import INSTALL
from wa_policy.audit.lines import BLANKS, LONGEST
from wa_policy.audit.model import CSV, IMPORT, NDJSON, OPTED_IN, ROLES, SKIPPED

if TYPE_CHECKING:
    from wa_policy.audit.model import InputFile

_NO_CELL = "chr(1)"
"""What is read as no cell at all. An empty cell is one: DuckDB would take a surplus one for none otherwise."""


def parquet_names(path: str) -> tuple[str, ...]:
    """The names of a Parquet file's columns, by DuckDB. Raises AuditError where that is not installed or cannot read it."""
    try:
        import duckdb
    except ImportError:
        raise wrong_use(f"{path}: Parquet can only be read with DuckDB", f"install it: {INSTALL}") from None
    described = f"DESCRIBE SELECT * FROM read_parquet({_path(path)}, hive_partitioning = false)"
    try:
        with duckdb.connect(":memory:") as connection:
            columns = connection.execute(described).fetchall()
    except duckdb.Error:
        trouble = cannot_read(f"{path}: the Parquet file is damaged, or has no end", "export it again")
    else:
        return tuple(name for name, *_ in columns)
    raise trouble


def _path(path: str) -> str:
    """A path as SQL names this one file: DuckDB takes every path for a pattern, and ~ for the home folder.

    Raises AuditError where there is none: in a pattern, DuckDB takes a backslash for a slash, and may find another file.
    """
    whole = os.path.abspath(path)
    if "\\" in whole and glob.has_magic(whole):
        message = f"{path}: DuckDB cannot read a path with a backslash and one of * ? ["
        raise wrong_use(message, "rename the file, or the folder that it is in")
    return literal(glob.escape(whole))


def literal(text: str) -> str:
    """A text as SQL has it between quotes."""
    return "'" + text.replace("'", "''") + "'"


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def rows(file: InputFile) -> str:
    """The rows of a file: a query whose columns are the roles of its side, all text. Raises AuditError.

    Those of an NDJSON file are in the table ``json_lines`` by then, made of what :func:`json_lines` gives.
    """
    found = {column.role: column for column in file.columns}
    if file.format == CSV:
        cells = {role: f"c{column.position}" for role, column in found.items()}
        source = _csv(file)
    elif file.format == NDJSON:
        cells = {role: role for role in found}
        if file.side == IMPORT:
            cells["opt_in"] = f"COALESCE(NULLIF(opt_in, ''), {literal(SKIPPED)})"
        source = "json_lines WHERE whole"
    else:
        cells = {role: f"CAST({_name(column.name)} AS VARCHAR)" for role, column in found.items()}
        source = f"read_parquet({_path(file.path)}, hive_partitioning = false)"
    named = [f"{cells.get(role, literal(OPTED_IN))} AS {role}" for role in ROLES[file.side]]
    return f"(SELECT {', '.join(named)} FROM {source})"


def _csv(file: InputFile) -> str:
    columns = ", ".join(f"'c{position}': 'VARCHAR'" for position in range(len(file.header)))
    return (
        f"read_csv({_path(file.path)}, auto_detect = false, header = true, columns = {{{columns}}}, store_rejects = true,"
        f" delim = {literal(file.delimiter or ',')}, quote = {literal(file.quote)}, escape = {literal(file.quote)},"
        f" nullstr = {_NO_CELL}, hive_partitioning = false, compression = '{'gzip' if file.compressed else 'none'}')"
    )


def _lines(file: InputFile) -> str:
    """A file's lines. JSON has no control characters, so that none of its lines is divided."""
    return (
        f"read_csv({_path(file.path)}, auto_detect = false, header = false, columns = {{'line': 'VARCHAR'}}, strict_mode = false,"
        f" delim = {_NO_JSON}, quote = '', escape = '', max_line_size = {LONGEST}, store_rejects = true,"
        f" hive_partitioning = false, compression = '{'gzip' if file.compressed else 'none'}')"
    )


_NO_JSON = "chr(1) || chr(2) || chr(3) || chr(4)"
"""What no line holds: DuckDB drops what stands behind it."""

_BLANK = f"(line IS NULL OR trim(line, {' || '.join(f'chr({ord(blank)})' for blank in BLANKS)}) = '')"

_WHOLE = (
    "(CASE WHEN json_valid(line) THEN CASE WHEN json_type(line) = 'OBJECT'"
    " THEN len(json_keys(line)) = len(list_distinct(json_keys(line))) ELSE FALSE END ELSE FALSE END)"
)
"""Whether a line is an object, of which no key stands twice: nobody could say which of the two holds."""


def json_lines(file: InputFile) -> str:
    """The lines of an NDJSON file that are not blank: a query for the cells of each, and for ``whole``, whether it is an object.

    JSON's true and false become words, null nothing. Raises AuditError.
    """
    cells = [
        f"CASE WHEN whole THEN json_extract_string(line, {literal(_pointer(column.name))}) END AS {column.role}"
        for column in file.columns
    ]
    return (
        f"SELECT {', '.join(cells)}, whole FROM (SELECT line, {_WHOLE} AS whole FROM {_lines(file)} WHERE NOT {_BLANK})"
    )


def no_objects(file: InputFile, most: int) -> str:
    """The first lines of an NDJSON file that hold no object: a query for their numbers, counted among lines of text that are not
    blank. Raises AuditError.
    """
    numbered = f"SELECT row_number() OVER () AS number, line FROM {_lines(file)} WHERE NOT {_BLANK}"
    return f"SELECT number FROM ({numbered}) WHERE NOT {_WHOLE} ORDER BY number LIMIT {most}"


def _pointer(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")
