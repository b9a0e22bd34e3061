"""Rules for the business phone number: valid, owned, reachable, registered, named and in good standing.

The third step of the checklist. What a number is, as far as its digits say, is read once per text (``_read``) for all
rules; what people or Meta say of it is read by each rule for itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple
from unicodedata import category, normalize

import phonenumbers

from wa_policy.api import (
    Count,
    PhoneNumber,
    Problems,
    Project,
    Rule,
    Step,
    Summary,
    claimed,
    did_you_mean,
    fact,
    fail,
    hookimpl,
    rule,
    rules_in,
    unproven,
)

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber as Parsed

Meanings = Mapping[str, Mapping[str, str]]
"""A word of Meta's -> its ``meaning`` and its ``remedy``."""

Overrides = Mapping[str, Sequence[Mapping[str, str]]]
"""A country calling code -> corrections to what libphonenumber says: ``prefix``, ``type``, ``why``."""

META = "Meta's answer for the number (evidence.graph.phone_numbers)"
CODE_RECEIVED = "Meta's code having arrived: code_verification_status VERIFIED in Meta's answer"


class Reading(NamedTuple):
    """What a text is, taken as a phone number, whatever a policy makes of it.

    ``written`` is the text without what people put between digits; calling code, national number and type
    (libphonenumber's name for it) are empty where they could not be told.
    """

    fault: Literal["", "invalid", "short"]
    message: str = ""
    remedy: str = ""
    written: str = ""
    calling_code: str = ""
    national: str = ""
    type: str = ""


_BETWEEN_DIGITS = str.maketrans("", "", " -.()")
# libphonenumber lists short codes of up to twelve digits, but calls many numbers possible ones that only lack a digit.
# Up to six digits every number that is not valid is taken for a short code; above, only those that are listed as such.
_SHORT = 6
_LONGEST = 15
_COPY_IT = "Compare it, digit by digit, with the number on the carrier's invoice or in WhatsApp Manager."
_LENGTHS = {
    phonenumbers.ValidationResult.TOO_SHORT: "it has too few digits",
    phonenumbers.ValidationResult.TOO_LONG: "it has too many digits",
    phonenumbers.ValidationResult.INVALID_LENGTH: "no number there has so many digits",
    phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "it lacks its area code",
}


@lru_cache(maxsize=1024)
def _read(text: str) -> Reading:
    """Take a text as a phone number: strictly first, since libphonenumber accepts and rewrites nearly everything."""
    written = text.translate(_BETWEEN_DIGITS)
    return _misspelling(text, written) or _number(text, written)


def _misspelling(text: str, written: str) -> Reading | None:
    """What is wrong with the way in which a number is written; None when it is + and digits, as many as may be."""
    digits = written.removeprefix("+")
    stray = next((character for character in digits if character not in "0123456789"), "")
    if stray:
        shown = f'"{stray}"' if stray.isascii() and stray.isprintable() else f"the character U+{ord(stray):04X}"
        message = f'"{text}" contains {shown}; after the + only digits count'
        return Reading("invalid", message, "Type the number anew: +, the country code, then digits.", written)
    if not digits:
        return Reading("invalid", f'"{text}" has no digits', "Write +, the country code, then digits.", written)
    if not written.startswith("+"):
        return _without_plus(text, written)
    if digits.startswith("0"):
        message = f'"{text}" has no country code: none begins with 0'
        return Reading("invalid", message, "Write the country code in place of the 0.", written)
    if len(digits) > _LONGEST:
        message = f'"{text}" has {len(digits)} digits, and no phone number has more than {_LONGEST}'
        return Reading("invalid", message, _COPY_IT, written)
    return None


