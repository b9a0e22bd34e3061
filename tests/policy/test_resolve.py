"""From what people wrote to one policy: what extends what, what weighs how much, and what is refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from tests.policy.told import told_by
from wa_policy.findings import Outcome, Severity
from wa_policy.manifest.subjects import Waba
from wa_policy.policy.model import PACKS, Fact, Policy, Ruling
from wa_policy.policy.resolve import resolve
from wa_policy.policy.texts import load_text
from wa_policy.rules.loading import load
from wa_policy.rules.registry import Context, Rule, Step, rule, unproven

Write = Callable[..., str]
RULES = load(third_party=False).rules
SEE_RULES = "(see `wa-policy rules`; if a plugin has it, install that here)"


def policy(path: str, rules: dict[str, Rule] = RULES) -> Policy:
    return resolve(load_text(path), rules).policy


def told(path: str, rules: dict[str, Rule] = RULES) -> list[str]:
    """What a person is told of a policy that cannot be used, line by line."""
    return told_by(lambda: policy(path, rules))


def weights(ruling: Ruling) -> tuple[Severity, ...]:
    return tuple(getattr(ruling, outcome) for outcome in get_args(Outcome))


# What extends what.


def test_the_packs_extend_each_other() -> None:
    assert policy("strict").chain == ["draft", "go-live", "strict"]


@pytest.mark.parametrize(
    ("extends", "chain"),
    [
        ("", ["draft", "go-live", "acme"]),
        ("extends: []", ["acme"]),
        ("extends: strict", ["draft", "go-live", "strict", "acme"]),
        ("extends: [draft]", ["draft", "acme"]),
        ("extends: shared/base.yaml", ["draft", "base", "acme"]),
        ("extends: [strict, shared/base.yaml]", ["draft", "go-live", "strict", "base", "acme"]),
        ("extends: [shared/base.yaml, ./shared/../shared/base.yaml]", ["draft", "base", "acme"]),
    ],
)
def test_a_policy_stands_on_those_that_it_extends_each_once(extends: str, chain: list[str], write: Write) -> None:
    write("extends: draft\n", "shared/base.yaml")
    assert policy(write(f"{extends}\n")).chain == chain


def test_paths_are_relative_to_the_policy_that_names_them(
    write: Write, in_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("fail_on: warning\n", "shared/ground.yaml")
    write("extends: ground.yaml\n", "shared/base.yaml")
    write("extends: ../shared/base.yaml\n", "team/acme.yaml")
    monkeypatch.chdir(in_folder / "team")
    assert policy("acme.yaml").fail_on == "warning"


def test_items_of_lists_in_toml_have_places_of_their_own(in_folder: Path) -> None:
    override = '[[tool.wa-policy.overrides]]\nreason = "a trial"\nwhen.environments = ["live"]\n'
    suppression = '[[tool.wa-policy.suppressions]]\nrules = ["OPT008"]\nworkspace = "acme"\nreason = "old"\n'
    (in_folder / "pyproject.toml").write_text(f"[tool.wa-policy]\n{override * 2}{suppression * 2}")
    made = policy("pyproject.toml")
    assert [found["line"] for found in made.overrides] == [2, 5]
    assert [found["span"] for found in made.exemptions] == [[8, 18, 8, 30], [12, 18, 12, 30]]


def test_a_table_in_toml_can_be_extended(write: Write, in_folder: Path) -> None:
    (in_folder / "pyproject.toml").write_text('[tool.wa-policy]\nfail_on = "info"\n')
    assert policy(write("extends: pyproject.toml\n")).fail_on == "info"


def test_of_several_policies_the_later_wins_and_the_own_word_over_all(write: Write) -> None:
    write("extends: []\nrules: {NET001: info, NET002: info, NET003: info}\n", "first.yaml")
    write("extends: []\nrules: {NET002: warning, NET003: warning}\n", "second.yaml")
    rulings = policy(write("extends: [first.yaml, second.yaml]\nrules: {NET003: 'off'}\n")).rulings()
    assert [rulings[code].fail for code in ("NET001", "NET002", "NET003")] == ["info", "warning", "off"]


def test_policies_in_a_circle_are_refused(write: Write) -> None:
    write("extends: acme.yaml\n", "base.yaml")
    assert told(write("extends: base.yaml\n")) == [
        "acme.yaml:4:10: the policies extend each other in a circle: acme.yaml extends base.yaml extends acme.yaml"
    ]


def test_a_policy_that_many_ways_lead_to_is_looked_at_once(write: Write) -> None:
    levels = 25  # by each way anew, it would be millions of times
    write("extends: []\nrules: {NET002: info}\n", f"level{levels}.yaml")
    write(f"extends: [level{levels}.yaml, level{levels}.yaml]\n", f"level{levels - 1}.yaml")
    for level in range(levels - 1):
        write(f"extends: [level{level + 2}.yaml, level{level + 1}.yaml]\n", f"level{level}.yaml")
    resolved = policy(write("extends: level0.yaml\n"))
    assert resolved.rulings()["NET002"].fail == "info"
    assert len(resolved.files) == levels + 2


def test_what_cannot_win_over_what_stands_before_it_is_refused(write: Write) -> None:
    write("extends: strict\nclaims: accepted\n", "lax.yaml")
    complaint = "cannot win over what stands before it: that builds on {0} already (leave it out, or name it first)"
    assert told(write("extends: [lax.yaml, strict]\n")) == [f"acme.yaml:4:21: strict {complaint.format('strict')}"]
    assert told(write("extends: [draft, strict, go-live]\n")) == [
        f"acme.yaml:4:26: go-live {complaint.format('go-live')}"
    ]
    write("extends: go-live\n", "other.yaml")
    assert policy(write("extends: [strict, lax.yaml, other.yaml]\n")).chain == [
        "draft",
        "go-live",
        "strict",
        "lax",
        "other",
        "acme",
    ]


def test_policies_that_extend_each_other_in_a_long_line_are_refused(write: Write) -> None:
    for level in range(1_200):
        write(f"extends: level{level + 1}.yaml\n", f"level{level}.yaml")
    assert told(write("extends: level0.yaml\n")) == [
        "level31.yaml:4:10: more than 32 policies extend each other in a line (put some of them together)"
    ]


def test_a_policy_that_extends_very_many_is_refused(write: Write) -> None:
    write("extends: []\n", "base.yaml")
    (line,) = told(write(f"extends: [{', '.join(['base.yaml'] * 300)}]\n"))
    assert line.endswith(": policies extend others more than 256 times (put some of them together)")


@pytest.mark.parametrize(
    ("extends", "complaint"),
    [
        (
            "golive",
            'acme.yaml:4:10: there is no policy named "golive" (did you mean "go-live"?) '
            "(a policy is one of draft, go-live, strict, or the path of a file)",
        ),
        (
            "[draft, stric]",
            'acme.yaml:4:18: there is no policy named "stric" (did you mean "strict"?) '
            "(a policy is one of draft, go-live, strict, or the path of a file)",
        ),
        (
            "../base.yaml",
            'acme.yaml:4:10: the policy "../base.yaml" cannot be read: No such file or directory '
            "(mend the path, or the file's permissions)",
        ),
        (
            '"\\0.yaml"',
            'acme.yaml:4:10: the policy "\\u{0}.yaml" cannot be read: No such file or directory '
            "(mend the path, or the file's permissions)",
        ),
        (
            "/dev/zero",
            'acme.yaml:4:10: the policy "/dev/zero" cannot be read: No such file or directory '
            "(mend the path, or the file's permissions)",
        ),
    ],
)
def test_a_policy_that_cannot_be_extended_is_refused(extends: str, complaint: str, write: Write) -> None:
    assert told(write(f"extends: {extends}\n")) == [complaint]


def test_a_mistake_in_an_extended_policy_is_shown_there(write: Write) -> None:
    write("rules: {NET0002: error}\n", "shared/base.yaml")
    assert told(write("extends: shared/base.yaml\n")) == [
        f'shared/base.yaml:4:9: there is no rule "NET0002" (did you mean "NET002"?) {SEE_RULES}'
    ]


# What weighs how much.


@pytest.mark.parametrize(
    ("pack", "sure", "mild", "unsure"),
    [
        ("draft", ("error", "info", "off"), ("warning", "info", "off"), ("warning", "info", "off")),
        ("go-live", ("error", "error", "off"), ("warning", "warning", "off"), ("warning", "warning", "off")),
        ("strict", ("error", "error", "error"), ("warning", "warning", "warning"), ("warning", "warning", "warning")),
    ],
)
def test_each_pack_weighs_an_outcome_heavier_than_the_one_before(
    pack: str, sure: tuple[str, ...], mild: tuple[str, ...], unsure: tuple[str, ...]
) -> None:
    rulings = policy(pack).rulings()
    unsure_rule = next(rule.code for rule in RULES.values() if rule.certainty != "sure")
    assert weights(rulings["NET002"]) == sure
    assert weights(rulings["WBA002"]) == mild  # listed in draft as a warning
    assert weights(rulings[unsure_rule]) == unsure


@pytest.mark.parametrize("pack", PACKS)
def test_packs_fail_on_errors(pack: str) -> None:
    assert policy(pack).fail_on == "error"


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        ("NET002: warning", ("warning", "warning", "off")),
        ("missing-moengage-ip: warning", ("warning", "warning", "off")),
        ("NET002: 'off'", ("off", "off", "off")),
        ("NET002: {severity: warning, unproven: info}", ("warning", "info", "off")),
        ("NET002: {unproven: 'off'}", ("error", "off", "off")),
        ("NET002: {claims: as-rule}", ("error", "error", "error")),
        ("NET002: {claims: warning}", ("error", "error", "warning")),
        ("NET002: {severity: info, unproven: warning, claims: warning}", ("info", "info", "info")),
    ],
)
def test_a_policy_weighs_one_rule(says: str, expected: tuple[str, ...], write: Write) -> None:
    rulings = policy(write(f"rules:\n  {says}\n")).rulings()
    assert weights(rulings["NET002"]) == expected
    assert weights(rulings["NET001"]) == ("error", "error", "off")


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        ("severity: warning", ("warning", "warning", "off")),
        ("unproven: warning", ("error", "warning", "off")),
        ("claims: info", ("error", "error", "info")),
        ("severity: 'off'", ("off", "off", "off")),
    ],
)
def test_a_policy_weighs_all_rules_that_nobody_lists(says: str, expected: tuple[str, ...], write: Write) -> None:
    assert weights(policy(write(f"{says}\n")).rulings()["NET002"]) == expected


def test_a_policy_weighs_a_family(write: Write) -> None:
    says = "rules: {NET: {severity: info, unproven: 'off'}, NET002: error}\n"
    rulings = policy(write(says)).rulings()
    assert weights(rulings["NET001"]) == ("info", "off", "off") != weights(rulings["WBA001"])
    assert rulings["NET002"].fail == "error"
    override = "overrides: [{when: {environments: [test]}, reason: trial, rules: {NET: 'off'}}]\n"
    off = {code for code, ruling in policy(write(override)).rulings("test").items() if ruling.fail == "off"}
    assert off >= {code for code in RULES if code.startswith("NET")}


def test_a_family_makes_warnings_of_unsure_rules_unless_they_are_listed(write: Write) -> None:
    heavy = policy(write("rules: {TPL: error, TPL034: error}\n")).rulings()
    assert [(code, RULES[code].certainty, heavy[code].fail) for code in ("TPL001", "TPL032", "TPL034")] == [
        ("TPL001", "sure", "error"),
        ("TPL032", "unsure", "warning"),
        ("TPL034", "unsure", "error"),
    ]


@pytest.mark.parametrize(
    ("says", "code", "expected"),
    [
        ("WBA: error, WBA002: {claims: as-rule}", "WBA002", ("error", "error", "error")),
        ("WBA002: {claims: as-rule}, WBA: error", "WBA002", ("error", "error", "error")),
        ("NUM: {unproven: info}, NUM003: {claims: warning}", "NUM003", ("error", "info", "warning")),
        ("NUM: {severity: info, unproven: 'off'}, unowned-number: error", "NUM003", ("error", "off", "off")),
        ("NUM: 'off', NUM003: {claims: warning}", "NUM003", ("off", "off", "off")),
        ("OPT: warning, OPT002: {settings: {minimum_true_share: 0.5}}", "OPT002", ("warning", "warning", "off")),
        ("TPL: error, TPL034: {claims: as-rule}", "TPL034", ("warning", "warning", "warning")),
    ],
)
def test_what_an_entry_leaves_open_the_one_for_its_family_says(
    says: str, code: str, expected: tuple[str, ...], write: Write
) -> None:
    assert weights(policy(write(f"rules: {{{says}}}\n")).rulings()[code]) == expected
    override = f"overrides: [{{when: {{environments: [test]}}, reason: a trial, rules: {{{says}}}}}]\n"
    assert weights(policy(write(override)).rulings("test")[code]) == expected


def test_a_family_has_no_settings_and_must_be_there(write: Write) -> None:
    assert told(write("rules: {OPT: {settings: {minimum_true_share: 0.6}}, NETS: error}\n")) == [
        "acme.yaml:4:15: settings are those of one rule, and not of a family (list the rule that has them)",
        f'acme.yaml:4:53: there is no rule "NETS" (did you mean "NET"?) {SEE_RULES}',
    ]


def test_what_a_policy_below_says_of_one_rule_stands(write: Write) -> None:
    assert policy(write("severity: error\n")).rulings()["WBA002"].fail == "warning"


def test_who_lists_an_unsure_rule_takes_its_weight_upon_himself(write: Write) -> None:
    unsure = next(rule.code for rule in RULES.values() if rule.certainty != "sure")
    assert policy(write(f"rules: {{{unsure}: error}}\n")).rulings()[unsure].fail == "error"


# Settings.


def test_a_setting_replaces_a_default(write: Write) -> None:
    text = "rules: {low-coverage: {settings: {minimum_true_share: 0.25}}}\n"
    assert policy(write(text)).rulings()["OPT002"].settings == {"minimum_true_share": 0.25}


def test_a_setting_replaces_a_fact_for_one_rule_only(write: Write) -> None:
    rulings = policy(write("rules: {NET002: {settings: {addresses: {DC-03: [192.0.2.7]}}}}\n")).rulings()
    assert rulings["NET002"].settings["addresses"] == {"DC-03": ["192.0.2.7"]}
    assert rulings["NET003"].settings["addresses"] != {"DC-03": ["192.0.2.7"]}


def test_settings_of_several_layers_add_up(write: Write) -> None:
    write("rules: {NET004: {settings: {widest_ipv4_prefix: 28}}}\n", "base.yaml")
    rulings = policy(write("extends: base.yaml\nrules: {NET004: {settings: {widest_ipv6_prefix: 64}}}\n")).rulings()
    assert rulings["NET004"].settings == {"widest_ipv4_prefix": 28, "widest_ipv6_prefix": 64}


@pytest.mark.parametrize(
    ("says", "complaint"),
    [
        (
            "{NET0002: error}",
            f'acme.yaml:4:9: there is no rule "NET0002" (did you mean "NET002"?) {SEE_RULES}',
        ),
        (
            "{missing-moengage-ips: error}",
            f'acme.yaml:4:9: there is no rule "missing-moengage-ips" (did you mean "missing-moengage-ip"?) {SEE_RULES}',
        ),
        (
            "{xyz: error}",
            f'acme.yaml:4:9: there is no rule "xyz" {SEE_RULES}',
        ),
        (
            "{NET002: 'off', missing-moengage-ip: error}",
            'acme.yaml:4:24: "missing-moengage-ip" is given twice: NET002 and missing-moengage-ip are one rule '
            "(keep one of them)",
        ),
        (
            "{OPT002: {settings: {minimum_share: 0.5}}}",
            'acme.yaml:4:29: OPT002 has no setting "minimum_share" (did you mean "minimum_true_share"?); '
            "it has minimum_true_share",
        ),
        ("{MAN001: {settings: {deep: 1}}}", 'acme.yaml:4:29: MAN001 has no setting "deep"; it has none'),
        (
            "{OPT002: {settings: {minimum_true_share: 60}}}",
            "acme.yaml:4:49: OPT002's minimum_true_share cannot be 60: must be at least 0 and at most 1",
        ),
        (
            "{OPT002: {settings: {minimum_true_share: most}}}",
            'acme.yaml:4:49: OPT002\'s minimum_true_share cannot be "most": expected a number',
        ),
        (
            "{NET004: {settings: {widest_ipv4_prefix: 24.5}}}",
            "acme.yaml:4:49: NET004's widest_ipv4_prefix cannot be 24.5: expected a whole number",
        ),
        (
            "{NET002: {settings: {addresses: {DC-03: 3.6.251.95}}}}",
            'acme.yaml:4:48: NET002\'s addresses.DC-03 cannot be "3.6.251.95": expected a list',
        ),
        (
            "{NET002: {settings: {addresses: {DC-03: 5}}}}",
            "acme.yaml:4:48: NET002's addresses.DC-03 cannot be 5: expected a list",
        ),
        (
            "{NET002: {settings: {addresses: {DC-03: [192.0.2.7, 5]}}}}",
            "acme.yaml:4:60: NET002's addresses.DC-03[1] cannot be 5: expected text",
        ),
        (
            "{NET002: {settings: {addresses: []}}}",
            "acme.yaml:4:40: NET002's addresses cannot be []: expected a mapping",
        ),
    ],
)
def test_a_rule_or_setting_that_does_not_fit_is_refused(says: str, complaint: str, write: Write) -> None:
    assert told(write(f"rules: {says}\n")) == [complaint]


def test_all_mistakes_are_told_at_once_in_the_order_of_writing(write: Write) -> None:
    text = """
        facts: {wba: {as_of: 2026-11, source: x, values: {}}}
        rules: {NET0001: error, NET0002: error}
        overrides: [{when: {environments: [test]}, reason: a trial, rules: {NET0003: error}}]
        """
    places = [line.split(": ")[0] for line in told(write(text))]
    assert places == ["acme.yaml:4:9", "acme.yaml:5:9", "acme.yaml:5:25", "acme.yaml:6:69"]


# Overrides for some manifests.


@pytest.mark.parametrize(
    ("when", "held"),
    [
        ("environments: [test, draft]", True),
        ("environments: [live]", False),
        ("workspaces: [acme-test]", True),
        ("workspaces: ['acme-*']", True),
        ("workspaces: ['*-live']", False),
        ("paths: ['sandbox/**']", True),
        ("paths: ['sandbox/*.yaml']", True),
        ("paths: ['*.json', '*.yaml']", True),
        ("paths: ['live/**']", False),
        ("environments: [test], paths: ['sandbox/**']", True),
        ("environments: [live], paths: ['sandbox/**']", False),
        ("environments: [test], workspaces: [other]", False),
    ],
)
def test_an_override_holds_where_all_its_conditions_are_met(
    when: str, held: bool, write: Write, in_folder: Path
) -> None:
    resolved = policy(write(f"overrides: [{{when: {{{when}}}, reason: a trial, rules: {{NET002: info}}}}]\n"))
    rulings = resolved.rulings("test", "acme-test", str(in_folder / "sandbox" / "a.yaml"))
    assert rulings["NET002"].fail == ("info" if held else "error")
    assert resolved.rulings()["NET002"].fail == "error"


@pytest.mark.parametrize("when", ["workspaces: ['*']", "paths: ['*']", "paths: ['**']", "paths: ['[!a]*', '*']"])
def test_an_override_for_whatever_is_called_anything_holds_for_no_manifest_that_is_not_known(
    when: str, write: Write
) -> None:
    resolved = policy(write(f"overrides: [{{when: {{{when}}}, reason: a trial, rules: {{NET002: 'off'}}}}]\n"))
    assert resolved.rulings("live", "acme", "manifests/acme.yaml")["NET002"].fail == "off"
    assert resolved.rulings()["NET002"].fail == resolved.rulings("live")["NET002"].fail == "error"


def test_paths_are_relative_to_the_folder_of_the_policy(write: Write, in_folder: Path) -> None:
    write("overrides: [{when: {paths: ['m/*']}, reason: a trial, severity: 'off'}]\n", "team/base.yaml")
    resolved = policy(write("extends: team/base.yaml\n"))
    assert resolved.rulings(path=str(in_folder / "team" / "m" / "a.yaml"))["NET002"].fail == "off"
    assert resolved.rulings(path=str(in_folder / "m" / "a.yaml"))["NET002"].fail == "error"


def test_a_path_that_leads_back_from_a_link_is_where_it_leads(write: Write, in_folder: Path) -> None:
    resolved = policy(write("overrides: [{when: {paths: ['live/*']}, reason: a trial, rules: {NET002: 'off'}}]\n"))
    (in_folder / "live" / "eu").mkdir(parents=True)
    (in_folder / "link").symlink_to("live/eu")
    assert resolved.rulings(path="link/../a.yaml")["NET002"].fail == "off"
    assert resolved.rulings(path="live/../a.yaml")["NET002"].fail == "error"


def test_a_policy_wins_over_the_overrides_of_those_that_it_extends(write: Write) -> None:
    override = (
        "overrides: [{when: {environments: [test]}, reason: a trial, rules: {NET002: warning, NET003: warning}}]\n"
    )
    write(f"extends: []\n{override}", "base.yaml")
    rulings = policy(write("extends: base.yaml\nrules: {NET002: error}\n")).rulings("test")
    assert (rulings["NET002"].fail, rulings["NET003"].fail) == ("error", "warning")
    own = policy(write(f"extends: base.yaml\nrules: {{NET002: error}}\n{override}")).rulings("test")
    assert own["NET002"].fail == "warning"


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [
        ("/srv/manifests/*", "paths are relative to the folder of the policy, and have slashes"),
        ("manifests\\a.yaml", "paths are relative to the folder of the policy, and have slashes"),
        ("C:/manifests/*", "paths are relative to the folder of the policy, and have slashes"),
        ("manifests/", "this names a folder; manifests/* names what is in it"),
    ],
)
def test_a_pattern_that_fits_no_path_is_refused(pattern: str, complaint: str, write: Write) -> None:
    (line,) = told(
        write(f"overrides: [{{when: {{paths: ['{pattern}']}}, reason: a trial, rules: {{NET002: info}}}}]\n")
    )
    assert line == f'acme.yaml:4:29: "{pattern}" fits no path: {complaint}'


def test_a_path_may_begin_with_the_folder_itself_and_behind_a_link(write: Write, in_folder: Path) -> None:
    override = "overrides: [{when: {paths: ['./manifests/*']}, reason: a trial, rules: {NET002: info}}]\n"
    resolved = policy(write(override))
    (in_folder / "manifests").mkdir()
    link = in_folder.parent / f"{in_folder.name}-link"
    link.symlink_to(in_folder)
    for path in ("manifests/a.yaml", str(in_folder / "manifests" / "a.yaml"), str(link / "manifests" / "a.yaml")):
        assert resolved.rulings(path=path)["NET002"].fail == "info"
    assert resolved.rulings(path=str(link / "a.yaml"))["NET002"].fail == "error"


def test_doubts_about_one_fact_weaken_no_rule_that_stands_on_others(write: Write) -> None:
    facts = "facts: {waba: {as_of: 2026-11, source: a colleague, certainty: probable, values: {%s}}}\n"
    assert policy(write(facts % "")).rulings()["WBA001"].fail == "error"
    assert policy(write(facts % "violations: [ADULT]")).rulings()["WBA001"].fail == "error"
    write(facts % "usable_review_statuses: [APPROVED]", "base.yaml")
    sure = "facts: {waba: {as_of: 2026-11, source: Meta, values: {lifted_ban_states: [REINSTATE]}}}\n"
    resolved = policy(write(f"extends: base.yaml\n{sure}"))
    assert resolved.rulings()["WBA001"].fail == "warning"
    assert resolved.facts["waba"]["certainty"] == "probable"


def test_the_last_override_that_holds_wins(write: Write) -> None:
    text = """
        rules: {NET002: warning}
        overrides:
          - {when: {environments: [test, draft]}, reason: a trial, rules: {NET002: 'off'}}
          - {when: {environments: [draft]}, reason: a first look, rules: {NET002: info}}
        """
    resolved = policy(write(text))
    assert [resolved.rulings(name)["NET002"].fail for name in ("live", "test", "draft")] == ["warning", "off", "info"]


def test_an_override_weighs_outcomes_and_sets_settings(write: Write) -> None:
    text = """
        overrides:
          - when: {environments: [test]}
            reason: a trial
            severity: warning
            unproven: 'off'
            claims: warning
            rules: {OPT002: {settings: {minimum_true_share: 0}}}
        """
    resolved = policy(write(text))
    assert weights(resolved.rulings("test")["NET002"]) == ("warning", "off", "warning")
    assert resolved.rulings("test")["OPT002"].settings == {"minimum_true_share": 0}
    assert resolved.rulings("live")["OPT002"].settings == {"minimum_true_share": 0.6}


def test_an_override_weighs_outcomes_of_rules_that_the_policy_lists_and_leaves_their_severity(write: Write) -> None:
    text = """
        rules: {NET002: {severity: warning, unproven: warning, claims: warning}, NET003: {unproven: warning}}
        overrides:
          - {when: {environments: [test]}, reason: a trial, severity: info, unproven: info, claims: info}
          - {when: {environments: [draft]}, reason: a trial, unproven: 'off', rules: {NET002: {unproven: warning}}}
        """
    resolved = policy(write(text))
    assert weights(resolved.rulings("live")["NET002"]) == ("warning", "warning", "warning")
    assert weights(resolved.rulings("test")["NET002"]) == ("warning", "info", "info")
    assert weights(resolved.rulings("test")["NET003"]) == ("info", "info", "info")
    assert weights(resolved.rulings("draft")["NET002"]) == ("warning", "warning", "warning")
    assert weights(resolved.rulings("draft")["NET003"]) == ("error", "off", "off")


def test_what_a_policy_says_of_outcomes_holds_over_what_those_below_say_of_one_rule(write: Write) -> None:
    write("rules: {NET002: {severity: warning, unproven: warning, claims: warning}}\n", "base.yaml")
    resolved = policy(write("extends: base.yaml\nseverity: info\nunproven: info\nclaims: accepted\n"))
    assert weights(resolved.rulings()["NET002"]) == ("warning", "info", "off")


def test_manifests_under_the_same_overrides_share_one_table(write: Write) -> None:
    resolved = policy(write("overrides: [{when: {environments: [test]}, reason: a trial, severity: info}]\n"))
    assert resolved.rulings("test", "a") is resolved.rulings("test", "b")
    assert resolved.rulings("test") is not resolved.rulings("live")


def test_a_mistake_in_an_override_is_shown_there(write: Write) -> None:
    assert told(write("overrides: [{when: {environments: [test]}, reason: a trial, rules: {NET02: info}}]\n")) == [
        f'acme.yaml:4:69: there is no rule "NET02" (did you mean "NET002"?) {SEE_RULES}'
    ]


# Facts.


def facts(values: str, name: str = "moengage_static_ips", also: str = "") -> str:
    return f"facts: {{{name}: {{as_of: 2026-11-20, source: ticket MOE-48211{also}, values: {values}}}}}\n"


def test_facts_of_a_policy_replace_bundled_ones_for_every_rule(write: Write) -> None:
    resolved = policy(write(facts("{whatsapp: {DC-03: [192.0.2.7]}}")))
    for code in ("NET002", "NET003"):
        addresses = resolved.rulings()[code].settings["addresses"]
        assert addresses["DC-03"] == ["192.0.2.7"]
        assert addresses["DC-02"] == policy("go-live").rulings()[code].settings["addresses"]["DC-02"]
    assert resolved.facts["moengage_static_ips"] == {"as_of": "2026-11-20", "certainty": "sure", "origin": "acme.yaml"}
    assert resolved.facts["waba"]["origin"] == "bundled"


def test_values_that_a_policy_does_not_name_stay_as_bundled(write: Write) -> None:
    resolved = policy(write(facts("{usable_review_statuses: [APPROVED, FINE]}", "waba")))
    assert resolved.rulings()["WBA001"].settings["usable"] == ["APPROVED", "FINE"]
    assert (
        resolved.rulings()["WBA001"].settings["unusable"] == policy("go-live").rulings()["WBA001"].settings["unusable"]
    )


def test_a_file_that_rules_read_as_a_whole_takes_new_names(write: Write) -> None:
    resolved = policy(write(facts("{acme-bsp: {name: Acme, support: unlisted, ip_allowlist: none}}", "providers")))
    assert {"acme-bsp", "gupshup"} <= set(resolved.rulings()["NET002"].settings["providers"])


def test_facts_that_the_policy_is_not_sure_of_make_a_warning_at_most(write: Write) -> None:
    rulings = policy(write(facts("{whatsapp: {DC-03: [192.0.2.7]}}", also=", certainty: probable"))).rulings()
    assert rulings["NET002"].fail == "warning"
    assert rulings["NET005"].fail == "error"


@pytest.mark.parametrize("where", ["", "overrides: [{when: {environments: [test]}, reason: a trial, "])
def test_a_family_makes_warnings_of_rules_whose_facts_the_policy_is_not_sure_of(where: str, write: Write) -> None:
    write(f"{where}rules: {{NET: error}}{'}]' if where else ''}\n", "base.yaml")
    hearsay = facts("{whatsapp: {DC-03: [192.0.2.7]}}", also=", certainty: unsure")
    rulings = policy(write(f"extends: base.yaml\n{hearsay}")).rulings("test")
    assert [rulings[code].fail for code in ("NET001", "NET002", "NET003")] == ["error", "warning", "warning"]
    rulings = policy(write(f"extends: base.yaml\nrules: {{NET: error, NET002: error}}\n{hearsay}")).rulings("test")
    assert [rulings[code].fail for code in ("NET002", "NET003")] == ["error", "warning"]


@pytest.mark.parametrize(
    ("values", "certainty"),
    [
        ("{whatsapp: {DC-99: [192.0.2.8]}}", "unsure"),
        ("{whatsapp: {DC-03: [192.0.2.8]}}", "sure"),
        ("{whatsapp: {DC-03: null}}", "sure"),
        ("{whatsapp: {DC-02: [192.0.2.8], DC-03: [192.0.2.9]}}", "sure"),
        ("{}", "unsure"),
    ],
)
def test_facts_put_together_of_sure_and_unsure_ones_are_unsure(values: str, certainty: str, write: Write) -> None:
    write(facts("{whatsapp: {DC-03: [192.0.2.7]}}", also=", certainty: unsure"), "base.yaml")
    resolved = policy(write(f"extends: base.yaml\n{facts(values)}"))
    assert resolved.facts["moengage_static_ips"]["certainty"] == certainty
    assert resolved.rulings()["NET002"].fail == ("error" if certainty == "sure" else "warning")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            facts("{}", "moengage_static_ip"),
            'acme.yaml:4:9: there are no facts named "moengage_static_ip" (did you mean "moengage_static_ips"?)',
        ),
        (
            facts("{}", "opt_in_columns"),
            'acme.yaml:4:9: no rule asks for facts named "opt_in_columns" (did you mean "opt_in"?)',
        ),
        (
            facts("{whatsap: {}}"),
            'acme.yaml:4:85: the facts "moengage_static_ips" have no value "whatsap" (did you mean "whatsapp"?)',
        ),
        (
            facts("{whatsapp: [192.0.2.7]}"),
            'acme.yaml:4:95: moengage_static_ips.whatsapp cannot be ["192.0.2.7"]: expected a mapping, '
            "and NET002 stands on it",
        ),
        (
            facts("{whatsapp: {DC-03: 192.0.2.7}}"),
            'acme.yaml:4:103: moengage_static_ips.whatsapp.DC-03 cannot be "192.0.2.7": expected a list, '
            "and NET002 stands on it",
        ),
    ],
)
def test_facts_that_no_rule_can_stand_on_are_refused(text: str, complaint: str, write: Write) -> None:
    assert told(write(text)) == [complaint]


@pytest.mark.parametrize("day", ["2026-02-30", "2025-02-29", "2026-11-31"])
@pytest.mark.parametrize("name", ["moengage_static_ips", "wba"])
def test_facts_of_a_day_that_does_not_exist_are_refused(name: str, day: str, write: Write) -> None:
    lines = told(write(facts("{}", name).replace("2026-11-20", day)))
    column = len(f"facts: {{{name}: {{as_of: ") + 1
    assert lines[0 if name == "moengage_static_ips" else 1 :] == [
        f'acme.yaml:4:{column}: "as_of" cannot be "{day}": there is no such day (write a day of the calendar)'
    ]


@pytest.mark.parametrize("day", ["2026-11", "2026-02", "2024-02-29", "2026-11-30"])
def test_facts_may_be_as_of_a_month_or_of_any_day_that_exists(day: str, write: Write) -> None:
    text = facts("{whatsapp: {DC-03: [192.0.2.7]}}").replace("2026-11-20", day)
    assert policy(write(text)).facts["moengage_static_ips"]["as_of"] == day


DC_FORM = "(a data center is written DC- and two or three digits)"


@pytest.mark.parametrize(
    ("name", "values", "complaint"),
    [
        (
            "moengage_static_ips",
            "{whatsapp: {DC-3: [192.0.2.7]}}",
            f'have no value "whatsapp.DC-3" (did you mean "DC-03"?) {DC_FORM}',
        ),
        (
            "moengage_static_ips",
            "{whatsapp: {dc-03: [192.0.2.7]}}",
            f'have no value "whatsapp.dc-03" (did you mean "DC-03"?) {DC_FORM}',
        ),
        (
            "moengage_static_ips",
            "{whatsapp: {Frankfurt: [192.0.2.7]}}",
            f'have no value "whatsapp.Frankfurt" {DC_FORM}',
        ),
        (
            "data_centers",
            "{DC-3: {api_host: api-03.example}}",
            f'have no value "DC-3" (did you mean "DC-03"?) {DC_FORM}',
        ),
        ("providers", "{Gupshup: {name: Gupshup}}", 'have no value "Gupshup" (did you mean "gupshup"?)'),
        (
            "bsp_outgoing_addresses",
            "{outgoing: {Gupshup: [192.0.2.7]}}",
            'have no value "outgoing.Gupshup" (did you mean "gupshup"?)',
        ),
        (
            "messaging_limits",
            "{users_per_day: {tier-1k: 7}}",
            'have no value "users_per_day.tier-1k" (did you mean "TIER_1K"?)',
        ),
        (
            "phone_number_statuses",
            "{status: {usabel: [CONNECTED]}}",
            'have no value "status.usabel" (did you mean "usable"?)',
        ),
    ],
)
def test_a_mistyped_name_inside_of_facts_is_told(name: str, values: str, complaint: str, write: Write) -> None:
    (line,) = told(write(facts(values, name)))
    assert line.partition(": ")[2] == f'the facts "{name}" {complaint}'


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("moengage_static_ips", "{whatsapp: {DC-07: [192.0.2.7], DC-101: [192.0.2.8], DC-03: null}}"),
        ("data_centers", "{DC-07: {api_host: api-07.moengage.com, dashboard: dashboard-07.moengage.com}}"),
        ("providers", "{9bsp: {name: Nine, support: unlisted, ip_allowlist: none}, gupshup: {ip_allowlist: none}}"),
        ("number_overrides", "{types: {'33': []}}"),
        ("template_languages", "{codes: {gd_GB: Gaelic}}"),
        ("messaging_limits", "{users_per_day: {TIER_5K: 5000}}"),
        ("special_purpose_addresses", "{unreachable: {192.0.2.0/28: ours}}"),
        ("template_statuses", "{not_statuses: {Gone: {what: nothing that Meta says}}}"),
    ],
)
def test_facts_take_new_rows_that_are_named_as_the_others(name: str, values: str, write: Write) -> None:
    assert policy(write(facts(values, name))).facts[name]["origin"] == "acme.yaml"


def test_a_row_that_another_policy_has_added_is_known(write: Write) -> None:
    write(facts("{whatsapp: {DC-07: [192.0.2.7]}}"), "base.yaml")
    (line,) = told(write(f"extends: base.yaml\n{facts('{whatsapp: {DC-7: [192.0.2.8]}}')}"))
    assert '(did you mean "DC-07"?)' in line


def test_facts_that_take_away_what_a_rule_needs_are_refused_once(write: Write) -> None:
    lines = told(write(facts("{status: {usable: null}}", "phone_number_statuses")))
    assert lines == ["acme.yaml:4:104: phone_number_statuses.status.usable is no longer there, and NUM007 stands on it"]


# What a plugin's rule may get wrong shows here first.


def declared(**settings: Any) -> dict[str, Rule]:
    @rule("ACME001", "acme-rule", step=Step.WABA)
    def acme(waba: Waba, ctx: Context) -> Any:
        yield unproven(str(ctx), at=waba)

    found: Rule = acme.__wa_rule__  # type: ignore[attr-defined]  # put there by the decorator
    return {"ACME001": found._replace(settings=settings)}


def test_a_type_that_is_not_there_at_run_time_is_told(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = declared(limit=5)
    monkeypatch.setitem(rules["ACME001"].function.__annotations__, "limit", "Somewhere")
    assert told(write("extends: []\nrules: {ACME001: {settings: {limit: 6}}}\n"), rules) == [
        "acme.yaml:5:37: ACME001's limit cannot be checked: the plugin does not import its type at run time "
        "(name 'Somewhere' is not defined)"
    ]


def test_every_fact_that_bundled_rules_ask_for_is_filled_in() -> None:
    rulings = policy("go-live").rulings()
    assert not [code for code, ruling in rulings.items() if any(isinstance(v, Fact) for v in ruling.settings.values())]
