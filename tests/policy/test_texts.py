"""Policies as people write them: found, read, and refused with the exact place of what is wrong."""

import os
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from tests.policy.told import told_by
from wa_policy.cache.digests import is_of_file
from wa_policy.cli.complaints import complaint
from wa_policy.policy.model import PACKS, PolicyError
from wa_policy.policy.texts import PolicyText, discover, load_text, overlooked
from wa_policy.schema.validate import violations
from wa_policy.source.document import DEFAULT_LIMITS

Write = Callable[..., str]


def told(path: str) -> list[str]:
    """What a person is told of a policy that cannot be used, line by line."""
    return told_by(lambda: load_text(path))


def found() -> PolicyText:
    text = discover(".")
    assert text is not None
    return text


# A word means a pack, or a file.


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_is_meant_by_its_name(name: str) -> None:
    text = load_text(name)
    assert (text.name, text.origin) == (name, "bundled")


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_has_the_shape_of_a_policy(name: str) -> None:
    assert not violations(load_text(name).data, "policy")  # no run looks again


def test_a_file_is_meant_by_its_path(write: Write) -> None:
    text = load_text(write("severity: warning\n"))
    assert (text.name, text.origin, text.path) == ("acme", "acme.yaml", "acme.yaml")
    assert text.data["severity"] == "warning"


def test_a_policy_may_be_json(in_folder: Path) -> None:
    (in_folder / "acme.json").write_text(
        '{"apiVersion": "wa-policy/v1", "kind": "Policy", "metadata": {"name": "acme"}, "extends": "strict"}'
    )
    assert load_text("acme.json").extends == ["strict"]


def test_a_policy_that_does_not_say_extends_go_live(write: Write) -> None:
    assert load_text(write()).extends == ["go-live"]
    assert load_text(write("extends: []\n")).extends == []


@pytest.mark.parametrize(
    ("word", "complaint"),
    [
        (
            "golive",
            'golive: there is no policy named "golive" (did you mean "go-live"?) '
            "(a policy is one of draft, go-live, strict, or the path of a file)",
        ),
        (
            "x.yaml",
            'x.yaml: the policy "x.yaml" cannot be read: No such file or directory '
            "(mend the path, or the file's permissions)",
        ),
        (
            "folder/",
            'folder/: the policy "folder/" cannot be read: Is a directory (mend the path, or the file\'s permissions)',
        ),
    ],
)
def test_a_word_that_means_no_policy_is_refused(word: str, complaint: str, in_folder: Path) -> None:
    (in_folder / "folder").mkdir()
    assert told(word) == [complaint]


# What is written wrong is said with its place.


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (
            "severty: error\n",
            'acme.yaml:4:1: "severty" is not a key of the policy (did you mean "severity"?) (write severity)',
        ),
        (
            "severity: eror\n",
            'acme.yaml:4:11: "severity" cannot be "eror" (did you mean "error"?): '
            "it is one of error, warning, info, off (write error)",
        ),
        (
            "rules:\n  NET002: {severty: error}\n",
            'acme.yaml:5:12: "severty" is not a key of "NET002" (did you mean "severity"?) (write severity)',
        ),
        (
            "overrides: [{when: {environments: [lve]}, reason: a trial}]\n",
            'acme.yaml:4:36: "environments[0]" cannot be "lve" (did you mean "live"?): '
            "it is one of draft, test, live (write live)",
        ),
        (
            "overrides: [{when: {environments: [live]}}]\n",
            'acme.yaml:4:13: "overrides[0]" has no "reason" '
            '(add "reason", such as reason: Test workspaces send to colleagues only)',
        ),
        (
            "facts: {waba: {as_of: 2026-11, values: {}}}\n",
            'acme.yaml:4:9: "waba" has no "source" '
            '(add "source", such as source: "https://support.provider.example/ip-addresses")',
        ),
        *(
            (
                f"rules: {{NUM001: {value}}}\n",
                f'acme.yaml:4:{column}: "NUM001": expected text or a mapping, found {found} '
                f"(write one of error, warning, info, off)",
            )
            for value, column, found in (("", 9, "nothing"), ("3", 17, "the whole number 3"))
        ),
        (
            "extends: {}\n",
            'acme.yaml:4:10: "extends": expected a list or text, found a mapping '
            "(write a list: put a dash before each entry)",
        ),
    ],
)
def test_a_key_or_value_out_of_place_is_refused(body: str, complaint: str, write: Write) -> None:
    assert told(write(body)) == [complaint]


