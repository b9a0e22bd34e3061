"""Rules run over subjects: each over its own, those that consult others last, and none ends the run."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.growth import steps
from wa_policy.api import (
    Bsp,
    Campaign,
    Change,
    Context,
    DocumentId,
    Fix,
    MoEngage,
    OptIn,
    PhoneNumber,
    Place,
    Problem,
    Problems,
    Project,
    Step,
    Template,
    Waba,
    Workspace,
    claimed,
    fail,
    rule,
    unproven,
)
from wa_policy.engine.check import Checked
from wa_policy.engine.session import Session
from wa_policy.policy.layers import Layer
from wa_policy.source.spans import Span
from wa_policy.testing import AS_OF, manifest

Sessions = Callable[..., Session]

TWO_OF_EACH = """
phone_numbers: [{number: "+91 80 4718 1888"}, {number: "+91 80 4718 1889"}]
templates: [{name: a, language: en}, {name: b, language: en}]
campaigns: [{name: one}, {name: two}]
"""


def check(session: Session, fragment: str = "") -> Checked:
    data: Any = manifest(fragment)
    return session.plan("live", "acme").check_workspace(Workspace(DocumentId("manifest.yaml", 0), data))


def codes(checked: Checked) -> list[str]:
    return [code for code, _ in checked.problems]


def routes(checked: Checked) -> list[tuple[str | int, ...]]:
    return [problem.places[0].route for _, problem in checked.problems]


# Each rule sees its own subjects.


@rule("ACME001", "on-workspace", step=Step.WABA)
def on_workspace(workspace: Workspace) -> Problems:
    yield fail("seen", at=workspace)


@rule("ACME002", "on-moengage", step=Step.WABA)
def on_moengage(moengage: MoEngage) -> Problems:
    yield fail("seen", at=moengage)


@rule("ACME003", "on-bsp", step=Step.WABA)
def on_bsp(bsp: Bsp) -> Problems:
    yield fail("seen", at=bsp)


@rule("ACME004", "on-waba", step=Step.WABA)
def on_waba(waba: Waba) -> Problems:
    yield fail("seen", at=waba)


@rule("ACME005", "on-number", step=Step.WABA)
def on_number(number: PhoneNumber) -> Problems:
    yield fail("seen", at=number)


@rule("ACME006", "on-template", step=Step.WABA)
def on_template(template: Template) -> Problems:
    yield fail("seen", at=template)


@rule("ACME007", "on-opt-in", step=Step.WABA)
def on_opt_in(opt_in: OptIn) -> Problems:
    yield fail(f"present: {opt_in.present}", at=opt_in)


@rule("ACME008", "on-campaign", step=Step.WABA)
def on_campaign(campaign: Campaign) -> Problems:
    yield fail("seen", at=campaign)


@rule("ACME009", "on-project", step=Step.WABA)
def on_project(project: Project) -> Problems:
    yield fail("seen", at=project.workspaces[0].at("metadata"))


EVERY = (on_workspace, on_moengage, on_bsp, on_waba, on_number, on_template, on_opt_in, on_campaign, on_project)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (on_workspace, [()]),
        (on_moengage, [("moengage",)]),
        (on_bsp, [("bsp",)]),
        (on_waba, [("waba",)]),
        (on_number, [("phone_numbers", 0), ("phone_numbers", 1)]),
        (on_template, [("templates", 0), ("templates", 1)]),
        (on_opt_in, [("opt_in",)]),
        (on_campaign, [("campaigns", 0), ("campaigns", 1)]),
        (on_project, []),
    ],
)
def test_a_rule_runs_once_for_each_of_its_subjects(
    function: Any, expected: list[tuple[str | int, ...]], session: Sessions
) -> None:
    assert routes(check(session(function), TWO_OF_EACH)) == expected


def test_a_missing_block_is_looked_at_and_missing_items_are_not(session: Sessions) -> None:
    checked = check(session(on_opt_in, on_template, on_campaign), "{opt_in: null, templates: null, campaigns: null}")
    assert [(code, problem.message) for code, problem in checked.problems] == [("ACME007", "present: False")]


def test_rules_run_in_the_order_of_subjects_and_codes(session: Sessions) -> None:
    assert codes(check(session(*EVERY))) == [f"ACME00{number}" for number in range(1, 9)]


# A rule gets its settings and the context.


@rule("ACME010", "with-settings", step=Step.WABA)
def with_settings(waba: Waba, ctx: Context, *, limit: int = 5, words: str = "few") -> Problems:
    yield fail(f"{ctx.as_of} {limit} {words}", at=waba)


def test_settings_are_the_policys(session: Sessions) -> None:
    layer: Layer = {"rules": {"ACME010": {"settings": {"limit": 7}}}}
    checked = check(session(with_settings, layer=layer))
    assert [problem.message for _, problem in checked.problems] == [f"{AS_OF} 7 few"]


# What a rule consults runs before it, and only errors count.


@rule("ASK001", "asks", step=Step.CAMPAIGNS, consults=("ACME",))
def asks(workspace: Workspace, ctx: Context) -> Problems:
    yield fail(" ".join(ctx.errors_at(workspace)) or "nothing", at=workspace)


@rule("ASK002", "asks-of-numbers", step=Step.CAMPAIGNS, consults=("ACME",))
def asks_of_numbers(number: PhoneNumber, ctx: Context) -> Problems:
    yield fail(" ".join(ctx.errors_at(number)) or "nothing", at=number)


def test_who_consults_comes_last_though_its_subject_comes_first(session: Sessions) -> None:
    checked = check(session(asks, on_campaign, on_waba))
    assert codes(checked) == ["ACME004", "ACME008", "ASK001"]
    assert checked.problems[-1][1].message == "ACME004 ACME008"


@pytest.mark.parametrize(
    ("says", "answer"),
    [
        ({"severity": "error"}, "ACME004"),
        ({"severity": "warning"}, "nothing"),
        ({"severity": "off"}, "nothing"),
    ],
)
def test_only_errors_are_told_to_who_consults(says: Any, answer: str, session: Sessions) -> None:
    checked = check(session(asks, on_waba, layer={"rules": {"ACME004": says}}))
    assert checked.problems[-1][1].message == answer


@rule("ACME011", "milder", step=Step.WABA)
def milder(waba: Waba) -> Problems:
    yield fail("a warning at most", at=waba, at_most="warning")
    yield unproven("not shown", at=waba)


def test_milder_cases_and_unproven_things_are_not_told_to_who_consults(session: Sessions) -> None:
    assert check(session(asks, milder)).problems[-1][1].message == "nothing"


def test_each_subject_hears_of_its_own_errors(session: Sessions) -> None:
    @rule("ACME012", "on-second-number", step=Step.NUMBERS)
    def on_second_number(number: PhoneNumber) -> Problems:
        if number.route[-1] == 1:
            yield fail("it is the second", at=number.at("number"))

    checked = check(session(asks_of_numbers, on_second_number), TWO_OF_EACH)
    assert [problem.message for code, problem in checked.problems if code == "ASK002"] == ["nothing", "ACME012"]


@rule("ACME034", "late", step=Step.NUMBERS, consults=("WBA",))
def late(waba: Waba) -> Problems:
    yield fail("said after somebody asked", at=waba.workspace.phone_numbers[1])


def test_who_consults_those_that_consult_comes_after_them(session: Sessions) -> None:
    checked = check(session(asks, asks_of_numbers, late, on_waba), TWO_OF_EACH)
    assert [problem.message for code, problem in checked.problems if code.startswith("ASK")] == [
        "ACME004 ACME034",
        "nothing",
        "ACME034",
    ]


@rule("OTHER001", "of-another-family", step=Step.WABA)
def of_another_family(waba: Waba) -> Problems:
    yield fail("nobody consults this", at=waba)


def test_who_consults_hears_of_what_it_consults_and_of_nothing_else(session: Sessions) -> None:
    """What it says must not depend on which other rules are selected."""
    assert check(session(asks, on_waba, of_another_family)).problems[-1][1].message == "ACME004"


@rule("ACME035", "asks-back", step=Step.WABA, consults=("ASK",))
def asks_back(waba: Waba, ctx: Context) -> Problems:
    yield fail(" ".join(ctx.errors_at(waba.workspace)) or "nothing", at=waba)


def test_two_that_consult_each_other_run_once_each(session: Sessions) -> None:
    for both in ((asks, asks_back), (asks_back, asks)):
        assert sorted(codes(check(session(*both)))) == ["ACME035", "ASK001"]


def test_errors_are_looked_up_and_not_gone_through_for_each_subject(session: Sessions) -> None:
    opened = session(asks_of_numbers, on_number)

    def ask(times: int) -> int:
        numbers = [{"number": f"+91 80 4718 {index}"} for index in range(times)]
        workspace = Workspace(DocumentId("manifest.yaml", 0), {**manifest(), "phone_numbers": numbers})  # type: ignore[typeddict-item]
        return steps(lambda: opened.plan("live", "acme").check_workspace(workspace))

    assert ask(400) < 4.5 * ask(100)


# Subjects that are alike to a rule.

SIX = """
templates:
  - {name: a1, language: en}
  - {name: a2, language: en}
  - {name: b1, language: en}
  - {name: c1, language: en}
  - {name: b2, language: en}
  - {name: a3, language: en}
