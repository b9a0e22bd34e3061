"""What is kept between runs can be seen, and removed."""

from pathlib import Path

import pytest

from wa_policy.cache import files
from wa_policy.cli.main import main


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WA_POLICY_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_it_says_where_and_how_much(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files.keep("run", "0" * 24, "x" * 2000)
    assert main(["cache", "show"]) == 0
    assert capsys.readouterr().out == (
        f"{cache}\n"
        "  installed plugins     0 of 32 files         0.0 KiB\n"
        "  resolved policies     0 of 32 files         0.0 KiB\n"
        "  results by file       0 of 32 files         0.0 KiB\n"
        "  whole runs            1 of 32 files         2.0 KiB\n"
    )


def test_it_is_removed(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files.keep("run", "0" * 24, 1)
    assert main(["cache", "clear"]) == 0
    assert main(["cache", "clear"]) == 0
    assert capsys.readouterr().out == f"removed 1 file from {cache}\nremoved 0 files from {cache}\n"
    assert files.kept() == []


def test_what_cannot_be_removed_is_named(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files.keep("run", "0" * 24, 1)
    (cache / "run-\x1b1.cache").mkdir()
    (cache / "policy-2.cache").mkdir()
    assert main(["cache", "clear"]) == 3
    captured = capsys.readouterr()
    assert captured.out == f"removed 1 file from {cache}\n"
    assert captured.err == (
        "wa-policy: 2 could not be removed, and are still there; mend the permissions, or remove by hand:\n"
        f"  {cache}/policy-2.cache: it is a folder\n"
        f"  {cache}/run-\\u{{1b}}1.cache: it is a folder\n"
    )
    assert sorted(path.name for path in cache.iterdir()) == ["policy-2.cache", "run-\x1b1.cache"]
