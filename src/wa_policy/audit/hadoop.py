"""The files that Spark reads through Hadoop's file systems: s3a, gs, abfss, hdfs, webhdfs, file and more. A storage, as
wa_policy.audit.storage describes it.

Listing, the first bytes and the digests go through Spark's driver, in its Java machine; what gives access is Spark's
configuration, and nothing of it is seen here. Of Java's errors the kind is told, never the text, which may hold anything.
"""

from __future__ import annotations

import io
import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from wa_policy.audit import local
from wa_policy.audit.digests import Digest
from wa_policy.audit.errors import wrong_use
from wa_policy.audit.hadoop_errors import errors, is_missing, told
from wa_policy.audit.storage import State, refuse_secrets, scheme

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from typing import BinaryIO

    from pyspark.sql import SparkSession

    from wa_policy.audit.storage import See, Storage, Where

_PIECE = 8 << 20
"""How many bytes Java digests at once; in between it is asked whether to stop."""
_BUFFER = 128 << 10
_START = re.compile(r"[^:/]+:(?://[^/]*)?")  # of an address: what stands before its path
_PATTERN = re.compile(r"[{}\[\]*?\\]")


def where_spark_reads(session: SparkSession) -> Where:
    """Paths are this machine's, addresses are Hadoop's."""
    hadoop = Hadoop(session) if hasattr(session, "_jsc") else None

    def where(path: str) -> Storage:
        if not scheme(path):
            return local
        refuse_secrets(path)
        if scheme(path) in ("http", "https"):
            message = f"{path}: Spark lists no files on the web, and cannot tell how large they are"
            raise wrong_use(message, "download it first, or name the bucket's own address, such as s3a://")
        if hadoop is None:
            message = f"{path}: Spark Connect (sc://) shows neither the header nor the digest of a file"
            raise wrong_use(message, "name Spark's own master with --master, such as spark://HOST:7077 or yarn")
        return hadoop

    return where


class Hadoop:
    """A storage: Hadoop's file systems, as a session of Spark is configured for them."""

    def __init__(self, session: SparkSession) -> None:
        given: Any = session
        jvm = given._jvm  # noqa: SLF001  # PySpark has no other door to Hadoop
        self._settings = given._jsc.hadoopConfiguration()  # noqa: SLF001  # as above
        # each name of a class is looked up by a call of Java
        self._new_path = jvm.org.apache.hadoop.fs.Path
        self._versions = jvm.org.apache.hadoop.util.VersionInfo
        self._copy = jvm.org.apache.commons.io.IOUtils.copyLarge
        self._new_digest = jvm.java.security.MessageDigest.getInstance
        self._into_digest = jvm.java.security.DigestOutputStream
        self._nowhere = jvm.java.io.OutputStream.nullOutputStream()

    def find(self, word: str) -> list[tuple[str, State]]:
        """The files that a word names: itself, the files below it, or those that fit it as a pattern. Raises AuditError."""
        with self._telling(word):
            status = self._status(word)
            if status is not None and not status.isDirectory():
                return [(word, _state(status))]
            found = list(self._matching(word) if status is None else self._below(status))
        if not found and status is None and not _PATTERN.search(word):
            raise wrong_use(f"{word}: there is no such file", _mend(word))
        if not found:
            what = "no file fits this pattern" if status is None else "the folder holds no file"
            raise wrong_use(f"{word}: {what}", "mend the path, or name the files one by one")
        start = _START.match(word)
        return [(f"{start[0] if start else ''}{_path(each)}", _state(each)) for each in found]

    def state(self, path: str) -> State:
        """What a file is now. Raises AuditError."""
        with self._telling(path):
            files, place = self._place(path)
            return _state(files.getFileStatus(place))

    def open_file(self, path: str) -> BinaryIO:
        """The bytes of a file, read as they are asked for. Raises AuditError, also while they are read."""
        with self._telling(path):
            files, place = self._place(path)
            return io.BufferedReader(_Stream(files.open(place), lambda: self._telling(path)), _BUFFER)

    def digest(self, path: str, stop: threading.Event, _see: See | None = None, /) -> Digest | None:
        """The digest of a file, taken by Java, so that no byte of it comes here; None if it was to stop. Raises AuditError."""
        with self._telling(path):
            made = self._new_digest("SHA-256")
            into = self._into_digest(self._nowhere, made)
            files, place = self._place(path)
            stream = files.open(place)
            try:
                size = 0
                while not stop.is_set():
                    size += (piece := self._copy(stream, into, 0, _PIECE))
                    if piece < _PIECE:
                        return Digest(bytes(made.digest()).hex(), size)
            finally:
                stream.close()
        return None

    def qualified(self, path: str) -> str:
        """An address in full, with the host that Spark's configuration has for it. Raises AuditError."""
        with self._telling(path):
            files, place = self._place(path)
            return str(files.makeQualified(place).toString())

    def version(self) -> str:
        """Hadoop's version, which packages for further addresses must have as well."""
        return str(self._versions.getVersion())

    @contextmanager
    def _telling(self, path: str) -> Iterator[None]:
        try:
            yield
        except errors() as error:
            trouble = told(path, error, self.version)
        else:
            return
        raise trouble

    def _place(self, word: str) -> tuple[Any, Any]:
        place = self._new_path(word)
        return place.getFileSystem(self._settings), place

    def _status(self, word: str) -> Any:
        """That of the file or folder of this very name, also if it looks like a pattern; None if there is none."""
        files, place = self._place(word)
        try:
            return files.getFileStatus(place)
        except errors() as error:
            if is_missing(error):
                return None
            raise

    def _matching(self, word: str) -> Iterator[Any]:
        files, place = self._place(word)
        for status in sorted(files.globStatus(place) or (), key=_path):
            if local.is_data(status.getPath().getName()):
                yield from self._below(status) if status.isDirectory() else (status,)

    def _below(self, folder: Any) -> Iterator[Any]:
        """The files below a folder; hidden ones are no data."""
        files = folder.getPath().getFileSystem(self._settings)
        inside = [each for each in files.listStatus(folder.getPath()) if local.is_data(each.getPath().getName())]
        for status in sorted(inside, key=lambda each: (each.isDirectory(), _path(each))):
            yield from self._below(status) if status.isDirectory() else (status,)


class _Stream(io.RawIOBase):
    """A stream of Java's as one of Python's."""

    def __init__(self, stream: Any, telling: Callable[[], AbstractContextManager[None]]) -> None:
        self._stream, self._telling = stream, telling

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with self._telling():
            piece = bytes(self._stream.readNBytes(len(buffer)))
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            super().close()
            with suppress(*errors()):  # all that was wanted is read, or something else is told
                self._stream.close()


def _path(status: Any) -> str:
    return str(status.getPath().toUri().getPath())


def _state(status: Any) -> State:
    path = status.getPath()
    identity: tuple[object, ...] = (str(path.toString()),)
    if path.toUri().getScheme() == "file":  # links lead to the same file, and so do paths without a scheme
        with suppress(OSError):  # the driver runs elsewhere
            identity = local.state(_path(status)).identity
    return State(identity, status.getLen(), status.getModificationTime())


def _mend(word: str) -> str:
    if unquote(word) != word:
        return "mend the path; names are written as they are: a blank as a blank, not as %20"
    return "mend the path"
