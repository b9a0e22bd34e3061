"""Installed in each way that people install it, the command finds its rules, policies and schemas, and finds them once.

Nothing here needs a network: new environments borrow the dependencies of the one that runs the tests.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

from wa_policy.testing import AS_OF

INSIDE = ("plugins", "policies", "schemas")
"""What stands at the top of the repository, and inside the package once it is installed."""


class Installed(NamedTuple):
    """An environment that wa-policy is installed in, and where its code must come from."""

    folder: Path
    code: Path

    @property
    def scripts(self) -> Path:
        """Where its commands are."""
        return path_of("scripts", self.folder)

    def run(self, *words: str | Path, cwd: Path, **changed: str | None) -> str:
        """Run one of its commands, which must succeed; returns what it prints. None takes a variable away."""
        environment = {key: value for key, value in {**os.environ, **changed}.items() if value is not None}
        environment.pop("PYTHONPATH", None)
        command: list[str | Path] = [self.scripts / words[0], *words[1:]]
        result = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout + result.stderr
        assert result.stderr == ""
        return result.stdout


def path_of(kind: str, environment: Path) -> Path:
    return Path(sysconfig.get_path(kind, "venv", {"base": str(environment), "platbase": str(environment)}))


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def build(kind: str, source: Path, target: Path) -> Path:
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", target], cwd=source, check=True)
    (built,) = target.iterdir()
    return built


def install(folder: Path, *what: str | Path) -> None:
    """Make an environment, and install into it without its dependencies, which it borrows."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    borrowed = dict.fromkeys(sysconfig.get_path(kind) for kind in ("purelib", "platlib"))
    (path_of("purelib", folder) / "borrowed.pth").write_text("\n".join(borrowed), "utf-8")
    pip: list[str | Path] = [path_of("scripts", folder) / "python", "-m", "pip", "install", "--quiet"]
    # What is borrowed may hold a wa-policy, too, which is not to be taken for this one.
    alone = ("--no-index", "--no-deps", "--no-build-isolation", "--ignore-installed")
    subprocess.run([*pip, *alone, *what], check=True)


@pytest.fixture(scope="module")
def sdist(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, unpacked."""
    archive = build("sdist", tree, tmp_path_factory.mktemp("sdist"))
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(archive) as file:
        file.extractall(folder, filter="data")
    (unpacked,) = folder.iterdir()
    return unpacked


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", sdist, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def linkless(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree as checked out where there are no symbolic links: each is a small file that holds its target."""
    folder = tmp_path_factory.mktemp("linkless") / "wa-policy"
    shutil.copytree(tree, folder, symlinks=True)
    for name in INSIDE:
        link = folder / "src" / "wa_policy" / name
        target = os.readlink(link)
        link.unlink()
        link.write_text(target, "utf-8")
    return folder


@pytest.fixture(scope="module")
def linkless_wheel(linkless: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", linkless, tmp_path_factory.mktemp("linkless-wheel"))


@pytest.fixture(scope="module", params=["wheel", "editable", "linkless_wheel", "linkless_editable"])
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp(request.param)
    if request.param.endswith("wheel"):
        install(folder, request.getfixturevalue(request.param))
        return Installed(folder, path_of("purelib", folder))
    copy = tmp_path_factory.mktemp("copy") / "wa-policy"  # to itself, as building may write into it
    shutil.copytree(request.getfixturevalue("linkless" if "linkless" in request.param else "tree"), copy, symlinks=True)
    install(folder, "--editable", copy)
    return Installed(folder, copy)


@pytest.fixture
def manifests(tree: Path, tmp_path: Path) -> Path:
    """A folder with the ready manifest and its evidence, and nothing above it that could be a policy."""
    folder = tmp_path / "manifests"
    shutil.copytree(
        tree / "src" / "wa_policy" / "testing", folder, ignore=shutil.ignore_patterns("*.py*", "__pycache__")
    )
    return folder


LINT = ("lint", "--as-of", str(AS_OF), "ready.yaml")


def test_code_comes_from_where_it_was_installed(installed: Installed, tmp_path: Path) -> None:
    code = "import wa_policy, wa_policy.plugins.waba as waba; print(wa_policy.__file__, waba.__file__, sep='\\n')"
    for file in installed.run("python", "-c", code, cwd=tmp_path).splitlines():
        assert Path(file).is_relative_to(installed.code)


def test_lint_says_that_the_ready_manifest_is_ready(installed: Installed, manifests: Path) -> None:
    output = installed.run("wa-policy", *LINT, cwd=manifests)
    assert output.splitlines()[-1] == "READY"


def test_every_bundled_plugin_loads(installed: Installed, tree: Path, tmp_path: Path) -> None:
    declared = tomllib.loads((tree / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]["wa_policy"]
    output = installed.run("wa-policy", "plugins", "--no-plugins", cwd=tmp_path)
    assert [line.partition(" ")[0] for line in output.splitlines()] == sorted(declared)
    assert "DID NOT LOAD" not in output


def test_schemas_and_policies_are_found(installed: Installed, tree: Path, tmp_path: Path) -> None:
    schema = (tree / "schemas" / "workspace.schema.json").read_text("utf-8")
    assert installed.run("wa-policy", "schema", "workspace", cwd=tmp_path) == schema
    assert "is sound: draft < go-live < strict" in installed.run("wa-policy", "policy", "check", "strict", cwd=tmp_path)


def test_without_asserts(installed: Installed, manifests: Path) -> None:
    words = ("python", "-O", "-m", "wa_policy", *LINT)
    assert installed.run(*words, cwd=manifests).splitlines()[-1] == "READY"


@pytest.mark.parametrize("kind", ["no folder", "read-only folder"])
def test_with_nowhere_to_keep_a_cache(kind: str, installed: Installed, manifests: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    if kind == "no folder":
        home.write_text("a file, so that nothing can be made inside it", "utf-8")
    else:
        home.mkdir(mode=0o555)
    changed = {"HOME": str(home), "XDG_CACHE_HOME": None, "WA_POLICY_CACHE_DIR": None, "LOCALAPPDATA": str(home)}
    assert installed.run("wa-policy", *LINT, cwd=manifests, **changed).splitlines()[-1] == "READY"
    changed = {"WA_POLICY_CACHE_DIR": str(home / "cache")}
    assert installed.run("wa-policy", *LINT, cwd=manifests, **changed).splitlines()[-1] == "READY"


def test_the_wheel_holds_everything_once_and_no_tests(wheel: Path, tree: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert len(names) == len(set(names))
    expected = {path.relative_to(tree / "src").as_posix() for path in files_in(tree / "src")}
    for name in INSIDE:
        expected |= {f"wa_policy/{path.relative_to(tree).as_posix()}" for path in files_in(tree / name)}
    assert {name for name in names if ".dist-info/" not in name} == expected


def test_the_wheel_is_the_same_without_links(wheel: Path, linkless_wheel: Path) -> None:
    contents = []
    for path in (wheel, linkless_wheel):
        with zipfile.ZipFile(path) as archive:
            contents.append({(entry.filename, entry.CRC) for entry in archive.infolist()})
    assert contents[0] == contents[1]


def test_the_sdist_holds_no_links(sdist: Path) -> None:
    assert [path for path in sdist.rglob("*") if path.is_symlink()] == []
    for name in INSIDE:
        assert (sdist / name / "__init__.py").is_file()
        assert not (sdist / "src" / "wa_policy" / name).exists()
