"""What the rules on templates share: the parts of a template, its texts and their placeholders. It has no rules itself."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from wa_policy.plugins import _wording

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wa_policy.api import Route, Template

Fault = Literal["", "stray brace", "braces", "empty", "blanks", "capitals", "characters"]
"""What is wrong with a placeholder, in the order in which it is looked for; empty where nothing is."""

Cap = Literal["info", "warning", "error"]
"""What a finding may weigh at most."""

FIRST_EMOJI = "\u20e3"
"""The sign of a keycap: no emoji does without it or a character above it, and most texts do."""

TEXT_TYPES = ("HEADER", "BODY", "FOOTER")


class Part(NamedTuple):
    """A component of a template or of a carousel's card, or a button of one.

    ``type`` is in upper case, whatever the data has, and empty where an answer of Meta's has none. ``route`` leads there
    from the template, as in ``template.at(*part.route, "text")``. ``card`` is the index of the card that it is in, or None.
    """

    type: str
    data: Mapping[str, Any]
    route: Route
    card: int | None = None
    buttons: tuple[Part, ...] = ()


class Placeholder(NamedTuple):
    """Something in braces, or a stray brace: ``text[start:end]``, with what stands between the braces as ``name``.

    Well-formed ones are ``{{1}}`` (positional: ASCII digits) and ``{{first_name}}`` (named: ``a`` to ``z``, digits, underscores).
    """

    start: int
    end: int
    name: str
    text: str
    fault: Fault
    is_positional: bool
    """Whether it is a well-formed number; a broken one is neither positional nor named."""

    @property
    def is_broken(self) -> bool:
        """Whether Meta would not read it as a placeholder."""
        return self.fault != ""


def components(template: Template) -> Sequence[Part]:
    """All components in order, those of a carousel's cards after the carousel; empty where none are given."""
    parts: tuple[Part, ...] | None = template.memo.get("parts")
    if parts is None:
        parts = tuple(_components(template.data.get("components", ()), ("components",), None))
        template.memo["parts"] = parts
    return parts


def _components(items: Sequence[Mapping[str, Any]], route: Route, card: int | None) -> Iterator[Part]:
    for index, data in enumerate(items):
        here = (*route, index)
        inside = tuple(
            Part(button.get("type", "").upper(), button, (*here, "buttons", number), card)
            for number, button in enumerate(data.get("buttons", ()))
        )
        yield Part(data.get("type", "").upper(), data, here, card, inside)
        if card is None and "cards" in data:
            for number, item in enumerate(data["cards"]):
                yield from _components(item.get("components", ()), (*here, "cards", number, "components"), number)


def buttons(part: Part) -> Sequence[Part]:
    """The buttons of a component, in order."""
    return part.buttons


def texts(template: Template) -> Sequence[tuple[Part, str]]:
    """The texts of headers, bodies and footers, those of cards included; a header that shows media has none."""
    found: tuple[tuple[Part, str], ...] | None = template.memo.get("texts")
    if found is None:
        found = tuple(
            (part, part.data["text"]) for part in components(template) if is_text(part) and "text" in part.data
        )
        template.memo["texts"] = found
    return found


def is_text(part: Part) -> bool:
    """Whether a component is one that has a text; a header that shows media is none."""
    return part.type in TEXT_TYPES and part.data.get("format", "TEXT").upper() == "TEXT"


# A run of opening braces, what follows without a brace, a run of closing ones; or a run of either alone.
_BRACES = re.compile(r"(\{++)([^{}]*+)(\}++)|\{++|\}++")
_NAME = re.compile(r"[a-z0-9_]+")


@lru_cache(maxsize=4096)
def placeholders(text: str) -> tuple[Placeholder, ...]:
    """Everything in a text that is a placeholder or looks as if it were meant to be one, in order, without overlap."""
    if "{" not in text and "}" not in text:
        return ()
    return tuple(_read(match) for match in _BRACES.finditer(text))


