"""Step 4 of the checklist: what the headers of message templates show."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from typing import Any

from wa_policy.api import Count, Problems, Rule, Step, Template, fact, fail, hookimpl, rule, rules_in
from wa_policy.plugins._providers import outside_channel
from wa_policy.plugins._template_shapes import plain
from wa_policy.plugins._templates import (
    Part,
    components,
    emoji_in,
    fixed,
    form_cap,
    format_of,
    named,
    placeholders,
)
from wa_policy.plugins._web_addresses import begins_as_one
from wa_policy.plugins._wording import shortlist

Medium = Mapping[str, Any]
"""What somebody takes of a kind of media: endings of files, and megabytes."""


@rule("TPL012", "header-content", step=Step.TEMPLATES)
def header_content(
    template: Template,
    *,
    most_placeholders: Count = fact("template_limits.header_placeholders"),
    formats: Sequence[str] = fact("template_components.formats"),
    markup: str = fact("template_form_probable.header_markup"),
    emoji: str = fact("emoji.ranges"),
    media: Mapping[str, Mapping[str, Any]] = fact("template_media.formats"),
    other_endings: Sequence[str] = fact("template_media.other_endings"),
    moengage_media: Mapping[str, Mapping[str, Any]] = fact("moengage_template_form.media"),
    moengage_formats: Sequence[str] = fact("moengage_template_form.header_formats"),
) -> Problems:
    """A template's header has what Meta or MoEngage does not take there.

    A header of text may have one placeholder. Words between two of the characters that format text (`*`, `_`, `~` and the
    backtick), line breaks and emoji are a warning, since only error texts and providers' pages say that Meta refuses them. One
    such character alone (`A_10`, `5 * 4`) formats nothing. A header
    that shows media is judged by the ending of its sample's address, where the manifest gives one: warnings too. Sizes
    are not in a manifest: MoEngage takes images up to 5 MB, videos up to 15 MB and documents (PDF only) up to 5 MB, which
    is less than Meta takes. What MoEngage takes does not matter to a connector, which does without its templates.

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
        (as of 2026-06-24, sure, for the placeholder)
        https://www.twilio.com/docs/api/errors/63040
        (as of 2026-11, probable, for markup, emoji and line breaks)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media
        (as of 2025-11, sure)
        https://www.moengage.com/docs/user-guide/campaigns-and-channels/whatsapp/getting-started-with-whatsapp/whatsapp-templates
        (as of 2026-11, sure, for what MoEngage takes)

    Since:
        0.1
    """
    if known := plain(template):
        kind = known.header_format
        offered = kind not in formats or kind in moengage_formats
        if not kind or (_is_fine(known.header, most_placeholders, markup) if kind == "TEXT" else offered):
            return
    connected = outside_channel(template.workspace.bsp)
    for part in components(template):
        if part.type != "HEADER":
            continue
        kind = format_of(part)
        if kind == "TEXT":
            if "text" in part.data:
                yield from _header_text(template, part, most_placeholders, markup, emoji)
        elif kind in formats and kind not in moengage_formats and part.card is None and not connected:
            yield fail(
                f"{named(part, template)} has the format {kind}, which MoEngage's form for templates does not offer",
                at=template.at(*part.route, "format"),
                remedy=f"use one that it offers: {shortlist(moengage_formats, most=9)}",
                at_most="warning",
            )
        elif kind in media:
            endings = {*other_endings, *(ending for medium in media.values() for ending in medium["endings"])}
            takers = {"Meta": media[kind]}
            if not connected:
                takers["MoEngage"] = moengage_media.get(kind, {})
            yield from _media(template, part, endings, takers)


def _is_fine(text: str, most: int, markup: str) -> bool:
    """Whether the text of a plain template's header is seen to be fine at once."""
    if not text.isascii() or not text.isprintable() or text.count("{{") > most:
        return False
    plain_text = fixed(text) if "{" in text else text
    return not any(mark in plain_text for mark in markup)


def _header_text(template: Template, part: Part, most: int, markup: str, emoji: str) -> Problems:
    text = part.data["text"]
    found = [placeholder.text for placeholder in placeholders(text) if not placeholder.is_broken]
    if len(found) > most:
        yield fail(
            f"{named(part, template)} has {len(found)} placeholders ({shortlist(found)}); Meta takes {most} at most",
            at=template.at(*part.route, "text"),
            remedy="move what differs from message to message into the body",
            at_most=form_cap(template),
        )
    plain = fixed(text)
    if marks := [mark for mark in markup if _formats(mark, fixed(text, "x"))]:
        yield fail(
            f"{named(part, template)} has words between {shortlist(marks)}, and Meta is reported to refuse formatted text there",
            at=template.at(*part.route, "text"),
            remedy="write the header as plain text, and format words in the body instead",
            at_most="warning",
        )
    if "\n" in plain or "\r" in plain:
        yield fail(
            f"{named(part, template)} has a line break, which Meta is reported to refuse",
            at=template.at(*part.route, "text"),
            remedy="write the header in one line",
            at_most="warning",
        )
    if signs := emoji_in(plain, emoji):
        yield fail(
            f"{named(part, template)} has emoji ({shortlist(signs)}), which Meta is reported to refuse there",
            at=template.at(*part.route, "text"),
            remedy="leave emoji to the body",
            at_most="warning",
        )


def _formats(mark: str, text: str) -> bool:
    """Whether something stands between two of a mark, which does nothing inside a word and beside a blank."""
    mark = re.escape(mark)
    return re.search(rf"(?<!\w){mark}(?!\s)[^\n]*?(?<!\s){mark}(?!\w)", text) is not None


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
                    f"{shortlist(medium['endings'], most=9)} there",
                    at=template.at(*part.route, "example", key, index),
                    remedy=f"use a sample, and media in campaigns, of a kind that {taker} takes, of at most "
                    f"{medium['megabytes']} MB",
                    at_most="warning",
                )


def _ending(address: str) -> str:
    """The ending of the file that an address names; empty for a handle, and where there is none."""
    if not begins_as_one(address):
        return ""
    file = re.split(r"[?#]", address, maxsplit=1)[0].rpartition("/")[2]
    return file.rpartition(".")[2].lower()


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
