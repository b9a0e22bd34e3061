"""Step 6 of the checklist: every entry of a list of addresses is one, lets in whom it should, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from wa_policy.api import (
    Between,
    Bsp,
    Change,
    Fix,
    MoEngage,
    Place,
    Problem,
    Problems,
    Rule,
    Step,
    addresses,
    fact,
    fail,
    hookimpl,
    rule,
    rules_in,
)
from wa_policy.plugins._address_mistakes import explain, meant_by
from wa_policy.plugins._addresses import Rows, at_entry, entries_of
from wa_policy.plugins._once import once
from wa_policy.plugins._providers import Providers, name_of
from wa_policy.plugins._wording import listed

Ipv4Prefix = Annotated[int, Between(0, 32)]
Ipv6Prefix = Annotated[int, Between(0, 128)]


@rule("NET004", "broad-entry", step=Step.NETWORK)
def broad_entry(bsp: Bsp, *, widest_ipv4_prefix: Ipv4Prefix = 24, widest_ipv6_prefix: Ipv6Prefix = 48) -> Problems:
    """An entry lets in far more addresses than MoEngage sends from.

    Why it matters:
        MoEngage publishes single addresses. A wide network at a cloud provider belongs to thousands of strangers: with
        a leaked password or key, any of them can send in the name of the business. A list that lets in everybody
        (0.0.0.0/0) is none.

    How to put it right:
        1. At the BSP: replace the entry by the single addresses of your data center, each with /32.
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
                at=at_entry(bsp, index),
                remedy=remedy,
            )
        elif block.prefix < widest[block.version]:
            yield fail(
                f'"{text}" lets in 2^{addresses.BITS[block.version] - block.prefix} addresses, most of them strangers\'; '
                f"the policy takes no network wider than /{widest[block.version]}",
                at=at_entry(bsp, index),
                remedy=remedy,
                at_most="warning",
            )
    cover = addresses.merge(blocks)
    for version, bits in addresses.BITS.items():
        alone = any(block.version == version and block.prefix == 0 for block in blocks)
        if not alone and addresses.covers(cover, addresses.Block(version, 0, (1 << bits) - 1)):
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
        2. At the BSP: replace the entry; write one address or one network (as 3.6.251.95/32) per entry.

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
    entries = entries_of(bsp)
    for index, (text, block) in enumerate(zip(entries, addresses.read_blocks(entries), strict=True)):
        if block is None:
            yield _malformed(text, at_entry(bsp, index))
        elif (home := _home(block, _homes(reachable, unreachable))) in unreachable:
            yield fail(
                f'"{text}" lies in {home}, {unreachable[home]}: no message can come from there over the internet',
                at=at_entry(bsp, index),
                remedy="replace it by the address that the caller has on the internet",
            )
        elif block.wrapped:
            place = at_entry(bsp, index)
            yield fail(
                f'"{text}" is an IPv4 address inside an IPv6 one: a caller is seen by its IPv4 address',
                at=place,
                remedy=f"write {addresses.show(block)} instead",
                at_most="warning",
                fix=_written(place, addresses.show(block), safe=False),
            )
    moengage = bsp.workspace.moengage
    sources = tuple(moengage.data.get("callbacks", {}).get("allowed_sources", {}).get("entries", ()))
    for index, (text, block) in enumerate(zip(sources, addresses.read_blocks(sources), strict=True)):
        if block is None:
            yield _malformed(text, moengage.at("callbacks", "allowed_sources", "entries", index))


def _home(block: addresses.Block, homes: Mapping[int, Sequence[tuple[str, addresses.Block]]]) -> str:
    """The smallest of the special blocks that holds a block; an empty string where none does."""
    holding = [
        (home.prefix, text)
        for text, home in homes[block.version]
        if home.first <= block.first and block.last <= home.last
    ]
    return max(holding)[1] if holding else ""


@once
def _homes(*facts: Mapping[str, str]) -> Mapping[int, Sequence[tuple[str, addresses.Block]]]:
    """The special blocks, by IP version.

    Those that carry IPv4 addresses hold nothing of their own: what they carry is looked up instead.
    """
    homes: dict[int, list[tuple[str, addresses.Block]]] = {version: [] for version in addresses.BITS}
    special = tuple(text for fact in facts for text in fact)
    for text, block in zip(special, addresses.read_blocks(special), strict=True):
        if block and not block.wrapped:
            homes[block.version].append((text, block))
    return homes


