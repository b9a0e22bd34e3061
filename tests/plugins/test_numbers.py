from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

import phonenumbers
import pytest

from wa_policy.api import show_route
from wa_policy.plugins import numbers
from wa_policy.rules.registry import rules_in
from wa_policy.testing import check_rule

if TYPE_CHECKING:
    from wa_policy.api import Problem

RULES = rules_in(numbers.__name__)
READY: dict[str, Any] = {
    "number": "+91 80 4718 1888",
    "verified_name": "Acme Retail",
    "name_status": "APPROVED",
    "ownership": {
        "owner": "Acme Retail Private Limited",
        "proof": "evidence/number-ownership.txt",
        "verified_on": "2026-08-14",
    },
    "can_receive": {"voice": True, "sms": False, "behind_ivr": True, "ivr_hands_to_person": True},
    "messenger_account": "none",
    "code_verification_status": "VERIFIED",
    "status": "CONNECTED",
    "quality_rating": "GREEN",
    "account_mode": "LIVE",
    "is_pin_enabled": True,
}
LEFT_OUT: Any = object()


def check(function: Any, manifest: dict[str, Any] | None = None, /, **changes: Any) -> list[Problem]:
    """Judge the ready number with changes; LEFT_OUT leaves a field out. JSON is YAML."""
    number = {key: value for key, value in {**READY, **changes}.items() if value is not LEFT_OUT}
    return check_rule(function, json.dumps({"phone_numbers": [number], **(manifest or {})}, ensure_ascii=False))


def summary(problem: Problem) -> tuple[str, str, str, str]:
    return problem.outcome, problem.at_most, show_route(problem.places[0].route), problem.message


def only(problems: list[Problem]) -> tuple[str, str, str, str]:
    (problem,) = problems
    return summary(problem)


def remedy(problems: list[Problem]) -> str:
    (problem,) = problems
    return problem.remedy


def labels(problem: Problem) -> list[tuple[str, str]]:
    return [(show_route(place.route), place.label) for place in problem.places[1:]]


def claim(*keys: str) -> tuple[str, str, str, str]:
    route = ".".join(keys)
    return "claimed", "error", f"phone_numbers[0].{route}", f"{route} is claimed here, and no evidence proves it"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_ready_number_fails_nothing(rule: Any) -> None:
    assert {problem.outcome for problem in check_rule(rule.function)} <= {"claimed"}


def test_the_family_is_complete_and_in_order() -> None:
    assert [rule.code for rule in RULES] == [f"NUM{index:03}" for index in range(1, 16)]


def verdict(text: str) -> str:
    codes = [code for code, function in JUDGES.items() if check(function, number=text)]
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
        assert numbers._read(text).type == kind  # noqa: SLF001  # no rule tells all types apart, and rules stand on them

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
                    assert numbers._read(text).fault == "", text  # noqa: SLF001  # 1,900 numbers; a manifest each is slow

    @pytest.mark.parametrize(
        "text", ["+15550934873", "+1 555-093-4873", "+1 555 178 2345"], ids=["plain", "dashes", "spaces"]
    )
    def test_numbers_that_meta_hands_out_are_valid(self, text: str) -> None:
        assert verdict(text) == ""


COPY_IT = "Compare it, digit by digit, with the number on the carrier's invoice or in WhatsApp Manager."


class TestInvalidNumber:
    @pytest.mark.parametrize(
        ("text", "message", "put_right"),
        [
            ("   ", '"   " has no digits', "Write +, the country code, then digits."),
            ("+", '"+" has no digits', "Write +, the country code, then digits."),
            (
                "+1800FLOWERS",
                '"+1800FLOWERS" contains "F"; after the + only digits count',
                "Type the number anew: +, the country code, then digits.",
            ),
            (
                "+91\u200f8047181888",
                '"+91\u200f8047181888" contains the character U+200F; after the + only digits count',
                "Type the number anew: +, the country code, then digits.",
            ),
            (
                "0091 80 4718 1888",
                '"0091 80 4718 1888" begins with 00; Meta takes only a + before the country code',
                "Write + instead of 00: +918047181888.",
            ),
            (
                "918047181888",
                '"918047181888" has no country code',
                "Write +918047181888, if that is the number.",
            ),
            (
                "080 4718 1888",
                '"080 4718 1888" has no country code',
                "Write + and the country code in place of the 0.",
            ),
            (
                "6502530000",
                '"6502530000" has no country code',
                "Write + and the country code before the number.",
            ),
            (
                "+080 4718 1888",
                '"+080 4718 1888" has no country code: none begins with 0',
                "Write the country code in place of the 0.",
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
                "Write +919812345678.",
            ),
            (
                "+1 1 650 253 0000",
                '"+1 1 650 253 0000" has a 1 after +1 that is dialled only inside the country',
                "Write +16502530000.",
            ),
            (
                "+54 11 15 5512 3456",
                '"+54 11 15 5512 3456" has a prefix that is dialled only inside the country',
                "Write +5491155123456.",
            ),
        ],
    )
    def test_says_what_is_wrong_and_what_to_write(self, text: str, message: str, put_right: str) -> None:
        problems = check(numbers.invalid_number, number=text)
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
        problems = check(numbers.invalid_number, number=text)
        message = f'"{text}" is a former way of writing {today}: {why}'
        assert only(problems) == ("fail", "warning", "phone_numbers[0].number", message)
        assert remedy(problems) == f"Write {today}, unless WhatsApp Manager still shows the number as it stands here."

    def test_what_only_looks_like_a_former_way_is_an_error(self) -> None:
        assert only(check(numbers.invalid_number, number="+52 1 00 0000 0000"))[1] == "error"


