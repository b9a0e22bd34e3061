"""What the how-to pages show beside commands: configurations of other tools, and a plugin as a package."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from wa_policy.evidence.snapshot import API_VERSION, BASE_URL, PARTS
from wa_policy.testing import READY

ROOT = Path(__file__).resolve().parents[2]
HOW_TO = ROOT / "docs" / "how-to"
BIN = Path(sys.executable).parent


def fences(page: str, info: str) -> Iterator[str]:
    """The bodies of the blocks of a page that have this info string."""
    text = (HOW_TO / page).read_text("utf-8")
    for match in re.finditer(rf"^```{re.escape(info)}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield match[1]


def hooks_used() -> list[Any]:
    configurations = [yaml.safe_load(text) for text in fences("gate-with-pre-commit.md", "yaml pre-commit")]
    return [hook for each in configurations for repository in each["repos"] for hook in repository["hooks"]]


def test_the_hooks_shown_exist() -> None:
    offered = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    assert {hook["id"] for hook in hooks_used()} == set(offered)


def test_arguments_of_hooks_are_understood(tmp_path: Path) -> None:
    for hook in hooks_used():
        folders = [word for word in hook.get("args", []) if word.endswith("/")]
        for folder in folders:
            (tmp_path / folder).mkdir(exist_ok=True)
        words = ["lint", *hook.get("args", []), *([] if folders else ["."])]
        done = run(words, tmp_path)
        assert "no manifest was found" in done.stdout  # so all options were understood


def test_the_patterns_for_other_places_are_those_meant() -> None:
    (hook,) = [hook for hook in hooks_used() if "files" in hook]
    assert re.search(hook["files"], "brands/acme/whatsapp/india.yaml")
    assert not re.search(hook["files"], "brands/acme/compose.yaml")
    assert re.search(hook["exclude"], "brands/acme/whatsapp/evidence/waba.yaml")
    assert re.search(hook["exclude"], "brands/acme/whatsapp/wa-policy.yaml")


@pytest.fixture(scope="module")
def workflows(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The workflows shown, as files where GitHub looks for them."""
    folder = tmp_path_factory.mktemp("checkout") / ".github" / "workflows"
    folder.mkdir(parents=True)
    paths = []
    for number, text in enumerate(fences("gate-with-github-actions.md", "yaml workflow")):
        (folder / f"{number}.yaml").write_text(text)
        paths.append(str(folder / f"{number}.yaml"))
    assert len(paths) == 3
    return paths


# Digests of commits of other people's actions are not ours to name: the page says to pin by them.
ZIZMOR = "rules: {unpinned-uses: {config: {policies: {'*': ref-pin}}}}"


@pytest.mark.parametrize(
    "command",
    [["check-jsonschema", "--builtin-schema", "vendor.github-workflows"], ["actionlint"], ["zizmor", "--offline"]],
    ids=lambda command: str(command[0]),
)
def test_nothing_is_wrong_with_workflows(command: list[str], workflows: list[str], tmp_path: Path) -> None:
    name, *words = command
    if name == "zizmor":
        (tmp_path / "zizmor.yml").write_text(ZIZMOR)
        words += ["--config", str(tmp_path / "zizmor.yml")]
    command = [str(BIN / name), *words, *workflows]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_action_shown_has_the_inputs_and_outputs_shown(workflows: list[str]) -> None:
    declared = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    page = (HOW_TO / "gate-with-github-actions.md").read_text("utf-8")
    assert re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE) == list(declared["inputs"])
    (step,) = [step for step in steps(0) if "wa-policy@" in step.get("uses", "")]
    assert set(step["with"]) <= set(declared["inputs"])
    used = set(re.findall(rf"steps\.{step['id']}\.outputs\.([a-z-]+)", Path(workflows[0]).read_text()))
    assert used <= set(declared["outputs"])


def steps(number: int) -> list[dict[str, Any]]:
    workflow = yaml.safe_load(list(fences("gate-with-github-actions.md", "yaml workflow"))[number])
    found: list[dict[str, Any]] = workflow["jobs"]["wa-policy"]["steps"]
    return found


