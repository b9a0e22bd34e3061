"""How explanations call things: keys, values, kinds of documents, and what a schema leaves to write."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from wa_policy.schema.credentials import SHORT_WORDS, WORDS
from wa_policy.wording import fit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from wa_policy.source.spans import Route

SHOWN = 60
"""How many characters of a key or a value a message shows."""

KINDS = {
    "workspace": ("Workspace", "workspace manifest"),
    "policy": ("Policy", "policy"),
    "facts": ("facts", "mapping of facts"),
    "baseline": ("baseline", "baseline"),
    "report": ("report", "report"),
    "checklist": ("checklist", "checklist"),
    "evidence-opt-in-audit": ("opt-in audit", "opt-in audit"),
    "evidence-graph-waba": ("WABA", "WABA"),
    "evidence-graph-phone-number": ("phone number", "phone number"),
    "evidence-graph-template": ("template", "template"),
}
"""By kind: what a document says of itself to be of it (``kind: Workspace``) or would say, and how messages call it."""

TRUTHS = {**dict.fromkeys(("true", "yes", "on", "y"), "true"), **dict.fromkeys(("false", "no", "off", "n"), "false")}
"""What people write for true and for false, in lower case, and the word that a schema takes for it."""

_PLAIN_TEXT = re.compile(r"[A-Za-z](?:[A-Za-z0-9_./@ -]*[A-Za-z0-9_/])?")

_SECRET_PARTS = re.compile(f"passw|{WORDS}")
_SECRET_WORDS = frozenset(word + end for word in ("key", *SHORT_WORDS) for end in ("", "s"))
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def name_of(kind: str, route: Route) -> str:
    """What to call the value at a route: its key in quotes, with the position in a list."""
    positions = ""
    for step in reversed(route):
        if isinstance(step, str):
            return quote(f"{fitted(step)}{positions}")
        positions = f"[{step}]{positions}"
    return f"the {KINDS[kind][1]}"


def article(noun: str) -> str:
    """A noun with its article."""
    return f"{'an' if noun[:1].lower() in 'aeio' else 'a'} {noun}"


def fitted(text: str) -> str:
    """As much of a text as a message shows."""
    return fit(text, SHOWN, "…")


def quote(value: object) -> str:
    """A value in double quotes, cut, in characters that every output can carry."""
    return json.dumps(fitted(str(value)), ensure_ascii=False).encode("utf-8", "backslashreplace").decode()


def described(value: object, *, hidden: bool) -> str:
    """Name a value by its type, and show it unless it is hidden."""
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    names = {bool: "truth value", int: "whole number", float: "number", str: "text"}
    kind = names.get(type(value), type(value).__name__)
    if hidden:
        return f"a {kind}"
    if isinstance(value, str):
        return f"the text {quote(value)}"
    return "true" if value is True else "false" if value is False else f"the {kind} {number(value)}"


def number(value: object) -> str:
    """A number as a message shows it; any other value but a text, too."""
    return f"of more than {SHOWN} digits" if isinstance(value, int) and abs(value) >= 10**SHOWN else fitted(str(value))


def such_as(schema: Mapping[str, Any]) -> str:
    """The first of a schema's examples, to be added to a sentence; an empty string where it has none."""
    return f", such as {flow(schema['examples'][0])}" if "examples" in schema else ""


def choice(schema: Mapping[str, Any]) -> str:
    """What a closed vocabulary leaves to write, also one for texts where something else may stand besides."""
    if "const" in schema:
        return flow(schema["const"])
    return f"one of {listed(schema['enum'] if 'enum' in schema else schema['then']['enum'])}"


def listed(values: Sequence[Any]) -> str:
    """Values to choose from, on one line."""
    return ", ".join(value if isinstance(value, str) else flow(value) for value in values)


def flow(value: object) -> str:
    """Write a value as YAML on one line."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {flow(item)}' for key, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(flow(item) for item in value)}]"
    if isinstance(value, str) and _PLAIN_TEXT.fullmatch(value) and value.casefold() not in TRUTHS:
        return value
    return json.dumps(value, ensure_ascii=False)


def folded(key: str) -> str:
    """A key without what people spell differently: capitals, dashes, underscores, spaces."""
    return re.sub(r"[-_ ]", "", key).casefold()


def is_credential(key: str) -> bool:
    """Whether a key may speak of a credential, so that its value is not shown: wherever in it such a word stands."""
    words = [word.casefold() for word in _WORD.findall(key)]
    return not _SECRET_WORDS.isdisjoint(words) or _SECRET_PARTS.search("_".join(words)) is not None
