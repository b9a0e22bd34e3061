"""Words of a list, found in texts of any language: what is known of a policy is often no more than how people speak."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.records import NamedTuple

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


class Written:
    """A text that many lists are held against."""

    __slots__ = ("_folded", "_generation", "_listed", "text")

    def __init__(self, text: str) -> None:
        self.text = _without_case(text)
        """The text without case."""
        self._folded: str | None = None
        self._generation = 0
        self._listed: frozenset[bytes] | set[bytes] = frozenset()

    @property
    def folded(self) -> str:
        """The text, folded."""
        if self._folded is None:
            self._folded = _without_breaks(self.text)
        return self._folded

    def may_have(self, *lists: Sequence[str]) -> bool:
        """Whether the text may have a word of the lists: where it says no, :func:`find_words` finds none, but takes longer."""
        for words in lists:
            known = _LISTS.of(words)
            if self._generation != _LISTS.generation:
                self._look()
            stems = known.without_runs
            if self._listed and not self._listed.isdisjoint(known.by_run):
                stems = [*stems, *(stem for run in self._listed & known.by_run.keys() for stem in known.by_run[run])]
            if stems and any(map(self.folded.__contains__, stems)):
                return True
        return False

    def lists_without_words(self) -> int | None:
        """A number for the lists known so far, if one look shows that the text has no word of any; else None."""
        if self._generation != _LISTS.generation:
            self._look()
        if not self.text.isascii() or any(map(self.text.__contains__, _LISTS.without_runs)):
            return None
        # Where marks of bold or italic text may stand within a word, the rules that take them out look for themselves.
        if "*" in self.text or "_" in self.text:
            return None
        # A run may be one of a longer stem ("today" of "today's deal").
        if self._listed and any(stem in self.folded for run in self._listed for stem in _LISTS.by_run[run]):
            return None
        if _LISTS.with_blanks and any(map(self.folded.__contains__, _LISTS.with_blanks)):
            return None
        return self._generation

    def _look(self) -> None:
        """See which runs of any list it has: most texts have none."""
        self._generation = _LISTS.generation
        self._listed = _LISTS.by_run.keys() & _runs(self.text)


def find_words(folded: str, words: Sequence[str]) -> Iterator[Hit]:
    """Where a folded text has one of the words, and not merely as a part of a longer one."""
    for word, stem, whole in _LISTS.of(words).stems:
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


_MOST_KEPT = 256


class _Lists:
    """Lists taken apart, each once: the lists of the facts stay the same objects all through a run."""

    __slots__ = ("by_run", "generation", "kept", "with_blanks", "without_runs")

    def __init__(self) -> None:
        self.kept: dict[int, tuple[Sequence[str], _List]] = {}
        self.generation = 1
        """Another one whenever there is a new list."""
        self.by_run: dict[bytes, set[str]] = {}
        """The stems of all lists by their runs."""
        self.without_runs: set[str] = set()
        """The stems of all lists that have none, as far as they are ASCII and have no blanks."""
        self.with_blanks: set[str] = set()
        """Those that have."""

    def of(self, words: Sequence[str]) -> _List:
        """A list, taken apart."""
        kept = self.kept.get(id(words))
        if kept is None or kept[0] is not words:
            if len(self.kept) >= _MOST_KEPT:
                self.kept.clear()
                self.by_run.clear()
                self.without_runs.clear()
                self.with_blanks.clear()
            kept = self.kept[id(words)] = (words, _take_apart(words))
            for run, stems in kept[1].by_run.items():
                self.by_run.setdefault(run, set()).update(stems)
            for stem in filter(str.isascii, kept[1].without_runs):
                (self.with_blanks if " " in stem else self.without_runs).add(stem)
            self.generation += 1
        return kept[1]


_LISTS = _Lists()


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


def _runs(text: str) -> list[bytes]:
    return text.encode(errors="replace").translate(_RUNS).split()


def _goes_on(text: str, outside: int, inside: int) -> bool:
    """Whether the character outside belongs to the same word as the one inside."""
    return 0 <= outside < len(text) and _is_letter(text[outside]) and _is_letter(text[inside])


def _end_of_word(text: str, end: int) -> int:
    while end < len(text) and _is_letter(text[end]):
        end += 1
    return end


_WITHOUT_BLANKS = (
    ("\u0e00", "\u0eff"),
    ("\u1000", "\u109f"),
    ("\u1780", "\u17ff"),
    ("\u2e80", "\u30ff"),
    ("\u3400", "\u9fff"),
    ("\uf900", "\ufaff"),
)
"""Scripts that put no blanks between words (Thai, Lao, Burmese, Khmer, Chinese, Japanese), in which a word ends anywhere."""


def _is_letter(character: str) -> bool:
    """Whether a word goes on where a character stands beside it: a letter, a digit, a vowel sign as in Devanagari."""
    if character < "\u0300":
        return character.isalnum()
    if any(first <= character <= last for first, last in _WITHOUT_BLANKS):
        return False
    if character.isalnum():
        return True
    import unicodedata  # only ever needed for scripts that have such signs, and there for words found

    return unicodedata.category(character).startswith("M")


def fold(text: str) -> str:
    """A text without what does not matter to words: case, and how its blanks are written."""
    return _without_breaks(_without_case(text))


def _without_case(text: str) -> str:
    if not text.isascii():
        from unicodedata import normalize  # most texts have no use for it

        text = normalize("NFC", text)  # a Mac may write an accent as a character of its own
    return text.casefold().replace("\u0307", "")  # the dot that a Turkish capital I leaves


def _without_breaks(text: str) -> str:
    return " ".join(text.split())
