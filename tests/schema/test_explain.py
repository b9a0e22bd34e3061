import copy
import json
import re
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_policy.schema import validate as validation
from wa_policy.schema.explain import Correction, Violation, _validator, explain
from wa_policy.schema.texts import kinds, load_schema, resolve
from wa_policy.schema.validate import validate, violations
from wa_policy.source.spans import Route

SECRET = "hunter2"  # noqa: S105  # what must never be shown
REFERENCES = "env, vault, aws_secrets_manager, gcp_secret_manager, azure_key_vault, file"
COMPONENTS = "HEADER, BODY, FOOTER, BUTTONS, CAROUSEL, LIMITED_TIME_OFFER, CALL_PERMISSION_REQUEST"
TOP = "apiVersion, kind, metadata, moengage, bsp, waba, phone_numbers, templates, opt_in, campaigns, evidence"

READY: dict[str, Any] = {
    "apiVersion": "wa-policy/v1",
    "kind": "Workspace",
    "metadata": {"name": "bloom", "environment": "live"},
    "moengage": {"workspace_id": "BLOOM", "data_center": "DC-06", "static_ips": {"enabled": True}},
    "bsp": {"provider": "gupshup", "account": {}, "credentials": {"password": {"env": "BSP_PASSWORD"}}},
    "waba": {"id": "102290129340398"},
    "phone_numbers": [{"number": "+622150201234"}],
    "templates": [
        {
            "name": "bouquet_ready",
            "language": "id",
            "category": "UTILITY",
            "components": [
                {"type": "BODY", "text": "Buket {{1}} siap diambil.", "example": {"body_text": [["Mawar"]]}},
                {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Berhenti"}]},
            ],
        }
    ],
    "opt_in": {},
    "campaigns": [{"name": "mothers-day", "audience": {}}],
    "evidence": {"graph": {}},
}
POLICY: dict[str, Any] = {"apiVersion": "wa-policy/v1", "kind": "Policy", "metadata": {"name": "ours"}}
GONE = object()


def changed(base: dict[str, Any], route: Route, value: object) -> Any:
    """A copy of a document with one value put in place, or taken away."""
    data = copy.deepcopy(base)
    node: Any = data
    for step in route[:-1]:
        node = node[step]
    if value is GONE:
        del node[route[-1]]
    else:
        node[route[-1]] = value
    return data


def told(data: object, kind: str = "workspace") -> list[tuple[str, str]]:
    return [(violation.message, violation.remedy) for violation in violations(data, kind)]


def test_what_satisfies_the_schema_needs_no_explanation() -> None:
    assert explain(READY, "workspace") == []
    assert explain(POLICY, "policy") == []


@pytest.mark.parametrize(
    ("kind", "called"),
    [
        ("workspace", "the workspace manifest"),
        ("policy", "the policy"),
        ("baseline", "the baseline"),
        ("report", "the report"),
        ("checklist", "the checklist"),
        ("evidence-opt-in-audit", "the opt-in audit"),
        ("evidence-graph-waba", "the WABA"),
        ("evidence-graph-phone-number", "the phone number"),
        ("evidence-graph-template", "the template"),
    ],
)
def test_documents_are_called_by_words_that_people_use(kind: str, called: str) -> None:
    assert told(None, kind)[0][0] == f"{called} is empty"
    schema = load_schema(kind)
    known = {key: node["const"] for key, node in schema["properties"].items() if "const" in node}
    missing = [key for key in schema["required"] if key not in known]
    assert sorted(message for message, _ in told(known, kind)) == sorted(f'{called} has no "{key}"' for key in missing)


def test_every_kind_is_called_something() -> None:
    called = {explain(None, kind)[0].message for kind in kinds()}
    assert len(called) == len(kinds())
    assert all(re.fullmatch(r"the ([a-z-]+|WABA)( [a-z]+)? is empty", message) for message in called)


@pytest.mark.parametrize("kind", kinds())
@pytest.mark.parametrize(
    "data",
    [{}, {"name": 1}, {"kind": "Gadget"}, {"predicateType": "x"}, {"format": "x"}, {"format": 1, "version": "x"}],
)
def test_a_stranger_is_explained_whatever_should_be_there(kind: str, data: dict[str, Any]) -> None:
    assert all(violation.message for violation in explain(data, kind))
    assert explain(data, kind)


# --- values


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
            "put the value in quotes, so that it stays as it is written",
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


# --- keys


@pytest.mark.parametrize(
    ("route", "message", "remedy"),
    [
        pytest.param(
            ("moengage", "data_centre"),
            '"data_centre" is not a key of "moengage" (did you mean "data_center"?)',
            "write data_center",
            id="misspelt",
        ),
        pytest.param(
            ("phoneNumbers",),
            '"phoneNumbers" is not a key of the workspace manifest (did you mean "phone_numbers"?)',
            "write phone_numbers",
            id="in capitals",
        ),
        pytest.param(
            ("moengage", "opt_in"),
            '"opt_in" is not a key of "moengage"; it belongs under moengage.attributes',
            "move it to moengage.attributes",
            id="one level too high",
        ),
        pytest.param(
            ("bsp", "opt_in"),
            '"opt_in" is not a key of "bsp"; it belongs at the top level or under moengage.attributes',
            "move it to the top level or moengage.attributes",
            id="in another block",
        ),
        pytest.param(
            ("phone_numbers", 0, "voice"),
            '"voice" is not a key of "phone_numbers[0]"; it belongs under phone_numbers[].can_receive',
            "move it to phone_numbers[].can_receive",
            id="beside where it belongs",
        ),
        pytest.param(
            ("waba", "quality_rating"),
            '"quality_rating" is not a key of "waba"; it belongs under phone_numbers[]',
            "move it to phone_numbers[]",
            id="of an item",
        ),
        pytest.param(
            ("bsp", "api_key"),
            '"api_key" is not a key of "bsp"; secrets belong under bsp.credentials',
            "refer to it there, and never write its value",
            id="of a credential",
        ),
        pytest.param(
            ("metadata", "owner_mail"),
            '"owner_mail" is not a key of "metadata" (did you mean "owners"?)',
            "write owners, or remove it",
            id="not quite",
        ),
        pytest.param(
            ("colour",),
            '"colour" is not a key of the workspace manifest',
            f"remove it, or write one of {TOP}",
            id="of nothing",
        ),
    ],
)
def test_an_unknown_key(route: Route, message: str, remedy: str) -> None:
    found = violations(changed(READY, route, SECRET))
    assert [(each.route, each.message, each.remedy, each.on_key) for each in found] == [(route, message, remedy, True)]


@pytest.mark.parametrize(
    ("route", "place", "on_key", "message", "remedy"),
    [
        pytest.param(
            ("metadata", "name"),
            ("metadata",),
            True,
            '"metadata" has no "name"',
            'add "name", such as name: acme-retail-in',
            id="text",
        ),
        pytest.param(
            ("metadata", "environment"),
            ("metadata",),
            True,
            '"metadata" has no "environment"',
            "add environment: one of draft, test, live",
            id="choice",
        ),
        pytest.param(
            ("kind",), (), False, 'the workspace manifest has no "kind"', "add kind: Workspace", id="constant"
        ),
        pytest.param(
            ("bsp",), (), False, 'the workspace manifest has no "bsp"', 'add "bsp", with provider', id="mapping"
        ),
        pytest.param(
            ("phone_numbers",),
            (),
            False,
            'the workspace manifest has no "phone_numbers"',
            'add "phone_numbers", such as phone_numbers: [{number: "+91 80 4718 1888"}]',
            id="list",
        ),
        pytest.param(
            ("templates", 0, "components", 0, "type"),
            ("templates", 0, "components", 0),
            False,
            '"components[0]" has no "type"',
            f"add type: one of {COMPONENTS}",
            id="of an item",
        ),
    ],
)
def test_a_missing_key(route: Route, place: Route, on_key: bool, message: str, remedy: str) -> None:
    found = violations(changed(READY, route, GONE))
    assert [(each.route, each.on_key, each.message, each.remedy) for each in found] == [
        (place, on_key, message, remedy)
    ]


def test_a_misspelt_key_is_not_missing_as_well() -> None:
    data = changed(READY, ("metadata",), {"name": "bloom", "enviroment": "live"})
    assert told(data) == [
        ('"enviroment" is not a key of "metadata" (did you mean "environment"?)', "write environment")
    ]


@pytest.mark.parametrize(
    ("route", "message", "remedy", "expected"),
    [
        pytest.param(
            ("templates", 0, "components", 0, "buttons"),
            '"buttons" does not belong in a component of type BODY, only in BUTTONS',
            "remove it, or give the component the type BUTTONS",
            "type, text, example, add_security_recommendation",
            id="component",
        ),
        pytest.param(
            ("templates", 0, "components", 1, "text"),
            '"text" does not belong in a component of type BUTTONS, only in HEADER or BODY or FOOTER',
            "remove it, or give the component the type HEADER or BODY or FOOTER",
            "type, buttons",
            id="of several",
        ),
        pytest.param(
            ("templates", 0, "components", 0, "example", "header_text"),
            '"header_text" does not belong in the example of a component of type BODY, only in HEADER',
            "remove it, or give the component the type HEADER",
            "body_text, body_text_named_params",
            id="example",
        ),
        pytest.param(
            ("templates", 0, "components", 1, "buttons", 0, "url"),
            '"url" does not belong in a button of type QUICK_REPLY, only in URL',
            "remove it, or give the button the type URL",
            "type, text",
            id="button",
        ),
    ],
)
def test_a_key_of_another_type(route: Route, message: str, remedy: str, expected: str) -> None:
    values = {"buttons": [], "text": "x", "header_text": ["x"], "url": "https://bloom.example"}
    found = violations(changed(READY, route, values[str(route[-1])]))
    correction = Correction("remove", route, None, safe=False)
    assert found == [Violation(route, message, remedy, on_key=True, expected=expected, correction=correction)]


def test_an_unknown_key_of_a_component_is_told_once() -> None:
    data = changed(READY, ("templates", 0, "components", 0, "txt"), "x")
    assert told(data) == [('"txt" is not a key of "components[0]" (did you mean "text"?)', "write text")]
    data = changed(READY, ("templates", 0, "components", 0, "example", "bodytext"), ["x"])
    assert told(data) == [('"bodytext" is not a key of "example" (did you mean "body_text"?)', "write body_text")]


def test_nothing_is_told_of_what_follows_from_a_wrong_type() -> None:
    data = changed(READY, ("templates", 0, "components", 0), {"type": "BODDY", "text": "x", "buttons": []})
    assert [message for message, _ in told(data)] == [
        f'"type" cannot be "BODDY" (did you mean "BODY"?): it is one of {COMPONENTS}'
    ]
    data = changed(READY, ("templates", 0, "components", 0, "example"), "Mawar")
    assert [message for message, _ in told(data)] == ['"example": expected a mapping, found the text "Mawar"']


def test_a_key_that_is_no_text() -> None:
    data = changed(READY, ("metadata", 7), "x")
    assert told(data) == [('"metadata" has a key that is not text: the whole number 7', "put the key in quotes")]


def test_violations_are_sorted_by_route_and_lists_by_position() -> None:
    data = changed(READY, ("phone_numbers",), [{"number": 1} for _ in range(11)])
    data["waba"] = {}
    data["metadata"]["name"] = 5
    routes = [violation.route for violation in violations(data)]
    numbers: list[Route] = [("phone_numbers", index, "number") for index in range(11)]
    assert routes == [("metadata", "name"), *numbers, ("waba",)]


# --- credentials


@pytest.mark.parametrize(
    ("route", "value", "message", "remedy"),
    [
        (
            ("bsp", "credentials", "password"),
            SECRET,
            '"password": expected a mapping, found a text',
            "name where the secret is kept, such as {env: GUPSHUP_HSM_USER}",
        ),
        (
            ("bsp", "credentials", "password"),
            {SECRET: None},
            f'"password" has a key that is none of {REFERENCES}',
            "name where the secret is kept, such as {env: GUPSHUP_HSM_USER}",
        ),
        (
            ("bsp", "credentials", "password"),
            {"env": f"{SECRET}!"},
            '"env" has a value that cannot be: it should look like GUPSHUP_HSM_USER',
            "write the name of the environment variable that holds the secret: letters, digits and underscores",
        ),
        (
            ("bsp", "credentials"),
            SECRET,
            '"credentials": expected a mapping, found a text',
            "name where the secret is kept, such as "
            '{username: {env: GUPSHUP_HSM_USER}, password: {vault: "crm/gupshup#password"}}',
        ),
        (
            ("bsp", "token_kind"),
            SECRET,
            '"token_kind" has a value that cannot be: it is one of temporary, system_user',
            "write one of temporary, system_user",
        ),
        (
            ("phone_numbers", 0, "is_pin_enabled"),
            123456,
            '"is_pin_enabled": expected true or false, found a whole number',
            "write true or false, without quotes",
        ),
    ],
)
def test_what_may_be_a_credential_is_not_shown(route: Route, value: object, message: str, remedy: str) -> None:
    found = violations(changed(READY, route, value))
    assert [(each.message, each.remedy) for each in found] == [(message, remedy)]


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "apiKey",
        "APIKey",
        "X-api-key",
        "auth_key",
        "access_token",
        "PIN",
        "Authorization",
        "client_secret",
        "pwd2",
    ],
)
def test_keys_that_speak_of_credentials(key: str) -> None:
    for value in (918273645, [SECRET], {SECRET: SECRET}, None, ""):
        for violation in violations(changed(READY, ("bsp", "sender_fields"), {key: value})):
            assert SECRET not in repr(violation)
            assert "918273645" not in repr(violation)


