import copy
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest

from tests.growth import is_linear
from wa_policy.report.safe import plain
from wa_policy.schema.texts import kinds, load_schema, resolve, schema_at, schema_path
from wa_policy.schema.validate import validate, violations

KINDS = ("evidence-opt-in-audit", "policy", "workspace")
CLOSED_IN_AUDITS = {"", "Subject", "Digest"}
"""An audit is to grow, and older readers must bear it: only the statement around it takes no keys that it does not know."""
KINDS_OF_DIRT = {"Dirt", "MendedNumbers", "OtherNumbers"}
"""Counts by kind: later versions may tell more kinds apart, and each is a count."""

MANIFEST: dict[str, Any] = {
    "apiVersion": "wa-policy/v1",
    "kind": "Workspace",
    "metadata": {
        "name": "bloom-florist-id",
        "environment": "live",
        "legal_entity": "PT Bloom Florist Indonesia",
        "owners": ["crm@bloom.example"],
    },
    "moengage": {
        "workspace_id": "BLOOM1FLORIST",
        "data_center": "DC-06",
        "attributes": {"mobile_number": "u_mb", "opt_in": "moe_wa_subscription"},
        "static_ips": {"enabled": True, "enabled_on": "2026-10-02", "ticket": "MOE-1"},
        "callbacks": {
            "delivery": "https://api-06.moengage.com/whatsapp/gupshup/dlr",
            "inbound": "https://api-06.moengage.com/whatsapp/gupshup/dlr",
            "allowed_sources": {"from": "bsp", "entries": ["198.51.100.7"]},
        },
    },
    "bsp": {
        "provider": "gupshup",
        "integration": "native",
        "account": {
            "id": "2000201234",
            "status": "active",
            "international": True,
            "home_country": "ID",
            "proof": "evidence/gupshup-account.pdf",
        },
        "sender_name": "bloom-main",
        "sender_number": "+622150201234",
        "token_kind": "system_user",
        "sender_fields": {"api_url": "https://api.provider.example"},
        "credentials": {"username": {"env": "BSP_USER"}, "password": {"vault": "crm/bsp#password"}},
        "ip_allowlist": {"requirement": "required", "confirmed_on": "2026-10-03", "entries": ["198.51.100.7/32"]},
    },
    "waba": {
        "id": "102290129340398",
        "name": "Bloom",
        "status": "ACTIVE",
        "account_review_status": "APPROVED",
        "business_verification_status": "verified",
        "ownership_type": "SELF",
        "country": "ID",
        "currency": "IDR",
        "timezone_id": "66",
        "primary_funding_id": "1194925167219999",
        "owner_business_info": {"id": "506914307656634", "name": "Bloom"},
        "message_template_namespace": "ba30dd89_2ebd_41e4_b805_f2c05ae04cc9",
        "whatsapp_business_manager_messaging_limit": "TIER_100K",
        "message_template_count": 12,
        "message_template_limit": 6000,
        "max_phone_numbers_per_business": 20,
        "health_status": {"can_send_message": "AVAILABLE"},
        "restriction_info": [{"restriction_type": "RESTRICTED_ADD_PHONE_NUMBER_ACTION", "expiration": "1641848853"}],
        "waba_ban_state": "REINSTATE",
        "violation_info": {"violation_type": "SCAM"},
        "disable_marketing_messages_on_cloud_api": False,
    },
    "phone_numbers": [
        {
            "number": "+62 21 5020 1234",
            "id": "106540352242922",
            "verified_name": "Bloom",
            "name_status": "APPROVED",
            "new_name_status": "NONE",
            "ownership": {
                "owner": "PT Bloom Florist Indonesia",
                "proof": "evidence/n.pdf",
                "verified_on": "2026-08-14",
            },
            "can_receive": {"voice": True, "sms": False, "behind_ivr": True, "ivr_hands_to_person": True},
            "messenger_account": "none",
            "code_verification_status": "VERIFIED",
            "status": "CONNECTED",
            "quality_rating": "GREEN",
            "quality_score": {"score": "GREEN"},
            "account_mode": "LIVE",
            "platform_type": "CLOUD_API",
            "throughput": {"level": "STANDARD"},
            "is_pin_enabled": True,
            "is_official_business_account": False,
            "whatsapp_business_manager_messaging_limit": "TIER_2K",
            "messaging_limit_tier": "TIER_1K",
        }
    ],
    "templates": [
        {
            "name": "bouquet_ready",
            "id": "1627019861106475",
            "language": "id",
            "category": "UTILITY",
            "previous_category": "MARKETING",
            "correct_category": "UTILITY",
            "sub_category": "ORDER_STATUS",
            "status": "APPROVED",
            "rejected_reason": "NONE",
            "quality_score": {"score": "GREEN", "date": 1766188800},
            "parameter_format": "POSITIONAL",
            "message_send_ttl_seconds": -1,
            "display_format": "ORDER_DETAILS",
            "cta_url_link_tracking_opted_out": False,
            "allow_category_change": True,
            "in_moengage": {
                "status": "Approved",
                "sender_profiles": ["bloom-main"],
                "name": "bouquet_ready",
                "language": "id",
                "category": "Utility",
                "template_type": "Simple",
                "components": [{"type": "BODY", "text": "Halo {{1}}, buket siap diambil."}],
            },
            "components": [
                {"type": "HEADER", "format": "TEXT", "text": "Halo {{1}}", "example": {"header_text": ["Sari"]}},
                {"type": "BODY", "text": "Buket {{1}} siap diambil.", "example": {"body_text": [["Mawar"]]}},
                {"type": "FOOTER", "text": "Bloom"},
                {
                    "type": "BUTTONS",
                    "buttons": [
                        {"type": "QUICK_REPLY", "text": "Berhenti"},
                        {
                            "type": "URL",
                            "text": "Lihat",
                            "url": "https://b.example/{{1}}",
                            "example": ["https://b.example/7"],
                        },
                        {"type": "PHONE_NUMBER", "text": "Telepon", "phone_number": "+622150201234"},
                        {"type": "COPY_CODE", "example": "BUNGA10"},
                    ],
                },
            ],
        },
        {
            "name": "login_code",
            "language": "id",
            "category": "AUTHENTICATION",
            "components": [
                {"type": "BODY", "add_security_recommendation": True},
                {"type": "FOOTER", "code_expiration_minutes": 10},
                {
                    "type": "BUTTONS",
                    "buttons": [
                        {
                            "type": "OTP",
                            "otp_type": "ZERO_TAP",
                            "text": "Salin",
                            "autofill_text": "Isi",
                            "supported_apps": [{"package_name": "com.bloom.app", "signature_hash": "K8aAINcGX7x"}],
                            "package_name": "com.bloom.app",
                            "signature_hash": "K8aAINcGX7x",
                            "zero_tap_terms_accepted": True,
                        }
                    ],
                },
            ],
        },
        {
            "name": "new_season",
            "language": "id",
            "category": "MARKETING",
            "components": [
                {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Hari ini", "has_expiration": True}},
                {
                    "type": "BODY",
                    "text": "{{first_name}}, lihat koleksi kami.",
                    "example": {"body_text_named_params": [{"param_name": "first_name", "example": "Sari"}]},
                },
                {
                    "type": "CAROUSEL",
                    "cards": [
                        {
                            "components": [
                                {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::aW1hZ2U="]}},
                                {
                                    "type": "BUTTONS",
                                    "buttons": [{"type": "FLOW", "text": "Pesan", "flow_id": "1179685276413111"}],
                                },
                            ]
                        }
                    ],
                },
                {"type": "CALL_PERMISSION_REQUEST"},
            ],
        },
    ],
    "opt_in": {
        "consent": {
            "text": "Ya, Bloom boleh mengirim pesan WhatsApp.",
            "methods": ["website", "in_store", "sms", "ivr", "whatsapp", "app", "paper", "other"],
            "collected_in": ["id"],
            "url": "https://bloom.example/wa",
        },
        "synced_to": ["moengage", "bsp"],
        "synced_on": "2026-11-01",
        "blank_users": "suppress",
        "resubscribe_path": "https://bloom.example/wa",
        "audit": "evidence/opt-in-audit.json",
    },
    "campaigns": [
        {
            "name": "mothers-day",
            "sender": "+622150201234",
            "template": {
                "name": "bouquet_ready",
                "language": "id",
                "parameters": ["bouquet"],
                "named_parameters": {"bunga": "bouquet"},
                "header": {"kind": "image", "value": "https://bloom.example/media/roses.jpg"},
                "buttons": [{"kind": "url", "index": 0, "value": "order_id"}],
            },
            "audience": {"size": 40000, "countries": ["ID", "SG"], "area_codes": ["416"], "segment": "buyers"},
            "ignore_opt_in": False,
            "delivery_type": "one_time",
            "request_limit_per_minute": 10000,
            "expected_longest_text": 300,
        }
    ],
    "evidence": {
        "graph": {
            "waba": "evidence/waba.json",
            "phone_numbers": "evidence/phone_numbers.json",
            "templates": "evidence/templates.json",
            "observed_at": "2026-11-20T06:30:00Z",
        },
        "provider": {"templates": "evidence/gupshup-templates.json", "observed_at": "2026-11-20T06:30:00Z"},
    },
}

LEAST: dict[str, Any] = {
    "apiVersion": "wa-policy/v1",
    "kind": "Workspace",
    "metadata": {"name": "a", "environment": "draft"},
    "moengage": {"workspace_id": "A", "data_center": "DC-01"},
    "bsp": {"provider": "karix"},
    "waba": {"id": "1"},
    "phone_numbers": [{"number": "+622150201234"}],
}


def nodes(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    """Every subschema, and where it stands; what an ``if`` or a ``then`` holds only narrows the others."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from nodes(item, (*path, index))
        return
    yield path, node
    for keyword in ("properties", "$defs"):
        for name, item in node.get(keyword, {}).items():
            yield from nodes(item, (*path, keyword, name))
    for keyword in ("items", "additionalProperties"):
        if isinstance(node.get(keyword), dict):
            yield from nodes(node[keyword], (*path, keyword))


def properties(kind: str) -> list[Any]:
    """Every property of a schema: ``(path, subschema with its reference followed)``."""
    schema = load_schema(kind)
    return [
        pytest.param((*path, name), resolve(schema, item), id="/".join(str(step) for step in (*path[1:], name)))
        for path, node in nodes(schema)
        for name, item in node.get("properties", {}).items()
    ]


ALL_PROPERTIES = [parameter for kind in KINDS for parameter in properties(kind)]
ALL_NODES = [(kind, path, node) for kind in KINDS for path, node in nodes(load_schema(kind))]
PATTERNS = sorted({node["pattern"] for _, _, node in ALL_NODES if "pattern" in node})


# --- what manifests may say


@pytest.mark.parametrize("data", [MANIFEST, LEAST], ids=["everything", "the least"])
def test_a_manifest_satisfies_the_schema(data: dict[str, Any]) -> None:
    assert violations(data) == []
    assert validate(data)
    jsonschema.Draft202012Validator(load_schema("workspace")).validate(data)


def test_the_manifest_of_these_tests_says_everything_that_can_be_said() -> None:
    schema = load_schema("workspace")
    said: dict[int, set[str]] = {}

    def note(data: Any, node: dict[str, Any]) -> None:
        node = resolve(schema, node)
        if isinstance(data, dict) and "properties" in node:
            said.setdefault(id(node), set()).update(data)
            for key, item in data.items():
                note(item, node["properties"][key])
        elif isinstance(data, list):
            for item in data:
                note(item, node["items"])

    note(MANIFEST, schema)
    unsaid = {
        f"{node['title']}.{key}"
        for _, node in nodes(schema)
        if node.get("title") not in ("Reference to a secret", "Component", "Button", "Examples of placeholders")
        for key in node.get("properties", {})
        if key not in said[id(node)]
    }
    assert unsaid == {"Metadata.description"}


OPEN_FIELDS = [
    *(("waba", key) for key in ("status", "account_review_status", "business_verification_status", "ownership_type")),
    *(("waba", key) for key in ("whatsapp_business_manager_messaging_limit", "waba_ban_state")),
    *(
        ("phone_numbers", 0, key)
        for key in (
            "status",
            "name_status",
            "quality_rating",
            "account_mode",
            "platform_type",
            "whatsapp_business_manager_messaging_limit",
        )
    ),
    *(
        ("templates", 0, key)
        for key in ("language", "category", "status", "rejected_reason", "parameter_format", "sub_category")
    ),
    ("templates", 0, "in_moengage", "status"),
    ("bsp", "provider"),
]


@pytest.mark.parametrize("route", OPEN_FIELDS, ids=lambda route: ".".join(str(step) for step in route))
def test_words_that_meta_may_add_to_are_open(route: tuple[str | int, ...]) -> None:
    data = copy.deepcopy(MANIFEST)
    *above, last = route
    node: Any = data
    for step in above:
        node = node[step]
    assert last in node
    node[last] = "SOMETHING_NEW"
    assert validate(data)


@pytest.mark.parametrize("example", ["Asha", ["Asha"], [["Asha"]], [["Asha"], ["Ben"]], ["Asha", ["Ben"]]])
def test_body_examples_come_in_every_shape_that_people_write(example: object) -> None:
    component = {"type": "BODY", "text": "Hi {{1}}.", "example": {"body_text": example}}
    template = {"name": "a", "language": "en", "category": "UTILITY", "components": [component]}
    assert validate({**LEAST, "templates": [template]})


def test_only_what_identifies_a_thing_is_required() -> None:
    required = {node["title"]: node["required"] for _, node in nodes(load_schema("workspace")) if "required" in node}
    assert required == {
        "Workspace manifest": ["apiVersion", "kind", "metadata", "moengage", "bsp", "waba", "phone_numbers"],
        "Metadata": ["name", "environment"],
        "MoEngage": ["workspace_id", "data_center"],
        "BSP": ["provider"],
        "WABA": ["id"],
        "Phone number": ["number"],
        "Template": ["name", "language", "category"],
        "Component": ["type"],
        "Button": ["type"],
        "Campaign": ["name"],
        "Value of the header": ["kind"],
        "Value of a button": ["kind"],
    }


@pytest.mark.parametrize(
    "change",
    [
        {"extends": []},
        {"extends": "go-live"},
        {"extends": ["go-live", "more.yaml"]},
        {
            "fail_on": "warning",
            "severity": "off",
            "unproven": "off",
            "claims": "accepted",
        },
        {
            "rules": {
                "OPT002": "warning",
                "low-coverage": {"severity": "error", "settings": {"minimum_true_share": 0.7}},
            }
        },
        {"facts": {"waba": {"as_of": "2026-11", "source": "a ticket", "certainty": "unsure", "values": {"a": [1]}}}},
        {"overrides": [{"when": {"paths": ["sandbox/**"]}, "reason": "trials", "rules": {"OPT002": "off"}}]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_policy_satisfies_its_schema(change: dict[str, Any]) -> None:
    assert (
        violations({"apiVersion": "wa-policy/v1", "kind": "Policy", "metadata": {"name": "ours"}, **change}, "policy")
        == []
    )


def test_an_audit_may_say_more_than_this_version_knows() -> None:
    counts = {"total": 3, "true": 1, "false": 1, "blank": 1, "invalid": 0, "contradicting": 0}
    audit = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "users.csv", "digest": {"sha256": "0" * 64}}],
        "predicateType": "urn:wa-policy:opt-in-audit:v1",
        "predicate": {
            "workspace": "a",
            "measured_at": "2026-11-20T06:30:00+05:30",
            "users": counts,
            "weather": "fine",
        },
    }
    assert violations(audit, "evidence-opt-in-audit") == []
    assert not validate({**audit, "signature": "x"}, "evidence-opt-in-audit")


ROOT = Path(__file__).parents[2]
AUDITS = sorted(
    path for folder in ("examples", "src/wa_policy/testing") for path in ROOT.glob(f"{folder}/**/*opt-in-audit*.json")
)


@pytest.mark.parametrize("path", AUDITS, ids=lambda path: path.name)
def test_audits_by_hand_and_by_command_satisfy_the_schema(path: Path) -> None:
    assert violations(json.loads(path.read_text("utf-8")), "evidence-opt-in-audit") == []


@pytest.mark.parametrize(
    "more",
    [
        {"users": {"total": 1, "true": 1, "false": 0, "blank": 0}},
        {"scope": "some"},
        {"dirt": {"in_braille": "3"}},
        {"numbers": {"mended": {"spaces": -1}}},
        {"repeated": {"ids": 1.5}},
        {"calling_codes": [{"calling_code": "+91", "total": 1, "true": 1, "false": 0, "blank": 0, "invalid": 0}]},
        {"calling_codes": [{"calling_code": "91", "total": 1}]},
        {"import": {"rows": 5}},
        {"rejected": {"lines": []}},
        {"rejected": {"rows": 101, "lines": [{"file": "users.csv", "line": 7}] * 101}},
        {"change": {"users": {"true": -1}}},
        {"settings": {"minimum_group": 0}},
    ],
    ids=lambda more: next(iter(more)),
)
def test_what_an_audit_cannot_say(more: dict[str, Any]) -> None:
    statement = json.loads(AUDITS[0].read_text("utf-8"))
    assert not validate({**statement, "predicate": {**statement["predicate"], **more}}, "evidence-opt-in-audit")


# --- what the schemas are like


@pytest.mark.parametrize("kind", KINDS)
def test_both_engines_take_the_schema(kind: str) -> None:
    schema = load_schema(kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema_rs.meta.validate(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:wa-policy:schema:{kind}:v1"


def test_every_schema_has_a_kind() -> None:
    assert set(KINDS) <= set(kinds())
    assert schema_path("policy").endswith("policy.schema.json")


@pytest.mark.parametrize(("path", "node"), ALL_PROPERTIES)
def test_every_property_is_explained(path: tuple[str | int, ...], node: dict[str, Any]) -> None:
    assert node["title"][:1].isupper() or node["title"][:1].isdigit(), path
    assert node["description"].endswith("."), path
    assert node["description"] != node["title"], path
    assert node["examples"], path


def test_every_example_is_one() -> None:
    for kind, path, node in ALL_NODES:
        schema = {"$defs": load_schema(kind)["$defs"], **node}
        schema.pop("$id", None)
        for example in node.get("examples", ()) if path else ():
            assert jsonschema_rs.is_valid(schema, example, validate_formats=True), (kind, path, example)


def test_every_object_is_closed() -> None:
    for kind, path, node in ALL_NODES:
        if "properties" in node:
            name = path[-1] if path else ""
            more: Any = kind == "evidence-opt-in-audit" and name not in CLOSED_IN_AUDITS
            expected = {"$ref": "#/$defs/Count"} if more and name in KINDS_OF_DIRT else more
            assert node["additionalProperties"] == expected, (kind, path)


def test_choices_are_made_by_type_and_never_tried_in_turn() -> None:
    for kind in KINDS:
        text = Path(schema_path(kind)).read_text("utf-8")
        assert not re.search(r'"(oneOf|anyOf|not|dependentSchemas|unevaluatedProperties|patternProperties)":', text)


def test_definitions_have_the_names_of_types_and_are_all_used() -> None:
    for kind in KINDS:
        names = load_schema(kind)["$defs"]
        assert all(re.fullmatch(r"([A-Z][a-z]+)+|MoEngage[A-Za-z]*", name) for name in names)
        text = json.dumps(load_schema(kind))
        assert [name for name in names if f'"#/$defs/{name}"' not in text] == []


@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns_mean_the_same_everywhere(pattern: str) -> None:
    assert re.fullmatch(r"\^[ -~]+\$|\[\^[ -~]+\]", pattern), "anchored, or a single character, and in ASCII"
    assert not re.search(r"\\(?!\.|u[0-9a-f]{4})|\(\?|[*+?}][+?]", pattern), (
        "no classes, lookaround or greed of a dialect"
    )
    compiled = re.compile(pattern)
    for piece in ("a", "0", "-", "A.", "2026-10-02T", "é"):
        assert is_linear(partial(_search, compiled, piece))


def _search(compiled: re.Pattern[str], piece: str, times: int) -> object:
    return compiled.search(piece * times + "!")


def test_texts_in_which_somebody_says_something_have_something_to_read() -> None:
    [readable] = {node["pattern"] for _, _, node in ALL_NODES if "pattern" in node and "minLength" in node}
    blank = [
        chr(code)
        for code in range(0x10000)
        if not 0xD800 <= code < 0xE000 and (chr(code).isspace() or plain(chr(code)) != chr(code))
    ]
    assert "\u00a0" in blank
    assert "\u200b" in blank
    assert [character for character in blank if re.search(readable, character)] == []
    decide = jsonschema_rs.Draft202012Validator({"type": "string", "minLength": 1, "pattern": readable}).is_valid
    assert [character for character in blank if decide(character)] == []
    assert not decide("".join(blank))
    assert all(decide(text) for text in ("a", " a\n", "\u00a0é", "!", "देय", "到期", "\U0001f4c5", "\u0301"))


def test_patterns_are_explained_by_examples_and_a_description_to_be_told() -> None:
    for kind, path, node in ALL_NODES:
        if "pattern" in node and "minLength" not in node:
            assert node["examples"], (kind, path)
            assert node["description"].startswith(("A ", "The ", "When ")), (kind, path)


def test_a_date_is_asked_for_twice_since_formats_may_be_ignored() -> None:
    for kind, path, node in ALL_NODES:
        assert node.get("format") in (None, "date", "date-time")
        assert "format" not in node or "pattern" in node, (kind, path)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("2026-11-20T06:30:00Z", True),
        ("2026-11-20T06:30:00.123456789+05:30", True),
        ("2026-11-20T06:30:00", False),
        ("2026-11-20t06:30:00z", False),
        ("2026-11-20T24:00:00Z", False),
        ("2026-11-20T06:30:60Z", False),
        ("2026-02-30T06:30:00Z", False),
        ("2026-11-20T06:30:00Z\n", False),
        ("2026-11-20", False),
    ],
)
def test_a_moment_has_a_zone(text: str, good: bool) -> None:
    assert validate({**LEAST, "evidence": {"graph": {"observed_at": text}}}) is good


# --- what may be asked of them


@pytest.mark.parametrize(
    ("route", "form"),
    [
        (("evidence", "graph", "observed_at"), "date-time"),
        (("phone_numbers", 3, "ownership", "verified_on"), "date"),
        (("phone_numbers", 3, "number"), None),
        (("phone_numbers", "number"), None),
        (("nowhere",), None),
        ((), None),
    ],
)
def test_the_format_at_a_route(route: tuple[str | int, ...], form: str | None) -> None:
    assert (schema_at("workspace", route) or {}).get("format") == form


def test_the_schema_at_a_route_follows_maps() -> None:
    node = schema_at("workspace", ("bsp", "credentials", "any name"))
    assert node is not None
    assert node["title"] == "Reference to a secret"


def test_a_valid_document_is_decided_without_what_explains_others() -> None:
    program = f"""
import json, sys
from wa_policy.schema.validate import violations
assert violations(json.loads({json.dumps(MANIFEST)!r})) == []
print(sorted({{"jsonschema", "difflib", "pydantic", "rich", "inspect", "pathlib"}} & set(sys.modules) - before))
"""
    program = "import sys; before = set(sys.modules)" + program
    result = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert result.stdout == "[]\n"
