"""What rules on Meta's words for a number have in common."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plugins.fragments import LEFT_OUT, check_number, claim
from tests.plugins.said import only, remedy
from wa_policy.plugins import display_names, number_status, numbers


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
        assert remedy(problems) == f"Write here what Meta answers for the number's {key}."

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
        assert remedy(problems) == f"Write here what Meta answers for the number's {key}."
