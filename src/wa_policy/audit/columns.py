"""Which column holds what: roles, the headings that are known for each, and those that the person names with ``--map``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wa_policy.audit.column_names import LEFT, STAYED, fold, looks_like_data, says_who_left, words_of
from wa_policy.audit.errors import wrong_use
from wa_policy.audit.model import BSP, IMPORT, MOENGAGE, ROLES, Column
from wa_policy.audit.statuses import is_dirt
from wa_policy.policy.facts import load
from wa_policy.records import NamedTuple
from wa_policy.suggest import did_you_mean, nearest
from wa_policy.wording import fit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    Mapped = Mapping[tuple[str, str], str]  # (side, role) -> the column's name, as the person gives it

MEANINGS = {
    "id": "the user's id",
    "mobile": "the mobile number",
    "opt_in": "the WhatsApp subscription status",
    "status": "the opt-in status",
}
"""What each role is called in messages."""

OPTIONAL = frozenset({(BSP, "status")})
"""What a file may do without: a list of those who opted in needs no status."""

_HINTS = {
    (BSP, "status"): {"status", "state", "estado", "consent", "opt", "opted", "subscription"}
    | (STAYED | LEFT) - {"in", "not"}  # which stand in headings of all kinds
}
"""Words by which a heading that is not known may still be that of a role which a file may do without."""

_HEADINGS = {MOENGAGE: "users", BSP: "bsp", IMPORT: "users"}
"""Whose headings in the facts a side uses: a file for MoEngage's import has those of its export."""

FACTS = "opt_in_columns"
"""The facts file that knows the headings."""

_STATUSES = ("status", "opt_in")
"""The roles that hold a status."""

EXPORT_WORDS = "export a column whose words are opted_in and opted_out"
_NAME_IT = "give the heading of the column, as it stands in line 1 of the file"
_SURE_LENGTH = 5
"""From which length on the beginning of a heading stands for it."""

_SHOWN = 20
"""How many columns a message names."""


class Wanted(NamedTuple):
    """A role to find a column for."""

    role: str
    """One of ROLES of its side."""
    meaning: str
    """What messages call it."""
    headings: tuple[str, ...]
    """The names that its column may have: those that are known, or the one that the person gave with ``--map``."""
    mapped: bool
    """Whether the person gave it."""
    needed: bool
    """Whether a file without such a column is refused."""
    side: str = ""
    """Of which side the file is; "" for the result of a warehouse, of which nothing can be mapped."""
    hints: frozenset[str] = frozenset()
    """Words of a heading that may be meant for it: where no column is found but such a one is there, somebody has to decide."""

    @property
    def option(self) -> str:
        """What ``--map`` calls it; "" where it cannot be mapped."""
        return f"{self.side}.{self.role}" if self.side not in ("", MOENGAGE) else self.role if self.side else ""


class FoundColumns(NamedTuple):
    """What a header has for each of the roles that are wanted. Columns are counted from 0."""

    columns: tuple[Column, ...]
    """Those of the roles that one column fits."""
    missing: tuple[Wanted, ...]
    """Roles that are needed, and that no column fits."""
    several: tuple[tuple[Wanted, tuple[int, ...]], ...]
    """Roles that several columns fit, with these."""
    unsure: tuple[tuple[Wanted, tuple[int, ...]], ...] = ()
    """Roles that may be left out, and that no column fits, with the columns that may be meant for them."""

    @property
    def roles(self) -> int:
        """For how many roles something was found."""
        return len(self.columns) + len(self.several)


def read_map(words: Iterable[str]) -> dict[tuple[str, str], str]:
    """Read ``ROLE=COLUMN`` and ``SIDE.ROLE=COLUMN``: names of columns by side and role. Raises AuditError.

    A role without a side is that of MoEngage's files where they have it, else of the provider's list.
    """
    mapped: dict[tuple[str, str], str] = {}
    known = {f"{side}.{role}": (side, role) for side, roles in ROLES.items() for role in roles}
    for side in (IMPORT, BSP, MOENGAGE):  # the last one wins: a bare role is MoEngage's where MoEngage has it
        known |= {role: (side, role) for role in ROLES[side]}
    for word in words:
        role, _, name = word.partition("=")
        if role not in known:
            raise wrong_use(
                f'--map: there is no role "{role}"{did_you_mean(role, known)}', f"the roles are {', '.join(known)}"
            )
        if not name.strip():
            raise wrong_use(f"--map {role}: no column is named", f'write it as --map {role}="NAME OF THE COLUMN"')
        if looks_like_data(name):
            raise wrong_use(f"--map {role}: this looks like a value, not like the name of a column", _NAME_IT)
        if known[role][1] in _STATUSES and says_who_left(name):
            raise wrong_use(
                f'--map {role}: "{fit(name)}" seems to say who left: its true or yes would count as opted in',
                f"{EXPORT_WORDS}, and name that one",
            )
        if mapped.setdefault(known[role], name) != name:
            raise wrong_use(f"--map {role} is given twice, with different columns", "name one column for each role")
    return mapped


