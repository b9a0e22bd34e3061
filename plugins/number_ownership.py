"""Step 3 of the checklist: a business phone number belongs to the business that sends from it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
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
from wa_policy.plugins._company_names import distinctive, words_of
from wa_policy.plugins._days import is_past
from wa_policy.plugins._phone_numbers import JUDGES, may_be_asked_about


@rule("NUM003", "unowned-number", step=Step.NUMBERS, consults=JUDGES)
def unowned_number(
    number: PhoneNumber,
    ctx: Context,
    *,
    spellings: Mapping[str, str] = fact("legal_forms.spellings"),
    forms: Sequence[str] = fact("legal_forms.forms"),
    joined_forms: Sequence[str] = fact("consent_text.legal_forms"),
) -> Problems:
    """The number does not belong to the business, or nothing shows that it does.

    Owner and legal entity are compared without regard to case, punctuation and the usual short forms (Pvt Ltd is
    Private Limited). Names that differ only in the legal form make a warning: they may be one company, or two. So do
    names of which one has all words that tell a company from others, and the other has more (a place, "M/s"), and
    those that write an umlaut as one letter or as two.

    Meta's answer does not say who owns a number. Of those that only evidence has, the ones from which nothing is
    sent are passed over.

    Why it matters:
        Meta takes only numbers that the business owns. Whoever does own the number can take it back, move it to another
        provider or read the registration code: then the workspace cannot send any more.

    How to put it right:
        1. At the carrier: have the number transferred to the business, or get an invoice, a letter of authorisation or
           a confirmation that names the business as its owner.
        2. In the manifest: write that name as ownership.owner, keep the document beside the manifest, name it as
           ownership.proof, and write the day on which somebody checked it as ownership.verified_on.

    Bad:
        ```yaml
        phone_numbers:
          - number: "+91 80 4718 1888"
            ownership: {owner: Zenith Call Centres LLP, proof: evidence/number-ownership.txt, verified_on: 2026-08-14}
            verified_name: Acme Retail
            name_status: APPROVED
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
            ownership: {owner: Acme Retail Pvt. Ltd., proof: evidence/number-ownership.txt, verified_on: 2026-08-14}
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/phone-numbers
        (as of 2026-09, sure); which words name a legal form: https://github.com/psolin/cleanco (as of 2026-11, unsure)

    Since:
        0.1
    """
    if not number.at_stake:
        return
    ownership = number.data.get("ownership", {})
    owner = ownership.get("owner")
    entity = number.workspace.legal_entity
    at = number.at("ownership", "owner")
    if (owner is None or entity is None) and not may_be_asked_about(number, ctx):
        return
    if owner is None:
        yield unproven("nothing says who owns the number", at=at, remedy="name the owner as on the carrier's invoice")
        return
    entity_at = number.workspace.at("metadata", "legal_entity", label="the legal entity")
    if entity is None:
        message = f'nothing says whether the owner of the number, "{owner}", is the business that sends'
        remedy = "name the business that sends as metadata.legal_entity"
        yield unproven(message, at=at, also=[entity_at], remedy=remedy)
        return
    likeness = _likeness(owner, entity, spellings, {*forms, *joined_forms})
    if likeness == "other":
        message = f'the number belongs to "{owner}", not to the business that sends, "{entity}"'
        yield fail(message, at=at, also=[entity_at])
    elif likeness == "alike":
        message = f'the number belongs to "{owner}", whose legal form is not that of "{entity}"'
        remedy = "write both names as they are registered, or show that the two are one company"
        yield fail(message, at=at, also=[entity_at], remedy=remedy, at_most="warning")
    elif likeness == "near":
        message = (
            f'the number belongs to "{owner}", whose name is not quite that of the business that sends, "{entity}"'
        )
        remedy = "write both names as they are registered, or show that the two are one company"
        yield fail(message, at=at, also=[entity_at], remedy=remedy, at_most="warning")
    elif ("proof" not in ownership or not is_past(ownership.get("verified_on"), ctx)) and may_be_asked_about(
        number, ctx
    ):
        yield from claimed(
            number,
            "ownership",
            "owner",
            by="the carrier's invoice as ownership.proof, and the day on which it was checked as ownership.verified_on",
        )


def _likeness(
    owner: str, entity: str, spellings: Mapping[str, str], forms: Collection[str]
) -> Literal["same", "alike", "near", "other"]:
    """Whether two names are one, differ only in the legal form, share their distinctive words, or do not."""
    if owner == entity:
        return "same"
    first, second = words_of(owner, spellings), words_of(entity, spellings)
    if "".join(first) == "".join(second):  # it does not count where words are joined
        return "same"
    one, other = distinctive(first, forms), distinctive(second, forms)
    if "".join(one) == "".join(other) and one:
        return "alike"
    fewer, more = sorted(({re.sub("(?<=[aou])e", "", word) for word in words} for words in (one, other)), key=len)
    return "near" if fewer and fewer <= more else "other"


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
