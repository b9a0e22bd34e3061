"""What a run found: one value that every output format prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from wa_policy import FINDINGS, INCOMPLETE
from wa_policy.findings import OUTCOMES, SEVERITIES
from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from wa_policy.findings import Certainty, Fix, Outcome, Severity
    from wa_policy.report.overview import Overview
    from wa_policy.rules.documentation import Documentation
    from wa_policy.source.spans import Span

REPORT_VERSION = 1
"""The version of the report as JSON; docs/reference/json-report.md says what may change without a new one."""


class Frame(NamedTuple):
    """A line of source text, secrets masked; a long line is cut, and ``shift`` says how many code points stand before the cut."""

    line: int
    text: str
    shift: int = 0


class Location(NamedTuple):
    """A place in a document of a file (-1: in no document): span, route in words, label, and the source line it starts on."""

    path: str
    document: int
    span: Span
    route: str
    label: str
    frame: Frame

    @property
    def marked(self) -> tuple[int, int]:
        """From where to where in the frame's text the span goes, as far as that shows it; the end is exclusive."""
        before = self.frame.shift + 1
        start = max(0, self.span.column - before)
        end = self.span.end_column - before if self.span.end_line == self.span.line else len(self.frame.text)
        return start, max(start, end)


class Edit(NamedTuple):
    """A change of a file's text: what the span shows becomes ``text``; an empty span is a place to insert at."""

    path: str
    span: Span
    text: str


class Patch(NamedTuple):
    """Edits that put a finding right together; ``safe`` where nobody needs to decide anything."""

    title: str
    safe: bool
    edits: tuple[Edit, ...]


class Suppression(NamedTuple):
    """Why a finding does not count: who says so, until when (a day, or empty), and where it is written."""

    kind: Literal["inline", "policy", "baseline"]
    reason: str
    owner: str
    until: str
    path: str
    line: int


class Finding(NamedTuple):
    """A problem as the policy weighs it, and the manifest that it is about (document -1: its file as a whole).

    The first location is the main one; it may be in a file of evidence. ``key`` says what was found where, by names and never by
    lines: workspace, rule, route, and a digest of the value. ``fingerprint`` is the key made unique within the report.
    """

    code: str
    name: str
    step: str
    severity: Severity
    outcome: Outcome
    message: str
    why: str
    remedy: str
    workspace: str
    path: str
    document: int
    locations: tuple[Location, ...]
    key: str = ""
    fingerprint: str = ""
    names: str = ""
    """The route of the first location, list items by their names."""
    value: str = ""
    """The digest of the value that was found wanting, by which a suppression is bound to it."""
    patches: tuple[Patch, ...] = ()
    suppression: Suppression | None = None
    fix: Fix | None = None
    """What the rule would have changed, as data; reports show how, by ``patches``."""
    unfixed: str = ""
    """Why the schema would refuse that, where there is no patch for it."""


def fails(finding: Finding, fail_on: Severity) -> bool:
    """Whether a finding is at or over the mildest severity that fails."""
    return SEVERITIES.index(finding.severity) >= SEVERITIES.index(fail_on)


def by_weight(finding: Finding) -> tuple[int, int]:
    """What puts the worst first: by severity, then what is shown before what is not shown."""
    return -SEVERITIES.index(finding.severity), OUTCOMES.index(finding.outcome)


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """The findings by weight; those that weigh the same stay in their order."""
    return sorted(findings, key=by_weight)


class NotChecked(NamedTuple):
    """Something that nobody looked at: a file, a rule on a manifest, or a plugin; and why.

    ``remedy`` is a sentence, as that of a finding is. ``step`` is the step of the checklist that alone is in doubt for it; empty
    where all of them are.
    """

    what: str
    reason: str
    path: str = ""
    document: int = 0
    code: str = ""
    remedy: str = ""
    step: str = ""


class Manifest(NamedTuple):
    """A document that was looked at; ``checked`` is false when its text or shape kept the rules from running."""

    path: str
    document: int
    workspace: str
    environment: str
    checked: bool
    unasked: tuple[str, ...] = ()
    """Steps of the checklist about which nothing is asked: the policy turns all their rules off, or nothing is listed."""
    overrides: tuple[int, ...] = ()
    """The overrides that hold for it, by their places among those of the report."""
    blind: bool = False
    """Whether evidence that it names cannot be used: nobody knows what that would have shown."""


