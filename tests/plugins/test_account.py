from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.plugins.said import labels, only, summary
from wa_policy.plugins import account
from wa_policy.policy.facts import load
from wa_policy.testing import check_rule

if TYPE_CHECKING:
    from wa_policy.api import Problem

PROVIDERS = load("providers").values


@pytest.mark.parametrize(
    "function",
    [
        account.unsupported_provider,
        account.sender_name_length,
        account.domestic_only_account,
        account.foreign_sender,
    ],
)
def test_a_ready_workspace_passes_in_silence(function: Any) -> None:
    assert check_rule(function) == []


class TestUnsupportedProvider:
    @staticmethod
    def check(provider: str, integration: str) -> list[Problem]:
        return check_rule(
            account.unsupported_provider, f"bsp: {{provider: {provider!r}, integration: {integration or 'null'}}}"
        )

    @pytest.mark.parametrize("provider", ["gupshup", "meta", "yellow-ai", "yellow_ai", "Yellow.ai", "8x8", "Airtel IQ"])
    @pytest.mark.parametrize("integration", ["native", "generic", "connector", ""])
    def test_a_listed_provider_passes(self, provider: str, integration: str) -> None:
        assert self.check(provider, integration) == []

    @pytest.mark.parametrize("key", [key for key, entry in PROVIDERS.items() if entry["support"] == "native"])
    def test_moengages_own_name_is_known_however_it_is_written(self, key: str) -> None:
        name = PROVIDERS[key]["name"]
        hyphens = re.sub("[ .]", "-", re.sub("[()]", "", name)).lower()
        for written in (name, hyphens, name.upper()):
            assert self.check(written, "native") == []

    @pytest.mark.parametrize("name", ["nexg-platforms", "kwikchat-gokwik", "sinch-india-acl", "wisely-tanla"])
    def test_the_whole_name_is_known(self, name: str) -> None:
        assert self.check(name, "native") == []

    def test_an_unlisted_provider_cannot_be_native(self) -> None:
        (problem,) = self.check("netcore", "native")
        assert summary(problem) == (
            "fail",
            "error",
            "bsp.provider",
            "Netcore is not on MoEngage's list of WhatsApp providers, so it has no sender form there",
        )
        assert labels(problem) == [("bsp.integration", "claimed here")]

    @pytest.mark.parametrize("integration", ["generic", "connector"])
    def test_an_unlisted_provider_may_come_in_otherwise(self, integration: str) -> None:
        assert self.check("netcore", integration) == []

    def test_how_an_unlisted_provider_is_reached_must_be_said(self) -> None:
        (problem,) = self.check("netcore", "")
        assert summary(problem) == (
            "unproven",
            "error",
            "bsp.provider",
            "Netcore is not on MoEngage's list of WhatsApp providers, and nothing says how it is reached",
        )
        assert problem.remedy == "state bsp.integration: generic or connector"

    @pytest.mark.parametrize("provider", ["twilio", "exotel"])
    @pytest.mark.parametrize("integration", ["generic", "connector"])
    def test_an_answer_ends_the_doubt(self, provider: str, integration: str) -> None:
        assert self.check(provider, integration) == []

    @pytest.mark.parametrize("integration", ["native", ""])
    def test_twilio_gets_its_own_note(self, integration: str) -> None:
        (problem,) = self.check("twilio", integration)
        assert summary(problem) == (
            "fail",
            "warning",
            "bsp.provider",
            PROVIDERS["twilio"]["remark"],
        )
        assert problem.remedy == (
            "ask MoEngage whether Twilio can be a WhatsApp sender; if not, state how it is reached as "
            "bsp.integration: generic or connector"
        )

    def test_exotel_is_unsure(self) -> None:
        outcome, at_most, _, message = only(self.check("exotel", "native"))
        assert (outcome, at_most) == ("fail", "warning")
        assert message.startswith("MoEngage's WhatsApp FAQ names Exotel")

    def test_a_provider_with_a_connector_of_its_own_is_not_native(self) -> None:
        outcome, at_most, _, message = only(self.check("vonage", "native"))
        assert (outcome, at_most) == ("fail", "error")
        assert message.endswith(
            "so it has no sender form there; Vonage runs its own MoEngage connector "
            "(one-way broadcasts; no template synchronisation in version 1.0)"
        )

    @pytest.mark.parametrize("provider", ["vonage", "doubletick"])
    def test_what_is_known_of_a_connector_is_a_remark(self, provider: str) -> None:
        outcome, at_most, _, message = only(self.check(provider, "connector"))
        assert (outcome, at_most, message) == ("fail", "info", PROVIDERS[provider]["remark"])

    def test_a_mistyped_native_provider(self) -> None:
        (problem,) = self.check("gupshop", "native")
        assert summary(problem) == (
            "fail",
            "error",
            "bsp.provider",
            '"gupshop" is not on MoEngage\'s list of WhatsApp providers (did you mean "gupshup"?)',
        )
        assert problem.remedy == "correct the name; or state bsp.integration: generic or connector"

    def test_an_unheard_of_native_provider(self) -> None:
        (problem,) = self.check("qqqq", "native")
        assert problem.message == '"qqqq" is not on MoEngage\'s list of WhatsApp providers'
        assert problem.remedy.startswith("write one of gupshup, infobip, yellow-ai, ")
        assert "twilio" not in problem.remedy

    def test_an_unheard_of_provider_whose_integration_is_unsaid(self) -> None:
        assert only(self.check("infobib", "")) == (
            "unproven",
            "error",
            "bsp.provider",
            '"infobib" is not a provider that is known here (did you mean "infobip"?), '
            "and nothing says how it is reached",
        )

    @pytest.mark.parametrize("integration", ["generic", "connector"])
    def test_a_partner_may_have_any_name(self, integration: str) -> None:
        assert self.check("gupshop", integration) == []


