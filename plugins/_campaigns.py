"""What a campaign is made of: the templates that it uses, and the number that it is sent from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wa_policy.api import digits_of
from wa_policy.plugins._languages import fold_language

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wa_policy.api import Campaign, PhoneNumber, Template, Workspace


def templates_of(campaign: Campaign) -> Sequence[Template]:
    """The templates that a campaign names, with the language: one, or none, or several where one is listed twice.

    How the language is spelt does not count: Meta's own webhooks write ``en-US`` for ``en_US``.
    """
    used = campaign.data.get("template", {})
    memo = campaign.workspace.memo
    if "templates" not in memo:
        memo["templates"] = _templates_by_key(campaign.workspace)
    table: Mapping[tuple[str | None, str | None], Sequence[Template]] = memo["templates"]
    found = table.get((used.get("name"), used.get("language")))
    return table.get(_key(used), ()) if found is None else found


def _key(named: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Name and language, the latter folded, as a template or a campaign gives them; None for what it does not give."""
    language = named.get("language")
    return named.get("name"), None if language is None else fold_language(language)


def _templates_by_key(workspace: Workspace) -> Mapping[tuple[str | None, str | None], Sequence[Template]]:
    """A workspace's templates by name and language, the latter both as it is written and folded."""
    table: dict[tuple[str | None, str | None], list[Template]] = {}
    for template in workspace.templates:
        name, language = template.data["name"], template.data["language"]
        same = table.setdefault((name, fold_language(language)), [])
        same.append(template)
        table[name, language] = same
    return table


def user_of(template: Template) -> Campaign | None:
    """The first campaign that names a template with its language; None where none does."""
    memo = template.workspace.memo
    if "users" not in memo:
        campaigns = reversed(template.workspace.campaigns)
        memo["users"] = {_key(campaign.data.get("template", {})): campaign for campaign in campaigns}
    found: Campaign | None = memo["users"].get((template.data["name"], fold_language(template.data["language"])))
    return found


def templates_by_name(workspace: Workspace) -> Mapping[str, Sequence[Template]]:
    """A workspace's templates by name, in all languages."""
    memo = workspace.memo
    if "by name" not in memo:
        table: dict[str, list[Template]] = {}
        for template in workspace.templates:
            table.setdefault(template.data["name"], []).append(template)
        memo["by name"] = table
    found: Mapping[str, Sequence[Template]] = memo["by name"]
    return found


def sender_of(campaign: Campaign) -> PhoneNumber | None:
    """The number that a campaign is sent from: its own, else the workspace's sender, else the only one that is listed."""
    workspace = campaign.workspace
    named = campaign.data.get("sender", workspace.bsp.data.get("sender_number"))
    if named is None:
        return workspace.phone_numbers[0] if len(workspace.data["phone_numbers"]) == 1 else None
    digits = digits_of(named)
    memo = workspace.memo
    if "numbers" not in memo:
        numbers = reversed(workspace.phone_numbers)  # of several, the first is meant
        memo["numbers"] = {digits_of(number.data["number"]): number for number in numbers}
    found: PhoneNumber | None = memo["numbers"].get(digits)
    return found
