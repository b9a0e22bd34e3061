"""Text that is shown acts in no way, and hides nothing."""

import sys
import unicodedata

from wa_policy.report.safe import in_line, visible

SHOWN = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""Signs of Arabic, Syriac and Kaithi that Unicode counts among format characters, and that have a shape."""


def test_every_character_that_acts_or_has_no_shape_is_written_out() -> None:
    acting = [
        sign for sign in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(sign) in {"Cc", "Cf", "Zl", "Zp"}
    ]
    assert {sign for sign in acting if visible(sign) == sign} == SHOWN
    for sign in "\u034f\u115f\u17b4\u180b\u2800\u3164\ufe00\uffa0\U0001d159\U000e0100\ud800":
        assert visible(f"a{sign}b") == f"a\\u{{{ord(sign):x}}}b"


def test_emoji_stay_emoji() -> None:
    assert visible("\u2764\ufe0f \U0001f600") == "\u2764\ufe0f \U0001f600"


def test_in_a_line_tabs_stay_and_nothing_else_that_acts() -> None:
    assert in_line("\ta\tb\x1b[1m\r\u202e") == "\ta\tb\\u{1b}[1m\\r\\u{202e}"
    assert in_line("\t::error::x") == "\t\\u{3a}:error::x"
    assert in_line("plain text") == "plain text"
