"""A page for every rule, made of its docstring, and the index of these pages."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from scripts.pages import TITLES, anchor, page, table
from wa_policy.policy.facts import load as load_facts
from wa_policy.policy.facts import look_up
from wa_policy.policy.model import PACKS, Fact
from wa_policy.policy.resolve import resolve
from wa_policy.policy.texts import load_text
from wa_policy.rules.documentation import NOTHING, document
from wa_policy.rules.loading import load as load_rules
from wa_policy.rules.registry import Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wa_policy.policy.model import Ruling
    from wa_policy.rules.documentation import Documentation
    from wa_policy.rules.registry import Rule

SUBJECTS = {
    "SourceFile": "each file as text",
    "Workspace": "the manifest as a whole",
    "MoEngage": "the block `moengage`",
    "Bsp": "the block `bsp`",
    "Waba": "the block `waba`",
    "PhoneNumber": "each phone number, those that only evidence has included",
    "Template": "each template, those that only evidence has included",
    "OptIn": "the block `opt_in`",
    "Campaign": "each campaign",
    "Project": "all manifests of the run together",
    "Suppression": "each suppression, in comments of manifests and in the policy",
}

PARTICULARS = {
    "account_id": "BSP005",
    "allowlist_cap": "NET009",
    "allowlist_note": "NET008",
    "api_url": "BSP005",
    "callback_hosts": "BSP007",
    "number_fields": "BSP004",
    "remark": "BSP001",
    "temporary_tokens": "BSP008",
    "template_namespace": "WBA004",
    "user_names": "BSP004",
}
"""What only some providers have in policies/facts/providers.yaml, and the rule that it is about."""

GENERAL = {"credentials", "ip_allowlist", "name", "page", "sender_fields", "support"}
"""What providers have there in common."""

META_AS_PROVIDER = "Meta directly|Meta itself as the provider"
"""Meta's name is in nearly every rule; these words mean the provider."""

INDEX_INTRO = """\
Every rule has a page: what it looks at, why it matters, how to put it right, an example that is wrong and one that is not,
its settings, what it weighs, and its sources. [The table of weights](../reference/rules.md) shows all of them side by side;
`wa-policy explain CODE` prints a rule's documentation in a terminal.
"""

PROVIDERS_INTRO = """\
A provider's list has the rules that say something of this provider in particular, in their text or in the facts that they
stand on. Most of them look at other providers as well. Of a provider that is not listed no rule says anything particular.
"""


def rule_pages() -> dict[str, str]:
    """All pages of ``docs/rules/`` by the name of their file."""
    rules = load_rules(third_party=False).rules
    rulings = {pack: resolve(load_text(pack), rules).policy.rulings() for pack in PACKS}
    pages = {
        f"{code}.md": rule_page(rule, {pack: rulings[pack][code] for pack in PACKS}) for code, rule in rules.items()
    }
    return {"README.md": index(rules), **pages}


# One rule


def rule_page(rule: Rule, rulings: Mapping[str, Ruling]) -> str:
    """The page of a rule."""
    docs = document(rule)
    parts = [
        f"{prose(docs.headline)}\n",
        *(f"{prose(paragraph)}\n" for paragraph in [docs.details] if paragraph),
        f"* step: [{TITLES[rule.step]}](README.md#{anchor(TITLES[rule.step])})\n"
        f"* looks at: {SUBJECTS[rule.subject]}\n"
        f"* source: {rule.certainty} ([what that means](../explanation/facts-and-certainty.md))\n"
        f"* since: {docs.sections['Since']}\n",
        f"## Why it matters\n\n{prose(docs.sections['Why it matters'])}\n",
        f"## How to put it right\n\n{prose(docs.sections['How to put it right'])}\n",
        examples(docs),
        f"## Severities\n\n{severities(rulings)}",
        f"## Settings\n\n{settings(rule)}",
        f"## Sources\n\n{sources(docs.sections['Source'])}",
    ]
    return page(f"{rule.code} {rule.name}", f"the rule in plugins/{rule.plugin}.py and the bundled policies", *parts)


def prose(text: str) -> str:
    """A text whose angle brackets are shown, and are not taken for HTML."""
    return re.sub(r"`[^`]*`|<", lambda match: "\\<" if match[0] == "<" else match[0], text)


def examples(docs: Documentation) -> str:
    """What is wrong, and what is not."""
    bad, good = docs.example("Bad"), docs.example("Good")
    told = "Only what matters here is shown; the rest of the manifest is complete and right. Tests run both examples."
    if any(NOTHING in example for example in (bad, good)):
        told += f" `{NOTHING.strip(': ')}` stands for what a manifest leaves out."
    return f"## Bad\n\n{told}\n\n```yaml\n{bad}```\n\n## Good\n\n```yaml\n{good}```\n"


