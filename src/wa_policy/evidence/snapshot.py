"""What proves a manifest, fetched from Meta: the WABA, its phone numbers, its message templates.

Each becomes the content of a file that holds the answers page by page, as they came, in an envelope that says when they were
fetched and from where. Links to further pages and everything that looks like an access token are taken out first.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from wa_policy.evidence.graph import ENVELOPE, LIMITS, VERSION, digest, read_answer
from wa_policy.evidence.graph_errors import RefusedError, SnapshotError, wants_less
from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from wa_policy.evidence.graph import Answer
    from wa_policy.evidence.graph_api import GraphApi

    Progress = Callable[[str, int, int | None], None]  # what is being fetched, how many there are, and of how many

BASE_URL = "https://graph.facebook.com"
API_VERSION = "v24.0"
"""The first version that knows the messaging limit of a portfolio."""
TIMEOUT = 30.0
"""Seconds that one answer may take."""
PAGE_SIZE = 100
"""How many nodes to ask for at once."""
MOST_PAGES = 2_000
"""How many pages a list may have."""
_SUMMARY = "total_count,message_template_count,message_template_limit"
_COUNTS = ("message_template_count", "message_template_limit")


class Part(NamedTuple):
    """A part of the evidence: its key in ``evidence.graph``, the edge of the WABA (empty: the node itself), and its fields.

    ``kind`` is that of its nodes, as :func:`.graph.read_answer` takes it. Without ``core`` fields the answer is worth nothing;
    ``delicate`` ones may want a permission more than the others.
    """

    key: str
    edge: str
    kind: str
    core: tuple[str, ...]
    fields: tuple[str, ...]
    delicate: tuple[str, ...] = ()
    summary: str = ""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.edge or self.key

    def of(self, waba_id: str) -> str:
        """What it is called with its owner."""
        return f"{self.edge} of WABA {waba_id}" if self.edge else f"WABA {waba_id}"

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.key}.json"


PARTS = (
    Part(
        "waba",
        "",
        "waba",
        core=("id",),
        fields=(
            "name",
            "status",
            "account_review_status",
            "business_verification_status",
            "ownership_type",
            "country",
            "currency",
            "timezone_id",
            "message_template_namespace",
            "whatsapp_business_manager_messaging_limit",
            "health_status",
            "disable_marketing_messages_on_cloud_api",
        ),
        delicate=("primary_funding_id", "owner_business_info"),
    ),
    Part(
        "phone_numbers",
        "phone_numbers",
        "phone-number",
        core=("id", "display_phone_number"),
        fields=(
            "verified_name",
            "name_status",
            "new_name_status",
            "code_verification_status",
            "status",
            "quality_rating",
            "quality_score",
            "account_mode",
            "platform_type",
            "throughput",
            "is_pin_enabled",
            "is_official_business_account",
            "whatsapp_business_manager_messaging_limit",
            "messaging_limit_tier",
        ),
    ),
    Part(
        "templates",
        "message_templates",
        "template",
        core=("id", "name", "language", "category", "status", "components"),
        fields=(
            "previous_category",
            "correct_category",
            "sub_category",
            "rejected_reason",
            "quality_score",
            "parameter_format",
            "message_send_ttl_seconds",
            "display_format",
            "cta_url_link_tracking_opted_out",
        ),
        summary=_SUMMARY,
    ),
)
"""All that is fetched, in order: all fields that rules read, as far as these nodes have them."""


class Snapshot(NamedTuple):
    """The files of a snapshot by name, and when the first answer was asked for (ISO 8601, UTC)."""

    files: Mapping[str, bytes]
    fetched_at: str


def fetch(api: GraphApi, waba_id: str, page_size: int = PAGE_SIZE, progress: Progress = lambda *_: None) -> Snapshot:
    """Fetch all parts. Raises SnapshotError, with what kept which part from being fetched; then there are no files."""
    fetched_at = datetime.fromtimestamp(api.now(), UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    answers: dict[str, list[Any]] = {}
    fields: dict[str, tuple[str, ...]] = {}
    for part in PARTS:
        question = _Question(api, part, waba_id, page_size)
        try:
            answers[part.key] = list(question.pages(progress))
        except SnapshotError as error:
            error.message = f"{part.of(waba_id)}: {error.message}"
            raise
        fields[part.key] = tuple(question.fields)
    _lift_counts(answers)
    files = {}
    for part in PARTS:
        about = {
            "version": VERSION,
            "fetched_at": fetched_at,
            "api_version": api.api_version,
            "waba_id": waba_id,
            "edge": part.name,
            "fields": fields[part.key],
            "pages": len(answers[part.key]),
            "sha256": digest(answers[part.key]),
        }
        files[part.file] = _checked({ENVELOPE: about, "answers": answers[part.key]}, part, waba_id)
    return Snapshot(files, fetched_at)


class _Question:
    """What is asked about one part; it asks for less where Meta refuses the whole."""

    def __init__(self, api: GraphApi, part: Part, waba_id: str, page_size: int) -> None:
        self.api = api
        self.part = part
        self.waba_id = waba_id
        self.fields = [*part.core, *part.fields, *part.delicate]
        self._limit = page_size
        self._summary = part.summary

    def pages(self, progress: Progress) -> Iterator[dict[str, Any]]:
        """All answers, cleaned; each page is asked for by the cursor that the last one gave, never by its link."""
        cursors = {""}
        after, count, total = "", 0, None
        while True:
            page = self._ask(after)
            after = self._next_cursor(page)
            page = _clean(page, self.api.hide)
            count += len(page["data"]) if self.part.edge else 1
            total = total or _total(page)
            progress(self.part.name, count, total)
            yield page
            if not after:
                break
            if after in cursors:
                raise SnapshotError(
                    "the list does not end: Meta leads back to a page that was there", "try again later"
                )
            if len(cursors) == MOST_PAGES:
                message = f"the list has more than {MOST_PAGES:,} pages"
                raise SnapshotError(message, "ask for larger ones with --page-size")
            cursors.add(after)
        if total is not None and count < total:
            self.api.tell(f"Meta counts {total} {self.part.name}, and lists {count}")

    def _ask(self, after: str) -> dict[str, Any]:
        path = f"{self.waba_id}/{self.part.edge}".rstrip("/")
        while True:
            parameters = {"fields": ",".join(self.fields)}
            if self.part.edge:
                parameters["limit"] = str(self._limit)
            if self._summary:
                parameters["summary"] = self._summary
            if after:
                parameters["after"] = after
            try:
                return self.api.ask(path, parameters)
            except RefusedError as error:
                refused = error
            if not self._ask_for_less(refused):
                raise refused

    def _ask_for_less(self, error: RefusedError) -> bool:
        """Leave out what Meta refuses, if it can be told; false where nothing can be left out."""
        unknown = re.search(r"nonexisting field \((\w+)\)(?: on node type \((\w+)\))?", error.said)
        if unknown:
            self._check_type(unknown[2])
            return self._leave_out([unknown[1]], f"{self.api.api_version} does not know it")
        deprecated = [name for name in self.fields if "_" in name and re.search(rf"\b{name}\b", error.said)]
        if error.code in (12, 100) and deprecated:
            return self._leave_out(deprecated, "Meta does not give it any longer")
        if error.lacks_permission:
            return self._leave_out(deprecated or self.part.delicate, "the token may not read it")
        if self._summary and "summary" in error.said:
            self._summary = ""
            return True
        if wants_less(error.said) and self._limit > 1:
            self._limit = max(1, self._limit // 4)
            return True
        return False

    def _check_type(self, node_type: str | None) -> None:
        """An id that leads to another kind of thing has none of the fields, and says so one by one. Raises SnapshotError."""
        name = (node_type or "").lower()
        if not self.part.edge and name and ("whatsapp" not in name or "phone" in name):
            message = f"this is the id of another kind of thing ({node_type}), not of a WABA"
            raise SnapshotError(message, "copy the id from WhatsApp Manager, where it stands with the account's name")

    def _leave_out(self, names: list[str] | tuple[str, ...], why: str) -> bool:
        left_out = [name for name in names if name in self.fields and name not in self.part.core]
        self.fields = [name for name in self.fields if name not in left_out]
        if left_out:
            self.api.tell(f"{self.part.name}: without {', '.join(left_out)}, since {why}")
        return bool(left_out)

    def _next_cursor(self, page: dict[str, Any]) -> str:
        """The cursor of the next page; an empty text if there is none. Raises SnapshotError for what is no page."""
        if not self.part.edge:
            return ""
        if not isinstance(page.get("data"), list):
            raise SnapshotError("Meta's answer is no list", "check --base-url, and try again later")
        paging = page.get("paging")
        if not isinstance(paging, dict) or not paging.get("next"):
            return ""
        cursors = paging.get("cursors")
        after = cursors.get("after") if isinstance(cursors, dict) else None
        if not isinstance(after, str) or not after:
            raise SnapshotError("Meta names a next page, and no cursor that leads there", "try again later")
        return after


def _clean(data: Any, hide: Callable[[str], str]) -> Any:
    """An answer without links to other pages, which carry the token, and without anything else that looks like one."""
    if isinstance(data, dict):
        kept = {hide(key): _clean(value, hide) for key, value in data.items() if key != "access_token"}
        if isinstance(kept.get("paging"), dict):
            kept["paging"] = {key: value for key, value in kept["paging"].items() if key not in ("next", "previous")}
        return kept
    if isinstance(data, list):
        return [_clean(item, hide) for item in data]
    return hide(data) if isinstance(data, str) else data


def _total(page: Mapping[str, Any]) -> int | None:
    summary = page.get("summary")
    total = summary.get("total_count") if isinstance(summary, dict) else None
    return total if isinstance(total, int) and total >= 0 else None


def _lift_counts(answers: Mapping[str, list[Any]]) -> None:
    """Put the counts of templates, which Meta gives with their list, where rules look for them: at the WABA."""
    for page in answers["templates"][:1]:
        summary = page.get("summary")
        for key in _COUNTS:
            if isinstance(summary, dict) and isinstance(summary.get(key), int):
                answers["waba"][0].setdefault(key, summary[key])


def _checked(content: Mapping[str, Any], part: Part, waba_id: str) -> bytes:
    """The bytes of a file. Raises SnapshotError for what lint would not take as evidence."""
    written = (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()
    if len(written) > LIMITS.bytes:
        raise SnapshotError(
            f"{part.name} have more than {LIMITS.bytes:,} bytes", "report this: nobody has seen so many"
        )
    answer = read_answer(written, part.file, part.kind)
    for trouble in answer.troubles:
        message = f"{part.of(waba_id)}: Meta's answer is not in the shape that rules know: {trouble.message}"
        raise SnapshotError(message, "ask with another --api-version; if that is no help, report this")
    if part.kind == "waba":
        _check_account(answer, waba_id)
    return written


def _check_account(answer: Answer, waba_id: str) -> None:
    """Raise SnapshotError for an answer that is not about the one account that was asked for."""
    asked = f"Meta was asked about WABA {waba_id}, and answers about"
    if len(answer.nodes) != 1:
        number = len(answer.nodes) or "no"
        raise SnapshotError(f"{asked} {number} accounts", "check --base-url, and try again later")
    if answer.nodes[0].data["id"] != waba_id:
        raise SnapshotError(f"{asked} another", "check --waba-id")
