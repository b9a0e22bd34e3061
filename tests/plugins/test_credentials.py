from __future__ import annotations

from typing import Any

import pytest

from tests.plugins.said import only, remedy, summary
from wa_policy.plugins import credentials
from wa_policy.policy.facts import load
from wa_policy.testing import check_fragment, check_rule

PROVIDERS = load("providers").values

META = """
bsp:
  provider: meta
  account: {id: null}
  credentials: {username: null, password: null, access_token: {env: TOKEN}}
  sender_fields: {app_id: "670843887433847"}
"""


@pytest.mark.parametrize(
    "function",
    [
        credentials.missing_credential,
        credentials.wrong_credential_shape,
        credentials.temporary_token,
    ],
)
def test_a_ready_workspace_passes_in_silence(function: Any) -> None:
    assert check_rule(function) == []


class TestMissingCredential:
    def test_every_missing_secret_is_named(self) -> None:
        (problem,) = check_rule(credentials.missing_credential, "bsp: {credentials: {password: null}}")
        assert summary(problem) == (
            "unproven",
            "error",
            "bsp.credentials.password",
            'Gupshup\'s sender form asks for "Password", and no credential refers to it',
        )
        assert problem.remedy == "add bsp.credentials.password with a reference such as {env: NAME}"

    def test_no_credentials_at_all(self) -> None:
        problems = check_rule(credentials.missing_credential, "bsp: {credentials: null, account: {id: null}}")
        asks = "Gupshup's sender form asks for"
        assert [summary(problem) for problem in problems] == [
            ("unproven", "error", "bsp.credentials.username", f'{asks} "Username", and no credential refers to it'),
            ("unproven", "error", "bsp.credentials.password", f'{asks} "Password", and no credential refers to it'),
        ]
        assert [problem.remedy for problem in problems] == [
            "add bsp.credentials.username with a reference such as {env: NAME}",
            "add bsp.credentials.password with a reference such as {env: NAME}",
        ]

    @pytest.mark.parametrize(("policy", "severity"), [("draft", "info"), ("go-live", "error"), ("strict", "error")])
    def test_what_is_not_given_yet_is_a_note_in_a_draft(self, policy: str, severity: str) -> None:
        report = check_fragment("bsp: {credentials: {password: null}}", policy=policy)
        assert [finding.severity for finding in report.findings if finding.code == "BSP004"] == [severity]

    def test_what_is_no_secret_may_stand_in_either_place(self) -> None:
        unifonic = "provider: unifonic, account: {id: null}, credentials: {username: null, password: null, secret: %s"
        fragment = unifonic % "{env: S}, public_id: {env: P}}, sender_fields: {api_url: 'https://x.example'}"
        assert check_rule(credentials.missing_credential, f"bsp: {{{fragment}}}") == []
        sinch = "provider: sinch-india, account: {id: null}, credentials: {username: null}, sender_fields: {%s}"
        fields = sinch % "user: acme, api_url: 'https://x.example'"
        assert check_rule(credentials.missing_credential, f"bsp: {{{fields}}}") == []
        assert remedy(check_rule(credentials.missing_credential, f"bsp: {{{sinch % 'user: acme'}}}")) == (
            "add bsp.sender_fields.api_url"
        )

    @pytest.mark.parametrize(
        "fragment",
        [
            'bsp: {account: {id: "2000201234"}, credentials: {username: null}}',
            'bsp: {account: {id: null}, credentials: {username: null}, sender_fields: {username: "2000201234"}}',
            "bsp: {account: {id: null}}",
        ],
    )
    def test_gupshups_user_id_may_stand_in_three_places(self, fragment: str) -> None:
        assert check_rule(credentials.missing_credential, fragment) == []

    def test_a_secret_that_is_written_out(self) -> None:
        fragment = "bsp: {credentials: {password: null}, sender_fields: {Password: hunter2}}"
        (problem,) = check_rule(credentials.missing_credential, fragment)
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
        assert check_rule(credentials.missing_credential, fragment) == []

    def test_meta_asks_for_an_app_and_an_id_of_every_number(self) -> None:
        fragment = f"{META.replace('app_id', 'other')}\nphone_numbers: [{{number: '+918047181888'}}]"
        problems = check_rule(credentials.missing_credential, fragment)
        assert [summary(problem) for problem in problems] == [
            (
                "unproven",
                "error",
                "bsp.sender_fields.app_id",
                'Meta\'s sender form asks for "App Id", which is stated nowhere',
            ),
            (
                "unproven",
                "error",
                "phone_numbers[0].id",
                'Meta\'s sender form asks for the "WhatsApp Number Id" of every number',
            ),
        ]
        assert [problem.remedy for problem in problems] == ["add bsp.sender_fields.app_id", "add id to this number"]

    @pytest.mark.parametrize("bsp", ["{integration: generic}", "{integration: connector}", "{provider: netcore}"])
    def test_without_a_known_form_nothing_is_asked_for(self, bsp: str) -> None:
        fragment = f"bsp: {bsp[:-1]}, credentials: null, account: null}}"
        assert check_rule(credentials.missing_credential, fragment) == []

    def test_an_unsaid_integration_counts_as_native(self) -> None:
        assert check_rule(credentials.missing_credential, "bsp: {integration: null, credentials: {password: null}}")

    @pytest.mark.parametrize("provider", [name for name, entry in PROVIDERS.items() if entry["support"] == "native"])
    def test_every_native_provider_can_be_satisfied(self, provider: str) -> None:
        entry = PROVIDERS[provider]
        given = {"username": "null", "password": "null"}
        given |= {field: "{env: X}" if field == "username" else "{vault: crm#x}" for field in entry["credentials"]}
        secrets = ", ".join(f"{field}: {value}" for field, value in given.items())
        fields = ", ".join(f"{field}: 'https://x.example'" for field in entry.get("sender_fields", {}))
        fragment = f"""
            bsp:
              provider: {provider}
              account: {{id: null}}
              credentials: {{{secrets}}}
              sender_fields: {{{fields}}}
            """
        assert check_rule(credentials.missing_credential, fragment) == []


