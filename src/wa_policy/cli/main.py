"""The command line: one module per command, imported when it runs. Not even typing is imported before."""

import atexit
import gc
import os
import sys

from wa_policy import INCOMPLETE, WRONG_USE

TYPE_CHECKING = False  # as in source.walk
if TYPE_CHECKING:
    from typing import TextIO

COMMANDS = {
    "lint": "check manifests, and say what will go wrong, where, why, and how to put it right",
    "checklist": "go through MoEngage's prerequisites step by step, per workspace",
    "explain": "print a rule's documentation",
    "rules": "list all rules, and what the policy makes of them",
    "schema": "print the JSON Schema of a kind of file",
    "baseline": "accept what is found today, so that only what is new counts",
    "policy": "show a policy as resolved, or check one",
    "plugins": "list the plugins, what they offer, and which did not load",
    "init": "write a first manifest",
    "snapshot": "fetch from Meta what proves a manifest",
    "audit": "count who agreed to messages, compare with the provider, and write what proves it",
    "cache": "show or clear what is kept between runs",
    "completion": "print what makes a shell complete wa-policy's commands and options",
}

HELP = """usage: wa-policy [--version] [--help] COMMAND ...

Is a MoEngage workspace ready to send WhatsApp messages?

commands:
{commands}

examples:
  wa-policy lint manifests/
  wa-policy checklist manifests/acme.yaml
  wa-policy explain NET002

exit codes:
  0  ready
  1  findings at or over the threshold (--fail-on)
  2  wrong use, or a wrong policy; nothing was checked
  3  something could not be checked

`wa-policy COMMAND --help` tells more of a command.
"""


_MOST_TOOLS = 6
"""How many tools ``sys.monitoring`` knows, each by a number."""


def script() -> None:
    """Run the command line as a program of its own, and leave."""
    exit_code = main()
    if _is_watched():
        sys.exit(exit_code)  # who watches has something to write when all is over
    _leave(exit_code)


def _is_watched() -> bool:
    """Whether a debugger, profiler or tracer is at work, in the old way or, from Python 3.12 on, in the new one."""
    monitoring = getattr(sys, "monitoring", None)
    return bool(
        sys.gettrace() or sys.getprofile() or (monitoring and any(map(monitoring.get_tool, range(_MOST_TOOLS))))
    )


def _leave(exit_code: int) -> None:
    """Leave at once: taking everything apart first, as Python does, takes longer than some commands."""
    threading = sys.modules.get("threading")
    if threading and threading.active_count() > 1:
        sys.exit(exit_code)
    said, sys.stdout = sys.stdout, sys.stderr  # what is printed from now on belongs to no report
    atexit._run_exitfuncs()  # noqa: SLF001  # what plugins and libraries asked for is done
    try:
        said.flush()
        sys.stderr.flush()
    finally:
        os._exit(exit_code)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    gc.set_threshold(50_000, 20, 100)  # nodes of many files make the default collector the largest cost of all
    words = list(sys.argv[1:] if arguments is None else arguments)
    _open_what_is_closed()
    if hasattr(sys.stdout, "reconfigure"):  # a terminal of another encoding gets what it lacks as \\u....
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        exit_code = _dispatch(words)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output has gone: nobody is left to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # else Python tries once more as it leaves, and complains
        return INCOMPLETE
    except Exception as error:  # noqa: BLE001  # the last resort: no person at a command line should meet a traceback
        return _explain_failure(error, "".join(words[:1]))
    return exit_code


def _open_what_is_closed() -> None:
    """Put something in the place of closed standard streams, which the next file opened would take: Python has none then.

    What needs input, or prints, fails by it, since nothing would be read or said; only complaints may lead nowhere.
    """
    for name, mode, way in (("stdin", "r", os.O_WRONLY), ("stdout", "w", os.O_RDONLY), ("stderr", "w", os.O_WRONLY)):
        if getattr(sys, name) is None:  # as long as the program runs
            setattr(sys, name, open(os.open(os.devnull, way), mode, encoding="utf-8"))  # noqa: SIM115


