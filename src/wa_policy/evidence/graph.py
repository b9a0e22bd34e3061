"""What Meta's Graph API answered: nodes and lists of nodes, page by page, with the place of each.

Taken is what the API returns, as it returns it: one node; a list with ``data`` and ``paging``; several pages as a JSON array or
one per line; and the envelope that puts a date on any of these.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from wa_policy.evidence.references import KINDS
from wa_policy.records import NamedTuple
from wa_policy.schema.validate import violations
from wa_policy.schema.words import KINDS as DOCUMENTS
from wa_policy.source.document import Limits, whole
from wa_policy.source.reading import JSON, is_json, read
from wa_policy.source.spans import DocumentId

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wa_policy.source.document import Document, Reading
    from wa_policy.source.spans import Route, Span

LIMITS = Limits(bytes=128 * 1024 * 1024, nodes=8_000_000)
"""Answers are larger than manifests: a WABA may have thousands of templates."""

ENVELOPE = "wa_policy_snapshot"
"""The key under which an envelope says when, and from where, its ``answers`` were fetched."""

VERSION = 1
"""The version of the envelope that is written, and the only one that is understood."""

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})")
_AGAIN = "fetch the answer again"
_SIGNS = {
    "phone-number": ("display_phone_number",),
    "template": ("components",),
    "waba": ("account_review_status", "message_template_namespace", "primary_funding_id"),
}
"""What only a node of each kind has."""
_FRACTION = r"[0-9](?:\.0\b|e)"
"""What JSON has where a number may be whole though it is written as if it were not."""

_NUMBERS_OR_TEXT = ("flow_id",)
"""Ids that Meta takes and gives as numbers, while all others are text."""

_UNTIDY = ("null", *_NUMBERS_OR_TEXT)
"""What an answer holds somewhere that has something to tidy; a cheap test, since most have nothing."""


class Node(NamedTuple):
    """One node of an answer: where it stands, and its fields; those that are null are left out."""

    document: DocumentId
    route: Route
    data: dict[str, Any]


class AnswerTrouble(NamedTuple):
    """Why an answer cannot be used: what, what to do, and where in its file."""

    message: str
    remedy: str
    document: DocumentId
    route: Route = ()
    span: Span | None = None


class Envelope(NamedTuple):
    """What an envelope says of its answers: when they were fetched, and about which WABA; None for what it leaves out."""

    fetched_at: str | None
    waba_id: str | None


class Answer(NamedTuple):
    """The nodes of an answer, when it was given and about which WABA (as its envelope says), and what is wrong with it.

    Of several envelopes in a file the oldest counts.
    """

    nodes: Sequence[Node]
    observed_at: str | None
    troubles: Sequence[AnswerTrouble]
    reading: Reading
    waba_id: str | None = None

    @property
    def document(self) -> DocumentId:
        """The first document of the file: where nothing in it can be pointed at, it is."""
        return DocumentId(self.reading.path, 0)

    @classmethod
    def refused(cls, reading: Reading) -> Answer:
        """The answer of a file that could not be read: nothing but its troubles."""
        nowhere = DocumentId(reading.path, -1)
        troubles = [
            AnswerTrouble(trouble.message, trouble.remedy, nowhere, span=trouble.span) for trouble in reading.troubles
        ]
        return cls((), None, troubles, reading)


def read_answer(content: bytes, path: str, kind: str) -> Answer:
    """Read the nodes of a kind: ``waba``, ``phone-number`` or ``template``. Nothing raises, whatever the content."""
    reading = read_file(content, path)
    if reading.troubles:
        return Answer.refused(reading)
    nodes: list[Node] = []
    found: list[AnswerTrouble] = []
    envelopes: list[Envelope] = []
    for number, document in enumerate(reading.documents, 1):
        for item in _nodes(document, (), document.data, number < len(reading.documents)):
            if isinstance(item, AnswerTrouble):
                found.append(item)
            elif isinstance(item, Envelope):
                envelopes.append(item)
            else:
                nodes.append(item)
    if any(mark in reading.text for mark in _UNTIDY):
        nodes = [node._replace(data=tidy(node.data)) for node in nodes]
    found += [trouble for node in nodes for trouble in misshapen(node, kind)]
    times = [envelope.fetched_at for envelope in envelopes if envelope.fetched_at]
    accounts = [envelope.waba_id for envelope in envelopes if envelope.waba_id]
    if len(set(accounts)) > 1:
        found.append(AnswerTrouble("its parts are about different WABAs", _AGAIN, DocumentId(path, 0)))
    return Answer(nodes, oldest(times), found, reading, accounts[0] if accounts else None)


def oldest(times: Iterable[str]) -> str | None:
    """The first of several moments, each as RFC 3339 writes it, of whatever zone; None for none."""
    return min(times, key=datetime.fromisoformat, default=None)


def digest(answers: Any) -> str:
    """The SHA-256 of answers, in hexadecimal: of their JSON without blanks, keys sorted, ASCII only, 1.0 written as 1."""
    text = _canonical(answers)
    if re.search(_FRACTION, text):  # or in a text, which does no harm
        text = _canonical(_with_whole_numbers(answers))
    return sha256(text.encode("ascii")).hexdigest()


def _canonical(data: Any) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _with_whole_numbers(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _with_whole_numbers(item) for key, item in data.items()}
    if isinstance(data, list):
        return [_with_whole_numbers(item) for item in data]
    return whole(data) if isinstance(data, float) else data


def read_file(content: bytes, path: str) -> Reading:
    """Read a file of answers as JSON, or JSON line by line, whatever it is called. What is wrong is in the reading's troubles."""
    name = path if is_json(path) else f"{path}{JSON}"
    reading = _read_pages(content, name) or read(content, name, LIMITS)
    if reading.troubles and name.endswith(JSON):
        by_line = read(content, f"{name}.ndjson", LIMITS)
        reading = reading if by_line.troubles else by_line
    for document in reading.documents:  # whoever looks for a place knows the file by its own name
        document.id = document.id._replace(path=path)
    return reading._replace(path=path)


