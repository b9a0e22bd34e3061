"""Literal credentials in a manifest: found to be reported by place and kind, and masked wherever source text is shown."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from wa_policy.records import NamedTuple
from wa_policy.schema.credentials import ISSUED_BY_META, SHORT_WORDS, WORDS
from wa_policy.schema.texts import load_schema, resolve
from wa_policy.source.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wa_policy.source.spans import Route

    Places = Mapping[str, "Places"] | None
    """Keys of data, those of a list being the keys of its items, and what there is below each; None for all that there is."""

MASK = "*"
"""What each code point of a credential is shown as."""

REFERENCES = ("env", "vault", "aws_secrets_manager", "gcp_secret_manager", "azure_key_vault", "file")
"""The ways to refer to a credential that is kept elsewhere; what they name is no secret."""

# All patterns here run over hostile text: each must stay linear in its length. They are compiled when they are first needed,
# since most manifests need none of them.
_SENSITIVE_KEY = rf"(?:[a-z0-9_-]*(?:{WORDS})|(?:[a-z0-9]+[_-])*(?:{'|'.join(SHORT_WORDS)}))s?"
_LINE = rf"((?:^|[\s{{,\"'])(?:{_SENSITIVE_KEY})[\"']?[ \t]*[:=][ \t]*)([^\s{{\[].*)"

_IN_QUERY = r"(?!\{\{)[^\s&\"']{1,500}"
"""What stands for a credential in the query of an address; a template's placeholder does not."""

_QUERY_FIELD = (
    rf"(?i:[a-z0-9_-]*(?:{WORDS})|(?:[a-z0-9]+[_-])*(?:{'|'.join(word for word in SHORT_WORDS if word != 'pin')}))"
)
"""The fields of a query that stand for a credential, whatever their value: not pin, which is a part of addresses in India."""

_MIXED = r"(?=[\w-]{0,500}[a-z])(?=[\w-]{0,500}[A-Z])(?=[\w-]{0,500}[0-9][A-Za-z_-]{1,500}[0-9])"
_RANDOM = rf"(?:{_MIXED}[\w-]{{16,500}}|[0-9a-fA-F]{{32,500}})"
"""What nobody writes by hand: of a field called "key" only the value tells a credential from the shoes of a shop."""

_PERHAPS = "a URL with a credential in its query"
"""What an address that customers are sent may be as well: its token is for everybody who gets the message."""

