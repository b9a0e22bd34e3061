"""A provider's own list of templates: read by a plugin, held against the manifest like Meta's answer."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from wa_policy.engine.pipeline import lint
from wa_policy.engine.session import Options, open_session
from wa_policy.evidence.provider import read_list
from wa_policy.report.model import Report
from wa_policy.testing import AS_OF, manifest

ITEM = {
    "id": "0f6c1c2e-0000-4000-8000-000000000001",
    "elementName": "order_shipped",
    "languageCode": "en",
    "category": "UTILITY",
    "oldCategory": None,
    "status": "APPROVED",
    "externalId": "594425479261596",
    "wabaId": "102290129340398",
    "data": "Hi {{1}}, your order {{2}} is on its way and should reach you by tomorrow evening.",
    "templateType": "TEXT",
}


def check(
    folder: Path, answer: Any, fragment: str = "", *, plugins: tuple[str, ...] = (), dated: bool = True
) -> Report:
    time = {"observed_at": "2026-11-20T06:30:00Z"} if dated else {}
    evidence = {"provider": {"templates": "gupshup.json", **time}}
    data = {**manifest(f"opt_in: {{audit: null}}\nphone_numbers: null\n{fragment}"), "evidence": evidence}
    data["phone_numbers"] = manifest()["phone_numbers"]
    data["phone_numbers"][0]["ownership"].pop("proof")
    (folder / "gupshup.json").write_text(json.dumps(answer), encoding="utf-8")
    (folder / "acme.yaml").write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    options = Options(AS_OF, "go-live", ignore=("opt-in",), plugins=plugins, third_party=False)
    return lint(["acme.yaml"], open_session(options))


def said(report: Report) -> list[tuple[str, str]]:
    return [(finding.code, finding.message) for finding in report.findings]


def test_a_list_that_agrees_is_ready(in_folder: Path) -> None:
    assert said(check(in_folder, {"status": "success", "templates": [ITEM]})) == []


def test_a_list_of_which_nobody_knows_the_time_is_told_where_to_have_it(in_folder: Path) -> None:
    report = check(in_folder, [ITEM], dated=False)
    (undated,) = [finding for finding in report.findings if finding.code == "MAN006"]
    assert undated.remedy == "Write the time of the answer under evidence.provider.observed_at"


def test_the_list_itself_is_taken_too(in_folder: Path) -> None:
    assert said(check(in_folder, [ITEM])) == []


def test_a_status_that_differs_contradicts_the_manifest_and_counts(in_folder: Path) -> None:
    report = check(in_folder, {"templates": [{**ITEM, "status": "PAUSED"}]})
    assert "order_shipped" in dict(said(report))["MAN007"]
    (unapproved,) = [finding for finding in report.findings if finding.code == "TPL001"]
    assert unapproved.severity == "error"
    assert (unapproved.locations[0].path, unapproved.locations[0].route) == ("gupshup.json", "templates[0].status")
    assert "which has errors of its own: TPL001" in dict(said(report))["CMP003"]


def test_a_template_that_the_list_lacks_is_missed(in_folder: Path) -> None:
    report = check(in_folder, {"templates": [{**ITEM, "elementName": "another_one"}]})
    assert "order_shipped" in dict(said(report))["MAN007"]


def test_a_list_of_another_waba_proves_nothing(in_folder: Path) -> None:
    report = check(in_folder, {"templates": [{**ITEM, "wabaId": "999"}]})
    assert [code for code, message in said(report) if "another WABA, 999" in message] == ["MAN008"]


@pytest.mark.parametrize("answer", [{"status": "error"}, "text", {"templates": "none"}, 3])
def test_what_is_no_list_is_said_to_be_none(in_folder: Path, answer: Any) -> None:
    ((code, message),) = said(check(in_folder, answer))
    assert code == "MAN008"
    assert "no plugin reads this as a list of gupshup's templates" in message


def test_items_that_are_no_templates_are_troubles_at_their_place(in_folder: Path) -> None:
    report = check(in_folder, {"templates": [ITEM, "stray"]})
    (finding,) = [finding for finding in report.findings if finding.code == "MAN008"]
    assert (finding.locations[1].path, finding.locations[1].route) == ("gupshup.json", "templates[1]")


def test_another_provider_is_a_plugin(in_folder: Path) -> None:
    (in_folder / "tandem.py").write_text(
        "from wa_policy.api import hookimpl\n\n\n"
        "@hookimpl\n"
        "def wa_policy_read_templates(provider, answer):\n"
        "    if provider == 'tandem':\n"
        "        return [((0,), {'name': answer[0]['n'], 'language': 'en', 'status': answer[0]['s']})]\n",
        encoding="utf-8",
    )
    fragment = "bsp: {provider: Tandem, integration: generic}"
    report = check(in_folder, [{"n": "order_shipped", "s": "REJECTED"}], fragment, plugins=("tandem.py",))
    assert ("TPL001", "[0].status") in [(finding.code, finding.locations[0].route) for finding in report.findings]


def test_a_reader_that_fails_is_a_trouble_and_no_traceback(in_folder: Path) -> None:
    (in_folder / "broken.py").write_text(
        "from wa_policy.api import hookimpl\n\n\n"
        "@hookimpl\n"
        "def wa_policy_read_templates(provider, answer):\n"
        "    raise RuntimeError('oh')\n",
        encoding="utf-8",
    )
    (finding,) = check(in_folder, [ITEM], plugins=("broken.py",)).findings
    assert finding.code == "MAN008"
    assert "the plugin that reads gupshup's lists failed: RuntimeError" in finding.message
    assert finding.remedy == "Report this to the plugin's author, or as a bug of wa-policy if the plugin comes with it"


def test_a_list_that_is_no_json_is_said_to_be_none() -> None:
    answer = read_list(b'{"templates": [', "gupshup.json", "gupshup", lambda **_: [])
    assert (len(answer.nodes), len(answer.troubles)) == (0, 1)
