"""Headers of templates: what TPL012 says, where, and what it leaves unsaid."""

from __future__ import annotations

import pytest

from tests.plugins.parts import BODY, SHOWN, carousel, check, header
from tests.plugins.said import place
from wa_policy.plugins.template_headers import header_content, wa_policy_rules
from wa_policy.testing import check_rule


def test_rules_are_offered() -> None:
    assert [rule.code for rule in wa_policy_rules()] == ["TPL012"]


class TestHeaderContent:
    @pytest.mark.parametrize(
        "text",
        [
            "Your order {{1}}",
            "50% off & more (today)",
            "नमस्ते #5",
            "order {{first_name}} \u2122",
            "Order A_10",
            "5 * 4 * 3",
            "A_{{1}}_B",
            "*",
        ],
    )
    def test_silent(self, text: str) -> None:
        assert check(header_content, header(text)) == []

    def test_two_placeholders(self) -> None:
        (problem,) = check(header_content, BODY, header("{{1}} and {{2}}"))
        assert problem.at_most == "error"
        assert problem.message == (
            'the header of "order_shipped" (en) has 2 placeholders ({{1}} and {{2}}); Meta takes 1 at most'
        )
        assert place(problem) == "templates[0].components[1].text"
        assert problem.remedy == "move what differs from message to message into the body"

    @pytest.mark.parametrize(
        ("text", "marks"), [("*Hi*", "*"), ("_a_ `b` ~c~ *", "_, ~ and `"), ("*{{1}}* is here", "*")]
    )
    def test_markup(self, text: str, marks: str) -> None:
        (problem,) = check(header_content, header(text))
        assert problem.at_most == "warning"
        assert problem.message == (
            f'the header of "order_shipped" (en) has words between {marks}, and Meta is reported to refuse formatted text there'
        )
        assert problem.remedy == "write the header as plain text, and format words in the body instead"

    def test_line_break(self) -> None:
        (problem,) = check(header_content, header("One\nTwo"))
        assert problem.at_most == "warning"
        assert problem.message == (
            'the header of "order_shipped" (en) has a line break, which Meta is reported to refuse'
        )
        assert problem.remedy == "write the header in one line"

    @pytest.mark.parametrize("emoji", ["\U0001f384", "\u2764\ufe0f", "\U0001f1ee\U0001f1f3", "1\ufe0f\u20e3"])
    def test_emoji(self, emoji: str) -> None:
        (problem,) = check(header_content, header(f"Good news {emoji}"))
        assert problem.at_most == "warning"
        assert problem.message == (
            f'the header of "order_shipped" (en) has emoji ({emoji}), which Meta is reported to refuse there'
        )
        assert problem.remedy == "leave emoji to the body"

    @pytest.mark.parametrize(
        "part",
        [
            {"type": "HEADER", "format": "GIF"},
            {"type": "HEADER", "format": "DOCUMENT", "example": {"header_url": ["https://acme.example/a.docx"]}},
        ],
    )
    def test_a_connector_does_without_moengages_form(self, part: dict[str, object]) -> None:
        assert len(check(header_content, part, BODY)) == 1
        assert check(header_content, part, BODY, integration="connector") == []

    @pytest.mark.parametrize("kind", ["PRODUCT", "GIF"])
    def test_format_that_moengage_lacks(self, kind: str) -> None:
        (problem,) = check(header_content, {"type": "HEADER", "format": kind})
        assert problem.at_most == "warning"
        assert problem.message == (
            f'the header of "order_shipped" (en) has the format {kind}, which MoEngage\'s form for templates does not offer'
        )
        assert place(problem) == "templates[0].components[0].format"
        assert problem.remedy == "use one that it offers: TEXT, IMAGE, VIDEO, DOCUMENT and LOCATION"

    def test_facts_of_another_form(self) -> None:
        components = "[{type: HEADER, format: IMAGE}]"
        fragment = (
            f"{{templates: [{{name: order_shipped, language: en, category: UTILITY, components: {components}}}]}}"
        )
        (problem,) = check_rule(header_content, fragment, settings={"moengage_formats": ["TEXT"]})
        assert problem.message.startswith(f"the header of {SHOWN} has the format IMAGE, which MoEngage's form")

    def test_product_in_a_card(self) -> None:
        assert check(header_content, BODY, carousel([{"type": "HEADER", "format": "PRODUCT"}])) == []

    @pytest.mark.parametrize(
        ("kind", "address", "taker", "takes", "megabytes"),
        [
            ("IMAGE", "https://acme.example/a.webp", "Meta", "jpg, jpeg and png", 5),
            ("IMAGE", "https://acme.example/a.MP4?x=1.jpg", "Meta", "jpg, jpeg and png", 5),
            ("VIDEO", "https://acme.example/v/a.mov#t", "Meta", "mp4, 3gp and 3gpp", 16),
            ("DOCUMENT", "https://acme.example/a.docx", "MoEngage", "pdf", 5),
        ],
    )
    def test_kind_of_sample(self, kind: str, address: str, taker: str, takes: str, megabytes: int) -> None:
        (problem,) = check(header_content, {"type": "HEADER", "format": kind, "example": {"header_url": [address]}})
        ending = address.partition("?")[0].partition("#")[0].rpartition(".")[2].lower()
        assert problem.at_most == "warning"
        assert problem.message == (
            f'the sample of the header of "order_shipped" (en) is of the kind ".{ending}"; {taker} takes {takes} there'
        )
        assert place(problem) == "templates[0].components[0].example.header_url[0]"
        assert problem.remedy == (
            f"use a sample, and media in campaigns, of a kind that {taker} takes, of at most {megabytes} MB"
        )

    @pytest.mark.parametrize(
        "address",
        [
            "https://acme.example/a.jpg",
            "https://acme.example/image.php?id=7",
            "https://acme.example",
            "4::aW1hZ2U=.webp",
        ],
    )
    def test_sample_of_which_nothing_is_known(self, address: str) -> None:
        part = {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": [address]}}
        assert check(header_content, part) == []
