"""Step 4 of the checklist: message templates that Meta has approved, in categories that it still has."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

from wa_policy.api import (
    Problem,
    Problems,
    Rule,
    Step,
    Template,
    Workspace,
    claimed,
    did_you_mean,
    fact,
    fail,
    hookimpl,
    rule,
    rules_in,
    unproven,
)
from wa_policy.plugins._meta_values import Explained, known
from wa_policy.plugins._template_shapes import shape
from wa_policy.plugins._templates import shown
from wa_policy.plugins._wording import TEMPLATE_MANAGER

T = TypeVar("T")


@rule("TPL001", "unapproved-template", step=Step.TEMPLATES)
def unapproved_template(
    workspace: Workspace,
    *,
    usable: Sequence[str] = fact("template_statuses.usable"),
    statuses: Explained = fact("template_statuses.statuses"),
    not_statuses: Mapping[str, Mapping[str, str]] = fact("template_statuses.not_statuses"),
    no_reason: Sequence[str] = fact("template_statuses.no_reason"),
    moengage_statuses: Mapping[str, Mapping[str, str | bool]] = fact("moengage_templates.statuses"),
) -> Problems:
    """A message template is not approved by Meta, or nothing shows that it is.

    Only templates whose status at Meta is APPROVED can be sent. The status that MoEngage shows for its own copy is
    another thing, and is no proof: MoEngage lets a campaign be built on a template that Meta has not decided about.
    A template that only evidence has, and no campaign uses, is a note at most: a WABA holds many old ones. One of them
    must be approved, though, where the manifest lists none.

    Why it matters:
        Every message of a campaign on this template fails: with error 132001 if it is not approved, 132015 if it is
        paused, 132016 if it is disabled. MoEngage does not compare its copy with Meta when it is saved, so the
        campaign can be scheduled all the same and fails only when it runs.

    How to put it right:
        1. In WhatsApp Manager: Account tools > Message templates, look the template up by name and language.
        2. In review: wait, a review may take 24 hours. Rejected: read the reason, edit the template and submit it
           again, or appeal with a sample. Paused: wait until the pause ends, and improve the message or narrow its
           audience. Disabled: appeal, or have a better message approved under another name. Archived: unarchive it.
        3. Write Meta's new status in the manifest, and synchronise or save the template in MoEngage again.

    Bad:
        ```yaml
        templates:
          - name: order_shipped
            language: en
            category: UTILITY
            status: PENDING
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - {type: BODY, text: "Your order is on its way and should reach you by tomorrow evening."}
        campaigns: []
        ```

    Good:
        ```yaml
        templates:
          - name: order_shipped
            language: en
            category: UTILITY
            status: APPROVED
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - {type: BODY, text: "Your order is on its way and should reach you by tomorrow evening."}
        campaigns: []
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/message_template_status_update
        (as of 2026-09-11, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
        (as of 2025-11-19, sure)
        https://www.moengage.com/docs/user-guide/campaigns-and-channels/whatsapp/getting-started-with-whatsapp/whatsapp-templates
        (as of 2026-11, sure)

    Since:
        0.1
    """
    if not any(template.at_stake or known(template.data.get("status"), usable) for template in workspace.templates):
        yield _no_template(workspace)
    for template in workspace.templates:
        status = template.data.get("status")
        if status in usable or known(status, usable):
            yield from claimed(
                template, "status", by="Meta's answer for the templates, named in evidence.graph.templates"
            )
            continue
        if status is None:
            problem = _no_status_at_all(template)
        elif word := known(status, statuses):
            problem = _unusable(template, word, statuses, no_reason)
        elif other := _look_up(status, not_statuses):
            problem = _no_status(template, other, statuses, usable, no_reason)
        else:
            problem = _unknown_status(template, statuses, moengage_statuses)
        yield problem if template.at_stake else problem._replace(at_most="info")


def _no_template(workspace: Workspace) -> Problem:
    """Say that no template is there to be sent: none is listed, and of what Meta answered, none is approved."""
    remedy = "list the templates that campaigns use under templates, each with the status that Meta gives it"
    route = ("evidence", "graph", "templates")
    evidence = next((reference for reference in workspace.references if reference.route == route), None)
    if evidence is None:
        message = "no template is listed, so nothing shows that one is approved"
        return unproven(message, at=workspace.at("templates"), remedy=remedy)
    if evidence.trouble:
        message = f'no template is listed, and "{evidence.path}" shows of none that it is approved'
        return unproven(message, at=workspace.at(*route), remedy=remedy)
    message = f'no template is listed, and none in "{evidence.path}" is approved'
    return unproven(message, at=workspace.at(*route), remedy="have a template approved, and fetch Meta's answer again")


def _no_status_at_all(template: Template) -> Problem:
    return unproven(
        f"nothing says whether Meta has approved template {shown(template)}",
        at=template.at("status"),
        remedy=f"write the template's status as {TEMPLATE_MANAGER} or Meta's API gives it",
    )


def _unusable(
    template: Template,
    status: str,
    statuses: Explained,
    no_reason: Sequence[str],
    said: str = "",
) -> Problem:
    """Say what a status that cannot be sent means, and Meta's reason where the manifest has one."""
    reason = template.data.get("rejected_reason", "")
    why = f"; Meta's reason is {reason.upper()}" if reason and not known(reason, no_reason) else ""
    also = [template.at("rejected_reason", label="Meta's reason")] if why else []
    return fail(
        f"template {shown(template)} cannot be sent, it is {said}{status}: {statuses[status]['meaning']}{why}",
        at=template.at("status"),
        also=also,
        remedy=statuses[status]["remedy"],
    )


def _no_status(
    template: Template,
    word: Mapping[str, str],
    statuses: Explained,
    usable: Sequence[str],
    no_reason: Sequence[str],
) -> Problem:
    """Say what a word of Meta's webhooks or of WhatsApp Manager amounts to."""
    status = template.data.get("status", "")
    means = word.get("means")
    if means is not None and means not in usable:
        return _unusable(template, means, statuses, no_reason, said=f'"{status}", which stands for ')
    message = f'template {shown(template)} has the status "{status}", which is {word["what"]} and no status'
    if means is None:
        return unproven(
            message, at=template.at("status"), remedy="write the status that Meta's API answers for the template"
        )
    return unproven(
        f"{message}; Meta's status would be {means}",
        at=template.at("status"),
        remedy=f"write {means} if Meta's API says so",
    )


def _unknown_status(
    template: Template, statuses: Mapping[str, object], moengage_statuses: Mapping[str, Mapping[str, str | bool]]
) -> Problem:
    status = template.data.get("status", "")
    if _look_up(status, moengage_statuses) is None:
        return unproven(
            f'template {shown(template)} has the status "{status}", unknown at Meta{did_you_mean(status, statuses)}',
            at=template.at("status"),
            remedy="write the status that Meta's API answers for the template",
        )
    return unproven(
        f'template {shown(template)} has the status "{status}", which MoEngage gives its copy; nothing says '
        "whether Meta has approved it",
        at=template.at("status"),
        remedy=f"write Meta's status here, from {TEMPLATE_MANAGER}, and MoEngage's as in_moengage.status",
    )


def _look_up(word: str, table: Mapping[str, T]) -> T | None:
    """The entry of a word, however it is written: dashes, blanks and case do not count."""
    wanted = re.sub(r"[\W_]+", " ", word).casefold()
    return next((entry for known, entry in table.items() if re.sub(r"[\W_]+", " ", known).casefold() == wanted), None)


@rule("TPL006", "legacy-category", step=Step.TEMPLATES, alike=shape)
def legacy_category(
    template: Template,
    *,
    current: Sequence[str] = fact("template_categories.current"),
    readable_only: Sequence[str] = fact("template_categories.readable_only"),
    replaced_by: Mapping[str, str | None] = fact("template_categories_legacy.replaced_by"),
) -> Problems:
    """A template's category is one that Meta has given up, or has never had.

    Meta has three categories, MARKETING, UTILITY and AUTHENTICATION, and sorted every older template into one of
    them in 2023.

    Why it matters:
        Meta refuses to create a template with an old category (error 100). A manifest that still has one was
        written from an old export: what else it says of the template may be out of date too, and the price and the
        rules that hold for the template depend on the category that it really has.

    How to put it right:
        1. In WhatsApp Manager: Account tools > Message templates, see which category the template has today.
        2. Write that category in the manifest, and choose the same one in MoEngage: Settings > Channels > WhatsApp
           > Templates.
        3. For a new template, choose by its content: anything that promotes is MARKETING, one-time codes are
           AUTHENTICATION, updates on what the customer asked for are UTILITY.

    Bad:
        ```yaml
        templates:
          - name: order_shipped
            language: en
            category: SHIPPING_UPDATE
            status: APPROVED
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - {type: BODY, text: "Your order is on its way and should reach you by tomorrow evening."}
        campaigns: []
        ```

    Good:
        ```yaml
        templates:
          - name: order_shipped
            language: en
            category: UTILITY
            status: APPROVED
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - {type: BODY, text: "Your order is on its way and should reach you by tomorrow evening."}
        campaigns: []
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/template-categorization
        (as of 2026-09-11, sure)
        https://developers.kaleyra.io/docs/whatsapp-template-category
        (as of 2023-03, probable, for what took the place of TRANSACTIONAL and OTP)

    Since:
        0.1
    """
    written = template.data["category"]
    if written in current or known(written, current) or known(written, readable_only):
        return
    category = known(written, replaced_by)
    if category is None:
        yield unproven(
            f'"{written}" is not a template category that Meta has{did_you_mean(written, current)}',
            at=template.at("category"),
            remedy=f"write the category that {TEMPLATE_MANAGER} shows: {', '.join(current)}",
        )
        return
    successor = replaced_by[category]
    yield fail(
        f"Meta no longer has the template category {category}"
        + (f"; {successor} took its place" if successor else "; it sorted such templates anew by what they say"),
        at=template.at("category"),
        remedy=f"write the category that {TEMPLATE_MANAGER} shows today: {', '.join(current)}",
    )


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
