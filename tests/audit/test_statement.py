"""The evidence: in the shape of its schema, written whole or not at all, with no group small enough to find a person in."""

from __future__ import annotations

import errno
import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_policy.audit import statement
from wa_policy.audit.digests import Digest
from wa_policy.audit.errors import AuditError
from wa_policy.audit.model import (
    BSP,
    CSV,
    GROUP_MEASURES,
    IMPORT,
    MEASURES,
    MOENGAGE,
    Column,
    InputFile,
    Measured,
    Rejected,
)
from wa_policy.audit.statement import (
    Previous,
    Settings,
    Subject,
    change,
    merge_groups,
    nest,
    read_previous,
    state,
    write,
)
from wa_policy.schema.validate import violations

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

DIGEST = Digest("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", 116)
SETTINGS = Settings("acme", "2026-11-20T06:30:00Z", "0.4.0", "full", 10, ["mobile=Phone"])


def group(code: str, total: int, **parts: int) -> dict[str, int | str]:
    return {"calling_code": code, **dict.fromkeys(GROUP_MEASURES, 0), "total": total, **parts}


def measured(*sides: str, rejected: int = 0, counts: Mapping[str, int] | None = None) -> Measured:
    names = [name for side in sides for name in MEASURES[side]]
    rows = [Rejected("users.csv", line, "2 cells, not 3") for line in range(1, rejected + 1)]
    groups = [group("91", 20, true=15), group("44", 3, blank=3)]
    return Measured(
        dict.fromkeys(names, 1) | dict(counts or {}), groups, {"users.csv": 4}, rows, rejected, ("duckdb", "2.0.0")
    )


def file(side: str, **names: str) -> InputFile:
    columns = tuple(Column(role, name, 0) for role, name in names.items())
    return InputFile(f"{side}.csv", side, CSV, False, ",", '"', tuple(names.values()), columns, 116)


SUBJECTS = [Subject("users.csv", MOENGAGE, DIGEST, 4)]
FILES = [file(MOENGAGE, id="ID", mobile="Phone", opt_in="moe_wa_subscription")]


def whole(*sides: str, previous: Previous | None = None, **more: Any) -> dict[str, Any]:
    return state(SETTINGS, SUBJECTS, FILES, measured(*(sides or (MOENGAGE, BSP, IMPORT)), **more), previous)


def test_what_is_stated() -> None:
    stated = whole(MOENGAGE, rejected=2)
    assert stated["_type"] == "https://in-toto.io/Statement/v1"
    assert stated["predicateType"] == "urn:wa-policy:opt-in-audit:v1"
    assert stated["subject"] == [
        {
            "name": "users.csv",
            "digest": {"sha256": DIGEST.sha256},
            "annotations": {"side": "moengage", "bytes": 116, "rows": 4},
        }
    ]
    audit = stated["predicate"]
    assert list(audit) == [
        "workspace",
        "measured_at",
        "tool",
        "engine",
        "scope",
        "settings",
        "users",
        "dirt",
        "numbers",
        "repeated",
        "calling_codes",
        "rejected",
    ]
    assert audit["settings"] == {
        "minimum_group": 10,
        "columns": {"moengage": {"id": "ID", "mobile": "Phone", "opt_in": "moe_wa_subscription"}},
        "map": ["mobile=Phone"],
    }
    assert audit["calling_codes"] == [group("other", 23, true=15, blank=3)]
    assert audit["rejected"] == {
        "rows": 2,
        "lines": [{"file": "users.csv", "line": 1}, {"file": "users.csv", "line": 2}],
    }


@pytest.mark.parametrize("sides", [(MOENGAGE,), (MOENGAGE, BSP), (MOENGAGE, IMPORT), (MOENGAGE, BSP, IMPORT)])
def test_it_is_in_the_shape_of_its_schema(sides: tuple[str, ...]) -> None:
    old = Previous(whole(*sides)["predicate"] | {"measured_at": "2026-10-20T06:30:00+05:30"}, DIGEST.sha256)
    for stated in (whole(*sides), whole(*sides, previous=old), whole(*sides, rejected=200)):
        assert violations(stated, statement.SCHEMA) == []


