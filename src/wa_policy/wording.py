"""Small words of messages that all rooms share: a long text cut, a number with its noun, a sentence begun."""

SHORT = 60
"""How much of a name or a value a message shows, in code points."""


def cut(text: str, most: int = SHORT, sign: str = "...") -> str:
    """So many code points of a text, and behind them a sign that there is more; a text that is no longer stays as it is."""
    return text if len(text) <= most else f"{text[:most]}{sign}"


def fit(text: str, room: int = SHORT, sign: str = "...") -> str:
    """As ``cut``, but with the sign it is no longer than the room there is."""
    return text if len(text) <= room else f"{text[: room - len(sign)]}{sign}"


def count(number: int, noun: str, plural: str = "", *, style: str = "d") -> str:
    """A number with its noun: ``1 finding``, ``2 findings``; ``style`` is how the number is written, ``","`` for ``2,000``."""
    return f"{number:{style}} {noun if number == 1 else plural or f'{noun}s'}"


def sentence(text: str) -> str:
    """A text with its first letter in upper case."""
    return f"{text[:1].upper()}{text[1:]}"