def test_a_pull_request_cannot_bring_its_own_policy(tmp_path: Path) -> None:
    last = steps(2)[-1]
    proposed, trusted = tmp_path / last["working-directory"], tmp_path / "trusted"
    for folder in (proposed / "manifests", trusted):
        folder.mkdir(parents=True)
    (proposed / "manifests" / "acme.yaml").write_text(READY.replace("APPROVED", "REJECTED"))
    quiet = {"apiVersion": "wa-policy/v1", "kind": "Policy", "metadata": {"name": "quiet"}}
    (proposed / "wa-policy.yaml").write_text(yaml.safe_dump({**quiet, "extends": [], "severity": "off"}))
    (trusted / "wa-policy.yaml").write_text(yaml.safe_dump({**quiet, "metadata": {"name": "trusted"}}))
    done = shell(last["run"], proposed)
    assert done.returncode == 1
    assert "policy trusted (../trusted/wa-policy.yaml)" in done.stdout
    first, *_, last_line = done.stdout.splitlines()
    assert first == f"::stop-commands::{last_line.strip(':')}"


def test_the_step_of_the_workflow_passes_what_is_ready(tmp_path: Path) -> None:
    folder = tmp_path / "manifests"
    folder.mkdir()
    (folder / "acme.yaml").write_text(READY)
    evidence = folder / "evidence"
    evidence.mkdir()
    kept = Path(sys.modules["wa_policy.testing"].__file__ or "").parent / "evidence"
    for file in kept.iterdir():
        (evidence / file.name).write_bytes(file.read_bytes())
    done = shell(steps(1)[-1]["run"], tmp_path)
    assert done.returncode == 0, done.stdout


def test_the_plugin_is_found_by_its_entry_point(tmp_path: Path) -> None:
    (module,) = fences("write-a-plugin.md", "python file=acme_wa_rules.py")
    (project,) = fences("write-a-plugin.md", "toml file=pyproject.toml")
    table = tomllib.loads(project)["project"]
    (tmp_path / "acme_wa_rules.py").write_text(module)
    info = tmp_path / f"{table['name'].replace('-', '_')}-{table['version']}.dist-info"
    info.mkdir()
    lines = [f"{name} = {target}" for name, target in table["entry-points"]["wa_policy"].items()]
    (info / "entry_points.txt").write_text("\n".join(["[wa_policy]", *lines, ""]))
    done = run(["plugins"], tmp_path, PYTHONPATH=str(tmp_path))
    assert done.returncode == 0
    assert "acme (acme_wa_rules 1.2.0): 1 rule" in done.stdout
    assert "ACME001" in done.stdout
    without = run(["plugins", "--no-plugins"], tmp_path, PYTHONPATH=str(tmp_path))
    assert "ACME001" not in without.stdout


def test_the_plugin_has_the_documentation_that_it_should(tmp_path: Path) -> None:
    (module,) = fences("write-a-plugin.md", "python file=acme_wa_rules.py")
    (tmp_path / "acme_wa_rules.py").write_text(module)
    done = run(["explain", "--plugin", "./acme_wa_rules.py", "ACME001"], tmp_path)
    for title in ("Why it matters", "How to put it right", "Bad", "Good", "Source", "Since", "Settings"):
        assert f"\n{title}:\n" in done.stdout


def test_the_json_example_satisfies_the_schema_of_reports(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "reference" / "json-report.md").read_text("utf-8")
    (shown,) = re.findall(r"^\{\n.*?^\}$", text, re.MULTILINE | re.DOTALL)
    report = tmp_path / "report.json"
    report.write_text(json.dumps(json.loads(shown)))
    schema = ROOT / "schemas" / "report.schema.json"
    command = [str(BIN / "check-jsonschema"), "--schemafile", str(schema), str(report)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout


def run(words: list[str], folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return shell_run([BIN / "wa-policy", *words], folder, **environment)


def shell(script: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run a step as GitHub does."""
    return shell_run(["bash", "-e", "-o", "pipefail", "-c", script], folder)


def shell_run(command: list[str | Path], folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": path, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def test_meta_is_asked_by_hand_for_the_same_fields_as_by_snapshot() -> None:
    for part in PARTS:
        (script,) = fences("prove-a-manifest.md", f"sh fields={part.key}")
        (fields,) = re.findall(r"fields=(\S+)", script)
        assert set(fields.split(",")) == {*part.core, *part.fields, *part.delicate}
        assert f'ask "$WABA{"/" if part.edge else ""}{part.edge}"' in script
        assert part.file in script


def test_what_is_asked_by_hand_is_a_script_and_of_the_same_version() -> None:
    page = (HOW_TO / "prove-a-manifest.md").read_text("utf-8")
    script = "".join(re.findall(r"^```sh[^\n]*\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)
    assert f"{BASE_URL}/{API_VERSION}/$path" in script
