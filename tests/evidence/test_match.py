"""Meta's answers held against a manifest: who is who, who is right, and where the two disagree."""

import json
from typing import Any

import pytest

from wa_policy.engine.pipeline import lint
from wa_policy.engine.session import Options, open_session
from wa_policy.evidence.graph import Answer, read_answer
from wa_policy.evidence.match import (
    Contradiction,
    Matched,
    check_identity,
    digits_of,
    match,
    match_references,
    template_key,
)
from wa_policy.evidence.references import KINDS, Reference
from wa_policy.manifest.subjects import Workspace
from wa_policy.source.spans import DocumentId
from wa_policy.testing import AS_OF, manifest

WABA_ID = "102290129340398"


@pytest.mark.parametrize(
    "text",
    ["+91 80 4718-1888", "(91)8047181888", "\uff0b\uff19\uff11 8047181888", "9\u09678047181888"],
)
def test_a_number_is_its_digits_in_whatever_script(text: str) -> None:
    assert digits_of(text) == "918047181888"


NUMBER = {"id": "106540352242922", "display_phone_number": "+91 80471 81888", "status": "CONNECTED"}
TEMPLATE = {
    "id": "594425479261596",
    "name": "order_shipped",
    "language": "en",
    "category": "UTILITY",
    "status": "APPROVED",
}


def given(fragment: str = "", **answers: Any) -> tuple[dict[str, Any], Matched]:
    """A manifest, and what it is matched with; answers by key of ``evidence.graph``."""
    data = manifest(fragment)
    return data, match(data, {KINDS[key]: answered(key, answer) for key, answer in answers.items()})


def answered(key: str, answer: Any) -> Answer:
    read = read_answer(json.dumps(answer).encode(), f"evidence/{key}.json", KINDS[key])
    assert read.troubles == []
    return read


def said(matched: Matched) -> list[tuple[str, str, str | None]]:
    return [(item.what, item.claimed, item.answered) for item in matched.contradictions]


def only(matched: Matched) -> Contradiction:
    (contradiction,) = matched.contradictions
    return contradiction


# Who is who


def test_nothing_asked_nothing_said() -> None:
    assert match_references(manifest(), []) == Matched()
    assert [len(part or ()) for part in given()[1]] == [0] * 6


def test_a_part_with_nothing_to_say_contradicts_nothing() -> None:
    _, matched = given(waba={"id": WABA_ID}, phone_numbers={"data": [NUMBER]}, templates={"data": [TEMPLATE]})
    assert matched.contradictions == []
    assert matched.waba is not None
    assert list(matched.numbers) == [0]
    assert list(matched.templates) == [0]
    assert (matched.other_numbers, matched.other_templates) == ([], [])


@pytest.mark.parametrize("shown", ["+91 80 4718 1888", "+91 80-4718-1888", "918047181888", "+91 (80) 47181888"])
def test_numbers_are_known_by_their_digits(shown: str) -> None:
    _, matched = given(phone_numbers={"data": [{"display_phone_number": shown}]})
    assert list(matched.numbers) == [0]
    assert matched.contradictions == []


@pytest.mark.parametrize("language", ["en", "EN"])
def test_templates_are_known_by_name_and_language(language: str) -> None:
    assert list(given(templates={"data": [{**TEMPLATE, "language": language}]})[1].templates) == [0]


def test_a_language_with_a_hyphen_is_the_same() -> None:
    assert template_key({"name": "a", "language": "pt-BR"}) == template_key({"name": "a", "language": "pt_BR"})
    assert template_key({"name": "a", "language": "pt"}) != template_key({"name": "a", "language": "pt_BR"})


def test_what_only_evidence_has_stands_apart() -> None:
    other_number, other_template = {"display_phone_number": "+1 415 555 2671"}, {"name": "sale", "language": "en"}
    _, matched = given(
        phone_numbers={"data": [NUMBER, other_number]}, templates=[{"data": [TEMPLATE]}, {"data": [other_template]}]
    )
    (number,), (template,) = matched.other_numbers, matched.other_templates
    assert (number.data, number.route) == (other_number, ("data", 1))
    assert (template.data, template.route) == (other_template, (1, "data", 0))
    assert matched.contradictions == []


def test_a_number_that_stands_twice_in_the_manifest_is_answered_twice() -> None:
    data = manifest()
    data["phone_numbers"] = data["phone_numbers"] * 2
    matched = match(data, {"phone-number": answered("phone_numbers", {"data": [NUMBER]})})
    assert list(matched.numbers) == [0, 1]


# Where they disagree