class TestInactiveAccount:
    def test_active_is_a_claim(self) -> None:
        (problem,) = check_rule(account.inactive_account)
        assert summary(problem)[:3] == ("claimed", "error", "bsp.account.status")
        assert problem.remedy == "prove it by the provider's confirmation, named as bsp.account.proof"

    def test_what_the_provider_wrote_proves_it(self) -> None:
        assert check_rule(account.inactive_account, "bsp: {account: {proof: evidence/contract.txt}}") == []

    def test_a_proof_changes_nothing_in_another_status(self) -> None:
        fragment = "bsp: {account: {status: closed, proof: evidence/contract.txt}}"
        assert only(check_rule(account.inactive_account, fragment))[0] == "fail"

    @pytest.mark.parametrize("status", ["pending", "suspended", "closed"])
    def test_any_other_status_fails(self, status: str) -> None:
        assert only(check_rule(account.inactive_account, f"bsp: {{account: {{status: {status}}}}}")) == (
            "fail",
            "error",
            "bsp.account.status",
            f"the account with the provider is {status}: it sends nothing",
        )

    @pytest.mark.parametrize("fragment", ["bsp: {account: {status: null}}", "bsp: {account: null}"])
    def test_an_unsaid_status_is_unproven(self, fragment: str) -> None:
        (problem,) = check_rule(account.inactive_account, fragment)
        assert summary(problem) == (
            "unproven",
            "error",
            "bsp.account.status",
            "nothing says whether the account with the provider is active",
        )
        assert problem.remedy == "ask the provider, and state bsp.account.status"


