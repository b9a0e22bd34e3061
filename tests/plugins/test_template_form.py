"""All rules on the form of templates together: silent on well-formed ones, mild on approved ones, and raised by no text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plugins.parts import BODY, IMAGE, OFFER, SAMPLE, body, buttons, carousel, check, footer, header
from wa_policy.api import Context, Template, Workspace
from wa_policy.findings import SEVERITIES
from wa_policy.plugins import (
    template_buttons,
    template_components,
    template_examples,
    template_headers,
    template_placeholders,
    template_wording,
)
from wa_policy.plugins._templates import buttons as buttons_of
from wa_policy.plugins._templates import components, named
from wa_policy.plugins._wording import shortlist
from wa_policy.source.spans import DocumentId
from wa_policy.testing import AS_OF, defaults, manifest

if TYPE_CHECKING:
    from wa_policy.api import Problem

FORM_RULES = [
    rule
    for module in (
        template_components,
        template_headers,
        template_placeholders,
        template_buttons,
        template_wording,
        template_examples,
    )
    for rule in module.wa_policy_rules()
]

WELL_FORMED: dict[str, dict[str, Any]] = {
    "plain": {"components": [BODY]},
    "everything": {
        "components": [
            header("Order {{1}}", header_text=["A-1093"]),
            {
                "type": "BODY",
                "text": "Hi {{1}}, your order {{2}} is on its way and should reach you by tomorrow evening.",
                "example": {"body_text": [["Asha", "A-1093"]]},
            },
            footer("Acme Retail, Bengaluru"),
            buttons(
                {
                    "type": "URL",
                    "text": "Track",
                    "url": "https://acme.example/t/{{1}}",
                    "example": ["https://acme.example/t/1"],
                },
                {"type": "URL", "text": "Shop", "url": "HTTP://acme.example"},
                {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+918047181888"},
            ),
        ]
    },
    "named": {
        "parameter_format": "NAMED",
        "components": [
            header("Order {{order_id}}", header_text_named_params=[{"param_name": "order_id", "example": "A-1093"}]),
            {
                "type": "BODY",
                "text": "Hi {{first_name}}, your order is on its way.",
                "example": {"body_text_named_params": [{"param_name": "first_name", "example": "Asha"}]},
            },
        ],
    },
    "image": {"components": [{"type": "HEADER", "format": "IMAGE", "example": SAMPLE}, BODY]},
    "document": {"components": [{"type": "HEADER", "format": "DOCUMENT", "example": SAMPLE}, BODY]},
    "location": {"components": [{"type": "HEADER", "format": "LOCATION"}, BODY]},
    "three replies": {"components": [BODY, buttons(*({"type": "QUICK_REPLY", "text": word} for word in "ABC"))]},
    "bare example": {
        "components": [
            {"type": "BODY", "text": "Your code for today is {{1}}, please use it.", "example": {"body_text": "A7"}}
        ]
    },
    "flat example": {
        "components": [
            {
                "type": "BODY",
                "text": "From {{1}}-{{2}} the shop is open for you again, see you soon.",
                "example": {"body_text": ["9", "17"]},
            }
        ]
    },
    "thai": {
        "language": "th",
        "components": [
            {"type": "BODY", "text": "สวัสดี {{1}} คำสั่งซื้อ {{2}} ของคุณกำลังเดินทาง", "example": {"body_text": [["ก", "1"]]}}
        ],
    },
    "flow": {
        "components": [
            BODY,
            buttons(
                {"type": "FLOW", "text": "Book", "flow_id": "1", "flow_action": "navigate", "navigate_screen": "A"}
            ),
        ]
    },
    "catalog": {
        "category": "MARKETING",
        "components": [BODY, buttons({"type": "CATALOG", "text": "View catalog"})],
    },
    "products": {
        "category": "MARKETING",
        "components": [header("Coats"), BODY, buttons({"type": "MPM", "text": "View items"})],
    },
    "coupon": {
        "category": "MARKETING",
        "components": [BODY, buttons({"type": "COPY_CODE", "text": "Copy offer code", "example": "AUTUMN20"})],
    },
    "offer": {
        "category": "MARKETING",
        "components": [
            {"type": "HEADER", "format": "IMAGE", "example": SAMPLE},
            OFFER,
            body("Our autumn coats are 20% off \U0001f9e5 until tonight."),
            buttons(
                {"type": "COPY_CODE", "example": "AUTUMN20"},
                {
                    "type": "URL",
                    "text": "Shop now",
                    "url": "https://acme.example/coats{{1}}",
                    "example": ["https://acme.example/coats?c=1"],
                },
            ),
        ],
    },
    "carousel": {
        "category": "MARKETING",
        "components": [
            BODY,
            carousel(
                *[
                    [
                        IMAGE,
                        {
                            "type": "BODY",
                            "text": "Now {{1}} only, in all shops.",
                            "example": {"body_text": [["9 EUR"]]},
                        },
                        buttons(
                            {"type": "QUICK_REPLY", "text": "More like this"},
                            {"type": "URL", "text": "See it", "url": "https://acme.example/coats"},
                        ),
                    ]
                ]
                * 2
            ),
        ],
    },
    "product carousel": {
        "category": "MARKETING",
        "components": [
            BODY,
            carousel(*[[{"type": "HEADER", "format": "PRODUCT"}, buttons({"type": "SPM", "text": "View"})]] * 2),
        ],
    },
    "call permission": {"components": [BODY, {"type": "CALL_PERMISSION_REQUEST"}]},
    "one-time code": {
        "category": "AUTHENTICATION",
        "components": [
            {"type": "BODY", "add_security_recommendation": True},
            {"type": "FOOTER", "code_expiration_minutes": 10},
            buttons({"type": "OTP", "otp_type": "COPY_CODE", "text": "Copy code"}),
        ],
    },
    "one-time code as Meta answers it": {
        "category": "AUTHENTICATION",
        "components": [
            {"type": "BODY", "text": "*{{1}}* is your verification code.", "example": {"body_text": [["123456"]]}},
            footer("This code expires in 10 minutes."),
            buttons(
                {
                    "type": "URL",
                    "text": "Copy code",
                    "url": "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}",
                    "example": ["https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp123456"],
                }
            ),
        ],
    },
}


@pytest.mark.parametrize("kind", WELL_FORMED)
@pytest.mark.parametrize("rule", FORM_RULES, ids=lambda rule: rule.code)
def test_no_rule_speaks_of_a_well_formed_template(rule: Any, kind: str) -> None:
    case = WELL_FORMED[kind]
    assert check(rule.function, *case["components"], **{key: case[key] for key in case if key != "components"}) == []


MISSHAPEN: list[list[Any]] = [
    [header("*{{1}} {{2}}*\n\U0001f384" * 9), header("x"), {"type": "FOOTER", "text": "{{1}} { {a}" * 20}],
    [
        {"type": "BODY", "text": "{{1}}{{3}} {{ x }}"},
        {"type": "BODY", "text": "{{2}} {{1}}"},
        OFFER,
        {"type": "FOOTER"},
    ],
    [
        {"type": "BODY", "text": "{{first_name}} hello {{first_name}}"},
        buttons(*[{"type": "URL", "text": "a", "url": "x"}] * 11),
    ],
    [
        {"type": "BODY", "text": "a {{1}} b {{2}} c {{3}} d"},
        buttons(*({"type": word} for word in ("QUICK_REPLY", "URL") * 3)),
    ],
    [{"type": "HEADER", "format": "VIDEO"}, carousel([BODY, BODY, buttons(*[{"type": "COPY_CODE"}] * 3)])],
]


@pytest.mark.parametrize("parts", MISSHAPEN)
def test_form_of_an_approved_template_is_never_an_error(parts: list[Any]) -> None:
    for status, severity in (("Approved", "warning"), ("PENDING", "error")):
        problems = [problem for rule in FORM_RULES for problem in check(rule.function, *parts, status=status)]
        assert max(SEVERITIES.index(problem.at_most) for problem in problems) == SEVERITIES.index(severity)


WORKSPACE = Workspace(DocumentId("manifest.yaml", 0), manifest())  # type: ignore[arg-type]  # a plain dict


def run_all(data: Any) -> list[tuple[str, Problem]]:
    """What all rules say of a template as an answer of Meta's may give it, which no schema of ours holds together."""
    template = Template(WORKSPACE, ("templates", 0), data)
    return [
        (rule.code, problem)
        for rule in FORM_RULES
        for problem in rule.function(template, *([Context(AS_OF)] if rule.wants_context else []), **defaults(rule))
    ]


