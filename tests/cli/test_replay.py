"""A run that is replayed says what a run without a cache says, and is replayed only while it would say the same."""

import json
import multiprocessing
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from importlib import import_module
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace
from typing import Any

import pytest

import wa_policy
from wa_policy import testing
from wa_policy.cache import files
from wa_policy.cli import replay
from wa_policy.engine.pipeline import lint
from wa_policy.engine.session import open_session
from wa_policy.policy import store
from wa_policy.report.formats import FORMATS
from wa_policy.source.reading import read

pytestmark = pytest.mark.usefixtures("ready")

Run = Callable[..., tuple[int, str, str]]
EXAMPLES = Path(__file__).parents[2] / "examples" / "manifests"
MANIFESTS = sorted(str(path) for path in EXAMPLES.glob("*.yaml"))
KEPT_FORMATS = [name for name in FORMATS if not name.startswith("github")]
CANARY = "EAAG" + "q7Zr2Xw9Kc4Vb6Nm1" * 6

PLUGIN = """
from wa_policy.api import Problems, Step, Workspace, fail, hookimpl, rule, rules_in

@rule("ACME001", "acme-rule", step=Step.MANIFEST)
def acme(workspace: Workspace) -> Problems:
    '''Says something of every manifest.'''
    yield fail("acme says {what}", at=workspace)

@hookimpl
def wa_policy_rules():
    return rules_in(__name__)
"""


