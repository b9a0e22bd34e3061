"""What tests of ``wa-policy audit opt-in`` share: an export, a provider's list, and calls of the command on them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.audit.exports import AT, OUT, USERS

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def audit(in_folder: Path, run: Run) -> Run:
    """Call the command with what every call needs, in a folder with an export."""
    (in_folder / "users.csv").write_text(USERS)
    (in_folder / "bsp.csv").write_text("mobile,status\n919812345600,opted_in\n")

    def call(*words: str, usual: bool = True) -> tuple[int, str, str]:
        always = ["--workspace", "acme", "--out", OUT, "--measured-at", AT, "--engine", "csv"] if usual else []
        return run("audit", "opt-in", *always, *words)

    return call


@pytest.fixture
def full(audit: Run) -> Run:
    """Call the command with DuckDB, in a folder with files of both sides and one to import."""
    Path("users.csv").write_text(USERS.replace("u9,", "u8,"))
    Path("bsp.csv").write_text("msisdn;Status\n919812345600;opted_in\n919812345601;OPTED_OUT\n919812345607;in\n1;in\n")
    Path("import.csv").write_text("ID,moe_wa_subscription\nu0,\nu1,TRUE\nu6,\nx,\n")

    def call(*words: str) -> tuple[int, str, str]:
        return audit("--engine", "duckdb", *words)

    return call
