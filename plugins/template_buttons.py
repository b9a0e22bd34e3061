"""Step 4 of the checklist: the buttons of message templates, how many, in which order, where they lead, and their labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from wa_policy.api import Count, Problem, Problems, Rule, Step, Template, fact, fail, hookimpl, rule, rules_in
from wa_policy.plugins._providers import outside_channel
from wa_policy.plugins._template_shapes import shape
from wa_policy.plugins._templates import (
    ADDRESS_OF_BUTTON,
    Part,
    buttons,
    components,
    digest,
    emoji_in,
    fixed,
    form_cap,
    is_authentication,
    named,
    note_if_approved,
    placeholders,
    shown,
    words,
)
from wa_policy.plugins._wording import shortlist

if TYPE_CHECKING:
    from wa_policy.plugins._templates import Placeholder

REPLY = "QUICK_REPLY"


@rule("TPL014", "too-many-buttons", step=Step.TEMPLATES, alike=shape)
def too_many_buttons(
    template: Template,
    *,
    known: Sequence[str] = fact("template_components.buttons"),
    most: Count = fact("template_limits.buttons"),
    per_type: Mapping[str, Count] = fact("template_limits.buttons_per_type"),
    per_type_probable: Mapping[str, Count] = fact("template_form_probable.buttons_per_type"),
    per_card: Count = fact("template_limits.buttons_per_card"),
    replies_beside_others: Count = fact("moengage_template_form.replies_beside_others"),
) -> Problems:
    """A template has more buttons than Meta or MoEngage takes, in all or of one type.

    Meta takes ten buttons in all: up to ten quick replies, two that open an address, and one each of those that call a
    number, copy a code or show products. A card of a carousel may have two. (Older pages of providers speak of three quick
    replies that cannot be mixed with others: that was the rule before 2023.) More than one button that opens a flow is a
    warning, since only a provider says that Meta refuses it; so are more than six quick replies beside other buttons: Meta
    takes them, MoEngage's form does not.

    Why it matters:
        Meta refuses to create the template (error 100), so no campaign can use it. A template that does not fit into
        MoEngage's form cannot be entered there as it is, and a message that differs from the approved template fails.

    How to put it right:
        1. In WhatsApp Manager: Account tools > Message templates, edit the template and remove the buttons that customers
           need least.
        2. Submit it again, and save the same buttons in MoEngage: Settings > Channels > WhatsApp > Templates.

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
                  - {type: PHONE_NUMBER, text: Call the shop, phone_number: "+918047181888"}
                  - {type: PHONE_NUMBER, text: Call the courier, phone_number: "+918047181999"}
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
                  - {type: PHONE_NUMBER, text: Call the shop, phone_number: "+918047181888"}
                  - {type: URL, text: Track order, url: "https://acme.example/track"}
        campaigns: []
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/components
        (as of 2026-06-24, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/marketing-templates/media-card-carousel-templates
        (as of 2026-06-24, sure, for cards)
        https://github.com/infobip/infobip-api-java-client
        (as of 2026-11, probable, for flows)
        https://www.moengage.com/docs/user-guide/campaigns-and-channels/whatsapp/getting-started-with-whatsapp/whatsapp-templates
        (as of 2026-11, sure, for MoEngage's form)

    Since:
        0.1
    """
    for part, found in _buttons(template, known, at_least=2):
        total = most if part.card is None else per_card
        if len(found) > total:
            where = shown(template) if part.card is None else f"card {part.card + 1} of {shown(template)}"
            yield fail(
                f"{where} has {len(found)} buttons; Meta takes {total} at most",
                at=template.at(*found[total].route, label="the first one too many"),
                remedy=f"remove {len(found) - total} of them",
                at_most=form_cap(template),
            )
        for limits, sure in ((per_type, True), (per_type_probable, False)):
            yield from _too_many_of_a_type(template, found, limits, total, sure=sure)
        replies = [button for button in found if button.type == REPLY]
        if replies_beside_others < len(replies) < len(found) <= total and not outside_channel(template.workspace.bsp):
            yield fail(
                f"{shown(template)} has {len(replies)} quick replies beside other buttons; MoEngage's form has room for "
                f"{replies_beside_others}",
                at=template.at(*replies[replies_beside_others].route, label="the first one too many"),
                remedy="leave out quick replies, or all other buttons",
                at_most="warning",
            )


def _too_many_of_a_type(
    template: Template, found: Sequence[Part], limits: Mapping[str, int], total: int, *, sure: bool
) -> Problems:
    """Say of which types there are too many; one that alone would exceed the total has been said already."""
    types = [button.type for button in found]
    for kind, most in limits.items():
        if most < types.count(kind) and most < total:
            same = [button for button in found if button.type == kind]
            yield fail(
                f"{shown(template)} has {len(same)} buttons of type {kind}; Meta "
                f"{'takes' if sure else 'is reported to take'} {most} at most",
                at=template.at(*same[most].route, label="the first one too many"),
                remedy=f"keep {most} of them",
                at_most=form_cap(template) if sure else "warning",
            )


@rule("TPL015", "interleaved-buttons", step=Step.TEMPLATES, alike=shape)
def interleaved_buttons(template: Template, *, known: Sequence[str] = fact("template_components.buttons")) -> Problems:
    """Quick replies and other buttons of a template are mixed instead of standing in two groups.

    All quick replies must stand together, and all other buttons too; either group may come first.

    Why it matters:
        Meta refuses to create the template: its API calls it an invalid combination of buttons.

    How to put it right:
        1. Put all quick replies first, or all of them last.
        2. In WhatsApp Manager: Account tools > Message templates, submit the template with its buttons in that order.
        3. Enter them in the same order in MoEngage: Settings > Channels > WhatsApp > Templates.

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
                  - {type: QUICK_REPLY, text: I am at home}
                  - {type: URL, text: Track order, url: "https://acme.example/track"}
                  - {type: QUICK_REPLY, text: Leave it with a neighbour}
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
                  - {type: QUICK_REPLY, text: I am at home}
                  - {type: QUICK_REPLY, text: Leave it with a neighbour}
                  - {type: URL, text: Track order, url: "https://acme.example/track"}
        campaigns: []
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/components
        (as of 2026-06-24, sure)

    Since:
        0.1
    """
    for _, found in _buttons(template, known, at_least=3):
        groups = _groups(found)
        if len(groups) > 2:
            order = ", ".join(words(group[0].type) for group in groups[:4]) + (", ..." if len(groups) > 4 else "")
            yield fail(
                f"the buttons of {shown(template)} are mixed ({order}); Meta takes quick replies and other buttons in two "
                "groups only",
                at=template.at(*groups[2][0].route, label="starts a third group"),
                remedy="put all quick replies first, or all of them last",
                at_most=form_cap(template),
            )


@rule("TPL016", "button-url", step=Step.TEMPLATES, alike=shape)
def button_url(template: Template) -> Problems:
    """A button leads to an address that Meta does not take.

    An address begins with http:// or https:// and a host, and has no blanks in it. It may have one placeholder, at its very
    end, for what differs from message to message; one that is not well-formed, as with blanks in its braces, is the matter of
    TPL020. Whether there is an example for it is another rule's question; that an example
    leads to another host than the button is a warning here. Templates for one-time codes are left out: Meta writes the
    addresses of their buttons.

    Why it matters:
        Meta refuses to create the template (error 100), so no campaign can use it. An example on another host makes
        the reviewer doubt where the button leads; MoEngage asks for the same host too.

    How to put it right:
        1. Arrange that the part which differs comes last: `https://acme.example/track/{{1}}` instead of
           `https://acme.example/{{1}}/track`. Where two things differ, let one value carry both.
        2. In WhatsApp Manager: Account tools > Message templates, edit the button and submit the template again.
        3. Save the same address in MoEngage: Settings > Channels > WhatsApp > Templates.

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
                  - type: URL
                    text: Track order
                    url: "https://acme.example/{{1}}/track"
                    example: ["https://acme.example/A-1093/track"]
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
                  - type: URL
                    text: Track order
                    url: "https://acme.example/track/{{1}}"
                    example: ["https://acme.example/track/A-1093"]
        campaigns: []
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/components
        (as of 2026-06-24, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/marketing-templates/media-card-carousel-templates
        (as of 2026-06-24, sure)
        https://www.moengage.com/docs/partner-guide/messaging-channels/whatsapp-providers/meta/configure-meta-templates
        (as of 2026-11, sure, for the host of the example)

    Since:
        0.1
    """
    if is_authentication(template):
        return
    for part in components(template):
        if part.type == "BUTTONS":
            for button in buttons(part):
                if button.type == "URL":
                    yield from _address(template, button)


def _address(template: Template, button: Part) -> Problems:
    url = button.data.get("url", "")
    start = ADDRESS_OF_BUTTON.match(url)
    if start is None or (len(url.split()) > 1 and len(fixed(url, "x").split()) > 1):
        yield _no_web_address(template, button, url)
        return
    found = placeholders(url)
    if found and not any(placeholder.is_broken for placeholder in found):  # else they have to be mended first
        yield from _suffix(template, button, url, found)
    if "example" in button.data:
        yield from _example_elsewhere(template, button, start[1])


def _no_web_address(template: Template, button: Part, url: str) -> Problem:
    if not url:
        says, remedy = "has no address", "write the address that it opens, beginning with https://"
    else:
        says = f'opens "{url}", which is no http:// or https:// address with a fixed host'
        remedy = "write a whole address that begins with https:// and your own host, without blanks"
    return fail(
        f"{named(button, template)} {says}",
        at=template.at(*button.route, "url"),
        remedy=remedy,
        at_most=form_cap(template),
    )


def _suffix(template: Template, button: Part, url: str, found: Sequence[Placeholder]) -> Problems:
    """Judge where the placeholders of an address stand."""
    if len(found) > 1:
        yield fail(
            f"the address of {named(button, template)} has {len(found)} placeholders; Meta takes one, at the end",
            at=template.at(*button.route, "url"),
            remedy="let one value carry everything that differs, and put its placeholder at the end",
            at_most=form_cap(template),
        )
    elif found[0].end != len(url.rstrip()):
        yield fail(
            f"the address of {named(button, template)} goes on after {found[0].text}, with "
            f'"{url[found[0].end :]}"; Meta takes a placeholder only at the very end',
            at=template.at(*button.route, "url"),
            remedy="arrange that the part which differs from message to message comes last",
            at_most=form_cap(template),
        )


def _example_elsewhere(template: Template, button: Part, host: str) -> Problems:
    example = button.data["example"]
    for sample in [example] if isinstance(example, str) else example:
        leads_to = ADDRESS_OF_BUTTON.match(sample)
        if leads_to and leads_to[1].casefold() != host.casefold():
            yield fail(
                f"the example of {named(button, template)} leads to {leads_to[1]}, the button itself to {host}",
                at=template.at(*button.route, "example"),
                also=[template.at(*button.route, "url", label="the button's address")],
                remedy=f"give an example of an address on {host}",
                at_most="warning",
            )


@rule("TPL017", "desktop-hidden-buttons", step=Step.TEMPLATES, alike=shape)
def desktop_hidden_buttons(
    template: Template,
    *,
    known: Sequence[str] = fact("template_components.buttons"),
    most: Count = fact("template_limits.buttons"),
    on_desktop: Count = fact("template_limits.buttons_on_desktop"),
) -> Problems:
    """Customers who read on a computer will not see the message, because of its buttons.

    WhatsApp for desktop and on the web does not show a template with more than three buttons, or with quick replies
    beside buttons of another type. On phones it is shown. Faults in the number and the order of buttons come first: as long
    as there is one, this is not told.

    Why it matters:
        A customer at a computer sees a note in place of the message, asking to look at the phone. Whoever does not look loses
        the message, and the campaign's clicks are fewer than they might be.

    How to put it right:
        1. Decide whether the customers of this message read on computers; if they hardly do, allow this in the policy.
        2. Otherwise keep three buttons at most, and either quick replies or others.
        3. In WhatsApp Manager: Account tools > Message templates, edit the template and submit it again; save the same
           buttons in MoEngage: Settings > Channels > WhatsApp > Templates.

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
                  - {type: QUICK_REPLY, text: I am at home}
                  - {type: URL, text: Track order, url: "https://acme.example/track"}
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
                  - {type: URL, text: Track order, url: "https://acme.example/track"}
        campaigns: []
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/components
        (as of 2026-06-24, sure)

    Since:
        0.1
    """
    for part, found in _buttons(template, known, at_least=2):
        if part.card is not None or len(found) > most or len(groups := _groups(found)) > 2:
            continue
        if len(groups) == 2:
            yield _hidden(template, found, f"quick replies beside {_others(found)}", on_desktop)
        elif len(found) > on_desktop:
            yield _hidden(template, found, f"{len(found)} buttons, more than {on_desktop}", on_desktop)


def _others(found: Sequence[Part]) -> str:
    kinds = shortlist(words(button.type) for button in found if button.type != REPLY)
    return f"buttons of another type ({kinds})"


def _hidden(template: Template, found: Sequence[Part], why: str, most: int) -> Problem:
    return fail(
        f"customers at a computer will not see {shown(template)}: it has {why}",
        at=template.at(*found[0].route[:-1]),
        remedy=f"keep {most} buttons at most, quick replies or others, or accept that the message is seen on phones only",
        at_most="warning",
    )


def _buttons(template: Template, known: Sequence[str], at_least: int) -> Sequence[tuple[Part, Sequence[Part]]]:
    """The lists of so many buttons or more in a template and its cards, without buttons of types that nobody knows.

    A template for one-time codes has none: what button it may have is a question of its own.
    """
    if len(digest(template).buttons) < at_least or is_authentication(template):
        return ()
    lists = [
        (part, [button for button in buttons(part) if button.type in known])
        for part in components(template)
        if part.type == "BUTTONS"
    ]
    return [(part, found) for part, found in lists if len(found) >= at_least]


def _groups(found: Sequence[Part]) -> list[list[Part]]:
    """Buttons in runs: quick replies, others, quick replies, and so on."""
    return [list(group) for _, group in groupby(found, key=lambda button: button.type == REPLY)]


@rule("TPL018", "button-label", step=Step.TEMPLATES, certainty="probable", alike=shape)
def button_label(
    template: Template,
    *,
    labelled: Sequence[str] = fact("template_components.labelled"),
    emoji: str = fact("emoji.ranges"),
) -> Problems:
    """The label of a button has a placeholder, emoji or a line break in it, or another button has the same.

    Buttons are compared with those beside them: the cards of a carousel may have the same labels as each other. Where Meta
    has approved the template all the same, this is a note. How long a label may be is another rule's question.

    Why it matters:
        Meta's forms are reported to refuse such a label, so that the template cannot be submitted. Of two buttons with one
        label, customers and reports of clicks cannot tell which is which.

    How to put it right:
        1. Write each label as plain words in one line, and give each button a label of its own. What differs from message to
           message belongs into the body.
        2. In WhatsApp Manager: Account tools > Message templates, edit the buttons and submit the template again.
        3. Save the same labels in MoEngage: Settings > Channels > WhatsApp > Templates.

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
                  - {type: URL, text: "Track {{1}}", url: "https://acme.example/track"}
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
                  - {type: URL, text: Track order, url: "https://acme.example/track"}
        campaigns: []
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/marketing-templates/coupon-templates
        (as of 2026-11, probable; that forms refuse such labels is known from WhatsApp Manager and Ads Manager alone)

    Since:
        0.1
    """
    if is_authentication(template):
        return
    cap = note_if_approved(template, "warning")
    for part in components(template):
        first: dict[str, Part] = {}
        for button in buttons(part):
            label = button.data.get("text", "")
            if button.type not in labelled or not label:
                continue
            if odd := _odd_in(label, emoji):
                yield fail(
                    f"the label of {named(button, template)} has {shortlist(odd)} in it, which Meta is reported to refuse",
                    at=template.at(*button.route, "text"),
                    remedy="write the label as plain words in one line",
                    at_most=cap,
                )
            if first.setdefault(label, button) is not button:
                yield fail(
                    f"{named(button, template)} has the same label as another, which Meta is reported to refuse",
                    at=template.at(*button.route, "text"),
                    also=[template.at(*first[label].route, "text", label="the other one")],
                    remedy="give each button a label of its own",
                    at_most=cap,
                )


def _odd_in(label: str, emoji: str) -> list[str]:
    """What a label has that belongs into none; a stray brace may be meant as text."""
    odd = [placeholder.text for placeholder in placeholders(label) if placeholder.fault != "stray brace"]
    return [*odd, *emoji_in(label, emoji), *(["a line break"] if len(label.splitlines()) > 1 else [])]


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
