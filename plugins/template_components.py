"""Step 4 of the checklist: the parts that a message template is made of, and how long they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from wa_policy.api import Count, Problem, Problems, Rule, Step, Template, fact, fail, hookimpl, rule, rules_in, unproven
from wa_policy.plugins._providers import outside_channel
from wa_policy.plugins._template_shapes import plain, shape
from wa_policy.plugins._templates import (
    Part,
    buttons,
    components,
    digest,
    emoji_in,
    form_cap,
    is_approved,
    is_authentication,
    is_text,
    named,
    shown,
    words,
)
from wa_policy.plugins._wording import shortlist

if TYPE_CHECKING:
    from wa_policy.plugins._templates import Cap

Table = Mapping[str, Sequence[str]]


@rule("TPL010", "missing-body", step=Step.TEMPLATES, alike=shape)
def missing_body(
    template: Template,
    *,
    once: Sequence[str] = fact("template_components.once"),
    not_together: Mapping[str, Sequence[str]] = fact("template_components.not_together"),
    not_together_in_moengage: Mapping[str, Sequence[str]] = fact("moengage_template_form.not_together"),
    not_seen_together: Mapping[str, Sequence[str]] = fact("template_form_probable.not_together"),
    flow_references: Sequence[str] = fact("template_components.flow_references"),
    labelled: Sequence[str] = fact("template_components.labelled"),
) -> Problems:
    """A template lacks its body, or has parts that are empty, come twice or do not go together.

    Every template needs one BODY. It may have one HEADER, one FOOTER and one list of BUTTONS. A limited-time offer has no
    footer, and in MoEngage a template is either a carousel or a limited-time offer. Header, footer or buttons beside a
    carousel (not in its cards) are a warning: Meta describes none, and does not say that it refuses them. A button that opens
    a flow names it once: by flow_id, flow_name or flow_json. A button without its label
    or its phone number is a warning: Meta's pages describe none, and do not say that it refuses them. Of a template
    whose components are not given nothing can be said; if Meta has approved it, nothing need be.

    Why it matters:
        Meta refuses to create the template (error 100), so that it never comes to a review, and no campaign can use it.
        MoEngage does not check a template when it is saved there.

    How to put it right:
        1. In WhatsApp Manager: Account tools > Message templates, open the template and compare its parts with the
           manifest.
        2. Write the text of the message as the one BODY; leave out what comes twice, and the footer of an offer.
        3. Submit the template again, and save the same parts in MoEngage: Settings > Channels > WhatsApp > Templates.

    Bad:
        ```yaml
        templates:
          - name: order_shipped
            language: en
            category: UTILITY
            status: APPROVED
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - {type: HEADER, format: TEXT, text: Your order is on its way}
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
              - {type: HEADER, format: TEXT, text: Your order is on its way}
              - {type: BODY, text: "It has left our warehouse and should reach you by tomorrow evening."}
        campaigns: []
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/components
        (as of 2026-06-24, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/marketing-templates/limited-time-offer-templates
        (as of 2026-06-17, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/marketing-templates/media-card-carousel-templates
        (as of 2026-06-24, probable, for what stands beside a carousel)
        https://github.com/facebook/openapi (as of 2026-11, sure, for flows)
        https://www.moengage.com/docs/user-guide/campaigns-and-channels/whatsapp/getting-started-with-whatsapp/whatsapp-templates
        (as of 2026-11, sure)

    Since:
        0.1
    """
    parts = components(template)
    if not parts:
        yield from _not_given(template)
        return
    first: dict[tuple[int | None, str], Part] = {}
    for part in parts:
        if part.type in once:
            known = first.setdefault((part.card, part.type), part)
            if known is not part:
                yield _twice(template, known, part)
    if (None, "BODY") not in first and all(part.type for part in parts):
        yield fail(
            f"{shown(template)} has no body; Meta takes no template without one",
            at=template.at("components"),
            remedy=f"add a component of type BODY {_BODY_OF_META if is_authentication(template) else _BODY}",
            at_most=form_cap(template),
        )
    if not digest(template).types.isdisjoint((*not_together, *not_together_in_moengage, *not_seen_together)):
        main = {kind: part for (card, kind), part in first.items() if card is None}
        refused = [
            *_apart(template, main, not_together, "; Meta refuses that"),
        ]
        if not outside_channel(template.workspace.bsp):
            refused += _apart(template, main, not_together_in_moengage, "; in MoEngage a template is one or the other")
        yield from refused or _apart(template, main, not_seen_together, ", where Meta describes none", sure=False)
    if not is_authentication(template):
        yield from _empty(template, parts)
        yield from _empty_buttons(template, labelled)
    if "FLOW" in digest(template).types:
        yield from _flows(template, flow_references)


_BODY = "with the text of the message"
_BODY_OF_META = "without a text, which Meta writes itself"


def _flows(template: Template, references: Sequence[str]) -> Problems:
    """Judge how buttons that open a flow name it; of a template that Meta has approved, not that its answer names none."""
    for button in digest(template).buttons:
        if button.type != "FLOW":
            continue
        given = [key for key in references if key in button.data]
        if len(given) > 1:
            yield fail(
                f"{named(button, template)} names its flow by {shortlist(given)}; Meta takes one of them",
                at=template.at(*button.route, given[1]),
                also=[template.at(*button.route, given[0], label="named here already")],
                remedy=f"keep {given[0]}, and remove the other" if len(given) == 2 else "keep one of them",
                at_most=form_cap(template),
            )
        elif not given and not is_approved(template):
            yield fail(
                f"{named(button, template)} names no flow to open; Meta takes no such button",
                at=template.at(*button.route),
                remedy=f"write which flow it opens: one of {', '.join(references)}",
                at_most=form_cap(template),
            )


def _not_given(template: Template) -> Problems:
    if not is_approved(template):
        yield unproven(
            f"the text of {shown(template)} is not given, so its form was not checked",
            at=template.at("components"),
            remedy="write the template's components here as Meta's API gives them, or as they are to be submitted",
            at_most="info",
        )


def _twice(template: Template, known: Part, part: Part) -> Problem:
    return fail(
        f"{_whole(template, part)} has a second component of type {part.type}; Meta takes one at most",
        at=template.at(*part.route),
        also=[template.at(*known.route, label="the first one")],
        remedy="put both into one component, or remove one of them",
        at_most=form_cap(template),
    )


def _apart(template: Template, main: Mapping[str, Part], table: Table, why: str, *, sure: bool = True) -> Problems:
    for kind, others in table.items():
        if kind in main:
            for other in others:
                if other in main:
                    yield fail(
                        f"{shown(template)} has its {words(other)} beside a {words(kind)}{why}",
                        at=template.at(*main[other].route),
                        also=[template.at(*main[kind].route, label=f"the {words(kind)}")],
                        remedy=f"remove the {words(other)}, or make it a template without a {words(kind)}",
                        at_most=form_cap(template) if sure else "warning",
                    )


def _empty(template: Template, parts: Sequence[Part]) -> Problems:
    for part in parts:
        if part.type == "HEADER" and not part.data.get("format"):
            yield fail(
                f"{named(part, template)} has no format, so nothing says what it shows",
                at=template.at(*part.route, "format"),
                remedy="write what it shows as its format: TEXT, IMAGE, VIDEO, DOCUMENT or LOCATION",
                at_most=form_cap(template),
            )
        elif part.type == "BUTTONS" and not part.data.get("buttons"):
            yield _nothing_in(template, part, "buttons")
        elif is_text(part) and not part.data.get("text", "").strip():
            yield _nothing_in(template, part, "text")


def _empty_buttons(template: Template, labelled: Sequence[str]) -> Problems:
    """Judge buttons that lack their label or the number to call. Of a one-time code's button Meta writes the label itself;
    of one without an address another rule speaks.
    """
    for button in digest(template).buttons:
        needed = [("text", "label")] if button.type in labelled and button.type != "OTP" else []
        if button.type == "PHONE_NUMBER":
            needed.append(("phone_number", "phone number"))
        for key, what in needed:
            if not button.data.get(key, "").strip():
                yield fail(
                    f"{named(button, template)} has no {what}, and Meta describes no such button",
                    at=template.at(*button.route, key),
                    remedy=f"write its {what} as {key}, or remove the button",
                    at_most="warning",
                )


def _nothing_in(template: Template, part: Part, key: str) -> Problem:
    return fail(
        f"{_whole(template, part)} has a {part.type} without {key}; Meta takes no empty component",
        at=template.at(*part.route, key),
        remedy=f"write its {key}, or remove the component",
        at_most=form_cap(template),
    )


def _whole(template: Template, part: Part) -> str:
    """What a component is a part of, as messages call it."""
    return shown(template) if part.card is None else f"card {part.card + 1} of {shown(template)}"


@rule("TPL011", "text-too-long", step=Step.TEMPLATES)
def text_too_long(
    template: Template,
    *,
    lengths: Mapping[str, Count] = fact("template_limits.lengths"),
    body_of_card: Count = fact("template_form_probable.body_of_card"),
    labelled: Sequence[str] = fact("template_components.labelled"),
    emoji_in_body: Mapping[str, Count] = fact("template_form_probable.emoji_in_body"),
    emoji: str = fact("emoji.ranges"),
) -> Problems:
    """A text of a template is longer than Meta takes, or its body has more emoji than WhatsApp Manager takes.

    Counted are characters as written, a placeholder with its braces; what fills it counts only when a message is sent.
    A header and a footer may have 60 characters, a body 1,024 (600 beside a limited-time offer, 160 with a button that shows
    a single product), the label of a button 25, an address 2,000, a phone number 20 and the example of a coupon code 20.

    Three of these are warnings: a body of more than 160 characters in a carousel's card and more than 10 emoji (6 in a
    UTILITY template), which only others report, and a coupon code of 16 to 20 characters: Meta's changelog allows 20 since
    December 2025, its page on limited-time offers still says 15.

    Why it matters:
        Meta refuses to create the template (error 2388040: character limit exceeded), so no campaign can use it.

    How to put it right:
        1. Shorten the text by at least the number of characters that the message names.
        2. In WhatsApp Manager: Account tools > Message templates, edit the template and submit it again; the editor
           counts along.
        3. Save the same text in MoEngage: Settings > Channels > WhatsApp > Templates.

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
              - type: FOOTER
                text: "Acme Retail Private Limited, 12 Residency Road, Bengaluru 560025, Karnataka, India"
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
              - {type: FOOTER, text: "Acme Retail Private Limited, Bengaluru"}
        campaigns: []
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/components
        (as of 2026-06-24, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/marketing-templates/limited-time-offer-templates
        (as of 2026-06-17, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/marketing-templates/spm-templates
        (as of 2026-06-24, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/changelog
        (as of 2025-12-03, sure, for coupon codes)
        https://github.com/gokapso/whatsapp-cloud-api-js
        (as of 2026-11, probable, for the body of a card)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/template-review
        (as of 2026-11, probable, for emoji: it says that they may be limited, the numbers are of WhatsApp Manager)

    Since:
        0.1
    """
    if (known := plain(template)) and known.body.isascii():
        for kind, size in known.sizes.items():
            if size > lengths.get(kind, -1):
                break
        else:
            return  # nothing shortens the body of a plain one
    for button in digest(template).buttons:
        yield from _long_button(template, button, lengths, labelled)
    for part, key, text, _, _ in digest(template).texts:
        if key != "text":
            continue  # an address, which is a button's
        if part.type != "BODY":
            most = lengths[part.type.lower()]
        else:
            most = _longest_body(template, len(text), lengths) if part.card is None else body_of_card
            if not text.isascii():
                yield from _many_emoji(template, part, text, emoji_in_body, emoji)
        if len(text) > most:
            cap: Cap = "warning" if part.type == "BODY" and part.card is not None else form_cap(template)
            yield _too_long(template, part, "text", named(part, template), text, most, cap)


def _longest_body(template: Template, length: int, lengths: Mapping[str, int]) -> int:
    """How long a body may be beside the other parts of its template; of one that is short enough anyway, nobody asks."""
    most = lengths["body"]
    if length <= min(most, lengths["body_with_offer"], lengths["body_of_single_product"]):
        return most
    for part in components(template):
        if part.card is not None:
            continue
        if part.type == "LIMITED_TIME_OFFER":
            most = min(most, lengths["body_with_offer"])
        elif part.data.get("format", "").upper() == "PRODUCT" or "SPM" in [button.type for button in buttons(part)]:
            most = min(most, lengths["body_of_single_product"])
    return most


_FIELDS = {"URL": ("url", "address"), "PHONE_NUMBER": ("phone_number", "phone number")}


def _long_button(template: Template, button: Part, lengths: Mapping[str, int], labelled: Sequence[str]) -> Problems:
    data = button.data
    if button.type in labelled:
        for key in ("text", "autofill_text"):
            if key in data and len(data[key]) > lengths["label"]:
                what = f'the label "{data[key]}" of a button of {shown(template)}'
                yield _too_long(template, button, key, what, data[key], lengths["label"], form_cap(template))
    if button.type in _FIELDS:
        key, name = _FIELDS[button.type]
        if len(data.get(key, "")) > lengths[key]:
            what = f"the {name} of {named(button, template)}"
            yield _too_long(template, button, key, what, data[key], lengths[key], form_cap(template))
    elif button.type == "COPY_CODE":
        yield from _long_coupon(template, button, lengths)


def _long_coupon(template: Template, button: Part, lengths: Mapping[str, int]) -> Problems:
    example = button.data.get("example", "")
    for code in [example] if isinstance(example, str) else example:
        if len(code) > lengths["coupon_code"]:
            what = f"the example of a coupon code in {shown(template)}"
            yield _too_long(template, button, "example", what, code, lengths["coupon_code"], form_cap(template))
        elif len(code) > lengths["coupon_code_on_older_page"]:
            yield fail(
                f"the example of a coupon code in {shown(template)} has {len(code)} characters; Meta takes "
                f"{lengths['coupon_code']}, but its page on limited-time offers says {lengths['coupon_code_on_older_page']}",
                at=template.at(*button.route, "example"),
                remedy=f"use a code of at most {lengths['coupon_code_on_older_page']} characters to be safe",
                at_most="warning",
            )


def _many_emoji(template: Template, part: Part, text: str, most: Mapping[str, int], emoji: str) -> Problems:
    allowed = most.get(template.data.get("category", "").upper())
    if allowed is not None and len(text) > allowed and (found := len(emoji_in(text, emoji))) > allowed:
        yield fail(
            f"{named(part, template)} has {found} emoji; WhatsApp Manager takes {allowed} at most in a "
            f"{template.data['category'].upper()} template",
            at=template.at(*part.route, "text"),
            remedy=f"leave at most {allowed} emoji in the text",
            at_most="warning",
        )


def _too_long(template: Template, part: Part, key: str, what: str, text: str, most: int, at_most: Cap) -> Problem:
    return fail(
        f"{what} has {len(text)} characters; Meta takes {most} at most",
        at=template.at(*part.route, key),
        remedy=f"shorten it by {len(text) - most} character{'s' if len(text) - most > 1 else ''} or more",
        at_most=at_most,
    )


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