"""


def first_letter(template: Template) -> str:
    return template.data["name"][0]


def asked_of(session: Sessions, alike: Callable[[Any], Any], *, about: str = "", runs: int = 1) -> list[str]:
    """Which templates a rule is asked of that speaks of those whose names begin with some letters."""
    asked = []

    @rule("ACME015", "of-some", step=Step.TEMPLATES, alike=alike)
    def of_some(template: Template) -> Problems:
        asked.append(template.data["name"])
        if template.data["name"][0] in about:
            yield fail("seen", at=template)

    opened = session(of_some, on_template)
    for _ in range(runs):
        checked = check(opened, SIX)
        assert codes(checked).count("ACME006") == 6
        assert codes(checked).count("ACME015") == sum(name[0] in about for name in ("a1", "a2", "b1", "c1", "b2", "a3"))
        assert checked.crashes == []
    return asked


def test_a_rule_is_not_asked_again_of_subjects_like_one_of_which_it_said_nothing(session: Sessions) -> None:
    assert asked_of(session, first_letter) == ["a1", "b1", "c1"]
    assert asked_of(session, first_letter, about="a") == ["a1", "a2", "b1", "c1", "a3"]


def test_nor_in_the_next_manifest_under_the_same_plan(session: Sessions) -> None:
    assert asked_of(session, first_letter, about="b", runs=2) == ["a1", "b1", "c1", "b2", "b1", "b2"]


@pytest.mark.parametrize("key", [lambda _: None, lambda template: [template], lambda template: template.nowhere])
def test_a_subject_without_a_key_is_like_no_other(key: Any, session: Sessions) -> None:
    assert asked_of(session, key) == ["a1", "a2", "b1", "c1", "b2", "a3"]


@pytest.mark.parametrize("error", [SystemExit, GeneratorExit])
def test_a_key_that_cannot_be_made_is_no_crash(error: type[BaseException], session: Sessions) -> None:
    def leaves(_: Template) -> None:
        raise error

    assert len(asked_of(session, leaves)) == 6


def test_who_interrupts_as_a_key_is_made_is_obeyed(session: Sessions) -> None:
    def interrupts(_: Template) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asked_of(session, interrupts)


def test_few_keys_are_kept(session: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wa_policy.engine.check.MOST_KEYS", 1)
    assert asked_of(session, first_letter) == ["a1", "b1", "c1", "b2", "a3"]


def test_each_rule_has_its_own_way_to_tell_subjects_apart(session: Sessions) -> None:
    asked: dict[str, list[str]] = {"ACME016": [], "ACME017": [], "ACME018": []}

    @rule("ACME016", "of-letters", step=Step.TEMPLATES, alike=first_letter)
    def of_letters(template: Template) -> Problems:
        asked["ACME016"].append(template.data["name"])
        yield from ()

    @rule("ACME017", "of-a", step=Step.TEMPLATES, alike=lambda template: first_letter(template) == "a" or None)
    def of_a(template: Template) -> Problems:
        asked["ACME017"].append(template.data["name"])
        yield from ()

    @rule("ACME018", "raises", step=Step.TEMPLATES, alike=first_letter)
    def raises(template: Template) -> Problems:
        asked["ACME018"].append(template.data["name"])
        raise ValueError(template.data["name"])

    checked = check(session(of_letters, of_a, raises), SIX)
    assert asked["ACME016"] == ["a1", "b1", "c1"]
    assert asked["ACME017"] == ["a1", "b1", "c1", "b2"]
    assert asked["ACME018"] == [crash.reason.removeprefix("ValueError: ") for crash in checked.crashes]
    assert len(checked.crashes) == 6


# What the policy makes of it.


def test_what_weighs_nothing_can_be_left_out(session: Sessions) -> None:
    @rule("ACME019", "says-much", step=Step.WABA)
    def says_much(waba: Waba) -> Problems:
        yield from claimed(waba, "id", by="Meta's answer")
        yield unproven("unproven", at=waba)
        yield fail("wrong", at=waba)

    opened = session(says_much, layer={"rules": {"ACME019": {"claims": "accepted"}}})
    workspace = Workspace(DocumentId("manifest.yaml", 0), manifest())  # type: ignore[arg-type]  # the ready manifest is one
    plan = opened.plan("live", "acme")
    assert len(plan.check_workspace(workspace).problems) == 3
    left = plan.check_workspace(workspace, weightless=False).problems
    assert [problem.message for _, problem in left] == ["unproven", "wrong"]


@pytest.mark.parametrize(("claims", "found"), [("accepted", []), ("as-rule", ["ACME014"])])
def test_claims_that_nobody_hears_do_not_make_a_rule_silent(claims: Any, found: list[str], session: Sessions) -> None:
    @rule("ACME014", "claims-only", step=Step.TEMPLATES, alike=first_letter)
    def claims_only(template: Template) -> Problems:
        yield from claimed(template, "name", by="Meta's answer")

    opened = session(claims_only, layer={"rules": {"ACME014": {"claims": claims}}})
    workspace = Workspace(DocumentId("manifest.yaml", 0), manifest())  # type: ignore[arg-type]  # the ready manifest is one
    plan = opened.plan("live", "acme")
    assert codes(plan.check_workspace(workspace, weightless=False)) == found
    assert codes(plan.check_workspace(workspace)) == ["ACME014"]
    assert codes(plan.check_workspace(workspace, weightless=False)) == found


def test_rules_that_are_off_do_not_run(session: Sessions) -> None:
    assert codes(check(session(on_waba, on_bsp, layer={"rules": {"ACME004": {"severity": "off"}}}))) == ["ACME003"]


@pytest.mark.parametrize(
    ("layer", "outcome", "at_most", "severity"),
    [
        ({}, "fail", "error", "error"),
        ({}, "fail", "warning", "warning"),
        ({}, "fail", "info", "info"),
        ({"severity": "info"}, "fail", "warning", "info"),
        ({"unproven": "info"}, "unproven", "error", "info"),
        ({"unproven": "warning"}, "unproven", "info", "info"),
        ({"unproven": "off"}, "unproven", "error", "off"),
        ({"claims": "accepted"}, "claimed", "error", "off"),
        ({"claims": "as-rule"}, "claimed", "error", "error"),
    ],
)
def test_a_problem_weighs_what_the_policy_says_and_no_more_than_the_rule_allows(
    layer: Layer, outcome: Any, at_most: Any, severity: str, session: Sessions
) -> None:
    problem = Problem(outcome, "it differs", (), at_most=at_most)
    assert session(on_waba, layer=layer).plan().severity("ACME004", problem) == severity


# A rule that fails is told apart from one that finds nothing.


@rule("ACME020", "raises-half-way", step=Step.WABA)
def raises_half_way(number: PhoneNumber) -> Problems:
    yield fail("found before", at=number)
    raise ValueError("half-way")


@rule("ACME021", "leaves", step=Step.WABA)
def leaves(waba: Waba) -> Problems:
    yield fail("found before", at=waba)
    raise SystemExit(0)


@rule("ACME022", "raises-at-once", step=Step.WABA)
def raises_at_once(waba: Waba) -> Problems:
    raise KeyError(waba.data["id"])


@rule("ACME023", "returns-nothing", step=Step.WABA)
def returns_nothing(waba: Waba) -> Problems:
    return waba.data.get("nowhere")  # type: ignore[return-value]  # the point of it


@rule("ACME024", "says-a-word", step=Step.WABA)
def says_a_word(waba: Waba) -> Problems:
    yield fail("found before", at=waba)
    yield "it differs"  # type: ignore[misc]  # the point of it


class Own(BaseException):
    """What no program should catch without a thought."""


@rule("ACME026", "leaves-in-its-own-way", step=Step.WABA)
def leaves_in_its_own_way(waba: Waba) -> Problems:
    yield fail("found before", at=waba)
    raise Own("enough")


@rule("ACME027", "never-ends", step=Step.WABA)
def never_ends(waba: Waba) -> Problems:
    while True:
        yield fail("again", at=waba)


@rule("ACME028", "interrupted", step=Step.WABA)
def interrupted(waba: Waba) -> Problems:
    raise KeyboardInterrupt(waba.data["id"])


@rule("ACME025", "recurses", step=Step.WABA)
def recurses(waba: Waba) -> Problems:
    yield from recurses(waba)


@pytest.mark.parametrize(
    ("function", "found", "reasons"),
    [
        (raises_half_way, ["ACME020", "ACME020"], ["ValueError: half-way", "ValueError: half-way"]),
        (leaves, ["ACME021"], ["SystemExit: 0"]),
        (raises_at_once, [], ["KeyError: '102290129340398'"]),
        (
            returns_nothing,
            [],
            ["TypeError: it returns None: yield fail(...) or unproven(...), or return a list of them"],
        ),
        (leaves_in_its_own_way, ["ACME026"], ["Own: enough"]),
        (never_ends, [], ["ValueError: it says more than 3 things of one subject, and may never end"]),
        (
            says_a_word,
            ["ACME024"],
            ["TypeError: it says 'it differs', which is no problem: yield fail(...) or unproven(...)"],
        ),
    ],
)
def test_a_rule_that_fails_keeps_what_it_found_and_the_rest_runs(
    function: Any, found: list[str], reasons: list[str], session: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wa_policy.engine.check.MOST_PROBLEMS", 3)
    checked = check(session(on_workspace, function, on_campaign), TWO_OF_EACH)
    assert codes(checked) == ["ACME001", *found, "ACME008", "ACME008"]
    assert [crash.reason for crash in checked.crashes] == reasons
    assert {crash.code for crash in checked.crashes} == {function.__wa_rule__.code}


class MuteError(ValueError):
    """An error that cannot say what it is."""

    def __str__(self) -> str:
        raise Own("no words")


class Text(str):
    """A text of a plugin's own."""

    __slots__ = ()

    def __str__(self) -> str:
        raise MuteError


