"""``wa-policy schema``: print a JSON Schema, for editors and other tools."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from wa_policy.schema.texts import kinds, schema_path

if TYPE_CHECKING:
    import argparse

EPILOG = """example:
  wa-policy schema workspace > .vscode/wa-policy-workspace.schema.json

exit codes: 0 printed; 2 wrong use
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("kind", choices=kinds(), metavar="KIND", help=f"one of {', '.join(kinds())}")


def run(parsed: argparse.Namespace) -> int:
    """Print the schema as it is kept."""
    with open(schema_path(parsed.kind), encoding="utf-8") as file:
        sys.stdout.write(file.read())
    return 0