def test_what_meta_answers_may_be_unknown() -> None:
    button = {"type": "POSTBACK", "text": "x" * 99}
    parts: list[Any] = [
        {"type": "tap_target"},
        {"text": "{{1}}"},
        {"type": "body", "text": "Hello there, all is well."},
    ]
    parts += [
        {"type": "buttons", "buttons": [button] * 12 + [{}]},
        {"type": "header", "format": "HOLOGRAM", "text": "*"},
    ]
    assert run_all({"name": "a", "language": "en", "status": "PENDING", "components": parts}) == []


def test_component_without_type_may_be_the_body() -> None:
    assert run_all({"name": "a", "language": "en", "components": [{"text": "Hello"}]}) == []


TEXT = st.text(max_size=60) | st.text("{}{} a1_*#$\n.-\u0e01\U0001f384A", max_size=40)


@given(
    TEXT, TEXT, TEXT, st.sampled_from(["MARKETING", "UTILITY", "AUTHENTICATION", ""]), st.sampled_from(["APPROVED", ""])
)
def test_no_text_makes_a_rule_raise(one: str, two: str, three: str, category: str, status: str) -> None:
    examples: Any = {
        "body_text": [one, [two]],
        "header_text": [one],
        "body_text_named_params": [{"param_name": one, "example": two}],
    }
    urls = [
        {"type": "URL", "text": three, "url": url, "example": [one]} for url in (one, f"https://acme.example/{two}")
    ]
    replies = [{"type": "QUICK_REPLY", "text": one}, {"type": "COPY_CODE", "example": two}, {"type": three}]
    parts = [
        {"type": "HEADER", "format": "TEXT", "text": one, "example": examples},
        {"type": "HEADER", "format": "IMAGE", "example": {"header_url": [two], "header_handle": [f"http://{one}"]}},
        {"type": "BODY", "text": two, "example": examples},
        {"type": "FOOTER", "text": three},
        {"type": "BUTTONS", "buttons": [*urls, *replies]},
        {"type": "CAROUSEL", "cards": [{"components": [{"type": "BODY", "text": one}]}, {}]},
    ]
    for _, problem in run_all(
        {"name": "a", "language": "en", "category": category, "status": status, "components": parts}
    ):
        assert problem.message
        assert "  " not in problem.remedy
        assert problem.places[0].route[:2] == ("templates", 0)


