"""Language codes, as Meta has them for templates and people write them."""

from functools import lru_cache


@lru_cache(maxsize=256)  # a run has few
def fold_language(language: str) -> str:
    """A code without case and blanks around it, and with underscores: ``en-US`` is meant for ``en_US``."""
    return language.strip().replace("-", "_").casefold()


@lru_cache(maxsize=256)  # a run has few
def base_language(language: str) -> str:
    """The language itself, without its region: ``pt`` for ``pt_BR``."""
    return fold_language(language).partition("_")[0]
