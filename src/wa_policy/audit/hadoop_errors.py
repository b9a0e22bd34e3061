"""What Java says when Hadoop or Spark cannot read a file, in our words.

It is told by the kinds of the errors, from the outermost to their cause. Their texts are not repeated: they quote requests, and
sometimes rows.
"""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

from wa_policy import WRONG_USE
from wa_policy.audit.errors import AuditError, AuditTrouble
from wa_policy.audit.storage import scheme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MISSING = frozenset(
    {
        "FAILED_READ_FILE.FILE_NOT_EXIST",
        "FileNotFoundException",
        "NoSuchFileException",
        "PATH_NOT_FOUND",
        "PathNotFoundException",
        "UnknownStoreException",
    }
)

_CONFIGURATION = "Spark's configuration (spark-defaults.conf in the folder that SPARK_CONF_DIR names)"

_KINDS: tuple[tuple[frozenset[str], str, str], ...] = (
    (_MISSING, "there is no such file", "mend the path"),
    (
        frozenset(
            {
                "AccessControlException",
                "AccessDeniedException",
                "AuthenticationException",
                "AuthorizationException",
                "CredentialInitializationException",
                "GSSException",
                "InvalidToken",
                "KerberosAuthException",
                "LoginException",
                "NoAuthWithAWSException",
                "SaslException",
            }
        ),
        "access to it is denied",
        f"give Spark the right to read it: its credentials stand in {_CONFIGURATION}",
    ),
    (
        frozenset(
            {
                "ConnectException",
                "ConnectTimeoutException",
                "NoRouteToHostException",
                "PortUnreachableException",
                "SocketTimeoutException",
                "UnknownHostException",
            }
        ),
        "its server does not answer",
        "see that the host and the port are right, and that this machine reaches them",
    ),
    (
        frozenset({"ChecksumException"}),
        "it is not what its checksum (.crc) says",
        "copy the file anew, or remove the .crc file that is left of an older one",
    ),
    (
        frozenset({"EOFException", "ConnectionClosedException", "SocketException", "TruncatedChunkException"}),
        "it breaks off in the middle",
        "try again; if it stays, copy or export the file anew, as a whole",
    ),
    (
        frozenset({"NoClassDefFoundError", "NoSuchMethodError"}),
        "the package that reads such an address does not fit Spark's version of Hadoop",
        "name the package of this very version under spark.jars.packages in spark-defaults.conf",
    ),
    (
        frozenset({"URISyntaxException"}),
        "there is a colon in the name of a file, and Hadoop does not read such files",
        "rename the file",
    ),
    (
        frozenset({"COLUMN_ALREADY_EXISTS"}),
        "two of its columns differ in case alone, and Spark does not tell them apart",
        "rename one of them, or set spark.sql.caseSensitive to true in spark-defaults.conf",
    ),
    (
        frozenset({"FAILED_READ_FILE.CANNOT_READ_FILE_FOOTER"}),
        "the Parquet file is damaged, or has no end",
        "export it again",
    ),
)
"""What is told of which kinds, and of which conditions of Spark's; the first that fits counts."""

_NOT_INSTALLED = frozenset({"ClassNotFoundException", "UnsupportedFileSystemException"})

_PACKAGES = {
    "s3a": "org.apache.hadoop:hadoop-aws:{hadoop}",
    "abfs": "org.apache.hadoop:hadoop-azure:{hadoop}",
    "abfss": "org.apache.hadoop:hadoop-azure:{hadoop}",
    "wasb": "org.apache.hadoop:hadoop-azure:{hadoop}",
    "wasbs": "org.apache.hadoop:hadoop-azure:{hadoop}",
    "gs": "com.google.cloud.bigdataoss:gcs-connector, as its own pages say",
}
"""The package that reads addresses of a scheme."""

_INSTEAD = {
    "s3": "write it as s3a://, which Spark reads (s3:// is known to Amazon EMR alone)",
    "s3n": "write it as s3a://, which Spark reads",
    "dbfs": "run this on Databricks, which alone knows dbfs:, or name the bucket's own address",
}


def errors() -> tuple[type[Exception], ...]:
    """What calls of Java raise. Spark has to be installed."""
    from pyspark.errors import PySparkException

    return _of_java(), PySparkException


def _of_java() -> type[Exception]:
    found: type[Exception] = import_module("py4j.protocol").Py4JError  # which has no types
    return found


def is_missing(error: Exception) -> bool:
    """Whether it says that a file, a folder or a bucket is not there."""
    return not _MISSING.isdisjoint([*kinds(error), *_conditions(error)])


def kinds(error: Exception) -> list[str]:
    """The names of the classes of Java's errors, without their packages; the last one is the cause of all."""
    return [java.getClass().getSimpleName() for java in _chain(error)]


def _chain(error: Exception) -> list[Any]:
    """Java's errors, from the outermost to their cause; none where Java itself no longer answers."""
    java = getattr(error, "java_exception", None) or getattr(error, "_origin", None)
    found: list[Any] = []
    try:
        while java is not None:
            found.append(java)
            java = java.getCause()
    except _of_java():
        return []
    return found


def told(path: str, error: Exception, hadoop: Callable[[], str]) -> AuditError:
    """Why a file is not read, and what to do about it; ``hadoop`` tells the version of Hadoop that Spark brings."""
    found = kinds(error)
    conditions = _conditions(error)
    if not _NOT_INSTALLED.isdisjoint(found):
        return AuditError(_not_installed(path, hadoop))
    for some, what, remedy in _KINDS:
        if not some.isdisjoint([*found, *conditions]):
            return AuditError(AuditTrouble(f"{path}: {what}", remedy))
    kind = found[-1] if found else type(error).__name__
    remedy = f"see that the address is right, and that {_CONFIGURATION} gives access to it"
    return AuditError(AuditTrouble(f"{path}: Spark cannot read it: {kind}", remedy))


def _not_installed(path: str, hadoop: Callable[[], str]) -> AuditTrouble:
    kind = scheme(path)
    if kind in _INSTEAD:
        remedy = _INSTEAD[kind]
    elif kind in _PACKAGES:
        package = _PACKAGES[kind].format(hadoop=hadoop())
        remedy = f"name the package under spark.jars.packages in spark-defaults.conf: {package}"
    else:
        remedy = "mend the address, or name the package that reads it under spark.jars.packages in spark-defaults.conf"
    return AuditTrouble(f"{path}: this Spark does not read {kind}: addresses", remedy, WRONG_USE)


def file_of(error: Exception) -> str:
    """The address of the file at which Spark failed, as Spark writes it; "" where it does not say."""
    found = _asked(error, lambda java: java.getMessageParameters().get("path"))
    return str(next(filter(None, found), ""))


def _conditions(error: Exception) -> list[str]:
    """Spark's own names for what is wrong, such as ``PATH_NOT_FOUND``."""
    return [str(found) for found in _asked(error, lambda java: java.getCondition()) if found]


def _asked(error: Exception, question: Callable[[Any], Any]) -> Iterator[Any]:
    """The answers of those of Java's errors that are Spark's own: others do not know what is asked."""
    for java in _chain(error):
        with suppress(_of_java()):
            yield question(java)
