"""Step 4 of the checklist: each template stands once, under a name and in a language that Meta and MoEngage take."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from wa_policy.api import (
    Change,
    Count,
    Fix,
    Problems,
    Rule,
    Step,
    Template,
    Workspace,
    fact,
    fail,
    hookimpl,
    rule,
    rules_in,
)
from wa_policy.plugins._campaigns import templates_of
from wa_policy.plugins._languages import base_language, fold_language
from wa_policy.plugins._once import compiled
from wa_policy.plugins._providers import outside_channel
from wa_policy.plugins._template_shapes import shape
from wa_policy.plugins._templates import shown
from wa_policy.plugins._wording import TEMPLATE_MANAGER, quoted


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
        known = first.setdefault((template.data["name"], fold_language(template.data["language"])), template)
        if known is not template:
            yield fail(
                f"template {shown(template)} is listed twice; Meta holds one template per name and language",
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
    needs exactly the same name, and has room for 100 characters; a connector does without MoEngage's templates.

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
    room = max_length if outside_channel(template.workspace.bsp) else min(max_length, moengage_max_length)
    if compiled(pattern).fullmatch(name) is None:
        mended = _mend(name, room)
        instead = f', or, if there is none yet, create it as "{mended}"' if re.fullmatch(pattern, mended) else ""
        yield fail(
            f'Meta refuses the template name "{name}": it may have only a to z, digits and underscores',
            at=template.at("name"),
            remedy=f"write the template's name as {TEMPLATE_MANAGER} shows it{instead}",
        )
    if len(name) > max_length:
        yield fail(
            f"Meta refuses a template name of {len(name)} characters: it may have {max_length} at most",
            at=template.at("name"),
            remedy=f"create the template under a name of at most {room} characters",
        )
    elif len(name) > room:
        yield fail(
            f"MoEngage has no room for a template name of {len(name)} characters, only for {room}; "
            "Meta would take it, but no campaign could use it",
            at=template.at("name"),
            remedy=f"have the template approved under a name of at most {room} characters",
        )


def _mend(name: str, room: int) -> str:
    """The nearest name that Meta and MoEngage take; an empty string where no letter or digit is left."""
    import unicodedata  # only ever needed for a mistake

    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:room].rstrip("_")


@rule("TPL005", "unknown-language", step=Step.TEMPLATES, alike=shape)
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
    meant = mistakes.get(language.strip()) or _languages_meant(language, codes)
    is_of_a_known_one = base_language(language) in {base_language(code) for code in codes}
    may_be_newer = is_of_a_known_one and re.fullmatch(regional_shape, language)
    if may_be_newer and language not in mistakes:
        yield fail(
            f'"{language}" is not among the languages that Meta lists for templates',
            at=template.at("language"),
            remedy=f"compare it with the language in {TEMPLATE_MANAGER}; Meta lists {quoted(meant)}",
            at_most="warning",
        )
        return
    yield fail(
        f'Meta has no template language "{language}"{f"; it has {quoted(meant)}" if meant else ""}',
        at=template.at("language"),
        remedy=f"write the language as {TEMPLATE_MANAGER} has it: {quoted(meant)}" if meant else "",
        fix=_corrected(template, meant[0]) if len(meant) == 1 else None,
    )


def _corrected(template: Template, code: str) -> Fix:
    """The code in place of what was written, here and in campaigns; nobody needs to look at what was only spelt otherwise."""
    written = template.data["language"]
    named = [campaign for campaign in template.workspace.campaigns if template in templates_of(campaign)]
    users = [campaign for campaign in named if campaign.data["template"]["language"] != code]
    places = [template.at("language"), *(campaign.at("template", "language") for campaign in users)]
    changes = tuple(Change("set", place, code) for place in places)
    return Fix(f"write {code}", changes, safe=fold_language(code) == fold_language(written))


def _languages_meant(language: str, codes: Mapping[str, str]) -> list[str]:
    """Codes that a person may have meant: the same one spelt otherwise, one by its name, or the language's own."""
    folded = fold_language(language)
    for code, name in codes.items():
        if folded in (fold_language(code), fold_language(name)):
            return [code]
    base = base_language(folded)
    return [base] if base in codes else [code for code in codes if base_language(code) == base]


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
