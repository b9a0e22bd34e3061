"""Plugins: what loads offers its rules, and what does not is said, whatever it does."""

import importlib.metadata
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from wa_policy.rules.entry_points import EntryPoint
from wa_policy.rules.loading import Loaded, Plugin, load

RULE = '''
from wa_policy.api import Problems, Step, Waba, fail, hookimpl, rule, rules_in

@rule("{code}", "{name}", step=Step.WABA)
def check(waba: Waba) -> Problems:
    """The account has no name."""
    yield fail("it has none", at=waba)

@hookimpl
def wa_policy_rules():
    return rules_in(__name__)
'''

Write = Callable[..., str]


@pytest.fixture
def write(in_folder: Path) -> Write:
    """Writes a plugin into a file, by default one with a rule ACME001; returns its path."""

    def write(text: str = "", path: str = "acme.py", code: str = "ACME001", name: str = "acme-rule") -> str:
        (in_folder / path).parent.mkdir(parents=True, exist_ok=True)
        (in_folder / path).write_text(RULE.format(code=code, name=name) + dedent(text))
        return path

    return write


def plugin(path: str) -> Plugin:
    """The plugin as loaded beside the bundled ones, which must load whatever it does."""
    loaded = load([path], third_party=False)
    assert not [found for found in loaded.troubles if found.bundled]
    assert set(loaded.troubles) <= {loaded.plugins[-1]}
    return loaded.plugins[-1]


# What loads.


def test_bundled_rules_are_plugins() -> None:
    loaded = load(third_party=False)
    entry_points = importlib.metadata.entry_points(group="wa_policy")
    assert {found.module for found in loaded.plugins} == {
        entry.value for entry in entry_points if entry.dist is not None
    }
    assert list(loaded.rules) == sorted(loaded.rules)
    assert loaded.rules["NET002"].plugin == "network"


def test_a_file_is_a_plugin(write: Write) -> None:
    loaded = load([write('__version__ = "1.2"')], third_party=False)
    assert loaded.plugins[-1] == Plugin("acme.py", "acme.py", "", "1.2", ("ACME001",))
    assert (loaded.rules["ACME001"].plugin, loaded.rules["ACME001"].name) == ("acme.py", "acme-rule")


def test_two_files_of_one_name_are_two_plugins(write: Write) -> None:
    files = [write(path="a/rules.py"), write(path="b/rules.py", code="ACME002", name="acme-other")]
    loaded = load(files, third_party=False)
    assert not loaded.troubles
    assert {"ACME001", "ACME002"} <= set(loaded.rules)


def test_a_module_is_a_plugin(write: Write, in_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path="acme_module_plugin.py")
    monkeypatch.syspath_prepend(str(in_folder))
    loaded = load(["acme_module_plugin"], third_party=False)
    assert loaded.plugins[-1] == Plugin("acme_module_plugin", "acme_module_plugin", "", "", ("ACME001",))


