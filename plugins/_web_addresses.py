"""What a web address is, where a manifest has one that is called as it stands: a callback, a provider's endpoint.

What a template's button opens is less, since a placeholder may follow: ``ADDRESS_OF_BUTTON`` in ``_templates``.
"""

from __future__ import annotations

import re

from wa_policy.records import NamedTuple

# What stands between the slashes and the last "@" is a user name, not the host: a browser is not fooled, nor may we be.
_WHOLE = re.compile(
    r"([a-z][a-z0-9+.-]*)://(?:[^/?#\s]*@)?([^/?#:@\s\[\]]+|\[[0-9a-f:.]+\])(?::[0-9]+)?(?:[/?#]\S*)?", re.IGNORECASE
)


class WebAddress(NamedTuple):
    """A full web address, whatever its scheme; both in lower case, the host without a dot at its end."""

    scheme: str
    host: str


def read(text: str) -> WebAddress | None:
    """A text as a full web address; None for one that lacks its scheme or its host, or has blanks."""
    match = _WHOLE.fullmatch(text)
    return WebAddress(match[1].lower(), match[2].lower().rstrip(".")) if match else None


def begins_as_one(text: str) -> bool:
    """Whether a text begins with http:// or https://, in capitals or not."""
    return text[:8].lower().startswith(("http://", "https://"))
