"""Files, patterns and folders: all that are meant, each once, and none that is something else."""

from __future__ import annotations

import gzip
import os
from typing import TYPE_CHECKING

import pytest

from tests.audit.refusals import refusal_of
from wa_policy.audit import local
from wa_policy.audit.duckdb_files import parquet_names
from wa_policy.audit.errors import AuditError
from wa_policy.audit.inputs import Given, describe, gather
from wa_policy.audit.model import BSP, CSV, IMPORT, MOENGAGE, NDJSON, PARQUET

if TYPE_CHECKING:
    from pathlib import Path

HEADER = b"ID,u_mb,moe_wa_subscription\n"
FORMATS = ".csv, .tsv, .txt, .ndjson, .jsonl, .json, .parquet, .csv.gz, .ndjson.gz"


def no_parquet(_path: str) -> tuple[str, ...]:
    raise AssertionError


@pytest.fixture
def folder(in_folder: Path) -> Path:
    """A folder with exports, and with what lies beside them."""
    for name in ("exports/b.csv", "exports/a.csv", "exports/day=2/c.csv", "exports/.hidden.csv", "exports/_SUCCESS"):
        path = in_folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(HEADER + name.encode())
    (in_folder / "exports" / "_temporary").mkdir()
    (in_folder / "exports" / "_temporary" / "d.csv").write_bytes(HEADER)
    return in_folder


def given(*names: str) -> list[Given]:
    return [Given(name, MOENGAGE, local.state(name)) for name in names]


def paths(*words: str) -> list[str]:
    return [path for path, *_ in gather({MOENGAGE: words})]


def refused(**named: list[str]) -> list[tuple[str, str, int]]:
    return refusal_of(lambda: gather(named))


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["exports/b.csv", "exports/a.csv"], ["exports/b.csv", "exports/a.csv"]),
        (["exports"], ["exports/a.csv", "exports/b.csv", "exports/day=2/c.csv"]),
        (["exports/*.csv"], ["exports/a.csv", "exports/b.csv"]),
        (["exports/**/[bc].csv"], ["exports/b.csv", "exports/day=2/c.csv"]),
        (["exports/day=2", "exports/a.csv"], ["exports/day=2/c.csv", "exports/a.csv"]),
    ],
)
def test_what_is_named(words: list[str], found: list[str]) -> None:
    assert paths(*words) == found


def test_a_name_that_looks_like_a_pattern_is_a_name_first(in_folder: Path) -> None:
    (in_folder / "users[1].csv").write_bytes(HEADER)
    assert paths("users[1].csv") == ["users[1].csv"]


@pytest.mark.usefixtures("folder")
def test_sides_stay_apart() -> None:
    named = {MOENGAGE: ["exports/a.csv"], BSP: ["exports/b.csv"], IMPORT: ["exports/day=2"]}
    assert [side for _, side, _ in gather(named)] == [MOENGAGE, BSP, IMPORT]


