"""Step 4 of the checklist: what templates say, against Meta's policies. Words decide here, so most of it can only warn."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from wa_policy.api import Count, Problems, Rule, Step, Template, fact, fail, hookimpl, rule, rules_in
from wa_policy.plugins._once import compiled
from wa_policy.plugins._template_shapes import plain, wording
from wa_policy.plugins._templates import (
    digest,
    fixed,
    form_cap,
    linked,
    named,
    read_by_customers,
    shown,
)
from wa_policy.plugins._word_lists import Written, find_words, fold
from wa_policy.plugins._wording import shortlist

if TYPE_CHECKING:
    from wa_policy.plugins._word_lists import Hit

Words = Mapping[str, Sequence[str]]


@rule("TPL031", "one-time-code-outside-authentication", step=Step.TEMPLATES, alike=wording)
def one_time_code_outside_authentication(
    template: Template,
    *,
    current: Sequence[str] = fact("template_categories.current"),
    sure_names: Words = fact("one_time_codes.sure_names"),
    sure_joints: Mapping[str, Words] = fact("one_time_codes.sure_joints"),
    likely_names: Words = fact("one_time_codes.likely_names"),
    nearness: Count = fact("one_time_codes.nearness"),
) -> Problems:
    """A template sends a one-time code, and its category is not AUTHENTICATION.

    It does so for sure if it has an OTP button, or if its body reads like "{{1}} is your verification code" in
    English. Other wordings and languages, recognised by a list of words, are a warning.

    Why it matters:
        Meta rejects one-time codes in MARKETING and UTILITY templates. Where one slipped through, the code arrives
        without the button that copies it or fills it in, and customers copy it by hand.

    How to put it right:
        1. In WhatsApp Manager: Account tools > Message templates > Create template, category Authentication. Meta
           writes the text there; you choose how the code is handed over and when it expires.
        2. In MoEngage: add that template, and let the campaign use it.
        3. If what it sends is no one-time code (the code of a voucher or a parcel, say), call it what it is.

    Bad:
        ```yaml
        templates:
          - name: sign_in
            language: en
            category: UTILITY
            status: APPROVED
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - type: BODY
                text: "Your verification code is {{1}}. It is valid for ten minutes, and nobody at Acme will ask you for it."
                example: {body_text: [["402913"]]}
        campaigns: []
        ```

    Good:
        ```yaml
        templates:
          - name: sign_in
            language: en
            category: AUTHENTICATION
            status: APPROVED
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - {type: BODY, add_security_recommendation: true}
              - {type: FOOTER, code_expiration_minutes: 10}
              - type: BUTTONS
                buttons:
                  - {type: OTP, otp_type: COPY_CODE, text: Copy code}
        campaigns: []
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/template-categorization
        (as of 2026-09-11, sure; the words are a list of ours, unsure)

    Since:
        0.1
    """
    known = digest(template)
    category = known.category
    if known.is_authentication or category not in current:
        return
    remedy = "have it approved as a template of category AUTHENTICATION, or take the code out"
    every_button = () if plain(template) else known.buttons  # a plain template has none for codes
    if code_button := next((button for button in every_button if button.type == "OTP"), None):
        yield fail(
            f"template {shown(template)} has a button for a one-time code, and its category is {category}; "
            "Meta rejects that outside AUTHENTICATION",
            at=template.at(*code_button.route),
            also=[template.at("category", label="the category")],
            remedy=remedy,
            at_most=form_cap(template),
        )
        return
    sure, likely = sure_names.get(known.language, ()), likely_names.get(known.language, ())
    written = _without_marks(known.written)
    if not written.may_have(sure, likely):
        return
    for part, _, text, _, _ in known.texts:
        if part.type != "BODY":
            continue
        marked = _marked(text)
        hits = list(find_words(marked, sure))
        name = _sure_code(marked, hits, sure_joints.get(known.language, {}))
        seems = "" if name else _likely_code(marked, [*hits, *find_words(marked, likely)], nearness)
        if name or seems:
            yield fail(
                f"template {shown(template)} {'sends' if name else 'seems to send'} a one-time code "
                f'("{name or seems}"{"" if name else " beside a placeholder"}), and its category is {category}; '
                "Meta rejects that outside AUTHENTICATION",
                at=template.at(*part.route, "text"),
                also=[template.at("category", label="the category")],
                remedy=remedy,
                at_most=form_cap(template) if name else "warning",
            )
            return


MARK = "\ufffc"
"""What stands for a placeholder while words around it are compared: no text has it."""


def _marked(text: str) -> str:
    """A text, made plain, with a mark in the place of each placeholder."""
    return _plain(fixed(text, MARK))


def _without_marks(written: Written) -> Written:
    marked = "*" in written.text or "_" in written.text
    return Written(_plain(written.text)) if marked else written


def _plain(text: str) -> str:
    """A text, folded, without the signs of bold and italic type."""
    return fold(text.replace("*", "").replace("_", ""))


def _sure_code(marked: str, hits: Sequence[Hit], joints: Words) -> str:
    """The name of a one-time code that is joined to a placeholder without a doubt; empty where there is none."""
    for hit in hits:
        before, after = _clause(marked, hit)
        if any(f"{MARK} {joint} " in before for joint in joints.get("placeholder_first", ())):
            return hit.word
        for joint in joints.get("name_first", ()):
            if re.match(rf"\s*{re.escape(joint)}\s*{MARK}".replace(r"\*", f"[^{MARK}]*"), after):
                return hit.word
    return ""


def _likely_code(marked: str, hits: Sequence[Hit], nearness: int) -> str:
    """The name of a code that has a placeholder near it, in the same clause; empty where there is none."""
    for hit in hits:
        before, after = _clause(marked, hit)
        if MARK in before[-nearness - 1 :] or MARK in after[: nearness + 1]:
            return hit.word
    return ""


def _clause(marked: str, hit: Hit) -> tuple[str, str]:
    """What stands before and behind a hit in its clause."""
    before, after = marked[max(hit.start - _FAR, 0) : hit.start], marked[hit.end : hit.end + _FAR]
    return re.split(_END, before)[-1], re.split(_END, after, maxsplit=1)[0]


_FAR = 1024
"""How far a clause is followed from a hit: Meta takes no text of more characters."""

_END = r"[,;.!?\u0964\u061f\u060c\u061b\uff0c\u3001\u3002\uff1b\uff01\uff1f]"
"""Where a clause ends, in the scripts of the languages that have lists."""


@rule("TPL032", "promotional-utility", step=Step.TEMPLATES, certainty="unsure", alike=wording)
def promotional_utility(
    template: Template,
    *,
    current: Sequence[str] = fact("template_categories.current"),
    promotional: Sequence[str] = fact("template_categories.promotional"),
    words: Words = fact("promotional_words.words"),
    amounts: Words = fact("promotional_words.amounts"),
) -> Problems:
    """A template of category UTILITY has words in it that promote something.

    It is a list of words that decides, and no reader: a receipt that names the discount which the customer got is no
    promotion. A line such as `Discount: {{3}}` is passed over, `Shop now: {{3}}` is not. Allow the rule for a receipt
    that is taken for a promotion.

    Why it matters:
        UTILITY is for messages about what the customer asked for, or needs to know. If one promotes as well, Meta
        approves the template as MARKETING or moves it there later: it then costs more, falls under the limit of
        marketing messages per user, and is not delivered to numbers of the United States while Meta's pause stands.

    How to put it right:
        1. Take out what promotes: discounts, upgrades, carts left behind, birthday greetings and the like.
        2. In WhatsApp Manager: Account tools > Message templates, have the promotion approved as a template of its
           own, of category MARKETING.

    Bad:
        ```yaml
        templates:
          - name: order_shipped
            language: en
            category: UTILITY
            status: APPROVED
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - {type: BODY, text: "Your order is on its way and arrives tomorrow. Shop now and get 20% off your next one."}
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
              - {type: BODY, text: "Your order is on its way and arrives tomorrow. You can follow it on our website."}
        campaigns: []
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/template-categorization
        (as of 2026-09-11, sure for what promotes; the words are a list of ours, unsure)

    Since:
        0.1
    """
    known = digest(template)
    category = known.category
    if category not in current or category in promotional or known.is_authentication:
        return
    promoting = words.get(known.language, ())
    if not known.written.may_have(promoting):
        return
    places = []
    found = []
    for route, text in read_by_customers(template):
        if promises := _promises(fold(text), promoting, amounts.get(known.language, ())):
            places.append(template.at(*route))
            found += promises
    if places:
        yield fail(
            f"template {shown(template)} promotes something ({shortlist(found)}), and its category is {category}; Meta "
            "may take it for MARKETING",
            at=places[0],
            also=[place._replace(label="and here") for place in places[1:]],
            remedy="take out what promotes, or have it approved as MARKETING",
            at_most=form_cap(template),
        )


@rule("TPL033", "short-link", step=Step.TEMPLATES, certainty="probable", alike=wording)
def short_link(
    template: Template,
    *,
    shorteners: Sequence[str] = fact("short_links.shorteners"),
    whatsapp: Sequence[str] = fact("short_links.whatsapp"),
) -> Problems:
    """A text or a button has a link of a link shortener, or one that leads back to WhatsApp.

    The addresses under which MoEngage tracks links (`https://u3.mnge.co`) are not meant.

    Why it matters:
        Nobody can see where a shortened link leads, so Meta's reviewers reject templates that have one, and customers
        take them for fraud. Links to WhatsApp itself (`wa.me`) are refused for buttons.

    How to put it right:
        1. In WhatsApp Manager: Account tools > Message templates, edit the template and write the full address, on
           the business's own domain.
        2. To count clicks, use MoEngage's tracking of links (the address that MoEngage names for your data center).
        3. In place of a link to WhatsApp, use a quick reply: the customer is in the chat already.

    Bad:
        ```yaml
        templates:
          - name: order_shipped
            language: en
            category: UTILITY
            status: APPROVED
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - {type: BODY, text: "Your order is on its way; see where it is at https://bit.ly/3acme at any time of day."}
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
              - {type: BODY, text: "Your order is on its way; see where it is at https://acme.example/t at any time of day."}
        campaigns: []
        ```

    Source:
        https://knowledgecenter.cm.com/kc/whatsapp-template-rejection (as of 2026-11, probable)
        https://help.verloop.io/?p=2987 (as of 2026-11, probable)

    Since:
        0.1
    """
    written = digest(template).written
    if not written.may_have(shorteners, whatsapp):
        return
    for route, text in linked(template):
        folded = text.casefold()
        if host := _host_in(folded, shorteners):
            yield fail(
                f"a link of {host} hides where it leads, and Meta's reviewers reject that",
                at=template.at(*route),
                remedy="write the full address, on the business's own domain",
                at_most=form_cap(template),
            )
        if host := _host_in(folded, whatsapp):
            yield fail(
                f"a link of {host} leads back to WhatsApp, and Meta's reviewers reject that",
                at=template.at(*route),
                remedy="use a quick reply, since the customer is in the chat already, or take the link out",
                at_most=form_cap(template),
            )


def _host_in(text: str, hosts: Sequence[str]) -> str:
    """The first of the hosts that the text has a link to, with or without a scheme; empty where there is none."""
    for host in hosts:
        if host in text and re.search(rf"(?<![\w.@-])(?:www\.)?{re.escape(host)}(?![\w-]|\.\w)", text):
            return host
    return ""


def _promises(folded: str, known: Sequence[str], amounts: Sequence[str]) -> list[str]:
    """The words of a text that promote, in quotes; a line of a receipt ("Discount: {{4}}", "Coupon: -5.00") does not."""
    hits = find_words(folded, known)
    return [
        f'"{hit.text}"'
        for hit in hits
        if not compiled(_AMOUNT if hit.text in amounts else _DEDUCTION).match(folded, hit.end)
    ]


_AMOUNT = r"\s?[:\uff1a]\s?[^\w\s{]{0,2}\s?(?:\{\{|[0-9])"
"""What follows the name of an amount in a receipt: a colon and the amount, with or without the sign of a currency."""

_DEDUCTION = r"\s?[:\uff1a]\s?[-\u2212\u2013]\s?[^\w\s{]?\s?(?:\{\{|[0-9])"
"""What makes a line of a receipt of any name: a colon, and what was taken off."""


_FULL_STOP = re.compile(r"[.!?\u0964\u061f\u3002\uff01\uff1f]")
"""Where a sentence ends."""


@rule("TPL034", "asks-for-sensitive-data", step=Step.TEMPLATES, certainty="unsure", alike=wording)
def asks_for_sensitive_data(
    template: Template,
    *,
    words: Mapping[str, Words] = fact("sensitive_data.words"),
    reach: Count = fact("sensitive_data.reach"),
) -> Problems:
    """A template asks the customer for a full card, account or identity number.

    The last four digits may be asked for. A list of words decides, by sentence: one that asks, with the name of such
    data, and without words such as last four. A word such as never counts shortly before one of the two, in the same
    clause: "reply with your card number, we do not store it" asks.

    Why it matters:
        Meta rejects templates that ask for such data. Whoever answers puts a card number into a chat history, and
        customers who learn to answer such questions will answer a fraud, too.

    How to put it right:
        1. Ask for the last four digits, or for the number of the order.
        2. Lead the customer to a page or a form behind a login if more is needed.

    Bad:
        ```yaml
        templates:
          - name: refund_details
            language: en
            category: UTILITY
            status: APPROVED
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - {type: BODY, text: "We want to refund your order. Please reply with your bank account number today."}
        campaigns: []
        ```

    Good:
        ```yaml
        templates:
          - name: refund_details
            language: en
            category: UTILITY
            status: APPROVED
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - {type: BODY, text: "We want to refund your order. Please reply with the last four digits of your account number."}
        campaigns: []
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/template-review
        (as of 2026-11, sure for what is rejected; the words are a list of ours, unsure)

    Since:
        0.1
    """
    known = digest(template)
    kinds = words.get(known.language, {})
    data = kinds.get("data", ())
    if known.is_authentication or not known.written.may_have(data):
        return
    for part, key, text, _, _ in known.texts:
        for sentence in _FULL_STOP.split(fold(text)) if key == "text" else ():
            if asked := _asked(sentence, kinds, reach):
                yield fail(
                    f'{named(part, template)} asks for sensitive data ("{asked}"); Meta rejects templates that '
                    "ask for full card, account or identity numbers",
                    at=template.at(*part.route, "text"),
                    remedy="ask for the last four digits or the number of the order, or lead to a page behind a login",
                    at_most=form_cap(template),
                )
                break


def _asked(sentence: str, words: Words, reach: int) -> str:
    """The sensitive data that a folded sentence asks for; empty where it asks for none, or warns of those who do."""
    data = list(find_words(sentence, words.get("data", ())))
    asks = list(find_words(sentence, words.get("asks", ()))) if data else []
    if not asks or any(find_words(sentence, words.get("harmless", ()))):
        return ""
    negations = [hit.end for hit in find_words(sentence, words.get("negations", ()))]
    if any(_is_denied(sentence, ask.start, negations, reach) for ask in asks):
        return ""
    for hit in data:
        # What stands before the request ("if you have not paid reply with") denies nothing behind it.
        request = max((ask.end for ask in asks if ask.end <= hit.start), default=0)
        if not _is_denied(sentence, hit.start, [end for end in negations if end > request], reach):
            return hit.text
    return ""


def _is_denied(sentence: str, start: int, negations: Sequence[int], reach: int) -> bool:
    """Whether one of the negations, given by their ends, stands in the same clause and few words before a place."""
    between = (sentence[end:start] for end in negations if end <= start)
    return any(not _CLAUSE.search(text) and len(text.split()) <= reach for text in between)


_CLAUSE = re.compile(r"[,;:()\u2013\u2014\u060c]")
"""Where a clause ends within a sentence."""


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
