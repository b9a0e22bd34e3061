"""Modules of others that are imported without all that they import in turn.

Of PyYAML and phonenumbers a few modules are wanted, and their ``__init__`` imports the rest: loaders and dumpers in Python, what
completes a number as it is typed, what finds numbers in a text. jsonschema-rs, as it is imported, reads the day on which it was
built, by a module for e-mail. All that is a sixth of a run on one manifest.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator


class _Waiting(ModuleType):
    """A module whose code has not been run, since nobody has asked for what it holds."""

    def __getattr__(self, name: str) -> object:
        """One more module of a package, or what the module itself holds: from then on it is like any other."""
        if "__path__" in vars(self):
            try:
                return import_module(f"{self.__name__}.{name}")
            except ModuleNotFoundError:
                pass
        self.__class__ = ModuleType  # type: ignore[assignment]  # what a class inherits from may take its place
        if self.__spec__ is not None and self.__spec__.loader is not None:
            self.__spec__.loader.exec_module(self)
        return getattr(self, name)


def without_init(name: str) -> None:
    """Let modules of a package be imported without its ``__init__``, which is run when a name of the package is asked for.

    A package that is imported already stays as it is. One that cannot be found is left to whoever imports it, to complain of.
    """
    if name in sys.modules or (spec := find_spec(name)) is None:
        return
    waiting = module_from_spec(spec)
    waiting.__class__ = _Waiting
    sys.modules[name] = waiting
    parent, _, last = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], last, waiting)


def validators() -> type[Draft202012Validator]:
    """The validators of jsonschema-rs.

    It asks ``email.utils`` for ``parsedate_to_datetime`` alone. Unless that module is there, ``str`` stands in for the function
    meanwhile, so that the day stays a text, in a place where nobody looks for it.
    """
    without_init("email.utils")
    utils = sys.modules["email.utils"]
    if isinstance(utils, _Waiting):
        vars(utils)["parsedate_to_datetime"] = str
    try:
        from jsonschema_rs import Draft202012Validator
    finally:
        if isinstance(utils, _Waiting):
            del vars(utils)["parsedate_to_datetime"]
    return Draft202012Validator
