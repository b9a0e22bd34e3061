"""Every command and option as a person calls it."""

import io
import json
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import wa_policy
from tests.cli.conftest import PLUGIN, POLICY
from wa_policy.cli.main import COMMANDS
from wa_policy.cli.parsers import parser_of
from wa_policy.testing import READY

MISPLACED = "EAAG" + "q7Zr2Xw9Kc4Vb6Nm1" * 3

Run = Callable[..., tuple[int, str, str]]


PRINTS = f'print("as it loads")\n{PLUGIN}'.replace("    if waba", '    print("as it runs")\n    if waba')


def says(error: str) -> str:
    """What is said before and after the usage, which is as wide as the terminal."""
    return re.sub(r"(?ms)^usage: .*?(?=^wa-policy)", "", error)


@pytest.mark.parametrize("word", ["--version", "-V"])
def test_it_says_its_version(word: str, run: Run) -> None:
    assert run(word) == (0, f"wa-policy {wa_policy.__version__}\n", "")


@pytest.mark.parametrize("word", ["--help", "-h", "help"])
def test_its_help_lists_every_command_and_exit_code(word: str, run: Run) -> None:
    code, out, error = run(word)
    assert (code, error) == (0, "")
    assert [line.split()[0] for line in out.partition("commands:\n")[2].split("\n\n")[0].split("\n")] == list(COMMANDS)
    assert all(f"\n  {code}  " in out for code in range(4))


@pytest.mark.parametrize("word", ["--help", "-h", "help"])
def test_help_on_a_command_is_the_commands_own(word: str, run: Run) -> None:
    assert run(word, "checklist") == run("checklist", "--help")
    assert run(word, "lnt") == run("lnt")


@pytest.mark.parametrize("word", ["manifest.yaml", "our manifest.yaml", "./evidence", "nowhere/acme.yml", "acme.json"])
@pytest.mark.usefixtures("ready")
def test_who_leaves_out_the_command_is_told(word: str, run: Run) -> None:
    complaint = f'there is no command "{word}"; to check it: wa-policy lint {shlex.quote(word)}'
    assert run(word) == (2, "", f"wa-policy: {complaint}\n")


def test_without_a_word_it_helps_and_refuses(run: Run) -> None:
    code, out, error = run()
    assert (code, out) == (2, "")
    assert error.startswith("usage: wa-policy ")


@pytest.mark.parametrize(
    ("word", "complaint"),
    [
        ("lnt", 'wa-policy: there is no command "lnt" (did you mean "lint"?); see `wa-policy --help`\n'),
        ("x\n::error::y", 'wa-policy: there is no command "x\\n::error::y"; see `wa-policy --help`\n'),
    ],
)
def test_an_unknown_command_is_refused(word: str, complaint: str, run: Run) -> None:
    assert run(word) == (2, "", complaint)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_helps(command: str, run: Run) -> None:
    code, out, error = run(command, "--help")
    assert (code, error) == (0, "")
    assert out.startswith(f"usage: wa-policy {command}")
    assert f"{COMMANDS[command][:1].upper()}{COMMANDS[command][1:]}." in " ".join(out.split())


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["lint"], "the following arguments are required: PATH"),
        (["lint", "--slect", "NET", "."], "unrecognized arguments: --slect"),
        (["lint", "--pol", "strict", "."], "unrecognized arguments: --pol"),
        (["lint", "--fail-on", "never", "."], "argument --fail-on: invalid choice: 'never'"),
        (["lint", "--format", "xml", "."], "argument --format: invalid choice: 'xml'"),
        (["lint", "--as-of", "22.11.2026", "."], 'argument --as-of: "22.11.2026" is no day of the form YYYY-MM-DD'),
        (["lint", "--as-of", "2026-02-30", "."], 'argument --as-of: "2026-02-30" is no day of the form YYYY-MM-DD'),
        (
            ["lint", "--limit", "size=5", "."],
            'argument --limit: there is no limit "size"; it is one of bytes, depth, nodes, growth',
        ),
        (["lint", "--limit", "depth=0", "."], 'argument --limit: "0" is no whole number over 0'),
        (
            ["lint", "--limit", "depth=257", "."],
            "argument --limit: depth is 256 at most; flatten what stands deeper",
        ),
        (
            ["lint", "--limit", f"bytes={'9' * 5000}", "."],
            "argument --limit: no file has so many: 18 digits are allowed",
        ),
        (["lint", "--jobs", "9" * 5000, "."], "argument --jobs: "),
        (["lint", "--limit", "depth", "."], 'argument --limit: "" is no whole number over 0'),
        (["lint", "--limit", "depth=-1", "."], 'argument --limit: "-1" is no whole number over 0'),
        (["lint", "--x\n::error::y", "."], "unrecognized arguments: --x\\n::error::y"),
        (["checklist"], "the following arguments are required: PATH"),
        (["explain"], "the following arguments are required: CODE_OR_NAME"),
        (["schema", "manifest"], "argument KIND: invalid choice: 'manifest'"),
        (["policy"], "the following arguments are required: ACTION"),
        (["policy", "print"], "argument ACTION: invalid choice: 'print'"),
        (["cache"], "the following arguments are required: ACTION"),
        (["baseline"], "the following arguments are required: ACTION, FILE, PATH"),
        (["completion", "fish"], "argument SHELL: invalid choice: 'fish'"),
        (["audit"], "the following arguments are required: KIND"),
        (["snapshot", "facebook", "--waba-id", "1", "--out", "a"], "argument SOURCE: invalid choice: 'facebook'"),
        (["policy", "show", "--environment", "prod"], "argument --environment: invalid choice: 'prod'"),
    ],
)
def test_a_wrong_option_is_refused(words: list[str], complaint: str, run: Run) -> None:
    code, out, error = run(*words)
    assert (code, out) == (2, "")
    assert says(error).startswith(f"wa-policy {words[0]}: error: {complaint}")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_and_complaints_call_an_argument_by_one_name(command: str) -> None:
    _, parser = parser_of(command)
    for action in parser._actions:  # noqa: SLF001  # no public way
        assert action.option_strings or action.metavar, action.dest


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["lint", "--ouput", "json=x", "."], "--output"),
        (["lint", "--formatt=json", "."], "--format"),
        (["policy", "show", "--enviroment", "live"], "--environment"),
        (["lint", "-format", "json", "."], "--format"),
        (["lint", "-outptu=json=x", "."], "--output"),
        (["lint", "--format", "jsn", "."], "json"),
        (["lint", "--fail-on", "warn", "."], "warning"),
        (["schema", "workspac"], "workspace"),
        (["policy", "sho"], "show"),
        (["cache", "shw"], "show"),
        (["baseline", "wirte", "b.json", "."], "write"),
        (["snapshot", "graff", "--waba-id", "1", "--out", "a"], "graph"),
        (["audit", "opt-inn"], "opt-in"),
        (["completion", "zhs"], "zsh"),
    ],
)
def test_a_mistyped_option_is_known_by_its_looks(words: list[str], meant: str, run: Run) -> None:
    code, out, error = run(*words)
    assert (code, out) == (2, "")
    assert error.endswith(f' (did you mean "{meant}"?)\n')


