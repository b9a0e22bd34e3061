"""Discovery: which files are found, by which names, and what bounds their references."""

import errno
import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from itertools import permutations
from math import factorial
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_policy.source import walk
from wa_policy.source.discover import Found, Missing, discover


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """``desk/`` is the current folder; beside it lies ``other/``."""
    for name in (
        "desk/a.yaml",
        "desk/sub/b.yml",
        "desk/sub/c.json",
        "desk/sub/d.txt",
        "desk/.hidden/e.yaml",
        "other/f.yaml",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    monkeypatch.chdir(tmp_path / "desk")
    return tmp_path


def test_a_folder_is_searched_to_the_bottom_in_order(tree: Path) -> None:
    here = str(tree / "desk")
    assert list(discover(["."])) == [
        Found("a.yaml", False, here),
        Found(os.path.join("sub", "b.yml"), False, here),
        Found(os.path.join("sub", "c.json"), False, here),
    ]


def test_a_file_is_found_once_however_it_is_named(tree: Path) -> None:
    (tree / "desk" / "link.yaml").symlink_to("a.yaml")
    paths = [found.path for found in discover(["sub/../a.yaml", ".", "link.yaml", str(tree / "desk" / "a.yaml")])]
    assert paths == ["sub/../a.yaml", os.path.join("sub", "b.yml"), os.path.join("sub", "c.json")]


@pytest.mark.parametrize(
    "paths",
    [
        (".", "a.yaml"),
        (".", "link.yaml"),
        ("a.yaml", "link.yaml"),
        (".", "sub", "sub/c.json"),
        ("../other", "../other/deep"),
        ("../other", "../other/deep/g.yaml"),
        (".", "loop", ".hidden"),
        ("nowhere", ".", "sub/d.txt"),
    ],
)
def test_what_is_found_does_not_depend_on_the_order_of_the_paths(paths: Sequence[str], tree: Path) -> None:
    (tree / "other" / "deep").mkdir()
    (tree / "other" / "deep" / "g.yaml").touch()
    (tree / "desk" / "loop").symlink_to(".")
    (tree / "desk" / "link.yaml").symlink_to("a.yaml")
    (tree / "desk" / "one.yaml").symlink_to(".hidden/e.yaml")
    found = list(discover(paths))
    assert [list(discover(others)) for others in permutations(paths)] == [found] * factorial(len(paths))
    named = {os.path.realpath(item.path) for item in found if isinstance(item, Found) and item.named}
    assert named == {os.path.realpath(path) for path in paths if os.path.isfile(path)}


def test_a_named_file_in_a_named_folder_may_refer_to_all_of_the_folder(tree: Path) -> None:
    (tree / "other" / "deep").mkdir()
    (tree / "other" / "deep" / "g.yaml").touch()
    deep = "../other/deep/g.yaml"
    assert Found(deep, True, str(tree / "other")) in list(discover(["../other/deep", deep, "../other"]))
    assert Found(deep, True, str(tree / "other" / "deep")) in list(discover(["../other/deep", deep]))


@pytest.mark.parametrize("written", ["link/..", "./link/..//", "link/./../", "../desk/link/.."])
def test_a_folder_above_where_a_link_leads_is_that_folder(written: str, tree: Path) -> None:
    (tree / "other" / "deep").mkdir()
    (tree / "other" / "real").mkdir()
    (tree / "other" / "real" / "h.yaml").touch()
    (tree / "desk" / "link").symlink_to("../other/deep")
    other = str(tree / "other")
    shown = "../desk/link/.." if "desk" in written else "link/.."
    assert list(discover([written])) == [
        Found(f"{shown}/f.yaml", False, other),
        Found(f"{shown}/real/h.yaml", False, other),
    ]
    assert list(discover([f"{written}/real"])) == [Found(f"{shown}/real/h.yaml", False, f"{other}/real")]
    absolute = os.path.join(str(tree / "desk"), "link", "..")
    assert next(discover([f"{absolute}/"]))[0] == f"{absolute}/f.yaml"


def test_a_folder_is_shown_as_plainly_as_it_can_be(tree: Path) -> None:
    (tree / "desk" / "near").symlink_to("sub")
    for written in ("near/..", "sub/..", "./", ".//."):
        assert next(discover([written]))[0] == "a.yaml"
    assert [item[0] for item in discover(["./sub/../near//"])] == ["near/b.yml", "near/c.json"]


def test_references_stay_in_the_current_folder_or_in_the_one_named(tree: Path) -> None:
    roots = {found.path: found.root for found in discover([".."]) if isinstance(found, Found)}
    assert roots == {
        "../other/f.yaml": str(tree),
        "../desk/a.yaml": str(tree / "desk"),
        "../desk/sub/b.yml": str(tree / "desk"),
        "../desk/sub/c.json": str(tree / "desk"),
    }
    assert list(discover(["../other/f.yaml"])) == [Found("../other/f.yaml", True, str(tree / "other"))]
    assert list(discover(["sub/b.yml"])) == [Found("sub/b.yml", True, str(tree / "desk"))]


def test_a_folder_whose_name_begins_like_the_current_one_is_another(tree: Path) -> None:
    (tree / "desktop").mkdir()
    (tree / "desktop" / "g.yaml").write_text("x")
    assert list(discover(["../desktop"])) == [Found("../desktop/g.yaml", False, str(tree / "desktop"))]


def test_links_lead_where_they_may(tree: Path) -> None:
    work = tree / "desk"
    (work / "sub" / "inside.yaml").symlink_to("../a.yaml")
    (work / "sub" / "outside.yaml").symlink_to(tree / "other" / "f.yaml")
    (work / "sub" / "nowhere.yaml").symlink_to("nothing")
    (work / "sub" / "itself.yaml").symlink_to("itself.yaml")
    (work / "sub" / "itself").symlink_to("itself")
    (work / "sub" / "folder.yaml").symlink_to(tree / "other")
    (tree / "other" / "deep").mkdir()
    (tree / "other" / "deep" / "g.yaml").touch()
    for name in ("brands", ".brands"):
        (work / "sub" / name).symlink_to(tree / "other" / "deep")
    (work / "near").symlink_to("sub")
    (work / "loop").symlink_to(".")
    found = {item.path: item for item in discover(["sub", "loop"])}
    out, lost = "it is a link that leads out of the folder", "it is no file, or a link that leads nowhere"
    assert found["sub/outside.yaml"] == Missing("sub/outside.yaml", out)
    assert found["sub/inside.yaml"] == Missing("sub/inside.yaml", out)  # out of the folder named
    assert found["sub/nowhere.yaml"] == Missing("sub/nowhere.yaml", lost)
    assert found["sub/itself.yaml"] == Missing("sub/itself.yaml", lost)
    elsewhere = "it is a link to a folder elsewhere, which is not followed; name that folder as well"
    assert found["sub/folder.yaml"] == Missing("sub/folder.yaml", elsewhere)
    assert found["sub/brands"] == Missing("sub/brands", elsewhere)
    assert found["loop/sub/brands"] == Missing("loop/sub/brands", elsewhere)
    assert not found.keys() & {"loop/loop", "loop/near", "sub/.brands", "sub/itself"}
    again = {item.path for item in discover(["sub", "../other", "loop"])}
    assert "../other/deep/g.yaml" in again
    assert not again & {"sub/folder.yaml", "sub/brands"}
    assert found["loop/a.yaml"] == Found("loop/a.yaml", False, str(work))  # a link that was named is followed


def test_what_is_missing_is_said(tree: Path) -> None:
    (tree / "desk" / "empty").mkdir()
    os.mkfifo(tree / "desk" / "pipe.yaml")
    os.mkfifo(tree / "desk" / "sub" / "pipe.yaml")
    found = list(discover(["nowhere", "empty", "pipe.yaml", "a\0b"]))
    assert found == [
        Missing("a\0b", "nothing can have such a name"),
        Missing("nowhere", "there is no such file or folder"),
        Missing("pipe.yaml", "it is neither a file nor a folder"),
        Missing("empty", "it holds no file that ends in .yaml, .yml, .json"),
    ]
    assert Missing("sub/pipe.yaml", "it is no file, or a link that leads nowhere") in list(discover(["sub"]))


NAMES = st.sampled_from(["a.yaml", "b.yml", "C.JSON", "d.txt", ".e.yaml"])
FOLDERS = st.sampled_from(["", "sub", "sub/deep", "sub.d", ".hidden", "other"])
PLACES = st.tuples(FOLDERS, NAMES).map("/".join)


def expected(paths: Iterable[str]) -> set[str]:
    """The real paths of all files that are to be found, the plain way: everything is kept, nothing is known from names."""
    found = set()
    for path in paths:
        if os.path.isfile(path):
            found.add(os.path.realpath(path))
        for folder, folders, names in os.walk(path):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                real = os.path.realpath(os.path.join(folder, name))
                inside = real.startswith(os.path.realpath(path) + os.sep)
                if not name.startswith(".") and name.lower().endswith((".yaml", ".yml", ".json")) and inside:
                    found.add(real)
    return found


@given(st.sets(PLACES), st.dictionaries(PLACES, PLACES), st.lists(st.one_of(FOLDERS, PLACES), min_size=1, max_size=4))
def test_each_file_is_found_once(files: set[str], links: dict[str, str], named: list[str]) -> None:
    with tempfile.TemporaryDirectory() as top:
        for path in ("sub/deep", "sub.d", ".hidden", "other"):
            os.makedirs(os.path.join(top, path))
        for path in files:
            Path(top, path.lstrip("/")).touch()
        for link, target in links.items():
            if link not in files and target in files:
                os.symlink(os.path.join(top, target.lstrip("/")), os.path.join(top, link.lstrip("/")))
        paths = [os.path.join(top, path.lstrip("/")) for path in named]
        found = [item for item in discover(paths) if isinstance(item, Found)]
        real = [os.path.realpath(item.path) for item in found]
        assert sorted(real) == sorted(expected(path for path in paths if os.path.exists(path)))


@given(st.sets(st.text("a./-_B", min_size=1, max_size=7), max_size=8), st.sampled_from([1, 2, walk.MANY]))
def test_files_come_by_path(names: set[str], many: int) -> None:
    with tempfile.TemporaryDirectory() as top, mock.patch.object(walk, "MANY", many):
        for name in names:
            path = Path(top, f"x{name.replace('..', '')}.yaml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        paths = [item.path for item in discover([top]) if isinstance(item, Found)]
        assert paths == sorted(expected([top]))


def test_a_file_that_a_search_could_not_reach_is_found_when_it_is_named(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def closed(path: str) -> Any:
        if path == "sub":
            raise PermissionError(errno.EACCES, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    (tree / "desk" / "sub" / "deep").mkdir()
    (tree / "desk" / "sub" / "deep" / "g.yaml").touch()
    here = str(tree / "desk")
    assert list(discover([".", "sub/b.yml", "sub/deep"])) == [
        Found("sub/b.yml", True, here),
        Found("a.yaml", False, here),
        Missing("sub", "Permission denied"),
        Found("sub/deep/g.yaml", False, here),
    ]


def test_a_link_is_passed_over_where_the_search_comes_upon_the_file_itself(tree: Path) -> None:
    for name in ("one.yaml", "two.yaml"):
        (tree / "desk" / name).symlink_to(".hidden/e.yaml")
    (tree / "desk" / "also.yaml").symlink_to("sub/b.yml")
    paths = [item[0] for item in discover(["sub/..", ".hidden"])]
    assert paths == ["a.yaml", "one.yaml", "sub/b.yml", "sub/c.json"]


@pytest.mark.parametrize("what", ["folders", "links"])
def test_what_was_found_before_does_not_slow_down_what_follows(what: str, tmp_path: Path) -> None:
    def calls(number: int) -> int:
        top = tmp_path / f"{number}"
        top.mkdir()
        for index in range(number):
            if what == "folders":
                (top / f"{index}").mkdir()
                (top / f"{index}" / "a.yaml").touch()
            else:
                (top / f"{index}-broken.yaml").symlink_to("nothing")
                (top / f"{index}.yaml").symlink_to("a.txt")
        (top / "a.txt").touch()
        named = [str(top / f"{index}") for index in range(number)] if what == "folders" else [str(top)]
        counted = 0

        def count(_frame: Any, event: str, _argument: Any) -> None:
            nonlocal counted
            counted += event == "call"

        sys.setprofile(count)
        try:
            found = list(discover(named))
        finally:
            sys.setprofile(None)
        assert len(found) == number + (what == "links")
        return counted

    assert calls(400) < 4.5 * calls(100)
