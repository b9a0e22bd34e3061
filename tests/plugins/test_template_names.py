"""Names and languages of templates: what TPL003 to TPL005 say, where, and what they leave unsaid."""

from __future__ import annotations

import pytest

from tests.plugins.fragments import template
from tests.plugins.said import labels, place
from wa_policy.plugins._wording import TEMPLATE_MANAGER
from wa_policy.plugins.template_names import duplicate_template, template_name, unknown_language, wa_policy_rules
from wa_policy.policy.facts import load
from wa_policy.testing import check_rule


def test_rules_are_offered_in_order() -> None:
    assert [rule.code for rule in wa_policy_rules()] == ["TPL003", "TPL004", "TPL005"]


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
        assert labels(problem) == [("templates[0].name", "first listed here")]
        assert problem.remedy == "remove the entry that is out of date, or give the other message a name of its own"

    def test_thrice_points_at_the_first(self) -> None:
        one = "{name: order_shipped, language: en, category: UTILITY}"
        problems = check_rule(duplicate_template, f"templates: [{one}, {one}, {one}]")
        assert [(place(problem), labels(problem)[0][0]) for problem in problems] == [
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
            f'write the template\'s name as {TEMPLATE_MANAGER} shows it, or, if there is none yet, create it as "{mended}"'
        )

    def test_nothing_left_to_mend(self) -> None:
        (problem,) = check_rule(template_name, template(name="ご注文"))
        assert problem.remedy == f"write the template's name as {TEMPLATE_MANAGER} shows it"

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

    def test_a_connector_does_without_moengages_form(self) -> None:
        connector = "\nbsp: {integration: connector}"
        assert check_rule(template_name, template(name="a" * 512) + connector) == []
        (problem,) = check_rule(template_name, template(name="a" * 513) + connector)
        assert problem.remedy == "create the template under a name of at most 512 characters"


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
            ("en_US ", '"en_US"'),
            (" en-us", '"en_US"'),
            ("no ", '"nb"'),
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
        assert problem.remedy == f"write the language as {TEMPLATE_MANAGER} has it: {meant}"

    @pytest.mark.parametrize(("language", "listed"), [("de_DE", '"de"'), ("ar_SA", '"ar"'), ("be_PL", '"be_BY"')])
    def test_a_region_that_may_be_newer(self, language: str, listed: str) -> None:
        (problem,) = check_rule(unknown_language, template(language=language))
        assert problem.outcome == "fail"
        assert problem.at_most == "warning"
        assert problem.message == f'"{language}" is not among the languages that Meta lists for templates'
        assert problem.remedy == f"compare it with the language in {TEMPLATE_MANAGER}; Meta lists {listed}"

    @pytest.mark.parametrize("language", ["xx", "xx_YY", "tlh", "_US", "-"])
    def test_nothing_near(self, language: str) -> None:
        (problem,) = check_rule(unknown_language, template(language=language))
        assert problem.message == f'Meta has no template language "{language}"'
        assert problem.at_most == "error"
        assert problem.remedy == ""
