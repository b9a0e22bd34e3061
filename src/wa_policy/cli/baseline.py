"""``wa-policy baseline``: accept what is there today, so that only what is new counts."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from wa_policy import FINDINGS, INCOMPLETE
from wa_policy.cli import options
from wa_policy.cli.progress import Progress
from wa_policy.engine.baseline import Baseline, Key, counts_of, load, may_be_kept, save
from wa_policy.engine.pipeline import lint
from wa_policy.engine.session import UsageError, open_session
from wa_policy.report.model import fails
from wa_policy.report.safe import visible
from wa_policy.rules.loading import aside
from wa_policy.source import git
from wa_policy.source.paths import as_word
from wa_policy.wording import count

if TYPE_CHECKING:
    import argparse
    from collections import Counter
    from collections.abc import Iterator, Mapping

    from wa_policy.report.model import Report

EPILOG = """examples:
  wa-policy baseline write wa-policy-baseline.json manifests/
  wa-policy lint --baseline wa-policy-baseline.json manifests/
  wa-policy baseline prune wa-policy-baseline.json manifests/
  wa-policy baseline show wa-policy-baseline.json

What is at or over --fail-on is accepted; suppressed findings are not, since they need no second word. Use the policy that the
manifests are checked by.

exit codes: 0 done; 1 refused, and the file is as it was; 2 wrong use, or a broken file; 3 something could not be checked
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument(
        "action",
        choices=("write", "show", "prune"),
        metavar="ACTION",
        help="write: accept what is found now; show: list what is accepted; prune: remove what is found no more",
    )
    parser.add_argument("file", type=options.named, metavar="FILE", help="the baseline")
    parser.add_argument(
        "paths", nargs="*", type=options.named, metavar="PATH", help="a manifest, or a folder of manifests"
    )
    parser.add_argument(
        "--grow",
        action="store_true",
        help="with write: add to a file that is there what it does not accept yet",
    )
    options.add_policy(parser)
    parser.add_argument(
        "--fail-on",
        choices=("error", "warning", "info"),
        help="the mildest severity that is accepted; default: the policy's",
    )
    options.add_run(parser)
    options.add_plugins(parser)


def run(parsed: argparse.Namespace) -> int:
    """Do what is asked."""
    if parsed.file == "-":
        raise UsageError("a baseline is kept in a file, and - is none; name a file (./- if it is called so)")
    if parsed.action == "show":
        if parsed.paths:
            raise UsageError("baseline show lists the file alone; leave the manifests out")
        return _show(load(parsed.file))
    if parsed.file.startswith(git.PREFIX):
        raise UsageError(
            f"{parsed.file} is in a commit, which nothing is written into; name the file in this work tree"
        )
    if os.path.exists(parsed.file) and not (os.path.isfile(parsed.file) or os.path.isdir(parsed.file)):
        raise UsageError(f"{parsed.file} is a pipe or a device, which keeps no baseline; name a file")
    if not parsed.paths:
        raise UsageError(f"name the manifests: wa-policy baseline {parsed.action} {as_word(parsed.file)} PATH ...")
    if parsed.grow and parsed.action == "prune":
        raise UsageError("a baseline that is pruned does not grow; leave --grow out")
    return _write(parsed) if parsed.action == "write" else _prune(parsed)


def _lint(parsed: argparse.Namespace, baseline: str | None) -> Report:
    wanted = options.of_run(parsed, fail_on=parsed.fail_on, baseline=baseline)
    with aside(), Progress(sys.stderr) as progress:
        session = open_session(wanted)
        report = lint(parsed.paths, session, progress)
    options.tell_overlooked(parsed, session.policy, report.skipped)
    return report


def _refusal(report: Report) -> int:
    """The exit code where something could not be checked, or a manifest could not be read as one; then nothing is accepted."""
    for item in report.not_checked:
        print(visible(f"not checked: {item.what}: {item.reason}"))
    unread = [manifest.path for manifest in report.manifests if not manifest.checked]
    for path in unread:
        print(visible(f"not checked any further: {path}: its text or shape is wrong; mend it first"))
    if report.not_checked or unread:
        print("the baseline is as it was: what nobody has looked at cannot be accepted")
    return INCOMPLETE if report.not_checked else FINDINGS if unread else 0


def _write(parsed: argparse.Namespace) -> int:
    known = load(parsed.file).counts if os.path.lexists(parsed.file) else None
    report = _lint(parsed, None)
    if code := _refusal(report):
        return code
    counts = counts_of(report.findings, report.fail_on)
    new = counts - (known or type(counts)())
    if known is not None and new and not parsed.grow:
        _print(new, "+ ")
        print(f"the baseline is as it was: it would grow by {_findings(new)}; mend them, or say --grow")
        return FINDINGS
    for finding in report.findings:
        if fails(finding, report.fail_on) and not may_be_kept(finding):
            place = finding.locations[0]
            text = f"not accepted: {place.path}:{place.span.line}: {finding.code} {finding.message}"
            print(visible(f"{text} (this rule's findings must be mended)"))
    save(parsed.file, counts)
    gone = (known or type(counts)()) - counts
    print(visible(f"{parsed.file}: {_findings(counts)} accepted ({_findings(new)} more, {_findings(gone)} less)"))
    return 0


def _prune(parsed: argparse.Namespace) -> int:
    baseline = load(parsed.file)
    report = _lint(parsed, parsed.file)
    if code := _refusal(report):
        return code
    gone = {Key(entry.workspace, entry.code, entry.route, entry.value): entry.times for entry in report.stale}
    left = baseline.counts - type(baseline.counts)(gone)
    if gone:
        _print(gone, "- ")
        save(parsed.file, left)
    print(visible(f"{parsed.file}: {_findings(left)} accepted ({_findings(gone)} less)"))
    accepted = {key.workspace for key in left}
    if blind := accepted & {manifest.workspace for manifest in report.manifests if manifest.blind}:
        names = ", ".join(sorted(blind))
        why = f"kept, since evidence that they name cannot be used: {names}; `wa-policy lint` says which (MAN008)"
        print(visible(why))
    if others := accepted - {manifest.workspace for manifest in report.manifests}:
        names = ", ".join(sorted(others))
        print(visible(f"kept, since their manifests were not looked at: {names}; if they are gone, write it anew"))
    return 0


def _show(baseline: Baseline) -> int:
    _print(baseline.counts, "")
    print(visible(f"{baseline.path}: {_findings(baseline.counts)} accepted"))
    return 0


def _print(counts: Mapping[Key, int], sign: str) -> None:
    for line in _lines(counts):
        print(visible(f"{sign}{line}"))


def _lines(counts: Mapping[Key, int]) -> Iterator[str]:
    for key, often in sorted(counts.items()):
        times = f" ({often} times)" if often > 1 else ""
        yield f"{key.workspace or 'no workspace'}: {key.rule} at {key.route or 'the document'}{times}"


def _findings(counts: Mapping[Key, int] | Counter[Key]) -> str:
    return count(sum(counts.values()), "finding")
