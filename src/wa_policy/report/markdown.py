"""The report as Markdown, for a comment on a pull request: the verdict, a table, findings by workspace, the worst first.

What comes from files is text and nothing else. Words that a platform would make something of (an address, a mention, a reference
to an issue) stand in code, where nothing is made of them; in all other words each sign that Markdown knows is escaped.
"""

from __future__ import annotations

import re
from functools import lru_cache, partial
from itertools import islice
from typing import TYPE_CHECKING

from wa_policy.records import NamedTuple
from wa_policy.report.checklist import build
from wa_policy.report.model import worst_first
from wa_policy.report.places import from_top, top
from wa_policy.report.safe import visible
from wa_policy.report.sentences import NOUNS, because, grounds, numbers, outcome_of, verdict
from wa_policy.wording import count, cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from wa_policy.findings import Severity
    from wa_policy.report.model import Finding, NotChecked, Report

LONGEST = 65_000
"""How long a comment may be, in bytes; GitHub takes 65,536 characters, GitLab more."""

LONGEST_LINE = 500
"""How much of a line of the summary is said, in code points: it may name every file."""

MOST_READY = 100
"""So many workspaces that are ready are named, and the rest are counted."""

_SIGNS = re.compile(r"[\\`*_\[\]<>!|~&$]")
"""What Markdown and its dialects make something of inside a line."""

# A mention, a reference to an issue, a place in a path or an address, :emoji:, the start of a host, what could be a commit.
_ACTS = re.compile(r"[@#]|[:/!~$%&^\\|<>]\S|\bwww\.|\bGH-\d|\b[0-9a-f]{7,40}\b", re.IGNORECASE)

_OPENS, _CLOSES = "\"'(", "]\"'),.;:"
"""What stands around a word in a sentence."""


class _Item(NamedTuple):
    """One entry: below which heading, whether folded, what it counts as, and what writes it."""

    heading: str
    folded: bool
    kind: str
    write: Callable[[], str]


class _Group(NamedTuple):
    """What is said below one heading."""

    heading: str
    shown: list[str]
    folded: list[str]


class _Row(NamedTuple):
    """A manifest, or another file, and how many errors, warnings and notes there are on it."""

    workspace: str
    path: str
    is_manifest: bool
    counts: dict[Severity, int]


def render(report: Report, *, color: bool = False) -> str:
    """The report as a comment."""
    del color
    return compose(report, LONGEST).text


class Composed(NamedTuple):
    """A text, and whether everything is in it."""

    text: str
    complete: bool


