"""A provider's own list of templates as evidence, in the shape that a plugin makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from wa_policy.evidence.graph import Answer, AnswerTrouble, Node, misshapen, read_file, tidy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wa_policy.source.document import Document
    from wa_policy.source.spans import Route

WABA_ID = "waba_id"
"""The field by which a plugin says whose template it is; no field of a template."""


class TemplateReader(Protocol):
    """The plugins' hook: a provider and an answer to the routes and fields of templates, or to None."""

    def __call__(self, *, provider: str, answer: Any) -> Iterable[tuple[Route, Mapping[str, Any]]] | None:
        """Read the list."""


def read_list(content: bytes, path: str, provider: str, reader: TemplateReader) -> Answer:
    """Read the templates in a provider's list. Nothing raises, whatever the content, and whatever the plugin does."""
    reading = read_file(content, path)
    if reading.troubles:
        return Answer.refused(reading)
    found = [item for document in reading.documents for item in _nodes(document, provider, reader)]
    nodes = [item for item in found if isinstance(item, Node)]
    troubles = [item for item in found if isinstance(item, AnswerTrouble)]
    accounts = {node.data.pop(WABA_ID, None) for node in nodes} - {None}
    troubles += [trouble for node in nodes for trouble in misshapen(node, "template")]
    if len(accounts) > 1:
        message = f"it lists templates of several WABAs: {', '.join(sorted(map(str, accounts)))}"
        troubles.append(AnswerTrouble(message, "save the list of one WABA", reading.documents[0].id))
    waba_id = str(accounts.pop()) if len(accounts) == 1 else None
    return Answer(nodes, None, troubles, reading, waba_id)


def _nodes(document: Document, provider: str, reader: TemplateReader) -> Iterator[Node | AnswerTrouble]:
    try:
        found = reader(provider=provider, answer=document.data)
        if found is None:
            remedy = "save the provider's list as it came, or name Meta's own answer under evidence.graph.templates"
            yield AnswerTrouble(f"no plugin reads this as a list of {provider}'s templates", remedy, document.id)
            return
        for route, fields in found:
            yield Node(document.id, tuple(route), tidy(dict(fields)))
    except (Exception, SystemExit) as error:  # noqa: BLE001  # a reader is anybody's code: the rest of the run must go on
        message = f"the plugin that reads {provider}'s lists failed: {type(error).__name__}"
        remedy = "report this to the plugin's author, or as a bug of wa-policy if the plugin comes with it"
        yield AnswerTrouble(message, remedy, document.id)
