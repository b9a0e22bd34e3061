"""Results kept by file: whoever takes them says what whoever checks anew says, and only what changed is checked anew."""

import importlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace
from typing import Any

import pytest

import wa_policy
from wa_policy import testing
from wa_policy.cache import files
from wa_policy.cache.values import as_json, from_json
from wa_policy.engine import one_file, pipeline, results
from wa_policy.engine.session import Options, open_session
from wa_policy.report.formats import FORMATS
from wa_policy.rules import plugin_code
from wa_policy.rules.entry_points import EntryPoint
from wa_policy.rules.loading import load
from wa_policy.source.discover import Found

pytestmark = pytest.mark.usefixtures("ready")

Run = Callable[..., tuple[int, str, str]]
EXAMPLES = Path(__file__).parents[2] / "examples" / "manifests"
AUDIT = "evidence/opt-in-audit.json"
OWNERSHIP = "evidence/number-ownership.txt"

PLUGIN = """
from wa_policy.api import Change, Fix, Problems, Step, Workspace, fail, hookimpl, rule, rules_in

@rule("ACME001", "acme-rule", step=Step.MANIFEST)
def acme(workspace: Workspace) -> Problems:
    '''Says something of every manifest.'''
    place = workspace.at("metadata", "name")
    yield fail("{what}", at=place, fix=Fix("call it acme", (Change("set", place, "acme"),), safe=False))

@hookimpl
def wa_policy_rules():
    return rules_in(__name__)
"""


@pytest.fixture(autouse=True)
def cache(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own, without replays, in a world where nobody else installs or edits anything."""
    monkeypatch.setattr(results, "stamps_of_code", lambda _: "as it was")
    monkeypatch.setattr("wa_policy.cli.main._again", lambda _: None)
    return empty_cache


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were checked, and not recalled."""
    paths: list[str] = []
    check_file = one_file.check_file

    def counted(found: Any, session: Any) -> Any:
        if session.options.cache:
            paths.append(found.path)
        return check_file(found, session)

    monkeypatch.setattr(pipeline, "check_file", counted)
    return paths


@pytest.fixture
def lint(run: Run, checked: list[str]) -> Callable[..., list[str]]:
    """Lints; says which files were checked, once it is known that a run without a cache says the same."""

    def lint(*words: str) -> list[str]:
        checked.clear()
        said = run("lint", *words)
        assert said == run("lint", "--no-cache", *words)
        return sorted(checked)

    return lint


Lint = Callable[..., list[str]]


@pytest.fixture
def two(ready: Path) -> Path:
    """A folder of two manifests that claim the same names, each with evidence of its own."""
    for path in (ready / "evidence").iterdir():
        if path.name not in (*map(os.path.basename, (AUDIT, OWNERSHIP)), "waba.json"):
            path.unlink()  # nobody names it, and it would be read each time
    shutil.copytree("evidence", "other/evidence")
    (ready / "other" / "manifest.yaml").write_text(testing.READY, "utf-8")
    return ready


def edit(path: str, old: str, new: str) -> None:
    text = Path(path).read_text("utf-8")
    assert old in text
    Path(path).write_text(text.replace(old, new), "utf-8")


# What is recalled is what was found.


@pytest.mark.parametrize("name", FORMATS)
def test_every_example_in_every_format(name: str, lint: Lint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES.parents[1])
    words = ("--format", name, "--policy", "strict", "--as-of", str(testing.AS_OF), "examples/manifests")
    assert len(lint(*words)) > 20
    assert lint(*words) == ["examples/manifests/pasted-secret.yaml"]  # what holds a credential is not kept


def parts(value: Any) -> Any:
    """The value with the class of each part."""
    if isinstance(value, dict):
        return dict, [(parts(key), parts(item)) for key, item in value.items()]
    return (type(value), [parts(item) for item in value]) if isinstance(value, (tuple, list)) else (type(value), value)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.name)
