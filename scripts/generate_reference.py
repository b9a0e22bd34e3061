"""Write the pages of the documentation that code and data know better: ``python scripts/generate_reference.py [FOLDER]``.

FOLDER is that of the documentation; the pages are put into its ``reference/`` and ``rules/``.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wa_policy.cli.main import COMMANDS
from wa_policy.policy.facts import bundled_names
from wa_policy.policy.facts import load as load_facts
from wa_policy.policy.model import PACKS, Fact
from wa_policy.policy.resolve import resolve
from wa_policy.policy.texts import load_text
from wa_policy.rules.documentation import document
from wa_policy.rules.loading import load as load_rules
from wa_policy.rules.registry import Step
from wa_policy.schema.texts import load_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wa_policy.policy.model import Ruling
    from wa_policy.rules.registry import Rule

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # a script has its own folder there, and not the one that this folder is in

from scripts.api_page import api_page  # noqa: E402  # behind the line that makes it be found
from scripts.pages import MARK, TITLES, anchor, page, table  # noqa: E402  # the same
from scripts.rule_pages import rule_pages  # noqa: E402  # the same

DOCS = ROOT / "docs"

COMMANDS_INTRO = """\
`wa-policy --version` prints the version, `wa-policy --help` the list of commands, `wa-policy COMMAND --help` what stands here.
Options cannot be abbreviated; paths may stand before and behind them. [Exit codes](exit-codes.md) have a page of their own.

## Environment

