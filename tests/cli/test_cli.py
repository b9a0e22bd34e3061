"""Every command and option as a person calls it."""

import io
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import wa_policy
from wa_policy.cli import options, progress
from wa_policy.cli.main import COMMANDS
from wa_policy.cli.parsers import parser_of
from wa_policy.report.formats import FORMATS
from wa_policy.rules.loading import load
from wa_policy.rules.registry import Step
from wa_policy.schema.texts import kinds
from wa_policy.source.document import MOST_DEPTH
from wa_policy.testing import READY, manifest

Run = Callable[..., tuple[int, str, str]]

PENDING = READY.replace("account_review_status: APPROVED", "account_review_status: PENDING")
POLICY = "apiVersion: wa-policy/v1\nkind: Policy\nmetadata: {name: acme}\n"
PLUGIN = '''
from wa_policy.api import Problems, Step, Waba, fail, hookimpl, rule, rules_in

@rule("ACME001", "unloved-name", step=Step.WABA)
def check(waba: Waba, *, loved: str = "Acme") -> Problems:
    """The account has a name that nobody loves."""
    if waba.data.get("name") != loved:
        yield fail("nobody loves this name", at=waba.at("name"))

@hookimpl
def wa_policy_rules():
    return rules_in(__name__)
'''


PRINTS = f'print("as it loads")\n{PLUGIN}'.replace("    if waba", '    print("as it runs")\n    if waba')


def says(error: str) -> str:
    """What is said before and after the usage, which is as wide as the terminal."""
    return re.sub(r"(?ms)^usage: .*?(?=^wa-policy)", "", error)


# The program itself.


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


@pytest.mark.parametrize("word", ["manifest.yaml", "./evidence", "nowhere/acme.yml", "acme.json"])
@pytest.mark.usefixtures("ready")
def test_who_leaves_out_the_command_is_told(word: str, run: Run) -> None:
    complaint = f'there is no command "{word}"; to check it: wa-policy lint {word}'
    assert run(word) == (2, "", f"wa-policy: {complaint}\n")


def test_without_a_word_it_helps_and_refuses(run: Run) -> None:
    code, out, error = run()
    assert (code, out) == (2, "")
    assert error.startswith("usage: wa-policy ")


@pytest.mark.parametrize(
    ("word", "complaint"),
    [
        ("lnt", 'wa-policy: there is no command "lnt" (did you mean "lint"?); see `wa-policy --help`\n'),
        ("--verbose", 'wa-policy: there is no option "--verbose"; see `wa-policy --help`\n'),
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
    ],
)
def test_a_mistyped_option_is_known_by_its_looks(words: list[str], meant: str, run: Run) -> None:
    code, out, error = run(*words)
    assert (code, out) == (2, "")
    assert error.endswith(f' (did you mean "{meant}"?)\n')


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


# lint


@pytest.mark.usefixtures("ready")
def test_lint_prints_the_report(run: Run) -> None:
    code, out, error = run("lint", "manifest.yaml")
    assert (code, error) == (0, "")
    assert out.startswith("1 manifest, ")
    assert out.endswith("\nREADY\n")


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("text", "error[WBA001]"),
        ("concise", "pending.yaml:"),
        ("json", "{\n"),
        ("ndjson", '{"type": "run", '),
        ("sarif", '{"$schema": '),
        ("github", "::error file=pending.yaml,"),
        ("github-summary", "## wa-policy: NOT READY"),
        ("gitlab", "[\n"),
        ("junit", "<?xml "),
        ("markdown", "## wa-policy: NOT READY"),
        ("html", "<!DOCTYPE html>"),
    ],
)
def test_lint_prints_each_format(name: str, start: str, ready: Path, run: Run) -> None:
    (ready / "pending.yaml").write_text(PENDING)
    code, out, _ = run("lint", "--select", "WBA001", "--format", name, "pending.yaml")
    assert code == 1
    assert out.startswith(start)


