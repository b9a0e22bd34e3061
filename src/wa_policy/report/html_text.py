"""HTML made of elements: whatever is not markup made here is text, and cannot be anything else."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from wa_policy.report.safe import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

# What no HTML document may hold, besides what `plain` writes out.
_NONCHARACTERS = re.compile(
    "[\ufdd0-\ufdef"
    + "".join(chr(above + last) for above in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))
    + "]"
)
_VOID = ("br", "input", "link", "meta")

# These end by themselves where the next one begins or what they are in ends; a paragraph, where a block begins, so that nothing
# but blocks may stand beside one. A long page has tens of thousands of them.
_END_BY_THEMSELVES = ("dd", "dt", "li", "option", "p", "tbody", "td", "th", "thead", "tr")
_NEEDS_NO_QUOTES = re.compile(r"[A-Za-z0-9._#%-]+")
_ITEM = re.compile(r"^[0-9]+\.\s+")


class Markup(str):
    """A piece of HTML. Only the functions of this module make one out of a text."""

    __slots__ = ()


NOTHING = Markup()


def shown(value: str) -> str:
    """A text as it is read on the page: characters that act instead of showing are written out."""
    return _NONCHARACTERS.sub(lambda match: f"\\u{{{ord(match[0]):x}}}", plain(value))


@lru_cache(maxsize=4096)  # pages of many workspaces say the same words over and over
def text(value: str) -> Markup:
    """A text as a child of an element."""
    return Markup(shown(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


@lru_cache(maxsize=4096)
def attribute(value: str) -> Markup:
    """A text as the value of an attribute, in quotes unless it is all plain signs."""
    if _NEEDS_NO_QUOTES.fullmatch(value):
        return Markup(value)
    return Markup(f'"{text(value).replace(chr(34), "&quot;").replace(chr(39), "&#39;")}"')


def join(parts: Iterable[str], between: str = "") -> Markup:
    """Markup and texts one after the other."""
    return Markup(text(between).join([_child(part) for part in parts]))


def element(name: str, *children: str, **attributes: str | int | bool | None) -> Markup:
    """An element. Children are markup or texts; attributes that are None or false are left out, true ones have no value.

    ``class_`` stands for ``class``, and ``aria_label`` for ``aria-label``.
    """
    opening = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Markup(f"<{name}{opening}>")
    ending = "" if name in _END_BY_THEMSELVES else f"</{name}>"
    return Markup(f"<{name}{opening}>{''.join([_child(child) for child in children])}{ending}")


def _attribute(key: str, value: str | int | bool | None) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f" {name}={attribute(str(value))}"


def _child(child: str) -> str:
    return child if isinstance(child, Markup) else text(child)


def anchor(kind: str, name: str) -> str:
    """An id made of any text: what is no letter, digit, dot or hyphen of ASCII is written as its number."""
    return f"{kind}-" + re.sub(r"[^A-Za-z0-9.-]", lambda match: f"_{ord(match[0]):x}_", name)


def inline(value: str) -> Markup:
    """A sentence of documentation, with code between backticks."""
    parts = value.split("`")
    if len(parts) % 2 == 0:
        return text(value)
    return join(element("code", part) if index % 2 else text(part) for index, part in enumerate(parts))


def paragraphs(value: str) -> Markup:
    """Documentation as paragraphs and numbered lists."""
    return join(_block(block) for block in value.split("\n\n") if block.strip())


def _block(block: str) -> Markup:
    items: list[str] = []
    for line in block.splitlines():
        if _ITEM.match(line.strip()) or not items:
            items.append(line.strip())
        else:
            items[-1] += f" {line.strip()}"
    if all(_ITEM.match(item) for item in items):
        return element("ol", *(element("li", inline(_ITEM.sub("", item))) for item in items))
    return element("p", inline(" ".join(items)))


def code_block(value: str) -> Markup:
    """Lines of code. No line break stands right behind the tag of the block, where it would be dropped."""
    return element("pre", element("code", Markup("\n".join(text(line) for line in value.splitlines()))))
