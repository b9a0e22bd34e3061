"""Which files are manifests: those named, and in the folders named, all YAML files and the JSON files that say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.records import NamedTuple
from wa_policy.source.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Found(NamedTuple):
    """A file to check: its path as the user would write it, whether the user named it, and what bounds its references."""

    path: str
    named: bool
    root: str


class Missing(NamedTuple):
    """A path that leads to nothing that can be checked, and why."""

    path: str
    reason: str


def discover(paths: Iterable[str]) -> Iterator[Found | Missing]:
    """Find manifests, sorted within each folder, each file once however often it is named.

    A folder is searched to the bottom for files that end in .yaml, .yml or .json; hidden files and folders are passed over, and
    links to folders are not followed. A folder without any such file is missing something, not empty.
    """
    for item in walk(paths):
        yield Found(*item) if len(item) == 3 else Missing(*item)
