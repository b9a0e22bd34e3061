"""Step 1 of the checklist: the provider reports deliveries and replies to the MoEngage workspace, and to no other place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wa_policy.api import (
    MoEngage,
    Problems,
    Rule,
    Step,
    did_you_mean,
    fact,
    fail,
    hookimpl,
    rule,
    rules_in,
    unproven,
)
from wa_policy.plugins._placeholders import find_placeholder
from wa_policy.plugins._providers import Providers, facts_of, outside_channel
from wa_policy.plugins._web_addresses import scheme_and_host

Centers = Mapping[str, Mapping[str, str]]
"""Data center -> api_host, dashboard and, where known, region and onboarding."""


@rule("BSP006", "missing-callback", step=Step.ACCOUNT)
def missing_callback(moengage: MoEngage) -> Problems:
    """Nothing says that the provider reports deliveries and replies to MoEngage.

    A connector is outside MoEngage's WhatsApp channel, which has these callbacks, and is not asked for them.

    Why it matters:
        Without the delivery callback MoEngage shows nothing as delivered or read, and campaigns cannot be judged.
        Without the inbound callback it sees no replies and no button clicks, and a customer's STOP is not heard: the
        next campaign goes to somebody who has asked for silence.

    How to put it right:
        1. In MoEngage: Settings > Channels > WhatsApp > Sender configuration, open the sender and copy its callback
           URL. The same URL serves deliveries and replies.
        2. At the BSP: enter it for delivery reports and for incoming messages (Karix: Delivery Rule, and User Initiated
           (MO) Rules; Meta: the webhook, with the field "messages" subscribed).
        3. Write it as moengage.callbacks.delivery and moengage.callbacks.inbound.

    Bad:
        ```yaml
        moengage:
          callbacks:
            inbound: null
        ```

    Good:
        ```yaml
        moengage:
          callbacks:
            delivery: https://api-03.moengage.com/whatsapp/gupshup/dlr
            inbound: https://api-03.moengage.com/whatsapp/gupshup/dlr
        ```

    Source:
        https://www.moengage.com/docs/user-guide/campaigns-and-channels/whatsapp/troubleshooting-and-faqs-whatsapp/common-errors-in-whatsapp-campaigns
        (as of 2026, sure)

    Since:
        0.1
    """
    if outside_channel(moengage.workspace.bsp):
        return
    callbacks = moengage.data.get("callbacks", {})
    if "delivery" not in callbacks:
        yield unproven(
            "nothing says that the provider reports deliveries to MoEngage: campaigns will show nothing as delivered",
            at=moengage.at("callbacks", "delivery"),
        )
    if "inbound" not in callbacks:
        yield unproven(
            "nothing says that the provider passes replies on to MoEngage: a customer's STOP will not be heard",
            at=moengage.at("callbacks", "inbound"),
        )


@rule("BSP007", "callback-wrong-data-center", step=Step.ACCOUNT)
def callback_wrong_data_center(
    moengage: MoEngage,
    *,
    data_centers: Centers = fact("data_centers"),
    providers: Providers = fact("providers"),
    placeholders: Sequence[str] = fact("callbacks.placeholders"),
    domain: str = fact("callbacks.domain"),
) -> Problems:
    """A callback does not lead to the data center that holds the workspace.

    Only the host is compared: MoEngage's own pages show two shapes of path. Hosts of a provider's own middleware
    (Kaleyra, ONEXTEL) are accepted. An endpoint of your own that passes callbacks on is a warning, since nobody sees
    where it leads.

    Why it matters:
        Each MoEngage data center knows its own workspaces only. A report that arrives at another one, or at the sample
        address from the documentation, is lost: no statistics, and a customer's STOP is not heard.

    How to put it right:
        1. In MoEngage: look at the address of your dashboard; dashboard-03.moengage.com means DC-03. Correct
           moengage.data_center if it says otherwise.
        2. In MoEngage: Settings > Channels > WhatsApp > Sender configuration, open the sender and copy its callback URL
           from there, not from a documentation page.
        3. At the BSP: put it in place of the old one, for delivery reports and incoming messages. Then correct the
           manifest.

    Bad:
        ```yaml
        moengage:
          data_center: DC-03
          callbacks:
            delivery: https://api-01.moengage.com/whatsapp/gupshup/dlr
        ```

    Good:
        ```yaml
        moengage:
          data_center: DC-03
          callbacks:
            delivery: https://api-03.moengage.com/whatsapp/gupshup/dlr
        ```

    Source:
        https://www.moengage.com/docs/user-guide/data/key-concepts/data-centers-in-moengage (as of 2026, sure)
        https://www.moengage.com/docs/partner-guide/messaging-channels/whatsapp-providers/wisely/wisely (as of 2026,
        sure)
        https://www.moengage.com/docs/partner-guide/messaging-channels/whatsapp-providers/generic-integration/message-template-and-callback-formats
        (as of 2026, sure)

    Since:
        0.1
    """
    callbacks = moengage.data.get("callbacks", {})
    center = moengage.data["data_center"]
    named = [("delivery", callbacks.get("delivery")), ("inbound", callbacks.get("inbound"))]
    if center not in data_centers and any(address for _, address in named):
        yield unproven(
            f"{center} is not a data center that is known here{did_you_mean(center, data_centers)}",
            at=moengage.at("data_center"),
            remedy="look at the address of your MoEngage dashboard: dashboard-03.moengage.com means DC-03",
        )
    for kind, address in named:
        if not address:
            continue
        at = moengage.at("callbacks", kind)
        if found := find_placeholder(address, placeholders):
            yield fail(f'the {kind} callback still has the placeholder "{found}": nothing arrives there', at=at)
            continue
        target = scheme_and_host(address)
        if target is None:
            yield fail(f"the {kind} callback is not a full web address: nothing arrives there", at=at)
            continue
        scheme, host = target
        if scheme != "https":
            message = f"the {kind} callback is not encrypted: customers' numbers and replies travel in the open"
            yield fail(message, at=at, remedy="replace http:// by https://, at the BSP and here", at_most="warning")
        yield from _destination(moengage, kind, host, data_centers, providers, domain)


def _destination(
    moengage: MoEngage, kind: str, host: str, centers: Centers, providers: Providers, domain: str
) -> Problems:
    center = moengage.data["data_center"]
    expected = centers.get(center, {}).get("api_host", "")
    if host == expected:
        return
    at = moengage.at("callbacks", kind)
    also = [moengage.at("data_center", label="the workspace lives here")]
    replace = f"enter the same address with the host {expected}, at the BSP and here" if expected else ""
    if other := next((name for name, entry in centers.items() if entry["api_host"] == host), None):
        if expected:
            message = f"the {kind} callback goes to {other}, while the workspace is in {center}: its reports are lost"
            yield fail(message, at=at, also=also, remedy=replace)
    elif host == domain or host.endswith(f".{domain}"):
        yield fail(f'the {kind} callback goes to "{host}", which takes no callbacks', at=at, also=also, remedy=replace)
    elif host in facts_of(moengage.workspace.bsp, providers).get("callback_hosts", ()):
        return
    elif "allowed_sources" in moengage.data.get("callbacks", {}):
        message = (
            f'the {kind} callback goes to your own "{host}", and nothing shows that it passes reports on to MoEngage'
        )
        remedy = f"make sure that the endpoint passes everything on to {expected or 'MoEngage'}"
        yield unproven(message, at=at, remedy=remedy, at_most="warning")
    else:
        message = f'the {kind} callback goes to "{host}", which is not MoEngage\'s'
        remedy = "enter MoEngage's address at the BSP; or, if this is your own relay, describe it under allowed_sources"
        yield fail(message, at=at, also=also, remedy=remedy, at_most="warning")


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
