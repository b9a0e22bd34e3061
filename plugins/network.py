"""Step "network": a provider that lets in known addresses only must know MoEngage's, and MoEngage must send from them.

All addresses are facts: what a customer's MoEngage contact said counts more than what this package carries, so a policy
may override each of them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, Literal, NamedTuple

from wa_policy.api import (
    Between,
    Bsp,
    Context,
    MoEngage,
    Place,
    Problem,
    Problems,
    Rule,
    Step,
    claimed,
    fact,
    fail,
    hookimpl,
    rule,
    rules_in,
    unproven,
)

Ipv4Prefix = Annotated[int, Between(0, 32)]
Ipv6Prefix = Annotated[int, Between(0, 128)]
Providers = Mapping[str, Mapping[str, Any]]
Rows = Mapping[str, Sequence[str]]
"""Addresses by data center, or by provider."""

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


def _entries(bsp: Bsp) -> tuple[str, ...]:
    return tuple(bsp.data.get("ip_allowlist", {}).get("entries", ()))


def _read_entries(bsp: Bsp) -> Iterator[tuple[int, str, Block]]:
    """Entries that could be read, each with its place in the list."""
    entries = _entries(bsp)
    for index, (text, block) in enumerate(zip(entries, read_blocks(entries), strict=True)):
        if block:
            yield index, text, block


def _at_entry(bsp: Bsp, index: int, label: str = "") -> Place:
    return bsp.at("ip_allowlist", "entries", index, label=label)


def _facts_of(bsp: Bsp, providers: Providers) -> Mapping[str, Any]:
    """What is known of the provider; nothing where it is not known at all."""
    return providers.get(_slug(bsp), {})


_TO_HYPHENS = str.maketrans(" ._", "---")


def _slug(bsp: Bsp) -> str:
    return bsp.data["provider"].casefold().translate(_TO_HYPHENS)


def _name_of(bsp: Bsp, providers: Providers) -> str:
    name: str = _facts_of(bsp, providers).get("name", bsp.data["provider"])
    return name


def _requirement(bsp: Bsp, providers: Providers) -> str:
    """Whether the provider lets in listed addresses only: as the manifest says, else as is known of the provider."""
    known = {"offered": "optional", "none": "none"}.get(_facts_of(bsp, providers).get("ip_allowlist", ""), "unknown")
    return bsp.data.get("ip_allowlist", {}).get("requirement", known)


def _restricts(bsp: Bsp, providers: Providers) -> Literal["error", "warning", "off"]:
    """How much weight it has that the provider lets in listed addresses only: whether it surely does, perhaps, or not.

    An optional list is in force as soon as it holds an entry.
    """
    requirement = _requirement(bsp, providers)
    if requirement == "required" or (requirement == "optional" and _entries(bsp)):
        return "error"
    return "warning" if requirement == "unknown" and _entries(bsp) else "off"


_VERBS = {"error": ("lets", "will"), "warning": ("may let", "may")}


def _because(bsp: Bsp) -> Place:
    """Where the manifest shows that the provider lets in listed addresses only."""
    if bsp.data.get("ip_allowlist", {}).get("requirement") == "required":
        return bsp.at("ip_allowlist", "requirement", label="only listed addresses are let in")
    return bsp.at("ip_allowlist", "entries", label="as soon as addresses are listed, others are kept out")


def _joined(items: Sequence[str], last: str = " and ") -> str:
    return last.join(part for part in (", ".join(items[:-1]), items[-1]) if part)


@rule("NET001", "dynamic-ips", step=Step.NETWORK)
def dynamic_ips(moengage: MoEngage, ctx: Context, *, providers: Providers = fact("providers")) -> Problems:
    """The provider lets in listed addresses only, and MoEngage sends from changing ones.

    Why it matters:
        MoEngage sends campaigns from changing addresses unless it has been asked not to. The provider refuses every
        message from an address that is not on its list; MoEngage shows this as "invalid destination source".

    How to put it right:
        1. Ask MoEngage's support, or your customer success manager, to enable "Send via Static IPs for WhatsApp". It
           cannot be switched on in the dashboard, and MoEngage does not say how long it takes.
        2. When they confirm it, write enabled, enabled_on and the ticket under moengage.static_ips.

    Bad:
        ```yaml
        moengage:
          static_ips:
            enabled: false
        ```

    Good:
        ```yaml
        moengage:
          static_ips:
            enabled: true
            enabled_on: 2026-10-02
            ticket: MOE-48211
        ```

    Source:
        https://www.moengage.com/docs/user-guide/settings/account/security/ip-whitelisting-in-moengage
            (as of 2026-11, sure)
        https://help.moengage.com/hc/en-us/articles/4411171362452-Prerequisites (as of 2026-11, sure)

    Since:
        0.1
    """
    bsp = moengage.workspace.bsp
    weight = _restricts(bsp, providers)
    if weight == "off":
        return
    name = _name_of(bsp, providers)
    lets, will = _VERBS[weight]
    static = moengage.data.get("static_ips", {})
    enabled = static.get("enabled")
    place = moengage.at("static_ips", "enabled")
    if enabled is None:
        yield unproven(
            f"{name} {lets} in listed addresses only, and nothing says that MoEngage sends from its fixed ones",
            at=place,
            also=[_because(bsp)],
            at_most=weight,
        )
    elif not enabled:
        yield fail(
            f"{name} {lets} in listed addresses only, and MoEngage sends from changing ones: messages {will} be refused",
            at=place,
            also=[_because(bsp)],
            at_most=weight,
        )
    elif "enabled_on" in static and not _is_past(static["enabled_on"], ctx):
        yield fail(
            f"MoEngage sends from fixed addresses from {static['enabled_on']} on; until then {name} {will} refuse messages",
            at=moengage.at("static_ips", "enabled_on"),
            also=[_because(bsp)],
            remedy="start campaigns after that day, or ask MoEngage to enable it sooner",
            at_most=weight,
        )
    elif "ticket" not in static:
        yield from claimed(moengage, "static_ips", "enabled", by="the ticket in which MoEngage confirmed it")


@rule("NET002", "missing-moengage-ip", step=Step.NETWORK)
def missing_moengage_ip(
    bsp: Bsp,
    ctx: Context,
    *,
    providers: Providers = fact("providers"),
    addresses: Rows = fact("moengage_static_ips.whatsapp"),
) -> Problems:
    """The provider's list lacks addresses that MoEngage sends from.

    Why it matters:
        MoEngage "may use one or all" of the addresses that it publishes for a data center. With one of them missing, a
        part of the messages is refused ("invalid destination source"), and which part may change at any time.

    How to put it right:
        1. Take the row of your data center from MoEngage's page "IP whitelisting in MoEngage".
        2. At the provider: add every address of it to the list of the account (or API key, or user) that the sender
           uses.
        3. Write the whole list under bsp.ip_allowlist.entries, and the day of the provider's confirmation under
           confirmed_on.

    Bad:
        ```yaml
        bsp:
          ip_allowlist:
            entries:
              - 3.6.251.94/32
        ```

    Good:
        ```yaml
        bsp:
          ip_allowlist:
            entries:
              - 3.6.251.95/32
        ```

    Source:
        https://www.moengage.com/docs/user-guide/settings/account/security/ip-whitelisting-in-moengage
            (as of 2026-11, sure)

    Since:
        0.1
    """
    weight = _restricts(bsp, providers)
    if weight == "off":
        return
    name = _name_of(bsp, providers)
    center = bsp.workspace.moengage.data["data_center"]
    row = addresses.get(center)
    place = bsp.at("ip_allowlist", "entries")
    if row is None:
        yield unproven(
            f"MoEngage publishes no addresses for {center}: nobody can tell whether the list at {name} is complete",
            at=place,
            also=[bsp.workspace.moengage.at("data_center", label="this data center has no row")],
            remedy=f"ask MoEngage's support for the addresses of {center}, and let your policy carry them as a fact",
            at_most=weight,
        )
    elif row and "entries" not in bsp.data.get("ip_allowlist", {}):
        yield unproven(
            f"{name} lets in listed addresses only, and nothing shows that MoEngage's are on its list",
            at=place,
            also=[_because(bsp)],
            remedy=f"write the list that {name} shows under bsp.ip_allowlist.entries; it must hold {_joined(row)}",
        )
    elif missing := _missing(row, _entries(bsp)):
        yield fail(
            f"the list at {name} lacks {_joined(missing)}, from which MoEngage sends in {center}: "
            f"those messages {_VERBS[weight][1]} be refused",
            at=place,
            also=[
                _at_entry(bsp, index, "this entry cannot be read")
                for index, block in enumerate(read_blocks(_entries(bsp)))
                if block is None
            ],
            remedy=f"add {_joined(missing)} to the list at {name}",
            at_most=weight,
        )
    elif row and not _is_past(bsp.data["ip_allowlist"].get("confirmed_on"), ctx):
        yield from claimed(bsp, "ip_allowlist", "entries", by="the provider's confirmation, dated as confirmed_on")


def _missing(row: Sequence[str], entries: tuple[str, ...]) -> list[str]:
    """Addresses of the row that the entries do not let in."""
    cover = merge(block for block in read_blocks(entries) if block)
    needed = zip(row, read_blocks(tuple(row)), strict=True)
    return [text for text, block in needed if block is None or not covers(cover, block)]


def _is_past(day: str | None, ctx: Context) -> bool:
    """Whether a day is given and has come; ISO dates sort as text."""
    return day is not None and day <= ctx.as_of.isoformat()


@rule("NET003", "no-static-ips", step=Step.NETWORK)
def no_static_ips(
    moengage: MoEngage,
    *,
    providers: Providers = fact("providers"),
    addresses: Rows = fact("moengage_static_ips.whatsapp"),
) -> Problems:
    """The provider lets in listed addresses only, and MoEngage has no fixed ones in this data center.

    Why it matters:
        For some data centers (DC-05, Singapore) MoEngage publishes "NA" for WhatsApp: it sends from changing addresses
        there, and no list can ever hold them. A provider that insists on known addresses will refuse the messages.

    How to put it right:
        1. At the provider: ask to have the restriction lifted for the account, user or API key that MoEngage uses.
        2. If it cannot be, ask MoEngage's support whether fixed addresses exist by now, and let your policy carry them
           as a fact.
        3. Otherwise choose another provider: a workspace cannot be moved to another data center.

    Bad:
        ```yaml
        moengage:
          data_center: DC-05
          callbacks:
            delivery: https://api-05.moengage.com/whatsapp/gupshup/dlr
            inbound: https://api-05.moengage.com/whatsapp/gupshup/dlr
        bsp:
          ip_allowlist:
            requirement: required
            entries: []
        ```

    Good:
        ```yaml
        moengage:
          data_center: DC-05
          callbacks:
            delivery: https://api-05.moengage.com/whatsapp/gupshup/dlr
            inbound: https://api-05.moengage.com/whatsapp/gupshup/dlr
        bsp:
          ip_allowlist:
            requirement: none
            entries: []
        ```

    Source:
        https://www.moengage.com/docs/user-guide/settings/account/security/ip-whitelisting-in-moengage
            (as of 2026-11, sure)
        https://www.moengage.com/docs/user-guide/data/key-concepts/data-centers-in-moengage (as of 2026-11, sure)

    Since:
        0.1
    """
    bsp = moengage.workspace.bsp
    center = moengage.data["data_center"]
    weight = _restricts(bsp, providers)
    if weight != "off" and center in addresses and not addresses[center]:
        lets, will = _VERBS[weight]
        yield fail(
            f"MoEngage has no fixed addresses in {center}, and {_name_of(bsp, providers)} {lets} in listed ones only: "
            f"it {will} refuse this workspace's messages",
            at=moengage.at("data_center"),
            also=[_because(bsp)],
            at_most=weight,
        )


@rule("NET004", "broad-entry", step=Step.NETWORK)
def broad_entry(bsp: Bsp, *, widest_ipv4_prefix: Ipv4Prefix = 24, widest_ipv6_prefix: Ipv6Prefix = 48) -> Problems:
    """An entry lets in far more addresses than MoEngage sends from.

    Why it matters:
        MoEngage publishes single addresses. A wide network at a cloud provider belongs to thousands of strangers: with
        a leaked password or key, any of them can send in the name of the business. A list that lets in everybody
        (0.0.0.0/0) is none.

    How to put it right:
        1. At the provider: replace the entry by the single addresses of your data center, each with /32.
        2. If the provider's own network must be on the list, let your policy lower widest_ipv4_prefix or
           widest_ipv6_prefix.

    Bad:
        ```yaml
        bsp:
          ip_allowlist:
            entries:
              - 3.6.0.0/16
        ```

    Good:
        ```yaml
        bsp:
          ip_allowlist:
            entries:
              - 3.6.251.95/32
        ```

    Source:
        https://www.moengage.com/docs/user-guide/settings/account/security/ip-whitelisting-in-moengage
            (as of 2026-11, sure)

    Since:
        0.1
    """
    widest = {4: widest_ipv4_prefix, 6: widest_ipv6_prefix}
    remedy = "list the single addresses that MoEngage publishes for the data center instead"
    blocks = []
    for index, text, block in _read_entries(bsp):
        blocks.append(block)
        if block.prefix == 0:
            yield fail(
                f'"{text}" lets in every IPv{block.version} address: the list protects nothing',
                at=_at_entry(bsp, index),
                remedy=remedy,
            )
        elif block.prefix < widest[block.version]:
            yield fail(
                f'"{text}" lets in 2^{BITS[block.version] - block.prefix} addresses, most of them strangers\'; '
                f"the policy takes no network wider than /{widest[block.version]}",
                at=_at_entry(bsp, index),
                remedy=remedy,
                at_most="warning",
            )
    cover = merge(blocks)
    for version, bits in BITS.items():
        alone = any(block.version == version and block.prefix == 0 for block in blocks)
        if not alone and covers(cover, Block(version, 0, (1 << bits) - 1)):
            yield fail(
                f"together, the entries let in every IPv{version} address: the list protects nothing",
                at=bsp.at("ip_allowlist", "entries"),
                remedy=remedy,
            )


@rule("NET005", "unroutable-entry", step=Step.NETWORK)
def unroutable_entry(
    bsp: Bsp,
    *,
    unreachable: Mapping[str, str] = fact("special_purpose_addresses.unreachable"),
    reachable: Mapping[str, str] = fact("special_purpose_addresses.reachable"),
) -> Problems:
    """An entry is not an address, or one that no message can come from.

    Why it matters:
        A provider sees callers by their address on the internet. Private, reserved, documentation and multicast
        addresses never appear there, so the entry lets in nobody, and the address that was meant is missing. What is
        not an address or a network at all (a range, a wildcard, a host name) is refused by the provider's form or,
        worse, read as something else.

    How to put it right:
        1. Find out which machine the entry was meant for, and ask its owner for the address that it has on the
           internet.
        2. At the provider: replace the entry; write one address or one network (as 3.6.251.95/32) per entry.

    Bad:
        ```yaml
        bsp:
          ip_allowlist:
            entries:
              - 3.6.251.95/32
              - 10.20.0.7/32
        ```

    Good:
        ```yaml
        bsp:
          ip_allowlist:
            entries:
              - 3.6.251.95/32
        ```

    Source:
        https://www.iana.org/assignments/iana-ipv4-special-registry/ (as of 2026-11, sure)
        https://www.iana.org/assignments/iana-ipv6-special-registry/ (as of 2026-11, sure)

    Since:
        0.1
    """
    entries = _entries(bsp)
    special = {**reachable, **unreachable} if entries else {}
    homes = list(zip(special, read_blocks(tuple(special)), strict=True))
    for index, (text, block) in enumerate(zip(entries, read_blocks(entries), strict=True)):
        place = _at_entry(bsp, index)
        if block is None:
            yield _malformed(text, place)
        elif (home := _home(block, homes)) in unreachable:
            yield fail(
                f'"{text}" lies in {home}, {unreachable[home]}: no message can come from there over the internet',
                at=place,
                remedy="replace it by the address that the caller has on the internet",
            )
        elif block.wrapped:
            yield fail(
                f'"{text}" is an IPv4 address inside an IPv6 one: a caller is seen by its IPv4 address',
                at=place,
                remedy=f"write {show(block)} instead",
                at_most="warning",
            )
    moengage = bsp.workspace.moengage
    sources = tuple(moengage.data.get("callbacks", {}).get("allowed_sources", {}).get("entries", ()))
    for index, (text, block) in enumerate(zip(sources, read_blocks(sources), strict=True)):
        if block is None:
            yield _malformed(text, moengage.at("callbacks", "allowed_sources", "entries", index))


def _home(block: Block, homes: Iterable[tuple[str, Block | None]]) -> str:
    """The smallest of the special blocks that holds a block; an empty string where none does.

    Those that carry IPv4 addresses hold nothing of their own: what they carry is looked up instead.
    """
    holding = [(home.prefix, text) for text, home in homes if home and not home.wrapped and home.holds(block)]
    return max(holding)[1] if holding else ""


@rule("NET006", "other-data-center", step=Step.NETWORK)
def other_data_center(bsp: Bsp, *, addresses: Rows = fact("moengage_static_ips.whatsapp")) -> Problems:
    """An entry is an address of another MoEngage data center.

    Why it matters:
        A workspace lives in one data center, and only that one's addresses send for it. An address of another is let in
        for nothing; more often it stands where the right one should, because a list was copied from another workspace.

    How to put it right:
        1. Look at your dashboard's address: dashboard-03.moengage.com is DC-03. That is the row to use.
        2. At the provider: replace the entry by that row's addresses. If the account serves several workspaces, in
           several data centers, allow this warning.

    Bad:
        ```yaml
        bsp:
          ip_allowlist:
            entries:
              - 3.6.251.95/32
              - 18.217.73.1/32
        ```

    Good:
        ```yaml
        bsp:
          ip_allowlist:
            entries:
              - 3.6.251.95/32
        ```

    Source:
        https://www.moengage.com/docs/user-guide/settings/account/security/ip-whitelisting-in-moengage
            (as of 2026-11, sure)

    Since:
        0.1
    """
    moengage = bsp.workspace.moengage
    own = moengage.data["data_center"]
    for index, text, block in _read_entries(bsp):
        centers = [center for center, row in addresses.items() if _holds_any(block, row)]
        if centers and own not in centers:
            yield fail(
                f'"{text}" lets in {_joined(centers)}, another data center of MoEngage than this workspace\'s, {own}',
                at=_at_entry(bsp, index),
                also=[moengage.at("data_center", label="the workspace is here")],
            )


def _holds_any(block: Block, row: Sequence[str]) -> bool:
    return any(other is not None and block.holds(other) for other in read_blocks(tuple(row)))


@rule("NET007", "wrong-direction", step=Step.NETWORK)
def wrong_direction(
    bsp: Bsp,
    *,
    providers: Providers = fact("providers"),
    outgoing: Rows = fact("bsp_outgoing_addresses.outgoing"),
    addresses: Rows = fact("moengage_static_ips.whatsapp"),
) -> Problems:
    """The list of callers that the provider lets in names the provider's own addresses.

    Why it matters:
        Providers publish the addresses from which they call their customers' webhooks, for the customers' firewalls. On
        the provider's own list of callers they do nothing: what belongs there are MoEngage's addresses, and they are
        often missing where the two directions were mixed up.

    How to put it right:
        1. At the provider: replace the entry by the addresses that MoEngage publishes for your data center.
        2. If a firewall of your own stands before the callbacks, the provider's addresses belong there
           (moengage.callbacks.allowed_sources).

    Bad:
        ```yaml
        bsp:
          ip_allowlist:
            entries:
              - 3.6.251.95/32
              - 52.66.99.126/32
        ```

    Good:
        ```yaml
        bsp:
          ip_allowlist:
            entries:
              - 3.6.251.95/32
        ```

    Source:
        https://partner-docs.gupshup.io/docs/gupshup-ip-allowlisting (as of 2026-11, sure)
        https://docs.yellow.ai/docs/platform_concepts/engagement/outbound/notification-engine (as of 2026-11, sure)
        https://developer.8x8.com/connect/reference/ip-address-list (as of 2025-10, sure)

    Since:
        0.1
    """
    theirs = outgoing.get(_slug(bsp), ())
    ours = addresses.get(bsp.workspace.moengage.data["data_center"], ())
    name = _name_of(bsp, providers)
    for index, text, block in _read_entries(bsp):
        if _holds_any(block, theirs) and not _holds_any(block, ours):
            yield fail(
                f'"{text}" is an address from which {name} calls others; this list is for those who call {name}',
                at=_at_entry(bsp, index),
                remedy=f"replace it by the addresses that MoEngage publishes for the data center{_these(ours)}",
            )


def _these(row: Sequence[str]) -> str:
    return f": {_joined(row)}" if row else ""


@rule("NET008", "unknown-requirement", step=Step.NETWORK)
def unknown_requirement(bsp: Bsp, ctx: Context, *, providers: Providers = fact("providers")) -> Problems:
    """Nobody has said whether the provider lets in listed addresses only.

    Why it matters:
        Of most providers it is not publicly known whether they restrict who may call them. If this one does, every
        message is refused from the first campaign on ("invalid destination source"), and nothing before it would have
        shown it.

    How to put it right:
        1. Ask the provider's account manager whether the account, user or API key lets in listed addresses only.
        2. Write the answer under bsp.ip_allowlist.requirement (required, optional or none), and its day under
           confirmed_on.

    Bad:
        ```yaml
        bsp:
          ip_allowlist:
            requirement: unknown
            confirmed_on: null
            entries: null
        ```

    Good:
        ```yaml
        bsp:
          ip_allowlist:
            requirement: none
            confirmed_on: 2026-10-03
            entries: null
        ```

    Source:
        https://help.moengage.com/hc/en-us/articles/4411171362452-Prerequisites (as of 2026-11, sure)
        https://www.infobip.com/docs/essentials/safelisting-ip-addresses (as of 2026-11, sure)
        https://developers.kaleyra.io/docs/generating-an-api-key (as of 2026-11, sure)
        https://docs.unifonic.com/docs/ip-whitelisting (as of 2026-11, sure)

    Since:
        0.1
    """
    stated = bsp.data.get("ip_allowlist", {})
    requirement = _requirement(bsp, providers)
    name = _name_of(bsp, providers)
    place = bsp.at("ip_allowlist", "requirement")
    if requirement == "unknown":
        yield unproven(
            f"nobody has said whether {name} lets in listed addresses only; if it does, it will refuse every message",
            at=place,
            remedy=f"ask {name} whether it does, and write requirement: required, optional or none",
            at_most="warning",
        )
    elif "requirement" not in stated and requirement == "optional" and not _entries(bsp):
        yield unproven(
            f"{name} can be told to let in listed addresses only, and nothing says whether this account was",
            at=place,
            remedy=f"look up at {name} whether a list is set, and write requirement: required, optional or none",
            at_most="info",
        )
    elif "requirement" in stated and requirement != "required" and not _is_past(stated.get("confirmed_on"), ctx):
        yield from claimed(bsp, "ip_allowlist", "requirement", by="the provider's confirmation, dated as confirmed_on")


@rule("NET009", "allowlist-cap", step=Step.NETWORK)
def allowlist_cap(bsp: Bsp, *, providers: Providers = fact("providers")) -> Problems:
    """The list has more entries than the provider takes.

    Why it matters:
        Entries beyond the provider's cap cannot be saved. What is written here is then not what the provider has, and
        an address of MoEngage's may be among those that were left out.

    How to put it right:
        1. Drop entries that another one covers, and addresses that nobody uses any more.
        2. Keep all of MoEngage's addresses for your data center.

    Bad:
        ```yaml
        bsp:
          provider: unifonic
          account: {id: null}
          sender_fields: {api_url: https://apis.unifonic.com/v1/messages, public_id: acme-retail}
          credentials: {username: null, password: null, secret: {env: UNIFONIC_SECRET}}
          ip_allowlist:
            requirement: required
            entries: [
              3.6.251.95, 20.40.60.1, 20.40.60.2, 20.40.60.3, 20.40.60.4, 20.40.60.5, 20.40.60.6, 20.40.60.7,
              20.40.60.8, 20.40.60.9, 20.40.60.10, 20.40.60.11, 20.40.60.12, 20.40.60.13, 20.40.60.14, 20.40.60.15,
              20.40.60.16, 20.40.60.17, 20.40.60.18, 20.40.60.19, 20.40.60.20, 20.40.60.21, 20.40.60.22,
              20.40.60.23, 20.40.60.24, 20.40.60.25, 20.40.60.26, 20.40.60.27, 20.40.60.28, 20.40.60.29,
              20.40.60.30, 20.40.60.31, 20.40.60.32, 20.40.60.33, 20.40.60.34, 20.40.60.35, 20.40.60.36,
              20.40.60.37, 20.40.60.38, 20.40.60.39, 20.40.60.40, 20.40.60.41, 20.40.60.42, 20.40.60.43,
              20.40.60.44, 20.40.60.45, 20.40.60.46, 20.40.60.47, 20.40.60.48, 20.40.60.49, 20.40.60.50]
        ```

    Good:
        ```yaml
        bsp:
          provider: unifonic
          account: {id: null}
          sender_fields: {api_url: https://apis.unifonic.com/v1/messages, public_id: acme-retail}
          credentials: {username: null, password: null, secret: {env: UNIFONIC_SECRET}}
          ip_allowlist:
            requirement: required
            entries: [3.6.251.95, 20.40.60.0/26]
        ```

    Source:
        https://docs.unifonic.com/docs/ip-whitelisting (as of 2026-11, sure)

    Since:
        0.1
    """
    cap = _facts_of(bsp, providers).get("allowlist_cap")
    count = len(_entries(bsp))
    if cap is not None and count > cap:
        yield fail(
            f"the list has {count} entries, and {_name_of(bsp, providers)} takes {cap}: the rest will not be let in",
            at=_at_entry(bsp, cap),
        )


@rule("NET010", "pinned-meta-ips", step=Step.NETWORK)
def pinned_meta_ips(moengage: MoEngage) -> Problems:
    """A filter before your own endpoint pins single addresses of Meta's.

    Why it matters:
        Meta publishes no fixed list of addresses for webhooks: it announces networks (AS32934), and they change. A
        filter of single addresses drops delivery reports, replies and opt-outs as soon as Meta calls from the next one,
        and Meta gives up in the end.

    How to put it right:
        1. Let in the networks that Meta announces (origin AS32934 in RADB, or its geofeed), and refresh them by a job,
           not by hand.
        2. Better: check the signature (X-Hub-Signature-256) or the client certificate, as Meta recommends, instead of
           addresses.

    Bad:
        ```yaml
        moengage:
          callbacks:
            allowed_sources:
              from: meta
              entries: [157.240.1.53/32]
        ```

    Good:
        ```yaml
        moengage:
          callbacks:
            allowed_sources:
              from: meta
              entries: [157.240.0.0/16]
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview
            (as of 2025-11, sure)

    Since:
        0.1
    """
    sources = moengage.data.get("callbacks", {}).get("allowed_sources", {})
    if sources.get("from") != "meta":
        return
    entries = tuple(sources.get("entries", ()))
    pinned = [index for index, block in enumerate(read_blocks(entries)) if block and block.first == block.last]
    if pinned:
        shown = [f'"{entries[index]}"' for index in pinned[:3]] + [f"{len(pinned) - 3} more"] * (len(pinned) > 3)
        main, *others = (moengage.at("callbacks", "allowed_sources", "entries", index) for index in pinned)
        yield fail(
            f"single addresses of Meta's are pinned ({_joined(shown)}), and Meta's change: "
            "delivery reports, replies and opt-outs will be lost",
            at=main,
            also=[place._replace(label="pinned too") for place in others],
        )


@rule("NET011", "redundant-entry", step=Step.NETWORK)
def redundant_entry(bsp: Bsp) -> Problems:
    """An entry is covered by another.

    Why it matters:
        It changes nothing today. But whoever removes one of the two later believes that the address is out, or is still
        in; and some providers cap the number of entries.

    How to put it right:
        1. At the provider: keep the narrower entry if the wider one is not needed, else the wider one.

    Bad:
        ```yaml
        bsp:
          ip_allowlist:
            entries:
              - 3.6.251.95/32
              - 3.6.251.0/24
        ```

    Good:
        ```yaml
        bsp:
          ip_allowlist:
            entries:
              - 3.6.251.95/32
        ```

    Source:
        https://www.rfc-editor.org/rfc/rfc4632 (as of 2006-08, sure)

    Since:
        0.1
    """
    widest: dict[int, tuple[int, str, Block]] = {}
    # Sorted so, an entry can only be held by an earlier one; if any holds it, so does the one that reaches farthest.
    for index, text, block in sorted(_read_entries(bsp), key=lambda entry: (entry[2].first, -entry[2].last, entry[0])):
        other = widest.get(block.version)
        if other is None or block.last > other[2].last:
            widest[block.version] = (index, text, block)
            continue
        twice = block.holds(other[2])
        yield fail(
            f'"{text}" is listed twice' if twice else f'"{text}" is let in by "{other[1]}" already',
            at=_at_entry(bsp, index),
            also=[_at_entry(bsp, other[0], "listed here already" if twice else "lets it in")],
        )


def _malformed(text: str, place: Place) -> Problem:
    what, remedy = explain(text)
    return fail(f'"{text}" is {what}: as an entry it lets in nobody', at=place, remedy=remedy)


def explain(text: str) -> tuple[str, str]:
    """What a text is that is not an address or network, and what to write instead."""
    for what, pattern, rewrite in _MISTAKES:
        match = re.fullmatch(pattern, text, re.ASCII)
        meant = rewrite(match) if match else None
        if meant is not None:
            return what, f"write {meant} instead" if meant else "write the addresses themselves, one per entry"
    return "neither an address nor a network", "write one address or one network per entry, as 3.6.251.95/32"


def _valid(*texts: str, last: str = " and ") -> str | None:
    """The texts, joined, if each is an address or a network; not if they are too many to be read."""
    if not all(read_blocks(texts)):
        return None
    return _joined(texts, last) if len(texts) <= _LONGEST_LIST else ""


def _loose(text: str) -> str | None:
    from ipaddress import ip_network

    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        return None


def _split(match: re.Match[str]) -> str | None:
    return _valid(*re.findall(r"[^\s,;]+", match[0]))


def _wildcard(match: re.Match[str]) -> str | None:
    known = match[1].rstrip(".").split(".")
    return _valid(".".join(known + ["0"] * (4 - len(known))) + f"/{8 * len(known)}") if len(known) < 4 else None


def _range(match: re.Match[str]) -> str | None:
    from ipaddress import ip_address, summarize_address_range

    first, last = match[1], match[2]
    if last.isdigit():
        last = f"{first.rpartition('.')[0]}.{last}"
    try:
        networks = [str(network) for network in summarize_address_range(ip_address(first), ip_address(last))]
    except (TypeError, ValueError):
        return None
    return _joined(networks) if len(networks) <= _LONGEST_LIST else ""


def _host_bits(match: re.Match[str]) -> str | None:
    network = _loose(match[0])
    single = f"{match[1]}/{128 if ':' in match[1] else 32}"
    return _valid(single, network, last=" or ") if network else None


def _no_leading_zeros(match: re.Match[str]) -> str | None:
    return _valid(re.sub(r"\b0+(?=[0-9])", "", match[0]))


_LONGEST_LIST = 6

# What people write into lists of addresses, in the order of trying: what it is, its pattern, and what to write instead,
# which is empty where that cannot be known, and None where the text is something else after all.
_MISTAKES: Sequence[tuple[str, str, Callable[[re.Match[str]], str | None]]] = (
    ("an address with blanks around it", r"(?s)\s.*|.*\s", lambda match: _valid(match[0].strip())),
    ("a range", r"([0-9A-Fa-f.:]+)\s*-\s*([0-9A-Fa-f.:]+)", _range),
    ("a wildcard", r"((?:[0-9]{1,3}\.){1,3})\*(?:\.\*)*", _wildcard),
    ("more than one address", r"[^\s,;]+(?:[\s,;]+[^\s,;]+)+[\s,;]*", _split),
    ("an address with a zone", r"([0-9A-Fa-f:.]+)%[^/]*(/[0-9]+)?", lambda match: _valid(match[1] + (match[2] or ""))),
    ("a URL", r"[A-Za-z][A-Za-z0-9+.-]*://.*", lambda _match: ""),
    ("an address with a port", r"([0-9.]+):[0-9]+", lambda match: _valid(match[1])),
    ("an address in brackets", r"\[([^\]]+)\](?::[0-9]+)?", lambda match: _valid(match[1])),
    ("a network with a dotted mask", r"[0-9.]+/[0-9]+(?:\.[0-9]+){3}", lambda match: _loose(match[0])),
    ("a network whose address is not its first", r"([^/]+)/[0-9]+", _host_bits),
    ("an address with leading zeros", r"[0-9]+(?:\.[0-9]+){3}(?:/[0-9]+)?", _no_leading_zeros),
    ("a host name", r"(?=.*[A-Za-z])[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+\.?", lambda _match: ""),
)


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
