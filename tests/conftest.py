"""Settings for all tests: property tests take the same examples every time, and no test meets the user's caches."""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from wa_policy import testing
from wa_policy.cli.main import main
from wa_policy.engine.session import resolved
from wa_policy.policy.model import PACKS
from wa_policy.policy.texts import load_text
from wa_policy.rules.loading import load

settings.register_profile(
    "house", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=200
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))


@pytest.fixture(autouse=True, scope="session")
def _interruptible() -> Iterator[None]:
    """Children ignore what we ignore, as SIGINT in the background and SIGHUP under nohup: who sends one would wait for ever."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in (signal.SIGHUP, signal.SIGTERM)}
    before[signal.SIGINT] = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


_SAYS_HOW_TO_PRINT = (
    "COLUMNS",
    "FORCE_COLOR",
    "GITHUB_STEP_SUMMARY",
    "GITHUB_WORKSPACE",
    "NO_COLOR",
    "PYTHONIOENCODING",
    "PYTHONUNBUFFERED",
    "PYTHONWARNINGS",
    "WA_POLICY_DEBUG",
)


@pytest.fixture(autouse=True, scope="session")
def _printed_as_ever() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in _SAYS_HOW_TO_PRINT:
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WA_POLICY_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def policies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with the bundled policies: resolving them once for all tests is enough."""
    folder = tmp_path_factory.mktemp("policies") / "cache"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WA_POLICY_CACHE_DIR", str(folder))
        for pack in PACKS:
            resolved(load_text(pack), load())
    return folder


@pytest.fixture
def empty_cache(policies: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache with policies in it and nothing else, in a world where nobody else installs anything."""
    folder = shutil.copytree(policies, tmp_path_factory.mktemp("cache") / "cache")
    monkeypatch.setenv("WA_POLICY_CACHE_DIR", str(folder))
    here = os.getcwd()
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path not in ("", here)])
    return folder


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that the test runs in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def ready(in_folder: Path) -> Path:
    """A folder that the test runs in, with a manifest that meets go-live, ``manifest.yaml``, and its evidence."""
    shutil.copytree(Path(testing.__file__).parent / "evidence", in_folder / "evidence")
    (in_folder / "manifest.yaml").write_text(testing.READY, "utf-8")
    return in_folder


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Calls the command line in this process: the exit code, what it prints, and what it complains of."""

    def run(*words: str) -> tuple[int, str, str]:
        try:
            code = main(list(words))
        except SystemExit as leaving:  # argparse leaves this way
            code = leaving.code if isinstance(leaving.code, int) else 1
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run
