"""One engine decides, another explains: they agree, and where they would not, nothing passes."""

import copy
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.schema.documents import EVERYTHING, READY, SECRET, changed, told
from wa_policy.schema import validate as validation
from wa_policy.schema.explain import explain
from wa_policy.schema.faults import explainer_of
from wa_policy.schema.texts import load_schema
from wa_policy.schema.validate import validate, violations
from wa_policy.source.spans import Route


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
    monkeypatch.setattr("wa_policy.schema.faults.load_schema", lambda _kind: schema)
    monkeypatch.setattr(
        "wa_policy.schema.faults.explainer_of", explainer_of.__wrapped__
    )  # that of the real schema is kept
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


WORDS = [
    "",
    "yes",
    "off",
    "live",
    "BODY",
    "URL",
    "2026-02-30",
    "2026-10-02",
    "12",
    "IN",
    "x y",
    "é",
    "wa-policy/v2",
    " ",
    "\u00a0\u200b",
]
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
