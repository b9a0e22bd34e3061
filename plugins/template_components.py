"""Step 4 of the checklist: the parts that a message template is made of, how long they are, and what its header shows."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from wa_policy.api import Count, Problem, Problems, Rule, Step, Template, fact, fail, hookimpl, rule, rules_in, unproven
from wa_policy.plugins._templates import (
    Part,
    buttons,
    components,
    emoji_in,
    fixed,
    form_cap,
    is_approved,
    is_authentication,
    is_text,
    listed,
    named,
    placeholders,
    shown,
    words,
)

if TYPE_CHECKING:
    from wa_policy.plugins._templates import Cap

Table = Mapping[str, Sequence[str]]
Medium = Mapping[str, Any]  # endings, megabytes


@rule("TPL010", "missing-body", step=Step.TEMPLATES)
def missing_body(
    template: Template,
    *,
    once: Sequence[str] = fact("template_components.once"),
    not_together: Mapping[str, Sequence[str]] = fact("template_components.not_together"),
    not_together_in_moengage: Mapping[str, Sequence[str]] = fact("moengage_template_form.not_together"),
    not_seen_together: Mapping[str, Sequence[str]] = fact("template_form_probable.not_together"),
) -> Problems:
    """A template lacks its body, or has parts that are empty, come twice or do not go together.

    Every template needs one BODY. It may have one HEADER, one FOOTER and one list of BUTTONS. A limited-time offer has no
    footer, and in MoEngage a template is either a carousel or a limited-time offer. Header, footer or buttons beside a
    carousel (not in its cards) are a warning: Meta describes none, and does not say that it refuses them. Of a template
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
            remedy="add a component of type BODY with the text of the message",
            at_most=form_cap(template),
        )
    main = {kind: part for (card, kind), part in first.items() if card is None}
    refused = [
        *_apart(template, main, not_together, "; Meta refuses that"),
        *_apart(template, main, not_together_in_moengage, "; in MoEngage a template is one or the other"),
    ]
    yield from refused or _apart(template, main, not_seen_together, ", where Meta describes none", sure=False)
    if not is_authentication(template):
        yield from _empty(template, parts)


def _not_given(template: Template) -> Problems:
    if not is_approved(template):
        yield unproven(
            f"the text of {shown(template)} is not given, so its form was not checked",
            at=template.at("components"),
            remedy="write the template's components here as Meta's API gives them, or as they are to be submitted",
            at_most="info",
        )


