from __future__ import annotations

from typing import Any

import phonenumbers
import pytest

from tests.plugins.fragments import LEFT_OUT, check_number, claim
from tests.plugins.said import family, labels, only, remedy, summary
from wa_policy.api import show_route
from wa_policy.plugins import numbers
from wa_policy.plugins._phone_numbers import read
from wa_policy.testing import check_rule


@pytest.mark.parametrize("rule", family("NUM"), ids=lambda rule: rule.code)
def test_a_ready_number_fails_nothing(rule: Any) -> None:
    assert {problem.outcome for problem in check_rule(rule.function)} <= {"claimed"}


def test_the_family_is_complete_and_in_order() -> None:
    assert [rule.code for rule in family("NUM")] == [f"NUM{index:03}" for index in range(1, 16)]


def verdict(text: str) -> str:
    codes = [code for code, function in JUDGES.items() if check_number(function, number=text)]
    return " ".join(codes)


JUDGES = {"NUM001": numbers.invalid_number, "NUM002": numbers.short_code}


class TestWhatANumberIs:
    """The verdicts that were measured, on the numbers that they were measured on."""

    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("+9118001234567", "TOLL_FREE"),
            ("+18002345678", "TOLL_FREE"),
            ("+18882345678", "TOLL_FREE"),
            ("+448081234567", "TOLL_FREE"),
            ("+558001234567", "TOLL_FREE"),
            ("+528001234567", "TOLL_FREE"),
            ("+97180012345", "TOLL_FREE"),
            ("+81120123456", "TOLL_FREE"),
            ("+80012345678", "TOLL_FREE"),
            ("+19002345678", "PREMIUM_RATE"),
            ("+449012345678", "PREMIUM_RATE"),
            ("+448701234567", "PREMIUM_RATE"),
            ("+448451234567", "PREMIUM_RATE"),
            ("+443001234567", "UAN"),
            ("+81570123456", "UAN"),
            ("+911401234567", "UAN"),
            ("+445612345678", "VOIP"),
            ("+815012345678", "VOIP"),
            ("+883510012345678", "VOIP"),
            ("+447012345678", "PERSONAL_NUMBER"),
            ("+447640123456", "PAGER"),
            ("+9118601234567", "SHARED_COST"),
            ("+5540041234", "SHARED_COST"),
            ("+80812345678", "SHARED_COST"),
            ("+16502530000", "FIXED_LINE_OR_MOBILE"),
            ("+525512345678", "FIXED_LINE_OR_MOBILE"),
            ("+911600123456", "MOBILE"),
            ("+447911123456", "MOBILE"),
            ("+541112345678", "FIXED_LINE"),
            ("+5491112345678", "MOBILE"),
            ("+819012345678", "MOBILE"),
            ("+39066977000", "FIXED_LINE"),
            ("+298201234", "FIXED_LINE"),
            ("+50051234", "MOBILE"),
        ],
    )
    def test_valid_numbers_of_every_type(self, text: str, kind: str) -> None:
        assert verdict(text) == ""
        assert read(text).type == kind

    @pytest.mark.parametrize(
        "text",
        ["+9156161", "+9157575", "+91567678", "+91650025", "+124273", "+1262966", "+97150123", "+911909", "+49115"],
    )
    def test_short_codes_in_any_country(self, text: str) -> None:
        assert verdict(text) == "NUM002"

    @pytest.mark.parametrize("text", ["56161", "112", "5 61 61", "24273"])
    def test_short_codes_without_a_country(self, text: str) -> None:
        assert verdict(text) == "NUM002"

    @pytest.mark.parametrize(
        "text",
        [
            "++918047181888",
            "+1800FLOWERS",
            "+918047181888x5",
            "+\uff19\uff11\uff18\uff10\uff14\uff17\uff11\uff18\uff11\uff18\uff18\uff18",
            "+\u0669\u0661\u0668\u0660\u0664\u0667\u0661\u0668\u0661\u0668\u0668\u0668",
            "+9109812345678",
            "+62081234567890",
            "+91\u200f8047181888",
            "9.19812E+11",
            "551161234567",
            "+551161234567",
            "+5215512345678",
            "+999123456789",
            "+919812345",
            "+91981234567",
        ],
    )
    def test_what_libphonenumber_would_accept_or_rewrite(self, text: str) -> None:
        assert verdict(text) == "NUM001"

    @pytest.mark.parametrize(
        "text",
        ["+91 80 4718 1888", "+91-80-4718-1888", "+91 (80) 4718.1888", "+918047181888", " +91 80 47181888 "],
    )
    def test_people_may_put_space_between_digits(self, text: str) -> None:
        assert verdict(text) == ""

    def test_every_example_of_libphonenumber_passes(self) -> None:
        for region in phonenumbers.SUPPORTED_REGIONS:
            for kind in phonenumbers.PhoneNumberType.values():
                example = phonenumbers.example_number_for_type(region, kind)
                if example is not None:
                    text = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
                    assert read(text).fault == "", text

    @pytest.mark.parametrize(
        "text", ["+15550934873", "+1 555-093-4873", "+1 555 178 2345"], ids=["plain", "dashes", "spaces"]
    )
    def test_numbers_that_meta_hands_out_are_valid(self, text: str) -> None:
        assert verdict(text) == ""


