from __future__ import annotations

from typing import Any

import pytest

from tests.plugins.fragments import LEFT_OUT, check_number, claim
from tests.plugins.said import only, remedy
from wa_policy.plugins import number_status


class TestUnverifiedNumber:
    ENTER = (
        "In WhatsApp Manager, open Account tools > Phone numbers, choose the number, have the code sent by SMS or "
        "call, and enter it."
    )

    @pytest.mark.parametrize("word", ["NOT_VERIFIED", "UNVERIFIED", "not_verified"])
    @pytest.mark.parametrize("status", ["CONNECTED", "PENDING"])
    def test_the_code_was_never_entered(self, word: str, status: str) -> None:
        problems = check_number(number_status.unverified_number, code_verification_status=word, status=status)
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
        problems = check_number(number_status.unverified_number, code_verification_status="EXPIRED", status=status)
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
        problems = check_number(number_status.disconnected_number, status=word)
        assert only(problems) == ("fail", "error", "phone_numbers[0].status", f"status is {word}: {meaning}")
        assert remedy(problems).startswith(put_right)

    def test_the_step_that_people_forget(self) -> None:
        assert remedy(check_number(number_status.disconnected_number, status="PENDING")) == (
            "Have the provider register the number with its six-digit PIN (POST /<phone number id>/register), within "
            "14 days of Embedded Signup."
        )


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
        problems = check_number(number_status.low_quality_number, quality_rating=word)
        place = "phone_numbers[0].quality_rating"
        assert only(problems) == ("fail", at_most, place, f"quality_rating is {word}: {meaning}")
        assert remedy(problems).startswith(put_right)

    @pytest.mark.parametrize("word", ["UNKNOWN", "NA", "na"])
    def test_a_number_without_a_rating_passes(self, word: str) -> None:
        assert check_number(number_status.low_quality_number, quality_rating=word) == []

    def test_the_other_field_serves_as_well(self) -> None:
        problems = check_number(
            number_status.low_quality_number, quality_rating=LEFT_OUT, quality_score={"score": "RED"}
        )
        assert only(problems)[:3] == ("fail", "error", "phone_numbers[0].quality_score.score")
        problems = check_number(
            number_status.low_quality_number, quality_rating=LEFT_OUT, quality_score={"score": "GREEN"}
        )
        assert only(problems) == claim("quality_score", "score")

    @pytest.mark.parametrize("word", ["UNKNOWN", "NA"])
    def test_the_other_field_speaks_where_this_one_says_nothing(self, word: str) -> None:
        problems = check_number(number_status.low_quality_number, quality_rating=word, quality_score={"score": "RED"})
        assert only(problems)[:3] == ("fail", "error", "phone_numbers[0].quality_score.score")
        problems = check_number(
            number_status.low_quality_number, quality_rating="GREEN", quality_score={"score": "UNKNOWN"}
        )
        assert only(problems) == claim("quality_rating")

    def test_no_rating_at_all(self) -> None:
        problems = check_number(number_status.low_quality_number, quality_rating=LEFT_OUT)
        assert only(problems) == (
            "unproven",
            "warning",
            "phone_numbers[0].quality_rating",
            "nothing says how Meta rates the quality of the number",
        )
        assert remedy(problems) == (
            "write here what Meta answers for the number's quality_rating; UNKNOWN is fine for a new one"
        )


class TestMissingPin:
    def test_off(self) -> None:
        assert only(check_number(number_status.missing_pin, is_pin_enabled=False)) == (
            "fail",
            "error",
            "phone_numbers[0].is_pin_enabled",
            "two-step verification is off: no PIN protects the number",
        )

    def test_unknown(self) -> None:
        problems = check_number(number_status.missing_pin, is_pin_enabled=LEFT_OUT)
        message = "nothing says whether a PIN protects the number"
        assert only(problems) == ("unproven", "error", "phone_numbers[0].is_pin_enabled", message)
        assert remedy(problems) == (
            "in WhatsApp Manager, look at the number's Two-step verification, and write is_pin_enabled here"
        )

    def test_on_is_a_claim(self) -> None:
        assert only(check_number(number_status.missing_pin)) == claim("is_pin_enabled")
