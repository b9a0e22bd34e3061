"""What is told of keys that are missing, misspelt, unknown or in the wrong place."""

from typing import Any

import pytest

from tests.schema.documents import COMPONENTS, GONE, READY, SECRET, TOP, changed, told
from wa_policy.schema.faults import Correction, Violation
from wa_policy.schema.validate import violations
from wa_policy.source.spans import Route


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


def test_a_key_that_is_no_text() -> None:
    data = changed(READY, ("metadata", 7), "x")
    assert told(data) == [('"metadata" has a key that is not text: the whole number 7', "put the key in quotes")]


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


@pytest.mark.parametrize(
    ("key", "remedy"),
    [
        ("000", "write the number before it without commas"),
        ("size:40000", "put a blank behind the colon: size: 40000"),
    ],
)
def test_a_key_that_a_blank_or_a_comma_makes_is_not_removed(key: str, remedy: str) -> None:
    [violation] = violations(changed(READY, ("campaigns", 0, "audience", key), None))
    assert (violation.message, violation.remedy, violation.correction) == (
        f'"{key}" is not a key of "audience", and nothing stands behind it',
        remedy,
        None,
    )
    [violation] = violations(changed(READY, ("campaigns", 0, "audience", "000"), 5))
    assert violation.correction is not None


def test_a_key_that_is_there_is_no_correction_of_another() -> None:
    [violation] = violations(changed(READY, ("moengage", "dataCenter"), "DC-06"))
    assert violation.correction is None


def test_a_constant_that_is_missing_is_known() -> None:
    [violation] = violations(changed(READY, ("kind",), GONE))
    assert violation.correction == Correction("set", ("kind",), "Workspace", safe=True)


def test_a_key_that_many_blocks_know_belongs_nowhere_in_particular() -> None:
    (found,) = violations(changed(READY, ("moengage", "name"), SECRET))
    assert "belongs" not in found.message


def test_an_unknown_key_does_not_count_as_one_too_many() -> None:
    reference = {"env": "GUPSHUP_HSM_PASSWORD", "colour": "red"}
    data = changed(READY, ("bsp", "credentials", "password"), reference)
    data = changed(data, ("templates", 0, "colour"), "red")
    unknown_key, other = (message for message, _ in told(data))
    assert unknown_key.startswith('"password" has a key that is none of env, vault, ')
    assert other.startswith('"colour" is not a key of "templates[0]"')
