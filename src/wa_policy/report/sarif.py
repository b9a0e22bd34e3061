"""The report as SARIF 2.1.0, for code scanning and for editors.

Texts that a viewer shows have their acting characters made visible. What programs go by (addresses of files, fingerprints,
texts of fixes) stands there as it is. GitHub's limits are kept: the worst results come first, and what was cut is said in a
notification.
"""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from wa_policy.report.model import worst_first
from wa_policy.report.places import from_top, top
from wa_policy.report.safe import visible
from wa_policy.report.sentences import because
from wa_policy.wording import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wa_policy.report.model import Finding, Location, NotChecked, Patch, Report, RuleInfo, Stale, Suppression
    from wa_policy.source.spans import Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
"""The name that viewers know for the top of the checkout."""

MOST_RESULTS = 25_000
MOST_SHOWN = 5_000
MOST_LOCATIONS = 1_000
"""GitHub takes so many results of a run and shows so many of them, and so many locations of a result."""

LEVELS = {"error": "error", "warning": "warning", "info": "note", "off": "none"}
PRECISIONS = {"sure": "very-high", "probable": "medium", "unsure": "low"}
"""How GitHub calls the certainty of a rule, by which it sorts."""

PROBLEMS = {"error": "error", "warning": "warning", "info": "recommendation"}
"""How GitHub calls the severity of a rule that is not about security."""

NOTIFICATIONS = {
    "not-checked": ("NotChecked", "Something could not be checked, so nobody can say that all is well."),
    "left-out": ("LeftOut", "A limit leaves something out of this report; other formats have it."),
    "stale-entry": ("StaleEntry", "The baseline accepts what nobody finds any more."),
}
"""What a run may have to say beside results: name and meaning by id."""

_LINKS = re.compile(r"\]\(|\\[\\\[\]]")
"""What a reader of a SARIF message could take for a link, or for an escaped sign."""


def render(report: Report, *, color: bool = False) -> str:
    """The report as one JSON object, in ASCII, on one line: with tens of thousands of results, indenting takes the longest."""
    del color
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report)]}) + "\n"


