"""Step 4 of the checklist: the examples that Meta's reviewer sees in place of placeholders and media."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from wa_policy.api import Problems, Rule, Step, Template, did_you_mean, fact, fail, hookimpl, rule, rules_in
from wa_policy.plugins._template_shapes import shape
from wa_policy.plugins._templates import (
    Part,
    digest,
    is_approved,
    named,
    note_if_approved,
)
from wa_policy.plugins._web_addresses import begins_as_one
from wa_policy.plugins._wording import counted, shortlist

if TYPE_CHECKING:
    from wa_policy.plugins._templates import Text


CANDIDATES = 100
"""Among how many placeholders without an example a misspelt one is looked for; no message has as many."""


@rule("TPL025", "missing-example", step=Step.TEMPLATES, alike=shape)
def missing_example(template: Template, *, media: Sequence[str] = fact("template_components.media")) -> Problems:
    """A placeholder, a header with media or a coupon code lacks the example that Meta's reviewer asks for.

    Meta wants one example for each placeholder: numbered ones in order (`body_text: [[Asha, A-1093]]`, `header_text:
    [Asha]`), named ones with their names (`body_text_named_params`). A header that shows an image, a video or a document
    needs a sample (`header_handle`), an address with a placeholder one whole address, a button that copies a code a code.
    An example that belongs to no placeholder is a warning; so is one with a line break in it, and an address in place of a
    sample's handle, as long as the template is not at Meta (Meta's answers show addresses there), and an example that is
    only the end of an address, as long as it is not approved. Once a template is approved, a missing example is a note: it
    matters again when the template is edited. Texts with broken placeholders are not judged until those are mended.

    Why it matters:
        Meta refuses to create the template (error 100, often with subcode 2388043: a field is missing), or its reviewer
        cannot tell what the message is about and rejects it.

    How to put it right:
        1. Think of one real message, and write what stands in place of each placeholder: no line breaks, no real
           customer's data.
        2. In WhatsApp Manager: Account tools > Message templates, edit the template, enter the samples under Variable samples
           and submit it again. In MoEngage, where it submits to Meta directly: enter a sample for each variable.
        3. Write the examples in the manifest if the template is to be submitted from there.

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
                text: "Hi {{1}}, your order {{2}} is on its way and should reach you by tomorrow evening."
                example: {body_text: [[Asha]]}
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
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/components
        (as of 2026-06-24, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/marketing-templates/media-card-carousel-templates
        (as of 2026-06-24, sure, for addresses)
        https://github.com/shridarpatil/frappe_whatsapp/issues/81
        (as of 2026-11, probable, for what happens)

    Since:
        0.1
    """
    known = digest(template)
    if known.is_authentication:
        return
    for text in known.texts:
        if text.is_broken or text.part.type == "FOOTER":
            continue  # told already, and to be mended first
        if text.key == "url":
            yield from _address_example(template, text)
        elif text.good or "example" in text.part.data:
            yield from _text_examples(template, text)
    for part in known.parts:
        if part.type == "HEADER" and part.data.get("format", "").upper() in media:
            yield from _sample(template, part)
    for button in known.buttons if "COPY_CODE" in known.types else ():
        if button.type == "COPY_CODE":
            yield from _code_example(template, button)


def _text_examples(template: Template, text: Text) -> Problems:
    part, found = text.part, text.good
    key = f"{part.type.lower()}_text"
    formats = {placeholder.is_positional for placeholder in found}
    if not found:
        yield from _needless(template, part, (key, f"{key}_named_params"))
    elif formats == {True}:
        yield from _examples_in_order(template, part, key, list(dict.fromkeys([item.text for item in found])))
    elif formats == {False}:
        yield from _examples_by_name(template, part, f"{key}_named_params", {item.name: item.text for item in found})


def _needless(template: Template, part: Part, keys: Sequence[str]) -> Problems:
    example = part.data.get("example", {})
    for key in keys:
        if key in example and any(_flat(one) for one in _sets(example[key])):
            yield fail(
                f"{named(part, template)} has an example, but no placeholder",
                at=template.at(*part.route, "example", key),
                remedy="put the placeholder into the text, or remove the example",
                at_most="warning",
            )


def _examples_in_order(template: Template, part: Part, key: str, wanted: Sequence[str]) -> Problems:
    given = [_flat(one) for one in _sets(part.data.get("example", {}).get(key, ()))]
    wrong = [one for one in given if len(one) != len(wanted)]
    if not any(given):
        yield fail(
            f"{named(part, template)} has no example for {shortlist(wanted)}; Meta's reviewer asks for one",
            at=template.at(*part.route, "example", key),
            remedy=f"give one for each placeholder, in order, as example.{key}",
            at_most=note_if_approved(template),
        )
    elif wrong:
        yield fail(
            f"{named(part, template)} has {counted(len(wrong[0]), 'example')} for "
            f"{counted(len(wanted), 'placeholder')} ({shortlist(wanted)})",
            at=template.at(*part.route, "example", key),
            remedy="give exactly one example for each placeholder, in order",
            at_most=note_if_approved(template),
        )
    elif [value for one in given for value in one if len(value.splitlines()) > 1]:
        yield fail(
            f"an example of {named(part, template)} has a line break, and such samples are refused as malformed",
            at=template.at(*part.route, "example", key),
            remedy="write the example on one line",
            at_most=note_if_approved(template, "warning"),
        )


def _examples_by_name(template: Template, part: Part, key: str, wanted: Mapping[str, str]) -> Problems:
    params = part.data.get("example", {}).get(key, ())
    given = {
        param.get("param_name", ""): index for index, param in enumerate(params) if param.get("example", "").strip()
    }
    missing = [name for name in wanted if name not in given]
    if missing:
        yield fail(
            f"{named(part, template)} has no example for {shortlist(wanted[name] for name in missing)}; Meta's reviewer asks "
            "for one",
            at=template.at(*part.route, "example", key),
            remedy=f"give one for each placeholder, with its name, as example.{key}",
            at_most=note_if_approved(template),
        )
    for name, index in given.items():
        if name not in wanted:
            yield fail(
                f'the example for "{name}" belongs to no placeholder of {named(part, template)}'
                + did_you_mean(name, missing[:CANDIDATES]),
                at=template.at(*part.route, "example", key, index),
                remedy="name the placeholder as the text does, or remove the example",
                at_most="warning",
            )


def _sample(template: Template, part: Part) -> Problems:
    example = part.data.get("example", {})
    at = template.at(*part.route, "example", "header_handle")
    handles = _flat(example.get("header_handle", ()))
    if not handles and not _flat(example.get("header_url", ())):
        yield fail(
            f"{named(part, template)} shows media, but has no sample; Meta's reviewer asks for one",
            at=at,
            remedy="upload a sample with the header in WhatsApp Manager, or write its handle as example.header_handle",
            at_most=note_if_approved(template),
        )
    elif "status" not in template.data and any("://" in handle for handle in handles):
        yield fail(
            f"{named(part, template)} has an address as its sample, where Meta takes the handle of an upload",
            at=at,
            remedy="upload the sample by Meta's Resumable Upload API and write the handle that it answers (4:: and so on)",
            at_most="warning",
        )


def _code_example(template: Template, button: Part) -> Problems:
    if not _flat(button.data.get("example", ())):
        yield fail(
            f"{named(button, template)} has no example of its code; Meta's reviewer asks for one",
            at=template.at(*button.route, "example"),
            remedy="write a code as its example, such as DIWALI25",
            at_most=note_if_approved(template),
        )


def _address_example(template: Template, text: Text) -> Problems:
    button, found = text.part, text.good
    given = _flat(button.data.get("example", ()))
    if len(found) == 1 and len(given) != 1:
        yield fail(
            f"the address of {named(button, template)} has {counted(len(given), 'example') if given else 'no example'} "
            f"for {found[0].text}; Meta's reviewer asks for one",
            at=template.at(*button.route, "example"),
            remedy="give one whole address as it will be opened, in a list",
            at_most=note_if_approved(template),
        )
    elif len(found) == 1 and not is_approved(template) and not begins_as_one(given[0]):
        yield fail(
            f'the example of {named(button, template)}, "{given[0]}", is not a whole address; Meta\'s reviewer is to open it',
            at=template.at(*button.route, "example"),
            remedy=f"write the whole address: {_with(text, given[0])}",
            at_most="warning",
        )


def _with(text: Text, end: str) -> str:
    """An address with what an example gives for its end."""
    return (
        f"{text.text[: text.good[0].start]}{end.lstrip('/') if text.text[: text.good[0].start].endswith('/') else end}"
    )


def _sets(value: Sequence[Any] | str) -> list[Sequence[Any]]:
    """Examples as sets for the whole text: Meta writes a list of sets, and takes one set, or a bare text for one placeholder."""
    if isinstance(value, str):
        return [[value]]
    if any(isinstance(item, list) for item in value):
        return [item if isinstance(item, list) else [item] for item in value]
    return [value]


def _flat(value: Sequence[Any] | str) -> list[Any]:
    """Examples of one set, those left out that are empty."""
    items = [value] if isinstance(value, str) else value
    return [item for item in items if item and (not isinstance(item, str) or item.strip())]


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