def test_parts_have_names_and_routes() -> None:
    parts = [BODY, carousel([IMAGE, buttons({"type": "URL"}, {"type": "QUICK_REPLY", "text": "Yes"})])]
    template = Template(WORKSPACE, ("templates", 0), {"name": "a", "language": "en", "components": parts})
    found = components(template)
    assert [(part.type, part.card) for part in found] == [
        ("BODY", None),
        ("CAROUSEL", None),
        ("HEADER", 0),
        ("BUTTONS", 0),
    ]
    url, reply = buttons_of(found[3])
    assert reply.route == ("components", 1, "cards", 0, "components", 1, "buttons", 1)
    assert [named(part, template) for part in (found[0], found[2], url, reply)] == [
        'the body of "a" (en)',
        'the header of card 1 of "a" (en)',
        'the URL button of card 1 of "a" (en)',
        'the button "Yes" of card 1 of "a" (en)',
    ]


@pytest.mark.parametrize(
    ("items", "shown"),
    [
        ("", ""),
        ("a", "a"),
        ("ab", "a and b"),
        ("aba", "a and b"),
        ("abcd", "a, b, c and d"),
        ("abcdef", "a, b, c, d and 2 more"),
    ],
)
def test_enumerations(items: str, shown: str) -> None:
    assert shortlist(items) == shown
