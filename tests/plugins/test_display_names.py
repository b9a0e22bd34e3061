from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.plugins.fragments import LEFT_OUT, check_number, number
from tests.plugins.said import family, labels, only, remedy, summary
from wa_policy.plugins import display_names
from wa_policy.testing import check_rule

if TYPE_CHECKING:
    from wa_policy.api import Problem


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
        problems = check_number(display_names.unapproved_display_name, name_status=word)
        assert only(problems) == ("fail", "error", "phone_numbers[0].name_status", f"name_status is {word}: {meaning}")
        assert put_right in remedy(problems)


class TestDisplayNameStyle:
    @staticmethod
    def check(name: str, entity: str = "Acme Retail Private Limited", **more: Any) -> list[Problem]:
        manifest = {"metadata": {"legal_entity": entity}}
        return check_number(
            display_names.display_name_style, manifest, **{"name_status": "PENDING_REVIEW", **more}, verified_name=name
        )

    @pytest.mark.parametrize(
        ("name", "what"),
        [
            ("A", "has 1 character; 3 to 75 are allowed"),
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
        assert (
            check_number(display_names.display_name_style, verified_name=LEFT_OUT, name_status="PENDING_REVIEW") == []
        )
        manifest = {"metadata": {"legal_entity": None}}
        assert (
            check_number(
                display_names.display_name_style, manifest, verified_name="Zenith", name_status="PENDING_REVIEW"
            )
            == []
        )

    def test_a_policy_may_know_the_brand_better(self) -> None:
        fragment = json.dumps({"phone_numbers": [number(verified_name="ACME RETAIL!", name_status="NONE")]})
        settings = {"longest_acronym": 6, "usual_punctuation": "!"}
        assert check_rule(display_names.display_name_style, fragment, settings=settings) == []

    def test_rests_on_what_providers_retell(self) -> None:
        assert [rule.certainty for rule in family("NUM011")] == ["probable"]
