"""Several processes say what one says, end when they are told to, and name the file that one of them died of."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from wa_policy.report.formats import FORMATS
from wa_policy.testing import READY

Run = Callable[..., tuple[int, str, str]]

PLUGIN = """
import os
import signal
from wa_policy.api import Problems, Step, Workspace, hookimpl, rule, rules_in

@rule("ACME001", "acme-rule", step=Step.MANIFEST)
def acme(workspace: Workspace) -> Problems:
    '''Does something else than it should.'''
    open(f"{{os.getpid()}}.pid", "w").close()
    if workspace.name == "acme-7":
        {does}
    yield from ()

@hookimpl
def wa_policy_rules():
    return rules_in(__name__)
"""


@pytest.fixture
def many(in_folder: Path) -> Path:
    """A folder that the test runs in, with a dozen manifests, some of them wrong, two of them alike."""
    for index in range(12):
        text = READY.replace("name: acme-retail-in", f"name: acme-{index}")
        if index % 6 == 3:
            text = text.replace("account_review_status: APPROVED", "account_review_status: REJECTED")
        (in_folder / f"acme-{index:02}.yaml").write_text("a: [" if index == 11 else text, "utf-8")
    return in_folder


def test_two_processes_say_what_one_says_in_every_format(many: Path, run: Run) -> None:
    said = {}
    for jobs in ("1", "2"):
        outputs = [word for name in FORMATS for word in ("--output", f"{name}={jobs}.{name}")]
        said[jobs] = run(
            "lint", "--no-cache", "--policy", "strict", "--jobs", jobs, *outputs, *map(str, sorted(many.glob("*.yaml")))
        )
    assert said["1"] == said["2"]
    assert said["1"][0] == 1
    for name in FORMATS:
        assert Path(f"1.{name}").read_bytes() == Path(f"2.{name}").read_bytes() != b""


@pytest.mark.usefixtures("many")
def test_what_two_processes_found_is_kept_as_well(
    run: Run, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WA_POLICY_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
    said = run("lint", "--jobs", "2", ".")
    assert said[0] == 1
    assert run("lint", "--jobs", "2", ".") == said
    assert run("lint", "--jobs", "1", ".") == said == run("lint", "--jobs", "1", "--no-cache", ".")


@pytest.mark.usefixtures("many")
def test_a_worker_that_dies_is_exit_3_and_its_file_is_named(run: Run) -> None:
    Path("plugin.py").write_text(dedent(PLUGIN).format(does="os.kill(os.getpid(), signal.SIGKILL)"))
    code, out, _ = run("lint", "--plugin", "plugin.py", "--jobs", "2", "--format", "concise", ".")
    assert code == 3
    assert "acme-07.yaml" in out
    assert "the process that checked it ended by signal SIGKILL" in out
    assert out.count("could not be checked") == 1


WITHOUT_WORDS = """
        class Mute(Exception):
            def __str__(self):
                raise ValueError("no words")
        raise Mute
"""
IN_ITS_OWN_WORDS = """
        from wa_policy.api import fail
        class Text(str):
            def __str__(self):
                raise ValueError("no words")
        yield fail(Text("it differs"), at=workspace.at(Text("metadata")))
