"""Words of a list, found in texts of any language: what is known of a policy is often no more than how people speak."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

BREAK = "\x00"
"""What stands between texts that are searched in one go: no word goes across it."""


class Hit(NamedTuple):
    """A word of a list where it stands in a folded text: ``text`` as it is there, ``word`` as it is in the list."""

    start: int
    end: int
    text: str
    word: str


def find_words(folded: str, words: tuple[str, ...]) -> Iterator[Hit]:
    """Where a folded text has one of the words, and not merely as a part of a longer one."""
    for word, stem, whole in _stems(words):
        start = folded.find(stem)
        while start >= 0:
            end = start + len(stem)
            if not whole:
                end = _end_of_word(folded, end)
            if not _goes_on(folded, start - 1, start) and not _goes_on(folded, end, end - 1):
                yield Hit(start, end, folded[start:end], word)
            start = folded.find(stem, end)


@lru_cache(maxsize=128)
def _stems(words: tuple[str, ...]) -> tuple[tuple[str, str, bool], ...]:
    """Each word, folded, without the star that stands for any ending, and whether it had none."""
    folded = ((word, fold(word.rstrip("*"))) for word in words)
    return tuple((word, stem, not word.endswith("*")) for word, stem in folded if stem)


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
