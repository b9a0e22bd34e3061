"""The demonstration: lint the example manifests as a user would, and see that every verdict is the one deserved.

`examples/verdicts.yaml` says which rules speak on which workspace. Exits with 0 when exactly these did, 1 otherwise.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
AS_OF = "2026-11-22"  # so that the demonstration says the same on every day

SHOWN = (
    ("lint", "examples/manifests/infobip-eu.yaml"),
    ("lint", "--format", "concise", "examples/manifests"),
    ("checklist", "examples/manifests/infobip-eu.yaml"),
)


def main() -> int:
    """Show the commands with their output, then compare the verdicts."""
    for command in SHOWN:
        print(f"$ wa-policy {' '.join(command)}", flush=True)
        print(run(*command).stdout)
    wrong = compare(verdicts(), yaml.safe_load((ROOT / "examples/verdicts.yaml").read_text(encoding="utf-8")))
    print("\n".join(wrong) or "The verdict on every example is the one that it deserves.")
    return 1 if wrong else 0


def run(command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run wa-policy from the repository's root, with the policy that it comes with."""
    words = [sys.executable, "-m", "wa_policy", command, "--as-of", AS_OF, "--policy", "go-live", *arguments]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)


def verdicts() -> dict[str, Any]:
    """What lint says of the examples: its exit code, and the rules that speak, by workspace."""
    report = json.loads(run("lint", "--format", "json", "examples/manifests").stdout)
    spoken: dict[str, set[str]] = {manifest["workspace"]: set() for manifest in report["manifests"]}
    for finding in report["findings"]:
        spoken[finding["workspace"]].add(finding["code"])
    return {"exit_code": report["exit_code"], "workspaces": {name: sorted(codes) for name, codes in spoken.items()}}


def compare(found: dict[str, Any], deserved: dict[str, Any]) -> list[str]:
    """Where the verdicts are not the deserved ones, a line each."""
    wrong = []
    if found["exit_code"] != deserved["exit_code"]:
        wrong.append(f"lint ended with {found['exit_code']}, not with {deserved['exit_code']}")
    for name in sorted({*found["workspaces"], *deserved["workspaces"]}):
        has, should = found["workspaces"].get(name), deserved["workspaces"].get(name)
        if has != should:
            wrong.append(f"{name}: found {has}, deserved {should}")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
