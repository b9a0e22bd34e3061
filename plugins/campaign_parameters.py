"""After the checklist: what campaigns put in the place of templates' placeholders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from wa_policy.api import (
    Campaign,
    Count,
    Place,
    Problems,
    Rule,
    Step,
    Template,
    did_you_mean,
    fact,
    fail,
    hookimpl,
    rule,
    rules_in,
    unproven,
)
from wa_policy.plugins._campaign_values import header_of, judge_others
from wa_policy.plugins._campaigns import templates_of
from wa_policy.plugins._once import compiled
from wa_policy.plugins._template_shapes import plain, shape
from wa_policy.plugins._templates import (
    Part,
    buttons,
    components,
    fixed,
    is_authentication,
    is_text,
    placeholders,
    shown,
)
from wa_policy.plugins._wording import counted, shortlist
from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from wa_policy.api import Route


@rule("CMP002", "parameter-mismatch", step=Step.CAMPAIGNS)
def parameter_mismatch(
    campaign: Campaign,
    *,
    limits: Mapping[str, Count] = fact("template_limits.lengths"),
    refused: str = fact("template_parameters.refused"),
    refused_in_words: str = fact("template_parameters.refused_in_words"),
) -> Problems:
    """What a campaign puts in the place of a template's placeholders does not fit them.

    The values in the campaign's template.parameters fill the placeholders of the body, in order; template.named_parameters
    does, where the template names them. template.header says what is sent for the header, and template.buttons what fills
    the ends of addresses and coupon codes. A campaign that has neither of these two may have their values among the
    parameters, after those of the body, or use the body's again; but media for a header and a coupon code are never the
    body's. A campaign that has one of the two is taken to tell all values apart. The longest text that is expected must
    fit the body, too.

    Why it matters:
        Meta refuses every message that has another number of values than the template has placeholders (error 132000), or
        values of another kind: named where they are numbered, a text or nothing where the header shows an image (132012,
        132018); and every one whose text has grown too long (132005). MoEngage sends them all the same, and shows the
        failures only afterwards.

    How to put it right:
        1. In WhatsApp Manager: Account tools > Message templates, count the placeholders of the template.
        2. In MoEngage: open the campaign, give every placeholder an attribute, and a fallback for users without one.
        3. Give a header with media its image, video or document there, an address its end, and a coupon button its code.
        4. Write the attributes in the campaign's template.parameters, in the order of the placeholders; what the header
           shows as template.header, and what fills the buttons as template.buttons.
        5. If texts grow too long, use shorter attributes, or move text out of the template's body.

    Bad:
        ```yaml
        campaigns:
          - name: order-updates
            sender: "+918047181888"
            template: {name: order_shipped, language: en, parameters: [first_name]}
            audience: {size: 40000, countries: [IN]}
            ignore_opt_in: false
        ```

    Good:
        ```yaml
        campaigns:
          - name: order-updates
            sender: "+918047181888"
            template:
              name: order_shipped
              language: en
              parameters: [first_name, order_id]
              buttons: [{kind: url, value: order_id}]
            audience: {size: 40000, countries: [IN]}
            ignore_opt_in: false
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
        (as of 2025-11-19, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/components
        (as of 2026-06-24, sure)
        https://www.moengage.com/docs/user-guide/campaigns-and-channels/whatsapp/troubleshooting-and-faqs-whatsapp/common-errors-in-whatsapp-campaigns
        (as of 2026-11, sure)
        https://github.com/shridarpatil/frappe_whatsapp/issues/147 (as of 2026-11, probable, for values of another kind)
        https://github.com/shridarpatil/frappe_whatsapp/issues/169 (as of 2026-11, probable, for values that are refused)

    Since:
        0.1
    """
    template = next(iter(templates_of(campaign)), None)
    if template is None or "components" not in template.data:
        return
    form = _form(campaign, template)
    if form is None or form not in _FITTING:
        found = list(_fit(campaign, template))
        yield from found
        if form is not None and not found:
            if len(_FITTING) >= _MOST_FORMS:
                _FITTING.clear()
            _FITTING.add(form)
    yield from _values(campaign, refused, refused_in_words)
    yield from _length(campaign, template, limits)


_FITTING: set[Hashable] = set()
"""Forms of campaigns and their templates in which every value is known to have its place: hundreds of campaigns share one."""

_MOST_FORMS = 1024


def _form(campaign: Campaign, template: Template) -> Hashable:
    """Everything that decides whether values and placeholders fit each other; None where the template is not plain."""
    known = shape(template)
    if known is None:
        return None
    used = campaign.data.get("template", {})
    return (
        known,
        tuple(used),
        len(used.get("parameters", ())),
        tuple(used.get("named_parameters", ())),
        used.get("header", _NOTHING).get("kind"),
        tuple([(button["kind"], button.get("index")) for button in used.get("buttons", ())]),
    )


_NOTHING: Mapping[str, str] = {}


def _fit(campaign: Campaign, template: Template) -> Problems:
    """Compare the values that there are, and where they go, with those that the template takes."""
    used = campaign.data.get("template", {})
    needs = _needs(template, told=[key for key in ("header", "buttons") if key in used])
    if "named_parameters" in used:
        yield from _by_name(campaign, template, needs)
    else:
        yield from _number(campaign, template, needs)
    yield from judge_others(campaign, template, spare=len(used.get("parameters", ())) > len(needs.body))


class _Needs(NamedTuple):
    """What must be filled: the body's placeholders by name; how many values may be given in all, None where nobody can say.

    ``named`` says that the body has placeholders, and names all of them; ``of_header`` has the names in the header's text.
    """

    body: Sequence[str]
    at_most: int | None
    place: Place
    named: bool
    of_header: Sequence[str]


def _needs(template: Template, told: Sequence[str]) -> _Needs:
    """What must be filled; parts that the campaign tells apart (``header``, ``buttons``) leave no room among the parameters."""
    parts = components(template)
    body = next((part for part in parts if part.type == "BODY" and part.card is None), None)
    names = [] if body is None else _names(body.data.get("text", ""))
    if body is not None and is_authentication(template) and "text" not in body.data:
        names = ["{{1}}"]  # Meta writes the text, and the code is in it
    others = [_others(part) for part in parts if part is not body and part.type.lower() not in told]
    at_most = len(names) + sum(other for other in others if other is not None) if None not in others else None
    route = ("components",) if body is None else body.route
    header = header_of(template)
    of_header = _names(header.data.get("text", "")) if header and is_text(header) else []
    return _Needs(names, at_most, template.at(*route, label="what must be filled"), _all_named(names), of_header)


def _all_named(names: Sequence[str]) -> bool:
    return bool(names) and not any(name.strip("{}").isdecimal() for name in names)


def _names(text: str) -> list[str]:
    """The placeholders of a text, each once: numbers in their order, names in that of the text."""
    found = {one.name: one for one in placeholders(text) if not one.is_broken}
    numbered = all(one.is_positional for one in found.values())
    names = sorted(found, key=lambda name: (len(name), name)) if numbered else found
    return [f"{{{{{name}}}}}" for name in names]


def _others(part: Part) -> int | None:
    """How many values a part other than the body takes; None where that does not follow from the template."""
    if part.card is not None or part.type in ("CAROUSEL", "LIMITED_TIME_OFFER"):
        return None
    if part.type == "HEADER" and not is_text(part):
        return None if part.data.get("format", "").upper() == "LOCATION" else 1
    number = len(_names(part.data.get("text", ""))) if part.type == "HEADER" else 0
    for button in buttons(part):
        if button.type == "URL":
            number += len(_names(button.data.get("url", "")))
        elif button.type in ("COPY_CODE", "OTP"):
            number += 1
        elif button.type not in ("QUICK_REPLY", "PHONE_NUMBER"):
            return None
    return number


def _by_name(campaign: Campaign, template: Template, needs: _Needs) -> Problems:
    """Compare values by name with the names of the placeholders."""
    used = campaign.data.get("template", {})
    values = used.get("named_parameters", {})
    place = campaign.at("template", "named_parameters")
    if needs.body and not needs.named:
        yield fail(
            f"the campaign names its values, and template {shown(template)} numbers its placeholders "
            f"({shortlist(needs.body)}): every message fails with error 132012",
            at=place,
            also=[needs.place],
            remedy="write the values in the order of the placeholders, as template.parameters",
        )
        return
    missing = [name for name in needs.body if name.strip("{}") not in values]
    if missing:
        yield fail(
            f"nothing fills {shortlist(missing)} of template {shown(template)}, and every message fails with error 132000",
            at=place,
            also=[needs.place],
            remedy="give every placeholder of the body a value, by its name",
        )
    known = [name.strip("{}") for name in (*needs.body, *needs.of_header)]
    for name in values:
        if name not in known:
            yield fail(
                f'template {shown(template)} has no placeholder "{name}"{did_you_mean(name, known)}, and every message fails',
                at=campaign.at("template", "named_parameters", name, key=True),
                also=[needs.place],
                remedy="name the placeholder as the template does, or leave the value out",
            )
    if used.get("parameters"):
        yield fail(
            f"the campaign gives template {shown(template)} values in order beside those by name, and every message fails "
            "with error 132012",
            at=campaign.at("template", "parameters"),
            also=[place],
            remedy="write all values of the body as template.named_parameters",
        )


def _number(campaign: Campaign, template: Template, needs: _Needs) -> Problems:
    """Compare how many values there are with how many there must be."""
    values = campaign.data.get("template", {}).get("parameters")
    place = campaign.at("template", "parameters")
    wanted = len(needs.body)
    if values is None:
        if wanted:
            by_name = "by name, as template.named_parameters" if needs.named else "in order, as template.parameters"
            yield unproven(
                f"nothing says what fills {shortlist(needs.body)} of template {shown(template)}",
                at=place,
                also=[needs.place],
                remedy=f"write the attributes that fill the placeholders in MoEngage, {by_name}",
                at_most="warning",
            )
    elif len(values) < wanted:
        yield fail(
            f"nothing fills {shortlist(needs.body[len(values) :])} of template {shown(template)}, and every message fails "
            "with error 132000",
            at=place,
            also=[needs.place],
            remedy=f"give the body {counted(wanted, 'value')}, in the order of its placeholders",
        )
    elif needs.at_most is not None and len(values) > needs.at_most:
        room = f"{needs.at_most} at most" if needs.at_most else "none"
        yield fail(
            f"the campaign gives template {shown(template)} {counted(len(values), 'value')}; it takes {room}, and "
            "every message fails with error 132000",
            at=place,
            also=[needs.place],
            remedy="leave out what fills no placeholder, or use the template that has them all",
        )
    elif needs.named:
        yield unproven(
            f"template {shown(template)} names its placeholders ({shortlist(needs.body)}), and the campaign gives its values in "
            "order: nothing shows that they are sent by name, and with error 132012 every message fails otherwise",
            at=place,
            also=[needs.place],
            remedy="write which attribute fills which placeholder, as template.named_parameters",
            at_most="warning",
        )


def _values(campaign: Campaign, refused: str, in_words: str) -> Problems:
    """Complain of fixed texts that Meta refuses as the value of a placeholder."""
    for route, value in _given(campaign):
        if compiled(refused).search(value):
            yield fail(
                f'the value "{" ".join(value.split())}" is one that Meta refuses (error 132018): values have no {in_words}',
                at=campaign.at("template", *route),
                remedy="write the value in one line, with single blanks",
                at_most="warning",
            )


def _given(campaign: Campaign) -> Iterator[tuple[Route, str]]:
    """Every value that stands for a text, and where it does."""
    used = campaign.data.get("template", {})
    for index, value in enumerate(used.get("parameters", ())):
        yield ("parameters", index), value
    for name, value in used.get("named_parameters", {}).items():
        yield ("named_parameters", name), value
    header = used.get("header", {})
    if header.get("kind") == "text" and "value" in header:
        yield ("header", "value"), header["value"]
    for index, button in enumerate(used.get("buttons", ())):
        if "value" in button:
            yield ("buttons", index, "value"), button["value"]


def _length(campaign: Campaign, template: Template, limits: Mapping[str, Count]) -> Problems:
    """Compare the longest text that is expected with the room in the body, and with the text that is there anyway."""
    expected = campaign.data.get("expected_longest_text")
    if expected is None:
        return
    known = plain(template)
    if known is not None and known.sizes.get("body", expected + 1) <= expected <= limits["body"]:
        return  # without its placeholders, the body is shorter still
    parts = components(template)
    body = next((part for part in parts if part.type == "BODY" and part.card is None and "text" in part.data), None)
    if body is None:
        return
    kinds = {part.type for part in parts} | {button.type for part in parts for button in buttons(part)}
    special = (
        "body_with_offer" if "LIMITED_TIME_OFFER" in kinds else "body_of_single_product" if "SPM" in kinds else "body"
    )
    room = limits[special]
    text = body.data["text"]
    least = len(fixed(text, ""))
    if expected > room:
        yield fail(
            f"the longest message is expected to have {expected:,} characters; Meta takes {room:,} in the body of "
            f"{shown(template)}, and longer ones fail with error 132005",
            at=campaign.at("expected_longest_text"),
            also=[template.at(*body.route, "text", label="the body")],
            remedy="fill the placeholders with shorter values, or move text out of the body",
        )
    elif expected < least:
        yield fail(
            f"the longest message is expected to have {expected:,} characters, but the body of {shown(template)} has "
            f"{least:,} without its placeholders",
            at=campaign.at("expected_longest_text"),
            also=[template.at(*body.route, "text", label="the body")],
            remedy="count again, with the longest values that the placeholders get",
            at_most="warning",
        )


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
