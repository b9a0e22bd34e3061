"""What `wa-policy audit opt-in` refuses to do: exit code 2, and nobody looked at a row."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.audit.exports import INSTALL, OUT, USERS
from wa_policy.source.document import DEFAULT_LIMITS

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., tuple[int, str, str]]


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
            "--exceptions takes DuckDB, and this is csv; leave --engine out",
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
        (["--threads", "two"], "argument --threads: this is no whole number from 1 to 1024"),
        (["--threads", "1025"], "argument --threads: this is no whole number from 1 to 1024"),
        (["--threads", "0"], "argument --threads: this is no whole number from 1 to 1024"),
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
        (
            ["--moengage", "users.csv", "--previous", "pipe.json"],
            "wa-policy: pipe.json: the previous audit cannot be read: it is no file; save what a pipe gives first\n"
            "  Name an earlier audit of this workspace with --previous\n",
        ),
        (
            ["--moengage", "users.csv", "--previous", "/dev/zero"],
            "wa-policy: /dev/zero: the previous audit cannot be read: it is no file; save what a pipe gives first\n"
            "  Name an earlier audit of this workspace with --previous\n",
        ),
        (
            ["--moengage", "users.csv", "--previous", "long.json"],
            "wa-policy: long.json: this is no opt-in audit: it has more than 4,194,304 bytes\n"
            "  Name an earlier audit of this workspace with --previous\n",
        ),
        (
            ["--from-result", "pipe.json"],
            "wa-policy: pipe.json: it cannot be read: it is no file; save what a pipe gives first\n"
            "  Name the file that the result was saved in\n",
        ),
    ],
)
def test_wishes_that_cannot_be_granted(words: list[str], complaint: str, audit: Run) -> None:
    Path("copy.csv").write_text(USERS)
    os.mkfifo("pipe.json")
    with open("long.json", "wb") as long:
        long.truncate(DEFAULT_LIMITS.bytes + 1)
    assert audit(*words, *(["--engine", "auto"] if "--from-result" in words else [])) == (2, "", complaint)
    assert not Path(OUT).exists()


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--workspace", "acme"),
        ("--out", OUT),
        ("--moengage", "users.csv"),
        ("--bsp", "bsp.csv"),
        ("--import", "users.csv"),
        ("--map", "id=ID"),
        ("--previous", OUT),
        ("--minimum-group", "5"),
        ("--exceptions", "x.parquet"),
        ("--measured-at", "2026-11-20T06:30:00Z"),
        ("--engine", "csv"),
        ("--master", "local"),
        ("--memory-limit", "1GB"),
        ("--threads", "2"),
        ("--temp-dir", "."),
        ("--from-result", "result.csv"),
    ],
)
def test_printed_sql_counts_nothing(option: str, value: str, run: Run) -> None:
    assert run("audit", "opt-in", "--print-sql", option, value) == (
        2,
        "",
        f"wa-policy: {option} has no meaning with --print-sql, which counts nothing and writes no evidence\n",
    )


def test_what_takes_duckdb_says_how_to_have_it(audit: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("--moengage", "users.csv", "--exceptions", "x.parquet", "--engine")
    for engine in ("spark", "csv"):
        said = f"wa-policy: --exceptions takes DuckDB, and this is {engine}; leave --engine out\n"
        assert audit(*words, engine) == (2, "", said)
    monkeypatch.setitem(sys.modules, "duckdb", None)
    for engine in ("spark", "csv"):
        said = f"wa-policy: --exceptions takes DuckDB, and this is {engine}; install it: {INSTALL}\n"
        assert audit(*words, engine) == (2, "", said)


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
