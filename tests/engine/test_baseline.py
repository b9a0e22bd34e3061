"""A baseline: what it accepts, what wakes, what is stale, and what is said of one that is broken."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.growth import steps
from wa_policy.engine import baseline
from wa_policy.engine.baseline import Baseline, Key
from wa_policy.engine.identity import named_route
from wa_policy.engine.pipeline import lint
from wa_policy.engine.session import Options, Session, UsageError, open_session
from wa_policy.policy.model import NEVER_SUPPRESSED
from wa_policy.report.model import Report
from wa_policy.schema.validate import violations
from wa_policy.testing import AS_OF, READY, manifest, merge

NUMBERS = [
    {**manifest()["phone_numbers"][0], "number": number, "id": number[-4:] * 3, "quality_rating": rating}
    for number, rating in (("+91 80 4718 1888", "RED"), ("+91 80 4718 1889", "RED"), ("+91 80 4718 1890", "YELLOW"))
]
WRONG: dict[str, Any] = merge(manifest(), {"phone_numbers": NUMBERS, "waba": {"business_verification_status": "x"}})


def session(**options: Any) -> Session:
    return open_session(Options(AS_OF, third_party=False, fail_on="warning", **options))


def put(text: str, name: str = "manifest.yaml") -> str:
    Path(name).write_text(text, "utf-8")
    return name


def write(*paths: str, name: str = "base.json") -> Report:
    report = lint(paths, session())
    baseline.save(name, baseline.counts_of(report.findings, report.fail_on))
    return report


def lint_with(*paths: str, name: str = "base.json") -> Report:
    return lint(paths, session(baseline=name))


def dump(data: Any) -> str:
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True)


@pytest.mark.usefixtures("ready")
def test_what_was_there_does_not_count() -> None:
    path = put(dump(WRONG))
    before = write(path)
    report = lint_with(path)
    assert before.exit_code == 1
    assert (report.findings, report.stale, report.exit_code) == ((), (), 0)
    assert [finding.code for finding in report.suppressed] == [finding.code for finding in before.findings]
    assert {finding.suppression and finding.suppression.kind for finding in report.suppressed} == {"baseline"}
    lines = Path("base.json").read_text().splitlines()
    for finding in report.suppressed:
        assert finding.suppression is not None
        assert finding.suppression.path == "base.json"
        assert f'"{finding.code}"' in lines[finding.suppression.line - 1]


@pytest.mark.usefixtures("ready")
def test_the_file_is_sorted_and_has_a_line_for_each() -> None:
    write(put(dump(WRONG)))
    text = Path("base.json").read_text()
    data = json.loads(text)
    assert violations(data, "baseline") == []
    keys = [tuple(entry.values()) for entry in data["entries"]]
    assert keys == sorted(keys)
    assert text.count("\n") == len(keys) + 6
    assert baseline.render(baseline.load("base.json").counts) == text


@pytest.mark.usefixtures("ready")
def test_an_empty_one() -> None:
    path = put(READY)
    write(path)
    assert json.loads(Path("base.json").read_text())["entries"] == []
    assert lint_with(path).exit_code == 0


@pytest.mark.usefixtures("ready")
def test_a_changed_value_counts_again() -> None:
    write(put(dump(WRONG)))
    report = lint_with(put(dump(merge(WRONG, {"waba": {"business_verification_status": "other"}}))))
    assert [(finding.code, finding.suppression) for finding in report.findings] == [("WBA002", None)]
    assert [(entry.code, entry.route, entry.times) for entry in report.stale] == [
        ("WBA002", "waba/business_verification_status", 1)
    ]


def test_another_answer_counts_again(ready: Path) -> None:
    """The manifest names the same file, which says something else: what was accepted is what the file said."""
    path = put(READY.replace("audit: evidence/opt-in-audit.json", "audit: evidence/a.json"))

    def audit(agreed: int, left: int) -> None:
        data = json.loads((ready / "evidence" / "opt-in-audit.json").read_text())
        users, bsp = data["predicate"]["users"], data["predicate"]["bsp"]
        users |= {"true": agreed, "false": users["total"] - agreed - users["blank"] - users["invalid"]}
        bsp |= {"known": agreed - left, "opted_out": left}
        (ready / "evidence" / "a.json").write_text(json.dumps(data))

    audit(60000, 10)
    assert {"OPT002", "OPT005"} <= {finding.code for finding in write(path).findings}
    assert lint_with(path).exit_code == 0
    audit(300, 299)
    assert {"OPT002", "OPT005"} <= {finding.code for finding in lint_with(path).findings}


@pytest.mark.usefixtures("ready")
def test_other_missing_addresses_count_again() -> None:
    """What was accepted is that one address is missing, not that any others are; what else is on the list is of no matter."""
    entries = "      - 3.6.251.95/32\n"
    text = READY.replace(entries, "      - 203.0.114.7/32\n")
    assert "NET002" in {finding.code for finding in write(put(text)).findings}
    path = put(text.replace("      - 203.0.114.7/32\n", "      - 203.0.114.7/32\n      - 203.0.114.8/32\n"))
    assert lint_with(path).findings == ()
    path = put(text.replace("data_center: DC-03", "data_center: DC-01"))
    assert "NET002" in {finding.code for finding in lint_with(path).findings}


@pytest.mark.usefixtures("ready")
def test_a_part_of_a_template_that_is_added_changes_nothing() -> None:
    """Parts of templates have no names, and are known by their types."""
    text = READY.replace('text: "Hi {{1}}', 'text: "{{1}}').replace("status: APPROVED", "status: PENDING")
    write(put(text))
    routes = {key.rule: key.route for key in baseline.load("base.json").counts}
    assert routes["TPL022"] == "templates/[order_shipped en]/components/[BODY]/text"
    head = "    components:\n"
    report = lint_with(put(text.replace(head, f"{head}      - {{type: HEADER, format: TEXT, text: Your order}}\n")))
    assert "TPL022" in {finding.code for finding in report.suppressed}
    assert "TPL022" not in {finding.code for finding in report.findings}


@pytest.mark.parametrize(
    ("items", "name"),
    [
        ([{"type": "BODY"}, {"type": "FOOTER"}], "[FOOTER]"),
        ([{"type": "URL"}, {"type": "URL"}], "[1]"),
        ([{"type": "URL"}, {"type": ["URL"]}], "[1]"),
        ([{"type": "URL"}, {"type": "URL", "url": "https://acme.example"}], "[https://acme.example]"),
        ([{"type": "URL"}] * 1000 + [{"type": "BODY"}], "[1]"),
        ([{"components": []}, {"components": []}], "[1]"),
    ],
)
def test_an_item_without_a_name_goes_by_its_type_where_no_other_has_it(items: list[Any], name: str) -> None:
    assert named_route(("components", 1), {"components": items}) == f"components/{name}"


@pytest.mark.usefixtures("ready")
def test_equal_findings_are_counted() -> None:
    """Of two alike one is not accepted in the other's stead."""
    one, two = put(dump(WRONG), "one.yaml"), put(dump(WRONG), "two.yaml")
    write(one)
    report = lint_with(one, two)
    wrong = [finding for finding in report.findings if not finding.code.startswith("MAN")]
    assert [finding.code for finding in wrong] == [finding.code for finding in report.suppressed]
    assert {finding.path for finding in report.suppressed} == {"one.yaml"}
    write(one, two)
    counts = baseline.load("base.json").counts
    assert {count for key, count in counts.items() if key.rule != "MAN005"} == {2}
    assert lint_with(one, two).exit_code == 0