def _read_pages(content: bytes, name: str) -> Reading | None:
    """Several pages, one per line, if that is what the first line promises: trying them as one document takes as long again."""
    end = content.find(b"\n")
    if not name.endswith(JSON) or end < 0 or content[end : end + 64].isspace():
        return None
    if not content[max(end - 64, 0) : end].rstrip().endswith((b"}", b"]")):
        return None
    reading = read(content, f"{name}.ndjson", LIMITS)
    return reading if len(reading.documents) > 1 and not reading.troubles else None


def _nodes(document: Document, route: Route, data: Any, followed: bool) -> Iterator[Node | AnswerTrouble | Envelope]:
    """The nodes in an answer, and its envelopes; ``followed`` says that another page stands behind it."""
    if isinstance(data, list):
        for index, item in enumerate(data):
            yield from _nodes(document, (*route, index), item, followed or index + 1 < len(data))
    elif not isinstance(data, dict):
        yield AnswerTrouble("this is no answer of Meta's API", "save the answer as it came", document.id, route)
    elif data.get("error") is not None:
        yield AnswerTrouble(
            "Meta answered with an error", "ask again with a token that may read it", document.id, (*route, "error")
        )
    elif ENVELOPE in data:
        yield from _envelope(document, (*route, ENVELOPE), data[ENVELOPE], data.get("answers"))
        yield from _nodes(document, (*route, "answers"), data.get("answers"), followed)
    elif isinstance(data.get("data"), list):
        yield from _page(document, route, data, followed)
    else:
        yield Node(document.id, route, data)


def _envelope(document: Document, route: Route, said: Any, answers: Any) -> Iterator[AnswerTrouble | Envelope]:
    """What an envelope says, and where it is not true of its answers. It may say nothing but the time."""
    if not isinstance(said, dict):
        yield AnswerTrouble("this says nothing of the answers", _AGAIN, document.id, route)
        return
    if said.get("version", VERSION) != VERSION:
        remedy = f"{_AGAIN}, or use the version of wa-policy that wrote it"
        message = "the file was written by another version of wa-policy"
        yield AnswerTrouble(message, remedy, document.id, (*route, "version"))
    fetched_at, waba_id = said.get("fetched_at"), said.get("waba_id")
    if fetched_at is not None and not _is_time(fetched_at):
        yield AnswerTrouble("this is no time", _AGAIN, document.id, (*route, "fetched_at"))
        fetched_at = None
    if waba_id is not None and not isinstance(waba_id, str):
        yield AnswerTrouble("this is no id of a WABA", _AGAIN, document.id, (*route, "waba_id"))
        waba_id = None
    if "pages" in said and said["pages"] != (len(answers) if isinstance(answers, list) else 1):
        yield AnswerTrouble("pages are missing, or were added", _AGAIN, document.id, (*route, "pages"))
    elif "sha256" in said and said["sha256"] != digest(answers):
        message = "the answers are not those that were fetched: somebody has changed the file"
        yield AnswerTrouble(message, _AGAIN, document.id, (*route, "sha256"))
    yield Envelope(fetched_at, waba_id)


def _is_time(text: Any) -> bool:
    try:
        return _TIME.fullmatch(text) is not None and datetime.fromisoformat(text).tzinfo is not None
    except (TypeError, ValueError):
        return False


def _page(document: Document, route: Route, page: dict[str, Any], followed: bool) -> Iterator[Node | AnswerTrouble]:
    for index, item in enumerate(page["data"]):
        at = (*route, "data", index)
        if isinstance(item, dict):
            yield Node(document.id, at, item)
        else:
            yield AnswerTrouble("this is no node", "save the answer as it came", document.id, at)
    paging = page.get("paging")
    if isinstance(paging, dict) and paging.get("next") and not followed:
        message = "the list goes on: Meta names a next page, and it is not in the file"
        yield AnswerTrouble(message, "fetch all pages into the file", document.id, (*route, "paging", "next"))


def tidy(data: Any) -> Any:
    """An answer as rules take it: without fields that are null, which say nothing, and with ids as text, not as numbers."""
    if isinstance(data, dict):
        return {
            key: str(value) if key in _NUMBERS_OR_TEXT and type(value) is int else tidy(value)
            for key, value in data.items()
            if value is not None
        }
    return [tidy(item) for item in data] if isinstance(data, list) else data


def misshapen(node: Node, kind: str) -> Iterator[AnswerTrouble]:
    """Say where a node has not the types that rules expect; or, alone, that it is an answer to another question than ``kind``."""
    other = next((name for name, keys in _SIGNS.items() if any(key in node.data for key in keys)), kind)
    if other != kind:
        key = next(key for key, name in KINDS.items() if name == other)
        message = f"this is Meta's answer for a {_noun(other)}, and none for a {_noun(kind)}"
        yield AnswerTrouble(message, f"name the file under evidence.graph.{key}", node.document, node.route)
        return
    for violation in violations(node.data, f"evidence-graph-{kind}"):
        yield AnswerTrouble(
            f"{violation.message} in what should be Meta's answer for a {_noun(kind)}",
            "save the answer as it came",
            node.document,
            (*node.route, *violation.route),
        )


def _noun(kind: str) -> str:
    _, noun = DOCUMENTS[f"evidence-graph-{kind}"]
    return noun
