"""The resolved policy between runs: what is recalled is what was resolved, and nothing in the way of it does harm."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import wa_policy
from wa_policy.cache import files
from wa_policy.cache.digests import state_of
from wa_policy.engine.session import resolved
from wa_policy.manifest.subjects import Waba
from wa_policy.policy import store
from wa_policy.policy.model import PACKS, Policy
from wa_policy.policy.resolve import resolve
from wa_policy.policy.texts import load_text
from wa_policy.rules.loading import load
from wa_policy.rules.registry import Rule, Step, rule, unproven
from wa_policy.source.document import DEFAULT_LIMITS
from wa_policy.source.reading import read

Write = Callable[..., str]
LOADED = load(third_party=False)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WA_POLICY_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def keep(path: str, rules: dict[str, Rule] = LOADED.rules) -> Policy:
    return resolved(load_text(path), LOADED._replace(rules=rules))


def recall(path: str, rules: dict[str, Rule] = LOADED.rules) -> Policy | None:
    return store.recall(load_text(path), rules)


def one_rule(**settings: Any) -> dict[str, Rule]:
    @rule("ACME001", "acme-rule", step=Step.WABA)
    def acme(waba: Waba) -> Any:
        yield unproven("nothing shows it", at=waba)

    declared: Rule = acme.__wa_rule__  # type: ignore[attr-defined]  # put there by the decorator
    return {"ACME001": declared._replace(settings=settings)}


@pytest.mark.parametrize("path", [*PACKS, "acme.yaml"])
def test_what_is_recalled_is_what_was_resolved(path: str, write: Write) -> None:
    write("extends: base.yaml\nrules: {OPT002: {settings: {minimum_true_share: 0.25}}}\n")
    write("overrides: [{when: {paths: ['a/*']}, reason: a trial, severity: info}]\n", "base.yaml")
    kept = keep(path)
    again = recall(path)
    assert again is not None
    assert again.as_plain() == kept.as_plain()
    assert again.rulings(path="/a/b.yaml") == kept.rulings(path="/a/b.yaml")


def test_a_session_resolves_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = resolved(load_text("strict"), LOADED)

    def refuse(*_: object) -> None:
        pytest.fail("it was resolved again")

    monkeypatch.setattr("wa_policy.policy.resolve.resolve", refuse)
    assert resolved(load_text("strict"), LOADED).as_plain() == first.as_plain()


def test_nothing_is_recalled_before_something_is_kept() -> None:
    assert recall("go-live") is None


# What changes makes it anew.


def test_a_changed_policy_is_resolved_anew(write: Write) -> None:
    keep(write("severity: warning\n"))
    assert recall(write("severity: error\n")) is None


def test_a_changed_policy_below_is_resolved_anew(write: Write) -> None:
    write("severity: warning\n", "base.yaml")
    keep(write("extends: base.yaml\n"))
    assert recall("acme.yaml") is not None
    write("severity: error\n", "base.yaml")
    assert recall("acme.yaml") is None


def test_a_policy_below_that_went_is_resolved_anew(write: Write) -> None:
    keep(write(f"extends: {write('', 'base.yaml')}\n"))
    os.unlink("base.yaml")
    assert recall("acme.yaml") is None


def test_changed_facts_are_resolved_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from wa_policy.policy import facts

    text = Path(facts.file_of("waba")).read_text("utf-8")
    (tmp_path / "waba.yaml").write_text(text, "utf-8")
    bundled = facts.file_of
    monkeypatch.setattr(facts, "file_of", lambda name: str(tmp_path / "waba.yaml") if name == "waba" else bundled(name))
    keep("go-live")
    assert recall("go-live") is not None
    (tmp_path / "waba.yaml").write_text(f"{text}# read again\n", "utf-8")
    assert recall("go-live") is None


def test_another_version_resolves_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    keep("go-live")
    monkeypatch.setattr(wa_policy, "__version__", "99.0")
    assert recall("go-live") is None


def test_rules_declared_otherwise_are_resolved_anew(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("extends: []\n")
    rules = one_rule(limit=5)
    keep(path, rules)
    assert recall(path, rules) is not None
    assert recall(path, one_rule(limit=6)) is None
    assert recall(path, {**rules, "ACME002": rules["ACME001"]._replace(code="ACME002")}) is None
    assert recall(path, {"ACME001": rules["ACME001"]._replace(certainty="unsure")}) is None
    monkeypatch.setitem(rules["ACME001"].function.__annotations__, "limit", "float")
    assert recall(path, rules) is None


def test_each_folder_sees_a_policy_under_its_own_path(
    write: Write, in_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(write())
    (in_folder / "below").mkdir()
    monkeypatch.chdir("below")
    again = recall("../acme.yaml")
    assert again is None or again.origin == "../acme.yaml"


def test_each_folder_sees_what_a_policy_extends_under_its_own_path(
    write: Write, in_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the policy itself is named, the paths of those that it extends are told from the current folder."""
    write("overrides: [{when: {paths: ['a/*']}, reason: a trial}]\n", "base/below.yaml")
    path = str(in_folder / write("extends: base/below.yaml\n"))
    assert keep(path).overrides[0]["path"] == "base/below.yaml"
    monkeypatch.chdir("base")
    assert keep(path).overrides[0]["path"] == "below.yaml"
    assert recall(path) is not None


