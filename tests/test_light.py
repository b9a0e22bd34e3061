"""A module whose code waits is no different for anybody who asks for what it holds."""

import subprocess
import sys

import pytest

from wa_policy.light import without_init

LIGHT = """
import sys
from wa_policy.light import without_init
for name in ("yaml", "phonenumbers"):
    without_init(name)
import yaml.events
from phonenumbers import phonenumberutil
heavy = {"yaml.resolver", "yaml.loader", "phonenumbers.asyoutypeformatter", "phonenumbers.phonenumbermatcher"}
assert not heavy & sys.modules.keys(), heavy & sys.modules.keys()
"""


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        ("import yaml; print(yaml.safe_load('a: 1'))", "{'a': 1}"),
        ("from yaml import *; print(safe_load('a: 1'), ScalarEvent is yaml.events.ScalarEvent)", "{'a': 1} True"),
        ("import yaml; print(yaml.__version__.count('.') > 0, yaml.resolver.__name__)", "True yaml.resolver"),
        ("import phonenumbers as p; print(p.parse('+4930901820') == phonenumberutil.parse('+4930901820'))", "True"),
        (
            "from phonenumbers import PhoneNumberMatcher as found; print(found.__module__)",
            "phonenumbers.phonenumbermatcher",
        ),
        ("from phonenumbers import geodata; print(geodata.__name__)", "phonenumbers.geodata"),
        ("import phonenumbers.geocoder; print(phonenumbers.geocoder.__name__)", "phonenumbers.geocoder"),
        ("import yaml, copyreg; print(hasattr(yaml, 'nothing'), hasattr(yaml, 'load'))", "False True"),
        ("from yaml import nothing", "ImportError: cannot import name 'nothing' from 'yaml'"),
        ("import yaml.nothing", "ModuleNotFoundError: No module named 'yaml.nothing'"),
    ],
)
def test_what_a_package_holds_is_there_when_it_is_asked_for(code: str, printed: str) -> None:
    run = subprocess.run([sys.executable, "-c", LIGHT + code], capture_output=True, text=True, check=False)
    said = (run.stdout + run.stderr).strip().splitlines()[-1]
    assert said.startswith(printed), run.stderr


def test_what_is_imported_stays_as_it_is() -> None:
    before = sys.modules["json"]
    without_init("json")
    assert sys.modules["json"] is before


def test_what_is_not_installed_is_complained_of_by_who_imports_it() -> None:
    without_init("no_such_package")
    assert "no_such_package" not in sys.modules


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        ("print(validators()({'type': 'string'}).is_valid(1), 'email.charset' in sys.modules)", "False False"),
        (
            "validators(); import email.utils as u; print(u.parsedate_to_datetime('Tue, 27 Oct 2026 10:17:51 +0000'))",
            "2026-10-27",
        ),
        ("validators(); from email.utils import formataddr; print(formataddr(('A', 'a@b.c')))", "A <a@b.c>"),
        ("validators(); import email; print(email.utils.parsedate_to_datetime.__module__)", "email.utils"),
        ("import email.utils; validators(); print(email.utils.parsedate_to_datetime.__module__)", "email.utils"),
        ("import email.nothing", "ModuleNotFoundError: No module named 'email.nothing'"),
    ],
)
def test_dates_of_mails_are_read_as_ever_once_the_engine_is_there(code: str, printed: str) -> None:
    start = "import sys; from wa_policy.light import validators; "
    run = subprocess.run([sys.executable, "-c", start + code], capture_output=True, text=True, check=False)
    assert (run.stdout + run.stderr).strip().splitlines()[-1].startswith(printed), run.stderr


WITHOUT_ENGINE = """
import sys
from wa_policy.light import validators
sys.modules["jsonschema_rs"] = None
try:
    validators()
except ImportError:
    import email.utils
    print(email.utils.parsedate_to_datetime)
"""


def test_an_engine_that_is_not_there_leaves_nothing_behind() -> None:
    run = subprocess.run([sys.executable, "-c", WITHOUT_ENGINE], capture_output=True, text=True, check=False)
    assert run.stdout.startswith("<function parsedate_to_datetime"), run.stderr
