"""Evidence held against a manifest: what it says of each part, what it has besides, and where the two disagree."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from wa_policy.evidence.references import KINDS
from wa_policy.findings import Place
from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wa_policy.evidence.graph import Answer, Node
    from wa_policy.evidence.references import Reference
    from wa_policy.source.spans import DocumentId, Route


class Overlay(NamedTuple):
    """What evidence says of a part of a manifest: its fields, and where they stand."""

    document: DocumentId
    route: Route
    data: Mapping[str, Any]


class Contradiction(NamedTuple):
    """A manifest and its evidence disagree."""

    what: str
    """Of what they speak, in words."""
    route: Route
    """Where the manifest speaks of it."""
    claimed: str
    """What the manifest says."""
    answered: str | None
    """What the evidence says; None where it knows nothing of the sort."""
    overlay: Overlay
    """Where the evidence says it."""


class Matched(NamedTuple):
    """Evidence by the part of the manifest that it is about."""

    waba: Overlay | None = None
    numbers: Mapping[int, Overlay] = {}
    """By the index in the manifest's list; so are templates."""
    templates: Mapping[int, Overlay] = {}
    other_numbers: Sequence[Overlay] = ()
    """Those that the manifest does not have; so with templates."""
    other_templates: Sequence[Overlay] = ()
    contradictions: Sequence[Contradiction] = ()


def check_identity(data: Mapping[str, Any], references: Sequence[Reference]) -> list[Reference]:
    """References with a trouble added to an answer about another WABA: whatever it says, it says of somebody else."""
    return [_about_this_waba(data["waba"]["id"], reference) for reference in references]


def _about_this_waba(waba_id: str, reference: Reference) -> Reference:
    answer = reference.answer
    if reference.trouble or answer is None:
        return reference
    from wa_policy.evidence.graph import ENVELOPE  # here: a run without answers does not pay for reading them

    again = f"fetch the answer for {waba_id}"
    if answer.waba_id not in (None, waba_id):
        place = Place(answer.document, (ENVELOPE, "waba_id"), "Meta was asked about this one")
        return reference._replace(trouble=f"it is about another WABA, {answer.waba_id}", remedy=again, place=place)
    if reference.route[-1] != "waba" or any(node.data["id"] == waba_id for node in answer.nodes):
        return reference
    if not answer.nodes:
        return reference._replace(trouble="it says nothing of any WABA", remedy="fetch it again")
    node = answer.nodes[0]
    place = Place(node.document, (*node.route, "id"), "Meta answered of this one")
    return reference._replace(trouble=f"it is about another WABA, {node.data['id']}", remedy=again, place=place)


def match_references(data: Mapping[str, Any], references: Sequence[Reference]) -> Matched:
    """Match the answers that references hold; one with a trouble proves nothing."""
    answers: dict[str, Answer] = {
        KINDS[str(reference.route[-1])]: reference.answer
        for reference in references
        if reference.answer is not None and not reference.trouble
    }
    return match(data, answers) if answers else Matched()


def match(data: Mapping[str, Any], answers: Mapping[str, Answer]) -> Matched:
    """Match answers by kind (``waba``, ``phone-number``, ``template``) with a manifest's data.

    A kind that is not among the answers was not asked for; an answer with no nodes was, and nothing is there.
    """
    listed, claimed = data["phone_numbers"], data.get("templates", ())
    accounts = _nodes(answers, "waba")
    waba = next((_overlay(node) for node in accounts if node.data.get("id") == data["waba"]["id"]), None)
    numbers, other_numbers = _pair(listed, _nodes(answers, "phone-number"), _number_key, _graph_number_key)
    templates, other_templates = _pair(claimed, _nodes(answers, "template"), template_key, template_key)
    contradictions = [
        *(_disagreements("the WABA", ("waba",), data["waba"], waba) if waba else ()),
        *_in_list("phone_numbers", "number", listed, numbers, answers.get("phone-number")),
        *_in_list("templates", "name", claimed, templates, answers.get("template")),
    ]
    return Matched(waba, numbers, templates, other_numbers, other_templates, contradictions)


def _nodes(answers: Mapping[str, Answer], kind: str) -> Sequence[Node]:
    return answers[kind].nodes if kind in answers else ()


def template_key(template: Mapping[str, Any]) -> str:
    """What tells a template from others of its WABA: name and language, the latter however it is written."""
    return f"{template.get('name')} {_fold_language(str(template.get('language')))}"


def _fold_language(language: str) -> str:
    return language.strip().replace("-", "_").casefold()


def _number_key(number: Mapping[str, Any]) -> str:
    return digits_of(number["number"])


def _graph_number_key(number: Mapping[str, Any]) -> str:
    return digits_of(number["display_phone_number"])


@lru_cache(maxsize=1024)  # campaigns name the same few numbers
def digits_of(text: str) -> str:
    """What tells a number from others: its digits, in whatever script, and whatever stands between them."""
    digits = "".join(filter(str.isdecimal, text))
    return digits if digits.isascii() else "".join(str(int(digit)) for digit in digits)


def _overlay(node: Node) -> Overlay:
    return Overlay(node.document, node.route, node.data)


def _pair(items: Any, nodes: Iterable[Node], key: Any, node_key: Any) -> tuple[dict[int, Overlay], list[Overlay]]:
    by_key: dict[str, list[int]] = {}
    for index, item in enumerate(items):
        by_key.setdefault(key(item), []).append(index)
    paired: dict[int, Overlay] = {}
    others = []
    for node in nodes:
        indexes = by_key.get(node_key(node.data))
        if indexes is None:
            others.append(_overlay(node))
        else:
            paired.update((index, _overlay(node)) for index in indexes)
    return paired, others


def _in_list(
    block: str, name: str, items: Any, paired: Mapping[int, Overlay], answer: Answer | None
) -> Iterator[Contradiction]:
    for index, item in enumerate(items):
        what = f'"{item[name]}"' + (f" ({item['language']})" if block == "templates" else "")
        if index in paired:
            yield from _disagreements(what, (block, index), item, paired[index])
        elif answer is not None:
            whole = Overlay(answer.document, (), {})
            yield Contradiction(what, (block, index, name), item[name], None, whole)


def _disagreements(what: str, route: Route, item: Mapping[str, Any], overlay: Overlay) -> Iterator[Contradiction]:
    """Plain values that differ, case aside; lists are not compared: how texts of a template differ is another rule's matter."""
    for key, claimed in item.items():
        answered = overlay.data.get(key)
        if isinstance(claimed, dict) and isinstance(answered, dict):
            inner = Overlay(overlay.document, (*overlay.route, key), answered)
            yield from _disagreements(f"{what}: {key}", (*route, key), claimed, inner)
        elif answered is None or isinstance(claimed, dict | list) or isinstance(answered, dict | list):
            continue
        elif _plain(key, claimed) != _plain(key, answered):
            yield Contradiction(f"{what}: {key}", (*route, key), _show(claimed), _show(answered), overlay)


def _plain(key: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return _fold_language(value) if key == "language" else value.casefold()


def _show(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
