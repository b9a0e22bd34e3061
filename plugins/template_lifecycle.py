"""Step 4 of the checklist: what becomes of a template at Meta after it was written: category, quality, time to live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wa_policy.api import Problems, Rule, Step, Template, did_you_mean, fact, fail, hookimpl, rule, rules_in, unproven
from wa_policy.plugins._template_shapes import shape
from wa_policy.plugins._templates import digest, form_cap, shown


@rule("TPL007", "category-changed", step=Step.TEMPLATES, alike=shape)
def category_changed(template: Template, *, current: Sequence[str] = fact("template_categories.current")) -> Problems:
    """Meta has given a template another category than was asked for, or has announced that it will.

    An old category of before 2023 is no change in this sense: Meta sorted all those templates anew.

    Why it matters:
        Meta decides by the content, and since 2025-04-16 without a notice a day before for businesses that it has
        warned. A template that became MARKETING costs the price of marketing, falls under the limit of marketing
        messages per user, is not delivered to numbers of the United States while Meta's pause stands, and is withheld
        from people who stopped marketing in WhatsApp. Campaigns that were planned as updates then miss people.

    How to put it right:
        1. In WhatsApp Manager: Account tools > Message templates, see the category that the template has now.
        2. If the message promotes nothing, ask for a review of the category there, within 60 days of the change.
        3. If it does, take the promotion out and have the rest approved under another name, or plan its campaigns as
           marketing.
        4. In MoEngage: Settings > Channels > WhatsApp > Templates, choose the category that Meta has.

    Bad:
        ```yaml
        templates:
          - name: order_shipped
            language: en
            category: MARKETING
            previous_category: UTILITY
            status: APPROVED
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - {type: BODY, text: "Your order is on its way and should reach you by tomorrow evening."}
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
        campaigns: []
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/template-categorization
        (as of 2026-09-11, sure)

    Since:
        0.1
    """
    category = digest(template).category
    former = template.data.get("previous_category", "").upper()
    if former in current and former != category:
        yield fail(
            f"Meta has moved template {shown(template)} from {former} to {category}",
            at=template.at("category"),
            also=[template.at("previous_category", label="asked for")],
            remedy=f"plan its campaigns as {category}, or ask Meta to review the category within 60 days",
        )
    announced = template.data.get("correct_category", "").upper()
    if announced and announced != category:
        yield fail(
            f"Meta will move template {shown(template)} from {category} to {announced}",
            at=template.at("correct_category"),
            also=[template.at("category", label="the category today")],
            remedy=f"ask Meta to review the category if it is wrong, or plan the template's campaigns as {announced}",
        )


@rule("TPL037", "ttl-range", step=Step.TEMPLATES, alike=shape)
def ttl_range(
    template: Template,
    *,
    seconds: Mapping[str, Mapping[str, int]] = fact("template_ttl.seconds"),
    thirty_days: int = fact("template_ttl.thirty_days"),
    takes_thirty_days: Sequence[str] = fact("template_ttl.takes_thirty_days"),
) -> Problems:
    """A template's time to live is not within what Meta takes for its category.

    The time to live says for how long WhatsApp tries to deliver a message: 30 seconds to 15 minutes for
    AUTHENTICATION, 30 seconds to 12 hours for UTILITY, 12 hours to 30 days for MARKETING; -1 stands for 30 days, and
    not with MARKETING. A sample of Meta's own is outside its table, hence a warning.

    Why it matters:
        Meta refuses to create or edit the template with another value. A time to live that was meant for another
        category lets codes arrive after they have expired, or gives up offers that could still have been delivered.

    How to put it right:
        1. In WhatsApp Manager: Account tools > Message templates, edit the template and set a validity period within
           the range, or switch the custom one off.
        2. Write the same number of seconds as message_send_ttl_seconds, or take the line out.

    Bad:
        ```yaml
        templates:
          - name: order_shipped
            language: en
            category: UTILITY
            status: APPROVED
            message_send_ttl_seconds: 86400
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - {type: BODY, text: "Your order is on its way and should reach you by tomorrow evening."}
        campaigns: []
        ```

    Good:
        ```yaml
        templates:
          - name: order_shipped
            language: en
            category: UTILITY
            status: APPROVED
            message_send_ttl_seconds: 43200
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - {type: BODY, text: "Your order is on its way and should reach you by tomorrow evening."}
        campaigns: []
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/time-to-live
        (as of 2025-11, sure; a sample of Meta's contradicts its table for MARKETING)

    Since:
        0.1
    """
    category = digest(template).category
    asked = template.data.get("message_send_ttl_seconds")
    limits = seconds.get(category)
    if asked is None or limits is None or limits["minimum"] <= asked <= limits["maximum"]:
        return
    if asked == thirty_days and category in takes_thirty_days:
        return
    range_ = f"{limits['minimum']:,} to {limits['maximum']:,} seconds"
    spoken = f"{_duration(limits['minimum'])} to {_duration(limits['maximum'])}"
    given = f"{asked:,}" if asked != thirty_days else f"{asked}, which stands for 30 days"
    yield fail(
        f"Meta takes a time to live of {range_} ({spoken}) for a template of category {category}, not {given}",
        at=template.at("message_send_ttl_seconds"),
        also=[template.at("category", label="the category")],
        remedy=f"set it to {spoken}, or take it out and leave it to Meta",
        at_most=form_cap(template),
    )


def _duration(seconds: int) -> str:
    """A round number of seconds as people say it: ``12 hours``."""
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds % size == 0:
            return f"{seconds // size} {unit}{'' if seconds == size else 's'}"
    return f"{seconds} seconds"


@rule("TPL040", "low-quality-template", step=Step.TEMPLATES, alike=shape)
def low_quality_template(
    template: Template,
    *,
    fine: Sequence[str] = fact("template_quality.fine"),
    unrated: Sequence[str] = fact("template_quality.unrated"),
    low: Mapping[str, Mapping[str, str]] = fact("template_quality.low"),
) -> Problems:
    """Customers do not like what a template sends: Meta's quality score is YELLOW or RED.

    A template without a score is not judged, nor is one that is too new to have one (UNKNOWN).

    Why it matters:
        Meta pauses a template whose quality is RED, for 3 hours the first time and for 6 the second, and disables it
        the third time; its messages fail with error 132015 or 132016 meanwhile. The same complaints lower the quality
        of the number, and with it the number of people that it may write to a day.

    How to put it right:
        1. In WhatsApp Manager: Account tools > Message templates, open the template and read why people blocked it.
        2. In MoEngage: narrow the campaign's segment to people who want this message, and cap how often it is sent.
        3. Edit the template so that its first line says who writes and why; an approved one can be edited once a day
           and ten times in 30 days.

    Bad:
        ```yaml
        templates:
          - name: order_shipped
            language: en
            category: UTILITY
            status: APPROVED
            quality_score: {score: RED}
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - {type: BODY, text: "Your order is on its way and should reach you by tomorrow evening."}
        campaigns: []
        ```

    Good:
        ```yaml
        templates:
          - name: order_shipped
            language: en
            category: UTILITY
            status: APPROVED
            quality_score: {score: GREEN}
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - {type: BODY, text: "Your order is on its way and should reach you by tomorrow evening."}
        campaigns: []
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/template-quality
        (as of 2026-09-11, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/template-pausing
        (as of 2026-09-11, sure)

    Since:
        0.1
    """
    score = template.data.get("quality_score", {}).get("score", "")
    word = score.upper()
    if not word or word in fine or word in unrated:
        return
    place = template.at("quality_score", "score")
    if word in low:
        yield fail(
            f"the quality of template {shown(template)} is {word}: {low[word]['meaning']}",
            at=place,
            remedy=low[word]["remedy"],
        )
    else:
        yield unproven(
            f'"{score}" is no quality score that Meta gives templates{did_you_mean(word, [*fine, *low, *unrated])}',
            at=place,
            remedy="write the score that Meta's API answers for the template",
        )


@rule("TPL041", "dead-field", step=Step.TEMPLATES, alike=shape)
def dead_field(
    template: Template,
    *,
    of_template: Mapping[str, Mapping[str, str]] = fact("template_dead_fields.template"),
    of_button: Mapping[str, Mapping[str, str]] = fact("template_dead_fields.button"),
) -> Problems:
    """A template has a field that Meta no longer heeds.

    Why it matters:
        The field does nothing any more, and whoever relies on it is wrong about what Meta does. With
        allow_category_change set to false, Meta changes the category all the same; an app that is named beside
        supported_apps instead of in it is not taken.

    How to put it right:
        1. Take the field out of the manifest, and out of the request that creates the template.
        2. Apps of an authentication template: move package_name and signature_hash into supported_apps.

    Bad:
        ```yaml
        templates:
          - name: order_shipped
            language: en
            category: UTILITY
            status: APPROVED
            allow_category_change: false
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - {type: BODY, text: "Your order is on its way and should reach you by tomorrow evening."}
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
        campaigns: []
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/changelog
        (as of 2025-04-09, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/authentication-templates/zero-tap-authentication-templates
        (as of 2026-11, sure)

    Since:
        0.1
    """
    for field in sorted([field for field in of_template if field in template.data]):
        yield fail(
            f"{field} does nothing: Meta {of_template[field]['what']}",
            at=template.at(field, key=True),
            remedy=of_template[field]["remedy"],
        )
    for button in digest(template).buttons:
        if dead := sorted([field for field in of_button if field in button.data]):
            yield fail(
                f"{' and '.join(dead)} beside the button's type: Meta {of_button[dead[0]]['what']}",
                at=template.at(*button.route, dead[0], key=True),
                also=[template.at(*button.route, field, label="and this", key=True) for field in dead[1:]],
                remedy=of_button[dead[0]]["remedy"],
            )


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
