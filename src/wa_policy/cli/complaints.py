"""Mistakes of the person at the command line, or of a policy, said so that they can be mended."""

from __future__ import annotations

import errno
import os
import re
import sys
from typing import TYPE_CHECKING

from wa_policy import WRONG_USE
from wa_policy.cli.options import StdinError
from wa_policy.engine.session import UsageError
from wa_policy.manifest.secrets import MASK, mask_text
from wa_policy.policy.model import PolicyError, PolicyProblem
from wa_policy.report.safe import visible
from wa_policy.rules.selection import UnknownRuleError
from wa_policy.schema.credentials import WORDS
from wa_policy.source.paths import shortest
from wa_policy.suggest import nearest
from wa_policy.wording import sentence

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

_NO_PLACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)
"""Why what is printed may have nowhere to go."""

_CHECK_NOTHING = ("policy", "rules")
"""The commands that need a policy only to show what it says."""


def complaint(error: Exception, command: str = "lint") -> str:
    """What to tell the person who gave a command; an empty string for an error that is ours and not theirs."""
    if isinstance(error, PolicyError):
        in_order = sorted(error.problems, key=lambda problem: (problem.path, problem.span or ()))
        lines = [_policy_problem(problem) for problem in in_order]
        what_comes_of_it = "" if command in _CHECK_NOTHING else ", so nothing was checked"
        return "\n".join([f"the policy cannot be used{what_comes_of_it}", *lines])
    if isinstance(error, UsageError | UnknownRuleError):
        return "\n".join(visible(str(line)) for line in error.args)
    if isinstance(error, FileNotFoundError) and _is_homeless():
        return "the current folder is not there any more, so nothing was done; go to one that is there"
    return ""


def _is_homeless() -> bool:
    try:
        os.getcwd()
    except FileNotFoundError:
        return True
    return False


def unusable(error: Exception) -> str:
    """What to tell when a standard stream cannot be read or written; an empty string for any other error."""
    if isinstance(error, StdinError):
        return f"standard input cannot be read: {error}"
    if isinstance(error, OSError) and error.errno in _NO_PLACE:
        return f"the output could not be written: {error.strerror}; what stands there is no report"
    return ""


def tell_failure(troubles: Iterable[tuple[str, str]], exit_code: int) -> int:
    """Say what kept a command from its work: each message with its remedy. Returns the exit code."""
    for message, remedy in troubles:
        told = f"wa-policy: {visible(message)}\n  {visible(sentence(remedy))}"
        print(mask_text(told), file=sys.stderr)
    if exit_code != WRONG_USE:  # nobody expects a file from wrong use
        print("  Nothing was written", file=sys.stderr)
    return exit_code


def meant_option(message: str, parser: argparse.ArgumentParser) -> str:
    """The option that is like the first one that argparse does not know; an empty string if there is none."""
    found = re.match(r"unrecognized arguments: --?([^\s=]+)", message)
    if found is None:
        return ""
    options = (name for action in parser._actions for name in action.option_strings)  # noqa: SLF001  # no public way
    near = nearest(found[1], [name[2:] for name in options if name.startswith("--")])
    if near and found[0].endswith(f" --{near}"):  # it is that very option: nothing else keeps it from being one
        return f" (--{near} stands before --, since all that follows -- is taken for names)"
    return f' (did you mean "--{near}"?)' if near else ""


def without_secrets(message: str) -> str:
    """What argparse says of words that it does not understand: one of them may be a token in the wrong place."""
    hidden = re.sub(rf"(--[a-z-]*(?:{WORDS}|key)[a-z-]*(?:=| +))(?!-)\S+", rf"\g<1>{MASK * 5}", message)
    return visible(mask_text(hidden))


def _policy_problem(problem: PolicyProblem) -> str:
    path = problem.path
    if path and os.path.isabs(path):
        path = shortest(path)
    place = visible(path) + (f":{problem.span.line}:{problem.span.column}" if problem.span else "")
    remedy = f" ({problem.remedy})" if problem.remedy else ""
    return f"  {place}: {visible(problem.message + remedy)}"
