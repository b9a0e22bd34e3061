"""What a page for those who decide shows beyond findings, taken from one manifest and its evidence."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from wa_policy.addresses import covers, merge, missing, read_blocks, requirement
from wa_policy.evidence.references import AUDIT, GRAPH, PROVIDER
from wa_policy.policy import facts
from wa_policy.report.model import FactsUsed
from wa_policy.report.overview import (
    AddressCover,
    CallingCode,
    Campaign,
    Number,
    OptInAudit,
    Overview,
    Proof,
    Template,
)
from wa_policy.wording import cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from wa_policy.evidence.references import Reference
    from wa_policy.manifest.subjects import Workspace
    from wa_policy.policy.model import Policy, Ruling
    from wa_policy.source.spans import Route

    Tell = Callable[[object], str]

LONGEST = 200
"""How much of a text is shown, in code points."""

COVER_RULE = "NET002"
"""The rule that holds the provider's list against MoEngage's addresses: its settings are the facts as the policy has them."""

_ADDRESSES = "moengage_static_ips"
_USERS = ("total", "true", "false", "blank", "invalid")
_PROVIDER = ("known", "unknown", "opted_out", "not_compared", "not_true_but_opted_in", "only_at_bsp", "legacy_matched")

# Which step each kind of reference stands for, and what it is.
_PROOFS: Mapping[Route, tuple[str, str]] = {
    ("bsp", "account", "proof"): ("account", "proof of the account with the provider"),
    (*GRAPH, "waba"): ("waba", "Meta's answer on the account"),
    (*GRAPH, "phone_numbers"): ("numbers", "Meta's answer on the numbers"),
    (*GRAPH, "templates"): ("templates", "Meta's answer on the templates"),
    PROVIDER: ("templates", "the provider's list of templates"),
    AUDIT: ("opt-in", "opt-in audit"),
}


def overview(
    workspace: Workspace, rulings: Mapping[str, Ruling], policy: Policy, hide: Callable[[str], str]
) -> Overview:
    """Take together what is shown of a manifest; ``hide`` masks the credentials that are known in any text."""

    def tell(value: object) -> str:
        text = hide(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else ""
        return cut(text, LONGEST)

    providers = rulings[COVER_RULE].settings["providers"] if COVER_RULE in rulings else {}
    known = workspace.bsp.known_in(providers)
    waba = workspace.waba.data
    unused: dict[str, int] = {}
    for template in workspace.templates:
        if not template.at_stake:
            status = tell(template.data.get("status"))
            unused[status] = unused.get(status, 0) + 1
    return Overview(
        path=workspace.document.path,
        document=workspace.document.number,
        description=tell(workspace.data["metadata"].get("description")),
        legal_entity=tell(workspace.legal_entity),
        provider=tell(known.get("name", workspace.bsp.data["provider"])),
        data_center=tell(workspace.moengage.data["data_center"]),
        waba=" ".join(word for word in (tell(waba.get("name")), tell(waba.get("id"))) if word),
        proofs=tuple(_proofs(workspace, tell)),
        opt_in=next(
            (_audit(item, tell) for item in workspace.references if item.route == AUDIT and item.content), None
        ),
        addresses=_cover(workspace, rulings[COVER_RULE].settings, policy, tell) if COVER_RULE in rulings else None,
        numbers=tuple(_numbers(workspace, tell)),
        templates=tuple(_templates(workspace, tell)),
        unused_templates=unused,
        campaigns=tuple(_campaigns(workspace, tell)),
    )


def _proofs(workspace: Workspace, tell: Tell) -> Iterator[Proof]:
    observed = {(place.place.route, place.path): place.observed_at for place in workspace.observations}
    for reference in workspace.references:
        step, what = _PROOFS.get(reference.route, ("numbers", "proof of who owns the number"))
        on = observed.get((reference.route, reference.path)) or _verified_on(workspace, reference.route)
        yield Proof(step, what, tell(reference.path), tell(on), tell(reference.trouble))
    for step, what, on in _own_dates(workspace):
        if on:
            yield Proof(step, what, "", tell(on))


def _verified_on(workspace: Workspace, route: Route) -> str | None:
    """When somebody looked at the proof of a number's owner."""
    match route:
        case ("phone_numbers", int(index), "ownership", _):
            return workspace.data["phone_numbers"][index].get("ownership", {}).get("verified_on")
    return None


