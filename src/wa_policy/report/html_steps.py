"""What each step of the checklist rests on: evidence with its dates, charts, tables; and one line that says the most of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.report.html_charts import Part, bar, headed, parted, table
from wa_policy.report.html_text import NOTHING, Markup, element, join, text
from wa_policy.report.html_words import count, day, share
from wa_policy.wording import sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wa_policy.report.overview import AddressCover, CallingCode, OptInAudit, Overview, Proof, Template

MOST_ROWS = 40
"""How many rows of a table are shown; those beyond are counted."""

MOST_CALLING_CODES = 15
"""How many calling codes are shown; the smallest stand together beyond that."""

_USERS = (
    ("TRUE", "true", "good", "agreed to get messages"),
    ("FALSE", "false", "quiet", "said no, or left"),
    ("blank", "blank", "unsure", "nobody knows whether they agreed"),
    ("other values", "invalid", "bad", "MoEngage does not understand what stands there"),
)
_PROVIDER = (
    ("known", "known", "good", "may be reached"),
    ("unknown", "unknown", "unsure", "the provider may refuse messages to them"),
    ("opted out", "opted_out", "bad", "left at the provider; campaigns still reach for them"),
    ("not compared", "not_compared", "quiet", "nobody has looked them up"),
)
_REQUIREMENTS = {
    "required": "lets in listed addresses only",
    "optional": "can be told to let in listed addresses only",
    "none": "does not ask for a list of addresses",
    "unknown": "may or may not ask for a list of addresses: nobody has said",
}


def figure(step: str, overview: Overview) -> Markup:
    """The line that says the most of a step."""
    find = _FIGURES.get(step)
    return find(overview) if find else NOTHING


def panel(step: str, overview: Overview, as_of: str) -> Markup:
    """Evidence, charts and tables of a step."""
    find = _PANELS.get(step)
    return join([*_proofs(step, overview, as_of), *(find(overview, as_of) if find else ())])


def _account_figure(overview: Overview) -> Markup:
    return text(f"{overview.provider}, {overview.data_center}")


def _waba_figure(overview: Overview) -> Markup:
    return text(overview.waba)


def _numbers_figure(overview: Overview) -> Markup:
    return text(count(len(overview.numbers), "number"))


def _templates_figure(overview: Overview) -> Markup:
    approved = sum(_is_approved(template) for template in overview.templates)
    return text(f"{approved} of {len(overview.templates)} approved") if overview.templates else text("none listed")


def _opt_in_figure(overview: Overview) -> Markup:
    audit = overview.opt_in
    if audit is None:
        return text("no audit")
    return text(f"{share(audit.users['true'], audit.users['total'])} of {count(audit.users['total'], 'user')} agreed")


def _network_figure(overview: Overview) -> Markup:
    cover = overview.addresses
    if cover is None or cover.needed is None:
        return text("addresses not known")
    if cover.requirement == "none" and not cover.listed:
        return text("no list needed")
    listed = len(cover.needed) - len(cover.missing)
    return text(f"{listed} of {count(len(cover.needed), 'address', 'addresses')} listed")


def _campaigns_figure(overview: Overview) -> Markup:
    return text(count(len(overview.campaigns), "campaign"))


def _proofs(step: str, overview: Overview, as_of: str) -> Iterator[Markup]:
    own = list(dict.fromkeys(proof for proof in overview.proofs if proof.step == step))
    if own:
        yield element("h5", "Evidence")
        yield element("ul", *(element("li", *_proof(proof, as_of)) for proof in own))


def _proof(proof: Proof, as_of: str) -> Iterator[Markup]:
    yield text(sentence(proof.what))
    yield Markup(", ") if proof.on else NOTHING
    yield day(proof.on, as_of)
    if proof.trouble:
        yield element("strong", ": proves nothing, since ", proof.trouble)
    if not proof.path:
        yield element("span", " \u2013 the manifest\u2019s own word", class_="quiet")
    else:
        yield Markup(" \u2013 ")
        yield element("code", proof.path)


def _numbers_panel(overview: Overview, as_of: str) -> Iterator[Markup]:
    del as_of
    rows = [
        (
            row.number,
            row.name or "not said",
            row.status or "not said",
            row.quality or "not said",
            _source(row.proven),
        )
        for row in overview.numbers
    ]
    yield from _long_table(
        "Numbers that send", "numbers", ("Number", "Display name", "Status", "Quality", "According to"), rows
    )


def _templates_panel(overview: Overview, as_of: str) -> Iterator[Markup]:
    del as_of
    if overview.templates:
        by_status: dict[str, int] = {}
        for template in overview.templates:
            status = template.status.upper() or "not said"
            by_status[status] = by_status.get(status, 0) + 1
        styles = {"APPROVED": "good", "NOT SAID": "quiet", "PENDING": "unsure", "IN_APPEAL": "unsure"}
        parts = [Part(name, number, styles.get(name.upper(), "bad")) for name, number in sorted(by_status.items())]
        said = ", ".join(f"{part.number} {part.name}" for part in parts)
        rows = [
            (
                row.name,
                row.language,
                row.category,
                row.status or "not said",
                row.quality or "\u2013",
                _source(row.proven),
            )
            for row in overview.templates
        ]
        heads = ("Template", "Language", "Category", "Status", "Quality", "According to")
        title = join((headed("Templates that campaigns may use", parts, "By status"), element("p", said)))
        yield from _long_table(title, "templates", heads, rows)
    if overview.unused_templates:
        counted = ", ".join(
            f"{number} {status or 'not said'}" for status, number in sorted(overview.unused_templates.items())
        )
        yield element("p", f"Besides, the account holds templates that nobody uses here: {counted}.", class_="quiet")


def _is_approved(template: Template) -> bool:
    return template.status.upper() == "APPROVED"


def _source(proven: bool) -> str:
    return "evidence" if proven else "the manifest"


def _opt_in_panel(overview: Overview, as_of: str) -> Iterator[Markup]:
    audit = overview.opt_in
    if audit is None:
        yield element("p", "There is no opt-in audit: nobody has counted who agreed.")
        return
    users = [Part(name, audit.users[key], style, remark) for name, key, style, remark in _USERS]
    users = [part for part in users if part.number or part.name != "other values"]
    counted = sum(part.number for part in users)
    if counted < audit.users["total"]:
        users.append(Part("not counted", audit.users["total"] - counted, "quiet"))
    yield parted("Users in MoEngage by opt-in status", users, "Users")
    if audit.provider:
        yield parted(f"Users with TRUE, as {overview.provider} has them", _at_provider(audit), "Users")
        yield _beyond(audit)
    else:
        yield element("p", f"The audit does not compare these users with the list at {overview.provider}.")
    if audit.calling_codes:
        yield _by_calling_code(audit.calling_codes)
    yield element("ul", *(element("li", *remark) for remark in _remarks(audit, as_of)))


def _at_provider(audit: OptInAudit) -> list[Part]:
    counts = dict(audit.provider)
    compared = sum(counts.get(key, 0) for key in ("known", "unknown", "opted_out"))
    counts["not_compared"] = max(0, audit.users["true"] - compared)
    parts = [Part(name, counts.get(key, 0), style, remark) for name, key, style, remark in _PROVIDER]
    return [part for part in parts if part.number or part.name != "not compared"]


def _beyond(audit: OptInAudit) -> Markup:
    """What the comparison has seen besides."""
    words = {
        "not_true_but_opted_in": "opted in at the provider, and not TRUE in MoEngage",
        "only_at_bsp": "on the provider\u2019s list, and not in MoEngage",
        "legacy_matched": "matched by another form of the same number",
    }
    said = [f"{audit.provider[key]:,} {what}" for key, what in words.items() if audit.provider.get(key)]
    return element("p", f"Besides: {'; '.join(said)}.", class_="quiet") if said else NOTHING


def _by_calling_code(codes: tuple[CallingCode, ...]) -> Markup:
    largest = sorted(codes, key=lambda code: (code.code == "other", -code.total))
    rest = largest[MOST_CALLING_CODES:]
    rows = [
        (_dialled(code.code), f"{code.total:,}", share(code.true, code.total), _small(_dialled(code.code), code))
        for code in largest[:MOST_CALLING_CODES]
    ]
    if rest:
        total, true = sum(code.total for code in rest), sum(code.true for code in rest)
        rows.append((f"{len(rest)} others", f"{total:,}", share(true, total), NOTHING))
    return table("By calling code", ("Calling code", "Users", "TRUE", "All statuses"), rows, "codes")


def _dialled(code: str) -> str:
    return f"+{code}" if code.isdigit() else code


def _small(name: str, code: CallingCode) -> Markup:
    counts = code._asdict()
    return bar(name, [Part(word, counts[key], style) for word, key, style, _ in _USERS], small=True)


def _remarks(audit: OptInAudit, as_of: str) -> Iterator[list[str]]:
    yield [text("Counted "), day(audit.measured_at, as_of), text(f" from {', '.join(audit.files[:6])}")]
    if audit.scope == "coverage":
        yield ["It counts users by status only; nothing was compared with the provider."]
    if audit.rejected:
        yield [f"{count(audit.rejected, 'row')} could not be read, and are counted nowhere."]
    if audit.change:
        words = {"total": "users", "true": "TRUE", "false": "FALSE", "blank": "blank", "invalid": "other values"}
        said = ", ".join(f"{words[key]} {number:+,}" for key, number in audit.change.items() if number)
        yield [text("Since the audit before, "), day(audit.previous), text(f": {said or 'no change'}")]
    if audit.would_wipe:
        yield [f"The file to be imported would wipe {count(audit.would_wipe, 'consent')}."]


def _network_panel(overview: Overview, as_of: str) -> Iterator[Markup]:
    del as_of
    cover = overview.addresses
    if cover is None:
        return
    who = "as the manifest says" if cover.stated else "as far as is publicly known"
    yield element("p", f"{overview.provider} {_REQUIREMENTS.get(cover.requirement, cover.requirement)} ({who}).")
    if cover.needed is None:
        yield element("p", f"Which addresses MoEngage sends from in {overview.data_center} is not known.")
    elif not cover.needed:
        yield element("p", f"MoEngage has no fixed addresses in {overview.data_center}.")
    rows = [*_address_rows(overview, cover)]
    yield from _long_table("Addresses", "addresses", ("Address", "Needed", "On the provider\u2019s list"), rows)
    if cover.fact is not None:
        origin = f"{cover.fact.origin} facts {cover.fact.name}" if cover.fact.origin == "bundled" else cover.fact.origin
        said = [
            text(f"Needed according to: {origin}, read "),
            day(cover.fact.as_of),
            text(f" ({cover.fact.certainty})"),
        ]
        said += [text(f", {source}") for source in cover.sources[:1]]
        yield element("p", *said, class_="quiet")


def _address_rows(overview: Overview, cover: AddressCover) -> Iterator[tuple[str, ...]]:
    in_force = cover.requirement == "required" or cover.listed is not None
    for address in cover.needed or ():
        if address not in cover.missing:
            state = element("span", "\u2713 present", class_="good")
        else:
            state = (
                element("span", "\u2715 missing", class_="bad") if in_force else text("not listed, no list in force")
            )
        yield element("code", address), f"yes, MoEngage in {overview.data_center}", state
    for address in cover.others:
        yield element("code", address), "no, not MoEngage\u2019s", text("present: somebody else is let in")


def _campaigns_panel(overview: Overview, as_of: str) -> Iterator[Markup]:
    del as_of
    rows = [
        (
            row.name,
            " ".join(word for word in (row.template, row.language) if word) or "not said",
            row.sender or "not said",
            ", ".join(row.countries) or "not said",
            "not said" if row.size is None else f"{row.size:,}",
        )
        for row in overview.campaigns
    ]
    yield from _long_table("Campaigns", "campaigns", ("Campaign", "Template", "Sender", "Countries", "Audience"), rows)


def _long_table(caption: str, style: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[Markup]:
    if rows:
        yield table(caption, heads, rows[:MOST_ROWS], style)
    if len(rows) > MOST_ROWS:
        yield element("p", f"{len(rows) - MOST_ROWS} more are not shown here.", class_="quiet")


_FIGURES: dict[str, Callable[[Overview], Markup]] = {
    "account": _account_figure,
    "waba": _waba_figure,
    "numbers": _numbers_figure,
    "templates": _templates_figure,
    "opt-in": _opt_in_figure,
    "network": _network_figure,
    "campaigns": _campaigns_figure,
}
_PANELS: dict[str, Callable[[Overview, str], Iterator[Markup]]] = {
    "numbers": _numbers_panel,
    "templates": _templates_panel,
    "opt-in": _opt_in_panel,
    "network": _network_panel,
    "campaigns": _campaigns_panel,
}
