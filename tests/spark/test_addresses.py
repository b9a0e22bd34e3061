"""What lies at an address is found, described, digested and counted as if it were here; and what goes wrong is told."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.audit.refusals import refusal_of
from tests.spark.webhdfs import Served, served
from wa_policy.audit import spark_engine
from wa_policy.audit.digests import Digest, Digests
from wa_policy.audit.errors import AuditError
from wa_policy.audit.hadoop import Hadoop, where_spark_reads
from wa_policy.audit.headers import HEAD
from wa_policy.audit.inputs import describe, gather
from wa_policy.audit.model import MOENGAGE
from wa_policy.schema.validate import violations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyspark.sql import SparkSession

    from wa_policy.audit.storage import Where

    Run = Callable[..., tuple[int, str, str]]

pytestmark = pytest.mark.spark

HEADER = "ID,u_mb,moe_wa_subscription\n"
CANARY = "919812345678"
ODD = "odd ü%20#[1].csv"
ACCESS = "Spark's configuration (spark-defaults.conf in the folder that SPARK_CONF_DIR names)"


@pytest.fixture
def folder(in_folder: Path) -> Path:
    """A folder with exports in all formats, and with what lies beside them."""
    contents = {
        "users.csv": (HEADER + f"a,{CANARY},TRUE\nb,,\n").encode(),
        "exports/b.csv": (HEADER + "c,+91 98123 45602,FALSE\n").encode(),
        "exports/a.csv": (HEADER + "d,919812345603,TRUE\nragged\n").encode(),
        "exports/day=2/c.csv.gz": gzip.compress(f"\ufeff{HEADER}".encode() + b"e,919812345604,yes\nf,1,\n"),
        f"exports/{ODD}": (HEADER + "g,919812345605,TRUE\n" * 3).encode(),
        "exports/only a header.csv": HEADER.encode(),
        "exports/.hidden.csv": b"hidden",
        "exports/_SUCCESS": b"",
        "exports/_temporary/d.csv": b"hidden",
        "lines.ndjson": b'\xef\xbb\xbf{"uid": "h", "u_mb": "919812345606", "moe_wa_subscription": true}\n\nbad\n',
        "bsp.csv": b"msisdn;status\n919812345678;in\n919812345603;out\n",
    }
    for name, content in contents.items():
        path = in_folder / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (in_folder / "data" / "empty").mkdir()
    return in_folder / "data"


@pytest.fixture
def parquet(folder: Path) -> Path:
    import duckdb

    for number in (1, 2):
        row = f"SELECT {number} AS uid, 91981234561{number} AS u_mb, true AS moe_wa_subscription"
        duckdb.execute(f"COPY ({row}) TO '{folder}/{number}.parquet'")
    text = "SELECT '3' AS uid, '919812345613' AS u_mb, 'FALSE' AS moe_wa_subscription"  # the same names, other types
    duckdb.execute(f"COPY ({text}) TO '{folder}/3.parquet'")
    return folder


@pytest.fixture
def remote(folder: Path) -> Iterator[Served]:
    with served(folder) as server:
        yield server


@pytest.fixture
def where(session: SparkSession) -> Where:
    return where_spark_reads(session)


def found(where: Where, *words: str) -> list[str]:
    return [path for path, *_ in gather({MOENGAGE: words}, where)]


def refused(where: Where, *words: str) -> list[tuple[str, str, int]]:
    return refusal_of(lambda: gather({MOENGAGE: words}, where))


# Found.


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("users.csv", ["users.csv"]),
        (f"exports/{ODD}", [f"exports/{ODD}"]),
        (
            "exports",
            ["exports/a.csv", "exports/b.csv", f"exports/{ODD}", "exports/only a header.csv", "exports/day=2/c.csv.gz"],
        ),
        (
            "exports/",
            ["exports/a.csv", "exports/b.csv", f"exports/{ODD}", "exports/only a header.csv", "exports/day=2/c.csv.gz"],
        ),
        ("exports/[ab].csv", ["exports/a.csv", "exports/b.csv"]),
        ("exports/?.csv", ["exports/a.csv", "exports/b.csv"]),
        ("{users,bsp}.csv", ["bsp.csv", "users.csv"]),
        ("exports/day=*", ["exports/day=2/c.csv.gz"]),
        ("exports/*r.csv", ["exports/only a header.csv"]),  # the hidden ones are not meant
    ],
)
@pytest.mark.parametrize("kind", ["webhdfs", "file"])
def test_files_folders_and_patterns(
    kind: str, word: str, names: list[str], remote: Served, folder: Path, where: Where
) -> None:
    start = remote.address if kind == "webhdfs" else f"file://{folder}"
    assert found(where, f"{start}/{word}") == [f"{start}/{name}" for name in names]


def test_an_address_keeps_the_form_that_it_is_given(folder: Path, where: Where) -> None:
    assert found(where, f"file:{folder}/exports/day=2") == [f"file:{folder}/exports/day=2/c.csv.gz"]
    assert found(where, f"FILE://{folder}/users.csv") == [f"FILE://{folder}/users.csv"]


def test_the_same_file_by_several_names(folder: Path, remote: Served, where: Where) -> None:
    (folder / "link.csv").symlink_to("users.csv")
    names = ["data/users.csv", f"file://{folder}/users.csv", f"file:{folder}/link.csv"]
    assert [message for message, *_ in refused(where, *names)] == [
        f"file://{folder}/users.csv: the file is given twice, once as data/users.csv (--moengage)",
        f"file:{folder}/link.csv: the file is given twice, once as data/users.csv (--moengage)",
    ]
    assert [
        message for message, *_ in refused(where, f"{remote.address}/users.csv", f"{remote.address}//users.csv")
    ] == [f"{remote.address}//users.csv: the file is given twice, once as {remote.address}/users.csv (--moengage)"]


# Not found, or not to be had.


def test_what_is_not_there(remote: Served, where: Where) -> None:
    (remote.folder / "users.xlsx").write_bytes(b"PK")
    words = {
        "nothing.csv": ("there is no such file", "mend the path"),
        "no%20thing.csv": (
            "there is no such file",
            "mend the path; names are written as they are: a blank as a blank, not as %20",
        ),
        "*.parquet": ("no file fits this pattern", "mend the path, or name the files one by one"),
        "empty": ("the folder holds no file", "mend the path, or name the files one by one"),
        "users.xlsx": (
            "the end of the name is none of .csv, .tsv, .txt, .ndjson, .jsonl, .json, .parquet, .csv.gz, .ndjson.gz",
            "rename the file after what is in it",
        ),
    }
    assert refused(where, *(f"{remote.address}/{word}" for word in words)) == [
        (f"{remote.address}/{word}: {message}", remedy, 2) for word, (message, remedy) in words.items()
    ]


@pytest.mark.parametrize(("denied", "word"), [("/users.csv", "users.csv"), ("/exports", "exports"), ("/", "*.csv")])
def test_access_denied(denied: str, word: str, remote: Served, where: Where) -> None:
    remote.denied.add(denied)
    address = f"{remote.address}/{word}"
    assert refused(where, address) == [
        (f"{address}: access to it is denied", f"give Spark the right to read it: its credentials stand in {ACCESS}", 3)
    ]


def test_a_failure_that_nobody_foresees_is_told_by_its_kind(remote: Served, where: Where) -> None:
    remote.broken.add("GETFILESTATUS")
    address = f"{remote.address}/users.csv"
    ((message, remedy, code),) = refused(where, address)
    assert message.startswith(f"{address}: Spark cannot read it: ")
    assert "secret" not in message
    assert (remedy, code) == (f"see that the address is right, and that {ACCESS} gives access to it", 3)


PACKAGE = "name the package under spark.jars.packages in spark-defaults.conf: "


@pytest.mark.parametrize(
    ("address", "remedy"),
    [
        ("s3a://acme/users.csv", f"{PACKAGE}org.apache.hadoop:hadoop-aws:VERSION"),
        ("abfss://c@acme.dfs.core.windows.net/users.csv", f"{PACKAGE}org.apache.hadoop:hadoop-azure:VERSION"),
        ("gs://acme/users.csv", f"{PACKAGE}com.google.cloud.bigdataoss:gcs-connector, as its own pages say"),
        ("s3://acme/users.csv", "write it as s3a://, which Spark reads (s3:// is known to Amazon EMR alone)"),
        ("dbfs:/users.csv", "run this on Databricks, which alone knows dbfs:, or name the bucket's own address"),
        (
            "nowhere://acme/users.csv",
            "mend the address, or name the package that reads it under spark.jars.packages in spark-defaults.conf",
        ),
    ],
)
def test_what_this_spark_does_not_read(address: str, remedy: str, session: SparkSession, where: Where) -> None:
    kind = address.partition(":")[0]
    remedy = remedy.replace("VERSION", Hadoop(session).version())
    assert refused(where, address) == [(f"{address}: this Spark does not read {kind}: addresses", remedy, 2)]


def test_a_server_that_does_not_answer(folder: Path, where: Where) -> None:
    with served(folder) as server:
        address = f"{server.address}/users.csv"
    assert refused(where, address) == [
        (
            f"{address}: its server does not answer",
            "see that the host and the port are right, and that this machine reaches them",
            3,
        )
    ]


def test_the_web_is_no_file_system(where: Where) -> None:
    ((message, remedy, code),) = refused(where, "https://127.0.0.1/users.csv")
    assert message == "https://127.0.0.1/users.csv: Spark lists no files on the web, and cannot tell how large they are"
    assert (remedy, code) == ("download it first, or name the bucket's own address, such as s3a://", 2)


def test_spark_connect_shows_no_files(folder: Path) -> None:
    client: Any = object()  # which has no Java beside it
    where = where_spark_reads(client)
    assert found(where, f"{folder}/users.csv") == [f"{folder}/users.csv"]
    ((message, remedy, code),) = refused(where, "s3a://acme/users.csv")
    assert message == "s3a://acme/users.csv: Spark Connect (sc://) shows neither the header nor the digest of a file"
    assert (remedy, code) == ("name Spark's own master with --master, such as spark://HOST:7077 or yarn", 2)


# Headers.


def test_headers_are_read_from_the_first_bytes(
    remote: Served, parquet: Path, session: SparkSession, where: Where
) -> None:
    (parquet / "long.csv").write_bytes(HEADER.encode() + b"a,1,TRUE\n" * 1_000_000)
    names = ["users.csv", "long.csv", "exports/day=2/c.csv.gz", "lines.ndjson", "1.parquet"]
    files = {}
    for start in (remote.address, f"file://{parquet}", str(parquet)):
        given = gather({MOENGAGE: [f"{start}/{name}" for name in names]}, where)
        files[start] = describe(given, {}, partial(spark_engine.parquet_names, session), where)
    first, *others = [[file._replace(path="") for file in some] for some in files.values()]
    assert others == [first, first]
    assert first[2].header == ("ID", "u_mb", "moe_wa_subscription")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "ID,u_mb\n".encode("utf-16"), "the file is encoded as UTF-16, not as UTF-8"),
        ("a.csv", b"", "the file is empty"),
        ("a.csv.gz", gzip.compress(HEADER.encode() * 100)[:20], "the compressed file ends in the middle"),
        ("a.csv.gz", HEADER.encode(), "the file is not compressed by gzip, though its name ends in .gz"),
        ("a.parquet", b"", "the file is empty"),
        ("a.parquet", HEADER.encode(), "the file is no Parquet file, whatever its name says"),
        ("a.parquet", b"PAR1 and so on", "the Parquet file is damaged, or has no end"),
    ],
)
def test_files_that_cannot_be_used(
    name: str, content: bytes, message: str, remote: Served, session: SparkSession, where: Where
) -> None:
    (remote.folder / name).write_bytes(content)
    address = f"{remote.address}/{name}"
    with pytest.raises(AuditError) as refusal:
        describe(
            gather({MOENGAGE: [address]}, where), {}, lambda path: spark_engine.parquet_names(session, path), where
        )
    ((told, _, code),) = refusal.value.troubles
    assert (told, code) == (f"{address}: {message}", 3)


BREAKS_OFF = ("it breaks off in the middle", "try again; if it stays, copy or export the file anew, as a whole", 3)


def test_a_header_that_breaks_off(remote: Served, where: Where) -> None:
    remote.breaks_at["/users.csv"] = 5
    address = f"{remote.address}/users.csv"
    with pytest.raises(AuditError) as refusal:
        describe(gather({MOENGAGE: [address]}, where), {}, lambda _: (), where)
    message, *rest = BREAKS_OFF
    assert refusal.value.troubles == ((f"{address}: {message}", *rest),)


# Digests.


def digests(where: Where, *addresses: str) -> Digests:
    return Digests({path: state for path, _, state in gather({MOENGAGE: addresses}, where)}, where)


def test_digests_are_those_of_the_bytes(remote: Served, where: Where) -> None:
    large = b"0123456789abcdef" * 1_100_000  # several pieces, the last one not full
    (remote.folder / "large.csv").write_bytes(large)
    (remote.folder / "even.csv").write_bytes(large[: 8 << 20])
    (remote.folder / "none.csv").write_bytes(b"")
    names = ["large.csv", "even.csv", "none.csv", "users.csv", f"exports/{ODD}"]
    with digests(where, *(f"{remote.address}/{name}" for name in names)) as made:
        done = made.finish()
    contents = [(remote.folder / name).read_bytes() for name in names]
    assert list(done.values()) == [Digest(hashlib.sha256(content).hexdigest(), len(content)) for content in contents]


def test_a_change_is_noticed(remote: Served, where: Where) -> None:
    made = digests(where, f"{remote.address}/users.csv")
    with (remote.folder / "users.csv").open("a") as file:
        file.write("1")
    with made, pytest.raises(AuditError, match=r"users\.csv: the file changed while it was read"):
        made.finish()


def test_a_file_that_goes(remote: Served, where: Where) -> None:
    address = f"{remote.address}/users.csv"
    made = digests(where, address)
    (remote.folder / "users.csv").unlink()
    with made, pytest.raises(AuditError) as refusal:
        made.finish()
    assert refusal.value.troubles == ((f"{address}: there is no such file", "mend the path", 3),)


def test_a_digest_that_breaks_off(remote: Served, where: Where) -> None:
    address = f"{remote.address}/users.csv"
    remote.breaks_at["/users.csv"] = 40
    with digests(where, address) as made, pytest.raises(AuditError) as refusal:
        made.finish()
    message, *rest = BREAKS_OFF
    assert refusal.value.troubles == ((f"{address}: {message}", *rest),)


def test_a_digest_stops_when_it_is_to(remote: Served, session: SparkSession) -> None:
    stop = threading.Event()
    stop.set()
    assert Hadoop(session).digest(f"{remote.address}/users.csv", stop) is None


def test_bytes_come_as_they_are_asked_for(remote: Served, session: SparkSession) -> None:
    content = bytes(range(256)) * 1024
    (remote.folder / "a.csv").write_bytes(content)
    with Hadoop(session).open_file(f"{remote.address}/a.csv") as file:
        assert file.read(3) == content[:3]
        assert file.read(HEAD) == content[3 : 3 + HEAD]
        assert file.read() == content[3 + HEAD :]
    file.close()


# Counted.


@pytest.fixture
def audit(session: SparkSession, run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Call the command with Spark, in the session that is there."""

    @contextmanager
    def started(*_: object) -> Iterator[SparkSession]:
        yield session

    monkeypatch.setattr(spark_engine, "started", started)

    def call(*words: str) -> tuple[int, str, str]:
        always = ["--workspace", "acme", "--measured-at", "2026-11-20T06:30:00Z", "--engine", "spark"]
        return run("audit", "opt-in", *always, *words)

    return call


