"""Addresses as numbers: what merged intervals let in is what brute force lets in, and no text makes a rule raise."""

from __future__ import annotations

import string
from ipaddress import IPv4Network, IPv6Network

from hypothesis import example, given
from hypothesis import strategies as st

from wa_policy.addresses import BITS, IPV4_INSIDE, covers, merge, read_blocks, show
from wa_policy.manifest.subjects import Workspace
from wa_policy.plugins._address_mistakes import explain
from wa_policy.plugins.network_entries import redundant_entry
from wa_policy.source.spans import DocumentId
from wa_policy.testing import manifest

READY = manifest()
ADDRESSES = 64  # small enough to count: 3.6.251.0/26 and 2600::/122


def networks_of(version: int) -> st.SearchStrategy[str]:
    """Networks within the small space of a version."""
    base, kind = (0x0306FB00, IPv4Network) if version == 4 else (0x2600 << 112, IPv6Network)
    bits = BITS[version]

    def build(prefix: int, offset: int) -> str:
        size = 1 << (bits - prefix)
        return str(kind((base + offset // size * size, prefix)))

    return st.builds(build, st.integers(bits - 6, bits), st.integers(0, ADDRESSES - 1))


def numbers(text: str) -> set[tuple[int, int]]:
    net = IPv6Network(text) if ":" in text else IPv4Network(text)
    return {(net.version, int(address)) for address in net}


small = networks_of(4) | networks_of(6)
nonsense = (
    st.text(max_size=40) | st.text("0123456789abcdef.:/*-%[], ", max_size=40) | st.text(string.printable, max_size=40)
)
near_misses = st.builds(
    lambda text, noise, at: text[:at] + noise + text[at:], small, st.text(".:/*-% 09", max_size=3), st.integers(0, 12)
)


@given(st.lists(small, max_size=12), small)
def test_the_cover_is_what_brute_force_lets_in(entries: list[str], asked: str) -> None:
    cover = merge(block for block in read_blocks(tuple(entries)) if block)
    (block,) = read_blocks((asked,))
    assert block is not None
    let_in = set().union(*(numbers(entry) for entry in entries))
    assert covers(cover, block) == (numbers(asked) <= let_in)


@given(st.lists(small, max_size=12))
def test_merged_intervals_are_disjoint_and_in_order(entries: list[str]) -> None:
    for firsts, lasts in merge(block for block in read_blocks(tuple(entries)) if block).values():
        assert all(first <= last for first, last in zip(firsts, lasts, strict=True))
        assert all(last + 1 < first for last, first in zip(lasts, firsts[1:], strict=False))


@given(small)
def test_a_block_is_shown_as_it_is_written(entry: str) -> None:
    (block,) = read_blocks((entry,))
    assert block is not None
    assert show(block) == entry
    assert block.prefix == int(entry.partition("/")[2])


@given(st.integers(0, 2**32 - 1), st.integers(0, 32))
def test_what_ipv6_wraps_is_found(number: int, prefix: int) -> None:
    number = number >> (32 - prefix) << (32 - prefix)
    plain = str(IPv4Network((number, prefix)))
    wrapped = tuple(
        str(IPv6Network(((int(IPv6Network(wrapper)[0]) | number << (96 - before)), before + prefix)))
        for wrapper, before in IPV4_INSIDE.items()
    )
    (expected,) = read_blocks((plain,))
    for block in read_blocks(wrapped):
        assert block is not None
        assert expected is not None
        assert block.wrapped
        assert block[:3] == expected[:3]


@given(nonsense | near_misses)
@example("1.2.3.4-")
@example("1-1")
@example("::-255")
@example("%")
@example("/" + "9" * 5000)
@example("0.0.0.0/00000000000000000000000000")
@example("[]")
@example("\ud800")
@example("\uff11.2.3.4")
def test_no_text_makes_it_raise(text: str) -> None:
    (block,) = read_blocks((text,))
    what, remedy = explain(text)
    assert what
    assert remedy
    if block is not None:
        assert 0 <= block.first <= block.last < 1 << BITS[block.version]


@given(st.lists(small, max_size=12))
def test_what_is_called_redundant_is_let_in_by_one_other(entries: list[str]) -> None:
    redundant = [
        index
        for index, entry in enumerate(entries)
        if any(
            numbers(entry) < numbers(other) or (numbers(entry) == numbers(other) and earlier < index)
            for earlier, other in enumerate(entries)
            if earlier != index
        )
    ]
    assert sorted(index for index, _ in found_redundant(entries)) == redundant
    for index, other in found_redundant(entries):
        assert numbers(entries[index]) <= numbers(entries[other])


def found_redundant(entries: list[str]) -> list[tuple[int, int]]:
    """Places in the list: what NET011 calls redundant, and by which other entry."""
    data = {**READY, "bsp": {**READY["bsp"], "ip_allowlist": {"entries": entries}}}
    workspace = Workspace(DocumentId("manifest.yaml", 0), data)  # type: ignore[arg-type]  # the ready manifest is one
    problems = redundant_entry(workspace.bsp)
    return [(problem.places[0].route[-1], problem.places[1].route[-1]) for problem in problems]  # type: ignore[misc]  # both routes end in an index
