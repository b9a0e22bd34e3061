"""Step 4 of the checklist: the words around the placeholders of message templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.api import Count, Problems, Rule, Step, Template, fact, fail, hookimpl, rule, rules_in
from wa_policy.plugins._template_shapes import plain, shape
from wa_policy.plugins._templates import (
    UNSEEN,
    WITHOUT_SHAPE,
    digest,
    fixed,
    form_cap,
    named,
    note_if_approved,
    one_of,
)
from wa_policy.plugins._wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Literal

    from wa_policy.plugins._templates import Cap, Part, Placeholder

    Rest = Literal["nothing", "punctuation", "words"]


@rule("TPL022", "placeholder-at-edge", step=Step.TEMPLATES, alike=shape)
def placeholder_at_edge(template: Template) -> Problems:
    """A template's body starts or ends with a placeholder.

    A body must begin and end with fixed text. A full stop after the last placeholder is fixed text by Meta's own
    sample, but three reports say that Meta refused it all the same: nothing but punctuation after it is a warning. Of
    punctuation before the first one nobody reports that. A warning is the
    body of a carousel's card, of which Meta's page does not speak. Where Meta has approved the template, as it has some of its
    own samples, this is a note. Headers may start and end as they like.

    Why it matters:
        Meta refuses to create the template (error 100, subcode 2388299) or rejects it in review (INVALID_FORMAT), so no
        campaign can use it. It is the most frequent mistake of all.

    How to put it right:
        1. Put words before the first placeholder and after the last one: "Thank you for shopping with us." does.
        2. In WhatsApp Manager: Account tools > Message templates, edit the body and submit the template again.
        3. Save the same body in MoEngage: Settings > Channels > WhatsApp > Templates.

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
                text: "Your order is on its way. Its number at the courier is {{1}}"
                example: {body_text: [["A-1093"]]}
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
                text: "Your order is on its way. Its number at the courier is {{1}}. Thank you for shopping with us."
                example: {body_text: [["A-1093"]]}
        campaigns: []
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
        (as of 2025-11-19, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/template-review
        (as of 2026-11, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/components
        (as of 2026-06-24, whose sample ends with a placeholder and a full stop)

    Since:
        0.1
    """
    for part, _, text, _, found in digest(template).bodies:
        before, after = _rest(text[: found[0].start]), _rest(text[found[-1].end :])
        if before == after == "words":
            continue
        for rest in ("nothing", "punctuation"):
            sides = {"starts": found[0].text} if before == rest == "nothing" else {}
            if after == rest:
                sides["ends"] = found[-1].text
            if sides:
                yield fail(
                    f"{named(part, template)} {' and '.join(sides)} with {' and '.join(dict.fromkeys(sides.values()))}"
                    + (
                        "; Meta takes none there"
                        if rest == "nothing"
                        else " and punctuation, which Meta is reported to refuse"
                    ),
                    at=template.at(*part.route, "text"),
                    remedy=_remedy(sides),
                    at_most=_edge_cap(template, part, rest),
                )


def _edge_cap(template: Template, part: Part, rest: Rest) -> Cap:
    return note_if_approved(template, "warning" if rest == "punctuation" or part.card is not None else "error")


def _remedy(verbs: Iterable[str]) -> str:
    where = {"starts": "before the first placeholder", "ends": "after the last one"}
    return f"put words {' and '.join(where[verb] for verb in verbs)}"


def _rest(text: str) -> Rest:
    """What stands between a placeholder and the edge: words may be symbols too, such as an emoji, of which nothing is known."""
    text = text.strip()
    if not text:
        return "nothing"
    if text[0].isalnum() or any(character.isalnum() or character in "{}" for character in text):
        return "words"
    import unicodedata  # only ever needed for a mistake, or nearly one

    marks = all(unicodedata.category(character)[0] in "PZC" or character in "~`" for character in text)
    return "punctuation" if marks else "words"


@rule("TPL023", "adjacent-placeholders", step=Step.TEMPLATES, alike=shape)
def adjacent_placeholders(template: Template) -> Problems:
    """Two placeholders of a template's body stand side by side, with at most blanks between them.

    Words or a sign between them are enough: `{{1}}-{{2}}` is in a sample of Meta's own. A sign that shows nothing, such as a
    zero width space, is none. If there is one, or if the placeholders stand on lines of their own or in a carousel's card,
    this is a warning, since no source speaks of that.

    Why it matters:
        Meta rejects the template (INVALID_FORMAT), with the advice to put text between the placeholders.

    How to put it right:
        1. Put a word or a sign between the two, or let one value carry both.
        2. In WhatsApp Manager: Account tools > Message templates, edit the body and submit the template again.
        3. Save the same body in MoEngage (Settings > Channels > WhatsApp > Templates), and in campaigns join the two values
           if the placeholders were joined.

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
                text: "Hi {{1}} {{2}}, your order is on its way and should reach you by tomorrow evening."
                example: {body_text: [[Asha, Rao]]}
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
                text: "Hi {{1}}, your order is on its way and should reach you by tomorrow evening."
                example: {body_text: [[Asha Rao]]}
        campaigns: []
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/message_template_status_update
        (as of 2026-09-11, sure)
        https://www.twilio.com/docs/api/errors/63040
        (as of 2026-11, sure)

    Since:
        0.1
    """
    for part, _, text, _, found in digest(template).bodies:
        for first, last in _runs(text, found):
            run = text[first.start : last.end]
            unheard_of = not {"\n", *WITHOUT_SHAPE}.isdisjoint(run)
            yield fail(
                f'{named(part, template)} has "{" ".join(run.split())}" with no text between the placeholders; Meta '
                f"{'may reject' if unheard_of else 'rejects'} that",
                at=template.at(*part.route, "text"),
                remedy="put a word or a sign between them, or let one value carry both",
                at_most="warning" if unheard_of or part.card is not None else form_cap(template),
            )


def _runs(text: str, found: Sequence[Placeholder]) -> Iterator[tuple[Placeholder, Placeholder]]:
    """First and last of each row of placeholders with nothing between them that is seen."""
    first = last = found[0]
    for placeholder in [*found[1:], None]:
        if placeholder is not None and not text[last.end : placeholder.start].strip(UNSEEN):
            last = placeholder
            continue
        if last is not first:
            yield first, last
        if placeholder is not None:
            first = last = placeholder


@rule("TPL024", "too-many-placeholders", step=Step.TEMPLATES)
def too_many_placeholders(
    template: Template,
    *,
    words_per_placeholder: Count = fact("template_word_ratio.words_per_placeholder"),
    words_beyond: Count = fact("template_word_ratio.words_beyond"),
    certain_below: Count = fact("template_word_ratio.certain_below"),
    unspaced: str = fact("template_word_ratio.unspaced"),
) -> Problems:
    """A template's body has too few words for its placeholders.

    Meta does not say how many words a placeholder needs. What others observed fits three words for each placeholder and one
    more; but a sample of Meta's own has three each, so less than that is a warning, and an error only below two for each.
    Scripts that put no blanks between words (Thai, Lao, Khmer, Burmese, Tibetan, Chinese, Japanese) have words that cannot be
    counted here: nothing is said of such texts, which does not mean that they are fine. In a carousel's card it is a warning,
    and a note where Meta has approved the template in spite of it.

    Why it matters:
        Meta refuses to create the template (error 100, subcode 2388293: too many parameters for the length of the text), so
        no campaign can use it.

    How to put it right:
        1. Say more in fixed words, or let one value carry what two carried.
        2. In WhatsApp Manager: Account tools > Message templates, edit the body and submit the template again.
        3. Save the same body in MoEngage: Settings > Channels > WhatsApp > Templates.

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
                text: "Hi {{1}}, order {{2}} comes {{3}}, bye."
                example: {body_text: [[Asha, "A-1093", Monday]]}
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
                text: "Hi {{1}}, your order {{2}} is on its way and should reach you by {{3}} in the evening."
                example: {body_text: [[Asha, "A-1093", Monday]]}
        campaigns: []
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
        (as of 2025-11-19, sure, without a number)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/template-review
        (as of 2026-11, sure, without a number; the numbers are those of developers in public threads, probable)

    Since:
        0.1
    """
    if known := plain(template):
        needed = words_per_placeholder * known.placeholders + words_beyond
        if not known.placeholders or sum(map(str.isalpha, known.body.split(None, 2 * needed))) >= needed:
            return
    for part, _, text, everything, found in digest(template).bodies:
        if len(found) < len(everything):
            continue  # broken ones have to be mended first
        needed = words_per_placeholder * len(found) + words_beyond
        if sum(map(str.isalpha, text.split())) >= needed:
            continue  # plain words alone are enough
        rest = fixed(text)
        count = _words(rest, needed)
        if count < needed and _rest(rest) == "words" and (rest.isascii() or not one_of(unspaced).search(rest)):
            certain = count < certain_below * len(found)
            yield fail(
                f"{named(part, template)} has {counted(count, 'word')} for {counted(len(found), 'placeholder')}; Meta "
                f"{'refuses' if certain else 'may refuse'} a text with so few",
                at=template.at(*part.route, "text"),
                remedy=f"write at least {needed} words around the placeholders, or use fewer placeholders",
                at_most=_ratio_cap(template, part, certain=certain),
            )


def _ratio_cap(template: Template, part: Part, *, certain: bool) -> Cap:
    return note_if_approved(template, "error" if certain and part.card is None else "warning")


def _words(text: str, enough: int) -> int:
    """How many words a text has, counted until there are enough."""
    count = 0
    for word in text.split():
        count += word[0].isalnum() or any(map(str.isalnum, word))
        if count == enough:
            break
    return count


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
