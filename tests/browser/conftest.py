"""The report in a real browser, which may fetch nothing but the page itself. `make test-browser` installs what it takes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from wa_policy.engine.pipeline import lint
from wa_policy.engine.session import Options, open_session
from wa_policy.report import html
from wa_policy.testing import AS_OF

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from wa_policy.report.model import Report

EXAMPLES = Path(__file__).parents[2] / "examples" / "manifests"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

OpenPage = Callable[..., "Page"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    from playwright.sync_api import sync_playwright  # only these tests need it

    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.fail("there is no Chromium; `make test-browser` installs it, or CHROMIUM names one")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # as root it refuses to start with one
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=sandbox)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def examples() -> Report:
    """The report of the example manifests, as `wa-policy lint --output html=...` makes it."""
    options = Options(AS_OF, "go-live", third_party=False, overview=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(EXAMPLES.parent)
        return lint(["manifests"], open_session(options))


@pytest.fixture(scope="session")
def example_page(examples: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(examples, tmp_path_factory.mktemp("page"))


def write(report: Report, folder: Path) -> Path:
    path = folder / "report.html"
    path.write_text(html.render(report), "utf-8", newline="\n")
    return path


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Opens a page. At the end of the test it must have asked for nothing else, and nothing may have gone wrong in it."""
    contexts: list[Any] = []
    complaints: list[str] = []

    def open_page(path: Path, fragment: str = "", **words: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1200, "height": 900}, **words})
        contexts.append(context)
        page = context.new_page()
        own = path.as_uri()

        def asked(url: str) -> None:
            if url.partition("#")[0] != own and not url.startswith("data:"):
                complaints.append(f"asked for {url}")

        page.on("request", lambda request: asked(request.url))
        page.on("console", lambda message: complaints.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        page.goto(own + fragment)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core."""
    return (resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
