"""Reports made of text that would speak in the tool's voice, and what readers of logs make of what is printed."""

from __future__ import annotations

import random
import re
from typing import Any, NamedTuple

from hypothesis import strategies as st

from wa_policy.report.model import (
    Edit,
    FactsUsed,
    Finding,
    Frame,
    Location,
    Manifest,
    NotChecked,
    Patch,
    Report,
    RuleInfo,
    Stale,
    Suppression,
)
from wa_policy.report.safe import plain
from wa_policy.rules.documentation import Documentation
from wa_policy.source.spans import Span

FRAGMENTS = (
    *("\n", "\r\n", "\r", "\t", "\x00", "\x07", "\x1b[2J", "\x1b]0;x\x07", "\x85", "\x9b31m", "\u2028", "\u2029"),
    *("\u202e", "\u2066", "\u200b", "\u200d", "\u00ad", "\ufeff", "\U000e0041", "\ufffe", "\uffff", "\udce9", "\ud800"),
    *(
        "\n::error file=evil,line=1::forged",
        "::set-env name=A::b",
        "::stop-commands::x",
        " ::add-mask::a",
        "##[error]forged",
    ),
    *("%0A::error::forged", "%25", "%", ",", ":", "::", "=", "==", ";", "]"),
    *(
        "]]>",
        "<![CDATA[",
        "<script>alert(1)</script>",
        "<!--",
        "-->",
        "&amp;",
        "&#64;",
        "&",
        "<",
        ">",
        "<details>",
        "</details>",
    ),
    *(
        "|",
        "\\|",
        "`",
        "```",
        "``",
        "\\",
        "\\\\",
        "[x](https://evil.example)",
        "![x](y)",
        "](1)",
        "\\[",
        "[",
        "[x]: https://evil.example",
    ),
    *(
        "@somebody",
        "#123",
        "GH-1",
        "acme/shop#5",
        "https://evil.example",
        "www.evil.example",
        "a@evil.example",
        ":smile:",
    ),
    *(
        "{0}",
        "{{1}}",
        "$x$",
        "*b*",
        "__b__",
        "~~s~~",
        "- x",
        "1. x",
        "# x",
        "> x",
        "---",
        "===",
        "+",
        "!",
        '"',
        "'",
        "0123abcdef",
    ),
    *("é", "東京", "🎉", "e\u0301", " ", "  ", "\u00a0", "word", "another word"),
)

TEXTS = st.lists(st.sampled_from(FRAGMENTS) | st.characters(), max_size=6).map("".join)


