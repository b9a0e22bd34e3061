"""The parsers of all commands: each command has one of its own, and completion needs them as one."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

from wa_policy import WRONG_USE
from wa_policy.cli.main import COMMANDS
from wa_policy.report.style import columns

if TYPE_CHECKING:
    from types import ModuleType

    from _typeshed import SupportsWrite


class Parser(argparse.ArgumentParser):
    """Argparse's parser, but for what it says and what it keeps to itself."""

    def error(self, message: str) -> NoReturn:
        """Refuse the command line; argparse would repeat all that it does not understand, a credential as well."""
        from wa_policy.cli.complaints import meant_option, without_secrets

        self.print_usage(sys.stderr)
        self.exit(WRONG_USE, f"{self.prog}: error: {without_secrets(message)}{meant_option(message, self)}\n")

    def _check_value(self, action: argparse.Action, value: object) -> None:
        try:
            super()._check_value(action, value)
        except argparse.ArgumentError as error:
            from wa_policy.suggest import did_you_mean  # only ever needed for a mistake

            error.message += did_you_mean(str(value), map(str, action.choices or ()))
            raise

    def print_help(self, file: SupportsWrite[str] | None = None) -> None:
        """Print the help, or raise what kept it from being written, which argparse passes over."""
        (file or sys.stdout).write(self.format_help())


def parser_of(name: str) -> tuple[ModuleType, argparse.ArgumentParser]:
    """A command's module, and its parser."""
    command = import_module(f"wa_policy.cli.{name}")
    parser = Parser(
        prog=f"wa-policy {name}",
        description=f"{COMMANDS[name][:1].upper()}{COMMANDS[name][1:]}.",
        epilog=getattr(command, "EPILOG", None),
        formatter_class=_formatter,
        allow_abbrev=False,
    )
    command.configure(parser)
    return command, parser


def _formatter(prog: str) -> argparse.HelpFormatter:
    """What lays out help. Told the width, argparse need not find it out, for which it imports more than help is worth."""
    return argparse.RawDescriptionHelpFormatter(prog, width=columns() - 2)


def whole_parser() -> argparse.ArgumentParser:
    """One parser with every command below it."""
    whole = argparse.ArgumentParser(prog="wa-policy", allow_abbrev=False)
    whole.add_argument("--version", action="version", version="wa-policy", help="print the version")
    commands = whole.add_subparsers(dest="command", metavar="COMMAND")
    for name, purpose in COMMANDS.items():
        _, parser = parser_of(name)
        commands.add_parser(name, help=purpose, parents=[parser], add_help=False, conflict_handler="resolve")
    return whole