@rule("ACME031", "raises-without-words", step=Step.WABA)
def raises_without_words(waba: Waba) -> Problems:
    raise MuteError(waba.data["id"])


@rule("ACME032", "raises-in-words-of-its-own", step=Step.WABA)
def raises_in_words_of_its_own(waba: Waba) -> Problems:
    class SpeakingError(Exception):
        def __str__(self) -> str:
            return Text(waba.data["name"])

    raise SpeakingError


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (raises_without_words, "MuteError: what it says cannot be told (Own)"),
        (raises_in_words_of_its_own, "SpeakingError: Acme Retail"),
    ],
)
def test_an_error_is_told_whatever_its_words_are(function: Any, reason: str, session: Sessions) -> None:
    checked = check(session(on_workspace, function))
    assert codes(checked) == ["ACME001"]
    assert checked.crashes == [(function.__wa_rule__.code, reason)]
    assert type(checked.crashes[0].reason) is str


def keyless(waba: Waba) -> str:
    raise KeyError(waba.data["id"])


@rule("ACME035", "without-a-key", step=Step.WABA, alike=keyless)
def without_a_key(waba: Waba) -> Problems:
    yield fail("it differs", at=waba)


@pytest.mark.parametrize(("function", "culprit"), [(raises_at_once, "raises_at_once"), (without_a_key, "keyless")])
def test_where_an_error_came_from_is_shown_to_who_looks_for_it(
    function: Any,
    culprit: str,
    session: Sessions,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    check(session(function))
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("WA_POLICY_DEBUG", "1")
    check(session(function))
    said = capsys.readouterr().err
    assert f", in {culprit}\n" in said
    assert said.endswith("\nKeyError\n")  # and no word of the manifest


class Number(int):
    """A number of a plugin's own."""


class Say(Problem):
    """A problem of a plugin's own."""


def test_texts_and_records_of_a_plugins_own_become_plain_ones(session: Sessions) -> None:
    @rule("ACME033", "in-its-own-way", step=Step.WABA)
    def in_its_own_way(waba: Waba) -> Problems:
        place = waba.at(Text("a"), Number(1), label=Text("b"))
        change = Change(Text("set"), place, {Text("c"): (Text("d"), Number(2)), "e": (None, 1.5, True)})  # type: ignore[arg-type]  # the point of it
        yield Say(Text("fail"), Text("f"), (place,), Text("g"), Text("error"), Fix(Text("h"), (change,)))  # type: ignore[arg-type]  # as above

    ((_, problem),) = check(session(in_its_own_way)).problems
    place = Place(DocumentId("manifest.yaml", 0), ("waba", "a", 1), "b")
    change = Change("set", place, {"c": ["d", 2], "e": [None, 1.5, True]})
    assert problem == Problem("fail", "f", (place,), "g", "error", Fix("h", (change,)))
    assert repr(problem) == repr(Problem("fail", "f", (place,), "g", "error", Fix("h", (change,))))
    assert (type(problem), type(problem.message), type(problem.places[0].route[2])) == (Problem, str, int)


HOME = Place(DocumentId("manifest.yaml", 0), ("waba",))
SOUND = Problem("fail", "it differs", (HOME,))
RENAME = Fix("rename it", (Change("set", HOME, "Acme"),))
MALFORMED = {
    "an outcome that is none": SOUND._replace(outcome="grave"),  # type: ignore[arg-type]
    "an outcome that is no text": SOUND._replace(outcome=None),  # type: ignore[arg-type]
    "a message that is no text": SOUND._replace(message=["it differs"]),  # type: ignore[arg-type]
    "a remedy that is no text": SOUND._replace(remedy=None),  # type: ignore[arg-type]
    "a weight that is none": SOUND._replace(at_most="eror"),  # type: ignore[arg-type]
    "a weight that is no text": SOUND._replace(at_most=[]),  # type: ignore[arg-type]
    "no place": SOUND._replace(places=()),
    "a place without a list": SOUND._replace(places=HOME),  # type: ignore[arg-type]
    "places that are read once": SOUND._replace(places=iter((HOME,))),  # type: ignore[arg-type]
    "a place that is a word": SOUND._replace(places=("waba",)),  # type: ignore[arg-type]
    "another place that is a word": SOUND._replace(places=(HOME, "waba")),  # type: ignore[arg-type]
    "a place in a file": SOUND._replace(places=(HOME._replace(document="manifest.yaml"),)),  # type: ignore[arg-type]
    "a place in a list": SOUND._replace(places=(HOME._replace(document=DocumentId([], 0)),)),  # type: ignore[arg-type]
    "a place without a route": SOUND._replace(places=(HOME._replace(route=None),)),  # type: ignore[arg-type]
    "a step that is none": SOUND._replace(places=(HOME._replace(route=("waba", None)),)),  # type: ignore[arg-type]
    "a label that is no text": SOUND._replace(places=(HOME._replace(label=5),)),  # type: ignore[arg-type]
    "a span that is none": SOUND._replace(places=(HOME._replace(span=(1, 1, 1, 2)),)),  # type: ignore[arg-type]
    "a span of words": SOUND._replace(places=(HOME._replace(span=Span(1, 1, "x", 2)),)),  # type: ignore[arg-type]
    "a fix that is a word": SOUND._replace(fix="rename it"),  # type: ignore[arg-type]
    "a fix without a title": SOUND._replace(fix=RENAME._replace(title=None)),  # type: ignore[arg-type]
    "a fix of unknown safety": SOUND._replace(fix=RENAME._replace(safe=object())),  # type: ignore[arg-type]
    "changes without a list": SOUND._replace(fix=RENAME._replace(changes=None)),  # type: ignore[arg-type]
    "a change that is a word": SOUND._replace(fix=RENAME._replace(changes=("set",))),  # type: ignore[arg-type]
    "a change of no kind": SOUND._replace(fix=RENAME._replace(changes=(Change("frob", HOME, 5),))),  # type: ignore[arg-type]
    "a change to no data": SOUND._replace(fix=RENAME._replace(changes=(Change("set", HOME, object()),))),
    "a change to data with none inside": SOUND._replace(
        fix=RENAME._replace(changes=(Change("set", HOME, [{"a": {5}}]),))
    ),
    "a change to a key that is none": SOUND._replace(fix=RENAME._replace(changes=(Change("set", HOME, {5: "a"}),))),
    "a change to no number": SOUND._replace(fix=RENAME._replace(changes=(Change("set", HOME, float("nan")),))),
    "a name that is none": SOUND._replace(fix=RENAME._replace(changes=(Change("rename", HOME, 5),))),
    "items that are none": SOUND._replace(fix=RENAME._replace(changes=(Change("add", HOME, "a"),))),
    "a change nowhere": SOUND._replace(fix=RENAME._replace(changes=(Change("set", None, 5),))),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("problem", MALFORMED.values(), ids=MALFORMED)
def test_who_says_what_cannot_be_weighed_or_shown_is_at_fault_and_not_who_asks(
    problem: Problem, session: Sessions
) -> None:
    @rule("ACME029", "says-nonsense", step=Step.WABA)
    def says_nonsense(waba: Waba) -> Problems:
        yield fail("found before", at=waba)
        yield problem

    checked = check(session(says_nonsense, asks))
    assert [(code, found.message) for code, found in checked.problems] == [
        ("ACME029", "found before"),
        ("ASK001", "ACME029"),
    ]
    ((code, reason),) = checked.crashes
    assert code == "ACME029"
    assert reason.startswith("TypeError: ")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (Change("frob", HOME, 5), "its fix is to 'frob' something, which is none of set, remove, add, rename"),  # type: ignore[arg-type]  # the point of it
        (Change("set", HOME, object()), "its fix cannot set a value of the type object"),
        (Change("add", HOME, "a"), "its fix cannot add a value of the type str"),
    ],
)
def test_a_fix_that_can_never_be_made_is_told(change: Change, reason: str, session: Sessions) -> None:
    @rule("ACME034", "cannot-mend", step=Step.WABA)
    def cannot_mend(waba: Waba) -> Problems:
        yield fail("it differs", at=waba, fix=Fix("mend it", (change,)))

    assert check(session(cannot_mend)).crashes == [("ACME034", f"TypeError: {reason}")]


