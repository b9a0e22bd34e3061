"""Write the data of bench/audit.py: ``python bench/audit_data.py FOLDER ROWS``, always the same rows for the same number.

``users.csv`` and ``bsp.csv``, the second with three quarters as many rows, as untidy as exports are: booleans in several
spellings, quotes, 1 % repeated ids, 0.5 % shared numbers, spaces, 00, and numbers that a spreadsheet has rounded. 20 million rows
make about 670 and 510 MB.
"""

import os
import random
import sys
from collections.abc import Callable, Iterator

BLOCK = 100_000
HEADER = "customer_id,mobile,moe_wa_subscription\n"
BSP_HEADER = "phone,status,opted_in_on\n"
TRUE, FALSE, BLANK, INVALID = (
    ("true", "TRUE", "True"),
    ("false", "FALSE", "False"),
    ("", '""', "null"),
    ("1", "yes", "OPTIN", "n/a"),
)


def main() -> None:
    """Write both files."""
    folder, rows = sys.argv[1], int(sys.argv[2])
    _write(os.path.join(folder, "users.csv"), HEADER, rows, _user)
    _write(os.path.join(folder, "bsp.csv"), BSP_HEADER, rows * 3 // 4, _entry)


def _write(path: str, header: str, rows: int, row: Callable[[random.Random, int], str]) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(header)
        for block in _blocks(rows):
            chance = random.Random(f"{header}{block.start}")  # noqa: S311 - nobody is to be surprised by these numbers
            file.write("".join([row(chance, index) for index in block]))


def _blocks(rows: int) -> Iterator[range]:
    for start in range(0, rows, BLOCK):
        yield range(start, min(start + BLOCK, rows))


def _user(chance: random.Random, index: int) -> str:
    owner = index if chance.random() >= 0.005 else index // 2
    identity = index if chance.random() >= 0.01 else index // 2
    return f"cust_{_mixed(identity):09d},{_mobile(_number(owner), chance.random())},{_status(chance)}\n"


def _mixed(index: int) -> int:
    """Another number below 100 million for each, in no order: sorted data would flatter whoever counts by sorting."""
    return index * 67_280_421 % 100_000_007


def _number(owner: int) -> str:
    """A mobile number of its own for everybody: nine in ten of India, the others of Indonesia."""
    return f"919{_mixed(owner):09d}" if owner % 10 else f"62812{_mixed(owner):09d}"


def _mobile(number: str, draw: float) -> str:
    if draw < 0.90:
        return f"+{number}"
    if draw < 0.95:
        return number
    if draw < 0.97:
        return f"+{number[:2]} {number[2:7]} {number[7:]}"
    if draw < 0.98:
        return f"00{number}"
    if draw < 0.99:
        return f"9.1{number[3:6]}E+11"
    return f'"+{number[:2]} ({number[2:5]}) {number[5:8]}-{number[8:]}"'


def _status(chance: random.Random) -> str:
    draw = chance.random()
    if draw < 0.645:
        return chance.choice(TRUE)
    if draw < 0.83:
        return chance.choice(FALSE)
    if draw < 0.97:
        return chance.choice(BLANK)
    if draw < 0.99:
        return f" {chance.choice(TRUE)} "
    return chance.choice(INVALID)


def _entry(chance: random.Random, index: int) -> str:
    """Most are users; one in eleven is nobody's."""
    owner = index * 4 // 3 if index % 11 else 50_000_000 + index
    status = "opted_in" if chance.random() < 0.97 else chance.choice(("opted_out", "OPTED_OUT", "pending"))
    return f"{_number(owner)},{status},2026-0{1 + index % 9}-1{index % 7}\n"


if __name__ == "__main__":
    main()
