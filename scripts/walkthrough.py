"""Run the pages of the documentation that a reader can follow, and see that they show what happens.

    python scripts/walkthrough.py [PAGE ...]            compare: prints what differs, and ends with exit code 1
    python scripts/walkthrough.py --write [PAGE ...]    write the outputs anew

Without a page, all pages of docs/ that show a command with its output are meant.

A page is run in an empty folder, block by fenced block. What follows the language says what a block is for:

    yaml file=PATH       the whole content of a file
    yaml blocks=PATH     top-level blocks of a YAML file: each replaces the block of that name, or is added at the end
    diff of=PATH         lines of a file that go (-) and come (+), beside lines that stay; an empty line separates changes
    console exit=1       commands after "$ ", each with its output; the exit code is the last command's (0 if not said)

Any other block is only shown. A line of "[...]" stands for lines left out; an output that has one is compared, never
written anew. A comment `<!-- after: PAGE -->` starts with the files that another page ends with. The day is always AS_OF.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DOCS = Path(__file__).resolve().parent.parent / "docs"
AS_OF = "2026-11-22"
LEFT_OUT = "[...]"

_FENCE = re.compile(r"^(?P<ticks>`{3,})(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=ticks)[ ]*$", re.MULTILINE | re.DOTALL)
_AFTER = re.compile(r"<!-- after: (?P<page>\S+) -->")
_TOP_LEVEL = re.compile(r"^(?P<key>[A-Za-z_]+):.*\n(?:(?![A-Za-z_]+:).*\n)*", re.MULTILINE)
_DATED = re.compile(r"\bwa-policy (?:lint|checklist|baseline (?:write|prune))\b(?!.*--as-of)")


class Block(NamedTuple):
    """A fenced block: what it is for, what it says, and where its body stands in the page."""

    language: str
    options: dict[str, str]
    body: str
    span: tuple[int, int]


class Mismatch(Exception):  # noqa: N818  # not an error of this program: the page says something that is not so
    """A command ended otherwise than its page says."""


def pages() -> list[Path]:
    """All pages that show a command with its output, sorted."""
    return sorted(page for page in DOCS.rglob("*.md") if "\n```console" in page.read_text("utf-8"))


def blocks(page: str) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    for match in _FENCE.finditer(page):
        language, _, words = match["info"].strip().partition(" ")
        options = dict(word.partition("=")[::2] for word in words.split())
        yield Block(language, options, match["body"], match.span("body"))


def follow(page: Path) -> str:
    """The page with the outputs that its commands have today. Raises Mismatch where an exit code is another one."""
    text = page.read_text("utf-8")
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as cache:
        if after := _AFTER.search(text):
            _write_files(page.parent / after["page"], Path(folder))
        followed, position = "", 0
        for block in blocks(text):
            _write(block, Path(folder))
            if block.language == "console":
                followed += text[position : block.span[0]] + _console(block, folder, cache)
                position = block.span[1]
    return followed + text[position:]


def _write_files(page: Path, folder: Path) -> None:
    text = page.read_text("utf-8")
    if after := _AFTER.search(text):
        _write_files(page.parent / after["page"], folder)
    for block in blocks(text):
        _write(block, folder)


def _write(block: Block, folder: Path) -> None:
    for option, change in (("file", _whole), ("blocks", replace_blocks), ("of", apply_diff)):
        if name := block.options.get(option):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(change(path.read_text("utf-8") if path.exists() else "", block.body), "utf-8")


def _whole(_text: str, new: str) -> str:
    return new


def replace_blocks(text: str, new: str) -> str:
    """Put top-level blocks of YAML in the place of those of the same name, or behind the last one."""
    for match in _TOP_LEVEL.finditer(new):
        block = match[0].rstrip("\n") + "\n"
        old = next((found for found in _TOP_LEVEL.finditer(text) if found["key"] == match["key"]), None)
        if old is None:
            text = f"{text.rstrip()}\n\n{block}"
        else:
            rest = text[old.end() :]
            text = text[: old.start()] + block + ("\n" if rest else "") + rest
    return text


def apply_diff(text: str, diff: str) -> str:
    """Make the changes of a diff without line numbers. Raises Mismatch where its old lines do not stand exactly once."""
    for change in diff.strip("\n").split("\n\n"):
        lines = change.split("\n")
        old = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "+")
        new = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "-")
        if text.count(old) != 1:
            raise Mismatch(f"these lines stand {text.count(old)} times in the file:\n{old}")
        text = text.replace(old, new)
    return text


def _console(block: Block, folder: str, cache: str) -> str:
    """The body of a console block with the outputs of today."""
    shown = re.split(r"^\$ ", block.body, flags=re.MULTILINE)[1:]
    seen, exit_code = [], 0
    for part in shown:
        command, _, output = part.partition("\n")
        exit_code, answer = _run(command, folder, cache)
        kept = output.strip("\n")
        gap = "\n" if output.endswith("\n\n") else ""  # an empty line before the next command is the page's own
        if LEFT_OUT in kept.split("\n"):
            if not matches(kept, answer):
                raise Mismatch(f"$ {command}\nthe output is no longer the one shown:\n{answer}")
            answer = kept
        seen.append(f"$ {command}\n" + (f"{answer}\n" if answer else "") + gap)
    expected = int(block.options.get("exit", "0"))
    if exit_code != expected:
        raise Mismatch(f"exit code {exit_code}, not {expected}:\n{''.join(seen)}")
    return "".join(seen)


def matches(shown: str, answer: str) -> bool:
    """Whether an output is the one shown, lines that were left out aside."""
    parts = [re.escape(part.strip("\n")) for part in re.split(r"^\[\.\.\.\]$", shown, flags=re.MULTILINE)]
    return re.fullmatch(r"(?:.*\n)*?".join(f"{part}\n" if part else "" for part in parts), f"{answer}\n") is not None


def _run(command: str, folder: str, cache: str) -> tuple[int, str]:
    """Run a command as the reader would; the programs of this Python's environment are found first."""
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "WA_POLICY_CACHE_DIR": os.environ.get("WA_POLICY_CACHE_DIR", cache),
        "NO_COLOR": "1",
        "COLUMNS": "80",
        "LC_ALL": "C.UTF-8",
    }
    dated = _DATED.sub(lambda match: f"{match[0]} --as-of {AS_OF}", command)
    done = subprocess.run(  # noqa: S603  # the commands are those of our own pages
        ["/bin/sh", "-c", dated],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, done.stdout.strip("\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare pages with what happens, or write their outputs anew."""
    parser = argparse.ArgumentParser(description="Run pages of the documentation, and compare what they show.")
    parser.add_argument("--write", action="store_true", help="write the outputs anew")
    parser.add_argument("pages", nargs="*", type=Path, metavar="PAGE")
    parsed = parser.parse_args(arguments)
    failed = False
    for page in parsed.pages or pages():
        text = page.read_text("utf-8")
        try:
            followed = follow(page)
        except Mismatch as mismatch:
            sys.stdout.write(f"{page}: {mismatch}\n")
            failed = True
            continue
        if parsed.write and followed != text:
            page.write_text(followed, "utf-8")
        elif followed != text:
            lines = difflib.unified_diff(text.splitlines(), followed.splitlines(), str(page), "today", lineterm="")
            sys.stdout.write("\n".join(lines) + "\n")
            failed = True
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