# A value that betrays itself, whatever its key: what it is, a sign that every such text holds, and its pattern. The names are
# all that is ever printed.
_KINDS = (
    ("a Meta access token", "EAA", ISSUED_BY_META),
    ("a JSON Web Token", "eyJ", r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}"),
    ("an HTTP Basic credential", "asic", r"\b[Bb]asic\s++[A-Za-z0-9+/]{12,}={0,2}"),
    ("a bearer token", "earer", r"\b[Bb]earer\s++[A-Za-z0-9._~+/-]{12,}"),
    # Without its scheme, so that the pattern begins with a fixed text: one that may begin at every word takes far longer.
    ("a URL with a user name and password", "://", r"://[^\s/@:]{1,200}:[^\s/@]{1,200}@"),
    ("a URL with an access token in its query", "access_token=", rf"[?&]access_token={_IN_QUERY}"),
    (_PERHAPS, "=", rf"[?&](?:{_QUERY_FIELD}={_IN_QUERY}|(?i:key)={_RANDOM})"),
    ("an AWS access key", "AKIA", r"\bAKIA[A-Z0-9]{16}\b"),
    ("a temporary AWS access key", "ASIA", r"\bASIA[A-Z0-9]{16}\b"),
    ("a private key", "PRIVATE KEY", r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----"),
)


# In a text that could not be read: a key below which credentials may stand, and what shows that one does not.
_OPENING = rf"(?:^|[\s{{,\[\"'])(?:{_SENSITIVE_KEY}|credentials)[\"']?[ \t]*:"
_REFERENCE = rf"\{{\s*[\"']?(?:{'|'.join(REFERENCES)})[\"']?\s*:[^{{}}]*\}}"
_NAME = r"[\w.-]+"
_BREAK = r"\r\n?|\n"

_ESCAPE = r"\\[^n\"\\]"
"""A sign written in another way, by which a credential can hide in a text, and is whole again once that is read."""

_PEM = ("-----BEGIN", "PRIVATE KEY", "-----END")


_CONTAINERS = (dict, list)

_SENT = frozenset({"campaigns", "components"})
"""Below these keys stands what customers are sent."""

_NAMED = "named_parameters"
"""The keys below this one are names of a template's placeholders, and no keys of credentials."""


class Secret(NamedTuple):
    """A literal credential: where it is and what kind. Never the value."""

    route: Route
    kind: str


def betrays(text: str) -> bool:
    """Whether a file may hold a credential that betrays itself; one pass over all of it spares a look at each of its values."""
    return bool(kind_of_text(text)) or ("\\" in text and re.search(_ESCAPE, text) is not None)


def find(data: Any, *, values: bool = True, within: Places = None, ours: bool = True) -> Iterator[Secret]:
    """All literal credentials in a document's data: by their keys, and (``values``) by what they look like.

    ``within`` says where to look for keys; it is for data whose schema says where there can be none. ``ours`` is false for what
    others have answered: an address in it may have anything in its query but an access token.
    """
    waiting: list[tuple[Route, Any, str, Places]] = [((), data, "", None if values else within)]
    while waiting:
        route, value, inherited, places = waiting.pop()
        if isinstance(value, dict):
            if values:
                yield from (Secret((*route, key), kind) for key in value if (kind := kind_of_text(key)))
            for key, item in value.items():
                if places is not None and key not in places:
                    continue
                kind = inherited if route and route[-1] == _NAMED else _kind_of_key(key, item, inherited)
                if kind or values or item.__class__ in _CONTAINERS:
                    waiting.append(((*route, key), item, kind, None if places is None else places[key]))
        elif isinstance(value, list):
            waiting.extend(
                ((*route, index), item, inherited, places)
                for index, item in enumerate(value)
                if inherited or values or item.__class__ in _CONTAINERS
            )
        elif (kind := _kind_of_value(value, inherited, looks=values)) and (
            kind != _PERHAPS or (ours and _SENT.isdisjoint(route))
        ):
            yield Secret(route, kind)


@cache
def places_in(kind: str) -> Places:
    """Where data that satisfies the schema of a kind can have a credential by its key."""
    schema = load_schema(kind)
    return places_below(schema, schema)


def places_below(
    node: dict[str, Any], schema: dict[str, Any], around: tuple[int, ...] = (), again: set[int] | None = None
) -> Places:
    """Where data that satisfies a node of a schema can have one: below keys that are sensitive, and where keys are free.

    ``around`` are the nodes that this one stands in, and ``again`` gets those of them that stand inside themselves.
    """
    node, again = resolve(schema, node), set() if again is None else again
    if id(node) in around:
        again.add(id(node))
        return {}
    inside = (*around, id(node))
    types = node.get("type", () if "enum" in node or "const" in node else ("object", "array"))
    places: Places = {}
    if "array" in types:
        places = places_below(node["items"], schema, inside, again) if "items" in node else None
    if "object" in types:
        if "array" in types or node.get("additionalProperties") is not False or "patternProperties" in node:
            return None
        every = {
            key: None if _kind_alone(key) else places_below(item, schema, inside, again)
            for key, item in node["properties"].items()
        }
        places = {key: below for key, below in every.items() if below is None or below}
    return None if places and id(node) in again else places


def _kind_of_value(value: object, inherited: str, *, looks: bool) -> str:
    if isinstance(value, bool) or value is None or value == "":
        return ""
    return inherited or (kind_of_text(value) if looks and isinstance(value, str) else "")


def _kind_of_key(key: str, item: Any, inherited: str) -> str:
    if inherited and key != "credentials" and key in REFERENCES and isinstance(item, str):
        return ""
    return _kind_alone(key) or inherited


@lru_cache(maxsize=1024)  # a manifest has some hundred keys, and all manifests the same
def _kind_alone(key: str) -> str:
    if key == "credentials":
        return "a credential"
    bare = "".join(filter(str.isalnum, key))  # as providers' forms spell it: API Key, X-api-key
    return f'a literal "{key}"' if _is_sensitive(key) or _is_sensitive(bare) else ""


@lru_cache(maxsize=1024)
def _is_sensitive(key: str) -> bool:
    return re.fullmatch(_SENSITIVE_KEY, key, re.IGNORECASE) is not None


def in_broken_text(text: str) -> Iterator[Span]:
    """Where credentials may stand in a text that could not be read, line by line: rather too much than too little.

    What follows a sensitive key counts, and so do the lines below it that are indented deeper, inside its brackets, or its list.
    """
    indent, brackets, waiting, is_key = -1, 0, False, False
    begin, what, end = _PEM
    for number, line in enumerate(re.split(_BREAK, text), 1):
        is_key = is_key or (begin in line and what in line)
        if is_key:  # to its end, however it is indented
            yield Span(number, 1, number, len(line) + 1)
            is_key = end not in line
            continue
        body = line.strip()
        deep = len(line) - len(line.lstrip())
        inside = brackets > 0 or waiting or not body or deep > indent or (deep == indent and body.startswith("-"))
        if indent >= 0 and inside:
            start = 0
        elif opening := re.search(_OPENING, line, re.IGNORECASE):
            indent, start, brackets = deep, opening.end(), 0
        else:
            indent = -1
            continue
        if not _is_harmless(line):
            yield Span(number, start + 1, number, len(line) + 1)
        brackets += sum((sign in "{[") - (sign in "}]") for sign in line[start:])
        waiting = not line[start:].strip()


def _is_harmless(line: str) -> bool:
    """Whether a line is a key alone, or one with a reference to what is kept elsewhere."""
    key, colon, rest = line.strip(" -").partition(":")
    value = rest.partition(" #")[0].strip().rstrip(",")
    return bool(colon and re.fullmatch(_NAME, key.strip("\"' ")) and (not value or re.fullmatch(_REFERENCE, value)))


def kind_of_text(text: str) -> str:
    """What kind of credential a text betrays itself to carry; an empty string for none."""
    return next((name for name, sign, pattern in _KINDS if sign in text and re.search(pattern, text)), "")


def mask_text(text: str) -> str:
    """Mask in any text what betrays itself to be a credential."""
    for _, sign, pattern in _KINDS:
        if sign in text:
            text = re.sub(pattern, _mask, text)
    return text


def forms_of(value: object, *, words: bool = False) -> Iterator[str]:
    """How a credential may turn up in what somebody says: as it is, as Python writes it, by lines, and perhaps by words.

    What is shorter than four characters is no use to a thief, and would mask half of every sentence; so would "password", and
    among words of which nobody knows what they are, every key of a credential.
    """
    is_harmless = _is_sensitive if words else _is_word
    text = str(value)
    parts = re.split(r"[\s\"'*&!,:{}\[\]]+", text) if words else ()
    for form in (text, repr(text)[1:-1], *text.splitlines(), *parts):
        if len(form.strip()) > 3 and not is_harmless(form.strip()):
            yield form.strip()


def _is_word(text: str) -> bool:
    """Whether a text is nothing but a word for credentials."""
    return re.fullmatch(rf"(?:{WORDS})s?", text, re.IGNORECASE) is not None


class Said:
    """Credentials that are known, in all their forms: masked in what is said, at a cost that does not grow with their number."""

    __slots__ = ("_forms", "_lengths")

    def __init__(self, forms: Iterable[str] = ()) -> None:
        self._forms = frozenset(forms)
        self._lengths: dict[str, set[int]] = {}  # by their first four characters
        for form in self._forms:
            self._lengths.setdefault(form[:4], set()).add(len(form))

    def hide(self, text: str) -> str:
        """Mask in any text the credentials that are known, and what betrays itself to be one."""
        if not self._lengths:
            return mask_text(text)
        at, shown = 0, ""
        for start in [start for start in range(len(text)) if text[start : start + 4] in self._lengths]:
            lengths = self._lengths[text[start : start + 4]]
            parts = (text[start : start + length] for length in lengths)
            longest = max((part for part in parts if part in self._forms), key=len, default="")
            if longest and start >= at:
                shown += text[at:start] + MASK * len(longest)
                at = start + len(longest)
        return mask_text(shown + text[at:])


def mask_line(line: str) -> str:
    """Mask in a line of source text what looks like a credential, by its key or by itself; columns stay where they are."""
    return mask_text(re.sub(_LINE, lambda match: match[1] + MASK * len(match[2]), line, flags=re.IGNORECASE))


def _mask(match: re.Match[str]) -> str:
    return MASK * len(match[0])
