"""Step 3 of the checklist: a business phone number is verified, connected, protected, and well received, as Meta sees it."""

from __future__ import annotations

from collections.abc import Sequence

from wa_policy.api import (
    Context,
    PhoneNumber,
    Problems,
    Rule,
    Step,
    claimed,
    did_you_mean,
    fact,
    fail,
    hookimpl,
    rule,
    rules_in,
    unproven,
)
from wa_policy.plugins._meta_values import NUMBER_ANSWER, Explained, judge_number, known
from wa_policy.plugins._phone_numbers import JUDGES, may_be_asked_about


@rule("NUM008", "unverified-number", step=Step.NUMBERS, consults=JUDGES)
def unverified_number(
    number: PhoneNumber,
    ctx: Context,
    *,
    usable: Sequence[str] = fact("phone_number_statuses.code_verification.usable"),
    others: Explained = fact("phone_number_statuses.code_verification.others"),
    connected: Sequence[str] = fact("phone_number_statuses.status.usable"),
    tolerated: Sequence[str] = fact("phone_number_status_meanings.verification_tolerated"),
) -> Problems:
    """Meta has not verified that the number is in the business's hands.

    Why it matters:
        Without the code that Meta sends by SMS or voice call a number cannot be registered, and an unregistered number
        cannot send (error 133010). A verification that has run out makes a warning on a connected number: people report
        that such numbers go on sending, but another registration, as after a new display name, may ask for a code
        again.

    How to put it right:
        1. In WhatsApp Manager: open Account tools > Phone numbers, choose the number, and have the code sent by SMS or
           call (or let the BSP do it).
        2. Enter the six digits.
        3. In the manifest: write the new code_verification_status, or refresh the evidence.

    Bad:
        ```yaml
        phone_numbers:
          - number: "+91 80 4718 1888"
            code_verification_status: NOT_VERIFIED
            verified_name: Acme Retail
            name_status: APPROVED
            ownership: {owner: Acme Retail Private Limited, proof: evidence/number-ownership.txt,
                        verified_on: 2026-08-14}
            can_receive: {voice: true, sms: false, behind_ivr: true, ivr_hands_to_person: true}
            messenger_account: none
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
            code_verification_status: VERIFIED
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/phone-numbers
        (as of 2026-09, sure); UNVERIFIED as another word for NOT_VERIFIED: https://github.com/facebook/openapi (as of
        2026-09, sure); EXPIRED on a number in use: https://github.com/shridarpatil/whatomate/issues/390 (as of 2026-05,
        unsure)

    Since:
        0.1
    """
    word = number.data.get("code_verification_status")
    yield from judge_number(
        number,
        ctx,
        "code_verification_status",
        word,
        usable,
        others,
        missing="whether the code that Meta sends to the number was ever entered",
        shows="Meta's code was entered",
        milder=tolerated if known(number.data.get("status"), connected) else (),
    )


@rule("NUM009", "disconnected-number", step=Step.NUMBERS, consults=JUDGES)
def disconnected_number(
    number: PhoneNumber,
    ctx: Context,
    *,
    usable: Sequence[str] = fact("phone_number_statuses.status.usable"),
    others: Explained = fact("phone_number_status_meanings.statuses"),
) -> Problems:
    """The number is not connected to the WhatsApp Business Platform.

    Why it matters:
        Only a CONNECTED number can send. Adding a number to the WABA and verifying it does not register it: every
        message then fails with error 133010. Registration takes a six-digit PIN and no more than ten tries in 72 hours
        (then error 133016); after Embedded Signup it must be done within 14 days, or the signup must be done again.

    How to put it right:
        1. At the BSP: ask for the number to be registered; or, with a system user's token, POST /<phone number
           id>/register with messaging_product: whatsapp and the six-digit PIN of two-step verification.
        2. In WhatsApp Manager: open Account tools > Phone numbers, and see that the status is Connected.
        3. In the manifest: write the new status, or refresh the evidence.

    Bad:
        ```yaml
        phone_numbers:
          - number: "+91 80 4718 1888"
            status: PENDING
            verified_name: Acme Retail
            name_status: APPROVED
            ownership: {owner: Acme Retail Private Limited, proof: evidence/number-ownership.txt,
                        verified_on: 2026-08-14}
            can_receive: {voice: true, sms: false, behind_ivr: true, ivr_hands_to_person: true}
            messenger_account: none
            code_verification_status: VERIFIED
            quality_rating: GREEN
            account_mode: LIVE
            is_pin_enabled: true
        campaigns: []
        ```

    Good:
        ```yaml
        phone_numbers:
          - number: "+91 80 4718 1888"
            status: CONNECTED
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/registration
        (as of 2025-12, sure);
        https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/phone-numbers
        (as of 2026-09, sure); what the other statuses mean: policies/facts/phone_number_status_meanings.yaml (unsure)

    Since:
        0.1
    """
    yield from judge_number(
        number,
        ctx,
        "status",
        number.data.get("status"),
        usable,
        others,
        missing="whether the number is registered: being verified is not enough (error 133010)",
        shows="the number can send",
    )


