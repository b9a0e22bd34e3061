"""Generated pages are those of today's code and data, and links lead somewhere."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from wa_policy.rules.documentation import document
from wa_policy.rules.loading import load
from wa_policy.rules.registry import Rule

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
MARK = "<!-- Made by `make docs`"
RULES = load(third_party=False).rules
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *(page for folder in ("docs", "examples", "tests") for page in sorted((ROOT / folder).rglob("*.md"))),
]
MARKED = [page.relative_to(DOCS) for page in DOCS.rglob("*.md") if page.read_text("utf-8").startswith(MARK)]
EVERY = pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))


def generate(folder: Path) -> None:
    subprocess.run([sys.executable, ROOT / "scripts" / "generate_reference.py", folder], check=True)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    generate(folder)
    return folder


@pytest.mark.parametrize("name", MARKED, ids=map(str, MARKED))
def test_generated_pages_are_those_of_today(name: Path, generated: Path) -> None:
    assert (generated / name).exists(), "nothing makes this page any longer: run `make docs`, which removes it"
    assert (DOCS / name).read_text("utf-8") == (generated / name).read_text("utf-8"), "run `make docs`"


def test_every_generated_page_is_there(generated: Path) -> None:
    assert {page.relative_to(generated) for page in generated.rglob("*.md")} == set(MARKED), "run `make docs`"


def test_pages_of_rules_that_are_no_more_are_removed(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "NUM999.md").write_text(f"{MARK} from a rule. Do not edit. -->\n")
    (tmp_path / "rules" / "notes.md").write_text("Somebody's own notes.\n")
    (tmp_path / "reference").mkdir()
    generate(tmp_path)
    assert not (tmp_path / "rules" / "NUM999.md").exists()
    assert (tmp_path / "rules" / "notes.md").exists()
    assert (tmp_path / "rules" / "NUM001.md").exists()


@EVERY
def test_the_page_of_a_rule_shows_its_examples(rule: Rule) -> None:
    text = (DOCS / "rules" / f"{rule.code}.md").read_text("utf-8")
    shown = dict(re.findall(r"^## (Bad|Good)\n.*?^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    assert shown == {section: document(rule).example(section) for section in ("Bad", "Good")}


@EVERY
def test_the_page_of_a_rule_says_everything(rule: Rule) -> None:
    text = (DOCS / "rules" / f"{rule.code}.md").read_text("utf-8")
    assert document(rule).headline in text
    for paragraph in [
        *rule.doc.partition("\n")[2].split("Bad:\n")[0].split("\n"),
        *re.findall(r"https://[^\s,;)]+", rule.doc),
    ]:
        assert paragraph.strip().replace("<", r"\<") in text or paragraph.strip().endswith(":")
    for name in rule.settings:
        assert f"| `{name}` |" in text


def test_what_providers_have_of_their_own_is_known_to_the_index() -> None:
    sys.path.insert(0, str(ROOT))
    from scripts.rule_pages import GENERAL, PARTICULARS

    facts = yaml.safe_load((ROOT / "policies" / "facts" / "providers.yaml").read_text("utf-8"))
    assert {key for entry in facts["values"].values() for key in entry} == GENERAL | PARTICULARS.keys()
    assert set(PARTICULARS.values()) <= RULES.keys()


def test_the_index_lists_rules_by_provider() -> None:
    text = (DOCS / "rules" / "README.md").read_text("utf-8")
    rows = {
        row[0]: re.findall(r"`([A-Z]+[0-9]+)`", row[1])
        for row in re.findall(r"^\| ([^|`]+) \| (\[.*) \|$", text, re.MULTILINE)
    }
    assert {"WBA004", "NET009"} <= set(rows["Unifonic"])
    assert {"BSP008", "OPT003"} <= set(rows["Meta"])
    assert rows["Netcore"] == ["BSP001"]
    assert "BSP001" not in rows["Gupshup"]
    general = re.findall(r"`([A-Z]+[0-9]+)`", text.partition("### All providers")[2])
    assert {*general, *(code for codes in rows.values() for code in codes)} == RULES.keys()


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    for target, fragment in links(page):
        there = (page.parent / target).resolve() if target else page
        assert there.is_relative_to(ROOT), f"{target} leads out of the repository"
        assert there.exists(), target
        assert not fragment or fragment in anchors(there), f"{target}#{fragment}"


def test_links_are_found_however_they_are_written(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        """# Two words, `code` and [a link](a.md#top)
## Same
## Same
[of
two lines](b.md) ![a picture](c.png) [with a title](d.md "title") [by name][e] [elsewhere](https://acme.example/f.md)
`[in code](g.md)` [`code` in it](h.md) <a href="i.md">

[e]: e.md#named

```md
[in a block](j.md)
```
"""
    )
    found = sorted("#".join(filter(None, link)) for link in links(page))
    assert found == ["a.md#top", "b.md", "c.png", "d.md", "e.md#named", "h.md", "i.md"]
    assert anchors(page) == {"two-words-code-and-a-link", "same", "same-1"}


def test_every_page_is_on_the_map() -> None:
    mapped = {(ROOT / "docs" / target).resolve() for target, _ in links(ROOT / "docs" / "README.md")}
    decisions = ROOT / "docs" / "decisions"
    told = {(decisions / target).resolve() for target, _ in links(decisions / "README.md")}
    told |= {(DOCS / "rules" / target).resolve() for target, _ in links(DOCS / "rules" / "README.md")}
    every = {page for page in (ROOT / "docs").rglob("*.md") if page.name != "README.md"}
    assert every <= mapped | told


def links(page: Path) -> Iterator[tuple[str, str]]:
    """The links of a page to other files, and to headings."""
    written = r"\]\(<?([^)>\s]+)>?(?:\s+\"[^\"]*\")?\)|^\[[^\]]+\]:\s+(\S+)|\bhref=\"([^\"]+)\""
    for found in re.findall(written, re.sub(r"(`+)[^`]+?\1", "", prose(page)), re.MULTILINE):
        target = "".join(found)
        if "://" not in target and not target.startswith("mailto:"):
            path, _, fragment = target.partition("#")
            yield path, fragment


def anchors(page: Path) -> set[str]:
    """The addresses of a page's headings, as GitHub makes them."""
    found: dict[str, int] = {}
    for heading in re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        name = re.sub(r"[^\w -]", "", shown.lower()).replace(" ", "-")
        found[name] = found.get(name, -1) + 1
    return {f"{name}-{number}" if number else name for name, last in found.items() for number in range(last + 1)}


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^(```+).*?^\1$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