def _twice(template: Template, known: Part, part: Part) -> Problem:
    where = shown(template) if part.card is None else f"card {part.card + 1} of {shown(template)}"
    return fail(
        f"{where} has a second component of type {part.type}; Meta takes one at most",
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


def _nothing_in(template: Template, part: Part, key: str) -> Problem:
    return fail(
        f"{named(part, template)} has no {key}; Meta takes no empty component",
        at=template.at(*part.route, key),
        remedy=f"write its {key}, or remove the component",
        at_most=form_cap(template),
    )


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
    parts = components(template)
    for part in parts:
        if part.type == "BUTTONS":
            for button in buttons(part):
                yield from _long_button(template, button, lengths, labelled)
        elif "text" in part.data and is_text(part):
            text = part.data["text"]
            if part.type != "BODY":
                most = lengths[part.type.lower()]
            else:
                most = body_of_card if part.card is not None else _longest_body(parts, lengths)
                yield from _many_emoji(template, part, text, emoji_in_body, emoji)
            if len(text) > most:
                in_card = part.type == "BODY" and part.card is not None
                what = named(part, template)
                yield _too_long(template, part, "text", what, text, most, "warning" if in_card else form_cap(template))


def _longest_body(parts: Sequence[Part], lengths: Mapping[str, int]) -> int:
    """How long a body may be in the kind of template that its other parts make it."""
    most = lengths["body"]
    for part in parts:
        if part.card is None:
            if part.type == "LIMITED_TIME_OFFER":
                most = min(most, lengths["body_with_offer"])
            elif part.data.get("format", "").upper() == "PRODUCT" or any(b.type == "SPM" for b in buttons(part)):
                most = min(most, lengths["body_of_single_product"])
    return most


def _long_button(template: Template, button: Part, lengths: Mapping[str, int], labelled: Sequence[str]) -> Problems:
    data, cap = button.data, form_cap(template)
    if button.type in labelled:
        for key in ("text", "autofill_text"):
            if len(data.get(key, "")) > lengths["label"]:
                what = f'the label "{data[key]}" of a button of {shown(template)}'
                yield _too_long(template, button, key, what, data[key], lengths["label"], cap)
    for kind, key in (("URL", "url"), ("PHONE_NUMBER", "phone_number")):
        if button.type == kind and len(data.get(key, "")) > lengths[key]:
            what = f"the {'address' if key == 'url' else 'phone number'} of {named(button, template)}"
            yield _too_long(template, button, key, what, data[key], lengths[key], cap)
    if button.type == "COPY_CODE":
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


@rule("TPL012", "header-content", step=Step.TEMPLATES)
def header_content(
    template: Template,
    *,
    most_placeholders: Count = fact("template_limits.header_placeholders"),
    markup: str = fact("template_components.header_markup"),
    emoji: str = fact("emoji.ranges"),
    media: Mapping[str, Mapping[str, Any]] = fact("template_media.formats"),
    other_endings: Sequence[str] = fact("template_media.other_endings"),
    moengage_media: Mapping[str, Mapping[str, Any]] = fact("moengage_template_form.media"),
    moengage_formats: Sequence[str] = fact("moengage_template_form.header_formats"),
) -> Problems:
    """A template's header has what Meta or MoEngage does not take there.

    A header of text may have one placeholder and none of the characters that format text: `*`, `_`, `~` and the backtick.
    Line breaks and emoji are a warning, since only error texts and providers' pages say that Meta refuses them. A header
    that shows media is judged by the ending of its sample's address, where the manifest gives one: warnings too. Sizes
    are not in a manifest: MoEngage takes images up to 5 MB, videos up to 15 MB and documents (PDF only) up to 5 MB, which
    is less than Meta takes.

    Why it matters:
        Meta refuses such a text (error 2388047: header format), so that the template is never reviewed. Media that Meta takes and
        MoEngage does not cannot be chosen when the campaign is made, and media of another kind fail to send (131053).

    How to put it right:
        1. In WhatsApp Manager: Account tools > Message templates, edit the header: plain text in one line, with one
           placeholder at most. Put emoji, bold words and further placeholders into the body.
        2. Choose media that both take: JPG or PNG, MP4 or 3GPP, PDF.
        3. Submit the template again, and save the same header in MoEngage: Settings > Channels > WhatsApp > Templates.

    Bad:
        ```yaml
        templates:
          - name: order_shipped
            language: en
            category: UTILITY
            status: APPROVED
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - {type: HEADER, format: TEXT, text: "*Good news* about your order"}
              - {type: BODY, text: "It has left our warehouse and should reach you by tomorrow evening."}
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
              - {type: HEADER, format: TEXT, text: Good news about your order}
              - {type: BODY, text: "It has left our warehouse and should reach you by tomorrow evening."}
        campaigns: []
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/components
        (as of 2026-06-24, sure, for the placeholder and for markup)
        https://www.twilio.com/docs/api/errors/63040
        (as of 2026-11, probable, for emoji and line breaks)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media
        (as of 2025-11, sure)
        https://www.moengage.com/docs/user-guide/campaigns-and-channels/whatsapp/getting-started-with-whatsapp/whatsapp-templates
        (as of 2026-11, sure, for what MoEngage takes)

    Since:
        0.1
    """
    for part in components(template):
        if part.type != "HEADER":
            continue
        kind = part.data.get("format", "TEXT").upper()
        if kind == "TEXT":
            if "text" in part.data:
                yield from _header_text(template, part, most_placeholders, markup, emoji)
        elif kind not in moengage_formats and part.card is None:
            yield fail(
                f"{named(part, template)} has the format {kind}, which MoEngage's form for templates does not offer",
                at=template.at(*part.route, "format"),
                remedy=f"use one that it offers: {listed(moengage_formats, most=9)}",
                at_most="warning",
            )
        elif kind in media:
            endings = {*other_endings, *(ending for medium in media.values() for ending in medium["endings"])}
            yield from _media(template, part, endings, {"Meta": media[kind], "MoEngage": moengage_media.get(kind, {})})


def _header_text(template: Template, part: Part, most: int, markup: str, emoji: str) -> Problems:
    text = part.data["text"]
    what, at = named(part, template), template.at(*part.route, "text")
    found = [placeholder.text for placeholder in placeholders(text) if not placeholder.is_broken]
    if len(found) > most:
        yield fail(
            f"{what} has {len(found)} placeholders ({listed(found)}); Meta takes {most} at most",
            at=at,
            remedy="move what differs from message to message into the body",
            at_most=form_cap(template),
        )
    plain = fixed(text)
    if marks := [mark for mark in markup if mark in plain]:
        yield fail(
            f"{what} has {listed(marks)} in its text; Meta takes no character there that formats text",
            at=at,
            remedy="write the header as plain text, and format words in the body instead",
            at_most=form_cap(template),
        )
    if "\n" in plain or "\r" in plain:
        yield fail(
            f"{what} has a line break, which Meta is reported to refuse",
            at=at,
            remedy="write the header in one line",
            at_most="warning",
        )
    if signs := emoji_in(plain, emoji):
        yield fail(
            f"{what} has emoji ({listed(signs)}), which Meta is reported to refuse there",
            at=at,
            remedy="leave emoji to the body",
            at_most="warning",
        )


def _media(template: Template, part: Part, known: Container[str], takers: Mapping[str, Medium]) -> Problems:
    """Judge a sample by the ending of its address; a handle has none, and one that is not known tells nothing."""
    example = part.data.get("example", {})
    for key in ("header_url", "header_handle"):
        for index, address in enumerate(example.get(key, ())):
            ending = _ending(address)
            refusing = [taker for taker, medium in takers.items() if ending not in medium.get("endings", (ending,))]
            if ending in known and refusing:
                taker, medium = refusing[0], takers[refusing[0]]
                yield fail(
                    f'the sample of {named(part, template)} is of the kind ".{ending}"; {taker} takes '
                    f"{listed(medium['endings'], most=9)} there",
                    at=template.at(*part.route, "example", key, index),
                    remedy=f"use a sample, and media in campaigns, of a kind that {taker} takes, of at most "
                    f"{medium['megabytes']} MB",
                    at_most="warning",
                )


def _ending(address: str) -> str:
    """The ending of the file that an address names; empty for a handle, and where there is none."""
    if not address.lower().startswith(("http://", "https://")):
        return ""
    file = re.split(r"[?#]", address, maxsplit=1)[0].rpartition("/")[2]
    return file.rpartition(".")[2].lower()


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
