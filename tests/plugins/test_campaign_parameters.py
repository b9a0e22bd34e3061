"""What campaigns fill in: what CMP002 says of it, where, and what it leaves unsaid."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plugins.parts import buttons
from tests.plugins.said import labels, place
from wa_policy.plugins import campaign_parameters
from wa_policy.plugins.campaign_parameters import parameter_mismatch, wa_policy_rules
from wa_policy.testing import check_rule

if TYPE_CHECKING:
    from wa_policy.api import Problem

HI = {"type": "BODY", "text": "Hi {{1}}, your order {{2}} is here."}
LINK = {"type": "URL", "text": "See", "url": "https://acme.example/{{1}}"}


def sends(
    parameters: Any, *components: Any, category: str = "UTILITY", longest: int | None = None, **template: Any
) -> str:
    """A manifest's fragment with a campaign that fills a template of these components; no parameters at all if None."""
    used = {"name": "t", "language": "en", **({} if parameters is None else {"parameters": parameters})}
    campaign = {"name": "c", "template": used, **({} if longest is None else {"expected_longest_text": longest})}
    shown = {"name": "t", "language": "en", "category": category, "components": list(components), **template}
    return json.dumps({"templates": [shown], "campaigns": [campaign]}, ensure_ascii=False)


def test_rules_are_offered_in_order() -> None:
    assert [rule.code for rule in wa_policy_rules()] == ["CMP002"]


def test_the_ready_campaign_is_fine() -> None:
    assert check_rule(parameter_mismatch) == []


