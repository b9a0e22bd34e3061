"""What stands at the end of the page: the rules that spoke, in full, and the facts that everything rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.report.html_charts import table
from wa_policy.report.html_findings import rule_id
from wa_policy.report.html_text import NOTHING, Markup, code_block, element, inline, paragraphs
from wa_policy.report.html_words import day

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wa_policy.report.model import Report, RuleInfo

_SURE = {"sure": "", "probable": "Its source is probable, not sure.", "unsure": "Its source is not sure."}


def rules_section(rules: Mapping[str, RuleInfo]) -> Markup:
    """What each rule that found something says of itself."""
    if not rules:
        return NOTHING
    helps = (element("article", *_rule(rules[code]), id=rule_id(code), class_="rule") for code in sorted(rules))
    intro = element(
        "p", "The rules that found something here: why each matters, and how to put it right.", class_="quiet"
    )
    return element("section", element("h2", "Rules"), intro, *helps, id="rules")


def _rule(rule: RuleInfo) -> Iterator[Markup]:
    sections = rule.docs.sections
    yield element("h3", f"{rule.code} {rule.name}")
    yield element("p", inline(rule.docs.headline), class_="lead")
    yield paragraphs(rule.docs.details)
    if _SURE[rule.certainty]:
        yield element("p", _SURE[rule.certainty], class_="quiet")
    for title in ("Why it matters", "How to put it right"):
        if sections.get(title):
            yield element("h4", title)
            yield paragraphs(sections[title])
    examples = [(title, rule.docs.example(title)) for title in ("Bad", "Good")]
    if any(example for _, example in examples):
        shown = (part for title, example in examples if example for part in (element("p", title), code_block(example)))
        yield element("details", element("summary", "Examples"), *shown, class_="examples")
    if sections.get("Source"):
        yield element("p", element("b", "Source"), " ", " ".join(sections["Source"].split()), class_="quiet source")


def facts_section(report: Report) -> Markup:
    """The facts files, with their dates."""
    if not report.facts:
        return NOTHING
    rows = [(entry.name, day(entry.as_of), entry.certainty, entry.origin) for entry in report.facts]
    inside = table("Facts by name", ("Facts", "Read at its source", "How sure", "From"), rows, "facts")
    intro = element(
        "p",
        "Limits, addresses and lists that Meta, MoEngage and the providers set, as last read at their sources. "
        "What has changed since then is not known here.",
        class_="quiet",
    )
    head = element("summary", element("h2", "Facts"))
    return element("section", element("details", head, intro, inside), id="facts")
