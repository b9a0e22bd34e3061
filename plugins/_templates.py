"""What the rules on templates share: the parts of a template, its texts and their placeholders. It has no rules itself."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from wa_policy.plugins._languages import base_language
from wa_policy.plugins._word_lists import BREAK, Written
from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wa_policy.api import Route, Template

Fault = Literal["", "stray brace", "braces", "empty", "blanks", "capitals", "characters"]
"""What is wrong with a placeholder, in the order in which it is looked for; empty where nothing is."""

Cap = Literal["info", "warning", "error"]
"""What a finding may weigh at most."""

FIRST_EMOJI = "\u20e3"
"""The sign of a keycap: no emoji does without it or a character above it, and most texts do."""

WITHOUT_SHAPE = "\xad\u034f\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
"""Signs that show nothing and take no room, such as a zero width space."""

UNSEEN = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    f"\u2028\u2029\u202f\u205f\u3000{WITHOUT_SHAPE}"
)
"""What ``str.strip`` takes for blanks, and those: a text of nothing else is none to who reads it."""

ADDRESS_OF_BUTTON = re.compile(r"https?://([^\s/?#{}]+)", re.IGNORECASE)
"""How what a button opens begins, with its host; no placeholder is a part of that, and one may follow."""

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
    buttons: Sequence[Part] = ()


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


class Text(NamedTuple):
    """A text in which placeholders may stand: ``part.data[key]``, of a header, a body or a footer, or the address of a button."""

    part: Part
    key: str
    text: str
    placeholders: Sequence[Placeholder]
    good: Sequence[Placeholder]
    """The well-formed ones among them."""

    @property
    def is_broken(self) -> bool:
        """Whether it has a placeholder that Meta would not read as one."""
        return len(self.good) < len(self.placeholders)


class Digest:
    """What rules ask of every template, worked out once, and when it is first asked for: most rules can see here that they have
    nothing to say, and few need all of it.
    """

    __slots__ = (
        "_data",
        "bodies",
        "buttons",
        "category",
        "filled",
        "is_approved",
        "is_authentication",
        "language",
        "parts",
        "texts",
        "types",
        "written",
    )
    parts: Sequence[Part]
    """All components in order, those of a carousel's cards after the carousel."""
    types: frozenset[str]
    """The types of those components, and of all buttons."""
    buttons: Sequence[Part]
    """All buttons in order."""
    texts: Sequence[Text]
    """All texts in order, those of cards included; a header that shows media has none."""
    filled: Sequence[Text]
    """Those that have a placeholder, or something that looks like one."""
    bodies: Sequence[Text]
    """The bodies that people wrote, those without a well-formed placeholder left out."""
    written: Written
    """Everything that is written in it, labels and addresses included, as one text to look for words in."""

    def __init__(self, data: Any) -> None:
        self._data: Mapping[str, Any] = data
        self.category: str = data.get("category", "").upper()
        """In upper case; empty where none is given."""
        self.language = base_language(data["language"])
        """Without its region, as lists of words have it."""
        self.is_approved: bool = data.get("status", "").upper() == "APPROVED"
        """Whether Meta has approved the template, by its status as given."""
        self.is_authentication = self.category in ("AUTHENTICATION", "OTP")  # what it was called before
        """Whether Meta writes the template's text itself: rules on what people write have nothing to say then."""

    def __getattr__(self, name: str) -> Any:
        """Work out what has not been asked for before."""
        if name in self.__slots__:
            self._take_apart()
        return object.__getattribute__(self, name)

    def _take_apart(self) -> None:
        self.parts = parts = _components(self._data.get("components", ()), ("components",), None)
        self.buttons = every_button = [button for part in parts for button in part.buttons]
        self.types = frozenset([part.type for part in (*parts, *every_button)])
        texts: list[Text] = []
        strings: list[str] = []
        for part in parts:
            if "text" in part.data:
                strings.append(part.data["text"])
                if is_text(part):
                    texts.append(_text(part, "text"))
            for button in part.buttons:
                if "text" in button.data:
                    strings.append(button.data["text"])
                if "url" in button.data:
                    strings.append(button.data["url"])
                    if button.type == "URL" and part.type == "BUTTONS":
                        texts.append(_text(button, "url"))
        self.written = Written(BREAK.join(strings))
        self.texts = texts
        self.filled = filled = [text for text in texts if text.placeholders]
        people_wrote = [] if self.is_authentication else filled
        self.bodies = [text for text in people_wrote if text.good and text.part.type == "BODY"]


