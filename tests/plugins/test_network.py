"""The provider's list: what NET001 to NET003, NET008 and NET009 say, where, how much it weighs, and what they leave unsaid."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.plugins.fragments import center, listed
from tests.plugins.said import family, labels, only, summary
from wa_policy.plugins import network
from wa_policy.policy.facts import load
from wa_policy.testing import check_rule

if TYPE_CHECKING:
    from wa_policy.api import Problem, Rule

ROWS = load("moengage_static_ips").values["whatsapp"]
PROVIDERS = load("providers").values

STANDS = "bsp: {ip_allowlist: {requirement: null, confirmed_on: null"

EACH = pytest.mark.parametrize("rule", family("NET"), ids=lambda rule: rule.code)


@EACH
def test_a_ready_workspace_passes_in_silence(rule: Rule) -> None:
    assert check_rule(rule.function) == []


@EACH
@pytest.mark.parametrize("block", ["{requirement: none, entries: null}", "{requirement: optional, entries: []}"])
def test_a_provider_that_lets_everybody_in_asks_for_nothing(rule: Rule, block: str) -> None:
    assert check_rule(rule.function, f"moengage: {{static_ips: null}}\nbsp: {{ip_allowlist: {block}}}") == []


def test_the_family_is_complete_and_in_order() -> None:
    assert [rule.code for rule in family("NET")] == [f"NET{number:03}" for number in range(1, 12)]
    assert {rule.step.value for rule in family("NET")} == {"network"}


class TestDynamicIps:
    @staticmethod
    def check(fragment: str, **more: Any) -> list[Problem]:
        return check_rule(network.dynamic_ips, fragment, **more)

    def test_switched_off(self) -> None:
        (problem,) = self.check("moengage: {static_ips: {enabled: false}}")
        assert summary(problem) == (
            "fail",
            "error",
            "moengage.static_ips.enabled",
            "Gupshup lets in listed addresses only, and MoEngage sends from changing ones: messages will be refused",
        )
        assert labels(problem) == [("bsp.ip_allowlist.requirement", "only listed addresses are let in")]

    @pytest.mark.parametrize("block", ["static_ips: null", "static_ips: {enabled: null}"])
    def test_not_said(self, block: str) -> None:
        assert only(self.check(f"moengage: {{{block}}}")) == (
            "unproven",
            "error",
            "moengage.static_ips.enabled",
            "Gupshup lets in listed addresses only, and nothing says that MoEngage sends from its fixed ones",
        )

    def test_a_list_that_holds_entries_is_in_force_though_it_is_optional(self) -> None:
        (problem,) = self.check(
            "moengage: {static_ips: {enabled: false}}\nbsp: {ip_allowlist: {requirement: optional}}"
        )
        assert problem.at_most == "error"
        assert labels(problem) == [
            ("bsp.ip_allowlist.entries", "as soon as addresses are listed, others are kept out"),
        ]

    def test_what_is_known_of_the_provider_counts_where_nothing_is_said(self) -> None:
        off = "moengage: {static_ips: {enabled: false}}\n"
        offered = self.check(off + STANDS + "}, provider: Infobip}")
        assert [(problem.outcome, problem.at_most) for problem in offered] == [("fail", "error")]
        assert self.check(off + STANDS + ", entries: null}, provider: infobip}") == []

    def test_a_list_of_which_nobody_knows_whether_it_is_in_force_weighs_less(self) -> None:
        (problem,) = self.check("moengage: {static_ips: {enabled: false}}\n" + STANDS + "}}")
        assert (problem.outcome, problem.at_most, problem.message) == (
            "fail",
            "warning",
            "Gupshup may let in listed addresses only, and MoEngage sends from changing ones: messages may be refused",
        )
        (problem,) = self.check("moengage: {static_ips: null}\n" + STANDS + "}}")
        assert (problem.outcome, problem.at_most) == ("unproven", "warning")

    def test_to_be_switched_on_later(self) -> None:
        later = "moengage: {static_ips: {enabled_on: 2026-11-23}}"
        (problem,) = self.check(later)
        assert summary(problem) == (
            "fail",
            "error",
            "moengage.static_ips.enabled_on",
            "MoEngage sends from fixed addresses from 2026-11-23 on; until then Gupshup will refuse messages",
        )
        assert problem.remedy == "start campaigns after that day, or ask MoEngage to enable it sooner"
        assert self.check(later, as_of=date(2026, 11, 23)) == []

    def test_without_a_ticket_it_is_a_claim(self) -> None:
        (problem,) = self.check("moengage: {static_ips: {ticket: null}}")
        assert summary(problem) == (
            "claimed",
            "error",
            "moengage.static_ips.enabled",
            "static_ips.enabled is claimed here, and no evidence proves it",
        )
        assert problem.remedy == "prove it by the ticket in which MoEngage confirmed it"


class TestMissingMoengageIp:
    @staticmethod
    def check(fragment: str, **more: Any) -> list[Problem]:
        return check_rule(network.missing_moengage_ip, fragment, **more)

    def test_one_missing(self) -> None:
        (problem,) = self.check(listed("3.6.251.94/32"))
        assert summary(problem) == (
            "fail",
            "error",
            "bsp.ip_allowlist.entries",
            "the list at Gupshup lacks 3.6.251.95, from which MoEngage sends in DC-03: those messages will be refused",
        )
        assert problem.remedy == "add 3.6.251.95 to the list at Gupshup"
        assert labels(problem) == []

    def test_each_missing_address_is_named(self) -> None:
        (problem,) = self.check(center("DC-01", *ROWS["DC-01"][:6]))
        assert problem.message == (
            "the list at Gupshup lacks 3.211.230.54, 34.198.62.77 and 34.207.33.10, "
            "from which MoEngage sends in DC-01: those messages will be refused"
        )

    @pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row])
    def test_the_whole_row_is_enough(self, name: str) -> None:
        assert self.check(center(name, *ROWS[name])) == []
        assert self.check(center(name, *(f"{address}/32" for address in ROWS[name]))) == []

    @pytest.mark.parametrize("entry", ["3.6.251.0/24", "0.0.0.0/0", "::ffff:3.6.251.95", "64:ff9b::3.6.251.95/128"])
    def test_wider_and_wrapped_entries_let_it_in(self, entry: str) -> None:
        assert self.check(listed(entry)) == []

    def test_two_halves_let_in_what_neither_does(self) -> None:
        row = {"DC-03": ["3.6.250.0/23"]}
        halves = listed("3.6.251.0/24", "3.6.250.0/24")
        assert self.check(halves, settings={"addresses": row}) == []
        (problem,) = self.check(listed("3.6.250.0/24"), settings={"addresses": row})
        assert problem.remedy == "add 3.6.250.0/23 to the list at Gupshup"

    def test_an_empty_list_lacks_everything(self) -> None:
        assert only(self.check(listed()))[0] == "fail"

    def test_a_list_not_given_is_unproven(self) -> None:
        (problem,) = self.check("bsp: {ip_allowlist: {entries: null}}")
        assert summary(problem) == (
            "unproven",
            "error",
            "bsp.ip_allowlist.entries",
            "Gupshup lets in listed addresses only, and nothing shows that MoEngage's are on its list",
        )
        assert problem.remedy == (
            "write the list that Gupshup shows under bsp.ip_allowlist.entries; it must hold 3.6.251.95"
        )
        assert labels(problem) == [("bsp.ip_allowlist.requirement", "only listed addresses are let in")]

    def test_unreadable_entries_are_shown(self) -> None:
        (problem,) = self.check(listed("3.6.250.1", "3.6.251.*"))
        assert labels(problem) == [("bsp.ip_allowlist.entries[1]", "this entry cannot be read")]

    @pytest.mark.parametrize("name", ["DC-101", "DC-33"])
    def test_a_data_center_without_a_row(self, name: str) -> None:
        (problem,) = self.check(center(name, "3.6.251.95"))
        assert summary(problem) == (
            "unproven",
            "error",
            "bsp.ip_allowlist.entries",
            f"MoEngage publishes no addresses for {name}: nobody can tell whether the list at Gupshup is complete",
        )
        assert labels(problem) == [("moengage.data_center", "this data center has no row")]
        assert problem.remedy == (
            f"ask MoEngage's support for the addresses of {name}, and let your policy carry them as a fact"
        )

    def test_a_data_center_without_addresses_is_left_to_the_next_rule(self) -> None:
        assert self.check(center("DC-05")) == []
        assert self.check("moengage: {data_center: DC-05}\nbsp: {ip_allowlist: {entries: null}}") == []

    def test_an_unknown_requirement_weighs_less(self) -> None:
        (problem,) = self.check("bsp: {ip_allowlist: {requirement: unknown, entries: [3.6.251.94]}}")
        assert (problem.outcome, problem.at_most) == ("fail", "warning")
        assert self.check("bsp: {ip_allowlist: {requirement: unknown, entries: null}}") == []

    def test_a_policy_may_know_better_addresses(self) -> None:
        (problem,) = self.check("", settings={"addresses": {"DC-03": ["3.6.251.95", "2600:1f18::1"]}})
        assert "lacks 2600:1f18::1, from" in problem.message
        (problem,) = self.check("", settings={"addresses": {"DC-03": ["3.6.251"]}})
        assert "lacks 3.6.251, from" in problem.message

    @pytest.mark.parametrize("day", ["null", "2026-11-23"])
    def test_without_a_confirmation_it_is_a_claim(self, day: str) -> None:
        (problem,) = self.check(f"bsp: {{ip_allowlist: {{confirmed_on: {day}}}}}")
        assert summary(problem) == (
            "claimed",
            "error",
            "bsp.ip_allowlist.entries",
            "ip_allowlist.entries is claimed here, and no evidence proves it",
        )
        assert problem.remedy == "prove it by the provider's confirmation, dated as confirmed_on"


class TestNoStaticIps:
    @staticmethod
    def check(fragment: str, **more: Any) -> list[Problem]:
        return check_rule(network.no_static_ips, fragment, **more)

    def test_singapore(self) -> None:
        (problem,) = self.check(center("DC-05"))
        assert summary(problem) == (
            "fail",
            "error",
            "moengage.data_center",
            "MoEngage has no fixed addresses in DC-05, and Gupshup lets in listed ones only: "
            "it will refuse this workspace's messages",
        )
        assert labels(problem) == [("bsp.ip_allowlist.requirement", "only listed addresses are let in")]

    def test_a_list_that_may_be_in_force_weighs_less(self) -> None:
        (problem,) = self.check(f"moengage: {{data_center: DC-05}}\n{STANDS}}}}}")
        assert problem.at_most == "warning"
        assert labels(problem) == [("bsp.ip_allowlist.entries", "as soon as addresses are listed, others are kept out")]

    def test_an_unknown_data_center_is_left_to_the_rule_before(self) -> None:
        assert self.check(center("DC-101")) == []

    def test_a_policy_may_know_that_there_are_some_by_now(self) -> None:
        assert self.check(center("DC-05"), settings={"addresses": {"DC-05": ["13.250.1.1"]}}) == []


class TestUnknownRequirement:
    @staticmethod
    def check(fragment: str) -> list[Problem]:
        return check_rule(network.unknown_requirement, fragment)

    @pytest.mark.parametrize(
        "fragment",
        [
            "bsp: {ip_allowlist: {requirement: unknown}}",
            "bsp: {ip_allowlist: {requirement: unknown, entries: null}}",
            "bsp: {ip_allowlist: null}",
        ],
    )
    def test_nobody_has_asked(self, fragment: str) -> None:
        (problem,) = self.check(fragment)
        assert summary(problem) == (
            "unproven",
            "warning",
            "bsp.ip_allowlist.requirement",
            "nobody has said whether Gupshup lets in listed addresses only; if it does, it will refuse every message",
        )
        assert problem.remedy == "ask Gupshup whether it does, and write requirement: required, optional or none"

    def test_a_provider_that_nobody_knows(self) -> None:
        assert "whether nobody-knows lets" in only(self.check("bsp: {provider: nobody-knows, ip_allowlist: null}"))[3]

    @pytest.mark.parametrize(
        "provider", [slug for slug, entry in PROVIDERS.items() if entry["ip_allowlist"] == "offered"]
    )
    def test_a_provider_that_offers_a_list(self, provider: str) -> None:
        (problem,) = self.check(f"bsp: {{provider: {provider}, ip_allowlist: null}}")
        name = PROVIDERS[provider]["name"]
        assert summary(problem) == (
            "unproven",
            "info",
            "bsp.ip_allowlist.requirement",
            f"{name} can be told to let in listed addresses only, and nothing says whether this account was",
        )
        assert self.check(f"{STANDS}}}, provider: {provider}}}") == []

    @pytest.mark.parametrize("requirement", ["none", "optional"])
    @pytest.mark.parametrize("day", ["null", "2026-12-24"])
    def test_without_a_confirmation_it_is_a_claim(self, requirement: str, day: str) -> None:
        fragment = f"bsp: {{ip_allowlist: {{requirement: {requirement}, confirmed_on: {day}}}}}"
        (problem,) = self.check(fragment)
        assert summary(problem)[:3] == ("claimed", "error", "bsp.ip_allowlist.requirement")
        assert problem.remedy == "prove it by the provider's confirmation, dated as confirmed_on"

    def test_what_is_required_needs_no_proof(self) -> None:
        assert self.check("bsp: {ip_allowlist: {confirmed_on: null}}") == []


class TestAllowlistCap:
    @staticmethod
    def check(provider: str, count: int) -> list[Problem]:
        entries = listed(*(f"20.40.60.{number}" for number in range(count)))
        return check_rule(network.allowlist_cap, f"{entries[:-1]}, provider: {provider}}}")

    def test_one_too_many(self) -> None:
        assert only(self.check("unifonic", 51)) == (
            "fail",
            "error",
            "bsp.ip_allowlist.entries[50]",
            "the list has 51 entries, and Unifonic takes 50: the rest will not be let in",
        )

    def test_as_many_as_it_takes(self) -> None:
        assert self.check("unifonic", 50) == []

    def test_a_provider_without_a_known_cap(self) -> None:
        assert self.check("gupshup", 200) == []
        assert self.check("nobody-knows", 200) == []
