"""Files that a manifest refers to: found, bounded to the checked tree, and read once before any rule looks."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any, NamedTuple

from wa_policy.source.document import DEFAULT_LIMITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import BinaryIO

    from wa_policy.evidence.graph import Answer
    from wa_policy.evidence.provider import TemplateReader
    from wa_policy.findings import Place
    from wa_policy.source.spans import Route

    ListReader = Callable[[bytes, str], Answer]

_TO_HYPHENS = str.maketrans("_. ", "---")

AUDIT: Route = ("opt_in", "audit")
PROVIDER: Route = ("evidence", "provider", "templates")
GRAPH: Route = ("evidence", "graph")
KINDS = {"waba": "waba", "phone_numbers": "phone-number", "templates": "template"}
"""The kind of node that each key of ``evidence.graph`` names an answer of."""


class Reference(NamedTuple):
    """A file that a manifest names, and what became of it.

    ``trouble`` is empty when the file is there and of the right kind; ``place`` is where in the file the trouble is, if it is in
    there. ``content`` is what an audit holds, ``answer`` what Meta answered.
    """

    route: Route
    path: str
    trouble: str
    remedy: str = ""
    content: Any = None
    answer: Answer | None = None
    place: Place | None = None


def collect(data: Mapping[str, Any], manifest: str, root: str, reader: TemplateReader) -> list[Reference]:
    """Look at every file that a manifest names; paths are relative to the manifest, and must stay inside ``root``.

    ``reader`` reads providers' own lists of templates.
    """

    def read_list(content: bytes, path: str) -> Answer:
        from wa_policy.evidence import provider

        return provider.read_list(content, path, provider_slug(data["bsp"]["provider"]), reader)

    return [_look_at(route, path, manifest, root, read_list) for route, path in _named(data)]


def provider_slug(name: str) -> str:
    """A provider as facts name it, however it is written: ``Yellow.ai`` and ``yellow_ai`` are ``yellow-ai``."""
    return name.casefold().translate(_TO_HYPHENS)


def _named(data: Mapping[str, Any]) -> Iterator[tuple[Route, str]]:
    if proof := data["bsp"].get("account", {}).get("proof"):
        yield ("bsp", "account", "proof"), proof
    for index, number in enumerate(data["phone_numbers"]):
        if proof := number.get("ownership", {}).get("proof"):
            yield ("phone_numbers", index, "ownership", "proof"), proof
    if audit := data.get("opt_in", {}).get("audit"):
        yield AUDIT, audit
    if path := data.get("evidence", {}).get("provider", {}).get("templates"):
        yield PROVIDER, path
    graph = data.get("evidence", {}).get("graph", {})
    for key in KINDS:
        if path := graph.get(key):
            yield (*GRAPH, key), path


def _look_at(route: Route, path: str, manifest: str, root: str, read_list: ListReader) -> Reference:
    top = os.path.realpath(root)
    try:
        full = os.path.realpath(os.path.join(os.path.dirname(manifest), path))
        if not f"{full}{os.sep}".startswith(f"{top.rstrip(os.sep)}{os.sep}"):
            return Reference(
                route, path, "it lies outside the folder that is checked", "move the file beside the manifest"
            )
        state = os.stat(full)
    except OSError:
        return Reference(
            route, path, "there is no such file", "mend the path, which is relative to this manifest, or add the file"
        )
    except ValueError as error:  # a NUL byte, for one
        return Reference(route, path, f"this is no path: {error}", "mend the path")
    if not stat.S_ISREG(state.st_mode):
        return Reference(route, path, "it is no file", "name a file")
    if state.st_size == 0:
        return Reference(route, path, "the file is empty", "put the proof into it")
    try:
        with open(full, "rb") as file:
            if route == AUDIT:
                return _read_audit(route, path, file.read(DEFAULT_LIMITS.bytes + 1))
            shown = os.path.normpath(os.path.join(os.path.dirname(manifest), path))
            if route[:2] == GRAPH:
                return _read_graph(route, path, shown, file)
            if route == PROVIDER:
                return _answered(route, path, read_list(file.read(DEFAULT_LIMITS.bytes + 1), shown))
    except OSError as error:
        return Reference(route, path, f"it cannot be read: {error.strerror}", "mend the file's permissions")
    return Reference(route, path, "")


def _read_graph(route: Route, path: str, shown: str, file: BinaryIO) -> Reference:
    from wa_policy.evidence.graph import LIMITS, read_answer

    return _answered(route, path, read_answer(file.read(LIMITS.bytes + 1), shown, KINDS[str(route[-1])]))


def _answered(route: Route, path: str, answer: Answer) -> Reference:
    from wa_policy.findings import Place

    if not answer.troubles:
        return Reference(route, path, "", answer=answer)
    first, *others = answer.troubles
    more = f" (and {len(others)} more trouble{'s' if len(others) > 1 else ''})" if others else ""
    place = Place(first.document, first.route, first.message, span=first.span)
    return Reference(route, path, first.message + more, first.remedy, answer=answer, place=place)


def _read_audit(route: Route, path: str, content: bytes) -> Reference:
    # Only manifests with an audit pay for reading one.
    from wa_policy.schema.validate import violations
    from wa_policy.source.reading import read

    reading = read(content, path if path.endswith(".json") else f"{path}.json")
    remedy = "write it in the shape that `wa-policy schema evidence-opt-in-audit` prints"
    for trouble in reading.troubles:
        return Reference(route, path, f"line {trouble.span.line}: {trouble.message}", remedy)
    audit = reading.documents[0].data
    for violation in violations(audit, "evidence-opt-in-audit"):
        return Reference(route, path, f"it is no opt-in audit: {violation.message}", remedy)
    return Reference(route, path, "", content=audit)
