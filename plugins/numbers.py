"""Step 3 of the checklist: a business phone number is a number that can be a sender at all, by its digits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from wa_policy.api import (
    Change,
    Context,
    Fix,
    PhoneNumber,
    Problems,
    Rule,
    Step,
    digits_of,
    fact,
    fail,
    hookimpl,
    rule,
    rules_in,
    unproven,
)
from wa_policy.plugins._meta_values import Explained, judge_number
from wa_policy.plugins._phone_numbers import (
    JUDGES,
    Reading,
    handed_out_by_meta,
    may_be_asked_about,
    meant_by,
    read,
)


@rule("NUM001", "invalid-number", step=Step.NUMBERS)
def invalid_number(
    number: PhoneNumber,
    *,
    meta_numbers: Sequence[str] = fact("meta_numbers.patterns"),
    former: Mapping[str, Mapping[str, str]] = fact("number_overrides.former"),
) -> Problems:
    """The number is not a valid phone number with its country code.

    What is decided, in this order: the text must be + and digits (spaces, hyphens, dots and parentheses may stand
    between them); libphonenumber must know the number as a valid one; and it must not have to be rewritten, as one
    with a trunk zero after the country code is. Brazilian and Mexican numbers as they were written formerly make a
    warning: WhatsApp still shows some of them so. Numbers that Meta itself hands out (+1 555 ...) count as valid.

    Why it matters:
        Meta takes a number only with its country and area code. MoEngage and the BSP address the sender by these
        digits, so that a wrong one is refused (error 133010: not registered), or belongs to somebody else.

    How to put it right:
        1. In WhatsApp Manager: open Account tools > Phone numbers, and copy the number as it is shown there.
        2. In the manifest: write it with + and the country code, in quotes: "+91 80 4718 1888".

    Bad:
        ```yaml
        phone_numbers:
          - number: "080 4718 1888"
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
        https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/phone-numbers
        (as of 2026-09, sure); https://github.com/facebook/openapi, PhoneNumberCreateRequest (as of 2026-09, sure);
        libphonenumber by phonenumbers (its own tables, kept up to date with every release); former ways of writing:
        https://support.gupshup.io/hc/en-us/articles/4407840924953 (as of 2026-11, probable)

    Since:
        0.1
    """
    text = number.data["number"]
    reading = read(text)
    if reading.fault != "invalid" or handed_out_by_meta(reading, meta_numbers):
        return
    if today := _as_dialled_today(reading, former):
        yield fail(
            f'"{text}" is a former way of writing {today}: {former[reading.calling_code]["why"]}',
            at=number.at("number"),
            remedy=f"write {today}, unless WhatsApp Manager still shows the number as it stands here",
            at_most="warning",
            fix=_rewritten(number, today),
        )
    elif handed_out_by_meta(plus := reading._replace(written=f"+{reading.written}"), meta_numbers):
        remedy = f"write {plus.written}, if that is the number"
        yield fail(reading.message, at=number.at("number"), remedy=remedy, fix=_rewritten(number, plus.written))
    else:
        meant = meant_by(text)
        fix = _rewritten(number, meant) if meant else None
        yield fail(reading.message, at=number.at("number"), remedy=reading.remedy, fix=fix)


def _rewritten(number: PhoneNumber, text: str) -> Fix:
    """Another number is another sender: somebody has to know that this is the one."""
    digits = digits_of(number.data["number"])
    workspace = number.workspace
    users = [(workspace.bsp.at("sender_number"), workspace.bsp.data.get("sender_number"))]
    users += [(campaign.at("sender"), campaign.data.get("sender")) for campaign in workspace.campaigns]
    same = [place for place, used in users if used is not None and digits_of(used) == digits != digits_of(text)]
    return Fix(
        f'write "{text}"', tuple(Change("set", place, text) for place in (number.at("number"), *same)), safe=False
    )


def _as_dialled_today(reading: Reading, former: Mapping[str, Mapping[str, str]]) -> str:
    """A number that was valid once, as it is dialled today; an empty string for all others."""
    change = former.get(reading.calling_code)
    if change is None or not re.search(change["pattern"], reading.national):
        return ""
    today = f"+{reading.calling_code}{re.sub(change['pattern'], change['becomes'], reading.national)}"
    return "" if read(today).fault else today


@rule("NUM002", "short-code", step=Step.NUMBERS)
def short_code(number: PhoneNumber) -> Problems:
    """The number is a short code, such as those that send SMS.

    Taken for a short code is a number that is not valid and has at most six digits after the country code, or that
    libphonenumber lists as one.

    Why it matters:
        Meta registers no short codes, in no country, so that WhatsApp messages cannot be sent from this number at all.

    How to put it right:
        1. At the carrier: get an ordinary number (landline, mobile or toll-free) in the business's name.
        2. In WhatsApp Manager: open Account tools > Phone numbers, and add that number to the WABA.
        3. In the manifest: name it here in place of the short code.

    Bad:
        ```yaml
        phone_numbers:
          - number: "+91 56161"
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
        https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/phone-numbers
        (as of 2026-09, sure)

    Since:
        0.1
    """
    reading = read(number.data["number"])
    if reading.fault == "short":
        yield fail(
            reading.message,
            at=number.at("number"),
            remedy="register an ordinary number with country and area code, and name it here instead",
        )


@rule("NUM015", "sandbox-number", step=Step.NUMBERS, consults=JUDGES)
def sandbox_number(
    number: PhoneNumber,
    ctx: Context,
    *,
    usable: Sequence[str] = fact("phone_number_statuses.account_mode.usable"),
    others: Explained = fact("phone_number_statuses.account_mode.others"),
    meta_numbers: Sequence[str] = fact("meta_numbers.patterns"),
) -> Problems:
    """A live workspace sends from one of Meta's test numbers.

    Numbers of the form +1 555 ... come from Meta. Some are test numbers, some have been claimed in Embedded Signup
    and are real: what tells them apart is account_mode. Workspaces that are not live may use test numbers as they
    like.

    Why it matters:
        A test number reaches only the few recipients that are listed with Meta; for everybody else sending fails (error
        100, Invalid parameter). Templates made under the test number's WABA do not exist under the real one (error
        132001).

    How to put it right:
        1. In WhatsApp Manager: open Account tools > Phone numbers, add the business's own number, and have it verified
           and registered.
        2. In MoEngage: open Settings > Channels > WhatsApp, and put the new number into the sender.
        3. In the manifest: name the new number, with account_mode: LIVE, or write metadata.environment: test.

    Bad:
        ```yaml
        phone_numbers:
          - number: "+91 80 4718 1888"
            account_mode: SANDBOX
            verified_name: Acme Retail
            name_status: APPROVED
            ownership: {owner: Acme Retail Private Limited, proof: evidence/number-ownership.txt,
                        verified_on: 2026-08-14}
            can_receive: {voice: true, sms: false, behind_ivr: true, ivr_hands_to_person: true}
            messenger_account: none
            code_verification_status: VERIFIED
            status: CONNECTED
            quality_rating: GREEN
            is_pin_enabled: true
        campaigns: []
        ```

    Good:
        ```yaml
        phone_numbers:
          - number: "+91 80 4718 1888"
            account_mode: LIVE
        ```

    Source:
        https://github.com/facebook/openapi (as of 2026-09, sure);
        https://developers.facebook.com/documentation/business-messaging/whatsapp/changelog, 2025-01-23 (as of 2025-12,
        sure); test recipients:
        https://www.moengage.com/docs/partner-guide/messaging-channels/whatsapp-providers/meta/configure-meta (as of
        2026-11, sure)

    Since:
        0.1
    """
    if number.workspace.environment != "live":
        return
    mode = number.data.get("account_mode")
    if mode is not None:
        shows = "the number is more than a test number"
        yield from judge_number(number, ctx, "account_mode", mode, usable, others, missing="", shows=shows)
        return
    if not may_be_asked_about(number, ctx):
        return
    remedy = "write here what Meta answers for the number's account_mode: LIVE, or SANDBOX for a test number"
    if handed_out_by_meta(read(number.data["number"]), meta_numbers):
        message = "the number is one that Meta hands out, and nothing says that it is more than a test number"
        also = [number.at("number", label="one of Meta's")]
        yield unproven(message, at=number.at("account_mode"), also=also, remedy=remedy)
    else:
        message = "nothing says whether the number is live or one of Meta's test numbers"
        yield unproven(message, at=number.at("account_mode"), remedy=remedy, at_most="warning")


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
