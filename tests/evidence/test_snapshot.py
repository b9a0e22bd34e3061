"""A snapshot of Meta's answers, taken from a server on this machine that plays Meta, at its best and at its worst."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import stat
import threading
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from wa_policy.cli.main import main
from wa_policy.engine.pipeline import lint
from wa_policy.engine.session import Options, open_session
from wa_policy.evidence import graph_api, keep
from wa_policy.evidence.graph import digest, read_answer
from wa_policy.evidence.graph_api import GraphApi, Token
from wa_policy.evidence.graph_errors import RefusedError, SnapshotError, WrongUseError
from wa_policy.evidence.snapshot import API_VERSION, PARTS, Snapshot, fetch
from wa_policy.schema.validate import load_schema
from wa_policy.source.document import read
from wa_policy.testing import AS_OF

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]

TOKEN = "EAAdistinctive0Token1That2Nobody3May4See"  # noqa: S105  # made up
WABA = "102290129340398"
NOW = 1_795_328_467.9
FETCHED_AT = "2026-11-22T06:21:07Z"
NAMES = ("waba.json", "phone_numbers.json", "templates.json")

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


@pytest.fixture
def meta() -> Iterator[Meta]:
    played = Meta()
    thread = threading.Thread(target=played.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield played
    played.released.set()
    played.server.shutdown()
    played.server.server_close()
    thread.join()


class Taken(NamedTuple):
    """How a snapshot went: what it gave, what was told meanwhile, how long was waited, and where it had got to."""

    snapshot: Snapshot | None
    error: SnapshotError | None
    told: list[str]
    pauses: list[float]
    progress: list[tuple[str, int, int | None]]

    def envelope(self, name: str) -> dict[str, Any]:
        assert self.snapshot is not None, self.error
        loaded: dict[str, Any] = json.loads(self.snapshot.files[name])
        return loaded

    def failure(self) -> SnapshotError:
        assert self.error is not None
        return self.error


@pytest.fixture
def take(meta: Meta) -> Callable[..., Taken]:
    def take_it(page_size: int = 100, **options: Any) -> Taken:
        told: list[str] = []
        pauses: list[float] = []
        progress: list[tuple[str, int, int | None]] = []
        settings = {"base_url": meta.url, "api_version": API_VERSION, "timeout": 10.0, **options}
        sleep = settings.pop("sleep", pauses.append)
        snapshot = error = None
        try:
            with GraphApi(Token(TOKEN), tell=told.append, sleep=sleep, now=lambda: NOW, **settings) as api:
                snapshot = fetch(api, WABA, page_size, lambda *step: progress.append(step))
        except SnapshotError as caught:
            error = caught
        taken = Taken(snapshot, error, told, pauses, progress)
        no_token_in(taken)
        return taken

    return take_it


def no_token_in(taken: Taken) -> None:
    text = "\n".join(taken.told)
    if taken.snapshot:
        text += "".join(content.decode() for content in taken.snapshot.files.values())
    if taken.error:
        assert taken.error.__cause__ is None
        assert taken.error.__context__ is None
        text += "".join(traceback.format_exception(taken.error)) + repr(taken.error) + taken.error.remedy
    assert_hidden(text)


def assert_hidden(text: str) -> None:
    for form in (TOKEN, quote(TOKEN), TOKEN[:20], TOKEN[-20:]):
        assert form not in text


# What is asked, and what becomes of it


def test_everything_is_fetched_and_put_into_envelopes(take: Callable[..., Taken]) -> None:
    taken = take()
    assert taken.snapshot is not None
    assert tuple(taken.snapshot.files) == NAMES
    assert taken.snapshot.fetched_at == FETCHED_AT
    envelope = taken.envelope("phone_numbers.json")
    about = envelope["wa_policy_snapshot"]
    assert about.pop("fields")[:2] == ["id", "display_phone_number"]
    assert about == {
        "version": 1,
        "fetched_at": FETCHED_AT,
        "api_version": API_VERSION,
        "waba_id": WABA,
        "edge": "phone_numbers",
        "pages": 1,
        "sha256": digest(envelope["answers"]),
    }
    assert envelope["answers"] == [{"data": NUMBERS, "paging": {"cursors": {"before": "c0", "after": "c1"}}}]
    assert taken.told == []
    assert taken.pauses == []


def test_the_token_travels_in_the_header_alone(meta: Meta, take: Callable[..., Taken]) -> None:
    take()
    assert {question.headers["Authorization"] for question in meta.questions} == {f"Bearer {TOKEN}"}
    for question in meta.questions:
        assert_hidden(question.path + json.dumps(question.parameters))
        assert_hidden(json.dumps({**question.headers, "Authorization": ""}))


def test_pages_are_followed_by_their_cursors(meta: Meta, take: Callable[..., Taken]) -> None:
    taken = take(page_size=2)
    assert [question.parameters.get("after") for question in meta.asked("message_templates")] == [None, "c2", "c4"]
    assert {question.parameters["limit"] for question in meta.asked("message_templates")} == {"2"}
    envelope = taken.envelope("templates.json")
    assert envelope["wa_policy_snapshot"]["pages"] == 3
    assert [len(page["data"]) for page in envelope["answers"]] == [2, 2, 1]
    assert all(set(page["paging"]) == {"cursors"} for page in envelope["answers"])
    assert taken.progress == [
        ("waba", 1, None),
        ("phone_numbers", 1, None),
        ("message_templates", 2, 5),
        ("message_templates", 4, 5),
        ("message_templates", 5, 5),
    ]


def test_counts_of_templates_are_kept_where_rules_look(take: Callable[..., Taken]) -> None:
    (node,) = take().envelope("waba.json")["answers"]
    assert node == {**NODE, "message_template_count": 5, "message_template_limit": 6000}


@pytest.mark.parametrize("part", PARTS, ids=[part.key for part in PARTS])
def test_all_that_rules_read_is_asked_for(part: Any) -> None:
    """What these nodes do not have stands here, with where it comes from."""
    elsewhere = {
        "waba": {
            "message_template_count",  # of the list of templates
            "message_template_limit",
            "max_phone_numbers_per_business",  # of the webhook business_capability_update
            "restriction_info",  # of the webhook account_update
            "waba_ban_state",
            "violation_info",
        },
        "phone-number": set(),
        "template": {"allow_category_change"},  # of the call that creates a template
    }
    known = set(load_schema(f"evidence-graph-{part.kind}")["properties"])
    asked = [*part.core, *part.fields, *part.delicate]
    assert len(asked) == len(set(asked))
    assert known - set(asked) == elsewhere[part.kind]
    assert set(asked) - known <= {"id"}


def test_an_account_without_templates(meta: Meta, take: Callable[..., Taken]) -> None:
    meta.edges["message_templates"] = []
    taken = take()
    assert taken.envelope("templates.json")["answers"][0]["data"] == []
    assert taken.envelope("waba.json")["answers"][0]["message_template_count"] == 0


def test_whatever_looks_like_a_token_is_taken_out(meta: Meta, take: Callable[..., Taken]) -> None:
    other = "EAAsomebodyElses0123456789abcdef"
    text = f"see https://graph.example/x?a=1&access_token=s3cret&b=2, {TOKEN}, {other}"
    meta.edges["message_templates"] = [
        {**TEMPLATES[0], "components": [{"type": "BODY", "text": text, "access_token": "s3cret", TOKEN: 1}]}
    ]
    (component,) = take().envelope("templates.json")["answers"][0]["data"][0]["components"]
    assert component == {
        "type": "BODY",
        "text": "see https://graph.example/x?a=1&access_token=*****&b=2, *****, *****",
        "*****": 1,
    }


# Where Meta wants something else


def test_a_field_that_the_version_does_not_know_is_left_out(meta: Meta, take: Callable[..., Taken]) -> None:
    name = "whatsapp_business_manager_messaging_limit"
    said = f"(#100) Tried accessing nonexisting field ({name}) on node type (WhatsAppBusinessAccount)"
    meta.unknown[name] = refusal(100, said)
    taken = take()
    assert name not in taken.envelope("waba.json")["wa_policy_snapshot"]["fields"]
    assert taken.told == [f"waba: without {name}, since {API_VERSION} does not know it"]


def test_a_field_that_has_been_given_up_is_left_out(meta: Meta, take: Callable[..., Taken]) -> None:
    said = "(#12) messaging_limit_tier field is deprecated for versions v26.0 and higher"
    meta.unknown["messaging_limit_tier"] = refusal(12, said)
    assert take().told == ["phone_numbers: without messaging_limit_tier, since Meta does not give it any longer"]


def test_fields_that_the_token_may_not_read_are_left_out(meta: Meta, take: Callable[..., Taken]) -> None:
    meta.unknown["primary_funding_id"] = refusal(10, "(#10) Permission Denied.", 403)
    taken = take()
    assert taken.told == ["waba: without primary_funding_id, owner_business_info, since the token may not read it"]
    assert taken.envelope("waba.json")["answers"][0]["account_review_status"] == "APPROVED"


def test_a_field_without_which_nothing_is_worth_anything_is_not_left_out(
    meta: Meta, take: Callable[..., Taken]
) -> None:
    said = "(#100) Tried accessing nonexisting field (components) on node type (WhatsAppMessageTemplate)"
    meta.unknown["components"] = refusal(100, said)
    assert "Meta refuses the question" in take().failure().message


def test_smaller_pages_where_meta_asks_for_them(meta: Meta, take: Callable[..., Taken]) -> None:
    said = "Please reduce the amount of data you're asking for, then retry your request"
    meta.instead = [None, None, *[refusal(1, said, 500)] * graph_api.ATTEMPTS]
    taken = take()
    assert [question.parameters["limit"] for question in meta.asked("message_templates")][-1] == "25"
    assert taken.envelope("templates.json")["wa_policy_snapshot"]["pages"] == 1


def test_without_the_summary_where_meta_has_none(meta: Meta, take: Callable[..., Taken]) -> None:
    meta.instead = [None, None, refusal(100, "(#100) Unknown summary field: message_template_limit")]
    taken = take()
    assert "summary" not in meta.asked("message_templates")[-1].parameters
    assert "message_template_count" not in taken.envelope("waba.json")["answers"][0]


def test_fewer_templates_than_meta_counts(meta: Meta, take: Callable[..., Taken]) -> None:
    page = {"data": TEMPLATES, "summary": {"total_count": 7}}
    meta.instead = [None, None, Reply(page)]
    assert take().told == ["Meta counts 7 message_templates, and lists 5"]


# What passes


def test_too_many_calls(meta: Meta, take: Callable[..., Taken]) -> None:
    crowded = refusal(80008, "(#80008) There have been too many calls to this WhatsApp Business account.", 429)
    meta.instead = [crowded._replace(headers={"Retry-After": "7"}), crowded, None]
    taken = take()
    assert taken.pauses == [7.0, 2.0]
    assert "asking again in 7 s" in taken.told[0]
    assert taken.snapshot is not None


@pytest.mark.parametrize("code", [4, 17, 613, 80007, 80008, 130429])
def test_codes_of_too_many_calls(code: int, meta: Meta, take: Callable[..., Taken]) -> None:
    meta.instead = [refusal(code, "Application request limit reached")]
    assert take().pauses == [1.0]


def test_a_date_to_come_back_at(meta: Meta, take: Callable[..., Taken]) -> None:
    meta.instead = [Reply(b"", 429, {"Retry-After": "Sun, 22 Nov 2026 06:21:19 GMT"})]
    assert take().pauses == [pytest.approx(11.1)]


def test_longer_than_anybody_waits(meta: Meta, take: Callable[..., Taken]) -> None:
    usage = {"506914307656634": [{"type": "whatsapp", "call_count": 100, "estimated_time_to_regain_access": 19}]}
    reply = refusal(80008, "(#80008) There have been too many calls")
    meta.instead = [reply._replace(headers={"X-Business-Use-Case-Usage": json.dumps(usage)})]
    taken = take()
    assert taken.pauses == []
    assert taken.failure().remedy == "try again in 19 minutes: so Meta says"
    assert "Meta takes no more calls" in taken.failure().message


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"<html>oops</html>", 500, {"Content-Type": "text/html"}),
        Reply(b"", 503),
        refusal(2, "(#2) Service temporarily unavailable", 500),
        refusal(1, "An unknown error occurred"),
        refusal(100, "try that again", is_transient=True),
        Reply(b'{"id": "1022901', 200),
        Reply(b'{"id": "1", "id": "2"}', 200),
        Reply(b"[]", 200),
        Reply(b'{"id": "1"}', 200, {"Content-Encoding": "gzip"}),
        Reply(b'{"id": "1"}', 200, {"Content-Length": "5000"}),
        Reply(b"", 307, {"Location": "https://[::1/"}),
    ],
)
def test_what_passes_is_waited_for(reply: Reply, meta: Meta, take: Callable[..., Taken]) -> None:
    meta.instead = [reply, reply]
    taken = take()
    assert taken.snapshot is not None, taken.error
    assert taken.pauses == [1.0, 2.0]


def test_a_connection_that_is_dropped(meta: Meta, take: Callable[..., Taken]) -> None:
    meta.instead = [lambda handler: handler.connection.close()]
    assert take().pauses == [1.0]


def test_patience_ends(meta: Meta, take: Callable[..., Taken]) -> None:
    meta.instead = [None, *[Reply(b"", 500)] * 20]
    taken = take()
    assert taken.pauses == [1.0, 2.0, 4.0, 8.0]
    assert taken.failure().message == (
        f"phone_numbers of WABA {WABA}: 127.0.0.1 fails (HTTP 500) (asked {graph_api.ATTEMPTS} times)"
    )
    assert taken.failure().exit_code == 3


def test_slow(meta: Meta, take: Callable[..., Taken]) -> None:
    def wait(_: BaseHTTPRequestHandler) -> None:
        meta.released.wait()

    meta.instead = [wait] * graph_api.ATTEMPTS
    assert "127.0.0.1 did not answer within 0.05 seconds" in take(timeout=0.05).failure().message


def test_an_answer_that_trickles(meta: Meta, take: Callable[..., Taken], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time, and all of them never."""
    times = iter([0.0, 9.0])  # until the first byte; the second comes after the end
    monkeypatch.setattr(graph_api, "monotonic", lambda: next(times, 11.0))

    def trickle(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while not meta.released.wait(0.005):
                handler.wfile.write(b" ")
        except OSError:
            """The other side has lost its patience."""

    meta.instead = [trickle]
    taken = take(timeout=10.0)
    assert "did not answer within 10 seconds" in taken.told[0]
    assert taken.snapshot is not None


def test_a_notice_when_the_allowance_runs_out(meta: Meta, take: Callable[..., Taken]) -> None:
    meta.headers = {"X-App-Usage": json.dumps({"call_count": 93, "total_time": 10, "total_cputime": True})}
    assert take().told == ["93 % of the calls that Meta allows within an hour are used up"]


@pytest.mark.parametrize(
    "usage", ["", "[", "[]", "3", '{"call_count": "99"}', '{"a": [1, {"call_count": -1}]}', "[" * 9999]
)
def test_a_header_that_nobody_understands(usage: str, meta: Meta, take: Callable[..., Taken]) -> None:
    meta.headers = {"X-App-Usage": usage, "Retry-After": usage[:100]}
    assert take().told == []


# What does not pass


@pytest.mark.parametrize(
    ("reply", "message", "remedy"),
    [
        (
            refusal(190, f"Error validating access token {TOKEN}: Session has expired", 401, error_subcode=463),
            "the access token has expired. Meta says",
            "generate a token",
        ),
        (refusal(190, f"Malformed access token {TOKEN}", 401), "the access token is not valid", "generate a token"),
        (
            refusal(190, "The session is invalid because the user changed the password", error_subcode=460),
            "ended when its owner changed the password",
            "generate a token",
        ),
        (
            refusal(200, "(#200) Permissions error", 403),
            "the access token may not read this",
            "whatsapp_business_management",
        ),
        (refusal(10, "(#10) Application does not have permission", 403), "may not read this", "give the system user"),
        (
            refusal(100, "Unsupported get request. Object with ID '1' does not exist", error_subcode=33),
            "there is no such WABA, or this access token may not see it",
            "no phone number id",
        ),
        (refusal(803, "(#803) Some of the aliases you requested do not exist"), "there is no such WABA", "copy the id"),
        (
            refusal(100, "(#100) Tried accessing nonexisting field (status) on node type (Business)"),
            "the id of another kind of thing (Business)",
            "copy the id",
        ),
        (
            refusal(
                100, "(#100) Tried accessing nonexisting field (status) on node type (WhatsAppBusinessPhoneNumber)"
            ),
            "the id of another kind of thing",
            "copy the id",
        ),
        (refusal(5, "(#5) This IP can't make requests for that application."), "listed addresses only", "allowlist"),
        (
            refusal(368, "The action attempted has been deemed abusive"),
            "has blocked the account",
            "Business Support Home",
        ),
        (refusal(2500, "Unknown path components: /1"), "does not know this address", "--api-version"),
        (
            refusal(100, "API calls from the server require an appsecret_proof argument"),
            "wants every call signed",
            "without that setting",
        ),
        (refusal(100, "(#100) Invalid parameter"), "Meta refuses the question", "report it"),
        (Reply({"error": {}}, 400), "Meta refuses the question", "report it"),
        (
            Reply({"error": {"code": "x", "message": ["y"], "fbtrace_id": 7}}, 400),
            "Meta refuses the question",
            "report it",
        ),
        (
            Reply(b"<html>Log in</html>", 200, {"Content-Type": f"text/html; {TOKEN}"}),
            "none of Meta's answers (HTTP 200, text/html)",
            "log in first",
        ),
        (Reply(b"not found", 404, {"Content-Type": "text/plain"}), "(HTTP 404, text/plain)", "--base-url"),
        (Reply({"hello": "world"}, 404), "none of Meta's answers (HTTP 404", "--base-url"),
        (
            Reply(b"", 302, {"Location": f"https://elsewhere.example/?access_token={TOKEN}"}),
            "sends the call on to elsewhere.example, which is not followed",
            "--base-url",
        ),
        (Reply(b"", 301, {"Location": "/login"}), "sends the call on to 127.0.0.1", "log in first"),
    ],
)
def test_what_does_not_pass_is_explained_at_once(
    reply: Reply, message: str, remedy: str, meta: Meta, take: Callable[..., Taken]
) -> None:
    meta.instead = [reply] * 2  # the second for those who ask for less
    taken = take()
    assert message in taken.failure().message
    assert taken.failure().message.startswith(f"WABA {WABA}: ")
    assert remedy in taken.failure().remedy
    assert taken.pauses == []
    assert taken.failure().exit_code == 3


def test_what_meta_says_is_shown_and_cut(meta: Meta, take: Callable[..., Taken]) -> None:
    meta.instead = [refusal(100, "x" * 5000, error_subcode=7)]
    message = take().failure().message
    assert f'Meta says: "{"x" * 300}..." (code 100/7, fbtrace_id AbCdEf)' in message


def test_a_server_without_tls(meta: Meta, take: Callable[..., Taken]) -> None:
    taken = take(base_url=meta.url.replace("http:", "https:"))
    assert "no safe connection to 127.0.0.1 can be made: " in taken.failure().message
    assert "SSL_CERT_FILE" in taken.failure().remedy
    assert taken.pauses == []


def test_nobody_there(take: Callable[..., Taken]) -> None:
    taken = take(base_url="http://127.0.0.1:9")
    assert "127.0.0.1 cannot be reached: " in taken.failure().message


def test_a_list_that_leads_in_a_circle(meta: Meta, take: Callable[..., Taken]) -> None:
    page = Reply({"data": [], "paging": {"cursors": {"after": "again"}, "next": "https://x.example"}})
    meta.instead = [None, *[page] * 9]
    assert "the list does not end" in take().failure().message
    assert len(meta.questions) == 3


def test_a_next_page_without_a_cursor(meta: Meta, take: Callable[..., Taken]) -> None:
    meta.instead = [None, Reply({"data": [], "paging": {"next": f"{meta.url}/x?after=y"}})]
    assert "no cursor that leads there" in take().failure().message


def test_something_else_than_a_list(meta: Meta, take: Callable[..., Taken]) -> None:
    meta.instead = [None, Reply({"id": "1"})]
    assert "Meta's answer is no list" in take().failure().message


def test_another_account_than_asked(meta: Meta, take: Callable[..., Taken]) -> None:
    meta.node = {**NODE, "id": "7"}
    assert "answers about another" in take().failure().message


def test_a_shape_that_lint_would_refuse(meta: Meta, take: Callable[..., Taken]) -> None:
    meta.edges["message_templates"] = [{**TEMPLATES[0], "components": "none"}]
    message = take().failure().message
    assert message.startswith(f"message_templates of WABA {WABA}: Meta's answer is not in the shape that rules know")


def test_an_answer_beyond_all_bounds(take: Callable[..., Taken], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_api, "MOST_BYTES", 100)
    assert "an answer has more than 100 bytes" in take().failure().message


# Before anybody is asked


@pytest.mark.parametrize(
    "url",
    [
        "http://graph.facebook.com",
        "http://localhost.example",
        "http://127.0.0.1.example",
        "http://10.0.0.1",
        "ftp://graph.facebook.com",
        "graph.facebook.com",
        "https://",
        "https://user:hunter2hunter2@graph.facebook.com",
        "https://graph.facebook.com?access_token=hunter2hunter2",
        "https://graph.facebook.com:99999",
        "https://[::1",
        "",
    ],
)
def test_where_no_token_is_sent(url: str) -> None:
    with pytest.raises(WrongUseError) as caught:
        GraphApi(Token(TOKEN), base_url=url, api_version=API_VERSION, timeout=1)
    assert "--base-url" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "url", ["http://localhost:1", "http://127.0.0.2:1/x/", "http://[::1]:1", "https://proxy.example/graph"]
)
def test_where_it_may_be_sent(url: str) -> None:
    with GraphApi(Token(TOKEN), base_url=url, api_version=API_VERSION, timeout=1):
        """It can be opened."""


