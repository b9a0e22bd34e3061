"""What a manifest and its evidence say beyond findings: for a page on which somebody decides. Texts hold no credential."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wa_policy.report.model import FactsUsed


class Proof(NamedTuple):
    """What stands for a step: a file of evidence, or, without a path, a date that the manifest itself gives.

    ``on`` is a day or a moment (ISO 8601), or empty where nobody says it; ``trouble`` is why the file proves nothing.
    """

    step: str
    what: str
    path: str
    on: str
    trouble: str = ""


class CallingCode(NamedTuple):
    """Users by opt-in status, for one calling code of their numbers; ``other`` holds the small groups together."""

    code: str
    total: int
    true: int
    false: int
    blank: int
    invalid: int


class OptInAudit(NamedTuple):
    """An audit's counts: users by status, those with TRUE as the provider has them, and what else was seen on the way.

    ``users`` and ``provider`` are by the names of the audit's schema; ``provider`` is empty where the sides were not compared.
    ``change`` is since ``previous``, the moment of the audit before. ``would_wipe`` is how many consents an import would wipe.
    """

    path: str
    workspace: str
    measured_at: str
    scope: str
    files: tuple[str, ...]
    users: Mapping[str, int]
    provider: Mapping[str, int]
    calling_codes: tuple[CallingCode, ...]
    rejected: int
    previous: str
    change: Mapping[str, int]
    would_wipe: int | None


class AddressCover(NamedTuple):
    """The provider's list of addresses against those that MoEngage sends from.

    ``requirement`` is whether only listed addresses are let in: required, optional, none, unknown; ``stated`` whether the
    manifest says so itself. ``needed`` is None where nobody knows what the data center sends from, and empty where it has no
    fixed addresses; ``listed`` is None where the manifest has no list. ``others`` are entries that no needed address lies in.
    """

    requirement: str
    stated: bool
    needed: tuple[str, ...] | None
    missing: tuple[str, ...]
    listed: tuple[str, ...] | None
    others: tuple[str, ...]
    fact: FactsUsed | None
    sources: tuple[str, ...]


class Number(NamedTuple):
    """A number that messages are sent from; ``proven`` where Meta's answer gave its state."""

    number: str
    name: str
    status: str
    quality: str
    proven: bool


class Template(NamedTuple):
    """A template that the manifest lists or a campaign uses; ``proven`` where evidence gave its status."""

    name: str
    language: str
    category: str
    status: str
    quality: str
    proven: bool


class Campaign(NamedTuple):
    """A campaign as planned: its audience's size is None where nobody says it."""

    name: str
    sender: str
    template: str
    language: str
    size: int | None
    countries: tuple[str, ...]


class Overview(NamedTuple):
    """One manifest that was checked. ``unused_templates`` counts, by status, those that only evidence has and nobody uses."""

    path: str
    document: int
    description: str
    legal_entity: str
    provider: str
    data_center: str
    waba: str
    proofs: tuple[Proof, ...]
    opt_in: OptInAudit | None
    addresses: AddressCover | None
    numbers: tuple[Number, ...]
    templates: tuple[Template, ...]
    unused_templates: Mapping[str, int]
    campaigns: tuple[Campaign, ...]
