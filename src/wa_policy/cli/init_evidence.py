"""What a folder of evidence says that a first manifest can begin with."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from wa_policy.cache.digests import content_of_file
from wa_policy.engine.session import UsageError
from wa_policy.evidence.match import digits_of
from wa_policy.manifest.first import Number
from wa_policy.manifest.first_answers import complaint, presentable
from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wa_policy.evidence.graph import Answer


class Found(NamedTuple):
    """What a folder of evidence says: the account, its numbers, the files by key, and when they were fetched."""

    waba_id: str = ""
    waba_name: str = ""
    numbers: Sequence[Number] = ()
    files: Mapping[str, str] = {}
    observed_at: str = ""


def read_evidence(folder: str) -> Found:
    """Read the answers that a folder holds. Raises UsageError for those that prove nothing."""
    from wa_policy.evidence.graph import oldest
    from wa_policy.evidence.snapshot import PARTS

    paths = {part: os.path.join(folder, part.file) for part in PARTS}
    answers = {part: _read(path, part.kind) for part, path in paths.items() if os.path.lexists(path)}
    if not answers:
        names = ", ".join(part.file for part in PARTS)
        raise UsageError(f"{folder}: there is none of {names} here; `wa-policy snapshot graph` writes them")
    nodes = {part.key: [node.data for node in answer.nodes] for part, answer in answers.items()}
    accounts = {answer.waba_id for answer in answers.values() if answer.waba_id} | {
        node["id"] for node in nodes.get("waba", ())
    }
    if len(accounts) > 1:
        raise UsageError(f"{folder}: the files are about different WABAs, {', '.join(sorted(accounts))}")
    for account in accounts:
        if reason := complaint("waba_id", account):
            raise UsageError(f"{folder}: {reason}")
    times = [answer.observed_at for answer in answers.values() if answer.observed_at]
    return Found(
        "".join(accounts),
        "".join(_presentable(node.get("name", "")) for node in nodes.get("waba", ())[:1]),
        _numbers(nodes.get("phone_numbers", ())),
        {part.key: paths[part] for part in answers},
        oldest(times) or "",
    )


def _read(path: str, kind: str) -> Answer:
    from wa_policy.evidence.graph import LIMITS, read_answer

    try:
        answer = read_answer(content_of_file(path, LIMITS.bytes), path, kind)
    except OSError as error:
        reason = error.strerror
    else:
        if not answer.troubles:
            return answer
        reason = f"{answer.troubles[0].message} ({answer.troubles[0].remedy})"
    raise UsageError(f"{path} cannot be used: {reason}")


def _numbers(nodes: Sequence[Mapping[str, str]]) -> list[Number]:
    """The numbers that can stand in a manifest, each once."""
    numbers: dict[str, Number] = {}
    for node in nodes:
        shown, identity = node["display_phone_number"], node.get("id", "")
        if not complaint("number", shown):
            known = identity if re.fullmatch("[0-9]+", identity) else ""
            numbers.setdefault(digits_of(shown), Number(shown, known, _presentable(node.get("verified_name", ""))))
    return list(numbers.values())


def _presentable(text: str) -> str:
    return text if presentable(text) else ""
