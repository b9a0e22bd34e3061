"""Dated facts: what Meta, MoEngage and the BSPs change, read from ``policies/facts/`` and from what a policy overrides."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import wa_policy.policies
from wa_policy.policy.model import PolicyError, PolicyProblem
from wa_policy.records import NamedTuple
from wa_policy.source.reading import read
from wa_policy.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wa_policy.findings import Certainty

FOLDER = os.path.join(os.path.dirname(wa_policy.policies.__file__), "facts")


class Facts(NamedTuple):
    """One file of facts: its values, when they were last read at their source, how sure that source is, and where it is."""

    values: Mapping[str, Any]
    as_of: str
    certainty: Certainty
    sources: tuple[str, ...]
    origin: str
    title: str = ""


def file_of(name: str) -> str:
    """Where the bundled facts of a name are kept."""
    return os.path.join(FOLDER, f"{name}.yaml")


def bundled_names() -> list[str]:
    """Names of all bundled facts files, sorted."""
    return sorted(entry.removesuffix(".yaml") for entry in os.listdir(FOLDER) if entry.endswith(".yaml"))


def load(name: str) -> Facts:
    """Read the bundled facts of a name. Raises LookupError when there are none, PolicyError when the file is broken."""
    path = file_of(name)
    try:
        with open(path, "rb") as file:
            reading = read(file.read(), path)
    except FileNotFoundError:
        raise LookupError(f'there are no facts named "{name}"{did_you_mean(name, bundled_names())}') from None
    if reading.troubles:
        raise PolicyError(*(PolicyProblem(path, trouble.span, trouble.message) for trouble in reading.troubles))
    data = reading.documents[0].data
    return Facts(
        data["values"], str(data["as_of"]), data["certainty"], tuple(data["sources"]), "bundled", data["title"]
    )


class Bundled(dict[str, Facts]):
    """The bundled facts by name, each read when it is first asked for."""

    def __missing__(self, name: str) -> Facts:
        self[name] = load(name)
        return self[name]


def look_up(path: str, facts: Mapping[str, Facts]) -> Any:
    """The value that a dotted path names: a file, then keys inside its values. Raises LookupError where it leads nowhere."""
    name, *keys = path.split(".")
    value: Any = facts[name].values
    for length, key in enumerate(keys, start=1):
        if not isinstance(value, dict) or key not in value:
            known = value if isinstance(value, dict) else ()
            raise LookupError(f'the facts "{name}" have no value "{".".join(keys[:length])}"{did_you_mean(key, known)}')
        value = value[key]
    return value
