"""What tests of commands share: a manifest that is not ready, a policy, and a plugin."""

from wa_policy.testing import READY

PENDING = READY.replace("account_review_status: APPROVED", "account_review_status: PENDING")
POLICY = "apiVersion: wa-policy/v1\nkind: Policy\nmetadata: {name: acme}\n"
PLUGIN = '''
from wa_policy.api import Problems, Step, Waba, fail, hookimpl, rule, rules_in

@rule("ACME001", "unloved-name", step=Step.WABA)
def check(waba: Waba, *, loved: str = "Acme") -> Problems:
    """The account has a name that nobody loves."""
    if waba.data.get("name") != loved:
        yield fail("nobody loves this name", at=waba.at("name"))

@hookimpl
def wa_policy_rules():
    return rules_in(__name__)
'''
