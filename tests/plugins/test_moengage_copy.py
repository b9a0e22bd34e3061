"""MoEngage's copies: what TPL002, TPL035 and TPL036 say, where, and what they leave unsaid."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.growth import is_linear
from tests.plugins.parts import buttons
from tests.plugins.said import labels, place
from wa_policy.plugins._template_copies import LONGEST, differences, excerpts, visible
from wa_policy.plugins.moengage_copy import (
    hosts_below,
    provider_lacks_feature,
    template_differs_in_moengage,
    tracking_domain,
    wa_policy_rules,
)
from wa_policy.policy.facts import load
from wa_policy.testing import check_rule

FORM = "MoEngage (Settings > Channels > WhatsApp > Templates)"
HERE = "templates[0].in_moengage"


def template(components: Any = None, copy: Any = None, **fields: Any) -> str:
    """A manifest's fragment with one template, which the ready campaign uses."""
    shown = {"name": "order_shipped", "language": "en", "category": "UTILITY", "status": "APPROVED", **fields}
    shown.update({"components": components} if components is not None else {})
    shown.update({"in_moengage": copy} if copy is not None else {})
    return json.dumps({"templates": [shown]}, ensure_ascii=False)


def held(meta: list[Any], moengage: list[Any], **fields: Any) -> str:
    return template(meta, {"status": "Approved", "components": moengage}, **fields)


def body(text: str) -> dict[str, Any]:
    return {"type": "BODY", "text": text}


def test_rules_are_offered_in_order() -> None:
    assert [rule.code for rule in wa_policy_rules()] == ["TPL002", "TPL035", "TPL036"]


class TestStatus:
    def test_approved_is_claimed(self) -> None:
        (problem,) = check_rule(template_differs_in_moengage)
        assert problem.outcome == "claimed"
        assert place(problem) == f"{HERE}.status"
        assert problem.remedy == "prove it by the copy's texts, as in_moengage.components"

    def test_approved_and_compared(self) -> None:
        assert check_rule(template_differs_in_moengage, held([body("Hello.")], [body("Hello.")])) == []

    def test_approved_and_nothing_to_compare_with(self) -> None:
        copy = {"status": "Approved", "components": [body("Hello.")]}
        (problem,) = check_rule(template_differs_in_moengage, template(copy=copy))
        assert problem.outcome == "claimed"
        assert place(problem) == f"{HERE}.status"
        assert problem.remedy == (
            "prove it by Meta's own texts, as the template's components, with which those of the copy are then compared"
        )

    def test_no_copy_of_a_template_that_a_campaign_uses(self) -> None:
        (problem,) = check_rule(template_differs_in_moengage, template())
        assert problem.outcome == "unproven"
        assert problem.message == (
            'nothing says that MoEngage has template "order_shipped" (en), which a campaign uses'
        )
        assert place(problem) == HERE
        assert labels(problem) == [("campaigns[0].template", "used here")]
        assert problem.remedy == f"list the template with the status that {FORM} shows for it as in_moengage.status"

    def test_no_copy_needed(self) -> None:
        assert check_rule(template_differs_in_moengage, template(name="spare")) == []
        connector = {**json.loads(template()), "bsp": {"integration": "connector"}}
        assert check_rule(template_differs_in_moengage, json.dumps(connector)) == []

    def test_no_status(self) -> None:
        (problem,) = check_rule(template_differs_in_moengage, template(copy={"sender_profiles": ["acme-main"]}))
        assert problem.outcome == "unproven"
        assert problem.message == ('nothing says which status MoEngage gives its copy of template "order_shipped" (en)')
        assert place(problem) == f"{HERE}.status"
        assert problem.remedy == f"write the status that {FORM} shows for it"

    def test_unknown_status(self) -> None:
        (problem,) = check_rule(template_differs_in_moengage, template(copy={"status": "Aproved"}))
        assert problem.outcome == "unproven"
        assert problem.message == '"Aproved" is no status that MoEngage gives templates (did you mean "Approved"?)'

    @pytest.mark.parametrize("status", load("moengage_templates").values["statuses"])
    def test_every_status_is_told_apart(self, status: str) -> None:
        (problem,) = check_rule(template_differs_in_moengage, template(copy={"status": status.lower()}))
        assert problem.outcome == ("claimed" if status == "Approved" else "fail")
        if problem.outcome == "fail":
            assert problem.at_most == ("error" if status in ("Rejected", "Suspended") else "warning")
            assert problem.message.startswith(f'MoEngage\'s copy of template "order_shipped" (en) is {status}: ')

    def test_suspended(self) -> None:
        (problem,) = check_rule(template_differs_in_moengage, template(copy={"status": "Suspended"}))
        assert problem.message == (
            'MoEngage\'s copy of template "order_shipped" (en) is Suspended: it differs from what the provider holds, and '
            "sends fail"
        )
        assert place(problem) == f"{HERE}.status"
        assert problem.remedy == "make MoEngage's copy the same as the provider's, then synchronise it in MoEngage"

    def test_provider_that_is_not_synchronised(self) -> None:
        fragment = {**json.loads(template(copy={"status": "Created"})), "bsp": {"provider": "infobip"}}
        (problem,) = check_rule(template_differs_in_moengage, json.dumps(fragment))
        assert problem.remedy == "wait until Meta has approved the template, then save it in MoEngage"


