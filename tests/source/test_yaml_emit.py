"""Text written as a YAML scalar: read back as the same text, by us and by others, and plain where it reads better."""

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from wa_policy.source.reading import read
from wa_policy.source.yaml_emit import scalar

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
AWKWARD = [
    "",
    "no",
    "NULL",
    "~",
    "y",
    "a: b",
    "a #b",
    "- a",
    "{a}",
    "a\n",
    "\0\x85\u2028\ufeff",
    "=",
    "1e3",
    "2026-11-22",
    "\\",
]


@given(TEXTS)
@pytest.mark.parametrize("template", ["{}\n", "key: {}\n", "[{}, x]\n", "{{k: {}}}\n", "- {}\n"])
def test_read_back_as_it_was(template: str, text: str) -> None:
    written = template.format(scalar(text))
    reading = read(written.encode(), "written.yaml")
    assert reading.troubles == ()
    data = reading.documents[0].data
    while not isinstance(data, str):
        data = data[0] if isinstance(data, list) else next(iter(data.values()))
    assert data == text
    assert reading.documents[0].ambiguous() == []
    assert "\n" not in written[:-1]


@given(TEXTS)
@example("".join(AWKWARD))
def test_others_read_it_likewise(text: str) -> None:
    assert yaml.safe_load(f"key: {scalar(text)}") == {"key": text}


@pytest.mark.parametrize("text", AWKWARD)
def test_what_others_misread_is_quoted(text: str) -> None:
    assert scalar(text).startswith('"')
    assert yaml.safe_load(scalar(text)) == text


@pytest.mark.parametrize(
    "text", ["acme-retail-in", "Acme Retail Private Limited", "a@b.example", "DC-03", "evidence/waba.json"]
)
def test_what_nobody_misreads_is_plain(text: str) -> None:
    assert scalar(text) == text
