"""Step 1 of the checklist: an account with a provider that MoEngage supports, and a sender set up for it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from wa_policy.api import (
    Bsp,
    Campaign,
    MoEngage,
    Problems,
    Rule,
    Step,
    Workspace,
    claimed,
    did_you_mean,
    fact,
    fail,
    hookimpl,
    rule,
    rules_in,
    unproven,
)

Providers = Mapping[str, Mapping[str, Any]]
"""Provider name -> what is known of it; the shape is told at the top of policies/facts/providers.yaml."""

_TO_HYPHENS = str.maketrans(" ._", "---")


def _known(bsp: Bsp, providers: Providers) -> Mapping[str, Any] | None:
    """What is known of the provider, however its name is spelt: Yellow.ai and yellow_ai are yellow-ai."""
    return providers.get(bsp.data["provider"].casefold().translate(_TO_HYPHENS))


@rule("BSP001", "unsupported-provider", step=Step.ACCOUNT)
def unsupported_provider(bsp: Bsp, *, providers: Providers = fact("providers")) -> Problems:
    """The provider is not one through which MoEngage can send WhatsApp messages.

    A provider outside MoEngage's list can still be reached by its Generic Integration, or by a connector. Twilio and
    Exotel are a warning at most: MoEngage's own pages name them in one place and leave them out in another.

    Why it matters:
        MoEngage offers no sender form for a provider that it does not list, so there is nothing to send from. The other
        ways in (Generic Integration, connectors) are set up differently.

    How to put it right:
        1. In MoEngage: Settings > Channels > WhatsApp > Sender configuration. If the provider is in the list there,
           write its name as bsp.provider (lower case, words joined by hyphens).
        2. If it is not, ask the MoEngage account manager how to reach it, and state the answer as bsp.integration:
           generic or connector.
        3. Who has no provider yet asks the MoEngage account manager, or opens a ticket through the support form of the
           dashboard.

    Bad:
        ```yaml
        bsp:
          provider: netcore
          integration: native
        ```

    Good:
        ```yaml
        bsp:
          provider: gupshup
          integration: native
        ```

    Source:
        https://github.com/moengage/moengage-documentation/blob/00f7d9ab/docs.json (the list of providers; as of 2026,
        sure)
        https://help.moengage.com/hc/ja/articles/4411171362452-Prerequisites (names Twilio as an example; as of 2026,
        sure)

    Since:
        0.1
    """
    integration = bsp.data.get("integration")
    at = bsp.at("provider")
    known = _known(bsp, providers)
    if known is None:
        yield from _unknown_provider(bsp, providers)
        return
    support, remark, display = known["support"], known.get("remark", ""), known["name"]
    explained = f"; {remark}" if remark else ""
    if support == "native":
        return
    if support == "unsure":
        yield fail(remark, at=at, remedy=f"ask MoEngage whether {display} can be a WhatsApp sender", at_most="warning")
    elif integration == "native":
        yield fail(
            f"{display} is not on MoEngage's list of WhatsApp providers, so it has no sender form there{explained}",
            at=at,
            also=[bsp.at("integration", label="claimed here")],
        )
    elif integration is None:
        yield unproven(
            f"{display} is not on MoEngage's list of WhatsApp providers, and nothing says how it is reached{explained}",
            at=at,
            remedy="state bsp.integration: generic or connector",
        )
    elif remark:
        yield fail(remark, at=at, remedy="make sure that nothing you plan needs more than this", at_most="info")


def _unknown_provider(bsp: Bsp, providers: Providers) -> Problems:
    # A partner of the Generic Integration may have any name, so only a claim to be native makes an unknown one wrong.
    provider = bsp.data["provider"]
    integration = bsp.data.get("integration")
    native = [name for name, entry in providers.items() if entry["support"] == "native"]
    suggestion = did_you_mean(provider, native if integration == "native" else providers)
    choice = "correct the name" if suggestion else f"write one of {', '.join(native)}"
    remedy = f"{choice}; or state bsp.integration: generic or connector"
    if integration == "native":
        message = f'"{provider}" is not on MoEngage\'s list of WhatsApp providers{suggestion}'
        also = [bsp.at("integration", label="claimed here")]
        yield fail(message, at=bsp.at("provider"), also=also, remedy=remedy)
    elif integration is None:
        message = f'"{provider}" is not a provider that is known here{suggestion}, and nothing says how it is reached'
        yield unproven(message, at=bsp.at("provider"), remedy=remedy)


@rule("BSP002", "inactive-account", step=Step.ACCOUNT)
def inactive_account(bsp: Bsp) -> Problems:
    """The account with the provider is not active.

    Why it matters:
        The provider takes no messages from an account that is pending, suspended or closed: every send fails there,
        long before WhatsApp sees it.

    How to put it right:
        1. At the BSP: look at the account's state in its dashboard, or ask its account manager.
        2. Pending: finish what the provider still asks for (contract, payment, documents). Suspended: settle the reason
           with the provider. Closed: open an account, and set up a new sender in MoEngage with it.
        3. Write bsp.account.status: active when the provider says so.

    Bad:
        ```yaml
        bsp:
          account:
            status: suspended
        ```

    Good:
        ```yaml
        bsp:
          account:
            status: active
        ```

    Source:
        https://help.moengage.com/hc/ja/articles/4411171362452-Prerequisites (as of 2026, sure)

    Since:
        0.1
    """
    status = bsp.data.get("account", {}).get("status")
    at = bsp.at("account", "status")
    if status is None:
        yield unproven(
            "nothing says whether the account with the provider is active",
            at=at,
            remedy="ask the provider, and state bsp.account.status",
        )
    elif status == "active":
        yield from claimed(
            bsp, "account", "status", by="the provider's own word on the account, kept with the manifest"
        )
    else:
        yield fail(f"the account with the provider is {status}: it sends nothing", at=at)


@rule("BSP003", "sender-name-length", step=Step.ACCOUNT)
def sender_name_length(bsp: Bsp, *, limits: Mapping[str, int] = fact("moengage_sender.sender_name")) -> Problems:
    """The name of the sender is too short or too long for MoEngage.

    Why it matters:
        MoEngage's form takes 5 to 50 characters, and campaigns choose their sender by that name.

    How to put it right:
        1. In MoEngage: Settings > Channels > WhatsApp > Sender configuration. Give the sender a name of 5 to 50
           characters.
        2. Write the same name as bsp.sender_name.

    Bad:
        ```yaml
        bsp:
          sender_name: acme
        ```

    Good:
        ```yaml
        bsp:
          sender_name: acme-main
        ```

    Source:
        https://www.moengage.com/docs/partner-guide/messaging-channels/whatsapp-providers/gupshup/configure-gupshup (and
        the page of every other provider; as of 2026, sure)

    Since:
        0.1
    """
    name = bsp.data.get("sender_name")
    low, high = limits["minimum"], limits["maximum"]
    at = bsp.at("sender_name")
    if name is None:
        yield unproven("nothing says what the sender is called in MoEngage", at=at, at_most="warning")
    elif not low <= len(name) <= high:
        length = f"{len(name)} character{'' if len(name) == 1 else 's'}"
        yield fail(
            f'the sender name "{name}" has {length}; MoEngage takes {low} to {high}',
            at=at,
            remedy=f"choose a name of {low} to {high} characters, in MoEngage and here",
        )


@rule("BSP004", "missing-credential", step=Step.ACCOUNT)
def missing_credential(bsp: Bsp, *, providers: Providers = fact("providers")) -> Problems:
    """A field that the provider's sender form in MoEngage asks for is stated nowhere.

    Names are compared without regard to case, hyphens and underscores, with the field's own name or its label in the
    form. What other blocks hold (WABA id, callback address, namespace of the templates) is taken from there.

    Why it matters:
        MoEngage's form asks for these fields before it can send anything; with wrong ones every message fails with
        "Authentication failed" or "Invalid credentials". A credential that nobody has put on record is also one that
        nobody renews.

    How to put it right:
        1. In MoEngage: Settings > Channels > WhatsApp > Sender configuration, open the sender and see which fields it
           has.
        2. Secrets: keep them in a secret store, and write under bsp.credentials where ({env: NAME}, {vault:
           path#field}, ...). Never write the secret itself.
        3. What is not secret (addresses, ids) goes under bsp.sender_fields.

    Bad:
        ```yaml
        bsp:
          credentials:
            password: null
        ```

    Good:
        ```yaml
        bsp:
          credentials:
            password: {vault: crm/gupshup#password}
        ```

    Source:
        https://www.moengage.com/docs/partner-guide/messaging-channels/whatsapp-providers/gupshup/configure-gupshup (and
        the page of every other provider, each named in policies/facts/providers.yaml; as of 2026, sure)

    Since:
        0.1
    """
    form = _form(bsp, providers)
    if form is None:
        return
    yield from _missing_secrets(bsp, form)
    yield from _missing_plain_fields(bsp, form)
    for number in bsp.workspace.phone_numbers:
        for field, label in form.get("number_fields", {}).items():
            if field not in number.data:
                message = f'{form["name"]}\'s sender form asks for the "{label}" of every number'
                yield fail(message, at=number.at(field), remedy=f"add {field} to this number")


def _missing_secrets(bsp: Bsp, form: Mapping[str, Any]) -> Problems:
    secrets = bsp.data.get("credentials", {})
    plain = bsp.data.get("sender_fields", {})
    for field, label in form.get("credentials", {}).items():
        if _key_of(field, label, secrets):
            continue
        if misplaced := _key_of(field, label, plain):
            yield fail(
                f'"{misplaced}" is a secret, yet it is written out under sender_fields',
                at=bsp.at("sender_fields", misplaced, key=True),
                remedy=f"move it to a secret store, and write under bsp.credentials.{field} where it is",
            )
        else:
            yield fail(
                f'{form["name"]}\'s sender form asks for "{label}", and no credential refers to it',
                at=bsp.at("credentials", field),
                remedy=f"add bsp.credentials.{field} with a reference such as {{env: NAME}}",
            )


def _missing_plain_fields(bsp: Bsp, form: Mapping[str, Any]) -> Problems:
    stated = {**bsp.data.get("credentials", {}), **bsp.data.get("sender_fields", {})}
    filled_by_id = form.get("account_id", {}).get("field") if "id" in bsp.data.get("account", {}) else None
    for field, label in form.get("sender_fields", {}).items():
        if field != filled_by_id and not _key_of(field, label, stated):
            message = f'{form["name"]}\'s sender form asks for "{label}", which is stated nowhere'
            yield fail(message, at=bsp.at("sender_fields", field), remedy=f"add bsp.sender_fields.{field}")


def _form(bsp: Bsp, providers: Providers) -> Mapping[str, Any] | None:
    """What is known of the provider's own sender form; None where MoEngage has none, or another way in is used."""
    if bsp.data.get("integration", "native") != "native":
        return None
    provider = _known(bsp, providers)
    return provider if provider is not None and provider["support"] == "native" else None


def _key_of(field: str, label: str, mapping: Mapping[str, Any]) -> str | None:
    """The key under which a mapping has a field of the form, however it is spelt."""
    if field in mapping:
        return field
    wanted = {_bare(field), _bare(label)}
    return next((key for key in mapping if _bare(key) in wanted), None)


def _bare(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))


