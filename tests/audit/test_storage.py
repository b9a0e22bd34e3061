"""What an address is, and that none with a secret in it gets any further."""

from __future__ import annotations

import pytest

from wa_policy.audit.errors import AuditError
from wa_policy.audit.inputs import gather
from wa_policy.audit.model import MOENGAGE
from wa_policy.audit.statement import check_target
from wa_policy.audit.storage import local_path, refuse_secrets, scheme


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("s3a://acme/users.csv", "s3a"),
        ("dbfs:/users.csv", "dbfs"),
        ("FILE:///users.csv", "file"),
        ("svn+ssh://host/x", "svn+ssh"),
        ("users.csv", ""),
        ("/data/s3a://acme", ""),
        ("./dbfs:/users.csv", ""),
        ("C:/users.csv", ""),
        ("exports:2026/users.csv", ""),
    ],
)
def test_what_is_an_address(word: str, found: str) -> None:
    assert scheme(word) == found


@pytest.mark.parametrize(
    ("word", "path"),
    [
        ("file:///data/u.csv", "/data/u.csv"),
        ("file:/data/u.csv", "/data/u.csv"),
        ("File:///data/u.csv", "/data/u.csv"),
        ("s3a://data/u.csv", "s3a://data/u.csv"),
        ("u.csv", "u.csv"),
    ],
)
def test_what_an_address_is_on_this_machine(word: str, path: str) -> None:
    assert local_path(word) == path


@pytest.mark.parametrize(
    "word",
    [
        "users@acme?a=b.csv",
        "s3a://acme/users?.csv",
        "s3a://acme/day=?/users.csv",
        "s3a://acme/a@b.csv",
        "abfss://container@account.dfs.core.windows.net/users.csv",
        "webhdfs://host:9870/users.csv",
        "hdfs://[::1]:8020/users.csv",
        "hdfs:///users.csv",
        "dbfs:/users.csv",
    ],
)
def test_what_holds_no_secret(word: str) -> None:
    refuse_secrets(word)


@pytest.mark.parametrize(
    "word",
    [
        "s3a://KEY:SECRET@acme/users.csv",
        "s3a://KEY:SEC/RET@acme/users.csv",
        "s3a://SECRET@acme/users.csv",
        "hdfs://SECRET@host:8020/users.csv",
        "abfss://container:SECRET@account.dfs.core.windows.net/users.csv",
        "abfss://a@SECRET@account.dfs.core.windows.net/users.csv",
        "https://host/users.csv?X-Amz-Signature=SECRET",
        "wasbs://container@account.blob.core.windows.net/users.csv?sv=2&sig=SECRET",
    ],
)
def test_a_secret_is_refused_and_not_repeated(word: str) -> None:
    with pytest.raises(AuditError) as gathered:
        gather({MOENGAGE: [word]})
    ((message, remedy, code),) = gathered.value.troubles
    assert code == 2
    assert message.startswith(f"an address that begins with {scheme(word)}: ")
    assert "SEC" not in message + remedy
    assert "RET" not in message + remedy


def test_evidence_is_written_here() -> None:
    with pytest.raises(
        AuditError, match=r"s3a://acme/audit\.json is an address, and evidence is written on this machine"
    ):
        check_target("s3a://acme/audit.json", [])
