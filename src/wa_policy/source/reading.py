"""Read a file: bytes to documents, by the reader that its name asks for."""

from wa_policy.source.document import DEFAULT_LIMITS, Document, Limits, Reading, Source, Trouble
from wa_policy.source.spans import DocumentId, Span

JSON = ".json"
JSON_LINES = (".ndjson", ".jsonl")
"""How names of files end that hold JSON, in one document or one on each line."""


def is_json(path: str) -> bool:
    """Whether a file holds JSON, in one document or one on each line, by its name."""
    return path.lower().endswith((JSON, *JSON_LINES))


def read(content: bytes, path: str, limits: Limits = DEFAULT_LIMITS) -> Reading:
    """Read a file: JSON when its name ends in ``.json``, line by line in ``.ndjson`` and ``.jsonl``, YAML otherwise.

    Nothing raises, whatever the content: what is wrong with it is a :class:`Trouble`.
    """
    text, trouble = _decode(content, limits)
    source = Source(text)
    documents: list[Document] = []
    troubles: list[Trouble] = []
    if trouble is not None:
        troubles.append(trouble)
    elif path.lower().endswith(JSON):
        from wa_policy.source.json import read_json  # here: a run over YAML does not pay for JSON

        documents, troubles = read_json(source, path, limits)
    elif path.lower().endswith(JSON_LINES):
        from wa_policy.source.json import read_json_lines  # here: as above

        documents, troubles = read_json_lines(source, path, limits)
    else:
        documents, troubles = _read_yaml(content, source, path, limits)
    if not documents and not troubles:
        message, remedy = "the file holds no document", "Write the document, or remove the file"
        troubles.append(Trouble(message, remedy, Span(1, 1, 1, 1)))
    troubles.sort(key=lambda trouble: trouble.span)
    return Reading(path, source, tuple(documents), tuple(troubles))


def _read_yaml(content: bytes, source: Source, path: str, limits: Limits) -> tuple[list[Document], list[Trouble]]:
    from wa_policy.source.tidy import TidyNodes, read_tidy  # here: a run over JSON does not pay for YAML

    tidy = read_tidy(content, source.text, limits)
    if tidy is not None:
        return [Document(DocumentId(path, 0), tidy.data, TidyNodes(tidy, source, path, limits), source)], []
    from wa_policy.source.yaml import read_yaml  # here: most files are tidy

    return read_yaml(content, source, path, limits)


_UTF8_MARK = b"\xef\xbb\xbf"
_SHOWN_OF_HUGE = 1000


def _decode(content: bytes, limits: Limits) -> tuple[str, Trouble | None]:
    """Return the text, as well as it can be shown, and why it is not to be read."""
    if len(content) > limits.bytes:
        message = f"the file is longer than {limits.bytes:,} bytes, and no more are read"
        trouble = Trouble(message, "Split the file, or move data out of it", Span(1, 1, 1, 1))
        return content[:_SHOWN_OF_HUGE].decode("utf-8-sig", "replace"), trouble
    wide = _wide_encoding(content)
    if wide:
        message = f"the file is encoded as {wide.upper()}, not as UTF-8"
        trouble = Trouble(message, "Save the file with the encoding UTF-8", Span(1, 1, 1, 1))
        return content.decode(wide, "replace").removeprefix("\ufeff"), trouble
    body = content.removeprefix(_UTF8_MARK)
    try:
        return body.decode(), None
    except UnicodeDecodeError as error:
        at = len(body[: error.start].decode())
        text = body.decode("utf-8", "replace")
        if _is_surrogate(body[error.start : error.start + 3]):
            message = "half of a surrogate pair stands here, which is no character"
        else:
            byte = body[error.start : error.start + 1]
            message = f"the byte 0x{byte.hex().upper()} is not UTF-8"
            if error.reason != "unexpected end of data" and (other := byte.decode("cp1252", "ignore")):
                message += f' (in Windows-1252 it would be "{other}")'
        return text, Trouble(message, "Save the file with the encoding UTF-8", Source(text).span(at, at + 1))


def _is_surrogate(three: bytes) -> bool:
    """Whether three bytes are half of a surrogate pair; in Windows-1252 the first of them is an í, with others behind it."""
    return b"\xed\xa0\x80" <= three <= b"\xed\xbf\xbf" and three[2:] >= b"\x80"


def _wide_encoding(content: bytes) -> str:
    """Name the UTF-16 or UTF-32 encoding that a file shows by its mark, or by NUL bytes in every second place."""
    if content.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return "utf-32"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    zeros = [byte == 0 for byte in content[:4]]
    if zeros == [False, True, False, True]:
        return "utf-16-le"
    return "utf-16-be" if zeros == [True, False, True, False] else ""
