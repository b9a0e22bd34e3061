"""Gupshup's list of templates, read as evidence: which templates there are, and what status each has.

Not a rule: a reader. Its texts, headers and buttons are not taken, since they stand in one text together, and Gupshup does not
say how to tell them apart; what they are is Meta's answer to give.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wa_policy.api import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wa_policy.api import Route

PROVIDER = "gupshup"

FIELDS = {
    "elementName": "name",
    "languageCode": "language",
    "category": "category",
    "oldCategory": "previous_category",
    "status": "status",
    "externalId": "id",
    "wabaId": "waba_id",
}
"""Gupshup's keys for what Meta calls otherwise (https://docs.gupshup.io/reference/get_partner-app-appid-templates)."""


@hookimpl
def wa_policy_read_templates(provider: str, answer: Any) -> Iterable[tuple[Route, Mapping[str, Any]]] | None:
    """Read the list of the app's templates: under ``templates``, or the list itself."""
    if provider != PROVIDER:
        return None
    route: Route = ("templates",) if isinstance(answer, dict) else ()
    items = answer.get("templates") if isinstance(answer, dict) else answer
    if not isinstance(items, list):
        return None
    return [((*route, index), _template(item)) for index, item in enumerate(items)]


def _template(item: Any) -> Mapping[str, Any]:
    if not isinstance(item, dict):
        return {}
    return {ours: item[theirs] for theirs, ours in FIELDS.items() if item.get(theirs) not in (None, "")}
