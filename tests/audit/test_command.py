"""``wa-policy audit opt-in``: what it writes, prints and refuses; and that nothing of a row ever gets out."""

from __future__ import annotations

import errno
import gzip
import io
import json
import os
import signal
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from wa_policy.audit import csv_engine
from wa_policy.cli import audit as command
from wa_policy.cli.progress import Counting
from wa_policy.schema.validate import violations

if TYPE_CHECKING:
    from collections.abc import Callable

    from wa_policy.audit.model import Measured, Progress, Request

    Run = Callable[..., tuple[int, str, str]]

AT = "2026-11-20T06:30:00Z"
OUT = "evidence/opt-in-audit.json"
INSTALL = "python -m pip install 'wa-policy[audit]'"
HEADER = "ID,Mobile Number (Standard),WhatsApp Subscription Status\n"
USERS = HEADER + "".join(
    f"u{number},9198123456{number:02},{status}\n"
    for number, status in enumerate(["TRUE"] * 6 + ["FALSE"] + ["", " "] + ["yes"])
)


@pytest.fixture
def audit(in_folder: Path, run: Run) -> Run:
    """Call the command with what every call needs, in a folder with an export."""
    (in_folder / "users.csv").write_text(USERS)
    (in_folder / "bsp.csv").write_text("mobile,status\n919812345600,opted_in\n")

    def call(*words: str, usual: bool = True) -> tuple[int, str, str]:
        always = ["--workspace", "acme", "--out", OUT, "--measured-at", AT, "--engine", "csv"] if usual else []
        return run("audit", "opt-in", *always, *words)

    return call


def written() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(Path(OUT).read_text("utf-8"))
    assert violations(content, "evidence-opt-in-audit") == []
    return content


def without_duckdb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    monkeypatch.setattr(command, "find_spec", lambda name: None if name == "duckdb" else find_spec(name))


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
    assert err.startswith(f"wa-policy: only MoEngage's users are counted; comparing takes DuckDB: {INSTALL}\n")
    assert "coverage only: " in out
    assert [subject["name"] for subject in written()["subject"]] == ["users.csv"]