def test_lint_reports_what_is_selected_and_not_ignored(ready: Path, run: Run) -> None:
    (ready / "pending.yaml").write_text(PENDING.replace("3.6.251.95/32", "192.0.2.7"))

    def codes(*words: str) -> set[str]:
        _, out, _ = run("lint", "--format", "concise", *words, "pending.yaml")
        return set(re.findall(r"^pending.yaml:[0-9:]+ \S+ (\w+) ", out, re.MULTILINE))

    assert {"WBA001", "NET002"} <= codes()
    assert codes("--select", "WBA001,missing-moengage-ip") == {"WBA001", "NET002"}
    assert codes("--select", "WBA001", "--select", "NET002") == {"WBA001", "NET002"}
    assert codes("--select", "waba, NET002", "--ignore", "waba") == {"NET002"}
    assert "NET002" not in codes("--ignore", "network")


@pytest.mark.parametrize(
    "words",
    [
        ["manifest.yaml", "--format", "json", "pending.yaml"],
        ["--format", "json", "manifest.yaml", "--no-plugins", "pending.yaml"],
        ["--format", "json", "--", "manifest.yaml", "pending.yaml"],
    ],
)
def test_lint_takes_paths_before_and_behind_options(words: list[str], ready: Path, run: Run) -> None:
    (ready / "pending.yaml").write_text(PENDING)
    code, out, error = run("lint", *words)
    assert (code, error) == (1, "")
    assert [manifest["path"] for manifest in json.loads(out)["manifests"]] == ["manifest.yaml", "pending.yaml"]


@pytest.mark.parametrize("words", [["--", "-x.yaml"], ["manifest.yaml", "--", "-x.yaml"]])
def test_behind_two_dashes_everything_is_a_path(words: list[str], ready: Path, run: Run) -> None:
    (ready / "-x.yaml").write_text(READY.replace("acme-retail-in", "other"))
    assert "-x.yaml" in run("lint", "--show-files", *words)[1].split()


@pytest.mark.usefixtures("ready")
def test_lint_weighs_by_the_policy_that_is_named(run: Run) -> None:
    assert "\npolicy strict (bundled), " in run("lint", "--policy", "strict", "manifest.yaml")[1]


def test_lint_finds_the_nearest_policy(ready: Path, run: Run) -> None:
    (ready / "wa-policy.yaml").write_text(POLICY)
    assert "\npolicy acme (wa-policy.yaml), " in run("lint", "manifest.yaml")[1]


@pytest.mark.usefixtures("ready")
def test_lint_judges_on_the_day_that_is_named(run: Run) -> None:
    assert ", as of 2026-11-22\n" in run("lint", "--as-of", "2026-11-22", "manifest.yaml")[1]
    assert ", as of 2031-01-02\n" in run("lint", "--as-of", "2031-01-02", "manifest.yaml")[1]


@pytest.mark.usefixtures("ready")
def test_lint_judges_as_of_today_by_itself(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock:
        @staticmethod
        def now() -> datetime:
            return datetime(2029, 3, 4, 12).astimezone()  # here, wherever that is

    monkeypatch.setattr(options, "datetime", Clock)
    assert ", as of 2029-03-04\n" in run("lint", "manifest.yaml")[1]


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        ("bytes=100", "longer than 100 bytes, and no more are read"),
        ("depth=2", "lists and mappings stand inside each other more than 2 deep here"),
        ("nodes=10", "the file has more than 10 keys and values"),
    ],
)
def test_lint_keeps_within_limits(limit: str, reason: str, run: Run) -> None:
    code, out, _ = run("lint", "--limit", limit, "--format", "concise", "manifest.yaml")
    assert code == 1
    assert re.match(rf"manifest.yaml:[0-9:]+ error MAN001 unreadable-yaml: .*{reason}\n", out)


@pytest.mark.parametrize("name", ["deep.yaml", "deep.json"])
@pytest.mark.parametrize("outermost", ["name", "labels"])
def test_what_is_as_deep_as_may_be_is_looked_at(name: str, outermost: str, ready: Path, run: Run) -> None:
    base = manifest()
    value: dict[str, Any] = {}
    base["metadata"][outermost] = value
    for _ in range(MOST_DEPTH - 3):
        value["a"] = value = {}
    (ready / name).write_text(json.dumps(base))
    for format_ in FORMATS:
        code, out, error = run("lint", "--limit", f"depth={MOST_DEPTH}", "--format", format_, name)
        assert (code, error) == (1, "")
        assert "MAN002" in out
        assert "RecursionError" not in out
    code, out, _ = run("lint", "--limit", f"depth={MOST_DEPTH - 1}", "--format", "concise", name)
    assert f"more than {MOST_DEPTH - 1} deep here" in out


