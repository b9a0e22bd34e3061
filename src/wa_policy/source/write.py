"""Values as text that fits what stands beside it: quoted as the old text was, and read back as the same value."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from wa_policy.source.reading import read
from wa_policy.source.yaml_emit import scalar

if TYPE_CHECKING:
    from wa_policy.source.document import Style

_COLLECTIONS = (dict, list, tuple)


def write(value: Any, style: Style | None, *, as_json: bool) -> str:
    """Write a value on one line, in the style of a scalar that it replaces or joins; collections as flow does it.

    Text that anybody could misread without quotes gets them, whatever the style.
    """
    if as_json:
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        pairs = (
            f"{write(key, 'plain', as_json=False)}: {write(item, style, as_json=False)}" for key, item in value.items()
        )
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, _COLLECTIONS):
        return f"[{', '.join(write(item, style, as_json=False) for item in value)}]"
    if not isinstance(value, str):
        return json.dumps(value)
    if style == "single" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    if style in (None, "plain") and _may_be_plain(value):
        return value
    quoted = scalar(value)
    return quoted if quoted.startswith('"') else f'"{quoted}"'


def _may_be_plain(text: str) -> bool:
    """Whether a text without quotes is that text to every reader: as an item, as a value, and as a key, in flow or not."""
    if not text.isprintable():
        return False
    reading = read(f"- {text}\n- [{text}]\n- {{k: {text}, z: 1}}\n- {text}: 1\n- {{{text}: 1}}\n".encode(), "any.yaml")
    wanted = [text, [text], {"k": text, "z": 1}, {text: 1}, {text: 1}]
    return bool(reading.documents) and reading.documents[0].data == wanted and not reading.documents[0].ambiguous()


def write_block(value: str, old: str, indent: str, line_break: str) -> str | None:
    """Write text of several lines as the block scalar ``old`` was written, header and comment kept; None where it cannot be.

    ``old`` begins with the sign | or >.
    """
    head, _, rest = old.replace("\r\n", "\n").replace("\r", "\n").partition("\n")
    found = re.match(r"([|>])[-+]?(.*)", head)
    body = value.removesuffix("\n")
    if found is None or not body or not all(line.isprintable() and line == line.strip() for line in body.split("\n")):
        return None
    if (
        re.search("[0-9]", head[:3]) or body.strip("\n") != body
    ):  # a header that says how deep it is indented is left alone
        return None
    first = next((line for line in rest.split("\n") if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip(" "))] or indent
    lines = body.split("\n") if found[1] == "|" else re.sub("\n+", r"\g<0>\n", body).split("\n")
    chomping = "" if value.endswith("\n") else "-"
    written = [f"{found[1]}{chomping}{found[2]}", *(f"{indent}{line}" if line else "" for line in lines)]
    return line_break.join(written)