# --- other documents


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "the workspace manifest is empty"),
        ([], "the workspace manifest is not a mapping but a list"),
        ("hello", "the workspace manifest is not a mapping but a text"),
        (5, "the workspace manifest is not a mapping but a whole number"),
    ],
)
def test_a_document_that_is_no_mapping(data: object, message: str) -> None:
    remedy = "begin it with apiVersion: wa-policy/v1 and kind: Workspace"
    assert violations(data) == [Violation((), message, remedy, on_key=False, expected="object")]


@pytest.mark.parametrize(
    ("data", "kind", "route", "message"),
    [
        (POLICY, "workspace", ("kind",), "this looks like a Policy, not like a Workspace"),
        (READY, "policy", ("kind",), "this looks like a Workspace, not like a Policy"),
        (READY, "evidence-opt-in-audit", ("kind",), "this looks like a Workspace, not like an opt-in audit"),
        (
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}},
            "workspace",
            ("kind",),
            "this looks like a ConfigMap, not like a Workspace",
        ),
        (
            {"_type": "x", "predicateType": "y"},
            "workspace",
            ("predicateType",),
            "this looks like an opt-in audit, not like a Workspace",
        ),
        ({"name": "x"}, "workspace", (), "this is not a Workspace: it has neither apiVersion nor kind"),
        ({}, "policy", (), "this is not a Policy: it has neither apiVersion nor kind"),
        ({}, "evidence-opt-in-audit", (), "this is not an opt-in audit: it has neither _type nor predicateType"),
    ],
)
def test_a_document_of_another_kind_is_told_only_that(data: object, kind: str, route: Route, message: str) -> None:
    found = violations(data, kind)
    assert [(each.route, each.message) for each in found] == [(route, message)]
    assert found[0].remedy.startswith("name another file, or begin it with ")


