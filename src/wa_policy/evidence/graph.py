"""What Meta's Graph API answered: nodes and lists of nodes, page by page, with the place of each.

Taken is what the API returns, as it returns it: one node; a list with ``data`` and ``paging``; several pages as a JSON array or
one per line; and the envelope that puts a date on any of these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from wa_policy.schema.validate import violations
from wa_policy.source.document import Limits, read
from wa_policy.source.spans import DocumentId

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wa_policy.source.document import Document, Reading
    from wa_policy.source.spans import Route, Span

LIMITS = Limits(bytes=128 * 1024 * 1024, nodes=8_000_000)
"""Answers are larger than manifests: a WABA may have thousands of templates."""

ENVELOPE = "wa_policy_snapshot"
"""The key under which an envelope says when, and from where, its ``answers`` were fetched."""


class Node(NamedTuple):
    """One node of an answer: where it stands, and its fields; those that are null are left out."""

    document: DocumentId
    route: Route
    data: dict[str, Any]


class Trouble(NamedTuple):
    """Why an answer cannot be used: what, what to do, and where in its file."""

    message: str
    remedy: str
    document: DocumentId
    route: Route = ()
    span: Span | None = None


class Answer(NamedTuple):
    """The nodes of an answer, when it was given (as its envelope says), and what is wrong with it."""

    nodes: Sequence[Node]
    observed_at: str | None
    troubles: Sequence[Trouble]
    reading: Reading


def read_answer(content: bytes, path: str, kind: str) -> Answer:
    """Read the nodes of a kind: ``waba``, ``phone-number`` or ``template``. Nothing raises, whatever the content."""
    reading = _read(content, path)
    if reading.troubles:
        troubles = [
            Trouble(trouble.message, trouble.remedy, DocumentId(path, -1), span=trouble.span)
            for trouble in reading.troubles
        ]
        return Answer((), None, troubles, reading)
    nodes: list[Node] = []
    found: list[Trouble] = []
    observed_at = None
    for number, document in enumerate(reading.documents, 1):
        envelope = document.data.get(ENVELOPE) if isinstance(document.data, dict) else None
        if isinstance(envelope, dict) and "fetched_at" in envelope:
            observed_at = envelope["fetched_at"]
            if not _is_time(observed_at):
                at = (ENVELOPE, "fetched_at")
                found.append(Trouble("this is no time", "fetch the answer again", document.id, at))
        for item in _nodes(document, (), document.data, number < len(reading.documents)):
            if isinstance(item, Trouble):
                found.append(item)
            else:
                nodes.append(item)
    found += [trouble for node in nodes for trouble in _misshapen(node, kind)]
    return Answer(nodes, observed_at, found, reading)


def _is_time(text: Any) -> bool:
    from datetime import datetime

    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except (TypeError, ValueError):
        return False


def _read(content: bytes, path: str) -> Reading:
    """Answers are JSON, or JSON line by line, whatever their file is called."""
    name = path if path.lower().endswith((".json", ".ndjson", ".jsonl")) else f"{path}.json"
    reading = read(content, name, LIMITS)
    if reading.troubles and name.endswith(".json"):
        by_line = read(content, f"{name}.ndjson", LIMITS)
        reading = reading if by_line.troubles else by_line
    return reading._replace(path=path)


def _nodes(document: Document, route: Route, data: Any, followed: bool) -> Iterator[Node | Trouble]:
    """The nodes in an answer; ``followed`` says that another page stands behind it."""
    if isinstance(data, list):
        for index, item in enumerate(data):
            yield from _nodes(document, (*route, index), item, followed or index + 1 < len(data))
    elif not isinstance(data, dict):
        yield Trouble("this is no answer of Meta's API", "save the answer as it came", document.id, route)
    elif "error" in data:
        yield Trouble(
            "Meta answered with an error", "ask again with a token that may read it", document.id, (*route, "error")
        )
    elif ENVELOPE in data:
        yield from _nodes(document, (*route, "answers"), data.get("answers"), followed)
    elif isinstance(data.get("data"), list):
        yield from _page(document, route, data, followed)
    else:
        yield Node(document.id, route, _without_nulls(data))


def _page(document: Document, route: Route, page: dict[str, Any], followed: bool) -> Iterator[Node | Trouble]:
    for index, item in enumerate(page["data"]):
        at = (*route, "data", index)
        if isinstance(item, dict):
            yield Node(document.id, at, _without_nulls(item))
        else:
            yield Trouble("this is no node", "save the answer as it came", document.id, at)
    paging = page.get("paging")
    if isinstance(paging, dict) and paging.get("next") and not followed:
        message = "the list goes on: Meta names a next page, and it is not in the file"
        yield Trouble(message, "fetch all pages into the file", document.id, (*route, "paging", "next"))


def _without_nulls(data: Any) -> Any:
    """What is null says nothing, and rules take what is missing for unsaid."""
    if isinstance(data, dict):
        return {key: _without_nulls(value) for key, value in data.items() if value is not None}
    return [_without_nulls(item) for item in data] if isinstance(data, list) else data


def _misshapen(node: Node, kind: str) -> Iterator[Trouble]:
    for violation in violations(node.data, f"evidence-graph-{kind}"):
        yield Trouble(
            f"{violation.message} in what should be Meta's answer for a {kind.replace('-', ' ')}",
            "save the answer as it came",
            node.document,
            (*node.route, *violation.route),
        )
