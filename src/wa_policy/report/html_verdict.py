"""The top of the page: the verdict in plain words, what it rests on, what nobody could check, and the filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.report.checklist import STEPS
from wa_policy.report.html_text import NOTHING, Markup, element, join
from wa_policy.report.html_words import SEVERITIES, STATES, count, day
from wa_policy.report.sentences import by_severity, plugin_named
from wa_policy.wording import sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wa_policy.report.checklist import State
    from wa_policy.report.html_words import Look
    from wa_policy.report.model import Report


def masthead(report: Report, states: Sequence[State]) -> Markup:
    """Title, verdict and what the verdict rests on; ``states`` are those of the workspaces."""
    look, headline, meaning = _verdict(report, states)
    return element(
        "header",
        element("p", "WhatsApp readiness", class_="kicker"),
        element(
            "div",
            element("span", look.sign, class_="sign", aria_hidden="true"),
            element("div", element("h1", headline), *(element("p", sentence) for sentence in meaning)),
            class_=f"verdict {look.style}",
        ),
        element("dl", *_basis(report)),
        element("button", "Dark", type="button", id="theme", hidden=True),
        class_="top",
    )


def _verdict(report: Report, states: Sequence[State]) -> tuple[Look, str, list[str]]:
    """How the run as a whole is shown, in a headline, and in sentences that say what it means."""
    tally = _tally(states)
    if report.left_out:
        some = f"{len(report.rules)} of {count(report.weighed, 'rule')}"
        tally.insert(0, f"Only {some} were asked; what the others look for nobody knows.")
    if accepted := len(report.suppressed):
        tally.append(f"{count(accepted, 'finding')} accepted as exceptions, which do not count.")
    if report.not_checked:
        said = f"{count(len(report.not_checked), 'thing')} could not be checked, so nobody can say that it is safe to send."
        return STATES["NOT CHECKED"], "Could not be checked", [f"{said} Treat it as not ready until it was.", *tally]
    asked = f"that the policy {report.policy} asks for"
    if report.exit_code:
        said = f"The campaigns have to wait: something {asked} is wrong, or nothing shows it."
        return STATES["NOT READY"], "Not ready", [said, *tally]
    if report.left_out:
        said = "Nothing speaks against the campaigns, and nobody has asked all that would."
        return STATES["NOT ASKED"], "Ready as far as was asked", [said, *tally]
    said = f"The campaigns may go out: everything {asked} is as it should be, as manifests and evidence show."
    return STATES["READY"], "Ready to send", [said, *tally]


def _tally(states: Sequence[State]) -> list[str]:
    """How many workspaces are in each state, those that may send first."""
    if len(states) < 2:
        return []
    found = [(STATES[state].word.lower(), states.count(state)) for state in reversed(STATES) if state in states]
    words = ", ".join(f"{number} {word}" for word, number in found)
    return [f"Of {count(len(states), 'workspace')}, {words}."]


def _basis(report: Report) -> Iterator[Markup]:
    yield from _pair("Judged as on", day(report.as_of))
    yield from _pair("Policy", join((report.policy, element("span", f" ({report.policy_origin})", class_="quiet"))))
    yield from _pair(
        "Fails on", f"findings of severity {report.fail_on}{'' if report.fail_on == 'error' else ' or worse'}"
    )
    yield from _pair("Found", by_severity(report.counts(), ",") or "nothing")
    if report.plugins:
        yield from _pair("Plugins", ", ".join(map(plugin_named, report.plugins)))
    if report.facts:
        dates = sorted(entry.as_of for entry in report.facts)
        unsure = sum(entry.certainty != "sure" for entry in report.facts)
        between = day(dates[0]) if dates[0] == dates[-1] else join((day(dates[0]), " to ", day(dates[-1])))
        doubts = f", {unsure} of them not sure" if unsure else ""
        link = element("a", count(len(report.facts), "facts file"), href="#facts")
        yield from _pair("Rests on", join((link, ", read ", between, doubts)))


def _pair(term: str, said: str) -> Iterator[Markup]:
    yield element("div", element("dt", term), element("dd", said))


def not_checked(report: Report) -> Markup:
    """What nobody looked at; nothing when everything was."""
    if not report.not_checked:
        return NOTHING
    items = (
        element(
            "li",
            element("strong", item.what),
            f": {item.reason}",
            element("span", f" ({item.path})", class_="path") if item.path and item.path != item.what else NOTHING,
            element("p", element("b", "What to do"), f" {item.remedy}", class_="remark") if item.remedy else NOTHING,
        )
        for item in report.not_checked
    )
    return element(
        "section", element("h2", "Not checked"), element("ul", *items), id="not-checked", class_="unchecked notice"
    )


def filters(report: Report) -> Markup:
    """Fields that narrow the list; a script shows them, since only it can make them work."""
    states = [(state, look.word) for state, look in STATES.items()]
    steps = [("manifest", "The manifest itself"), *((step.name, sentence(step.title)) for step in STEPS)]
    severities = [(severity, look.word) for severity, look in SEVERITIES.items()]
    shown = count(len(report.manifests), "workspace")
    return element(
        "div",
        element(
            "div",
            element("label", "Search", for_="search"),
            element("input", type="search", id="search", placeholder="Name, rule, text", autocomplete="off"),
        ),
        _choice("state", "State", states),
        _choice("step", "Open step", steps),
        _choice("severity", "Severity", severities),
        element(
            "div",
            element("button", "Open all", type="button", id="open-all"),
            element("button", "Close all", type="button", id="close-all"),
            element("button", "Reset", type="button", id="reset"),
            class_="buttons",
        ),
        element("p", f"Showing {shown}.", id="shown", role="status", aria_live="polite"),
        role="search",
        class_="filters",
        id="filters",
        hidden=True,
    )


def _choice(name: str, label: str, options: Sequence[tuple[str, str]]) -> Markup:
    made = (element("option", word, value=value) for value, word in options)
    every = element("option", "Any", value="")
    return element("div", element("label", label, for_=name), element("select", every, *made, id=name))
