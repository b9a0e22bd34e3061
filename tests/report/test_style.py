"""How wide a terminal is: the same as the standard library finds out."""

import shutil
import sys

import pytest

from wa_policy.report.style import columns


@pytest.mark.parametrize("wide", ["", "60", "1", "0", "-3", "wide", "200"])
def test_as_wide_as_the_environment_says(wide: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", wide)
    assert columns() == shutil.get_terminal_size().columns


def test_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert columns() == shutil.get_terminal_size().columns
    monkeypatch.setattr(sys, "__stdout__", None)
    assert columns() == shutil.get_terminal_size().columns == 80
