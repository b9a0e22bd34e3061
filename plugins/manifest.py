"""The manifest itself: readable, meaning what it says, free of secrets, and not contradicted by another."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from wa_policy.api import (
    Change,
    Context,
    Count,
    DocumentId,
    Fix,
    Place,
    Problems,
    Project,
    Rule,
    SourceFile,
    Step,
    Summary,
    Workspace,
    digits_of,
    fact,
    fail,
    hookimpl,
    rule,
    rules_in,
    show_route,
    unproven,
)
from wa_policy.plugins._meta_values import Aliases, same

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from wa_policy.api import Route

# MAN001 to MAN004 look at files as text: they run on what could not be read as a manifest, too.


@rule("MAN001", "unreadable-yaml", step=Step.MANIFEST)
def unreadable_yaml(file: SourceFile) -> Problems:
    """The file cannot be read: broken YAML or JSON, a key given twice, a tag, or more than the limits allow.

    Why it matters:
        Nothing in the file has been checked, so that nobody knows whether the workspace is ready. Programs do not agree
        on such a file: some refuse it, and others take it for something else than the person who reads it sees.

    How to put it right:
        1. Go to the line and column of the finding, and mend what stands there.
        2. Give every key once; leave out tags (`!something`); save the file as UTF-8.

    Bad:
        ```yaml
        waba:
          account_review_status: PENDING
          account_review_status: APPROVED
        ```

    Good:
        ```yaml
        waba:
          account_review_status: APPROVED
        ```

    Source:
        https://yaml.org/spec/1.2.2/ (as of 2021-10, sure)

    Since:
        0.1
    """
    whole = DocumentId(file.path, -1)
    for trouble in file.troubles:
        others = [Place(whole, (), label, span=span) for label, span in trouble.also]
        yield fail(trouble.message, at=Place(whole, (), span=trouble.span), also=others, remedy=trouble.remedy)


@rule("MAN002", "schema-violation", step=Step.MANIFEST)
def schema_violation(file: SourceFile) -> Problems:
    """The manifest has a key or a value that its schema does not know, or lacks one that it must have.

    Why it matters:
        A mistyped key is a key left out: what it was to show is not shown. No other rule looks at the manifest before
        it is mended.

    How to put it right:
        1. Look at the suggestion of the finding: most often a name is mistyped, or stands one level too high or too
           low.
        2. Let your editor use the schema (workspace.schema.json): it completes names and shows what each one means.

    Bad:
        ```yaml
        moengage:
          datacenter: DC-03
        ```

    Good:
        ```yaml
        moengage:
          data_center: DC-03
        ```

    Source:
        https://json-schema.org/draft/2020-12 (as of 2022-06, sure)

    Since:
        0.1
    """
    for document in file.documents:
        # A value that another rule of this step explains better is left to it.
        explained = {secret.route for secret in document.secrets} | {scalar.route for scalar in document.misread}
        for violation in document.violations:
            if violation.route not in explained:
                place = Place(document.id, violation.route, on_key=violation.on_key)
                fix = violation.correction and _correction(document.id, *violation.correction)
                yield fail(violation.message, at=place, remedy=violation.remedy, fix=fix)


def _correction(
    document: DocumentId, verb: Literal["set", "remove", "rename"], route: Route, value: object, safe: bool
) -> Fix:
    """What would satisfy the schema, where one thing can be meant, or one is the nearest."""
    shown = str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)
    shown = "it as a list" if isinstance(value, tuple) else shown
    title = {"set": f"write {shown}", "remove": "remove the key", "rename": f"rename the key to {shown}"}[verb]
    data = list(value) if isinstance(value, tuple) else value
    return Fix(title, (Change(verb, Place(document, route), data),), safe)


@rule("MAN003", "ambiguous-scalar", step=Step.MANIFEST)
def ambiguous_scalar(file: SourceFile) -> Problems:
    """A value without quotes means different things to different readers of YAML.

    Why it matters:
        Unquoted, a phone number or an id is a whole number, which loses its plus sign and leading zeros; NO, the code
        of Norway, is "false" to older readers, and 12:30:00 a number of seconds. What the next tool reads is then not
        what was written.

    How to put it right:
        1. Put the value in quotes, exactly as it should be read: "+918047181888", "NO".
        2. Where true or false belongs, write that, without quotes: `is_pin_enabled: true`, not `yes`.

    Bad:
        ```yaml
        phone_numbers:
          - number: +918047181888
        ```

    Good:
        ```yaml
        phone_numbers:
          - number: "+918047181888"
        ```

    Source:
        https://yaml.org/type/bool.html (as of 2005-01, sure)
        https://yaml.org/spec/1.2.2/ (as of 2021-10, sure)

    Since:
        0.1
    """
    for document in file.documents:
        secret = {secret.route for secret in document.secrets}  # must not be shown, not even to be quoted
        for scalar in (scalar for scalar in document.misread if scalar.route not in secret):
            truth = f"write {str(scalar.meant).lower()}" if isinstance(scalar.meant, bool) else ""
            change = Change("rename" if scalar.on_key else "set", Place(document.id, scalar.route), scalar.meant)
            yield fail(
                f"without quotes, {scalar.text} is {scalar.read_as}",
                at=Place(document.id, scalar.route, on_key=scalar.on_key),
                remedy=truth or f'put it in quotes: "{scalar.text}"',
                fix=Fix(truth or "put it in quotes", (change,)),
            )


@rule("MAN004", "plain-secret", step=Step.MANIFEST)
def plain_secret(file: SourceFile) -> Problems:
    """The manifest carries a credential itself, or an address that has one in it, instead of naming where it is kept.

    Why it matters:
        Whoever can read the repository, its history or a report can send in the name of the business. The value is
        never shown in any report, but it must be taken for known: removing it from the file does not remove it from the
        history.

    How to put it right:
        1. At the BSP: make a new password or key, and revoke the one that stands here.
        2. Put the new one into a vault or an environment variable, and name that: `password: {env: GUPSHUP_PASSWORD}`.
        3. Write addresses without user names, passwords and tokens. An old recipe for Gupshup puts both into a
           connector's URL.

    Bad:
        ```yaml
        bsp:
          credentials:
            password: correct-horse-battery-staple
        ```

    Good:
        ```yaml
        bsp:
          credentials:
            password: {env: GUPSHUP_PASSWORD}
        ```

    Source:
        https://help.moengage.com/hc/en-us/articles/360036859012-Send-Whatsapp-message-via-Gupshup (as of 2026-11, sure)

    Since:
        0.1
    """
    for document in file.documents:
        for secret in document.secrets:
            yield fail(f"{secret.kind} stands here in plain text", at=Place(document.id, secret.route))


@rule("MAN005", "duplicate-workspace", step=Step.MANIFEST)
def duplicate_workspace(project: Project) -> Problems:
    """Two manifests claim the same name, MoEngage workspace, WABA or phone number, or one names a number twice.

    Numbers are compared by their digits: spaces, brackets and the plus sign do not matter.

    Why it matters:
        One of the two is wrong, or both describe one thing and will drift apart: a check of one says nothing of the
        other. Most often a manifest was copied for a new workspace and not changed everywhere, so that its campaigns
        would go out from another brand's number.

    How to put it right:
        1. Look at both places. If the second was copied from the first, write its own value.
        2. If both describe the same workspace, keep one manifest.

    Bad:
        ```yaml
        metadata: {name: acme-retail-in}
        waba: {id: "102290129340398"}
        ---
        metadata: {name: acme-wholesale-in}
        waba: {id: "102290129340398"}
        opt_in: {audit: evidence/opt-in-audit-of-acme-wholesale-in.json}
        ```

    Good:
        ```yaml
        metadata: {name: acme-retail-in}
        waba: {id: "102290129340398"}
        ```

    Source:
        https://developers.kaleyra.io/docs/clevertap-whatsapp-configure-provider (one number, one provider; as of
        2026-11, sure)

    Since:
        0.1
    """
    first: dict[tuple[str, str], Place] = {}
    for workspace in project.sharing(_claimed):
        own: dict[tuple[str, str], Place] = {}
        for claim, shown, steps in _claims(workspace):
            what, place = claim[0], workspace.at(*steps)
            if claim in own:
                yield fail(
                    f"the {what} {shown} stands twice in this manifest",
                    at=place,
                    also=[own[claim]._replace(label="first written here")],
                    remedy="keep one of the two entries, or correct the number of the other",
                )
                continue
            own[claim] = place
            earlier = first.setdefault(claim, place)
            if earlier is not place:
                yield fail(
                    f"the {what} {shown} is claimed by another manifest",
                    at=place,
                    also=[earlier._replace(label="first claimed here")],
                )


def _claims(workspace: Summary) -> Iterator[tuple[tuple[str, str], str, tuple[str | int, ...]]]:
    """What only one manifest may claim: what it is and the value to compare, the value as shown, and where it stands."""
    name, workspace_id, waba_id = workspace.name, workspace.workspace_id, workspace.waba_id
    yield ("name", name), f'"{name}"', ("metadata", "name")
    yield ("MoEngage workspace", workspace_id), workspace_id, ("moengage", "workspace_id")
    yield ("WABA", waba_id), waba_id, ("waba", "id")
    for index, number in enumerate(workspace.numbers):
        yield ("number", digits_of(number) or number), number, ("phone_numbers", index, "number")


def _claimed(workspace: Summary) -> Iterator[tuple[str, str]]:
    return (claim for claim, _, _ in _claims(workspace))


@rule("MAN006", "stale-evidence", step=Step.MANIFEST)
def stale_evidence(workspace: Workspace, ctx: Context, *, max_age_days: Count = 30) -> Problems:
    """Evidence is older than the policy allows, or does not say when it was true.

    Why it matters:
        Meta pauses templates, lowers ratings and restricts accounts within hours; users opt out every day. What was true
        two months ago proves nothing of today, and a date is what tells the two apart.

    How to put it right:
        1. Fetch Meta's answers again, or measure the opt-in again, and put the new files in place of the old ones.
        2. Where you saved answers by hand, write the time under evidence.graph.observed_at.

    Bad:
        ```yaml
        opt_in:
          audit: evidence/opt-in-audit-of-july.json
        ```

    Good:
        ```yaml
        opt_in:
          audit: evidence/opt-in-audit.json
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/template-pausing (that it changes
        within hours; as of 2025-11, sure). How old is too old is this policy's own choice.

    Since:
        0.1
    """
    for observation in workspace.observations:
        if observation.observed_at is None:
            yield unproven(
                f'nothing says when "{observation.path}" was true',
                at=observation.place,
                remedy=f"write the time of the answer under {show_route(observation.place.route[:2])}.observed_at",
            )
            continue
        observed = date.fromisoformat(observation.observed_at[:10])
        age = (ctx.as_of - observed).days
        if age > max_age_days:
            yield fail(
                f'"{observation.path}" is {age} days old (of {observed}); the policy takes at most {max_age_days}',
                at=observation.place,
                about=[observation.path, observation.observed_at],
            )
        elif age < -1:  # a day ahead may be another time zone
            yield fail(
                f'"{observation.path}" claims to be of {observed}, which is yet to come',
                at=observation.place,
                remedy="correct the date, or the day that is judged on",
                about=[observation.path, observation.observed_at],
            )


@rule("MAN007", "evidence-contradicts", step=Step.MANIFEST)
def evidence_contradicts(workspace: Workspace, *, aliases: Aliases = fact("meta_value_aliases.aliases")) -> Problems:
    """The manifest says one thing, and what Meta answered says another.

    Case does not matter, nor which of two words stands there that mean the same at Meta (NOT_VERIFIED and UNVERIFIED).

    Why it matters:
        The manifest describes a channel that no longer exists, or never did. What Meta answered is what counts when the
        campaign goes out, and the rules have judged by that; whoever reads the manifest is misled.

    How to put it right:
        1. Look at both places. If Meta's answer is right, write its value into the manifest, or remove it from there.
        2. If the manifest is right, put it right in WhatsApp Manager or at the BSP, and fetch the answer again.

    Bad:
        ```yaml
        waba:
          account_review_status: PENDING
        evidence:
          graph:
            waba: evidence/waba.json
            observed_at: 2026-11-20T06:30:00Z
        ```

    Good:
        ```yaml
        evidence:
          graph:
            waba: evidence/waba.json
            observed_at: 2026-11-20T06:30:00Z
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/whatsapp-business-accounts (as of 2025-11,
        sure)
        https://github.com/facebook/openapi (as of 2026-11, sure, for words that mean the same)

    Since:
        0.1
    """
    for contradiction in workspace.contradictions:
        overlay = contradiction.overlay
        here = workspace.at(*contradiction.route)._replace(document=workspace.document, label="claimed here")
        if contradiction.answered is None:
            yield fail(
                f"Meta's answer has no {contradiction.what}",
                at=here,
                also=[Place(overlay.document, (), "Meta's answer")],
                remedy="remove it from the manifest, or create it and fetch the answer again",
            )
            continue
        field = str(contradiction.route[-1])
        if same(field, contradiction.claimed, contradiction.answered, aliases):
            continue
        there = Place(overlay.document, (*overlay.route, field), "Meta answered this")
        yield fail(
            f"{contradiction.what} is {contradiction.claimed} here and {contradiction.answered} in Meta's answer",
            at=here,
            also=[there],
            remedy=f"write {contradiction.answered}, or put it right at Meta and fetch the answer again",
            fix=_as_answered(here, overlay.data.get(field)),
        )


def _as_answered(here: Place, answered: object) -> Fix | None:
    """What Meta answered, written into the manifest; not a list or a mapping, which nobody can overlook."""
    if not isinstance(answered, str | int | float):
        return None
    return Fix("write what Meta answered", (Change("set", here, answered),), safe=False)


@rule("MAN008", "evidence-missing-file", step=Step.MANIFEST)
def evidence_missing_file(workspace: Workspace) -> Problems:
    """A file that the manifest refers to is missing, outside the checked folder, unreadable, or of the wrong kind.

    Why it matters:
        The manifest says that there is proof, and there is none to look at: what it was to prove is unproven.

    How to put it right:
        1. Mend the path: it is relative to the manifest, and must stay inside the folder that is checked.
        2. Or add the file: it belongs into the repository beside the manifest.

    Bad:
        ```yaml
        evidence:
          graph:
            waba: evidence/no-such-answer.json
            observed_at: 2026-11-20T06:30:00Z
        ```

    Good:
        ```yaml
        opt_in:
          audit: evidence/opt-in-audit.json
        ```

    Source:
        https://help.moengage.com/hc/en-us/articles/4411171362452-Prerequisites (as of 2026-11, sure)

    Since:
        0.1
    """
    for reference in workspace.references:
        if reference.trouble:
            yield fail(
                f'"{reference.path}" cannot be used: {reference.trouble}',
                at=workspace.at(*reference.route),
                also=[reference.place] if reference.place else [],
                remedy=reference.remedy,
                about=[reference.path, reference.trouble],
            )


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
