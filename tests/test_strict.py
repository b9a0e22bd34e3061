"""``strict`` can be met: by a manifest whose every claim has its evidence, and by no manifest that leaves one file out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from wa_policy.engine.pipeline import lint
from wa_policy.engine.session import Options, open_session
from wa_policy.testing import AS_OF, manifest, merge

if TYPE_CHECKING:
    from pathlib import Path

    from wa_policy.report.model import Report

ENVELOPE = {"wa_policy_snapshot": {"fetched_at": "2026-11-21T06:30:00Z"}}

PROVEN = manifest()
"""The ready manifest, with all that it can name as a proof."""
PROVEN["bsp"]["account"]["proof"] = "evidence/gupshup-contract.txt"
PROVEN["evidence"] = {
    "graph": {key: f"evidence/{key}.json" for key in ("waba", "phone_numbers", "templates")},
}
PROVEN["templates"][0]["in_moengage"]["components"] = PROVEN["templates"][0]["components"]


def answers() -> dict[str, Any]:
    """What Meta answers, for each kind of evidence."""
    number = {key: value for key, value in PROVEN["phone_numbers"][0].items() if key in ANSWERED_OF_A_NUMBER}
    template = {key: value for key, value in PROVEN["templates"][0].items() if key != "in_moengage"}
    return {
        "waba": PROVEN["waba"],
        "phone_numbers": {"data": [{**number, "display_phone_number": "+91 80 4718 1888"}]},
        "templates": {"data": [{"id": "594425479261596", **template}]},
    }


ANSWERED_OF_A_NUMBER = (
    "id",
    "verified_name",
    "name_status",
    "code_verification_status",
    "status",
    "quality_rating",
    "account_mode",
    "platform_type",
    "throughput",
    "is_pin_enabled",
)


def audit(bsp: dict[str, int] | None) -> dict[str, Any]:
    predicate: dict[str, Any] = {
        "workspace": "acme-retail-in",
        "measured_at": "2026-11-20T06:30:00Z",
        "users": {"total": 1000, "true": 900, "false": 60, "blank": 40, "invalid": 0},
    }
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "users.csv", "digest": {"sha256": "0b" * 32}}],
        "predicateType": "urn:wa-policy:opt-in-audit:v1",
        "predicate": predicate if bsp is None else {**predicate, "bsp": bsp},
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with every file that the proven manifest names."""
    evidence = tmp_path / "evidence"
    evidence.mkdir()
    for key, answer in answers().items():
        (evidence / f"{key}.json").write_text(json.dumps({**ENVELOPE, "answers": answer}), "utf-8")
    compared = audit({"known": 900, "unknown": 0, "opted_out": 0})
    (evidence / "opt-in-audit.json").write_text(json.dumps(compared), "utf-8")
    (evidence / "number-ownership.txt").write_text("The number is Acme Retail's.", "utf-8")
    (evidence / "gupshup-contract.txt").write_text("The account is active.", "utf-8")
    return tmp_path


def check(folder: Path, fragment: Any = None, policy: str = "strict") -> Report:
    """Lint the proven manifest, with a fragment put over it, in a folder."""
    path = folder / "manifest.yaml"
    path.write_text(yaml.safe_dump(merge(PROVEN, fragment or {}), sort_keys=False), "utf-8")
    report = lint([str(path)], open_session(Options(AS_OF, policy, third_party=False)))
    assert not report.not_checked
    return report


def errors(report: Report) -> set[str]:
    return {finding.code for finding in report.findings if finding.severity == "error"}


def test_a_manifest_with_every_proof_meets_strict(folder: Path) -> None:
    report = check(folder)
    assert [(finding.code, finding.message) for finding in report.findings] == []
    assert report.exit_code == 0


NUMBER_WITHOUT_PROOF = merge(
    PROVEN, {"phone_numbers": [merge(PROVEN["phone_numbers"][0], {"ownership": {"proof": None}})]}
)["phone_numbers"]

DROPPED: dict[str, tuple[Any, set[str]]] = {
    "waba": (
        {"evidence": {"graph": {"waba": None}}},
        {"WBA001", "WBA002", "WBA003", "WBA005", "WBA006", "WBA008", "CMP006"},
    ),
    "phone_numbers": (
        {"evidence": {"graph": {"phone_numbers": None}}},
        {"NUM008", "NUM009", "NUM010", "NUM012", "NUM013", "NUM015"},
    ),
    "templates": ({"evidence": {"graph": {"templates": None}}}, {"TPL001"}),
    "opt-in-audit": ({"opt_in": {"audit": None}}, {"OPT002", "OPT003"}),
    "number-ownership": ({"phone_numbers": NUMBER_WITHOUT_PROOF}, {"NUM003"}),
    "gupshup-contract": ({"bsp": {"account": {"proof": None}}}, {"BSP002"}),
}


@pytest.mark.parametrize(("fragment", "missed_by"), DROPPED.values(), ids=list(DROPPED))
def test_what_is_not_named_is_missed_by_its_rules(folder: Path, fragment: Any, missed_by: set[str]) -> None:
    said = {finding.code for finding in check(folder, fragment).findings}
    assert said == missed_by
    assert errors(check(folder, fragment))
    assert not errors(check(folder, fragment, "draft"))


@pytest.mark.parametrize("name", DROPPED)
def test_what_is_named_and_gone_fails_everywhere(folder: Path, name: str) -> None:
    next((folder / "evidence").glob(f"{name}.*")).unlink()
    for policy in ("draft", "go-live", "strict"):
        assert "MAN008" in errors(check(folder, policy=policy))


@pytest.mark.parametrize("bsp", [None, {"known": 0, "unknown": 0, "opted_out": 0}])
def test_an_audit_that_did_not_compare_both_sides_is_missed(folder: Path, bsp: dict[str, int] | None) -> None:
    (folder / "evidence" / "opt-in-audit.json").write_text(json.dumps(audit(bsp)), "utf-8")
    assert errors(check(folder)) == {"OPT003"}
    assert not errors(check(folder, policy="go-live"))


def test_evidence_without_a_date_is_missed(folder: Path) -> None:
    (folder / "evidence" / "waba.json").write_text(json.dumps(answers()["waba"]), "utf-8")
    assert errors(check(folder)) == {"MAN006"}


def test_templates_may_be_left_to_evidence(folder: Path) -> None:
    """What Meta answers need not be listed; only MoEngage's copy of it is nobody's to answer."""
    said = {finding.code for finding in check(folder, {"templates": None}).findings}
    assert "TPL001" not in said
    assert "CMP001" not in said


def test_old_templates_and_other_numbers_of_the_waba_stop_nothing(folder: Path) -> None:
    answered = answers()
    old = {"id": "1", "name": "old_offer", "language": "en", "category": "MARKETING", "status": "REJECTED"}
    answered["templates"]["data"].append({**old, "components": [{"type": "BODY", "text": "{{1}}"}]})
    other = {"id": "2", "display_phone_number": "+91 22 6123 4500", "verified_name": "Acme", "status": "PENDING"}
    answered["phone_numbers"]["data"].append(other)
    for key in ("templates", "phone_numbers"):
        (folder / "evidence" / f"{key}.json").write_text(json.dumps({**ENVELOPE, "answers": answered[key]}), "utf-8")
    report = check(folder)
    assert {finding.severity for finding in report.findings} == {"info"}
    assert {finding.code for finding in report.findings}.isdisjoint({"NUM003", "NUM004", "NUM005", "NUM007"})
    assert report.exit_code == 0