def test_a_pack_is_kept_once_for_all_folders(in_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep("strict")
    (in_folder / "below").mkdir()
    monkeypatch.chdir("below")
    assert recall("strict") is not None


@pytest.mark.parametrize(
    ("body", "of"),
    [
        ("overrides: [{when: {environments: [live]}, reason: a trial}]\n", "overrides"),
        ("suppressions: [{rules: [OPT008], workspace: acme, reason: a trial}]\n", "exemptions"),
    ],
)
def test_what_moved_down_is_shown_where_it_stands_now(body: str, of: str, write: Write) -> None:
    before = keep(write(body))
    after = keep(write(f"# more\n# and more\n{body}"))
    assert getattr(before, of) != getattr(after, of)
    assert getattr(after, of) == resolve(load_text("acme.yaml"), LOADED.rules).policy.as_plain()[of]


def test_a_policy_from_a_pipe_is_known_by_its_content(write: Write) -> None:
    """As in ``--policy <(command)``: the path is the same each time, and can be read once only."""
    first, second = write("severity: warning\n", "a/policy.yaml"), write("severity: info\n", "b/policy.yaml")
    pipe = load_text(first)._replace(identity="/dev/fd/63", path="/dev/fd/63")
    resolved(pipe, LOADED)
    assert store.recall(pipe, LOADED.rules) is not None
    assert store.recall(pipe._replace(data=load_text(second).data), LOADED.rules) is None


@pytest.mark.parametrize("below", ["git:main:base.yaml", "gone.yaml"])
def test_what_nobody_could_tell_a_change_of_is_not_kept(below: str, write: Write, cache: Path) -> None:
    text = load_text(write())
    assert store.recall(text, LOADED.rules) is None
    result = resolve(text, LOADED.rules)
    store.keep(text, LOADED.rules, result._replace(inputs=(*result.inputs, below)))
    assert not cache.exists()


# What changes while it is read.


def test_a_policy_below_that_changes_while_it_is_read_is_resolved_anew(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("severity: warning\n", "base.yaml")
    path = write("extends: base.yaml\n")

    def slow(content: bytes, of: str) -> Any:
        if of == "base.yaml":
            write("severity: info\n", "base.yaml")
        return read(content, of)

    with monkeypatch.context() as patch:
        patch.setattr("wa_policy.policy.texts.read", slow)
        assert keep(path).layers[-2]["severity"] == "warning"
    assert keep(path).layers[-2]["severity"] == "info"
    assert keep(path).layers[-2]["severity"] == "info"


def test_a_policy_that_is_read_twice_and_changes_in_between_is_not_kept(
    write: Write, monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    write("severity: warning\n", "base.yaml")
    write("extends: base.yaml\n", "first.yaml")
    write("extends: base.yaml\n", "second.yaml")
    path = write("extends: [first.yaml, second.yaml]\n")

    def slow(content: bytes, of: str) -> Any:
        if of == "second.yaml":
            write("severity: info\n", "base.yaml")
        return read(content, of)

    with monkeypatch.context() as patch:
        patch.setattr("wa_policy.policy.texts.read", slow)
        keep(path)
    assert not cache.exists()
    assert recall(path) is None


def test_facts_that_change_while_they_are_read_are_read_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    from wa_policy.policy import facts

    text = Path(facts.file_of("waba")).read_text("utf-8")
    (tmp_path / "waba.yaml").write_text(text, "utf-8")
    bundled, load_facts = facts.file_of, facts.load
    monkeypatch.setattr(facts, "file_of", lambda name: str(tmp_path / "waba.yaml") if name == "waba" else bundled(name))

    def slow(name: str) -> facts.Facts:
        found = load_facts(name)
        (tmp_path / "waba.yaml").write_text(f"{text}# read again\n", "utf-8")
        return found

    monkeypatch.setattr(facts, "load", slow)
    keep("go-live")
    assert not cache.exists()
    assert recall("go-live") is None


def test_what_a_policy_was_made_from_is_known(write: Write) -> None:
    path = write("extends: base.yaml\n")
    write("", "base.yaml")
    first = keep(path)
    states = first.states
    assert {os.path.abspath(name) for name in ("acme.yaml", "base.yaml")} <= states.keys()
    assert states[os.path.abspath("base.yaml")] == state_of(os.path.abspath("base.yaml"), DEFAULT_LIMITS.bytes)
    second = keep(path)
    assert second is not first
    assert second.states.items() <= states.items()
    assert first.states is states


# What stands in the way does no harm.


@pytest.mark.parametrize("content", [[], {}, {"inputs": []}, {"inputs": {}, "policy": {"colour": "red"}}])
def test_what_another_state_of_this_version_kept_is_made_again(content: Any) -> None:
    text = load_text("go-live")
    files.keep("policy", store.key_of(text, LOADED.rules), content)  # as that state would have
    assert recall("go-live") is None


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[" * 100_000, b"null", b"\xff\xfe\n{}", b'{"inputs": {}, "policy": {}}']
)
def test_a_damaged_file_is_made_again(damage: bytes, cache: Path) -> None:
    keep("go-live")
    (file,) = cache.iterdir()
    file.write_bytes(damage)
    assert recall("go-live") is None
    keep("go-live")
    assert recall("go-live") is not None


def test_a_file_of_which_one_letter_changed_is_made_again(cache: Path) -> None:
    keep("go-live")
    (file,) = cache.iterdir()
    assert b'"fail_on":"error"' in file.read_bytes()
    file.write_bytes(file.read_bytes().replace(b'"fail_on":"error"', b'"fail_on":"eRror"'))
    assert recall("go-live") is None


def test_a_truncated_file_is_made_again(cache: Path) -> None:
    keep("go-live")
    (file,) = cache.iterdir()
    file.write_bytes(file.read_bytes()[:-1])
    assert recall("go-live") is None


def test_a_folder_that_cannot_be_written_does_no_harm(cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    keep("go-live")
    assert recall("go-live") is None
    assert resolved(load_text("go-live"), LOADED).name == "go-live"


@pytest.mark.parametrize("value", [("a", "b"), frozenset("ab"), {1: "a"}])
def test_settings_that_json_would_change_are_not_kept(value: Any, write: Write, cache: Path) -> None:
    rules = one_rule(choice=value)
    keep(write("extends: []\n"), rules)
    assert recall("acme.yaml", rules) is None
    assert resolved(load_text("acme.yaml"), LOADED._replace(rules=rules)).rulings()["ACME001"].settings == {
        "choice": value
    }
    assert not cache.exists()


def test_few_policies_are_kept(write: Write, cache: Path) -> None:
    for number in range(files.MOST_FILES + 3):
        keep(write("extends: []\n", f"policy{number}.yaml"), one_rule())
    assert len(list(cache.iterdir())) == files.MOST_FILES
    assert all(file.name.startswith("policy-") and file.suffix == ".cache" for file in cache.iterdir())


def test_other_files_in_the_folder_stay(cache: Path) -> None:
    cache.mkdir()
    (cache / "notes.txt").write_text("mine")
    keep("go-live")
    assert (cache / "notes.txt").read_text() == "mine"
