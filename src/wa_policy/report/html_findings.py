"""Findings as cards: what, where in the source, why, what to do, and what could be changed; linked to by their fingerprints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.manifest.secrets import mask_line
from wa_policy.report.html_text import NOTHING, Markup, anchor, code_block, element, join, text
from wa_policy.report.html_words import OUTCOMES, SEVERITIES, badge, count
from wa_policy.report.text import because

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wa_policy.report.model import Edit, Finding, Location, Patch


def rule_id(code: str) -> str:
    """The id of what a rule says of itself."""
    return anchor("rule", code)


def card(finding: Finding, own: str, *, why: bool, helped: bool) -> Markup:
    """A finding in full, under an id of its own.

    ``why`` says in full why it matters, and not by a link; ``helped`` is true where the page says more of the rule.
    """
    main, *others = finding.locations
    reason = text(finding.why) if why else element("a", f"as {finding.code} says", href=f"#{rule_id(finding.code)}")
    return element(
        "article",
        element("h5", badge(SEVERITIES[finding.severity]), " ", element("bdi", finding.message)),
        element("p", *_identity(finding, own, helped), class_="meta"),
        _frame(main, ""),
        *(_frame(other, "See also ") for other in others),
        _remark("What to do", text(finding.remedy)) if finding.remedy else NOTHING,
        _remark("Why it matters", reason) if finding.why else NOTHING,
        *(_patch(patch) for patch in finding.patches),
        _accepted(finding),
        class_=f"f {SEVERITIES[finding.severity].style}",
        id=own,
    )


def reference(finding: Finding, own: str) -> Markup:
    """A finding that stands in full elsewhere on the page, since it concerns several workspaces."""
    return element(
        "article",
        element("h5", badge(SEVERITIES[finding.severity]), " ", element("bdi", finding.message)),
        element("p", "This concerns several workspaces: ", element("a", "see it in full", href=f"#{own}")),
        class_=f"f {SEVERITIES[finding.severity].style}",
    )


def _identity(finding: Finding, own: str, helped: bool) -> Iterator[Markup]:
    name = f"{finding.code} {finding.name}"
    yield element("a", name, href=f"#{rule_id(finding.code)}") if helped else text(name)
    if OUTCOMES[finding.outcome]:
        yield text(f" \u00b7 {OUTCOMES[finding.outcome]}")
    yield text(" ")
    yield element("a", "link to this finding", href=f"#{own}", class_="permalink")


def _frame(location: Location, before: str) -> Markup:
    """A source line with its number, what is meant in it underlined, and below it the label."""
    span, frame = location.span, location.frame
    route = join((" ", element("span", location.route, class_="route"))) if location.route else NOTHING
    place = element("span", f"{location.path}:{span.line}:{span.column}", class_="path")
    start = max(0, span.column - 1 - frame.shift)
    end = span.end_column - 1 - frame.shift if span.end_line == span.line else len(frame.text)
    end = max(start + 1, end)
    number = element("span", f"{frame.line:>4} ", class_="n")
    cut = "\u2026 " if frame.shift else ""
    head, marked, tail = (_spaced(frame.text[part]) for part in (slice(start), slice(start, end), slice(end, None)))
    lines = [join((number, cut, head, element("mark", marked or " "), tail))]
    if location.label:
        pad = element("span", " " * (5 + len(cut) + min(len(head), _FURTHEST)), class_="pad", aria_hidden="true")
        lines.append(element("span", pad, f"^ {location.label}", class_="label"))
    return element(
        "figure",
        element("figcaption", before, place, route),
        element("pre", element("code", Markup("\n".join(lines)))),
        class_="frame",
    )


_FURTHEST = 60
"""How far to the right a label stands at most: a line may be longer than a page is wide."""


def _spaced(piece: str) -> str:
    return piece.replace("\t", "    ")


def _remark(title: str, said: Markup) -> Markup:
    return element("p", element("b", title), " ", said, class_="remark")


def _patch(patch: Patch) -> Markup:
    """A fix that is offered, as the edits of the text that it is."""
    weight = "safe" if patch.safe else "somebody has to decide"
    head = element(
        "summary", element("b", "Fix offered"), f" {patch.title} ({count(len(patch.edits), 'edit')}, {weight})"
    )
    return element("details", head, *(_edit(edit) for edit in patch.edits), class_="patch")


def _edit(edit: Edit) -> Markup:
    place = element("span", f"{edit.path}:{edit.span.line}:{edit.span.column}", class_="path")
    if not edit.text:
        return element("p", place, " is removed")
    lines = "\n".join(mask_line(line) for line in edit.text.splitlines())
    return join((element("p", place, " becomes"), code_block(lines)))


def _accepted(finding: Finding) -> Markup:
    """Why a finding does not count, and where that is written."""
    words = finding.suppression
    if words is None:
        return NOTHING
    where = element("span", f" ({words.kind}, {words.path}:{words.line})", class_="path")
    return element("p", element("b", "Accepted"), " ", because(finding), where, class_="remark accepted")
