"""One way through: what is found is read, checked and reported, and what is not is said."""

import json
import os
import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.summaries import summaries
from wa_policy.api import DocumentId, Place, Problems, Project, SourceFile, Step, Waba, Workspace, fail, rule
from wa_policy.engine import pipeline
from wa_policy.engine.one_file import FileResult
from wa_policy.engine.pipeline import lint
from wa_policy.engine.session import Options, Session, Stdin, UsageError, open_session
from wa_policy.report import json as as_json
from wa_policy.report import text as as_text
from wa_policy.report.model import Manifest, Report
from wa_policy.source.discover import Found
from wa_policy.testing import AS_OF, READY, manifest

if TYPE_CHECKING:
    from wa_policy.manifest.subjects import Summary

Sessions = Callable[..., Session]


def whole(policy: str = "go-live", **words: Any) -> Session:
    """A session over all bundled rules."""
    return open_session(Options(AS_OF, policy, third_party=False, **words))


def codes(report: Report) -> list[str]:
    return [finding.code for finding in report.findings]


def not_checked(report: Report) -> list[tuple[str, str]]:
    return [(item.what, item.reason) for item in report.not_checked]


def refusal(*paths: str) -> list[str]:
    with pytest.raises(UsageError) as caught:
        lint(paths, whole())
    return list(caught.value.args)