class TestNumber:
    def test_too_few(self) -> None:
        (problem,) = check_rule(parameter_mismatch, sends(["first_name"], HI))
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        assert problem.message == (
            'nothing fills {{2}} of template "t" (en), and every message fails with error 132000'
        )
        assert place(problem) == "campaigns[0].template.parameters"
        assert labels(problem) == [("templates[0].components[0]", "what must be filled")]
        assert problem.remedy == "give the body 2 values, in the order of its placeholders"

    def test_none_of_several(self) -> None:
        (problem,) = check_rule(parameter_mismatch, sends([], {"type": "BODY", "text": "{{b}}, {{a}} and {{b}}, hi."}))
        assert problem.message.startswith('nothing fills {{b}} and {{a}} of template "t" (en)')

    def test_numbers_in_their_order(self) -> None:
        (problem,) = check_rule(parameter_mismatch, sends(["x"], {"type": "BODY", "text": "{{10}} and {{2}}, hi."}))
        assert problem.message.startswith('nothing fills {{10}} of template "t" (en)')

    def test_a_number_of_any_length(self) -> None:
        (problem,) = check_rule(parameter_mismatch, sends([], {"type": "BODY", "text": f"Hi {{{{{'9' * 5000}}}}}!"}))
        assert problem.message.endswith("every message fails with error 132000")

    def test_nothing_said(self) -> None:
        (problem,) = check_rule(parameter_mismatch, sends(None, HI))
        assert problem.outcome == "unproven"
        assert problem.at_most == "warning"
        assert problem.message == 'nothing says what fills {{1}} and {{2}} of template "t" (en)'
        assert place(problem) == "campaigns[0].template.parameters"
        assert problem.remedy == (
            "write the attributes that fill the placeholders in MoEngage, in order, as template.parameters"
        )

    def test_too_many(self) -> None:
        (problem,) = check_rule(parameter_mismatch, sends(["a", "b", "c"], HI))
        assert problem.outcome == "fail"
        assert problem.message == (
            'the campaign gives template "t" (en) 3 values; it takes 2 at most, and every message fails with error 132000'
        )
        assert problem.remedy == "leave out what fills no placeholder, or use the template that has them all"

    def test_values_for_a_text_without_placeholders(self) -> None:
        (problem,) = check_rule(parameter_mismatch, sends(["a"], {"type": "BODY", "text": "Hello."}))
        assert problem.message == (
            'the campaign gives template "t" (en) 1 value; it takes none, and every message fails with error 132000'
        )

    @pytest.mark.parametrize(
        ("components", "room"),
        [
            ([HI], 2),
            ([{"type": "HEADER", "format": "TEXT", "text": "Order {{1}}"}, HI], 3),
            ([{"type": "HEADER", "format": "TEXT", "text": "Your order"}, HI], 2),
            ([HI, buttons(LINK, LINK, {"type": "QUICK_REPLY", "text": "Stop"})], 4),
            ([HI, {"type": "FOOTER", "text": "Acme"}], 2),
        ],
    )
    def test_other_values_may_be_among_them(self, components: list[Any], room: int) -> None:
        for number in range(2, room + 1):
            assert check_rule(parameter_mismatch, sends(["x"] * number, *components)) == []
        assert len(check_rule(parameter_mismatch, sends(["x"] * (room + 1), *components))) == 1

    @pytest.mark.parametrize(
        "component",
        [
            {"type": "CAROUSEL", "cards": [{"components": [{"type": "BODY", "text": "{{1}}"}]}]},
            {"type": "LIMITED_TIME_OFFER"},
            buttons({"type": "FLOW", "text": "Book"}),
            buttons({"type": "MPM"}),
        ],
    )
    def test_parts_that_take_nobody_knows_how_many(self, component: Any) -> None:
        assert check_rule(parameter_mismatch, sends(["x"] * 20, HI, component)) == []
        assert len(check_rule(parameter_mismatch, sends(["x"], HI, component))) == 1

    def test_code_of_an_authentication_template(self) -> None:
        components = [{"type": "BODY"}, buttons({"type": "OTP", "otp_type": "COPY_CODE"})]
        for number, right in ((0, False), (1, True), (2, True), (3, False)):
            problems = check_rule(parameter_mismatch, sends(["code"] * number, *components, category="AUTHENTICATION"))
            assert (problems == []) is right

    def test_broken_placeholders_are_not_counted(self) -> None:
        assert check_rule(parameter_mismatch, sends([], {"type": "BODY", "text": "Hi {1}, {{ }} and {{Name}}."})) == []

    def test_unknown_template_or_components(self) -> None:
        other = json.loads(sends(["a", "b", "c"], HI))
        other["campaigns"][0]["template"]["language"] = "en_US"
        assert check_rule(parameter_mismatch, json.dumps(other)) == []
        del other["campaigns"][0]["template"]
        assert check_rule(parameter_mismatch, json.dumps(other)) == []
        bare = json.loads(sends(["a", "b", "c"], HI))
        del bare["templates"][0]["components"]
        assert check_rule(parameter_mismatch, json.dumps(bare)) == []

    @given(st.lists(st.integers(1, 12), max_size=8))
    def test_as_many_values_as_placeholders_always_fit(self, numbers: list[int]) -> None:
        body = {"type": "BODY", "text": "Hi " + ", ".join(f"{{{{{number}}}}}" for number in numbers) + " bye"}
        wanted = len(set(numbers))
        assert check_rule(parameter_mismatch, sends(["x"] * wanted, body)) == []
        assert len(check_rule(parameter_mismatch, sends(["x"] * (wanted + 1), body))) == 1
        if wanted:
            assert len(check_rule(parameter_mismatch, sends(["x"] * (wanted - 1), body))) == 1


def fills(components: list[Any], category: str = "UTILITY", **used: Any) -> list[Problem]:
    """What is said of a campaign that fills a template of these components so."""
    data = json.loads(sends(None, *components, category=category))
    data["campaigns"][0]["template"].update(used)
    return check_rule(parameter_mismatch, json.dumps(data, ensure_ascii=False))


def told(problems: list[Problem]) -> list[tuple[str, str, str, str]]:
    return [(problem.outcome, problem.at_most, place(problem), problem.message) for problem in problems]


HELLO = {"type": "BODY", "text": "Hello to all of you."}
COUPON = {"type": "COPY_CODE", "example": "DIWALI25"}
REPLY = {"type": "QUICK_REPLY", "text": "Stop"}
TEXT = {"type": "HEADER", "format": "TEXT", "text": "Order {{1}}"}
HEADER = "campaigns[0].template.header"
BUTTONS = "campaigns[0].template.buttons"


def media(kind: str) -> dict[str, Any]:
    return {"type": "HEADER", "format": kind}


NAMED = {"type": "BODY", "text": "Hi {{customer}}, your order {{order_number}} is here."}