def test_what_is_far_counts_as_what_is_near(audit: Run, remote: Served, parquet: Path, session: SparkSession) -> None:
    users = ["users.csv", "exports", "lines.ndjson", "1.parquet", "2.parquet", "3.parquet"]
    bsp = f"file://{parquet}/bsp.csv"
    far = [f"{remote.address}/{name}" for name in users]
    code, out, err = audit("--moengage", *far, "--bsp", bsp, "--out", "far.json")
    assert (code, err[-20:]) == (1, "far.json is written\n")
    conf: Any = session.sparkContext
    conf = conf._jsc.hadoopConfiguration()  # noqa: SLF001  # what spark-defaults.conf sets with spark.hadoop.
    conf.set("fs.defaultFS", remote.address)  # where a path without a scheme is not to be looked for
    try:
        near = audit("--moengage", *(f"data/{name}" for name in users), "--bsp", "data/bsp.csv", "--out", "near.json")
    finally:
        conf.unset("fs.defaultFS")
    assert near[0] == 1
    statements = [json.loads(Path(name).read_text("utf-8")) for name in ("far.json", "near.json")]
    assert [violations(statement, "evidence-opt-in-audit") for statement in statements] == [[], []]
    rows = [subject["annotations"]["rows"] for subject in statements[0]["subject"]]
    assert rows == [2, 1, 1, 3, 0, 2, 1, 1, 1, 1, 2]
    assert [subject["name"] for subject in statements[0]["subject"]] == [
        f"{remote.address}/users.csv",
        *(
            f"{remote.address}/exports/{name}"
            for name in ("a.csv", "b.csv", ODD, "only a header.csv", "day=2/c.csv.gz")
        ),
        *(f"{remote.address}/{name}" for name in ("lines.ndjson", "1.parquet", "2.parquet", "3.parquet")),
        bsp,
    ]
    for statement, start in zip(statements, (remote.address, "data"), strict=True):
        for subject in statement["subject"]:
            subject["name"] = subject["name"].replace(f"file://{parquet}", start).removeprefix(start)
    assert statements[0] == statements[1]
    assert statements[0]["predicate"]["rejected"]["rows"] == 2
    assert CANARY not in out + err + Path("far.json").read_text("utf-8")


