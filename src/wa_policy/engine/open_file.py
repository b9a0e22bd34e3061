"""A file as it stands while it is checked: read, and with what must not be shown of it."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from wa_policy.cache.digests import content_of as first_bytes
from wa_policy.engine.identity import digest
from wa_policy.manifest import misread, secrets
from wa_policy.manifest.secrets import MASK, mask_line
from wa_policy.manifest.subjects import SourceDocument, SourceFile
from wa_policy.schema.validate import violations
from wa_policy.source.reading import read
from wa_policy.source.spans import follow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wa_policy.engine.session import Session
    from wa_policy.manifest.secrets import Said
    from wa_policy.source.document import Document, Reading
    from wa_policy.source.spans import Span


class OpenFile:
    """A file as it stands: its reading, its documents by index, its lines without credentials, and how to say nothing of them."""

    __slots__ = ("_lines", "_offsets", "_secret_spans", "_secrets", "documents", "reading", "said")

    def __init__(
        self, reading: Reading, documents: Mapping[int, Document], secrets: Iterable[Span], said: Said
    ) -> None:
        self.reading = reading
        self.documents = documents
        self.said = said
        self._lines: dict[int, str] = {}
        self._secrets: dict[int, list[tuple[int, int]]] = {}
        self._secret_spans = tuple(secrets)
        self._offsets: tuple[list[int], list[int]] | None = None
        """Where credentials begin, in order, and how far those reach that begin no later: made when first asked for."""
        for secret in self._secret_spans:
            for line in range(secret.line, secret.end_line + 1):
                start = secret.column - 1 if line == secret.line else 0
                end = secret.end_column - 1 if line == secret.end_line else len(reading.line(line))
                self._secrets.setdefault(line, []).append((start, end))

    @property
    def holds_credential(self) -> bool:
        """Whether there is anything in it that must not be shown."""
        return bool(self._secret_spans)

    def touches_secret(self, start: int, end: int) -> bool:
        """Whether a stretch of the text, by offsets, holds a part of a credential."""
        if self._offsets is None:
            places = sorted(map(self.reading.source.offsets, self._secret_spans))
            self._offsets = [place[0] for place in places], list(accumulate((place[1] for place in places), max))
        begins, ends = self._offsets
        before = bisect_left(begins, end)  # how many begin before the stretch ends
        return before > 0 and start < ends[before - 1]

    def line(self, number: int) -> str:
        """A line, counted from 1, with credentials masked; what stands around them keeps its columns."""
        if number not in self._lines:
            text, at, shown = self.reading.line(number), 0, ""
            for start, end in sorted(self._secrets.get(number, ())):
                shown += text[at:start] + MASK * (end - max(start, at))
                at = max(at, end)
            self._lines[number] = mask_line(shown + text[at:])
        return self._lines[number]

    def digest_of(self, value: Any) -> str:
        """The digest of a value in the file; empty where a credential is in it, since a digest would help to guess it."""
        text = str(value)
        return "" if self.said.hide(text) != text else digest(value)


def content_of(path: str, session: Session) -> bytes:
    """What a file holds: standard input's own content if that has this name. A byte over the limit, no more. Raises OSError."""
    if session.options.stdin is not None and path == session.options.stdin.path:
        return session.options.stdin.content
    # One byte more than allowed is enough to be refused, however large the file is.
    return first_bytes(path, session.options.limits.bytes)


def file_as_text(reading: Reading) -> SourceFile:
    """A file before anybody asks what it means, for the rules on its text."""
    betrays = secrets.betrays(reading.text)  # once for all documents: it goes over the whole file
    return SourceFile(
        reading.path, reading.troubles, tuple([_as_text(document, betrays) for document in reading.documents])
    )


def _as_text(document: Document, betrays: bool) -> SourceDocument:
    found = tuple(violations(document.data, "workspace"))
    places = None if found else secrets.places_in("workspace")
    literal = tuple(secrets.find(document.data, values=betrays, within=places))
    return SourceDocument(document.id, found, tuple(misread.find(document, found)), literal)


def leaks_in(readings: Iterable[Reading]) -> tuple[SourceDocument, ...]:
    """Documents of evidence that carry a literal credential: Meta puts the token into the links of its lists."""
    suspects = (reading for reading in readings if "access_token" in reading.text or secrets.betrays(reading.text))
    found = [_secrets_only(document) for reading in suspects for document in reading.documents]
    return tuple(text for text in found if text.secrets)


def _secrets_only(document: Document) -> SourceDocument:
    return SourceDocument(document.id, (), (), tuple(secrets.find(document.data, ours=False)))


def open_evidence(reading: Reading) -> OpenFile:
    """A file of evidence, with what must not be shown of it."""
    return opened(reading, leaks_in([reading]))


def opened(reading: Reading, texts: Iterable[SourceDocument]) -> OpenFile:
    """A file, with what must not be shown of it: where it stands, and how it could be said."""
    documents = {document.id.number: document for document in reading.documents}
    spans, said = [], []
    for text in texts:
        document = documents[text.id.number]
        # A reference that the schema refuses may be the credential itself, written into the wrong place.
        refused = [item.route for item in text.violations if "credentials" in item.route]
        spans += [document.locate(route) for route in (*refused, *(secret.route for secret in text.secrets))]
        said += [form for secret in text.secrets for form in secrets.forms_of(follow(secret.route, document.data))]
    if reading.troubles:
        broken = list(secrets.in_broken_text(reading.text))
        spans += broken
        said += [form for span in broken for form in secrets.forms_of(reading.source.slice(span), words=True)]
    return OpenFile(reading, documents, spans, secrets.Said(said))


def reopen(path: str, session: Session) -> OpenFile:
    """Read a file again, to say where in it something is: the first reading's nodes are gone by now."""
    reading = read(content_of(path, session), path, session.options.limits)
    return opened(reading, file_as_text(reading).documents)
