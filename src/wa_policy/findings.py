"""What a rule says: problems and their places. Known to all rooms above, and knows only spans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    from wa_policy.source.spans import DocumentId, Route, Span

Outcome = Literal["fail", "unproven", "claimed"]
"""``fail``: shown to be wrong. ``unproven``: nothing shows it. ``claimed``: the manifest says it, and nothing proves it.

What passed is silent. The policy decides what an unproven or a merely claimed thing weighs.
"""

OUTCOMES: tuple[Outcome, ...] = ("fail", "unproven", "claimed")
"""What is shown to be wrong comes before what is not shown to be right."""

Severity = Literal["error", "warning", "info", "off"]
SEVERITIES: tuple[Severity, ...] = ("off", "info", "warning", "error")

Certainty = Literal["sure", "probable", "unsure"]
"""How sure the source of a rule or a fact is: its owner's own word, several third parties, or one of them."""

CERTAINTIES: tuple[Certainty, ...] = ("sure", "probable", "unsure")


class Place(NamedTuple):
    """Where a problem is: a document, a route into it, and what this place has to do with it.

    ``on_key`` points at the key instead of the value. A route that leads nowhere stands for something missing; it is shown at
    the nearest thing above it that exists. ``span`` is given where no route can say it, in a text that is no document.
    """

    document: DocumentId
    route: Route
    label: str = ""
    on_key: bool = False
    span: Span | None = None


Verb = Literal["set", "remove", "add", "rename"]
VERBS: tuple[Verb, ...] = ("set", "remove", "add", "rename")


class Change(NamedTuple):
    """One change of what a manifest says at a place; how it is written is left to whoever writes it.

    ``set``: the value becomes this one; a key that is missing is added. ``remove``: the key or list item goes. ``add``: the list
    gets these items at its end. ``rename``: the key gets this name.
    """

    verb: Verb
    place: Place
    value: Any = None


class Fix(NamedTuple):
    """What would put a problem right in the manifest: changes that belong together.

    ``safe`` where nobody needs to decide anything: what the manifest means stays, or nothing else can be meant.
    """

    title: str
    changes: tuple[Change, ...]
    safe: bool = True


class Problem(NamedTuple):
    """What a rule found: the first place is the main one, the others explain it.

    ``at_most`` caps the severity that a policy gives the rule, for a case that is milder or rests on an unsure source.
    ``fix`` is there where the manifest itself can be put right. ``about`` is what was judged, as plain data, where that is not
    the value at the main place: whoever accepts the finding accepts it for this, and once it is another, it counts again.
    """

    outcome: Outcome
    message: str
    places: tuple[Place, ...]
    remedy: str = ""
    at_most: Severity = "error"
    fix: Fix | None = None
    about: Any = None
