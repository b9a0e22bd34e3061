"""For those who test rules: a manifest that is ready, ways to change it, and ways to check it without touching the outside.

A plugin's test usually reads::

    from wa_policy.testing import check_rule


    def test_unnamed_account():
        (problem,) = check_rule(unnamed_account, "waba: {name: null}")
        assert problem.message == "the WABA has no name"
"""

from __future__ import annotations

import os
import shutil
import tempfile
from datetime import date
from itertools import count
from typing import TYPE_CHECKING, Any

import yaml

from wa_policy.engine.check import refuse_malformed
from wa_policy.engine.open_file import file_as_text
from wa_policy.engine.pipeline import lint
from wa_policy.engine.session import Options, open_session
from wa_policy.evidence.references import collect
from wa_policy.manifest.subjects import Project, Workspace, summarize
from wa_policy.policy.facts import Bundled, look_up
from wa_policy.policy.model import Fact
from wa_policy.policy.setting_values import mistake_in
from wa_policy.rules.documentation import overstated
from wa_policy.rules.registry import Context, words_of
from wa_policy.schema.validate import violations
from wa_policy.source.changes import DataChange, intended
from wa_policy.source.reading import read
from wa_policy.source.spans import DocumentId

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wa_policy.findings import Fix, Problem
    from wa_policy.report.model import Report
    from wa_policy.rules.registry import Rule, RuleFunction

AS_OF = date(2026, 11, 22)
"""The day that tests judge on."""

_HERE = os.path.dirname(os.path.abspath(__file__))

with open(os.path.join(_HERE, "ready.yaml"), encoding="utf-8") as _file:
    READY = _file.read()
"""A manifest that meets ``go-live`` without a remark."""


def parse(text: str) -> list[Any]:
    """The documents of a text, as wa-policy reads YAML. Raises ValueError for text that it refuses."""
    reading = read(text.encode(), "text.yaml")
    if reading.troubles:
        raise ValueError(f"line {reading.troubles[0].span.line}: {reading.troubles[0].message}")
    return [document.data for document in reading.documents]


def merge(base: Any, fragment: Any) -> Any:
    """Put a fragment over a manifest: mappings key by key, anything else as a whole; null removes a key."""
    if not isinstance(base, dict) or not isinstance(fragment, dict):
        return fragment
    merged = dict(base)
    for key, value in fragment.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(base.get(key), value)
    return merged


def manifest(fragment: str = "") -> dict[str, Any]:
    """The ready manifest with a fragment of YAML put over it."""
    (base,) = parse(READY)
    merged: dict[str, Any] = merge(base, parse(fragment)[0] if fragment.strip() else {})
    return merged


def check_rule(
    function: RuleFunction,
    *fragments: str,
    as_of: date = AS_OF,
    settings: Mapping[str, Any] | None = None,
    errors: Sequence[tuple[str, Problem]] = (),
) -> list[Problem]:
    """Run one rule over the ready manifest with a fragment put over it; over several for a rule on ``Project``.

    To a rule on ``SourceFile`` a fragment is the text of a whole file, and without one it is given that of the ready manifest.
    ``settings`` replace defaults and facts; ``errors`` are what ``ctx.errors_at`` knows of other rules.

    Raises ValueError when a manifest violates the schema, since no rule would run on it; when the rule declares to be surer than
    its docstring's sources, or asks for a fact that there is not; for settings that no policy could give it; when it changes the
    manifest or its evidence, which all rules share, or its settings; when its ``alike`` fails, of which a run says nothing; when
    what it says could not be reported; when its fix cannot be made or would spoil the manifest; and for a rule on
    ``Suppression``, which only a run can make.
    """
    rule: Rule = function.__wa_rule__  # type: ignore[attr-defined]  # declared by the decorator
    if surest := overstated(rule):
        raise ValueError(
            f'{rule.code} is declared to be {rule.certainty}, and its sources are not: certainty="{surest}"'
        )
    context = Context(as_of, lambda: errors, rule.consults)
    arguments = (context,) if rule.wants_context else ()
    chosen = {**defaults(rule), **_checked(rule, settings or {})}
    problems: list[Problem] = []
    workspaces = [] if rule.subject == "SourceFile" else list(map(_workspace, fragments or ("",), count()))
    for subject in _subjects(rule.subject, fragments, workspaces):
        seen, given = _picture(subject), repr(chosen)
        _try_key(rule, subject)
        found = list(function(subject, *arguments, **chosen))
        if _picture(subject) != seen:
            raise ValueError(f"{rule.code} changes the manifest: other rules would see what nobody wrote")
        if repr(chosen) != given:
            raise ValueError(f"{rule.code} changes its settings: what it says would depend on what it was asked before")
        for problem in found:
            _try_to_report(rule, problem)
            if problem.fix is not None:
                _try_to_fix(rule, problem.fix, workspaces)
        problems += found
    return problems


