"""Suppressions in the comments of a manifest, as they are written, and what each of them has met."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.engine.one_file import InlineSuppression, Mark
from wa_policy.findings import Place
from wa_policy.manifest.directives import Fault, directives
from wa_policy.policy.model import NEVER_SUPPRESSED
from wa_policy.source.comments import comments

if TYPE_CHECKING:
    from wa_policy.engine.open_file import OpenFile
    from wa_policy.engine.session import Session
    from wa_policy.manifest.directives import Directive
    from wa_policy.source.comments import Comment
    from wa_policy.source.spans import Route, Span

MOST = 1000
"""How many suppressions in comments a file may have; no person has written more."""

_TOO_MANY = Fault(f"more than {MOST:,} of them in one file are not read", "mend what they cover, or use a baseline")
_NOWHERE = Fault("it stands beside nothing", "put it at the end of the line, or directly above the key or list item")


class Watched:
    """A suppression in a comment, and what it has met."""

    __slots__ = ("below", "beside", "marks", "suppression")

    def __init__(self, suppression: InlineSuppression) -> None:
        self.suppression = suppression
        self.marks: list[Mark] = []
        self.beside: dict[str, Route] = {}
        """What was found and nobody accepts, though it is shown on the line of what it stands at: by rule, where that is."""
        self.below = False
        """Whether it is bound to the value of something below, and not to all that it stands at."""


class Written(Watched):
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
        self.fault = directive.fault or (_NOWHERE if comment.route is None else None)
        self.across = any(rules[code].subject == "Project" for code in self.codes.values())
        """Whether it may cover what is found between this manifest and others, which is known last."""
        self.forbidden = session.policy.inline == "forbidden"
        holds = not (self.fault or self.forbidden)
        super().__init__(
            InlineSuppression(
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


def find(file: OpenFile, session: Session) -> list[Written]:
    """The suppressions in the comments of a file, in order."""
    source = file.reading.source
    found: list[Written] = []
    for comment in comments(file.reading):
        for directive in directives(comment.text):
            start = comment.start + directive.start
            span = source.span(start, start + len(directive.text))
            if len(found) == MOST:
                directive = directive._replace(names=(), fault=_TOO_MANY)
            found.append(Written(comment, directive, span, session))
            if len(found) > MOST:
                return found
    return found
