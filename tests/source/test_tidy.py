"""What is read line by line is what libyaml reads, and whatever is not as plain as that is left to libyaml."""

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wa_policy.source import tidy
from wa_policy.source.document import DEFAULT_LIMITS, Document, Limits, Source
from wa_policy.source.reading import read
from wa_policy.source.tidy import Tidy, read_tidy
from wa_policy.source.yaml import read_yaml

ROOT = Path(__file__).resolve().parent.parent.parent


def read_as_tidy(text: str, limits: Limits = DEFAULT_LIMITS) -> Tidy | None:
    return read_tidy(text.encode(), text, limits)


def assert_as_libyaml(text: str) -> None:
    """Check that a text is read line by line as libyaml reads it, if it is at all."""
    found = read_as_tidy(text)
    if found is None:
        return
    documents, troubles = read_yaml(text.encode(), Source(text), "m.yaml", DEFAULT_LIMITS)
    assert not troubles
    (document,) = documents
    assert repr(found.data) == repr(document.data)
    assert read_as_tidy(text, DEFAULT_LIMITS._replace(nodes=nodes_of(document) - 1)) is None
    ambiguous = document.ambiguous()
    assert {(scalar.read_as, scalar.on_key) for scalar in ambiguous} <= {("a date", False)}
    assert {scalar.text for scalar in ambiguous} == found.dates


def nodes_of(document: Document) -> int:
    """How many nodes a document has, as limits count them."""
    sorts = [piece.sort for piece in document.pieces()]
    return len(sorts) + sorts.count("list") + sorts.count("mapping")


def manifests() -> Iterator[str]:
    for folder in ("examples", "policies", "tests/corpus", "src/wa_policy/testing"):
        for path in sorted((ROOT / folder).rglob("*.yaml")):
            text = path.read_bytes().decode("utf-8", "replace")
            if len(text) < 20_000:
                yield text.encode("utf-8", "replace").decode()


TEXTS = list(manifests())

PLAIN = r"""
a|a b|"q"|'s'|""|''|"a: b #c"|1|-1|0|01|1.5|1e3|true|null|~|yes|NO|2026-01-02|2026-01-02T10:00:00|+1|+1 2|a:b|a: b|a#b|a #c|#c
[a, b]|[a,b]|{a: b}|{a: 1, b: [x, "y"]}|[]|{}|[a|{a}|{a: }|[a,]|[[a], {b: c}]|>|>-|*a|&a b|!t x|- x|? x|é|ü b|a,b|a]|a}
http://x/y?z=1|a:|a"b|a'b|.5|.inf|...|---|a  b|%x|@x|`x|=|<<|0x1F|12:30|(x)|_|/|[2026-01-02]|{d: 2026-01-02}|[yes]|{no: 1}
{a: b: c}|[a b,  c]|{ a : b }|[ ]|{ }|"a" "b"|"a"b|'a''b'|"\n"|[-1, 2]|[- 1]|[a#b]|[a #b]|{a: {b: {c: []}}}|[a]#c|[a] #c "x"
["a #b"] #c|it's|[it's]|<b>|{a: "x", a: 1}|- - x|-|12345678901234567890|1_000|9.2E+11|{"a": b}|[a, "b" c]|{a: "b"c}|[[a]b]
"""
VALUES = [*PLAIN.replace("\n", "|").strip("|").split("|"), "|", "|-", "|+"]
KEYS = [
    "a",
    "b",
    "c",
    "d",
    "key",
    "no",
    "on",
    "null",
    "A1",
    "a.b",
    "a-b",
    "_x",
    '"q"',
    "1a",
    "a b",
    "<<",
    "é",
    "x" * 101,
    "",
]
ODD_LINES = [
    "",
    "  ",
    "# c",
    "  # c",
    "   #c",
    " x",
    "text more",
    "    deeper text",
    "  - z",
    "---",
    "...",
    "--- ",
    "\t",
    "a:\tb",
]


@st.composite
def lines(draw: st.DrawFn) -> str:
    if draw(st.integers(0, 9)) == 0:
        return draw(st.sampled_from(ODD_LINES))
    start = " " * draw(st.sampled_from((0, 0, 0, 2, 2, 4, 1, 3, 6))) + draw(
        st.sampled_from(("", "", "", "- ", "-  ", "-"))
    )
    comment = draw(st.sampled_from(("", "", "", " ", " # c", "  #c", "#c")))
    form = draw(st.integers(0, 3))
    if form == 0:
        return start + draw(st.sampled_from(VALUES)) + comment
    key = draw(st.sampled_from(KEYS[:5]) | st.sampled_from(KEYS))
    if form == 1:
        return f"{start}{key}:{draw(st.sampled_from(('', ' ', ' |', ' >-', '  # c')))}"
    return (
        start + key + draw(st.sampled_from((": ", ": ", ":  ", ":", " : "))) + draw(st.sampled_from(VALUES)) + comment
    )