def _picture(subject: Any) -> str:
    return str(subject.workspace.picture()) if hasattr(subject, "workspace") else repr(subject)


def _checked(rule: Rule, settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """The settings. Raises ValueError for what a policy could not set."""
    for name, value in settings.items():
        if mistake := mistake_in(rule, name, value):
            raise ValueError(mistake.reason)
    return settings


def _try_to_report(rule: Rule, problem: Problem) -> None:
    """Raise ValueError for what a run would take for the rule's failure."""
    try:
        refuse_malformed(problem)
    except TypeError as error:
        raise ValueError(f"{rule.code} would not be reported: {error}") from None


def _try_to_fix(rule: Rule, fix: Fix, workspaces: Sequence[Workspace]) -> None:
    """Raise ValueError for a fix that a run would leave out."""
    for workspace in workspaces:
        changes = [
            DataChange(verb, place.route, value)
            for verb, place, value in fix.changes
            if place.document == workspace.document and place.span is None
        ]
        try:
            changed = intended(workspace.data, changes)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{rule.code}'s fix cannot be made: {error}") from None
        for violation in violations(changed, "workspace"):
            raise ValueError(f"{rule.code}'s fix would spoil the manifest: {violation.message}")


def _try_key(rule: Rule, subject: Any) -> None:
    """Raise ValueError where a run would get no key of a subject, and would ask the rule of each without a word."""
    try:
        hash(rule.alike and rule.alike(subject))
    except (Exception, SystemExit) as error:
        raise ValueError(f"{rule.code}'s alike gives no key that can be compared: {words_of(error)}") from error


def defaults(rule: Rule) -> dict[str, Any]:
    """A rule's settings as declared, with the bundled facts filled in."""
    return {name: _fill(value) for name, value in rule.settings.items()}


def _fill(value: Any) -> Any:
    if not isinstance(value, Fact):
        return value
    try:
        return look_up(value.path, Bundled())
    except LookupError as error:
        raise ValueError(f'there is no fact "{value.path}": {error}') from None


def _workspace(fragment: str, index: int) -> Workspace:
    data: Any = manifest(fragment)
    for violation in violations(data, "workspace"):
        raise ValueError(f"the manifest violates the schema at {violation.route}: {violation.message}")
    references = collect(data, os.path.join(_HERE, "ready.yaml"), _HERE, _no_reader)
    return Workspace(DocumentId("manifest.yaml", index), data, references)


def _no_reader(*, provider: str, answer: object) -> None:
    """Lists of providers are read by plugins, and none is loaded here."""


_SINGLE = {"MoEngage": "moengage", "Bsp": "bsp", "Waba": "waba", "OptIn": "opt_in"}
_SEVERAL = {"PhoneNumber": "phone_numbers", "Template": "templates", "Campaign": "campaigns"}


def _subjects(kind: str, fragments: Sequence[str], workspaces: Sequence[Workspace]) -> list[Any]:
    if kind == "SourceFile":
        return [file_as_text(read(text.encode(), "manifest.yaml")) for text in fragments or (READY,)]
    if kind not in ("Project", "Workspace", *_SINGLE, *_SEVERAL):
        raise ValueError(f"check_rule knows no subject {kind}; use check_text")
    if kind == "Project":
        return [Project([summarize(workspace) for workspace in workspaces])]
    if kind in _SEVERAL:
        return [item for workspace in workspaces for item in getattr(workspace, _SEVERAL[kind])]
    return [getattr(workspace, _SINGLE[kind]) if kind in _SINGLE else workspace for workspace in workspaces]


def check_text(
    text: str,
    *,
    policy: str = "go-live",
    as_of: date = AS_OF,
    name: str = "manifest.yaml",
    plugins: Sequence[str] = (),
) -> Report:
    """Lint a text as a file of its own, beside the evidence that the ready manifest refers to.

    Bundled rules run, and those of ``plugins``, which are named as after ``--plugin``.
    """
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(os.path.join(_HERE, "evidence"), os.path.join(folder, "evidence"))
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        return lint([path], open_session(Options(as_of, policy, plugins=plugins, third_party=False)))


def check_fragment(
    *fragments: str, policy: str = "go-live", as_of: date = AS_OF, plugins: Sequence[str] = ()
) -> Report:
    """Lint the ready manifest with a fragment put over it, or as it is; several fragments become documents of one file."""
    documents = [manifest(fragment) for fragment in fragments or ("",)]
    text = yaml.safe_dump_all(documents, sort_keys=False, allow_unicode=True)
    return check_text(text, policy=policy, as_of=as_of, plugins=plugins)
