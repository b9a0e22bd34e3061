"""Files of the cache: what is read is what was kept, or nothing."""

import os
import pwd
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest

from wa_policy.cache import files

KEY = "0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WA_POLICY_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_what_was_kept_is_recalled() -> None:
    assert files.recall("run", KEY) is None
    assert files.keep("run", KEY, {"a": [1, None, "ü\ud800"]})
    assert files.recall("run", KEY) == {"a": [1, None, "ü\ud800"]}
    assert files.recall("results", KEY) is None


def test_nothing_is_written_through_a_link(cache: Path, tmp_path: Path) -> None:
    """Whoever may write into a shared folder can put links there, under names that can be guessed."""
    victim = tmp_path / "victim"
    victim.write_text("precious")
    cache.mkdir()
    for name in (files.path_of("run", KEY), f"{files.path_of('run', KEY)}.{os.getpid()}"):
        Path(name).symlink_to(victim)
    assert files.keep("run", KEY, 1)
    assert victim.read_text() == "precious"
    assert files.recall("run", KEY) == 1


def test_only_the_user_may_read_it(cache: Path) -> None:
    files.keep("run", KEY, 1)
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    (path,) = cache.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_every_cut_and_every_changed_byte_makes_it_nothing(cache: Path) -> None:
    files.keep("run", KEY, {"verdict": "NOT READY", "n": 1})
    (path,) = cache.iterdir()
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert files.recall("run", KEY) is None
    for index in range(len(whole)):
        path.write_bytes(whole[:index] + bytes([whole[index] ^ 1]) + whole[index + 1 :])
        assert files.recall("run", KEY) is None
    path.write_bytes(whole)
    assert files.recall("run", KEY) is not None


def test_another_keys_file_is_nothing(cache: Path) -> None:
    files.keep("run", KEY, 1)
    (path,) = cache.iterdir()
    path.rename(files.path_of("run", KEY[::-1]))
    assert files.recall("run", KEY[::-1]) is None


def test_where_nothing_can_be_written_nothing_is_kept(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.write_text("a file, no folder")
    assert not files.keep("run", KEY, 1)
    assert files.recall("run", KEY) is None
    assert files.kept() == []
    assert files.clear() == (0, [])
    monkeypatch.setenv("WA_POLICY_CACHE_DIR", os.devnull)
    assert not files.keep("run", KEY, 1)


def test_a_replacement_that_fails_leaves_no_half_of_itself(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files.keep("run", KEY, 1)

    def refuse(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(os, "replace", refuse)
    assert not files.keep("run", KEY, 2)
    assert files.recall("run", KEY) == 1
    assert len(list(cache.iterdir())) == 1


def test_an_interrupted_replacement_leaves_no_half_of_itself(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        files.keep("run", KEY, 1)
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("kind", ["a pipe", "a folder", "a device", "a link to a device"])
def test_what_is_no_file_is_nothing(kind: str, cache: Path) -> None:
    cache.mkdir()
    path = files.path_of("run", KEY)
    if kind == "a pipe":
        os.mkfifo(path)
    elif kind == "a folder":
        os.mkdir(path)
    else:
        os.symlink("/dev/zero", path)
    assert files.recall_bytes("run", KEY) is None


def test_what_is_larger_than_anything_kept_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    files.keep_bytes("run", KEY, b"x" * 300)
    monkeypatch.setattr(files, "MOST_BYTES", 300)
    assert files.recall_bytes("run", KEY) == b"x" * 300
    monkeypatch.setattr(files, "MOST_BYTES", 299)
    assert files.recall_bytes("run", KEY) is None
    os.truncate(files.path_of("run", KEY), 1 << 40)  # it takes no room
    assert files.recall_bytes("run", KEY) is None


def test_the_oldest_are_forgotten(cache: Path) -> None:
    for number in range(files.MOST_FILES + 2):
        files.keep("run", f"{number:024}", number)
        os.utime(files.path_of("run", f"{number:024}"), (number, number))
    files.keep("results", KEY, "another kind")
    assert len(list(cache.iterdir())) == files.MOST_FILES + 1
    assert [files.recall("run", f"{number:024}") for number in (0, 1, 2)] == [None, None, 2]
    assert files.recall("results", KEY) == "another kind"


def test_the_largest_are_not_kept(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 300)
    assert not files.keep("run", KEY, "x" * 300)
    for number in range(4):
        files.keep("run", f"{number:024}", "x" * 60)
        os.utime(files.path_of("run", f"{number:024}"), (number, number))
    assert len(list(cache.iterdir())) == 3


def test_clearing_takes_what_is_ours_and_nothing_else(cache: Path) -> None:
    files.keep("run", KEY, 1)
    files.keep("policy", KEY, 1)
    (cache / f"run-{KEY}.cache.4711").write_text("half")
    (cache / "notes.txt").write_text("mine")
    assert files.clear() == (3, [])
    assert [path.name for path in cache.iterdir()] == ["notes.txt"]


def test_clearing_tells_what_it_leaves(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files.keep("run", KEY, 1)
    files.keep("policy", KEY, 1)
    (cache / "results-1.cache").mkdir()
    unlink = os.unlink

    def refuse(path: str) -> None:
        if "policy" in path:
            raise PermissionError(13, "Permission denied", path)
        if "run" in path:
            unlink(path)  # another process is faster
        unlink(path)

    monkeypatch.setattr(os, "unlink", refuse)
    left = [(files.path_of("policy", KEY), "Permission denied"), (str(cache / "results-1.cache"), "it is a folder")]
    assert files.clear() == (0, left)
    assert sorted(path.name for path in cache.iterdir()) == [f"policy-{KEY}.cache", "results-1.cache"]


def test_a_folder_that_cannot_be_listed_is_left(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    files.keep("run", KEY, 1)
    monkeypatch.setattr(os, "scandir", refuse)
    assert files.kept() == []
    assert files.clear() == (0, [(str(cache), "Permission denied")])


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {}, "/home/rosa/.cache/wa-policy"),
        ("linux", {"XDG_CACHE_HOME": "/caches"}, "/caches/wa-policy"),
        ("linux", {"XDG_CACHE_HOME": "caches"}, "/home/rosa/.cache/wa-policy"),
        ("linux", {"XDG_CACHE_HOME": ""}, "/home/rosa/.cache/wa-policy"),
        ("linux", {"HOME": ""}, "/users/rosa/.cache/wa-policy"),
        ("linux", {"HOME": "rosa"}, "/users/rosa/.cache/wa-policy"),
        ("darwin", {"HOME": ""}, "/users/rosa/Library/Caches/wa-policy"),
        ("darwin", {"XDG_CACHE_HOME": "/caches"}, "/home/rosa/Library/Caches/wa-policy"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/wa-policy/Cache"),
        ("win32", {}, "/home/rosa/AppData/Local/wa-policy/Cache"),
        ("linux", {"WA_POLICY_CACHE_DIR": "/elsewhere"}, "/elsewhere"),
    ],
)
def test_it_lies_where_the_platform_keeps_caches(
    platform: str, environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("WA_POLICY_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/rosa")
    monkeypatch.setattr(pwd, "getpwuid", lambda _: SimpleNamespace(pw_dir="/users/rosa"))
    monkeypatch.setattr("sys.platform", platform)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert files.folder() == expected


def test_who_has_no_folder_keeps_nothing(in_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(number: int) -> None:
        raise KeyError(number)

    for name in ("WA_POLICY_CACHE_DIR", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    assert not files.keep("run", KEY, 1)
    assert list(in_folder.iterdir()) == []
