"""Entry points read straight from metadata: the same as importlib.metadata reads, at a fraction of its cost."""

import importlib.metadata
import os
import sys
from pathlib import Path

import pytest

from wa_policy.rules.entry_points import GROUP, EntryPoint, find, scan


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages, and the only one."""
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    return tmp_path


def install(folder: Path, package: str, entry_points: str | None) -> None:
    info = folder / f"{package}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package.partition('-')[0]}\nVersion: 1.0\n")
    if entry_points is not None:
        (info / "entry_points.txt").write_text(entry_points)


def by_importlib() -> set[tuple[str, str]]:
    return {(entry.name, entry.value) for entry in importlib.metadata.entry_points(group=GROUP)}


def test_the_real_environment_reads_as_importlib_reads_it() -> None:
    assert {(entry.name, entry.module) for entry in scan()} == by_importlib()
    ours = importlib.metadata.distribution("wa-policy")
    assert {entry.version for entry in scan() if entry.package == "wa_policy"} == {ours.version}


def test_a_package_offers_its_plugins(site: Path) -> None:
    install(site, "acme_rules-1.2.3", "[wa_policy]\nretail = acme.retail\ntravel = acme.travel\n")
    assert scan() == [
        EntryPoint("retail", "acme.retail", "acme_rules", "1.2.3"),
        EntryPoint("travel", "acme.travel", "acme_rules", "1.2.3"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[console_scripts]\nwa_policy = elsewhere:main\n",
        "[wa_policy_other]\na = b\n",
        "[wa_policy]\n",
        "[wa_policy]\n# a = b\n",
        "[wa_policy]\n\n  a = acme.a  \nb=acme.b\n\n[console_scripts]\nc = acme:c\n",
        "[console_scripts]\nc = acme:c\n[wa_policy]\na = acme.a\n[x]\nd = e\n",
        "[wa_policy]\r\na = acme.a\r\n",
    ],
)
def test_a_file_reads_as_importlib_reads_it(text: str, site: Path) -> None:
    install(site, "acme_rules-1.0", text)
    assert {(entry.name, entry.module) for entry in scan()} == by_importlib()


def test_the_first_of_two_installed_packages_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path / "first"), str(tmp_path / "second")])
    install(tmp_path / "first", "acme_rules-2.0", "[wa_policy]\na = acme.new\n")
    install(tmp_path / "second", "Acme_Rules-1.0", "[wa_policy]\na = acme.old\n")
    assert [(entry.module, entry.version) for entry in scan()] == [("acme.new", "2.0")]


def test_the_order_does_not_depend_on_the_folder(site: Path) -> None:
    for package in ("zeta-1.0", "alpha-1.0", "mid-1.0"):
        install(site, package, f"[wa_policy]\n{package[0]} = m\n")
    assert [entry.name for entry in scan()] == ["a", "m", "z"]


def test_what_is_not_there_is_passed_over(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(site, "plain-1.0", None)
    (site / "file.dist-info").write_text("no folder")
    monkeypatch.setattr(sys, "path", [str(site), str(site / "nowhere"), str(site / "file.dist-info")])
    assert scan() == []


@pytest.mark.usefixtures("empty_cache")
def test_what_is_installed_is_remembered_until_something_else_is(site: Path) -> None:
    def settle(seconds: int) -> None:
        os.utime(site, (seconds, seconds))

    offered = EntryPoint("a", "acme.a", "acme", "1.0")
    install(site, "acme-1.0", "[wa_policy]\na = acme.a\n")
    settle(1_000_000)
    assert find() == [offered]
    (site / "acme-1.0.dist-info" / "entry_points.txt").unlink()  # nothing that installs packages leaves it at that
    assert find() == [offered]
    install(site, "other-2.0", "[wa_policy]\nb = other.b\n")
    settle(1_000_001)
    assert find() == [EntryPoint("b", "other.b", "other", "2.0")]


@pytest.mark.usefixtures("empty_cache")
def test_what_has_just_changed_is_not_remembered(site: Path) -> None:
    install(site, "acme-1.0", "[wa_policy]\na = acme.a\n")
    before = site.stat()
    assert [entry.name for entry in find()] == ["a"]
    install(site, "other-2.0", "[wa_policy]\nb = other.b\n")
    os.utime(site, ns=(before.st_atime_ns, before.st_mtime_ns))  # as if both had come in one moment
    assert [entry.name for entry in find()] == ["a", "b"]


@pytest.mark.usefixtures("empty_cache")
def test_a_folder_named_from_the_current_one_is_looked_into_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [""])
    for name in ("one", "two"):
        install(tmp_path / name, f"{name}-1.0", f"[wa_policy]\n{name} = acme.{name}\n")
        os.utime(tmp_path / name, (1_000_000, 1_000_000))
    for name in ("one", "two", "one"):
        monkeypatch.chdir(tmp_path / name)
        assert [entry.name for entry in find()] == [name]


def test_a_package_that_is_not_utf8_harms_nobody(site: Path) -> None:
    install(site, "broken-1.0", "")
    (site / "broken-1.0.dist-info" / "entry_points.txt").write_bytes(
        b"[console_scripts]\n\xe4 = a:b\n[wa_policy]\nx = broken.x\n"
    )
    install(site, "acme-1.0", "[wa_policy]\nretail = acme.retail\n")
    assert [entry.module for entry in scan()] == ["acme.retail", "broken.x"]