class TestNames:
    PLACE = "campaigns[0].template.named_parameters"

    def test_all_filled(self) -> None:
        assert fills([NAMED], named_parameters={"customer": "first_name", "order_number": "order_id"}) == []

    def test_one_missing(self) -> None:
        assert told(fills([NAMED], named_parameters={"customer": "first_name"})) == [
            (
                "fail",
                "error",
                self.PLACE,
                'nothing fills {{order_number}} of template "t" (en), and every message fails with error 132000',
            )
        ]

    def test_one_that_the_template_does_not_have(self) -> None:
        values = {"customer": "first_name", "order_number": "order_id", "order_nmber": "order_id"}
        (problem,) = fills([NAMED], named_parameters=values)
        assert problem.message == (
            'template "t" (en) has no placeholder "order_nmber" (did you mean "order_number"?), and every message fails'
        )
        assert place(problem) == f"{self.PLACE}.order_nmber"
        assert labels(problem) == [("templates[0].components[0]", "what must be filled")]

    def test_that_of_the_header_may_be_among_them(self) -> None:
        header = {"type": "HEADER", "format": "TEXT", "text": "For {{shop}}"}
        values = {"customer": "first_name", "order_number": "order_id", "shop": "shop"}
        assert fills([header, NAMED], named_parameters=values) == []

    def test_names_for_numbers(self) -> None:
        assert told(fills([HI], named_parameters={"1": "first_name", "2": "order_id"})) == [
            (
                "fail",
                "error",
                self.PLACE,
                'the campaign names its values, and template "t" (en) numbers its placeholders ({{1}} and {{2}}): every '
                "message fails with error 132012",
            )
        ]

    def test_names_where_there_are_no_placeholders(self) -> None:
        (problem,) = fills([HELLO], named_parameters={"customer": "first_name"})
        assert problem.message == 'template "t" (en) has no placeholder "customer", and every message fails'
        assert fills([HELLO], named_parameters={}) == []

    def test_values_in_order_beside_them(self) -> None:
        values = {"customer": "first_name", "order_number": "order_id"}
        (problem,) = fills([NAMED], named_parameters=values, parameters=["x"])
        assert problem.outcome == "fail"
        assert problem.message.endswith(
            "values in order beside those by name, and every message fails with error 132012"
        )
        assert place(problem) == "campaigns[0].template.parameters"
        assert fills([NAMED], named_parameters=values, parameters=[]) == []

    def test_values_in_order_in_place_of_them(self) -> None:
        assert told(fills([NAMED], parameters=["first_name", "order_id"])) == [
            (
                "unproven",
                "warning",
                "campaigns[0].template.parameters",
                'template "t" (en) names its placeholders ({{customer}} and {{order_number}}), and the campaign gives its '
                "values in order: nothing shows that they are sent by name, and with error 132012 every message fails "
                "otherwise",
            )
        ]

    def test_nothing_said(self) -> None:
        (problem,) = fills([NAMED])
        assert problem.outcome == "unproven"
        assert problem.remedy.endswith("in MoEngage, by name, as template.named_parameters")

    def test_refused_values(self) -> None:
        (problem,) = fills([NAMED], named_parameters={"customer": "a\tb", "order_number": "order_id"})
        assert place(problem) == f"{self.PLACE}.customer"