def _run(report: Report) -> dict[str, Any]:
    folder = top()
    findings = [*worst_first(report.findings), *report.suppressed]
    rules = _rules(report, findings)
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    notifications = [_not_checked(item, folder, index) for item in report.not_checked]
    notifications += [_notification("left-out", "warning", text) for text in _left_out(findings)]
    notifications += [_stale(entry, folder) for entry in report.stale]
    return {
        "tool": {
            "driver": {
                "name": "wa-policy",
                "semanticVersion": visible(report.version),
                "rules": rules,
                "notifications": [_descriptor(*entry) for entry in NOTIFICATIONS.items()],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The top of the checkout that was checked."}}},
        "invocations": [
            {
                "executionSuccessful": not report.not_checked,
                "exitCode": report.exit_code,
                "toolExecutionNotifications": notifications,
            }
        ],
        "artifacts": [
            {"location": _artifact(path, folder), "roles": ["analysisTarget"]}
            for path in dict.fromkeys(manifest.path for manifest in report.manifests)
        ],
        "results": [_result(finding, folder, index) for finding in findings[:MOST_RESULTS]],
        "properties": {
            "asOf": report.as_of,
            "policy": visible(report.policy),
            "failOn": report.fail_on,
            "suppressed": len(report.suppressed),
        },
    }


# Rules


def _rules(report: Report, findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """The rules that ran, and those that speak, by code; of equal ones as they are shown, the first."""
    rules = {visible(info.code): _rule(info) for info in report.describe()}
    for finding in findings:
        rules.setdefault(visible(finding.code), _unknown_rule(finding))
    return list(rules.values())


def _rule(info: RuleInfo) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "id": visible(info.code),
        "name": _name(info.name),
        "shortDescription": {"text": visible(info.docs.headline) or visible(info.name)},
        "fullDescription": {"text": _paragraph(info.docs.why) or _paragraph(info.docs.headline) or visible(info.name)},
        "help": {"text": _help(info, bold="{}"), "markdown": _help(info, bold="**{}**")},
        "defaultConfiguration": {"level": LEVELS[info.severity]},
        "properties": {
            "tags": ["whatsapp", visible(info.step), f"certainty-{info.certainty}"],
            "step": visible(info.step),
            "certainty": info.certainty,
            "precision": PRECISIONS[info.certainty],
        },
    }
    if info.severity in PROBLEMS:
        rule["properties"]["problem.severity"] = PROBLEMS[info.severity]
    if source := re.search(r"https://[A-Za-z0-9.-]+(?:/[A-Za-z0-9._~/?=&%+-]*)?", info.docs.sections.get("Source", "")):
        rule["helpUri"] = source[0]  # what the rule stands on: its own page has no address of its own
    return rule


def _unknown_rule(finding: Finding) -> dict[str, Any]:
    """A rule of which nothing is told but what its finding says."""
    name, why = {"text": visible(finding.name)}, {"text": visible(finding.why) or visible(finding.name)}
    return {
        "id": visible(finding.code),
        "name": _name(finding.name),
        "shortDescription": name,
        "fullDescription": why,
        "help": why,
    }


def _help(info: RuleInfo, bold: str) -> str:
    """The rule's documentation, which is Markdown as its author wrote it."""
    parts = [_paragraph(info.docs.headline)]
    parts += [f"{bold.format(title)}\n\n{_lines(text)}" for title, text in info.docs.sections.items() if text]
    parts.append(f"wa-policy explain {visible(info.code)}")
    return "\n\n".join(part for part in parts if part)


def _paragraph(text: str) -> str:
    return visible(" ".join(text.split()))


def _lines(text: str) -> str:
    return "\n".join(map(visible, text.split("\n")))


def _name(name: str) -> str:
    """A rule's name as SARIF wants it, in Pascal case, where it is made of words and hyphens."""
    if re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", name):
        return "".join(word[:1].upper() + word[1:] for word in name.split("-"))
    return visible(name)


# Results


def _result(finding: Finding, folder: str, index: Mapping[str, int]) -> dict[str, Any]:
    main, *others = finding.locations
    result: dict[str, Any] = {
        "ruleId": visible(finding.code),
        "ruleIndex": index[visible(finding.code)],
        "kind": "fail",  # for an outcome that is unproven SARIF has a kind, but no level beside it
        "level": LEVELS[finding.severity],
        "message": _message(finding.message),
        "locations": [_location(main, folder, finding.workspace)],
        "partialFingerprints": {"waPolicy/v1": finding.fingerprint},
        "properties": {
            "name": visible(finding.name),
            "outcome": finding.outcome,
            "step": finding.step,
            "workspace": visible(finding.workspace),
            "remedy": visible(finding.remedy),
        },
    }
    if others:
        related = others[: MOST_LOCATIONS - 1]
        result["relatedLocations"] = [
            {
                "id": number,
                **_location(place, folder, ""),
                "message": _message(place.label or place.route or "see also"),
            }
            for number, place in enumerate(related, 1)
        ]
    if finding.suppression:
        result["suppressions"] = [_suppression(finding, finding.suppression, folder)]
    if fixes := [_fix(patch, folder) for patch in finding.patches if patch.edits]:
        result["fixes"] = fixes
    return result


def _message(text: str) -> dict[str, str]:
    """A message; what looks like a link in it is escaped, as SARIF has it, so that it is none."""
    shown = visible(text)
    return {"text": re.sub(r"[\\\[\]]", r"\\\g<0>", shown) if _LINKS.search(shown) else shown}


def _location(place: Location, folder: str, workspace: str) -> dict[str, Any]:
    region: dict[str, Any] = _region(place.span)
    if snippet := _snippet(place):
        region["snippet"] = {"text": snippet}
    location: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": _artifact(place.path, folder), "region": region},
    }
    if place.route:
        full = "/".join(visible(word) for word in (workspace, place.route) if word)
        location["logicalLocations"] = [{"fullyQualifiedName": full, "kind": "member"}]
    return location


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _snippet(place: Location) -> str:
    """What stands at a place on one line, credentials masked; of a line that was cut, as much as there is."""
    if place.span.line != place.span.end_line:
        return ""
    start, end = place.marked
    return visible(place.frame.text[start:end])


def _suppression(finding: Finding, suppression: Suppression, folder: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "kind": "inSource" if suppression.kind == "inline" else "external",
        "status": "accepted",
        "justification": visible(because(finding)),
        "properties": {
            "by": suppression.kind,
            "reason": visible(suppression.reason),
            "owner": visible(suppression.owner),
            "until": visible(suppression.until),
        },
    }
    if suppression.path:
        place: dict[str, Any] = {"artifactLocation": _artifact(suppression.path, folder)}
        if suppression.line:
            place["region"] = {"startLine": suppression.line}
        told["location"] = {"physicalLocation": place}
    return told


def _fix(patch: Patch, folder: str) -> dict[str, Any]:
    """A patch; SARIF has no word for one that needs a decision, so it stands among the properties."""
    changes: dict[str, list[dict[str, Any]]] = {}
    for edit in patch.edits:
        replacement = {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}
        changes.setdefault(edit.path, []).append(replacement)
    return {
        "description": _message(patch.title),
        "artifactChanges": [
            {"artifactLocation": _artifact(path, folder), "replacements": replacements}
            for path, replacements in changes.items()
        ],
        "properties": {"safe": patch.safe},
    }


def _artifact(path: str, folder: str) -> dict[str, str]:
    """A file's address: from the top of the checkout, or absolute where it lies outside of it."""
    name = from_top(path, folder)
    if os.path.isabs(name):
        return {"uri": f"file://{'' if name.startswith('/') else '/'}{_percent(name)}"}
    return {"uri": _percent(name), "uriBaseId": ROOT}


def _percent(path: str) -> str:
    """A path as an address; the bytes of its name that are no UTF-8 are written as they are."""
    try:
        octets = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        octets = path.encode("utf-8", "surrogatepass")
    return quote(octets, safe="/")


# Notifications


def _descriptor(name: str, told: tuple[str, str]) -> dict[str, Any]:
    text = {"text": told[1]}
    return {"id": name, "name": told[0], "shortDescription": text, "fullDescription": text, "help": text}


def _notification(name: str, level: str, text: str) -> dict[str, Any]:
    index = list(NOTIFICATIONS).index(name)
    return {"descriptor": {"id": name, "index": index}, "level": level, "message": _message(text)}


def _not_checked(item: NotChecked, folder: str, index: Mapping[str, int]) -> dict[str, Any]:
    remedy = f" ({item.remedy})" if item.remedy else ""
    told = _notification("not-checked", "error", f"{item.what}: {item.reason}{remedy}")
    if item.path:
        told["locations"] = [{"physicalLocation": {"artifactLocation": _artifact(item.path, folder)}}]
    if visible(item.code) in index:
        told["associatedRule"] = {"id": visible(item.code), "index": index[visible(item.code)]}
    return told


def _stale(entry: Stale, folder: str) -> dict[str, Any]:
    where = ", ".join(word for word in (entry.workspace, entry.route) if word)
    told = _notification(
        "stale-entry", "note", f"the baseline accepts {entry.code} at {where}, which nobody finds any more"
    )
    place = {"artifactLocation": _artifact(entry.path, folder), "region": {"startLine": entry.line}}
    return {**told, "locations": [{"physicalLocation": place}]}


def _left_out(findings: list[Finding]) -> Iterator[str]:
    if (more := len(findings) - MOST_RESULTS) > 0:
        yield f"{count(more, 'result')} of {len(findings)} left out, the mildest: GitHub takes {MOST_RESULTS} of a run"
    if len(findings) > MOST_SHOWN:
        yield f"{len(findings)} results: GitHub shows the first {MOST_SHOWN}, which are the worst"
    if many := sum(len(finding.locations) > MOST_LOCATIONS for finding in findings[:MOST_RESULTS]):
        yield f"{count(many, 'result')} with more than {MOST_LOCATIONS} locations: those behind are left out"
