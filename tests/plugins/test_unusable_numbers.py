"""A number that is none, or none that Meta registers: nobody is asked to find out more about it; what is wrong is still said."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.plugins.said import family
from wa_policy.engine.session import Options, open_session
from wa_policy.testing import AS_OF, check_fragment

SHORT = "56161"
INVALID = "+91 80 4718 188"
FORMER = "+52 1 55 1234 5678"
TEST_NUMBER = "+1 555 123 4567"
ASKING = ["NUM003", "NUM004", "NUM005", "NUM007", "NUM008", "NUM009", "NUM010", "NUM012", "NUM013", "NUM015"]


def codes(policy: str = "go-live", **fields: Any) -> set[str]:
    fragment = json.dumps({"phone_numbers": [fields], "campaigns": []})
    report = check_fragment(fragment, policy=policy)
    assert not report.not_checked
    return {finding.code for finding in report.findings if finding.code.startswith("NUM")}


@pytest.mark.parametrize(("number", "code"), [(SHORT, "NUM002"), (INVALID, "NUM001")])
@pytest.mark.parametrize("policy", ["draft", "go-live", "strict"])
def test_nothing_more_is_asked(number: str, code: str, policy: str) -> None:
    assert codes(policy, number=number) == {code}
    assert codes(policy, number=number, can_receive={"behind_ivr": True}) == {code}


@pytest.mark.parametrize("number", [SHORT, INVALID])
def test_what_is_only_claimed_of_it_could_not_be_proved(number: str) -> None:
    stated = {
        "ownership": {"owner": "Acme Retail Private Limited"},
        "can_receive": {"voice": True, "behind_ivr": True, "ivr_hands_to_person": True},
        "messenger_account": "none",
        "name_status": "APPROVED",
        "quality_rating": "GREEN",
        "account_mode": "LIVE",
        "is_pin_enabled": True,
    }
    assert codes("strict", number=number, **stated) <= {"NUM001", "NUM002"}


@pytest.mark.parametrize("number", [SHORT, INVALID])
@pytest.mark.parametrize(
    ("code", "stated"),
    [
        ("NUM003", {"ownership": {"owner": "Zenith Call Centres LLP"}}),
        ("NUM004", {"can_receive": {"voice": False, "sms": False}}),
        ("NUM005", {"can_receive": {"behind_ivr": True, "ivr_hands_to_person": False}}),
        ("NUM007", {"messenger_account": "active"}),
        ("NUM008", {"code_verification_status": "NOT_VERIFIED"}),
        ("NUM009", {"status": "DISCONNECTED"}),
        ("NUM009", {"status": "CONECTED"}),
        ("NUM010", {"name_status": "DECLINED"}),
        ("NUM012", {"quality_rating": "RED"}),
        ("NUM013", {"is_pin_enabled": False}),
        ("NUM015", {"account_mode": "SANDBOX"}),
    ],
)
def test_what_is_stated_and_wrong_is_still_said(number: str, code: str, stated: dict[str, Any]) -> None:
    assert codes(number=number, **stated) - {"NUM001", "NUM002"} == {code}


@pytest.mark.parametrize("number", [FORMER, TEST_NUMBER])
def test_a_number_that_meta_may_well_know_is_asked_about(number: str) -> None:
    assert {"NUM003", "NUM008", "NUM009", "NUM010", "NUM013", "NUM015"} <= codes(number=number)


def test_a_policy_that_lets_the_number_pass_hears_what_is_missing(in_folder: Any) -> None:
    (in_folder / "ours.yaml").write_text(
        "{apiVersion: wa-policy/v1, kind: Policy, metadata: {name: ours}, extends: [go-live],"
        " rules: {invalid-number: warning}}",
        "utf-8",
    )
    assert {"NUM003", "NUM008", "NUM009", "NUM010", "NUM013"} <= codes("ours.yaml", number=INVALID)


def test_who_asks_consults_who_judges() -> None:
    asking = {rule.code: rule.consults for rule in family("NUM") if rule.consults}
    assert asking == dict.fromkeys(ASKING, ("NUM001", "NUM002"))


def test_a_rule_that_is_selected_alone_knows_of_it() -> None:
    selection = open_session(Options(AS_OF, "go-live", third_party=False, select=("NUM009",))).selection
    assert selection.reported == {"NUM009"}
    assert selection.run == {"NUM001", "NUM002", "NUM009"}
