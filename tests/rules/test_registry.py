"""What makes a function a rule, and what a rule can say."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import pytest

from wa_policy.api import (
    Bsp,
    Context,
    Count,
    DocumentId,
    Place,
    Problem,
    Problems,
    Rule,
    Share,
    Step,
    Waba,
    Workspace,
    claimed,
    fact,
    fail,
    rule,
    rules_in,
    unproven,
)
from wa_policy.findings import Certainty
from wa_policy.policy.model import Fact
from wa_policy.rules.registry import SUBJECTS, RuleError
from wa_policy.testing import AS_OF, check_rule, manifest


def declare(function: Callable[..., Any], **words: Any) -> Rule:
    declared: Rule = rule("ACME001", "acme-rule", step=Step.WABA, **words)(function).__wa_rule__  # type: ignore[attr-defined]  # put there by the decorator
    return declared


def refusal(function: Callable[..., Any]) -> str:
    with pytest.raises(RuleError) as caught:
        declare(function)
    return str(caught.value).replace(f"({function.__module__}.{function.__qualname__}) ", "")


def workspace() -> Workspace:
    return Workspace(DocumentId("manifest.yaml", 0), manifest())  # type: ignore[arg-type]  # the ready manifest is one


# A signature says what a rule looks at, and what can be set.


def test_the_first_parameter_names_the_subject() -> None:
    def check(waba: Waba) -> Problems:
        """The account has no name."""
        yield fail("it has none", at=waba)

    declared = declare(check)
    assert (declared.code, declared.name, declared.step) == ("ACME001", "acme-rule", Step.WABA)
    assert (declared.subject, declared.wants_context, declared.settings) == ("Waba", False, {})
    assert declared.doc == "The account has no name."


def test_a_second_parameter_asks_for_the_context() -> None:
    def check(waba: Waba, ctx: Context) -> Problems:
        yield fail(str(ctx.as_of), at=waba)

    assert declare(check).wants_context


def test_annotations_may_be_text() -> None:
    def check(waba: "Waba") -> "Problems":
        yield fail("it has none", at=waba)

    def check_by_module(waba: "api.Waba") -> Problems:  # type: ignore[name-defined]  # noqa: F821  # only its last word counts
        yield fail("it has none", at=waba)

    assert declare(check).subject == "Waba"
    assert declare(check_by_module).subject == "Waba"


def test_keyword_only_parameters_are_settings() -> None:
    def check(waba: Waba, *, share: Share = 0.5, known: Sequence[str] = fact("waba.known")) -> Problems:
        yield fail(f"{share} {known}", at=waba)

    assert declare(check).settings == {"share": 0.5, "known": Fact("waba.known")}


def test_a_declaration_carries_certainty_and_consulted_families() -> None:
    def check(waba: Waba) -> Problems:
        yield fail("it has none", at=waba)

    declared = declare(check, certainty="probable", consults=("TPL", "NUM"))
    assert (declared.certainty, declared.consults) == ("probable", ("TPL", "NUM"))
    assert declare(check).certainty == "sure"


def test_a_declaration_carries_what_makes_subjects_alike() -> None:
    def check(waba: Waba) -> Problems:
        yield fail("it has none", at=waba)

    assert declare(check, alike=len).alike is len
    assert declare(check).alike is None
    with pytest.raises(RuleError) as caught:
        declare(check, alike=len, consults=("TPL",))
    assert str(caught.value) == "rule ACME001 consults others, so no two subjects are alike to it"


@pytest.mark.parametrize("consults", ["NUM", ["NUM"], {"NUM"}, None, (3,), ("NUM", None)])
def test_only_a_tuple_of_families_can_be_consulted(consults: Any) -> None:
    with pytest.raises(RuleError) as caught:
        rule("ACME001", "acme-rule", step=Step.WABA, consults=consults)
    wanted = 'it is a tuple of rule families, such as ("NUM",)'
    assert str(caught.value) == f"rule ACME001 consults {consults!r}, which nobody can look up: {wanted}"


class Keys:
    def of_one(self, subject: Any) -> Any:
        return subject

    def of_none(self) -> None:
        """Takes no subject."""


@pytest.mark.parametrize(
    "alike", ["name", 3, lambda: 0, lambda one, other: (one, other), lambda one, *, way: (one, way), Keys().of_none]
)
def test_what_gives_no_key_of_one_subject_is_refused(alike: Any) -> None:
    with pytest.raises(RuleError) as caught:
        rule("ACME001", "acme-rule", step=Step.WABA, alike=alike)
    wanted = "it is a function that takes one subject and returns a key"
    assert str(caught.value) == f"rule ACME001 is given an alike that gives subjects no key: {wanted}"


@pytest.mark.parametrize(
    "alike", [len, str, lambda *every: every, lambda one, other=0, *, way=0: (one, other, way), Keys().of_one]
)
def test_what_gives_a_key_of_one_subject_is_taken(alike: Any) -> None:
    def check(waba: Waba) -> Problems:
        yield fail("it has none", at=waba)

    assert declare(check, alike=alike).alike is alike


def test_a_rule_stays_a_function_that_can_be_called() -> None:
    @rule("ACME001", "acme-rule", step=Step.WABA)
    def check(waba: Waba) -> Problems:
        yield fail("it has none", at=waba)

    assert [problem.message for problem in check(workspace().waba)] == ["it has none"]


# What is no rule is refused with its reason.


def takes_nothing() -> Problems:
    yield from ()


def takes_three(waba: Waba, ctx: Context, more: int) -> Problems:
    yield fail(f"{ctx}{more}", at=waba)


def takes_another_second(waba: Waba, context: Context) -> Problems:
    yield fail(str(context), at=waba)


def takes_a_positional_setting(waba: Waba, limit: int = 5) -> Problems:
    yield fail(str(limit), at=waba)


def has_no_annotation(waba) -> Problems:  # type: ignore[no-untyped-def]  # the point of it
    yield fail("it has none", at=waba)


def looks_at_text(waba: str) -> Problems:
    yield fail(waba, at=workspace())


def looks_at_two(waba: Waba | Bsp) -> Problems:
    yield fail("it has none", at=waba)


def looks_at_several(waba: Mapping[str, Waba]) -> Problems:
    yield fail("it has none", at=waba["acme"])


def has_no_default(waba: Waba, *, limit: int, other: int = 1, more: int) -> Problems:
    yield fail(f"{limit}{other}{more}", at=waba)


def counts_in_words(waba: Waba, *, limit: int = "five") -> Problems:  # type: ignore[assignment]  # the point of it
    yield fail(str(limit), at=waba)


def counts_with_a_truth(waba: Waba, *, limit: "int" = True) -> Problems:
    yield fail(str(limit), at=waba)


def takes_a_text_for_a_list(waba: Waba, *, domains: Sequence[str] = "acme.example") -> Problems:
    yield fail(str(domains), at=waba)


def takes_a_text_for_a_list_by_text(waba: Waba, *, domains: "Sequence[str]" = "acme.example") -> Problems:
    yield fail(str(domains), at=waba)


def counts_with_a_list(waba: Waba, *, limit: "Count" = ()) -> Problems:  # type: ignore[assignment]  # the point of it
    yield fail(str(limit), at=waba)


def takes_a_set_for_a_list(waba: Waba, *, domains: "Sequence[str]" = frozenset()) -> Problems:  # type: ignore[assignment]  # the point of it
    yield fail(str(domains), at=waba)


def takes_a_list_for_a_mapping(waba: Waba, *, domains: "Mapping[str, str]" = ()) -> Problems:  # type: ignore[assignment]  # the point of it
    yield fail(str(domains), at=waba)


def has_no_type(waba: Waba, *, limit=5) -> Problems:  # type: ignore[no-untyped-def]  # the point of it
    yield fail(str(limit), at=waba)


SHAPE = "rule ACME001 must take its subject and, if it wants one, ctx; settings are keyword-only"
ONE_OF = f"a subject is one of {', '.join(SUBJECTS)}"


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (takes_nothing, SHAPE),
        (takes_three, SHAPE),
        (takes_another_second, SHAPE),
        (takes_a_positional_setting, SHAPE),
        (has_no_annotation, f"rule ACME001 looks at nothing; {ONE_OF}"),
        (looks_at_text, f"rule ACME001 looks at str; {ONE_OF}"),
        (looks_at_several, f"rule ACME001 looks at Mapping; {ONE_OF}"),
        (has_no_default, "rule ACME001 gives no default to limit, more"),
        (has_no_type, "rule ACME001 gives no type to limit"),
        (counts_in_words, "rule ACME001 gives limit, which is int, the default 'five'"),
        (counts_with_a_truth, "rule ACME001 gives limit, which is int, the default True"),
        (takes_a_text_for_a_list, "rule ACME001 gives domains, which is Sequence, the default 'acme.example'"),
        (
            takes_a_text_for_a_list_by_text,
            "rule ACME001 gives domains, which is Sequence[str], the default 'acme.example'",
        ),
        (counts_with_a_list, "rule ACME001 gives limit, which is Count, the default ()"),
        (takes_a_set_for_a_list, "rule ACME001 gives domains, which is Sequence[str], the default frozenset()"),
        (takes_a_list_for_a_mapping, "rule ACME001 gives domains, which is Mapping[str, str], the default ()"),
    ],
)
def test_a_signature_that_is_none_is_refused(function: Callable[..., Any], reason: str) -> None:
    assert refusal(function) == reason


def test_a_default_may_be_of_any_type_that_its_annotation_leaves_open() -> None:
    def check(
        waba: Waba,
        *,
        share: float = 1,
        limit: int | None = None,
        domains: "Sequence[str] | None" = None,
        others: Sequence[int] = range(3),
        known: Mapping[str, int] = fact("waba.known"),
    ) -> Problems:
        yield fail(f"{share}{limit}{domains}{others}{known}", at=waba)

    assert list(declare(check).settings) == ["share", "limit", "domains", "others", "known"]


CODE = "is no code: it is capital letters, then digits, such as ACME001"
NAME = "which is no name: it is words of small letters and digits with hyphens between them, such as short-code"


@pytest.mark.parametrize(
    ("code", "name", "reason"),
    [
        ("", "acme-rule", f'"" {CODE}'),
        ("a,b", "acme-rule", f'"a,b" {CODE}'),
        ("ACME", "acme-rule", f'"ACME" {CODE}'),
        ("001", "acme-rule", f'"001" {CODE}'),
        ("Acme001", "acme-rule", f'"Acme001" {CODE}'),
        ("ACME-001", "acme-rule", f'"ACME-001" {CODE}'),
        ("ÄCME001", "acme-rule", f'"ÄCME001" {CODE}'),
        ("ACME00\u0661", "acme-rule", f'"ACME00\u0661" {CODE}'),
        ("ACME001\n", "acme-rule", f'"ACME001\n" {CODE}'),
        ("ACME001", "", f'rule ACME001 is named "", {NAME}'),
        ("ACME001", "My, Rule", f'rule ACME001 is named "My, Rule", {NAME}'),
        ("ACME001", "my_rule", f'rule ACME001 is named "my_rule", {NAME}'),
        ("ACME001", "my--rule", f'rule ACME001 is named "my--rule", {NAME}'),
        ("ACME001", "-rule", f'rule ACME001 is named "-rule", {NAME}'),
        ("ACME001", "ACME", f'rule ACME001 is named "ACME", {NAME}'),
        ("ACME001", "1-rule", f'rule ACME001 is named "1-rule", {NAME}'),
        ("ACME001", "opt-in", 'rule ACME001 is named "opt-in", which means a step of the checklist; take another name'),
    ],
)
def test_what_could_not_be_selected_or_suppressed_is_refused(code: str, name: str, reason: str) -> None:
    def check(waba: Waba) -> Problems:
        yield fail("it has none", at=waba)

    with pytest.raises(RuleError) as caught:
        rule(code, name, step=Step.WABA)(check)
    assert str(caught.value) == reason


def test_a_code_is_as_short_and_a_name_as_plain_as_its_author_likes() -> None:
    def check(waba: Waba) -> Problems:
        yield fail("it has none", at=waba)

    for code, name in (("A9", "rule"), ("ACME9", "us-2-marketing"), ("ACMERETAIL0001", "x")):
        assert rule(code, name, step=Step.WABA)(check).__wa_rule__.code == code  # type: ignore[attr-defined]  # as above


def test_a_certainty_that_there_is_not_is_refused() -> None:
    with pytest.raises(RuleError, match=r'^rule ACME001 is "certain"; it is one of sure, probable, unsure$'):
        rule("ACME001", "acme-rule", step=Step.WABA, certainty="certain")(looks_at_text)  # type: ignore[arg-type]  # the point of it


def test_a_union_is_no_subject() -> None:
    assert refusal(looks_at_two).endswith(ONE_OF)


def test_a_refusal_names_the_function() -> None:
    with pytest.raises(RuleError, match=r"rule ACME001 \(.*test_registry\.takes_nothing\) must take"):
        declare(takes_nothing)


# How sure a rule is.


@pytest.mark.parametrize(
    ("certainty", "sources", "surest"),
    [
        ("sure", "https://acme.example (as of 2026-11, unsure)", "unsure"),
        ("sure", "https://acme.example (as of 2026-11, unsure); https://b.example (probable)", "probable"),
        ("probable", "https://acme.example (as of 2026-11, unsure)", "unsure"),
        ("sure", "https://acme.example (as of 2026-11, sure); that a button is required, probable", ""),
        ("unsure", "https://acme.example (as of 2026-11, sure)", ""),
        ("probable", "https://acme.example (as of 2026-11, probable)", ""),
        ("sure", "https://acme.example/how-to-measure", ""),
    ],
)
def test_a_rule_is_no_surer_than_its_sources(certainty: Certainty, sources: str, surest: str) -> None:
    def check(waba: Waba) -> Problems:
        yield fail("it has none", at=waba)

    check.__doc__ = f"The account has no name.\n\n    Source:\n        {sources}\n"
    declare(check, certainty=certainty)
    if surest:
        with pytest.raises(ValueError, match=f'ACME001 is declared to be {certainty}, .*: certainty="{surest}"$'):
            check_rule(check)
    else:
        assert len(check_rule(check)) == 1


# A module's rules.


@rule("ACME002", "second", step=Step.WABA)
def second(waba: Waba) -> Problems:
    yield fail("it has none", at=waba)


@rule("ACME001", "first", step=Step.WABA)
def first(waba: Waba) -> Problems:
    yield fail("it has none", at=waba)


def test_a_module_offers_its_own_rules_in_order() -> None:
    assert [declared.code for declared in rules_in(__name__)] == ["ACME002", "ACME001"]


def test_a_module_does_not_offer_what_it_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second, "__module__", "elsewhere")
    assert [declared.code for declared in rules_in(__name__)] == ["ACME001"]


# What a rule says.


def test_a_problem_has_a_main_place_and_others() -> None:
    waba = workspace().waba
    problem = fail(
        "it differs", at=waba.at("country"), also=[waba, waba.at("name", label="claimed here")], remedy="mend it"
    )
    document = DocumentId("manifest.yaml", 0)
    assert problem == Problem(
        "fail",
        "it differs",
        (
            Place(document, ("waba", "country")),
            Place(document, ("waba",)),
            Place(document, ("waba", "name"), "claimed here"),
        ),
        "mend it",
    )


def test_outcomes_have_their_own_words() -> None:
    waba = workspace().waba
    assert fail("x", at=waba).outcome == "fail"
    assert unproven("x", at=waba, at_most="warning") == Problem("unproven", "x", (waba.at(),), at_most="warning")
    assert list(claimed(waba, "health_status", "can_send_message", by="Meta's answer")) == [
        Problem(
            "claimed",
            "health_status.can_send_message is claimed here, and no evidence proves it",
            (waba.at("health_status", "can_send_message"),),
            "prove it by Meta's answer",
        )
    ]


def context(*problems: tuple[str, Problem]) -> Context:
    return Context(date(2026, 11, 22), lambda: problems)


def test_the_context_knows_the_day() -> None:
    assert context().as_of == AS_OF


def test_errors_of_rules_are_theirs_wherever_they_are() -> None:
    here = workspace()
    number, template = here.phone_numbers[0], here.templates[0]
    ctx = context(("NUM001", fail("a", at=number)), ("NUM002", fail("b", at=here)), ("TPL001", fail("c", at=template)))
    assert [problem.message for problem in ctx.errors_of("NUM001", "NUM002")] == ["a", "b"]
    assert list(ctx.errors_of("NUM003")) == []


def test_errors_at_a_subject_are_those_at_it_or_inside_it_each_code_once() -> None:
    here = workspace()
    number, template = here.phone_numbers[0], here.templates[0]
    ctx = context(
        ("TPL002", fail("inside", at=template.at("components", 0))),
        ("TPL001", fail("at it", at=template)),
        ("TPL002", fail("inside again", at=template.at("name"))),
        ("NUM001", fail("elsewhere", at=number, also=[template])),
        ("TPL003", fail("above", at=here.at("templates"))),
        ("TPL004", fail("another document", at=Place(DocumentId("manifest.yaml", 1), template.route))),
    )
    assert ctx.errors_at(template) == ("TPL002", "TPL001")
    assert ctx.errors_at(here) == ("TPL002", "TPL001", "NUM001", "TPL003")


def test_a_step_is_no_text() -> None:
    with pytest.raises(RuleError, match=r"^rule ACME001 has the step 'manifest', which is none: take one of Step"):
        rule("ACME001", "some-rule", step="manifest")  # type: ignore[arg-type]  # as an author may