class TestIdentity:
    def test_name(self) -> None:
        copy = {"status": "Approved", "name": "order_shiped", "components": []}
        (problem,) = check_rule(template_differs_in_moengage, template([], copy))
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        assert problem.message == (
            'the name of template "order_shipped" (en) is another in MoEngage: Meta "order_shipped" | '
            'MoEngage "order_shiped"'
        )
        assert place(problem) == f"{HERE}.name"
        assert labels(problem) == [("templates[0].name", "Meta's name")]
        assert problem.remedy == f"choose Meta's name in {FORM}"

    @pytest.mark.parametrize(
        ("ours", "theirs", "cap", "how"),
        [
            ("en", "en_US", "error", "is another"),
            ("en_US", "en-US", "warning", "is written otherwise"),
            ("en_US", "EN_us", "warning", "is written otherwise"),
        ],
    )
    def test_language(self, ours: str, theirs: str, cap: str, how: str) -> None:
        copy = {"status": "Approved", "language": theirs, "components": []}
        (problem,) = check_rule(template_differs_in_moengage, template([], copy, language=ours))
        assert problem.at_most == cap
        assert problem.message == (
            f'the language of template "order_shipped" ({ours}) {how} in MoEngage: Meta "{ours}" | MoEngage "{theirs}"'
        )

    @pytest.mark.parametrize(("ours", "theirs"), [("en", "en"), ("en", "English"), ("hi", "hindi")])
    def test_the_same_language(self, ours: str, theirs: str) -> None:
        copy = {"status": "Approved", "language": theirs, "components": []}
        assert check_rule(template_differs_in_moengage, template([], copy, language=ours)) == []

    def test_category(self) -> None:
        copy = {"status": "Approved", "category": "Marketing", "components": []}
        (problem,) = check_rule(template_differs_in_moengage, template([], copy))
        assert problem.message == (
            'the category of template "order_shipped" (en) is another in MoEngage: Meta "UTILITY" | MoEngage "Marketing"'
        )
        copy["category"] = "Utility"
        assert check_rule(template_differs_in_moengage, template([], copy)) == []

    @pytest.mark.parametrize(
        ("type_", "chosen", "wanted"),
        [
            ("CAROUSEL", "Simple", "Carousel"),
            ("CAROUSEL", "LTO", "Carousel"),
            ("LIMITED_TIME_OFFER", "carousel", "Limited Time Offer"),
            ("FOOTER", "Carousel", "Simple"),
        ],
    )
    def test_type(self, type_: str, chosen: str, wanted: str) -> None:
        copy = {"status": "Approved", "template_type": chosen}
        (problem, _) = reversed(check_rule(template_differs_in_moengage, template([{"type": type_}], copy)))
        assert problem.message == (
            f'the type of template "order_shipped" (en) is another in MoEngage: Meta\'s is {wanted} | MoEngage {chosen}'
        )
        assert place(problem) == f"{HERE}.template_type"
        assert problem.remedy == f"enter the template anew in {FORM}, with the template type {wanted}"

    @pytest.mark.parametrize(
        ("type_", "chosen"), [("CAROUSEL", "carousel"), ("FOOTER", "Simple"), ("FOOTER", "Something new")]
    )
    def test_the_same_type(self, type_: str, chosen: str) -> None:
        copy = {"status": "Approved", "template_type": chosen}
        (claim,) = check_rule(template_differs_in_moengage, template([{"type": type_}], copy))
        assert claim.outcome == "claimed"


