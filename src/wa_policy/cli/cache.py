"""``wa-policy cache``: what is kept between runs, and how to be rid of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from wa_policy import INCOMPLETE
from wa_policy.cache import files
from wa_policy.report.safe import visible
from wa_policy.wording import count

if TYPE_CHECKING:
    import argparse
    import os

EPILOG = """What is kept only saves time: without it every run says the same. It holds what reports say, credentials masked,
and nothing of the data that audits read. `wa-policy lint --no-cache` uses and keeps resolved policies
and which plugins are installed, no more.

exit codes: 0 done; 2 wrong use; 3 something could not be removed
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument(
        "action", choices=("show", "clear"), metavar="ACTION", help="show: where it is, and how large; clear: remove it"
    )


def run(parsed: argparse.Namespace) -> int:
    """Show or clear."""
    if parsed.action == "clear":
        return _clear()
    print(visible(files.folder()))
    for kind, what in files.KINDS.items():
        sizes = [size for entry in files.kept(kind) if (size := _size(entry)) is not None]
        print(f"  {what:<18} {len(sizes):>4} of {files.MOST_FILES} files  {sum(sizes) / 1024:>10,.1f} KiB")
    return 0


def _size(entry: os.DirEntry[str]) -> int | None:
    try:
        return entry.stat(follow_symlinks=False).st_size
    except OSError:  # another run has made room meanwhile
        return None


def _clear() -> int:
    number, left = files.clear()
    print(f"removed {count(number, 'file')} from {visible(files.folder())}")
    if not left:
        return 0
    what = f"{len(left)} could not be removed, and {'is' if len(left) == 1 else 'are'} still there"
    lines = [f"wa-policy: {what}; mend the permissions, or remove by hand:"]
    lines += [f"  {visible(path)}: {reason}" for path, reason in left]
    print("\n".join(lines), file=sys.stderr)
    return INCOMPLETE
