"""Mistakes of the person at the command line, or of a policy, said so that they can be mended."""

from __future__ import annotations

import os
import re

from wa_policy.engine.session import UsageError
from wa_policy.manifest.secrets import MASK, mask_text
from wa_policy.policy.model import PolicyError, PolicyProblem
from wa_policy.report.safe import visible
from wa_policy.rules.selection import UnknownRuleError


def complaint(error: Exception) -> str:
    """What to tell the person; an empty string for an error that is ours and not theirs."""
    if isinstance(error, PolicyError):
        in_order = sorted(error.problems, key=lambda problem: (problem.path, problem.span or ()))
        lines = [_policy_problem(problem) for problem in in_order]
        return "the policy cannot be used, so nothing was checked\n" + "\n".join(lines)
    if isinstance(error, UsageError | UnknownRuleError):
        return "\n".join(visible(str(line)) for line in error.args)
    return ""


def without_secrets(message: str) -> str:
    """What argparse says of words that it does not understand: one of them may be a token in the wrong place."""
    hidden = re.sub(r"(--[a-z-]*(?:token|secret|password|key)[a-z-]*(?:=| +))(?!-)\S+", rf"\g<1>{MASK * 5}", message)
    return visible(mask_text(hidden))


def _policy_problem(problem: PolicyProblem) -> str:
    path = problem.path
    if path and os.path.isabs(path):
        path = min(path, os.path.relpath(path), key=len)
    place = visible(path) + (f":{problem.span.line}:{problem.span.column}" if problem.span else "")
    remedy = f" ({problem.remedy})" if problem.remedy else ""
    return f"  {place}: {visible(problem.message + remedy)}"