def test_what_is_well_formed_is_taken_as_it_is(session: Sessions) -> None:
    every = [
        SOUND,
        SOUND._replace(places=[HOME, HOME._replace(span=Span(1, 1, 1, 2), route=())]),  # type: ignore[arg-type]
        SOUND._replace(fix=RENAME),
        SOUND._replace(fix=RENAME._replace(changes=[Change("set", HOME, {"a": [1, 1.5, True, None, ["b"]]})])),  # type: ignore[arg-type]
        SOUND._replace(fix=RENAME._replace(changes=(Change("remove", HOME), Change("add", HOME, ["a"])))),
    ]

    @rule("ACME030", "says-all", step=Step.WABA)
    def says_all(waba: Waba) -> Problems:
        yield from every if waba.present else ()

    checked = check(session(says_all))
    assert [problem for _, problem in checked.problems] == every
    assert checked.crashes == []


def test_who_interrupts_is_obeyed_in_the_midst_of_a_rule(session: Sessions) -> None:
    with pytest.raises(KeyboardInterrupt):
        check(session(interrupted), TWO_OF_EACH)


def test_endless_recursion_ends_one_rule_only(session: Sessions) -> None:
    checked = check(session(recurses, on_campaign))
    assert codes(checked) == ["ACME008"]
    assert checked.crashes[0].reason.startswith("RecursionError: ")


def test_an_interrupt_ends_the_run(session: Sessions) -> None:
    @rule("ACME026", "is-interrupted", step=Step.WABA)
    def is_interrupted(waba: Waba) -> Problems:
        yield fail("found before", at=waba)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check(session(is_interrupted))