class TestHeader:
    @pytest.mark.parametrize("kind", ["image", "video", "document", "location"])
    def test_media(self, kind: str) -> None:
        components = [media(kind.upper()), HELLO]
        assert fills(components, header={"kind": kind, "value": "x"}) == []
        assert fills(components, header={"kind": kind}) == []
        assert told(fills(components)) == [
            (
                "unproven",
                "warning",
                HEADER,
                f'nothing says which {kind} is sent for the header of "t" (en); without it, every message fails with error '
                "132012",
            )
        ]

    def test_of_another_kind(self) -> None:
        (problem,) = fills([media("IMAGE"), HELLO], header={"kind": "text", "value": "order_id"})
        assert told([problem]) == [
            (
                "fail",
                "error",
                f"{HEADER}.kind",
                'the campaign sends a text for the header of "t" (en), which takes an image, and every message fails with '
                "error 132012",
            )
        ]
        assert labels(problem) == [("templates[0].components[0]", "what must be filled")]
        assert problem.remedy == "give the header an image in the campaign"

    @pytest.mark.parametrize("header", [[], [{"type": "HEADER", "format": "TEXT", "text": "Hello"}]])
    def test_that_takes_nothing(self, header: list[Any]) -> None:
        (problem,) = fills([*header, HELLO], header={"kind": "video"})
        assert (problem.outcome, problem.message) == (
            "fail",
            'the campaign sends a video for the header of "t" (en), which takes nothing, and every message fails with error '
            "132000",
        )

    def test_with_a_placeholder(self) -> None:
        assert fills([TEXT, HELLO], header={"kind": "text", "value": "order_id"}) == []
        assert [problem.outcome for problem in fills([TEXT, HELLO], header={"kind": "image"})] == ["fail"]
        assert fills([TEXT, HELLO]) == []  # it may have the value of something else
        (problem,) = fills([TEXT, HELLO, buttons(LINK)], buttons=[{"kind": "url"}])
        assert problem.message == (
            'nothing says what fills the header of "t" (en); without it, every message fails with error 132012'
        )

    def test_that_manifests_have_no_word_for(self) -> None:
        assert fills([media("PRODUCT"), HELLO]) == fills([media("GIF"), HELLO], header={"kind": "video"}) == []

    def test_its_value_may_be_among_the_parameters(self) -> None:
        assert fills([media("IMAGE"), HI], parameters=["a", "b", "c"]) == []
        assert len(fills([media("IMAGE"), HI], parameters=["a", "b"])) == 1

    def test_how_many_values_a_place_takes_nobody_knows(self) -> None:
        assert fills([media("LOCATION"), HI], parameters=["x"] * 20) == []

    def test_one_that_is_told_leaves_no_room_among_them(self) -> None:
        (problem,) = fills([media("IMAGE"), HI], parameters=["a", "b", "c"], header={"kind": "image"})
        assert "3 values; it takes 2 at most" in problem.message

    def test_refused_values(self) -> None:
        (problem,) = fills([TEXT, HELLO], header={"kind": "text", "value": "a\tb"})
        assert place(problem) == f"{HEADER}.value"

    def test_those_of_cards_are_another_matter(self) -> None:
        card = {"components": [media("IMAGE"), buttons(LINK)]}
        assert fills([HELLO, {"type": "CAROUSEL", "cards": [card, card]}]) == []


