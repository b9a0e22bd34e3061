"""What is measured, installed where nothing else is: ``.bench/python`` and ``.bench/node``, which Git passes over.

wa-policy is built and installed there as a user would have it. Each tool is installed by itself, so that one that cannot be had
costs no other.
"""

import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Mapping, Sequence

from bench.measure import last_line

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDER = os.path.join(ROOT, ".bench")
PINS = os.path.join(ROOT, "requirements", "bench.txt")

PYTHON_TOOLS = ("check-jsonschema", "yamllint", "cfn-lint", "checkov", "zizmor")
NODE_TOOLS = {
    "ajv-cli": ("ajv-cli@5.0.0", "ajv-formats@3.0.1"),
    "spectral": ("@stoplight/spectral-cli@6.16.3",),
    "v8r": ("v8r@5.1.0",),  # the last one that runs on Node 20
}


def prepare() -> dict[str, str]:
    """Install everything; returns the tools that could not be installed, and why. Raises SystemExit without wa-policy."""
    os.makedirs(FOLDER, exist_ok=True)
    with open(os.path.join(FOLDER, ".gitignore"), "w", encoding="utf-8") as file:
        file.write("*\n")
    if not os.path.exists(python()):
        venv.create(os.path.join(FOLDER, "python"), with_pip=True)
    if trouble := _pip([ROOT]):
        raise SystemExit(f"wa-policy itself cannot be installed: {trouble}")
    troubles = {tool: _pip([tool]) for tool in PYTHON_TOOLS}
    troubles |= {tool: _npm(tool, packages) for tool, packages in NODE_TOOLS.items()}
    return {tool: f"not installed: {trouble}" for tool, trouble in troubles.items() if trouble}


def python() -> str:
    """The Python that wa-policy and the tools in Python are installed for."""
    return script("python")


def script(name: str) -> str:
    """A command of the Python environment."""
    return os.path.join(FOLDER, "python", "Scripts" if sys.platform == "win32" else "bin", name)


def node_script(tool: str, name: str) -> str:
    """A command of a tool in JavaScript."""
    return os.path.join(FOLDER, "node", tool, "node_modules", ".bin", name)


def versions() -> dict[str, str]:
    """The tools that are measured against, with the versions that are pinned."""
    with open(PINS, encoding="utf-8") as file:
        pinned = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", file.read(), re.MULTILINE))
    in_node = {tool: packages[0].rpartition("@")[2] for tool, packages in NODE_TOOLS.items()}
    return {tool: pinned[tool] for tool in PYTHON_TOOLS} | in_node


def variables(cache: str) -> dict[str, str]:
    """Our environment, but bytecode is kept, and what wa-policy keeps is where nobody else's is."""
    inherited = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {**inherited, "WA_POLICY_CACHE_DIR": cache}


def _pip(words: Sequence[str]) -> str:
    options = ["--quiet", "--disable-pip-version-check", "--constraint", PINS]
    return _trouble([python(), "-m", "pip", "install", *options, *words], {})


def _npm(tool: str, packages: Sequence[str]) -> str:
    npm = shutil.which("npm")
    if npm is None:
        return "npm is not here"
    folder = os.path.join(FOLDER, "node", tool)
    os.makedirs(folder, exist_ok=True)
    # Scripts of packages are not run: none of these tools needs one, and one of them would report its installation.
    options = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", folder]
    return _trouble([npm, "install", *options, *packages], {"SCARF_ANALYTICS": "false"})


def _trouble(command: Sequence[str], added: Mapping[str, str]) -> str:
    """Run a command; returns the last that it said if it failed, else nothing."""
    result = subprocess.run(
        command, env={**os.environ, **added}, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    return last_line(result.stdout) if result.returncode else ""
