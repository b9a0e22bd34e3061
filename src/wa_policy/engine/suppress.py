"""Findings that somebody accepts, by a comment in the manifest or by an entry of the policy: which are covered, and by what.

A comment covers what its rules find at the key or item that it stands at, and below; before everything else in a document, it
covers what is found of the document as a whole. An entry of a policy says workspace and route itself. What evidence says of a
part of the manifest counts as found at that part, and at the key that names the file.

Nothing here is imported unless a manifest or the policy has a suppression.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, Any

from wa_policy.engine.identity import named_route, value_at
from wa_policy.engine.inline import Watched
from wa_policy.engine.one_file import Mark
from wa_policy.policy.steps import leads_to, read_steps
from wa_policy.records import NamedTuple
from wa_policy.report.model import Suppression
from wa_policy.source.spans import leads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from wa_policy.engine.inline import Written
    from wa_policy.engine.one_file import InlineSuppression
    from wa_policy.engine.open_file import OpenFile
    from wa_policy.engine.session import Session
    from wa_policy.engine.settle import Owner
    from wa_policy.evidence.references import Reference
    from wa_policy.findings import Place
    from wa_policy.manifest.subjects import Workspace
    from wa_policy.policy.layers import Exemption
    from wa_policy.source.spans import DocumentId, Route

    Open = Callable[[str], OpenFile]


class Coverable(NamedTuple):
    """A problem, for those who may cover it: where, in which manifest, and the digest of its value (None: it has no weight)."""

    code: str
    place: Place
    owner: Owner
    value: str | None


class Ledger:
    """The suppressions that may cover what is found in some manifests, and what they have met."""

    def __init__(
        self, session: Session, written: Iterable[Written] = (), kept: Iterable[InlineSuppression] = ()
    ) -> None:
        self.written = tuple(written)
        self.marks: list[Mark] = []
        """What the entries of the policy have met."""
        self._by_code: dict[str, list[Watched]] = {}
        for watched in (*self.written, *map(Watched, kept)):
            for code in watched.suppression.codes:
                self._by_code.setdefault(code, []).append(watched)
        self._policy = list(enumerate(session.policy.exemptions))
        self._as_of = session.options.as_of
        self._known: dict[DocumentId, _Known] = {}
        self._own: dict[tuple[DocumentId, Route, bool], str] = {}
        """The digests of what suppressions stand at, of manifests known with their evidence or without."""

    @property
    def to_keep(self) -> tuple[InlineSuppression, ...]:
        """What is to be kept of those in comments once the file at hand is done."""
        holding = (written.suppression for written in self.written if written.suppression.codes)
        return tuple(each for each in holding if not _has_ended(each.until, self._as_of))

    def look_at(self, workspace: Workspace) -> None:
        """Get to know a manifest together with its evidence, before what is found in it is covered."""
        self._known[workspace.document] = _Known(workspace)

    def cover(self, code: str, place: Place, owner: Owner, value: str | None, open_file: Open) -> Suppression | None:
        """Who accepts a finding: the first of them; None where nobody does. All of them are marked as of use.

        ``owner`` is the manifest that it is about; ``value`` the digest, None for what the policy gives no weight.
        """
        found = Coverable(code, place, owner, value)
        by_comments = [self._by_comment(each, found, open_file) for each in self._by_code.get(found.code, ())]
        by_policy = [
            self._by_policy(index, exemption, found, open_file)
            for index, exemption in self._policy
            if found.code in exemption["rules"]
        ]
        accepted = next((accepted for accepted in (*by_comments, *by_policy) if accepted), None)
        if accepted is None and value is not None and place.document == owner.document:
            self._note_beside(found, open_file(owner.document.path))
        return accepted

    def _by_comment(self, watched: Watched, found: Coverable, open_file: Open) -> Suppression | None:
        if watched.suppression.document != found.owner.document:
            return None
        file = open_file(found.owner.document.path)
        if not self._is_at(watched.suppression.route, found, file):
            return None
        said = self.know_value(watched, file)
        if found.value and not self._is_right_at(said.route, found):  # others with its value may come to stand below
            watched.below = watched.below or said.value == found.value != said.own
            found = found._replace(value=said.own)
        if not self._accepts(found, watched.marks, 0, said.until, fits=said.value in ("", found.value, said.own)):
            return None
        hide = file.said.hide
        return Suppression(
            "inline", hide(said.reason), hide(said.owner), said.until, found.owner.document.path, said.line
        )

    def _note_beside(self, found: Coverable, file: OpenFile) -> None:
        """Note with comments that stand where a finding is shown, and not at it: a list is shown where its first item is."""
        document, route = file.documents.get(found.owner.document.number), found.place.route
        if document is None or found.place.span is not None:
            return
        line = document.locate(route, found.place.on_key).line
        while not leads(route, document.data):
            route = route[:-1]
        for watched in self._by_code.get(found.code, ()):
            said = watched.suppression
            is_elsewhere = said.document == document.id and not self._is_at(said.route, found, file)
            if is_elsewhere and said.route and document.locate(said.route).line == line:
                watched.beside.setdefault(found.code, route)

    def _accepts(self, found: Coverable, marks: list[Mark], index: int, until: str, *, fits: bool) -> bool:
        """Whether a suppression accepts what it stands at; that it does, would with another value, or did, is marked.

        ``fits``: whether the value is the one that it is bound to, if any.
        """
        holds = not _has_ended(until, self._as_of)
        if holds or fits:
            marks.append(Mark(index, found.code, found.value or "", fits and holds, found.value is not None))
        return fits and holds and found.value is not None

    def _is_at(self, top: Route, found: Coverable, file: OpenFile) -> bool:
        if not top:  # the document as a whole: what is found at its root, or is missing there
            data, route = file.documents[found.owner.document.number].data, found.place.route
            is_there = bool(route) and isinstance(data, dict) and route[0] in data
            return found.place.document == found.owner.document and not is_there
        return any(route[: len(top)] == top for route in self._routes(found))

    def _is_right_at(self, top: Route, found: Coverable) -> bool:
        """Whether what a suppression stands at is the very value that was found, and not a block around it."""
        return not top or top in self._parts(found)

    def _routes(self, found: Coverable) -> Iterator[Route]:
        """The routes in the manifest of what was found: also those of the keys that name the file, if evidence says it."""
        yield from self._parts(found)
        if found.place.document != found.owner.document and (known := self._known.get(found.owner.document)):
            yield from known.naming(found.place)

    def _parts(self, found: Coverable) -> Iterator[Route]:
        """The routes in the manifest of what was found: what evidence says of a part of it counts as said there."""
        place = found.place
        if place.document == found.owner.document:
            yield place.route
        elif known := self._known.get(found.owner.document):
            yield from known.parts(place)

    def know_value(self, watched: Watched, file: OpenFile) -> InlineSuppression:
        """A suppression, with the digest of the value that it stands at; none of a credential."""
        said = watched.suppression
        known = self._known.get(said.document)
        if known is not None or not said.own:
            key = (said.document, said.route, known is not None)
            if key not in self._own:  # every finding below it asks
                data = known.data if known else file.documents[said.document.number].data
                self._own[key] = file.digest_of(value_at(said.route, data))
            watched.suppression = said._replace(own=self._own[key])
        return watched.suppression

    def _by_policy(self, index: int, exemption: Exemption, found: Coverable, open_file: Open) -> Suppression | None:
        if not concerns(exemption, found.owner.workspace, found.owner.environment):
            return None
        if exemption["route"] and not self._is_on_route(exemption["route"], found, open_file):
            return None
        if not self._accepts(
            found, self.marks, index, exemption["until"], fits=exemption["value"] in ("", found.value)
        ):
            return None
        said = (exemption["reason"], exemption["owner"], exemption["until"])
        return Suppression("policy", *said, exemption["path"], exemption["span"][0])

    def _is_on_route(self, written: str, found: Coverable, open_file: Open) -> bool:
        steps = read_steps(written)
        there = [(found.place.document, found.place.route)]
        there += [(found.owner.document, route) for route in self._routes(found)]
        return any(
            leads_to(steps, route, _names(route, open_file(document.path), document.number))
            for document, route in there
        )


def concerns(exemption: Exemption, workspace: str, environment: str) -> bool:
    """Whether an entry of the policy is about a manifest of this name and environment."""
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
        """The manifest's data as rules see it: where evidence speaks, its values; and what the files say that it names."""
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
        for reference in workspace.references:
            seen = _with(seen, reference.route, [reference.path, *_said(reference)])
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

    def parts(self, place: Place) -> Iterator[Route]:
        """Where in the manifest stands what a place in its evidence is about."""
        for length in range(len(place.route) + 1):
            for route in self._overlays.get((place.document, place.route[:length]), ()):
                yield route + place.route[length:]

    def naming(self, place: Place) -> Sequence[Route]:
        """Which keys of the manifest name the file of a place in its evidence."""
        return self._references.get(place.document.path, ())


def _said(reference: Reference) -> Iterator[Any]:
    """What a file says that a manifest names, without the frame of an answer, in which Meta repeats the token."""
    yield reference.content
    if reference.answer is not None:
        yield [node.data for node in reference.answer.nodes]
        yield [trouble.message for trouble in reference.answer.troubles]


def _with(data: Any, route: Route, value: Any) -> Any:
    """The data with another value at a route that leads somewhere."""
    if not route:
        return value
    copy: Any = dict(data) if isinstance(data, dict) else list(data)
    copy[route[0]] = _with(data[route[0]], route[1:], value)
    return copy