def test_each_example_comes_back_as_it_was(path: Path) -> None:
    session = open_session(
        Options(as_of=date.fromisoformat(str(testing.AS_OF)), policy="strict", overview=True, cache=True)
    )
    result = one_file.check_file(Found(str(path), True, str(EXAMPLES)), session)
    opened = results.open_results(session)
    assert opened is not None
    assert parts(from_json(json.loads(json.dumps(as_json(result))), opened.classes)) == parts(result)


def test_a_finding_with_a_fix_comes_back(lint: Lint) -> None:
    Path("acme.py").write_text(dedent(PLUGIN).format(what="call it acme"))
    words = ("--plugin", "acme.py", "--format", "json", "manifest.yaml")
    assert lint(*words) == ["manifest.yaml"]
    assert lint(*words) == []


def test_fixing_takes_what_is_kept_and_says_the_same(run: Run) -> None:
    Path("acme.py").write_text(dedent(PLUGIN).format(what="call it acme"))
    words = ("lint", "--plugin", "acme.py", "--unsafe-fixes", "--diff", "manifest.yaml")
    first = run(*words)
    assert "+  name: acme\n" in first[1]
    assert run(*words) == first == run(*words[:1], "--no-cache", *words[1:])
    fixing = (*words[:4], "--fix", "manifest.yaml")
    said = run(*fixing)
    shutil.copy("manifest.yaml", "fixed.yaml")
    Path("manifest.yaml").write_text(testing.READY, "utf-8")
    assert run(fixing[0], "--no-cache", *fixing[1:]) == said
    assert Path("manifest.yaml").read_bytes() == Path("fixed.yaml").read_bytes()


# What changed is checked anew, and nothing else.


def moved(path: str, to: str, link: str) -> None:
    """Move something, and leave a link to it."""
    os.rename(path, to)
    os.symlink(link, path)


CHANGES: dict[str, tuple[Callable[[], object], list[str]]] = {
    "a touch": (lambda: os.utime("manifest.yaml", (1, 1)), []),
    "a file beside": (lambda: Path("evidence/notes.txt").write_text("x"), []),
    "an edit": (lambda: edit("manifest.yaml", "APPROVED", "REJECTED"), ["manifest.yaml"]),
    "another name": (lambda: os.rename("manifest.yaml", "a.yaml"), ["a.yaml"]),
    "gone": (lambda: os.unlink("manifest.yaml"), []),
    "one more": (lambda: shutil.copy("manifest.yaml", "a.yaml"), ["a.yaml"]),
    "evidence edited": (lambda: edit(AUDIT, ":", " :"), [AUDIT, "manifest.yaml"]),
    "evidence gone": (lambda: os.unlink(AUDIT), ["manifest.yaml"]),
    "evidence of the other": (lambda: edit("other/" + AUDIT, ":", " :"), ["other/" + AUDIT, "other/manifest.yaml"]),
    "a proof that is empty now": (lambda: Path(OWNERSHIP).write_text(""), ["manifest.yaml"]),
    "a proof that leads out": (
        lambda: moved(OWNERSHIP, "../proof", "../../proof"),
        ["manifest.yaml"],
    ),
    "a proof that says something else": (lambda: Path(OWNERSHIP).write_text(Path(OWNERSHIP).read_text() + "x"), []),
    "evidence through a link": (
        lambda: moved("evidence", ".proofs", ".proofs"),
        ["manifest.yaml"],
    ),
}


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.usefixtures("two")
def test_only_what_changed_is_checked_anew(what: str, lint: Lint) -> None:
    change, anew = CHANGES[what]
    jsons = [f"{folder}evidence/{name}" for folder in ("", "other/") for name in os.listdir("evidence")]
    everything = [name for name in jsons if name.endswith(".json")] + ["manifest.yaml", "other/manifest.yaml"]
    assert lint(".") == sorted(everything)
    assert lint(".") == []
    change()
    assert lint(".") == anew
    assert lint(".") == []


