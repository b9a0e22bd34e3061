"""Where reports go: one format to standard output, others into files, each of which is replaced as a whole or not at all."""

from __future__ import annotations

import argparse
import os
import stat
import sys
from typing import TYPE_CHECKING

from wa_policy.engine.session import UsageError
from wa_policy.records import NamedTuple
from wa_policy.report.formats import FORMATS, render

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from typing import TextIO

    from wa_policy.report.github import Summarized
    from wa_policy.report.markdown import Composed
    from wa_policy.report.model import Report

STDOUT = "-"
_ALSO_STDOUT = ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")
"""What systems call it. Opened by such a name, it would get one report in the midst of another."""

STEP_SUMMARY = "GITHUB_STEP_SUMMARY"
"""The variable by which GitHub's runner names the file of a step's summary."""

MOST_SUMMARY = 1024 * 1024
"""How long that file may become, in bytes."""


class Output(NamedTuple):
    """A format and the file that it goes into."""

    format: str
    path: str

    def __str__(self) -> str:
        return f"--output {self.format}={self.path}"


def add(parser: argparse.ArgumentParser) -> None:
    """Declare --format and --output."""
    parser.add_argument("--format", choices=FORMATS, help="what to print; default: text")
    parser.add_argument(
        "--output",
        action="append",
        type=_output,
        default=[],
        metavar="FORMAT=FILE",
        help="write the report in this format into this file; - is standard output (may be repeated)",
    )


def wanted(parsed: argparse.Namespace) -> list[Output]:
    """What to write, standard output first. Raises UsageError for what cannot be written, before anything is checked."""
    outputs: list[Output] = sorted(parsed.output, key=lambda output: output.path != STDOUT)
    by_format = bool(parsed.format or not outputs or outputs[0].path != STDOUT)
    if by_format:
        outputs.insert(0, Output(parsed.format or "text", STDOUT))
    taken: dict[str, Output] = {}
    named = {os.path.realpath(path) for path in _read(parsed) if os.path.isfile(path)}
    for output in outputs:
        file = output.path if output.path == STDOUT else os.path.realpath(output.path)
        if file in taken:
            other = f"--format {taken[file].format}" if by_format and file == STDOUT else str(taken[file])
            raise UsageError(f"{output} and {other} would go to one place; name another file for one of them")
        if file in named:
            raise UsageError(f"{output} would replace a file that is read; name another one")
        if trouble := _trouble(output.path):
            raise UsageError(f"{output} cannot be written: {trouble}")
        taken[file] = output
    return outputs


def _read(parsed: argparse.Namespace) -> list[str]:
    """The files that the command line names to be read."""
    return [*parsed.paths, *parsed.plugin, *filter(None, (parsed.policy, parsed.baseline))]


def write(
    report: Report, outputs: Collection[Output], stream: TextIO, *, color: bool, read: Iterable[str] = ()
) -> None:
    """Write all of them, ``stream`` (standard output) last, and the step's summary where GitHub wants one. Raises UsageError.

    ``read`` are the files besides manifests and their evidence that the run has read: none of all these is replaced.
    """
    step = os.environ.get(STEP_SUMMARY, "")
    files = [output for output in outputs if output.path != STDOUT and output != ("github-summary", step)]
    manifests = (manifest.path for manifest in report.manifests)
    checked = {os.path.realpath(path) for path in (*read, *report.evidence, *manifests)} if files else ()
    for output in files:
        if os.path.exists(output.path) and os.path.realpath(output.path) in checked:
            raise UsageError(
                f"{output} would replace a file that was read or that an audit counted, so no report was written; "
                "name another file"
            )
    summary = _summary(report, step) if step and _wants_summary(outputs, step) else None
    planned: Summarized = "" if summary is None else "all" if summary.complete else "some"
    texts = [_render(report, output.format, planned) for output in files]
    for output, text in zip(files, texts, strict=True):
        _try_to(_put, output, text)
    written = planned if summary and _summarize(summary.text, step) else ""
    for output in outputs:
        if output.path == STDOUT:
            stream.write(_render(report, output.format, written, color=color))


def _render(report: Report, name: str, summarized: Summarized, *, color: bool = False) -> str:
    """A report in a format; annotations say where the others are that GitHub does not show."""
    if name != "github":
        return render(report, name, color=color)
    from wa_policy.report.github import render as render_annotations

    return render_annotations(report, color=color, summarized=summarized)


def _wants_summary(outputs: Iterable[Output], step: str) -> bool:
    """Annotations say that the rest is in the step's summary; who names a summary's file has it there instead."""
    files = {output.path for output in outputs if output.format == "github-summary"}
    return step in files or (not files and any(output.format == "github" for output in outputs))


def _output(text: str) -> Output:
    name, equals, path = text.partition("=")
    if name not in FORMATS:
        from wa_policy.suggest import did_you_mean

        known = f"it is one of {', '.join(FORMATS)}"
        raise argparse.ArgumentTypeError(f'there is no format "{name}"{did_you_mean(name, FORMATS)}; {known}')
    if not equals or not path:
        raise argparse.ArgumentTypeError(f'"{text}" names no file; write {name}=FILE, or {name}=- for standard output')
    return Output(name, STDOUT if path in _ALSO_STDOUT else path)


def _trouble(path: str) -> str:
    """What keeps a file from being written, as far as that can be told without writing it; an empty string for nothing."""
    if path == STDOUT:
        return ""
    target = os.path.realpath(path)
    folder = os.path.dirname(target)
    if os.path.isdir(target):
        return "it is a folder"
    if _is_special(path):
        return "" if os.access(path, os.W_OK) else "nothing may be written into it"
    if not os.path.isdir(folder):
        return "its folder is not there"
    return "" if os.access(folder, os.W_OK | os.X_OK) else "nothing may be written into its folder"


def _is_special(path: str) -> bool:
    """Whether it is a pipe or a device, which is written into and not replaced. Behind /dev/fd/63 there is no other path."""
    return os.path.exists(path) and not stat.S_ISREG(os.stat(path).st_mode)


def _try_to(act: Callable[[str, bytes], None], output: Output, text: str) -> None:
    try:
        act(output.path, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise UsageError(f"{output} could not be written: {error.strerror}; the findings were not reported") from None


def _put(path: str, content: bytes) -> None:
    """Replace a file, its mode kept. What is a link stays one."""
    if _is_special(path):
        with open(path, "wb") as file:
            file.write(content)
        return
    from wa_policy.source.replace import replace  # most runs write to standard output alone

    replace(os.path.realpath(path), content)


def _summary(report: Report, path: str) -> Composed | None:
    """The report in what room the step's summary has left, since GitHub drops one that is too long; None where it has none."""
    from wa_policy.report.markdown import compose

    try:
        room = MOST_SUMMARY - (os.path.getsize(path) if os.path.exists(path) else 0)
    except OSError:
        room = MOST_SUMMARY  # it cannot be written either, which is told then
    composed = compose(report, room)
    if len(composed.text.encode("utf-8", "backslashreplace")) > room:
        print("wa-policy: the step's summary is full, so the report is not in it", file=sys.stderr)
        return None
    return composed


def _summarize(text: str, path: str) -> bool:
    """Add the report to what the step has said so far; whether that was possible."""
    try:
        with open(path, "ab") as file:
            file.write(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        print(f"wa-policy: the step's summary could not be written: {error.strerror}", file=sys.stderr)
        return False
    return True
