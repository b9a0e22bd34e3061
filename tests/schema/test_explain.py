"""What is told of documents as a whole, and of what may be a credential."""

import re
from typing import Any

import pytest

from tests.schema.documents import COMPONENTS, POLICY, READY, REFERENCES, SECRET, changed, told
from wa_policy.schema.explain import explain
from wa_policy.schema.faults import Correction, Violation
from wa_policy.schema.texts import kinds, load_schema
from wa_policy.schema.validate import violations
from wa_policy.source.spans import Route


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
    assert all(re.fullmatch(r"the ([a-z-]+|WABA)( [a-z]+)* is empty", message) for message in called)


@pytest.mark.parametrize("kind", [kind for kind in kinds() if kind != "facts"])  # of facts, any file may be there
@pytest.mark.parametrize(
    "data",
    [{}, {"name": 1}, {"kind": "Gadget"}, {"predicateType": "x"}, {"format": "x"}, {"format": 1, "version": "x"}],
)
def test_a_stranger_is_explained_whatever_should_be_there(kind: str, data: dict[str, Any]) -> None:
    assert all(violation.message for violation in explain(data, kind))
    assert explain(data, kind)


def test_nothing_is_told_of_what_follows_from_a_wrong_type() -> None:
    data = changed(READY, ("templates", 0, "components", 0), {"type": "BODDY", "text": "x", "buttons": []})
    assert [message for message, _ in told(data)] == [
        f'"type" cannot be "BODDY" (did you mean "BODY"?): it is one of {COMPONENTS}'
    ]
    data = changed(READY, ("templates", 0, "components", 0, "example"), "Mawar")
    assert [message for message, _ in told(data)] == ['"example": expected a mapping, found the text "Mawar"']


def test_violations_are_sorted_by_route_and_lists_by_position() -> None:
    data = changed(READY, ("phone_numbers",), [{"number": 1} for _ in range(11)])
    data["waba"] = {}
    data["metadata"]["name"] = 5
    routes = [violation.route for violation in violations(data)]
    numbers: list[Route] = [("phone_numbers", index, "number") for index in range(11)]
    assert routes == [("metadata", "name"), *numbers, ("waba",)]


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
        (
            ("phone_numbers", 0, "is_pin_enabled"),
            SECRET,
            '"is_pin_enabled": expected true or false, found a text',
            "write true or false, without quotes",
        ),
        (
            ("bsp", "credentials", "password"),
            "yes",
            '"password": expected a mapping, found a text',
            "name where the secret is kept, such as {env: GUPSHUP_HSM_USER}",
        ),
    ],
)
def test_what_may_be_a_credential_is_not_shown(route: Route, value: object, message: str, remedy: str) -> None:
    found = violations(changed(READY, route, value))
    assert [(each.message, each.remedy) for each in found] == [(message, remedy)]


def test_a_word_for_a_truth_value_is_no_credential() -> None:
    route = ("phone_numbers", 0, "is_pin_enabled")
    [found] = violations(changed(READY, route, "Yes"))
    assert found.message == '"is_pin_enabled": expected true or false, found the text "Yes"'
    assert found.correction == Correction("set", route, True, True)


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
        "accesskey",
    ],
)
def test_keys_that_speak_of_credentials(key: str) -> None:
    for value in (918273645, [SECRET], {SECRET: SECRET}, None, ""):
        for violation in violations(changed(READY, ("bsp", "sender_fields"), {key: value})):
            assert SECRET not in repr(violation)
            assert "918273645" not in repr(violation)


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
            "write off",
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
