"""Generated pages are those of today's code and data, and links lead somewhere."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reference")
    subprocess.run([sys.executable, ROOT / "scripts" / "generate_reference.py", folder], check=True)
    return folder


@pytest.mark.parametrize("name", ["commands.md", "manifest.md", "policy.md", "rules.md", "facts.md"])
def test_generated_pages_are_those_of_today(name: str, generated: Path) -> None:
    assert (REFERENCE / name).read_text("utf-8") == (generated / name).read_text("utf-8"), "run `make docs`"


def test_no_other_page_is_generated(generated: Path) -> None:
    marked = {page.name for page in REFERENCE.glob("*.md") if page.read_text("utf-8").startswith("<!-- Made by")}
    assert marked == {page.name for page in generated.iterdir()}


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    for target, fragment in links(page):
        there = (page.parent / target).resolve() if target else page
        assert there.exists(), target
        assert not fragment or fragment in anchors(there), f"{target}#{fragment}"


def test_every_page_is_on_the_map() -> None:
    mapped = {(ROOT / "docs" / target).resolve() for target, _ in links(ROOT / "docs" / "README.md")}
    decisions = ROOT / "docs" / "decisions"
    told = {(decisions / target).resolve() for target, _ in links(decisions / "README.md")}
    every = {page for page in (ROOT / "docs").rglob("*.md") if page.name != "README.md"}
    assert every <= mapped | told


def links(page: Path) -> Iterator[tuple[str, str]]:
    """The links of a page to other files, and to headings."""
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if "://" not in target:
            path, _, fragment = target.partition("#")
            yield path, fragment


def anchors(page: Path) -> set[str]:
    """The addresses of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^(```+).*?^\1$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
