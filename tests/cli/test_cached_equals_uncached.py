"""Whatever happens to a tree between runs, a run that may use what is kept says what a run without it says."""

import io
import os
import shutil
import sys
import tempfile
import time
from contextlib import redirect_stderr, redirect_stdout
from datetime import datetime, tzinfo
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from wa_policy import testing
from wa_policy.cli.main import main

PLUGIN = """
from wa_policy.api import Problems, Step, Workspace, fail, hookimpl, rule, rules_in

@rule("ACME001", "acme-rule", step=Step.MANIFEST)
def acme(workspace: Workspace) -> Problems:
    '''Says something of every manifest.'''
    yield fail("acme says {what}", at=workspace)

@hookimpl
def wa_policy_rules():
    return rules_in(__name__)
"""
MANIFESTS = ("a.yaml", "b.yaml", "below/c.yaml")
EVIDENCE = ("evidence/opt-in-audit.json", "evidence/number-ownership.txt")
PACKS = ("draft", "go-live", "strict")

manifests = st.sampled_from(MANIFESTS)
evidence = st.sampled_from(EVIDENCE)


class Tree(RuleBasedStateMachine):
    """A small tree, what may happen to it, and after each step one run that may use what is kept, and one that may not."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.folder = tempfile.mkdtemp()
        os.makedirs(os.path.join(self.folder, "tree", "below"))
        self.patch.chdir(os.path.join(self.folder, "tree"))
        self.patch.setenv("WA_POLICY_CACHE_DIR", os.path.join(self.folder, "cache"))
        for module in ("wa_policy.cli.replay", "wa_policy.engine.results"):
            self.patch.setattr(f"{module}.stamps_of_code", lambda _: "as it was")
        self.days = 0
        self.plugin = 0
        self.words = ["."]
        bundled = Path(testing.__file__).parent / "evidence"
        for folder in (".", "below"):
            os.makedirs(f"{folder}/evidence")
            for path in (*EVIDENCE, "evidence/waba.json"):
                shutil.copy(bundled.parent / path, f"{folder}/{path}")
        for number, path in enumerate(MANIFESTS):
            self._write(path, number)

    def teardown(self) -> None:
        self.patch.undo()
        shutil.rmtree(self.folder)

    @staticmethod
    def _write(path: str, number: int) -> None:
        Path(path).write_text(testing.READY.replace("name: acme-retail-in", f"name: acme-{number}"), "utf-8")

    @rule(path=manifests, number=st.integers(0, 2), wrong=st.sampled_from(["", "REJECTED", "CANCELED", ": ["]))
    def edit(self, path: str, number: int, wrong: str) -> None:
        self._write(path, number)
        if wrong:
            text = Path(path).read_text("utf-8")
            Path(path).write_text(text.replace("account_review_status: APPROVED", f"account_review_status: {wrong}"))

    @rule(path=st.sampled_from([*MANIFESTS, *EVIDENCE]))
    def touch(self, path: str) -> None:
        if os.path.isfile(path):
            os.utime(path, (self.days, self.days))

    @rule(one=manifests, other=manifests)
    def rename(self, one: str, other: str) -> None:
        if os.path.isfile(one):
            os.replace(one, other)

    @rule(path=manifests)
    def delete(self, path: str) -> None:
        if os.path.isfile(path):
            os.unlink(path)

    @rule(path=evidence, how=st.sampled_from(["edit", "empty", "gone", "back", "link", "lost"]))
    def evidence(self, path: str, how: str) -> None:
        bundled = Path(testing.__file__).parent / path
        Path(path).unlink(missing_ok=True)
        if how in ("edit", "back"):
            Path(path).write_text(bundled.read_text("utf-8").replace("true", "true " * (how == "edit")), "utf-8")
        elif how == "empty":
            Path(path).write_text("")
        elif how in ("link", "lost"):
            os.symlink(bundled if how == "link" else "/nowhere", path)

    @rule(pack=st.sampled_from(["", *PACKS]), above=st.booleans())
    def policy(self, pack: str, above: bool) -> None:  # Hypothesis hands it over by name
        path = Path("..", "wa-policy.yaml") if above else Path("wa-policy.yaml")
        path.unlink(missing_ok=True)
        if pack:
            path.write_text(
                f"apiVersion: wa-policy/v1\nkind: Policy\nmetadata: {{name: acme}}\nextends: {pack}\n"
                "suppressions: [{rules: [WBA001], workspace: 'acme-1', reason: a trial, owner: asha}]\n" * (pack != "")
            )

    @rule(days=st.integers(0, 500))
    def wait(self, days: int) -> None:
        self.days = days
        moment = time.time() + days * 86_400

        class Later(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> "Later":
                return cls.fromtimestamp(moment, tz)

        self.patch.setattr("wa_policy.cli.options.datetime", Later)
        self.patch.setattr("wa_policy.cli.replay.time", SimpleNamespace(localtime=lambda: time.localtime(moment)))

    @rule(plugin=st.integers(0, 3))
    def change_plugin(self, plugin: int) -> None:
        self.plugin = plugin
        shutil.rmtree("../plugins", ignore_errors=True)
        if plugin:
            os.makedirs("../plugins")
            Path("../plugins/acme.py").write_text(dedent(PLUGIN).format(what="x" * plugin))

    @rule(
        words=st.sampled_from([["."], ["a.yaml", "b.yaml"], ["below", "."], ["a.yaml"]]),
        options=st.sampled_from(
            [[], ["--select", "MAN,WBA"], ["--jobs", "2"], ["--format", "json"], ["--policy", "strict"]]
        ),
    )
    def ask_otherwise(self, words: list[str], options: list[str]) -> None:
        self.words = [*options, *words]

    @invariant()
    def same(self) -> None:
        plugin = ["--plugin", "../plugins/acme.py"] if self.plugin else []
        assert self._said(*plugin, *self.words) == self._said("--no-cache", *plugin, *self.words)

    @staticmethod
    def _said(*words: str) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main(["lint", *words])
        return code, out.getvalue(), err.getvalue()


def test_whatever_happens_cached_equals_uncached(monkeypatch: pytest.MonkeyPatch) -> None:
    here = os.getcwd()
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path not in ("", here)])
    run_state_machine_as_test(Tree, settings=settings(max_examples=6, stateful_step_count=12, derandomize=True))