def test_all_mistakes_are_told_at_once(write: Write) -> None:
    lines = told(write("severty: error\nfail_on: never\n"))
    assert [line.partition(": ")[0] for line in lines] == ["acme.yaml:4:1", "acme.yaml:5:10"]


def test_metadata_of_the_wrong_shape_is_refused(in_folder: Path) -> None:
    (in_folder / "acme.yaml").write_text("apiVersion: wa-policy/v1\nkind: Policy\nmetadata: acme\n")
    assert told("acme.yaml") == [
        'acme.yaml:3:11: "metadata": expected a mapping, found the text "acme" (write a mapping, such as {name: go-live})'
    ]


def test_a_manifest_is_no_policy(in_folder: Path) -> None:
    (in_folder / "acme.yaml").write_text("apiVersion: wa-policy/v1\nkind: Workspace\n")
    (line,) = told("acme.yaml")
    assert line.startswith("acme.yaml:2:7: this looks like a Workspace, not like a Policy")


def test_several_documents_are_no_policy(write: Write) -> None:
    assert told(write("---\nkind: Policy\n")) == [
        "acme.yaml:5:1: a policy is one document, and this file holds several (split the file)"
    ]


def test_broken_yaml_is_shown_where_it_breaks(write: Write) -> None:
    (line,) = told(write("rules: {\n"))
    assert line.startswith("acme.yaml:4:8: ")


def test_a_policy_is_read_within_limits(in_folder: Path) -> None:
    (in_folder / "acme.yaml").write_bytes(b"#" * (DEFAULT_LIMITS.bytes + 100))
    (line,) = told("acme.yaml")
    assert line.startswith("acme.yaml:1:1: the file is longer than ")


def test_a_hostile_name_forges_no_line(in_folder: Path) -> None:
    name = "a\n::error::forged\x1b[31m.yaml"
    (in_folder / name).write_text("kind: Policy\n")
    assert all(line.startswith("a\\n::error::forged\\u{1b}[31m.yaml:1:1: ") for line in told(name))


# [tool.wa-policy] in a TOML file.


def toml(folder: Path, text: str) -> str:
    (folder / "pyproject.toml").write_text(dedent(text).lstrip("\n"))
    return "pyproject.toml"


@pytest.mark.parametrize(
    "text",
    [
        '[tool.wa-policy]\nseverity = "warning"\n',
        '  [ tool . wa-policy ]\nseverity = "warning"\n',
        '[tool."wa-policy"]\nseverity = "warning"\n',
        '[tool]\nwa-policy = {severity = "warning"}\n',
        '[tool]\nwa-policy.severity = "warning"\n',
        'tool.wa-policy.severity = "warning"\n',
    ],
)
def test_the_table_may_be_written_in_every_way_that_toml_knows(text: str, in_folder: Path) -> None:
    toml(in_folder, text)
    assert found().data["severity"] == "warning"
    assert (found().name, found().origin) == ("pyproject", "pyproject.toml")


def test_a_table_may_name_its_policy(in_folder: Path) -> None:
    assert load_text(toml(in_folder, '[tool.wa-policy.metadata]\nname = "retail"\n')).name == "retail"


def test_dates_of_toml_are_text_to_the_schema(in_folder: Path) -> None:
    path = toml(in_folder, '[tool.wa-policy.facts.waba]\nas_of = 2026-11-20\nsource = "x"\nvalues = {}\n')
    assert load_text(path).data["facts"]["waba"]["as_of"] == "2026-11-20"


