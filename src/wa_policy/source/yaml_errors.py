"""What libyaml refuses, in our words: what is wrong, where, and what to do about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wa_policy.records import NamedTuple
from wa_policy.source.libyaml import MarkedYAMLError, ScalarEvent
from wa_policy.wording import cut

if TYPE_CHECKING:
    from collections.abc import Callable

    from wa_policy.source.document import Source
    from wa_policy.source.yaml_nodes import YamlNodes

NEXT_DOCUMENT = r"(?<=[\r\n])---(?=\s|\Z)"  # begins a document whatever stands around it
TAG = r"(?:&[\w-]+\s+)?(!<[^>\s]*>|!\S*)"


def point(text: str, at: int) -> tuple[int, int]:
    """Point at a character; at the last one before it where the line or the file ends."""
    while at > 0 and text[at : at + 1].strip("\r\n") == "":
        at -= 1
    return at, at + 1


def tag_refused(tag: str) -> tuple[str, str]:
    """What to say of a tag, and what to do about it."""
    return f"the tag {cut(tag)} is not allowed", "Remove it; if the ! belongs to a text, put the text in double quotes"


_TAB = "a tab is used for indentation", "Use spaces: YAML does not allow tabs there"
_DIRECTIVE_REFUSED = "a line that begins with % is a directive, and this one cannot be read", "Remove the line"
_QUOTE_ALL = "Put the whole value in double quotes"

_AT_PROBLEM = {
    "mapping values are not allowed in this context": (
        'mapping values are not allowed here: is a value with ": " in it unquoted?',
        "Put the whole value in double quotes, or correct the indentation of this line",
    ),
    "block sequence entries are not allowed in this context": (
        "a list item is not allowed here",
        "Begin the list on a line of its own, or put the value in double quotes if it is text",
    ),
    "mapping keys are not allowed in this context": ('a key that begins with "? " is not allowed here', _QUOTE_ALL),
    "found a tab character where an indentation space is expected": _TAB,
    "found a tab character that violates indentation": _TAB,
    "found an indentation indicator equal to 0": ("the number behind | or > must be 1 to 9", "Remove the number"),
    "did not find expected comment or line break": (
        "text behind | or > must begin on the next line",
        "Move the text to the next line, indented, or put the whole value in double quotes",
    ),
    "did not find expected '-' indicator": (
        "this line is neither an item of the list above it nor indented below one",
        "Begin the item with a dash, or correct the indentation",
    ),
}
_BROKEN_LINE = {
    "could not find expected ':'",
    "mapping values are not allowed in this context",
    "did not find expected '-' indicator",
}
_CLOSING = {"[": "]", "{": "}"}
_CONFLICT = ("^<{7}(?= )", "^={7}(?=\r?$)", "^>{7}(?= )")
"""The lines that version control puts around two versions of something, in order."""
_UNMERGED = (
    "a merge was left half done: two versions of these lines stand one above the other",
    "Keep one of them, and remove the lines with <<<<<<<, ======= and >>>>>>>",
)
_ODD_BREAK = "[\x85\u2028\u2029]"
_ODD_BLANK = r"(?:^[ \t]*|[:-])(?P<sign>[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000])"
_DASH = r"^[ \t]*(?P<sign>-)[A-Za-z_][\w-]*:(?=[ \t\r\n])"


class SyntaxCase(NamedTuple):
    """A syntax error of libyaml: what it says, and where; offsets into the text."""

    problem: str
    context: str
    text: str
    at: int
    begin: int
    """Where what libyaml was reading begins."""
    quoted_begin: int
    quoted_end: int
    """Where the last scalar begins and ends, when it is quoted; else -1."""
    opened: int
    """Where the innermost open list or mapping begins; else -1."""

    @classmethod
    def of(cls, error: MarkedYAMLError, text: str, base: int, nodes: YamlNodes) -> SyntaxCase:
        """Take an error apart."""
        at = base + error.problem_mark.index if error.problem_mark else base
        begin = base + error.context_mark.index if error.context_mark else at
        last = nodes.events[-1] if nodes.events else None
        quoted = last is not None and last.__class__ is ScalarEvent and last.style in {"'", '"'}
        quoted_begin, quoted_end = nodes.extent(len(nodes.events) - 1) if quoted else (-1, -1)
        opened = next((node for node in range(len(nodes.events))[::-1] if nodes.is_open(node)), -1)
        opened_at = nodes.extent(opened)[0] if opened >= 0 else -1
        at, begin = min(at, len(text)), min(begin, len(text))
        return cls(error.problem or "", error.context or "", text, at, begin, quoted_begin, quoted_end, opened_at)

    @property
    def is_directive(self) -> bool:
        """Whether a line that begins with % is to blame."""
        return "directive" in self.context + self.problem or "incompatible YAML" in self.problem

    @property
    def is_outside(self) -> bool:
        """Whether something stands outside of any document."""
        return self.problem == "did not find expected <document start>"

    @property
    def is_over(self) -> bool:
        """Whether nothing of the document is left."""
        return not self.text[self.at :].strip() or bool(re.compile(NEXT_DOCUMENT).match(self.text, self.at))

    @property
    def char(self) -> str:
        """The character that libyaml stopped at."""
        return self.text[self.at : self.at + 1]

    def explain(self, source: Source) -> tuple[Any, ...]:
        """Say it in our words: message, remedy, start, end, and labelled places."""
        if len(merge := _conflict(self.text)) == len(_CONFLICT):
            also = [("the other version begins here", source.span(*merge[1])), ("it ends here", source.span(*merge[2]))]
            return *_UNMERGED, *merge[0], *also
        if self.is_directive:
            line = self.text.rfind("%", 0, self.at + 1)
            return *_DIRECTIVE_REFUSED, *point(self.text, max(line, 0))
        if "tag" in self.context or "tag" in self.problem:
            found = re.compile(TAG).match(self.text, self.begin)
            start, end = found.span(1) if found else (self.begin, self.begin + 1)
            return *tag_refused(self.text[start:end]), start, end
        if self.problem in _BROKEN_LINE:
            origin = self.at if self.problem.endswith("indicator") else min(self.begin, self.at)
            line = max(self.text.rfind("\n", 0, origin), self.text.rfind("\r", 0, origin)) + 1
            found = re.compile(_ODD_BREAK).search(self.text, line, origin)
            if found:
                message = f"the invisible character U+{ord(found[0]):04X} ends the line here, for YAML"
                return message, "Remove it, or write it as an escape in double quotes", *found.span()
            if told := _blank_missing(self.text, line, self.at):
                return told
        if self.problem in _EXPLAINED:
            message, remedy, at, label = _EXPLAINED[self.problem](self)
            also = [(label, source.span(*point(self.text, self.begin)))] if label else []
            return message, remedy, *point(self.text, at), *also
        unknown = f"this is no YAML: {self.problem}", "Look for a wrong indentation, quote or bracket on this line"
        message, remedy = _AT_PROBLEM.get(self.problem, unknown)
        return message, remedy, *point(self.text, self.at)


def _blank_missing(text: str, line: int, at: int) -> tuple[str, str, int, int] | None:
    """Where a blank is missing, or is none to YAML, from the line before the one that begins at ``line`` on; None for nowhere."""
    above = text[:line].rstrip()
    start = max(above.rfind("\n"), above.rfind("\r")) + 1
    end = text.find("\n", at) + 1 or len(text)
    if odd := re.compile(_ODD_BLANK, re.MULTILINE).search(text, start, end):
        message = f"the character U+{ord(odd['sign']):04X} looks like a blank here, and is none to YAML"
        return message, "Put an ordinary blank in its place", *odd.span("sign")
    if dash := re.compile(_DASH, re.MULTILINE).search(text, start, end):
        return "a blank is missing behind this dash", "Write a blank between the dash and the key", *dash.span("sign")
    return None


def _conflict(text: str) -> list[tuple[int, int]]:
    """Where the lines of the first conflict of two versions stand; less than three where there is none."""
    found: list[tuple[int, int]] = []
    for sign in _CONFLICT:
        match = re.compile(sign, re.MULTILINE).search(text, found[-1][1] if found else 0)
        if match is None:
            break
        found.append(match.span())
    return found


_Told = tuple[str, str, int, str]
"""Message, remedy, offset, and what to label the place with where libyaml began (nothing: do not show it)."""


def _cannot_begin(case: SyntaxCase) -> _Told:
    if case.char == "\t":
        return *_TAB, case.at, ""
    return f"a value cannot begin with {case.char}", _QUOTE_ALL, case.at, ""


def _no_colon(case: SyntaxCase) -> _Told:
    message = 'this line has no ": " that makes it a key and a value'
    return message, "Write key: value, or indent the line if it continues the text above it", case.begin, ""


def _no_name(case: SyntaxCase) -> _Told:
    sign = case.text[case.begin : case.begin + 1]
    what = "an anchor" if sign == "&" else "an alias"
    return f"{sign} begins {what} here, and no proper name follows", _QUOTE_ALL, case.begin, ""


def _never_closed(case: SyntaxCase) -> _Told:
    sign = case.text[case.begin : case.begin + 1]
    return "this quoted text is never closed", f"Write the closing {sign} at its end", case.begin, ""


def _bad_escape(case: SyntaxCase) -> _Told:
    at = case.text.rfind("\\", 0, case.at + 1)
    escape = case.text[at : at + 2]
    if case.problem == "found unknown escape character":
        return f"{escape} means nothing inside double quotes", "Write two backslashes, or use single quotes", at, ""
    if case.problem == "did not find expected hexdecimal number":
        digits = {"x": 2, "u": 4, "U": 8}.get(escape[1:], 2)
        return f"{escape} needs {digits} hexadecimal digits behind it", "Write the character itself", at, ""
    message = f"{escape} does not name a character here: YAML does not know surrogate pairs"
    return message, r"Write the character itself, or its whole number as in \U0001F600", at, ""


def _no_key(case: SyntaxCase) -> _Told:
    quote = case.text[case.quoted_end - 1 : case.quoted_end]
    if quote in {"'", '"'} and not case.text[case.quoted_end : case.at].strip(" \t"):
        if case.quoted_begin >= 0 and "\n" in case.text[case.quoted_begin : case.quoted_end]:
            message = "this quoted text goes on over several lines, and text stands behind its end: is its closing quote missing?"
            return message, f"Write the closing {quote} where the text ends", case.quoted_begin, ""
        inner = r"\"" if quote == '"' else "''"
        return "text stands behind the closing quote", f"Write quotes inside of quoted text as {inner}", case.at, ""
    if case.char in {"]", "}"}:
        return f"this {case.char} closes nothing", "Remove it, or write the one that opens", case.at, ""
    if case.char == "-":
        message = "a list item stands where a key is expected"
        return message, "Indent the list below its key, or remove the dash", case.at, "the mapping begins here"
    message = "this does not fit the mapping that it stands in: is the line indented wrongly?"
    return message, "Indent it as the other keys, or put the whole value in double quotes", case.at, "it begins here"


def _no_content(case: SyntaxCase) -> _Told:
    if case.text.startswith("...", case.at):
        return "the document ends here before it has begun", "Remove this line", case.at, ""
    if case.char in {"]", "}"} and "block" in case.context:
        return f"this {case.char} closes nothing", "Remove it, or write the one that opens", case.at, ""
    if case.char == ":":
        return "a key is missing here", "Write a key before the colon", case.at, ""
    sign = case.text[case.opened] if case.opened >= 0 else ""
    if sign in _CLOSING and case.is_over:
        return f"this {sign} is never closed", f"Write the closing {_CLOSING[sign]}", case.opened, ""
    return "a value is missing before this", "Write the value, or remove the sign before it", case.at, ""


def _no_comma(case: SyntaxCase) -> _Told:
    sign = case.text[case.begin : case.begin + 1]
    closing = "]" if "]" in case.problem else "}"
    if sign in _CLOSING and case.is_over:
        return f"this {sign} is never closed", f"Write the closing {closing}", case.begin, ""
    message = f"a comma or {closing} is missing before this"
    return message, f"Write the comma or {closing}, or quote the text before it", case.at, "opened here"


def _outside(case: SyntaxCase) -> _Told:
    before = case.text[: case.at].rstrip(" \t")
    if case.char in {"]", "}"} or before.endswith(("'", '"')):
        return _no_key(case._replace(quoted_end=len(before)))
    message = "the document has ended before this; a further one begins with ---"
    return message, "Write --- above it, or indent it as the lines that it belongs to", case.at, ""


_EXPLAINED: dict[str, Callable[[SyntaxCase], _Told]] = {
    "found character that cannot start any token": _cannot_begin,
    "could not find expected ':'": _no_colon,
    "did not find expected alphabetic or numeric character": _no_name,
    "found unexpected end of stream": _never_closed,
    "found unexpected document indicator": _never_closed,
    "found unknown escape character": _bad_escape,
    "did not find expected hexdecimal number": _bad_escape,
    "found invalid Unicode character escape code": _bad_escape,
    "did not find expected key": _no_key,
    "did not find expected node content": _no_content,
    "did not find expected ',' or ']'": _no_comma,
    "did not find expected ',' or '}'": _no_comma,
    "did not find expected <document start>": _outside,
}
