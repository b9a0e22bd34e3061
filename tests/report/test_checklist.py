"""The checklist: the state of each step, what is open in it, and the highest policy met."""

import json
from collections.abc import Sequence

import pytest
from jsonschema import Draft202012Validator

from tests.report.conftest import Findings, Locations, Reports
from wa_policy.policy.model import PACKS
from wa_policy.report.checklist import STEPS, State, WorkspaceChecklist, as_plain, build, render
from wa_policy.report.model import FactsUsed, Finding, LeftOut, Manifest, NotChecked, Report
from wa_policy.rules.registry import Step
from wa_policy.schema.texts import load_schema


def one(report: Report, rungs: Sequence[tuple[str, Report]] = ()) -> WorkspaceChecklist:
    (checklist,) = build(report, rungs)
    return checklist


def states(report: Report) -> dict[str, State]:
    return {step.name: step.state for step in one(report).steps}


def test_every_step_of_the_rules_is_a_step_of_the_list() -> None:
    assert [step.name for step in STEPS] == [step.value for step in Step if step is not Step.MANIFEST]


# States.


@pytest.mark.parametrize(
    ("findings", "state"),
    [
        ([], "READY"),
        ([{}], "NOT READY"),
        ([{"severity": "warning"}], "READY"),
        ([{"outcome": "unproven"}], "UNPROVEN"),
        ([{"outcome": "unproven", "severity": "info"}], "UNPROVEN"),
        ([{"outcome": "claimed", "severity": "error"}], "UNPROVEN"),
        ([{"outcome": "unproven"}, {}], "NOT READY"),
        ([{"outcome": "unproven"}, {"severity": "warning"}], "UNPROVEN"),
    ],
)
def test_a_step_has_the_state_of_its_worst_finding(
    findings: list[dict[str, str]], state: State, finding: Findings, report: Reports
) -> None:
    made = states(report(*(finding(**words) for words in findings)))
    assert made.pop("waba") == state
    assert set(made.values()) == {"READY"}


def test_a_step_about_which_nothing_is_asked_is_not_ready_for_that(finding: Findings, report: Reports) -> None:
    manifest = Manifest("acme.yaml", 0, "acme", "live", checked=True, unasked=("waba", "campaigns"))
    made = states(report(manifests=(manifest,)))
    assert (made.pop("waba"), made.pop("campaigns")) == ("NOT ASKED", "NOT ASKED")
    assert set(made.values()) == {"READY"}
    assert states(report(finding(), manifests=(manifest,)))["waba"] == "NOT READY"
    broken = states(report(manifests=(manifest._replace(checked=False),)))
    assert set(broken.values()) == {"NOT CHECKED"}


def test_a_step_of_which_rules_were_left_out_is_not_ready_for_that(finding: Findings, report: Reports) -> None:
    others = (LeftOut("NET002", "network"),)
    made = states(report(finding(severity="warning"), left_out=others))
    assert made.pop("network") == "NOT ASKED"
    assert set(made.values()) == {"READY"}
    assert states(report(finding(step="network", outcome="unproven"), left_out=others))["network"] == "UNPROVEN"


def test_a_threshold_decides_what_is_not_ready(finding: Findings, report: Reports) -> None:
    assert states(report(finding(severity="warning"), fail_on="warning"))["waba"] == "NOT READY"


@pytest.mark.parametrize(
    ("item", "state"),
    [
        (NotChecked("plugin acme", "it did not load"), "NOT CHECKED"),
        (NotChecked("ACME001 on acme-retail", "it failed", "acme.yaml", 0), "NOT CHECKED"),
        (NotChecked("ACME001 on acme.yaml", "it failed", "acme.yaml", -1), "NOT CHECKED"),
        (NotChecked("ACME001 on acme-other", "it failed", "acme.yaml", 1), "READY"),
        (NotChecked("nowhere.yaml", "there is no such file", "nowhere.yaml"), "READY"),
    ],
)
def test_what_was_not_checked_leaves_those_in_doubt_that_it_concerns(
    item: NotChecked, state: State, report: Reports
) -> None:
    assert set(states(report(not_checked=(item,))).values()) == {state}


