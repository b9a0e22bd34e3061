"""What rules look at: located views on the plain data of one manifest, and a summary of every manifest for rules across them.

A subject carries its data, the route to it, and the workspace it belongs to. A block that a manifest leaves out is a subject all
the same, with ``present`` false and empty data: what is missing must be seen to be missing. Where evidence speaks of the same
thing, its values stand in the data instead of the manifest's, and places point into the evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from wa_policy.evidence.match import Matched, digits_of, template_key
from wa_policy.evidence.references import AUDIT, GRAPH, provider_key, provider_slug
from wa_policy.findings import Place
from wa_policy.packed import Packed, in_parts
from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from wa_policy.evidence.match import Contradiction, Overlay
    from wa_policy.evidence.references import Mismatch, Reference
    from wa_policy.manifest import types
    from wa_policy.manifest.misread import Misread
    from wa_policy.manifest.secrets import Secret
    from wa_policy.schema.faults import Violation
    from wa_policy.source.document import Trouble
    from wa_policy.source.spans import DocumentId, Route


class Subject:
    """A located view on a part of a manifest."""

    __slots__ = ("data", "document", "overlay", "present", "route", "workspace")

    data: Any
    """What the manifest says here, as plain data; what evidence says of the same thing stands in its place."""
    document: DocumentId
    """Where it is written: the manifest's document, or that of the evidence which alone has it."""
    overlay: Overlay | None
    """What evidence says of it, if any does."""
    present: bool
    """Whether the manifest has it at all."""
    route: Route
    """The way to it in the document."""
    workspace: Workspace
    """The manifest that it is a part of."""

    def __init__(self, workspace: Workspace, route: Route, data: Any, overlay: Overlay | None = None) -> None:
        self.workspace = workspace
        self.document = workspace.document
        self.route = route
        self.present = data is not None
        self.data = {} if data is None else data
        self.overlay = overlay
        if overlay is not None:
            self.data = {**self.data, **overlay.data}

    def at(self, *steps: str | int, label: str = "", key: bool = False) -> Place:
        """Name a place inside this subject; ``key`` points at the last key itself instead of its value.

        A value that evidence gave is shown there.
        """
        if self.overlay is not None and steps and steps[0] in self.overlay.data:
            return Place(self.overlay.document, self.overlay.route + steps, label, key)
        return Place(self.document, self.route + steps, label, key)

    def proves(self, *keys: str | int) -> bool:
        """Whether evidence gave the value, so that it is no mere claim of the manifest."""
        return self.overlay is not None and bool(keys) and keys[0] in self.overlay.data


class MoEngage(Subject):
    """The ``moengage`` block."""

    __slots__ = ()
    data: types.MoEngage


