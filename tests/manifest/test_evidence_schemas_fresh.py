"""The schemas of Meta's answers are made from the manifest's schema, and are what it makes today."""

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize("kind", ["waba", "phone-number", "template"])
def test_schema_is_fresh(kind: str, tmp_path: Path) -> None:
    runpy.run_path(str(ROOT / "scripts" / "generate_evidence_schemas.py"))["main"](tmp_path)
    name = f"evidence-graph-{kind}.schema.json"
    assert (ROOT / "schemas" / name).read_text(encoding="utf-8") == (tmp_path / name).read_text(encoding="utf-8")
