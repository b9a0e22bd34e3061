"""Words of a list, found in texts of any language: what is known of a policy is often no more than how people speak."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

BREAK = "\x00"
"""What stands between texts that are searched in one go: no word goes across it."""


class Hit(NamedTuple):
    """A word of a list where it stands in a folded text: ``text`` as it is there, ``word`` as it is in the list."""

    start: int
    end: int
    text: str
    word: str


class Written(NamedTuple):
    """A text that many lists are held against: folded, and the runs of ASCII letters and digits in it."""

    folded: str
    runs: frozenset[bytes]

    @classmethod
    def of(cls, text: str) -> Written:
        """Fold a text and take it apart."""
        folded = fold(text)
        return cls(folded, _runs(folded))

    def may_have(self, words: Sequence[str]) -> bool:
        """Whether the text may have one of the words: where it says no, :func:`find_words` finds none, but takes longer."""
        known = _taken_apart(words)
        stems = known.without_runs
        if not self.runs.isdisjoint(known.by_run):
            stems = [*stems, *(stem for run in self.runs & known.by_run.keys() for stem in known.by_run[run])]
        return any(map(self.folded.__contains__, stems))


def find_words(folded: str, words: Sequence[str]) -> Iterator[Hit]:
    """Where a folded text has one of the words, and not merely as a part of a longer one."""
    for word, stem, whole in _taken_apart(words).stems:
        start = folded.find(stem)
        while start >= 0:
            end = start + len(stem)
            if not whole:
                end = _end_of_word(folded, end)
            if not _goes_on(folded, start - 1, start) and not _goes_on(folded, end, end - 1):
                yield Hit(start, end, folded[start:end], word)
            start = folded.find(stem, end)


class _List(NamedTuple):
    """A list of words, taken apart: each word, its stem, and whether that is all of it or any ending may follow.

    ``by_run`` has the stems by the longest run of ASCII letters and digits that a text must have to have them.
    """

    stems: Sequence[tuple[str, str, bool]]
    by_run: Mapping[bytes, Sequence[str]]
    without_runs: Sequence[str]


_KEPT: dict[int, tuple[Sequence[str], _List]] = {}
_MOST_KEPT = 256


def _taken_apart(words: Sequence[str]) -> _List:
    """A list taken apart, once: the lists of the facts stay the same objects all through a run."""
    kept = _KEPT.get(id(words))
    if kept is None or kept[0] is not words:
        if len(_KEPT) >= _MOST_KEPT:
            _KEPT.clear()
        kept = _KEPT[id(words)] = (words, _take_apart(words))
    return kept[1]


def _take_apart(words: Sequence[str]) -> _List:
    stems = [(word, fold(word.rstrip("*")), not word.endswith("*")) for word in words]
    by_run: dict[bytes, list[str]] = {}
    without_runs = []
    for _, stem, whole in stems:
        runs = stem.encode().translate(_RUNS).split() if stem.isascii() else []
        if runs and not whole and stem[-1].isalnum():
            runs.pop()  # it may go on
        if runs:
            by_run.setdefault(max(sorted(runs), key=len), []).append(stem)
        elif stem:
            without_runs.append(stem)
    return _List([known for known in stems if known[1]], by_run, without_runs)


_RUNS = bytes(code if chr(code).isalnum() and code < 128 else 32 for code in range(256))
"""What turns all bytes into blanks but those of ASCII letters and digits."""


def _runs(folded: str) -> frozenset[bytes]:
    return frozenset(folded.encode(errors="replace").translate(_RUNS).split())


def _goes_on(text: str, outside: int, inside: int) -> bool:
    """Whether the character outside belongs to the same word as the one inside."""
    return 0 <= outside < len(text) and _is_letter(text[outside]) and _is_letter(text[inside])


def _end_of_word(text: str, end: int) -> int:
    while end < len(text) and _is_letter(text[end]):
        end += 1
    return end


_WITHOUT_BLANKS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Scripts that put no blanks between words (Thai, Lao, Burmese, Khmer, Chinese, Japanese), in which a word ends anywhere."""


def _is_letter(character: str) -> bool:
    """Whether a word goes on where a character stands beside it: a letter, a digit, a vowel sign as in Devanagari."""
    if character < "\u0300":
        return character.isalnum()
    if _WITHOUT_BLANKS.match(character):
        return False
    if character.isalnum():
        return True
    import unicodedata  # only ever needed for scripts that have such signs, and there for words found

    return unicodedata.category(character).startswith("M")


def fold(text: str) -> str:
    """A text without what does not matter to words: case, and how its blanks are written."""
    return " ".join(text.casefold().replace("\u0307", "").split())  # the dot that a Turkish capital I leaves