@pytest.fixture(autouse=True)
def cache(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own, in a world where nobody else installs or edits anything."""
    for module in ("wa_policy.cli.replay", "wa_policy.engine.results"):
        monkeypatch.setattr(f"{module}.stamps_of_code", lambda _: "as it was")
    return empty_cache


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One entry for each run that was not replayed."""
    opened: list[object] = []

    def counted(options: Any) -> Any:
        opened.append(options)
        return open_session(options)

    monkeypatch.setattr("wa_policy.cli.lint.open_session", counted)
    return opened


@pytest.fixture
def again(run: Run, sessions: list[object]) -> Callable[..., bool]:
    """Lints; says whether that was a replay, once it is known to say what a run without a cache says."""

    def again(*words: str) -> bool:
        before = len(sessions)
        said = run("lint", *words)
        replayed = len(sessions) == before
        assert said == run("lint", "--no-cache", *words)
        return replayed

    return again


Again = Callable[..., bool]


# What is said again is what was said.


@pytest.mark.parametrize("name", KEPT_FORMATS)
def test_every_example_in_every_format_is_said_again(name: str, again: Again, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES.parents[1])
    words = ("--format", name, "--as-of", str(testing.AS_OF), "examples/manifests")
    assert not again(*words)
    assert again(*words)


@pytest.mark.parametrize("path", MANIFESTS, ids=os.path.basename)
def test_each_example_is_said_again(path: str, again: Again) -> None:
    assert not again("--policy", "strict", path)
    assert again("--policy", "strict", path)


@pytest.mark.parametrize(
    "words",
    [
        ("--policy=draft", "manifest.yaml"),
        ("--fail-on", "info", "--policy", "strict", "manifest.yaml"),
        ("--select", "numbers", "--ignore=NUM001", "manifest.yaml", "--jobs", "2"),
        ("--no-plugins", "--no-suppressions", "--limit", "nodes=5000", "--", "manifest.yaml", "./manifest.yaml", "."),
        ("--baseline", "accepted.json", "manifest.yaml"),
        ("--format=json", os.path.join(os.curdir, "evidence", os.pardir)),
    ],
)
def test_runs_with_harmless_options_are_said_again(words: tuple[str, ...], run: Run, again: Again) -> None:
    assert run("baseline", "write", "--policy", "strict", "accepted.json", "manifest.yaml")[0] == 0
    again(*words)
    assert again(*words)


# What wakes it.


def edit(path: str, old: str, new: str) -> None:
    text = Path(path).read_text("utf-8")
    assert old in text
    Path(path).write_text(text.replace(old, new), "utf-8")


def other(path: str) -> None:
    """Put another file in the place of one."""
    Path("other").write_text("{}", "utf-8")
    os.replace("other", path)


def replaced_by_folder(path: str) -> None:
    os.unlink(path)
    os.mkdir(path)


def linked_out(path: str) -> None:
    os.rename(path, "../outside")
    os.symlink(os.path.abspath("../outside"), path)


def linked_folder() -> None:
    """The same evidence, but elsewhere."""
    shutil.move("evidence", "../evidence-of-others")
    os.symlink("../evidence-of-others", "evidence")


def lost_outside(path: str) -> None:
    """Before: nothing there. Now: a link to nothing, outside."""
    os.symlink(os.path.abspath("../nowhere"), path)


AUDIT = "evidence/opt-in-audit.json"

WAKE: dict[str, Callable[[], object]] = {
    "an edit": lambda: edit("manifest.yaml", "APPROVED", "REJECTED"),
    "an edit of a comment": lambda: edit("manifest.yaml", "apiVersion", "# now\napiVersion"),
    "another name": lambda: os.rename("manifest.yaml", "renamed.yaml"),
    "another case": lambda: os.rename("manifest.yaml", "Manifest.yaml"),
    "gone": lambda: os.unlink("manifest.yaml"),
    "one more": lambda: shutil.copy("manifest.yaml", "second.yaml"),
    "one more that is no manifest": lambda: Path("notes.json").write_text("{}"),
    "one more in a folder below": lambda: shutil.copytree("evidence", "below"),
    "evidence edited": lambda: edit(AUDIT, ":", " :"),
    "evidence gone": lambda: os.unlink(AUDIT),
    "other evidence": lambda: other(AUDIT),
    "empty evidence": lambda: Path(AUDIT).write_text(""),
    "evidence of no kind": lambda: replaced_by_folder(AUDIT),
    "evidence that leads out": lambda: linked_out(AUDIT),
    "a folder of evidence that leads out": linked_folder,
    "no evidence at all": lambda: shutil.rmtree("evidence"),
    "a policy": lambda: Path("wa-policy.yaml").write_text(policy("strict")),
    "a policy of the wrong name": lambda: Path("wa-policy.yml").write_text(policy("strict")),
    "a policy that leads nowhere": lambda: os.symlink("gone.yaml", "wa-policy.yaml"),
    "a table in pyproject.toml": lambda: Path("pyproject.toml").write_text("[tool.wa-policy]\nextends = 'strict'\n"),
    "a nearer top of the repository": lambda: os.mkdir(".git"),
}


def policy(extends: str) -> str:
    return f"apiVersion: wa-policy/v1\nkind: Policy\nmetadata: {{name: acme}}\nextends: {extends}\n"


@pytest.mark.parametrize("what", WAKE)
def test_what_changes_wakes_it(what: str, ready: Path, again: Again) -> None:
    (ready / "inner").mkdir()
    (ready / "wa-policy.yaml").write_text(policy("go-live"))
    for name in ("evidence", "manifest.yaml"):
        shutil.move(name, "inner")
    os.chdir("inner")
    assert not again(".")
    assert again(".")
    WAKE[what]()
    assert not again(".")


def test_a_link_to_nothing_is_something_else_than_nothing(again: Again) -> None:
    os.unlink(AUDIT)
    again("manifest.yaml")
    assert again("manifest.yaml")
    lost_outside(AUDIT)
    assert not again("manifest.yaml")


def test_a_touch_wakes_nothing(ready: Path, again: Again) -> None:
    again(".")
    os.utime("manifest.yaml", (1, 1))
    os.utime(AUDIT)
    (ready / "manifest.yaml").chmod(0o600)
    (ready / "README.md").write_text("nobody reads this")
    (ready / ".hidden.yaml").write_text("nor this")
    assert again(".")


def test_an_extended_policy_wakes_it(again: Again) -> None:
    Path("wa-policy.yaml").write_text(policy("below/base.yaml"))
    Path("below").mkdir()
    Path("below/base.yaml").write_text(policy("draft"))
    again("manifest.yaml")
    assert again("manifest.yaml")
    Path("below/base.yaml").write_text(policy("strict"))
    assert not again("manifest.yaml")


def test_a_policy_that_is_named_wakes_it(again: Again) -> None:
    Path("acme.yaml").write_text(policy("draft"))
    again("--policy", "acme.yaml", "manifest.yaml")
    assert again("--policy", "acme.yaml", "manifest.yaml")
    Path("acme.yaml").write_text(policy("strict"))
    assert not again("--policy", "acme.yaml", "manifest.yaml")


def test_a_policy_beside_the_manifests_wakes_it_and_is_told_each_time(run: Run, again: Again) -> None:
    Path("team/manifests").mkdir(parents=True)
    shutil.copytree("evidence", "team/manifests/evidence")
    shutil.copy("manifest.yaml", "team/manifests")
    assert not again("team/manifests/manifest.yaml")
    assert again("team/manifests/manifest.yaml")
    Path("team/wa-policy.yaml").write_text(policy("strict"))
    assert not again("team/manifests/manifest.yaml")
    assert not again("team/manifests/manifest.yaml")
    assert run("lint", "team/manifests/manifest.yaml")[2].startswith("wa-policy: team/wa-policy.yaml was not used: ")


def test_a_baseline_wakes_it_to_its_last_byte(run: Run, again: Again) -> None:
    words = ("--policy", "strict", "--baseline", "accepted.json", "manifest.yaml")
    assert run("baseline", "write", "--policy", "strict", "accepted.json", "manifest.yaml")[0] == 0
    with open("accepted.json", "a") as file:
        file.write(" " * 5_000_000)
    again(*words)
    assert again(*words)
    with open("accepted.json", "a") as file:
        file.write("x")
    assert not again(*words)


def test_a_policy_that_changes_while_files_are_checked_wakes_it(
    run: Run, again: Again, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*words: Any) -> Any:
        Path("acme.yaml").write_text(policy("strict"))
        return lint(*words)

    Path("acme.yaml").write_text(policy("draft"))
    with monkeypatch.context() as patch:
        patch.setattr("wa_policy.cli.lint.lint", slow)
        run("lint", "--policy", "acme.yaml", "manifest.yaml")
    assert not again("--policy", "acme.yaml", "manifest.yaml")


@pytest.mark.parametrize("name", ["pol.yaml", "wa-policy.yaml", "base.yaml"])
@pytest.mark.parametrize("known", [True, False])
def test_a_policy_that_changes_while_the_run_starts_wakes_it(
    name: str, known: bool, run: Run, again: Again, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(name).write_text(policy("strict"))
    if name == "base.yaml":
        Path("wa-policy.yaml").write_text(policy("./base.yaml"))
    words = ("--policy", name) if name == "pol.yaml" else ()
    if known:
        run("lint", "--no-cache", *words, "manifest.yaml")

    def slow(content: bytes, path: str) -> Any:
        if path == name:
            Path(name).write_text(policy("draft"))
        return read(content, path)

    recall_policy = store.recall

    def slow_recall(*words: Any) -> Any:
        found = recall_policy(*words)
        if found is not None:
            Path(name).write_text(policy("draft"))
        return found

    with monkeypatch.context() as patch:
        patch.setattr("wa_policy.policy.texts.read", slow)
        patch.setattr(store, "recall", slow_recall)
        assert run("lint", *words, "manifest.yaml")[0] == 1
    assert run("lint", *words, "manifest.yaml")[0] == 0
    assert again(*words, "manifest.yaml")


def test_a_baseline_that_changes_while_it_is_read_is_not_kept(
    run: Run, cache: Path, again: Again, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("--policy", "strict", "--baseline", "accepted.json", "manifest.yaml")
    run("baseline", "write", "--policy", "strict", "accepted.json", "manifest.yaml")
    accepted = Path("accepted.json").read_text()
    nothing = '{"format": "wa-policy/baseline", "version": 1, "entries": []}'

    def slow(*words: Any) -> Any:
        Path("accepted.json").write_text(nothing)
        return lint(*words)

    with monkeypatch.context() as patch:
        patch.setattr("wa_policy.cli.lint.lint", slow)
        assert run("lint", *words)[0] == 1
    assert not list(cache.glob("run-*"))
    Path("accepted.json").write_text(accepted)
    assert not again(*words)
    assert run("lint", *words)[0] == 0


def test_a_plugin_that_changes_while_it_is_imported_wakes_it(
    installed: Path, run: Run, again: Again, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = installed / "acme_rules" / "__init__.py"

    def slow(name: str) -> Any:
        loaded = import_module(name)
        if name == "acme_rules":
            code.write_text(dedent(PLUGIN).format(what="something else"))
        return loaded

    with monkeypatch.context() as patch:
        patch.setattr("wa_policy.rules.loading.importlib.import_module", slow)
        assert "acme says something" in run("lint", "manifest.yaml")[1]
    assert not [path.name for path in cache.iterdir() if path.name.startswith(("run-", "results-"))]
    sys.modules.pop("acme_rules")
    shutil.rmtree(installed / "acme_rules" / "__pycache__", ignore_errors=True)
    assert "acme says something else" in run("lint", "manifest.yaml")[1]
    assert again("manifest.yaml")


def test_another_day_wakes_it(again: Again, monkeypatch: pytest.MonkeyPatch) -> None:
    again("manifest.yaml")
    assert again("manifest.yaml")
    tomorrow = time.time() + 86_400
    monkeypatch.setattr(replay, "time", SimpleNamespace(localtime=lambda: time.localtime(tomorrow)))

    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Tomorrow":
            return cls.fromtimestamp(tomorrow, tz)

    monkeypatch.setattr("wa_policy.cli.options.datetime", Tomorrow)
    assert not again("manifest.yaml")
    assert again("manifest.yaml")


def test_another_version_wakes_it(again: Again, monkeypatch: pytest.MonkeyPatch) -> None:
    again("manifest.yaml")
    monkeypatch.setattr(wa_policy, "__version__", "99.0")
    assert not again("manifest.yaml")


def test_other_code_wakes_it(again: Again, monkeypatch: pytest.MonkeyPatch) -> None:
    again("manifest.yaml")
    monkeypatch.setattr(replay, "stamps_of_code", lambda _: "edited")
    assert not again("manifest.yaml")


def test_another_folder_wakes_it(ready: Path, again: Again) -> None:
    path = str(ready / "manifest.yaml")
    again(path)
    (ready / "below").mkdir()
    os.chdir("below")
    assert not again(path)


@pytest.mark.parametrize(
    ("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb"), ("GITHUB_WORKSPACE", "/elsewhere"), ("COLUMNS", "40")]
)
def test_another_environment_wakes_it(name: str, value: str, again: Again, monkeypatch: pytest.MonkeyPatch) -> None:
    again("--format", "sarif", "manifest.yaml")
    monkeypatch.setenv(name, value)
    assert not again("--format", "sarif", "manifest.yaml")


def test_a_terminal_has_colours_of_its_own(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    plain = run("lint", "--policy", "strict", "manifest.yaml")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    colored = run("lint", "--policy", "strict", "manifest.yaml")
    assert "\x1b[" in colored[1]
    assert run("lint", "--policy", "strict", "manifest.yaml") == colored
    monkeypatch.undo()
    assert "\x1b[" not in plain[1]


def test_other_words_are_another_run(again: Again) -> None:
    again("--select", "NUM", "manifest.yaml")
    assert not again("--select", "TPL", "manifest.yaml")
    assert not again("manifest.yaml", "--select", "TPL")
    assert not again("--policy", "strict", "manifest.yaml", "--select", "TPL")


@pytest.fixture
def installed(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a package that offers a rule, as an installer leaves it."""
    site = tmp_path_factory.mktemp("site")
    (site / "acme_rules" / "more").mkdir(parents=True)
    (site / "acme_rules" / "__init__.py").write_text(dedent(PLUGIN).format(what="something"))
    (site / "acme_rules-1.0.dist-info").mkdir()
    (site / "acme_rules-1.0.dist-info" / "entry_points.txt").write_text("[wa_policy]\nacme = acme_rules\n")
    monkeypatch.syspath_prepend(str(site))
    yield site
    sys.modules.pop("acme_rules", None)


def test_an_installed_plugin_wakes_it(installed: Path, run: Run, again: Again) -> None:
    again("manifest.yaml")
    assert again("manifest.yaml")
    assert "acme says something" in run("lint", "manifest.yaml")[1]
    (installed / "acme_rules" / "__init__.py").write_text(dedent(PLUGIN).format(what="something else"))
    sys.modules.pop("acme_rules")
    shutil.rmtree(installed / "acme_rules" / "__pycache__", ignore_errors=True)
    assert not again("manifest.yaml")
    assert "acme says something else" in run("lint", "manifest.yaml")[1]
    for change in ("more/rules.py", "data.yaml"):
        assert again("manifest.yaml")
        (installed / "acme_rules" / change).write_text("# found by looking into the folder")
        assert not again("manifest.yaml")


def test_installing_and_removing_a_plugin_wakes_it(installed: Path, run: Run, again: Again) -> None:
    again("manifest.yaml")
    shutil.move(installed / "acme_rules-1.0.dist-info", installed / "acme_rules-2.0.dist-info")
    os.utime(installed, (2, 2))  # the clock of a file system may be slower than this test
    assert not again("manifest.yaml")
    shutil.rmtree(installed / "acme_rules-2.0.dist-info")
    os.utime(installed, (3, 3))
    assert not again("manifest.yaml")
    assert "acme says" not in run("lint", "manifest.yaml")[1]


@pytest.fixture
def editable(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with two projects whose packages are installed as they stand there: a plugin, and words that it takes."""
    folder = tmp_path_factory.mktemp("projects")
    for name, module in (("acme-rules", "acme_rules"), ("acme-words", "acme_words")):
        (folder / name / module).mkdir(parents=True)
        (folder / "site" / f"{module}-1.0.dist-info").mkdir(parents=True)
        monkeypatch.syspath_prepend(str(folder / name))
    monkeypatch.syspath_prepend(str(folder / "site"))
    (folder / "site" / "acme_rules-1.0.dist-info" / "entry_points.txt").write_text("[wa_policy]\nacme = acme_rules\n")
    (folder / "acme-words" / "acme_words" / "__init__.py").write_text("from acme_words.list import WORD")
    (folder / "acme-words" / "acme_words" / "list.py").write_text("WORD = 'one'")
    (folder / "acme-rules" / "acme_beside.py").write_text("WORD = 'one'")
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # these folders stay as they are
    yield folder
    forget()


def forget() -> None:
    """Have plugins and what they take imported anew, as another process would."""
    for name in [name for name in sys.modules if name.startswith("acme_")]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("acme_beside", "acme-rules/acme_beside.py"),
        ("acme_words", "acme-words/acme_words/list.py"),
        ("acme_words.list", "acme-words/acme_words/list.py"),
    ],
)
@pytest.mark.parametrize("late", [False, True], ids=["at once", "as the rule runs"])
def test_what_an_installed_plugin_imports_from_a_project_wakes_it(
    source: str, path: str, late: bool, editable: Path, run: Run, again: Again
) -> None:
    code = dedent(PLUGIN).format(what='" + WORD + "')
    imports = f"from {source} import WORD\n"
    code = code.replace("    yield", f"    {imports}    yield") if late else f"{imports}{code}"
    (editable / "acme-rules" / "acme_rules" / "__init__.py").write_text(code)

    def afresh() -> bool:
        forget()
        return again("manifest.yaml")

    assert not afresh()
    # What a rule imports from elsewhere as it runs, nobody has looked at before: nothing is kept of such a run.
    assert afresh() != (late and source != "acme_beside")
    (editable / path).write_text("WORD = 'something else'")
    assert not afresh()
    forget()
    assert "acme says something else" in run("lint", "manifest.yaml")[1]


# What is never kept.


@pytest.mark.parametrize(
    "words",
    [
        ("-",),
        ("--stdin-filename", "x.yaml", "-"),
        ("--fix", "manifest.yaml"),
        ("--diff", "manifest.yaml"),
        ("--output", "json=report.json", "manifest.yaml"),
        ("--output", "json=-", "manifest.yaml"),
        ("--format", "github", "manifest.yaml"),
        ("--format=github", "manifest.yaml"),
        ("--form", "github", "manifest.yaml"),
        ("--format", "github-summary", "manifest.yaml"),
        ("--verify-digests", "manifest.yaml"),
        ("--no-cache", "manifest.yaml"),
        ("--plugin", "acme.py", "manifest.yaml"),
        ("--policy", "git:HEAD:wa-policy.yaml", "manifest.yaml"),
        ("--baseline=git:HEAD:baseline.json", "manifest.yaml"),
        ("nothing.yaml",),
        ("manifest.yaml", "nothing.yaml"),
        ("--select", "nothing", "manifest.yaml"),
        ("--no-such-option", "manifest.yaml"),
    ],
)
def test_never_kept(words: tuple[str, ...], cache: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("acme.py").write_text(dedent(PLUGIN).format(what="something"))
    stdin = SimpleNamespace(buffer=SimpleNamespace(read=lambda _: testing.READY.encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    run("lint", *words)
    assert not list(cache.glob("run-*"))


def test_a_policy_through_a_pipe_is_never_kept(run: Run, cache: Path) -> None:
    for extends in ("draft", "strict"):
        reader, writer = os.pipe()
        os.write(writer, policy(extends).encode())
        os.close(writer)
        said = run("lint", "--format", "json", "--policy", f"/dev/fd/{reader}", "manifest.yaml")
        os.close(reader)
        assert json.loads(said[1])["policy"]["name"] == "acme"
        assert not list(cache.glob("run-*"))


def test_a_manifest_that_cannot_be_read_is_never_kept(run: Run, again: Again) -> None:
    os.symlink("gone", "gone.yaml")
    assert run("lint", ".")[0] == 3
    assert not again(".")


def test_a_broken_plugin_is_never_kept(installed: Path, run: Run, again: Again) -> None:
    (installed / "acme_rules" / "__init__.py").write_text("1 / 0")
    assert run("lint", "manifest.yaml")[0] == 3
    assert not again("manifest.yaml")


# What stands in the way does no harm.


def damage(path: Path, how: str) -> None:
    content = path.read_bytes()
    if how == "read-only":
        path.chmod(0o400)
        path.parent.chmod(0o500)
    elif how == "a folder":
        path.unlink()
        path.mkdir()
    elif how == "of another version":
        stamp = path.name.partition("-")[2].removesuffix(".cache")
        path.write_bytes(content.replace(stamp.encode(), b"another"))
        path.write_bytes(b"wa-policy 0.0\n" + content)
    else:
        path.write_bytes({"empty": b"", "cut": content[:-5], "changed": content[:-5] + b"x" + content[-4:]}[how])


@pytest.mark.parametrize("how", ["empty", "cut", "changed", "read-only", "a folder", "of another version"])
def test_damage_does_no_harm(how: str, cache: Path, again: Again) -> None:
    again("manifest.yaml")
    for path in list(cache.iterdir()):
        if path.name.startswith(("run-", "results-")) or how != "a folder":
            damage(path, how)
    try:
        again("manifest.yaml")
        again("manifest.yaml")
    finally:
        cache.chmod(0o700)


@pytest.mark.parametrize(
    "content", [b"", b"x", b"\xff", b"0\n1\nx\n\nREADY", b"0\nx\n\n", b"0\n1\nx\nI1 2\n\nREADY", b"0\n1\nx\n\0\n\n"]
)
def test_what_is_well_kept_and_makes_no_sense_does_no_harm(content: bytes, again: Again) -> None:
    key = replay.key_of(["manifest.yaml"])
    assert key
    files.keep_bytes("run", key, content)
    assert not again("manifest.yaml")


def test_a_folder_that_is_gone_is_told_of_as_ever(ready: Path, run: Run) -> None:
    (ready / "below").mkdir()
    os.chdir("below")
    os.rmdir("../below")
    said = run("lint", "manifest.yaml")
    assert said[0] != 0
    assert said == run("lint", "--no-cache", "manifest.yaml")


def test_names_of_any_bytes_are_kept(again: Again) -> None:
    for number, name in enumerate(
        (b"caf\xe9.yaml", "प्रिया.yaml".encode(), b"a b.yaml", b"tab\t.yaml", b"line\nbreak.yaml")
    ):
        os.makedirs(f"folder{number}")
        shutil.copytree("evidence", f"folder{number}/evidence")
        Path(os.fsdecode(f"folder{number}/".encode() + name)).write_text(testing.READY, "utf-8")
        again(f"folder{number}")
        assert again(f"folder{number}")
    for name in (b"caf\xe9.yaml", "प्रिया.yaml".encode()):
        path = os.fsdecode(name)
        shutil.copy("manifest.yaml", path)
        again(path)
        assert again(path)
        edit(path, "APPROVED", "REJECTED")
        assert not again(path)
    shutil.copy("manifest.yaml", "line\nbreak.yaml")
    again("line\nbreak.yaml")
    assert not again("line\nbreak.yaml")  # named, it could not be told from two names


def test_no_credential_is_kept(run: Run, cache: Path) -> None:
    edit("manifest.yaml", "name: acme-retail-in", f"name: acme-retail-in\n  description: see {CANARY}")
    edit("manifest.yaml", AUDIT, f"evidence/{CANARY}.json")
    shutil.copy(AUDIT, f"evidence/{CANARY}.json")
    Path("answers.json").write_text(json.dumps({"data": [], "paging": {"next": f"https://x/?access_token={CANARY}"}}))
    Path("second.yaml").write_text(testing.READY + f"# {CANARY}\nevidence: {{graph: {{templates: answers.json}}}}\n")
    Path("third.yaml").write_text(testing.READY.replace("account_review_status: APPROVED", f"sasl: {CANARY}"))
    Path("fourth.yaml").write_text(f"a: [{CANARY}")
    for name in ("text", "json", "html"):
        run("lint", "--format", name, ".")
        run("lint", "--format", name, "manifest.yaml", "second.yaml", "third.yaml", "fourth.yaml")
    assert list(cache.iterdir())
    assert not [path.name for path in cache.iterdir() if CANARY.encode() in path.read_bytes()]


@pytest.mark.parametrize("words", [(f"{CANARY}.yaml",), (".",), (f"{CANARY}/",)])
def test_no_name_that_looks_like_a_credential_is_kept(words: tuple[str, ...], run: Run, cache: Path) -> None:
    os.mkdir(CANARY)
    shutil.copytree("evidence", f"{CANARY}/evidence")
    shutil.copy("manifest.yaml", f"{CANARY}/manifest.yaml")
    os.rename("manifest.yaml", f"{CANARY}.yaml")
    assert run("lint", *words)[0] in (0, 1)
    assert not [path.name for path in cache.iterdir() if CANARY.encode() in path.read_bytes()]


def _lint_often(folder: str) -> None:
    from wa_policy.cli.main import main

    os.chdir(folder)
    with open(os.devnull, "w") as nowhere:
        sys.stdout = nowhere
        codes = {main(["lint", "--policy", "strict", name]) for name in ("manifest.yaml", ".") * 4}
    sys.exit(0 if codes == {1} else 1)


def test_two_processes_at_once_do_each_other_no_harm(ready: Path, cache: Path, again: Again) -> None:
    assert not again("--policy", "strict", ".")
    files.clear()
    fork = multiprocessing.get_context("fork")
    processes = [fork.Process(target=_lint_often, args=(str(ready),)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    assert not [path for path in cache.iterdir() if path.suffix != ".cache"]
    again("--policy", "strict", ".")
    assert again("--policy", "strict", ".")