def test_a_version_to_come_is_told_only_that() -> None:
    data = changed(READY, ("apiVersion",), "wa-policy/v2")
    data["colour"] = "red"
    assert violations(data) == [
        Violation(
            ("apiVersion",),
            "this is written in wa-policy/v2, and this release of wa-policy reads wa-policy/v1",
            "upgrade wa-policy, or write it in wa-policy/v1",
            on_key=False,
            expected="wa-policy/v1",
        )
    ]


@pytest.mark.parametrize(
    ("change", "route", "message", "remedy"),
    [
        (
            {"rules": {"OPT002": "eror"}},
            ("rules", "OPT002"),
            '"OPT002" cannot be "eror" (did you mean "error"?): it is one of error, warning, info, off',
            "write error",
        ),
        (
            {"rules": {"OPT002": False}},
            ("rules", "OPT002"),
            '"OPT002": expected text or a mapping, found false',
            "write text or a mapping, such as warning",
        ),
        (
            {"rules": {"OPT002": {"minimum_true_share": 0.7}}},
            ("rules", "OPT002", "minimum_true_share"),
            '"minimum_true_share" is not a key of "OPT002"',
            "remove it, or write one of severity, unproven, claims, settings",
        ),
        (
            {"overrides": [{"when": {}, "reason": "trials"}]},
            ("overrides", 0, "when"),
            '"when" is empty: it needs one of environments, paths, workspaces',
            "write one of them, such as {environments: [test]}",
        ),
        (
            {"facts": {"waba": {"as_of": "soon", "source": "x", "values": {}}}},
            ("facts", "waba", "as_of"),
            '"as_of" cannot be "soon": it should look like "2026-11" or "2026-11-20"',
            "write when the source said so: year and month, or year, month and day",
        ),
    ],
)
def test_a_policy(change: dict[str, Any], route: Route, message: str, remedy: str) -> None:
    found = violations({**POLICY, **change}, "policy")
    assert [(each.route, each.message, each.remedy) for each in found] == [(route, message, remedy)]