def test_a_rule_that_failed_leaves_only_its_own_step_in_doubt(finding: Findings, report: Reports) -> None:
    item = NotChecked("WBA008 on acme-retail", "it failed", "acme.yaml", 0, "WBA008", step="waba")
    made = report(finding(step="templates"), not_checked=(item,))
    found = states(made)
    assert (found.pop("waba"), found.pop("templates")) == ("NOT CHECKED", "NOT READY")
    assert set(found.values()) == {"READY"}
    checklist = rungs([], [], [], made=made._replace(findings=()))
    assert checklist.highest == ""
    assert "for draft, let everything be checked" in render([checklist], made)


@pytest.mark.parametrize(
    "item",
    [
        NotChecked("MAN007 on acme-retail", "it failed", "acme.yaml", 0, "MAN007", step="manifest"),
        NotChecked("plugin acme", "it did not load"),
        NotChecked("acme.yaml", "its text or shape is wrong", "acme.yaml", 0),
    ],
    ids=lambda item: item.what,
)
def test_all_steps_stand_on_the_manifest_and_on_what_looks_at_it(item: NotChecked, report: Reports) -> None:
    assert set(states(report(not_checked=(item,))).values()) == {"NOT CHECKED"}


def test_a_rule_on_all_manifests_that_failed_leaves_its_step_in_doubt_in_each(report: Reports) -> None:
    manifests = tuple(Manifest(path, 0, path, "live", checked=True) for path in ("a.yaml", "b.yaml"))
    item = NotChecked("ACME001 on the manifests together", "it failed", "", 0, "ACME001", step="numbers")
    made = build(report(manifests=manifests, not_checked=(item,)), ())
    assert [[step.name for step in one.steps if step.state == "NOT CHECKED"] for one in made] == [["numbers"]] * 2


def test_a_manifest_that_could_not_be_read_is_not_checked(finding: Findings, report: Reports) -> None:
    broken = report(
        finding(code="MAN001", step="manifest", document=-1),
        manifests=(Manifest("acme.yaml", -1, "", "", checked=False),),
    )
    assert set(states(broken).values()) == {"NOT CHECKED"}
    assert [found.code for found in one(broken).manifest_findings] == ["MAN001"]


# What concerns whom.


def test_a_finding_concerns_every_manifest_that_it_has_a_place_in(
    finding: Findings, location: Locations, report: Reports
) -> None:
    manifests = tuple(
        Manifest(path, number, "acme", "live", checked=True) for path in ("acme.yaml", "b.yaml") for number in (0, 1)
    )
    made = report(finding(location(), location(path="b.yaml", document=1)), manifests=manifests)
    open_in = [bool(step.findings) for item in build(made, ()) for step in item.steps if step.name == "waba"]
    assert open_in == [True, False, False, True]


def test_what_is_wrong_with_a_file_concerns_all_its_manifests(
    finding: Findings, location: Locations, report: Reports
) -> None:
    manifests = (
        Manifest("acme.yaml", 0, "acme", "live", checked=True),
        Manifest("acme.yaml", -1, "", "", checked=False),
    )
    made = report(finding(location(document=-1), step="manifest", document=-1), manifests=manifests)
    assert [len(item.manifest_findings) for item in build(made, ())] == [1, 1]


def test_what_evidence_shows_concerns_the_manifest_that_names_it(
    finding: Findings, location: Locations, report: Reports
) -> None:
    made = report(finding(location(path="evidence/waba.json", span=(5, 3, 5, 9))))
    assert states(made)["waba"] == "NOT READY"
    assert "WBA008 (error) evidence/waba.json:5: Meta serves" in render(build(made, ()), made)


# Rungs.


def rungs(*failing: Sequence[Finding], made: Report) -> WorkspaceChecklist:
    return one(made, [(name, made._replace(findings=tuple(of))) for name, of in zip(PACKS, failing, strict=True)])


@pytest.mark.parametrize(
    ("draft", "go_live", "strict", "highest", "line"),
    [
        ([], [], [], "strict", "highest policy met: strict"),
        ([], [], ["A1"], "go-live", "highest policy met: go-live; for strict, settle A1"),
        ([], ["A1", "B2", "A1"], ["C3"], "draft", "highest policy met: draft; for go-live, settle A1, B2"),
        (["A1"], [], [], "", "highest policy met: none; for draft, settle A1"),
    ],
)
def test_the_highest_policy_met_has_no_gap_below_it(
    draft: list[str],
    go_live: list[str],
    strict: list[str],
    highest: str,
    line: str,
    finding: Findings,
    report: Reports,
) -> None:
    checklist = rungs(*([finding(code=code) for code in codes] for codes in (draft, go_live, strict)), made=report())
    assert checklist.highest == highest
    assert f"  {line}\n" in render([checklist], report())


