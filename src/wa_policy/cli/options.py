"""Options that several commands share."""

from __future__ import annotations

import argparse
import re
import sys
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from wa_policy.report.safe import visible
from wa_policy.rules.loading import aside, load
from wa_policy.source.document import MOST_DEPTH, Limits
from wa_policy.source.paths import as_word

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wa_policy.engine.session import Options
    from wa_policy.policy.model import Policy
    from wa_policy.rules.loading import Loaded


MOST_TOLD = 5
"""How many of a kind are told one by one: policies that were not used, fixes that were left out."""


_MOST_DIGITS = 18
"""How many digits a limit may have."""


class StdinError(Exception):
    """Why standard input cannot be read."""


def add_policy(parser: argparse.ArgumentParser) -> None:
    """Which policy weighs the rules."""
    parser.add_argument(
        "--policy",
        type=named,
        metavar="FILE_OR_NAME",
        help="draft, go-live, strict, or a policy file; default: the nearest wa-policy.yaml or [tool.wa-policy] in a "
        "pyproject.toml, from here upwards, else go-live",
    )


def add_plugins(parser: argparse.ArgumentParser) -> None:
    """Which plugins are loaded."""
    parser.add_argument(
        "--plugin",
        action="append",
        type=named,
        default=[],
        metavar="MODULE_OR_FILE",
        help="load this plugin too; it is code, and it runs (may be repeated)",
    )
    parser.add_argument("--no-plugins", action="store_true", help="load the bundled rules only")


def add_format(parser: argparse.ArgumentParser) -> None:
    """What is printed: text for people, JSON for programs."""
    parser.add_argument("--format", choices=("text", "json"), default="text", help="what to print; default: text")


def add_selection(parser: argparse.ArgumentParser) -> None:
    """Which rules are reported."""
    for option, verb in (("--select", "report only"), ("--ignore", "leave out")):
        parser.add_argument(
            option,
            action="append",
            default=[],
            metavar="RULES",
            help=f"{verb} these: codes, names, families (NUM) or steps (numbers), separated by commas (may be repeated)",
        )


def add_baseline(parser: argparse.ArgumentParser) -> None:
    """Which findings were there before."""
    parser.add_argument(
        "--baseline",
        type=named,
        metavar="FILE",
        help="findings that this file accepts do not count; see `wa-policy baseline`",
    )


def add_run(parser: argparse.ArgumentParser) -> None:
    """On which date, and within which limits."""
    parser.add_argument(
        "--as-of", type=_date, default=None, metavar="DATE", help="judge as on this day, YYYY-MM-DD; default: today"
    )
    limits = ", ".join(f"{name}={value}" for name, value in Limits()._asdict().items())
    parser.add_argument(
        "--limit",
        action="append",
        type=_limit,
        default=[],
        metavar="NAME=NUMBER",
        help=f"how much a file may hold, in bytes, levels, keys and values, and what aliases repeat of them; default: {limits} "
        "(may be repeated)",
    )


def of_run(parsed: argparse.Namespace, **others: Any) -> Options:
    """What a run is asked for by the options that all commands have that check manifests, and by others."""
    from wa_policy.engine.session import Options  # other commands do without

    return Options(
        as_of=parsed.as_of or datetime.now().astimezone().date(),
        policy=parsed.policy,
        plugins=parsed.plugin,
        third_party=not parsed.no_plugins,
        limits=limits(parsed),
        **others,
    )


def named(text: str) -> str:
    """What names a file or a folder. A variable of a shell that is not set leaves an empty word: that is nobody's wish."""
    if not text:
        raise argparse.ArgumentTypeError("it is empty, so it names nothing; is a variable not set that stands there?")
    return text


def load_plugins(parsed: argparse.Namespace) -> Loaded:
    """Load the plugins, and say of each that did not load why."""
    with aside():
        loaded = load(parsed.plugin, third_party=not parsed.no_plugins)
    for plugin in loaded.troubles:
        print(visible(f"wa-policy: the plugin {plugin.name} did not load: {plugin.trouble}"), file=sys.stderr)
    return loaded


def tell_overlooked(parsed: argparse.Namespace, policy: Policy, skipped: Iterable[str] = ()) -> bool:
    """Say which policies lie nearer to what was checked than the one in force, unless that was named; whether there are any."""
    if parsed.policy is not None:
        return False
    from wa_policy.policy.texts import overlooked  # other commands do without

    found = overlooked(parsed.paths, skipped, policy.files)
    for path in found[:MOST_TOLD]:
        print(
            visible(
                f"wa-policy: {path} was not used: without --policy, a policy is looked for in the current folder and above it; "
                f"go to where it applies, or say --policy {as_word(path)}"
            ),
            file=sys.stderr,
        )
    if len(found) > MOST_TOLD:
        print(f"wa-policy: {len(found) - MOST_TOLD} more policies were not used", file=sys.stderr)
    return bool(found)


def words(values: list[str]) -> list[str]:
    """The words of a repeatable, comma-separated option."""
    return [word.strip() for value in values for word in value.split(",") if word.strip()]


def limits(parsed: argparse.Namespace) -> Limits:
    """The limits with those that were named."""
    return Limits()._replace(**dict(parsed.limit))


def _date(text: str) -> date:
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}", text):
            raise ValueError
        return date(*map(int, text.split("-")))
    except ValueError:
        raise argparse.ArgumentTypeError(f'"{text}" is no day of the form YYYY-MM-DD') from None


def _limit(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    if name not in Limits._fields:
        raise argparse.ArgumentTypeError(f'there is no limit "{name}"; it is one of {", ".join(Limits._fields)}')
    if len(number) > _MOST_DIGITS:  # Python reads no number of very many
        raise argparse.ArgumentTypeError(f"no file has so many: {_MOST_DIGITS} digits are allowed")
    if not number.isascii() or not number.isdigit() or int(number) < 1:
        raise argparse.ArgumentTypeError(f'"{number}" is no whole number over 0')
    if name == "depth" and int(number) > MOST_DEPTH:
        raise argparse.ArgumentTypeError(f"depth is {MOST_DEPTH} at most; flatten what stands deeper")
    return name, int(number)
