"""Files that a manifest names: found, bounded to the tree that is checked, and read."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from wa_policy.evidence import graph, references
from wa_policy.evidence.references import Reference, collect
from wa_policy.manifest.subjects import Workspace
from wa_policy.source.spans import DocumentId
from wa_policy.testing import manifest

AUDIT = Path(__file__).resolve().parents[2] / "src" / "wa_policy" / "testing" / "evidence" / "opt-in-audit.json"
WABA = {"id": "102290129340398", "name": "Acme Retail"}


def no_reader(*, provider: str, answer: Any) -> None:
    """Reads no list of any provider's."""
    del provider, answer


def look(
    folder: Path, fragment: str, root: Path | None = None, name: str = "manifests/acme.yaml"
) -> dict[str, Reference]:
    """The references of a manifest, by route, that names no file but those of the fragment."""
    bare = "opt_in: {audit: null}\n"
    data = manifest(bare + fragment) if "opt_in:" not in fragment else manifest(fragment)
    for number in data["phone_numbers"]:
        number.pop("ownership", None)
    found = collect(data, str(folder / name), str(root or folder), no_reader)
    return {".".join(map(str, reference.route)): reference for reference in found}


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, Any], Path]:
    (tmp_path / "manifests").mkdir()

    def write(name: str, content: Any) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    return write


GRAPH = "evidence: {graph: {waba: %s}}\n"


def trouble(folder: Path, path: str) -> tuple[str, str]:
    reference = look(folder, GRAPH % json.dumps(path))["evidence.graph.waba"]
    return reference.trouble, reference.remedy


def test_a_manifest_that_names_nothing(tmp_path: Path) -> None:
    assert look(tmp_path, "") == {}


def test_everything_that_may_be_named(tmp_path: Path, put: Callable[[str, Any], Path]) -> None:
    put("manifests/e/waba.json", WABA)
    put("manifests/e/phone_numbers.json", {"data": []})
    put("manifests/e/templates.json", {"data": []})
    put("manifests/e/audit.json", AUDIT.read_bytes())
    fragment = (
        "opt_in: {audit: e/audit.json}\n"
        "evidence: {graph: {waba: e/waba.json, phone_numbers: e/phone_numbers.json, templates: e/templates.json}}\n"
    )
    found = look(tmp_path, fragment)
    assert list(found) == [
        "opt_in.audit",
        "evidence.graph.waba",
        "evidence.graph.phone_numbers",
        "evidence.graph.templates",
    ]
    assert [reference.trouble for reference in found.values()] == [""] * 4
    assert found["opt_in.audit"].content["predicate"]["workspace"] == "acme-retail-in"
    answer = found["evidence.graph.waba"].answer
    assert answer is not None
    assert answer.nodes[0].data == WABA


def test_proofs_are_looked_for_and_not_read(tmp_path: Path, put: Callable[[str, Any], Path]) -> None:
    put("invoice.pdf", b"%PDF \xff\xfe not for us")
    data = manifest("opt_in: {audit: null}")
    data["phone_numbers"][0]["ownership"] = {"proof": "invoice.pdf"}
    (reference,) = collect(data, str(tmp_path / "acme.yaml"), str(tmp_path), no_reader)
    assert (reference.route, reference.trouble) == (("phone_numbers", 0, "ownership", "proof"), "")
    assert (reference.content, reference.answer) == (None, None)


