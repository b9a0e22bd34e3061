"""Step 4 of the checklist: templates as MoEngage keeps them, beside the ones that Meta has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from wa_policy.api import (
    Count,
    Problem,
    Problems,
    Rule,
    Step,
    Template,
    claimed,
    did_you_mean,
    fact,
    fail,
    hookimpl,
    rule,
    rules_in,
    unproven,
)
from wa_policy.plugins._campaigns import user_of
from wa_policy.plugins._languages import fold_language
from wa_policy.plugins._meta_values import known
from wa_policy.plugins._providers import Providers, name_of, outside_channel
from wa_policy.plugins._template_copies import differences
from wa_policy.plugins._template_shapes import shape, wording
from wa_policy.plugins._templates import (
    Part,
    buttons,
    components,
    digest,
    is_authentication,
    linked,
    named,
    shown,
)
from wa_policy.plugins._wording import shortlist

if TYPE_CHECKING:
    from wa_policy.plugins._template_copies import Difference
    from wa_policy.plugins._templates import Cap

Statuses = Mapping[str, Mapping[str, str | bool]]
FORM = "MoEngage (Settings > Channels > WhatsApp > Templates)"


@rule("TPL002", "template-differs-in-moengage", step=Step.TEMPLATES)
def template_differs_in_moengage(
    template: Template,
    *,
    usable: Sequence[str] = fact("moengage_templates.usable"),
    statuses: Statuses = fact("moengage_templates.statuses"),
    synchronised: Sequence[str] = fact("moengage_templates.synchronised"),
    types: Mapping[str, Sequence[str]] = fact("moengage_templates.types"),
    simple_types: Sequence[str] = fact("moengage_templates.simple_types"),
    languages: Mapping[str, str] = fact("template_languages.codes"),
) -> Problems:
    """MoEngage's copy of a template is not Approved, or is not the same as Meta's.

    MoEngage keeps a copy of every template, typed in by hand or synchronised, with a status of its own. Name, language,
    category and, if in_moengage.components gives them, texts and buttons must be Meta's, character by character; blanks
    at either end of a text do not count, and of a template for one-time codes, whose text Meta writes, the texts are not
    compared. A copy that merely waits, or that nobody has compared, is a warning.

    Why it matters:
        MoEngage does not compare the copy with Meta's when it is saved. If a text, a button or the language differs, the
        provider refuses every message ("Message does not match WhatsApp HSM template", "INTERACTIVE BUTTON TEMPLATE
        MISMATCH", error 132001), and the campaign fails only when it runs. Sends on a suspended copy fail at once.

    How to put it right:
        1. In WhatsApp Manager: Account tools > Message templates, open the template in its language.
        2. In MoEngage: Settings > Channels > WhatsApp > Templates, open the copy and make it the same, or press "Sync
           Template" where MoEngage synchronises with the provider (Gupshup, Karix, Meta).
        3. A template that a campaign uses cannot be edited in MoEngage: duplicate it, and let the campaign use the copy.

    Bad:
        ```yaml
        templates:
          - name: order_shipped
            language: en
            category: UTILITY
            status: APPROVED
            in_moengage:
              status: Approved
              sender_profiles: [acme-main]
              components:
                - {type: BODY, text: "Your order is on the way and should reach you by tomorrow evening."}
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
            in_moengage:
              status: Approved
              sender_profiles: [acme-main]
              components:
                - {type: BODY, text: "Your order is on its way and should reach you by tomorrow evening."}
            components:
              - {type: BODY, text: "Your order is on its way and should reach you by tomorrow evening."}
        campaigns: []
        ```

    Source:
        https://www.moengage.com/docs/user-guide/campaigns-and-channels/whatsapp/getting-started-with-whatsapp/whatsapp-templates
        (as of 2026-11, sure)
        https://www.moengage.com/docs/user-guide/campaigns-and-channels/whatsapp/troubleshooting-and-faqs-whatsapp/common-errors-in-whatsapp-campaigns
        (as of 2026-11, sure)

    Since:
        0.1
    """
    copy = template.data.get("in_moengage")
    if copy is None:
        yield from _no_copy(template)
        return
    yield from _status(template, usable, statuses, synchronised)
    if not copy.keys().isdisjoint(("name", "language", "category")):
        yield from _identity(template, languages)
    if "template_type" in copy:
        yield from _type(template, types, simple_types)
    if "components" in copy and "components" in template.data and not is_authentication(template):
        for difference in differences(template.data["components"], copy["components"]):
            yield _different(template, difference)


def _no_copy(template: Template) -> Problems:
    """Say that nothing shows a copy where a campaign needs one; a connector of one's own needs none."""
    workspace = template.workspace
    if not template.at_stake or outside_channel(workspace.bsp):
        return
    campaign = user_of(template)
    if campaign is not None:
        used = campaign.at("template", label="used here")
        yield unproven(
            f"nothing says that MoEngage has template {shown(template)}, which a campaign uses",
            at=template.at("in_moengage") if template.listed else used,
            also=[used] if template.listed else [],
            remedy=f"list the template with the status that {FORM} shows for it as in_moengage.status",
        )


def _status(template: Template, usable: Sequence[str], statuses: Statuses, synchronised: Sequence[str]) -> Problems:
    copy = template.data.get("in_moengage", {})
    status = copy.get("status")
    if status is None:
        yield unproven(
            f"nothing says which status MoEngage gives its copy of template {shown(template)}",
            at=template.at("in_moengage", "status"),
            remedy=f"write the status that {FORM} shows for it",
        )
        return
    word = status if status in statuses else known(status, statuses)
    if word is None:
        yield unproven(
            f'"{status}" is no status that MoEngage gives templates{did_you_mean(status, statuses)}',
            at=template.at("in_moengage", "status"),
            remedy=f"write the status that {FORM} shows for it",
        )
    elif word not in usable:
        means = statuses[word]
        stopped = means.get("campaigns") is False or means.get("sends") is False
        then = (
            "synchronise it in MoEngage" if template.workspace.bsp.provider in synchronised else "save it in MoEngage"
        )
        yield fail(
            f"MoEngage's copy of template {shown(template)} is {word}: {means['meaning']}",
            at=template.at("in_moengage", "status"),
            remedy=f"{means['remedy']}, then {then}",
            at_most="error" if stopped else "warning",
        )
    elif "components" not in copy:
        yield from claimed(template, "in_moengage", "status", by="the copy's texts, as in_moengage.components")
    elif "components" not in template.data:
        by = "Meta's own texts, as the template's components, with which those of the copy are then compared"
        yield from claimed(template, "in_moengage", "status", by=by)


def _identity(template: Template, languages: Mapping[str, str]) -> Problems:
    """Compare name, language and category, as far as the manifest says that MoEngage's are others."""
    copy: Mapping[str, Any] = template.data.get("in_moengage", {})
    ours: Mapping[str, Any] = template.data
    name, language, category = (str(copy.get(key, ours.get(key, ""))) for key in ("name", "language", "category"))
    if name != template.data["name"]:
        yield _other_word(template, "name", "error")
    if language != template.data["language"]:
        folded, spelt_out = (
            fold_language(template.data["language"]),
            fold_language(languages.get(template.data["language"], "")),
        )
        if fold_language(language) != spelt_out:
            yield _other_word(template, "language", "warning" if fold_language(language) == folded else "error")
    if category.casefold() != template.data.get("category", "").casefold():
        yield _other_word(template, "category", "error")


def _other_word(template: Template, key: str, cap: Cap) -> Problem:
    copy: Mapping[str, Any] = template.data.get("in_moengage", {})
    how = "is written otherwise" if cap == "warning" else "is another"
    return fail(
        f'the {key} of template {shown(template)} {how} in MoEngage: Meta "{template.data.get(key, "")}" | '
        f'MoEngage "{copy[key]}"',
        at=template.at("in_moengage", key),
        also=[template.at(key, label=f"Meta's {key}")],
        remedy=f"choose Meta's {key} in {FORM}",
        at_most=cap,
    )


def _type(template: Template, types: Mapping[str, Sequence[str]], simple_types: Sequence[str]) -> Problems:
    """Compare the type that was chosen in MoEngage with what the template is; types not known here say nothing."""
    chosen = template.data.get("in_moengage", {}).get("template_type")
    if chosen is None or "components" not in template.data:
        return
    special = next((part for part in components(template) if part.type in types), None)
    fitting = simple_types if special is None else types[special.type]
    every_type = {word.casefold() for words in (*types.values(), simple_types) for word in words}
    if chosen.casefold() in every_type.difference(word.casefold() for word in fitting):
        yield fail(
            f"the type of template {shown(template)} is another in MoEngage: Meta's is {fitting[0]} | "
            f"MoEngage {chosen}",
            at=template.at("in_moengage", "template_type"),
            also=[] if special is None else [template.at(*special.route, label="what makes it one")],
            remedy=f"enter the template anew in {FORM}, with the template type {fitting[0]}",
        )


def _different(template: Template, difference: Difference) -> Problem:
    verb = "differ" if difference.what.startswith("the buttons") else "differs"
    how = f" {difference.how}" if difference.how else ""
    return fail(
        f"{difference.what} of {shown(template)} {verb}{how} in MoEngage: Meta {difference.meta} | "
        f"MoEngage {difference.moengage}",
        at=template.at("in_moengage", "components", *difference.moengage_route),
        also=[template.at("components", *difference.meta_route, label="Meta's text")],
        remedy=f"make it the same as Meta's in {FORM}",
        at_most=difference.cap,
    )


@rule("TPL035", "provider-lacks-feature", step=Step.TEMPLATES, alike=shape)
def provider_lacks_feature(
    template: Template,
    *,
    providers: Providers = fact("providers"),
    supporting: Sequence[str] = fact("moengage_templates.special.providers"),
    of_components: Mapping[str, str] = fact("moengage_templates.special.components"),
    of_buttons: Mapping[str, str] = fact("moengage_templates.special.buttons"),
    undoubted_buttons: Count = fact("moengage_templates.special.undoubted_buttons"),
) -> Problems:
    """A template has something that MoEngage does not send through this provider.

    MoEngage supports carousels, limited-time offers, coupon codes and up to ten buttons for Gupshup, Karix and Infobip
    only. How many buttons it supports for others its pages do not say. Campaigns through a connector of one's own do not
    use MoEngage's templates, and are not looked at.

    Why it matters:
        Meta approves the template, for it knows nothing of MoEngage. But MoEngage does not send it through this provider,
        which shows on the day when the campaign is built.

    How to put it right:
        1. Leave out what is not supported: send one image in place of a carousel, write the coupon code into the text.
        2. Or ask MoEngage's support whether it supports it for your provider by now, and let your policy carry that as
           a fact.
        3. Or send these messages through Gupshup, Karix or Infobip.

    Bad:
        ```yaml
        bsp:
          provider: aisensy
          credentials: {username: null, password: null, api_key: {vault: crm/aisensy#key}}
        templates:
          - name: early_access
            language: en
            category: MARKETING
            status: APPROVED
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - {type: BODY, text: "Our autumn coats are 20% off for members until tonight, in every shop and online."}
              - type: BUTTONS
                buttons:
                  - {type: COPY_CODE, example: AUTUMN20}
        campaigns: []
        ```

    Good:
        ```yaml
        templates:
          - name: early_access
            language: en
            category: MARKETING
            status: APPROVED
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - {type: BODY, text: "Our autumn coats are 20% off for members until tonight, in every shop and online."}
              - type: BUTTONS
                buttons:
                  - {type: COPY_CODE, example: AUTUMN20}
        campaigns: []
        ```

    Source:
        https://www.moengage.com/docs/user-guide/campaigns-and-channels/whatsapp/getting-started-with-whatsapp/whatsapp-templates
        (as of 2026-11, sure)

    Since:
        0.1
    """
    bsp = template.workspace.bsp
    if bsp.provider in supporting or outside_channel(bsp):
        return
    name = name_of(bsp, providers)
    only = shortlist([str(providers.get(one, {}).get("name", one)) for one in supporting])
    provider = bsp.at("provider", label="the provider")
    parts = components(template)
    for part, what in _special(parts, of_components, of_buttons):
        yield fail(
            f"template {shown(template)} has {what}, which MoEngage supports for {only} only, not for {name}",
            at=template.at(*part.route),
            also=[provider],
            remedy=f"leave it out, or ask MoEngage whether it supports it for {name} by now",
        )
    for part in parts:
        number = len(part.data.get("buttons", ()))
        if number > undoubted_buttons:
            yield unproven(
                f"{named(part, template)} are {number}; MoEngage takes up to ten for {only}, and its pages do not say how "
                f"many for {name}",
                at=template.at(*part.route, "buttons"),
                also=[provider],
                remedy=f"ask MoEngage how many buttons it takes for {name}, or make do with {undoubted_buttons}",
                at_most="warning",
            )


def _special(
    parts: Sequence[Part], of_components: Mapping[str, str], of_buttons: Mapping[str, str]
) -> Iterator[tuple[Part, str]]:
    """The components and buttons that not every provider has, and what each is called."""
    for part in parts:
        if part.type in of_components:
            yield part, of_components[part.type]
        for button in buttons(part):
            if button.type in of_buttons:
                yield button, of_buttons[button.type]


@lru_cache(maxsize=8)
def _alone(domain: str) -> Sequence[str]:
    """A list of one: the same one each time, so that it is taken apart once."""
    return (domain,)


@rule("TPL036", "tracking-domain", step=Step.TEMPLATES, alike=wording)
def tracking_domain(
    template: Template,
    *,
    domain: str = fact("moengage_templates.tracking.domain"),
    host: str = fact("moengage_templates.tracking.host"),
) -> Problems:
    """A link that MoEngage shall track goes to another data center than the workspace's, or is no such link.

    Where MoEngage tracks links ("Dynamic Link Tracking"), the address that Meta approves is `https://uX.mnge.co`, with
    the number of the data center for X: `https://u3.mnge.co` in DC-03. Nothing is known of links to `mnge.co` itself, and
    nothing is said of them.

    Why it matters:
        MoEngage puts links of the workspace's data center into the messages. Where Meta approved another address, they do
        not fit the template; and an approved address cannot be changed without a new review.

    How to put it right:
        1. In MoEngage: see the data center in the address of the dashboard (dashboard-03 is DC-03).
        2. In WhatsApp Manager: Account tools > Message templates, edit the template, write the address with that number,
           and submit it again.
        3. Write the same address in MoEngage's copy.

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
              - type: BUTTONS
                buttons:
                  - {type: URL, text: Track order, url: "https://u1.mnge.co/{{1}}", example: ["https://u1.mnge.co/a1b2"]}
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
              - type: BUTTONS
                buttons:
                  - {type: URL, text: Track order, url: "https://u3.mnge.co/{{1}}", example: ["https://u3.mnge.co/a1b2"]}
        campaigns: []
        ```

    Source:
        https://www.moengage.com/docs/user-guide/campaigns-and-channels/whatsapp/create/create-a-whatsapp-campaign
        (as of 2026-11, sure)
        https://www.moengage.com/docs/user-guide/data/key-concepts/data-centers-in-moengage (as of 2026-11, sure)

    Since:
        0.1
    """
    written = digest(template).written
    if not written.may_have(_alone(domain)) or domain not in written.folded:
        return
    moengage = template.workspace.moengage
    number = moengage.data["data_center"].rpartition("-")[2].lstrip("0")
    wanted = host.format(number=number)
    for route, text in linked(template):
        for scheme, found in hosts_below(domain, text.casefold()):
            if found == wanted and scheme == "https://":
                continue
            yield fail(
                f'MoEngage tracks links of this workspace under "https://{wanted}", not under "{scheme}{found}"',
                at=template.at(*route),
                also=[moengage.at("data_center", label="the data center")],
                remedy=f"write https://{wanted} in its place, and have the template approved again",
            )


def hosts_below(domain: str, folded: str) -> list[tuple[str, str]]:
    """The hosts below a domain that a text names, each with its scheme if it has one."""
    # A name is looked at from its first label on, and each label as a whole: else every character might begin it anew.
    start = r"(?:(?<![a-z])([a-z]++://)|(?<![\w-])(?<![\w-]\.))"
    return re.findall(rf"{start}((?:[\w-]++\.)+{re.escape(domain)})(?![\w-]|\.\w)", folded)


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