@pytest.mark.usefixtures("ready")
def test_of_equal_findings_the_worst_is_accepted_first() -> None:
    """What was written so that nothing fails is enough: a milder one at the same place takes nobody's stead."""
    words = "Yes, you may send me offers and order updates. Reply STOP to leave."
    path = put(dump(merge(manifest(), {"opt_in": {"consent": {"text": words}}})))
    findings = lint([path], session()).findings
    assert sorted((finding.code, finding.severity) for finding in findings) == [
        ("OPT007", "error"),
        ("OPT007", "warning"),
    ]
    baseline.save("base.json", baseline.counts_of(findings, "error"))
    report = lint([path], open_session(Options(AS_OF, third_party=False, baseline="base.json")))
    assert [finding.severity for finding in report.findings] == ["warning"]
    assert ([finding.severity for finding in report.suppressed], report.exit_code) == (["error"], 0)


@pytest.mark.usefixtures("ready")
def test_what_other_manifests_need_is_not_stale() -> None:
    other = merge(WRONG, {"metadata": {"name": "other"}, "opt_in": {"audit": None}})
    one, two = put(dump(WRONG), "one.yaml"), put(dump(other), "two.yaml")
    write(one, two)
    assert lint_with(one).stale == ()
    put(dump(merge(other, {"metadata": {"name": "renamed"}})), "two.yaml")
    assert lint_with(one, two).stale == ()


