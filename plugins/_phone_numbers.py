"""Phone numbers by their digits: what a text is, taken as a number, and when two texts are one number."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from wa_policy.light import without_init
from wa_policy.records import NamedTuple

without_init("phonenumbers")  # before the first of its modules is imported
without_init("phonenumbers.phonenumberutil")  # a run that asks about no number does without it

from phonenumbers import phonenumberutil  # noqa: E402  # see above

if TYPE_CHECKING:
    from phonenumbers.phonenumber import PhoneNumber as Parsed

    from wa_policy.api import Context, DocumentId, PhoneNumber, Route

Overrides = Mapping[str, Sequence[Mapping[str, str]]]
"""A country calling code -> corrections to what libphonenumber says: ``prefix``, ``type``, ``why``."""


def is_country(code: str) -> bool:
    """Whether two capital letters are the code of a country that has phone numbers."""
    return code in phonenumberutil.SUPPORTED_REGIONS


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
_SHORT_CODE = "is a short code, or lacks digits; WhatsApp takes no short codes"
_LONGEST = 15
_COPY_IT = "compare it, digit by digit, with the number on the carrier's invoice or in WhatsApp Manager"
_LENGTHS = {
    "TOO_SHORT": "it has too few digits",
    "TOO_LONG": "it has too many digits",
    "INVALID_LENGTH": "no number there has so many digits",
    "IS_POSSIBLE_LOCAL_ONLY": "it lacks its area code",
}


@lru_cache(maxsize=1024)
def read(text: str) -> Reading:
    """Take a text as a phone number: strictly first, since libphonenumber accepts and rewrites nearly everything."""
    written = unspaced(text)
    if text != written and not (plain := read(written)).fault:  # a campaign's sender has no blanks, most often
        return plain
    return _misspelling(text, written) or _number(text, written)


def _misspelling(text: str, written: str) -> Reading | None:
    """What is wrong with the way in which a number is written; None when it is + and digits, as many as may be."""
    digits = written.removeprefix("+")
    stray = next((character for character in digits if character not in "0123456789"), "")
    if stray:
        shown = f'"{stray}"' if stray.isascii() and stray.isprintable() else f"the character U+{ord(stray):04X}"
        rule = "after the + only digits count" if written.startswith("+") else "a number is + and digits"
        message = f'"{text}" contains {shown}; {rule}'
        return Reading("invalid", message, "type the number anew: +, the country code, then digits", written)
    if not digits:
        return Reading("invalid", f'"{text}" has no digits', "write +, the country code, then digits", written)
    if not written.startswith("+"):
        return _without_plus(text, written)
    if digits.startswith("0"):
        message = f'"{text}" has no country code: none begins with 0'
        return Reading("invalid", message, "write the country code in place of the 0", written)
    if len(digits) > _LONGEST:
        message = f'"{text}" has {len(digits)} digits, and no phone number has more than {_LONGEST}'
        return Reading("invalid", message, _COPY_IT, written)
    return None


def _without_plus(text: str, written: str) -> Reading:
    if written.startswith("00"):
        message = f'"{text}" begins with 00; Meta takes only a + before the country code'
        meant = meant_by(f"+{written[2:]}")
        remedy = f"write + instead of 00: {meant}" if meant else f"write + instead of 00, and {_COPY_IT}"
        return Reading("invalid", message, remedy, written)
    if len(written) <= _SHORT:
        return Reading("short", f'"{text}" {_SHORT_CODE}', "", written)
    if written.startswith("0"):
        message = f'"{text}" has no country code'
        return Reading("invalid", message, "write + and the country code in place of the 0", written)
    message = f'"{text}" does not begin with + and a country code'
    complete = f"+{written}"
    if len(written) <= _LONGEST and not _number(complete, complete).fault:
        return Reading("invalid", message, f"write +{written}, if that is the number", written)
    return Reading("invalid", message, "write + and the country code before the number", written)


def _number(text: str, written: str) -> Reading:
    """What libphonenumber makes of + and digits."""
    try:
        parsed = phonenumberutil.parse(written)
    except phonenumberutil.NumberParseException as error:
        unknown = error.error_type == phonenumberutil.NumberParseException.INVALID_COUNTRY_CODE
        reason = "begins with no country code that exists" if unknown else "has too few digits to be a phone number"
        return Reading("invalid", f'"{text}" {reason}', _COPY_IT, written)
    calling_code = str(parsed.country_code)
    national = phonenumberutil.national_significant_number(parsed)
    # UNKNOWN exactly when is_valid_number says no; asking that as well would cost as much again.
    kind = phonenumberutil.number_type(parsed)
    if kind == phonenumberutil.PhoneNumberType.UNKNOWN:
        fault, message, remedy = _why_invalid(text, parsed, national)
        return Reading(fault, message, remedy, written, calling_code, national)
    if f"+{calling_code}{national}" != written:
        message = f'"{text}" has a {_trunk(written, calling_code, national)} that is dialled only inside the country'
        return Reading("invalid", message, f"write +{calling_code}{national}", written, calling_code, national)
    return Reading("", "", "", written, calling_code, national, phonenumberutil.PhoneNumberType.to_string(kind))


def _trunk(written: str, calling_code: str, national: str) -> str:
    """What stands between country code and number: a trunk prefix such as 0; in Argentina, digits inside the number."""
    between = written.removesuffix(national)[1 + len(calling_code) :]
    return f"{between} after +{calling_code}" if written.endswith(national) else "prefix"


def _why_invalid(text: str, parsed: Parsed, national: str) -> tuple[Literal["invalid", "short"], str, str]:
    from phonenumbers.shortnumberinfo import is_valid_short_number  # most numbers are valid

    if len(national) <= _SHORT or is_valid_short_number(parsed):
        return "short", f'"{text}" {_SHORT_CODE}', ""
    length = phonenumberutil.ValidationResult.to_string(phonenumberutil.is_possible_number_with_reason(parsed))
    reason = _LENGTHS.get(length) or _wrong_length(parsed.country_code, national) or "no number there begins so"
    return "invalid", f'"{text}" is not a valid number of +{parsed.country_code}: {reason}', _COPY_IT


def _wrong_length(calling_code: int | None, national: str) -> str:
    """That numbers which begin so have fewer or more digits, though others of the country have as many; else nothing."""
    for count in range(1, _OFF_BY + 1):
        for other, reason in ((national[:-count], "too many"), (national + _ANY_SUBSCRIBER[:count], "too few")):
            if phonenumberutil.is_valid_number(phonenumberutil.parse(f"+{calling_code}{other}")):
                return f"it has {reason} digits"
    return ""


_OFF_BY = 2
_ANY_SUBSCRIBER = "2345678"
"""Seven digits that a number may go on with in any area: libphonenumber tells regions of whole numbers only."""


@lru_cache(maxsize=1024)
def region_of_area(calling_code: str, area_code: str) -> str:
    """The country that numbers with a calling code and an area code belong to, by libphonenumber; empty where none is known.

    Of numbers that go to no place (toll-free, premium, personal), it names one country for several: those have none here.
    """
    try:
        number = phonenumberutil.parse(f"+{calling_code}{area_code}{_ANY_SUBSCRIBER}")
    except phonenumberutil.NumberParseException:
        return ""
    region = phonenumberutil.region_code_for_number(number)
    kind = phonenumberutil.PhoneNumberType.to_string(phonenumberutil.number_type(number))
    return "" if region is None or kind in _PLACELESS else str(region)


_PLACELESS = ("TOLL_FREE", "PREMIUM_RATE", "PERSONAL_NUMBER", "VOIP")


def meant_by(text: str) -> str:
    """The valid number that a text would be with a plus sign, or without a prefix; an empty string where it would be none."""
    reading = read(text)
    if reading.written.startswith("00"):
        return meant_by(f"+{reading.written[2:]}")
    known = [f"+{reading.calling_code}{reading.national}"] if reading.national else []
    return next((meant for meant in [*known, f"+{text.strip()}"] if not read(meant).fault), "")


JUDGES = ("NUM001", "NUM002")
"""The rules that say of a text that it is no number, or none that Meta registers; rules on numbers consult them."""


def may_be_asked_about(number: PhoneNumber, ctx: Context) -> bool:
    """Whether what is not stated of a number could be found out at all: not if it is none, as one of the JUDGES found.

    They are asked, rather than the digits again, so that a policy that lets such a number pass hears what is missing of it.
    """
    return not read(number.data["number"]).fault or (number.document, number.route) not in _unusable(ctx)


@lru_cache(maxsize=1)
def _unusable(ctx: Context) -> frozenset[tuple[DocumentId, Route]]:
    """The numbers in which a judge found an error; kept for the manifest at hand, since many rules ask of every number."""
    places = (problem.places[0] for problem in ctx.errors_of(*JUDGES))
    return frozenset((place.document, place.route[:-1]) for place in places)


def handed_out_by_meta(reading: Reading, patterns: Sequence[str]) -> bool:
    """Whether the number is one of those that Meta gives out itself, for tests or in Embedded Signup."""
    return any(re.search(pattern, reading.written) for pattern in patterns)


def kind_of(reading: Reading, overrides: Overrides) -> tuple[str, str]:
    """The type of a number, and why libphonenumber is not to be trusted with it (empty where it is)."""
    if not reading.fault:
        for override in overrides.get(reading.calling_code, ()):
            if reading.national.startswith(override["prefix"]):
                return override["type"], override["why"]
    return reading.type, ""


def unspaced(text: str) -> str:
    """A text without what people put between digits."""
    return text.translate(_BETWEEN_DIGITS)
