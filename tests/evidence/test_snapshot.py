"""A snapshot of Meta's answers: what is asked, what is kept, and what is said when it goes wrong."""

from __future__ import annotations

import json
import traceback
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.evidence.meta import NODE, NUMBERS, TEMPLATES, TOKEN, WABA, Meta, Reply, assert_hidden, refusal
from wa_policy.evidence import graph_api, snapshot
from wa_policy.evidence.graph import ENVELOPE, digest, read_answer
from wa_policy.evidence.graph_api import GraphApi, Token
from wa_policy.evidence.graph_errors import RefusedError, SnapshotError, WrongUseError
from wa_policy.evidence.snapshot import API_VERSION, PARTS, Snapshot, fetch
from wa_policy.schema.texts import load_schema

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

NOW = 1_795_328_467.9
FETCHED_AT = "2026-11-22T06:21:07Z"
NAMES = ("waba.json", "phone_numbers.json", "templates.json")


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
    told = f"without {name}, since {API_VERSION} does not know it"
    assert taken.told == [f"waba: {told}", f"phone_numbers: {told}"]


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
    meta.instead = [None, None, refusal(1, said, 500)]
    taken = take()
    assert taken.pauses == []
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


def test_a_pause_that_no_clock_shows(meta: Meta, take: Callable[..., Taken]) -> None:
    headers = {"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"}
    meta.instead = [refusal(4, "Application request limit reached")._replace(headers=headers)]
    assert take().failure().remedy == "try again in more than a day: so Meta says"


def test_an_error_without_a_code(meta: Meta, take: Callable[..., Taken]) -> None:
    meta.instead = [Reply({"error": {"message": "no"}}, 400)]
    assert take().failure().message == f'WABA {WABA}: Meta refuses the question. Meta says: "no" (no code)'


def test_a_total_that_can_be_none(meta: Meta, take: Callable[..., Taken]) -> None:
    meta.instead = [None, None, Reply({"data": TEMPLATES[:1], "summary": {"total_count": -1}})]
    taken = take()
    assert ("message_templates", 1, None) in taken.progress
    assert not [text for text in taken.told if "-1" in text]


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