@pytest.mark.usefixtures("ready")
def test_what_rules_that_did_not_run_would_find_is_not_stale() -> None:
    path = put(dump(WRONG))
    write(path)
    report = lint([path], session(baseline="base.json", select=["numbers"]))
    assert report.findings == ()
    assert report.stale == ()
    put(READY)
    assert {entry.code[:3] for entry in lint([path], session(baseline="base.json", select=["numbers"])).stale} == {
        "NUM"
    }


@pytest.mark.usefixtures("ready")
def test_what_somebody_accepts_by_name_needs_no_baseline() -> None:
    path = put(READY.replace("verification_status: verified", "verification_status: x"))
    write(path)
    text = Path(path).read_text()
    put(text.replace("status: x", 'status: x  # wa-policy: ignore[WBA002] reason="a" owner=b'))
    report = lint([path], session(baseline="base.json", ignore=["MAN010"]))
    assert [finding.suppression and finding.suppression.kind for finding in report.suppressed] == ["inline"]
    assert [entry.code for entry in report.stale] == ["WBA002"]


@pytest.mark.usefixtures("ready")
def test_some_things_are_never_accepted() -> None:
    path = put(READY.replace("{vault: crm/gupshup#password}", "correct-horse"))
    report = write(path)
    assert {finding.code for finding in report.findings} & set(NEVER_SUPPRESSED)
    assert not {key.rule for key in baseline.load("base.json").counts} & set(NEVER_SUPPRESSED)
    entry = {
        "workspace": "acme-retail-in",
        "rule": "MAN004",
        "route": "bsp/credentials/password",
        "value": "",
        "count": 9,
    }
    Path("base.json").write_text(json.dumps({"format": baseline.FORMAT, "version": 1, "entries": [entry]}))
    assert "MAN004" in [finding.code for finding in lint_with(path).findings]
    assert "correct-horse" not in Path("base.json").read_text()


# What is there is known again, wherever it stands.


def shuffled(data: Any, chance: random.Random) -> Any:
    """Keys in another order; lists stay as they are."""
    if isinstance(data, dict):
        keys = list(data)
        chance.shuffle(keys)
        return {key: shuffled(data[key], chance) for key in keys}
    return [shuffled(item, chance) for item in data] if isinstance(data, list) else data


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    chance=st.randoms(use_true_random=False),
    order=st.permutations(range(len(NUMBERS))),
    lines=st.integers(0, 5),
    flow=st.booleans(),
)
@pytest.mark.usefixtures("ready")
def test_other_lines_orders_and_items_change_nothing(
    chance: random.Random, order: list[int], lines: int, flow: bool
) -> None:
    path = put(dump(WRONG))
    known = {(item.code, item.names, item.value, item.key) for item in write(path).findings}
    extra = {**NUMBERS[0], "number": "+91 80 4718 1899", "id": "189918991899", "quality_rating": "GREEN"}
    moved = shuffled(merge(WRONG, {"phone_numbers": [extra, *(NUMBERS[index] for index in order)]}), chance)
    text = "# a comment\n" * lines + yaml.safe_dump(moved, sort_keys=False, allow_unicode=True, default_flow_style=flow)
    put(text)
    report = lint_with(path)
    assert {(item.code, item.names, item.value, item.key) for item in report.suppressed} == known
    assert (report.findings, report.stale) == ((), ())


