"""Did you mean? For every name that a person may mistype."""

from collections.abc import Iterable

LONGEST = 100
"""Names longer than so many code points are not compared: the time that it takes grows with the square of their length."""


def nearest(value: str, known: Iterable[str]) -> str | None:
    """The known name nearest to a value, case aside; None where none is near."""
    if len(value) > LONGEST:
        return None
    from difflib import get_close_matches  # only ever needed for a mistake

    by_folded = {name.casefold(): name for name in known if len(name) <= LONGEST}
    near = get_close_matches(value.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[near[0]] if near else None


def did_you_mean(value: str, known: Iterable[str]) -> str:
    """Suggest the nearest known name, as `` (did you mean "X"?)``; an empty string where none is near."""
    near = nearest(value, known)
    return f' (did you mean "{near}"?)' if near else ""