def test_coverage_is_in_the_shape_of_its_schema() -> None:
    counts = {name: 1 for name in MEASURES[MOENGAGE] if name.startswith(("users.", "dirt."))}
    only = Measured(counts, (), {"users.csv": 4}, (), 0, ("csv", "3.11.7"))
    stated = state(SETTINGS._replace(scope="coverage"), SUBJECTS, FILES, only)
    assert violations(stated, statement.SCHEMA) == []
    assert not stated["predicate"].keys() & {"calling_codes", "repeated", "numbers", "bsp"}


def test_lines_that_are_not_known_are_not_listed_and_others_only_as_far_as_there_is_room() -> None:
    rows = [Rejected("a.parquet", 0, "type"), *(Rejected("users.csv", line, "") for line in range(1, 500))]
    stated = state(SETTINGS, SUBJECTS, FILES, measured(MOENGAGE)._replace(rejected=rows, rejected_count=10_000))
    assert stated["predicate"]["rejected"]["rows"] == 10_000
    assert [row["line"] for row in stated["predicate"]["rejected"]["lines"]] == list(range(1, 101))


def test_columns_that_differ_between_files_are_all_named() -> None:
    files = [file(MOENGAGE, id="ID"), file(MOENGAGE, id="uid"), file(MOENGAGE, id="ID"), file(BSP, mobile="phone")]
    assert statement.columns_read(files) == {"moengage": {"id": "ID / uid"}, "bsp": {"mobile": "phone"}}


def test_nest() -> None:
    assert nest({"a.b": 1, "a.c.d": 2, "e": 3}) == {"a": {"b": 1, "c": {"d": 2}}, "e": 3}


# Groups.


@pytest.mark.parametrize(
    ("totals", "shown"),
    [
        ({}, {}),
        ({"91": 10}, {"91": 10}),
        ({"91": 9}, {"other": 9}),
        ({"91": 100, "44": 50, "1": 10}, {"91": 100, "44": 50, "1": 10}),
        ({"91": 100, "44": 9, "1": 8}, {"91": 100, "other": 17}),
        ({"91": 100, "44": 50, "1": 9}, {"91": 100, "other": 59}),
        ({"91": 100, "44": 9}, {"other": 109}),
        ({"91": 100, "44": 50, "1": 5, "7": 5}, {"91": 100, "44": 50, "other": 10}),
    ],
)
def test_small_groups_are_merged(totals: dict[str, int], shown: dict[str, int]) -> None:
    merged = merge_groups([group(code, total) for code, total in totals.items()], 10)
    assert {entry["calling_code"]: entry["total"] for entry in merged} == shown


@given(st.dictionaries(st.integers(1, 999).map(str), st.integers(1, 40)), st.integers(1, 50))
def test_nobody_is_lost_and_no_group_is_small(totals: dict[str, int], minimum: int) -> None:
    merged = merge_groups([group(code, total, true=total) for code, total in totals.items()], minimum)
    assert sum(int(entry["total"]) for entry in merged) == sum(totals.values())
    assert all(entry["true"] == entry["total"] for entry in merged)
    assert len(merged) <= 1 or all(int(entry["total"]) >= minimum for entry in merged)
    assert [entry["calling_code"] for entry in merged].count("other") <= 1
    assert merged == merge_groups(reversed([group(code, total, true=total) for code, total in totals.items()]), minimum)


# What has changed.


def test_change() -> None:
    old = whole(MOENGAGE, BSP, counts={"users.true": 100, "users.total": 150, "bsp.known": 7})["predicate"]
    new = whole(MOENGAGE, BSP, counts={"users.true": 90, "users.total": 160, "bsp.known": 9})["predicate"]
    said = change(Previous(old | {"measured_at": "2026-11-10T06:30:00Z"}, DIGEST.sha256), new)
    assert said["previous"] == {"measured_at": "2026-11-10T06:30:00Z", "sha256": DIGEST.sha256}
    assert (said["days"], said["consents_lost"]) == (10, 10)
    assert said["users"] == {"total": 10, "true": -10, "false": 0, "blank": 0, "invalid": 0}
    assert {name: count for name, count in said["bsp"].items() if count} == {"known": 2}


