"""Findings that somebody accepts, by a comment in the manifest or by an entry of the policy: which are covered, and by what.

A comment covers what its rules find at the key or item that it stands at, and below; before everything else in a document, it
covers what is found of the document as a whole. An entry of a policy says workspace and route itself. What evidence says of a
part of the manifest counts as found at that part, and at the key that names the file.

Nothing here is imported unless a manifest or the policy has a suppression.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache, cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from wa_policy.engine.identity import named_route, value_at
from wa_policy.engine.one_file import Accepted, Mark
from wa_policy.engine.open_file import OpenFile
from wa_policy.findings import Place
from wa_policy.manifest.directives import Fault, directives
from wa_policy.manifest.secrets import Said
from wa_policy.manifest.subjects import Suppression as Subject
from wa_policy.policy.model import NEVER_SUPPRESSED
from wa_policy.policy.steps import leads_to, read_steps
from wa_policy.policy.texts import content_of
from wa_policy.records import NamedTuple
from wa_policy.report.model import Suppression
from wa_policy.source.comments import comments
from wa_policy.source.document import Reading, Source
from wa_policy.source.reading import read
from wa_policy.source.spans import DocumentId, Span, show_route
from wa_policy.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from wa_policy.engine.check import Plan
    from wa_policy.engine.session import Session
    from wa_policy.manifest.directives import Directive
    from wa_policy.manifest.subjects import Workspace
    from wa_policy.policy.layers import Exemption
    from wa_policy.report.model import Manifest, NotChecked
    from wa_policy.source.comments import Comment
    from wa_policy.source.spans import Route

    Open = Callable[[str], OpenFile]

MOST = 1000
"""How many suppressions in comments a file may have; no person has written more."""

_SUGGESTIONS = 100
"""For how many names of no rule the nearest one is looked for in a file."""

_TOO_MANY = Fault(f"more than {MOST:,} of them in one file are not read", "mend what they cover, or use a baseline")
_NOWHERE = ("it stands beside nothing", "put it at the end of the line, or directly above the key or list item")


class Found(NamedTuple):
    """A problem, for those who may cover it: where, in which manifest, and the digest of its value (None: it has no weight)."""

    code: str
    place: Place
    manifest: DocumentId
    workspace: str
    environment: str
    value: str | None


class Standing:
    """A suppression in a comment, as it is kept, and what it met."""

    __slots__ = ("kept", "marks")

    def __init__(self, kept: Accepted) -> None:
        self.kept = kept
        self.marks: list[Mark] = []


class Entry(Standing):
    """A suppression in a comment of the file at hand, with all that there is to say of it."""

    __slots__ = ("across", "barred", "codes", "directive", "fault", "forbidden", "place", "route", "unknown")

    def __init__(self, comment: Comment, directive: Directive, span: Span, session: Session) -> None:
        self.directive = directive
        self.route = comment.route
        self.place = Place(comment.document, comment.route or (), span=span)
        rules = session.loaded.rules
        by_name = {rule.name: rule.code for rule in rules.values()}
        codes = {name: name if name in rules else by_name.get(name, "") for name in directive.names}
        self.codes = {name: code for name, code in codes.items() if code and code not in NEVER_SUPPRESSED}
        self.barred = tuple(name for name, code in codes.items() if code in NEVER_SUPPRESSED)
        self.unknown = tuple(name for name, code in codes.items() if not code)
        self.fault: tuple[str, str] | None = directive.fault or (_NOWHERE if comment.route is None else None)
        self.across = any(rules[code].subject == "Project" for code in self.codes.values())
        """Whether it may cover what is found between this manifest and others, which is known last."""
        self.forbidden = session.policy.inline == "forbidden"
        holds = not (self.fault or self.forbidden)
        super().__init__(
            Accepted(
                document=comment.document,
                route=comment.route or (),
                codes=tuple(self.codes.values()) if holds else (),
                reason=directive.reason,
                owner=directive.owner,
                until=directive.until,
                value=directive.value,
                own="",
                line=span.line,
            )
        )


def find_entries(file: OpenFile, session: Session) -> list[Entry]:
    """The suppressions in the comments of a file, in order."""
    source = file.reading.source
    found: list[Entry] = []
    for comment in comments(file.reading):
        for directive in directives(comment.text):
            start = comment.start + directive.start
            span = source.span(start, start + len(directive.text))
            if len(found) == MOST:
                directive = directive._replace(names=(), fault=_TOO_MANY)
            found.append(Entry(comment, directive, span, session))
            if len(found) > MOST:
                return found
    return found


class Ledger:
    """The suppressions that may cover what is found in some manifests, and what they have met."""

    def __init__(self, session: Session, entries: Iterable[Entry] = (), kept: Iterable[Accepted] = ()) -> None:
        self.entries = tuple(entries)
        self.marks: list[Mark] = []
        """What the entries of the policy have met."""
        self._rules = session.loaded.rules
        self._by_code: dict[str, list[Standing]] = {}
        for standing in (*self.entries, *map(Standing, kept)):
            for code in standing.kept.codes:
                self._by_code.setdefault(code, []).append(standing)
        self._policy = list(enumerate(session.policy.exemptions))
        self._as_of = session.options.as_of
        self._known: dict[DocumentId, _Known] = {}
        self._own: dict[tuple[DocumentId, Route, bool], str] = {}
        """The digests of what suppressions stand at, of manifests known with their evidence or without."""

    @property
    def accepted(self) -> tuple[Accepted, ...]:
        """What is to be kept of those in comments once the file at hand is done."""
        holding = (entry.kept for entry in self.entries if entry.kept.codes)
        return tuple(kept for kept in holding if not _has_ended(kept.until, self._as_of))

    def look_at(self, workspace: Workspace) -> None:
        """Get to know a manifest together with its evidence, before what is found in it is covered."""
        self._known[workspace.document] = _Known(workspace)

    def cover(
        self, code: str, place: Place, about: tuple[DocumentId, str, str], value: str | None, open_file: Open
    ) -> Suppression | None:
        """Who accepts a finding: the first of them; None where nobody does. All of them are marked as of use.

        ``about`` is the manifest, its name and its environment; ``value`` the digest, None for what the policy gives no weight.
        """
        found = Found(code, place, *about, value)
        by_comments = [self._by_comment(each, found, open_file) for each in self._by_code.get(found.code, ())]
        by_policy = [
            self._by_policy(index, exemption, found, open_file)
            for index, exemption in self._policy
            if found.code in exemption["rules"]
        ]
        return next((accepted for accepted in (*by_comments, *by_policy) if accepted), None)

    def _by_comment(self, standing: Standing, found: Found, open_file: Open) -> Suppression | None:
        if standing.kept.document != found.manifest:
            return None
        file = open_file(found.manifest.path)
        if not self._is_at(standing.kept.route, found, file):
            return None
        said = self._know_value(standing, file)
        if not self._accepts(found, standing.marks, 0, said.until, fits=said.value in ("", found.value, said.own)):
            return None
        hide = file.said.hide
        return Suppression("inline", hide(said.reason), hide(said.owner), said.until, found.manifest.path, said.line)

    def _accepts(self, found: Found, marks: list[Mark], index: int, until: str, *, fits: bool) -> bool:
        """Whether a suppression accepts what it stands at; that it does, would with another value, or did, is marked.

        ``fits``: whether the value is the one that it is bound to, if any.
        """
        holds = not _has_ended(until, self._as_of)
        if holds or fits:
            marks.append(Mark(index, found.code, found.value or "", fits and holds, found.value is not None))
        return fits and holds and found.value is not None

    def _is_at(self, top: Route, found: Found, file: OpenFile) -> bool:
        if not top:  # the document as a whole: what is found at its root, or is missing there
            data, route = file.documents[found.manifest.number].data, found.place.route
            is_there = bool(route) and isinstance(data, dict) and route[0] in data
            return found.place.document == found.manifest and not is_there
        return any(route[: len(top)] == top for route in self._routes(found))

    def _routes(self, found: Found) -> Iterator[Route]:
        """The routes in the manifest of what was found: what evidence says of a part of it counts as said there."""
        place = found.place
        if place.document == found.manifest:
            yield place.route
        elif known := self._known.get(found.manifest):
            yield from known.in_manifest(place)

    def _know_value(self, standing: Standing, file: OpenFile) -> Accepted:
        """What is kept of a suppression, with the digest of the value that it stands at; none of a credential."""
        kept = standing.kept
        known = self._known.get(kept.document)
        if known is not None or not kept.own:
            key = (kept.document, kept.route, known is not None)
            if key not in self._own:  # every finding below it asks
                data = known.data if known else file.documents[kept.document.number].data
                self._own[key] = file.digest_of(value_at(kept.route, data))
            standing.kept = kept._replace(own=self._own[key])
        return standing.kept

    def _by_policy(self, index: int, exemption: Exemption, found: Found, open_file: Open) -> Suppression | None:
        if not _concerns(exemption, found.workspace, found.environment):
            return None
        if exemption["route"] and not self._is_on_route(exemption["route"], found, open_file):
            return None
        if not self._accepts(
            found, self.marks, index, exemption["until"], fits=exemption["value"] in ("", found.value)
        ):
            return None
        said = (exemption["reason"], exemption["owner"], exemption["until"])
        return Suppression("policy", *said, exemption["path"], exemption["span"][0])

    def _is_on_route(self, written: str, found: Found, open_file: Open) -> bool:
        steps = read_steps(written)
        there = [(found.place.document, found.place.route)]
        there += [(found.manifest, route) for route in self._routes(found)]
        return any(
            leads_to(steps, route, _names(route, open_file(document.path), document.number))
            for document, route in there
        )

    def subjects(self, looked: Looked, file: OpenFile) -> list[Subject]:
        """The suppressions in a document's comments, for the rules about them."""
        entries = [entry for entry in self.entries if entry.place.document.number == looked.manifest.document]
        for entry in entries:
            self._know_value(entry, file)
        suggestions = self._suggestions(entries)
        return [_as_subject(entry, looked.judged, suggestions, file) for entry in entries]

    def _suggestions(self, entries: Iterable[Entry]) -> Mapping[str, str]:
        known = [word for rule in self._rules.values() for word in (rule.code, rule.name)]
        names = dict.fromkeys(name for entry in entries for name in entry.unknown)
        return {name: did_you_mean(name, known) for name in islice(names, _SUGGESTIONS)}


