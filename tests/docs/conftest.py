"""Pages are run by the same script that writes them."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def follow() -> Callable[[Path], str]:
    """Run a page in a folder of its own; an empty text if it shows what happens, else what differs."""

    def run(page: Path) -> str:
        command = [sys.executable, str(ROOT / "scripts" / "walkthrough.py"), str(page)]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        assert done.stdout or done.returncode == 0
        return done.stdout

    return run
