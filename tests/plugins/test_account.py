from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from wa_policy.api import show_route
from wa_policy.plugins import account
from wa_policy.policy.facts import load
from wa_policy.testing import check_rule

if TYPE_CHECKING:
    from wa_policy.api import Problem

PROVIDERS = load("providers").values
CENTERS = load("data_centers").values

META = """
bsp:
  provider: meta
  account: {id: null}
  credentials: {username: null, password: null, access_token: {env: TOKEN}}
  sender_fields: {app_id: "670843887433847"}
"""


def summary(problem: Problem) -> tuple[str, str, str, str]:
    return problem.outcome, problem.at_most, show_route(problem.places[0].route), problem.message


def only(problems: list[Problem]) -> tuple[str, str, str, str]:
    (problem,) = problems
    return summary(problem)


def labels(problem: Problem) -> list[tuple[str, str]]:
    return [(show_route(place.route), place.label) for place in problem.places[1:]]


@pytest.mark.parametrize(
    "function",
    [
        account.unsupported_provider,
        account.sender_name_length,
        account.missing_credential,
        account.wrong_credential_shape,
        account.missing_callback,
        account.callback_wrong_data_center,
        account.temporary_token,
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

    @pytest.mark.parametrize("integration", ["native", "generic", "connector", ""])
    def test_twilio_gets_its_own_note(self, integration: str) -> None:
        (problem,) = self.check("twilio", integration)
        assert summary(problem) == (
            "fail",
            "warning",
            "bsp.provider",
            PROVIDERS["twilio"]["remark"],
        )
        assert problem.remedy == "ask MoEngage whether Twilio can be a WhatsApp sender"

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
        assert problem.remedy == "prove it by the provider's own word on the account, kept with the manifest"

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

    def test_one_character(self) -> None:
        (problem,) = check_rule(account.sender_name_length, "bsp: {sender_name: a}")
        assert problem.message == 'the sender name "a" has 1 character; MoEngage takes 5 to 50'

    def test_characters_are_counted_not_bytes(self) -> None:
        assert check_rule(account.sender_name_length, f"bsp: {{sender_name: {'अ' * 50}}}") == []

    def test_an_unsaid_name(self) -> None:
        assert only(check_rule(account.sender_name_length, "bsp: {sender_name: null}")) == (
            "unproven",
            "warning",
            "bsp.sender_name",
            "nothing says what the sender is called in MoEngage",
        )


class TestMissingCredential:
    def test_every_missing_secret_is_named(self) -> None:
        (problem,) = check_rule(account.missing_credential, "bsp: {credentials: {password: null}}")
        assert summary(problem) == (
            "fail",
            "error",
            "bsp.credentials.password",
            'Gupshup\'s sender form asks for "Password", and no credential refers to it',
        )
        assert problem.remedy == "add bsp.credentials.password with a reference such as {env: NAME}"

    def test_no_credentials_at_all(self) -> None:
        problems = check_rule(account.missing_credential, "bsp: {credentials: null, account: {id: null}}")
        assert [summary(problem)[2:] for problem in problems] == [
            ("bsp.credentials.password", 'Gupshup\'s sender form asks for "Password", and no credential refers to it'),
            ("bsp.sender_fields.username", 'Gupshup\'s sender form asks for "Username", which is stated nowhere'),
        ]

    @pytest.mark.parametrize(
        "fragment",
        [
            'bsp: {account: {id: "2000201234"}, credentials: {username: null}}',
            'bsp: {account: {id: null}, credentials: {username: null}, sender_fields: {username: "2000201234"}}',
            "bsp: {account: {id: null}}",
        ],
    )
    def test_gupshups_user_id_may_stand_in_three_places(self, fragment: str) -> None:
        assert check_rule(account.missing_credential, fragment) == []

    def test_a_secret_that_is_written_out(self) -> None:
        fragment = "bsp: {credentials: {password: null}, sender_fields: {Password: hunter2}}"
        (problem,) = check_rule(account.missing_credential, fragment)
        assert summary(problem) == (
            "fail",
            "error",
            "bsp.sender_fields.Password",
            '"Password" is a secret, yet it is written out under sender_fields',
        )
        assert problem.places[0].on_key
        assert "hunter2" not in repr(problem)

    @pytest.mark.parametrize("key", ["access_token", "access-token", "Access Token", "api_key", "API key"])
    def test_spelling_does_not_matter(self, key: str) -> None:
        fragment = META.replace("access_token", repr(key))
        assert check_rule(account.missing_credential, fragment) == []

    def test_meta_asks_for_an_app_and_an_id_of_every_number(self) -> None:
        fragment = f"{META.replace('app_id', 'other')}\nphone_numbers: [{{number: '+918047181888'}}]"
        assert [summary(problem)[2:] for problem in check_rule(account.missing_credential, fragment)] == [
            (
                "bsp.sender_fields.app_id",
                'Meta\'s sender form asks for "App Id", which is stated nowhere',
            ),
            (
                "phone_numbers[0].id",
                'Meta\'s sender form asks for the "WhatsApp Number Id" of every number',
            ),
        ]

    @pytest.mark.parametrize("bsp", ["{integration: generic}", "{integration: connector}", "{provider: netcore}"])
    def test_without_a_known_form_nothing_is_asked_for(self, bsp: str) -> None:
        fragment = f"bsp: {bsp[:-1]}, credentials: null, account: null}}"
        assert check_rule(account.missing_credential, fragment) == []

    def test_an_unsaid_integration_counts_as_native(self) -> None:
        assert check_rule(account.missing_credential, "bsp: {integration: null, credentials: {password: null}}")

    @pytest.mark.parametrize("provider", [name for name, entry in PROVIDERS.items() if entry["support"] == "native"])
    def test_every_native_provider_can_be_satisfied(self, provider: str) -> None:
        entry = PROVIDERS[provider]
        credentials = ", ".join(f"{field}: {{vault: crm#x}}" for field in entry["credentials"])
        fields = ", ".join(f"{field}: 'https://x.example'" for field in entry.get("sender_fields", {}))
        fragment = f"""
            bsp:
              provider: {provider}
              account: {{id: null}}
              credentials: {{username: null, {credentials}}}
              sender_fields: {{{fields}}}
            """
        assert check_rule(account.missing_credential, fragment) == []


class TestWrongCredentialShape:
    INFOBIP = "bsp: {provider: infobip, account: {id: null}, sender_fields: {api_url: '%s'}}"

    @pytest.mark.parametrize("value", ["acme@example.com", "3000201234", "200020123", "20002012345"])
    def test_gupshups_user_id_is_generally_ten_digits(self, value: str) -> None:
        (problem,) = check_rule(account.wrong_credential_shape, f'bsp: {{account: {{id: "{value}"}}}}')
        assert summary(problem)[:3] == ("fail", "warning", "bsp.account.id")
        assert problem.message.endswith(
            "does not look like a Gupshup account id, which is ten digits that begin with 2, such as 2000201234"
        )
        assert problem.remedy == "write the user id of the notification (HSM) account, never the portal login"

    def test_gupshups_user_id_among_the_sender_fields(self) -> None:
        fragment = "bsp: {sender_fields: {Username: acme-login}}"
        assert only(check_rule(account.wrong_credential_shape, fragment)) == (
            "fail",
            "warning",
            "bsp.sender_fields.Username",
            '"acme-login" does not look like a Gupshup account id, '
            "which is ten digits that begin with 2, such as 2000201234",
        )

    def test_twilios_account_sid(self) -> None:
        fragment = "bsp: {provider: twilio, account: {id: '%s'}}"
        assert check_rule(account.wrong_credential_shape, fragment % ("AC" + "0aF1" * 8)) == []
        assert only(check_rule(account.wrong_credential_shape, fragment % ("SK" + "0aF1" * 8)))[:2] == ("fail", "error")

    def test_any_account_id_will_do_elsewhere(self) -> None:
        assert check_rule(account.wrong_credential_shape, "bsp: {provider: karix, account: {id: anything}}") == []

    @pytest.mark.parametrize("address", ["https://abc123.api.infobip.com", "HTTPS://abc123.api.infobip.com"])
    def test_infobips_address(self, address: str) -> None:
        assert check_rule(account.wrong_credential_shape, self.INFOBIP % address) == []

    @pytest.mark.parametrize("address", ["abc123.api.infobip.com", "http://abc123.api.infobip.com"])
    def test_infobips_address_without_https(self, address: str) -> None:
        (problem,) = check_rule(account.wrong_credential_shape, self.INFOBIP % address)
        assert summary(problem) == (
            "fail",
            "error",
            "bsp.sender_fields.api_url",
            "api_url does not begin with https://: sends through Infobip fail without it",
        )
        assert problem.remedy == "put https:// in front of the address, in MoEngage and here"

    def test_infobips_sample_address(self) -> None:
        assert only(check_rule(account.wrong_credential_shape, self.INFOBIP % "https://xxxxx.api.infobip.com")) == (
            "fail",
            "error",
            "bsp.sender_fields.api_url",
            'api_url still has the placeholder "xxxxx"',
        )

    def test_an_unencrypted_address_is_a_warning(self) -> None:
        fragment = "bsp: {provider: sinch-india, sender_fields: {'API URL': 'HTTP://push.example/wa'}}"
        (problem,) = check_rule(account.wrong_credential_shape, fragment)
        assert summary(problem) == (
            "fail",
            "warning",
            "bsp.sender_fields['API URL']",
            "API URL is an unencrypted address: credentials and customers' numbers travel in the open",
        )
        assert problem.remedy == "ask the provider for its https:// address"

    @pytest.mark.parametrize("provider", ["gupshup", "acme-partner"])
    def test_an_unencrypted_address_in_any_field(self, provider: str) -> None:
        fragment = f"bsp: {{provider: {provider}, sender_fields: {{proxy: 'http://proxy.example'}}}}"
        assert only(check_rule(account.wrong_credential_shape, fragment))[:3] == (
            "fail",
            "warning",
            "bsp.sender_fields.proxy",
        )

    def test_an_address_without_a_scheme_is_a_warning(self) -> None:
        fragment = "bsp: {provider: mitto, sender_fields: {api_url: rest.example/wa}}"
        assert only(check_rule(account.wrong_credential_shape, fragment)) == (
            "fail",
            "warning",
            "bsp.sender_fields.api_url",
            "api_url is not a full web address: it does not begin with https://",
        )

    def test_the_address_of_the_providers_page(self) -> None:
        fragment = "bsp: {provider: nexg, sender_fields: {api_url: '%s'}}"
        right = "https://automate.nexgplatforms.com/api/v1/wa/moengage"
        assert check_rule(account.wrong_credential_shape, fragment % right) == []
        (problem,) = check_rule(account.wrong_credential_shape, fragment % "https://nexgplatforms.com/api")
        assert summary(problem) == (
            "fail",
            "warning",
            "bsp.sender_fields.api_url",
            f"api_url differs from the address on NexG Platforms's page, which begins with {right}",
        )
        assert problem.remedy == f"compare it with {PROVIDERS['nexg']['page']}"

    def test_a_placeholder_inside_the_path(self) -> None:
        address = "https://chatapps.8x8.com/api/v1/subaccounts/<sub>/partners/moengage/wa"
        fragment = f"bsp: {{provider: 8x8, sender_fields: {{api_url: '{address}'}}}}"
        assert (
            only(check_rule(account.wrong_credential_shape, fragment))[3] == 'api_url still has the placeholder "<sub>"'
        )


class TestMissingCallback:
    DELIVERY = (
        "unproven",
        "error",
        "moengage.callbacks.delivery",
        "nothing says that the provider reports deliveries to MoEngage: campaigns will show nothing as delivered",
    )
    INBOUND = (
        "unproven",
        "error",
        "moengage.callbacks.inbound",
        "nothing says that the provider passes replies on to MoEngage: a customer's STOP will not be heard",
    )

    def test_each_is_named(self) -> None:
        assert only(check_rule(account.missing_callback, "moengage: {callbacks: {delivery: null}}")) == self.DELIVERY
        assert only(check_rule(account.missing_callback, "moengage: {callbacks: {inbound: null}}")) == self.INBOUND

    def test_no_block_at_all(self) -> None:
        problems = check_rule(account.missing_callback, "moengage: {callbacks: null}")
        assert [summary(problem) for problem in problems] == [self.DELIVERY, self.INBOUND]


class TestCallbackWrongDataCenter:
    @staticmethod
    def check(address: str, center: str = "DC-03", more: str = "") -> list[Problem]:
        fragment = f"moengage: {{data_center: {center}, callbacks: {{delivery: '{address}', inbound: null}}}}\n{more}"
        return check_rule(account.callback_wrong_data_center, fragment)

    @pytest.mark.parametrize("center", CENTERS)
    def test_the_host_of_every_data_center(self, center: str) -> None:
        host = CENTERS[center]["api_host"]
        assert host == f"api-{center[3:]}.moengage.com"
        assert self.check(f"https://{host}/whatsapp/gupshup/dlr", center) == []

    @pytest.mark.parametrize(
        "address",
        [
            "https://api-03.moengage.com/whatsapp/dlr/acme",
            "https://API-03.MoEngage.com./whatsapp/gupshup/dlr/",
            "https://api-03.moengage.com:443/whatsapp/gupshup/dlr",
        ],
    )
    def test_only_the_host_matters(self, address: str) -> None:
        assert self.check(address) == []

    def test_another_data_center(self) -> None:
        (problem,) = self.check("https://api-01.moengage.com/whatsapp/gupshup/dlr")
        assert summary(problem) == (
            "fail",
            "error",
            "moengage.callbacks.delivery",
            "the delivery callback goes to DC-01, while the workspace is in DC-03: its reports are lost",
        )
        assert labels(problem) == [("moengage.data_center", "the workspace lives here")]
        assert problem.remedy == "enter the same address with the host api-03.moengage.com, at the BSP and here"

    def test_both_callbacks_are_looked_at(self) -> None:
        problems = check_rule(account.callback_wrong_data_center, "moengage: {data_center: DC-101}")
        assert [summary(problem)[2:] for problem in problems] == [
            (
                f"moengage.callbacks.{kind}",
                f"the {kind} callback goes to DC-03, while the workspace is in DC-101: its reports are lost",
            )
            for kind in ("delivery", "inbound")
        ]

    @pytest.mark.parametrize(
        ("address", "placeholder"),
        [
            ("https://api-0X.moengage.com/whatsapp/wisely/dlr/", "api-0X"),
            ("https://api-0x.moengage.com/whatsapp/dlr/acme", "api-0x"),
            ("https://api-xx.moengage.com/whatsapp/dlr/acme", "api-xx"),
            ("https://api-03.moengage.com/whatsapp/dlr/<vendor_name>", "<vendor_name>"),
            ("https://api-03.moengage.com/whatsapp/dlr/vendor_name", "vendor_name"),
            ("https://api-{dc}.moengage.com/whatsapp/gupshup/dlr", "{dc}"),
        ],
    )
    def test_placeholders(self, address: str, placeholder: str) -> None:
        assert only(self.check(address)) == (
            "fail",
            "error",
            "moengage.callbacks.delivery",
            f'the delivery callback still has the placeholder "{placeholder}": nothing arrives there',
        )

    @pytest.mark.parametrize("address", ["api-03.moengage.com/whatsapp/gupshup/dlr", "https://", "see ticket"])
    def test_no_address(self, address: str) -> None:
        assert only(self.check(address)) == (
            "fail",
            "error",
            "moengage.callbacks.delivery",
            "the delivery callback is not a full web address: nothing arrives there",
        )

    def test_an_unencrypted_address_is_a_warning(self) -> None:
        (problem,) = self.check("http://api-03.moengage.com/whatsapp/gupshup/dlr")
        assert summary(problem) == (
            "fail",
            "warning",
            "moengage.callbacks.delivery",
            "the delivery callback is not encrypted: customers' numbers and replies travel in the open",
        )
        assert problem.remedy == "replace http:// by https://, at the BSP and here"

    @pytest.mark.parametrize("host", ["dashboard-03.moengage.com", "moengage.com", "api-3.moengage.com"])
    def test_a_host_of_moengage_that_takes_no_callbacks(self, host: str) -> None:
        assert only(self.check(f"https://{host}/whatsapp/gupshup/dlr")) == (
            "fail",
            "error",
            "moengage.callbacks.delivery",
            f'the delivery callback goes to "{host}", which takes no callbacks',
        )

    @pytest.mark.parametrize(
        ("address", "host"),
        [
            ("https://relay.acme.example/wa", "relay.acme.example"),
            ("https://api-03.moengage.com.evil.example/whatsapp", "api-03.moengage.com.evil.example"),
            ("https://api-03.moengage.com@evil.example/whatsapp", "evil.example"),
            ("https://notmoengage.com/whatsapp", "notmoengage.com"),
        ],
    )
    def test_a_host_that_is_not_moengages(self, address: str, host: str) -> None:
        (problem,) = self.check(address)
        assert summary(problem) == (
            "fail",
            "warning",
            "moengage.callbacks.delivery",
            f'the delivery callback goes to "{host}", which is not MoEngage\'s',
        )
        assert problem.remedy.endswith("if this is your own relay, describe it under allowed_sources")

    def test_a_declared_relay_is_unproven(self) -> None:
        more = "  callbacks: {delivery: 'https://relay.acme.example/wa', inbound: null, allowed_sources: {from: bsp}}"
        (problem,) = check_rule(account.callback_wrong_data_center, f"moengage:\n{more}")
        assert summary(problem) == (
            "unproven",
            "warning",
            "moengage.callbacks.delivery",
            'the delivery callback goes to your own "relay.acme.example", '
            "and nothing shows that it passes reports on to MoEngage",
        )
        assert problem.remedy == "make sure that the endpoint passes everything on to api-03.moengage.com"

    @pytest.mark.parametrize(
        ("provider", "host"), [("kaleyra", "moengage-whatsapp-prod.kaleyra.io"), ("onextel", "mo.onexaura.com")]
    )
    def test_a_providers_own_middleware(self, provider: str, host: str) -> None:
        assert self.check(f"https://{host}/moengage", more=f"bsp: {{provider: {provider}}}") == []
        assert self.check(f"https://{host}/moengage") != []

    def test_an_unknown_data_center_is_unproven(self) -> None:
        (problem,) = self.check("https://api-03.moengage.com/whatsapp/gupshup/dlr", "DC-33")
        assert summary(problem)[:3] == ("unproven", "error", "moengage.data_center")
        assert re.fullmatch(
            r'DC-33 is not a data center that is known here \(did you mean "DC-0\d"\?\)', problem.message
        )

    def test_without_callbacks_there_is_nothing_to_compare(self) -> None:
        fragment = "moengage: {data_center: DC-33, callbacks: null}"
        assert check_rule(account.callback_wrong_data_center, fragment) == []


class TestTemporaryToken:
    TEMPORARY = "the access token is a temporary one: it expires within hours, and every message fails from then on"

    @pytest.mark.parametrize(("environment", "at_most"), [("live", "error"), ("test", "warning"), ("draft", "warning")])
    def test_a_temporary_token(self, environment: str, at_most: str) -> None:
        fragment = f"{META}  token_kind: temporary\nmetadata: {{environment: {environment}}}"
        assert only(check_rule(account.temporary_token, fragment)) == (
            "fail",
            at_most,
            "bsp.token_kind",
            self.TEMPORARY,
        )

    def test_a_system_users_token(self) -> None:
        assert check_rule(account.temporary_token, f"{META}  token_kind: system_user") == []

    def test_an_unsaid_kind(self) -> None:
        (problem,) = check_rule(account.temporary_token, META)
        assert summary(problem) == (
            "unproven",
            "warning",
            "bsp.token_kind",
            "nothing says whether the access token is a system user's; a temporary one expires within hours",
        )
        assert problem.remedy == "state bsp.token_kind: system_user or temporary"

    def test_other_providers_have_no_such_token(self) -> None:
        assert check_rule(account.temporary_token, "bsp: {token_kind: temporary}") == []


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
                assert "field" not in expected or expected["field"] in entry["sender_fields"]

    def test_who_lets_customers_restrict_callers(self) -> None:
        offered = {name for name, entry in PROVIDERS.items() if entry["ip_allowlist"] == "offered"}
        assert offered == {"infobip", "kaleyra", "unifonic", "exotel", "meta", "ycloud"}
        assert PROVIDERS["unifonic"]["allowlist_cap"] == 50

    def test_the_patterns_of_placeholders_leave_real_addresses_alone(self) -> None:
        patterns = load("callbacks").values["placeholders"]
        for address in (
            "https://api-101.moengage.com/whatsapp/dlr/axx",
            "https://apix.example/v1",
            "https://foxxx.example",
        ):
            assert not any(re.search(pattern, address) for pattern in patterns)

    def test_a_sender_name(self) -> None:
        assert load("moengage_sender").values["sender_name"] == {"minimum": 5, "maximum": 50}
