"""The data behind the opt-in audit: what OPT009 makes of its dirt, and OPT011 of a file that is to be imported."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.plugins.audits import check_audit, file, users
from tests.plugins.said import only, summary
from tests.schema.documents import EVERYTHING
from wa_policy.engine.pipeline import lint
from wa_policy.engine.session import Options, open_session
from wa_policy.plugins import opt_in_data
from wa_policy.schema.texts import load_schema
from wa_policy.testing import AS_OF, READY, check_fragment, check_rule

if TYPE_CHECKING:
    from pathlib import Path

    from wa_policy.api import Problem

DIRTY = "opt_in: {audit: evidence/opt-in-audit-with-dirty-values.json}"
MENDING = "write these numbers into MoEngage as the audit reads them: calling code first, then digits alone"


def test_rules_are_offered_in_order() -> None:
    assert [rule.code for rule in opt_in_data.wa_policy_rules()] == ["OPT009", "OPT011"]
    assert {rule.step.value for rule in opt_in_data.wa_policy_rules()} == {"opt-in"}


@pytest.mark.parametrize("function", [opt_in_data.dirty_values, opt_in_data.import_wipes_consent])
@pytest.mark.parametrize(
    "fragment",
    ["", "opt_in: null", "opt_in: {audit: null}", "opt_in: {audit: evidence/opt-in-audit-of-coverage.json}"],
)
def test_what_is_clean_or_not_there_passes_in_silence(function: Any, fragment: str) -> None:
    assert check_rule(function, fragment) == []


def test_an_audit_that_says_everything_is_borne_by_every_rule(tmp_path: Path) -> None:
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "opt-in-audit.json").write_text(json.dumps(EVERYTHING["evidence-opt-in-audit"]), "utf-8")
    (tmp_path / "evidence" / "number-ownership.txt").write_text("Acme Retail's", "utf-8")
    (tmp_path / "acme.yaml").write_text(READY, "utf-8")
    report = lint([str(tmp_path / "acme.yaml")], open_session(Options(AS_OF, "go-live", third_party=False)))
    assert not report.not_checked
    assert {"OPT009", "OPT010", "OPT011"} <= {finding.code for finding in report.findings}


class TestDirtyValues:
    @staticmethod
    def check(more: dict[str, Any], invalid: int = 0, **settings: Any) -> list[Problem]:
        counted = {**users(600), "false": 400 - invalid, "invalid": invalid}
        return check_audit(opt_in_data.dirty_values, counted, more=more, **settings)

    def test_one_finding_for_each_kind_of_thing(self) -> None:
        problems = check_rule(opt_in_data.dirty_values, DIRTY)
        assert {problem.outcome for problem in problems} == {"fail"}
        assert {summary(problem)[2] for problem in problems} == {"opt_in.audit"}
        assert [problem.message.partition(":")[0] for problem in problems] == [
            "640 of 120,000 users (0.5%) have a status that is not plainly TRUE, FALSE or blank",
            "TRUE stands in one row and FALSE in another of the same user or number (ids",
            "280 of 120,000 users (0.2%) have a number that no message can reach",
            "120 of 120,000 users (0.1%) have a number that must be mended before it is used",
            "25 of 120,000 rows (less than 0.1%) repeat an id (different ids",
            "640 of 120,000 rows (0.5%) share a number with another one (different numbers",
            "20 of 96,100 entries (less than 0.1%) of the list at Gupshup do not say clearly who has opted in",
            "2 of 216,102 rows (less than 0.1%) could not be read, and are counted nowhere",
        ]

    def test_it_is_a_warning(self) -> None:
        findings = check_fragment(DIRTY).findings
        assert {(finding.code, finding.severity) for finding in findings} == {("OPT009", "warning")}

    def test_other_values_counted_by_hand(self) -> None:
        (problem,) = self.check({}, 4)
        assert problem.message == ("4 of 1,000 users (0.4%) have a status that is not plainly TRUE, FALSE or blank")
        assert problem.remedy == "write true or false for them in MoEngage"

    @pytest.mark.parametrize("per_cent", range(1, 41))
    def test_what_the_policy_takes_is_taken_to_the_last_user(self, per_cent: int) -> None:
        """0.29 * 100 is a little less than 29."""
        counted = {**users(0), "total": 100, "true": 100 - per_cent, "invalid": per_cent}
        share = float(f"0.{per_cent:02}")
        assert check_audit(opt_in_data.dirty_values, counted, maximum_other_values_share=share) == []
        assert check_audit(opt_in_data.dirty_values, counted, maximum_other_values_share=share - 0.001)

    def test_dirt_in_nothing_is_told(self) -> None:
        counted = dict.fromkeys(users(0), 0)
        more = {"repeated": {"ids": 1}}
        (problem,) = check_audit(opt_in_data.dirty_values, counted, more=more, maximum_repeated_share=0.5)
        assert problem.message.startswith("1 of 0 rows ")

    def test_other_values_by_kind(self) -> None:
        kinds = {"spaces": 1, "numeric": 3, "words": 2, "sms_vocabulary": 0, "other": 0}
        (problem,) = self.check({"dirt": kinds}, 5)
        assert problem.message == (
            "6 of 1,000 users (0.6%) have a status that is not plainly TRUE, FALSE or blank: "
            "3 with 1 or 0, 2 with a word such as yes or no, 1 with white space around it"
        )
        assert problem.remedy == (
            "write true for 1 and false for 0, if that is what they mean; write true for yes and false for no; "
            "take the white space away"
        )

    def test_consent_to_sms_is_none(self) -> None:
        (problem,) = self.check({"dirt": {"sms_vocabulary": 5}}, 5)
        assert problem.remedy == "find out whether OPTIN was said of WhatsApp: consent to SMS is none"

    def test_a_kind_of_a_later_version(self) -> None:
        assert only(self.check({"dirt": {"in_braille": 5}}, 5))[3].endswith("blank: 5 in braille")
        assert self.check({"dirt": {"in_braille": 5}}, 5)[0].remedy == "write true or false for them in MoEngage"

    @pytest.mark.parametrize(("ids", "numbers"), [(2, 0), (0, 2), (1, 2)])
    def test_contradicting_rows(self, ids: int, numbers: int) -> None:
        more = {"repeated": {"contradicting_ids": ids, "contradicting_numbers": numbers}}
        (problem,) = self.check(more)
        assert problem.message == (
            "TRUE stands in one row and FALSE in another of the same user or number "
            f"(ids: {ids}, numbers: {numbers}; 0.2% of the users)"
        )
        assert problem.remedy == (
            "set all of them to FALSE in MoEngage, unless you can show that they agreed after they refused"
        )
        assert self.check(more, maximum_contradicting_share=0.002) == []

    @pytest.mark.parametrize(
        ("kind", "told", "remedy"),
        [
            ("exponent", "rounded by a spreadsheet (9.18E+11)", "their last digits are lost"),
            ("unicode_digits", "in digits of another script", "write the digits as 0 to 9"),
            ("letters", "with letters", "ask for numbers with letters again"),
            ("trunk_zero", "with a leading zero", "write the calling code instead of the leading zero"),
            ("calling_code", "with a calling code that does not exist", "without a calling code"),
            ("too_short", "too short", "look whether the short ones lack their calling code"),
            ("too_long", "too long", "two numbers in one"),
            ("other", "with something else", "ask for the others again"),
        ],
    )
    def test_unreadable_numbers(self, kind: str, told: str, remedy: str) -> None:
        (problem,) = self.check({"numbers": {"not_e164": {kind: 7}}})
        assert problem.message == f"7 of 1,000 users (0.7%) have a number that no message can reach: 7 {told}"
        assert remedy in problem.remedy

    @pytest.mark.parametrize(
        ("kind", "told", "remedy"),
        [
            ("spaces", "with white space", MENDING),
            ("separators", "with brackets, dots or hyphens", MENDING),
            (
                "decimal",
                "with a decimal point (918888444411.0)",
                "see that the column of numbers is text, not decimal numbers",
            ),
            ("double_zero", "with 00 for the plus sign", MENDING),
        ],
    )
    def test_numbers_to_be_mended(self, kind: str, told: str, remedy: str) -> None:
        (problem,) = self.check({"numbers": {"mended": {kind: 7}}})
        assert problem.message == (
            f"7 of 1,000 users (0.7%) have a number that must be mended before it is used: 7 {told}"
        )
        assert problem.remedy == remedy

    def test_what_is_to_be_done_is_said_once(self) -> None:
        assert self.check({"numbers": {"mended": {"spaces": 2, "separators": 1}}})[0].remedy == MENDING

    def test_missing_numbers_are_no_dirt(self) -> None:
        assert self.check({"numbers": {"e164": 1, "missing": 999, "mended": {}, "not_e164": {}}}) == []

    @pytest.mark.parametrize(
        ("definition", "block"),
        [
            ("Dirt", lambda kinds: {"dirt": kinds}),
            ("OtherNumbers", lambda kinds: {"numbers": {"not_e164": kinds}}),
            ("MendedNumbers", lambda kinds: {"numbers": {"mended": kinds}}),
        ],
    )
    def test_every_kind_that_the_schema_names_has_a_remedy(self, definition: str, block: Any) -> None:
        for kind in load_schema("evidence-opt-in-audit")["$defs"][definition]["properties"]:
            (problem,) = self.check(block({kind: 7}), 7 if definition == "Dirt" and kind != "spaces" else 0)
            assert problem.remedy not in ("", "write true or false for them in MoEngage")

    def test_repeated_ids(self) -> None:
        (problem,) = self.check({"repeated": {"ids": 10, "rows_of_ids": 25}})
        assert problem.message == (
            "25 of 1,000 rows (2.5%) repeat an id (different ids: 10): these users are counted more than once"
        )
        assert problem.remedy == "give the audit each user once: one export, not an old and a new one together"

    def test_repeated_numbers(self) -> None:
        (problem,) = self.check({"repeated": {"numbers": 10, "users_of_numbers": 25}})
        assert problem.message == (
            "25 of 1,000 rows (2.5%) share a number with another one (different numbers: 10): "
            "one phone gets a message for each"
        )
        assert problem.remedy == "merge these users in MoEngage, or take the number from all but one of them"

    def test_the_list_of_the_provider(self) -> None:
        counted = {"rows": 1000, "status_unknown": 5, "invalid_numbers": 3, "contradicting": 2}
        (problem,) = self.check({"bsp": counted})
        assert problem.message == (
            "10 of 1,000 entries (1.0%) of the list at Gupshup do not say clearly who has opted in: "
            "5 with a status that says neither, taken for not opted in, 3 with a number that cannot be read, "
            "2 both in and out, taken for opted out"
        )
        assert problem.remedy == (
            "find out what the other words of the status column mean; "
            "have the provider export whole numbers, with calling code; ask the provider which of two entries holds"
        )
        assert self.check({"bsp": {"rows": 1000}}) == []
        assert self.check({"bsp": {"known": 1, "unknown": 0, "opted_out": 0}}) == []

    def test_rejected_rows(self) -> None:
        lines = [{"file": "users.csv", "line": line} for line in (118, 4021, 4022, 9000)]
        more = {"rejected": {"rows": 7, "lines": lines}, "bsp": {"rows": 400}, "import": {"rows": 100}}
        (problem,) = self.check(more)
        assert problem.message == (
            "7 of 1,507 rows (0.5%) could not be read, and are counted nowhere: "
            "users.csv line 118, users.csv line 4,021, users.csv line 4,022, ..."
        )
        assert problem.remedy == (
            "mend these lines, which have a cell too many or too few, or export anew; then run the audit again"
        )

    def test_rejected_rows_are_all_named_if_they_are_few(self) -> None:
        one = {"rejected": {"rows": 1, "lines": [{"file": "users.csv", "line": 2}]}}
        assert only(self.check(one))[3].endswith(": users.csv line 2")

    @pytest.mark.parametrize("lines", [{}, {"lines": []}, {"lines": [{"file": "part-0", "line": 0}]}])
    def test_rejected_rows_of_which_nobody_knows_where(self, lines: dict[str, Any]) -> None:
        assert only(self.check({"rejected": {"rows": 5, **lines}}))[3] == (
            "5 of 1,005 rows (0.5%) could not be read, and are counted nowhere"
        )

    def test_nothing_but_rejected_rows(self) -> None:
        problems = check_audit(opt_in_data.dirty_values, users(0, 0), more={"rejected": {"rows": 5}})
        assert only(problems)[3] == "5 of 5 rows (100.0%) could not be read, and are counted nowhere"

    @pytest.mark.parametrize(
        ("setting", "more", "invalid"),
        [
            ("maximum_other_values_share", {}, 10),
            ("maximum_contradicting_share", {"repeated": {"contradicting_ids": 10}}, 0),
            ("maximum_unreadable_numbers_share", {"numbers": {"not_e164": {"letters": 4, "other": 6}}}, 0),
            ("maximum_mended_numbers_share", {"numbers": {"mended": {"spaces": 10}}}, 0),
            ("maximum_repeated_share", {"repeated": {"ids": 10}}, 0),
            ("maximum_repeated_share", {"repeated": {"numbers": 10}}, 0),
            ("maximum_unclear_at_bsp_share", {"bsp": {"rows": 1000, "status_unknown": 10}}, 0),
            ("maximum_rejected_share", {"rejected": {"rows": 10}}, 0),
        ],
    )
    def test_the_policy_sets_what_it_takes(self, setting: str, more: dict[str, Any], invalid: int) -> None:
        assert self.check(more, invalid, **{setting: 0.01}) == []
        assert only(self.check(more, invalid, **{setting: 0.009}))[:3] == ("fail", "error", "opt_in.audit")


class TestImportWipesConsent:
    @staticmethod
    def check(consents: int, refusals: int | None = None, names: tuple[str, ...] = ("users.csv",)) -> list[Problem]:
        counted = {"would_wipe": consents} | ({} if refusals is None else {"would_wipe_false": refusals})
        files = [file("old.csv"), *(file(name, "import") for name in names)]
        return check_audit(opt_in_data.import_wipes_consent, users(600), more={"import": counted}, files=files)

    def test_consents(self) -> None:
        (problem,) = self.check(6400)
        assert summary(problem) == (
            "fail",
            "error",
            "opt_in.audit",
            'importing "users.csv" would wipe the consent of 6,400 users: '
            "MoEngage makes a status blank whose cell is empty",
        )
        assert problem.remedy == (
            "export the file without the column of the WhatsApp Subscription Status, or import it as NDJSON, "
            "where MoEngage skips empty values"
        )

    def test_refusals(self) -> None:
        assert "would wipe the refusal of 3 users: " in only(self.check(0, 3))[3]
        assert "would wipe the consent of 1 user and the refusal of 3 users: " in only(self.check(1, 3))[3]

    @pytest.mark.parametrize(
        ("names", "shown"),
        [
            ((), "the file that the audit was given"),
            (("a.csv", "b.csv"), '"a.csv" and "b.csv"'),
            (("a", "b", "c", "d"), '"a" and "b" and "c" and others'),
        ],
    )
    def test_which_files(self, names: tuple[str, ...], shown: str) -> None:
        assert only(self.check(1, names=names))[3].startswith(f"importing {shown} would wipe ")

    def test_nothing_is_wiped(self) -> None:
        assert self.check(0) == []
        assert self.check(0, 0) == []

    def test_as_the_documentation_shows_it(self) -> None:
        (problem,) = check_rule(
            opt_in_data.import_wipes_consent, "opt_in: {audit: evidence/opt-in-audit-before-an-import.json}"
        )
        assert problem.message.startswith(
            'importing "registered_user_data_20261121.csv" would wipe the consent of 6,400 users'
        )
