"""A first manifest, from a few answers: what is known stands in it; what is not stands behind #, with where to find it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from wa_policy.manifest.first_answers import providers
from wa_policy.policy.facts import load
from wa_policy.records import NamedTuple
from wa_policy.schema.texts import schema_at
from wa_policy.source.yaml_emit import scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wa_policy.source.spans import Route

    Tree = Mapping[str, "Tree"]

_WIDTH = 108


class Number(NamedTuple):
    """A phone number, and what Meta's answer says of it, if there is one."""

    number: str
    id: str = ""
    verified_name: str = ""


class Evidence(NamedTuple):
    """Meta's answers: their paths as the manifest names them, by key of ``evidence.graph``, and when they were fetched."""

    paths: Mapping[str, str]
    observed_at: str = ""


class First(NamedTuple):
    """What is known of a workspace when its manifest is begun. An empty text is nothing known."""

    name: str
    environment: str
    workspace_id: str
    data_center: str
    provider: str
    waba_id: str
    numbers: Sequence[Number]
    legal_entity: str = ""
    owners: Sequence[str] = ()
    integration: str = ""
    sender_name: str = ""
    waba_name: str = ""
    evidence: Evidence | None = None


_HEAD = """\
# One MoEngage workspace, and everything that its WhatsApp channel depends on. `wa-policy init` began this file.
#
# What is not known yet stands right behind a #, below where to find it. Fill it in as you find it, and take its # away, that of
# the key above it too. What is left out counts as unproven, never as passed."""

_MOENGAGE: Tree = {
    "attributes": {"mobile_number": {}, "opt_in": {}},
    "static_ips": {"enabled": {}, "enabled_on": {}, "ticket": {}},
    "callbacks": {"delivery": {}, "inbound": {}},
}
_ACCOUNT: Tree = {"account": {"id": {}, "status": {}, "international": {}, "home_country": {}}}
_ALLOWLIST: Tree = {"ip_allowlist": {"requirement": {}, "confirmed_on": {}, "entries": {}}}
_WABA: Tree = {
    key: {}
    for key in (
        "name",
        "status",
        "account_review_status",
        "business_verification_status",
        "ownership_type",
        "country",
        "currency",
        "timezone_id",
        "primary_funding_id",
        "message_template_namespace",
        "whatsapp_business_manager_messaging_limit",
    )
}
_NUMBER_FROM_META: Tree = {
    key: {}
    for key in (
        "id",
        "verified_name",
        "name_status",
        "code_verification_status",
        "status",
        "quality_rating",
        "account_mode",
        "is_pin_enabled",
    )
}
_NUMBER_OF_YOURS: Tree = {
    "ownership": {"owner": {}, "proof": {}, "verified_on": {}},
    "can_receive": {"voice": {}, "sms": {}, "behind_ivr": {}, "ivr_hands_to_person": {}},
    "messenger_account": {},
}
_REST: Tree = {
    "templates": {
        "name": {},
        "language": {},
        "category": {},
        "status": {},
        "in_moengage": {"status": {}, "sender_profiles": {}},
        "components": {},
    },
    "opt_in": {
        "consent": {"text": {}, "methods": {}, "collected_in": {}},
        "synced_to": {},
        "synced_on": {},
        "blank_users": {},
        "resubscribe_path": {},
        "audit": {},
    },
    "campaigns": {
        "name": {},
        "sender": {},
        "template": {"name": {}, "language": {}, "parameters": {}},
        "audience": {"size": {}, "countries": {}},
        "ignore_opt_in": {},
    },
}


def write(first: First) -> str:
    """The text of the manifest."""
    blocks = (_metadata(first), _moengage(first), _bsp(first), _waba(first), _numbers(first), _evidence(first))
    rest = [_form((), {key: tree}, "") for key, tree in _REST.items()]
    identity = ["apiVersion: wa-policy/v1", "kind: Workspace"]
    parts = [
        [_HEAD, *identity],
        *(list(block) for block in blocks[:5]),
        *(list(part) for part in rest),
        list(blocks[5]),
    ]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _metadata(first: First) -> Iterator[str]:
    yield "metadata:"
    yield f"  name: {scalar(first.name)}"
    yield f"  environment: {scalar(first.environment)}"
    if first.legal_entity:
        yield f"  legal_entity: {scalar(first.legal_entity)}"
    if first.owners:
        yield f"  owners: [{', '.join(scalar(owner) for owner in first.owners)}]"
    yield from _form(("metadata",), {"legal_entity": {}, "owners": {}}, "  ", _given(first, "legal_entity", "owners"))


def _moengage(first: First) -> Iterator[str]:
    yield "moengage:"
    yield f"  workspace_id: {scalar(first.workspace_id)}"
    yield f"  data_center: {scalar(first.data_center)}"
    yield from _form(("moengage",), _MOENGAGE, "  ")
    if host := load("data_centers").values.get(first.data_center, {}).get("api_host"):
        yield from _remark(
            f"Both addresses are on the host {host}, since that is where {first.data_center} listens.", "  "
        )


