"""Findings as cards: what, where in the source, why, what to do, and what could be changed; linked to by their fingerprints."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wa_policy.manifest.secrets import mask_line
from wa_policy.report.html_text import NOTHING, Markup, anchor, code_block, element, join, text
from wa_policy.report.html_words import OUTCOMES, SEVERITIES, badge, count
from wa_policy.report.sentences import because

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wa_policy.report.model import Edit, Finding, Location, Patch


def rule_id(code: str) -> str:
    """The id of what a rule says of itself."""
    return anchor("rule", code)


def card(finding: Finding, own: str, manifest: str, *, why: bool, helped: bool) -> Markup:
    """A finding in full, under an id of its own.

    ``manifest`` is the path of the manifest that the reader knows to be looking at, whose folder is not said again; ``why`` says
    in full why it matters, and not by a link; ``helped`` is true where the page says more of the rule.
    """
    main, *others = finding.locations
    return element(
        "li",
        _title(finding),
        element("p", *_identity(finding, own, helped, why=why)),
        _frame(main, NOTHING, _file(main.path, manifest)),
        *(_frame(other, _SEE_ALSO, _file(other.path, manifest, main.path)) for other in others),
        _remark("What to do", finding.remedy) if finding.remedy else NOTHING,
        _remark("Why it matters", finding.why) if finding.why and why else NOTHING,
        *(_patch(patch) for patch in finding.patches),
        _accepted(finding),
        class_=SEVERITIES[finding.severity].style,
        id=own,
    )


def reference(finding: Finding, own: str) -> Markup:
    """A finding that stands in full elsewhere on the page, since it concerns several workspaces."""
    return element(
        "li",
        _title(finding),
        element("p", "This concerns several workspaces: ", element("a", "see it in full", href=f"#{own}")),
        class_=SEVERITIES[finding.severity].style,
    )


def _title(finding: Finding) -> Markup:
    return element("h5", badge(SEVERITIES[finding.severity]), " ", finding.message)


def _identity(finding: Finding, own: str, helped: bool, *, why: bool) -> Iterator[Markup]:
    """Rule, outcome, and a link to here. The style sheet says the rest of what the links say: there are thousands of them."""
    name = f"{finding.code} {finding.name}"
    told = "told" if why or not finding.why else None
    yield element("a", name, href=f"#{rule_id(finding.code)}", class_=told) if helped else text(name)
    if OUTCOMES[finding.outcome]:
        yield text(f" \u00b7 {OUTCOMES[finding.outcome]}")
    yield text(" ")
    yield element("a", "link", href=f"#{own}")


def _file(path: str, manifest: str, before: str = "") -> str:
    """How the file of a place is called: in full, as far as it was not said just before or stands above the whole workspace."""
    if path == before:
        return "line "
    return f"{os.path.basename(path) if path == manifest else path}:"


_SEE_ALSO = join((element("span", "See also"), " "))


def _frame(location: Location, before: Markup, file: str) -> Markup:
    """A source line with its number, what is meant in it underlined, and below it the label.

    There are most of these on a page, so their parts have no classes: the style sheet knows them by what they stand in.
    """
    span, frame = location.span, location.frame
    route = join((" ", element("b", location.route))) if location.route else NOTHING
    place = f"{file}{span.line}:{span.column}"
    start, end = location.marked
    end = max(start + 1, end)
    number = element("i", f"{frame.line:>4} ")
    cut = "\u2026 " if frame.shift else ""
    head, marked, tail = (_spaced(frame.text[part]) for part in (slice(start), slice(start, end), slice(end, None)))
    lines = [join((number, cut, head, element("mark", marked or " "), tail))]
    if location.label:
        pad = " " * (5 + len(cut) + min(len(head), _FURTHEST))
        lines.append(element("b", f"{pad}^ {location.label}"))
    return element("div", before, place, route, element("pre", Markup("\n".join(lines))))


_FURTHEST = 60
"""How far to the right a label stands at most: a line may be longer than a page is wide."""


def _spaced(piece: str) -> str:
    return piece.replace("\t", "    ")


def _remark(title: str, said: str) -> Markup:
    return element("p", element("b", title), " ", said)


def _patch(patch: Patch) -> Markup:
    """A fix that is offered, as the edits of the text that it is."""
    weight = "safe" if patch.safe else "somebody has to decide"
    head = element(
        "summary", element("strong", "Fix offered"), f" {patch.title} ({count(len(patch.edits), 'edit')}, {weight})"
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
    return element("p", element("b", "Accepted"), " ", because(finding), where)
