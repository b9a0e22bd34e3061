"""The manifest itself: what MAN005 and MAN008 say, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.plugins.fragments import check_with
from tests.summaries import summaries
from wa_policy.api import Context, show_route
from wa_policy.evidence.graph import read_answer
from wa_policy.evidence.references import Reference
from wa_policy.manifest.subjects import Project, Workspace
from wa_policy.plugins import manifest as rules
from wa_policy.source.spans import DocumentId
from wa_policy.testing import AS_OF, check_rule, manifest

if TYPE_CHECKING:
    from wa_policy.api import Problem


KNOWN = ["MAN001", "MAN002", "MAN003", "MAN004", "MAN005", "MAN008"]


def summary(problem: Problem) -> tuple[str, str, int, str, str]:
    main = problem.places[0]
    return problem.outcome, problem.at_most, main.document.number, show_route(main.route), problem.message


def labels(problem: Problem) -> list[tuple[int, str, str]]:
    return [(place.document.number, show_route(place.route), place.label) for place in problem.places[1:]]


def test_rules_are_offered_in_order() -> None:
    offered = {rule.code: rule for rule in rules.wa_policy_rules()}
    assert [code for code in offered if code in KNOWN] == KNOWN
    assert {rule.step.value for rule in offered.values()} == {"manifest"}
    assert {offered[code].subject for code in KNOWN[:4]} == {"SourceFile"}


def other(**changes: str) -> str:
    """A second manifest, which shares nothing with the ready one but what the changes say."""
    values = {
        "name": "acme-retail-ae",
        "workspace": "OTHER",
        "waba": "'102290129340399'",
        "numbers": "[{number: '+971 4 512 3456'}]",
        **changes,
    }
    return (
        f"metadata: {{name: {values['name']}}}\nmoengage: {{workspace_id: {values['workspace']}}}\n"
        f"waba: {{id: {values['waba']}}}\nphone_numbers: {values['numbers']}"
    )


class TestDuplicateWorkspace:
    @staticmethod
    def check(*fragments: str) -> list[Problem]:
        return check_rule(rules.duplicate_workspace, *fragments)

    def test_two_that_share_nothing(self) -> None:
        assert self.check("", other()) == []
        assert self.check("") == []

    @pytest.mark.parametrize(
        ("changes", "route", "message"),
        [
            ({"name": "acme-retail-in"}, "metadata.name", 'the name "acme-retail-in" is claimed by another manifest'),
            (
                {"workspace": "ACME1RETAIL2IN3"},
                "moengage.workspace_id",
                "the MoEngage workspace ACME1RETAIL2IN3 is claimed by another manifest",
            ),
            ({"waba": "'102290129340398'"}, "waba.id", "the WABA 102290129340398 is claimed by another manifest"),
        ],
    )
    def test_one_thing_claimed_twice(self, changes: dict[str, str], route: str, message: str) -> None:
        (problem,) = self.check("", other(**changes))
        assert summary(problem) == ("fail", "error", 1, route, message)
        assert labels(problem) == [(0, route, "first claimed here")]

    def test_numbers_are_compared_by_digits(self) -> None:
        numbers = "[{number: '+971 4 512 3456'}, {number: '91 80-4718-1888'}]"
        (problem,) = self.check("", other(numbers=numbers))
        assert summary(problem) == (
            "fail",
            "error",
            1,
            "phone_numbers[1].number",
            "the number 91 80-4718-1888 is claimed by another manifest",
        )
        assert labels(problem) == [(0, "phone_numbers[0].number", "first claimed here")]

    def test_a_copy(self) -> None:
        assert [summary(problem)[3] for problem in self.check("", "")] == [
            "metadata.name",
            "moengage.workspace_id",
            "waba.id",
            "phone_numbers[0].number",
        ]

    def test_three_point_at_the_first(self) -> None:
        shared = other(name="third", workspace="THIRD", numbers="[{number: '+971 4 512 3457'}]")
        second, third = self.check("", other(waba="'102290129340398'"), shared.replace("399", "398"))
        assert (second.places[0].document.number, third.places[0].document.number) == (1, 2)
        assert labels(second) == labels(third) == [(0, "waba.id", "first claimed here")]

    def test_among_very_many(self) -> None:
        many = summaries(1500)
        many[1200] = many[1200]._replace(waba_id=many[3].waba_id)
        many[1300] = many[1300]._replace(numbers=(*many[1300].numbers, many[1300].numbers[0].replace(" ", "-")))
        copied, twice = rules.duplicate_workspace(Project(many))
        assert summary(copied)[3:] == ("waba.id", f"the WABA {many[3].waba_id} is claimed by another manifest")
        assert [place.document for place in copied.places] == [many[1200].document, many[3].document]
        assert summary(twice)[3:] == (
            "phone_numbers[1].number",
            f"the number {many[1300].numbers[1]} stands twice in this manifest",
        )
        assert {place.document for place in twice.places} == {many[1300].document}

    def test_a_number_that_stands_twice_in_one_manifest(self) -> None:
        one, two, three = "{number: '+971 4 512 3456'}", "{number: '+97145123456'}", "{number: '+971 4 512 3457'}"
        (problem,) = self.check(f"phone_numbers: [{three}, {one}, {two}]")
        assert summary(problem) == (
            "fail",
            "error",
            0,
            "phone_numbers[2].number",
            "the number +97145123456 stands twice in this manifest",
        )
        assert labels(problem) == [(0, "phone_numbers[1].number", "first written here")]
        assert problem.remedy == "keep one of the two entries, or correct the number of the other"

    def test_thrice_points_at_the_first(self) -> None:
        one = "{number: '+971 4 512 3456'}"
        second, third = self.check(f"phone_numbers: [{one}, {one}, {one}]")
        assert labels(second) == labels(third) == [(0, "phone_numbers[0].number", "first written here")]

    def test_twice_in_one_manifest_and_once_in_another(self) -> None:
        numbers = "[{number: '+91 80 4718 1888'}, {number: '+918047181888'}]"
        claimed, twice = self.check("", other(numbers=numbers))
        assert summary(claimed)[3:] == (
            "phone_numbers[0].number",
            "the number +91 80 4718 1888 is claimed by another manifest",
        )
        assert summary(twice)[3:] == (
            "phone_numbers[1].number",
            "the number +918047181888 stands twice in this manifest",
        )
        assert labels(twice) == [(1, "phone_numbers[0].number", "first written here")]

    def test_what_has_no_digits_is_compared_as_it_stands(self) -> None:
        assert self.check("phone_numbers: [{number: to be bought}, {number: ask the carrier}]") == []
        assert len(self.check("phone_numbers: [{number: to be bought}, {number: to be bought}]")) == 1

    def test_a_name_is_not_a_number(self) -> None:
        assert self.check("", other(name="'102290129340398'", workspace="acme-retail-in")) == []


class TestEvidenceMissingFile:
    def test_a_ready_workspace_passes_in_silence(self) -> None:
        assert check_rule(rules.evidence_missing_file) == []

    def test_a_file_that_is_not_there(self) -> None:
        fragment = "opt_in: {audit: evidence/gone.json}\nphone_numbers: [{number: '+91 80 4718 1888'}]"
        (problem,) = check_rule(rules.evidence_missing_file, fragment)
        assert summary(problem) == (
            "fail",
            "error",
            0,
            "opt_in.audit",
            '"evidence/gone.json" cannot be used: there is no such file',
        )
        assert problem.remedy.startswith("mend the path")

    def test_each_file_at_its_place(self) -> None:
        references = [
            Reference(("opt_in", "audit"), "a.json", "", "", {}),
            Reference(("evidence", "graph", "waba"), "b.json", "it is no JSON", "save the answer as it came"),
            Reference(("phone_numbers", 0, "ownership", "proof"), "../c.pdf", "it lies outside", "move it"),
        ]
        workspace = Workspace(DocumentId("manifest.yaml", 0), manifest(), references)  # type: ignore[arg-type]  # the ready manifest is one
        problems = list(rules.evidence_missing_file(workspace))
        assert [(*summary(problem)[3:], problem.remedy) for problem in problems] == [
            ("evidence.graph.waba", '"b.json" cannot be used: it is no JSON', "save the answer as it came"),
            ("phone_numbers[0].ownership.proof", '"../c.pdf" cannot be used: it lies outside', "move it"),
        ]


def test_a_contradiction_offers_what_meta_answered() -> None:
    answer = {"id": "102290129340398", "name": "Bloom"}
    [(_, problem)] = check_with(
        rules.evidence_contradicts, {"waba": {"id": "102290129340398", "name": "Acme"}}, waba=[answer]
    )
    assert problem.fix
    assert (problem.fix.safe, [change.value for change in problem.fix.changes]) == (False, ["Bloom"])


def test_undated_evidence_hides_none_that_is_old() -> None:
    answer = read_answer(b'{"id": "102290129340398"}', "waba.json", "waba")
    old = {"predicate": {"measured_at": "2026-01-31T06:30:00Z"}}
    references = [
        Reference(("evidence", "graph", "waba"), "waba.json", "", answer=answer),
        Reference(("opt_in", "audit"), "audit.json", "", content=old),
    ]
    data = {**manifest(), "evidence": {"graph": {}}}
    workspace = Workspace(DocumentId("manifest.yaml", 0), data, references)  # type: ignore[arg-type]  # the ready manifest is one
    undated, stale = rules.stale_evidence(workspace, Context(AS_OF), max_age_days=30)
    assert undated.message == 'nothing says when "waba.json" was true'
    assert stale.message == '"audit.json" is 295 days old (of 2026-01-31); the policy takes at most 30'
