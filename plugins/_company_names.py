"""Names of companies, taken apart so that two ways of writing one name are seen to be one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import category, normalize

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping


def words_of(name: str, spellings: Mapping[str, str]) -> list[str]:
    """The words of a company's name: folded, without accents and punctuation, short forms written out."""
    folded = re.sub("[\u0300-\u036f'\u2019]", "", normalize("NFKD", name.casefold())).replace("&", " and ")
    folded = re.sub(r"(?<=\b\w)\.(?=\w\b)", "", folded)  # L.L.C. is one word
    letters = "".join(character if is_of_a_word(character) else " " for character in folded)
    return [spellings.get(word, word) for word in letters.split()]


def distinctive(words: Iterable[str], forms: Collection[str]) -> list[str]:
    """The words that tell a company from others: no legal forms, nor those of other scripts that are joined to a word."""
    joined = sorted((normalize("NFKD", form) for form in forms if not form.isascii()), key=len, reverse=True)
    rest = []
    for word in words:
        for form in joined:
            word = word.replace(form, "")
        if word and word not in forms:
            rest.append(word)
    return rest


def is_of_a_word(character: str) -> bool:
    """Whether a character is part of a word, in any script."""
    # Marks and joiners belong to the letters of many scripts.
    return character.isalnum() or character in "\u200c\u200d" or category(character).startswith("M")
