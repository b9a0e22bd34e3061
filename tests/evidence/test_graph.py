"""Meta's answers as people save them: what is read from them, and what is wrong with them."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wa_policy.evidence.graph import LIMITS, Answer, digest, oldest, read_answer
from wa_policy.source.reading import read
from wa_policy.source.spans import DocumentId

WABA = {"id": "102290129340398", "name": "Acme Retail", "account_review_status": "APPROVED"}
ONE, TWO = {"name": "one", "language": "en"}, {"name": "two", "language": "en_US"}
NEXT = {
    "cursors": {"before": "a", "after": "b"},
    "next": "https://graph.facebook.com/v24.0/1/message_templates?after=b",
}


def answer(data: Any, kind: str = "template", path: str = "answer.json") -> Answer:
    return read_answer(data if isinstance(data, bytes) else json.dumps(data).encode(), path, kind)


def places(given: Answer) -> list[tuple[int, tuple[str | int, ...]]]:
    return [(node.document.number, node.route) for node in given.nodes]


def names(given: Answer) -> list[str]:
    assert given.troubles == []
    return [node.data["name"] for node in given.nodes]


def troubles(given: Answer) -> list[tuple[str, tuple[str | int, ...]]]:
    return [(trouble.message, trouble.route) for trouble in given.troubles]


# Shapes


def test_one_node() -> None:
    given = answer(WABA, "waba")
    assert names(given) == ["Acme Retail"]
    assert places(given) == [(0, ())]
    assert (given.observed_at, given.waba_id) == (None, None)


def test_a_list() -> None:
    given = answer({"data": [ONE, TWO], "paging": {"cursors": {"before": "a", "after": "b"}}})
    assert names(given) == ["one", "two"]
    assert places(given) == [(0, ("data", 0)), (0, ("data", 1))]


def test_an_empty_list() -> None:
    given = answer({"data": []})
    assert (list(given.nodes), list(given.troubles)) == ([], [])


def test_pages_in_an_array() -> None:
    given = answer([{"data": [ONE], "paging": NEXT}, {"data": [TWO]}])
    assert names(given) == ["one", "two"]
    assert places(given) == [(0, (0, "data", 0)), (0, (1, "data", 0))]


def test_nodes_in_an_array() -> None:
    assert names(answer([ONE, TWO])) == ["one", "two"]


@pytest.mark.parametrize("path", ["pages.ndjson", "pages.jsonl", "pages.json", "pages.txt", "pages"])
def test_a_page_on_each_line_whatever_the_file_is_called(path: str) -> None:
    text = json.dumps({"data": [ONE], "paging": NEXT}) + "\n\n" + json.dumps({"data": [TWO]}) + "\n"
    given = answer(text.encode(), path=path)
    assert names(given) == ["one", "two"]
    assert places(given) == [(0, ("data", 0)), (1, ("data", 0))]
    assert {node.document.path for node in given.nodes} == {path}
    assert [document.id for document in given.reading.documents] == [DocumentId(path, 0), DocumentId(path, 1)]
    assert given.reading.path == path
    assert given.reading.documents[1].locate(("data", 0, "name")).line == 3


@pytest.mark.parametrize(
    "content",
    [
        b'{"data": []}\n{"data": [}\n',
        b'{"data": []}\n\nnonsense',
        b'{"data": []}\n]',
        b'{"a": 1, "a": 2}\n{"data": []}',
        b'[]\n{"data": []} {}',
    ],
)
def test_pages_one_of_which_is_broken_are_refused_as_one_document(content: bytes) -> None:
    given = answer(content)
    assert [(trouble.message, trouble.span) for trouble in given.troubles] == [
        (trouble.message, trouble.span) for trouble in read(content, "answer.json", LIMITS).troubles
    ]


@pytest.mark.parametrize(
    "content", [b'{"data": []}\n', b'{"data": []}\n \n', b'{"data": []\n}\n', b'[{"data": []}\n, {"data": []}]']
)
def test_one_document_is_read_as_one(content: bytes) -> None:
    given = answer(content)
    assert given.troubles == []
    assert len(given.reading.documents) == 1
    assert given.reading.documents[0].locate(()) == read(content, "answer.json").documents[0].locate(())


def test_an_envelope_around_pages() -> None:
    answers = [{"data": [ONE], "paging": NEXT}, {"data": [TWO]}]
    said = {"version": 1, "fetched_at": "2026-11-20T06:30:00Z", "waba_id": "7", "pages": 2, "sha256": digest(answers)}
    given = answer({"wa_policy_snapshot": said, "answers": answers})
    assert names(given) == ["one", "two"]
    assert places(given) == [(0, ("answers", 0, "data", 0)), (0, ("answers", 1, "data", 0))]
    assert (given.observed_at, given.waba_id) == ("2026-11-20T06:30:00Z", "7")


@pytest.mark.parametrize("answers", [WABA, [WABA], {"data": [WABA]}])
def test_an_envelope_with_nothing_but_a_date(answers: Any) -> None:
    given = answer({"wa_policy_snapshot": {"fetched_at": "2026-11-20T06:30:00.5+05:30"}, "answers": answers}, "waba")
    assert names(given) == ["Acme Retail"]
    assert given.observed_at == "2026-11-20T06:30:00.5+05:30"


def test_of_several_envelopes_the_oldest_counts() -> None:
    envelopes = [
        {"wa_policy_snapshot": {"fetched_at": f"2026-11-{day}T06:30:00Z"}, "answers": [node]}
        for day, node in ((20, ONE), (11, TWO), (19, ONE))
    ]
    lines = "\n".join(json.dumps(envelope) for envelope in envelopes).encode()
    assert answer(lines, path="a.ndjson").observed_at == "2026-11-11T06:30:00Z"
    assert answer(envelopes).observed_at == "2026-11-11T06:30:00Z"


def test_the_oldest_is_found_across_time_zones() -> None:
    east, zulu = "2026-10-24T23:00:00+14:00", "2026-10-24T20:00:00Z"  # 09:00 and 20:00 of the same day in Greenwich
    assert (oldest([east, zulu]), oldest([zulu, east]), oldest([])) == (east, east, None)
    assert oldest(["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"]) == "0001-01-01T00:00:00+14:00"


# Values


def test_what_is_null_is_not_said() -> None:
    node = {
        **ONE,
        "quality_score": {"score": None, "date": 1},
        "status": None,
        "components": [{"type": "BODY", "text": None}],
    }
    (read,) = answer(node).nodes
    assert read.data == {**ONE, "quality_score": {"date": 1}, "components": [{"type": "BODY"}]}


def test_fields_and_values_that_nobody_knows_are_kept() -> None:
    node = {
        **ONE,
        "status": "HIBERNATING",
        "category": "GOSSIP",
        "mood": {"score": "BLUE"},
        "components": [{"type": "SCENT", "x": 1}],
    }
    (read,) = answer(node).nodes
    assert read.data == node


def test_an_id_that_came_as_a_number_is_text() -> None:
    flow = {"type": "FLOW", "text": "Book", "flow_id": 1329781145787136}
    (read,) = answer({**ONE, "components": [{"type": "BUTTONS", "buttons": [flow]}]}).nodes
    assert read.data["components"][0]["buttons"][0]["flow_id"] == "1329781145787136"


# What is wrong


def test_an_error_instead_of_an_answer() -> None:
    given = answer({"error": {"message": "Error validating access token", "code": 190}})
    assert troubles(given) == [("Meta answered with an error", ("error",))]
    assert "token" in given.troubles[0].remedy


def test_an_error_among_the_pages() -> None:
    given = answer([{"data": [ONE]}, {"error": {"code": 4}}])
    assert troubles(given) == [("Meta answered with an error", (1, "error"))]


@pytest.mark.parametrize(
    "last", [{"data": [TWO], "paging": NEXT}, [{"data": [ONE], "paging": NEXT}, {"data": [TWO], "paging": NEXT}]]
)
def test_a_page_that_is_missing(last: Any) -> None:
    ((message, route),) = troubles(answer(last))
    assert message == "the list goes on: Meta names a next page, and it is not in the file"
    assert route[-2:] == ("paging", "next")


@pytest.mark.parametrize("paging", [None, 3, [], {"next": None}, {"next": ""}, {"previous": "https://x.example"}])
def test_paging_that_leads_nowhere(paging: Any) -> None:
    assert names(answer({"data": [ONE], "paging": paging})) == ["one"]


@pytest.mark.parametrize(
    ("kind", "node", "message"),
    [
        ("waba", {"name": "Acme"}, 'has no "id"'),
        ("waba", {"id": None}, 'has no "id"'),
        ("waba", {"id": 102290129340398}, '"id"'),
        ("phone-number", {"id": "1"}, 'has no "display_phone_number"'),
        ("template", {"name": "one"}, 'has no "language"'),
        ("template", {**ONE, "components": {}}, '"components"'),
        ("template", {**ONE, "components": [None]}, '"'),
        ("template", {**ONE, "quality_score": "GREEN"}, '"quality_score"'),
        ("template", ONE | {"message_send_ttl_seconds": "600"}, '"message_send_ttl_seconds"'),
    ],
)
def test_nodes_that_are_none(kind: str, node: Any, message: str) -> None:
    given = answer({"data": [node]}, kind)
    assert given.troubles
    assert message in given.troubles[0].message
    assert given.troubles[0].message.endswith(f"Meta's answer for a {kind.replace('-', ' ').replace('waba', 'WABA')}")
    assert given.troubles[0].route[:2] == ("data", 0)


@pytest.mark.parametrize(
    ("kind", "node", "message", "key"),
    [
        ("waba", {**ONE, "components": []}, "Meta's answer for a template, and none for a WABA", "templates"),
        (
            "phone-number",
            {**ONE, "components": []},
            "Meta's answer for a template, and none for a phone number",
            "templates",
        ),
        ("template", {"display_phone_number": "+1"}, "for a phone number, and none for a template", "phone_numbers"),
        ("template", {"id": "1", "account_review_status": "APPROVED"}, "for a WABA, and none for a template", "waba"),
    ],
)
def test_an_answer_to_another_question_is_told_as_one(kind: str, node: Any, message: str, key: str) -> None:
    (trouble,) = answer({"data": [node]}, kind).troubles
    assert message in trouble.message
    assert (trouble.remedy, trouble.route) == (f"name the file under evidence.graph.{key}", ("data", 0))


@pytest.mark.parametrize(
    "content", [b"", b"  ", b"{", b'{"data": [', b"id: 1", b"\xff\xfe{\0}\0", b"\xe4", b'{"id": "1", "id": "2"}']
)
def test_what_cannot_be_read(content: bytes) -> None:
    given = answer(content)
    assert not given.nodes
    assert given.troubles
    assert given.troubles[0].document == DocumentId("answer.json", -1)
    assert given.troubles[0].span is not None


@pytest.mark.parametrize(
    "data", [3, "text", None, True, [3], [[["x"]]], {"data": [3]}, {"data": [[]]}, {"wa_policy_snapshot": {}}]
)
def test_what_is_no_answer(data: Any) -> None:
    given = answer(data)
    assert given.troubles
    assert not given.nodes


@pytest.mark.parametrize(
    ("said", "message", "key"),
    [
        ("yesterday", "this says nothing of the answers", None),
        ({"fetched_at": "yesterday"}, "this is no time", "fetched_at"),
        ({"fetched_at": "2026-11-20"}, "this is no time", "fetched_at"),
        ({"fetched_at": "20261120T063000Z"}, "this is no time", "fetched_at"),
        ({"fetched_at": "2026-11-20T06:30:00"}, "this is no time", "fetched_at"),
        ({"fetched_at": "2026-11-31T06:30:00Z"}, "this is no time", "fetched_at"),
        ({"fetched_at": 7}, "this is no time", "fetched_at"),
        ({"waba_id": 7}, "this is no id of a WABA", "waba_id"),
        ({"version": 2}, "the file was written by another version of wa-policy", "version"),
        ({"pages": 2}, "pages are missing, or were added", "pages"),
        ({"pages": "1"}, "pages are missing, or were added", "pages"),
        ({"sha256": "0" * 64}, "the answers are not those that were fetched: somebody has changed the file", "sha256"),
        ({"sha256": None}, "the answers are not those that were fetched: somebody has changed the file", "sha256"),
    ],
)
def test_envelopes_that_are_not_true(said: Any, message: str, key: str | None) -> None:
    given = answer({"wa_policy_snapshot": said, "answers": [ONE]})
    assert troubles(given) == [(message, ("wa_policy_snapshot", key) if key else ("wa_policy_snapshot",))]
    assert given.observed_at is None


def test_parts_about_different_accounts() -> None:
    parts = [{"wa_policy_snapshot": {"waba_id": waba_id}, "answers": [ONE]} for waba_id in ("1", "2")]
    assert troubles(answer(parts)) == [("its parts are about different WABAs", ())]


def test_a_digest_depends_on_the_answers_and_not_on_how_they_are_written() -> None:
    assert digest([{"a": 1, "b": "ü"}]) == digest(json.loads('[ {"b": "\\u00fc", "a": 1} ]'))
    assert digest([{"a": 1}]) != digest([{"a": "1"}])


# Hostile content


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"data":' * 3_000 + b"1" + b"}" * 3_000,
        b'{"wa_policy_snapshot": {"sha256": "x"}, "answers":' * 3_000,
        b'{"data": [' + b'{"name": "\\ud800", "language": "en"}' + b"]}",
        b'{"name": "one", "language": "en", "n": ' + b"9" * 5_000 + b"}",
        b'{"name": "one", "language": "en", "n": 1e999}',
        b'{"name": "one", "language": "en", "n": NaN}',
        b"[1]\n[2]\n{",
    ],
    ids=lambda content: repr(content[:30]),
)
def test_hostile_content_is_refused(content: bytes) -> None:
    given = answer(content)
    assert given.troubles
    assert not given.nodes


def test_a_file_beyond_all_bounds() -> None:
    given = answer(b" " * (LIMITS.bytes + 1))
    assert "bytes" in given.troubles[0].message


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(
                [
                    "data",
                    "paging",
                    "next",
                    "error",
                    "wa_policy_snapshot",
                    "answers",
                    "pages",
                    "sha256",
                    "id",
                    "name",
                    "language",
                    "x",
                ]
            ),
            inner,
        )
    ),
)


@settings(max_examples=100)
@given(JSON, st.sampled_from(["waba", "phone-number", "template"]))
def test_nothing_raises_whatever_is_said(data: Any, kind: str) -> None:
    given = answer(data, kind)
    for node in given.nodes:
        assert isinstance(node.data, dict)
        inside: Any = data
        for step in node.route:
            inside = inside[step]
        assert set(node.data) <= set(inside)


@settings(max_examples=50)
@given(JSON)
def test_what_is_sealed_is_read_back(data: Any) -> None:
    node = {**ONE, "x": data}
    assert troubles(answer({"wa_policy_snapshot": {"sha256": digest([node])}, "answers": [node]})) == []


@given(st.binary(max_size=200))
def test_nothing_raises_whatever_the_bytes(content: bytes) -> None:
    given = answer(content)
    assert given.nodes or given.troubles or content.strip(b" \t\r\n\xef\xbb\xbf") == b"[]"
