"""Dirty data as exports have it, drawn by Hypothesis; and files to put it into."""

# ruff: noqa: RUF001 - letters and digits that only look right are the point

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.audit.reference import PUNCTUATION, WHITE_SPACE
from wa_policy.audit.model import BSP, CSV, IMPORT, MOENGAGE, ROLES, Column, InputFile, Request

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    Cell = str | None

_PLAIN = ["919876543210", "919876543211", "14155552671", "447911123456", "6591234567", "351912345678", "971501234567"]
_LEGACY = [
    "551187654321",
    "5511987654321",
    "5215512345678",
    "525512345678",
    "5491123456789",
    "541123456789",
    "551122223333",
]
_ODD = [
    "9.19876543210E+11",
    "9,1E+11",
    "9198765e5",
    "9198765432e2",
    "0x1FFFFFFFFFF",
    "+0x0FFFFFFFFFF",
    "919876543210.0",
    "+919876543210.0",
    "919876543210.00",
    "+919876543210.000",
    "436641234567.00",
    "9198765.43210.0",
    "09876543210",
    "9876543210",
    "+44 (0)7911 123456",
    "+0919876543210",
    "00919876543210",
    "000919876543210",
    "210123456789",
    "+210123456789",
    "12345",
    "+12345",
    "+1234567",
    "1234567890123456",
    "+123456789012345678901234567890",
    "-919876543210",
    "919876543210+",
    "91+9876543210",
    "++919876543210",
    "91_9876543210",
    "911/922",
    "null",
    "NULL",
    "n/a",
    "tel:+919876543210",
    "-",
    "+",
    "()",
    "٩١٩٨٧٦٥٤٣٢١٠",
    "９１９８７６５４３２１０",
    "+९१ ९८७६५४३२१०",
    "91987654321٠",
    "１",
    "é",
    "91987654321O",
    "\\919876543210",
    "'919876543210",
    '"919876543210"',
    "1.0",
    "1E5",
    "e",
    "E+",
    ".e+",
    "infinity",
    "NaN",
    "9223372036854775807",
    "9223372036854775808",
    "919876543210\n",
    "919876543210\u2028",
    "ı919876543210",
]
_STATUSES = [
    "true",
    "TRUE",
    "True",
    "tRuE",
    "false",
    "FALSE",
    "False",
    "",
    "null",
    "NULL",
    "1",
    "0",
    "1.0",
    "yes",
    "no",
    "Y",
    "on",
    "optin",
    "OPT-IN",
    "opted_out",
    "SUBSCRIBED",
    "t rue",
    "tr\u00a0ue",
    "truetrue",
    "true.",
    '"true"',
    "n/a",
    "ｔｒｕｅ",
    "İ",
    "OPT-IN PENDING",
    "\\",
    "%",
]
_BSP_STATUSES = [
    "opted_in",
    "OPTED_IN",
    "Opted_In",
    "optin",
    "opt-in",
    "in",
    "true",
    "YES",
    "active",
    "subscribed",
    "opted_out",
    "OPTED_OUT",
    "optout",
    "out",
    "false",
    "no",
    "inactive",
    "unsubscribed",
    "BLOCKED",
    "pending",
    "",
    "op ted_in",
    "opted_in.",
    "1",
]

_space = st.text(alphabet=WHITE_SPACE, max_size=2)


def _around(words: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds("".join, st.tuples(_space, words, _space))


@st.composite
def _punctuated(draw: st.DrawFn) -> str:
    number = draw(st.sampled_from([*_PLAIN, *_LEGACY]))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(number)))
        number = number[:at] + draw(st.sampled_from(PUNCTUATION + WHITE_SPACE)) + number[at:]
    return draw(st.sampled_from(["", "+", "00", "(+", "0"])) + number


MOBILES: st.SearchStrategy[Cell] = st.one_of(
    st.none(),
    st.sampled_from([prefix + number for number in _PLAIN + _LEGACY for prefix in ("", "+")]),
    st.sampled_from(_ODD),
    _around(st.sampled_from(_ODD + _PLAIN)),
    _punctuated(),
    st.text(alphabet="0123456789+.eE ()-\u00a0٣５x", max_size=17),
)
STATUSES: st.SearchStrategy[Cell] = st.one_of(
    st.none(), st.sampled_from(_STATUSES), st.sampled_from(["true", "false"]), _around(st.sampled_from(_STATUSES))
)
BSP_STATUSES: st.SearchStrategy[Cell] = st.one_of(
    st.none(), st.sampled_from(_BSP_STATUSES), st.sampled_from(["opted_in"]), _around(st.sampled_from(_BSP_STATUSES))
)
IDS: st.SearchStrategy[Cell] = st.one_of(
    st.none(), st.sampled_from(["", "u1", "u2", "U1", " u1", "0", "00", "ü", "u\u0308", '"', "a,b", "x\ny"])
)


def rows(*cells: st.SearchStrategy[Cell], most: int = 60) -> st.SearchStrategy[list[tuple[Cell, ...]]]:
    """Lists of rows with these cells."""
    return st.lists(st.tuples(*cells), max_size=most)


def csv_file(path: str | Path, side: str, data: Sequence[Sequence[Cell]], *, roles: Sequence[str] = ()) -> InputFile:
    """Write a CSV file, all its cells quoted but those that are None, and describe it."""
    roles = roles or ROLES[side]
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(",".join(roles) + "\n")
        file.writelines(
            ",".join("" if cell is None else '"' + cell.replace('"', '""') + '"' for cell in row) + "\n" for row in data
        )
    return described(path, side, roles=roles)


def described(path: str | Path, side: str, *, kind: str = CSV, roles: Sequence[str] = ()) -> InputFile:
    """A file whose columns are called as their roles and stand in their order."""
    roles = roles or ROLES[side]
    columns = tuple(Column(role, role, position) for position, role in enumerate(roles))
    compressed = str(path).endswith(".gz")
    return InputFile(str(path), side, kind, compressed, ",", '"', tuple(roles), columns, os.path.getsize(path))


def request(
    *files: InputFile, temp_dir: str | Path, memory_limit: str | None = None, exceptions: str | None = None
) -> Request:
    """A request for these files."""
    of = {side: tuple(file for file in files if file.side == side) for side in (MOENGAGE, BSP, IMPORT)}
    return Request(of[MOENGAGE], of[BSP], of[IMPORT], memory_limit, None, str(temp_dir), exceptions)
