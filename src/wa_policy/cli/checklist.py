"""``wa-policy checklist``: MoEngage's prerequisites, step by step, per workspace."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from wa_policy.cli import options
from wa_policy.cli.lint import wants_color
from wa_policy.cli.progress import Progress
from wa_policy.engine.pipeline import lint
from wa_policy.engine.session import Options, open_session
from wa_policy.policy.model import PACKS
from wa_policy.report.checklist import as_plain, build, render

if TYPE_CHECKING:
    import argparse
    from datetime import date

    from wa_policy.report.model import Report

EPILOG = """A step is READY when nothing speaks against it, NOT READY when something is wrong, UNPROVEN when something is not
shown, and NOT CHECKED when nobody could look.

exit codes: those of `wa-policy lint` with the same policy
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument(
        "paths", nargs="+", type=options.named, metavar="PATH", help="a manifest, or a folder of manifests"
    )
    options.add_policy(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    options.add_run(parser)
    options.add_plugins(parser)


def run(parsed: argparse.Namespace) -> int:
    """Check under the policy chosen and under every bundled one, and print the steps."""
    day = options.as_of(parsed)
    report = _lint(parsed, parsed.policy, day)
    rungs = [(name, _lint(parsed, name, day)) for name in PACKS]
    workspaces = build(report, rungs)
    if parsed.format == "json":
        import json

        print(json.dumps(as_plain(workspaces, report), indent=2))
    else:
        sys.stdout.write(render(workspaces, report, color=wants_color(sys.stdout)))
    return report.exit_code


def _lint(parsed: argparse.Namespace, policy: str | None, day: date) -> Report:
    wanted = Options(
        as_of=day,
        policy=policy,
        plugins=parsed.plugin,
        third_party=not parsed.no_plugins,
        limits=options.limits(parsed),
    )
    with options.aside(), Progress(sys.stderr) as progress:
        return lint(parsed.paths, open_session(wanted), progress)