def test_mistakes_in_a_table_are_shown_behind_its_header(in_folder: Path) -> None:
    path = toml(
        in_folder,
        """
        [project]
        name = "severity-of-rules"
        [tool.wa-policy]
        severity = "error"
        [tool.wa-policy.rules]
        NET002 = {severity = "eror"}
        """,
    )
    (line,) = told(path)
    assert line.startswith('pyproject.toml:6:11: "severity" cannot be "eror"')


def test_mistakes_in_a_list_of_tables_are_shown_in_their_own(in_folder: Path) -> None:
    path = toml(
        in_folder,
        """
        [[tool.wa-policy.overrides]]
        reason = "a trial"
        when = {environments = ["live"]}
        [[tool.wa-policy.overrides]]
        reason = "another"
        severity = "eror"
        when = {environments = ["live", "lve"]}
        [[tool.wa-policy.suppressions]]
        rules = ["MAN006"]
        workspace = "acme"
        reason = "old"
        [[tool.wa-policy.suppressions]]
        rules = ["MAN006", 3]
        """,
    )
    assert [line.partition(": ")[0] for line in told(path)] == [
        "pyproject.toml:6:1",
        "pyproject.toml:7:33",
        "pyproject.toml:12:18",
        "pyproject.toml:12:18",
        "pyproject.toml:13:20",
    ]


def test_a_comment_is_not_taken_for_a_key(in_folder: Path) -> None:
    text = '[tool.wa-policy]\n# fail_on = "error" until June\nextends = "fail_on = 1"  # fail_on\nfail_on = "warn"\n'
    assert [line.partition(": ")[0] for line in told(toml(in_folder, text))] == ["pyproject.toml:4:1"]


def test_what_a_table_lacks_is_shown_at_the_table(in_folder: Path) -> None:
    (line,) = told(toml(in_folder, '[project]\n[tool.wa-policy]\nkind = "Polcy"\n'))
    assert line.startswith("pyproject.toml:3:1: ")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[project]\n", "pyproject.toml: it has no table [tool.wa-policy] (write one, or name another policy)"),
        ("tool = 1\n", "pyproject.toml: it has no table [tool.wa-policy] (write one, or name another policy)"),
        (
            "[tool.wa-policy\n",
            "pyproject.toml: this is not TOML: Expected ']' at the end of a table declaration (at line 1, column 16) "
            "(mend the file)",
        ),
        (
            f"[tool.wa-policy]\nx = {'[' * 10_000}{']' * 10_000}\n",
            "pyproject.toml: this is not TOML: it is nested too deeply (mend the file)",
        ),
        *(
            (
                f"[tool.wa-policy.rules.OPT002.settings]\nminimum_true_share = {value}\n",
                "pyproject.toml: nan and inf are no numbers that anything could be compared with (write a number)",
            )
            for value in ("nan", "-inf")
        ),
    ],
)
def test_toml_that_holds_no_policy_is_refused(text: str, complaint: str, in_folder: Path) -> None:
    assert told(toml(in_folder, text)) == [complaint]


# Without a word, the nearest one upwards is meant.


