"""Step 1 of the checklist: an account with a provider that MoEngage supports, and a sender that is one of its numbers."""

from __future__ import annotations

from collections.abc import Mapping

from wa_policy.api import (
    Bsp,
    Campaign,
    Change,
    Fix,
    Problems,
    Rule,
    Step,
    Workspace,
    claimed,
    did_you_mean,
    digits_of,
    fact,
    fail,
    hookimpl,
    nearest,
    rule,
    rules_in,
    unproven,
)
from wa_policy.plugins._phone_numbers import meant_by, read
from wa_policy.plugins._providers import Providers, facts_of, outside_channel
from wa_policy.plugins._wording import counted


@rule("BSP001", "unsupported-provider", step=Step.ACCOUNT)
def unsupported_provider(bsp: Bsp, *, providers: Providers = fact("providers")) -> Problems:
    """The provider is not one through which MoEngage can send WhatsApp messages.

    A provider outside MoEngage's list can still be reached by its Generic Integration, or by a connector. Twilio and
    Exotel are a warning at most until the manifest says that they are reached so: MoEngage's own pages name them in one place
    and leave them out in another. Where it is known what such a way cannot do, a note says so.

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
    known = facts_of(bsp, providers)
    if not known:
        yield from _unknown_provider(bsp, providers)
        return
    support, remark, display = known["support"], known.get("remark", ""), known["name"]
    explained = f"; {remark}" if remark else ""
    if support == "native":
        return
    if support == "unsure":
        if integration in (None, "native"):
            message = remark or f"it is not known whether MoEngage takes {display} for a WhatsApp sender"
            remedy = f"ask MoEngage whether {display} can be a WhatsApp sender; if not, state how it is reached as "
            remedy += "bsp.integration: generic or connector"
            yield fail(message, at=at, remedy=remedy, at_most="warning")
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
    candidates = native if integration == "native" else providers
    suggestion = did_you_mean(provider, candidates)
    near = nearest(provider, candidates)
    fix = Fix(f"write {near}", (Change("set", bsp.at("provider"), near),), safe=False) if near else None
    choice = "correct the name" if suggestion else f"write one of {', '.join(native)}"
    remedy = f"{choice}; or state bsp.integration: generic or connector"
    if integration == "native":
        message = f'"{provider}" is not on MoEngage\'s list of WhatsApp providers{suggestion}'
        also = [bsp.at("integration", label="claimed here")]
        yield fail(message, at=bsp.at("provider"), also=also, remedy=remedy, fix=fix)
    elif integration is None:
        message = f'"{provider}" is not a provider that is known here{suggestion}, and nothing says how it is reached'
        yield unproven(message, at=bsp.at("provider"), remedy=remedy, fix=fix)


@rule("BSP002", "inactive-account", step=Step.ACCOUNT)
def inactive_account(bsp: Bsp) -> Problems:
    """The account with the provider is not active.

    That it is active is the manifest's word alone until bsp.account.proof names a file that says so.

    Why it matters:
        The provider takes no messages from an account that is pending, suspended or closed: every send fails there,
        long before WhatsApp sees it.

    How to put it right:
        1. At the BSP: look at the account's state in its dashboard, or ask its account manager.
        2. Pending: finish what the provider still asks for (contract, payment, documents). Suspended: settle the reason
           with the provider. Closed: open an account, and set up a new sender in MoEngage with it.
        3. Write bsp.account.status: active when the provider says so. Keep what it wrote (a confirmation, the contract)
           beside the manifest, and name it as bsp.account.proof.

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
    account = bsp.data.get("account", {})
    status = account.get("status")
    at = bsp.at("account", "status")
    if status is None:
        yield unproven(
            "nothing says whether the account with the provider is active",
            at=at,
            remedy="ask the provider, and state bsp.account.status",
        )
    elif status != "active":
        yield fail(f"the account with the provider is {status}: it sends nothing", at=at)
    elif "proof" not in account:
        yield from claimed(bsp, "account", "status", by="the provider's confirmation, named as bsp.account.proof")


@rule("BSP003", "sender-name-length", step=Step.ACCOUNT)
def sender_name_length(bsp: Bsp, *, limits: Mapping[str, int] = fact("moengage_sender.sender_name")) -> Problems:
    """The name of the sender is too short or too long for MoEngage.

    A connector has no sender in MoEngage's WhatsApp channel, and is not asked for its name.

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
    if outside_channel(bsp):
        return
    name = bsp.data.get("sender_name")
    low, high = limits["minimum"], limits["maximum"]
    at = bsp.at("sender_name")
    if name is None:
        yield unproven("nothing says what the sender is called in MoEngage", at=at, at_most="warning")
    elif not name.strip():
        yield fail("the sender name is blank", at=at, remedy="write what the sender is called in MoEngage")
    elif not low <= len(name) <= high:
        length = counted(len(name), "character")
        yield fail(
            f'the sender name "{name}" has {length}; MoEngage takes {low} to {high}',
            at=at,
            remedy=f"choose a name of {low} to {high} characters, in MoEngage and here",
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
    if not abroad:
        return
    at = campaign.at("audience", "countries")
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
    known = {_meant(number.data["number"]): number.data["number"] for number in workspace.phone_numbers}
    for subject, key in ((workspace.bsp, "sender_number"), *((campaign, "sender") for campaign in workspace.campaigns)):
        number = subject.data.get(key)
        if number is None or _meant(number) in known:
            continue
        at = subject.at(key)
        who = "the sender" if subject is workspace.bsp else f'the campaign "{subject.data["name"]}"'
        national = digits_of(number).lstrip("0")
        whole = next(
            (written for digits, written in known.items() if len(national) > 5 and digits.endswith(national)), None
        )
        also = [workspace.at("phone_numbers", label="the account's numbers")]
        if whole is None:
            yield fail(f'{who} uses "{number}", which is not one of the account\'s numbers', at=at, also=also)
        else:
            message = f'{who} uses "{number}", which is one of the account\'s numbers only if its country code is added'
            fix = Fix(f'write "{whole}"', (Change("set", at, whole),), safe=False)
            yield fail(message, at=at, also=also, remedy=f'write "{whole}"', fix=fix)


def _meant(number: str) -> str:
    """The digits of a number, also where it is written in a way that another rule corrects."""
    return digits_of((read(number).fault and meant_by(number)) or number)


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
