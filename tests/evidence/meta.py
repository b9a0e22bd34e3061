"""A server on this machine that plays Meta, at its best and at its worst."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, quote, urlsplit

from wa_policy.evidence.snapshot import API_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TOKEN = "EAAdistinctive0Token1That2Nobody3May4See"  # noqa: S105  # made up
WABA = "102290129340398"

NODE = {
    "id": WABA,
    "name": "Acme Retail",
    "status": "ACTIVE",
    "account_review_status": "APPROVED",
    "business_verification_status": "verified",
    "ownership_type": "SELF",
    "country": "IN",
    "currency": "INR",
    "timezone_id": "71",
    "message_template_namespace": "ba30dd89_2ebd_41e4_b805_f2c05ae04cc9",
    "whatsapp_business_manager_messaging_limit": "TIER_100K",
    "health_status": {"can_send_message": "AVAILABLE", "entities": []},
    "disable_marketing_messages_on_cloud_api": False,
    "primary_funding_id": "348502019304",
    "owner_business_info": {"name": "Acme Retail", "id": "506914307656634"},
}
NUMBERS = [
    {
        "id": "106540352242922",
        "display_phone_number": "+91 80 4718 1888",
        "verified_name": "Acme Retail",
        "status": "CONNECTED",
        "messaging_limit_tier": None,
    }
]
TEMPLATES = [
    {
        "id": str(1000 + number),
        "name": f"order_{number}",
        "language": "en",
        "category": "UTILITY",
        "status": "APPROVED",
        "components": [{"type": "BODY", "text": f"Your order {number} is on its way."}],
    }
    for number in range(5)
]


class Reply(NamedTuple):
    """An answer of the server's; with a text of bytes as it is, else as JSON."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = {}


class Question(NamedTuple):
    path: str
    parameters: dict[str, str]
    headers: Mapping[str, str]


def refusal(code: int, message: str, status: int = 400, **more: Any) -> Reply:
    error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "AbCdEf", **more}
    return Reply({"error": error}, status)


class Meta:
    """Plays Meta: gives the fields and pages that are asked for. ``instead`` are answers that come first, one each."""

    def __init__(self) -> None:
        self.questions: list[Question] = []
        self.instead: list[Reply | Callable[[BaseHTTPRequestHandler], None] | None] = []
        self.unknown: dict[str, Reply] = {}
        self.headers: dict[str, str] = {}
        self.edges: dict[str, list[dict[str, Any]]] = {"phone_numbers": NUMBERS, "message_templates": TEMPLATES}
        self.node: dict[str, Any] = NODE
        self.released = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        meta = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                meta.handle(self)

            def log_message(self, *_: Any) -> None:
                """Be quiet."""

        return Handler

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        parameters = {key: values[0] for key, values in parse_qs(parts.query).items()}
        self.questions.append(Question(parts.path, parameters, dict(handler.headers.items())))
        reply = self.instead.pop(0) if self.instead else None
        if callable(reply) and not isinstance(reply, Reply):
            reply(handler)
            return
        reply = reply or self.reply(parts.path, parameters)
        body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        handler.send_response(reply.status)
        headers = {"Content-Type": "application/json; charset=UTF-8", **self.headers, **reply.headers}
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    def reply(self, path: str, parameters: Mapping[str, str]) -> Reply:
        version, waba, edge = [*path.strip("/").split("/"), ""][:3]
        assert (version, waba) == (API_VERSION, WABA)
        fields = parameters["fields"].split(",")
        for name in fields:
            if name in self.unknown:
                return self.unknown[name]
        if not edge:
            return Reply({key: value for key, value in self.node.items() if key in fields})
        nodes = self.edges[edge]
        start = int(parameters.get("after", "c0").removeprefix("c"))
        end = start + int(parameters["limit"])
        page: dict[str, Any] = {
            "data": [{key: node[key] for key in fields if key in node} for node in nodes[start:end]]
        }
        if nodes:
            page["paging"] = {"cursors": {"before": f"c{start}", "after": f"c{min(end, len(nodes))}"}}
        if start:
            page["paging"]["previous"] = f"{self.url}{path}?access_token={TOKEN}&before=c{start}"
        if end < len(nodes):
            page["paging"]["next"] = f"https://elsewhere.example{path}?access_token={TOKEN}&after=c{end}"
        if "summary" in parameters:
            counts = {"total_count": len(nodes), "message_template_count": len(nodes), "message_template_limit": 6000}
            page["summary"] = {key: counts[key] for key in parameters["summary"].split(",")}
        return Reply(page)

    def asked(self, edge: str = "") -> list[Question]:
        return [question for question in self.questions if question.path.endswith(edge or WABA)]


def assert_hidden(text: str) -> None:
    for form in (TOKEN, quote(TOKEN), TOKEN[:20], TOKEN[-20:]):
        assert form not in text
