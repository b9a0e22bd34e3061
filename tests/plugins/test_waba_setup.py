from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.plugins.said import claims, labels, only, summary
from wa_policy.plugins import waba_setup
from wa_policy.plugins._meta_values import WABA_ANSWER
from wa_policy.policy.facts import load
from wa_policy.testing import check_rule

if TYPE_CHECKING:
    from wa_policy.api import Problem

PATTERN = load("waba_probable").values["namespace_pattern"]


class TestMissingNamespace:
    UNIFONIC = "bsp: {provider: unifonic}"

    def test_where_nobody_asks_it_may_be_missing(self) -> None:
        assert check_rule(waba_setup.missing_namespace) == []
        assert check_rule(waba_setup.missing_namespace, "waba: {message_template_namespace: null}") == []

    @pytest.mark.parametrize("provider", ["unifonic", "Unifonic"])
    def test_unifonic_asks_for_it(self, provider: str) -> None:
        fragment = f"bsp: {{provider: {provider}}}\nwaba: {{message_template_namespace: null}}"
        (problem,) = check_rule(waba_setup.missing_namespace, fragment)
        assert summary(problem) == (
            "unproven",
            "error",
            "waba.message_template_namespace",
            "Unifonic's sender form asks for the namespace of the templates, and it is not stated",
        )
        assert labels(problem) == [("bsp.provider", "asks for it")]

    def test_another_way_in_does_not(self) -> None:
        fragment = "bsp: {provider: unifonic, integration: generic}\nwaba: {message_template_namespace: null}"
        assert check_rule(waba_setup.missing_namespace, fragment) == []

    def test_an_on_premises_client_asks_for_it(self) -> None:
        fragment = """
            waba: {message_template_namespace: null}
            phone_numbers: [{number: "+918047181888"}, {number: "+918047181889", platform_type: on_premise}]
            """
        (problem,) = check_rule(waba_setup.missing_namespace, fragment)
        assert problem.message == (
            "the On-Premises client of a number asks for the namespace of the templates, and it is not stated"
        )
        assert labels(problem) == [("phone_numbers[1].platform_type", "asks for it")]

    def test_where_it_is_asked_for_it_is_a_claim(self) -> None:
        assert claims(check_rule(waba_setup.missing_namespace, self.UNIFONIC), WABA_ANSWER) == [
            "waba.message_template_namespace"
        ]

    @pytest.mark.parametrize("namespace", ["ba30dd89-2ebd-41e4-b805-f2c05ae04cc9", "acme", "BA30DD89_2EBD"])
    @pytest.mark.parametrize("bsp", ["", UNIFONIC])
    def test_another_form_is_a_warning(self, namespace: str, bsp: str) -> None:
        fragment = f"waba: {{message_template_namespace: {namespace}}}\n{bsp}"
        assert only(check_rule(waba_setup.missing_namespace, fragment)) == (
            "fail",
            "warning",
            "waba.message_template_namespace",
            f'"{namespace}" does not look like a namespace of templates',
        )


class TestIncompleteBilling:
    def test_what_is_stated_is_a_claim(self) -> None:
        assert claims(check_rule(waba_setup.incomplete_billing), WABA_ANSWER) == [
            "waba.currency",
            "waba.timezone_id",
            "waba.primary_funding_id",
        ]

    @pytest.mark.parametrize(
        ("field", "label"),
        [
            ("currency", "currency"),
            ("timezone_id", "time zone"),
            ("primary_funding_id", "payment method or credit line"),
        ],
    )
    def test_what_is_missing_is_named(self, field: str, label: str) -> None:
        problems = check_rule(waba_setup.incomplete_billing, f"waba: {{{field}: null}}")
        (problem,) = (problem for problem in problems if problem.outcome != "claimed")
        assert summary(problem) == (
            "unproven",
            "warning",
            f"waba.{field}",
            f"nothing says that the WABA has a {label}; without it sends fail with error 131042",
        )
        assert problem.remedy == f"copy {field} from Meta's answer for the WABA"


class TestOnBehalfOfAccount:
    @staticmethod
    def check(ownership: str) -> list[Problem]:
        return check_rule(waba_setup.on_behalf_of_account, f"waba: {{ownership_type: {ownership}}}")

    @pytest.mark.parametrize("ownership", ["SELF", "self", "CLIENT_OWNED", "SELF_OWNED"])
    def test_an_account_of_ones_own_is_a_claim(self, ownership: str) -> None:
        assert claims(self.check(ownership), WABA_ANSWER) == ["waba.ownership_type"]

    def test_on_behalf_of(self) -> None:
        assert only(self.check("ON_BEHALF_OF")) == (
            "fail",
            "error",
            "waba.ownership_type",
            "the WABA belongs to a provider on behalf of the business, a model that Meta has given up",
        )

    def test_of_an_agency_nobody_says_what_it_means(self) -> None:
        (problem,) = self.check("AGENCY_OWNED")
        assert summary(problem) == (
            "unproven",
            "error",
            "waba.ownership_type",
            "Meta does not explain AGENCY_OWNED: nothing shows that the business owns the WABA",
        )
        assert problem.fix is None

    def test_an_unsaid_ownership(self) -> None:
        assert only(self.check("null")) == (
            "unproven",
            "info",
            "waba.ownership_type",
            "nothing says who owns the WABA",
        )


class TestFacts:
    @pytest.mark.parametrize(
        "namespace", ["ba30dd89_2ebd_41e4_b805_f2c05ae04cc9", "9d1f930f_bea0_46c5_9099_bc3291e9d6b4"]
    )
    def test_the_namespaces_seen_fit_the_pattern(self, namespace: str) -> None:
        assert re.search(PATTERN, namespace)