COPY_IT = "compare it, digit by digit, with the number on the carrier's invoice or in WhatsApp Manager"


class TestInvalidNumber:
    @pytest.mark.parametrize(
        ("text", "message", "put_right"),
        [
            ("   ", '"   " has no digits', "write +, the country code, then digits"),
            ("+", '"+" has no digits', "write +, the country code, then digits"),
            (
                "+1800FLOWERS",
                '"+1800FLOWERS" contains "F"; after the + only digits count',
                "type the number anew: +, the country code, then digits",
            ),
            (
                "tel:+919812345602",
                '"tel:+919812345602" contains "t"; a number is + and digits',
                "type the number anew: +, the country code, then digits",
            ),
            (
                "+9198123456078",
                '"+9198123456078" is not a valid number of +91: it has too many digits',
                COPY_IT,
            ),
            (
                "+91981234567",
                '"+91981234567" is not a valid number of +91: it has too few digits',
                COPY_IT,
            ),
            (
                "+91\u200f8047181888",
                '"+91\u200f8047181888" contains the character U+200F; after the + only digits count',
                "type the number anew: +, the country code, then digits",
            ),
            (
                "0091 80 4718 1888",
                '"0091 80 4718 1888" begins with 00; Meta takes only a + before the country code',
                "write + instead of 00: +918047181888",
            ),
            (
                "0049 (0)151 23456789",
                '"0049 (0)151 23456789" begins with 00; Meta takes only a + before the country code',
                "write + instead of 00: +4915123456789",
            ),
            (
                "0091 80 4718 188",
                '"0091 80 4718 188" begins with 00; Meta takes only a + before the country code',
                f"write + instead of 00, and {COPY_IT}",
            ),
            (
                "918047181888",
                '"918047181888" does not begin with + and a country code',
                "write +918047181888, if that is the number",
            ),
            (
                "080 4718 1888",
                '"080 4718 1888" has no country code',
                "write + and the country code in place of the 0",
            ),
            (
                "6502530000",
                '"6502530000" does not begin with + and a country code',
                "write + and the country code before the number",
            ),
            (
                "+080 4718 1888",
                '"+080 4718 1888" has no country code: none begins with 0',
                "write the country code in place of the 0",
            ),
            (
                "+9180471818881234",
                '"+9180471818881234" has 16 digits, and no phone number has more than 15',
                COPY_IT,
            ),
            (
                "+999123456",
                '"+999123456" begins with no country code that exists',
                COPY_IT,
            ),
            (
                "+12",
                '"+12" has too few digits to be a phone number',
                COPY_IT,
            ),
            (
                "+7 495 123 45 67 89",
                '"+7 495 123 45 67 89" is not a valid number of +7: no number there has so many digits',
                COPY_IT,
            ),
            (
                "+44 20 7946 09589",
                '"+44 20 7946 09589" is not a valid number of +44: it has too many digits',
                COPY_IT,
            ),
            (
                "+1 650 253 00",
                '"+1 650 253 00" is not a valid number of +1: it has too few digits',
                COPY_IT,
            ),
            (
                "+1 253 0000",
                '"+1 253 0000" is not a valid number of +1: it lacks its area code',
                COPY_IT,
            ),
            (
                "+44 5000 123456",
                '"+44 5000 123456" is not a valid number of +44: no number there begins so',
                COPY_IT,
            ),
            (
                "+9109812345678",
                '"+9109812345678" has a 0 after +91 that is dialled only inside the country',
                "write +919812345678",
            ),
            (
                "+1 1 650 253 0000",
                '"+1 1 650 253 0000" has a 1 after +1 that is dialled only inside the country',
                "write +16502530000",
            ),
            (
                "+54 11 15 5512 3456",
                '"+54 11 15 5512 3456" has a prefix that is dialled only inside the country',
                "write +5491155123456",
            ),
        ],
    )
    def test_says_what_is_wrong_and_what_to_write(self, text: str, message: str, put_right: str) -> None:
        problems = check_number(numbers.invalid_number, number=text)
        assert only(problems) == ("fail", "error", "phone_numbers[0].number", message)
        assert remedy(problems) == put_right

    @pytest.mark.parametrize(
        ("text", "today", "why"),
        [
            ("+52 1 55 1234 5678", "+525512345678", "the 1 after +52 is no longer dialled"),
            ("+55 11 6123 4567", "+5511961234567", "Brazilian mobile numbers now have a 9 after the area code"),
        ],
    )
    def test_a_former_way_of_writing_is_a_warning(self, text: str, today: str, why: str) -> None:
        problems = check_number(numbers.invalid_number, number=text)
        message = f'"{text}" is a former way of writing {today}: {why}'
        assert only(problems) == ("fail", "warning", "phone_numbers[0].number", message)
        assert remedy(problems) == f"write {today}, unless WhatsApp Manager still shows the number as it stands here"

    def test_what_only_looks_like_a_former_way_is_an_error(self) -> None:
        assert only(check_number(numbers.invalid_number, number="+52 1 00 0000 0000"))[1] == "error"


