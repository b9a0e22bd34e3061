"""Files made to hang, crash, or fool whoever reads them: each ends soon, in a trouble with line and column.

None of these tests measures time. A reader without its limits would not come back from several of them, or would take
the whole process down.
"""

import pytest

from wa_policy.source.document import Document, Limits, Trouble
from wa_policy.source.reading import read
from wa_policy.source.spans import Span


def laughs(levels: int = 9, width: int = 9) -> str:
    lines = ["a0: &a0 [lol]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * width)}]" for i in range(1, levels + 1)]
    return "\n".join(lines)


def merge_bomb(levels: int = 25) -> str:
    lines = ["a0: &a0 {k0: v}"]
    lines += [f"a{i}: &a{i} {{<<: [*a{i - 1}, *a{i - 1}], k{i}: v}}" for i in range(1, levels + 1)]
    return "\n".join(lines)


DEEP = "stand inside each other more than 64 deep"
LIMITS = Limits(nodes=20_000, growth=10_000)  # a tenth of the real ones: as instructive, and the tests stay quick
TOO_MANY = "more than 20,000 keys and values"
GROWTH = "following the aliases would add more than 10,000 values"
HOSTILE: dict[str, tuple[str | bytes, str, int, int]] = {
    # What undoes other tools
    "billion laughs": (laughs(), GROWTH, 5, 25),
    "billion laughs in one document of several": ("--- a\n---\n" + laughs(), GROWTH, 7, 25),
    "merge-key bomb": (merge_bomb(), GROWTH, 10, 20),
    "flow nesting 5,000 deep": ("[" * 5_000 + "]" * 5_000, DEEP, 1, 65),
    "flow nesting 100,000 deep": ("[" * 100_000, DEEP, 1, 65),
    "recursive alias": ("a: 1\nb: &b\n  c: [1, *b]\n", "*b stands inside of what it refers to", 3, 10),
    "duplicate key": ("a:\n  b: 1\n  c: 2\n  b: 3\n", 'the key "b" is written twice', 4, 3),
    "NUL byte": (b"a: b\nc: d\0e\n", "a NUL byte is not allowed", 2, 5),
    "Latin-1 bytes": ("a: b\n# é\nc: Ren\xe9 x".encode("latin-1"), "the byte 0xE9 is not UTF-8", 2, 3),
    "python object": ("a:\n  - !!python/object/apply:os.system [ls]\n", "the tag !!python/object/apply", 2, 5),
    "6 MB": (b"a: " + b"b" * 6 * 1024 * 1024, "the file is longer than 4,194,304 bytes", 1, 1),
    "integer of more than 300 digits": ("a: 1\nb: " + "7" * 301, "more than 300 digits", 2, 4),
    # Depth in other ways
    "mappings 30,000 deep": ("{a: " * 30_000, DEEP, 1, 257),
    "lists in mappings 30,000 deep": ("[{a: " * 30_000, DEEP, 1, 161),
    "block lists 100,000 deep": ("- " * 100_000, DEEP, 1, 129),
    "block mappings 2,000 deep": ("".join(" " * depth + "a:\n" for depth in range(2_000)), DEEP, 65, 65),
    "keys 100,000 deep": ("? " * 100_000, "a list or mapping stands here as a key", 1, 3),
    "depth by aliases": ("a: &a " + "[" * 40 + "]" * 40 + "\nb: " + "[" * 30 + "*a" + "]" * 30, DEEP, 2, 34),
    "depth by a chain of aliases": (
        "\n".join(["- &a0 []", *(f"- &a{i} [*a{i - 1}]" for i in range(1, 70))]),
        DEEP,
        64,
        9,
    ),
    # Size in other ways
    "a list of 30,000": ("[" + "a," * 30_000 + "]", TOO_MANY, 1, 40_002),
    "30,000 keys": ("".join(f"a{number}:\n" for number in range(30_000)), TOO_MANY, 10_001, 1),
    "10,000 empty documents": ("---\n" * 10_000, TOO_MANY, 6_669, 1),
    "10,000 documents": ("--- a\n" * 10_000, TOO_MANY, 6_668, 5),
    "aliases of one big list": (
        f"a: &a [{'x, ' * 4_000}]\nb: *a\nc: *a\nd: *a\n",
        GROWTH,
        4,
        4,
    ),
    "200,000 %TAG lines": ("".join(f"%TAG !a{i}! x\n" for i in range(200_000)) + "--- a", "too many lines", 1, 1),
    "200,000 %TAG lines in one of an editor": (
        "".join(f"%TAG !a{i}! x\x85" for i in range(200_000)) + "--- a",
        "too many lines",
        1,
        1,
    ),
    # Numbers
    "hexadecimal digits": ("a: 0x" + "f" * 1_000_000, "more than 300 digits", 1, 4),
    "an exponent": ("a: 1e" + "9" * 1_000_000, "is no number that JSON can hold", 1, 4),
    "infinity": ("a: [-.INF]", "-.INF is no number that JSON can hold", 1, 5),
    "not a number": ("a: .nan", ".nan is no number that JSON can hold", 1, 4),
    # Encodings
    "a Windows-1252 i with an accent": (b"a: v\xeda", 'not UTF-8 (in Windows-1252 it would be "\u00ed")', 1, 5),
    "a Windows-1252 i with an accent before a quote": ("a: «así»\n".encode("cp1252"), "the byte 0xAB", 1, 4),
    "the same further on": (b"a: as\xed\xbb\n", 'not UTF-8 (in Windows-1252 it would be "\u00ed")', 1, 6),
    "a byte that Windows-1252 has not": (b"a: \x81", "the byte 0x81 is not UTF-8", 1, 4),
    "a Windows-1252 quote": (b"a: it\x92s", 'not UTF-8 (in Windows-1252 it would be "\u2019")', 1, 6),
    "a cut-off character": ("a: 😀".encode()[:-1], "the byte 0xF0 is not UTF-8", 1, 4),
    "half of a surrogate pair in bytes": (b"a: x\xed\xa0\xbd", "half of a surrogate pair", 1, 5),
    "half of a surrogate pair in an escape": ('a: "\\ud83d"', "YAML does not know surrogate pairs", 1, 5),
    "UTF-16, little-endian": ("a: b".encode("utf-16"), "encoded as UTF-16", 1, 1),
    "UTF-16, big-endian": (b"\xfe\xff\0a", "encoded as UTF-16", 1, 1),
    "UTF-16 without a mark": ("a: b".encode("utf-16-le"), "encoded as UTF-16-LE", 1, 1),
    "UTF-16, big-endian without a mark": ("a: b".encode("utf-16-be"), "encoded as UTF-16-BE", 1, 1),
    "UTF-32": ("a: b".encode("utf-32"), "encoded as UTF-32", 1, 1),
    "an escape character": ("a: \x1b[31mred", "the character U+001B is not allowed", 1, 4),
    "a C1 control character": ("a: \x9b31mred", "the character U+009B is not allowed", 1, 4),
    "a non-character": ("a: \uffff", "the character U+FFFF is not allowed", 1, 4),
    "NUL only": (b"\0" * 90, "a NUL byte is not allowed", 1, 1),
}
HOSTILE_JSON: dict[str, tuple[str | bytes, str, int, int]] = {
    "nesting 100,000 deep": ("[" * 100_000, DEEP, 1, 65),
    "objects 100,000 deep": ('{"a":' * 100_000, DEEP, 1, 321),
    "65 deep and closed": ("[" * 65 + "]" * 65, DEEP, 1, 65),
    "duplicate key": ('{"a": 1,\n "a": 2}', 'the key "a" is written twice', 2, 2),
    "NUL byte": (b'{"a": "\0"}', "the character U+0000 is not allowed", 1, 8),
    "Latin-1 bytes": ('{"a":\n"é"}'.encode("latin-1"), "the byte 0xE9 is not UTF-8", 2, 2),
    "6 MB": (b" " * 6 * 1024 * 1024, "the file is longer than 4,194,304 bytes", 1, 1),
    "integer of more than 300 digits": ('{"a":\n-' + "7" * 301 + "}", "too large a number", 2, 1),
    "an exponent": ("[1, 1e" + "9" * 1_000_000 + "]", "too large a number", 1, 5),
    "not a number": ("[NaN]", "NaN is no number that JSON can hold", 1, 2),
    "a list of 30,000": ("[" + "1," * 30_000 + "1]", TOO_MANY, 1, 1),
    "half of a surrogate pair": ('["a", "\\uDC00"]', "half of a surrogate pair", 1, 8),
    "two documents": ("{}\n{}", "more text stands behind the end of the document", 2, 1),
    "UTF-16": ("{}".encode("utf-16"), "encoded as UTF-16", 1, 1),
    "backslashes to the end": ('["' + "\\n" * 500_000 + "\\", "\\ means nothing", 1, 1_000_003),
}