def _without_plus(text: str, written: str) -> Reading:
    if written.startswith("00"):
        message = f'"{text}" begins with 00; Meta takes only a + before the country code'
        return Reading("invalid", message, f"Write + instead of 00: +{written[2:]}.", written)
    if len(written) <= _SHORT:
        return Reading(
            "short", f'"{text}" is a short code, or lacks digits; WhatsApp takes no short codes', "", written
        )
    message = f'"{text}" has no country code'
    if written.startswith("0"):
        return Reading("invalid", message, "Write + and the country code in place of the 0.", written)
    complete = f"+{written}"
    if len(written) <= _LONGEST and not _number(complete, complete).fault:
        return Reading("invalid", message, f"Write +{written}, if that is the number.", written)
    return Reading("invalid", message, "Write + and the country code before the number.", written)


def _number(text: str, written: str) -> Reading:
    """What libphonenumber makes of + and digits."""
    try:
        parsed = phonenumbers.parse(written)
    except phonenumbers.NumberParseException as error:
        unknown = error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE
        reason = "begins with no country code that exists" if unknown else "has too few digits to be a phone number"
        return Reading("invalid", f'"{text}" {reason}', _COPY_IT, written)
    calling_code = str(parsed.country_code)
    national = phonenumbers.national_significant_number(parsed)
    # UNKNOWN exactly when is_valid_number says no; asking that as well would cost as much again.
    kind = phonenumbers.number_type(parsed)
    if kind == phonenumbers.PhoneNumberType.UNKNOWN:
        fault, message, remedy = _why_invalid(text, parsed, national)
        return Reading(fault, message, remedy, written, calling_code, national)
    if f"+{calling_code}{national}" != written:
        message = f'"{text}" has a {_trunk(written, calling_code, national)} that is dialled only inside the country'
        return Reading("invalid", message, f"Write +{calling_code}{national}.", written, calling_code, national)
    return Reading("", "", "", written, calling_code, national, phonenumbers.PhoneNumberType.to_string(kind))


def _trunk(written: str, calling_code: str, national: str) -> str:
    """What stands between country code and number: a trunk prefix such as 0; in Argentina, digits inside the number."""
    between = written.removesuffix(national)[1 + len(calling_code) :]
    return f"{between} after +{calling_code}" if written.endswith(national) else "prefix"


def _why_invalid(text: str, parsed: Parsed, national: str) -> tuple[Literal["invalid", "short"], str, str]:
    if len(national) <= _SHORT or phonenumbers.is_valid_short_number(parsed):
        return "short", f'"{text}" is a short code, or lacks digits; WhatsApp takes no short codes', ""
    length = phonenumbers.is_possible_number_with_reason(parsed)
    reason = _LENGTHS.get(length, "no number there begins so")
    return "invalid", f'"{text}" is not a valid number of +{parsed.country_code}: {reason}', _COPY_IT


def _handed_out_by_meta(reading: Reading, patterns: Sequence[str]) -> bool:
    return any(re.search(pattern, reading.written) for pattern in patterns)


def _kind(reading: Reading, overrides: Overrides) -> tuple[str, str]:
    """The type of a number, and why libphonenumber is not to be trusted with it (empty where it is)."""
    if not reading.fault:
        for override in overrides.get(reading.calling_code, ()):
            if reading.national.startswith(override["prefix"]):
                return override["type"], override["why"]
    return reading.type, ""


def _is(word: str | None, words: Sequence[str]) -> bool:
    return word is not None and word.upper() in words


def _judge_word(
    number: PhoneNumber,
    key: str,
    word: str | None,
    usable: Sequence[str],
    others: Meanings,
    *,
    missing: str,
    shows: str,
    milder: Sequence[str] = (),
) -> Problems:
    """Judge a word of Meta's: one that is known to be good, known not to be, missing, or unknown.

    ``missing`` and ``shows`` complete "nothing says ..." and "... does not show that ..."; words in ``milder`` make a
    warning at most.
    """
    if _is(word, usable):
        yield from claimed(number, key, by=META)
        return
    at = number.at(key)
    remedy = f"Write here what Meta answers for the number's {key}."
    if word is None:
        yield unproven(f"nothing says {missing}", at=at, remedy=remedy)
    elif known := others.get(word.upper()):
        at_most: Literal["error", "warning"] = "warning" if word.upper() in milder else "error"
        yield fail(f"{key} is {word}: {known['meaning']}", at=at, remedy=known["remedy"], at_most=at_most)
    else:
        suggestion = did_you_mean(word, [*usable, *others])
        yield unproven(f'{key} is "{word}", which does not show that {shows}{suggestion}', at=at, remedy=remedy)


