"""The rules on templates against a corpus of templates that people judged, not programs (tests/corpus/README.md)."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import yaml

from wa_policy.findings import SEVERITIES
from wa_policy.rules.loading import load
from wa_policy.schema.validate import violations
from wa_policy.source.reading import read
from wa_policy.testing import AS_OF, READY, check_fragment, manifest

if TYPE_CHECKING:
    from wa_policy.findings import Severity
    from wa_policy.report.model import Finding

Run = Callable[..., tuple[int, str, str]]

CORPUS = Path(__file__).parent / "corpus"
FILES = sorted(path.relative_to(CORPUS).with_suffix("").as_posix() for path in CORPUS.glob("*-formed/*.yaml"))
TEMPLATE_RULES = sorted(code for code in load(third_party=False).rules if code.startswith("TPL"))
FORM_RULES = {f"TPL{number:03}" for number in (*range(10, 26), 30, 37, 38, 39)}
"""Rules about form: what Meta has approved cannot be wrong in form, so they may warn of it at most."""

IN_MOENGAGE = {"status": "Approved", "sender_profiles": ["acme-main"]}

every_file = pytest.mark.parametrize("name", FILES)


class Case(NamedTuple):
    """One file: a template, what the manifest around it has of its own, and the severity or None of each expected rule."""

    template: dict[str, Any]
    around: dict[str, Any]
    expected: dict[str, Severity | None]

    def fragment(self, **changes: Any) -> str:
        """The case as a fragment over the ready manifest; no campaign uses the template."""
        template = {"in_moengage": IN_MOENGAGE, **self.template, **changes}
        others = self.around.get("templates", [])
        return yaml.safe_dump({**self.around, "templates": [template, *others], "campaigns": []}, allow_unicode=True)


@cache
def case(name: str) -> Case:
    (document,) = read((CORPUS / f"{name}.yaml").read_bytes(), name).documents
    data = document.data
    expected: dict[str, Severity | None] = {}
    for label in data["expect"]:
        expected |= label if isinstance(label, dict) else {label: None}
    return Case(data["template"], data.get("manifest", {}), expected)


@cache
def findings_in(fragment: str) -> tuple[Finding, ...]:
    """What is found in the ready manifest with a fragment put over it; everything was checked."""
    report = check_fragment(fragment)
    assert not report.not_checked
    return report.findings


@cache
def worst_by_rule(fragment: str) -> dict[str, Severity]:
    """The worst severity of each template rule that speaks. Not to be changed."""
    found: dict[str, Severity] = {}
    for finding in findings_in(fragment):
        if finding.code.startswith("TPL"):
            found[finding.code] = max(found.get(finding.code, finding.severity), finding.severity, key=SEVERITIES.index)
    return found


def found_in(name: str) -> dict[str, Severity]:
    """What the rules find in a file. That nothing says what Meta decided counts only where the file is about that."""
    template, _, expected = case(name)
    found = worst_by_rule(case(name).fragment())
    silent = set() if "status" in template or "TPL001" in expected else {"TPL001"}
    return {code: severity for code, severity in found.items() if code not in silent}


@every_file
def test_a_file_tells_its_story_and_is_a_template(name: str) -> None:
    content = (CORPUS / f"{name}.yaml").read_bytes()
    reading = read(content, name)
    assert content.startswith(b"# ")
    assert not reading.troubles
    assert [scalar.text for document in reading.documents for scalar in document.ambiguous()] == []
    assert set(reading.documents[0].data) <= {"template", "manifest", "expect"}
    assert violations(manifest(case(name).fragment())) == []


@every_file
def test_the_rules_find_what_people_found(name: str) -> None:
    found, expected = found_in(name), case(name).expected
    assert sorted(found) == sorted(expected)
    for code, severity in expected.items():
        assert severity in (None, found[code]), code


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("well-formed/")])
def test_what_is_well_formed_has_no_error(name: str) -> None:
    assert "error" not in case(name).expected.values()
    assert "error" not in found_in(name).values()


@every_file
def test_an_approved_template_has_no_error_of_form(name: str) -> None:
    found = worst_by_rule(case(name).fragment(status="APPROVED"))
    assert {code for code, severity in found.items() if severity == "error"} & FORM_RULES == set()


def test_every_rule_has_two_ill_formed_files() -> None:
    files = Counter(code for name in FILES if name.startswith("ill-formed/") for code in case(name).expected)
    assert [code for code in TEMPLATE_RULES if files[code] < 2] == []


def test_precision_and_recall(capsys: pytest.CaptureFixture[str]) -> None:
    """Prints how often each rule is right when it speaks (precision), and how often it speaks when it should (recall)."""
    pairs = [(set(case(name).expected), set(found_in(name))) for name in FILES]
    lines = [f"{'rule':<8}{'files':>6}{'missed':>8}{'mistaken':>10}{'precision':>11}{'recall':>8}"]
    for code in TEMPLATE_RULES:
        right = sum(code in expected and code in found for expected, found in pairs)
        missed = sum(code in expected and code not in found for expected, found in pairs)
        mistaken = sum(code not in expected and code in found for expected, found in pairs)
        precision, recall = share(right, right + mistaken), share(right, right + missed)
        lines.append(f"{code:<8}{right + missed:>6}{missed:>8}{mistaken:>10}{precision:>11}{recall:>8}")
    with capsys.disabled():
        sys.stdout.write("\n".join(["", *lines, ""]))
    assert set().union(*(expected | found for expected, found in pairs)) <= set(TEMPLATE_RULES)


# Put right by --fix, in a manifest that holds the template as the file writes it: its layout, its quotes, its comments.

LINT = ("lint", "--no-plugins", "--as-of", str(AS_OF), "--format", "json", "manifest.yaml")
TOP_LEVEL = re.compile(r"^([A-Za-z_]+):(.*\n(?:(?![A-Za-z_]+:).*\n)*)", re.MULTILINE)
SLIPS = {
    ("--fix",): {
        r"\btype: BODY\b": "type: body",
        r"\btype: QUICK_REPLY\b": 'type: "quick reply"',
        r"\blanguage: ([a-z]{2})_([A-Z]{2})$": r"language: \1-\2",
        r"\bcomponents:": "Components:",
    },
    ("--fix", "--unsafe-fixes"): {
        r"\bcomponents:": "componets:",
        r"^    category:": "    colour: blue  # nobody asked\n    category:",
        r"\btype: FOOTER\b": "type: FOOTR",
    },
}
"""How people mistype a template, by what puts it right."""

FIXES = pytest.mark.parametrize("words", SLIPS, ids=" ".join)


def as_written(name: str) -> str:
    """The ready manifest with a file's template in the place of its own, and no campaign."""
    own: dict[str, str] = dict(TOP_LEVEL.findall((CORPUS / f"{name}.yaml").read_text("utf-8")))
    others = "".join(f"{key}:{text}" for key, text in TOP_LEVEL.findall(READY) if key not in ("templates", "campaigns"))
    return f"{others}templates:\n  -" + own["template"].replace("\n", "\n  ").rstrip(" ")