def only_trouble(content: str | bytes, path: str) -> Trouble:
    found = read(content if isinstance(content, bytes) else content.encode(), path, LIMITS)
    assert all(document.data == "a" for document in found.documents)  # the harmless ones before
    assert len({trouble.message for trouble in found.troubles}) == 1
    return found.troubles[0]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_yaml_ends_in_a_trouble_with_line_and_column(name: str) -> None:
    content, message, line, column = HOSTILE[name]
    only = only_trouble(content, "hostile.yaml")
    assert message in only.message
    assert (only.span.line, only.span.column) == (line, column)
    assert only.remedy
    assert len(only.message) < 200


@pytest.mark.parametrize("name", HOSTILE_JSON)
def test_hostile_json_ends_in_a_trouble_with_line_and_column(name: str) -> None:
    content, message, line, column = HOSTILE_JSON[name]
    only = only_trouble(content, "hostile.json")
    assert message in only.message
    assert (only.span.line, only.span.column) == (line, column)
    assert only.remedy
    assert len(only.message) < 200


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    for path, content in (("a.yaml", b"\xef\xbb\xbfa: b"), ("a.json", b'\xef\xbb\xbf{"a": "b"}')):
        (document,) = read(content, path).documents
        assert document.data == {"a": "b"}


def test_every_document_of_a_file_is_read() -> None:
    found = read(b"a: 1\n---\nb: 2\n", "two.yaml")
    assert [document.data for document in found.documents] == [{"a": 1}, {"b": 2}]


