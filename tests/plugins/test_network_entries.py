"""The provider's list, entry by entry: what NET004 to NET007, NET010 and NET011 say, where, and what they leave unsaid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.plugins.fragments import center, listed
from tests.plugins.said import labels, only, summary
from wa_policy.plugins import network_entries
from wa_policy.policy.facts import load
from wa_policy.testing import check_rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wa_policy.api import Problem

SPECIAL = load("special_purpose_addresses").values
OUTGOING = load("bsp_outgoing_addresses").values["outgoing"]


class TestBroadEntry:
    @staticmethod
    def check(*entries: str, **settings: int) -> list[Problem]:
        return check_rule(network_entries.broad_entry, listed(*entries), settings=settings)

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
        return check_rule(network_entries.unroutable_entry, listed(*entries), **more)

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
        (problem,) = check_rule(network_entries.unroutable_entry, fragment)
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
        return check_rule(network_entries.other_data_center, fragment, **more)

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
            "lets in DC-02 and DC-04, other data centers"
            in only(self.check(listed("1.1.1.1"), settings={"addresses": rows}))[3]
        )

    def test_a_network_that_holds_two_others(self) -> None:
        (problem,) = self.check(listed("3.6.251.95", "18.0.0.0/8"))
        assert problem.message == (
            '"18.0.0.0/8" lets in DC-02 and DC-04, other data centers of MoEngage than this workspace\'s, DC-03'
        )

    def test_a_data_center_without_addresses(self) -> None:
        assert "lets in DC-03, another" in only(self.check(center("DC-05", "3.6.251.95")))[3]

    def test_somebody_else_s_address(self) -> None:
        assert self.check(listed("3.6.251.95", "8.8.8.8")) == []


class TestWrongDirection:
    @staticmethod
    def check(fragment: str) -> list[Problem]:
        return check_rule(network_entries.wrong_direction, fragment)

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

    @pytest.mark.parametrize(("entry", "count"), [("52.66.99.0/24", 1), ("52.66.98.0/23", 0), ("52.0.0.0/8", 0)])
    def test_a_broad_network_does_not_mean_the_provider(self, entry: str, count: int) -> None:
        assert len(self.check(listed("3.6.251.95", entry))) == count

    def test_without_a_row_the_remedy_names_no_address(self) -> None:
        (problem,) = self.check(center("DC-101", "52.66.99.126"))
        assert problem.remedy == "replace it by the addresses that MoEngage publishes for the data center"


class TestPinnedMetaIps:
    @staticmethod
    def check(entries: Sequence[str], source: str = "meta") -> list[Problem]:
        fragment = f"moengage: {{callbacks: {{allowed_sources: {{from: {source}, entries: {list(entries)}}}}}}}"
        return check_rule(network_entries.pinned_meta_ips, fragment)

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
        problems = check_rule(network_entries.redundant_entry, listed(*entries))
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
