"""What is told of values, and what was meant by them."""

from typing import Any

import pytest

from tests.schema.documents import COMPONENTS, GONE, POLICY, READY, REFERENCES, SECRET, changed
from wa_policy.schema.faults import Correction, Violation
from wa_policy.schema.texts import load_schema
from wa_policy.schema.validate import violations
from wa_policy.source.spans import Route


@pytest.mark.parametrize(
    ("route", "value", "message", "remedy"),
    [
        pytest.param(
            ("campaigns", 0, "sender"),
            622150201234,
            '"sender": expected text, found the whole number 622150201234',
            "put the value in quotes, so that it stays as it is written",
            id="number for text",
        ),
        pytest.param(
            ("waba", "name"),
            True,
            '"name": expected text, found true',
            "put the value in quotes, so that it stays as it is written",
            id="truth for text",
        ),
        pytest.param(
            ("waba", "id"),
            31,
            '"id": expected text, found the whole number 31',
            'write the id of the WhatsApp Business Account: digits only, in quotes, such as "102290129340398"',
            id="number for text of digits",
        ),
        pytest.param(
            ("moengage", "data_center"),
            3,
            '"data_center": expected text, found the whole number 3',
            "write the MoEngage data center that holds the workspace: DC- and two or three digits, such as DC-03",
            id="number for text of a form",
        ),
        pytest.param(
            ("waba", "country"),
            False,
            '"country": expected text, found false',
            "write the country of the business: the two capital letters of ISO 3166, such as IN",
            id="truth for text of a form",
        ),
        pytest.param(
            ("waba", "name"),
            None,
            '"name": expected text, found nothing',
            'write a text in quotes, or remove "name"',
            id="nothing for text",
        ),
        pytest.param(
            ("waba", "name"),
            ["Bloom"],
            '"name": expected text, found a list',
            "write text, such as Acme Retail",
            id="list for text",
        ),
        pytest.param(
            ("bsp", "account", "international"),
            "no",
            '"international": expected true or false, found the text "no"',
            "write false, without quotes",
            id="word for truth",
        ),
        pytest.param(
            ("bsp", "account", "international"),
            "On",
            '"international": expected true or false, found the text "On"',
            "write true, without quotes",
            id="capital word for truth",
        ),
        pytest.param(
            ("bsp", "account", "international"),
            1,
            '"international": expected true or false, found the whole number 1',
            "write true or false, without quotes",
            id="number for truth",
        ),
        pytest.param(
            ("campaigns", 0, "audience", "size"),
            "40,000",
            '"size": expected a whole number, found the text "40,000"',
            "write 40000, without quotes",
            id="text for number",
        ),
        *(
            pytest.param(
                ("campaigns", 0, "audience", "size"),
                text,
                f'"size": expected a whole number, found the text "{text}"',
                f"write {meant}",
                id=f"{text} for number",
            )
            for text, meant in {
                "12,34,567": "1234567, without quotes",
                "1 000 000": "1000000, without quotes",
                "1,5": "a whole number, such as 40000",
                "12, 13": "a whole number, such as 40000",
                "1,000 000": "a whole number, such as 40000",
                "1000,000": "a whole number, such as 40000",
            }.items()
        ),
        pytest.param(
            ("campaigns", 0, "audience", "size"),
            "many",
            '"size": expected a whole number, found the text "many"',
            "write a whole number, such as 40000",
            id="word for number",
        ),
        pytest.param(
            ("campaigns", 0, "audience", "size"),
            0.5,
            '"size": expected a whole number, found the number 0.5',
            "write a whole number, such as 40000",
            id="fraction for number",
        ),
        pytest.param(
            ("metadata", "owners"),
            "crm@bloom.example",
            '"owners": expected a list, found the text "crm@bloom.example"',
            "write a list, such as [crm-platform@acme.example]",
            id="text for list",
        ),
        pytest.param(
            ("phone_numbers",),
            {"number": "+622150201234"},
            '"phone_numbers": expected a list, found a mapping',
            "write a list: put a dash before each entry",
            id="mapping for list",
        ),
        pytest.param(
            ("opt_in",),
            ["moengage"],
            '"opt_in": expected a mapping, found a list',
            "write a mapping, such as {synced_to: [moengage, bsp], blank_users: suppress}",
            id="list for mapping",
        ),
        pytest.param(
            ("templates", 0, "components", 0, "example", "body_text"),
            7,
            '"body_text": expected a list or text, found the whole number 7',
            "put the value in quotes, so that it stays as it is written",
            id="number for list or text",
        ),
        pytest.param(
            ("metadata", "environment"),
            5,
            '"environment": expected text, found the whole number 5',
            "write one of draft, test, live",
            id="number for choice",
        ),
        pytest.param(
            ("metadata", "environment"),
            "prod",
            '"environment" cannot be "prod": it is one of draft, test, live',
            "write one of draft, test, live",
            id="no choice",
        ),
        pytest.param(
            ("metadata", "environment"),
            "Live",
            '"environment" cannot be "Live" (did you mean "live"?): it is one of draft, test, live',
            "write live",
            id="near a choice",
        ),
        pytest.param(
            ("templates", 0, "components", 0, "type"),
            "body",
            f'"type" cannot be "body" (did you mean "BODY"?): it is one of {COMPONENTS}',
            "write BODY",
            id="unknown type",
        ),
        pytest.param(
            ("apiVersion",),
            "wa-policy/1",
            '"apiVersion" cannot be "wa-policy/1": it is always "wa-policy/v1"',
            "write wa-policy/v1",
            id="constant",
        ),
        pytest.param(
            ("kind",),
            "workspace",
            '"kind" cannot be "workspace": it is always "Workspace"',
            "write Workspace",
            id="kind",
        ),
        pytest.param(
            ("moengage", "data_center"),
            "DC3",
            '"data_center" cannot be "DC3": it should look like DC-03 or DC-101',
            "write the MoEngage data center that holds the workspace: DC- and two or three digits",
            id="pattern",
        ),
        pytest.param(
            ("waba", "id"),
            "102290129340398\n",
            '"id" cannot be "102290129340398\\n": it should look like "102290129340398"',
            "write the id of the WhatsApp Business Account: digits only, in quotes",
            id="line break after a pattern",
        ),
        pytest.param(
            ("moengage", "static_ips", "enabled_on"),
            "2026-02-30",
            '"enabled_on" cannot be "2026-02-30": there is no such day',
            "write a day of the calendar",
            id="no such day",
        ),
        pytest.param(
            ("moengage", "static_ips", "enabled_on"),
            "2.10.2026",
            '"enabled_on" cannot be "2.10.2026": this is not a date',
            'write year, month and day, such as "2026-10-02"',
            id="no date",
        ),
        pytest.param(
            ("evidence", "graph", "observed_at"),
            "2026-11-20T06:30:00",
            '"observed_at" cannot be "2026-11-20T06:30:00": the time has no zone',
            "add Z for UTC, or an offset such as +05:30",
            id="no zone",
        ),
        pytest.param(
            ("evidence", "graph", "observed_at"),
            "yesterday",
            '"observed_at" cannot be "yesterday": this is not a date with a time and a zone',
            'write it in full, such as "2026-11-20T06:30:00Z"',
            id="no moment",
        ),
        pytest.param(
            ("evidence", "graph", "observed_at"),
            "2026-02-30T06:30:00Z",
            '"observed_at" cannot be "2026-02-30T06:30:00Z": there is no such day',
            "write a day of the calendar",
            id="moment of no day",
        ),
        pytest.param(
            ("metadata", "legal_entity"),
            "",
            '"legal_entity" is empty',
            'write it, such as Acme Retail Private Limited, or remove "legal_entity"',
            id="empty text",
        ),
        pytest.param(
            ("campaigns", 0, "audience", "size"),
            -1,
            '"size" cannot be -1: it is 0 or more',
            "write 0 or more",
            id="too small",
        ),
        pytest.param(
            ("phone_numbers",),
            [],
            '"phone_numbers" is empty: it needs at least one entry',
            'add an entry, such as {number: "+91 80 4718 1888"}',
            id="empty list",
        ),
        pytest.param(
            ("bsp", "credentials", "password"),
            {},
            f'"password" is empty: it needs one of {REFERENCES}',
            "write one of them, such as {env: GUPSHUP_HSM_USER}",
            id="no reference",
        ),
        pytest.param(
            ("bsp", "credentials", "password"),
            {"env": "A", "file": "b"},
            '"password" has env and file, and only one of them can hold',
            "keep the one that is true",
            id="two references",
        ),
    ],
)
def test_a_value(route: Route, value: object, message: str, remedy: str) -> None:
    found = violations(changed(READY, route, value))
    assert [(each.route, each.message, each.remedy, each.on_key) for each in found] == [(route, message, remedy, False)]