class TestButtons:
    def test_filled(self) -> None:
        components = [HELLO, buttons(REPLY, LINK, COUPON)]
        assert fills(components, buttons=[{"kind": "url", "value": "x"}, {"kind": "copy_code", "value": "A"}]) == []
        assert fills(components, buttons=[{"kind": "copy_code"}, {"kind": "url"}]) == []
        assert fills(components, buttons=[{"kind": "copy_code", "index": 2}, {"kind": "url", "index": 1}]) == []

    def test_missing_suffix_and_code(self) -> None:
        (problem,) = fills([HELLO, buttons(REPLY, LINK, COUPON)], buttons=[])
        assert told([problem]) == [
            (
                "fail",
                "error",
                BUTTONS,
                'nothing fills the address of the button "See" and the code of button 2 of "t" (en), and every message fails',
            )
        ]
        assert labels(problem) == [
            ("templates[0].components[1].buttons[1]", "what must be filled"),
            ("templates[0].components[1].buttons[2]", "what must be filled"),
        ]

    def test_nothing_said_of_a_code(self) -> None:
        (problem,) = fills([HELLO, buttons(LINK, COUPON)])
        assert told([problem]) == [
            (
                "unproven",
                "warning",
                BUTTONS,
                'nothing says what fills the code of button 1 of "t" (en); without it, every message fails',
            )
        ]
        assert fills([HI, buttons(COUPON)], parameters=["a", "b", "DIWALI25"]) == []

    def test_without_any_value_nothing_fills_an_address(self) -> None:
        (problem,) = fills([HELLO, buttons(LINK)], parameters=[])
        assert (problem.outcome, place(problem)) == ("unproven", BUTTONS)
        (problem,) = fills([TEXT, HELLO], parameters=[])
        assert (problem.outcome, place(problem)) == ("unproven", "campaigns[0].template.header")
        assert fills([HELLO], parameters=[]) == []

    def test_nothing_said_of_an_address(self) -> None:
        assert fills([HELLO, buttons(LINK)]) == []  # it may have the value of something else
        (problem,) = fills([media("IMAGE"), HELLO, buttons(LINK)], header={"kind": "image"})
        assert (problem.outcome, place(problem)) == ("unproven", BUTTONS)

    def test_of_another_kind(self) -> None:
        for more in ({}, {"index": 0}):
            (problem,) = fills([HELLO, buttons(LINK)], buttons=[{"kind": "copy_code", **more}])
            assert told([problem]) == [
                (
                    "fail",
                    "error",
                    f"{BUTTONS}[0]",
                    'the button "See" of "t" (en) takes the end of an address, and the campaign gives it a coupon code: every '
                    "message fails with error 132012",
                )
            ]
            assert problem.remedy == "give it the end of an address, and write kind: url"

    def test_one_too_many(self) -> None:
        (problem,) = fills([HELLO, buttons(LINK)], buttons=[{"kind": "url"}, {"kind": "url"}])
        assert problem.message == (
            'the campaign gives the end of an address, and no other button of "t" (en) takes a value: every message fails '
            "with error 132000"
        )
        assert place(problem) == f"{BUTTONS}[1]"
        (problem,) = fills([HELLO], buttons=[{"kind": "copy_code"}])
        assert 'and no button of "t" (en) takes a value' in problem.message

    def test_for_a_button_that_takes_none(self) -> None:
        (problem,) = fills([HELLO, buttons(REPLY)], buttons=[{"kind": "url", "index": 0}])
        assert problem.message == (
            'the button "Stop" of "t" (en) takes no value, and the campaign gives it the end of an address: every message '
            "fails with error 132000"
        )
        assert labels(problem) == [("templates[0].components[1].buttons[0]", "button 0: quick reply")]
        fixed = {**LINK, "url": "https://acme.example/"}
        assert len(fills([HELLO, buttons(fixed)], buttons=[{"kind": "url", "index": 0}])) == 1

    def test_for_a_button_that_is_not_there(self) -> None:
        (problem,) = fills([HELLO, buttons(REPLY)], buttons=[{"kind": "url", "index": 10**30}])
        assert problem.message.endswith("(it has 1, counted from 0), and every message fails with error 132000")
        assert place(problem) == f"{BUTTONS}[0].index"

    def test_twice_for_one(self) -> None:
        (problem,) = fills([HELLO, buttons(LINK)], buttons=[{"kind": "url", "index": 0}, {"kind": "url", "index": 0}])
        assert (
            problem.message
            == 'the button "See" of "t" (en) is given two values, and every message fails with error 132000'
        )

    def test_those_without_an_index_take_what_is_left(self) -> None:
        values = [{"kind": "url"}, {"kind": "url", "index": 0}]
        assert fills([HELLO, buttons(LINK, LINK)], buttons=values) == []

    def test_one_time_codes_fill_their_own_button(self) -> None:
        components = [{"type": "BODY"}, buttons({"type": "OTP", "otp_type": "COPY_CODE"})]
        used: dict[str, Any]
        for used in ({}, {"buttons": []}, {"buttons": [{"kind": "url", "value": "code"}]}):
            assert fills(components, "AUTHENTICATION", parameters=["code"], **used) == []

    def test_those_that_are_told_leave_no_room_among_the_parameters(self) -> None:
        (problem,) = fills([HI, buttons(LINK)], parameters=["a", "b", "c"], buttons=[{"kind": "url"}])
        assert "3 values; it takes 2 at most" in problem.message

    def test_refused_values(self) -> None:
        (problem,) = fills([HELLO, buttons(LINK)], buttons=[{"kind": "url", "value": "a\tb"}])
        assert place(problem) == f"{BUTTONS}[0].value"

    @given(
        st.lists(st.sampled_from([LINK, COUPON, REPLY]), max_size=6),
        st.lists(
            st.fixed_dictionaries(
                {"kind": st.sampled_from(["url", "copy_code"])}, optional={"index": st.integers(0, 7)}
            ),
            max_size=6,
        ),
    )
    def test_silent_exactly_where_every_button_has_its_value(self, shown: list[Any], values: list[Any]) -> None:
        wanted = {index: "url" if one is LINK else "copy_code" for index, one in enumerate(shown) if one is not REPLY}
        problems = fills([HELLO, buttons(*shown)] if shown else [HELLO], buttons=values)
        with_index = {one["index"]: one["kind"] for one in values if "index" in one}
        rest = sorted(one["kind"] for one in values if "index" not in one)
        left = sorted(kind for index, kind in wanted.items() if index not in with_index)
        fits = (
            len(with_index) + len(rest) == len(values)
            and all(wanted.get(index) == kind for index, kind in with_index.items())
            and rest == left
        )
        assert (problems == []) is fits