@pytest.fixture
def install(write: Write, in_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Installs acme-rules 1.2, which offers a module as its plugin "retail"."""

    def install(module: str) -> None:
        write(path=f"{module}.py")
        write(f"[wa_policy]\nretail = {module}\n", path="acme_rules-1.2.dist-info/entry_points.txt")
        monkeypatch.syspath_prepend(str(in_folder))

    return install


def test_an_installed_package_offers_plugins_unless_they_are_refused(install: Callable[[str], None]) -> None:
    install("acme_installed_plugin")
    assert load().plugins[-1] == Plugin("retail", "acme_installed_plugin", "acme_rules", "1.2", ("ACME001",))
    assert all(found.bundled for found in load(third_party=False).plugins)


def test_what_is_named_and_installed_or_named_twice_is_loaded_once(
    write: Write, install: Callable[[str], None]
) -> None:
    install("acme_installed_and_named")
    installed = load()
    named = ["acme_installed_and_named", "wa_policy.plugins.network"]
    assert load(named)[:2] == installed[:2]
    assert load([*named, *named], third_party=False).plugins[-1].module == "acme_installed_and_named"
    twice = load([write(), "acme.py"], third_party=False)
    assert (twice.troubles, twice.plugins[-1].codes) == ([], ("ACME001",))


def test_a_module_under_two_entry_points_is_told_in_few_words(install: Callable[[str], None], in_folder: Path) -> None:
    install("acme_offered_twice")
    (in_folder / "acme_rules-1.2.dist-info" / "entry_points.txt").write_text(
        "[wa_policy]\nretail = acme_offered_twice\nwholesale = acme_offered_twice\n", "utf-8"
    )
    *_, first, second = load().plugins
    assert (first.name, first.trouble, first.codes) == ("retail", "", ("ACME001",))
    assert (second.name, second.trouble) == (
        "wholesale",
        "it is the module that the plugin retail of acme_rules has registered already; keep one entry point for it",
    )


def test_a_module_that_another_name_has_put_in_place_is_told(
    write: Write, in_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [EntryPoint("one", "acme_first_of_two", "", ""), EntryPoint("other", "acme_second_of_two", "", "")]
    write(path="acme_first_of_two.py")
    (in_folder / "acme_second_of_two.py").write_text(
        "import sys, acme_first_of_two\nsys.modules[__name__] = acme_first_of_two\n", "utf-8"
    )
    monkeypatch.syspath_prepend(str(in_folder))
    (second,) = load(found=entries).troubles
    assert second.trouble == "it is the module that the plugin one has registered already; keep one entry point for it"


def test_two_plugins_of_one_name_in_a_package_are_told(
    write: Write, in_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path="acme_name_one.py")
    write(path="acme_name_two.py", code="ACME002", name="acme-other")
    monkeypatch.syspath_prepend(str(in_folder))
    entries = [EntryPoint("retail", f"acme_name_{one}", "acme_rules", "1.2") for one in ("one", "two")]
    (second,) = load(found=entries).troubles
    assert (second.module, second.trouble) == (
        "acme_name_two",
        "another plugin is called retail of acme_rules already; give it a name of its own",
    )


def test_the_current_folder_is_no_place_for_modules(write: Write) -> None:
    write(path="acme_beside.py")
    assert plugin("acme_beside").trouble == "ModuleNotFoundError: No module named 'acme_beside'"


# What does not.


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("raise ValueError('half-way')", "ValueError: half-way"),
        ("raise SystemExit('leaving')", "SystemExit: leaving"),
        ("import sys; sys.exit(0)", "SystemExit: 0"),
        ("import acme_nowhere", "ModuleNotFoundError: No module named 'acme_nowhere'"),
        ("del wa_policy_rules", "it has no function wa_policy_rules under @hookimpl, so it offers nothing"),
        (
            "def wa_policy_rules(): return []",
            "it has no function wa_policy_rules under @hookimpl, so it offers nothing",
        ),
        (
            "@hookimpl\ndef wa_policy_rules(): pass",
            "wa_policy_rules offers no rule: return rules_in(__name__)",
        ),
        (
            "@hookimpl\ndef wa_policy_rules(): return []",
            "wa_policy_rules offers no rule: return rules_in(__name__)",
        ),
        (
            "@hookimpl\ndef wa_policy_rules(): return ['ACME001']",
            "wa_policy_rules offers 'ACME001', which is no rule: return rules_in(__name__)",
        ),
        ("@hookimpl\ndef wa_policy_rules(): return 5", "TypeError: 'int' object is not iterable"),
        ("@hookimpl\ndef wa_policy_rules(): raise KeyError('x')", "KeyError: 'x'"),
        ("@hookimpl\ndef wa_policy_rules(): raise SystemExit(0)", "SystemExit: 0"),
        (
            "@hookimpl\ndef wa_policy_rules(): yield rules_in(__name__)[0]; yield rules_in(__name__)[0]",
            "it declares ACME001, which another of its rules declares already",
        ),
    ],
)
def test_a_plugin_that_does_not_load_says_why(text: str, trouble: str, write: Write) -> None:
    assert plugin(write(text)) == Plugin("acme.py", "acme.py", "", "", trouble=trouble)


def test_a_hook_that_wa_policy_does_not_know_is_refused(write: Write) -> None:
    trouble = plugin(write("@hookimpl\ndef wa_policy_ruls(): return []")).trouble
    assert trouble.startswith("PluginValidationError: unknown hook 'wa_policy_ruls' in plugin")


def test_a_signature_that_is_none_is_told(write: Write) -> None:
    text = '@rule("ACME002", "acme-other", step=Step.WABA)\ndef other(): pass'
    assert plugin(write(text)).trouble == (
        "rule ACME002 (wa_policy_plugin_acme.other) must take its subject and, if it wants one, ctx; "
        "settings are keyword-only"
    )


ON_A_FACT = """
from collections.abc import Mapping, Sequence
from wa_policy.api import Count, Share, fact

@rule("ACME002", "acme-other", step=Step.WABA)
def other(waba: Waba, *, limit: {kind} = fact("{path}")) -> Problems:
    yield fail(str(limit), at=waba)
"""


@pytest.mark.parametrize(
    ("path", "kind", "trouble"),
    [
        (
            "wba.limit",
            "int",
            'asks for the fact "wba.limit", and there are no facts named "wba" (did you mean "waba"?)',
        ),
        ("", "int", 'asks for the fact "", and there are no facts named ""'),
        (
            "template_categories.curent",
            "Sequence[str]",
            'asks for the fact "template_categories.curent", and the facts "template_categories" have no value "curent" '
            '(did you mean "current"?)',
        ),
        (
            "phone_number_statuses.status.nope",
            "Sequence[str]",
            'asks for the fact "phone_number_statuses.status.nope", and the facts "phone_number_statuses" have no value '
            '"status.nope"',
        ),
        (
            "template_categories.current.first",
            "str",
            'asks for the fact "template_categories.current.first", and the facts "template_categories" have no value '
            '"current.first"',
        ),
        (
            "template_categories.current",
            "int",
            'gives limit, which is int, the fact "template_categories.current": that is a list',
        ),
        (
            "template_categories.current",
            "Mapping[str, str]",
            'gives limit, which is Mapping, the fact "template_categories.current": that is a list',
        ),
        ("waba.health", "Sequence[str]", 'gives limit, which is Sequence, the fact "waba.health": that is a mapping'),
        (
            "display_names.shortest",
            "str",
            'gives limit, which is str, the fact "display_names.shortest": that is the whole number 3',
        ),
    ],
)
def test_a_fact_that_no_rule_could_stand_on_is_told_of_the_plugin(
    path: str, kind: str, trouble: str, write: Write
) -> None:
    assert plugin(write(ON_A_FACT.format(path=path, kind=kind))).trouble == f"rule ACME002 {trouble}"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("template_categories.current", "Sequence[str]"),
        ("waba", "Mapping[str, object]"),
        ("waba.health", "dict[str, str]"),
        ("display_names.shortest", "Count"),
        ("display_names.shortest", "Share | None"),
    ],
)
def test_a_rule_may_stand_on_any_fact_of_its_type(path: str, kind: str, write: Write) -> None:
    assert plugin(write(ON_A_FACT.format(path=path, kind=kind))).codes == ("ACME001", "ACME002")


def test_a_file_with_broken_python_is_told(in_folder: Path) -> None:
    (in_folder / "acme.py").write_text("def broken(:\n")
    assert plugin("acme.py").trouble.startswith("SyntaxError: ")


@pytest.mark.parametrize(
    ("path", "trouble"),
    [
        ("nowhere.py", "there is no file nowhere.py"),
        ("folder/nowhere.py", "there is no file folder/nowhere.py"),
        ("folder/", "there is no file folder/"),
        ("folder/plugin.yaml", "folder/plugin.yaml is no file of Python"),
    ],
)
def test_a_path_that_is_no_plugin_is_told(path: str, trouble: str, write: Write) -> None:
    write(path="folder/plugin.yaml")
    assert plugin(path).trouble == trouble


@pytest.mark.parametrize(
    ("code", "name", "trouble"),
    [
        ("NET002", "acme-rule", "it declares NET002, which network declares already"),
        ("ACME001", "missing-moengage-ip", "it declares missing-moengage-ip, which network declares already"),
    ],
)
def test_nobody_takes_a_bundled_rules_code_or_name(code: str, name: str, trouble: str, write: Write) -> None:
    loaded = load([write(code=code, name=name)], third_party=False)
    assert loaded.plugins[-1].trouble == trouble
    assert loaded.rules["NET002"].plugin == "network"
    assert "ACME001" not in loaded.rules


def test_the_first_of_two_plugins_keeps_a_code(write: Write) -> None:
    files = [write(path="first.py"), write(path="second.py", name="acme-other")]
    loaded = load(files, third_party=False)
    assert loaded.plugins[-1].trouble == "it declares ACME001, which first.py declares already"
    assert loaded.rules["ACME001"].plugin == "first.py"


def test_a_plugin_that_does_not_load_is_not_asked_for_anything_else(write: Write) -> None:
    other = "@hookimpl\ndef wa_policy_read_templates(provider, answer): return [((), {})]\n"
    sound = load([write(other)], third_party=False)
    assert sound.read_templates(provider="acme", answer={}) == [((), {})]
    refused = load([write(other, code="NET002")], third_party=False)
    assert refused.read_templates(provider="acme", answer={}) is None


def test_a_reader_of_templates_that_changes_the_current_folder_is_brought_back(write: Write, in_folder: Path) -> None:
    other = """
        import os

        @hookimpl
        def wa_policy_read_templates(provider, answer):
            os.chdir("/")
            yield (), {}
            os.chdir("/")
    """
    assert load([write(other)], third_party=False).read_templates(provider="acme", answer={}) == [((), {})]
    assert Path.cwd() == in_folder


def test_a_plugin_that_fails_leaves_the_others_alone(write: Write) -> None:
    files = [
        write("raise ValueError('half-way')", "broken.py"),
        write(path="sound.py", code="ACME002", name="acme-other"),
    ]
    loaded: Loaded = load(files, third_party=False)
    assert [found.name for found in loaded.troubles] == ["broken.py"]
    assert "ACME002" in loaded.rules
    assert "ACME001" not in loaded.rules


def test_loading_leaves_the_module_path_as_it_is(write: Write) -> None:
    before = list(sys.path)
    load([write()], third_party=False)
    assert sys.path == before


# From a commit, so that a gate runs what its own branch has.


@pytest.fixture
def committed(write: Write, monkeypatch: pytest.MonkeyPatch) -> str:
    """A plugin in a commit; the file in the work tree would end the run."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    path = write(path="plugins/acme.py")
    identity = ["-c", "user.name=Rosa", "-c", "user.email=rosa@example.com"]
    for words in (
        ["init", "--quiet", "--initial-branch=main"],
        ["add", "."],
        ["commit", "--quiet", "--message=plugin"],
    ):
        subprocess.run(["git", *identity, *words], check=True)
    write("raise SystemExit", path=path)
    return f"git:main:{path}"


def test_a_plugin_is_taken_from_a_commit(committed: str) -> None:
    assert plugin(committed).codes == ("ACME001",)


def test_what_no_commit_has_did_not_load(committed: str) -> None:
    assert plugin(committed.replace("acme", "nobody")).trouble == 'there is no file "plugins/nobody.py" in main'
    assert plugin(f"{committed}x").trouble == "it is no file of Python"
    assert plugin("git:acme.py").trouble.startswith("a file in git is written git:REF:PATH")
