"""``wa-policy completion``: a script that teaches a shell the commands and options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.engine.session import UsageError

if TYPE_CHECKING:
    import argparse

EPILOG = """examples:
  wa-policy completion bash > ~/.local/share/bash-completion/completions/wa-policy
  wa-policy completion zsh > ~/.zfunc/_wa-policy

exit codes: 0 printed; 2 wrong use, or the extra wa-policy[completion] is not installed
"""

SHELLS = ("bash", "zsh", "tcsh")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument(
        "shell", choices=SHELLS, metavar="SHELL", help=f"the shell that the script is for: {', '.join(SHELLS)}"
    )


def run(parsed: argparse.Namespace) -> int:
    """Print the script."""
    try:
        import shtab
    except ImportError:
        raise UsageError(
            "completion needs a library that is not installed", "install it: pip install 'wa-policy[completion]'"
        ) from None
    from wa_policy.cli.parsers import whole_parser

    parser = whole_parser()
    _complete_files(parser, shtab.FILE)
    print(shtab.complete(parser, shell=parsed.shell))
    return 0


def _complete_files(parser: argparse.ArgumentParser, how: object) -> None:
    """Let what takes a file complete the names of files."""
    for action in parser._actions:  # noqa: SLF001  # argparse tells of its arguments in no public way
        if isinstance(action.choices, dict):  # the commands below this parser
            for below in action.choices.values():
                _complete_files(below, how)
        elif any(word in str(action.metavar) for word in ("PATH", "FILE", "DIR", "AUDIT")):
            action.complete = how  # type: ignore[attr-defined]  # shtab looks for it there