class _Maker:
    """Takes what a report needs out of a few texts, which keeps drawing them cheap."""

    def __init__(self, texts: list[str], seed: int) -> None:
        self.texts = texts
        self.random = random.Random(seed)  # noqa: S311  # hides nothing
        self.made = 0

    def text(self) -> str:
        return self.random.choice(self.texts)

    def path(self) -> str:
        return f"manifests/{self.text()}.yaml"

    def code(self) -> str:
        return self.random.choice(["NET002", "ACME001", f"A{self.text()}"])

    def span(self) -> Span:
        line, column = self.random.randint(1, 99), self.random.randint(1, 9)
        lines = self.random.choice([0, 0, 2])
        return Span(line, column, line + lines, self.random.randint(1, 9) + (0 if lines else column - 1))

    def location(self) -> Location:
        span = self.span()
        return Location(self.path(), 0, span, self.text(), self.text(), Frame(span.line, self.text()))

    def patch(self) -> Patch:
        edits = tuple(Edit(self.path(), self.span(), self.text()) for _ in range(self.random.randint(1, 2)))
        return Patch(self.text(), self.random.random() < 0.5, edits)

    def suppression(self) -> Suppression:
        kind = self.random.choice(["inline", "policy", "baseline"])
        return Suppression(kind, self.text(), self.text(), self.text(), self.path(), self.random.randint(0, 9))  # type: ignore[arg-type]  # one of three

    def finding(self, *, suppressed: bool) -> Finding:
        """A finding with a fingerprint of its own; its message is never empty."""
        self.made += 1
        return Finding(
            code=self.code(),
            name=f"n{self.text()}",
            step="network",
            severity=self.random.choice(["error", "warning", "info"]),
            outcome=self.random.choice(["fail", "unproven", "claimed"]),
            message=f"m{self.made}{self.text()}",
            why=self.text(),
            remedy=self.text(),
            workspace=self.text(),
            path=self.path(),
            document=0,
            locations=tuple(self.location() for _ in range(self.random.randint(1, 2))),
            fingerprint=f"{self.made:016x}",
            patches=tuple(self.patch() for _ in range(self.random.randint(0, 1))),
            suppression=self.suppression() if suppressed else None,
        )

    def not_checked(self) -> NotChecked:
        path = self.random.choice([self.path(), ""])
        return NotChecked(f"w{self.text()}", self.text(), path, 0, self.code(), self.text())

    def rule(self) -> RuleInfo:
        sections = {"Why it matters": self.text(), "Source": self.text(), "Good": self.text()}
        docs = Documentation(self.text(), self.text(), sections)
        return RuleInfo(self.code(), self.text(), "network", "sure", "error", docs)

    def report(self) -> Report:
        """A report of up to three findings; all but one of its manifests have one."""
        found = [self.finding(suppressed=False) for _ in range(self.random.randint(0, 2))]
        quiet = [self.finding(suppressed=True) for _ in range(self.random.randint(0, 1))]
        manifests = [Manifest(one.path, 0, one.workspace, self.text(), checked=True) for one in (*found, *quiet)]
        manifests.append(Manifest(self.path(), -1, "", "", checked=False))
        info = self.rule()
        return Report(
            version="0.1.0",
            as_of="2026-11-22",
            policy=self.text(),
            policy_origin=self.text(),
            fail_on=self.random.choice(["error", "warning", "info"]),
            rules=(info.code,),
            manifests=tuple({one[:2]: one for one in manifests}.values()),
            findings=tuple(found),
            not_checked=tuple(self.not_checked() for _ in range(self.random.randint(0, 1))),
            skipped=tuple(self.path() for _ in range(self.random.randint(0, 1))),
            facts=(FactsUsed(self.text(), "2026-11", "sure", "bundled"),),
            suppressed=tuple(quiet),
            stale=(Stale(self.text(), self.code(), self.text(), "9c56cc51b374c3ba", 1, self.path(), 3),),
            describe=lambda: (info,),
        )


def reports() -> st.SearchStrategy[Report]:
    """Reports that have hostile text wherever a report has text."""
    texts = st.lists(TEXTS, min_size=5, max_size=5)
    return st.builds(lambda texts, seed: _Maker(texts, seed).report(), texts, st.integers(0, 10_000))


def acts(text: str) -> bool:
    """Whether a text has characters that act instead of showing; line breaks are told apart by who asks."""
    return plain(text) != text


# GitHub's runner, as it reads a log: ActionCommand.TryParseV2, then ActionCommand.TryParse.

COMMANDS = {
    *(
        "error",
        "warning",
        "notice",
        "debug",
        "group",
        "endgroup",
        "echo",
        "set-env",
        "set-output",
        "save-state",
        "add-mask",
    ),
    *("add-path", "add-matcher", "remove-matcher", "stop-commands", "internal-set-repo-path"),
}


class Command(NamedTuple):
    """What the runner would do."""

    name: str
    properties: dict[str, str]
    data: str


def commands(log: str) -> list[Command]:
    """All commands that the runner finds in a log."""
    read = (_read(line) for line in re.split(r"\r\n|\n|\r", log))
    return [command for command in read if command is not None]


def _read(line: str) -> Command | None:
    # The runner compares texts by culture, in which characters without width count for nothing.
    text = re.sub("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]", "", line).lstrip()
    if text.startswith("::") and (end := text.find("::", 2)) >= 0:
        name, _, rest = text[2:end].partition(" ")
        if name.lower() in COMMANDS:
            return Command(name, dict(_pairs(rest.strip(), ",", _unescape_property)), _unescape(text[end + 2 :]))
    start, end = text.find("##["), text.find("]", text.find("##["))
    if 0 <= start < end:
        name, _, rest = text[start + 3 : end].partition(" ")
        if name.lower() in COMMANDS:
            return Command(name, dict(_pairs(rest, ";", _unescape)), _unescape(text[end + 1 :]))
    return None


def _pairs(text: str, separator: str, unescape: Any) -> Any:
    for word in filter(None, text.split(separator)):
        name, _, value = word.partition("=")
        value = value.lstrip("=")  # an empty entry between two signs is left out
        if name and value:
            yield name, unescape(value)


def _unescape(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def _unescape_property(text: str) -> str:
    return _unescape(text.replace("%3A", ":").replace("%2C", ","))
