"""What a web address is, where a manifest has one that is called as it stands: a callback, a provider's endpoint.

What a template's button opens is less, since a placeholder may follow: ``ADDRESS_OF_BUTTON`` in ``_templates``.
"""

from __future__ import annotations

import re

# What stands between the slashes and the last "@" is a user name, not the host: a browser is not fooled, nor may we be.
_WHOLE = re.compile(r"([a-z][a-z0-9+.-]*)://(?:[^/?#\s]*@)?([^/?#:@\s\[\]]+|\[[0-9a-f:.]+\])(?::[0-9]+)?(?:[/?#]\S*)?")


def scheme_and_host(text: str) -> tuple[str, str] | None:
    """Of a full web address its scheme and its host, in lower case; None for a text that lacks one of them, or has blanks."""
    match = _WHOLE.fullmatch(text.lower())
    return (match[1], match[2].rstrip(".")) if match else None


def begins_as_one(text: str) -> bool:
    """Whether a text begins with http:// or https://, in capitals or not."""
    return text[:8].lower().startswith(("http://", "https://"))
