"""MAN009 and MAN010: what they say of a suppression, and how they would put it right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from wa_policy.api import Change, Context, DocumentId, Place, Suppression
from wa_policy.plugins import suppressions as rules
from wa_policy.source.spans import Span
from wa_policy.testing import AS_OF

if TYPE_CHECKING:
    from wa_policy.api import Problem, Route

PLACE = Place(DocumentId("manifest.yaml", 0), ("waba", "country"), span=Span(50, 16, 50, 70))
IN_POLICY = Place(DocumentId("wa-policy.yaml", 0), ("suppressions", 0))
VALUE = "59819d1ec87ae0dd"


def suppression(**fields: Any) -> Suppression:
    standard: dict[str, Any] = {
        "kind": "inline",
        "place": PLACE,
        "where": "waba.country",
        "text": '# wa-policy: ignore[WBA002, WBA008] reason="due" owner=crm',
        "names": ("WBA002", "WBA008"),
        "reason": "due",
        "owner": "crm",
        "value": VALUE,
        "value_now": VALUE,
    }
    return Suppression(**{**standard, **fields})


def unused(**fields: Any) -> list[Problem]:
    return list(rules.unused_suppression(suppression(**fields), Context(AS_OF)))


def without_reason(settings: dict[str, Any] | None = None, **fields: Any) -> list[Problem]:
    return list(rules.suppression_without_reason(suppression(**fields), Context(AS_OF), **(settings or {})))


def test_one_that_is_in_order_passes_in_silence() -> None:
    assert unused() == []
    assert without_reason() == []
    assert without_reason({"owner_required": True, "expiry_required": True}, until="2026-11-22") == []


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"idle": ("WBA002",)}, "WBA002 finds nothing at waba.country"),
        ({"idle": ("WBA002", "WBA008")}, "WBA002, WBA008 find nothing at waba.country"),
        ({"unknown": (("WBA08", ' (did you mean "WBA008"?)'),)}, 'there is no rule "WBA08" (did you mean "WBA008"?)'),
        ({"barred": ("MAN004",)}, "MAN004 cannot be suppressed"),
        (
            {"barred": ("MAN004",), "idle": ("WBA002",)},
            "MAN004 cannot be suppressed; WBA002 finds nothing at waba.country",
        ),
        ({"kind": "policy", "place": IN_POLICY, "idle": ("WBA002",)}, "WBA002 finds nothing there"),
    ],
)
def test_what_is_of_no_use(fields: dict[str, Any], message: str) -> None:
    (problem,) = unused(**fields)
    assert (problem.outcome, problem.message, problem.at_most) == ("fail", message, "error")


@pytest.mark.parametrize(
    ("route", "where", "remedy"),
    [
        (("waba",), "waba", "where waba has its key, at the end of that line or directly above it"),
        (("templates", 0), "templates[0]", "on a line of its own directly above templates[0]"),
        ((), "the document", "before everything else in the document"),
    ],
)
def test_one_that_stands_beside_what_is_found_is_to_be_moved(route: Route, where: str, remedy: str) -> None:
    (problem,) = unused(beside=(("WBA002", route),))
    assert problem.message == f"WBA002 finds nothing at waba.country, but at {where}, which begins on the same line"
    assert (problem.remedy, problem.fix) == (f"put ignore[WBA002] {remedy}", None)


def test_a_name_that_is_to_be_moved_stays_where_another_is_removed() -> None:
    (problem,) = unused(idle=("WBA008",), beside=(("WBA002", ("waba",)),))
    assert problem.fix is not None
    assert problem.fix.changes == (("set", PLACE, '# wa-policy: ignore[WBA002] reason="due" owner=crm'),)


def test_some_names_are_removed_and_the_others_stay() -> None:
    (problem,) = unused(idle=("WBA002",))
    assert problem.fix is not None
    assert problem.fix.safe
    assert problem.fix.changes == (("set", PLACE, '# wa-policy: ignore[WBA008] reason="due" owner=crm'),)


def test_with_the_last_name_it_goes() -> None:
    (problem,) = unused(names=("WBA002", "NOPE"), idle=("WBA002",), unknown=(("NOPE", ""),))
    assert problem.fix is not None
    assert [(change.verb, change.place) for change in problem.fix.changes] == [("remove", PLACE)]


def test_a_rule_that_nobody_knows_is_not_removed_unasked() -> None:
    """It may be misspelt, or that of a plugin that is not here."""
    advice = (
        "correct the name, or load the plugin that has the rule; if there is no such rule any more, remove its name"
    )
    for names in (("ACME001",), ("WBA002", "ACME001")):
        (problem,) = unused(names=names, unknown=(("ACME001", ""),))
        assert problem.fix is not None
        assert (problem.fix.safe, problem.remedy) == (False, advice)
    (problem,) = unused(names=("WBA002", "ACME001"), unknown=(("ACME001", ""),), idle=("WBA002",))
    assert problem.fix is not None
    assert (problem.fix.safe, problem.remedy) == (False, "remove it, or the name of the rule from it")


def test_what_other_manifests_may_need_is_a_note() -> None:
    (problem,) = unused(kind="policy", place=IN_POLICY, idle=("WBA002",), partial=True)
    assert problem.at_most == "info"
    assert problem.message.endswith("in the manifests of this run")
    assert problem.remedy == "look at all manifests; if none needs it, remove it, or the name of the rule from it"
    assert problem.fix is None


def test_of_an_entry_of_a_policy_the_names_that_are_of_use_stay() -> None:
    (problem,) = unused(kind="policy", place=IN_POLICY, idle=("WBA002",))
    assert problem.fix is not None
    gone = IN_POLICY._replace(route=("suppressions", 0, "rules", 0))
    assert (problem.fix.changes, problem.fix.safe) == ((Change("remove", gone),), False)
    (problem,) = unused(kind="policy", place=IN_POLICY, names=("WBA002",), idle=("WBA002",))
    assert problem.fix is not None
    assert problem.fix.changes == (Change("remove", IN_POLICY),)


def test_what_cannot_be_edited_is_left_to_a_person() -> None:
    place = Place(DocumentId("pyproject.toml", 0), ("suppressions", 0), span=Span(3, 1, 3, 5))
    (problem,) = unused(kind="policy", place=place, idle=("WBA002",))
    assert problem.fix is None
    (problem,) = unused(text="", idle=("WBA002",))  # a text that must not be shown is not written either
    assert problem.fix is None


def test_another_value_is_nothing_to_put_right() -> None:
    (problem,) = unused(woken=1, value_now="0" * 16)
    assert problem.message == "the value has changed since this was accepted, so the finding counts again"
    assert "write value=0000000000000000;" in problem.remedy
    assert problem.fix is None
    (problem,) = unused(kind="policy", place=IN_POLICY, woken=1, value_now="0" * 16)
    assert 'write value: "0000000000000000";' in problem.remedy


@pytest.mark.parametrize(
    ("settings", "fields", "message"),
    [
        ({}, {"reason": ""}, "this suppression gives no reason"),
        ({}, {"reason": "", "owner": ""}, "this suppression gives no reason"),
        ({"owner_required": True}, {"owner": ""}, "this suppression gives no owner"),
        ({"expiry_required": True}, {}, "this suppression gives no until"),
        (
            {"owner_required": True, "expiry_required": True},
            {"owner": ""},
            "this suppression gives no owner and no until",
        ),
        ({}, {"value": ""}, "this suppression is not bound to a value: it would cover any other as well"),
        (
            {},
            {"until": "2026-11-21", "woken": 1, "idle": ("WBA002",)},
            "this suppression ended on 2026-11-21, so what it covered counts again",
        ),
        (
            {},
            {"until": "2026-11-21", "idle": ("WBA002", "WBA008")},
            "this suppression ended on 2026-11-21, and covers nothing",
        ),
        (
            {},
            {"until": "2026-11-21", "idle": ("WBA002",)},
            "this suppression ended on 2026-11-21, so it suppresses nothing",
        ),
        (
            {},
            {"fault": ("the brackets are empty", "x")},
            "this suppression cannot be understood, so it suppresses nothing: the brackets are empty",
        ),
        ({}, {"forbidden": True}, "this policy takes no suppressions from manifests, so it suppresses nothing"),
    ],
)
def test_what_is_wrong_with_it(settings: dict[str, Any], fields: dict[str, Any], message: str) -> None:
    (problem,) = without_reason(settings, **fields)
    assert problem.message == message
    assert problem.places == (PLACE,)


@pytest.mark.parametrize("fields", [{"until": "2026-11-21"}, {"fault": ("x", "y")}, {"forbidden": True}])
def test_what_does_not_hold_is_said_once(fields: dict[str, Any]) -> None:
    assert unused(idle=("WBA002",), unknown=(("NOPE", ""),), **fields) == []
    assert len(without_reason(reason="", value="", **fields)) == 1


def test_it_is_bound_by_what_is_added() -> None:
    (problem,) = without_reason({"unbound": "warning"}, value="")
    assert problem.at_most == "warning"
    assert problem.fix is not None
    assert problem.fix.changes == (("set", PLACE, suppression().text + f" value={VALUE}"),)


def test_where_there_is_no_one_value_none_is_asked_for() -> None:
    assert without_reason(value="", value_now="") == []


@pytest.mark.parametrize(
    ("missing", "comment", "yaml", "toml"),
    [
        ({"reason": ""}, 'add reason="..."', 'add reason: "..."', 'add reason = "..."'),
        (
            {"reason": "", "owner": ""},
            'add reason="..." owner=NAME',
            'add reason: "..." and owner: "NAME"',
            'add reason = "..." and owner = "NAME"',
        ),
        ({"until": ""}, "add until=YYYY-MM-DD", "add until: YYYY-MM-DD", "add until = YYYY-MM-DD"),
        ({"value": ""}, f"add value={VALUE}", f'add value: "{VALUE}"', f'add value = "{VALUE}"'),
    ],
)
def test_the_remedy_shows_how_it_is_written(missing: dict[str, str], comment: str, yaml: str, toml: str) -> None:
    in_toml = Place(DocumentId("pyproject.toml", 0), ("suppressions", 0), span=Span(3, 1, 3, 5))
    wanted = {"owner_required": True, "expiry_required": True}
    for where, remedy in (
        ({}, comment),
        ({"kind": "policy", "place": IN_POLICY}, yaml),
        ({"kind": "policy", "place": in_toml}, toml),
    ):
        (problem,) = without_reason(wanted, **{"until": "2027-03-31", **missing, **where})
        assert problem.remedy == remedy
    in_json = {"kind": "policy", "place": IN_POLICY._replace(document=DocumentId("wa-policy.json", 0))}
    (problem,) = without_reason(wanted, **in_json)
    assert problem.remedy == 'add "until": "YYYY-MM-DD"'
