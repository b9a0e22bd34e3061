"""Suppressions as the rules about them see them, once it is known what each has met; and the policies' files, to show them in."""

from __future__ import annotations

from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from wa_policy.engine.open_file import OpenFile
from wa_policy.engine.suppress import concerns
from wa_policy.findings import Place
from wa_policy.manifest.secrets import Said
from wa_policy.manifest.subjects import Suppression
from wa_policy.policy.texts import content_of
from wa_policy.source.document import Reading, Source
from wa_policy.source.reading import read
from wa_policy.source.spans import DocumentId, Span, show_route
from wa_policy.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from wa_policy.engine.inline import Written
    from wa_policy.engine.judged import Judged
    from wa_policy.engine.one_file import Mark
    from wa_policy.engine.session import Session
    from wa_policy.engine.suppress import Ledger
    from wa_policy.policy.layers import Exemption
    from wa_policy.rules.registry import Rule
    from wa_policy.source.spans import Route

_SUGGESTIONS = 100
"""For how many names of no rule the nearest one is looked for in a file."""


def in_comments(ledger: Ledger, looked: Judged, file: OpenFile, session: Session) -> list[Suppression]:
    """Those in the comments of a document."""
    own = [written for written in ledger.written if written.place.document.number == looked.manifest.document]
    for written in own:
        ledger.know_value(written, file)
    suggestions = _suggestions(own, session.loaded.rules)
    return [_inline(written, looked.codes, suggestions, file) for written in own]


def _suggestions(all_written: Iterable[Written], rules: Mapping[str, Rule]) -> Mapping[str, str]:
    known = [word for rule in rules.values() for word in (rule.code, rule.name)]
    names = dict.fromkeys(name for written in all_written for name in written.unknown)
    return {name: did_you_mean(name, known) for name in islice(names, _SUGGESTIONS)}


def _inline(written: Written, judged: frozenset[str], suggestions: Mapping[str, str], file: OpenFile) -> Suppression:
    said = written.directive
    met = {mark.code for mark in written.marks}
    idle = [(name, code) for name, code in written.codes.items() if code in judged - met]
    return Suppression(
        kind="inline",
        place=written.place,
        where=show_route(written.route) if written.route else "" if written.route is None else "the document",
        text=said.text if file.said.hide(said.text) == said.text else "",
        names=said.names,
        unknown=tuple((name, suggestions.get(name, "")) for name in written.unknown),
        barred=written.barred,
        idle=tuple(name for name, code in idle if code not in written.beside),
        beside=tuple((name, written.beside[code]) for name, code in idle if code in written.beside),
        woken=_woken(written.marks),
        reason=said.reason,
        owner=said.owner,
        until=said.until,
        value=said.value,
        value_now=(_only_value(written.marks) or written.suppression.own) if met or written.across else "",
        below=written.below,
        fault=written.fault,
        forbidden=written.forbidden,
    )


def in_policy(session: Session, marks: Sequence[Mark], manifests: Sequence[Judged]) -> Iterator[Suppression]:
    """Those in the policy, of which ``marks`` say what they have met."""
    for index, exemption in enumerate(session.policy.exemptions):
        own = [mark for mark in marks if mark.entry == index]
        met = {mark.code for mark in own}
        judged = {
            code
            for looked in manifests
            if concerns(exemption, looked.manifest.workspace, looked.manifest.environment)
            for code in looked.codes
        }
        yield Suppression(
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


def _woken(marks: Iterable[Mark]) -> int:
    return sum(mark.counts and not mark.accepted for mark in marks)


def _only_value(marks: Iterable[Mark]) -> str:
    """The value that is met, if it is one only."""
    values = {mark.value for mark in marks if mark.counts}
    return values.pop() if len(values) == 1 else ""


def _place(exemption: Exemption) -> Place:
    """Where an entry of the policy is written: by route in a file that can be edited so."""
    route: Route = ("suppressions", exemption["index"])
    path = exemption["path"]
    by_route = not (path.endswith(".toml") or path.startswith("git:"))
    return Place(DocumentId(path, 0), route, span=None if by_route else Span(*exemption["span"]))


def open_policies() -> Callable[[str], OpenFile]:
    """Opens policies' files, to show places in them; each once."""
    return cache(_open_policy)


def _open_policy(path: str) -> OpenFile:
    content = content_of(path)
    as_text = Reading(path, Source(content.decode("utf-8", "replace")), (), ())
    reading = as_text if path.endswith(".toml") else read(content, path)
    return OpenFile(reading, {document.id.number: document for document in reading.documents}, (), Said())
