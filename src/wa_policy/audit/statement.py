"""What was counted, as a statement that others can check: in-toto Statement v1, about the files by their digests.

Nothing of a row gets in here: counts, settings, names of files and of columns. Groups that are too small to be shown are merged.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from wa_policy.audit.column_names import looks_like_data
from wa_policy.audit.errors import cannot_read, wrong_use
from wa_policy.audit.model import GROUP_MEASURES
from wa_policy.audit.storage import local_path, scheme
from wa_policy.cache.digests import content_of_file
from wa_policy.records import NamedTuple
from wa_policy.schema.validate import violations
from wa_policy.source.document import DEFAULT_LIMITS
from wa_policy.source.reading import read
from wa_policy.source.replace import open_beside, replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wa_policy.audit.digests import Digest
    from wa_policy.audit.model import InputFile, Measured
    from wa_policy.source.document import Reading

    Group = Mapping[str, int | str]

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:wa-policy:opt-in-audit:v1"
SCHEMA = "evidence-opt-in-audit"
OTHER = "other"
MOST_LINES = 100
"""How many rejected lines the evidence lists."""


class Settings(NamedTuple):
    """What the person asked for, as far as the evidence says it."""

    workspace: str
    measured_at: str
    """ISO 8601, in UTC."""
    tool: str
    """The version of wa-policy."""
    scope: str
    """``full``, or ``coverage`` for users by status alone."""
    minimum_group: int
    """The fewest users that are shown as a group."""
    map: Sequence[str] = ()
    """As ``--map`` was given."""
    dialect: str | None = None
    """Of the SQL that made a result."""


class Previous(NamedTuple):
    """An earlier audit of the same workspace, and the digest of its file."""

    predicate: Mapping[str, Any]
    sha256: str


class Subject(NamedTuple):
    """A file that the statement is about."""

    name: str
    """The path, as it was given."""
    side: str
    """MOENGAGE, BSP or IMPORT; ``result`` for the result of a warehouse, which is about all of them."""
    digest: Digest
    rows: int | None
    """How many were counted in it; None for a result."""


def state(
    settings: Settings,
    subjects: Iterable[Subject],
    files: Sequence[InputFile],
    measured: Measured,
    previous: Previous | None = None,
) -> dict[str, Any]:
    """The statement as plain data, in the shape of the schema ``evidence-opt-in-audit``."""
    name, version = measured.engine
    predicate: dict[str, Any] = {
        "workspace": settings.workspace,
        "measured_at": settings.measured_at,
        "tool": {"name": "wa-policy", "version": settings.tool},
        "engine": {"name": name.lower()}
        | ({"version": version} if version else {})
        | ({"dialect": settings.dialect} if settings.dialect else {}),
        "scope": settings.scope,
        "settings": _settings(settings, files),
        **nest(measured.counts),
    }
    if settings.scope == "full":
        predicate["calling_codes"] = merge_groups(measured.groups, settings.minimum_group)
    if previous:
        predicate["change"] = change(previous, predicate)
    if files:  # of a warehouse's tables nobody knows
        lines = [{"file": row.path, "line": row.line} for row in measured.rejected if row.line][:MOST_LINES]
        predicate["rejected"] = {"rows": measured.rejected_count, "lines": lines}
    return {
        "_type": STATEMENT,
        "subject": [_subject(subject) for subject in subjects],
        "predicateType": PREDICATE,
        "predicate": predicate,
    }


def _settings(settings: Settings, files: Sequence[InputFile]) -> dict[str, Any]:
    said: dict[str, Any] = {"minimum_group": settings.minimum_group, "columns": columns_read(files)}
    if settings.map:
        said["map"] = list(settings.map)
    return said


def columns_read(files: Sequence[InputFile]) -> dict[str, dict[str, str]]:
    """The names of the columns by side and role; where files of a side differ, all of them, in order of appearance."""
    names: dict[str, dict[str, dict[str, None]]] = {}
    for file in files:
        for column in file.columns:
            names.setdefault(file.side, {}).setdefault(column.role, {})[column.name] = None
    return {side: {role: " / ".join(some) for role, some in roles.items()} for side, roles in names.items()}


def _subject(subject: Subject) -> dict[str, Any]:
    annotations = {"side": subject.side, "bytes": subject.digest.bytes}
    return {
        "name": subject.name,
        "digest": {"sha256": subject.digest.sha256},
        "annotations": annotations | ({} if subject.rows is None else {"rows": subject.rows}),
    }


def nest(counts: Mapping[str, int]) -> dict[str, Any]:
    """``{"users.total": 5}`` as ``{"users": {"total": 5}}``."""
    nested: dict[str, Any] = {}
    for name, count in counts.items():
        *path, last = name.split(".")
        here = nested
        for key in path:
            here = here.setdefault(key, {})
        here[last] = count
    return nested


def merge_groups(groups: Iterable[Group], minimum: int) -> list[dict[str, int | str]]:
    """Groups with at least ``minimum`` users, greatest first; the others in one, ``other``, at the end.

    Where that one is still too small, the smallest of those kept goes into it, and so on: nobody is to be found by subtraction.
    """
    kept = sorted(
        (dict(group) for group in groups), key=lambda group: (-int(group["total"]), str(group["calling_code"]))
    )
    other: dict[str, int | str] = {"calling_code": OTHER, **dict.fromkeys(GROUP_MEASURES, 0)}
    while kept and (int(kept[-1]["total"]) < minimum or 0 < int(other["total"]) < minimum):
        merged = kept.pop()
        other |= {name: int(other[name]) + int(merged[name]) for name in GROUP_MEASURES}
    return [*kept, other] if other["total"] else kept


def change(previous: Previous, predicate: Mapping[str, Any]) -> dict[str, Any]:
    """How every count of users, and of the provider's list where both have one, differs from the earlier audit's."""
    old = previous.predicate
    said: dict[str, Any] = {
        "previous": {"measured_at": old["measured_at"], "sha256": previous.sha256},
        "days": (_moment(predicate["measured_at"]) - _moment(old["measured_at"])).days,
    }
    for part in ("users", "bsp"):
        if part in old and part in predicate:
            said[part] = {name: count - old[part][name] for name, count in predicate[part].items() if name in old[part]}
    said["consents_lost"] = max(0, -said["users"]["true"])
    return said


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def read_previous(path: str, workspace: str, measured_at: str) -> Previous:
    """Read an earlier audit. Raises AuditError for what is none, or is none of this workspace, or is a later one."""
    import hashlib

    remedy = "name an earlier audit of this workspace with --previous"
    try:
        content = content_of_file(path, DEFAULT_LIMITS.bytes)
    except OSError as error:
        raise wrong_use(f"{path}: the previous audit cannot be read: {error.strerror}", remedy) from None
    if len(content) > DEFAULT_LIMITS.bytes:
        raise wrong_use(f"{path}: this is no opt-in audit: it has more than {DEFAULT_LIMITS.bytes:,} bytes", remedy)
    reading = read(content, path if path.endswith(".json") else f"{path}.json")
    line = _no_audit(reading)
    if line:
        raise wrong_use(f"{path}:{line}: this is no opt-in audit", remedy)
    predicate = reading.documents[0].data["predicate"]
    if predicate["workspace"] != workspace:
        raise wrong_use(f'{path}: this audit is of {_named(predicate["workspace"])}, not of "{workspace}"', remedy)
    if _moment(predicate["measured_at"]) > _moment(measured_at):
        raise wrong_use(f"{path}: this audit is of {predicate['measured_at']}, later than this one", remedy)
    return Previous(predicate, hashlib.sha256(content).hexdigest())


def _no_audit(reading: Reading) -> int:
    """The line by which a file is no audit, 0 for an audit. Why it is none is not told: it may be data, given by mistake."""
    for trouble in reading.troubles:
        return trouble.span.line
    document = reading.documents[0]
    for violation in violations(document.data, SCHEMA):
        return document.locate(violation.route, violation.on_key).line
    try:
        _moment(document.data["predicate"]["measured_at"])
    except ValueError:  # 30 February
        return document.locate(("predicate", "measured_at")).line
    return 0


def _named(workspace: str) -> str:
    return "another workspace" if looks_like_data(workspace) else f'the workspace "{workspace}"'


def check_target(path: str, inputs: Iterable[str]) -> None:
    """Raise AuditError for a place that the evidence cannot be written to, before anything is counted."""
    remedy = "name another file with --out"
    _check_name(path, remedy)
    for other in map(local_path, inputs):
        if os.path.exists(path) and os.path.exists(other) and os.path.samefile(path, other):
            raise wrong_use(f"{path} is one of the files to be read, and would be overwritten", remedy)
    folder = os.path.dirname(os.path.abspath(path))
    while not os.path.lexists(folder):
        folder = os.path.dirname(folder)
    if not os.path.isdir(folder):
        raise wrong_use(f"{folder} is no folder", remedy)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise wrong_use(f"nothing may be written into {folder}", remedy)
    try:
        _try_to_write(path)
    except OSError as error:
        raise wrong_use(f"{path} cannot be written: {error.strerror}", remedy) from None


def _check_name(path: str, remedy: str) -> None:
    if scheme(path):
        raise wrong_use(f"{path} is an address, and evidence is written on this machine", remedy)
    if os.path.lexists(path) and not os.path.isfile(path):
        raise wrong_use(f"{path} is no file", remedy)
    if os.path.basename(path) in ("", os.curdir, os.pardir):
        raise wrong_use(f"{path} is the name of a folder, and evidence is one file", remedy)


def _try_to_write(path: str) -> None:
    """Make a file where the evidence will be written, as replace() will, and take it away again. Raises OSError."""
    folder, name = os.path.split(os.path.realpath(path))
    to_make: list[str] = []
    while not os.path.lexists(folder):
        folder, last = os.path.split(folder)
        to_make.append(last)
    for each in to_make:  # these stay unmade, but their names may be too long
        with suppress(FileNotFoundError):
            os.lstat(os.path.join(folder, each))
    beside, there = open_beside(os.path.join(folder, name), 0o600)
    os.close(there)
    os.unlink(beside)


def write(path: str, statement: Mapping[str, Any]) -> None:
    """Write the evidence, all of it or nothing: whatever happens, an older file stays as it was. Raises AuditError."""
    for violation in violations(statement, SCHEMA):
        raise RuntimeError(f"the evidence is not in its own shape: {violation.route}: {violation.message}")
    content = (json.dumps(statement, ensure_ascii=False, indent=2) + "\n").encode()
    try:
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        replace(path, content)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}"
    else:
        return
    raise cannot_read(message, "make room, or name another file with --out")