@rule("NUM001", "invalid-number", step=Step.NUMBERS)
def invalid_number(
    number: PhoneNumber,
    *,
    meta_numbers: Sequence[str] = fact("meta_numbers.patterns"),
    former: Mapping[str, Mapping[str, str]] = fact("number_overrides.former"),
) -> Problems:
    """The number is not a valid phone number with its country code.

    Why it matters:
        Meta takes a number only with its country and area code. MoEngage and the BSP address the sender by these
        digits, so that a wrong one is refused (error 133010: not registered), or belongs to somebody else.

        What is decided, in this order: the text must be + and digits (spaces, hyphens, dots and parentheses may stand
        between them); libphonenumber must know the number as a valid one; and it must not have to be rewritten, as one
        with a trunk zero after the country code is. Brazilian and Mexican numbers as they were written formerly make a
        warning: WhatsApp still shows some of them so. Numbers that Meta itself hands out (+1 555 ...) count as valid.

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
    reading = _read(text)
    if reading.fault != "invalid" or _handed_out_by_meta(reading, meta_numbers):
        return
    if today := _as_dialled_today(reading, former):
        yield fail(
            f'"{text}" is a former way of writing {today}: {former[reading.calling_code]["why"]}',
            at=number.at("number"),
            remedy=f"Write {today}, unless WhatsApp Manager still shows the number as it stands here.",
            at_most="warning",
        )
    else:
        yield fail(reading.message, at=number.at("number"), remedy=reading.remedy)


def _as_dialled_today(reading: Reading, former: Mapping[str, Mapping[str, str]]) -> str:
    """A number that was valid once, as it is dialled today; an empty string for all others."""
    change = former.get(reading.calling_code)
    if change is None or not re.search(change["pattern"], reading.national):
        return ""
    today = f"+{reading.calling_code}{re.sub(change['pattern'], change['becomes'], reading.national)}"
    return "" if _read(today).fault else today


@rule("NUM002", "short-code", step=Step.NUMBERS)
def short_code(number: PhoneNumber) -> Problems:
    """The number is a short code, such as those that send SMS.

    Why it matters:
        Meta registers no short codes, in no country, so that WhatsApp messages cannot be sent from this number at all.

        Taken for a short code is a number that is not valid and has at most six digits after the country code, or that
        libphonenumber lists as one.

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
    reading = _read(number.data["number"])
    if reading.fault == "short":
        yield fail(
            reading.message,
            at=number.at("number"),
            remedy="Register an ordinary number with country and area code, and name it here instead.",
        )


