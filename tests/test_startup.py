"""Start-up is a feature: what each command imports is counted, so that nothing heavy creeps in unnoticed."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

import wa_policy.testing

READY = Path(wa_policy.testing.__file__).parent / "ready.yaml"

NEVER = (
    "asyncio",
    "concurrent",
    "email.charset",
    "httpx",
    "hypothesis",
    "importlib.metadata",
    "importlib.resources",
    "jsonschema",
    "logging",
    "multiprocessing",
    "pathlib",
    "phonenumbers.asyoutypeformatter",
    "phonenumbers.carrier",
    "phonenumbers.geocoder",
    "phonenumbers.phonenumbermatcher",
    "phonenumbers.shortnumberinfo",
    "pydantic",
    "pydantic_core",
    "rich",
    "ruamel",
    "shutil",
    "socket",
    "subprocess",
    "tempfile",
    "tomllib",
    "unittest",
    "urllib",
    "yaml",
)
"""What linting a manifest that is ready must not import: slow to come, and not needed."""

RUN = """
import sys
from wa_policy.cli.main import main
exit_code = main(sys.argv[1:])
print(*sys.modules, sep="\\n", file=sys.stderr)
sys.exit(exit_code)
"""

BUILT_IN = {"atexit", "gc"}
"""Parts of the interpreter itself: nothing is read for them."""

LINTS_WITH = """
wa_policy
wa_policy.addresses
wa_policy.api
wa_policy.cache
wa_policy.cache.digests
wa_policy.cache.files
wa_policy.cli
wa_policy.cli.lint
wa_policy.cli.main
wa_policy.cli.options
wa_policy.cli.outputs
wa_policy.cli.parsers
wa_policy.cli.progress
wa_policy.cli.remember
wa_policy.cli.replay
wa_policy.engine
wa_policy.engine.check
wa_policy.engine.identity
wa_policy.engine.one_file
wa_policy.engine.open_file
wa_policy.engine.pipeline
wa_policy.engine.session
wa_policy.engine.settle
wa_policy.evidence
wa_policy.evidence.audit_sums
wa_policy.evidence.match
wa_policy.evidence.references
wa_policy.findings
wa_policy.light
wa_policy.manifest
wa_policy.manifest.misread
wa_policy.manifest.secrets
wa_policy.manifest.subjects
wa_policy.packed
wa_policy.policies
wa_policy.policy
wa_policy.policy.model
wa_policy.policy.store
wa_policy.policy.texts
wa_policy.records
wa_policy.report
wa_policy.report.formats
wa_policy.report.model
wa_policy.report.safe
wa_policy.report.sentences
wa_policy.report.style
wa_policy.report.text
wa_policy.rules
wa_policy.rules.documentation
wa_policy.rules.entry_points
wa_policy.rules.hookspecs
wa_policy.rules.loading
wa_policy.rules.registry
wa_policy.rules.selection
wa_policy.rules.settings
wa_policy.schema
wa_policy.schema.credentials
wa_policy.schema.texts
wa_policy.schema.validate
wa_policy.schemas
wa_policy.source
wa_policy.source.discover
wa_policy.source.document
wa_policy.source.git
wa_policy.source.json
wa_policy.source.paths
wa_policy.source.reading
wa_policy.source.spans
wa_policy.source.tidy
wa_policy.source.walk
wa_policy.source.yaml_scalars
wa_policy.suggest
wa_policy.wording
"""
"""Our modules that linting a ready manifest needs, but for plugins, which are all needed. One more is one more to wait for."""


REPLAYS_WITH = """
wa_policy
wa_policy.cache
wa_policy.cache.digests
wa_policy.cache.files
wa_policy.cli
wa_policy.cli.main
wa_policy.cli.replay
wa_policy.source
wa_policy.source.paths
wa_policy.source.walk
"""
"""Our modules that saying a run again needs."""


def imported(code: str, *arguments: str) -> set[str]:
    """The modules that a program of its own has imported in the end; it must succeed, and print them to standard error."""
    words = [sys.executable, "-c", code, *arguments]
    result = subprocess.run(words, capture_output=True, text=True, cwd=READY.parent, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return set(result.stderr.splitlines())


def ours(modules: Iterable[str]) -> list[str]:
    return sorted(module for module in modules if module.partition(".")[0] == "wa_policy")


def among(modules: Iterable[str], unwanted: str) -> bool:
    return any(module == unwanted or module.startswith(f"{unwanted}.") for module in modules)


@pytest.fixture(scope="module")
def bare() -> set[str]:
    """What the interpreter and the environment bring on their own."""
    return imported("import sys; print(*sys.modules, sep='\\n', file=sys.stderr)")


@pytest.fixture(scope="module")
def linting(bare: set[str]) -> set[str]:
    """What a lint of the ready manifest brings once its policy has been resolved before."""
    words = (
        "lint",
        "--no-cache",
        "--no-plugins",
        "--policy",
        "go-live",
        "--as-of",
        str(wa_policy.testing.AS_OF),
        READY.name,
    )
    imported(RUN, *words)
    return imported(RUN, *words) - bare


def test_lint_imports_nothing_heavy(linting: set[str]) -> None:
    assert [module for module in NEVER if among(linting, module)] == []


def test_lint_imports_these_modules_of_ours_and_no_others(linting: set[str]) -> None:
    assert [module for module in ours(linting) if not among([module], "wa_policy.plugins")] == LINTS_WITH.split()


@pytest.mark.parametrize(("selected", "asks"), [("network", False), ("templates", False), ("numbers", True)])
def test_only_rules_that_ask_about_numbers_bring_what_takes_numbers_apart(selected: str, asks: bool) -> None:
    words = ("lint", "--no-cache", "--no-plugins", "--policy", "go-live", "--as-of", str(wa_policy.testing.AS_OF))
    modules = imported(RUN, *words, "--select", selected, READY.name)
    assert among(modules, "phonenumbers.data") is asks


def test_a_run_that_is_replayed_imports_next_to_nothing(bare: set[str]) -> None:
    words = ("lint", "--no-plugins", "--policy", "go-live", "--as-of", str(wa_policy.testing.AS_OF), READY.name)
    imported(RUN, *words)
    modules = imported(RUN, *words) - bare
    assert ours(modules) == REPLAYS_WITH.split()
    assert modules - set(ours(modules)) <= {"_blake2", "hashlib", "_hashlib", "itertools", "__future__", *BUILT_IN}


def test_version_imports_next_to_nothing(bare: set[str]) -> None:
    modules = imported(RUN, "--version") - bare
    assert modules == {"wa_policy", "wa_policy.cli", "wa_policy.cli.main", *BUILT_IN}


def test_help_imports_no_command() -> None:
    modules = imported(RUN, "--help")
    assert ours(modules) == ["wa_policy", "wa_policy.cli", "wa_policy.cli.main"]
    assert not any(among(modules, unwanted) for unwanted in ("argparse", "pluggy", "yaml"))