def test_places_are_named_as_a_person_would(
    put: Callable[[str, Any], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("evidence/waba.json", b'{"id": 7}')
    monkeypatch.chdir(tmp_path)
    data = manifest("opt_in: {audit: null}\nevidence: {graph: {waba: ../evidence/waba.json}}")
    reference = collect(data, "manifests/acme.yaml", ".", no_reader)[-1]
    assert reference.place is not None
    assert reference.place[:2] == (DocumentId("evidence/waba.json", 0), ("id",))


# What is wrong with the file


def test_no_file(tmp_path: Path) -> None:
    said, remedy = trouble(tmp_path, "nowhere/waba.json")
    assert said == "there is no such file"
    assert "relative to this manifest" in remedy


def test_a_file_outside(tmp_path: Path, put: Callable[[str, Any], Path]) -> None:
    put("waba.json", WABA)
    inside = tmp_path / "manifests"
    reference = look(tmp_path, GRAPH % "../waba.json", root=inside)["evidence.graph.waba"]
    assert reference.trouble == "it lies outside the folder that is checked"
    assert look(tmp_path, GRAPH % "../waba.json")["evidence.graph.waba"].trouble == ""


@pytest.mark.parametrize("path", ["/etc/hostname", "../../../../../../../../etc/hostname", "/", ".."])
def test_places_far_away(path: str, tmp_path: Path) -> None:
    (tmp_path / "manifests").mkdir()
    reference = look(tmp_path, GRAPH % path, root=tmp_path / "manifests")["evidence.graph.waba"]
    assert reference.trouble == "it lies outside the folder that is checked"


def test_a_folder_beside_with_a_name_that_begins_alike(tmp_path: Path, put: Callable[[str, Any], Path]) -> None:
    put("manifests-of-others/waba.json", WABA)
    reference = look(tmp_path, GRAPH % "../manifests-of-others/waba.json", root=tmp_path / "manifests")
    assert reference["evidence.graph.waba"].trouble == "it lies outside the folder that is checked"


def test_a_link_that_leads_outside(tmp_path: Path, put: Callable[[str, Any], Path]) -> None:
    os.symlink(put("waba.json", WABA), tmp_path / "manifests" / "waba.json")
    reference = look(tmp_path, GRAPH % "waba.json", root=tmp_path / "manifests")["evidence.graph.waba"]
    assert reference.trouble == "it lies outside the folder that is checked"


def test_a_link_that_leads_round(tmp_path: Path, put: Callable[[str, Any], Path]) -> None:
    put("x", WABA)
    os.symlink("waba.json", tmp_path / "manifests" / "waba.json")
    assert trouble(tmp_path, "waba.json")[0] == "there is no such file"


def test_a_folder(tmp_path: Path, put: Callable[[str, Any], Path]) -> None:
    put("manifests/waba.json/x", WABA)
    assert trouble(tmp_path, "waba.json")[0] == "it is no file"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "manifests").mkdir()
    os.mkfifo(tmp_path / "manifests" / "waba.json")
    assert trouble(tmp_path, "waba.json")[0] == "it is no file"


def test_an_empty_file(tmp_path: Path, put: Callable[[str, Any], Path]) -> None:
    put("manifests/waba.json", b"")
    assert trouble(tmp_path, "waba.json")[0] == "the file is empty"


def test_no_path(tmp_path: Path) -> None:
    assert trouble(tmp_path, "a\0b")[0].startswith("this is no path: ")
    assert trouble(tmp_path, "x" * 5_000)[0] == "there is no such file"


def test_a_file_that_may_not_be_read(
    tmp_path: Path, put: Callable[[str, Any], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    put("manifests/waba.json", WABA)

    def forbidden(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(references, "content_of", forbidden)
    assert trouble(tmp_path, "waba.json") == ("it cannot be read: Permission denied", "mend the file's permissions")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "never closed"),
        (b'{"id": "1"}}', ""),
        (json.dumps({"error": {"code": 190}}).encode(), "Meta answered with an error"),
        (b'{"id": 7}', "in what should be Meta's answer for a WABA"),
        (b'[{"id": 7}, {"id": 8}]', "(and 1 more trouble)"),
        (b'[{"id": 7}, {"id": 8}, 9]', "(and 2 more troubles)"),
    ],
)
def test_what_is_wrong_inside_is_shown_there(
    content: bytes, said: str, tmp_path: Path, put: Callable[[str, Any], Path]
) -> None:
    put("manifests/waba.json", content)
    reference = look(tmp_path, GRAPH % "waba.json")["evidence.graph.waba"]
    assert said in reference.trouble
    assert reference.trouble
    assert reference.remedy
    assert reference.place is not None
    assert reference.place.document.path == str(tmp_path / "manifests" / "waba.json")


def test_what_is_shown_behind_a_link_is_what_was_read(tmp_path: Path, put: Callable[[str, Any], Path]) -> None:
    put("elsewhere/waba.json", b"{")
    put("waba.json", b"[]")
    (tmp_path / "elsewhere" / "live").mkdir()
    (tmp_path / "linked").symlink_to("elsewhere/live")
    reference = look(tmp_path, GRAPH % "../waba.json", name="linked/acme.yaml")["evidence.graph.waba"]
    assert "never closed" in reference.trouble
    assert reference.place is not None
    assert reference.place.document.path == str(tmp_path / "linked" / ".." / "waba.json")


def test_no_more_is_read_than_may_be(
    tmp_path: Path, put: Callable[[str, Any], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    put("manifests/waba.json", b" " * 5_000 + b"{}")
    monkeypatch.setattr(graph, "LIMITS", graph.LIMITS._replace(bytes=1_000))
    assert "bytes" in trouble(tmp_path, "waba.json")[0]


# The opt-in audit


def audit(folder: Path, name: str = "audit.json") -> Reference:
    return look(folder, f"opt_in: {{audit: {name}}}\n")["opt_in.audit"]


@pytest.mark.parametrize("name", ["audit.json", "AUDIT.JSON", "audit", "audit.txt"])
def test_an_audit_whatever_it_is_called(name: str, tmp_path: Path, put: Callable[[str, Any], Path]) -> None:
    put(f"manifests/{name}", AUDIT.read_bytes())
    assert audit(tmp_path, name).trouble == ""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "line 1: "),
        (b'{\n"a": 1,\n"a": 2}', "line 3: "),
        (b"[]", "it is no opt-in audit: "),
        (b"{}", "it is no opt-in audit: "),
        (b" " * 5_000_000 + b"{}", "line 1: the file is longer than "),
    ],
    ids=["broken", "twice", "a list", "empty", "large"],
)
def test_what_is_no_audit(content: bytes, said: str, tmp_path: Path, put: Callable[[str, Any], Path]) -> None:
    put("manifests/audit.json", content)
    reference = audit(tmp_path)
    assert reference.trouble.startswith(said)
    assert reference.content is None
    assert "wa-policy schema evidence-opt-in-audit" in reference.remedy