def test_change_since_an_audit_by_hand() -> None:
    old = {
        "workspace": "acme",
        "measured_at": "2026-11-20T06:00:00Z",
        "users": {"total": 1, "true": 0, "false": 0, "blank": 1, "invalid": 0},
    }
    said = change(Previous(old, DIGEST.sha256), whole(MOENGAGE, BSP)["predicate"])
    assert "bsp" not in said
    assert (said["days"], said["consents_lost"]) == (0, 0)


REMEDY = "name an earlier audit of this workspace with --previous"


def spoiled(**changes: Any) -> bytes:
    stated = whole(MOENGAGE)
    stated["predicate"] |= changes
    return json.dumps(stated).encode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "old.json: the previous audit cannot be read: No such file or directory"),
        (b"", "old.json:1: this is no opt-in audit"),
        (b"{", "old.json:1: this is no opt-in audit"),
        (b"{}", "old.json:1: this is no opt-in audit"),
        (b"\n+919812345601;opted_in\n", "old.json:2: this is no opt-in audit"),
        (b"ada@example.com\n", "old.json:1: this is no opt-in audit"),
        (b'{\n"919812345601": 1,\n"919812345601": 2}', "old.json:3: this is no opt-in audit"),
        (b'{\n"_type": "919812345601"}', "old.json:1: this is no opt-in audit"),
        (
            json.dumps(whole(MOENGAGE) | {"_type": "919812345601"}, indent=0).encode(),
            "old.json:2: this is no opt-in audit",
        ),
        (b'{"predicate": {"workspace": "919812345601"}}', "old.json:1: this is no opt-in audit"),
        (spoiled(users=3), "old.json:1: this is no opt-in audit"),
        (spoiled(users=3, workspace="919812345601"), "old.json:1: this is no opt-in audit"),
        (spoiled(measured_at="2026-02-30T06:30:00Z"), "old.json:1: this is no opt-in audit"),
        (spoiled(workspace="acme-uk"), 'old.json: this audit is of the workspace "acme-uk", not of "acme"'),
        (spoiled(workspace="+91 98123 45601"), 'old.json: this audit is of another workspace, not of "acme"'),
        (spoiled(workspace="ada@example.com"), 'old.json: this audit is of another workspace, not of "acme"'),
        (
            spoiled(measured_at="2026-11-20T06:30:01Z"),
            "old.json: this audit is of 2026-11-20T06:30:01Z, later than this one",
        ),
    ],
)
def test_what_is_no_earlier_audit(content: bytes | None, message: str, in_folder: Path) -> None:
    if content is not None:
        (in_folder / "old.json").write_bytes(content)
    with pytest.raises(AuditError) as refusal:
        read_previous("old.json", "acme", "2026-11-20T06:30:00Z")
    (trouble,) = refusal.value.troubles
    assert trouble == (message, REMEDY, 2)


# Written whole, or not at all.


def test_it_is_written(in_folder: Path) -> None:
    write("evidence/acme/audit.json", whole())
    assert json.loads((in_folder / "evidence" / "acme" / "audit.json").read_text("utf-8")) == whole()
    assert os.listdir(in_folder / "evidence" / "acme") == ["audit.json"]