def in_utf_8(stream: "TextIO") -> None:
    """Have a stream write UTF-8, whatever the locale: for what programs read, and what lands in files."""
    if hasattr(stream, "reconfigure") and stream.encoding.lower() != "utf-8":
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _dispatch(words: list[str]) -> int:
    if words in (["--version"], ["-V"]):
        from wa_policy import __version__

        print(f"wa-policy {__version__}")
        return 0
    if words and words[0] in ("-h", "--help", "help"):
        words = [*words[1:2], "--help"]  # on a command, if one is named
    if not words or words == ["--help"]:
        return _print_help(to_error=not words)
    name, *rest = words
    if name in ("--version", "-V"):
        return _complain(f"{name} stands alone; leave out what follows it")
    if name == "lint" and (exit_code := _again(rest)) is not None:
        return exit_code
    if name not in COMMANDS:
        return _complain(_no_command(name))
    return _run(name, rest)


def _no_command(name: str) -> str:
    from wa_policy.report.safe import visible
    from wa_policy.source.paths import as_word
    from wa_policy.suggest import did_you_mean

    shown = visible(name)
    if name.startswith("-"):
        remedy = f"those of a command stand behind it: wa-policy COMMAND {shown}; see `wa-policy --help`"
        return f'there is no option "{shown}" before the command; {remedy}'
    meant = did_you_mean(name, COMMANDS)
    remedy = "see `wa-policy --help`"
    if not meant and (name.endswith((".yaml", ".yml", ".json")) or (name and os.path.exists(name))):
        remedy = f"to check it: wa-policy lint {visible(as_word(name))}"
    return f'there is no command "{shown}"{meant}; {remedy}'


def _again(words: list[str]) -> int | None:
    """Say once more what this very run said before, where nothing that it depends on has changed since."""
    from wa_policy.cli.replay import key_of, replay

    key = key_of(words)
    said = replay(key) if key else None
    if said is None:
        return None
    text, exit_code, utf_8 = said
    if utf_8:
        in_utf_8(sys.stdout)
    sys.stdout.write(text)
    return exit_code


def _print_help(*, to_error: bool) -> int:
    commands = "\n".join(f"  {name:<10} {purpose}" for name, purpose in COMMANDS.items())
    print(HELP.format(commands=commands), end="", file=sys.stderr if to_error else sys.stdout)
    return WRONG_USE if to_error else 0


def _run(name: str, rest: list[str]) -> int:
    import argparse

    from wa_policy.cli.parsers import parser_of

    command, parser = parser_of(name)
    # Paths may stand before, between and behind options. Where -- tells which is which, it decides alone.
    parse = parser.parse_args if "--" in rest else parser.parse_intermixed_args
    try:
        parsed = parse(rest, argparse.Namespace(words=rest))
    except SystemExit:
        sys.stdout.flush()  # help that has no room is told of as a report is
        raise
    try:
        exit_code: int = command.run(parsed)
    except (Exception, KeyboardInterrupt):
        raise
    except BaseException as leaving:  # a plugin's: its exit code, or that of a traceback, would pass for ours
        from wa_policy.rules.registry import words_of

        what = leaving.code if isinstance(leaving, SystemExit) else words_of(leaving)
        raise RuntimeError(f"a plugin ended the program with {what}") from leaving
    return exit_code


def _explain_failure(error: Exception, command: str) -> int:
    from wa_policy.cli.complaints import complaint, unusable
    from wa_policy.report.safe import visible

    if told := complaint(error, command):
        return _complain(told)
    if told := unusable(error):
        return _complain(told, INCOMPLETE)
    if os.environ.get("WA_POLICY_DEBUG"):
        raise error
    return _complain(
        f"internal error: {type(error).__name__}: {visible(str(error))}\n"
        "nothing that was printed counts as checked; please report this, with what WA_POLICY_DEBUG=1 in the environment adds",
        INCOMPLETE,
    )


def _complain(message: str, exit_code: int = WRONG_USE) -> int:
    from wa_policy.manifest.secrets import mask_text

    print(f"wa-policy: {mask_text(message)}", file=sys.stderr)  # a word that is no name of anything may be a token
    return exit_code