@settings(max_examples=100)
@given(
    st.dictionaries(
        st.builds(Key, st.text(max_size=5), st.sampled_from(["A", "B"]), st.text(max_size=8), st.just("0" * 16)),
        st.integers(1, 5),
        max_size=6,
    )
)
def test_what_is_written_is_read(counts: dict[Key, int]) -> None:
    data = json.loads(baseline.render(counts))
    assert violations(data, "baseline") == []
    assert {Key(*list(entry.values())[:4]): entry["count"] for entry in data["entries"]} == counts


# What cannot be used.


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "base.json:1:1: the file holds no document"),
        ("{", "base.json:1:"),
        ("[]", "base.json:1:1: "),
        ('{"format": "wa-policy/baseline",\n "version": 2, "entries": []}', "base.json:2:13: "),
        ('{"format": "x", "version": 1, "entries": []}', "base.json:1:12: "),
        ('{"format": "wa-policy/baseline", "version": 1, "entries": [\n{"workspace": 1}]}', "base.json:2:15: "),
        (
            '{"format": "wa-policy/baseline", "version": 1,\n "entries": [ENTRY,\n ENTRY]}',
            "base.json:3:2: this entry stands on line 2",
        ),
        ('{"format": "wa-policy/baseline", "version": 1, "version": 1, "entries": []}', "base.json:1:48: "),
    ],
)
@pytest.mark.usefixtures("ready")
def test_a_broken_one_is_told_with_its_place(text: str, said: str) -> None:
    entry = '{"workspace": "a", "rule": "B", "route": "c", "value": "", "count": 1}'
    put(text.replace("ENTRY", entry), "base.json")
    with pytest.raises(UsageError) as caught:
        lint_with(put(READY))
    assert caught.value.args[0] == "the baseline cannot be used, so nothing was checked"
    assert any(line.strip().startswith(said) for line in caught.value.args[1:]), caught.value.args


def test_what_is_no_json_is_told_how_to_get_one(tmp_path: Path) -> None:
    path = tmp_path / "baseline.yaml"
    path.write_text("# accepted in March\nworkspaces: {}\n", "utf-8")
    with pytest.raises(UsageError) as caught:
        baseline.load(str(path))
    assert caught.value.args[1:] == (
        f"  {path}:1:1: JSON has no comments",
        "  a baseline is JSON, which `wa-policy baseline write FILE PATH ...` writes where no file is yet",
        "  if this was one, mend it, or remove it and have a new one written; else name another file",
    )


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("name", ["none.json", "evidence", "git:main:base.json"])
def test_one_that_is_not_there(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        lint_with(put(READY), name=name)


# How it is written.


def test_it_is_replaced_as_a_whole_and_keeps_mode_and_link(in_folder: Path) -> None:
    real = in_folder / "real.json"
    real.write_text("old")
    real.chmod(0o640)
    (in_folder / "base.json").symlink_to("real.json")
    baseline.save("base.json", {Key("a", "B", "c", ""): 1})
    assert (in_folder / "base.json").is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert baseline.load("base.json").counts == {Key("a", "B", "c", ""): 1}
    assert sorted(path.name for path in in_folder.iterdir()) == ["base.json", "real.json"]


def test_one_that_cannot_be_written(in_folder: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written: No such file"):
        baseline.save("nowhere/base.json", {})
    (in_folder / "base.json").mkdir()
    with pytest.raises(UsageError, match="cannot be written"):
        baseline.save("base.json", {})
    assert [path.name for path in in_folder.iterdir()] == ["base.json"]


def test_a_count_of_none_is_not_written() -> None:
    assert json.loads(baseline.render({Key("a", "B", "c", ""): 0}))["entries"] == []


def test_accepting_nothing() -> None:
    assert Baseline("base.json", {}, {}).accept([], []) == ([], ())


@pytest.mark.usefixtures("ready")
def test_what_failed_on_a_document_is_looked_up_and_not_looked_for() -> None:
    def look(documents: int) -> int:
        put("---\nkind: Workspace\nx: 1\n" * documents)
        opened = session(baseline="base.json", select=("NUM008",))
        return steps(lambda: failed.append(len(lint(["manifest.yaml"], opened).not_checked)))

    failed: list[int] = []
    write(put(READY))
    look(1)  # what is worked out once in a process
    assert look(1600) < 4.2 * look(400)
    assert failed == [1, 1600, 400]
