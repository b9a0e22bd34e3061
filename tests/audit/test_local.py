"""What a word names on this machine, by folder or by pattern: nothing that may have been meant is left out in silence."""

from __future__ import annotations

import errno
import glob
import os
from typing import TYPE_CHECKING

import pytest

from tests.audit.refusals import refusal_of
from wa_policy.audit import local

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Any

LISTED = "mend the folder's permissions, or name the files one by one"
FILES = ("d/a.csv", "d/_b.csv", "d/.c.csv", "d/one/e.csv", "d/one/deep/f.csv", "d/_tmp/g.csv", "d/.tmp/h.csv", "x.csv")


@pytest.fixture
def folder(in_folder: Path) -> Path:
    """A folder with files, some of whose names say that they are no data."""
    for name in FILES:
        path = in_folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("ID\n")
    return in_folder


def found(word: str) -> list[str]:
    return [path for path, _ in local.find(word)]


def refused(word: str) -> list[tuple[str, str, int]]:
    return refusal_of(lambda: local.find(word))


def denied(monkeypatch: pytest.MonkeyPatch, *folders: str) -> None:
    """Let nobody list these folders, not even root, whom permissions do not stop."""
    listed = os.scandir

    def scandir(path: Any = ".") -> Iterator[os.DirEntry[str]]:
        if os.path.normpath(path) in folders:
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)


