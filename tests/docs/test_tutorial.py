"""Whoever types the tutorial sees what it shows; so do the readers of every other page that shows a command."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
TUTORIAL = DOCS / "tutorial" / "first-manifest.md"
OTHERS = sorted(page for page in DOCS.rglob("*.md") if "\n```console" in page.read_text("utf-8") and page != TUTORIAL)


def test_the_tutorial_shows_what_happens(follow: Callable[[Path], str]) -> None:
    assert follow(TUTORIAL) == ""


def test_the_tutorial_goes_from_not_ready_to_ready() -> None:
    outputs = re.findall(r"^```console.*?^```$", TUTORIAL.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    verdicts = [verdict for output in outputs for verdict in re.findall(r"^(?:NOT )?READY\b", output, re.MULTILINE)]
    assert verdicts[0] == "NOT READY"
    assert verdicts[-1] == "READY"
    assert "highest policy met: go-live" in outputs[-1]


@pytest.mark.parametrize("page", OTHERS, ids=[page.stem for page in OTHERS])
def test_pages_show_what_happens(page: Path, follow: Callable[[Path], str]) -> None:
    assert follow(page) == ""


def test_a_page_that_shows_something_else_is_found_out(follow: Callable[[Path], str], tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ wa-policy --version\nwa-policy 99\n```\n")
    assert "+wa-policy 0." in follow(page)
    page.write_text("```console exit=1\n$ wa-policy --version\n[...]\n```\n")
    assert "exit code 0, not 1" in follow(page)
    page.write_text("```console\n$ wa-policy --version\nsomething\n[...]\n```\n")
    assert "no longer the one shown" in follow(page)
