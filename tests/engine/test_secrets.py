"""A literal credential is reported by its place and kind. Its value appears nowhere, whatever else is wrong with the file."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.credentials import BROKEN, CALLBACK, NUMBER, READABLE, REFERENCE, SENDER, TOKEN, WORD, instead_of
from wa_policy.api import Problems, Step, Workspace, fail, rule
from wa_policy.engine.pipeline import lint
from wa_policy.engine.session import Options, Session, open_session
from wa_policy.manifest import secrets
from wa_policy.policy import facts
from wa_policy.report import checklist, formats
from wa_policy.report.model import Report
from wa_policy.schema.validate import violations
from wa_policy.source.reading import read
from wa_policy.testing import AS_OF, READY


def texts(report: Report) -> str:
    """All that any format says."""
    checklists = checklist.build(report, [("go-live", report)])
    said = [formats.render(report, name) for name in formats.FORMATS]
    return "\n".join([*said, checklist.render(checklists, report), json.dumps([c.as_plain() for c in checklists])])


def lint_text(text: str, name: str = "acme.yaml", session: Session | None = None) -> Report:
    Path(name).write_bytes(text.encode("utf-8", "surrogateescape"))
    return lint([name], session or open_session(Options(AS_OF, "strict", third_party=False)))


def assert_silent(report: Report) -> None:
    said = texts(report)
    for secret in (WORD, TOKEN, str(NUMBER)):
        assert secret not in said


@pytest.mark.parametrize("text", READABLE.values(), ids=READABLE)
@pytest.mark.usefixtures("ready")
def test_no_format_shows_a_credential(text: str) -> None:
    report = lint_text(text)
    assert {"MAN002", "MAN004"} & {finding.code for finding in report.findings}
    assert_silent(report)


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
@pytest.mark.usefixtures("ready")
def test_no_format_shows_a_credential_of_a_file_that_cannot_be_read(text: str) -> None:
    report = lint_text(text)
    assert "MAN001" in {finding.code for finding in report.findings}
    assert_silent(report)


@pytest.mark.usefixtures("ready")
def test_json_shows_no_credential() -> None:
    for text in (
        f'{{"kind": "Workspace", "moengage": {{"callbacks": {{"delivery": "https:\\/\\/acme:{WORD}@x.example\\/dlr"}}}}}}',
        f'{{"kind": "Workspace", "moengage": {{"callbacks": {{"inbound": "{CALLBACK}?a=1\\u0026token={WORD}"}}}}}}',
        f'{{"kind": "Workspace", "bsp": {{"credentials": {{"username": "{WORD}", "apiKey": "{WORD}"}}}}}}',
        f'{{"bsp": {{"credentials": {{"username": "{WORD}", "password": "{WORD}"}},\n"waba": }}}}',
        f'{{"credentials":\n{{\n"username"\n:\n"{WORD}" "x"\n}}\n}}',
    ):
        report = lint_text(text, "acme.json")
        assert report.findings
        assert_silent(report)


@pytest.mark.usefixtures("ready")
def test_findings_around_a_credential_still_point() -> None:
    report = lint_text(f"bsp: {{provder: gupshup, credentials: {{word: {WORD}}}, integration: nativ}}\n")
    spans = {finding.locations[0].span for finding in report.findings if finding.locations[0].route.startswith("bsp.")}
    text = report.findings[0].locations[0].frame.text
    assert {text[span.column - 1 : span.end_column - 1] for span in spans} == {"provder", "nativ", "*" * len(WORD)}
    assert_silent(report)


@pytest.mark.usefixtures("ready")
def test_a_reference_is_shown_even_in_a_file_that_cannot_be_read() -> None:
    text = instead_of(REFERENCE, f"{REFERENCE}{REFERENCE}")
    (finding,) = lint_text(text).findings
    assert finding.locations[0].frame.text == REFERENCE.rstrip("\n")


@pytest.mark.usefixtures("ready")
def test_what_stands_behind_a_private_key_is_shown_again() -> None:
    key = f"-----BEGIN PRIVATE KEY-----\n{WORD}\n-----END PRIVATE KEY-----\n"
    (finding,) = lint_text(f"{key}a: b\na: c\n").findings[-1:]
    assert finding.locations[0].frame.text == "a: b"


@pytest.mark.parametrize(
    "word",
    [
        f"eyJ{'a' * 12}.{WORD}",
        f"Basic {'QWxh' * 4}{WORD.replace('-', '')}",
        f"AKIA{'A1' * 8}",
        f"https://acme:{WORD}@api-03.moengage.com",
        f"{CALLBACK}?access_token={WORD}",
        f"https:\\/\\/acme:{WORD}@api-03.moengage.com",
    ],
)
@pytest.mark.usefixtures("ready")
def test_evidence_that_carries_a_credential_is_told(word: str) -> None:
    Path("waba.json").write_text(f'{{"id": "102290129340398", "name": "Acme Retail", "note": "{word}"}}')
    evidence = 'evidence: {graph: {observed_at: "2026-11-21T09:00:00Z", waba: waba.json}}\n'
    report = lint_text(f"{READY}\n{evidence}")
    (finding,) = (finding for finding in report.findings if finding.code == "MAN004")
    assert (finding.locations[0].path, finding.locations[0].route) == ("waba.json", "note")
    assert_silent(report)
    assert word not in texts(report)


def test_every_secret_of_a_providers_form_is_known_by_its_key_and_by_its_label() -> None:
    forms = [form for form in facts.load("providers").values.values() if "credentials" in form]
    assert forms
    for form in forms:
        for field, label in form["credentials"].items():
            if field not in form.get("user_names", ()):
                for key in (field, label, label.upper(), label.replace(" ", "-")):
                    assert [each.route for each in secrets.find({key: WORD})] == [(key,)], key


@pytest.mark.usefixtures("ready")
def test_no_key_of_a_finding_helps_to_guess_a_credential() -> None:
    def keys(password: str) -> list[tuple[str, str]]:
        address = f"https://acme:{password}@x.example/{{{{1}}}}/y"
        report = lint_text(instead_of('"https://acme.example/t/{{1}}"', f'"{address}"'))
        assert any(finding.locations[0].route.endswith("buttons[0].url") for finding in report.findings)
        return [(finding.key, finding.fingerprint) for finding in report.findings]

    assert keys("hunter2") == keys("letmein")


# What a rule says, or dies of.


@rule("ACME001", "tells-all", step=Step.WABA)
def tells_all(workspace: Workspace) -> Problems:
    password = workspace.data["bsp"].get("sender_fields", {}).get("password", "")
    place = workspace.at("bsp", label=f"it is {password}")
    yield fail(f"the password is {password!r}", at=place, remedy=f"take {password} out")
    raise ValueError(f"cannot bear {password!r}")


@pytest.mark.parametrize("text", [WORD, f'"{WORD} and {WORD}"', f'"it\'s\\n{WORD}"', f"|\n      {WORD}\n      again"])
@pytest.mark.usefixtures("ready")
def test_no_rule_can_say_a_credential(text: str, session: Callable[..., Session]) -> None:
    fields = instead_of(SENDER, f"{SENDER}  sender_fields:\n    password: {text}\n")
    report = lint_text(fields, session=session(tells_all))
    assert (len(report.findings), len(report.not_checked)) == (1, 1)
    assert_silent(report)


LINK = '"https://acme.example/t/{{1}}"'
SAMPLE = '["https://acme.example/t/A-1093"]'


@pytest.mark.parametrize(
    "text",
    [
        instead_of(LINK, '"https://acme.example/reset?token={{1}}"'),
        instead_of(LINK, '"https://acme.example/reset?id=1&auth={{1}}"'),
        instead_of(SAMPLE, '["https://acme.example/reset?token=5b2c"]'),
        instead_of('text: "Hi {{1}},', 'text: "Hi {{1}}, see https://acme.example/r?api_key=5b2c&x=1,'),
        instead_of(
            "parameters: [first_name, order_id]",
            "named_parameters: {boarding_pass: attr_x, pin: attr_y, order_token: z}",
        ),
    ],
)
def test_what_customers_are_sent_is_no_secret(text: str) -> None:
    (document,) = read(text.encode(), "m.yaml").documents
    assert list(secrets.find(document.data)) == []


def test_an_access_token_is_a_secret_wherever_it_stands() -> None:
    (document,) = read(instead_of(LINK, f'"https://acme.example/t?access_token={WORD}"').encode(), "m.yaml").documents
    assert [secret.kind for secret in secrets.find(document.data)] == ["a URL with an access token in its query"]


@pytest.mark.parametrize(
    "field",
    [
        "PASSWORD=Tr0ub4dor",
        "Password=hunter2",
        "authkey=443210AbCdEfGh1234",
        "auth_key=hunter2",
        "pwd=hunter2",
        "pass=hunter2",
        "user_pass=hunter2",
        "client_secret=hunter2",
        "apiKey=hunter2",
        "X-API-KEY=hunter2",
        "key=443210AbCdEfGh1234",
        "KEY=AIzaSyB7-x2kQ9_fLm",
        "key=5f2c9d0a7b3e4c1f8a6d5f2c9d0a7b3e",
    ],
)
def test_a_field_of_a_query_is_known_like_a_key(field: str) -> None:
    address = f"http://media.smsgupshup.com/GatewayAPI/rest?userid=2000155005&{field}"
    data = {"bsp": {"sender_fields": {"api_url": address}}}
    assert [secret.kind for secret in secrets.find(data)] == ["a URL with a credential in its query"]
    assert field.partition("=")[2] not in secrets.mask_text(f"api_url is {address}, unencrypted")


@pytest.mark.parametrize(
    "field",
    [
        "key=shoes",
        "key=Summer2024Collection",
        "key=order-2026-10-blue-shirt-large",
        "key={{1}}",
        "TOKEN={{1}}",
        "authkey={{token}}",
        "pin=400001",
        "keyword=443210AbCdEfGh1234",
        "author=hemingway",
        "compass=north",
        "passenger=2",
        "userid=2000155005",
    ],
)
def test_what_an_ordinary_link_asks_for_is_no_secret(field: str) -> None:
    assert list(secrets.find({"opt_in": {"resubscribe_path": f"https://acme.example/?a=1&{field}"}})) == []


SOUND = {
    "a reference": READY,
    "below a free key": instead_of(SENDER, f"{SENDER}  sender_fields: {{gateway: x, api_key: {WORD}}}\n"),
    "among a campaign's parameters": instead_of(
        "parameters: [first_name, order_id]", f"named_parameters: {{first_name: x, otp_token: {WORD}}}"
    ),
}


@pytest.mark.parametrize("text", SOUND.values(), ids=SOUND)
def test_where_the_schema_has_no_room_for_a_credential_there_is_none(text: str) -> None:
    (document,) = read(text.encode(), "m.yaml").documents
    assert not violations(document.data, "workspace")
    everywhere = list(secrets.find(document.data))
    assert list(secrets.find(document.data, values=False, within=secrets.places_in("workspace"))) == everywhere
    assert bool(everywhere) == ("sender_fields" in text)


TEXT = {"type": "string"}
CLOSED = {"type": "object", "additionalProperties": False}


@pytest.mark.parametrize(
    ("node", "places"),
    [
        (TEXT, {}),
        ({"enum": [1, "a"]}, {}),
        ({"const": "a"}, {}),
        (CLOSED | {"properties": {"a": TEXT}}, {}),
        (CLOSED | {"properties": {"a": TEXT, "api_token": TEXT}}, {"api_token": None}),
        (
            CLOSED | {"properties": {"a": {"type": "array", "items": CLOSED | {"properties": {"pin": TEXT}}}}},
            {"a": {"pin": None}},
        ),
        (CLOSED | {"properties": {"a": TEXT}, "patternProperties": {"^x": TEXT}}, None),
        ({"type": "object"}, None),
        ({"type": "object", "additionalProperties": TEXT}, None),
        ({"type": ["array", "null"]}, None),
        ({"type": ["object", "array"], "additionalProperties": False, "properties": {}, "items": TEXT}, None),
        ({}, None),
        ({"$ref": "#/$defs/Tree"}, {}),
        ({"$ref": "#/$defs/TreeOfSecrets"}, None),
    ],
)
def test_a_schema_says_where_credentials_can_be(node: dict[str, object], places: object) -> None:
    trees = {
        "Tree": CLOSED | {"properties": {"name": TEXT, "trees": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}},
        "TreeOfSecrets": CLOSED
        | {"properties": {"trees": {"type": "array", "items": {"$ref": "#/$defs/TreeOfSecrets"}}, "secret": TEXT}},
    }
    assert secrets.places_below(node, {"$defs": trees}) == places