@pytest.mark.parametrize(
    "value", ["", "sh0rt", "two words of it", "EAA\nX-Evil: 1234567", "schlüssel-der-welt", "\x00" * 9]
)
def test_what_is_no_token(value: str) -> None:
    with pytest.raises(WrongUseError) as caught:
        Token(value)
    assert not value or value not in str(caught.value)


def test_a_token_does_not_show_itself() -> None:
    token = Token(f"  {TOKEN}\n")
    assert token.headers() == {"Authorization": f"Bearer {TOKEN}"}
    assert_hidden(f"{token!r} {token} {[token]} {token.hide(f'a {TOKEN} b')}")
    assert Token("123|a+b/c d".replace(" ", "")).hide("x=123%7Ca%2Bb%2Fcd") == "x=*****"


@pytest.mark.parametrize(
    "proxy", ["socks5://user:hunter2@proxy.example", "sock://user:hunter2@proxy.example", "http://user:hunter2@:x"]
)
def test_a_proxy_that_is_none(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(WrongUseError) as caught:
        GraphApi(Token(TOKEN), base_url="https://graph.example", api_version=API_VERSION, timeout=1)
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


def test_this_machine_is_asked_without_a_proxy(take: Callable[..., Taken], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert take().snapshot is not None


# The command


@pytest.fixture
def command(
    meta: Meta,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> Run:
    """Run the command; returns its exit code and what it printed, which never holds the token."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WA_POLICY_GRAPH_TOKEN", TOKEN)
    monkeypatch.setattr(graph_api, "FIRST_PAUSE", 0.0)

    def run(*words: str, usual: bool = True) -> tuple[int, str, str]:
        always = ["--waba-id", WABA, "--out", "evidence", "--base-url", meta.url] if usual else []
        with caplog.at_level(logging.DEBUG):
            try:
                code = main(["snapshot", "graph", *always, *words])
            except SystemExit as stop:
                code = int(stop.code or 0)
        out, err = capsys.readouterr()
        assert_hidden(out + err + caplog.text)
        for path in tmp_path.rglob("*"):
            assert_hidden(path.name + (path.read_text("utf-8") if path.is_file() else ""))
        return code, out, err

    return run


def test_the_command_prints_what_goes_into_the_manifest(command: Run, tmp_path: Path) -> None:
    code, out, err = command("--page-size", "3")
    assert code == 0
    fetched_at = json.loads((tmp_path / "evidence" / "waba.json").read_text())["wa_policy_snapshot"]["fetched_at"]
    assert re.fullmatch(r"[0-9-]{10}T[0-9:]{8}Z", fetched_at)
    assert out == (
        "evidence:\n"
        "  graph:\n"
        "    waba: evidence/waba.json\n"
        "    phone_numbers: evidence/phone_numbers.json\n"
        "    templates: evidence/templates.json\n"
        f"    observed_at: {fetched_at}\n"
    )
    assert err.splitlines() == [
        "waba: 1",
        "phone_numbers: 1",
        "message_templates: 3 of 5",
        "message_templates: 5 of 5",
        "evidence is written. For the manifest, with paths relative to it:",
    ]
    assert sorted(path.name for path in (tmp_path / "evidence").iterdir()) == sorted(NAMES)


def test_files_have_the_usual_mode(command: Run, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("")
    command()
    modes = {stat.S_IMODE((tmp_path / "evidence" / name).stat().st_mode) for name in NAMES}
    assert modes == {stat.S_IMODE(plain.stat().st_mode)}


def test_a_folder_with_a_strange_name_is_quoted(command: Run, tmp_path: Path) -> None:
    code, out, _ = command("--out", "beweise: #1/ü")
    assert code == 0
    data = read(out.encode(), "out.yaml").documents[0].data
    assert (tmp_path / data["evidence"]["graph"]["templates"]).is_file()


def test_on_a_terminal_a_bar(command: Run, meta: Meta, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    meta.instead = [None, None, refusal(4, "Application request limit reached\x1b[2J")]
    code, _, err = command("--page-size", "3")
    assert code == 0
    assert "[##############..........] message_templates: 3 of 5" in err
    assert 'reached\\u{1b}[2J" (code 4, fbtrace_id AbCdEf); asking again in 0 s\n' in err
    assert err.endswith("\r\x1b[Kevidence is written. For the manifest, with paths relative to it:\n")


def test_meta_is_explained_and_nothing_written(command: Run, meta: Meta, tmp_path: Path) -> None:
    meta.instead = [None, refusal(190, f"Error validating access token {TOKEN}", 401, error_subcode=463)]
    code, out, err = command()
    assert code == 3
    assert out == ""
    assert err.splitlines()[1] == (
        f"wa-policy: phone_numbers of WABA {WABA}: the access token has expired. "
        'Meta says: "Error validating access token *****" (code 190/463, fbtrace_id AbCdEf)'
    )
    assert err.splitlines()[-1] == "  Nothing was written"
    assert not (tmp_path / "evidence").exists()


@pytest.mark.parametrize("value", [None, "", "   ", "two words"])
def test_no_token(value: str | None, command: Run, meta: Meta, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WA_POLICY_GRAPH_TOKEN")
    if value is not None:
        monkeypatch.setenv("WA_POLICY_GRAPH_TOKEN", value)
    code, _, err = command()
    assert code == 2
    assert "no access token" in err
    assert meta.questions == []


def test_a_token_by_another_name(command: Run, meta: Meta, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WA_POLICY_GRAPH_TOKEN")
    monkeypatch.setenv("ACME_META", TOKEN)
    assert command("--token-env", "ACME_META")[0] == 0
    assert meta.questions[0].headers["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    "words",
    [
        ["--token-env", TOKEN],
        [f"--token-env={TOKEN}"],
        ["--token", TOKEN],
        [f"--token={TOKEN}"],
        ["--token", "123456|another-kind-of-token"],
        [TOKEN],
        ["--waba-id", TOKEN],
        ["--api-version", TOKEN],
        ["--timeout", TOKEN],
        ["--timeout", "0"],
        ["--timeout", "nan"],
        ["--page-size", "0"],
        ["--api-version", "24"],
        ["--waba-id", "10229O"],
        ["--base-url", "http://graph.facebook.com"],
    ],
)
def test_wrong_use_repeats_no_token(words: list[str], command: Run, meta: Meta) -> None:
    code, out, err = command(*words)
    assert code == 2
    assert out == ""
    assert "another-kind-of-token" not in err
    assert meta.questions == []


def test_without_httpx(command: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    code, _, err = command()
    assert code == 2
    assert "python -m pip install 'wa-policy[snapshot]'" in err


@pytest.mark.parametrize("target", ["evidence", "evidence/waba.json/x", "evidence/templates.json"])
def test_a_folder_that_is_none(target: str, command: Run, meta: Meta, tmp_path: Path) -> None:
    if target == "evidence":
        (tmp_path / target).write_text("")
    else:
        (tmp_path / target).mkdir(parents=True)
    code, _, err = command()
    assert code == 2
    assert "name another folder with --out" in err.lower()
    assert meta.questions == []


# All or nothing


def old_files(folder: Path) -> dict[str, str]:
    folder.mkdir()
    for name in NAMES[:2]:  # the third is to be made
        (folder / name).write_text(f"old {name}")
    return contents(folder)


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in folder.iterdir()}


def test_new_files_take_the_place_of_the_old(command: Run, tmp_path: Path) -> None:
    old_files(tmp_path / "evidence")
    assert command()[0] == 0
    assert set(contents(tmp_path / "evidence")) == set(NAMES)
    assert not any("old" in text[:5] for text in contents(tmp_path / "evidence").values())


def test_interrupted_while_fetching(command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = old_files(tmp_path / "evidence")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("wa_policy.evidence.snapshot._lift_counts", interrupt)
    assert command()[0] == 130
    assert contents(tmp_path / "evidence") == before


@pytest.mark.parametrize("call", range(8))
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_stopped_while_writing(error: Any, call: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped at each step on the disk in turn: the old files are whole, and nothing else is left."""
    folder = tmp_path / "evidence"
    before = old_files(folder)
    calls = 0

    def stopping(function: Callable[..., Any]) -> Callable[..., Any]:
        def stop(*arguments: Any, **options: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == call + 1:
                raise error
            return function(*arguments, **options)

        return stop

    for module, name in ((os, "fsync"), (os, "replace"), (shutil, "copy2")):
        monkeypatch.setattr(module, name, stopping(getattr(module, name)))
    with pytest.raises((KeyboardInterrupt, SnapshotError)) as stopped:
        keep.write(str(folder), dict.fromkeys(NAMES, b"new"))
    assert contents(folder) == before
    assert isinstance(stopped.value, KeyboardInterrupt) or "No space left" in str(stopped.value)
    assert stopped.value.__context__ is None


def test_written_in_so_many_steps(tmp_path: Path) -> None:
    """Three files, two old ones, three new places: those that the test above stops at."""
    old_files(tmp_path / "evidence")
    keep.write(str(tmp_path / "evidence"), dict.fromkeys(NAMES, b"new"))
    assert contents(tmp_path / "evidence") == dict.fromkeys(NAMES, "new")


# What lint makes of it

MANIFEST = f"""\
apiVersion: wa-policy/v1
kind: Workspace
metadata: {{name: acme-retail-in, environment: draft}}
moengage: {{workspace_id: ACME1RETAIL2IN3, data_center: DC-03}}
bsp: {{provider: gupshup}}
waba:
  id: "{WABA}"
  account_review_status: PENDING
phone_numbers:
  - number: "+91 80 4718 1888"
    status: CONNECTED
  - number: "+91 80 4718 1999"
templates:
  - {{name: order_1, language: en, category: MARKETING}}
"""


def findings(tmp_path: Path, *codes: str) -> list[tuple[str, list[tuple[str, str, int]]]]:
    """What lint says: messages, and each place as file, route and line."""
    session = open_session(Options(AS_OF, "go-live", select=codes, third_party=False))
    report = lint([str(tmp_path / "acme.yaml")], session)
    assert report.not_checked == ()
    return [
        (finding.message, [(os.path.basename(at.path), at.route, at.span.line) for at in finding.locations])
        for finding in report.findings
    ]


def test_lint_holds_the_manifest_against_it(command: Run, tmp_path: Path) -> None:
    _, block, _ = command()
    (tmp_path / "acme.yaml").write_text(MANIFEST + block)
    assert findings(tmp_path, "MAN006", "MAN008") == []
    lines = (tmp_path / "evidence" / "waba.json").read_text().splitlines()
    there = next(number for number, line in enumerate(lines, 1) if '"account_review_status": ' in line)
    said = findings(tmp_path, "MAN007")
    assert said[0] == (
        "the WABA: account_review_status is PENDING here and APPROVED in Meta's answer",
        [
            ("acme.yaml", "waba.account_review_status", 8),
            ("waba.json", "answers[0].account_review_status", there),
        ],
    )
    assert [message for message, _ in said[1:]] == [
        'Meta\'s answer has no "+91 80 4718 1999"',
        '"order_1" (en): category is MARKETING here and UTILITY in Meta\'s answer',
    ]


def test_lint_judges_by_it(command: Run, meta: Meta, tmp_path: Path) -> None:
    meta.node = {**NODE, "account_review_status": "REJECTED"}
    _, block, _ = command()
    (tmp_path / "acme.yaml").write_text(MANIFEST + block)
    ((message, places),) = findings(tmp_path, "WBA001")
    assert "REJECTED" in message
    assert places[0][:2] == ("waba.json", "answers[0].account_review_status")


@pytest.mark.parametrize(
    ("change", "trouble"),
    [
        (lambda text: text.replace('"APPROVED"', '"approved "', 1), "somebody has changed the file"),
        (lambda text: text.replace('"pages": 1', '"pages": 2'), "pages are missing"),
        (lambda text: text.replace('"version": 1', '"version": 2'), "another version of wa-policy"),
        (lambda text: text.replace(f'"waba_id": "{WABA}"', '"waba_id": "7"'), "it is about another WABA, 7"),
        (lambda text: text[:-40], "cannot be used"),
    ],
)
def test_lint_does_not_take_what_was_changed(
    change: Callable[[str], str], trouble: str, command: Run, tmp_path: Path
) -> None:
    _, block, _ = command()
    (tmp_path / "acme.yaml").write_text(MANIFEST + block)
    file = tmp_path / "evidence" / "templates.json"
    file.write_text(change(file.read_text()))
    ((message, places),) = findings(tmp_path, "MAN008")
    assert message.startswith('"evidence/templates.json" cannot be used: ')
    assert trouble in message
    assert [place[0] for place in places] == ["acme.yaml", "templates.json"]


def test_what_is_written_is_read_back(take: Callable[..., Taken]) -> None:
    snapshot = take(page_size=2).snapshot
    assert snapshot is not None
    for part in PARTS:
        answer = read_answer(snapshot.files[part.file], part.file, part.kind)
        assert answer.troubles == []
        assert answer.observed_at == FETCHED_AT
        assert answer.waba_id == WABA
    assert len(answer.nodes) == len(TEMPLATES)


def test_errors_of_meta_are_told_from_others() -> None:
    assert not issubclass(WrongUseError, RefusedError)
    assert RefusedError("a", "b", 200, "c").lacks_permission
    assert not RefusedError("a", "b", None, "c").lacks_permission
