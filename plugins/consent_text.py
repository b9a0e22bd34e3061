"""Step 5 of the checklist: the words that people agree to name the business, the channel, and a way out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from wa_policy.api import (
    OptIn,
    Place,
    Problem,
    Problems,
    Rule,
    Step,
    Workspace,
    fact,
    fail,
    hookimpl,
    rule,
    rules_in,
    unproven,
)
from wa_policy.plugins._languages import base_language
from wa_policy.plugins._once import once


@rule("OPT007", "consent-text", step=Step.OPT_IN)
def consent_text(
    opt_in: OptIn,
    *,
    opt_out_words: Mapping[str, Sequence[str]] = fact("consent_text.opt_out_words"),
    channel_names: Sequence[str] = fact("consent_text.channel_names"),
    legal_forms: Sequence[str] = fact("consent_text.legal_forms"),
) -> Problems:
    """The words that people agree to do not name the business, the channel, or a way out.

    That the text says plainly what is agreed to cannot be seen by a machine in every language: read it yourself. The
    way out is looked for in the languages that the facts know (consent_text.opt_out_words). The business is named by
    the first word of its name or by most of its words: "retail" alone, of Acme Retail, is a warning.

    Why it matters:
        Meta asks that the opt-in name the business from which messages will come, and say that the person agrees to
        them; a consent that does not is none, and every message counts as unwanted. A way out keeps people from
        blocking and reporting the number instead. Since November 2024 WhatsApp need not be named; the older policy
        asked for it, and local law may.

    How to put it right:
        1. Write the text as one sentence: who sends (the name that people know), what, by which channel, and how to
           leave.
        2. Change it wherever it is shown: website, app, till, telephone script.
        3. Write it, word for word, under opt_in.consent.text.

    Bad:
        ```yaml
        opt_in:
          consent:
            text: Yes, send me offers and order updates on WhatsApp. Reply STOP to leave.
        ```

    Good:
        ```yaml
        opt_in:
          consent:
            text: Yes, Acme Retail may send me offers and order updates on WhatsApp. Reply STOP to leave.
        ```

    Source:
        https://developers.facebook.com/documentation/business-messaging/whatsapp/getting-opt-in (as of 2025-11, sure)
        https://www.whatsapp.com/legal/business-policy (as of 2022-10, sure)

    Since:
        0.1
    """
    text = opt_in.data.get("consent", {}).get("text")
    place = opt_in.at("consent", "text")
    if text is None:
        yield unproven("the words that people agree to are not given", at=place)
        return
    words = _words(_fold(text))
    spaced, squeezed = " ".join(words), "".join(words)
    yield from _names_business(opt_in.workspace, spaced, place, legal_forms)
    if not any(name in squeezed for name in _folded(channel_names)):
        yield fail(
            "the consent text does not mention WhatsApp: people may not know that they agreed to messages there",
            at=place,
            remedy="name WhatsApp in the text",
            at_most="warning",
        )
    ways_out = _ways_out(opt_out_words)
    if ways_out.isdisjoint(words) and not any(_has(spaced, phrase) for phrase in ways_out):
        yield _shows_no_way_out(opt_in, place, opt_out_words)


def _names_business(workspace: Workspace, text: str, place: Place, legal_forms: Sequence[str]) -> Iterator[Problem]:
    names = dict(_names(workspace))
    if not names:
        yield unproven(
            "the manifest gives no name of the business, so nothing shows that the consent text names it",
            at=workspace.at("metadata", "legal_entity"),
            also=[place._replace(label="the consent text")],
            remedy="write metadata.legal_entity, and waba.name as people know it",
        )
    elif not any(_is_named(text, name, legal_forms) for name in names):
        shown = " or ".join(f'"{name}"' for name in names)
        also = list(names.values())
        words = [word for name in names for word in _words(_fold(name), legal_forms)]
        if part := next((word for word in words if _stands_in(text, word)), ""):
            yield fail(
                f'the consent text has nothing of the name of the business ({shown}) but "{part}", which may mean others',
                at=place,
                also=also,
                remedy="write the name as people know it",
                at_most="warning",
            )
        elif any(_is_latin(text) == _is_latin(name) for name in names):
            yield fail(
                f"the consent text does not name the business ({shown}): nobody agreed to messages from it",
                at=place,
                also=also,
            )
        else:
            yield unproven(
                f"the consent text is in another script than {shown}, so nothing shows that it names the business",
                at=place,
                also=also,
                remedy="give the name in that script as waba.name, or the text in the script of the name",
                at_most="warning",
            )


def _names(workspace: Workspace) -> Iterator[tuple[str, Place]]:
    """The names that the manifest gives the business, and where."""
    label = "the business is called this here"
    if workspace.legal_entity:
        yield workspace.legal_entity, workspace.at("metadata", "legal_entity", label=label)
    if "name" in workspace.waba.data:
        yield workspace.waba.data["name"], workspace.waba.at("name", label=label)
    for number in workspace.phone_numbers:
        if "verified_name" in number.data:
            yield number.data["verified_name"], number.at("verified_name", label=label)


def _shows_no_way_out(opt_in: OptIn, place: Place, opt_out_words: Mapping[str, Sequence[str]]) -> Problem:
    languages = opt_in.data.get("consent", {}).get("collected_in", ())
    known = [base_language(code) in opt_out_words for code in languages]
    remedy = 'say in the text how to leave, such as "Reply STOP to leave"'
    if known and all(known):
        return fail("the consent text shows no way out", at=place, remedy=remedy, at_most="warning")
    return unproven(
        "no way out was recognised in the consent text, which may be in a language that the facts have no words for",
        at=place,
        also=[opt_in.at("consent", "collected_in", label="the languages in which it is shown")],
        remedy=remedy,
        at_most="info",
    )


def _fold(text: str) -> str:
    """Without case and accents, so that "Café" and "CAFE" are one."""
    if text.isascii():
        return text.casefold()
    from unicodedata import normalize

    return re.sub("[\u0300-\u036f]", "", normalize("NFKD", text)).casefold()


@once
def _folded(texts: Sequence[str]) -> frozenset[str]:
    return frozenset(_fold(text) for text in texts)


@once
def _ways_out(opt_out_words: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """The words with which people leave, in any language, as they stand in a text whose words are put together anew."""
    return frozenset(" ".join(_words(_fold(word))) for words in opt_out_words.values() for word in words)


def _words(folded: str, legal_forms: Sequence[str] = ()) -> list[str]:
    """The words of a folded text; of a name, those that tell it from another."""
    forms = _folded(legal_forms)
    if not folded.isascii():
        for form in sorted(forms):
            if not form.isascii():
                folded = folded.replace(form, " ")
    words = [word for word in re.split(r"[\s!-/:-@\[-`{-~\u2018-\u201f\u3000-\u3002]+", folded) if word]
    return [word for word in words if word not in forms] or words


def _is_named(text: str, name: str, legal_forms: Sequence[str]) -> bool:
    """Whether a text has a name, or what tells it from others: its first word, most of its words, or what is in brackets."""
    in_brackets = re.findall(r"\(([^()]*)\)", name)
    return any(
        _is_told_apart(text, words) for part in (name, *in_brackets) if (words := _words(_fold(part), legal_forms))
    )


def _is_told_apart(text: str, words: Sequence[str]) -> bool:
    """Whether a text has the first word, most of the words, or all of them however they are spaced (DMart, D Mart)."""
    found = sum(_stands_in(text, word) for word in words)
    return _stands_in(text, words[0]) or found * 2 > len(words) or _stands_in(text, "".join(words))


def _stands_in(text: str, word: str) -> bool:
    """Whether a text has a word, however it is spaced; short words turn up inside others by chance."""
    return word in text.replace(" ", "") if len(word) > 3 else _has(text, word)


def _has(text: str, phrase: str) -> bool:
    """Whether a text has a phrase: as whole words, except in scripts that may write without blanks."""
    if not phrase.isascii():
        return phrase in text
    return re.search(rf"(?<![a-z0-9]){re.escape(phrase)}(?![a-z0-9])", text) is not None


def _is_latin(text: str) -> bool:
    """Whether most letters of a text are Latin ones."""
    letters = [letter for letter in text if letter.isalpha()]
    return sum(letter < "\u0250" for letter in letters) * 2 > len(letters)


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