@rule("BSP005", "wrong-credential-shape", step=Step.ACCOUNT)
def wrong_credential_shape(
    bsp: Bsp, *, providers: Providers = fact("providers"), placeholders: Sequence[str] = fact("callbacks.placeholders")
) -> Problems:
    """An account id or an address in the sender form cannot be right by its shape.

    Gupshup's user id is "generally" ten digits that begin with 2, so another shape is a warning. Infobip's address must
    begin with
    https://; anywhere else an unencrypted address is a warning, since Sinch India for one still offers it.

    Why it matters:
        With the portal login in place of Gupshup's user id every message fails with "Authentication failed due to
        invalid userId or password". Without https:// Infobip's sender fails with "WhatsApp connector API generic
        failure". Over http:// the credentials and the customers' numbers travel in the open.

    How to put it right:
        1. Gupshup: ask for the user id of the notification (HSM) account; the e-mail address or name with which you log
           in to the portal is not it.
        2. Infobip: copy the API base URL of your Infobip account, and put https:// in front of it.
        3. Others: copy the address from the provider's page or mail, in full, with your own values in place of the
           placeholders.
        4. In MoEngage: Settings > Channels > WhatsApp > Sender configuration, correct the sender; then correct the
           manifest.

    Bad:
        ```yaml
        bsp:
          account:
            id: acme-portal-login
        ```

    Good:
        ```yaml
        bsp:
          account:
            id: "2000201234"
        ```

    Source:
        https://www.moengage.com/docs/user-guide/campaigns-and-channels/whatsapp/troubleshooting-and-faqs-whatsapp/common-errors-in-whatsapp-campaigns
        (as of 2026, sure)
        https://www.moengage.com/docs/partner-guide/messaging-channels/whatsapp-providers/infobip/configure-infobip (as
        of 2026, sure)
        https://www.moengage.com/docs/partner-guide/messaging-channels/whatsapp-providers/sinch-india-acl/configure-sinch-india-acl
        (as of 2026, sure)
        https://twilio.com/docs/whatsapp/api/senders (as of 2026, sure)

    Since:
        0.1
    """
    provider = _known(bsp, providers) or {}
    plain = bsp.data.get("sender_fields", {})
    yield from _account_ids(bsp, provider)
    for key, value in plain.items():
        if found := _placeholder(value, placeholders):
            yield fail(f'{key} still has the placeholder "{found}"', at=bsp.at("sender_fields", key))
        elif key == _address_key(provider, plain):
            yield from _endpoint(bsp, provider, key, value)
        elif _ADDRESS_BEGINS.match(value):
            yield from _unencrypted(bsp, key, value)