def test_lint_loads_a_plugin_that_is_named(ready: Path, run: Run) -> None:
    (ready / "acme.py").write_text(PLUGIN)
    code, out, _ = run("lint", "--plugin", "acme.py", "--format", "concise", "manifest.yaml")
    assert code == 1
    assert re.match(
        r"manifest.yaml:\d+:9: error ACME001 unloved-name: nobody loves this name \[acme-retail-in\]\n", out
    )
    (ready / "wa-policy.yaml").write_text(f"{POLICY}rules: {{unloved-name: {{settings: {{loved: Acme Retail}}}}}}\n")
    assert run("lint", "--plugin", "acme.py", "manifest.yaml")[0] == 0


@pytest.mark.usefixtures("ready")
def test_lint_checks_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def lint(text: str, *words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        return run("lint", "--format", "concise", *words)[:2]

    assert lint(READY, "-")[0] == 0
    code, out = lint(PENDING, "-")
    assert code == 1
    assert out.startswith("<stdin>:")
    assert lint(PENDING, "--stdin-filename", "m/acme.yaml", "-")[1].startswith("m/acme.yaml:")
    assert "MAN001" in lint(READY, "--stdin-filename", "acme.json", "-")[1]  # its name says that it is JSON


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (
            ["--stdin-filename", "a.yaml", "manifest.yaml"],
            "--stdin-filename names standard input, which is not among the paths; add -",
        ),
        (
            ["--stdin-filename", "manifest.yaml", "-", "manifest.yaml"],
            "manifest.yaml is named both as a file and as standard input; name it once",
        ),
        (
            ["--stdin-filename", "a\n::error::b", "-", "a\n::error::b"],
            "a\\n::error::b is named both as a file and as standard input; name it once",
        ),
    ],
)
def test_standard_input_is_named_in_one_way(
    words: list[str], complaint: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert run("lint", *words) == (2, "", f"wa-policy: {complaint}\n")


# checklist


@pytest.mark.usefixtures("ready")
def test_checklist_goes_step_by_step(run: Run) -> None:
    code, out, error = run("checklist", "--as-of", "2026-11-22", "manifest.yaml")
    assert (code, error) == (0, "")
    assert out.startswith(
        "acme-retail-in (live)  manifest.yaml\n  1  an account with a supported BSP                 READY\n"
    )
    assert "  highest policy met: go-live; for strict, settle " in out
    assert out.endswith("\nstates by policy go-live, as of 2026-11-22\n")


def test_checklist_ends_as_lint_does(ready: Path, run: Run) -> None:
    (ready / "pending.yaml").write_text(PENDING)
    for words in (["pending.yaml"], ["--policy", "strict", "manifest.yaml"], ["manifest.yaml", "nowhere.yaml"]):
        assert run("checklist", *words)[0] == run("lint", *words)[0] != 0


def test_checklist_speaks_to_programs(ready: Path, run: Run) -> None:
    (ready / "pending.yaml").write_text(PENDING)
    code, out, _ = run("checklist", "--format", "json", ".")
    whole = json.loads(out)
    plain = whole["workspaces"]
    assert whole["format"] == "wa-policy/checklist"
    assert code == whole["exit_code"] == 1
    assert [item["path"] for item in plain] == ["manifest.yaml", "pending.yaml"]
    assert [item["highest_policy_met"] for item in plain] == [None, None]  # they claim the same workspace
    assert set(plain[0]) == {"workspace", "path", "document", "highest_policy_met", "steps", "manifest"}


def test_checklist_counts_what_evidence_shows(ready: Path, run: Run) -> None:
    answer = json.loads((ready / "evidence" / "waba.json").read_text())
    (ready / "evidence" / "waba.json").write_text(json.dumps({**answer, "account_review_status": "REJECTED"}, indent=1))
    graph = "evidence:\n  graph:\n    waba: evidence/waba.json\n    observed_at: 2026-11-20T06:30:00Z\n"
    (ready / "proven.yaml").write_text(READY.replace("  account_review_status: APPROVED\n", "") + graph)
    code, out, _ = run("checklist", "--as-of", "2026-11-22", "proven.yaml")
    assert code == 1
    assert re.search(
        r"2  an approved WhatsApp Business Account +NOT READY\n +WBA001 \(error\) evidence/waba.json:", out
    )
    assert "highest policy met: none; for draft, settle WBA001" in out


def test_checklist_runs_the_code_of_a_plugin_once(ready: Path, run: Run) -> None:
    imports = "from wa_policy.api import hookimpl\nprint('it runs')\n"
    hook = "@hookimpl\ndef wa_policy_read_templates(provider, answer):\n    return None\n"
    (ready / "acme.py").write_text(imports + hook)
    code, out, error = run("checklist", "--as-of", "2026-11-22", "--plugin", "acme.py", "manifest.yaml")
    assert (code, error) == (0, "it runs\n")
    assert out.startswith("acme-retail-in (live)  manifest.yaml\n")


# explain


def test_explain_prints_a_rule(run: Run) -> None:
    code, out, error = run("explain", "NET002")
    assert (code, error) == (0, "")
    assert out.startswith("NET002 missing-moengage-ip\nstep: network; plugin: network; source: sure\n\n")
    for title in ("Why it matters", "How to put it right", "Bad", "Good", "Source", "Since", "Settings"):
        assert f"\n{title}:\n  " in out
    assert "  addresses: the fact moengage_static_ips.whatsapp\n" in out
    assert run("explain", "missing-moengage-ip") == (code, out, error)


@pytest.mark.parametrize(("word", "family"), [("NET", "NET"), ("network", "NET"), ("opt-in", "OPT")])
def test_explain_prints_a_family_or_a_step(word: str, family: str, run: Run) -> None:
    _, out, _ = run("explain", word)
    explained = re.findall(r"^([A-Z]+[0-9]+) [a-z-]+\nstep: ", out, re.MULTILINE)
    assert explained == [code for code in load(third_party=False).rules if code.startswith(family)]


@pytest.mark.parametrize("code", load(third_party=False).rules)
def test_explain_knows_every_rule(code: str, run: Run) -> None:
    assert run("explain", code)[1].startswith(f"{code} ")


def test_explain_says_what_null_means_in_an_example(run: Run) -> None:
    remark = "(null stands for what a manifest leaves out)"
    assert run("explain", "BSP008")[1].count(remark) == 2
    assert remark not in run("explain", "NET002")[1]


def test_explain_knows_plugins(ready: Path, run: Run) -> None:
    (ready / "acme.py").write_text(PLUGIN)
    assert run("explain", "--plugin", "acme.py", "ACME001") == (
        0,
        "ACME001 unloved-name\nstep: waba; plugin: acme.py; source: sure\n\n"
        "The account has a name that nobody loves.\n\nSettings:\n  loved: 'Acme'\n",
        "",
    )


# rules


def test_rules_lists_all_by_step(run: Run) -> None:
    code, out, error = run("rules", "--no-plugins")
    assert (code, error) == (0, "")
    listed = re.findall(r"^  ([A-Z]+[0-9]+) ", out, re.MULTILINE)
    assert sorted(listed) == list(load(third_party=False).rules)
    assert [line[:-1] for line in out.split("\n") if line and not line.startswith(" ")] == [step.value for step in Step]


@pytest.mark.usefixtures("in_folder")
def test_rules_says_what_the_policy_makes_of_them(run: Run) -> None:
    line = re.compile(r"^  WBA002  unverified-business +(\w+) +(\w+) ", re.MULTILINE)
    found = {pack: line.search(run("rules", "--policy", pack)[1]) for pack in ("draft", "go-live")}
    assert {pack: match and match.groups() for pack, match in found.items()} == {
        "draft": ("warning", "info"),
        "go-live": ("warning", "warning"),
    }


def test_rules_speaks_to_programs(run: Run) -> None:
    rows = json.loads(run("rules", "--no-plugins", "--policy", "strict", "--format", "json")[1])
    net = next(row for row in rows if row["code"] == "NET002")
    assert net == {
        "code": "NET002",
        "name": "missing-moengage-ip",
        "step": "network",
        "fail": "error",
        "unproven": "error",
        "claimed": "error",
        "certainty": "sure",
        "plugin": "network",
        "summary": "The provider's list lacks addresses that MoEngage sends from.",
    }


# schema


@pytest.mark.parametrize("kind", kinds())
def test_schema_prints_each_schema(kind: str, run: Run) -> None:
    code, out, _ = run("schema", kind)
    assert code == 0
    assert json.loads(out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


# policy


@pytest.mark.usefixtures("in_folder")
def test_policy_show_takes_the_policy_behind_an_option(run: Run) -> None:
    code, out, error = run("policy", "show", "--no-plugins", "--environment", "live", "strict")
    assert (code, error) == (0, "")
    assert out.startswith("policy strict (bundled): ")


@pytest.mark.usefixtures("in_folder")
def test_policy_show_prints_it_as_resolved(run: Run) -> None:
    code, out, _ = run("policy", "show", "strict", "--no-plugins")
    assert code == 0
    assert out.startswith("policy strict (bundled): draft < go-live < strict\nfails on: error\n\nrule ")
    assert re.search(r"^NET002 missing-moengage-ip +error +error +error$", out, re.MULTILINE)
    assert re.search(r"^  moengage_static_ips +[0-9-]+ +sure +bundled$", out, re.MULTILINE)


def test_policy_show_prints_what_holds_for_an_environment(in_folder: Path, run: Run) -> None:
    (in_folder / "wa-policy.yaml").write_text(
        f"{POLICY}overrides: [{{when: {{environments: [test]}}, reason: a trial, rules: {{NET002: info}}}}]\n"
    )
    code, shown, _ = run("policy", "show")
    assert code == 0
    assert re.search(r"^NET002 missing-moengage-ip +error", shown, re.MULTILINE)
    code, shown, _ = run("policy", "show", "--environment", "test")
    assert code == 0
    assert re.search(r"^NET002 missing-moengage-ip +info", shown, re.MULTILINE)
    assert "a trial" in shown


def test_policy_show_speaks_to_programs(run: Run) -> None:
    plain = json.loads(run("policy", "show", "draft", "--format", "json", "--no-plugins")[1])
    assert plain["name"] == "draft"
    assert plain["rulings"]["WBA002"]["unproven"] == "info"


def test_policy_check_says_that_it_is_sound_or_what_is_wrong(in_folder: Path, run: Run) -> None:
    (in_folder / "wa-policy.yaml").write_text(POLICY)
    assert run("policy", "check") == (
        0,
        "the policy acme (wa-policy.yaml) is sound: draft < go-live < acme\n",
        "",
    )
    (in_folder / "wa-policy.yaml").write_text(f"{POLICY}rules: {{NET02: error}}\n")
    assert run("policy", "check", "wa-policy.yaml") == (
        2,
        "",
        "wa-policy: the policy cannot be used, so nothing was checked\n"
        '  wa-policy.yaml:4:9: there is no rule "NET02" (did you mean "NET002"?) (see `wa-policy rules`)\n',
    )


# plugins


def test_plugins_lists_what_each_offers(run: Run) -> None:
    code, out, error = run("plugins", "--no-plugins")
    assert (code, error) == (0, "")
    assert f"\nmanifest (wa_policy {wa_policy.__version__}): " in f"\n{out}"
    assert [line.split()[0] for line in out.splitlines()] == [found.name for found in load(third_party=False).plugins]


def test_plugins_says_what_did_not_load(in_folder: Path, run: Run) -> None:
    (in_folder / "acme.py").write_text(PLUGIN)
    (in_folder / "broken.py").write_text("raise ValueError('one\\n::error::two')\n")
    code, out, _ = run("plugins", "--plugin", "acme.py", "--plugin", "broken.py")
    assert code == 3
    assert out.splitlines()[-2:] == [
        "acme.py (acme.py): 1 rule: ACME001",
        "broken.py (broken.py): DID NOT LOAD: ValueError: one\\n::error::two",
    ]


@pytest.mark.parametrize("words", [["rules"], ["explain", "NET002"], ["policy", "check", "strict"]])
def test_no_command_is_silent_on_a_plugin_that_did_not_load(words: list[str], in_folder: Path, run: Run) -> None:
    (in_folder / "broken.py").write_text("raise ValueError('half-way')\n")
    code, out, error = run(*words, "--plugin", "broken.py")
    assert out
    assert error == "wa-policy: the plugin broken.py did not load: ValueError: half-way\n"
    assert code == (0 if words[0] == "explain" else 3)


# Colours and progress are for terminals.


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "colored"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
@pytest.mark.usefixtures("ready")
def test_colours_are_for_terminals_and_can_be_refused(
    environment: dict[str, str], colored: bool, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b" not in run("lint", "manifest.yaml")[1]
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    run("lint", "manifest.yaml")
    run("checklist", "manifest.yaml")
    assert ("\x1b[" in terminal.getvalue()) == colored


def clock(*moments: float) -> Iterator[float]:
    yield from moments
    while True:
        yield moments[-1]


@pytest.mark.parametrize(
    ("stream", "moments", "shown"),
    [
        (Terminal(), [0.0, 0.5, 1.0], "\r\x1b[K2 files, now b.yaml\r\x1b[K"),
        (Terminal(), [0.0, 1.5, 1.55, 1.7], "\r\x1b[K1 files, now a.yaml\r\x1b[K3 files, now c\\n::error::d\r\x1b[K"),
        (Terminal(), [0.0, 0.1, 0.9], ""),
        (io.StringIO(), [0.0, 5.0, 9.0], ""),
    ],
)
def test_a_long_run_says_how_far_it_is_on_a_terminal_only(
    stream: io.StringIO, moments: list[float], shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticking = clock(*moments)
    monkeypatch.setattr("wa_policy.cli.progress.time.monotonic", lambda: next(ticking))
    with progress.Progress(stream) as told:
        for path in ("a.yaml", "b.yaml", "c\n::error::d")[: max(2, len(moments) - 1)]:
            told(path)
    assert stream.getvalue() == shown


def test_progress_keeps_to_the_width_of_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    ticking = clock(0.0, 2.0)
    monkeypatch.setattr("wa_policy.cli.progress.time.monotonic", lambda: next(ticking))
    stream = Terminal()
    with progress.Progress(stream) as told:
        told("a" * 100)
    assert stream.getvalue() == f"\r\x1b[K1 files, now {'a' * 6}\r\x1b[K"


# As a program of its own.


def program(*words: str, **settings: Any) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **settings.pop("env", {})}
    return subprocess.run(
        [sys.executable, "-m", "wa_policy", *words],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        **settings,
    )


@pytest.mark.usefixtures("ready")
def test_it_runs_as_a_program() -> None:
    done = program("lint", "manifest.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("READY\n")


@pytest.mark.usefixtures("ready")
def test_it_reads_standard_input_as_a_program() -> None:
    assert program("lint", "-", input=READY).returncode == 0


def test_it_loads_no_code_from_the_current_folder(ready: Path) -> None:
    for name in ("evil", "pluggy", "yaml"):
        (ready / f"{name}.py").write_text("raise SystemExit('code from the checked folder has run')\n")
    (ready / "evil-1.0.dist-info").mkdir()
    (ready / "evil-1.0.dist-info" / "entry_points.txt").write_text("[wa_policy]\nevil = evil\n")
    done = program("lint", "manifest.yaml")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_terminal_of_another_encoding_shows_what_it_can(ready: Path) -> None:
    (ready / "manifest.yaml").write_text(READY.replace("country: IN", 'country: "\u6771\u4eac"'))
    done = program("lint", "manifest.yaml", env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 1
    assert '"\\u6771\\u4eac"' in done.stdout


@pytest.mark.usefixtures("ready")
def test_it_colours_on_a_real_terminal() -> None:
    ours, theirs = pty.openpty()
    environment = {**{name: value for name, value in os.environ.items() if name != "NO_COLOR"}, "TERM": "xterm"}
    with open(theirs, "wb") as terminal:
        subprocess.run(
            [sys.executable, "-m", "wa_policy", "lint", "manifest.yaml"], stdout=terminal, check=True, env=environment
        )
        assert b"\x1b[1;32mREADY\x1b[0m" in os.read(ours, 100_000)
    os.close(ours)
