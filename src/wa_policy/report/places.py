"""Files as a repository names them: from its top, whichever folder the command was started in."""

from __future__ import annotations

import os

from wa_policy.source.paths import absolute, seen_from


def top() -> str:
    """The top of the checkout that the current folder is in; else the workspace of GitHub's runner; else the current folder."""
    here = folder = os.getcwd()
    while not os.path.lexists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            workspace = os.environ.get("GITHUB_WORKSPACE", "")
            return workspace if workspace and from_top(here, workspace) != here else here
        folder = above
    return folder


def from_top(path: str, folder: str) -> str:
    """A path from a folder, with slashes; an absolute one where it leads out of the folder."""
    whole = absolute(path)
    relative = seen_from(whole, folder)
    leads_out = relative == os.pardir or relative.startswith(os.pardir + os.sep)
    return (whole if leads_out else relative).replace(os.sep, "/")
