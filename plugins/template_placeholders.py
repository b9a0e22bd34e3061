"""Step 4 of the checklist: the placeholders of message templates, where they may stand and how they are written."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from wa_policy.api import (
    Count,
    Problem,
    Problems,
    Rule,
    Step,
    Template,
    fact,
    fail,
    hookimpl,
    rule,
    rules_in,
)
from wa_policy.plugins._template_shapes import shape
from wa_policy.plugins._templates import digest, form_cap, is_approved, is_authentication, named, shown
from wa_policy.plugins._wording import shortlist

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wa_policy.plugins._templates import Cap, Fault, Part, Placeholder, Text

WRONG: Mapping[Fault, str] = {
    "braces": "with other than two braces on either side",
    "stray brace": "without its counterpart",
    "empty": "without a number or name in it",
    "blanks": "with blanks inside the braces",
    "capitals": "with capital letters in it",
    "characters": "with other characters in it than a to z, digits and underscores",
}


@rule("TPL013", "footer-variable", step=Step.TEMPLATES, alike=shape)
def footer_variable(template: Template) -> Problems:
    """A template's footer has a placeholder.

    A footer is the same for everybody. Two pages of Meta's, on catalogue and on utility templates, say that a footer
    supports variables; Meta's error text, WhatsApp Manager's form and the providers say that it does not. Who has seen
    Meta approve such a footer may waive this.

    Why it matters:
        Meta refuses to create the template (error 2388073: footer format), so no campaign can use it.

    How to put it right:
        1. Move what differs from message to message into the body.
        2. In WhatsApp Manager: Account tools > Message templates, edit the footer and submit the template again.
        3. Save the same footer in MoEngage: Settings > Channels > WhatsApp > Templates.

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
              - {type: FOOTER, text: "Order {{1}}"}
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
              - type: BODY
                text: "Your order {{1}} is on its way and should reach you by tomorrow evening."
                example: {body_text: [["A-1093"]]}
              - {type: FOOTER, text: Acme Retail}
        campaigns: []
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
        (as of 2025-11-19, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/utility-templates/utility-templates
        (as of 2026-11, says otherwise)

    Since:
        0.1
    """
    if is_authentication(template):
        return
    for part, _, _, _, good in digest(template).filled:
        if part.type == "FOOTER" and good:
            yield fail(
                f"{named(part, template)} has {_count(good)} ({_listed(good)}); Meta takes none there",
                at=template.at(*part.route, "text"),
                remedy="move what differs from message to message into the body",
                at_most=form_cap(template),
            )


@rule("TPL020", "broken-placeholder", step=Step.TEMPLATES, alike=shape)
def broken_placeholder(
    template: Template, *, longest_name: Count = fact("template_form_probable.placeholder_name")
) -> Problems:
    """A placeholder is not written as Meta reads it, or not in the template's one way of writing them.

    A placeholder is a number or a name between two braces on either side, with nothing else inside: `{{1}}`, or
    `{{first_name}}` in a to z, digits and underscores. Numbers are for templates whose `parameter_format` is POSITIONAL,
    which is what Meta assumes, names for NAMED; a template has one of the two. The address of a button is not judged
    by that. Three cases are warnings: a single brace that stands alone, which may be meant as text; a name of more than 32
    characters; and names in a template that does not say NAMED.

    Why it matters:
        Meta rejects the template (INVALID_FORMAT), or, worse, takes the braces for text: then customers read `{1}` instead of
        their name.

    How to put it right:
        1. Write each placeholder with two braces on either side and without blanks: `{{1}}`, not `{1}`, `{{ 1 }}`, `{{#1}}` or
           `{{First_Name}}`.
        2. Use numbers, or use names and set parameter_format to NAMED (in WhatsApp Manager: Type of variable).
        3. Submit the template again, and save the same text in MoEngage: Settings > Channels > WhatsApp > Templates.

    Bad:
        ```yaml
        templates:
          - name: order_shipped
            language: en
            category: UTILITY
            status: APPROVED
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - {type: BODY, text: "Your order {1} is on its way and should reach you by tomorrow evening."}
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
              - type: BODY
                text: "Your order {{1}} is on its way and should reach you by tomorrow evening."
                example: {body_text: [["A-1093"]]}
        campaigns: []
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/template-review
        (as of 2026-11, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/overview
        (as of 2026-05-05, sure, for the two ways of writing)

    Since:
        0.1
    """
    if is_authentication(template):
        return
    formats = set()
    for text in digest(template).filled:
        if text.is_broken:
            yield from _broken(template, text)
        if long := [placeholder for placeholder in text.good if len(placeholder.name) > longest_name]:
            yield _long_name(template, text, long[0], longest_name)
        if text.key == "text" and text.part.type != "FOOTER":
            formats.update([placeholder.is_positional for placeholder in text.good])
    if formats and (formats != {True} or "parameter_format" in template.data):
        yield from _formats(template)


def _broken(template: Template, text: Text) -> Problems:
    """One problem for each kind of fault in a text, however often it is made."""
    for fault, wrong in WRONG.items():
        if same := [placeholder.text for placeholder in text.placeholders if placeholder.fault == fault]:
            alone = fault == "stray brace" and all(len(brace) == 1 for brace in same)
            most: Cap = "warning" if alone else form_cap(template)
            quoted = shortlist(f'"{brace}"' for brace in same)
            yield fail(
                f"{_text_of(text.part, template)} has {quoted}, {wrong}; Meta reads no placeholder there",
                at=template.at(*text.part.route, text.key),
                remedy="write placeholders as {{1}} or {{first_name}}, and leave out braces that are none",
                at_most=most,
            )


def _long_name(template: Template, text: Text, long: Placeholder, most: int) -> Problem:
    return fail(
        f'the placeholder "{long.text}" in {_text_of(text.part, template)} has a name of {len(long.name)} characters; '
        f"Meta is reported to take {most} at most",
        at=template.at(*text.part.route, text.key),
        remedy=f"give it a name of at most {most} characters",
        at_most="warning",
    )


def _formats(template: Template) -> Problems:
    """Hold the placeholders of header and bodies against the template's one format."""
    numbered, by_name = _by_format(template)
    declared = template.data.get("parameter_format", "").upper()
    if declared in ("POSITIONAL", "NAMED"):
        odd = by_name if declared == "POSITIONAL" else numbered
        for part, found in odd:
            yield fail(
                f"{named(part, template)} has {'named' if odd is by_name else 'numbered'} placeholders "
                f"({_listed(found)}), but the template's format is {declared}",
                at=template.at(*part.route, "text"),
                also=[template.at("parameter_format", label="the format")],
                remedy="write all placeholders in the template's format, or declare the other one",
                at_most=form_cap(template),
            )
    elif numbered and by_name:
        later = max(numbered[0][0], by_name[0][0], key=lambda part: part.route)
        yield fail(
            f"{shown(template)} has numbered and named placeholders ({_listed([numbered[0][1][0], by_name[0][1][0]])}); "
            "Meta takes one kind in a template",
            at=template.at(*later.route, "text"),
            remedy="write all of them as numbers, or all as names with parameter_format: NAMED",
            at_most=form_cap(template),
        )
    elif by_name and not declared and not is_approved(template):
        yield fail(
            f"{shown(template)} has named placeholders ({_listed(by_name[0][1])}) but no parameter_format, and Meta "
            "then expects numbers",
            at=template.at("parameter_format"),
            remedy="write parameter_format: NAMED",
            at_most="warning",
        )


Found = list[tuple["Part", "list[Placeholder]"]]


def _by_format(template: Template) -> tuple[Found, Found]:
    numbered: Found = []
    by_name: Found = []
    for part, key, _, _, good in digest(template).filled:
        if key == "text" and part.type != "FOOTER":
            if digits := [placeholder for placeholder in good if placeholder.is_positional]:
                numbered.append((part, digits))
            if len(digits) < len(good):
                by_name.append((part, [placeholder for placeholder in good if not placeholder.is_positional]))
    return numbered, by_name


@rule("TPL021", "placeholder-order", step=Step.TEMPLATES, alike=shape)
def placeholder_order(template: Template) -> Problems:
    """The numbers of placeholders have gaps or do not begin at 1, or a name comes twice.

    Header, body, each card and each address are numbered by themselves, from {{1}} upwards. A number may come twice, a name
    may not. Numbers that are all there but not in order ({{2}} before {{1}}) are a warning: Meta's page wants them in order,
    translations that need another order exist all the same. So is an address whose one placeholder is not {{1}}. Texts with
    broken placeholders are not judged until those are mended.

    Why it matters:
        Meta rejects the template (INVALID_FORMAT). With a gap, nobody can tell which value of the campaign belongs to
        which placeholder, and sends fail with error 132000 when their number does not agree.

    How to put it right:
        1. Number the placeholders of each text from {{1}} upwards, in the order in which they come; give names that differ.
        2. In WhatsApp Manager: Account tools > Message templates, edit the template and submit it again.
        3. Save the same text in MoEngage (Settings > Channels > WhatsApp > Templates), and put the values in campaigns in
           the new order.

    Bad:
        ```yaml
        templates:
          - name: order_shipped
            language: en
            category: UTILITY
            status: APPROVED
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - type: BODY
                text: "Hi {{1}}, your order {{3}} is on its way and should reach you by tomorrow evening."
                example: {body_text: [[Asha, "A-1093"]]}
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
              - type: BODY
                text: "Hi {{1}}, your order {{2}} is on its way and should reach you by tomorrow evening."
                example: {body_text: [[Asha, "A-1093"]]}
        campaigns: []
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/overview
        (as of 2026-05-05, sure)
        https://www.twilio.com/docs/api/errors/63040
        (as of 2026-11, sure, for gaps)

    Since:
        0.1
    """
    if is_authentication(template):
        return
    for text in digest(template).filled:
        if text.is_broken or text.part.type == "FOOTER":
            continue
        names = list(dict.fromkeys([placeholder.name for placeholder in text.good]))
        if names == _in_order(len(names)):
            continue
        formats = {placeholder.is_positional for placeholder in text.good}
        if formats == {True}:
            yield _numbers(template, text, names)
        elif formats == {False} and text.key == "text" and len(names) < len(text.good):
            yield _repeated(template, text)


@lru_cache(maxsize=64)
def _in_order(count: int) -> Sequence[str]:
    """So many numbers from 1 upwards, as placeholders have them."""
    return [str(number) for number in range(1, count + 1)]


def _numbers(template: Template, text: Text, names: Sequence[str]) -> Problem:
    expected = _in_order(len(names))
    complete = sorted(names) == sorted(expected)
    have, want = (shortlist(f"{{{{{name}}}}}" for name in some) for some in (names, expected))
    return fail(
        f"the placeholders of {_text_of(text.part, template)} are {have}; Meta numbers them "
        + ("in the order in which they come" if complete else f"from 1 without gaps: {want}"),
        at=template.at(*text.part.route, text.key),
        remedy=f"number them {want}, and put the values of campaigns in the same order",
        at_most="warning" if complete or text.key == "url" else form_cap(template),
    )


def _repeated(template: Template, text: Text) -> Problem:
    times = Counter(placeholder.name for placeholder in text.good)
    twice = [f"{{{{{name}}}}}" for name, number in times.items() if number > 1]
    return fail(
        f"{named(text.part, template)} has {shortlist(twice)} more than once; Meta takes each name once",
        at=template.at(*text.part.route, "text"),
        remedy="give each placeholder a name of its own, and fill both with the same value",
        at_most=form_cap(template),
    )


def _text_of(part: Part, template: Template) -> str:
    return f"the address of {named(part, template)}" if part.type == "URL" else named(part, template)


def _texts_of(found: Sequence[Placeholder]) -> list[str]:
    return [placeholder.text for placeholder in found]


def _listed(found: Sequence[Placeholder]) -> str:
    return shortlist(_texts_of(found))


def _count(found: Sequence[Placeholder]) -> str:
    return "a placeholder" if len(found) == 1 else f"{len(found)} placeholders"


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
