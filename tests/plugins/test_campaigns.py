"""Campaigns: what CMP001 and CMP003 say, where, and what they leave unsaid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.growth import steps
from tests.plugins.fragments import campaign
from tests.plugins.said import labels, place
from wa_policy.api import Context, DocumentId, Place, Problem, Workspace
from wa_policy.plugins.campaigns import template_not_ready, unknown_template, wa_policy_rules
from wa_policy.testing import AS_OF, check_rule, manifest

if TYPE_CHECKING:
    from wa_policy.api import Route


def error(code: str, *route: str | int) -> tuple[str, Problem]:
    """An error that another rule has found."""
    whole: Route = route
    return code, Problem("fail", "wrong", (Place(DocumentId("manifest.yaml", 0), whole),))


def test_rules_are_offered_in_order() -> None:
    assert [rule.code for rule in wa_policy_rules()] == ["CMP001", "CMP003"]


class TestUnknownTemplate:
    def test_silent(self) -> None:
        assert check_rule(unknown_template) == []
        assert check_rule(unknown_template, campaign(template="{name: order_shipped, language: en_US}")) == []

    def test_no_template_named(self) -> None:
        (problem,) = check_rule(unknown_template, campaign(template=""))
        assert problem.outcome == "unproven"
        assert problem.message == (
            "the campaign names no template, and nothing else can be sent to start a conversation"
        )
        assert place(problem) == "campaigns[0].template.name"

    def test_no_language_named(self) -> None:
        (problem,) = check_rule(unknown_template, campaign(template="{name: order_shipped}"))
        assert problem.outcome == "unproven"
        assert problem.message == 'the campaign does not say in which language it uses template "order_shipped"'
        assert place(problem) == "campaigns[0].template.language"
        assert problem.remedy == 'write the language: the template exists in "en" or "en_US"'

    def test_no_language_named_of_an_unknown_template(self) -> None:
        (problem,) = check_rule(unknown_template, campaign(template="{name: nothing}"))
        assert problem.remedy == "write the language"

    def test_no_template_listed(self) -> None:
        (problem,) = check_rule(unknown_template, "templates: null")
        assert problem.outcome == "unproven"
        assert problem.message == 'no template is listed, so nothing shows that "order_shipped" (en) exists'
        assert place(problem) == "campaigns[0].template.name"

    def test_name_unknown(self) -> None:
        (problem,) = check_rule(unknown_template, campaign(template="{name: Order_Shiped, language: en}"))
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        assert problem.message == (
            'the workspace has no template "Order_Shiped" (did you mean "order_shipped"?); every message fails with '
            "error 132001"
        )
        assert place(problem) == "campaigns[0].template.name"
        assert problem.remedy == (
            "choose a template of this WABA in the campaign, or list this one under templates if it exists"
        )

    def test_language_unknown(self) -> None:
        (problem,) = check_rule(unknown_template, campaign(template="{name: order_shipped, language: hi}"))
        assert problem.outcome == "fail"
        assert problem.message == (
            'template "order_shipped" exists in "en" and "en_US", not in "hi"; every message fails with error 132001'
        )
        assert place(problem) == "campaigns[0].template.language"
        assert labels(problem) == [
            ("templates[0].language", "the template's language"),
            ("templates[1].language", "the template's language"),
        ]
        assert problem.remedy == ('choose "en" or "en_US" in the campaign, or have the template approved in "hi"')

    @pytest.mark.parametrize("language", ["en-US", "en_us"])
    def test_language_spelt_otherwise(self, language: str) -> None:
        (problem,) = check_rule(unknown_template, campaign(template=f"{{name: order_shipped, language: {language}}}"))
        assert problem.remedy == 'write the language as the template has it: "en_US"'

    @pytest.mark.parametrize("listed", ["en-US", "en_us", '"en_US "'])
    def test_a_template_that_is_spelt_otherwise_is_the_templates_own_fault(self, listed: str) -> None:
        text = (
            f"templates: [{{name: a, language: {listed}, category: UTILITY}}]\ncampaigns: [{{name: c, template: {{}}}}]"
        )
        assert check_rule(unknown_template, text.replace("{}", "{name: a, language: en_US}")) == []
        assert check_rule(unknown_template, text.replace("{}", f"{{name: a, language: {listed}}}")) == []
        (problem,) = check_rule(unknown_template, text.replace("{}", "{name: a, language: EN-us}"))
        assert problem.remedy == 'write the language as Meta has it: "en_US"'

    def test_names_are_compared_within_bounds(self, monkeypatch: pytest.MonkeyPatch) -> None:
        names = ["order_1x", "order_2x", "order_1x", "order_3x", "order_2x"]
        used = "".join(f"\n  - {{name: c, template: {{name: {name}, language: en}}}}" for name in names)
        listed = ", ".join(f"{{name: order_{index}, language: en, category: UTILITY}}" for index in (1, 2))
        text = f"templates: [{listed}]\ncampaigns:{used}"
        monkeypatch.setattr("wa_policy.plugins.campaigns.MOST_COMPARED", 4)
        said = [problem.message.partition("; ")[0] for problem in check_rule(unknown_template, text)]
        meant = [' (did you mean "order_1"?)', ' (did you mean "order_2"?)']
        assert said == [
            f'the workspace has no template "{name}"{suggestion}'
            for name, suggestion in zip(names, [*meant, meant[0], "", meant[1]], strict=True)
        ]

    @pytest.mark.parametrize("language", ["en", "hi"])
    def test_many_campaigns_with_many_templates_and_numbers(
        self, language: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("wa_policy.plugins.campaigns.MOST_COMPARED", 0)

        def look(times: int) -> int:
            numbers = "".join(f'\n  - {{number: "+91 80 4718 {index:04}"}}' for index in range(times))
            templates = "".join(
                f"\n  - {{name: order_{index}, language: en, category: UTILITY}}" for index in range(times)
            )
            campaigns = "".join(
                f"\n  - {{name: c, sender: '+91804718{index:04}', "
                f"template: {{name: order_{index}{'' if language == 'hi' else 'x'}, language: {language}}}}}"
                for index in range(times)
            )
            text = f"phone_numbers:{numbers}\ntemplates:{templates}\ncampaigns:{campaigns}"
            data: Any = manifest(text)
            workspace, ctx = Workspace(DocumentId("manifest.yaml", 0), data), Context(AS_OF)
            return steps(
                lambda: [[*unknown_template(each), *template_not_ready(each, ctx)] for each in workspace.campaigns]
            )

        assert look(400) < 4.5 * look(100)

    def test_many_languages_are_counted(self) -> None:
        listed = ", ".join(f"{{name: a, language: l{index:02}, category: UTILITY}}" for index in range(25))
        text = f"templates: [{listed}]\ncampaigns: [{{name: c, template: {{name: a, language: L2_4}}}}]"
        (problem,) = check_rule(unknown_template, text.replace("l24", "l2-4"))
        assert '"l18", "l19" and 5 more, not in "L2_4"' in problem.message
        assert len(problem.places) == 21
        assert problem.remedy == 'write the language as the template has it: "l2-4"'


class TestTemplateNotReady:
    def test_many_numbers_are_counted(self) -> None:
        text = "phone_numbers: ["
        text += ", ".join(f'{{number: "+91 80 4718 {index:04}"}}' for index in range(25))
        errors = [error("NUM001", "phone_numbers", index, "number") for index in range(25)]
        (problem,) = check_rule(template_not_ready, f"{text}]\ncampaigns: [{{name: c}}]", errors=errors)
        assert "+91 80 4718 0019 and 5 more have errors" in problem.message
        assert len(problem.places) == 21

    def test_a_template_that_is_listed_very_often(self) -> None:
        text = f"templates: [{', '.join(['{name: a, language: en, category: UTILITY}'] * 25)}]"
        errors = [error("TPL003", "templates", index) for index in range(25)]
        used = "campaigns: [{name: c, sender: '+91 80 4718 1888', template: {name: a, language: en}}]"
        assert len(check_rule(template_not_ready, f"{text}\n{used}", errors=errors)) == 20

    def test_silent_without_errors(self) -> None:
        assert check_rule(template_not_ready) == []

    def test_silent_on_errors_elsewhere(self) -> None:
        errors = [error("TPL001", "templates", 1, "status"), error("WBA001", "waba"), error("TPL009", "templates")]
        assert check_rule(template_not_ready, campaign(), errors=errors) == []

    def test_template(self) -> None:
        errors = [error("TPL001", "templates", 0, "status"), error("TPL010", "templates", 0, "components", 2)]
        (problem,) = check_rule(template_not_ready, campaign(), errors=errors)
        assert problem.outcome == "fail"
        assert problem.message == (
            'the campaign uses template "order_shipped" (en), which has errors of its own: TPL001, TPL010'
        )
        assert place(problem) == "campaigns[0].template"
        assert labels(problem) == [("templates[0]", "TPL001, TPL010 found here")]
        assert problem.remedy == "put right what TPL001, TPL010 found, or let the campaign use another one until then"

    def test_template_listed_twice(self) -> None:
        fragment = campaign().replace("language: en_US", "language: en")
        errors = [error("TPL003", "templates", 1, "name")]
        (problem,) = check_rule(template_not_ready, fragment, errors=errors)
        assert labels(problem) == [("templates[1]", "TPL003 found here")]

    @pytest.mark.parametrize("sender", ['"+91 80-4718-1888"', '"918047181888"', ""])
    def test_sender(self, sender: str) -> None:
        errors = [error("NUM009", "phone_numbers", 0, "status")]
        (problem,) = check_rule(template_not_ready, campaign(sender=sender), errors=errors)
        assert problem.outcome == "fail"
        assert problem.message == ("the campaign is sent from +91 80 4718 1888, which has errors of its own: NUM009")
        assert place(problem) == "campaigns[0].sender"
        assert labels(problem) == [("phone_numbers[0]", "NUM009 found here")]

    NUMBERS = '\nphone_numbers: [{number: "+918047181888"}, {number: "+918047181889"}, {number: "+918047181890"}]'

    def test_sender_of_the_workspace(self) -> None:
        fragment = campaign(sender="") + self.NUMBERS + '\nbsp: {sender_number: "+918047181889"}'
        errors = [error("NUM009", "phone_numbers", 0), error("NUM012", "phone_numbers", 1)]
        (problem,) = check_rule(template_not_ready, fragment, errors=errors)
        assert labels(problem) == [("phone_numbers[1]", "NUM012 found here")]

    def test_sender_unsaid_and_all_numbers_ready(self) -> None:
        assert check_rule(template_not_ready, campaign(sender="") + self.NUMBERS) == []

    def test_sender_unsaid_and_some_numbers_not_ready(self) -> None:
        errors = [error("NUM009", "phone_numbers", 0), error("NUM012", "phone_numbers", 2)]
        (problem,) = check_rule(template_not_ready, campaign(sender="") + self.NUMBERS, errors=errors)
        assert problem.outcome == "unproven"
        assert problem.message == (
            "nothing says from which number the campaign is sent, and +918047181888 and +918047181890 have errors"
        )
        assert place(problem) == "campaigns[0].sender"
        assert labels(problem) == [("phone_numbers[0]", "NUM009 found here"), ("phone_numbers[2]", "NUM012 found here")]

    def test_a_foreign_sender_is_another_rules_business(self) -> None:
        errors = [error("NUM009", "phone_numbers", 0)]
        assert check_rule(template_not_ready, campaign(sender='"+15550000000"'), errors=errors) == []