ENDS = ("\n", "\n", "", "\n\n", "\n# end\n", "\n  \n")


@settings(max_examples=600)
@given(st.lists(lines(), min_size=1, max_size=7), st.sampled_from(ENDS))
@example(["a: |", "", "  b"], "\n")
@example(["a: >", "  b", "   c"], "\n")
@example(["a: >", "  b", "", "  c"], "\n")
@example(["a: |", "  b", " # c"], "\n")
@example(["a: |", "  b"], "")
@example(["- a"], "\n")
@example(["a:", "- b", "c: d"], "\n")
@example(["a:", "  - b: c", "    d:", "    - e", "  - f"], "\n")
@example(["---", "a: b"], "\n")
@example(["a: b", "---", "c: d"], "\n")
@example(["a: b", " c"], "\n")
def test_lines_of_all_kinds_are_read_as_libyaml_reads_them(written: list[str], end: str) -> None:
    assert_as_libyaml("\n".join(written) + end)


SIGNS = list(" :-#\n\"'[]{},|>&*!?%@`~\t\\.+019ayneE_=<é\x85\u2028\ufeff\xa0/()")


@settings(max_examples=400)
@given(st.randoms(use_true_random=False), st.sampled_from(TEXTS))
def test_files_that_somebody_edits_are_read_as_libyaml_reads_them(chance: random.Random, text: str) -> None:
    whole = text.split("\n")
    start = chance.randrange(len(whole))
    part = whole[start : start + chance.randint(1, 14)]
    margin = min((len(line) - len(line.lstrip()) for line in part if line.strip()), default=0)
    cut = "\n".join(line[margin:] for line in part) + "\n"
    for _ in range(chance.choice((0, 1, 1, 2, 3))):
        at = chance.randrange(len(cut) + 1)
        cut = (
            cut[:at]
            + chance.choice((chance.choice(SIGNS), chance.choice(VALUES), ""))
            + cut[at + chance.randint(0, 4) :]
        )
    assert_as_libyaml(cut)


@settings(max_examples=400)
@given(st.text("a: -\n\n  \"'[]{},#|>1b", max_size=16), st.sampled_from(("a:", "a: b\n", "a:\n  ")))
def test_signs_in_any_order_are_read_as_libyaml_reads_them(text: str, start: str) -> None:
    assert_as_libyaml(f"{start}{text}\n")


keys = st.text("abc_-.0", min_size=1, max_size=6)
scalars = st.none() | st.booleans() | st.integers(-(10**16), 10**16) | st.floats(allow_nan=False) | st.text(max_size=12)
trees = st.recursive(
    scalars, lambda below: st.lists(below, max_size=4) | st.dictionaries(keys, below, max_size=4), max_leaves=12
)


@given(st.dictionaries(keys, trees, min_size=1, max_size=5), st.sampled_from((None, False, True)), st.booleans())
def test_what_pyyaml_writes_is_read_as_libyaml_reads_it(
    data: dict[str, Any], style: bool | None, is_unicode: bool
) -> None:
    assert_as_libyaml(yaml.safe_dump(data, default_flow_style=style, allow_unicode=is_unicode, width=1000))


TIDY = """\
# a comment
name: acme   # and another
number: "+91 80"
empty:
none: null
nested:
    list:
    - a
    - b: 1
      c: [x, "y z", {k: -2.5}]
    -   d: true
text: |
  Hi {{1}},

    indented # no comment
folded: >-
  one
  two
day: 2026-10-02
address: https://acme.example/?a=b#c
last: it's
"""
HOLDS = {
    "name": "acme",
    "number": "+91 80",
    "empty": None,
    "none": None,
    "nested": {"list": ["a", {"b": 1, "c": ["x", "y z", {"k": -2.5}]}, {"d": True}]},
    "text": "Hi {{1}},\n\n  indented # no comment\n",
    "folded": "one two",
    "day": "2026-10-02",
    "address": "https://acme.example/?a=b#c",
    "last": "it's",
}


@pytest.mark.parametrize("before", ["", "---\n", "\ufeff"])
def test_a_manifest_as_most_are_is_read_line_by_line(before: str) -> None:
    content = f"{before}{TIDY}".encode()
    assert read_tidy(content, content.decode("utf-8-sig"), DEFAULT_LIMITS) == Tidy(HOLDS, frozenset({"2026-10-02"}))
    (document,) = read(content, "m.yaml").documents
    assert document.data == HOLDS
    assert document.text_at(("nested", "list", 1, "c", 1)) == '"y z"'


