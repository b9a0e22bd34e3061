"""Every rule's documentation is complete and true: its bad example makes it and no other speak; its good one does not."""

import re
import tomllib
from pathlib import Path

import pytest

from wa_policy.audit import columns
from wa_policy.engine.session import Options, open_session
from wa_policy.policy.facts import bundled_names, load
from wa_policy.policy.model import PACKS
from wa_policy.report.model import Report
from wa_policy.rules.documentation import SECTIONS, document, overstated
from wa_policy.rules.loading import load as load_rules
from wa_policy.rules.registry import Rule
from wa_policy.source.reading import read
from wa_policy.testing import AS_OF, READY, check_fragment, check_text

RULES = load_rules(third_party=False)
EVERY = pytest.mark.parametrize("rule", RULES.rules.values(), ids=list(RULES.rules))


def lint_example(rule: Rule, example: str) -> Report:
    """An example is put over the ready manifest, document by document; one that its text is the point of stands alone."""
    if rule.subject == "SourceFile":
        reading = read(example.encode(), "example.yaml")
        if reading.troubles or any(document.ambiguous() for document in reading.documents):
            return check_text(example)
    if rule.subject == "Suppression":
        return check_text(with_comments(example))
    return check_fragment(*example.split("---\n"))


def with_comments(example: str) -> str:
    """The ready manifest with the lines of an example in the place of its own: what is read as data has no comments."""
    text, above = READY, ""
    for line in example.splitlines()[1:]:
        if line.strip().startswith("#"):
            above += f"{line}\n"
        else:
            key = re.escape(line[: line.index(":") + 1])
            (old,) = re.findall(rf"^{key} .*$", text, re.MULTILINE)
            text, above = text.replace(old, above + line), ""
    return text


def spoken(report: Report) -> set[str]:
    assert not report.not_checked
    return {finding.code for finding in report.findings}


def test_every_module_with_a_hook_is_an_entry_point_and_loads() -> None:
    root = Path(__file__).parent.parent
    modules = [path for path in (root / "plugins").glob("*.py") if "@hookimpl" in path.read_text(encoding="utf-8")]
    declared = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    assert declared["wa_policy"] == {module.stem: f"wa_policy.plugins.{module.stem}" for module in modules}
    assert not [module.stem for module in modules if module.stem.startswith("_")]
    loaded = {plugin.name: plugin.trouble for plugin in RULES.plugins}
    assert loaded == dict.fromkeys(declared["wa_policy"], "")


def test_the_ready_manifest_is_ready() -> None:
    report = check_text(READY)
    assert [(finding.code, finding.message) for finding in report.findings] == []
    assert report.exit_code == 0


@EVERY
def test_documentation_has_every_section(rule: Rule) -> None:
    docs = document(rule)
    assert docs.headline.endswith(".")
    assert tuple(docs.sections) == SECTIONS
    assert all(docs.sections.values())


@EVERY
def test_bad_example_makes_the_rule_speak(rule: Rule) -> None:
    found = spoken(lint_example(rule, document(rule).example("Bad")))
    if rule.consults:  # it repeats, for a campaign, what the rules that it consults found
        found = {code for code in found if not code.startswith(rule.consults)}
    if rule.code == "MAN003":  # it stands alone, so most of a manifest is missing
        found.discard("MAN002")
    assert found == {rule.code}


@EVERY
def test_good_example_keeps_the_rule_silent(rule: Rule) -> None:
    example = document(rule).example("Good")
    assert example
    assert rule.code not in spoken(lint_example(rule, example))


@EVERY
def test_no_rule_is_surer_than_its_sources(rule: Rule) -> None:
    assert overstated(rule) == ""


@EVERY
def test_an_unsure_rule_is_a_warning_at_most(rule: Rule) -> None:
    if rule.certainty != "sure":
        for pack in PACKS:
            ruling = open_session(Options(AS_OF, pack, third_party=False)).policy.rulings()[rule.code]
            assert ruling.fail in ("off", "info", "warning")


@pytest.mark.parametrize("name", bundled_names())
def test_facts_say_when_and_where_they_come_from(name: str) -> None:
    facts = load(name)
    assert facts.title
    assert facts.as_of[:2] == "20"
    assert facts.certainty in ("sure", "probable", "unsure")
    assert facts.sources
    assert all(source.startswith("https://") for source in facts.sources)


def test_every_facts_file_is_used_by_a_rule_or_by_the_audit() -> None:
    used = {
        default.path.partition(".")[0]
        for rule in RULES.rules.values()
        for default in rule.settings.values()
        if hasattr(default, "path")
    }
    assert set(bundled_names()) == used | {columns.FACTS}