# The data that an audit names, where it is to be looked at


def verified(
    folder: Path,
    put: Callable[[str, Any], Path],
    name: str = "users.csv",
    data: bytes = b"id",
    size: int | None = None,
    root: Path | None = None,
) -> list[tuple[str, str, bool]]:
    """What is said of the one data file of an audit; of which the data is what was counted."""
    statement = json.loads(AUDIT.read_bytes())
    file: dict[str, Any] = {"name": name, "digest": {"sha256": hashlib.sha256(data).hexdigest()}}
    if size is not None:
        file["annotations"] = {"bytes": size}
    put("manifests/evidence/audit.json", {**statement, "subject": [file]})
    fragment: Any = manifest("opt_in: {audit: evidence/audit.json}")
    fragment["phone_numbers"] = []
    path, top = str(folder / "manifests" / "acme.yaml"), str(root or folder)
    (plain,) = collect(fragment, path, top, no_reader)
    assert plain.mismatches == ()
    (reference,) = collect(fragment, path, top, no_reader, verify_digests=True)
    assert (reference.trouble, reference._replace(mismatches=())) == ("", plain)
    workspace = Workspace(DocumentId("acme.yaml", 0), fragment, [reference])
    assert list(workspace.opt_in.mismatches) == list(reference.mismatches)
    assert [file["name"] for file in workspace.opt_in.audited_files] == [name]
    assert all(mismatch.name == name for mismatch in reference.mismatches)
    assert all(mismatch.changed or mismatch.remedy for mismatch in reference.mismatches)
    return [(mismatch.trouble, mismatch.remedy, mismatch.changed) for mismatch in reference.mismatches]


GONE = ("the data is not here", "put the data where the audit found it, or lint without --verify-digests", False)
OUTSIDE = (
    "it lies outside the folder that is checked",
    "move the data into that folder, or lint without --verify-digests",
    False,
)
CHANGED = ("its content is another one", "", True)


@pytest.mark.parametrize("folder", ["manifests/evidence", "manifests", "."])
def test_the_data_is_looked_for_beside_the_audit_the_manifest_and_at_the_top(
    folder: str, tmp_path: Path, put: Callable[[str, Any], Path]
) -> None:
    put(f"{folder}/exports/users.csv", b"id")
    assert verified(tmp_path, put, "exports/users.csv") == []
    assert verified(tmp_path, put, str(tmp_path / folder / "exports" / "users.csv")) == []


def test_the_data_is_not_here(tmp_path: Path, put: Callable[[str, Any], Path]) -> None:
    put("manifests/exports", b"a file, no folder")
    for name in ("users.csv", "exports/users.csv", "s3://exports/users.csv"):
        assert verified(tmp_path, put, name) == [GONE]


