"""The working tree as a commit of it would be, for tests that build and install it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of all files that git keeps or would keep, as they are now, links as links."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listing, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    folder = tmp_path_factory.mktemp("tree") / "wa-policy"
    for name in filter(None, names.split("\0")):
        if os.path.lexists(ROOT / name):  # else it is deleted, and not yet committed so
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    return folder
