"""What campaigns give the header and the buttons of a template, held against what these take. It has no rules itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wa_policy.api import Campaign, Place, Problem, Problems, Template, fail, unproven
from wa_policy.plugins._templates import Part, buttons, components, is_text, named, placeholders, shown, words
from wa_policy.plugins._wording import shortlist
from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HEADER_KINDS = ("text", "image", "video", "document", "location")
"""What manifests can say of a header; a header of another format (a product, a GIF) is left out."""

_WORDS = {"url": "the end of an address", "copy_code": "a coupon code"}
_COUNT, _KIND = "every message fails with error 132000", "every message fails with error 132012"


class Slot(NamedTuple):
    """A part of a template that takes a value: what kind, as manifests call it, and which button it is (-1: the header).

    ``needed`` is false for the button of a one-time code, which the code of the body fills.
    """

    kind: str
    at: int
    part: Part
    needed: bool = True


def header_of(template: Template) -> Part | None:
    """The header of a template itself, not those of a carousel's cards."""
    return next((part for part in components(template) if part.type == "HEADER" and part.card is None), None)


def header_slot(template: Template) -> Slot | None:
    """What the header takes; None where it takes nothing. The kind is empty where manifests have no word for it."""
    part = header_of(template)
    if part is None:
        return None
    if is_text(part):
        good = any(not one.is_broken for one in placeholders(part.data.get("text", "")))
        return Slot("text", -1, part) if good else None
    kind = part.data.get("format", "").lower()
    return Slot(kind if kind in HEADER_KINDS else "", -1, part)


def all_buttons(template: Template) -> Sequence[Part]:
    """The buttons of a template itself, in order."""
    return [button for part in components(template) if part.card is None for button in buttons(part)]


def button_slots(template: Template) -> Sequence[Slot]:
    """The buttons that take a value: an address with a placeholder, a coupon code, a one-time code."""
    return list(_slots(all_buttons(template)))


def _slots(found: Sequence[Part]) -> Iterator[Slot]:
    for index, button in enumerate(found):
        if button.type == "URL" and any(not one.is_broken for one in placeholders(button.data.get("url", ""))):
            yield Slot("url", index, button)
        elif button.type == "COPY_CODE":
            yield Slot("copy_code", index, button)
        elif button.type == "OTP":
            yield Slot("url", index, button, needed=False)


def judge_others(campaign: Campaign, template: Template, *, spare: bool) -> Problems:
    """Compare what the campaign gives header and buttons with what they take.

    ``spare`` says that ``parameters`` has more values than the body takes, which may be theirs. A campaign that tells one of
    the values apart tells all of them; one that tells none may fill texts and addresses with values of the body, again, if
    it gives any.
    """
    used: Mapping[str, Any] = campaign.data.get("template", {})
    gives_nothing = used.get("parameters") == [] and not used.get("named_parameters")
    told = "header" in used or "buttons" in used or gives_nothing
    yield from _header(campaign, template, used.get("header"), told=told, spare=spare)
    yield from _buttons(campaign, template, used.get("buttons"), told=told, spare=spare)


# --- the header


def _header(
    campaign: Campaign, template: Template, given: Mapping[str, str] | None, *, told: bool, spare: bool
) -> Problems:
    slot = header_slot(template)
    if given is None:
        if slot and slot.kind and (told or slot.kind != "text") and not spare:
            yield _nothing_for_the_header(campaign, template, slot)
        return
    kind, at = given["kind"], campaign.at("template", "header", "kind")
    if slot is None:
        header = header_of(template)
        yield fail(
            f"the campaign sends {_a(kind)} for the header of {shown(template)}, which takes nothing, and {_COUNT}",
            at=at,
            also=[_taker(template, header)] if header else [],
            remedy="leave out the header in the campaign, or use the template that has one",
        )
    elif slot.kind and kind != slot.kind:
        yield fail(
            f"the campaign sends {_a(kind)} for the header of {shown(template)}, which takes {_a(slot.kind)}, and {_KIND}",
            at=at,
            also=[_taker(template, slot.part)],
            remedy=f"give the header {_a(slot.kind)} in the campaign",
        )


def _nothing_for_the_header(campaign: Campaign, template: Template, slot: Slot) -> Problem:
    what = "what fills" if slot.kind == "text" else f"which {slot.kind} is sent for"
    return unproven(
        f"nothing says {what} the header of {shown(template)}; without it, {_KIND}",
        at=campaign.at("template", "header"),
        also=[_taker(template, slot.part)],
        remedy=f"give the header {_a(slot.kind)} in the campaign, and write it as template.header",
        at_most="warning",
    )