def test_without_the_extra_large_files_are_refused(audit: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    without_duckdb(monkeypatch)
    monkeypatch.setattr(csv_engine, "MOST_ROWS", 9)
    assert audit("--moengage", "users.csv", "--engine", "auto") == (
        2,
        "",
        "wa-policy: there are more than 9 rows, which Python's own reader is too slow for\n"
        f"  Install what reads any number of them: {INSTALL}\n",
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
        f"wa-policy: --import takes DuckDB or Spark, and this is csv, which would not look at it; install it: {INSTALL}\n",
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


# With DuckDB, everything.


@pytest.fixture
def full(audit: Run) -> Run:
    """Call the command with DuckDB, in a folder with files of both sides and one to import."""
    Path("users.csv").write_text(USERS.replace("u9,", "u8,"))
    Path("bsp.csv").write_text("msisdn;Status\n919812345600;opted_in\n919812345601;OPTED_OUT\n919812345607;in\n1;in\n")
    Path("import.csv").write_text("ID,moe_wa_subscription\nu0,\nu1,TRUE\nu6,\nx,\n")

    def call(*words: str) -> tuple[int, str, str]:
        return audit("--engine", "duckdb", *words)

    return call


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

    monkeypatch.setattr(command, "_check_copies", copies)
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


@pytest.mark.parametrize("dialect", command.DIALECTS)
def test_the_sql_is_printed(dialect: str, run: Run) -> None:
    code, out, err = run("audit", "opt-in", "--print-sql", "--dialect", dialect)
    assert (code, err) == (0, "")
    assert "users_table" in out


# Wrong use: exit code 2, and nobody looked at a row.


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--engine", "csv"], "missing: --workspace, --out, --moengage; see `wa-policy audit --help`"),
        (["--workspace", "acme", "--out", OUT], "missing: --moengage; see `wa-policy audit --help`"),
        (["--workspace", "acme", "--from-result", "r.csv"], "missing: --out; see `wa-policy audit --help`"),
        (
            ["--workspace", "acme", "--out", OUT, "--from-result", "r.csv", "--bsp", "bsp.csv"],
            "--bsp has no meaning with --from-result: there the warehouse has counted",
        ),
        (
            ["--workspace", "acme", "--out", OUT, "--moengage", "users.csv", "--dialect", "spark"],
            "--dialect goes with --print-sql or --from-result",
        ),
        (
            ["--workspace", "acme", "--out", OUT, "--moengage", "users.csv", "--engine", "csv", "--master", "local"],
            "--master goes with --engine spark",
        ),
        (
            [
                "--workspace",
                "acme",
                "--out",
                OUT,
                "--moengage",
                "users.csv",
                "--engine",
                "csv",
                "--exceptions",
                "x.parquet",
            ],
            f"--exceptions takes DuckDB, and this is csv; install it: {INSTALL}",
        ),
        (
            [
                "--workspace",
                "acme",
                "--out",
                OUT,
                "--moengage",
                "users.csv",
                "--engine",
                "duckdb",
                "--exceptions",
                "x.csv",
            ],
            "x.csv: --exceptions writes Parquet; give the file a name that ends in .parquet",
        ),
        (
            [
                "--workspace",
                "acme",
                "--out",
                OUT,
                "--moengage",
                "users.csv",
                "--engine",
                "duckdb",
                "--exceptions",
                "a/x.parquet",
            ],
            "a/x.parquet: there is no such folder; make it, or name another with --exceptions",
        ),
        *(
            (
                [
                    *("--workspace", "acme", "--moengage", "users.csv", "--engine", "duckdb"),
                    *("--out", "x.parquet", "--exceptions", path),
                ],
                f"{path}: --exceptions and --out name the same file; name another with one of them",
            )
            for path in ("x.parquet", "./x.parquet", "here/x.parquet")
        ),
        *(
            (
                ["--workspace", "acme", "--out", OUT, "--from-result", "r.csv", option, value],
                f"{option} has no meaning with --from-result: there the warehouse has counted",
            )
            for option, value in (
                ("--threads", "2"),
                ("--memory-limit", "1GB"),
                ("--temp-dir", "."),
                ("--engine", "csv"),
            )
        ),
        *(
            (
                ["--workspace", "acme", "--out", OUT, "--moengage", "users.csv", "--engine", "csv", option, value],
                f"{option} goes with DuckDB or Spark, and this is csv",
            )
            for option, value in (("--threads", "2"), ("--memory-limit", "1GB"), ("--minimum-group", "11"))
        ),
    ],
)
def test_options_that_do_not_go_together(words: list[str], message: str, audit: Run) -> None:
    Path("here").symlink_to(".")
    assert audit(*words, usual=False) == (2, "", f"wa-policy: {message}\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--workspace", "919812345678 "], "argument --workspace: this is no name of a workspace, which has letters, "),
        (["--minimum-group", "0"], "argument --minimum-group: this is no whole number over 0"),
        (["--threads", "two"], "argument --threads: this is no whole number over 0"),
        (["--memory-limit", "lots"], "argument --memory-limit: this is no size; write it like 512MB or 4GB"),
        (["--measured-at", "yesterday"], "argument --measured-at: this is no time with a zone; write it like "),
        (
            ["--measured-at", "2026-11-20T06:30:00"],
            "argument --measured-at: this is no time with a zone; write it like ",
        ),
        (["--engine", "polars"], "argument --engine: invalid choice: 'polars'"),
        *(
            (["--measured-at", moment], "argument --measured-at: this is no time of an audit; write it like ")
            for moment in (
                "0001-01-01T00:00:00+05:00",
                "9999-12-31T23:59:59-05:00",
                "0001-01-01T00:00:00Z",
                "0999-12-31T23:59:59Z",
            )
        ),
    ],
)
def test_values_that_are_none(words: list[str], message: str, audit: Run) -> None:
    code, out, err = audit("--moengage", "users.csv", *words)
    assert (code, out) == (2, "")
    assert f"wa-policy audit: error: {message}" in err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (
            ["--moengage", "user.csv"],
            'wa-policy: user.csv: there is no such file (did you mean "users.csv"?)\n  Mend the path\n',
        ),
        (
            ["--moengage", "users.csv", "users.csv"],
            "wa-policy: users.csv: the file is given twice (--moengage)\n  Name each file once\n",
        ),
        (
            ["--moengage", "users.csv", "--moengage", "copy.csv"],
            "wa-policy: copy.csv: the file holds the same bytes as users.csv (--moengage)\n  Name one of them\n",
        ),
        (
            ["--moengage", "users.csv", "--out", "users.csv"],
            "wa-policy: users.csv is one of the files to be read, and would be overwritten\n  Name another file with --out\n",
        ),
        (
            ["--moengage", "users.csv", "--temp-dir", "nowhere"],
            "wa-policy: nowhere: temporary files cannot be written there\n  Name another folder with --temp-dir\n",
        ),
        (
            ["--moengage", "users.csv", "--map", "opt_in=Consent"],
            'wa-policy: users.csv: line 1: no column for the WhatsApp subscription status, "Consent"; its columns are "ID", '
            '"Mobile Number (Standard)", "WhatsApp Subscription Status"\n  Name a column of this file with --map opt_in=COLUMN\n',
        ),
        (
            ["--moengage", "users.csv", "--map", "optin=Consent"],
            'wa-policy: --map: there is no role "optin" (did you mean "opt_in"?)\n'
            "  The roles are moengage.id, moengage.mobile, moengage.opt_in, bsp.mobile, bsp.status, import.id, import.opt_in, "
            "id, opt_in, mobile, status\n",
        ),
        (
            ["--moengage", "users.csv", "--map", "status=Consent"],
            "wa-policy: --map bsp.status: there is no file with --bsp\n"
            "  Name the provider's list with --bsp, or leave the column out\n",
        ),
        (
            ["--moengage", "users.csv", "--map", "import.id=Key"],
            "wa-policy: --map import.id: there is no file with --import\n"
            "  Name the file to be imported with --import, or leave the column out\n",
        ),
        (
            ["--moengage", "users.csv", "--out", "new/"],
            "wa-policy: new/ is the name of a folder, and evidence is one file\n  Name another file with --out\n",
        ),
        (
            ["--moengage", "users.csv", "--out", "a" * 300],
            f"wa-policy: {'a' * 300} cannot be written: File name too long\n  Name another file with --out\n",
        ),
        (
            ["--moengage", "users.csv", "--previous", "users.csv"],
            "wa-policy: users.csv:1: this is no opt-in audit\n  Name an earlier audit of this workspace with --previous\n",
        ),
        (
            ["--moengage", "users.csv", "--previous", "old.json"],
            "wa-policy: old.json: the previous audit cannot be read: No such file or directory\n"
            "  Name an earlier audit of this workspace with --previous\n",
        ),
    ],
)
def test_wishes_that_cannot_be_granted(words: list[str], complaint: str, audit: Run) -> None:
    Path("copy.csv").write_text(USERS)
    assert audit(*words) == (2, "", complaint)
    assert not Path(OUT).exists()


