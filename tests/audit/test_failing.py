"""What becomes of an audit that fails or is interrupted: exit code 3, and nothing is written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.audit.exports import OUT, USERS
from wa_policy.audit import csv_engine, hadoop_errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from wa_policy.audit.model import Measured, Progress, Request

    Run = Callable[..., tuple[int, str, str]]


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
    assert ("test_failing.py" in err) == bool(debug)
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


class Silent:
    """What makes a Spark session, as far as it is asked for: it never gets one."""

    def config(self, **_: object) -> Silent:
        return self

    def getOrCreate(self) -> None:  # noqa: N802  # Spark's own name
        raise OSError


@pytest.mark.parametrize(
    ("environment", "words"),
    [({}, "WA_POLICY_DEBUG=1 shows its own words"), ({"WA_POLICY_DEBUG": "1"}, "see its own words above")],
)
def test_a_spark_that_does_not_start(
    environment: dict[str, str], words: str, audit: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    pyspark: Any = SimpleNamespace(SparkSession=SimpleNamespace(builder=Silent()))
    monkeypatch.setitem(sys.modules, "pyspark", pyspark)
    monkeypatch.setitem(sys.modules, "pyspark.sql", pyspark)
    java = Path("jdk/bin/java").absolute()
    java.parent.mkdir(parents=True)
    java.touch(0o755)
    monkeypatch.setenv("JAVA_HOME", str(java.parents[1]))
    monkeypatch.setattr(hadoop_errors, "errors", tuple)
    monkeypatch.setattr(hadoop_errors, "kinds", lambda _: [])
    assert audit("--moengage", "users.csv", "--engine", "spark") == (
        3,
        "",
        "wa-policy: Spark does not start: OSError\n"
        f"  It needs Java 17, a master that answers (--master), and packages that can be fetched; {words}\n"
        "  Nothing was written\n",
    )