@pytest.mark.parametrize(
    ("route", "value", "expected"),
    [
        (("waba", "name"), 5, "string"),
        (("opt_in",), 5, "object"),
        (("templates", 0, "components", 0, "example", "body_text"), 5, "array or string"),
        (("metadata", "environment"), "prod", "draft, test, live"),
        (("moengage", "static_ips", "enabled_on"), "x", "date"),
        (("waba", "country"), "id", "The country of the business: the two capital letters of ISO 3166."),
        (("waba", "zip"), 5, ", ".join(load_schema("workspace")["$defs"]["Waba"]["properties"])),
        (("campaigns", 0, "name"), GONE, "The name of the campaign in MoEngage."),
    ],
)
def test_what_was_expected(route: Route, value: object, expected: str) -> None:
    assert [violation.expected for violation in violations(changed(READY, route, value))] == [expected]


@pytest.mark.parametrize(
    ("key", "entry", "route", "required"),
    [
        ("metadata", {"name": "ours"}, ("description",), False),
        ("facts", {"waba": {"as_of": "2026-11", "values": {}}}, ("waba", "source"), True),
        ("overrides", [{"when": {"environments": ["test"]}}], (0, "reason"), True),
        ("suppressions", [{"rules": ["WBA002"], "workspace": "bloom"}], (0, "reason"), True),
        ("suppressions", [{"rules": ["WBA002"], "workspace": "bloom", "reason": "due"}], (0, "owner"), False),
    ],
)
@pytest.mark.parametrize("value", ["", " ", None])
def test_only_what_may_be_left_out_may_be_removed(
    key: str, entry: Any, route: Route, required: bool, value: str | None
) -> None:
    data = changed(changed(POLICY, (key,), entry), (key, *route), value)
    [violation] = violations(data, "policy")
    assert violation.remedy.startswith("write ")
    assert ("remove" in violation.remedy) is not required


