"""Files as a commit has them: ``git:REF:PATH``, so that a gate can take its policy from a branch that nobody proposed.

Read with ``git cat-file``, which runs no hook, filter or pager of the repository, and fetches nothing.
"""

from __future__ import annotations

import os
import posixpath
import re

from wa_policy.records import NamedTuple

PREFIX = "git:"

_REF = r"[A-Za-z0-9_@][A-Za-z0-9_./@{}~^+-]*"  # never an option, nor a range


class GitError(Exception):
    """A file that no commit has, or that cannot be asked for; the argument is one sentence."""


class GitFile(NamedTuple):
    """A file in a commit: a branch, tag or digest, and the path from the top of the repository."""

    ref: str
    path: str

    def __str__(self) -> str:
        """The way a person writes it."""
        return f"{PREFIX}{self.ref}:{self.path}"

    def beside(self, path: str) -> GitFile:
        """The file that a relative path means from here, in the same commit. Raises GitError."""
        return _inside(self.ref, posixpath.join(posixpath.dirname(self.path), path))


def parse(reference: str) -> GitFile:
    """Read ``git:REF:PATH``. Raises GitError."""
    ref, colon, path = reference.removeprefix(PREFIX).partition(":")
    if not colon or not path:
        raise GitError("a file in git is written git:REF:PATH, such as git:origin/main:wa-policy.yaml")
    if not re.fullmatch(_REF, ref):
        raise GitError(f'"{ref}" names no branch, tag or commit')
    return _inside(ref, path)


def _inside(ref: str, path: str) -> GitFile:
    normal = posixpath.normpath(path)
    if posixpath.isabs(normal) or normal.split("/")[0] == ".." or normal == ".":
        raise GitError(f'"{path}" is no path from the top of the repository')
    return GitFile(ref, normal)


def folder_of(file: GitFile) -> str:
    """The folder of the work tree that the file would be in: what its own relative patterns start from. Raises GitError."""
    top = _git("rev-parse", "--show-toplevel").decode("utf-8", "surrogateescape").rstrip("\n")
    return os.path.join(top, *posixpath.dirname(file.path).split("/"))


def read(file: GitFile, most: int) -> bytes:
    """The content of a file in a commit, up to ``most`` bytes. Raises GitError."""
    try:
        commit = _git("rev-parse", "--verify", "--quiet", f"{file.ref}^{{commit}}").decode().strip()
    except GitError:
        raise GitError(f'there is no commit "{file.ref}" here; fetch it first (a shallow checkout has few)') from None
    name = f"{commit}:{file.path}"
    try:
        kind, size = _git("cat-file", "-t", name).strip(), int(_git("cat-file", "-s", name))
    except GitError:
        raise GitError(f'there is no file "{file.path}" in {file.ref}') from None
    if kind != b"blob":
        raise GitError(f'"{file.path}" is no file in {file.ref}')
    if size > most:
        raise GitError(f'"{file.path}" in {file.ref} has {size:,} bytes; {most:,} are allowed')
    return _git("cat-file", "blob", name)


def _git(*words: str) -> bytes:
    import shutil
    import subprocess

    program = shutil.which("git")
    if program is None:
        raise GitError("git is not installed")
    # Nothing is fetched for a partial clone: whom it would ask stands in the checked tree.
    environment = {**os.environ, "GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0"}
    done = subprocess.run(  # noqa: S603  # the words are ours, a checked ref and a path behind a colon
        [program, "--no-pager", *words], capture_output=True, check=False, env=environment
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise GitError(f"git says: {said[-1]}" if said else "git found nothing")
    return done.stdout