def _account_ids(bsp: Bsp, provider: Mapping[str, Any]) -> Problems:
    expected = provider.get("account_id", {})
    if "pattern" not in expected:
        return
    stated = [(("account", "id"), bsp.data.get("account", {}).get("id"))]
    if "field" in expected:
        field = expected["field"]
        key = _key_of(field, provider["sender_fields"][field], bsp.data.get("sender_fields", {})) or field
        stated.append((("sender_fields", key), bsp.data.get("sender_fields", {}).get(key)))
    for route, value in stated:
        if value is not None and not re.search(expected["pattern"], value):
            yield fail(
                f'"{value}" does not look like a {provider["name"]} account id, which is {expected["shape"]}',
                at=bsp.at(*route),
                remedy=f"write {expected['is']}",
                at_most="error" if expected["certainty"] == "sure" else "warning",
            )


def _address_key(provider: Mapping[str, Any], plain: Mapping[str, str]) -> str | None:
    label = provider.get("sender_fields", {}).get("api_url", "")
    return _key_of("api_url", label, plain)


def _endpoint(bsp: Bsp, provider: Mapping[str, Any], key: str, value: str) -> Problems:
    expected = provider.get("api_url", {})
    at = bsp.at("sender_fields", key)
    name = provider.get("name", "the provider")
    if expected.get("https_required") and value[:8].casefold() != "https://":
        yield fail(
            f"{key} does not begin with https://: sends through {name} fail without it",
            at=at,
            remedy="put https:// in front of the address, in MoEngage and here",
        )
    elif not _ADDRESS_BEGINS.match(value):
        yield fail(f"{key} is not a full web address: it does not begin with https://", at=at, at_most="warning")
    elif not value.startswith("https://"):
        yield from _unencrypted(bsp, key, value)
    elif "begins" in expected and not value.startswith(expected["begins"]):
        yield fail(
            f"{key} differs from the address on {name}'s page, which begins with {expected['begins']}",
            at=at,
            remedy=f"compare it with {provider['page']}",
            at_most="warning",
        )