| variable | what it does |
|---|---|
| `WA_POLICY_CACHE_DIR` | where resolved policies, results by file and whole runs are kept between runs ([`cache`](#cache)); default: `wa-policy` in the platform's folder for caches (`XDG_CACHE_HOME` or `~/.cache` on Linux, `~/Library/Caches` on macOS, `LOCALAPPDATA` on Windows) |
| `NO_COLOR` | no colours, if it has any value that is not empty; nor are there any when the output is no terminal, or `TERM` is `dumb` |
| `WA_POLICY_DEBUG` | show the traceback of an internal error, and where a plugin or rule failed, for a bug report; with `audit --engine spark`, Spark's log of errors too, which may quote rows |
| `SPARK_CONF_DIR` | where Spark, with `audit --engine spark`, finds `spark-defaults.conf` |
| `WA_POLICY_GRAPH_TOKEN` | the access token of [`snapshot`](#snapshot), unless `--token-env` names another variable |
| `GITHUB_STEP_SUMMARY` | set by GitHub's runner: the file that `lint` adds its report to when `github` is among the formats ([formats](formats.md#github-and-github-summary)) |
| `GITHUB_WORKSPACE` | set by GitHub's runner: the top of the checkout, where no `.git` tells it; paths in `sarif`, `github`, `gitlab`, `junit` and `markdown` begin there |
| `SPARK_REMOTE`, `JAVA_HOME` | for [`audit`](#audit) with `--engine spark`: the Spark to connect to where `--master` names none, and the Java to start one with |
"""  # noqa: E501  # rows of a table

MANIFEST_INTRO = """\
A manifest is a YAML or JSON file that describes one MoEngage workspace. A YAML file may hold several, separated by `---`.
`wa-policy schema workspace` prints the JSON Schema from which this page is made; an editor that has it completes the fields.

A required field must be there for the file to be a manifest. Any other that is left out is unproven, never passed: the
[rules](rules.md) say which of them matter. A key that does not stand here is an error.
"""

POLICY_INTRO = """\
A policy is a YAML or JSON file, or the table `[tool.wa-policy]` of a `pyproject.toml` (without `apiVersion`, `kind` and
`metadata`, which may be left out there). [Write a policy](../how-to/write-a-policy.md) shows how to go about it;
`wa-policy schema policy` prints the JSON Schema from which this page is made.
"""

RULES_INTRO = """\
A code stays for ever, and is never given to another rule. Either a code or a name may stand in a policy and after `--select`
and `--ignore`. The page of a rule, and `wa-policy explain CODE`, say why it matters, how to put it right, and where it comes
from; [the index of these pages](../rules/README.md) sorts them by step and by provider.

The columns of the three bundled policies show what weighs how much: `fail` / `unproven`, and under `strict` also `claimed`
([what these mean](../explanation/three-outcomes.md)). A single case may weigh less than its rule, never more. "Source" is how
sure the source of the rule is ([facts and certainty](../explanation/facts-and-certainty.md)).
"""

FACTS_INTRO = """\
What Meta, MoEngage and the providers change stands in dated files, not in the rules. "As of" is when somebody last read it at
its source. Certainty is that of the least sure value in the file ([facts and certainty](../explanation/facts-and-certainty.md)).
A [policy](policy.md#factsname) may put its own values in their place. Rows that it brings are held against their shape, which
`wa-policy schema facts` prints; [the rows](#rows) are described below the files.
"""

ROWS_INTRO = """\
## Rows

What stands in rows of the files above. A row that a policy brings has the required fields, and no others than these.
"""


# Commands


def commands() -> str:
    """Every command with its options, from the parsers that read them."""
    return page(
        "Commands",
        "the commands' own parsers",
        COMMANDS_INTRO,
        *(command(name, text) for name, text in COMMANDS.items()),
    )


def command(name: str, purpose: str) -> str:
    """One command: what it is for, its arguments, its options, and what its help says at the end."""
    module = import_module(f"wa_policy.cli.{name}")
    parser = argparse.ArgumentParser(prog=f"wa-policy {name}", allow_abbrev=False, add_help=False)
    module.configure(parser)
    actions = parser._actions  # noqa: SLF001  # argparse tells of its arguments in no public way
    arguments = [action for action in actions if not action.option_strings]
    options = [action for action in actions if action.option_strings]
    usage = " ".join(
        [f"wa-policy {name}", *(["[OPTIONS]"] if options else []), *(usage_of(argument) for argument in arguments)]
    )
    rows = [(f"`{shown(action)}`", f"{action.help or ''}{choices(action)}") for action in [*arguments, *options]]
    epilog = getattr(module, "EPILOG", "")
    parts = [f"## `{name}`\n", f"{purpose[:1].upper()}{purpose[1:]}.\n", f"```text\n{usage}\n```\n"]
    parts.append(table(("argument or option", "meaning"), rows))
    if epilog:
        parts.append(f"```text\n{epilog.rstrip()}\n```\n")
    return "\n".join(parts)


def usage_of(argument: argparse.Action) -> str:
    """A positional argument as the usage line has it."""
    one = shown(argument)
    return {"+": f"{one} [{one} ...]", "*": f"[{one} ...]", "?": f"[{one}]"}.get(str(argument.nargs), one)


def shown(action: argparse.Action) -> str:
    """An argument or option with the name of its value."""
    value = action.metavar or (
        "{" + ",".join(map(str, action.choices)) + "}" if action.choices else action.dest.upper()
    )
    if not action.option_strings:
        return str(value)
    return action.option_strings[-1] if action.nargs == 0 else f"{action.option_strings[-1]} {value}"


def choices(action: argparse.Action) -> str:
    """What may be chosen, where the name of the value does not show it."""
    known = [str(choice) for choice in action.choices or ()] if action.metavar else []
    told = action.help or ""
    return f" ({', '.join(known)})" if known and not all(choice in told for choice in known) else ""


# Manifests and policies


def manifest() -> str:
    """Every field of a manifest."""
    return page("Manifest", "schemas/workspace.schema.json", MANIFEST_INTRO, *sections("workspace"))


def policy() -> str:
    """Every field of a policy."""
    return page("Policy", "schemas/policy.schema.json", POLICY_INTRO, *sections("policy"))


def sections(kind: str) -> Iterator[str]:
    """A section for each object of a schema, in the order in which a reader comes upon them, each once."""
    schema = load_schema(kind)
    headings = routes(schema)
    top = [re.split(r"[.\[]", heading)[0] for heading in headings.values()]
    order = sorted(headings, key=lambda name: top.index(re.split(r"[.\[]", headings[name])[0]))
    yield section("The whole file", schema, schema, headings)
    for name in order:
        yield section(f"`{headings[name]}`", schema["$defs"][name], schema, headings)


def routes(schema: Mapping[str, Any]) -> dict[str, str]:
    """The shortest route to each of the ``$defs`` that have fields."""
    found: dict[str, str] = {}
    waiting = [("", schema)]
    while waiting:
        route, node = waiting.pop(0)
        for key, value in node["properties"].items():
            here, name = inside(f"{route}.{key}".lstrip("."), value, schema)
            if name and name not in found and "properties" in schema["$defs"][name]:
                found[name] = here
                waiting.append((here, schema["$defs"][name]))
    return found


def inside(route: str, value: Mapping[str, Any], schema: Mapping[str, Any]) -> tuple[str, str]:
    """The name among the ``$defs`` of the object that a field, its items or its entries are, and the route to it."""
    name = value.get("$ref", "").removeprefix("#/$defs/")
    node = follow(schema, value)
    if "items" in node:
        return inside(f"{route}[]", node["items"], schema)
    if isinstance(entries := node.get("additionalProperties"), dict):
        return inside(f"{route}.NAME", entries, schema)
    if "else" in node:  # a short form, or an object
        return inside(route, node["else"], schema)
    return route, name


def follow(schema: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reference into ``$defs`` stands for, with what stands beside the reference."""
    while "$ref" in node:
        rest = {key: value for key, value in node.items() if key != "$ref"}
        node = {**schema["$defs"][node["$ref"].removeprefix("#/$defs/")], **rest}
    return node


def section(
    heading: str, node: Mapping[str, Any], schema: Mapping[str, Any], headings: Mapping[str, str], level: str = "##"
) -> str:
    """The fields of one object."""
    rows = []
    for key, value in node["properties"].items():
        full = follow(schema, value)
        name = inside("", value, schema)[1]
        kind = kind_of(full, schema)
        linked = f"[{kind}](#{anchor(headings[name])})" if name in headings else kind
        required = " (required)" if key in node.get("required", ()) else ""
        rows.append((f"`{key}`{required}", linked, f"**{full['title']}**. {full['description']}", example(full)))
    intro = "" if node is schema else f"{node['description']}\n\n"
    return f"{level} {heading}\n\n{intro}{table(('field', 'type', 'meaning', 'example'), rows)}"


def kind_of(node: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """What may stand in a field, in words."""
    if "const" in node:
        return f"always `{node['const']}`"
    if "enum" in node:
        return "one of " + ", ".join(f"`{value}`" for value in node["enum"])
    if "items" in node:
        items = kind_of(follow(schema, node["items"]), schema)
        listed = f"list of {_PLURALS.get(items, items.removeprefix('one of '))}"
        return f"{listed} or text" if "string" in node["type"] else listed
    if "format" in node:
        return _FORMATS[node["format"]]
    kinds = node.get("type", "anything")
    words = [_WORDS.get(kind, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    bounds = [f"{word} {node[key]}" for key, word in _BOUNDS.items() if key in node]
    return ", ".join([" or ".join(words), *bounds])


_WORDS = {"string": "text", "integer": "whole number", "boolean": "true or false", "array": "list", "object": "mapping"}
_FORMATS = {
    "date": "date",
    "date-time": "date and time with a zone",
    "address": "address or network",
    "expression": "regular expression",
}
_PLURALS = {"text": "texts", "mapping": "mappings", "list": "lists", "whole number": "whole numbers"}
_BOUNDS = {"minimum": "at least", "maximum": "at most"}


def example(node: Mapping[str, Any]) -> str:
    """The first example of a field, as YAML writes it in one line."""
    values = node.get("examples") or [node.get("const", "")]
    text = json.dumps(values[0], ensure_ascii=False)
    plain = re.fullmatch(r'"([A-Za-z][A-Za-z0-9_./:@-]*)"', text)
    shown_value = plain[1] if plain and plain[1].casefold() not in _MISREAD else text
    return f"`{shown_value}`" if values[0] != "" else ""


_MISREAD = {"yes", "no", "on", "off", "y", "n", "true", "false", "null"}


# Rules and facts


def rules() -> str:
    """Every rule, by step."""
    loaded = load_rules(third_party=False).rules
    rulings = {pack: resolve(load_text(pack), loaded).policy.rulings() for pack in PACKS}
    parts = [RULES_INTRO]
    for step in Step:
        own = [rule for rule in loaded.values() if rule.step is step]
        header = ("code", "name", "finds", *(f"`{pack}`" for pack in PACKS), "source")
        parts.append(f"## {TITLES[step]}\n\n{table(header, [row(rule, rulings) for rule in own])}")
    return page("Rules", "the rules and the bundled policies", *parts)


def row(rule: Rule, rulings: Mapping[str, Mapping[str, Ruling]]) -> tuple[str, ...]:
    """One rule's line."""
    weights = []
    for pack in PACKS:
        ruling = rulings[pack][rule.code]
        claimed = f" / {ruling.claimed}" if ruling.claimed != "off" else ""
        weights.append(f"{ruling.fail} / {ruling.unproven}{claimed}")
    return (linked(rule.code), f"`{rule.name}`", document(rule).headline, *weights, rule.certainty)


def linked(code: str) -> str:
    """A rule's code, as a link to its page."""
    return f"[`{code}`](../rules/{code}.md)"


def _used_by(codes: list[str]) -> str:
    if codes:
        return f"* rules: {', '.join(map(linked, codes))}"
    return "* used by: [the opt-in audit](../how-to/audit-opt-in.md)"


def facts() -> str:
    """Every facts file, and what stands on it."""
    users: dict[str, list[str]] = {name: [] for name in bundled_names()}
    for rule in load_rules(third_party=False).rules.values():
        for name in sorted({value.file for value in rule.settings.values() if isinstance(value, Fact)}):
            users[name].append(rule.code)
    parts = [FACTS_INTRO]
    for name, codes in users.items():
        entry = load_facts(name)
        sources = "\n".join(f"  * <{source}>" for source in entry.sources)
        parts.append(
            f"## `{name}`\n\n{entry.title}.\n\n* as of: {entry.as_of}; certainty: {entry.certainty}\n"
            f"{_used_by(codes)}\n"
            f"* values: {', '.join(f'`{key}`' for key in entry.values)}\n{_rows(name)}* sources:\n{sources}\n"
        )
    schema = load_schema("facts")
    headings = {name: node["title"] for name, node in schema["$defs"].items() if is_row(node)}
    tables = (section(title, schema["$defs"][name], schema, headings, "###") for name, title in headings.items())
    return page("Facts", "policies/facts/, and their rows from schemas/facts.schema.json", *parts, ROWS_INTRO, *tables)


def is_row(node: Mapping[str, Any]) -> bool:
    """Whether a definition is that of a mapping with fields of its own."""
    return node.get("additionalProperties") is False


def _rows(name: str) -> str:
    """What the rows of a facts file are, for its list; nothing where it has none."""
    schema = load_schema("facts")
    found = rows("", schema["properties"].get(name, {}), schema)
    shown_rows = [f"`{route}`: [{title.casefold()}](#{anchor(title)})" for route, title in found]
    return f"* rows: {', '.join(shown_rows)}\n" if shown_rows else ""


def rows(route: str, value: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The routes to the rows of a facts file, each with what such a row is called."""
    node = follow(schema, value)
    if is_row(node):
        yield route.lstrip("."), node["title"]
        return
    if "items" in node:
        yield from rows(f"{route}[]", node["items"], schema)
    if isinstance(entries := node.get("additionalProperties"), dict):
        yield from rows(f"{route}.NAME", entries, schema)
    for key, inner in node.get("properties", {}).items():
        yield from rows(f"{route}.{key}", inner, schema)


PAGES = {
    "commands.md": commands,
    "manifest.md": manifest,
    "policy.md": policy,
    "rules.md": rules,
    "facts.md": facts,
    "api.md": api_page,
}


def main(folder: Path) -> None:
    """Write all pages into the folder of the documentation, and remove those of rules that are no more."""
    pages = {folder / "reference" / name: make() for name, make in PAGES.items()}
    pages |= {folder / "rules" / name: text for name, text in rule_pages().items()}
    for path, text in pages.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    for path in (folder / "rules").glob("*.md"):
        if path not in pages and path.read_text("utf-8").startswith(MARK):
            path.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS)