@rule("NET006", "other-data-center", step=Step.NETWORK)
def other_data_center(bsp: Bsp, *, addresses: Rows = fact("moengage_static_ips.whatsapp")) -> Problems:
    """An entry is an address of another MoEngage data center.

    Why it matters:
        A workspace lives in one data center, and only that one's addresses send for it. An address of another is let in
        for nothing; more often it stands where the right one should, because a list was copied from another workspace.

    How to put it right:
        1. Look at your dashboard's address: dashboard-03.moengage.com is DC-03. That is the row to use.
        2. At the BSP: replace the entry by that row's addresses. If the account serves several workspaces, in
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
        if _holds_any(block, addresses.get(own, ())):
            continue
        centers = [center for center, row in addresses.items() if _holds_any(block, row)]
        if centers:
            what = "another data center" if len(centers) == 1 else "other data centers"
            yield fail(
                f'"{text}" lets in {listed(centers)}, {what} of MoEngage than this workspace\'s, {own}',
                at=at_entry(bsp, index),
                also=[moengage.at("data_center", label="the workspace is here")],
            )


@rule("NET007", "wrong-direction", step=Step.NETWORK)
def wrong_direction(
    bsp: Bsp,
    *,
    providers: Providers = fact("providers"),
    outgoing: Rows = fact("bsp_outgoing_addresses.outgoing"),
    addresses: Rows = fact("moengage_static_ips.whatsapp"),
) -> Problems:
    """The list of callers that the provider lets in names the provider's own addresses.

    A network of more than 256 addresses around one of them is not taken for it: that it is broad is said by NET004.

    Why it matters:
        Providers publish the addresses from which they call their customers' webhooks, for the customers' firewalls. On
        the provider's own list of callers they do nothing: what belongs there are MoEngage's addresses, and they are
        often missing where the two directions were mixed up.

    How to put it right:
        1. At the BSP: replace the entry by the addresses that MoEngage publishes for your data center.
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
    theirs = outgoing.get(bsp.provider, ())
    if not theirs:
        return
    ours = addresses.get(bsp.workspace.moengage.data["data_center"], ())
    name = name_of(bsp, providers)
    for index, text, block in _read_entries(bsp):
        if _is_about(block, theirs) and not _holds_any(block, ours):
            yield fail(
                f'"{text}" is an address from which {name} calls others; this list is for those who call {name}',
                at=at_entry(bsp, index),
                remedy=f"replace it by the addresses that MoEngage publishes for the data center{_these(ours)}",
            )


def _these(row: Sequence[str]) -> str:
    return f": {listed(row)}" if row else ""


def _is_about(block: addresses.Block, row: Sequence[str]) -> bool:
    """Whether an entry means one of the addresses, or a network hardly wider than it: 256 times at most."""
    meant = (other for other in addresses.read_blocks(tuple(row)) if other is not None and block.holds(other))
    return any(other.prefix - block.prefix <= 8 for other in meant)


def _holds_any(block: addresses.Block, row: Sequence[str]) -> bool:
    return any(other is not None and block.holds(other) for other in addresses.read_blocks(tuple(row)))


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
    pinned = [
        index for index, block in enumerate(addresses.read_blocks(entries)) if block and block.first == block.last
    ]
    if pinned:
        shown = [f'"{entries[index]}"' for index in pinned[:3]] + [f"{len(pinned) - 3} more"] * (len(pinned) > 3)
        main, *others = (moengage.at("callbacks", "allowed_sources", "entries", index) for index in pinned)
        yield fail(
            f"single addresses of Meta's are pinned ({listed(shown)}), and Meta's change: "
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
        1. At the BSP: keep the narrower entry if the wider one is not needed, else the wider one.

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
    widest: dict[int, tuple[int, str, addresses.Block]] = {}
    # Sorted so, an entry can only be held by an earlier one; if any holds it, so does the one that reaches farthest.
    for index, text, block in sorted(_read_entries(bsp), key=lambda entry: (entry[2].first, -entry[2].last, entry[0])):
        other = widest.get(block.version)
        if other is None or block.last > other[2].last:
            widest[block.version] = (index, text, block)
            continue
        twice = block.holds(other[2])
        place = at_entry(bsp, index)
        yield fail(
            f'"{text}" is listed twice' if twice else f'"{text}" is let in by "{other[1]}" already',
            at=place,
            also=[at_entry(bsp, other[0], "listed here already" if twice else "lets it in")],
            # Where a wider one lets it in, which of the two should go is not known: the wider one may let in everybody.
            fix=Fix("remove the entry", (Change("remove", place),)) if twice else None,
        )


def _read_entries(bsp: Bsp) -> Iterator[tuple[int, str, addresses.Block]]:
    """Entries that could be read, each with its place in the list."""
    entries = entries_of(bsp)
    for index, (text, block) in enumerate(zip(entries, addresses.read_blocks(entries), strict=True)):
        if block:
            yield index, text, block


def _malformed(text: str, place: Place) -> Problem:
    what, remedy = explain(text)
    meant = meant_by(text)
    fix = _written(place, meant, safe=meant == text.strip()) if meant else None
    return fail(f'"{text}" is {what}: as an entry it lets in nobody', at=place, remedy=remedy, fix=fix)


def _written(place: Place, text: str, *, safe: bool) -> Fix:
    return Fix(f"write {text}", (Change("set", place, text),), safe)


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
