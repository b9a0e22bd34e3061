"""What a run rests on: rules, policy, options; and what makes it impossible."""

from pathlib import Path

import pytest

from wa_policy.engine.session import Options, UsageError, open_session
from wa_policy.policy.model import PolicyError
from wa_policy.testing import AS_OF

POLICY = "apiVersion: wa-policy/v1\nkind: Policy\nmetadata: {name: acme}\n"
PLUGIN = """
from wa_policy.api import Problems, Step, Waba, fact, fail, hookimpl, rule, rules_in

@rule("ACME001", "unloved-name", step=Step.WABA)
def check(waba: Waba, *, loved: str = fact("acme.loved")) -> Problems:
    yield fail(f"it is not {loved}", at=waba)

@hookimpl
def wa_policy_rules():
    return rules_in(__name__)
"""


def test_without_a_policy_go_live_weighs(in_folder: Path) -> None:
    (in_folder / ".git").mkdir()
    session = open_session(Options(AS_OF))
    assert (session.policy.name, session.policy.origin, session.fail_on) == ("go-live", "bundled", "error")


def test_the_nearest_policy_weighs_unless_one_is_named(in_folder: Path) -> None:
    (in_folder / "wa-policy.yaml").write_text(f"{POLICY}fail_on: warning\n")
    assert open_session(Options(AS_OF)).fail_on == "warning"
    assert open_session(Options(AS_OF, "strict")).policy.name == "strict"


def test_the_person_decides_what_fails_over_the_policy(in_folder: Path) -> None:
    (in_folder / "wa-policy.yaml").write_text(f"{POLICY}fail_on: warning\n")
    assert open_session(Options(AS_OF, fail_on="info")).fail_on == "info"


def test_no_rule_is_no_check() -> None:
    with pytest.raises(
        UsageError, match=r"^no rule is selected, so nothing would be checked; loosen --select or --ignore$"
    ):
        open_session(Options(AS_OF, select=["NET002"], ignore=["network"]))


def test_a_plugin_that_did_not_load_is_told_with_the_rules_that_are_missed(in_folder: Path) -> None:
    (in_folder / "acme.py").write_text("import acme_nowhere\n")
    (in_folder / "wa-policy.yaml").write_text(f"{POLICY}rules: {{XYZ999: error}}\n")
    with pytest.raises(PolicyError) as caught:
        open_session(Options(AS_OF, plugins=["acme.py"]))
    assert [problem.message for problem in caught.value.problems] == [
        'there is no rule "XYZ999"',
        "this plugin did not load: ModuleNotFoundError: No module named 'acme_nowhere'",
    ]
    with pytest.raises(UsageError) as unknown:
        open_session(Options(AS_OF, "strict", select=["XYZ999"], plugins=["acme.py"]))
    assert unknown.value.args == (
        'there is no rule, family or step "XYZ999"',
        "the plugin acme.py did not load: ModuleNotFoundError: No module named 'acme_nowhere'",
    )


def test_facts_of_a_plugins_own_are_told_by_plugin_and_policy_in_one_voice(in_folder: Path) -> None:
    (in_folder / "acme.py").write_text(PLUGIN)
    (in_folder / "wa-policy.yaml").write_text(
        f"{POLICY}facts: {{acme: {{as_of: 2026-11, source: x, values: {{loved: Acme}}}}}}\n"
    )
    with pytest.raises(PolicyError) as caught:
        open_session(Options(AS_OF, plugins=["acme.py"]))
    assert [(problem.path, problem.message) for problem in caught.value.problems] == [
        ("wa-policy.yaml", 'there are no facts named "acme"'),
        (
            "acme.py",
            'this plugin did not load: rule ACME001 asks for the fact "acme.loved", and there are no facts named "acme"',
        ),
    ]


def test_manifests_that_the_policy_treats_alike_share_a_plan(in_folder: Path) -> None:
    override = "overrides: [{when: {environments: [test]}, reason: a trial, severity: info}]\n"
    (in_folder / "wa-policy.yaml").write_text(POLICY + override)
    session = open_session(Options(AS_OF))
    assert session.plan("live", "a") is session.plan("draft", "b")
    assert session.plan("test", "a") is not session.plan("live", "a")


ON_FOR_DRAFTS = f"""{POLICY}extends: []
severity: 'off'
overrides: [{{when: {{environments: [draft]}}, reason: a first look, severity: error}}]
"""


def test_a_rule_that_the_severity_of_an_override_turns_on_is_among_those_that_run(in_folder: Path) -> None:
    (in_folder / "wa-policy.yaml").write_text(ON_FOR_DRAFTS)
    assert open_session(Options(AS_OF, third_party=False, select=["NET"])).running >= {"NET001", "NET002"}
    (in_folder / "wa-policy.yaml").write_text(f"{ON_FOR_DRAFTS}rules: {{NUM001: error, NET002: 'off'}}\n")
    session = open_session(Options(AS_OF, third_party=False))
    assert session.running == frozenset(session.loaded.rules) - {"NET002"}
    narrow = open_session(Options(AS_OF, third_party=False, select=["NUM001"]))
    assert {item.code for item in narrow.left_out} == session.running - {"NUM001"}


@pytest.mark.parametrize(
    "says",
    [
        "severity: 'off'\noverrides: [{when: {environments: [draft]}, reason: r, unproven: info}]\n",
        "severity: 'off'\noverrides: [{when: {environments: [draft]}, reason: r, rules: {NET: {unproven: info}}}]\n",
        "rules: {NET: 'off'}\noverrides: [{when: {environments: [draft]}, reason: r, severity: error}]\n",
    ],
)
def test_an_override_that_turns_nothing_on_makes_no_check(says: str, in_folder: Path) -> None:
    (in_folder / "wa-policy.yaml").write_text(f"{POLICY}extends: []\n{says}")
    with pytest.raises(UsageError, match=r"^the policy acme turns off every rule that is selected"):
        open_session(Options(AS_OF, third_party=False, select=["NET"]))


def test_a_policy_sees_a_manifest_where_its_path_leads(in_folder: Path) -> None:
    (in_folder / "live" / "eu").mkdir(parents=True)
    (in_folder / "link").symlink_to("live/eu")
    override = "{when: {paths: ['live/*']}, reason: a trial, rules: {NET002: 'off'}}"
    (in_folder / "acme.yaml").write_text(f"{POLICY}overrides: [{override}]\n")
    session = open_session(Options(AS_OF, "acme.yaml", third_party=False))
    assert session.plan(path="link/../a.yaml").rulings["NET002"].fail == "off"
    assert session.plan(path="link/a.yaml").rulings["NET002"].fail == "error"
    assert session.plan(path="live/../a.yaml").rulings["NET002"].fail == "error"
