"""Step 4 of the checklist: templates for one-time codes, whose text Meta writes itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from wa_policy.api import Problem, Problems, Rule, Step, Template, fact, fail, hookimpl, rule, rules_in
from wa_policy.plugins._languages import base_language
from wa_policy.plugins._template_shapes import shape
from wa_policy.plugins._templates import (
    Part,
    buttons,
    components,
    form_cap,
    is_approved,
    is_authentication,
    named,
    placeholders,
    shown,
    words,
)

if TYPE_CHECKING:
    from wa_policy.plugins._templates import Cap


@rule("TPL030", "authentication-shape", step=Step.TEMPLATES, alike=shape)
def authentication_shape(
    template: Template,
    *,
    other_components: Sequence[str] = fact("authentication_templates.other_components"),
    other_buttons: Sequence[str] = fact("authentication_templates.other_buttons"),
    expiry_minutes: Mapping[str, int] = fact("authentication_templates.expiry_minutes"),
    own_texts: Mapping[str, str] = fact("authentication_templates.own_texts"),
    own_url: str = fact("authentication_templates.own_url"),
    needs_apps: Sequence[str] = fact("authentication_templates.needs_apps"),
    needs_terms: Sequence[str] = fact("authentication_templates.needs_terms"),
    apps: Mapping[str, int] = fact("authentication_templates.apps"),
    package_name: Mapping[str, Any] = fact("authentication_templates.package_name"),
    signature_hash: str = fact("authentication_templates.signature_hash"),
) -> Problems:
    """A template for one-time codes does not have the one shape that Meta takes.

    Meta writes its text: a body with or without the advice not to share the code, a footer that says when the code
    expires (after 1 to 90 minutes), and one OTP button. With ONE_TAP and ZERO_TAP the button names one to five Android
    apps. What Meta answers for such a template (its own text, and a URL button to whatsapp.com) is taken as well.

    Why it matters:
        Meta refuses to create a template of category AUTHENTICATION with a header, a text of one's own, a link, media
        or other buttons. With a wrong package name or signature hash the template may pass, but the app does not
        receive the code, and nobody can sign in.

    How to put it right:
        1. In WhatsApp Manager: Account tools > Message templates, create the template anew with category
           Authentication; there is nothing to write but the labels of the button and the minutes of validity.
        2. Ask the app's developers for the package name and the 11 characters of the signature hash, and enter them as
           they are, not percent-encoded.
        3. For zero-tap, accept Meta's terms for it in the same form.

    Bad:
        ```yaml
        templates:
          - name: sign_in
            language: en
            category: AUTHENTICATION
            status: APPROVED
            in_moengage: {status: Approved, sender_profiles: [acme-main]}
            components:
              - {type: BODY, add_security_recommendation: true}
              - {type: FOOTER, code_expiration_minutes: 120}
              - type: BUTTONS
                buttons:
                  - {type: OTP, otp_type: COPY_CODE, text: Copy code}
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
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/authentication-templates/authentication-templates
        (as of 2026-11, sure; that a button is required, probable)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/authentication-templates/zero-tap-authentication-templates
        (as of 2026-11, sure)

    Since:
        0.1
    """
    if not is_authentication(template):
        return
    cap = form_cap(template)
    parts = components(template)
    codes = []
    for part in parts:
        if part.type in other_components and part.card is None:
            yield _no_place(template, part, words(part.type), cap)
        yield from _fixed_text(template, part, own_texts, cap)
        yield from _expiry(template, part, expiry_minutes, cap)
        for button in buttons(part):
            if button.type == "OTP" or re.fullmatch(own_url, button.data.get("url", "")):
                codes.append(button)
            elif button.type in other_buttons:
                yield _no_place(template, button, f"{words(button.type)} button", cap)
    yield from _one_button(template, parts, codes, cap)
    for button in codes:
        yield from _handed_over(template, button, needs_apps, needs_terms, cap)
        yield from _apps(template, button, needs_apps, apps, cap)
        for app in _apps_of(button):
            yield from _app(template, app, package_name, signature_hash, cap)


def _no_place(template: Template, part: Part, what: str, cap: Cap) -> Problem:
    return fail(
        f"the {what} has no place in template {shown(template)}, whose category is AUTHENTICATION",
        at=template.at(*part.route),
        also=[template.at("category", label="the category")],
        remedy="leave only the body, the footer with the code's expiry, and one OTP button",
        at_most=cap,
    )


def _fixed_text(template: Template, part: Part, own_texts: Mapping[str, str], cap: Cap) -> Problems:
    """Complain of a text of one's own; a template that Meta has approved shows Meta's."""
    text = part.data.get("text")
    if text is None or part.type not in ("BODY", "FOOTER") or is_approved(template):
        return
    pattern = own_texts.get(base_language(template.data["language"]))
    if pattern is not None and re.fullmatch(pattern, text.strip()):
        return
    # In a language whose text is not known here, this may be what Meta answered; it has no second placeholder, though.
    may_be = pattern is None and len(placeholders(text)) <= 1 and "status" in template.data
    yield fail(
        f"{named(part, template)} {'seems to have' if may_be else 'has'} a text of its own; Meta writes the text of "
        "AUTHENTICATION templates itself",
        at=template.at(*part.route, "text"),
        remedy="leave the text out; add_security_recommendation and code_expiration_minutes are all that can be chosen",
        at_most="warning" if may_be else cap,
    )


def _expiry(template: Template, part: Part, expiry_minutes: Mapping[str, int], cap: Cap) -> Problems:
    minutes = part.data.get("code_expiration_minutes")
    low, high = expiry_minutes["minimum"], expiry_minutes["maximum"]
    if minutes is not None and not low <= minutes <= high:
        yield fail(
            f"the code of template {shown(template)} expires after {minutes} minutes; Meta takes {low} to {high}",
            at=template.at(*part.route, "code_expiration_minutes"),
            remedy=f"let the code expire after {low} to {high} minutes, as the app does that checks it",
            at_most=cap,
        )


def _one_button(template: Template, parts: Sequence[Part], codes: Sequence[Part], cap: Cap) -> Problems:
    """Complain of no button, or of a second one. Older templates, which Meta approved without one, stay as they are."""
    if parts and not codes and not is_approved(template):
        yield fail(
            f"template {shown(template)} has no OTP button, and since 2024 Meta takes none of category AUTHENTICATION "
            "without one",
            at=template.at("components"),
            remedy="add one OTP button, with otp_type COPY_CODE if the code goes to no app",
            at_most="warning",
        )
    for button in codes[1:]:
        yield fail(
            f"template {shown(template)} has a second button for its code; Meta takes one",
            at=template.at(*button.route),
            also=[template.at(*codes[0].route, label="the first one")],
            remedy="keep one of the buttons",
            at_most=cap,
        )


def _handed_over(
    template: Template, button: Part, needs_apps: Sequence[str], needs_terms: Sequence[str], cap: Cap
) -> Problems:
    """Complain of an OTP button that does not say how the code is handed over, or lacks the terms for it."""
    way = button.data.get("otp_type", "").upper()
    if not way and button.type == "OTP":
        yield fail(
            f"the OTP button of template {shown(template)} does not say how the code is handed over",
            at=template.at(*button.route, "otp_type"),
            remedy=f"write otp_type: COPY_CODE, {' or '.join(needs_apps)}",
            at_most=cap,
        )
    if way in needs_terms and button.data.get("zero_tap_terms_accepted") is not True:
        yield fail(
            f"nobody has accepted Meta's terms for {way}, without which it refuses the template",
            at=template.at(*button.route, "zero_tap_terms_accepted"),
            remedy="accept the terms when the template is created, and write zero_tap_terms_accepted: true",
            at_most=cap,
        )


def _apps(template: Template, button: Part, needs_apps: Sequence[str], limits: Mapping[str, int], cap: Cap) -> Problems:
    """Complain of too few or too many apps, and of one that is named twice."""
    way = button.data.get("otp_type", "").upper()
    found = _apps_of(button)
    if way in needs_apps and not limits["minimum"] <= len(found) <= limits["maximum"]:
        yield fail(
            f"an OTP button of type {way} names {limits['minimum']} to {limits['maximum']} apps that take the code, "
            f"and this one names {len(found) or 'none'}",
            at=template.at(*button.route, "supported_apps"),
            remedy="list the package_name and signature_hash of each Android app under supported_apps, or use COPY_CODE",
            at_most=cap,
        )
    first: dict[tuple[str | None, str | None], Part] = {}
    for app in found:
        known = first.setdefault((app.data.get("package_name"), app.data.get("signature_hash")), app)
        if known is not app:
            yield fail(
                f'the app "{app.data.get("package_name", "")}" is named twice with one signature; Meta refuses that',
                at=template.at(*app.route),
                also=[template.at(*known.route, label="first named here")],
                remedy="remove one of them",
                at_most=cap,
            )


def _apps_of(button: Part) -> list[Part]:
    """The apps that an OTP button names, in supported_apps or, as it once was, in the button itself."""
    if "supported_apps" in button.data:
        apps = button.data["supported_apps"]
        return [Part("APP", app, (*button.route, "supported_apps", index)) for index, app in enumerate(apps)]
    return [Part("APP", button.data, button.route)] if "package_name" in button.data else []


def _app(template: Template, app: Part, package_name: Mapping[str, Any], signature_hash: str, cap: Cap) -> Problems:
    """Complain of an app that cannot exist under its name, or whose hash is none."""
    package = app.data.get("package_name", "")
    if len(package) > package_name["max_length"] or not re.fullmatch(package_name["pattern"], package):
        yield fail(
            f'"{package}" is no package name of an Android app: it has two or more parts such as com.acme, each of '
            f"letters, digits and underscores after a letter, in {package_name['max_length']} characters at most",
            at=template.at(*app.route, "package_name"),
            remedy="ask the app's developers for its package name (the applicationId)",
            at_most=cap,
        )
    given = app.data.get("signature_hash", "")
    if not re.fullmatch(signature_hash, given):
        from urllib.parse import unquote  # only ever needed for a mistake

        decoded = unquote(given)
        meant = f': decoded it is "{decoded}"' if decoded != given and re.fullmatch(signature_hash, decoded) else ""
        yield fail(
            f'"{given}" is no signature hash: that has 11 characters, letters, digits or + / =',
            at=template.at(*app.route, "signature_hash"),
            remedy=f"write the hash as the app computes it, not percent-encoded{meant}",
            at_most=cap,
        )


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
