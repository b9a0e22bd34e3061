"""``wa-policy checklist``: MoEngage's prerequisites, step by step, per workspace."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from wa_policy.cli import options
from wa_policy.cli.progress import Progress
from wa_policy.engine.pipeline import lint
from wa_policy.engine.session import open_session
from wa_policy.policy.model import PACKS
from wa_policy.report.checklist import as_plain, build, render
from wa_policy.report.style import wants_color
from wa_policy.rules.loading import aside

if TYPE_CHECKING:
    import argparse

    from wa_policy.engine.session import Session
    from wa_policy.report.model import Report

EPILOG = """A step is READY when nothing speaks against it, NOT READY when something is wrong, UNPROVEN when something is not
shown, NOT ASKED when the policy turns off all of its rules or the manifest lists no campaign, and NOT CHECKED when
nobody could look.

exit codes: those of `wa-policy lint` with the same policy and baseline
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument(
        "paths", nargs="+", type=options.named, metavar="PATH", help="a manifest, or a folder of manifests"
    )
    options.add_policy(parser)
    options.add_baseline(parser)
    options.add_format(parser)
    options.add_run(parser)
    options.add_plugins(parser)


def run(parsed: argparse.Namespace) -> int:
    """Check under the policy chosen and under every bundled one, and print the steps."""
    wanted = options.of_run(parsed)
    with aside():
        session = open_session(wanted._replace(baseline=parsed.baseline))
        by_rung = [open_session(wanted._replace(policy=name), session).accepting(session.policy) for name in PACKS]
    report = _lint(parsed, session)
    rungs = [(name, _lint(parsed, of_rung)) for name, of_rung in zip(PACKS, by_rung, strict=True)]
    options.tell_overlooked(parsed, session.policy, report.skipped)
    workspaces = build(report, rungs)
    if parsed.format == "json":
        import json

        print(json.dumps(as_plain(workspaces, report), indent=2))
    else:
        sys.stdout.write(render(workspaces, report, color=wants_color(sys.stdout)))
    return report.exit_code


def _lint(parsed: argparse.Namespace, session: Session) -> Report:
    with aside(), Progress(sys.stderr) as progress:
        return lint(parsed.paths, session, progress)
