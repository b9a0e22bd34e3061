"""The provider's list: what NET001 to NET011 say, where, how much it weighs at most, and what they leave unsaid."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from wa_policy.api import show_route
from wa_policy.plugins import network
from wa_policy.policy.facts import load
from wa_policy.testing import check_rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wa_policy.api import Problem

ROWS = load("moengage_static_ips").values["whatsapp"]
SPECIAL = load("special_purpose_addresses").values
OUTGOING = load("bsp_outgoing_addresses").values["outgoing"]
PROVIDERS = load("providers").values

RULES = [
    network.dynamic_ips,
    network.missing_moengage_ip,
    network.no_static_ips,
    network.broad_entry,
    network.unroutable_entry,
    network.other_data_center,
    network.wrong_direction,
    network.unknown_requirement,
    network.allowlist_cap,
    network.pinned_meta_ips,
    network.redundant_entry,
]


def summary(problem: Problem) -> tuple[str, str, str, str]:
    return problem.outcome, problem.at_most, show_route(problem.places[0].route), problem.message


def only(problems: list[Problem]) -> tuple[str, str, str, str]:
    (problem,) = problems
    return summary(problem)


def labels(problem: Problem) -> list[tuple[str, str]]:
    return [(show_route(place.route), place.label) for place in problem.places[1:]]


def listed(*entries: str, **fields: str) -> str:
    """A list of the given entries, with further fields of ip_allowlist."""
    shown = "".join(f", {key}: {value}" for key, value in fields.items())
    return f"bsp: {{ip_allowlist: {{entries: {list(entries)}{shown}}}}}"


def center(name: str, *entries: str) -> str:
    """A workspace in another data center, whose provider lets in these entries only."""
    return f"moengage: {{data_center: {name}}}\n{listed(*entries)}"


OPEN = "bsp: {ip_allowlist: {requirement: none}}"
STANDS = "bsp: {ip_allowlist: {requirement: null, confirmed_on: null"


@pytest.mark.parametrize("function", RULES)
def test_a_ready_workspace_passes_in_silence(function: Any) -> None:
    assert check_rule(function) == []


@pytest.mark.parametrize("function", RULES)
@pytest.mark.parametrize("block", ["{requirement: none, entries: null}", "{requirement: optional, entries: []}"])
def test_a_provider_that_lets_everybody_in_asks_for_nothing(function: Any, block: str) -> None:
    assert check_rule(function, f"moengage: {{static_ips: null}}\nbsp: {{ip_allowlist: {block}}}") == []


def test_rules_are_offered_in_order() -> None:
    assert [rule.code for rule in network.wa_policy_rules()] == [f"NET{number:03}" for number in range(1, 12)]
    assert {rule.step.value for rule in network.wa_policy_rules()} == {"network"}


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


class TestBroadEntry:
    @staticmethod
    def check(*entries: str, **settings: int) -> list[Problem]:
        return check_rule(network.broad_entry, listed(*entries), settings=settings)

    def test_wider_than_the_policy_takes(self) -> None:
        (problem,) = self.check("3.6.251.95/32", "3.6.0.0/16")
        assert summary(problem) == (
            "fail",
            "warning",
            "bsp.ip_allowlist.entries[1]",
            '"3.6.0.0/16" lets in 2^16 addresses, most of them strangers\'; the policy takes no network wider than /24',
        )
        assert problem.remedy == "list the single addresses that MoEngage publishes for the data center instead"
        assert only(self.check("2600:1f18::/47"))[3] == (
            '"2600:1f18::/47" lets in 2^81 addresses, most of them strangers\'; '
            "the policy takes no network wider than /48"
        )

    def test_as_wide_as_the_policy_takes(self) -> None:
        assert self.check("3.6.251.0/24", "2600:1f18::/48", "3.6.251.95", "2600:1f18::1") == []

    def test_the_policy_sets_the_bounds(self) -> None:
        assert self.check("3.6.0.0/16", "2600:1f18::/32", widest_ipv4_prefix=16, widest_ipv6_prefix=32) == []
        assert len(self.check("3.6.251.0/31", "2600:1f18::/127", widest_ipv4_prefix=32, widest_ipv6_prefix=128)) == 2

    @pytest.mark.parametrize(
        ("entry", "version"), [("0.0.0.0/0", "4"), ("::/0", "6"), ("::ffff:0:0/96", "4"), ("::ffff:0.0.0.0/96", "4")]
    )
    def test_everybody(self, entry: str, version: str) -> None:
        assert only(self.check(entry)) == (
            "fail",
            "error",
            "bsp.ip_allowlist.entries[0]",
            f'"{entry}" lets in every IPv{version} address: the list protects nothing',
        )

    def test_everybody_in_two_halves(self) -> None:
        first, second, both = self.check("0.0.0.0/1", "128.0.0.0/1")
        assert (first.at_most, second.at_most) == ("warning", "warning")
        assert summary(both) == (
            "fail",
            "error",
            "bsp.ip_allowlist.entries",
            "together, the entries let in every IPv4 address: the list protects nothing",
        )

    def test_everybody_is_said_once(self) -> None:
        assert [problem.at_most for problem in self.check("0.0.0.0/0", "128.0.0.0/1")] == ["error", "warning"]


class TestUnroutableEntry:
    @staticmethod
    def check(*entries: str, **more: Any) -> list[Problem]:
        return check_rule(network.unroutable_entry, listed(*entries), **more)

    @pytest.mark.parametrize("block", list(SPECIAL["unreachable"]))
    def test_every_block_of_the_registry(self, block: str) -> None:
        if block in {"::ffff:0:0/96", "2002::/16"}:  # these are read as the IPv4 addresses inside
            return
        (problem,) = self.check("3.6.251.95", block)
        assert summary(problem) == (
            "fail",
            "error",
            "bsp.ip_allowlist.entries[1]",
            f'"{block}" lies in {block}, {SPECIAL["unreachable"][block]}: '
            "no message can come from there over the internet",
        )
        assert problem.remedy == "replace it by the address that the caller has on the internet"

    @pytest.mark.parametrize("block", list(SPECIAL["reachable"]))
    def test_reachable_islands_are_let_be(self, block: str) -> None:
        if block != "64:ff9b::/96":  # read as the IPv4 addresses inside
            assert self.check(block) == []

    def test_the_smallest_block_decides(self) -> None:
        assert self.check("192.0.0.9") == []
        assert "lies in 192.0.0.0/24, IETF" in self.check("192.0.0.11")[0].message
        assert "lies in 192.0.0.0/29, IPv4 Service" in self.check("192.0.0.1")[0].message

    @pytest.mark.parametrize("entry", ["3.6.251.95", "11.0.0.0/8", "8.0.0.0/6", "172.32.0.1", "2600:1f18::1", "::/0"])
    def test_routable(self, entry: str) -> None:
        assert self.check(entry) == []

    @pytest.mark.parametrize(
        ("entry", "home"),
        [
            ("::ffff:10.0.0.1", "10.0.0.0/8, Private-Use (RFC 1918)"),
            ("::ffff:192.168.0.0/112", "192.168.0.0/16, Private-Use (RFC 1918)"),
            ("64:ff9b::127.0.0.1", "127.0.0.0/8, Loopback (RFC 1122)"),
            ("2002:c0a8:101::/48", "192.168.0.0/16, Private-Use (RFC 1918)"),
            ("2002:a00:1::5", "10.0.0.0/8, Private-Use (RFC 1918)"),
            ("fe80::1", "fe80::/10, Link-Local Unicast (RFC 4291)"),
            ("100.64.0.1", "100.64.0.0/10, Shared Address Space (RFC 6598)"),
            ("239.1.2.3", "224.0.0.0/4, Multicast (RFC 5771)"),
        ],
    )
    def test_hidden_in_ipv6_and_elsewhere(self, entry: str, home: str) -> None:
        assert only(self.check(entry))[1:] == (
            "error",
            "bsp.ip_allowlist.entries[0]",
            f'"{entry}" lies in {home}: no message can come from there over the internet',
        )

    @pytest.mark.parametrize(
        ("entry", "inside"),
        [
            ("::ffff:3.6.251.95", "3.6.251.95/32"),
            ("::ffff:3.6.251.0/120", "3.6.251.0/24"),
            ("64:ff9b::306:fb5f", "3.6.251.95/32"),
            ("2002:306:fb5f::/48", "3.6.251.95/32"),
            ("2002:306:fb5f::1", "3.6.251.95/32"),
            ("::ffff:0:0/96", "0.0.0.0/0"),
        ],
    )
    def test_an_ipv4_address_inside_an_ipv6_one(self, entry: str, inside: str) -> None:
        (problem,) = self.check(entry)
        assert summary(problem) == (
            "fail",
            "warning",
            "bsp.ip_allowlist.entries[0]",
            f'"{entry}" is an IPv4 address inside an IPv6 one: a caller is seen by its IPv4 address',
        )
        assert problem.remedy == f"write {inside} instead"

    @pytest.mark.parametrize(
        ("entry", "what", "remedy"),
        [
            ("3.6.251.94-3.6.251.95", "a range", "write 3.6.251.94/31 instead"),
            ("3.6.251.95 - 97", "a range", "write 3.6.251.95/32 and 3.6.251.96/31 instead"),
            ("2600::1-2600::2", "a range", "write 2600::1/128 and 2600::2/128 instead"),
            ("1.0.0.1-200.1.1.1", "a range", "write the addresses themselves, one per entry"),
            ("3.6.251.*", "a wildcard", "write 3.6.251.0/24 instead"),
            ("3.6.*.*", "a wildcard", "write 3.6.0.0/16 instead"),
            (
                "3.6.251.95/24",
                "a network whose address is not its first",
                "write 3.6.251.95/32 or 3.6.251.0/24 instead",
            ),
            ("2600::1/64", "a network whose address is not its first", "write 2600::1/128 or 2600::/64 instead"),
            ("3.6.251.0/255.255.255.0", "a network with a dotted mask", "write 3.6.251.0/24 instead"),
            ("3.6.251.0/0.0.0.255", "a network with a dotted mask", "write 3.6.251.0/24 instead"),
            ("2600::1%eth0", "an address with a zone", "write 2600::1 instead"),
            ("fe80::%eth0/64", "an address with a zone", "write fe80::/64 instead"),
            ("3.6.251.95:443", "an address with a port", "write 3.6.251.95 instead"),
            ("[2600::1]:443", "an address in brackets", "write 2600::1 instead"),
            ("003.006.251.095", "an address with leading zeros", "write 3.6.251.95 instead"),
            (" 3.6.251.95", "an address with blanks around it", "write 3.6.251.95 instead"),
            ("3.6.251.95, 3.6.251.96", "more than one address", "write 3.6.251.95 and 3.6.251.96 instead"),
            ("3.6.251.95;3.6.251.96;", "more than one address", "write 3.6.251.95 and 3.6.251.96 instead"),
            (" ".join(["3.6.251.95"] * 7), "more than one address", "write the addresses themselves, one per entry"),
            ("https://api-03.moengage.com/", "a URL", "write the addresses themselves, one per entry"),
            ("api-03.moengage.com", "a host name", "write the addresses themselves, one per entry"),
            ("3.6.251", "neither an address nor a network", ""),
            ("3.6.251.256", "neither an address nor a network", ""),
            ("3.6.251.95/33", "neither an address nor a network", ""),
            ("3.6.251.95/", "neither an address nor a network", ""),
            ("3.6.251.95-banana", "a host name", "write the addresses themselves, one per entry"),
            ("3.6.251.95-2600::1", "neither an address nor a network", ""),
            ("٣.6.251.95", "neither an address nor a network", ""),
            ("50723679", "neither an address nor a network", ""),
            ("any", "neither an address nor a network", ""),
        ],
    )
    def test_what_is_no_address(self, entry: str, what: str, remedy: str) -> None:
        (problem,) = self.check("3.6.251.95", entry)
        assert summary(problem) == (
            "fail",
            "error",
            "bsp.ip_allowlist.entries[1]",
            f'"{entry}" is {what}: as an entry it lets in nobody',
        )
        assert problem.remedy == (remedy or "write one address or one network per entry, as 3.6.251.95/32")

    def test_the_filter_before_the_callbacks_must_be_readable_too(self) -> None:
        fragment = "moengage: {callbacks: {allowed_sources: {from: bsp, entries: [10.0.0.1, 13.71.52.*]}}}"
        (problem,) = check_rule(network.unroutable_entry, fragment)
        assert summary(problem)[2:] == (
            "moengage.callbacks.allowed_sources.entries[1]",
            '"13.71.52.*" is a wildcard: as an entry it lets in nobody',
        )

    def test_a_policy_may_unlist_a_block(self) -> None:
        settings = {"unreachable": {"192.0.2.0/24": "Documentation (RFC 5737)"}}
        assert self.check("10.0.0.1", settings=settings) == []
        assert len(self.check("192.0.2.1", settings=settings)) == 1


class TestOtherDataCenter:
    @staticmethod
    def check(fragment: str, **more: Any) -> list[Problem]:
        return check_rule(network.other_data_center, fragment, **more)

    def test_copied_from_another_workspace(self) -> None:
        (problem,) = self.check(listed("3.6.251.95", "18.217.73.1/32"))
        assert summary(problem) == (
            "fail",
            "error",
            "bsp.ip_allowlist.entries[1]",
            '"18.217.73.1/32" lets in DC-04, another data center of MoEngage than this workspace\'s, DC-03',
        )
        assert labels(problem) == [("moengage.data_center", "the workspace is here")]

    def test_a_network_around_another_row(self) -> None:
        assert "lets in DC-01, another" in only(self.check(listed("34.198.62.0/24")))[3]

    def test_what_lets_in_the_own_row_too_is_left_to_the_width(self) -> None:
        assert self.check(listed("0.0.0.0/0")) == []

    def test_an_address_that_two_share_is_the_own_one(self) -> None:
        rows = {"DC-01": ["3.6.251.95"], "DC-02": ["1.1.1.1"], "DC-03": ["3.6.251.95"], "DC-04": ["1.1.1.1"]}
        assert self.check("", settings={"addresses": rows}) == []
        assert (
            "lets in DC-02 and DC-04, another" in only(self.check(listed("1.1.1.1"), settings={"addresses": rows}))[3]
        )

    def test_a_data_center_without_addresses(self) -> None:
        assert "lets in DC-03, another" in only(self.check(center("DC-05", "3.6.251.95")))[3]

    def test_somebody_else_s_address(self) -> None:
        assert self.check(listed("3.6.251.95", "8.8.8.8")) == []


class TestWrongDirection:
    @staticmethod
    def check(fragment: str) -> list[Problem]:
        return check_rule(network.wrong_direction, fragment)

    def test_the_provider_s_own_address(self) -> None:
        (problem,) = self.check(listed("3.6.251.95", "52.66.99.126/32"))
        assert summary(problem) == (
            "fail",
            "error",
            "bsp.ip_allowlist.entries[1]",
            '"52.66.99.126/32" is an address from which Gupshup calls others; this list is for those who call Gupshup',
        )
        assert problem.remedy == "replace it by the addresses that MoEngage publishes for the data center: 3.6.251.95"

    @pytest.mark.parametrize(("provider", "address"), [(slug, row[0]) for slug, row in OUTGOING.items()])
    def test_every_provider_that_publishes_them(self, provider: str, address: str) -> None:
        assert len(self.check(f"{listed(address)[:-1]}, provider: {provider!r}}}")) == 1

    def test_the_name_s_spelling_does_not_matter(self) -> None:
        assert len(self.check(f"{listed('13.71.52.164')[:-1]}, provider: Yellow.ai}}")) == 1

    def test_another_provider_s_address(self) -> None:
        assert self.check(listed("13.71.52.164")) == []
        assert self.check(f"{listed('52.66.99.126')[:-1]}, provider: nobody-knows}}") == []

    def test_a_network_that_lets_in_moengage_too_is_left_to_the_width(self) -> None:
        assert self.check(listed("3.6.0.0/16")) == []

    def test_without_a_row_the_remedy_names_no_address(self) -> None:
        (problem,) = self.check(center("DC-101", "52.66.99.126"))
        assert problem.remedy == "replace it by the addresses that MoEngage publishes for the data center"


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


class TestPinnedMetaIps:
    @staticmethod
    def check(entries: Sequence[str], source: str = "meta") -> list[Problem]:
        fragment = f"moengage: {{callbacks: {{allowed_sources: {{from: {source}, entries: {list(entries)}}}}}}}"
        return check_rule(network.pinned_meta_ips, fragment)

    def test_single_addresses(self) -> None:
        (problem,) = self.check(["157.240.0.0/16", "157.240.1.53/32", "2a03:2880::1", "::ffff:157.240.1.54"])
        assert summary(problem) == (
            "fail",
            "error",
            "moengage.callbacks.allowed_sources.entries[1]",
            'single addresses of Meta\'s are pinned ("157.240.1.53/32", "2a03:2880::1" and "::ffff:157.240.1.54"), '
            "and Meta's change: delivery reports, replies and opt-outs will be lost",
        )
        assert labels(problem) == [
            ("moengage.callbacks.allowed_sources.entries[2]", "pinned too"),
            ("moengage.callbacks.allowed_sources.entries[3]", "pinned too"),
        ]

    def test_many(self) -> None:
        (problem,) = self.check([f"157.240.1.{number}" for number in range(9)])
        assert '("157.240.1.0", "157.240.1.1", "157.240.1.2" and 6 more)' in problem.message

    def test_one(self) -> None:
        assert '("157.240.1.53")' in only(self.check(["157.240.1.53"]))[3]

    def test_networks(self) -> None:
        assert self.check(["157.240.0.0/16", "2a03:2880::/32", "nonsense"]) == []

    def test_the_provider_s_own_addresses_may_be_pinned(self) -> None:
        assert self.check(["52.66.99.126"], "bsp") == []


class TestRedundantEntry:
    @staticmethod
    def check(*entries: str) -> list[tuple[str, str, list[tuple[str, str]]]]:
        problems = check_rule(network.redundant_entry, listed(*entries))
        assert {(problem.outcome, problem.at_most) for problem in problems} <= {("fail", "error")}
        return [(summary(problem)[2], problem.message, labels(problem)) for problem in problems]

    def test_let_in_by_another(self) -> None:
        assert self.check("3.6.251.95/32", "3.6.251.0/24") == [
            (
                "bsp.ip_allowlist.entries[0]",
                '"3.6.251.95/32" is let in by "3.6.251.0/24" already',
                [("bsp.ip_allowlist.entries[1]", "lets it in")],
            )
        ]

    def test_listed_twice(self) -> None:
        assert self.check("3.6.251.95", "3.6.251.95/32") == [
            (
                "bsp.ip_allowlist.entries[1]",
                '"3.6.251.95/32" is listed twice',
                [("bsp.ip_allowlist.entries[0]", "listed here already")],
            )
        ]

    def test_the_widest_is_named(self) -> None:
        assert [message for _, message, _ in self.check("3.6.0.0/16", "3.6.251.0/24", "3.6.251.95")] == [
            '"3.6.251.0/24" is let in by "3.6.0.0/16" already',
            '"3.6.251.95" is let in by "3.6.0.0/16" already',
        ]

    def test_not_by_two_together_nor_across_versions(self) -> None:
        assert self.check("3.6.251.0/25", "3.6.251.128/25", "::/0", "3.6.252.0/24") == []


def test_reading_is_strict() -> None:
    texts = ("3.6.251.95", "3.6.251.0/24", "2600::/32", "3.6.251.1/24", "1.2.3.0/0.0.0.255", "fe80::1%eth0", "", "x")
    assert [block is not None for block in network.read_blocks(texts)] == [True] * 3 + [False] * 5


def test_a_hostile_list_takes_no_time() -> None:
    long = 100_000
    texts = (" " * long, "a" + " " * long + "a", "1" * long, "1." * long, "a-" * long, "[" * long, "1/" + "9" * long)
    started = time.perf_counter()
    assert [network.explain(text)[0] for text in texts if network.read_blocks((text,)) == (None,)]
    assert time.perf_counter() - started < 2


def test_importing_the_rules_imports_no_addresses() -> None:
    code = "import sys, wa_policy.plugins.network; sys.exit('ipaddress' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_published_rows() -> None:
    assert {name: len(row) for name, row in ROWS.items()} == {
        "DC-01": 9,
        "DC-02": 1,
        "DC-03": 1,
        "DC-04": 1,
        "DC-05": 0,
        "DC-06": 3,
    }
    addresses = [address for row in ROWS.values() for address in row]
    assert len(set(addresses)) == len(addresses)
    assert all(network.read_blocks(tuple(addresses)))


def test_all_facts_can_be_read() -> None:
    for row in OUTGOING.values():
        assert all(network.read_blocks(tuple(row)))
    assert set(OUTGOING) <= set(PROVIDERS)
    for blocks in (SPECIAL["unreachable"], SPECIAL["reachable"]):
        assert all(network.read_blocks(tuple(blocks)))