def _own_dates(workspace: Workspace) -> Iterator[tuple[str, str, str | None]]:
    """Days that the manifest gives for what no file shows."""
    static = workspace.moengage.data.get("static_ips", {})
    ticket = f", ticket {static['ticket']}" if "ticket" in static else ""
    if static.get("enabled"):
        yield "network", f"MoEngage sends from fixed addresses{ticket}", static.get("enabled_on")
    listed = workspace.bsp.data.get("ip_allowlist", {})
    yield "network", "the provider confirmed its list of addresses", listed.get("confirmed_on")
    yield "opt-in", "opt-in status brought up to date on both sides", workspace.opt_in.data.get("synced_on")


def _audit(reference: Reference, tell: Tell) -> OptInAudit:
    statement: Mapping[str, Any] = reference.content
    said = statement["predicate"]
    change = said.get("change", {})
    return OptInAudit(
        path=tell(reference.path),
        workspace=tell(said["workspace"]),
        measured_at=tell(said["measured_at"]),
        scope=tell(said.get("scope")),
        files=tuple(tell(subject["name"]) for subject in statement["subject"]),
        users=_counts(said["users"], _USERS),
        provider=_counts(said.get("bsp", {}), _PROVIDER),
        calling_codes=tuple(
            CallingCode(tell(group["calling_code"]), *(group[status] for status in _USERS))
            for group in said.get("calling_codes", ())
        ),
        rejected=said.get("rejected", {}).get("rows", 0),
        previous=tell(change.get("previous", {}).get("measured_at")),
        change=_counts(change.get("users", {}), _USERS),
        would_wipe=said.get("import", {}).get("would_wipe"),
    )


def _counts(counts: Mapping[str, Any], names: Iterable[str]) -> dict[str, int]:
    return {name: counts[name] for name in names if isinstance(counts.get(name), int)}


def _cover(workspace: Workspace, settings: Mapping[str, Any], policy: Policy, tell: Tell) -> AddressCover:
    stated = workspace.bsp.data.get("ip_allowlist", {})
    rows = settings["addresses"]
    row = rows.get(workspace.moengage.data["data_center"])
    entries = tuple(stated.get("entries", ()))
    fact = policy.facts.get(_ADDRESSES)
    own = rows is not policy.defaults[COVER_RULE]["settings"]["addresses"]
    origin = "a setting of the policy" if own else fact["origin"] if fact else ""
    return AddressCover(
        requirement=requirement(
            stated.get("requirement"), workspace.bsp.known_in(settings["providers"]).get("ip_allowlist", "")
        ),
        stated="requirement" in stated,
        needed=None if row is None else tuple(tell(text) for text in row),
        missing=tuple(tell(text) for text in missing(row or (), entries)),
        listed=tuple(tell(text) for text in entries) if "entries" in stated else None,
        others=tuple(tell(text) for text in _others(entries, row or ())),
        fact=FactsUsed(_ADDRESSES, fact["as_of"], fact["certainty"], tell(origin)) if fact else None,
        sources=_sources(_ADDRESSES) if origin == "bundled" else (),
    )


def _others(entries: tuple[str, ...], row: Iterable[str]) -> Iterator[str]:
    """Entries that let in none of the row's addresses."""
    needed = [block for block in read_blocks(tuple(row)) if block]
    for text, entry in zip(entries, read_blocks(entries), strict=True):
        if entry is None or not any(covers(merge([entry]), block) for block in needed):
            yield text


@lru_cache(maxsize=8)
def _sources(name: str) -> tuple[str, ...]:
    return facts.load(name).sources


def _numbers(workspace: Workspace, tell: Tell) -> Iterator[Number]:
    for number in workspace.phone_numbers:
        if number.at_stake:
            data = number.data
            yield Number(
                tell(data["number"]),
                tell(data.get("verified_name")),
                tell(data.get("status")),
                tell(data.get("quality_rating")),
                number.proves("status"),
            )


def _templates(workspace: Workspace, tell: Tell) -> Iterator[Template]:
    for template in workspace.templates:
        if template.at_stake:
            data = template.data
            yield Template(
                tell(data["name"]),
                tell(data["language"]),
                tell(data["category"]),
                tell(data.get("status")),
                tell(data.get("quality_score", {}).get("score")),
                template.proves("status"),
            )


def _campaigns(workspace: Workspace, tell: Tell) -> Iterator[Campaign]:
    for campaign in workspace.campaigns:
        template = campaign.data.get("template", {})
        audience = campaign.data.get("audience", {})
        yield Campaign(
            tell(campaign.data["name"]),
            tell(campaign.data.get("sender")),
            tell(template.get("name")),
            tell(template.get("language")),
            audience.get("size"),
            tuple(tell(country) for country in audience.get("countries", ())),
        )
