"""Step 1 of the checklist: what MoEngage's sender form asks for is on record, has the right shape, and will last."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from wa_policy.api import (
    Bsp,
    Problems,
    Rule,
    Step,
    fact,
    fail,
    hookimpl,
    rule,
    rules_in,
    unproven,
)
from wa_policy.plugins._placeholders import find_placeholder
from wa_policy.plugins._providers import Providers, facts_of, sender_form
from wa_policy.plugins._web_addresses import begins_as_one, scheme_and_host


@rule("BSP004", "missing-credential", step=Step.ACCOUNT)
def missing_credential(bsp: Bsp, *, providers: Providers = fact("providers")) -> Problems:
    """A field that the provider's sender form in MoEngage asks for is stated nowhere.

    The form may well be filled in; nothing shows it. A password that is written out under sender_fields is wrong, however.
    Names are compared without regard to case, hyphens and underscores, with the field's own name or its label in the
    form. What other blocks hold (WABA id, callback address, namespace of the templates) is taken from there.

    Why it matters:
        MoEngage's form asks for these fields before it can send anything; with wrong ones every message fails with
        "Authentication failed" or "Invalid credentials". A credential that nobody has put on record is also one that
        nobody renews.

    How to put it right:
        1. In MoEngage: Settings > Channels > WhatsApp > Sender configuration, open the sender and see which fields it
           has.
        2. Secrets and user names: keep them in a secret store, and write under bsp.credentials where ({env: NAME},
           {vault: path#field}, ...). Never write the secret itself.
        3. What else the form asks for (addresses, ids) goes under bsp.sender_fields. A field that stands in the other
           of the two places counts as well, unless it is a secret.

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
    form = sender_form(bsp, providers)
    if form is None:
        return
    yield from _missing_credentials(bsp, form)
    yield from _missing_sender_fields(bsp, form)
    for number in bsp.workspace.phone_numbers:
        for field, label in form.get("number_fields", {}).items():
            if field not in number.data:
                message = f'{form["name"]}\'s sender form asks for the "{label}" of every number'
                yield unproven(message, at=number.at(field), remedy=f"add {field} to this number")


def _missing_credentials(bsp: Bsp, form: Mapping[str, Any]) -> Problems:
    referred_to = bsp.data.get("credentials", {})
    written_out = bsp.data.get("sender_fields", {})
    for field, label in form.get("credentials", {}).items():
        if _key_of(field, label, referred_to) or field == _filled_by_id(bsp, form):
            continue
        if not (misplaced := _key_of(field, label, written_out)):
            yield unproven(
                f'{form["name"]}\'s sender form asks for "{label}", and no credential refers to it',
                at=bsp.at("credentials", field),
                remedy=f"add bsp.credentials.{field} with a reference such as {{env: NAME}}",
            )
        elif field not in form.get("user_names", ()):
            yield fail(
                f'"{misplaced}" is a secret, yet it is written out under sender_fields',
                at=bsp.at("sender_fields", misplaced, key=True),
                remedy=f"move it to a secret store, and write under bsp.credentials.{field} where it is",
            )


def _missing_sender_fields(bsp: Bsp, form: Mapping[str, Any]) -> Problems:
    stated = {**bsp.data.get("credentials", {}), **bsp.data.get("sender_fields", {})}
    for field, label in form.get("sender_fields", {}).items():
        if field != _filled_by_id(bsp, form) and not _key_of(field, label, stated):
            message = f'{form["name"]}\'s sender form asks for "{label}", which is stated nowhere'
            yield unproven(message, at=bsp.at("sender_fields", field), remedy=f"add bsp.sender_fields.{field}")


def _filled_by_id(bsp: Bsp, form: Mapping[str, Any]) -> str | None:
    """The field of the form that the id of the account fills, if the manifest has one."""
    field: str | None = form.get("account_id", {}).get("field")
    return field if "id" in bsp.data.get("account", {}) else None


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
    begin with https://; anywhere else an unencrypted address is a warning, since Sinch India for one still offers it.
    What a page of documentation puts where one's own value belongs is found in every field of the form.

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
    provider = facts_of(bsp, providers)
    plain = bsp.data.get("sender_fields", {})
    yield from _account_ids(bsp, provider)
    for key, value in plain.items():
        if found := find_placeholder(value, placeholders):
            yield fail(f'{key} still has the placeholder "{found}"', at=bsp.at("sender_fields", key))
        elif key == _address_key(provider, plain):
            yield from _endpoint(bsp, provider, key, value)
        elif begins_as_one(value):
            yield from _unencrypted(bsp, key, value)


def _account_ids(bsp: Bsp, provider: Mapping[str, Any]) -> Problems:
    expected = provider.get("account_id", {})
    if "pattern" not in expected:
        return
    stated = [(("account", "id"), bsp.data.get("account", {}).get("id"))]
    if "field" in expected:
        field = expected["field"]
        key = (
            _key_of(field, provider.get("credentials", {}).get(field, field), bsp.data.get("sender_fields", {}))
            or field
        )
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
            remedy=f"{_with_https(value)}, in MoEngage and here",
        )
    elif not begins_as_one(value):
        yield fail(f"{key} is not a full web address: it does not begin with https://", at=at, at_most="warning")
    elif scheme_and_host(value) is None:
        yield fail(f"{key} is not a full web address: it names no host", at=at)
    elif not value.startswith("https://"):
        yield from _unencrypted(bsp, key, value)
    elif "begins" in expected and not value.startswith(expected["begins"]):
        yield fail(
            f"{key} differs from the address on {name}'s page, which begins with {expected['begins']}",
            at=at,
            remedy=f"compare it with {provider.get('page', 'the page')}",
            at_most="warning",
        )


def _with_https(address: str) -> str:
    """What makes an address one that is encrypted."""
    scheme, colon, _ = address.partition(":")
    if colon and scheme.casefold() == "http":
        return f"write https:// instead of {address[: 7 if address[5:7] == '//' else 5]}"
    if colon and "/" in address[len(scheme) : len(scheme) + 3]:
        return f"begin the address with https:// instead of {scheme}:"
    return "put https:// in front of the address"


def _unencrypted(bsp: Bsp, key: str, value: str) -> Problems:
    if value[:5].casefold() == "http:":
        yield fail(
            f"{key} is an unencrypted address: credentials and customers' numbers travel in the open",
            at=bsp.at("sender_fields", key),
            remedy="ask the provider for its https:// address",
            at_most="warning",
        )


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
    form = sender_form(bsp, providers)
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


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