class TestWrongCredentialShape:
    INFOBIP = "bsp: {provider: infobip, account: {id: null}, sender_fields: {api_url: '%s'}}"

    @pytest.mark.parametrize("value", ["acme@example.com", "3000201234", "200020123", "20002012345"])
    def test_gupshups_user_id_is_generally_ten_digits(self, value: str) -> None:
        (problem,) = check_rule(credentials.wrong_credential_shape, f'bsp: {{account: {{id: "{value}"}}}}')
        assert summary(problem)[:3] == ("fail", "warning", "bsp.account.id")
        assert problem.message.endswith(
            "does not look like a Gupshup account id, which is ten digits that begin with 2, such as 2000201234"
        )
        assert problem.remedy == "write the user id of the notification (HSM) account, never the portal login"

    def test_gupshups_user_id_among_the_sender_fields(self) -> None:
        fragment = "bsp: {sender_fields: {Username: acme-login}}"
        assert only(check_rule(credentials.wrong_credential_shape, fragment)) == (
            "fail",
            "warning",
            "bsp.sender_fields.Username",
            '"acme-login" does not look like a Gupshup account id, '
            "which is ten digits that begin with 2, such as 2000201234",
        )

    def test_twilios_account_sid(self) -> None:
        fragment = "bsp: {provider: twilio, account: {id: '%s'}}"
        assert check_rule(credentials.wrong_credential_shape, fragment % ("AC" + "0aF1" * 8)) == []
        assert only(check_rule(credentials.wrong_credential_shape, fragment % ("SK" + "0aF1" * 8)))[:2] == (
            "fail",
            "error",
        )

    def test_any_account_id_will_do_elsewhere(self) -> None:
        assert check_rule(credentials.wrong_credential_shape, "bsp: {provider: karix, account: {id: anything}}") == []

    @pytest.mark.parametrize("address", ["https://abc123.api.infobip.com", "HTTPS://abc123.api.infobip.com"])
    def test_infobips_address(self, address: str) -> None:
        assert check_rule(credentials.wrong_credential_shape, self.INFOBIP % address) == []

    @pytest.mark.parametrize(
        ("address", "remedy"),
        [
            ("abc123.api.infobip.com", "put https:// in front of the address"),
            ("abc123.api.infobip.com:443/", "put https:// in front of the address"),
            ("http://abc123.api.infobip.com", "write https:// instead of http://"),
            ("ftp://abc123.api.infobip.com", "begin the address with https:// instead of ftp:"),
            ("https:/abc123.api.infobip.com", "begin the address with https:// instead of https:"),
        ],
    )
    def test_infobips_address_without_https(self, address: str, remedy: str) -> None:
        (problem,) = check_rule(credentials.wrong_credential_shape, self.INFOBIP % address)
        assert summary(problem) == (
            "fail",
            "error",
            "bsp.sender_fields.api_url",
            "api_url does not begin with https://: sends through Infobip fail without it",
        )
        assert problem.remedy == f"{remedy}, in MoEngage and here"

    @pytest.mark.parametrize(
        "address", ["https://", "https:///x", "https://http://abc123.api.infobip.com", "https://a b"]
    )
    def test_an_address_without_a_host(self, address: str) -> None:
        assert only(check_rule(credentials.wrong_credential_shape, self.INFOBIP % address)) == (
            "fail",
            "error",
            "bsp.sender_fields.api_url",
            "api_url is not a full web address: it names no host",
        )

    @pytest.mark.parametrize("address", ["https://a.example:8443/x?y=1#z", "https://[2001:db8::1]/x"])
    def test_an_address_with_a_port_a_path_and_a_query(self, address: str) -> None:
        assert check_rule(credentials.wrong_credential_shape, self.INFOBIP % address) == []

    def test_infobips_sample_address(self) -> None:
        assert only(check_rule(credentials.wrong_credential_shape, self.INFOBIP % "https://xxxxx.api.infobip.com")) == (
            "fail",
            "error",
            "bsp.sender_fields.api_url",
            'api_url still has the placeholder "xxxxx"',
        )

    def test_an_unencrypted_address_is_a_warning(self) -> None:
        fragment = "bsp: {provider: sinch-india, sender_fields: {'API URL': 'HTTP://push.example/wa'}}"
        (problem,) = check_rule(credentials.wrong_credential_shape, fragment)
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
        assert only(check_rule(credentials.wrong_credential_shape, fragment))[:3] == (
            "fail",
            "warning",
            "bsp.sender_fields.proxy",
        )

    def test_an_address_without_a_scheme_is_a_warning(self) -> None:
        fragment = "bsp: {provider: mitto, sender_fields: {api_url: rest.example/wa}}"
        assert only(check_rule(credentials.wrong_credential_shape, fragment)) == (
            "fail",
            "warning",
            "bsp.sender_fields.api_url",
            "api_url is not a full web address: it does not begin with https://",
        )

    def test_the_address_of_the_providers_page(self) -> None:
        fragment = "bsp: {provider: nexg, sender_fields: {api_url: '%s'}}"
        right = "https://automate.nexgplatforms.com/api/v1/wa/moengage"
        assert check_rule(credentials.wrong_credential_shape, fragment % right) == []
        (problem,) = check_rule(credentials.wrong_credential_shape, fragment % "https://nexgplatforms.com/api")
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
            only(check_rule(credentials.wrong_credential_shape, fragment))[3]
            == 'api_url still has the placeholder "<sub>"'
        )


class TestTemporaryToken:
    TEMPORARY = "the access token is a temporary one: it expires within hours, and every message fails from then on"

    @pytest.mark.parametrize(("environment", "at_most"), [("live", "error"), ("test", "warning"), ("draft", "warning")])
    def test_a_temporary_token(self, environment: str, at_most: str) -> None:
        fragment = f"{META}  token_kind: temporary\nmetadata: {{environment: {environment}}}"
        assert only(check_rule(credentials.temporary_token, fragment)) == (
            "fail",
            at_most,
            "bsp.token_kind",
            self.TEMPORARY,
        )

    def test_a_system_users_token(self) -> None:
        assert check_rule(credentials.temporary_token, f"{META}  token_kind: system_user") == []

    def test_an_unsaid_kind(self) -> None:
        (problem,) = check_rule(credentials.temporary_token, META)
        assert summary(problem) == (
            "unproven",
            "warning",
            "bsp.token_kind",
            "nothing says whether the access token is a system user's; a temporary one expires within hours",
        )
        assert problem.remedy == "state bsp.token_kind: system_user or temporary"

    def test_other_providers_have_no_such_token(self) -> None:
        assert check_rule(credentials.temporary_token, "bsp: {token_kind: temporary}") == []
