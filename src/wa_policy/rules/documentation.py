"""A rule's docstring, taken apart: one headline, then titled sections."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from wa_policy.findings import CERTAINTIES
from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    from wa_policy.rules.registry import Rule

SECTIONS = ("Why it matters", "How to put it right", "Bad", "Good", "Source", "Since")
_TITLE = rf"^({'|'.join(SECTIONS)}):\n"
NOTHING = ": null"
"""What an example has in the place of a key that it leaves out: it is put over a manifest that has the key."""
_FENCE = r"```yaml\n(.*?)```"


class Documentation(NamedTuple):
    """What a rule says of itself."""

    headline: str
    details: str
    """What stands between the headline and the first section."""
    sections: dict[str, str]

    @property
    def why(self) -> str:
        """Why it matters, as one paragraph."""
        return " ".join(self.sections.get("Why it matters", "").split())

    def example(self, section: str) -> str:
        """The YAML of the section ``Bad`` or ``Good``; an empty string where there is none."""
        match = re.search(_FENCE, self.sections.get(section, ""), re.DOTALL)
        return match[1] if match else ""


def document(rule: Rule) -> Documentation:
    """Take a rule's docstring apart; under ``python -OO`` there is none, and all is empty."""
    return _take_apart(rule.doc)


@lru_cache(maxsize=512)  # every finding of a rule asks for it
def _take_apart(doc: str) -> Documentation:
    import textwrap  # most manifests are ready, and no rule is quoted

    head, _, rest = doc.partition("\n")
    text = textwrap.dedent(rest).strip("\n")
    pieces = re.split(_TITLE, text, flags=re.MULTILINE)
    sections = {title: textwrap.dedent(body).strip() for title, body in zip(pieces[1::2], pieces[2::2], strict=True)}
    return Documentation(head.strip(), pieces[0].strip(), sections)


def overstated(rule: Rule) -> str:
    """How sure the surest of a rule's sources is, where the rule declares to be surer; empty where nothing contradicts it."""
    said = set(re.findall(r"\b(?:sure|probable|unsure)\b", document(rule).sections.get("Source", "")))
    surest = next((word for word in CERTAINTIES if word in said), rule.certainty)
    return surest if CERTAINTIES.index(surest) > CERTAINTIES.index(rule.certainty) else ""


def first_remedy(text: str) -> str:
    """How to put it right, as one paragraph without its numbering."""
    lines = [re.sub(r"^[0-9]+\.\s+", "", line.strip()) for line in text.splitlines()]
    return " ".join(line for line in lines if line)