# --- the two engines


def test_a_refusal_without_an_explanation_is_a_violation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wa_policy.schema.explain.explain", lambda _data, _kind: [])
    [violation] = violations(changed(READY, ("waba", "id"), SECRET))
    assert violation.route == ("waba", "id")
    assert (
        violation.message == "the schema's engine refuses this for its pattern, and nothing was found that explains it"
    )
    assert violation.remedy == "compare it with the schema, and report this as a bug of wa-policy"


def test_data_that_the_engine_cannot_read_does_not_pass() -> None:
    class Text(str):
        __slots__ = ()

    data = changed(READY, ("waba", "name"), Text("Bloom"))
    assert not validate(data)
    assert [message for message, _ in told(data)] == [
        "the schema's engine refuses this as data that it cannot read (ValueError), "
        "and nothing was found that explains it"
    ]


def test_a_keyword_without_words_of_its_own_is_still_told(monkeypatch: pytest.MonkeyPatch) -> None:
    schema = copy.deepcopy(load_schema("evidence-opt-in-audit"))
    schema["properties"]["subject"]["maxItems"] = 1
    monkeypatch.setattr("wa_policy.schema.explain.load_schema", lambda _kind: schema)
    # that of the real schema is kept
    monkeypatch.setattr("wa_policy.schema.explain._validator", _validator.__wrapped__)
    subject = {"name": "users.csv", "digest": {"sha256": "0" * 64}}
    found = explain(
        {"predicateType": "urn:wa-policy:opt-in-audit:v1", "subject": [subject, subject]}, "evidence-opt-in-audit"
    )
    assert '"subject" does not satisfy the schema\'s maxItems' in [violation.message for violation in found]