def _bsp(first: First) -> Iterator[str]:
    entry = providers().get(first.provider, {})
    name = entry.get("name", "the provider")
    yield "bsp:"
    yield f"  provider: {scalar(first.provider)}"
    for key in ("integration", "sender_name"):
        if value := getattr(first, key):
            yield f"  {key}: {scalar(value)}"
    yield from _form(("bsp",), {"integration": {}}, "  ", _given(first, "integration"))
    yield from _form(("bsp",), _ACCOUNT, "  ")
    if identity := entry.get("account_id"):
        yield from _remark(f"At {name} the id is {identity['is']}: {identity['shape']}.", "  ")
    yield from _form(("bsp",), {"sender_name": {}}, "  ", _given(first, "sender_name"))
    yield from _sender_form(entry)
    yield from _form(("bsp",), _ALLOWLIST, "  ")
    yield from _remark(_callers(name, entry), "  ")
    if addresses := load("moengage_static_ips").values["whatsapp"].get(first.data_center):
        yield from _remark(
            f"Once static sending is on, MoEngage sends from these addresses for {first.data_center}: {', '.join(addresses)}.",
            "  ",
        )


def _sender_form(entry: Mapping[str, Any]) -> Iterator[str]:
    """The fields that the provider's form in MoEngage has, by the names that rules know them by."""
    if entry.get("temporary_tokens"):
        yield from _form(("bsp",), {"token_kind": {}}, "  ")
    for key, empty in (("sender_fields", ""), ("credentials", " {env: }")):
        fields: Mapping[str, str] = entry.get(key, {})
        yield from _form(("bsp",), {key: {}} if fields or not entry else {}, "  ")
        for field, label in fields.items():
            yield f"    #{field}:{empty}".ljust(32) + f'  # "{label}" in the form'


def _callers(name: str, entry: Mapping[str, Any]) -> str:
    known = {
        "offered": f"{name} can restrict callers by address, if its customer wants it.",
        "none": f"{name} does not restrict callers by address.",
    }
    words = known.get(
        entry.get("ip_allowlist", ""), f"Nothing public says whether {name} restricts callers by address: ask."
    )
    return f"{words} {entry.get('allowlist_note', '')}".strip()


def _waba(first: First) -> Iterator[str]:
    yield "waba:"
    yield f"  id: {scalar(first.waba_id)}"
    if first.waba_name:
        yield f"  name: {scalar(first.waba_name)}"
    if _has(first, "waba"):
        yield from _remark("All else that Meta says of the account is in the evidence.", "  ")
    else:
        yield from _form(("waba",), _WABA, "  ", ("name",) if first.waba_name else ())


def _numbers(first: First) -> Iterator[str]:
    yield "phone_numbers:"
    for index, number in enumerate(first.numbers):
        yield f"  - number: {scalar(number.number)}"
        given = [key for key in ("id", "verified_name") if getattr(number, key)]
        for key in given:
            yield f"    {key}: {scalar(getattr(number, key))}"
        if index:
            yield from _remark("And all that the first number has.", "    ")
            continue
        if not _has(first, "phone_numbers"):
            yield from _form(("phone_numbers", 0), _NUMBER_FROM_META, "    ", given)
        yield from _form(("phone_numbers", 0), _NUMBER_OF_YOURS, "    ")


def _evidence(first: First) -> Iterator[str]:
    if first.evidence is None:
        yield from _remark(
            "What Meta answers proves more than what is claimed above, and saves writing it. It is fetched, and its lines "
            "for this file are printed, by",
            "",
        )
        yield f"#     wa-policy snapshot graph --waba-id {first.waba_id} --out evidence"
        return
    yield "evidence:"
    yield "  graph:"
    for key, path in first.evidence.paths.items():
        yield f"    {key}: {scalar(path)}"
    if first.evidence.observed_at:
        yield f"    observed_at: {first.evidence.observed_at}"
    yield from _form(
        ("evidence", "graph"), {"observed_at": {}}, "    ", ("observed_at",) if first.evidence.observed_at else ()
    )


def _has(first: First, key: str) -> bool:
    return first.evidence is not None and key in first.evidence.paths


def _given(first: First, *keys: str) -> list[str]:
    return [key for key in keys if getattr(first, key)]


def _form(route: Route, tree: Tree, pad: str, given: Sequence[str] = ()) -> Iterator[str]:
    """Keys to fill in behind #, each below what the schema says of it. A list gets one item."""
    for key, inner in tree.items():
        if key in given:
            continue
        described = schema_at("workspace", (*route, key)) or {}
        yield from _remark(described.get("description", ""), pad)
        yield f"{pad}#{key}:"
        if described.get("type") == "array":
            yield from _item((*route, key, 0), inner, f"{pad}  ")
        else:
            yield from _form((*route, key), inner, f"{pad}  ")


def _item(route: Route, tree: Tree, pad: str) -> Iterator[str]:
    """The keys of an item of a list, the first behind its dash."""
    dash = "- "
    for line in _form(route, tree, f"{pad}  "):
        key = line.removeprefix(f"{pad}  #")
        if dash and not key.startswith((" ", f"{pad}  ")):
            yield f"{pad}#{dash}{key}"
            dash = ""
        else:
            yield line


def _remark(text: str, pad: str) -> Iterator[str]:
    for line in textwrap.wrap(text, _WIDTH - len(pad), break_long_words=False, break_on_hyphens=False):
        yield f"{pad}# {line}"