@pytest.mark.parametrize("engine_name", ["csv", "duckdb", "auto"])
def test_addresses_are_for_spark(engine_name: str, audit: Run) -> None:
    assert audit("--moengage", "s3a://acme/users.csv", "--engine", engine_name) == (
        2,
        "",
        "wa-policy: s3a://acme/users.csv: this is an address, which Spark alone reads\n"
        "  Count it with --engine spark; or mount it here and name the path; or count it where it is with the SQL that "
        "--print-sql prints\n",
    )
    assert audit("--moengage", "s3a://KEY:SECRET@acme/users.csv", "--engine", engine_name) == (
        2,
        "",
        "wa-policy: an address that begins with s3a: holds a user's name or a password, which would stand in the evidence\n"
        "  Take out what stands before the @, and put it into Spark's configuration (spark-defaults.conf)\n",
    )


@pytest.mark.parametrize("option", ["--out", "--previous", "--exceptions", "--temp-dir", "--from-result"])
def test_no_option_repeats_a_secret(option: str, audit: Run) -> None:
    data = [] if option == "--from-result" else ["--moengage", "users.csv"]
    code, out, err = audit(*data, "--engine", "duckdb", option, "s3a://KEY:SECRET@acme/x.parquet")
    assert (code, out) == (2, "")
    assert err.startswith("wa-policy: an address that begins with s3a: holds a user's name or a password, ")
    assert "SECRET" not in err