def write(folder: Path, name: str, fragment: str) -> str:
    """Writes the ready manifest with a fragment put over it, as JSON."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(manifest(fragment), indent=1))
    return name


# What is found.


@pytest.mark.usefixtures("ready")
def test_a_ready_manifest_is_ready() -> None:
    report = lint(["manifest.yaml"], whole())
    assert (codes(report), not_checked(report), report.exit_code) == ([], [], 0)
    assert [manifest[:4] for manifest in report.manifests] == [("manifest.yaml", 0, "acme-retail-in", "live")]


@pytest.mark.usefixtures("ready")
def test_a_report_says_what_it_rests_on() -> None:
    report = lint(["manifest.yaml"], whole(select=["NET002"]))
    assert (report.as_of, report.policy, report.policy_origin, report.fail_on) == (
        "2026-11-22",
        "go-live",
        "bundled",
        "error",
    )
    assert report.rules == ("NET002",)
    assert [facts.name for facts in report.facts] == ["moengage_static_ips", "providers"]


def test_json_says_the_same_as_yaml(ready: Path) -> None:
    fragment = "{bsp: {ip_allowlist: {entries: [192.0.2.7]}}, waba: {account_review_status: PENDING}}"
    shutil.copy(write(ready, "manifest.json", fragment), "same.yaml")  # JSON is YAML
    first, second = lint(["manifest.json"], whole()), lint(["same.yaml"], whole())
    assert codes(first) == codes(second) != []
    assert [f.locations[0].span for f in first.findings] == [f.locations[0].span for f in second.findings]


def test_a_folder_is_searched_to_the_bottom_and_hidden_folders_are_not(ready: Path) -> None:
    for folder in ("a", "a/b/c", ".hidden", "a/.git"):
        (ready / folder).mkdir(parents=True, exist_ok=True)
        (ready / folder / "other.yml").write_text("{}\n")
    report = lint(["."], whole(select=["MAN002"]))
    assert [manifest.path for manifest in report.manifests] == ["a/b/c/other.yml", "a/other.yml", "manifest.yaml"]


def test_a_file_is_checked_once_however_it_is_named(ready: Path) -> None:
    (ready / "link.yaml").symlink_to("manifest.yaml")
    (ready / "folder").symlink_to(".")
    names = ["manifest.yaml", "./manifest.yaml", str(ready / "manifest.yaml"), "link.yaml", "folder/manifest.yaml", "."]
    report = lint(names, whole())
    assert [manifest.path for manifest in report.manifests] == ["manifest.yaml"]
    assert report.exit_code == 0


def test_foreign_json_in_a_folder_is_passed_over_and_said(ready: Path) -> None:
    (ready / "package.json").write_text('{"name": "acme"}')
    report = lint(["."], whole())
    assert "package.json" in report.skipped
    assert report.exit_code == 0


@pytest.mark.parametrize(
    "content",
    [
        b'{"kind": "Workspace", "apiversion": "wa-policy/v1"}',
        b'{"kind": "Workspace"',
        '{"kind": "Workspace"}'.encode("utf-16"),
        '{"kind": "Workspace"}'.encode("utf-16-be"),
    ],
)
def test_json_that_is_half_a_manifest_is_not_passed_over(content: bytes, ready: Path) -> None:
    (ready / "half.json").write_bytes(content)
    report = lint(["."], whole())
    assert "half.json" not in report.skipped
    assert {finding.code for finding in report.findings if finding.path == "half.json"} <= {"MAN001", "MAN002"}
    assert report.exit_code == 1


def test_foreign_json_that_is_named_is_taken_for_a_manifest(ready: Path) -> None:
    (ready / "package.json").write_text('{"name": "acme"}')
    assert set(codes(lint(["package.json"], whole()))) == {"MAN002"}


def test_a_policy_in_a_folder_is_passed_over(ready: Path) -> None:
    (ready / "wa-policy.yaml").write_text("apiVersion: wa-policy/v1\nkind: Policy\nmetadata: {name: acme}\n")
    assert "wa-policy.yaml" in lint(["."], whole()).skipped


def test_a_loop_of_links_ends(ready: Path) -> None:
    (ready / "loop").symlink_to(".")
    (ready / "knot.yaml").symlink_to("knot.yaml")
    report = lint(["."], whole())
    assert [manifest.path for manifest in report.manifests] == ["manifest.yaml"]
    assert not_checked(report) == [("knot.yaml", "it is no file, or a link that leads nowhere")]


def test_a_tree_deeper_than_a_path_may_be_ends(ready: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    top = os.getcwd()
    for _ in range(30):
        os.mkdir("d" * 200)
        monkeypatch.chdir("d" * 200)
    Path("deep.yaml").write_text(READY)
    monkeypatch.chdir(top)
    report = lint(["."], whole())
    assert [manifest.path for manifest in report.manifests] == ["manifest.yaml"]
    assert [reason for _, reason in not_checked(report)] == ["File name too long"]
    shutil.rmtree(ready / ("d" * 200))


# What is not found, or not readable.


@pytest.mark.usefixtures("ready")
def test_a_path_that_leads_nowhere_is_not_checked() -> None:
    report = lint(["nowhere.yaml", "manifest.yaml"], whole())
    assert not_checked(report) == [("nowhere.yaml", "there is no such file or folder")]
    assert report.exit_code == 3


def test_a_pipe_is_not_checked(ready: Path) -> None:
    os.mkfifo(ready / "pipe.yaml")
    assert not_checked(lint(["pipe.yaml", "manifest.yaml"], whole())) == [
        ("pipe.yaml", "it is neither a file nor a folder")
    ]
    assert not_checked(lint(["."], whole())) == [("pipe.yaml", "it is no file, or a link that leads nowhere")]


def test_a_file_that_cannot_be_read_is_not_checked(ready: Path) -> None:
    (ready / "other.yaml").write_text(READY)

    def take_away(path: str) -> None:
        """As when somebody else removes it in between; tests that run as root have no other file that cannot be read."""
        if path == "other.yaml":
            os.unlink(path)

    report = lint(["."], whole(), take_away)
    assert not_checked(report) == [("other.yaml", "it cannot be read: No such file or directory")]
    assert report.exit_code == 3


@pytest.mark.parametrize(
    ("paths", "reasons"),
    [
        (["nowhere"], ["nowhere: there is no such file or folder"]),
        (["empty"], ["empty: it holds no file that ends in .yaml, .yml, .json"]),
        (["foreign"], ["foreign/package.json: it is no manifest"]),
        (["policy"], ["policy/wa-policy.yaml: it is no manifest"]),
        (
            ["empty", "nowhere", "foreign"],
            [
                "empty: it holds no file that ends in .yaml, .yml, .json",
                "nowhere: there is no such file or folder",
                "foreign/package.json: it is no manifest",
            ],
        ),
    ],
)
def test_where_no_manifest_is_found_nothing_is_green(paths: list[str], reasons: list[str], in_folder: Path) -> None:
    for name in ("empty", "foreign", "policy"):
        (in_folder / name).mkdir()
    (in_folder / "foreign" / "package.json").write_text('{"name": "acme"}')
    (in_folder / "policy" / "wa-policy.yaml").write_text("kind: Policy\n")
    assert refusal(*paths) == ["no manifest was found, so nothing was checked", *(f"  {reason}" for reason in reasons)]


# What is broken keeps nothing else from being checked.


def test_of_several_documents_one_may_be_broken(ready: Path) -> None:
    broken = READY.replace("account_review_status: APPROVED", "account_review_status: PENDING: APPROVED")
    pending = READY.replace("account_review_status: APPROVED", "account_review_status: PENDING")
    (ready / "several.yaml").write_text(f"{pending}---\n{broken}")
    report = lint(["several.yaml"], whole())
    first = [finding for finding in report.findings if finding.code == "WBA001"]
    assert [(finding.document, finding.workspace) for finding in first] == [(0, "acme-retail-in")]
    (trouble,) = [finding for finding in report.findings if finding.code == "MAN001"]
    assert (trouble.document, trouble.workspace) == (-1, "")
    assert trouble.locations[0].span.line > READY.count("\n")
    assert [(item.document, item.checked) for item in report.manifests] == [(0, True), (-1, False)]
    assert report.exit_code == 1


def test_a_document_of_the_wrong_shape_is_named_as_far_as_it_goes(ready: Path) -> None:
    (ready / "shape.yaml").write_text("metadata: {name: acme-test, environment: test}\n---\nmetadata: [a]\n---\n- a\n")
    report = lint(["shape.yaml"], whole())
    assert [tuple(item)[:5] for item in report.manifests] == [
        ("shape.yaml", 0, "acme-test", "test", False),
        ("shape.yaml", 1, "", "", False),
        ("shape.yaml", 2, "", "", False),
    ]
    assert set(codes(report)) == {"MAN002"}


@pytest.mark.parametrize(
    ("words", "exit_code"),
    [
        ({}, 1),
        ({"select": ["NET002"]}, 3),
        ({"ignore": ["MAN"]}, 3),
        ({"select": ["MAN001", "MAN002"]}, 1),
    ],
)
@pytest.mark.parametrize("text", ["a: [\n", "kind: Workspace\n", "a: 1\n---\nb: [\n", ""])
def test_what_could_not_be_checked_is_never_green(words: Any, exit_code: int, text: str, ready: Path) -> None:
    (ready / "broken.yaml").write_text(text)
    assert lint(["manifest.yaml", "broken.yaml"], whole(**words)).exit_code == exit_code


@pytest.mark.parametrize("weight", ["'off'", "info", "warning"])
def test_no_policy_makes_green_what_could_not_be_checked(weight: str, ready: Path) -> None:
    (ready / "broken.yaml").write_text("a: [\n")
    (ready / "acme.yaml").write_text(
        f"apiVersion: wa-policy/v1\nkind: Policy\nmetadata: {{name: acme}}\nrules: {{MAN001: {weight}, MAN002: {weight}}}\n"
    )
    report = lint(["broken.yaml"], whole("acme.yaml"))
    assert report.exit_code == 3
    assert not_checked(report) == [("broken.yaml", "its text or shape is wrong, so no rule looked at it any further")]


# Rules that fail.


@rule("ACME001", "raises", step=Step.WABA)
def raises(workspace: Workspace) -> Problems:
    yield fail("found before", at=workspace.at("waba", "id"))
    raise ValueError("half-way")


@rule("ACME002", "sound", step=Step.WABA)
def sound(waba: Waba) -> Problems:
    yield fail("found as well", at=waba)


@rule("ACME003", "points-nowhere", step=Step.WABA)
def points_nowhere(waba: Waba) -> Problems:
    yield fail("it is elsewhere", at=Place(DocumentId("nowhere.yaml", 7), waba.route))


@rule("ACME004", "weighs-wrong", step=Step.WABA)
def weighs_wrong(waba: Waba) -> Problems:
    yield fail("it is grave", at=waba, at_most="eror")  # type: ignore[arg-type]  # the point of it


@rule("ACME005", "fails-on-files", step=Step.MANIFEST)
def fails_on_files(file: SourceFile) -> Problems:
    raise LookupError(file.path)


@rule("ACME006", "fails-on-all", step=Step.MANIFEST)
def fails_on_all(project: Project) -> Problems:
    raise LookupError(str(len(project.workspaces)))


@rule("ACME007", "is-nowhere", step=Step.MANIFEST)
def is_nowhere(project: Project) -> Problems:
    yield fail("it differs", at=project.workspaces[0].at("waba"))._replace(places=("waba",))  # type: ignore[arg-type]  # the point of it


@rule("ACME008", "is-elsewhere", step=Step.MANIFEST)
def is_elsewhere(project: Project) -> Problems:
    yield fail("it is elsewhere", at=project.workspaces[0].at("waba")._replace(document=DocumentId("nowhere.yaml", 7)))


@pytest.mark.usefixtures("ready")
def test_a_rule_that_raises_is_not_checked_and_all_else_is(session: Sessions) -> None:
    report = lint(["manifest.yaml"], session(raises, sound))
    assert codes(report) == ["ACME002", "ACME001"]
    (item,) = report.not_checked
    assert item._asdict() == {
        "what": "ACME001 on acme-retail-in",
        "reason": "the rule itself failed: ValueError: half-way",
        "path": "manifest.yaml",
        "document": 0,
        "code": "ACME001",
        "remedy": "Report this as a bug of wa-policy, with what WA_POLICY_DEBUG=1 in the environment adds; "
        "--ignore it meanwhile",
        "step": "waba",
    }
    assert report.exit_code == 3


@pytest.mark.parametrize(
    ("function", "what", "reason"),
    [
        (points_nowhere, "ACME003 on acme-retail-in", "what it says cannot be shown (KeyError: "),
        (weighs_wrong, "ACME004 on acme-retail-in", "TypeError: what it says weighs at most 'eror', "),
        (fails_on_files, "ACME005 on manifest.yaml", "LookupError: manifest.yaml"),
        (fails_on_all, "ACME006 on the manifests together", "LookupError: 1"),
        (is_nowhere, "ACME007 on the manifests together", "TypeError: what it says is at 'waba', which is no place"),
        (is_elsewhere, "ACME008 on the manifests together", "what it says cannot be shown (KeyError: "),
    ],
)
@pytest.mark.usefixtures("ready")
def test_whatever_a_rule_does_the_others_are_reported(function: Any, what: str, reason: str, session: Sessions) -> None:
    report = lint(["manifest.yaml"], session(function, sound))
    assert codes(report) == ["ACME002"]
    ((found, because),) = not_checked(report)
    assert found == what
    assert because.startswith(f"the rule itself failed: {reason}")
    assert report.exit_code == 3


def test_a_rule_of_a_plugin_that_raises_is_its_authors_to_mend(ready: Path) -> None:
    (ready / "acme.py").write_text(
        "from wa_policy.api import Step, Waba, hookimpl, rule, rules_in\n\n\n"
        "@rule('ACME001', 'raises', step=Step.WABA)\n"
        "def raises(waba: Waba):\n"
        "    raise ValueError('half-way')\n\n\n"
        "@hookimpl\n"
        "def wa_policy_rules():\n"
        "    return rules_in(__name__)\n"
    )
    (item,) = lint(["manifest.yaml"], whole(plugins=["acme.py"])).not_checked
    assert item.remedy == "Report this to the plugin's author; --ignore it meanwhile"


def test_a_plugin_that_did_not_load_is_not_checked(ready: Path) -> None:
    (ready / "acme.py").write_text("import acme_nowhere\n")
    report = lint(["manifest.yaml"], whole(plugins=["acme.py"]))
    assert not_checked(report) == [
        ("plugin acme.py", "it did not load: ModuleNotFoundError: No module named 'acme_nowhere'")
    ]
    assert report.exit_code == 3


# What is reported.


@pytest.mark.usefixtures("ready")
def test_only_selected_rules_are_reported_though_others_run(session: Sessions) -> None:
    report = lint(["manifest.yaml"], session(sound, raises, chosen=["ACME002"]))
    assert (codes(report), report.rules) == (["ACME002"], ("ACME002",))


@pytest.mark.usefixtures("ready")
def test_rules_that_are_off_find_nothing(session: Sessions) -> None:
    report = lint(["manifest.yaml"], session(sound, raises, layer={"rules": {"ACME001": {"severity": "off"}}}))
    assert codes(report) == ["ACME002"]


def test_a_manifest_says_about_which_steps_nothing_is_asked_of_it(ready: Path) -> None:
    rules = "".join(f"NET{number:03}: off, " for number in range(1, 12))
    (ready / "acme.yaml").write_text(
        "apiVersion: wa-policy/v1\nkind: Policy\nmetadata: {name: acme}\n"
        f"overrides: [{{when: {{environments: [test]}}, reason: a trial, rules: {{{rules}}}}}]\n"
    )
    write(ready, "quiet.json", "campaigns: null")
    write(ready, "test.json", "metadata: {environment: test}")
    for wanted in ({}, {"select": ["WBA001"]}):
        report = lint(["manifest.yaml", "quiet.json", "test.json"], whole("acme.yaml", **wanted))
        assert {manifest.path: manifest.unasked for manifest in report.manifests} == {
            "manifest.yaml": (),
            "quiet.json": ("campaigns",),
            "test.json": ("network",),
        }


@pytest.mark.parametrize(
    ("layer", "select"), [("severity: off", []), ("rules: {WBA001: off, WBA008: off}", ["WBA001", "WBA008"])]
)
def test_what_an_override_turns_off_altogether_is_not_checked(layer: str, select: list[str], ready: Path) -> None:
    (ready / "acme.yaml").write_text(
        "apiVersion: wa-policy/v1\nkind: Policy\nmetadata: {name: acme}\nextends: []\n"
        f"overrides: [{{when: {{environments: [test]}}, reason: a trial, {layer}}}]\n"
    )
    write(ready, "test.json", "metadata: {environment: test, name: acme-test}")
    report = lint(["manifest.yaml", "test.json"], whole("acme.yaml", select=select))
    reason = "the policy turns off for it every rule that is selected, so nobody looked at it"
    assert [(item.what, item.reason, item.path) for item in report.not_checked] == [("acme-test", reason, "test.json")]
    assert report.exit_code == 3
    assert lint(["manifest.yaml"], whole("acme.yaml", select=select)).exit_code == 0


PLUGIN = """
from wa_policy.api import Problems, Step, Waba, hookimpl, rule, rules_in

