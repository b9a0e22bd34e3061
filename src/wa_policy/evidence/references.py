"""Files that a manifest refers to: found, bounded to the checked tree, and read once before any rule looks."""

from __future__ import annotations

import errno
import os
import stat
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from wa_policy.cache.digests import content_of, looked_up, real_folder, state_of
from wa_policy.records import NamedTuple
from wa_policy.source.document import DEFAULT_LIMITS
from wa_policy.source.paths import is_inside, plain
from wa_policy.wording import count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from wa_policy.evidence.graph import Answer
    from wa_policy.evidence.provider import TemplateReader
    from wa_policy.findings import Place
    from wa_policy.source.spans import Route

    ListReader = Callable[[bytes, str], Answer]

_TO_HYPHENS = str.maketrans("_. ", "---", "()")

AUDIT: Route = ("opt_in", "audit")
PROVIDER: Route = ("evidence", "provider", "templates")
GRAPH: Route = ("evidence", "graph")
KINDS = {"waba": "waba", "phone_numbers": "phone-number", "templates": "template"}
"""The kind of node that each key of ``evidence.graph`` names an answer of."""


class Mismatch(NamedTuple):
    """A data file that an audit counted, and why the one that is here is not, or cannot be shown to be, the same."""

    name: str
    trouble: str
    remedy: str
    changed: bool
    """Whether it is here with another content; else nobody can tell."""


class Reference(NamedTuple):
    """A file that a manifest names, and what became of it."""

    route: Route
    """Where the manifest names it."""
    path: str
    """As the manifest names it."""
    trouble: str
    """What is wrong; "" when the file is there and of the right kind."""
    remedy: str = ""
    content: Any = None
    """The statement that an audit is."""
    answer: Answer | None = None
    """What Meta or the provider answered."""
    place: Place | None = None
    """Where in the file the trouble is, if it is in there."""
    mismatches: tuple[Mismatch, ...] = ()
    """The data files of an audit that are not what it counted, if they were to be read."""
    real: str = ""
    """Its real name, as soon as it was found."""
    data: tuple[str, ...] = ()
    """Where the data files of an audit may be, whether they are there or not: below real folders, themselves perhaps links."""


def collect(
    data: Mapping[str, Any],
    manifest: str,
    root: str,
    reader: TemplateReader,
    *,
    folders: dict[str, str] | None = None,
    verify_digests: bool = False,
) -> list[Reference]:
    """Look at every file that a manifest names; paths are relative to the manifest, and must stay inside ``root``.

    ``reader`` reads providers' own lists of templates. ``folders`` remembers folders' real names from one call to the next.
    ``verify_digests`` also reads the data files that an audit names, which may be as large as they like.
    """

    def read_list(content: bytes, path: str) -> Answer:
        from wa_policy.evidence import provider

        return provider.read_list(content, path, provider_slug(data["bsp"]["provider"]), reader)

    folders = {} if folders is None else folders
    top = real_folder(root, folders)
    found = [_look_at(route, path, manifest, top, read_list, folders) for route, path in _named(data)]
    found = [
        item if item.content is None else item._replace(data=_data_of(item, manifest, root, folders)) for item in found
    ]
    if verify_digests:
        found = [item._replace(mismatches=verify(item, manifest, root)) for item in found]
    return found


class Input(NamedTuple):
    """A file that a manifest names, from the current folder; how many bytes of it are read; and what it was like then."""

    path: str
    most: int
    state: str

    def is_same(self, folders: dict[str, str]) -> bool:
        """Whether it still is as it was; ``folders`` is what ``state_of`` remembers between files."""
        return state_of(self.path, self.most, folders) == self.state


def inputs(data: Mapping[str, Any], manifest: str, folders: dict[str, str]) -> tuple[Input, ...]:
    """The state of every file that a manifest names, for telling later whether anything has changed.

    Asked for before the files are read, so that a change in between is noticed, and not missed. ``folders`` is as in ``collect``.
    """
    folder = os.path.dirname(manifest)
    found = ((os.path.join(folder, path), _most(route)) for route, path in _named(data))
    return tuple(Input(path, most, state_of(path, most, folders)) for path, most in found)


