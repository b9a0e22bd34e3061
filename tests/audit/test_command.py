"""``wa-policy audit opt-in``: what it writes and prints."""

from __future__ import annotations

import errno
import gzip
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from tests.audit.exports import AT, HEADER, INSTALL, OUT, USERS
from wa_policy.audit import csv_engine
from wa_policy.audit.sql import DIALECTS
from wa_policy.schema.validate import violations

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., tuple[int, str, str]]


def written() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(Path(OUT).read_text("utf-8"))
    assert violations(content, "evidence-opt-in-audit") == []
    return content


def without_duckdb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)


SUMMARY = """\
acme: opt-in audit of 2026-11-20T06:30:00Z, counted by csv
coverage only: nothing is said of the provider's list, of numbers, or of users who stand there twice

users                                                           10
  TRUE: agreed                                                   6   60.0%
  FALSE: refused                                                 1   10.0%
  blank: nobody knows                                            2   20.0%
  invalid: another value, which counts as no consent             1   10.0%
    words such as yes and no                                     1
  with blanks around, which were taken away                      1

MoEngage's pages contradict each other about blank users.
  If blank users are counted in, 2 more people get messages without a recorded consent.
  If they are not, they get nothing.
"""


def test_coverage(audit: Run) -> None:
    code, out, err = audit("--moengage", "users.csv")
    assert (code, err) == (0, f"{OUT} is written\n")
    assert out == SUMMARY
    assert written()["predicate"]["scope"] == "coverage"
    assert written()["predicate"]["users"] == {"total": 10, "true": 6, "false": 1, "blank": 2, "invalid": 1}
    assert [subject["name"] for subject in written()["subject"]] == ["users.csv"]


def test_the_same_files_give_the_same_bytes(audit: Run) -> None:
    audit("--moengage", "users.csv")
    first = Path(OUT).read_bytes()
    audit("--moengage", "users.csv")
    assert Path(OUT).read_bytes() == first


def test_the_time_is_now_unless_it_is_given(audit: Run) -> None:
    words = ["--workspace", "acme", "--out", OUT, "--engine", "csv", "--moengage", "users.csv"]
    assert audit(*words, usual=False)[0] == 0
    assert written()["predicate"]["measured_at"].endswith("Z")
    assert audit(*words, "--measured-at", "2026-11-20T12:00:00.9+05:30", usual=False)[0] == 0
    assert written()["predicate"]["measured_at"] == AT


