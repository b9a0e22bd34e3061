"""What those who test rules are given: each rule gets what it looks at in a run, or its author is told."""

from __future__ import annotations

import re
from collections.abc import Sequence  # a policy's values are held against it
from typing import TYPE_CHECKING, Any

import pytest

from wa_policy import api
from wa_policy.api import (
    Change,
    Count,
    DocumentId,
    Fix,
    OptIn,
    Place,
    Problems,
    Project,
    SourceFile,
    Step,
    Suppression,
    Waba,
    fact,
    fail,
    rule,
)
from wa_policy.plugins import manifest as bundled
from wa_policy.rules.registry import SUBJECTS
from wa_policy.testing import READY, check_fragment, check_rule, check_text

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from pathlib import Path

PLUGIN = '''
from wa_policy.api import Problems, Step, Suppression, fail, hookimpl, rule, rules_in

@rule("ACME001", "silent-owner", step=Step.MANIFEST)
def silent_owner(suppression: Suppression) -> Problems:
    """Nobody is named."""
    if suppression.owner != "crm":
        yield fail(f"{suppression.owner} is none of ours", at=suppression.place)

@hookimpl
def wa_policy_rules():
    return rules_in(__name__)
'''


def on(kind: str) -> Any:
    """A rule on a kind of subject that says what it is given."""

    def says(subject: Any) -> Problems:
        yield fail(type(subject).__name__, at=Place(DocumentId("manifest.yaml", 0), ()))

    says.__annotations__["subject"] = kind
    return rule("ACME001", "acme-rule", step=Step.MANIFEST)(says)


@pytest.mark.parametrize("kind", [kind for kind in SUBJECTS if kind != "Suppression"])
def test_a_rule_is_given_what_it_looks_at(kind: str) -> None:
    said = check_rule(on(kind))
    assert said
    assert {problem.message for problem in said} == {kind}


@rule("ACME004", "meddles-with-evidence", step=Step.OPT_IN)
def meddles_with_evidence(opt_in: OptIn) -> Problems:
    assert opt_in.audit is not None
    users: Any = opt_in.audit["users"]
    users["true"] += 1
    return iter(())


@rule("ACME005", "meddles-with-itself", step=Step.OPT_IN)
def meddles_with_itself(opt_in: OptIn, *, names: list[str] = ["Acme"]) -> Problems:  # noqa: B006  # which is the fault
    names.append(opt_in.workspace.name)
    return iter(())


def test_a_rule_that_changes_evidence_or_its_settings_is_told_so() -> None:
    with pytest.raises(ValueError, match=r"^ACME004 changes the manifest: other rules would see what nobody wrote$"):
        check_rule(meddles_with_evidence)
    with pytest.raises(
        ValueError, match=r"^ACME005 changes its settings: what it says would depend on what it was asked"
    ):
        check_rule(meddles_with_itself)


@rule("ACME003", "meddles", step=Step.WABA)
def meddles(waba: Waba) -> Problems:
    if not waba.data.pop("country", ""):
        yield fail("no country", at=waba)


def test_a_rule_that_changes_the_manifest_is_told_so() -> None:
    with pytest.raises(ValueError, match=r"^ACME003 changes the manifest: other rules would see what nobody wrote$"):
        check_rule(meddles)
    assert [problem.message for problem in check_rule(meddles, "waba: {country: null}")] == ["no country"]


def raises(_: Waba) -> str:
    raise SystemExit("no key")


@pytest.mark.parametrize(
    ("alike", "reason"),
    [
        (lambda waba: waba.data["nothing"], "KeyError: 'nothing'"),
        (lambda waba: waba.data, "TypeError: "),
        (raises, "SystemExit: no key"),
    ],
)
def test_subjects_that_get_no_key_are_told(alike: Callable[[Waba], Hashable], reason: str) -> None:
    @rule("ACME004", "keyless", step=Step.WABA, alike=alike)
    def keyless(waba: Waba) -> Problems:
        yield fail("no key", at=waba)

    with pytest.raises(ValueError, match=f"^ACME004's alike gives no key that can be compared: {reason}"):
        check_rule(keyless)


def test_a_key_spares_no_call_in_a_test() -> None:
    @rule("ACME004", "keyed", step=Step.WABA, alike=lambda _: None)
    def keyed(waba: Waba) -> Problems:
        yield fail("a key", at=waba)

    assert [problem.message for problem in check_rule(keyed)] == ["a key"]


@pytest.mark.parametrize(
    ("verb", "keys", "value", "reason"),
    [
        ("frob", ["name"], 1, "would not be reported: its fix is to 'frob' something, which is none of set, "),
        ("set", ["name"], object(), "would not be reported: its fix cannot set a value of the type object"),
        ("rename", ["name"], "currency", "'s fix cannot be made: there is no such key, or one of that name already"),
        ("add", ["name"], ["a"], "'s fix cannot be made: nothing can be changed there"),
        ("set", ["name"], 12, '\'s fix would spoil the manifest: "name": expected text, found the whole number 12'),
        ("remove", ["id"], None, '\'s fix would spoil the manifest: "waba" has no "id"'),
    ],
)
@pytest.mark.parametrize("kind", ["Waba", "Project"])
def test_a_fix_that_no_run_would_make_is_told(verb: Any, keys: list[str], value: Any, reason: str, kind: str) -> None:
    def mends(subject: Any) -> Problems:
        place = Place(DocumentId("manifest.yaml", 0), ("waba", *keys), type(subject).__name__)
        yield fail("it differs", at=place, fix=Fix("mend it", (Change(verb, place, value),)))

    mends.__annotations__["subject"] = kind
    with pytest.raises(ValueError, match=f"^ACME006 ?{re.escape(reason)}"):
        check_rule(rule("ACME006", "mends", step=Step.WABA)(mends))