def digest(template: Template) -> Digest:
    """The digest of a template, which lasts as long as the template does."""
    found: Digest | None = template.memo.get("digest")
    if found is None:
        found = template.memo["digest"] = Digest(template.data)
    return found


def _text(part: Part, key: str) -> Text:
    text = part.data[key]
    found = placeholders(text)
    return Text(part, key, text, found, [item for item in found if not item.fault])


def components(template: Template) -> Sequence[Part]:
    """All components in order, those of a carousel's cards after the carousel; empty where none are given."""
    return digest(template).parts


def _components(items: Sequence[Mapping[str, Any]], route: Route, card: int | None) -> list[Part]:
    parts = []
    for index, data in enumerate(items):
        here = (*route, index)
        inside = [
            Part(button.get("type", "").upper(), button, (*here, "buttons", number), card)
            for number, button in enumerate(data.get("buttons", ()))
        ]
        parts.append(Part(data.get("type", "").upper(), data, here, card, inside))
        if card is None and "cards" in data:
            for number, item in enumerate(data["cards"]):
                parts += _components(item.get("components", ()), (*here, "cards", number, "components"), number)
    return parts


def buttons(part: Part) -> Sequence[Part]:
    """The buttons of a component, in order."""
    return part.buttons


def format_of(header: Part) -> str:
    """What a header shows, in upper case: a text where it does not say."""
    shows: str = header.data.get("format", "TEXT")
    return shows.upper()


def is_text(part: Part) -> bool:
    """Whether a component is one that has a text; a header that shows media is none."""
    return part.type in TEXT_TYPES and part.data.get("format", "TEXT").upper() == "TEXT"


# A run of opening braces, what follows without a brace, a run of closing ones; or a run of either alone. It begins with a set,
# since a search for one of a set is quick.
_BRACES = re.compile(r"[{}](?:(?<=\{)\{*+(?:[^{}]*+\}++)?+|\}*+)")
GOOD = re.compile(r"\{\{([a-z0-9_]+)\}\}")
"""A well-formed placeholder, and its name."""
_NAME = re.compile(r"[a-z0-9_]+")


@lru_cache(maxsize=4096)
def placeholders(text: str) -> tuple[Placeholder, ...]:
    """Everything in a text that is a placeholder or looks as if it were meant to be one, in order, without overlap."""
    if "{" not in text and "}" not in text:
        return ()
    return tuple([_read(match) for match in _BRACES.finditer(text)])


def _read(match: re.Match[str]) -> Placeholder:
    text = match[0]
    name = text.strip("{}").strip()
    fault = "" if GOOD.fullmatch(text) else _fault(text, name)
    return Placeholder(match.start(), match.end(), name, text, fault, not fault and name.isdecimal())


def _fault(text: str, name: str) -> Fault:
    if "{" not in text or "}" not in text:
        return "stray brace"
    if text.count("{") != 2 or text.count("}") != 2:
        return "braces"
    if not name:
        return "empty"
    if _NAME.fullmatch(name):
        return "blanks"
    return "capitals" if _NAME.fullmatch(name.lower()) and name.isascii() else "characters"


def form_cap(template: Template) -> Cap:
    """What a finding about a template's form may weigh at most: Meta has taken the form of a template that it approved."""
    return "warning" if is_approved(template) else "error"


def note_if_approved(template: Template, most: Cap = "error") -> Cap:
    """The same of a finding that Meta's approval refutes: then it is a note, and else it weighs at most so much."""
    return "info" if is_approved(template) else most


def is_approved(template: Template) -> bool:
    """Whether Meta has approved the template, by its status as given."""
    return digest(template).is_approved


def is_authentication(template: Template) -> bool:
    """Whether Meta writes the template's text itself: rules on what people write have nothing to say then."""
    return digest(template).is_authentication


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


def linked(template: Template) -> Iterator[tuple[Route, str]]:
    """All texts that may have a link, and the addresses of buttons, with the route to each."""
    return _written(template, "url")


def read_by_customers(template: Template) -> Iterator[tuple[Route, str]]:
    """Everything that a customer reads, texts and the labels of buttons, with the route to each."""
    return _written(template, "text")


def _written(template: Template, of_buttons: str) -> Iterator[tuple[Route, str]]:
    for part in components(template):
        if "text" in part.data:
            yield (*part.route, "text"), part.data["text"]
        for button in part.buttons:
            if of_buttons in button.data:
                yield (*button.route, of_buttons), button.data[of_buttons]


def words(kind: str) -> str:
    """A type as words: ``limited-time offer``."""
    return {"LIMITED_TIME_OFFER": "limited-time offer", "URL": "URL"}.get(kind, kind.lower().replace("_", " "))


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
