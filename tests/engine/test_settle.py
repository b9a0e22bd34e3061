"""From a problem to a finding: spans, labels and source lines, with credentials masked and columns kept."""

from collections.abc import Iterable
from typing import Any

import pytest

from tests.growth import steps
from wa_policy.api import Place, Problem, Problems, Rule, Step, Waba, fail, rule
from wa_policy.engine.open_file import OpenFile
from wa_policy.engine.settle import FRAME_WIDTH, Owner, settle
from wa_policy.manifest.secrets import Said
from wa_policy.report.model import Finding, Location
from wa_policy.source.reading import read
from wa_policy.source.spans import DocumentId, Span

TEXT = """\
waba:
  country: IN
  name: Acme
---
waba:
  country: AQ
"""


@rule("ACME001", "acme-rule", step=Step.WABA)
def check(waba: Waba) -> Problems:
    """The country is one that Meta does not serve.

    Why it matters:
        Meta closes the account
        when it finds out.

    How to put it right:
        1. Register the business elsewhere.
        2. Begin again.
    """
    yield fail("it is not served", at=waba)


RULE: Rule = check.__wa_rule__  # type: ignore[attr-defined]  # put there by the decorator

OWNER = Owner(DocumentId("acme.yaml", 0), "acme-retail", "live")


def open_text(text: str, secrets: Iterable[Span] = (), said: Iterable[str] = (), path: str = "acme.yaml") -> OpenFile:
    reading = read(text.encode(), path)
    assert not reading.troubles
    return OpenFile(reading, {document.id.number: document for document in reading.documents}, secrets, Said(said))


def at(*route: str | int, document: int = 0, **words: Any) -> Place:
    return Place(DocumentId("acme.yaml", document), route, **words)


def settled(*places: Place, file: OpenFile | None = None, message: str = "it differs", remedy: str = "") -> Finding:
    opened = file or open_text(TEXT)
    problem = Problem("fail", message, places, remedy)
    return settle(RULE, problem, "warning", OWNER, lambda _: opened)


def located(place: Place, file: OpenFile | None = None) -> Location:
    return settled(place, file=file).locations[0]


def test_a_finding_carries_the_rules_words_and_the_policys_weight() -> None:
    finding = settled(at("waba", "country"))
    assert (finding.code, finding.name, finding.step) == ("ACME001", "acme-rule", "waba")
    assert (finding.severity, finding.outcome, finding.message) == ("warning", "fail", "it differs")
    assert (finding.workspace, finding.path, finding.document) == ("acme-retail", "acme.yaml", 0)
    assert finding.why == "Meta closes the account when it finds out."
    assert finding.remedy == "Register the business elsewhere. Begin again."


def test_the_problems_own_remedy_goes_before_the_rules() -> None:
    assert settled(at("waba"), remedy="write IN").remedy == "Write IN"


# Where it is.


@pytest.mark.parametrize(
    ("place", "span", "line"),
    [
        (at("waba", "country"), (2, 12, 2, 14), "  country: IN"),
        (at("waba", "country", on_key=True), (2, 3, 2, 10), "  country: IN"),
        (at("waba", "country", document=1), (6, 12, 6, 14), "  country: AQ"),
        (at(), (1, 1, 1, 5), "waba:"),
    ],
)
def test_a_route_leads_to_a_span_and_its_line(place: Place, span: tuple[int, ...], line: str) -> None:
    location = located(place)
    assert (location.span, location.frame.text, location.frame.line) == (span, line, span[0])
    assert location.document == place.document.number


def test_a_place_in_no_document_brings_its_span() -> None:
    location = located(at(document=-1, span=Span(4, 1, 4, 4)))
    assert (location.document, location.span, location.frame.text) == (-1, (4, 1, 4, 4), "---")


def test_what_is_missing_is_shown_at_what_should_hold_it_and_said_so() -> None:
    location = located(at("waba", "health_status", "can_send_message"))
    assert (location.span, location.label) == ((1, 1, 1, 5), "waba.health_status.can_send_message is missing")


@pytest.mark.parametrize("route", [("waba", "country"), ("waba",), ()])
def test_what_is_there_has_the_label_that_the_rule_gives_it(route: tuple[str, ...]) -> None:
    assert located(at(*route)).label == ""
    assert located(at(*route, label="claimed here")).label == "claimed here"


@pytest.mark.parametrize("route", [("numbers", 2), ("numbers", "first"), ("numbers", 0, "id"), ("waba", 0)])
def test_steps_that_lead_nowhere_are_missing(route: tuple[str | int, ...]) -> None:
    file = open_text("waba: {}\nnumbers: [a, b]\n")
    assert located(at(*route), file).label.endswith(" is missing")


def test_several_places_keep_their_order_and_labels() -> None:
    finding = settled(at("waba", "country", document=1), at("waba", "name", label="first claimed here"))
    assert [(place.span.line, place.label) for place in finding.locations] == [(6, ""), (3, "first claimed here")]


