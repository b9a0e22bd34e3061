"""Rows of facts: the bundled ones are as their schema says, and so are those that a policy brings, or it is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import jsonschema_rs
import pytest

from wa_policy.cli.complaints import complaint
from wa_policy.policy.facts import bundled_names, load
from wa_policy.policy.model import PolicyError
from wa_policy.policy.resolve import resolve
from wa_policy.policy.texts import load_text
from wa_policy.rules.loading import load as load_rules
from wa_policy.schema.formats import checks
from wa_policy.schema.texts import load_schema
from wa_policy.schema.validate import violations
from wa_policy.testing import READY, check_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]
    Write = Callable[..., str]

SCHEMA = load_schema("facts")
ROWS = {name: node for name, node in SCHEMA["$defs"].items() if node.get("additionalProperties") is False}


def facts(name: str, values: str) -> str:
    """Facts of a policy, in block style: the values begin on line 9."""
    return f"facts:\n  {name}:\n    as_of: 2026-11-20\n    source: x\n    values:\n      {values}\n"


def told(path: str) -> list[str]:
    """What a person is told of a policy that cannot be used, line by line; an empty list for one that is sound."""
    try:
        resolve(load_text(path), load_rules(third_party=False).rules)
    except PolicyError as error:
        return [line.removeprefix("  ") for line in complaint(error).split("\n")[1:]]
    return []


# The schema, and what comes with wa-policy.


@pytest.mark.parametrize("name", bundled_names())
def test_bundled_facts_are_as_their_schema_says(name: str) -> None:
    assert violations({name: load(name).values}, "facts") == []


def test_the_schema_knows_no_file_and_no_value_that_there_is_not() -> None:
    for name, node in SCHEMA["properties"].items():
        assert set(node.get("properties", ())) <= set(load(name).values), name


def test_both_engines_take_the_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema_rs.meta.validate(SCHEMA)
    assert SCHEMA["$id"] == "urn:wa-policy:schema:facts:v1"


def rows_of(node: dict[str, Any], data: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows in facts that have a definition, each with its name."""
    name = node.get("$ref", "").removeprefix("#/$defs/")
    node = SCHEMA["$defs"][name] if name else node
    if name in ROWS:
        yield name, data
    for key, value in data.items() if isinstance(data, dict) else ():
        yield from rows_of(node.get("properties", {}).get(key, node.get("additionalProperties", {})), value)
    for value in data if isinstance(data, list) else ():
        yield from rows_of(node.get("items", {}), value)


def test_each_field_of_a_row_is_explained_and_one_of_a_bundled_row() -> None:
    found: dict[str, set[str]] = {name: set() for name in ROWS}
    for name in bundled_names():
        for row, data in rows_of(SCHEMA["properties"].get(name, {}), load(name).values):
            found[row] |= set(data)
    assert found == {name: set(node["properties"]) for name, node in ROWS.items()}
    for node in ROWS.values():
        fields = (SCHEMA["$defs"].get(each.get("$ref", "")[8:], each) for each in node["properties"].values())
        assert all(each["title"] and each["description"].endswith(".") and each["examples"] for each in fields)


def test_every_example_is_one() -> None:
    for node in SCHEMA["$defs"].values():
        for part in (node, *node.get("properties", {}).values()):
            schema = {"$defs": SCHEMA["$defs"], **part}
            for example in part.get("examples", ()):
                assert jsonschema_rs.is_valid(schema, example, validate_formats=True, formats=checks()), example


# What a policy brings.

SUPPORT = "it is one of native, own-connector, custom-connector, unlisted, unsure"


