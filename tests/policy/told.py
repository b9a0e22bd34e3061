"""What a person is told of a policy that cannot be used."""

from collections.abc import Callable

import pytest

from wa_policy.cli.complaints import complaint
from wa_policy.policy.model import PolicyError


def told_by(use: Callable[[], object]) -> list[str]:
    """What is told as somebody uses a policy, line by line, but for the headline."""
    with pytest.raises(PolicyError) as caught:
        use()
    first, *lines = complaint(caught.value).split("\n")
    assert first == "the policy cannot be used, so nothing was checked"
    return [line.removeprefix("  ") for line in lines]