class TestShortCode:
    def test_is_named(self) -> None:
        problems = check(numbers.short_code, number="+91 56161")
        message = '"+91 56161" is a short code, or lacks digits; WhatsApp takes no short codes'
        assert only(problems) == ("fail", "error", "phone_numbers[0].number", message)
        assert remedy(problems) == "Register an ordinary number with country and area code, and name it here instead."


class TestUnownedNumber:
    @staticmethod
    def check(owner: Any, entity: str | None = "Acme Retail Private Limited", **more: Any) -> list[Problem]:
        ownership = {"owner": owner, "proof": "evidence/number-ownership.txt", "verified_on": "2026-08-14", **more}
        ownership = {key: value for key, value in ownership.items() if value is not LEFT_OUT}
        return check(numbers.unowned_number, {"metadata": {"legal_entity": entity}}, ownership=ownership)

    @pytest.mark.parametrize(
        ("owner", "entity"),
        [
            ("Acme Retail Private Limited", "Acme Retail Private Limited"),
            ("ACME RETAIL PVT. LTD.", "Acme Retail Private Limited"),
            ("Acme Retail  Pvt Ltd", "Acme Retail (Private) Limited"),
            ("AcmeRetail Private Limited", "Acme Retail Private Limited"),
            ("Sharma & Sons Co.", "Sharma and Sons Company"),
            ("Reddy's Stores L.L.C.", "Reddys Stores LLC"),
            ("Nestlé S.A.", "Nestle SA"),
            ("Müller GmbH", "MÜLLER GMBH"),
        ],
    )
    def test_spelling_does_not_matter(self, owner: str, entity: str) -> None:
        assert self.check(owner, entity) == []

    def test_somebody_else_owns_it(self) -> None:
        (problem,) = self.check("Zenith Call Centres LLP")
        assert summary(problem) == (
            "fail",
            "error",
            "phone_numbers[0].ownership.owner",
            'the number belongs to "Zenith Call Centres LLP", not to the business that sends, '
            '"Acme Retail Private Limited"',
        )
        assert labels(problem) == [("metadata.legal_entity", "the legal entity")]

    @pytest.mark.parametrize("owner", ["Acme Logistics Private Limited", "Acme Retail UK Limited", "Limited"])
    def test_a_sister_is_somebody_else(self, owner: str) -> None:
        assert only(self.check(owner))[:2] == ("fail", "error")

    @pytest.mark.parametrize("owner", ["Acme Retail", "Acme Retail LLP", "The Acme Retail Company"])
    def test_another_legal_form_is_a_warning(self, owner: str) -> None:
        problems = self.check(owner)
        assert only(problems) == (
            "fail",
            "warning",
            "phone_numbers[0].ownership.owner",
            f'the number belongs to "{owner}", whose legal form is not that of "Acme Retail Private Limited"',
        )
        assert remedy(problems) == "Write both names as they are registered, or show that the two are one company."

    def test_no_owner(self) -> None:
        problems = check(numbers.unowned_number, ownership=LEFT_OUT)
        message = "nothing says who owns the number"
        assert only(problems) == ("unproven", "error", "phone_numbers[0].ownership.owner", message)
        assert remedy(problems) == "Name the owner as on the carrier's invoice."

    def test_no_legal_entity(self) -> None:
        (problem,) = self.check("Acme Retail Private Limited", None)
        assert summary(problem) == (
            "unproven",
            "error",
            "phone_numbers[0].ownership.owner",
            'nothing says whether the owner of the number, "Acme Retail Private Limited", is the business that sends',
        )
        assert labels(problem) == [("metadata.legal_entity", "the legal entity")]
        assert problem.remedy == "Name the business that sends as metadata.legal_entity."

    @pytest.mark.parametrize("missing", ["proof", "verified_on"])
    def test_without_a_dated_proof_it_is_a_claim(self, missing: str) -> None:
        problems = self.check("Acme Retail Private Limited", **{missing: LEFT_OUT})
        assert only(problems) == claim("ownership", "owner")
        assert remedy(problems) == (
            "prove it by the carrier's invoice as ownership.proof, and the day on which it was checked as "
            "ownership.verified_on"
        )


