"""What the rules on templates share: the parts of a template, its texts and their placeholders. It has no rules itself."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wa_policy.api import Route, Template

Fault = Literal["", "stray brace", "braces", "empty", "blanks", "capitals", "characters"]
"""What is wrong with a placeholder, in the order in which it is looked for; empty where nothing is."""

TEXT_TYPES = ("HEADER", "BODY", "FOOTER")


class Part(NamedTuple):
    """A component of a template or of a carousel's card, or a button of one.

    ``type`` is in upper case, whatever the data has, and empty where an answer of Meta's has none. ``route`` leads there from the template: ``template.at(*part.route,
    "text")``. ``card`` is the index of the card that it is in, or None.
    """

    type: str
    data: Mapping[str, Any]
    route: Route
    card: int | None = None


class Placeholder(NamedTuple):
    """Something in braces, or a stray brace: ``text[start:end]``, with what stands between the braces as ``name``.

    Well-formed ones are ``{{1}}`` (positional: ASCII digits) and ``{{first_name}}`` (named: ``a`` to ``z``, digits, underscores).
    """

    start: int
    end: int
    name: str
    text: str
    fault: Fault

    @property
    def is_broken(self) -> bool:
        """Whether Meta would not read it as a placeholder."""
        return self.fault != ""

    @property
    def is_positional(self) -> bool:
        """Whether it is a well-formed number; a broken one is neither positional nor named."""
        return self.fault == "" and self.name.isdecimal()


def components(template: Template) -> list[Part]:
    """All components in order, those of a carousel's cards after the carousel; empty where the manifest gives none."""
    return list(_components(template.data.get("components", ()), ("components",), None))


def _components(items: Sequence[Mapping[str, Any]], route: Route, card: int | None) -> Iterator[Part]:
    for index, data in enumerate(items):
        yield Part(data.get("type", "").upper(), data, (*route, index), card)
        if card is None and "cards" in data:
            for number, item in enumerate(data["cards"]):
                below = (*route, index, "cards", number, "components")
                yield from _components(item.get("components", ()), below, number)


def buttons(part: Part) -> list[Part]:
    """The buttons of a component, in order."""
    return [
        Part(data.get("type", "").upper(), data, (*part.route, "buttons", index), part.card)
        for index, data in enumerate(part.data.get("buttons", ()))
    ]


def texts(template: Template) -> Iterator[tuple[Part, str]]:
    """The texts of headers, bodies and footers, those of cards included; a header that shows media has none."""
    for part in components(template):
        if part.type in TEXT_TYPES and "text" in part.data and part.data.get("format", "TEXT").upper() == "TEXT":
            yield part, part.data["text"]


# A run of opening braces, what follows without a brace, a run of closing ones; or a run of either alone.
_BRACES = re.compile(r"(\{++)([^{}]*+)(\}++)|\{++|\}++")
_NAME = re.compile(r"[a-z0-9_]+")


@lru_cache(maxsize=4096)
def placeholders(text: str) -> tuple[Placeholder, ...]:
    """Everything in a text that is a placeholder or looks as if it were meant to be one, in order, without overlap."""
    if "{" not in text and "}" not in text:
        return ()
    return tuple(
        Placeholder(match.start(), match.end(), (match[2] or "").strip(), match[0], _fault(match))
        for match in _BRACES.finditer(text)
    )


def _fault(match: re.Match[str]) -> Fault:
    opening, name, closing = match.groups()
    if opening is None:
        return "stray brace"
    if len(opening) != 2 or len(closing) != 2:
        return "braces"
    if _NAME.fullmatch(name):
        return ""
    bare = name.strip()
    if not bare:
        return "empty"
    if _NAME.fullmatch(bare):
        return "blanks"
    return "capitals" if _NAME.fullmatch(bare.lower()) and bare.isascii() else "characters"


def form_cap(template: Template) -> Literal["warning", "error"]:
    """What a finding about a template's form may weigh at most: Meta has taken the form of a template that it approved."""
    return "warning" if template.data.get("status", "").upper() == "APPROVED" else "error"


def is_authentication(template: Template) -> bool:
    """Whether Meta writes the template's text itself: rules on what people write have nothing to say then."""
    return template.data.get("category", "").upper() == "AUTHENTICATION"


def shown(template: Template) -> str:
    """A template as messages call it."""
    return f'"{template.data["name"]}" ({template.data["language"]})'


def named(part: Part, template: Template) -> str:
    """A component as messages call it: ``the body of card 2 of "order_shipped" (en)``."""
    card = "" if part.card is None else f"card {part.card + 1} of "
    return f"the {part.type.lower().replace('_', ' ')} of {card}{shown(template)}"
