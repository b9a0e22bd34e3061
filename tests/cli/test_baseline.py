"""``wa-policy baseline``, and lint with one: it only shrinks unless somebody says otherwise."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from wa_policy.testing import READY

Run = Callable[..., tuple[int, str, str]]
WHEN = ("--as-of", "2026-11-22", "--no-plugins")
WRITE = ("baseline", "write", "base.json", "manifest.yaml", "--fail-on", "warning", *WHEN)
PRUNE = ("baseline", "prune", "base.json", "manifest.yaml", "--fail-on", "warning", *WHEN)
LINT = ("lint", "--baseline", "base.json", "manifest.yaml", "--fail-on", "warning", *WHEN)


def put(text: str) -> None:
    Path("manifest.yaml").write_text(text, "utf-8")


UNVERIFIED = READY.replace("verification_status: verified", "verification_status: not_verified")
WORSE = UNVERIFIED.replace("quality_rating: GREEN", "quality_rating: YELLOW")

pytestmark = pytest.mark.usefixtures("ready")


def test_from_the_first_day_to_the_last(run: Run) -> None:
    put(UNVERIFIED)
    assert run("lint", "manifest.yaml", "--fail-on", "warning", *WHEN)[0] == 1
    code, out, _ = run(*WRITE)
    assert (code, out) == (0, "base.json: 1 finding accepted (1 finding more, 0 findings less)\n")
    code, out, _ = run(*LINT)
    assert (code, "1 suppressed" in out, "prune" in out) == (0, True, False)
    put(READY)
    code, out, _ = run(*LINT)
    assert code == 0
    assert "the baseline base.json accepts 1 finding that nobody finds any more" in out
    code, out, _ = run(*PRUNE)
    assert code == 0
    assert out.splitlines() == [
        "- acme-retail-in: WBA002 at waba/business_verification_status",
        "base.json: 0 findings accepted (1 finding less)",
    ]


def test_a_checklist_lists_what_the_baseline_accepts_and_meets_no_policy_by_it(run: Run) -> None:
    put(READY.replace("account_review_status: APPROVED", "account_review_status: PENDING"))
    assert run(*WRITE)[0] == 0
    assert run("checklist", "manifest.yaml", *WHEN)[0] == 1
    code, out, error = run("checklist", "--baseline", "base.json", "manifest.yaml", *WHEN)
    assert (code, error) == (0, "")
    assert "2  an approved WhatsApp Business Account           READY\n      accepted: WBA001 line " in out
    assert "(it stands in the baseline)" in " ".join(out.split())
    assert "  highest policy met: none; for draft, settle WBA001\n" in out


def test_it_grows_only_when_told_to(run: Run) -> None:
    put(UNVERIFIED)
    run(*WRITE)
    before = Path("base.json").read_bytes()
    put(WORSE)
    code, out, _ = run(*WRITE)
    assert code == 1
    assert out.splitlines()[0].startswith("+ acme-retail-in: NUM")
    assert out.splitlines()[-1] == "the baseline is as it was: it would grow by 1 finding; mend them, or say --grow"
    assert Path("base.json").read_bytes() == before
    assert run(*LINT)[0] == 1
    assert run(*WRITE, "--grow")[0] == 0
    assert run(*LINT)[0] == 0


def test_writing_it_again_lets_it_shrink(run: Run) -> None:
    put(WORSE)
    run(*WRITE)
    put(UNVERIFIED)
    assert run(*WRITE)[1] == "base.json: 1 finding accepted (0 findings more, 1 finding less)\n"


def test_a_changed_value_is_growth(run: Run) -> None:
    put(UNVERIFIED)
    run(*WRITE)
    put(UNVERIFIED.replace("status: not_verified", "status: rejected"))
    assert run(*WRITE)[0] == 1


def test_show(run: Run) -> None:
    put(UNVERIFIED)
    run(*WRITE)
    code, out, _ = run("baseline", "show", "base.json")
    assert code == 0
    assert out.splitlines() == [
        "acme-retail-in: WBA002 at waba/business_verification_status",
        "base.json: 1 finding accepted",
    ]


@pytest.mark.parametrize("words", [WRITE, PRUNE])
def test_what_nobody_looked_at_is_not_accepted(run: Run, words: tuple[str, ...]) -> None:
    put(UNVERIFIED)
    run(*WRITE)
    before = Path("base.json").read_bytes()
    code, out, _ = run(*words[:3], "nowhere.yaml", *words[3:])
    assert code == 3
    assert "not checked: nowhere.yaml: there is no such file or folder" in out
    put(READY.replace("currency: INR", "currency: INR\n  currency: USD"))
    code, out, _ = run(*words)
    assert code == 1
    assert "manifest.yaml: its text or shape is wrong; mend it first" in out
    assert "the baseline is as it was" in out
    assert Path("base.json").read_bytes() == before


def test_what_must_be_mended_is_said(run: Run) -> None:
    put(UNVERIFIED.replace("{vault: crm/gupshup#password}", "correct-horse"))
    code, out, err = run(*WRITE)
    if code == 0:
        assert "not accepted: manifest.yaml:36: MAN004" in out
    assert "correct-horse" not in out + err


def test_what_prune_did_not_look_at_stays(run: Run) -> None:
    put(UNVERIFIED.replace("name: acme-retail-in", "name: other"))
    assert run(*WRITE)[0] == 0
    put(READY)
    code, out, _ = run(*PRUNE)
    assert code == 0
    assert "kept, since their manifests were not looked at: other" in out


def test_prune_keeps_what_evidence_that_cannot_be_used_would_show(run: Run) -> None:
    put(UNVERIFIED)
    run(*WRITE)
    before = Path("base.json").read_bytes()
    put(READY)
    Path("evidence/opt-in-audit.json").write_text("{", "utf-8")
    code, out, _ = run(*PRUNE)
    assert (code, out) == (
        0,
        "base.json: 1 finding accepted (0 findings less)\n"
        "kept, since evidence that they name cannot be used: acme-retail-in; `wa-policy lint` says which (MAN008)\n",
    )
    assert Path("base.json").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("baseline", "show", "base.json"), "the baseline base.json cannot be read: No such file or directory"),
        (("baseline", "prune", "base.json", "manifest.yaml"), "cannot be read"),
        (("baseline", "show", "base.json", "manifest.yaml"), "leave the manifests out"),
        (("baseline", "write", "base.json"), "name the manifests: wa-policy baseline write base.json PATH ..."),
        (("baseline", "write", "--", "-b.json"), "name the manifests: wa-policy baseline write ./-b.json PATH ..."),
        (("baseline", "show", "--", "-b.json"), "`wa-policy baseline write ./-b.json PATH ...` writes one"),
        (("baseline", "prune", "base.json", "manifest.yaml", "--grow"), "leave --grow out"),
        (("baseline", "write", "nowhere/base.json", "manifest.yaml", *WHEN), "cannot be written"),
        (("lint", "--baseline", "base.json", "manifest.yaml"), "cannot be read"),
        (("lint", "--baseline", "base.json", "--no-suppressions", "manifest.yaml"), "choose one of them"),
        (
            ("baseline", "write", "git:HEAD:b.json", "manifest.yaml"),
            "git:HEAD:b.json is in a commit, which nothing is written into; name the file in this work tree",
        ),
        (("baseline", "prune", "git:HEAD:b.json", "manifest.yaml"), "git:HEAD:b.json is in a commit"),
        (("baseline", "write", "-", "manifest.yaml"), "a baseline is kept in a file, and - is none"),
        (("baseline", "prune", "-", "manifest.yaml"), "a baseline is kept in a file, and - is none"),
        (("baseline", "show", "-"), "a baseline is kept in a file, and - is none"),
        (("baseline", "keep", "base.json"), "invalid choice: 'keep'"),
    ],
)
def test_wrong_use(run: Run, words: tuple[str, ...], said: str) -> None:
    code, out, err = run(*words)
    assert code == 2
    assert said in err
    assert out == ""
    assert sorted(os.listdir()) == ["evidence", "manifest.yaml"]


@pytest.mark.parametrize("text", ["", '<<<<<<< HEAD\n{"format": "wa-policy/baseline"}\n'])
def test_what_is_said_of_a_broken_one_helps(text: str, run: Run) -> None:
    Path("base.json").write_text(text)
    remedy = "if this was one, mend it, or remove it and have a new one written; else name another file\n"
    for words in (LINT, WRITE, PRUNE):
        code, _, error = run(*words)
        assert code == 2
        assert error.endswith(remedy)
    Path("base.json").unlink()
    assert run(*WRITE)[0] == 0
    assert run(*LINT)[0] == 0


@pytest.mark.parametrize("action", ["write", "prune", "show"])
def test_a_folder_is_no_baseline(action: str, run: Run) -> None:
    code, _, error = run("baseline", action, "evidence", *([] if action == "show" else ["manifest.yaml"]))
    assert (code, error) == (2, "wa-policy: the baseline evidence cannot be read: Is a directory\n  name a file\n")


@pytest.mark.parametrize("action", ["write", "prune"])
def test_a_pipe_keeps_no_baseline(action: str, run: Run) -> None:
    os.mkfifo("pipe")
    code, _, error = run("baseline", action, "pipe", "manifest.yaml")
    assert (code, error) == (2, "wa-policy: pipe is a pipe or a device, which keeps no baseline; name a file\n")


def test_no_suppressions_shows_all(run: Run) -> None:
    put(
        UNVERIFIED.replace(
            "status: not_verified", 'status: not_verified  # wa-policy: ignore[WBA002] reason="x" owner=y'
        )
    )
    words = ("lint", "manifest.yaml", "--format", "concise", *WHEN)
    assert "warning WBA002" not in run(*words)[1]
    out = run(*words, "--no-suppressions")[1]
    assert "warning WBA002" in out
    assert "MAN0" not in out


def test_a_fix_binds_and_removes_and_leaves_what_is_accepted(run: Run) -> None:
    line = 'status: not_verified  # wa-policy: ignore[WBA002, WBA004] reason="x" owner=y'
    put(UNVERIFIED.replace("status: not_verified", line))
    run("lint", "manifest.yaml", "--fix", *WHEN)
    text = Path("manifest.yaml").read_text()
    assert 'status: not_verified  # wa-policy: ignore[WBA002] reason="x" owner=y value=59819d1ec87ae0dd\n' in text
    assert "1 suppressed" in run("lint", "manifest.yaml", *WHEN)[1]
    put(READY.replace("  country: IN\n", '  # wa-policy: ignore[WBA004] reason="x" owner=y\n  country: IN\n'))
    run("lint", "manifest.yaml", "--fix", *WHEN)
    assert Path("manifest.yaml").read_text() == READY