@pytest.mark.parametrize(
    "words",
    [
        [MISPLACED],
        ["explain", MISPLACED],
        ["lint", MISPLACED],
        ["lint", "--policy", MISPLACED, "manifest.yaml"],
        ["lint", "--select", MISPLACED, "manifest.yaml"],
        ["lint", "--baseline", MISPLACED, "manifest.yaml"],
        ["lint", "--plugin", MISPLACED, "manifest.yaml"],
        ["lint", "--plugin", f"./{MISPLACED}.py", "manifest.yaml"],
        ["lint", "--show-files", MISPLACED],
        ["lint", "--show-settings", "--plugin", MISPLACED, "manifest.yaml"],
        ["plugins", "--plugin", MISPLACED],
        ["rules", "--plugin", MISPLACED],
        ["policy", "show", MISPLACED],
        ["baseline", "show", MISPLACED],
        [
            "audit",
            "opt-in",
            "--workspace",
            "a",
            "--out",
            "o.json",
            "--moengage",
            "manifest.yaml",
            "--map",
            f"{MISPLACED}=x",
        ],
        ["audit", "opt-in", "--workspace", "a", "--out", "o.json", "--moengage", MISPLACED],
    ],
)
@pytest.mark.usefixtures("ready")
def test_a_token_in_the_wrong_place_is_not_repeated(words: list[str], run: Run) -> None:
    code, out, error = run(*words)
    assert code in (2, 3)
    assert MISPLACED not in out + error
    assert "*" * len(MISPLACED) in out + error


def test_an_option_behind_two_dashes_is_told_to_stand_before_them(run: Run) -> None:
    code, _, error = run("init", "--", "-x.yaml", "--name", "acme")
    assert code == 2
    assert error.endswith(
        "error: unrecognized arguments: --name acme (--name stands before --, since all that follows -- is taken for names)\n"
    )


def test_an_option_before_the_command_is_told_to_stand_behind_it(run: Run) -> None:
    assert run("--policy", "strict", "manifest.yaml") == (
        2,
        "",
        'wa-policy: there is no option "--policy" before the command; those of a command stand behind it: '
        "wa-policy COMMAND --policy; see `wa-policy --help`\n",
    )


def test_an_option_of_another_command_is_like_none(run: Run) -> None:
    assert run("checklist", "--fail-on", "error", ".")[2].endswith("error: unrecognized arguments: --fail-on\n")