def _most(route: Route) -> int:
    """How many bytes are read of what a manifest names: of a mere proof none, though an empty one is told from others."""
    if route[:2] == GRAPH:
        from wa_policy.evidence.graph import LIMITS

        return LIMITS.bytes
    return DEFAULT_LIMITS.bytes if route in (AUDIT, PROVIDER) else 0


@lru_cache(maxsize=64)  # of a manifest's one provider, many rules ask
def provider_slug(name: str) -> str:
    """A provider's name in one way of writing: ``Yellow.ai`` and ``yellow_ai`` are ``yellow-ai``, without any brackets."""
    return name.casefold().translate(_TO_HYPHENS)


def provider_key(name: str, providers: Mapping[str, Mapping[str, Any]]) -> str:
    """The key by which facts know a provider, also by the whole name that MoEngage has for it; else the name's own slug.

    ``NexG Platforms`` and ``nexg-platforms`` are ``nexg``.
    """
    slug = provider_slug(name)
    if slug in providers:
        return slug
    return next((key for key, entry in providers.items() if provider_slug(entry["name"]) == slug), slug)


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


def _look_at(
    route: Route, path: str, manifest: str, top: str, read_list: ListReader, folders: dict[str, str]
) -> Reference:
    try:
        full, known = looked_up(os.path.join(os.path.dirname(manifest), path), folders)
        if not is_inside(full, top):
            return Reference(
                route, path, "it lies outside the folder that is checked", "move the file beside the manifest"
            )
        state = known or os.stat(full)
    except OSError:
        return Reference(
            route, path, "there is no such file", "mend the path, which is relative to this manifest, or add the file"
        )
    except ValueError as error:  # a NUL byte, for one
        return Reference(route, path, f"this is no path: {error}", "mend the path")
    if not stat.S_ISREG(state.st_mode):
        return Reference(route, path, "it is no file", "name a file")
    if state.st_size == 0:
        return Reference(route, path, "the file is empty", _refill(route), real=full)
    try:
        content = content_of(full, _most(route), state.st_size)
    except OSError as error:
        reason = f"it cannot be read: {error.strerror}"
        return Reference(route, path, reason, "mend the file's permissions", real=full)
    return _read(route, path, manifest, content, read_list)._replace(real=full)


def _refill(route: Route) -> str:
    """What to do about an empty file."""
    if route[:2] == GRAPH or route == PROVIDER:
        return "fetch the answer again, and save it as it comes"
    return "put the proof into it"


def _read(route: Route, path: str, manifest: str, content: bytes, read_list: ListReader) -> Reference:
    if route == AUDIT:
        return _read_audit(route, path, content)
    if route[:2] != GRAPH and route != PROVIDER:
        return Reference(route, path, "")
    shown = plain(os.path.join(os.path.dirname(manifest), path))
    if route[:2] == GRAPH:
        return _read_graph(route, path, shown, content)
    return _answered(route, path, read_list(content, shown))


def _read_graph(route: Route, path: str, shown: str, content: bytes) -> Reference:
    from wa_policy.evidence.graph import read_answer

    return _answered(route, path, read_answer(content, shown, KINDS[str(route[-1])]))


def _answered(route: Route, path: str, answer: Answer) -> Reference:
    from wa_policy.findings import Place

    if not answer.troubles:
        return Reference(route, path, "", answer=answer)
    first, *others = answer.troubles
    more = f" (and {count(len(others), 'more trouble')})" if others else ""
    place = Place(first.document, first.route, first.message, span=first.span)
    return Reference(route, path, first.message + more, first.remedy, answer=answer, place=place)


