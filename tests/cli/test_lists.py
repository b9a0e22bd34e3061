"""`wa-policy explain`, `rules`, `schema`, `policy` and `plugins`: what there is, and what is known of it."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import wa_policy
from tests.cli.conftest import PLUGIN, POLICY
from wa_policy.rules.loading import load
from wa_policy.rules.registry import Step
from wa_policy.schema.texts import kinds

Run = Callable[..., tuple[int, str, str]]


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
        "wa-policy: the policy cannot be used\n"
        '  wa-policy.yaml:4:9: there is no rule "NET02" (did you mean "NET002"?) '
        "(see `wa-policy rules`; if a plugin has it, install that here)\n",
    )


@pytest.mark.parametrize(
    ("words", "what_comes_of_it"),
    [
        (("policy", "check"), ""),
        (("policy", "show"), ""),
        (("rules",), ""),
        (("lint", "manifest.yaml"), ", so nothing was checked"),
        (("checklist", "manifest.yaml"), ", so nothing was checked"),
        (("baseline", "write", "baseline.json", "manifest.yaml"), ", so nothing was checked"),
    ],
)
def test_only_what_checks_says_that_nothing_was_checked(
    words: tuple[str, ...], what_comes_of_it: str, in_folder: Path, run: Run
) -> None:
    (in_folder / "wa-policy.yaml").write_text(f"{POLICY}rules: {{NET02: error}}\n")
    code, _, error = run(*words)
    assert (code, error.splitlines()[0]) == (2, f"wa-policy: the policy cannot be used{what_comes_of_it}")


def test_a_rule_that_is_not_there_may_be_of_a_plugin(in_folder: Path, run: Run) -> None:
    suppression = "{rules: [ACME002], workspace: acme, reason: due}"
    (in_folder / "wa-policy.yaml").write_text(f"{POLICY}rules: {{ACME001: error}}\nsuppressions: [{suppression}]\n")
    told = {
        (): "(see `wa-policy rules`; if a plugin has it, install that here)",
        ("--no-plugins",): "(see `wa-policy rules`; if a plugin has it, --no-plugins leaves it out)",
    }
    for words, remedy in told.items():
        for command in (("policy", "check"), ("policy", "show"), ("lint", ".")):
            code, _, error = run(*command, *words)
            assert code == 2
            assert [line.endswith(remedy) for line in error.splitlines()[1:]] == [True, True]
    (in_folder / "acme.py").write_text(PLUGIN)
    assert run("policy", "check", "--no-plugins", "--plugin", "acme.py")[2].count("there is no rule") == 1
    code, _, error = run("lint", "--policy", "draft", "--no-plugins", "--select", "ACME001", ".")
    assert (code, error) == (
        2,
        'wa-policy: there is no rule, family or step "ACME001" (did you mean "CMP001"?)\n'
        "--no-plugins leaves out what installed plugins have\n",
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
