from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.plugins.said import labels, only, summary
from wa_policy.plugins import callbacks
from wa_policy.policy.facts import load
from wa_policy.testing import check_rule

if TYPE_CHECKING:
    from wa_policy.api import Problem

CENTERS = load("data_centers").values


@pytest.mark.parametrize(
    "function",
    [
        callbacks.missing_callback,
        callbacks.callback_wrong_data_center,
    ],
)
def test_a_ready_workspace_passes_in_silence(function: Any) -> None:
    assert check_rule(function) == []


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
        assert only(check_rule(callbacks.missing_callback, "moengage: {callbacks: {delivery: null}}")) == self.DELIVERY
        assert only(check_rule(callbacks.missing_callback, "moengage: {callbacks: {inbound: null}}")) == self.INBOUND

    def test_no_block_at_all(self) -> None:
        problems = check_rule(callbacks.missing_callback, "moengage: {callbacks: null}")
        assert [summary(problem) for problem in problems] == [self.DELIVERY, self.INBOUND]

    def test_a_connector_has_none(self) -> None:
        fragment = "moengage: {callbacks: null}\nbsp: {integration: connector}"
        assert check_rule(callbacks.missing_callback, fragment) == []


class TestCallbackWrongDataCenter:
    @staticmethod
    def check(address: str, center: str = "DC-03", more: str = "") -> list[Problem]:
        fragment = f"moengage: {{data_center: {center}, callbacks: {{delivery: '{address}', inbound: null}}}}\n{more}"
        return check_rule(callbacks.callback_wrong_data_center, fragment)

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
        problems = check_rule(callbacks.callback_wrong_data_center, "moengage: {data_center: DC-101}")
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

    @pytest.mark.parametrize(
        "address",
        [
            "api-03.moengage.com/whatsapp/gupshup/dlr",
            "https://",
            "see ticket",
            "https://api-03.moengage.com /whatsapp/gupshup/dlr",
            "https://api-03.moengage.com:port/whatsapp/gupshup/dlr",
            "https://api-03.moengage.com/whatsapp/gupshup/dlr see ticket",
        ],
    )
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
        (problem,) = check_rule(callbacks.callback_wrong_data_center, f"moengage:\n{more}")
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
        assert check_rule(callbacks.callback_wrong_data_center, fragment) == []


class TestFacts:
    def test_the_patterns_of_placeholders_leave_real_addresses_alone(self) -> None:
        patterns = load("callbacks").values["placeholders"]
        for address in (
            "https://api-101.moengage.com/whatsapp/dlr/axx",
            "https://apix.example/v1",
            "https://foxxx.example",
        ):
            assert not any(re.search(pattern, address) for pattern in patterns)
