"""Paths as they are shown and compared: plain, and never leading elsewhere than they did."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wa_policy.source.paths import absolute, plain, seen_from, shortest


@pytest.fixture
def in_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a folder, and links to that and to one that lies elsewhere; each leads to a file of its own."""
    for folder in ("desk/sub", "other/real"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "desk" / "near").symlink_to("sub")
    (tmp_path / "desk" / "link").symlink_to(tmp_path / "other" / "real")
    monkeypatch.chdir(tmp_path / "desk")
    return tmp_path.resolve()


@pytest.mark.parametrize(
    ("path", "shown", "whole"),
    [
        ("a.yaml", "a.yaml", "desk/a.yaml"),
        ("./sub//a.yaml", "sub/a.yaml", "desk/sub/a.yaml"),
        ("sub/../a.yaml", "a.yaml", "desk/a.yaml"),
        ("near/../a.yaml", "a.yaml", "desk/a.yaml"),
        ("near/a.yaml", "near/a.yaml", "desk/near/a.yaml"),
        ("../desk/a.yaml", "../desk/a.yaml", "desk/a.yaml"),
        ("link/a.yaml", "link/a.yaml", "desk/link/a.yaml"),
        ("link/../a.yaml", "link/../a.yaml", "other/a.yaml"),
        (".//link/./../a.yaml", "link/../a.yaml", "other/a.yaml"),
        ("link/../../a.yaml", "../a.yaml", "a.yaml"),
        ("a..yaml", "a..yaml", "desk/a..yaml"),
    ],
)
def test_a_path_is_plain_and_leads_to_the_same(path: str, shown: str, whole: str, in_desk: Path) -> None:
    assert plain(path) == shown
    assert absolute(path) == str(in_desk / whole)
    assert plain(f"{in_desk}/desk/{path}") == (
        f"{in_desk}/desk/{shown}" if "link/.." in shown else os.path.normpath(f"{in_desk}/desk/{shown}")
    )


@pytest.mark.parametrize(
    ("path", "shown"),
    [("m/a.yaml", "m/a.yaml"), ("{here}/m/a.yaml", "m/a.yaml"), ("/m", "/m"), ("../other", "../other")],
)
def test_a_path_is_shown_from_where_it_is_short(path: str, shown: str, in_desk: Path) -> None:
    assert shortest(path.format(here=in_desk / "desk")) == shown


def test_a_path_on_another_drive_is_a_whole_one(in_desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "relpath", other_drive)
    assert seen_from("a.yaml", "/") == str(in_desk / "desk" / "a.yaml")
    assert shortest("/m/a.yaml") == "/m/a.yaml"


def other_drive(path: str, start: str = os.curdir) -> str:
    raise ValueError(f"path is on mount {path!r}, start on mount {start!r}")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(st.sampled_from(["..", ".", "", "sub", "near", "link", "nowhere", "a.yaml"]), min_size=1),
    whole=st.booleans(),
)
def test_no_path_leads_elsewhere(parts: list[str], whole: bool, in_desk: Path) -> None:
    path = os.path.join(str(in_desk / "desk") if whole else "sub", *[part or "." for part in parts])
    real = os.path.realpath(path)
    assert os.path.realpath(plain(path)) == os.path.realpath(absolute(path)) == real
    assert ".." not in absolute(path).split(os.sep)
    assert os.path.isabs(plain(path)) == whole
