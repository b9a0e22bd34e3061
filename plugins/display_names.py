"""Step 3 of the checklist: the name under which people see a business phone number is one that Meta approves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from wa_policy.api import (
    Context,
    Count,
    PhoneNumber,
    Problems,
    Rule,
    Step,
    fact,
    fail,
    hookimpl,
    rule,
    rules_in,
)
from wa_policy.plugins._company_names import is_of_a_word, words_of
from wa_policy.plugins._meta_values import Explained, judge_number, known
from wa_policy.plugins._phone_numbers import JUDGES
from wa_policy.plugins._wording import counted


@rule("NUM010", "unapproved-display-name", step=Step.NUMBERS, consults=JUDGES)
def unapproved_display_name(
    number: PhoneNumber,
    ctx: Context,
    *,
    usable: Sequence[str] = fact("phone_number_statuses.name.usable"),
    others: Explained = fact("phone_number_statuses.name.others"),
) -> Problems:
    """Meta has not approved the display name of the number.

    Why it matters:
        A number whose name has expired or is missing cannot be registered; with a name that is not approved Meta lets
        it send only in part (health status LIMITED), and a 555 number not at all (error 131037). verified_name proves
        nothing: it is the name asked for, and name_status says what became of it.

    How to put it right:
        1. In WhatsApp Manager: open Account tools > Phone numbers, choose the number, and read what the review of the
           display name says.
        2. Submit a name that belongs to the business visibly (its website must show it), and wait for the review.
        3. At the BSP: once the name is approved, have the number registered again; only then does it take the new name.
        4. In the manifest: write the new name_status, or refresh the evidence.

    Bad:
        ```yaml
        phone_numbers:
          - number: "+91 80 4718 1888"
            name_status: PENDING_REVIEW
            verified_name: Acme Retail
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
            name_status: AVAILABLE_WITHOUT_REVIEW
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/display-names (as of 2025-12, sure);
        https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/phone-numbers
        (as of 2026-09, sure)

    Since:
        0.1
    """
    yield from judge_number(
        number,
        ctx,
        "name_status",
        number.data.get("name_status"),
        usable,
        others,
        missing="whether Meta has approved the display name",
        shows="the display name may be used",
    )


@rule("NUM011", "display-name-style", step=Step.NUMBERS, certainty="probable")
def display_name_style(
    number: PhoneNumber,
    *,
    shortest: Count = fact("display_names.shortest"),
    longest: Count = fact("display_names.longest"),
    generic: Sequence[str] = fact("display_names.generic"),
    longest_acronym: Count = 5,
    usual_punctuation: str = "&'\u2019-.,()/",
    spellings: Mapping[str, str] = fact("legal_forms.spellings"),
    forms: Sequence[str] = fact("legal_forms.forms"),
    reviewed: Sequence[str] = fact("phone_number_statuses.name.reviewed"),
) -> Problems:
    """The display name is written in a way that Meta's review turns down.

    A brand that is really written so may keep its spelling, and a name that Meta has approved is not looked at
    again. How long an acronym may be (longest_acronym) and which punctuation is usual are this rule's own guesses.

    Why it matters:
        Customers see this name, and Meta reviews it: at once, or when the number reaches a higher messaging limit. A
        name that is refused then stops the number in the middle of its campaigns. Refused are names that are shorter or
        longer than allowed, in capitals (acronyms aside), with emoji, symbols, odd punctuation or spacing, in the shape
        of a web address, too general to be a business's, or without a visible bond to the business.

    How to put it right:
        1. In WhatsApp Manager: open Account tools > Phone numbers, choose the number, and submit the name as the
           business's website writes it; for a brand that is not the business's name, "Brand by Business".
        2. In the manifest: write the new name as verified_name, and its name_status.

    Bad:
        ```yaml
        phone_numbers:
          - number: "+91 80 4718 1888"
            verified_name: ACME RETAIL
            name_status: AVAILABLE_WITHOUT_REVIEW
            ownership: {owner: Acme Retail Private Limited, proof: evidence/number-ownership.txt,
                        verified_on: 2026-08-14}
            can_receive: {voice: true, sms: false, behind_ivr: true, ivr_hands_to_person: true}
            messenger_account: none
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
            verified_name: Acme Retail
            name_status: AVAILABLE_WITHOUT_REVIEW
        ```

    Source:
        https://help.botmaker.com/en/help/8717730687200028172 (as of 2024-07, probable);
        https://support.chatarchitect.com/l_eng/knowledge_base/item/248676 (as of 2021-10, probable);
        https://fchat.co/faq/displayname (probable); lengths: https://github.com/facebook/openapi (as of 2026-09, sure)

    Since:
        0.1
    """
    name = number.data.get("verified_name")
    if name is None or known(number.data.get("name_status"), reviewed):
        return
    at = number.at("verified_name")
    if not shortest <= len(name) <= longest:
        yield fail(
            f'the display name "{name}" has {counted(len(name), "character")}; {shortest} to {longest} are allowed',
            at=at,
        )
    for blemish in _blemishes(name, longest_acronym, usual_punctuation):
        yield fail(f'the display name "{name}" {blemish}', at=at)
    if name.casefold() in (word.casefold() for word in generic):
        yield fail(f'the display name "{name}" is too general to be the name of one business', at=at)
    entity = number.workspace.legal_entity
    if entity is None or name.isascii() != entity.isascii():
        return  # a name in another script may well be the same
    if not _related(words_of(name, spellings), words_of(entity, spellings), forms):
        also = [number.workspace.at("metadata", "legal_entity", label="the legal entity")]
        yield fail(f'the display name "{name}" looks unrelated to "{entity}"', at=at, also=also)


_ADDRESS = re.compile(r"https?://|www\.|(?<![^\s/])[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?=/|\s|$)")


def _blemishes(name: str, longest_acronym: int, usual_punctuation: str) -> Iterator[str]:
    """What is wrong with the letters of a name; completes "the display name ... "."""
    if name != " ".join(name.split()):
        yield "has spaces where none belong"
    loud = [word for word in re.findall(r"[^\W\d_]+", name) if word.isupper() and len(word) > longest_acronym]
    if loud:
        yield f'writes "{loud[0]}" in capitals'
    if _ADDRESS.search(name):
        yield "looks like a web address"
    elif odd := [character for character in name if _is_odd(character, usual_punctuation)]:
        yield f'contains "{odd[0]}"'


def _is_odd(character: str, usual_punctuation: str) -> bool:
    return not (is_of_a_word(character) or character.isspace() or character in usual_punctuation)


def _related(name: Sequence[str], entity: Sequence[str], forms: Sequence[str]) -> bool:
    """Whether a display name has a word, the joined words or the initials of the legal entity's name."""
    own = [word for word in name if word not in forms] or list(name)
    others = [word for word in entity if word not in forms] or list(entity)
    joined, others_joined = "".join(own), "".join(others)
    initials = iter([word[0] for word in entity])
    return (
        not set(own).isdisjoint(others)
        or (
            len(joined) > 1 and all(letter in initials for letter in joined)
        )  # in their order: SBI, State Bank of India
        or (len(joined) > 2 and joined in others_joined)  # two letters are in any name
        or (len(others_joined) > 2 and others_joined in joined)
    )


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
