"""Numbers that only evidence has: what Meta cannot answer is not asked of them, unless messages are sent from them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plugins.fragments import NUMBER, check_with, workspace_with
from tests.plugins.said import place
from wa_policy.plugins import number_ownership, number_registration

OTHER = "+91 22 6123 4500"
CAMPAIGN = {"name": "c", "template": {"name": "order_shipped", "language": "en"}, "audience": {"countries": ["IN"]}}
RULES: list[tuple[Any, str]] = [
    (number_ownership.unowned_number, "ownership.owner"),
    (number_registration.unreachable_number, "can_receive"),
    (number_registration.unattended_ivr, "can_receive.behind_ivr"),
    (number_registration.messenger_number, "messenger_account"),
]


def answered(number: str, **fields: Any) -> dict[str, Any]:
    return {"id": "106540352242999", "display_phone_number": number, "verified_name": "Acme Retail", **fields}


def spoken(function: Any, fragment: dict[str, Any]) -> list[tuple[str, str]]:
    """The file and the place of what is said of the ready number and of another one, which only evidence has."""
    answers = [answered(NUMBER["number"], status="CONNECTED", code_verification_status="VERIFIED"), answered(OTHER)]
    problems = check_with(function, fragment, phone_numbers=answers)
    return [(path, place(problem)) for path, problem in problems]


@pytest.mark.parametrize(("function", "_"), RULES)
def test_nothing_is_asked_of_a_number_from_which_nothing_is_sent(function: Any, _: str) -> None:
    assert spoken(function, {}) == []


@pytest.mark.parametrize(
    "use", [{"bsp": {"sender_number": "+912261234500"}}, {"campaigns": [{**CAMPAIGN, "sender": "912261234500"}]}]
)
@pytest.mark.parametrize(("function", "key"), RULES)
def test_the_sender_and_campaigns_put_it_at_stake(function: Any, key: str, use: dict[str, Any]) -> None:
    assert spoken(function, use) == [("evidence/phone_numbers.json", f"data[1].{key}")]


def test_what_is_at_stake() -> None:
    answers = [answered(NUMBER["number"]), answered(OTHER), answered("+91 22 6123 4501")]
    workspace = workspace_with({"bsp": {"sender_number": OTHER}}, phone_numbers=answers)
    assert [(number.listed, number.at_stake) for number in workspace.phone_numbers] == [
        (True, True),
        (False, True),
        (False, False),
    ]


def test_a_campaign_without_a_sender_is_sent_from_the_only_number_that_is_listed() -> None:
    from wa_policy.plugins._campaigns import sender_of

    workspace = workspace_with({"campaigns": [CAMPAIGN]}, phone_numbers=[answered(NUMBER["number"]), answered(OTHER)])
    assert sender_of(workspace.campaigns[0]) is workspace.phone_numbers[0]