@pytest.mark.parametrize(
    ("words", "troubles"),
    [
        (
            ["exports/aa.csv"],
            [('exports/aa.csv: there is no such file (did you mean "a.csv"?)', "mend the path")],
        ),
        (["nowhere/at/all.csv"], [("nowhere/at/all.csv: there is no such file", "mend the path")]),
        (
            ["s3a://acme/users/*.csv"],
            [
                (
                    "s3a://acme/users/*.csv: this is an address, which Spark alone reads",
                    "count it with --engine spark; or mount it here and name the path; or count it where it is with the SQL "
                    "that --print-sql prints",
                )
            ],
        ),
        (["a\0.csv"], [('a\0.csv: there is no such file (did you mean "hard.csv"?)', "mend the path")]),
        (
            ["exports/*.parquet"],
            [("exports/*.parquet: no file fits this pattern", "mend the path, or name the files one by one")],
        ),
        (["empty"], [("empty: the folder holds no file", "mend the path, or name the files one by one")]),
        (
            ["users.xlsx"],
            [(f"users.xlsx: the end of the name is none of {FORMATS}", "rename the file after what is in it")],
        ),
        (
            ["users.parquet.gz"],
            [(f"users.parquet.gz: the end of the name is none of {FORMATS}", "rename the file after what is in it")],
        ),
        (
            ["pipe.csv"],
            [("pipe.csv: this is no file", "name a file, a folder or a pattern; save what a pipe gives first")],
        ),
        (
            ["exports/a.csv", "exports/a.csv"],
            [("exports/a.csv: the file is given twice (--moengage)", "name each file once")],
        ),
        (
            ["exports", "exports/a.csv"],
            [("exports/a.csv: the file is given twice (--moengage)", "name each file once")],
        ),
        (
            ["exports/a.csv", "./exports/a.csv"],
            [("./exports/a.csv: the file is given twice, once as exports/a.csv (--moengage)", "name each file once")],
        ),
        (
            ["exports/a.csv", "soft.csv"],
            [("soft.csv: the file is given twice, once as exports/a.csv (--moengage)", "name each file once")],
        ),
        (
            ["exports/a.csv", "hard.csv"],
            [("hard.csv: the file is given twice, once as exports/a.csv (--moengage)", "name each file once")],
        ),
        (
            ["exports/a.csv", "exports/nothing.csv", "users.xlsx"],
            [
                ("exports/nothing.csv: there is no such file", "mend the path"),
                (f"users.xlsx: the end of the name is none of {FORMATS}", "rename the file after what is in it"),
            ],
        ),
    ],
)
def test_what_cannot_be_granted(words: list[str], troubles: list[tuple[str, str]], folder: Path) -> None:
    (folder / "empty").mkdir()
    (folder / "users.xlsx").write_bytes(b"PK")
    (folder / "users.parquet.gz").write_bytes(b"x")
    os.mkfifo(folder / "pipe.csv")
    (folder / "soft.csv").symlink_to("exports/a.csv")
    (folder / "hard.csv").hardlink_to("exports/a.csv")
    assert refused(moengage=words) == [(message, remedy, 2) for message, remedy in troubles]


@pytest.mark.parametrize(
    "address", ["file:///users.csv", "dbfs:/users.csv", "hdfs:///users", "WEBHDFS://host:1/users.csv"]
)
def test_addresses_are_for_spark_alone(address: str) -> None:
    ((message, _, code),) = refused(moengage=[address])
    assert (message, code) == (f"{address}: this is an address, which Spark alone reads", 2)


def test_what_has_a_colon_is_no_address_yet(in_folder: Path) -> None:
    for name in ("exports:2026.csv", "C:users.csv"):
        (in_folder / name).write_bytes(HEADER)
        assert paths(name) == [name]


@pytest.mark.usefixtures("folder")
def test_the_same_file_on_both_sides() -> None:
    assert refused(moengage=["exports/a.csv"], bsp=["exports/a.csv"]) == [
        ("exports/a.csv: the file is given twice (--moengage and --bsp)", "name each file once", 2)
    ]


def test_a_name_that_the_evidence_cannot_hold(in_folder: Path) -> None:
    (in_folder / os.fsdecode(b"\xe4.csv")).write_bytes(HEADER)
    assert refused(moengage=["."]) == [
        ("./\udce4.csv: the name is not UTF-8, and the evidence has to name the file", "rename the file", 2)
    ]


def test_headers_of_all_formats(in_folder: Path) -> None:
    keys = b'{"uid": "1", "u_mb": null, "moe_wa_subscription": true}\n'
    contents = {
        "a.csv": HEADER,
        "b.CSV.GZ": gzip.compress(HEADER),
        "c.tsv": HEADER.replace(b",", b"\t"),
        "d.ndjson": keys,
        "e.json.gz": gzip.compress(keys),
        "f.parquet": b"PAR1 and so on",
    }
    for name, content in contents.items():
        (in_folder / name).write_bytes(content)
    files = describe(given(*contents), {}, lambda _: ("moe_wa_subscription", "u_mb", "uid"))
    assert [(file.format, file.compressed, file.delimiter, file.quote) for file in files] == [
        (CSV, False, ",", '"'),
        (CSV, True, ",", '"'),
        (CSV, False, "\t", '"'),
        (NDJSON, False, "", ""),
        (NDJSON, True, "", ""),
        (PARQUET, False, "", ""),
    ]
    assert [file.bytes for file in files] == [len(content) for content in contents.values()]
    assert [column.role for column in files[5].columns] == ["id", "mobile", "opt_in"]
    assert {column.position for file in files[3:] for column in file.columns} == {-1}


def test_names_of_a_parquet_file(in_folder: Path) -> None:
    import duckdb

    with duckdb.connect(":memory:") as connection:
        connection.execute("COPY (SELECT 'a' AS uid, true AS moe_wa_subscription) TO 'users[1].parquet'")
    assert parquet_names("users[1].parquet") == ("uid", "moe_wa_subscription")
    (in_folder / "half.parquet").write_bytes((in_folder / "users[1].parquet").read_bytes()[:50])
    with pytest.raises(AuditError) as refusal:
        parquet_names("half.parquet")
    assert refusal.value.troubles == (
        ("half.parquet: the Parquet file is damaged, or has no end", "export it again", 3),
    )