@pytest.mark.parametrize(
    ("headers", "begin", "more"),
    [
        pytest.param({}, b"", b" ", id="as it is"),
        # Of what comes, nothing can be unpacked: it is the name of a file, which gzip lets be as long as you like.
        pytest.param({"Content-Encoding": "gzip"}, bytes((0x1F, 0x8B, 8, 8, 0, 0, 0, 0, 0, 3)), b"a", id="packed"),
    ],
)
def test_an_answer_that_trickles(
    headers: dict[str, str],
    begin: bytes,
    more: bytes,
    meta: Meta,
    take: Callable[..., Taken],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each byte comes in time, and all of them never."""
    times = iter([0.0, 9.0])  # until the first byte; the second comes after the end
    monkeypatch.setattr(graph_api, "monotonic", lambda: next(times, 11.0))

    def trickle(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(begin)
        try:
            while not meta.released.wait(0.005):
                handler.wfile.write(more)
        except OSError:
            """The other side has lost its patience."""

    meta.instead = [trickle]
    taken = take(timeout=10.0)
    assert "did not answer within 10 seconds" in taken.told[0]
    assert taken.snapshot is not None


def test_the_time_until_an_answer_begins_counts(
    meta: Meta, take: Callable[..., Taken], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr(graph_api, "monotonic", lambda: clock[0])

    def begin_late(handler: BaseHTTPRequestHandler) -> None:
        clock[0] = 11.0
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"{}")

    meta.instead = [begin_late]
    taken = take(timeout=10.0)
    assert "did not answer within 10 seconds" in taken.told[0]
    assert taken.snapshot is not None


@pytest.mark.parametrize("begun", [b"HTTP/1.1 200 OK\r\nX-Slow: a", b"HTTP/1.1 200 OK\r\n\r\n{"])
def test_an_answer_that_is_begun_and_never_ends_is_cut(
    begun: bytes, meta: Meta, take: Callable[..., Taken], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between bytes httpx waits for as long as for the first, so of headers nobody else looks at the time."""
    clock = [0.0]
    clocks: list[Clock] = []

    class Clock:
        def __init__(self, seconds: float, strike: Callable[[], None]) -> None:
            self.seconds, self.strike, self.runs = seconds, strike, False
            clocks.append(self)

        def start(self) -> None:
            self.runs = True

        def cancel(self) -> None:
            self.runs = False

    def begin(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(begun)
        assert (clocks[-1].runs, clocks[-1].seconds) == (True, 60.0)
        clock[0] = 61.0
        clocks[-1].strike()
        meta.released.wait()

    monkeypatch.setattr(graph_api, "monotonic", lambda: clock[0])
    monkeypatch.setattr(graph_api, "Timer", Clock)
    meta.instead = [None, begin]
    taken = take(timeout=60.0)
    assert "did not answer within 60 seconds" in taken.told[0]
    assert taken.snapshot is not None
    assert not any(one.runs for one in clocks)


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


def test_a_list_that_is_too_long_is_none_that_leads_in_a_circle(
    meta: Meta, take: Callable[..., Taken], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "MOST_PAGES", 4)
    failure = take(page_size=1).failure()
    assert failure.message == f"message_templates of WABA {WABA}: the list has more than 4 pages"
    assert failure.remedy == "ask for larger ones with --page-size"
    meta.edges["message_templates"] = TEMPLATES[:4]
    assert take(page_size=1).envelope("templates.json")[ENVELOPE]["pages"] == 4


def test_a_next_page_without_a_cursor(meta: Meta, take: Callable[..., Taken]) -> None:
    meta.instead = [None, Reply({"data": [], "paging": {"next": f"{meta.url}/x?after=y"}})]
    assert "no cursor that leads there" in take().failure().message


def test_something_else_than_a_list(meta: Meta, take: Callable[..., Taken]) -> None:
    meta.instead = [None, Reply({"id": "1"})]
    assert "Meta's answer is no list" in take().failure().message


@pytest.mark.parametrize(
    ("body", "number"),
    [
        ({"id": WABA, "data": []}, "no"),
        ({**NODE, ENVELOPE: {"waba_id": WABA}, "answers": []}, "no"),
        ({"data": [NODE, {**NODE, "status": "RESTRICTED"}]}, "2"),
    ],
)
def test_not_one_account(body: dict[str, Any], number: str, meta: Meta, take: Callable[..., Taken]) -> None:
    meta.instead.append(Reply(body))
    failure = take().failure()
    assert failure.message == f"Meta was asked about WABA {WABA}, and answers about {number} accounts"
    assert failure.remedy == "check --base-url, and try again later"


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


@pytest.mark.parametrize(
    "form",
    ["123|a+b/cD", "123%7Ca%2Bb%2FcD", "123%7ca%2bb%2fcD", "123%7ca+b%2FcD", "123%257Ca%252bb/cD", "123|A+B/CD"],
)
def test_a_token_is_hidden_however_it_is_written(form: str) -> None:
    assert Token("123|a+b/cD").hide(f"x={form}&y=1 {form}") == "x=*****&y=1 *****"


def test_a_token_hides_nothing_else() -> None:
    assert Token("a.b|c.d|e").hide("axb|c.d|e a.b%7dc.d|e a.b|c.d") == "axb|c.d|e a.b%7dc.d|e a.b|c.d"


@pytest.mark.parametrize(
    "proxy", ["socks5://user:hunter2@proxy.example", "sock://user:hunter2@proxy.example", "http://user:hunter2@:x"]
)
def test_a_proxy_that_is_none(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(WrongUseError) as caught:
        GraphApi(Token(TOKEN), base_url="https://graph.example", api_version=API_VERSION, timeout=1)
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


def test_certificates_that_are_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nowhere.pem"))
    with pytest.raises(WrongUseError, match="certificates that cannot be used"):
        GraphApi(Token(TOKEN), base_url="https://graph.example", api_version=API_VERSION, timeout=1)


def test_this_machine_is_asked_without_a_proxy(take: Callable[..., Taken], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert take().snapshot is not None


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


def test_a_field_that_is_unknown_without_saying_of_what_is_left_out(meta: Meta, take: Callable[..., Taken]) -> None:
    name = "whatsapp_business_manager_messaging_limit"
    meta.unknown[name] = refusal(100, f"(#100) Tried accessing nonexisting field ({name})")
    told = f"without {name}, since {API_VERSION} does not know it"
    assert take().told == [f"waba: {told}", f"phone_numbers: {told}"]
