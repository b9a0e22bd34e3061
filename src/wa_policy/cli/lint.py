"""``wa-policy lint``: check manifests."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

from wa_policy.cli import options
from wa_policy.cli.progress import Progress
from wa_policy.engine.pipeline import lint
from wa_policy.engine.session import Options, UsageError, open_session
from wa_policy.report.formats import FORMATS, render

if TYPE_CHECKING:
    import argparse
    from typing import TextIO

EPILOG = """examples:
  wa-policy lint manifests/
  wa-policy lint --policy strict --fail-on warning manifests/acme.yaml
  wa-policy lint --select numbers,NET002 --format concise manifests/
  cat acme.yaml | wa-policy lint --stdin-filename acme.yaml -

exit codes: 0 ready; 1 findings at or over --fail-on; 2 wrong use or wrong policy; 3 something could not be checked
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument(
        "paths", nargs="+", metavar="PATH", help="a manifest, a folder of manifests, or - for standard input"
    )
    options.add_policy(parser)
    options.add_selection(parser)
    parser.add_argument(
        "--fail-on", choices=("error", "warning", "info"), help="the mildest severity that fails; default: the policy's"
    )
    parser.add_argument("--format", choices=FORMATS, default="text", help="default: text")
    parser.add_argument("--stdin-filename", metavar="NAME", help="what to call standard input; it decides YAML or JSON")
    options.add_run(parser)
    options.add_plugins(parser)


def run(parsed: argparse.Namespace) -> int:
    """Check, print the report, return its exit code."""
    gc.set_threshold(50_000, 20, 100)  # nodes of many files make the default collector the largest cost of all
    session = open_session(options_of(parsed))
    with Progress(sys.stderr) as progress:
        report = lint(parsed.paths, session, progress)
    sys.stdout.write(render(report, parsed.format, color=wants_color(sys.stdout)))
    return report.exit_code


def options_of(parsed: argparse.Namespace) -> Options:
    """What the person asked for. Raises UsageError where it makes no sense."""
    return Options(
        as_of=options.as_of(parsed),
        policy=parsed.policy,
        select=options.words(parsed.select),
        ignore=options.words(parsed.ignore),
        fail_on=parsed.fail_on,
        plugins=parsed.plugin,
        third_party=not parsed.no_plugins,
        limits=options.limits(parsed),
        stdin=_stdin(parsed),
    )


def _stdin(parsed: argparse.Namespace) -> tuple[str, bytes] | None:
    if "-" not in parsed.paths:
        if parsed.stdin_filename:
            raise UsageError("--stdin-filename names standard input, which is not among the paths; add -")
        return None
    name = parsed.stdin_filename or "<stdin>"
    if name in parsed.paths:
        raise UsageError(f"{name} is named both as a file and as standard input; name it once")
    return name, sys.stdin.buffer.read(options.limits(parsed).bytes + 1)


def wants_color(stream: TextIO) -> bool:
    """Whether to print colours: on a terminal, unless NO_COLOR is set or the terminal is dumb."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
