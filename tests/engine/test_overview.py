"""What a page for those who decide shows beyond findings: from manifest, evidence and facts, and never a credential."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from wa_policy.engine.overview import LONGEST
from wa_policy.engine.pipeline import lint
from wa_policy.engine.session import Options, open_session
from wa_policy.report import html
from wa_policy.report.model import Report
from wa_policy.report.overview import Overview, Proof
from wa_policy.testing import AS_OF, manifest

Check = Callable[..., Report]


@pytest.fixture
def check(ready: Path) -> Check:
    """Lints the ready manifest with fragments put over it, one document each, and takes the overview of each."""

    def check(*fragments: str, policy: str | None = "go-live", overview: bool = True) -> Report:
        documents = [manifest(fragment) for fragment in fragments or ("",)]
        (ready / "manifest.yaml").write_text(yaml.safe_dump_all(documents, allow_unicode=True), "utf-8")
        options = Options(AS_OF, policy, third_party=False, overview=overview)
        return lint(["manifest.yaml"], open_session(options))

    return check


def one(report: Report) -> Overview:
    (overview,) = report.overviews
    return overview


def test_the_ready_manifest(check: Check) -> None:
    overview = one(check())
    assert (overview.path, overview.document) == ("manifest.yaml", 0)
    assert (overview.provider, overview.data_center) == ("Gupshup", "DC-03")
    assert overview.opt_in is not None
    assert overview.opt_in.users == {"total": 120000, "true": 96000, "false": 12000, "blank": 12000, "invalid": 0}
    assert overview.opt_in.provider == {"known": 96000, "unknown": 0, "opted_out": 0}
    assert overview.opt_in.measured_at == "2026-11-20T06:30:00Z"
    assert [template.status for template in overview.templates] == ["APPROVED"]
    assert [campaign.name for campaign in overview.campaigns] == ["order-updates"]
    assert Proof("opt-in", "opt-in audit", "evidence/opt-in-audit.json", "2026-11-20T06:30:00Z") in overview.proofs
    steps = {proof.step for proof in overview.proofs}
    assert steps >= {"numbers", "opt-in", "network"}


def test_it_is_taken_only_when_wanted(check: Check) -> None:
    assert check(overview=False).overviews == ()


def test_one_for_each_manifest_that_was_checked(check: Check) -> None:
    report = check("", "metadata: {name: other}", "waba: 3")
    assert [overview.document for overview in report.overviews] == [0, 1]


def test_addresses_needed_and_missing(check: Check) -> None:
    cover = one(
        check("moengage: {data_center: DC-06}\nbsp: {ip_allowlist: {entries: [16.78.95.0/24, 10.0.0.7]}}")
    ).addresses
    assert cover is not None
    assert cover.needed == ("16.78.137.157", "16.78.95.240", "108.137.84.19")
    assert cover.missing == ("16.78.137.157", "108.137.84.19")
    assert cover.others == ("10.0.0.7",)
    assert (cover.requirement, cover.stated) == ("required", True)
    assert cover.fact is not None
    assert (cover.fact.name, cover.fact.origin) == ("moengage_static_ips", "bundled")
    assert cover.sources[0].startswith("https://www.moengage.com/")


def test_addresses_of_an_unknown_data_center_and_no_list(check: Check) -> None:
    cover = one(check("moengage: {data_center: DC-101}\nbsp: {ip_allowlist: null}")).addresses
    assert cover is not None
    assert (cover.needed, cover.missing, cover.listed) == (None, (), None)
    assert (cover.requirement, cover.stated) == ("unknown", False)


def test_addresses_that_the_policy_gives(check: Check, ready: Path) -> None:
    policy = {
        "apiVersion": "wa-policy/v1",
        "kind": "Policy",
        "metadata": {"name": "ours"},
        "extends": "go-live",
        "rules": {"missing-moengage-ip": {"settings": {"addresses": {"DC-03": ["203.0.113.9"]}}}},
    }
    (ready / "ours.yaml").write_text(json.dumps(policy), "utf-8")
    cover = one(check(policy="ours.yaml")).addresses
    assert cover is not None
    assert cover.needed == cover.missing == ("203.0.113.9",)
    assert cover.fact is not None
    assert (cover.fact.origin, cover.sources) == ("a setting of the policy", ())


def test_what_evidence_says_and_what_it_fails_to(check: Check, ready: Path) -> None:
    (ready / "evidence" / "opt-in-audit.json").write_text("{", "utf-8")
    overview = one(check("evidence: {graph: {waba: evidence/gone.json}}"))
    assert overview.opt_in is None
    troubles = {proof.path: proof.trouble for proof in overview.proofs}
    assert troubles["evidence/gone.json"] == "there is no such file"
    assert troubles["evidence/opt-in-audit.json"]


def test_an_audit_in_full(check: Check, ready: Path) -> None:
    path = ready / "evidence" / "opt-in-audit.json"
    audit = json.loads(path.read_text("utf-8"))
    group = {"calling_code": "91", "total": 9, "true": 6, "false": 1, "blank": 2, "invalid": 0}
    audit["predicate"] |= {
        "scope": "full",
        "calling_codes": [group],
        "rejected": {"rows": 2},
        "import": {"would_wipe": 4},
        "change": {"previous": {"measured_at": "2026-10-20T06:30:00Z", "sha256": "0" * 64}, "users": {"total": 5}},
    }
    path.write_text(json.dumps(audit), "utf-8")
    found = one(check()).opt_in
    assert found is not None
    assert found.calling_codes[0] == ("91", 9, 6, 1, 2, 0)
    assert (found.rejected, found.would_wipe, found.scope) == (2, 4, "full")
    assert (found.previous, found.change) == ("2026-10-20T06:30:00Z", {"total": 5})


def test_templates_that_nobody_uses_are_counted(check: Check, ready: Path) -> None:
    old = {"language": "en", "category": "UTILITY", "status": "PAUSED"}
    nodes = [{"id": str(number), "name": f"old_{number}", **old} for number in range(3)]
    (ready / "evidence" / "templates.json").write_text(json.dumps({"data": nodes}), "utf-8")
    overview = one(check("evidence: {graph: {templates: evidence/templates.json, observed_at: 2026-11-20T06:00:00Z}}"))
    assert overview.unused_templates == {"PAUSED": 3}
    assert len(overview.templates) == 1
    said = ("Meta's answer on the templates", "evidence/templates.json", "2026-11-20T06:00:00Z")
    assert Proof("templates", *said) in overview.proofs


CANARY = "EAAcanary" + "Zk9" * 20
QUIET = "hunter2-is-not-a-password"


def test_no_credential_is_shown(check: Check) -> None:
    fragment = f"""
        metadata: {{description: "token {CANARY}", legal_entity: "{CANARY}"}}
        bsp:
          credentials: {{password: {QUIET}}}
          sender_name: {QUIET}
        waba: {{name: "{CANARY}"}}
        campaigns:
          - name: "x {CANARY}"
            sender: "{CANARY}"
            template: {{name: "{QUIET}", language: en}}
    """
    report = check(fragment)
    page = html.render(report)
    everything = repr(report._replace(describe=tuple)) + page
    assert CANARY not in everything
    assert QUIET not in everything
    assert "*" * 20 in page


def test_no_credential_of_evidence_is_shown(check: Check, ready: Path) -> None:
    node: dict[str, Any] = {"id": "102290129340398", "name": f"Acme {CANARY}"}
    (ready / "evidence" / "waba.json").write_text(json.dumps(node), "utf-8")
    report = check("evidence: {graph: {waba: evidence/waba.json}}")
    assert CANARY not in html.render(report)


def test_long_texts_are_cut(check: Check) -> None:
    overview = one(check(f"metadata: {{description: {'x' * 1000}}}"))
    assert overview.description == "x" * LONGEST + "..."


def test_the_page_of_the_examples(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from wa_policy.cli.main import main

    examples = Path(__file__).parents[2] / "examples" / "manifests"
    target = tmp_path / "page.html"
    assert (
        main(["lint", "--as-of", "2026-11-22", "--format", "concise", "--output", f"html={target}", str(examples)]) == 1
    )
    page = target.read_text("utf-8")
    assert page.count('<li class="w ') == 13
    assert "80.0% of" in page or "users agreed" in page
    assert capsys.readouterr().err == ""
    assert os.path.getsize(target) < 2_000_000