@rule("ACME001", "meddles", step=Step.WABA)
def meddles(waba: Waba) -> Problems:
    \"\"\"It changes what it should look at.\"\"\"
    waba.data["country"] = "IN"
    return iter(())

@hookimpl
def wa_policy_rules():
    return rules_in(__name__)
"""


def test_a_plugin_that_changes_the_manifest_leaves_it_unchecked(ready: Path) -> None:
    (ready / "acme.py").write_text(PLUGIN)
    write(ready, "other.json", "waba: {country: AQ}")
    report = lint(["manifest.yaml", "other.json"], whole(plugins=("acme.py",)))
    assert [(item.path, item.reason) for item in report.not_checked] == [
        (
            "other.json",
            "a rule of a plugin changed what rules are given (the manifest, its evidence, or settings), so nobody knows "
            "what the others saw",
        )
    ]


@pytest.mark.parametrize(
    ("looks_at", "setting", "act"),
    [
        ("Workspace", "", 'subject.waba.data["country"] = "AQ"'),  # which evidence says of one of them
        ("OptIn", "", 'subject.audit["users"]["true"] += 1'),
        ("Workspace", "", "subject.campaigns = ()"),
        ("Workspace", "", "del subject.phone_numbers"),
        ("Workspace", "", "subject.name = 'acme-retail-uk'"),
        ("Template", "", "subject.listed = False"),
        ("Waba", ', *, usable: list[str] = fact("waba.usable_review_statuses")', 'usable += ["PENDING"]'),
        ("Waba", ", *, words: list[str] = []", 'words.append("more")'),
    ],
)
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_plugin_that_changes_what_rules_are_given_leaves_all_unchecked(
    jobs: int, looks_at: str, setting: str, act: str, ready: Path
) -> None:
    text = PLUGIN.replace("(waba: Waba)", f"(subject: {looks_at}{setting})").replace('waba.data["country"] = "IN"', act)
    (ready / "acme.py").write_text(text.replace("Waba, hook", "OptIn, Template, Waba, Workspace, fact, hook"))
    fragment = "waba: {account_review_status: PENDING, country: null}\nevidence: {graph: {waba: evidence/waba.json}}"
    paths = [write(ready, "other.json", fragment), "manifest.yaml"]
    report = lint(paths, whole(plugins=("acme.py",), jobs=jobs))
    assert report.exit_code == 3
    assert {item.reason.partition(" (")[0] for item in report.not_checked} == {
        "a rule of a plugin changed what rules are given"
    }
    assert sorted(item.path for item in report.not_checked) == ["manifest.yaml", "other.json"]


def test_no_rule_is_given_what_another_was(ready: Path) -> None:
    """Settings of plugins are copies: what one does to a fact is done to no other rule."""
    (ready / "acme.py").write_text(
        PLUGIN.replace("(waba: Waba)", '(waba: Waba, *, usable: list[str] = fact("waba.usable_review_statuses"))')
        .replace('waba.data["country"] = "IN"', 'usable.append("PENDING")')
        .replace("Waba, hook", "Waba, fact, hook")
    )
    session = whole(plugins=("acme.py",), select=["WBA001"])
    path = write(ready, "other.json", "waba: {account_review_status: PENDING}")
    assert codes(lint([path], session)) == ["WBA001"]
    assert codes(lint([path], whole(plugins=("acme.py",)))) == []


@pytest.mark.usefixtures("ready")
def test_a_report_says_what_the_policy_weighs_and_nobody_asked(session: Sessions) -> None:
    whole_run = lint(["manifest.yaml"], session(sound, raises, fails_on_files))
    assert (whole_run.rules, whole_run.left_out) == (("ACME001", "ACME002", "ACME005"), ())
    layer = {"rules": {"ACME005": {"severity": "off"}}}
    report = lint(["manifest.yaml"], session(sound, raises, fails_on_files, chosen=["ACME002"], layer=layer))
    assert [rule.code for rule in report.left_out] == ["ACME001"]
    assert report.left_out[0].step == "waba"


def test_overrides_weigh_each_manifest_by_itself(ready: Path) -> None:
    (ready / "acme.yaml").write_text(
        "apiVersion: wa-policy/v1\nkind: Policy\nmetadata: {name: acme}\n"
        "overrides:\n"
        "  - {when: {paths: ['sandbox/*']}, reason: a trial, rules: {WBA001: info}}\n"
        "  - {when: {environments: [test]}, reason: a trial, rules: {WBA001: warning}}\n"
    )
    pending = "waba: {account_review_status: PENDING}"
    write(ready, "sandbox/a.json", pending)
    write(ready, "b.json", f"{{metadata: {{environment: test}}, {pending}}}")
    write(ready, "c.json", pending)
    report = lint(["sandbox/a.json", "b.json", "c.json"], whole("acme.yaml", select=["WBA001"]))
    assert {f.locations[0].path: f.severity for f in report.findings} == {
        "sandbox/a.json": "info",
        "b.json": "warning",
        "c.json": "error",
    }


def test_overrides_weigh_rules_on_text_and_across_manifests_by_the_manifest_they_are_about(ready: Path) -> None:
    (ready / "acme.yaml").write_text(
        "apiVersion: wa-policy/v1\nkind: Policy\nmetadata: {name: acme}\n"
        "overrides:\n"
        "  - {when: {environments: [test]}, reason: a trial, rules: {MAN002: warning, MAN005: info}}\n"
        "  - {when: {workspaces: [acme-c]}, reason: a copy, rules: {MAN005: 'off'}}\n"
    )
    write(ready, "a.json", "metadata: {name: acme-a}")
    write(ready, "b.json", "metadata: {name: acme-b, environment: test}")
    write(ready, "c.json", "metadata: {name: acme-c}")
    write(ready, "d.json", "{metadata: {name: acme-d, environment: test}, wba: {}}")
    write(ready, "e.json", "{metadata: {name: acme-e}, wba: {}}")
    report = lint(["."], whole("acme.yaml", select=["MAN002", "MAN005"]))
    assert {(f.code, f.path): f.severity for f in report.findings if f.path != "acme.yaml"} == {
        ("MAN005", "b.json"): "info",
        ("MAN005", "manifest.yaml"): "error",
        ("MAN002", "d.json"): "warning",
        ("MAN002", "e.json"): "error",
    }


ON_FOR = [
    "environments: [live]",
    "workspaces: ['acme-*']",
    "paths: ['live/*']",
    "paths: ['live/*'], environments: [live]",
]


def turned_on(when: str, ready: Path, *rules: str) -> None:
    """Writes a policy, acme.yaml, that turns rules off and that an override turns on again."""
    off, on = (", ".join(f"{code}: {word}" for code in rules) for word in ("'off'", "error"))
    (ready / "acme.yaml").write_text(
        f"apiVersion: wa-policy/v1\nkind: Policy\nmetadata: {{name: acme}}\nrules: {{{off}}}\n"
        f"overrides: [{{when: {{{when}}}, reason: these count, rules: {{{on}}}}}]\n"
    )


@pytest.mark.parametrize("when", ON_FOR)
def test_an_override_turns_on_a_rule_across_manifests(when: str, ready: Path) -> None:
    turned_on(when, ready, "MAN005")
    (ready / "live").mkdir()
    for name in ("live/a.yaml", "live/b.yaml"):
        (ready / name).write_text(READY)
    (ready / "live" / "c.yaml").write_text(READY.replace("environment: live", "environment: test"))
    report = lint(["live"], whole("acme.yaml", select=["MAN005"]))
    concerned = {"live/b.yaml"} if "environments" in when else {"live/b.yaml", "live/c.yaml"}
    assert {(finding.code, finding.path) for finding in report.findings} == {("MAN005", path) for path in concerned}
    other = READY.replace("acme-", "other-").replace("environment: live", "environment: test")
    for name in ("d.yaml", "e.yaml"):
        (ready / name).write_text(other)
    assert "MAN005" not in codes(lint(["d.yaml", "e.yaml"], whole("acme.yaml")))


@pytest.mark.parametrize("when", ON_FOR)
@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("MAN002", f"{READY}wba: {{}}\n"),
        ("MAN003", READY.replace('sender: "+918047181888"', "sender: +918047181888")),
        ("MAN004", READY.replace("{vault: crm/gupshup#password}", "correct-horse-battery-staple")),
    ],
)
def test_an_override_turns_on_a_rule_on_text(code: str, text: str, when: str, ready: Path) -> None:
    turned_on(when, ready, "MAN002", "MAN003", "MAN004")
    assert text != READY
    (ready / "live").mkdir()
    other = text.replace("acme-", "other-").replace("environment: live", "environment: test")
    (ready / "live" / "a.yaml").write_text(f"{text}---\n{READY}")
    (ready / "b.yaml").write_text(other)
    report = lint(["live/a.yaml", "b.yaml"], whole("acme.yaml"))
    assert [(finding.path, finding.document) for finding in report.findings if finding.code == code] == [
        ("live/a.yaml", 0)
    ]
    assert {item.path for item in report.not_checked} == {"b.yaml"}


@rule("ACME012", "sees-files", step=Step.MANIFEST)
def sees_files(file: SourceFile, *, limit: int = 1) -> Problems:
    raise LookupError(f"{file.path} {limit}")


@pytest.mark.usefixtures("ready")
def test_a_rule_that_no_manifest_of_a_file_turns_on_does_not_run_on_it(session: Sessions, ready: Path) -> None:
    write(ready, "a.json", "metadata: {environment: test}")
    opened = session(sees_files, layer={"rules": {"ACME012": {"severity": "off"}}})
    opened.policy.overrides.append(
        {
            "environments": ["live"],
            "workspaces": [],
            "paths": [],
            "base": str(ready),
            "level": 0,
            "reason": "these count",
            "path": "acme.yaml",
            "line": 1,
            "layer": {"rules": {"ACME012": {"severity": "error", "settings": {"limit": 7}}}},
        }
    )
    assert [(item.path, item.reason) for item in lint(["."], opened).not_checked if item.code] == [
        ("manifest.yaml", "the rule itself failed: LookupError: manifest.yaml 7")
    ]


def test_another_list_of_addresses_changes_the_verdict_and_the_reports_facts(ready: Path) -> None:
    (ready / "acme.yaml").write_text(
        "apiVersion: wa-policy/v1\nkind: Policy\nmetadata: {name: acme}\n"
        "facts:\n  moengage_static_ips:\n    as_of: 2026-11-20\n    source: ticket MOE-48211\n"
        "    values: {whatsapp: {DC-03: [192.0.2.7]}}\n"
    )
    assert codes(lint(["manifest.yaml"], whole(select=["NET002"]))) == []
    report = lint(["manifest.yaml"], whole("acme.yaml", select=["NET002"]))
    assert codes(report) == ["NET002"]
    assert "192.0.2.7" in report.findings[0].message
    assert tuple(report.facts[0]) == ("moengage_static_ips", "2026-11-20", "sure", "acme.yaml")


# Rules across manifests.


@rule("ACME007", "same-waba", step=Step.MANIFEST)
def same_waba(project: Project) -> Problems:
    first, *others = project.workspaces
    for other in others:
        if other.waba_id == first.waba_id:
            yield fail("two have one WABA", at=other.at("waba", "id"), also=[first.at("waba", "id", label="the first")])


def test_a_rule_across_manifests_points_into_several_files(ready: Path, session: Sessions) -> None:
    write(ready, "b/other.json", "metadata: {name: acme-other}")
    report = lint([".", "b"], session(same_waba))
    (finding,) = report.findings
    assert [(place.path, place.document, place.label) for place in finding.locations] == [
        ("manifest.yaml", 0, ""),
        ("b/other.json", 0, "the first"),
    ]
    assert finding.workspace == "acme-retail-in"
    assert all('"102290129340398"' in place.frame.text for place in finding.locations)


def test_a_rule_across_manifests_points_into_several_documents(ready: Path, session: Sessions) -> None:
    (ready / "several.yaml").write_text(f"{READY}---\n{READY.replace('acme-retail-in', 'acme-other')}")
    (finding,) = lint(["several.yaml"], session(same_waba)).findings
    assert [place.document for place in finding.locations] == [1, 0]
    assert (finding.workspace, finding.document) == ("acme-other", 1)


def test_rules_across_manifests_see_only_what_could_be_checked(ready: Path, session: Sessions) -> None:
    (ready / "broken.yaml").write_text("waba: {id: '102290129340398'}\n")
    assert codes(lint(["broken.yaml", "manifest.yaml"], session(same_waba))) == []


# Standard input.


@pytest.mark.usefixtures("ready")
def test_standard_input_is_a_file_under_a_given_name() -> None:
    pending = READY.replace("account_review_status: APPROVED", "account_review_status: PENDING").encode()
    report = lint(["-"], whole(stdin=Stdin("acme/manifest.yaml", pending)))
    assert {"WBA001", "MAN008"} <= set(codes(report))  # its evidence is looked for beside that name
    assert {finding.locations[0].path for finding in report.findings} == {"acme/manifest.yaml"}


@pytest.mark.usefixtures("ready")
def test_rules_across_manifests_read_standard_input_again(session: Sessions) -> None:
    report = lint(["manifest.yaml", "-"], session(same_waba, stdin=Stdin("<stdin>", READY.encode())))
    (finding,) = report.findings
    assert [place.path for place in finding.locations] == ["manifest.yaml", "<stdin>"]


@pytest.mark.usefixtures("ready")
def test_standard_input_that_is_named_twice_is_checked_once() -> None:
    report = lint(["-", "-"], whole(stdin=Stdin("manifest.yaml", READY.encode())))
    assert len(report.manifests) == 1


# References stay inside.


@pytest.mark.parametrize(
    ("reference", "trouble"),
    [
        ("../secret.txt", "it lies outside the folder that is checked"),
        ("link/secret.txt", "it lies outside the folder that is checked"),
        ("secret-link.txt", "it lies outside the folder that is checked"),
        ("/etc/hostname", "it lies outside the folder that is checked"),
        ("proof", "it is no file"),
        ("pipe", "it is no file"),
        ("nowhere.txt", "there is no such file"),
        ("knot", "there is no such file"),
        ("empty.txt", "the file is empty"),
        ("a" * 300, "there is no such file"),
        ("proof/../proof/letter.txt", ""),
        ("./proof/letter.txt", ""),
    ],
)
def test_references_lead_to_files_inside_the_checked_folder(
    reference: str, trouble: str, in_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (in_folder / "secret.txt").write_text("open sesame")
    checked = in_folder / "checked"
    (checked / "proof").mkdir(parents=True)
    (checked / "proof" / "letter.txt").write_text("To whom it may concern")
    (checked / "empty.txt").touch()
    (checked / "link").symlink_to("..")
    (checked / "secret-link.txt").symlink_to("../secret.txt")
    (checked / "knot").symlink_to("knot")
    os.mkfifo(checked / "pipe")
    monkeypatch.chdir(checked)
    fragment = f'phone_numbers: [{{number: "+91 80 4718 1888", ownership: {{owner: Acme, proof: "{reference}"}}}}]'
    report = lint([write(checked, "manifest.json", fragment)], whole(select=["MAN008"]))
    proofs = [f for f in report.findings if f.locations[0].route == "phone_numbers[0].ownership.proof"]
    assert [finding.message for finding in proofs] == ([f'"{reference}" cannot be used: {trouble}'] if trouble else [])
    assert "sesame" not in as_text.render(report)


def test_a_nul_byte_is_no_path(ready: Path) -> None:
    fragment = 'phone_numbers: [{number: "+91 80 4718 1888", ownership: {owner: Acme, proof: "a\\0b"}}]'
    report = lint([write(ready, "manifest.json", fragment)], whole(select=["MAN"]))
    assert {finding.code for finding in report.findings} <= {"MAN002", "MAN008"}
    assert report.exit_code == 1


# The same files give the same report.


def test_a_report_is_the_same_twice_byte_for_byte(ready: Path) -> None:
    for number, status in enumerate(("PENDING", "REJECTED", "PENDING")):
        write(ready, f"m/{number}.json", f"waba: {{account_review_status: {status}}}")
    first, second = (as_json.render(lint(["."], whole("strict"))) for _ in range(2))
    assert first == second


def test_the_order_of_paths_does_not_matter(ready: Path) -> None:
    names = [write(ready, f"{name}.json", f"metadata: {{name: acme-{name}}}") for name in "cab"]
    reports = [lint(order, whole()) for order in (names, sorted(names), [*names[1:], "nowhere", names[0]])]
    assert "MAN005" in codes(reports[0])
    assert reports[0] == reports[1]
    assert reports[0].findings == reports[2].findings
    assert reports[0].manifests == reports[2].manifests


def test_progress_is_told_of_each_file(ready: Path) -> None:
    write(ready, "other.json", "metadata: {name: acme-other}")
    told: list[str] = []
    lint(["."], whole(), told.append)
    assert [path for path in told if not path.startswith("evidence/")] == ["manifest.yaml", "other.json"]


def test_a_file_that_proves_two_things_is_listed_once(ready: Path) -> None:
    manifest = ready / "manifest.yaml"
    text = manifest.read_text("utf-8")
    manifest.write_text(text.replace("evidence/number-ownership.txt", "evidence/opt-in-audit.json"), "utf-8")
    assert text.count("evidence/opt-in-audit.json") == 1
    named = [path for path in lint(["."], whole()).evidence if os.path.exists(path)]
    assert named == [str(ready / "evidence" / "opt-in-audit.json")]


def test_very_many_manifests_take_little_memory_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept of a manifest that is ready, from discovery to the report; what checking it takes is gone by then."""
    evidence, manifests = tmp_path / "evidence", tmp_path / "manifests"
    session = whole()

    def check_file(found: Found, _: Session) -> FileResult:
        if found.path.endswith(".json"):
            return FileResult(skipped=(found.path,))
        own = of_all[os.path.basename(found.path)]
        document = DocumentId(found.path, 0)
        manifest = Manifest(*document, own.name, own.environment, checked=True)
        proof = os.path.join(str(evidence), os.path.basename(found.path).replace("yaml", "json"))
        return FileResult((manifest,), summaries=(own._replace(document=document),), referenced=(proof,))

    def peak(number: int) -> int:
        of_all.update((f"{each.name}.yaml", each) for each in summaries(number))
        for folder, suffix in ((evidence, ".json"), (manifests, ".yaml")):
            folder.mkdir(exist_ok=True)
            for each in of_all.values():
                (folder / f"{each.name}{suffix}").touch()  # nobody reads it
        tracemalloc.start()
        report = lint([str(tmp_path)], session)
        taken = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert (len(report.manifests), list(report.skipped), report.exit_code) == (number, [], 0)
        return taken

    of_all: dict[str, Summary] = {}
    monkeypatch.setattr(pipeline, "check_file", check_file)
    peak(1100)  # imports what only very many need
    few, many = peak(1100), peak(3300)
    assert (many - few) / 2200 < MOST_BYTES_PER_MANIFEST


MOST_BYTES_PER_MANIFEST = 140
"""What is packed takes 45 of them, hashes that are compared most of the rest. Kept in lists, all of it is over 900."""
