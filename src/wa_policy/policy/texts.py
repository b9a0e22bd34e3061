"""Policies as people write them: bundled packs, ``wa-policy.yaml``, ``[tool.wa-policy]``, a file, or one in a commit."""

from __future__ import annotations

import os
from errno import ENOENT
from functools import cache
from typing import TYPE_CHECKING, Any

import wa_policy.policies
from wa_policy.cache.digests import state_as_read
from wa_policy.policy.model import DEFAULT_PACK, PACKS, PolicyError, PolicyProblem
from wa_policy.records import NamedTuple
from wa_policy.schema.validate import violations
from wa_policy.source import git
from wa_policy.source.document import DEFAULT_LIMITS, Source
from wa_policy.source.paths import shortest
from wa_policy.source.reading import read
from wa_policy.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from wa_policy.source.spans import Route, Span

FILE_NAME = "wa-policy.yaml"
OTHER_NAME = "wa-policy.yml"
BUNDLED = "bundled"
"""The origin of the policies that come with the package."""

CHANGED = ""
"""Stands for a file that changed between two readings in one run. It equals no real state, so nothing is kept of such a run."""

_UNREADABLE = "mend the path, or the file's permissions"
_NO_COMMIT = (
    f"name {', '.join(PACKS)}, or a path from the folder of this policy; a policy that is itself in a commit extends files of "
    "that commit"
)
_NO_FILE = "a policy that is found must be a file; put one there, or name another one with --policy"


class PolicyText(NamedTuple):
    """One policy as written, checked against its schema.

    ``identity`` tells two apart, ``origin`` is what a report calls it, ``folder`` is what its relative paths start from;
    ``locate`` finds a route's span in ``path``. ``states`` says of each file that was read for it, and for what it extends, what
    it was like then; it is one and the same for all of them.
    """

    identity: str
    name: str
    origin: str
    path: str
    folder: str
    data: dict[str, Any]
    locate: Callable[[Route, bool], Span]
    states: dict[str, str]

    @property
    def extends(self) -> list[str | None]:
        """The policies that this one extends, None for a refused one; one that does not say extends ``go-live``."""
        extends = self.data.get("extends", DEFAULT_PACK)
        return [extends] if isinstance(extends, str) else extends

    def problem(self, route: Route, message: str, remedy: str = "", *, key: bool = False) -> PolicyProblem:
        """A mistake at a place in this policy."""
        return PolicyProblem(self.path, self.locate(route, key), message, remedy)


def load_text(reference: str, relative_to: PolicyText | None = None, route: Route = ()) -> PolicyText:
    """Load the policy that a word means: a pack's name, a file's path, or ``git:REF:PATH``. Raises PolicyError.

    What a policy in a commit extends is a pack, or stands in the same commit.
    """
    states = {} if relative_to is None else relative_to.states
    if reference in PACKS:
        path = os.path.join(os.path.dirname(wa_policy.policies.__file__), f"{reference}.yaml")
        return _load_yaml(path, reference, BUNDLED, states)
    if relative_to is not None and _is_in_git(reference):
        message = f'"extends" takes no file of a commit, and this is one: "{reference}"'
        raise PolicyError(relative_to.problem(route, message, _NO_COMMIT))
    if not (_is_in_git(reference) or _is_path(reference)):
        message = f'there is no policy named "{reference}"{did_you_mean(reference, PACKS)}'
        remedy = f"a policy is one of {', '.join(PACKS)}, or the path of a file"
        raise PolicyError(_blame(relative_to, route, reference, message, remedy))
    try:
        path = reference if relative_to is None else _beside(relative_to, reference)
        # What another policy names must be a file: it may come from a pull request, and a device never ends.
        if relative_to is not None and not _is_in_git(path) and not os.path.isfile(path):
            raise FileNotFoundError(ENOENT, os.strerror(ENOENT))
        if path.endswith(".toml"):
            return load_toml(path, states)
        return _load_yaml(path, os.path.abspath(path), path, states)
    except git.GitError as error:
        message = f'the policy "{reference}" cannot be read: {error}'
        raise PolicyError(
            _blame(relative_to, route, reference, message, "name a file of a commit that is here")
        ) from None
    except OSError as error:
        message = f'the policy "{reference}" cannot be read: {error.strerror}'
        raise PolicyError(_blame(relative_to, route, reference, message, _UNREADABLE)) from None


def _beside(text: PolicyText, reference: str) -> str:
    """A path that a policy names, from the current folder or from the root, whichever is shorter to read. Raises GitError."""
    if _is_in_git(text.path):
        return str(git.parse(text.path).beside(reference))
    path = os.path.normpath(os.path.join(text.folder, reference))
    return shortest(path)