class TestUnreachableNumber:
    @staticmethod
    def check(can: Any, status: Any = LEFT_OUT) -> list[Problem]:
        return check(numbers.unreachable_number, can_receive=can, code_verification_status=status)

    @pytest.mark.parametrize("status", [LEFT_OUT, "VERIFIED"])
    def test_neither(self, status: Any) -> None:
        assert only(self.check({"voice": False, "sms": False}, status)) == (
            "fail",
            "error",
            "phone_numbers[0].can_receive",
            "the number can receive neither voice calls nor SMS, so Meta's code cannot reach it",
        )

    @pytest.mark.parametrize("can", [LEFT_OUT, {}, {"voice": False}, {"sms": False}])
    @pytest.mark.parametrize(
        ("status", "at_most"), [(LEFT_OUT, "error"), ("EXPIRED", "error"), ("verified", "warning")]
    )
    def test_unknown(self, can: Any, status: Any, at_most: str) -> None:
        problems = self.check(can, status)
        assert only(problems) == (
            "unproven",
            at_most,
            "phone_numbers[0].can_receive",
            "nothing says that the number can receive a voice call or an SMS",
        )
        assert remedy(problems) == (
            "Call the number, send it an SMS, and write what arrives as can_receive.voice and can_receive.sms."
        )

    @pytest.mark.parametrize(
        ("can", "key"), [({"voice": True}, "voice"), ({"sms": True, "voice": False}, "sms"), ({"sms": True}, "sms")]
    )
    def test_one_is_enough_and_a_code_that_arrived_proves_it(self, can: Any, key: str) -> None:
        assert only(self.check(can)) == claim("can_receive", key)
        assert self.check(can, "VERIFIED") == []


class TestUnattendedIvr:
    @staticmethod
    def check(can: Any, status: Any = LEFT_OUT, number: str = "+91 80 4718 1888") -> list[Problem]:
        return check(numbers.unattended_ivr, can_receive=can, code_verification_status=status, number=number)

    @pytest.mark.parametrize(
        ("more", "at_most"), [({}, "error"), ({"sms": False}, "error"), ({"sms": True}, "warning")]
    )
    def test_a_menu_that_keeps_the_call(self, more: Any, at_most: str) -> None:
        assert only(self.check({"behind_ivr": True, "ivr_hands_to_person": False, **more})) == (
            "fail",
            at_most,
            "phone_numbers[0].can_receive.ivr_hands_to_person",
            "a recorded menu answers the number and keeps Meta's registration call from people",
        )

    @pytest.mark.parametrize(("more", "at_most"), [({}, "error"), ({"sms": True}, "warning")])
    def test_a_menu_of_which_nothing_more_is_known(self, more: Any, at_most: str) -> None:
        problems = self.check({"behind_ivr": True, **more})
        assert only(problems) == (
            "unproven",
            at_most,
            "phone_numbers[0].can_receive.ivr_hands_to_person",
            "a recorded menu answers the number, and nothing says that it hands Meta's registration call to a person",
        )
        assert (
            remedy(problems)
            == "Call the number from abroad, and write can_receive.ivr_hands_to_person as you found it."
        )

    def test_a_menu_that_hands_the_call_over_is_claimed_until_the_code_has_arrived(self) -> None:
        can = {"behind_ivr": True, "ivr_hands_to_person": True}
        assert only(self.check(can)) == claim("can_receive", "ivr_hands_to_person")
        assert self.check(can, "VERIFIED") == []

    @pytest.mark.parametrize("number", ["+91 80 4718 1888", "+1 800 234 5678"], ids=["fixed line", "toll-free"])
    def test_lines_that_often_have_one_must_say_so(self, number: str) -> None:
        problems = self.check({"voice": True}, number=number)
        assert only(problems) == (
            "unproven",
            "warning",
            "phone_numbers[0].can_receive.behind_ivr",
            "nothing says whether a recorded menu answers the number, as one often does on lines of this type",
        )
        assert remedy(problems) == "Call the number, and write can_receive.behind_ivr: true or false."
        assert self.check({"voice": True}, "VERIFIED", number) == []

    @pytest.mark.parametrize("number", ["+91 98123 45678", "+1 650 253 0000", "no number"])
    def test_other_lines_need_not(self, number: str) -> None:
        assert self.check({"voice": True}, number=number) == []

    def test_no_menu_no_remark(self) -> None:
        assert self.check({"behind_ivr": False}) == []


