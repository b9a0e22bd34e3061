"""Files that a manifest names: found, bounded to the tree that is checked, and read."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wa_policy.evidence import graph, references
from wa_policy.evidence.references import Reference, collect
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

    monkeypatch.setattr(references, "open", forbidden, raising=False)
    assert trouble(tmp_path, "waba.json") == ("it cannot be read: Permission denied", "mend the file's permissions")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "never closed"),
        (b'{"id": "1"}}', ""),
        (json.dumps({"error": {"code": 190}}).encode(), "Meta answered with an error"),
        (b'{"id": 7}', "in what should be Meta's answer for a waba"),
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