def discover(folder: str) -> PolicyText | None:
    """The nearest ``wa-policy.yaml`` or ``[tool.wa-policy]``, from a folder upwards to the repository's root.

    The way up ends at a folder that holds ``.git``, or at the top of the file system. Raises PolicyError.
    """
    for here in _upwards(folder):
        path = os.path.join(here, FILE_NAME)
        if os.path.lexists(path):  # a link that leads nowhere was meant to be a policy, too
            _refuse_no_file(os.path.relpath(path))
            return load_text(os.path.relpath(path))
        path = os.path.join(here, OTHER_NAME)
        if os.path.lexists(path):
            message = f"a policy is not looked for under this name: {FILE_NAME} is"
            raise PolicyError(PolicyProblem(os.path.relpath(path), None, message, f"call it {FILE_NAME}"))
        path = os.path.join(here, "pyproject.toml")
        if os.path.isfile(path) and (text := _in_pyproject(os.path.relpath(path))):
            return text
    return None


def _refuse_no_file(path: str) -> None:
    """Nobody named what was found: it may come from a pull request, and a pipe or a device never ends."""
    if os.path.exists(path) and not os.path.isfile(path):
        message = f'the policy "{path}" cannot be read: it is no file'
        raise PolicyError(PolicyProblem(path, None, message, _NO_FILE))


def overlooked(paths: Iterable[str], skipped: Iterable[str], used: Iterable[str]) -> list[str]:
    """Policies nearer to what is checked than the current folder, from which on one is looked for: nothing is judged by them.

    ``paths`` were named, ``skipped`` are files that were found below them and are no manifests, ``used`` are the policy's own.
    """
    found = [path for path in skipped if os.path.basename(path) in (FILE_NAME, OTHER_NAME)]
    for folder in _nearer(paths):
        found += [path for name in (FILE_NAME, OTHER_NAME) if os.path.lexists(path := os.path.join(folder, name))]
        path = os.path.join(folder, "pyproject.toml")
        if os.path.isfile(path) and _says_policy(path):
            found.append(path)
    known = set(map(os.path.realpath, used))
    return sorted({shortest(path) for path in found if os.path.realpath(path) not in known})


def _nearer(paths: Iterable[str]) -> Iterable[str]:
    """The folders of paths and those above them, as far as no policy is looked for there."""
    above = set(_upwards("."))
    folders = dict.fromkeys(path if os.path.isdir(path) else os.path.dirname(path) for path in paths)
    return dict.fromkeys(here for folder in folders for here in _upwards(folder) if here not in above)


def _says_policy(path: str) -> bool:
    try:
        return _in_pyproject(path) is not None
    except PolicyError:  # it is meant to be one
        return True


def candidates(paths: Iterable[str]) -> list[str]:
    """Every path that decides which policy is found, and which are overlooked: whether it is there, and what is in it."""
    names = (FILE_NAME, OTHER_NAME, "pyproject.toml", ".git")
    return [os.path.join(here, name) for here in (*_upwards("."), *_nearer(paths)) for name in names]


def _upwards(folder: str) -> Iterator[str]:
    """A folder and those above it, up to the repository's root or the top of the file system."""
    here = os.path.abspath(folder)
    while True:
        yield here
        above = os.path.dirname(here)
        if above == here or os.path.exists(os.path.join(here, ".git")):
            return
        here = above


def _in_pyproject(path: str) -> PolicyText | None:
    try:
        if not _may_say(b"wa-policy", content_of(path)):
            return None  # most projects, which are spared a parser
        states: dict[str, str] = {}
        content, table = _read_toml(path, states)
    except OSError as error:
        raise PolicyError(PolicyProblem(path, None, f"it cannot be read: {error.strerror}", _UNREADABLE)) from None
    return None if table is None else _from_table(path, content, table, states)


def _may_say(word: bytes, content: bytes) -> bool:
    """Whether TOML may have a word in it: plainly, with escapes, or in an encoding that it cannot be read in, which is told."""
    return word in content or b"\\u" in content or b"\\U" in content or b"\\x" in content or b"\0" in content


def _is_path(reference: str) -> bool:
    return os.sep in reference or "/" in reference or reference.endswith((".yaml", ".yml", ".json", ".toml"))


def _is_in_git(path: str) -> bool:
    return path.startswith(git.PREFIX)


def _folder(path: str) -> str:
    return git.folder_of(git.parse(path)) if _is_in_git(path) else os.path.dirname(os.path.abspath(path))


