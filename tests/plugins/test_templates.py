"""Templates: what TPL001 and TPL003 to TPL006 say, where, and what they leave unsaid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wa_policy.plugins.templates import (
    duplicate_template,
    legacy_category,
    template_name,
    unapproved_template,
    unknown_language,
    wa_policy_rules,
)
from wa_policy.policy.facts import load
from wa_policy.source.spans import show_route
from wa_policy.testing import check_rule

if TYPE_CHECKING:
    from wa_policy.findings import Problem

MANAGER = "WhatsApp Manager (Account tools > Message templates)"


def template(**fields: str) -> str:
    """A manifest's fragment with one template: the ready one's fields, some of them replaced or, if empty, left out."""
    shown = {"name": "order_shipped", "language": "en", "category": "UTILITY", "status": "APPROVED", **fields}
    return "templates: [{" + ", ".join(f'{key}: "{value}"' for key, value in shown.items() if value) + "}]"


def place(problem: Problem) -> str:
    return show_route(problem.places[0].route)


def others(problem: Problem) -> list[tuple[str, str]]:
    return [(show_route(other.route), other.label) for other in problem.places[1:]]


def test_rules_are_offered_in_order() -> None:
    assert [rule.code for rule in wa_policy_rules()] == ["TPL001", "TPL003", "TPL004", "TPL005", "TPL006"]


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

    def test_templates_only_in_evidence(self) -> None:
        fragment = "{templates: null, evidence: {graph: {templates: evidence/templates.json}}}"
        (problem,) = check_rule(unapproved_template, fragment)
        assert problem.outcome == "unproven"
        assert problem.message == (
            'the templates are only in "evidence/templates.json", so nothing here shows that one is approved'
        )
        assert place(problem) == "evidence.graph.templates"

    def test_status_missing(self) -> None:
        (problem,) = check_rule(unapproved_template, template(status=""))
        assert problem.outcome == "unproven"
        assert problem.message == 'nothing says whether Meta has approved template "order_shipped" (en)'
        assert place(problem) == "templates[0].status"
        assert problem.remedy == f"write the template's status as {MANAGER} or Meta's API gives it"

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
        assert others(problem) == [("templates[0].rejected_reason", "Meta's reason")]

    def test_reason_none_is_no_reason(self) -> None:
        (problem,) = check_rule(unapproved_template, template(status="PAUSED", rejected_reason="NONE"))
        assert "reason" not in problem.message
        assert others(problem) == []

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
        assert problem.remedy == f"write Meta's status here, from {MANAGER}, and MoEngage's as in_moengage.status"

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


class TestDuplicateTemplate:
    def test_silent_on_two_languages(self) -> None:
        fragment = """
        templates:
          - {name: order_shipped, language: en, category: UTILITY}
          - {name: order_shipped, language: en_US, category: UTILITY}
          - {name: order_delayed, language: en, category: UTILITY}
        """
        assert check_rule(duplicate_template, fragment) == []

    @pytest.mark.parametrize(("first", "second"), [("en", "en"), ("en_US", "en-US"), ("en_US", "EN_us")])
    def test_twice(self, first: str, second: str) -> None:
        fragment = f"""
        templates:
          - {{name: order_shipped, language: {first}, category: UTILITY}}
          - {{name: other, language: {first}, category: UTILITY}}
          - {{name: order_shipped, language: {second}, category: UTILITY}}
        """
        (problem,) = check_rule(duplicate_template, fragment)
        assert problem.outcome == "fail"
        assert problem.message == (
            f'template "order_shipped" ({second}) is listed twice; Meta holds one template per name and language'
        )
        assert place(problem) == "templates[2].name"
        assert others(problem) == [("templates[0].name", "first listed here")]
        assert problem.remedy == "remove the entry that is out of date, or give the other message a name of its own"

    def test_thrice_points_at_the_first(self) -> None:
        one = "{name: order_shipped, language: en, category: UTILITY}"
        problems = check_rule(duplicate_template, f"templates: [{one}, {one}, {one}]")
        assert [(place(problem), others(problem)[0][0]) for problem in problems] == [
            ("templates[1].name", "templates[0].name"),
            ("templates[2].name", "templates[0].name"),
        ]


class TestTemplateName:
    @pytest.mark.parametrize("name", ["order_shipped", "a", "7", "_", "a" * 100])
    def test_silent(self, name: str) -> None:
        assert check_rule(template_name, template(name=name)) == []

    @pytest.mark.parametrize(
        ("name", "mended"),
        [
            ("Order-Shipped", "order_shipped"),
            ("order shipped (v2)", "order_shipped_v2"),
            ("bestellung_bestätigt", "bestellung_bestatigt"),
            ("order.shipped", "order_shipped"),
            ("A" * 300, "a" * 100),
        ],
    )
    def test_mended(self, name: str, mended: str) -> None:
        problem = check_rule(template_name, template(name=name))[0]
        assert problem.outcome == "fail"
        assert problem.message == (
            f'Meta refuses the template name "{name}": it may have only a to z, digits and underscores'
        )
        assert place(problem) == "templates[0].name"
        assert problem.remedy == (
            f'write the template\'s name as {MANAGER} shows it, or, if there is none yet, create it as "{mended}"'
        )

    def test_nothing_left_to_mend(self) -> None:
        (problem,) = check_rule(template_name, template(name="ご注文"))
        assert problem.remedy == f"write the template's name as {MANAGER} shows it"

    def test_digits_of_other_scripts_are_none(self) -> None:
        assert len(check_rule(template_name, template(name="order_\u0967"))) == 1

    def test_too_long_for_moengage(self) -> None:
        (problem,) = check_rule(template_name, template(name="a" * 101))
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        assert problem.message == (
            "MoEngage has no room for a template name of 101 characters, only for 100; Meta would take it, but no "
            "campaign could use it"
        )
        assert problem.remedy == "have the template approved under a name of at most 100 characters"

    def test_longest_for_meta(self) -> None:
        (problem,) = check_rule(template_name, template(name="a" * 512))
        assert problem.message.startswith("MoEngage")

    def test_too_long_for_meta(self) -> None:
        (problem,) = check_rule(template_name, template(name="a" * 513))
        assert problem.message == "Meta refuses a template name of 513 characters: it may have 512 at most"
        assert problem.remedy == "create the template under a name of at most 100 characters"


class TestUnknownLanguage:
    @pytest.mark.parametrize("language", load("template_languages").values["codes"])
    def test_every_listed_code_passes(self, language: str) -> None:
        assert check_rule(unknown_language, template(language=language)) == []

    def test_there_are_111_codes(self) -> None:
        assert len(load("template_languages").values["codes"]) == 111

    @pytest.mark.parametrize(
        ("language", "meant"),
        [
            ("en-US", '"en_US"'),
            ("en_us", '"en_US"'),
            ("EN", '"en"'),
            ("pt-br", '"pt_BR"'),
            ("Hindi", '"hi"'),
            ("english (us)", '"en_US"'),
            ("no", '"nb"'),
            ("zh", '"zh_CN", "zh_HK" or "zh_TW"'),
            ("ZH", '"zh_CN", "zh_HK" or "zh_TW"'),
            ("pt", '"pt_BR" or "pt_PT"'),
            ("en_UK", '"en_GB"'),
            ("es_LA", '"es"'),
            ("es_CRI", '"es_CR"'),
            ("zh_Hans", '"zh_CN", "zh_HK" or "zh_TW"'),
            ("de-AT-1996", '"de"'),
        ],
    )
    def test_meant(self, language: str, meant: str) -> None:
        (problem,) = check_rule(unknown_language, template(language=language))
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        assert problem.message == f'Meta has no template language "{language}"; it has {meant}'
        assert place(problem) == "templates[0].language"
        assert problem.remedy == f"write the language as {MANAGER} has it: {meant}"

    @pytest.mark.parametrize(("language", "listed"), [("de_DE", '"de"'), ("ar_SA", '"ar"'), ("be_PL", '"be_BY"')])
    def test_a_region_that_may_be_newer(self, language: str, listed: str) -> None:
        (problem,) = check_rule(unknown_language, template(language=language))
        assert problem.outcome == "fail"
        assert problem.at_most == "warning"
        assert problem.message == f'"{language}" is not among the languages that Meta lists for templates'
        assert problem.remedy == f"compare it with the language in {MANAGER}; Meta lists {listed}"

    @pytest.mark.parametrize("language", ["xx", "xx_YY", "tlh", "_US", "-"])
    def test_nothing_near(self, language: str) -> None:
        (problem,) = check_rule(unknown_language, template(language=language))
        assert problem.message == f'Meta has no template language "{language}"'
        assert problem.at_most == "error"
        assert problem.remedy == ""


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
        assert problem.remedy == (f"write the category that {MANAGER} shows today: MARKETING, UTILITY, AUTHENTICATION")

    def test_not_replaced(self) -> None:
        (problem,) = check_rule(legacy_category, template(category="SHIPPING_UPDATE"))
        assert problem.message == (
            "Meta no longer has the template category SHIPPING_UPDATE; it sorted such templates anew by what they say"
        )

    def test_unknown(self) -> None:
        (problem,) = check_rule(legacy_category, template(category="Utilty"))
        assert problem.outcome == "unproven"
        assert problem.message == ('"Utilty" is not a template category that Meta has (did you mean "UTILITY"?)')
        assert problem.remedy == f"write the category that {MANAGER} shows: MARKETING, UTILITY, AUTHENTICATION"

    def test_a_previous_category_may_be_old(self) -> None:
        assert check_rule(legacy_category, template(previous_category="ACCOUNT_UPDATE")) == []