class TestUnsuitableNumberType:
    @staticmethod
    def check(number: str, can: Any = LEFT_OUT, status: Any = LEFT_OUT) -> list[Problem]:
        return check(numbers.unsuitable_number_type, number=number, can_receive=can, code_verification_status=status)

    def test_a_pager(self) -> None:
        assert only(self.check("+447640123456", {"voice": True, "sms": True}, "VERIFIED")) == (
            "fail",
            "error",
            "phone_numbers[0].number",
            '"+447640123456" is a pager, which Meta does not support',
        )

    @pytest.mark.parametrize(
        ("number", "name"), [("+9118601234567", "a shared-cost number"), ("+447012345678", "a personal number")]
    )
    def test_what_meta_advises_against_is_a_warning(self, number: str, name: str) -> None:
        message = f'"{number}" is {name}, which Meta advises against'
        assert only(self.check(number)) == ("fail", "warning", "phone_numbers[0].number", message)

    @pytest.mark.parametrize(
        ("number", "name"),
        [
            ("+918047181888", "a fixed line"),
            ("+815012345678", "a VoIP number"),
            ("+18002345678", "a toll-free number"),
            ("+19002345678", "a premium-rate number"),
            ("+443001234567", "a universal access number"),
        ],
    )
    def test_what_takes_voice_alone(self, number: str, name: str) -> None:
        place = "phone_numbers[0].can_receive.voice"
        start = f'"{number}" is {name}, to which Meta sends its code by voice call alone, and '
        for sms in ({}, {"sms": True}):
            (problem,) = self.check(number, {"voice": False, **sms})
            assert summary(problem) == ("fail", "error", place, f"{start}it takes none")
            assert labels(problem) == [("phone_numbers[0].number", "the number")]
        problems = self.check(number, {"sms": True})
        assert only(problems) == ("unproven", "error", place, f"{start}nothing says that it takes any")
        assert remedy(problems) == "Call the number, and write can_receive.voice: true or false."
        assert only(self.check(number, {"sms": True}, "VERIFIED"))[1] == "warning"
        assert self.check(number, {"voice": True, "sms": False}) == []

    @pytest.mark.parametrize("can", [LEFT_OUT, {}, {"sms": False}, {"voice": False, "sms": False}])
    def test_whether_it_can_be_reached_at_all_is_another_rules_question(self, can: Any) -> None:
        assert self.check("+918047181888", can) == []

    @pytest.mark.parametrize("number", ["+919812345678", "+16502530000", "+525512345678", "no number", "+9156161"])
    def test_mobile_numbers_and_what_cannot_be_told(self, number: str) -> None:
        assert self.check(number, {"sms": True}) == []

    def test_a_type_that_libphonenumber_is_not_trusted_with_is_a_warning(self) -> None:
        assert only(self.check("+448701234567", {"sms": True, "voice": False})) == (
            "fail",
            "warning",
            "phone_numbers[0].can_receive.voice",
            '"+448701234567" is a premium-rate number, to which Meta sends its code by voice call alone, and it takes '
            "none (so says libphonenumber; Ofcom lists 087 beside 09)",
        )

    @pytest.mark.parametrize(
        ("number", "why"),
        [
            ("+911401234567", "India keeps 140 for telemarketing calls"),
            ("+911600123456", "India keeps 160 for service calls of government bodies and financial firms"),
        ],
    )
    def test_series_for_outgoing_calls(self, number: str, why: str) -> None:
        problems = self.check(number, {"voice": True})
        assert only(problems) == (
            "unproven",
            "warning",
            "phone_numbers[0].number",
            f'"{number}" is a number of a series for outgoing business calls ({why}), and nothing shows that Meta\'s '
            "code reaches such a number",
        )
        assert remedy(problems) == "Ask the carrier whether the number takes calls or SMS, or use an ordinary number."
        assert self.check(number, {"voice": True}, "VERIFIED") == []


class TestMessengerNumber:
    @staticmethod
    def check(account: Any, status: Any = LEFT_OUT) -> list[Problem]:
        return check(numbers.messenger_number, messenger_account=account, status=status)

    @pytest.mark.parametrize("status", [LEFT_OUT, "PENDING"])
    def test_active(self, status: Any) -> None:
        assert only(self.check("active", status)) == (
            "fail",
            "error",
            "phone_numbers[0].messenger_account",
            "the number is still active in a WhatsApp app, so it cannot be registered for the platform",
        )

    def test_active_and_connected_may_be_coexistence(self) -> None:
        problems = self.check("active", "CONNECTED")
        assert only(problems) == (
            "fail",
            "warning",
            "phone_numbers[0].messenger_account",
            "the number is connected, and said to be active in a WhatsApp app; only coexistence allows both",
        )
        assert remedy(problems) == (
            "Make sure that the number came by coexistence (20 messages a second at most), or write none or deleted."
        )

    def test_nobody_has_said(self) -> None:
        problems = self.check(LEFT_OUT, "PENDING")
        assert only(problems) == (
            "unproven",
            "warning",
            "phone_numbers[0].messenger_account",
            "nothing says whether the number is still in use in a WhatsApp app",
        )
        assert remedy(problems) == "Ask whoever holds the phone, and write messenger_account: none, deleted or active."

    @pytest.mark.parametrize("account", ["none", "deleted"])
    def test_not_in_use_is_a_claim_until_the_number_is_connected(self, account: str) -> None:
        problems = self.check(account)
        assert only(problems) == claim("messenger_account")
        assert remedy(problems) == "prove it by status CONNECTED in Meta's answer"

    @pytest.mark.parametrize("account", ["none", "deleted", LEFT_OUT])
    def test_a_connected_number_needs_no_remark(self, account: Any) -> None:
        assert self.check(account, "connected") == []


