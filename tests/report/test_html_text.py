"""Texts, attributes, numbers and days as HTML: what is a text stays a text."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report.hostile import TEXTS, acts
from tests.report.pages import Page
from wa_policy.report import html_words
from wa_policy.report.html_charts import Part, bar
from wa_policy.report.html_text import Markup, anchor, attribute, code_block, element, paragraphs, shown, text
from wa_policy.report.html_words import day, share

# Texts


class _Reader(HTMLParser):
    """Takes texts and values of attributes out of HTML, as a reader that forgives everything does."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.texts = ""
        self.values: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.values += [value for _, value in attrs]

    def handle_data(self, data: str) -> None:
        self.texts += data


def read(content: str) -> _Reader:
    reader = _Reader()
    reader.feed(content)
    reader.close()
    return reader


@given(TEXTS | st.text(alphabet=st.characters(), max_size=30))
def test_a_text_comes_back_as_it_was(value: str) -> None:
    made = element("p", value, title=value)
    made.encode()
    for reader in (read(made), read(f"<p>{text(value)}</p>")):
        assert reader.tags == ["p"]
        assert reader.texts == shown(value)
    assert read(made).values == [shown(value)]
    page = Page(f"<!DOCTYPE html><title>x</title>{made}")
    assert page.text(page.all("p")[0]) == shown(value)
    assert page.all("p")[0].get("title") == shown(value)
    assert not acts(shown(value))


def test_what_acts_is_written_out() -> None:
    assert text("a\x1b[2J\u202e\x00\ud800\ufffe\n\U0001fffe") == (
        "a\\u{1b}[2J\\u{202e}\\u{0}\\u{d800}\\u{fffe}\\n\\u{1fffe}"
    )
    assert text("::error::") == "::error::"
    assert attribute("\"'<>&") == '"&quot;&#39;&lt;&gt;&amp;"'


@given(TEXTS)
def test_only_plain_signs_stand_without_quotes(value: str) -> None:
    made = attribute(value)
    assert made[:1] == '"' == made[-1:] or re.fullmatch(r"[A-Za-z0-9._#%-]+", made)


@given(TEXTS)
def test_documentation_stays_text(value: str) -> None:
    for made in (paragraphs(value), code_block(value)):
        page = Page(f"<!DOCTYPE html><title>x</title><div>{made}</div>")
        assert {item.tag for item in page.all("div")[0].iter()} <= {"div", "p", "ol", "li", "code", "pre"}


def test_documentation_has_lists_and_code() -> None:
    assert paragraphs("one\ntwo\n\n1. a `b`\n   c\n2. d") == ("<p>one two<ol><li>a <code>b</code> c<li>d</ol>")
    assert code_block("\n\na: 1\n  b: 2\n") == "<pre><code>\n\na: 1\n  b: 2</code></pre>"
    assert paragraphs("a ` alone") == "<p>a ` alone"


@given(TEXTS, TEXTS)
def test_an_anchor_is_made_of_plain_signs_and_tells_texts_apart(one: str, other: str) -> None:
    assert re.fullmatch(r"f-[A-Za-z0-9._-]*", anchor("f", one))
    assert (anchor("f", one) == anchor("f", other)) == (one == other)


def test_attributes_may_be_true_or_left_out() -> None:
    assert element("input", hidden=True, disabled=False, value=None, tabindex=-1) == "<input hidden tabindex=-1>"
    assert element("a", Markup("<b>x</b>"), "<", class_="y z") == '<a class="y z"><b>x</b>&lt;</a>'


# Words


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(0, 0, "0%"), (0, 5, "0%"), (5, 5, "100%"), (1, 3, "33.3%"), (1, 9999, "<0.1%"), (9999, 10000, ">99.9%")],
)
def test_shares(part: int, whole: int, said: str) -> None:
    assert share(part, whole) == said


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("2026-11", "<time datetime=2026-11>Nov 2026</time>"),
        ("2026-11-20T06:30:00Z", "<time datetime=2026-11-20>20 Nov 2026</time> (2 days earlier)"),
        ("2026-11-22", "<time datetime=2026-11-22>22 Nov 2026</time> (the same day)"),
        ("2026-11-23", "<time datetime=2026-11-23>23 Nov 2026</time> (1 day later)"),
        ("2026-13-40", "2026-13-40"),
        ("\u0662\u0660\u0662\u0666-11", "\u0662\u0660\u0662\u0666-11"),
        ("soon <b>", "soon &lt;b&gt;"),
        ("", ""),
    ],
)
def test_days(when: str, said: str) -> None:
    assert day(when, "2026-11-22") == said


def test_a_bar_of_nothing() -> None:
    assert bar("Users", [Part("TRUE", 0, "good")]) == '<svg class=bar role=img aria-label="Users: nothing"></svg>'


@pytest.mark.parametrize(
    ("words", "shown"),
    [(["a", "b"], "a, b"), (["a", "b", "c"], "a, b, c"), (["a", "b", "c", "d"], "a, b, c and 1 more")],
)
def test_words_are_listed_up_to_a_number(words: list[str], shown: str) -> None:
    assert html_words.listed(words, 3) == shown
