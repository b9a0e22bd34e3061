"""A look at the bytes of a file while its digest is taken: for what DuckDB reads in silence otherwise than it was meant.

DuckDB opens a quoted cell behind blanks as well, so that such a quote swallows the rows up to the next one; and it unpacks
gzip without a look at the checksum and the size behind it.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

from wa_policy.audit.errors import cannot_read
from wa_policy.audit.lines import blank_before_quote
from wa_policy.audit.model import CSV

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

    from wa_policy.audit.errors import AuditError
    from wa_policy.audit.model import InputFile

PIECE = 1 << 20
"""How many bytes are unpacked at once: a small file may hold as many as it likes."""

_GZIP = 16 + zlib.MAX_WBITS
"""What tells zlib that there is a header of gzip, and a checksum and a size at the end."""

_EDGE = 64
"""How many bytes of a piece are looked at once more with the next one; a longer run of blanks counts as the start of a cell."""


class Look:
    """A look at one file, from its first byte to its last."""

    def __init__(self, file: InputFile) -> None:
        self._file = file
        self._cells = _Cells(file) if file.format == CSV and file.quote else None
        self._packed = _Packed(file.path) if file.compressed else None

    def see(self, piece: bytes) -> None:
        """Look at the next bytes, as they lie there. Raises AuditError."""
        for unpacked in self._packed.unpack(piece) if self._packed else (piece,):
            if self._cells:
                self._cells.see(unpacked)

    def end(self, stop: threading.Event) -> None:
        """Say what the file cannot be used for, now that all of it was seen. Raises AuditError and OSError."""
        if self._packed:
            self._packed.end()
        if self._cells and self._cells.suspicious and (line := blank_before_quote(self._file, stop)):
            raise cannot_read(
                f"{self._file.path}:{line}: a blank stands before the quote of a cell; some readers take that for a quoted cell, "
                "and others do not",
                "export the file again without blanks before quotes",
            )


class _Cells:
    """Whether a blank may stand before the quote of a cell. Where a cell begins nobody can say without reading all before it."""

    def __init__(self, file: InputFile) -> None:
        self.suspicious = False
        quote, starts = file.quote.encode(), [(file.delimiter or ",").encode(), b"\n", b"\r"]
        self._plain = [start + b" " + quote for start in starts]
        self._shortest = b" " + quote
        self._longer = b"  " + quote
        any_start = b"|".join([rb"\A {%d}" % (_EDGE - 1), *map(re.escape, starts)])
        self._start = re.compile(rb"(?:%b) +%b" % (any_start, re.escape(quote)))
        self._edge = b"\n"

    def see(self, piece: bytes) -> None:
        """Look at the next bytes of the text."""
        if self.suspicious:
            return
        edge = self._edge + piece[:_EDGE]
        self.suspicious = self._is_in(edge) or self._is_in(piece)
        self._edge = (edge if len(piece) < _EDGE else piece)[-_EDGE:]

    def _is_in(self, text: bytes) -> bool:
        # plain searches are a hundred times as fast as the pattern, and one is enough for most files
        return self._shortest in text and (
            any(plain in text for plain in self._plain)
            or (self._longer in text and self._start.search(text) is not None)
        )


class _Packed:
    """What gzip has packed, in one member or several; zeros may fill up the end."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._member = zlib.decompressobj(_GZIP)
        self._begun = False

    def unpack(self, piece: bytes) -> Iterator[bytes]:
        """Yield what the next bytes hold, in pieces. Raises AuditError."""
        while piece:
            if self._member.eof:
                piece = piece.lstrip(b"\0")
                if not piece:
                    return
                self._member = zlib.decompressobj(_GZIP)
            self._begun = True
            try:
                unpacked = self._member.decompress(piece, PIECE)
            except zlib.error:
                unpacked = None
            if unpacked is None:
                raise self._damaged()
            yield unpacked
            piece = self._member.unused_data if self._member.eof else self._member.unconsumed_tail

    def end(self) -> None:
        """See that the last member is whole. Raises AuditError."""
        if self._begun and not self._member.eof:
            raise self._damaged()

    def _damaged(self) -> AuditError:
        return cannot_read(f"{self._path}: the compressed file is damaged", "fetch the file again, as a whole")