class TestWordsOfMeta:
    """What the rules on Meta's words have in common."""

    RULES = (
        (numbers.unverified_number, "code_verification_status", "VERIFIED"),
        (numbers.disconnected_number, "status", "CONNECTED"),
        (numbers.unapproved_display_name, "name_status", "APPROVED"),
        (numbers.unapproved_display_name, "name_status", "AVAILABLE_WITHOUT_REVIEW"),
        (numbers.low_quality_number, "quality_rating", "GREEN"),
        (numbers.sandbox_number, "account_mode", "LIVE"),
    )

    @pytest.mark.parametrize(("function", "key", "word"), RULES)
    def test_a_good_word_is_a_claim_in_any_case(self, function: Any, key: str, word: str) -> None:
        for written in (word, word.lower()):
            problems = check(function, **{key: written})
            assert only(problems) == claim(key)
            assert remedy(problems) == "prove it by Meta's answer for the number (evidence.graph.phone_numbers)"

    @pytest.mark.parametrize(
        ("function", "key", "word", "message"),
        [
            (
                numbers.unverified_number,
                "code_verification_status",
                "VERIFED",
                'code_verification_status is "VERIFED", which does not show that Meta\'s code was entered '
                '(did you mean "VERIFIED"?)',
            ),
            (
                numbers.disconnected_number,
                "status",
                "CONECTED",
                'status is "CONECTED", which does not show that the number can send (did you mean "CONNECTED"?)',
            ),
            (
                numbers.disconnected_number,
                "status",
                "UNKNOWN",
                'status is "UNKNOWN", which does not show that the number can send',
            ),
            (
                numbers.unapproved_display_name,
                "name_status",
                "NON_EXISTS",
                'name_status is "NON_EXISTS", which does not show that the display name may be used',
            ),
            (
                numbers.low_quality_number,
                "quality_rating",
                "GREN",
                'quality_rating is "GREN", which is no rating that Meta is known to give (did you mean "GREEN"?)',
            ),
            (
                numbers.sandbox_number,
                "account_mode",
                "SANDBX",
                'account_mode is "SANDBX", which does not show that the number is more than a test number '
                '(did you mean "SANDBOX"?)',
            ),
        ],
    )
    def test_an_unknown_word_shows_nothing(self, function: Any, key: str, word: str, message: str) -> None:
        problems = check(function, **{key: word})
        assert only(problems) == ("unproven", "error", f"phone_numbers[0].{key}", message)
        assert remedy(problems) == f"Write here what Meta answers for the number's {key}."

    @pytest.mark.parametrize(
        ("function", "key", "message"),
        [
            (
                numbers.unverified_number,
                "code_verification_status",
                "nothing says whether the code that Meta sends to the number was ever entered",
            ),
            (
                numbers.disconnected_number,
                "status",
                "nothing says whether the number is registered: being verified is not enough (error 133010)",
            ),
            (numbers.unapproved_display_name, "name_status", "nothing says whether Meta has approved the display name"),
        ],
    )
    def test_a_missing_word(self, function: Any, key: str, message: str) -> None:
        problems = check(function, **{key: LEFT_OUT})
        assert only(problems) == ("unproven", "error", f"phone_numbers[0].{key}", message)
        assert remedy(problems) == f"Write here what Meta answers for the number's {key}."


class TestUnverifiedNumber:
    ENTER = (
        "In WhatsApp Manager, open Account tools > Phone numbers, choose the number, have the code sent by SMS or "
        "call, and enter it."
    )

    @pytest.mark.parametrize("word", ["NOT_VERIFIED", "UNVERIFIED", "not_verified"])
    @pytest.mark.parametrize("status", ["CONNECTED", "PENDING"])
    def test_the_code_was_never_entered(self, word: str, status: str) -> None:
        problems = check(numbers.unverified_number, code_verification_status=word, status=status)
        assert only(problems) == (
            "fail",
            "error",
            "phone_numbers[0].code_verification_status",
            f"code_verification_status is {word}: the code that Meta sends by SMS or call was never entered, and the "
            "number cannot be registered without it",
        )
        assert remedy(problems) == self.ENTER

    @pytest.mark.parametrize(
        ("status", "at_most"), [("CONNECTED", "warning"), ("PENDING", "error"), (LEFT_OUT, "error")]
    )
    def test_a_verification_that_has_run_out(self, status: Any, at_most: str) -> None:
        problems = check(numbers.unverified_number, code_verification_status="EXPIRED", status=status)
        assert only(problems) == (
            "fail",
            at_most,
            "phone_numbers[0].code_verification_status",
            "code_verification_status is EXPIRED: the verification has run out, and the number cannot be registered "
            "anew without another code",
        )
        assert remedy(problems) == self.ENTER.replace("the code", "a new code")


class TestDisconnectedNumber:
    @pytest.mark.parametrize(
        ("word", "meaning", "put_right"),
        [
            ("PENDING", "it was added to the WABA but never registered", "Have the provider register the number with"),
            ("DISCONNECTED", "it is not connected to the platform at present", "Have the provider register the number"),
            (
                "UNVERIFIED",
                "the code that Meta sends by SMS or call was never entered",
                "Enter the code that Meta sends",
            ),
            ("OFFLINE", "WhatsApp's servers cannot reach its client", "Ask the provider why the number is offline"),
            ("BANNED", "Meta has banned it from sending and receiving", "Appeal in Meta's Business Support Home"),
            ("RESTRICTED", "it has reached its messaging limit, or Meta has restricted it", "Look at Account tools"),
            ("RATE_LIMITED", "Meta limits what it may send", "Look at Account tools"),
            ("MIGRATED", "it has moved to another WABA", "Name the WABA that the number belongs to now"),
            ("DELETED", "it has been deleted from the WABA", "Remove the number here, or add it to the WABA again"),
            (
                "FLAGGED",
                "its quality had become low, and Meta has no longer used this status since 2025-10-07",
                "Fetch the number from Meta anew",
            ),
        ],
    )
    def test_every_other_status_says_what_it_means_and_what_to_do(
        self, word: str, meaning: str, put_right: str
    ) -> None:
        problems = check(numbers.disconnected_number, status=word)
        assert only(problems) == ("fail", "error", "phone_numbers[0].status", f"status is {word}: {meaning}")
        assert remedy(problems).startswith(put_right)

    def test_the_step_that_people_forget(self) -> None:
        assert remedy(check(numbers.disconnected_number, status="PENDING")) == (
            "Have the provider register the number with its six-digit PIN (POST /<phone number id>/register), within "
            "14 days of Embedded Signup."
        )