def compose(report: Report, longest: int) -> Composed:
    """The report in at most so many bytes; what does not fit is counted."""
    folder = top()
    rows = _rows(report)
    head = "\n".join(_head(report, rows, folder, longest // 4)) + "\n"
    foot = "\n".join((*_ready(report, longest // 8), *_foot(report))) + "\n"
    items = list(_items(report, folder))
    kept = _fitting(items, longest - len(head.encode()) - len(foot.encode()) - 200)  # for what is said of the rest
    body = "".join(f"{line}\n" for group in _grouped(kept, rows) for line in _group(group))
    left_out = _counted(items[len(kept) :])
    rest = f"\nNot shown, since this text may not be longer: {left_out}.\n" if left_out else ""
    return Composed(f"{head}{body}{rest}{foot}", not left_out)


def _items(report: Report, folder: str) -> Iterator[_Item]:
    """Everything there is to say, the worst first."""
    for item in report.not_checked:
        yield _Item("Not checked", False, "unchecked thing", partial(_not_checked, item, folder))
    for finding in worst_first(report.findings):
        of = _heading(finding.workspace, finding.path)
        yield _Item(of, finding.severity == "info", NOUNS[finding.severity], partial(_finding, finding, folder))
    for finding in report.suppressed:
        yield _Item("Suppressed", True, "suppressed finding", partial(_suppressed, finding, folder))


def _heading(workspace: str, path: str) -> str:
    return f"Workspace {escape(workspace)}" if workspace else f"File {code(path)}"


def _fitting(items: Iterable[_Item], budget: int) -> list[tuple[_Item, str]]:
    """The first items as text, as many as fit, with their headings."""
    kept = []
    headings = set()
    for item in items:
        text = item.write()
        budget -= len(text.encode()) + 1
        if item.heading not in headings:
            headings.add(item.heading)
            budget -= len(item.heading.encode()) + 100  # with the frame of what is folded
        if budget < 0:
            break
        kept.append((item, text))
    return kept


def _counted(items: Iterable[_Item]) -> str:
    numbers: dict[str, int] = {}
    for item in items:
        numbers[item.kind] = numbers.get(item.kind, 0) + 1
    return ", ".join(count(number, kind) for kind, number in numbers.items())


def _grouped(items: Iterable[tuple[_Item, str]], rows: Iterable[_Row]) -> list[_Group]:
    """By heading: first what was not checked, then as the table has it, last what is suppressed."""
    groups: dict[str, _Group] = {}
    for item, text in items:
        group = groups.setdefault(item.heading, _Group(item.heading, [], []))
        (group.folded if item.folded else group.shown).append(text)
    of_rows = (_heading(workspace, row.path) for row in rows for workspace in (row.workspace, ""))
    order = {heading: number for number, heading in enumerate(dict.fromkeys(("Not checked", *of_rows)))}
    return sorted(groups.values(), key=lambda group: order.get(group.heading, len(order)))


def _group(group: _Group) -> Iterator[str]:
    yield f"\n### {group.heading}\n"
    yield from group.shown
    if group.folded:
        what = "suppressed findings" if group.heading == "Suppressed" else "notes"
        yield from ("", f"<details><summary>{what}: {len(group.folded)}</summary>", "", *group.folded, "", "</details>")


def _head(report: Report, rows: Iterable[_Row], folder: str, longest: int) -> Iterator[str]:
    """The verdict, the numbers, and a table of manifests with findings, as long as it may be."""
    sentence, _ = verdict(report)
    yield f"## wa-policy: {escape(sentence)}"
    yield f"\n{escape(numbers(report))}."
    manifests = [row for row in rows if row.is_manifest]
    if manifests:
        yield from ("", "| workspace | manifest | errors | warnings | notes |", "|---|---|---:|---:|---:|")
    for number, row in enumerate(manifests):
        cells = (code(row.workspace, in_table=True), code(from_top(row.path, folder), in_table=True))
        line = f"| {' | '.join((*cells, *map(str, row.counts.values())))} |"
        longest -= len(line.encode())
        if longest < 0:
            yield f"\n{count(len(manifests) - number, 'more manifest')} with findings."
            return
        yield line


def _rows(report: Report) -> list[_Row]:
    """The manifests that have findings, and other files that have some, such as the policy: the worst first."""
    rows = [_row(manifest.workspace, manifest.path, is_manifest=True) for manifest in report.manifests]
    by_document = {(row.path, of.document): row for row, of in zip(rows, report.manifests, strict=True)}
    by_file = {row.path: row for row in reversed(rows)}  # what is about a file as a whole counts for its first manifest
    for finding in report.findings:
        row = by_document.get((finding.path, finding.document)) or by_file.get(finding.path)
        if row is None:
            row = by_file[finding.path] = _row(finding.workspace, finding.path, is_manifest=False)
            rows.append(row)
        row.counts[finding.severity] += 1
    found = (row for row in rows if any(row.counts.values()))
    return sorted(found, key=lambda row: [-number for number in row.counts.values()])


def _row(workspace: str, path: str, *, is_manifest: bool) -> _Row:
    return _Row(workspace, path, is_manifest, dict.fromkeys(("error", "warning", "info"), 0))


def _finding(finding: Finding, folder: str) -> str:
    main = finding.locations[0]
    head = f"- **{finding.severity}** {code(finding.code)} {escape(finding.name)}{outcome_of(finding)}: {escape(finding.message)}"
    lines = [head, f"  at {_place(main.path, main.span.line, main.span.column, folder)}"]
    if main.route:
        lines[-1] += f", {code(main.route)}"
    for other in finding.locations[1:]:
        label = f": {escape(other.label)}" if other.label else ""
        lines.append(f"  see {_place(other.path, other.span.line, other.span.column, folder)}{label}")
    if finding.remedy.strip():
        lines.append(f"  **Fix:** {escape(finding.remedy)}")
    return "  \n".join(lines)


def _suppressed(finding: Finding, folder: str) -> str:
    main = finding.locations[0]
    place = _place(main.path, main.span.line, main.span.column, folder)
    return f"- {code(finding.code)} {escape(finding.name)} at {place}: {escape(because(finding))}"


def _not_checked(item: NotChecked, folder: str) -> str:
    place = f" ({code(from_top(item.path, folder))})" if item.path and item.path != item.what else ""
    fix = f"  \n  **Fix:** {escape(item.remedy)}" if item.remedy.strip() else ""
    return f"- **not checked** {escape(item.what)}{place}: {escape(item.reason)}{fix}"


def _place(path: str, line: int, column: int, folder: str) -> str:
    return code(f"{from_top(path, folder)}:{line}:{column}")


def _ready(report: Report, longest: int) -> Iterator[str]:
    """The workspaces that nothing keeps from sending, folded, by name: at most so many, and in so many bytes."""
    ready = [one.manifest for one in build(report) if one.state(report) in ("READY", "NOT ASKED")]
    names = dict.fromkeys(manifest.workspace.strip() or manifest.path for manifest in ready)
    shown: list[str] = []
    for name in islice(names, MOST_READY):
        shown.append(code(name))
        longest -= len(shown[-1].encode()) + 2
        if longest < 0:
            shown.pop()
            break
    if names:
        asked = "ready as far as was asked" if report.left_out else "ready"
        yield f"\n<details><summary>{asked}: {count(len(names), 'workspace')}</summary>\n"
        more = [f"{len(names) - len(shown)} more"] if len(shown) < len(names) else []
        yield f"{', '.join((*shown, *more))}\n\n</details>"


def _foot(report: Report) -> Iterator[str]:
    yield ""
    for line in grounds(report):
        yield f"<sub>{escape(cut(line, LONGEST_LINE, ' [...]'))}</sub>  "


def escape(text: str) -> str:
    """Text as prose that says exactly this, on one line."""
    return " ".join(map(_word, visible(text).split(" ")))


@lru_cache(maxsize=4096)
def _word(word: str) -> str:
    opened = word.lstrip(_OPENS)
    bare = opened.rstrip(_CLOSES)
    before, after = word[: len(word) - len(opened)], opened[len(bare) :]
    inside = _code(bare) if _ACTS.search(bare) else _escaped(bare)
    return f"{before}{inside}{_escaped(after)}"


def _escaped(text: str) -> str:
    return _SIGNS.sub(r"\\\g<0>", text)


def code(text: str, *, in_table: bool = False) -> str:
    """Text as code, on one line; in a table the sign that parts cells is made visible."""
    shown = visible(text)
    return _code(shown.replace("|", "\\u{7c}") if in_table else shown)


def _code(text: str) -> str:
    if not text.strip():
        return ""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    ticks = "`" * (longest + 1)
    pad = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"
