"""IP addresses and networks as numbers: what a list of them lets in, and what of a row it leaves out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BITS = {4: 32, 6: 128}

IPV4_INSIDE = {"::ffff:0:0/96": 96, "64:ff9b::/96": 96, "2002::/16": 16}
"""IPv6 blocks whose addresses carry an IPv4 one (mapped, NAT64, 6to4: RFC 4291, 6052, 3056), and the bits before it."""


class Block(NamedTuple):
    """An address or a network as numbers: the IP version, the first address and the last.

    An IPv6 block that carries an IPv4 one is read as that, with ``wrapped`` true.
    """

    version: int
    first: int
    last: int
    wrapped: bool = False

    @property
    def prefix(self) -> int:
        """How many leading bits all its addresses share."""
        return BITS[self.version] - (self.last - self.first).bit_length()

    def holds(self, other: Block) -> bool:
        """Whether every address of another block is one of this."""
        return self.version == other.version and self.first <= other.first and other.last <= self.last


Cover = Mapping[int, tuple[list[int], list[int]]]
"""Disjoint intervals by IP version: their first addresses and their last, both ascending."""


@lru_cache(maxsize=64)
def read_blocks(texts: tuple[str, ...]) -> tuple[Block | None, ...]:
    """Read addresses and networks strictly, a list of them once; None stands for what is neither.

    Stricter than the standard library, which takes zones (``fe80::1%eth0``) and dotted masks that can be read two ways.
    """
    from ipaddress import ip_network  # a manifest without a list does without it

    def read(text: str) -> Block | None:
        address, slash, prefix = text.partition("/")
        if "%" in address or (slash and not (prefix.isascii() and prefix.isdigit())):
            return None
        try:
            network = ip_network(text)
        except ValueError:
            return None
        block = Block(network.version, int(network.network_address), int(network.broadcast_address))
        return _unwrap(block) if block.version == 6 else block

    return tuple(read(text) for text in texts)


@lru_cache(maxsize=1)
def _wrappers() -> tuple[tuple[Block, int], ...]:
    """The blocks of IPV4_INSIDE, each with the number of bits that follow the IPv4 address."""
    from ipaddress import IPv6Network

    networks = [(IPv6Network(text), before) for text, before in IPV4_INSIDE.items()]
    return tuple((Block(6, int(net[0]), int(net[-1])), BITS[6] - BITS[4] - before) for net, before in networks)


def _unwrap(block: Block) -> Block:
    for wrapper, after in _wrappers():
        if wrapper.holds(block):
            return Block(4, block.first >> after & 0xFFFFFFFF, block.last >> after & 0xFFFFFFFF, wrapped=True)
    return block


def merge(blocks: Iterable[Block]) -> Cover:
    """Join blocks to disjoint intervals, so that what two of them hold together is seen to be held."""
    cover: dict[int, tuple[list[int], list[int]]] = {version: ([], []) for version in BITS}
    for version, first, last, _ in sorted(blocks):
        firsts, lasts = cover[version]
        if lasts and first <= lasts[-1] + 1:
            lasts[-1] = max(lasts[-1], last)
        else:
            firsts.append(first)
            lasts.append(last)
    return cover


def covers(cover: Cover, block: Block) -> bool:
    """Whether every address of a block lies in the cover."""
    firsts, lasts = cover[block.version]
    nearest = bisect_right(firsts, block.first) - 1
    return nearest >= 0 and block.last <= lasts[nearest]


def show(block: Block) -> str:
    """Write a block as an allowlist takes it: with its prefix."""
    from ipaddress import IPv4Network, IPv6Network

    return str((IPv4Network if block.version == 4 else IPv6Network)((block.first, block.prefix)))


def missing(row: Sequence[str], entries: tuple[str, ...]) -> list[str]:
    """Addresses of the row that the entries do not let in."""
    cover = merge(block for block in read_blocks(entries) if block)
    needed = zip(row, read_blocks(tuple(row)), strict=True)
    return [text for text, block in needed if block is None or not covers(cover, block)]


def requirement(stated: str | None, offer: str) -> str:
    """Whether a provider lets in listed addresses only: ``required``, ``optional``, ``none`` or ``unknown``.

    It is as the manifest states, else as is known of what the provider offers: ``offered``, ``none``, or anything else.
    """
    return stated or {"offered": "optional", "none": "none"}.get(offer, "unknown")
