"""Two copies of one template, compared: where they differ, and how to show it. It has no rules itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wa_policy.api import digits_of
from wa_policy.plugins._templates import placeholders
from wa_policy.plugins._wording import shortlist
from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wa_policy.api import Route
    from wa_policy.plugins._templates import Cap

CONTEXT = 8
"""About how many characters of a text are shown on either side of a difference."""

LONGEST = 60
"""How many characters of a text are shown at most."""


class Difference(NamedTuple):
    """A part in which MoEngage's copy differs from Meta's template.

    ``meta`` and ``moengage`` say what is there, in so many words or as excerpts in quotes; the routes lead there from the
    template's components and from the copy's. ``how`` narrows down what differs, where that is hard to see.
    """

    what: str
    meta: str
    moengage: str
    meta_route: Route
    moengage_route: Route
    how: str = ""
    cap: Cap = "error"


def differences(
    meta: Sequence[Mapping[str, Any]], moengage: Sequence[Mapping[str, Any]], where: str = ""
) -> Iterator[Difference]:
    """Where two lists of components differ: in which there are, in texts and formats, in buttons, in the cards of carousels."""
    ours, theirs = _by_type(meta), _by_type(moengage)
    for type_ in [*ours, *(one for one in theirs if one not in ours)]:
        what = f"the {type_.lower().replace('_', ' ').replace('limited time', 'limited-time')}{where}"
        if type_ not in theirs:
            yield Difference(what, _gist(meta[ours[type_]]), "has none", (ours[type_],), ())
        elif type_ not in ours:
            yield Difference(what, "has none", _gist(moengage[theirs[type_]]), (), (theirs[type_],))
        elif meta[ours[type_]] != moengage[theirs[type_]]:
            for found in _in_component(what, meta[ours[type_]], moengage[theirs[type_]]):
                yield found._replace(
                    meta_route=(ours[type_], *found.meta_route), moengage_route=(theirs[type_], *found.moengage_route)
                )


def _by_type(items: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """The first component of each type, by index."""
    table: dict[str, int] = {}
    for index, item in enumerate(items):
        table.setdefault(item.get("type", "").upper(), index)
    return table


def _gist(component: Mapping[str, Any]) -> str:
    """A component in a few words."""
    if "text" in component:
        return _quoted(_cut(component["text"], 0, LONGEST))
    if "buttons" in component:
        return _labels(component["buttons"])
    return f"has one of format {component['format']}" if "format" in component else "has one"


def _in_component(what: str, meta: Mapping[str, Any], moengage: Mapping[str, Any]) -> Iterator[Difference]:
    if _format(meta) != _format(moengage):
        yield Difference(what, _format(meta), _format(moengage), ("format",), ("format",), "in its format")
    yield from _in_text(what, meta, moengage, "text")
    if "limited_time_offer" in meta and "limited_time_offer" in moengage:
        key = "limited_time_offer"
        for found in _in_text(what, meta[key], moengage[key], "text"):
            yield found._replace(meta_route=(key, *found.meta_route), moengage_route=(key, *found.moengage_route))
    if "buttons" in meta and "buttons" in moengage:
        yield from _in_buttons(what, meta["buttons"], moengage["buttons"])
    if "cards" in meta and "cards" in moengage:
        yield from _in_cards(what, meta["cards"], moengage["cards"])


def _format(component: Mapping[str, Any]) -> str:
    """What a header shows; nothing for other components."""
    shows: str = component.get("format", "TEXT") if component.get("type", "").upper() == "HEADER" else ""
    return shows.upper()


def _in_buttons(
    what: str, meta: Sequence[Mapping[str, Any]], moengage: Sequence[Mapping[str, Any]]
) -> Iterator[Difference]:
    """Compare buttons one by one; if their types differ, what they lead to cannot be compared."""
    if [_type_of(one) for one in meta] != [_type_of(one) for one in moengage]:
        yield Difference(what, _labels(meta), _labels(moengage), ("buttons",), ("buttons",), "in which there are")
        return
    for index, (ours, theirs) in enumerate(zip(meta, moengage, strict=True)):
        place = what.replace("the buttons", f"button {index + 1}", 1)
        for key, name in (("text", "label"), ("url", "address"), ("phone_number", "number")):
            if key == "phone_number" and _digits(ours) == _digits(theirs):
                continue
            for found in _in_text(f"the {name} of {place}", ours, theirs, key):
                route: Route = ("buttons", index, key)
                yield found._replace(meta_route=route, moengage_route=route)


def _type_of(button: Mapping[str, Any]) -> str:
    word: str = button.get("type", "")
    return word.upper()


def _digits(button: Mapping[str, Any]) -> str:
    return digits_of(button.get("phone_number", ""))


def _labels(items: Sequence[Mapping[str, Any]]) -> str:
    """Buttons in a few words."""
    return (
        shortlist([f"{_type_of(one)} {_quoted(one['text'])}" if "text" in one else _type_of(one) for one in items])
        or "none"
    )


def _in_cards(
    what: str, meta: Sequence[Mapping[str, Any]], moengage: Sequence[Mapping[str, Any]]
) -> Iterator[Difference]:
    if len(meta) != len(moengage):
        counts = (f"has {len(meta)} cards", f"has {len(moengage)}")
        yield Difference(what, *counts, ("cards",), ("cards",), "in its number of cards")
        return
    for index, (ours, theirs) in enumerate(zip(meta, moengage, strict=True)):
        route: Route = ("cards", index, "components")
        where = f" of card {index + 1}"
        for found in differences(ours.get("components", ()), theirs.get("components", ()), where):
            yield found._replace(meta_route=(*route, *found.meta_route), moengage_route=(*route, *found.moengage_route))


def _in_text(what: str, meta: Mapping[str, Any], moengage: Mapping[str, Any], key: str) -> Iterator[Difference]:
    """Compare two texts; blanks at their ends are those of the file that they were copied into."""
    ours, theirs = meta.get(key, "").strip(), moengage.get(key, "").strip()
    if not ours or not theirs or ours == theirs:
        return
    if _without_placeholders(ours) == _without_placeholders(theirs):
        yield _in_placeholders(what, key, *([one.text for one in placeholders(text)] for text in (ours, theirs)))
        return
    left, right = excerpts(ours, theirs)
    if ours.split() == theirs.split():
        yield Difference(what, _quoted(left), _quoted(right), (key,), (key,), "in its blanks or line breaks")
    elif _composed(ours) == _composed(theirs):
        how = "in how its letters are composed in Unicode"
        yield Difference(what, _quoted(left), _quoted(right), (key,), (key,), how, "warning")
    else:
        yield Difference(what, _quoted(left), _quoted(right), (key,), (key,))


def _without_placeholders(text: str) -> list[str]:
    """What stands between the placeholders of a text."""
    ends = [0, *(one.end for one in placeholders(text))]
    starts = [*(one.start for one in placeholders(text)), len(text)]
    return [text[end:start] for end, start in zip(ends, starts, strict=True)]


def _in_placeholders(what: str, key: str, ours: list[str], theirs: list[str]) -> Difference:
    """Say how placeholders differ; it may be that MoEngage numbers what Meta names, so that is no error."""
    numbered = [all(name.strip("{} ").isdecimal() for name in names) for names in (ours, theirs)]
    how = "in its placeholders"
    cap: Cap = "error"
    if sorted(ours) == sorted(theirs):
        how = "in the order of its placeholders"
    elif any(numbered) and not all(numbered):
        how, cap = "in how its placeholders are written", "warning"
    left, right = (visible(", ".join(names))[:LONGEST] for names in (ours, theirs))
    return Difference(what, left, right, (key,), (key,), how, cap)


def _composed(text: str) -> str:
    import unicodedata  # only ever needed for a mistake

    return unicodedata.normalize("NFC", text)


def excerpts(ours: str, theirs: str) -> tuple[str, str]:
    """What differs in two texts, with a few words around it; dots stand for the rest. The excerpts differ where the texts do."""
    same = _alike(ours, theirs)
    tail = _alike(ours[: same - 1 if same else None : -1], theirs[: same - 1 if same else None : -1])
    start = ours.rfind(" ", 0, max(0, same - CONTEXT)) + 1
    if same - start > LONGEST // 2:
        start = same - CONTEXT
    left, right = (_cut(text, start, _next_blank(text, len(text) - tail + CONTEXT)) for text in (ours, theirs))
    return left, right


def _alike(ours: Sequence[str], theirs: Sequence[str]) -> int:
    """How many characters two texts begin with alike."""
    pairs = enumerate(zip(ours, theirs, strict=False))
    return next((index for index, (one, other) in pairs if one != other), min(len(ours), len(theirs)))


def _next_blank(text: str, end: int) -> int:
    """Where the word at a position ends, unless it is a long one."""
    blank = text.find(" ", end)
    blank = len(text) if blank < 0 else blank
    return end if blank - end > CONTEXT else blank


def _cut(text: str, start: int, end: int) -> str:
    """A part of a text, with dots where it goes on, and with signs for what cannot be seen."""
    end = min(end, start + LONGEST)
    return f"{'...' if start else ''}{visible(text[start:end])}{'...' if end < len(text) else ''}"


def visible(text: str) -> str:
    """A text in which a line break, or a blank that is none, can be told from a common blank."""
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() else "<line break>" if one == "\n" else f"<U+{ord(one):04X}>" for one in text
    )


def _quoted(text: str) -> str:
    return f'"{text}"'