def test_a_value_that_differs_has_both_places() -> None:
    _, matched = given("waba: {status: ACTIVE}", waba={"id": WABA_ID, "status": "RESTRICTED"})
    contradiction = only(matched)
    assert said(matched) == [("the WABA: status", "ACTIVE", "RESTRICTED")]
    assert contradiction.route == ("waba", "status")
    assert contradiction.overlay.document == DocumentId("evidence/waba.json", 0)
    assert contradiction.overlay.route == ()


def test_places_go_through_envelopes_and_pages() -> None:
    pages = {
        "wa_policy_snapshot": {"waba_id": WABA_ID},
        "answers": [{"data": []}, {"data": [{**TEMPLATE, "status": "PAUSED"}]}],
    }
    _, matched = given(templates=pages)
    assert said(matched) == [('"order_shipped" (en): status', "APPROVED", "PAUSED")]
    assert only(matched).route == ("templates", 0, "status")
    assert only(matched).overlay.route == ("answers", 1, "data", 0)


def test_a_value_inside_another() -> None:
    data, matched = given(waba={"id": WABA_ID, "owner_business_info": {"id": "2", "name": "Somebody"}})
    assert "owner_business_info" not in data["waba"]
    assert matched.contradictions == []
    _, matched = given(
        "waba: {owner_business_info: {id: '1'}}",
        waba={"id": WABA_ID, "owner_business_info": {"id": "2", "name": "Somebody"}},
    )
    assert said(matched) == [("the WABA: owner_business_info: id", "1", "2")]
    assert only(matched).route == ("waba", "owner_business_info", "id")
    assert only(matched).overlay.route == ("owner_business_info",)


@pytest.mark.parametrize(
    ("key", "claimed", "answer"),
    [
        ("business_verification_status", "VERIFIED", "verified"),
        ("status", "active", "ACTIVE"),
        ("country", "IN", None),
        ("disable_marketing_messages_on_cloud_api", "false", False),
    ],
)
def test_what_does_not_differ(key: str, claimed: str, answer: Any) -> None:
    assert said(given(f"waba: {{{key}: {claimed}}}", waba={"id": WABA_ID, key: answer})[1]) == []


@pytest.mark.parametrize(("claimed", "answer", "shown"), [("true", False, ("true", "false")), ("5", 6, ("5", "6"))])
def test_values_that_are_no_text(claimed: str, answer: Any, shown: tuple[str, str]) -> None:
    key = "message_template_count" if claimed == "5" else "disable_marketing_messages_on_cloud_api"
    _, matched = given(f"waba: {{{key}: {claimed}}}", waba={"id": WABA_ID, key: answer})
    assert (only(matched).claimed, only(matched).answered) == shown


def test_lists_are_another_rules_matter() -> None:
    components = [{"type": "BODY", "text": "something else entirely"}]
    assert said(given(templates={"data": [{**TEMPLATE, "components": components}]})[1]) == []
    assert said(given("waba: {restriction_info: []}", waba={"id": WABA_ID, "restriction_info": [{}]})[1]) == []


def test_what_is_the_manifests_own_is_not_compared_with_what_meta_calls_the_same() -> None:
    answer = {"display_phone_number": "+91 80 4718 1888", "can_receive": "CALLS"}
    assert said(given(phone_numbers={"data": [answer]})[1]) == []


def test_what_the_answer_lacks() -> None:
    _, matched = given(
        phone_numbers={"data": [{"display_phone_number": "+1 415 555 2671"}]},
        templates={"data": [{**TEMPLATE, "language": "hi"}]},
    )
    assert said(matched) == [
        ('"+91 80 4718 1888"', "+91 80 4718 1888", None),
        ('"order_shipped" (en)', "order_shipped", None),
    ]
    number, template = matched.contradictions
    assert (number.route, template.route) == (("phone_numbers", 0, "number"), ("templates", 0, "name"))
    assert (number.overlay.document, number.overlay.route) == (DocumentId("evidence/phone_numbers.json", 0), ())


def test_an_empty_answer_lacks_everything() -> None:
    """It was asked for, and nothing is there."""
    _, matched = given(phone_numbers={"data": []}, templates=[{"data": []}])
    assert [item.answered for item in matched.contradictions] == [None, None]
    assert matched.contradictions[0].overlay.document == DocumentId("evidence/phone_numbers.json", 0)


# Whose answer it is


def referred(key: str, answer: Any) -> Reference:
    return Reference(("evidence", "graph", key), f"{key}.json", "", answer=answered(key, answer))


def test_an_answer_about_this_account_is_taken() -> None:
    references = [referred("waba", {"id": WABA_ID}), referred("phone_numbers", {"data": []})]
    assert check_identity(manifest(), references) == references


def test_an_answer_about_another_account_is_not() -> None:
    (reference,) = check_identity(manifest(), [referred("waba", {"data": [{"id": "7", "status": "ACTIVE"}]})])
    assert reference.trouble == "it is about another WABA, 7"
    assert reference.remedy == f"fetch the answer for {WABA_ID}"
    assert reference.place is not None
    assert reference.place[:2] == (DocumentId("evidence/waba.json", 0), ("data", 0, "id"))
    assert match_references(manifest(), [reference]) == Matched()


