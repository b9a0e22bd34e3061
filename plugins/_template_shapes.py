"""Templates as most are, told apart by their shapes, so that rules on form need to look at one of each. It has no rules itself.

A template is plain where one look shows what its values mean to every rule on form: its placeholders are well-formed and stand
among words, its examples are complete, its addresses lead where their examples do. Of plain templates of one shape (their
components and buttons, the keys and placeholders of each, the category and so on) such a rule has something to say of all or of
none. What is not plain has no shape, and every rule looks at it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wa_policy.plugins._templates import ADDRESS_OF_BUTTON, GOOD, UNSEEN, digest
from wa_policy.plugins._word_lists import BREAK, Written

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from wa_policy.api import Template


class Plain:
    """What rules ask of a plain template."""

    __slots__ = ("body", "header", "header_format", "placeholders", "shape", "sizes", "strings")

    def __init__(self) -> None:
        self.header_format = ""
        """What the header shows; empty where there is none."""
        self.header = ""
        self.body = ""
        self.placeholders = 0
        """How many the body has."""
        self.strings: list[str] = []
        """Everything that is written in it, labels and addresses included."""
        self.sizes: dict[str, int] = {}
        """In characters, the largest of each kind: ``header``, ``body``, ``footer``, ``label``, ``url``, ``phone_number``."""
        self.shape: tuple[object, ...] = ()


def plain(template: Template) -> Plain | None:
    """A template as one that is plain; None for one that is not."""
    memo = template.memo
    if "plain" not in memo:
        memo["plain"] = _plain(template)
    found: Plain | None = memo["plain"]
    return found


def shape(template: Template) -> Hashable:
    """What rules on form tell plain templates apart by, for ``alike``; None for one that is not plain."""
    known = plain(template)
    return None if known is None else known.shape


def wording(template: Template) -> Hashable:
    """The same for rules that look for words of lists: a key for plain templates that have none, of any list."""
    if plain(template) is None:
        return None
    known = digest(template)
    lists = known.written.lists_without_words()
    return lists and (lists, known.language, known.category)


_USUAL = frozenset(("id", "name", "language", "category", "status", "components", "in_moengage"))
"""Keys of a template whose values are looked at elsewhere, or are a part of every shape."""

_COMPONENTS = {
    "HEADER": frozenset(("type", "format", "text", "example")),
    "BODY": frozenset(("type", "text", "example")),
    "FOOTER": frozenset(("type", "text")),
    "BUTTONS": frozenset(("type", "buttons")),
}
"""What a plain component has, by its type."""

_BUTTONS = {
    "URL": frozenset(("type", "text", "url", "example")),
    "PHONE_NUMBER": frozenset(("type", "text", "phone_number")),
    "QUICK_REPLY": frozenset(("type", "text")),
}
"""What a plain button has, by its type."""

_MEDIA = ("IMAGE", "VIDEO", "DOCUMENT")
_is_usual_label = re.compile(r"[!-z|~][ -z|~]*").fullmatch
Marks = dict[tuple[str, ...], str]
_MARKS: Marks = {}
_MARKS_OF_BUTTONS: Marks = {}


def _mark(part: Mapping[str, Any], plain_keys: Mapping[str, frozenset[str]], marks: Marks) -> str:
    """A component's or button's type and keys, in order, as one word; nothing for one that is not plain."""
    keys = (part.get("type", ""), *part)
    mark = marks.get(keys)
    if mark is not None:
        return mark
    if not plain_keys.get(keys[0], frozenset()).issuperset(part):
        return ""
    mark = marks[keys] = " ".join(keys)  # there are few of them
    return mark


def _plain(template: Template) -> Plain | None:
    data: Mapping[str, Any] = template.data
    components = data.get("components")
    if not components or digest(template).is_authentication:
        return None
    known = Plain()
    bsp = template.workspace.bsp.data
    shape: list[object] = [bsp.get("provider"), bsp.get("integration")]
    shape += (data["language"], data.get("category"), data.get("status"), *data, None)
    if not _USUAL.issuperset(data):
        shape += [repr(value) for key, value in data.items() if key not in _USUAL]
    kinds = set()
    for part in components:
        mark = _mark(part, _COMPONENTS, _MARKS)
        if not mark or part["type"] in kinds:
            return None
        kinds.add(part["type"])
        shape.append(mark)
        names = _in_buttons(known, part["buttons"]) if "buttons" in part else _in_text(known, part)
        if names is None:
            return None
        shape += names
    known.shape = tuple(shape)
    digest(template).written = Written(BREAK.join(known.strings))
    return known


def _in_text(known: Plain, part: Mapping[str, Any]) -> Sequence[object] | None:
    """What a component adds to the shape of a template; None where it is not plain."""
    kind = part["type"]
    if kind == "HEADER":
        known.header_format = format_ = part.get("format", "TEXT")
        if format_ != "TEXT":
            return (format_,) if format_ in _MEDIA and "text" not in part and _is_sample(part.get("example")) else None
    text = part.get("text")
    if not text or text.isspace():
        return None
    name = kind.lower()
    known.sizes[name] = len(text)
    known.strings.append(text)
    if kind == "HEADER":
        known.header = text
    elif kind == "BODY":
        known.body = text
    if "{" not in text and "}" not in text:
        return () if kind == "FOOTER" or "example" not in part else None
    pieces = _pieces(text)
    names = pieces[1::2]
    if not names or (kind == "BODY" and not _stand_among_words(pieces)):
        return None
    if kind == "BODY":
        known.placeholders = len(names)
    if kind != "FOOTER" and "example" in part and not _is_complete(part["example"], name, names):
        return None
    return names


def _pieces(text: str) -> Sequence[str]:
    """A text in pieces, with the names of its placeholders between them; nothing where a brace belongs to none."""
    pieces = GOOD.split(text)
    return pieces if text.count("{") == text.count("}") == len(pieces) - 1 else ()


def _stand_among_words(pieces: Sequence[str]) -> bool:
    """Whether a text begins and ends with words, and has something between its placeholders."""
    for end in (pieces[0], pieces[-1]):
        if not end.lstrip()[:1].isalnum() and not any(map(str.isalnum, end)):
            return False
    for between in pieces[2:-1:2]:  # noqa: SIM110  # a loop takes half the time, and there are few
        if not between.strip(UNSEEN):
            return False
    return True


def _is_complete(example: Mapping[str, Any], name: str, names: Sequence[str]) -> bool:
    """Whether there is one example for each placeholder of a text."""
    if not "".join(names).isdecimal():
        if any(map(str.isdecimal, names)):
            return False
        params = example.get(f"{name}_text_named_params", ())
        given = [param.get("param_name") for param in params if param.get("example", "").strip()]
        return len(given) == len(params) and set(given) == set(names)
    values = example.get(f"{name}_text")
    if values.__class__ is list and len(values) == 1 and values[0].__class__ is list:
        values = values[0]
    return values.__class__ is list and len(values) == len(set(names)) and all(map(_is_one_line, values))


def _is_one_line(value: Any) -> bool:
    return value.__class__ is str and value.isprintable() and not value.isspace() and value != ""


def _is_sample(example: Any) -> bool:
    """Whether the sample of a medium is a handle, or there is none."""
    if example is None:
        return True
    handles = example.get("header_handle")
    if handles.__class__ is not list or not handles or "header_url" in example:
        return False
    return all(_is_one_line(handle) and "://" not in handle for handle in handles)


def _in_buttons(known: Plain, buttons: Sequence[Mapping[str, Any]]) -> Sequence[object] | None:
    """What the buttons of a component add to the shape of a template; None where one is not plain, or there is none."""
    shape: list[object] = []
    sizes = known.sizes
    for button in buttons:
        mark = _mark(button, _BUTTONS, _MARKS_OF_BUTTONS)
        if not mark:
            return None
        shape.append(mark)
        if "text" in button:
            label = button["text"]
            if label in known.strings or label.isspace():
                return None
            if not _is_usual_label(label):  # nothing but itself says what it is to rules
                shape.append(label)
            known.strings.append(label)
            sizes["label"] = max(sizes.get("label", 0), len(label))
        if button["type"] == "URL":
            names = _in_address(known, button)
            if names is None:
                return None
            shape += names
        elif "phone_number" in button:
            if not button["phone_number"].strip():
                return None
            sizes["phone_number"] = max(sizes.get("phone_number", 0), len(button["phone_number"]))
    return shape or None


def _in_address(known: Plain, button: Mapping[str, Any]) -> Sequence[str] | None:
    """What an address adds to a shape; None where it is not plain: whole, with a placeholder at its end or none."""
    url = button.get("url", "")
    start = ADDRESS_OF_BUTTON.match(url)
    if start is None or " " in url or not url.isprintable():
        return None
    known.strings.append(url)
    if len(url) > known.sizes.get("url", 0):
        known.sizes["url"] = len(url)
    if "{" not in url and "}" not in url:
        return None if "example" in button else ()
    pieces = _pieces(url)
    if len(pieces) != 3 or pieces[2] or ("example" in button and not _leads_there(button["example"], start[0])):
        return None
    return pieces[1:2]


def _leads_there(example: Any, host: str) -> bool:
    """Whether there is one example, and it is an address on the same host."""
    if example.__class__ is not list or len(example) != 1 or example[0].__class__ is not str:
        return False
    sample: str = example[0]
    return sample.startswith(host) and sample[len(host) : len(host) + 1] in ("", "/", "?", "#")
