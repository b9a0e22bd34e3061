"""``wa-policy plugins``: what is loaded, what it offers, and what did not load."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy import INCOMPLETE
from wa_policy.cli import options
from wa_policy.report.safe import visible
from wa_policy.rules.loading import aside, load
from wa_policy.wording import count

if TYPE_CHECKING:
    import argparse

    from wa_policy.rules.loading import Plugin

EPILOG = "exit codes: 0 all plugins loaded; 2 wrong use; 3 some did not\n"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    options.add_plugins(parser)


def run(parsed: argparse.Namespace) -> int:
    """Print a line for every plugin."""
    with aside():
        loaded = load(parsed.plugin, third_party=not parsed.no_plugins)
    for plugin in loaded.plugins:
        print(_describe(plugin))
    return INCOMPLETE if loaded.troubles else 0


def _describe(plugin: Plugin) -> str:
    source = f"{plugin.package} {plugin.version}".strip() or f"{plugin.module} {plugin.version}".strip()
    rules = f"{count(len(plugin.codes), 'rule')}: {', '.join(plugin.codes)}"
    offers = rules if plugin.codes else "reads lists of templates"
    fate = f"DID NOT LOAD: {plugin.trouble}" if plugin.trouble else offers
    return visible(f"{plugin.name} ({source}): {fate}")