def test_the_nearest_policy_upwards_is_found(write: Write, in_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("", "wa-policy.yaml")
    (in_folder / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir("a/b")
    assert found().origin == os.path.join("..", "..", "wa-policy.yaml")
    write("", "a/wa-policy.yaml")
    assert found().origin == os.path.join("..", "wa-policy.yaml")


def test_the_way_up_ends_at_the_repository(write: Write, in_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("", "wa-policy.yaml")
    (in_folder / "repository" / ".git").mkdir(parents=True)
    (in_folder / "repository" / "manifests").mkdir()
    monkeypatch.chdir("repository/manifests")
    assert discover(".") is None
    write("", "repository/wa-policy.yaml")
    assert found().origin == os.path.join("..", "wa-policy.yaml")


# Policies that lie elsewhere are not looked for, and are told.


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("team/wa-policy.yaml", "team/manifests"),
        ("team/manifests/wa-policy.yaml", "team/manifests/"),
        ("team/manifests/wa-policy.yaml", "team/manifests/acme.yaml"),
        ("team/wa-policy.yml", "team/manifests/acme.yaml"),
        ("team/pyproject.toml", "./team/manifests"),
        ("elsewhere/wa-policy.yaml", "elsewhere/manifests"),
    ],
)
def test_a_policy_nearer_to_what_is_checked_is_overlooked(path: str, named: str, write: Write, in_folder: Path) -> None:
    (in_folder / "elsewhere" / "manifests").mkdir(parents=True)
    write("", "team/manifests/acme.yaml")
    write("", "wa-policy.yaml")
    Path(path).write_text("[tool.wa-policy]\n")
    assert overlooked([named, "nowhere/acme.yaml", "-"], [], ["wa-policy.yaml"]) == [path]
    assert overlooked([named], [], [f"./{path}"]) == []
    assert overlooked(["team"], [path], []) == [path]


@pytest.mark.parametrize(
    "path",
    [
        "repository/here/wa-policy.yaml",
        "repository/wa-policy.yaml",
        "repository/here/team/other/wa-policy.yaml",
        "repository/elsewhere/wa-policy.yaml",
    ],
)
def test_other_policies_are_not(path: str, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write("", "repository/here/team/manifests/acme.yaml")
    write("", path)
    monkeypatch.chdir("repository/here")
    Path("team/pyproject.toml").write_text("[tool.black]\nx = 'wa-policy'\n")
    assert overlooked(["team/manifests"], ["team/notes.yaml"], []) == []


@pytest.mark.usefixtures("in_folder")
def test_a_pyproject_that_cannot_be_read_may_hold_a_policy(write: Write) -> None:
    write("", "team/acme.yaml")
    Path("team/pyproject.toml").write_text("[tool.wa-policy\n")
    assert overlooked(["team"], [], []) == ["team/pyproject.toml"]


def test_the_way_up_ends_at_the_top_of_a_repository(
    write: Write, in_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("", "here/acme.yaml")
    write("", "other/repository/manifests/acme.yaml")
    write("", "other/wa-policy.yaml")
    (in_folder / "other" / "repository" / ".git").mkdir()
    monkeypatch.chdir("here")
    assert overlooked(["../other/repository/manifests"], [], []) == []
    write("", "other/repository/wa-policy.yaml")
    assert overlooked(["../other/repository/manifests"], [], []) == ["../other/repository/wa-policy.yaml"]


def test_a_file_of_its_own_goes_before_a_table_beside_it(write: Write, in_folder: Path) -> None:
    toml(in_folder, "[tool.wa-policy]\n")
    write("", "wa-policy.yaml")
    assert found().origin == "wa-policy.yaml"


@pytest.mark.parametrize(
    "text",
    [
        "[project]\nname = 'x'\n",
        "# [tool.wa-policy] belongs elsewhere\n",
        "[tool.wa-policy-plugins]\nx = 1\n",
        "[tool.poetry.dependencies]\nwa-policy = '^1'\n",
    ],
)
def test_a_pyproject_without_the_table_is_passed_over(text: str, in_folder: Path) -> None:
    toml(in_folder, text)
    (in_folder / ".git").mkdir()
    assert discover(".") is None


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff[tool.wa-policy]\nextends = 'strict'\n",
        "tool = {wa-policy = {extends = 'strict'}}\n",
        "tool.wa-policy.extends = 'strict'\n",
        "[tool]\nwa-policy = {extends = 'strict'}\n",
        "[tool . 'wa-policy']\nextends = 'strict'\n",
        '[tool."wa\\u002dpolicy"]\nextends = "strict"\n',
        '["t\\u006fol"."wa\\U0000002Dpolicy"]\nextends = "strict"\n',
    ],
)
def test_a_table_is_found_however_it_is_written(text: str, in_folder: Path) -> None:
    (in_folder / "pyproject.toml").write_text(text, "utf-8")
    assert found().extends == ["strict"]


@pytest.mark.parametrize(
    "content",
    [
        b"[tool.wa-policy\nextends = 'strict'\n",
        b"[tool]\nx = [\n[tool.wa-policy]\n",
        b"[tool,wa-policy]\n",
        "[tool.wa-policy]\nextends = 'strict'\n".encode("utf-16"),
        "[tool.wa-policy]\nextends = 'strict'\n".encode("utf-16-le"),
        b"# \xe4\n[tool.wa-policy]\nextends = 'strict'\n",
    ],
)
def test_a_pyproject_that_may_hold_a_policy_is_not_passed_over(content: bytes, in_folder: Path) -> None:
    (in_folder / "pyproject.toml").write_bytes(content)
    with pytest.raises(PolicyError, match="this is not TOML: "):
        discover(".")


@pytest.mark.parametrize("text", ["[[tool.wa-policy]]\n", "[tool]\nwa-policy = 'strict'\n"])
def test_a_policy_that_is_no_table_is_not_passed_over(text: str, in_folder: Path) -> None:
    toml(in_folder, text)
    with pytest.raises(PolicyError, match=r"tool\.wa-policy is no table"):
        discover(".")


def test_a_policy_that_cannot_be_read_is_not_passed_over(in_folder: Path) -> None:
    (in_folder / "wa-policy.yaml").symlink_to("nowhere.yaml")
    with pytest.raises(PolicyError, match="cannot be read: No such file"):
        discover(".")


@pytest.mark.parametrize("kind", ["a pipe", "a link to a pipe", "a device", "a folder"])
def test_a_policy_that_is_no_file_is_not_waited_for(kind: str, in_folder: Path) -> None:
    path = in_folder / "wa-policy.yaml"
    if kind == "a pipe":
        os.mkfifo(path)
    elif kind == "a link to a pipe":
        os.mkfifo(in_folder / "pipe")
        path.symlink_to("pipe")
    elif kind == "a device":
        path.symlink_to("/dev/zero")
    else:
        path.mkdir()
    with pytest.raises(PolicyError) as caught:
        discover(".")
    assert complaint(caught.value).endswith(
        '\n  wa-policy.yaml: the policy "wa-policy.yaml" cannot be read: it is no file '
        "(a policy that is found must be a file; put one there, or name another one with --policy)"
    )


def test_a_policy_that_is_named_may_come_through_a_pipe(in_folder: Path) -> None:
    reader, writer = os.pipe()
    os.write(writer, b"apiVersion: wa-policy/v1\nkind: Policy\nmetadata: {name: acme}\n")
    os.close(writer)
    (in_folder / "acme.yaml").symlink_to(f"/dev/fd/{reader}")
    text = load_text("acme.yaml")
    os.close(reader)
    assert text.name == "acme"
    assert not any(map(is_of_file, text.states.values()))


def test_a_pyproject_that_cannot_be_read_is_not_passed_over(in_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toml(in_folder, "[tool.wa-policy]\n")

    def refuse(path: str) -> bytes:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr("wa_policy.policy.texts.content_of", refuse)
    with pytest.raises(PolicyError) as caught:
        discover(".")
    assert complaint(caught.value).endswith(
        "pyproject.toml: it cannot be read: Permission denied (mend the path, or the file's permissions)"
    )


def test_a_policy_under_the_other_ending_is_not_passed_over(in_folder: Path) -> None:
    (in_folder / "wa-policy.yml").write_text("kind: Policy\n")
    with pytest.raises(PolicyError) as raised:
        discover(".")
    (problem,) = raised.value.problems
    assert (problem.path, problem.remedy) == ("wa-policy.yml", "call it wa-policy.yaml")