class TestUnapprovedDisplayName:
    @pytest.mark.parametrize(
        ("word", "meaning", "put_right"),
        [
            ("PENDING_REVIEW", "Meta is still reviewing the display name", "Wait for Meta's review"),
            ("DECLINED", "Meta has refused the display name", "submit a display name that keeps to Meta's guidelines."),
            (
                "EXPIRED",
                "the display name is no longer good, and a number cannot be registered with it",
                "submit the display name again.",
            ),
            (
                "NONE",
                "the number has no display name, and cannot be registered without one",
                "submit a display name.",
            ),
        ],
    )
    def test_every_other_status(self, word: str, meaning: str, put_right: str) -> None:
        problems = check(numbers.unapproved_display_name, name_status=word)
        assert only(problems) == ("fail", "error", "phone_numbers[0].name_status", f"name_status is {word}: {meaning}")
        assert put_right in remedy(problems)


class TestDisplayNameStyle:
    @staticmethod
    def check(name: str, entity: str = "Acme Retail Private Limited", **more: Any) -> list[Problem]:
        manifest = {"metadata": {"legal_entity": entity}}
        return check(
            numbers.display_name_style, manifest, **{"name_status": "PENDING_REVIEW", **more}, verified_name=name
        )

    @pytest.mark.parametrize(
        ("name", "what"),
        [
            ("AC", "has 2 characters; 3 to 75 are allowed"),
            ("Acme " + "x" * 71, "has 76 characters; 3 to 75 are allowed"),
            ("Acme  Retail", "has spaces where none belong"),
            (" Acme Retail", "has spaces where none belong"),
            ("Acme\tRetail", "has spaces where none belong"),
            ("ACME RETAIL", 'writes "RETAIL" in capitals'),
            ("Acme STORES", 'writes "STORES" in capitals'),
            ("Acme Retail!", 'contains "!"'),
            ("*Acme* Retail", 'contains "*"'),
            ("Acme\u2122", 'contains "\u2122"'),
            ("Acme \U0001f6d2", 'contains "\U0001f6d2"'),
            ("acme.example", "looks like a web address"),
            ("www.Acme", "looks like a web address"),
            ("Acme https://acme.example/in", "looks like a web address"),
        ],
    )
    def test_names_that_reviews_refuse(self, name: str, what: str) -> None:
        expected = ("fail", "error", "phone_numbers[0].verified_name", f'the display name "{name}" {what}')
        assert expected in [summary(problem) for problem in self.check(name)]

    @pytest.mark.parametrize("name", ["Fashion", "bakery", "New York"])
    def test_generic_names(self, name: str) -> None:
        assert only(self.check(name, entity=f"{name} Acme Limited")) == (
            "fail",
            "error",
            "phone_numbers[0].verified_name",
            f'the display name "{name}" is too general to be the name of one business',
        )

    def test_a_name_that_is_not_the_business_s(self) -> None:
        (problem,) = self.check("Zenith Stores")
        assert summary(problem) == (
            "fail",
            "error",
            "phone_numbers[0].verified_name",
            'the display name "Zenith Stores" looks unrelated to "Acme Retail Private Limited"',
        )
        assert labels(problem) == [("metadata.legal_entity", "the legal entity")]

    def test_a_shared_legal_form_is_no_relation(self) -> None:
        assert len(self.check("Zenith Private Limited")) == 1

    @pytest.mark.parametrize(
        ("name", "entity"),
        [
            ("Acme Retail", "Acme Retail Private Limited"),
            ("Acme", "Acme Retail Private Limited"),
            ("Swift by Acme", "Acme Retail Private Limited"),
            ("AcmeRetail", "Acme Retail Private Limited"),
            ("HDFC Bank", "HDFC Bank Limited"),
            ("SBI", "State Bank of India"),
            ("IBM India", "IBM India Private Limited"),
            ("Dr. Reddy's", "Dr Reddys Laboratories Limited"),
            ("Marks & Spencer", "Marks and Spencer Group plc"),
            ("7-Eleven (Acme)", "Acme Retail Private Limited"),
            ("Café Acme", "Cafe Acme Limited"),
            ("\u090f\u0915\u094d\u092e\u0947", "Acme Retail Private Limited"),
            ("\u0645\u062a\u062c\u0631 \u0623\u0643\u0645\u064a", "Acme Retail Private Limited"),
            ("St.John Acme", "Acme Retail Private Limited"),
        ],
    )
    def test_names_that_pass(self, name: str, entity: str) -> None:
        assert self.check(name, entity) == []

    def test_a_name_that_meta_has_approved_is_not_looked_at_again(self) -> None:
        assert self.check("ACME RETAIL!!", name_status="APPROVED") == []
        assert self.check("ACME RETAIL!!", name_status="AVAILABLE_WITHOUT_REVIEW") != []

    def test_without_a_name_or_a_legal_entity_there_is_nothing_to_compare(self) -> None:
        assert check(numbers.display_name_style, verified_name=LEFT_OUT, name_status="PENDING_REVIEW") == []
        manifest = {"metadata": {"legal_entity": None}}
        assert check(numbers.display_name_style, manifest, verified_name="Zenith", name_status="PENDING_REVIEW") == []

    def test_a_policy_may_know_the_brand_better(self) -> None:
        fragment = json.dumps({"phone_numbers": [{**READY, "verified_name": "ACME RETAIL!", "name_status": "NONE"}]})
        settings = {"longest_acronym": 6, "usual_punctuation": "!"}
        assert check_rule(numbers.display_name_style, fragment, settings=settings) == []

    def test_rests_on_what_providers_retell(self) -> None:
        assert next(rule.certainty for rule in RULES if rule.code == "NUM011") == "probable"


