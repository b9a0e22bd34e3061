"""What tests of policies share: a folder to write policies in."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

HEAD = "apiVersion: wa-policy/v1\nkind: Policy\nmetadata: {name: acme}\n"


@pytest.fixture
def write(in_folder: Path) -> Callable[..., str]:
    """Writes a policy into the folder that the test runs in; its head takes lines 1 to 3. Returns its path."""

    def write(body: str = "", path: str = "acme.yaml") -> str:
        (in_folder / path).parent.mkdir(parents=True, exist_ok=True)
        (in_folder / path).write_text(HEAD.replace("acme", Path(path).stem) + dedent(body).lstrip("\n"), "utf-8")
        return path

    return write
