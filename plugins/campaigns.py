"""After the checklist: a campaign uses a template that exists, and template and number are ready."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from wa_policy.api import (
    Campaign,
    Context,
    PhoneNumber,
    Place,
    Problem,
    Problems,
    Rule,
    Step,
    Subject,
    Template,
    Workspace,
    did_you_mean,
    fact,
    fail,
    hookimpl,
    rule,
    rules_in,
    unproven,
)
from wa_policy.plugins._campaigns import sender_of, templates_by_name, templates_of
from wa_policy.plugins._languages import fold_language
from wa_policy.plugins._templates import shown
from wa_policy.plugins._wording import listed

if TYPE_CHECKING:
    from collections.abc import Sequence


@rule("CMP001", "unknown-template", step=Step.CAMPAIGNS)
def unknown_template(
    campaign: Campaign, *, languages: Mapping[str, str] = fact("template_languages.codes")
) -> Problems:
    """A campaign uses a template, or a language of it, that is not among the workspace's templates.

    A template is known by its name and its language, both exactly as Meta writes them: `en`, `en_US` and `en-US`
    are three different things. Where the campaign has the language as Meta writes it and the template is listed with
    another spelling, it is the template that is wrong (TPL005).

    Why it matters:
        Meta refuses every message of the campaign with error 132001: the template name does not exist in the
        translation. MoEngage takes a template as it is typed in and does not compare it with Meta's, so the mistake
        shows only when the campaign runs.

    How to put it right:
        1. In WhatsApp Manager: Account tools > Message templates, look up the template's name and language.
        2. In MoEngage: open the campaign and choose the template with that name and language.
        3. Write both in the manifest, under templates and in the campaign's template.

    Bad:
        ```yaml
        campaigns:
          - name: order-updates
            sender: "+918047181888"
            template: {name: order_shipped, language: en_US, parameters: [first_name, order_id]}
            audience: {size: 40000, countries: [IN]}
            ignore_opt_in: false
        ```

    Good:
        ```yaml
        campaigns:
          - name: order-updates
            sender: "+918047181888"
            template: {name: order_shipped, language: en, parameters: [first_name, order_id]}
            audience: {size: 40000, countries: [IN]}
            ignore_opt_in: false
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
        (as of 2025-11-19, sure)
        https://www.moengage.com/docs/user-guide/campaigns-and-channels/whatsapp/getting-started-with-whatsapp/whatsapp-templates
        (as of 2026-11, sure)

    Since:
        0.1
    """
    used = campaign.data.get("template", {})
    name, language = used.get("name"), used.get("language")
    meant = templates_of(campaign)
    if meant and (language in languages or any(template.data["language"] == language for template in meant)):
        return
    namesakes = templates_by_name(campaign.workspace).get(name or "", ())
    if name is None:
        yield unproven(
            "the campaign names no template, and nothing else can be sent to start a conversation",
            at=campaign.at("template", "name"),
            remedy="write the name and the language of the template that the campaign uses in MoEngage",
        )
    elif language is None:
        known = f": the template exists in {_languages(namesakes, 'or')}" if namesakes else ""
        yield unproven(
            f'the campaign does not say in which language it uses template "{name}"',
            at=campaign.at("template", "language"),
            remedy=f"write the language{known}",
        )
    elif not campaign.workspace.templates:
        yield unproven(
            f'no template is listed, so nothing shows that "{name}" ({language}) exists',
            at=campaign.at("template", "name"),
            remedy="list the template under templates, as Meta's API describes it",
        )
    elif not namesakes:
        suggestion = _suggestion(name, campaign.workspace)
        yield fail(
            f'the workspace has no template "{name}"{suggestion}; every message fails with error 132001',
            at=campaign.at("template", "name"),
            remedy="choose a template of this WABA in the campaign, or list this one under templates if it exists",
        )
    else:
        yield _unknown_language(campaign, language, namesakes, languages)


MOST_COMPARED = 20_000
"""How many names of templates are compared with those that campaigns use, in a manifest; then no nearest one is looked for."""


def _suggestion(name: str, workspace: Workspace) -> str:
    """The name of a template that may be meant; each name is looked for once, and the first one in any case."""
    suggestions: dict[str, str] = workspace.memo.setdefault("suggestions", {})
    if name not in suggestions:
        known = templates_by_name(workspace)
        room = len(suggestions) * len(known) < MOST_COMPARED
        suggestions[name] = did_you_mean(name, known) if room else ""
    return suggestions[name]


def _unknown_language(
    campaign: Campaign, language: str, namesakes: Sequence[Template], languages: Mapping[str, str]
) -> Problem:
    name = namesakes[0].data["name"]
    spellings = campaign.workspace.memo.setdefault("spellings", {})
    if name not in spellings:
        known = [template.data["language"] for template in reversed(namesakes)]  # of several, the first is meant
        spellings[name] = {fold_language(spelling): spelling for spelling in known}
    same = spellings[name].get(fold_language(language))
    if same is None:
        remedy = f'choose {_languages(namesakes, "or")} in the campaign, or have the template approved in "{language}"'
    elif same in languages:
        remedy = f'write the language as the template has it: "{same}"'
    else:
        code = next((code for code in languages if fold_language(code) == fold_language(same)), None)
        remedy = f'write the language as {"the template" if code is None else "Meta"} has it: "{code or same}"'
    return fail(
        f'template "{name}" exists in {_languages(namesakes, "and")}, not in "{language}"; '
        "every message fails with error 132001",
        at=campaign.at("template", "language"),
        also=[template.at("language", label="the template's language") for template in namesakes[:MOST_NAMED]],
        remedy=remedy,
    )


def _languages(namesakes: Sequence[Template], joint: str) -> str:
    return listed(
        _some([f'"{template.data["language"]}"' for template in namesakes[:MOST_NAMED]], len(namesakes)), joint
    )


MOST_NAMED = 20
"""How many templates or numbers are named for one campaign; the rest is counted."""


def _some(words: Sequence[str], number: int) -> Sequence[str]:
    """The words that are said of so many."""
    return [*words, f"{number - len(words)} more"] if number > len(words) else words


@rule("CMP003", "template-not-ready", step=Step.CAMPAIGNS, consults=("TPL", "NUM"))
def template_not_ready(campaign: Campaign, ctx: Context) -> Problems:
    """A campaign uses a template, or is sent from a number, that has an error of its own.

    The errors themselves are reported where they are; this rule says which campaigns they stop. A campaign without
    `sender` is taken to be sent from `bsp.sender_number`, or from the only number there is.

    Why it matters:
        A template that is not approved, or a number that is not connected, stops every message of the campaign,
        however carefully the rest of it was set up.

    How to put it right:
        1. Put right what the named rules found at the template or the number.
        2. Until then, do not schedule the campaign in MoEngage, or let it use another template or sender.

    Bad:
        ```yaml
        templates:
          - name: order_shipped
            language: en
            category: UTILITY
            status: PAUSED
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - type: BODY
                text: "Hi {{1}}, your order {{2}} is on its way and should reach you by tomorrow evening."
                example: {body_text: [[Asha, "A-1093"]]}
              - type: BUTTONS
                buttons:
                  - type: URL
                    text: Track order
                    url: "https://acme.example/t/{{1}}"
                    example: ["https://acme.example/t/A-1093"]
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
              - type: BODY
                text: "Hi {{1}}, your order {{2}} is on its way and should reach you by tomorrow evening."
                example: {body_text: [[Asha, "A-1093"]]}
              - type: BUTTONS
                buttons:
                  - type: URL
                    text: Track order
                    url: "https://acme.example/t/{{1}}"
                    example: ["https://acme.example/t/A-1093"]
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/support/health-status
        (as of 2025-12, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
        (as of 2025-11-19, sure)

    Since:
        0.1
    """
    for template in templates_of(campaign)[:MOST_NAMED]:
        if codes := ctx.errors_at(template):
            yield _not_ready(
                f"the campaign uses template {shown(template)}, which has errors of its own",
                codes,
                at=campaign.at("template"),
                cause=template,
            )
    sender = sender_of(campaign)
    if sender is not None:
        if codes := ctx.errors_at(sender):
            yield _not_ready(
                f"the campaign is sent from {sender.data['number']}, which has errors of its own",
                codes,
                at=campaign.at("sender"),
                cause=sender,
            )
    elif "sender" not in campaign.data and "sender_number" not in campaign.workspace.bsp.data:
        yield from _perhaps_not_ready(campaign, ctx)


def _perhaps_not_ready(campaign: Campaign, ctx: Context) -> Problems:
    """Where nothing says which number sends, all of them must be ready."""
    memo = campaign.workspace.memo
    if "numbers with errors" not in memo:
        memo["numbers with errors"] = [number for number in campaign.workspace.phone_numbers if ctx.errors_at(number)]
    found: Sequence[PhoneNumber] = memo["numbers with errors"]
    if found:
        numbers = found[:MOST_NAMED]
        named = listed(_some([number.data["number"] for number in numbers], len(found)))
        yield unproven(
            "nothing says from which number the campaign is sent, and "
            f"{named} {'has' if len(found) == 1 else 'have'} errors",
            at=campaign.at("sender"),
            also=[number.at(label=f"{', '.join(ctx.errors_at(number))} found here") for number in numbers],
            remedy="write the number of the sender that the campaign uses in MoEngage as the campaign's sender",
        )


def _not_ready(message: str, codes: Sequence[str], *, at: Place, cause: Subject) -> Problem:
    shown = ", ".join(codes)
    return fail(
        f"{message}: {shown}",
        at=at,
        also=[cause.at(label=f"{shown} found here")],
        remedy=f"put right what {shown} found, or let the campaign use another one until then",
    )


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
