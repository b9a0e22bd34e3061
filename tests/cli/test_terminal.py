"""Colours and progress are for terminals."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator

import pytest

from wa_policy.cli import progress
from wa_policy.cli.progress import Counting

Run = Callable[..., tuple[int, str, str]]


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "colored"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
@pytest.mark.usefixtures("ready")
def test_colours_are_for_terminals_and_can_be_refused(
    environment: dict[str, str], colored: bool, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b" not in run("lint", "manifest.yaml")[1]
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    run("lint", "manifest.yaml")
    run("checklist", "manifest.yaml")
    assert ("\x1b[" in terminal.getvalue()) == colored


def clock(*moments: float) -> Iterator[float]:
    yield from moments
    while True:
        yield moments[-1]


@pytest.mark.parametrize(
    ("stream", "moments", "shown"),
    [
        (Terminal(), [0.0, 0.5, 1.0], "\r\x1b[K2 files, now b.yaml\r\x1b[K"),
        (Terminal(), [0.0, 1.5, 1.55, 1.7], "\r\x1b[K1 file, now a.yaml\r\x1b[K3 files, now c\\n::error::d\r\x1b[K"),
        (Terminal(), [0.0, 0.1, 0.9], ""),
        (io.StringIO(), [0.0, 5.0, 9.0], ""),
    ],
)
def test_a_long_run_says_how_far_it_is_on_a_terminal_only(
    stream: io.StringIO, moments: list[float], shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticking = clock(*moments)
    monkeypatch.setattr("wa_policy.cli.progress.time.monotonic", lambda: next(ticking))
    with progress.Progress(stream) as told:
        for path in ("a.yaml", "b.yaml", "c\n::error::d")[: max(2, len(moments) - 1)]:
            told(path)
    assert stream.getvalue() == shown


def test_progress_keeps_to_the_width_of_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    ticking = clock(0.0, 2.0)
    monkeypatch.setattr("wa_policy.cli.progress.time.monotonic", lambda: next(ticking))
    stream = Terminal()
    with progress.Progress(stream) as told:
        told("a" * 100)
    assert stream.getvalue() == f"\r\x1b[K1 file, now {'a' * 7}\r\x1b[K"


class Screen(io.StringIO):
    def __init__(self, *, live: bool) -> None:
        super().__init__()
        self._live = live

    def isatty(self) -> bool:
        return self._live


def test_a_bar_on_a_terminal_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wa_policy.cli.progress.PAUSE_SECONDS", 0.0)
    screen = Screen(live=True)
    with Counting(screen) as bar:
        bar("reading users.csv", 0, 0, 2_000_000)
        bar("reading users.csv", 12_345, 1_000_000, 2_000_000)
        bar("comparing", 20_000, 0, 0)
    assert [shown.strip() for shown in screen.getvalue().split("\r\x1b[K")] == [
        "",
        f"[{'.' * 24}] 0.0 MB of 2.0 MB, reading users.csv",
        f"[{'#' * 12}{'.' * 12}] 12,345 rows, 1.0 MB of 2.0 MB, reading users.csv",
        "20,000 rows, comparing",
        "",
    ]


@pytest.mark.parametrize(("wait", "lines"), [(0.0, 2), (1e9, 0)])
def test_lines_now_and_then_elsewhere(wait: float, lines: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wa_policy.cli.progress.LINE_SECONDS", wait)
    screen = Screen(live=False)
    with Counting(screen) as bar:
        bar("reading users.csv", 12_345, 1_000_000, 2_000_000)
        bar("comparing", 20_000, 0, 0)
    assert (
        screen.getvalue().splitlines()
        == [
            "12,345 rows, 1.0 MB of 2.0 MB, reading users.csv",
            "20,000 rows, comparing",
        ][:lines]
    )
