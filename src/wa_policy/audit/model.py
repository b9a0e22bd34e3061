"""What goes from one step of an audit to the next: files in, counts out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.evidence.audit_sums import STATUSES
from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOENGAGE, BSP, IMPORT = "moengage", "bsp", "import"
"""The sides that a file can be of: users as MoEngage exports them, the provider's list, a file about to be imported."""

ROLES = {MOENGAGE: ("id", "mobile", "opt_in"), BSP: ("mobile", "status"), IMPORT: ("id", "opt_in")}
"""Which columns the SQL reads of each side, in its order. Only the provider's status may be missing: then all are opted in."""

TABLES = {MOENGAGE: "users", BSP: "bsp", IMPORT: "imports"}
"""What the SQL calls the table with these columns of each side."""

OPTED_IN = "opted_in"
"""What stands in every row of a provider's list that has no status."""

SKIPPED = "skipped"
"""What stands for an empty cell of NDJSON in a file to be imported: MoEngage passes over it, so that it wipes nothing."""

CSV, NDJSON, PARQUET = "csv", "ndjson", "parquet"

MEASURES: Mapping[str, tuple[str, ...]] = {
    MOENGAGE: (
        "users.total",
        "users.true",
        "users.false",
        "users.blank",
        "users.invalid",
        "dirt.spaces",
        "dirt.numeric",
        "dirt.words",
        "dirt.sms_vocabulary",
        "dirt.other",
        "numbers.e164",
        "numbers.missing",
        "numbers.mended.spaces",
        "numbers.mended.separators",
        "numbers.mended.decimal",
        "numbers.mended.double_zero",
        "numbers.not_e164.exponent",
        "numbers.not_e164.unicode_digits",
        "numbers.not_e164.letters",
        "numbers.not_e164.trunk_zero",
        "numbers.not_e164.calling_code",
        "numbers.not_e164.too_short",
        "numbers.not_e164.too_long",
        "numbers.not_e164.other",
        "repeated.ids",
        "repeated.rows_of_ids",
        "repeated.rows_without_id",
        "repeated.numbers",
        "repeated.users_of_numbers",
        "repeated.contradicting_ids",
        "repeated.contradicting_numbers",
    ),
    BSP: (
        "bsp.rows",
        "bsp.total",
        "bsp.opted_in_total",
        "bsp.opted_out_total",
        "bsp.status_unknown",
        "bsp.contradicting",
        "bsp.invalid_numbers",
        "bsp.known",
        "bsp.unknown",
        "bsp.opted_out",
        "bsp.not_compared",
        "bsp.not_true_but_opted_in",
        "bsp.only_at_bsp",
        "bsp.legacy_matched",
    ),
    IMPORT: (
        "import.rows",
        "import.blank",
        "import.would_wipe",
        "import.would_wipe_false",
        "import.unknown_ids",
    ),
}
"""The names of all measures by the side without which they are left out. Their meaning is written in opt_in.sql, and what they
add up to in wa_policy.evidence.audit_sums; dirt.spaces counts statuses that were read, and so stand under users.true or another.
"""

GROUP_MEASURES = ("total", *STATUSES)
"""What is counted for each calling code, of the users with a usable number."""

GROUPS = "calling_codes."
"""What stands before these names in the rows of the SQL's result."""


class Column(NamedTuple):
    """Which column of a file plays a role."""

    role: str
    """One of ROLES of the file's side."""
    name: str
    """As the file writes it, byte-order mark and quotes taken away."""
    position: int
    """Counted from 0 in a CSV file's header; -1 elsewhere."""


class InputFile(NamedTuple):
    """A file as its header was read by wa_policy.audit.headers."""

    path: str
    """As it was given; for Spark it may be an address."""
    side: str
    format: str
    """CSV, NDJSON or PARQUET."""
    compressed: bool
    """Whether gzip must be undone (CSV and NDJSON only)."""
    delimiter: str
    """Of a CSV file; "" elsewhere."""
    quote: str
    """Of a CSV file; "" when it quotes nothing. A quote inside is doubled."""
    header: tuple[str, ...]
    """All columns of a CSV file, so that ragged rows are seen; of a Parquet file where they are known."""
    columns: tuple[Column, ...]
    bytes: int
    """As it lies there: compressed, if it is compressed."""


class Request(NamedTuple):
    """An audit to be made. Each side is a sequence of files; no file: the side was not given."""

    users: tuple[InputFile, ...]
    bsp: tuple[InputFile, ...]
    imports: tuple[InputFile, ...]
    memory_limit: str | None
    """As DuckDB reads it ("512MB"); None: as much as it takes by itself. This and the next two are DuckDB's alone: a session of
    Spark is started with them."""
    threads: int | None
    """How many; None: as many as DuckDB takes by itself."""
    temp_dir: str
    """An existing folder. DuckDB gets a folder of its own in it, which is removed whatever happens."""
    exceptions: str | None
    """Where to write the list of rows to be looked at, a Parquet file with personal data; None: nowhere."""

    @property
    def files(self) -> tuple[InputFile, ...]:
        """The files of all sides."""
        return (*self.users, *self.bsp, *self.imports)


class Rejected(NamedTuple):
    """A row that could not be read. Its text is never shown: it may hold a number."""

    path: str
    line: int
    """Counted from 1, the header being line 1 of a CSV file; 0 where the engine cannot say."""
    reason: str


class Measured(NamedTuple):
    """What an engine counted."""

    counts: Mapping[str, int]
    """MEASURES of the given sides, each of them, by name."""
    groups: Sequence[Mapping[str, int | str]]
    """``{"calling_code": "91", "total": 5, ...}`` with GROUP_MEASURES, by total, greatest first."""
    rows: Mapping[str, int]
    """Rows counted in each file, by path; without rejected ones."""
    rejected: Sequence[Rejected]
    """The first LISTED_REJECTS."""
    rejected_count: int
    engine: tuple[str, str]
    """Name and version."""


LISTED_REJECTS = 1000


class Progress(NamedTuple):
    """How far an engine has come. Called from the thread that called the engine."""

    step: str
    """In plain words: "reading users.csv"."""
    rows: int
    """Rows read so far, of all files."""
    bytes: int
    """Bytes read so far, estimated within a file."""
    of_bytes: int