def _as_subject(entry: Entry, judged: frozenset[str], suggestions: Mapping[str, str], file: OpenFile) -> Subject:
    said = entry.directive
    met = {mark.code for mark in entry.marks}
    return Subject(
        kind="inline",
        place=entry.place,
        where=show_route(entry.route) if entry.route else "" if entry.route is None else "the document",
        text=said.text if file.said.hide(said.text) == said.text else "",
        names=said.names,
        unknown=tuple((name, suggestions.get(name, "")) for name in entry.unknown),
        barred=entry.barred,
        idle=tuple(name for name, code in entry.codes.items() if code in judged - met),
        woken=_woken(entry.marks),
        reason=said.reason,
        owner=said.owner,
        until=said.until,
        value=said.value,
        value_now=(_only_value(entry.marks) or entry.kept.own) if met or entry.across else "",
        fault=entry.fault,
        forbidden=entry.forbidden,
    )


def _woken(marks: Iterable[Mark]) -> int:
    return sum(mark.counts and not mark.accepted for mark in marks)


def _only_value(marks: Iterable[Mark]) -> str:
    """The value that is met, if it is one only."""
    values = {mark.value for mark in marks if mark.counts}
    return values.pop() if len(values) == 1 else ""


class Looked(NamedTuple):
    """A manifest, the plan for it, and the rules that looked at it: what they have not found there is not there."""

    manifest: Manifest
    plan: Plan
    judged: frozenset[str]