class TestValues:
    @pytest.mark.parametrize("value", ["two\nlines", "a\ttab", "a     b", "  "])
    def test_refused(self, value: str) -> None:
        (problem,) = check_rule(parameter_mismatch, sends(["first_name", value], HI))
        assert problem.outcome == "fail"
        assert problem.at_most == "warning"
        assert problem.message == (
            f'the value "{" ".join(value.split())}" is one that Meta refuses (error 132018): values have no line breaks, '
            "tabs, more than four blanks in a row, or nothing at all"
        )
        assert place(problem) == "campaigns[0].template.parameters[1]"
        assert problem.remedy == "write the value in one line, with single blanks"

    def test_taken(self) -> None:
        assert check_rule(parameter_mismatch, sends(["first name", "a    b"], HI)) == []


class TestLength:
    @pytest.mark.parametrize(
        ("more", "room"),
        [([], 1024), ([{"type": "LIMITED_TIME_OFFER"}], 600), ([buttons({"type": "SPM"})], 160)],
    )
    def test_room(self, more: list[Any], room: int) -> None:
        assert check_rule(parameter_mismatch, sends(["a", "b"], HI, *more, longest=room)) == []
        (problem,) = check_rule(parameter_mismatch, sends(["a", "b"], HI, *more, longest=room + 1))
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        assert problem.message == (
            f"the longest message is expected to have {room + 1:,} characters; Meta takes {room:,} in the body of "
            '"t" (en), and longer ones fail with error 132005'
        )
        assert place(problem) == "campaigns[0].expected_longest_text"
        assert labels(problem) == [("templates[0].components[0].text", "the body")]
        assert problem.remedy == "fill the placeholders with shorter values, or move text out of the body"

    def test_less_than_the_text_itself(self) -> None:
        (problem,) = check_rule(parameter_mismatch, sends(["a", "b"], HI, longest=24))
        assert problem.at_most == "warning"
        assert problem.message == (
            'the longest message is expected to have 24 characters, but the body of "t" (en) has 25 without its placeholders'
        )
        assert problem.remedy == "count again, with the longest values that the placeholders get"
        assert check_rule(parameter_mismatch, sends(["a", "b"], HI, longest=25)) == []


class TestOfOneForm:
    """What fits is known by its form from then on; that must never hide what does not fit."""

    COMPONENTS = st.tuples(
        st.sampled_from([[], [TEXT], [media("IMAGE")], [media("LOCATION")], [{"type": "HEADER", "text": "Hello"}]]),
        st.sampled_from([HI, HELLO, NAMED]),
        st.lists(
            st.sampled_from([LINK, REPLY, {"type": "URL", "text": "See", "url": "https://acme.example"}]), max_size=3
        ),
    )
    USED = st.fixed_dictionaries(
        {},
        optional={
            "parameters": st.lists(st.just("x"), max_size=4),
            "named_parameters": st.dictionaries(st.sampled_from(["customer", "order_number", "other"]), st.just("x")),
            "header": st.sampled_from([{"kind": kind} for kind in ("text", "image", "location")]),
            "buttons": st.lists(
                st.fixed_dictionaries(
                    {"kind": st.just("url"), "value": st.just("x")}, optional={"index": st.integers(0, 3)}
                ),
                max_size=3,
            ),
        },
    )

    @given(COMPONENTS, st.lists(USED, min_size=2, max_size=5))
    def test_those_after_the_first_are_judged_as_if_they_were_the_first(
        self, components: tuple[list[Any], Any, list[Any]], used: list[dict[str, Any]]
    ) -> None:
        header, body, items = components
        parts = [*header, body, *([buttons(*items)] if items else [])]

        def judged(one: dict[str, Any], *, anew: bool) -> list[Problem]:
            if anew:
                campaign_parameters._FITTING.clear()  # noqa: SLF001  # what it remembers is what is tested
            return fills(parts, **one)

        alone = [judged(one, anew=True) for one in used]
        for each in used:  # now all that fit are known
            judged(each, anew=False)
        assert [judged(one, anew=False) for one in used] == alone

    @pytest.mark.parametrize("longest", [1, 20, 25, 26, 35, 1024, 1025])
    def test_the_length_is_judged_each_time(self, longest: int) -> None:
        assert check_rule(parameter_mismatch, sends(["a", "b"], HI)) == []
        problems = check_rule(parameter_mismatch, sends(["a", "b"], HI, longest=longest))
        assert bool(problems) is not (25 <= longest <= 1024)