OUT = ("--out", "audit.json")


def test_a_file_that_breaks_off_while_it_is_counted(audit: Run, remote: Served) -> None:
    content = HEADER.encode() + f"a,{CANARY},TRUE\n".encode() * 50_000
    (remote.folder / "a.csv").write_bytes(content)
    remote.breaks_at["/a.csv"] = len(content) - 100
    message, remedy, _ = BREAKS_OFF
    address = f"{remote.address}/a.csv"
    assert audit("--moengage", address, *OUT) == (
        3,
        "",
        f"wa-policy: {address}: {message}\n  {remedy[0].upper()}{remedy[1:]}\n  Nothing was written\n",
    )
    assert not Path("audit.json").exists()


def test_half_a_file_is_not_passed_over(audit: Run, remote: Served, session: SparkSession) -> None:
    rows = "".join(f"{number},{CANARY},{number * 7919 % 1_000_003}\n" for number in range(100_000))
    (remote.folder / f"{ODD}.gz").write_bytes(gzip.compress((HEADER + rows).encode())[:-1000])
    name = "spark.sql.files.ignoreCorruptFiles"
    session.conf.set(name, "true")
    try:
        code, out, err = audit("--moengage", f"{remote.address}/{ODD.replace('[', '?')}.gz", *OUT)
        assert session.conf.get(name) == "true"  # it is the user's
    finally:
        session.conf.unset(name)
    assert (code, out) == (3, "")
    assert f"wa-policy: {remote.address}/{ODD}.gz: it breaks off in the middle\n" in err
    assert CANARY not in err


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("_users.csv", "Spark passes over files whose names begin with a dot or an underscore"),
        (".users.csv", "Spark passes over files whose names begin with a dot or an underscore"),
        ("users.csv.GZ", "Spark unpacks a file only if its name ends in .gz, in small letters"),
    ],
)
def test_what_spark_would_not_count(name: str, what: str, audit: Run, remote: Served) -> None:
    content = (HEADER + "a,1,TRUE\n").encode()
    (remote.folder / name).write_bytes(gzip.compress(content) if name.endswith("GZ") else content)
    for path in (f"data/{name}", f"{remote.address}/{name}"):
        assert audit("--moengage", path, *OUT) == (2, "", f"wa-policy: {path}: {what}\n  Rename the file\n")


