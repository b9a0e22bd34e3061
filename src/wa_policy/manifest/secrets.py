"""Literal credentials in a manifest: found to be reported by place and kind, and masked wherever source text is shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wa_policy.source.spans import Route

MASK = "*"
"""What each code point of a credential is shown as."""

REFERENCES = ("env", "vault", "aws_secrets_manager", "gcp_secret_manager", "azure_key_vault", "file")
"""The ways to refer to a credential that is kept elsewhere; what they name is no secret."""

# All patterns here run over hostile text: each must stay linear in its length.
_WORDS = "password|passwd|passphrase|secret|token|apikey|api[_-]key|authkey|auth[_-]key|authorization|credential|bearer"
_SENSITIVE_KEY = rf"(?:[a-z0-9]+[_-])*(?:{_WORDS}|pin)s?"
_KEY = re.compile(rf"{_SENSITIVE_KEY}\Z", re.IGNORECASE)

# A value that betrays itself, whatever its key. Each names what it is; the names are all that is ever printed.
_KINDS = (
    ("a Meta access token", r"\bEAA[A-Za-z0-9]{20,}"),
    ("a JSON Web Token", r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}"),
    ("an HTTP Basic credential", r"\b[Bb]asic +[A-Za-z0-9+/]{12,}={0,2}"),
    ("a bearer token", r"\b[Bb]earer +[A-Za-z0-9._~+/-]{12,}"),
    ("a URL with a user name and password", r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/@:]{1,200}:[^\s/@]{1,200}@"),
    (
        "a URL with a credential in its query",
        r"[?&](?:password|passwd|token|access_token|api_?key|auth|secret)=[^\s&\"']{1,500}",
    ),
    ("an AWS access key", r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    ("a private key", r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----"),
)
_BETRAYING = re.compile("|".join(f"({pattern})" for _, pattern in _KINDS))

# One pass over a whole file's text: is there any reason to look closer? A reference ({env: NAME}) is none.
_SUSPICION = re.compile(
    rf"{_BETRAYING.pattern}|(?:{_WORDS}|\bpin|_pin)s?[\"']?[ \t]*:[ \t]*[^\s{{\[&*#]|\bcredentials[\"']?[ \t]*:",
    re.IGNORECASE,
)

_LINE = re.compile(rf"((?:^|[\s{{,\"'])(?:{_SENSITIVE_KEY})[\"']?[ \t]*[:=][ \t]*)([^\s{{\[].*)", re.IGNORECASE)


class Secret(NamedTuple):
    """A literal credential: where it is and what kind. Never the value."""

    route: Route
    kind: str


def suspicious(text: str) -> bool:
    """Whether a text is worth the walk that :func:`find` takes."""
    return _SUSPICION.search(text) is not None


def find(data: Any) -> Iterator[Secret]:
    """All literal credentials in a document's data."""
    waiting: list[tuple[Route, Any, str]] = [((), data, "")]
    while waiting:
        route, value, inherited = waiting.pop()
        if isinstance(value, dict):
            for key, item in value.items():
                waiting.append(((*route, key), item, _kind_of_key(key, item, inherited)))
        elif isinstance(value, list):
            waiting.extend(((*route, index), item, inherited) for index, item in enumerate(value))
        elif isinstance(value, bool) or value is None or value == "":
            continue
        elif inherited:
            yield Secret(route, inherited)
        elif isinstance(value, str) and (kind := kind_of_text(value)):
            yield Secret(route, kind)


def _kind_of_key(key: str, item: Any, inherited: str) -> str:
    if key == "credentials":
        return "a credential"
    if inherited and key in REFERENCES and isinstance(item, str):
        return ""
    if _KEY.match(key) and not isinstance(item, dict | list):
        return f'a literal "{key}"'
    return inherited


def kind_of_text(text: str) -> str:
    """What kind of credential a text betrays itself to carry; an empty string for none."""
    match = _BETRAYING.search(text)
    return _KINDS[(match.lastindex or 1) - 1][0] if match else ""


def mask_text(text: str) -> str:
    """Mask in any text what betrays itself to be a credential."""
    return _BETRAYING.sub(_mask, text)


def mask_line(line: str) -> str:
    """Mask in a line of source text what looks like a credential, by its key or by itself; columns stay where they are."""
    return mask_text(_LINE.sub(lambda match: match[1] + MASK * len(match[2]), line))


def _mask(match: re.Match[str]) -> str:
    return MASK * len(match[0])
