"""Fixes: what a rule would have changed becomes patches that are proven, and files that are put right."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.growth import steps
from wa_policy.api import Change, Fix, Place, Problems, SourceFile, Step, Waba, Workspace, fail, rule
from wa_policy.engine.fix import ROUNDS, Fixed, NotWritten, fix, write
from wa_policy.engine.identity import digest
from wa_policy.engine.pipeline import lint
from wa_policy.engine.session import Options, Session, Stdin, open_session
from wa_policy.source.changes import same
from wa_policy.source.reading import read
from wa_policy.testing import AS_OF, READY

if TYPE_CHECKING:
    from wa_policy.engine.patches import Proposal
    from wa_policy.report.model import Finding

Sessions = Callable[..., Session]
NAME = "manifest.yaml"
EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "manifests").glob("*.yaml"))


def whole(text: str | bytes, name: str = NAME, **words: Any) -> Session:
    """A session over all bundled rules, to which a text comes by standard input."""
    content = text if isinstance(text, bytes) else text.encode()
    return open_session(Options(AS_OF, "go-live", third_party=False, stdin=Stdin(name, content), **words))


def findings(session: Session) -> list[Finding]:
    return list(lint(["-"], session).findings)


def fixed(session: Session, *, unsafe: bool = False) -> Fixed | None:
    results = list(fix(["-"], lint(["-"], session), session, unsafe=unsafe))
    assert len(results) <= 1
    return results[0] if results else None


def after(session: Session, *, unsafe: bool = False) -> str:
    """The text as put right; the same text if nothing is."""
    result = fixed(session, unsafe=unsafe)
    assert session.options.stdin
    return (result.after if result else session.options.stdin[1]).decode()


# Rules that a test declares itself -------------------------------------------------------------------------------------------


def changing(
    *changes: tuple[Any, ...], safe: bool = True, name: str = "always", when: Callable[[Waba], bool] | None = None
) -> Any:
    """A rule that would make changes in the WABA, given as verb, keys and value."""

    @rule(f"ACME{crc32(repr((name, changes)).encode()) % 900 + 100}", name.lower(), step=Step.WABA)
    def changed(waba: Waba) -> Problems:
        """Something differs."""
        if when is None or when(waba):
            wanted = tuple(Change(verb, waba.at(*keys), *value) for verb, keys, *value in changes)
            yield fail("it differs", at=waba, fix=Fix("make it so", wanted, safe))

    return changed


def on_text(text: str, *functions: Any, session: Sessions) -> Session:
    return session(*functions, stdin=Stdin(NAME, text.encode()))


def test_a_finding_has_the_patch_for_its_fix(session: Sessions) -> None:
    [finding] = findings(on_text(READY, changing(("set", ["country"], "AE")), session=session))
    [patch] = finding.patches
    [edit] = patch.edits
    assert (patch.title, patch.safe, edit.path, edit.text) == ("make it so", True, NAME, "AE")
    assert read(READY.encode(), NAME).source.slice(edit.span) == "IN"


@pytest.mark.parametrize(
    ("text", "change"),
    [
        pytest.param(READY.replace("  country: IN", "  country: &in IN"), ("set", ["country"], "AE"), id="an anchor"),
        pytest.param(READY.replace("waba:\n", "waba: &waba\n") + "x: *waba\n", ("set", ["new"], "AE"), id="shared"),
        pytest.param(READY, ("set", ["country", "x"], 5), id="nowhere"),
        pytest.param(READY, ("add", ["country"], [5]), id="no list"),
        pytest.param(READY, ("rename", ["country"], "currency"), id="a name that is taken"),
        pytest.param(READY, ("set", ["country"], "EAA" + "x" * 30), id="a credential"),
        pytest.param(READY, ("set", ["country"], "IN"), id="no change"),
    ],
)
def test_without_a_proof_there_is_no_patch(text: str, change: tuple[Any, ...], session: Sessions) -> None:
    found = findings(on_text(text, changing(change), session=session))
    assert [finding.patches for finding in found if finding.code.startswith("ACME")] in ([()], [])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("set", ["new"], 1), '"new" is not a key of "waba"'),
        (("set", ["name"], 12), '"name": expected text, found the whole number 12'),
        (("remove", ["id"]), '"waba" has no "id"'),
    ],
)
def test_what_the_schema_would_refuse_is_no_patch_and_the_finding_says_why(
    change: tuple[Any, ...], reason: str, session: Sessions
) -> None:
    chosen = on_text(READY, changing(change), changing(("set", ["country"], "AE"), name="sound"), session=session)
    told = {finding.name: (len(finding.patches), finding.unfixed) for finding in findings(chosen)}
    assert told == {"always": (0, reason), "sound": (1, "")}
    assert after(chosen) == READY.replace("\n  country: IN", "\n  country: AE")


def test_what_the_schema_refuses_already_may_stay_so() -> None:
    """Of two mistakes one is put right, though the file is no manifest for the other."""
    text = READY.replace("environment: live", "environment: Live").replace("status: ACTIVE", "status: 5")
    assert "environment: live" in after(whole(text))


def test_fixes_that_the_schema_refuses_together_are_not_both_made(session: Sessions) -> None:
    """Either number may go, and not both: there must be one."""
    numbers = "phone_numbers:\n  - number: '+918047181888'\n  - number: '+918047181889'\n"
    text = re.sub(r"phone_numbers:\n(  .*\n)+", numbers, READY)

    @rule("ACME001", "acme-rule", step=Step.WABA)
    def too_many(workspace: Workspace) -> Problems:
        """A number is one too many."""
        for index, _ in enumerate(workspace.data["phone_numbers"]):
            place = workspace.at("phone_numbers", index)
            yield fail("it is one too many", at=place, fix=Fix("without it", (Change("remove", place),)))

    chosen = on_text(text, too_many, session=session)
    assert [len(finding.patches) for finding in findings(chosen)] == [1, 1]
    put_right = after(chosen)
    assert put_right.count("- number:") == 1
    [finding] = findings(on_text(put_right, too_many, session=session))
    assert (finding.patches, finding.unfixed) == ((), '"phone_numbers" is empty: it needs at least one entry')


def test_what_no_file_can_hold_is_no_patch(session: Sessions) -> None:
    rule_of_half = changing(("set", ["country"], "\ud800"))
    text = json.dumps(read(READY.encode(), NAME).documents[0].data)
    for name, content in ((NAME, READY), ("manifest.json", text)):
        [finding] = findings(session(rule_of_half, stdin=Stdin(name, content.encode())))
        assert (finding.message, finding.patches) == ("it differs", ())


def test_a_tuple_stands_for_a_list(session: Sessions) -> None:
    text = after(on_text(READY, changing(("set", ["restriction_info"], ({"restriction_type": "A"},))), session=session))
    assert "restriction_info: [{restriction_type: A}]" in text


def test_what_was_added_and_is_asked_for_again_is_added_once(session: Sessions) -> None:
    @rule("ACME001", "never-content", step=Step.MANIFEST)
    def never_content(workspace: Workspace) -> Problems:
        """There is never enough of it."""
        owners = workspace.at("metadata", "owners")
        yield fail("more", at=workspace, fix=Fix("add it", (Change("add", owners, ["crm@acme.example"]),)))

    result = fixed(on_text(READY, never_content, session=session))
    assert result is not None
    assert (result.made, result.settled) == (1, True)
    assert result.after.decode().count("crm@acme.example") == 1


def test_a_part_that_holds_a_credential_is_not_touched(session: Sessions) -> None:
    @rule("ACME001", "acme-rule", step=Step.ACCOUNT)
    def all_of_it(workspace: Workspace) -> Problems:
        """Everything is wrong."""
        for keys in (["bsp", "credentials"], ["bsp", "credentials", "password"], ["waba", "name"]):
            yield fail("it differs", at=workspace, fix=Fix("without", (Change("remove", workspace.at(*keys)),)))

    text = READY.replace("{vault: crm/gupshup#password}", "{file: 'https://me:hunter22@acme.example/'}")
    assert text != READY
    found = findings(on_text(text, all_of_it, session=session))
    assert [bool(finding.patches) for finding in found] == [False, False, True]


def test_what_is_suppressed_is_not_put_right() -> None:
    comment = '# wa-policy: ignore[MAN003] reason="by hand" owner=crm'
    text = READY.replace('id: "102290129340398"', f"id: 102290129340398  {comment}")
    report = lint(["-"], whole(text))
    assert [finding.code for finding in report.suppressed] == ["MAN003"]
    assert [finding.patches for finding in report.suppressed] == [()]
    assert "id: 102290129340398 " in after(whole(text), unsafe=True)


# A list in which a private address stands twice.
TWICE = READY.replace("      - 3.6.251.95/32\n", "      - 3.6.251.95/32\n      - 10.0.0.1\n      - 10.0.0.1\n")
# A template whose status somebody accepts, in a language that Meta spells otherwise, and a campaign that sends it.
PAUSED = (
    READY.replace("language: en\n", "language: en-GB\n")
    .replace("language: en,", "language: en-GB,")
    .replace("    status: APPROVED\n", '    status: PAUSED  # wa-policy: ignore[TPL001] reason="soon" owner=crm\n')
)


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(
    ("text", "at", "rule"),
    [
        pytest.param(TWICE, "    entries:\n", "NET005", id="a list that gets shorter"),
        pytest.param(PAUSED, "    template: {", "CMP003", id="a name that is respelt"),
    ],
)
def test_what_is_accepted_stays_so_where_only_fixes_have_changed_the_block(text: str, at: str, rule: str) -> None:
    comment = f'    # wa-policy: ignore[{rule}] reason="known" owner=crm'
    text = text.replace(at, f"{comment}\n{at}")
    advice = [finding for finding in findings(whole(text)) if finding.code == "MAN010"]
    [bound] = [
        re.findall(r"value=[0-9a-f]{16}", finding.remedy)[0]
        for finding in advice
        if comment in finding.locations[0].frame.text
    ]
    for before in (text, text.replace(comment, f"{comment} {bound}")):
        report = lint(["-"], whole(after(whole(before))))
        assert report.findings == ()
        assert rule in {finding.code for finding in report.suppressed}


def test_what_was_not_accepted_before_is_not_bound_anew() -> None:
    comment = f'    # wa-policy: ignore[NET005] reason="known" owner=crm value={"0" * 16}\n'
    text = TWICE.replace("    entries:\n", f"{comment}    entries:\n")
    put_right = after(whole(text))
    assert put_right.count("10.0.0.1") == 1
    assert comment in put_right


@pytest.mark.parametrize("safe", [True, False])
def test_a_fix_that_somebody_should_look_at_binds_nothing_to_other_findings(safe: bool, session: Sessions) -> None:
    """Where a fix may change the meaning, and what is found says something else then, nobody has accepted that."""

    @rule("ACME001", "acme-rule", step=Step.WABA)
    def never_right(waba: Waba) -> Problems:
        """A country is a country."""
        yield fail(f"{waba.data['country']} is far away", at=waba.at("country"))

    other = changing(("set", ["country"], "AE"), safe=safe, when=lambda waba: waba.data["country"] == "IN")
    bound = digest(read(READY.encode(), NAME).documents[0].data["waba"])
    comment = f'# wa-policy: ignore[ACME001] reason="known" owner=crm value={bound}'
    text = READY.replace("\nwaba:\n", f"\nwaba:  {comment}\n")
    put_right = after(on_text(text, never_right, other, session=session), unsafe=True)
    assert "country: AE" in put_right
    assert (comment in put_right) != safe
    report = lint(["-"], on_text(put_right, never_right, session=session))
    assert bool(report.suppressed) == safe


def test_changes_of_one_fix_are_made_together(session: Sessions) -> None:
    changes = [
        ("set", ["country"], "AE"),
        ("remove", ["name"]),
        ("set", ["message_template_count"], 250),
        ("rename", ["currency"], "waba_ban_state"),
    ]
    text = after(on_text(READY, changing(*changes, when=lambda waba: "name" in waba.data), session=session))
    assert read(text.encode(), NAME).troubles == ()
    assert {"country: AE", "waba_ban_state: INR", "message_template_count: 250"} <= {
        line.strip() for line in text.splitlines()
    }


def test_of_two_that_touch_the_same_text_the_worse_goes_first(session: Sessions) -> None:
    functions = [
        changing(("set", ["country"], country), name=name, when=lambda waba: waba.data["country"] == "IN")
        for country, name in (("AE", "mild"), ("SA", "bad"))
    ]
    layer = {"rules": {functions[0].__wa_rule__.code: {"severity": "warning"}}}
    chosen = session(*functions, layer=layer, stdin=Stdin(NAME, READY.encode()))
    assert "country: SA" in after(chosen)


def test_what_would_only_together_be_wrong_is_made_one_by_one(session: Sessions) -> None:
    """Each leaves a list behind; both at once would leave nothing in its place."""
    text = READY.replace(
        "\n  country: IN",
        "\n  country: IN\n  restriction_info:\n    - restriction_type: A\n    # and\n    - restriction_type: B",
    )

    @rule("ACME001", "acme-rule", step=Step.WABA)
    def restricted(waba: Waba) -> Problems:
        """Something is restricted."""
        for index, _ in enumerate(waba.data.get("restriction_info", ())):
            place = waba.at("restriction_info", index)
            yield fail("it is restricted", at=place, fix=Fix("lift it", (Change("remove", place),)))

    chosen = on_text(text, restricted, session=session)
    assert [len(finding.patches) for finding in findings(chosen)] == [1, 1]
    assert "  restriction_info: []\n" in after(chosen)


def test_two_rules_that_undo_each_other_come_to_an_end(session: Sessions) -> None:
    there, back = (
        changing(("set", ["country"], new), name=new, when=lambda waba, old=old: waba.data["country"] == old)  # type: ignore[misc]  # a default binds the loop's value
        for old, new in (("IN", "AE"), ("AE", "IN"))
    )
    chosen = on_text(READY.replace("\n  country: IN", "\n  country: AE"), there, back, session=session)
    report = lint(["-"], chosen)
    assert list(fix(["-"], report, chosen, unsafe=False)) == []  # an even number of rounds changes nothing

    forth = changing(("set", ["country"], "XX"), name="forth", when=lambda waba: waba.data["country"] != "XX")
    others = changing(("set", ["country"], "YY"), name="others", when=lambda waba: waba.data["country"] != "YY")
    result = fixed(on_text(READY, forth, others, session=session))
    assert result is not None
    assert (result.made, result.settled) == (ROUNDS, False)


def test_a_place_in_the_text_is_changed_without_data(session: Sessions) -> None:
    text = READY.replace("\n  country: IN", "\n  country: IN  # old news")

    @rule("ACME001", "old-news", step=Step.MANIFEST)
    def old_news(file: SourceFile) -> Problems:
        """A comment is old."""
        reading = read(text.encode(), file.path)
        start = text.index("# old news")
        place = Place(file.documents[0].id, (), span=reading.source.span(start, start + 10))
        yield fail("it is old", at=place, fix=Fix("remove it", (Change("remove", place),)))

    [finding] = findings(on_text(text, old_news, session=session))
    assert [edit.text for patch in finding.patches for edit in patch.edits] == [""]
    assert finding.patches[0].edits[0].span.column == len("  country: IN") + 1


# What the bundled rules put right --------------------------------------------------------------------------------------------

SAFE = [
    ("TPL005", "language: en\n", "language: EN\n", None),
    ("TPL005", "language: en\n", "language: pt-BR\n", "language: pt_BR\n"),
    ("MAN003", 'id: "102290129340398"', "id: 102290129340398", None),
    ("MAN003", 'number: "+91 80 4718 1888"', "number: +918047181888", 'number: "+918047181888"'),
    ("MAN003", "country: IN", "country: NO", 'country: "NO"'),
    ("MAN003", "is_pin_enabled: true", "is_pin_enabled: yes", None),
    ("MAN003", "behind_ivr: true", "behind_ivr: ON", None),
    ("MAN003", "enabled: true", "enabled: y", None),
    ("MAN002", "environment: live", "environment: Live", None),
    ("MAN002", "data_center: DC-03", "dataCenter: DC-03", None),
    ("MAN002", "data_center: DC-03", "data_center: dc-03", None),
    ("MAN002", "kind: Workspace", "kind: workspace", None),
    ("MAN002", "enabled: true", 'enabled: "true"', None),
    ("MAN002", "is_pin_enabled: true", 'is_pin_enabled: "yes"', None),
    ("MAN002", "owners: [crm-platform@acme.example]", "owners: crm-platform@acme.example", None),
    ("MAN002", "home_country: IN", "home_country: in", None),
    ("NET011", "      - 3.6.251.95/32\n", "      - 3.6.251.95/32\n      - 3.6.251.95\n", None),
    ("NET005", "- 3.6.251.95/32", '- "3.6.251.95/32 "', '- "3.6.251.95/32"'),
]
UNSAFE = [
    (
        "NUM001",
        '"+91 80 4718 1888"',
        '"+91 0 80 4718 1888"\n    # and\n    new_name_status: NONE',
        '"+918047181888"\n    # and\n    new_name_status: NONE',
    ),
    ("TPL005", "language: en\n", "language: English\n", None),
    ("MAN002", "data_center: DC-03", "data_centre: DC-03", None),
    ("MAN002", "environment: live", "environment: lvie", None),
    ("MAN002", "  integration: native\n", "  integration: native\n  colour: blue\n", None),
    ("MAN002", "enabled_on: 2026-10-02", "enabled_on: 2026/10/2", 'enabled_on: "2026-10-02"'),
    (
        "NET002",
        "      - 3.6.251.95/32\n",
        "      - 203.0.114.7/32\n",
        "      - 203.0.114.7/32\n      - 3.6.251.95/32\n",
    ),
    ("NET002", "      - 3.6.251.95/32\n", "      - 203.0.114.7\n", "      - 203.0.114.7\n      - 3.6.251.95\n"),
    (
        "NET005",
        "      - 3.6.251.95/32\n",
        "      - 3.6.251.95/32\n      - 3.6.252.*\n",
        "      - 3.6.251.95/32\n      - 3.6.252.0/24\n",
    ),
    ("NUM001", '"+91 80 4718 1888"', '"91 80 4718 1888"', None),
    ("NUM001", '"+91 80 4718 1888"', '"00918047181888"', '"+918047181888"'),
    ("NUM001", '"+91 80 4718 1888"', '"0091 (0)80 4718 1888"', '"+918047181888"'),
    ("BSP001", "provider: gupshup", "provider: gupshupp", None),
    ("NUM009", "status: CONNECTED", "status: CONECTED", None),
]


@pytest.mark.parametrize(("code", "good", "bad", "better"), SAFE)
def test_safe_fixes(code: str, good: str, bad: str, better: str | None) -> None:
    check_fix(code, READY.replace(good, bad, 1), READY.replace(good, better or good, 1), unsafe=False)


@pytest.mark.parametrize(("code", "good", "bad", "better"), UNSAFE)
def test_unsafe_fixes(code: str, good: str, bad: str, better: str | None) -> None:
    text, wanted = READY.replace(good, bad, 1), READY.replace(good, better or good, 1)
    assert code in {finding.code for finding in findings(whole(after(whole(text))))}  # not by safe ones
    check_fix(code, text, wanted, unsafe=True)


@pytest.mark.parametrize(
    ("written", "code", "message", "remedy"),
    [
        ("yes", "MAN003", "without quotes, yes is true to readers of YAML 1.1", "Write true"),
        ("Off", "MAN003", "without quotes, Off is false to readers of YAML 1.1", "Write false"),
        (
            "012",
            "MAN002",
            '"behind_ivr": expected true or false, found the text "012"',
            "Write true or false, without quotes",
        ),
    ],
)
def test_a_truth_value_is_not_to_be_quoted(written: str, code: str, message: str, remedy: str) -> None:
    [finding] = findings(whole(READY.replace("behind_ivr: true", f"behind_ivr: {written}"), select=["manifest"]))
    assert (finding.code, finding.message, finding.remedy) == (code, message, remedy)


def test_what_is_named_elsewhere_is_put_right_there_too() -> None:
    text = READY.replace("language: en\n", "language: en-US\n").replace("language: en,", "language: en-US,")
    assert text.count("en-US") == 2
    assert after(whole(text)) == text.replace("en-US", "en_US")
    for spelt in ("en_US", "EN_us"):
        text = READY.replace("language: en\n", 'language: "en_US "\n').replace("language: en,", f"language: {spelt},")
        assert after(whole(text)) == READY.replace("language: en\n", 'language: "en_US"\n').replace(
            "language: en,", "language: en_US,"
        )
    sender = '  sender_name: acme-main\n  sender_number: "{}"\n'
    text = READY.replace("  sender_name: acme-main\n", sender.format("0091 80 4718 1888"))
    text = text.replace('"+91 80 4718 1888"', '"00918047181888"')
    assert after(whole(text), unsafe=True).count('"+918047181888"') == 3


def check_fix(code: str, text: str, wanted: str, *, unsafe: bool) -> None:
    assert code in {finding.code for finding in findings(whole(text))}
    result = after(whole(text), unsafe=unsafe)
    assert result == wanted
    left = {finding.code for finding in findings(whole(result))}
    assert code not in left
    assert fixed(whole(result), unsafe=unsafe) is None


# All of it, over manifests as people write them ------------------------------------------------------------------------------

MISTAKES: list[tuple[str, str]] = [
    (r'(?m)^(\s+(?:id|timezone_id): )"([1-9][0-9]*)"', r"\1\2"),
    (r'(?m)(number: )"(\+[0-9]+)"', r"\1\2"),
    (r"(?m)^(  environment: )(\w)", lambda match: match[1] + match[2].upper()),  # type: ignore[list-item]  # what re.sub takes
    (r"(?m)^  data_center:", "  dataCenter:"),
    (r"(?m)^(\s+home_country: )([A-Z]+)", lambda match: match[1] + match[2].lower()),  # type: ignore[list-item]  # as above
    (r"(?m)^(\s+)requirement: required", r"\1requirement: Required"),
    (r"(?m)^kind: Workspace", "kind: workspace"),
    (r"(?m)^(\s+enabled: )true", r'\1"yes"'),
    (r"(?m)^(\s+)type: BODY", r"\1type: body"),
]
"""Mistakes that are put right without asking: what to look for, and what somebody writes instead."""

UNREADABLE = {"pasted-secret"}
"""Has blocks of its own that the schema does not know, so that nobody can know a mistake in them."""


@pytest.mark.parametrize("path", [path for path in EXAMPLES if path.stem not in UNREADABLE], ids=lambda path: path.stem)
@given(seed=st.integers(0, 2**16))
@settings(max_examples=4)
def test_mistakes_are_put_right_and_nothing_else_changes(path: Path, seed: int) -> None:
    def session(text: str) -> Session:
        options = Options(AS_OF, "draft", select=["manifest"], third_party=False, stdin=Stdin(str(path), text.encode()))
        return open_session(options)

    random = Random(seed)  # noqa: S311  # no secret
    good = after(session(path.read_bytes().decode()))
    wrong = good
    for pattern, mistake in random.sample(MISTAKES, random.randint(1, len(MISTAKES))):
        wrong = re.sub(pattern, mistake, wrong, count=random.choice([0, 1]))
    result = after(session(wrong))
    old, new = read(good.encode(), "x.yaml"), read(result.encode(), "x.yaml")
    assert new.troubles == ()
    assert all(same(one.data, other.data) for one, other in zip(old.documents, new.documents, strict=True))
    assert re.findall("#.*", result) == re.findall("#.*", wrong)
    lines = zip(good.split("\n"), wrong.split("\n"), result.split("\n"), strict=True)
    assert all(right == then for right, mistaken, then in lines if right == mistaken)
    assert fixed(session(result)) is None


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_stay_sound(path: Path) -> None:
    """Whatever can be put right is, also what somebody should look at; nobody else finds anything new in it."""

    def session(text: bytes) -> Session:
        return open_session(Options(AS_OF, "strict", third_party=False, stdin=Stdin(str(path), text)))

    before = session(path.read_bytes())
    result = fixed(before, unsafe=True)
    if result is None:
        return
    assert result.settled
    then = session(result.after)
    gone = {finding.code for finding in findings(before) if finding.patches}
    old, new = (
        {(finding.code, finding.locations[0].route) for finding in findings(each) if finding.code not in gone}
        for each in (before, then)
    )
    assert new <= old
    assert not any(finding.patches for finding in findings(then))
    assert fixed(then, unsafe=True) is None


def test_many_findings_are_proven_together() -> None:
    """Each trial reads the whole file, so that one by one it would take minutes."""
    number = READY[READY.index("phone_numbers:") : READY.index("\n\n", READY.index("phone_numbers:"))]
    item = number.partition("\n")[2]
    items = "\n".join(item.replace('"106540352242922"', str(106540352242922 + nth)) for nth in range(300))
    text = READY.replace(number, f"phone_numbers:\n{items}")
    found = findings(whole(text, select=["MAN003"]))
    assert len([finding for finding in found if finding.code == "MAN003" and finding.patches]) == 300


def test_many_unknown_keys_are_not_each_held_against_all_others() -> None:
    def look(times: int) -> int:
        session = whole(READY + "".join(f"zqx{index}w: 1\n" for index in range(times)))
        counted.clear()
        return steps(lambda: counted.extend(findings(session)))

    counted: list[Finding] = []
    look(1)  # what is worked out once in a process
    few = look(100)
    assert look(400) < 4.5 * few
    assert [len(finding.patches) for finding in counted] == [1] * 400


def test_there_is_an_end_to_trying(monkeypatch: pytest.MonkeyPatch) -> None:
    text = READY + "".join(f"zqx{index}w: 1\n" for index in range(8))
    tried: list[int] = []

    def holds(proposals: Sequence[Proposal], *_: object) -> bool:
        tried.append(len(proposals))
        return len(proposals) == 1

    monkeypatch.setattr("wa_policy.engine.patches.holds", holds)
    assert [len(finding.patches) for finding in findings(whole(text))] == [1] * 8
    assert tried == [8, 4, 2, 1, 1, 2, 1, 1, 4, 2, 1, 1, 2, 1, 1]
    tried.clear()
    monkeypatch.setattr("wa_policy.engine.patches.MOST_READ", 0)
    monkeypatch.setattr("wa_policy.engine.patches.FEWEST_TRIALS", 4)
    assert [len(finding.patches) for finding in findings(whole(text))] == [1, *[0] * 7]
    assert tried == [8, 4, 2, 1]


# Files -----------------------------------------------------------------------------------------------------------------------


def test_json_is_put_right_as_json() -> None:
    data = read(READY.encode(), NAME).documents[0].data
    text = json.dumps({**data, "metadata": {**data["metadata"], "environment": "Live"}}, indent=2)
    assert after(whole(text, "manifest.json")) == text.replace('"Live"', '"live"')


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_marks_and_line_breaks_stay(mark: bytes, line_break: str) -> None:
    def content(text: str) -> bytes:
        return mark + text.replace("\n", line_break).encode()

    result = fixed(
        whole(content(READY.replace("kind: Workspace\n", "").replace("environment: live", "environment: Live")))
    )
    assert result is not None
    assert result.after == content(READY.replace("kind: Workspace\n", "") + "kind: Workspace\n")


def test_each_document_of_a_file_is_put_right_for_itself() -> None:
    other = READY.replace("acme-retail-in", "other").replace("kind: Workspace", "kind: [")
    text = "---\n".join(
        [READY.replace("environment: live", "environment: Live"), other, READY.replace("DC-03\n", "dc-03\n", 1)]
    )
    assert after(whole(text)) == "---\n".join([READY, other, READY])


def result_of(path: Path, new: bytes) -> Fixed:
    return Fixed(str(path), path.read_bytes(), new, 1, settled=True)


def test_a_file_is_replaced_with_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"old")
    path.chmod(0o640)
    write(result_of(path, b"new"))
    assert (path.read_bytes(), path.stat().st_mode & 0o7777) == (b"new", 0o640)
    assert [each.name for each in tmp_path.iterdir()] == ["a.yaml"]


def test_a_link_stays_and_its_file_changes(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    real, link = tmp_path / "there" / "a.yaml", tmp_path / "b.yaml"
    real.write_bytes(b"old")
    link.symlink_to(real)
    write(result_of(link, b"new"))
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


def refused(path: Path, result: Fixed) -> str:
    with pytest.raises(NotWritten) as caught:
        write(result)
    assert not path.exists() or path.read_bytes() != b"new"
    return str(caught.value)


def test_what_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"old")
    result = result_of(path, b"new")
    path.write_bytes(b"older")
    assert refused(path, result) == "it was changed by somebody else meanwhile; run again"
    path.write_bytes(b"old")
    path.chmod(0o444)
    assert refused(path, result) == "it is read-only"
    path.chmod(0o644)
    with monkeypatch.context() as patch:
        patch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        assert refused(path, result) == "No space left on device"
    assert [each.name for each in tmp_path.iterdir()] == ["a.yaml"]
    path.unlink()
    assert refused(path, result) == "No such file or directory"
