"""Where the files of an audit are: on this machine, or at an address that Spark reads; and what an audit asks of either."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from wa_policy.audit.errors import wrong_use
from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence
    from typing import BinaryIO

    from wa_policy.audit.digests import Digest

    See = Callable[[bytes], None]

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/")  # one letter alone is a drive of Windows
_AUTHORITY = re.compile(r"[^:/]+://([^/]*)")
_QUERY = re.compile(r"\?[^/]*=")  # a ? alone is part of a pattern
_WITH_CONTAINER = frozenset({"abfs", "abfss", "wasb", "wasbs"})
"""Where what stands before the @ is no login name but a container: ``abfss://container@account.dfs.core.windows.net/``."""


class State(NamedTuple):
    """What a file is, as far as one can tell without reading it: another state, another content."""

    identity: tuple[object, ...]
    """The same for all names of one file."""
    size: int
    changed: int
    """When it was written last, in the storage's own unit."""


class Storage(Protocol):
    """A place that files are in. All but ``find`` may also raise OSError, where the operating system has a word for it."""

    def find(self, word: str) -> Sequence[tuple[str, State]]:
        """The files that a word names, itself, as a folder or as a pattern: never none. Raises AuditError."""

    def state(self, path: str) -> State:
        """What a file is now. Raises AuditError."""

    def open_file(self, path: str) -> BinaryIO:
        """The bytes of a file, from its beginning. Raises AuditError, also while they are read."""

    def digest(self, path: str, stop: threading.Event, see: See | None = None, /) -> Digest | None:
        """The digest of a file; None if it was to ``stop`` before its end. Raises AuditError, and what ``see`` raises.

        ``see`` is shown the bytes by a storage that has them here. Spark alone reads any other, and needs no such look.
        """


Where = Callable[[str], Storage]
"""Which storage a path or a word for paths is in. Raises AuditError for one that the engine has no access to."""


def scheme(word: str) -> str:
    """The scheme of an address in lower case, such as ``s3a``; "" for a path of this machine."""
    match = _ADDRESS.match(word)
    return match[1].lower() if match else ""


def local_path(word: str) -> str:
    """The path that ``file:///data/users.csv`` is on this machine; any other word as it is."""
    return re.sub(r"^file:(?:///*)?(?=/)", "", word, flags=re.IGNORECASE)


def refuse_secrets(word: str) -> None:
    """Raise AuditError for an address with a password or a signature: it would stand in evidence, messages and logs.

    What is refused is not repeated, but for its scheme: where a secret ends in a malformed address, nobody can say.
    """
    kind = scheme(word)
    if not kind:
        return
    match = _AUTHORITY.match(word)
    *login, host = match[1].split("@") if match else [""]
    named = kind in _WITH_CONTAINER and len(login) == 1 and ":" not in login[0]
    if (login and not named) or not re.fullmatch(r"(?:\[[0-9A-Fa-f:.%]*\]|[^:]*)(?::[0-9]*)?", host):
        raise wrong_use(
            f"an address that begins with {kind}: holds a user's name or a password, which would stand in the evidence",
            "take out what stands before the @, and put it into Spark's configuration (spark-defaults.conf)",
        )
    if _QUERY.search(word):
        raise wrong_use(
            f"an address that begins with {kind}: has a query, which may hold a signature, and would stand in the evidence",
            "name the file itself, and put what gives access to it into Spark's configuration (spark-defaults.conf)",
        )
