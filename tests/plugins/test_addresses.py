"""Addresses are read strictly, and soon; and the facts that rules compare them with can be read."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.growth import is_linear
from wa_policy.addresses import read_blocks
from wa_policy.plugins._address_mistakes import explain
from wa_policy.policy.facts import load

ROWS = load("moengage_static_ips").values["whatsapp"]
SPECIAL = load("special_purpose_addresses").values
OUTGOING = load("bsp_outgoing_addresses").values["outgoing"]
PROVIDERS = load("providers").values


def test_reading_is_strict() -> None:
    texts = ("3.6.251.95", "3.6.251.0/24", "2600::/32", "3.6.251.1/24", "1.2.3.0/0.0.0.255", "fe80::1%eth0", "", "x")
    assert [block is not None for block in read_blocks(texts)] == [True] * 3 + [False] * 5


@pytest.mark.parametrize(
    ("first", "again", "last"),
    [
        ("", " ", ""),
        ("a", " ", "a"),
        ("", "1", ""),
        ("", "1.", ""),
        ("", "a-", ""),
        ("", "[", ""),
        ("1/", "9", ""),
    ],
)
def test_a_hostile_address_takes_no_time(first: str, again: str, last: str) -> None:
    def look_at(times: int) -> None:
        text = f"{first}{again * times}{last}"
        assert read_blocks((text,)) == (None,)
        assert explain(text)[0]

    assert is_linear(look_at)


def test_importing_the_rules_imports_no_addresses() -> None:
    code = (
        "import sys, wa_policy.plugins.network, wa_policy.plugins.network_entries; sys.exit('ipaddress' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_published_rows() -> None:
    assert {name: len(row) for name, row in ROWS.items()} == {
        "DC-01": 9,
        "DC-02": 1,
        "DC-03": 1,
        "DC-04": 1,
        "DC-05": 0,
        "DC-06": 3,
    }
    addresses = [address for row in ROWS.values() for address in row]
    assert len(set(addresses)) == len(addresses)
    assert all(read_blocks(tuple(addresses)))


def test_all_facts_can_be_read() -> None:
    for row in OUTGOING.values():
        assert all(read_blocks(tuple(row)))
    assert set(OUTGOING) <= set(PROVIDERS)
    for blocks in (SPECIAL["unreachable"], SPECIAL["reachable"]):
        assert all(read_blocks(tuple(blocks)))
