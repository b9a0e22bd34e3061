"""What is measured is what is meant to be: manifests that are valid, ready and different. Nothing here looks at a clock."""

import re
import runpy
import subprocess
import sys
from pathlib import Path

from wa_policy.engine.pipeline import lint
from wa_policy.engine.session import Options, open_session
from wa_policy.testing import AS_OF

GENERATE = Path(__file__).resolve().parent.parent / "bench" / "generate.py"
MODULE = runpy.run_path(str(GENERATE))
TOLD_APART = (
    "^  name: .*",
    "^  workspace_id: .*",
    "^  id: .*",
    "^  - id: .*",
    "^    number: .*",
    "^  message_template_namespace: .*",
)


def test_manifests_are_ready(tmp_path: Path) -> None:
    subprocess.run([sys.executable, GENERATE, tmp_path, "3"], check=True)
    texts = {path.read_text("utf-8") for path in tmp_path.glob("*.yaml")}
    assert texts == {MODULE["manifest"](index) for index in range(3)}
    report = lint([str(tmp_path)], open_session(Options(AS_OF, third_party=False)))
    assert [manifest.checked for manifest in report.manifests] == [True] * 3
    assert [(finding.code, finding.message) for finding in report.findings] == []
    assert report.not_checked == ()
    assert report.exit_code == 0


def test_manifests_are_about_190_lines_and_different() -> None:
    texts = [MODULE["manifest"](index) for index in range(MODULE["MOST"])]
    assert {180 <= len(text.splitlines()) <= 200 for text in texts} == {True}
    for pattern in TOLD_APART:
        found = [value for text in texts for value in set(re.findall(pattern, text, re.MULTILINE))]
        assert len(found) >= len(texts)
        assert len(set(found)) == len(found), pattern
