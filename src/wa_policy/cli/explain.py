"""``wa-policy explain``: print a rule's documentation."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from wa_policy.cli import options
from wa_policy.policy.model import Fact
from wa_policy.rules.documentation import NOTHING, document
from wa_policy.rules.selection import codes_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from wa_policy.rules.registry import Rule

EPILOG = """examples:
  wa-policy explain NET002
  wa-policy explain short-code
  wa-policy explain numbers

exit codes: 0 printed; 2 wrong use, or there is no such rule
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument(
        "rule",
        metavar="CODE_OR_NAME",
        help="a rule's code or name; a family (NUM) or a step (numbers) prints all of its rules",
    )
    options.add_plugins(parser)


def run(parsed: argparse.Namespace) -> int:
    """Print the documentation of each rule that the word means."""
    loaded = options.load_plugins(parsed)
    codes = sorted(codes_of(loaded.rules, parsed.rule))
    print("\n\n".join("\n".join(_explain(loaded.rules[code])) for code in codes))
    return 0


def _explain(rule: Rule) -> Iterator[str]:
    docs = document(rule)
    yield f"{rule.code} {rule.name}"
    yield f"step: {rule.step.value}; plugin: {rule.plugin}; source: {rule.certainty}"
    yield ""
    yield docs.headline
    if docs.details:
        yield ""
        yield docs.details
    for title, body in docs.sections.items():
        yield ""
        yield f"{title}:"
        yield textwrap.indent(body, "  ")
        if NOTHING in body:
            yield f"  ({NOTHING.strip(': ')} stands for what a manifest leaves out)"
    if rule.settings:
        yield ""
        yield "Settings:"
        for name, default in rule.settings.items():
            yield f"  {name}: {f'the fact {default.path}' if isinstance(default, Fact) else repr(default)}"