class TestContent:
    def test_text(self) -> None:
        meta = "Hi {{1}}, your order {{2}} is on its way and should reach you by tomorrow evening."
        fragment = held([body(meta)], [body(meta.replace("its", "the"))])
        (problem,) = check_rule(template_differs_in_moengage, fragment)
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        assert problem.message == (
            'the body of "order_shipped" (en) differs in MoEngage: Meta "...{{2}} is on its way and..." | '
            'MoEngage "...{{2}} is on the way and..."'
        )
        assert place(problem) == f"{HERE}.components[0].text"
        assert labels(problem) == [("templates[0].components[0].text", "Meta's text")]
        assert problem.remedy == f"make it the same as Meta's in {FORM}"

    @pytest.mark.parametrize(
        ("meta", "moengage", "how", "shown", "cap"),
        [
            ("Hi {{1}} and {{2}}!", "Hi {{2}} and {{1}}!", " in the order of its placeholders",
             "Meta {{1}}, {{2}} | MoEngage {{2}}, {{1}}", "error"),
            ("Hi {{name}}, hello!", "Hi {{1}}, hello!", " in how its placeholders are written",
             "Meta {{name}} | MoEngage {{1}}", "warning"),
            ("Hi {{1}} and {{2}}!", "Hi {{1}} and {{1}}!", " in its placeholders",
             "Meta {{1}}, {{2}} | MoEngage {{1}}, {{1}}", "error"),
            ("Hi {{1}}, hello!", "Hi  {{1}}, hello!", " in its blanks or line breaks",
             'Meta "Hi {{1}}, hello!" | MoEngage "Hi  {{1}}, hello!"', "error"),
            ("Hello there.", "Hello\nthere.", " in its blanks or line breaks",
             'Meta "Hello there." | MoEngage "Hello<line break>there."', "error"),
            ("Hello there.", "Hello\u00a0there.", " in its blanks or line breaks",
             'Meta "Hello there." | MoEngage "Hello<U+00A0>there."', "error"),
            ("Caf\u00e9 is open.", "Cafe\u0301 is open.", " in how its letters are composed in Unicode",
             'Meta "Caf\u00e9 is open." | MoEngage "Cafe\u0301 is open."', "warning"),
            ("It\u2019s here.", "It's here.", "", 'Meta "It\u2019s here." | MoEngage "It\'s here."', "error"),
        ],
    )  # fmt: skip
    def test_what_is_hard_to_see(self, meta: str, moengage: str, how: str, shown: str, cap: str) -> None:
        (problem,) = check_rule(template_differs_in_moengage, held([body(meta)], [body(moengage)]))
        assert problem.message == f'the body of "order_shipped" (en) differs{how} in MoEngage: {shown}'
        assert problem.at_most == cap

    def test_blanks_at_the_ends_do_not_count(self) -> None:
        assert check_rule(template_differs_in_moengage, held([body("Hello.")], [body(" Hello.\n")])) == []

    def test_a_part_is_missing(self) -> None:
        footer = {"type": "FOOTER", "text": "Reply STOP to leave"}
        (problem,) = check_rule(template_differs_in_moengage, held([body("Hello."), footer], [body("Hello.")]))
        assert problem.message == (
            'the footer of "order_shipped" (en) differs in MoEngage: Meta "Reply STOP to leave" | MoEngage has none'
        )
        assert place(problem) == f"{HERE}.components"
        assert labels(problem) == [("templates[0].components[1]", "Meta's text")]

    def test_a_part_too_many(self) -> None:
        header = {"type": "HEADER", "format": "IMAGE"}
        (problem,) = check_rule(template_differs_in_moengage, held([body("Hello.")], [header, body("Hello.")]))
        assert problem.message == (
            'the header of "order_shipped" (en) differs in MoEngage: Meta has none | MoEngage has one of format IMAGE'
        )
        assert place(problem) == f"{HERE}.components[0]"
        assert labels(problem) == [("templates[0].components", "Meta's text")]

    def test_format(self) -> None:
        headers = [{"type": "HEADER", "format": "IMAGE"}], [{"type": "HEADER", "format": "VIDEO"}]
        (problem,) = check_rule(template_differs_in_moengage, held(*headers))
        assert problem.message == (
            'the header of "order_shipped" (en) differs in its format in MoEngage: Meta IMAGE | MoEngage VIDEO'
        )
        assert place(problem) == f"{HERE}.components[0].format"

    def test_which_buttons(self) -> None:
        reply, link = (
            {"type": "QUICK_REPLY", "text": "Stop"},
            {"type": "URL", "text": "See", "url": "https://a.example"},
        )
        (problem,) = check_rule(template_differs_in_moengage, held([buttons(reply, link)], [buttons(link, reply)]))
        assert problem.message == (
            'the buttons of "order_shipped" (en) differ in which there are in MoEngage: Meta QUICK_REPLY "Stop" and '
            'URL "See" | MoEngage URL "See" and QUICK_REPLY "Stop"'
        )
        assert place(problem) == f"{HERE}.components[0].buttons"

    def test_what_buttons_say(self) -> None:
        meta = [buttons({"type": "URL", "text": "See it", "url": "https://acme.example/t/{{1}}"},
                        {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+918047181888"})]  # fmt: skip
        moengage = [buttons({"type": "URL", "text": "See", "url": "https://acme.example/s/{{1}}"},
                            {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "91 80 4718 1888"})]  # fmt: skip
        problems = check_rule(template_differs_in_moengage, held(meta, moengage))
        assert [problem.message for problem in problems] == [
            'the label of button 1 of "order_shipped" (en) differs in MoEngage: Meta "See it" | MoEngage "See"',
            'the address of button 1 of "order_shipped" (en) differs in MoEngage: '
            'Meta "https://acme.example/t/{{1}}" | MoEngage "https://acme.example/s/{{1}}"',
        ]
        assert place(problems[1]) == f"{HERE}.components[0].buttons[0].url"
        assert labels(problems[1]) == [("templates[0].components[0].buttons[0].url", "Meta's text")]

    def test_offer(self) -> None:
        meta, moengage = (
            [{"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": text}}] for text in ("Today", "Tonight")
        )
        (problem,) = check_rule(template_differs_in_moengage, held(meta, moengage))
        assert problem.message == (
            'the limited-time offer of "order_shipped" (en) differs in MoEngage: Meta "Today" | MoEngage "Tonight"'
        )
        assert place(problem) == f"{HERE}.components[0].limited_time_offer.text"

    def test_cards(self) -> None:
        def cards(*texts: str) -> list[Any]:
            return [{"type": "CAROUSEL", "cards": [{"components": [body(text)]} for text in texts]}]

        (problem,) = check_rule(template_differs_in_moengage, held(cards("A", "B"), cards("A", "C")))
        assert problem.message == (
            'the body of card 2 of "order_shipped" (en) differs in MoEngage: Meta "B" | MoEngage "C"'
        )
        assert place(problem) == f"{HERE}.components[0].cards[1].components[0].text"
        (problem,) = check_rule(template_differs_in_moengage, held(cards("A", "B"), cards("A")))
        assert problem.message == (
            'the carousel of "order_shipped" (en) differs in its number of cards in MoEngage: '
            "Meta has 2 cards | MoEngage has 1"
        )

    def test_meta_writes_codes_itself(self) -> None:
        meta, moengage = [{"type": "BODY"}], [body("{{1}} is your verification code.")]
        assert check_rule(template_differs_in_moengage, held(meta, moengage, category="AUTHENTICATION")) == []


texts = st.text("ab {}1\n\u00a0é.", max_size=150) | st.text(max_size=60)


@given(texts, texts)
def test_excerpts_differ_where_texts_do(ours: str, theirs: str) -> None:
    left, right = excerpts(ours, theirs)
    assert (left == right) == (visible(ours) == visible(theirs))


@given(st.text("abc ", min_size=400, max_size=400), st.integers(0, 399))
def test_excerpts_are_short_and_of_the_text(text: str, at: int) -> None:
    changed = f"{text[:at]}X{text[at + 1 :]}"
    left, right = excerpts(text, changed)
    assert "X" in right
    assert left.strip(".") in text
    assert right.strip(".") in changed
    assert max(len(left), len(right)) <= LONGEST + 6
    assert right.strip(".").index("X") <= LONGEST // 2


parts = st.recursive(
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["HEADER", "body", "BUTTONS", "CAROUSEL", "NEW"]),
            "format": st.sampled_from(["TEXT", "image"]),
            "text": st.sampled_from(["a", "b", "{{1}}", "{{x}}"]),
            "buttons": st.lists(st.fixed_dictionaries({}, optional={"type": st.sampled_from(["URL", "url", "OTP"]),
                                                                     "url": st.sampled_from(["a", "b"])}), max_size=2),
            "limited_time_offer": st.fixed_dictionaries({}, optional={"text": st.sampled_from(["a", "b"])}),
        },
    ),
    lambda inside: st.fixed_dictionaries(
        {"type": st.just("CAROUSEL"), "cards": st.lists(st.fixed_dictionaries({"components": st.lists(inside, max_size=2)}),
                                                        max_size=2)}
    ),
    max_leaves=4,
)  # fmt: skip


