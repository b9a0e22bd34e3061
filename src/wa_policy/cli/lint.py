"""``wa-policy lint``: check manifests."""

from __future__ import annotations

import argparse
import io
import re
import sys
from typing import TYPE_CHECKING

from wa_policy.cli import options, outputs
from wa_policy.cli.main import in_utf_8
from wa_policy.cli.progress import Progress
from wa_policy.cli.remember import Memory
from wa_policy.engine.pipeline import lint
from wa_policy.engine.session import Options, Stdin, UsageError, open_session
from wa_policy.report.formats import SHOWN
from wa_policy.report.style import wants_color
from wa_policy.rules.loading import aside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wa_policy.engine.session import Session

EPILOG = """examples:
  wa-policy lint manifests/
  wa-policy lint --policy strict --fail-on warning manifests/acme.yaml
  wa-policy lint --select numbers,NET002 --format concise manifests/
  cat acme.yaml | wa-policy lint --stdin-filename acme.yaml -

exit codes: 0 ready; 1 findings at or over --fail-on; 2 wrong use, or a wrong policy; 3 something could not be checked
"""


MOST_JOBS = 256


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument(
        "paths",
        nargs="+",
        type=options.named,
        metavar="PATH",
        help="a manifest, a folder of manifests, or - for standard input",
    )
    options.add_policy(parser)
    options.add_selection(parser)
    parser.add_argument(
        "--fail-on", choices=("error", "warning", "info"), help="the mildest severity that fails; default: the policy's"
    )
    outputs.add(parser)
    options.add_baseline(parser)
    parser.add_argument(
        "--no-suppressions", action="store_true", help="show all, as if manifests and policy accepted nothing"
    )
    parser.add_argument(
        "--verify-digests",
        action="store_true",
        help="also read the data files that opt-in audits name, and compare them with their SHA-256",
    )
    parser.add_argument(
        "--stdin-filename",
        type=options.named,
        metavar="NAME",
        help="the name that reports give standard input; by its ending it is read as YAML or JSON",
    )
    parser.add_argument("--fix", action="store_true", help="put right in the files what nobody needs to decide about")
    parser.add_argument(
        "--unsafe-fixes", action="store_true", help="with --fix or --diff: also what somebody should look at afterwards"
    )
    parser.add_argument(
        "--diff", action="store_true", help="print what --fix would change, not the findings, and change nothing"
    )
    options.add_run(parser)
    options.add_plugins(parser)
    parser.add_argument(
        "--jobs", type=_jobs, metavar="N", help="how many processes check files; default: auto, as many as save time"
    )
    parser.add_argument("--statistics", action="store_true", help="print how often each rule spoke, not the findings")
    parser.add_argument("--show-files", action="store_true", help="print which files would be read, and stop")
    parser.add_argument("--show-settings", action="store_true", help="print what would be judged by, and stop")
    parser.add_argument("--no-cache", action="store_true", help="neither use nor keep results of earlier runs")


def run(parsed: argparse.Namespace) -> int:
    """Check, print the report, return its exit code."""
    wanted = outputs.wanted(parsed)
    shows_more = any(output.format == "html" for output in wanted)
    wish = options_of(parsed)._replace(overview=shows_more)
    memory = Memory(parsed.words if len(wanted) == 1 else (), parsed.paths)
    with aside():
        session = open_session(wish)
    memory.open(session)
    if parsed.show_files or parsed.show_settings:
        from wa_policy.cli.show import show_files, show_settings  # most runs check

        if parsed.show_files:
            return show_files(parsed.paths, session)
        options.tell_overlooked(parsed, session.policy)
        return show_settings(session)
    with aside(), Progress(sys.stderr) as progress:
        report = lint(parsed.paths, session, progress, memory.see)
    told = options.tell_overlooked(parsed, session.policy, report.skipped)
    stream, exit_code = sys.stdout, report.exit_code
    if parsed.fix:
        from wa_policy.cli.fix import put_right  # most runs change nothing

        report, exit_code = put_right(parsed.paths, report, session, unsafe=parsed.unsafe_fixes)
        stream = sys.stdout if session.options.stdin is None else sys.stderr
    text = io.StringIO()
    if parsed.statistics:
        from wa_policy.report import statistics

        text.write(statistics.render(report, color=wants_color(stream)))
    if parsed.statistics or parsed.diff:
        wanted = [output for output in wanted if output.path != outputs.STDOUT]
    outputs.write(report, wanted, text, color=wants_color(stream), read=_read_besides(session))
    if parsed.diff:  # behind the reports in files: where one cannot be written, nothing is printed
        from wa_policy.cli.fix import show

        return show(parsed.paths, report, session, unsafe=parsed.unsafe_fixes)
    utf_8 = any(output.path == outputs.STDOUT and output.format not in SHOWN for output in wanted)
    if utf_8:
        in_utf_8(stream)
    stream.write(text.getvalue())
    memory.keep(parsed.paths, session, text.getvalue(), exit_code, aside=told, utf_8=utf_8)
    return exit_code


