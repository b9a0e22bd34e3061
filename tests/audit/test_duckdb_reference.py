"""DuckDB's counts are those of the plain Python reference, whatever the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given, settings

from tests.audit.dirt import BSP_STATUSES, IDS, MOBILES, STATUSES, csv_file, request, rows
from tests.audit.reference import measured
from wa_policy.audit import duckdb_engine
from wa_policy.audit.digests import Digest
from wa_policy.audit.model import BSP, IMPORT, MEASURES, MOENGAGE
from wa_policy.audit.statement import Settings, Subject, state
from wa_policy.evidence.references import Reference
from wa_policy.manifest.subjects import Workspace
from wa_policy.plugins.opt_in_audit import audit_mismatch
from wa_policy.source.spans import DocumentId
from wa_policy.testing import manifest

if TYPE_CHECKING:
    import pytest


@settings(max_examples=10, deadline=None, derandomize=True)
@given(
    users=rows(IDS, MOBILES, STATUSES, most=150), bsp=rows(MOBILES, BSP_STATUSES), imports=rows(IDS, STATUSES, most=10)
)
def test_counts_and_groups_are_the_references(
    users: list[tuple[str | None, str | None, str | None]],
    bsp: list[tuple[str | None, str | None]],
    imports: list[tuple[str | None, str | None]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("audit")
    files = [
        csv_file(folder / "users.csv", MOENGAGE, users),
        csv_file(folder / "bsp.csv", BSP, bsp),
        csv_file(folder / "imports.csv", IMPORT, imports),
    ]
    answer = duckdb_engine.measure(request(*files, temp_dir=folder), lambda _: None)
    counts, groups = measured(users, bsp, imports)
    assert answer.rejected_count == 0
    assert answer.counts == {name: counts.get(name, 0) for side in MEASURES.values() for name in side}
    assert list(answer.groups) == groups
    # And lint finds no contradiction in the evidence of it.
    settings = Settings("acme-retail-in", "2026-11-20T06:30:00Z", "0.1.0", "full", 1)
    subjects = [
        Subject(file.path, file.side, Digest(f"{number:064}", 1), answer.rows[file.path])
        for number, file in enumerate(files)
    ]
    evidence = Reference(("opt_in", "audit"), "audit.json", "", "", state(settings, subjects, files, answer))
    ready: Any = manifest()
    workspace = Workspace(DocumentId("manifest.yaml", 0), ready, [evidence])
    assert list(audit_mismatch(workspace.opt_in)) == []
