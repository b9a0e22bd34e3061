"""Templates of one shape: what a rule says nothing of in one of them, it says nothing of in any."""

from __future__ import annotations

import copy
import random
import runpy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from wa_policy.api import Context, Template, Workspace
from wa_policy.engine.session import Options, open_session
from wa_policy.plugins._template_shapes import plain, shape, wording
from wa_policy.rules.loading import load
from wa_policy.schema.validate import violations
from wa_policy.source.reading import read
from wa_policy.source.spans import DocumentId
from wa_policy.testing import AS_OF, defaults, manifest

if TYPE_CHECKING:
    from wa_policy.engine.check import Plan

ROOT = Path(__file__).resolve().parents[2]
CORPUS = [
    read(path.read_bytes(), path.name).documents[0].data["template"]
    for path in sorted((ROOT / "tests" / "corpus").glob("*-formed/*.yaml"))
]
make = runpy.run_path(str(ROOT / "bench" / "templates.py"))["template"]
GENERATED: list[dict[str, Any]] = [make(number) for number in range(12)]
RULES = [rule for rule in load(third_party=False).rules.values() if rule.alike is not None]

PIECES = (
    "{{1}}", "{{2}}", "{{name}}", "{{example}}", "{{Name}}", "{", "}", "{{", "}}", " ", "\n", "  ", ". ", "!", "\u00e9", "\u0130",
    "\U0001f600", "*", "_", "bit.ly/x", "wa.me/1", "discount", "OTP", "card number", "send your", "https://", "?", "x" * 30,
    "http://acme.example/", "y" * 300, "moengage.com", "\u0307", "\u00a0", "\u200b", "",
    "today", "today's deal", "to*day's deal", "today's\ndeal", "end of _season_ sale",
)  # fmt: skip  # a list of pieces
VALUES = (
    "APPROVED",
    "UTILITY",
    "MARKETING",
    "AUTHENTICATION",
    "en",
    "pt_BR",
    "hi",
    "NAMED",
    "POSITIONAL",
    60,
    {"score": "RED"},
)
FIELDS = (
    "status", "category", "language", "previous_category", "correct_category", "parameter_format", "message_send_ttl_seconds",
    "quality_score",
)  # fmt: skip  # a list of fields


def workspace(*templates: Any, **around: Any) -> Workspace:
    data: Any = {**manifest(), "templates": list(templates), "campaigns": [], **around}
    return Workspace(DocumentId("manifest.yaml", 0), data)


def one(template: Any) -> Template:
    return workspace(template).templates[0]


def plan() -> Plan:
    return open_session(Options(AS_OF, "strict", third_party=False)).plan("live", "acme")


def by_themselves(templates: list[Template]) -> list[tuple[str, Any]]:
    """What the rules that have ``alike`` say of templates when each is asked of each."""
    return [
        (rule.code, problem)
        for template in templates
        for rule in RULES
        for problem in rule.function(template, *([Context(AS_OF)] if rule.wants_context else []), **SETTINGS[rule.code])
    ]


SETTINGS = {rule.code: defaults(rule) for rule in RULES}


def together(templates: list[Template], under: Plan) -> list[tuple[str, Any]]:
    found = under.check_workspace(templates[0].workspace).problems
    codes = {rule.code for rule in RULES}
    return [(code, problem) for code, problem in found if code in codes]


