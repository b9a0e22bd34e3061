from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.plugins.fragments import LEFT_OUT, check_number, claim
from tests.plugins.said import labels, only, remedy, summary
from wa_policy.plugins import number_registration

if TYPE_CHECKING:
    from wa_policy.api import Problem


class TestUnreachableNumber:
    @staticmethod
    def check(can: Any, status: Any = LEFT_OUT) -> list[Problem]:
        return check_number(number_registration.unreachable_number, can_receive=can, code_verification_status=status)

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
            "call the number, send it an SMS, and write what arrives as can_receive.voice and can_receive.sms"
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
        return check_number(
            number_registration.unattended_ivr, can_receive=can, code_verification_status=status, number=number
        )

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
            remedy(problems) == "call the number from abroad, and write can_receive.ivr_hands_to_person as you found it"
        )

    def test_a_code_that_has_arrived_makes_it_a_warning(self) -> None:
        assert only(self.check({"behind_ivr": True}, "VERIFIED"))[:2] == ("unproven", "warning")

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
        assert remedy(problems) == "call the number, and write can_receive.behind_ivr: true or false"
        assert self.check({"voice": True}, "VERIFIED", number) == []

    @pytest.mark.parametrize("number", ["+91 98123 45678", "+1 650 253 0000", "no number"])
    def test_other_lines_need_not(self, number: str) -> None:
        assert self.check({"voice": True}, number=number) == []

    def test_no_menu_no_remark(self) -> None:
        assert self.check({"behind_ivr": False}) == []


class TestUnsuitableNumberType:
    @staticmethod
    def check(number: str, can: Any = LEFT_OUT, status: Any = LEFT_OUT) -> list[Problem]:
        return check_number(
            number_registration.unsuitable_number_type, number=number, can_receive=can, code_verification_status=status
        )

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
    def test_what_should_be_called_is_a_warning_where_it_takes_sms_alone(self, number: str, name: str) -> None:
        place = "phone_numbers[0].can_receive.voice"
        start = f'"{number}" is {name}, to which Meta advises against sending its code by SMS, and '
        for sms in ({}, {"sms": True}):
            (problem,) = self.check(number, {"voice": False, **sms})
            assert summary(problem) == ("fail", "warning", place, f"{start}it takes no calls")
            assert labels(problem) == [("phone_numbers[0].number", "the number")]
        problems = self.check(number, {"sms": True})
        assert only(problems) == ("unproven", "warning", place, f"{start}nothing says that it takes calls")
        assert remedy(problems) == "call the number, and write can_receive.voice: true or false"
        for sms in ({}, {"sms": False}, {"sms": True}):
            assert self.check(number, {"voice": True, **sms}) == []

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
            '"+448701234567" is a premium-rate number, to which Meta advises against sending its code by SMS, and it '
            "takes no calls (so says libphonenumber; Ofcom lists 087 beside 09)",
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
        assert remedy(problems) == "ask the carrier whether the number takes calls or SMS, or use an ordinary number"
        assert self.check(number, {"voice": True}, "VERIFIED") == []


class TestMessengerNumber:
    @staticmethod
    def check(account: Any, status: Any = LEFT_OUT) -> list[Problem]:
        return check_number(number_registration.messenger_number, messenger_account=account, status=status)

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
        assert remedy(problems) == "ask whoever holds the phone, and write messenger_account: none, deleted or active"

    @pytest.mark.parametrize("account", ["none", "deleted"])
    def test_not_in_use_is_a_claim_until_the_number_is_connected(self, account: str) -> None:
        problems = self.check(account)
        assert only(problems) == claim("messenger_account")
        assert remedy(problems) == "prove it by status CONNECTED in Meta's answer"

    @pytest.mark.parametrize("account", ["none", "deleted", LEFT_OUT])
    def test_a_connected_number_needs_no_remark(self, account: Any) -> None:
        assert self.check(account, "connected") == []
