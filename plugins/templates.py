"""Step 4 of the checklist: message templates that Meta has approved, under names and in languages that it knows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

from wa_policy.api import (
    Count,
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

T = TypeVar("T")

MANAGER = "WhatsApp Manager (Account tools > Message templates)"


@rule("TPL001", "unapproved-template", step=Step.TEMPLATES)
def unapproved_template(
    workspace: Workspace,
    *,
    usable: Sequence[str] = fact("template_statuses.usable"),
    statuses: Mapping[str, Mapping[str, str]] = fact("template_statuses.statuses"),
    not_statuses: Mapping[str, Mapping[str, str]] = fact("template_statuses.not_statuses"),
    no_reason: Sequence[str] = fact("template_statuses.no_reason"),
    moengage_statuses: Mapping[str, Mapping[str, str | bool]] = fact("moengage_templates.statuses"),
) -> Problems:
    """A message template is not approved by Meta, or nothing shows that it is.

    Only templates whose status at Meta is APPROVED can be sent. The status that MoEngage shows for its own copy is
    another thing, and is no proof: MoEngage lets a campaign be built on a template that Meta has not decided about.

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
    if not workspace.templates:
        yield _no_template(workspace)
    for template in workspace.templates:
        status = template.data.get("status")
        if status is None:
            yield unproven(
                f"nothing says whether Meta has approved template {_shown(template)}",
                at=template.at("status"),
                remedy=f"write the template's status as {MANAGER} or Meta's API gives it",
            )
        elif status.upper() in usable:
            yield from claimed(
                template, "status", by="Meta's answer for the templates, named in evidence.graph.templates"
            )
        elif status.upper() in statuses:
            yield _unusable(template, status.upper(), statuses, no_reason)
        elif word := _look_up(status, not_statuses):
            yield _no_status(template, word, statuses, usable, no_reason)
        else:
            yield _unknown_status(template, statuses, moengage_statuses)


def _no_template(workspace: Workspace) -> Problem:
    remedy = "list the templates that campaigns use under templates, each with the status that Meta gives it"
    file = workspace.data.get("evidence", {}).get("graph", {}).get("templates")
    if file is None:
        return unproven(
            "no template is listed, so nothing shows that one is approved", at=workspace.at("templates"), remedy=remedy
        )
    return unproven(
        f'the templates are only in "{file}", so nothing here shows that one is approved',
        at=workspace.at("evidence", "graph", "templates"),
        remedy=remedy,
    )


def _unusable(
    template: Template,
    status: str,
    statuses: Mapping[str, Mapping[str, str]],
    no_reason: Sequence[str],
    said: str = "",
) -> Problem:
    """Say what a status that cannot be sent means, and Meta's reason where the manifest has one."""
    reason = template.data.get("rejected_reason", "")
    why = f"; Meta's reason is {reason.upper()}" if reason and reason.upper() not in no_reason else ""
    also = [template.at("rejected_reason", label="Meta's reason")] if why else []
    return fail(
        f"template {_shown(template)} cannot be sent, it is {said}{status}: {statuses[status]['meaning']}{why}",
        at=template.at("status"),
        also=also,
        remedy=statuses[status]["remedy"],
    )


def _no_status(
    template: Template,
    word: Mapping[str, str],
    statuses: Mapping[str, Mapping[str, str]],
    usable: Sequence[str],
    no_reason: Sequence[str],
) -> Problem:
    """Say what a word of Meta's webhooks or of WhatsApp Manager amounts to."""
    status = template.data.get("status", "")
    means = word.get("means")
    if means is not None and means not in usable:
        return _unusable(template, means, statuses, no_reason, said=f'"{status}", which stands for ')
    message = f'template {_shown(template)} has the status "{status}", which is {word["what"]} and no status'
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
            f'template {_shown(template)} has the status "{status}", unknown at Meta{did_you_mean(status, statuses)}',
            at=template.at("status"),
            remedy="write the status that Meta's API answers for the template",
        )
    return unproven(
        f'template {_shown(template)} has the status "{status}", which MoEngage gives its copy; nothing says '
        "whether Meta has approved it",
        at=template.at("status"),
        remedy=f"write Meta's status here, from {MANAGER}, and MoEngage's as in_moengage.status",
    )


