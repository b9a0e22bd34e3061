"""Unquoted text that means something else to other readers, or that lost what was typed."""

import pytest

from wa_policy.manifest.misread import Misread, find
from wa_policy.schema.validate import violations
from wa_policy.source.reading import read
from wa_policy.testing import READY


def misread(old: str, new: str) -> list[tuple[str, str, str | bool]]:
    """What is misread in the ready manifest with one line changed: the text, what it is read as, what was meant."""
    assert READY.count(old) == 1, old
    return [(each.text, each.read_as, each.meant) for each in found(READY.replace(old, new))]


def found(text: str) -> list[Misread]:
    (document,) = read(text.encode(), "acme.yaml").documents
    return list(find(document, violations(document.data, "workspace")))


def test_a_ready_manifest_is_read_as_it_is_written() -> None:
    assert found(READY) == []


@pytest.mark.parametrize(
    ("old", "new", "text", "read_as"),
    [
        ('timezone_id: "71"', "timezone_id: 71", "71", "a number"),
        ('number: "+91 80 4718 1888"', "number: +918047181888", "+918047181888", "the number 918047181888"),
        ("\n  name: Acme Retail\n", "\n  name: true\n", "true", "a truth value"),
        ("\n  name: Acme Retail\n", "\n  name: 12:30:00\n", "12:30:00", "a number (base 60) to readers of YAML 1.1"),
        ("country: IN\n  currency", "country: NO\n  currency", "NO", "false to readers of YAML 1.1"),
    ],
)
def test_text_without_quotes(old: str, new: str, text: str, read_as: str) -> None:
    assert misread(old, new) == [(text, read_as, text)]


@pytest.mark.parametrize("word", ["3", "3.5", "true", "0x3"])
def test_what_is_wrong_even_in_quotes_is_not_told_as_if_quotes_would_do(word: str) -> None:
    assert misread("data_center: DC-03", f"data_center: {word}") == []


def test_a_sign_is_not_quoted_where_digits_belong() -> None:
    assert misread('timezone_id: "71"', "timezone_id: +71") == []


def test_a_truth_in_other_words_is_meant_as_a_truth() -> None:
    assert misread("is_pin_enabled: true", "is_pin_enabled: yes") == [("yes", "true to readers of YAML 1.1", True)]
    assert misread("is_pin_enabled: true", "is_pin_enabled: 1_0") == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("legal_entity: Acme Retail Private Limited", "legal_entity: null"),
        ('primary_funding_id: "348502019304"', "primary_funding_id: ~"),
        ("environment: live", "environment: null"),
        ("requirement: required", "requirement: yes"),
        ("data_center: DC-03", "data_center: no"),
        ("throughput: {level: HIGH}", "throughput: yes"),
        ("owners: [crm-platform@acme.example]", "owners: NO"),
    ],
)
def test_what_is_nothing_or_not_what_belongs_there_is_left_to_the_schema(old: str, new: str) -> None:
    assert misread(old, new) == []


def test_where_nobody_knows_what_belongs_there_nothing_is_misread() -> None:
    number = READY[READY.index("phone_numbers:") : READY.index("\n\n", READY.index("phone_numbers:"))]
    without_dash = number.replace("  - id:", "    id:")
    assert without_dash != number
    assert found(READY.replace(number, without_dash)) == []
    assert [key.text for key in found(READY.replace("\nmetadata:\n", "\nmetadata:\n  on: call\n"))] == []


def test_a_day_needs_no_quotes() -> None:
    assert misread("enabled_on: 2026-10-02", "enabled_on: 2026-10-03") == []


def test_a_key_without_quotes() -> None:
    text = READY.replace("\nmetadata:\n", "\nmetadata:\n  labels: {on: call}\n")
    (key,) = (each for each in found(text) if each.on_key)
    assert (key.route[-1], key.text, key.read_as, key.meant) == ("on", "on", "true to readers of YAML 1.1", "on")
