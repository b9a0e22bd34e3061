"""Step 5 of the checklist: people agreed to be messaged, and MoEngage and the provider both know who did."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from wa_policy.api import (
    MoEngage,
    OptIn,
    Place,
    Problem,
    Problems,
    Rule,
    Share,
    Step,
    Workspace,
    claimed,
    did_you_mean,
    fact,
    fail,
    hookimpl,
    rule,
    rules_in,
    unproven,
)

Attribute = Mapping[str, str]
"""A user attribute: its ``key``, and the name under which MoEngage's dashboard shows it (``shown_as``)."""

_TO_HYPHENS = str.maketrans(" ._", "---")


@rule("OPT001", "wrong-attribute", step=Step.OPT_IN)
def wrong_attribute(
    moengage: MoEngage,
    *,
    opt_in_attribute: Attribute = fact("opt_in.opt_in_attribute"),
    mobile_number_attribute: Attribute = fact("opt_in.mobile_number_attribute"),
    other_channels: Mapping[str, str] = fact("opt_in.other_channels"),
) -> Problems:
    """The WhatsApp channel reads consent, or the number, from another attribute than MoEngage's standard one.

    Why it matters:
        MoEngage decides by the chosen attributes whom a campaign reaches and at which number. With a wrong one, people
        who agreed are not reached, or people who never did are messaged: STOP replies are still written to the standard
        attribute, which nobody reads then. Consent to SMS is not consent to WhatsApp.

    How to put it right:
        1. In MoEngage: Settings > Channels > WhatsApp > General.
        2. For the number choose "Mobile Number (Standard)", for the opt-in "WhatsApp Subscription Status".
        3. Write their keys, u_mb and moe_wa_subscription, under moengage.attributes.

    Bad:
        ```yaml
        moengage:
          attributes:
            opt_in: moe_sms_subscription
        ```

    Good:
        ```yaml
        moengage:
          attributes:
            mobile_number: u_mb
            opt_in: moe_wa_subscription
        ```

    Source:
        https://www.moengage.com/docs/user-guide/campaigns-and-channels/whatsapp/getting-started-with-whatsapp/configure-whatsapp
        (as of 2026-11, sure)
        https://www.moengage.com/docs/api/data/data-overview (as of 2026-11, sure)
        https://help.moengage.com/hc/en-us/articles/7252470147092-Subscription-Management-and-Keywords
            (as of 2026-11, sure)

    Since:
        0.1
    """
    attributes = moengage.data.get("attributes")
    if not attributes:
        yield unproven(
            "nothing says from which attributes MoEngage takes consent and the number for WhatsApp",
            at=moengage.at("attributes"),
        )
        return
    chosen = (
        ("opt_in", attributes.get("opt_in"), opt_in_attribute, "consent"),
        ("mobile_number", attributes.get("mobile_number"), mobile_number_attribute, "the number"),
    )
    for key, value, standard, purpose in chosen:
        place = moengage.at("attributes", key)
        remedy = (
            f'in MoEngage, choose "{standard["shown_as"]}" ({standard["key"]}) under Settings > Channels > WhatsApp'
        )
        if value is None:
            yield unproven(
                f"nothing says from which attribute MoEngage takes {purpose} for WhatsApp", at=place, remedy=remedy
            )
        elif value == standard["shown_as"]:
            yield fail(
                f'"{value}" is the name that MoEngage shows; the attribute itself is {standard["key"]}',
                at=place,
                remedy=f"write {standard['key']}",
                at_most="warning",
            )
        elif value in other_channels:
            yield fail(
                f'"{value}" is an attribute of the {other_channels[value]} channel; WhatsApp takes {purpose} '
                f"from {standard['key']}",
                at=place,
                remedy=remedy,
            )
        elif value != standard["key"]:
            yield fail(
                f'"{value}" is not the attribute from which WhatsApp takes {purpose}'
                f"{did_you_mean(value, [standard['key']]) or '; that is ' + standard['key']}",
                at=place,
                remedy=remedy,
            )


@rule("OPT002", "low-coverage", step=Step.OPT_IN)
def low_coverage(opt_in: OptIn, *, minimum_true_share: Share = 0.6) -> Problems:
    """Too few users have said yes, or nothing shows how many have.

    Why it matters:
        Where few users have agreed, campaigns either reach few people or, with a wrong segment, people who never
        agreed. Those block and report the number: its quality rating falls, and with it the number of people it may
        message a day.

    How to put it right:
        1. Export the users from MoEngage with the WhatsApp Subscription Status, count them by status, and write the
           counts as an opt-in audit (`wa-policy schema evidence-opt-in-audit` prints its shape).
        2. Name the file under opt_in.audit.
        3. If the share is too low: collect consent on the website, at the till, in the app or by SMS, and update
           MoEngage and the provider. If your share is meant to be lower, let your policy say so (minimum_true_share).

    Bad:
        ```yaml
        opt_in:
          audit: null
        ```

    Good:
        ```yaml
        opt_in:
          audit: evidence/opt-in-audit.json
        ```

    Source:
        https://help.moengage.com/hc/en-us/articles/4411171362452-Prerequisites (as of 2026-11, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/getting-opt-in (as of 2025-11, sure)

    Since:
        0.1
    """
    audit = opt_in.audit
    place = opt_in.at("audit")
    if audit is None:
        yield unproven("no audit shows how many users have opted in", at=place)
        return
    users = audit["users"]
    if users["total"] == 0:
        yield unproven("the audit counted no users at all", at=place, remedy="run it again over a complete export")
    elif (share := users["true"] / users["total"]) < minimum_true_share:
        yield fail(
            f"{users['true']:,} of {users['total']:,} users have opted in ({share:.1%}); "
            f"the policy asks for {minimum_true_share * 100:g}%",
            at=place,
            remedy="collect consent from more users before the first campaign, and update MoEngage and the provider",
        )