@settings(max_examples=60)
@given(st.lists(parts, max_size=3), st.lists(parts, max_size=3))
def test_comparing_needs_no_particular_shape(meta: list[Any], moengage: list[Any]) -> None:
    assert list(differences(meta, meta)) == []
    found = list(differences(meta, moengage))
    assert len(found) == len(list(differences(moengage, meta)))
    for difference in found:
        assert difference.meta != difference.moengage


COUPON = buttons({"type": "COPY_CODE", "example": "A"})


def through(provider: str, *components: Any, integration: str = "native") -> str:
    fragment = json.loads(template(list(components)))
    return json.dumps({**fragment, "bsp": {"provider": provider, "integration": integration}})


class TestProviderLacksFeature:
    @pytest.mark.parametrize("provider", ["gupshup", "Karix", "infobip"])
    def test_those_that_have_it(self, provider: str) -> None:
        ten = buttons(*[{"type": "QUICK_REPLY", "text": "a"}] * 10)
        assert check_rule(provider_lacks_feature, through(provider, {"type": "CAROUSEL"}, COUPON, ten)) == []

    def test_connector_of_ones_own(self) -> None:
        assert check_rule(provider_lacks_feature, through("aisensy", COUPON, integration="connector")) == []

    @pytest.mark.parametrize(
        ("component", "what", "where"),
        [
            ({"type": "CAROUSEL"}, "a carousel", ""),
            ({"type": "LIMITED_TIME_OFFER"}, "a limited-time offer", ""),
            (COUPON, "a coupon code", ".buttons[0]"),
        ],
    )
    def test_lacks(self, component: Any, what: str, where: str) -> None:
        (problem,) = check_rule(provider_lacks_feature, through("Yellow.ai", component))
        assert problem.outcome == "fail"
        assert problem.at_most == "error"  # that Meta has approved it does not help
        assert problem.message == (
            f'template "order_shipped" (en) has {what}, which MoEngage supports for Gupshup, Karix and Infobip only, not '
            "for Yellow.ai"
        )
        assert place(problem) == f"templates[0].components[0]{where}"
        assert labels(problem) == [("bsp.provider", "the provider")]
        assert problem.remedy == "leave it out, or ask MoEngage whether it supports it for Yellow.ai by now"

    def test_provider_that_is_not_known(self) -> None:
        (problem,) = check_rule(provider_lacks_feature, through("Tin Can", COUPON, integration="generic"))
        assert problem.message.endswith("not for Tin Can")

    def test_many_buttons(self) -> None:
        replies = [{"type": "QUICK_REPLY", "text": "a"}] * 4
        (problem,) = check_rule(provider_lacks_feature, through("kaleyra", buttons(*replies)))
        assert problem.outcome == "unproven"
        assert problem.at_most == "warning"
        assert problem.message == (
            'the buttons of "order_shipped" (en) are 4; MoEngage takes up to ten for Gupshup, Karix and Infobip, and its '
            "pages do not say how many for Kaleyra"
        )
        assert place(problem) == "templates[0].components[0].buttons"
        assert problem.remedy == "ask MoEngage how many buttons it takes for Kaleyra, or make do with 3"
        assert check_rule(provider_lacks_feature, through("kaleyra", buttons(*replies[:3]))) == []


