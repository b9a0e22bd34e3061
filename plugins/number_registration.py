"""Step 3 of the checklist: a business phone number can be registered: Meta's code reaches it, and no app has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from wa_policy.api import (
    Context,
    PhoneNumber,
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
from wa_policy.plugins._meta_values import known
from wa_policy.plugins._phone_numbers import JUDGES, Overrides, kind_of, may_be_asked_about, read

CODE_RECEIVED = "Meta's code having arrived: code_verification_status VERIFIED in Meta's answer"


@rule("NUM004", "unreachable-number", step=Step.NUMBERS, consults=JUDGES)
def unreachable_number(
    number: PhoneNumber,
    ctx: Context,
    *,
    verified: Sequence[str] = fact("phone_number_statuses.code_verification.usable"),
) -> Problems:
    """The number can receive neither a voice call nor an SMS, or nothing says that it can.

    What Meta's answer does not say is not asked for where only evidence has the number and nothing is sent from it.

    Why it matters:
        Meta sends the registration code by voice call or SMS. A number that receives neither cannot be verified, and so
        can neither be registered nor send (errors 136024 and 136025).

    How to put it right:
        1. At the carrier: have incoming voice calls (from abroad, too) or SMS switched on.
        2. Call the number, or send it an SMS, and see that it arrives.
        3. In the manifest: write can_receive.voice and can_receive.sms as you found them.

    Bad:
        ```yaml
        phone_numbers:
          - number: "+91 80 4718 1888"
            can_receive: {voice: false, sms: false}
            verified_name: Acme Retail
            name_status: APPROVED
            ownership: {owner: Acme Retail Private Limited, proof: evidence/number-ownership.txt,
                        verified_on: 2026-08-14}
            messenger_account: none
            code_verification_status: VERIFIED
            status: CONNECTED
            quality_rating: GREEN
            account_mode: LIVE
            is_pin_enabled: true
        campaigns: []
        ```

    Good:
        ```yaml
        phone_numbers:
          - number: "+91 80 4718 1888"
            can_receive: {voice: true, sms: false, behind_ivr: false}
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/phone-numbers
        (as of 2026-09, sure)

    Since:
        0.1
    """
    if not number.at_stake:
        return
    can = number.data.get("can_receive", {})
    voice, sms = can.get("voice"), can.get("sms")
    arrived = known(number.data.get("code_verification_status"), verified)
    if voice or sms:
        # A code that has arrived proves it, and is itself claimed or proved by the rule on code_verification_status.
        if not arrived and may_be_asked_about(number, ctx):
            yield from claimed(number, "can_receive", "voice" if voice else "sms", by=CODE_RECEIVED)
    elif voice is False and sms is False:
        message = "the number can receive neither voice calls nor SMS, so Meta's code cannot reach it"
        yield fail(message, at=number.at("can_receive"))
    elif may_be_asked_about(number, ctx):
        yield unproven(
            "nothing says that the number can receive a voice call or an SMS",
            at=number.at("can_receive"),
            remedy="call the number, send it an SMS, and write what arrives as can_receive.voice and can_receive.sms",
            at_most="warning" if arrived else "error",
        )


@rule("NUM005", "unattended-ivr", step=Step.NUMBERS, consults=JUDGES)
def unattended_ivr(
    number: PhoneNumber,
    ctx: Context,
    *,
    often_behind_ivr: Sequence[str] = fact("number_types.often_behind_ivr"),
    overrides: Overrides = fact("number_overrides.types"),
    verified: Sequence[str] = fact("phone_number_statuses.code_verification.usable"),
) -> Problems:
    """A recorded menu answers the number, and does not hand Meta's registration call to a person.

    What Meta's answer does not say is not asked for where only evidence has the number and nothing is sent from it.

    Why it matters:
        Meta's call dictates a code. A menu cannot write it down, so that the number cannot be verified; Meta says of
        such lines that they are not supported. The call comes from abroad, from one or two numbers that Meta discloses
        on request.

    How to put it right:
        1. At the carrier or in the telephone system: let international calls through, and hand calls from the numbers
           that Meta names (ask Meta's Direct Support or the BSP for them) to a person; for the day of registration,
           switch the menu off.
        2. If neither can be done: have the code sent by SMS, where the number receives SMS, or use another number.
        3. In the manifest: write can_receive.behind_ivr and can_receive.ivr_hands_to_person as they are.

    Bad:
        ```yaml
        phone_numbers:
          - number: "+91 80 4718 1888"
            can_receive: {voice: true, sms: false, behind_ivr: true, ivr_hands_to_person: false}
            verified_name: Acme Retail
            name_status: APPROVED
            ownership: {owner: Acme Retail Private Limited, proof: evidence/number-ownership.txt,
                        verified_on: 2026-08-14}
            messenger_account: none
            code_verification_status: VERIFIED
            status: CONNECTED
            quality_rating: GREEN
            account_mode: LIVE
            is_pin_enabled: true
        campaigns: []
        ```

    Good:
        ```yaml
        phone_numbers:
          - number: "+91 80 4718 1888"
            can_receive: {voice: true, sms: false, behind_ivr: true, ivr_hands_to_person: true}
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/phone-numbers#1-800-and-toll-free-numbers
        (as of 2026-09, sure)

    Since:
        0.1
    """
    if not number.at_stake:
        return
    can = number.data.get("can_receive", {})
    behind, hands = can.get("behind_ivr"), can.get("ivr_hands_to_person")
    arrived = known(number.data.get("code_verification_status"), verified)
    at = number.at("can_receive", "ivr_hands_to_person")
    milder: Literal["error", "warning"] = "warning" if can.get("sms") else "error"  # the code may come by SMS instead
    if behind and hands is False:
        message = "a recorded menu answers the number and keeps Meta's registration call from people"
        yield fail(message, at=at, at_most=milder)
    elif not may_be_asked_about(number, ctx):
        return
    elif behind and hands is None:
        yield unproven(
            "a recorded menu answers the number, and nothing says that it hands Meta's registration call to a person",
            at=at,
            remedy="call the number from abroad, and write can_receive.ivr_hands_to_person as you found it",
            at_most="warning" if arrived else milder,
        )
    elif behind and not arrived:
        yield from claimed(number, "can_receive", "ivr_hands_to_person", by=CODE_RECEIVED)
    elif behind is None and not arrived and kind_of(read(number.data["number"]), overrides)[0] in often_behind_ivr:
        yield unproven(
            "nothing says whether a recorded menu answers the number, as one often does on lines of this type",
            at=number.at("can_receive", "behind_ivr"),
            remedy="call the number, and write can_receive.behind_ivr: true or false",
            at_most="warning",
        )


@rule("NUM006", "unsuitable-number-type", step=Step.NUMBERS)
def unsuitable_number_type(
    number: PhoneNumber,
    *,
    types: Mapping[str, Mapping[str, str]] = fact("number_types.types"),
    overrides: Overrides = fact("number_overrides.types"),
    verified: Sequence[str] = fact("phone_number_statuses.code_verification.usable"),
) -> Problems:
    """The number is of a type that Meta's registration code does not reach, or not by the way that is open.

    The type is libphonenumber's; where it is known to be unreliable (0845 and 0870 in the United Kingdom, 140 and
    160 in India), the finding is a warning at most. Ordinary numbers of the United States, Canada and Mexico do not
    show whether they are mobile: nothing is said of them. Nor does a number show that it is an M2M number.

    Why it matters:
        Meta supports no pagers, advises against shared-cost, personal and M2M numbers, and recommends voice calls,
        not SMS, for fixed lines, VoIP, toll-free, premium-rate and universal access numbers: one of them that takes SMS
        alone is a warning. Registration fails where the code does not arrive (errors 136024, 136025), often long after
        the number has been bought and printed.

    How to put it right:
        1. If only the SMS is open: at the carrier, have incoming voice calls switched on, and write can_receive.voice:
           true.
        2. Otherwise: use a mobile number, or a landline that a person answers.

    Bad:
        ```yaml
        phone_numbers:
          - number: "+44 7640 123456"
            verified_name: Acme Retail
            name_status: APPROVED
            ownership: {owner: Acme Retail Private Limited, proof: evidence/number-ownership.txt,
                        verified_on: 2026-08-14}
            can_receive: {voice: true, sms: false, behind_ivr: true, ivr_hands_to_person: true}
            messenger_account: none
            code_verification_status: VERIFIED
            status: CONNECTED
            quality_rating: GREEN
            account_mode: LIVE
            is_pin_enabled: true
        campaigns: []
        ```

    Good:
        ```yaml
        phone_numbers:
          - number: "+91 80 4718 1888"
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/phone-numbers#business-phone-number-types
        (as of 2026-09, sure); exceptions: policies/facts/number_overrides.yaml (probable)

    Since:
        0.1
    """
    reading = read(number.data["number"])
    name, doubt = kind_of(reading, overrides)
    kind = types.get(name)
    if kind is None or kind["sms"] == kind["voice"] == "standard":
        return
    arrived = known(number.data.get("code_verification_status"), verified)
    if kind["voice"] == "standard":
        yield from _by_voice(number, kind["name"], doubt)
        return
    message = f'"{number.data["number"]}" is {kind["name"]}'
    because = f" ({doubt})" if doubt else ""
    at = number.at("number")
    if kind["voice"] == "not_supported":
        yield fail(f"{message}, which Meta does not support{because}", at=at, at_most="warning" if doubt else "error")
    elif kind["voice"] == "not_recommended":
        yield fail(f"{message}, which Meta advises against{because}", at=at, at_most="warning")
    elif not arrived:
        yield unproven(
            f"{message}{because}, and nothing shows that Meta's code reaches such a number",
            at=at,
            remedy="ask the carrier whether the number takes calls or SMS, or use an ordinary number",
            at_most="warning",
        )


def _by_voice(number: PhoneNumber, kind: str, doubt: str) -> Problems:
    """Judge a number that Meta recommends to call: one that takes only SMS. One that takes neither is NUM004's."""
    can = number.data.get("can_receive", {})
    voice, sms = can.get("voice"), can.get("sms")
    refuses = voice is False and sms is not False
    if not refuses and (voice is not None or not sms):
        return
    message = f'"{number.data["number"]}" is {kind}, to which Meta advises against sending its code by SMS, and '
    because = f" ({doubt})" if doubt else ""
    at, also = number.at("can_receive", "voice"), [number.at("number", label="the number")]
    if refuses:
        yield fail(f"{message}it takes no calls{because}", at=at, also=also, at_most="warning")
    else:
        remedy = "call the number, and write can_receive.voice: true or false"
        message += f"nothing says that it takes calls{because}"
        yield unproven(message, at=at, also=also, remedy=remedy, at_most="warning")


@rule("NUM007", "messenger-number", step=Step.NUMBERS, consults=JUDGES)
def messenger_number(
    number: PhoneNumber, ctx: Context, *, connected: Sequence[str] = fact("phone_number_statuses.status.usable")
) -> Problems:
    """The number is still in use in the WhatsApp app on somebody's phone.

    What Meta's answer does not say is not asked for where only evidence has the number and nothing is sent from it.

    Why it matters:
        A number that is registered in WhatsApp Messenger cannot be registered for the Business Platform before that
        account is deleted; the chats in it are then lost, so that it should be no surprise on the day of go-live. Only
        numbers of the WhatsApp Business app can be kept in both (coexistence, by Embedded Signup): a number that is
        already connected and said to be active makes a warning.

    How to put it right:
        1. On the phone with the number: WhatsApp > Settings > Account > Delete account. Save the chats first.
        2. In the manifest: write messenger_account: deleted (or none, if there never was an account).

    Bad:
        ```yaml
        phone_numbers:
          - number: "+91 80 4718 1888"
            messenger_account: active
            verified_name: Acme Retail
            name_status: APPROVED
            ownership: {owner: Acme Retail Private Limited, proof: evidence/number-ownership.txt,
                        verified_on: 2026-08-14}
            can_receive: {voice: true, sms: false, behind_ivr: true, ivr_hands_to_person: true}
            code_verification_status: VERIFIED
            status: CONNECTED
            quality_rating: GREEN
            account_mode: LIVE
            is_pin_enabled: true
        ```

    Good:
        ```yaml
        phone_numbers:
          - number: "+91 80 4718 1888"
            messenger_account: deleted
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/phone-numbers
        (as of 2026-09, sure); coexistence:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/manage-phone-numbers
        (as of 2025-12, sure)

    Since:
        0.1
    """
    if not number.at_stake:
        return
    account = number.data.get("messenger_account")
    registered = known(number.data.get("status"), connected)
    at = number.at("messenger_account")
    if account == "active" and registered:
        message = "the number is connected, and said to be active in a WhatsApp app; only coexistence allows both"
        remedy = (
            "Make sure that the number came by coexistence (20 messages a second at most), or write none or deleted."
        )
        yield fail(message, at=at, remedy=remedy, at_most="warning")
    elif account == "active":
        yield fail("the number is still active in a WhatsApp app, so it cannot be registered for the platform", at=at)
    elif registered or not may_be_asked_about(number, ctx):
        return
    elif account is None:
        yield unproven(
            "nothing says whether the number is still in use in a WhatsApp app",
            at=at,
            remedy="ask whoever holds the phone, and write messenger_account: none, deleted or active",
            at_most="warning",
        )
    else:
        yield from claimed(number, "messenger_account", by="status CONNECTED in Meta's answer")


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