@pytest.mark.parametrize(
    "words",
    [
        ["lint", ""],
        ["lint", "manifest.yaml", ""],
        ["checklist", ""],
        ["baseline", "write", "b.json", ""],
        ["lint", "--policy", "", "manifest.yaml"],
        ["lint", "--baseline", "", "manifest.yaml"],
        ["policy", "check", ""],
        ["lint", "--plugin", "", "manifest.yaml"],
        ["lint", "--stdin-filename", "", "-"],
        ["init", ""],
        ["init", "--from-evidence", ""],
        ["snapshot", "graph", "--waba-id", "1", "--out", ""],
        *(
            ["audit", "opt-in", option, ""]
            for option in (
                *("--moengage", "--bsp", "--import", "--out", "--previous", "--exceptions", "--temp-dir"),
                "--from-result",
            )
        ),
    ],
)
@pytest.mark.usefixtures("ready")
def test_an_empty_name_names_nothing(words: list[str], run: Run) -> None:
    code, out, error = run(*words)
    assert (code, out) == (2, "")
    assert says(error).endswith(": it is empty, so it names nothing; is a variable not set that stands there?\n")


@pytest.mark.parametrize(
    "words",
    [
        ["lint", "--format", "json"],
        ["lint", "--output", "json=-", "--fix"],
        ["lint", "--diff"],
        ["checklist", "--format", "json"],
    ],
)
def test_what_a_plugin_prints_is_in_no_report(words: list[str], ready: Path, run: Run) -> None:
    (ready / "acme.py").write_text(PRINTS)
    code, out, error = run(*words, "--plugin", "acme.py", "manifest.yaml")
    assert code in (0, 1)
    assert "as it" not in out
    assert "as it loads\n" in error
    assert "as it runs\n" in error
    assert "json" not in words or "json=-" in words or json.loads(out)


@pytest.mark.parametrize(
    "words", [["rules", "--format", "json"], ["policy", "show", "--format", "json"], ["plugins", "--no-plugins"]]
)
def test_what_a_plugin_prints_as_it_loads_is_in_no_answer(words: list[str], ready: Path, run: Run) -> None:
    (ready / "acme.py").write_text(PRINTS)
    code, out, error = run(*words, "--plugin", "acme.py")
    assert (code, error) == (0, "as it loads\n")
    assert "as it loads" not in out
    assert "json" not in words or json.loads(out)


def test_the_manifest_that_comes_back_holds_nothing_that_a_plugin_prints(
    ready: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ready / "acme.py").write_text(PRINTS)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(READY.encode())))
    assert run("lint", "--fix", "--plugin", "acme.py", "--stdin-filename", "manifest.yaml", "-")[1] == READY


GOES_AWAY = """
import os
from wa_policy.api import Problems, Project, SourceFile, Step, Workspace, hookimpl, rule, rules_in

os.chdir("elsewhere")

@rule("ACME001", "goes-away", step=Step.MANIFEST)
def goes_away(workspace: Workspace) -> Problems:
    os.chdir("elsewhere")
    yield from ()

@rule("ACME002", "goes-away-with-a-file", step=Step.MANIFEST)
def goes_away_with_a_file(file: SourceFile) -> Problems:
    os.chdir("elsewhere")
    yield from ()

@rule("ACME003", "goes-away-with-all", step=Step.MANIFEST)
def goes_away_with_all(project: Project) -> Problems:
    os.chdir("elsewhere")
    yield from ()

@hookimpl
def wa_policy_rules():
    return rules_in(__name__)
"""


@pytest.mark.parametrize("words", [["lint", "--no-cache"], ["lint", "--jobs", "2", "--fix"], ["checklist"]])
def test_a_plugin_that_changes_the_current_folder_changes_no_verdict(words: list[str], ready: Path, run: Run) -> None:
    (ready / "elsewhere").mkdir()
    (ready / "acme.py").write_text(GOES_AWAY)
    (ready / "wa-policy.yaml").write_text(POLICY + "extends: draft\n")
    (ready / "other.yaml").write_text(READY.replace("name: acme-retail-in", "name: acme-retail-uk"))
    known = run(*words, "manifest.yaml", "other.yaml")
    assert known[0] == 1  # two manifests claim one number
    code, out, error = run(*words, "--plugin", "acme.py", "manifest.yaml", "other.yaml")
    assert (code, error) == (known[0], known[2])
    assert re.sub(r"\d+ rules|plugins: acme.py\n", "", out) == re.sub(r"\d+ rules", "", known[1])
    assert Path.cwd() == ready


@pytest.mark.parametrize("words", [["rules"], ["explain", "NET002"], ["policy", "check", "strict"]])
def test_no_command_is_silent_on_a_plugin_that_did_not_load(words: list[str], in_folder: Path, run: Run) -> None:
    (in_folder / "broken.py").write_text("raise ValueError('half-way')\n")
    code, out, error = run(*words, "--plugin", "broken.py")
    assert out
    assert error == "wa-policy: the plugin broken.py did not load: ValueError: half-way\n"
    assert code == (0 if words[0] == "explain" else 3)