@pytest.mark.parametrize(
    ("written", "message", "meant"),
    [
        ("no", '{} cannot be "no" (did you mean "off"?): it is one of {}', "off"),
        ("False", '{} cannot be "False" (did you mean "off"?): it is one of {}', "off"),
        ("Off", '{} cannot be "Off" (did you mean "off"?): it is one of {}', "off"),
        ("inf", '{} cannot be "inf" (did you mean "info"?): it is one of {}', "info"),
        (False, "{}: expected {}, found false", "off"),
    ],
)
@pytest.mark.parametrize(
    ("route", "choices", "types"),
    [
        (("severity",), "error, warning, info, off", "text"),
        (("unproven",), "as-rule, warning, info, off", "text"),
        (("rules", "WBA001"), "error, warning, info, off", "text or a mapping"),
        (("rules", "WBA001", "severity"), "error, warning, info, off", "text"),
    ],
)
def test_who_writes_no_means_off(
    route: Route, choices: str, types: str, written: object, message: str, meant: str
) -> None:
    base = changed(POLICY, ("rules",), {"WBA001": {}})
    [violation] = violations(changed(base, route, written), "policy")
    wanted = types if written is False else choices
    assert violation.message == message.format(f'"{route[-1]}"', wanted)
    assert violation.remedy == f"write {meant}"
    assert violation.correction is not None
    assert violation.correction.value == meant


@pytest.mark.parametrize("blank", ["  ", "\t\n", "\u00a0", "\u200b\u2060", "\u3000"])
@pytest.mark.parametrize(
    ("key", "entry", "name"),
    [
        ("metadata", {"name": "ours"}, "description"),
        ("facts", {"waba": {"as_of": "2026-11", "values": {}}}, "source"),
        ("overrides", [{"when": {"environments": ["test"]}}], "reason"),
        ("suppressions", [{"rules": ["WBA002"], "workspace": "bloom"}], "reason"),
        ("suppressions", [{"rules": ["WBA002"], "workspace": "bloom", "reason": "due"}], "owner"),
    ],
)
def test_what_somebody_is_to_say_in_a_policy_is_no_blank(key: str, entry: Any, name: str, blank: str) -> None:
    route: Route = (key, *((0,) if isinstance(entry, list) else ("waba",) if key == "facts" else ()), name)
    data = changed(changed(POLICY, (key,), entry), route, blank)
    assert [(each.route, each.message) for each in violations(data, "policy")] == [
        (route, f'"{name}" has nothing in it that can be read')
    ]
    assert violations(changed(data, route, f"{blank}due"), "policy") == []