def looked_at(manifest: Manifest, not_checked: Iterable[NotChecked], session: Session) -> Looked:
    """Which rules looked at a manifest: not those that are off or failed, nor those that look at all manifests together."""
    plan = session.plan(manifest.environment, manifest.workspace, manifest.path)
    failed = {item.code for item in not_checked if item.document in (manifest.document, -1)}
    subjects = {code: session.loaded.rules[code].subject for code in session.selection.reported - failed}
    judged = (
        code
        for code, subject in subjects.items()
        if plan.rulings[code].fail != "off"
        and subject not in ("Project", "Suppression")
        and (manifest.checked or subject == "SourceFile")
    )
    return Looked(manifest, plan, frozenset(judged))


def in_policy(session: Session, marks: Sequence[Mark], manifests: Sequence[Looked]) -> Iterator[Subject]:
    """The suppressions in the policy, for the rules about them."""
    for index, exemption in enumerate(session.policy.exemptions):
        own = [mark for mark in marks if mark.entry == index]
        met = {mark.code for mark in own}
        judged = {
            code
            for looked in manifests
            if _concerns(exemption, looked.manifest.workspace, looked.manifest.environment)
            for code in looked.judged
        }
        yield Subject(
            kind="policy",
            place=_place(exemption),
            where=exemption["route"],
            text="",
            names=tuple(exemption["rules"]),
            idle=tuple(code for code in exemption["rules"] if code in judged - met),
            woken=_woken(own),
            reason=exemption["reason"],
            owner=exemption["owner"],
            until=exemption["until"],
            value=exemption["value"],
            value_now=_only_value(own),
            partial=any(sign in exemption["workspace"] for sign in "*?["),
        )


