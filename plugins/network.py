"""Step 6 of the checklist: a provider that lets in known addresses only knows MoEngage's, and MoEngage sends from them.

All addresses are facts: what a customer's MoEngage contact said counts more than what this package carries, so a policy
may override each of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from wa_policy.api import (
    Bsp,
    Change,
    Context,
    Fix,
    MoEngage,
    Place,
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
from wa_policy.api import addresses as arithmetic
from wa_policy.plugins._addresses import Rows, at_entry, entries_of
from wa_policy.plugins._days import is_past
from wa_policy.plugins._providers import Providers, facts_of, name_of
from wa_policy.plugins._wording import listed

if TYPE_CHECKING:
    from collections.abc import Iterable


def _requirement(bsp: Bsp, providers: Providers) -> str:
    """Whether the provider lets in listed addresses only: as the manifest says, else as is known of the provider."""
    stated = bsp.data.get("ip_allowlist", {}).get("requirement")
    return arithmetic.requirement(stated, facts_of(bsp, providers).get("ip_allowlist", ""))


def _restricts(bsp: Bsp, providers: Providers) -> Literal["error", "warning", "off"]:
    """How much weight it has that the provider lets in listed addresses only: whether it surely does, perhaps, or not.

    An optional list is in force as soon as it holds an entry.
    """
    asked = _requirement(bsp, providers)
    if asked == "required" or (asked == "optional" and entries_of(bsp)):
        return "error"
    return "warning" if asked == "unknown" and entries_of(bsp) else "off"


_VERBS = {"error": ("lets", "will"), "warning": ("may let", "may")}


def _because(bsp: Bsp) -> Place:
    """Where the manifest shows that the provider lets in listed addresses only."""
    if bsp.data.get("ip_allowlist", {}).get("requirement") == "required":
        return bsp.at("ip_allowlist", "requirement", label="only listed addresses are let in")
    return bsp.at("ip_allowlist", "entries", label="as soon as addresses are listed, others are kept out")


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
    name = name_of(bsp, providers)
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
    elif "enabled_on" in static and not is_past(static["enabled_on"], ctx):
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
        2. At the BSP: add every address of it to the list of the account (or API key, or user) that the sender
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
    name = name_of(bsp, providers)
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
            remedy=f"write the list that {name} shows under bsp.ip_allowlist.entries; it must hold {listed(row)}",
        )
    elif lacking := arithmetic.missing(row, entries_of(bsp)):
        yield fail(
            f"the list at {name} lacks {listed(lacking)}, from which MoEngage sends in {center}: "
            f"those messages {_VERBS[weight][1]} be refused",
            at=place,
            also=[
                at_entry(bsp, index, "this entry cannot be read")
                for index, block in enumerate(arithmetic.read_blocks(entries_of(bsp)))
                if block is None
            ],
            remedy=f"add {listed(lacking)} to the list at {name}",
            at_most=weight,
            fix=_addition(place, lacking, entries_of(bsp), name),
            about={"data_center": center, "lacking": list(lacking)},
        )
    elif row and not is_past(bsp.data["ip_allowlist"].get("confirmed_on"), ctx):
        yield from claimed(bsp, "ip_allowlist", "entries", by="the provider's confirmation, dated as confirmed_on")


def _addition(place: Place, lacking: Iterable[str], entries: Iterable[str], name: str) -> Fix:
    """The addresses added to the manifest, written as the others; only a person can add them at the provider."""
    prefix = "/32" if any("/" in entry for entry in entries) else ""
    items = [text if "/" in text or ":" in text else text + prefix for text in lacking]
    return Fix(f"add {listed(items)}, once {name} has added them", (Change("add", place, items),), safe=False)


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
        1. At the BSP: ask to have the restriction lifted for the account, user or API key that MoEngage uses.
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
            f"MoEngage has no fixed addresses in {center}, and {name_of(bsp, providers)} {lets} in listed ones only: "
            f"it {will} refuse this workspace's messages",
            at=moengage.at("data_center"),
            also=[_because(bsp)],
            at_most=weight,
        )


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
    asked = _requirement(bsp, providers)
    name = name_of(bsp, providers)
    place = bsp.at("ip_allowlist", "requirement")
    if asked == "unknown":
        yield unproven(
            f"nobody has said whether {name} lets in listed addresses only; if it does, it will refuse every message",
            at=place,
            remedy=f"ask {name} whether it does, and write requirement: required, optional or none",
            at_most="warning",
        )
    elif "requirement" not in stated and asked == "optional" and not entries_of(bsp):
        yield unproven(
            f"{name} can be told to let in listed addresses only, and nothing says whether this account was",
            at=place,
            remedy=f"look up at {name} whether a list is set, and write requirement: required, optional or none",
            at_most="info",
        )
    elif "requirement" in stated and asked != "required" and not is_past(stated.get("confirmed_on"), ctx):
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
    cap = facts_of(bsp, providers).get("allowlist_cap")
    count = len(entries_of(bsp))
    if cap is not None and count > cap:
        yield fail(
            f"the list has {count} entries, and {name_of(bsp, providers)} takes {cap}: the rest will not be let in",
            at=at_entry(bsp, cap),
        )


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
