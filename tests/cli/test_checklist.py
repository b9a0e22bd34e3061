"""`wa-policy checklist`: step by step, and as strict as lint."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import PENDING
from wa_policy.testing import READY

Run = Callable[..., tuple[int, str, str]]


@pytest.mark.usefixtures("ready")
def test_checklist_goes_step_by_step(run: Run) -> None:
    code, out, error = run("checklist", "--as-of", "2026-11-22", "manifest.yaml")
    assert (code, error) == (0, "")
    assert out.startswith(
        "acme-retail-in (live)  manifest.yaml\n  1  an account with a supported BSP                 READY\n"
    )
    assert "  highest policy met: go-live; for strict, settle " in out
    policy, facts = out.splitlines()[-2:]
    assert policy == "states by policy go-live (bundled), as of 2026-11-22"
    assert facts in run("lint", "--as-of", "2026-11-22", "manifest.yaml")[1].splitlines()


def test_checklist_ends_as_lint_does(ready: Path, run: Run) -> None:
    (ready / "pending.yaml").write_text(PENDING)
    for words in (["pending.yaml"], ["--policy", "strict", "manifest.yaml"], ["manifest.yaml", "nowhere.yaml"]):
        assert run("checklist", *words)[0] == run("lint", *words)[0] != 0


def test_checklist_speaks_to_programs(ready: Path, run: Run) -> None:
    (ready / "pending.yaml").write_text(PENDING)
    code, out, _ = run("checklist", "--format", "json", ".")
    whole = json.loads(out)
    plain = whole["workspaces"]
    assert whole["format"] == "wa-policy/checklist"
    assert code == whole["exit_code"] == 1
    assert [item["path"] for item in plain] == ["manifest.yaml", "pending.yaml"]
    assert [item["highest_policy_met"] for item in plain] == [None, None]  # they claim the same workspace
    assert set(plain[0]) == {
        "workspace",
        "path",
        "document",
        "highest_policy_met",
        "steps",
        "manifest",
        "manifest_accepted",
        "manifest_turned_off",
    }


def test_checklist_counts_what_evidence_shows(ready: Path, run: Run) -> None:
    answer = json.loads((ready / "evidence" / "waba.json").read_text())
    (ready / "evidence" / "waba.json").write_text(json.dumps({**answer, "account_review_status": "REJECTED"}, indent=1))
    graph = "evidence:\n  graph:\n    waba: evidence/waba.json\n    observed_at: 2026-11-20T06:30:00Z\n"
    (ready / "proven.yaml").write_text(READY.replace("  account_review_status: APPROVED\n", "") + graph)
    code, out, _ = run("checklist", "--as-of", "2026-11-22", "proven.yaml")
    assert code == 1
    assert re.search(
        r"2  an approved WhatsApp Business Account +NOT READY\n +WBA001 \(error\) evidence/waba.json:", out
    )
    assert "highest policy met: none; for draft, settle WBA001" in out


def test_checklist_runs_the_code_of_a_plugin_once(ready: Path, run: Run) -> None:
    imports = "from wa_policy.api import hookimpl\nprint('it runs')\n"
    hook = "@hookimpl\ndef wa_policy_read_templates(provider, answer):\n    return None\n"
    (ready / "acme.py").write_text(imports + hook)
    code, out, error = run("checklist", "--as-of", "2026-11-22", "--plugin", "acme.py", "manifest.yaml")
    assert (code, error) == (0, "it runs\n")
    assert out.startswith("acme-retail-in (live)  manifest.yaml\n")
