"""What the name of a column says: words of consent, of those who left, or somebody's data where no header is."""

from __future__ import annotations

import re

from wa_policy.audit.statuses import is_dirt

LEFT = frozenset(
    {"out", "optout", "optedout", "unsub", "unsubscribe", "unsubscribed", "block", "blocked", "dnd", "stop", "stopped"}
    | {"suppressed", "inactive", "not"}
)
"""Words of a heading whose column says who left, so that its true stands for opted out."""

STAYED = frozenset({"in", "optin", "optedin", "subscribed", "active"})
"""Words by which it says as well who did not."""

_VALUES = frozenset({"true", "false", "null"})


def says_who_left(name: str) -> bool:
    """Whether a column of this name says who opted out, and of nobody that they opted in: ``opted_out``, ``is_blocked``."""
    words = set(words_of(name))
    return not words.isdisjoint(LEFT) and ("not" in words or words.isdisjoint(STAYED))


def words_of(name: str) -> list[str]:
    """The words of a name such as ``consent status``, ``opt-in_at`` or ``optInState``."""
    return re.split(r"[\W\d_]+", fold(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)))


def fold(name: str) -> str:
    """A name with case and blanks aside: ``"  Mobile  number "`` is ``mobile number``."""
    return " ".join(name.split()).casefold()


def looks_like_data(name: str) -> bool:
    """Whether a name in a header line is rather somebody's number, address or status: it must not be repeated anywhere."""
    return bool(re.search(r"@|(?:\d[\s().+-]*){5}", name)) or fold(name) in _VALUES or fold(name).isdigit()


def is_word(name: str) -> bool:
    """Whether a name is a word of consent and nothing else: it shows nobody's data, whatever it is."""
    return is_dirt(fold(name)) or fold(name) in LEFT | STAYED