def _read_audit(route: Route, path: str, content: bytes) -> Reference:
    # Only manifests with an audit pay for reading one.
    from wa_policy.schema.validate import violations
    from wa_policy.source.reading import read

    reading = read(content, path if path.endswith(".json") else f"{path}.json")
    remedy = (
        "have `wa-policy audit opt-in` write it; or count by hand, and write it in the shape that "
        "`wa-policy schema evidence-opt-in-audit` prints"
    )
    for trouble in reading.troubles:
        return Reference(route, path, f"line {trouble.span.line}: {trouble.message}", remedy)
    audit = reading.documents[0].data
    for violation in violations(audit, "evidence-opt-in-audit"):
        return Reference(route, path, f"it is no opt-in audit: {violation.message}", remedy)
    return Reference(route, path, "", content=audit)


CHUNK = 1 << 20
"""How many bytes are read at once to be hashed."""


def verify(reference: Reference, manifest: str, root: str) -> tuple[Mismatch, ...]:
    """Read the data files that an audit names, and say which are not those that it counted, or cannot be shown to be.

    A file is looked for from the audit's folder, then from the manifest's, then from ``root``, since the audit names it as it was
    told; wherever it is, it must lie inside ``root``. Empty for a reference that is no audit, or none that could be read.
    """
    if reference.route != AUDIT or reference.content is None:
        return ()
    folders = _folders_of(reference, manifest, root)
    found = (_compare(file, folders, os.path.realpath(root)) for file in reference.content["subject"])
    return tuple(mismatch for mismatch in found if mismatch is not None)


def _folders_of(reference: Reference, manifest: str, root: str) -> tuple[str, ...]:
    """Where the data files of an audit may be."""
    folder = os.path.dirname(manifest)
    return os.path.join(folder, os.path.dirname(reference.path)), folder, root


def _data_of(reference: Reference, manifest: str, root: str, folders: dict[str, str]) -> tuple[str, ...]:
    """The names that the data files of an audit may have. Nobody asks the system for them before a report is written."""
    found: dict[str, None] = {}
    for folder in _folders_of(reference, manifest, root):
        real = real_folder(folder, folders)
        for file in reference.content["subject"]:
            if "\0" not in file["name"]:  # what is no path is no file
                found[os.path.join(real, file["name"])] = None
    return tuple(found)


def _compare(file: Mapping[str, Any], folders: tuple[str, ...], top: str) -> Mismatch | None:
    name, digest = file["name"], file["digest"]["sha256"]
    try:
        candidates = {os.path.realpath(os.path.join(folder, name)) for folder in folders}
    except ValueError as error:  # a NUL byte, for one
        return Mismatch(name, f"this is no path: {error}", "have the audit made anew", changed=False)
    inside = sorted(full for full in candidates if is_inside(full, top))
    if not inside:
        remedy = "move the data into that folder, or lint without --verify-digests"
        return Mismatch(name, "it lies outside the folder that is checked", remedy, changed=False)
    changed, unread = False, ""
    # One name may be another file in each folder: that one of them is the audited one is enough.
    for full in inside:
        try:
            if _has_digest(full, digest, file.get("annotations", {}).get("bytes")):
                return None
            changed = True
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            unread = f"it cannot be read: {error.strerror}"
    if changed:
        return Mismatch(name, "its content is another one", "", changed=True)
    if unread:
        return Mismatch(name, unread, "mend the file's permissions", changed=False)
    remedy = "put the data where the audit found it, or lint without --verify-digests"
    return Mismatch(name, "the data is not here", remedy, changed=False)


def _has_digest(full: str, digest: str, size: int | None) -> bool:
    """Whether a file's SHA-256 is this one; where its size (None or 0: not known) is another one, nothing is read."""
    state = os.stat(full)
    if not stat.S_ISREG(state.st_mode):
        raise OSError(errno.EINVAL, "it is no file")
    return (not size or state.st_size == size) and _hash(full, state.st_size, state.st_mtime_ns) == digest


@lru_cache(maxsize=1024)
def _hash(full: str, _size: int, _changed_at: int) -> str:
    """The SHA-256 of a file. Several audits may name one list of a provider's; while it stays as it is, it is read once."""
    import hashlib

    hashed, chunk = hashlib.sha256(), memoryview(bytearray(CHUNK))
    with open(full, "rb", buffering=0) as data:
        while length := data.readinto(chunk):
            hashed.update(chunk[:length])
    return hashed.hexdigest()