def test_an_item_of_a_list_is_called_by_its_position() -> None:
    data = changed(READY, ("campaigns", 0, "audience", "countries"), ["ID", "sg", 65])
    assert violations(data) == [
        Violation(
            ("campaigns", 0, "audience", "countries", 1),
            '"countries[1]" cannot be "sg": it should look like IN',
            "write the two capital letters of ISO 3166 for a country",
            on_key=False,
            expected="The two capital letters of ISO 3166 for a country.",
            correction=Correction("set", ("campaigns", 0, "audience", "countries", 1), "SG", safe=True),
        ),
        Violation(
            ("campaigns", 0, "audience", "countries", 2),
            '"countries[2]": expected text, found the whole number 65',
            "write the two capital letters of ISO 3166 for a country, such as IN",
            on_key=False,
            expected="string",
        ),
    ]


def test_long_values_are_cut() -> None:
    [violation] = violations(changed(READY, ("metadata", "environment"), "x" * 10_000))
    assert violation.message == f'"environment" cannot be "{"x" * 59}…": it is one of draft, test, live'
    [violation] = violations(changed(READY, ("metadata", "y" * 10_000), 1))
    assert violation.message == f'"{"y" * 59}…" is not a key of "metadata"'


def test_numbers_that_python_will_not_print_are_told_by_their_size() -> None:
    [violation] = violations(changed(READY, ("waba", "name"), -(1 << 50_000)))
    assert violation.message == '"name": expected text, found the whole number of more than 60 digits'


def test_what_cannot_be_written_is_escaped() -> None:
    [violation] = violations(changed(READY, ("metadata", "environment"), 'li\x1b[31m"\ud800'))
    assert violation.message == '"environment" cannot be "li\\u001b[31m\\"\\ud800": it is one of draft, test, live'


@pytest.mark.parametrize(
    ("route", "value", "correction"),
    [
        pytest.param(("metadata", "environment"), "Live", ("set", "live", True), id="capitals"),
        pytest.param(("metadata", "environment"), "lvie", ("set", "live", False), id="the nearest"),
        pytest.param(("metadata", "environment"), "production", None, id="nothing near"),
        pytest.param(
            ("templates", 0, "components", 1, "buttons", 0, "type"),
            "quick reply",
            ("set", "QUICK_REPLY", True),
            id="spelling",
        ),
        pytest.param(("kind",), "workspace", ("set", "Workspace", True), id="constant"),
        pytest.param(("moengage", "static_ips", "enabled"), "Yes", ("set", True, True), id="truth"),
        pytest.param(("moengage", "static_ips", "enabled"), "perhaps", None, id="no truth"),
        pytest.param(("waba", "id"), 31, None, id="number as text, which may be written 0x1F"),
        pytest.param(("waba", "id"), -5, None, id="number that is no id"),
        pytest.param(("waba", "country"), 65, None, id="number that is no country"),
        pytest.param(("waba", "country"), "id ", ("set", "ID", True), id="blanks and capitals"),
        pytest.param(("waba", "country"), "Indonesia", None, id="no country"),
        pytest.param(("waba", "message_template_count"), "12", ("set", 12, True), id="text as number"),
        pytest.param(("waba", "message_template_count"), "012", None, id="text with zeros"),
        pytest.param(("waba", "message_template_count"), "yes", None, id="truth where a number belongs"),
        pytest.param(
            ("metadata", "owners"), "crm@bloom.example", ("set", ("crm@bloom.example",), True), id="one for a list"
        ),
        pytest.param(
            ("moengage", "static_ips", "enabled_on"),
            "2026/9/3",
            ("set", "2026-09-03", False),
            id="a day written otherwise",
        ),
        pytest.param(("moengage", "static_ips", "enabled_on"), "2026/13/3", None, id="no day"),
        pytest.param(("bsp", "credentials", "password"), SECRET, None, id="a credential"),
    ],
)
def test_what_was_meant(route: Route, value: object, correction: tuple[Any, ...] | None) -> None:
    [violation] = violations(changed(READY, route, value))
    meant = violation.correction
    assert (meant and (meant.verb, meant.value, meant.safe)) == correction
    if meant:
        assert meant.route == route
        corrected = list(meant.value) if isinstance(meant.value, tuple) else meant.value
        assert violations(changed(READY, route, corrected)) == []
