"""What rules on Meta's words for a number have in common."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plugins.fragments import LEFT_OUT, check_number, check_with, claim, number
from tests.plugins.said import only, remedy
from wa_policy.plugins import display_names, number_status, numbers
from wa_policy.plugins._meta_values import same
from wa_policy.plugins.manifest import evidence_contradicts


class TestWordsOfMeta:
    """What the rules on Meta's words have in common."""

    RULES = (
        (number_status.unverified_number, "code_verification_status", "VERIFIED"),
        (number_status.disconnected_number, "status", "CONNECTED"),
        (display_names.unapproved_display_name, "name_status", "APPROVED"),
        (display_names.unapproved_display_name, "name_status", "AVAILABLE_WITHOUT_REVIEW"),
        (number_status.low_quality_number, "quality_rating", "GREEN"),
        (numbers.sandbox_number, "account_mode", "LIVE"),
    )

    @pytest.mark.parametrize(("function", "key", "word"), RULES)
    def test_a_good_word_is_a_claim_in_any_case(self, function: Any, key: str, word: str) -> None:
        for written in (word, word.lower()):
            problems = check_number(function, **{key: written})
            assert only(problems) == claim(key)
            assert remedy(problems) == "prove it by Meta's answer for the number (evidence.graph.phone_numbers)"

    @pytest.mark.parametrize(
        ("function", "key", "word", "message"),
        [
            (
                number_status.unverified_number,
                "code_verification_status",
                "VERIFED",
                'code_verification_status is "VERIFED", which does not show that Meta\'s code was entered '
                '(did you mean "VERIFIED"?)',
            ),
            (
                number_status.disconnected_number,
                "status",
                "CONECTED",
                'status is "CONECTED", which does not show that the number can send (did you mean "CONNECTED"?)',
            ),
            (
                number_status.disconnected_number,
                "status",
                "UNKNOWN",
                'status is "UNKNOWN", which does not show that the number can send',
            ),
            (
                display_names.unapproved_display_name,
                "name_status",
                "NON_EXISTS",
                'name_status is "NON_EXISTS", which does not show that the display name may be used',
            ),
            (
                number_status.low_quality_number,
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
        problems = check_number(function, **{key: word})
        assert only(problems) == ("unproven", "error", f"phone_numbers[0].{key}", message)
        assert remedy(problems) == f"write here what Meta answers for the number's {key}"

    @pytest.mark.parametrize(
        ("function", "key", "message"),
        [
            (
                number_status.unverified_number,
                "code_verification_status",
                "nothing says whether the code that Meta sends to the number was ever entered",
            ),
            (
                number_status.disconnected_number,
                "status",
                "nothing says whether the number is registered: being verified is not enough (error 133010)",
            ),
            (
                display_names.unapproved_display_name,
                "name_status",
                "nothing says whether Meta has approved the display name",
            ),
        ],
    )
    def test_a_missing_word(self, function: Any, key: str, message: str) -> None:
        problems = check_number(function, **{key: LEFT_OUT})
        assert only(problems) == ("unproven", "error", f"phone_numbers[0].{key}", message)
        assert remedy(problems) == f"write here what Meta answers for the number's {key}"


class TestWordsThatMeanTheSame:
    """MAN007 takes them for one, as far as the facts name them; Meta's own documents have both."""

    WABA = "102290129340398"
    SHOWN = "+91 80 4718 1888"

    @pytest.mark.parametrize(
        ("field", "one", "other"),
        [
            ("code_verification_status", "NOT_VERIFIED", "UNVERIFIED"),
            ("quality_rating", "NA", "UNKNOWN"),
            ("quality_rating", "unknown", "NA"),
        ],
    )
    def test_of_a_number(self, field: str, one: str, other: str) -> None:
        for here, there in ((one, other), (other, one)):
            manifest = {"phone_numbers": [number(**{field: here})]}
            answer = {"display_phone_number": self.SHOWN, field: there}
            assert check_with(evidence_contradicts, manifest, phone_numbers=[answer]) == []

    @pytest.mark.parametrize(
        ("field", "one", "other"),
        [
            ("business_verification_status", "not_verified", "UNVERIFIED"),
            ("ownership_type", "SELF", "self_owned"),
        ],
    )
    def test_of_the_account(self, field: str, one: str, other: str) -> None:
        for here, there in ((one, other), (other, one)):
            answer = {"id": self.WABA, field: there}
            assert check_with(evidence_contradicts, {"waba": {field: here}}, waba=[answer]) == []

    @pytest.mark.parametrize(
        ("field", "one", "other"),
        [
            ("ownership_type", "ON_BEHALF_OF", "AGENCY_OWNED"),
            ("business_verification_status", "verified", "UNVERIFIED"),
            ("whatsapp_business_manager_messaging_limit", "TIER_1K", "TIER_2K"),
        ],
    )
    def test_others_still_contradict(self, field: str, one: str, other: str) -> None:
        answer = {"id": self.WABA, field: other}
        ((_, problem),) = check_with(evidence_contradicts, {"waba": {field: one}}, waba=[answer])
        assert problem.message == f"the WABA: {field} is {one} here and {other} in Meta's answer"

    def test_a_word_is_an_alias_in_its_own_field_only(self) -> None:
        answer = {"display_phone_number": self.SHOWN, "status": "UNVERIFIED"}
        manifest = {"phone_numbers": [number(status="NOT_VERIFIED")]}
        assert len(check_with(evidence_contradicts, manifest, phone_numbers=[answer])) == 1

    def test_groups(self) -> None:
        aliases = {"a": [["ONE", "UNO"], ["TWO", "DUE"]]}
        assert same("a", "one", "UNO", aliases)
        assert same("b", "one", "ONE", {})
        assert not same("a", "ONE", "TWO", aliases)
        assert not same("b", "ONE", "UNO", aliases)
