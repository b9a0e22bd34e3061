"""Digests are those of the files, taken beside the work; a file that changes meanwhile is noticed."""

from __future__ import annotations

import hashlib
import os
import threading
from typing import TYPE_CHECKING

import pytest

from wa_policy.audit import local
from wa_policy.audit.digests import Digest, Digests
from wa_policy.audit.errors import AuditError
from wa_policy.audit.inputs import on_this_machine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from wa_policy.audit.storage import See

CHANGED = (
    "users.csv: the file changed while it was read, so what was counted is of no file that exists",
    "wait until the export is complete, or audit a copy of it",
    3,
)


def digests(*names: str) -> Digests:
    return Digests({name: local.state(name) for name in names}, on_this_machine)


@pytest.fixture
def users(in_folder: Path) -> Path:
    path = in_folder / "users.csv"
    path.write_bytes(b"ID\n" * 1_000_000)
    return path


def test_digests_are_those_of_the_files(users: Path) -> None:
    other = users.with_name("empty.csv")
    other.write_bytes(b"")
    with digests("users.csv", "empty.csv") as made:
        assert made.finish() == {
            "users.csv": Digest(hashlib.sha256(users.read_bytes()).hexdigest(), 3_000_000),
            "empty.csv": Digest(hashlib.sha256(b"").hexdigest(), 0),
        }


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"1")


def rewrite(path: Path) -> None:
    """Other bytes, as many: only the time tells."""
    content = path.read_bytes().replace(b"ID", b"id")
    path.write_bytes(content)
    os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns + 1))


def replace(path: Path) -> None:
    """Another file of the same size and time."""
    state = path.stat()
    new = path.with_name("new")
    new.write_bytes(b"id\n" * 1_000_000)
    os.utime(new, ns=(state.st_atime_ns, state.st_mtime_ns))
    new.replace(path)


def remove(path: Path) -> None:
    path.unlink()


def at_work() -> list[threading.Thread]:
    """The threads that take digests."""
    return [thread for thread in threading.enumerate() if thread.name == "digests"]


@pytest.mark.parametrize("change", [grow, rewrite, replace, remove])
def test_a_change_after_the_digest_is_noticed(change: Callable[[Path], None], users: Path) -> None:
    made = digests("users.csv")
    with made:
        for thread in at_work():
            thread.join()
        change(users)
        with pytest.raises(AuditError) as refusal:
            made.finish()
    assert refusal.value.troubles == (CHANGED,)


@pytest.mark.parametrize("change", [grow, rewrite, replace])
def test_a_change_before_the_digest_is_noticed(change: Callable[[Path], None], users: Path) -> None:
    made = digests("users.csv")
    change(users)
    with made, pytest.raises(AuditError) as refusal:
        made.finish()
    assert refusal.value.troubles == (CHANGED,)


def test_a_file_that_goes_before_the_digest(users: Path) -> None:
    made = digests("users.csv")
    users.unlink()
    with made, pytest.raises(AuditError) as refusal:
        made.finish()
    assert refusal.value.troubles == (
        (
            "users.csv: it cannot be read: No such file or directory",
            "see that the file stays where it is while it is counted",
            3,
        ),
    )


def test_leaving_early_stops_the_work(users: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = threading.Event()
    digest = local.digest

    def begin_and_wait(path: str, stop: threading.Event, see: See | None = None) -> Digest | None:
        started.set()
        stop.wait()
        return digest(path, stop, see)

    monkeypatch.setattr(local, "digest", begin_and_wait)
    with digests(str(users)) as made:
        started.wait()
    assert at_work() == []
    assert made.finish() == {}  # nothing half-done is taken for whole
