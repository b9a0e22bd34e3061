"""Directives in comments: what is understood, and what is said of what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.growth import is_linear
from wa_policy.manifest.directives import Directive, directives
from wa_policy.schema.formats import is_day


def only(comment: str) -> Directive:
    (found,) = directives(comment)
    return found


def fault(comment: str) -> str:
    found = only(comment)
    assert found.fault is not None
    assert found.names == ()
    return found.fault.message


def test_all_that_it_may_say() -> None:
    found = only(
        '# wa-policy: ignore[NUM002, short-code] reason="the lease ends" owner=crm until=2026-12-31 value=0123456789abcdef'
    )
    assert found.fault is None
    assert (found.names, found.reason, found.owner) == (("NUM002", "short-code"), "the lease ends", "crm")
    assert (found.until, found.value) == ("2026-12-31", "0123456789abcdef")


@pytest.mark.parametrize(
    "comment",
    [
        "# wa-policy: ignore[X]",
        "#wa-policy:ignore[X]",
        "## wa-policy : ignore [ X ]",
        "# wa-policy: ignore[X,X]",
        "# wa-policy: ignore[X] ",
        "# wa-policy: ignore[X] # and more",
        "# noqa # wa-policy: ignore[X]",
    ],
)
def test_ways_to_write_it(comment: str) -> None:
    assert only(comment).names == ("X",)
    assert only(comment).fault is None


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ('reason="a b"', "a b"),
        ("reason='a \"b\"'", 'a "b"'),
        (r'reason="a \"b\" \\ c"', r'a "b" \ c'),
        ("reason=a", "a"),
        ('reason = "a"', "a"),
        ('reason="# wa-policy: ignore[Y]"', "# wa-policy: ignore[Y]"),
        ('owner=b, reason="a"', "a"),
        ('reason=""', ""),
        ('reason="  "', ""),
        ('reason="\u00a0\u200b"', ""),
        ("reason=\u2060", ""),
        ('reason="\u200bfällig"', "\u200bfällig"),
    ],
)
def test_ways_to_quote(written: str, reason: str) -> None:
    found = only(f"# wa-policy: ignore[X] {written}")
    assert (found.fault, found.reason) == (None, reason)


def test_several_in_one_comment() -> None:
    comment = "# one # wa-policy: ignore[A] reason=a # wa-policy: ignore[B] reason=b # two"
    found = list(directives(comment))
    assert [(item.names, item.reason) for item in found] == [(("A",), "a"), (("B",), "b")]
    assert [comment[item.start : item.start + len(item.text)] for item in found] == [
        "# wa-policy: ignore[A] reason=a",
        "# wa-policy: ignore[B] reason=b",
    ]


@pytest.mark.parametrize(
    "comment", ["# nothing", "# see wa-policy", "# wa-policy/v1", "# the docs of wa-policy: below"]
)
def test_other_comments(comment: str) -> None:
    assert list(directives(comment)) == []


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("# wa-policy:", "it says nothing to do"),
        ("# wa-policy: ignored[X]", '"ignored" is no instruction (did you mean "ignore"?)'),
        ("# wa-policy: disable[X]", '"disable" is no instruction'),
        ("# wa-policy ignore[X]", "a colon is missing behind wa-policy"),
        ("# for wa-policy: ignore[X]", "it stands inside another comment"),
        ("# wa-policy: ignore", "it names no rule, and there is no way to ignore them all"),
        ("# wa-policy: ignore X", "it names no rule, and there is no way to ignore them all"),
        ("# wa-policy: ignore[X", "the bracket around the rules is not closed"),
        ("# wa-policy: ignore[]", "the brackets are empty"),
        ("# wa-policy: ignore[ , ]", "the brackets are empty"),
        (f"# wa-policy: ignore[{'X' * 61}]", f'"{"X" * 60}..." is no rule'),
        (f"# wa-policy: ignore[{' '.join(map(str, range(101)))}]", "it names more than 100 rules"),
        ('# wa-policy: ignore[X] reason="a', "the quotes around reason are not closed"),
        ("# wa-policy: ignore[X] reason='a", "the quotes around reason are not closed"),
        ("# wa-policy: ignore[X] reason=a b", '"b" is not understood'),
        ("# wa-policy: ignore[X] because=a", 'there is no "because" in a suppression'),
        ("# wa-policy: ignore[X] ownr=a", 'there is no "ownr" in a suppression (did you mean "owner"?)'),
        ("# wa-policy: ignore[X] owner=a owner=b", "it gives owner twice"),
        ("# wa-policy: ignore[X] owner=", "owner has no value"),
        ("# wa-policy: ignore[X] until=31.12.2026", 'until is "31.12.2026", which is no day'),
        ("# wa-policy: ignore[X] until=2026-02-30", 'until is "2026-02-30", which is no day'),
        ("# wa-policy: ignore[X] until=20261231", 'until is "20261231", which is no day'),
        ("# wa-policy: ignore[X] value=12", 'value is "12", which is no digest of a value'),
        ("# wa-policy: ignore[X]# more", '"# more" is not understood'),
    ],
)
def test_what_is_not_understood_is_said(comment: str, message: str) -> None:
    assert fault(comment) == message
    assert only(comment).fault[1]  # type: ignore[index]  # the line above has told that there is one


def test_what_is_not_understood_reaches_to_the_end() -> None:
    assert only("# x # wa-policy: ignore[X] reason=a b # c ").text == "# wa-policy: ignore[X] reason=a b # c"


def test_days() -> None:
    assert is_day("2028-02-29")
    assert not any(map(is_day, ["2026-02-29", "2026-2-1", "", "2026-W01-1", "2026-01-01T00:00"]))


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]) | st.just(" "), max_size=20).map(
    lambda text: " ".join(text.split())
)
NAMES = st.lists(st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,8}", fullmatch=True), min_size=1, max_size=3, unique=True)


@given(NAMES, TEXT, TEXT, st.dates().map(str) | st.just(""), st.from_regex("([0-9a-f]{16})?", fullmatch=True))
def test_what_is_written_is_read(names: list[str], reason: str, owner: str, until: str, value: str) -> None:
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    fields = {"reason": quoted(reason), "owner": quoted(owner), "until": until, "value": value}
    said = " ".join(f"{key}={text}" for key, text in fields.items() if text)
    found = only(f"# wa-policy: ignore[{', '.join(names)}] {said}")
    assert (found.fault, found.names) == (None, tuple(names))
    assert (found.reason, found.owner, found.until, found.value) == (reason, owner, until, value)


@given(st.text("# wapolicy:-ignore[]X=\"'\\a, \t", max_size=40))
def test_nothing_makes_it_stumble(tail: str) -> None:
    comment = f"# wa-policy: ignore{tail}"
    found = list(directives(comment))
    assert found
    for item in found:
        assert comment[item.start : item.start + len(item.text)] == item.text
        assert bool(item.fault) != bool(item.names)


@pytest.mark.parametrize(
    ("first", "again", "last"),
    [
        ("# x wa-policy", " ", "y"),
        ("# x wa-policy:", " ", "y"),
        ("# x wa-policy: ignore", "\t", "y"),
        ("# wa-policy", " ", "y"),
        ("", "#", " wa-policy"),
        ("", "# ", "wa-policy"),
        ("# ", "wa-policy ", ""),
        ("# wa-policy: ignore[A] reason=", "a", '"'),
    ],
)
def test_a_hostile_comment_takes_no_time(first: str, again: str, last: str) -> None:
    assert is_linear(lambda length: list(directives(first + again * (length // len(again)) + last)))