def _unencrypted(bsp: Bsp, key: str, value: str) -> Problems:
    if value[:5].casefold() == "http:":
        yield fail(
            f"{key} is an unencrypted address: credentials and customers' numbers travel in the open",
            at=bsp.at("sender_fields", key),
            remedy="ask the provider for its https:// address",
            at_most="warning",
        )


# What stands between the slashes and the last "@" is a user name, not the host: a browser is not fooled, nor may we be.
_ADDRESS = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?:[^/?#]*@)?(?P<host>[^/?#:@\s]+)", re.IGNORECASE)
_ADDRESS_BEGINS = re.compile(r"https?://", re.IGNORECASE)


def _placeholder(text: str, patterns: Sequence[str]) -> str:
    """The placeholder that a person forgot to fill in; an empty string where there is none."""
    found = _one_of(tuple(patterns)).search(text)
    return found[0] if found else ""


@lru_cache(maxsize=8)
def _one_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


@rule("BSP006", "missing-callback", step=Step.ACCOUNT)
def missing_callback(moengage: MoEngage) -> Problems:
    """Nothing says that the provider reports deliveries and replies to MoEngage.

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


Centers = Mapping[str, Mapping[str, str]]
"""Data center -> api_host, dashboard and, where known, region and onboarding."""


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
        if found := _placeholder(address, placeholders):
            yield fail(f'the {kind} callback still has the placeholder "{found}": nothing arrives there', at=at)
            continue
        parts = _ADDRESS.match(address)
        if parts is None:
            yield fail(f"the {kind} callback is not a full web address: nothing arrives there", at=at)
            continue
        if parts["scheme"].casefold() != "https":
            message = f"the {kind} callback is not encrypted: customers' numbers and replies travel in the open"
            yield fail(message, at=at, remedy="replace http:// by https://, at the BSP and here", at_most="warning")
        yield from _destination(moengage, kind, parts["host"].casefold().rstrip("."), data_centers, providers, domain)


def _destination(
    moengage: MoEngage, kind: str, host: str, centers: Centers, providers: Providers, domain: str
) -> Problems:
    center = moengage.data["data_center"]
    expected = centers.get(center, {}).get("api_host", "")
    at = moengage.at("callbacks", kind)
    also = [moengage.at("data_center", label="the workspace lives here")]
    replace = f"enter the same address with the host {expected}, at the BSP and here" if expected else ""
    if host == expected:
        return
    if other := next((name for name, entry in centers.items() if entry["api_host"] == host), None):
        if expected:
            message = f"the {kind} callback goes to {other}, while the workspace is in {center}: its reports are lost"
            yield fail(message, at=at, also=also, remedy=replace)
    elif host == domain or host.endswith(f".{domain}"):
        yield fail(f'the {kind} callback goes to "{host}", which takes no callbacks', at=at, also=also, remedy=replace)
    elif host in (_known(moengage.workspace.bsp, providers) or {}).get("callback_hosts", ()):
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


@rule("BSP008", "temporary-token", step=Step.ACCOUNT)
def temporary_token(bsp: Bsp, *, providers: Providers = fact("providers")) -> Problems:
    """A sender that goes to Meta directly uses the temporary access token of the developer page.

    An error in a live workspace; while a workspace is being set up or tested, a warning.

    Why it matters:
        The token that Meta's developer page hands out for trying things belongs to the person who is logged in and
        expires within hours. From then on every message fails, in the middle of a campaign if need be. A system user's
        token is long-lived.

    How to put it right:
        1. In Meta Business Manager: Business settings > Users > System users. Add one, and give it the app and the
           WhatsApp account with full control.
        2. Generate its token for that app, with the permissions whatsapp_business_messaging and
           whatsapp_business_management. If Meta offers a choice of expiry, take "Never", or plan the renewal.
        3. In MoEngage: Settings > Channels > WhatsApp > Sender configuration, put it in place of the old one (API key).
           Then write bsp.token_kind: system_user.

    Bad:
        ```yaml
        bsp:
          provider: meta
          token_kind: temporary
          account: {id: null}
          credentials: {username: null, password: null, access_token: {env: META_ACCESS_TOKEN}}
          sender_fields: {app_id: "670843887433847"}
        ```

    Good:
        ```yaml
        bsp:
          provider: meta
          token_kind: system_user
          account: {id: null}
          credentials: {username: null, password: null, access_token: {env: META_ACCESS_TOKEN}}
          sender_fields: {app_id: "670843887433847"}
        ```

    Source:
        https://www.moengage.com/docs/partner-guide/messaging-channels/whatsapp-providers/meta/configure-meta (the two
        kinds; as of 2026, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/access-tokens (as of 2026-05, sure)
        https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived (default user tokens
        expire within hours; as of 2026, sure)

    Since:
        0.1
    """
    form = _form(bsp, providers)
    if form is None or not form.get("temporary_tokens"):
        return
    kind = bsp.data.get("token_kind")
    at = bsp.at("token_kind")
    if kind is None:
        yield unproven(
            "nothing says whether the access token is a system user's; a temporary one expires within hours",
            at=at,
            remedy="state bsp.token_kind: system_user or temporary",
            at_most="warning",
        )
    elif kind == "temporary":
        yield fail(
            "the access token is a temporary one: it expires within hours, and every message fails from then on",
            at=at,
            at_most="error" if bsp.workspace.environment == "live" else "warning",
        )


@rule("BSP009", "domestic-only-account", step=Step.ACCOUNT)
def domestic_only_account(campaign: Campaign) -> Problems:
    """A campaign goes to countries that the account with the provider may not send to.

    Why it matters:
        Sends outside the home country fail at the provider with 'The "INTERNATIONAL_PHONE" service is disabled for
        you'.

    How to put it right:
        1. At the BSP: ask the account manager to switch on international sending for the account. Then write
           bsp.account.international: true.
        2. Or take these countries out of the audience: In MoEngage, the segment of the campaign.

    Bad:
        ```yaml
        bsp:
          account:
            international: false
            home_country: AE
        ```

    Good:
        ```yaml
        bsp:
          account:
            international: true
            home_country: AE
        ```

    Source:
        https://www.moengage.com/docs/user-guide/campaigns-and-channels/whatsapp/troubleshooting-and-faqs-whatsapp/common-errors-in-whatsapp-campaigns
        (as of 2026, sure)

    Since:
        0.1
    """
    bsp = campaign.workspace.bsp
    account = bsp.data.get("account", {})
    international = account.get("international")
    countries = dict.fromkeys(campaign.data.get("audience", {}).get("countries", ()))
    if international or not countries:
        return
    home = account.get("home_country")
    abroad = ", ".join(country for country in countries if country != home)
    at = campaign.at("audience", "countries")
    if not abroad:
        return
    if international is None:
        yield unproven(
            f"nothing says whether the account may send to {abroad}",
            at=at,
            also=[bsp.at("account", "international", label="not stated here")],
            remedy="ask the provider, and state bsp.account.international and bsp.account.home_country",
            at_most="error" if home else "warning",
        )
    elif home is not None:
        yield fail(
            f"the campaign goes to {abroad}, but the account may send within {home} only",
            at=at,
            also=[bsp.at("account", "international", label="not switched on here")],
        )
    elif len(countries) > 1:
        yield fail(
            f"the campaign goes to several countries ({abroad}), but the account may send within one only",
            at=at,
            also=[bsp.at("account", "international", label="not switched on here")],
        )
    else:
        yield unproven(
            f"the account may send within its home country only, and nothing says whether that is {abroad}",
            at=at,
            also=[bsp.at("account", "home_country", label="not stated here")],
            remedy="state bsp.account.home_country",
        )


@rule("BSP010", "foreign-sender", step=Step.ACCOUNT)
def foreign_sender(workspace: Workspace) -> Problems:
    """A sender or a campaign uses a number that is not one of this account's.

    Numbers are compared by their digits: spaces, brackets and the plus sign do not matter.

    Why it matters:
        The provider answers 'The method "SENDMESSAGE" is not supported' to a number that it does not know, and nothing
        that was checked about the numbers listed here says anything about this one.

    How to put it right:
        1. In MoEngage: Settings > Channels > WhatsApp > Sender configuration, see which number the sender has; in the
           campaign, see which sender is chosen.
        2. If the number is right, add it to phone_numbers with all that is known of it. If not, correct it in MoEngage
           and here.

    Bad:
        ```yaml
        bsp:
          sender_number: "+91 80 4718 1999"
        ```

    Good:
        ```yaml
        bsp:
          sender_number: "+91 80 4718 1888"
        ```

    Source:
        https://www.moengage.com/docs/user-guide/campaigns-and-channels/whatsapp/troubleshooting-and-faqs-whatsapp/common-errors-in-whatsapp-campaigns
        (as of 2026, sure)

    Since:
        0.1
    """
    known = {_digits(number.data["number"]): number.data["number"] for number in workspace.phone_numbers}
    uses = [(workspace.bsp.at("sender_number"), "the sender", workspace.bsp.data.get("sender_number"))]
    uses += [
        (campaign.at("sender"), f'the campaign "{campaign.data["name"]}"', campaign.data.get("sender"))
        for campaign in workspace.campaigns
    ]
    for at, who, number in uses:
        if number is None or _digits(number) in known:
            continue
        national = _digits(number).lstrip("0")
        whole = next(
            (written for digits, written in known.items() if len(national) > 5 and digits.endswith(national)), None
        )
        also = [workspace.at("phone_numbers", label="the account's numbers")]
        if whole is None:
            yield fail(f'{who} uses "{number}", which is not one of the account\'s numbers', at=at, also=also)
        else:
            message = f'{who} uses "{number}", which is one of the account\'s numbers only if its country code is added'
            yield fail(message, at=at, also=also, remedy=f'write "{whole}"')


def _digits(number: str) -> str:
    return "".join(filter(str.isdecimal, number))


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