@rule("NUM003", "unowned-number", step=Step.NUMBERS)
def unowned_number(
    number: PhoneNumber,
    *,
    spellings: Mapping[str, str] = fact("legal_forms.spellings"),
    forms: Sequence[str] = fact("legal_forms.forms"),
) -> Problems:
    """The number does not belong to the business, or nothing shows that it does.

    Why it matters:
        Meta takes only numbers that the business owns. Whoever does own the number can take it back, move it to another
        provider or read the registration code: then the workspace cannot send any more.

        Owner and legal entity are compared without regard to case, punctuation and the usual short forms (Pvt Ltd is
        Private Limited). Names that differ only in the legal form make a warning: they may be one company, or two.

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
    ownership = number.data.get("ownership", {})
    owner = ownership.get("owner")
    entity = number.workspace.legal_entity
    at = number.at("ownership", "owner")
    if owner is None:
        yield unproven("nothing says who owns the number", at=at, remedy="Name the owner as on the carrier's invoice.")
        return
    entity_at = number.workspace.at("metadata", "legal_entity", label="the legal entity")
    if entity is None:
        message = f'nothing says whether the owner of the number, "{owner}", is the business that sends'
        remedy = "Name the business that sends as metadata.legal_entity."
        yield unproven(message, at=at, also=[entity_at], remedy=remedy)
        return
    likeness = "same" if owner == entity else _likeness(_words(owner, spellings), _words(entity, spellings), forms)
    if likeness == "other":
        message = f'the number belongs to "{owner}", not to the business that sends, "{entity}"'
        yield fail(message, at=at, also=[entity_at])
    elif likeness == "alike":
        message = f'the number belongs to "{owner}", whose legal form is not that of "{entity}"'
        remedy = "Write both names as they are registered, or show that the two are one company."
        yield fail(message, at=at, also=[entity_at], remedy=remedy, at_most="warning")
    elif "proof" not in ownership or "verified_on" not in ownership:
        yield from claimed(
            number,
            "ownership",
            "owner",
            by="the carrier's invoice as ownership.proof, and the day on which it was checked as ownership.verified_on",
        )


def _words(name: str, spellings: Mapping[str, str]) -> list[str]:
    """The words of a company's name: folded, without accents and punctuation, short forms written out."""
    folded = re.sub("[\u0300-\u036f'\u2019]", "", normalize("NFKD", name.casefold())).replace("&", " and ")
    folded = re.sub(r"(?<=\b\w)\.(?=\w\b)", "", folded)  # L.L.C. is one word
    letters = "".join(character if _is_of_a_word(character) else " " for character in folded)
    return [spellings.get(word, word) for word in letters.split()]


def _is_of_a_word(character: str) -> bool:
    # Marks and joiners belong to the letters of many scripts.
    return character.isalnum() or character in "\u200c\u200d" or category(character).startswith("M")


def _likeness(first: Sequence[str], second: Sequence[str], forms: Sequence[str]) -> Literal["same", "alike", "other"]:
    """Whether two names are one, differ only in the legal form, or more; it does not count where words are joined."""
    if "".join(first) == "".join(second):
        return "same"
    stems = ["".join(word for word in words if word not in forms) for words in (first, second)]
    return "alike" if stems[0] == stems[1] and stems[0] else "other"


