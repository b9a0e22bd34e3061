import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_types_are_those_of_the_schema(tmp_path: Path) -> None:
    generated = tmp_path / "types.py"
    subprocess.run([sys.executable, ROOT / "scripts" / "generate_types.py", generated], check=True)
    kept = ROOT / "src" / "wa_policy" / "manifest" / "types.py"
    assert kept.read_text("utf-8") == generated.read_text("utf-8"), "run `make types`"
