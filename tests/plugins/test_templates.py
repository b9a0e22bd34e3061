"""Templates: what TPL001 and TPL006 say, where, and what they leave unsaid."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plugins.fragments import check_with, template
from tests.plugins.said import labels, place
from wa_policy.plugins._wording import TEMPLATE_MANAGER
from wa_policy.plugins.templates import legacy_category, unapproved_template, wa_policy_rules
from wa_policy.policy.facts import load
from wa_policy.testing import check_rule


def test_rules_are_offered_in_order() -> None:
    assert [rule.code for rule in wa_policy_rules()] == ["TPL001", "TPL006"]


def answered(name: str, status: str | None = "APPROVED") -> dict[str, Any]:
    """A template as Meta answers it."""
    node: dict[str, Any] = {"name": name, "language": "en", "category": "UTILITY", "status": status, "components": []}
    return {key: value for key, value in node.items() if value is not None}


class TestUnapprovedTemplate:
    def test_approved_is_claimed(self) -> None:
        (problem,) = check_rule(unapproved_template)
        assert problem.outcome == "claimed"
        assert place(problem) == "templates[0].status"
        assert problem.remedy == "prove it by Meta's answer for the templates, named in evidence.graph.templates"

    def test_case_does_not_count(self) -> None:
        assert [problem.outcome for problem in check_rule(unapproved_template, template(status="approved"))] == [
            "claimed"
        ]

    @pytest.mark.parametrize("templates", ["null", "[]"])
    def test_no_template(self, templates: str) -> None:
        (problem,) = check_rule(unapproved_template, f"templates: {templates}")
        assert problem.outcome == "unproven"
        assert problem.message == "no template is listed, so nothing shows that one is approved"
        assert place(problem) == "templates"
        assert problem.remedy == (
            "list the templates that campaigns use under templates, each with the status that Meta gives it"
        )

    def test_templates_only_in_evidence_that_cannot_be_used(self) -> None:
        fragment = "{templates: null, evidence: {graph: {templates: evidence/templates.json}}}"
        (problem,) = check_rule(unapproved_template, fragment)
        assert problem.outcome == "unproven"
        assert problem.message == (
            'no template is listed, and "evidence/templates.json" shows of none that it is approved'
        )
        assert place(problem) == "evidence.graph.templates"

    def test_templates_only_in_evidence_are_as_good_as_listed(self) -> None:
        assert self.with_evidence([answered("order_shipped"), answered("diwali_offer")]) == []

    def test_one_that_a_campaign_uses_is_judged_in_full(self) -> None:
        assert self.with_evidence([answered("order_shipped", "PAUSED")]) == [
            ("evidence/templates.json", "fail", "error", "data[0].status")
        ]

    @pytest.mark.parametrize("status", ["REJECTED", "Rejected by Meta", "gone", None])
    def test_one_that_nobody_uses_is_a_note(self, status: str | None) -> None:
        found = self.with_evidence([answered("order_shipped"), answered("old_offer", status)])
        assert [(path, at_most, route) for path, _, at_most, route in found] == [
            ("evidence/templates.json", "info", "data[1].status")
        ]

    def test_evidence_without_one_that_is_approved(self) -> None:
        found = self.with_evidence([answered("old_offer", "DISABLED")], campaigns=[])
        assert found == [
            ("manifest.yaml", "unproven", "error", "evidence.graph.templates"),
            ("evidence/templates.json", "fail", "info", "data[0].status"),
        ]
        assert self.with_evidence([answered("old_offer")], campaigns=[]) == []

    def test_evidence_without_any(self) -> None:
        ((path, problem),) = check_with(unapproved_template, {"templates": None}, templates=[])
        assert (path, place(problem)) == ("manifest.yaml", "evidence.graph.templates")
        assert problem.message == 'no template is listed, and none in "evidence/templates.json" is approved'
        assert problem.remedy == "have a template approved, and fetch Meta's answer again"

    @staticmethod
    def with_evidence(nodes: list[dict[str, Any]], **more: Any) -> list[tuple[str, str, str, str]]:
        """The file, outcome, weight and place of what is said where the manifest lists no template."""
        problems = check_with(unapproved_template, {"templates": None, **more}, templates=nodes)
        return [(path, problem.outcome, problem.at_most, place(problem)) for path, problem in problems]

    def test_status_missing(self) -> None:
        (problem,) = check_rule(unapproved_template, template(status=""))
        assert problem.outcome == "unproven"
        assert problem.message == 'nothing says whether Meta has approved template "order_shipped" (en)'
        assert place(problem) == "templates[0].status"
        assert problem.remedy == f"write the template's status as {TEMPLATE_MANAGER} or Meta's API gives it"

    def test_pending(self) -> None:
        (problem,) = check_rule(unapproved_template, template(status="PENDING"))
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        assert problem.message == (
            'template "order_shipped" (en) cannot be sent, it is PENDING: Meta is still reviewing it'
        )
        assert place(problem) == "templates[0].status"
        assert problem.remedy == ("wait for Meta's review, which may take 24 hours, and write the new status here")

    def test_rejected_with_reason(self) -> None:
        fragment = template(status="rejected", rejected_reason="invalid_format")
        (problem,) = check_rule(unapproved_template, fragment)
        assert problem.message == (
            'template "order_shipped" (en) cannot be sent, it is REJECTED: Meta\'s review refused it; '
            "Meta's reason is INVALID_FORMAT"
        )
        assert labels(problem) == [("templates[0].rejected_reason", "Meta's reason")]

    def test_reason_none_is_no_reason(self) -> None:
        (problem,) = check_rule(unapproved_template, template(status="PAUSED", rejected_reason="NONE"))
        assert "reason" not in problem.message
        assert labels(problem) == []

    @pytest.mark.parametrize("status", load("template_statuses").values["statuses"])
    def test_every_status_is_told_apart(self, status: str) -> None:
        (problem,) = check_rule(unapproved_template, template(status=status))
        assert problem.outcome == ("claimed" if status == "APPROVED" else "fail")
        assert problem.remedy

    @pytest.mark.parametrize("label", ["In-Review", "in review", "IN_REVIEW"])
    def test_label_of_an_unusable_status(self, label: str) -> None:
        (problem,) = check_rule(unapproved_template, template(status=label))
        assert problem.outcome == "fail"
        assert problem.message == (
            f'template "order_shipped" (en) cannot be sent, it is "{label}", which stands for PENDING: '
            "Meta is still reviewing it"
        )

    @pytest.mark.parametrize("label", ["Active - Quality pending", "active \u2013 high quality"])
    def test_label_of_a_usable_status(self, label: str) -> None:
        (problem,) = check_rule(unapproved_template, template(status=label))
        assert problem.outcome == "unproven"
        assert problem.message == (
            f'template "order_shipped" (en) has the status "{label}", which is a label of WhatsApp Manager and no '
            "status; Meta's status would be APPROVED"
        )
        assert problem.remedy == "write APPROVED if Meta's API says so"

    def test_webhook_event(self) -> None:
        (problem,) = check_rule(unapproved_template, template(status="FLAGGED"))
        assert problem.outcome == "unproven"
        assert problem.message == (
            'template "order_shipped" (en) has the status "FLAGGED", which is an event of Meta\'s webhook (customers '
            "complained; the template may be disabled) and no status"
        )
        assert problem.remedy == "write the status that Meta's API answers for the template"

    @pytest.mark.parametrize("status", ["Created", "Suspended", "Manually approved", "under review"])
    def test_status_of_moengage(self, status: str) -> None:
        (problem,) = check_rule(unapproved_template, template(status=status))
        assert problem.outcome == "unproven"
        assert problem.message == (
            f'template "order_shipped" (en) has the status "{status}", which MoEngage gives its copy; nothing says '
            "whether Meta has approved it"
        )
        assert (
            problem.remedy == f"write Meta's status here, from {TEMPLATE_MANAGER}, and MoEngage's as in_moengage.status"
        )

    def test_unknown_status(self) -> None:
        (problem,) = check_rule(unapproved_template, template(status="APROVED"))
        assert problem.outcome == "unproven"
        assert problem.message == (
            'template "order_shipped" (en) has the status "APROVED", unknown at Meta (did you mean "APPROVED"?)'
        )

    def test_each_template_is_judged(self) -> None:
        fragment = """
        templates:
          - {name: a, language: en, category: UTILITY, status: APPROVED}
          - {name: b, language: en, category: UTILITY, status: ARCHIVED}
          - {name: b, language: hi, category: UTILITY}
        """
        problems = check_rule(unapproved_template, fragment)
        assert [(problem.outcome, place(problem)) for problem in problems] == [
            ("claimed", "templates[0].status"),
            ("fail", "templates[1].status"),
            ("unproven", "templates[2].status"),
        ]


class TestLegacyCategory:
    @pytest.mark.parametrize("category", ["MARKETING", "utility", "Authentication", "FREE_SERVICE"])
    def test_silent(self, category: str) -> None:
        assert check_rule(legacy_category, template(category=category)) == []

    @pytest.mark.parametrize(("category", "successor"), [("TRANSACTIONAL", "UTILITY"), ("otp", "AUTHENTICATION")])
    def test_replaced(self, category: str, successor: str) -> None:
        (problem,) = check_rule(legacy_category, template(category=category))
        assert problem.outcome == "fail"
        assert problem.message == (
            f"Meta no longer has the template category {category.upper()}; {successor} took its place"
        )
        assert place(problem) == "templates[0].category"
        assert problem.remedy == (
            f"write the category that {TEMPLATE_MANAGER} shows today: MARKETING, UTILITY, AUTHENTICATION"
        )

    def test_not_replaced(self) -> None:
        (problem,) = check_rule(legacy_category, template(category="SHIPPING_UPDATE"))
        assert problem.message == (
            "Meta no longer has the template category SHIPPING_UPDATE; it sorted such templates anew by what they say"
        )

    def test_unknown(self) -> None:
        (problem,) = check_rule(legacy_category, template(category="Utilty"))
        assert problem.outcome == "unproven"
        assert problem.message == ('"Utilty" is not a template category that Meta has (did you mean "UTILITY"?)')
        assert problem.remedy == f"write the category that {TEMPLATE_MANAGER} shows: MARKETING, UTILITY, AUTHENTICATION"

    def test_a_previous_category_may_be_old(self) -> None:
        assert check_rule(legacy_category, template(previous_category="ACCOUNT_UPDATE")) == []
