"""Digests and states: what differs for a reader differs here."""

import os
import sys
import tempfile
from hashlib import blake2b
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_policy.cache import digests
from wa_policy.cache.digests import (
    LISTING,
    SIZE,
    content_of,
    digest,
    digest_of,
    real_path,
    stamps_of_code,
    stamps_of_packages,
    state_as_read,
    state_of,
)


@given(st.lists(st.binary()), st.lists(st.binary()))
def test_digests_tell_lists_of_parts_apart(first: list[bytes], second: list[bytes]) -> None:
    assert (digest(*first) == digest(*second)) == (first == second)


@pytest.mark.parametrize("size", [(1 << 16) - 1, 1 << 16, 1 << 20])
def test_a_digest_is_of_lengths_and_contents_however_long_they_are(size: int) -> None:
    part = b"x" * size
    assert digest(b"a", part) == blake2b(b"1:a%d:%b" % (size, part), digest_size=SIZE).hexdigest()


def test_digests_tell_values_apart() -> None:
    values = [1, "1", None, "None", True, (1,), [1], "\ud800", ("a", "b"), ("a, 'b'",)]
    assert len({digest_of(value) for value in values}) == len(values)
    assert digest_of("a", "b") != digest_of("ab")


def test_every_state_of_a_path_is_another(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    states = [state_of(str(path), 10)]
    for text in ("", "x", "y", "0123456789a"):
        path.write_text(text)
        states.append(state_of(str(path), 10))
    path.unlink()
    path.mkdir()
    states.append(state_of(str(path), 10))
    path.rmdir()
    (tmp_path / "b.json").write_text("x")
    path.symlink_to("b.json")
    states.append(state_of(str(path), 10))
    path.unlink()
    path.symlink_to("a.json")
    states.append(state_of(str(path), 10))
    assert len(set(states)) == len(states)
    assert state_of("a\0b", 10) == "no-path"
    path.unlink()
    assert state_of(str(path), 10) == states[0]


def test_what_is_never_read_makes_no_difference(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("0123456789ab")
    before = state_of(str(path), 10)
    path.write_text("0123456789ac")
    assert state_of(str(path), 10) == before


@pytest.mark.parametrize("change", ["edit", "add", "remove", "touch"])
def test_code_that_changes_has_another_stamp(change: str, tmp_path: Path) -> None:
    for name in ("__init__.py", "sub/a.py", "sub/b.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
        os.utime(tmp_path / name, (1, 1))
    before = stamps_of_code(str(tmp_path / "__init__.py"))
    (tmp_path / "__pycache__").mkdir()
    assert stamps_of_code(str(tmp_path / "__init__.py")) == before
    if change == "edit":
        (tmp_path / "sub" / "a.py").write_text("xy")
    elif change == "add":
        (tmp_path / "sub" / "c.py").write_text("")
    elif change == "remove":
        (tmp_path / "sub" / "b.py").unlink()
    else:
        os.utime(tmp_path / "sub" / "a.py", (2, 2))
    assert stamps_of_code(str(tmp_path / "__init__.py")) != before


def test_python_without_docstrings_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    before = stamps_of_packages()
    assert stamps_of_packages() == before
    flags = SimpleNamespace(optimize=sys.flags.optimize + 1)
    monkeypatch.setattr(digests, "sys", SimpleNamespace(version=sys.version, path=sys.path, flags=flags))
    assert stamps_of_packages() != before


def test_a_listing_tells_files_folders_and_links_apart(tmp_path: Path) -> None:
    def listed() -> str:
        return state_of(str(tmp_path / "top"), LISTING)

    (tmp_path / "top").mkdir()
    (tmp_path / "beside").mkdir()
    states = [listed()]
    (tmp_path / "top" / "a").write_text("x")
    states.append(listed())
    (tmp_path / "top" / "a").unlink()
    (tmp_path / "top" / "a").mkdir()
    states.append(listed())
    (tmp_path / "top" / "a").rmdir()
    (tmp_path / "top" / "a").symlink_to(tmp_path / "beside")
    states.append(listed())
    (tmp_path / "top" / "__pycache__").mkdir()
    assert listed() == states[-1]
    assert len(set(states)) == len(states)


@pytest.mark.parametrize("kind", ["file", "pipe"])
def test_the_state_of_what_was_read_is_that_of_the_path(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    if kind == "file":
        path.write_bytes(b"0123456789abc")
    else:
        os.mkfifo(path)
    (tmp_path / "link").symlink_to("a")
    for name in ("a", "link"):
        full = str(tmp_path / name)
        assert state_as_read(full, os.stat(full).st_mode, b"0123456789a") == state_of(full, 10)


@given(st.binary(max_size=40), st.integers(0, 45))
def test_of_a_file_as_much_is_read_as_tells_that_it_is_too_large(content: bytes, most: int) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        assert content_of(file.name, most) == content[: most + 1]


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="there is no file that hides its size")
def test_a_file_that_says_that_it_is_empty_is_read_all_the_same() -> None:
    assert os.stat("/proc/self/status").st_size == 0
    assert content_of("/proc/self/status", 10_000).count(b"\n") > 10
    assert len(content_of("/proc/self/status", 10)) == 11


STEPS = ("folder", "file", "to_file", "to_folder", "to_nothing", "missing", "..", ".", "")


@given(steps=st.lists(st.sampled_from(STEPS), min_size=1, max_size=5), absolute=st.booleans())
def test_a_real_path_is_the_systems_own(steps: list[str], absolute: bool, tree: Path) -> None:
    path = "/".join([str(tree) if absolute else os.path.relpath(tree), *steps])
    folders: dict[str, str] = {}
    assert real_path(path, folders) == os.path.realpath(path) == real_path(path, folders)
    assert (state_of(path, 10, folders) == state_of(os.path.realpath(path), 10)) or not os.path.exists(path)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("tree")
    for folder in (top, top / "folder"):
        folder.mkdir(exist_ok=True)
        (folder / "file").write_text(str(folder))
        (folder / "to_file").symlink_to("file")
        (folder / "to_folder").symlink_to(top / "folder")
        (folder / "to_nothing").symlink_to("nothing")
    return top