def wanted(side: str, mapped: Mapped, *, coverage: bool = False) -> tuple[Wanted, ...]:
    """What to find columns for in a file of a side. For coverage, users by status alone, nothing but the status is looked for."""
    headings = load(FACTS).values[_HEADINGS[side]]
    roles = [role for role in ROLES[side] if not coverage or role == "opt_in"]
    return tuple(
        Wanted(
            role,
            MEANINGS[role],
            (mapped[side, role],) if (side, role) in mapped else tuple(headings[role]),
            (side, role) in mapped,
            (side, role) not in OPTIONAL or (side, role) in mapped,
            side,
            frozenset(_HINTS.get((side, role), ())),
        )
        for role in roles
    )


def find(names: Sequence[str], roles: Iterable[Wanted]) -> FoundColumns:
    """Look for a column for each role: by the very name that the person gave first, then with case and blanks aside."""
    columns, missing, several, left_out = [], [], [], []
    for role in roles:
        exact = [position for position, name in enumerate(names) if name in role.headings] if role.mapped else []
        headings = {fold(heading) for heading in role.headings}
        fitting = exact or [position for position, name in enumerate(names) if fold(name) in headings]
        if len(fitting) > 1:
            several.append((role, tuple(fitting)))
        elif fitting:
            columns.append(Column(role.role, names[fitting[0]], fitting[0]))
        elif role.needed:
            missing.append(role)
        else:
            left_out.append(role)
    taken = {column.position for column in columns}.union(*(positions for _, positions in several))
    unsure = [
        (role, hinted)
        for role in left_out
        if (hinted := tuple(position for position in _hinted(names, role.hints) if position not in taken))
    ]
    return FoundColumns(tuple(columns), tuple(missing), tuple(several), tuple(unsure))


def _hinted(names: Sequence[str], hints: frozenset[str]) -> Iterator[int]:
    """The columns with one of these words in their names."""
    for position, name in enumerate(names):
        if not hints.isdisjoint(words_of(name)):
            yield position


def told(names: Sequence[str], roles: Iterable[Wanted]) -> str:
    """The columns of a header in words, for a message; names are repeated only where the line is a header without a doubt."""
    if not is_header(names, roles):
        if not has_known(names, roles):
            return (
                f"none of its {len(names)} columns has a known heading"
                if len(names) > 1
                else "its only column is not known"
            )
        return f"its {len(names)} columns are not named here, since some look like somebody's data"
    shown = [f'"{fit(name)}"' for name in names]
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return f"its columns are {', '.join(shown[:_SHOWN])}{more}"


def is_header(names: Sequence[str], roles: Iterable[Wanted]) -> bool:
    """Whether a line is a header without a doubt: a known heading is there, and nothing that looks like a value.

    A file without a header begins with somebody's data, and one cell of it may be a heading by chance.
    """
    known = _known(roles)
    return any(fold(name) in known for name in names) and not any(
        looks_like_data(name) or re.search(r"\d\d", name) or (is_dirt(fold(name)) and fold(name) not in known)
        for name in names
    )


def has_known(names: Iterable[str], roles: Iterable[Wanted]) -> bool:
    """Whether a heading of this side is there."""
    return not _known(roles).isdisjoint(map(fold, names))


def _known(roles: Iterable[Wanted]) -> set[str]:
    """The headings of the side that these roles are of, also where other names are looked for."""
    facts = load(FACTS).values
    headings = {fold(heading) for role in roles for heading in role.headings}
    for side in {role.side for role in roles if role.side}:
        headings |= {fold(heading) for some in facts[_HEADINGS[side]].values() for heading in some}
    return headings


def suggestion(role: Wanted, names: Sequence[str], roles: Iterable[Wanted]) -> str:
    """The name in a header that may be meant by one of the headings, as `` (did you mean "X"?)``; consent for SMS is not."""
    if not is_header(names, roles):
        return ""
    others = load("opt_in").values["other_channels"]
    candidates = [name for name in names if fold(name) not in others and not looks_like_data(name)]
    cut_off = (
        name
        for name in candidates
        for heading in role.headings
        if len(fold(name)) >= _SURE_LENGTH and fold(heading).startswith(fold(name))
    )
    near = next(filter(None, (nearest(heading, candidates) for heading in role.headings)), None) or next(cut_off, None)
    return f' (did you mean "{fit(near)}"?)' if near else ""