@rule("NUM012", "low-quality-number", step=Step.NUMBERS, consults=JUDGES)
def low_quality_number(
    number: PhoneNumber,
    ctx: Context,
    *,
    usable: Sequence[str] = fact("phone_number_statuses.quality.usable"),
    unrated: Sequence[str] = fact("phone_number_statuses.quality.unrated"),
    low: Sequence[str] = fact("phone_number_statuses.quality.low"),
    others: Explained = fact("phone_number_statuses.quality.others"),
) -> Problems:
    """The people who receive the number's messages are not content with them.

    Why it matters:
        Meta rates the quality of a number by what recipients do: GREEN is high, YELLOW medium, RED low. Messaging
        limits rise only while quality is high, and templates that are badly received are paused and then disabled
        (errors 132015 and 132016). A large campaign from a RED number makes that worse. A number that has sent too
        little has no rating (UNKNOWN or NA), and nothing is said of it.

    How to put it right:
        1. In WhatsApp Manager: open Account tools > Phone numbers and see how quality went; then Message templates, and
           see which templates are rated low.
        2. In MoEngage: stop those campaigns; write to people who opted in and answered lately; say in the message how
           to opt out.
        3. In the manifest: when the rating has risen, write the new quality_rating, or refresh the evidence.

    Bad:
        ```yaml
        phone_numbers:
          - number: "+91 80 4718 1888"
            quality_rating: RED
            verified_name: Acme Retail
            name_status: APPROVED
            ownership: {owner: Acme Retail Private Limited, proof: evidence/number-ownership.txt,
                        verified_on: 2026-08-14}
            can_receive: {voice: true, sms: false, behind_ivr: true, ivr_hands_to_person: true}
            messenger_account: none
            code_verification_status: VERIFIED
            status: CONNECTED
            account_mode: LIVE
            is_pin_enabled: true
        campaigns: []
        ```

    Good:
        ```yaml
        phone_numbers:
          - number: "+91 80 4718 1888"
            quality_rating: GREEN
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/phone-numbers
        (as of 2026-09, sure);
        https://developers.facebook.com/documentation/business-messaging/whatsapp/messaging-limits (as of 2026-09, sure)

    Since:
        0.1
    """
    rating = number.data.get("quality_rating")
    score = number.data["quality_score"].get("score") if "quality_score" in number.data else None
    keys: tuple[str, ...] = ("quality_rating",)
    if rating is None or (score is not None and known(rating, unrated)):  # the other field may say more
        rating, keys = score, ("quality_score", "score")
    if rating is None:
        if may_be_asked_about(number, ctx):
            yield unproven(
                "nothing says how Meta rates the quality of the number",
                at=number.at("quality_rating"),
                remedy="write here what Meta answers for the number's quality_rating; UNKNOWN is fine for a new one",
                at_most="warning",
            )
        return
    at = number.at(*keys)
    if known(rating, usable):
        if may_be_asked_about(number, ctx):
            yield from claimed(number, *keys, by=NUMBER_ANSWER)
    elif word := known(rating, others):
        message = f"{'.'.join(keys)} is {rating}: {others[word]['meaning']}"
        yield fail(message, at=at, remedy=others[word]["remedy"], at_most="error" if known(word, low) else "warning")
    elif not known(rating, unrated):
        suggestion = did_you_mean(rating, [*usable, *unrated, *others])
        message = f'{".".join(keys)} is "{rating}", which is no rating that Meta is known to give{suggestion}'
        yield unproven(message, at=at, remedy="write here what Meta answers for the number's quality_rating")


@rule("NUM013", "missing-pin", step=Step.NUMBERS, consults=JUDGES)
def missing_pin(number: PhoneNumber, ctx: Context) -> Problems:
    """Two-step verification is off, so that no PIN protects the number.

    Why it matters:
        Registration asks for the six-digit PIN, and an official business account must have it. Without one, whoever
        gets hold of a code can register the number elsewhere, and the workspace stops sending.

    How to put it right:
        1. In WhatsApp Manager: open Account tools > Phone numbers, choose the number, then Two-step verification, and
           set a PIN of six digits (or let the BSP set it).
        2. Keep the PIN where the team keeps its secrets, never in the manifest.
        3. In the manifest: write is_pin_enabled: true.

    Bad:
        ```yaml
        phone_numbers:
          - number: "+91 80 4718 1888"
            is_pin_enabled: false
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
        ```

    Good:
        ```yaml
        phone_numbers:
          - number: "+91 80 4718 1888"
            is_pin_enabled: true
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/two-step-verification
        (as of 2025-12, sure);
        https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/phone-numbers
        (as of 2026-09, sure)

    Since:
        0.1
    """
    enabled = number.data.get("is_pin_enabled")
    at = number.at("is_pin_enabled")
    if enabled is False:
        yield fail("two-step verification is off: no PIN protects the number", at=at)
    elif not may_be_asked_about(number, ctx):
        return
    elif enabled:
        yield from claimed(number, "is_pin_enabled", by=NUMBER_ANSWER)
    else:
        remedy = "in WhatsApp Manager, look at the number's Two-step verification, and write is_pin_enabled here"
        yield unproven("nothing says whether a PIN protects the number", at=at, remedy=remedy)


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
