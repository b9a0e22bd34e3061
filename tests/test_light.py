"""A package whose ``__init__`` waits is no different for anybody who asks for what it holds."""

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
