"""The sums that the counts of an opt-in audit keep, whatever the data: of every audit, and of every result of its SQL.

Counts go by block and name, as ``users.true``. One that is counted by kinds (``numbers.mended``) is the sum of them.
"""

from __future__ import annotations

from wa_policy.records import NamedTuple

STATUSES = ("true", "false", "blank", "invalid")
"""What the status of a user may be: each has one of them."""


class Sum(NamedTuple):
    """Counts that are together no more than others are together; ``exact`` where they are as many, if nobody is left out."""

    parts: tuple[str, ...]
    whole: tuple[str, ...]
    said: tuple[str, str] | None
    """What the parts and the whole, which then is one count, are to somebody who reads an audit. None: only a result of the SQL
    is held to it, since an audit that was made by hand may lack some of the counts, or count a little otherwise."""
    exact: bool = False
    called: tuple[str, str] | None = None
    """What the parts and the whole are called in a result, if not by the names of all of them."""


_USERS = ("users.total",)
_TRUE = ("users.true",)
COMPARED = ("bsp.known", "bsp.unknown", "bsp.opted_out")
"""Users with TRUE who were looked for at the provider: those with a usable number."""

USABLE = ("numbers.e164", "numbers.mended")
"""Users with a number that a message can be sent to."""

THE_USABLE = "the usable numbers"
"""What these are called in a result."""

SUMS = (
    Sum(
        tuple(f"users.{status}" for status in STATUSES),
        _USERS,
        ("users by status", "users in all"),
        exact=True,
        called=("its parts", "users.total"),
    ),
    Sum(
        (*COMPARED, "bsp.not_compared"),
        _TRUE,
        ("users with TRUE at the provider", "in MoEngage"),
        exact=True,
        called=("its parts", "users.true"),
    ),
    Sum(
        ("dirt.numeric", "dirt.words", "dirt.sms_vocabulary", "dirt.other"),
        ("users.invalid",),
        ("users by the kind of their other value", "users with other values"),
        exact=True,
        called=("its kinds of dirt", "users.invalid"),
    ),
    Sum(
        ("numbers.e164", "numbers.missing", "numbers.mended", "numbers.not_e164"),
        _USERS,
        ("users by the form of their number", "users in all"),
        exact=True,
        called=("all numbers", "users.total"),
    ),
    Sum(
        ("bsp.opted_in_total", "bsp.opted_out_total", "bsp.status_unknown"),
        ("bsp.total",),
        None,
        exact=True,
        called=("its parts", "bsp.total"),
    ),
    Sum(("dirt.spaces",), ("users.true", "users.false", "users.blank"), None),
    Sum(("repeated.ids",) * 2, ("repeated.rows_of_ids",), None, called=("repeated.ids, twice", "repeated.rows_of_ids")),
    Sum(("repeated.rows_of_ids", "repeated.rows_without_id"), _USERS, None),
    Sum(
        ("repeated.numbers",) * 2,
        ("repeated.users_of_numbers",),
        None,
        called=("repeated.numbers, twice", "repeated.users_of_numbers"),
    ),
    Sum(("repeated.users_of_numbers",), USABLE, None, called=("repeated.users_of_numbers", THE_USABLE)),
    Sum(("repeated.ids",), ("repeated.rows_of_ids",), ("ids that are repeated", "rows of them")),
    Sum(("repeated.rows_of_ids",), _USERS, ("rows of repeated ids", "users in all")),
    Sum(("repeated.numbers",), ("repeated.users_of_numbers",), ("numbers that are shared", "users who share them")),
    Sum(("repeated.users_of_numbers",), _USERS, ("users who share a number", "users in all")),
    Sum(("repeated.contradicting_ids",), ("repeated.ids",), ("ids with TRUE and FALSE", "ids that are repeated")),
    Sum(("repeated.contradicting_numbers",), ("repeated.numbers",), ("numbers with TRUE and FALSE", "that are shared")),
    Sum(("repeated.contradicting_ids",), _TRUE, ("ids with TRUE and FALSE", "users with TRUE")),
    Sum(("repeated.contradicting_ids",), ("users.false",), ("ids with TRUE and FALSE", "users with FALSE")),
    Sum(("repeated.contradicting_numbers",), _TRUE, ("numbers with TRUE and FALSE", "users with TRUE")),
    Sum(("repeated.contradicting_numbers",), ("users.false",), ("numbers with TRUE and FALSE", "users with FALSE")),
    Sum(("bsp.total", "bsp.invalid_numbers"), ("bsp.rows",), None),
    Sum(("bsp.contradicting",), ("bsp.opted_out_total",), None),
    Sum(("bsp.legacy_matched",), COMPARED, None),
    Sum(("bsp.opted_in_total", "bsp.opted_out_total"), ("bsp.total",), ("numbers by status at the provider", "in all")),
    Sum(("bsp.total",), ("bsp.rows",), ("numbers at the provider", "rows of them")),
    Sum(("bsp.only_at_bsp",), ("bsp.total",), ("numbers at the provider alone", "in all")),
    Sum(("import.would_wipe", "import.would_wipe_false"), ("import.blank",), None),
    Sum(("import.would_wipe", "import.would_wipe_false", "import.unknown_ids"), ("import.rows",), None),
    Sum(
        ("import.blank",),
        ("import.rows",),
        ("rows to be imported whose status is blank", "rows to be imported"),
    ),
    Sum(("import.would_wipe",), _TRUE, ("users with TRUE whom the import would blank", "in MoEngage")),
    Sum(
        ("import.would_wipe_false",), ("users.false",), ("users with FALSE whom the import would blank", "in MoEngage")
    ),
)
"""All of them, in the order in which they are looked at."""


class Need(NamedTuple):
    """Users of whom there are none where there is no such number at the provider; several users may share a number."""

    users: str
    numbers: str
    said: tuple[str, str]
    """What the two are, for somebody who reads an audit."""


_IN, _OUT = "numbers that are opted in there", "numbers that are opted out there"
NEEDS = (
    Need("bsp.known", "bsp.opted_in_total", ("users with TRUE whom the provider has as opted in", _IN)),
    Need("bsp.opted_out", "bsp.opted_out_total", ("users with TRUE whom the provider has as opted out", _OUT)),
    Need(
        "bsp.not_true_but_opted_in",
        "bsp.opted_in_total",
        ("users without TRUE whom the provider has as opted in", _IN),
    ),
)