def _a(kind: str) -> str:
    return f"{'an' if kind[:1] in 'aei' else 'a'} {kind}"


def _taker(template: Template, part: Part) -> Place:
    return template.at(*part.route, label="what must be filled")


# --- the buttons


def _buttons(
    campaign: Campaign,
    template: Template,
    given: Sequence[Mapping[str, Any]] | None,
    *,
    told: bool,
    spare: bool,
) -> Problems:
    slots = button_slots(template)
    if given is None:
        unsaid = [slot for slot in slots if slot.needed and (told or slot.kind != "url")]
        if unsaid and not spare:
            yield unproven(
                f"nothing says what fills {_all(unsaid, template)}; without it, every message fails",
                at=campaign.at("template", "buttons"),
                also=[_taker(template, slot.part) for slot in unsaid],
                remedy="write what fills the buttons in the campaign as template.buttons",
                at_most="warning",
            )
        return
    taken: set[int] = set()
    # Those that say which button they are for come first: the others take what is left.
    for position, value in sorted(enumerate(given), key=lambda each: "index" not in each[1]):
        fits = _by_index if "index" in value else _by_kind
        yield from fits(campaign, template, position, value, slots, taken)
    missing = [slot for slot in slots if slot.needed and slot.at not in taken]
    if missing:
        yield fail(
            f"nothing fills {_all(missing, template)}, and every message fails",
            at=campaign.at("template", "buttons"),
            also=[_taker(template, slot.part) for slot in missing],
            remedy="give every button that takes one a value in the campaign, and write them as template.buttons",
        )


def _by_index(
    campaign: Campaign,
    template: Template,
    position: int,
    value: Mapping[str, Any],
    slots: Sequence[Slot],
    taken: set[int],
) -> Problems:
    """Judge a value that says which button it is for."""
    index, kind = value["index"], value["kind"]
    at = campaign.at("template", "buttons", position)
    found = all_buttons(template)
    slot = next((slot for slot in slots if slot.at == index), None)
    if index >= len(found):
        yield fail(
            f"{shown(template)} has no button {index} (it has {len(found)}, counted from 0), and {_COUNT}",
            at=campaign.at("template", "buttons", position, "index"),
            remedy="write the position of the button in the template, counted from 0",
        )
    elif slot is None:
        yield fail(
            f"{named(found[index], template)} takes no value, and the campaign gives it {_WORDS[kind]}: {_COUNT}",
            at=at,
            also=[template.at(*found[index].route, label=f"button {index}: {words(found[index].type)}")],
            remedy="remove the value, or write the index of the button that takes it",
        )
    elif index in taken:
        yield fail(
            f"{named(slot.part, template)} is given two values, and {_COUNT}",
            at=at,
            also=[_taker(template, slot.part)],
            remedy="keep the one that is sent",
        )
    else:
        taken.add(index)
        if kind != slot.kind:
            yield _other_kind(template, kind, slot, at)


def _by_kind(
    campaign: Campaign,
    template: Template,
    position: int,
    value: Mapping[str, Any],
    slots: Sequence[Slot],
    taken: set[int],
) -> Problems:
    """Judge a value for the next button of its kind."""
    kind, at = value["kind"], campaign.at("template", "buttons", position)
    free = [slot for slot in slots if slot.at not in taken]
    slot = next((slot for slot in free if slot.kind == kind), free[0] if free else None)
    if slot is None:
        yield fail(
            f"the campaign gives {_WORDS[kind]}, and no {'other ' if taken else ''}button of {shown(template)} takes a value: "
            f"{_COUNT}",
            at=at,
            remedy="remove the value, or use the template that has such a button",
        )
        return
    taken.add(slot.at)
    if slot.kind != kind:
        yield _other_kind(template, kind, slot, at)


def _other_kind(template: Template, kind: str, slot: Slot, at: Place) -> Problem:
    return fail(
        f"{named(slot.part, template)} takes {_WORDS[slot.kind]}, and the campaign gives it {_WORDS[kind]}: {_KIND}",
        at=at,
        also=[_taker(template, slot.part)],
        remedy=f"give it {_WORDS[slot.kind]}, and write kind: {slot.kind}",
    )


def _all(slots: Sequence[Slot], template: Template) -> str:
    """Slots as an enumeration: ``the end of the address of the button "See" and the coupon code of ...``."""
    parts = []
    for slot in slots:
        what = "the address" if slot.kind == "url" else "the code"
        label = slot.part.data.get("text")
        parts.append(f'{what} of the button "{label}"' if label else f"{what} of button {slot.at}")
    return f"{shortlist(parts)} of {shown(template)}"