def test_findings_below_the_threshold_keep_nobody_from_a_policy(finding: Findings, report: Reports) -> None:
    assert rungs([finding(severity="warning")], [], [], made=report()).highest == "strict"


def test_who_was_not_checked_meets_no_policy(report: Reports) -> None:
    made = report(not_checked=(NotChecked("plugin acme", "it did not load"),))
    checklist = rungs([], [], [], made=made)
    assert checklist.highest == ""
    assert "  highest policy met: none; for draft, let everything be checked\n" in render([checklist], made)


# As text.


def test_the_list_reads_step_by_step(finding: Findings, report: Reports) -> None:
    made = report(
        finding(), finding(code="OPT002", step="opt-in", outcome="unproven", severity="info", remedy="Run the audit.")
    )
    assert render([one(made, [("draft", made)])], made) == (
        "acme-retail (live)  acme.yaml\n"
        "  1  an account with a supported BSP                 READY\n"
        "  2  an approved WhatsApp Business Account           NOT READY\n"
        "      WBA008 (error) line 2: Meta serves no business in AQ\n"
        "        to do: Register elsewhere.\n"
        "  3  a business phone number                         READY\n"
        "  4  templates approved                              READY\n"
        "  5  opt-in up to date in MoEngage and at the BSP    UNPROVEN\n"
        "      OPT002 (info, unproven) line 2: Meta serves no business in AQ\n"
        "        to do: Run the audit.\n"
        "  6  fixed addresses where the BSP wants them        READY\n"
        "  then campaigns                                     READY\n"
        "  highest policy met: none; for draft, settle WBA008\n"
        "\n"
        "states by policy go-live (bundled), as of 2026-11-22\n"
    )


def test_whoever_signs_sees_what_it_rests_on(report: Reports) -> None:
    facts = (
        FactsUsed("waba", "2026-11", "sure", "bundled"),
        FactsUsed("opt_in", "2026-10-02", "probable", "acme.yaml"),
    )
    made = report(policy="acme\x1b", policy_origin="acme.yaml", facts=facts)
    assert render([], made).splitlines() == [
        "states by policy acme\\u{1b} (acme.yaml), as of 2026-11-22",
        "2 facts files, read at their sources between 2026-10-02 (opt_in) and 2026-11; 1 of them not sure, "
        "1 overridden by the policy",
    ]
    data = as_plain([], made)
    assert data["facts"] == [
        {"name": "waba", "as_of": "2026-11", "certainty": "sure", "origin": "bundled"},
        {"name": "opt_in", "as_of": "2026-10-02", "certainty": "probable", "origin": "acme.yaml"},
    ]
    Draft202012Validator(load_schema("checklist")).validate(data)


def test_colours_come_only_when_asked_for(finding: Findings, report: Reports) -> None:
    made = report(finding())
    assert "\x1b" not in render([one(made)], made)
    assert "\x1b[1;31mNOT READY\x1b[0m" in render([one(made)], made, color=True)


@pytest.mark.parametrize("text", ["a\n::error::forged", "\x1b[31m\r\x9b", "\u202e\u2028\x85\u200b"])
def test_no_text_forges_a_line(text: str, finding: Findings, location: Locations, report: Reports) -> None:
    def made(word: str) -> str:
        places = (location(path=word),)
        whole = report(
            finding(*places, path=word, message=word, remedy=word),
            finding(*places, path=word, message=word, remedy=word, step="manifest"),
            manifests=(Manifest(word, 0, word, word, checked=False),),
            not_checked=(NotChecked(word, word, word),),
            policy=word,
        )
        return render([one(whole)], whole)

    assert len(made(text).split("\n")) == len(made("a").split("\n"))
    assert made(text).replace("\n", "").isprintable()


# As JSON.


