"""``wa-policy rules``: list all rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy import INCOMPLETE
from wa_policy.cli import options
from wa_policy.engine.session import find_policy
from wa_policy.rules.documentation import document
from wa_policy.rules.registry import Step

if TYPE_CHECKING:
    import argparse

EPILOG = """The severities are what the policy gives to a failure and, behind it, to what is unproven.

exit codes: 0 these are all rules; 2 wrong use, or a wrong policy; 3 a plugin did not load, so some are missing
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    options.add_format(parser)
    options.add_policy(parser)
    options.add_plugins(parser)


def run(parsed: argparse.Namespace) -> int:
    """Print a line for every rule, by step."""
    loaded = options.load_plugins(parsed)
    rulings = find_policy(parsed.policy, loaded).rulings()
    order = list(Step)
    rules = sorted(loaded.rules.values(), key=lambda rule: (order.index(rule.step), rule.code))
    rows = [
        {
            "code": rule.code,
            "name": rule.name,
            "step": rule.step.value,
            "fail": rulings[rule.code].fail,
            "unproven": rulings[rule.code].unproven,
            "claimed": rulings[rule.code].claimed,
            "certainty": rule.certainty,
            "plugin": rule.plugin,
            "summary": document(rule).headline,
        }
        for rule in rules
    ]
    if parsed.format == "json":
        import json

        print(json.dumps(rows, indent=2))
        return INCOMPLETE if loaded.troubles else 0
    step = ""
    for row in rows:
        if row["step"] != step:
            step = row["step"]
            print(f"{step}:")
        print(f"  {row['code']}  {row['name']:<34} {row['fail']:<8} {row['unproven']:<8} {row['summary']}")
    return INCOMPLETE if loaded.troubles else 0