@rule("TPL003", "duplicate-template", step=Step.TEMPLATES)
def duplicate_template(workspace: Workspace) -> Problems:
    """Two templates have the same name and language.

    A template is known by its name and language within one WABA. Languages are compared without regard to case, and
    `en-US` is the same as `en_US`.

    Why it matters:
        Meta refuses the second one (error 100, subcode 2388024: content in this language already exists). If the
        manifest lists one template twice, nobody can tell which of the two entries is true, and checks of campaigns
        may look at the wrong one.

    How to put it right:
        1. Compare both entries with WhatsApp Manager: Account tools > Message templates.
        2. Remove the entry that is out of date, or give the other message a name or a language of its own.

    Bad:
        ```yaml
        templates:
          - name: order_shipped
            language: en
            category: UTILITY
            status: APPROVED
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - {type: BODY, text: "Your order is on its way and should reach you by tomorrow evening."}
          - name: order_shipped
            language: en
            category: UTILITY
            status: APPROVED
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - {type: BODY, text: "Good news: your order has left our warehouse and arrives tomorrow."}
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
          - name: order_left_warehouse
            language: en
            category: UTILITY
            status: APPROVED
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - {type: BODY, text: "Good news: your order has left our warehouse and arrives tomorrow."}
        campaigns: []
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/template-management
        (as of 2026-09-11, sure)

    Since:
        0.1
    """
    first: dict[tuple[str, str], Template] = {}
    for template in workspace.templates:
        known = first.setdefault((template.data["name"], _fold(template.data["language"])), template)
        if known is not template:
            yield fail(
                f"template {_shown(template)} is listed twice; Meta holds one template per name and language",
                at=template.at("name"),
                also=[known.at("name", label="first listed here")],
                remedy="remove the entry that is out of date, or give the other message a name of its own",
            )


@rule("TPL004", "template-name", step=Step.TEMPLATES)
def template_name(
    template: Template,
    *,
    pattern: str = fact("template_names.pattern"),
    max_length: Count = fact("template_names.max_length"),
    moengage_max_length: Count = fact("moengage_templates.name_max_length"),
) -> Problems:
    """A template's name is not one that Meta or MoEngage takes.

    Meta takes lower-case letters of the Latin alphabet, digits and underscores, up to 512 characters. MoEngage
    needs exactly the same name, and has room for 100 characters.

    Why it matters:
        Meta refuses to create a template with another name (error 100). A name that is too long for MoEngage can be
        approved by Meta and still cannot be entered in MoEngage, so that no campaign can use the template. If the
        template exists, the manifest has its name wrong, and a campaign that uses this name fails with error
        132001.

    How to put it right:
        1. If the template exists: copy its name from WhatsApp Manager (Account tools > Message templates).
        2. If it does not exist yet: create it there under a short name such as `order_shipped`; names cannot be
           changed later.
        3. Use the same name in MoEngage: Settings > Channels > WhatsApp > Templates.

    Bad:
        ```yaml
        templates:
          - name: Order-Shipped
            language: en
            category: UTILITY
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
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/template-management
        (as of 2026-09-11, sure)
        https://www.moengage.com/docs/user-guide/campaigns-and-channels/whatsapp/getting-started-with-whatsapp/whatsapp-templates
        (as of 2026-11, sure)

    Since:
        0.1
    """
    name = template.data["name"]
    if re.fullmatch(pattern, name) is None:
        mended = _mend(name, min(max_length, moengage_max_length))
        instead = f', or, if there is none yet, create it as "{mended}"' if re.fullmatch(pattern, mended) else ""
        yield fail(
            f'Meta refuses the template name "{name}": it may have only a to z, digits and underscores',
            at=template.at("name"),
            remedy=f"write the template's name as {MANAGER} shows it{instead}",
        )
    if len(name) > max_length:
        yield fail(
            f"Meta refuses a template name of {len(name)} characters: it may have {max_length} at most",
            at=template.at("name"),
            remedy=f"create the template under a name of at most {min(max_length, moengage_max_length)} characters",
        )
    elif len(name) > moengage_max_length:
        yield fail(
            f"MoEngage has no room for a template name of {len(name)} characters, only for {moengage_max_length}; "
            "Meta would take it, but no campaign could use it",
            at=template.at("name"),
            remedy=f"have the template approved under a name of at most {moengage_max_length} characters",
        )


def _mend(name: str, room: int) -> str:
    """The nearest name that Meta and MoEngage take; an empty string where no letter or digit is left."""
    import unicodedata  # only ever needed for a mistake

    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:room].rstrip("_")


