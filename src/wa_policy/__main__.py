"""``python -m wa_policy``: the command line, for those who have no script on their path."""

import sys

# Python looks for modules in the current folder first, which may hold somebody else's pull request.
if not sys.flags.safe_path:
    del sys.path[0]

from wa_policy.cli.main import script  # after the path is safe

script()
