"""What ``wa-policy lint`` does beside checking when it is asked to put things right, or to show how it would."""

from __future__ import annotations

import sys
from io import StringIO
from typing import TYPE_CHECKING

from wa_policy import INCOMPLETE
from wa_policy.cli.diff import unified
from wa_policy.cli.main import in_utf_8
from wa_policy.cli.options import MOST_TOLD
from wa_policy.engine.fix import MARK, ROUNDS, NotWritten, as_if, fix, wanted, write
from wa_policy.engine.open_file import reopen
from wa_policy.engine.pipeline import lint
from wa_policy.engine.session import Stdin, open_session
from wa_policy.report.safe import in_line, visible
from wa_policy.rules.loading import aside
from wa_policy.wording import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wa_policy.engine.fix import Fixed
    from wa_policy.engine.session import Session
    from wa_policy.report.model import Report


def show(paths: Sequence[str], report: Report, session: Session, *, unsafe: bool) -> int:
    """Print what would be put right as a unified diff; the exit code is that of the report, in which nothing is."""
    with aside():
        results = list(fix(paths, report, session, unsafe=unsafe))
    if not sys.stdout.isatty():
        in_utf_8(sys.stdout)  # a program is to apply it
    for fixed in results:
        lines, is_exact = _diff(fixed, session)
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        if not is_exact:
            reason = "since it masks credentials or escapes control characters; --fix makes the changes"
            _tell(f"the diff of {fixed.path} cannot be applied, {reason}")
    _tell_refused(report, unsafe=unsafe)
    made = count(sum(fixed.made for fixed in results), "fix", "fixes")
    _tell(f"{made} would be made in {count(len(results), 'file')}")
    return report.exit_code


def put_right(paths: Sequence[str], report: Report, session: Session, *, unsafe: bool) -> tuple[Report, int]:
    """Write what can be put right; return the report on what is left, and the exit code.

    The text of standard input is printed as it is then, changed or not.
    """
    failed, made, written = False, 0, []
    manifests = {manifest.path for manifest in report.manifests}
    stdin = session.options.stdin
    with aside():
        results = list(fix(paths, report, session, unsafe=unsafe))
    for fixed in results:
        if stdin is not None and fixed.path == stdin.path:
            stdin = Stdin(fixed.path, fixed.after)
        else:
            try:
                write(fixed)
            except NotWritten as reason:
                _tell(f"{fixed.path} was not put right: {reason}")
                failed = True
                continue
            written.append(fixed.path)
        made += fixed.made
        if not fixed.settled:
            _tell(f"{fixed.path} was put right {ROUNDS} times over, and there is more to put right; run again")
    if any(path not in manifests for path in written):
        with aside():
            session = open_session(session.options, session)  # a policy has changed
    if stdin is not None:
        session = as_if(session, *stdin)
        sys.stdout.buffer.write(stdin.content)
        sys.stdout.flush()
    if made:
        with aside():
            report = lint(paths, session)
    _tell_refused(report, unsafe=unsafe)
    # What was wanted already and is there still could not be written.
    left = (finding for finding in report.findings if not wanted(finding, unsafe=unsafe))
    more = [finding for finding in left if wanted(finding, unsafe=True)]
    hint = f"; --unsafe-fixes would put right {len(more)} of these" if more else ""
    _tell(f"{made} fixed, {len(report.findings)} left{hint}")
    return report, INCOMPLETE if failed else report.exit_code


def _tell_refused(report: Report, *, unsafe: bool) -> None:
    """Say which fixes are left out since they would spoil a file: whoever wrote the rule is to mend them."""
    refused = [each for each in report.findings if each.unfixed and each.fix and (each.fix.safe or unsafe)]
    for finding in refused[:MOST_TOLD]:
        place = f"{finding.locations[0].path}:{finding.locations[0].span.line}"
        _tell(f"{place}: the fix of {finding.code} was left out, since the schema would refuse it: {finding.unfixed}")
    if len(refused) > MOST_TOLD:
        _tell(f"{len(refused) - MOST_TOLD} more fixes were left out")


def _diff(fixed: Fixed, session: Session) -> tuple[list[str], bool]:
    """The change of a file, and whether programs can apply it: credentials are masked in it, as everywhere."""
    old, new = (_Shown(fixed.path, content, session) for content in (fixed.before, fixed.after))
    name = visible(fixed.path)
    end = "\t" if " " in name else ""  # else a name would end at its first blank
    hunks = unified(old.lines, new.lines, (old.show, new.show))
    lines = [f"--- {name}{end}", f"+++ {name}{end}", *hunks]
    return lines, name == fixed.path and old.is_exact and new.is_exact


class _Shown:
    """A text in a diff: its lines as they are, with their line breaks, and as they are printed."""

    def __init__(self, path: str, content: bytes, session: Session) -> None:
        self._file = reopen(path, as_if(session, path, content))
        self._mark = "\ufeff" if content.startswith(MARK) else ""
        self.lines = list(StringIO(self._mark + self._file.reading.text, newline=""))
        self.is_exact = True
        """Whether all that was printed so far is what stands there."""

    def show(self, number: int) -> str:
        """A line, counted from 1, as it is printed; and below the last one, if it has no line break, that it has none."""
        line = self.lines[number - 1]
        text = line.rstrip("\r\n")
        shown = (self._mark if number == 1 else "") + in_line(self._file.line(number))
        self.is_exact = self.is_exact and shown == text and not line.endswith("\r")
        return shown + _ENDS[line[len(text) :]]


_ENDS = {"\n": "", "\r\n": "\r", "\r": "\\r", "": "\n\\ No newline at end of file"}
"""What is printed at the end of a line, before the line break of the diff, for each that a file may have there."""


def _tell(message: str) -> None:
    sys.stdout.flush()  # what was said before comes first, also where both go into one log
    print(f"wa-policy: {visible(message)}", file=sys.stderr)
