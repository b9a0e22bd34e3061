"""A file is replaced as a whole, and stays what it was in all but its content."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from wa_policy.source.replace import replace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "old.txt"
    path.write_bytes(b"old")
    return path


def test_the_mode_is_kept(old: Path) -> None:
    old.chmod(0o640)
    replace(str(old), b"new\r\n")
    assert old.read_bytes() == b"new\r\n"
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert os.listdir(old.parent) == ["old.txt"]


def test_a_new_file_has_the_mode_that_new_files_have(tmp_path: Path) -> None:
    replace(str(tmp_path / "ours"), b"new")
    (tmp_path / "theirs").write_bytes(b"new")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "theirs").stat().st_mode


def test_a_link_stays_one(old: Path) -> None:
    link = old.with_name("link")
    link.symlink_to("old.txt")
    replace(str(link), b"new")
    assert (link.is_symlink(), old.read_bytes()) == (True, b"new")


def test_what_goes_wrong_leaves_the_old_file_and_nothing_else(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        assert stat.S_IMODE(next(old.parent.glob("*.new")).stat().st_mode) == 0o600
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        replace(str(old), b"new")
    assert old.read_bytes() == b"old"
    assert os.listdir(old.parent) == ["old.txt"]


def test_what_a_killed_run_left_does_no_harm(old: Path) -> None:
    """In a container every run may have the same number."""
    left = old.with_name(f"old.txt.{os.getpid()}.new")
    left.write_bytes(b"half")
    replace(str(old), b"new")
    assert (old.read_bytes(), left.read_bytes()) == (b"new", b"half")


def test_what_somebody_else_is_writing_is_left_alone(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = old.with_name(f"old.txt.{'00' * 6}.new")
    theirs.write_bytes(b"theirs")
    random = iter([bytes(6), bytes(6), bytes([1] * 6)])
    monkeypatch.setattr(os, "urandom", lambda _: next(random))
    replace(str(old), b"new")
    assert (old.read_bytes(), theirs.read_bytes()) == (b"new", b"theirs")
    assert list(random) == []
    assert len(os.listdir(old.parent)) == 2