def _read_besides(session: Session) -> Iterator[str]:
    """The files besides manifests and their evidence that the run stands on: its policy, and the code of plugins."""
    yield from session.policy.files
    named = [plugin.module for plugin in session.loaded.plugins if not plugin.bundled]
    if named:
        from wa_policy.rules.plugin_code import code_of  # most runs have no plugins but our own

        yield from (path for module in named for path, _ in code_of(module) or ())


def options_of(parsed: argparse.Namespace) -> Options:
    """What the person asked for. Raises UsageError where it makes no sense."""
    if parsed.unsafe_fixes and not (parsed.fix or parsed.diff):
        raise UsageError("--unsafe-fixes says what --fix or --diff may do; add one of them")
    if parsed.fix and parsed.diff:
        raise UsageError("--diff changes nothing and --fix does; choose one of them")
    _check_printed(parsed)
    if parsed.no_suppressions and parsed.baseline:
        raise UsageError("--no-suppressions shows all, and --baseline accepts some; choose one of them")
    return options.of_run(
        parsed,
        select=options.words(parsed.select),
        ignore=options.words(parsed.ignore),
        fail_on=parsed.fail_on,
        stdin=_stdin(parsed),
        suppressions=not parsed.no_suppressions,
        baseline=parsed.baseline,
        verify_digests=parsed.verify_digests,
        cache=not parsed.no_cache,
        jobs=parsed.jobs,
    )


def _check_printed(parsed: argparse.Namespace) -> None:
    """One thing is printed. Raises UsageError for two of them, since one would be left out without a word."""
    for one, other in (("statistics", "diff"), ("show_files", "show_settings")):
        if getattr(parsed, one) and getattr(parsed, other):
            raise UsageError(f"{_option(one)} and {_option(other)} are both printed; choose one of them")
    for name in ("show_files", "show_settings"):
        for other in ("output", "format", "fix", "diff", "statistics"):
            if getattr(parsed, name) and getattr(parsed, other):
                raise UsageError(f"{_option(name)} is printed, and nothing is checked; leave {_option(other)} out")
    to_stdout = parsed.format or any(output.path == outputs.STDOUT for output in parsed.output)
    for name in ("statistics", "diff"):
        if getattr(parsed, name) and to_stdout:
            raise UsageError(
                f"{_option(name)} is printed instead of a report; leave --format out, and have the report in a file: "
                "--output FORMAT=FILE"
            )


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _jobs(text: str) -> int | None:
    if text == "auto":
        return None
    if not re.fullmatch("[0-9]{1,3}", text) or not 1 <= int(text) <= MOST_JOBS:
        raise argparse.ArgumentTypeError(f'"{text}" is neither auto nor a number from 1 to {MOST_JOBS}')
    return int(text)


def _stdin(parsed: argparse.Namespace) -> Stdin | None:
    if "-" not in parsed.paths:
        if parsed.stdin_filename:
            raise UsageError("--stdin-filename names standard input, which is not among the paths; add -")
        return None
    name = parsed.stdin_filename or "<stdin>"
    if name in parsed.paths:
        raise UsageError(f"{name} is named both as a file and as standard input; name it once")
    try:
        return Stdin(name, sys.stdin.buffer.read(options.limits(parsed).bytes + 1))
    except OSError as error:
        raise options.StdinError(error.strerror or str(error)) from None