def fail_to_write(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(_descriptor: int) -> None:
        raise error

    monkeypatch.setattr(os, "fsync", fail)


@pytest.mark.parametrize("old", ["an older audit\n", None])
def test_a_full_disk_leaves_what_was_there(old: str | None, in_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if old:
        (in_folder / "audit.json").write_text(old)
    fail_to_write(monkeypatch, OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(AuditError) as refusal:
        write("audit.json", whole())
    assert refusal.value.troubles == (
        ("audit.json cannot be written: No space left on device", "make room, or name another file with --out", 3),
    )
    assert {path.name: path.read_text() for path in in_folder.iterdir()} == ({"audit.json": old} if old else {})


def test_an_interrupt_leaves_what_was_there(in_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_to_write(monkeypatch, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        write("audit.json", whole())
    assert list(in_folder.iterdir()) == []


def test_what_is_not_in_its_shape_is_not_written(in_folder: Path) -> None:
    with pytest.raises(RuntimeError, match="not in its own shape"):
        write("audit.json", {})
    assert list(in_folder.iterdir()) == []


def nothing(_: Path) -> None:
    pass


def a_folder(path: Path) -> None:
    path.mkdir()


def below_a_file(path: Path) -> None:
    path.parent.write_text("")


@pytest.mark.parametrize(
    ("out", "make", "message"),
    [
        ("audit", a_folder, "audit is no file"),
        ("audit/", nothing, "audit/ is the name of a folder, and evidence is one file"),
        ("audit/.", nothing, "audit/. is the name of a folder, and evidence is one file"),
        ("audit/..", nothing, "audit/.. is the name of a folder, and evidence is one file"),
        ("a" * 300, nothing, f"{'a' * 300} cannot be written: File name too long"),
        ("a" * 252, nothing, f"{'a' * 252} cannot be written: File name too long"),
        (f"{'a' * 300}/audit.json", nothing, f"{'a' * 300}/audit.json cannot be written: File name too long"),
        (f"new/{'a' * 300}/audit.json", nothing, f"new/{'a' * 300}/audit.json cannot be written: File name too long"),
        pytest.param(
            "/proc/x/audit.json",
            nothing,
            "/proc/x/audit.json cannot be written: No such file or directory",
            marks=pytest.mark.skipif(not os.access("/proc", os.W_OK), reason="only root may try, and only on Linux"),
        ),
        ("file/audit.json", below_a_file, "{folder}/file is no folder"),
    ],
)
def test_places_that_cannot_be_written_to(
    out: str, make: Callable[[Path], None], message: str, in_folder: Path
) -> None:
    make(in_folder / out)
    with pytest.raises(AuditError) as refusal:
        statement.check_target(out, [])
    assert refusal.value.troubles == ((message.format(folder=in_folder), "name another file with --out", 2),)


def test_a_link_is_tried_where_it_leads(in_folder: Path) -> None:
    (in_folder / "elsewhere").mkdir()
    (in_folder / "elsewhere" / "audit.json").write_text("old")
    (in_folder / "link.json").symlink_to("elsewhere/audit.json")
    statement.check_target("link.json", [])
    assert sorted(os.listdir(in_folder)) == ["elsewhere", "link.json"]
    assert os.listdir(in_folder / "elsewhere") == ["audit.json"]
    (in_folder / "elsewhere" / ("a" * 250)).write_text("old")  # no name is left beside it
    (in_folder / "long.json").symlink_to(f"elsewhere/{'a' * 250}")
    with pytest.raises(AuditError, match=r"^long\.json cannot be written: File name too long$"):
        statement.check_target("long.json", [])


def test_what_a_killed_audit_left_does_no_harm(in_folder: Path) -> None:
    left = in_folder / f"audit.json.{os.getpid()}.new"
    left.write_text("half")
    statement.check_target("audit.json", [])
    assert [path.read_text() for path in in_folder.iterdir()] == ["half"]


def test_to_try_a_place_leaves_nothing(in_folder: Path) -> None:
    statement.check_target("evidence/acme/audit.json", [])
    statement.check_target("a" * 200, [])
    assert list(in_folder.iterdir()) == []


def test_an_input_is_not_overwritten(in_folder: Path) -> None:
    (in_folder / "users.csv").write_text("ID\n")
    (in_folder / "link.json").symlink_to("users.csv")
    with pytest.raises(AuditError, match=r"link\.json is one of the files to be read, and would be overwritten"):
        statement.check_target("link.json", ["users.csv"])
    with pytest.raises(AuditError, match=r"users\.csv is one of the files to be read, and would be overwritten"):
        statement.check_target("users.csv", [f"file://{in_folder}/users.csv"])
    statement.check_target("audit.json", ["users.csv", "s3a://acme/audit.json"])