class TestLowQualityNumber:
    @pytest.mark.parametrize(
        ("word", "at_most", "meaning", "put_right"),
        [
            (
                "RED",
                "error",
                "its messages are of low quality to those who receive them, and Meta raises the messaging limit only "
                "at high quality",
                "Stop marketing from this number",
            ),
            (
                "YELLOW",
                "warning",
                "its messages are of medium quality to those who receive them, and Meta raises the messaging limit "
                "only at high quality",
                "Send to fewer people",
            ),
        ],
    )
    def test_low_and_medium(self, word: str, at_most: str, meaning: str, put_right: str) -> None:
        problems = check(numbers.low_quality_number, quality_rating=word)
        place = "phone_numbers[0].quality_rating"
        assert only(problems) == ("fail", at_most, place, f"quality_rating is {word}: {meaning}")
        assert remedy(problems).startswith(put_right)

    @pytest.mark.parametrize("word", ["UNKNOWN", "NA", "na"])
    def test_a_number_without_a_rating_passes(self, word: str) -> None:
        assert check(numbers.low_quality_number, quality_rating=word) == []

    def test_the_other_field_serves_as_well(self) -> None:
        problems = check(numbers.low_quality_number, quality_rating=LEFT_OUT, quality_score={"score": "RED"})
        assert only(problems)[:3] == ("fail", "error", "phone_numbers[0].quality_score.score")
        problems = check(numbers.low_quality_number, quality_rating=LEFT_OUT, quality_score={"score": "GREEN"})
        assert only(problems) == claim("quality_score", "score")

    def test_no_rating_at_all(self) -> None:
        problems = check(numbers.low_quality_number, quality_rating=LEFT_OUT)
        assert only(problems) == (
            "unproven",
            "warning",
            "phone_numbers[0].quality_rating",
            "nothing says how Meta rates the quality of the number",
        )
        assert remedy(problems) == (
            "Write here what Meta answers for the number's quality_rating; UNKNOWN is fine for a new one."
        )


class TestMissingPin:
    def test_off(self) -> None:
        assert only(check(numbers.missing_pin, is_pin_enabled=False)) == (
            "fail",
            "error",
            "phone_numbers[0].is_pin_enabled",
            "two-step verification is off: no PIN protects the number",
        )

    def test_unknown(self) -> None:
        problems = check(numbers.missing_pin, is_pin_enabled=LEFT_OUT)
        message = "nothing says whether a PIN protects the number"
        assert only(problems) == ("unproven", "error", "phone_numbers[0].is_pin_enabled", message)
        assert remedy(problems) == (
            "In WhatsApp Manager, look at the number's Two-step verification, and write is_pin_enabled here."
        )

    def test_on_is_a_claim(self) -> None:
        assert only(check(numbers.missing_pin)) == claim("is_pin_enabled")