def test_spark_is_an_extra(audit: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    assert audit("--moengage", "users.csv", "--engine", "spark") == (
        2,
        "",
        "wa-policy: Spark is not installed, which --engine spark needs\n"
        "  Install it: python -m pip install 'wa-policy[spark]'; and Java 17\n",
    )


# Files that cannot be used: exit code 3, and nothing is written.


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (
            b"",
            "users.csv: the file is empty\n  Export it again: there is not even a line with the names of the columns\n",
        ),
        (
            USERS.encode("utf-16"),
            "users.csv: the file is encoded as UTF-16, not as UTF-8\n"
            "  In Excel, save it as CSV UTF-8 (comma delimited); or convert it: iconv -f UTF-16 -t UTF-8 OLD > NEW\n",
        ),
        (
            b"ID,Mobile\n1,2\n",
            'users.csv: line 1: no column for the WhatsApp subscription status, "WhatsApp Subscription Status" or '
            '"moe_wa_subscription"; its columns are "ID", "Mobile"\n'
            "  Export it with this column, or say which one it is: --map opt_in=COLUMN\n",
        ),
    ],
)
def test_files_that_cannot_be_used(content: bytes, complaint: str, audit: Run) -> None:
    Path("users.csv").write_bytes(content)
    assert audit("--moengage", "users.csv") == (3, "", f"wa-policy: {complaint}  Nothing was written\n")
    assert not Path("evidence").exists()


# Engines of our own, to see what happens around them.


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Request], None]], None]:
    """Have something happen while the csv engine counts."""

    def install(act: Callable[[Request], None]) -> None:
        real = csv_engine.measure

        def measure(request: Request, progress: Callable[[Progress], None]) -> Measured:
            measured = real(request, progress)
            act(request)
            return measured

        monkeypatch.setattr(csv_engine, "measure", measure)

    return install


def test_a_file_that_changes_while_it_is_read(audit: Run, engine: Callable[..., None]) -> None:
    def change(_request: Request) -> None:
        with Path("users.csv").open("a") as file:
            file.write("u10,919812345610,TRUE\n")

    engine(change)
    assert audit("--moengage", "users.csv") == (
        3,
        "",
        "wa-policy: users.csv: the file changed while it was read, so what was counted is of no file that exists\n"
        "  Wait until the export is complete, or audit a copy of it\n"
        "  Nothing was written\n",
    )
    assert not Path(OUT).exists()


@pytest.mark.parametrize("debug", ["", "1"])
def test_what_an_engine_says_is_not_repeated(
    debug: str, audit: Run, engine: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_request: Request) -> None:
        raise ValueError("Could not convert string '919812345601' to INT32")

    engine(fail)
    monkeypatch.setenv("WA_POLICY_DEBUG", debug)
    code, out, err = audit("--moengage", "users.csv")
    assert (code, out) == (3, "")
    assert "csv failed with ValueError; what it said is not shown, since it may quote a row\n" in err
    assert "919812345601" not in err.replace(__file__, "") or debug  # the line of this test is no row
    assert ("test_command.py" in err) == bool(debug)
    assert "Could not convert" not in err.replace('raise ValueError("Could not convert', "")