# How much of a line is shown.


def line(before: int, after: int) -> OpenFile:
    return open_text(f'{{"a": "{"x" * before}", "b": "{"y" * after}"}}', path="acme.json")


def test_a_line_of_the_width_is_shown_whole() -> None:
    frame = located(at("b"), line(50, FRAME_WIDTH - 50 - 18)).frame
    assert (len(frame.text), frame.shift) == (FRAME_WIDTH, 0)


def test_of_a_longer_line_what_surrounds_the_place_is_shown() -> None:
    file = line(1000, 1000)
    location = located(at("b"), file)
    frame = location.frame
    assert (len(frame.text), frame.shift) == (FRAME_WIDTH, location.span.column - 1 - FRAME_WIDTH // 4)
    assert file.reading.line(1)[frame.shift :].startswith(frame.text)


def test_the_ends_of_a_longer_line_fill_the_width() -> None:
    assert located(at("a"), line(1000, 1)).frame.shift == 0
    last = located(at("b"), line(1000, 1))
    assert last.span.end_column - 1 - last.frame.shift == FRAME_WIDTH - 1


# What is not shown.


def test_a_credential_is_masked_column_by_column() -> None:
    file = open_text("bsp: {user: acme, word: sesame, host: here}\n", [Span(1, 25, 1, 31)])
    assert located(at("bsp", "host"), file).frame.text == "bsp: {user: acme, word: ******, host: here}"


def test_credentials_that_overlap_are_masked_once() -> None:
    file = open_text("bsp: {user: acme, word: sesame, host: here}\n", [Span(1, 19, 1, 31), Span(1, 25, 1, 31)])
    assert located(at("bsp", "host"), file).frame.text == "bsp: {user: acme, ************, host: here}"


def test_a_credential_of_several_lines_is_masked_on_each() -> None:
    file = open_text("word: |\n  open\n  sesame\nhost: here\n", [Span(1, 7, 4, 1)])
    assert [file.line(number) for number in (1, 2, 3, 4)] == ["word: *", "******", "********", "host: here"]


def test_a_key_that_says_credential_masks_its_line_without_being_known() -> None:
    assert (
        located(at("a"), open_text("a: {b: 1, password: sesame, c: 2}\n")).frame.text
        == "a: {b: 1, password: *************"
    )


def test_what_betrays_itself_is_masked_everywhere() -> None:
    token = "EAAB" + "x" * 24
    finding = settled(
        at("a", label=f"not {token}"),
        file=open_text(f"a: {token}\n"),
        message=f"{token} is one",
        remedy=f"drop {token}",
    )
    said = (finding.message, finding.remedy, finding.locations[0].label, finding.locations[0].frame.text)
    assert said == (f"{'*' * 28} is one", f"Drop {'*' * 28}", f"not {'*' * 28}", f"a: {'*' * 28}")


def test_known_credentials_are_masked_in_words() -> None:
    file = open_text("a: here\nb: sesame2 again\n", said=["sesame2", "sesame"])
    finding = settled(at("b", label="sesame2"), file=file, message="it's sesame2, not sesame", remedy="drop sesame")
    assert (finding.message, finding.remedy) == ("it's *******, not ******", "Drop ******")
    assert (finding.locations[0].label, finding.locations[0].frame.text) == ("*******", "b: ******* again")


@pytest.mark.parametrize("route", [("numbers", 0), ("numbers", 1, "id")])
def test_what_stands_in_a_list_is_there(route: tuple[str | int, ...]) -> None:
    assert located(at(*route), open_text("numbers: [a, {id: b}]\n")).label == ""


@pytest.mark.parametrize(
    ("start", "end", "touches"),
    [
        (0, 5, False),
        (0, 6, True),
        (9, 12, True),
        (11, 12, True),
        (14, 14, False),
        (13, 14, True),
        (17, 20, False),
        (20, 22, True),
    ],
)
def test_a_stretch_of_text_that_touches_a_credential(start: int, end: int, touches: bool) -> None:
    """Of three, the second is inside the first."""
    secrets = [Span(2, 12, 2, 17), Span(1, 6, 2, 5), Span(1, 7, 1, 9)]
    opened = open_text("waba: abc\n? abcdefghijklmnop\n", secrets)
    offsets = [opened.reading.source.offsets(secret) for secret in secrets]
    assert opened.touches_secret(start, end) == touches
    assert touches == any(start < behind and before < end for before, behind in offsets)


def test_many_credentials_are_not_each_held_against_a_stretch_of_text() -> None:
    def look(times: int) -> int:
        opened = open_text("a: b\n" + "# x\n" * times, [Span(line + 2, 1, line + 2, 4) for line in range(times)])
        return steps(lambda: [opened.touches_secret(at, at + 1) for at in range(times)])

    assert look(400) < 4.5 * look(100)