@rule("OPT003", "unsynced-side", step=Step.OPT_IN)
def unsynced_side(
    opt_in: OptIn,
    *,
    providers: Mapping[str, Mapping[str, Any]] = fact("providers"),
    providers_without_list: Sequence[str] = fact("opt_in.providers_without_list"),
) -> Problems:
    """The opt-in status is not kept up to date in both places, MoEngage and the provider.

    Why it matters:
        MoEngage's prerequisites ask for both. Many providers keep a list of their own and refuse a number that is not
        on it: "Mobile number is not Opted In". And whoever left at one side is still messaged if the other does not
        hear of it. With Meta itself as the provider there is no second list.

    How to put it right:
        1. In MoEngage: update WhatsApp Subscription Status by Segment > Import Users, or by the user update API.
        2. At the BSP: update its opt-in list, by its dashboard or its opt-in API, with the same people at the same
           time.
        3. Write both under opt_in.synced_to once a job, and not a person, keeps them so.

    Bad:
        ```yaml
        opt_in:
          synced_to: [moengage]
        ```

    Good:
        ```yaml
        opt_in:
          synced_to: [moengage, bsp]
        ```

    Source:
        https://help.moengage.com/hc/en-us/articles/4411171362452-Prerequisites (as of 2026-11, sure)
        https://www.moengage.com/docs/user-guide/campaigns-and-channels/whatsapp/troubleshooting-and-faqs-whatsapp/common-errors-in-whatsapp-campaigns
        (as of 2026-11, sure)

    Since:
        0.1
    """
    synced = opt_in.data.get("synced_to")
    place = opt_in.at("synced_to")
    slug = opt_in.workspace.bsp.data["provider"].casefold().translate(_TO_HYPHENS)
    name = providers.get(slug, {}).get("name", slug)
    if synced is None:
        yield unproven(
            "nothing says that the opt-in status is kept up to date in MoEngage and at the provider", at=place
        )
        return
    if "moengage" not in synced:
        yield fail("the opt-in status is not kept up to date in MoEngage: campaigns do not know who agreed", at=place)
    needs_bsp = slug not in providers_without_list
    if needs_bsp and "bsp" not in synced:
        yield fail(
            f"the opt-in status is not kept up to date at {name}: "
            "it may refuse those who agreed, and message those who left",
            at=place,
            also=[opt_in.workspace.bsp.at("provider", label="this is the provider")],
        )
    if "moengage" in synced and ("bsp" in synced or not needs_bsp):
        yield from claimed(opt_in, "synced_to", by="an audit of MoEngage's users against the provider's list")


@rule("OPT006", "blank-users-messaged", step=Step.OPT_IN)
def blank_users_messaged(opt_in: OptIn, *, maximum_blank_share: Share = 0.0) -> Problems:
    """Campaigns reach users of whom nobody knows whether they agreed, or nothing says that they do not.

    MoEngage's own pages disagree. By the prerequisites, a message goes to everybody except those who opted out, and so
    to users whose status is blank; by the page on reachability, only those with TRUE are reachable. So the manifest
    must say what campaigns do, and `suppress` is only true if every segment asks for TRUE; its word is taken for it. An
    audit that shows no more blank users than the policy takes (maximum_blank_share) makes `send` a warning.

    Why it matters:
        WhatsApp takes messages only to people who agreed to get them from this business. Messages to the others are
        reported and blocked; the number's quality falls, and Meta may restrict the account.

    How to put it right:
        1. In MoEngage: add "WhatsApp Subscription Status is TRUE" to the segment of every campaign.
        2. Leave "Send campaign to the users ignoring Opt-in preference" off.
        3. Write blank_users: suppress.

    Bad:
        ```yaml
        opt_in:
          blank_users: send
        ```

    Good:
        ```yaml
        opt_in:
          blank_users: suppress
        ```

    Source:
        https://help.moengage.com/hc/en-us/articles/4411171362452-Prerequisites (as of 2026-11, sure)
        https://www.moengage.com/docs/user-guide/segment/reachability/whatsapp-reachability (as of 2026-11, sure)
        https://developers.facebook.com/documentation/business-messaging/whatsapp/getting-opt-in (as of 2025-11, sure)

    Since:
        0.1
    """
    practice = opt_in.data.get("blank_users")
    place = opt_in.at("blank_users")
    if practice is None:
        yield unproven(
            "nothing says whether campaigns reach users whose status is blank; by one page of MoEngage's everybody "
            "receives who did not opt out, by another only those with TRUE",
            at=place,
        )
    elif practice == "send":
        users = (opt_in.audit or {}).get("users", {"total": 0})
        if users["total"] == 0:
            yield fail(
                "campaigns are sent to users whose status is blank, and no audit shows how many they are", at=place
            )
        else:
            few = users["blank"] / users["total"] <= maximum_blank_share
            yield fail(
                f"campaigns are sent to users whose status is blank: {users['blank']:,} of {users['total']:,} users",
                at=place,
                also=[opt_in.at("audit", label="counted here")],
                at_most="warning" if few else "error",
            )


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
    way out is looked for in the languages that the facts know (consent_text.opt_out_words).

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
    if not any(_fold(name) in squeezed for name in channel_names):
        yield fail(
            "the consent text does not mention WhatsApp: people may not know that they agreed to messages there",
            at=place,
            remedy="name WhatsApp in the text",
            at_most="warning",
        )
    if not any(_has(spaced, " ".join(_words(_fold(word)))) for known in opt_out_words.values() for word in known):
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
    elif not any(_is_named(text, _words(_fold(name), legal_forms)) for name in names):
        shown = " or ".join(f'"{name}"' for name in names)
        also = list(names.values())
        if any(_is_latin(text) == _is_latin(name) for name in names):
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


