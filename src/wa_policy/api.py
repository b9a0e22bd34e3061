"""The one door for rule authors: everything that a plugin needs, and nothing else.

A plugin is a module with functions declared by :func:`rule` and one hook::

    from wa_policy.api import Problems, Step, Waba, fail, hookimpl, rule, rules_in


    @rule("ACME001", "unnamed-account", step=Step.WABA)
    def unnamed_account(waba: Waba) -> Problems:
        \"\"\"The account has no name.\"\"\"
        if "name" not in waba.data:
            yield fail("the WABA has no name", at=waba)


    @hookimpl
    def wa_policy_rules():
        return rules_in(__name__)
"""

from collections.abc import Iterator

from wa_policy import addresses
from wa_policy.evidence.match import digits_of
from wa_policy.findings import Change, Fix, Place, Problem
from wa_policy.manifest.subjects import (
    Bsp,
    Campaign,
    MoEngage,
    OptIn,
    PhoneNumber,
    Project,
    SourceFile,
    Subject,
    Summary,
    Suppression,
    Template,
    Waba,
    Workspace,
)
from wa_policy.rules.hookspecs import hookimpl
from wa_policy.rules.registry import Context, Rule, Step, claimed, fact, fail, rule, rules_in, unproven
from wa_policy.rules.settings import Between, Count, Share
from wa_policy.source.spans import DocumentId, Route, show_route
from wa_policy.suggest import did_you_mean, nearest

Problems = Iterator[Problem]
"""What a rule is: a generator of problems."""

__all__ = [
    "Between",
    "Bsp",
    "Campaign",
    "Change",
    "Context",
    "Count",
    "DocumentId",
    "Fix",
    "MoEngage",
    "OptIn",
    "PhoneNumber",
    "Place",
    "Problem",
    "Problems",
    "Project",
    "Route",
    "Rule",
    "Share",
    "SourceFile",
    "Step",
    "Subject",
    "Summary",
    "Suppression",
    "Template",
    "Waba",
    "Workspace",
    "addresses",
    "claimed",
    "did_you_mean",
    "digits_of",
    "fact",
    "fail",
    "hookimpl",
    "nearest",
    "rule",
    "rules_in",
    "show_route",
    "unproven",
]
