"""The SQL of the audit: ``opt_in.sql``, as DuckDB runs it and as other engines understand it.

The file has macros and steps. A macro is a named expression: DuckDB creates it, for other engines it is put in where it is
called. A step is one SELECT under a line ``-- step: NAME``; later steps read it as a table of that name. DuckDB and Spark run
step by step, and keep what a step found; a warehouse gets one statement, in which each step is a common table expression.

Translated is by sqlglot, step by step, with two differences that it cannot know of: ``without`` becomes TRANSLATE (a pattern with
a class of characters means something else in nearly every engine), and characters beyond ASCII are written as they are (Spark's
chr() knows 256 characters).
"""

from __future__ import annotations

import os
import re
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from wa_policy.audit.errors import wrong_use
from wa_policy.audit.model import ROLES, TABLES
from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlglot.expressions import Expr

DIALECTS = ("duckdb", "spark", "snowflake", "bigquery", "redshift", "databricks")
"""In which the SQL can be printed: DuckDB's, in which it is written, and those that it is translated into."""

PLACEHOLDERS = {table: f"{table}_table" for table in TABLES.values()}
"""What a printed statement calls the tables that it reads."""

_HEAD = """\
-- The opt-in audit of wa-policy, for {dialect}. It reads three tables, whose columns are text (cast those that are not):
--   users_table   (id, mobile, opt_in)   a workspace's users; opt_in is moe_wa_subscription: 'true', 'false' or NULL
--   bsp_table     (mobile, status)       the provider's opt-in list; if it has no status, 'opted_in' for every row
--   imports_table (id, opt_in)           a file about to be imported into MoEngage
-- Put the names of yours in their places, and an empty table where there is none. Keep the result, without a change, as CSV or
-- as a JSON object a line: wa-policy audit opt-in --from-result FILE makes the evidence of it.
-- Keep it out of the repository: it may have a calling code with one user, and only --from-result puts small groups together.
"""


_MACRO = r"^CREATE MACRO (\w+)\((.*?)\) AS\s(.*?);$"


class OptInSql(NamedTuple):
    """The parts of opt_in.sql, in DuckDB's dialect."""

    macros: str
    """Statements that create them."""
    steps: Mapping[str, str]
    """The SELECT of each step, in the order in which they are run; the last one's rows are the result."""


@cache
def load() -> OptInSql:
    """Read the file."""
    macros, *parts = re.split(r"^-- step: (\w+)\n", _read("opt_in.sql"), flags=re.MULTILINE)
    return OptInSql(macros, dict(zip(parts[::2], parts[1::2], strict=True)))


def exceptions() -> str:
    """The SELECT of the rows to be looked at, in DuckDB's dialect."""
    return _read("exceptions.sql")


def _read(name: str) -> str:
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), encoding="utf-8") as file:
        return file.read()


def translate(dialect: str) -> dict[str, str]:
    """The SELECT of each step in a dialect, by name, without comments. Raises AuditError if sqlglot is not installed."""
    if find_spec("sqlglot") is None:
        raise wrong_use("sqlglot is not installed, which translates the SQL", "pip install 'wa-policy[audit]'")
    return {name: step.sql(dialect=dialect, pretty=True, comments=False) for name, step in _expressions().items()}


def printed(dialect: str) -> str:
    """One statement for a warehouse in one of DIALECTS, with PLACEHOLDERS for the tables. Raises AuditError without sqlglot."""
    steps = translate(dialect)
    *named, (_, last) = steps.items()
    # tables with the right names and columns, whatever the placeholders are
    given = [
        f"{table} AS (\n  SELECT {', '.join(ROLES[side])} FROM {PLACEHOLDERS[table]}\n)"
        for side, table in TABLES.items()
    ]
    ctes = ",\n\n".join([*given, *(f"{name} AS (\n{_indented(text)}\n)" for name, text in named)])
    head, with_, tail = last.partition("WITH ")
    own = f",\n\n{tail}" if with_ and not head else f"\n\n{last}"
    return f"{_HEAD.format(dialect=dialect)}WITH {ctes}{own};\n"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" if line else line for line in text.split("\n"))


@cache
def _expressions() -> dict[str, Expr]:
    """The steps as sqlglot reads them, their macros put in."""
    import sqlglot

    loaded = load()
    macros = {
        name: (parameters.split(", "), sqlglot.parse_one(body, read="duckdb"))
        for name, parameters, body in re.findall(_MACRO, loaded.macros, re.MULTILINE | re.DOTALL)
        if name != "without"
    }
    parsed = {name: sqlglot.parse_one(step, read="duckdb") for name, step in loaded.steps.items()}
    for change in (_put_in(macros), _without, _plain_characters):
        parsed = {name: step.transform(change) for name, step in parsed.items()}
    return parsed


def _put_in(macros: Mapping[str, tuple[Sequence[str], Expr]]) -> Callable[[Expr], Expr]:
    """What a macro stands for in the place of its call, the arguments in the places of its parameters."""
    from sqlglot import exp

    def put_in(node: Expr) -> Expr:
        if not isinstance(node, exp.Anonymous) or node.name.lower() not in macros:
            return node
        parameters, body = macros[node.name.lower()]
        given = dict(zip(parameters, node.expressions, strict=False))  # a macro without parameters has one, ""
        called: Expr = body.transform(
            lambda part: given[part.name].copy() if isinstance(part, exp.Column) and part.name in given else part
        )
        return called

    return put_in


def _without(node: Expr) -> Expr:
    from sqlglot import exp

    if isinstance(node, exp.Anonymous) and node.name.lower() == "without":
        text, characters = node.expressions
        return exp.Anonymous(this="TRANSLATE", expressions=[text, characters, exp.Literal.string("")])
    return node


def _plain_characters(node: Expr) -> Expr:
    """chr() of a code point that not every engine knows, as the character itself."""
    from sqlglot import exp

    if isinstance(node, exp.Chr) and (code := int(node.expressions[0].name)) > 127:
        return exp.Literal.string(chr(code))
    return node