def _fold(text: str) -> str:
    """Without case and accents, so that "Café" and "CAFE" are one."""
    if text.isascii():
        return text.casefold()
    from unicodedata import normalize

    return re.sub("[\u0300-\u036f]", "", normalize("NFKD", text)).casefold()


@lru_cache(maxsize=4)
def _folded(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(_fold(text) for text in texts)


def _words(folded: str, legal_forms: Iterable[str] = ()) -> list[str]:
    """The words of a folded text; of a name, those that tell it from another."""
    forms = _folded(tuple(legal_forms))
    if not folded.isascii():
        for form in sorted(forms):
            if not form.isascii():
                folded = folded.replace(form, " ")
    words = [word for word in re.split(r"[\s!-/:-@\[-`{-~\u2018-\u201f\u3000-\u3002]+", folded) if word]
    return [word for word in words if word not in forms] or words


def _is_named(text: str, name: list[str]) -> bool:
    """Whether a text has a word of a name, or all of it, however it is spaced (DMart, D Mart)."""
    squeezed = text.replace(" ", "")
    # Short words turn up inside others by chance.
    return any(word in squeezed if len(word) > 3 else _has(text, word) for word in (*name, "".join(name)))


def _has(text: str, phrase: str) -> bool:
    """Whether a text has a phrase: as whole words, except in scripts that may write without blanks."""
    if not phrase.isascii():
        return phrase in text
    return re.search(rf"(?<![a-z0-9]){re.escape(phrase)}(?![a-z0-9])", text) is not None


def _is_latin(text: str) -> bool:
    """Whether most letters of a text are Latin ones."""
    letters = [letter for letter in text if letter.isalpha()]
    return sum(letter < "\u0250" for letter in letters) * 2 > len(letters)


def _shows_no_way_out(opt_in: OptIn, place: Place, opt_out_words: Mapping[str, Sequence[str]]) -> Problem:
    languages = opt_in.data.get("consent", {}).get("collected_in", ())
    known = [re.split("[_-]", code.casefold())[0] in opt_out_words for code in languages]
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


@rule("OPT008", "no-way-back", step=Step.OPT_IN)
def no_way_back(
    opt_in: OptIn,
    *,
    keywords_without_effect: Sequence[str] = fact("opt_in.keywords_without_effect"),
) -> Problems:
    """Nothing lets people who left agree again.

    Why it matters:
        A reply of STOP sets the WhatsApp Subscription Status to FALSE, but a reply of START does not set it to TRUE
        again, as it does for SMS: only the API or a file import can. Without another way, everybody who leaves once is
        lost for good, and those who write START believe that they are back.

    How to put it right:
        1. Offer a form, a switch in the app or a bot's answer that calls MoEngage's user update API with
           moe_wa_subscription: true, and updates the provider.
        2. Write its address, or a description, under opt_in.resubscribe_path.

    Bad:
        ```yaml
        opt_in:
          resubscribe_path: null
        ```

    Good:
        ```yaml
        opt_in:
          resubscribe_path: https://acme.example/whatsapp
        ```

    Source:
        https://www.moengage.com/docs/user-guide/segment/reachability/whatsapp-reachability (as of 2026-11, sure)

    Since:
        0.1
    """
    path = opt_in.data.get("resubscribe_path")
    place = opt_in.at("resubscribe_path")
    if path is None:
        yield unproven("nothing says how people who left can agree again; on WhatsApp, START does not do it", at=place)
    elif found := [word for word in re.findall(r"[A-Z]+", path) if word in keywords_without_effect]:
        yield fail(f"a reply of {found[0]} does not bring anybody back on WhatsApp: the status stays FALSE", at=place)


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