class TestSenderNameLength:
    @pytest.mark.parametrize("length", [5, 50])
    def test_the_bounds_are_inside(self, length: int) -> None:
        assert check_rule(account.sender_name_length, f"bsp: {{sender_name: {'a' * length}}}") == []

    @pytest.mark.parametrize("length", [4, 51])
    def test_beyond_the_bounds(self, length: int) -> None:
        name = "a" * length
        (problem,) = check_rule(account.sender_name_length, f"bsp: {{sender_name: {name}}}")
        assert summary(problem) == (
            "fail",
            "error",
            "bsp.sender_name",
            f'the sender name "{name}" has {length} characters; MoEngage takes 5 to 50',
        )
        assert problem.remedy == "choose a name of 5 to 50 characters, in MoEngage and here"

    @pytest.mark.parametrize("name", ["null", "abc"])
    def test_a_connector_has_no_sender(self, name: str) -> None:
        fragment = f"bsp: {{integration: connector, sender_name: {name}}}"
        assert check_rule(account.sender_name_length, fragment) == []

    def test_one_character(self) -> None:
        (problem,) = check_rule(account.sender_name_length, "bsp: {sender_name: a}")
        assert problem.message == 'the sender name "a" has 1 character; MoEngage takes 5 to 50'

    def test_characters_are_counted_not_bytes(self) -> None:
        assert check_rule(account.sender_name_length, f"bsp: {{sender_name: {'अ' * 50}}}") == []

    def test_blanks_are_no_name(self) -> None:
        assert only(check_rule(account.sender_name_length, "bsp: {sender_name: '        '}")) == (
            "fail",
            "error",
            "bsp.sender_name",
            "the sender name is blank",
        )

    def test_an_unsaid_name(self) -> None:
        assert only(check_rule(account.sender_name_length, "bsp: {sender_name: null}")) == (
            "unproven",
            "warning",
            "bsp.sender_name",
            "nothing says what the sender is called in MoEngage",
        )


class TestDomesticOnlyAccount:
    @staticmethod
    def check(account_: str, *countries: str) -> list[Problem]:
        fragment = f"""
            bsp: {{account: {{{account_}}}}}
            campaigns: [{{name: sale, audience: {{countries: [{", ".join(countries)}]}}}}]
            """
        return check_rule(account.domestic_only_account, fragment)

    def test_abroad(self) -> None:
        (problem,) = self.check("international: false, home_country: IN", "IN", "AE", "SA", "AE")
        assert summary(problem) == (
            "fail",
            "error",
            "campaigns[0].audience.countries",
            "the campaign goes to AE, SA, but the account may send within IN only",
        )
        assert labels(problem) == [("bsp.account.international", "not switched on here")]

    def test_at_home(self) -> None:
        assert self.check("international: false, home_country: IN", "IN") == []
        assert self.check("international: null, home_country: IN", "IN") == []

    def test_international(self) -> None:
        assert self.check("international: true, home_country: null", "IN", "AE") == []

    def test_no_audience(self) -> None:
        assert self.check("international: false, home_country: IN") == []
        fragment = "bsp: {account: {international: false}}\ncampaigns: [{name: sale}]"
        assert check_rule(account.domestic_only_account, fragment) == []

    def test_an_unsaid_permission_to_send_abroad(self) -> None:
        (problem,) = self.check("international: null, home_country: IN", "IN", "AE")
        assert summary(problem) == (
            "unproven",
            "error",
            "campaigns[0].audience.countries",
            "nothing says whether the account may send to AE",
        )
        assert labels(problem) == [("bsp.account.international", "not stated here")]

    def test_nothing_is_said_of_the_account(self) -> None:
        assert only(self.check("international: null, home_country: null", "IN"))[:2] == ("unproven", "warning")

    def test_an_unsaid_home(self) -> None:
        (problem,) = self.check("international: false, home_country: null", "IN")
        assert summary(problem) == (
            "unproven",
            "error",
            "campaigns[0].audience.countries",
            "the account may send within its home country only, and nothing says whether that is IN",
        )
        assert problem.remedy == "state bsp.account.home_country"

    def test_several_countries_cannot_all_be_home(self) -> None:
        assert only(self.check("international: false, home_country: null", "IN", "AE")) == (
            "fail",
            "error",
            "campaigns[0].audience.countries",
            "the campaign goes to several countries (IN, AE), but the account may send within one only",
        )


