"""What tests of the engine share: sessions over rules that a test declares itself."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from wa_policy.engine.session import Options, Session
from wa_policy.policy.layers import Layer, RuleDefaults
from wa_policy.policy.model import Policy
from wa_policy.rules.loading import load
from wa_policy.rules.selection import select
from wa_policy.testing import AS_OF


@pytest.fixture
def session() -> Callable[..., Session]:
    """Makes a session over declared functions: ``rules`` and ``layer`` are what its policy says, the rest are options."""

    def session(
        *functions: Any,
        layer: Layer | None = None,
        chosen: Sequence[str] = (),
        ignored: Sequence[str] = (),
        **options: Any,
    ) -> Session:
        rules = {rule.code: rule for rule in (function.__wa_rule__ for function in functions)}
        defaults = {
            rule.code: RuleDefaults(certainty=rule.certainty, settings=dict(rule.settings)) for rule in rules.values()
        }
        says: Layer = {"unproven": "as-rule", "claims": "as-rule", **(layer or {})}
        policy = Policy("acme", "acme.yaml", ["acme"], "error", [says], [], defaults, {})
        return Session(
            load(third_party=False)._replace(rules=rules, plugins=()),
            policy,
            select(rules, chosen, ignored),
            Options(AS_OF, **options),
        )

    return session