def test_a_colon_in_a_name(audit: Run, folder: Path) -> None:
    (folder / "12:30.csv").write_text(HEADER + "a,1,TRUE\n")
    for path in ("data/12:30.csv", f"file://{folder}/12:30.csv"):
        told = f"wa-policy: {path}: there is a colon in the name of a file, and Hadoop does not read such files\n"
        assert audit("--moengage", path, *OUT) == (3, "", f"{told}  Rename the file\n  Nothing was written\n")


def test_a_row_of_a_file_that_nobody_named(audit: Run, remote: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark_engine, "unquote", lambda _: "elsewhere")
    code, _, err = audit("--moengage", f"{remote.address}/users.csv", *OUT)
    assert (code, err.splitlines()[0]) == (
        3,
        "wa-policy: Spark names a row's file in another way than it was asked for it",
    )


def test_columns_that_differ_in_case_alone(audit: Run, folder: Path) -> None:
    import duckdb

    duckdb.execute(f"COPY (SELECT 1 AS uid, 2 AS u_mb, 3 AS xid) TO '{folder}/a.parquet'")
    (folder / "a.parquet").write_bytes((folder / "a.parquet").read_bytes().replace(b"xid", b"UID"))
    code, _, err = audit("--moengage", f"file://{folder}/a.parquet", *OUT)
    told = f"wa-policy: file://{folder}/a.parquet: two of its columns differ in case alone, and Spark does not tell them apart"
    assert (code, err.splitlines()[0]) == (3, told)


