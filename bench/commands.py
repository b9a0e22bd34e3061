"""The command lines that are measured, by the names that the table gives them.

All run where the generated files are, in folders that are called as how many there are.
"""

import os

from bench.environment import ROOT, node_script, python, script

AS_OF = "2026-11-22"  # on this day the ready manifest is ready
SCHEMA = os.path.join(ROOT, "schemas", "workspace.schema.json")
YAMLLINT_RULES = "{extends: relaxed, rules: {line-length: disable}}"  # manifests pass these, so nothing is printed

PYTHON, VERSION = "python -c pass", "wa-policy --version"
UNCACHED = "wa-policy lint, uncached"
TWO_JOBS = "wa-policy lint, uncached, two jobs"
CACHED = "wa-policy lint, nothing changed"
CHANGED = "wa-policy lint, one changed"
FLOOR = "floor: libyaml's nodes, plain data, jsonschema-rs"
LOADER = "yaml.load(CSafeLoader), jsonschema-rs"
READER, DATA = "wa-policy's reader, with places, in process", "wa-policy's reader, no place asked for, in process"
CSAFE = "yaml.load(CSafeLoader), in process"
BUSY_ONE, BUSY_TWO = "one busy process", "two busy processes"

ON = {"cfn-lint": "CloudFormation template", "checkov": "CloudFormation template", "zizmor": "workflow"}
"""What a tool checks that does not check manifests."""


def without_files() -> dict[str, list[str]]:
    """What looks at no file."""
    return {PYTHON: [python(), "-c", "pass"], VERSION: [script("wa-policy"), "--version"]}


def ours(size: int) -> dict[str, list[str]]:
    """wa-policy on so many manifests: alone, by two processes, as a run before has left it, and with one of them changed since.

    The last two are one command, so what the one leaves is what the other finds in the next round.
    """
    lint = [script("wa-policy"), "lint", "--as-of", AS_OF, f"{size}/manifests"]
    return {
        UNCACHED: [*lint, "--no-cache", "--jobs", "1"],
        TWO_JOBS: [*lint, "--no-cache", "--jobs", "2"],
        CACHED: lint,
        **({CHANGED: lint} if size > 1 else {}),
    }


def floors(size: int) -> dict[str, list[str]]:
    """The least that reading and validating so many manifests takes in Python."""
    words = [python(), os.path.join(ROOT, "bench", "floor.py"), SCHEMA, f"{size}/manifests"]
    return {FLOOR: [*words, "nodes"], LOADER: [*words, "loader"]}


def busy() -> dict[str, list[str]]:
    """What a second process gains here by itself."""
    words = [python(), os.path.join(ROOT, "bench", "busy.py")]
    return {BUSY_ONE: [*words, "1"], BUSY_TWO: [*words, "2"]}


def peers(scratch: str, size: int) -> dict[str, list[str]]:
    """Every other tool, on so many files that it can check."""
    globbed = f"{size}/manifests/*.yaml"
    manifests, templates, workflows = (
        sorted(f"{size}/{kind}/{entry.name}" for entry in os.scandir(os.path.join(scratch, str(size), kind)))
        for kind in ("manifests", "templates", "workflows")
    )
    ajv = ["validate", "--spec=draft2020", "--strict=false", "-c", "ajv-formats", "-s", SCHEMA, "-d", globbed]
    rules = os.path.join(ROOT, "bench", "peers", "spectral.yaml")
    checkov = ["--quiet", "--compact", "--skip-download", "--framework", "cloudformation", "-d", f"{size}/templates"]
    return {
        "check-jsonschema": [script("check-jsonschema"), "--schemafile", SCHEMA, *manifests],
        "yamllint": [script("yamllint"), "-d", YAMLLINT_RULES, f"{size}/manifests"],
        "ajv-cli": [node_script("ajv-cli", "ajv"), *ajv],
        "v8r": [node_script("v8r", "v8r"), "--schema", SCHEMA, globbed],
        "spectral": [node_script("spectral", "spectral"), "lint", "-F", "error", "-r", rules, globbed],
        "cfn-lint": [script("cfn-lint"), *templates],
        "checkov": [script("checkov"), *checkov],
        "zizmor": [script("zizmor"), "--offline", "--no-progress", "--quiet", *workflows],
    }