def test_what_could_not_be_reported_is_told() -> None:
    @rule("ACME006", "nowhere", step=Step.WABA)
    def nowhere(waba: Waba) -> Problems:
        yield fail("it differs", at=waba)._replace(places=())

    with pytest.raises(ValueError, match=r"^ACME006 would not be reported: what it says is nowhere: yield fail"):
        check_rule(nowhere)


@rule("ACME007", "set", step=Step.WABA)
def has_settings(waba: Waba, *, limit: Count = 3, words: Sequence[str] = fact("waba.verified_statuses")) -> Problems:
    yield fail(f"{limit} {words}", at=waba)


def test_settings_are_those_of_a_policy() -> None:
    assert [problem.message for problem in check_rule(has_settings)] == ["3 ['verified']"]
    (problem,) = check_rule(has_settings, settings={"limit": 4, "words": ("a",)})
    assert problem.message == "4 ('a',)"


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"limt": 4}, 'ACME007 has no setting "limt" (did you mean "limit"?); it has limit, words'),
        ({"limit": "four"}, 'ACME007\'s limit cannot be "four": expected a whole number'),
        ({"limit": -1}, "ACME007's limit cannot be -1: must be at least 0"),
        ({"words": ["a", 5]}, "ACME007's words[1] cannot be 5: expected text"),
    ],
)
def test_settings_that_no_policy_could_give_are_told_as_there(settings: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}$"):
        check_rule(has_settings, settings=settings)


def test_a_fact_that_there_is_not_is_told() -> None:
    @rule("ACME007", "asks", step=Step.WABA)
    def asks(waba: Waba, *, words: Sequence[str] = fact("waba.verified_status")) -> Problems:
        yield fail(f"{words}", at=waba)

    reason = 'there is no fact "waba.verified_status": the facts "waba" have no value "verified_status" '
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}"):
        check_rule(asks)


@rule("ACME002", "text-of-a-file", step=Step.MANIFEST)
def text_of_a_file(file: SourceFile) -> Problems:
    for trouble in file.troubles:
        yield fail(trouble.message, at=Place(DocumentId(file.path, 0), (), span=trouble.span))
    for document in file.documents:
        yield fail(
            f"{len(document.violations)} {len(document.misread)} {len(document.secrets)}", at=Place(document.id, ())
        )


@pytest.mark.parametrize(
    ("fragments", "said"),
    [
        ([], ["0 0 0"]),
        ([READY.replace('id: "102290129340398"', "id: 102290129340398")], ["1 1 0"]),
        ([READY + "---\n" + READY.replace("Acme Retail Private Limited", "EAA" + "x" * 30, 1)], ["0 0 0", "0 0 1"]),
        ([READY, READY.replace("name: Acme Retail", "name: 5", 1)], ["0 0 0", "1 1 0"]),
    ],
)
def test_a_fragment_is_a_file_as_text_for_a_rule_on_text(fragments: list[str], said: list[str]) -> None:
    assert [problem.message for problem in check_rule(text_of_a_file, *fragments)] == said


def test_what_cannot_be_read_is_a_file_too() -> None:
    (problem,) = check_rule(bundled.unreadable_yaml, "waba: [\n")
    assert problem.places[0].document.path == "manifest.yaml"
    assert check_rule(bundled.unreadable_yaml) == []


@rule("ACME003", "on-suppressions", step=Step.MANIFEST)
def on_suppressions(suppression: Suppression) -> Problems:
    yield fail("seen", at=suppression.place)


def test_a_subject_that_cannot_be_made_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^check_rule knows no subject Suppression; use check_text$"):
        check_rule(on_suppressions)


def test_a_plugin_runs_over_a_text(tmp_path: Path) -> None:
    plugin = tmp_path / "acme.py"
    plugin.write_text(PLUGIN, "utf-8")
    comment = '  # wa-policy: ignore[MAN003] reason="by hand" owner=nobody'
    text = READY.replace("  currency: INR", f"  currency: INR{comment}")
    found = check_text(text, plugins=[str(plugin)]).findings
    assert ("ACME001", "nobody is none of ours") in [(finding.code, finding.message) for finding in found]
    assert check_fragment("waba: {currency: INR}", plugins=[str(plugin)]).findings == ()


def test_without_a_fragment_the_ready_manifest_is_linted() -> None:
    report = check_fragment()
    assert (report.findings, [manifest.workspace for manifest in report.manifests]) == ((), ["acme-retail-in"])


def test_every_subject_is_open_to_plugins() -> None:
    assert set(SUBJECTS) <= set(api.__all__)
    assert Project.__name__ in SUBJECTS