# Spark's own configuration.

STARTED = """
from wa_policy.audit.spark_engine import started

with started(None, None, None, None) as session:
    hadoop = session._jsc.hadoopConfiguration()
    print(session.sparkContext.master, hadoop.get("fs.s3a.endpoint"), session.conf.get("spark.sql.shuffle.partitions"))
with started("local[2]", None, "600MB", "mine") as session:
    settings = session.sparkContext.getConf()
    print(session.sparkContext.master, settings.get("spark.driver.memory"), settings.get("spark.local.dir"))
"""


@pytest.mark.parametrize(
    ("defaults", "first"),
    [
        (
            "spark.master local[3]\nspark.hadoop.fs.s3a.endpoint s3.example\nspark.sql.shuffle.partitions 7\n",
            "local[3] s3.example 7",
        ),
        ("", "local[*] None 200"),
    ],
)
def test_spark_is_what_it_is_configured_to_be(defaults: str, first: str, in_folder: Path) -> None:
    (in_folder / "spark-defaults.conf").write_text(defaults)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SPARK_", "PYSPARK_"))}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", STARTED],
        capture_output=True,
        text=True,
        check=True,
        env=environment | {"SPARK_CONF_DIR": str(in_folder)},
    )
    assert done.stdout.splitlines()[0] == first
    assert done.stdout.splitlines()[1] == "local[2] 600m mine"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_nothing_and_says_nothing(number: signal.Signals, remote: Served, tmp_path: Path) -> None:
    remote.held.add("/users.csv")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    words = ["audit", "opt-in", "--workspace", "acme", "--engine", "spark", "--master", "local[1]", *OUT]
    words += ["--moengage", f"{remote.address}/users.csv", "--temp-dir", str(temporary)]
    with subprocess.Popen(
        [sys.executable, "-m", "wa_policy", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert remote.reached.wait(120)
        process.send_signal(number)
        assert process.wait() == 130
        remote.go_on.set()
        assert process.stdout
        assert process.stderr
        assert process.stdout.read() == ""
        assert "Traceback" not in process.stderr.read()  # to the end, which is when Java has gone as well
    assert list(temporary.iterdir()) == []
    assert not Path("audit.json").exists()