def test_an_interrupt_leaves_nothing(audit: Run, engine: Callable[..., None]) -> None:
    def interrupt(_request: Request) -> None:
        raise KeyboardInterrupt

    engine(interrupt)
    before = sorted(os.listdir())
    assert audit("--moengage", "users.csv")[:2] == (130, "")
    assert sorted(os.listdir()) == before


BLOCKED = """
import sys
from wa_policy.audit import csv_engine
from wa_policy.cli.main import main

real = csv_engine.measure

def measure(request, progress):
    real(request, progress)
    print("counting", flush=True)
    while True:               # until the signal; a blocking read would miss one that comes just before it blocks
        pass

csv_engine.measure = measure
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("old", ["an older audit\n", None])
@pytest.mark.usefixtures("audit")
def test_a_signal_leaves_what_was_there(number: signal.Signals, old: str | None, tmp_path: Path) -> None:
    if old:
        Path("evidence").mkdir()
        Path(OUT).write_text(old)
    words = ["audit", "opt-in", "--workspace", "acme", "--out", OUT, "--engine", "csv", "--moengage", "users.csv"]
    with subprocess.Popen(
        [sys.executable, "-c", BLOCKED, *words, "--temp-dir", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "counting\n"
        process.send_signal(number)
        assert process.wait() == 130
        assert process.stdout.read() == ""
        assert process.stderr
        assert process.stderr.read() == ""
    found = {str(path) for path in Path().rglob("*") if path.is_file()}
    assert found == {"users.csv", "bsp.csv", *([OUT] if old else [])}
    assert not old or Path(OUT).read_text() == old


@pytest.mark.usefixtures("audit")
def test_a_signal_that_is_ignored_stays_so() -> None:
    """As under nohup."""
    code = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n" + BLOCKED.replace(
        "    while True:",
        '    import os; os.kill(os.getpid(), signal.SIGHUP); print("alive", flush=True)\n    while True:',
    )
    words = ["audit", "opt-in", "--workspace", "acme", "--out", OUT, "--engine", "csv", "--moengage", "users.csv"]
    with subprocess.Popen([sys.executable, "-c", code, *words], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "counting\n"
        assert process.stdout.readline() == "alive\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 130


def test_signals_are_as_before_afterwards(audit: Run) -> None:
    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    assert audit("--moengage", "users.csv")[0] == 0
    assert [signal.getsignal(number) for number in numbers] == before


# How far it is.


class Screen(io.StringIO):
    def __init__(self, *, live: bool) -> None:
        super().__init__()
        self._live = live

    def isatty(self) -> bool:
        return self._live


def test_a_bar_on_a_terminal_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wa_policy.cli.progress.PAUSE_SECONDS", 0.0)
    screen = Screen(live=True)
    with Counting(screen) as bar:
        bar("reading users.csv", 0, 0, 2_000_000)
        bar("reading users.csv", 12_345, 1_000_000, 2_000_000)
        bar("comparing", 20_000, 0, 0)
    assert [shown.strip() for shown in screen.getvalue().split("\r\x1b[K")] == [
        "",
        f"[{'.' * 24}] 0.0 MB of 2.0 MB, reading users.csv",
        f"[{'#' * 12}{'.' * 12}] 12,345 rows, 1.0 MB of 2.0 MB, reading users.csv",
        "20,000 rows, comparing",
        "",
    ]


@pytest.mark.parametrize(("wait", "lines"), [(0.0, 2), (1e9, 0)])
def test_lines_now_and_then_elsewhere(wait: float, lines: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wa_policy.cli.progress.LINE_SECONDS", wait)
    screen = Screen(live=False)
    with Counting(screen) as bar:
        bar("reading users.csv", 12_345, 1_000_000, 2_000_000)
        bar("comparing", 20_000, 0, 0)
    assert (
        screen.getvalue().splitlines()
        == [
            "12,345 rows, 1.0 MB of 2.0 MB, reading users.csv",
            "20,000 rows, comparing",
        ][:lines]
    )


# Personal values.


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