def _place(exemption: Exemption) -> Place:
    """Where an entry of the policy is written: by route in a file that can be edited so."""
    route: Route = ("suppressions", exemption["index"])
    path = exemption["path"]
    by_route = not (path.endswith(".toml") or path.startswith("git:"))
    return Place(DocumentId(path, 0), route, span=None if by_route else Span(*exemption["span"]))


def open_policies() -> Open:
    """Opens policies' files, to show places in them; each once."""
    return cache(_open_policy)


def _open_policy(path: str) -> OpenFile:
    content = content_of(path)
    as_text = Reading(path, Source(content.decode("utf-8", "replace")), (), ())
    reading = as_text if path.endswith(".toml") else read(content, path)
    return OpenFile(reading, {document.id.number: document for document in reading.documents}, (), Said())


def _concerns(exemption: Exemption, workspace: str, environment: str) -> bool:
    if exemption["environment"] not in ("", environment):
        return False
    return fnmatchcase(workspace, exemption["workspace"])


def _has_ended(until: str, as_of: date) -> bool:
    return until != "" and until < as_of.isoformat()


def _names(route: Route, file: OpenFile, number: int) -> list[str]:
    """What each step of a route is called, a list item by its own name."""
    document = file.documents.get(number)
    data = document.data if document else None
    return [
        named_route((step,), value_at(route[:position], data)) if isinstance(step, int) else ""
        for position, step in enumerate(route)
    ]


class _Known:
    """A manifest and its evidence: what is worked out of them once, since every suppression and finding may ask."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    @cached_property
    def data(self) -> Mapping[str, Any]:
        """The manifest's data as rules see it: where evidence speaks, its values."""
        workspace = self._workspace
        seen: dict[str, Any] = dict(workspace.data)
        seen["waba"] = workspace.waba.data
        lists: list[tuple[str, Sequence[Any]]] = [
            ("phone_numbers", workspace.phone_numbers),
            ("templates", workspace.templates),
        ]
        for key, items in lists:
            if key in seen:
                seen[key] = [item.data for item in items if item.listed]
        return seen

    @cached_property
    def _overlays(self) -> Mapping[tuple[DocumentId, Route], list[Route]]:
        """The routes of parts of the manifest, by the places in evidence that speak of them."""
        workspace = self._workspace
        found: dict[tuple[DocumentId, Route], list[Route]] = {}
        for subject in (workspace.waba, *workspace.phone_numbers, *workspace.templates):
            if (overlay := subject.overlay) is not None and subject.document == workspace.document:
                found.setdefault((overlay.document, overlay.route), []).append(subject.route)
        return found

    @cached_property
    def _references(self) -> Mapping[str, list[Route]]:
        """The keys of the manifest that name files with answers, by the files' paths."""
        found: dict[str, list[Route]] = {}
        for reference in self._workspace.references:
            if reference.answer is not None:
                found.setdefault(reference.answer.reading.path, []).append(reference.route)
        return found

    def in_manifest(self, place: Place) -> Iterator[Route]:
        """Where in the manifest stands what a place in its evidence is about, and which keys name the file."""
        for length in range(len(place.route) + 1):
            for route in self._overlays.get((place.document, place.route[:length]), ()):
                yield route + place.route[length:]
        yield from self._references.get(place.document.path, ())
