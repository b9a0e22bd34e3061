"""Policies as people write them: bundled packs, ``wa-policy.yaml``, ``[tool.wa-policy]``, or a file named on the command line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

import wa_policy.policies
from wa_policy.policy.model import DEFAULT_PACK, PACKS, PolicyError, PolicyProblem
from wa_policy.schema.validate import violations
from wa_policy.source.document import read
from wa_policy.source.spans import Span
from wa_policy.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable

    from wa_policy.source.spans import Route

FILE_NAME = "wa-policy.yaml"
TABLE = b"[tool.wa-policy"


class PolicyText(NamedTuple):
    """One policy as written, checked against its schema.

    ``identity`` tells two apart, ``origin`` is what a report calls it, ``folder`` is what its relative paths start from;
    ``locate`` finds a route's span in ``path``.
    """

    identity: str
    name: str
    origin: str
    path: str
    folder: str
    data: dict[str, Any]
    locate: Callable[[Route, bool], Span]

    @property
    def extends(self) -> list[str]:
        """The policies that this one extends; one that does not say extends ``go-live``."""
        extends = self.data.get("extends", DEFAULT_PACK)
        return [extends] if isinstance(extends, str) else extends

    def problem(self, route: Route, message: str, remedy: str = "", *, key: bool = False) -> PolicyProblem:
        """A mistake at a place in this policy."""
        return PolicyProblem(self.path, self.locate(route, key), message, remedy)


def load_text(reference: str, relative_to: PolicyText | None = None, route: Route = ()) -> PolicyText:
    """Load the policy that a word means: a pack's name, or a file's path. Raises PolicyError."""
    if reference in PACKS:
        path = os.path.join(os.path.dirname(wa_policy.policies.__file__), f"{reference}.yaml")
        return _load_yaml(path, reference, "bundled")
    if os.sep not in reference and "/" not in reference and not reference.endswith((".yaml", ".yml", ".json", ".toml")):
        message = f'there is no policy named "{reference}"{did_you_mean(reference, PACKS)}'
        remedy = f"a policy is one of {', '.join(PACKS)}, or the path of a file"
        raise PolicyError(_blame(relative_to, route, reference, message, remedy))
    path = reference if relative_to is None else os.path.normpath(os.path.join(relative_to.folder, reference))
    try:
        return load_toml(path) if path.endswith(".toml") else _load_yaml(path, os.path.abspath(path), path)
    except OSError as error:
        message = f'the policy "{reference}" cannot be read: {error.strerror}'
        raise PolicyError(
            _blame(relative_to, route, reference, message, "mend the path, or the file's permissions")
        ) from None


def discover(folder: str) -> PolicyText | None:
    """The nearest ``wa-policy.yaml`` or ``[tool.wa-policy]``, from a folder upwards to the repository's root.

    The way up ends at a folder that holds ``.git``, or at the top of the file system.
    """
    here = os.path.abspath(folder)
    while True:
        path = os.path.join(here, FILE_NAME)
        if os.path.isfile(path):
            return load_text(os.path.relpath(path))
        path = os.path.join(here, "pyproject.toml")
        if os.path.isfile(path) and _has_table(path):
            return load_toml(os.path.relpath(path))
        above = os.path.dirname(here)
        if above == here or os.path.exists(os.path.join(here, ".git")):
            return None
        here = above


def _has_table(path: str) -> bool:
    with open(path, "rb") as file:
        return TABLE in file.read()


def _blame(text: PolicyText | None, route: Route, path: str, message: str, remedy: str) -> PolicyProblem:
    return PolicyProblem(path, None, message, remedy) if text is None else text.problem(route, message, remedy)


def _load_yaml(path: str, identity: str, origin: str) -> PolicyText:
    with open(path, "rb") as file:
        reading = read(file.read(), path)
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
    name = document.data.get("metadata", {}).get("name", identity) if isinstance(document.data, dict) else identity
    text = PolicyText(
        identity, name, origin, path, os.path.dirname(os.path.abspath(path)), document.data, document.locate
    )
    _check(text)
    return text


def load_toml(path: str) -> PolicyText:
    """Load the policy in a TOML file's ``[tool.wa-policy]``. Raises PolicyError, and OSError for a missing file."""
    import json
    import tomllib

    with open(path, "rb") as file:
        content = file.read()
    try:
        tables = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(PolicyProblem(path, None, f"this is not TOML: {error}", "mend the file")) from None
    table = tables.get("tool", {}).get("wa-policy")
    if not isinstance(table, dict):
        raise PolicyError(
            PolicyProblem(path, None, "it has no table [tool.wa-policy]", "write one, or name another policy")
        )
    # Through JSON, since TOML has dates of its own, and the schema knows dates as text.
    table = json.loads(json.dumps(table, default=str))
    data = {"apiVersion": "wa-policy/v1", "kind": "Policy", "metadata": {"name": "pyproject"}, **table}
    lines = content.decode("utf-8").splitlines()

    def locate(route: Route, on_key: bool = False) -> Span:
        """TOML's reader keeps no places: the line that first writes the nearest key is shown."""
        del on_key
        for step in reversed(route):
            for number, line in enumerate(lines, 1):
                column = line.find(str(step))
                if column >= 0 and isinstance(step, str):
                    return Span(number, column + 1, number, column + 1 + len(step))
        number = next(number for number, line in enumerate(lines, 1) if line.strip().startswith(TABLE.decode()))
        return Span(number, 1, number, len(lines[number - 1]) + 1)

    text = PolicyText(
        os.path.abspath(path), "pyproject", path, path, os.path.dirname(os.path.abspath(path)), data, locate
    )
    _check(text)
    return text


def _check(text: PolicyText) -> None:
    found = violations(text.data, "policy")
    if found:
        raise PolicyError(
            *(
                text.problem(violation.route, violation.message, violation.remedy, key=violation.on_key)
                for violation in found
            )
        )
