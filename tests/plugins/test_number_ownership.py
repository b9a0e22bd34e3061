from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.plugins.fragments import LEFT_OUT, check_number, claim
from tests.plugins.said import labels, only, remedy, summary
from wa_policy.plugins import number_ownership

if TYPE_CHECKING:
    from wa_policy.api import Problem


class TestUnownedNumber:
    @staticmethod
    def check(owner: Any, entity: str | None = "Acme Retail Private Limited", **more: Any) -> list[Problem]:
        ownership = {"owner": owner, "proof": "evidence/number-ownership.txt", "verified_on": "2026-08-14", **more}
        ownership = {key: value for key, value in ownership.items() if value is not LEFT_OUT}
        return check_number(
            number_ownership.unowned_number, {"metadata": {"legal_entity": entity}}, ownership=ownership
        )

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
            ("Acme Retail (P) Ltd", "Acme Retail Private Limited"),
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

    @pytest.mark.parametrize("owner", ["Acme Logistics Private Limited", "Limited"])
    def test_a_sister_is_somebody_else(self, owner: str) -> None:
        assert only(self.check(owner))[:2] == ("fail", "error")

    @pytest.mark.parametrize(
        ("owner", "entity"),
        [
            ("M/s Acme Retail Pvt. Ltd.", "Acme Retail Private Limited"),
            ("Acme Retail Private Limited, Bengaluru", "Acme Retail Private Limited"),
            ("Acme Retail UK Limited", "Acme Retail Private Limited"),
            ("Müller GmbH & Co. KG", "Mueller GmbH & Co. KG"),
        ],
    )
    def test_names_that_share_their_distinctive_words_are_a_warning(self, owner: str, entity: str) -> None:
        problems = self.check(owner, entity)
        assert only(problems) == (
            "fail",
            "warning",
            "phone_numbers[0].ownership.owner",
            f'the number belongs to "{owner}", whose name is not quite that of the business that sends, "{entity}"',
        )
        assert remedy(problems) == "write both names as they are registered, or show that the two are one company"

    @pytest.mark.parametrize(
        ("owner", "entity"),
        [("株式会社アクメ", "アクメ株式会社"), ("㈱アクメ", "アクメ"), ("주식회사 아크미", "아크미")],
    )
    def test_a_legal_form_may_be_joined_to_the_name(self, owner: str, entity: str) -> None:
        assert only(self.check(owner, entity))[:2] == ("fail", "warning")

    def test_a_legal_form_is_no_name(self) -> None:
        assert only(self.check("株式会社", "アクメ株式会社"))[:2] == ("fail", "error")

    @pytest.mark.parametrize("owner", ["Acme Retail", "Acme Retail LLP", "The Acme Retail Company"])
    def test_another_legal_form_is_a_warning(self, owner: str) -> None:
        problems = self.check(owner)
        assert only(problems) == (
            "fail",
            "warning",
            "phone_numbers[0].ownership.owner",
            f'the number belongs to "{owner}", whose legal form is not that of "Acme Retail Private Limited"',
        )
        assert remedy(problems) == "write both names as they are registered, or show that the two are one company"

    def test_no_owner(self) -> None:
        problems = check_number(number_ownership.unowned_number, ownership=LEFT_OUT)
        message = "nothing says who owns the number"
        assert only(problems) == ("unproven", "error", "phone_numbers[0].ownership.owner", message)
        assert remedy(problems) == "name the owner as on the carrier's invoice"

    def test_no_legal_entity(self) -> None:
        (problem,) = self.check("Acme Retail Private Limited", None)
        assert summary(problem) == (
            "unproven",
            "error",
            "phone_numbers[0].ownership.owner",
            'nothing says whether the owner of the number, "Acme Retail Private Limited", is the business that sends',
        )
        assert labels(problem) == [("metadata.legal_entity", "the legal entity")]
        assert problem.remedy == "name the business that sends as metadata.legal_entity"

    def test_a_proof_that_is_yet_to_be_checked_is_none(self) -> None:
        assert only(self.check("Acme Retail Private Limited", verified_on="2026-11-23")) == claim("ownership", "owner")
        assert self.check("Acme Retail Private Limited", verified_on="2026-11-22") == []

    @pytest.mark.parametrize("missing", ["proof", "verified_on"])
    def test_without_a_dated_proof_it_is_a_claim(self, missing: str) -> None:
        problems = self.check("Acme Retail Private Limited", **{missing: LEFT_OUT})
        assert only(problems) == claim("ownership", "owner")
        assert remedy(problems) == (
            "prove it by the carrier's invoice as ownership.proof, and the day on which it was checked as "
            "ownership.verified_on"
        )