def found_by(run: Run, *words: str) -> dict[tuple[str, str], dict[str, Any]]:
    """What lint finds in the manifest, by rule and place, and by nothing that a fix may change with its value."""
    code, out, _ = run(*LINT, *words)
    assert code in (0, 1)
    return {(each["code"], each["locations"][0]["route"]): each for each in json.loads(out)["findings"]}


@every_file
def test_fixes_put_a_file_right(name: str, request: pytest.FixtureRequest) -> None:
    if not any(finding.patches for finding in findings_in(case(name).fragment())):
        return  # nothing in it can be put right
    path, run = request.getfixturevalue("ready") / "manifest.yaml", request.getfixturevalue("run")
    for words in SLIPS:
        path.write_text(as_written(name), "utf-8")
        before = found_by(run)
        after = found_by(run, *words)
        mended = {
            key
            for key, finding in before.items()
            if any(patch["safe"] or "--unsafe-fixes" in words for patch in finding["patches"])
        }
        assert not read(path.read_bytes(), path.name).troubles
        assert after.keys() == before.keys() - mended
        assert (path.read_text("utf-8") == as_written(name)) == (not mended)
        fixed = path.read_bytes()
        assert found_by(run, *words) == after
        assert path.read_bytes() == fixed


def test_files_with_fixes_are_among_them() -> None:
    safe = {patch.safe for name in FILES for finding in findings_in(case(name).fragment()) for patch in finding.patches}
    assert safe == {True, False}


@FIXES
@pytest.mark.parametrize("name", FILES[::12])
def test_what_somebody_mistyped_is_put_right(name: str, words: tuple[str, ...], ready: Path, run: Run) -> None:
    path = ready / "manifest.yaml"
    path.write_text(as_written(name), "utf-8")
    good = found_by(run)
    assert not any(finding["patches"] for finding in good.values()), "take another file"
    mistyped = as_written(name)
    for written, instead in SLIPS[words].items():
        mistyped = re.sub(written, instead, mistyped, flags=re.MULTILINE)
    path.write_text(mistyped, "utf-8")
    assert "MAN002" in {code for code, _ in found_by(run)}
    assert found_by(run, *words).keys() == good.keys()
    fixed = path.read_bytes()
    assert fixed != mistyped.encode()
    (document,) = read(fixed, path.name).documents
    assert document.data["templates"] == [case(name).template]
    assert found_by(run, *words).keys() == good.keys()
    assert path.read_bytes() == fixed


def share(part: int, whole: int) -> str:
    """A share as text; a dash where there is nothing to share."""
    return f"{part / whole:.3f}" if whole else "-"