@pytest.mark.parametrize(
    "text",
    [
        "a: b",  # no end of line
        "a: b\r\n",
        "a:\tb\n",
        "a: &x b\n",
        "a: *x\n",
        "a: !t b\n",
        "<<: b\n",
        "a: b\n---\nc: d\n",
        "a: b\n...\n",
        "a: b\n  c\n",
        'a: "b\n  c"\n',
        'a: "\\n"\n',
        "a: ''''\n",
        "a: [b,\n  c]\n",
        "a: |+\n  b\n",
        "a: |2\n   b\n",
        "a: >\n  b\n\n  c\n",
        "a: NO\n",
        "no: a\n",
        "a: 0012\n",
        "a: +15551234567\n",
        "a: 12:30\n",
        "a: 1\na: 2\n",
        "a: {b: 1, b: 2}\n",
        "? a\n",
        '"a": b\n',
        "- a\n",
        "a\n",
        "",
        "# nothing\n",
        "a: \x7f\n",
        "a: \x85\n",
        "a: b\u2028\n",
        "%YAML 1.2\n---\na: b\n",
        "a: [\n",
        "a: b: c\n",
        " a: b\nc: d\n",
    ],
)
def test_whatever_is_not_plain_is_left_to_libyaml(text: str) -> None:
    assert read_as_tidy(text) is None


def test_limits_are_left_to_libyaml() -> None:
    text = "a: [b, {c: d}]\n" + "# comment\n" * 100
    assert read_as_tidy(text) == Tidy({"a": ["b", {"c": "d"}]}, frozenset())
    assert read_as_tidy(text, DEFAULT_LIMITS._replace(nodes=14)) is not None
    assert read_as_tidy(text, DEFAULT_LIMITS._replace(nodes=13)) is None
    deepest = "".join(f"{' ' * level}a:\n" for level in range(16)) + f"{' ' * 16}a: {'[' * 16}{']' * 16}\n"
    for depth, is_tidy in ((32, False), (33, True)):
        limits = DEFAULT_LIMITS._replace(depth=depth)
        assert (read_as_tidy(deepest, limits) is not None) == is_tidy
        assert (not read_yaml(deepest.encode(), Source(deepest), "a.yaml", limits)[1]) == is_tidy
    for inside in (16, 17):
        deep = "".join(f"{' ' * level}a:\n" for level in range(inside)) + f"{' ' * inside}a: b\n"
        assert (read_as_tidy(deep) is not None) == (inside == 16)
        assert (read_as_tidy(f"a: {'[' * inside}{']' * inside}\n") is not None) == (inside == 16)


def test_what_is_done_to_one_file_is_not_seen_in_the_next() -> None:
    text = "a: [b, {c: [d]}]\n"
    first = read_as_tidy(text)
    assert first is not None
    first.data["a"][1]["c"].append("e")
    first.data["a"].append("f")
    assert read_as_tidy(text) == Tidy({"a": ["b", {"c": ["d"]}]}, frozenset())


def test_no_more_lines_are_remembered_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    remembered: dict[str, Any] = {}
    monkeypatch.setattr(tidy, "_lines", remembered)
    monkeypatch.setattr(tidy, "_MOST_LINES", 10)
    text = "".join(f"a{number}: {number}\n" for number in range(1000)) + f"long: {'x' * 1000}\n"
    found = read_as_tidy(text)
    assert found is not None
    assert len(found.data) == 1001
    assert len(remembered) <= 10
    assert not [line for line in remembered if len(line) > 200]


def test_a_date_is_ambiguous_only_where_none_is_wanted() -> None:
    (document,) = read(b'a: 2026-10-02\nb: ["2026-10-02", x]\n', "m.yaml").documents
    assert document.ambiguous(lambda _: True) == []
    (only,) = document.ambiguous(lambda route: route != ("a",))
    assert (only.route, only.read_as, only.text) == (("a",), "a date", "2026-10-02")
    # the same text in quotes is none, which libyaml knows
    assert [scalar.route for scalar in document.ambiguous(lambda route: route == ("a",))] == [("a",)]


def test_a_manifest_without_findings_is_read_without_libyaml_and_places_are_found_by_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def counting(*arguments: Any) -> Any:
        asked.append(arguments[0])
        return read_yaml(*arguments)

    monkeypatch.setattr("wa_policy.source.yaml.read_yaml", counting)
    (document,) = read(TIDY.encode(), "m.yaml").documents
    assert document.ambiguous(lambda _: True) == []
    assert asked == []
    assert document.locate(("number",))[:2] == (3, 9)
    assert document.locate(("nested", "list", 1, "b"))[:2] == (9, 10)
    assert asked == [TIDY.encode()]


def test_two_readers_that_disagree_are_not_believed() -> None:
    (document,) = read(b"a: b\n", "m.yaml").documents
    document.data["a"] = "c"
    with pytest.raises(RuntimeError, match=re.escape("m.yaml: two readers of YAML disagree about it")):
        document.locate(("a",))