def test_a_named_file_is_another_than_one_that_was_found(two: Path, lint: Lint) -> None:
    shutil.copy(AUDIT, "audit.json")
    lint(".")
    assert lint("audit.json", "manifest.yaml") == ["audit.json", "manifest.yaml"]
    assert lint("audit.json", "manifest.yaml") == []
    assert lint(".") == []
    assert lint(str(two)) != []


def test_several_reports_take_what_is_kept(lint: Lint) -> None:
    words = ("--output", "json=a.txt", "--output", "sarif=b.txt", "manifest.yaml")
    assert lint(*words) == ["manifest.yaml"]
    assert lint(*words) == []


@pytest.mark.usefixtures("two")
def test_what_is_not_looked_at_is_not_forgotten(lint: Lint) -> None:
    lint("manifest.yaml", "other/manifest.yaml")
    edit("manifest.yaml", "APPROVED", "REJECTED")
    assert lint("manifest.yaml") == ["manifest.yaml"]
    assert lint("other/manifest.yaml") == []


def test_limits_of_both_kinds_count(lint: Lint) -> None:
    lint("manifest.yaml")
    assert lint("--limit", "bytes=100", "manifest.yaml") == ["manifest.yaml"]
    assert lint("--limit", "nodes=20", "manifest.yaml") == ["manifest.yaml"]
    assert lint("manifest.yaml") == []


def test_evidence_named_twice_and_documents_that_share_it(lint: Lint) -> None:
    second = testing.READY.replace("name: acme-retail-in", "name: acme-two").replace(OWNERSHIP, AUDIT)
    Path("manifest.yaml").write_text(f"{testing.READY}\n---\n{second}", "utf-8")
    lint("manifest.yaml")
    assert lint("manifest.yaml") == []
    edit(AUDIT, ":", " :")
    assert lint("manifest.yaml") == ["manifest.yaml"]


def policy(extends: str) -> str:
    return f"apiVersion: wa-policy/v1\nkind: Policy\nmetadata: {{name: acme}}\nextends: {extends}\n"


def test_what_holds_for_the_whole_run_makes_other_results(lint: Lint, monkeypatch: pytest.MonkeyPatch) -> None:
    def anew(*words: str) -> bool:
        return bool(lint(*words, "manifest.yaml")) and not lint(*words, "manifest.yaml")

    assert anew()
    assert anew("--policy", "strict")
    assert anew("--as-of", "2025-01-31")
    assert anew("--select", "NUM")
    assert anew("--ignore", "NUM001")
    assert anew("--fail-on", "info")
    assert anew("--no-suppressions")
    assert anew("--no-plugins")
    assert anew("--format", "html")
    assert not lint("--format", "sarif", "manifest.yaml")
    assert not lint("--jobs", "2", "manifest.yaml")
    Path("wa-policy.yaml").write_text(policy("draft"))
    assert anew()
    Path("wa-policy.yaml").write_text(policy("base.yaml"))
    Path("base.yaml").write_text(policy("go-live"))
    assert anew()
    Path("base.yaml").write_text(policy("strict"))
    assert anew()
    monkeypatch.setattr(wa_policy, "__version__", "99.0")
    assert anew()
    monkeypatch.setattr(results, "stamps_of_code", lambda _: "edited")
    assert anew()
    monkeypatch.setattr(results, "stamps_of_packages", lambda: "something was installed")
    assert anew()


def test_a_plugin_that_changes_makes_other_results(run: Run, lint: Lint) -> None:
    Path("acme.py").write_text(dedent(PLUGIN).format(what="one"))
    words = ("--plugin", "acme.py", "manifest.yaml")
    lint(*words)
    assert lint(*words) == []
    Path("acme.py").write_text(dedent(PLUGIN).format(what="two"))
    shutil.rmtree("__pycache__", ignore_errors=True)
    assert lint(*words) == ["manifest.yaml"]
    assert "two" in run("lint", *words)[1]
    Path("helper.py").write_text("# a module beside it")
    assert lint(*words) == ["manifest.yaml"]


