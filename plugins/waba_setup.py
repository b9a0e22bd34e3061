"""Step 2 of the checklist: how the WhatsApp Business Account (WABA) was set up: namespace, billing, and who owns it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from wa_policy.api import (
    Place,
    Problems,
    Rule,
    Step,
    Waba,
    Workspace,
    claimed,
    fact,
    fail,
    hookimpl,
    rule,
    rules_in,
    unproven,
)
from wa_policy.plugins._meta_values import WABA_ANSWER, Meanings, known, unheard_of
from wa_policy.plugins._providers import Providers, sender_form


@rule("WBA004", "missing-namespace", step=Step.WABA)
def missing_namespace(
    workspace: Workspace,
    *,
    providers: Providers = fact("providers"),
    platforms: Sequence[str] = fact("waba.namespace_platforms"),
    pattern: str = fact("waba_probable.namespace_pattern"),
) -> Problems:
    """The namespace of the templates is missing where it is asked for, or does not look like one.

    Of MoEngage's providers only Unifonic asks for it, and of Meta's platforms only the On-Premises client. That it has
    the form of a UUID with underscores is read off samples, so another form is a warning.

    Why it matters:
        Without the right namespace the provider does not find the templates, and every send of one fails.

    How to put it right:
        1. In WhatsApp Manager: Account tools > Message templates. The namespace is shown there; Meta's API gives it as
           message_template_namespace.
        2. In MoEngage: Settings > Channels > WhatsApp > Sender configuration, enter it in the sender
           (template-namespace).
        3. Write it as waba.message_template_namespace.

    Bad:
        ```yaml
        waba:
          message_template_namespace: null
        bsp:
          provider: unifonic
          credentials: {username: null, password: null, secret: {env: UNIFONIC_SECRET}}
          sender_fields: {api_url: "https://apis.unifonic.example/v1/messages", public_id: acme}
        ```

    Good:
        ```yaml
        waba:
          message_template_namespace: ba30dd89_2ebd_41e4_b805_f2c05ae04cc9
        ```

    Source:
        https://www.moengage.com/docs/partner-guide/messaging-channels/whatsapp-providers/unifonic/configure-unifonic
        (as of 2026, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/template-management (as of
        2026-09, sure; the form: probable)

    Since:
        0.1
    """
    waba = workspace.waba
    namespace = waba.data.get("message_template_namespace")
    at = waba.at("message_template_namespace")
    asking = _who_asks(workspace, providers, platforms)
    if namespace is None:
        if asking:
            place, who = asking[0]
            yield unproven(f"{who} asks for the namespace of the templates, and it is not stated", at=at, also=[place])
    elif not re.search(pattern, namespace):
        remedy = "copy it again from WhatsApp Manager: groups of hexadecimal digits with underscores between them"
        yield fail(
            f'"{namespace}" does not look like a namespace of templates', at=at, remedy=remedy, at_most="warning"
        )
    elif asking:
        yield from claimed(waba, "message_template_namespace", by=WABA_ANSWER)


def _who_asks(workspace: Workspace, providers: Providers, platforms: Sequence[str]) -> list[tuple[Place, str]]:
    bsp = workspace.bsp
    asking = [
        (number.at("platform_type", label="asks for it"), "the On-Premises client of a number")
        for number in workspace.phone_numbers
        if known(number.data.get("platform_type"), platforms)
    ]
    form = sender_form(bsp, providers)
    if form and form.get("template_namespace"):
        asking.insert(0, (bsp.at("provider", label="asks for it"), f"{form['name']}'s sender form"))
    return asking


@rule("WBA005", "incomplete-billing", step=Step.WABA)
def incomplete_billing(waba: Waba, *, fields: Meanings = fact("waba.billing_fields")) -> Problems:
    """Currency, time zone or payment method of the account are not stated.

    Why it matters:
        Meta refuses paid messages of an account without one of them (error 131042). Currency and time zone cannot be
        changed once a credit line is attached, so they should be right before that.

    How to put it right:
        1. In Meta Business Manager: Business settings > Accounts > WhatsApp accounts, choose the account and see its
           currency, time zone and payment settings. Who sends through a BSP's credit line asks the BSP to attach it.
        2. Write waba.currency, waba.timezone_id and waba.primary_funding_id as Meta gives them.

    Bad:
        ```yaml
        waba:
          currency: null
        ```

    Good:
        ```yaml
        waba:
          currency: INR
          timezone_id: "71"
          primary_funding_id: "1128733948733"
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes (as of 2025-11,
        sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/whatsapp-business-accounts (as of
        2026-09, sure)

    Since:
        0.1
    """
    for field, label in fields.items():
        if field in waba.data:
            yield from claimed(waba, field, by=WABA_ANSWER)
        else:
            yield unproven(
                f"nothing says that the WABA has a {label}; without it sends fail with error 131042",
                at=waba.at(field),
                remedy=f"copy {field} from Meta's answer for the WABA",
                at_most="warning",
            )


@rule("WBA006", "on-behalf-of-account", step=Step.WABA)
def on_behalf_of_account(
    waba: Waba,
    *,
    deprecated: Sequence[str] = fact("waba.deprecated_ownership_types"),
    current: Sequence[str] = fact("waba_probable.current_ownership_types"),
    unexplained: Sequence[str] = fact("waba_probable.unexplained_ownership_types"),
) -> Problems:
    """The account is owned by a provider on behalf of the business, a model that Meta has given up.

    Why it matters:
        Since 2025-09-30 no such account can be made any more. The business does not own its account, its templates or
        its number's quality there, and cannot take them to another provider without the old one's help.

    How to put it right:
        1. At the BSP: ask to have the account's ownership transferred to your own business portfolio, or to be moved to
           an account of your own.
        2. In Meta Business Manager: accept the transfer. Then write waba.ownership_type as Meta gives it.

    Bad:
        ```yaml
        waba:
          ownership_type: ON_BEHALF_OF
        ```

    Good:
        ```yaml
        waba:
          ownership_type: SELF
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/obo-model-deprecation
        (as of 2025-11, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/changelog (2025-03-20, sure)

    Since:
        0.1
    """
    ownership = waba.data.get("ownership_type")
    at = waba.at("ownership_type")
    if ownership is None:
        remedy = "copy ownership_type from Meta's answer for the WABA"
        yield unproven("nothing says who owns the WABA", at=at, remedy=remedy, at_most="info")
    elif known(ownership, deprecated):
        yield fail("the WABA belongs to a provider on behalf of the business, a model that Meta has given up", at=at)
    elif known(ownership, current):
        yield from claimed(waba, "ownership_type", by=WABA_ANSWER)
    elif known(ownership, unexplained):
        message = f"Meta does not explain {ownership}: nothing shows that the business owns the WABA"
        yield unproven(message, at=at, remedy="ask the BSP, or Meta's Direct Support, who owns the WABA")
    else:
        words = [*current, *deprecated]
        yield unheard_of(waba, "ownership_type", what="type of ownership", value=ownership, words=words)


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
