"""``wa-policy lint --show-files`` and ``--show-settings``: what a run would look at, and by what it would judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy import INCOMPLETE
from wa_policy.cache import files
from wa_policy.engine.pipeline import sources
from wa_policy.manifest.secrets import mask_text
from wa_policy.report.safe import visible
from wa_policy.report.sentences import plugin_named
from wa_policy.source.discover import Missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wa_policy.engine.session import Session


def show_files(paths: Sequence[str], session: Session) -> int:
    """Print the files that would be read, one a line, and what is missing; returns an exit code."""
    found = list(sources(paths, session))
    missing = [item for item in found if isinstance(item, Missing)]
    for item in found:
        if not isinstance(item, Missing):
            print(mask_text(visible(item.path)))
    for item in missing:
        print(mask_text(visible(f"not found: {item.path}: {item.reason}")))
    return INCOMPLETE if missing else 0


def show_settings(session: Session) -> int:
    """Print what a run would judge by, one ``name: value`` a line; returns an exit code."""
    for name, value in _settings(session):
        print(mask_text(visible(f"{name}: {value}")))
    return INCOMPLETE if session.loaded.troubles else 0


def _settings(session: Session) -> Iterator[tuple[str, object]]:
    options, policy = session.options, session.policy
    yield "policy", f"{policy.name} ({policy.origin})"
    yield "extends", ", ".join(policy.chain[:-1]) or "nothing"
    yield "fails on", session.fail_on
    yield "as of", options.as_of.isoformat()
    yield "rules", f"{len(session.running)} of {len(session.loaded.rules)}"
    yield "selected", ", ".join(options.select) or "all"
    yield "ignored", ", ".join(options.ignore) or "none"
    yield "plugins", ", ".join(map(plugin_named, session.plugins)) or "the bundled ones"
    for plugin in session.loaded.troubles:
        yield "did not load", f"{plugin.name}: {plugin.trouble}"
    yield "suppressions", "count" if options.suppressions else "shown as if there were none"
    yield "baseline", options.baseline or "none"
    yield "limits", ", ".join(f"{name}={value}" for name, value in options.limits._asdict().items())
    yield "jobs", options.jobs or "auto"
    yield "cache", files.folder() if options.cache else "off"