def leads_to(url: str, center: str = "DC-03") -> str:
    link = buttons({"type": "URL", "text": "See", "url": url})
    return json.dumps({**json.loads(template([link])), "moengage": {"data_center": center}})


class TestTrackingDomain:
    @pytest.mark.parametrize(
        ("url", "center"),
        [
            ("https://u3.mnge.co/{{1}}", "DC-03"),
            ("HTTPS://U3.MNGE.CO/a", "DC-03"),
            ("https://u101.mnge.co/{{1}}", "DC-101"),
            ("https://acme.example/{{1}}", "DC-03"),
            ("https://mnge.co/about", "DC-03"),
            ("https://u1.mnge.company.example/", "DC-03"),
            ("https://u1.mnge.co.example/", "DC-03"),
            ("https://u1.xmnge.co", "DC-03"),
        ],
    )
    def test_right_or_none(self, url: str, center: str) -> None:
        assert check_rule(tracking_domain, leads_to(url, center)) == []

    @pytest.mark.parametrize(
        ("url", "found"),
        [
            ("https://u1.mnge.co/{{1}}", "https://u1.mnge.co"),
            ("https://u03.mnge.co/{{1}}", "https://u03.mnge.co"),
            ("https://uX.mnge.co/{{1}}", "https://ux.mnge.co"),
            ("http://u3.mnge.co/{{1}}", "http://u3.mnge.co"),
            ("u3.mnge.co/{{1}}", "u3.mnge.co"),
        ],
    )
    def test_wrong(self, url: str, found: str) -> None:
        (problem,) = check_rule(tracking_domain, leads_to(url))
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        assert problem.message == (
            f'MoEngage tracks links of this workspace under "https://u3.mnge.co", not under "{found}"'
        )
        assert place(problem) == "templates[0].components[0].buttons[0].url"
        assert labels(problem) == [("moengage.data_center", "the data center")]
        assert problem.remedy == "write https://u3.mnge.co in its place, and have the template approved again"

    def test_in_a_text(self) -> None:
        (problem,) = check_rule(tracking_domain, template([body("See https://u1.mnge.co/a or https://u3.mnge.co/a.")]))
        assert place(problem) == "templates[0].components[0].text"


ANY_LINKS = st.lists(
    st.sampled_from(
        [".", "-", "_", "/", ":", "://", "http", "https://", "u1", "x", "0", " ", "mnge.co", ".mnge.co", "mnge", "co"]
    ),
    max_size=14,
).map("".join)


@given(ANY_LINKS)
@settings(max_examples=500)
def test_hosts_below_a_domain_are_those_that_a_plainer_pattern_finds(text: str) -> None:
    """It says what is meant, and takes a time that grows with the square of a text's length."""
    plain = re.findall(r"([a-z]+://)?((?:[\w-]+\.)*mnge\.co)(?![\w-]|\.\w)", text)
    assert hosts_below("mnge.co", text) == [(scheme, host) for scheme, host in plain if host.endswith(".mnge.co")]


@pytest.mark.parametrize("again", ["a", "a.", "a://", "a.-", "mnge.co.", "mnge.co/", "https://", "a-"])
def test_hosts_below_a_domain_are_found_soon(again: str) -> None:
    assert is_linear(lambda length: hosts_below("mnge.co", "mnge.co " + again * (length // len(again))))