class TestNumberCap:
    NEW: ClassVar = {
        "business_verification_status": "not_verified",
        "whatsapp_business_manager_messaging_limit": "TIER_250",
    }
    UNKNOWN: ClassVar = {"business_verification_status": None, "whatsapp_business_manager_messaging_limit": None}

    @staticmethod
    def manifest(first: int, count: int, /, portfolio: str | None = "506914307656634", **waba: Any) -> str:
        listed = [{"number": f"+91 80 4718 {1000 + index}"} for index in range(first, first + count)]
        owner = {"id": portfolio} if portfolio else None
        return json.dumps({"waba": {"owner_business_info": owner, **waba}, "phone_numbers": listed})

    def check(self, *manifests: str) -> list[Problem]:
        return check_rule(numbers.number_cap, *manifests)

    def test_at_the_cap_is_fine(self) -> None:
        assert self.check(self.manifest(0, 2, **self.NEW)) == []
        assert self.check(self.manifest(0, 20)) == []
        assert self.check(self.manifest(0, 2, **self.UNKNOWN)) == []
        assert self.check(self.manifest(0, 5, max_phone_numbers_per_business=5)) == []

    def test_a_new_portfolio(self) -> None:
        (problem,) = self.check(self.manifest(0, 3, **self.NEW))
        assert summary(problem) == (
            "fail",
            "error",
            "phone_numbers[2].number",
            "3 numbers are named for one portfolio, and it may register 2 until the business is verified",
        )
        assert labels(problem) == []

    def test_manifests_of_one_portfolio_count_together(self) -> None:
        first, second = self.manifest(0, 2, **self.NEW), self.manifest(2, 3, **self.NEW)
        (problem,) = self.check(first, second)
        assert summary(problem)[2:] == (
            "phone_numbers[0].number",
            "5 numbers are named for one portfolio, and it may register 2 until the business is verified",
        )
        assert problem.places[0].document.number == 1
        assert labels(problem) == [("phone_numbers", "counted as well")]
        assert problem.places[1].document.number == 0

    def test_portfolios_are_counted_apart(self) -> None:
        assert self.check(self.manifest(0, 2, "1", **self.NEW), self.manifest(2, 2, "2", id="2", **self.NEW)) == []

    def test_a_number_that_two_manifests_name_counts_once(self) -> None:
        respelled = self.manifest(0, 2, **self.NEW).replace(" 80 4718 ", "80-4718-")
        assert self.check(self.manifest(0, 2, **self.NEW), respelled) == []

    def test_without_a_portfolio_the_waba_counts(self) -> None:
        message = "4 numbers are named for one WABA, and it may register 2 until the business is verified"
        first, second = self.manifest(0, 2, None, **self.NEW), self.manifest(2, 2, None, **self.NEW)
        assert only(self.check(first, second))[3] == message
        other = self.manifest(2, 2, None, id="102290129340399", **self.NEW)
        assert self.check(first, other) == []

    def test_one_manifest_of_a_waba_may_name_its_portfolio_for_all(self) -> None:
        first, second = self.manifest(0, 2, None, **self.NEW), self.manifest(2, 2, **self.NEW)
        assert only(self.check(first, second))[3].startswith("4 numbers are named for one portfolio")

    @pytest.mark.parametrize(
        "waba",
        [
            {"business_verification_status": "VERIFIED", "whatsapp_business_manager_messaging_limit": None},
            {"business_verification_status": "not_verified", "whatsapp_business_manager_messaging_limit": "TIER_2K"},
            {"business_verification_status": None, "whatsapp_business_manager_messaging_limit": "TIER_UNLIMITED"},
        ],
    )
    def test_verification_or_a_messaging_limit_raises_the_cap(self, waba: Any) -> None:
        assert self.check(self.manifest(0, 20, **waba)) == []
        assert only(self.check(self.manifest(0, 21, **waba))) == (
            "fail",
            "warning",
            "phone_numbers[20].number",
            "21 numbers are named for one portfolio, and it may usually register 20 at most",
        )

    @pytest.mark.parametrize(
        "waba",
        [
            UNKNOWN,
            {"business_verification_status": "not_verified", "whatsapp_business_manager_messaging_limit": None},
            {"business_verification_status": None, "whatsapp_business_manager_messaging_limit": "TIER_250"},
            {"business_verification_status": "not_verified", "whatsapp_business_manager_messaging_limit": "TIER_1K"},
            {"business_verification_status": "verfied", "whatsapp_business_manager_messaging_limit": "TIER_250"},
        ],
    )
    def test_what_decides_is_unknown(self, waba: Any) -> None:
        problems = self.check(self.manifest(0, 3, **waba))
        assert only(problems) == (
            "unproven",
            "warning",
            "phone_numbers[2].number",
            "3 numbers are named for one portfolio, and nothing says that it may register more than 2: that takes a "
            "verified business, or a messaging limit of 2,000",
        )
        assert remedy(problems) == (
            "Write waba.business_verification_status and the messaging limit there as Meta answers them."
        )
        assert only(self.check(self.manifest(0, 21, **waba)))[:2] == ("fail", "warning")

    def test_what_meta_says_goes_before_the_rest(self) -> None:
        assert self.check(self.manifest(0, 25, max_phone_numbers_per_business=25)) == []
        assert only(self.check(self.manifest(0, 26, max_phone_numbers_per_business=25))) == (
            "fail",
            "error",
            "phone_numbers[25].number",
            "26 numbers are named for one portfolio, and Meta says that it may register 25",
        )


class TestSandboxNumber:
    TEST_NUMBER = "+1 555-093-4873"

    def test_a_test_number_in_a_live_workspace(self) -> None:
        problems = check(numbers.sandbox_number, account_mode="SANDBOX")
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
        (problem,) = check(numbers.sandbox_number, account_mode=LEFT_OUT, number=self.TEST_NUMBER)
        assert summary(problem) == (
            "unproven",
            "error",
            "phone_numbers[0].account_mode",
            "the number is one that Meta hands out, and nothing says that it is more than a test number",
        )
        assert labels(problem) == [("phone_numbers[0].number", "one of Meta's")]

    def test_one_of_metas_numbers_that_was_claimed_is_real(self) -> None:
        assert only(check(numbers.sandbox_number, number=self.TEST_NUMBER)) == claim("account_mode")

    def test_any_other_number_of_which_nothing_is_said(self) -> None:
        problems = check(numbers.sandbox_number, account_mode=LEFT_OUT)
        assert only(problems) == (
            "unproven",
            "warning",
            "phone_numbers[0].account_mode",
            "nothing says whether the number is live or one of Meta's test numbers",
        )
        assert remedy(problems) == (
            "Write here what Meta answers for the number's account_mode: LIVE, or SANDBOX for a test number."
        )

    @pytest.mark.parametrize("environment", ["draft", "test"])
    @pytest.mark.parametrize("mode", ["SANDBOX", LEFT_OUT, "nonsense"])
    def test_elsewhere_test_numbers_are_welcome(self, environment: str, mode: Any) -> None:
        manifest = {"metadata": {"environment": environment}}
        assert check(numbers.sandbox_number, manifest, account_mode=mode, number=self.TEST_NUMBER) == []