def test_without_the_extra_coverage_is_what_there_is(audit: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    without_duckdb(monkeypatch)
    code, out, err = audit("--moengage", "users.csv", "--bsp", "bsp.csv", "--engine", "auto")
    assert code == 0
    assert err.startswith(
        f"wa-policy: only MoEngage's users are counted; comparing takes DuckDB; install it: {INSTALL}\n"
    )
    assert "coverage only: " in out
    assert [subject["name"] for subject in written()["subject"]] == ["users.csv"]


def test_without_the_extra_large_files_are_refused(audit: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    without_duckdb(monkeypatch)
    monkeypatch.setattr(csv_engine, "MOST_ROWS", 9)
    assert audit("--moengage", "users.csv", "--engine", "auto") == (
        2,
        "",
        "wa-policy: there are more than 9 rows, which Python's own reader is too slow for\n"
        f"  DuckDB reads any number of them: install it: {INSTALL}\n",
    )
    assert not Path(OUT).exists()


def test_without_the_extra_parquet_is_refused(audit: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    without_duckdb(monkeypatch)
    Path("users.parquet").write_bytes(b"PAR1")
    assert audit("--moengage", "users.parquet", "--engine", "auto") == (
        2,
        "",
        f"wa-policy: users.parquet: Parquet can only be read with DuckDB\n  Install it: {INSTALL}\n",
    )


def test_rejected_rows_are_told_and_end_with_1(audit: Run) -> None:
    Path("users.csv").write_text(USERS + "a,b\n" * 7)
    code, out, _ = audit("--moengage", "users.csv")
    assert code == 1
    assert (
        "\n7 rows could not be read, and counted nowhere:\n"
        + "".join(f"  users.csv:{line}: 2 cells, not 3\n" for line in range(12, 17))
        + "  and more; the evidence lists the first 7\n"
    ) in out
    assert written()["predicate"]["rejected"]["rows"] == 7


def test_a_header_alone_is_counted_and_said(audit: Run) -> None:
    Path("users.csv").write_text(HEADER)
    code, out, _ = audit("--moengage", "users.csv")
    assert code == 0
    assert "  there is no row: nothing was exported, or nothing but the header\n" in out
    assert written()["predicate"]["users"]["total"] == 0


@pytest.mark.usefixtures("in_folder")
def test_rows_none_of_which_can_be_read_are_not_called_missing(audit: Run) -> None:
    Path("users.csv").write_bytes(HEADER.encode() + b"\xfc,919812345601,TRUE\n")
    code, out, _ = audit("--moengage", "users.csv")
    assert code == 1
    assert "  no row could be read\n" in out
    assert "\n1 row could not be read, and counted nowhere:\n  users.csv:2: not UTF-8\n" in out
    assert "blank" not in out


def test_what_csv_would_not_look_at_is_refused_or_looked_for(audit: Run) -> None:
    assert audit("--moengage", "users.csv", "--import", "import.csv") == (
        2,
        "",
        "wa-policy: --import takes DuckDB or Spark, and this is csv, which would not look at it; leave --engine out\n",
    )
    code, _, err = audit("--moengage", "users.csv", "--bsp", "nosuch.csv")
    assert code != 0
    assert "nosuch.csv" in err


def test_what_has_changed(audit: Run) -> None:
    audit("--moengage", "users.csv", "--measured-at", "2026-11-18T06:30:00Z")
    Path("users.csv").write_text(USERS.replace("TRUE", "", 2))
    code, out, _ = audit("--moengage", "users.csv", "--previous", OUT)
    assert code == 0
    assert (
        "\nsince 2026-11-18T06:30:00Z (2 days)\n"
        "  users, TRUE                                                   -2\n"
        "  users, blank                                                  +2\n"
    ) in out
    assert written()["predicate"]["change"]["consents_lost"] == 2


def test_several_files_and_a_map(audit: Run) -> None:
    Path("more.csv").write_text("Key;Consent\nu99;TRUE\n")
    code, *_ = audit("--moengage", "more.csv", "--map", "opt_in=Consent")
    assert code == 0
    assert written()["predicate"]["settings"] == {
        "minimum_group": 10,
        "columns": {"moengage": {"opt_in": "Consent"}},
        "map": ["opt_in=Consent"],
    }


FULL = """
numbers
  of the international form (E.164)                             10

repeated rows
  ids in more than one row                                       1

compared with the provider's list
  TRUE, and opted in there                                       1
  TRUE, and not opted in there                                   4
  TRUE, and opted out there                                      1
  not TRUE, but opted in there                                   1
  rows there without a usable number                             1

the import
  consents (TRUE) that a blank cell would wipe                   1
  refusals (FALSE) that a blank cell would wipe                  1
  ids that no user has                                           1

MoEngage's pages contradict each other about blank users.
  If blank users are counted in, 2 more people get messages without a recorded consent.
  If they are not, they get nothing.
"""


def test_both_sides_and_an_import(full: Run) -> None:
    code, out, _ = full("--moengage", "users.csv", "--bsp", "bsp.csv", "--import", "import.csv")
    assert code == 0
    assert out.endswith(FULL)
    assert [subject["annotations"] for subject in written()["subject"]] == [
        {"side": "moengage", "bytes": Path("users.csv").stat().st_size, "rows": 10},
        {"side": "bsp", "bytes": Path("bsp.csv").stat().st_size, "rows": 4},
        {"side": "import", "bytes": Path("import.csv").stat().st_size, "rows": 4},
    ]
    audit = written()["predicate"]
    assert audit["scope"] == "full"
    assert audit["settings"]["columns"] == {
        "moengage": {"id": "ID", "mobile": "Mobile Number (Standard)", "opt_in": "WhatsApp Subscription Status"},
        "bsp": {"mobile": "msisdn", "status": "Status"},
        "import": {"id": "ID", "opt_in": "moe_wa_subscription"},
    }
    assert [(group["calling_code"], group["total"]) for group in audit["calling_codes"]] == [("91", 10)]


def test_small_groups_are_merged_as_far_as_is_asked(full: Run) -> None:
    full("--moengage", "users.csv", "--minimum-group", "11")
    assert [group["calling_code"] for group in written()["predicate"]["calling_codes"]] == ["other"]


def test_all_formats_make_one_side(full: Run) -> None:
    Path("exports").mkdir()
    Path("exports/a[1].csv.gz").write_bytes(gzip.compress(USERS.encode()))
    Path("exports/b.ndjson").write_text('{"uid": "b", "u_mb": "919812345699", "moe_wa_subscription": true}\n')
    duckdb = import_module("duckdb")
    with duckdb.connect(":memory:") as connection:
        connection.execute(
            "COPY (SELECT 'c' AS uid, '919812345698' AS u_mb, false AS moe_wa_subscription) TO 'exports/c.parquet'"
        )
    assert full("--moengage", "exports")[0] == 0
    assert written()["predicate"]["users"] == {"total": 12, "true": 7, "false": 2, "blank": 2, "invalid": 1}
    assert [subject["name"] for subject in written()["subject"]] == [
        "exports/a[1].csv.gz",
        "exports/b.ndjson",
        "exports/c.parquet",
    ]


def test_exceptions_are_for_their_owner_alone(full: Run) -> None:
    code, _, err = full("--moengage", "users.csv", "--bsp", "bsp.csv", "--exceptions", "who.parquet")
    assert code == 0
    assert (
        "wa-policy: who.parquet holds personal data. Only you may read it; keep it out of the repository, and delete it when you "
        "are done\n"
    ) in err
    assert Path("who.parquet").stat().st_mode & 0o777 == 0o600
    assert full("--moengage", "users.csv", "--exceptions", "who.parquet") == (
        2,
        "",
        "wa-policy: who.parquet is there already; remove it, or name another file with --exceptions\n",
    )


def test_exceptions_of_an_audit_that_fails_are_removed(full: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def copies(*_: object) -> None:
        assert Path("who.parquet").exists()
        raise KeyboardInterrupt

    monkeypatch.setattr("wa_policy.audit.inputs.refuse_copies", copies)
    assert full("--moengage", "users.csv", "--exceptions", "who.parquet")[0] == 130
    assert not Path("who.parquet").exists()


def test_exceptions_are_removed_where_the_evidence_cannot_be_written(
    full: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        assert Path("who.parquet").exists()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("wa_policy.audit.statement.replace", fail)
    assert full("--moengage", "users.csv", "--exceptions", "who.parquet") == (
        3,
        "",
        f"wa-policy: {OUT} cannot be written: No space left on device\n"
        "  Make room, or name another file with --out\n"
        "  Nothing was written\n",
    )
    assert not Path("who.parquet").exists()


@pytest.mark.parametrize("step", ["statement.state", "summary"])
def test_exceptions_are_removed_whatever_fails(step: str, full: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(f"wa_policy.cli.audit.{step}", fail)
    assert full("--moengage", "users.csv", "--exceptions", "who.parquet")[0] == 3
    assert not Path("who.parquet").exists()
    assert not Path(OUT).exists()


def test_what_was_there_is_no_list_of_this_audit(full: Run) -> None:
    Path("who.parquet").write_text("mine")
    assert full("--moengage", "nowhere.csv", "--exceptions", "who.parquet")[0] == 2
    assert Path("who.parquet").read_text() == "mine"


def test_a_list_without_a_status_is_said(full: Run) -> None:
    Path("bsp.csv").write_text("phone,name\n919812345601,x\n")
    code, out, _ = full("--moengage", "users.csv", "--bsp", "bsp.csv")
    assert code == 0
    assert out.endswith("\nbsp.csv has no status: each of its numbers counts as opted in.\n")
    Path("more.csv").write_text("phone\n919812345602\n")
    Path("with.csv").write_text("phone,status\n919812345603,opted_out\n")
    code, out, _ = full("--moengage", "users.csv", "--bsp", "bsp.csv", "more.csv", "with.csv")
    assert code == 0
    assert out.endswith("\n2 files of the provider's list have no status: each of their numbers counts as opted in.\n")
    code, out, _ = full("--moengage", "users.csv", "--bsp", "with.csv")
    assert "no status" not in out


def test_a_column_that_may_be_the_status_is_not_passed_over(full: Run) -> None:
    Path("bsp.csv").write_text("phone,consent status\n919812345601,opted_out\n")
    assert full("--moengage", "users.csv", "--bsp", "bsp.csv") == (
        2,
        "",
        'wa-policy: bsp.csv: line 1: no column is known as the opt-in status, and "consent status" (column 2) may be it; '
        "without a status, every number in the list counts as opted in\n"
        "  Say which one it is: --map bsp.status=COLUMN; or take the column out, if it is no status\n",
    )
    assert full("--moengage", "users.csv", "--bsp", "bsp.csv", "--map", "bsp.status=consent status")[0] == 0
    assert written()["predicate"]["bsp"]["opted_out_total"] == 1


@pytest.mark.parametrize("name", ["users.csv", "bsp.csv"])
def test_a_blank_before_a_quote_swallows_no_rows(name: str, full: Run) -> None:
    header, *rows = Path(name).read_text().splitlines()
    before, delimiter, status = rows[0].rpartition("," if name == "users.csv" else ";")
    Path(name).write_text("\n".join([header, f'{before}{delimiter} "{status}', *rows[1:-1], f'{rows[-1]}"\n']))
    assert full("--moengage", "users.csv", "--bsp", "bsp.csv", "--exceptions", "who.parquet") == (
        3,
        "",
        f"wa-policy: {name}:2: a blank stands before the quote of a cell; some readers take that for a quoted cell, and others "
        "do not\n  Export the file again without blanks before quotes\n  Nothing was written\n",
    )
    assert not Path("who.parquet").exists()
    assert not Path(OUT).exists()


def test_a_blank_before_a_quote_is_refused_whatever_counts(audit: Run) -> None:
    Path("users.csv").write_text(HEADER + 'a,919812345601, "TRUE"\n')
    code, _, err = audit("--moengage", "users.csv")
    assert (code, err.partition(";")[0]) == (3, "wa-policy: users.csv:2: a blank stands before the quote of a cell")


def test_damaged_gzip_is_refused(full: Run) -> None:
    rows = "".join(f"v{number},9198{number:08},FALSE\n" for number in range(40_000))
    packed = bytearray(gzip.compress((USERS + rows).encode()))
    packed[-8] ^= 1  # of the checksum, at which DuckDB does not look
    Path("users.csv.gz").write_bytes(packed)
    assert full("--moengage", "users.csv.gz") == (
        3,
        "",
        "wa-policy: users.csv.gz: the compressed file is damaged\n  Fetch the file again, as a whole\n  Nothing was written\n",
    )


@pytest.mark.parametrize("side", ["bsp", "import"])
def test_a_copy_on_another_side_is_refused(side: str, full: Run) -> None:
    Path("copy.csv").write_text(Path("users.csv").read_text())
    words = ["--map", "bsp.mobile=Mobile Number (Standard)", "--map", "bsp.status=WhatsApp Subscription Status"]
    assert full("--moengage", "users.csv", f"--{side}", "copy.csv", *(words if side == "bsp" else [])) == (
        2,
        "",
        f"wa-policy: copy.csv: the file holds the same bytes as users.csv (--moengage and --{side})\n  Name one of them\n",
    )
    assert not Path(OUT).exists()


def test_what_has_changed_on_both_sides(full: Run) -> None:
    full("--moengage", "users.csv", "--bsp", "bsp.csv")
    Path("bsp.csv").write_text("msisdn;Status\n919812345600;opted_in\n")
    assert full("--moengage", "users.csv", "--bsp", "bsp.csv", "--previous", OUT)[0] == 0
    changed = written()["predicate"]["change"]["bsp"]
    assert {name: count for name, count in changed.items() if count} == {
        "rows": -3,
        "total": -2,
        "opted_in_total": -1,
        "opted_out_total": -1,
        "invalid_numbers": -1,
        "unknown": 1,
        "opted_out": -1,
        "not_true_but_opted_in": -1,
    }


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_sql_is_printed(dialect: str, run: Run) -> None:
    code, out, err = run("audit", "opt-in", "--print-sql", "--dialect", dialect)
    assert (code, err) == (0, "")
    assert "users_table" in out


def test_engines_are_modules_of_the_same_shape() -> None:
    for name in ("csv", "duckdb", "spark"):
        module = import_module(f"wa_policy.audit.{name}_engine")
        assert isinstance(module, ModuleType)
        assert callable(module.measure)


def test_lint_imports_nothing_of_it() -> None:
    code = "import sys, wa_policy.cli.lint; print(any(name.startswith('wa_policy.audit') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_help_needs_no_extra() -> None:
    code = (
        "import sys; sys.modules.update(duckdb=None, sqlglot=None, pyspark=None)\n"
        "from wa_policy.cli.main import main; main(['audit', '--help'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert INSTALL in done.stdout


def test_numbers_to_be_mended_and_unusable_ones_are_told(full: Run) -> None:
    Path("users.csv").write_text(f"{HEADER}u0,+91 98123 45600,TRUE\nu1,9.1E+11,TRUE\nu2,,TRUE\n")
    out = full("--moengage", "users.csv")[1]
    assert (
        "numbers\n"
        "  of the international form (E.164)                              0\n"
        "  missing                                                        1\n"
        "  to be mended: with blanks around or between                    1\n"
        "  unusable: rounded by a spreadsheet (9.1E+11)                   1\n"
    ) in out