def test_one_of_several_accounts_is_enough() -> None:
    (reference,) = check_identity(
        manifest(), [referred("waba", {"data": [{"id": "7"}, {"id": WABA_ID, "name": "Acme"}]})]
    )
    assert reference.trouble == ""
    matched = match_references(manifest(), [reference])
    assert matched.waba is not None
    assert matched.waba.route == ("data", 1)


def test_an_answer_about_no_account() -> None:
    (reference,) = check_identity(manifest(), [referred("waba", {"data": []})])
    assert reference.trouble == "it says nothing of any WABA"


@pytest.mark.parametrize("key", ["waba", "phone_numbers", "templates"])
def test_an_envelope_of_another_account_is_not_taken_either(key: str) -> None:
    node = {"waba": {"id": WABA_ID}, "phone_numbers": {"data": [NUMBER]}, "templates": {"data": [TEMPLATE]}}[key]
    wrapped = {"wa_policy_snapshot": {"waba_id": "7"}, "answers": [node]}
    (reference,) = check_identity(manifest(), [referred(key, wrapped)])
    assert reference.trouble == "it is about another WABA, 7"
    assert reference.place is not None
    assert reference.place.route == ("wa_policy_snapshot", "waba_id")


def test_a_trouble_stays_the_first_one() -> None:
    reference = referred("waba", {"id": "7"})._replace(trouble="the file is empty")
    assert check_identity(manifest(), [reference]) == [reference]
    assert match_references(manifest(), [reference]) == Matched()


# Whose word counts


def workspace(fragment: str = "", **answers: Any) -> Workspace:
    data: Any
    data, matched = given(fragment, **answers)
    return Workspace(DocumentId("acme.yaml", 0), data, (), matched)


def test_evidence_wins_and_says_where_it_stands() -> None:
    waba = workspace(waba={"data": [{"id": WABA_ID, "account_review_status": "REJECTED"}]}).waba
    assert waba.data["account_review_status"] == "REJECTED"
    assert waba.data["country"] == "IN"
    assert waba.proves("account_review_status")
    assert not waba.proves("country")
    assert waba.at("account_review_status")[:2] == (
        DocumentId("evidence/waba.json", 0),
        ("data", 0, "account_review_status"),
    )
    assert waba.at("country")[:2] == (DocumentId("acme.yaml", 0), ("waba", "country"))


def test_what_only_evidence_has_is_looked_at_like_the_rest() -> None:
    found = workspace(
        phone_numbers={"data": [NUMBER, {"display_phone_number": "+1 415 555 2671", "status": "BANNED"}]},
        templates={"data": [TEMPLATE, {"name": "sale", "language": "en"}]},
    )
    assert [number.data["number"] for number in found.phone_numbers] == ["+91 80 4718 1888", "+1 415 555 2671"]
    assert [template.listed for template in found.templates] == [True, False]
    last = found.phone_numbers[-1]
    assert last.at("status")[:2] == (DocumentId("evidence/phone_numbers.json", 0), ("data", 1, "status"))
    assert last.at("number")[:2] == (DocumentId("evidence/phone_numbers.json", 0), ("data", 1, "number"))


# All the way through


def test_lines_of_json_are_shown_by_line_whatever_the_file_is_called(tmp_path: Any) -> None:
    """The file's own name is the one that places know it by."""
    (tmp_path / "answers").write_text(
        json.dumps({"id": "7"}) + "\n" + json.dumps({"id": WABA_ID, "account_review_status": "REJECTED"})
    )
    text = f"""\
apiVersion: wa-policy/v1
kind: Workspace
metadata: {{name: acme, environment: draft}}
moengage: {{workspace_id: A, data_center: DC-03}}
bsp: {{provider: gupshup}}
waba: {{id: "{WABA_ID}", account_review_status: APPROVED}}
phone_numbers: [{{number: "+91 80 4718 1888"}}]
evidence: {{graph: {{waba: answers}}}}
"""
    (tmp_path / "acme.yaml").write_text(text)
    session = open_session(Options(AS_OF, "go-live", select=("MAN007", "WBA001"), third_party=False))
    report = lint([str(tmp_path / "acme.yaml")], session)
    assert report.not_checked == ()
    by_code = {finding.code: finding.locations for finding in report.findings}
    assert (by_code["WBA001"][0].path.rpartition("/")[2], by_code["WBA001"][0].span.line) == ("answers", 2)
    assert [(at.path.rpartition("/")[2], at.span.line) for at in by_code["MAN007"]] == [
        ("acme.yaml", 6),
        ("answers", 2),
    ]