class Bsp(Subject):
    """The ``bsp`` block: the account with the provider."""

    __slots__ = ()
    data: types.Bsp

    @property
    def provider(self) -> str:
        """The provider as facts name it, however it is written here: ``Yellow.ai`` and ``yellow_ai`` are ``yellow-ai``."""
        return provider_slug(self.data["provider"])

    def known_in(self, providers: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
        """What the given facts about providers say of this one; nothing where they do not know it."""
        name = self.data["provider"]
        return providers.get(name) or providers.get(provider_key(name, providers), {})


class Waba(Subject):
    """The ``waba`` block: the WhatsApp Business Account."""

    __slots__ = ()
    data: types.Waba


class PhoneNumber(Subject):
    """One number: an entry of ``phone_numbers``, or one that only evidence has."""

    __slots__ = ("listed",)
    data: types.PhoneNumber
    listed: bool

    @property
    def at_stake(self) -> bool:
        """Whether messages are sent from it: the manifest lists it, or the sender or a campaign uses it."""
        return self.listed or digits_of(self.data["number"]) in self.workspace.used_numbers


class Template(Subject):
    """One template: an entry of ``templates``, or one that only evidence has.

    ``memo`` holds what rules have worked out of it, under keys of their own; it lasts as long as the template.
    """

    __slots__ = ("listed", "memo")
    data: types.Template
    listed: bool
    memo: dict[str, Any]

    def __init__(self, workspace: Workspace, route: Route, data: Any, overlay: Overlay | None = None) -> None:
        super().__init__(workspace, route, data, overlay)
        self.listed = True
        self.memo = {}

    @property
    def at_stake(self) -> bool:
        """Whether a message depends on it: the manifest lists it, or a campaign uses it. A WABA holds many that nobody uses."""
        return self.listed or template_key(self.data) in self.workspace.used_templates


class OptIn(Subject):
    """The ``opt_in`` block."""

    __slots__ = ()
    data: types.OptIn

    @property
    def audit(self) -> Mapping[str, Any] | None:
        """The predicate of the opt-in audit that the manifest refers to; None where there is none, or none that could be read."""
        for reference in self._audits:
            predicate: Mapping[str, Any] = reference.content["predicate"]
            return predicate
        return None

    @property
    def audited_files(self) -> Sequence[Mapping[str, Any]]:
        """The data files that the audit names as its subjects: name, digest, and what else it says of each."""
        return [file for reference in self._audits for file in reference.content["subject"]]

    @property
    def mismatches(self) -> Sequence[Mismatch]:
        """Data files that are not those that were audited, or cannot be shown to be; none where nobody was to look."""
        return [file for reference in self._audits for file in reference.mismatches]

    @property
    def _audits(self) -> Iterator[Reference]:
        """The audit that could be read, if there is one."""
        return (item for item in self.workspace.references if item.route == AUDIT and item.content is not None)


class Campaign(Subject):
    """One entry of ``campaigns``."""

    __slots__ = ()
    data: types.Campaign


class Workspace(Subject):
    """A whole manifest: one MoEngage workspace.

    ``memo`` holds what rules have worked out of it, under keys of their own; it lasts as long as the manifest.
    """

    __slots__ = (
        "_matched",
        "bsp",
        "campaigns",
        "environment",
        "hears_claims",
        "legal_entity",
        "memo",
        "moengage",
        "name",
        "opt_in",
        "phone_numbers",
        "references",
        "templates",
        "used_numbers",
        "used_templates",
        "waba",
    )
    data: types.Workspace

    def __init__(
        self,
        document: DocumentId,
        data: types.Workspace,
        references: Sequence[Reference] = (),
        matched: Matched | None = None,
    ) -> None:
        self.document = document
        self.route = ()
        self.workspace = self
        self.present = True
        self.overlay = None
        self.data = data
        self.hears_claims = True
        """Whether anybody wants to hear of what is merely claimed; most policies give it no weight, and there is a lot of it."""
        self.memo: dict[str, Any] = {}
        self.references = references
        self._matched = matched = matched or Matched()
        metadata = data["metadata"]
        self.name: str = metadata["name"]
        self.environment: str = metadata["environment"]
        self.legal_entity: str | None = metadata.get("legal_entity")
        self.moengage = MoEngage(self, ("moengage",), data["moengage"])
        self.bsp = Bsp(self, ("bsp",), data["bsp"])
        self.waba = Waba(self, ("waba",), data["waba"], matched.waba)
        self.opt_in = OptIn(self, ("opt_in",), data.get("opt_in"))
        self.phone_numbers = [
            PhoneNumber(self, ("phone_numbers", index), item, matched.numbers.get(index))
            for index, item in enumerate(data["phone_numbers"])
        ]
        self.templates = [
            Template(self, ("templates", index), item, matched.templates.get(index))
            for index, item in enumerate(data.get("templates", ()))
        ]
        for number in self.phone_numbers:
            number.listed = True
        self.campaigns = [
            Campaign(self, ("campaigns", index), item) for index, item in enumerate(data.get("campaigns", ()))
        ]
        self.used_templates = {template_key(campaign.data.get("template", {})) for campaign in self.campaigns}
        senders = [self.bsp.data.get("sender_number"), *(campaign.data.get("sender") for campaign in self.campaigns)]
        self.used_numbers = {digits_of(sender) for sender in senders if sender is not None}
        if matched.other_numbers or matched.other_templates:
            self._add_from_evidence(matched)

    def _add_from_evidence(self, matched: Matched) -> None:
        """Let what only evidence has be subjects of the same rules."""
        for overlay in matched.other_numbers:
            fields = {"number": overlay.data["display_phone_number"], **overlay.data}
            number = PhoneNumber(self, overlay.route, fields, overlay)
            number.listed = False
            self.phone_numbers.append(number)
        for overlay in matched.other_templates:
            template = Template(self, overlay.route, overlay.data, overlay)
            template.listed = False
            self.templates.append(template)
        for subject in (*self.phone_numbers, *self.templates):
            if subject.overlay is not None and subject.route == subject.overlay.route:
                subject.document = subject.overlay.document

    def let_go(self) -> None:
        """Undo the circles between a manifest and its parts, so that all of it is gone at once when nobody needs it any more."""
        for subject in (self.moengage, self.bsp, self.waba, self.opt_in, *self.phone_numbers, *self.templates):
            del subject.workspace
        for campaign in self.campaigns:
            del campaign.workspace
        del self.workspace

    def picture(self) -> str:
        """All that rules are given of the manifest and its evidence, as one text; ``memo`` is for them to write into."""
        parts = (self.moengage, self.bsp, self.waba, self.opt_in, *self.phone_numbers, *self.templates, *self.campaigns)
        shown = [
            (id(part), part.data, part.overlay, part.document, part.route, part.present, getattr(part, "listed", None))
            for part in parts
        ]
        own = (self.data, self.document, self.name, self.environment, self.legal_entity)
        evidence = [reference._replace(answer=None) for reference in self.references]
        more = (self.used_numbers, self.used_templates, list(self.observations), self.contradictions)
        return repr((own, shown, evidence, more))

    @property
    def observations(self) -> Iterator[Observation]:
        """When each file of evidence was true: as it says itself, else as the manifest says of all from the same source."""
        evidence = self.data.get("evidence", {})
        for reference in self.references:
            if reference.answer is not None and not reference.trouble:
                source = evidence.get("graph", {}) if reference.route[:2] == GRAPH else evidence.get("provider", {})
                said = source.get("observed_at")
                yield Observation(self.at(*reference.route), reference.path, reference.answer.observed_at or said)
            elif reference.content is not None:
                yield Observation(
                    self.at(*reference.route), reference.path, reference.content["predicate"]["measured_at"]
                )

    @property
    def contradictions(self) -> Sequence[Contradiction]:
        """Where the manifest and its evidence disagree."""
        return self._matched.contradictions


class Observation(NamedTuple):
    """A file of evidence: where the manifest names it, its path, and the time (ISO 8601) that it tells of, if that is known."""

    place: Place
    path: str
    observed_at: str | None


class SourceDocument(NamedTuple):
    """One document of a file as text: what stands in it before anybody asks what it means."""

    id: DocumentId
    violations: Sequence[Violation]
    misread: Sequence[Misread]
    secrets: Sequence[Secret]


class SourceFile(NamedTuple):
    """A file as text: what kept it from being read, and its documents."""

    path: str
    troubles: Sequence[Trouble]
    documents: Sequence[SourceDocument]


class Suppression(NamedTuple):
    """A suppression as written, in a comment of a manifest or in the policy, and what became of it in this run."""

    kind: Literal["inline", "policy"]
    place: Place
    where: str
    """What it stands at, in words: a route; ``the document``; empty for a comment that stands at nothing."""
    text: str
    """A comment as written, from its sign on; empty for one that must not be shown, and for an entry of the policy."""
    names: tuple[str, ...]
    """The rules that it names, as written."""
    unknown: tuple[tuple[str, str], ...] = ()
    """Names of no rule, each with ``did_you_mean`` of it."""
    barred: tuple[str, ...] = ()
    """Names of rules that cannot be suppressed."""
    idle: tuple[str, ...] = ()
    """Names of rules that looked, and found nothing here."""
    beside: tuple[tuple[str, Route], ...] = ()
    """Names of rules that found nothing here, each with the place of what they did find, which begins on the same line."""
    woken: int = 0
    """How many findings it would cover if the value were still the one that it is bound to, or if it had not ended."""
    reason: str = ""
    owner: str = ""
    until: str = ""
    value: str = ""
    value_now: str = ""
    """The digest of the value that it covers; empty where there is none, or more than one."""
    below: bool = False
    """Whether a comment is bound to the value of something below what it stands at, and would cover others of that value."""
    fault: tuple[str, str] | None = None
    """Why it cannot be understood, and a remedy."""
    forbidden: bool = False
    """Whether the policy takes no suppressions from manifests."""
    partial: bool = False
    """Whether other manifests, which are not in this run, may need it."""

    def expired(self, as_of: date) -> bool:
        """Whether the last day on which it held has passed."""
        return self.until != "" and self.until < as_of.isoformat()

    def with_names(self, names: Sequence[str]) -> str:
        """The comment with other rules in its brackets."""
        head, _, rest = self.text.partition("[")
        return f"{head}[{', '.join(names)}]{rest.partition(']')[2]}"

    def with_value(self, digest: str) -> str:
        """The comment, bound to a value."""
        return f"{self.text} value={digest}"


class Summary(NamedTuple):
    """What rules across manifests may know of one: small and plain, so that thousands of them fit in memory."""

    document: DocumentId
    name: str
    environment: str
    workspace_id: str
    waba_id: str
    portfolio_id: str | None
    numbers: tuple[str, ...]
    business_verification_status: str | None
    messaging_limit: str | None
    max_phone_numbers: int | None

    def at(self, *steps: str | int, label: str = "", key: bool = False) -> Place:
        """Name a place in the manifest that this is the summary of."""
        return Place(self.document, steps, label, key)


def summarize(workspace: Workspace) -> Summary:
    """Keep of a manifest what rules across manifests need."""
    waba = workspace.waba.data
    return Summary(
        document=workspace.document,
        name=workspace.name,
        environment=workspace.environment,
        workspace_id=workspace.moengage.data["workspace_id"],
        waba_id=waba["id"],
        portfolio_id=waba.get("owner_business_info", {}).get("id"),
        numbers=tuple(number.data["number"] for number in workspace.phone_numbers),
        business_verification_status=waba.get("business_verification_status"),
        messaging_limit=waba.get("whatsapp_business_manager_messaging_limit"),
        max_phone_numbers=waba.get("max_phone_numbers_per_business"),
    )


class Project:
    """All manifests of a run, for claims that two of them share."""

    __slots__ = ("_workspaces",)

    def __init__(self, workspaces: Sequence[Summary]) -> None:
        self._workspaces = workspaces

    @property
    def workspaces(self) -> Sequence[Summary]:
        """The manifests, by path; no rule can put others here."""
        return self._workspaces

    def sharing(self, keys: Callable[[Summary], Iterable[Hashable]]) -> Sequence[Summary]:
        """The manifests of which a key is another's too, or comes twice, in their order: of very many, mostly few.

        Others may be among them, since keys are compared by their hashes: what these manifests share is for the rule to see.
        """
        if len(self.workspaces) < _MANY:
            return self.workspaces
        hashes = Packed(_short(key) for summary in self.workspaces for key in keys(summary))
        repeated: set[int] = set()
        for part in in_parts(hashes):
            seen: set[int] = set()
            for _, each in part:
                (repeated if each in seen else seen).add(each)
        return [summary for summary in self.workspaces if any(_short(key) in repeated for key in keys(summary))]


_MANY = 1000
"""From how many manifests on it is worth the effort to leave out those that share nothing."""


def _short(key: Hashable) -> int:
    """A hash in four bytes; of a hundred thousand keys, two may have the same one by chance."""
    return hash(key) & 0xFFFF_FFFF