def test_what_is_nested_too_deeply_to_be_explained_is_refused_all_the_same() -> None:
    components: list[Any] = []
    for _ in range(500):
        components = [{"type": "CAROUSEL", "cards": [{"components": components}]}]
    data = {**READY, "templates": [{"name": 5, "language": "id", "category": "UTILITY", "components": components}]}
    assert told(data) == [("the workspace manifest is nested too deeply to be checked", "write it with fewer levels")]


def everything(kind: str) -> Any:
    """A document that says everything that its schema knows, made of the schema's own examples."""
    schema = load_schema(kind)

    def build(node: dict[str, Any]) -> Any:
        node = resolve(schema, node)
        if "const" in node:
            return node["const"]
        if "properties" in node and "maxProperties" not in node and "allOf" not in node:
            return {key: build(item) for key, item in node["properties"].items()}
        if node.get("type") == "array" and "$ref" in node["items"] and node["items"]["$ref"] != "#/$defs/Component":
            return [build(node["items"])]
        return node["examples"][0]

    return json.loads(json.dumps(build(schema)))


EVERYTHING = {kind: everything(kind) for kind in ("workspace", "policy", "evidence-opt-in-audit")}
WORDS = ["", "yes", "off", "live", "BODY", "URL", "2026-02-30", "2026-10-02", "12", "IN", "x y", "é", "wa-policy/v2"]
KEYS = [
    "name",
    "type",
    "text",
    "example",
    "id",
    "env",
    "opt_in",
    "buttons",
    "datacenter",
    "Status",
    "password",
    "severity",
]
leaves = st.none() | st.booleans() | st.integers(-2, 2) | st.just(1.0) | st.just(0.5) | st.sampled_from(WORDS)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=2),
    max_leaves=4,
)


