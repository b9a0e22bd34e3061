"""That nothing of a row gets into evidence, output or errors, whatever is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.audit.exports import HEADER, OUT

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., tuple[int, str, str]]


def canaries(number: int) -> list[str]:
    return [f"CANARY{number:04}id", f"9177{number:08}", f"canary{number:04}status"]


@pytest.mark.parametrize(
    "engine_name",
    ["csv", "duckdb"],
)
@pytest.mark.parametrize(
    "broken",
    [
        "{id},{mobile},{status},more\n",
        "{id},{mobile}\n",
        '"{id}"x,{mobile},{status}\n',
        '{id},{mobile},"{status}\n',
        "",
    ],
)
@pytest.mark.parametrize("header", [HEADER, "", "ID,919812345678,{mobile}\n", "{mobile};{id}\n"])
def test_no_value_gets_out(
    header: str, broken: str, engine_name: str, audit: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [dict(zip(("id", "mobile", "status"), canaries(number), strict=True)) for number in range(40)]
    lines = [
        header.format(**rows[0]),
        *("{id},{mobile},{status}\n".format(**row) for row in rows),
        broken.format(**rows[1]),
    ]
    Path("users.csv").write_text("".join(lines))
    Path("bsp.csv").write_text("mobile,status\n" + "".join("{mobile},{status}\n".format(**row) for row in rows))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    words = ["--moengage", "users.csv", "--bsp", "bsp.csv", "--temp-dir", str(temporary), "--engine", engine_name]
    code, out, err = audit(*words)
    whole = header == HEADER and not broken.endswith('"{status}\n')
    assert code in (([0] if not broken else [1]) if whole else [0, 1, 3])
    evidence = Path(OUT).read_text() if Path(OUT).exists() else ""
    assert bool(evidence) == (code < 3)
    assert list(temporary.iterdir()) == []
    for text in (out, err, evidence, caplog.text):
        for row in rows:
            assert not any(value in text for value in row.values())