@pytest.mark.parametrize(
    ("name", "values", "lines"),
    [
        (
            "providers",
            "acme-bsp: {}",
            [
                'acme.yaml:9:7: "acme-bsp" has no "ip_allowlist" (add ip_allowlist: one of offered, none, unknown)',
                'acme.yaml:9:7: "acme-bsp" has no "name" (add "name", such as name: Gupshup)',
                'acme.yaml:9:7: "acme-bsp" has no "support" '
                "(add support: one of native, own-connector, custom-connector, unlisted, unsure)",
            ],
        ),
        (
            "providers",
            "acme-bsp: {name: A, suport: native, ip_allowlist: none}",
            ['acme.yaml:9:27: "suport" is not a key of "acme-bsp" (did you mean "support"?) (write support)'],
        ),
        (
            "providers",
            "acme-bsp: {name: A, support: natve, ip_allowlist: ofered}",
            [
                f'acme.yaml:9:36: "support" cannot be "natve" (did you mean "native"?): {SUPPORT} (write native)',
                'acme.yaml:9:57: "ip_allowlist" cannot be "ofered" (did you mean "offered"?): '
                "it is one of offered, none, unknown (write offered)",
            ],
        ),
        (
            "providers",
            "karix: {support: 3, credentials: [a]}",
            [
                'acme.yaml:9:24: "support": expected text, found the whole number 3 '
                "(write one of native, own-connector, custom-connector, unlisted, unsure)",
                'acme.yaml:9:40: "credentials": expected a mapping, found a list '
                "(write a mapping, such as {api_key: API Key})",
            ],
        ),
        (
            "providers",
            "gupshup: {Suport: x, name: null}",
            [
                'acme.yaml:9:7: "gupshup" has no "name" (add "name", such as name: Gupshup)',
                'acme.yaml:9:17: the facts "providers" have no value "gupshup.Suport" (did you mean "support"?)',
            ],
        ),
        (
            "moengage_static_ips",
            "whatsapp: {DC-03: [3.6.251.95, notanip, 10.0.0.0/33]}",
            [
                'acme.yaml:9:38: "DC-03[1]" cannot be "notanip": this is neither an address nor a network '
                "(write an IPv4 or IPv6 address, or a network)",
                'acme.yaml:9:47: "DC-03[2]" cannot be "10.0.0.0/33": this is neither an address nor a network '
                "(write an IPv4 or IPv6 address, or a network)",
            ],
        ),
        (
            "moengage_static_ips",
            "whatsapp: {DC-03: 3.6.251.95}",
            [
                'acme.yaml:9:25: moengage_static_ips.whatsapp.DC-03 cannot be "3.6.251.95": expected a list, '
                "and NET002 stands on it"
            ],
        ),
        (
            "special_purpose_addresses",
            "unreachable: {nowhere: ours, 192.0.2.0/28: ours}",
            [
                'acme.yaml:9:21: "nowhere": this is neither an address nor a network '
                "(write an IPv4 or IPv6 address, or a network)"
            ],
        ),
        (
            "callbacks",
            "placeholders: ['[a']",
            [
                'acme.yaml:9:22: "placeholders[0]" cannot be "[a": '
                "this is no regular expression (unterminated character set at position 0) "
                "(write a regular expression of Python)"
            ],
        ),
        (
            "template_ttl",
            "seconds: {UTILITY: {minimum: null}}",
            ['acme.yaml:9:17: "UTILITY" has no "minimum" (add "minimum", such as minimum: 1)'],
        ),
        (
            "us_marketing_pause",
            "since: 2026-02-30",
            ['acme.yaml:9:14: "since" cannot be "2026-02-30": there is no such day (write a day of the calendar)'],
        ),
    ],
)
def test_a_row_that_is_not_as_the_bundled_ones_is_told(name: str, values: str, lines: list[str], write: Write) -> None:
    assert told(write(facts(name, values))) == lines


def test_what_a_policy_builds_on_is_told_once_and_where_it_is(write: Write) -> None:
    write(facts("providers", "karix: {support: natve}"), "base.yaml")
    lines = told(write(f"extends: base.yaml\n{facts('providers', 'karix: {ip_allowlist: ofered}')}"))
    assert [line.partition(" cannot")[0] for line in lines] == [
        'acme.yaml:10:29: "ip_allowlist"',
        'base.yaml:9:24: "support"',
    ]


@pytest.mark.parametrize("command", [("policy", "check"), ("lint", "manifest.yaml")])
def test_no_command_goes_on_with_such_a_row(command: tuple[str, ...], ready: Path, run: Run) -> None:
    (ready / "wa-policy.yaml").write_text(
        "apiVersion: wa-policy/v1\nkind: Policy\nmetadata: {name: acme}\n"
        + facts("providers", "karix: {support: natve}")
    )
    code, out, error = run(*command)
    assert (code, out) == (2, "")
    assert error.startswith("wa-policy: the policy cannot be used")
    assert 'wa-policy.yaml:9:24: "support" cannot be "natve"' in error


ACCOUNT_ID = {"field": "user", "pattern": "^A", "shape": "an A", "is": "the account", "certainty": "sure"}


@pytest.mark.parametrize("support", SCHEMA["$defs"]["Provider"]["properties"]["support"]["enum"])
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"account_id": ACCOUNT_ID},
        {"sender_fields": {"api_url": "API URL"}, "api_url": {"begins": "https://acme.example/"}},
    ],
)
@pytest.mark.parametrize("integration", ["native", "connector"])
def test_rules_bear_a_provider_of_which_little_is_known(
    support: str, more: dict[str, Any], integration: str, in_folder: Path, write: Write
) -> None:
    row = {"name": "Acme", "support": support, "ip_allowlist": "offered", **more}
    path = write(facts("providers", f"acme-bsp: {json.dumps(row)}"))
    text = READY.replace("provider: gupshup", "provider: acme-bsp").replace("native", integration)
    fields = "  sender_fields: {user: B1, api_url: https://other.example/}\n  ip_allowlist:"
    report = check_text(text.replace("  ip_allowlist:", fields), policy=str(in_folder / path))
    assert [item.reason for item in report.not_checked] == []
    assert all(finding.message for finding in report.findings)
