"""``wa-policy completion``: a script that teaches a shell the commands and options."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wa_policy.engine.session import UsageError
from wa_policy.manifest.first_answers import ROUTES, about
from wa_policy.policy.model import PACKS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

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
    for action in _arguments_of(parser):
        _teach(action, shtab.FILE, shtab.DIRECTORY)
    print(_MENDED.get(parsed.shell, str)(shtab.complete(parser, shell=parsed.shell)))
    return 0


def _arguments_of(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """The arguments of a parser and of those below it."""
    for action in parser._actions:  # noqa: SLF001  # argparse tells of its arguments in no public way
        if isinstance(action.choices, dict):  # the commands below this parser
            for below in action.choices.values():
                yield from _arguments_of(below)
        else:
            yield action


def _teach(action: argparse.Action, file: object, folder: object) -> None:
    """Let what takes a file complete the names of files, and so on: shtab looks for it at the argument."""
    metavar = str(action.metavar)
    if "OR_NAME" in metavar and "FILE" in metavar:
        action.complete = _POLICY  # type: ignore[attr-defined]  # as below, shtab's own
    elif "FOLDER" in metavar:
        action.complete = folder  # type: ignore[attr-defined]
    elif any(word in metavar for word in ("PATH", "FILE", "AUDIT")):
        action.complete = file  # type: ignore[attr-defined]
    elif action.dest in ROUTES and not action.choices:
        action.choices = about(action.dest).get("enum")


# What shtab writes, mended where it falls short; where it writes something else one day, that is left as it is.


def _mended_bash(script: str) -> str:
    """Behind values of an option that takes several, options are offered; and ``--format=`` arrives as two words."""
    ours = "_shtab_wa_policy"
    script = script.replace(
        '"$current_action_is_positional" = true )',
        '"$current_action_is_positional" = true || $COMP_CWORD -gt $current_action_args_start_index )',
    )
    return script.replace(f"-F {ours} ", "-F _wa_policy_joined ") + _JOINED


def _mended_zsh(script: str) -> str:
    """Each of several paths is completed, and what stands behind ``--format=``."""
    script = script.replace('"(*)::', '"*:').replace('"(*):', '"*:')
    return re.sub(r'^(  "\*?--[a-z-]+)(\[(?:[^\]\\]|\\.)*\]:)', r"\1=\2", script, flags=re.MULTILINE)


_MENDED = {"bash": _mended_bash, "zsh": _mended_zsh}

_JOINED = """

# --format=json arrives as three words, which _shtab_wa_policy would take for two arguments
_wa_policy_joined() {
  local words=() last=$COMP_CWORD index
  for index in "${!COMP_WORDS[@]}"; do
    if [[ $index -gt 0 && ${COMP_WORDS[index]} == = && ${COMP_WORDS[index-1]} == --* ]]; then
      if [[ $index -eq $COMP_CWORD ]]; then words+=(""); else last=$((last - (index < COMP_CWORD))); fi
    else
      words+=("${COMP_WORDS[index]}")
    fi
  done
  COMP_WORDS=("${words[@]}")
  COMP_CWORD=$last
  _shtab_wa_policy
}
"""

_POLICY = {
    "bash": "_wa_policy_policy_or_file",
    "zsh": "_wa_policy_policy_or_file",
    "tcsh": "f",
    "preamble": {
        "bash": f"""
_wa_policy_policy_or_file() {{
  compgen -W "{" ".join(PACKS)}" -- "$1"
  compgen -f -- "$1"
}}
""",
        "zsh": f"""
_wa_policy_policy_or_file() {{
  _alternative "policies:policy:({" ".join(PACKS)})" "files:file:_files"
}}
""",
    },
}
"""How the name of a policy is completed, or the file of one."""
