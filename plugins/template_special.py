"""Step 4 of the checklist: templates with a shape of their own: carousels and limited-time offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from wa_policy.api import Count, Place, Problems, Rule, Step, Template, fact, fail, hookimpl, rule, rules_in
from wa_policy.plugins._template_shapes import shape
from wa_policy.plugins._templates import Part, buttons, components, digest, form_cap, format_of, named, shown
from wa_policy.plugins._wording import counted, listed
from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    from wa_policy.plugins._templates import Cap


Table = Mapping[str, Sequence[str]]


@rule("TPL038", "carousel-shape", step=Step.TEMPLATES, alike=shape)
def carousel_shape(
    template: Template,
    *,
    category: str = fact("special_templates.category"),
    cards: Mapping[str, int] = fact("special_templates.carousel.cards"),
    allowed: Table = fact("special_templates.carousel.buttons"),
    exactly: Mapping[str, Count] = fact("special_templates.carousel.buttons_exactly"),
    other_headers: Sequence[str] = fact("special_templates.carousel.other_headers"),
    other_buttons: Sequence[str] = fact("special_templates.carousel.other_buttons"),
) -> Problems:
    """A carousel does not have 2 to 10 cards that are all built alike.

    Every card has a header with an image, a video or a product, and all of them the same; a body on every card or on
    none; the same buttons in the same order. A card that shows a product has one button, which shows the product (SPM) or
    opens an address. Carousels exist in category MARKETING only.

    Why it matters:
        Meta refuses to create a carousel with other cards. The number of cards is fixed with the template: a campaign
        with more or fewer pictures than that fails.

    How to put it right:
        1. In WhatsApp Manager: Account tools > Message templates, edit the template: give every card a header of the
           same kind, a text or none, and the same buttons.
        2. In MoEngage: choose the template type Carousel, and fill every card.

    Bad:
        ```yaml
        templates:
          - name: new_season
            language: en
            category: MARKETING
            status: APPROVED
            in_moengage: {status: Approved, sender_profiles: [acme-main], template_type: Carousel}
            components:
              - {type: BODY, text: "The new season has arrived in our shops, and these are the first pieces of it."}
              - type: CAROUSEL
                cards:
                  - components:
                      - {type: HEADER, format: IMAGE, example: {header_handle: ["4::aW1hZ2UvanBlZw=="]}}
                      - {type: BUTTONS, buttons: [{type: URL, text: See it, url: "https://acme.example/coats"}]}
        campaigns: []
        ```

    Good:
        ```yaml
        templates:
          - name: new_season
            language: en
            category: MARKETING
            status: APPROVED
            in_moengage: {status: Approved, sender_profiles: [acme-main], template_type: Carousel}
            components:
              - {type: BODY, text: "The new season has arrived in our shops, and these are the first pieces of it."}
              - type: CAROUSEL
                cards:
                  - components:
                      - {type: HEADER, format: IMAGE, example: {header_handle: ["4::aW1hZ2UvanBlZw=="]}}
                      - {type: BUTTONS, buttons: [{type: URL, text: See it, url: "https://acme.example/coats"}]}
                  - components:
                      - {type: HEADER, format: IMAGE, example: {header_handle: ["4::aW1hZ2UvcG5nCg=="]}}
                      - {type: BUTTONS, buttons: [{type: URL, text: See it, url: "https://acme.example/shoes"}]}
        campaigns: []
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/marketing-templates/media-card-carousel-templates
        (as of 2026-06-24, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/marketing-templates/product-card-carousel-templates
        (as of 2026-11, sure)

    Since:
        0.1
    """
    if "CAROUSEL" not in digest(template).types:
        return
    cap = form_cap(template)
    parts = components(template)
    for carousel in parts:
        if carousel.type != "CAROUSEL":
            continue
        yield from _only_in(template, "a carousel", category, cap)
        number = len(carousel.data.get("cards", ()))
        if not cards["minimum"] <= number <= cards["maximum"]:
            yield fail(
                f"the carousel of {shown(template)} has {counted(number, 'card')}; Meta takes "
                f"{cards['minimum']} to {cards['maximum']}",
                at=template.at(*carousel.route, "cards"),
                remedy=f"give it {cards['minimum']} to {cards['maximum']} cards",
                at_most=cap,
            )
        built = [_card(template, carousel, index, parts) for index in range(number)]
        for card in built:
            yield from _header_of(template, card, allowed, other_headers, cap)
            yield from _buttons_of(template, card, allowed, other_buttons, cap)
            yield from _number_of_buttons(template, card, exactly, cap)
        yield from _all_alike(template, built, cap)


def _only_in(template: Template, what: str, category: str, cap: Cap) -> Problems:
    if template.data.get("category", "").upper() != category:
        yield fail(
            f"template {shown(template)} has {what}, which Meta takes in category {category} only",
            at=template.at("category"),
            remedy=f"have it approved as {category}",
            at_most=cap,
        )


class _Card(NamedTuple):
    """A card of a carousel; ``shape`` is what must be the same on all cards, in words."""

    number: int
    place: Place
    header: Part | None
    buttons: Sequence[Part]
    shape: Mapping[str, str]


def _card(template: Template, carousel: Part, index: int, parts: Sequence[Part]) -> _Card:
    route = (*carousel.route, "cards", index)
    inside = {part.type: part for part in parts if part.route[: len(route)] == route}
    header = inside.get("HEADER")
    all_buttons = [button for part in inside.values() for button in buttons(part)]
    shape = {
        "header": f"a header of format {format_of(header)}" if header else "no header",
        "body": "a body" if "BODY" in inside else "no body",
        "buttons": f"buttons {listed([button.type for button in all_buttons])}" if all_buttons else "no buttons",
    }
    return _Card(index + 1, template.at(*route), header, all_buttons, shape)


def _header_of(template: Template, card: _Card, allowed: Table, other_headers: Sequence[str], cap: Cap) -> Problems:
    """Complain of a card without a header, or with one that no card can have."""
    if card.header is None or format_of(card.header) in other_headers:
        yield fail(
            f"card {card.number} of {shown(template)} has {card.shape['header']}; a card has one of format "
            f"{listed(list(allowed), 'or')}",
            at=template.at(*card.header.route, "format") if card.header else card.place,
            remedy="give every card an image, or every card a video",
            at_most=cap,
        )


def _buttons_of(template: Template, card: _Card, allowed: Table, other_buttons: Sequence[str], cap: Cap) -> Problems:
    """Complain of buttons that do not go with the card's header."""
    if card.header is None or format_of(card.header) not in allowed:
        return
    known = allowed[format_of(card.header)]
    others = {*other_buttons, *(type_ for types in allowed.values() for type_ in types)}.difference(known)
    for button in card.buttons:
        if button.type in others:
            yield fail(
                f"{named(button, template)} is of type {button.type}; a card with a header of format "
                f"{format_of(card.header)} may have {listed(known, 'or')}",
                at=template.at(*button.route, "type"),
                also=[template.at(*card.header.route, label="the card's header")],
                remedy=f"use a button of type {listed(known, 'or')}",
                at_most=cap,
            )


def _number_of_buttons(template: Template, card: _Card, exactly: Mapping[str, int], cap: Cap) -> Problems:
    """Complain of a card that has more or fewer buttons than its header asks for, where that is one number."""
    if card.header is None or format_of(card.header) not in exactly:
        return
    wanted = exactly[format_of(card.header)]
    if len(card.buttons) != wanted:
        yield fail(
            f"card {card.number} of {shown(template)} has {counted(len(card.buttons), 'button')}; a card with a header of "
            f"format {format_of(card.header)} has {wanted}",
            at=template.at(*card.buttons[wanted].route) if len(card.buttons) > wanted else card.place,
            also=[template.at(*card.header.route, label="the card's header")],
            remedy=f"give every such card {counted(wanted, 'button')}",
            at_most=cap,
        )


def _all_alike(template: Template, cards: Sequence[_Card], cap: Cap) -> Problems:
    """Complain of every card that is built otherwise than the first one."""
    for card in cards[1:]:
        model = cards[0].shape
        if differing := [feature for feature in model if card.shape[feature] != model[feature]]:
            yield fail(
                f"card {card.number} of {shown(template)} has {listed([card.shape[one] for one in differing])}, and "
                f"card 1 has {listed([model[one] for one in differing])}; Meta takes cards that are all built alike",
                at=card.place,
                also=[cards[0].place._replace(label="card 1")],
                remedy="give all cards the same kind of header, a body or none, and the same buttons in the same order",
                at_most=cap,
            )


@rule("TPL039", "offer-shape", step=Step.TEMPLATES, alike=shape)
def offer_shape(
    template: Template,
    *,
    category: str = fact("special_templates.category"),
    headers: Sequence[str] = fact("special_templates.offer.headers"),
    other_headers: Sequence[str] = fact("special_templates.offer.other_headers"),
    text_max_length: Count = fact("special_templates.offer.text_max_length"),
) -> Problems:
    """A limited-time offer does not have the shape that Meta takes.

    Its category is MARKETING; its header, if it has one, shows an image or a video; the text of the offer has 16
    characters at most; the button that copies the code comes first, and is needed if the offer shows when it expires.
    Rules of their own look at the footer, which it cannot have, and at the length of its body.

    Why it matters:
        Meta refuses to create the template otherwise, and MoEngage's form for limited-time offers wants the coupon code
        first as well.

    How to put it right:
        1. In WhatsApp Manager: Account tools > Message templates, edit the template: shorten the offer's text, and put
           the button that copies the code before the one that opens the website.
        2. In MoEngage: choose the template type Limited Time Offer, and enter the same.

    Bad:
        ```yaml
        templates:
          - name: early_access
            language: en
            category: MARKETING
            status: APPROVED
            in_moengage: {status: Approved, sender_profiles: [acme-main], template_type: Limited Time Offer}
            components:
              - {type: LIMITED_TIME_OFFER, limited_time_offer: {text: Only until tonight, has_expiration: true}}
              - {type: BODY, text: "Our autumn coats are 20% off for members until tonight, in every shop and online."}
              - type: BUTTONS
                buttons:
                  - {type: COPY_CODE, example: AUTUMN20}
                  - {type: URL, text: See the coats, url: "https://acme.example/coats"}
        campaigns: []
        ```

    Good:
        ```yaml
        templates:
          - name: early_access
            language: en
            category: MARKETING
            status: APPROVED
            in_moengage: {status: Approved, sender_profiles: [acme-main], template_type: Limited Time Offer}
            components:
              - {type: LIMITED_TIME_OFFER, limited_time_offer: {text: Ends tonight, has_expiration: true}}
              - {type: BODY, text: "Our autumn coats are 20% off for members until tonight, in every shop and online."}
              - type: BUTTONS
                buttons:
                  - {type: COPY_CODE, example: AUTUMN20}
                  - {type: URL, text: See the coats, url: "https://acme.example/coats"}
        campaigns: []
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/marketing-templates/limited-time-offer-templates
        (as of 2026-06-17, sure)
        https://docs.360dialog.com/docs/waba-messaging/template-messaging/limited-time-offer-templates
        (as of 2026-11, probable, for the URL button that is always required)
        https://www.moengage.com/docs/user-guide/campaigns-and-channels/whatsapp/getting-started-with-whatsapp/whatsapp-templates
        (as of 2026-11, sure)

    Since:
        0.1
    """
    if "LIMITED_TIME_OFFER" not in digest(template).types:
        return
    parts = components(template)
    offer = next(part for part in parts if part.type == "LIMITED_TIME_OFFER")
    cap = form_cap(template)
    yield from _only_in(template, "a limited-time offer", category, cap)
    for part in parts:
        if part.type == "HEADER" and part.card is None and format_of(part) in other_headers:
            yield fail(
                f"{named(part, template)} is of format {format_of(part)}; beside a limited-time offer Meta takes "
                f"{listed(headers, 'or')}",
                at=template.at(*part.route, "format"),
                remedy="show an image or a video in the header, or leave it out",
                at_most=cap,
            )
    yield from _offer_text(template, offer, text_max_length, cap)
    yield from _offer_buttons(template, offer, parts, cap)


def _offer_text(template: Template, offer: Part, room: int, cap: Cap) -> Problems:
    text = offer.data.get("limited_time_offer", {}).get("text", "")
    place = template.at(*offer.route, "limited_time_offer", "text")
    if not text:
        yield fail(
            f"the limited-time offer of {shown(template)} has no text",
            at=place,
            remedy=f"write what is offered, in {room} characters at most",
            at_most=cap,
        )
    elif len(text) > room:
        yield fail(
            f"the text of the limited-time offer has {len(text)} characters; Meta takes {room} at most",
            at=place,
            remedy=f"shorten it to {room} characters; the body has room for the rest",
            at_most=cap,
        )


def _offer_buttons(template: Template, offer: Part, parts: Sequence[Part], cap: Cap) -> Problems:
    """Complain of buttons that a limited-time offer lacks, and of a code that is not copied by the first one."""
    all_buttons = [button for part in parts if part.card is None for button in buttons(part)]
    types = [button.type for button in all_buttons]
    whole = next((template.at(*part.route) for part in parts if part.type == "BUTTONS"), template.at("components"))
    if "COPY_CODE" not in types and offer.data.get("limited_time_offer", {}).get("has_expiration", False):
        yield fail(
            f"the limited-time offer of {shown(template)} shows when it expires, and has no button that copies its code",
            at=whole,
            also=[template.at(*offer.route, "limited_time_offer", "has_expiration", label="it shows when it expires")],
            remedy="add a button of type COPY_CODE as the first one, or set has_expiration to false",
            at_most=cap,
        )
    elif "COPY_CODE" in types[1:]:
        yield fail(
            f"the button that copies the code of {shown(template)} is not the first one",
            at=template.at(*all_buttons[types.index("COPY_CODE")].route),
            also=[template.at(*all_buttons[0].route, label="the first button")],
            remedy="put the button of type COPY_CODE before all others",
            at_most=cap,
        )
    if "URL" not in types:
        yield fail(
            f"the limited-time offer of {shown(template)} has no button that opens a website",
            at=whole,
            remedy="add a button of type URL after the one that copies the code",
            at_most="warning",
        )


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