@rule("TPL005", "unknown-language", step=Step.TEMPLATES)
def unknown_language(
    template: Template,
    *,
    codes: Mapping[str, str] = fact("template_languages.codes"),
    regional_shape: str = fact("template_languages.regional_shape"),
    mistakes: Mapping[str, Sequence[str]] = fact("template_language_mistakes.meant"),
) -> Problems:
    """A template's language is not a code that Meta has.

    Meta keeps a list of languages of its own. Codes are case-sensitive and have an underscore: `en_US`, never
    `en-US` (although some of Meta's webhooks write it so). Some languages exist with a region only (`zh_CN`,
    `pt_BR`), some without one only (`hi`, `nb`). A region that Meta does not list for a language that it has is a
    warning, since the list grows.

    Why it matters:
        Meta refuses to create the template (error 100), and a campaign that asks for it in a language that does not
        exist fails with error 132001 for every recipient. MoEngage does not check the language when the template is
        saved.

    How to put it right:
        1. In WhatsApp Manager: Account tools > Message templates, see under which language the template is kept.
        2. Write Meta's code for that language in the manifest; `en` and `en_US` are two languages.
        3. In MoEngage: Settings > Channels > WhatsApp > Templates, choose the same language.

    Bad:
        ```yaml
        templates:
          - name: order_shipped
            language: en-US
            category: UTILITY
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
            language: en_US
            category: UTILITY
            status: APPROVED
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - {type: BODY, text: "Your order is on its way and should reach you by tomorrow evening."}
        campaigns: []
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/supported-languages
        (as of 2026-05-21, sure)
        https://docs.ycloud.com/en/api-reference/guides/whatsapp-platform/supported-whatsapp-template-languages
        (as of 2026-05-21, sure)

    Since:
        0.1
    """
    language = template.data["language"]
    if language in codes:
        return
    meant = mistakes.get(language) or _languages_meant(language, codes)
    may_be_newer = re.fullmatch(regional_shape, language) and _base(language) in {_base(code) for code in codes}
    if may_be_newer and language not in mistakes:
        yield fail(
            f'"{language}" is not among the languages that Meta lists for templates',
            at=template.at("language"),
            remedy=f"compare it with the language in {MANAGER}; Meta lists {_quoted(meant)}",
            at_most="warning",
        )
        return
    yield fail(
        f'Meta has no template language "{language}"{f"; it has {_quoted(meant)}" if meant else ""}',
        at=template.at("language"),
        remedy=f"write the language as {MANAGER} has it: {_quoted(meant)}" if meant else "",
    )


def _languages_meant(language: str, codes: Mapping[str, str]) -> list[str]:
    """Codes that a person may have meant: the same one spelt otherwise, one by its name, or the language's own."""
    folded = _fold(language)
    for code, name in codes.items():
        if folded in (_fold(code), _fold(name)):
            return [code]
    base = _base(folded)
    return [base] if base in codes else [code for code in codes if _base(code) == base]


@rule("TPL006", "legacy-category", step=Step.TEMPLATES)
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
    category = template.data["category"].upper()
    if category in current or category in readable_only:
        return
    if category not in replaced_by:
        yield unproven(
            f'"{template.data["category"]}" is not a template category that Meta has{did_you_mean(category, current)}',
            at=template.at("category"),
            remedy=f"write the category that {MANAGER} shows: {', '.join(current)}",
        )
        return
    successor = replaced_by[category]
    yield fail(
        f"Meta no longer has the template category {category}"
        + (f"; {successor} took its place" if successor else "; it sorted such templates anew by what they say"),
        at=template.at("category"),
        remedy=f"write the category that {MANAGER} shows today: {', '.join(current)}",
    )


def _shown(template: Template) -> str:
    return f'"{template.data["name"]}" ({template.data["language"]})'


def _look_up(word: str, table: Mapping[str, T]) -> T | None:
    """The entry of a word, however it is written: dashes, blanks and case do not count."""
    wanted = re.sub(r"[\W_]+", " ", word).casefold()
    return next((entry for known, entry in table.items() if re.sub(r"[\W_]+", " ", known).casefold() == wanted), None)


def _fold(language: str) -> str:
    return language.replace("-", "_").casefold()


def _base(language: str) -> str:
    return _fold(language).partition("_")[0]


def _quoted(words: Sequence[str]) -> str:
    """Words in quotes, as a choice."""
    quoted = [f'"{word}"' for word in words]
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}" if len(quoted) > 1 else quoted[0]


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