def test_a_number_that_meta_hands_out_lacks_nothing_but_its_plus() -> None:
    (problem,) = check_number(numbers.invalid_number, number="15550934873")
    assert problem.message == '"15550934873" does not begin with + and a country code'
    assert problem.remedy == "write +15550934873, if that is the number"
    assert problem.fix
    assert [change.value for change in problem.fix.changes] == ["+15550934873"]


class TestShortCode:
    def test_is_named(self) -> None:
        problems = check_number(numbers.short_code, number="+91 56161")
        message = '"+91 56161" is a short code, or lacks digits; WhatsApp takes no short codes'
        assert only(problems) == ("fail", "error", "phone_numbers[0].number", message)
        assert remedy(problems) == "register an ordinary number with country and area code, and name it here instead"


class TestSandboxNumber:
    TEST_NUMBER = "+1 555-093-4873"

    def test_a_test_number_in_a_live_workspace(self) -> None:
        problems = check_number(numbers.sandbox_number, account_mode="SANDBOX")
        assert only(problems) == (
            "fail",
            "error",
            "phone_numbers[0].account_mode",
            "account_mode is SANDBOX: it is a test number, which reaches only the test recipients listed with Meta",
        )
        assert remedy(problems) == (
            "Add the business's own number to the WABA in WhatsApp Manager, register it, and name it here in place of "
            "the test number."
        )

    def test_one_of_metas_numbers_of_which_nothing_is_said(self) -> None:
        (problem,) = check_number(numbers.sandbox_number, account_mode=LEFT_OUT, number=self.TEST_NUMBER)
        assert summary(problem) == (
            "unproven",
            "error",
            "phone_numbers[0].account_mode",
            "the number is one that Meta hands out, and nothing says that it is more than a test number",
        )
        assert labels(problem) == [("phone_numbers[0].number", "one of Meta's")]

    def test_one_of_metas_numbers_that_was_claimed_is_real(self) -> None:
        assert only(check_number(numbers.sandbox_number, number=self.TEST_NUMBER)) == claim("account_mode")

    def test_any_other_number_of_which_nothing_is_said(self) -> None:
        problems = check_number(numbers.sandbox_number, account_mode=LEFT_OUT)
        assert only(problems) == (
            "unproven",
            "warning",
            "phone_numbers[0].account_mode",
            "nothing says whether the number is live or one of Meta's test numbers",
        )
        assert remedy(problems) == (
            "write here what Meta answers for the number's account_mode: LIVE, or SANDBOX for a test number"
        )

    @pytest.mark.parametrize("environment", ["draft", "test"])
    @pytest.mark.parametrize("mode", ["SANDBOX", LEFT_OUT, "nonsense"])
    def test_elsewhere_test_numbers_are_welcome(self, environment: str, mode: Any) -> None:
        manifest = {"metadata": {"environment": environment}}
        assert check_number(numbers.sandbox_number, manifest, account_mode=mode, number=self.TEST_NUMBER) == []


def test_a_fix_leaves_senders_with_another_number_alone() -> None:
    campaigns = [{"name": name, "sender": sender} for name, sender in (("a", "00918047181888"), ("b", "+14155552671"))]
    (problem,) = check_number(numbers.invalid_number, {"campaigns": campaigns}, number="0091 80 4718 1888")
    assert problem.fix
    routes = [show_route(change.place.route) for change in problem.fix.changes]
    assert routes == ["phone_numbers[0].number", "campaigns[0].sender"]


@pytest.mark.parametrize(("character", "code"), [("\x07", "0007"), ("\x7f", "007F"), ("\u200f", "200F")])
def test_a_character_that_nobody_sees_is_named(character: str, code: str) -> None:
    assert f"contains the character U+{code}; " in read(f"+91{character}8047181888").message