@rule("NUM004", "unreachable-number", step=Step.NUMBERS)
def unreachable_number(
    number: PhoneNumber, *, verified: Sequence[str] = fact("phone_number_statuses.code_verification.usable")
) -> Problems:
    """The number can receive neither a voice call nor an SMS, or nothing says that it can.

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
    can = number.data.get("can_receive", {})
    voice, sms = can.get("voice"), can.get("sms")
    arrived = _is(number.data.get("code_verification_status"), verified)
    if voice or sms:
        # A code that has arrived proves it, and is itself claimed or proved by the rule on code_verification_status.
        if not arrived:
            yield from claimed(number, "can_receive", "voice" if voice else "sms", by=CODE_RECEIVED)
    elif voice is False and sms is False:
        message = "the number can receive neither voice calls nor SMS, so Meta's code cannot reach it"
        yield fail(message, at=number.at("can_receive"))
    else:
        yield unproven(
            "nothing says that the number can receive a voice call or an SMS",
            at=number.at("can_receive"),
            remedy="Call the number, send it an SMS, and write what arrives as can_receive.voice and can_receive.sms.",
            at_most="warning" if arrived else "error",
        )


@rule("NUM005", "unattended-ivr", step=Step.NUMBERS)
def unattended_ivr(
    number: PhoneNumber,
    *,
    often_behind_ivr: Sequence[str] = fact("number_types.often_behind_ivr"),
    overrides: Overrides = fact("number_overrides.types"),
    verified: Sequence[str] = fact("phone_number_statuses.code_verification.usable"),
) -> Problems:
    """A recorded menu answers the number, and does not hand Meta's registration call to a person.

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
    can = number.data.get("can_receive", {})
    behind, hands = can.get("behind_ivr"), can.get("ivr_hands_to_person")
    arrived = _is(number.data.get("code_verification_status"), verified)
    at = number.at("can_receive", "ivr_hands_to_person")
    milder: Literal["error", "warning"] = "warning" if can.get("sms") else "error"  # the code may come by SMS instead
    if behind and hands is False:
        message = "a recorded menu answers the number and keeps Meta's registration call from people"
        yield fail(message, at=at, at_most=milder)
    elif behind and hands is None:
        yield unproven(
            "a recorded menu answers the number, and nothing says that it hands Meta's registration call to a person",
            at=at,
            remedy="Call the number from abroad, and write can_receive.ivr_hands_to_person as you found it.",
            at_most=milder,
        )
    elif behind and not arrived:
        yield from claimed(number, "can_receive", "ivr_hands_to_person", by=CODE_RECEIVED)
    elif behind is None and not arrived and _kind(_read(number.data["number"]), overrides)[0] in often_behind_ivr:
        yield unproven(
            "nothing says whether a recorded menu answers the number, as one often does on lines of this type",
            at=number.at("can_receive", "behind_ivr"),
            remedy="Call the number, and write can_receive.behind_ivr: true or false.",
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

    Why it matters:
        Meta supports no pagers, advises against shared-cost, personal and M2M numbers, and recommends voice calls alone
        for fixed lines, VoIP, toll-free, premium-rate and universal access numbers. Registration then fails (errors
        136024, 136025), often long after the number has been bought and printed.

        The type is libphonenumber's; where it is known to be unreliable (0845 and 0870 in the United Kingdom, 140 and
        160 in India), the finding is a warning at most. Ordinary numbers of the United States, Canada and Mexico do not
        show whether they are mobile: nothing is said of them. Nor does a number show that it is an M2M number.

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
    reading = _read(number.data["number"])
    name, doubt = _kind(reading, overrides)
    kind = types.get(name)
    if kind is None or kind["sms"] == kind["voice"] == "standard":
        return
    arrived = _is(number.data.get("code_verification_status"), verified)
    if kind["voice"] == "standard":
        yield from _by_voice_alone(number, kind["name"], doubt, "warning" if arrived or doubt else "error")
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
            remedy="Ask the carrier whether the number takes calls or SMS, or use an ordinary number.",
            at_most="warning",
        )


def _by_voice_alone(number: PhoneNumber, kind: str, doubt: str, at_most: Literal["error", "warning"]) -> Problems:
    """Judge a number that Meta recommends to call: one that takes only SMS. One that takes neither is NUM004's."""
    can = number.data.get("can_receive", {})
    voice, sms = can.get("voice"), can.get("sms")
    refuses = voice is False and sms is not False
    if not refuses and (voice is not None or not sms):
        return
    message = f'"{number.data["number"]}" is {kind}, to which Meta sends its code by voice call alone, and '
    because = f" ({doubt})" if doubt else ""
    at, also = number.at("can_receive", "voice"), [number.at("number", label="the number")]
    if refuses:
        yield fail(f"{message}it takes none{because}", at=at, also=also, at_most=at_most)
    else:
        remedy = "Call the number, and write can_receive.voice: true or false."
        message += f"nothing says that it takes any{because}"
        yield unproven(message, at=at, also=also, remedy=remedy, at_most=at_most)