class Override(NamedTuple):
    """An override of the policy: why there is one, and where it is written."""

    reason: str
    path: str
    line: int


class TurnedOff(NamedTuple):
    """A rule of which an override lets something pass for some manifests.

    ``outcome`` is ``fail`` where nothing of it counts, and ``unproven`` where what nothing shows does not; ``override`` is the
    place of the override among those of the report.
    """

    code: str
    step: str
    outcome: Outcome
    override: int


class LeftOut(NamedTuple):
    """A rule that the policy weighs, and that whoever asked left out."""

    code: str
    step: str


class FactsUsed(NamedTuple):
    """A facts file that the selected rules stand on."""

    name: str
    as_of: str
    certainty: str
    origin: str


class PluginUsed(NamedTuple):
    """A plugin, other than the bundled ones, whose rules may have run: what it is called, its package, and its version."""

    name: str
    package: str
    """Empty for a module or a file that was named at the command line."""
    version: str
    """Empty where nothing says it."""


class Stale(NamedTuple):
    """What the baseline still accepts and nobody finds any more: how often, and where the baseline says so."""

    workspace: str
    code: str
    route: str
    value: str
    times: int
    path: str
    line: int


class RuleInfo(NamedTuple):
    """A rule that ran: what it is called, what the policy makes of it, and what it says of itself."""

    code: str
    name: str
    step: str
    certainty: Certainty
    severity: Severity
    """That of a failure; ``off`` where only an override turns the rule on."""
    docs: Documentation


def _nothing() -> tuple[RuleInfo, ...]:
    return ()


class Report(NamedTuple):
    """Everything that a run found, did not check, and rests on."""

    version: str
    as_of: str
    policy: str
    policy_origin: str
    fail_on: Severity
    rules: tuple[str, ...]
    manifests: Sequence[Manifest]
    findings: tuple[Finding, ...]
    not_checked: tuple[NotChecked, ...]
    skipped: Sequence[str]
    facts: tuple[FactsUsed, ...]
    suppressed: tuple[Finding, ...] = ()
    """What was found and does not count, with the reason; in the order of the findings."""
    stale: tuple[Stale, ...] = ()
    """Entries of the baseline that nothing needs any more."""
    overviews: tuple[Overview, ...] = ()
    """What manifests and their evidence say beyond findings; there when it was asked for."""
    describe: Callable[[], tuple[RuleInfo, ...]] = _nothing
    """Tells of the rules that ran, by code; called by formats that carry their help."""
    evidence: Sequence[str] = ()
    """The files that manifests name, and the data that their audits counted, if it is there, by their real paths."""
    left_out: tuple[LeftOut, ...] = ()
    """What the policy weighs and nobody asked: there is no finding of it, and that says nothing."""
    plugins: tuple[PluginUsed, ...] = ()
    """Whose rules there are beside the bundled ones."""
    overrides: tuple[Override, ...] = ()
    """The overrides of the policy, whether they hold for a manifest or not."""
    turned_off: Mapping[tuple[int, ...], tuple[TurnedOff, ...]] = {}
    """What overrides let pass, by those that hold together for a manifest."""

    def let_pass(self, manifest: Manifest) -> tuple[TurnedOff, ...]:
        """What overrides let pass in a manifest: there is no finding of it, and that says nothing."""
        return self.turned_off.get(manifest.overrides, ())

    def counts(self) -> Mapping[Severity, int]:
        """How many findings there are of each severity, the worst first."""
        counts = dict.fromkeys(reversed(SEVERITIES[1:]), 0)
        for finding in self.findings:
            counts[finding.severity] += 1
        return counts

    @property
    def weighed(self) -> int:
        """How many rules the policy weighs, those included that nobody asked."""
        return len(self.rules) + len(self.left_out)

    @property
    def exit_code(self) -> int:
        """0: ready. 1: findings at or over ``fail_on``. 3: something could not be checked, whatever else was found."""
        if self.not_checked:
            return INCOMPLETE
        return FINDINGS if any(fails(finding, self.fail_on) for finding in self.findings) else 0
