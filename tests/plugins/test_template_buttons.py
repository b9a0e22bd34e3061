"""Buttons of templates: what TPL014 to TPL018 say, where, and what they leave unsaid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.plugins import parts
from tests.plugins.parts import SHOWN, url
from tests.plugins.said import labels, place
from wa_policy.plugins.template_buttons import (
    button_label,
    button_url,
    desktop_hidden_buttons,
    interleaved_buttons,
    too_many_buttons,
    wa_policy_rules,
)

if TYPE_CHECKING:
    from wa_policy.api import Problem

SHORT = {
    "R": {"type": "QUICK_REPLY", "text": "Yes"},
    "U": {"type": "URL", "text": "See it", "url": "https://acme.example"},
    "P": {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+918047181888"},
    "C": {"type": "COPY_CODE", "example": "AUTUMN20"},
    "F": {"type": "FLOW", "text": "Book", "flow_id": "1"},
    "E": {"type": "EXTENSION", "text": "?"},
}


def check(function: Any, letters: str, **fields: Any) -> list[Problem]:
    """What a rule says of one template with these buttons, each by its letter."""
    return parts.check(function, in_row(letters), **fields)


def in_row(letters: str) -> dict[str, Any]:
    return parts.buttons(*(SHORT[letter] for letter in letters))


def cards(*rows: str) -> dict[str, Any]:
    return parts.carousel(*([in_row(letters)] for letters in rows))


def test_rules_are_offered_in_order() -> None:
    assert [rule.code for rule in wa_policy_rules()] == ["TPL014", "TPL015", "TPL016", "TPL017", "TPL018"]


class TestTooManyButtons:
    @pytest.mark.parametrize("buttons", ["", "R", "R" * 10, "RRRRRRUUPC", "UUPCF", "F", "E" * 12, "R" * 10 + "EE"])
    def test_silent(self, buttons: str) -> None:
        assert check(too_many_buttons, buttons) == []

    def test_eleven_quick_replies(self) -> None:
        (problem,) = check(too_many_buttons, "R" * 11)
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        assert problem.message == f"{SHOWN} has 11 buttons; Meta takes 10 at most"
        assert place(problem) == "templates[0].components[0].buttons[10]"
        assert problem.places[0].label == "the first one too many"
        assert problem.remedy == "remove 1 of them"

    @pytest.mark.parametrize(
        ("letter", "kind", "most"), [("U", "URL", 2), ("P", "PHONE_NUMBER", 1), ("C", "COPY_CODE", 1)]
    )
    def test_too_many_of_a_type(self, letter: str, kind: str, most: int) -> None:
        (problem,) = check(too_many_buttons, "R" + letter * (most + 1))
        assert problem.at_most == "error"
        assert problem.message == f"{SHOWN} has {most + 1} buttons of type {kind}; Meta takes {most} at most"
        assert place(problem) == f"templates[0].components[0].buttons[{most + 1}]"
        assert problem.remedy == f"keep {most} of them"

    def test_two_flows_are_only_reported(self) -> None:
        (problem,) = check(too_many_buttons, "FF")
        assert problem.at_most == "warning"
        assert problem.message == f"{SHOWN} has 2 buttons of type FLOW; Meta is reported to take 1 at most"

    def test_too_many_in_all_and_of_a_type(self) -> None:
        problems = check(too_many_buttons, "R" * 9 + "PP")
        assert [problem.message for problem in problems] == [
            f"{SHOWN} has 11 buttons; Meta takes 10 at most",
            f"{SHOWN} has 2 buttons of type PHONE_NUMBER; Meta takes 1 at most",
        ]

    def test_replies_that_moengage_has_no_room_for(self) -> None:
        (problem,) = check(too_many_buttons, "UR" + "R" * 6)
        assert problem.at_most == "warning"
        assert problem.message == (f"{SHOWN} has 7 quick replies beside other buttons; MoEngage's form has room for 6")
        assert place(problem) == "templates[0].components[0].buttons[7]"
        assert problem.remedy == "leave out quick replies, or all other buttons"
        replies = parts.buttons(
            {"type": "URL", "text": "u"}, *({"type": "QUICK_REPLY", "text": str(n)} for n in range(7))
        )
        assert parts.check(too_many_buttons, replies, integration="connector") == []

    def test_cards(self) -> None:
        assert parts.check(too_many_buttons, cards("UR", "UR")) == []
        (problem,) = parts.check(too_many_buttons, cards("UR", "UUR"))
        assert problem.message == f"card 2 of {SHOWN} has 3 buttons; Meta takes 2 at most"
        assert place(problem) == "templates[0].components[0].cards[1].components[0].buttons[2]"

    def test_one_time_codes_are_another_question(self) -> None:
        assert check(too_many_buttons, "R" * 11, category="AUTHENTICATION") == []


class TestInterleavedButtons:
    @pytest.mark.parametrize("buttons", ["", "R", "U", "RRUP", "UPRR", "RER", "UUP"])
    def test_silent(self, buttons: str) -> None:
        assert check(interleaved_buttons, buttons) == []

    @pytest.mark.parametrize(
        ("buttons", "order", "third"),
        [
            ("RUR", "quick reply, URL, quick reply", 2),
            ("UPRU", "URL, quick reply, URL", 3),
            ("RPRPR", "quick reply, phone number, quick reply, phone number, ...", 2),
        ],
    )
    def test_mixed(self, buttons: str, order: str, third: int) -> None:
        (problem,) = check(interleaved_buttons, buttons)
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        assert problem.message == (
            f"the buttons of {SHOWN} are mixed ({order}); Meta takes quick replies and other buttons in two groups only"
        )
        assert place(problem) == f"templates[0].components[0].buttons[{third}]"
        assert problem.places[0].label == "starts a third group"
        assert problem.remedy == "put all quick replies first, or all of them last"


class TestButtonUrl:
    @pytest.mark.parametrize(
        "address",
        [
            "https://acme.example",
            "http://acme.example/a?b=c#d",
            "HTTPS://acme.example/{{1}}",
            "https://acme.example/succulents{{1}}",
            "https://acme.example/?code={{code}}",
            "https://acme.example{{1}}",
            "https://acme.example/{1}/x",  # broken: told by another rule
            "https://acme.example/{{ 1 }}/x",
        ],
    )
    def test_silent(self, address: str) -> None:
        assert parts.check(button_url, url(address)) == []

    def test_no_address(self) -> None:
        (problem,) = parts.check(button_url, parts.buttons({"type": "URL", "text": "See it"}))
        assert problem.at_most == "error"
        assert problem.message == f'the button "See it" of {SHOWN} has no address'
        assert place(problem) == "templates[0].components[0].buttons[0].url"
        assert problem.remedy == "write the address that it opens, beginning with https://"

    @pytest.mark.parametrize(
        "address",
        [
            "acme.example/t",
            "{{1}}",
            "https://{{1}}",
            "ftp://acme.example",
            "https://",
            "https://acme.example/a b",
            "https://acme.example/t/ {{1}} ",
            "https://acme.example/t/ {{1}}",
            "tel:+9180",
        ],
    )
    def test_no_web_address(self, address: str) -> None:
        (problem,) = parts.check(button_url, url(address))
        assert problem.at_most == "error"
        assert problem.message == (
            f'the button "See it" of {SHOWN} opens "{address}", which is no http:// or https:// address with a fixed host'
        )
        assert problem.remedy == "write a whole address that begins with https:// and your own host, without blanks"

    def test_placeholder_in_the_middle(self) -> None:
        (problem,) = parts.check(button_url, url("https://acme.example/{{1}}/track"))
        assert problem.at_most == "error"
        assert problem.message == (
            f'the address of the button "See it" of {SHOWN} goes on after {{{{1}}}}, with "/track"; Meta takes a '
            "placeholder only at the very end"
        )
        assert place(problem) == "templates[0].components[0].buttons[0].url"
        assert problem.remedy == "arrange that the part which differs from message to message comes last"

    def test_two_placeholders(self) -> None:
        (problem,) = parts.check(button_url, url("https://acme.example/{{1}}/{{2}}"))
        assert problem.at_most == "error"
        assert problem.message == (
            f'the address of the button "See it" of {SHOWN} has 2 placeholders; Meta takes one, at the end'
        )
        assert problem.remedy == "let one value carry everything that differs, and put its placeholder at the end"

    @pytest.mark.parametrize("example", [["https://shop.example/t/1"], "https://shop.example/t/1"])
    def test_example_on_another_host(self, example: Any) -> None:
        (problem,) = parts.check(button_url, url("https://acme.example/t/{{1}}", example=example))
        assert problem.at_most == "warning"
        assert problem.message == (
            f'the example of the button "See it" of {SHOWN} leads to shop.example, the button itself to acme.example'
        )
        assert place(problem) == "templates[0].components[0].buttons[0].example"
        assert labels(problem) == [("templates[0].components[0].buttons[0].url", "the button's address")]
        assert problem.remedy == "give an example of an address on acme.example"

    @pytest.mark.parametrize("example", ["A-1093", "https://ACME.example/t/A-1093", "www.shop.example"])
    def test_example_that_may_be_a_suffix(self, example: str) -> None:
        assert parts.check(button_url, url("https://acme.example/t/{{1}}", example=[example])) == []

    def test_button_of_a_card(self) -> None:
        (problem,) = parts.check(button_url, parts.carousel([url("acme.example")]))
        assert problem.message.startswith(f'the button "See it" of card 1 of {SHOWN} opens')
        assert place(problem) == "templates[0].components[0].cards[0].components[0].buttons[0].url"


class TestDesktopHiddenButtons:
    @pytest.mark.parametrize(
        "buttons",
        ["", "R", "RRR", "UUP", "RE", "UUPE", "R" * 11, "RUR"],  # the last two: other rules speak first
    )
    def test_silent(self, buttons: str) -> None:
        assert check(desktop_hidden_buttons, buttons) == []

    def test_more_than_three(self) -> None:
        (problem,) = check(desktop_hidden_buttons, "RRRR")
        assert problem.outcome == "fail"
        assert problem.at_most == "warning"
        assert problem.message == f"customers at a computer will not see {SHOWN}: it has 4 buttons, more than 3"
        assert place(problem) == "templates[0].components[0].buttons"
        assert problem.remedy == (
            "keep 3 buttons at most, quick replies or others, or accept that the message is seen on phones only"
        )

    @pytest.mark.parametrize(("buttons", "kinds"), [("RU", "URL"), ("UPCRRR", "URL, phone number and copy code")])
    def test_mixed(self, buttons: str, kinds: str) -> None:
        (problem,) = check(desktop_hidden_buttons, buttons)
        assert problem.message == (
            f"customers at a computer will not see {SHOWN}: it has quick replies beside buttons of another type ({kinds})"
        )

    def test_cards_are_another_question(self) -> None:
        assert parts.check(desktop_hidden_buttons, cards("UR", "UR")) == []


def replies(*texts: str) -> dict[str, Any]:
    """Quick replies with these labels."""
    return parts.buttons(*({"type": "QUICK_REPLY", "text": text} for text in texts))


class TestButtonLabel:
    @pytest.mark.parametrize(
        "texts", [("Yes", "No"), ("Yes", "yes"), ("50 % off",), ("बाद में",), ("もっと見る",), ("1 {or 2",)]
    )
    def test_silent(self, texts: tuple[str, ...]) -> None:
        assert parts.check(button_label, replies(*texts)) == []

    @pytest.mark.parametrize(
        ("text", "odd"),
        [
            ("Hi {{1}}", "{{1}}"),
            ("Hi {{ name }}", "{{ name }}"),
            ("Hi {1}", "{1}"),
            ("Buy \U0001f381", "\U0001f381"),
            ("Love \u2764\ufe0f", "\u2764\ufe0f"),
            ("Yes\nplease", "a line break"),
            ("{{1}} \U0001f381\nnow", "{{1}}, \U0001f381 and a line break"),
        ],
    )
    def test_what_belongs_into_no_label(self, text: str, odd: str) -> None:
        (problem,) = parts.check(button_label, replies("No", text))
        assert problem.outcome == "fail"
        assert problem.at_most == "warning"
        assert problem.message == (
            f'the label of the button "{text}" of {SHOWN} has {odd} in it, which Meta is reported to refuse'
        )
        assert place(problem) == "templates[0].components[0].buttons[1].text"
        assert problem.remedy == "write the label as plain words in one line"

    def test_the_same_label(self) -> None:
        (problem,) = parts.check(button_label, parts.buttons(SHORT["R"], {**SHORT["U"], "text": "Yes"}))
        assert problem.at_most == "warning"
        assert problem.message == (
            f'the button "Yes" of {SHOWN} has the same label as another, which Meta is reported to refuse'
        )
        assert place(problem) == "templates[0].components[0].buttons[1].text"
        assert labels(problem) == [("templates[0].components[0].buttons[0].text", "the other one")]
        assert problem.remedy == "give each button a label of its own"

    def test_cards_may_have_the_same_labels(self) -> None:
        assert parts.check(button_label, cards("RU", "RU")) == []

    def test_a_note_where_meta_has_approved_it(self) -> None:
        (problem,) = parts.check(button_label, replies("Hi {{1}}"), status="APPROVED")
        assert problem.at_most == "info"

    @pytest.mark.parametrize("kind", ["OTP", "CATALOG", "EXTENSION"])
    def test_labels_that_meta_writes(self, kind: str) -> None:
        button = {"type": kind, "text": "Copy \U0001f381"}
        category = "AUTHENTICATION" if kind == "OTP" else "UTILITY"
        assert parts.check(button_label, parts.buttons(button), category=category) == []