@rule("NUM007", "messenger-number", step=Step.NUMBERS)
def messenger_number(
    number: PhoneNumber, *, connected: Sequence[str] = fact("phone_number_statuses.status.usable")
) -> Problems:
    """The number is still in use in the WhatsApp app on somebody's phone.

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
    account = number.data.get("messenger_account")
    registered = _is(number.data.get("status"), connected)
    at = number.at("messenger_account")
    if account == "active" and registered:
        message = "the number is connected, and said to be active in a WhatsApp app; only coexistence allows both"
        remedy = (
            "Make sure that the number came by coexistence (20 messages a second at most), or write none or deleted."
        )
        yield fail(message, at=at, remedy=remedy, at_most="warning")
    elif account == "active":
        yield fail("the number is still active in a WhatsApp app, so it cannot be registered for the platform", at=at)
    elif registered:
        return
    elif account is None:
        yield unproven(
            "nothing says whether the number is still in use in a WhatsApp app",
            at=at,
            remedy="Ask whoever holds the phone, and write messenger_account: none, deleted or active.",
            at_most="warning",
        )
    else:
        yield from claimed(number, "messenger_account", by="status CONNECTED in Meta's answer")


@rule("NUM008", "unverified-number", step=Step.NUMBERS)
def unverified_number(
    number: PhoneNumber,
    *,
    usable: Sequence[str] = fact("phone_number_statuses.code_verification.usable"),
    others: Meanings = fact("phone_number_statuses.code_verification.others"),
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
    yield from _judge_word(
        number,
        "code_verification_status",
        word,
        usable,
        others,
        missing="whether the code that Meta sends to the number was ever entered",
        shows="Meta's code was entered",
        milder=tolerated if _is(number.data.get("status"), connected) else (),
    )


@rule("NUM009", "disconnected-number", step=Step.NUMBERS)
def disconnected_number(
    number: PhoneNumber,
    *,
    usable: Sequence[str] = fact("phone_number_statuses.status.usable"),
    others: Meanings = fact("phone_number_status_meanings.statuses"),
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
    yield from _judge_word(
        number,
        "status",
        number.data.get("status"),
        usable,
        others,
        missing="whether the number is registered: being verified is not enough (error 133010)",
        shows="the number can send",
    )


@rule("NUM010", "unapproved-display-name", step=Step.NUMBERS)
def unapproved_display_name(
    number: PhoneNumber,
    *,
    usable: Sequence[str] = fact("phone_number_statuses.name.usable"),
    others: Meanings = fact("phone_number_statuses.name.others"),
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
    yield from _judge_word(
        number,
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

    Why it matters:
        Customers see this name, and Meta reviews it: at once, or when the number reaches a higher messaging limit. A
        name that is refused then stops the number in the middle of its campaigns. Refused are names that are shorter or
        longer than allowed, in capitals (acronyms aside), with emoji, symbols, odd punctuation or spacing, in the shape
        of a web address, too general to be a business's, or without a visible bond to the business.

        A brand that is really written so may keep its spelling, and a name that Meta has approved is not looked at
        again. How long an acronym may be (longest_acronym) and which punctuation is usual are this rule's own guesses.

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
    if name is None or _is(number.data.get("name_status"), reviewed):
        return
    at = number.at("verified_name")
    if not shortest <= len(name) <= longest:
        yield fail(f'the display name "{name}" has {len(name)} characters; {shortest} to {longest} are allowed', at=at)
    for blemish in _blemishes(name, longest_acronym, usual_punctuation):
        yield fail(f'the display name "{name}" {blemish}', at=at)
    if name.casefold() in (word.casefold() for word in generic):
        yield fail(f'the display name "{name}" is too general to be the name of one business', at=at)
    entity = number.workspace.legal_entity
    if entity is None or name.isascii() != entity.isascii():
        return  # a name in another script may well be the same
    if not _related(_words(name, spellings), _words(entity, spellings), forms):
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
    return not (_is_of_a_word(character) or character.isspace() or character in usual_punctuation)


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


@rule("NUM012", "low-quality-number", step=Step.NUMBERS)
def low_quality_number(
    number: PhoneNumber,
    *,
    usable: Sequence[str] = fact("phone_number_statuses.quality.usable"),
    unrated: Sequence[str] = fact("phone_number_statuses.quality.unrated"),
    low: Sequence[str] = fact("phone_number_statuses.quality.low"),
    others: Meanings = fact("phone_number_statuses.quality.others"),
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
    word = number.data.get("quality_rating")
    keys = ("quality_rating",) if word is not None else ("quality_score", "score")
    if word is None:
        word = number.data.get("quality_score", {}).get("score")
    if word is None:
        yield unproven(
            "nothing says how Meta rates the quality of the number",
            at=number.at("quality_rating"),
            remedy="Write here what Meta answers for the number's quality_rating; UNKNOWN is fine for a new one.",
            at_most="warning",
        )
        return
    rating, at = word.upper(), number.at(*keys)
    if rating in usable:
        yield from claimed(number, *keys, by=META)
    elif known := others.get(rating):
        message = f"{'.'.join(keys)} is {word}: {known['meaning']}"
        yield fail(message, at=at, remedy=known["remedy"], at_most="error" if rating in low else "warning")
    elif rating not in unrated:
        suggestion = did_you_mean(word, [*usable, *unrated, *others])
        message = f'{".".join(keys)} is "{word}", which is no rating that Meta is known to give{suggestion}'
        yield unproven(message, at=at, remedy="Write here what Meta answers for the number's quality_rating.")


@rule("NUM013", "missing-pin", step=Step.NUMBERS)
def missing_pin(number: PhoneNumber) -> Problems:
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
    if enabled is None:
        remedy = "In WhatsApp Manager, look at the number's Two-step verification, and write is_pin_enabled here."
        yield unproven("nothing says whether a PIN protects the number", at=at, remedy=remedy)
    elif enabled:
        yield from claimed(number, "is_pin_enabled", by=META)
    else:
        yield fail("two-step verification is off: no PIN protects the number", at=at)


@rule("NUM014", "number-cap", step=Step.NUMBERS)
def number_cap(
    project: Project,
    *,
    before: Count = fact("portfolio_limits.numbers.unverified"),
    after: Count = fact("portfolio_limits.numbers.verified"),
    verified: Sequence[str] = fact("waba.verified_statuses"),
    unverified: Mapping[str, str] = fact("waba.unverified_statuses"),
    users_per_day: Mapping[str, Count | None] = fact("messaging_limits.users_per_day"),
    starting_users_per_day: Count = fact("messaging_limits.starting_users_per_day"),
    raising_users_per_day: Count = fact("portfolio_limits.numbers_raised_at_users_per_day"),
) -> Problems:
    """More numbers are named than the business portfolio may register.

    Why it matters:
        A new portfolio may register 2 numbers, and 20 once the business is verified or its messaging limit has reached
        2,000. The numbers over the cap cannot be registered, and the workspaces that count on them cannot send.

        All manifests of the run that name one portfolio (waba.owner_business_info.id; without it, one WABA) are counted
        together, a number that two of them name once. What Meta has said itself (waba.max_phone_numbers_per_business,
        from its webhook business_capability_update) goes before 2 and 20; over 20, without such a word, the finding is
        a warning, as samples of Meta's show higher caps.

    How to put it right:
        1. In Meta Business Manager: open Business settings > Security centre, and have the business verified.
        2. Or: delete numbers that nobody uses, in WhatsApp Manager > Account tools > Phone numbers; or ask Meta's
           Direct Support or the BSP for a higher cap.
        3. In the manifest: write what Meta's webhook business_capability_update says as
           waba.max_phone_numbers_per_business.

    Bad:
        ```yaml
        waba:
          owner_business_info: {id: "506914307656634"}
          max_phone_numbers_per_business: 2
        ---
        metadata: {name: acme-retail-uk}
        moengage: {workspace_id: ACME1RETAIL2UK3}
        waba:
          id: "102290129340399"
          owner_business_info: {id: "506914307656634"}
          max_phone_numbers_per_business: 2
        phone_numbers:
          - number: "+44 20 7946 0958"
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
          - number: "+44 20 7946 0959"
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
        waba:
          owner_business_info: {id: "506914307656634"}
          max_phone_numbers_per_business: 2
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/phone-numbers#registered-number-cap
        (as of 2026-09, sure); the webhook:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/business_capability_update
        (as of 2025-12, sure)

    Since:
        0.1
    """
    raising = {tier for tier, users in users_per_day.items() if users is None or users >= raising_users_per_day}
    starting = {tier for tier, users in users_per_day.items() if users is not None and users <= starting_users_per_day}
    for manifests in _by_portfolio(project.workspaces):
        standing = _standing(manifests, verified, unverified, raising, starting)
        stated = [summary.max_phone_numbers for summary in manifests if summary.max_phone_numbers is not None]
        cap = max(stated, default=after if standing == "raised" else before)
        named = _first_named(manifests)
        count = len(named)
        if count <= cap:
            continue
        over, index = named[cap]
        at = over.at("phone_numbers", index, "number")
        within = dict.fromkeys(summary for summary, _ in named[:cap] if summary is not over)
        also = [summary.at("phone_numbers", label="counted as well") for summary in within]
        shared = "portfolio" if any(summary.portfolio_id for summary in manifests) else "WABA"
        holds = f"{count} numbers are named for one {shared}"
        if stated:
            yield fail(f"{holds}, and Meta says that it may register {cap}", at=at, also=also)
        elif standing == "new":
            yield fail(f"{holds}, and it may register {cap} until the business is verified", at=at, also=also)
        elif count > after:
            yield fail(f"{holds}, and it may usually register {after} at most", at=at, also=also, at_most="warning")
        else:
            yield unproven(
                f"{holds}, and nothing says that it may register more than {cap}: "
                f"that takes a verified business, or a messaging limit of {raising_users_per_day:,}",
                at=at,
                also=also,
                remedy="Write waba.business_verification_status and the messaging limit there as Meta answers them.",
                at_most="warning",
            )


def _by_portfolio(summaries: Sequence[Summary]) -> Iterator[list[Summary]]:
    """Manifests that share a portfolio, in the order of the run; of a WABA, one manifest may name it for the others."""
    portfolios = {summary.waba_id: summary.portfolio_id for summary in summaries if summary.portfolio_id}
    groups: dict[tuple[str, str], list[Summary]] = {}
    for summary in summaries:
        portfolio = summary.portfolio_id or portfolios.get(summary.waba_id)
        key = ("portfolio", portfolio) if portfolio else ("waba", summary.waba_id)
        groups.setdefault(key, []).append(summary)
    yield from groups.values()


def _first_named(manifests: Sequence[Summary]) -> list[tuple[Summary, int]]:
    """Where each number is named first: the manifest, and the number's index in it."""
    places: dict[str, tuple[Summary, int]] = {}
    for summary in manifests:
        for index, number in enumerate(summary.numbers):
            places.setdefault(number.translate(_BETWEEN_DIGITS).removeprefix("+"), (summary, index))
    return list(places.values())


def _standing(
    manifests: Sequence[Summary],
    verified: Sequence[str],
    unverified: Collection[str],
    raising: Collection[str],
    starting: Collection[str],
) -> Literal["raised", "new", "unknown"]:
    """Whether a portfolio has left the first cap behind: the best that any of its manifests says."""
    statuses = {(summary.business_verification_status or "").lower() for summary in manifests} - {""}
    limits = {(summary.messaging_limit or "").upper() for summary in manifests} - {""}
    if not statuses.isdisjoint(verified) or not limits.isdisjoint(raising):
        return "raised"
    is_new = statuses and statuses.issubset(unverified) and limits and limits.issubset(starting)
    return "new" if is_new else "unknown"


@rule("NUM015", "sandbox-number", step=Step.NUMBERS)
def sandbox_number(
    number: PhoneNumber,
    *,
    usable: Sequence[str] = fact("phone_number_statuses.account_mode.usable"),
    others: Meanings = fact("phone_number_statuses.account_mode.others"),
    meta_numbers: Sequence[str] = fact("meta_numbers.patterns"),
) -> Problems:
    """A live workspace sends from one of Meta's test numbers.

    Why it matters:
        A test number reaches only the few recipients that are listed with Meta; for everybody else sending fails (error
        100, Invalid parameter). Templates made under the test number's WABA do not exist under the real one (error
        132001).

        Numbers of the form +1 555 ... come from Meta. Some are test numbers, some have been claimed in Embedded Signup
        and are real: what tells them apart is account_mode. Workspaces that are not live may use test numbers as they
        like.

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
        yield from _judge_word(number, "account_mode", mode, usable, others, missing="", shows=shows)
        return
    remedy = "Write here what Meta answers for the number's account_mode: LIVE, or SANDBOX for a test number."
    if _handed_out_by_meta(_read(number.data["number"]), meta_numbers):
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