def places(node: Any, route: Route = ()) -> list[Route]:
    """The routes of everything in a document, the document itself included."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [route, *(place for step, item in inner for place in places(item, (*route, step)))]


@st.composite
def mutants(draw: st.DrawFn) -> tuple[str, Any]:
    """A document with up to three things deleted, renamed, retyped, replaced or put in."""
    kind, base = draw(st.sampled_from([*EVERYTHING.items(), ("workspace", READY)]))
    data = copy.deepcopy(base)
    for _ in range(draw(st.integers(0, 3))):
        route = draw(st.sampled_from(places(data)))
        if not route:
            continue
        node: Any = data
        for step in route[:-1]:
            node = node[step]
        change = draw(st.sampled_from(["delete", "replace", "rename", "insert"]))
        last: Any = route[-1]
        if change == "delete":
            del node[last]
        elif change == "rename" and isinstance(node, dict):
            node[draw(st.sampled_from([*KEYS, f"{last}s", last.upper(), last[1:]]))] = node.pop(last)
        elif change == "insert" and isinstance(node[last], dict):
            node[last][draw(st.sampled_from(KEYS))] = draw(values)
        elif change == "insert" and isinstance(node[last], list):
            node[last].append(draw(values))
        else:
            node[last] = draw(values)
    return kind, data


days = jsonschema.FormatChecker(formats=["date"])
ORACLES = {kind: jsonschema.Draft202012Validator(load_schema(kind), format_checker=days) for kind in EVERYTHING}


@pytest.mark.parametrize("kind", EVERYTHING)
def test_a_document_that_says_everything_is_accepted(kind: str) -> None:
    assert violations(EVERYTHING[kind], kind) == []
    assert explain(EVERYTHING[kind], kind) == []


@given(mutants())
def test_both_engines_agree_and_every_refusal_is_explained(mutant: tuple[str, Any]) -> None:
    kind, data = mutant
    accepted = validation.load_validator(kind).is_valid(data)
    assert ORACLES[kind].is_valid(data) is accepted
    found = explain(data, kind)
    assert (found == []) is accepted
    assert len({(violation.route, violation.message) for violation in found}) == len(found)
    for violation in found:
        assert violation.message
        assert violation.remedy
        assert not violation.message.endswith(".")
        node = data
        for step in violation.route:  # every place that is named is there
            node = node[step]


# What was meant.


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
        pytest.param(("waba", "id"), 102290129340398, ("set", "102290129340398", True), id="number as text"),
        pytest.param(("waba", "id"), -5, None, id="number that is no id"),
        pytest.param(("waba", "country"), 65, None, id="number that is no country"),
        pytest.param(("waba", "country"), "id ", ("set", "ID", True), id="blanks and capitals"),
        pytest.param(("waba", "country"), "Indonesia", None, id="no country"),
        pytest.param(("waba", "message_template_count"), "12", ("set", 12, True), id="text as number"),
        pytest.param(("waba", "message_template_count"), "012", None, id="text with zeros"),
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


@pytest.mark.parametrize(
    ("route", "correction"),
    [
        pytest.param(("moengage", "dataCentre"), ("rename", "data_center", False), id="the nearest"),
        pytest.param(("moengage", "Data-Center"), ("rename", "data_center", True), id="spelling"),
        pytest.param(("waba", "colour_of_the_logo"), ("remove", None, False), id="nothing near"),
        pytest.param(("waba", "api_token"), None, id="a credential"),
        pytest.param(("data_center",), None, id="what belongs elsewhere"),
    ],
)
def test_which_key_was_meant(route: Route, correction: tuple[Any, ...] | None) -> None:
    data = changed(READY, route, "DC-06")
    if len(route) > 1 and str(route[1])[:1] in "dD":
        data["moengage"].pop("data_center")
    [violation] = violations(data)
    meant = violation.correction
    assert (meant and (meant.verb, meant.value, meant.safe)) == correction


def test_a_key_that_is_there_is_no_correction_of_another() -> None:
    [violation] = violations(changed(READY, ("moengage", "dataCenter"), "DC-06"))
    assert violation.correction is None


def test_a_constant_that_is_missing_is_known() -> None:
    [violation] = violations(changed(READY, ("kind",), GONE))
    assert violation.correction == Correction("set", ("kind",), "Workspace", safe=True)