def test_the_data_is_another_one(tmp_path: Path, put: Callable[[str, Any], Path]) -> None:
    put("manifests/users.csv", b"ID")
    assert verified(tmp_path, put) == [CHANGED]
    put("users.csv", b"id")
    assert verified(tmp_path, put) == []


def test_data_of_another_size_is_not_read(
    tmp_path: Path, put: Callable[[str, Any], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    put("manifests/users.csv", b"id")
    for size in (None, 0, 2):
        assert verified(tmp_path, put, size=size) == []
    monkeypatch.setattr(hashlib, "sha256", lambda _data=b"": SimpleNamespace(hexdigest=lambda: "0" * 64))
    assert verified(tmp_path, put, size=3) == [CHANGED]


def test_data_is_read_once_while_it_stays_as_it_is(
    tmp_path: Path, put: Callable[[str, Any], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put("manifests/users.csv", b"id")
    assert verified(tmp_path, put) == []
    with monkeypatch.context() as patched:
        patched.setattr(references, "CHUNK", None)  # whoever reads, fails
        assert verified(tmp_path, put) == []
    path.write_bytes(b"ID")
    os.utime(path, ns=(1, 1))
    assert verified(tmp_path, put) == [CHANGED]


def test_data_of_many_chunks(tmp_path: Path, put: Callable[[str, Any], Path]) -> None:
    data = bytes(range(256)) * 10_000 + b"end"
    put("manifests/users.csv", data)
    assert verified(tmp_path, put, data=data, size=len(data)) == []
    assert verified(tmp_path, put, data=data[:-1] + b"D") == [CHANGED]


def test_data_outside(tmp_path: Path, put: Callable[[str, Any], Path]) -> None:
    outside = put("users.csv", b"id")
    inside = tmp_path / "manifests"
    assert verified(tmp_path, put, "../../users.csv", root=inside / "evidence") == [OUTSIDE]
    assert verified(tmp_path, put, str(outside), root=inside) == [OUTSIDE]
    (inside / "users.csv").symlink_to(outside)
    assert verified(tmp_path, put, "../users.csv", root=inside) == [OUTSIDE]


def test_data_that_is_no_file(tmp_path: Path, put: Callable[[str, Any], Path]) -> None:
    (tmp_path / "manifests" / "users.csv").mkdir()
    os.mkfifo(tmp_path / "manifests" / "pipe.csv")
    for name in ("users.csv", "pipe.csv"):
        ((trouble, remedy, changed),) = verified(tmp_path, put, name)
        assert (trouble, remedy, changed) == ("it cannot be read: it is no file", "mend the file's permissions", False)


def test_data_whose_name_is_no_path(tmp_path: Path, put: Callable[[str, Any], Path]) -> None:
    ((trouble, remedy, changed),) = verified(tmp_path, put, "users\0.csv")
    assert trouble.startswith("this is no path: ")
    assert (remedy, changed) == ("have the audit made anew", False)


def test_what_is_no_audit_has_no_data(tmp_path: Path, put: Callable[[str, Any], Path]) -> None:
    put("manifests/audit.json", b"{}")
    put("manifests/waba.json", WABA)
    data = manifest("opt_in: {audit: audit.json}\nphone_numbers: null\nevidence: {graph: {waba: waba.json}}")
    data["phone_numbers"] = []
    found = collect(data, str(tmp_path / "manifests" / "a.yaml"), str(tmp_path), no_reader, verify_digests=True)
    assert [reference.mismatches for reference in found] == [(), ()]


@pytest.mark.parametrize(
    ("route", "remedy"),
    [
        (("evidence", "graph", "templates"), "fetch the answer again, and save it as it comes"),
        (("evidence", "provider", "templates"), "fetch the answer again, and save it as it comes"),
        (("opt_in", "audit"), "put the proof into it"),
    ],
)
def test_what_to_do_about_an_empty_file(tmp_path: Path, route: tuple[str, ...], remedy: str) -> None:
    (tmp_path / "empty.json").touch()
    named: Any = "empty.json"
    for key in reversed(route):
        named = {key: named}
    data = {"phone_numbers": [], "bsp": {}, **named}
    (reference,) = collect(data, str(tmp_path / "acme.yaml"), str(tmp_path), no_reader)
    assert (reference.trouble, reference.remedy) == ("the file is empty", remedy)