@pytest.mark.parametrize("name", ["~/z.parquet", "~", "a\\b.parquet", "{a,b}.parquet", "d*/[ab]?.parquet"])
def test_a_parquet_file_may_have_any_name(name: str, in_folder: Path) -> None:
    import duckdb

    with duckdb.connect(":memory:") as connection:
        connection.execute("COPY (SELECT 'a' AS uid) TO 'any.parquet'")
    (in_folder / name).parent.mkdir(exist_ok=True)
    os.rename("any.parquet", in_folder / name)
    assert parquet_names(name) == ("uid",)


def test_a_name_that_duckdb_takes_for_another_is_refused(in_folder: Path) -> None:
    """It takes a backslash for a slash, if there is a pattern's character as well: it would read the other file."""
    import duckdb

    (in_folder / "a").mkdir()
    for name in ("a\\b[1].parquet", "a/b[1].parquet"):
        with duckdb.connect(":memory:") as connection:
            connection.execute("COPY (SELECT 'a' AS uid) TO 'any.parquet'")
        os.rename("any.parquet", in_folder / name)
    with pytest.raises(AuditError) as refusal:
        parquet_names("a\\b[1].parquet")
    assert refusal.value.troubles == (
        (
            "a\\b[1].parquet: DuckDB cannot read a path with a backslash and one of * ? [",
            "rename the file, or the folder that it is in",
            2,
        ),
    )


@pytest.mark.parametrize(
    ("name", "content", "message", "remedy"),
    [
        (
            "a.csv.gz",
            HEADER,
            "the file is not compressed by gzip, though its name ends in .gz",
            "mend the name",
        ),
        (
            "a.csv.gz",
            gzip.compress(HEADER * 100)[:20],
            "the compressed file ends in the middle",
            "fetch the file again, as a whole",
        ),
        (
            "a.parquet",
            HEADER,
            "the file is no Parquet file, whatever its name says",
            "export it again, or give it the name that fits what is in it",
        ),
        ("a.parquet", b"", "the file is empty", "export it again, or give it the name that fits what is in it"),
        (
            "a.csv.gz",
            gzip.compress(b""),
            "the file is empty",
            "export it again: there is not even a line with the names of the columns",
        ),
    ],
)
def test_files_that_are_not_what_their_name_says(
    name: str, content: bytes, message: str, remedy: str, in_folder: Path
) -> None:
    (in_folder / name).write_bytes(content)
    with pytest.raises(AuditError) as refusal:
        describe(given(name), {}, no_parquet)
    assert refusal.value.troubles == ((f"{name}: {message}", remedy, 3),)


def test_all_that_is_wrong_is_said_at_once(in_folder: Path) -> None:
    (in_folder / "a.csv").write_bytes(b"")
    (in_folder / "b.csv").write_bytes(b"ID,u_mb\n")
    (in_folder / "gone.csv").write_bytes(HEADER)
    found = given("a.csv", "b.csv", "gone.csv")
    (in_folder / "gone.csv").unlink()
    with pytest.raises(AuditError) as refusal:
        describe(found, {}, no_parquet)
    assert [trouble.message.split(":")[0] for trouble in refusal.value.troubles] == ["a.csv", "b.csv", "gone.csv"]


def test_the_name_of_a_folder_is_no_column_of_parquet(tmp_path: Path) -> None:
    import duckdb

    (tmp_path / "opt_in=true").mkdir()
    path = tmp_path / "opt_in=true" / "users.parquet"
    duckdb.execute(f"COPY (SELECT 'a' AS id) TO '{path}' (FORMAT parquet)")
    assert parquet_names(str(path)) == ("id",)


@pytest.mark.parametrize("name", ["a.ndjson", "a.ndjson.gz"])
def test_a_small_file_is_read_to_its_end(name: str, in_folder: Path) -> None:
    keys = b'{"uid": "1", "u_mb": null, "moe_wa_subscription": true}'
    (in_folder / name).write_bytes(gzip.compress(keys) if name.endswith(".gz") else keys)
    (file,) = describe(given(name), {}, no_parquet)
    assert file.header == ("uid", "u_mb", "moe_wa_subscription")