def silenced(monkeypatch: pytest.MonkeyPatch, name: str, silent: str) -> None:
    """Let os.stat or os.lstat tell nothing of a path, as if the folder that it is in could only be listed."""
    told = getattr(os, name)

    def ask(path: Any, **more: Any) -> os.stat_result:
        if path == silent:
            raise PermissionError(errno.EACCES, "Permission denied", path)
        answer: os.stat_result = told(path, **more)
        return answer

    monkeypatch.setattr(os, name, ask)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("word", "paths"),
    [
        ("d", ["d/one"]),
        ("d/", ["d/one"]),
        ("d/**", ["d/one"]),
        ("**/*.csv", ["d/one"]),
        ("d/*/*.csv", ["d/one"]),
        ("d/o?e/*", ["d/one"]),
        ("d/one/*.csv", ["d/one"]),
        ("d/**/f.csv", ["d/one/deep", "d/one"]),
    ],
)
def test_a_folder_that_cannot_be_listed_is_said_so(
    word: str, paths: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    denied(monkeypatch, *paths)
    assert refused(word) == [(f"{paths[-1]}: it cannot be read: Permission denied", LISTED, 3)]


@pytest.mark.usefixtures("folder")
def test_the_folder_that_is_named_is_not_called_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    denied(monkeypatch, "d", ".")
    assert refused("d") == [("d: it cannot be read: Permission denied", LISTED, 3)]
    assert refused("*.csv") == [(".: it cannot be read: Permission denied", LISTED, 3)]


@pytest.mark.usefixtures("folder")
def test_all_folders_that_cannot_be_listed_are_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    denied(monkeypatch, "d/one/deep", "d/_tmp")
    os.symlink("nowhere.csv", "d/link.csv")
    assert refused("d") == [
        ("d/one/deep: it cannot be read: Permission denied", LISTED, 3),
        ("d/link.csv: the link leads to no file", "mend the link, or remove it", 2),
    ]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("word", ["d/*.csv", "x*", "d/*/e.csv", "*.csv"])
def test_what_is_not_asked_for_need_not_be_readable(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fit = found(word)
    denied(monkeypatch, "d/one", "d/one/deep", "d/_tmp")
    assert found(word) == fit


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("word", "path"),
    [
        ("d", "d/link"),
        ("d/*/e.csv", "d/link"),
        ("d/**/link", "d/link"),
        ("d/**/f.csv", "d/link"),
        ("d/*/e.csv", "d/one/e.csv"),
        ("d/one/*/f.csv", "d/one/deep/f.csv"),
        ("d/one/deep/*.csv", "d/one/deep"),
    ],
)
def test_a_path_that_the_machine_tells_nothing_of_is_said_so(
    word: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if path == "d/link":
        os.symlink("one", path)
    for name in ("stat", "lstat"):
        silenced(monkeypatch, name, path)
    assert refused(word) == [
        (f"{path}: it cannot be read: Permission denied", "mend the file's permissions, or name another file", 3)
    ]


@pytest.mark.usefixtures("folder")
def test_a_linked_folder_in_a_folder_is_said_so() -> None:
    os.mkdir("else")
    os.rename("x.csv", "else/x.csv")
    os.symlink("../else", "d/link")
    os.symlink("../else", "d/_link")
    os.symlink("../../else", "d/_tmp/link")
    assert refused("d") == [
        (
            "d/link: this is a link to a folder, and links to folders are not followed",
            "name it as a pattern, which follows them: 'd/**'; or name the files one by one",
            2,
        )
    ]
    assert found("d/**") == ["d/a.csv", "d/link/x.csv", "d/one/deep/f.csv", "d/one/e.csv"]
    assert found("d/link") == ["d/link/x.csv"]


def test_the_pattern_that_follows_links_is_the_folder_that_was_named(in_folder: Path) -> None:
    (in_folder / "d[1]").mkdir()
    (in_folder / "else").mkdir()
    (in_folder / "else" / "x.csv").write_text("ID\n")
    (in_folder / "d[1]" / "link").symlink_to("../else")
    ((_, remedy, _),) = refused("d[1]")
    assert remedy == "name it as a pattern, which follows them: 'd[[]1]/**'; or name the files one by one"
    assert found("d[[]1]/**") == ["d[1]/link/x.csv"]


@pytest.mark.usefixtures("folder")
def test_a_pattern_follows_each_link_once_also_in_a_circle() -> None:
    os.symlink("..", "d/one/back")
    os.symlink("deep", "d/one/again")
    os.symlink("../one", "d/one/deep/up")
    assert found("d/**/*.csv") == ["d/a.csv", "d/one/deep/f.csv", "d/one/e.csv"]


@pytest.mark.usefixtures("folder")
def test_a_link_to_itself_is_said_so() -> None:
    os.symlink("self", "d/self")
    assert refused("d/**/*.csv") == [
        (
            "d/self: it cannot be read: Too many levels of symbolic links",
            "mend the file's permissions, or name another file",
            3,
        )
    ]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("word", "paths"),
    [
        ("d", ["d/a.csv", "d/one/e.csv", "d/one/deep/f.csv"]),
        ("d/_tmp", ["d/_tmp/g.csv"]),
        ("d/_b.csv", ["d/_b.csv"]),
        ("d/*", ["d/a.csv"]),
        ("d/*.csv", ["d/a.csv"]),
        ("d/?b.csv", None),
        ("d/[_.]b.csv", None),
        ("d/_*.csv", ["d/_b.csv"]),
        ("d/.*.csv", ["d/.c.csv"]),
        ("d/**", ["d/a.csv", "d/one/deep/f.csv", "d/one/e.csv"]),
        ("d/**/*.csv", ["d/a.csv", "d/one/deep/f.csv", "d/one/e.csv"]),
        ("d/**/_*.csv", ["d/_b.csv"]),
        ("d/**/_tmp/*.csv", ["d/_tmp/g.csv"]),
        ("d/*/*.csv", ["d/one/e.csv"]),
        ("d/_*/*.csv", ["d/_tmp/g.csv"]),
        ("d/.t*/*", ["d/.tmp/h.csv"]),
        ("**/**/[ef].csv", ["d/one/deep/f.csv", "d/one/e.csv"]),
        ("./*.csv", ["./x.csv"]),
        ("d/*/", None),
        ("nowhere/*.csv", None),
        ("x.csv/*.csv", None),
        ("a\0/*.csv", None),
        ("*/a\0.csv", None),
    ],
)
def test_names_that_begin_with_a_dot_or_an_underscore_have_to_be_asked_for(word: str, paths: list[str] | None) -> None:
    if paths is None:
        message = f"{word}: no file fits this pattern"
        assert refused(word) == [(message, "mend the path, or name the files one by one", 2)]
    else:
        assert found(word) == paths


def test_patterns_are_pythons(in_folder: Path) -> None:
    for name in ("a", "a/b", "a/b/a", "ab", "b/a", "b/b/b"):
        (in_folder / "t" / name).mkdir(parents=True, exist_ok=True)
        for file in ("a.csv", "ab.csv", "b[1].csv", "B.CSV"):
            (in_folder / "t" / name / file).write_text("ID\n")
    for parts in ("*", "**", "a", "a*", "*b", "[ab]", "[!a]", "?b"):
        for last in ("*", "**", "a*.csv", "?.csv", "*.CSV", "*[[]1*", "*[!b].csv", "**.csv", "ab.csv"):
            for word in (f"t/{parts}/{last}", f"t//{parts}/**/{last}", f"{in_folder}/t/**/{parts}/{last}"):
                fit = sorted({path for path in glob.glob(word, recursive=True) if not os.path.isdir(path)})
                assert (found(word) if fit else refused(word)[0][2]) == (fit or 2), word


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("word", ["d", "d/**/*.csv"])
def test_the_command_ends_with_it(
    word: str, run: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    denied(monkeypatch, "d/one")
    code, _, err = run("audit", "opt-in", "--workspace", "acme", "--moengage", word, "--out", "o.json")
    assert (code, err.splitlines()[0]) == (3, "wa-policy: d/one: it cannot be read: Permission denied")
    assert not os.path.exists("o.json")