def test_a_name_with_line_breaks_is_passed_on_as_it_is() -> None:
    path = "nl\n::error file=evil::FORGED\n\x1b[31m.yaml"
    found = read(b"a: b", path)
    assert found.path == path
    assert found.documents[0].id.path == path


def test_all_documents_share_the_limits() -> None:
    document = "---\n" + laughs(levels=2)
    assert len(read(document.encode(), "some.yaml", LIMITS).documents) == 1
    for text, message in (("\n".join([document] * 100), GROWTH), ("--- [a, b, c]\n" * 9_000, TOO_MANY)):
        found = read(text.encode(), "many.yaml", LIMITS)
        assert [message in trouble.message for trouble in found.troubles] == [True]
        assert 1 < len(found.documents) < 9_000


@pytest.mark.parametrize(
    "content",
    [
        "".join("a: 1\n" for _ in range(5_000)),
        "- !x a\n" * 5_000,
        "--- [\n" * 5_000,
        "--- *a\n" * 5_000,
        "a: \x01\n---\n" * 5_000,
        "\0" * 1_000_000,
        "---\n" + "[" * 200 + "\n" + ("---\n" + "[" * 200 + "\n") * 1_000,
    ],
)
def test_troubles_are_limited_in_number(content: str) -> None:
    troubles = read(content.encode(), "many.yaml").troubles
    assert len(troubles) == 101
    assert "more than 100 problems: the rest of the file was not read" in {trouble.message for trouble in troubles}


def test_troubles_are_limited_in_number_in_json_too() -> None:
    assert len(read(b"{" + b'"a":1,' * 5_000 + b'"a":1}', "many.json").troubles) == 101


def test_what_is_large_but_within_the_limits_is_read() -> None:
    text = "- {a: b, c: [d]}\n" * 2_400 + "- " + "[" * 63 + "]" * 63
    (document,) = read(text.encode(), "large.yaml", LIMITS).documents
    assert len(document.data) == 2_401
    assert document.locate((2_399, "c", 0)) == Span(2_400, 14, 2_400, 15)


def everything(document: Document) -> int:
    """Count what a walk over the data meets, aliases followed."""
    waiting, count = [document.data], 0
    while waiting:
        value = waiting.pop()
        count += 1
        waiting.extend(value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())
    return count


def test_a_walk_over_the_data_is_as_limited_as_the_file() -> None:
    limits = Limits(nodes=2_000, growth=1_000)
    for text in (laughs(2, 9), merge_bomb(5), "a: &a {b: 1}\n" + "".join(f"c{i}: {{<<: *a}}\n" for i in range(200))):
        (document,) = read(text.encode(), "walk.yaml", limits).documents
        assert everything(document) <= limits.nodes + limits.growth