def severities(rulings: Mapping[str, Ruling]) -> str:
    """What the rule weighs under the bundled policies."""
    rows = [
        (f"`{pack}`", *(weight if weight != "off" else "not told" for weight in ruling[:3]))
        for pack, ruling in rulings.items()
    ]
    told = (
        "By [outcome](../explanation/three-outcomes.md); a rule need not use all three. A single case may weigh less than "
        "its rule, never more."
    )
    return f"{told}\n\n{table(('policy', '`fail`', '`unproven`', '`claimed`'), rows)}"


def settings(rule: Rule) -> str:
    """What a policy may change, and where its values come from."""
    if not rule.settings:
        return "None.\n"
    rows = [(f"`{name}`", *default(value)) for name, value in rule.settings.items()]
    told = (
        f"A [policy](../how-to/write-a-policy.md) may set them under `rules: {rule.code}: settings`, or put other facts in "
        "place of the bundled ones."
    )
    return f"{told}\n\n{table(('setting', 'default', 'from'), rows)}"


LONGEST_DEFAULT = 60


def default(value: Any) -> tuple[str, str]:
    """A setting's default, if it is short, and where it comes from."""
    if not isinstance(value, Fact):
        return f"`{json.dumps(value, ensure_ascii=False)}`", "the rule"
    name = value.file
    text = json.dumps(look_up(value.path, {name: load_facts(name)}), ensure_ascii=False)
    shown = f"`{text}`" if len(text) <= LONGEST_DEFAULT else f"`{value.path}`"
    return shown, f"the facts [{name}](../reference/facts.md#{anchor(name)})"


def sources(text: str) -> str:
    """Every source on a line of its own, with its date and certainty."""
    joined = re.sub(r":\n\s*(?=https://)", ": ", text)
    entries = re.split(r"\n\s*(?=https://)|;\s+(?![^()]*\))", joined)  # a semicolon in brackets parts nothing
    linked = (re.sub(r"https://[^\s,;)]+", r"<\g<0>>", " ".join(entry.split())) for entry in entries)
    return "".join(f"* {entry}\n" for entry in linked)


# The index


def index(rules: Mapping[str, Rule]) -> str:
    """The list of all pages, by step and by provider."""
    parts = [INDEX_INTRO, "## By step\n"]
    for step in Step:
        rows = [(link(rule), f"`{rule.name}`", document(rule).headline) for rule in rules.values() if rule.step is step]
        parts.append(f"### {TITLES[step]}\n\n{table(('code', 'name', 'finds'), rows)}")
    parts += ["## By provider\n", PROVIDERS_INTRO]
    entries = load_facts("providers").values
    by_provider = {name: [rule for rule in rules.values() if concerns(rule, name)] for name in entries}
    named = {rule.code for own in by_provider.values() for rule in own}
    lists = [
        (str(entries[name]["name"]), ", ".join(map(link, own)))
        for name, own in sorted(by_provider.items(), key=lambda item: str(entries[item[0]]["name"]).casefold())
        if own
    ]
    parts.append(table(("provider", "rules"), lists))
    general = ", ".join(link(rule) for rule in rules.values() if rule.code not in named)
    parts.append(f"### All providers\n\nThese rules name no provider in particular: {general}.\n")
    return page("Rules, one by one", "the rules and policies/facts/providers.yaml", *parts)


def link(rule: Rule) -> str:
    """A rule's code, as a link to its page."""
    return f"[`{rule.code}`]({rule.code}.md)"


def concerns(rule: Rule, provider: str) -> bool:
    """Whether a rule says something of this provider in particular."""
    entry = load_facts("providers").values[provider]
    particular = {code for key, code in PARTICULARS.items() if key in entry}
    if entry["support"] != "native":
        particular.add("BSP001")
    return rule.code in particular or is_named(provider, entry["name"], said(rule)) or stands_in_facts(provider, rule)


def said(rule: Rule) -> str:
    """A docstring without its good example, whose provider is any."""
    return rule.doc.partition("Good:\n")[0]


def is_named(provider: str, name: str, text: str) -> bool:
    """Whether a docstring names a provider, in its prose or in an example."""
    plain = name.partition(" (")[0]
    words = META_AS_PROVIDER if provider == "meta" else rf"(?<![\w./-]){re.escape(plain)}(?![\w-]| India)"
    return re.search(rf"{words}|^\s*provider: {re.escape(provider)}$", text, re.MULTILINE) is not None


def stands_in_facts(provider: str, rule: Rule) -> bool:
    """Whether the facts that a rule stands on name a provider; that of all providers names every one, and does not count."""
    paths = [value.path for value in rule.settings.values() if isinstance(value, Fact)]
    values = (look_up(path, {path.partition(".")[0]: load_facts(path.partition(".")[0])}) for path in paths)
    return any(provider in words(value) for path, value in zip(paths, values, strict=True) if path != "providers")


def words(value: Any) -> Iterator[str]:
    """All keys and texts in a value."""
    if isinstance(value, dict):
        yield from value
        for item in value.values():
            yield from words(item)
    elif isinstance(value, list):
        for item in value:
            yield from words(item)
    elif isinstance(value, str):
        yield value