"""


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(
    ("does", "code", "line"),
    [
        (
            WITHOUT_WORDS,
            3,
            "not checked: ACME001 on acme-7: the rule itself failed: Mute: what it says cannot be told (ValueError)",
        ),
        (IN_ITS_OWN_WORDS, 1, "acme-07.yaml:6:3: error ACME001 acme-rule: it differs [acme-7]"),
    ],
)
def test_a_plugin_in_its_own_words_is_told_by_any_number_of_processes(
    does: str, code: int, line: str, run: Run
) -> None:
    Path("plugin.py").write_text(PLUGIN.format(does=does))
    words = ("lint", "--format", "concise", "--no-cache", "--plugin", "plugin.py", ".")
    said = [run(*words, "--jobs", jobs) for jobs in ("1", "2")]
    assert said[0] == said[1]
    assert said[0][0] == code
    assert line in said[0][1].splitlines()


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("command", ["lint", "checklist"])
def test_a_rule_that_interrupts_ends_the_run_in_any_number_of_processes(command: str) -> None:
    Path("plugin.py").write_text(PLUGIN.format(does="raise KeyboardInterrupt"))
    for jobs in ([], ["--jobs", "2"]) if command == "lint" else ([],):
        words = [sys.executable, "-m", "wa_policy", command, "--plugin", "plugin.py", *jobs, "."]
        ended = subprocess.run(words, capture_output=True, text=True, check=False)
        assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


@pytest.mark.usefixtures("many")
def test_where_all_workers_die_nobody_says_that_there_is_no_manifest(run: Run) -> None:
    Path("acme-11.yaml").unlink()
    Path("ours.pid").write_text(str(os.getpid()))
    plugin = PLUGIN.replace('if workspace.name == "acme-7"', 'if open("ours.pid").read() != str(os.getpid())')
    Path("plugin.py").write_text(plugin.format(does="os._exit(5)"))
    Path("a.json").write_text("{}")  # which our own process looks at
    code, out, error = run("lint", "--format", "concise", "--no-cache", "--plugin", "plugin.py", "--jobs", "2", ".")
    assert (code, error) == (3, "")
    assert out.splitlines()[:11] == [
        f"not checked: acme-{index:02}.yaml: the process that checked it ended with exit code 5" for index in range(11)
    ]
    assert out.splitlines()[-1] == "NOT READY: 11 things could not be checked"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="it is blocked by a pipe with a name")
@pytest.mark.parametrize("prepared", ["pass", "signal.signal(signal.SIGTERM, signal.SIG_IGN)"])
def test_an_interrupt_ends_all_at_once(prepared: str, many: Path) -> None:
    os.mkfifo("pipe")
    Path("plugin.py").write_text(dedent(PLUGIN).format(does=f"{prepared}; open('pipe').read()"))
    words = ["lint", "--no-cache", "--plugin", "plugin.py", "--jobs", "2", "."]
    process = subprocess.Popen(
        [sys.executable, "-m", "wa_policy", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with open("pipe", "w"):  # opened when the other side has opened it: a worker is in the middle of a file
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "")
    pids = [int(path.stem) for path in many.glob("*.pid")]
    assert len(pids) >= 2
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="it is blocked by a pipe with a name")
@pytest.mark.parametrize("prepared", ["pass", "signal.signal(signal.SIGTERM, signal.SIG_IGN)"])
def test_who_ends_us_ends_busy_workers_too(prepared: str, many: Path) -> None:
    os.mkfifo("pipe")
    Path("plugin.py").write_text(dedent(PLUGIN).format(does=f"{prepared}; open('pipe'); exec('while True: pass')"))
    words = ["lint", "--no-cache", "--plugin", "plugin.py", "--jobs", "2", "."]
    process = subprocess.Popen(
        [sys.executable, "-m", "wa_policy", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with open("pipe", "w"):  # as above
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (-signal.SIGTERM, "", "")
    pids = [int(path.stem) for path in many.glob("*.pid")]
    assert len(pids) >= 2
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


DEAF = """
import signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
from wa_policy.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="it is blocked by a pipe with a name")
@pytest.mark.usefixtures("many")
def test_who_is_deaf_to_a_signal_goes_on() -> None:
    os.mkfifo("pipe")
    Path("plugin.py").write_text(dedent(PLUGIN).format(does="open('pipe').read()"))
    words = ["lint", "--no-cache", "--plugin", "plugin.py", "--jobs", "2", "--format", "concise", "."]
    process = subprocess.Popen(
        [sys.executable, "-c", DEAF, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with open("pipe", "w"):  # as above
        process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (1, "")
    assert "12 manifests" in out