def _read(match: re.Match[str]) -> Placeholder:
    opening, inside, closing = match.groups()
    name = (inside or "").strip()
    fault = _fault(opening or "", inside or "", closing or "")
    return Placeholder(match.start(), match.end(), name, match[0], fault, fault == "" and name.isdecimal())


def _fault(opening: str, inside: str, closing: str) -> Fault:
    if not opening:
        return "stray brace"
    if len(opening) != 2 or len(closing) != 2:
        return "braces"
    if _NAME.fullmatch(inside):
        return ""
    name = inside.strip()
    if not name:
        return "empty"
    if _NAME.fullmatch(name):
        return "blanks"
    return "capitals" if _NAME.fullmatch(name.lower()) and name.isascii() else "characters"


def form_cap(template: Template) -> Cap:
    """What a finding about a template's form may weigh at most: Meta has taken the form of a template that it approved."""
    return "warning" if is_approved(template) else "error"


def is_approved(template: Template) -> bool:
    """Whether Meta has approved the template, by its status as given."""
    return template.data.get("status", "").upper() == "APPROVED"


def is_authentication(template: Template) -> bool:
    """Whether Meta writes the template's text itself: rules on what people write have nothing to say then."""
    return template.data.get("category", "").upper() in ("AUTHENTICATION", "OTP")  # what it was called before


def shown(template: Template) -> str:
    """A template as messages call it: ``"order_shipped" (en)``."""
    return f'"{template.data["name"]}" ({template.data["language"]})'


def named(part: Part, template: Template) -> str:
    """A part as messages call it: ``the body of card 2 of "order_shipped" (en)``, ``the button "Track order" of ...``."""
    what = words(part.type)
    if part.route[-2] == "buttons":
        what = f'button "{part.data["text"]}"' if part.data.get("text") else f"{what} button"
    card = "" if part.card is None else f"card {part.card + 1} of "
    return f"the {what} of {card}{shown(template)}"


def words(kind: str) -> str:
    """A type as words: ``limited-time offer``."""
    return {"LIMITED_TIME_OFFER": "limited-time offer", "URL": "URL"}.get(kind, kind.lower().replace("_", " "))


def listed(items: Iterable[str], most: int = 4) -> str:
    """Items as an enumeration: ``{{1}}, {{2}} and {{3}}``; of many, the first and how many more."""
    known = list(dict.fromkeys(items))
    if len(known) > most:
        return f"{', '.join(known[:most])} and {len(known) - most} more"
    return _wording.listed(known) if known else ""


def fixed(text: str, instead: str = " ") -> str:
    """A text without its placeholders and stray braces, each replaced by a blank."""
    pieces, end = [], 0
    for placeholder in placeholders(text):
        pieces.append(text[end : placeholder.start])
        end = placeholder.end
    return instead.join([*pieces, text[end:]])


@lru_cache(maxsize=16)
def one_of(ranges: str) -> re.Pattern[str]:
    """A pattern for one character of those in ranges of hexadecimal numbers: ``3040-30FF 31F0``."""
    return re.compile(f"[{_class(ranges)}]")


def _class(ranges: str) -> str:
    ends = [entry.partition("-") for entry in ranges.split()]
    return "".join(f"{chr(int(first, 16))}-{chr(int(last or first, 16))}" for first, _, last in ends)


@lru_cache(maxsize=4)
def _emoji(ranges: str) -> re.Pattern[str]:
    flag, keycap, styled = "[\U0001f1e6-\U0001f1ff]{2}", "[0-9#*]\ufe0f?\u20e3", "\\S\ufe0f"
    return re.compile(f"(?:{flag}|{keycap}|[{_class(ranges)}]|{styled})(?:[\U0001f3fb-\U0001f3ff\ufe0f]|\u200d\\S)*")


def emoji_in(text: str, ranges: str) -> list[str]:
    """The emoji of a text, one that is joined from several as one. ``ranges`` are those that need no sign to be one."""
    return [] if text.isascii() or max(text) < FIRST_EMOJI else _emoji(ranges).findall(text)