def test_programs_read_the_same(finding: Findings, report: Reports) -> None:
    checklist = rungs([], [], [finding()], made=report(finding()))
    plain = json.loads(json.dumps(checklist.as_plain()))
    assert (plain["workspace"], plain["path"], plain["document"]) == ("acme-retail", "acme.yaml", 0)
    assert plain["highest_policy_met"] == "go-live"
    waba = next(step for step in plain["steps"] if step["step"] == "waba")
    assert waba["state"] == "NOT READY"
    assert waba["open"] == [
        {
            "code": "WBA008",
            "severity": "error",
            "outcome": "fail",
            "message": "Meta serves no business in AQ",
            "remedy": "Register elsewhere.",
        }
    ]
    assert rungs([finding()], [], [], made=report()).as_plain()["highest_policy_met"] is None


def test_the_list_as_json_is_one_object_of_its_schema(
    finding: Findings, suppressed: Finding, location: Locations, report: Reports
) -> None:
    policy = finding(location(path="wa-policy.yaml"), path="wa-policy.yaml", document=-1, step="manifest")
    made = report(
        finding(severity="warning", outcome="unproven"),
        finding(step="manifest", document=-1),
        policy,
        suppressed=(suppressed, suppressed._replace(suppression=None)),
        manifests=(
            Manifest("acme.yaml", 0, "acme", "live", checked=True),
            Manifest("acme.yaml", -1, "", "", checked=False),
        ),
        not_checked=(NotChecked("ACME001 on acme", "it failed", "acme.yaml", 0, "ACME001", "report this", "waba"),),
    )
    data = json.loads(json.dumps(as_plain(build(made, [("draft", made)]), made)))
    Draft202012Validator(load_schema("checklist"), format_checker=Draft202012Validator.FORMAT_CHECKER).validate(data)
    assert (data["format"], data["version"]) == ("wa-policy/checklist", 1)
    assert data["tool"] == {"name": "wa-policy", "version": "0.1.0"}
    assert (data["as_of"], data["exit_code"]) == ("2026-11-22", 3)
    assert data["policy"] == {"name": "go-live", "origin": "bundled", "fail_on": "error"}
    assert [item["step"] for item in data["not_checked"]] == ["waba"]
    assert [item["path"] for item in data["workspaces"]] == ["acme.yaml", "acme.yaml"]
    assert [step["step"] for step in data["workspaces"][0]["steps"]] == [step.name for step in STEPS]
    assert [item["code"] for item in data["elsewhere"]] == [policy.code]


def test_the_schema_knows_every_step_and_every_key() -> None:
    schema = load_schema("checklist")
    assert schema["$defs"]["Step"]["enum"] == [step.name for step in STEPS]
    assert schema["$defs"]["Facts"] == load_schema("report")["$defs"]["Facts"]
    for kind in ("checklist", "report"):
        keys = load_schema(kind)["$defs"]["NotChecked"]
        assert list(keys["properties"]) == keys["required"] == list(NotChecked._fields)
        assert keys["properties"]["step"]["enum"] == ["", *(step.value for step in Step)]


# What somebody accepts.


def test_a_step_is_ready_with_what_somebody_accepts_and_says_so(
    finding: Findings, suppressed: Finding, report: Reports
) -> None:
    made = report(suppressed=(suppressed,))
    assert states(made)["waba"] == "READY"
    lines = render(build(made, []), made).splitlines()
    at = next(index for index, line in enumerate(lines) if "Business Account" in line)
    assert " ".join(line.strip() for line in lines[at + 1 : at + 2]) == (
        "accepted: WBA008 line 2: Meta serves no business in AQ (Meta said so, owner crm, until 2027-01-31)"
    )
    assert "accepted" not in "".join(lines[:at] + lines[at + 2 :])
    (step,) = [step for step in one(made).as_plain()["steps"] if step["step"] == "waba"]
    assert step["open"] == []
    assert [(item["code"], item["reason"], item["owner"]) for item in step["accepted"]] == [
        ("WBA008", "Meta said so", "crm")
    ]
    both = report(finding(), suppressed=(suppressed,))
    assert states(both)["waba"] == "NOT READY"


def test_what_is_wrong_with_the_policy_is_said_below(finding: Findings, location: Locations, report: Reports) -> None:
    made = report(finding(location(path="wa-policy.yaml"), path="wa-policy.yaml", document=-1, step="manifest"))
    assert "WBA008 (error) wa-policy.yaml:2: Meta serves no business in AQ" in render(build(made, []), made)
    assert "WBA008 (error) wa-policy" not in render(build(report(finding()), []), report(finding()))