def content_of(path: str, states: dict[str, str] | None = None) -> bytes:
    """The content of a policy's file, which may be in a commit; its state goes into ``states``. Raises OSError and GitError."""
    if _is_in_git(path):
        return git.read(git.parse(path), DEFAULT_LIMITS.bytes)
    with open(path, "rb") as file:
        content = file.read(DEFAULT_LIMITS.bytes + 1)
        mode = os.fstat(file.fileno()).st_mode
    if states is not None:
        state, full = state_as_read(path, mode, content), os.path.abspath(path)
        if states.setdefault(full, state) != state:
            states[full] = CHANGED
    return content


def _blame(text: PolicyText | None, route: Route, path: str, message: str, remedy: str) -> PolicyProblem:
    return PolicyProblem(path, None, message, remedy) if text is None else text.problem(route, message, remedy)


def _load_yaml(path: str, identity: str, origin: str, states: dict[str, str]) -> PolicyText:
    reading = read(content_of(path, states), path)
    if reading.troubles:
        raise PolicyError(
            *(PolicyProblem(path, trouble.span, trouble.message, trouble.remedy) for trouble in reading.troubles)
        )
    if len(reading.documents) > 1:
        span = reading.documents[1].locate(())
        raise PolicyError(
            PolicyProblem(path, span, "a policy is one document, and this file holds several", "split the file")
        )
    document = reading.documents[0]
    return _checked(PolicyText(identity, "", origin, path, _folder(path), document.data, document.locate, states))


def load_toml(path: str, states: dict[str, str]) -> PolicyText:
    """Load the policy in a TOML file's ``[tool.wa-policy]``. Raises PolicyError, and OSError for a missing file."""
    content, table = _read_toml(path, states)
    if table is None:
        problem = PolicyProblem(path, None, "it has no table [tool.wa-policy]", "write one, or name another policy")
        raise PolicyError(problem)
    return _from_table(path, content, table, states)


def _read_toml(path: str, states: dict[str, str]) -> tuple[str, dict[str, Any] | None]:
    """A TOML file's text, and its table ``[tool.wa-policy]`` if it has one."""
    import json
    import tomllib

    try:
        content = content_of(path, states).decode("utf-8-sig")  # some editors begin with a mark
        tool = tomllib.loads(content).get("tool")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(PolicyProblem(path, None, f"this is not TOML: {error}", "mend the file")) from None
    except RecursionError:
        message = "this is not TOML: it is nested too deeply"
        raise PolicyError(PolicyProblem(path, None, message, "mend the file")) from None
    table = tool.get("wa-policy") if isinstance(tool, dict) else None
    if table is None:
        return content, None
    if not isinstance(table, dict):
        raise PolicyError(PolicyProblem(path, None, "tool.wa-policy is no table", "write [tool.wa-policy], once"))
    try:
        # Through JSON, since TOML has dates of its own, and the schema knows dates as text.
        return content, json.loads(json.dumps(table, default=str, allow_nan=False))
    except ValueError:
        message = "nan and inf are no numbers that anything could be compared with"
        raise PolicyError(PolicyProblem(path, None, message, "write a number")) from None


def _from_table(path: str, content: str, table: dict[str, Any], states: dict[str, str]) -> PolicyText:
    source = Source(content)

    @cache
    def places() -> Mapping[Route, tuple[int, int]]:
        from wa_policy.policy.toml_places import places_in  # only for what is told of a place

        return places_in(content)

    def locate(route: Route, on_key: bool = False) -> Span:
        """The place of a key, or of a list's item; of what is not written, that of what it would be in."""
        del on_key
        whole = ("tool", "wa-policy", *route)
        while whole not in places():
            whole = whole[:-1]
        return source.span(*places()[whole])

    data = {"apiVersion": "wa-policy/v1", "kind": "Policy", "metadata": {"name": "pyproject"}, **table}
    return _checked(PolicyText(os.path.abspath(path), "", path, path, _folder(path), data, locate, states))


def _checked(text: PolicyText) -> PolicyText:
    """A policy under its own name, once its shape is known to be right. Raises PolicyError, with what is left of it."""
    # The packs are held against the schema by a test, which spares every run what a validator costs.
    if text.origin != BUNDLED and (found := violations(text.data, "policy")):
        from wa_policy.policy.remains import without_faults  # of a policy that has some

        problems = [text.problem(item.route, item.message, item.remedy, key=item.on_key) for item in found]
        data = without_faults(text.data, found)
        raise PolicyError(*problems, rest=None if data is None else _named(text._replace(data=data)))
    return _named(text)


def _named(text: PolicyText) -> PolicyText:
    return text._replace(name=text.data["metadata"]["name"])