@pytest.mark.parametrize("moment", ["imported", "checked"])
def test_a_plugin_that_changes_meanwhile_has_no_results(
    moment: str, run: Run, lint: Lint, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("acme.py").write_text(dedent(PLUGIN).format(what="one"))
    words = ("--plugin", "acme.py", "manifest.yaml")
    place = "wa_policy.engine.session.load" if moment == "imported" else "wa_policy.engine.pipeline.check_file"
    undisturbed: Any = load if moment == "imported" else one_file.check_file

    def slow(*given: Any, **named: Any) -> Any:
        done = undisturbed(*given, **named)
        Path("acme.py").write_text(dedent(PLUGIN).format(what="two"))
        return done

    with monkeypatch.context() as patch:
        patch.setattr(place, slow)
        assert "one" in run("lint", *words)[1]
    assert not list(cache.glob("results-*"))
    shutil.rmtree("__pycache__", ignore_errors=True)
    assert lint(*words) == ["manifest.yaml"]
    assert lint(*words) == []
    assert "two" in run("lint", *words)[1]


@pytest.mark.parametrize(
    "words",
    [
        ("--plugin", "acme.py"),
        ("--plugin=acme.py",),
        ("--plug", "acme.py"),
        ("--plugin", "acme.py", "--output", "json=report.json"),
    ],
)
def test_a_plugin_has_results_however_it_is_named(words: tuple[str, ...], lint: Lint) -> None:
    Path("acme.py").write_text(dedent(PLUGIN).format(what="one"))
    lint(*words, "manifest.yaml")
    assert lint(*words, "manifest.yaml") == []


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that Python imports from."""
    folder = tmp_path_factory.mktemp("site")
    monkeypatch.syspath_prepend(str(folder))
    yield folder
    for name in [name for name in sys.modules if name.startswith("acme_")]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("module", "file", "beside"),
    [
        ("acme_one", "acme_one.py", "helper.py"),
        ("acme_many", "acme_many/__init__.py", "acme_many/below/facts.yaml"),
        ("acme_spread.rules", "acme_spread/rules.py", "acme_spread/helper.py"),
        ("acme_deep.below.rules", "acme_deep/below/rules.py", "acme_deep/below/helper.py"),
    ],
)
def test_a_plugins_code_is_its_package_or_what_is_beside_it(module: str, file: str, beside: str, site: Path) -> None:
    for path in (file, beside):
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text("")
    found = [path for path, _ in plugin_code.code_of(module) or ()]
    assert str(site / file) in found
    assert str(site / beside) in found
    assert not [path for path in found if "__pycache__" in path or not path.startswith(str(site))]


@pytest.fixture
def lint_afresh(lint: Lint, monkeypatch: pytest.MonkeyPatch) -> Lint:
    """Lints as another process would, which imports plugins anew."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def lint_afresh(*words: str) -> list[str]:
        for name in [name for name in sys.modules if name.startswith("acme_")]:
            del sys.modules[name]
        return lint(*words)

    return lint_afresh


def test_what_a_plugin_brings_in_from_elsewhere_makes_other_results(site: Path, lint_afresh: Lint) -> None:
    for name in ("acme_brings", "acme_more"):
        (site / name).mkdir()
    (site / "acme_brings" / "__init__.py").write_text(f"import acme_more\n{PLUGIN.format(what='one')}")
    (site / "acme_more" / "__init__.py").write_text("import acme_more.below")
    (site / "acme_more" / "below.py").write_text("")
    words = ("--plugin", "acme_brings", "manifest.yaml")
    assert lint_afresh(*words) == ["manifest.yaml"]
    assert lint_afresh(*words) == []
    (site / "acme_more" / "below.py").write_text("1")
    assert lint_afresh(*words) == ["manifest.yaml"]
    assert lint_afresh(*words) == []


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_file_whose_rule_imports_code_that_nobody_looked_at_has_no_results(
    jobs: str, site: Path, lint_afresh: Lint, cache: Path
) -> None:
    (site / "acme_late").mkdir()
    (site / "acme_more").mkdir()
    late = "    if workspace.name == 'acme-two': import acme_more\n    place = "
    (site / "acme_late" / "__init__.py").write_text(PLUGIN.format(what="one").replace("    place = ", late))
    (site / "acme_more" / "__init__.py").write_text("")
    Path("other.yaml").write_text(testing.READY.replace("name: acme-retail-in", "name: acme-two"), "utf-8")
    words = ("--jobs", jobs, "--plugin", "acme_late")
    lint_afresh(*words, "manifest.yaml", "other.yaml")
    kept = [json.loads(path.read_bytes().partition(b"\n")[2]) for path in cache.glob("results-*")]
    assert [len(results) for results in kept] == ([] if jobs == "1" else [1])
    lint_afresh(*words, "manifest.yaml")
    assert lint_afresh(*words, "manifest.yaml") == []


def test_what_an_installer_wrote_down_is_a_plugins_code(site: Path) -> None:
    (site / "acme_whole").mkdir()
    (site / "acme_whole" / "__init__.py").write_text("")
    (site / "acme_words, more.txt").write_text("one")
    (site / "others.py").write_text("")
    info = site / "acme_rules-1.0.dist-info"
    info.mkdir()
    lines = ("acme_whole/__init__.py,,", '"acme_words, more.txt",sha256=x,3', "__pycache__/acme.pyc,,", "../acme,,", "")
    (info / "RECORD").write_text("\r\n".join(lines), newline="")
    code = plugin_code.Code([EntryPoint("acme", "acme_whole", "acme_rules", "1.0")])
    with code.watched():
        importlib.import_module("acme_whole")
    shutil.rmtree(site / "acme_whole" / "__pycache__", ignore_errors=True)  # none where Python keeps no compiled code
    paths = [os.path.relpath(path, site) for path, _, _ in code.still() or ()]
    assert paths == ["acme_whole", "acme_whole/__init__.py", "acme_words, more.txt", "../acme"]
    (site / "others.py").write_text("2")
    assert code.still() is not None
    (site / "acme_words, more.txt").write_text("two")
    assert code.still() is None


def test_modules_are_found_as_ever_while_a_plugin_is_imported(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (site / "acme_found.py").write_text("")
    before = list(sys.meta_path)
    code = plugin_code.Code([])
    with code.watched():
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module("acme_nowhere")
        monkeypatch.setattr(
            sys, "meta_path", [*sys.meta_path, SimpleNamespace()]
        )  # as old ones are, which find no spec
        importlib.import_module("acme_found")
        monkeypatch.undo()
    assert sys.meta_path == before
    assert [path for path, _, _ in code.still() or ()] == [str(site / "acme_found.py")]


@pytest.mark.parametrize("where", ["acme_linked/facts", "acme_linked/below/facts"])
def test_a_plugin_with_a_linked_folder_has_no_results(where: str, site: Path, lint: Lint, cache: Path) -> None:
    (site / "acme_linked" / "below").mkdir(parents=True)
    (site / "acme_linked" / "__init__.py").write_text(dedent(PLUGIN).format(what="one"))
    (site / "facts").mkdir()
    (site / where).symlink_to(site / "facts")
    words = ("--plugin", "acme_linked", "manifest.yaml")
    assert lint(*words) == ["manifest.yaml"]
    assert lint(*words) == ["manifest.yaml"]
    assert not list(cache.glob("results-*"))
    (site / where).unlink()
    assert lint(*words) == ["manifest.yaml"]
    assert lint(*words) == []
    (site / where).mkdir()
    assert lint(*words) == ["manifest.yaml"]
    assert lint(*words) == []
    (site / where).rmdir()
    (site / where).write_text("")
    assert lint(*words) == ["manifest.yaml"]


def test_a_plugin_whose_own_folder_is_a_link_has_results(site: Path, lint: Lint, cache: Path) -> None:
    (site / "elsewhere").mkdir()
    (site / "acme_whole").symlink_to("elsewhere")
    (site / "elsewhere" / "__init__.py").write_text(dedent(PLUGIN).format(what="one"))
    lint("--plugin", "acme_whole", "manifest.yaml")
    assert list(cache.glob("results-*"))
    assert lint("--plugin", "acme_whole", "manifest.yaml") == []


def test_a_plugin_that_does_not_load_has_no_code(site: Path) -> None:
    assert plugin_code.code_of("acme_nowhere.rules") == []
    assert plugin_code.code_of("..rules") == plugin_code.code_of("") == []
    assert plugin_code.code_of(str(site / "nowhere" / "acme.py")) == []


# Rules across manifests.


@pytest.mark.usefixtures("two")
def test_rules_across_manifests_work_on_what_is_kept(run: Run, lint: Lint) -> None:
    words = ("--select", "MAN005", "--format", "concise", "manifest.yaml", "other/manifest.yaml")
    assert len(lint(*words)) == 2
    assert lint(*words) == []
    before = run("lint", *words)[1]
    assert before.count("MAN005") > 3
    edit("other/manifest.yaml", "+91", "+91 ")
    assert lint(*words) == ["other/manifest.yaml"]
    assert run("lint", *words)[1].count("MAN005") == before.count("MAN005")
    edit("other/manifest.yaml", "name: acme-retail-in", "name: acme-wholesale-in")
    assert lint(*words) == ["other/manifest.yaml"]
    assert run("lint", *words)[1].count("MAN005") == before.count("MAN005") - 1
    os.unlink("other/manifest.yaml")
    assert "MAN005" not in run("lint", "--select", "MAN005", "manifest.yaml")[1]


# What is never kept, and what cannot be.


@pytest.mark.parametrize(
    "words",
    [
        ("--verify-digests", "manifest.yaml"),
        ("--plugin", "git:HEAD:acme.py", "manifest.yaml"),
        ("manifest.yaml", "nothing.yaml", "--no-cache"),
        ("broken.yaml",),
    ],
)
def test_never_kept(words: tuple[str, ...], run: Run, cache: Path) -> None:
    Path("broken.yaml").write_text("a: [")
    Path("acme.py").write_text(dedent(PLUGIN).format(what="something"))
    assert "internal error" not in run("lint", "--ignore", "MAN001", *words)[2]
    assert not list(cache.glob("results-*"))


def test_values_that_could_not_come_back_are_not_kept(lint: Lint) -> None:
    text = dedent(PLUGIN).format(what="a set").replace('"acme"),)', "{1, 2}),)")
    Path("acme.py").write_text(text)
    assert lint("--plugin", "acme.py", "manifest.yaml") == ["manifest.yaml"]
    assert lint("--plugin", "acme.py", "manifest.yaml") == ["manifest.yaml"]
    Path("acme.py").write_text(text.replace("{1, 2}", "10 ** 5000"))
    shutil.rmtree("__pycache__", ignore_errors=True)
    assert lint("--plugin", "acme.py", "manifest.yaml") == ["manifest.yaml"]


@pytest.mark.parametrize(
    "content", [None, 5, "text", {}, [], ["", [], ["Nobody"]], ["", [], ["Span", 1]], ["", [[1]], 1]]
)
def test_what_is_well_kept_and_makes_no_sense_does_no_harm(
    content: Any, lint: Lint, monkeypatch: pytest.MonkeyPatch
) -> None:
    lint("manifest.yaml")
    recall = files.recall

    def nonsense(kind: str, key: str) -> Any:
        kept = recall(kind, key)
        if kind != "results":
            return kept
        return {
            name: [entry[0], *content[1:]] if isinstance(content, list) else content for name, entry in kept.items()
        }

    monkeypatch.setattr(files, "recall", nonsense)
    assert lint("manifest.yaml") == ["manifest.yaml"]