class TestForeignSender:
    def test_the_sender_and_every_campaign_are_looked_at(self) -> None:
        fragment = """
            bsp: {sender_number: "+91 80 4718 1999"}
            campaigns: [{name: sale, sender: "+918047181888"}, {name: news, sender: "+14155550123"}, {name: plain}]
            """
        problems = check_rule(account.foreign_sender, fragment)
        assert [summary(problem) for problem in problems] == [
            (
                "fail",
                "error",
                "bsp.sender_number",
                'the sender uses "+91 80 4718 1999", which is not one of the account\'s numbers',
            ),
            (
                "fail",
                "error",
                "campaigns[1].sender",
                'the campaign "news" uses "+14155550123", which is not one of the account\'s numbers',
            ),
        ]
        assert labels(problems[0]) == [("phone_numbers", "the account's numbers")]

    @pytest.mark.parametrize("number", ["918047181888", "+91 (80) 4718-1888", "+91.80.4718.1888"])
    def test_only_digits_matter(self, number: str) -> None:
        assert check_rule(account.foreign_sender, f'bsp: {{sender_number: "{number}"}}') == []

    @pytest.mark.parametrize("number", ["080 4718 1888", "80 4718 1888"])
    def test_a_number_without_its_country_code(self, number: str) -> None:
        (problem,) = check_rule(account.foreign_sender, f'bsp: {{sender_number: "{number}"}}')
        assert problem.message == (
            f'the sender uses "{number}", which is one of the account\'s numbers only if its country code is added'
        )
        assert problem.remedy == 'write "+91 80 4718 1888"'

    @pytest.mark.parametrize("listed", ["0091 80 4718 1888", "918047181888", "+91 (0)80 4718 1888"])
    def test_a_number_that_another_rule_corrects_is_the_same(self, listed: str) -> None:
        for one, other in ((listed, "+91 80 4718 1888"), ("+91 80 4718 1888", listed)):
            fragment = f"bsp: {{sender_number: '{other}'}}\nphone_numbers: [{{number: '{one}'}}]"
            assert check_rule(account.foreign_sender, fragment) == []

    def test_a_few_last_digits_suggest_nothing(self) -> None:
        (problem,) = check_rule(account.foreign_sender, 'bsp: {sender_number: "1888"}')
        assert problem.remedy == ""


class TestFacts:
    def test_every_provider_has_the_shape_that_rules_rely_on(self) -> None:
        for name, entry in PROVIDERS.items():
            assert re.fullmatch(r"[a-z0-9-]+", name)
            assert entry["name"]
            assert entry["support"] in {"native", "own-connector", "custom-connector", "unlisted", "unsure"}
            assert entry["ip_allowlist"] in {"offered", "none", "unknown"}
            assert set(entry) <= {
                "name",
                "support",
                "remark",
                "page",
                "credentials",
                "user_names",
                "sender_fields",
                "number_fields",
                "account_id",
                "api_url",
                "temporary_tokens",
                "callback_hosts",
                "template_namespace",
                "ip_allowlist",
                "allowlist_cap",
                "allowlist_note",
            }

    def test_native_providers_have_a_form_and_a_page(self) -> None:
        native = [entry for entry in PROVIDERS.values() if entry["support"] == "native"]
        assert len(native) == 23
        assert all(entry["credentials"] and entry["page"].startswith("https://") for entry in native)

    def test_an_unsure_provider_says_why(self) -> None:
        assert all(entry["remark"] for entry in PROVIDERS.values() if entry["support"] == "unsure")

    def test_account_ids(self) -> None:
        for entry in PROVIDERS.values():
            if expected := entry.get("account_id"):
                re.compile(expected["pattern"])
                assert expected["shape"]
                assert expected["is"]
                assert expected["certainty"] in {"sure", "probable"}
                assert "field" not in expected or expected["field"] in entry["user_names"]

    def test_user_names_are_fields_of_the_form(self) -> None:
        named = {name: entry["user_names"] for name, entry in PROVIDERS.items() if "user_names" in entry}
        assert named == {"gupshup": ["username"], "sinch-india": ["username"]}
        assert all(set(fields) <= set(PROVIDERS[name]["credentials"]) for name, fields in named.items())

    def test_who_lets_customers_restrict_callers(self) -> None:
        offered = {name for name, entry in PROVIDERS.items() if entry["ip_allowlist"] == "offered"}
        assert offered == {"infobip", "kaleyra", "unifonic", "exotel", "meta", "ycloud"}
        assert PROVIDERS["unifonic"]["allowlist_cap"] == 50

    def test_a_sender_name(self) -> None:
        assert load("moengage_sender").values["sender_name"] == {"minimum": 5, "maximum": 50}