def changed(template: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """A template with something else in some place."""
    made = copy.deepcopy(template)
    for _ in range(chance.randrange(4)):
        places = list(_places(made))
        inside, step = chance.choice(places)
        value = inside[step]
        if isinstance(value, str) and chance.random() < 0.8:
            start = chance.randrange(len(value) + 1)
            inside[step] = value[:start] + chance.choice(PIECES) + value[start + chance.choice((0, 0, 3, 50)) :]
        elif isinstance(value, list) and value and chance.random() < 0.7:
            value.append(copy.deepcopy(chance.choice(value)))
        else:
            del inside[step]
    if chance.random() < 0.3:
        made[chance.choice(FIELDS)] = chance.choice(VALUES)
    return made


def _places(data: Any) -> Any:
    for step, value in data.items() if isinstance(data, dict) else enumerate(data):
        yield data, step
        if isinstance(value, dict | list):
            yield from _places(value)


def is_valid(template: Any) -> bool:
    return violations({**manifest(), "templates": [template]}) == []


def test_most_rules_on_templates_tell_them_apart() -> None:
    assert len(RULES) > 20
    assert all(rule.subject == "Template" and rule.alike in (shape, wording) for rule in RULES)


@pytest.mark.parametrize("provider", ["gupshup", "interakt"])
def test_what_is_not_asked_would_have_said_nothing(provider: str) -> None:
    bsp = {**manifest()["bsp"], "provider": provider}
    templates = workspace(*CORPUS, *GENERATED, *CORPUS, bsp=bsp).templates
    assert together(templates, plan()) == by_themselves(templates)


@pytest.mark.parametrize("seed", range(12))
def test_nor_is_anything_missed_in_templates_that_are_nearly_the_same(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  # nothing here is secret
    model = chance.sample(CORPUS, 6) + GENERATED[:3]
    made = [each for each in (changed(chance.choice(model), chance) for _ in range(150)) if is_valid(each)]
    templates = workspace(*made).templates
    under = plan()
    assert together(templates, under) == by_themselves(templates)
    assert together(templates, under) == by_themselves(templates)


def test_generated_templates_have_one_shape_and_no_word_of_any_list() -> None:
    templates = workspace(*GENERATED).templates
    plan().check_workspace(templates[0].workspace)  # the lists are known once they have been looked for
    assert len({shape(template) for template in templates}) == 1
    assert len({wording(one(each)) for each in GENERATED}) == 1
    assert None not in {shape(templates[0]), wording(templates[0])}


def test_what_is_plain_is_known() -> None:
    known = plain(one(GENERATED[0]))
    assert known is not None
    assert (known.header_format, known.header, known.placeholders) == ("TEXT", "News of your jacket 0", 2)
    assert known.sizes == {
        "header": 21,
        "body": len(known.body),
        "footer": 32,
        "label": 11,
        "url": 35,
        "phone_number": 13,
    }
    assert sorted(known.strings) == sorted(
        [
            known.header,
            known.body,
            "Acme Retail, jacket department 0",
            "Track order",
            "Call us",
            "https://acme.example/jacket/0/{{1}}",
        ]
    )


TEXT = "Hi {{1}}, your order is on its way."


def body(text: str = TEXT, **more: Any) -> dict[str, Any]:
    return {"type": "BODY", "text": text, **more}


def link(url: str, *example: str) -> dict[str, Any]:
    button: dict[str, Any] = {"type": "URL", "text": "Track", "url": url}
    return {"type": "BUTTONS", "buttons": [{**button, "example": list(example)} if example else button]}


@pytest.mark.parametrize(
    "components",
    [
        [body()],
        [body(example={"body_text": [["Asha"]]})],
        [body("Hi {{name}}, bye.", example={"body_text_named_params": [{"param_name": "name", "example": "Asha"}]})],
        [body("No placeholder")],
        [body(), {"type": "FOOTER", "text": "Acme {{1}}"}],
        [body(), {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::x"]}}],
        [body(), {"type": "HEADER", "format": "IMAGE"}],
        [body(), {"type": "HEADER", "format": "TEXT", "text": "Order {{1}}", "example": {"header_text": ["A-1"]}}],
        [body(), link("https://acme.example")],
        [body(), link("https://acme.example/{{1}}", "https://acme.example/A-1")],
        [body(), link("https://acme.example/{{1}}")],
        [body(), {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Stop"}]}],
    ],
)
def test_what_most_templates_have_is_plain(components: Any) -> None:
    assert shape(one({**GENERATED[0], "components": components})) is not None


@pytest.mark.parametrize(
    "components",
    [
        [],
        [body("")],
        [body(" ")],
        [body("{{1}} comes first")],
        [body("Hi {{1}}.")],
        [body("Hi {{1}}{{2}} there")],
        [body("Hi {{1}} {{2}} there")],
        [body("Hi {1} there")],
        [body("Hi {{ 1 }} there")],
        [body("Hi {{1}} } there")],
        [body(), body()],
        [body(example={"body_text": [["Asha", "more"]]})],
        [body(example={"body_text": [["As\nha"]]})],
        [body(example={"body_text": [[" "]]})],
        [body(example={"body_text": [["Asha"], ["Asha", "Ravi"]]})],
        [body("No placeholder", example={"body_text": [["Asha"]]})],
        [body("Hi {{a}} and {{1}} there", example={"body_text": [["Asha", "Ravi"]]})],
        [body("Hi {{name}}.", example={"body_text_named_params": [{"param_name": "nane", "example": "Asha"}]})],
        [body("Hi {{name}}, bye.", example={"body_text_named_params": [{"param_name": "n", "example": "Asha"}]})],
        [body(), {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Ends soon"}}],
        [body(), {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["https://acme.example/a.png"]}}],
        [body(), {"type": "HEADER", "format": "LOCATION"}],
        [body(), link("acme.example/x")],
        [body(), link("https://acme.example/ x")],
        [body(), link("https://acme.example/{{1}}/x")],
        [body(), link("https://acme.example/x", "https://acme.example/x")],
        [body(), link("https://acme.example/{{1}}", "https://acme.example.elsewhere.example/A-1")],
        [body(), link("https://acme.example/{{1}}", "https://acme.example/A-1", "https://acme.example/A-2")],
        [body(), {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": " "}]}],
        [body(), {"type": "BUTTONS", "buttons": [{"type": "PHONE_NUMBER", "text": "Call", "phone_number": " "}]}],
        [body(), {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE"}]}],
        [body(), {"type": "CAROUSEL", "cards": []}],
    ],
)
def test_what_needs_a_second_look_is_not_plain(components: Any) -> None:
    assert shape(one({**GENERATED[0], "components": components})) is None


def test_authentication_is_not_plain() -> None:
    assert shape(one({**GENERATED[0], "category": "authentication"})) is None


@pytest.mark.parametrize(
    "change",
    [
        {"language": "en_US"},
        {"category": "MARKETING"},
        {"status": "PAUSED"},
        {"quality_score": {"score": "RED"}},
        {"message_send_ttl_seconds": 60},
        {"components": [body()]},
        {"components": [body("Hi {{2}}, your order is on its way.")]},
        # The second body has an example for its placeholder, the first none for two.
        {"components": [{"type": "BODY", "text": "Hi {{example}} and {{x}} there"}]},
        {
            "components": [
                body("Hi {{x}} there", example={"body_text_named_params": [{"param_name": "x", "example": "y"}]})
            ]
        },
    ],
)
def test_shapes_differ_where_rules_may(change: dict[str, Any]) -> None:
    others = [
        GENERATED[0],
        {**GENERATED[0], "components": [body("Hello {{1}}, it is on its way.", example={"body_text": [["A"]]})]},
    ]
    assert shape(one({**GENERATED[0], **change})) not in [shape(one(other)) for other in others]


def test_a_provider_makes_a_shape() -> None:
    bsp = {**manifest()["bsp"], "provider": "interakt"}
    elsewhere = workspace(GENERATED[0], bsp=bsp).templates[0]
    assert shape(elsewhere) != shape(one(GENERATED[0]))
